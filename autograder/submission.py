"""A graded submission: its statuses, its notebooks and their verdicts, as plain data.

The values of the enumerations stand in grading.json and on pages; code compares the members.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import nbformat


class Status(StrEnum):
    """How a notebook, or a whole submission, has ended."""

    GRADED = "graded"
    PARTLY = "partly graded"
    FAILED = "could not be graded"
    MISSING = "missing"


class Ungraded(StrEnum):
    """How a student's assignment stands that has no Status, for reports and learning platforms."""

    NOT_YET = "not graded yet"
    NOTHING = "nothing handed in"


class Outcome(StrEnum):
    """What came of one question, or of one entry of a question's dict."""

    RIGHT = "right"
    PARTLY = "partly right"  # an open choice
    WRONG = "wrong"
    ERROR = "error"  # it raised
    NOT_ANSWERED = "not answered"


GRADED, PARTLY, FAILED, MISSING = Status.GRADED, Status.PARTLY, Status.FAILED, Status.MISSING
NOT_YET, NOTHING = Ungraded.NOT_YET, Ungraded.NOTHING
WORST_FIRST = (FAILED, MISSING, PARTLY, GRADED)


@dataclass
class GradedNotebook:
    """One notebook of one submission, with its verdicts; ready to be recorded."""

    name: str
    notebook: nbformat.NotebookNode
    status: Status
    reason: str = ""
    verdicts: dict[str, dict[str, Any]] = field(default_factory=dict)  # test cell → plain data (verdict_data.cell_data)
    repairs: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    again: bool = False  # what stood in the way was not the student's: the next run tries again


@dataclass
class GradedSubmission:
    """One student's assignment."""

    student: str
    assignment: str
    notebooks: list[GradedNotebook] = field(default_factory=list)

    @property
    def status(self) -> Status:
        found = {notebook.status for notebook in self.notebooks} or {MISSING}
        if MISSING in found and found != {MISSING}:
            return PARTLY if FAILED not in found else FAILED
        return next(status for status in WORST_FIRST if status in found)

    @property
    def reason(self) -> str:
        return "; ".join(dict.fromkeys(notebook.reason for notebook in self.notebooks if notebook.reason))

    @property
    def sandbox(self) -> str:
        """What the code ran in: "bubblewrap", or "none" with --no-sandbox."""
        found = [notebook.notebook for notebook in self.notebooks if notebook.notebook]
        walls = {notebook.metadata.get("autograder", {}).get("sandbox") for notebook in found}
        return "none" if "none" in walls else "bubblewrap"

    @property
    def mistakes(self) -> list[str]:
        """The names of all mistakes found, in the order of the functions."""
        verdicts = [verdict for notebook in self.notebooks for verdict in notebook.verdicts.values()]
        return list(dict.fromkeys(mistake["name"] for verdict in verdicts for mistake in verdict["mistakes"]))
