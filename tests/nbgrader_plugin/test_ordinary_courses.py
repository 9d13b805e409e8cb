"""A course with ordinary assert-based hidden tests grades beside ours: nbgrader's own documentation course."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbgrader
import pytest
from nbgrader.api import Gradebook

from tests.support.courses import ROOT

USER_GUIDE = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide"
BIN = Path(sys.executable).parent
pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


def documentation_course(folder, config):
    folder.mkdir()
    for part in ("source", "submitted"):
        shutil.copytree(USER_GUIDE / part, folder / part)
    shutil.rmtree(folder / "source" / "ps1_autotest")
    (folder / "nbgrader_config.py").write_text(config)
    return folder


def run(folder, *command):
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    succeeded(subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True))


def succeeded(done):
    assert done.returncode == 0, f"{done.args}: {done.stdout[-2000:]}{done.stderr[-4000:]}"


def grades(folder):
    """(student, notebook, cell) → (automatic score, most points, whether a person is waited for)"""
    found = {}
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        for submission in gradebook.assignment_submissions("ps1"):
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    key = (submission.student_id, notebook.name, grade.name)
                    found[key] = (grade.auto_score, grade.max_score, bool(grade.needs_manual_grade))
    return found


def raw_scores(found):
    totals = {}
    for (student, _, _), (score, _, _) in found.items():
        totals[student] = totals.get(student, 0) + (score or 0)
    return totals


@pytest.fixture(scope="module")
def stock(tmp_path_factory):
    """What nbgrader gives by itself: its own preprocessors, kernels and no sandbox."""
    folder = documentation_course(tmp_path_factory.mktemp("stock") / "course", "c = get_config()\n")
    run(folder, BIN / "nbgrader", "generate_assignment", "ps1")
    run(folder, BIN / "nbgrader", "autograde", "ps1")
    return grades(folder)


def test_the_documentation_course_gets_its_known_marks(stock):
    assert raw_scores(stock) == {"bitdiddle": 1.5, "hacker": 3.0}


def test_nbgrader_autograde_through_our_configuration_gives_the_same_cells(stock, warm, tmp_path):
    folder = documentation_course(tmp_path / "course", (ROOT / "nbgrader_config.py").read_text())
    succeeded(warm.run(folder, "nbgrader", "generate_assignment", "ps1"))
    succeeded(warm.run(folder, "nbgrader", "autograde", "ps1"))
    assert grades(folder) == stock


def test_autograder_grade_gives_the_same_cells(stock, warm, tmp_path):
    folder = documentation_course(tmp_path / "course", (ROOT / "nbgrader_config.py").read_text())
    succeeded(warm.run(folder, "autograder", "grade", "ps1"))
    assert grades(folder) == stock
    page = (folder / "feedback" / "bitdiddle" / "ps1" / "problem1.html").read_text()
    assert "BEGIN HIDDEN TESTS" not in page
