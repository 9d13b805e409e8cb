"""The trusted side of a question: run the hidden tests of one cell after the other, and ask the student's process.

This process runs the instructor's text only, in an enclosure of its own. What a student wrote is a name here: calling it
sends the inputs of this one call to the student's process (answering.py) and waits for plain data. So no hidden text, no
later input, no seed and no solution is ever where a student's code could look.
"""

import ast
import builtins
import json
import os
import random
import sys
import types

import numpy

from .theirs import Theirs
from .values import CannotTravel, Unpacker, change, mutables, write

# No `from __future__ import annotations` here: what is compiled below would be compiled with it, too.
TYPE_CHECKING = False  # as typing has it, which need not be loaded here
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, BinaryIO

    from .shell import NotebookShell
    from .streams import Outbox

    Order = dict[str, Any]  # what one side tells the other, as JSON

STUDENTS = b"<"  # prefix of lines from the student's process; all others are the grader's
MOST_CALLS = 50_000  # of our functions by a student's, in one cell


class Abandoned(BaseException):
    """The student's process has ended: nobody answers any more."""

    ends_the_test = True


class Dropped(BaseException):
    """What the student's process sent was too large and was not passed on: this question has no answer."""

    ends_the_test = True


class Asking:
    """Runs regions of hidden tests. lines: what comes from the grader, and through it from the student's process."""

    def __init__(self, shell: "NotebookShell", outbox: "Outbox", lines: "BinaryIO", out: int) -> None:
        self.shell, self.outbox, self.lines, self.out = shell, outbox, lines, out
        self.random = random.getstate(), numpy.random.get_state()
        self.region: Any = None  # the order that is under way
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Forget all names: another student's notebook is asked."""
        self.names = Names(self)
        self.run_before: set[str] = set()
        self.course: dict[str, Any] = {"__name__": "course"}
        self.course_texts: set[str] = set()
        random.setstate(self.random[0])
        numpy.random.set_state(self.random[1])

    def serve(self) -> None:
        """Run one region after the other until the grader has no more."""
        for line in self.lines:
            if not line.startswith(b"{"):  # it comes too late, or nobody has asked for it
                continue
            order = json.loads(line)
            if order.get("do") == "region":
                self._run(order)
                self.outbox.send({"event": "region ended", "number": order["number"]})
            elif order.get("do") == "begin anew":
                self._begin_anew()

    def _run(self, order: "Order") -> None:
        self.region, self.calls = order, 0
        self.got: dict[str, Any] = {}
        self.mine: list[Callable[..., Any]] = []
        self.given: list[Any] = []
        self.names["__name__"] = f"hidden {order['label']}"
        os.environ["COURSELAB_QUESTION_SEED"] = order["seed"]
        try:
            self._request("prepare", label=order["label"], needed=order["needed"], given=order["given"])
            for key, text in order["prelude"]:
                if key not in self.run_before:
                    self.run_before.add(key)
                    self._run_text(text, f"prelude {order['label']}", say=False)
            self._run_text(order["hidden"], f"hidden {order['label']}", say=True)
        except Abandoned:
            pass

    def _run_text(self, text: str, label: str, say: bool) -> None:
        """Run a text one statement at a time, so that an exception costs one statement and not the rest."""
        try:
            tree = ast.parse(text)
        except SyntaxError:  # magics, which only IPython can read
            from IPython.core.inputtransformer2 import TransformerManager

            tree = ast.parse(TransformerManager().transform_cell(text))  # type: ignore[no-untyped-call]
        for statement in tree.body:
            code = compile(ast.Module([statement], []), label, "exec")
            try:
                exec(code, self.names)
            except Abandoned:
                raise
            except Dropped:
                continue
            except BaseException as error:
                if say:
                    said = getattr(error, "described", None) or {"type": type(error).__name__, "message": str(error)}
                    found = {"type": said["type"], "message": said["message"][:2000], "question": _question(statement)}
                    self.outbox.send({"event": "statement failed", "error": found})

    # Asking the student's process.

    def request(self, do: str, **order: "Any") -> "Order":
        """Have the student's process do something; returns its reply, or raises what was raised there."""
        reply = self._request(do, **order)
        if "error" in reply:
            raise _error(reply["error"])
        return reply

    def value(self, do: str, **order: "Any") -> "Any":
        """The same for a value."""
        reply = self.request(do, **order)
        return self._unpack(reply.get("value"))

    def call(self, target: str | int, inputs: "tuple[Any, ...]", named: "dict[str, Any]") -> "Any":
        """Have the student's process call a function, and return what it returns. What it does to its inputs is done to
        `inputs`, too, as if it had been called here."""
        packed, before = self.inputs(list(inputs), named), self.given
        self.given = mutables(*inputs, *named.values())
        try:
            return self.value("call", target=target, inputs=packed, **{"as": "value"})
        finally:
            self.given = before

    def _unpack(self, data: "Any") -> "Any":
        return Unpacker(self._theirs, self.given).unpack(data)

    def _take_changes(self, message: "Order") -> None:
        """Do to our inputs what the student's function has done to its copies of them."""
        for one in message.get("changed") or ():
            if isinstance(one, list) and len(one) == 2 and type(one[0]) is int and 0 <= one[0] < len(self.given):
                change(self.given[one[0]], self._unpack(one[1]))

    def inputs(self, *values: "Any") -> str:
        """Inputs on their way to the student's process. Raises CannotTravel."""
        return write(values[0] if len(values) == 1 else values, self._name_of)

    def _request(self, do: str, **order: "Any") -> "Order":
        number = os.urandom(8).hex()  # nobody has an answer ready to what has not been asked
        self._to_student({"do": do, "id": number, **order})
        for line in self.lines:
            if not line.startswith(STUDENTS):  # the grader's own reply: the message was too large to be forwarded
                raise Dropped
            message = _read(line[1:])
            if message.get("event") == "call":
                self._call_for_student(message)
            elif message.get("event") == "reply" and message.get("id") == number:
                self._take_changes(message)
                return message
        raise Abandoned

    def _to_student(self, message: "Order") -> None:
        data = memoryview(b">" + json.dumps(message).encode() + b"\n")
        while data:
            data = data[os.write(self.out, data) :]

    def get(self, name: str) -> "Any":
        """What a name stands for in the student's notebook. Raises KeyError."""
        if name not in self.got:
            reply = self.request("get", name=name)
            if reply.get("missing"):
                raise KeyError(name)
            data = reply.get("value")
            if isinstance(data, dict) and data.get("is") == "there" and data.get("called"):
                self.got[name] = Theirs(self, name, str(data.get("type"))[:80])
            else:
                self.got[name] = Unpacker(self._theirs).unpack(data)
        return self.got[name]

    def is_theirs(self, name: str) -> bool:
        return name in self.region["written"]

    def _theirs(self, number: int | None, kind: str, called: bool) -> "Any":
        if number is None:
            return self._module(kind)
        return Theirs(self, number, kind)

    def _module(self, name: str) -> types.ModuleType:
        """A module that the student's notebook has under a name: ours, if the instructor's text has loaded it too."""
        if name in sys.modules and name.split(".")[0] not in ("inside", "os", "sys", "builtins"):
            return sys.modules[name]
        raise CannotTravel(f"the module {name} is not known here")

    # Functions of ours that the student's process may call.

    def _name_of(self, value: object) -> "tuple[str, str | int] | None":
        if isinstance(value, Theirs):
            return ("yours", value.target)
        if isinstance(value, types.MethodType) or (isinstance(value, types.FunctionType) and not _can_be_found(value)):
            self.mine.append(value)
            return ("mine", len(self.mine) - 1)
        return None

    def _call_for_student(self, message: "Order") -> None:
        """Call one of our functions for the student's process, and send what it returns."""
        self.calls += 1
        try:
            if self.calls > MOST_CALLS:
                raise RuntimeError(f"more than {MOST_CALLS:,} calls were made for one hidden test")
            self._take_changes(message)
            function = self._function(message.get("function"))
            inputs, named = self._unpack(message["inputs"])
            said: Order = {
                "value": self.inputs(function(*inputs, **{str(name): value for name, value in named.items()}))
            }
        except (Abandoned, Dropped):
            raise
        except BaseException as error:
            described = getattr(error, "described", None) or {"type": type(error).__name__, "message": str(error)}
            said = {"error": {"type": described["type"], "message": described["message"][:2000]}}
        self._to_student({"do": "result", "id": message.get("id"), **said})

    def _function(self, name: "Any") -> "Callable[..., Any]":
        pair: Any = name if isinstance(name, list) and len(name) == 2 else (None, None)
        kind, key = pair
        if kind == "mine" and type(key) is int and 0 <= key < len(self.mine):
            return self.mine[key]
        if kind == "given" and key in self.region["given"]:
            if self.region["course"] not in self.course_texts:
                self.course_texts.add(self.region["course"])
                exec(compile(self.region["course"], "the course's own", "exec"), self.course)
            return self.course[key]
        raise CannotTravel("there is no such function")


class Names(dict[str, object]):
    """The names of the hidden tests. What they do not define themselves is looked for in the student's notebook."""

    def __init__(self, asking: Asking) -> None:
        super().__init__()
        self["__builtins__"] = builtins
        self._asking = asking

    def __missing__(self, name: str) -> "Any":
        if hasattr(builtins, name) and not self._asking.is_theirs(name):
            raise KeyError(name)
        return self._asking.get(name)


def _error(said: "Any") -> Exception:
    """The exception that a student's function raised, as one of ours: of the same kind where that is one of Python's."""
    said = said if isinstance(said, dict) else {}
    name, message = str(said.get("type"))[:80], str(said.get("message"))[:2000]
    known = getattr(builtins, name, None)
    known = known if isinstance(known, type) and issubclass(known, Exception) else Exception
    described = {"type": name, "message": message, "where": said.get("where")}
    kind = type(name, (known,), {"described": described, "__str__": lambda self: message})
    try:
        return kind(message)
    except TypeError:  # some want more than a text
        return type(name, (Exception,), {"described": described})(message)


def _read(line: bytes) -> "Order":
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def _can_be_found(function: types.FunctionType) -> bool:
    """Whether a function is one of a library, found by its name on both sides."""
    there: Any = sys.modules.get(function.__module__ or "")
    for part in function.__qualname__.split("."):
        there = getattr(there, part, None)
    return there is function


def _question(statement: ast.stmt) -> "str | None":
    """The name of the question that a statement asks, when it is written there."""
    call = getattr(statement, "value", None)
    if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "ask" and call.args:
        return getattr(call.args[0], "value", None)
    return None
