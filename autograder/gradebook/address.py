"""Where the gradebook is, whatever the course's folder is called, and how long is waited for it.

A database's address is a URL, in which a question mark or a percent sign means something: put together by hand, that of a
course in `term?1` leads to a file `term` beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from sqlalchemy import event
from sqlalchemy.engine import URL, Engine, make_url

if TYPE_CHECKING:
    from nbgrader.apps.dbapp import DbUpgradeApp
    from nbgrader.coursedir import CourseDirectory

GRADEBOOK = "gradebook.db"
PATIENCE = 30  # seconds that we wait for another process (the Formgrader, a backup) to let go of the gradebook
LOCKED_TOO_LONG = "55P03"  # PostgreSQL's code


def address_of(path: str | Path) -> str:
    """The address of the SQLite file at `path` (absolute): the plain one that nbgrader makes, where it is right."""
    path = str(path)
    plain = f"sqlite:///{path}"
    rendered = URL.create("sqlite", database=path).render_as_string()
    in_quotes = URL.create("sqlite", database=f"file:{quote(path)}", query={"uri": "true"}).render_as_string()
    tried = (rendered, in_quotes) if "%" in path or not path.isprintable() else (plain, rendered, in_quotes)
    return next((address for address in tried if file_of(address) == Path(path)), in_quotes)


def file_of(address: str | URL) -> Path | None:
    """The file of an SQLite database, as it stands in the address, or None for every other database."""
    url = make_url(address)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    if url.query.get("uri") == "true":
        return Path(unquote(url.database.removeprefix("file:").partition("?")[0]))
    return Path(url.database)


def gradebook_of(coursedir: CourseDirectory) -> str:
    """The gradebook's address where nobody has set one: nbgrader's own default, right for every folder."""
    return address_of(Path.cwd() / coursedir.root / GRADEBOOK)


@cache
def wait_no_longer() -> None:
    """From here on no connection of this process waits for a lock of PostgreSQL for ever."""
    event.listen(Engine, "connect", _bound_the_waiting)


def ask_no_process() -> None:
    """Have nbgrader find the version of a new gradebook itself: Ctrl-C in a terminal would end the process that it asks,
    too, in the middle and with a traceback."""
    from nbgrader import api

    api.get_alembic_version = version_of_tables


@cache
def version_of_tables() -> str:
    """The version of nbgrader's tables, as its own migrations say it."""
    from alembic.script import ScriptDirectory
    from nbgrader.dbutil import ALEMBIC_DIR

    version = ScriptDirectory(ALEMBIC_DIR).get_current_head()
    assert version is not None, "nbgrader comes with its migrations"
    return version


def _bound_the_waiting(connection: Any, _: object) -> None:
    if type(connection).__module__.startswith("psycopg"):
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{PATIENCE}s'")
        connection.commit()


# nbgrader's own commands.


def mend_addresses() -> None:
    """Give nbgrader's CourseDirectory the right default, `nbgrader db upgrade` the right file, and all of it patience that
    has an end."""
    wait_no_longer()
    from nbgrader import dbutil
    from nbgrader.apps.dbapp import DbUpgradeApp
    from nbgrader.coursedir import CourseDirectory

    CourseDirectory._db_url_default = gradebook_of  # traitlets looks for a default under this name
    if not hasattr(dbutil.write_alembic_ini, "mended"):
        dbutil.write_alembic_ini = _in_an_ini(dbutil.write_alembic_ini)
        DbUpgradeApp._backup_db_file = _of_the_file(DbUpgradeApp._backup_db_file)


def _in_an_ini(write: Callable[[str, str], None]) -> Callable[..., None]:
    """Alembic's settings are an .ini file, in which a percent sign is doubled."""

    def write_alembic_ini(alembic_ini: str = "alembic.ini", db_url: object = "sqlite:///gradebook.db") -> None:
        return write(alembic_ini, str(db_url).replace("%", "%%"))

    vars(write_alembic_ini)["mended"] = True
    return write_alembic_ini


def _of_the_file(backup: Callable[[DbUpgradeApp, str], None]) -> Callable[[DbUpgradeApp, str], None]:
    """nbgrader takes what stands in the address for the file's name."""

    def _backup_db_file(app: DbUpgradeApp, db_file: str) -> None:
        path = file_of(app.coursedir.db_url)
        if path is not None and not path.exists():
            from nbgrader.api import Gradebook

            Gradebook(app.coursedir.db_url, app.course_id, app.authenticator).close()
        return backup(app, str(path or db_file))

    return _backup_db_file
