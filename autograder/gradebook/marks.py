"""What the gradebook says of a submission, and of all that are recorded."""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import bindparam, select

if TYPE_CHECKING:
    from sqlalchemy import Select


@dataclass
class Marks:
    """What the gradebook says of one notebook of one submission."""

    score: float = 0.0  # without the late penalty
    max_score: float = 0.0
    late_penalty: float = 0.0
    # cell → [auto_score, manual_score, extra_credit, score, max_score]
    grades: dict[str, list[float | None]] = field(default_factory=dict)
    # cell → [auto_comment, manual_comment, comment]
    comments: dict[str, list[str | None]] = field(default_factory=dict)

    def automatic(self) -> list[dict[str, Any]]:
        """The part that only grading writes."""
        grades = {cell: values[0] for cell, values in self.grades.items()}
        return [grades, {cell: values[0] for cell, values in self.comments.items()}]


def marks_of(gradebook: Gradebook, assignment: str, student: str) -> dict[str, Marks]:
    """Notebook's name → Marks, in the order of the names; {} when nothing is recorded of this student's assignment."""
    session = gradebook.db
    notebooks, grades, comments = _queries()
    found: dict[str, Marks] = {}
    rows = session.execute(notebooks, {"assignment": assignment, "student": student})
    for number, name, penalty, score, most in sorted(rows, key=lambda row: row[1]):
        marks = found[name] = Marks(score, most, penalty or 0.0)
        marks.grades = {cell: values for cell, *values in session.execute(grades, {"notebook": number})}
        marks.comments = {cell: values for cell, *values in session.execute(comments, {"notebook": number})}
    return found


@functools.cache
def _queries() -> tuple[Select[Any], Select[Any], Select[Any]]:
    """What marks_of asks the gradebook, put together once: that takes longer than to ask."""
    part = SubmittedNotebook
    notebooks = (
        select(part.id, Notebook.name, part.late_submission_penalty, part.score, part.max_score)
        .join(part.notebook)
        .join(part.assignment)
        .join(SubmittedAssignment.assignment)
        .where(Assignment.name == bindparam("assignment"), SubmittedAssignment.student_id == bindparam("student"))
    )
    grades = (
        select(BaseCell.name, Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.score, Grade.max_score)
        .join(Grade.cell)
        .where(Grade.notebook_id == bindparam("notebook"))
        .order_by(BaseCell.name)
    )
    comments = (
        select(BaseCell.name, Comment.auto_comment, Comment.manual_comment, Comment.comment)
        .join(Comment.cell)
        .where(Comment.notebook_id == bindparam("notebook"))
        .order_by(BaseCell.name)
    )
    return notebooks, grades, comments


@dataclass(frozen=True)
class RecordedMarks:
    """What the gradebook says of one submission, in short."""

    assignment: str
    student: str
    score: float  # without the late penalty
    max_score: float
    waits: bool  # for a person
    late_penalty: float

    @property
    def counted(self) -> float:
        """What the student gets: the score without what is taken off for being late."""
        return self.score - self.late_penalty


def recorded(gradebook: Gradebook, assignments: Collection[str] | None = None) -> list[RecordedMarks]:
    """Every recorded submission (of these assignments), by assignment and student."""
    row = SubmittedAssignment
    columns = (row.score, row.max_score, row.needs_manual_grade, row.late_submission_penalty)
    query = gradebook.db.query(Assignment.name, row.student_id, *columns).join(row.assignment)
    if assignments is not None:
        query = query.filter(Assignment.name.in_(assignments))
    found = [
        RecordedMarks(name, student, score, most, waits, penalty or 0)
        for name, student, score, most, waits, penalty in query
    ]
    return sorted(found, key=lambda one: (one.assignment, one.student))
