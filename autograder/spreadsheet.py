"""Tables for spreadsheets and learning platforms: quoted CSV in which no cell is taken for a formula.

This is the only place where tables are written, and every cell goes through `cell`.
"""

import csv
import io
import math
import re
from collections.abc import Iterable

from autograder.visible import visible_lines

# A formula begins a cell. A spreadsheet may also cut at semicolons, tabs, bars or line ends and ignore our quotation marks:
# then what follows one of these begins a cell, too. Full-width signs count as the ordinary ones.
SEPARATORS = r";|\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029"
SIGNS = r"=+\-@＝＋－＠﹦﹢﹣﹫"
FORMULA = re.compile(rf'(^|[{SEPARATORS}])(?=(?:(?![{SEPARATORS}])[\s"])*+[{SIGNS}])|^(?=[\t\r])')
NUMBER = re.compile(r" {0,20}+[+-]?\d+([.,]\d+)?([eE][+-]?\d+)? *", re.ASCII)


def cell(value: object, first: bool = False) -> str:
    """One value as a cell's text; before what a spreadsheet would run stands an apostrophe.

    Numbers stay numbers, to four decimals; None, nan and infinities become empty cells. A text that is no more than a
    number or one sign stays, too, but not as the `first` cell of a row: cut at semicolons, the whole row goes on behind it.
    """
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{round(value, 4):.12g}" if math.isfinite(value) else ""
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if first or not (len(text.strip(" ")) < 2 or NUMBER.fullmatch(text)):
        text = FORMULA.sub(r"\1'", text)
    return visible_lines(text)


def table(rows: Iterable[Iterable[object]], newline: str = "\r\n") -> str:
    """Rows of values as CSV text, every row ended by `newline` (as RFC 4180 wants it)."""
    text = io.StringIO()
    cells = ([cell(value, first=number == 0) for number, value in enumerate(row)] for row in rows)
    csv.writer(text, lineterminator=newline).writerows(cells)
    return text.getvalue()
