"""Grading one notebook: ordinary tests are scored fairly, files are found and read with care, statuses are told."""

import html
import os

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_output
from nbgrader.utils import determine_grade

from autograder.course.handed_in import find_notebook
from autograder.course.plain_files import read_plain_file
from autograder.course.settings import Course, NoCourse
from autograder.feedback.page import render
from autograder.grading.grader import (
    FAILED,
    GRADED,
    MISSING,
    PARTLY,
    GradedNotebook,
    GradedSubmission,
    Grader,
    make_plain,
)
from tests.support.tiny_course import ASSIGNMENT, make_tiny_course


def ordinary(*outputs, points=2):
    info = {"grade_id": "t", "grade": True, "solution": False, "locked": True, "points": points, "schema_version": 3}
    return new_code_cell("assert True", metadata={"nbgrader": info}, outputs=list(outputs))


def result(text):
    return new_output("execute_result", data={"text/plain": text})


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("1.5", 1.5),
        ("np.float64(0.5)", 0.5),
        ("np.int64(0)", 0),
        ("nan", 0),
        ("np.float64(nan)", 0),
        ("-1", 0),
        ("99", 2),
        ("inf", 2),
        ("'done'", 2),
    ],
)
def test_the_last_value_of_an_ordinary_test_is_read_as_credit_within_bounds(text, score):
    cell = ordinary(result(text))
    make_plain(cell)
    assert determine_grade(cell) == (score, 2)


def test_a_warning_costs_nothing_and_an_error_costs_everything():
    cell = ordinary(new_output("stream", name="stderr", text="RuntimeWarning"))
    make_plain(cell)
    assert determine_grade(cell) == (2, 2)
    cell = ordinary(new_output("error", ename="AssertionError", evalue="", traceback=[]), result("2"))
    make_plain(cell)
    assert determine_grade(cell) == (0, 2)


@pytest.mark.parametrize(
    "name",
    [
        "03_backprop (1).ipynb",
        "03_backprop_final.ipynb",
        "03 backprop copy.ipynb",
        "03_Backprop.ipynb",
        "homework.ipynb",
    ],
)
def test_a_renamed_notebook_is_found_and_that_is_said(tmp_path, name):
    (tmp_path / name).write_text("{}")
    path, said = find_notebook(tmp_path, "03_backprop", ["03_backprop"])
    assert path.name == name and name in said


def test_the_exact_name_wins_and_links_are_not_followed(tmp_path):
    (tmp_path / "a.ipynb").write_text("{}")
    (tmp_path / "a (1).ipynb").write_text("{}")
    path, said = find_notebook(tmp_path, "a", ["a"])
    assert path == tmp_path / "a.ipynb" and "a (1).ipynb; it was left aside" in said
    (tmp_path / "b.ipynb").symlink_to(tmp_path / "a.ipynb")
    path, said = find_notebook(tmp_path, "b", ["a", "b"])
    assert path is None and "links are not followed" in said


def test_only_ordinary_files_are_read(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")
    assert read_plain_file(tmp_path / "file", 10) == b"x"
    assert [read_plain_file(tmp_path / name, 10) for name in ("link", "pipe", "missing", ".")] == [None] * 4
    assert read_plain_file(tmp_path / "file", 0) is None


def test_files_beside_the_notebook_are_taken_by_kind_and_never_through_links(course_folder):
    folder = course_folder(["02_gradient_descent"])
    work = folder / "submitted" / "ann" / "02_gradient_descent"
    (work / "data").mkdir(parents=True)
    (work / "data" / "points.csv").write_text("1,2")
    (work / "mine.py").write_text("x = 1")
    (work / "tool.exe").write_bytes(b"MZ")
    (work / "secret.txt").symlink_to(folder / "nbgrader_config.py")
    (work / "everything").symlink_to(folder)
    files, remarks = Course.here(folder).companions("02_gradient_descent", "ann")
    assert set(files) == {"data/points.csv", "mine.py"}
    assert {"tool.exe" in said for said in remarks} == {True, False}
    assert any("secret.txt" in said and "links" in said for said in remarks)


def test_the_status_of_a_submission_is_that_of_its_worst_notebook():
    def status(*each):
        return GradedSubmission("s", "a", [GradedNotebook("n", None, one) for one in each]).status

    assert status(GRADED, GRADED) == GRADED and status(GRADED, PARTLY) == PARTLY
    assert status(GRADED, FAILED) == FAILED and status(MISSING) == MISSING and status(GRADED, MISSING) == PARTLY
    assert status() == MISSING


def test_a_course_without_its_parts_says_what_is_missing(tmp_path):
    with pytest.raises(NoCourse, match="nbgrader_config.py"):
        Course.here(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    with pytest.raises(NoCourse, match="no assignment"):
        Course.here(tmp_path).notebooks("03_backprop")
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\nc.CourseLab.limits = {'speed': 3}\n")
    with pytest.raises(ValueError, match="no such limit: speed"):
        Course.here(tmp_path)


@pytest.mark.sandbox
@pytest.mark.slow
def test_nothing_handed_in_is_missing_and_a_linked_folder_is_not_followed(course_folder):
    folder = course_folder(["02_gradient_descent"])
    with Grader(Course.here(folder), "02_gradient_descent") as grader:
        assert grader.grade("nobody").status == MISSING
        (folder / "submitted" / "eve").mkdir(parents=True)
        (folder / "submitted" / "eve" / "02_gradient_descent").symlink_to(folder / "source" / "02_gradient_descent")
        submission = grader.grade("eve")
        assert submission.status == FAILED and "links are not followed" in submission.reason
        (folder / "submitted" / "eve" / "02_gradient_descent").unlink()
        work = folder / "submitted" / "eve" / "02_gradient_descent"
        work.mkdir()
        (work / "02_gradient_descent.ipynb").symlink_to(
            folder / "source" / "02_gradient_descent" / "02_gradient_descent.ipynb"
        )
        assert grader.grade("eve").status == FAILED


@pytest.mark.sandbox
@pytest.mark.slow
def test_what_a_student_prints_in_a_hidden_question_is_shown_nowhere(course_folder):
    """Code that prints, keeps and raises its inputs: the notebook and the page hold none of them."""
    from autograder.feedback.page import render

    folder = course_folder(["02_gradient_descent"])
    course = Course.here(folder)
    source = course.source_notebook("02_gradient_descent", "02_gradient_descent")
    for cell in source.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "gradient_step":
            cell.source = "KEPT = []\ndef gradient_step(w, gradient, learning_rate):\n    KEPT.append('inputs:' + repr(w))\n    print(KEPT)\n    raise ValueError(KEPT[-1])"
    source.cells.append(new_code_cell("print('kept', KEPT)", id="last"))
    work = folder / "submitted" / "eve" / "02_gradient_descent"
    work.mkdir(parents=True)
    nbformat.write(source, work / "02_gradient_descent.ipynb")
    with Grader(course, "02_gradient_descent") as grader:
        (graded,) = grader.grade("eve").notebooks
    page = render(graded.notebook, {"notebook": "02_gradient_descent", "assignment": "02_gradient_descent"})
    visible = [cell for cell in graded.notebook.cells if "'kept', KEPT" in cell.source][0].outputs[0].text
    assert "inputs:2.0" in visible, "what its own visible check handed in may be there"
    raised = [q["raised"] for q in graded.verdicts["test_gradient_step"]["questions"] if q["raised"]]
    assert raised and all(item["message"].startswith("inputs:") for item in raised)
    for item in raised:
        numbers = [
            piece
            for piece in item["message"].replace("[", " ").replace("]", " ").replace(",", " ").split()
            if "." in piece and len(piece) > 5
        ]
        assert not any(number.strip("()") in page + visible for number in numbers)


def test_a_file_that_cannot_be_read_still_has_its_choice_and_its_remarks_told(tmp_path, key_cache):
    """Two uploads, of which the newer is cut off, and a link beside them: the page says all three."""
    folder = make_tiny_course(tmp_path / "course", ["ann"], keys=key_cache)
    work = folder / "submitted" / "ann" / ASSIGNMENT
    older = (work / f"{ASSIGNMENT}.ipynb").rename(work / f"{ASSIGNMENT} (1).ipynb")
    os.utime(older, (1, 1))
    (work / f"{ASSIGNMENT} (2).ipynb").write_bytes(older.read_bytes()[:700])
    (work / "data.csv").symlink_to(folder / "nbgrader_config.py")
    with Grader(Course.here(folder), ASSIGNMENT) as grader:
        (notebook,) = grader.grade("ann").notebooks
    assert notebook.status == FAILED and notebook.reason
    assert [f"{ASSIGNMENT} (2).ipynb" in said for said in notebook.repairs] == [True]
    assert ["data.csv" in said for said in notebook.remarks] == [True]
    page = render(notebook.notebook, {"notebook": ASSIGNMENT, "assignment": ASSIGNMENT, "student": "ann"})
    for said in (notebook.reason[1:], *notebook.repairs, *notebook.remarks):  # on the page it begins with a capital
        assert said in html.unescape(page)
