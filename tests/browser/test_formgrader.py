"""Formgrader in JupyterLab: grading, marking by hand and feedback by its buttons do what `autograder grade` does."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import expect

from tests.support.servers import START, Lab

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.sandbox]
ASSIGNMENT = "01_mse"
SLIP, FINE = "factor-two-missing", "all-right"
COMMENT = "Ada's loss is well refuted; say more about the slopes."
PATIENCE = 1000 * START
WAITS = re.compile("needs_manual_grade")  # how the Formgrader marks a score that waits for a person


class CourseLab(Lab):
    """JupyterLab, started at a course's root."""

    def __init__(self, home, course):
        self.course = self.started_in = course
        super().__init__(home)

    def command(self, port):
        self.notebooks = self.course
        return super().command(port)


@pytest.fixture
def course(course_folder):
    return course_folder([ASSIGNMENT], [SLIP, FINE])


@pytest.fixture
def formgrader(course, tmp_path, new_page):
    """The Formgrader's frame in JupyterLab, opened through the menu."""
    lab = CourseLab(tmp_path / "lab", course)
    page = new_page()
    page.route(lambda url: not url.startswith(lab.url), lambda route: route.abort())  # no network in this test
    page.goto(f"{lab.url}/lab?reset", wait_until="domcontentloaded")
    page.get_by_role("menuitem", name="Nbgrader", exact=True).click(timeout=PATIENCE)
    page.get_by_role("menuitem", name="Formgrader", exact=True).click()
    yield page.frame_locator("iframe")
    page.close()
    lab.stop()


def scores(folder, student):
    """cell → (automatic score, manual score) in the gradebook."""
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        notebook = gradebook.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, student)
        return {grade.name: (grade.auto_score, grade.manual_score) for grade in notebook.grades}


def grade(folder, *options):
    command = [Path(sys.executable).parent / "autograder", "grade", "--quiet", *options]
    done = subprocess.run(command, cwd=folder, env={**os.environ}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def press(formgrader, row, button):
    """Press one of a submission's buttons and wait for the word of success, which is then closed."""
    row.locator(f".{button} a").click()
    said = formgrader.locator(".modal-dialog")
    expect(said).to_be_visible(timeout=PATIENCE)
    expect(said.locator(".modal-title")).to_have_text("Success")
    said.get_by_role("button", name="Close").last.click()
    expect(said).to_have_count(0)


def type_in(field, text, address):
    """Fill a field and leave it, as a person does, and wait until it is saved at `address`."""
    field.fill(text)
    with field.page.expect_response(lambda answer: address in answer.url and answer.request.method == "PUT") as saved:
        field.press("Tab")
    assert saved.value.ok


def test_formgrader_grades_marks_by_hand_and_gives_feedback(formgrader, course, course_folder):
    # its autograde button gives the marks of `autograder grade`
    formgrader.get_by_role("link", name="2", exact=True).click(timeout=PATIENCE)
    row = formgrader.locator("tr", has=formgrader.get_by_text(SLIP, exact=True))
    expect(row.locator(".status")).to_have_text("needs autograding", timeout=PATIENCE)
    press(formgrader, row, "autograde")
    expect(row.locator(".status")).to_have_text("needs manual grading")

    other = course_folder([ASSIGNMENT], [SLIP, FINE], name="the same by command")
    grade(other)
    marks = scores(course, SLIP)
    assert marks == scores(other, SLIP)
    total = sum(auto or 0 for auto, _ in marks.values())
    assert 0 < total < 16
    expect(row.locator(".score")).to_have_text(f"{round(total, 2):g} / 20")
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        assert [submission.student_id for submission in gradebook.assignment_submissions(ASSIGNMENT)] == [SLIP]

    # the verdicts are seen where a person marks by hand
    row.locator(".student-name a").click()
    formgrader.get_by_role("link", name=ASSIGNMENT, exact=True).last.click()
    verdict = formgrader.locator(".verdict[data-cell=test_mse_gradient]")
    expect(verdict).to_be_visible(timeout=PATIENCE)
    expect(verdict.locator("tbody tr").first).to_be_visible()
    assert verdict.locator(".mistake").count() == 1

    # a score and a comment, typed and saved
    score, comment = formgrader.locator("#why_square"), formgrader.locator("#why_square-comment")
    expect(score).to_have_class(WAITS, timeout=PATIENCE)
    expect(comment).to_have_attribute("placeholder", re.compile("Type any comments"))
    type_in(score, "3", "/api/grade/")
    type_in(comment, COMMENT, "/api/comment/")
    expect(score).not_to_have_class(WAITS)
    formgrader.get_by_role("link", name="Manual Grading", exact=True).click()
    formgrader.get_by_role("link", name="Manage Assignments", exact=True).click()

    # the feedback button writes the page with both
    formgrader.get_by_role("link", name="2", exact=True).click(timeout=PATIENCE)
    expect(row.locator(".status")).to_have_text("graded", timeout=PATIENCE)
    feedback = course / "feedback" / SLIP / ASSIGNMENT / f"{ASSIGNMENT}.html"
    feedback.unlink()
    press(formgrader, row, "generate-feedback")
    page = feedback.read_text()
    assert COMMENT.split(";")[1] in page and f"<strong>{round(total + 3, 2):g}</strong> of 20 points" in page

    # and grading everything anew leaves to a person what is a person's
    grade(course, "--all")
    assert scores(course, SLIP) == {**marks, "why_square": (marks["why_square"][0], 3.0)}
    assert COMMENT.split(";")[1] in feedback.read_text()
