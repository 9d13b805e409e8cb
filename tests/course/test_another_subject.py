"""The engine knows no course: one of another subject is graded where nothing of this course's can be imported."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.support.courses import ROOT
from tests.support.tiny_course import ASSIGNMENT, gradebook_of, hand_in, make_tiny_course

HELPERS = ("__init__", "questions", "checks", "comparing")  # what any course needs
MISTAKES = f"""
from autograder.mistakes import Catalogue

mistake = Catalogue("{ASSIGNMENT}")


@mistake("double", lesson="Twice")
def two_added(x):
    '''You added two to it. What is twice ten, and what is ten and two?'''
    return x + 2
"""


@pytest.fixture
def site(tmp_path):
    """A folder for PYTHONPATH with the autograder and the few helpers that any course needs."""
    folder = tmp_path / "site"
    shutil.copytree(ROOT / "autograder", folder / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "helpers").mkdir()
    for name in HELPERS:
        shutil.copy(ROOT / "helpers" / f"{name}.py", folder / "helpers")
    return folder


@pytest.mark.sandbox
@pytest.mark.slow
def test_a_course_of_another_subject_needs_nothing_of_this_one(site, tmp_path):
    course = make_tiny_course(tmp_path / "course")
    lines = (course / "nbgrader_config.py").read_text("utf-8").splitlines()
    kept = [line for line in lines if "judges" not in line]
    (course / "nbgrader_config.py").write_text("\n".join(kept), "utf-8")
    (course / "mistakes").mkdir()
    (course / "mistakes" / f"{ASSIGNMENT}.py").write_text(MISTAKES, "utf-8")
    hand_in(course, "eve", ("from helpers.losses import mse; return 2 * x", "return 3 * x"))
    environment = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "-P", "-m", "autograder.cli", "--course", str(course), "grade"]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr

    scores = {}
    for student, _, score, *_ in gradebook_of(course)[0]:
        scores[student] = scores.get(student, 0) + (score or 0)
    assert scores == {"ann": 5, "bob": 3, "cleo": 3, "dan": 0, "eve": 3}, "there is no helpers.losses for eve"
    page = (course / "feedback" / "bob" / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text("utf-8")
    assert 'data-mistake="two-added"' in page

    where = [sys.executable, "-P", "-c", "import autograder.cli.grade, helpers; print(helpers.__file__)"]
    said = subprocess.run(where, cwd=tmp_path, env=environment, capture_output=True, text=True).stdout.strip()
    assert said == str(site / "helpers" / "__init__.py"), "the test would have used the checkout"
