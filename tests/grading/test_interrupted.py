"""Ctrl-C, SIGTERM and SIGHUP end grading at any moment: without a traceback, with exit status 130, and the same command goes
on with the rest. Chosen moments are the beginnings of each phase, and one in the middle of reading a large file.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from autograder.leftovers import MARK, TEXT
from tests.support.tiny_course import ASSIGNMENT, CLASS, files_of, gradebook_of, make_tiny_course
from tests.support.warm_grading import log_of

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

# phase → the function that it begins with (module, name)
PHASES = {
    "the configuration": ("autograder.course.settings", "_load_config"),
    "sweeping": ("autograder.leftovers", "sweep"),
    "starting sandboxes": ("autograder.sandbox.staging", "copy_helpers"),
    "the key": ("autograder.grading.key", "make_key"),
    "the gradebook": ("autograder.gradebook.opening", "_complete"),
    "registering": ("nbgrader.preprocessors.savecells", "SaveCells._create_notebook"),
    "reading the folder": ("autograder.course.settings", "list_files"),
    "reading the file": ("autograder.notebook.rebuild", "read_notebook"),
    "running": ("autograder.running.work", "cells_to_run"),
    "marking": ("autograder.grading.grader", "mark_cell"),
    "recording": ("autograder.gradebook.record", "_submission_row"),
    "the transaction's end": ("autograder.gradebook.record", "_assign_late_penalties"),
    "the pages": ("autograder.grading.recorder", "render"),
    "the last file": ("autograder.grading.grading_file", "write"),
    "the table": ("autograder.spreadsheet", "table"),
    "closing the sandboxes": ("autograder.sandbox.askers", "Askers.close"),
    "the result": ("rich.table", "Table.add_row"),
}
SEND = """
import importlib, os, signal
module, name = {place!r}
holder = importlib.import_module(module)
*inside, name = name.split(".")
for part in inside:
    holder = getattr(holder, part)
wrapped, calls = getattr(holder, name), []
def called(*arguments, **more):
    calls.append(1)
    if len(calls) == {call}:
        os.kill(os.getpid(), signal.{how})
    return wrapped(*arguments, **more)
setattr(holder, name, called)
for other in list(__import__("sys").modules.values()):
    if getattr(other, name, None) is wrapped and getattr(other, "__name__", "").startswith("autograder"):
        setattr(other, name, called)
"""


MARKED = """
import tempfile
tempfile.tempdir = {temporary!r}
"""


@pytest.fixture(scope="module")
def whole(warm, tmp_path_factory, key_cache):
    """What an undisturbed run writes."""
    folder = make_tiny_course(tmp_path_factory.mktemp("whole") / "course", keys=key_cache)
    assert warm.grade(folder, "--jobs", "1").status == 0, log_of(folder)
    return files_of(folder), gradebook_of(folder)


@pytest.fixture
def temporary(tmp_path):
    folder = tmp_path / "tmp"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("phase", PHASES)
def test_an_interruption_in_any_phase_says_so_in_a_line_and_the_next_run_goes_on(
    warm, tmp_path, key_cache, whole, phase, temporary
):
    folder = make_tiny_course(tmp_path / "course", keys=key_cache)
    here = MARKED.format(temporary=str(temporary))
    how = ["SIGINT", "SIGTERM", "SIGHUP"][list(PHASES).index(phase) % 3]
    end = warm.grade(folder, "--jobs", "1", before=here + SEND.format(place=PHASES[phase], call=1, how=how))
    said = log_of(folder)
    assert (end.status, "nterrupted." in said, "Traceback" in said) == (130, True, False), said
    assert [path.name for path in temporary.iterdir()] == []
    assert warm.grade(folder, "--jobs", "1", before=here).status == 0, log_of(folder)
    assert (files_of(folder), gradebook_of(folder)) == whole
    assert "Traceback" not in log_of(folder) and list(temporary.iterdir()) == []


STARTED = """
import os, signal, threading
start = threading.Thread.start
def started(thread):
    start(thread)
    if thread.name.startswith("grading"):
        os.kill(os.getpid(), signal.SIGINT)
threading.Thread.start = started
"""


def test_an_interruption_while_a_thread_starts_leaves_no_folder_behind(warm, tmp_path, key_cache, temporary):
    """An executor does not wait for a thread whose start was interrupted: it has not written down that there is one."""
    folder = make_tiny_course(tmp_path / "course", ["ann"], keys=key_cache)
    end = warm.grade(folder, "--jobs", "1", before=MARKED.format(temporary=str(temporary)) + STARTED)
    assert (end.status, "nterrupted." in log_of(folder)) == (130, True), log_of(folder)
    assert list(temporary.iterdir()) == []


def start(folder, temporary, *arguments):
    command = [sys.executable, "-m", "autograder.cli", "--course", str(folder), "grade", "--jobs", "1", *arguments]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    return subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True
    )


def large_notebook(folder):
    """A notebook of 60 MB, all of it text to be read."""
    path = folder / "submitted" / "ann" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    content = json.loads(path.read_text())
    content["metadata"]["rows"] = ["\\u00e9" * 12] * 600_000
    path.write_text(json.dumps(content))
    assert path.stat().st_size > 40_000_000


def test_ctrl_c_in_a_terminal_is_heard_while_a_large_file_is_read(tmp_path, key_cache, temporary):
    """A terminal sends it to every process of the command. Reading takes long, and cannot be stopped by itself."""
    folder = make_tiny_course(tmp_path / "course", ["ann"], keys=key_cache)
    large_notebook(folder)
    process = start(folder, temporary)
    while not (folder / "gradebook.db").exists() and process.poll() is None:
        time.sleep(0.05)
    time.sleep(1)
    family = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    out, said = process.communicate(timeout=300)
    assert process.returncode in (130, 0) and "Traceback" not in said + out, said
    if process.returncode:
        assert "Grading was interrupted." in said
    assert psutil.wait_procs(family, timeout=60)[1] == [] and list(temporary.iterdir()) == []


@pytest.mark.parametrize("seconds", [0.4, 1.0, 1.8, 2.6, 3.4, 5.0])
def test_ctrl_c_at_any_time_after_the_start_leaves_no_traceback(tmp_path, key_cache, temporary, seconds):
    folder = make_tiny_course(tmp_path / "course", keys=key_cache)
    process = start(folder, temporary)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)
    out, said = process.communicate(timeout=120)
    assert process.returncode in (130, 0) and "Traceback" not in said + out, said
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("phase", ["the key", "starting sandboxes", "running", "recording"])
def test_what_sigkill_leaves_behind_is_swept_by_the_next_run(warm, tmp_path, key_cache, temporary, phase):
    folder = make_tiny_course(tmp_path / "course", ["ann"], keys=key_cache)
    busy = temporary / "course-lab-busy"
    busy.mkdir()
    (busy / MARK).write_bytes(TEXT)
    before = MARKED.format(temporary=str(temporary))
    with open(busy / MARK) as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        assert warm.grade(folder, before=before + SEND.format(place=PHASES[phase], call=1, how="SIGKILL")).killed
        left = [path.name for path in temporary.iterdir() if path != busy]
        assert left or phase == "the key", "there is something to sweep"
        assert warm.grade(folder, before=before).status == 0, log_of(folder)
        assert [path.name for path in temporary.iterdir()] == ["course-lab-busy"]


def test_under_nohup_a_closed_terminal_ends_nothing(warm, tmp_path, key_cache):
    folder = make_tiny_course(tmp_path / "course", keys=key_cache)
    before = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    sent = SEND.format(place=PHASES["marking"], call=1, how="SIGHUP")
    assert warm.grade(folder, "--jobs", "1", before=before + sent).status == 0, log_of(folder)
    assert sum(f"/{ASSIGNMENT}: graded" in line for line in log_of(folder).splitlines()) == len(CLASS)


def test_ctrl_c_during_another_command_is_a_line_too(tmp_path, key_cache):
    folder = make_tiny_course(tmp_path / "course", ["ann"], keys=key_cache)
    code = "import sys\nfrom autograder.cli import main\n" + SEND.format(
        place=("autograder.authoring.audit", "_untested_functions"), call=1, how="SIGTERM"
    )
    code += f"main(['--course', {str(folder)!r}, 'audit'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 130 and "Interrupted." in done.stderr and "Traceback" not in done.stderr
