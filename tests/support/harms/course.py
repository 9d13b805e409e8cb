"""The course that the harms are done in: three functions, small limits."""

import os
import shutil

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.support.courses import ROOT

ASSIGNMENT = "07_harms"
POINTS = {"double": 2, "triple": 3, "half": 1}
RIGHT = {"double": "2 * x", "triple": "3 * x", "half": "x / 2"}
# Honest cells take some milliseconds: a hundredth of what they may.
LIMITS = {
    "cell_seconds": 2.5,
    "question_seconds": 1.5,
    "notebook_seconds": 18.0,  # all starts and hidden tests together
    "cell_cpu_seconds": 6.0,
    "memory": 400 * 1024**2,
    "disk": 16 * 1024**2,
    "file_size": 8 * 1024**2,
    "files": 3_000,
    "processes": 48,
    "output_bytes": 512 * 1024,
    "outputs": 300,
    "pipe_bytes": 32 * 1024**2,
}


def make_harm_course(folder):
    """A course without submissions."""
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    with open(folder / "nbgrader_config.py", "a") as file:
        file.write(f"\nc.CourseLab.limits = {LIMITS!r}\n")
    source = folder / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    nbformat.write(_notebook(hidden=True), source / f"{ASSIGNMENT}.ipynb")
    return folder


def _notebook(hidden):
    cells = [_cell(new_markdown_cell, "title", "# Numbers", locked=True)]
    for name, points in POINTS.items():
        text = f"def {name}(x):\n    return {RIGHT[name]}"
        if hidden:
            text = f"def {name}(x):\n    ### BEGIN SOLUTION\n    return {RIGHT[name]}\n    ### END SOLUTION"
        cells.append(_cell(new_code_cell, name, text, solution=True))
        questions = f'ask("one", {name}, 4.0)\nask("a row", {name}, draw("{name}").uniform(1, 2, 3))'
        test = f"# {name}\n### BEGIN HIDDEN TESTS\nfrom helpers.questions import ask, draw\n\n{questions}\n### END HIDDEN TESTS"
        test = test if hidden else f"# {name}"
        cells.append(_cell(new_code_cell, f"test_{name}", test, grade=True, locked=True, points=points))
    cells.append(_cell(new_markdown_cell, "why", "Because.", solution=True, grade=True, points=1))
    return new_notebook(cells=cells)


def _cell(make, name, text, **info):
    info = {"grade": False, "solution": False, "locked": False, "schema_version": 3, "task": False, **info}
    return make(text, id=name.replace("_", "-"), metadata={"nbgrader": {"grade_id": name, **info}})


def hand_in(folder, student, harm=None):
    """A student's work: right, but for the harm."""
    notebook = _notebook(hidden=False)
    work = folder / "submitted" / student / ASSIGNMENT
    work.mkdir(parents=True)
    if harm is not None:
        places = {cell.metadata.nbgrader.grade_id: place for place, cell in enumerate(notebook.cells)}
        notebook.cells[places["triple"]].source = harm.triple
        if harm.cell:
            notebook.cells.insert(places["triple"], new_code_cell(harm.cell, id="harm"))
        if harm.edit:
            harm.edit(notebook)
        for name, content in harm.files.items():
            with open(os.path.join(os.fsencode(work), name), "wb") as file:
                file.write(content)
    nbformat.write(notebook, work / f"{ASSIGNMENT}.ipynb")
