"""The same steps as nbgrader's own preprocessors, so that `nbgrader autograde`, the Formgrader's button and
`nbgrader generate_feedback` do what `autograder grade` does.

nbgrader_config.py calls `plug_in(c)`.
"""

from functools import lru_cache
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    GetGrades,
    NbGraderPreprocessor,
    SaveAutoGrades,
)

from autograder import rebuild
from autograder.course import Course, read_plain_file
from autograder.environment import put_commands_on_path
from autograder.feedback import FeedbackExporter
from autograder.grading import GRADED, Grader


def plug_in(c):
    """Make nbgrader grade the way this course does. `c`: the configuration object of nbgrader_config.py."""
    put_commands_on_path()
    c.Autograde.sanitize_preprocessors = [RebuildSubmission, CheckCellMetadata]
    c.Autograde.autograde_preprocessors = [RunAndMark, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata]
    c.Autograde.exporter_class = SubmissionExporter
    c.Autograde.permissions = c.GenerateFeedback.permissions = 600  # one student's work is no other's business
    c.GenerateFeedback.exporter_class = FeedbackExporter
    c.GenerateFeedback.preprocessors = [GetGrades]


class CannotBeGraded(Exception):
    """This submission cannot be graded; nbgrader reports it and goes on with the next."""


class SubmissionExporter(NotebookExporter):
    """Opens any file: what nbgrader's reader stops at is left to RebuildSubmission, which reads the file itself."""

    def from_filename(self, filename, resources=None, **kwargs):
        try:
            notebook = nbformat.read(filename, as_version=4)
        except Exception:  # not JSON, of an unknown format, in another encoding …
            notebook = nbformat.v4.new_notebook()
        return self.from_notebook_node(notebook, resources, **kwargs)


@lru_cache(maxsize=8)
def _grader(root, assignment, _stamp):
    return Grader(Course.here(root), assignment)


def grader_for(assignment, root="."):
    """The Grader of the course that nbgrader is working in (nbgrader changes into its root)."""
    root = str(Path(root).resolve())
    course = Course.here(root)
    files = sorted(course.folder("source", assignment).glob("*.ipynb"))
    return _grader(root, assignment, tuple((str(path), path.stat().st_mtime_ns) for path in files))


class RebuildSubmission(NbGraderPreprocessor):
    """The instructor's notebook with the student's text in it (autograder.rebuild)."""

    def preprocess(self, nb, resources):
        info = resources["nbgrader"]
        grader = grader_for(info["assignment"])
        path = grader.course.folder("submitted", info["assignment"], info["student"]) / f"{info['notebook']}.ipynb"
        data = read_plain_file(path, rebuild.LARGEST_FILE)
        if data is None:
            raise CannotBeGraded(f"{path.name} of {info['student']}: links and files of this kind are not read")
        try:
            rebuilt = grader.rebuild(info["notebook"], data)
        except rebuild.Unreadable as error:
            raise CannotBeGraded(f"{path.name} of {info['student']}: {error}") from None
        for repair in rebuilt.repairs:
            self.log.warning("%s: %s", info["student"], repair)
        rebuilt.notebook.metadata["autograder"] = {"status": GRADED, "repairs": rebuilt.repairs}
        return rebuilt.notebook, resources


class RunAndMark(NbGraderPreprocessor):
    """Run the rebuilt notebook in the sandbox, mark its answers, and put the verdicts where nbgrader reads scores."""

    def preprocess(self, nb, resources):
        info = resources["nbgrader"]
        grader = grader_for(info["assignment"])
        files, remarks = grader.course.companions(info["assignment"], info["student"])
        repairs = nb.metadata.get("autograder", {}).get("repairs", [])
        rebuilt = rebuild.Rebuilt(nb, list(repairs))
        graded = grader.grade_notebook(info["notebook"], rebuilt, files, remarks)
        if graded.reason:
            self.log.warning("%s of %s is %s: %s", info["notebook"], info["student"], graded.status, graded.reason)
        return graded.notebook, resources
