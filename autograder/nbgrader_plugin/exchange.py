"""Feedback into nbgrader's exchange, from a course whose pages are closed to everybody but the instructor.

    c.ExchangeFactory.release_feedback = "autograder.nbgrader_plugin.exchange.ReleaseFeedback"     (plug_in does it)

In the exchange a page has a name that only its student can work out: it is made from the secret that `nbgrader submit`
put beside the work. nbgrader looks for that secret among the feedback pages; here it is read where it was handed in.
"""

from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash

from autograder.course.chosen import chosen_by_nbgrader
from autograder.course.handed_in import SECRET, timestamp_in
from autograder.course.plain_files import read_plain_file
from autograder.course.settings import Course
from autograder.files import write_whole
from autograder.visible import visible

LONGEST_SECRET = 1000  # bytes; nbgrader's have 128


class ReleaseFeedback(ExchangeReleaseFeedback):
    """Puts each student's pages into the exchange, readable by whoever knows the name, and refuses to mix up hand-ins."""

    def copy_files(self) -> None:
        """Copy the pages of all, or of --student. What cannot be released is named in the log."""
        course = Course.here(self.coursedir.root)
        assignment = self.coursedir.assignment_id
        for student in chosen_by_nbgrader(course.students(assignment, step="feedback"), self.coursedir):
            self._release(course, assignment, student)

    def _release(self, course: Course, assignment: str, student: str) -> None:
        handed_in, graded = (course.folder(step, assignment, student) for step in ("submitted", "autograded"))
        secret, who = read_plain_file(handed_in / SECRET, LONGEST_SECRET), visible(f"{student}/{assignment}")
        if not secret:
            self.log.warning("%s was not handed in through the exchange: no feedback released", who)
            return
        if timestamp_in(handed_in) != timestamp_in(graded):
            self.log.warning("%s was handed in anew since it was graded: grade it first", who)
            return
        for page in sorted(course.folder("feedback", assignment, student).glob("*.html")):
            name = notebook_hash(secret=secret.decode("utf-8", "replace"), notebook_id=page.stem)
            write_whole(self._place(name), page.read_text(encoding="utf-8"), 0o644)
            self.log.info("Feedback of %s released", who)

    def _place(self, name: str) -> Path:
        return Path(self.dest_path) / f"{name}.html"
