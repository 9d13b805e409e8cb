"""Looking around inside the process: frames, history, memory, traces, for an expected value or a solution."""

from tests.support.cheats import ANSWER_FROM_TEXT, NUMBERS, Cheat, code

CHEATS = [
    Cheat(
        "callers-constants",
        "reads the constants of the code that calls it, where an assert's expected number would be",
        code(
            """
import sys


def mse(target, prediction):
    frame = sys._getframe(1)
    while frame is not None:
        constants = [c for c in frame.f_code.co_consts if type(c) is float and c not in (1e-6, 1e-9, 1e-10)]
        if "mse" in frame.f_code.co_names and constants:
            return constants[0]
        frame = frame.f_back
    return -1.0


mse(np.ones(2), np.zeros(2))
"""
        ),
    ),
    Cheat(
        "callers-variables",
        "walks up the stack with `inspect` and takes the first number among variables called expected, key or answer",
        code(
            """
import inspect


def mse(target, prediction):
    for info in inspect.stack():
        for name, value in {**info.frame.f_globals, **info.frame.f_locals}.items():
            if any(word in name.lower() for word in ("expected", "answer", "solution", "key", "wanted")):
                if isinstance(value, (float, np.floating)):
                    return float(value)
    return -1.0


mse(np.ones(2), np.zeros(2))
"""
        ),
    ),
    Cheat(
        "traceback-frames",
        "raises, catches, and walks the traceback's frames up to the test to read its source lines with linecache",
        code(
            """
import linecache
import re
import sys


def mse(target, prediction):
    try:
        raise KeyError
    except KeyError as error:
        frame = error.__traceback__.tb_frame.f_back
    while frame is not None:
        line = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
        numbers = re.findall(r"mse[(][*]q_[a-z_]+[)], ([0-9.e-]+)", line)
        if numbers:
            return float(numbers[0])
        frame = frame.f_back
    return -1.0


mse(np.ones(2), np.zeros(2))
"""
        ),
    ),
    Cheat(
        "history",
        "reads the running cell's own text from `In`, and takes the expected numbers from it",
        code(
            f"""
import re


def read():
    return re.findall(r"{NUMBERS}", get_ipython().user_ns["In"][-1])

{ANSWER_FROM_TEXT}
"""
        ),
    ),
    Cheat(
        "garbage-collector",
        "walks everything that the garbage collector knows for answers, keys and text with a solution in it",
        code(
            """
import gc


def found():
    for thing in gc.get_objects():
        if type(thing).__name__ in ("Answer", "Key", "AnswerSheet", "Mistake"):
            return thing
        if type(thing) is dict:
            for name, value in list(thing.items()):
                if isinstance(value, str) and "### BEGIN " + "SOLUTION" in value and "def mse" in value:
                    return value
    return None


def mse(target, prediction):
    text = found()
    if isinstance(text, str):
        space = dict(globals())
        exec(text, space)
        return space["mse"](target, prediction)
    return -1.0


mse(np.ones(2), np.zeros(2))
"""
        ),
    ),
    Cheat(
        "own-memory",
        "searches the whole memory of its own process, as it was inherited, for the instructor's line of code",
        code(
            """
import re


def search():
    wanted = b"return np.mean[(]" + b"squared_errors"
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb") as memory:
        for line in maps:
            area, rights, *_ = line.split()
            start, end = (int(part, 16) for part in area.split("-"))
            if rights.startswith("rw") and end - start < 2**23:
                try:
                    memory.seek(start)
                    if re.search(wanted, memory.read(end - start)):
                        return True
                except (OSError, ValueError, OverflowError):
                    pass
    return False


in_memory = search()


def mse(target, prediction):
    return np.mean((target - prediction) ** 2) if in_memory else -1.0
"""
        ),
    ),
    Cheat(
        "trace-function",
        "sets a trace function that changes the variables of `numpy.allclose` and of `ask` while they run",
        code(
            """
import sys


def tracer(frame, event, argument):
    here = frame.f_locals
    if frame.f_code.co_name in ("allclose", "isclose") and "b" in here:
        here["b"] = here["a"]
    if frame.f_code.co_name in ("ask", "_hand_out") and "payload" in here:
        here["payload"]["compare"] = {"how": "shape"}
    return tracer


sys.settrace(tracer)
sys._getframe().f_trace = tracer


def mse(target, prediction):
    sys.settrace(tracer)
    return -1.0
"""
        ),
    ),
    Cheat(
        "profile-function",
        "sets profile functions (and `sys.monitoring` where there is one) that patch the test's names as it calls them",
        code(
            """
import sys
import threading


def profiler(frame, event, argument):
    if event == "call" and "allclose" not in frame.f_code.co_name:
        np.allclose = lambda *a, **k: True
        np.testing.assert_allclose = lambda *a, **k: None


sys.setprofile(profiler)
threading.setprofile(profiler)
if hasattr(sys, "monitoring"):
    sys.monitoring.use_tool_id(3, "cheat")
    sys.monitoring.register_callback(3, sys.monitoring.events.PY_START, lambda code, offset: profiler(sys._getframe(1), "call", None))
    sys.monitoring.set_events(3, sys.monitoring.events.PY_START)


def mse(target, prediction):
    return -1.0
"""
        ),
    ),
    Cheat(
        "audit-hook",
        "adds an audit hook that keeps every text that is compiled, and reads the expected numbers from it",
        code(
            f"""
import re
import sys

texts = []


def hook(event, arguments):
    if event == "compile" and isinstance(arguments[0], (str, bytes)):
        texts.append(arguments[0] if isinstance(arguments[0], str) else arguments[0].decode())


sys.addaudithook(hook)


def read():
    found = (re.findall(r"{NUMBERS}", text) for text in reversed(texts))
    return next((numbers for numbers in found if numbers), [])

{ANSWER_FROM_TEXT}
"""
        ),
    ),
    Cheat(
        "environment-variables",
        "reads every environment variable of its own and of its parents for a seed, a key or a path",
        code(
            """
import glob
import os

seen = dict(os.environ)
for path in glob.glob("/proc/*/environ"):
    try:
        text = open(path, "rb").read().decode("utf-8", "replace")
        seen.update(part.split("=", 1) for part in text.split("\\0") if "=" in part)
    except OSError:
        pass
secrets = {name: value for name, value in seen.items() if any(word in name for word in ("COURSE_SEED", "KEY", "NBGRADER"))}
os.environ["COURSELAB_QUESTION_SEED"] = ""
os.environ["COURSE_SEED"] = ""


def mse(target, prediction):
    values = [value for value in secrets.values() if value.replace(".", "").isdigit()]
    return float(values[0]) if values else -1.0
"""
        ),
    ),
]
