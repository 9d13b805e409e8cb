"""What stands at the end of a file's name without belonging to it: browsers count copies, people name versions.

01_mse (1) · 01_mse copy 2 · 01_mse-checkpoint · 01_mse_final · 01_mse_v2      and Canvas: 01_mse-1
"""

import re
from collections.abc import Iterator

# Blanks are looked at from the first of them only.
COUNTED = r"(?<!\s)\s*\(\d+\)"  # by browsers
COUNTED_BY_CANVAS = r"-\d+"
NAMED = r"(?<![ _-])[ _-]*(?:copy|kopie|copie)(?: \d+|\d*)|-checkpoint|(?<![ _-])[ _-]*(?:final|v\d+)"
ADDED = re.compile(rf"(?:{COUNTED}|{NAMED})+$", re.IGNORECASE)
LAST_ADDED = re.compile(rf"(?:{COUNTED}|{COUNTED_BY_CANVAS}|{NAMED})$", re.IGNORECASE)
COPY_NUMBER = re.compile(r"\((\d+)\)$|-(\d+)$")


def without_added(stem: str) -> str:
    """A file's name without all that is added to it. What Canvas adds stays: "problem-1" may be the name itself."""
    return ADDED.sub("", stem)


def ever_shorter(stem: str) -> Iterator[str]:
    """A file's name, and what is left of it as one addition after the other is taken away, Canvas' too."""
    while stem:
        yield stem
        shorter = LAST_ADDED.sub("", stem)
        if shorter == stem:
            return
        stem = shorter


def copy_number(stem: str, canvas: bool = True) -> int:
    """The n of "name (n)", and of "name-n" if Canvas may have counted; 0 without one."""
    found = COPY_NUMBER.search(stem)
    return int(found[1] or (found[2] if canvas else None) or 0) if found else 0
