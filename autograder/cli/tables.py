"""The marks of a class as people read them on a terminal: a table, for a large class a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from autograder.gradebook.marks import recorded
from autograder.grading.class_run import Did, SubmissionResult
from autograder.visible import visible

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

    from autograder.gradebook.marks import RecordedMarks

    Recorded = Mapping[tuple[str, str], RecordedMarks]  # by assignment and student

MOST_ROWS = 60  # of a table; a larger class gets a summary


def marks_table(gradebook: Gradebook, results: Sequence[SubmissionResult]) -> Table:
    """Points, status and mistakes of these submissions: a row for each, or for each assignment of a large class."""
    rows = recorded(gradebook, {result.assignment for result in results})
    marks = {(row.assignment, row.student): row for row in rows}
    results = sorted(results, key=lambda result: (result.assignment, result.student))
    return _summary(results, marks) if len(results) > MOST_ROWS else _rows(results, marks)


def _rows(results: Sequence[SubmissionResult], marks: Recorded) -> Table:
    table = _table("Marks", "assignment", "student", points="points")
    for name in ("status", "mistakes found"):
        table.add_column(name)
    for result in results:
        found = marks.get((result.assignment, result.student))
        points = f"{round(found.counted, 2):g} / {found.max_score:g}" if found else "–"
        more = ["waits for manual grading" if found and found.waits else ""]
        if found and found.late_penalty:
            more.append(f"{round(found.late_penalty, 2):g} taken off for being late")
        more.append("" if result.did == Did.GRADED_NOW else result.did)
        said = result.status + "".join(f" ({part})" for part in more if part)
        _add(table, result.assignment, result.student, points, said, ", ".join(result.mistakes))
    return table


def _summary(results: Sequence[SubmissionResult], marks: Recorded) -> Table:
    table = _table("Marks, in short", "assignment", students="students", mean="mean points")
    for name in ("status", "most frequent mistakes"):
        table.add_column(name)
    for assignment in dict.fromkeys(result.assignment for result in results):
        some = [result for result in results if result.assignment == assignment]
        rows = [marks[assignment, each.student] for each in some if (assignment, each.student) in marks]
        mean = f"{sum(row.counted for row in rows) / len(rows):.2f} / {rows[0].max_score:g}" if rows else "–"
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
