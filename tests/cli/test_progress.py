"""What a person sees while a class is graded, and the table at its end."""

import csv
import io
import re

import nbformat
import pytest
from rich.console import Console

from autograder.cli import progress as progress_
from autograder.cli.progress import make_progress
from autograder.cli.tables import marks_table
from autograder.course.settings import Course
from autograder.gradebook.opening import open_gradebook
from autograder.gradebook.record import record
from autograder.gradebook.registering import register
from autograder.grading import grading_file
from autograder.grading.class_run import Did, SubmissionResult
from autograder.grading.marks_csv import write_marks
from autograder.notebook.rebuild import master_notebook
from autograder.submission import FAILED, GRADED, GradedNotebook, GradedSubmission
from tests.support.tiny_course import ASSIGNMENT, make_tiny_course


def result(student, status=GRADED, **more):
    return SubmissionResult(ASSIGNMENT, student, status, more.pop("reason", ""), more.pop("mistakes", ()), **more)


def shown(total, results, terminal=False, quiet=False):
    text = io.StringIO()
    console = Console(file=text, force_terminal=terminal, width=160)
    with make_progress(total, quiet, console) as progress:
        for each in results:
            progress.told(each)
    return text.getvalue()


def test_where_nobody_watches_each_submission_of_a_small_class_gets_a_plain_line():
    said = shown(3, [result("ann"), result("[bob]", FAILED, reason="no"), result("cleo", did=Did.UNCHANGED)])
    assert said.splitlines() == [
        f"1/3  ann/{ASSIGNMENT}: graded",
        f"2/3  [bob]/{ASSIGNMENT}: could not be graded",
        f"3/3  cleo/{ASSIGNMENT}: graded (unchanged)",
    ]


def test_a_large_class_gets_a_line_every_few_seconds_with_rate_time_left_and_failures(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress_.time, "monotonic", lambda: now[0])

    def results():
        for number in range(600):
            now[0] += 0.5
            yield result(f"s{number}", FAILED if number == 3 else GRADED)

    lines = shown(600, results()).splitlines()
    assert len(lines) == 60
    assert lines[0] == " 10/600  120 a minute, 5 min left, 1 could not be graded"
    assert lines[-1] == "600/600  120 a minute, 0 s left, 1 could not be graded"


def test_a_terminal_gets_a_bar_with_what_failed_so_far():
    said = shown(3, [result("ann"), result("[bob]", FAILED), result("cleo")], terminal=True)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said)
    assert "3/3" in plain and "1 could not be graded (last: [bob])" in plain and "a minute" in plain


@pytest.mark.parametrize("terminal", [True, False])
def test_quiet_shows_nothing(terminal):
    assert shown(1, [result("ann")], terminal, quiet=True) == ""


# The table. Submissions are recorded as if they had been graded; nothing is run.


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """(course, gradebook, results) of 70 students; bob's name is a formula, and his reason, too."""
    course = Course.here(make_tiny_course(tmp_path_factory.mktemp("large"), students=()))
    master = master_notebook(course.source_notebook(ASSIGNMENT, ASSIGNMENT))
    students = ["=bob()", *(f"s{number:02}" for number in range(69))]
    with open_gradebook(course) as gradebook:
        register(course, gradebook, ASSIGNMENT, {ASSIGNMENT: master})
        results = []
        for number, student in enumerate(students):
            status, reason = (FAILED, "@no\nway") if number == 0 else (GRADED, "")
            notebook = GradedNotebook(ASSIGNMENT, nbformat.from_dict(master), status, reason)
            for cell in notebook.notebook.cells:
                if cell.metadata.nbgrader.grade_id == "test_double":
                    points = nbformat.v4.new_output("execute_result", data={"text/plain": str(float(number % 2))})
                    cell.outputs = [points]  # test_triple has none, and so full marks: 3 points
            notebook.verdicts = {"test_double": {"mistakes": [{"name": "added-two"}] if number % 10 == 1 else []}}
            submission = GradedSubmission(student, ASSIGNMENT, [notebook])
            record(gradebook, submission)
            folder = course.folder("autograded", ASSIGNMENT, student)
            folder.mkdir(parents=True)
            grading_file.write(folder, grading_file.GradingRecord.of(submission))
            did = {"did": Did.UNCHANGED} if number > 60 else {}
            results.append(result(student, status, reason=reason, mistakes=tuple(submission.mistakes), **did))
        yield course, gradebook, results


def as_text(table):
    text = io.StringIO()
    Console(file=text, width=200).print(table)
    return text.getvalue()


def test_a_small_class_gets_a_row_for_each_student(large):
    _, gradebook, results = large
    said = as_text(marks_table(gradebook, results[-20:]))
    lines = [line for line in said.splitlines() if ASSIGNMENT in line]
    assert len(lines) == 20
    line = next(line for line in lines if " s68 " in line)
    assert "4 / 6" in line and "graded (unchanged)" in line


def test_what_is_taken_off_for_being_late_is_taken_off_in_the_tables(large):
    _, gradebook, results = large
    before = mean_of(gradebook, results)
    for notebook in gradebook.find_submission(ASSIGNMENT, "s68").notebooks:
        notebook.late_submission_penalty = 3
    try:
        said = as_text(marks_table(gradebook, results[-20:]))
        (line,) = [line for line in said.splitlines() if " s68 " in line]
        assert "1 / 6" in line and "(3 taken off for being late)" in line
        assert mean_of(gradebook, results) == pytest.approx(before - 3 / 70, abs=0.011)
    finally:
        gradebook.db.rollback()


def mean_of(gradebook, results):
    """The mean points that the summary says."""
    (line,) = [line for line in as_text(marks_table(gradebook, results)).splitlines() if ASSIGNMENT in line]
    return float(re.search(r"([\d.]+) / 6", line)[1])


def test_a_large_class_gets_a_summary(large):
    _, gradebook, results = large
    (line,) = [line for line in as_text(marks_table(gradebook, results)).splitlines() if ASSIGNMENT in line]
    for part in ("70", "/ 6", "69 graded", "1 could not be graded", "(9 unchanged)", "added-two (7)"):
        assert part in line


def test_marks_csv_holds_every_submission_and_no_formula(large):
    course, gradebook, results = large
    rows = list(csv.DictReader(write_marks(course, gradebook).read_text().splitlines()))
    assert len(rows) == len(results)
    bob = rows[0]
    assert (bob["student"], bob["status"], bob["reason"]) == ("'=bob()", FAILED, "'@no way")
    assert rows[1]["mistakes"] == "added-two" and float(rows[1]["score"]) == 4
    assert {row["max_score"] for row in rows} == {"6.0"}
