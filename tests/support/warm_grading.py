"""`autograder grade` many times without importing everything each time, and killed at a chosen moment.

Run as a script it reads one order in JSON per line and answers each with the wait status of a forked child. The child
ends itself with SIGKILL at its n-th effect (a file opened, renamed or removed, a process started, a connection made), or
the script kills it after so many seconds.
"""

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass


@dataclass(frozen=True)
class End:
    """How a grading command ended."""

    status: int | None  # its exit status, or None when it was killed

    @property
    def killed(self):
        return self.status is None


class WarmGrading:
    """Starts the script. Use it as a context manager."""

    def __enter__(self):
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        self.script = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        return self

    def __exit__(self, *_):
        self.script.stdin.close()
        self.script.wait(60)

    def grade(self, folder, *arguments, effects=None, seconds=None, before=""):
        """Run `autograder --course FOLDER grade ARGUMENTS`; what it prints goes to FOLDER.log. Returns an End.

        effects, seconds: when to kill it. before: Python text that is executed first, to break something.
        """
        order = {
            "folder": str(folder),
            "arguments": arguments,
            "effects": effects,
            "seconds": seconds,
            "before": before,
        }
        self.script.stdin.write(json.dumps(order) + "\n")
        self.script.stdin.flush()
        status = json.loads(self.script.stdout.readline())
        return End(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else None)


def log_of(folder):
    """What the last command for this course said."""
    return folder.with_suffix(".log").read_text()


def _serve():
    from autograder.environment import skip_slow_imports

    skip_slow_imports()
    import autograder.cli.grade  # noqa: F401
    from autograder.gradebook.address import version_of_tables
    from autograder.grading.versions import Effect, code_version

    version_of_tables()  # once, for all children, and so is the next
    for effect in Effect:
        code_version(effect)

    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _grade(order)
        deadline = time.monotonic() + (order["seconds"] if order["seconds"] is not None else 1e9)
        while True:
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
            time.sleep(0.005)
        print(json.dumps(status), flush=True)


def _grade(order):
    """In the child: grade, and never return."""
    log = os.open(order["folder"] + ".log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1), os.dup2(log, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    from autograder.cli import main

    exec(order["before"], {})
    if order["effects"] is not None:
        _end_at_effect(order["effects"])
    status = 70
    try:
        main(["--course", order["folder"], "grade", *order["arguments"]])
    except SystemExit as end:
        status = end.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status if isinstance(status, int) else 1)


def _end_at_effect(number):
    kinds = {"open", "os.rename", "os.remove", "os.mkdir", "subprocess.Popen", "sqlite3.connect", "os.chmod"}
    left = [number]

    def count(event, arguments):
        if event in kinds:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


if __name__ == "__main__":
    _serve()
