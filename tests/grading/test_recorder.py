"""The order in which a graded submission is written: whatever stops it in between, it counts as not graded."""

import errno
import os
import sqlite3

import nbformat
import pytest
from sqlalchemy.exc import OperationalError

from autograder.course.settings import Course
from autograder.gradebook.opening import open_gradebook
from autograder.gradebook.registering import register
from autograder.grading.recorder import Recorder
from autograder.grading.up_to_date import ToDo, what_is_to_do
from autograder.notebook.rebuild import master_notebook
from autograder.submission import GRADED, GradedNotebook, GradedSubmission
from tests.support.tiny_course import ASSIGNMENT, files_of, gradebook_of, make_tiny_course, mark_by_hand

MADE_FROM = "the same before and after"


@pytest.fixture
def course(tmp_path):
    return Course.here(make_tiny_course(tmp_path / "course", students=()))


@pytest.fixture
def gradebook(course):
    with open_gradebook(course) as gradebook:
        master = master_notebook(course.source_notebook(ASSIGNMENT, ASSIGNMENT))
        register(course, gradebook, ASSIGNMENT, {ASSIGNMENT: master})
        yield gradebook


def submission(course):
    """One that was graded, in which test_double got two points."""
    notebook = nbformat.from_dict(master_notebook(course.source_notebook(ASSIGNMENT, ASSIGNMENT)))
    cell = next(cell for cell in notebook.cells if cell.metadata.nbgrader.grade_id == "test_double")
    cell.outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": "2.0"})]
    return GradedSubmission("ann", ASSIGNMENT, [GradedNotebook(ASSIGNMENT, notebook, GRADED)])


def to_do(course, gradebook, made_from=MADE_FROM):
    gradebook.db.expunge_all()
    return what_is_to_do(course, gradebook, ASSIGNMENT, "ann", made_from, [ASSIGNMENT])


def test_what_is_recorded_is_up_to_date_until_something_else_is_handed_in(course, gradebook):
    assert to_do(course, gradebook) == ToDo.REGRADE
    Recorder(course, gradebook).record(submission(course), MADE_FROM, None)
    assert to_do(course, gradebook) == ToDo.NOTHING
    assert to_do(course, gradebook, "something else") == ToDo.REGRADE


def test_what_was_no_fault_of_the_students_is_graded_again(course, gradebook):
    failed = submission(course)
    failed.notebooks[0].again = True
    Recorder(course, gradebook).record(failed, MADE_FROM, None)
    assert to_do(course, gradebook) == ToDo.REGRADE


def test_pages_are_renewed_from_the_marks_that_a_person_has_given(course, gradebook):
    recorder = Recorder(course, gradebook)
    recorder.record(submission(course), MADE_FROM, None)
    mark_by_hand(course.root, "ann", "test_double", 1.25, "Come and see me.")
    assert to_do(course, gradebook) == ToDo.PAGES
    recorder.renew_pages(ASSIGNMENT, "ann", [ASSIGNMENT])
    assert to_do(course, gradebook) == ToDo.NOTHING
    page = (course.folder("feedback", ASSIGNMENT, "ann") / f"{ASSIGNMENT}.html").read_text()
    assert "Come and see me." in page and "1.25" in page


class Broken:
    """From the n-th write on, neither a file nor the gradebook can be written."""

    def __init__(self, left, monkeypatch, gradebook):
        self.left, fsync, commit = left, os.fsync, gradebook.db.commit

        def full(descriptor):
            self.count(OSError(errno.ENOSPC, "full"))
            return fsync(descriptor)

        def full_too():
            self.count(OperationalError("COMMIT", {}, sqlite3.OperationalError("full")))
            return commit()

        monkeypatch.setattr(os, "fsync", full)
        monkeypatch.setattr(gradebook.db, "commit", full_too, raising=False)

    def count(self, error):
        self.left -= 1
        if self.left < 0:
            raise error


def test_at_whichever_write_it_ends_the_submission_counts_as_not_graded(course, gradebook, monkeypatch):
    recorder, failures = Recorder(course, gradebook), 0
    recorder.record(submission(course), MADE_FROM, "2030-01-01 10:00:00 UTC")
    before = files_of(course.root), gradebook_of(course.root)
    for writes in range(30):
        with monkeypatch.context() as patch:
            Broken(writes, patch, gradebook)
            try:
                recorder.record(submission(course), MADE_FROM, "2030-01-01 10:00:00 UTC")
                break
            except (OSError, OperationalError):
                failures += 1
        assert to_do(course, gradebook) == ToDo.REGRADE, writes
    assert failures >= 4, "a notebook, the marks, a page and grading.json were not written in turn"
    assert (to_do(course, gradebook), (files_of(course.root), gradebook_of(course.root))) == (ToDo.NOTHING, before)
