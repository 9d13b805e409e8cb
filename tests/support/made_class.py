"""A graded class that was made up: what `autograder grade` leaves behind, without grading anything.

For tests of what comes after grading. The gradebook is nbgrader's own; the verdicts have the form of grading.json.
"""

import json
from dataclasses import dataclass, field

import nbformat
from nbgrader.api import Gradebook

from autograder.gradebook.address import ask_no_process
from tests.support.courses import make_course

ASSIGNMENT = "03_backprop"
POINTS = {"output_delta": 4, "hidden_delta": 4, "backward": 8}
QUESTIONS = ("a plain case", "several outputs", "one example")
HINTS = {
    "hidden-slope-missing": ("hidden_delta", "You carried the deltas back and **stopped**: $h(1 - h)$ is missing."),
    "factor-two-missing": ("output_delta", "Every entry is exactly half of what it should be."),
}


@dataclass
class Work:
    """One student's work: which functions are wrong, which mistakes were named, what became of it."""

    student: str
    first: str = ""
    last: str = ""
    wrong: tuple = ()
    mistakes: tuple = ()
    status: str = "graded"
    reason: str = ""
    repairs: tuple = ()
    written: dict = field(default_factory=dict)  # solution cell → text
    waiting: bool = False  # one cell waits to be marked by hand
    penalty: float = 0.0

    @property
    def scores(self):
        return {name: 0.0 if name in self.wrong else float(points) for name, points in POINTS.items()}


def make_graded(folder, works, only_enrolled=()):
    """A course whose class has handed in and been graded. only_enrolled: students who handed in nothing."""
    make_course(folder, [ASSIGNMENT])
    ask_no_process()
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "nn-course-lab") as gradebook:
        gradebook.add_assignment(ASSIGNMENT)
        gradebook.add_notebook(ASSIGNMENT, ASSIGNMENT)
        for name, points in POINTS.items():
            gradebook.add_grade_cell(f"test_{name}", ASSIGNMENT, ASSIGNMENT, max_score=points, cell_type="code")
        gradebook.add_grade_cell("why", ASSIGNMENT, ASSIGNMENT, max_score=4, cell_type="markdown")
        for student in only_enrolled:
            gradebook.add_student(student)
        for work in works:
            _record(gradebook, work)
    source = nbformat.read(folder / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)
    for work in works:
        _write(folder, work, source)
    return folder


def _record(gradebook, work):
    gradebook.add_student(work.student, first_name=work.first, last_name=work.last)
    with gradebook.db.no_autoflush:
        submission = gradebook.add_submission(ASSIGNMENT, work.student)
        submission.notebooks[0].late_submission_penalty = work.penalty
        for grade in submission.notebooks[0].grades:
            failed = work.status == "could not be graded"
            grade.auto_score = None if failed else work.scores.get(grade.name.removeprefix("test_"), 0.0)
            grade.needs_manual_grade = failed or (grade.name == "why" and work.waiting)
    gradebook.db.commit()


def _write(folder, work, source):
    (folder / "submitted" / work.student / ASSIGNMENT).mkdir(parents=True)
    graded = folder / "autograded" / work.student / ASSIGNMENT
    graded.mkdir(parents=True)
    notebook = nbformat.from_dict(source)
    for cell in notebook.cells:
        info = cell.metadata.get("nbgrader", {})
        if info.get("solution"):
            cell.source = work.written.get(info["grade_id"], "raise NotImplementedError()")
    nbformat.write(notebook, graded / f"{ASSIGNMENT}.ipynb")
    cells = [] if work.status in ("could not be graded", "missing") else [_cell(work, name) for name in POINTS]
    data = {
        "student": work.student,
        "assignment": ASSIGNMENT,
        "status": work.status,
        "reason": work.reason,
        "mistakes": list(work.mistakes),
        "notebooks": [
            {"name": ASSIGNMENT, "status": work.status, "reason": work.reason, "repairs": list(work.repairs)}
        ],
    }
    data["notebooks"][0] |= {"remarks": [], "cells": cells}
    (graded / "grading.json").write_text(json.dumps(data), encoding="utf-8")


def _cell(work, name):
    outcome = "wrong" if name in work.wrong else "right"
    named = [mistake for mistake in work.mistakes if HINTS[mistake][0] == name]
    return {
        "cell": f"test_{name}",
        "function": name,
        "points": POINTS[name],
        "score": work.scores[name],
        "not_started": False,
        "questions": [_answer(question, entry, outcome) for question in QUESTIONS for entry in ("W1", "b1")],
        "mistakes": [
            {"name": each, "hint": HINTS[each][1], "assignment": ASSIGNMENT, "lesson": "The hidden step"}
            for each in named
        ],
        "remarks": [],
    }


def _answer(question, entry, outcome):
    if question == QUESTIONS[2] and entry == "W1":
        outcome = "right"  # so that one question is right in part where the function is wrong
    answer = {"question": question, "entry": entry, "outcome": outcome, "facts": [], "raised": None}
    return {**answer, "mistakes": [], "figure": None}
