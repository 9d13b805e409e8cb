"""What takes the grader too long ends for one submission, in words, and the class goes on."""

import json
import os
import subprocess
import sys
import time

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder import budget
from autograder.budget import SECONDS, UsedUp, budgets_from
from tests.support.tiny_course import ASSIGNMENT, hand_in, make_tiny_course

# Far above what honest work takes here (some hundredths of a second), far below what the others do.
SMALL = {"reading": 0.4, "marking": 0.6, "page": 1.0, "similarity": 0.25}
HONEST = ("ann", "mia", "zoe")


def work(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_a_step_ends_where_its_budget_is_used_up_and_not_before():
    with budget.of_submission({**SECONDS, "reading": 0.05}):
        with budget.spend("reading"):
            budget.check()
        why = "reading the notebook takes the grader more than 0.05 seconds"
        with pytest.raises(UsedUp, match=why), budget.spend("reading"):
            work(0.06)
            budget.check()
    budget.check()


def test_what_was_not_looked_at_inside_is_looked_at_in_the_end():
    with pytest.raises(UsedUp), budget.of_submission({**SECONDS, "page": 0.02}), budget.spend("page"):
        work(0.03)


def test_parts_of_a_step_add_up_within_a_submission_and_not_beyond():
    for _ in range(2):
        with budget.of_submission({**SECONDS, "marking": 0.2}):
            with budget.spend("marking"):
                work(0.12)
            with pytest.raises(UsedUp), budget.spend("marking"):
                work(0.12)


def test_a_step_within_another_ends_with_it():
    with (
        budget.of_submission({**SECONDS, "marking": 0.03}),
        pytest.raises(UsedUp, match="marking"),
        budget.spend("marking"),
        budget.spend("page"),
    ):
        work(0.05)
        budget.check()


def test_waiting_costs_nothing():
    with budget.of_submission({**SECONDS, "reading": 0.05}), budget.spend("reading"):
        time.sleep(0.2)


@pytest.mark.parametrize(
    "settings", [{"readin": 3}, {"page": 0}, {"page": "3"}, {"page": True}, {"page": float("nan")}]
)
def test_a_budget_that_is_none_is_refused_by_name(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        budgets_from(settings)


# A class.


def path_of(folder, student, step="submitted", name=f"{ASSIGNMENT}.ipynb"):
    return folder / step / student / ASSIGNMENT / name


def with_extra(folder, student, *cells):
    hand_in(folder, student, ("return 2 * x", "return 3 * x"))
    notebook = nbformat.read(path_of(folder, student), as_version=4)
    notebook.cells += cells
    nbformat.write(notebook, path_of(folder, student))


def slow_to_read(folder):
    hand_in(folder, "reads-long")
    file = path_of(folder, "reads-long")
    keys = ",".join(f'"{number}":[]' for number in range(1_500_000))
    file.write_text('{"x": {' + keys + "}," + file.read_text().lstrip()[1:])


def slow_to_mark(folder):
    shows = "from IPython.display import HTML, display\nfor _ in range(2):\n    display(HTML('<b>&</b>' * 220_000))"
    with_extra(folder, "marks-long", new_code_cell(shows))


def slow_to_show(folder):
    with_extra(folder, "shows-long", *[new_markdown_cell("$x^2$ " * 4_000) for _ in range(6)])


def slow_to_compare(folder):
    hand_in(folder, "compares-long", ("return 2 * x", "return 3 * x"))
    hand_in(folder, "too-long-to-compare", ("return 2 * x" + "\n    x + x + x" * 12_000, "return 3 * x"))


def command(folder, *arguments):
    line = [sys.executable, "-m", "autograder.cli", "--course", str(folder), *arguments]
    return subprocess.run(line, capture_output=True, text=True, env={**os.environ, "PYTHONUTF8": "1"})


@pytest.fixture(scope="module")
def graded(tmp_path_factory, key_cache):
    """(a course with submissions that take too long between honest ones, what was said, the honest ones alone)."""
    alone = make_tiny_course(tmp_path_factory.mktemp("alone") / "course", HONEST, key_cache)
    mixed = make_tiny_course(tmp_path_factory.mktemp("mixed") / "course", HONEST, key_cache)
    for enter in (slow_to_read, slow_to_mark, slow_to_show, slow_to_compare):
        enter(mixed)
    with open(mixed / "nbgrader_config.py", "a") as file:
        file.write(f"\nc.CourseLab.budgets = {SMALL!r}\n")
    done = command(alone, "grade", "--jobs", "2", "--quiet")
    assert done.returncode == 0, done.stderr
    return mixed, command(mixed, "grade", "--jobs", "2", "--quiet"), alone


def grading(folder, student):
    return json.loads(path_of(folder, student, "autograded", "grading.json").read_text())


@pytest.mark.sandbox
@pytest.mark.slow
@pytest.mark.parametrize(
    ("student", "why"),
    [
        ("reads-long", "reading the notebook takes the grader more than 0.4"),
        ("marks-long", "marking takes the grader more than 0.6"),
    ],
)
def test_a_submission_that_takes_too_long_could_not_be_graded_and_is_told_why(student, why, graded):
    folder, done, _ = graded
    told = grading(folder, student)
    assert told["status"] == "could not be graded" and why in told["reason"]
    assert f"{student}/{ASSIGNMENT} could not be graded: {why}" in done.stderr
    assert why[1:] in path_of(folder, student, "feedback", f"{ASSIGNMENT}.html").read_text()


@pytest.mark.sandbox
@pytest.mark.slow
def test_a_page_that_takes_too_long_holds_the_marks_and_says_why_there_is_no_more(graded):
    folder, done, _ = graded
    assert grading(folder, "shows-long")["status"] == "graded"
    page = path_of(folder, "shows-long", "feedback", f"{ASSIGNMENT}.html").read_text()
    assert (
        "Your notebook is not shown here:" in page
        and "showing the notebook takes the grader more than 1 seconds" in page
    )
    assert "<strong>5</strong> of 5 points" in page and page.count('class="verdict"') == 2 and "<math" not in page
    assert "shows-long" in done.stderr


@pytest.mark.sandbox
@pytest.mark.slow
def test_honest_neighbours_get_what_they_get_alone(graded):
    folder, done, alone = graded
    assert done.returncode == 1 and "Traceback" not in done.stderr
    for student in HONEST:
        for step, name in (("feedback", f"{ASSIGNMENT}.html"), ("autograded", f"{ASSIGNMENT}.ipynb")):
            same = path_of(alone, student, step, name).read_bytes()
            assert path_of(folder, student, step, name).read_bytes() == same, (student, step)


@pytest.mark.sandbox
@pytest.mark.slow
def test_what_takes_too_long_to_compare_is_named_in_the_report_and_the_others_are_compared(graded):
    folder, *_ = graded
    file = path_of(folder, "compares-long", "autograded")
    notebook = nbformat.read(file, as_version=4)
    notebook.cells[1].source += "\n#" * 4_000_000  # so much would keep the sandbox busy before
    file.write_text(nbformat.writes(notebook))
    (section,) = json.loads(command(folder, "report", "--json", "--output", "-").stdout)["assignments"]
    reasons = {item["student"]: item["reason"] for item in section["not_compared"]}
    assert set(reasons) == {"compares-long", "too-long-to-compare"}
    assert "comparing it with the class takes more than 0.25 seconds" in reasons["compares-long"]
    assert "more than 50,000 words and signs" in reasons["too-long-to-compare"]
    page = command(folder, "report", "--output", "-").stdout
    assert "Not compared with the others" in page and "<strong>compares-long</strong>" in page
    assert "not compared" in command(folder, "report", "--csv", "--output", "-").stdout


@pytest.mark.sandbox
@pytest.mark.slow
def test_what_took_too_long_is_tried_again_when_it_may_take_longer(graded):
    folder, *_ = graded
    config = folder / "nbgrader_config.py"
    before = config.read_text()
    config.write_text(before.replace(repr(SMALL), "{}"))
    done = command(folder, "grade", "--jobs", "2", "--quiet")
    config.write_text(before)
    assert done.returncode == 0, done.stderr
    assert {grading(folder, student)["status"] for student in ("reads-long", "marks-long")} == {"graded"}
