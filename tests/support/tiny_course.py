"""A course of one small assignment, two functions and a written answer, for tests that grade a class many times."""

import shutil
import sqlite3
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.notebook.rebuild import without_hidden
from tests.support.courses import ROOT

ASSIGNMENT = "06_doubling"

# student → the text of `double`, of `triple`, and the points for both together
CLASS = {
    "ann": ("return 2 * x", "return double(x) + x", 5),
    "bob": ("return 2 + x", "return double(x) + x", 3),
    "cleo": ("raise ValueError('no')", "return 3 * x", 3),
    "dan": ("raise NotImplementedError", "raise NotImplementedError", 0),
}


def tiny_notebook(double="return 2 * x", triple="return 3 * x", question="a row"):
    """The instructor's notebook with these bodies; `question` names one of the hidden questions."""
    return new_notebook(
        cells=[
            _cell(new_markdown_cell, "title", "# Doubling", locked=True),
            _function("double", double),
            _test("double", 2, f'ask("one", double, 4.0)\nask("{question}", double, rng.uniform(1, 2, 3))'),
            _function("triple", triple),
            _test("triple", 3, 'ask("one", triple, 4.0)\nask("a row", triple, rng.uniform(1, 2, 3))'),
            _cell(new_markdown_cell, "why", "Because.", solution=True, grade=True, points=1),
        ]
    )


def _function(name, body):
    text = f"def {name}(x):\n    ### BEGIN SOLUTION\n    {body}\n    ### END SOLUTION"
    return _cell(new_code_cell, name, text, solution=True)


def _test(name, points, questions):
    hidden = f'from helpers.questions import ask, draw\n\nrng = draw("{name}")\n{questions}'
    text = f"print({name}(1))\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
    return _cell(new_code_cell, f"test_{name}", text, grade=True, locked=True, points=points)


def _cell(make, name, text, **info):
    info = {"grade": False, "solution": False, "locked": False, "schema_version": 3, "task": False, **info}
    return make(text, id=name.replace("_", "-"), metadata={"nbgrader": {"grade_id": name, **info}})


def make_tiny_course(folder, students=CLASS, keys=None, assignment=ASSIGNMENT):
    """A course with these students' work. keys: a folder with cached answer keys, shared by several courses."""
    write(folder / "source" / assignment / f"{assignment}.ipynb", tiny_notebook())
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    for student in students:
        hand_in(folder, student, assignment=assignment)
    if keys is not None:
        (folder / ".autograder").mkdir(mode=0o700)
        (folder / ".autograder" / "keys").symlink_to(keys)
    return folder


def hand_in(folder, student, bodies=None, assignment=ASSIGNMENT):
    """Put a student's notebook, with these bodies of the two functions, into submitted/."""
    double, triple = bodies or CLASS.get(student, CLASS["ann"])[:2]
    notebook = tiny_notebook(double, triple)
    for cell in notebook.cells:
        lines = without_hidden(cell.source).split("\n")
        cell.source = "\n".join(line for line in lines if "SOLUTION" not in line)
    write(folder / "submitted" / student / assignment / f"{assignment}.ipynb", notebook)


def write(path, notebook):
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


# What a course holds after grading.


def files_of(folder, parts=("autograded", "feedback", "marks.csv")):
    """name → bytes of all that grading wrote, the gradebook aside."""
    paths = [path for part in parts for path in [folder / part, *Path(folder / part).rglob("*")]]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths if path.is_file()}


def gradebook_of(folder):
    """The marks and comments in the gradebook, sorted, after a check that it is sound and nothing is there twice."""
    with sqlite3.connect(f"file:{folder}/gradebook.db?mode=rw", uri=True) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        one_each = {
            "submitted_assignment": "assignment_id, student_id",
            "submitted_notebook": "assignment_id, notebook_id",
            "grade": "notebook_id, cell_id",
            "comment": "notebook_id, cell_id",
        }
        for table, columns in one_each.items():
            if database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [table]).fetchall():
                twice = f"SELECT {columns} FROM {table} GROUP BY {columns} HAVING count(*) > 1"
                assert database.execute(twice).fetchall() == []
        return [sorted(database.execute(query).fetchall(), key=str) for query in (_GRADES, _COMMENTS)]


_WHOSE = """
    JOIN base_cell ON base_cell.id = {0}.cell_id
    JOIN submitted_notebook ON submitted_notebook.id = {0}.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
"""
_GRADES = (
    "SELECT student_id, base_cell.name, auto_score, manual_score, extra_credit, needs_manual_grade FROM grade"
    + _WHOSE.format("grade")
)
_COMMENTS = "SELECT student_id, base_cell.name, auto_comment, manual_comment FROM comment" + _WHOSE.format("comment")


def mark_by_hand(folder, student, cell, score, comment, assignment=ASSIGNMENT):
    """What a person does in the Formgrader: a score and a comment of their own."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        grade = gradebook.find_grade(cell, assignment, assignment, student)
        grade.manual_score, grade.needs_manual_grade = score, False
        solution = cell.removeprefix("test_")
        gradebook.find_comment(solution, assignment, assignment, student).manual_comment = comment
        gradebook.db.commit()
