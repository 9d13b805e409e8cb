"""What a submission's marks depend on, in a short name: equal fingerprints, equal marks.

The student's files; the instructor's notebook with its questions and solutions; the seeds, the mistakes, the limits and
what is withheld; when it was handed in and how late that is; and the code that rebuilds, runs and marks.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from autograder.course.catalogue import judge_file, mistakes_of
from autograder.grading.up_to_date import digest_of
from autograder.grading.versions import Effect, code_version

if TYPE_CHECKING:
    from datetime import datetime

    from autograder.course.handed_in import HandedIn
    from autograder.course.settings import Course
    from autograder.grading.grader import Grader


def of_assignment(course: Course, grader: Grader) -> str:
    """What all submissions of an assignment share."""
    sections = {name: str(course.config.get(name, "")) for name in ("AssignLatePenalties", "LateSubmissionPlugin")}
    sources = course.folder("source", grader.assignment)
    parts = [
        code_version(Effect.RUN),
        {name: _hash((sources / f"{name}.ipynb").read_bytes()) for name in grader.masters},
        grader.seeds,
        [vars(mistake) for mistake in mistakes_of(course.root, grader.assignment)],
        {name: _hash(judge_file(course, name)[0].read_bytes()) for key in grader.keys.values() for name in key.judges},
        [repr(course.limits), course.budgets, list(course.withheld(grader.assignment)), course.confined, sections],
    ]
    return digest_of(parts)


def of_submission(shared: str, handed_in: HandedIn, timestamp: str | None, due: datetime | None) -> str:
    """One submission's. shared: of_assignment."""
    found = {
        name: [_hash(each.data), each.said, each.reason, each.missing] for name, each in handed_in.notebooks.items()
    }
    files = {name: _hash(content) for name, content in handed_in.files.items()}
    return digest_of([shared, found, files, handed_in.remarks, timestamp, str(due)])


def _hash(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()
