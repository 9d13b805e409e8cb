"""grading.json: what came of one submission, beside its autograded notebooks. Written and read here alone.

A version number says how the file is laid out; the files of before there was one are read as well.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from autograder.course.plain_files import read_plain_file
from autograder.files import remove_durably, write_whole
from autograder.submission import GradedSubmission, Status

NAME = "grading.json"
VERSION = 1
LARGEST = 50 * 1024**2  # bytes
Kind = TypeVar("Kind")


class Fault(StrEnum):
    """Why a grading.json cannot be used."""

    ABSENT = "absent"
    DAMAGED = "damaged"  # empty, cut off, no JSON, unreadable
    FOREIGN = "foreign"  # JSON, but not a record of this submission
    NEWER = "newer"  # written by a later version of the autograder


class Unusable(Exception):
    """There is no grading.json, or it cannot be used."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"{NAME} is {fault}")
        self.fault = fault


@dataclass(frozen=True)
class NotebookRecord:
    """One notebook of the submission."""

    name: str
    status: Status
    reason: str
    repairs: list[str]
    remarks: list[str]
    cells: list[dict[str, Any]]  # verdict_data.cell_data of each question cell


@dataclass(frozen=True)
class GradingRecord:
    """A graded submission, and what its marks and pages were made from."""

    student: str
    assignment: str
    status: Status
    reason: str
    sandbox: str  # GradedSubmission.sandbox; "" where it is not known
    mistakes: list[str]
    notebooks: list[NotebookRecord]
    made_from: str | None = None  # its fingerprint; None: to be graded again in any case
    recorded: str | None = None  # digest of the automatic marks
    page: str | None = None  # digest of the marks that stand on the pages
    page_made_by: str | None = None  # version of the code that made the pages

    @classmethod
    def of(cls, submission: GradedSubmission, **made: str | None) -> GradingRecord:
        """The record of a submission. made: made_from, recorded, page, page_made_by."""
        notebooks = [
            NotebookRecord(
                *(each.name, each.status, each.reason, each.repairs, each.remarks, list(each.verdicts.values()))
            )
            for each in submission.notebooks
        ]
        return cls(
            student=submission.student,
            assignment=submission.assignment,
            status=submission.status,
            reason=submission.reason,
            sandbox=submission.sandbox,
            mistakes=submission.mistakes,
            notebooks=notebooks,
            **made,
        )

    def to_json(self) -> str:
        """The text of the file."""
        return json.dumps({"version": VERSION, **asdict(self)}) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> GradingRecord:
        """The record in the text of a file. Raises Unusable: DAMAGED, FOREIGN or NEWER."""
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            raise Unusable(Fault.DAMAGED) from None
        try:
            if data.pop("version", VERSION) > VERSION:
                raise Unusable(Fault.NEWER)
            return cls._from_data(data)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise Unusable(Fault.FOREIGN) from None

    @classmethod
    def _from_data(cls, data: dict[str, Any]) -> GradingRecord:
        made = {name: _optional(data.get(name)) for name in ("made_from", "recorded", "page", "page_made_by")}
        return cls(
            student=_typed(str, data["student"]),
            assignment=_typed(str, data["assignment"]),
            status=Status(data["status"]),
            reason=_typed(str, data["reason"]),
            sandbox=_typed(str, data.get("sandbox", "")),
            mistakes=_all(str, data["mistakes"]),
            notebooks=[_notebook(each) for each in _all(dict, data["notebooks"])],
            **made,
        )


def _notebook(data: dict[str, Any]) -> NotebookRecord:
    return NotebookRecord(
        name=_typed(str, data["name"]),
        status=Status(data["status"]),
        reason=_typed(str, data["reason"]),
        repairs=_all(str, data["repairs"]),
        remarks=_all(str, data["remarks"]),
        cells=_all(dict, data["cells"]),
    )


def _typed(kind: type[Kind], value: object) -> Kind:
    if not isinstance(value, kind):
        raise TypeError(kind)
    return value


def _optional(value: object) -> str | None:
    return None if value is None else _typed(str, value)


def _all(kind: type[Kind], values: object) -> list[Kind]:
    return [_typed(kind, value) for value in _typed(list, values)]


# The file.


def path_in(folder: Path) -> Path:
    """Where it lies. folder: autograded/<student>/<assignment>/."""
    return folder / NAME


def read(folder: Path, student: str) -> GradingRecord:
    """What was recorded of `student`'s submission. Raises Unusable. A link is not followed."""
    path = path_in(folder)
    try:
        content = read_plain_file(path, LARGEST)
    except OSError:
        content = None
    if content is None:
        raise Unusable(Fault.DAMAGED if path.is_symlink() or path.exists() else Fault.ABSENT)
    record = GradingRecord.from_json(content)
    if record.student != student:
        raise Unusable(Fault.FOREIGN)
    return record


def read_if_sound(folder: Path, student: str) -> GradingRecord | None:
    """The same, or None where there is no sound one."""
    try:
        return read(folder, student)
    except Unusable:
        return None


def write(folder: Path, record: GradingRecord) -> None:
    """Write it whole or not at all, for its owner only."""
    write_whole(path_in(folder), record.to_json(), 0o600)


def remove(folder: Path) -> None:
    """Remove it: from here on the submission counts as not graded."""
    remove_durably(path_in(folder))
