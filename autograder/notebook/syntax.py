"""The syntax of a text, looked at and never run. Standard library only."""

import ast
import re

LONGEST_PARSED = 200_000  # characters: a longer cell counts as no plain Python
NO_PYTHON = (
    SyntaxError,
    ValueError,
    RecursionError,
    MemoryError,
)  # what parser and compiler raise for a text that is none


def parsed(text: str) -> ast.Module | None:
    """A text's syntax tree, or None if it is no plain Python."""
    try:
        return ast.parse(text)
    except NO_PYTHON:
        return None


def without_magics(text: str) -> str:
    """A cell's text with empty lines in place of IPython's magics and shell commands (% and ! at the beginning)."""
    return re.sub(r"^[ \t]*[%!].*$", "", text, flags=re.MULTILINE)
