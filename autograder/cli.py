"""The `autograder` command.

Exit status: 0 all went well; 1 some submission could not be graded, or an audit failed (each named on standard error);
2 nothing was done (bad usage, no course, no sandbox).
"""

# ruff: noqa: E402
from autograder.environment import skip_slow_imports

skip_slow_imports()

import csv
import fcntl
import os
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from autograder import sandbox as walls
from autograder.course import Course, NoCourse

NOTHING_DONE = 2


class Refused(click.ClickException):
    """Nothing was done; the message says why and what to do."""

    exit_code = NOTHING_DONE


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--course", "root", default=".", metavar="FOLDER", help="The course root (default: here).")
@click.pass_context
def main(context, root):
    """Release assignments, grade a class, and audit the questions."""
    context.obj = root


def _course(root):
    try:
        return Course.here(root)
    except NoCourse as error:
        raise Refused(str(error)) from None
    except ValueError as error:
        raise Refused(f"nbgrader_config.py: {error}") from None


def _console(quiet=False):
    """Where tables and progress go; a file or a pipe gets lines that are wide enough for the names."""
    return Console(quiet=quiet, width=None if sys.stdout.isatty() else 160)


def _chosen(course, wanted, among):
    known = course.assignments()
    for name in wanted:
        if name not in known:
            raise Refused(f"There is no assignment “{name}” in source/ (there are: {', '.join(known) or 'none yet'}).")
    return list(dict.fromkeys(wanted)) or among


# release


@main.command()
@click.argument("assignments", nargs=-1)
@click.pass_obj
def release(root, assignments):
    """Make the student versions of ASSIGNMENTS (default: all) in release/, by nbgrader."""
    from nbgrader.apps.api import NbGraderAPI

    from autograder.environment import put_commands_on_path

    course = _course(root)
    os.chdir(course.root)
    for name in _chosen(course, assignments, course.assignments()):
        put_commands_on_path()
        outcome = NbGraderAPI(course.directory, config=course.config).generate_assignment(name, force=True)
        if not outcome["success"]:
            error = (outcome.get("error") or outcome.get("log") or "").strip().split("\n")[-1]
            raise Refused(f"{name} could not be released: {error}")
        click.echo(f"released {name} → {course.folder('release', name)}")


# grade


@main.command()
@click.argument("assignments", nargs=-1)
@click.option("--student", "students", multiple=True, metavar="ID", help="Only this student (may be repeated).")
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count(), show_default=True, help="How many at a time.")
@click.option("--no-sandbox", is_flag=True, help="Run the code unprotected: only for work that you trust.")
@click.option("--quiet", is_flag=True, help="No progress and no table.")
@click.pass_obj
def grade(root, assignments, students, jobs, no_sandbox, quiet):
    """Grade what lies in submitted/<student>/<assignment>/ for ASSIGNMENTS (default: all that were handed in).

    Writes gradebook.db, autograded/, feedback/ and marks.csv.
    """
    from autograder.grading import FAILED, Grader
    from autograder.key import BadKey
    from autograder.record import CannotRecord, register

    course = _course(root)
    course.confined = course.confined and not no_sandbox
    handed_in = [name for name in course.assignments() if course.students(name)]
    chosen = _chosen(course, assignments, handed_in)
    if not chosen:
        raise Refused(f"There is nothing to grade: {course.root / 'submitted'} holds no work for any assignment.")
    console = _console(quiet)
    errors = Console(stderr=True)
    with _only_one(course):
        try:
            _say_wall(course, console)
            graders = []
            for name in chosen:
                register(course, name)
                graders.append(Grader(course, name, progress=lambda text: console.print(f"… {text}", style="dim")))
        except (NoCourse, BadKey, CannotRecord, walls.SandboxUnavailable) as error:
            raise Refused(str(error)) from None
        work = _work(course, graders, students)
        graded = _grade_all(course, work, jobs, console, quiet)
        _write_marks(course)
    graded.sort(key=lambda submission: (submission.assignment, submission.student))
    console.print(_marks_table(course, graded))
    console.print(
        f"feedback   {course.root / 'feedback'}\ngradebook  {course.db_url}\nmarks      {course.root / 'marks.csv'}"
    )
    failed = [submission for submission in graded if submission.status == FAILED]
    for submission in failed:
        said = f"{submission.student}/{submission.assignment} could not be graded: {submission.reason}"
        errors.print(said, soft_wrap=True, markup=False, highlight=False)
    sys.exit(1 if failed else 0)


def _say_wall(course, console):
    if course.confined:
        console.print(f"sandbox: {walls.probe(course.limits)}, no network, nothing of the course visible")
    else:
        console.print(
            "[bold]no sandbox[/bold]: every submission runs with your rights; this is said in each feedback page"
        )


def _work(course, graders, students):
    """Each grader with its students. Raises Refused for a student who has handed in nothing."""
    work = []
    for grader in graders:
        known = course.students(grader.assignment)
        missing = sorted(set(students) - set(known)) if len(graders) == 1 else []
        if missing:
            where = course.root / "submitted"
            raise Refused(f"Nothing of {', '.join(missing)} for {grader.assignment} lies in {where}.")
        work.append((grader, [student for student in known if not students or student in students]))
    if students and not any(chosen for _, chosen in work):
        raise Refused(f"Nothing of {', '.join(students)} lies in {course.root / 'submitted'}.")
    return work


def _grade_all(course, work, jobs, console, quiet):
    """Run and mark in parallel; record and write from here, one submission at a time."""
    from autograder.grading import write_autograded
    from autograder.record import open_gradebook, record, write_feedback

    columns = [SpinnerColumn(), TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()]
    columns.append(TextColumn("{task.fields[last]}"))
    graded = []
    with (
        open_gradebook(course) as gradebook,
        Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress,
    ):
        task = progress.add_task("grading", total=sum(len(students) for _, students in work), last="")
        for grader, students in work:
            for submission in _graded_as_they_come(grader, students, jobs):
                record(gradebook, submission, _timestamp(course, submission), course.config)
                write_autograded(course, submission)
                write_feedback(course, gradebook, submission)
                graded.append(submission)
                progress.update(task, advance=1, last=f"{submission.student}: {submission.status}")
    return graded


def _graded_as_they_come(grader, students, jobs):
    """The students' submissions, each as soon as it is run and marked."""
    with ThreadPoolExecutor(max_workers=jobs) as pool, grader:
        futures = [pool.submit(grader.grade, student) for student in students]
        try:
            yield from (future.result() for future in as_completed(futures))
        except BaseException:
            for future in futures:
                future.cancel()
            raise


def _timestamp(course, submission):
    from autograder.course import read_plain_file

    path = course.folder("submitted", submission.assignment, submission.student) / "timestamp.txt"
    content = read_plain_file(path, 1000)
    if content is None:
        return None
    from nbgrader.utils import parse_utc

    text = content.decode("utf-8", "replace").strip()
    try:
        parse_utc(text)
    except (ValueError, OverflowError, TypeError):
        return None
    return text


class _only_one:
    """One `grade` at a time in a course: the second is told so."""

    def __init__(self, course):
        self.path = course.private / "grading.lock"

    def __enter__(self):
        self.file = open(self.path, "w")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.file.close()
            raise Refused("Another `autograder grade` is at work in this course. Wait until it has finished.") from None

    def __exit__(self, *_):
        self.file.close()


def _marks_table(course, graded):
    from autograder.record import open_gradebook

    table = Table(title="Marks", title_justify="left", expand=False)
    table.add_column("assignment")
    table.add_column("student")
    table.add_column("points", justify="right")
    table.add_column("status")
    table.add_column("mistakes found")
    with open_gradebook(course) as gradebook:
        for submission in graded:
            row = gradebook.find_submission(submission.assignment, submission.student)
            waits = " (waits for manual grading)" if row.needs_manual_grade else ""
            points = f"{round(row.score, 2):g} / {row.max_score:g}"
            found = ", ".join(submission.mistakes)
            status = submission.status + waits
            table.add_row(submission.assignment, submission.student, points, status, found)
    return table


def _write_marks(course):
    """marks.csv: every recorded submission of the course, properly quoted."""
    import json

    from nbgrader.api import SubmittedAssignment

    from autograder.grading import write_whole
    from autograder.record import open_gradebook

    lines = [
        [
            "assignment",
            "student",
            "status",
            "score",
            "max_score",
            "needs_manual_grade",
            "late_penalty",
            "mistakes",
            "reason",
        ]
    ]
    with open_gradebook(course) as gradebook:
        rows = gradebook.db.query(SubmittedAssignment).all()
        for row in sorted(rows, key=lambda row: (row.assignment.name, row.student_id)):
            path = course.folder("autograded", row.assignment.name, row.student_id) / "grading.json"
            known = json.loads(path.read_text()) if path.is_file() else {"status": "", "mistakes": [], "reason": ""}
            penalty = row.late_submission_penalty or 0
            score = round(row.score - penalty, 4)
            waits = "yes" if row.needs_manual_grade else "no"
            found = " ".join(known["mistakes"])
            name, student = row.assignment.name, _harmless(row.student_id)
            lines.append(
                [
                    name,
                    student,
                    known["status"],
                    score,
                    row.max_score,
                    waits,
                    penalty,
                    found,
                    _harmless(known["reason"]),
                ]
            )
    import io

    text = io.StringIO()
    csv.writer(text).writerows(lines)
    write_whole(course.root / "marks.csv", text.getvalue(), 0o600)


def _harmless(text):
    """A cell that no spreadsheet takes for a formula."""
    text = " ".join(text.split())
    return "'" + text if text[:1] in "=+-@" and text else text


# audit


@main.command()
@click.argument("assignments", nargs=-1)
@click.option("--no-sandbox", is_flag=True, help="Without bubblewrap (the code is the course's own).")
@click.pass_obj
def audit(root, assignments, no_sandbox):
    """Run every known mistake and every right alternative of ASSIGNMENTS (default: all) against the questions.

    Fails when a mistake keeps full marks, when two cannot be told apart, or when a right alternative loses marks.
    """
    from autograder.audit import audit as run_audit
    from autograder.key import BadKey

    course = _course(root)
    course.confined = course.confined and not no_sandbox
    console = _console()
    troubles = 0
    for name in _chosen(course, assignments, course.assignments()):
        try:
            result = run_audit(course, name, progress=lambda text: console.print(f"… {text}", style="dim"))
        except (NoCourse, BadKey, walls.SandboxUnavailable) as error:
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
            console.print(f"  note: {remark}", style="dim", markup=False)
        for trouble in result.troubles:
            click.echo(f"FAILED  {name}: {trouble}", err=True)
        troubles += len(result.troubles)
    console.print("audit: all is well" if not troubles else f"audit: {troubles} troubles")
    sys.exit(1 if troubles else 0)


if __name__ == "__main__":
    main()
