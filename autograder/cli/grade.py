"""`autograder grade`: from the choice of submissions to the table of marks."""

from __future__ import annotations

import contextlib
import fcntl
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from sqlalchemy.exc import DBAPIError

from autograder.cli.progress import make_progress
from autograder.cli.refused import Refused, there_are
from autograder.cli.tables import marks_table, write_marks
from autograder.course.chosen import chosen_by_id
from autograder.course.settings import NoCourse
from autograder.environment import all_endings_like_ctrl_c, keep_what_is_loaded
from autograder.files import remove_what_was_never_finished
from autograder.gradebook.address import file_of
from autograder.gradebook.opening import CannotRecord, open_gradebook
from autograder.gradebook.registering import register
from autograder.grading.class_run import ClassRun, Did, Stopped, SubmissionResult, why_stopped
from autograder.grading.grader import Grader
from autograder.grading.key import BadKey
from autograder.running.work import Here, MakeRunner, NowhereToRun
from autograder.sandbox import wall
from autograder.sandbox.job import SandboxUnavailable
from autograder.submission import FAILED
from autograder.visible import visible, visible_lines

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

    from autograder.course.settings import Course
    from autograder.running.cluster import Cluster

ALL_GRADED, NOT_ALL, INTERRUPTED = 0, 1, 130
NO_TEXT = "the folder's name is no proper text, so that no gradebook can hold it; rename the folder"


class GradeCommand:
    """One call of `autograder grade`.

    students: ids, or none for all. console: for what is said to a person.
    """

    def __init__(
        self, course: Course, assignments: Sequence[str], students: Sequence[str], console: Console, quiet: bool
    ) -> None:
        self.course, self.assignments, self.students = course, assignments, students
        self.console, self.quiet = console, quiet
        self.errors = Console(stderr=True)
        self.total = 0
        self.class_run: ClassRun | None = None

    def run(self, everything: bool, jobs: int | None, here: Here | None = None, scheduler: str | None = None) -> int:
        """Grade. Returns the exit status. Raises Refused when nothing was done.

        everything: what has not changed, too. jobs: how many at a time, or None. here: where, with so many threads; or
        scheduler: a Dask address.
        """
        try:
            with all_endings_like_ctrl_c(), only_one(self.course):
                return self._run(everything, jobs, here, scheduler)
        except (NoCourse, BadKey, CannotRecord, NowhereToRun, SandboxUnavailable) as error:
            raise Refused(str(error)) from None
        except (Stopped, OSError, DBAPIError) as error:
            why = str(error) if isinstance(error, Stopped) else why_stopped(error)
            if not why:
                raise
            self._say_error(f"Grading was stopped: {why}. {self._how_to_go_on()}")
            return NOT_ALL
        except KeyboardInterrupt:
            self._say_error(f"Grading was interrupted. {self._how_to_go_on()}")
            return INTERRUPTED

    def _run(self, everything: bool, jobs: int | None, here: Here | None, scheduler: str | None) -> int:
        with _where_to_run(self.course, self.assignments, jobs, here, scheduler) as (place, number, where):
            self.console.print(where)
            remove_what_was_never_finished(self.course.private / "keys")
            graders = [self._grader(name, place.runner) for name in self.assignments]
            work = self._work(graders)
            self.total = sum(len(students) for _, students in work)
            with open_gradebook(self.course) as gradebook:
                self._register(gradebook, graders)
                keep_what_is_loaded()
                threads = None if here is None else here.threads
                class_run = ClassRun(self.course, gradebook, number, everything, threads)
                self._grade(class_run, work)
                marks = write_marks(self.course, gradebook)
                return self._say_result(gradebook, class_run.results, marks)

    def _grader(self, name: str, make_runner: MakeRunner) -> Grader:
        def say(text: str) -> None:
            self.console.print(f"… {visible(text)}", style="dim", markup=False)

        return Grader(self.course, name, progress=say, make_runner=make_runner)

    def _work(self, graders: Sequence[Grader]) -> list[tuple[Grader, list[str]]]:
        """Each grader with its students. Raises Refused for a student who has handed in nothing."""
        work: list[tuple[Grader, list[str]]] = []
        where = self.course.root / "submitted"
        for grader in graders:
            known = self.course.students(grader.assignment)
            missing = sorted(set(self.students) - set(known)) if len(graders) == 1 else []
            if missing:
                raise Refused(_nothing_of(missing, f" for {grader.assignment}", where, known))
            work.append((grader, chosen_by_id(known, self.students)))
        if self.students and not any(chosen for _, chosen in work):
            everybody = sorted({student for grader in graders for student in self.course.students(grader.assignment)})
            raise Refused(_nothing_of(self.students, "", where, everybody))
        return work

    def _register(self, gradebook: Gradebook, graders: Sequence[Grader]) -> None:
        for grader in graders:
            register(self.course, gradebook, grader.assignment, grader.masters)

    def _grade(self, class_run: ClassRun, work: Sequence[tuple[Grader, Sequence[str]]]) -> None:
        self.class_run = class_run
        with make_progress(self.total, self.quiet) as progress:
            class_run.grade(work, progress.told)
        if not self.students:
            for name in self.assignments:
                for folder in self.course.unusable_names(name):
                    class_run.refuse(name, folder, NO_TEXT)

    def _say_result(self, gradebook: Gradebook, results: Sequence[SubmissionResult], marks: Path) -> int:
        """The table, where everything is, and each failure. Returns the exit status."""
        self.console.print(marks_table(gradebook, results))
        kept = sum(result.did != Did.GRADED_NOW for result in results)
        if kept:
            self.console.print(f"{kept} of {len(results)} had not changed and were not run again (--all runs them)")
        places = {"feedback": self.course.root / "feedback", "gradebook": _where_it_lies(gradebook), "marks": marks}
        for name, place in places.items():
            self.console.print(f"{name:<10} {visible(place)}", markup=False, soft_wrap=True)
        failed = [result for result in results if result.status == FAILED]
        for result in sorted(failed, key=lambda result: (result.student, result.assignment)):
            who = visible(f"{result.student}/{result.assignment}")
            self._say_error(f"{who} could not be graded: {result.reason}")
        return NOT_ALL if failed else ALL_GRADED

    def _how_to_go_on(self) -> str:
        done = len(self.class_run.results) if self.class_run else 0
        return (
            f"{done} of {self.total} submissions are done, and what is recorded stays. "
            "The same command goes on with the rest."
        )

    def _say_error(self, text: str) -> None:
        with contextlib.suppress(OSError):  # the terminal may have gone
            self.errors.print(visible_lines(text), soft_wrap=True, markup=False, highlight=False)


def _nothing_of(students: Sequence[str], what: str, where: Path, known: Sequence[str]) -> str:
    return f"Nothing of {', '.join(map(visible, students))}{what} lies in {where} {there_are(students[0], known)}."


def _where_it_lies(gradebook: Gradebook) -> str | Path:
    """A gradebook's file as one would type it; the address of a database."""
    url = gradebook.engine.url
    return file_of(url) or url.render_as_string()


@contextlib.contextmanager
def _where_to_run(
    course: Course, assignments: Sequence[str], jobs: int | None, here: Here | None, scheduler: str | None
) -> Iterator[tuple[Here | Cluster, int, str]]:
    """(what has a runner for each assignment, how many submissions at a time, and both in words)."""
    if here is not None:
        yield here, jobs or here.jobs, _wall_in_words(course)
        return
    assert scheduler is not None, "there is the one or the other"
    from autograder.running.cluster import Cluster

    with Cluster(scheduler, course, assignments) as cluster:
        yield cluster, jobs or cluster.jobs, cluster.in_words()


def _wall_in_words(course: Course) -> str:
    if course.confined:
        wall.bubblewrap_command(course.limits, course.root)  # refuses where there is no bubblewrap
        bwrap = wall.find_bubblewrap()
        assert bwrap is not None, "it would have been refused"
        version = subprocess.run([bwrap, "--version"], capture_output=True, text=True).stdout.strip()
        return f"sandbox: {version or 'bubblewrap'}, no network, nothing of the course visible"
    return "[bold]no sandbox[/bold]: every submission runs with your rights; this is said in each feedback page"


@contextlib.contextmanager
def only_one(course: Course) -> Iterator[None]:
    """One `grade` at a time in a course. Raises Refused for the second."""
    with open(course.private / "grading.lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Refused("Another `autograder grade` is at work in this course. Wait until it has finished.") from None
        yield
