"""Rebuilding: whatever was done to the notebook, the instructor's cells run with the student's text in them."""

import json

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.notebook.rebuild import Unreadable, grade_id, master_notebook, read_notebook, rebuild, split_hidden

SETTINGS = {"schema_version": 3, "task": False, "points": 2}


def info(name, grade=False, solution=False):
    locked = not solution
    return {"nbgrader": {**SETTINGS, "grade_id": name, "grade": grade, "solution": solution, "locked": locked}}


SOURCE = nbformat.v4.new_notebook(
    cells=[
        new_markdown_cell("# Title", id="title"),
        new_code_cell("import numpy as np", id="setup", metadata=info("setup")),
        new_code_cell(
            "def f(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION",
            id="f",
            metadata=info("f", solution=True),
        ),
        new_code_cell(
            "assert f(1) == 2\n### BEGIN HIDDEN TESTS\nask('hidden', f, 3)\n### END HIDDEN TESTS",
            id="test-f",
            metadata=info("test_f", grade=True),
        ),
        new_markdown_cell("Because.", id="why", metadata=info("why", grade=True, solution=True)),
    ]
)
MASTER = master_notebook(SOURCE)
WORK = "def f(x):\n    return x + x"


def handed_in():
    """A student's notebook, worked on."""
    notebook = nbformat.from_dict(MASTER)
    for cell in notebook.cells:
        cell.source = split_hidden(cell.source)[0]
    notebook.cells[2].source = WORK
    notebook.cells[4].source = "My reasons."
    return notebook


def rebuilt(notebook):
    return rebuild(read_notebook(nbformat.writes(notebook).encode()), MASTER)


def by_name(result):
    return {grade_id(cell): cell for cell in result.notebook.cells if grade_id(cell)}


def test_honest_work_is_taken_over_and_nothing_is_said():
    result = rebuilt(handed_in())
    assert by_name(result)["f"].source == WORK and by_name(result)["why"].source == "My reasons."
    assert "ask('hidden'" in by_name(result)["test_f"].source
    assert result.repairs == []


def _delete_test(notebook):
    del notebook.cells[3]


def _delete_setup(notebook):
    del notebook.cells[1]


def _duplicate_test(notebook):
    notebook.cells.insert(3, nbformat.from_dict(notebook.cells[3]))


def _edit_test(notebook):
    notebook.cells[3].source = "pass"


def _unlock_and_cheapen(notebook):
    notebook.cells[3].metadata = info("test_f", grade=True, solution=True)
    notebook.cells[3].metadata.nbgrader.points = 100


def _skip_tag(notebook):
    notebook.cells[3].metadata["tags"] = ["skip-execution"]


def _reverse(notebook):
    notebook.cells.reverse()


def _retype(notebook):
    notebook.cells[3] = new_markdown_cell("hello", metadata=info("test_f", grade=True))
    notebook.cells[2] = nbformat.from_dict({**notebook.cells[2], "cell_type": "raw"})


def _no_metadata(notebook):
    for cell in notebook.cells:
        cell.metadata = {}


def _no_metadata_and_no_ids(notebook):
    for number, cell in enumerate(notebook.cells):
        cell.metadata, cell.id = {}, f"x{number}"


def _relabel(notebook):
    notebook.cells[2].metadata.nbgrader.grade_id = "g"
    notebook.cells[2].id = "g"


def _copy_of_the_stub(notebook):
    notebook.cells.insert(3, nbformat.from_dict(MASTER.cells[2]))


@pytest.mark.parametrize(
    "tamper",
    [
        _delete_test,
        _delete_setup,
        _duplicate_test,
        _edit_test,
        _unlock_and_cheapen,
        _skip_tag,
        _reverse,
        _retype,
        _no_metadata,
        _no_metadata_and_no_ids,
        _relabel,
        _copy_of_the_stub,
    ],
)
def test_tampering_changes_nothing_that_is_run_or_counted(tamper):
    notebook = handed_in()
    tamper(notebook)
    result, honest = rebuilt(notebook), rebuilt(handed_in())
    ours = [cell for cell in result.notebook.cells if grade_id(cell)]
    assert [(c.cell_type, c.source, c.metadata) for c in ours] == [
        (c.cell_type, c.source, c.metadata) for c in honest.notebook.cells if grade_id(c)
    ]


@pytest.mark.parametrize(
    "tamper", [_delete_test, _duplicate_test, _edit_test, _reverse, _retype, _relabel, _no_metadata]
)
def test_repairs_are_said(tamper):
    notebook = handed_in()
    tamper(notebook)
    assert rebuilt(notebook).repairs


def test_extra_cells_stay_in_their_place_without_tags_or_metadata():
    notebook = handed_in()
    extra = new_code_cell("helper = 1", metadata={"tags": ["skip-execution"], **info("helper", grade=True)})
    notebook.cells.insert(2, extra)
    result = rebuilt(notebook).notebook.cells
    assert [cell.source for cell in result][1:4] == ["import numpy as np", "helper = 1", WORK]
    assert result[2].metadata == {}


def test_of_two_solution_cells_the_one_with_work_counts_and_the_other_runs_after_it():
    notebook = handed_in()
    second = nbformat.from_dict(notebook.cells[2])
    second.source = "def f(x):\n    return 3 * x"
    notebook.cells.insert(3, second)
    result = rebuilt(notebook)
    assert [cell.source for cell in result.notebook.cells][2:4] == [WORK, second.source]
    assert "2 times" in result.repairs[0]


def test_a_missing_solution_comes_back_as_it_was_handed_out():
    notebook = handed_in()
    del notebook.cells[2]
    result = rebuilt(notebook)
    assert "raise NotImplementedError" in by_name(result)["f"].source
    assert any("“f” was missing" in repair for repair in result.repairs)


def test_outputs_that_were_handed_in_are_not_kept():
    notebook = handed_in()
    notebook.cells[3].outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": "2.0"})]
    assert all(not cell.get("outputs") for cell in rebuilt(notebook).notebook.cells)


def test_notebooks_of_an_older_format_are_read():
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {},
        "worksheets": [
            {
                "metadata": {},
                "cells": [
                    {
                        "cell_type": "code",
                        "input": WORK,
                        "language": "python",
                        "outputs": [],
                        "metadata": {},
                        "collapsed": False,
                    }
                ],
            }
        ],
    }
    result = rebuild(read_notebook(json.dumps(old).encode()), MASTER)
    assert by_name(result)["f"].source == WORK


UNREADABLE = {
    "empty": b"",
    "blanks": b"  \n ",
    "not JSON": b"hello",
    "truncated": nbformat.writes(MASTER).encode()[:300],
    "a list": b"[1, 2]",
    "a number": b"3",
    "no cells": b'{"nbformat": 4, "metadata": {}}',
    "cells is text": b'{"nbformat": 4, "cells": "none"}',
    "latin-1": "é".encode("latin-1"),
    "binary": bytes(range(256)),
    "deeply nested": b"[" * 100_000,
    "too large": b" " * (64 * 1024**2 + 1),
    "old and broken": b'{"nbformat": 3, "worksheets": 5}',
    "too many brackets": b'{"cells": [' + b"[]," * 4_000_000 + b"[]]}",
    "too many cells": json.dumps({"cells": [{}] * 1_001}).encode(),
    "too much text": json.dumps({"cells": [{"source": "x" * (3 * 1024**2)}]}).encode(),
    "a PDF": b"%PDF-1.7 \x00\xff",
    "a web page": b"<!DOCTYPE html><html></html>",
    "a merge conflict": b'{"cells": [\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> theirs\n]}',
}


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(each, id=name, marks=[pytest.mark.slow] * (name == "too many brackets"))
        for name, each in UNREADABLE.items()
    ],
)
def test_what_is_no_notebook_is_refused_with_a_reason(data):
    with pytest.raises(Unreadable) as caught:
        read_notebook(data)
    assert len(str(caught.value)) > 15


ODD_CELLS = {
    "source missing": {"cell_type": "code"},
    "source of lines": {"cell_type": "code", "source": ["a\n", "b", 3]},
    "source a number": {"cell_type": "code", "source": 3},
    "cell is text": "cell",
    "cell is nothing": None,
    "unknown type": {"cell_type": "video", "source": "x"},
    "metadata is a list": {"cell_type": "code", "source": "x", "metadata": []},
    "nbgrader is text": {"cell_type": "code", "source": "x", "metadata": {"nbgrader": "yes"}},
    "grade id is a list": {"cell_type": "code", "source": "x", "metadata": {"nbgrader": {"grade_id": ["f"]}}},
    "id is a number": {"cell_type": "code", "source": "x", "id": 5},
    "NUL and a lone surrogate": {"cell_type": "code", "source": "x = '\0\ud800'"},
    "future format": {
        "cell_type": "code",
        "source": "x",
        "metadata": {"nbgrader": {"schema_version": 99, "grade_id": "f"}},
    },
}


@pytest.mark.parametrize("cell", ODD_CELLS.values(), ids=ODD_CELLS)
def test_odd_cells_are_taken_for_what_they_are(cell):
    notebook = json.loads(nbformat.writes(handed_in()))
    notebook["cells"].append(cell)
    result = rebuild(read_notebook(json.dumps(notebook).encode("utf-8", "surrogatepass")), MASTER)
    assert by_name(result)["f"].source == WORK
    nbformat.validate(result.notebook)


cell_like = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw", "x", 3]),
        "source": st.one_of(st.text(max_size=20), st.lists(st.text(max_size=5), max_size=3), st.integers()),
        "id": st.one_of(st.sampled_from(["f", "test-f", "why", ""]), st.integers()),
        "metadata": st.one_of(
            st.none(),
            st.dictionaries(
                st.sampled_from(["nbgrader", "tags"]),
                st.dictionaries(
                    st.sampled_from(["grade_id", "points"]), st.sampled_from(["f", "test_f", "why", "zzz", 3])
                ),
            ),
        ),
    },
)


LABELS = {"f", "test_f", "why"}


@given(st.lists(cell_like, max_size=8))
def test_any_list_of_cells_gives_a_valid_notebook_with_the_instructors_tests_or_is_another_notebook(cells):
    submitted = read_notebook(json.dumps({"nbformat": 4, "cells": cells}).encode())
    try:
        result = rebuild(submitted, MASTER)
    except Unreadable:
        assert not any(cell.grade_id in LABELS for cell in submitted.cells)
        return
    nbformat.validate(result.notebook)
    found = by_name(result)
    assert list(found) == ["setup", "f", "test_f", "why"]
    assert found["test_f"].source == SOURCE.cells[3].source


def test_a_notebook_with_nothing_of_the_assignment_is_refused_rather_than_given_no_marks():
    other = nbformat.v4.new_notebook(cells=[new_markdown_cell("# Holidays"), new_code_cell("def g(x):\n    return x")])
    with pytest.raises(Unreadable, match="another notebook"):
        rebuilt(other)


# Two functions in a row, so that cells can be merged and split.

TWO = master_notebook(
    nbformat.v4.new_notebook(
        cells=[
            cell
            for name in ("f", "g")
            for cell in (
                new_code_cell(
                    f"def {name}(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION",
                    id=name,
                    metadata=info(name, solution=True),
                ),
                new_code_cell(f"assert {name}(1)", id=f"test-{name}", metadata=info(f"test_{name}", grade=True)),
            )
        ]
    )
)


def run_two(*cells):
    """What the rebuilt notebook of two functions says when it is run: f(3), g(3)."""
    result = rebuild(read_notebook(json.dumps({"nbformat": 4, "cells": list(cells)}).encode()), TWO)
    space = {}
    for cell in result.notebook.cells:
        exec(cell.source.replace("assert", "checked ="), space)
    return space["f"](3), space["g"](3), result.repairs


def labelled(name, source):
    return {"cell_type": "code", "source": source, "metadata": {"nbgrader": {"grade_id": name}}}


BOTH = "def f(x):\n    return 2 * x\n\n\ndef g(x):\n    return f(x) + 1"


@pytest.mark.parametrize(
    "cells",
    [
        [labelled("f", BOTH), labelled("test_f", ""), labelled("test_g", "")],
        [labelled("test_f", ""), labelled("g", BOTH), labelled("test_g", "")],
        [labelled("test_f", BOTH), labelled("test_g", "")],
        [labelled(None, BOTH)],
    ],
    ids=["into the first", "into the second", "into a test", "and unlabelled"],
)
def test_functions_merged_into_one_cell_are_found_there(cells):
    f, g, repairs = run_two(*cells)
    assert (f, g) == (6, 7)
    assert any("its text was found in the cell" in said for said in repairs)


HEAD, TAIL = "def f(x):\n    y = 2 * x", "    return y"
OTHER = labelled("g", "def g(x):\n    return f(x) + 1")


@pytest.mark.parametrize(
    "cells",
    [
        [labelled("f", HEAD), labelled("f", TAIL), OTHER],
        [labelled("f", HEAD), labelled(None, TAIL), OTHER],
        [labelled("f", "SCALE = 2"), labelled("f", "def f(x):\n    return SCALE * x"), OTHER],
    ],
    ids=["both labelled", "the second unlabelled", "between statements"],
)
def test_a_function_split_into_two_cells_is_put_together(cells):
    f, g, repairs = run_two(*cells)
    assert (f, g) == (6, 7) and repairs


def test_a_function_is_found_by_its_name_also_in_a_cell_that_is_no_python():
    f, _, _ = run_two(labelled(None, "def f(x):\n    return 4 * x"), labelled(None, "def g(x):\n    pass"))
    assert f == 12
    source = "!pip install numpy\ndef f(x):\n    return 4 * x"
    result = rebuild(read_notebook(json.dumps({"cells": [labelled(None, source)]}).encode()), TWO)
    assert by_name(result)["f"].source == source


def test_a_picture_pasted_into_a_written_answer_stays_and_nothing_else_does():
    notebook = handed_in()
    notebook.cells[4]["attachments"] = {
        "plot.png": {"image/png": "iVBORw0KGgo="},
        "page.html": {"text/html": "<script>"},
        "bad.png": {"image/png": "<script>"},
    }
    answer = by_name(rebuilt(notebook))["why"]
    assert answer.attachments == {"plot.png": {"image/png": "iVBORw0KGgo="}}
