"""Turning strangers' text into HTML that is safe to open: markdown, maths, code, outputs, messages.

Everything that a student wrote or that their code displayed goes through here. Scripts, styles, forms and remote
addresses do not survive; maths becomes MathML, which browsers draw without a network.
"""

import base64
import builtins
import functools
import html
import re
import secrets
import xml.etree.ElementTree as ElementTree
from functools import lru_cache

import mistune
import nh3
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
DEEPEST = 100  # open tags: parsers copy those of formatting, and more would make a page of any size out of little


class LinearLexer(PythonLexer):
    """Python's lexer without the two expressions that look at the same text again and again: at all blanks from the
    beginning of each blank line, and for the end of a bracket from each beginning of one."""

    TAMED = {r"^(\s*)": r"^([^\S\n]*)", r"[^\]]+": r"[^\]\n]{1,200}+"}
    tokens = {}


def _tamed(rule):
    for wild, tame in LinearLexer.TAMED.items():
        if isinstance(rule, tuple) and isinstance(rule[0], str):
            rule = (rule[0].replace(wild, tame), *rule[1:])
    return rule


LinearLexer.tokens = {state: [_tamed(rule) for rule in rules] for state, rules in PythonLexer.tokens.items()}
LEXER = LinearLexer(stripnl=False)
CODE_FORMAT = HtmlFormatter(nowrap=True)  # classes; their colours are the page's

_markdown = mistune.create_markdown(escape=False, plugins=["table", "strikethrough"])


def remembered(function):
    """`function` of a text, kept for texts that are not long: most cells of a class are the instructor's own."""
    kept = functools.lru_cache(maxsize=256)(function)

    @functools.wraps(function)
    def look_first(text):
        return (kept if len(text) <= 8_000 else function)(text)

    return look_first


@remembered
def markdown(text):
    """Markdown with $maths$ as safe HTML."""
    budget.check()
    kept = {}
    token = "m" + secrets.token_hex(8)

    def keep(latex, block):
        budget.check()
        key = f"{token}x{len(kept)}x"
        kept[key] = mathml(latex, block)
        return key

    shown, more = _shortened(visible(text), LONGEST_MARKDOWN)
    pieces = re.split(r"(```.*?```|~~~.*?~~~|`[^`\n]*`)", shown, flags=re.DOTALL)
    shown = "".join(piece if number % 2 else _without_maths(piece, keep) for number, piece in enumerate(pieces))
    try:
        page = clean(_markdown(shown))
    except Exception:  # a stranger's text may break the converter in any way
        return Markup('<pre tabindex="0">{}</pre>').format(_shortened(visible(text), LONGEST_MARKDOWN)[0] + more)
    return Markup(re.sub(rf"{token}x\d+x", lambda found: kept.get(found.group(), ""), page)) + more


def _without_maths(text, keep):
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


def mathml(latex, block=False):
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


def _local(name):
    return name.split("}")[-1]


def clean(page):
    """HTML from a stranger with nothing left that runs, loads or escapes its box."""
    cleaned = nh3.clean(
        _only_known_tags(visible(page)),  # in which AND stands for &
        tags=TAGS,
        attributes=ATTRIBUTES,
        set_tag_attribute_values={"table": {"tabindex": "0"}},  # a wide one is scrolled, with the keyboard too
        attribute_filter=_only_inline_images,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(visible(cleaned.replace(AND, "&amp;")))  # once more: references to control characters have been read


def _only_known_tags(page):
    """The page with none but the allowed tags and attributes, written so that every parser reads them alike.

    What is no proper tag is shown as text. So nothing is left of the corners in which parsers differ (comments, CDATA,
    foreign elements, raw text), nor of the tags that make a parser build a page without bounds.
    """
    page = _without_scripts(page)
    pieces, opened, last = [], [], 0
    for found in TAG.finditer(page):
        pieces.append(_as_text(page[last : found.start()]))
        last = found.end()
        name = found["name"].lower()
        if name not in TAGS:
            continue
        if found["end"]:
            if name in opened:
                opened.remove(name)
                pieces.append(f"</{name}>")
        elif name in WITHOUT_END or len(opened) < DEEPEST:
            if name not in WITHOUT_END:
                opened.append(name)
            pieces.append(f"<{name}{_known_attributes(name, found['attributes'])}>")
    pieces.append(_as_text(page[last:]))
    return "".join(pieces)


def _as_text(text):
    """What stands between two tags, with its references read: nh3 needs the square of the number of & in a text."""
    return html.unescape(text).replace("&", AND).replace("<", "&lt;")


def _without_scripts(page):
    """The page without scripts, styles and comments; one without an end goes on to the end of the page."""
    pieces, at = [], 0
    while start := NOT_SHOWN.search(page, at):
        pieces.append(page[at : start.start()])
        end = ENDS[(start[1] or "").lower()].search(page, start.end())
        if end is None:
            return "".join(pieces)
        at = end.end()
    return "".join([*pieces, page[at:]])


def _known_attributes(tag, text):
    kept = {}
    for name, *values in ATTRIBUTE.findall(text):
        if name.lower() in ATTRIBUTES.get(tag, ()):
            value = REFERENCE.sub(lambda found: html.unescape(found.group()), "".join(values))
            kept.setdefault(name.lower(), value.replace("&", AND).replace('"', "&quot;"))
    return "".join(f' {name}="{value}"' for name, value in kept.items())


def _only_inline_images(tag, attribute, value):
    if tag == "img" and attribute == "src":
        return value if re.match(r"data:image/(png|jpeg|gif|webp|svg\+xml)[;,]", value) else None
    if attribute == "href" and not re.match(r"(https?://|mailto:|#)", value.strip(), re.IGNORECASE):
        return None
    return value


@remembered
def code(source):
    """Python source, coloured; a very long one is plain."""
    budget.check()
    source = visible(source)
    if len(source) > LONGEST_COLOURED:
        return escape("".join(_shortened(source, LONGEST_SOURCE)))
    return Markup(highlight(source, LEXER, CODE_FORMAT))


def plain(text):
    """Text without terminal codes, shortened to what a page can carry."""
    return "".join(_shortened(visible(text), LONGEST_SHOWN))


def visible(text):
    """Text without control characters, terminal codes and halves of characters."""
    return ANSI.sub("", text.encode("utf-8", "replace").decode("utf-8"))


def _shortened(text, most):
    """The text's beginning, and what to say of the rest."""
    more = f"\n… ({len(text) - most:,} characters more)" if len(text) > most else ""
    return text[:most], more


def output(shown):
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
            return Markup('<img src="data:{};base64,{}" alt="{}">').format(mimetype, content, alt)
    if "image/svg+xml" in data:
        return svg(_joined(data["image/svg+xml"]), "drawing")
    if "text/html" in data:
        return Markup('<div class="foreign" tabindex="0">{}</div>').format(
            clean(_joined(data["text/html"])[: LONGEST_SHOWN * 5])
        )
    for mimetype in ("text/markdown", "text/latex"):
        if mimetype in data:
            return Markup('<div class="foreign" tabindex="0">{}</div>').format(
                markdown(_joined(data[mimetype])[:LONGEST_SHOWN])
            )
    return Markup('<pre tabindex="0">{}</pre>').format(plain(_joined(data.get("text/plain", ""))))


def harmless(shown):
    """The output as it may stand in a graded notebook: the Formgrader shows HTML as it is, with its reader's rights."""
    data = shown.get("data", {})
    if "text/html" not in data:
        return shown
    return {**shown, "data": {**data, "text/html": str(clean(_joined(data["text/html"])))}}


def svg(text, alt):
    """A drawing as an image, so that nothing in it can run."""
    content = base64.b64encode(text.encode("utf-8", "replace")).decode()
    return Markup('<img src="data:image/svg+xml;base64,{}" alt="{}">').format(content, alt)


def _joined(text):
    return "".join(text) if isinstance(text, list) else str(text)


# Messages of exceptions that were raised while a hidden question was asked: they may carry hidden inputs.

WORDS = set(
    """a about above after all allowed ambiguous an and any argument arguments array arrays at attribute axes axis bad base be
    been before bool boolean bounds broadcast broadcastable but by call callable can cannot cast causing closed complex
    concatenate conversion convert converted core could data dict dimension dimensional dimensions divide division does
    dtype element elements empty encountered error exactly exceeded exceeds expected extra first fit float for form format
    found from function generator got gufunc has have if ignored in index indices input inputs int integer invalid is
    item items iterable iterator it its iteration key keyword keys large length less limit list loop maps matching matmul
    matrix maximum memory method mismatch mismatched missing module more multiple must name named ndarray ndarrays ndim
    negative no none not number numpy object objects of only operand operands operation or original out output overflow
    path positional proportion range real recursion reduction referenced remapped required requested result returned
    reshape same scalar scalars second self sequence set shape shapes shared should signature single size sizes slice
    specified str string subscriptable sum supported take takes than that the this to together too tuple type types
    ufunc unexpected unhashable unpack unsupported use value values variable vector was were when where which while with
    without zero zip stopped seconds local associated division by did you mean implemented yet write import cell line
    module attribute unmatched defined different core free variable referenced before assignment nan inf infinity divide true multiply add subtract power
    dimensional python setting unsized casting rule same_kind float64 int64 float32 int32 bool_ nonetype ambiguous
    """.split()
)
ERRORS = {
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
}
ERRORS |= {"AxisError", "LinAlgError", "UFuncTypeError", "CheckFailed", "TimeIsUp", "JSONDecodeError", "MemoryLimit"}
MOST_NUMBERS = 12  # in one message: two shapes of six axes
TOKEN = re.compile(r"[A-Za-z_][A-Za-z_0-9]*|\d[\d.eE+-]*|.", re.DOTALL)


def is_known_error(name, known_source):
    """Whether an exception's name is Python's or numpy's own, or stands in the student's text: none is made up inside."""
    return name in ERRORS or (len(name) < 60 and name.isidentifier() and name in _names_in(known_source))


def is_known_name(label, known_source):
    """Whether a cell's label is made of names in the student's text, and at most one short number."""
    if len(label) > 60:
        return False
    words = re.findall(r"\w+", label)
    known = _names_in(known_source) | {"cell", "extra"}
    numbers = [word for word in words if re.fullmatch(r"\d{1,3}", word)]
    return len(numbers) <= 1 and all(word in known or word in numbers for word in words)


@lru_cache(maxsize=4)  # a page asks for each of its messages
def _names_in(source):
    return frozenset(re.findall(r"[A-Za-z_][A-Za-z_0-9]*", source))


def safe_message(message, known_source):
    """An exception's message without anything that could carry a hidden input.

    Kept are words of Python's and numpy's own messages, names that stand in `known_source` (the student's own text),
    and whole numbers of at most three digits (shapes, counts); anything else becomes an ellipsis. Of numbers and of
    single letters no more than a dozen are kept.
    """
    known = _names_in(known_source)
    pieces, hidden, left = [], 0, {"letters": MOST_NUMBERS, "numbers": MOST_NUMBERS}
    line = re.sub(r"\[[^\]]*\]?|\barray\(.*", "[…]", message[:300].split("\n")[0])  # arrays and lists never
    for token in TOKEN.findall(line):
        if re.match(r"[A-Za-z_]", token):
            good = token.lower() in WORDS or token in known or len(token) == 1
            good = good and (len(token) > 1 or _one_more(left, "letters"))
        elif token[0].isdigit():
            good = re.fullmatch(r"\d{1,3}[.-]?", token) is not None and _one_more(left, "numbers")
        else:
            good = token in "… .,:;()[]{}'\"`-+*/@=<>!?|&%→"
        if good:
            pieces.append(token)
        elif not pieces or pieces[-1] != "…":
            pieces.append("…")
            hidden += 1
    return re.sub(r"(…[,;: ]*){2,}", "… ", "".join(pieces)).strip() if hidden < 8 else ""


def _one_more(left, kind):
    """Whether one more of a kind may be shown."""
    left[kind] -= 1
    return left[kind] >= 0
