"""The main trip on real notebooks: release → hand in → grade → feedback, by our command and by nbgrader's."""

import csv
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.course.catalogue import mistakes_of
from tests.support.courses import ROOT, make_course
from tests.support.hidden_cells import hidden_text

BIN = Path(sys.executable).parent
ASSIGNMENT = "03_backprop"
SOURCE = nbformat.read(ROOT / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)
pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

# student → (points, mistakes named)
CLASS = {
    "all-right": (20, []),
    "all-right-other-style": (20, []),
    "prints-and-plots": (20, []),
    "deleted-cells": (20, []),
    "nothing-done": (0, []),
    "patched-numpy": (0, []),
    "raises": (16, []),
    "stops-halfway": (8, []),
    "no-hidden-slope": (16, ["hidden-slope-missing"]),
    "biases-not-summed": (17.5, ["biases-not-summed"]),
    "factor-two-missing": (17, ["factor-two-missing"]),
    "finite-differences": (15, ["finite-differences"]),
    "transposed-gradients": (17.08, ["weight-gradients-transposed"]),
    "uses-wrong-mean": (18, ["divided-by-examples-only"]),
    "w2-not-transposed": (16, ["w2-not-transposed"]),
}


def run(folder, *command, expect=0):
    """A command in a process of its own, from its script in the environment's bin/."""
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    return expected(done, expect)


@pytest.fixture(scope="session")
def run_warm(warm):
    """The same without the time that the imports take."""

    def run(folder, *command, expect=0, before=""):
        return expected(warm.run(folder, *command, before=before), expect)

    return run


def expected(done, status):
    said = f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
    assert done.returncode == status, f"{done.args} → {done.returncode}: {said}"
    return done


def grades(folder):
    """(student, cell) → (automatic score, manual score, whether a person is waited for)"""
    found = {}
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        for submission in gradebook.assignment_submissions(ASSIGNMENT):
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    values = (grade.auto_score, grade.manual_score, bool(grade.needs_manual_grade))
                    found[submission.student_id, grade.name] = values
    return found


def page(folder, student):
    return (folder / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()


@pytest.fixture(scope="module")
def graded(tmp_path_factory, key_cache):
    """A course with the sample class."""
    return share_keys(make_course(tmp_path_factory.mktemp("trip") / "a course", [ASSIGNMENT], CLASS), key_cache)


@pytest.fixture
def another(tmp_path, key_cache):
    """A function that makes one more course, with these students' work."""
    return lambda students=(): share_keys(make_course(tmp_path / "course", [ASSIGNMENT], students), key_cache)


def share_keys(folder, keys):
    (folder / ".autograder").mkdir(mode=0o700)
    (folder / ".autograder" / "keys").symlink_to(keys)
    return folder


@pytest.fixture(scope="module")
def said(graded):
    """What `autograder grade` says when it grades them."""
    return run(graded, BIN / "autograder", "grade", ASSIGNMENT).stdout


def test_the_table_shows_marks_and_named_mistakes_of_every_student(said, graded):
    for student, (points, mistakes) in CLASS.items():
        line = next(line for line in said.splitlines() if f" {student} " in line)
        assert f"{points:g} / 20" in line
        assert all(mistake in line for mistake in mistakes)
    for place in ("feedback", "gradebook.db", "marks.csv"):
        assert str(graded / place) in said
    assert "bubblewrap" in said


def test_the_csv_holds_the_same_marks(said, graded):
    rows = {row["student"]: row for row in csv.DictReader((graded / "marks.csv").read_text().splitlines())}
    assert {student: float(row["score"]) for student, row in rows.items()} == {
        s: float(p) for s, (p, _) in CLASS.items()
    }
    assert {student: row["mistakes"].split() for student, row in rows.items()} == {s: m for s, (_, m) in CLASS.items()}
    assert {row["status"] for row in rows.values()} == {"graded"}


def test_feedback_names_each_mistake_with_its_hint(said, graded):
    hints = {mistake.name: mistake.hint for mistake in mistakes_of(ROOT, ASSIGNMENT)}
    for student, (_, mistakes) in CLASS.items():
        found = re.findall(r'data-mistake="([^"]+)"', page(graded, student))
        assert list(dict.fromkeys(found)) == mistakes
        for mistake in mistakes:
            assert hints[mistake].split()[0] in page(graded, student)


def test_no_file_for_students_holds_hidden_code(said, graded):
    hidden = hidden_text(SOURCE)
    assert len(hidden) > 50
    for student in CLASS:
        text = page(graded, student)
        plain = re.sub(r"<[^>]+>", "", text)
        plain = (
            plain.replace("&quot;", '"')
            .replace("&#34;", '"')
            .replace("&#39;", "'")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
        )
        leaked = [line for line in hidden if line in plain]
        assert not leaked, f"{student}'s feedback shows {leaked[:3]}"


def test_feedback_can_be_read_without_a_network_and_runs_nothing(said, graded):
    for student in CLASS:
        text = page(graded, student)
        assert "<script" not in text and "Content-Security-Policy" in text
        assert not re.search(r'<(img|link|iframe)[^>]+(src|href)="(https?:)?//', text)
        assert "<math" in text


def test_other_local_users_cannot_read_autograded_work_or_feedback(said, graded):
    for part in ("autograded", "feedback"):
        for student in CLASS:
            assert stat.S_IMODE((graded / part / student).stat().st_mode) == 0o700


def test_nbgraders_own_commands_give_the_same_marks_for_every_cell(said, graded, another, run_warm):
    folder = another(CLASS)
    run_warm(folder, "nbgrader", "generate_assignment", ASSIGNMENT)
    run(folder, BIN / "nbgrader", "autograde", ASSIGNMENT)
    assert grades(folder) == grades(graded)
    run_warm(folder, "nbgrader", "generate_feedback", ASSIGNMENT)
    for student in CLASS:
        assert page(folder, student) == page(graded, student)
    run_warm(folder, "nbgrader", "export")
    assert len((folder / "grades.csv").read_text().splitlines()) == len(CLASS) + 1


def test_a_second_run_changes_no_mark_and_keeps_what_a_person_gave(said, graded, run_warm):
    before = grades(graded)
    with Gradebook(f"sqlite:///{graded}/gradebook.db") as gradebook:
        grade = gradebook.find_grade("test_backward", ASSIGNMENT, ASSIGNMENT, "raises")
        grade.manual_score, grade.extra_credit = 1.5, 0.25
        comment = gradebook.find_comment("backward", ASSIGNMENT, ASSIGNMENT, "raises")
        comment.manual_comment = "Nearly: come and see me."
        gradebook.db.commit()
    run_warm(graded, "autograder", "grade", ASSIGNMENT, "--student", "raises", "--student", "all-right")
    after = grades(graded)
    assert after.pop(("raises", "test_backward"))[1] == 1.5
    before.pop(("raises", "test_backward"))
    assert after == before
    assert "Nearly: come and see me." in page(graded, "raises")
    with Gradebook(f"sqlite:///{graded}/gradebook.db") as gradebook:
        grade = gradebook.find_grade("test_backward", ASSIGNMENT, ASSIGNMENT, "raises")
        grade.manual_score = grade.extra_credit = None
        gradebook.db.commit()


def test_work_that_cannot_be_read_is_named_waits_for_a_person_and_stops_nobody(another, run_warm):
    folder = another(["all-right"])
    broken = folder / "submitted" / "broken" / ASSIGNMENT
    broken.mkdir(parents=True)
    (broken / f"{ASSIGNMENT}.ipynb").write_text('{"cells": [')
    done = run_warm(folder, "autograder", "grade", ASSIGNMENT, expect=1)
    assert "broken/03_backprop could not be graded" in done.stderr and "ends in the middle" in done.stderr
    found = grades(folder)
    assert found["all-right", "test_backward"][0] == 5
    assert found["broken", "test_backward"] == (None, None, True)
    assert "could not be graded" in page(folder, "broken").lower()
    assert (
        json.loads((folder / "autograded/broken/03_backprop/grading.json").read_text())["status"]
        == "could not be graded"
    )


def test_nothing_is_done_where_nothing_can_be_done(tmp_path, another, run_warm):
    done = run_warm(tmp_path, "autograder", "grade", expect=2)
    assert "no nbgrader_config.py" in done.stderr
    folder = another()
    assert "nothing to grade" in run_warm(folder, "autograder", "grade", expect=2).stderr
    assert "no assignment" in run_warm(folder, "autograder", "grade", "04_cooking", expect=2).stderr
    assert run_warm(folder, "autograder", "grade", "--speed", expect=2).stdout == ""
    assert not (folder / "gradebook.db").exists()


def test_without_bubblewrap_grading_refuses_and_says_what_to_do(another, run_warm):
    folder = another(["all-right"])
    without = "import autograder.sandbox.wall as wall; wall.find_bubblewrap = lambda: None"
    done = run_warm(folder, "autograder", "grade", expect=2, before=without)
    assert "bubblewrap" in done.stderr and "--no-sandbox" in done.stderr
    assert not (folder / "feedback").exists()


def test_work_can_be_graded_unprotected_and_every_page_says_so(another, run_warm):
    folder = another(["no-hidden-slope"])
    done = run_warm(folder, "autograder", "grade", "--no-sandbox")
    assert "no sandbox" in done.stdout and "16 / 20" in done.stdout
    assert "without a sandbox" in page(folder, "no-hidden-slope")
    assert next(csv.DictReader((folder / "marks.csv").read_text().splitlines()))["sandbox"] == "none"
    run_warm(folder, "autograder", "report")
    assert "1 submission was graded with --no-sandbox" in (folder / "report.html").read_text()


def test_a_new_course_seed_asks_other_questions_and_gives_the_same_marks(tmp_path, run_warm):
    folder = make_course(tmp_path / "course", [ASSIGNMENT], ["no-hidden-slope", "all-right"])
    (folder / "mistakes" / f"{ASSIGNMENT}.py").unlink()  # the key then has the instructor's answers alone
    config = (folder / "nbgrader_config.py").read_text()
    (folder / "nbgrader_config.py").write_text(config.replace("change me each term", "another term"))
    done = run_warm(folder, "autograder", "grade")
    assert "16 / 20" in done.stdout and "20 / 20" in done.stdout
    first = _inputs_of_the_key(folder)
    (folder / "nbgrader_config.py").write_text(config)
    run_warm(folder, "autograder", "grade", "--student", "all-right")
    assert len(_inputs_of_the_key(folder) - first) > 0
    assert stat.S_IMODE((folder / ".autograder").stat().st_mode) == 0o700, "keys are for their owner alone"
    for key in (folder / ".autograder" / "keys").iterdir():
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def _inputs_of_the_key(folder):
    """The answers of all cached keys: they differ where the inputs do."""
    found = set()
    for path in (folder / ".autograder" / "keys").iterdir():
        answers = json.loads(path.read_text())["key"]["answers"]
        found |= {json.dumps(answer, sort_keys=True) for answer in answers}
    return found
