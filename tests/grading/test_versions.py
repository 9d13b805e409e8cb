"""What is done again when something changes: a table, held for the engine's code and for what a course changes."""

import shutil

import pytest

from autograder import installed
from autograder.course.settings import Course
from autograder.grading import fingerprint
from autograder.grading.grader import Grader
from autograder.grading.versions import EFFECTS, Effect, code_version, effect_of
from tests.support.courses import ROOT
from tests.support.tiny_course import ASSIGNMENT, make_tiny_course

# A file that somebody changes → what happens: the key is made again, submissions are run again, pages are renewed.
NOTHING, PAGES, RUN, KEY = set(), {"pages"}, {"run"}, {"key", "run"}
TABLE = {
    "autograder/notebook/rebuild.py": KEY,
    "autograder/notebook/needed.py": KEY,
    "autograder/sandbox/conversation.py": KEY,
    "autograder/sandbox/wall.py": KEY,
    "autograder/sandbox/inside/states.py": KEY,
    "autograder/running/work.py": KEY,
    "autograder/grading/key.py": KEY,
    "helpers/questions.py": KEY,
    "helpers/losses.py": KEY,
    "autograder/marking/mark.py": RUN,
    "autograder/marking/answers.py": RUN,
    "autograder/judging.py": RUN,
    "autograder/course/settings.py": RUN,
    "autograder/grading/grader.py": RUN,
    "autograder/grading/recorder.py": RUN,
    "autograder/grading/grading_file.py": RUN,
    "autograder/gradebook/record.py": RUN,
    "autograder/feedback/cleaning/tags.py": RUN,
    "autograder/feedback/messages/slots.py": RUN,
    "autograder/feedback/templates/verdict.html": RUN,
    "autograder/feedback/templates/feedback.html": PAGES,
    "autograder/reports/templates/report.html": NOTHING,
    "autograder/reports/data.py": NOTHING,
    "autograder/authoring/audit.py": NOTHING,
    "autograder/cli/commands.py": NOTHING,
    "autograder/cli/tables.py": NOTHING,
    "autograder/lms/exports.py": NOTHING,
    "autograder/nbgrader_plugin/converters.py": NOTHING,
    "autograder/running/cluster.py": NOTHING,
    "autograder/grading/class_run.py": NOTHING,
    "autograder/grading/session.py": NOTHING,
    "autograder/grading/marks_csv.py": NOTHING,
    "helpers/explorers/training.py": NOTHING,
    "helpers/figures/descent.py": NOTHING,
}


def versions():
    code_version.cache_clear()
    return {effect.value: code_version(effect) for effect in (Effect.KEY, Effect.RUN, Effect.PAGES)}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The two packages in a folder of their own, where the versions are taken from."""
    folder = tmp_path_factory.mktemp("code")
    for name in ("autograder", "helpers"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(installed, "ROOT", folder)
        patch.setattr(installed, "PACKAGE", folder / "autograder")
        patch.setattr(installed, "HELPERS", folder / "helpers")
        yield folder
    code_version.cache_clear()


@pytest.mark.parametrize("place", TABLE)
def test_a_changed_file_has_the_effect_of_the_table_and_no_other(copy, place):
    before, text = versions(), (copy / place).read_bytes()
    try:
        (copy / place).write_bytes(text + b"\n")
        after = versions()
    finally:
        (copy / place).write_bytes(text)
    assert {name for name in before if before[name] != after[name]} == TABLE[place]


def test_each_file_of_the_engine_has_an_effect_and_each_effect_a_file():
    places = [
        path.relative_to(ROOT / "autograder").as_posix()
        for path in (ROOT / "autograder").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    assert {effect_of(place) for place in places} == set(Effect)
    assert all((ROOT / "autograder" / place).exists() for place in EFFECTS)
    assert {place.split("/")[0] for place in places} <= {place.split("/")[0] for place in EFFECTS}


# What a course changes.


@pytest.fixture
def course(tmp_path, key_cache):
    folder = make_tiny_course(tmp_path / "course", keys=key_cache)
    make_tiny_course(tmp_path / "other", assignment="07_again")
    shutil.copytree(tmp_path / "other" / "source" / "07_again", folder / "source" / "07_again")
    (folder / "mistakes").mkdir()
    return folder


def made_from(folder):
    """assignment → what all its submissions share."""
    found = {}
    for assignment in (ASSIGNMENT, "07_again"):
        with Grader(Course.here(folder), assignment) as grader:
            found[assignment] = fingerprint.of_assignment(grader.course, grader)
    return found


MISTAKE = """
from autograder.mistakes import Catalogue

mistake = Catalogue("{assignment}")


@mistake("double", lesson="Twice")
def two_added(x):
    '''{hint}'''
    return x + 2
"""


@pytest.mark.sandbox
@pytest.mark.slow
def test_a_new_mistake_touches_its_own_assignment_only(course):
    before = made_from(course)
    (course / "mistakes" / "07_again.py").write_text(MISTAKE.format(assignment="07_again", hint="You added two."))
    after = made_from(course)
    assert after[ASSIGNMENT] == before[ASSIGNMENT] and after["07_again"] != before["07_again"]
    (course / "mistakes" / "07_again.py").write_text(MISTAKE.format(assignment="07_again", hint="You added two to it."))
    assert made_from(course)["07_again"] != after["07_again"], "a hint is on the pages"


@pytest.mark.sandbox
@pytest.mark.slow
def test_a_right_alternative_touches_nothing(course):
    before = made_from(course)
    (course / "alternatives").mkdir()
    text = f'ASSIGNMENT = "{ASSIGNMENT}"\nALTERNATIVES = [("double", "sum", "def double(x):\\n    return x + x")]\n'
    (course / "alternatives" / f"{ASSIGNMENT}.py").write_text(text)
    assert made_from(course) == before
