"""release/ is what nbgrader makes of source/, and gives nothing away."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.notebook import rebuild
from tests.support.courses import ROOT, make_course
from tests.support.hidden_cells import hidden_text

ASSIGNMENTS = sorted(path.name for path in (ROOT / "source").iterdir())
BIN = Path(sys.executable).parent


def released(assignment, root=ROOT):
    return root / "release" / assignment / f"{assignment}.ipynb"


@pytest.fixture(scope="module")
def made_again(tmp_path_factory):
    folder = make_course(tmp_path_factory.mktemp("release") / "course", ASSIGNMENTS)
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run([BIN / "autograder", "release"], cwd=folder, env=environment, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_committed_release_is_in_step_with_its_source(made_again, assignment):
    assert released(assignment, made_again).read_text() == released(assignment).read_text(), "run `make release`"


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_release_holds_no_solution_no_hidden_question_and_no_output(assignment):
    source = nbformat.read(ROOT / "source" / assignment / f"{assignment}.ipynb", as_version=4)
    release = nbformat.read(released(assignment), as_version=4)
    text = "\n".join(cell.source for cell in release.cells)
    lines = {line.strip() for line in text.split("\n")}
    assert hidden_text(source) and not hidden_text(source) & lines
    assert not re.search(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS)|\bask\(|helpers\.questions", text)
    for cell in source.cells:
        if cell.cell_type == "code" and rebuild.is_students(cell):
            solution = cell.source.split("BEGIN SOLUTION")[1].split("END SOLUTION")[0].split("\n")
            code = {line.strip() for line in solution if len(line.strip()) > 15}
            assert not code & lines, f"{rebuild.grade_id(cell)} shows its solution"
    assert all(not cell.get("outputs") for cell in release.cells)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_points_add_up_to_20(assignment):
    source = nbformat.read(ROOT / "source" / assignment / f"{assignment}.ipynb", as_version=4)
    points = [cell.metadata.nbgrader.points for cell in source.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert sum(points) == 20


@pytest.mark.slow
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_release_runs_from_top_to_bottom_and_stops_only_where_work_is_to_be_done(assignment, tmp_path):
    shutil.copy(released(assignment), tmp_path)
    notebook = nbformat.read(tmp_path / f"{assignment}.ipynb", as_version=4)
    NotebookClient(notebook, timeout=60, allow_errors=True, resources={"metadata": {"path": str(tmp_path)}}).execute()
    errors = [
        o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs if o.output_type == "error"
    ]
    assert errors and {error.ename for error in errors} == {"NotImplementedError"}


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_samples_are_made_from_todays_release(assignment):
    """A sample submission holds every locked cell as it is released now."""
    sample = ROOT / "examples" / "submitted" / "all-right" / assignment / f"{assignment}.ipynb"
    ours = {
        rebuild.grade_id(c): c.source
        for c in nbformat.read(released(assignment), as_version=4).cells
        if not rebuild.is_students(c)
    }
    theirs = {
        rebuild.grade_id(c): c.source for c in nbformat.read(sample, as_version=4).cells if not rebuild.is_students(c)
    }
    assert theirs == ours, "run examples/make_examples.py"
