"""Cells that were doubled, moved, split, merged, deleted, retyped or relabelled."""

import copy

from tests.support.broken.bank import FAILED, GRADED, PARTLY, cell, notebook, position, text, write  # noqa: F401


@notebook("“mse” was there 2 times")
def duplicate_solution(content):
    """A solution cell is there twice: the one with work counts."""
    twin = copy.deepcopy(cell(content, "mse"))
    twin["source"], twin["id"] = "# a copy that I forgot", "twin"
    content["cells"].insert(position(content, "mse") + 1, twin)


@notebook("“test_mse” was there 3 times")
def duplicate_tests(content):
    """A test cell is there three times."""
    twins = [copy.deepcopy(cell(content, "test_mse")) for _ in range(2)]
    content["cells"] += twins


@notebook("“squared_errors” was there 3 times")
def one_grade_id_for_all(content):
    """All solution cells carry the label of the first: the others are found by what they define."""
    for name in ("mse", "mse_gradient"):
        cell(content, name)["metadata"]["nbgrader"]["grade_id"] = "squared_errors"


@notebook("Labels were lost")
def labels_exchanged_for_unknown_ones(content):
    """The labels are of another course: cells are found by their ids."""
    for each in content["cells"]:
        if "nbgrader" in each["metadata"]:
            each["metadata"]["nbgrader"]["grade_id"] += "-old"


@notebook("Labels were lost")
def labels_of_wrong_kinds(content):
    """Labels that are blank, numbers, lists, or whole maps replaced by text."""
    odd = ["", 3, ["mse"], {"a": 1}, None]
    for number, each in enumerate(content["cells"]):
        if "nbgrader" in each["metadata"]:
            each["metadata"]["nbgrader"]["grade_id"] = odd[number % len(odd)]
    cell_without = content["cells"][-1]
    cell_without["metadata"]["nbgrader"] = "yes"


@notebook("changed places")
def reordered(content):
    """All cells in reverse order."""
    content["cells"].reverse()


@notebook("“mse” was there 2 times; they were parts of one, and were joined")
def split_within_a_function(content):
    """A solution cell split in the middle of the function, as the editor's command does it."""
    at = position(content, "mse")
    head, tail = copy.deepcopy(content["cells"][at]), copy.deepcopy(content["cells"][at])
    head["source"] = "def mse(target, prediction):\n    total = np.mean((prediction - target) ** 2)"
    tail["source"], tail["id"] = "    return float(total)", "tail"
    content["cells"][at : at + 1] = [head, tail]


@notebook("“mse” had been split")
def split_without_label(content):
    """The same by hand: the second part has no label."""
    at = position(content, "mse")
    content["cells"][at]["source"] = "def mse(target, prediction):\n    total = np.mean((prediction - target) ** 2)"
    tail = {"cell_type": "code", "source": "    return float(total)", "metadata": {}, "outputs": []}
    content["cells"].insert(at + 1, tail)


@notebook("“mse” was there 2 times")
def split_between_statements(content):
    """A solution cell split in two that run one after the other."""
    at = position(content, "mse")
    tail = copy.deepcopy(content["cells"][at])
    content["cells"][at]["source"], tail["id"] = "POWER = 2", "tail"
    tail["source"] = "def mse(target, prediction):\n    return float(np.mean((prediction - target) ** POWER))"
    content["cells"].insert(at + 1, tail)


def _merged(content, first, *others):
    """Merge solution cells into the first, as the editor's command does it."""
    sources = [text(cell(content, name)) for name in (first, *others)]
    for name in others:
        content["cells"].remove(cell(content, name))
    write(content, first, "\n\n".join(sources))


@notebook("its text was found in the cell “squared_errors”")
def merged_solutions(content):
    """All three functions in the first solution cell."""
    _merged(content, "squared_errors", "mse", "mse_gradient")


@notebook("its text was found in the cell “mse_gradient”")
def merged_into_the_last(content):
    """All three functions in the last solution cell."""
    _merged(content, "mse_gradient", "squared_errors", "mse")


@notebook("its text was found in the cell “test_mse”")
def merged_with_the_test(content):
    """A solution merged into the locked test below it."""
    source = text(cell(content, "mse")) + "\n\n" + text(cell(content, "test_mse"))
    content["cells"].remove(cell(content, "mse"))
    write(content, "test_mse", source)


@notebook("Labels were lost")
def one_cell_for_everything(content):
    """One unlabelled cell with all code."""
    code = [text(each) for each in content["cells"] if each["cell_type"] == "code"]
    content["cells"] = [{"cell_type": "code", "source": "\n\n".join(code), "metadata": {}, "outputs": []}]


@notebook("“mse” was missing; it was put back", marks={"test_mse": 0.0})
def solution_deleted(content):
    """A solution cell was deleted."""
    content["cells"].remove(cell(content, "mse"))


@notebook("“test_mse” was missing; it was put back")
def test_deleted(content):
    """A test cell was deleted."""
    content["cells"].remove(cell(content, "test_mse"))


@notebook("“setup” was missing|were missing|")
def imports_deleted(content):
    """The cell with the imports was deleted."""
    content["cells"] = [each for each in content["cells"] if each.get("id") != "setup"]


@notebook("missing; it was put back")
def only_solutions_left(content):
    """Everything but the functions was deleted."""
    names = {"squared_errors", "mse", "mse_gradient"}
    content["cells"] = [c for c in content["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") in names]


@notebook("“test_mse” is not yours to change")
def test_edited(content):
    """The visible checks were edited away."""
    write(content, "test_mse", "print('all right')")


@notebook("“mse” had become markdown; it was changed back")
def solution_became_text(content):
    """A solution cell was turned into text by a slip of the keyboard."""
    cell(content, "mse")["cell_type"] = "markdown"


@notebook("“test_mse” had become raw; it was changed back")
def test_became_raw(content):
    """A test cell was turned into a raw one."""
    cell(content, "test_mse")["cell_type"] = "raw"


@notebook("“why_square” had become code; it was changed back")
def answer_became_code(content):
    """The written answer was turned into code."""
    cell(content, "why_square")["cell_type"] = "code"


@notebook(marks={"test_squared_errors": 0.0, "test_mse": 0.0, "test_mse_gradient": 0.0})
def solutions_emptied(content):
    """All solutions were emptied: nothing is written, and that is what the feedback says."""
    for name in ("squared_errors", "mse", "mse_gradient"):
        write(content, name, "")


@notebook("another notebook", status=FAILED)
def another_assignment(content):
    """The notebook of another course under this one's name."""
    source = [{"cell_type": "code", "source": "print(1)", "metadata": {}}, {"cell_type": "markdown", "source": "Text"}]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": source}


@notebook()
def tags_and_collapsed_cells(content):
    """Tags that would skip cells or hide errors, folded and frozen cells."""
    for each in content["cells"]:
        each["metadata"] |= {"tags": ["skip-execution", "raises-exception"], "collapsed": True, "editable": False}
