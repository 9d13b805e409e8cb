"""Whose it is: what a student wrote or displayed stands in a frame that says so."""

from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from autograder.feedback.cleaning.from_markdown import markdown

WRITTEN, SHOWN = "written by the student", "shown by the student's code"
HANDED_OUT = "autograder_handed_out"  # in a cell's metadata: its text is as the instructor wrote it
# For the Formgrader, which loads no style sheet of ours: the styles are inline.
BOX = Markup(
    '<figure style="margin: 0; padding: .3em .7em; border: 1px dashed #767676; overflow: auto; contain: content">'
    '<figcaption style="color: #595959; font-size: 85%">{}</figcaption>'
)
END_OF_BOX = "</figure>"


def is_theirs(cell: dict[str, Any]) -> bool:
    """Whether a text cell of a graded notebook is the student's, or may be."""
    info = cell.get("metadata", {}).get("nbgrader", {})
    locked = info.get("grade_id") is not None and not info.get("solution")
    return not locked and not cell.get("metadata", {}).get(HANDED_OUT)


def framed(shown: Markup, by: str) -> Markup:
    """HTML of a student's in a frame that says whose it is: WRITTEN or SHOWN."""
    return Markup('<figure class="foreign"><figcaption>{}</figcaption>{}</figure>').format(by, shown)


def boxed(shown: Markup, by: str) -> Markup:
    """The same for a page of nbgrader's."""
    return BOX.format(by) + shown + Markup(END_OF_BOX)


@pass_context
def formgrader_markdown(context: Context, text: str) -> Markup:
    """The Formgrader's filter for markdown, of a cell or of an output. It shows HTML with its reader's rights."""
    cell = context.get("cell") or {}
    if cell.get("cell_type") == "markdown" and not is_theirs(cell):
        return markdown(text)
    by = WRITTEN if cell.get("cell_type") == "markdown" else SHOWN
    return boxed(markdown(text, theirs=True), by)
