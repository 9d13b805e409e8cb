"""Test cells whose hidden part asks f(), and what came of it."""

from autograder.marking.answers import read_sheet
from autograder.notebook.rebuild import split_hidden
from autograder.sandbox.job import Cell

ASK = "from helpers.questions import ask\nask('q', f)"


def asked(name="test_f", hidden=ASK, visible="", needed=""):
    """A test cell. hidden, visible, needed: text."""
    return Cell(name, visible, hidden, hidden, needed=needed, questions=True, seed="s")


def answer(run, number):
    """What the hidden test of a cell got: a number, or None."""
    found = read_sheet({"c": run.cells[number]}).cells["c"].get("q")
    return None if found is None or found.raised or found.value is None else found.value.item()


def hidden_text(source):
    """The lines that stand only in a notebook's hidden regions, for looking for them where they must not be."""
    seen, hidden = set(), set()
    for cell in source.cells:
        visible, only_hidden = split_hidden(cell.source)
        seen |= {line.strip() for line in visible.split("\n")}
        hidden |= {line.strip() for line in only_hidden.split("\n")}
    return {line for line in hidden - seen if len(line) > 12}
