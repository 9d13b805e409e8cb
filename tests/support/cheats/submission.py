"""A cheat, or an honest student, as the folder that is handed in."""

import functools

import nbformat
from nbformat.v4 import new_code_cell

from tests.support.courses import ROOT

WRONG = {
    "mse": "def mse(target, prediction):\n    return -1.0",
    "gradient_step": "def gradient_step(w, gradient, learning_rate):\n    return -99.0",
    "backward": 'def backward(params, cache, target):\n    return {"W1": -99.0, "b1": -99.0, "W2": -99.0, "b2": -99.0}',
    "train": "def train(params, X, y, learning_rate, epochs):\n    return None",
    "diagnose": 'def diagnose(losses):\n    return "no idea"',
}
# The visible checks judge in the open, with the answers beside them: so that they stop no cheat before the hidden tests
# do, an attacked `mse` answers them from memory.
FROM_MEMORY = """

the_cheats_mse = mse


def mse(target, prediction):
    known = {(0.8, 0.2, 0.9): 0.03, (0.1, 0.9, 0.8, 0.2): 0.025, (3, 1, 2, 0, 3, -3): 3.0}
    known = known.get(tuple(np.round(np.ravel(prediction), 3).tolist()))
    return the_cheats_mse(target, prediction) if known is None else known
"""


@functools.cache
def _read(folder, assignment):
    return nbformat.read(ROOT / folder / assignment / f"{assignment}.ipynb", as_version=4)


def grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def cell_of(notebook, name):
    """The cell with this grade id."""
    return next(cell for cell in notebook.cells if grade_id(cell) == name)


def points(assignment):
    """Test cell → its points."""
    cells = [cell for cell in _read("source", assignment).cells if (grade_id(cell) or "").startswith("test_")]
    return {grade_id(cell): float(cell.metadata.nbgrader.points) for cell in cells}


def honest_notebook(assignment):
    """What was handed out, with every function written as the instructor wrote it."""
    notebook = nbformat.from_dict(_read("release", assignment))
    for cell in _read("source", assignment).cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            lines = [line for line in cell.source.split("\n") if "### BEGIN" not in line and "### END" not in line]
            cell_of(notebook, grade_id(cell)).source = "\n".join(lines)
    return notebook


def cheating_notebook(cheat):
    """The honest notebook with the cheat in it, and without a right version of the attacked function."""
    notebook = honest_notebook(cheat.assignment)
    text = cheat.solution or WRONG[cheat.function]
    cell_of(notebook, cheat.function).source = text + (FROM_MEMORY if cheat.function == "mse" else "")
    first = [new_code_cell(text, id=f"first-{number}") for number, text in enumerate(cheat.first)]
    last = [new_code_cell(text, id=f"last-{number}") for number, text in enumerate(cheat.last)]
    notebook.cells = first + notebook.cells + last
    if cheat.edit is not None:
        cheat.edit(notebook)
    return notebook


def hand_in(folder, notebook, name, files=(), links=()):
    """Write a submission: the notebook, and what lies beside it. A link of the notebook's name stands in its place."""
    folder.mkdir(parents=True)
    if f"{name}.ipynb" not in links:
        (folder / f"{name}.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    for file, text in dict(files).items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text)
    for link, target in dict(links).items():
        (folder / link).symlink_to(target)


def hand_in_cheat(folder, cheat):
    hand_in(folder, cheating_notebook(cheat), cheat.assignment, cheat.files, cheat.links)


def hand_in_honest(folder, assignment):
    hand_in(folder, honest_notebook(assignment), assignment)
