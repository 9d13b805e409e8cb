"""Grading: one notebook (rebuild → run → mark), one submission, a whole class."""

import json
import logging
import os
import re
from dataclasses import dataclass, field

import nbformat
from nbformat.v4 import new_output
from nbgrader import utils

from autograder import key as keys
from autograder import rebuild
from autograder.course import read_plain_file
from autograder.feedback import students_source, verdict_table
from autograder.marking import mark_cell
from autograder.mistakes import catalogue
from autograder.sandbox import Job, SandboxPool, SandboxUnavailable
from autograder.verdict_data import cell_data

log = logging.getLogger(__name__)

GRADED, PARTLY, FAILED, MISSING = "graded", "partly graded", "could not be graded", "missing"
WORST_FIRST = (FAILED, MISSING, PARTLY, GRADED)


@dataclass
class GradedNotebook:
    """One notebook of one submission, with its verdicts; ready to be recorded."""

    name: str
    notebook: nbformat.NotebookNode | None  # None when the instructor has no such notebook
    status: str
    reason: str = ""
    verdicts: dict = field(default_factory=dict)  # test cell → plain data (verdict_data.cell_data)
    repairs: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@dataclass
class GradedSubmission:
    """One student's assignment."""

    student: str
    assignment: str
    notebooks: list[GradedNotebook] = field(default_factory=list)

    @property
    def status(self):
        found = {notebook.status for notebook in self.notebooks} or {MISSING}
        if MISSING in found and found != {MISSING}:
            return PARTLY if FAILED not in found else FAILED
        return next(status for status in WORST_FIRST if status in found)

    @property
    def reason(self):
        return "; ".join(dict.fromkeys(notebook.reason for notebook in self.notebooks if notebook.reason))

    @property
    def mistakes(self):
        """The names of all mistakes found, in the order of the functions."""
        verdicts = [verdict for notebook in self.notebooks for verdict in notebook.verdicts.values()]
        return list(dict.fromkeys(mistake["name"] for verdict in verdicts for mistake in verdict["mistakes"]))


class Grader:
    """Grades the submissions of one assignment: keeps its key, its master notebooks and warm sandboxes.

    Use it as a context manager, so that the sandboxes end with it.

    Raises NoCourse, BadKey or SandboxUnavailable while it is made, before anything is touched.
    """

    def __init__(self, course, assignment, progress=lambda text: None):
        self.course, self.assignment = course, assignment
        self.masters, self.keys, self.solutions = {}, {}, {}
        for name in course.notebooks(assignment):
            source = course.source_notebook(assignment, name)
            self.masters[name] = rebuild.master_notebook(source, course.config)
            self.solutions[name] = {
                rebuild.grade_id(cell): cell.source for cell in source.cells if rebuild.is_students(cell)
            }
            asked = keys.question_cells(source)
            self.keys[name] = keys.make_key(course, assignment, name, progress=progress) if asked else keys.Key({})
        self.sandboxes = SandboxPool(course.limits, course.withheld(assignment), course.confined)
        self.catalogue = {mistake.name: mistake for mistake in catalogue(assignment)}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sandboxes.__exit__()

    # One notebook.

    def rebuild(self, name, data):
        """The student's notebook, rebuilt. `data`: the file's bytes. Raises Unreadable."""
        return rebuild.rebuild(rebuild.read_notebook(data), self.masters[name])

    def grade_notebook(self, name, rebuilt, files, remarks=()):
        """Run and mark a rebuilt notebook. Raises SandboxUnavailable."""
        notebook = nbformat.from_dict(rebuilt.notebook)
        run, cells = self._run(notebook, files)
        key = self.keys[name]
        sheet = keys.sheet_of(run, cells)
        points = {rebuild.grade_id(cell): float(cell.metadata.nbgrader.points) for cell in _test_cells(notebook)}
        marked = {cell: mark_cell(cell, sheet, key, points[cell]) for cell in key.cells}
        marked = self._follow_through(name, notebook, files, points, marked)
        graded = GradedNotebook(name, notebook, GRADED, repairs=list(rebuilt.repairs), remarks=[*remarks, *run.remarks])
        graded.verdicts = {cell: cell_data(verdict, self.catalogue) for cell, verdict in marked.items()}
        self._write_outputs(notebook, run, cells, graded)
        lost = [_lost(cell, result) for cell, result in zip(cells, run.cells, strict=True)]
        lost = [said for said in lost if said]
        if lost:
            graded.status, graded.reason = PARTLY, " ".join(lost)
        self._write_status(graded)
        return graded

    def _run(self, notebook, files, only=None, given=None):
        cells = keys.cells_to_run(self.course, self.assignment, notebook, only, given)
        return self.sandboxes.run(Job(cells, files)), cells

    def _follow_through(self, notebook_name, notebook, files, points, marked):
        """Ask again what may be wrong only because an earlier function is: with the course's own versions of those.

        A slip is paid for once. The better of the two results counts for each cell.
        """
        key, solutions = self.keys[notebook_name], self.solutions[notebook_name]
        functions = [cell.removeprefix("test_") for cell in key.cells]
        given, wrong_before = {}, []
        for cell, function in zip(key.cells, functions, strict=True):
            right = marked[cell].share == 1
            if not right and wrong_before and not marked[cell].not_started:
                given[cell] = "\n\n".join(solutions[name] for name in wrong_before if name in solutions)
            if not right:
                wrong_before.append(function)
        given = {cell: source for cell, source in given.items() if source}
        if not given:
            return marked
        run, cells = self._run(notebook, files, only=set(given), given=given)
        sheet = keys.sheet_of(run, cells)
        result = dict(marked)
        for cell in given:
            again = mark_cell(cell, sheet, key, points[cell])
            if again.share > marked[cell].share:
                earlier = ", ".join(name for name in wrong_before if name in functions[: list(key.cells).index(cell)])
                again.remarks.append(
                    f"asked with the course's own {earlier} in place of yours, so that a slip there is paid for only once"
                )
                result[cell] = again
        return result

    # What is kept.

    def _write_outputs(self, notebook, run, cells, graded):
        """Put what was shown, and the verdicts, into the notebook, so that nbgrader reads our marks from it."""
        own_source = students_source(notebook)
        results = iter(zip(cells, run.cells, strict=True))
        for count, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), start=1):
            ran, result = next(results)
            verdict = graded.verdicts.get(ran.label)
            cell.execution_count = count
            if verdict is not None:
                cell.metadata["autograder"] = verdict
                cell.outputs = verdict_outputs(verdict, own_source)
                continue
            outputs = result.hidden_outputs if ran.hidden is not None else result.outputs
            why = result.hidden_lost if ran.hidden is not None else result.lost
            cell.outputs = [nbformat.from_dict(output) for output in outputs]
            if why:
                cell.outputs.append(new_output("error", ename="Stopped", evalue=why, traceback=[f"Stopped: {why}"]))
            if utils.is_grade(cell) and not utils.is_solution(cell):
                make_plain(cell)

    def _write_status(self, graded):
        graded.notebook.metadata["autograder"] = {
            "status": graded.status,
            "reason": graded.reason,
            "repairs": graded.repairs,
            "remarks": graded.remarks,
            "sandbox": "bubblewrap" if self.course.confined else "none",
        }

    # One submission.

    def grade(self, student):
        """Grade what `student` has handed in. Raises SandboxUnavailable; anything wrong with the work is a status."""
        folder = self.course.folder("submitted", self.assignment, student)
        submission = GradedSubmission(student, self.assignment)
        if folder.is_symlink() or not folder.is_dir():
            reason = (
                "the folder is a link, and links are not followed" if folder.is_symlink() else "nothing was handed in"
            )
            status = FAILED if folder.is_symlink() else MISSING
            submission.notebooks = [self._without_run(name, status, reason) for name in self.masters]
            return submission
        files, remarks = self.course.companions(self.assignment, student)
        for name in self.masters:
            path, said = find_notebook(folder, name, list(self.masters))
            if path is None:
                submission.notebooks.append(self._without_run(name, MISSING, said or f"there is no {name}.ipynb"))
                continue
            data = read_plain_file(path, rebuild.LARGEST_FILE)
            if data is None:
                submission.notebooks.append(self._without_run(name, FAILED, f"{path.name}: {why_not_read(path)}"))
                continue
            submission.notebooks.append(self._graded_or_not(name, data, said, files, remarks))
            remarks = []
        return submission

    def _graded_or_not(self, name, data, said, files, remarks):
        """Rebuild, run and mark one file. Whatever goes wrong here stays this submission's own."""
        try:
            rebuilt = self.rebuild(name, data)
            rebuilt.repairs += [said] if said else []
            return self.grade_notebook(name, rebuilt, files, remarks)
        except SandboxUnavailable as error:
            return self._without_run(name, FAILED, f"the sandbox was lost while it ran ({error})")
        except rebuild.Unreadable as error:
            return self._without_run(name, FAILED, str(error))
        except Exception as error:
            log.exception("%s of %s", name, self.assignment)
            return self._without_run(
                name, FAILED, f"the autograder itself failed ({type(error).__name__}); this is not your fault"
            )

    def _without_run(self, name, status, reason):
        notebook = nbformat.from_dict(self.masters[name])
        graded = GradedNotebook(name, notebook, status, reason)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        self._write_status(graded)
        return graded


def _test_cells(notebook):
    return [cell for cell in notebook.cells if utils.is_grade(cell) and not utils.is_solution(cell)]


def verdict_outputs(verdict, own_source):
    """A question cell's outputs: the table for a reader in the Formgrader, and the score as nbgrader reads it."""
    table = str(verdict_table(verdict, own_source))
    words = f"{verdict['score']:g} of {verdict['points']:g} points"
    shown = new_output("display_data", data={"text/html": table, "text/plain": words})
    return [
        shown,
        new_output("execute_result", data={"text/plain": repr(float(verdict["score"]))}, execution_count=None),
    ]


def make_plain(cell):
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


def _lost(cell, result):
    why = result.lost or result.hidden_lost
    return f"In the cell “{cell.label}” {why}." if why else ""


def find_notebook(folder, name, all_names):
    """The file that holds notebook `name`: (path, what was repaired), or (None, why not)."""
    exact = folder / f"{name}.ipynb"
    if exact.is_symlink():
        return None, f"{exact.name} is a link, and links are not followed"
    if exact.is_file():
        return exact, ""
    others = [path for path in sorted(folder.glob("*.ipynb")) if path.is_file() and not path.is_symlink()]
    others = [path for path in others if path.stem not in all_names]
    wanted = _bare(name)
    close = [path for path in others if _bare(path.stem) == wanted] or (others if len(all_names) == 1 else [])
    if len(close) == 1:
        return close[0], f"The notebook was handed in as {close[0].name}; it was taken as {name}.ipynb."
    if len(close) > 1:
        newest = max(close, key=lambda path: (path.stat().st_mtime, path.name))
        return newest, f"There were {len(close)} notebooks; the newest, {newest.name}, was taken as {name}.ipynb."
    return None, ""


def _bare(stem):
    """A file name without what browsers, systems and people add to it."""
    stem = re.sub(
        r"(\s*\(\d+\)|[ _-]*(copy|kopie|copie)\d*|-checkpoint|[ _-]*(final|v\d+))+$", "", stem, flags=re.IGNORECASE
    )
    return re.sub(r"[\s_-]+", "", stem).lower()


def why_not_read(path):
    if path.is_symlink():
        return "it is a link, and links are not followed"
    if path.is_file() and path.stat().st_size > rebuild.LARGEST_FILE:
        return f"the file is larger than {rebuild.LARGEST_FILE // 1024**2} MB"
    return "it is no ordinary file that can be read"


# Writing beside the gradebook.


def write_autograded(course, submission):
    """Write autograded/<student>/<assignment>/: the notebooks, and grading.json with the verdicts."""
    folder = course.folder("autograded", submission.assignment, submission.student)
    make_private(folder)
    for notebook in submission.notebooks:
        write_whole(folder / f"{notebook.name}.ipynb", nbformat.writes(notebook.notebook) + "\n", 0o600)
    write_whole(folder / "grading.json", json.dumps(submission_data(submission), indent=1) + "\n", 0o600)
    timestamp = course.folder("submitted", submission.assignment, submission.student) / "timestamp.txt"
    content = read_plain_file(timestamp, 1000)
    if content is not None:
        write_whole(folder / "timestamp.txt", content.decode("utf-8", "replace"), 0o600)


def submission_data(submission):
    return {
        "student": submission.student,
        "assignment": submission.assignment,
        "status": submission.status,
        "reason": submission.reason,
        "mistakes": submission.mistakes,
        "notebooks": [
            {
                "name": notebook.name,
                "status": notebook.status,
                "reason": notebook.reason,
                "repairs": notebook.repairs,
                "remarks": notebook.remarks,
                "cells": list(notebook.verdicts.values()),
            }
            for notebook in submission.notebooks
        ],
    }


def make_private(folder):
    """Make a student's folder, closed to other local users."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in (folder, folder.parent):
        os.chmod(part, 0o700)


def write_whole(path, text, mode):
    """Write a file whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    os.chmod(temporary, mode)
    os.replace(temporary, path)
