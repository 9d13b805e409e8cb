"""What a notebook's cells displayed, as HTML that is safe to open."""

import base64
import re
from typing import Any

from markupsafe import Markup

from autograder import budget
from autograder.feedback.cleaning.frames import BOX, END_OF_BOX, SHOWN, boxed, framed
from autograder.feedback.cleaning.from_markdown import markdown
from autograder.feedback.cleaning.tags import clean
from autograder.feedback.cleaning.texts import LONGEST_SHOWN, joined, plain


def output(shown: dict[str, Any]) -> Markup:
    """One notebook output as safe HTML."""
    budget.check()
    kind = shown.get("output_type")
    if kind == "stream":
        name = "stderr" if shown.get("name") == "stderr" else "stdout"
        return Markup('<pre class="{}" tabindex="0">{}</pre>').format(name, plain(joined(shown.get("text", ""))))
    if kind == "error":
        trace = "\n".join(shown.get("traceback", [])) or f"{shown.get('ename')}: {shown.get('evalue')}"
        return Markup('<pre class="error" tabindex="0">{}</pre>').format(plain(trace))
    data = shown.get("data", {})
    for mimetype in ("image/png", "image/jpeg"):
        if mimetype in data:
            content = re.sub(r"[^A-Za-z0-9+/=]", "", joined(data[mimetype]))
            alt = plain(joined(data.get("text/plain", "figure")))[:200]
            return framed(Markup('<img src="data:{};base64,{}" alt="{}">').format(mimetype, content, alt), SHOWN)
    if "image/svg+xml" in data:
        return framed(svg(joined(data["image/svg+xml"]), "drawing"), SHOWN)
    if "text/html" in data:
        page = joined(data["text/html"]).removeprefix(BOX.format(SHOWN)).removesuffix(END_OF_BOX)
        return framed(_scrolled(clean(page[: LONGEST_SHOWN * 5])), SHOWN)
    for mimetype in ("text/markdown", "text/latex"):
        if mimetype in data:
            return framed(_scrolled(markdown(joined(data[mimetype])[:LONGEST_SHOWN], theirs=True)), SHOWN)
    return Markup('<pre tabindex="0">{}</pre>').format(plain(joined(data.get("text/plain", ""))))


def harmless(shown: dict[str, Any]) -> dict[str, Any]:
    """The output as it may stand in a graded notebook: the Formgrader shows HTML as it is, with its reader's rights."""
    data = shown.get("data", {})
    if "text/html" not in data:
        return shown
    return {**shown, "data": {**data, "text/html": str(boxed(clean(joined(data["text/html"])), SHOWN))}}


def _scrolled(page: Markup) -> Markup:
    return Markup('<div tabindex="0">{}</div>').format(page)  # a long one is scrolled, with the keyboard too


def svg(text: str, alt: str) -> Markup:
    """A drawing as an image, so that nothing in it can run."""
    content = base64.b64encode(text.encode("utf-8", "replace")).decode()
    return Markup('<img src="data:image/svg+xml;base64,{}" alt="{}">').format(content, alt)
