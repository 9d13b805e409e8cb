"""One conductor for `autograder grade` and for nbgrader's autograde: everything around a class that is graded, in order.

Leftovers are swept, sandboxes start, the lock is taken, keys are made, the gradebook is opened and told what the
assignments consist of. Then the class is graded (class_run.py), and all is closed again in the reverse order. What is
said on a console, and what is nbgrader's, lies with the callers.

Slow modules are imported in the functions: sandboxes start meanwhile.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from autograder import leftovers
from autograder.course.chosen import chosen_by_id
from autograder.course.settings import NoCourse
from autograder.environment import interrupted_later
from autograder.files import remove_what_was_never_finished
from autograder.grading import grading_file
from autograder.running.work import THREADS, Here, NowhereToRun
from autograder.sandbox import wall
from autograder.sandbox.job import SandboxUnavailable

if TYPE_CHECKING:
    from autograder.course.settings import Course
    from autograder.grading.class_run import ClassRun
    from autograder.running.cluster import Cluster

    Place = Here | Cluster


class NothingDone(Exception):
    """No submission was graded; the message says why and what to do."""


class GradingSession:
    """Grades submissions of some assignments of a course.

        with GradingSession(course, assignments) as session:
            with session.opened() as class_run:
                class_run.grade({"01_mse": ["ann", "bob"]})

    jobs: how many submissions at a time; None: one for each core, or as many as the cluster takes. scheduler: the address
    of a Dask cluster to run notebooks on; None: they are run here. everything: regrade what has not changed, too.
    """

    def __init__(
        self,
        course: Course,
        assignments: Sequence[str],
        jobs: int | None = None,
        scheduler: str | None = None,
        everything: bool = False,
    ) -> None:
        self.course, self.assignments, self.everything = course, list(assignments), everything
        self.jobs, self.scheduler = jobs, scheduler
        self.here: Here | None = None
        self.class_run: ClassRun | None = None
        self._made = contextlib.ExitStack()  # what ends with the session

    def __enter__(self) -> GradingSession:
        leftovers.sweep()
        if self.scheduler is None:
            here = Here(self.course, self.assignments, self.jobs or os.cpu_count() or 1)
            self.here = self._made.enter_context(here)
        return self

    def __exit__(self, *_: object) -> None:
        with interrupted_later():  # what is closed by half leaves folders behind
            self._made.close()

    def start_sandboxes(self, students: Sequence[str] = ()) -> None:
        """Begin to start those that are needed in any case, while the caller does other things.

        students: the only ones that will be graded, or none for all.
        """
        if self.here is not None:
            self.here.start(min(self.here.jobs, self._surely_to_do(students)))

    def _surely_to_do(self, students: Sequence[str]) -> int:
        """How many submissions are to be graded in any case: what was never graded, or all."""
        found = [
            (name, student)
            for name in self.assignments
            for student in chosen_by_id(self.course.students(name), students)
        ]
        if self.everything:
            return len(found)
        return sum(not grading_file.path_in(self.course.folder("autograded", *work)).exists() for work in found)

    @contextlib.contextmanager
    def opened(
        self,
        place_known: Callable[[Place], object] = lambda place: None,
        progress: Callable[[str], object] = lambda text: None,
    ) -> Iterator[ClassRun]:
        """The class run, ready to grade; nobody else grades in this course meanwhile.

        place_known: is told where notebooks are run, before anything else takes long. progress: is told what takes long.
        Raises NothingDone, and class_run.Stopped when it must end before the whole class is done; for what is raised in
        the with-block, too.
        """
        with _in_two_kinds(), only_one(self.course), contextlib.ExitStack() as closing:
            from autograder.gradebook.opening import open_gradebook
            from autograder.gradebook.registering import register
            from autograder.grading.class_run import ClassRun
            from autograder.grading.grader import Grader

            place = self._found_place(closing)
            place_known(place)
            remove_what_was_never_finished(self.course.private / "keys")
            graders = [
                closing.enter_context(Grader(self.course, name, progress, place.runner)) for name in self.assignments
            ]
            gradebook = closing.enter_context(open_gradebook(self.course))
            for grader in graders:
                register(self.course, gradebook, grader.assignment, grader.masters)
            jobs = self.jobs or place.jobs
            threads = self._threads(place, jobs)
            self.class_run = ClassRun(self.course, gradebook, graders, threads, jobs, self.everything)
            yield self.class_run

    def _found_place(self, closing: contextlib.ExitStack) -> Place:
        """Where notebooks are run. Raises SandboxUnavailable or NowhereToRun."""
        if self.here is not None:
            if self.course.confined:
                wall.bubblewrap_command(self.course.limits, self.course.root)  # refuses where there is no bubblewrap
            return self.here
        assert self.scheduler is not None, "there is the one or the other"
        from autograder.running.cluster import Cluster

        return closing.enter_context(Cluster(self.scheduler, self.course, self.assignments))

    def _threads(self, place: Place, jobs: int) -> ThreadPoolExecutor:
        """What submissions are graded in: one thread for each that is under way at a time."""
        if isinstance(place, Here):
            return place.threads
        threads = ThreadPoolExecutor(jobs, thread_name_prefix=THREADS)
        self._made.callback(threads.shutdown)  # after the cluster is closed: nobody waits for it any more
        return threads

    @property
    def done(self) -> int:
        """How many submissions are recorded, or were up to date."""
        return len(self.class_run.results) if self.class_run else 0

    def kill(self) -> None:
        """End threads and sandboxes without waiting for what may take long: the process is about to end."""
        if self.here is not None:
            self.here.kill()


@contextlib.contextmanager
def _in_two_kinds() -> Iterator[None]:
    """What can stand in the way is raised as NothingDone or Stopped; other errors are faults of the program."""
    from sqlalchemy.exc import DBAPIError

    from autograder.gradebook.opening import CannotRecord
    from autograder.grading.class_run import Stopped, why_stopped
    from autograder.grading.key import BadKey

    try:
        yield
    except (NoCourse, BadKey, CannotRecord, NowhereToRun, SandboxUnavailable) as error:
        raise NothingDone(str(error)) from None
    except (OSError, DBAPIError) as error:
        why = why_stopped(error)
        if why is None:
            raise
        raise Stopped(why) from None


@contextlib.contextmanager
def only_one(course: Course) -> Iterator[None]:
    """One session at a time in a course. Raises NothingDone for the second."""
    with open(course.private / "grading.lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise NothingDone(
                "Another `autograder grade` is at work in this course. Wait until it has finished."
            ) from None
        yield
