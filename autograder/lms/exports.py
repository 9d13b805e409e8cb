"""Marks for a learning platform: exporters for `nbgrader export`.

    nbgrader export --exporter=autograder.lms.CanvasExporter --to canvas.csv
    nbgrader export --exporter=autograder.lms.MoodleExporter --to moodle.csv
    nbgrader export --exporter=autograder.lms.MoodleWorksheetExporter --assignment='["03_backprop"]' --to worksheet.csv

Who is who comes from the roster (autograder.lms.class_list). Students of the course who are not in it are named and left out.
No cell is left for a spreadsheet to run. A mark that a person still has to give is an empty cell, never a nought.

Source of the formats: Canvas' gradebook_exporter.rb and gradebook_importer.rb; Moodle's mod/assign/feedback/offline.
"""

import html
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, Student, SubmittedAssignment
from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Dict, Unicode

from autograder import spreadsheet
from autograder.course.chosen import is_chosen
from autograder.files import write_whole
from autograder.grading import grading_file
from autograder.grading.grading_file import Fault, GradingRecord, Unusable
from autograder.lms import columns
from autograder.lms.class_list import BadRoster, Person, Roster, letters
from autograder.lms.columns import Row, first_of
from autograder.submission import FAILED, GRADED, MISSING, NOTHING, Status, Ungraded
from autograder.visible import visible

WAITS = "waits to be marked by hand"
PRIVATE = 0o600


@dataclass
class Mark:
    """One student's mark for one assignment, and what is to be known about it."""

    score: float | None  # after a late penalty; None where no number may be given
    most: float
    status: Status | Ungraded
    reason: str = ""
    mistakes: tuple[str, ...] = ()
    late_penalty: float = 0.0
    waits: bool = False  # a part of it is to be marked by hand

    @property
    def ended(self) -> str:
        """How it has ended, and whether somebody still has to look."""
        return f"{self.status}, {WAITS}" if self.waits else self.status

    @property
    def said(self) -> str:
        """The status in a sentence, for people."""
        parts = [self.ended + (f": {self.reason}" if self.reason else "")]
        if self.mistakes:
            parts.append("found: " + ", ".join(name.replace("-", " ") for name in self.mistakes))
        if self.late_penalty:
            parts.append(f"{self.late_penalty:g} points taken off for being late")
        return "; ".join(parts)


Students = dict[str, tuple[str, str, str]]  # id → last name, first name, number in the platform
Points = dict[str, float]  # assignment → the most that it gives
Marks = dict[str, dict[str, Mark]]  # assignment → student → mark
Rows = list[Sequence[object]]


class LmsExporter(ExportPlugin):
    """What the exporters share: the marks, the roster, and a file that only its owner may read."""

    provisional = Bool(False, help="Also give marks of which a part waits to be marked by hand.").tag(config=True)
    missing = Unicode("", help="What stands for work that was not handed in, for instance 0.").tag(config=True)
    default_name = "grades.csv"

    def export(self, gradebook: Gradebook) -> None:
        """Write the file. gradebook: open."""
        coursedir = self.parent.coursedir
        self.root = Path(coursedir.root)
        self.autograded: Callable[[str, str], Path] = lambda student, name: Path(
            coursedir.format_path(coursedir.autograded_directory, student, name)
        )
        try:
            self.roster = Roster(parent=self).read(self.root)
            assignments = self._assignments(gradebook)
            marks = {row.name: self._marks(gradebook, row) for row in assignments}
            students = self._students(gradebook)
            path = Path(self.to or self.default_name)
            self.write(path, students, {row.name: float(row.max_score) for row in assignments}, marks)
        except BadRoster as error:
            self.parent.fail(str(error))

    def save(self, path: Path, rows: Rows) -> None:
        write_whole(path, spreadsheet.table(rows), PRIVATE)
        self.log.info("Wrote %s", path)

    # What the gradebook and autograded/ say.

    def _assignments(self, gradebook: Gradebook) -> list[Assignment]:
        rows = gradebook.db.query(Assignment).order_by(Assignment.name).all()
        wanted = {str(name) for name in self.assignment}
        unknown = wanted - {row.name for row in rows}
        if unknown:
            raise BadRoster(f"The gradebook has no assignment {', '.join(sorted(unknown))}.")
        return [row for row in rows if is_chosen(row.name, wanted)]

    def _students(self, gradebook: Gradebook) -> Students:
        rows = gradebook.db.query(Student).order_by(Student.id)
        wanted = {str(name) for name in self.student}
        return {
            row.id: (row.last_name or "", row.first_name or "", row.lms_user_id or "")
            for row in rows
            if is_chosen(row.id, wanted)
        }

    def _marks(self, gradebook: Gradebook, assignment: Assignment) -> dict[str, Mark]:
        most = float(assignment.max_score)
        wanted = SubmittedAssignment.assignment_id == assignment.id
        return {
            row.student_id: self._mark(row, assignment.name, most)
            for row in gradebook.db.query(SubmittedAssignment).filter(wanted)
        }

    def _mark(self, row: SubmittedAssignment, name: str, most: float) -> Mark:
        known = self._grading(row.student_id, name)
        status, reason = (known.status, known.reason) if known else (GRADED, "")
        penalty = row.late_submission_penalty or 0.0
        score: float | None = max(0.0, row.score - penalty)
        if status == MISSING:
            return Mark(None, most, NOTHING, reason)
        if status == FAILED:
            return Mark(None, most, status, reason)
        if row.needs_manual_grade:
            score = score if self.provisional else None
        found = tuple(known.mistakes) if known else ()
        return Mark(score, most, status, reason, found, penalty, bool(row.needs_manual_grade))

    def _grading(self, student: str, name: str) -> GradingRecord | None:
        try:
            return grading_file.read(self.autograded(student, name), student)
        except Unusable as error:
            if error.fault != Fault.ABSENT:  # without one, nbgrader's own command has graded
                self.log.warning("%s/%s: %s, so its status is not known", visible(student), name, error)
            return None

    def mark_of(self, marks: Marks, name: str, student: str) -> Mark:
        most = next((mark.most for mark in marks[name].values()), 0.0)
        return marks[name].get(student) or Mark(None, most, NOTHING)

    def shown(self, mark: Mark, share_of: float | None = None) -> float | str | None:
        """The mark as a cell: a number with two decimals at most, `missing`, or nothing.

        share_of: the platform's own maximum, when it is not the course's.
        """
        if mark.status == NOTHING:
            return self.missing
        if mark.score is None:
            return None
        scale = share_of / mark.most if share_of and mark.most else 1.0
        return round(mark.score * scale, 2)

    def people_in_roster(self, students: Iterable[str]) -> list[Person]:
        """Those of the roster who are chosen. Names those of the course who are not in it."""
        wanted = {str(name) for name in self.student}
        people = [person for person in self.roster.people if is_chosen(person.student_id, wanted)]
        self.say_unmatched(students, people)
        return people

    def say_unmatched(self, students: Iterable[str], people: list[Person]) -> None:
        """Name those of the course who are not in the roster."""
        known = {person.student_id for person in people}
        strangers = [student for student in students if student not in known]
        if strangers:
            self.log.warning(
                "%d not in %s and therefore left out: %s",
                *(len(strangers), self.roster.path.name, ", ".join(map(visible, strangers))),
            )

    def say_empty(self, marks: Marks) -> None:
        """Say how many cells are empty because a person has to look."""
        open_ = [mark for each in marks.values() for mark in each.values() if mark.score is None]
        waiting, failed = sum(mark.waits for mark in open_), sum(mark.status == FAILED for mark in open_)
        for count, what in ((waiting, "wait to be marked by hand"), (failed, FAILED)):
            if count:
                self.log.warning("%d marks %s: their cells are empty", count, what)


class CanvasExporter(LmsExporter):
    """Canvas' gradebook CSV, as its Import page reads it.

    Canvas takes every further column for an assignment, so the status of each mark stands in a second file beside it
    (canvas-status.csv for canvas.csv).
    """

    columns = Dict(
        {}, help="The heading of an assignment in Canvas, for instance {'03_backprop': 'Backprop (98765)'}."
    ).tag(config=True)
    default_name = "canvas.csv"

    def write(self, path: Path, students: Students, points: Points, marks: Marks) -> None:
        people = self._people(students)
        headings = {name: self._heading(name) for name in points}
        self._compare_points(headings, points)
        rows: Rows = [[*columns.CANVAS_WHO, *headings.values()]]
        rows.append([f"    {columns.POINTS_POSSIBLE}", None, None, None, None, *points.values()])
        status: Rows = [["student_id", "Student", "assignment", "status", "score", "points", "late_penalty", "remark"]]
        for student, who in people:
            rows.append([*who, *(self.shown(self.mark_of(marks, name, student)) for name in points)])
            for name in points:
                mark = self.mark_of(marks, name, student)
                given = self.shown(mark)
                status.append([student, who[0], name, mark.ended, given, mark.most, mark.late_penalty, mark.said])
        known = {student for student, _ in people}
        for student in students:
            if student not in known:
                status.append([student, "", "", "not in the roster", None, None, None, "left out of the Canvas file"])
        self.save(path, rows)
        self.save(path.with_name(f"{path.stem}-status.csv"), status)
        self.say_empty(marks)

    def _people(self, students: Students) -> list[tuple[str, list[str | None]]]:
        """(student id, the five cells that say who) for each row."""
        if not self.roster:
            self.log.warning(
                "There is no roster (%s): rows are matched by the ids of the course, as SIS Login ID. Export the "
                "gradebook from Canvas and put it there to be sure.",
                self.roster.path,
            )
            return [
                (student, [", ".join(filter(None, (last, first))) or student, number, None, student, None])
                for student, (last, first, number) in students.items()
            ]
        people = self.people_in_roster(students)
        keys = columns.CANVAS_WHO[1:]
        return [(person.student_id, [_last_first(person), *(person.cell(key) for key in keys)]) for person in people]

    def _heading(self, name: str) -> str:
        """How the assignment is called in Canvas: as configured, as found in the roster, else by its own name."""
        if name in self.columns:
            return self.columns[name]
        found = [heading for heading in self.roster.headings if _same_assignment(heading, name)]
        if len(found) == 1:
            return found[0]
        self.log.warning(
            "%s is not among the columns of Canvas' file; Canvas will offer to make it. To name its column: "
            "c.CanvasExporter.columns = {%r: 'Title in Canvas (12345)'}",
            name,
            name,
        )
        return name

    def _compare_points(self, headings: dict[str, str], points: Points) -> None:
        """Say where Canvas has other points for an assignment: importing the file will change them there."""
        known: Row = next(
            (row for row in self.roster.rows if columns.POINTS_POSSIBLE in row.get(columns.CANVAS_NAME, "")), {}
        )
        for name, most in points.items():
            there = _number(known.get(headings[name], ""))
            if there is not None and there != most:
                self.log.warning("%s has %g points here and %g in Canvas; the file says %g", name, most, there, most)


def _last_first(person: Person) -> str:
    """The name as Canvas sorts it."""
    first, last = person.first_and_last
    return person.cell(columns.CANVAS_NAME) or ", ".join(filter(None, (last, first))) or person.name


def _same_assignment(heading: str, name: str) -> bool:
    """Whether a column's title means the assignment: "03 Backprop (98765)", "Assignment: Backprop (Real)" …"""
    title = re.sub(r"\s*\((\d+|Real)\)\s*$", "", re.sub(r"^Assignment:\s*", "", heading))
    bare = re.sub(r"^\d+[_ -]*", "", name)
    return letters(title) in (letters(name), letters(bare))


class MoodleExporter(LmsExporter):
    """A CSV for Moodle's "Import marks" (Grades, Import, CSV file): one column for each assignment, one for its status.

    Moodle asks which column is which; the status columns are left at "Ignore" or taken as feedback.
    """

    default_name = "moodle.csv"

    def write(self, path: Path, students: Students, points: Points, marks: Marks) -> None:
        titles = {name: next((h for h in self.roster.headings if _same_assignment(h, name)), name) for name in points}
        both = [title for name in points for title in (titles[name], f"{name} status")]
        rows: Rows = [[*columns.MOODLE_WHO, *both]]
        for student, who in self._people(students):
            cells: list[object] = []
            for name in points:
                mark = self.mark_of(marks, name, student)
                cells += [self.shown(mark), mark.said]
            rows.append([*who, *cells])
        self.save(path, rows)
        self.say_empty(marks)

    def _people(self, students: Students) -> list[tuple[str, list[str | None]]]:
        if not self.roster:
            self.log.warning("There is no roster (%s): rows carry the ids of the course as username.", self.roster.path)
            return [(student, [first, last, None, student, None]) for student, (last, first, _) in students.items()]
        people = self.people_in_roster(students)
        keys = ((columns.ID_NUMBER,), (columns.USERNAME,), columns.EMAILS)
        return [(p.student_id, [*_first_last(p), *(p.cell(*each) for each in keys)]) for p in people]


def _first_last(person: Person) -> tuple[str, str]:
    first, last = person.first_and_last
    if first or last:
        return first, last
    if ", " in person.name:  # as Canvas writes it
        last, _, first = person.name.partition(", ")
    else:
        first, _, last = person.name.rpartition(" ")
    return first, last


class MoodleWorksheetExporter(LmsExporter):
    """Moodle's offline grading worksheet, filled in: the downloaded worksheet is the roster, one assignment at a time.

    Only Grade and Feedback comments are written; feedback that a person wrote stays. Marks are scaled to the
    worksheet's maximum. The dates stay as they are, or Moodle would take the marks for outdated.
    """

    default_name = "moodle-worksheet.csv"

    def write(self, path: Path, students: Students, points: Points, marks: Marks) -> None:
        if len(points) != 1:
            raise BadRoster(
                f"A worksheet is for one assignment, and here are {len(points)}: name it, for instance "
                "--assignment='[\"03_backprop\"]'."
            )
        (name,) = points
        headings = self.roster.headings
        lacking = [each for each in (columns.IDENTIFIER, columns.GRADE, columns.GRADED_AT) if each not in headings]
        if lacking:
            raise BadRoster(
                f"{self.roster.path} is not Moodle's grading worksheet: it has no column {' or '.join(lacking)}. In the "
                "assignment, choose “Download grading worksheet”, and name the file: c.Roster.file."
            )
        scales = {most for row in self.roster.rows if (most := _worksheet_maximum(row)) and most != points[name]}
        if scales:
            self.log.info("Marks are scaled from %g points to the %g of Moodle", points[name], max(scales))
        rows: Rows = [headings]
        by_row = {id(person.row): person for person in self.roster.people}
        for row in self.roster.rows:
            cells: dict[str, object] = {**row}
            if person := by_row.get(id(row)):
                cells |= self._filled(row, self.mark_of(marks, name, person.student_id))
            rows.append([cells.get(heading, "") for heading in headings])
        self.say_unmatched(students, self.roster.people)
        self.save(path, rows)
        self.say_empty(marks)

    def _filled(self, row: Row, mark: Mark) -> dict[str, object]:
        grade = self.shown(mark, _worksheet_maximum(row))
        filled: dict[str, object] = {columns.GRADE: row[columns.GRADE] if grade in (None, "") else grade}
        if mark.status != NOTHING and columns.FEEDBACK in row and not row[columns.FEEDBACK]:
            filled[columns.FEEDBACK] = html.escape(mark.said, quote=False)  # Moodle shows it as HTML
        return filled


def _worksheet_maximum(row: Row) -> float | None:
    """The points of the assignment in Moodle."""
    return _number(first_of(row, *columns.MAXIMUM))


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
