"""Right alternatives: correct solutions in other styles than the instructor's, one file per assignment.

They keep the marking honest from the other side: `autograder audit` fails when one of them loses marks. A file names its
ASSIGNMENT and lists ALTERNATIVES as (function, what is different about it, source). An instructor's own are in
`alternatives/*.py` at the course root, in files of the same form.
"""

import importlib
import pkgutil
from dataclasses import dataclass

from autograder.course.own_files import own_modules
from autograder.course.settings import NoCourse


@dataclass(frozen=True)
class Alternative:
    """One right solution of one function."""

    assignment: str  # "03_backprop"
    function: str  # "backward"
    label: str  # what is different about it
    source: str  # Python text that defines the function


def alternatives(assignment=None, root=None):
    """All right alternatives, or those of one assignment.

    root: a course's folder, whose own alternatives come after the others; or None. Raises NoCourse when those cannot be
    used.
    """
    modules = sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name)
    files = [importlib.import_module(f"{__name__}.{module.name}") for module in modules]
    files += [] if root is None else _own(root)
    wanted = [file for file in files if assignment in (None, file.ASSIGNMENT)]
    return [Alternative(file.ASSIGNMENT, *entry) for file in wanted for entry in file.ALTERNATIVES]


def _own(root):
    found = []
    for path, module in own_modules(root / "alternatives"):
        entries = getattr(module, "ALTERNATIVES", None)
        if not hasattr(module, "ASSIGNMENT") or not isinstance(entries, list):
            raise NoCourse(f'{path} needs ASSIGNMENT = "its name" and a list ALTERNATIVES.')
        if any(not isinstance(entry, tuple) or len(entry) != 3 for entry in entries):
            raise NoCourse(f"{path}: every alternative is (function, what is different about it, source).")
        found.append(module)
    return found
