"""How much processor time the grader itself may spend on one submission, and how it ends where that is used up.

What students' code may use is bounded by the sandbox (job.Limits). This is about our own work on what strangers wrote:
reading the file, marking the answers, making the page, comparing the text with the class. Each step of these is bounded
in size; between two steps `check` looks at the clock. It is the clock of this thread's own processor time, so that
neither a busy machine nor another submission can use up anybody's budget.
"""

import contextlib
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar

SECONDS = {  # of processor time for one submission; honest work takes a second or less of each
    "reading": 30.0,
    "marking": 60.0,
    "page": 60.0,
    "similarity": 20.0,
}
TOO_LONG = {
    "reading": "reading the notebook takes the grader more than {:g} seconds; is there a flood of text or brackets in it?",
    "marking": "marking takes the grader more than {:g} seconds; is there a flood of numbers or text in what it returns or "
    "shows?",
    "page": "showing the notebook takes the grader more than {:g} seconds; is there a flood of text or formulas in it?",
    "similarity": "comparing it with the class takes more than {:g} seconds; is there a flood of text in it?",
}
_submission: ContextVar["_Allowance | None"] = ContextVar("submission", default=None)  # of the one this thread is at
_Step = tuple[str, float, float]  # its name, when it must have ended, seconds in all
_steps: ContextVar[tuple[_Step, ...]] = ContextVar("steps", default=())  # those that it is in


class UsedUp(ValueError):
    """A step took more than its budget; the message says which, in words for the student."""


class _Allowance:
    """What one submission may use in all, and what is left of it: step → seconds."""

    def __init__(self, seconds: Mapping[str, float]) -> None:
        self.seconds, self.left = dict(seconds), dict(seconds)


def budgets_from(settings: Mapping[str, float]) -> dict[str, float]:
    """The seconds of every step. Raises ValueError for a step that there is not, or a time that is none."""
    for step, seconds in settings.items():
        if step not in SECONDS:
            raise ValueError(f"there is no budget for {step!r}; there are {', '.join(SECONDS)}")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < float("inf"):
            raise ValueError(f"the budget for {step} must be a number of seconds above 0, and is {seconds!r}")
    return {**SECONDS, **settings}


@contextlib.contextmanager
def of_submission(seconds: Mapping[str, float]) -> Iterator[None]:
    """While inside, all steps belong to one submission: what one of them uses is not there for the next of its kind."""
    token = _submission.set(_Allowance(seconds))
    try:
        yield
    finally:
        _submission.reset(token)


@contextlib.contextmanager
def spend(step: str) -> Iterator[None]:
    """While inside, `check` raises UsedUp as soon as this step's budget is used up; at the end it is checked as well."""
    allowance = _submission.get() or _Allowance(SECONDS)
    began = time.thread_time()
    end = began + allowance.left[step]
    token = _steps.set((*_steps.get(), (step, end, allowance.seconds[step])))
    try:
        yield
        check()
    finally:
        _steps.reset(token)
        allowance.left[step] = max(0.0, end - time.thread_time())


def check() -> None:
    """Raise UsedUp if a step that this thread is in has used up its budget."""
    now = time.thread_time()
    for step, end, seconds in _steps.get():
        if now > end:
            raise UsedUp(TOO_LONG[step].format(seconds))
