"""One supervisor (inside/supervisor.py) behind the wall: how it is started, what it is told, and how it ends."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, Self

import psutil

from autograder import leftovers
from autograder.sandbox import wall
from autograder.sandbox.job import SandboxSettings, SandboxUnavailable
from autograder.sandbox.seccomp import filter_program
from autograder.sandbox.staging import copy_helpers, copy_modules, readable_by_all
from autograder.sandbox.watch import children, descendants, inner_pids, kill

INSIDE = Path(__file__).with_name("inside")
START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from inside.supervisor import main; main()"
FORBIDDEN_HERE = (
    ". This system does not let bubblewrap make namespaces. On Ubuntu install the distribution's own package bubblewrap; "
    "elsewhere allow it (sysctl kernel.unprivileged_userns_clone=1, or run the container with that right). "
    "To grade work that you trust without a sandbox, add --no-sandbox."
)


class SandboxProcess:
    """A running supervisor. Use it as a context manager.

    draws: whether matplotlib is loaded ahead. Raises SandboxUnavailable when the wall, or Python inside it, does not
    start.
    """

    def __init__(self, settings: SandboxSettings | None = None, draws: bool = True) -> None:
        self.settings = settings or SandboxSettings()
        self.limits, self.confined = self.settings.limits, self.settings.confined
        self.draws = draws
        self.shown_without: tuple[str, ...] | None = None  # what is withheld at the moment
        self.ending: Start | None = None  # the start that is just being ended
        self.used = False  # something has run that leaves traces: not to be reused
        self.process: subprocess.Popen[bytes] | None = None
        self.control: socket.socket | None = None
        self.errors: IO[bytes] | None = None

    def open(self) -> Self:
        """Start it. A confined one ends with the thread that starts it, if nobody closes it before."""
        self.stage = leftovers.make("course-lab-")
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        """End it, and remove its folder. What runs inside has a moment to end by itself."""
        self._stop()
        leftovers.remove(self.stage)

    def kill(self) -> None:
        """End all its processes at once, from any thread: who waits for them is told SandboxUnavailable. Its folder stays
        until `close`."""
        process = self.process
        if process is not None:  # else it is just being closed
            _kill_tree(process)

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _stop(self) -> None:
        if self.control is not None:
            self.control.close()
        if self.process is not None:
            try:
                self.process.wait(1 if self.confined else 0.2)
            except subprocess.TimeoutExpired:
                _kill_tree(self.process)
                self.process.wait()
        if self.errors is not None:
            self.errors.close()
        self.process = self.control = self.errors = None

    def _start(self) -> None:
        if os.name == "nt":
            raise SandboxUnavailable("Grading needs Linux or macOS: on Windows, use WSL.")
        os.chmod(self.stage, 0o755)
        lab = self.stage / "lab"
        with leftovers.filling():
            if not lab.exists():
                lab.mkdir()
                self.show_helpers(self.settings.withheld)
                copy_modules(INSIDE, lab / "inside", ())
                readable_by_all(lab)
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
        command += [python, "-I", "-B", "-c", START, self.lab, json.dumps(self._told_inside())]
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
        # How each start gets namespaces of its own; None: the sandbox can start one process only.
        self.enclosed: str | None = ready["enclosed"]
        self.used = False

    def _told_inside(self) -> dict[str, Any]:
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

    def show_helpers(self, withheld: tuple[str, ...]) -> None:
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
        return process_limits(self.settings)


class Start:
    """One process that the supervisor has started, with all that come from it."""

    def __init__(self, sandbox: SandboxProcess, pid: int, events: socket.socket) -> None:
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


def process_limits(settings: SandboxSettings) -> dict[str, Any]:
    """The kernel's limits of each process, and the times of cells and questions, as they are told inside."""
    limits, confined = settings.limits, settings.confined
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


def _kill_tree(first: subprocess.Popen[bytes]) -> None:
    tree = []
    with contextlib.suppress(psutil.NoSuchProcess):
        tree = psutil.Process(first.pid).children(recursive=True)
    for process in tree:
        with contextlib.suppress(psutil.Error):
            process.kill()
    first.kill()
