"""`autograder` and `nbgrader` many times without importing everything each time; and grading that is killed at a chosen
moment.

Run as a script it reads one order in JSON per line and answers each with the wait status of a forked child, and with what
that has printed. A child that grades ends itself with SIGKILL at its n-th effect (a file opened, renamed or removed, a
process started, a connection made), or the script kills it after so many seconds.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
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
    """Starts the script. Use it as a context manager.

    wrap: what makes another command of the script's, for instance as another user. environment: in place of this
    process's own.
    """

    def __init__(self, wrap=list, environment=None):
        python = os.path.abspath(sys.executable)
        self.command = wrap([python, __file__])
        self.environment = {**(os.environ if environment is None else environment), "OPENBLAS_NUM_THREADS": "1"}
        self.environment["PATH"] = os.pathsep.join([os.path.dirname(python), os.environ["PATH"]])
        self.environment.pop("COURSE_SEED", None)

    def __enter__(self):
        self.script = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=self.environment
        )
        return self

    def __exit__(self, *_):
        self.script.stdin.close()
        self.script.wait(300)

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
        status = self._order(order)["status"]
        return End(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else None)

    def run(self, folder, *command, before=""):
        """Run an `autograder` or `nbgrader` command in this folder. Returns what subprocess.run would return.

        Where a byte that it printed is no UTF-8, a lone surrogate stands for it. before: as in grade.
        """
        command = [str(word) for word in command]
        done = self._order({"folder": str(folder), "command": command, "before": before})
        status = os.waitstatus_to_exitcode(done["status"])
        return subprocess.CompletedProcess(command, status, done["output"], done["errors"])

    def _order(self, order):
        self.script.stdin.write(json.dumps(order) + "\n")
        self.script.stdin.flush()
        return json.loads(self.script.stdout.readline())


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
        answer = _run(order) if "command" in order else {"status": _status_of(order, _grade)}
        print(json.dumps(answer), flush=True)
    os._exit(0)  # Python would take its time to take all the modules down


def _status_of(order, do, *more):
    """The wait status of a child in which `do` does what is ordered, and which is killed when its time is over."""
    child = os.fork()
    if child == 0:
        do(order, *more)
    deadline = time.monotonic() + (1e9 if order.get("seconds") is None else order["seconds"])
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return status
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.005)


def _run(order):
    if order["command"][0] == "nbgrader":
        import nbgrader.apps.nbgraderapp  # noqa: F401

        import autograder.nbgrader_plugin.exchange
    else:
        import autograder.authoring.audit
        import autograder.authoring.release
        import autograder.reports.page  # noqa: F401
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        status = _status_of(order, _command, output.fileno(), errors.fileno())
        said = {}
        for name, file in {"output": output, "errors": errors}.items():
            file.seek(0)
            said[name] = file.read().decode("utf-8", "surrogateescape")
        return {"status": status, **said}


def _command(order, output, errors):
    """In the child: do what the command's script in the environment's bin/ does, and never return."""
    os.dup2(output, 1), os.dup2(errors, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(order["folder"])
    sys.path[:] = [folder for folder in sys.path if folder != os.path.dirname(__file__)]
    sys.argv = order["command"]

    def main():
        exec(order["before"], {})
        if sys.argv[0] == "nbgrader":
            from nbgrader.apps.nbgraderapp import main
        else:
            from autograder.cli import main
        sys.exit(main())

    _end_with_status_of(main)


def _grade(order):
    """In the child: grade, and never return."""
    log = os.open(order["folder"] + ".log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1), os.dup2(log, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    from autograder.cli import main

    def grade():
        exec(order["before"], {})
        if order["effects"] is not None:
            _end_at_effect(order["effects"])
        main(["--course", order["folder"], "grade", *order["arguments"]])

    _end_with_status_of(grade)


def _end_with_status_of(do):
    """End this process as Python would after `do`, with nothing that was arranged for its end (atexit)."""
    status = 70
    try:
        do()
    except SystemExit as end:
        status = end.code or 0
        if not isinstance(status, int):
            print(status, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
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
