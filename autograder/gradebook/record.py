"""Verdicts into nbgrader's gradebook: one transaction for each submission, so that it is there whole or not at all."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import nbformat
from nbgrader import utils
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.preprocessors import AssignLatePenalties, SaveCells
from sqlalchemy import bindparam, event, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from autograder.gradebook.address import (
    LOCKED_TOO_LONG,
    PATIENCE,
    ask_no_process,
    file_of,
    version_of_tables,
    wait_no_longer,
)
from autograder.submission import FAILED, MISSING, GradedNotebook, GradedSubmission

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory
    from sqlalchemy import Select
    from traitlets.config import Config

log = logging.getLogger(__name__)
# Columns that rows are found by and that nbgrader has no index for: without one, time grows with the square of a class.
LOOKED_UP = [("grade", "notebook_id"), ("comment", "notebook_id"), ("submitted_notebook", "assignment_id")]


class CannotRecord(Exception):
    """The gradebook cannot take the marks; the message says why and what to do."""


class OfCourse(Protocol):
    """What a gradebook needs of its course (course.settings.Course)."""

    root: Path
    directory: CourseDirectory
    config: Config

    @property
    def db_url(self) -> str: ...


@contextlib.contextmanager
def open_gradebook(course: OfCourse) -> Iterator[Gradebook]:
    """nbgrader's gradebook, made if it is not there yet. Raises CannotRecord."""
    try:
        _close_to_others(course)
        wait_no_longer()
        ask_no_process()
        gradebook = Gradebook(course.db_url, course.directory.course_id or "default_course")
        _complete(gradebook)
        _make_patient(gradebook)
    except ImportError as error:
        raise CannotRecord(
            f"The gradebook {_without_password(course)} needs the Python package {error.name}. For PostgreSQL, "
            "pip install 'nn-course-lab[postgresql]' and begin the address with postgresql+psycopg2://"
        ) from None
    except DBAPIError as error:
        raise CannotRecord(
            f"The gradebook {_without_password(course)} cannot be opened: {in_short(error)}. Its address is "
            "c.CourseDirectory.db_url (default: gradebook.db at the course root). If the file is damaged, put a copy back; "
            "without one, move it away, and a new gradebook is begun."
        ) from None
    with gradebook:
        yield gradebook


def _close_to_others(course: OfCourse) -> None:
    """A gradebook that is a file is nobody's but its owner's (and the group's, where nbgrader is told so)."""
    file = file_of(course.db_url)
    if file is not None:
        path = course.root / file
        mode = 0o660 if course.directory.groupshared else 0o600
        with contextlib.suppress(OSError):  # another's file of the group; or none can be made, which SQLite will say
            os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, mode))
            os.chmod(path, mode)


def _complete(gradebook: Gradebook) -> None:
    """Write down the version of a new gradebook, where a kill left it without, and make it quick for a large class."""
    session = gradebook.db
    if not inspect(gradebook.engine).has_table("alembic_version"):
        session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    if session.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 0:
        insert = text("INSERT INTO alembic_version (version_num) VALUES (:version)")
        session.execute(insert, {"version": version_of_tables()})
    for table, column in LOOKED_UP:
        session.execute(text(f"CREATE INDEX IF NOT EXISTS by_{table}_{column} ON {table} ({column})"))
    session.commit()


def _make_patient(gradebook: Gradebook) -> None:
    """SQLite: readers and our one writer do not stand in each other's way, and a busy file is waited for."""
    engine = gradebook.engine
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _set(connection: Any, _: object) -> None:
        connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000}")
        connection.execute("PRAGMA journal_mode = WAL")  # where the file system cannot, it stays as it was
        connection.execute("PRAGMA synchronous = FULL")

    gradebook.db.remove()
    engine.dispose()


def in_short(error: DBAPIError) -> str:
    """A database error in one line."""
    if getattr(getattr(error, "orig", None), "pgcode", None) == LOCKED_TOO_LONG:
        return (
            f"another program has locked a table of it and did not let go for {PATIENCE} seconds (a backup, a psql that was "
            "left open, an update); end that program, or wait until it has finished"
        )
    return str(getattr(error, "orig", None) or error).strip().split("\n")[0]


def _without_password(course: OfCourse) -> str:
    return make_url(course.db_url).render_as_string(hide_password=True)


# What an assignment consists of.


def register(
    course: OfCourse, gradebook: Gradebook, assignment: str, masters: Mapping[str, nbformat.NotebookNode]
) -> None:
    """Tell the gradebook what the assignment consists of, as `nbgrader generate_assignment` would.

    masters: notebook's name → rebuild.master_notebook. Raises CannotRecord when cells were added or removed after
    submissions were recorded.
    """
    if _is_registered(gradebook, assignment, masters):
        return
    try:
        with _in_one_transaction(gradebook.db):
            gradebook.update_or_create_assignment(assignment)
            for name, master in masters.items():
                if not any(
                    utils.is_grade(cell) or utils.is_solution(cell) or utils.is_task(cell) for cell in master.cells
                ):
                    log.info("%s of %s has nothing to grade", name, assignment)
                Cells(config=course.config).save(gradebook, assignment, name, nbformat.from_dict(master))
    except RuntimeError as error:
        raise CannotRecord(f"{error}. Remove those submissions from the gradebook first, or undo the change.") from None
    except DBAPIError as error:
        raise CannotRecord(
            f"The gradebook could not be written while {assignment} was entered into it: {in_short(error)}. It is as it was "
            "before. When that is put right, the same command goes on."
        ) from None
    gradebook.db.expire_all()


class Cells(SaveCells):
    """nbgrader's own step, with a gradebook that is open already."""

    def save(self, gradebook: Gradebook, assignment: str, name: str, master: nbformat.NotebookNode) -> None:
        self.gradebook, self.assignment_id, self.notebook_id = gradebook, assignment, name
        self.new_grade_cells: dict[str, Any] = {}
        self.new_solution_cells: dict[str, Any] = {}
        self.new_task_cells: dict[str, Any] = {}
        self.new_source_cells: dict[str, Any] = {}
        for number, cell in enumerate(master.cells):
            self.preprocess_cell(cell, {}, number)
        self._create_notebook(master)


@contextlib.contextmanager
def _in_one_transaction(session: Any) -> Iterator[None]:
    """nbgrader commits after every cell; here all of it is there, or nothing."""
    failed: list[DBAPIError] = []

    def commit() -> None:
        try:
            session.flush()
        except DBAPIError as error:  # nbgrader would log a traceback, and raise an error of its own
            failed.append(error)
            raise _CannotGoOn from None
        session.expire_all()

    session.commit = commit
    try:
        yield
        del session.commit
        session.commit()
    except BaseException as error:
        session.rollback()
        raise (failed[0] if isinstance(error, _CannotGoOn) else error) from None
    finally:
        vars(session).pop("commit", None)


class _CannotGoOn(Exception):
    """What the database said is kept beside it."""


def _is_registered(gradebook: Gradebook, assignment: str, masters: Mapping[str, nbformat.NotebookNode]) -> bool:
    """Whether the gradebook knows the assignment as it is now."""
    row = gradebook.db.query(Assignment).filter_by(name=assignment).one_or_none()
    known = {notebook.name: notebook for notebook in row.notebooks} if row else {}
    if not set(masters) <= set(known):
        return False
    return all(_cells_known(known[name]) == _cells_of(master) for name, master in masters.items())


# Of a notebook's cells: those with points (their maximum, their type), those that students write, and the texts of all
# that count (text, checksum, whether it is locked).
_Parts = tuple[dict[str, tuple[float, str]], set[str], dict[str, tuple[str, str | None, bool]]]


def _cells_known(notebook: Notebook) -> _Parts:
    graded = {cell.name: (cell.max_score, cell.cell_type) for cell in [*notebook.grade_cells, *notebook.task_cells]}
    written = {cell.name for cell in notebook.solution_cells}
    sources = {cell.name: (cell.source, cell.checksum, bool(cell.locked)) for cell in notebook.source_cells}
    return graded, written, sources


def _cells_of(master: nbformat.NotebookNode) -> _Parts:
    graded, written, sources = {}, set(), {}
    for cell in master.cells:
        info, name = cell.metadata.get("nbgrader", {}), cell.metadata.get("nbgrader", {}).get("grade_id")
        if utils.is_grade(cell) or utils.is_task(cell):
            graded[name] = (float(info["points"]), cell.cell_type)
        if utils.is_solution(cell):
            written.add(name)
        if utils.is_grade(cell) or utils.is_solution(cell) or utils.is_locked(cell) or utils.is_task(cell):
            sources[name] = (cell.source, info.get("checksum"), bool(utils.is_locked(cell)))
    return graded, written, sources


# Writing.


def record(
    gradebook: Gradebook, submission: GradedSubmission, timestamp: str | None = None, config: Config | None = None
) -> None:
    """Write one GradedSubmission. What a person has graded or commented by hand is never touched.

    gradebook: open. timestamp: when it was handed in, as nbgrader writes it.
    """
    session = gradebook.db
    try:
        with session.no_autoflush:
            row = _submission_row(gradebook, submission, timestamp)
            notebooks = {notebook.name: notebook for notebook in row.notebooks}
            for graded in submission.notebooks:
                _record_notebook(notebooks[graded.name], graded)
        session.flush()
        _assign_late_penalties(session, row, config)
        session.commit()
    except BaseException:
        session.rollback()
        raise


def assign_late_penalties(gradebook: Gradebook, assignment: str, student: str, config: Config | None = None) -> None:
    """Once more, after a person has changed scores."""
    try:
        row = gradebook.find_submission(assignment, student)
        _assign_late_penalties(gradebook.db, row, config)
        gradebook.db.commit()
    except BaseException:
        gradebook.db.rollback()
        raise


def _assign_late_penalties(session: Any, row: SubmittedAssignment, config: Config | None) -> None:
    late = row.total_seconds_late > 0
    for notebook in row.notebooks:
        notebook.late_submission_penalty = None
        if late:
            session.refresh(notebook, ["score"])
            _assign_late_penalty(notebook, row, config)


def _submission_row(gradebook: Gradebook, submission: GradedSubmission, timestamp: str | None) -> SubmittedAssignment:
    """The submission's row, made with all its parts where it is missing. Nothing is committed here."""
    session = gradebook.db
    student = session.get(Student, submission.student)
    if student is None:
        student = Student(id=submission.student)
        session.add(student)
    assignment = gradebook.find_assignment(submission.assignment)
    row = None
    if student in session and student not in session.new:
        query = session.query(SubmittedAssignment)
        row = query.filter_by(assignment_id=assignment.id, student_id=student.id).one_or_none()
    if row is None:
        row = SubmittedAssignment(assignment=assignment, student=student)
        session.add(row)
    if timestamp:
        row.timestamp = utils.parse_utc(timestamp)
    present = {notebook.name: notebook for notebook in row.notebooks}
    for notebook in assignment.notebooks:
        part = present.get(notebook.name)
        if part is None:
            part = SubmittedNotebook(notebook=notebook, assignment=row)
            session.add(part)
        graded = {grade.cell_id for grade in part.grades}
        commented = {comment.cell_id for comment in part.comments}
        for cell in [*notebook.grade_cells, *notebook.task_cells]:
            if cell.id not in graded:
                session.add(Grade(cell_id=cell.id, cell=cell, notebook=part))
        for cell in [*notebook.solution_cells, *notebook.task_cells]:
            if cell.id not in commented:
                session.add(Comment(cell_id=cell.id, cell=cell, notebook=part))
    return row


def _record_notebook(row: SubmittedNotebook, graded: GradedNotebook) -> None:
    cells = {cell.metadata.nbgrader.grade_id: cell for cell in graded.notebook.cells if "nbgrader" in cell.metadata}
    for grade in row.grades:
        cell = cells.get(grade.cell.name)
        if graded.status == FAILED:  # a person has to look: no score is made up
            grade.auto_score = None
            grade.needs_manual_grade = grade.manual_score is None
        elif graded.status == MISSING:
            grade.auto_score, grade.needs_manual_grade = 0.0, False
        elif cell is not None and utils.is_grade(cell):  # task cells wait for a human from the start
            score, _ = utils.determine_grade(cell)
            grade.auto_score = None if score is None else float(score)
            grade.needs_manual_grade = grade.manual_score is not None or score is None
    for comment in row.comments:
        cell = cells.get(comment.cell.name)
        comment.auto_comment = None
        if graded.status in (FAILED, MISSING):
            comment.auto_comment = f"{graded.status.capitalize()}: {graded.reason}."
        elif cell is not None and not utils.is_task(cell) and is_as_handed_out(cell):
            comment.auto_comment = "No response."


def is_as_handed_out(cell: nbformat.NotebookNode) -> bool:
    return cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)


def _assign_late_penalty(notebook: SubmittedNotebook, submission: SubmittedAssignment, config: Config | None) -> None:
    """As nbgrader's AssignLatePenalties, with the course's own plugin, inside our transaction."""
    preprocessor = AssignLatePenalties(config=config)
    preprocessor.init_plugin()
    plugin = preprocessor.plugin_inst
    penalty = plugin.late_submission_penalty(submission.student_id, notebook.score, submission.total_seconds_late)
    if penalty is not None:
        notebook.late_submission_penalty = preprocessor._check_late_penalty(notebook, penalty)


# Reading.


@dataclass
class Marks:
    """What the gradebook says of one notebook of one submission."""

    score: float = 0.0  # without the late penalty
    max_score: float = 0.0
    late_penalty: float = 0.0
    # cell → [auto_score, manual_score, extra_credit, score, max_score]
    grades: dict[str, list[float | None]] = field(default_factory=dict)
    # cell → [auto_comment, manual_comment, comment]
    comments: dict[str, list[str | None]] = field(default_factory=dict)

    def automatic(self) -> list[dict[str, Any]]:
        """The part that only grading writes."""
        grades = {cell: values[0] for cell, values in self.grades.items()}
        return [grades, {cell: values[0] for cell, values in self.comments.items()}]


def marks_of(gradebook: Gradebook, assignment: str, student: str) -> dict[str, Marks]:
    """Notebook's name → Marks, in the order of the names; {} when nothing is recorded of this student's assignment."""
    session = gradebook.db
    notebooks, grades, comments = _queries()
    found: dict[str, Marks] = {}
    rows = session.execute(notebooks, {"assignment": assignment, "student": student})
    for number, name, penalty, score, most in sorted(rows, key=lambda row: row[1]):
        marks = found[name] = Marks(score, most, penalty or 0.0)
        marks.grades = {cell: values for cell, *values in session.execute(grades, {"notebook": number})}
        marks.comments = {cell: values for cell, *values in session.execute(comments, {"notebook": number})}
    return found


@functools.cache
def _queries() -> tuple[Select[Any], Select[Any], Select[Any]]:
    """What marks_of asks the gradebook, put together once: that takes longer than to ask."""
    part = SubmittedNotebook
    notebooks = (
        select(part.id, Notebook.name, part.late_submission_penalty, part.score, part.max_score)
        .join(part.notebook)
        .join(part.assignment)
        .join(SubmittedAssignment.assignment)
        .where(Assignment.name == bindparam("assignment"), SubmittedAssignment.student_id == bindparam("student"))
    )
    grades = (
        select(BaseCell.name, Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.score, Grade.max_score)
        .join(Grade.cell)
        .where(Grade.notebook_id == bindparam("notebook"))
        .order_by(BaseCell.name)
    )
    comments = (
        select(BaseCell.name, Comment.auto_comment, Comment.manual_comment, Comment.comment)
        .join(Comment.cell)
        .where(Comment.notebook_id == bindparam("notebook"))
        .order_by(BaseCell.name)
    )
    return notebooks, grades, comments
