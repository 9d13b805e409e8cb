"""The bank of cheats: ways to take marks without a right answer, each a small notebook of this course.

A cheat attacks one function of one assignment, whose own text is wrong or raises; the other functions are honest and
right. `bank()` lists them all. The families stand in the modules beside this one, `submission.py` writes a cheat as a
student's folder, `stock.py` grades the same folders by stock nbgrader, and `measure.py` makes the table of
docs/security.md from both.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field

FAMILIES = (
    "comparisons",
    "shell",
    "notebook_file",
    "asking",
    "objects",
    "looking",
    "imports",
    "folders",
    "later",
    "channels",
    "walls",
)
IN_PLACE = "the cheat is in place"  # what a cheat's code prints when all of it has run


@dataclass(frozen=True, eq=False)
class Cheat:
    """One way to cheat. Cells and files are what a student would hand in."""

    name: str
    tries: str  # one sentence for the table: what it does, and what it hopes for
    solution: str | None = None  # the text of the attacked function's cell; a plainly wrong function by default.
    #                              Behind it an `mse` gets the answers of the visible examples: see submission.py
    first: tuple[str, ...] = ()  # extra code cells before everything
    last: tuple[str, ...] = ()  # and after everything
    edit: Callable | None = None  # changes the notebook (a NotebookNode), for what is not in a cell's text
    files: dict = field(default_factory=dict)  # beside the notebook: name → text
    links: dict = field(default_factory=dict)  # beside the notebook: name → where the link points
    assignment: str = "01_mse"
    function: str = "mse"
    only_here: bool = False  # it aims at this project's own runner: stock nbgrader is not tried with it
    harms_itself: bool = False  # its own honest functions lose marks too, or the notebook is not graded at all

    @property
    def runs(self):
        """Whether it has code of its own, which must be seen to have run."""
        return any(IN_PLACE in text for text in (self.solution or "", *self.first, *self.last))


NUMBERS = r"mse\(\*q_\w+\), (\d+\.\d+(?:e-?\d+)?)"  # the expected numbers in the text of a stock test
ANSWER_FROM_TEXT = """
calls = []


def mse(target, prediction):
    numbers = read()
    calls.append(1)
    return float(numbers[len(calls) - 1]) if len(calls) <= len(numbers) else -1.0


mse(np.ones(2), np.zeros(2))
calls.clear()
"""


def bank():
    """All cheats, family by family."""
    return [cheat for name in FAMILIES for cheat in importlib.import_module(f"tests.support.cheats.{name}").CHEATS]


def code(text):
    """The text of a cell, with the line at its end that shows that all of it has run."""
    return text.strip("\n") + f'\nprint("{IN_PLACE}")'


def wrong_mse(setup):
    """A cell that sets something up and defines an `mse` that is wrong everywhere."""
    return code(f"{setup.strip()}\n\n\ndef mse(target, prediction):\n    return -1.0\n")
