"""Nothing is lost: grading that is ended at any moment goes on when it is started again, and only what changed is redone.

The moments of the kills are drawn from a seed: half of them are effects (a file opened or renamed, a process started),
half are times.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import psutil
import pytest

from autograder.course.settings import Course
from autograder.grading.key import make_key
from autograder.mistakes import Mistake
from autograder.sandbox.sandbox import Sandbox
from tests.support.tiny_course import (
    ASSIGNMENT,
    CLASS,
    files_of,
    gradebook_of,
    hand_in,
    make_tiny_course,
    mark_by_hand,
    tiny_notebook,
    write,
)
from tests.support.warm_grading import log_of

pytestmark = pytest.mark.sandbox
KILLS = 50
NICE = 7  # a priority that no other process here has


@pytest.fixture
def tiny(tmp_path, key_cache):
    """A course of four students that is not graded yet."""
    return make_tiny_course(tmp_path / "course", keys=key_cache)


def snapshot(folder):
    return files_of(folder), gradebook_of(folder)


def did(folder):
    """student → what the last run did, from its log: "graded now", "unchanged", "feedback renewed"."""
    found = {}
    for line in log_of(folder).splitlines():
        if f"/{ASSIGNMENT}: " in line and "could not be graded:" not in line:
            student, said = line.split("  ", 1)[1].split(f"/{ASSIGNMENT}: ")
            found[student] = said.split("(")[1].rstrip(")") if "(" in said else "graded now"
    return found


def graded(warm, folder, *arguments, expect=0):
    end = warm.grade(folder, "--jobs", "1", *arguments)
    assert end.status == expect, log_of(folder)
    return did(folder)


# Killed.


@pytest.mark.slow
def test_after_fifty_kills_at_random_moments_everything_is_as_if_nothing_had_happened(warm, tmp_path, key_cache):
    draw = random.Random(2024)
    folder = make_tiny_course(tmp_path / "course", keys=key_cache)
    started = time.monotonic()
    graded(warm, folder)
    seconds = time.monotonic() - started
    fresh = snapshot(folder)

    def kill_once(*arguments):
        """One run that is killed, unless it ends before its moment comes. The gradebook must be sound at once."""
        moment = {"effects": draw.randint(1, 300)} if draw.random() < 0.5 else {"seconds": draw.uniform(0, seconds)}
        end = warm.grade(folder, *arguments, **moment)
        if (folder / "gradebook.db").exists():
            gradebook_of_any_age(folder)
        return end.killed

    kills = 0
    while kills < KILLS // 2:  # a class that was never graded before
        for part in ("autograded", "feedback"):
            shutil.rmtree(folder / part, ignore_errors=True)
        for path in [*folder.glob("gradebook.db*"), folder / "marks.csv"]:
            path.unlink(missing_ok=True)
        for _ in range(draw.randint(1, 6)):
            kills += kill_once("--jobs", str(draw.randint(1, 2)))
        graded(warm, folder)
        assert snapshot(folder) == fresh

    mark_by_hand(folder, "bob", "test_double", 1.25, "Nearly: come and see me.")
    graded(warm, folder, "--all")
    marked = snapshot(folder)
    assert ("bob", "test_double", 0.0, 1.25, None, 1) in marked[1][0]
    while kills < KILLS:  # a regrade of a class with a person's marks in it
        for _ in range(draw.randint(1, 6)):
            kills += kill_once("--all", "--jobs", str(draw.randint(1, 2)))
        graded(warm, folder)
        assert snapshot(folder) == marked
    assert kills >= KILLS


def gradebook_of_any_age(folder):
    """As gradebook_of; a gradebook that was killed while it was made may lack its tables."""
    import sqlite3

    try:
        gradebook_of(folder)
    except sqlite3.OperationalError as error:
        assert "no such table" in str(error)


@pytest.mark.slow
def test_a_killed_sandbox_costs_no_marks(tiny):
    """The supervisor of a running sandbox is killed from outside: the submission is run again in a new one."""
    hand_in(tiny, "slow", (f"import os, time; os.nice({NICE}); time.sleep(1); return 2 * x", "return 3 * x"))
    process = start(tiny)
    victim = wait_for_sandbox(process)
    victim.kill()
    assert process.wait(120) == 0, process.stderr.read()
    grades = {(student, cell): score for student, cell, score, *_ in gradebook_of(tiny)[0]}
    assert sum(score or 0 for (student, _), score in grades.items() if student == "ann") == 5
    assert sum(score or 0 for (student, _), score in grades.items() if student == "slow") == 5


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_cleanly_says_how_to_go_on_and_leaves_no_process(tiny, how):
    hand_in(tiny, "slow", (f"import os, time; os.nice({NICE}); time.sleep(60); return 2 * x", "return 3 * x"))
    process = start(tiny)
    wait_for_sandbox(process)
    family = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, how)
    said = process.communicate(timeout=300)[1]
    assert process.returncode == 130
    assert "Grading was interrupted." in said and "The same command goes on with the rest." in said
    assert "Traceback" not in said
    _, left = psutil.wait_procs(family, timeout=60)
    assert left == []


def start(folder):
    command = [sys.executable, "-m", "autograder.cli", "--course", str(folder), "grade", "--jobs", "1"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for_sandbox(process):
    """The supervisor of the sandbox in which the submission runs that has made itself NICE."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        for child in psutil.Process(process.pid).children(recursive=True):
            try:
                if child.nice() == NICE:
                    return next(one for one in child.parents() if "inside.supervisor" in " ".join(one.cmdline()))
            except psutil.Error:
                continue
        time.sleep(0.02)
    raise AssertionError("the submission was not running")


@pytest.mark.slow
def test_a_second_grade_command_refuses_clearly(warm, tiny):
    import fcntl

    with open(Course.here(tiny).private / "grading.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert warm.grade(tiny).status == 2
    assert "Another `autograder grade` is at work" in log_of(tiny)
    assert not (tiny / "gradebook.db").exists()


# Nothing can be written.


@pytest.mark.slow
@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
def test_a_full_or_broken_disk_stops_grading_and_the_next_run_finishes_it(warm, tiny, error, tmp_path, key_cache):
    whole = make_tiny_course(tmp_path / "whole", keys=key_cache)
    graded(warm, whole)
    for writes in (1, 4, 6, 9):
        end = warm.grade(tiny, "--all", before=BROKEN_DISK.format(error=error, writes=writes))
        assert end.status == 1, log_of(tiny)
        said = log_of(tiny)
        assert "a file could not be written" in said and "what is recorded stays" in said and "Traceback" not in said
        gradebook_of_any_age(tiny)
    graded(warm, tiny)
    assert snapshot(tiny) == snapshot(whole)


BROKEN_DISK = """
import errno, os
left, fsync = [{writes}], os.fsync
def broken(descriptor):
    left[0] -= 1
    if left[0] < 0:
        raise OSError(errno.{error}, os.strerror(errno.{error}))
    return fsync(descriptor)
os.fsync = broken
"""


@pytest.mark.slow
def test_a_gradebook_that_cannot_grow_stops_grading_and_the_next_run_finishes_it(warm, tiny, tmp_path, key_cache):
    """No file may grow beyond a limit of the operating system: SQLite itself runs into it."""
    whole = make_tiny_course(tmp_path / "whole", keys=key_cache)
    graded(warm, whole)
    before = "import resource, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    stopped = 0
    for size in (100_000, 250_000, 400_000):
        end = warm.grade(tiny, before=f"{before}resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))")
        stopped += end.status != 0
        assert "Traceback" not in log_of(tiny)
        gradebook_of_any_age(tiny)
    assert stopped
    graded(warm, tiny)
    assert snapshot(tiny) == snapshot(whole)


# Only what has changed.


@pytest.mark.slow
def test_what_has_not_changed_is_not_run_again_and_the_table_still_shows_everybody(warm, tiny):
    assert graded(warm, tiny) == dict.fromkeys(CLASS, "graded now")
    before = snapshot(tiny)
    assert graded(warm, tiny) == dict.fromkeys(CLASS, "unchanged")
    said = log_of(tiny)
    assert all(f" {student} " in said for student in CLASS) and "4 of 4 had not changed" in said
    assert snapshot(tiny) == before
    assert graded(warm, tiny, "--all") == dict.fromkeys(CLASS, "graded now")
    assert snapshot(tiny) == before


@pytest.mark.slow
def test_a_new_version_of_one_submission_is_graded_alone(warm, tiny):
    graded(warm, tiny)
    hand_in(tiny, "bob", CLASS["ann"][:2])
    hand_in(tiny, "eve", CLASS["ann"][:2])
    (tiny / "submitted" / "cleo" / ASSIGNMENT / "data.csv").write_text("1,2")
    assert graded(warm, tiny) == {
        "ann": "unchanged",
        "dan": "unchanged",
        "bob": "graded now",
        "cleo": "graded now",
        "eve": "graded now",
    }


@pytest.mark.slow
@pytest.mark.parametrize("lost", ["gradebook", "row", "page", "notebook", "grading.json"])
def test_what_has_got_lost_is_made_again(warm, tiny, lost):
    import sqlite3

    graded(warm, tiny)
    before = snapshot(tiny)
    if lost == "gradebook":
        (tiny / "gradebook.db").unlink()
    elif lost == "row":
        with sqlite3.connect(tiny / "gradebook.db") as database:
            database.execute("UPDATE grade SET auto_score = 0")
    else:
        folder = tiny / ("feedback" if lost == "page" else "autograded") / "ann" / ASSIGNMENT
        name = {"page": f"{ASSIGNMENT}.html", "notebook": f"{ASSIGNMENT}.ipynb"}.get(lost, lost)
        (folder / name).unlink()
    graded(warm, tiny)
    assert snapshot(tiny) == before


@pytest.mark.slow
def test_a_persons_marks_stay_and_reach_the_feedback_without_a_new_run(warm, tiny):
    graded(warm, tiny)
    mark_by_hand(tiny, "bob", "test_double", 1.25, "Nearly: come and see me.")
    assert graded(warm, tiny) == {**dict.fromkeys(CLASS, "unchanged"), "bob": "feedback renewed"}
    page = (tiny / "feedback" / "bob" / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()
    assert "Nearly: come and see me." in page and "1.25" in page
    assert graded(warm, tiny) == dict.fromkeys(CLASS, "unchanged")
    hand_in(tiny, "bob", CLASS["ann"][:2])
    graded(warm, tiny)
    assert ("bob", "test_double", 2.0, 1.25, None, 1) in gradebook_of(tiny)[0]


@pytest.mark.slow
def test_a_changed_template_renews_the_pages_and_runs_nothing(warm, tiny):
    graded(warm, tiny)
    before = snapshot(tiny)
    newer = (
        "from autograder.grading import recorder, up_to_date\n"
        "recorder.code_version = up_to_date.code_version = lambda effect: 'newer'"
    )
    end = warm.grade(tiny, "--jobs", "1", before=newer)
    assert end.status == 0 and did(tiny) == dict.fromkeys(CLASS, "feedback renewed")
    assert graded(warm, tiny) == dict.fromkeys(CLASS, "feedback renewed"), "that of now is another one again"
    assert snapshot(tiny) == before


@pytest.mark.slow
def test_a_failure_that_was_not_the_students_is_tried_again(warm, tiny):
    broken = "import autograder.grading.grader as g\ng.mark_cell = lambda *a: 1 / 0"
    assert warm.grade(tiny, before=broken).status == 1
    assert "the autograder itself failed (ZeroDivisionError)" in log_of(tiny)
    assert graded(warm, tiny) == dict.fromkeys(CLASS, "graded now")


# A changed question.


@pytest.mark.slow
def test_a_changed_question_reruns_its_own_cell_and_its_mistakes_only(tiny, monkeypatch, tmp_path):
    (tiny / ".autograder" / "keys").unlink()  # a cache of its own
    known = [
        Mistake(f"{name}-{number}", ASSIGNMENT, name, "Hint.", "Lesson", f"def {name}(x):\n    return x + {number}")
        for name in ("double", "triple")
        for number in range(3)
    ]
    monkeypatch.setattr("autograder.grading.key.mistakes_of", lambda *_: known)
    jobs = []

    class Counted(Sandbox):
        def run(self, job):
            jobs.append([cell.label for cell in job.cells if cell.hidden is not None])
            return super().run(job)

    monkeypatch.setattr("autograder.grading.key.Sandbox", Counted)

    def made():
        jobs.clear()
        made_key = make_key(Course.here(tiny), ASSIGNMENT, ASSIGNMENT)
        assert {cell: len(sheets) for cell, sheets in made_key.mistakes.items()} == dict.fromkeys(made_key.cells, 3)
        return sorted(jobs)

    both, double, triple = ["test_double", "test_triple"], ["test_double"], ["test_triple"]
    assert made() == sorted([both, *[double] * 3, *[triple] * 3])
    assert made() == []
    source = tiny / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    write(source, tiny_notebook(question="another row"))
    assert made() == [double] * 4
    known[4] = Mistake("triple-1", ASSIGNMENT, "triple", "Hint.", "Lesson", "def triple(x):\n    return x - 1")
    assert made() == [triple]
    write(source, tiny_notebook(double="return x + x", question="another row"))  # a solution: all answers may change
    assert made() == sorted([both, *[double] * 3, *[triple] * 3])


@pytest.mark.slow
def test_a_changed_question_reruns_the_submissions_of_its_assignment_only(warm, tiny):
    other = tiny / "source" / "07_again" / "07_again.ipynb"
    write(other, tiny_notebook())
    hand_in(tiny, "ann", assignment="07_again")
    graded(warm, tiny)
    write(other, tiny_notebook(question="another row"))
    assert graded(warm, tiny) == dict.fromkeys(CLASS, "unchanged")
    assert "ann/07_again: graded\n" in log_of(tiny)


@pytest.mark.slow
def test_the_record_of_what_was_graded_holds_no_secrets(warm, tiny):
    graded(warm, tiny)
    known = json.loads((tiny / "autograded" / "ann" / ASSIGNMENT / "grading.json").read_text())
    assert known["made_from"] and Course.here(tiny).seed not in json.dumps(known)
