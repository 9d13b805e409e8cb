"""Grading: one notebook (rebuild → run → mark), one submission."""

from __future__ import annotations

import functools
import logging
import re
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbgrader import utils

from autograder import budget
from autograder.course.catalogue import mistakes_of
from autograder.course.handed_in import HandedIn, read_submission
from autograder.feedback import cleaning
from autograder.feedback.messages import OwnText
from autograder.feedback.page import STOPPED, verdict_table
from autograder.files import is_disk_trouble
from autograder.grading.key import (
    Key,
    definitions_before,
    make_key,
    names_written,
    question_cells,
    seeds_of,
    sheet_of,
)
from autograder.marking.mark import CellVerdict, mark_cell
from autograder.marking.verdict_data import cell_data
from autograder.notebook import rebuild
from autograder.notebook.rebuild import Rebuilt
from autograder.running.work import (
    Done,
    HandedInWork,
    HereRunner,
    MakeRunner,
    NowhereToRun,
    RebuiltWork,
    RunFailed,
    name_of_test,
)
from autograder.sandbox.job import Cell, CellRun, Run, SandboxUnavailable
from autograder.submission import FAILED, GRADED, MISSING, PARTLY, GradedNotebook, GradedSubmission, Outcome, Status

if TYPE_CHECKING:
    from autograder.course.settings import Course

log = logging.getLogger(__name__)


class Grader:
    """Grades the submissions of one assignment: keeps its key, its master notebooks and warm sandboxes.

    Use it as a context manager, so that the sandboxes end with it. `make_runner` says where notebooks are run
    (work.HereRunner: on this machine).

    Raises NoCourse, BadKey or SandboxUnavailable while it is made, before anything is touched.
    """

    def __init__(
        self,
        course: Course,
        assignment: str,
        progress: Callable[[str], object] = lambda text: None,
        make_runner: MakeRunner = HereRunner,
    ) -> None:
        self.course, self.assignment = course, assignment
        self.masters: dict[str, nbformat.NotebookNode] = {}
        self.keys: dict[str, Key] = {}
        self.seeds: dict[str, dict[str, str]] = {}  # notebook → test cell → the seed of its hidden inputs
        self.sources: dict[str, nbformat.NotebookNode] = {}
        self.written: dict[str, tuple[str, ...]] = {}
        self.course_files, _ = course.companions(assignment)
        for name in course.notebooks(assignment):
            source = course.source_notebook(assignment, name)
            self.masters[name] = rebuild.master_notebook(source, course.config)
            self.seeds[name] = seeds_of(course, assignment, source)
            self.sources[name] = source
            self.written[name] = names_written(source)
            asked = question_cells(source)
            self.keys[name] = make_key(course, assignment, name, progress=progress) if asked else Key({})
        self.runner = make_runner(course.sandbox_settings(assignment))
        self.catalogue = {mistake.name: mistake for mistake in mistakes_of(course.root, assignment)}

    def __enter__(self) -> Grader:
        return self

    def __exit__(self, *_: object) -> None:
        self.runner.close()

    # One notebook.

    def rebuild(self, name: str, data: bytes) -> Rebuilt:
        """The student's notebook, rebuilt. `data`: the file. Raises Unreadable."""
        return rebuild.rebuild(rebuild.read_notebook(data), self.masters[name])

    def _for_work(self, name: str, files: dict[str, bytes]) -> dict[str, Any]:
        """What a Work needs besides the notebook itself."""
        seeds, written = self.seeds[name], self.written[name]
        return {"files": files, "seeds": seeds, "written": written, "course_files": self.course_files}

    def grade_notebook(
        self, name: str, rebuilt: Rebuilt, files: dict[str, bytes], remarks: Sequence[str] = ()
    ) -> GradedNotebook:
        """Run and mark a rebuilt notebook. Raises SandboxUnavailable."""
        work = RebuiltWork(notebook=nbformat.from_dict(rebuilt.notebook), **self._for_work(name, files))
        done = self.runner.run(work)
        done.repairs = list(rebuilt.repairs)
        return self._mark(name, done, files, remarks)

    def _mark(self, name: str, done: Done, files: dict[str, bytes], remarks: Sequence[str]) -> GradedNotebook:
        """The marks of a notebook that has been run."""
        notebook, run, cells, key = done.notebook, done.run, done.cells, self.keys[name]
        sheet = sheet_of(run, cells)
        points = {name_of_test(cell): float(cell.metadata.nbgrader.points) for cell in _test_cells(notebook)}
        marked = {cell: mark_cell(cell, sheet, key, points[cell]) for cell in key.cells}
        marked = self._follow_through(name, notebook, files, points, marked, run.seconds)
        graded = GradedNotebook(name, notebook, GRADED, repairs=done.repairs, remarks=[*remarks, *map(str, run.cut)])
        graded.verdicts = {cell: cell_data(verdict, self.catalogue) for cell, verdict in marked.items()}
        self._write_outputs(notebook, run, cells, graded)
        lost = [_lost(cell, result) for cell, result in zip(cells, run.cells, strict=True)]
        lost = [said for said in lost if said]
        if lost:
            graded.status, graded.reason = PARTLY, " ".join(lost)
        self._write_status(graded)
        return graded

    def _follow_through(
        self,
        notebook_name: str,
        notebook: nbformat.NotebookNode,
        files: dict[str, bytes],
        points: Mapping[str, float],
        marked: dict[str, CellVerdict],
        seconds: float,
    ) -> dict[str, CellVerdict]:
        """Ask again what may be wrong only because of an earlier function: with the course's own versions in their place.

        These are the earlier functions that are wrong, or all of them where an error was raised: an answer may be right
        and yet of a form that nothing can be done with, such as a list for an array. A slip is paid for once. The better
        of the two results counts for each cell. In the student's process stands no solution, only a function that has it
        called on the side that asks; and after this the notebook is not started again. seconds: used so far.
        """
        key, source = self.keys[notebook_name], self.sources[notebook_name]
        solved = {rebuild.grade_id(cell) for cell in source.cells if rebuild.is_students(cell)}
        replaced: dict[str, list[str]] = {}
        before: list[str] = []
        wrong_before: list[str] = []
        for cell in key.cells:
            function, verdict = cell.removeprefix("test_"), marked[cell]
            if verdict.share < 1 and not verdict.not_started:
                raised = any(item.outcome == Outcome.ERROR for item in verdict.verdicts)
                replaced[cell] = [name for name in (before if raised else wrong_before) if name in solved]
            before.append(function)
            if verdict.share < 1:
                wrong_before.append(function)
        given = {cell: [names, definitions_before(source, cell, names)] for cell, names in replaced.items() if names}
        left = self.course.limits.notebook_seconds - seconds
        if not given or left < 1:
            return marked
        shared = self._for_work(notebook_name, files)
        work = RebuiltWork(notebook=notebook, only=tuple(given), given=given, seconds=left, **shared)
        try:
            done = self.runner.run(work)
        except (SandboxUnavailable, RunFailed):  # the first answers stand
            return marked
        sheet = sheet_of(done.run, done.cells)
        result = dict(marked)
        for cell in given:
            again = mark_cell(cell, sheet, key, points[cell])
            if again.share > marked[cell].share:
                earlier = ", ".join(replaced[cell])
                again.remarks.append(
                    f"asked with the course's own {earlier} in place of yours, so that what is amiss there costs nothing here"
                )
                result[cell] = again
        return result

    # What is kept.

    def _write_outputs(
        self, notebook: nbformat.NotebookNode, run: Run, cells: Sequence[Cell], graded: GradedNotebook
    ) -> None:
        """Put what was shown, and the verdicts, into the notebook, so that nbgrader reads our marks from it."""
        own = OwnText.of(notebook)
        self._say_what_was_handed_out(graded)
        results = iter(zip(cells, run.cells, strict=True))
        for count, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), start=1):
            ran, result = next(results)
            verdict = graded.verdicts.get(ran.label)
            cell.execution_count = count
            if verdict is not None:
                cell.metadata["autograder"] = verdict
                cell.outputs = verdict_outputs(verdict, own)
                continue
            outputs = result.hidden_outputs if ran.hidden is not None else result.outputs
            why = result.hidden_lost if ran.hidden is not None else result.lost
            cell.outputs = [nbformat.from_dict(cleaning.harmless(output)) for output in outputs]
            if why:
                cell.metadata[STOPPED] = why
                cell.outputs.append(_output("error", ename="Stopped", evalue=why, traceback=[f"Stopped: {why}"]))
            if utils.is_grade(cell) and not utils.is_solution(cell):
                make_plain(cell)

    def _say_what_was_handed_out(self, graded: GradedNotebook) -> None:
        """Text cells that are as the instructor wrote them: a page shows all others as the student's."""
        texts = {cell.source for cell in self.masters[graded.name].cells if cell.cell_type == "markdown"}
        for cell in graded.notebook.cells:
            if cell.cell_type == "markdown" and cell.source in texts:
                cell.metadata[cleaning.HANDED_OUT] = True

    def _write_status(self, graded: GradedNotebook) -> None:
        graded.notebook.metadata["autograder"] = {
            "status": graded.status,
            "reason": graded.reason,
            "repairs": graded.repairs,
            "remarks": graded.remarks,
            "sandbox": "bubblewrap" if self.course.confined else "none",
        }

    # One submission.

    def read(self, student: str) -> HandedIn:
        """What `student` has handed in."""
        return read_submission(self.course, self.assignment, student, list(self.masters))

    def grade(self, student: str, handed_in: HandedIn | None = None) -> GradedSubmission:
        """Grade what `student` has handed in. Anything wrong with the work is a status.

        Raises OSError when nothing can be written or read on this machine any more, and NowhereToRun.
        """
        submission = GradedSubmission(student, self.assignment)
        handed_in = handed_in or self.read(student)
        remarks = handed_in.remarks
        for name, found in handed_in.notebooks.items():
            if found.data is None:
                status = MISSING if found.missing else FAILED
                submission.notebooks.append(self._without_run(name, status, found.reason, remarks=remarks))
                remarks = []
                continue
            submission.notebooks.append(self._graded_or_not(name, found.data, found.said, handed_in.files, remarks))
            remarks = []  # said once
        return submission

    def _graded_or_not(
        self, name: str, data: bytes, said: str, files: dict[str, bytes], remarks: Sequence[str]
    ) -> GradedNotebook:
        """Rebuild, run and mark one file. Whatever goes wrong here stays this submission's own."""
        work = HandedInWork(master=self.masters[name], submitted=data, **self._for_work(name, files))
        repairs = [said] if said else []
        fails = functools.partial(self._without_run, name, FAILED, repairs=repairs, remarks=remarks)
        try:
            with budget.of_submission(self.course.budgets):
                done = self.runner.run(work)
                done.repairs += repairs
                with budget.spend("marking"):
                    return self._mark(name, done, files, remarks)
        except SandboxUnavailable as error:
            return fails(f"the sandbox was lost while it ran ({error})", again=True)
        except (rebuild.Unreadable, RunFailed, budget.UsedUp) as error:
            return fails(str(error))
        except NowhereToRun:
            raise
        except Exception as error:
            if is_disk_trouble(error):
                raise
            log.error("%s of %s: %s", name, self.assignment, _where(error))
            why = f"the autograder itself failed ({type(error).__name__}); this is not your fault"
            return fails(why, again=True)

    def _without_run(
        self,
        name: str,
        status: Status,
        reason: str,
        again: bool = False,
        repairs: Sequence[str] = (),
        remarks: Sequence[str] = (),
    ) -> GradedNotebook:
        """A notebook that cannot be marked, with what is to be said of what was handed in all the same."""
        notebook = nbformat.from_dict(self.masters[name])
        graded = GradedNotebook(
            name, notebook, status, reason, repairs=list(repairs), remarks=list(remarks), again=again
        )
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        self._say_what_was_handed_out(graded)
        self._write_status(graded)
        return graded


def _test_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if utils.is_grade(cell) and not utils.is_solution(cell)]


def verdict_outputs(verdict: dict[str, Any], own: OwnText) -> list[nbformat.NotebookNode]:
    """A question cell's outputs: the table for a reader in the Formgrader, and the score as nbgrader reads it."""
    table = str(verdict_table(verdict, own))
    words = f"{verdict['score']:g} of {verdict['points']:g} points"
    score = {"text/plain": repr(float(verdict["score"]))}
    return [
        _output("display_data", data={"text/html": table, "text/plain": words}, metadata={}),
        _output("execute_result", data=score, metadata={}, execution_count=None),
    ]


def _output(kind: str, **parts: Any) -> nbformat.NotebookNode:
    """An output of a cell. nbformat's new_output also checks it against the schema, each time anew."""
    return nbformat.from_dict({"output_type": kind, **parts})


def make_plain(cell: nbformat.NotebookNode) -> None:
    """An ordinary test's outputs as nbgrader scores them fairly.

    A warning on stderr would cost all points. A last value that is a numpy scalar, nan or negative would earn them all,
    and one above the maximum would stop the class.
    """
    points = float(cell.metadata.nbgrader.points)
    for output in cell.outputs:
        if output.output_type == "stream":
            output.name = "stdout"
        elif output.output_type == "execute_result" and "text/plain" in output.data:
            text = output.data["text/plain"].strip()
            found = re.fullmatch(r"np\.(?:float|int|uint)\d+\((.+)\)", text)
            try:
                value = float(found.group(1) if found else text)
            except ValueError:
                continue
            value = min(max(value, 0.0), points) if value == value else 0.0
            output.data["text/plain"] = repr(value)


def _where(error: Exception) -> str:
    """An exception's type and place. Its message and its traceback may quote a student, so no log gets them."""
    steps = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    return f"{type(error).__name__} at {' > '.join(steps)}"


def _lost(cell: Cell, result: CellRun) -> str:
    why = result.lost or result.hidden_lost
    return f"In the cell “{cell.label}” {why}." if why else ""
