"""What was handed in is found and read, or it is said why not, also where rights are missing. See tests/broken for more."""

import contextlib
import os
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.course.handed_in import find_notebook, read_submission, read_timestamp


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
