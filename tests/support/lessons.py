"""Read the notebooks as the tests need them: cells, text, sections."""

import re

import nbformat

from tests.support.courses import ROOT

LESSONS = ["01_mse", "02_gradient_descent", "03_backprop", "04_training_loop", "05_hyperparameters"]
HEADING = re.compile(r"^#{2,3} (.+)$", re.MULTILINE)


def lesson(name):
    """The notebook of a lesson."""
    return nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)


def sections(name):
    """A lesson's sections: heading -> the text and code below it, up to the next heading."""
    found, heading = {}, None
    for cell in lesson(name).cells:
        if cell.cell_type == "code":
            found[heading] = found.get(heading, "") + cell.source + "\n"
            continue
        before, *rest = HEADING.split(cell.source)
        found[heading] = found.get(heading, "") + before + "\n"
        for heading, text in zip(rest[::2], rest[1::2], strict=True):
            found[heading] = text + "\n"
    return found
