"""How many submissions one writer records in a second. Run by bench_grading.py in a process of its own.

    python benchmarks/gradebook_writer.py COURSE NUMBER

runs and marks the works in COURSE once, and then writes them again and again under other students' names: into a new
SQLite gradebook, and into one on a PostgreSQL server where that is installed. Each once for the gradebook alone (one
transaction for each submission) and once with all that one submission leaves behind: the graded notebook, the
verdicts, the feedback page. Prints one line of JSON: seconds for each of five shares of the submissions.
"""

import itertools
import json
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from autograder.environment import skip_slow_imports  # noqa: E402

skip_slow_imports()

from postgres import NoServer, server  # noqa: E402

from autograder.course.settings import Course  # noqa: E402
from autograder.gradebook.opening import open_gradebook  # noqa: E402
from autograder.gradebook.record import record  # noqa: E402
from autograder.gradebook.registering import register  # noqa: E402
from autograder.grading.grader import Grader  # noqa: E402
from autograder.grading.recorder import Recorder  # noqa: E402

SHARES = 5


def graded_once(course):
    """Every work of the course, run and marked, and the graders' notebooks: (submissions, assignment → masters)."""
    submissions, masters = [], {}
    for assignment in course.assignments():
        with Grader(course, assignment) as grader:
            masters[assignment] = grader.masters
            for student in course.students(assignment):
                submissions.append(grader.grade(student, grader.read(student)))
    return submissions, masters


def seconds_of_writing(course, submissions, masters, number, with_files):
    """Write `number` submissions into the course's gradebook; the seconds of each fifth of them."""
    prefix = "with-files" if with_files else "marks-only"  # each student is new to the gradebook
    names = (f"{prefix}-{count:06}" for count in itertools.count(1))
    pairs = zip(itertools.cycle(submissions), names, strict=False)
    taken = []
    with open_gradebook(course) as gradebook:
        for assignment, notebooks in masters.items():
            register(course, gradebook, assignment, notebooks)
        recorder = Recorder(course, gradebook)
        for _ in range(SHARES):
            began = time.perf_counter()
            for submission, name in itertools.islice(pairs, number // SHARES):
                copy = replace(submission, student=name)
                if with_files:
                    recorder.record(copy, "made from nothing", None)
                else:
                    record(gradebook, copy, None, course.config)
                gradebook.db.expunge_all()
            taken.append(time.perf_counter() - began)
    return taken


def main():
    root, number = Path(sys.argv[1]), int(sys.argv[2])
    course = Course.here(root)
    submissions, masters = graded_once(course)
    found, left_out = {}, {}

    def write(kind, address):
        for with_files in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                shutil.copy(root / "nbgrader_config.py", folder)
                shutil.copytree(root / "source", f"{folder}/source")
                other = Course.here(folder)
                if address:
                    other.directory.db_url = address
                what = f"{kind}, with files and feedback" if with_files else f"{kind}, the gradebook alone"
                found[what] = seconds_of_writing(other, submissions, masters, number, with_files)

    write("SQLite", None)
    try:
        with server() as address:
            write("PostgreSQL", address)
    except NoServer as error:
        left_out["PostgreSQL"] = str(error)
    print(json.dumps({"share": number // SHARES, "seconds": found, "left out": left_out}))


if __name__ == "__main__":
    main()
