"""The student's side of a question: call the function that is asked for, and hand out what it returns.

Here stand no hidden test, no name of a question and no input but those of the call that is under way. A call comes as one
line; while it runs, the function may call back (functions that were handed in, and the course's own versions of earlier
functions): these calls go out and are answered by the side that asks.
"""

import contextlib
import json
import sys

from .streams import TimeIsUp, time_limit
from .values import Packer, has_changed, holds, mutables, read

# No `from __future__ import annotations` here: what is compiled below would be compiled with it, too.
TYPE_CHECKING = False  # as typing has it, which need not be loaded here
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType
    from typing import Any, BinaryIO

    from .shell import NotebookShell
    from .streams import Outbox

    Order = dict[str, Any]  # what one side tells the other, as JSON

AT_LEAST = 0.3  # seconds of each question, once two have been stopped


class Answering:
    """Answers what comes through `lines` about the notebook in `shell`, through `outbox`."""

    def __init__(self, shell: "NotebookShell", outbox: "Outbox", lines: "BinaryIO", limits: "Order") -> None:
        self.shell, self.outbox, self.lines, self.limits = shell, outbox, lines, limits
        self.kept: list[Any] = []  # what cannot travel
        self.stopped = TimeIsUp.count
        self.number = 0  # of the last call that went out
        self.deep = 0  # how many calls are under way, one inside the other
        # Mutable arguments of the calls under way, and their content when it was last sent.
        self.given: list[tuple[Any, Any]] = []

    def serve(self, order: "Order | None") -> bool:
        """Answer what is asked, from `order` on, until the hidden tests of the cell are over. False: nobody asks any more."""
        while order:
            if order["do"] == "end":
                return True
            self._answer(order)
            order = self._next()
        return False

    def _next(self) -> "Order | None":
        line = self.lines.readline()
        return json.loads(line) if line else None

    def _answer(self, order: "Order") -> None:
        self.deep += 1
        try:
            with self._limit():
                reply = getattr(self, f"_{order['do']}")(order)
        except BaseException as error:  # also SystemExit: leaving is an answer too, and a wrong one
            reply = {"error": self._described(error)}
        self.deep -= 1
        self.outbox.send({"event": "reply", "id": order["id"], **reply})

    def _described(self, error: BaseException) -> "Order":
        from helpers.questions import describe_error

        with contextlib.suppress(BaseException), self._limit():
            return describe_error(error)
        return {"type": type(error).__name__, "message": "", "where": None}

    def _limit(self) -> contextlib.AbstractContextManager[None]:
        """The time of one question, all that it calls included."""
        if self.deep > 1:
            return contextlib.nullcontext()
        seconds = self.limits["question_seconds"] if TimeIsUp.count - self.stopped < 2 else AT_LEAST
        return time_limit(seconds, self.limits["patience"])

    # What may be asked.

    def _prepare(self, order: "Order") -> "Order":
        """Run what the cell defines in sight, and put stand-ins where earlier functions are not to be paid for again."""
        for name in order["given"]:
            self.shell.user_ns[name] = self._far_away(["given", name])
        for code in _statements(order["needed"], f"needed {order['label']}"):
            with contextlib.suppress(BaseException):  # it has been seen in the visible run
                exec(code, self.shell.user_ns)
        return {}

    def _get(self, order: "Order") -> "Order":
        """What a name stands for."""
        if order["name"] not in self.shell.user_ns:
            return {"missing": True}
        return {"value": Packer(self._keep).pack(self.shell.user_ns[order["name"]])}

    def _call(self, order: "Order") -> "Order":
        """Call a function. as: "answer" (as helpers.questions.encode writes it), "after" (with its arguments as the
        call left them), or "value" (to go on with)."""
        function = self._object(order["target"])
        inputs, named = read(order["inputs"], self._far_away)
        if order["as"] == "value":
            before, values = self.given, mutables(*inputs, *named.values())
            self.given = [(value, holds(value)) for value in values]
            try:
                value = function(*inputs, **named)
                return {"value": Packer(self._keep, values).pack(value), "changed": self._changes()}
            except BaseException as error:
                return {"error": self._described(error), "changed": self._changes()}
            finally:
                self.given = before
        value = function(*inputs, **named)
        from helpers.questions import encode, with_arguments

        return {"answer": encode(with_arguments(value, inputs) if order["as"] == "after" else value)}

    def _look(self, order: "Order") -> "Order":
        """Look at something that stayed here: an attribute, an entry, its length, all that it holds, its text."""
        thing = self._object(order["target"])
        ways: dict[str, Callable[[], Any]] = {
            "attribute": lambda: getattr(thing, order["name"]),
            "item": lambda: thing[read(order["inputs"], self._far_away)],
            "length": lambda: len(thing),
            "all": lambda: list(thing),
            "text": lambda: str(thing),
            "repr": lambda: repr(thing),
            "truth": lambda: bool(thing),
            "equal": lambda: bool(thing == read(order["inputs"], self._far_away)),
            "number": lambda: float(thing),
        }
        return {"value": Packer(self._keep).pack(ways[order["way"]]())}

    def _changes(self) -> "list[Any]":
        """What of the inputs has been changed since the other side was told: [place, what it holds now]."""
        packer, changes = Packer(self._keep, [value for value, _ in self.given]), []
        for place, (value, held) in enumerate(self.given):
            if has_changed(value, held):
                changes.append([place, packer.packed_anew(value)])
                self.given[place] = (value, holds(value))
        return changes

    def _object(self, target: str | int) -> "Any":
        return self.shell.user_ns[target] if isinstance(target, str) else self.kept[target]

    def _keep(self, value: object) -> int:
        self.kept.append(value)
        return len(self.kept) - 1

    # Calling back.

    def _far_away(self, name: "Any") -> "Any":
        """A function of the other side, which knows it by `name`; or something of ours that comes back."""
        if name[0] == "yours":
            return self._object(name[1])
        return _FarFunction(self, name)

    def call_back(self, name: "Any", inputs: "tuple[Any, ...]", named: "dict[str, Any]") -> "Any":
        """Have the other side call one of its functions, and wait for what comes of it."""
        self.number += 1
        number = self.number
        changes = self._changes()
        packed = Packer(self._keep, [value for value, _ in self.given]).pack([list(inputs), named])
        self.outbox.send({"event": "call", "id": number, "function": name, "inputs": packed, "changed": changes})
        while (order := self._next()) is not None:
            if order["do"] != "result":  # a nested request, before the result
                self._answer(order)
            elif order["id"] == number:
                if "error" in order:
                    raise _error(order["error"])
                return read(order["value"], self._far_away)
        sys.exit("nobody asks any more")


class _FarFunction:
    """Stands for a function of the other side."""

    def __init__(self, answering: Answering, name: "Any") -> None:
        self._answering, self._name = answering, name

    def __call__(self, *inputs: "Any", **named: "Any") -> "Any":
        return self._answering.call_back(self._name, inputs, named)

    def __getattr__(self, name: str) -> "Any":
        raise AttributeError(f"'function' object has no attribute {name!r}")

    def __copy__(self) -> "_FarFunction":
        return self

    def __deepcopy__(self, memo: object) -> "_FarFunction":
        return self


def _error(said: "Order") -> Exception:
    """The exception that a function of the other side raised, as far as it is one of Python's own."""
    import builtins

    kind = getattr(builtins, said["type"], None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        kind = type(said["type"], (Exception,), {})
    try:
        return kind(said["message"])
    except TypeError:  # some want more than a text
        return RuntimeError(said["message"])


def _statements(text: str, label: str) -> "Iterator[CodeType]":
    """The code of each statement of a text, one after the other; expressions alone are left out."""
    import ast

    from IPython.core.inputtransformer2 import TransformerManager

    try:
        tree = ast.parse(text)
    except SyntaxError:  # magics, which only IPython can read
        tree = ast.parse(TransformerManager().transform_cell(text))  # type: ignore[no-untyped-call]
    for statement in tree.body:
        if not isinstance(statement, ast.Expr):
            yield compile(ast.Module([statement], []), label, "exec")
