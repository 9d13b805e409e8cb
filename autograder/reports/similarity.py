"""Near-identical submissions: which ones a person should lay side by side. Never a verdict.

What students wrote is cut into tokens. Names, comments, strings and blanks are levelled, so that renaming changes nothing.
Every run of `RUN` tokens is hashed, and of each `WINDOW` neighbouring hashes the smallest is kept as a *passage*: any
common stretch of RUN + WINDOW - 1 tokens leaves a common passage, wherever it stands. Passages that were handed out,
that stand in the instructor's solution, or that a good part of the class wrote are dropped: they say nothing. Two
submissions are shown together when enough of what is left is the same.

An inverted index (passage → who has it) finds the pairs, so a class of a thousand is no thousand times a thousand
comparisons.

Source: Schleimer, Wilkerson and Aiken, "Winnowing: local algorithms for document fingerprinting" (2003).
"""

import builtins
import keyword
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import combinations

RUN = 10  # tokens that are hashed together
WINDOW = 4  # of so many neighbouring hashes the smallest is kept
ALIKE = 0.8  # this share of the smaller submission's own passages must stand in the other too
FEWEST = 6  # and at least so many passages: short answers are alike by nature
COMMON = 0.05  # what more than this share of the class wrote is nobody's own …
NEVER_COMMON = 4  # … but up to so many submissions it may still be copied

MOST_TOKENS = 50_000  # of one submission: more are not compared

KEPT = frozenset(keyword.kwlist) | frozenset(dir(builtins)) | {"np", "numpy"}
# An unclosed string runs to the end of its line, or of the text: linear time.
TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
    |(?P<string>(?:[rbfuRBFU]{0,2})(?:\"{3}.*?(?:\"{3}|\Z)|'{3}.*?(?:'{3}|\Z)|"(?:\\.|[^"\\\n])*+"?|'(?:\\.|[^'\\\n])*+'?))
    |(?P<name>[^\W\d]\w*)
    |(?P<number>\d[\w.]*|\.\d\w*)
    |(?P<operator>\*\*=?|//=?|[-+*/%@&|^<>=!]=|->|<<|>>|[^\s\w])""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Alike:
    """A group of submissions of which each resembles at least one other."""

    members: tuple[str, ...]
    share: float  # the largest share of own passages that two of them have in common, 0 to 1
    passages: int  # how many passages those two have in common
    cells: tuple[str, ...]  # the cells in which the common passages stand


def code_tokens(source: str) -> list[str]:
    """Python text as tokens without layout: own names become N, strings S; it need not be proper Python."""
    tokens, after_dot = [], False
    for found in TOKEN.finditer(source):
        kind, text = found.lastgroup, found.group()
        if kind == "comment":
            continue
        if kind == "string":
            text = "S"
        elif kind == "name" and not after_dot and text not in KEPT:
            text = "N"
        after_dot = text == "."
        tokens.append(text)
    return tokens


def text_tokens(source: str) -> list[str]:
    """A written answer as words, without case and punctuation."""
    return re.findall(r"\w+", source.casefold())


class TooLong(ValueError):
    """There is too much to compare; the message says how much there may be."""


def passages_of(cells: dict[str, list[str]]) -> dict[str, set[int]]:
    """The passages of one submission's answers, cell by cell. cells: cell → tokens. Raises TooLong."""
    if sum(map(len, cells.values())) > MOST_TOKENS:
        raise TooLong(f"its answers have more than {MOST_TOKENS:,} words and signs, and so much is not compared")
    return {name: passages(tokens) for name, tokens in cells.items()}


def passages(tokens: Sequence[str]) -> set[int]:
    """The fingerprints of tokens: none for fewer than RUN tokens."""
    runs = [_hash(tokens[i : i + RUN]) for i in range(len(tokens) - RUN + 1)]
    return {min(runs[i : i + WINDOW]) for i in range(max(1, len(runs) - WINDOW + 1))} if runs else set()


def _hash(tokens: Sequence[str]) -> int:
    return int.from_bytes(blake2b("\x1f".join(tokens).encode("utf-8", "replace"), digest_size=8).digest(), "big")


def alike(submissions: dict[str, dict[str, set[int]]], given: Iterable[int] = ()) -> list[Alike]:
    """The groups of submissions that resemble each other, the closest first.

    submissions: name → cell → passages. given: passages that everybody was handed.
    """
    given = set(given)
    class_size = len(submissions)
    where: dict[str, dict[int, str]] = {}  # name → passage → cell
    for name, cells in submissions.items():
        where[name] = {passage: cell for cell, found in cells.items() for passage in found - given}
    index: dict[int, list[str]] = defaultdict(list)
    for name, found in where.items():
        for passage in found:
            index[passage].append(name)
    most = max(NEVER_COMMON, int(COMMON * class_size))
    index = {passage: names for passage, names in index.items() if len(names) <= most}
    own = Counter(name for names in index.values() for name in names)
    shared: Counter[tuple[str, str]] = Counter()
    for names in index.values():
        shared.update(combinations(sorted(names), 2))
    pairs = {
        pair: (count / min(own[pair[0]], own[pair[1]]), count)
        for pair, count in shared.items()
        if count >= FEWEST and count >= ALIKE * min(own[pair[0]], own[pair[1]])
    }
    return sorted(_groups(pairs, where), key=lambda group: (-group.share, -group.passages, group.members))


def _groups(pairs: dict[tuple[str, str], tuple[float, int]], where: dict[str, dict[int, str]]) -> Iterator[Alike]:
    """The pairs joined into groups: who resembles whom, directly or through another."""
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while leader.setdefault(name, name) != name:
            name = leader[name]
        return name

    for one, other in pairs:
        leader[find(one)] = find(other)
    members = defaultdict(list)
    for pair in pairs:
        members[find(pair[0])].append(pair)
    for group in members.values():
        closest = max(group, key=lambda pair: pairs[pair])
        share, count = pairs[closest]
        common = where[closest[0]].keys() & where[closest[1]].keys()
        cells = dict.fromkeys(cell for passage, cell in where[closest[0]].items() if passage in common)
        yield Alike(tuple(sorted({name for pair in group for name in pair})), share, count, tuple(sorted(cells)))
