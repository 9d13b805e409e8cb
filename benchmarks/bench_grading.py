"""How long does grading take, beside stock nbgrader, and where does the time go? Run by `make bench`.

Parts, each of which can be named on the command line (all by default):

    class     one class over the five assignments, graded by stock `nbgrader autograde` (its own preprocessors, no
              sandbox, no feedback) and by `autograder grade` (sandboxed, with feedback, two workers), in turn
    phases    where our time goes, and the floor: the students' own cells, run bare
    scale     10, 100 and 1,000 submissions: time per submission, and the command's own memory
    feedback  from `autograder grade --student X` to the written feedback, with the answer key at hand
    writer    submissions recorded per second, on SQLite and on PostgreSQL

Seconds of CPU are those of the whole tree of processes. Prints tables and writes build/bench_grading.json. A quiet
machine needs about 12 minutes for everything, 3 with --quick (a smaller class, one round, up to 100 submissions).
"""

import argparse
import json
import shutil
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from measuring import adopt_orphans, measured
from sample_class import BIN, KINDS, assignments, generate, hand_in, make_course, many, whole_class
from tables import significant, spread, summary, table, write_json

HERE = Path(__file__).resolve().parent
PROJECT = [HERE.parent / "autograder", HERE.parent / "helpers"]
MB = 1024**2
NAMES = {
    "stock": "stock nbgrader autograde, asserts, no sandbox",
    "asserts": "autograder grade, the same asserts",
    "questions": "autograder grade, the course's own questions",
}


def say(text):
    print(text, flush=True)


def compile_bytecode():
    """Every installed module compiled, or who starts most processes would pay for it (a few files may not compile)."""
    packages = sysconfig.get_paths()["purelib"]
    measured([sys.executable, "-m", "compileall", "-q", "-j", "0", packages, *PROJECT], HERE, may_fail=True)


class Courses:
    """One prepared course of each kind, made when it is first asked for; each measurement takes a fresh copy."""

    def __init__(self, folder):
        self.folder, self.ready, self.count = Path(folder), {}, 0

    def copy(self, kind, handed_in):
        """A fresh course with these submissions, with nothing graded yet."""
        if kind not in self.ready:
            say(f"  preparing a course: {kind}")
            made = make_course(self.folder / f"ready-{kind}", kind)
            generate(made)  # as for a release: the gradebook is there, and knows the assignments
            if kind != "stock":
                self._make_keys(made, kind)
            self.ready[kind] = made
        self.count += 1
        copy = self.folder / f"course-{self.count}"
        shutil.copytree(self.ready[kind], copy, symlinks=True)
        hand_in(copy, handed_in)
        return copy

    def _make_keys(self, made, kind):
        """Answer keys are made once for an assignment, before the first student: grade one, and keep only the keys."""
        trial = self.folder / f"trial-{kind}"
        shutil.copytree(made, trial)
        hand_in(trial, [("all-right", "all-right", name) for name in assignments()])
        measured([BIN / "autograder", "grade", "--quiet"], trial)
        keys = trial / ".autograder" / "keys"
        if keys.is_dir():  # plain asserts need none
            shutil.copytree(keys, made / ".autograder" / "keys")
            (made / ".autograder").chmod(0o700)
        shutil.rmtree(trial)


# class


def grade_stock(course):
    """All five assignments; nbgrader takes one at a time. Returns (wall, CPU) seconds."""
    runs = [measured([BIN / "nbgrader", "autograde", name], course, may_fail=True) for name in assignments()]
    return sum(run.wall for run in runs), sum(run.cpu for run in runs)


def grade_ours(course, jobs=2):
    """All five assignments in one call. Returns (wall, CPU) seconds."""
    run = measured([BIN / "autograder", "grade", "--quiet", "--jobs", str(jobs)], course)
    return run.wall, run.cpu


def class_part(courses, quick):
    """Stock nbgrader and ours on the same class, in turn."""
    handed_in = whole_class(few=quick)
    rounds = 1 if quick else 3
    taken = {kind: [] for kind in KINDS}
    differences = None
    for number in range(rounds):
        graded = {}
        for kind in KINDS if number % 2 == 0 else reversed(KINDS):
            graded[kind] = courses.copy(kind, handed_in)
            taken[kind].append((grade_stock if kind == "stock" else grade_ours)(graded[kind]))
            say(f"  round {number + 1} of {rounds}, {NAMES[kind]}: {taken[kind][-1][0]:.0f} s")
        differences = _different_marks(graded["stock"], graded["asserts"])
        for folder in graded.values():
            shutil.rmtree(folder)
    notebooks = len(handed_in)
    rows = []
    for kind in KINDS:
        wall, cpu = zip(*taken[kind], strict=True)
        stock_wall, stock_cpu = zip(*taken["stock"], strict=True)
        ratios = [[a / b for a, b in zip(*pair, strict=True)] for pair in ((stock_wall, wall), (stock_cpu, cpu))]
        rows.append(
            [NAMES[kind], spread(wall, notebooks), spread(ratios[0]), spread(cpu, notebooks), spread(ratios[1])]
        )
    say("\n" + table([f"{notebooks} notebooks, two workers", "wall s each", "× less", "CPU s each", "× less"], rows))
    count, differing = differences
    say(f"marks of stock and ours, cell by cell (plain asserts): {count - len(differing)} of {count} equal")
    for line in differing:
        say(f"  differs: {line}")
    seconds = {kind: {"wall": [w for w, _ in taken[kind]], "cpu": [c for _, c in taken[kind]]} for kind in KINDS}
    return {"notebooks": notebooks, "seconds": seconds, "cells": count, "different": differing}


def _different_marks(stock, ours):
    """(how many test cells were compared, the differing ones in words)."""
    first, second = _marks(stock), _marks(ours)
    differing = [
        f"{' / '.join(cell)}: stock {first.get(cell)}, ours {second.get(cell)}"
        for cell in sorted(first.keys() | second.keys())
        if first.get(cell) != second.get(cell)
    ]
    return len(first.keys() | second.keys()), differing


def _marks(course):
    """(student, assignment, cell) → (automatic score, most points) of every graded cell."""
    from nbgrader.api import Gradebook

    found = {}
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        for name in assignments():
            for submission in gradebook.assignment_submissions(name):
                for notebook in submission.notebooks:
                    for grade in notebook.grades:
                        found[submission.student_id, name, grade.name] = (grade.auto_score, grade.max_score)
    return found


# phases


def phases_part(courses, quick):
    """Where the time goes."""
    course = courses.copy("questions", whole_class(few=quick))
    run = measured([sys.executable, HERE / "grading_phases.py", course], course)
    found = json.loads(run.output.strip().splitlines()[-1])
    rows = [
        [phase, significant(spent, 2), f"{spent / found['all']:.0%}"]
        for phase, spent in sorted(found["phases"].items(), key=lambda item: -item[1])
    ]
    rows.append(["all", significant(found["all"], 3), "100%"])
    heads = [f"{found['notebooks']} notebooks, one worker", "CPU ms each", "share"]
    say("\n" + table(heads, rows))
    say(f"({found['sandboxes']} sandboxes were started, {found['start']:.2f} s of CPU each)")
    return found


# scale


def scale_part(courses, quick):
    """Classes of growing size."""
    sizes = [10, 100] if quick else [10, 100, 1000, 100, 10]
    taken = {}
    for size in sizes:
        course = courses.copy("questions", many(size))
        run = measured([BIN / "autograder", "grade", "--quiet", "--jobs", "2"], course)
        taken.setdefault(size, []).append((run.wall / size, run.cpu / size, run.peak_memory / MB))
        say(f"  {size} submissions: {run.wall:.0f} s, {run.peak_memory / MB:.0f} MB")
        shutil.rmtree(course)
    rows = [[f"{size:,}", *(spread(column) for column in zip(*taken[size], strict=True))] for size in sorted(taken)]
    say("\n" + table(["submissions", "wall s each", "CPU s each", "the command's own MB"], rows))
    small, large = taken[100], taken[max(taken)]
    result = {
        str(size): [dict(zip(("wall", "cpu", "mb"), run, strict=True)) for run in runs] for size, runs in taken.items()
    }
    if max(taken) > 100:
        time_ratio = _middle(large, 0) / _middle(small, 0)
        memory_ratio = _middle(large, 2) / _middle(small, 2)
        say(f"1,000 against 100: {time_ratio:.2f} × the time per submission, {memory_ratio:.2f} × the memory")
        result["ratios"] = {"time": time_ratio, "memory": memory_ratio}
    return result


def _middle(runs, column):
    return summary([run[column] for run in runs])["median"]


# feedback


def feedback_part(courses, quick):
    """One student's feedback, from the command to the page."""
    times = 3 if quick else 9
    works = [("all-right", name) for name in assignments()] + [("factor-two-missing", "03_backprop")]
    course = courses.copy("questions", [(student, student, name) for student, name in works])
    taken = {work: [] for work in works}
    for _ in range(times):
        for student, name in works:
            page = course / "feedback" / student / name / f"{name}.html"
            page.unlink(missing_ok=True)
            command = [BIN / "autograder", "grade", name, "--student", student, "--all", "--quiet"]
            taken[student, name].append(measured(command, course).wall)
            if not page.is_file():
                sys.exit(f"{' '.join(map(str, command))} wrote no {page}")
    everything = [seconds for runs in taken.values() for seconds in runs]
    rows = [[f"{name}, {student}", spread(runs)] for (student, name), runs in taken.items()]
    say("\n" + table(["from the command to the page, key at hand", "seconds"], [*rows, ["all", spread(everything)]]))
    return {"seconds": everything, **summary(everything)}


# writer


def writer_part(courses, quick):
    """The gradebook's writer alone."""
    handed_in = [(student, student, name) for student in ("all-right", "nothing-done") for name in assignments()]
    course = courses.copy("questions", handed_in)
    number = 100 if quick else 1000
    run = measured([sys.executable, HERE / "gradebook_writer.py", course, str(number)], course)
    found = json.loads(run.output.strip().splitlines()[-1])
    rates = {what: [found["share"] / seconds for seconds in taken] for what, taken in found["seconds"].items()}
    rows = [[what, spread(rate), spread(rate[:1]), spread(rate[-1:])] for what, rate in rates.items()]
    heads = [f"{number:,} submissions, one writer", "recorded per second", "first fifth", "last fifth"]
    rows = [[what, rate, first.split()[0], last.split()[0]] for what, rate, first, last in rows]
    say("\n" + table(heads, rows))
    for what, why in found["left out"].items():
        say(f"left out: {what} ({why})")
    return {"per second": rates, "left out": found["left out"]}


PARTS = {
    "class": class_part,
    "phases": phases_part,
    "scale": scale_part,
    "feedback": feedback_part,
    "writer": writer_part,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a smaller class, one round, up to 100 submissions")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; choose among {', '.join(PARTS)}")
    adopt_orphans()
    compile_bytecode()
    found = {}
    with tempfile.TemporaryDirectory(prefix="bench-grading-") as folder:
        courses = Courses(folder)
        for name in options.parts or PARTS:
            say(f"\n{name} …")
            began = time.perf_counter()
            found[name] = PARTS[name](courses, options.quick)
            say(f"({name} took {(time.perf_counter() - began) / 60:.1f} minutes)")
    write_json("bench_grading", {"quick": options.quick, **found})


if __name__ == "__main__":
    main()
