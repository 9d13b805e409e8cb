"""The bank of harms: ways in which a notebook can hurt the machine, the grader, its neighbours or itself.

Each is a notebook of one small course with three functions. `double` stands before the harm and is right; the harm
comes in a cell after it, or inside `triple` when it is asked; `half` stands behind it and is right. `bank()` lists them all;
`course.py` makes the course and a student's folder for each.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field

FAMILIES = ("endings", "floods", "interpreter", "reaching_out", "answers", "telling")
LEFT = "left-by-a-harm"  # part of the name of every file that a harm makes
SLEEP = "98765"  # how long the processes sleep that a harm starts: nobody else's do


@dataclass(frozen=True)
class Harm:
    """One harm, and what it costs."""

    name: str
    does: str  # one sentence
    cell: str = ""  # an extra code cell between test_double and triple
    triple: str = "def triple(x):\n    return 3 * x"  # the text of the attacked function's cell
    loses: tuple | None = ()  # the functions that lose marks, all others keep theirs; None: any but those before it
    said: str = ""  # what the feedback says of it (a regular expression)
    files: dict = field(default_factory=dict)  # beside the notebook: name (bytes) → content
    edit: Callable | None = None  # changes the notebook


def bank():
    """All harms, family by family."""
    return [harm for name in FAMILIES for harm in importlib.import_module(f"tests.support.harms.{name}").HARMS]


def in_a_cell(name, does, cell, said="", loses=()):
    """A harm done by a cell that nobody needs: it costs nothing but its own outputs."""
    return Harm(name, does, cell=cell.strip("\n"), said=said, loses=loses)


def when_asked(name, does, triple, said=""):
    """A harm done by `triple` when it is asked: it costs the marks of `triple`."""
    return Harm(name, does, triple=triple.strip("\n"), said=said, loses=("triple",))
