"""Wrong calls: each is refused with the exit status 2, and says what happened, to what, and what to do."""

import re
import shutil

import pytest
from click.testing import CliRunner

from autograder.cli import main
from tests.support.tiny_course import ASSIGNMENT, hand_in, make_tiny_course


@pytest.fixture
def course(tmp_path):
    """A course with one assignment, to which nobody has handed in anything."""
    return make_tiny_course(tmp_path / "course", students=())


def refused(course, *arguments):
    """What a call that must be refused says."""
    done = CliRunner().invoke(main, ["--course", str(course), *arguments])
    assert done.exit_code == 2, done.output
    assert isinstance(done.exception, SystemExit) and "Traceback" not in done.output
    return " ".join(done.output.split())


def setting(line):
    def change(course):
        with open(course / "nbgrader_config.py", "a") as file:
            file.write(line + "\n")

    return change


def nothing(course):
    pass


def turned_round(course):
    hand_in(course, "ada")
    (course / "submitted" / ASSIGNMENT).mkdir()
    (course / "submitted" / "ada" / ASSIGNMENT).rename(course / "submitted" / ASSIGNMENT / "ada")


def without_source(course):
    shutil.rmtree(course / "source")


def unreadable_source(course):
    (course / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").write_text("{")


def without_config(course):
    (course / "nbgrader_config.py").unlink()


def damaged_gradebook(course):
    (course / "gradebook.db").write_text("no database at all\n" * 100)


WRONG = {  # what is wrong → (what is done to the course, the call, what is said)
    "nothing handed in": (nothing, "grade", r"nothing to grade.*not there yet.*submitted/<student>/<assignment>/"),
    "nothing handed in for this": (nothing, f"grade {ASSIGNMENT}", rf"holds no work for {ASSIGNMENT}.*<student>"),
    "folders the wrong way round": (turned_round, "grade", rf"submitted/{ASSIGNMENT}/, so .* wrong way round"),
    "a misspelt assignment to grade": (nothing, "grade 06_dubling", rf"“06_dubling”.*did you mean “{ASSIGNMENT}”"),
    "a misspelt assignment to release": (nothing, "release 06-doubling", rf"did you mean “{ASSIGNMENT}”"),
    "a misspelt assignment to report on": (nothing, "report 6_doubling", rf"did you mean “{ASSIGNMENT}”"),
    "an unknown assignment to audit": (nothing, "audit x", rf"“x” in source/ \(there are: {ASSIGNMENT}\)"),
    "no jobs": (nothing, "grade --jobs 0", r"--jobs.*0 is not in the range"),
    "a misspelt command": (nothing, "grad", r"No such command 'grad'.*grade"),
    "a misspelt option": (nothing, "report --jason", r"--jason.*--json"),
    "nothing graded yet": (nothing, "report", r"graded yet. Run `autograder grade` first"),
    "no source to release": (without_source, "release", r"no assignment yet: .*source holds no <name>/<name>.ipynb"),
    "no source to audit": (without_source, "audit", r"no assignment yet"),
    "no source to grade": (without_source, "grade", r"no assignment yet"),
    "a source that is no notebook": (unreadable_source, "release", rf"{ASSIGNMENT}.ipynb cannot be read: .*JSON"),
    "no configuration": (without_config, "grade", r"no nbgrader_config.py. Run this at the course root, or name"),
    "a gradebook that is none": (damaged_gradebook, "report", r"gradebook.db cannot be opened: .*put a copy back"),
    "a configuration that is no Python": (setting("c = ("), "release", r"_config.py, line \d+, cannot be run: Syntax"),
    "a configuration that fails": (setting("import no_such"), "grade", r"line \d+, .*No module named 'no_such'"),
    "a misspelt setting": (setting("c.CourseLab.course_sed = 'x'"), "audit", r"course_sed \(did you mean course_seed"),
    "a setting that nobody knows": (
        setting("c.CourseLab.x = 1"),
        "grade",
        r"CourseLab.x \(there are budgets, bundle, companions",
    ),
    "a setting of the wrong kind": (setting("c.CourseLab.sandbox = 'no'"), "report", r"'sandbox'.*boolean.*'no'"),
    "an unknown budget": (
        setting("c.CourseLab.budgets = {'pages': 3}"),
        "grade",
        r"'pages'; there are reading, .*page",
    ),
    "an unknown limit": (setting("c.CourseLab.limits = {'cell_secs': 3}"), "grade", r"cell_secs.*cell_seconds"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_call_is_refused_in_words_that_help(course, what):
    change, call, said = WRONG[what]
    change(course)
    answer = refused(course, *call.split())
    assert re.search(said, answer), answer


def test_a_folder_that_is_not_there_is_said(tmp_path):
    assert "There is no folder" in refused(tmp_path / "nowhere", "grade")


@pytest.mark.sandbox
def test_a_misspelt_student_is_refused_with_the_one_that_was_meant(course):
    hand_in(course, "lovelace")
    assert "Nothing of lovelase" in (said := refused(course, "grade", "--student", "lovelase"))
    assert "did you mean “lovelace”?" in said
