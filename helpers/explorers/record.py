"""What the course knows of an explorer beside its code, in one record.

The list of the package, the playground, the documentation's page and pictures, the tests' moves and the benchmark are
made from these records: a new explorer is a module here with one named EXPLORER.

Lesson: 01_mse, "One number for how wrong".
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Explorer:
    """One explorer."""

    make: Callable  # returns the Live; can be called without arguments; its name begins with explore_
    title: str  # in the documentation
    tab: str  # its tab in the playground: short
    sentence: str  # below the tab: what to look for
    lesson: str  # where it is shown, such as "01_mse"
    shown: dict  # the arguments that make the documentation's picture
    move: tuple  # (arguments, control, value): setting the control so gives another picture, which the tests look at
    timed: tuple  # (arguments, label of a slider): what the benchmark turns

    @property
    def name(self):
        """The name of the function, such as "explore_mse"."""
        return self.make.__name__

    def call(self, arguments):
        """The line of Python that makes it with these arguments (a dict)."""
        return f"{self.name}({', '.join(f'{name}={value!r}' for name, value in arguments.items())})"
