"""What stands beside the gradebook: autograded/ with grading.json, feedback/, and what of it is still good.

grading.json is written last. While it is not there, or says other than the gradebook or the submission, the submission
counts as not graded, and the next run does it again: whatever a kill leaves behind is thus put right.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbgrader import utils

from autograder import budget
from autograder.feedback.page import render
from autograder.files import make_private, remove_durably, write_whole
from autograder.gradebook.record import Marks, marks_of
from autograder.grading import grading_file
from autograder.grading.grading_file import GradingRecord
from autograder.grading.versions import Effect, code_version
from autograder.submission import GradedSubmission

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

    from autograder.course.settings import Course

REGRADE, PAGES, NOTHING = "regrade", "pages", "nothing"  # what is to be done for a submission


def forget(course: Course, assignment: str, student: str) -> None:
    """Before a submission is graded anew: from here on it counts as not graded."""
    grading_file.remove(course.folder("autograded", assignment, student))


def write_autograded(course: Course, submission: GradedSubmission, timestamp: str | None) -> None:
    """Write autograded/<student>/<assignment>/ but for grading.json."""
    folder = course.folder("autograded", submission.assignment, submission.student)
    make_private(folder)
    for notebook in submission.notebooks:
        write_whole(folder / f"{notebook.name}.ipynb", _as_json(notebook.notebook), 0o600)
    if timestamp is not None:
        write_whole(folder / "timestamp.txt", timestamp, 0o600)
    else:
        remove_durably(folder / "timestamp.txt")


def _as_json(notebook: nbformat.NotebookNode) -> str:
    """A notebook as the text of its file. nbformat.writes indents it, which takes most of its time."""
    return json.dumps(notebook, ensure_ascii=False, sort_keys=True) + "\n"


def write_pages(
    course: Course,
    assignment: str,
    student: str,
    notebooks: Mapping[str, nbformat.NotebookNode],
    marks: Mapping[str, Marks],
) -> None:
    """Write feedback/<student>/<assignment>/<notebook>.html.

    notebooks: name → the autograded notebook. marks: by the same names.
    """
    folder = course.folder("feedback", assignment, student)
    make_private(folder)
    with budget.of_submission(course.budgets):
        for name, notebook in notebooks.items():
            filled, info = _with_marks(notebook, marks[name])
            info |= {"notebook": name, "assignment": assignment, "student": student}
            write_whole(folder / f"{name}.html", render(filled, info), 0o600)


def write_pages_again(
    course: Course, assignment: str, student: str, names: Sequence[str], marks: Mapping[str, Marks]
) -> None:
    """The same from what was graded before: a person has changed scores or comments since."""
    folder = course.folder("autograded", assignment, student)
    notebooks = {name: _read_notebook(folder / f"{name}.ipynb") for name in names}
    write_pages(course, assignment, student, notebooks, marks)
    known = read_grading(course, assignment, student)
    assert known is not None, "it would have to be graded anew"
    _write_grading(course, replace(known, page=digest_of(_all(marks)), page_made_by=code_version(Effect.PAGES)))


def _with_marks(notebook: nbformat.NotebookNode, marks: Marks) -> tuple[nbformat.NotebookNode, dict[str, Any]]:
    """The notebook with scores and comments in its cells, as page.GetMarks puts them there."""
    filled = nbformat.from_dict(notebook)
    for cell in filled.cells:
        info = cell.metadata.get("nbgrader", {})
        name = info.get("grade_id")
        if utils.is_solution(cell) or utils.is_task(cell):
            info["comment"] = marks.comments[name][2]
        if utils.is_grade(cell) or utils.is_task(cell):
            automatic, manual, _, score, info["points"] = marks.grades[name]
            info["score"] = None if automatic is None and manual is None else score
    score = marks.score - marks.late_penalty
    return filled, {"score": score, "max_score": marks.max_score, "late_penalty": marks.late_penalty}


def write_grading(course: Course, submission: GradedSubmission, fingerprint: str, marks: Mapping[str, Marks]) -> None:
    """Write grading.json: the verdicts, and what they were made from. The last step of grading a submission."""
    again = any(notebook.again for notebook in submission.notebooks)
    record = GradingRecord.of(
        submission,
        made_from=None if again else fingerprint,
        recorded=digest_of(_automatic(marks)),
        page=digest_of(_all(marks)),
        page_made_by=code_version(Effect.PAGES),
    )
    _write_grading(course, record)


def _write_grading(course: Course, record: GradingRecord) -> None:
    grading_file.write(course.folder("autograded", record.assignment, record.student), record)


# What is still good.


def what_is_to_do(
    course: Course, gradebook: Gradebook, assignment: str, student: str, fingerprint: str, names: Sequence[str]
) -> str:
    """REGRADE, PAGES (a person has changed the marks since, or the page is another one now) or NOTHING. names: of the assignment's notebooks."""
    known = read_grading(course, assignment, student)
    if known is None or known.made_from != fingerprint:
        return REGRADE
    marks = marks_of(gradebook, assignment, student)
    if not set(names) <= set(marks) or known.recorded != digest_of(_automatic(marks)):
        return REGRADE
    notebooks = [course.folder("autograded", assignment, student) / f"{name}.ipynb" for name in names]
    if not all(ends_whole(path) for path in notebooks):
        return REGRADE
    pages = [course.folder("feedback", assignment, student) / f"{name}.html" for name in names]
    made_now = digest_of(_all(marks)), code_version(Effect.PAGES)
    if (known.page, known.page_made_by) == made_now and all(map(_holds_something, pages)):
        return NOTHING
    return PAGES if all(_read_notebook(path) is not None for path in notebooks) else REGRADE


def ends_whole(path: str | Path) -> bool:
    """Whether a notebook's file looks as if it were all there: not emptied, not cut off (which power cuts and full disks
    elsewhere do)."""
    try:
        with open(path, "rb") as file:
            file.seek(-min(10, os.fstat(file.fileno()).st_size), os.SEEK_END)
            return file.read().rstrip().endswith(b"}")
    except OSError:
        return False


def _holds_something(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _read_notebook(path: Path) -> nbformat.NotebookNode | None:
    """An autograded notebook, or None where the file holds none any more."""
    try:
        return nbformat.read(path, as_version=4)
    except Exception:  # whatever a damaged file makes of a parser
        return None


def read_grading(course: Course, assignment: str, student: str) -> GradingRecord | None:
    """What grading.json says, or None where there is no sound one."""
    return grading_file.read_if_sound(course.folder("autograded", assignment, student), student)


def _automatic(marks: Mapping[str, Marks]) -> list[Any]:
    return [[name, each.automatic()] for name, each in marks.items()]


def _all(marks: Mapping[str, Marks]) -> list[Any]:
    return [[name, vars(each)] for name, each in marks.items()]


def digest_of(data: Any) -> str:
    """A short name for plain data: equal data, equal name."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:32]
