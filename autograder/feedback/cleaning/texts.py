"""Strangers' text: what no page may hold is taken out, and there is no more of it than a page can carry."""

import functools
import re
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from markupsafe import Markup

ANSI = re.compile(
    r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[@-_]"  # colours, cursors
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]"  # what no page may hold
    r"|[\u202a-\u202e\u2066-\u2069]"  # text that reads in another order than it is written
)
LONGEST_SHOWN = 20_000  # characters of one output
How = ParamSpec("How")


def cached(function: Callable[Concatenate[str, How], Markup]) -> Callable[Concatenate[str, How], Markup]:
    """Cache a function of a text (least recently used, 256 texts of at most 8,000 characters): most cells are handed out."""
    kept: Callable[..., Markup] = functools.lru_cache(maxsize=256)(function)

    @functools.wraps(function)
    def look_first(text: str, /, *how: How.args, **named: How.kwargs) -> Markup:
        return (kept if len(text) <= 8_000 else function)(text, *how, **named)

    return look_first


def plain(text: str) -> str:
    """Text without terminal codes, shortened to what a page can carry."""
    return "".join(shortened(visible(text), LONGEST_SHOWN))


def visible(text: str) -> str:
    """Text without control characters, terminal codes and halves of characters."""
    return ANSI.sub("", text.encode("utf-8", "replace").decode("utf-8"))


def shortened(text: str, most: int) -> tuple[str, str]:
    """The text's beginning, and what to say of the rest."""
    more = f"\n… ({len(text) - most:,} characters more)" if len(text) > most else ""
    return text[:most], more


def joined(text: object) -> str:
    return "".join(text) if isinstance(text, list) else str(text)
