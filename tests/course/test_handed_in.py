"""What was handed in is found and read, or it is said why not, also where rights are missing. See tests/broken for more."""

import contextlib
import os
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.course.handed_in import find_notebook, read_submission, read_timestamp
from autograder.course.plain_files import NotRead, Obstacle, why_not_read
from autograder.course.settings import LARGEST_COMPANION, MOST_COMPANIONS, Course
from tests.support.tiny_course import ASSIGNMENT, make_tiny_course


@contextlib.contextmanager
def without_root():
    """Root may read everything: be an ordinary user for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def course():
    """A course as far as reading needs it, in a folder that an ordinary user may enter (pytest's own are closed)."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        yield SimpleNamespace(
            root=root,
            directory=SimpleNamespace(submitted_directory="submitted"),
            folder=lambda step, assignment, student: root / step / student / assignment,
            companions=lambda assignment, student: ({}, []),
        )


def work(course, student="ann"):
    folder = course.folder("submitted", "a", student)
    folder.mkdir(parents=True)
    return folder


def test_a_file_without_rights_is_named_and_nothing_is_raised(course):
    path = work(course) / "a.ipynb"
    path.write_bytes(b"{}")
    path.chmod(0)
    with without_root():
        found = read_submission(course, "a", "ann", ["a"]).notebooks["a"]
    assert found.data is None and not found.missing and "cannot be read" in found.reason


@pytest.mark.parametrize("closed", ["folder", "student"])
def test_a_folder_without_rights_is_no_missing_work(course, closed):
    folder = work(course)
    (folder / "a.ipynb").write_bytes(b"{}")
    shut = folder if closed == "folder" else folder.parent
    shut.chmod(0)
    try:
        with without_root():
            found = read_submission(course, "a", "ann", ["a"]).notebooks["a"]
    finally:
        shut.chmod(0o700)
    assert not found.missing and "the folder cannot be read (Permission denied)" in found.reason


def test_a_folder_that_can_be_listed_and_not_entered_is_no_missing_work(course):
    folder = work(course)
    (folder / "a.ipynb").write_bytes(b"{}")
    folder.chmod(0o444)
    try:
        with without_root():
            found = read_submission(course, "a", "ann", ["a"]).notebooks["a"]
    finally:
        folder.chmod(0o700)
    assert found.data is None and not found.missing and found.reason


def test_one_of_several_notebooks_is_never_taken_for_another(tmp_path):
    names = ["problem1", "problem2"]
    (tmp_path / "problem1.ipynb").write_bytes(b"1")
    assert find_notebook(tmp_path, "problem2", names) == (None, "")
    (tmp_path / "notes.ipynb").write_bytes(b"notes")
    assert find_notebook(tmp_path, "problem2", names) == (None, ""), "with several notebooks the name must say which"
    (tmp_path / "problem2 (1).ipynb").write_bytes(b"2")
    path, said = find_notebook(tmp_path, "problem2", names)
    assert path.name == "problem2 (1).ipynb" and "taken as problem2.ipynb" in said


@pytest.mark.parametrize(
    "text", [b"", b"soon", b"\xff\xfe", b"9" * 5000, b"2026-13-45", b"0", b"\x00", b"1e400", b"10:61"]
)
def test_a_timestamp_that_is_none_gives_none(course, text):
    (work(course) / "timestamp.txt").write_bytes(text)
    assert read_timestamp(course, "a", "ann") is None


def test_a_timestamp_is_never_waited_for(course):
    os.mkfifo(work(course) / "timestamp.txt")
    assert read_timestamp(course, "a", "ann") is None
    assert read_submission(course, "a", "ann", ["a"]).remarks


def test_a_timestamp_as_nbgrader_writes_it_is_kept(course):
    (work(course) / "timestamp.txt").write_text("2026-01-30 15:30:10.123456 UTC\n")
    assert read_timestamp(course, "a", "ann") == "2026-01-30 15:30:10.123456 UTC"


# Why a file was not read, or left behind.


def test_what_keeps_a_file_from_being_read_is_told_apart(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"12")
    (tmp_path / "link").symlink_to(path)
    os.mkfifo(tmp_path / "pipe")
    found = {name: why_not_read(tmp_path / name, most=1).obstacle for name in ("link", ".", "pipe", "file", "none")}
    assert found == {
        "link": Obstacle.LINK,
        ".": Obstacle.FOLDER,
        "pipe": Obstacle.NO_FILE,
        "file": Obstacle.TOO_LARGE,
        "none": Obstacle.ERROR,
    }
    assert why_not_read(path, most=2).obstacle == Obstacle.FORBIDDEN, "nothing else is left"


def test_each_obstacle_has_words_of_its_own():
    assert len({str(NotRead(obstacle)) for obstacle in Obstacle}) == len(Obstacle)


@pytest.fixture
def readable_course():
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        folder = make_tiny_course(Path(name) / "course")
        work = folder / "submitted" / "bea" / ASSIGNMENT
        work.mkdir(parents=True)
        yield Course.here(folder), work


def test_a_file_without_rights_is_not_said_to_be_of_the_wrong_kind(readable_course):
    course, work = readable_course
    (work / "data.csv").write_bytes(b"1,2")
    (work / "data.csv").chmod(0)
    with without_root():
        files, (said,) = course.companions(ASSIGNMENT, "bea")
    assert "data.csv" not in files and "its owner has not allowed it" in said


def test_one_file_too_many_is_not_said_to_be_of_the_wrong_kind(readable_course):
    course, work = readable_course
    for number in range(MOST_COMPANIONS + 1):
        (work / f"{number:03}.csv").touch()
    _, (said,) = course.companions(ASSIGNMENT, "bea")
    assert f"{MOST_COMPANIONS:03}.csv" in said and f"no more than {MOST_COMPANIONS} files" in said


def test_files_of_other_kinds_and_large_ones_are_left_behind_with_their_reason(readable_course):
    course, work = readable_course
    (work / "tool.exe").touch()
    (work / "large.csv").touch()
    os.truncate(work / "large.csv", LARGEST_COMPANION + 1)
    _, (large, tool) = course.companions(ASSIGNMENT, "bea")
    assert "the file is 11 MB; more than 10 MB is not read" in large and "files of this kind" in tool


def test_the_instructors_files_are_there_however_many_a_student_hands_in(readable_course):
    course, work = readable_course
    (course.folder("source", ASSIGNMENT) / "data.csv").write_bytes(b"the instructor's")
    for name in ("data.csv", *(f"{number:03}.csv" for number in range(MOST_COMPANIONS))):
        (work / name).write_bytes(b"the student's")
    files, _ = course.companions(ASSIGNMENT, "bea")
    assert files["data.csv"] == b"the instructor's"
    (work / "data.csv").unlink()
    files, _ = course.companions(ASSIGNMENT, "bea")
    assert files["data.csv"] == b"the instructor's" and len(files) == MOST_COMPANIONS + 1
