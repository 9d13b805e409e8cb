"""Turning strangers' text into HTML that is safe to open: markdown, maths, code, outputs.

Everything that a student wrote or that their code displayed goes through here. Scripts, styles, forms and remote
addresses do not survive; maths becomes MathML, which browsers draw without a network.

What a student wrote or displayed stands in a frame that says so (`framed`), without classes, ids and headings: it can
look like nothing that the page itself says. Tables in it are no larger than a page can carry.

The modules, from the ground up: texts, tags, formulas, from_markdown and source_code, frames, outputs.
"""

from autograder.feedback.cleaning.formulas import mathml
from autograder.feedback.cleaning.frames import HANDED_OUT, SHOWN, WRITTEN, formgrader_markdown, framed, is_theirs
from autograder.feedback.cleaning.from_markdown import markdown
from autograder.feedback.cleaning.outputs import harmless, output, svg
from autograder.feedback.cleaning.source_code import code
from autograder.feedback.cleaning.tags import clean
from autograder.feedback.cleaning.texts import plain

__all__ = [
    "HANDED_OUT",
    "SHOWN",
    "WRITTEN",
    "clean",
    "code",
    "formgrader_markdown",
    "framed",
    "harmless",
    "is_theirs",
    "markdown",
    "mathml",
    "output",
    "plain",
    "svg",
]
