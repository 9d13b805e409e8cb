"""HTML with none but allowed tags and attributes, written so that every parser reads it alike."""

import html
import re

import nh3
from markupsafe import Markup

from autograder.feedback.cleaning.texts import visible

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
TAG = re.compile(
    r"""<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)"""
    r"""(?P<attributes>(?>\s+[a-zA-Z][a-zA-Z-]*(?>\s*=\s*(?>"[^"]*"|'[^']*'|[^\s"'<>=`]+))?)*)\s*/?>"""
)
ATTRIBUTE = re.compile(r"""([a-zA-Z][a-zA-Z-]*)(?>\s*=\s*(?>"([^"]*)"|'([^']*)'|([^\s"'<>=`]+)))?""")
NOT_SHOWN = re.compile(r"<(script|style)\b|<!--", re.IGNORECASE)  # these are left out with what they hold
ENDS = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("script", "style")} | {"": re.compile("-->")}
REFERENCE = re.compile(r"&#?[0-9A-Za-z]{1,40};")  # in an attribute
AND = "\ufffe"  # stands for & while nh3 works: a noncharacter, which `visible` has taken out of every text
WITHOUT_END = {"br", "col", "hr", "img"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
CELLS = {"td", "th", "tr", "col", "colgroup"}
MOST_CELLS = 5_000  # of all tables of one text
MOST_PLACES = 20_000  # that these cells may take up, each with its spans
WIDEST_SPAN = 100
DEEPEST_TABLE = 5
LARGEST_IMAGE = 4_000  # pixels
# Open tags. Parsers open formatting (<b>, <i> …) again in each new block, so that a short text could become a huge page.
DEEPEST = 100


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
    """Text between two tags, character references decoded, without &: nh3's time grows with the square of their number."""
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
