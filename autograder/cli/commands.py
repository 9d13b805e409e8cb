"""The `autograder` command.

Exit status: 0 all went well; 1 some submission could not be graded, or an audit failed (each named on standard error);
2 nothing was done (bad usage, no course, no sandbox); 130 ended by Ctrl-C, SIGTERM or SIGHUP.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograder.environment import all_endings_like_ctrl_c, loading, skip_slow_imports

INTERRUPTED = 130
skip_slow_imports()

try:
    with loading():
        import click
        from rich.console import Console
        from rich.table import Table

        from autograder import leftovers
        from autograder.cli.refused import Refused, no_assignment
        from autograder.cli.report import report
        from autograder.course.settings import Course, NoCourse
        from autograder.visible import make_logs_visible, visible, visible_lines
        from helpers import __version__
except KeyboardInterrupt:
    sys.exit(INTERRUPTED)

if TYPE_CHECKING:
    from autograder.grading.session import GradingSession


class Commands(click.Group):
    """The commands; each may be ended at any moment, and says so in a line."""

    def invoke(self, context: click.Context) -> Any:
        try:
            with all_endings_like_ctrl_c():
                return super().invoke(context)
        except KeyboardInterrupt:
            with contextlib.suppress(OSError):  # the terminal may have gone
                click.echo("Interrupted. The same command does it again.", err=True)
            context.exit(INTERRUPTED)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--course", "root", default=".", metavar="FOLDER", help="The course root (default: here).")
@click.version_option(__version__, prog_name="nn-course-lab")
@click.pass_context
def main(context: click.Context, root: str) -> None:
    """Release assignments, grade a class, and audit the questions."""
    make_logs_visible()
    context.obj = root


def _course(root: str) -> Course:
    try:
        return Course.here(root)
    except NoCourse as error:
        raise Refused(str(error)) from None
    except ValueError as error:
        raise Refused(f"nbgrader_config.py: {error}") from None


def _console(quiet: bool = False) -> Console:
    """Where tables and progress go; a file or a pipe gets lines that are wide enough for the names."""
    return Console(quiet=quiet, width=None if sys.stdout.isatty() else 160)


def _say_progress(console: Console, text: str) -> None:
    console.print(f"… {visible(text)}", style="dim", markup=False)


def _chosen(course: Course, wanted: Sequence[str], among: list[str] | None = None) -> list[str]:
    """The assignments that a command is for: those wanted, or `among` (default: all that have a source)."""
    known = course.assignments()
    for name in wanted:
        if name not in known:
            raise no_assignment(course, name)
    if not known:
        raise Refused(f"There is no assignment yet: {course.root / 'source'} holds no <name>/<name>.ipynb.")
    return list(dict.fromkeys(wanted)) or (known if among is None else among)


def _nothing_handed_in(course: Course, assignments: Sequence[str]) -> str:
    """Where work was looked for, and where it lies instead if that can be seen."""
    where = course.root / "submitted"
    if not where.is_dir():
        hint = "That folder is not there yet. "
    else:
        turned = [name for name in course.assignments() if (where / name).is_dir()]
        hint = f"It has submitted/{turned[0]}/, so the two may be the wrong way round. " if turned else ""
    return (
        f"There is nothing to grade: {where} holds no work for {', '.join(assignments) or 'any assignment'}. {hint}"
        "Work is looked for in submitted/<student>/<assignment>/<notebook>.ipynb."
    )


# release


@main.command("release")
@click.argument("assignments", nargs=-1)
@click.pass_obj
def release_(root: str, assignments: tuple[str, ...]) -> None:
    """Make the student versions of ASSIGNMENTS (default: all) in release/, by nbgrader, and dist/lab03-student.zip.

    The bundle holds lessons, released assignments, helpers and instructions; it is made where the course has lessons.
    """
    from autograder.authoring.release import LESSONS, CannotRelease, release, write_bundle

    course = _course(root)
    try:
        for name, folder in release(course, _chosen(course, assignments)):
            click.echo(f"released {visible(name)} → {visible(folder)}")
        if (course.root / LESSONS).is_dir() and (course.root / "helpers").is_dir():
            click.echo(f"for students: {visible(write_bundle(course))}")
    except (CannotRelease, NoCourse) as error:
        raise Refused(str(error)) from None


# grade


@main.command()
@click.argument("assignments", nargs=-1)
@click.option("--student", "students", multiple=True, metavar="ID", help="Only this student (may be repeated).")
@click.option(
    "--changed/--all",
    "changed",
    default=True,
    help="Grade only what is new or changed since it was graded (the default), or everything.",
)
@click.option("--jobs", type=click.IntRange(1), help="How many at a time (default: one for each core).")
@click.option("--scheduler", metavar="ADDRESS", help="Run on the Dask cluster of this scheduler: tcp://host:8786.")
@click.option("--no-sandbox", is_flag=True, help="Run the code unprotected: only for work that you trust.")
@click.option("--quiet", is_flag=True, help="No progress and no table.")
@click.pass_obj
def grade(
    root: str,
    assignments: tuple[str, ...],
    students: tuple[str, ...],
    changed: bool,
    jobs: int | None,
    scheduler: str | None,
    no_sandbox: bool,
    quiet: bool,
) -> None:
    """Grade what lies in submitted/<student>/<assignment>/ for ASSIGNMENTS (default: all that were handed in).

    Writes gradebook.db, autograded/, feedback/ and marks.csv. Ended at any moment, it goes on when started again.
    """
    with loading():
        from autograder.grading.session import GradingSession

    course = _course(root)
    course.confined = course.confined and not no_sandbox
    handed_in = [name for name in course.assignments() if course.students(name) or course.unusable_names(name)]
    chosen = _chosen(course, assignments, handed_in)
    if not set(chosen) & set(handed_in):
        raise Refused(_nothing_handed_in(course, assignments))
    with GradingSession(course, chosen, jobs, scheduler, everything=not changed) as session:
        session.start_sandboxes(students)
        with loading():  # takes a while, in which the sandboxes start
            from autograder.cli.grade import GradeCommand

        status = GradeCommand(session, students, _console(quiet), quiet).run()
        if status == INTERRUPTED:
            _leave(session)
    sys.exit(status)


def _leave(session: GradingSession) -> None:
    """End now, whatever a thread is still busy with: reading a large file can be stopped by nothing else.

    Returns where notebooks are run on a cluster: no thread reads a file there.
    """
    if session.here is None:
        return
    with contextlib.suppress(Exception):
        session.kill()
    leftovers.remove_own()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(INTERRUPTED)


# audit


@main.command()
@click.argument("assignments", nargs=-1)
@click.option("--no-sandbox", is_flag=True, help="Without bubblewrap (the code is the course's own).")
@click.pass_obj
def audit(root: str, assignments: tuple[str, ...], no_sandbox: bool) -> None:
    """Run every known mistake and every right alternative of ASSIGNMENTS (default: all) against the questions.

    Fails when a mistake keeps full marks, when two cannot be told apart, when a right alternative loses marks, or when a
    function has no questions or no known mistake.
    """
    from autograder.authoring.audit import audit as run_audit
    from autograder.grading.key import BadKey
    from autograder.sandbox.job import SandboxUnavailable

    course = _course(root)
    course.confined = course.confined and not no_sandbox
    console = _console()
    troubles = 0
    for name in _chosen(course, assignments):
        try:
            result = run_audit(course, name, progress=lambda text: _say_progress(console, text))
        except (NoCourse, BadKey, SandboxUnavailable) as error:
            raise Refused(str(error)) from None
        table = Table(
            title=f"{name}: {len(result.rows)} mistakes, {result.alternatives} right alternatives", title_justify="left"
        )
        for heading in ("function", "mistake"):
            table.add_column(heading)
        for heading in ("questions it fails", "marks it keeps"):
            table.add_column(heading, justify="right")
        for row in result.rows:
            table.add_row(row.function, row.mistake, f"{len(row.fails)} of {row.asked}", f"{row.keeps:.0%}")
        console.print(table)
        for remark in result.remarks:
            console.print(f"  note: {visible_lines(remark)}", style="dim", markup=False)
        for trouble in result.troubles:
            click.echo(visible_lines(f"FAILED  {name}: {trouble}"), err=True)
        troubles += len(result.troubles)
    console.print(f"audit: {troubles} found wrong" if troubles else "audit: all is well")
    sys.exit(1 if troubles else 0)


main.add_command(report)
