"""Notebooks in other formats, or with parts that are missing or of the wrong kind."""

import copy

from tests.support.broken.bank import FAILED, cell, notebook, text


@notebook()
def no_metadata(content):
    """The notebook has no metadata."""
    del content["metadata"]


@notebook()
def metadata_is_text(content):
    """The notebook's metadata is a text."""
    content["metadata"] = "none"


@notebook("no list of cells", status=FAILED)
def no_cells_key(content):
    """The notebook has no cells."""
    del content["cells"]


@notebook("no list of cells", status=FAILED)
def cells_null(content):
    """The cells are null."""
    content["cells"] = None


@notebook("no list of cells", status=FAILED)
def cells_are_a_map(content):
    """The cells are a map instead of a list."""
    content["cells"] = {str(number): each for number, each in enumerate(content["cells"])}


@notebook("another notebook", status=FAILED)
def no_cell_at_all(content):
    """A notebook without any cell."""
    content["cells"] = []


@notebook()
def cells_of_wrong_kinds(content):
    """Among the cells are null, numbers, texts and lists."""
    content["cells"][1:1] = [None, 3, "cell", [], True, {}]


@notebook()
def sources_as_one_text(content):
    """Every source is one text instead of lines."""
    for each in content["cells"]:
        each["source"] = text(each)


@notebook()
def sources_as_lines(content):
    """Every source is a list of lines."""
    for each in content["cells"]:
        each["source"] = text(each).splitlines(keepends=True)


@notebook()
def sources_as_lines_without_ends(content):
    """Every source is a list of lines that have lost their ends."""
    for each in content["cells"]:
        each["source"] = text(each).split("\n")


@notebook(marks={"test_mse": 0.0})
def source_is_a_number(content):
    """The source of one solution is a number: this function is not written."""
    cell(content, "mse")["source"] = 3


@notebook(marks={"test_mse": 0.0})
def source_is_null(content):
    """The source of one solution is null."""
    cell(content, "mse")["source"] = None


@notebook(marks={"test_mse": 0.0})
def source_is_not_there(content):
    """One solution has no source."""
    del cell(content, "mse")["source"]


@notebook("“mse” had become raw")
def unknown_cell_type(content):
    """A solution's cell has a type that no one knows."""
    cell(content, "mse")["cell_type"] = "video"


@notebook("“mse” had become raw")
def no_cell_type(content):
    """A solution's cell has no type."""
    del cell(content, "mse")["cell_type"]


@notebook("“mse” had become raw")
def cell_type_is_a_list(content):
    """A solution's type is a list."""
    cell(content, "mse")["cell_type"] = ["code"]


def _as_format_3(content, major):
    """The same notebook as formats 2 and 3 wrote it: worksheets, inputs, no labels."""
    cells = []
    for each in content["cells"]:
        if each["cell_type"] == "code":
            old = {
                "cell_type": "code",
                "language": "python",
                "input": each["source"],
                "outputs": [],
                "collapsed": False,
            }
        elif text(each).startswith("# ") and major == 3:
            old = {"cell_type": "heading", "level": 1, "source": text(each)[2:]}
        else:
            old = {"cell_type": each["cell_type"], "source": each["source"]}
        cells.append(old)
    return {"nbformat": major, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}


@notebook("old format 3")
def format_3(content):
    """The notebook as Jupyter wrote it until 2014."""
    return _as_format_3(content, 3)


@notebook("old format 2")
def format_2(content):
    """The notebook as IPython wrote it in 2012."""
    return _as_format_3(content, 2)


@notebook("old format 1")
def format_1(content):
    """The notebook as IPython wrote it in 2011."""
    names = {"code": ("code", "code"), "markdown": ("text", "text")}
    cells = [{"cell_type": names[c["cell_type"]][0], names[c["cell_type"]][1]: text(c)} for c in content["cells"]]
    return {"nbformat": 1, "cells": cells}


@notebook("old format 3")
def format_3_that_says_4(content):
    """A half-converted notebook: format 3's number on format 4's cells."""
    content["nbformat"] = 3


def _minor(number):
    def change(content):
        content["nbformat_minor"] = number
        for each in content["cells"]:
            if number < 5:
                each.pop("id", None)

    change.__name__ = f"format_4_{number}"
    change.__doc__ = f"Format 4.{number}{', without cell ids' if number < 5 else ''}."
    return change


for _number in (0, 1, 2, 3, 4, 5, 99):
    notebook()(_minor(_number))


@notebook("format 5, which is not known yet")
def format_5(content):
    """A notebook of a format to come."""
    content["nbformat"], content["nbformat_minor"] = 5, 0
    content["contents"] = {"anything": []}


@notebook()
def format_is_text(content):
    """The format's number is a text."""
    content["nbformat"], content["nbformat_minor"] = "4", None


@notebook()
def no_format(content):
    """The notebook does not say its format."""
    del content["nbformat"], content["nbformat_minor"]


@notebook("set to run R; it was run as Python")
def kernel_of_r(content):
    """Set to the R kernel."""
    content["metadata"]["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    content["metadata"]["language_info"] = {"name": "R", "file_extension": ".r"}


@notebook("set to run julia; it was run as Python")
def kernel_of_julia(content):
    """Set to the Julia kernel."""
    content["metadata"]["kernelspec"] = {"name": "julia-1.10", "display_name": "Julia 1.10", "language": "julia"}
    content["metadata"].pop("language_info", None)


@notebook()
def no_kernelspec(content):
    """The notebook names no kernel."""
    content["metadata"] = {}


@notebook()
def kernel_that_does_not_exist(content):
    """Set to a kernel that only the student's computer has."""
    content["metadata"]["kernelspec"] = {"name": "my-env-3.14", "display_name": "my env"}


@notebook()
def duplicate_cell_ids(content):
    """All cells have one id."""
    for each in content["cells"]:
        each["id"] = "same"


@notebook()
def blank_and_illegal_cell_ids(content):
    """Cell ids that are blank, too long, numbers, or of characters that are not allowed."""
    odd = ["", " ", "x" * 200, 7, None, "a b/c", "<script>", ["id"]]
    for number, each in enumerate(content["cells"]):
        each["id"] = odd[number % len(odd)]


@notebook()
def exported_by_colab(content):
    """As Colab writes it: its own metadata, ids in the metadata, labels kept."""
    content["metadata"] = {"colab": {"provenance": [], "toc_visible": True}, "kernelspec": {"name": "python3"}}
    content["nbformat_minor"] = 0
    for number, each in enumerate(content["cells"]):
        each["metadata"] |= {"id": f"Qx{number}", "colab": {"base_uri": "https://localhost:8080/"}}
        each.pop("id", None)


@notebook()
def exported_by_vs_code(content):
    """As VS Code writes it."""
    content["metadata"] = {"language_info": {"name": "python", "version": "3.12.1"}, "orig_nbformat": 4}
    for each in content["cells"]:
        each["metadata"]["vscode"] = {"languageId": "python"}


@notebook()
def exported_by_kaggle(content):
    """As Kaggle writes it."""
    content["metadata"] = {"kaggle": {"accelerator": "none", "dataSources": []}, "papermill": {"exception": None}}
    for each in content["cells"]:
        each["metadata"] |= {"_uuid": "8f2839f2", "trusted": True, "execution": {"iopub.status.busy": "2024-01-01"}}


@notebook("Labels were lost")
def all_cell_metadata_deleted(content):
    """Every cell lost its metadata, as some editors do: the cells are found by their ids."""
    for each in content["cells"]:
        each["metadata"] = {}


@notebook("Labels were lost")
def metadata_and_ids_deleted(content):
    """Every cell lost its metadata and its id: functions are found by name, the written answer by its place."""
    for each in content["cells"]:
        each["metadata"] = {}
        each.pop("id", None)


@notebook()
def attachments(content):
    """Pictures, and things that are none, pasted into text cells."""
    cell(content, "why_square")["attachments"] = {
        "plot.png": {"image/png": "iVBORw0KGgo="},
        "page.html": {"text/html": "<script>alert(1)</script>"},
        "odd": "text",
    }
    content["cells"][0]["attachments"] = ["none"]


@notebook()
def outputs_of_every_kind(content):
    """Saved outputs of wrong kinds, forged scores among them, which are all dropped."""
    for each in content["cells"]:
        each["outputs"] = [{"output_type": "execute_result", "data": {"text/plain": "100"}}, None, 3]
        each["execution_count"] = "many"


@notebook("1001 cells", status=FAILED)
def too_many_cells(content):
    """More cells than are read, so that none is dropped in silence."""
    content["cells"] += [copy.deepcopy(content["cells"][0])] * (1001 - len(content["cells"]))
