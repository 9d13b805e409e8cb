"""The one file that runs inside the sandbox, beside the student's code. Standard library and IPython only.

A supervisor (process 1 of the sandbox) imports the heavy libraries once and then does three things: it forks a notebook
process when told to, says who has ended, and kills. It never reads what it passes on: each job comes with pipes of its
own, made outside, so nothing of one job is ever in the memory that the next one is forked from.

    the notebook process   runs the cells from top to bottom and hands out what they show. Before each test cell with a
                           hidden region it notes the state, or forks a checkpoint. What is noted costs less: a fork and
                           the memory that is copied after it take longer than most cells.
    a checkpoint           waits until the notebook has ended, then gets the hidden tests of its cell, runs them on the
                           state as it was there, and hands out the answers. Where states were noted, one checkpoint is
                           forked at the end and goes back to each of them; it ends when it cannot.

So hidden code and hidden inputs are in no process whose output a student will ever see.

Messages are JSON, one on a line. Whatever the student's code may write in their place, it can only hand in answers.
"""

import array
import ast
import base64
import contextlib
import gc
import importlib
import json
import os
import random
import re
import select
import signal
import socket
import sys
import time
import types
import warnings

HELPERS = ("questions", "comparing", "checks", "datasets", "losses", "activations", "network", "training", "descent")
HELPERS += ("gradient_checking", "initialization", "diagnosis", "ready")


# The supervisor.


def supervise(control, uid, fonts, lab, folders):
    """Serve commands from the control socket until it closes: run, kill, clear, sweep.

    folders: the writable ones; descriptors of them are handed out first, so that what is stored there can be seen.
    """
    _become(uid)
    gc.disable()  # nearly all that is loaded now stays
    warm_up(fonts, lab)
    shell = make_shell(Outbox(None))
    rehearse(shell)
    gc.collect()
    gc.freeze()  # what is here stays: a notebook that collects garbage need not look at it, or copy it
    gc.enable()
    gc.set_threshold(10_000)  # a notebook is short: ten times as many new objects before garbage is looked for
    _hide_memory(True)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # process 1 is deaf to its own children, but for what it handles
    wakeup_read, wakeup_write = os.pipe()
    for end in (wakeup_read, wakeup_write):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wakeup_write)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    opened = [os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) for folder in folders]
    socket.send_fds(control, [json.dumps({"event": "ready", "pid": os.getpid()}).encode() + b"\n"], opened)
    for descriptor in opened:
        os.close(descriptor)
    while True:
        readable, _, _ = select.select([control, wakeup_read], [], [])
        if wakeup_read in readable:
            os.read(wakeup_read, 4096)
            for pid, status in _ended_children():
                _tell(control, {"event": "ended", "pid": pid, "status": status})
        if control in readable:
            commands, descriptors = _receive(control)
            if not commands:
                break
            for command in commands:
                if command["do"] == "run":
                    pid = os.fork()
                    if pid == 0:
                        signal.set_wakeup_fd(-1)
                        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                        signal.signal(signal.SIGINT, signal.default_int_handler)
                        for descriptor in (wakeup_read, wakeup_write):
                            os.close(descriptor)
                        control.close()
                        os._exit(_quietly(run_notebook, shell, descriptors))
                    for descriptor in descriptors:
                        os.close(descriptor)
                    _tell(control, {"event": "started", "pid": pid})
                elif command["do"] == "kill":
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(command["pid"], signal.SIGKILL)
                elif command["do"] == "clear":
                    _end_all_but(command["keep"])
                    _tell(control, {"event": "cleared"})
                elif command["do"] == "sweep":
                    _sweep(command["folders"])
                    _tell(control, {"event": "swept"})


def warm_up(fonts, lab):
    """Import what nearly every notebook imports, so that a job starts with it.

    fonts: matplotlib's ready font list. lab: the folder that holds helpers, as far as they are not withheld.
    """
    if fonts:
        import shutil

        shutil.copytree(fonts, os.environ["MPLCONFIGDIR"], dirs_exist_ok=True)
    import IPython.core.interactiveshell  # noqa: F401
    import matplotlib.artist

    describe, matplotlib.artist.kwdoc = matplotlib.artist.kwdoc, lambda artist: ""  # long tables for docstrings
    import matplotlib.pyplot
    import matplotlib_inline.backend_inline  # noqa: F401
    import numpy  # noqa: F401

    matplotlib.artist.kwdoc = describe
    matplotlib.use("module://matplotlib_inline.backend_inline")
    sys.path.insert(0, lab)
    for name in HELPERS:
        if _is_whole(os.path.join(lab, "helpers"), name):
            importlib.import_module(f"helpers.{name}")


def _is_whole(folder, name):
    """Whether a helper and all the helpers that it names are there. Another job may see those that are not."""
    try:
        with open(os.path.join(folder, f"{name}.py")) as file:
            named = re.findall(r"\bhelpers\.(\w+)", file.read())
    except OSError:
        return False
    return all(os.path.exists(os.path.join(folder, f"{other}.py")) for other in named)


# What nearly every notebook does: random numbers, a display, a warning, an error. Not a figure: to draw one takes a sandbox
# longer than a dozen notebooks gain by it.
REHEARSAL = (
    """
import random, warnings
import numpy as np
import matplotlib.pyplot as plt
from IPython.display import HTML, Markdown, display
display(HTML("<b>1</b>"), Markdown("*1*"))
np.random.default_rng(0).normal(size=(2, 2)) @ np.linalg.inv(np.eye(2))
""",
    "def f(x):\n    return np.ones(2) / x",
    "f(0)",
    "f(None)",
)
REHEARSAL_ANSWER = """
from helpers.questions import arguments_after, ask, draw
ask("a", f, draw("a").normal(size=(2, 1)))
ask("b", arguments_after(f), None)
"""


def rehearse(shell):
    """Do once what nearly every notebook does. What libraries load or remember at its first time, a job starts with."""
    for source in REHEARSAL:
        shell.run_labelled(source, "rehearsal")
    limits = {"question_seconds": 60}
    order = {"label": "rehearsal", "given": "", "needed": REHEARSAL[1], "hidden": REHEARSAL_ANSWER}
    run_statements(shell, shell.outbox, order, limits)
    shell.reset()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    TimeIsUp.count = 0
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        if hasattr(sys, name):
            delattr(sys, name)


def _become(uid):
    """Drop root for a throw-away user, for good."""
    if uid is not None and os.getuid() == 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


def _hide_memory(hidden):
    """Whether other processes of this user may look into this one (Linux: PR_SET_DUMPABLE); orphans come to us."""
    if sys.platform == "linux":
        import ctypes

        libc = ctypes.CDLL(None)
        libc.prctl(4, 0 if hidden else 1, 0, 0, 0)
        if hidden:
            libc.prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER, for when we are not process 1


def _ended_children():
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        yield pid, status


def _end_all_but(keep):
    """End what a notebook has left running, so that it takes no time from the hidden tests. Only as process 1.

    What is kept goes on, should the notebook have stopped it.
    """
    spared = {1, *keep}
    for _ in range(50 if os.getpid() == 1 else 0):  # a fork bomb needs more than one round
        others = [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) not in spared]
        others = [pid for pid in others if not _is_zombie(pid)]
        if not others:
            break
        for pid in others:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.002)
    for pid in keep if os.getpid() == 1 else ():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGCONT)


def _is_zombie(pid):
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] in (b"Z", b"X")
    except (OSError, IndexError):
        return True


def _sweep(folders):
    """End every other process of the sandbox and empty the writable folders (folder → names to leave there).

    Only process 1 of a sandbox may end the others.
    """
    if os.getpid() == 1:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)
        _remove_shared_memory()
    for folder, kept in folders.items():
        _empty(os.fsencode(folder), {os.fsencode(name) for name in kept})


def _empty(folder, kept):
    """Remove everything in `folder` but the names in `kept` (both bytes), however deep and whatever it is called.

    A folder inside is not walked into: what it holds is moved up beside it first, so no path ever grows long.
    """
    with contextlib.suppress(PermissionError):  # not ours: then nobody inside could have closed it
        os.chmod(folder, os.stat(folder).st_mode | 0o700)
    while waiting := [name for name in os.listdir(folder) if name not in kept]:
        for name in waiting:
            path = os.path.join(folder, name)
            with contextlib.suppress(OSError):
                os.unlink(path)
                continue
            os.chmod(path, 0o700)
            for inner in os.listdir(path):
                inside = os.path.join(path, inner)
                try:
                    os.unlink(inside)
                except OSError:  # a folder: its turn comes in the next round
                    os.chmod(inside, 0o700)
                    os.rename(inside, os.path.join(folder, os.urandom(16).hex().encode()))
            os.rmdir(path)


def _remove_shared_memory():
    """System V shared memory, semaphores and queues outlive processes: remove what is left of them."""
    import ctypes

    libc = ctypes.CDLL(None)
    for kind, remove in (
        ("shm", lambda number: libc.shmctl(number, 0, None)),
        ("sem", lambda number: libc.semctl(number, 0, 0)),
        ("msg", lambda number: libc.msgctl(number, 0, None)),
    ):
        with contextlib.suppress(OSError, ValueError), open(f"/proc/sysvipc/{kind}") as table:
            for line in table.readlines()[1:]:
                remove(int(line.split()[1]))


def _tell(control, message):
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        control.sendall(json.dumps(message).encode() + b"\n")


def _receive(control):
    """The commands that have come, and the file descriptors with them (of the one "run" there may be among them);
    no commands when the other side has gone."""
    descriptors = array.array("i")
    data, ancillary, _, _ = control.recvmsg(65536, socket.CMSG_SPACE(250 * descriptors.itemsize))
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(payload[: len(payload) - len(payload) % descriptors.itemsize])
    while data and not data.endswith(b"\n"):
        more = control.recv(65536)
        data = data + more if more else b""
    return [json.loads(line) for line in data.splitlines()], list(descriptors)


def _quietly(function, *arguments):
    try:
        function(*arguments)
    except BaseException:
        import traceback

        with contextlib.suppress(BaseException):
            os.write(2, traceback.format_exc().encode())
        return 1
    return 0


# The notebook process.


class TimeIsUp(BaseException):
    """Raised in the student's code when a cell or a question has used up its time."""

    count = 0  # how often that has happened


class Outbox:
    """Writes messages into the pipe that leads out."""

    def __init__(self, descriptor):
        self.descriptor = descriptor  # or None: then nothing goes anywhere
        self.stream = None  # the Stream that was written to last
        self.halfway = False  # a message was cut off when its sender's time was up

    def send(self, message):
        if self.descriptor is None:  # a rehearsal
            return
        line = json.dumps(message).encode("utf-8", "backslashreplace") + b"\n"
        data = memoryview(b"\n" + line if self.halfway else line)
        self.halfway = True
        while data:
            data = data[os.write(self.descriptor, data) :]
        self.halfway = False


class Stream:
    """Stands in for sys.stdout and sys.stderr: text goes out in pieces."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, name, outbox):
        self.name, self.outbox, self.pieces, self.size, self.sent_at = name, outbox, [], 0, 0.0

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self.outbox.stream is not self:  # what was printed and what was warned of go out in their order
            if self.outbox.stream is not None:
                self.outbox.stream.flush()
            self.outbox.stream = self
        self.pieces.append(text)
        self.size += len(text)
        if self.size > 8192 or ("\n" in text and time.monotonic() - self.sent_at > 0.1):
            self.flush()
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def flush(self):
        if self.pieces:
            text, self.pieces, self.size, self.sent_at = "".join(self.pieces), [], 0, time.monotonic()
            for start in range(0, len(text), 100_000):  # of a longer line the beginning can be kept
                piece = text[start : start + 100_000]
                self.outbox.send({"output_type": "stream", "name": self.name, "text": piece})

    def isatty(self):
        return False

    def readable(self):
        return False

    def writable(self):
        return True


def run_notebook(shell, descriptors):
    """Run one job in the warm `shell`: `descriptors` are the pipe with the job, the pipe out, and one pipe for each
    checkpoint."""
    job_pipe, out_pipe, *wake_pipes = descriptors
    with os.fdopen(job_pipe, "rb") as pipe:
        job = json.loads(pipe.read())
    _hide_memory(False)
    os.setsid()
    importlib.invalidate_caches()  # the helpers that are there may have changed
    outbox = shell.outbox
    outbox.descriptor = out_pipe
    _enter_work_folder(job["folder"], job["files"])
    low_level_output = _redirect_standard_files(job["scratch"])
    _set_limits(job["limits"])
    _be_the_first_to_go()
    sys.path.append(job["folder"])  # last, so that no file of theirs stands in for a library
    os.environ.update(job["environment"])
    _shuffle()
    sys.stdout, sys.stderr = Stream("stdout", outbox), Stream("stderr", outbox)
    waiting = iter(wake_pipes)
    checkpoints, states = {}, {}
    patches = any(PATCHES.search(cell["source"]) for cell in job["cells"])
    for number, cell in enumerate(job["cells"]):
        if cell["checkpoint"] and job["together"]:
            states[number] = State(shell, patches)
        elif cell["checkpoint"]:
            pipe = next(waiting)
            if cell["skip"]:
                continue
            sys.stdout.flush(), sys.stderr.flush()
            state = random.getstate()
            pid = os.fork()
            if pid == 0:
                random.setstate(state)  # Python seeds it anew in each new process
                os._exit(_quietly(run_checkpoint, shell, outbox, pipe, number, job["limits"]))
            checkpoints[pid] = number
            os.close(pipe)
            outbox.send({"event": "checkpoint", "number": number, "pid": pid})
        if cell["skip"]:
            continue
        outbox.send({"event": "cell", "number": number})
        _run_bounded(shell, outbox, cell, job["limits"])
        _send_low_level_output(low_level_output, outbox)
        if checkpoints:
            for number_ended in _ended_early(checkpoints, 0.03 if "kill" in cell["source"] else 0.0002):
                outbox.send({"event": "checkpoint ended early", "number": number_ended})
        outbox.send({"event": "cell ended", "number": number})
    if states:
        pid = os.fork()
        if pid == 0:
            os._exit(_quietly(run_last_checkpoint, shell, outbox, next(waiting), states, job["limits"]))
        for number in states:
            outbox.send({"event": "checkpoint", "number": number, "pid": pid})
    outbox.send({"event": "notebook ended"})


def _ended_early(checkpoints, patience):
    """The waiting checkpoints (pid → number) that the cell which just ran has ended; they are taken off the list.

    A process takes a moment to go: `patience` is how many seconds we wait, so as to see it now and not a cell later.
    """
    ended = []
    time.sleep(patience)
    for pause in (0.05, 0):
        for pid in list(checkpoints):
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG)[0]:
                    ended.append(checkpoints.pop(pid))
        if not ended:
            break
        time.sleep(pause)  # one has gone: give the others the time to go as well
    return ended


def run_checkpoint(shell, outbox, pipe, number, limits):
    """Wait for the hidden tests of one cell, run them, hand out what they show."""
    with os.fdopen(pipe, "rb") as wake:
        text = wake.readline()
    if text:
        _run_hidden_tests(shell, outbox, json.loads(text), number, limits)


def run_last_checkpoint(shell, outbox, pipe, states, limits):
    """The same for all cells in one process: before the hidden tests of each, what was noted there is put back.

    states: number of the cell → State. It ends early where something was changed in place meanwhile.
    """
    with os.fdopen(pipe, "rb") as wake:
        for text in wake:
            order = json.loads(text)
            state = states[order["number"]]
            if not state.is_whole(order["reads"]):
                return
            state.put_back(shell)
            _run_hidden_tests(shell, outbox, order, order["number"], limits)


def _run_hidden_tests(shell, outbox, order, number, limits):
    os.environ["COURSELAB_QUESTION_SEED"] = order["seed"]
    outbox.send({"event": "woken", "number": number})
    if order["whole"]:  # an ordinary nbgrader test cell: its error or its last value is what counts
        _run_bounded(shell, outbox, order, limits)
    else:
        run_statements(shell, outbox, order, limits)
    outbox.send({"event": "checkpoint ended", "number": number})


def _run_bounded(shell, outbox, cell, limits):
    """Run one cell within its time; what it shows goes to the outbox, an error too.

    Once a cell has been stopped, the others get less: they are likely to call the same endless loop.
    """
    seconds = limits["cell_seconds"] if TimeIsUp.count == 0 else min(limits["cell_seconds"], limits["question_seconds"])
    try:
        with _time_limit(seconds):
            shell.run_labelled(cell["source"], cell["label"])
    except TimeIsUp as error:  # it struck between two lines of IPython's own
        outbox.send({"output_type": "error", "ename": "TimeIsUp", "evalue": str(error), "traceback": [str(error)]})
    sys.stdout.flush(), sys.stderr.flush()


def run_statements(shell, outbox, order, limits):
    """Run hidden tests one statement at a time, so that an exception costs one statement and not the rest.

    Of what stands before them in their cell, what they need is run again; an expression alone never, since checks and
    plots have had their turn.
    """
    from IPython.core.inputtransformer2 import TransformerManager

    before = TimeIsUp.count
    for part in ("given", "needed", "hidden"):
        try:
            tree = ast.parse(order[part])
        except SyntaxError:  # magics, which only IPython can read
            tree = ast.parse(TransformerManager().transform_cell(order[part]))
        for statement in tree.body:
            if part == "needed" and isinstance(statement, ast.Expr):
                continue
            code = compile(ast.Module([statement], []), f"{part} {order['label']}", "exec")
            try:
                seconds = limits["question_seconds"] if TimeIsUp.count - before < 2 else 0.3
                with _time_limit(seconds):
                    exec(code, shell.user_ns)
            except BaseException as error:
                said = {"type": type(error).__name__, "message": "", "question": _question_of(statement)}
                with contextlib.suppress(BaseException):
                    said["message"] = str(error)[:2000]
                if part != "needed":
                    outbox.send({"event": "statement failed", "error": said})


def _question_of(statement):
    """The name of the question that a statement asks, when it is written there."""
    call = getattr(statement, "value", None)
    if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "ask" and call.args:
        return getattr(call.args[0], "value", None)
    return None


# Going back to a state.


# What is written where something is put into a library: an attribute that is set, or a way around that.
PATCHES = re.compile(r"\.\w+\s*=(?!=)|\b(setattr|delattr|vars|__dict__|modules|exec|eval|globals|reload|del)\b")


class State:
    """What a later moment needs in order to go back: the names of the notebook, and what they stand for.

    A name that was given another value is put back. What is changed in place (an array, a list) is not: it is noted what
    such things hold, so that a change is seen. Of other objects (a generator, say) nobody can tell.
    """

    most = 4_000_000  # bytes of arrays that are noted, or a hundredth as many items
    modules = ("builtins", "math", "random", "copy", "numpy", "numpy.random", "numpy.linalg", "IPython.display")
    reaching = frozenset({"eval", "exec", "globals", "locals", "vars"})  # with these a function reaches any name

    def __init__(self, shell, patches):
        """patches: whether a cell may put something of its own into a library (else it need not be looked at)."""
        import numpy

        self.names, self.noted = dict(shell.user_ns), {}  # id → what an object holds
        self.libraries = _libraries(self.modules) if patches else {}
        for name, value in self.names.items():
            if not name.startswith("_"):
                self._note(value)
        self.random, self.numpy_random = random.getstate(), numpy.random.get_state()
        self.warnings, self.numpy_errors = list(warnings.filters), numpy.geterr()
        self.streams, self.folder, self.stopped = (sys.stdout, sys.stderr), os.getcwd(), TimeIsUp.count

    def _note(self, value):
        if id(value) in self.noted or (holds := _holds(value, self.most)) is None:
            return
        self.most -= len(holds) if isinstance(holds, bytes) else 100 * len(holds)
        if self.most >= 0:
            self.noted[id(value)] = holds
            for part in holds if isinstance(holds, list) else ():
                self._note(part)

    def is_whole(self, names):
        """Whether all that can be reached from these names holds what it held. names: or None, for who knows which."""
        if names is None or (self.libraries and _changed(self.libraries, _libraries(self.modules))):
            return False
        left, seen = [self.names[name] for name in names if name in self.names], set()
        while left:
            value = left.pop()
            if id(value) in seen or _never_changes(value):
                continue
            seen.add(id(value))
            held = self.noted.get(id(value))
            holds = None if held is None else _holds(value)
            if held is None or len(holds) != len(held):
                return False
            if isinstance(holds, bytes):
                if holds != held:
                    return False
                continue
            if any(now is not then for now, then in zip(holds, held, strict=True)):
                return False
            left += holds
            if isinstance(value, types.CodeType):
                if not self.reaching.isdisjoint(value.co_names):
                    return False
                left += [self.names[name] for name in value.co_names if name in self.names]
        return True

    def put_back(self, shell):
        """Go back. What is_whole has found to be whole is then as it was."""
        import numpy

        shell.user_ns.clear()
        shell.user_ns.update(self.names)
        random.setstate(self.random)
        numpy.random.set_state(self.numpy_random)
        warnings.filters[:] = self.warnings
        numpy.seterr(**self.numpy_errors)
        (sys.stdout, sys.stderr), TimeIsUp.count = self.streams, self.stopped
        os.chdir(self.folder)


def _libraries(names):
    """What stands in the modules that hidden tests and students' functions use: module's name → its names."""
    found = {name: module for name, module in sys.modules.items() if name in names or name.startswith("helpers.")}
    return {name: dict(vars(module)) for name, module in found.items()}


def _changed(before, now):
    """Whether a module that was there has gone, or something else stands under a name of it."""
    for name, was in before.items():
        there = now.get(name, {})
        if any(there.get(key) is not value for key, value in was.items() if key != "__warningregistry__"):
            return True
    return False


def _holds(value, most=float("inf")):
    """What could be changed in a value: the bytes of an array, the parts of anything else; None: it cannot be told.

    most: how many bytes an array may have.
    """
    import numpy

    kind = type(value)
    if kind is numpy.ndarray and not value.dtype.hasobject and value.nbytes <= most:
        return f"{value.shape} {value.dtype} ".encode() + value.tobytes()
    if kind in (list, tuple, set, frozenset):
        return list(value)
    if kind is dict:
        return [*value.keys(), *value.values()]
    if kind is types.CodeType:
        return [part for part in value.co_consts if isinstance(part, types.CodeType)]
    if kind is types.FunctionType and not _never_changes(value):
        cells = [cell.cell_contents for cell in value.__closure__ or () if cell != types.CellType()]
        return [value.__code__, value.__defaults__, value.__kwdefaults__, *cells, *vars(value).values()]
    return None


def _never_changes(value):
    """Whether a value cannot be changed, or is of a library, where nobody changes it."""
    import numpy

    plain = (type(None), bool, int, float, complex, str, bytes, range, types.ModuleType, types.BuiltinFunctionType)
    if isinstance(value, (*plain, numpy.generic, numpy.dtype, numpy.ufunc)):
        return True
    module = getattr(value, "__module__", None) if isinstance(value, (type, types.FunctionType)) else None
    return isinstance(module, str) and module != "__main__"


def make_shell(outbox):
    """An IPython shell without terminal, history file, debugger or kernel: what it shows goes to the outbox."""
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell

    class Publisher(DisplayPublisher):
        def publish(self, data, metadata=None, source=None, *, transient=None, update=False, **_):
            sys.stdout.flush(), sys.stderr.flush()
            kind = "update_display_data" if update else "display_data"
            message = {"output_type": kind, "data": _plain(data), "metadata": _plain(metadata or {})}
            display_id = (transient or {}).get("display_id")
            outbox.send({**message, "display_id": display_id} if isinstance(display_id, str) else message)

        def clear_output(self, wait=False):
            sys.stdout.flush(), sys.stderr.flush()
            outbox.send({"output_type": "clear_output", "wait": bool(wait)})

    class Hook(DisplayHook):
        def write_output_prompt(self):
            pass

        def write_format_data(self, format_dict, md_dict=None):
            sys.stdout.flush(), sys.stderr.flush()
            outbox.send(
                {"output_type": "execute_result", "data": _plain(format_dict), "metadata": _plain(md_dict or {})}
            )

        def finish_displayhook(self):
            pass

    class Shell(InteractiveShell):
        displayhook_class = Hook
        display_pub_class = Publisher
        label = ""

        def run_labelled(self, source, label):
            """Run a cell. An error that replaced methods of IPython did not show is told all the same."""
            self.label, self.errors_shown = label, 0
            try:
                result = self.run_cell(source, store_history=True)
                error = result.error_before_exec or result.error_in_exec
            except TimeIsUp:
                raise
            except BaseException as escaped:
                error = escaped
            if error is not None and not self.errors_shown:
                Shell._tell(self, type(error), error, [])

        def transform_cell(self, raw_cell):
            """Plain Python is what it was before: only magics and the like need IPython's transformers."""
            if raw_cell[:1].strip() and self._transformers() == self.own_transformers:
                with (
                    contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError),
                    warnings.catch_warnings(),
                ):
                    warnings.simplefilter("ignore")  # it will be compiled once more
                    ast.parse(raw_cell)
                    return raw_cell if raw_cell.endswith("\n") else raw_cell + "\n"
            return super().transform_cell(raw_cell)

        def _transformers(self):
            manager = self.input_transformer_manager
            lists = (manager.cleanup_transforms, manager.line_transforms, manager.token_transformers)
            return [*map(list, lists), self.input_transformers_post[:]]

        def _showtraceback(self, etype, evalue, stb):
            self._tell(etype, evalue, stb)

        def _tell(self, etype, evalue, stb):
            self.errors_shown += 1
            sys.stdout.flush(), sys.stderr.flush()
            text = ""
            with contextlib.suppress(BaseException):
                text = str(evalue)
            trace = stb if isinstance(stb, list) else [str(stb)]
            if etype is TimeIsUp:
                trace = [f"TimeIsUp: {text}"]
            outbox.send({"output_type": "error", "ename": etype.__name__, "evalue": text, "traceback": trace})

        def ask_exit(self):
            pass

        system = InteractiveShell.system_piped

        def enable_gui(self, gui=None):
            pass

    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = Shell.instance(config=config)
    shell.outbox, shell.own_transformers = outbox, shell._transformers()
    shell.compile.get_code_name = lambda raw, transformed, number: f"cell {shell.label}"
    import matplotlib
    from matplotlib_inline.backend_inline import configure_inline_support

    matplotlib.interactive(True)
    configure_inline_support(shell, "module://matplotlib_inline.backend_inline")
    return shell


def _plain(value):
    """What JSON can carry; bytes become base64 text, anything else its repr."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return repr(value)


@contextlib.contextmanager
def _time_limit(seconds):
    def stop(*_):
        TimeIsUp.count += 1
        raise TimeIsUp(f"stopped after {seconds:g} seconds")

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _enter_work_folder(folder, files):
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    for name, content in files.items():
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        with open(name, "wb") as file:
            file.write(base64.b64decode(content))


def _redirect_standard_files(scratch):
    """Standard input is empty; what libraries and child processes write to 1 and 2 is kept in a file."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    path = os.path.join(scratch, f"low-level-output-{os.getpid()}")
    kept = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC, 0o600)
    os.unlink(path)
    os.dup2(kept, 1)
    os.dup2(kept, 2)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    return kept


def _send_low_level_output(kept, outbox):
    size = os.fstat(kept).st_size
    if size:
        text = os.pread(kept, min(size, 1_000_000), 0).decode("utf-8", "replace")
        os.ftruncate(kept, 0)
        outbox.send({"output_type": "stream", "name": "stdout", "text": text})


def _be_the_first_to_go():
    """When the machine itself is out of memory, let it end a notebook rather than the grader (Linux)."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


def _shuffle():
    """Random numbers that nobody has seeded differ from one notebook to the next."""
    import numpy

    random.seed()
    numpy.random.seed()


def _set_limits(limits):
    import resource

    pairs = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_CPU, limits["cpu_seconds"]),
        (resource.RLIMIT_FSIZE, limits["file_size"]),
        (resource.RLIMIT_NOFILE, limits["open_files"]),
    ]
    if hasattr(resource, "RLIMIT_NPROC") and limits["processes"]:
        pairs.append((resource.RLIMIT_NPROC, limits["processes"]))
    for kind, most in pairs:
        if most is not None:
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(kind, (most, most))


if __name__ == "__main__":
    settings = json.loads(sys.argv[1])
    sys.dont_write_bytecode = True
    supervise(socket.socket(fileno=0), settings["uid"], settings["fonts"], settings["lab"], settings["folders"])
