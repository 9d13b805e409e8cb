"""Formulas: LaTeX between dollar signs becomes MathML, which browsers draw without a network."""

import html
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

from latex2mathml.converter import convert as latex_to_mathml

from autograder.feedback.cleaning.texts import visible

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


def without_maths(text: str, keep: Callable[[str, bool], str]) -> str:
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
