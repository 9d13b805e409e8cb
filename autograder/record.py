"""Verdicts into nbgrader's gradebook: one transaction for each submission, so that it is there whole or not at all."""

import contextlib
import logging

import nbformat
from nbgrader import utils
from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.preprocessors import (
    AssignLatePenalties,
    ClearSolutions,
    ComputeChecksums,
    IncludeHeaderFooter,
    LockCells,
    SaveCells,
)

from autograder.environment import put_commands_on_path
from autograder.grading import FAILED, MISSING

log = logging.getLogger(__name__)


class CannotRecord(Exception):
    """The gradebook does not fit the assignment; the message says why and what to do."""


@contextlib.contextmanager
def open_gradebook(course):
    """nbgrader's gradebook, made if it is not there yet."""
    put_commands_on_path()
    with Gradebook(course.db_url, course.directory.course_id or "default_course") as gradebook:
        yield gradebook


def register(course, assignment):
    """Tell the gradebook what the assignment consists of, as `nbgrader generate_assignment` would.

    Raises CannotRecord when cells were added or removed after submissions were recorded.
    """
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_assignment(assignment)
    for name in course.notebooks(assignment):
        notebook = nbformat.from_dict(course.source_notebook(assignment, name))
        if not any(utils.is_grade(cell) or utils.is_solution(cell) or utils.is_task(cell) for cell in notebook.cells):
            log.info("%s of %s has nothing to grade", name, assignment)
        resources = {"nbgrader": {"notebook": name, "assignment": assignment, "student": ".", "db_url": course.db_url}}
        try:
            for preprocessor in (IncludeHeaderFooter, LockCells, ClearSolutions, ComputeChecksums, SaveCells):
                notebook, _ = preprocessor(config=course.config).preprocess(notebook, resources)
        except RuntimeError as error:
            raise CannotRecord(
                f"{error}. Remove those submissions from the gradebook first, or undo the change."
            ) from None


def record(gradebook, submission, timestamp=None, config=None):
    """Write one GradedSubmission. What a person has graded or commented by hand is never touched.

    gradebook: open. timestamp: when it was handed in, as nbgrader writes it (text), or None.
    """
    session = gradebook.db
    try:
        with session.no_autoflush:
            row = _submission_row(gradebook, submission, timestamp)
            notebooks = {notebook.name: notebook for notebook in row.notebooks}
            for graded in submission.notebooks:
                _record_notebook(notebooks[graded.name], graded)
        session.flush()
        for graded in submission.notebooks:
            session.refresh(notebooks[graded.name])
            _assign_late_penalty(notebooks[graded.name], row, config)
        session.commit()
    except BaseException:
        session.rollback()
        raise


def _submission_row(gradebook, submission, timestamp):
    """The submission's row, made with all its parts where it is missing. Nothing is committed here."""
    session = gradebook.db
    student = session.get(Student, submission.student)
    if student is None:
        student = Student(id=submission.student)
        session.add(student)
    assignment = gradebook.find_assignment(submission.assignment)
    row = None
    if student in session and student not in session.new:
        query = session.query(SubmittedAssignment)
        row = query.filter_by(assignment_id=assignment.id, student_id=student.id).one_or_none()
    if row is None:
        row = SubmittedAssignment(assignment=assignment, student=student)
        session.add(row)
    if timestamp:
        row.timestamp = utils.parse_utc(timestamp)
    present = {notebook.name: notebook for notebook in row.notebooks}
    for notebook in assignment.notebooks:
        part = present.get(notebook.name)
        if part is None:
            part = SubmittedNotebook(notebook=notebook, assignment=row)
            session.add(part)
        graded = {grade.cell_id for grade in part.grades}
        commented = {comment.cell_id for comment in part.comments}
        for cell in [*notebook.grade_cells, *notebook.task_cells]:
            if cell.id not in graded:
                session.add(Grade(cell_id=cell.id, cell=cell, notebook=part))
        for cell in [*notebook.solution_cells, *notebook.task_cells]:
            if cell.id not in commented:
                session.add(Comment(cell_id=cell.id, cell=cell, notebook=part))
    return row


def _record_notebook(row, graded):
    cells = {cell.metadata.nbgrader.grade_id: cell for cell in graded.notebook.cells if "nbgrader" in cell.metadata}
    for grade in row.grades:
        cell = cells.get(grade.cell.name)
        if graded.status == FAILED:  # a person has to look: no score is made up
            grade.auto_score = None
            grade.needs_manual_grade = grade.manual_score is None
        elif graded.status == MISSING:
            grade.auto_score, grade.needs_manual_grade = 0.0, False
        elif cell is not None and utils.is_grade(cell):  # task cells wait for a human from the start
            score, _ = utils.determine_grade(cell)
            grade.auto_score = None if score is None else float(score)
            grade.needs_manual_grade = grade.manual_score is not None or score is None
    for comment in row.comments:
        cell = cells.get(comment.cell.name)
        comment.auto_comment = None
        if graded.status in (FAILED, MISSING):
            comment.auto_comment = f"{graded.status.capitalize()}: {graded.reason}."
        elif cell is not None and not utils.is_task(cell) and is_as_handed_out(cell):
            comment.auto_comment = "No response."


def is_as_handed_out(cell):
    return cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)


def _assign_late_penalty(notebook, submission, config):
    """As nbgrader's AssignLatePenalties, with the course's own plugin, inside our transaction."""
    notebook.late_submission_penalty = None
    if submission.total_seconds_late > 0:
        preprocessor = AssignLatePenalties(config=config)
        preprocessor.init_plugin()
        plugin = preprocessor.plugin_inst
        penalty = plugin.late_submission_penalty(submission.student_id, notebook.score, submission.total_seconds_late)
        if penalty is not None:
            notebook.late_submission_penalty = preprocessor._check_late_penalty(notebook, penalty)


def write_feedback(course, gradebook, submission):
    """Write feedback/<student>/<assignment>/<notebook>.html. Returns the paths."""
    from nbgrader.preprocessors import GetGrades

    from autograder.feedback import render
    from autograder.grading import make_private, write_whole

    folder = course.folder("feedback", submission.assignment, submission.student)
    make_private(folder)
    paths = []
    for graded in submission.notebooks:
        info = {"notebook": graded.name, "assignment": submission.assignment, "student": submission.student}
        resources = {"nbgrader": {**info, "db_url": course.db_url}}
        notebook, resources = GetGrades().preprocess(nbformat.from_dict(graded.notebook), resources)
        path = folder / f"{graded.name}.html"
        write_whole(path, render(notebook, resources["nbgrader"]), 0o600)
        paths.append(path)
    return paths
