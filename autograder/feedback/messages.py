"""What may be told of an exception that a student's function raised while hidden inputs were in its hands.

Its class, its message and its place are all of the student's choosing, and all of them come to a page that the student
reads. So nothing is shown but what one of these describes whole:

    a template    Python's, numpy's or the course's own wording (wordings.py), with slots for shapes, counts, types and
                  the student's own names; a slot that holds anything else is shown as an ellipsis
    a literal     a string that stands in the student's code as it is
    a class       built in, numpy's, or named as a class in the student's code; without its message

Each is a code word: its length in bits is such that the numbers 2 ** -bits of everything that could be shown sum up to at
most 1 (Kraft's inequality). What would take more than BITS is told with fewer slots, or only by its class. So there are
never more than 2 ** BITS different texts for one question, whatever the student's code does.

    which of these                   1  template · 2  literal · 3  class, message left out · 4  class, no message
    which template                   log2 of their number: 9
    which literal, class, line       log2 of how many stand in the student's code, or are built in
    a number                         4 for 0 to 7 · 7 for 8 to 15 · 13 for 16 to 999 · 2 or more for one again
    a shape                          1 for two axes · 2 for one · 3, 4 for three, four · and its numbers
    an axis                          2.2
    a name, a type, a quoted text    0.2 + log2 of how many stand in the student's code, or in a fixed list
    an ellipsis in place of a slot   3 to 5

Two shapes of two small numbers each are 22 bits at most, the template 10, the line about 9: honest messages need 25 to 45.
"""

from __future__ import annotations

import ast
import builtins
import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import nbformat
import numpy as np

from autograder.feedback.wordings import WORDINGS
from autograder.notebook.rebuild import grade_id, without_hidden

BITS = 48  # that one exception may tell: six bytes
LONGEST = 2_000  # characters of a message that is looked at
LONGEST_LITERAL = 300
LONGEST_NAME = 60
HIDDEN = "…"

ERRORS = {
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
}
ERRORS |= {"AxisError", "LinAlgError", "UFuncTypeError", "DTypePromotionError", "ComplexWarning", "TooHardError"}
ERRORS |= {"CheckFailed", "TimeIsUp", "MemoryLimit", "JSONDecodeError"}


@dataclass(frozen=True)
class Told:
    """What a page says of an exception."""

    kind: str  # its class
    message: str = ""
    left_out: bool = False  # there is a message, and it is not shown
    cell: str | None = None
    line: int | None = None
    bits: float = 0.0  # what all of this can carry


def tell(raised: dict[str, Any], own: OwnText, most: float | None = None) -> Told:
    """What may be told of an exception, in `most` bits (default: BITS).

    raised: with type, message, cell and line.
    """
    most = BITS if most is None else most
    kind = raised["type"] if raised["type"] in ERRORS or raised["type"] in own.classes else None
    message = raised.get("message") or ""
    room = most - 1  # one bit says whether there is a place
    told = _in_its_own_words(raised["type"], message.rstrip(" "), own, room) or _literally(kind, message, own, room)
    if told is None:
        class_bits = 5 if kind is None else (3 if message else 4) + math.log2(len(ERRORS | own.classes))
        known = kind if class_bits <= room else None
        told = Told(known or "An error", left_out=bool(message), bits=class_bits if known else 5)
    return _placed(told, raised, own, most)


def _in_its_own_words(kind: str, message: str, own: OwnText, room: float) -> Told | None:
    if len(message) > LONGEST or not message:
        return None
    which = 1 + math.log2(number_of_templates())
    for template in templates(kind):
        if found := template.pattern.fullmatch(message):
            read = template.read(found.groups(), own, room - which)
            if read is not None and read[0] != HIDDEN:
                return Told(kind, read[0], bits=which + read[1])
    return None


def _literally(kind: str | None, message: str, own: OwnText, room: float) -> Told | None:
    if kind is None or message not in own.literals:
        return None
    bits = 2 + math.log2(len(own.literals)) + math.log2(len(ERRORS | own.classes))
    return Told(kind, message, bits=bits) if bits <= room else None


def _placed(told: Told, raised: dict[str, Any], own: OwnText, most: float) -> Told:
    """With the cell and the line that it came from, where these are in the student's text and there is room."""
    cell, line = raised.get("cell"), raised.get("line")
    bits = told.bits + 1
    if cell in own.lines and type(line) is int and 1 <= line <= own.lines[cell]:
        placed = bits + math.log2(sum(own.lines.values()))
        if placed <= most:
            return Told(told.kind, told.message, told.left_out, cell, line, placed)
    return Told(told.kind, told.message, told.left_out, bits=bits)


# The student's text.


class OwnText:
    """What stands in the code of a notebook, as its student has seen or written it. `cells`: label → source."""

    def __init__(self, cells: dict[str, str]) -> None:
        self.cells = cells

    @classmethod
    def of(cls, notebook: nbformat.NotebookNode) -> OwnText:
        """That of a notebook, its hidden regions left out. Cells are called as where an exception came from calls them."""
        return cls(
            {
                grade_id(cell) or f"extra {number + 1}": without_hidden(cell.source)
                for number, cell in enumerate(notebook.cells)
                if cell.cell_type == "code"
            }
        )

    @cached_property
    def lines(self) -> dict[str, int]:
        """label → number of lines."""
        return {label: source.count("\n") + 1 for label, source in self.cells.items()}

    @property
    def classes(self) -> frozenset[str]:
        """Names of classes that are defined here, raised or caught."""
        return self._found["class"]

    @property
    def literals(self) -> frozenset[str]:
        """Strings that stand here as constants."""
        return self._found["literal"]

    def names(self, kind: str) -> frozenset[str]:
        """The names that stand here as a variable, attribute, function, argument or module."""
        return self._found[kind]

    @cached_property
    def _found(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {kind: set() for kind in ("class", "literal", *NAMES)}
        for source in self.cells.values():
            try:
                tree = ast.parse(re.sub(r"^[ \t]*[%!].*$", "", source, flags=re.MULTILINE))
            except (SyntaxError, ValueError, RecursionError, MemoryError):  # no Python: any word may be a name
                words = set(re.findall(r"[A-Za-z_]\w*", source, re.ASCII))
                found["class"] |= set(re.findall(r"\bclass ([A-Za-z_]\w*)", source, re.ASCII))
                for kind in NAMES:
                    found[kind] |= words
                continue
            _look_through(tree, found)
        short = {kind: {name for name in names if len(name) <= LONGEST_NAME} for kind, names in found.items()}
        short["literal"] = {text for text in found["literal"] if len(text) <= LONGEST_LITERAL}
        return {kind: frozenset(names) for kind, names in short.items()}


NAMES = ("variable", "attribute", "function", "argument", "module")


def _look_through(tree: ast.AST, found: dict[str, set[str]]) -> None:
    waiting = [(tree, "")]
    while waiting:
        node, inside = waiting.pop()
        below = inside
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found["variable"].add(node.name)
            found["function"] |= {node.name, f"{inside}{node.name}"}
            found["attribute"].add(node.name)
            if isinstance(node, ast.ClassDef):
                found["class"].add(node.name)
                found["function"].add(f"{inside}{node.name}.__init__")
            local = "" if isinstance(node, ast.ClassDef) else ".<locals>"
            below = f"{inside}{node.name}{local}."
        elif isinstance(node, ast.Lambda):
            found["function"] |= {"<lambda>", f"{inside}<lambda>"}
        elif isinstance(node, ast.Name):
            found["variable"].add(node.id)
        elif isinstance(node, ast.Attribute):
            found["attribute"].add(node.attr)
        elif isinstance(node, ast.arg):
            found["variable"].add(node.arg)
            found["argument"].add(node.arg)
        elif isinstance(node, ast.keyword) and node.arg:
            found["argument"].add(node.arg)
        elif isinstance(node, ast.Call):
            found["function"] |= set(_dotted(node.func))
        elif isinstance(node, ast.Import):
            found["module"] |= {alias.name for alias in node.names}
            found["variable"] |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found["module"].add(node.module or "")
            found["variable"] |= {name for alias in node.names for name in (alias.name, alias.asname) if name}
        elif isinstance(node, ast.Raise):
            found["class"] |= set(_dotted(getattr(node.exc, "func", node.exc))[:1])
        elif isinstance(node, ast.ExceptHandler):
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            found["class"] |= {name for kind in kinds for name in _dotted(kind)[:1]}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found["literal"].add(node.value)
        waiting += [(child, below) for child in ast.iter_child_nodes(node)]


def _dotted(node: ast.AST | None) -> list[str]:
    """What a called name may be called in a message: `math.exp` gives "exp" and "math.exp"; nothing for other nodes."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [node.attr] + ([f"{node.value.id}.{node.attr}"] if isinstance(node.value, ast.Name) else [])
    return []


# Slots. Each reads what stands in its place.

Shown = tuple[str, float]  # what is shown for it, and the bits that it takes


SURE = math.log2(8 / 7)  # bits that say "not what happens once in eight times", which takes 3


def _choice(value: str, options: Collection[str]) -> Shown:
    """One of so many, or an ellipsis."""
    return (value, math.log2(len(options)) + SURE) if value in options else (HIDDEN, 3.0)


def _number(text: str, earlier: list[str], more: Collection[str] = ()) -> Shown:
    """A whole number of at most three digits. `earlier`: the numbers that stand before it in the same message."""
    if text in more:
        return text, 5.0
    if not text.isascii() or not text.isdigit() or len(text) > 3 or str(int(text)) != text:
        return HIDDEN, 5.0
    value = int(text)
    bits = 4.0 if value <= 7 else 7.0 if value <= 15 else 13.0
    if text in earlier:
        bits = min(bits, 2 + math.log2(len(set(earlier))))
    earlier.append(text)
    return text, bits


AXES = {2: 1.0, 1: 2.0, 3: 3.0, 4: 4.0, 0: 5.0}  # number of axes → bits; an ellipsis takes 5 too


def _shape(text: str, earlier: list[str], between: str = ",") -> Shown:
    """A shape as numpy writes it, (3,4) or (3,), or as Python does, (3, 4)."""
    inside = text[1:-1].removesuffix(",") if text.count(",") == 1 and text.endswith(",)") else text[1:-1]
    lengths = inside.split(between) if inside else []
    if len(lengths) not in AXES or (len(lengths) == 1) != text.endswith(",)"):
        return HIDDEN, 5.0
    read = [_number(length, earlier, more=("newaxis",)) for length in lengths]
    end = "," if len(read) == 1 else ""
    return f"({between.join(shown for shown, _ in read)}{end})", AXES[len(read)] + sum(bits for _, bits in read)


def _several(text: str, earlier: list[str], arrows: bool) -> Shown:
    """Shapes after one another, with `arrows` each perhaps with an arrow to another."""
    read, bits = [], 0.0
    for item in text.split(" "):
        shapes = [_shape(part, earlier) for part in item.split("->")]
        read.append("->".join(shown for shown, _ in shapes))
        bits += 1 + arrows + sum(more for _, more in shapes)  # one bit says whether another follows, one if by an arrow
    return " ".join(read), bits


def _quoted(text: str, literals: Collection[str]) -> Shown:
    """A string as Python writes it down, if it stands in the student's code."""
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return HIDDEN, 3.0
    shown, bits = _choice(value, literals)
    return (text, bits) if shown == value and repr(value) == text else (HIDDEN, 3.0)


SHAPE = r"\([\w, ]{0,60}\)"
ARROWS = rf"{SHAPE}(?:->{SHAPE})?"
NAME = r"[^\W\d]\w{0,80}"
PATTERNS = {  # kind of slot → what may stand in its place
    "number": r"\d{1,20}",
    "integer": r"-?\d{1,20}",
    "axis": r"\d{1,20}",
    "shape": SHAPE,
    "python_shape": SHAPE,
    "shapes": rf"{SHAPE}(?: {SHAPE}){{0,3}}",
    "remapped": rf"{ARROWS}(?: {ARROWS}){{0,3}}",
    "text": r"'[^'\n]{0,300}'|\"[^\"\n]{0,300}\"",
    "rest": r"(?s:.{1,2000})",
    "type": r"[\w.]{1,100}",
    "variable": NAME,
    "attribute": NAME,
    "argument": NAME,
    "function": r"[\w.<>]{1,160}",
    "module": r"[\w.]{1,100}",
}
UFUNCS = sorted({value.__name__ for value in vars(np).values() if isinstance(value, np.ufunc)} | {"clip"})
TYPES = """int float complex bool str bytes bytearray list tuple dict set frozenset range slice object type function method
module generator coroutine map filter zip enumerate reversed iterator NoneType NotImplementedType ellipsis property super
builtin_function_or_method method-wrapper method_descriptor wrapper_descriptor getset_descriptor code cell memoryview
list_iterator tuple_iterator range_iterator dict_keys dict_values dict_items dict_keyiterator str_ascii_iterator
collections.deque collections.OrderedDict collections.defaultdict collections.Counter functools.partial itertools.product
numpy.ndarray numpy.ufunc numpy.dtype numpy.flatiter numpy.matrix numpy.ma.MaskedArray numpy._ArrayFunctionDispatcher
numpy.bool numpy.int8 numpy.int16 numpy.int32 numpy.int64 numpy.uint8 numpy.uint16 numpy.uint32 numpy.uint64 numpy.float16
numpy.float32 numpy.float64 numpy.longdouble numpy.complex64 numpy.complex128 numpy.str_ numpy.bytes_ numpy.object_
numpy.random._generator.Generator numpy.random.mtrand.RandomState""".split()
NUMERIC = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128".split()
DTYPES = [f"dtype('{name}')" for name in [*NUMERIC, "O", "S1", *(f"<U{length}" for length in range(1, 33))]]
DTYPES += [
    f"<class 'numpy.dtypes.{name}DType'>"
    for name in ("Bool Int8 Int16 Int32 Int64 UInt8 UInt16 UInt32 UInt64 Float16 Float32 Float64 Complex64 Complex128 Str "
    "Bytes Object _PyInt _PyFloat _PyComplex").split()
]  # fmt: skip
WORDS = {  # kind of slot → the words of a fixed list that may stand in its place
    "operator": "+ - * / // % @ & | ^ << >> += -= *= /= //= %= @= **= &= |= ^= <<= >>=".split()
    + ["** or pow()", "divmod()"],
    "comparison": "< > <= >=".split(),
    "unary": ["unary -", "unary +", "unary ~", "abs()"],
    "casting": ["no", "equiv", "safe", "same_kind", "unsafe"],
    "ufunc": UFUNCS,
    "numeric": NUMERIC,
    "dtype": DTYPES,
    "gufunc": "matvec vecmat vecdot solve solve1 inv det eig eigh cholesky_lo svd svd_f lstsq qr_r_raw cross".split(),
    "signature": [
        *("(m,m)->(m,m)", "(m,m)->()", "(m,m),(m)->(m)", "(m,m),(m,n)->(m,n)", "(n),(n)->()", "(m,n),(n)->(m)"),
        *("(n),(n,m)->(m)", "(m,n),(m,nrhs),()->(n,nrhs),(nrhs),(),(p)", "(3),(3)->(3)"),
    ],
}
METHODS = {f"{kind.__name__}.{name}" for kind in (list, dict, str, set, tuple) for name in vars(kind) if name[0] != "_"}
METHODS |= {"sort", "_sum", "_mean", "_prod", "_any", "_all", "_amax", "_amin", "_std", "_var"}
BUILT_IN = {  # names that need not stand in the student's code
    "function": {name for name, value in vars(builtins).items() if callable(value)} | set(UFUNCS) | METHODS,
    "argument": set(
        "a b c x y z x1 x2 a1 a2 axis shape dtype object condition start stop num fill_value arr size out keepdims ddof "
        "initial where iterable key default newshape axes obj values repeats reps N M k n indices p q sep end file".split()
    ),
    "module": set("numpy numpy.random numpy.linalg numpy.testing math random matplotlib matplotlib.pyplot".split()),
}


def _read_slot(kind: str, text: str, own: OwnText, earlier: list[str]) -> Shown:
    if "|" in kind:
        return text, math.log2(len(kind.split("|")))
    if kind == "rest":
        return HIDDEN, 0.0
    if kind == "number":
        return _number(text, earlier)
    if kind == "integer":
        shown, bits = _number(text.removeprefix("-"), earlier)
        below = text.startswith("-") and shown != HIDDEN
        return "-" * below + shown, bits + (3 if below else SURE)
    if kind == "axis":
        return _choice(text, ("0", "1", "2", "3"))
    if kind in ("shape", "python_shape"):
        return _shape(text, earlier, ", " if kind == "python_shape" else ",")
    if kind in ("shapes", "remapped"):
        return _several(text, earlier, arrows=kind == "remapped")
    if kind == "text":
        return _quoted(text, own.literals)
    if kind == "type":
        return _choice(text, {*TYPES, *own.classes})
    if kind in WORDS:
        return _choice(text, WORDS[kind])
    return _choice(text, own.names(kind) | BUILT_IN.get(kind, set()))


def _hide_slot(kind: str, text: str) -> Shown:
    """The same for a slot whose content is left out."""
    if "|" in kind:
        return text, math.log2(len(kind.split("|")))
    return HIDDEN, {"rest": 0.0, "number": 5.0, "integer": 5.0 + SURE, "shape": 5.0, "python_shape": 5.0}.get(kind, 3.0)


# Templates.


class Template:
    """One wording. `text`: as in wordings.py."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\\n", "\n")
        parts = re.split(r"\{([^{}]+)\}", self.text)
        self.fixed, self.kinds = parts[::2], parts[1::2]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What fits it, with a group for each slot."""
        pieces = [re.escape(self.fixed[0])]
        for kind, fixed in zip(self.kinds, self.fixed[1:], strict=True):
            pieces += [f"({_pattern(kind)})", re.escape(fixed)]
        return re.compile("".join(pieces))

    def read(self, found: Sequence[str], own: OwnText, room: float) -> Shown | None:
        """(the message as it is shown, the bits that its slots take); None where even ellipses take more than `room`.

        found: what stands in the slots. Where all of it takes more than `room`, the last slots are left out.
        """
        for kept in range(len(self.kinds), -1, -1):
            earlier: list[str] = []
            shown, bits = [self.fixed[0]], 0.0
            for number, (kind, text, fixed) in enumerate(zip(self.kinds, found, self.fixed[1:], strict=True)):
                read, more = _read_slot(kind, text, own, earlier) if number < kept else _hide_slot(kind, text)
                shown += [read, fixed]
                bits += more
            if bits <= room:
                return "".join(shown), bits
        return None

    def most_bits(self, own: OwnText) -> float:
        """The most that its slots can take, were there no bound on a whole message."""
        return sum(_most_bits(kind, own) for kind in self.kinds)


def _pattern(kind: str) -> str:
    if "|" in kind:
        return "|".join(map(re.escape, kind.split("|")))
    if kind in WORDS:
        return r"\w{1,40}" if kind in ("ufunc", "gufunc", "numeric") else "|".join(map(re.escape, WORDS[kind]))
    return PATTERNS[kind]


def _most_bits(kind: str, own: OwnText) -> float:
    if "|" in kind:
        return math.log2(len(kind.split("|")))
    whole_shape = AXES[4] + 4 * 13
    known = {"rest": 0, "number": 13, "integer": 16, "axis": 3, "shape": whole_shape, "python_shape": whole_shape}
    known |= {"shapes": 4 * (2 + whole_shape), "remapped": 4 * (2 + 2 * whole_shape)}
    if kind in known:
        return known[kind]
    options = {"text": own.literals, "type": {*TYPES, *own.classes}}.get(kind) or WORDS.get(kind)
    options = options or own.names(kind) | BUILT_IN.get(kind, set())
    return max(3.0, math.log2(max(len(options), 1)) + SURE)


@cache
def templates(kind: str) -> tuple[Template, ...]:
    """The wordings of a class of exceptions, in their order: the first that fits counts."""
    return tuple(map(Template, _wordings().get(kind, ())))


@cache
def number_of_templates() -> int:
    return sum(map(len, _wordings().values()))


@cache
def _wordings() -> dict[str, list[str]]:
    """class → its wordings. What numpy says of names that it no longer has, it has in tables."""
    found = {kind: text.strip("\n").split("\n") for kind, text in WORDINGS.items()}
    former = list(vars(np).get("__former_attrs__", {}).values())
    expired = vars(np).get("__expired_attributes__", {})
    former += [f"`np.{name}` was removed in the NumPy 2.0 release. {advice}" for name, advice in expired.items()]
    found["AttributeError"] = [text for text in former if "{" not in text] + found["AttributeError"]
    return found


# An ordinary hidden test: the instructor's own words may be shown too.


def tell_of_hidden_test(name: str, message: str, source: str, own: OwnText) -> Told:
    """What may be told of an exception that ended an ordinary hidden test. `source`: of the whole test cell.

    The message of one of its own asserts is the instructor's, who wrote it to be read. Of one that is put together (an
    f-string) only the fixed pieces are shown: what stands between them came through the student's hands.
    """
    if name == "AssertionError" and message:
        for pieces in assert_messages(source):
            if _fits(message, pieces):
                return Told(name, HIDDEN.join(pieces))
    return tell({"type": name, "message": message}, own)


@cache
def assert_messages(source: str) -> tuple[tuple[str, ...], ...]:
    """The messages of a cell's asserts, each as its fixed pieces in order (one, where it is a plain string)."""
    try:
        tree = ast.parse(re.sub(r"^[ \t]*[%!].*$", "", source, flags=re.MULTILINE))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    found = [_pieces(node.msg) for node in ast.walk(tree) if isinstance(node, ast.Assert) and node.msg is not None]
    return tuple(sorted((pieces for pieces in found if pieces and any(pieces)), key=len))


def _pieces(node: ast.expr) -> tuple[str, ...] | None:
    if isinstance(node, ast.Constant):
        return (node.value,) if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    pieces = [""]
    for value in node.values:
        if isinstance(value, ast.Constant):
            pieces[-1] += str(value.value)
        else:
            pieces.append("")
    return tuple(pieces)


def _fits(message: str, pieces: tuple[str, ...]) -> bool:
    """Whether a message is made of these pieces, in order, with anything in between."""
    if len(pieces) == 1:
        return message == pieces[0]
    first, *middle, last = pieces
    if not message.startswith(first) or not message.endswith(last) or len(message) < len(first) + len(last):
        return False
    at, end = len(first), len(message) - len(last)
    for piece in middle:
        at = message.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True
