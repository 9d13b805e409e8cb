"""`autograder report`: what the class got wrong, who needs you, and which work to lay side by side."""

from pathlib import Path

import click

from autograder.cli.refused import Refused, no_assignment
from autograder.visible import visible

FORMATS = {"html": "page", "csv": "as_csv", "json": "as_json"}
PRIVATE = 0o600


@click.command()
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT]...")
@click.option("--csv", "kind", flag_value="csv", help="A table (report.csv) in place of the page.")
@click.option("--json", "kind", flag_value="json", help="All numbers (report.json) in place of the page.")
@click.option("--anonymous", is_flag=True, help="Numbers in place of names and ids.")
@click.option("--output", metavar="FILE", help="Where to write ('-': standard output); default: at the course root.")
@click.pass_obj
def report(root: str, assignments: tuple[str, ...], kind: str | None, anonymous: bool, output: str | None) -> None:
    """Write a report on the class for ASSIGNMENTS (default: all that were handed in): one HTML page, report.html.

    It shows marks, each question's pass rate, the mistakes the class made, who could not be graded and why, what waits
    for a person, and submissions that are nearly the same.
    """
    from autograder.course.settings import Course, NoCourse
    from autograder.files import write_whole
    from autograder.gradebook.opening import CannotRecord
    from autograder.reports import page as report_pages
    from autograder.reports.data import NothingToReport, class_report

    kind = kind or "html"
    try:
        course = Course.here(root)
        for name in assignments:
            if name not in course.assignments():
                raise no_assignment(course, name)
        data = class_report(course, list(dict.fromkeys(assignments)), anonymous)
    except (NoCourse, CannotRecord, NothingToReport) as error:
        raise Refused(str(error)) from None
    except ValueError as error:
        raise Refused(f"nbgrader_config.py: {error}") from None
    text = getattr(report_pages, FORMATS[kind])(data)
    if output == "-":
        click.echo(text, nl=False)
        return
    path = Path(output) if output else course.root / f"report.{kind}"
    try:
        write_whole(path, text, PRIVATE)
    except OSError as error:
        raise Refused(f"The report could not be written to {path}: {error.strerror}.") from None
    click.echo(f"report → {visible(path)}")
