"""The gradebook on a PostgreSQL server gives the same marks as on SQLite. The server is Debian's, started for the test."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.course.settings import Course
from tests.support.courses import ROOT
from tests.support.tiny_course import ASSIGNMENT, CLASS, files_of, hand_in, make_tiny_course, mark_by_hand
from tests.support.warm_grading import log_of

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


def programs():
    """The folder with initdb and pg_ctl, which Debian keeps off the PATH."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@pytest.fixture(scope="module")
def server():
    """The address of a PostgreSQL server on a loopback port; it ends, with its files, after the tests."""
    pytest.importorskip("psycopg2", reason="the Python package psycopg2 is not installed")
    if programs() is None:
        pytest.skip("PostgreSQL is not installed (Debian: the package postgresql)")
    as_user = []
    folder = Path(tempfile.mkdtemp(prefix="course-lab-postgresql-"))  # below /tmp, where its user may go
    if os.getuid() == 0:  # the server does not run as root
        user = next(name for name in ("postgres", "nobody") if _is_user(name))
        shutil.chown(folder, user)
        as_user = ["runuser", "-u", user, "--"]

    def run(program, *arguments):
        command = [*as_user, str(programs() / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=120)

    port = _free_port()
    options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off"
    try:
        run("initdb", "-U", "course", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        run("pg_ctl", "-w", "-t", "60", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://course@127.0.0.1:{port}"
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_user(name):
    with contextlib.suppress(KeyError):
        return bool(pwd.getpwnam(name))
    return False


def _free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def on_postgresql(server, tmp_path, key_cache):
    """A tiny course whose gradebook is a database of its own on the server."""
    import psycopg2

    name = "".join(character for character in tmp_path.name.lower() if character.isalnum())[:60]
    connection = psycopg2.connect(f"{server}/postgres")
    connection.autocommit = True
    connection.cursor().execute(f"CREATE DATABASE {name}")
    connection.close()
    folder = make_tiny_course(tmp_path / "postgresql", keys=key_cache)
    with open(folder / "nbgrader_config.py", "a") as config:
        config.write(f'\nc.CourseDirectory.db_url = "{server.replace("://", "+psycopg2://")}/{name}"\n')
    return folder


def test_the_same_class_gives_the_same_marks_and_pages_as_on_sqlite(warm, on_postgresql, tmp_path, key_cache):
    here = make_tiny_course(tmp_path / "sqlite", keys=key_cache)
    for folder in (here, on_postgresql):
        assert warm.grade(folder).status == 0, log_of(folder)
        hand_in(folder, "dan", CLASS["bob"][:2])
        assert warm.grade(folder).status == 0, log_of(folder)
        assert "3 of 4 had not changed" in log_of(folder)
    assert not (on_postgresql / "gradebook.db").exists()
    assert files_of(on_postgresql) == files_of(here)


def test_killed_runs_are_finished_by_the_next_one(warm, on_postgresql, tmp_path, key_cache):
    here = make_tiny_course(tmp_path / "sqlite", keys=key_cache)
    assert warm.grade(here).status == 0
    killed = [warm.grade(on_postgresql, effects=effects).killed for effects in (30, 90, 110, 130, 150)]
    assert any(killed)
    assert warm.grade(on_postgresql).status == 0, log_of(on_postgresql)
    assert files_of(on_postgresql) == files_of(here)
    assert warm.grade(on_postgresql, ASSIGNMENT, "--all").status == 0
    assert files_of(on_postgresql) == files_of(here)


def test_a_server_that_does_not_answer_is_named_without_its_password(warm, tmp_path, key_cache):
    folder = make_tiny_course(tmp_path / "course", keys=key_cache)
    with open(folder / "nbgrader_config.py", "a") as config:
        config.write(f'\nc.CourseDirectory.db_url = "postgresql+psycopg2://me:secret@127.0.0.1:{_free_port()}/marks"\n')
    assert warm.grade(folder).status == 2
    assert "cannot be opened" in log_of(folder) and "secret" not in log_of(folder)


def test_a_gradebook_with_marks_by_hand_can_be_moved_here(warm, on_postgresql, tmp_path, key_cache):
    """As docs/instructors.md has it: the script, the new address, and nothing is graded again or lost."""
    here = make_tiny_course(tmp_path / "sqlite", keys=key_cache)
    assert warm.grade(here).status == 0
    mark_by_hand(here, "bob", "why", 1, "Well said.")
    address = Course.here(on_postgresql).db_url
    command = [sys.executable, ROOT / "examples" / "move_gradebook.py", f"sqlite:///{here}/gradebook.db", address]
    assert "rows copied" in subprocess.run(command, check=True, capture_output=True, text=True).stdout
    shutil.copy(on_postgresql / "nbgrader_config.py", here)
    assert warm.grade(here).status == 0
    assert "4 of 4 had not changed" in log_of(here)
    with Gradebook(address, "nn-course-lab") as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, "bob").score == CLASS["bob"][2] + 1
        assert gradebook.find_comment("why", ASSIGNMENT, ASSIGNMENT, "bob").comment == "Well said."
    again = subprocess.run(command, capture_output=True, text=True)
    assert again.returncode == 1 and "is not empty" in again.stderr
