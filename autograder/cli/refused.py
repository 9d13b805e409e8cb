"""How a command says that it has done nothing."""

import difflib

import click

from autograder.visible import visible, visible_lines

NOTHING_DONE = 2


class Refused(click.ClickException):
    """Nothing was done; the message says why and what to do."""

    exit_code = NOTHING_DONE

    def format_message(self):
        return visible_lines(self.message)


def no_assignment(course, name):
    """The Refused for an assignment that the course does not have."""
    return Refused(f"There is no assignment “{visible(name)}” in source/ {there_are(name, course.assignments())}.")


def there_are(wanted, known):
    """What there is instead of what was asked for: the likeliest, or a list that a person can still read."""
    meant = difflib.get_close_matches(wanted, known, 1)
    if meant:
        return f"(did you mean “{visible(meant[0])}”?)"
    more = f" and {len(known) - 10} more" if len(known) > 10 else ""
    return f"(there are: {', '.join(map(visible, known[:10])) or 'none yet'}{more})"
