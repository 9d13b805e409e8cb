"""Hostile texts of any size: what a stranger writes so that a parser looks at the same text again and again.

`floods` are for whole parsers. `floods_for` are made of a regular expression itself: the beginnings of what it matches,
repeated, and its repetitions without the end that it waits for.
"""

import itertools
import re
from re import _constants as codes
from re import _parser as parser

PIECES = """< <a <a␣ <a␣b= <a␣b=" <a␣b=' <b> <b><i> </b> <td> <br> <p <!-- --> <script> </script <? <![CDATA[
& && &# &a &amp &lt; &zzz; [ ] [a]( ![ ![a]( ]( [x]: [^ ( ) () { } {a [[ ]] {{ ( [ ({[ $ $$ $x $x$ $x␣ \\ \\\\ \\[ \\] \\( \\) \\{
` `` ``` ``a` ~~~ ~~ ' " ''' \"\"\" \\' \\" '" f'{ {a[ "{a[ %( * ** *a a* **a _ __ _a ~a | |a| - -- -a > >> # #a + = == 1 1. .1 1_ 1e a a. a( a[
a, a: @ ; : , . ! / // <<<<<<< ======= >>>>>>> ^ ^{ _{ \\frac{ \\left( \\sqrt[ \\begin{a} \\text{ \\\\& def def␣f class␣ lambda␣ not␣
if␣ from␣ import␣ http:// www. a@b. … \x1b \x1b[ \x1b[1 \x00 \x85 \u202e \u2028 \ud800 \ufffe é ß 中 𝄞 ﷺ␣""".split()
PIECES = [piece.replace("␣", " ") for piece in PIECES]
LINES = [
    "\n",
    "\r\n",
    "\r",
    " \n",
    "\t\n",
    "\t\r\n",
    "\\\n",
    "\n\n",
    " ",
    "\t",
    "\x0c",
    "a\n",
    "# a\n",
    "> ",
    "> \n",
    "- \n",
]
LINES += [
    "  - a\n",
    "1. a\n",
    "    a\n",
    "```\n",
    "~~~\n",
    "'\n",
    '"\n',
    "'''\n",
    "$\n",
    "\n|-|-|\n",
    "|a|\n",
    "---\n",
    "a\n===\n",
]
LINES += [
    "<<<<<<< \n=======\n",
    "<<<<<<< a\n",
    "=======\n",
    ">>>>>>> a\n",
    "@a\n",
    "def f():\n",
    "x = 1\n",
    "[x]: y\n",
    "<div>\n",
]
PAIRS = [
    ("\\", '"'),
    ("'", "\\'"),
    ('"', "\\'"),
    ('"', '\\"'),
    ("[", "]("),
    ("<", ">"),
    ("<a", " b=c"),
    ("<a b='", '"'),
    ("`", "$"),
]
PAIRS += [
    ("$", "\\["),
    ("\\[", "$ "),
    ("&", ";"),
    ("*a", "_"),
    ("**", "a "),
    ("[", "\\"),
    ("(", "'"),
    ("{", "'"),
    ("x", "(\n"),
]
PAIRS += [
    ("'''", '"'),
    ('"""', "'"),
    ("f'''", "{a["),
    ('"', "{a["),
    ("<b>", "<table>"),
    ("<!--", "<"),
    ("a", "\n\n"),
    ("&", "é"),
]


def floods():
    """(name, size → text): one piece again and again, two in turn, one opened and another after it, one half of each."""
    for piece in (*PIECES, *LINES):
        yield repr(piece), repeated("", piece)
    for one, other in PAIRS:
        yield repr(one + other), repeated("", one + other)
        yield f"{one!r} and then {other!r}", repeated(one, other)
        yield f"half {one!r}, half {other!r}", halves(one, other)


def repeated(opening, piece, ending=""):
    return lambda size: opening + (piece * (size // len(piece) + 1))[:size] + ending


def halves(one, other):
    return lambda size: (one * size)[: size // 2] + (other * size)[: size // 2]


# Of a regular expression.

MOST_FLOODS = 120
MOST = 8  # ways through an expression that are followed
NO_END = "\0"  # what no expression waits for


def floods_for(pattern):
    """(name, size → text) for a compiled expression: at most MOST_FLOODS, from all parts of it."""
    found = list(dict(_floods_for(pattern)).items())
    return found[:: -(-len(found) // MOST_FLOODS)]


def _floods_for(pattern):
    loops, units = set(), {}
    for whole in _ways(parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG), "", loops):
        for length in range(1, min(len(whole), 30) + 1):
            units[whole[:length]] = True
    for piece in (*units, *PIECES[:40], *LINES[:12]):
        yield repr(piece), repeated("", piece)
    for opening, body in sorted(loops):
        yield f"{opening!r} and then {body!r}", repeated(opening, body, NO_END)
        yield f"{body!r} without end", repeated("", body, NO_END)
        yield f"{opening + body!r} without end", repeated("", opening + body, NO_END)
        if opening:
            yield f"half {opening!r}, half {body!r}", halves(opening, body)


def _ways(parsed, before, loops):
    """Short texts that the parsed expression matches; `loops` gets (what stands before it, body) of each repetition."""
    ways = [""]
    for code, value in parsed:
        options = []
        for way in ways:
            options += [way + end for end in _of(code, value, before + way, loops)]
        ways = list(dict.fromkeys(options))[:MOST] or [""]
    return ways


def _of(code, value, before, loops):
    if code in (codes.LITERAL,):
        return [chr(value)]
    if code is codes.NOT_LITERAL:
        return ["a" if value != ord("a") else "b"]
    if code is codes.ANY:
        return ["a", '"']
    if code is codes.IN:
        return _of_set(value)
    if code is codes.BRANCH:
        ways = [_ways(branch, before, loops) for branch in value[1]]
        return [way for some in itertools.zip_longest(*ways) for way in some if way is not None][: 3 * MOST]
    if code is codes.SUBPATTERN:
        return _ways(value[-1], before, loops)
    if code is codes.ATOMIC_GROUP:
        return _ways(value, before, loops)
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        least, most, body = value
        ways = [way for way in _ways(body, before, loops) if way]
        if most > 5:
            loops.update((before[-30:], way) for way in ways[:3])
        return [*(way * max(least, 1) for way in ways), *([""] if least == 0 else [])]
    if code is codes.AT:
        return ["\n" if value in (codes.AT_BEGINNING, codes.AT_BEGINNING_LINE) else ""]
    return [""]


def _of_set(items):
    """A few of the characters that a set allows."""
    kinds = {codes.CATEGORY_DIGIT: "1", codes.CATEGORY_SPACE: " ", codes.CATEGORY_WORD: "a"}
    kinds |= {codes.CATEGORY_NOT_SPACE: "x", codes.CATEGORY_NOT_WORD: "-", codes.CATEGORY_NOT_DIGIT: "x"}
    allowed, turned = [], False
    for code, value in items:
        if code is codes.NEGATE:
            turned = True
        elif code is codes.LITERAL:
            allowed.append(chr(value))
        elif code is codes.RANGE:
            allowed.append(chr(value[0]))
        elif code is codes.CATEGORY:
            allowed.append(kinds[value])
    return [next(c for c in "ax \n-" if c not in allowed)] if turned else allowed[:3]
