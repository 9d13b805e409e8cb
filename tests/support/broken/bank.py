"""How a case is entered into the bank: by a function that makes the bytes, the notebook or the folder handed in.

The assignment is 01_mse: three functions with 4, 6 and 6 points that are marked automatically, and a written answer.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.courses import ROOT

ASSIGNMENT = "01_mse"
NOTEBOOK = f"{ASSIGNMENT}.ipynb"
FULL = {"test_squared_errors": 4.0, "test_mse": 6.0, "test_mse_gradient": 6.0}
NOTHING = dict.fromkeys(FULL, 0.0)
GRADED, PARTLY, FAILED, MISSING = "graded", "partly graded", "could not be graded", "missing"
CASES = []


@dataclass(frozen=True)
class Case:
    """One submission, and what must come of it."""

    name: str
    what: str  # one sentence
    hand_in: Callable[[Path], None]  # makes the assignment's folder, given its path
    status: str
    marks: dict | None  # automatic marks of each test cell; None: a person is waited for
    said: str  # a regular expression that some repair, remark or reason in the feedback matches; "": nothing is said
    student: str  # the folder's name


def _enter(make, hand_in, status, said, marks, student):
    """Enter a case named after the function that makes it."""
    name = make.__name__.strip("_").replace("_", "-")
    if marks is None:
        marks = {GRADED: FULL, MISSING: NOTHING, FAILED: None}[status]
    elif status != FAILED:
        marks = {**FULL, **marks}
    CASES.append(Case(name, make.__doc__, hand_in, status, marks, said, student or name))
    return make


def file(said="", status=FAILED, marks=None, student=None):
    """A case made of the bytes of 01_mse.ipynb."""

    def enter(make):
        def hand_in(folder):
            folder.mkdir(parents=True)
            (folder / NOTEBOOK).write_bytes(make())

        return _enter(make, hand_in, status, said, marks, student)

    return enter


def notebook(said="", status=GRADED, marks=None, student=None):
    """A case made of an honest notebook that the function changes (or replaces, by returning another)."""

    def enter(make):
        def hand_in(folder):
            content = honest()
            changed = make(content)
            folder.mkdir(parents=True)
            text = json.dumps(content if changed is None else changed)
            (folder / NOTEBOOK).write_text(text, encoding="utf-8", errors="surrogatepass")

        return _enter(make, hand_in, status, said, marks, student)

    return enter


def folder(said="", status=GRADED, marks=None, student=None):
    """A case made by a function that fills the folder itself."""

    def enter(make):
        def hand_in(path):
            path.mkdir(parents=True)
            make(path)

        return _enter(make, hand_in, status, said, marks, student)

    return enter


def place(said="", status=FAILED, marks=None, student=None):
    """A case made by a function that makes the folder, or what stands in its place."""

    def enter(make):
        def hand_in(path):
            path.parent.mkdir(parents=True)
            make(path)

        return _enter(make, hand_in, status, said, marks, student)

    return enter


def honest_bytes():
    return (ROOT / "examples" / "submitted" / "all-right" / ASSIGNMENT / NOTEBOOK).read_bytes()


def honest():
    """An honest notebook with everything right, as plain data."""
    return json.loads(honest_bytes())


def cell(content, grade_id):
    """The cell of this grade id."""
    return next(each for each in content["cells"] if each["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def text(each):
    """A cell's source as one text."""
    return "".join(each["source"])


def write(content, grade_id, source):
    cell(content, grade_id)["source"] = source


def position(content, grade_id):
    return content["cells"].index(cell(content, grade_id))
