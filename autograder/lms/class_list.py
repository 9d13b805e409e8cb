"""The class list: who a learning platform means by its names and numbers.

A roster is a CSV file, most simply the one that the platform itself gives out: Canvas' gradebook export, Moodle's grading
worksheet or participants list. Columns are known by their headings. Which id the course uses for a student (the name of
the folder in submitted/) is said by a column `student_id`; without one it is the first of columns.IDS that is there.
"""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from traitlets import Unicode
from traitlets.config import LoggingConfigurable

from autograder.lms import columns
from autograder.lms.columns import Row, first_of
from autograder.visible import visible

LARGEST = 20 * 1024**2  # bytes
NOT_A_STUDENT = re.compile(rf"\s*({columns.POINTS_POSSIBLE}|Student, Test|Test Student)\s*$", re.IGNORECASE)


class BadRoster(ValueError):
    """The roster cannot be used; the message says why and what to do."""


@dataclass
class Person:
    """One row of the roster."""

    student_id: str
    name: str
    row: Row = field(default_factory=dict)

    def cell(self, *headings: str) -> str:
        """The first of these cells that is there and not empty, or ""."""
        return first_of(self.row, *headings)

    @property
    def first_and_last(self) -> tuple[str, str]:
        """The name in two, as far as it has columns for that: (first, last)."""
        return self.cell(*columns.FIRST_NAMES), self.cell(*columns.LAST_NAMES)

    @property
    def moodle_number(self) -> str:
        """The number at the end of Moodle's "Participant 123"."""
        found = re.search(r"(\d+)\s*$", self.cell(columns.IDENTIFIER))
        return found[1] if found else ""


class Roster(LoggingConfigurable):
    """The class list that exporters and the collector use. Set it in nbgrader_config.py: c.Roster.file = "roster.csv"."""

    file = Unicode("roster.csv", help="CSV file of the class, relative to the course root").tag(config=True)
    id_column = Unicode(
        "",
        help=f"The column with the ids that the course uses (default: the first there is of {', '.join(columns.IDS)})",
    ).tag(config=True)

    path: Path
    headings: list[str]
    rows: list[Row]
    people: list[Person]

    def read(self, root: str | Path) -> Self:
        """Read the file. Returns self, empty when there is no such file. Raises BadRoster."""
        self.path = Path(root) / self.file
        self.headings, self.rows, self.people = [], [], []
        if self.path.is_file():
            self._read(self.path)
        return self

    def __bool__(self) -> bool:
        return bool(self.people)

    def _read(self, path: Path) -> None:
        if path.stat().st_size > LARGEST:
            raise BadRoster(f"{path} is larger than {LARGEST // 1024**2} MB: that is no class list.")
        text = decoded(path.read_bytes())
        try:
            lines = list(csv.reader(io.StringIO(text), delimiter=_delimiter(text)))
        except csv.Error as error:
            raise BadRoster(f"{path} is not a CSV file that can be read ({error}).") from None
        if not lines:
            raise BadRoster(f"{path} is empty.")
        self.headings = [heading.strip() for heading in lines[0]]
        column = self._column_of_ids(path)
        for cells in lines[1:]:
            row = dict(zip(self.headings, (cell.strip() for cell in cells), strict=False))
            self.rows.append(row)
            name = name_in(row)
            person = Person(unicodedata.normalize("NFC", row.get(column, "")), name, row)
            if NOT_A_STUDENT.match(name):
                continue
            if person.student_id:
                self.people.append(person)
            elif name:
                self.log.warning("%s: %s has no %s and is left out", path.name, visible(name), visible(column))
        doubled = [id_ for id_, count in Counter(person.student_id for person in self.people).items() if count > 1]
        if doubled:
            raise BadRoster(
                f"{path}: the column {visible(column)} has {', '.join(map(visible, doubled[:5]))} more than once. "
                "Ids must differ."
            )

    def _column_of_ids(self, path: Path) -> str:
        wanted = [self.id_column] if self.id_column else columns.IDS
        column = next((name for name in wanted if name in self.headings), None)
        if column is None:
            raise BadRoster(
                f"{path} has no column {' or '.join(wanted)}: it has {', '.join(map(visible, self.headings))}. "
                "Add a column student_id, or name the column that holds the ids: c.Roster.id_column."
            )
        return column

    # Finding people.

    def by_id(self, student_id: str) -> Person | None:
        return next((person for person in self.people if person.student_id == student_id), None)

    def by_canvas_number(self, number: str) -> Person | None:
        return self._one(lambda person: person.cell(columns.CANVAS_NUMBER) == number)

    def by_name(self, name: str) -> Person | None:
        """By the name with only its letters, if it is one's alone."""
        return self._one(lambda person: letters(person.name) == letters(name))

    def by_moodle_number(self, number: str) -> Person | None:
        return self._one(lambda person: person.moodle_number == number)

    def _one(self, fits: Callable[[Person], bool]) -> Person | None:
        found = [person for person in self.people if fits(person)]
        return found[0] if len(found) == 1 else None


def name_in(row: Row) -> str:
    """The name in a roster's row, in whichever columns it stands."""
    apart = f"{first_of(row, *columns.FIRST_NAMES)} {first_of(row, *columns.LAST_NAMES)}"
    return first_of(row, *columns.NAMES) or apart.strip()


def letters(name: str) -> str:
    """A name as platforms keep it in file names: small letters and digits, nothing between them."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFC", name).casefold())


def decoded(data: bytes) -> str:
    """A CSV file's text: UTF-8 with or without its mark, UTF-16 with one, else what Excel writes in the West."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _delimiter(text: str) -> str:
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)
