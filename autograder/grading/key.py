"""The answer key: the instructor's answers, and those of each known mistake. Cached by content and seed.

The key is made by the same pipeline that runs students' work. The expected values exist in this process and in files
that only their owner may read, and never in a student's.

Each test cell is cached for itself, and in it each mistake, so that a changed question costs a new run of that cell's
mistakes and of nothing else.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import numpy as np

from autograder.course.catalogue import judge_of, mistakes_of
from autograder.files import PART
from autograder.grading.versions import Effect, code_version
from autograder.marking.answers import Answer, AnswerSheet, read_sheet
from autograder.mistakes import Mistake
from autograder.notebook import rebuild
from autograder.notebook.preludes import definitions_of, names_bound
from autograder.running import work
from autograder.sandbox.askers import Askers
from autograder.sandbox.job import Cell, CellRun, Job, Run
from autograder.sandbox.sandbox import Sandbox

if TYPE_CHECKING:
    from autograder.course.catalogue import Judge
    from autograder.course.settings import Course

    Payload = dict[str, Any]  # of a CellRun: answers, failures, hidden_lost
    ToRun = tuple[str, str, tuple[Cell, ...]]  # test cell, fingerprint of a mistake, what is run for them
    Found = tuple[str, str, dict[str, Payload]]  # the same two, and test cell → payload
    Runs = Callable[[Sequence[ToRun]], list[Found]]  # one after the other, in one sandbox
    Lacking = dict[str, list[str | Mistake]]  # test cell → what is to be run for it: RIGHT, mistakes

FORMAT = 3  # of the cached files


class BadKey(Exception):
    """The instructor's own notebook does not answer its questions; the message says which and how."""


@dataclass
class Key:
    """What is right, and what the known mistakes answer."""

    cells: dict[str, dict[str, Answer]]  # test cell → question → Answer
    # test cell → mistake's name → question → Answer
    mistakes: dict[str, dict[str, dict[str, Answer]]] = field(default_factory=dict)
    judges: dict[str, Judge] = field(default_factory=dict)  # name → the function that tries out open choices


def make_key(
    course: Course, assignment: str, notebook: str, progress: Callable[[str], object] = lambda text: None
) -> Key:
    """The key of one notebook, from the cache or made now. Raises BadKey, NoCourse, SandboxUnavailable."""
    source = course.source_notebook(assignment, notebook)
    asked = question_cells(source)
    mistakes = mistakes_of(course.root, assignment)
    known = {cell: [m for m in mistakes if f"test_{m.function}" == cell] for cell in asked}
    paths = _cache_files(course, assignment, notebook, source, asked)
    cached = {cell: _read_cache(paths[cell]) for cell in asked}
    lacking = {cell: _what_is_lacking(cached[cell], known[cell]) for cell in asked}
    if any(lacking.values()):
        progress(f"making the answer key of {assignment}{_which(asked, lacking)}")
        for cell, payloads in _run_all(course, assignment, source, lacking).items():
            kept = cached[cell] or {"mistakes": {}}
            cached[cell] = {**kept, **payloads, "mistakes": {**kept["mistakes"], **payloads["mistakes"]}}
            _write_cache(paths[cell], cached[cell])
    key = Key(cells={cell: _answers(cell, cached[cell]["key"]) for cell in asked})
    compared = [answer.compare or {} for answers in key.cells.values() for answer in answers.values()]
    key.judges = {one["judge"]: judge_of(course, one["judge"]) for one in compared if one.get("how") == "choice"}
    for cell in asked:
        for mistake in known[cell]:
            sheets = key.mistakes.setdefault(cell, {})
            sheets[mistake.name] = _answers(cell, cached[cell]["mistakes"][_fingerprint_of(mistake)])
    return key


def question_cells(notebook: nbformat.NotebookNode) -> list[str]:
    """The grade ids of the cells that ask questions, in order."""
    return [work.name_of_test(cell) for cell in notebook.cells if work.asks_questions(cell)]


def seeds_of(course: Course, assignment: str, notebook: nbformat.NotebookNode) -> dict[str, str]:
    """Test cell → the seed of its hidden inputs."""
    labels = [work.name_of_test(cell) for cell in notebook.cells if work.is_tested(cell)]
    return {label: course.question_seed(assignment, label) for label in labels}


def cells_to_run(
    course: Course,
    assignment: str,
    notebook: nbformat.NotebookNode,
    only: Collection[str] | None = None,
    given: Mapping[str, Sequence[Any]] | None = None,
) -> tuple[Cell, ...]:
    """A notebook's code cells as the sandbox wants them, with this course's seeds: see work.cells_to_run."""
    seeds = seeds_of(course, assignment, notebook)
    return work.cells_to_run(notebook, seeds, only, given, names_written(notebook))


def names_written(source: nbformat.NotebookNode) -> tuple[str, ...]:
    """The names that the instructor's own solutions bind."""
    solutions = [cell.source for cell in source.cells if cell.cell_type == "code" and rebuild.is_students(cell)]
    return tuple(sorted(set().union(*map(names_bound, solutions))))


def definitions_before(source: nbformat.NotebookNode, test_cell: str, names: Sequence[str]) -> str:
    """The instructor's text that defines these functions, from the cells above a test cell."""
    texts = []
    for cell in source.cells:
        if cell.cell_type == "code":
            texts.append(rebuild.without_hidden(cell.source))
        if rebuild.grade_id(cell) == test_cell:
            break
    return definitions_of(names, texts)


def sheet_of(run: Run, cells: Sequence[Cell]) -> AnswerSheet:
    """The answer sheet of a finished run."""
    pairs = zip(cells, run.cells, strict=True)
    return read_sheet({cell.label: result for cell, result in pairs if cell.questions and cell.hidden is not None})


# Making it.

RIGHT = "key"  # in a list of missing answers: the instructor's own


def _what_is_lacking(cached: dict[str, Any], mistakes: Sequence[Mistake]) -> list[str | Mistake]:
    """Which answers of one test cell are not in the cache: RIGHT, mistakes."""
    if not cached:
        return [RIGHT, *mistakes]
    return [mistake for mistake in mistakes if _fingerprint_of(mistake) not in cached["mistakes"]]


def _which(asked: Sequence[str], lacking: Lacking) -> str:
    some = [cell for cell in asked if lacking[cell]]
    return f" ({', '.join(some)})" if len(some) < len(asked) else ""


def _run_all(
    course: Course, assignment: str, source: nbformat.NotebookNode, lacking: Lacking
) -> dict[str, dict[str, Any]]:
    """Run the instructor's notebook, then every mistake in its place; on all cores, since there are many.

    Returns test cell → {"key": payload, if it was lacking; "mistakes": {fingerprint: payload}}.
    """
    notebook = rebuild.answered_master(source)
    files, _ = course.companions(assignment)
    settings = course.sandbox_settings(assignment)

    def run(jobs: Sequence[ToRun]) -> list[Found]:
        with Sandbox(settings, askers) as sandbox:
            return [(cell, name, _run(sandbox, cells, files)) for cell, name, cells in jobs]

    with Askers(settings) as askers:
        return _run_with(run, course, assignment, notebook, lacking)


def _run_with(
    run: Runs, course: Course, assignment: str, notebook: nbformat.NotebookNode, lacking: Lacking
) -> dict[str, dict[str, Any]]:
    """The same, with what does the running."""
    found: dict[str, dict[str, Any]] = {cell: {"mistakes": {}} for cell, wanted in lacking.items() if wanted}
    wanted = [cell for cell in lacking if RIGHT in lacking[cell]]
    if wanted:
        cells = _without_hidden_but(cells_to_run(course, assignment, notebook), wanted)
        ((_, _, right),) = run([("", "", cells)])
        _refuse_bad_key(assignment, right, wanted)
        for cell in wanted:
            found[cell]["key"] = right[cell]
    jobs: list[ToRun] = []
    for cell, parts in lacking.items():
        for mistake in [part for part in parts if isinstance(part, Mistake)]:
            changed = with_function_replaced(notebook, mistake.function, mistake.source)
            cells = cells_to_run(course, assignment, changed, only={cell})
            jobs.append((cell, _fingerprint_of(mistake), cells))
    workers = max(1, min(os.cpu_count() or 1, 8, len(jobs)))
    with ThreadPoolExecutor(workers) as pool:
        for share in pool.map(run, [jobs[first::workers] for first in range(workers)] if jobs else []):
            for cell, name, payloads in share:
                found[cell]["mistakes"][name] = payloads[cell]
    return found


def _without_hidden_but(cells: Iterable[Cell], wanted: Collection[str]) -> tuple[Cell, ...]:
    """The cells to run, with the hidden tests of the `wanted` cells only; all that is visible runs as ever."""
    return tuple(
        cell if cell.label in wanted else replace(cell, hidden=None, only_hidden="", questions=False) for cell in cells
    )


def with_function_replaced(
    notebook: nbformat.NotebookNode, function: str, source: str, alone: bool = False
) -> nbformat.NotebookNode:
    """The instructor's notebook with one function defined otherwise: after the right definition, or `alone`."""
    changed = rebuild.answered_master(notebook)
    for cell in changed.cells:
        if rebuild.grade_id(cell) == function:
            cell.source = source if alone else f"{cell.source}\n\n{source}\n"
            return changed
    raise BadKey(f"there is no solution cell “{function}” to put a mistake into")


def _run(sandbox: Sandbox, cells: tuple[Cell, ...], files: dict[str, bytes]) -> dict[str, Payload]:
    """What a run handed out for each test cell, as it can be cached."""
    run = sandbox.run(Job(cells, files, files))
    return {
        cell.label: {"answers": result.answers, "failures": result.failures, "hidden_lost": result.hidden_lost}
        for cell, result in zip(cells, run.cells, strict=True)
        if cell.questions and cell.hidden is not None
    }


def _sheet(payloads: Mapping[str, Payload]) -> AnswerSheet:
    return read_sheet({label: CellRun(**recorded) for label, recorded in payloads.items()})


def _answers(cell: str, payload: Payload) -> dict[str, Answer]:
    return _sheet({cell: payload}).cells[cell]


def _refuse_bad_key(assignment: str, payloads: Mapping[str, Payload], asked: Iterable[str]) -> None:
    """The key must answer every question: an error there would make everybody wrong."""
    sheet = _sheet(payloads)
    for cell in asked:
        trouble: list[str] = []
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


# The cache: one file for each test cell.


def _cache_files(
    course: Course, assignment: str, notebook: str, source: nbformat.NotebookNode, asked: Iterable[str]
) -> dict[str, Path]:
    """Test cell → the file of its cached answers, whose name changes with anything that they depend on."""
    common = _digest(_what_all_cells_share(course, assignment, source))
    folder, texts = course.private / "keys", {rebuild.grade_id(cell): cell.source for cell in source.cells}
    names = {cell: _digest([common, texts[cell], course.question_seed(assignment, cell)]) for cell in asked}
    return {cell: folder / f"{assignment}-{notebook}-{cell}-{names[cell]}.json" for cell in asked}


def _what_all_cells_share(course: Course, assignment: str, source: nbformat.NotebookNode) -> list[str]:
    """What any answer depends on: the visible notebook, the files beside it, the limits, and the code that runs it."""
    visible = [
        [number, rebuild.grade_id(cell), work.is_tested(cell), rebuild.without_hidden(cell.source)]
        for number, cell in enumerate(source.cells)
        if cell.cell_type == "code"
    ]
    parts = [str(FORMAT), sys.version, np.__version__, json.dumps(visible)]
    parts += [repr(course.withheld(assignment)), repr(course.limits)]
    parts += [code_version(Effect.KEY)]
    files, _ = course.companions(assignment)
    return [*parts, *(f"{name}\0{hashlib.sha256(content).hexdigest()}" for name, content in sorted(files.items()))]


def _fingerprint_of(mistake: Mistake) -> str:
    return _digest([mistake.name, mistake.function, mistake.source])


def _digest(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part.encode("utf-8", "replace")).digest())
    return digest.hexdigest()[:32]


def _read_cache(path: Path) -> dict[str, Any]:
    """What a cached file holds; nothing where there is no sound one."""
    try:
        content: dict[str, Any] = json.loads(path.read_text())
        return content if content["key"] and isinstance(content["mistakes"], dict) else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _write_cache(path: Path, payloads: dict[str, Any]) -> None:
    """Whole or not at all, and for the owner's eyes only."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=PART)  # made with mode 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(json.dumps(payloads))  # json.dump would write it piece by piece, ten times slower
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
