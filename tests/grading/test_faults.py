"""Faults around grading: a locked table, a full disk, a damaged file. Each is said in a sentence, costs nothing that is
recorded, and stops no later run."""

import json
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Assignment, BaseCell, Notebook, SourceCell
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from autograder.course.settings import Course
from autograder.gradebook.opening import CannotRecord, open_gradebook
from autograder.gradebook.registering import register
from autograder.notebook.rebuild import master_notebook
from tests.gradebook.test_postgresql import on_postgresql, server  # noqa: F401  (fixtures)
from tests.support.tiny_course import ASSIGNMENT, CLASS, files_of, gradebook_of, make_tiny_course, tiny_notebook, write
from tests.support.warm_grading import log_of

BIN = Path(sys.executable).parent
SOON = "import autograder.gradebook.address, autograder.gradebook.opening\nautograder.gradebook.address.PATIENCE = autograder.gradebook.opening.PATIENCE = 1\n"


def rows(gradebook):
    """How much the gradebook knows of assignments."""
    return [gradebook.db.query(kind).count() for kind in (Assignment, Notebook, BaseCell, SourceCell)]


def masters_of(course):
    return {ASSIGNMENT: master_notebook(course.source_notebook(ASSIGNMENT, ASSIGNMENT), course.config)}


# A disk that is full while an assignment is entered into the gradebook.


class FullDisk:
    """The database's writes fail from the n-th on."""

    def __init__(self, engine, after):
        self.engine, self.left = engine, after

    def __enter__(self):
        event.listen(self.engine, "before_cursor_execute", self.count)

    def __exit__(self, *_):
        event.remove(self.engine, "before_cursor_execute", self.count)

    def count(self, connection, cursor, statement, *_):
        if statement.split()[0] in ("INSERT", "UPDATE", "DELETE"):
            self.left -= 1
            if self.left < 0:
                raise OperationalError(statement, {}, sqlite3.OperationalError("database or disk is full"))


@pytest.mark.slow
@pytest.mark.parametrize("known", [False, True], ids=["new", "changed"])
def test_at_whichever_write_the_disk_is_full_registering_changes_nothing_and_is_done_the_next_time(
    tmp_path, known, capsys
):
    folder = make_tiny_course(tmp_path / "course", students=())
    course = Course.here(folder)
    with open_gradebook(course) as gradebook:
        if known:
            register(course, gradebook, ASSIGNMENT, masters_of(course))
            source = tiny_notebook(question="another row")
            source.cells += nbformat.from_dict(tiny_notebook().cells[:1])
            source.cells[-1].metadata.nbgrader.grade_id = "more"
            source.cells[-1].id = "more"
            write(folder / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", source)
        masters, before, failures = masters_of(course), rows(gradebook), 0
        for after in range(100):
            try:
                with FullDisk(gradebook.engine, after):
                    register(course, gradebook, ASSIGNMENT, masters)
                break
            except CannotRecord as error:
                failures += 1
                assert "database or disk is full. It is as it was before" in str(error) and ASSIGNMENT in str(error)
                assert rows(gradebook) == before
        assert failures > 5
        assert rows(gradebook) != before
        known_now = rows(gradebook)
        register(course, gradebook, ASSIGNMENT, masters)
        assert rows(gradebook) == known_now
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.sandbox
@pytest.mark.slow
def test_however_much_room_there_is_the_command_says_what_is_wrong_and_the_next_run_finishes(warm, tmp_path, key_cache):
    """No file may grow beyond a limit of the operating system, from one that lets nothing be written to enough."""
    whole, folder = (make_tiny_course(tmp_path / name, ["ann", "bob"], keys=key_cache) for name in ("whole", "course"))
    assert warm.grade(whole).status == 0
    before = "import resource, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    ended = []
    for size in (0, 20_000, 60_000, 120_000, 160_000, 220_000, 300_000):
        end = warm.grade(
            folder, "--jobs", "1", before=f"{before}resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, 10**9))"
        )
        said = (folder.parent / "course.log").read_text()
        ended.append(end.status)
        assert "Traceback" not in said, (size, said)
    assert sum(status != 0 for status in ended) >= 3
    assert warm.grade(folder, "--jobs", "1").status == 0, log_of(folder)
    assert (files_of(folder), gradebook_of(folder)) == (files_of(whole), gradebook_of(whole))


# A damaged file.

DAMAGE = {"emptied": b"", "cut off": b'{"cells": [', "zeros": b"\0" * 4096, "of another kind": b"[1]}", "gone": None}


@pytest.fixture(scope="module")
def graded(warm, tmp_path_factory, key_cache):
    folder = make_tiny_course(tmp_path_factory.mktemp("graded") / "course", keys=key_cache)
    assert warm.grade(folder).status == 0, log_of(folder)
    return folder, files_of(folder), gradebook_of(folder)


@pytest.mark.sandbox
@pytest.mark.slow
@pytest.mark.parametrize("page", [None, b"", b"as it was"], ids=["page gone", "page emptied", "page there"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_notebook_in_autograded_is_made_again(warm, graded, damage, page):
    folder, files, marks = graded
    notebook = folder / "autograded" / "ann" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    feedback = folder / "feedback" / "ann" / ASSIGNMENT / f"{ASSIGNMENT}.html"
    for path, content in ((notebook, DAMAGE[damage]), (feedback, page)):
        if content is None:
            path.unlink()
        elif content != b"as it was":
            path.write_bytes(content)
    assert warm.grade(folder).status == 0, log_of(folder)
    if damage != "of another kind" or page != b"as it was":
        assert files_of(folder) == files and "Traceback" not in log_of(folder)
    else:
        notebook.write_bytes(files[str(notebook.relative_to(folder))])
    assert gradebook_of(folder) == marks


@pytest.mark.sandbox
@pytest.mark.slow
@pytest.mark.parametrize("damage", [*DAMAGE, "newer"])
def test_a_damaged_grading_json_is_made_again(warm, graded, damage):
    folder, files, marks = graded
    path = folder / "autograded" / "ann" / ASSIGNMENT / "grading.json"
    if damage == "gone":
        path.unlink()
    elif damage == "newer":
        path.write_text(json.dumps({**json.loads(path.read_text()), "version": 1000}))
    else:
        path.write_bytes(DAMAGE[damage])
    assert warm.grade(folder, "--jobs", "1").status == 0, log_of(folder)
    assert f"ann/{ASSIGNMENT}: graded\n" in log_of(folder) and log_of(folder).count("(unchanged)") >= len(CLASS) - 1
    assert (files_of(folder), gradebook_of(folder)) == (files, marks)


@pytest.mark.sandbox
@pytest.mark.slow
@pytest.mark.parametrize("everybody", [False, True])
def test_nbgraders_feedback_names_a_damaged_notebook_and_goes_on(warm, graded, everybody):
    folder, files, _ = graded
    pages = {name: content for name, content in files.items() if name.startswith("feedback")}
    damaged = sorted(CLASS) if everybody else ["ann"]
    for student in damaged:
        (folder / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").write_bytes(b"")
    (folder / "feedback" / "bob" / ASSIGNMENT / f"{ASSIGNMENT}.html").write_bytes(b"old")
    done = warm.run(folder, "nbgrader", "generate_feedback", ASSIGNMENT)
    said = done.stdout + done.stderr
    assert done.returncode == 1 and "Traceback" not in said, said
    for student in damaged:
        assert f"{student}/{ASSIGNMENT}: " in said and "autograder grade" in said
    now = {name: content for name, content in files_of(folder).items() if name.startswith("feedback")}
    if not everybody:
        assert now == pages, "bob's page is new, and ann's is as it was"
    assert warm.grade(folder).status == 0, log_of(folder)
    assert files_of(folder) == files


# A locked table.


@pytest.mark.sandbox
@pytest.mark.slow
def test_whichever_table_is_locked_grading_ends_with_a_sentence_and_goes_on_later(warm, on_postgresql):  # noqa: F811
    import psycopg2

    folder = on_postgresql
    address = Course.here(folder).db_url.replace("+psycopg2", "")
    assert warm.grade(folder).status == 0, log_of(folder)
    files, said = files_of(folder), {}
    with psycopg2.connect(address) as other, other.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor]
        other.rollback()
        for table in tables:
            cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            started = time.monotonic()
            end = warm.grade(folder, "--all", before=SOON)
            assert time.monotonic() - started < 60, table
            said[table] = (end.status, log_of(folder))
            other.rollback()
    assert len(tables) > 12
    waited = {table for table, (status, _) in said.items() if status != 0}
    assert waited >= {"grade", "assignment", "student", "submitted_assignment", "comment", "base_cell"}
    for table in waited:
        status, log = said[table]
        assert status in (1, 2) and "another program has locked a table of it" in log, (table, log)
        assert "Traceback" not in log, (table, log)
    assert warm.grade(folder).status == 0, log_of(folder)
    assert files_of(folder) == files


@pytest.mark.sandbox
@pytest.mark.slow
def test_nbgraders_own_commands_wait_no_longer_either(warm, on_postgresql):  # noqa: F811
    import psycopg2

    folder = on_postgresql
    assert warm.grade(folder).status == 0, log_of(folder)
    with open(folder / "nbgrader_config.py", "a") as config:
        config.write("\nimport autograder.gradebook.address\nautograder.gradebook.address.PATIENCE = 1\n")
    with psycopg2.connect(Course.here(folder).db_url.replace("+psycopg2", "")) as other, other.cursor() as cursor:
        cursor.execute("LOCK TABLE student IN ACCESS EXCLUSIVE MODE")
        command = [BIN / "nbgrader", "db", "student", "list"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
        assert done.returncode != 0 and "lock timeout" in done.stderr
