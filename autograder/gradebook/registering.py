"""What an assignment consists of, entered into the gradebook in one transaction."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import nbformat
from nbgrader import utils
from nbgrader.api import Assignment, Gradebook, Notebook
from nbgrader.preprocessors import SaveCells
from sqlalchemy.exc import DBAPIError

from autograder.gradebook.opening import CannotRecord, in_short

if TYPE_CHECKING:
    from autograder.gradebook.opening import OfCourse

log = logging.getLogger(__name__)


def register(
    course: OfCourse, gradebook: Gradebook, assignment: str, masters: Mapping[str, nbformat.NotebookNode]
) -> None:
    """Tell the gradebook what the assignment consists of, as `nbgrader generate_assignment` would.

    masters: notebook's name → rebuild.master_notebook. Raises CannotRecord when cells were added or removed after
    submissions were recorded.
    """
    if _is_registered(gradebook, assignment, masters):
        return
    try:
        with _in_one_transaction(gradebook.db):
            gradebook.update_or_create_assignment(assignment)
            for name, master in masters.items():
                if not any(
                    utils.is_grade(cell) or utils.is_solution(cell) or utils.is_task(cell) for cell in master.cells
                ):
                    log.info("%s of %s has nothing to grade", name, assignment)
                Cells(config=course.config).save(gradebook, assignment, name, nbformat.from_dict(master))
    except RuntimeError as error:
        raise CannotRecord(f"{error}. Remove those submissions from the gradebook first, or undo the change.") from None
    except DBAPIError as error:
        raise CannotRecord(
            f"The gradebook could not be written while {assignment} was entered into it: {in_short(error)}. It is as it was "
            "before. When that is put right, the same command goes on."
        ) from None
    gradebook.db.expire_all()


class Cells(SaveCells):
    """nbgrader's own step, with a gradebook that is open already."""

    def save(self, gradebook: Gradebook, assignment: str, name: str, master: nbformat.NotebookNode) -> None:
        self.gradebook, self.assignment_id, self.notebook_id = gradebook, assignment, name
        self.new_grade_cells: dict[str, Any] = {}
        self.new_solution_cells: dict[str, Any] = {}
        self.new_task_cells: dict[str, Any] = {}
        self.new_source_cells: dict[str, Any] = {}
        for number, cell in enumerate(master.cells):
            self.preprocess_cell(cell, {}, number)
        self._create_notebook(master)


@contextlib.contextmanager
def _in_one_transaction(session: Any) -> Iterator[None]:
    """nbgrader commits after every cell; here all of it is there, or nothing."""
    failed: list[DBAPIError] = []

    def commit() -> None:
        try:
            session.flush()
        except DBAPIError as error:  # nbgrader would log a traceback, and raise an error of its own
            failed.append(error)
            raise _CannotGoOn from None
        session.expire_all()

    session.commit = commit
    try:
        yield
        del session.commit
        session.commit()
    except BaseException as error:
        session.rollback()
        raise (failed[0] if isinstance(error, _CannotGoOn) else error) from None
    finally:
        vars(session).pop("commit", None)


class _CannotGoOn(Exception):
    """What the database said is kept beside it."""


def _is_registered(gradebook: Gradebook, assignment: str, masters: Mapping[str, nbformat.NotebookNode]) -> bool:
    """Whether the gradebook knows the assignment as it is now."""
    row = gradebook.db.query(Assignment).filter_by(name=assignment).one_or_none()
    known = {notebook.name: notebook for notebook in row.notebooks} if row else {}
    if not set(masters) <= set(known):
        return False
    return all(_cells_known(known[name]) == _cells_of(master) for name, master in masters.items())


# Of a notebook's cells: those with points (their maximum, their type), those that students write, and the texts of all
# that count (text, checksum, whether it is locked).
_Parts = tuple[dict[str, tuple[float, str]], set[str], dict[str, tuple[str, str | None, bool]]]


def _cells_known(notebook: Notebook) -> _Parts:
    graded = {cell.name: (cell.max_score, cell.cell_type) for cell in [*notebook.grade_cells, *notebook.task_cells]}
    written = {cell.name for cell in notebook.solution_cells}
    sources = {cell.name: (cell.source, cell.checksum, bool(cell.locked)) for cell in notebook.source_cells}
    return graded, written, sources


def _cells_of(master: nbformat.NotebookNode) -> _Parts:
    graded, written, sources = {}, set(), {}
    for cell in master.cells:
        info, name = cell.metadata.get("nbgrader", {}), cell.metadata.get("nbgrader", {}).get("grade_id")
        if utils.is_grade(cell) or utils.is_task(cell):
            graded[name] = (float(info["points"]), cell.cell_type)
        if utils.is_solution(cell):
            written.add(name)
        if utils.is_grade(cell) or utils.is_solution(cell) or utils.is_locked(cell) or utils.is_task(cell):
            sources[name] = (cell.source, info.get("checksum"), bool(utils.is_locked(cell)))
    return graded, written, sources
