"""Grading on a Dask cluster: a real scheduler and real worker processes on this machine."""

import os
import signal
import threading
import time

import nbformat
import pytest

from autograder.notebook.rebuild import Unreadable, master_notebook
from autograder.running.wire import read_done, read_order, write_done, write_order, write_trouble
from autograder.running.work import HandedInWork, RebuiltWork, RunFailed, do
from autograder.sandbox.breach import Cut, Kept
from autograder.sandbox.job import CellRun, Limits, Run, SandboxSettings, SandboxUnavailable
from tests.support.dask_cluster import LETHAL, DaskCluster
from tests.support.tiny_course import CLASS, files_of, gradebook_of, hand_in, make_tiny_course, tiny_notebook
from tests.support.warm_grading import log_of

SLOW = ("import time; time.sleep(0.5); return 2 * x", "return 3 * x")


@pytest.mark.sandbox
@pytest.mark.slow
def test_a_class_is_graded_to_the_byte_as_on_this_machine_while_a_worker_is_killed(warm, tmp_path, key_cache):
    here = make_tiny_course(tmp_path / "here", keys=key_cache)
    there = make_tiny_course(tmp_path / "there", keys=key_cache)
    for folder in (here, there):
        for number in range(8):
            hand_in(folder, f"slow{number}", SLOW)
        (folder / "submitted" / "ann" / "06_doubling" / "numbers.csv").write_bytes(b"1,2\n")
        (folder / "submitted" / "broken" / "06_doubling").mkdir(parents=True)
        (folder / "submitted" / "broken" / "06_doubling" / "06_doubling.ipynb").write_bytes(b"{")
    assert warm.grade(here).status == 1
    with DaskCluster(3) as cluster:
        threading.Thread(target=kill_when_at_work, args=(there, cluster.workers[0])).start()
        assert warm.grade(there, "--scheduler", cluster.address).status == 1, log_of(there)
        assert len(cluster.alive()) == 2
    assert "on 3 workers of the Dask cluster" in log_of(there)
    assert files_of(there) == files_of(here)
    assert gradebook_of(there) == gradebook_of(here)


def kill_when_at_work(folder, worker):
    """Kill a worker as soon as the first results are there."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not list(folder.glob("autograded/*/*/grading.json")):
        time.sleep(0.02)
    os.kill(worker, signal.SIGKILL)


@pytest.mark.sandbox
@pytest.mark.slow
def test_a_submission_that_ends_three_workers_is_said_to_and_the_rest_goes_on(warm, tmp_path, key_cache):
    folder = make_tiny_course(tmp_path / "course", keys=key_cache)
    hand_in(folder, "bomb", (f"return '{LETHAL.decode()}'", "return 3 * x"))
    with DaskCluster(5) as cluster:
        end = warm.grade(folder, "--scheduler", cluster.address)
        assert end.status == 1, log_of(folder)
        assert 1 <= len(cluster.alive()) <= 2
    said = log_of(folder)
    assert "bomb/06_doubling could not be graded: 3 machines that ran it ended meanwhile" in said
    points = {student: 0.0 for student in CLASS}
    for student, _, score, *_ in gradebook_of(folder)[0]:
        if student in points:
            points[student] += score or 0
    assert points == {student: total for student, (_, _, total) in CLASS.items()}


@pytest.mark.slow
def test_where_there_is_no_scheduler_nothing_is_done(warm, tmp_path, key_cache):
    folder = make_tiny_course(tmp_path / "course", keys=key_cache)
    quick = "import dask; dask.config.set({'distributed.comm.timeouts.connect': '1s'})"
    assert warm.grade(folder, "--scheduler", "tcp://127.0.0.1:9", before=quick).status == 2
    assert "There is no Dask scheduler at tcp://127.0.0.1:9" in log_of(folder)
    assert not (folder / "gradebook.db").exists()


@pytest.mark.slow
def test_without_dask_it_is_said_what_to_install(warm, tmp_path, key_cache):
    folder = make_tiny_course(tmp_path / "course", keys=key_cache)
    before = "import sys; sys.modules['distributed'] = None"
    assert warm.grade(folder, "--scheduler", "tcp://127.0.0.1:9", before=before).status == 2
    assert "pip install 'nn-course-lab[cluster]'" in log_of(folder)


# What travels.


def ran(job):
    answers = [{"version": 1, "question": "q", "value": {"kind": "none"}, "nan": float("nan"), "text": "\ud800"}]
    cells = [CellRun(outputs=[{"output_type": "stream"}], answers=answers, lost="x") for _ in job.cells]
    return Run(cells, 1.5, [Cut(Kept.OUTPUTS, 7)])


def test_work_and_what_came_of_it_travel_unchanged():
    master = master_notebook(tiny_notebook())
    submitted = nbformat.writes(tiny_notebook()).encode()
    more = {"files": {"a.npy": bytes(range(256))}, "seeds": {"test_double": "s"}, "given": {"t": "x = 1"}}
    work = HandedInWork(master=master, submitted=submitted, **more)
    settings = SandboxSettings(Limits(memory=10**9), ("losses.py",), confined=False)
    order = write_order(work, settings, task="t", topic="p")
    read, said, whole = read_order(order)
    assert read == work and said == settings and whole["task"] == "t"
    done = do(read, ran)
    back = read_done(write_done(done), work)
    assert (back.notebook, back.repairs, back.cells) == (done.notebook, done.repairs, done.cells)
    assert repr(back.run) == repr(done.run)
    follow = RebuiltWork(notebook=done.notebook, only=("test_double",), seeds=work.seeds)
    assert read_order(write_order(follow, settings))[0] == follow


def test_the_order_holds_neither_solutions_nor_the_course_seed_nor_the_key():
    master = master_notebook(tiny_notebook(triple="return 3 * x  # solved"))
    work = HandedInWork(master=master, submitted=b"{}", seeds={"test_double": "s"})
    assert b"# solved" not in write_order(work, SandboxSettings())


@pytest.mark.parametrize("error", [Unreadable("empty"), SandboxUnavailable("gone")])
def test_trouble_on_a_worker_is_the_same_trouble_here(error):
    with pytest.raises(type(error), match=str(error)):
        read_done(write_trouble(error), RebuiltWork(notebook=tiny_notebook()))


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"null", b'{"notebook": 3}', b'{"run": {}}', b"\xff", b'{"notebook": {}}']
)
def test_what_cannot_be_read_costs_one_submission_and_stops_nobody(data):
    with pytest.raises(RunFailed, match="cannot be read"):
        read_done(data, RebuiltWork(notebook=tiny_notebook()))
