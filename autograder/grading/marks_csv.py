"""marks.csv: every recorded submission of a course, for people and their spreadsheets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from autograder import spreadsheet
from autograder.files import write_whole
from autograder.gradebook.marks import recorded
from autograder.grading.grading_file import read_if_sound
from autograder.visible import visible

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

    from autograder.course.settings import Course

COLUMNS = "assignment student status score max_score needs_manual_grade late_penalty mistakes reason sandbox".split()


def write_marks(course: Course, gradebook: Gradebook) -> Path:
    """Write marks.csv, properly quoted. Returns the path."""
    rows = [COLUMNS]
    for row in recorded(gradebook):
        known = read_if_sound(course.folder("autograded", row.assignment, row.student), row.student)
        marks = [str(round(row.counted, 4)), str(row.max_score), "yes" if row.waits else "no"]
        said = [" ".join(known.mistakes), " ".join(known.reason.split()), known.sandbox] if known else ["", "", ""]
        status = known.status if known else ""
        rows.append([row.assignment, visible(row.student), status, *marks, str(row.late_penalty), *said])
    path = course.root / "marks.csv"
    write_whole(path, spreadsheet.table(rows), 0o600)
    return path
