"""What goes into a sandbox and what comes out of it: cells, limits, outputs and answers, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from autograder.sandbox.breach import Cut


class SandboxUnavailable(RuntimeError):
    """No wall can be had on this machine; the message says why and what to install."""


class SandboxesEnded(SandboxUnavailable):
    """Grading was stopped: no other sandbox is started."""

    def __init__(self) -> None:
        super().__init__("grading was stopped")


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Times in seconds, sizes in bytes."""

    cell_seconds: float = 20.0  # processor time of one cell's process; wall time of one cell's hidden tests
    question_seconds: float = 5.0  # processor time of the process that is asked one question
    patience: float = 2.0  # how many times as long either may take by the clock on the wall: machines may be busy
    notebook_seconds: float = 180.0  # wall time of all that is done for one submission; of visible cells two thirds
    cell_cpu_seconds: float = 40.0  # processor time of one cell, all its processes together, watched every 0.1 s
    cpu_seconds: int = 120  # the same of all visible cells together; twice as much is a hard limit of each process
    memory: int = 2 * 1024**3  # all processes and files in memory together, watched every 0.1 s
    address_space: int = 6 * 1024**3  # of one process, a hard limit
    processes: int = 64
    file_size: int = 64 * 1024**2
    disk: int = 128 * 1024**2  # each of the writable folders, a hard limit
    files: int = 20_000  # in the writable folders, watched every 0.1 s; three times as many are a hard limit
    sockets: int = 128  # of all processes together, watched every 0.1 s
    open_files: int = 256
    outputs: int = 2_000  # how many outputs of a notebook are kept
    output_bytes: int = 4 * 1024**2  # what is kept of all outputs of a notebook
    answer_bytes: int = 16 * 1024**2  # of all answers of a notebook
    message_bytes: int = 2 * 1024**2  # one output, or one answer
    pipe_bytes: int = 128 * 1024**2  # what may arrive before the submission is ended


@dataclass(frozen=True)
class SandboxSettings:
    """How a sandbox is set up. A course's own: Course.sandbox_settings."""

    limits: Limits = field(default_factory=Limits)
    # Files of helpers/ (patterns) that are left out. A job may withhold fewer than these, never more: what is there at the
    # start is imported ahead.
    withheld: tuple[str, ...] = ()
    confined: bool = True  # False: without the wall, for code that one trusts


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
    students: bool = True  # False: the text is the instructor's
    prelude: tuple[tuple[str, str], ...] = ()  # (key, text): of the instructor's cells, what its questions need
    written: tuple[str, ...] = ()  # names that count as the student's even where builtins have them
    given: tuple[str, ...] = ()  # functions that the instructor's stand in for, so that a slip is paid for once
    course: str = ""  # the instructor's text that defines these


@dataclass(frozen=True)
class Job:
    """One notebook to run: its code cells in order, and the files beside it (name → content)."""

    cells: tuple[Cell, ...]
    files: dict[str, bytes] = field(default_factory=dict)
    course_files: dict[str, bytes] = field(default_factory=dict)  # those of the instructor, for the side that asks
    withheld: tuple[str, ...] | None = None  # files of helpers/ (patterns) left out; None: the sandbox's own
    apart: bool = False  # the slow path at once: a process for each cell's hidden tests
    seconds: float | None = None  # what is left of limits.notebook_seconds; None: all of it

    @property
    def last(self) -> bool:
        """Whether nothing may be started again after this: the instructor's functions can be called from inside."""
        return any(cell.given for cell in self.cells)


@dataclass
class CellRun:
    """What came of one cell."""

    outputs: list[dict[str, Any]] = field(default_factory=list)  # notebook outputs, of the visible run
    hidden_outputs: list[dict[str, Any]] = field(default_factory=list)  # of the hidden tests; never shown to a student
    answers: list[Any] = field(default_factory=list)  # payloads of questions, as they arrived
    failures: list[dict[str, Any]] = field(default_factory=list)  # statements of the hidden test that raised
    lost: str | None = None  # why the cell did not run to its end
    hidden_lost: str | None = None  # why its hidden tests did not
    asked: bool = False  # its hidden tests were started


@dataclass
class Run:
    """What came of one job."""

    cells: list[CellRun]
    seconds: float = 0.0
    cut: list[Cut] = field(default_factory=list)  # what was more than is kept, each once
    together: bool = False  # one process for all hidden tests was enough


def limits_from(settings: Mapping[str, Any]) -> Limits:
    """`Limits` with the given fields replaced. Raises ValueError for a name that is none of them."""
    known = {field_.name for field_ in fields(Limits)}
    unknown = sorted(set(settings) - known)
    if unknown:
        raise ValueError(f"no such limit: {', '.join(unknown)} (there are {', '.join(sorted(known))})")
    return replace(Limits(), **settings)
