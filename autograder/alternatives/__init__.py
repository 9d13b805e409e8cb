"""Right alternatives: correct solutions in other styles than the instructor's, one file per assignment.

They keep the marking honest from the other side: `autograder audit` fails when one of them loses marks. A file names its
ASSIGNMENT and lists ALTERNATIVES as (function, what is different about it, source).
"""

import importlib
import pkgutil
from dataclasses import dataclass


@dataclass(frozen=True)
class Alternative:
    """One right solution of one function."""

    assignment: str  # "03_backprop"
    function: str  # "backward"
    label: str  # what is different about it
    source: str  # Python text that defines the function


def alternatives(assignment=None):
    """All right alternatives, or those of one assignment."""
    found = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        file = importlib.import_module(f"{__name__}.{module.name}")
        if assignment in (None, file.ASSIGNMENT):
            found += [Alternative(file.ASSIGNMENT, *entry) for entry in file.ALTERNATIVES]
    return found
