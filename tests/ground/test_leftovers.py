"""Temporary folders do not outlive whoever made them, and nothing else is taken for one."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import pytest

from autograder import leftovers
from autograder.leftovers import MARK, TEXT, make, remove, sweep

OWNER = """
import sys, time
from autograder import leftovers
folder = leftovers.make("course-lab-")
(folder / "lab").mkdir()
(folder / "lab" / "file").write_text("x")
print(folder, flush=True)
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """A folder for temporary files that no other test uses."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def an_owner():
    """Another process with a folder, and the folder's path."""
    process = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True)
    return process, process.stdout.readline().strip()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGHUP, signal.SIGTERM, signal.SIGABRT])
def test_what_a_killed_process_leaves_is_removed_and_not_before(temporary, how):
    process, folder = an_owner()
    assert sweep() == 0 and os.path.isdir(folder)
    process.send_signal(how)
    process.wait()
    assert os.path.isdir(folder)
    assert sweep() == 1 and list(temporary.iterdir()) == []


def test_a_folder_of_this_process_stays_until_it_is_removed(temporary):
    folder = make("course-lab-")
    assert sweep() == 0 and folder.stat().st_mode & 0o777 == 0o700
    remove(folder)
    assert list(temporary.iterdir()) == [] and not leftovers._held.get(folder)


def test_a_folder_that_somebody_else_removed_costs_no_descriptor(temporary):
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        shutil.rmtree(make("course-lab-"))
    remove(make("course-lab-"))
    assert len(os.listdir("/proc/self/fd")) <= before + 1


def test_a_child_that_goes_on_keeps_no_folder(temporary):
    """What runs in a sandbox does not hold the lock of who started it."""
    folder = make("course-lab-")
    with subprocess.Popen(["sleep", "60"]) as child:
        os.close(leftovers._held.pop(folder))
        assert sweep() == 1
        child.kill()


def _without_a_mark(folder):
    (folder / "course-lab-a").mkdir()


def _with_another_text(folder):
    (folder / "course-lab-a").mkdir()
    (folder / "course-lab-a" / MARK).write_bytes(b"mine")


def _with_another_name(folder):
    (folder / "somebody-a").mkdir()
    (folder / "somebody-a" / MARK).write_bytes(TEXT)


def _a_file(folder):
    (folder / "course-lab-a").write_bytes(TEXT)


def _a_link_to_a_folder(folder):
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / MARK).write_bytes(TEXT)
    (folder / "course-lab-a").symlink_to(folder / "elsewhere")


def _a_link_for_a_mark(folder):
    (folder / "elsewhere").write_bytes(TEXT)
    (folder / "course-lab-a").mkdir()
    (folder / "course-lab-a" / MARK).symlink_to(folder / "elsewhere")


def _a_pipe_for_a_mark(folder):
    (folder / "course-lab-a").mkdir()
    os.mkfifo(folder / "course-lab-a" / MARK)


def _a_folder_for_a_mark(folder):
    (folder / "course-lab-a" / MARK).mkdir(parents=True)


def _of_another_user(folder):
    (folder / "course-lab-a").mkdir()
    (folder / "course-lab-a" / MARK).write_bytes(TEXT)
    os.chown(folder / "course-lab-a", 65534, 65534)


def _with_a_mark_of_another_user(folder):
    (folder / "course-lab-a").mkdir()
    (folder / "course-lab-a" / MARK).write_bytes(TEXT)
    os.chown(folder / "course-lab-a" / MARK, 65534, 65534)


NOT_OURS = [_without_a_mark, _with_another_text, _with_another_name, _a_file, _a_link_to_a_folder, _a_link_for_a_mark]
NOT_OURS += [_a_pipe_for_a_mark, _a_folder_for_a_mark]
NOT_OURS += [_of_another_user, _with_a_mark_of_another_user] if os.geteuid() == 0 else []


@pytest.mark.parametrize("thing", NOT_OURS, ids=lambda thing: thing.__name__)
def test_what_is_not_ours_is_left_alone(temporary, thing):
    thing(temporary)
    before = sorted(str(path) for path in temporary.rglob("*"))
    assert sweep() == 0
    assert sorted(str(path) for path in temporary.rglob("*")) == before


def test_a_link_inside_a_leftover_is_removed_and_not_followed(temporary):
    (temporary / "course").mkdir()
    (temporary / "course" / "gradebook.db").write_text("marks")
    (temporary / "course-lab-a").mkdir()
    (temporary / "course-lab-a" / MARK).write_bytes(TEXT)
    (temporary / "course-lab-a" / "course").symlink_to(temporary / "course")
    assert sweep() == 1
    assert (temporary / "course" / "gradebook.db").read_text() == "marks"


def test_many_who_make_and_sweep_at_once_take_nothing_from_each_other(temporary):
    """No moment at which a folder is known as ours and not locked yet."""
    busy = "from autograder import leftovers\nfor _ in range(150):\n    folder = leftovers.make('course-lab-')\n"
    busy += "    leftovers.sweep()\n    assert (folder / leftovers.MARK).exists()\n    leftovers.remove(folder)"
    started = [subprocess.Popen([sys.executable, "-c", busy]) for _ in range(4)]
    deadline = time.monotonic() + 60
    while any(process.poll() is None for process in started) and time.monotonic() < deadline:
        sweep()
    assert [process.wait(10) for process in started] == [0] * 4
    assert list(temporary.iterdir()) == []


LEAVING = """
import os, sys, threading, time
from autograder import leftovers
inside, folders = threading.Event(), []

def fill():
    folder = leftovers.make("course-lab-")
    while True:
        with leftovers.filling():
            inside.set()
            for name in "abcdefgh":
                (folder / name).mkdir(parents=True, exist_ok=True)
                time.sleep(0.002)

def make():
    while True:
        leftovers.make("course-lab-")

for target in (fill, fill, make):
    threading.Thread(target=target, daemon=True).start()
inside.wait()
time.sleep(0.05)
leftovers.remove_own()
time.sleep(0.3)
os._exit(0)
"""


def test_who_leaves_at_once_takes_along_what_threads_are_just_filling(temporary):
    assert subprocess.run([sys.executable, "-c", LEAVING]).returncode == 0
    assert list(temporary.iterdir()) == []
