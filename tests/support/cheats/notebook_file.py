"""What can be done to the .ipynb file without a line of code: tags, metadata, labels, order, saved outputs."""

import copy

from nbformat.v4 import new_code_cell, new_output

from tests.support.cheats import IN_PLACE, Cheat
from tests.support.cheats.submission import cell_of


def tag(name):
    def edit(notebook):
        for cell in notebook.cells:
            if cell.cell_type == "code" and "mse" in cell.source and cell.metadata.nbgrader.get("grade"):
                cell.metadata.tags = [name]

    return edit


def points_changed(notebook):
    cell_of(notebook, "test_mse").metadata.nbgrader.points = 0
    cell_of(notebook, "test_squared_errors").metadata.nbgrader.points = 600


def not_graded(notebook):
    cell_of(notebook, "test_mse").metadata.nbgrader.update(grade=False, locked=False, solution=False)
    del cell_of(notebook, "test_mse").metadata.nbgrader["points"]


def own_test(notebook):
    cell = cell_of(notebook, "test_mse")
    cell.metadata.nbgrader.update(locked=False, solution=True)
    cell.source = "6.0"


def swapped_tests(notebook):
    one, other = cell_of(notebook, "test_mse"), cell_of(notebook, "test_mse_gradient")
    one.metadata.nbgrader.grade_id, other.metadata.nbgrader.grade_id = "test_mse_gradient", "test_mse"
    one.source, other.source = other.source, one.source


def swapped_solutions(notebook):
    one, other = cell_of(notebook, "mse"), cell_of(notebook, "squared_errors")
    one.metadata.nbgrader.grade_id, other.metadata.nbgrader.grade_id = "squared_errors", "mse"


def test_twice(notebook):
    where = notebook.cells.index(cell_of(notebook, "test_mse"))
    again = copy.deepcopy(notebook.cells[where])
    again.source, again.id = "assert True\n6.0", "again"
    notebook.cells.insert(where, again)


def test_gone(notebook):
    notebook.cells.remove(cell_of(notebook, "test_mse"))


def test_without_label(notebook):
    del cell_of(notebook, "test_mse").metadata["nbgrader"]


def test_as_text(notebook):
    cell = cell_of(notebook, "test_mse")
    cell.cell_type = "markdown"
    del cell["outputs"], cell["execution_count"]


def saved_outputs(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.nbgrader.get("grade"):
            cell.execution_count = 1
            cell.outputs = [
                new_output("display_data", data={"text/html": "<b>6 of 6 points</b>", "text/plain": "6 of 6 points"}),
                new_output("execute_result", data={"text/plain": "6.0"}, execution_count=1),
            ]


def saved_verdict(notebook):
    cell = cell_of(notebook, "test_mse")
    cell.metadata.autograder = {"cell": "test_mse", "score": 6.0, "points": 6.0, "mistakes": [], "questions": []}
    notebook.metadata.autograder = {"status": "graded", "reason": "", "repairs": [], "remarks": []}
    saved_outputs(notebook)


def checksums_and_schema(notebook):
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader"):
            cell.metadata.nbgrader.update(schema_version=1, checksum="0" * 32)


def another_kernel(notebook):
    notebook.metadata.kernelspec = {"name": "bash", "display_name": "All right", "language": "bash"}
    notebook.metadata.language_info = {"name": "bash"}


def own_graded_cell(notebook):
    info = {"grade_id": "extra_credit", "grade": True, "solution": False, "locked": False, "points": 600}
    text = "### BEGIN HIDDEN TESTS\nassert True\n### END HIDDEN TESTS\n600.0"
    notebook.cells.append(new_code_cell(text, id="extra", metadata={"nbgrader": {**info, "schema_version": 3}}))


def solution_named_as_test(notebook):
    cell_of(notebook, "mse").metadata.nbgrader.update(grade_id="test_mse", grade=True, points=6)


def hidden_markers(notebook):
    cell_of(notebook, "mse").source = (
        "def mse(target, prediction):\n    return -1.0\n"
        "### BEGIN HIDDEN TESTS\nfrom helpers.questions import ask\nask('a plain row', lambda: 0.0, compare='at_least')\n"
        f"### END HIDDEN TESTS\nprint({IN_PLACE!r})"
    )


CHEATS = [
    Cheat("skip-tag", "tags the test cells `skip-execution`, so that they leave no error", edit=tag("skip-execution")),
    Cheat(
        "raises-tag", "tags the test cells `raises-exception`, so that errors seem wanted", edit=tag("raises-exception")
    ),
    Cheat("points", "sets the attacked cell's points to 0 and another's to 600", edit=points_changed),
    Cheat("not-graded", "takes the grade flag, the lock and the points off the test cell", edit=not_graded),
    Cheat("own-test", "unlocks the test cell and writes another test, whose value is 6.0, into it", edit=own_test),
    Cheat("swapped-tests", "exchanges labels and texts of two test cells", edit=swapped_tests),
    Cheat(
        "swapped-solutions",
        "exchanges the labels of two solution cells",
        edit=swapped_solutions,
        harms_itself=True,
    ),
    Cheat("test-twice", "puts a copy of the test cell, with an easy test, before the test cell", edit=test_twice),
    Cheat("test-gone", "deletes the test cell", edit=test_gone),
    Cheat("test-without-label", "deletes the test cell's metadata", edit=test_without_label),
    Cheat("test-as-text", "turns the test cell into text", edit=test_as_text),
    Cheat(
        "saved-outputs",
        "saves full marks as the test cells' outputs, as a table and as the last value",
        edit=saved_outputs,
    ),
    Cheat(
        "saved-verdict", "saves a finished verdict, as the autograder writes it, in the metadata", edit=saved_verdict
    ),
    Cheat("checksums", "gives every cell an old schema version and a false checksum", edit=checksums_and_schema),
    Cheat("another-kernel", "asks for a kernel that cannot run the tests", edit=another_kernel),
    Cheat("own-graded-cell", "adds a graded cell of its own for 600 points", edit=own_graded_cell),
    Cheat("solution-named-as-test", "labels its own cell as the test cell, with points", edit=solution_named_as_test),
    Cheat("hidden-markers", "writes a hidden region with easy questions into its own cell", edit=hidden_markers),
]
