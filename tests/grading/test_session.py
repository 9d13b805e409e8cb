"""The conductor of `autograder grade` and `nbgrader autograde`: what stands in the way is one of two exceptions, and what
it made ends with it."""

import errno
import re
import threading

import pytest
from sqlalchemy.exc import OperationalError

from autograder.course.settings import Course
from autograder.grading.class_run import Did, Stopped
from autograder.grading.session import GradingSession, NothingDone
from autograder.running.work import Here
from tests.support.courses import ROOT
from tests.support.tiny_course import ASSIGNMENT, CLASS, make_tiny_course


@pytest.fixture
def course(tmp_path, key_cache):
    return Course.here(make_tiny_course(tmp_path / "course", keys=key_cache))


def threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("grading")]


@pytest.mark.sandbox
@pytest.mark.slow
def test_a_class_is_graded_and_nothing_of_it_is_left(course):
    places, told = [], []
    with GradingSession(course, [ASSIGNMENT], jobs=2) as session, session.opened(places.append) as class_run:
        class_run.grade({ASSIGNMENT: list(CLASS)}, told.append)
        assert (session.done, class_run.failed) == (len(CLASS), []) and threads()
        assert class_run.write_marks().read_text().count(ASSIGNMENT) == len(CLASS)
    assert [type(place) for place in places] == [Here]
    assert told == class_run.results and {result.student for result in told} == set(CLASS)
    assert threads() == []
    with GradingSession(course, [ASSIGNMENT]) as session, session.opened() as class_run:
        class_run.grade({ASSIGNMENT: ["bob"]})
    assert [(result.student, result.did) for result in class_run.results] == [("bob", Did.UNCHANGED)]


@pytest.mark.sandbox
@pytest.mark.slow
def test_one_session_at_a_time_in_a_course(course):
    first, second = (GradingSession(course, [ASSIGNMENT]) for _ in range(2))
    with first, first.opened(), second, pytest.raises(NothingDone, match="is at work"), second.opened():
        raise AssertionError("the second had to wait")


@pytest.fixture
def unprotected(tmp_path, monkeypatch):
    """A course without questions, and so without a key to make: a session is opened at once."""
    monkeypatch.setattr("autograder.grading.grader.question_cells", lambda notebook: [])
    course = Course.here(make_tiny_course(tmp_path / "course", students=["ann"]))
    course.confined = False
    return course


STANDS_IN_THE_WAY = {
    "a full disk": (OSError(errno.ENOSPC, "No space left on device"), "could not be written: No space left"),
    "a locked gradebook": (OperationalError("", {}, Exception("database is locked")), "database is locked"),
}


@pytest.mark.parametrize("what", STANDS_IN_THE_WAY)
def test_what_ends_the_class_before_its_end_is_stopped(unprotected, what):
    error, said = STANDS_IN_THE_WAY[what]
    with (
        GradingSession(unprotected, [ASSIGNMENT], jobs=1) as session,
        pytest.raises(Stopped, match=said),
        session.opened(),
    ):
        raise error


@pytest.mark.parametrize("error", [OSError(errno.ENOENT, "no such file"), ValueError("a fault"), KeyboardInterrupt()])
def test_what_nothing_is_known_of_is_raised_as_it_is(unprotected, error):
    with (
        GradingSession(unprotected, [ASSIGNMENT], jobs=1) as session,
        pytest.raises(type(error)) as raised,
        session.opened(),
    ):
        raise error
    assert raised.value is error


def test_what_stands_in_the_way_from_the_start_is_nothing_done(unprotected):
    with (
        GradingSession(unprotected, ["07_unknown"]) as session,
        pytest.raises(NothingDone, match="07_unknown"),
        session.opened(),
    ):
        raise AssertionError("there is no such assignment")
    (unprotected.root / "gradebook.db").write_text("no database at all\n" * 100)
    with (
        GradingSession(unprotected, [ASSIGNMENT]) as session,
        pytest.raises(NothingDone, match="put a copy back"),
        session.opened(),
    ):
        raise AssertionError("there is no gradebook")


@pytest.mark.sandbox
@pytest.mark.slow
def test_an_interruption_ends_what_runs_and_what_waits(course):
    def interrupt(result):
        raise KeyboardInterrupt

    with (
        GradingSession(course, [ASSIGNMENT], jobs=1) as session,
        pytest.raises(KeyboardInterrupt),
        session.opened() as class_run,
    ):
        class_run.grade({ASSIGNMENT: list(CLASS)}, interrupt)
    assert session.done == 1 and threads() == []


@pytest.mark.parametrize(("room", "other"), [("cli", "nbgrader_plugin"), ("nbgrader_plugin", "cli")])
def test_neither_caller_imports_from_the_other(room, other):
    files = sorted((ROOT / "autograder" / room).glob("*.py"))
    assert files and not [path for path in files if re.search(rf"import .*autograder\.{other}\b", path.read_text())]
    assert not [path for path in files if f"from autograder.{other}" in path.read_text()]
