"""Templates: the wordings of Python, numpy and the course (wordings.py), each with its slots."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, cached_property

import numpy as np

from autograder.feedback.messages.own_text import OwnText
from autograder.feedback.messages.slots import Shown, hide_slot, most_bits, pattern_of, read_slot
from autograder.feedback.wordings import WORDINGS


class Template:
    """One wording. `text`: as in wordings.py."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\\n", "\n")
        parts = re.split(r"\{([^{}]+)\}", self.text)
        self.fixed, self.kinds = parts[::2], parts[1::2]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What fits it, with a group for each slot."""
        pieces = [re.escape(self.fixed[0])]
        for kind, fixed in zip(self.kinds, self.fixed[1:], strict=True):
            pieces += [f"({pattern_of(kind)})", re.escape(fixed)]
        return re.compile("".join(pieces))

    def read(self, found: Sequence[str], own: OwnText, room: float) -> Shown | None:
        """(the message as it is shown, the bits that its slots take); None where even ellipses take more than `room`.

        found: what stands in the slots. Where all of it takes more than `room`, the last slots are left out.
        """
        for kept in range(len(self.kinds), -1, -1):
            earlier: list[str] = []
            shown, bits = [self.fixed[0]], 0.0
            for number, (kind, text, fixed) in enumerate(zip(self.kinds, found, self.fixed[1:], strict=True)):
                read, more = read_slot(kind, text, own, earlier) if number < kept else hide_slot(kind, text)
                shown += [read, fixed]
                bits += more
            if bits <= room:
                return "".join(shown), bits
        return None

    def most_bits(self, own: OwnText) -> float:
        """The most that its slots can take, were there no bound on a whole message."""
        return sum(most_bits(kind, own) for kind in self.kinds)


@cache
def templates(kind: str) -> tuple[Template, ...]:
    """The wordings of a class of exceptions, in their order: the first that fits counts."""
    return tuple(map(Template, _wordings().get(kind, ())))


@cache
def number_of_templates() -> int:
    return sum(map(len, _wordings().values()))


@cache
def _wordings() -> dict[str, list[str]]:
    """class → its wordings. What numpy says of names that it no longer has, it has in tables."""
    found = {kind: text.strip("\n").split("\n") for kind, text in WORDINGS.items()}
    former = list(vars(np).get("__former_attrs__", {}).values())
    expired = vars(np).get("__expired_attributes__", {})
    former += [f"`np.{name}` was removed in the NumPy 2.0 release. {advice}" for name, advice in expired.items()]
    found["AttributeError"] = [text for text in former if "{" not in text] + found["AttributeError"]
    return found
