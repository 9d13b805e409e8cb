"""Makes the sample submissions in examples/submitted/ from source/ and the classes in examples/classes/.

    python examples/make_examples.py

Each submission is the released notebook (made here by nbgrader's own preprocessors, so its cells are locked and have
checksums) with what the student wrote in place of "YOUR CODE HERE". Running this again changes nothing.

To add an assignment: write examples/classes/<name>.py with CLASS and TAMPERED, and enter it in ASSIGNMENTS.
"""

import copy
import textwrap
from pathlib import Path

import nbformat
from classes import backprop, gradient_descent, hyperparameters, mse, training_loop
from nbgrader.preprocessors import ClearHiddenTests, ClearOutput, ClearSolutions, ComputeChecksums, LockCells

COURSE = Path(__file__).resolve().parent.parent
SUBMITTED = COURSE / "examples" / "submitted"

ASSIGNMENTS = {
    "01_mse": mse,
    "02_gradient_descent": gradient_descent,
    "03_backprop": backprop,
    "04_training_loop": training_loop,
    "05_hyperparameters": hyperparameters,
}

# In the order of `nbgrader generate_assignment`.
RELEASE_STEPS = (LockCells, ClearSolutions, ClearOutput, ClearHiddenTests, ComputeChecksums)

STUB = "# YOUR CODE HERE\n{indent}raise NotImplementedError()"


def released(assignment):
    """The student version of an assignment's notebook."""
    notebook = nbformat.read(COURSE / "source" / assignment / f"{assignment}.ipynb", as_version=4)
    for step in RELEASE_STEPS:
        notebook, _ = step().preprocess(notebook, {})
    return notebook


def fill_in(notebook, written):
    """Put what a student wrote, {grade id: text}, into the solution cells.

    Raises ValueError for a grade id that the notebook does not have.
    """
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    for grade_id, text in written.items():
        if grade_id not in cells:
            raise ValueError(f"there is no cell {grade_id!r} to write into")
        cells[grade_id].source = filled(cells[grade_id].source, textwrap.dedent(text).strip(), grade_id)


def filled(source, text, function):
    """A solution cell's source with the student's text in it, in place of the stub or of everything."""
    before, marker, _ = source.partition("# YOUR CODE HERE")
    if not marker or f"def {function}(" in text:
        return text
    indent = before.rpartition("\n")[2]
    return source.replace(STUB.format(indent=indent), textwrap.indent(text, indent).lstrip())


def make(assignment, students):
    """Write one submission for each student of a class. Returns the paths."""
    empty = released(assignment)
    paths = []
    for student, written in students.CLASS.items():
        notebook = copy.deepcopy(empty)
        fill_in(notebook, written)
        if student in students.TAMPERED:
            students.TAMPERED[student](notebook)
        path = SUBMITTED / student / assignment / f"{assignment}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        paths.append(path)
    return paths


if __name__ == "__main__":
    for assignment, students in ASSIGNMENTS.items():
        print(f"{assignment}: {len(make(assignment, students))} submissions in {SUBMITTED.relative_to(COURSE)}")
