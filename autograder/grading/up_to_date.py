"""What is still good of an earlier grading: nothing, the marks, or the marks and the pages."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

from autograder.gradebook.marks import marks_of
from autograder.grading import grading_file
from autograder.grading.versions import Effect, code_version

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

    from autograder.course.settings import Course
    from autograder.gradebook.marks import Marks


class ToDo(StrEnum):
    """What is to be done for a submission."""

    REGRADE = "regrade"
    PAGES = "pages"  # a person has changed the marks since, or the page is another one now
    NOTHING = "nothing"


def what_is_to_do(
    course: Course, gradebook: Gradebook, assignment: str, student: str, fingerprint: str, names: Sequence[str]
) -> ToDo:
    """What is to be done for a submission. names: of the assignment's notebooks."""
    folder = course.folder("autograded", assignment, student)
    known = grading_file.read_if_sound(folder, student)
    if known is None or known.made_from != fingerprint:
        return ToDo.REGRADE
    marks = marks_of(gradebook, assignment, student)
    if not set(names) <= set(marks) or known.recorded != digest_of_automatic(marks):
        return ToDo.REGRADE
    notebooks = [folder / f"{name}.ipynb" for name in names]
    if not all(ends_whole(path) for path in notebooks):
        return ToDo.REGRADE
    pages = [course.folder("feedback", assignment, student) / f"{name}.html" for name in names]
    made_now = digest_of_all(marks), code_version(Effect.PAGES)
    if (known.page, known.page_made_by) == made_now and all(map(_holds_something, pages)):
        return ToDo.NOTHING
    return ToDo.PAGES if all(read_notebook(path) is not None for path in notebooks) else ToDo.REGRADE


def ends_whole(path: str | Path) -> bool:
    """Whether a notebook's file looks as if it were all there: not emptied, not cut off (which power cuts and full disks
    elsewhere do)."""
    try:
        with open(path, "rb") as file:
            file.seek(-min(10, os.fstat(file.fileno()).st_size), os.SEEK_END)
            return file.read().rstrip().endswith(b"}")
    except OSError:
        return False


def _holds_something(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def read_notebook(path: Path) -> nbformat.NotebookNode | None:
    """An autograded notebook, or None where the file holds none any more."""
    try:
        return nbformat.read(path, as_version=4)
    except Exception:  # whatever a damaged file makes of a parser
        return None


def digest_of_automatic(marks: Mapping[str, Marks]) -> str:
    """A short name for the part of the marks that only grading writes. marks: notebook's name → Marks."""
    return digest_of([[name, each.automatic()] for name, each in marks.items()])


def digest_of_all(marks: Mapping[str, Marks]) -> str:
    """The same for all of the marks."""
    return digest_of([[name, vars(each)] for name, each in marks.items()])


def digest_of(data: Any) -> str:
    """A short name for plain data: equal data, equal name."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:32]
