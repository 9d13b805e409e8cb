"""The side that asks: a sandbox of its own for hidden tests that ask questions, where no student's code ever is."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import tempfile
import threading
import time
from dataclasses import replace
from typing import Any

from autograder.notebook.reach import only_names
from autograder.sandbox.job import Cell, Job, SandboxesEnded, SandboxSettings, SandboxUnavailable
from autograder.sandbox.process import SandboxProcess, process_limits

MOST_IDLE = 16  # askers that wait for work


class Askers:
    """Where hidden tests run that ask questions: a sandbox of its own, which any number of threads may share.

    No student's code ever runs in it. Use it as a context manager, or call `close`. Half of what a sandbox takes to start is
    to load matplotlib; hidden tests hardly ever draw, so here that is left until one does.
    """

    def __init__(self, settings: SandboxSettings) -> None:
        self.settings = replace(settings, withheld=())
        self.lock = threading.Lock()
        self.sandbox: SandboxProcess | None = None
        self.thread: threading.Thread | None = None
        self.trouble: SandboxUnavailable | None = None
        self.idle: list[Asker] = []  # askers that have nothing to do, in this sandbox
        self.killed = False

    def close(self) -> None:
        """End the sandbox, and its thread. A later `new` starts another."""
        with self.lock:
            self._end()

    def kill(self) -> None:
        """End the sandbox at once, from any thread, and start no other. `close` cleans up."""
        self.killed = True
        sandbox = self.sandbox
        if sandbox is not None:
            sandbox.kill()

    def __enter__(self) -> Askers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _end(self) -> None:
        if self.thread is not None:
            while self.idle:
                self.idle.pop().forget()
            self.closing.set()
            self.thread.join()
        self.thread, self.sandbox, self.idle = None, None, []

    def _begin(self) -> None:
        """Start the sandbox in a thread of its own: it ends with the thread that starts it."""
        if self.killed:
            raise SandboxesEnded
        self.closing, ready = threading.Event(), threading.Event()

        def live() -> None:
            try:
                with SandboxProcess(self.settings, draws=False) as self.sandbox:
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
            "limits": process_limits(self.settings),
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
            order["folder"] = self.sandbox.work
            if not self.settings.confined:
                order["folder"] += f"/{time.monotonic_ns()}"
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
