"""What is told of an exception: in its own words, as a literal, or its class alone; and where it was raised."""

from __future__ import annotations

import builtins
import math
from dataclasses import dataclass, replace
from typing import Any

from autograder.feedback.messages.own_text import OwnText
from autograder.feedback.messages.slots import HIDDEN
from autograder.feedback.messages.template import number_of_templates, templates

BITS = 48  # that one exception may tell: six bytes
LONGEST = 2_000  # characters of a message that is looked at
UNNAMED = "An error"
ERRORS = {
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
}
ERRORS |= {"AxisError", "LinAlgError", "UFuncTypeError", "DTypePromotionError", "ComplexWarning", "TooHardError"}
ERRORS |= {"CheckFailed", "TimeIsUp", "MemoryLimit", "JSONDecodeError"}


@dataclass(frozen=True)
class Told:
    """What a page says of an exception."""

    kind: str  # its class; UNNAMED where that may not be told
    message: str = ""
    left_out: bool = False  # there is a message, and it is not shown
    cell: str | None = None
    line: int | None = None
    bits: float = 0.0  # what all of this can carry
    named: bool = True  # its class is told


def tell(raised: dict[str, Any], own: OwnText, most: float | None = None) -> Told:
    """What may be told of an exception, in `most` bits (default: BITS).

    raised: with type, message, cell and line.
    """
    most = BITS if most is None else most
    kind = raised["type"] if raised["type"] in ERRORS or raised["type"] in own.classes else None
    message = raised.get("message") or ""
    room = most - 1  # one bit says whether there is a place
    told = _in_its_own_words(raised["type"], message.rstrip(" "), own, room) or _literally(kind, message, own, room)
    if told is None:
        class_bits = 5 if kind is None else (3 if message else 4) + math.log2(len(ERRORS | own.classes))
        known = kind if class_bits <= room else None
        bits = class_bits if known else 5
        told = Told(known or UNNAMED, left_out=bool(message), bits=bits, named=known is not None)
    return _placed(told, raised, own, most)


def _in_its_own_words(kind: str, message: str, own: OwnText, room: float) -> Told | None:
    if len(message) > LONGEST or not message:
        return None
    which = 1 + math.log2(number_of_templates())
    for template in templates(kind):
        if found := template.pattern.fullmatch(message):
            read = template.read(found.groups(), own, room - which)
            if read is not None and read[0] != HIDDEN:
                return Told(kind, read[0], bits=which + read[1])
    return None


def _literally(kind: str | None, message: str, own: OwnText, room: float) -> Told | None:
    if kind is None or message not in own.literals:
        return None
    bits = 2 + math.log2(len(own.literals)) + math.log2(len(ERRORS | own.classes))
    return Told(kind, message, bits=bits) if bits <= room else None


def _placed(told: Told, raised: dict[str, Any], own: OwnText, most: float) -> Told:
    """With the cell and the line that it came from, where these are in the student's text and there is room."""
    cell, line = raised.get("cell"), raised.get("line")
    bits = told.bits + 1
    if cell in own.lines and type(line) is int and 1 <= line <= own.lines[cell]:
        placed = bits + math.log2(sum(own.lines.values()))
        if placed <= most:
            return replace(told, cell=cell, line=line, bits=placed)
    return replace(told, bits=bits)
