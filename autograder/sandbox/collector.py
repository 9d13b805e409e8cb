"""What comes from a student's process, collected: bounded in number and size, parsed as JSON, copied field by field."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from autograder.sandbox.breach import Cut, Kept
from helpers.questions import ANSWER_MIMETYPE

if TYPE_CHECKING:
    from autograder.sandbox.job import Limits, Run

    Message = dict[str, Any]

SHOWN_TYPES = ("text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/jpeg", "image/svg+xml")
MOST_FAILURES = 200  # statements of one hidden test that raised
MOST_HIDDEN_OUTPUTS = 1000  # of one hidden test
MOST_MARKS = 300_000  # brackets, braces and commas in one message: parsed, each costs memory


class Collector:
    """Splits what a pipe holds into messages, and keeps outputs and answers in `result`, as far as the limits go.

    `arrived` counts the bytes; whoever reads the pipe bounds it.
    """

    def __init__(self, limits: Limits, result: Run) -> None:
        self.limits, self.result = limits, result
        self.arrived = self.answered = 0
        self.kept: dict[int, int] = {}  # cell → bytes of its outputs
        self.count: dict[int, int] = {}  # cell → number of its outputs
        self.displays: dict[str | None, tuple[int, Message]] = {}
        self.line, self.dropping = bytearray(), False

    def messages(self, data: bytes) -> Iterator[tuple[Message, bytes | None]]:
        """Each message that comes to its end in `data`, with its line. One that is too large is left out: in its place
        comes an output that says so, with None."""
        self.arrived += len(data)
        *whole, rest = data.split(b"\n")
        for piece in whole:
            yield from self._add(piece)
            if not self.dropping and self.line:
                line = bytes(self.line)
                message = _parse(line)
                if message is not None:
                    yield message, line
            self.line, self.dropping = bytearray(), False
        yield from self._add(rest)

    def _add(self, piece: bytes) -> Iterator[tuple[Message, None]]:
        if not self.dropping:
            self.line += piece
            if len(self.line) > self.limits.message_bytes:
                self.forget_line()
                self.dropping = True
                text = f"[one output of more than {self.limits.message_bytes / 1024**2:g} MB was left out]\n"
                yield {"output_type": "stream", "name": "stderr", "text": text}, None

    def forget_line(self) -> None:
        """Whoever was writing has ended in the middle of a line."""
        self.line, self.dropping = bytearray(), False

    def keep_output(self, number: int, message: Message) -> None:
        """An output of a visible cell."""
        outputs = self.result.cells[number].outputs
        kind = message.get("output_type")
        if kind == "clear_output":
            outputs.clear()
            self.kept[number] = self.count[number] = 0
            return
        output = notebook_output(message)
        if output is None:
            return
        display_id = message.get("display_id")
        if kind == "update_display_data":
            where, shown = self.displays.get(display_id if isinstance(display_id, str) else None, (None, None))
            if (
                where is not None
                and shown is not None
                and self._has_room(where, len(json.dumps(output)) - len(json.dumps(shown)), 0)
            ):
                shown.update(data=output["data"], metadata=output["metadata"])
            return
        previous = outputs[-1] if outputs else {}
        joins = kind == "stream" and previous.get("output_type") == "stream" and previous["name"] == output["name"]
        if not self._has_room(number, len(json.dumps(output)), 0 if joins else 1):
            return
        if joins:
            previous["text"] += output["text"]
        else:
            outputs.append(output)
            if isinstance(display_id, str):
                self.displays[display_id] = (number, output)

    def _has_room(self, number: int, size: int, count: int) -> bool:
        """Whether a cell may show that much more."""
        limits = self.limits
        if sum(self.kept.values()) + size > limits.output_bytes:
            self._cut(Kept.OUTPUT_BYTES, limits.output_bytes)
            return False
        if sum(self.count.values()) + count > limits.outputs:
            self._cut(Kept.OUTPUTS, limits.outputs)
            return False
        self.kept[number] = self.kept.get(number, 0) + size
        self.count[number] = self.count.get(number, 0) + count
        return True

    def _cut(self, what: Kept, limit: int) -> None:
        cut = Cut(what, limit)
        if cut not in self.result.cut:
            self.result.cut.append(cut)

    def keep_answer(self, number: int, message: Message, size: int) -> None:
        """An answer, as helpers.questions hands it out on the side that asks. size: in bytes."""
        data = message.get("data")
        if isinstance(data, dict) and ANSWER_MIMETYPE in data:
            self.answered += size
            if self.answered > self.limits.answer_bytes:
                self._cut(Kept.ANSWER_BYTES, self.limits.answer_bytes)
            else:
                self.result.cells[number].answers.append(data[ANSWER_MIMETYPE])

    def keep_hidden(self, number: int, message: Message) -> None:
        """What an ordinary test shows in the student's process."""
        outputs = self.result.cells[number].hidden_outputs
        if len(outputs) < MOST_HIDDEN_OUTPUTS:
            output = notebook_output(message)
            if output is not None and self._has_room(number, len(json.dumps(output)), 1):
                outputs.append(output)

    def keep_failure(self, number: int, error: Message) -> None:
        """A statement of a hidden test that raised."""
        failures = self.result.cells[number].failures
        if len(failures) < MOST_FAILURES:
            failures.append({name: _short_text(error.get(name)) for name in ("type", "message", "question")})


def _parse(line: bytes) -> Message | None:
    """The JSON object that a line holds, or None."""
    if sum(map(line.count, b"[{,")) > MOST_MARKS:
        return None
    try:
        message = json.loads(line)
        if b"\\ud" in line.lower():  # halves of characters, which no file takes
            message = json.loads(json.dumps(message, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


def notebook_output(message: Message) -> Message | None:
    """The message as a notebook output with nothing but known fields of the right types, or None."""
    kind = message.get("output_type")
    if kind == "stream" and isinstance(message.get("text"), str):
        name = "stderr" if message.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": message["text"]}
    if kind == "error":
        trace = message.get("traceback")
        lines = [line for line in trace if isinstance(line, str)] if isinstance(trace, list) else []
        ename, evalue = _short_text(message.get("ename")) or "", _short_text(message.get("evalue")) or ""
        return {"output_type": "error", "ename": ename, "evalue": evalue, "traceback": lines[-200:]}
    if kind in ("display_data", "execute_result", "update_display_data") and isinstance(message.get("data"), dict):
        given = message["data"]
        data = {type_: given[type_] for type_ in SHOWN_TYPES if isinstance(given.get(type_), str)}
        for type_ in ("image/png", "image/jpeg"):
            if type_ in data:  # it will stand in an attribute of a page
                data[type_] = re.sub(r"[^A-Za-z0-9+/=\n]", "", data[type_])
        if not data:
            return None
        if kind == "execute_result":
            return {"output_type": kind, "data": data, "metadata": {}, "execution_count": None}
        return {"output_type": "display_data", "data": data, "metadata": {}}
    return None


def _short_text(value: Any) -> str | None:
    """Text of an error, no longer than anyone reads; None for anything else."""
    return value[:20_000] if isinstance(value, str) else None
