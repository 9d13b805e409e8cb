"""Names that strangers chose, written so that all that is in them can be seen.

The name of a folder, a file or a member of an archive may hold escape sequences that a terminal obeys, characters that
turn the direction of writing, and characters of no width. `visible` shows each of them by its number. Whatever goes to a
terminal, a log, a table or a page goes through it.
"""

import logging
import re
from typing import Any

# What str.isprintable lets pass, and nobody sees: fillers, joiners, and what only chooses another form of a letter.
UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


def visible(text: object, most: int | None = None) -> str:
    """`text` on one line, in which every character can be seen: "\\x1b" and "\\u202e" stand for what they name.

    Bytes that are no text (which Python keeps as lone surrogates) are shown as "\\xe9". most: characters, or no bound.
    """
    text = str(text)
    if not is_visible(text):
        text = "".join(character if is_visible(character) else _shown(character) for character in text)
    return text if most is None or len(text) <= most else text[: most - 1] + "…"


def visible_lines(text: object) -> str:
    """The same for a text that may have several lines."""
    return "\n".join(visible(line) for line in str(text).replace("\r\n", "\n").split("\n"))


def is_visible(text: str) -> bool:
    """Whether a text holds nothing but what can be seen (and ordinary blanks)."""
    return text.isprintable() and not UNSEEN.search(text)


def _shown(character: str) -> str:
    byte = ord(character) - 0xDC00
    return f"\\x{byte:02x}" if 0x80 <= byte <= 0xFF else character.encode("unicode_escape").decode()


class VisibleRecord(logging.LogRecord):
    """A line of a log in which every character can be seen, whoever writes it: nbgrader's own commands name files, too."""

    def __init__(self, *parts: Any, **more: Any) -> None:
        super().__init__(*parts, **more)
        if self.exc_info:
            self.exc_text = visible_lines(logging.Formatter().formatException(self.exc_info))

    def getMessage(self) -> str:
        return visible_lines(super().getMessage())


def make_logs_visible() -> None:
    """From here on every log of this process is written with VisibleRecord."""
    logging.setLogRecordFactory(VisibleRecord)
