"""What the tests share: a course in a temporary folder, a class to grade, and the rule that in CI nothing is skipped."""

import os

import hypothesis
import pytest
from courses import make_course
from warm_grading import WarmGrading

from autograder.environment import skip_slow_imports

skip_slow_imports()

# The same examples in every run, and no stopwatch; `pytest --hypothesis-profile=explore` looks for new ones.
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=2000)
hypothesis.settings.load_profile("repeatable")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """With COURSE_LAB_SKIP_NOTHING set (as in CI) a skipped test is a failed one."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("COURSE_LAB_SKIP_NOTHING") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {report.longrepr}"


@pytest.fixture(scope="session")
def key_cache(tmp_path_factory, worker_id="master"):
    """Answer keys made once for all tests of a session (each course looks for them in its own private folder)."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / "keys"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def course_folder(tmp_path, key_cache):
    """A function that makes a course; keys made in one test are known in the next."""

    def make(assignments=("03_backprop",), submitted=(), name="course"):
        folder = make_course(tmp_path / name, assignments, submitted)
        private = folder / ".autograder"
        private.mkdir(mode=0o700)
        (private / "keys").symlink_to(key_cache)
        return folder

    return make


@pytest.fixture(scope="session")
def warm():
    """`autograder grade` in processes that need not import everything first."""
    with WarmGrading() as grading:
        yield grading
