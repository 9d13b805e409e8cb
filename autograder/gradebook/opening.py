"""nbgrader's gradebook opened: made where it is not there yet, closed to others, quick and patient."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from nbgrader.api import Gradebook
from sqlalchemy import event, inspect, text
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

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

# Columns to index, which nbgrader looks up without an index: time would grow with the square of the class.
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
        with contextlib.suppress(OSError):  # a group member's file; or it cannot be made, as SQLite will say
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
