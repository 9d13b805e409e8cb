"""Tables for spreadsheets and learning platforms: quoted CSV in which no cell is taken for a formula."""

import csv
import io
import math


def cell(value):
    """One value as a cell's text; a text that a spreadsheet would run gets an apostrophe before it.

    Numbers stay numbers, to four decimals; None, nan and infinities become empty cells.
    """
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{round(value, 4):.12g}" if math.isfinite(value) else ""
    text = str(value).replace("\0", "")
    start = text.lstrip()
    return "'" + text if start[:1] in ("=", "+", "-", "@") and len(start) > 1 else text


def table(rows, newline="\r\n"):
    """Rows of values as CSV text, every row ended by `newline` (as RFC 4180 wants it)."""
    text = io.StringIO()
    csv.writer(text, lineterminator=newline).writerows([[cell(value) for value in row] for row in rows])
    return text.getvalue()
