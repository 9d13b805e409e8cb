"""Turning strangers' text into HTML that is safe to open: markdown, maths, code, outputs.

Everything that a student wrote or that their code displayed goes through here. Scripts, styles, forms and remote
addresses do not survive; maths becomes MathML, which browsers draw without a network.

What a student wrote or displayed stands in a frame that says so (`framed`), without classes, ids and headings: it can
look like nothing that the page itself says. Tables in it are no larger than a page can carry.
"""

import base64
import functools
import html
import re
import secrets
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import Any, ClassVar, Concatenate, ParamSpec

import mistune
import nh3
from jinja2 import pass_context
from jinja2.runtime import Context
from latex2mathml.converter import convert as latex_to_mathml
from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autograder import budget

TAGS = set(
    "a abbr b blockquote br caption code col colgroup dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i "
    "img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul var".split()
)
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
    "ol": {"start"},
    "details": {"open"},
}
LONGEST_FORMULA = 2_000  # characters
FORMULA = re.compile(r"\$\$|(?<![\\$\w])\$(?!\s)([^$\n]{1,2000}+)(?<!\s)\$(?!\w)|\\[\[(]")  # one, or its beginning
FORMULA_ENDS = {"$$": "$$", "\\[": "\\]", "\\(": "\\)"}
MATH_TAGS = set(
    "math mrow mi mn mo ms mtext mspace mstyle mpadded mphantom menclose merror mfrac msqrt mroot msub msup msubsup munder "
    "mover munderover mmultiscripts mprescripts none mtable mtr mtd mlabeledtr mfenced semantics".split()
)
MATH_ATTRIBUTES = {
    "display",
    "xmlns",
    "stretchy",
    "form",
    "fence",
    "separator",
    "mathvariant",
    "columnalign",
    "linethickness",
}
MATH_ATTRIBUTES |= {"lspace", "rspace", "width", "height", "depth", "minsize", "maxsize", "rowspacing", "columnspacing"}
ANSI = re.compile(
    r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[@-_]"  # colours, cursors
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]"  # what no page may hold
    r"|[\u202a-\u202e\u2066-\u2069]"  # text that reads in another order than it is written
)
LONGEST_SHOWN = 20_000  # characters of one output
LONGEST_MARKDOWN = 50_000
LONGEST_COLOURED = 20_000  # of source: a lexer may need the square of it
LONGEST_SOURCE = 200_000
TAG = re.compile(
    r"""<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)"""
    r"""(?P<attributes>(?>\s+[a-zA-Z][a-zA-Z-]*(?>\s*=\s*(?>"[^"]*"|'[^']*'|[^\s"'<>=`]+))?)*)\s*/?>"""
)
ATTRIBUTE = re.compile(r"""([a-zA-Z][a-zA-Z-]*)(?>\s*=\s*(?>"([^"]*)"|'([^']*)'|([^\s"'<>=`]+)))?""")
NOT_SHOWN = re.compile(r"<(script|style)\b|<!--", re.IGNORECASE)  # these are left out with what they hold
ENDS = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("script", "style")} | {"": re.compile("-->")}
REFERENCE = re.compile(r"&#?[0-9A-Za-z]{1,40};")  # in an attribute
AND = "\ufffe"  # no character, and in no text that is `visible`
WITHOUT_END = {"br", "col", "hr", "img"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
CELLS = {"td", "th", "tr", "col", "colgroup"}
MOST_CELLS = 5_000  # of all tables of one text
MOST_PLACES = 20_000  # that these cells may take up, each with its spans
WIDEST_SPAN = 100
DEEPEST_TABLE = 5
LARGEST_IMAGE = 4_000  # pixels
DEEPEST = 100  # open tags: parsers copy those of formatting, and more would make a page of any size out of little


class LinearLexer(PythonLexer):
    """Python's lexer without the two expressions that look at the same text again and again: at all blanks from the
    beginning of each blank line, and for the end of a bracket from each beginning of one."""

    TAMED = {r"^(\s*)": r"^([^\S\n]*)", r"[^\]]+": r"[^\]\n]{1,200}+"}
    tokens: ClassVar[dict[str, list[Any]]] = {}


def _tamed(rule: Any) -> Any:
    for wild, tame in LinearLexer.TAMED.items():
        if isinstance(rule, tuple) and isinstance(rule[0], str):
            rule = (rule[0].replace(wild, tame), *rule[1:])
    return rule


LinearLexer.tokens = {state: [_tamed(rule) for rule in rules] for state, rules in PythonLexer.tokens.items()}
LEXER = LinearLexer(stripnl=False)
CODE_FORMAT = HtmlFormatter(nowrap=True)  # classes; their colours are the page's

_markdown: Callable[[str], Any] = mistune.create_markdown(escape=False, plugins=["table", "strikethrough"])  # HTML
How = ParamSpec("How")


def remembered(function: Callable[Concatenate[str, How], Markup]) -> Callable[Concatenate[str, How], Markup]:
    """`function` of a text, kept for texts that are not long: most cells of a class are the instructor's own."""
    kept: Callable[..., Markup] = functools.lru_cache(maxsize=256)(function)

    @functools.wraps(function)
    def look_first(text: str, /, *how: How.args, **named: How.kwargs) -> Markup:
        return (kept if len(text) <= 8_000 else function)(text, *how, **named)

    return look_first


@remembered
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

    shown, more = _shortened(visible(text), LONGEST_MARKDOWN)
    pieces = re.split(r"(```.*?```|~~~.*?~~~|`[^`\n]*`)", shown, flags=re.DOTALL)
    shown = "".join(piece if number % 2 else _without_maths(piece, keep) for number, piece in enumerate(pieces))
    try:
        page = clean(_markdown(shown), theirs)
    except Exception:  # a stranger's text may break the converter in any way
        return Markup('<pre tabindex="0">{}</pre>').format(_shortened(visible(text), LONGEST_MARKDOWN)[0] + more)
    return Markup(re.sub(rf"{token}x\d+x", lambda found: kept.get(found.group(), ""), page)) + more


def _without_maths(text: str, keep: Callable[[str, bool], str]) -> str:
    """The text with what `keep` (of a formula, and whether it stands by itself) gives in place of each formula."""
    pieces, last, at = [], 0, 0
    while found := FORMULA.search(text, at):
        start, at, begin = found.start(), found.end(), found.group()
        latex = found[1]
        if latex is None:
            end = text.find(FORMULA_ENDS[begin], at + 1, at + LONGEST_FORMULA + 2)
            if end < 0:
                at = start + 1  # the second sign may be the beginning of another
                continue
            latex, at = text[at:end], end + 2
        pieces += [text[last:start], keep(latex, begin in ("$$", "\\["))]
        last = at
    return "".join([*pieces, text[last:]])


def mathml(latex: str, block: bool = False) -> str:
    """LaTeX as MathML; what cannot be converted stays readable as text."""
    latex = visible(latex)
    try:
        tree = ElementTree.fromstring(latex_to_mathml(latex.strip()[:2000], display="block" if block else "inline"))
    except Exception:  # a stranger's formula may break the converter in any way
        return f"<code>{html.escape(latex)}</code>"
    if any(_local(element.tag) not in MATH_TAGS for element in tree.iter()):
        return f"<code>{html.escape(latex)}</code>"
    for element in tree.iter():
        for name in list(element.attrib):
            if _local(name) not in MATH_ATTRIBUTES:
                del element.attrib[name]
    if block:
        tree.set("tabindex", "0")  # a long one is scrolled, with the keyboard too
    ElementTree.register_namespace("", "http://www.w3.org/1998/Math/MathML")
    return ElementTree.tostring(tree, encoding="unicode")


def _local(name: str) -> str:
    return name.split("}")[-1]


# Whose it is.

WRITTEN, SHOWN = "written by the student", "shown by the student's code"
HANDED_OUT = "autograder_handed_out"  # in a cell's metadata: its text is as the instructor wrote it
# Where no style sheet of ours is: in the Formgrader.
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


def clean(page: str, theirs: bool = True) -> Markup:
    """HTML from a stranger with nothing left that runs, loads or escapes its box. theirs: without headings too."""
    cleaned = nh3.clean(
        _only_known_tags(visible(page), theirs),  # in which AND stands for &
        tags=TAGS,
        attributes=ATTRIBUTES,
        set_tag_attribute_values={"table": {"tabindex": "0"}},  # a wide one is scrolled, with the keyboard too
        attribute_filter=_only_inline_images,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(visible(cleaned.replace(AND, "&amp;")))  # once more: references to control characters have been read


def _only_known_tags(page: str, theirs: bool) -> str:
    """The page with none but the allowed tags and attributes, written so that every parser reads them alike.

    What is no proper tag is shown as text. So nothing is left of the corners in which parsers differ (comments, CDATA,
    foreign elements, raw text), nor of the tags that make a parser build a page without bounds.
    """
    page = _without_scripts(page)
    opened: list[str] = []
    pieces, last, room = [], 0, _Room()
    for found in TAG.finditer(page):
        pieces.append(_as_text(page[last : found.start()]))
        last = found.end()
        name = found["name"].lower()
        if name not in TAGS:
            continue
        heading = theirs and name in HEADINGS
        if found["end"]:
            if name in opened:
                opened.remove(name)
                pieces.append("</b></div>" if heading else f"</{name}>")
        elif name in WITHOUT_END or len(opened) < DEEPEST:
            attributes = _known_attributes(name, found["attributes"])
            if not room.take(name, attributes, opened):
                continue
            if name not in WITHOUT_END:
                opened.append(name)
            written = "".join(f' {attribute}="{value}"' for attribute, value in attributes.items())
            pieces.append("<div><b>" if heading else f"<{name}{written}>")
    pieces.append(_as_text(page[last:]))
    return "".join(pieces)


def _as_text(text: str) -> str:
    """What stands between two tags, with its references read: nh3 needs the square of the number of & in a text."""
    return html.unescape(text).replace("&", AND).replace("<", "&lt;")


def _without_scripts(page: str) -> str:
    """The page without scripts, styles and comments; one without an end goes on to the end of the page."""
    pieces, at = [], 0
    while start := NOT_SHOWN.search(page, at):
        pieces.append(page[at : start.start()])
        end = ENDS[(start[1] or "").lower()].search(page, start.end())
        if end is None:
            return "".join(pieces)
        at = end.end()
    return "".join([*pieces, page[at:]])


def _known_attributes(tag: str, text: str) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, *values in ATTRIBUTE.findall(text):
        if name.lower() in ATTRIBUTES.get(tag, ()):
            value = REFERENCE.sub(lambda found: html.unescape(found.group()), "".join(values))
            kept.setdefault(name.lower(), value.replace("&", AND).replace('"', "&quot;"))
    return kept


class _Room:
    """What is left of the cells that the tables of one text may have."""

    def __init__(self) -> None:
        self.cells, self.places = MOST_CELLS, MOST_PLACES

    def take(self, name: str, attributes: dict[str, str], opened: list[str]) -> bool:
        """Whether there is room for one more tag. What its attributes ask for beyond it is taken from them."""
        if name == "img":
            for side in ("width", "height"):
                if side in attributes:
                    attributes[side] = str(_bounded(attributes[side], LARGEST_IMAGE))
        if name == "table" and opened.count("table") >= DEEPEST_TABLE:
            return False
        if name not in CELLS:
            return True
        if self.cells == 0:
            return False
        self.cells -= 1
        spans = {side: _bounded(attributes[side], WIDEST_SPAN) for side in ("colspan", "rowspan") if side in attributes}
        places = spans.get("colspan", 1) * spans.get("rowspan", 1)
        if places > self.places:
            spans, places = dict.fromkeys(spans, 1), 1
        self.places = max(self.places - places, 0)
        attributes.update({side: str(span) for side, span in spans.items()})
        return True


def _bounded(text: str, most: int) -> int:
    """A whole number from 1 to `most`, whatever the text says."""
    digits = re.match(r"\s*(\d{1,9})", text, re.ASCII)
    return min(max(int(digits[1]), 1), most) if digits else 1


def _only_inline_images(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src":
        return value if re.match(r"data:image/(png|jpeg|gif|webp|svg\+xml)[;,]", value) else None
    if attribute == "href" and not re.match(r"(https?://|mailto:|#)", value.strip(), re.IGNORECASE):
        return None
    return value


@remembered
def code(source: str) -> Markup:
    """Python source, coloured; a very long one is plain."""
    budget.check()
    source = visible(source)
    if len(source) > LONGEST_COLOURED:
        return escape("".join(_shortened(source, LONGEST_SOURCE)))
    return Markup(highlight(source, LEXER, CODE_FORMAT))


def plain(text: str) -> str:
    """Text without terminal codes, shortened to what a page can carry."""
    return "".join(_shortened(visible(text), LONGEST_SHOWN))


def visible(text: str) -> str:
    """Text without control characters, terminal codes and halves of characters."""
    return ANSI.sub("", text.encode("utf-8", "replace").decode("utf-8"))


def _shortened(text: str, most: int) -> tuple[str, str]:
    """The text's beginning, and what to say of the rest."""
    more = f"\n… ({len(text) - most:,} characters more)" if len(text) > most else ""
    return text[:most], more


def output(shown: dict[str, Any]) -> Markup:
    """One notebook output as safe HTML."""
    budget.check()
    kind = shown.get("output_type")
    if kind == "stream":
        name = "stderr" if shown.get("name") == "stderr" else "stdout"
        return Markup('<pre class="{}" tabindex="0">{}</pre>').format(name, plain(_joined(shown.get("text", ""))))
    if kind == "error":
        trace = "\n".join(shown.get("traceback", [])) or f"{shown.get('ename')}: {shown.get('evalue')}"
        return Markup('<pre class="error" tabindex="0">{}</pre>').format(plain(trace))
    data = shown.get("data", {})
    for mimetype in ("image/png", "image/jpeg"):
        if mimetype in data:
            content = re.sub(r"[^A-Za-z0-9+/=]", "", _joined(data[mimetype]))
            alt = plain(_joined(data.get("text/plain", "figure")))[:200]
            return framed(Markup('<img src="data:{};base64,{}" alt="{}">').format(mimetype, content, alt), SHOWN)
    if "image/svg+xml" in data:
        return framed(svg(_joined(data["image/svg+xml"]), "drawing"), SHOWN)
    if "text/html" in data:
        page = _joined(data["text/html"]).removeprefix(BOX.format(SHOWN)).removesuffix(END_OF_BOX)
        return framed(_scrolled(clean(page[: LONGEST_SHOWN * 5])), SHOWN)
    for mimetype in ("text/markdown", "text/latex"):
        if mimetype in data:
            return framed(_scrolled(markdown(_joined(data[mimetype])[:LONGEST_SHOWN], theirs=True)), SHOWN)
    return Markup('<pre tabindex="0">{}</pre>').format(plain(_joined(data.get("text/plain", ""))))


def harmless(shown: dict[str, Any]) -> dict[str, Any]:
    """The output as it may stand in a graded notebook: the Formgrader shows HTML as it is, with its reader's rights."""
    data = shown.get("data", {})
    if "text/html" not in data:
        return shown
    return {**shown, "data": {**data, "text/html": str(boxed(clean(_joined(data["text/html"])), SHOWN))}}


def _scrolled(page: Markup) -> Markup:
    return Markup('<div tabindex="0">{}</div>').format(page)  # a long one is scrolled, with the keyboard too


def svg(text: str, alt: str) -> Markup:
    """A drawing as an image, so that nothing in it can run."""
    content = base64.b64encode(text.encode("utf-8", "replace")).decode()
    return Markup('<img src="data:image/svg+xml;base64,{}" alt="{}">').format(content, alt)


def _joined(text: object) -> str:
    return "".join(text) if isinstance(text, list) else str(text)
