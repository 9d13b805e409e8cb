"""Warm sandboxes that are used for one job after the other."""

from __future__ import annotations

import threading
from dataclasses import replace

from autograder.sandbox.askers import Askers
from autograder.sandbox.job import Job, Run, SandboxesEnded, SandboxSettings, SandboxUnavailable
from autograder.sandbox.sandbox import Sandbox


class SandboxPool:
    """Warm sandboxes, one for each thread that asks. Each is replaced after `jobs` jobs, and after any trouble.

    `close`, or the end of a with-block, ends them in order; `kill` ends them at once. Neither can be undone.
    """

    def __init__(self, settings: SandboxSettings | None = None, jobs: int = 100) -> None:
        self.settings = settings or SandboxSettings()
        self.askers = Askers(self.settings)
        self.jobs, self.lock, self.own = jobs, threading.Lock(), threading.local()
        self.all: list[Sandbox] = []
        self.ended = False  # no other sandbox is started

    def close(self) -> None:
        """End the sandboxes and remove their folders. Nobody may be running a job, unless all were killed before."""
        with self.lock:
            self.ended = True
            left, self.all = self.all, []
        for sandbox in left:
            sandbox.close()
        self.askers.close()

    def kill(self) -> None:
        """End all sandboxes at once, from any thread: who waits for a job is told SandboxUnavailable. Folders stay until
        `close`."""
        with self.lock:
            self.ended = True
            running = list(self.all)
        for sandbox in running:
            sandbox.kill()
        self.askers.kill()

    def __enter__(self) -> SandboxPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()  # a cluster's worker drops its pool with its thread, without a call

    def run(self, job: Job) -> Run:
        """Run `job` in this thread's sandbox. Raises SandboxUnavailable when the sandbox was lost, a new one too, and
        SandboxesEnded."""
        if self.ended:
            raise SandboxesEnded
        sandbox = getattr(self.own, "sandbox", None)
        if sandbox is not None:
            try:
                return self._run_in(sandbox, job)
            except SandboxUnavailable:  # die-with-parent: the thread that started it may have ended
                if job.last:
                    raise
        sandbox = self.own.sandbox = self._start()
        try:
            return self._run_in(sandbox, job)
        except SandboxUnavailable:
            if job.apart or job.last:
                raise
            return self.run(replace(job, apart=True))  # retry on the slow path, which keeps what it can

    def _start(self) -> Sandbox:
        if self.ended:
            raise SandboxesEnded
        sandbox = Sandbox(self.settings, self.askers).open()
        with self.lock:
            if not self.ended:
                self.all.append(sandbox)
                return sandbox
        sandbox.close()  # the end came meanwhile
        raise SandboxesEnded

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
