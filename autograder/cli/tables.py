"""The marks of a class as people read them: a table, for a large class a summary, and marks.csv."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nbgrader.api import Assignment, Gradebook, SubmittedAssignment
from rich.table import Table
from rich.text import Text

from autograder import spreadsheet
from autograder.files import write_whole
from autograder.grading.class_run import Did, SubmissionResult
from autograder.grading.grading_file import read_if_sound
from autograder.visible import visible

if TYPE_CHECKING:
    from autograder.course.settings import Course

    Points = tuple[float, float, bool, float | None]  # score, max_score, whether it waits for a person, late penalty

MOST_ROWS = 60  # of a table; a larger class gets a summary
COLUMNS = "assignment student status score max_score needs_manual_grade late_penalty mistakes reason sandbox".split()


def recorded(
    gradebook: Gradebook, assignments: Collection[str] | None = None
) -> list[tuple[str, str, float, float, bool, float | None]]:
    """(assignment, student, score, max_score, needs manual grading, late penalty) of every recorded submission, in order."""
    row = SubmittedAssignment
    columns = (row.score, row.max_score, row.needs_manual_grade, row.late_submission_penalty)
    query = gradebook.db.query(Assignment.name, row.student_id, *columns).join(row.assignment)
    if assignments is not None:
        query = query.filter(Assignment.name.in_(assignments))
    return sorted(tuple(found) for found in query)


def marks_table(gradebook: Gradebook, results: Sequence[SubmissionResult]) -> Table:
    """Points, status and mistakes of these submissions: a row for each, or for each assignment of a large class."""
    marks = {(row[0], row[1]): row[2:] for row in recorded(gradebook, {result.assignment for result in results})}
    results = sorted(results, key=lambda result: (result.assignment, result.student))
    return _summary(results, marks) if len(results) > MOST_ROWS else _rows(results, marks)


def _rows(results: Sequence[SubmissionResult], marks: Mapping[tuple[str, str], Points]) -> Table:
    table = _table("Marks", "assignment", "student", points="points")
    for name in ("status", "mistakes found"):
        table.add_column(name)
    for result in results:
        score, most, waits, _ = marks.get((result.assignment, result.student), (None, 0, True, 0))
        points = "–" if score is None else f"{round(score, 2):g} / {most:g}"
        more = ["waits for manual grading" if waits and score is not None else ""]
        more.append("" if result.did == Did.GRADED_NOW else result.did)
        said = result.status + "".join(f" ({part})" for part in more if part)
        _add(table, result.assignment, result.student, points, said, ", ".join(result.mistakes))
    return table


def _summary(results: Sequence[SubmissionResult], marks: Mapping[tuple[str, str], Points]) -> Table:
    table = _table("Marks, in short", "assignment", students="students", mean="mean points")
    for name in ("status", "most frequent mistakes"):
        table.add_column(name)
    for assignment in dict.fromkeys(result.assignment for result in results):
        some = [result for result in results if result.assignment == assignment]
        scores = [marks[assignment, each.student][:2] for each in some if (assignment, each.student) in marks]
        mean = f"{sum(s for s, _ in scores) / len(scores):.2f} / {scores[0][1]:g}" if scores else "–"
        statuses = Counter(each.status for each in some)
        said = [f"{count} {status}" for status, count in sorted(statuses.items())]
        said += [
            f"({count} {did})" for did, count in Counter(each.did for each in some).items() if did != Did.GRADED_NOW
        ]
        mistakes = Counter(name for each in some for name in each.mistakes).most_common(3)
        found = ", ".join(f"{name} ({count})" for name, count in mistakes)
        _add(table, assignment, str(len(some)), mean, ", ".join(said), found)
    return table


def _table(title: str, *left: str, **right: str) -> Table:
    table = Table(title=title, title_justify="left", expand=False)
    for name in left:
        table.add_column(name)
    for name in right.values():
        table.add_column(name, justify="right")
    return table


def _add(table: Table, *cells: str) -> None:
    """A row of plain text: a name in brackets is no style."""
    table.add_row(*(Text(visible(cell)) for cell in cells))


def write_marks(course: Course, gradebook: Gradebook) -> Path:
    """Write marks.csv: every recorded submission of the course, properly quoted. Returns the path."""
    rows = [COLUMNS]
    for assignment, student, score, most, waits, penalty in recorded(gradebook):
        known = read_if_sound(course.folder("autograded", assignment, student), student)
        penalty = penalty or 0
        marks = [str(round(score - penalty, 4)), str(most), "yes" if waits else "no", str(penalty)]
        said = [" ".join(known.mistakes), " ".join(known.reason.split()), known.sandbox] if known else ["", "", ""]
        rows.append([assignment, visible(student), known.status if known else "", *marks, *said])
    path = course.root / "marks.csv"
    write_whole(path, spreadsheet.table(rows), 0o600)
    return path
