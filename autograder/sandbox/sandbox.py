"""Has notebooks run in a sandbox, as often as it takes to ask all their hidden tests.

A `Sandbox` is one running supervisor (process.py) inside bubblewrap. `Sandbox.run(job)` runs one notebook and returns a
`Run`: what each cell showed, and what each hidden test handed out. Each start of a notebook is a conversation in an
enclosure of its own, which goes with it; hidden tests that ask questions run in a second sandbox (askers.py), where no
student's code is.
"""

from __future__ import annotations

import subprocess
import time
from dataclasses import replace

from autograder.notebook.reach import reaches_outside, touches_only_names
from autograder.sandbox import wall
from autograder.sandbox.askers import Asker, Askers
from autograder.sandbox.clock import Clock
from autograder.sandbox.conversation import Conversation
from autograder.sandbox.job import CellRun, Job, Run, SandboxSettings, SandboxUnavailable
from autograder.sandbox.process import SandboxProcess

ATTEMPTS = 3  # how often a notebook is started when one of its cells ends the whole process


class Sandbox(SandboxProcess):
    """A supervisor that runs jobs. Use it as a context manager.

    askers: where hidden tests run that ask questions; by default it starts some of its own when they are needed.
    """

    def __init__(self, settings: SandboxSettings | None = None, askers: Askers | None = None) -> None:
        super().__init__(settings)
        self.askers = askers
        self.own_askers: Askers | None = None
        self.jobs_done = 0
        self.broken = False  # it could not be cleaned up after a job: take another

    def close(self) -> None:
        super().close()
        if self.own_askers is not None:
            self.own_askers.close()

    def run(self, job: Job) -> Run:
        """Run `job` and return its `Run`. What the student's code does cannot raise here; a lost supervisor does."""
        started = time.monotonic()
        self.show_helpers(self.settings.withheld if job.withheld is None else job.withheld)
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

    def new_asker(self, job: Job) -> Asker:
        """A process for the hidden tests of `job`: see Askers.new."""
        if self.askers is None:
            self.own_askers = self.askers = Askers(self.settings)
        return self.askers.new(job)


def probe() -> str:
    """Start a sandbox once and say what it is, in a few words. Raises SandboxUnavailable with what to do."""
    with Sandbox() as sandbox:
        bwrap = wall.find_bubblewrap()
        assert bwrap is not None and sandbox.confined
        version = subprocess.run([bwrap, "--version"], capture_output=True, text=True).stdout.strip()
    return version or "bubblewrap"
