"""`ready()`: says "ready to hand in" of what is, names what to mend of what is not, and agrees with `nbgrader validate`."""

import json
import shutil
import sys
from pathlib import Path

import nbformat
import pytest

from helpers.ready import HANDED_OUT, TRAVELS, fingerprint, ready
from tests.support.courses import ROOT

NAME = "01_mse"
BIN = Path(sys.executable).parent
RELEASED = ROOT / "release" / NAME / f"{NAME}.ipynb"
SOLUTIONS = {
    "squared_errors": "def squared_errors(target, prediction):\n    return (prediction - target) ** 2",
    "mse": "def mse(target, prediction):\n    return float(np.mean(squared_errors(target, prediction)))",
    "mse_gradient": "def mse_gradient(target, prediction):\n    return 2 * (prediction - target) / prediction.size",
    "why_square": "Signed errors cancel, and large ones should weigh more; besides, the square is smooth.",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hand_over(folder, change=lambda notebook: None, solutions=SOLUTIONS, number=True):
    """Write a solved notebook into the folder, changed by `change`."""
    notebook = nbformat.read(RELEASED, as_version=4)
    count = 0
    for cell in notebook.cells:
        cell.source = solutions.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
        if cell.cell_type == "code" and number:
            count += 1
            cell.execution_count = count
    change(notebook)
    nbformat.write(notebook, folder / f"{NAME}.ipynb")
    return notebook


def cell_of(notebook, grade_id):
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def validates(warm, folder):
    """Whether `nbgrader validate` is content with the notebook."""
    run = warm.run(folder, "nbgrader", "validate", f"{NAME}.ipynb")
    assert run.returncode == 0, run.stderr
    return "Success! Your notebook passes all the tests." in run.stdout


def edited(grade_id, source):
    def change(notebook):
        cell_of(notebook, grade_id).source = source

    return change


def without(grade_id):
    def change(notebook):
        notebook.cells.remove(cell_of(notebook, grade_id))

    return change


NOT_READY = {  # what is wrong → (change, what is said)
    "a wrong answer": (
        edited("mse", "def mse(target, prediction):\n    return float(np.sum(squared_errors(target, prediction)))"),
        "The check in “test_mse” fails",
    ),
    "a function forgotten": (
        lambda nb: setattr(
            cell_of(nb, "mse_gradient"),
            "source",
            cell_of(nbformat.read(RELEASED, as_version=4), "mse_gradient").source,
        ),
        "“mse_gradient” is still as it was handed out.",
    ),
    "a written answer forgotten": (
        lambda nb: setattr(
            cell_of(nb, "why_square"), "source", cell_of(nbformat.read(RELEASED, as_version=4), "why_square").source
        ),
        "“why_square” is still as it was handed out.",
    ),
    "a check changed": (edited("test_mse", "pass"), "The check in “test_mse” was changed."),
    "a syntax error": (edited("mse", "def mse(target, prediction)\n    return 0"), "“mse” stops with SyntaxError"),
    "needs what was deleted": (
        edited("mse", "def mse(target, prediction):\n    return float(np.mean(squares_of_mine(target, prediction)))"),
        "NameError",
    ),
}


@pytest.mark.slow
def test_a_solved_notebook_is_ready_and_validates(folder, warm):
    hand_over(folder)
    report = ready(NAME)
    assert report.is_ready and not report.remarks, str(report)
    assert str(report) == f"✓ {NAME}.ipynb is ready to hand in."
    assert validates(warm, folder)


@pytest.mark.slow
@pytest.mark.parametrize("what", NOT_READY)
def test_what_is_not_ready_is_named_and_validate_agrees(folder, warm, what):
    change, said = NOT_READY[what]
    hand_over(folder, change)
    before = (folder / f"{NAME}.ipynb").read_bytes()
    report = ready(NAME)
    assert not report.is_ready
    assert any(said in problem for problem in report.problems), str(report)
    assert (folder / f"{NAME}.ipynb").read_bytes() == before
    assert not validates(warm, folder)


@pytest.fixture
def quick(monkeypatch):
    """Without the fresh run, for what can be seen in the file alone."""
    monkeypatch.setattr("helpers.ready._run_afresh", lambda path, cells, report: None)


def test_a_missing_and_a_doubled_cell_are_named(folder, quick):
    hand_over(folder, without("test_mse"))
    assert any("“test_mse” is missing" in problem for problem in ready(NAME).problems)
    hand_over(folder, lambda nb: nb.cells.append(nbformat.from_dict(cell_of(nb, "mse"))))
    assert any("“mse” is there 2 times" in problem for problem in ready(NAME).problems)


def test_cells_run_in_another_order_or_not_at_all_are_remarked(folder, quick):
    def backwards(notebook):
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        code[1].execution_count, code[2].execution_count = 9, 3

    hand_over(folder, backwards)
    report = ready(NAME)
    assert report.is_ready and any("another order" in remark for remark in report.remarks)
    hand_over(folder, number=False)
    assert any("have not been run" in remark for remark in ready(NAME).remarks)


def test_files_that_will_not_travel_are_named(folder, quick):
    (folder / "mine.py").write_text("half = 0.5\n")
    (folder / "numbers.csv").write_text("1,2\n")
    (folder / "numbers.xlsx").write_bytes(b"x")
    elsewhere = folder / "elsewhere" / "data.csv"
    elsewhere.parent.mkdir()
    elsewhere.write_text("1\n")
    source = f"from mine import half\n%matplotlib inline\nopen('numbers.csv')\nopen('numbers.xlsx')\nopen({str(elsewhere)!r})"
    hand_over(folder, lambda nb: nb.cells.append(nbformat.v4.new_code_cell(source, execution_count=99)))
    report = ready(NAME)
    assert any("imports mine.py" in remark for remark in report.remarks)
    assert any("needs numbers.csv" in remark for remark in report.remarks)
    assert any("numbers.xlsx" in problem for problem in report.problems)
    assert any(str(elsewhere) in problem and "will not travel" in problem for problem in report.problems)


def test_the_files_that_travel_are_those_that_grading_takes_along():
    from autograder.course.settings import CourseLab

    assert CourseLab().companions == TRAVELS


def test_no_file_and_a_broken_file_are_said(folder):
    assert str(ready(NAME)).endswith("run this cell there.")
    (folder / "01_mse-Copy1.ipynb").write_text("{}")
    for name in (NAME, f"{NAME}.ipynb"):
        said = str(ready(name))
        assert "There is no 01_mse.ipynb" in said and said.endswith("Here are: 01_mse-Copy1.ipynb.")
    (folder / "01_mse-Copy1.ipynb").unlink()
    (folder / f"{NAME}.ipynb").write_text("{")
    assert "cannot be read as a notebook" in str(ready(NAME))


@pytest.mark.slow
def test_an_endless_cell_is_named(folder, monkeypatch):
    monkeypatch.setattr("helpers.fresh_run.SECONDS", 2)
    from helpers.fresh_run import failures

    hand_over(folder, edited("mse", "while True:\n    pass"))
    notebook = nbformat.read(folder / f"{NAME}.ipynb", as_version=4)
    found = failures(folder / f"{NAME}.ipynb")
    assert notebook.cells[found[0]["index"]].source.startswith("while True")
    assert found[0]["name"] == "TimeoutError"


def test_what_is_compared_is_in_step_with_the_release():
    handed_out = json.loads(HANDED_OUT.read_text())
    for path in sorted((ROOT / "release").glob("*/*.ipynb")):
        cells = [cell for cell in nbformat.read(path, as_version=4).cells if "nbgrader" in cell.metadata]
        assert [given["id"] for given in handed_out[path.stem]] == [cell.metadata.nbgrader.grade_id for cell in cells]
        assert [given["fingerprint"] for given in handed_out[path.stem]] == [fingerprint(cell.source) for cell in cells]
    assert shutil.which("nbgrader", path=str(BIN))


@pytest.mark.slow
def test_the_report_shows_itself_without_running_what_it_quotes(folder):
    hand_over(folder, edited("mse", 'def mse(target, prediction):\n    raise ValueError("<script>alert(1)</script>")'))
    report = ready(NAME)
    assert "<script>" not in report._repr_html_() and "&lt;script&gt;" in report._repr_html_()
