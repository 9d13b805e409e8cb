"""Markdown as HTML that is safe to open."""

import re
import secrets
from collections.abc import Callable
from typing import Any

import mistune
from markupsafe import Markup

from autograder import budget
from autograder.feedback.cleaning.formulas import mathml, without_maths
from autograder.feedback.cleaning.tags import clean
from autograder.feedback.cleaning.texts import cached, shortened, visible

LONGEST_MARKDOWN = 50_000
_markdown: Callable[[str], Any] = mistune.create_markdown(escape=False, plugins=["table", "strikethrough"])  # HTML


@cached
def markdown(text: str, theirs: bool = False) -> Markup:
    """Markdown with $maths$ as safe HTML. theirs: a student wrote it, so that its headings are none of the page."""
    budget.check()
    kept: dict[str, str] = {}
    token = "m" + secrets.token_hex(8)

    def keep(latex: str, block: bool) -> str:
        budget.check()
        key = f"{token}x{len(kept)}x"
        kept[key] = mathml(latex, block)
        return key

    shown, more = shortened(visible(text), LONGEST_MARKDOWN)
    pieces = re.split(r"(```.*?```|~~~.*?~~~|`[^`\n]*`)", shown, flags=re.DOTALL)
    shown = "".join(piece if number % 2 else without_maths(piece, keep) for number, piece in enumerate(pieces))
    try:
        page = clean(_markdown(shown), theirs)
    except Exception:  # a stranger's text may break the converter in any way
        return Markup('<pre tabindex="0">{}</pre>').format(shortened(visible(text), LONGEST_MARKDOWN)[0] + more)
    return Markup(re.sub(rf"{token}x\d+x", lambda found: kept.get(found.group(), ""), page)) + more
