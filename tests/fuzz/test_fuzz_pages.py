"""The feedback sanitiser: whatever a stranger's text is, the HTML made of it runs, loads and covers nothing.

The result is read by a parser of its own and held against a short list of what a page may contain.
"""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import strategies as st

from autograder.feedback import cleaning
from autograder.feedback import page as feedback_page
from autograder.feedback.cleaning import formulas, tags
from autograder.feedback.messages import OwnText
from tests.support.hunting import hunt, processor_time, replay

MATH = re.compile(r"math|semantics|none|m[a-z]+")
ALLOWED_URL = {
    ("a", "href"): re.compile(r"(https?://|mailto:|#)", re.IGNORECASE),
    ("img", "src"): re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml)[;,]"),
}
OURS = {("a", "rel"), ("pre", "class"), ("div", "class"), ("span", "class"), ("figure", "class")}
OURS |= {(tag, "tabindex") for tag in ("pre", "div", "table")}  # what is scrolled can be reached with the keyboard


class Reader(HTMLParser):
    """Goes through a page and complains about all that does not belong there."""

    def __init__(self, math):
        super().__init__(convert_charrefs=True)
        self.math, self.open = math, []

    def handle_starttag(self, tag, attributes):
        inside_math = self.math and ("math" in self.open or tag == "math")
        assert tag in tags.TAGS or (inside_math and tag in formulas.MATH_TAGS), f"<{tag}>"
        for name, value in attributes:
            if inside_math:
                assert name in formulas.MATH_ATTRIBUTES, f"<{tag} {name}>"
                continue
            assert name in tags.ATTRIBUTES.get(tag, ()) or (tag, name) in OURS, f"<{tag} {name}>"
            if (tag, name) in ALLOWED_URL:
                assert ALLOWED_URL[tag, name].match(value.strip()), f"{name}={value!r}"
        if tag not in tags.WITHOUT_END:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in tags.WITHOUT_END:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> would close something of the page's own"
        self.open.pop()

    def handle_comment(self, data):
        raise AssertionError(f"comment {data!r}")

    handle_decl = unknown_decl = handle_pi = handle_comment


def examine(page, math=False):
    """Raises AssertionError for a page with anything that it may not contain."""
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)
    page.encode("utf-8")
    reader = Reader(math)
    reader.feed(page)
    reader.close()
    assert not reader.open, f"left open: {reader.open}"


def check(data):
    text = data.decode("utf-8", "surrogatepass") if _is_text(data) else data.decode("latin-1")
    with processor_time(20):
        cleaned = cleaning.clean(text)
        examine(cleaned)
        assert cleaning.clean(cleaned) == cleaned
        assert len(cleaned) < 30 * len(text) + 1000
        examine(cleaning.markdown(text), math=True)
        theirs = cleaning.framed(cleaning.markdown(text, theirs=True), cleaning.WRITTEN)
        examine(theirs, math=True)
        assert not re.search(r"<h[1-6]", theirs)
        examine(cleaning.mathml(text[:3000]), math=True)
        examine(cleaning.code(text))
        for mimetype in ("text/html", "text/markdown", "text/latex", "image/svg+xml", "image/png", "text/plain"):
            shown = {"output_type": "display_data", "data": {mimetype: text, "text/plain": text}}
            examine(cleaning.output(shown), math=True)
        shown_as_text = cleaning.output({"output_type": "stream", "name": text, "text": text})
        examine(shown_as_text)
        examine(cleaning.output({"output_type": "error", "ename": text, "evalue": text, "traceback": [text]}))
        raised = {"type": text[:80], "message": text, "cell": "f", "line": 1}
        examine(feedback_page.said_of({"raised": raised}, OwnText({"f": repr(text), "g": text})))


def _is_text(data):
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


NAMES = st.sampled_from(
    "a b i p div img td table tr svg math mtext mglyph annotation-xml foreignObject script style title textarea xmp "
    "iframe noscript noembed template select option form input button base link meta object embed plaintext frameset "
    "details summary body html head font image video audio marquee animate set use isindex".split()
)
ATTRIBUTES = st.sampled_from(
    "href src srcset style onclick onerror onload xlink:href formaction action data poster background srcdoc http-equiv "
    "id name class target ping width start align lang tabindex autofocus xmlns".split()
)
URLS = st.sampled_from(
    [
        *("javascript:alert(1)", "JaVa\tscript:alert(1)", "&#106;avascript:alert(1)", "\x01javascript:alert(1)"),
        *(
            "data:text/html,<script>alert(1)</script>",
            "data:image/png;base64,AA==",
            "data:image/svg+xml,<svg onload=x>",
        ),
        *("https://example.org/x", "//example.org/x", "vbscript:x", "mailto:a@example.org", "#", "file:///etc/passwd"),
    ]
)
PIECES = st.one_of(
    st.builds("<{}>".format, NAMES),
    st.builds("</{}>".format, NAMES),
    st.builds('<{} {}="{}">'.format, NAMES, ATTRIBUTES, URLS),
    st.builds("<{} {}={}>".format, NAMES, ATTRIBUTES, URLS),
    st.builds("<{}/{}='{}'".format, NAMES, ATTRIBUTES, URLS),
    st.builds("[x]({})".format, URLS),
    st.builds("![x]({} \"{}\")".format, URLS, st.text(max_size=5)),
    st.builds("<{}>".format, URLS),
    st.builds("[x]: {}\n".format, URLS),
    st.builds("${}$".format, st.sampled_from([r"\frac{1}{2}", r"\href{javascript:x}{y}", r"\text{<b>}", r"\class{x}{y}", "{"])),
    st.sampled_from(["<!--", "-->", "--!>", "<![CDATA[", "]]>", "<?xml", "?>", "<!DOCTYPE x [", "&lt;script&gt;", "&#x3c;", "&#27;", "&#8238;", "&#0;"]),
    st.sampled_from(["`", "```\n", "~~~\n", "$$", "$", r"\[", r"\]", r"\(", "|", "\n|-|-|\n", "\n> ", "\n- ", "\n# ", "**", "_"]),
    st.sampled_from(["\x00", "\x1b[31m", "\x1b]8;;", "\x07", "\x85", "\u202e", "\u2028", "\ud800", "\ufeff", "\uffff", '"', "'", ">", "<"]),
    st.text(max_size=8),
)  # fmt: skip
TEXTS = st.builds(
    lambda pieces, times: ("".join(pieces) * times).encode("utf-8", "surrogatepass"),
    st.lists(PIECES, max_size=12),
    st.sampled_from([1, 1, 1, 2, 300]),
)


@replay("pages")
def test_every_known_text_becomes_harmless(data):
    check(data)


@pytest.mark.slow
def test_texts_of_all_kinds_become_harmless():
    hunt("pages", TEXTS, check)
