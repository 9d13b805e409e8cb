"""Answers, as they come out of a student's process: read strictly, written plainly.

A payload is whatever JSON a stranger's code chose to send. `read_answer` takes from it an `Answer` or says why it
cannot; nothing is unpickled, evaluated or trusted, and nothing in it can set points, tolerances or expectations.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

DTYPES = {
    f"<{kind}{size}" for kind, sizes in {"i": "248", "u": "248", "f": "248", "c": ("8", "16")}.items() for size in sizes
}
DTYPES |= {"|b1", "|i1", "|u1", "<b1", "<i1", "<u1"}
MOST_ENTRIES = 200_000  # of one array
MOST_ITEMS = 2_000  # of one list or dict
DEEPEST = 8
LONGEST_TEXT = 10_000


class Malformed(ValueError):
    """The payload is no answer; the message says why, in words that a student may read."""


@dataclass(frozen=True)
class Other:
    """A value that cannot travel: only the name of its type did."""

    type: str


@dataclass(frozen=True)
class Raised:
    """The question's function raised instead of answering."""

    type: str
    message: str = ""
    cell: str | None = None  # label of the cell the exception came from
    line: int | None = None  # and its line there, counted from 1


@dataclass(frozen=True)
class Answer:
    """One question's answer: a value, or what was raised in its place."""

    question: str
    value: Any = None  # None, str, np.ndarray (0-d for a number), list, dict, Other
    raised: Raised | None = None
    compare: dict[str, Any] | None = None  # only the key's is ever used


@dataclass
class AnswerSheet:
    """The answers of one notebook: test cell → question → Answer, and what went wrong on the way."""

    cells: dict[str, dict[str, Answer]] = field(default_factory=dict)
    refused: dict[str, list[str]] = field(default_factory=dict)  # test cell → why a payload was not taken
    failures: dict[str, dict[str | None, Raised]] = field(default_factory=dict)  # statement that raised outside ask
    lost: dict[str, str] = field(default_factory=dict)  # test cell → why its questions were not (all) asked

    def same_as(self, other: "AnswerSheet") -> bool:
        """Whether both sheets say the same, to the bit."""
        return _bits(self.cells) == _bits(other.cells)


class Finished(Protocol):
    """What is read of a test cell that has run (job.CellRun)."""

    @property
    def answers(self) -> Sequence[Any]: ...  # payloads, as they arrived

    @property
    def failures(self) -> Sequence[dict[str, Any]]: ...

    @property
    def hidden_lost(self) -> str | None: ...


def read_sheet(cells: Mapping[str, Finished]) -> AnswerSheet:
    """The sheet of a finished run. `cells`: by test cell."""
    sheet = AnswerSheet()
    for label, run in cells.items():
        answers: dict[str, Answer] = {}
        sheet.cells[label] = answers
        for payload in run.answers:
            try:
                answer = read_answer(payload)
                if answer.question in answers:
                    raise Malformed("a question was answered twice; only the first answer counts")
                answers[answer.question] = answer
            except Malformed as error:
                reasons = sheet.refused.setdefault(label, [])
                if str(error) not in reasons and len(reasons) < 20:
                    reasons.append(str(error))
        sheet.failures[label] = {}
        for failure in run.failures[:200]:
            raised = Raised(_text(failure.get("type")) or "an error", _text(failure.get("message")) or "")
            sheet.failures[label].setdefault(_text(failure.get("question")), raised)
        if run.hidden_lost:
            sheet.lost[label] = run.hidden_lost
    return sheet


def read_answer(payload: Any) -> Answer:
    """The Answer in a payload. Raises Malformed with the reason when there is none."""
    if not isinstance(payload, dict) or payload.get("version") != 1:
        raise Malformed("an answer of an unknown form was handed out")
    question = payload.get("question")
    if not isinstance(question, str) or not 0 < len(question) <= 300:
        raise Malformed("an answer without the name of its question was handed out")
    compare = payload.get("compare") if isinstance(payload.get("compare"), dict) else None
    if "error" in payload:
        return Answer(question, raised=_read_error(payload["error"]), compare=compare)
    return Answer(question, value=read_value(payload.get("value")), compare=compare)


def read_value(encoded: Any, depth: int = 0) -> Any:
    """The value written by helpers.questions.encode. Raises Malformed."""
    if not isinstance(encoded, dict) or depth > DEEPEST:
        raise Malformed("an answer of an unknown form was handed out")
    kind = encoded.get("kind")
    if kind == "none":
        return None
    if kind == "text" and isinstance(encoded.get("text"), str):
        return encoded["text"][:LONGEST_TEXT]
    if kind == "other":
        return Other((_text(encoded.get("type")) or "unknown")[:80])
    if kind == "array":
        return _read_array(encoded)
    items = encoded.get("items")
    if kind not in ("list", "dict") or not isinstance(items, list):
        raise Malformed("an answer of an unknown form was handed out")
    if len(items) > MOST_ITEMS:
        raise Malformed(f"a {kind} of more than {MOST_ITEMS} items was handed out")
    if kind == "list":
        return [read_value(item, depth + 1) for item in items]
    if not all(isinstance(item, list) and len(item) == 2 for item in items):
        raise Malformed("an answer of an unknown form was handed out")
    return {_read_key(key): read_value(item, depth + 1) for key, item in items}


def _read_array(encoded: dict[str, Any]) -> npt.NDArray[Any]:
    dtype, shape, data = encoded.get("dtype"), encoded.get("shape"), encoded.get("data")
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise Malformed("an array of a type that is no number was handed out")
    if not (isinstance(shape, list) and len(shape) <= 32 and all(type(n) is int and 0 <= n <= 2**31 for n in shape)):
        raise Malformed("an array without a proper shape was handed out")
    size = 1
    for length in shape:
        size *= length
        if size > MOST_ENTRIES:
            raise Malformed(f"an array of more than {MOST_ENTRIES} entries was handed out")
    if not isinstance(data, str) or len(data) > 24 * MOST_ENTRIES:
        raise Malformed("an array without proper contents was handed out")
    try:
        raw = base64.b64decode(data, validate=True)
        array = np.frombuffer(raw, dtype=dtype).reshape(shape)
    except (binascii.Error, ValueError, TypeError):
        raise Malformed("an array whose contents do not fit its shape was handed out") from None
    return array


def _read_key(encoded: Any) -> Any:
    """A dict's key: text, or a number, in a form that equal keys share."""
    value = read_value(encoded, DEEPEST)
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return value.item()
    return f"a key of type {type(value).__name__}"


def _read_error(error: Any) -> Raised:
    if not isinstance(error, dict):
        raise Malformed("an error of an unknown form was handed out")
    told = error.get("where")
    where: dict[str, Any] = told if isinstance(told, dict) else {}
    line = where.get("line") if type(where.get("line")) is int else None
    name = (_text(error.get("type")) or "an error")[:80]
    return Raised(name, (_text(error.get("message")) or "")[:2000], _text(where.get("cell")), line)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _bits(value: Any) -> Any:
    """A value in a form that compares to the bit (nan equals nan)."""
    if isinstance(value, np.ndarray):
        return (value.dtype.str, value.shape, value.tobytes())
    if isinstance(value, dict):
        return [(repr(key), _bits(item)) for key, item in sorted(value.items(), key=lambda item: repr(item[0]))]
    if isinstance(value, list):
        return [_bits(item) for item in value]
    if isinstance(value, Answer):
        return (value.question, _bits(value.value), value.raised)
    return value
