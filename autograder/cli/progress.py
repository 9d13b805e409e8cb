"""How far grading has come: a bar on a terminal, plain lines elsewhere, on standard error."""

import time
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn

from autograder.grading.class_run import Did, SubmissionResult
from autograder.submission import FAILED
from autograder.visible import visible

EACH_ONE = 60  # up to so many submissions, each gets a line
SECONDS = 5.0  # between two lines in a larger class


def make_progress(total: int, quiet: bool, console: Console | None = None) -> "Silent":
    """The right kind of progress for where standard error goes. Use it as a context manager."""
    console = console or Console(stderr=True)
    if quiet:
        return Silent()
    return Bar(total, console) if console.is_terminal else Lines(total, console)


class Silent:
    """No progress at all. `told(result)` is what the other two are told by, too."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: Any) -> None:
        pass

    def told(self, result: SubmissionResult) -> None:
        pass


class Bar(Silent):
    """A bar with what is done, the rate, the time left, and what could not be graded so far."""

    def __init__(self, total: int, console: Console) -> None:
        columns: list[str | ProgressColumn] = ["grading", BarColumn(), MofNCompleteColumn()]
        columns += [
            "{task.fields[rate]}",
            TimeRemainingColumn(),
            TextColumn("{task.fields[failed]}", style="red", markup=False),
            TextColumn("{task.fields[last]}", markup=False),
        ]
        self.bar = Progress(*columns, console=console, transient=True)
        self.task = self.bar.add_task("grading", total=total, rate="", failed="", last="")
        self.failed: list[str] = []
        self.rate = Rate()

    def __enter__(self) -> Self:
        self.bar.__enter__()
        return self

    def __exit__(self, *details: Any) -> None:
        self.bar.__exit__(*details)

    def told(self, result: SubmissionResult) -> None:
        self.rate.count(result)
        if result.status == FAILED:
            self.failed.append(visible(result.student))
        failed = f"{len(self.failed)} could not be graded (last: {self.failed[-1]})" if self.failed else ""
        last = f"{visible(result.student)}: {result.status}"
        self.bar.update(self.task, advance=1, rate=self.rate.said(), failed=failed, last=last)


class Lines(Silent):
    """One line for each submission; in a large class one every few seconds."""

    def __init__(self, total: int, console: Console) -> None:
        self.total, self.console = total, console
        self.done = self.failed = 0
        self.rate, self.said_at = Rate(), time.monotonic()

    def told(self, result: SubmissionResult) -> None:
        self.done += 1
        self.failed += result.status == FAILED
        self.rate.count(result)
        now = time.monotonic()
        if self.total <= EACH_ONE:
            did = "" if result.did == Did.GRADED_NOW else f" ({result.did})"
            self._say(visible(f"{result.student}/{result.assignment}: {result.status}{did}"))
        elif now - self.said_at >= SECONDS or self.done == self.total:
            self.said_at = now
            self._say(", ".join(part for part in (self.rate.said(), self._left(), self._failed()) if part))

    def _say(self, text: str) -> None:
        line = f"{self.done:>{len(str(self.total))}}/{self.total}  {text}"
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _left(self) -> str:
        seconds = self.rate.seconds_for(self.total - self.done)
        return f"{seconds / 60:.0f} min left" if seconds >= 90 else f"{seconds:.0f} s left"

    def _failed(self) -> str:
        return f"{self.failed} could not be graded" if self.failed else ""


class Rate:
    """How quickly submissions are graded. Those that had not changed take no time and are left out."""

    def __init__(self) -> None:
        self.graded, self.started = 0, time.monotonic()

    def count(self, result: SubmissionResult) -> None:
        self.graded += result.did == Did.GRADED_NOW

    def per_second(self) -> float:
        return self.graded / max(1e-6, time.monotonic() - self.started)

    def said(self) -> str:
        return f"{self.per_second() * 60:.0f} a minute" if self.graded else ""

    def seconds_for(self, number: int) -> float:
        return number / self.per_second() if self.graded else 0.0
