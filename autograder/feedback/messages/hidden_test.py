"""What is told where an ordinary hidden test failed: the instructor's own words may be shown too."""

from __future__ import annotations

import ast
from functools import cache

from autograder.feedback.messages.own_text import OwnText
from autograder.feedback.messages.slots import HIDDEN
from autograder.feedback.messages.telling import Told, tell
from autograder.notebook.syntax import parsed, without_magics


def tell_of_hidden_test(name: str, message: str, source: str, own: OwnText) -> Told:
    """What may be told of an exception that ended an ordinary hidden test. `source`: of the whole test cell.

    The message of one of its own asserts is the instructor's, who wrote it to be read. Of one that is put together (an
    f-string) only the fixed pieces are shown: what stands between them came through the student's hands.
    """
    if name == "AssertionError" and message:
        for pieces in assert_messages(source):
            if _fits(message, pieces):
                return Told(name, HIDDEN.join(pieces))
    return tell({"type": name, "message": message}, own)


@cache
def assert_messages(source: str) -> tuple[tuple[str, ...], ...]:
    """The messages of a cell's asserts, each as its fixed pieces in order (one, where it is a plain string)."""
    tree = parsed(without_magics(source))
    if tree is None:
        return ()
    found = [_pieces(node.msg) for node in ast.walk(tree) if isinstance(node, ast.Assert) and node.msg is not None]
    return tuple(sorted((pieces for pieces in found if pieces and any(pieces)), key=len))


def _pieces(node: ast.expr) -> tuple[str, ...] | None:
    if isinstance(node, ast.Constant):
        return (node.value,) if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    pieces = [""]
    for value in node.values:
        if isinstance(value, ast.Constant):
            pieces[-1] += str(value.value)
        else:
            pieces.append("")
    return tuple(pieces)


def _fits(message: str, pieces: tuple[str, ...]) -> bool:
    """Whether a message is made of these pieces, in order, with anything in between."""
    if len(pieces) == 1:
        return message == pieces[0]
    first, *middle, last = pieces
    if not message.startswith(first) or not message.endswith(last) or len(message) < len(first) + len(last):
        return False
    at, end = len(first), len(message) - len(last)
    for piece in middle:
        at = message.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True
