"""Warm sandboxes that are used for one job after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import replace

from autograder.sandbox.askers import Askers
from autograder.sandbox.job import Job, Limits, Run, SandboxUnavailable
from autograder.sandbox.sandbox import Sandbox


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
