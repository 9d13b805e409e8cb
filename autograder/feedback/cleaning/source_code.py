"""Python source in colours, in time that grows with its length and no faster."""

from typing import Any, ClassVar

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autograder import budget
from autograder.feedback.cleaning.texts import cached, shortened, visible

LONGEST_COLOURED = 20_000  # characters of source: a lexer's time may grow with their square
LONGEST_SOURCE = 200_000


class LinearLexer(PythonLexer):
    """Python's lexer with two expressions replaced whose time grows with the square of the text.

    One scans all blanks again from each blank line, the other looks for a closing bracket from each opening one.
    """

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


@cached
def code(source: str) -> Markup:
    """Python source, coloured; a very long one is plain."""
    budget.check()
    source = visible(source)
    if len(source) > LONGEST_COLOURED:
        return escape("".join(shortened(source, LONGEST_SOURCE)))
    return Markup(highlight(source, LEXER, CODE_FORMAT))
