"""`nbgrader autograde`, `nbgrader generate_feedback` and the Formgrader's buttons, made to do what `autograder grade` does.

nbgrader_config.py calls `plug_in(c)`. nbgrader has no setting for another converter class, and its own one looks only
for exact file names, so the two converters are replaced by subclasses; in a course that does not ask for it they are
nbgrader's own.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.utils import parse_utc
from traitlets import Bool
from traitlets.utils.importstring import import_item

from autograder.course.chosen import chosen_by_nbgrader
from autograder.course.handed_in import timestamp_in
from autograder.course.settings import Course, NoCourse
from autograder.environment import put_commands_on_path
from autograder.feedback.page import FeedbackExporter, GetMarks
from autograder.gradebook.address import ask_no_process, mend_addresses
from autograder.visible import make_logs_visible, visible

if TYPE_CHECKING:
    from datetime import datetime

    from nbgrader.api import Gradebook
    from nbgrader.apps.api import NbGraderAPI
    from traitlets.config import Config

    from autograder.grading.class_run import ClassRun, SubmissionResult

log = logging.getLogger(__name__)


def plug_in(c: Config) -> None:
    """Make nbgrader grade the way this course does. `c`: the configuration object of nbgrader_config.py.

    What the course has set itself (a collector or an exchange of its own) stays as it is; one that cannot be imported is
    warned of, and ours is used.
    """
    import nbgrader.apps.api
    import nbgrader.apps.autogradeapp
    import nbgrader.apps.generatefeedbackapp

    put_commands_on_path()
    ask_no_process()
    mend_addresses()
    make_logs_visible()  # nbgrader's own commands say the names of files, too
    c.CourseAutograde.take_over = c.CourseFeedback.take_over = True
    ours: dict[str, dict[str, object]] = {
        "GenerateFeedback": {
            "permissions": 600,  # one student's work is no other's business
            "exporter_class": FeedbackExporter,
            "preprocessors": [GetMarks],
        },
        # the Formgrader runs no student's text
        "HTMLExporter": {"filters": {"markdown2html": "autograder.feedback.cleaning.formgrader_markdown"}},
        "ExchangeFactory": {"release_feedback": "autograder.nbgrader_plugin.exchange.ReleaseFeedback"},
        "ZipCollectApp": {
            "extractor_plugin": "autograder.lms.downloads.SafeExtractor",
            "collector_plugin": "autograder.lms.downloads.DownloadCollector",
        },
    }
    for section, settings in ours.items():
        for name, value in settings.items():
            if name not in c[section] or not _can_be_had(c[section][name], f"c.{section}.{name}"):
                c[section][name] = value
    for module in (nbgrader.apps.api, nbgrader.apps.autogradeapp):
        module.Autograde = CourseAutograde
    for module in (nbgrader.apps.api, nbgrader.apps.generatefeedbackapp):
        module.GenerateFeedback = CourseFeedback
    nbgrader.apps.api.NbGraderAPI.get_submitted_timestamp = submitted_timestamp


def _can_be_had(value: object, setting: str) -> bool:
    """Whether a plugin of the course's own, where it is named by its dotted path, is there."""
    if isinstance(value, str) and value.rpartition(".")[0]:
        try:
            import_item(value)
        except Exception as error:  # whatever a module may raise
            log.warning("%s is %s, which cannot be imported (%s): the course lab's own is used.", setting, value, error)
            return False
    return True


class CourseAutograde(Autograde):
    """Grades by this course's ClassRun: every folder in submitted/, whatever it holds, ends in a status.

    nbgrader's own options count: --student, --force (also what has not changed), c.Autograde.create_student and the
    hooks. A submission is always graded whole, so --notebook chooses nothing.
    """

    take_over = Bool(False, help="Whether this course is graded by the autograder; plug_in(c) sets it.").tag(
        config=True
    )

    def start(self) -> None:
        if not self.take_over:
            return super().start()
        from autograder.grading.class_run import Stopped
        from autograder.grading.session import NothingDone

        try:
            course = Course.here(self.coursedir.root)
            class_run = self._grade(course, self.coursedir.assignment_id)
        except (NoCourse, NothingDone) as error:
            self._give_up(str(error))
        except Stopped as error:
            self._give_up(f"Grading was stopped: {error}. What is recorded stays.")
        except KeyboardInterrupt:
            self._give_up("Grading was interrupted. What is recorded stays; the same command goes on with the rest.")
        failed = [visible(result.student) for result in class_run.failed]
        if failed:
            self._give_up(f"{len(failed)} of {len(class_run.results)} could not be graded: {', '.join(failed)}")

    def _grade(self, course: Course, assignment: str) -> ClassRun:
        from autograder.grading.session import GradingSession

        everybody = self.coursedir.student_id == "*"
        students = chosen_by_nbgrader(course.students(assignment), self.coursedir)
        if not students and not (everybody and course.unusable_names(assignment)):
            self._give_up(f"Nothing handed in for {assignment!r} is matched by {self.coursedir.student_id!r}")
        with (
            GradingSession(course, [assignment], everything=self.force) as session,
            session.opened(progress=self.log.info) as class_run,
        ):
            if not self.create_student:
                students = self._known(class_run.gradebook, students)
            self.notebooks = list(class_run.graders[assignment].masters)
            for _ in students:
                self.run_pre_convert_hook()
            class_run.grade({assignment: students}, self._told)
            for result in class_run.refuse_unusable() if everybody else []:
                self._told(result)
            class_run.write_marks()
        return class_run

    def _known(self, gradebook: Gradebook, students: Sequence[str]) -> list[str]:
        known = {student.id for student in gradebook.students}
        for student in students:
            if student not in known:
                self.log.error("%s is not in the gradebook, and c.Autograde.create_student is off", visible(student))
        return [student for student in students if student in known]

    def _told(self, result: SubmissionResult) -> None:
        from autograder.submission import FAILED, GRADED

        levels: dict[str, Any] = {GRADED: self.log.info, FAILED: self.log.error}
        level = levels.get(result.status, self.log.warning)
        why = f": {result.reason}" if result.reason else ""
        level("%s/%s: %s (%s)%s", visible(result.student), result.assignment, result.status, result.did, why)
        self.run_post_convert_hook()

    def _give_up(self, message: str) -> NoReturn:
        self.log.error(message)
        raise NbGraderException(message)


class CourseFeedback(GenerateFeedback):
    """nbgrader's own, but for names that its patterns cannot match, files that are not for students, and rights."""

    take_over = Bool(False, help="Whether this course is graded by the autograder; plug_in(c) sets it.").tag(
        config=True
    )

    def start(self) -> None:
        self.damaged: list[str] = []
        super().start()
        if self.damaged:
            raise NbGraderException(f"No feedback was written for {', '.join(map(visible, self.damaged))}: see above.")

    def init_notebooks(self) -> None:
        if not self.take_over:
            return super().init_notebooks()
        from autograder.grading.up_to_date import ends_whole

        course, assignment = Course.here(self.coursedir.root), self.coursedir.assignment_id
        self.assignments: dict[str, list[str]] = {}
        self.notebooks: list[str] = []
        for student in chosen_by_nbgrader(course.students(assignment, step="autograded"), self.coursedir):
            folder = self._format_source(assignment, student)
            names = [name for name in sorted(os.listdir(folder)) if name.endswith(".ipynb")]
            names = [name for name in names if fnmatchcase(name[:-6], self.coursedir.notebook_id)]
            damaged = [name for name in names if not ends_whole(os.path.join(folder, name))]
            if damaged:
                self.damaged.append(student)
                self.log.error(
                    "%s: %s is empty or damaged, so no feedback can be made of it; the page is left as it was. "
                    "Run `autograder grade %s`, which makes both anew.",
                    *map(visible, (f"{student}/{assignment}", os.path.join(folder, damaged[0]), assignment)),
                )
            elif names:
                self.assignments[folder] = [os.path.join(folder, name) for name in names]
        if not self.assignments and not self.damaged:
            message = f"Nothing is graded yet for {assignment!r} that is matched by {self.coursedir.student_id!r}."
            self.log.error(message)
            raise NbGraderException(message)

    def _format_source(self, assignment_id: str, student_id: str, escape: bool = False) -> str:
        path = super()._format_source(assignment_id, student_id, escape)
        return f"(?s){path}" if escape and self.take_over else path  # a student's name may hold any character

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        if not self.take_over:
            return super().init_destination(assignment_id, student_id)
        return True  # grading has written pages already: this writes what people have added since

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        if not self.take_over:
            return super().init_assignment(assignment_id, student_id)
        from autograder.files import make_private

        # grading.json and what else lies in autograded/ is the instructor's: nothing is copied
        make_private(Course.here(self.coursedir.root).folder("feedback", assignment_id, student_id))


def submitted_timestamp(api: NbGraderAPI, assignment_id: str, student_id: str) -> datetime | None:
    """NbGraderAPI.get_submitted_timestamp, which by itself stops the Formgrader at what a student writes there."""
    coursedir = api.coursedir
    folder = coursedir.format_path(coursedir.submitted_directory, student_id, assignment_id)
    text = timestamp_in(Path(folder).absolute())
    return None if text is None else parse_utc(text)
