"""`autograder grade`: from the choice of submissions to the table of marks."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.cli.progress import make_progress
from autograder.cli.refused import Refused, there_are
from autograder.cli.tables import marks_table
from autograder.course.chosen import chosen_by_id
from autograder.environment import all_endings_like_ctrl_c, keep_what_is_loaded
from autograder.gradebook.address import file_of
from autograder.grading.class_run import ClassRun, Did, Stopped
from autograder.grading.session import GradingSession, NothingDone
from autograder.running.work import Here
from autograder.sandbox import wall
from autograder.visible import visible, visible_lines

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

    from autograder.course.settings import Course
    from autograder.grading.session import Place

ALL_GRADED, NOT_ALL, INTERRUPTED = 0, 1, 130


class GradeCommand:
    """One call of `autograder grade`.

    students: ids, or none for all. console: for what is said to a person.
    """

    def __init__(self, session: GradingSession, students: Sequence[str], console: Console, quiet: bool) -> None:
        self.session, self.course, self.students = session, session.course, students
        self.console, self.quiet = console, quiet
        self.errors = Console(stderr=True)
        self.total = 0

    def run(self) -> int:
        """Grade. Returns the exit status. Raises Refused when nothing was done."""
        try:
            with all_endings_like_ctrl_c():
                chosen = self._chosen()
                self.total = sum(len(students) for students in chosen.values())
                with self.session.opened(self._say_where, self._say) as class_run:
                    return self._grade(class_run, chosen)
        except NothingDone as error:
            raise Refused(str(error)) from None
        except Stopped as error:
            self._say_error(f"Grading was stopped: {error}. {self._how_to_go_on()}")
            return NOT_ALL
        except KeyboardInterrupt:
            self._say_error(f"Grading was interrupted. {self._how_to_go_on()}")
            return INTERRUPTED

    def _chosen(self) -> dict[str, list[str]]:
        """Assignment → its students. Raises Refused for a student who has handed in nothing."""
        known = {name: self.course.students(name) for name in self.session.assignments}
        where = self.course.root / "submitted"
        if len(known) == 1:
            ((name, handed_in),) = known.items()
            missing = sorted(set(self.students) - set(handed_in))
            if missing:
                raise Refused(_nothing_of(missing, f" for {name}", where, handed_in))
        chosen = {name: chosen_by_id(handed_in, self.students) for name, handed_in in known.items()}
        if self.students and not any(chosen.values()):
            everybody = sorted({student for handed_in in known.values() for student in handed_in})
            raise Refused(_nothing_of(self.students, "", where, everybody))
        return chosen

    def _grade(self, class_run: ClassRun, chosen: dict[str, list[str]]) -> int:
        keep_what_is_loaded()
        with make_progress(self.total, self.quiet) as progress:
            class_run.grade(chosen, progress.told)
        if not self.students:
            class_run.refuse_unusable()
        return self._say_result(class_run, class_run.write_marks())

    def _say_where(self, place: Place) -> None:
        self.console.print(_wall_in_words(self.course) if isinstance(place, Here) else place.in_words())

    def _say(self, text: str) -> None:
        self.console.print(f"… {visible(text)}", style="dim", markup=False)

    def _say_result(self, class_run: ClassRun, marks: Path) -> int:
        """The table, where everything is, and each failure. Returns the exit status."""
        results, failed = class_run.results, class_run.failed
        self.console.print(marks_table(class_run.gradebook, results))
        kept = sum(result.did != Did.GRADED_NOW for result in results)
        if kept:
            self.console.print(f"{kept} of {len(results)} had not changed and were not run again (--all runs them)")
        gradebook = _where_it_lies(class_run.gradebook)
        places = {"feedback": self.course.root / "feedback", "gradebook": gradebook, "marks": marks}
        for name, place in places.items():
            self.console.print(f"{name:<10} {visible(place)}", markup=False, soft_wrap=True)
        for result in failed:
            who = visible(f"{result.student}/{result.assignment}")
            self._say_error(f"{who} could not be graded: {result.reason}")
        return NOT_ALL if failed else ALL_GRADED

    def _how_to_go_on(self) -> str:
        return (
            f"{self.session.done} of {self.total} submissions are done, and what is recorded stays. "
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


def _wall_in_words(course: Course) -> str:
    if course.confined:
        bwrap = wall.find_bubblewrap()
        assert bwrap is not None, "the session would have refused"
        version = subprocess.run([bwrap, "--version"], capture_output=True, text=True).stdout.strip()
        return f"sandbox: {version or 'bubblewrap'}, no network, nothing of the course visible"
    return "[bold]no sandbox[/bold]: every submission runs with your rights; this is said in each feedback page"
