"""The first step: a submission's bytes → what its cells showed and answered. Pure, and the same on every machine.

A `Work` says all that is needed for it, as plain data; a `Done` holds all that came of it. Nothing here knows the key.
A worker on another machine needs only this file and the rooms notebook and sandbox.
"""

from __future__ import annotations

import abc
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import nbformat

from autograder.environment import interrupted_later
from autograder.notebook import rebuild
from autograder.notebook.needed import needed_for
from autograder.notebook.preludes import Preludes
from autograder.sandbox.job import Cell, Job, Run, SandboxSettings
from autograder.sandbox.pool import SandboxPool

if TYPE_CHECKING:
    from autograder.course.settings import Course


THREADS = "grading"  # so begin the names of the threads that run notebooks
SECONDS_TO_END = 3.0  # join timeout on kill: a sandbox that was just starting is registered by then


class NowhereToRun(RuntimeError):
    """There is no place (any more) where notebooks can be run; the message says why and what to do."""


class RunFailed(RuntimeError):
    """One notebook could not be run to its end; the message says why, in words for its page."""


@dataclass(frozen=True, kw_only=True)
class Work(abc.ABC):
    """One notebook to be run: a HandedInWork or a RebuiltWork."""

    files: dict[str, bytes] = field(default_factory=dict)  # beside it: name → content
    seeds: dict[str, str] = field(default_factory=dict)  # test cell → the seed of its hidden inputs
    only: tuple[str, ...] | None = None  # the test cells that are wanted (default: all)
    # test cell → [functions that the instructor's stand in for, the text that defines these]
    given: dict[str, list[Any]] = field(default_factory=dict)
    course_files: dict[str, bytes] = field(default_factory=dict)  # the instructor's files beside it
    written: tuple[str, ...] | None = None  # the names that the instructor's solutions bind
    seconds: float | None = None  # what is left of the submission's time; None: all of it

    @abc.abstractmethod
    def rebuilt(self) -> rebuild.Rebuilt:
        """The notebook that is run. Raises rebuild.Unreadable."""


@dataclass(frozen=True, kw_only=True)
class HandedInWork(Work):
    """A file as it was handed in."""

    master: nbformat.NotebookNode  # the instructor's notebook, which the student's text is put into
    submitted: bytes  # the file's content

    def rebuilt(self) -> rebuild.Rebuilt:
        return rebuild.rebuild(rebuild.read_notebook(self.submitted), self.master)


@dataclass(frozen=True, kw_only=True)
class RebuiltWork(Work):
    """A notebook that has been rebuilt already."""

    notebook: nbformat.NotebookNode

    def rebuilt(self) -> rebuild.Rebuilt:
        return rebuild.Rebuilt(self.notebook)


@dataclass
class Done:
    """A rebuilt notebook and what came of it."""

    notebook: nbformat.NotebookNode
    repairs: list[str]
    cells: tuple[Cell, ...]  # as they were run, one for each in `run`
    run: Run


class Runner(Protocol):
    """Where the notebooks of one assignment are run, by any number of threads."""

    def ready(self) -> None:
        """Whatever it needs is there, or is said to be missing: raises SandboxUnavailable."""

    def run(self, work: Work) -> Done:
        """What comes of `work`. Raises rebuild.Unreadable, RunFailed, SandboxUnavailable, NowhereToRun."""

    def stop(self) -> None:
        """End what is running, and start nothing more."""

    def close(self) -> None:
        """Nothing will be run any more."""


MakeRunner = Callable[[SandboxSettings], Runner]  # where the notebooks of an assignment are run like this


class Here:
    """This machine as a place to run notebooks: warm sandboxes that the given assignments share, and threads.

    `close`, or the end of a with-block, ends both in order; `kill` ends them at once. jobs: in how many threads notebooks
    will be run.
    """

    def __init__(self, course: Course, assignments: Iterable[str], jobs: int = 1) -> None:
        self.jobs = jobs
        self.pool = SandboxPool(course.sandbox_settings(*assignments))
        self.threads = ThreadPoolExecutor(jobs, thread_name_prefix=THREADS)  # each has a sandbox of its own

    def close(self) -> None:
        """Wait for what is under way, then end threads and sandboxes."""
        self.threads.shutdown()
        self.pool.close()

    def kill(self) -> None:
        """End what runs, and start nothing more. A thread that reads a large file can be ended by nothing but the end of
        the process: after SECONDS_TO_END it is left alone."""
        self.pool.kill()
        self.threads.shutdown(wait=False, cancel_futures=True)
        deadline = time.monotonic() + SECONDS_TO_END
        for thread in threading.enumerate():
            if thread.name.startswith(THREADS):
                thread.join(max(0.0, deadline - time.monotonic()))
        self.pool.close()

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, number: int) -> None:
        """Begin to start so many sandboxes, while the caller does other things. Whether they can is said by `ready`."""
        with interrupted_later():  # or an interrupted start leaves a thread that the executor never joins
            for _ in range(number):
                self.threads.submit(self.pool.run, Job(()))

    def runner(self, settings: SandboxSettings) -> Runner:
        """Where the notebooks of one assignment are run."""
        return HereRunner(settings, self.pool)


class HereRunner:
    """Runs on this machine, in warm sandboxes, one for each thread that asks: those of `pool`, or its own."""

    def __init__(self, settings: SandboxSettings, pool: SandboxPool | None = None) -> None:
        self.own, self.settings = pool is None, settings
        self.pool = pool or SandboxPool(settings)

    def ready(self) -> None:
        """Start this thread's sandbox. Raises SandboxUnavailable when there can be none."""
        self.pool.run(Job(()))

    def run(self, work: Work) -> Done:
        """What comes of `work`. Raises rebuild.Unreadable, SandboxUnavailable."""
        return do(work, lambda job: self.pool.run(replace(job, withheld=self.settings.withheld)))

    def close(self) -> None:
        if self.own:
            self.pool.close()

    def stop(self) -> None:
        """End what is running, and start nothing more: who waits for it is told SandboxUnavailable."""
        self.pool.kill()


def do(work: Work, run_job: Callable[[Job], Run]) -> Done:
    """Rebuild the notebook and run it. `run_job` does that in a sandbox. Raises rebuild.Unreadable."""
    rebuilt = work.rebuilt()
    cells = cells_of(work, rebuilt.notebook)
    job = Job(cells, work.files, work.course_files, seconds=work.seconds)
    return Done(rebuilt.notebook, rebuilt.repairs, cells, run_job(job))


def cells_of(work: Work, notebook: nbformat.NotebookNode) -> tuple[Cell, ...]:
    """The cells of a Work, once its notebook has been rebuilt."""
    return cells_to_run(notebook, work.seeds, work.only, work.given, work.written)


def asks_questions(cell: nbformat.NotebookNode) -> bool:
    """Whether a cell's hidden region asks questions (rather than asserting, as ordinary nbgrader tests do)."""
    if cell.cell_type != "code" or not cell.metadata.get("nbgrader", {}).get("grade"):
        return False
    if cell.metadata["nbgrader"].get("solution") or not rebuild.has_hidden(cell.source):
        return False
    _, hidden = rebuild.split_hidden(cell.source)
    return any(line.lstrip().startswith("ask(") for line in hidden.split("\n"))


def is_tested(cell: nbformat.NotebookNode) -> bool:
    """Whether a cell is a test: graded, and not the student's to write."""
    return bool(cell.metadata.get("nbgrader", {}).get("grade") and not cell.metadata["nbgrader"].get("solution"))


def name_of_test(cell: nbformat.NotebookNode) -> str:
    """The grade id of a test cell: nbgrader gives one to every cell that counts."""
    return cell.metadata["nbgrader"].get("grade_id")


def cells_to_run(
    notebook: nbformat.NotebookNode,
    seeds: Mapping[str, str],
    only: Collection[str] | None = None,
    given: Mapping[str, Sequence[Any]] | None = None,
    written: tuple[str, ...] | None = None,
) -> tuple[Cell, ...]:
    """A notebook's code cells as the sandbox wants them.

    seeds: test cell → the seed of its hidden inputs. only: the test cells whose hidden part is to be run (all of them by
    default). given: test cell → [functions that the instructor's stand in for, the text that defines these]. written:
    the names that the instructor's solutions bind.
    """
    cells, preludes = [], Preludes(written)
    others = [cell.source for cell in notebook.cells if cell.cell_type == "code" and not is_tested(cell)]
    solutions = [rebuild.grade_id(cell) for cell in notebook.cells if rebuild.is_students(cell)]
    labels = tuple(name for name in solutions if name is not None)
    for number, cell in enumerate(notebook.cells[: _end_of(notebook, only)]):
        if cell.cell_type != "code":
            continue
        label = rebuild.grade_id(cell) or f"extra {number + 1}"
        tested = is_tested(cell)
        visible, only_hidden = rebuild.split_hidden(cell.source)
        hidden = cell.source if tested and rebuild.has_hidden(cell.source) else None
        students = rebuild.is_students(cell) or rebuild.grade_id(cell) is None
        if students:
            preludes.students(visible)
        else:
            preludes.instructors(label, visible)
        if only is not None and tested and label not in only:
            visible, hidden = "", None
        questions = asks_questions(cell)
        names, course = (given or {}).get(label, ((), ""))
        cells.append(
            Cell(
                label,
                visible,
                hidden,
                only_hidden if hidden else "",
                needed=needed_for(only_hidden, visible, others) if hidden else "",
                questions=questions,
                seed=seeds.get(label, "") if hidden else "",
                shown=not (tested and only is not None),
                students=students,
                prelude=preludes.for_hidden(only_hidden) if hidden and questions else (),
                written=labels,
                given=tuple(names),
                course=course,
            )
        )
    return tuple(cells)


def _end_of(notebook: nbformat.NotebookNode, only: Collection[str] | None) -> int:
    """How many cells are worth running: what stands after the last test cell that is wanted changes nothing there."""
    wanted = [number for number, cell in enumerate(notebook.cells, start=1) if rebuild.grade_id(cell) in (only or ())]
    return len(notebook.cells) if only is None else max(wanted, default=0)
