"""Starts the wall and the runner, and has notebooks run there.

A `Sandbox` is one running supervisor (runner.py) inside bubblewrap. `Sandbox.run(job)` runs one notebook and returns a
`Run`: what each cell showed, and what each hidden test handed out.
"""

import contextlib
import functools
import importlib.util
import json
import marshal
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from importlib.machinery import SourceFileLoader
from pathlib import Path

import psutil

from autograder import wall
from autograder.conversation import Conversation
from autograder.job import CellRun, Limits, Run, SandboxUnavailable
from autograder.wall import HELPERS
from autograder.watch import descendants, kill

RUNNER = Path(__file__).with_name("runner.py")
ATTEMPTS = 3  # how often a notebook is started when one of its cells ends the whole process
FORBIDDEN_HERE = (
    ". This system does not let bubblewrap make namespaces. On Ubuntu install the distribution's own package bubblewrap; "
    "elsewhere allow it (sysctl kernel.unprivileged_userns_clone=1, or run the container with that right). "
    "To grade work that you trust without a sandbox, add --no-sandbox."
)


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
            self.work, self.scratch, self.lab = f"{wall.HOME}/work", wall.SCRATCH, wall.LAB
            self.writable = {folder: wall.shown_below(folder) for folder in wall.WRITABLE}
            command = wall.bubblewrap_command(self.limits, lab)
            filter_ = wall.filter_file()
        else:
            self.work, self.scratch, self.lab = str(self.stage / "work"), str(self.stage / "tmp"), str(lab)
            self.writable = {self.work: [], self.scratch: []}
            os.makedirs(self.work), os.makedirs(self.scratch)
            command, filter_ = [], None
        uid = wall.throw_away_uid() if self.confined and os.getuid() == 0 else None
        fonts = wall.FONTS if self.confined and wall.font_cache() else None
        python = os.path.abspath(sys.executable)
        if filter_ is not None:
            command += ["--seccomp", str(filter_.fileno())]
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
        environment = wall.inside_environment(self.scratch)
        with filter_ or contextlib.nullcontext():
            self.process = subprocess.Popen(
                command,
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                stderr=self.errors,
                env=environment,
                cwd="/",
                pass_fds=[filter_.fileno()] if filter_ is not None else [],
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
        result = self._run_together(job) or self._run_apart(job)
        self.jobs_done += 1
        result.seconds = time.monotonic() - started
        return result

    def _run_together(self, job):
        """Run `job` the quick way, with all hidden tests in one process. None: there is trouble, and it takes the other."""
        if job.apart:
            return None
        result = Run([CellRun() for _ in job.cells], together=True)
        trouble = Conversation(self, job, set(), result, last=True, together=True).hold()
        self._sweep()
        return None if trouble else result

    def _run_apart(self, job):
        """Run `job` with a process for the hidden tests of each cell, so that each costs no more than its own."""
        result = Run([CellRun() for _ in job.cells])
        skip = set()
        for attempt in range(ATTEMPTS):
            conversation = Conversation(self, job, skip, result, last=attempt == ATTEMPTS - 1)
            again = conversation.hold()
            try:
                self._sweep()
            except SandboxUnavailable:  # what has been answered stays answered
                self.broken = True
                result.remarks.append("the notebook left its sandbox in a state that could not be cleaned up")
            if self.broken or not again:
                break
        return result

    def _sweep(self):
        if not self.confined:
            for child in psutil.Process(self.process.pid).children(recursive=True):
                kill(child.pid)
        self.command({"do": "sweep", "folders": self.writable})
        deadline = time.monotonic() + 10
        while True:
            event = self._next_event(max(0.1, deadline - time.monotonic()))
            if event is None:
                raise SandboxUnavailable("The sandbox stopped answering")
            if event["event"] == "swept":
                return

    def command(self, command, descriptors=()):
        self.control.settimeout(10)
        try:
            socket.send_fds(self.control, [json.dumps(command).encode() + b"\n"], list(descriptors))
        except OSError as error:
            raise SandboxUnavailable(f"The sandbox has ended ({error})") from None

    def processes(self):
        """The supervisor and the other processes inside, with their host ids; without bubblewrap itself."""
        try:
            first = psutil.Process(self.process.pid)
            inside = descendants(first)
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
        try:
            return self._run_in(sandbox, job)
        except SandboxUnavailable:
            if job.apart:
                raise
            return self.run(replace(job, apart=True))  # the quick way lost the sandbox: what the other can save is kept

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


def probe(limits=None):
    """Start a sandbox once and say what it is, in a few words. Raises SandboxUnavailable with what to do."""
    with Sandbox(limits) as sandbox:
        version = subprocess.run([wall.find_bubblewrap(), "--version"], capture_output=True, text=True).stdout.strip()
        assert sandbox.confined
    return version or "bubblewrap"


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


def _kill_tree(pid):
    try:
        tree = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        tree = []
    for process in tree:
        kill(process.pid)
    kill(pid)
