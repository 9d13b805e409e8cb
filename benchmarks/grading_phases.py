"""Where the time goes while a class is graded, and the floor under it. Run by bench_grading.py in a process of its own.

    python benchmarks/grading_phases.py COURSE

grades every submission of COURSE with one worker, notes how long each step took in this process and how much the
sandboxes used, and then runs the same notebooks' cells bare, in this one warm process. Prints one line of JSON:
milliseconds of CPU per notebook and phase.
"""

import contextlib
import functools
import io
import json
import os
import resource
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from autograder.environment import skip_slow_imports  # noqa: E402

skip_slow_imports()

from measuring import adopt_orphans, reap_orphans  # noqa: E402

from autograder.course.settings import Course  # noqa: E402
from autograder.grading import grader, grading_file, recorder  # noqa: E402
from autograder.grading.session import GradingSession  # noqa: E402
from autograder.notebook import rebuild  # noqa: E402
from autograder.sandbox.job import Cell, Job  # noqa: E402
from autograder.sandbox.pool import SandboxPool  # noqa: E402
from autograder.sandbox.process import SandboxProcess  # noqa: E402
from autograder.sandbox.sandbox import Sandbox  # noqa: E402

STEPS = [  # where a function is looked up, its name, and the phase that it belongs to
    (grader.Grader, "read", "reading and rebuilding"),
    (rebuild, "read_notebook", "reading and rebuilding"),
    (rebuild, "rebuild", "reading and rebuilding"),
    (SandboxPool, "run", "talking to the sandbox"),
    (grader, "mark_cell", "marking"),
    (grader.Grader, "_mark", "marking"),
    (recorder, "record", "recording in the gradebook"),
    (recorder, "marks_of", "recording in the gradebook"),
    (recorder.Recorder, "_write_notebooks", "writing files"),
    (grading_file, "write", "writing files"),
    (recorder.Recorder, "_write_pages", "writing files"),
    (recorder, "render", "rendering feedback"),
]


class Clock:
    """CPU seconds of the running thread, by phase; a step inside another counts for itself only."""

    def __init__(self):
        self.seconds, self.stack = defaultdict(float), threading.local()

    def watch(self, place, name, phase):
        function = getattr(place, name)

        @functools.wraps(function)
        def watched(*arguments, **named):
            inner = self.stack.inner = [*getattr(self.stack, "inner", []), 0.0]
            depth, began = len(inner) - 1, time.thread_time()
            try:
                return function(*arguments, **named)
            finally:
                took = time.thread_time() - began
                below = self.stack.inner[depth]
                self.seconds[phase] += took - below
                self.stack.inner = self.stack.inner[:depth]
                if depth:
                    self.stack.inner[depth - 1] += took

        setattr(place, name, watched)


def cpu(who):
    """Seconds so far, of this process or of all that it has started. All sandboxes must have ended."""
    reap_orphans()
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def grade_all(course, started):
    """Grade everything with one worker. Returns how many notebooks that were. `started` counts sandboxes."""
    start = SandboxProcess.open

    def counted(sandbox):
        started.append(1)
        return start(sandbox)

    SandboxProcess.open = counted
    work = {assignment: course.students(assignment) for assignment in course.assignments()}
    with GradingSession(course, list(work), jobs=1, everything=True) as session, session.opened() as run:
        notebooks = sum(len(work[name]) * len(run.graders[name].masters) for name in work)
        run.grade(work)
    SandboxProcess.open = start
    return notebooks


def cost_of_a_start(course, times=3):
    """CPU seconds of one sandbox that starts and ends without any work."""
    before = cpu(resource.RUSAGE_CHILDREN)
    for _ in range(times):
        with Sandbox(course.sandbox_settings()):
            pass
    return (cpu(resource.RUSAGE_CHILDREN) - before) / times


def cost_of_a_fork(course, start, times=20):
    """CPU seconds of one notebook without anything in it: fork, an IPython shell, one hidden test, sweeping, end."""
    before = cpu(resource.RUSAGE_CHILDREN)
    with Sandbox(course.sandbox_settings()) as sandbox:
        for _ in range(times):
            sandbox.run(Job((Cell("test", "", "1", "1"),)))
    return (cpu(resource.RUSAGE_CHILDREN) - before - start) / times


def floor(course):
    """CPU seconds per notebook of the cells themselves, as they are handed in: no shell, no pictures, no hidden tests."""
    os.environ["MPLBACKEND"] = "agg"
    import matplotlib.pyplot as plt

    jobs = []
    for assignment in course.assignments():
        for name in course.notebooks(assignment):
            master = rebuild.master_notebook(course.source_notebook(assignment, name), course.config)
            for student in course.students(assignment):
                path = course.folder("submitted", assignment, student) / f"{name}.ipynb"
                built = rebuild.rebuild(rebuild.read_notebook(path.read_bytes()), master)
                cells = [cell.source for cell in built.notebook.cells if cell.cell_type == "code"]
                jobs.append([rebuild.split_hidden(source)[0] for source in cells])
    _run_bare(jobs[0])  # what is imported only once
    before = cpu(resource.RUSAGE_SELF)
    for sources in jobs:
        _run_bare(sources)
        plt.close("all")
    return (cpu(resource.RUSAGE_SELF) - before) / len(jobs)


def _run_bare(sources):
    space = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for source in sources:
            with contextlib.suppress(Exception):
                exec(compile(source, "cell", "exec"), space)


def main():
    adopt_orphans()
    course = Course.here(sys.argv[1])
    clock, started = Clock(), []
    for step in STEPS:
        clock.watch(*step)
    own, inside = cpu(resource.RUSAGE_SELF), cpu(resource.RUSAGE_CHILDREN)
    notebooks = grade_all(course, started)
    own, inside = cpu(resource.RUSAGE_SELF) - own, cpu(resource.RUSAGE_CHILDREN) - inside
    start = cost_of_a_start(course)
    fork = cost_of_a_fork(course, start)
    bare = floor(course)
    per = 1000 / notebooks
    phases = {
        "starting sandboxes": start * len(started) * per,
        "fork, shell and sweep": fork * 1000,
        "the cells themselves (the floor)": bare * 1000,
    }
    phases["hidden tests, pictures, checkpoints, asking again"] = inside * per - sum(phases.values())
    phases |= {phase: seconds * per for phase, seconds in clock.seconds.items()}
    phases["the rest of the command"] = own * per - sum(seconds * per for seconds in clock.seconds.values())
    whole = (own + inside) * per
    print(
        json.dumps({"notebooks": notebooks, "sandboxes": len(started), "start": start, "all": whole, "phases": phases})
    )


if __name__ == "__main__":
    main()
