"""The answer key: the instructor's answer sheet, and the sheet of each known mistake. Cached by content and seed.

The key is made by the same pipeline that runs students' work. The expected values exist in this process and in a file
that only its owner may read, and never in a student's.
"""

import hashlib
import json
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from autograder import rebuild
from autograder.answers import read_sheet
from autograder.mistakes import catalogue
from autograder.sandbox import HELPERS, RUNNER, Cell, Job, Sandbox

FORMAT = 2  # of the cached files


class BadKey(Exception):
    """The instructor's own notebook does not answer its questions; the message says which and how."""


@dataclass
class Key:
    """What is right, and what the known mistakes answer."""

    cells: dict  # test cell → question → Answer
    mistakes: dict = field(default_factory=dict)  # test cell → mistake's name → question → Answer


def make_key(course, assignment, notebook, progress=lambda text: None):
    """The key of one notebook, from the cache or made now. Raises BadKey, SandboxUnavailable."""
    source = course.source_notebook(assignment, notebook)
    mistakes = catalogue(assignment)
    path = (
        course.private / "keys" / f"{assignment}-{notebook}-{_fingerprint(course, assignment, source, mistakes)}.json"
    )
    payloads = _read_cache(path)
    if payloads is None:
        progress(f"making the answer key of {assignment}")
        payloads = _run_all(course, assignment, source, mistakes)
        _write_cache(path, payloads)
    key = Key(cells=_sheet(payloads["key"]).cells)
    for mistake in mistakes:
        if mistake.name in payloads["mistakes"]:
            cell = f"test_{mistake.function}"
            sheet = _sheet(payloads["mistakes"][mistake.name])
            key.mistakes.setdefault(cell, {})[mistake.name] = sheet.cells.get(cell, {})
    return key


def question_cells(notebook):
    """The grade ids of the cells that ask questions, in order."""
    return [rebuild.grade_id(cell) for cell in notebook.cells if asks_questions(cell)]


def asks_questions(cell):
    """Whether a cell's hidden region asks questions (rather than asserting, as ordinary nbgrader tests do)."""
    if cell.cell_type != "code" or not cell.metadata.get("nbgrader", {}).get("grade"):
        return False
    if cell.metadata["nbgrader"].get("solution") or not rebuild.has_hidden(cell.source):
        return False
    _, hidden = rebuild.split_hidden(cell.source)
    return any(line.lstrip().startswith("ask(") for line in hidden.split("\n"))


def cells_to_run(course, assignment, notebook, only=None, given=None):
    """A notebook's code cells as the sandbox wants them.

    only: the test cells whose hidden part is to be run (all of them by default). given: test cell → definitions put in
    before its questions.
    """
    cells = []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        label = rebuild.grade_id(cell) or f"extra {number + 1}"
        tested = cell.metadata.get("nbgrader", {}).get("grade") and not cell.metadata["nbgrader"].get("solution")
        visible, only_hidden = rebuild.split_hidden(cell.source)
        hidden = cell.source if tested and rebuild.has_hidden(cell.source) else None
        if only is not None and tested and label not in only:
            visible, hidden = "", None
        seed = course.question_seed(assignment, label) if hidden else ""
        cells.append(
            Cell(
                label,
                visible,
                hidden,
                only_hidden if hidden else "",
                questions=asks_questions(cell),
                seed=seed,
                shown=not (tested and only is not None),
                given=(given or {}).get(label, ""),
            )
        )
    return tuple(cells)


def sheet_of(run, cells):
    """The answer sheet of a finished run."""
    pairs = zip(cells, run.cells, strict=True)
    return read_sheet({cell.label: result for cell, result in pairs if cell.questions and cell.hidden is not None})


# Making it.


def _run_all(course, assignment, source, mistakes):
    """Run the instructor's notebook, then every mistake in its place; on all cores, since there are many."""
    notebook = rebuild.answered_master(source)
    asked = question_cells(notebook)
    files, _ = course.companions(assignment)

    def run(jobs):
        with Sandbox(course.limits, course.withheld(assignment), course.confined) as sandbox:
            return {name: _run(sandbox, cells, files) for name, cells in jobs}

    right = run([("key", cells_to_run(course, assignment, notebook))])["key"]
    _refuse_bad_key(assignment, right, asked)
    jobs = []
    for mistake in mistakes:
        cell = f"test_{mistake.function}"
        if cell in asked:
            changed = with_function_replaced(notebook, mistake.function, mistake.source)
            jobs.append((mistake.name, cells_to_run(course, assignment, changed, only={cell})))
    workers = min(os.cpu_count() or 1, 8)
    with ThreadPoolExecutor(workers) as pool:
        shares = pool.map(run, [jobs[first::workers] for first in range(workers)])
        return {"key": right, "mistakes": {name: payloads for share in shares for name, payloads in share.items()}}


def with_function_replaced(notebook, function, source, alone=False):
    """The instructor's notebook with one function defined otherwise: after the right definition, or `alone`."""
    changed = rebuild.answered_master(notebook)
    for cell in changed.cells:
        if rebuild.grade_id(cell) == function:
            cell.source = source if alone else f"{cell.source}\n\n{source}\n"
            return changed
    raise BadKey(f"there is no solution cell “{function}” to put a mistake into")


def _run(sandbox, cells, files):
    """What a run handed out, as it can be cached: test cell → the payloads, and what went wrong."""
    run = sandbox.run(Job(cells, files))
    return {
        cell.label: {"answers": result.answers, "failures": result.failures, "hidden_lost": result.hidden_lost}
        for cell, result in zip(cells, run.cells, strict=True)
        if cell.questions and cell.hidden is not None
    }


class _Recorded:
    def __init__(self, answers, failures, hidden_lost):
        self.answers, self.failures, self.hidden_lost = answers, failures, hidden_lost


def _sheet(payloads):
    return read_sheet({label: _Recorded(**recorded) for label, recorded in payloads.items()})


def _refuse_bad_key(assignment, payloads, asked):
    """The key must answer every question: an error there would make everybody wrong."""
    sheet = _sheet(payloads)
    for cell in asked:
        trouble = []
        if cell in sheet.lost:
            trouble.append(sheet.lost[cell])
        trouble += sheet.refused.get(cell, [])
        trouble += [f"{raised.type}: {raised.message}" for raised in sheet.failures.get(cell, {}).values()]
        for question, answer in sheet.cells.get(cell, {}).items():
            if answer.raised is not None:
                trouble.append(f"“{question}” raised {answer.raised.type}: {answer.raised.message}")
        if not sheet.cells.get(cell) and not trouble:
            trouble.append("it asked nothing")
        if trouble:
            raise BadKey(
                f"The instructor's notebook of {assignment} fails its own test cell {cell}: {'; '.join(trouble)}"
            )


# The cache.


def _fingerprint(course, assignment, source, mistakes):
    """Changes with anything that the key depends on."""
    digest = hashlib.sha256()
    parts = [str(FORMAT), sys.version, np.__version__, course.seed, json.dumps(source, sort_keys=True)]
    parts += [f"{mistake.name}\0{mistake.function}\0{mistake.source}" for mistake in mistakes]
    parts += [repr(course.withheld(assignment)), repr(course.limits), RUNNER.read_text()]
    parts += [path.read_text() for path in sorted(HELPERS.glob("*.py"))]
    files, _ = course.companions(assignment)
    parts += [f"{name}\0{hashlib.sha256(content).hexdigest()}" for name, content in sorted(files.items())]
    for part in parts:
        digest.update(hashlib.sha256(part.encode("utf-8", "replace")).digest())
    return digest.hexdigest()[:32]


def _read_cache(path):
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def _write_cache(path, payloads):
    """Whole or not at all, and for the owner's eyes only."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)  # made with mode 0600
    with os.fdopen(descriptor, "w") as file:
        json.dump(payloads, file)
    os.replace(temporary, path)
