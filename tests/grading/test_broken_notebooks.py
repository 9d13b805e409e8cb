"""A class of broken and odd submissions ends, each one, in its own explicit status; honest neighbours keep full marks.

The bank is tests/support/broken/. It is graded twice, in one batch each: by `autograder grade`, and by plain nbgrader.
"""

import csv
import html
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbgrader
import pytest
from nbgrader.api import Gradebook

from autograder import spreadsheet
from autograder.visible import is_visible, visible
from tests.support.broken import CASES, FAILED, FULL, GRADED, MISSING
from tests.support.broken.bank import ASSIGNMENT, NOTEBOOK, honest_bytes
from tests.support.courses import make_course

BIN = Path(sys.executable).parent
NEIGHBOURS = ["0-first", "m-middle", "zz-last"]
LOST = b"caf\xe9"  # a student's folder whose name is no UTF-8
pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


def run(folder, *command, expect):
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "PYTHONUTF8": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == expect, f"{command}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-5000:]}"
    return done


def make_class(folder, key_cache):
    """A course in which everybody of the bank and three honest students have handed in."""
    make_course(folder, [ASSIGNMENT])
    (folder / ".autograder").mkdir(mode=0o700)
    (folder / ".autograder" / "keys").symlink_to(key_cache)
    for student in NEIGHBOURS:
        work = folder / "submitted" / student / ASSIGNMENT
        work.mkdir(parents=True)
        (work / NOTEBOOK).write_bytes(honest_bytes())
    for case in CASES:
        case.hand_in(folder / "submitted" / case.student / ASSIGNMENT)
    os.makedirs(os.fsencode(folder / "submitted") + b"/" + LOST + b"/" + os.fsencode(ASSIGNMENT))
    return folder


def snapshot(folder):
    """Everything below a folder: name → kind, rights, size, time of change, and where a link points."""
    found = {}
    for here, folders, files in os.walk(os.fsencode(folder)):
        for name in folders + files:
            path = os.path.join(here, name)
            info = os.lstat(path)
            target = os.readlink(path) if stat.S_ISLNK(info.st_mode) else None
            found[path] = (info.st_mode, info.st_size, info.st_mtime_ns, info.st_ino, target)
    return found


def recorded(folder, assignment=ASSIGNMENT):
    """student → SimpleNamespace(marks, waits, comments) from the gradebook."""
    found = {}
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        for submission in gradebook.assignment_submissions(assignment):
            (notebook,) = submission.notebooks
            found[submission.student_id] = SimpleNamespace(
                marks={grade.name: grade.auto_score for grade in notebook.grades},
                waits={grade.name: bool(grade.needs_manual_grade) for grade in notebook.grades},
                comments={comment.name: comment.auto_comment for comment in notebook.comments},
            )
    return found


def grading(folder, student, assignment=ASSIGNMENT):
    return json.loads((folder / "autograded" / student / assignment / "grading.json").read_text())


@pytest.fixture(scope="module")
def ours(tmp_path_factory, key_cache):
    folder = make_class(tmp_path_factory.mktemp("ours") / "course", key_cache)
    before = snapshot(folder / "submitted")
    said = run(folder, BIN / "autograder", "grade", ASSIGNMENT, "--jobs", "2", expect=1)
    with open(folder / "marks.csv", newline="") as file:
        table = {row["student"]: row for row in csv.DictReader(file)}
    return SimpleNamespace(folder=folder, before=before, said=said, rows=recorded(folder), table=table)


@pytest.fixture(scope="module")
def theirs(tmp_path_factory, key_cache):
    folder = make_class(tmp_path_factory.mktemp("theirs") / "course", key_cache)
    before = snapshot(folder / "submitted")
    said = run(folder, BIN / "nbgrader", "autograde", ASSIGNMENT, expect=1)
    return SimpleNamespace(folder=folder, before=before, said=said, rows=recorded(folder))


def test_the_bank_is_as_large_as_promised():
    assert len(CASES) >= 170
    assert {case.status for case in CASES} == {GRADED, "partly graded", FAILED, MISSING}


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_each_ends_in_its_status_with_its_marks_and_the_repair_is_said(case, ours):
    told = grading(ours.folder, case.student)
    (notebook,) = told["notebooks"]
    words = [told["reason"], *notebook["repairs"], *notebook["remarks"]]
    assert (told["status"], notebook["status"]) == (case.status, case.status), words

    if case.said:
        assert any(re.search(case.said, each) for each in words), words
    else:
        assert words == [""], "what nothing is expected to be said of"

    row = ours.rows[case.student]
    automatic = {name: score for name, score in row.marks.items() if name in FULL}
    if case.status == FAILED:
        assert set(row.marks.values()) == {None}, "no mark is made up"
        assert all(row.waits.values()), "a person is waited for"
    else:
        assert automatic == pytest.approx(case.marks), words
        assert not any(row.waits[name] for name in FULL)
    if case.status in (FAILED, MISSING):
        assert told["reason"] and all(told["reason"] in comment for comment in row.comments.values())

    line = ours.table[spreadsheet.cell(visible(case.student))]
    assert (line["status"], line["reason"]) == (case.status, told["reason"])

    page = (ours.folder / "feedback" / case.student / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()
    page = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())
    for each in filter(None, words):
        shown = " ".join(each.split())
        assert shown[1:].rstrip(".") in page, "what was repaired, left behind or in the way stands in the feedback"
    if case.status != GRADED:
        assert case.status in page.lower()


@pytest.mark.parametrize("student", NEIGHBOURS)
def test_honest_neighbours_keep_full_marks(student, ours, theirs):
    for graded in (ours, theirs):
        row = graded.rows[student]
        assert {name: row.marks[name] for name in FULL} == FULL
        assert grading(graded.folder, student)["status"] == GRADED


def test_everybody_is_recorded_and_failures_are_named_on_the_standard_error(ours):
    students = {case.student for case in CASES} | set(NEIGHBOURS)
    assert set(ours.rows) == students
    assert len(ours.table) == len(students)
    failed = [case.student for case in CASES if case.status == FAILED]
    assert ours.said.stderr.count("could not be graded: ") == len(failed) + 1
    assert all(f"{visible(student)}/{ASSIGNMENT} could not be graded: " in ours.said.stderr for student in failed)


def test_no_name_reaches_terminal_or_table_but_as_it_can_be_seen(ours, theirs):
    said = [ours.said.stdout, ours.said.stderr, theirs.said.stdout, theirs.said.stderr]
    for text in (*said, (ours.folder / "marks.csv").read_text(encoding="utf-8")):
        plain = re.sub(r"\x1b\[(0|[0-9;]*)m", "", text) if text in said else text  # nbgrader colours its own log
        assert not [line for line in plain.split("\n") if not is_visible(line.removesuffix("\r"))]


def test_a_folder_whose_name_no_gradebook_can_hold_is_named(ours, theirs):
    for graded in (ours, theirs):
        assert rf"caf\xe9/{ASSIGNMENT}" in graded.said.stderr and "rename the folder" in graded.said.stderr


def test_what_was_handed_in_is_left_as_it_was(ours, theirs):
    for graded in (ours, theirs):
        assert snapshot(graded.folder / "submitted") == graded.before


def test_nbgraders_own_command_ends_in_the_same_statuses_marks_and_comments(ours, theirs):
    assert theirs.rows == ours.rows
    for case in CASES:
        one, other = grading(ours.folder, case.student), grading(theirs.folder, case.student)
        same = ("status", "reason", "notebooks")
        assert [one[name] for name in same] == [other[name] for name in same], case.name


def test_nbgraders_own_feedback_is_written_for_everybody(ours, theirs):
    run(theirs.folder, BIN / "nbgrader", "generate_feedback", ASSIGNMENT, expect=0)
    for student in ours.rows:
        folder = theirs.folder / "feedback" / student / ASSIGNMENT
        assert [path.name for path in folder.iterdir()] == [f"{ASSIGNMENT}.html"], "nothing else is for students"
        same = ours.folder / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html"
        if student != "timed-solution":  # its page shows how long it took
            assert (folder / f"{ASSIGNMENT}.html").read_text() == same.read_text()


def test_the_formgraders_button_gives_the_same_and_says_why_not(theirs, monkeypatch):
    """What the button calls, for a renamed notebook and for one that cannot be graded."""
    from nbgrader.apps.api import NbGraderAPI

    from autograder.course.settings import Course

    course = Course.here(theirs.folder)
    monkeypatch.chdir(theirs.folder)
    api = NbGraderAPI(course.directory, config=course.config)
    good = api.autograde(ASSIGNMENT, "renamed-by-a-browser")
    bad = api.autograde(ASSIGNMENT, "not-json")
    assert good["success"] and not bad["success"]
    assert "text of another kind" in bad["log"]
    rows = recorded(theirs.folder)
    assert rows == theirs.rows
    waiting = api.get_submission(ASSIGNMENT, "not-json")
    assert waiting["needs_manual_grade"] and waiting["autograded"]


# What nbgrader ships for its own tests and documentation.

INSTALLED = Path(nbgrader.__file__).parent
GUIDE = INSTALLED / "docs" / "source" / "user_guide"
SHIPPED = sorted(INSTALLED.glob("tests/**/files/*.ipynb"))
SHIPPED += sorted(path for part in ("submitted", "source", "downloaded") for path in GUIDE.glob(f"{part}/**/*.ipynb"))
# Two of its own assignments beside ours: (the instructor's notebook, labels of its cells, functions it asks for)
EXAMPLES = {
    ASSIGNMENT: (None, set(FULL), set()),
    "cells": (
        INSTALLED / "tests" / "preprocessors" / "files" / "submitted-unchanged.ipynb",
        {"set_a", "foo", "bar", "baz", "quux"},
        set(),
    ),
    "squares": (
        GUIDE / "source" / "ps1" / "problem1.ipynb",
        {"squares", "correct_squares", "squares_invalid_input", "sum_of_squares", "correct_sum_of_squares"},
        {"squares", "sum_of_squares"},
    ),
}


def student_of(path):
    return "-".join(path.relative_to(INSTALLED).with_suffix("").parts).replace("docs-source-user_guide", "guide")


def belongs(path, labels, functions):
    """Whether a notebook has a cell with such a label, or one that defines such a function."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    found = {cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells}
    defined = {name for cell in cells for name in re.findall(r"^def (\w+)", "".join(cell["source"]), re.MULTILINE)}
    return bool(labels & found or functions & defined)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory, key_cache):
    """Each of nbgrader's notebooks, handed in by a student of its own for each of the three assignments."""
    folder = make_course(tmp_path_factory.mktemp("shipped") / "course", [ASSIGNMENT])
    (folder / ".autograder").mkdir(mode=0o700)
    (folder / ".autograder" / "keys").symlink_to(key_cache)
    for assignment, (source, _, _) in EXAMPLES.items():
        if source:
            (folder / "source" / assignment).mkdir()
            shutil.copy(source, folder / "source" / assignment / f"{assignment}.ipynb")
        for path in SHIPPED:
            work = folder / "submitted" / student_of(path) / assignment
            work.mkdir(parents=True)
            shutil.copy(path, work / f"{assignment}.ipynb")
    work = folder / "submitted" / "neighbour" / ASSIGNMENT
    work.mkdir(parents=True)
    (work / NOTEBOOK).write_bytes(honest_bytes())
    run(folder, BIN / "autograder", "grade", *EXAMPLES, "--jobs", "2", expect=1)
    return folder


@pytest.mark.parametrize("assignment", EXAMPLES)
def test_every_notebook_that_nbgrader_ships_ends_in_the_status_it_should(assignment, shipped):
    _, labels, functions = EXAMPLES[assignment]
    rows = recorded(shipped, assignment)
    assert len(SHIPPED) >= 70 and all(student_of(path) in rows for path in SHIPPED)
    for path in SHIPPED:
        student = student_of(path)
        told, row = grading(shipped, student, assignment), rows[student]
        if belongs(path, labels, functions):
            assert told["status"] == GRADED, (student, told)
        else:
            assert told["status"] == FAILED and "another notebook" in told["reason"], (student, told)
            assert set(row.marks.values()) == {None} and all(row.waits.values()), student
    neighbour = grading(shipped, "neighbour") if assignment == ASSIGNMENT else {"status": GRADED}
    assert neighbour["status"] == GRADED


def test_nbgraders_own_examples_get_the_marks_that_nbgrader_expects(shipped):
    rows = recorded(shipped, "cells")
    for path in SHIPPED:
        if path.stem.startswith("submitted-"):
            marks = rows[student_of(path)].marks
            changed = belongs(path, {"set_a"}, set()) and re.search(r"(?m)^\s*\"?a = 1", _text_of(path, "set_a"))
            assert (marks["foo"], marks["bar"]) == (1, 1 if changed else 0), path


def _text_of(path, label):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "".join(next(c["source"] for c in cells if c["metadata"].get("nbgrader", {}).get("grade_id") == label))
