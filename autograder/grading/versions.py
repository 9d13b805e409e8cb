"""What is done again when the code changes: each file of the engine has one effect, found by its place.

    KEY      the answer key is made again, and submissions are run again
    RUN      submissions are run and marked again, with the key as it is
    PAGES    feedback pages are written again, from the marks that are there
    NOTHING  it only shows, asks or hands over

A course's own changes (a question, a mistake, a seed, a limit) are in grading/fingerprint.py and grading/key.py.
"""

from __future__ import annotations

import hashlib
import json
import sys
from enum import StrEnum
from functools import cache
from pathlib import Path

import nbformat
import numpy as np

from autograder import installed


class Effect(StrEnum):
    KEY = "key"
    RUN = "run"
    PAGES = "pages"
    NOTHING = "nothing"


# The longest place that fits counts: a file goes before the room that it lies in.
EFFECTS = {
    "notebook": Effect.KEY,
    "sandbox": Effect.KEY,
    "running": Effect.KEY,
    "running/cluster.py": Effect.NOTHING,
    "running/wire.py": Effect.NOTHING,
    "marking": Effect.RUN,
    "course": Effect.RUN,
    "feedback": Effect.RUN,  # a verdict's table stands in the graded notebook, too
    "feedback/templates/feedback.html": Effect.PAGES,
    "gradebook": Effect.RUN,
    "gradebook/address.py": Effect.NOTHING,
    "grading": Effect.RUN,
    "grading/key.py": Effect.KEY,
    "grading/class_run.py": Effect.NOTHING,
    "grading/marks_csv.py": Effect.NOTHING,
    "grading/session.py": Effect.NOTHING,
    "authoring": Effect.NOTHING,
    "reports": Effect.NOTHING,
    "lms": Effect.NOTHING,
    "cli": Effect.NOTHING,
    "nbgrader_plugin": Effect.NOTHING,
    "__init__.py": Effect.NOTHING,
    "budget.py": Effect.RUN,
    "environment.py": Effect.NOTHING,
    "files.py": Effect.NOTHING,
    "installed.py": Effect.NOTHING,
    "judging.py": Effect.RUN,
    "leftovers.py": Effect.NOTHING,
    "mistakes.py": Effect.RUN,
    "spreadsheet.py": Effect.NOTHING,
    "submission.py": Effect.RUN,
    "visible.py": Effect.RUN,
}


def effect_of(place: str) -> Effect:
    """The effect of a change in one file. place: under autograder/, with slashes. Raises KeyError for one without any."""
    parts = place.split("/")
    fitting = ["/".join(parts[:number]) for number in range(len(parts), 0, -1)]
    return EFFECTS[next((each for each in fitting if each in EFFECTS), place)]


@cache
def code_version(effect: Effect) -> str:
    """The version of all code whose change has this effect, and for RUN those of KEY as well."""
    wanted = {effect, Effect.KEY} if effect is Effect.RUN else {effect}
    files = [path for path in installed.PACKAGE.rglob("*") if _is_text(path) and _effect(path) in wanted]
    if Effect.KEY in wanted:
        files += installed.HELPERS.glob("*.py")
    texts = {installed.name_of(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)}
    stands_on = [sys.version, np.__version__, nbformat.__version__] if Effect.KEY in wanted else []
    return hashlib.sha256(json.dumps([texts, stands_on], sort_keys=True).encode()).hexdigest()[:32]


def _effect(path: Path) -> Effect:
    return effect_of(path.relative_to(installed.PACKAGE).as_posix())


def _is_text(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
