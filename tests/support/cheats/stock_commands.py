"""Runs nbgrader's own commands, each in a process of its own forked from one that has imported nbgrader already.

    python stock_commands.py '[["/courses/one", ["autograde", "01_mse", "--student=cheat"]], …]'

Only the imports are shared: they take most of a command's time. What a command says goes to said.txt in its course.
"""

import json
import os
import signal
import sys
import time

SECONDS = 150  # for one command


def main(commands):
    import ipykernel.kernelspec  # noqa: F401
    import nbclient  # noqa: F401
    import nbgrader.api
    import nbgrader.apps
    import nbgrader.converters
    import nbgrader.preprocessors  # noqa: F401

    for course, words in commands:
        pid = os.fork()
        if pid == 0:
            run(course, words)
        wait(pid)


def run(course, words):
    """One command, as the whole life of this process."""
    os.setsid()
    os.chdir(course)
    os.environ["HOME"] = os.environ["IPYTHONDIR"] = os.path.join(course, "home")
    said = os.open("said.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(said, stream)
    from nbgrader.apps import NbGraderApp

    try:
        NbGraderApp.launch_instance(argv=words)
    finally:
        os._exit(0)


def wait(pid):
    deadline = time.monotonic() + SECONDS
    while os.waitpid(pid, os.WNOHANG)[0] == 0:
        if time.monotonic() > deadline:
            os.killpg(pid, signal.SIGKILL)
            deadline = float("inf")
        time.sleep(0.02)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
