"""A whole class: run in parallel, mark, record; and go on where an earlier run was ended.

Submissions are run and marked in threads (or on other machines); the gradebook and the files beside it are written here,
one submission at a time and in an order in which a kill at any moment loses nothing (recorder.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from autograder.course.handed_in import HandedIn, read_timestamp
from autograder.files import is_disk_trouble
from autograder.gradebook.opening import in_short
from autograder.grading import fingerprint, grading_file
from autograder.grading.marks_csv import write_marks
from autograder.grading.recorder import Recorder
from autograder.grading.up_to_date import ToDo, what_is_to_do
from autograder.running.work import NowhereToRun
from autograder.submission import FAILED, GradedSubmission, Status

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from nbgrader.api import Gradebook

    from autograder.course.settings import Course
    from autograder.grading.grader import Grader

    Running = dict[Future[GradedSubmission], "Pending"]

NO_TEXT = "the folder's name is no proper text, so that no gradebook can hold it; rename the folder"
SECONDS_TO_END = 3.0  # that a submission under way gets when grading is interrupted


class Stopped(Exception):
    """Grading had to end before the whole class was done; the message says why and what to do."""


class Did(StrEnum):
    """What was done for a submission; the values are shown to people."""

    GRADED_NOW = "graded now"
    UNCHANGED = "unchanged"
    PAGES_RENEWED = "feedback renewed"


@dataclass(frozen=True)
class SubmissionResult:
    """What became of one submission, in short."""

    assignment: str
    student: str
    status: Status
    reason: str
    mistakes: tuple[str, ...]
    did: Did = Did.GRADED_NOW

    @classmethod
    def of(cls, submission: GradedSubmission) -> SubmissionResult:
        """What became of a submission that was graded just now."""
        found = tuple(submission.mistakes)
        return cls(submission.assignment, submission.student, submission.status, submission.reason, found)


@dataclass(frozen=True)
class Pending:
    """A submission that is to be run."""

    grader: Grader
    student: str
    handed_in: HandedIn
    made_from: str  # its fingerprint
    timestamp: str | None  # when it was handed in


class ClassRun:
    """One run over the submissions of a class. `results` grows while it runs.

    gradebook: open, with the assignments registered. graders: one for each assignment. threads: to grade in; the caller's
    to end. jobs: how many submissions at a time. everything: regrade what has not changed, too.
    """

    def __init__(
        self,
        course: Course,
        gradebook: Gradebook,
        graders: Sequence[Grader],
        threads: Executor,
        jobs: int,
        everything: bool = False,
    ) -> None:
        self.course, self.gradebook, self.threads = course, gradebook, threads
        self.graders = {grader.assignment: grader for grader in graders}
        self.jobs, self.everything = jobs, everything
        self.recorder = Recorder(course, gradebook)
        self.results: list[SubmissionResult] = []

    def grade(
        self,
        students: Mapping[str, Sequence[str]],
        told: Callable[[SubmissionResult], None] = lambda result: None,
    ) -> None:
        """Grade submissions; `told` hears of each as soon as it is recorded. students: assignment → who is graded.

        Raises SandboxUnavailable when there can be no sandbox, and Stopped when the disk or the gradebook takes no more
        or no machine is left. What is recorded then stays.
        """
        self.told = told
        work = [(self.graders[assignment], some) for assignment, some in students.items()]
        running: Running = {}
        starting: list[Future[None]] = []
        waiting = sum(len(some) for _, some in work)
        try:
            for pending in self._what_is_to_do(work):
                if not starting:
                    # a sandbox per thread: start all, and fail now if the first cannot start
                    ready = pending.grader.runner.ready
                    starting += [self.threads.submit(ready) for _ in range(min(self.jobs, waiting))]
                    starting[0].result()
                running[self.threads.submit(pending.grader.grade, pending.student, pending.handed_in)] = pending
                while len(running) >= 2 * self.jobs:
                    self._record_what_is_done(running)
            while running:
                self._record_what_is_done(running)
        except BaseException as error:
            self._stop([*starting, *running], SECONDS_TO_END if isinstance(error, KeyboardInterrupt) else None)
            why = why_stopped(error)
            if why:
                raise Stopped(why) from None
            raise

    def _stop(self, futures: Iterable[Future[Any]], seconds: float | None) -> None:
        """End what is under way, and start nothing more. seconds: how long is waited for it; None: until it has ended."""
        for grader in self.graders.values():
            grader.runner.stop()
        under_way = [future for future in futures if not future.cancel()]
        wait(under_way, timeout=seconds)  # a thread that reads a large file hears nothing

    def _what_is_to_do(self, work: Sequence[tuple[Grader, Sequence[str]]]) -> Iterator[Pending]:
        """Each submission that must be run, one assignment after the other, so that a sandbox seldom has to change."""
        for grader, students in work:
            shared = fingerprint.of_assignment(self.course, grader)
            due = self.gradebook.find_assignment(grader.assignment).duedate
            for student in students:
                pending = self._plan(grader, student, shared, due)
                if pending is not None:
                    yield pending

    def _plan(self, grader: Grader, student: str, shared: str, due: datetime | None) -> Pending | None:
        """The submission, if it must be run; None when there is no need to."""
        handed_in = grader.read(student)
        timestamp = read_timestamp(self.course, grader.assignment, student)
        made_from = fingerprint.of_submission(shared, handed_in, timestamp, due)
        pending = Pending(grader, student, handed_in, made_from, timestamp)
        if self.everything:
            return pending
        assignment, names = grader.assignment, list(grader.masters)
        todo = what_is_to_do(self.course, self.gradebook, assignment, student, made_from, names)
        if todo == ToDo.REGRADE:
            return pending
        if todo == ToDo.PAGES:
            self.recorder.renew_pages(assignment, student, names)
        known = grading_file.read(self.course.folder("autograded", assignment, student), student)
        did = Did.PAGES_RENEWED if todo == ToDo.PAGES else Did.UNCHANGED
        self._tell(SubmissionResult(assignment, student, known.status, known.reason, tuple(known.mistakes), did))
        return None

    def _record_what_is_done(self, running: Running) -> None:
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            pending = running.pop(future)
            submission = future.result()
            self.recorder.record(submission, pending.made_from, pending.timestamp)
            self._tell(SubmissionResult.of(submission))

    def _tell(self, result: SubmissionResult) -> None:
        self.gradebook.db.expunge_all()  # the session would keep every row of the class
        self.results.append(result)
        self.told(result)

    def refuse_unusable(self) -> list[SubmissionResult]:
        """The results of folders that no gradebook can hold; they are among `results` from then on."""
        names = [(assignment, name) for assignment in self.graders for name in self.course.unusable_names(assignment)]
        refused = [SubmissionResult(assignment, name, FAILED, NO_TEXT, ()) for assignment, name in names]
        self.results += refused
        return refused

    @property
    def failed(self) -> list[SubmissionResult]:
        """What could not be graded, by student."""
        failed = [result for result in self.results if result.status == FAILED]
        return sorted(failed, key=lambda result: (result.student, result.assignment))

    def write_marks(self) -> Path:
        """Write marks.csv; returns its path."""
        return write_marks(self.course, self.gradebook)


def why_stopped(error: BaseException) -> str | None:
    """Why grading cannot go on after this error, in words; None for an error that should not have been."""
    if isinstance(error, OSError) and is_disk_trouble(error):
        where = f" ({error.filename})" if getattr(error, "filename", None) else ""
        return f"a file could not be written{where}: {error.strerror}"
    if isinstance(error, NowhereToRun):
        return str(error)
    if isinstance(error, DBAPIError):
        return f"the gradebook could not be written: {in_short(error)}"
    return None
