"""Acting later: threads, timers, finalisers, exits, forks."""

from tests.support.cheats import Cheat, code, wrong_mse

CHEATS = [
    Cheat(
        "thread",
        "starts a thread that patches numpy's comparisons and the function's own name over and over",
        wrong_mse(
            """
import threading
import time


def patch():
    while True:
        np.allclose = np.array_equal = lambda *a, **k: True
        time.sleep(0.001)


threading.Thread(target=patch, daemon=True).start()
time.sleep(0.01)
"""
        ),
    ),
    Cheat(
        "timer-signal",
        "sets a timer whose signal handler changes variables while the tests run",
        wrong_mse(
            """
import signal


def patch(*_):
    np.allclose = lambda *a, **k: True
    globals()["q_row"] = (np.zeros(3), np.zeros(3))


signal.signal(signal.SIGALRM, patch)
signal.signal(signal.SIGVTALRM, patch)
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
signal.setitimer(signal.ITIMER_VIRTUAL, 0.01, 0.01)
"""
        ),
    ),
    Cheat(
        "finaliser",
        "leaves an object whose `__del__`, run when a test replaces it, patches numpy's comparisons",
        code(
            """
class Leaves:
    def __del__(self):
        np.allclose = lambda *a, **k: True


def mse(target, prediction):
    Leaves()
    return -1.0


q_rng = q_row = Leaves()
"""
        ),
    ),
    Cheat(
        "at-exit",
        "registers functions for the end of the process that write full marks into its own file",
        wrong_mse(
            """
import atexit
import glob


def at_the_end():
    for path in glob.glob("*.ipynb"):
        text = open(path).read().replace('"output_type": "error"', '"output_type": "stream"')
        open(path, "w").write(text)
    print("6.0")


atexit.register(at_the_end)
"""
        ),
    ),
    Cheat(
        "exit-after-forging",
        "shows the number 6 as the cell's value when it is asked, and ends the whole process at once",
        code(
            """
import os


def mse(target, prediction):
    get_ipython().displayhook(6.0)
    print("6.0", flush=True)
    os._exit(0)
"""
        ),
    ),
    Cheat(
        "sys-exit",
        "leaves the test with `SystemExit` when it is asked, as if all were well",
        code("import sys\n\n\ndef mse(target, prediction):\n    sys.exit(0)\n"),
    ),
    Cheat(
        "generator-exit",
        "raises exceptions that tests do not catch: KeyboardInterrupt, GeneratorExit, a BaseException of its own",
        code(
            """
class Leave(BaseException):
    pass


def mse(target, prediction):
    raise (KeyboardInterrupt, GeneratorExit, Leave)[np.size(target) % 3]
"""
        ),
    ),
    Cheat(
        "forked-child",
        "forks when it is asked: parent and child both answer, each with another number",
        code(
            """
import os


def mse(target, prediction):
    return float(os.fork() > 0) * 2 - 3


"""
        ),
    ),
    Cheat(
        "late-definition",
        "defines nothing where the function should stand and, in the last cell, numbers for everything that was asked",
        solution="mse = None\n" + code(""),
        last=("def mse(target, prediction):\n    return 0.5\n\n\nq_row = None",),
    ),
    Cheat(
        "no-traces-of-time",
        "stops the clock: patches `time`, the timers and the signals before it answers with a guess",
        wrong_mse(
            """
import signal
import time

time.time = time.monotonic = time.perf_counter = lambda: 0.0
signal.setitimer = signal.alarm = lambda *a: None
"""
        ),
    ),
]
