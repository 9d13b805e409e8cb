"""Verdicts into nbgrader's gradebook: one transaction for each submission, so that it is there whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nbformat
from nbgrader import utils
from nbgrader.api import Comment, Grade, Gradebook, Student, SubmittedAssignment, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties

from autograder.submission import FAILED, MISSING, GradedNotebook, GradedSubmission

if TYPE_CHECKING:
    from traitlets.config import Config


def record(
    gradebook: Gradebook, submission: GradedSubmission, timestamp: str | None = None, config: Config | None = None
) -> None:
    """Write one GradedSubmission. What a person has graded or commented by hand is never touched.

    gradebook: open. timestamp: when it was handed in, as nbgrader writes it.
    """
    session = gradebook.db
    try:
        with session.no_autoflush:
            row = _submission_row(gradebook, submission, timestamp)
            notebooks = {notebook.name: notebook for notebook in row.notebooks}
            for graded in submission.notebooks:
                _record_notebook(notebooks[graded.name], graded)
        session.flush()
        _assign_late_penalties(session, row, config)
        session.commit()
    except BaseException:
        session.rollback()
        raise


def assign_late_penalties(gradebook: Gradebook, assignment: str, student: str, config: Config | None = None) -> None:
    """Once more, after a person has changed scores."""
    try:
        row = gradebook.find_submission(assignment, student)
        _assign_late_penalties(gradebook.db, row, config)
        gradebook.db.commit()
    except BaseException:
        gradebook.db.rollback()
        raise


def _assign_late_penalties(session: Any, row: SubmittedAssignment, config: Config | None) -> None:
    late = row.total_seconds_late > 0
    for notebook in row.notebooks:
        notebook.late_submission_penalty = None
        if late:
            session.refresh(notebook, ["score"])
            _assign_late_penalty(notebook, row, config)


def _submission_row(gradebook: Gradebook, submission: GradedSubmission, timestamp: str | None) -> SubmittedAssignment:
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


def _record_notebook(row: SubmittedNotebook, graded: GradedNotebook) -> None:
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


def is_as_handed_out(cell: nbformat.NotebookNode) -> bool:
    return cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)


def _assign_late_penalty(notebook: SubmittedNotebook, submission: SubmittedAssignment, config: Config | None) -> None:
    """As nbgrader's AssignLatePenalties, with the course's own plugin, inside our transaction."""
    preprocessor = AssignLatePenalties(config=config)
    preprocessor.init_plugin()
    plugin = preprocessor.plugin_inst
    penalty = plugin.late_submission_penalty(submission.student_id, notebook.score, submission.total_seconds_late)
    if penalty is not None:
        notebook.late_submission_penalty = preprocessor._check_late_penalty(notebook, penalty)
