"""What the tests share: a course in a temporary folder, a class to grade, a browser, and the rule that in CI nothing is
skipped."""

import os
import signal

import hypothesis
import pytest

from autograder.environment import skip_slow_imports
from tests.support.chromium_here import ARGUMENTS, CHROMIUM, INSTALL, SCREENSHOTS
from tests.support.courses import make_course
from tests.support.warm_grading import WarmGrading

skip_slow_imports()

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # a shell started the tests in its background
    signal.signal(signal.SIGINT, signal.default_int_handler)  # so that what the tests start can be ended by Ctrl-C
if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:  # nohup started them
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# The same examples in every run, and no stopwatch; `pytest --hypothesis-profile=explore` looks for new ones.
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=2000)
hypothesis.settings.load_profile("repeatable")


# The files that take longest, the longest first: the last file to be begun should be a short one, or else one process
# waits for the other at the end.
LONGEST = """
grading/test_broken_notebooks authoring/test_audit grading/test_resume sandbox/test_harms sandbox/test_cheats
grading/test_interrupted ground/test_names grading/test_trip sandbox/test_together course/test_own_questions
feedback/test_privacy nbgrader_plugin/test_exchange grading/test_faults grading/test_equality project/test_wheel
browser/test_lessons_browser browser/test_lite_site browser/test_playground browser/test_explorers_browser
browser/test_other_hosts browser/test_lesson_export browser/test_formgrader gradebook/test_postgresql
running/test_cluster gradebook/test_places sandbox/test_sandbox sandbox/test_walls
""".split()


def pytest_collection_modifyitems(config, items):
    """The longest files first; within a file, and among the rest, the order stays."""
    folder = config.rootpath / "tests"
    place = {folder / f"{name}.py": number for number, name in enumerate(LONGEST)}
    gone = [str(path) for path in place if not path.is_file()]
    if gone:
        raise pytest.UsageError(f"LONGEST in tests/conftest.py names what is not there: {gone}")
    items.sort(key=lambda item: place.get(item.path, len(place)))


def pytest_terminal_summary(terminalreporter):
    """What was skipped for want of a browser, in one line, with the command that brings it."""
    reasons = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    number = sum("chromium" in reason.lower() for reason in reasons)
    if number:
        terminalreporter.line(f"{number} tests were skipped, since there is no chromium here. To have it: {INSTALL}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """With COURSE_LAB_SKIP_NOTHING set (as in CI) a skipped test is a failed one."""
    report = yield
    if report.skipped and os.environ.get("COURSE_LAB_SKIP_NOTHING") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {report.longrepr}"
    if report.when == "call":
        item.call_report = report
    return report


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


@pytest.fixture(scope="module")
def chromium():
    """A browser for the tests of one file: while it is there, nothing else in this process can use asyncio."""
    if not CHROMIUM.exists():
        pytest.skip(f"no chromium at {CHROMIUM}: {INSTALL}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium, request):
    """A function that opens an empty page in a window of its own; options: those of Playwright's new_context.

    A failed test leaves a screenshot in build/screenshots.
    """
    contexts = []

    def new(width=1500, height=1000, **options):
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, **options))
        return contexts[-1].new_page()

    yield new
    failed = getattr(request.node, "call_report", None) is not None and request.node.call_report.failed
    for context in contexts:
        if failed and context.pages:
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            context.pages[0].screenshot(path=SCREENSHOTS / f"{request.node.name.replace('/', '_')}.png")
        context.close()
