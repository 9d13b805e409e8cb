"""The process of a notebook: run the cells from top to bottom, and keep what each hidden test needs.

Hidden tests are asked when everything visible has ended. What is asked then is answered by a process as it was before the
test cell: a *checkpoint* that was forked there, or, where nothing but names can have changed (see states.py), this very
process, gone back.
"""

from __future__ import annotations

import base64
import contextlib
import importlib
import json
import os
import random
import signal
import sys
import time

import numpy

from . import states
from .answering import Answering
from .enclosure import hide_memory, set_limits
from .streams import Stream, TimeIsUp, time_limit

TYPE_CHECKING = False  # as typing has it, which need not be loaded here
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, BinaryIO

    from .shell import NotebookShell
    from .streams import Outbox


def run_notebook(shell: NotebookShell, descriptors: list[int]) -> None:
    """Run one job in the warm `shell`. descriptors: the file with the job, the pipe out, and one pipe in for each
    checkpoint."""
    job_file, out_pipe, *wake_pipes = descriptors
    with os.fdopen(job_file, "rb") as file:
        job = json.loads(file.read())
    hide_memory(False)
    os.setsid()
    importlib.invalidate_caches()  # the helpers that are there may have changed
    outbox = shell.outbox
    outbox.descriptor = out_pipe
    enter_work_folder(job)
    low_level_output = _redirect_standard_files(job["scratch"])
    set_limits(job["limits"])
    _shuffle()
    sys.stdout, sys.stderr = Stream("stdout", outbox), Stream("stderr", outbox)
    states.ours = {number for number in range(256) if _is_open(number)}
    waiting = iter(wake_pipes[:])
    checkpoints: dict[int, int] = {}  # pid → number
    noted: dict[int, states.Names] = {}
    known: states.Surroundings | None = None
    for number, cell in enumerate(job["cells"]):
        if cell["checkpoint"] and job["together"]:
            noted[number] = states.Names(shell)
        elif cell["checkpoint"]:
            pipe = next(waiting)
            wake_pipes.remove(pipe)
            if cell["skip"]:
                continue
            sys.stdout.flush()
            sys.stderr.flush()
            state = random.getstate()
            known = None if job["ends_there"] else states.Surroundings(job["folders"], known)
            pid = os.fork()
            if pid == 0:
                random.setstate(state)  # Python seeds it anew in each new process
                for other in wake_pipes:
                    os.close(other)
                os._exit(quietly(run_checkpoint, shell, outbox, pipe, number, job["limits"], known))
            checkpoints[pid] = number
            os.close(pipe)
            outbox.send({"event": "checkpoint", "number": number, "pid": pid})
        if cell["skip"]:
            continue
        outbox.send({"event": "cell", "number": number})
        _run_bounded(shell, outbox, cell, job["limits"])
        _send_low_level_output(low_level_output, outbox)
        if checkpoints:
            for number_ended in _ended_early(checkpoints, 0.03 if "kill" in cell["source"] else 0.0002):
                outbox.send({"event": "checkpoint ended early", "number": number_ended})
        outbox.send({"event": "cell ended", "number": number})
    for number in noted:
        outbox.send({"event": "checkpoint", "number": number, "pid": os.getpid()})
    outbox.send({"event": "notebook ended"})
    if noted:
        answer_together(shell, outbox, next(waiting), noted, job["limits"])


def _ended_early(checkpoints: dict[int, int], patience: float) -> list[int]:
    """The waiting checkpoints (pid → number) that the cell which just ran has ended; they are taken off the list.

    A process takes a moment to go: `patience` is how many seconds we wait, so as to see it now and not a cell later.
    """
    ended = []
    time.sleep(patience)
    for pause in (0.05, 0):
        for pid in list(checkpoints):
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG)[0]:
                    ended.append(checkpoints.pop(pid))
        if not ended:
            break
        time.sleep(pause)  # one has gone: give the others the time to go as well
    return ended


def run_checkpoint(
    shell: NotebookShell,
    outbox: Outbox,
    pipe: int,
    number: int,
    limits: dict[str, Any],
    surroundings: states.Surroundings | None,
) -> None:
    """Wait until the hidden tests of one cell are asked, and answer them. surroundings: None where nothing came after."""
    with os.fdopen(pipe, "rb") as lines:
        line = lines.readline()
        if not line:
            return
        if surroundings is not None and not surroundings.put_back():
            outbox.send({"event": "cannot go back", "number": number})
            return
        _answer(shell, outbox, lines, number, limits, json.loads(line))


def answer_together(
    shell: NotebookShell, outbox: Outbox, pipe: int, noted: dict[int, states.Names], limits: dict[str, Any]
) -> None:
    """The same for all cells in this one process: before the hidden tests of each, what was noted there is put back.

    noted: number of the cell → states.Names. It ends early where something was changed in place meanwhile.
    """
    with os.fdopen(pipe, "rb") as lines:
        for line in lines:
            order = json.loads(line)
            if not noted[order["number"]].is_whole(order["reads"]):
                return
            noted[order["number"]].put_back(shell)
            if not _answer(shell, outbox, lines, order["number"], limits, order):
                return


def _answer(
    shell: NotebookShell, outbox: Outbox, lines: BinaryIO, number: int, limits: dict[str, Any], order: dict[str, Any]
) -> bool:
    """Answer what is asked about one cell. False: nobody asks any more."""
    outbox.send({"event": "woken", "number": number})
    if order["do"] == "whole":  # an ordinary nbgrader test cell: its error or its last value is what counts
        _run_bounded(shell, outbox, order, limits)
    elif not Answering(shell, outbox, lines, limits).serve(json.loads(lines.readline() or "null")):
        return False
    outbox.send({"event": "checkpoint ended", "number": number})
    return True


def _run_bounded(shell: NotebookShell, outbox: Outbox, cell: dict[str, Any], limits: dict[str, Any]) -> None:
    """Run one cell within its time; what it shows goes to the outbox, an error too.

    Once a cell has been stopped, the others get less: they are likely to call the same endless loop.
    """
    seconds = limits["cell_seconds"] if TimeIsUp.count == 0 else min(limits["cell_seconds"], limits["question_seconds"])
    try:
        with time_limit(seconds, limits["patience"]):
            shell.run_labelled(cell["source"], cell["label"])
    except TimeIsUp as error:  # it struck between two lines of IPython's own
        outbox.send({"output_type": "error", "ename": "TimeIsUp", "evalue": str(error), "traceback": [str(error)]})
    sys.stdout.flush()
    sys.stderr.flush()


def enter_work_folder(job: dict[str, Any]) -> None:
    """Lay out the files beside the notebook, and take the settings of its environment over."""
    os.makedirs(job["folder"], exist_ok=True)
    os.chdir(job["folder"])
    for name, content in job["files"].items():
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        with open(name, "wb") as file:
            file.write(base64.b64decode(content))
    sys.path.append(job["folder"])  # last: no file of theirs shadows a library
    os.environ.update(job["environment"])


def _redirect_standard_files(scratch: str) -> int:
    """Standard input is empty; what libraries and child processes write to 1 and 2 is kept in a file."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    path = os.path.join(scratch, f"low-level-output-{os.getpid()}")
    kept = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC, 0o600)
    os.unlink(path)
    os.dup2(kept, 1)
    os.dup2(kept, 2)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    return kept


def _send_low_level_output(kept: int, outbox: Outbox) -> None:
    size = os.fstat(kept).st_size
    if size:
        text = os.pread(kept, min(size, 1_000_000), 0).decode("utf-8", "replace")
        os.ftruncate(kept, 0)
        outbox.send({"output_type": "stream", "name": "stdout", "text": text})


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _shuffle() -> None:
    """Random numbers that nobody has seeded differ from one notebook to the next."""
    random.seed()
    numpy.random.seed()


def quietly(function: Callable[..., object], *arguments: object) -> int:
    """Call `function`; whatever it raises ends with it. Returns an exit status."""
    for number in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(number, signal.SIG_DFL)
    try:
        function(*arguments)
    except BaseException:
        import traceback

        with contextlib.suppress(BaseException):
            os.write(2, traceback.format_exc().encode())
        return 1
    return 0
