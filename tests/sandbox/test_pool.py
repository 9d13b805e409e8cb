"""How warm sandboxes end: in order, or at once."""

import threading

import psutil
import pytest

from autograder.sandbox.job import Cell, Job, Limits, SandboxesEnded, SandboxSettings, SandboxUnavailable
from autograder.sandbox.pool import SandboxPool
from autograder.sandbox.sandbox import Sandbox
from tests.support.hidden_cells import asked

pytestmark = pytest.mark.sandbox
ENDLESS = Job((Cell("c", "while True: pass"),))


def processes_of(sandbox):
    first = psutil.Process(sandbox.process.pid)
    return [first, *first.children(recursive=True)]


def run_in_thread(pool, job):
    """Start a job in a thread. Returns (the thread, a list that gets what it raises)."""
    raised = []

    def run():
        try:
            pool.run(job)
        except SandboxUnavailable as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, raised


def wait_until(done):
    waiting = threading.Event()
    for _ in range(600):
        if done():
            return
        waiting.wait(0.1)
    raise AssertionError("it did not come to that")


@pytest.mark.slow
def test_a_killed_pool_ends_what_runs_and_starts_nothing_more():
    pool = SandboxPool(SandboxSettings(Limits(cell_seconds=600, notebook_seconds=900, cell_cpu_seconds=600)))
    pool.run(Job((Cell("f", "def f(x): return x"), asked())))  # so that there is a process that asks
    thread, raised = run_in_thread(pool, ENDLESS)
    # bubblewrap, the supervisor, the first process of the start, and the notebook
    wait_until(lambda: len(pool.all) == 2 and len(processes_of(pool.all[1])) >= 4)
    sandboxes = [*pool.all, pool.askers.sandbox]
    running, stages = sum(map(processes_of, sandboxes), []), [sandbox.stage for sandbox in sandboxes]
    pool.kill()
    thread.join(60)
    assert not thread.is_alive() and len(raised) == 1
    psutil.wait_procs(running, timeout=60)
    assert not [one for one in running if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    with pytest.raises(SandboxesEnded):
        pool.run(Job(()))
    pool.close()
    assert not [stage for stage in stages if stage.exists()]


def test_a_sandbox_that_starts_while_the_pool_is_killed_runs_nothing(monkeypatch):
    pool, started = SandboxPool(), []

    def killed_meanwhile(*settings):
        started.append(Sandbox(*settings))
        pool.kill()
        return started[0]

    monkeypatch.setattr("autograder.sandbox.pool.Sandbox", killed_meanwhile)
    with pytest.raises(SandboxesEnded):
        pool.run(Job(()))
    assert started[0].process is None and not started[0].stage.exists() and pool.all == []


def test_a_closed_pool_runs_nothing_more():
    with SandboxPool() as pool:
        pool.run(Job(()))
        (sandbox,) = pool.all
    assert sandbox.process is None and not sandbox.stage.exists()
    with pytest.raises(SandboxesEnded):
        pool.run(Job(()))
    pool.close()
