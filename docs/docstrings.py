"""Docstrings of the helpers as reStructuredText, for the API page.

The docstrings are plain text laid out by hand: paragraphs; lines such as `target: …`, `Returns …` and `Raises …`, each
on a line of its own; indented examples; and a last line that names the lesson. They are shown with that structure.
"""

import re

STARTS_A_LINE = re.compile(r"(Returns|Raises|Yields|Source|Lesson:|[-–·] |[\w*, ()]{1,60}: )")
LITERAL = re.compile(r"(`[^`\n]+`|(?<!\w)\*\w+\*(?!\w))")  # code, and *stressed* words


def as_rst(lines):
    """The lines of a docstring → the lines of reStructuredText that shows it."""
    shown = []
    for block in _blocks(lines):
        indented = all(line.startswith("    ") for line in block)
        shown += _example(block) if indented else _paragraph(block)
        shown.append("")
    return shown


def _blocks(lines):
    """The docstring in pieces: between empty lines, and where the indentation begins or ends."""
    block = []
    for line in [*lines, ""]:
        ends = block and line.startswith("    ") != block[-1].startswith("    ")
        if block and (not line.strip() or ends):
            yield block
            block = []
        if line.strip():
            block.append(line.rstrip())


def _example(block):
    return ["::", "", *block]


def _paragraph(block):
    """Lines that begin something new stay lines of their own; others go on with the line before."""
    items = []
    for line in block:
        if items and not STARTS_A_LINE.match(line):
            items[-1] += " " + line.strip()
        else:
            items.append(line.strip())
    if len(items) == 1:
        return [_lesson(items[0])]
    return [f"| {_lesson(item)}" for item in items]


def _lesson(text):
    shown = escaped(text)
    return f":emphasis:`{text}`" if text.startswith("Lesson: ") and "`" not in text else shown


def escaped(text):
    """Text as it stands: code between backticks as code, *stressed* words stressed, nothing else with a special meaning."""
    parts = LITERAL.split(text)
    return "".join(
        _marked(part) if LITERAL.fullmatch(part) else re.sub(r"([\\*`|_<>])", r"\\\1", part) for part in parts
    )


def _marked(part):
    return f"`{part}`" if part.startswith("`") else part
