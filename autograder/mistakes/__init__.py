"""The catalogue of mistakes: known wrong versions of the functions that students write, one file per assignment.

A mistake is a real function. Its name says what was done, its docstring is the hint that a student reads, and its body
is run in the instructor's notebook in place of the right function: the answers it gives are how it is recognised.

    mistake = Catalogue("03_backprop")

    @mistake("backward", lesson="Biases are weights too")
    def biases_not_summed(params, cache, target):
        '''You added up nothing over the examples: …'''
        ...

To add one: write it in the assignment's file and run `autograder audit`. An instructor's own are in `mistakes/*.py` at
the course root, in files of the same form.
"""

import ast
import importlib
import inspect
import pkgutil
import textwrap
from dataclasses import dataclass

from autograder.course.own_files import own_modules
from autograder.course.settings import NoCourse


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

    def __init__(self, assignment):
        self.assignment = assignment
        self.mistakes = []

    def __call__(self, function_name, lesson, same_as=None):
        """Enter the decorated function as a wrong version of `function_name`; `lesson` is the heading to reread.

        Raises ValueError when the docstring (the hint) is missing or the name is taken.
        """

        def enter(function):
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


def _definition(function, new_name):
    """The function's source under another name, without its decorator and its docstring."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = tree.body[0]
    definition.name = new_name
    definition.decorator_list = []
    if ast.get_docstring(definition) is not None:
        definition.body = definition.body[1:]
    return ast.unparse(tree)


def catalogue(assignment=None, root=None):
    """All mistakes, or those of one assignment, in the order in which their files give them.

    root: a course's folder, whose own mistakes come after the others; or None. Raises NoCourse when those cannot be used.
    """
    found = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        collected = getattr(importlib.import_module(f"{__name__}.{module.name}"), "mistake", None)
        if isinstance(collected, Catalogue) and assignment in (None, collected.assignment):
            found += collected.mistakes
    return found if root is None else _with_own(found, root, assignment)


def own_catalogues(root):
    """(path, Catalogue) of each file in `mistakes/` at a course's root. Raises NoCourse for a file that is of no use."""
    found = []
    for path, module in own_modules(root / "mistakes"):
        collected = getattr(module, "mistake", None)
        if not isinstance(collected, Catalogue):
            raise NoCourse(f'{path} names no assignment: it needs the line `mistake = Catalogue("assignment")`.')
        found.append((path, collected))
    return found


def _with_own(found, root, assignment):
    found, taken = list(found), {(mistake.assignment, mistake.name) for mistake in found}
    for path, collected in own_catalogues(root):
        if assignment not in (None, collected.assignment):
            continue
        for mistake in collected.mistakes:
            if (mistake.assignment, mistake.name) in taken:
                raise NoCourse(
                    f"{path}: {mistake.assignment} has a mistake called {mistake.name} already. Rename yours."
                )
            taken.add((mistake.assignment, mistake.name))
            found.append(mistake)
    return found
