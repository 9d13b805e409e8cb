"""What a course knows of its questions' answers, in files at its root: mistakes, right alternatives, judges.

`mistakes/*.py` hold known wrong solutions (autograder.mistakes). `alternatives/*.py` hold right solutions in other styles
than the instructor's: they keep the marking honest from the other side, since `autograder audit` fails when one of them
loses marks. Such a file names its ASSIGNMENT and lists ALTERNATIVES as (function, what is different about it, source).
A judge tries out an open choice (autograder.judging); nbgrader_config.py names it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.course.own_files import own_module, own_modules
from autograder.course.settings import Course, NoCourse
from autograder.mistakes import Catalogue, Mistake

if TYPE_CHECKING:
    from autograder.judging import Judged

    Judge = Callable[[Any], Judged]  # of what answers.read_value gave


@dataclass(frozen=True)
class Alternative:
    """One right solution of one function."""

    assignment: str  # "03_backprop"
    function: str  # "backward"
    label: str  # what is different about it
    source: str  # Python text that defines the function


def catalogues(root: Path) -> list[tuple[Path, Catalogue]]:
    """Each file in `mistakes/` at a course's root. Raises NoCourse for a file that is of no use."""
    found = []
    for path, module in own_modules(root / "mistakes"):
        collected = getattr(module, "mistake", None)
        if not isinstance(collected, Catalogue):
            raise NoCourse(f'{path} names no assignment: it needs the line `mistake = Catalogue("assignment")`.')
        found.append((path, collected))
    return found


def mistakes_of(root: Path, assignment: str | None = None) -> list[Mistake]:
    """All mistakes of a course, or those of one assignment, in the order in which its files give them.

    Raises NoCourse when they cannot be used.
    """
    found: dict[tuple[str, str], Mistake] = {}
    for path, collected in catalogues(root):
        for mistake in collected.mistakes if assignment in (None, collected.assignment) else ():
            if (mistake.assignment, mistake.name) in found:
                raise NoCourse(
                    f"{path}: {mistake.assignment} has a mistake called {mistake.name} already. Rename yours."
                )
            found[mistake.assignment, mistake.name] = mistake
    return list(found.values())


def alternatives_of(root: Path, assignment: str | None = None) -> list[Alternative]:
    """All right alternatives of a course, or those of one assignment. Raises NoCourse when they cannot be used."""
    found = []
    for path, module in own_modules(root / "alternatives"):
        entries = getattr(module, "ALTERNATIVES", None)
        if not hasattr(module, "ASSIGNMENT") or not isinstance(entries, list):
            raise NoCourse(f'{path} needs ASSIGNMENT = "its name" and a list ALTERNATIVES.')
        if any(not isinstance(entry, tuple) or len(entry) != 3 for entry in entries):
            raise NoCourse(f"{path}: every alternative is (function, what is different about it, source).")
        if assignment in (None, module.ASSIGNMENT):
            found += [Alternative(module.ASSIGNMENT, *entry) for entry in entries]
    return found


def judge_of(course: Course, name: str) -> Judge:
    """The function that judges open choices under this name. Raises NoCourse when the course has none."""
    path, function = judge_file(course, name)
    judge: Judge | None = getattr(own_module(path), function, None)
    if not callable(judge):
        raise NoCourse(f"The judge {name!r} is to be {function!r} in {path}, and there is no such function.")
    return judge


def judge_file(course: Course, name: str) -> tuple[Path, str]:
    """The file of a judge and the function's name in it. Raises NoCourse when there is no such file."""
    if not course.lab.judges.get(name):
        raise NoCourse(
            f"A question asks for the judge {name!r}, and nbgrader_config.py names none. Add this line: "
            f"c.CourseLab.judges.update({{{name!r}: 'judges/FILE.py:FUNCTION'}})"
        )
    place, _, function = course.lab.judges[name].partition(":")
    path = course.root / place
    if not path.is_file():
        raise NoCourse(f"A question asks for the judge {name!r}, and its file is not there: {path}.")
    return path, function
