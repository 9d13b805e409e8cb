"""`autograder grade --scheduler ADDRESS`: notebooks are run by the workers of a Dask cluster, and marked and recorded here.

A worker gets the student's bytes, the instructor's notebook without solutions, and the seeds of its questions; it has
neither the key nor the gradebook. What it sends back is JSON. Each thread of a worker keeps a warm sandbox.

Dask runs a task again where its worker died. We count these deaths for each task ourselves, since Dask's own count
also blames tasks that only waited in that worker's queue.
"""

from __future__ import annotations

import hashlib
import sys
import threading
import uuid
from collections.abc import Iterable
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import numpy as np

from autograder.installed import HELPERS, PACKAGE, ROOT, name_of
from autograder.notebook.rebuild import Unreadable
from autograder.running.wire import read_done, read_order, write_done, write_order, write_trouble
from autograder.running.work import Done, HereRunner, NowhereToRun, RunFailed, Work
from autograder.sandbox.job import SandboxesEnded, SandboxSettings, SandboxUnavailable
from autograder.sandbox.pool import SandboxPool
from autograder.sandbox.process import INSIDE
from autograder.sandbox.sandbox import probe

if TYPE_CHECKING:
    from distributed import Future, Worker

    from autograder.course.settings import Course

MOST_DEATHS = 3  # workers that one notebook may take with it
PATIENCE = 60.0  # seconds without any worker before we give up


# On the command's side.


class Cluster:
    """A connection to a Dask scheduler. Use it as a context manager; raises NowhereToRun.

    address: as Dask writes it, "tcp://10.0.0.1:8786". assignments: those that will be run. jobs: how many submissions it
    is worth to have under way.
    """

    def __init__(self, address: str, course: Course, assignments: Iterable[str]) -> None:
        self.address, self.course = address, course
        self.not_ahead = course.sandbox_settings(*assignments).withheld  # what no worker loads ahead
        self.tasks: dict[str, _Task] = {}
        self.lock, self.stopped = threading.Lock(), False

    def __enter__(self) -> Cluster:
        try:
            from distributed import Client
        except ImportError:
            raise NowhereToRun(
                "--scheduler needs Dask, which is not installed here: pip install 'nn-course-lab[cluster]'"
            ) from None
        try:
            self.client = Client(self.address, timeout=15, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise NowhereToRun(f"There is no Dask scheduler at {self.address} ({error}).") from None
        try:
            self._look_at_workers()
            self.topic = f"course-lab-{self.client.id}"
            self.client.subscribe_topic(self.topic, self._note_start)
            self.client.subscribe_topic("all", self._note_death)
        except BaseException:
            self.client.close()
            raise
        return self

    def close(self) -> None:
        self.client.close()

    def __exit__(self, *_: object) -> None:
        self.close()

    def runner(self, settings: SandboxSettings) -> ClusterRunner:
        """Where the notebooks of one assignment are run: as work.HereRunner."""
        return ClusterRunner(self, settings)

    def in_words(self) -> str:
        wall = self.wall if self.course.confined else "no sandbox"
        return f"sandbox: {wall}, on {self.workers} workers of the Dask cluster at {self.address}"

    def _look_at_workers(self) -> None:
        """Refuse a cluster that cannot run notebooks, or would run them differently from here."""
        found = self.client.run(look_at_worker, self.course.confined)
        if not found:
            raise NowhereToRun(f"The Dask scheduler at {self.address} has no workers.")
        here = versions()
        for address, said in sorted(found.items()):
            if said["trouble"]:
                raise NowhereToRun(f"The worker {address} cannot run notebooks: {said['trouble']}")
            other = [name for name, version in said["versions"].items() if here.get(name, version_of(name)) != version]
            if other:
                raise NowhereToRun(
                    f"The worker {address} has another version of {', '.join(sorted(other)[:5])} than this machine, so "
                    "that marks might differ. Install the same versions on all machines."
                )
        self.wall, self.workers = next(iter(found.values()))["wall"], len(found)
        self.jobs: int = 2 * sum(said["threads"] for said in found.values())  # one runs, one is on its way

    def run(self, task: str, order: bytes) -> bytes:
        """The bytes that a worker makes of `order`. Raises RunFailed, SandboxUnavailable, NowhereToRun."""
        from distributed import KilledWorker

        watched = self.tasks[task] = _Task()
        try:
            for _ in range(MOST_DEATHS):
                watched.moment.clear()
                future = self.client.submit(run_on_worker, order, key=f"course-lab-{uuid.uuid4().hex}", pure=False)
                future.add_done_callback(lambda _, watched=watched: watched.moment.set())
                try:
                    return self._result(watched, future)
                except KilledWorker:
                    continue  # Dask counts it among the suspects; our count says whether it ran there
                except CancelledError:
                    if self.client.status != "running":
                        raise NowhereToRun(f"The connection to the Dask scheduler at {self.address} was lost") from None
                finally:
                    future.release()
            raise RunFailed("the cluster lost it again and again, and it was not tried any more")
        finally:
            del self.tasks[task]

    def _result(self, watched: _Task, future: Future) -> bytes:
        """What the task gave. Where its worker has ended before that was fetched, Dask runs it again."""
        waited = 0.0
        while True:
            self._wait(watched, future)
            try:
                return future.result(timeout=10)
            except TimeoutError:
                waited = 0.0 if self.client.scheduler_info()["workers"] else waited + 10.0
                if waited >= PATIENCE:
                    raise NowhereToRun(f"The Dask scheduler at {self.address} has no workers any more") from None

    def _wait(self, watched: _Task, future: Future) -> None:
        """Until the task is done. Raises RunFailed when it ended too many workers, NowhereToRun when none is left."""
        waited = 0.0
        while not future.done():
            if self.stopped:
                raise SandboxesEnded
            if watched.deaths >= MOST_DEATHS:
                future.cancel(force=True)
                raise RunFailed(f"{MOST_DEATHS} machines that ran it ended meanwhile, and it was not tried again")
            if not watched.moment.wait(5.0) and not self.client.scheduler_info()["workers"]:
                waited += 5.0
                if waited >= PATIENCE:
                    raise NowhereToRun(f"The Dask scheduler at {self.address} has no workers any more")
            elif not future.done():
                watched.moment.clear()
                waited = 0.0

    def stop(self) -> None:
        self.stopped = True
        for watched in list(self.tasks.values()):
            watched.moment.set()

    # Heard from the scheduler, in its client's own thread.

    def _note_start(self, event: tuple[object, dict[str, Any]]) -> None:
        _, said = event
        watched = self.tasks.get(said["task"])
        if watched is not None:
            watched.worker = said["worker"]

    def _note_death(self, event: tuple[object, dict[str, Any]]) -> None:
        _, said = event
        if said.get("action") == "remove-worker" and not said.get("expected"):
            for watched in list(self.tasks.values()):
                if watched.worker == said["worker"]:
                    watched.worker = None
                    watched.deaths += 1
                    watched.moment.set()


class _Task:
    """What is known of a task under way."""

    def __init__(self) -> None:
        self.worker: str | None = None
        self.deaths, self.moment = 0, threading.Event()


class ClusterRunner:
    """Runs the notebooks of one assignment on the cluster."""

    def __init__(self, cluster: Cluster, settings: SandboxSettings) -> None:
        self.cluster, self.settings = cluster, settings

    def ready(self) -> None:
        """The workers have been looked at already."""

    def run(self, work: Work) -> Done:
        """What comes of `work`. Raises rebuild.Unreadable, RunFailed, SandboxUnavailable, NowhereToRun."""
        task = uuid.uuid4().hex
        told: dict[str, Any] = {"task": task, "topic": self.cluster.topic, "not_ahead": self.cluster.not_ahead}
        order = write_order(work, self.settings, **told)
        return read_done(self.cluster.run(task, order), work)

    def stop(self) -> None:
        self.cluster.stop()

    def close(self) -> None:
        pass


# On a worker.

_own = threading.local()


def run_on_worker(data: bytes) -> bytes:
    """One order, in this thread's warm sandbox. What a student's notebook does cannot raise here."""
    work, settings, order = read_order(data)
    _announce(order)
    try:
        pool = _pool(replace(settings, withheld=tuple(order["not_ahead"])))
        return write_done(HereRunner(settings, pool).run(work))
    except (Unreadable, SandboxUnavailable) as error:
        return write_trouble(error)


def _announce(order: dict[str, Any]) -> None:
    """Say which worker this task is about to start on, so that its death can be put down to the right task.

    This returns when the scheduler has heard it: what only waits to be sent would be lost with the worker.
    """
    from distributed import get_client, get_worker

    get_client().log_event(order["topic"], {"task": order["task"], "worker": get_worker().address})


def _pool(settings: SandboxSettings) -> SandboxPool:
    """This thread's sandbox; another course, with other limits, needs another."""
    pool: SandboxPool | None = getattr(_own, "pool", None)
    if pool is None or pool.settings != settings:
        if pool is not None:
            pool.close()
        pool = _own.pool = SandboxPool(settings)
    return pool


def look_at_worker(confined: bool, dask_worker: Worker) -> dict[str, Any]:
    """What the command wants to know of a worker before it sends anything. `dask_worker`: filled in by Dask."""
    wall: str | None = None
    trouble: str | None = None
    try:
        wall = probe() if confined else "none"
    except SandboxUnavailable as error:
        trouble = str(error)
    return {"versions": versions(), "threads": dask_worker.state.nthreads, "wall": wall, "trouble": trouble}


def versions() -> dict[str, str]:
    """Everything that a run depends on: the code that was loaded for it, and what that stands on."""
    found = {"Python": sys.version.split()[0], "numpy": np.__version__, "nbformat": nbformat.__version__}
    loaded = [name for name in list(sys.modules) if name.startswith("autograder.")]
    files = {Path(file).resolve() for name in loaded if (file := getattr(sys.modules[name], "__file__", None))}
    files |= {*INSIDE.glob("*.py"), *HELPERS.glob("*.py")}
    return found | {
        name_of(path): _hash(path) for path in files if path.is_relative_to(PACKAGE) or path.is_relative_to(HELPERS)
    }


def version_of(name: str) -> str | None:
    """The version of a file that a worker has loaded and this process has not."""
    path = ROOT / name
    return _hash(path) if path.is_file() else None


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
