"""The process that all others are forked from: it imports the heavy libraries once, and never runs strange code.

It starts notebooks and askers when told to, each in an enclosure of its own, and says which have ended. It never reads what
it passes on: each start comes with files and pipes of its own, made outside, so nothing of one is ever in the memory that
the next one is forked from.
"""

from __future__ import annotations

import array
import base64
import contextlib
import functools
import gc
import json
import os
import select
import signal
import socket
import sys

from . import enclosure, init, values
from .asking import Asking
from .notebook import enter_work_folder, quietly, run_notebook
from .rehearsal import load_matplotlib, rehearse, warm_up
from .shell import make_shell
from .streams import Outbox, Stream

TYPE_CHECKING = False  # as typing has it, which need not be loaded here
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .shell import NotebookShell


def supervise(control: socket.socket, settings: dict[str, Any]) -> None:
    """Serve commands from the control socket until it closes: start, end. settings: see Sandbox."""
    if not settings["enclosed"]:
        enclosure.become(settings["uid"])
    gc.disable()  # nearly all that is loaded now stays
    warm_up(settings["lab"])
    shell = make_shell(Outbox(None))
    if settings["draws"]:
        load_matplotlib(shell, settings["fonts"])
    rehearse(shell, settings["draws"])
    values.loaded.update(sys.modules)
    gc.collect()
    gc.freeze()  # no garbage collection of it in a fork, and so no copy on write
    gc.enable()
    gc.set_threshold(10_000)  # collect garbage ten times less often: notebooks are short
    enclosure.hide_memory(True)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # as PID 1 it gets from its children only the signals it handles
    wakeup_read, wakeup_write = os.pipe()
    for end in (wakeup_read, wakeup_write):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wakeup_write)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    how = _how_to_enclose() if settings["enclosed"] else None
    init.tell(control, {"event": "ready", "pid": os.getpid(), "enclosed": how})
    ends: list[socket.socket | int] = [control, wakeup_read]
    while True:
        readable, _, _ = select.select(ends, [], [])
        if wakeup_read in readable:
            os.read(wakeup_read, 4096)
            for pid, _ in init.ended_children():
                init.tell(control, {"event": "gone", "pid": pid})
        if control in readable:
            commands, descriptors = _receive(control)
            if not commands:
                break
            for command in commands:
                if command["do"] == "start":
                    ours = (control, wakeup_read, wakeup_write)
                    start = functools.partial(_start, shell, settings, how, command["what"], descriptors, ours)
                    pid = _fork_enclosed(how, start)
                    for descriptor in descriptors:
                        os.close(descriptor)
                    init.tell(control, {"event": "begun", "pid": pid})
                elif command["do"] == "load matplotlib":
                    load_matplotlib(shell, settings["fonts"])
                elif command["do"] == "end":
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(command["pid"], signal.SIGKILL)


# Starting.

DIRECTLY, BY_A_CHILD = "directly", "by a child"


def _how_to_enclose() -> str | None:
    """How this kernel lets us make enclosures: directly, or by a child that ends; None: not at all."""
    for how in (DIRECTLY, BY_A_CHILD):
        pid = os.fork()  # leaving a PID namespace cannot be undone: a child tries it
        if pid == 0:
            os._exit(quietly(_try_to_enclose, how))
        if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0:
            return how
    return None


def _try_to_enclose(how: str) -> None:
    enclosure.hide_memory(True)  # orphans come to us
    for _ in range(2):
        pid = _fork_enclosed(how, lambda: enclosure.unshare(enclosure.NEW_MOUNTS))
        if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0:
            raise enclosure.NotEnclosed(1, "new folders")


def _fork_enclosed(how: str | None, function: Callable[[], object]) -> int:
    """Fork a process that calls `function` and ends, process 1 of a new namespace if there is a way. Returns its id."""
    if how == BY_A_CHILD:
        return _fork_by_a_child(function)
    if how == DIRECTLY:
        enclosure.unshare(enclosure.NEW_PROCESSES)
    try:
        pid = os.fork()
        if pid == 0:
            os._exit(quietly(function))
    finally:
        if how == DIRECTLY:
            enclosure.enter_own_process_namespace()
    return pid


def _fork_by_a_child(function: Callable[[], object]) -> int:
    """The same where one who has left the process namespace cannot come back: a child leaves it, and forks.

    Its orphan comes to us, who are the first process here.
    """
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        with contextlib.suppress(OSError):
            enclosure.unshare(enclosure.NEW_PROCESSES)
            pid = os.fork()
            if pid == 0:
                os.close(read)
                os.close(write)
                os._exit(quietly(function))
            os.write(write, str(pid).encode())
            status = 0
        os._exit(status)
    os.close(write)
    told = os.read(read, 20)
    os.close(read)
    os.waitpid(child, 0)
    if not told:
        raise enclosure.NotEnclosed(1, "new process namespace")
    return int(told)


def _start(
    shell: NotebookShell,
    settings: dict[str, Any],
    how: str | None,
    what: str,
    descriptors: list[int],
    ours: tuple[socket.socket, int, int],
) -> None:
    """In a new process: make the enclosure, and run a notebook or an asker in it."""
    events_number, *descriptors = descriptors
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    control, *pipe = ours
    control.close()
    for descriptor in pipe:
        os.close(descriptor)
    folders = list(settings["folders"])
    if how:
        enclosure.unshare(enclosure.NEW_MOUNTS)
        links = settings["links"]
        enclosure.make_folders(folders, settings["size"], settings["files"], settings["kept"], links)
        enclosure.show_own_processes()
    with socket.socket(fileno=events_number) as events:
        opened = [os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) for folder in folders]
        socket.send_fds(events, [b'{"event": "enclosed"}\n'], opened)
        for descriptor in opened:
            os.close(descriptor)
        if how:
            enclosure.become(settings["uid"])
            enclosure.drop_rights()
        enclosure.hide_memory(True)
        if settings["filter"]:
            enclosure.allow_only(base64.b64decode(settings["filter"]))
        if what == "asker":
            events.close()
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            run_asker(shell, descriptors)
            return
        pid = os.fork()
        if pid == 0:
            events.close()
            signal.signal(signal.SIGINT, signal.default_int_handler)
            os._exit(quietly(run_notebook, shell, descriptors))
        for descriptor in descriptors:
            os.close(descriptor)
        init.serve(events, pid)


def run_asker(shell: NotebookShell, descriptors: list[int]) -> None:
    """Run hidden tests as they come. descriptors: the file with the job, the pipe out, and the pipe in."""
    job_file, out_pipe, in_pipe = descriptors
    with os.fdopen(job_file, "rb") as file:
        job = json.loads(file.read())
    shell.outbox.descriptor = out_pipe
    enter_work_folder(job)
    enclosure.set_limits(job["limits"])
    nowhere = Outbox(None)
    sys.stdout, sys.stderr = Stream("stdout", nowhere), Stream("stderr", nowhere)
    with os.fdopen(in_pipe, "rb") as lines:
        Asking(shell, shell.outbox, lines, out_pipe).serve()


def _receive(control: socket.socket) -> tuple[list[dict[str, Any]], list[int]]:
    """The commands that have come, and the file descriptors with them (of the one "start" there may be among them);
    no commands when the other side has gone."""
    descriptors = array.array("i")
    data, ancillary, _, _ = control.recvmsg(65536, socket.CMSG_SPACE(250 * descriptors.itemsize))
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(payload[: len(payload) - len(payload) % descriptors.itemsize])
    while data and not data.endswith(b"\n"):
        more = control.recv(65536)
        data = data + more if more else b""
    return [json.loads(line) for line in data.splitlines()], list(descriptors)


def main() -> None:
    settings = json.loads(sys.argv[1])
    sys.dont_write_bytecode = True
    supervise(socket.socket(fileno=0), settings)
