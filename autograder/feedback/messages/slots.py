"""Slots of a wording: each kind reads what stands in its place, and says how many bits that takes."""

from __future__ import annotations

import ast
import builtins
import math
import re
from collections.abc import Collection

import numpy as np

from autograder.feedback.messages.own_text import OwnText

HIDDEN = "…"
Shown = tuple[str, float]  # what is shown for it, and the bits that it takes


SURE = math.log2(8 / 7)  # bits that say "no ellipsis", where an ellipsis takes 3: 1/8 + 7/8 = 1


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


def read_slot(kind: str, text: str, own: OwnText, earlier: list[str]) -> Shown:
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


def hide_slot(kind: str, text: str) -> Shown:
    """The same for a slot whose content is left out."""
    if "|" in kind:
        return text, math.log2(len(kind.split("|")))
    return HIDDEN, {"rest": 0.0, "number": 5.0, "integer": 5.0 + SURE, "shape": 5.0, "python_shape": 5.0}.get(kind, 3.0)


def pattern_of(kind: str) -> str:
    if "|" in kind:
        return "|".join(map(re.escape, kind.split("|")))
    if kind in WORDS:
        return r"\w{1,40}" if kind in ("ufunc", "gufunc", "numeric") else "|".join(map(re.escape, WORDS[kind]))
    return PATTERNS[kind]


def most_bits(kind: str, own: OwnText) -> float:
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
