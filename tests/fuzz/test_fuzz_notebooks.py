"""Notebook repair: whatever the file is, it ends as the instructor's notebook with the student's text, or as unreadable.

Inputs are arbitrary bytes and JSON, and real submissions with some of it changed: cells dropped, doubled, moved, their
types, labels, ids and texts replaced, the file cut off.
"""

import copy
import functools
import json

import nbformat
import pytest
from hypothesis import strategies as st
from nbgrader import utils

from autograder.notebook.rebuild import Unreadable, master_notebook, read_notebook, rebuild
from tests.support.courses import ROOT
from tests.support.hunting import hunt, processor_time, replay

ASSIGNMENTS = ("02_gradient_descent", "03_backprop", "05_hyperparameters")
PICTURES = {"image/png", "image/jpeg", "image/gif"}


@functools.cache
def masters():
    found = [ROOT / "source" / name / f"{name}.ipynb" for name in ASSIGNMENTS]
    return [master_notebook(nbformat.read(path, as_version=4)) for path in found]


@functools.cache
def submissions():
    files = sorted((ROOT / "examples" / "submitted").glob("*/0[235]_*/*.ipynb"))
    return [json.loads(file.read_bytes()) for file in files]


def check(data):
    with processor_time(60):
        try:
            submitted = read_notebook(data)
        except Unreadable as error:
            assert 0 < len(str(error)) < 500
            return
        for master in masters():
            before = json.dumps(master)
            try:
                _examine(rebuild(submitted, master), master, submitted)
            except Unreadable as error:
                assert 0 < len(str(error)) < 500
            assert json.dumps(master) == before, "the instructor's notebook itself was changed"


def _examine(rebuilt, master, submitted):
    notebook = rebuilt.notebook
    nbformat.validate(notebook)
    nbformat.writes(notebook).encode("utf-8")
    ids = [cell.id for cell in notebook.cells]
    assert len(ids) == len(set(ids))
    _only_what_was_handed_in(notebook, master, submitted)
    _what_is_missing_is_said(rebuilt, master, submitted)
    assert all(isinstance(said, str) and said.strip() for said in rebuilt.repairs)


def _only_what_was_handed_in(notebook, master, submitted):
    """The instructor's cells as they were and where they were; the student's text only in the student's places."""
    ours = {cell.id: cell for cell in master.cells}
    sources = [cell.source for cell in submitted.cells]
    lines = {line for source in sources for line in source.split("\n")}
    assert [cell.id for cell in notebook.cells if cell.id in ours] == list(ours)
    for cell in notebook.cells:
        original = ours.get(cell.id)
        attached = cell.get("attachments", {})
        assert (
            all(set(forms) <= PICTURES for forms in attached.values())
            or (original or {}).get("attachments") == attached
        )
        if original is None:
            assert cell.metadata == {} and cell.source in sources and not cell.get("outputs")
            continue
        assert (cell.cell_type, cell.metadata) == (original.cell_type, original.metadata) and not cell.get("outputs")
        if original.metadata.get("nbgrader") and not utils.is_solution(original):
            assert cell.source == original.source
        elif cell.source not in (original.source, *sources):
            strange = [line for line in cell.source.split("\n") if line not in lines]
            assert all(line.startswith("# ") and "handed in together with" in line for line in strange), strange


def _what_is_missing_is_said(rebuilt, master, submitted):
    """A graded cell whose label is not in the file was put back or found otherwise: a repair names it."""
    labels = {cell.grade_id for cell in submitted.cells}
    said = "\n".join(rebuilt.repairs)
    for cell in master.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name not in labels and (utils.is_grade(cell) or utils.is_solution(cell)):
            assert f"“{name}”" in said


# Real submissions, changed.

SMALL = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.just("\ud800\0\x1b")
ANYTHING = st.recursive(
    SMALL, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
)
LABELS = st.sampled_from(["backward", "test_backward", "forward", "gradient_step", "diagnose", "no such cell"])
TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["def backward(params, cache, target):\n    return 1", "def forward(", "    return 2", "%%bash\nls", "((((", "\r\n"]),
    st.just("### BEGIN HIDDEN TESTS\nx\n### END HIDDEN TESTS"),
    st.lists(st.text(max_size=6), max_size=3),
    ANYTHING,
)  # fmt: skip
PLACE = st.integers(0, 60)


def _cell(name, value):
    def change(notebook, place):
        cells = notebook["cells"]
        cells[place % len(cells)][name] = copy.deepcopy(value)

    return change


def _label(name, value):
    def change(notebook, place):
        cell = notebook["cells"][place % len(notebook["cells"])]
        metadata = cell.setdefault("metadata", {})
        if isinstance(metadata, dict):
            info = metadata.setdefault("nbgrader", {})
            if isinstance(info, dict):
                info[name] = copy.deepcopy(value)

    return change


def _drop(notebook, place):
    del notebook["cells"][place % len(notebook["cells"])]


def _double(notebook, place):
    cells = notebook["cells"]
    cells.insert((place * 7) % len(cells), copy.deepcopy(cells[place % len(cells)]))


def _swap(notebook, place):
    cells = notebook["cells"]
    one, other = place % len(cells), (place * 5 + 1) % len(cells)
    cells[one], cells[other] = cells[other], cells[one]


def _split(notebook, place):
    cells = notebook["cells"]
    cell = cells[place % len(cells)]
    if isinstance(cell.get("source"), list) and len(cell["source"]) > 1:
        half = len(cell["source"]) // 2
        second = {**copy.deepcopy(cell), "source": cell["source"][half:], "metadata": {}, "id": "second"}
        cell["source"] = cell["source"][:half]
        cells.insert(place % len(cells) + 1, second)


def _top(name, value):
    return lambda notebook, place: notebook.__setitem__(name, copy.deepcopy(value))


CHANGES = st.one_of(
    st.sampled_from([_drop, _double, _swap, _split]),
    st.builds(_cell, st.just("source"), TEXTS),
    st.builds(_cell, st.just("cell_type"), st.sampled_from(["code", "markdown", "raw", "heading", "text"]) | ANYTHING),
    st.builds(_cell, st.sampled_from(["id", "metadata", "outputs", "attachments", "execution_count"]), ANYTHING),
    st.builds(_cell, st.just("attachments"), st.dictionaries(st.text(max_size=4), st.dictionaries(st.sampled_from([*PICTURES, "text/html"]), ANYTHING))),
    st.builds(_label, st.just("grade_id"), LABELS | ANYTHING),
    st.builds(_label, st.sampled_from(["solution", "grade", "locked", "points", "schema_version", "task"]), ANYTHING),
    st.builds(_top, st.sampled_from(["nbformat", "nbformat_minor", "metadata", "worksheets"]), ANYTHING | st.integers(0, 6)),
)  # fmt: skip


@st.composite
def changed_submissions(draw):
    notebook = copy.deepcopy(draw(st.sampled_from(submissions())))
    for change, place in draw(st.lists(st.tuples(CHANGES, PLACE), max_size=8)):
        if notebook["cells"] and all(isinstance(cell, dict) for cell in notebook["cells"]):
            change(notebook, place)
    data = json.dumps(notebook, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    if draw(st.integers(0, 5)) == 0:
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(st.binary(max_size=5)) + data[at + draw(st.integers(0, 3)) :]
    if draw(st.integers(0, 9)) == 0:
        data = data[: draw(st.integers(0, len(data)))]
    return data


@st.composite
def notebooks_of_anything(draw):
    cells = st.dictionaries(
        st.sampled_from(["cell_type", "source", "metadata", "id", "input"]), ANYTHING | LABELS, max_size=4
    )
    content = {"cells": draw(st.lists(cells | ANYTHING, max_size=6)), "nbformat": draw(st.integers(-1, 9) | ANYTHING)}
    return json.dumps(content).encode()


FILES = st.one_of(
    changed_submissions(),
    changed_submissions(),
    notebooks_of_anything(),
    ANYTHING.map(lambda content: json.dumps(content).encode()),
    st.binary(max_size=60),
)


@replay("notebooks")
def test_every_known_file_is_repaired_or_refused(data):
    check(data)


@pytest.mark.slow
def test_files_of_all_kinds_are_repaired_or_refused():
    hunt("notebooks", FILES, check)
