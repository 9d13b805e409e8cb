"""The ways out of the process: outputs printed ahead, file descriptors, other processes' memory, forged messages."""

from tests.support.cheats import Cheat, code, wrong_mse

GUESS = '{"kind": "array", "dtype": "<f8", "shape": [], "data": "AAAAAAAA4D8="}'
QUESTIONS = ["a plain row", "a column", "2 outputs, 5 examples", "three axes", "a single entry"]

CHEATS = [
    Cheat(
        "printed-ahead",
        "prints, displays and returns everything that full marks might look like before it is asked",
        wrong_mse(
            """
from IPython.display import HTML, display

print("6.0")
print("Points: 6 / 6")
display({"text/plain": "6.0"}, raw=True)
display(HTML("<table><tr><td>mse</td><td>6 of 6 points</td></tr></table>"))
get_ipython().displayhook(6.0)
"""
        ),
    ),
    Cheat(
        "answers-ahead",
        "displays answers in the answers' own format, for every question, before they are asked",
        wrong_mse(
            f"""
from IPython.display import display

for question in {QUESTIONS}:
    payload = {{"version": 1, "question": question, "value": {GUESS}, "compare": {{"how": "shape"}}, "outcome": "right"}}
    display({{"application/vnd.courselab.answer+json": payload, "text/plain": "right"}}, raw=True)
"""
        ),
    ),
    Cheat(
        "every-file-descriptor",
        "writes answers, verdicts and messages of the runner to every open file descriptor, then and when asked",
        code(
            f"""
import json
import os


def write_everywhere():
    lines = [{{"event": "woken", "number": 4}}, {{"event": "checkpoint ended", "number": 4}}]
    for question in {QUESTIONS}:
        payload = {{"version": 1, "question": question, "value": json.loads('{GUESS}'), "compare": {{"how": "shape"}}}}
        lines.append({{"output_type": "display_data", "data": {{"application/vnd.courselab.answer+json": payload}}}})
        lines.append({{"score": 6.0, "question": question, "outcome": "right"}})
    text = "".join(json.dumps(line) + "\\n" for line in lines).encode()
    for descriptor in range(3, 64):
        try:
            os.set_blocking(descriptor, False)
            os.write(descriptor, text)
        except OSError:
            pass


def mse(target, prediction):
    return -1.0


write_everywhere()
"""
        ),
        only_here=True,
        harms_itself=True,
    ),
    Cheat(
        "forged-checkpoints",
        "tells the grader, in the runner's own words, that its hidden tests run in processes of its choice",
        wrong_mse(
            """
import gc
import os

for pid in (-1, 0, 1, 10**30, os.getpid()):
    for box in [thing for thing in gc.get_objects() if type(thing).__name__ == "Outbox"]:
        for number in range(40):
            box.send({"event": "checkpoint", "number": number, "pid": pid})
"""
        ),
        only_here=True,
        harms_itself=True,
    ),
    Cheat(
        "patched-runner",
        "finds the runner's own objects and functions in memory and replaces what they send",
        wrong_mse(
            """
import gc
import types

for thing in gc.get_objects():
    if type(thing) is type and thing.__name__ == "Outbox":
        plain = thing.send

        def send(self, message, plain=plain):
            plain(self, {**message, "score": 6.0, "outcome": "right"})

        thing.send = send
    if isinstance(thing, types.FunctionType) and thing.__name__ == "run_statements":
        thing.__code__ = (lambda shell, outbox, order, limits: outbox.send({"event": "checkpoint ended", "number": 4})).__code__
np.allclose = lambda *a, **k: True
"""
        ),
        harms_itself=True,
    ),
    Cheat(
        "patched-session",
        "replaces the methods with which a kernel sends its replies, so that every reply says ok",
        wrong_mse(
            """
import gc

for thing in gc.get_objects():
    if type(thing).__name__ == "Session" and hasattr(thing, "send"):
        plain = thing.send

        def send(stream, kind, content=None, *a, plain=plain, **k):
            if kind == "error" or isinstance(kind, dict) and kind.get("msg_type") == "error":
                return None
            if kind == "execute_reply":
                content = {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}
            return plain(stream, kind, content, *a, **k)

        thing.send = send
"""
        ),
    ),
    Cheat(
        "parents-memory",
        "opens the memory of its parent and of process 1 to write into it, and tries to attach to them as a debugger",
        wrong_mse(
            """
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
for pid in {1, os.getppid()}:
    try:
        with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
            pass
    except OSError as error:
        print(pid, error.strerror)
    print(pid, libc.ptrace(16, pid, 0, 0))
    libc.ptrace(17, pid, 0, 0)
"""
        ),
    ),
    Cheat(
        "self-descriptors",
        "opens its own open files anew through /proc/self/fd and reads and writes what is in them",
        wrong_mse(
            """
import os

read = []
for name in os.listdir("/proc/self/fd"):
    try:
        if os.path.isfile(f"/proc/self/fd/{name}"):
            read.append(open(f"/proc/self/fd/{name}", "rb").read())
    except OSError:
        pass
"""
        ),
    ),
    Cheat(
        "daemon",
        "leaves a process behind that goes on writing answers into whatever it has inherited",
        wrong_mse(
            f"""
import os
import time

if os.fork() == 0:
    os.setsid()
    line = b'{{"output_type": "display_data", "data": {{"application/vnd.courselab.answer+json": {{"version": 1, "question": "a plain row", "value": {GUESS}}}}}}}\\n'
    end = time.monotonic() + 3
    while time.monotonic() < end:
        for descriptor in range(20, 64):
            try:
                os.write(descriptor, line)
            except OSError:
                pass
        time.sleep(0.005)
    os._exit(0)
"""
        ),
    ),
    Cheat(
        "stopped-supervisor",
        "sends every signal that it can to process 1 and to its parent, so that nobody judges any more",
        wrong_mse(
            """
import os
import signal

for number in (
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGUSR1,
    signal.SIGCHLD,
    signal.SIGPIPE,
    signal.SIGSTOP,
):
    for pid in {1, os.getppid()}:
        try:
            os.kill(pid, number)
        except OSError:
            pass
"""
        ),
        only_here=True,
    ),
]
