"""Mistakes: known wrong versions of the functions that students write.

A mistake is a real function. Its name says what was done, its docstring is the hint that a student reads, and its body
is run in the instructor's notebook in place of the right function: the answers it gives are how it is recognised.

    mistake = Catalogue("03_backprop")

    @mistake("backward", lesson="Biases are weights too")
    def biases_not_summed(params, cache, target):
        '''You added up nothing over the examples: …'''
        ...

They lie in `mistakes/*.py` at the course root, one file per assignment (course/catalogue.py reads them). To add one: write
it in the assignment's file and run `autograder audit`.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Mistake:
    """One known wrong version of one function."""

    name: str  # as in the feedback's data-mistake attribute: "biases-not-summed"
    assignment: str  # "03_backprop"
    function: str  # the function it replaces: "backward"
    hint: str  # what the student reads: what happened, why it is wrong, no solution
    lesson: str  # the heading of the lesson's section to reread
    source: str  # Python text that defines `function` wrongly, run after the right definition
    same_as: str | None = None  # the mistake whose answers this one shares on purpose: it cannot be told apart


class Catalogue:
    """Collects one assignment's mistakes: a decorator that leaves the function as it is."""

    def __init__(self, assignment: str) -> None:
        self.assignment = assignment
        self.mistakes: list[Mistake] = []

    def __call__(self, function_name: str, lesson: str, same_as: str | None = None) -> Callable[[_Function], _Function]:
        """Enter the decorated function as a wrong version of `function_name`; `lesson` is the heading to reread.

        Raises ValueError when the docstring (the hint) is missing or the name is taken.
        """

        def enter(function: _Function) -> _Function:
            name = function.__name__.replace("_", "-")
            hint = inspect.cleandoc(function.__doc__ or "")
            if not hint:
                raise ValueError(f"the mistake {name} of {self.assignment} has no docstring: it is the student's hint")
            if any(mistake.name == name for mistake in self.mistakes):
                raise ValueError(f"{self.assignment} has two mistakes called {name}")
            source = _definition(function, function_name)
            self.mistakes.append(Mistake(name, self.assignment, function_name, hint, lesson, source, same_as))
            return function

        return enter


def _definition(function: Callable[..., Any], new_name: str) -> str:
    """The function's source under another name, without its decorator and its docstring."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition: Any = tree.body[0]
    definition.name = new_name
    definition.decorator_list = []
    if ast.get_docstring(definition) is not None:
        definition.body = definition.body[1:]
    return ast.unparse(tree)
