"""How a command says that it has done nothing."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from autograder.visible import visible, visible_lines

if TYPE_CHECKING:
    from autograder.course.settings import Course

NOTHING_DONE = 2


class Refused(click.ClickException):
    """Nothing was done; the message says why and what to do."""

    exit_code = NOTHING_DONE

    def format_message(self) -> str:
        return visible_lines(self.message)


def no_assignment(course: Course, name: str) -> Refused:
    """The Refused for an assignment that the course does not have."""
    return Refused(f"There is no assignment “{visible(name)}” in source/ {there_are(name, course.assignments())}.")


def there_are(wanted: str, known: Sequence[str]) -> str:
    """What there is instead of what was asked for: the likeliest, or a list that a person can still read."""
    meant = difflib.get_close_matches(wanted, known, 1)
    if meant:
        return f"(did you mean “{visible(meant[0])}”?)"
    more = f" and {len(known) - 10} more" if len(known) > 10 else ""
    return f"(there are: {', '.join(map(visible, known[:10])) or 'none yet'}{more})"
