"""What a submission's marks depend on, in a short name: equal fingerprints, equal marks.

The student's files; the instructor's notebook with its questions and solutions; the seeds, the mistakes, the limits and
what is withheld; when it was handed in and how late that is; and the code that rebuilds, runs and marks.
"""

import hashlib
import json
import sys
from functools import cache
from pathlib import Path

import nbformat
import numpy as np

from autograder.mistakes import catalogue
from autograder.results import digest_of

PACKAGE = Path(__file__).parent
# What only shows, asks or hands over, and so changes no mark.
NOT_FOR_MARKS = set(
    "cli.py class_run.py cluster.py progress.py tables.py audit.py nbgrader_plugin.py exchange.py release.py students.md "
    "report.py report_command.py report_data.py report_pictures.py report.html similarity.py "
    "lms.py lms_download.py roster.py spreadsheet.py address.py leftovers.py".split()
)


def of_assignment(course, grader):
    """What all submissions of an assignment share."""
    sections = {name: str(course.config.get(name, "")) for name in ("AssignLatePenalties", "LateSubmissionPlugin")}
    sources = course.folder("source", grader.assignment)
    parts = [
        code_version(),
        {name: _hash((sources / f"{name}.ipynb").read_bytes()) for name in grader.masters},
        grader.seeds,
        [vars(mistake) for mistake in catalogue(grader.assignment, course.root)],
        [repr(course.limits), course.budgets, list(course.withheld(grader.assignment)), course.confined, sections],
    ]
    return digest_of(parts)


def of_submission(shared, handed_in, timestamp, due):
    """One submission's. shared: of_assignment. handed_in: handed_in.HandedIn. timestamp: text or None. due: date or None."""
    found = {
        name: [_hash(each.data), each.said, each.reason, each.missing] for name, each in handed_in.notebooks.items()
    }
    files = {name: _hash(content) for name, content in handed_in.files.items()}
    return digest_of([shared, found, files, handed_in.remarks, timestamp, str(due)])


@cache
def code_version():
    """The code that marks depend on, and the versions of what it stands on."""
    helpers = PACKAGE.parent / "helpers"
    files = [path for path in PACKAGE.rglob("*") if path.name not in NOT_FOR_MARKS and _is_text(path)]
    files += [path for path in helpers.glob("*.py")]
    texts = {f"{path.parent.name}/{path.name}": _hash(path.read_bytes()) for path in sorted(files)}
    return hashlib.sha256(
        json.dumps([texts, sys.version, np.__version__, nbformat.__version__], sort_keys=True).encode()
    ).hexdigest()[:32]


def _is_text(path):
    return path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")


def _hash(content):
    return None if content is None else hashlib.sha256(content).hexdigest()
