"""Writes what came of a submission: into the gradebook, and beside it into autograded/ and feedback/.

While a class is graded nothing else writes there. grading.json is removed first and written last: while it is not there,
or says other than the gradebook or the submission, the submission counts as not graded, and the next run does it again
(up_to_date.py). Whatever a kill leaves behind is thus put right.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbgrader import utils

from autograder import budget
from autograder.feedback.page import render
from autograder.files import make_private, remove_durably, write_whole
from autograder.gradebook.marks import marks_of
from autograder.gradebook.record import assign_late_penalties, record
from autograder.grading import grading_file
from autograder.grading.grading_file import GradingRecord
from autograder.grading.up_to_date import digest_of_all, digest_of_automatic, read_notebook
from autograder.grading.versions import Effect, code_version

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

    from autograder.course.settings import Course
    from autograder.gradebook.marks import Marks
    from autograder.submission import GradedSubmission

    Notebooks = Mapping[str, nbformat.NotebookNode]  # name → the autograded notebook


class Recorder:
    """Writes the submissions of a course, one at a time and by one thread. gradebook: open."""

    def __init__(self, course: Course, gradebook: Gradebook) -> None:
        self.course, self.gradebook = course, gradebook

    def record(self, submission: GradedSubmission, made_from: str, timestamp: str | None) -> None:
        """Write one submission. A kill between any two steps leaves one that counts as not graded.

        made_from: its fingerprint. timestamp: when it was handed in, as nbgrader writes it. Raises OSError and
        sqlalchemy's DBAPIError when nothing can be written.
        """
        assignment, student = submission.assignment, submission.student
        folder = self.course.folder("autograded", assignment, student)
        grading_file.remove(folder)
        self._write_notebooks(folder, submission, timestamp)
        record(self.gradebook, submission, timestamp, self.course.config)
        marks = marks_of(self.gradebook, assignment, student)
        notebooks = {notebook.name: notebook.notebook for notebook in submission.notebooks}
        self._write_pages(assignment, student, notebooks, marks)
        again = any(notebook.again for notebook in submission.notebooks)
        grading = GradingRecord.of(
            submission, made_from=None if again else made_from, recorded=digest_of_automatic(marks)
        )
        grading_file.write(folder, _with_pages(grading, marks))

    def renew_pages(self, assignment: str, student: str, names: Sequence[str]) -> None:
        """Write the pages again from what was graded before: a person has changed scores or comments since.

        names: of the assignment's notebooks.
        """
        assign_late_penalties(self.gradebook, assignment, student, self.course.config)
        marks = marks_of(self.gradebook, assignment, student)
        folder = self.course.folder("autograded", assignment, student)
        notebooks = {name: read_notebook(folder / f"{name}.ipynb") for name in names}
        self._write_pages(assignment, student, notebooks, marks)
        grading_file.write(folder, _with_pages(grading_file.read(folder, student), marks))

    def _write_notebooks(self, folder: Path, submission: GradedSubmission, timestamp: str | None) -> None:
        make_private(folder)
        for notebook in submission.notebooks:
            write_whole(folder / f"{notebook.name}.ipynb", _as_json(notebook.notebook), 0o600)
        if timestamp is not None:
            write_whole(folder / "timestamp.txt", timestamp, 0o600)
        else:
            remove_durably(folder / "timestamp.txt")

    def _write_pages(self, assignment: str, student: str, notebooks: Notebooks, marks: Mapping[str, Marks]) -> None:
        """Write feedback/<student>/<assignment>/<notebook>.html. marks: by the same names as the notebooks."""
        folder = self.course.folder("feedback", assignment, student)
        make_private(folder)
        with budget.of_submission(self.course.budgets):
            for name, notebook in notebooks.items():
                filled, info = _with_marks(notebook, marks[name])
                info |= {"notebook": name, "assignment": assignment, "student": student}
                write_whole(folder / f"{name}.html", render(filled, info), 0o600)


def _with_pages(grading: GradingRecord, marks: Mapping[str, Marks]) -> GradingRecord:
    """The record with what it says of the pages: the marks that stand there, and by which code they were made."""
    return replace(grading, page=digest_of_all(marks), page_made_by=code_version(Effect.PAGES))


def _as_json(notebook: nbformat.NotebookNode) -> str:
    """A notebook as the text of its file. nbformat.writes indents it, which takes most of its time."""
    return json.dumps(notebook, ensure_ascii=False, sort_keys=True) + "\n"


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
