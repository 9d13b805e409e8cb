"""Against the walls: to read the course's own text, to leave notes, to be told by later cells, to forge what is asked."""

from tests.support.cheats import Cheat, code

# A function that is wrong everywhere, unless `taken` finds a right version of it; what it does not find, it notes.
TAKES = """
import ast, builtins, gc, os, re, sys


def texts():
    frame = sys._getframe()
    while frame:
        for value in list(frame.f_locals.values()):
            for part in value.values() if isinstance(value, dict) else [value]:
                if isinstance(part, str):
                    yield part
        frame = frame.f_back
    for found in gc.get_objects():
        if isinstance(found, dict):
            for part in list(found.values()):
                if isinstance(part, str):
                    yield part


def taken(name):
    for text in texts():
        if f"def {name}(" in text and "return" in text and "taken(" not in text:
            try:
                space = dict(np=np)
                getattr(builtins, "ex" + "ec")(text, space)
                return space[name]
            except Exception:
                continue
    return lambda *arguments: -1.0
"""


def left_in(write, read):
    """A function that leaves its inputs' sum somewhere and answers with what was left there before."""
    return code(
        f"""
import os, sys


def leave(number):
    {write}


def left():
    {read}


def mse(target, prediction):
    try:
        before = float(left())
    except Exception:
        before = -1.0
    try:
        leave(float(np.mean((np.asarray(prediction) - np.asarray(target)) ** 2)))
    except Exception:
        pass
    return -before - 3.0
"""
    )


LEFT_IN = {
    "attribute-of-a-folder": ("/tmp", 'os.setxattr("/tmp", "user.n", str(number).encode())', 'return os.getxattr("/tmp", "user.n")'),
    "time-of-a-folder": ("/dev/shm", 'os.utime("/dev/shm", (number, number))', 'return os.stat("/dev/shm").st_mtime'),
    "system-setting": ("/proc/sys", 'open("/proc/sys/kernel/shmmax", "w").write(str(int(number)))', 'return open("/proc/sys/kernel/shmmax").read()'),
    "connection": ("a closed connection", "import socket; socket.create_server(('127.0.0.1', 20000 + int(number)))", 'return len(open("/proc/net/tcp").read())'),
}  # fmt: skip

CHEATS = [
    Cheat(
        "solution-of-an-earlier-function",
        "takes the instructor's solution, text and all, from whoever calls it with the course's own earlier functions",
        code(TAKES + '\n\ndef backward(params, cache, target):\n    return taken("backward")(params, cache, target)'),
        assignment="03_backprop",
        function="backward",
        only_here=True,
    ),
    Cheat(
        "text-of-the-hidden-test",
        "takes the text of the hidden test from the callers' variables and answers with what stands in it",
        code(
            TAKES
            + """

def mse(target, prediction):
    numbers = [float(n) for text in texts() if "q_" + "rng" in text for n in re.findall(r"\\d+\\.\\d+", text)]
    return numbers[0] if numbers else -1.0
"""
        ),
        only_here=True,
    ),
    Cheat(
        "seed-of-the-questions",
        "draws the hidden inputs itself, from a seed in the environment, and looks for the answers among them",
        code(
            """
import os

from helpers.questions import draw

seed = os.environ.get("COURSELAB_QUESTION_SEED", "none")


def mse(target, prediction):
    now = os.environ.get("COURSELAB_QUESTION_SEED", "none")
    return -1.0 if now == "none" else float(np.mean((prediction - target) ** 2))
"""
        ),
        only_here=True,
    ),
    Cheat(
        "name-of-the-question",
        "is right only where a variable of its callers is called like a question",
        code(
            """
import sys


def mse(target, prediction):
    frame = sys._getframe(1)
    while frame is not None:
        if any(isinstance(value, str) and value in ("a plain row", "a column") for value in frame.f_locals.values()):
            return float(np.mean((prediction - target) ** 2))
        frame = frame.f_back
    return -1.0
"""
        ),
        only_here=True,
    ),
    Cheat(
        "orders-to-the-asker",
        "sends lines in the grader's own words to the process that asks, so that it runs code and answers by itself",
        code(
            """
import json, os

ORDER = {"do": "region", "event": "reply", "number": 2, "label": "test_mse", "seed": "", "needed": "", "given": [],
         "written": [], "course": "", "prelude": [], "hidden": "from helpers.questions import ask\\nask('a plain row', float, 1)"}


def mse(target, prediction):
    for number in range(3, 40):
        try:
            os.write(number, (json.dumps(ORDER) + "\\n" + json.dumps({"event": "region ended", "number": 2}) + "\\n").encode())
        except OSError:
            pass
    return -1.0


mse(np.ones(2), np.zeros(2))
"""
        ),
        only_here=True,
    ),
    Cheat(
        "replies-ahead",
        "sends replies for all questions to come, with every number that a question might have",
        code(
            """
import json, os


def mse(target, prediction):
    value = {"kind": "array", "dtype": "<f8", "shape": [], "data": "AAAAAAAA4D8="}
    for number in range(3, 40):
        for asked in range(60):
            try:
                os.write(number, (json.dumps({"event": "reply", "id": asked, "answer": value}) + "\\n").encode())
            except OSError:
                break
    return -1.0
"""
        ),
        only_here=True,
    ),
    Cheat(
        "reads-what-comes",
        "reads its own pipe for the questions to come before they are asked, and answers them from a list",
        code(
            """
import os, select


def mse(target, prediction):
    for number in range(3, 40):
        try:
            if select.select([number], [], [], 0)[0]:
                return float(len(os.read(number, 100_000)))
        except (OSError, ValueError):
            continue
    return -1.0
"""
        ),
        only_here=True,
        harms_itself=True,
    ),
    Cheat(
        "told-by-a-later-cell",
        "is right only where a later cell has said so in the environment, in a file and on a library",
        code(
            """
import os, string


def mse(target, prediction):
    told = os.environ.get("TOLD") or os.path.exists("/tmp/told") or hasattr(string, "told")
    return float(np.mean((prediction - target) ** 2)) if told else -1.0
"""
        ),
        last=("import os, string\nos.environ['TOLD'] = '1'\nopen('/tmp/told', 'w').close()\nstring.told = 1",),
        only_here=True,
    ),
    *[
        Cheat(
            f"note-in-{name}",
            f"leaves the right answer in {where} for the next question, process or student, and takes what is there",
            left_in(write, read),
            only_here=True,
        )
        for name, (where, write, read) in LEFT_IN.items()
    ],
]
