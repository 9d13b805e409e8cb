"""Starts the wall and the supervisor, and has notebooks run there.

A `Sandbox` is one running supervisor (inside/supervisor.py) inside bubblewrap. `Sandbox.run(job)` runs one notebook and
returns a `Run`: what each cell showed, and what each hidden test handed out. Each start of a notebook has an enclosure of
its own, which goes with it; hidden tests that ask questions run in a second sandbox (`Askers`), where no student's code is.
"""

from __future__ import annotations

import base64
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
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import IO, Any

import psutil

from autograder import leftovers
from autograder.installed import HELPERS
from autograder.notebook.reach import only_names, reaches_outside, touches_only_names
from autograder.sandbox import wall
from autograder.sandbox.clock import Clock
from autograder.sandbox.conversation import Conversation
from autograder.sandbox.job import Cell, CellRun, Job, Limits, Run, SandboxUnavailable
from autograder.sandbox.seccomp import filter_program
from autograder.sandbox.watch import children, descendants, inner_pids, kill

INSIDE = Path(__file__).with_name("inside")
START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from inside.supervisor import main; main()"
MOST_IDLE = 16  # askers that wait for work
ATTEMPTS = 3  # how often a notebook is started when one of its cells ends the whole process
FORBIDDEN_HERE = (
    ". This system does not let bubblewrap make namespaces. On Ubuntu install the distribution's own package bubblewrap; "
    "elsewhere allow it (sysctl kernel.unprivileged_userns_clone=1, or run the container with that right). "
    "To grade work that you trust without a sandbox, add --no-sandbox."
)


class Sandbox:
    """A running supervisor, behind the wall unless `confined` is False. Use it as a context manager.

    withheld: files of helpers/ (patterns) that are not there, unless a job says otherwise; a job may have more of
    helpers than this, never less, since what is there at the start is loaded ahead. askers: where its hidden tests run
    (Askers); by default it starts some of its own when they are needed. draws: whether matplotlib is loaded ahead.
    Raises SandboxUnavailable when the wall, or Python inside it, does not start.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        withheld: Iterable[str] = (),
        confined: bool = True,
        askers: Askers | None = None,
        draws: bool = True,
    ) -> None:
        self.limits = limits or Limits()
        self.draws = draws
        self.withheld = tuple(withheld)
        self.shown_without: tuple[str, ...] | None = None  # what is withheld at the moment
        self.confined = confined
        self.askers = askers
        self.own_askers: Askers | None = None
        self.jobs_done = 0
        self.ending: Start | None = None  # the start that is just being ended
        self.used = False  # something has run in it that leaves traces: it is good for nothing more
        self.broken = False  # it could not be cleaned up after a job: take another
        self.process: subprocess.Popen[bytes] | None = None
        self.control: socket.socket | None = None
        self.errors: IO[bytes] | None = None

    def __enter__(self) -> Sandbox:
        self.stage = leftovers.make("course-lab-")
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._stop()
        if self.own_askers is not None:
            self.own_askers.close()
        leftovers.remove(self.stage)

    def _stop(self) -> None:
        if self.control is not None:
            self.control.close()
        if self.process is not None:
            try:
                self.process.wait(1 if self.confined else 0.2)
            except subprocess.TimeoutExpired:
                _kill_tree(self.process.pid)
                self.process.wait()
        if self.errors is not None:
            self.errors.close()
        self.process = self.control = self.errors = None

    # Starting.

    def _start(self) -> None:
        if os.name == "nt":
            raise SandboxUnavailable("Grading needs Linux or macOS: on Windows, use WSL.")
        os.chmod(self.stage, 0o755)
        lab = self.stage / "lab"
        with leftovers.filling():
            if not lab.exists():
                lab.mkdir()
                self._show_helpers(self.withheld)
                _copy_modules(INSIDE, lab / "inside", ())
                _readable_by_all(lab)
        if self.confined:
            self.work, self.scratch, self.lab = f"{wall.HOME}/work", wall.SCRATCH, wall.LAB
            self.folders = list(wall.WRITABLE)
            command = [*wall.bubblewrap_command(self.limits, lab), "--"]
        else:
            self.work, self.scratch, self.lab = str(self.stage / "work"), str(self.stage / "tmp"), str(lab)
            self.folders = [self.work, self.scratch]
            os.mkdir(self.work)
            os.mkdir(self.scratch)
            command = []
        python = os.path.abspath(sys.executable)
        command += [python, "-I", "-B", "-c", START, self.lab, json.dumps(self._settings())]
        ours, theirs = socket.socketpair()
        self.control, self.buffer = ours, b""
        self.gone: set[int] = set()  # process ids inside
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            command,
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=self.errors,
            env=wall.inside_environment(self.scratch),
            cwd="/",
        )
        theirs.close()
        ready = self._next_event(60)
        if not ready or ready.get("event") != "ready":
            self.errors.seek(0)
            said = self.errors.read(2000).decode("utf-8", "replace").strip()
            what = "The sandbox did not start" if self.confined else "Python did not start"
            advice = FORBIDDEN_HERE if self.confined and "namespace" in said else ""
            raise SandboxUnavailable(f"{what}: {said or 'it ended without a word'}{advice}")
        # How each start gets an enclosure; None: a sandbox is good for one start only.
        self.enclosed: str | None = ready["enclosed"]
        self.used = False

    def _settings(self) -> dict[str, Any]:
        """What the supervisor is told: see inside/supervisor.py."""
        filter_ = filter_program() if self.confined else None
        return {
            "uid": wall.throw_away_uid() if self.confined and os.getuid() == 0 else None,
            "draws": self.draws,
            "fonts": wall.FONTS if self.confined and wall.font_cache() else None,
            "lab": self.lab,
            "folders": self.folders,
            "enclosed": self.confined,
            "size": self.limits.disk,
            "files": 3 * self.limits.files,
            "kept": wall.kept_folders() if self.confined else {},
            "links": wall.links_inside(self.scratch) if self.confined else {},
            "filter": filter_ and base64.b64encode(filter_).decode(),
        }

    def _show_helpers(self, withheld: tuple[str, ...]) -> None:
        """Put the course's helpers where the sandbox sees them, but for what is withheld. Nothing may run meanwhile."""
        if withheld == self.shown_without:
            return
        place, fresh, old = self.stage / "lab" / "helpers", self.stage / "fresh", self.stage / "old"
        with leftovers.filling():
            copy_helpers(fresh, withheld)
            if place.exists():
                place.rename(old)
            fresh.rename(place)
            shutil.rmtree(old, ignore_errors=True)
        self.shown_without = withheld

    def _next_event(self, seconds: float) -> dict[str, Any] | None:
        """The supervisor's next event, or None when it has gone or the time is up."""
        assert self.control is not None
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

    def run(self, job: Job) -> Run:
        """Run `job` and return its `Run`. What the student's code does cannot raise here; a lost supervisor does."""
        started = time.monotonic()
        self._show_helpers(self.withheld if job.withheld is None else job.withheld)
        clock = Clock(self.limits.notebook_seconds if job.seconds is None else job.seconds)
        result, died = self._run_together(job, clock)
        result = result or self._run_apart(job, clock, died)
        self.jobs_done += 1
        result.seconds = time.monotonic() - started
        return result

    def _run_together(self, job: Job, clock: Clock) -> tuple[Run | None, tuple[int, str] | None]:
        """Run `job` the quick way, with all hidden tests in one process. Returns its Run, or None if it will not do and
        takes the other way; and the cell that ended the process with the reason, or None."""
        if job.apart or not touches_only_names(job.cells):
            return None, None
        result = Run([CellRun() for _ in job.cells], together=True)
        talk = Conversation(self, job, set(), result, clock, last=True, together=True)
        trouble = self._hold(talk)
        return (None if trouble and not job.last else result), talk.died

    def _run_apart(self, job: Job, clock: Clock, died: tuple[int, str] | None = None) -> Run:
        """Run `job` with a process for the hidden tests of each cell, so that each costs no more than its own.

        died: (cell, why) that has ended the process already.
        """
        result = Run([CellRun() for _ in job.cells])
        outside = reaches_outside([cell.source for cell in job.cells])
        alone = {number for number, cell in enumerate(job.cells) if cell.hidden is not None and outside[number]}
        skip: set[int] = set()
        if died is not None:
            skip.add(died[0])
            result.cells[died[0]].lost = died[1]
        attempts = 1 if job.last else ATTEMPTS
        for attempt in range(len(skip), attempts):
            talk = Conversation(self, job, skip, result, clock, last=attempt == attempts - 1, alone=alone)
            again = self._hold(talk)
            alone |= talk.cannot_go_back
            if self.broken or not again:
                break
        waiting = sorted(alone if not (job.last or self.broken) else ())
        for place, number in enumerate(waiting):
            self._run_up_to(number, job, clock, clock.for_test(len(waiting) - place), skip, result)
        return result

    def _run_up_to(self, number: int, job: Job, clock: Clock, seconds: float, skip: set[int], result: Run) -> None:
        """Start the notebook once more, to end at one test cell, and ask its hidden tests there."""
        cells = [replace(cell, hidden=None) for cell in job.cells[:number]] + [job.cells[number]]
        short = Run([CellRun() for _ in cells])
        short_job = replace(job, cells=tuple(cells))
        self._hold(Conversation(self, short_job, set(skip), short, clock, last=True, seconds=seconds))
        for name in ("answers", "failures", "hidden_outputs", "hidden_lost", "asked"):
            setattr(result.cells[number], name, getattr(short.cells[number], name))

    def _hold(self, conversation: Conversation) -> bool:
        """Hold one conversation, and leave nothing of it. Returns whether the notebook should be started once more."""
        try:
            return conversation.hold()
        except SandboxUnavailable:
            self.broken = True
            raise

    def _see_the_last_end(self) -> None:
        """Wait until nothing of the start before is left. Raises SandboxUnavailable."""
        if self.ending is not None:
            ending, self.ending = self.ending, None
            if not self.end(ending):
                raise SandboxUnavailable("The sandbox could not be cleaned up")

    def load_matplotlib(self) -> None:
        """Load it ahead of what is started from now on."""
        self.draws = True
        self.command({"do": "load matplotlib"}, [])

    def start(self, what: str, descriptors: list[int]) -> Start:
        """Start a notebook or an asker (what: "notebook" or "asker") in an enclosure of its own. Returns a `Start`.

        descriptors: the file with its job and the ends of its pipes; they stay open here.
        """
        self._see_the_last_end()
        if self.used and self.confined:
            self._stop()
            self._start()
        self.used = self.enclosed is None and what == "notebook"
        ours, theirs = socket.socketpair()
        with theirs:
            self.command({"do": "start", "what": what}, [theirs.fileno(), *descriptors])
        event = self._await("begun")
        return Start(self, event["pid"], ours)

    def _await(self, wanted: str, pid: int | None = None, seconds: float = 10) -> dict[str, Any]:
        """The event of this kind (about `pid`, if given). Others that come are noted. Raises SandboxUnavailable."""
        deadline = time.monotonic() + seconds
        while True:
            event = self._next_event(max(0.1, deadline - time.monotonic()))
            if event is None:
                raise SandboxUnavailable("The sandbox stopped answering")
            if event["event"] == "gone":
                self.gone.add(event["pid"])
            if event["event"] == wanted and pid in (None, event["pid"]):
                return event

    def end(self, start: Start) -> bool:
        """Wait until nothing of a start is left. Returns whether that is so."""
        try:
            if start.pid not in self.gone:
                self._await("gone", start.pid, seconds=5)
        except SandboxUnavailable:
            with contextlib.suppress(SandboxUnavailable):
                self.command({"do": "end", "pid": start.pid})
                self._await("gone", start.pid)
        if not self.confined:
            assert self.process is not None
            with contextlib.suppress(psutil.Error):
                for child in psutil.Process(self.process.pid).children(recursive=True):
                    kill(child.pid)
            for folder in self.folders:
                shutil.rmtree(folder, ignore_errors=True)
                os.makedirs(folder, exist_ok=True)
        return start.pid in self.gone

    def command(self, command: dict[str, Any], descriptors: Iterable[int] = ()) -> None:
        assert self.control is not None
        self.control.settimeout(10)
        try:
            socket.send_fds(self.control, [json.dumps(command).encode() + b"\n"], list(descriptors))
        except OSError as error:
            raise SandboxUnavailable(f"The sandbox has ended ({error})") from None

    def process_limits(self) -> dict[str, Any]:
        return _process_limits(self.limits, self.confined)

    def new_asker(self, job: Job) -> Asker:
        """A process for the hidden tests of `job`: see Askers.new."""
        if self.askers is None:
            self.own_askers = self.askers = Askers(self.limits, self.confined)
        return self.askers.new(job)


class Start:
    """One process that the supervisor has started, with all that come from it."""

    def __init__(self, sandbox: Sandbox, pid: int, events: socket.socket) -> None:
        self.sandbox, self.pid, self.events = sandbox, pid, events
        self.folders: list[int] = []
        self.buffer = b""
        self.host: psutil.Process | None = None
        events.settimeout(20)
        try:
            data, self.folders, _, _ = socket.recv_fds(events, 65536, 8)
        except OSError:
            data = b""
        self.buffer = data.partition(b"\n")[2]
        if not data:
            self.close()
            raise SandboxUnavailable("The sandbox could not make a place for a notebook")

    def command(self, command: dict[str, Any]) -> None:
        """Tell the first process of a notebook what to do."""
        try:
            self.events.settimeout(10)
            self.events.sendall(json.dumps(command).encode() + b"\n")
        except OSError as error:
            raise SandboxUnavailable(f"The sandbox has ended ({error})") from None

    def processes(self) -> tuple[psutil.Process | None, list[psutil.Process]]:
        """The first process and all that come from it, with their host ids."""
        try:
            if self.host is None:
                self.host = self._find()
            return (None, []) if self.host is None else (self.host, descendants(self.host))
        except psutil.NoSuchProcess:
            return None, []

    def _find(self) -> psutil.Process | None:
        if not self.sandbox.confined:
            return psutil.Process(self.pid)
        assert self.sandbox.process is not None
        for supervisor in children(self.sandbox.process.pid):
            for child in children(supervisor):
                if self.pid in inner_pids(child)[-2:]:
                    return psutil.Process(child)
        return None

    def close(self) -> None:
        """End it, and all that came from it."""
        self.events.close()
        for folder in self.folders:
            os.close(folder)
        self.folders = []
        self.sandbox.ending = self


class Askers:
    """Where hidden tests run that ask questions: a sandbox of its own, which any number of threads may share.

    No student's code ever runs in it. Use it as a context manager, or call `close`. Half of what a sandbox takes to start is
    to load matplotlib; hidden tests hardly ever draw, so here that is left until one does.
    """

    def __init__(self, limits: Limits | None = None, confined: bool = True) -> None:
        self.limits, self.confined = limits or Limits(), confined
        self.lock = threading.Lock()
        self.sandbox: Sandbox | None = None
        self.thread: threading.Thread | None = None
        self.trouble: SandboxUnavailable | None = None
        self.idle: list[Asker] = []  # askers that have nothing to do, in this sandbox

    def __enter__(self) -> Askers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with self.lock:
            self._end()

    def _end(self) -> None:
        if self.thread is not None:
            for asker in self.idle:
                asker.forget()
            self.closing.set()
            self.thread.join()
        self.thread, self.sandbox, self.idle = None, None, []

    def _begin(self) -> None:
        """Start the sandbox in a thread of its own: it ends with the thread that starts it."""
        self.closing, ready = threading.Event(), threading.Event()

        def live() -> None:
            try:
                with Sandbox(self.limits, (), self.confined, draws=False) as self.sandbox:
                    ready.set()
                    self.closing.wait()
            except SandboxUnavailable as error:
                self.trouble = error
            finally:
                ready.set()

        self.sandbox, self.trouble = None, None
        self.thread = threading.Thread(target=live, name="askers", daemon=True)
        self.thread.start()
        ready.wait()
        if self.trouble is not None:
            self.thread = None
            raise self.trouble

    def new(self, job: Job) -> Asker:
        """An `Asker` for the hidden tests of `job`. Raises SandboxUnavailable."""
        order: dict[str, Any] = {
            "folder": None,
            "files": {name: base64.b64encode(data).decode() for name, data in job.course_files.items()},
            "environment": {},
            "limits": _process_limits(self.limits, self.confined),
        }
        with self.lock:
            process = None if self.sandbox is None else self.sandbox.process
            if process is None or process.poll() is not None:
                self._end()
                self._begin()
            assert self.sandbox is not None
            if not self.sandbox.draws and _may_draw(job):
                self.sandbox.load_matplotlib()
            for asker in self.idle:
                if asker.files == order["files"]:
                    self.idle.remove(asker)
                    return asker
            order["folder"] = self.sandbox.work if self.confined else f"{self.sandbox.work}/{time.monotonic_ns()}"
            return Asker(self, order)


def _may_draw(job: Job) -> bool:
    """Whether a hidden test, or what the instructor's cells above it define for it, names matplotlib."""
    texts = [
        text for cell in job.cells for text in (cell.only_hidden, cell.course, *(text for _, text in cell.prelude))
    ]
    return any("matplotlib" in text or "pylab" in text for text in texts)


class Asker:
    """One process that runs hidden tests. out: the end of a pipe to read from; write: to its other pipe."""

    def __init__(self, askers: Askers, order: dict[str, Any]) -> None:
        assert askers.sandbox is not None
        self.askers, self.files, self.clean = askers, order["files"], True
        with tempfile.TemporaryFile() as file:
            file.write(json.dumps(order).encode())
            file.seek(0)
            self.out, out = os.pipe()
            inward, self.inward = os.pipe()
            try:
                self.start = askers.sandbox.start("asker", [file.fileno(), out, inward])
            except BaseException:
                os.close(self.out)
                os.close(self.inward)
                raise
            finally:
                os.close(out)
                os.close(inward)
        os.set_blocking(self.out, False)
        os.set_blocking(self.inward, False)

    def ask(self, cell: Cell) -> None:
        """Note which texts it is going to run: whether another notebook may be asked by it afterwards."""
        texts = [cell.only_hidden, cell.course, *(text for _, text in cell.prelude)]
        self.clean = self.clean and all(map(only_names, texts))

    def close(self, done: bool = False) -> None:
        """Let it go. done: all that it was to ask has been asked. Where its texts touch nothing but names, which it
        forgets, it waits for the next notebook; else it ends."""
        with self.askers.lock:
            sandbox = self.askers.sandbox
            if done and self.clean and sandbox is self.start.sandbox and len(self.askers.idle) < MOST_IDLE:
                with contextlib.suppress(OSError):
                    os.write(self.inward, b'{"do": "begin anew"}\n')
                    self.askers.idle.append(self)
                    return
            self.forget()
            if sandbox is self.start.sandbox and sandbox.control is not None:
                with contextlib.suppress(SandboxUnavailable):
                    sandbox.command({"do": "end", "pid": self.start.pid})

    def forget(self) -> None:
        """Close our ends of its pipes: then it ends, unless it is busy."""
        os.close(self.inward)
        os.close(self.out)
        self.start.events.close()
        for folder in self.start.folders:
            os.close(folder)


def _process_limits(limits: Limits, confined: bool) -> dict[str, Any]:
    """The kernel's limits of each process, and the times of cells and questions, as they are told inside."""
    return {
        "cell_seconds": limits.cell_seconds,
        "question_seconds": limits.question_seconds,
        "patience": limits.patience,
        "memory": limits.address_space if confined else None,
        "cpu_seconds": 2 * int(limits.cpu_seconds) + 1,  # for when nobody watches
        "processes": limits.processes if confined else None,
        "file_size": limits.file_size,
        "open_files": limits.open_files,
    }


class SandboxPool:
    """Warm sandboxes, one for each thread that asks. Each is replaced after `jobs` jobs, and after any trouble.

    Use it as a context manager: leaving it ends them all.
    """

    def __init__(
        self, limits: Limits | None = None, withheld: Collection[str] = (), confined: bool = True, jobs: int = 100
    ) -> None:
        self.askers = Askers(limits, confined)
        self.make: Callable[[], Sandbox] = lambda: Sandbox(limits, withheld, confined, self.askers)
        self.jobs, self.lock, self.own = jobs, threading.Lock(), threading.local()
        self.all: list[Sandbox] = []

    def __enter__(self) -> SandboxPool:
        return self

    def __exit__(self, *_: object) -> None:
        with self.lock:
            left, self.all = self.all, []
        for sandbox in left:
            sandbox.close()
        self.askers.close()

    def __del__(self) -> None:
        self.__exit__()

    def run(self, job: Job) -> Run:
        """Run `job` in this thread's sandbox. Raises SandboxUnavailable when the sandbox was lost, a new one too."""
        sandbox = getattr(self.own, "sandbox", None)
        if sandbox is not None:
            try:
                return self._run_in(sandbox, job)
            except SandboxUnavailable:  # a sandbox ends with the thread that started it: it may have gone meanwhile
                if job.last:
                    raise
        sandbox = self.own.sandbox = self.make().__enter__()
        with self.lock:
            self.all.append(sandbox)
        try:
            return self._run_in(sandbox, job)
        except SandboxUnavailable:
            if job.apart or job.last:
                raise
            return self.run(replace(job, apart=True))  # the quick way lost the sandbox: what the other can save is kept

    def _run_in(self, sandbox: Sandbox, job: Job) -> Run:
        trouble = True
        try:
            run = sandbox.run(job)
            trouble = sandbox.broken
            return run
        finally:
            if trouble or sandbox.jobs_done >= self.jobs:
                self.own.sandbox = None
                with self.lock:
                    self.all = [other for other in self.all if other is not sandbox]
                sandbox.close()


def probe(limits: Limits | None = None) -> str:
    """Start a sandbox once and say what it is, in a few words. Raises SandboxUnavailable with what to do."""
    with Sandbox(limits) as sandbox:
        bwrap = wall.find_bubblewrap()
        assert bwrap is not None and sandbox.confined
        version = subprocess.run([bwrap, "--version"], capture_output=True, text=True).stdout.strip()
    return version or "bubblewrap"


def copy_helpers(target: Path, withheld: Iterable[str]) -> None:
    """Copy helpers/ without the withheld files (patterns), each module with its bytecode, so that no sandbox compiles."""
    _copy_modules(HELPERS, target, withheld)


def _copy_modules(source: Path, target: Path, withheld: Iterable[str]) -> None:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", *withheld))
    for path in [*target.glob("*.py")]:
        compiled = Path(importlib.util.cache_from_source(path))
        compiled.parent.mkdir(exist_ok=True)
        compiled.write_bytes(_bytecode(source / path.name))
    _readable_by_all(target)


@functools.lru_cache(maxsize=100)
def _bytecode(path: Path) -> bytes:
    """A compiled module, marked as good whatever the date of its source (the format is that of PEP 552)."""
    code = SourceFileLoader(path.stem, str(path)).get_code(path.stem)
    unchecked = 1
    return (
        importlib.util.MAGIC_NUMBER
        + unchecked.to_bytes(4, "little")
        + importlib.util.source_hash(path.read_bytes())
        + marshal.dumps(code)
    )


def _readable_by_all(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def _kill_tree(pid: int) -> None:
    try:
        tree = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        tree = []
    for process in tree:
        kill(process.pid)
    kill(pid)
