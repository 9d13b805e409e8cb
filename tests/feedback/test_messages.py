"""Messages: what Python and numpy say is shown whole, and nothing that a student's code makes up tells of hidden inputs.

The honest side raises each error for real. The other side goes through every road that an exception offers and counts
what arrives: the pages that can be told apart, and the bits that the telling says they take.
"""

import itertools
import math
import random
import re
import string
import sys
import time
import warnings

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.feedback import page as feedback_page
from autograder.feedback.messages import OwnText, tell, tell_of_hidden_test, telling
from autograder.feedback.messages.hidden_test import assert_messages
from autograder.feedback.messages.own_text import NAMES
from autograder.feedback.messages.slots import BUILT_IN, HIDDEN, TYPES, WORDS, hide_slot, read_slot
from autograder.feedback.messages.telling import BITS, ERRORS
from autograder.feedback.messages.template import templates
from autograder.feedback.page import LEFT_OUT, render
from autograder.feedback.wordings import WORDINGS
from helpers.questions import describe_error

# What Python and numpy say. Each of these is run, and raises.

PYTHON = r"""
forwrd(1)
f = lambda: later; f(); later = 1
{}.forward
[].shape
import math; math.sigmoid
(lambda: 1).learning_rate
1 + None
"a" + 1
[1] + 1
None @ None
[1] ** 2
x = [1]; x -= 1
-[1]
abs("a")
1 < None
divmod(None, 1)
len(3)
None[0]
int[0]
None["a"] = 1
x = (1, 2); del x[0]
[1, 2][5]
(1, 2)[5]
"ab"[7]
[][0] = 1
[].pop()
range(3)[7]
{"a": 1}["b"]
{}[3]
[1, 2]["a"]
(1, 2)[0.5]
"ab"["a"]
{[1]: 2}
hash([])
None()
[1]()
for i in 3: pass
a, b = 3
a, b = [1]
a, b = [1, 2, 3]
a, *b, c = [1]
sum(["a"])
max([])
range(2.5)
range(1, 2, 0)
[0] * 2.5
int("x")
float("1,5")
float(None)
int([1])
int(float("nan"))
int(float("inf"))
round("a")
1 / 0
1.0 / 0
1 % 0
1.0 // 0
0.0 ** -1
10.0 ** 400
import math; math.exp(1000)
import math; math.exp("a")
(lambda x: x)()
(lambda x, y: x)()
(lambda x, y, z: x)()
(lambda x: x)(1, 2)
(lambda: 1)(1)
(lambda x, y=1: x)(1, 2, 3)
(lambda x: x)(1, y=2)
(lambda x: x)(1, x=2)
(lambda x, *, rate: x)(1)
len(1, 2)
print(1, foo=2)
isinstance(1)
isinstance(1, "a")
sorted([1, None])
[1].remove(3)
"a".join([1])
[].append(1, 2)
dict([(1, 2, 3)])
"%d" % "a"
"%s %s" % (1,)
"{:d}".format(1.5)
f"{None:.2f}"
open("nothing.txt")
import nothing_there
raise 3
next(3)
(n for n in [])[0]
list(zip([1, 2], [3], strict=True))
int("1", "2")
[1, 2, 3][::0]
[1] * 10**20
reversed({1})
x = [1, 2]; x[0:2:2] = [1, 2, 3]
"""
NUMPY = r"""
np.zeros((3, 4)) + np.zeros((2,))
np.zeros((200, 2)) + np.zeros((200, 16))
np.add(np.zeros(3), np.zeros(2), np.zeros(4))
x = np.zeros(3); x += np.zeros((2, 3))
np.zeros((2, 3)) @ np.zeros((2, 3))
np.zeros((2, 3)) @ np.zeros(2)
np.zeros(3) @ 2
np.float64(2) @ np.float64(3)
np.dot(np.zeros((2, 3)), np.zeros((2, 3)))
np.zeros(3).dot(np.zeros(2))
np.broadcast_to(np.zeros(3), (2,))
np.broadcast_shapes((3,), (2,))
np.tensordot(np.zeros((2, 3)), np.zeros((2, 3)), axes=1)
np.zeros(3)[5]
np.zeros(3)[-5]
np.zeros((2, 3))[0, 3]
np.zeros((2, 3))[0, 0, 0]
np.float64(3)[0]
np.array(3.0)[0]
np.zeros(3)["a"]
np.zeros(3)[np.zeros(2)]
np.zeros(3)[[True, False]]
np.zeros((3, 3))[[0, 1], [0, 1, 2]]
x = np.zeros(3); x[0] = [1, 2]
x = np.zeros(3); x[:] = [1, 2]
x = np.zeros(3); x[[0, 1]] = np.zeros(3)
x = np.zeros(3); x[np.array([True, False, True])] = np.zeros(3)
x = np.zeros(3); x[0] = "a"
x = np.zeros(3); x.flags.writeable = False; x[0] = 1
x = np.zeros(3); x.flags.writeable = False; x += 1
if np.zeros(3): pass
if np.zeros(0): pass
float(np.zeros(3))
range(np.zeros(3))
range(np.float64(3))
[1, 2][np.float64(1)]
np.array([[1, 2], [3]])
np.array([np.zeros((2, 2)), np.zeros((2, 3))])
np.array(["a"], float)
np.zeros((2, 3), "x")
np.zeros((2.0, 3))
np.zeros(-1)
np.zeros()
np.ones()
np.arange()
np.arange("a")
np.arange(0, 1, 0)
np.linspace(0, 1, -1)
np.zeros(6).reshape(4)
np.zeros(6).reshape(4, -1)
np.zeros(6).reshape(-1, -1)
np.zeros(3).sum(axis=1)
np.zeros((2, 3)).mean(axis=-3)
np.swapaxes(np.zeros(3), 0, 1)
np.concatenate([np.zeros(3), np.zeros((2, 3))])
np.concatenate([np.zeros((2, 3)), np.zeros((2, 4))])
np.concatenate([])
np.concatenate([1, 2])
np.hstack([np.zeros((2, 3)), np.zeros((3, 3))])
np.stack([np.zeros(3), np.zeros(2)])
np.zeros((2, 3)).transpose(1)
np.zeros((2, 3)).squeeze(axis=0)
np.split(np.zeros(3), 2)
np.where(True, 1)
np.exp("a")
np.exp(None)
np.exp(1, 2, 3)
np.exp(1, foo=2)
np.zeros(3) + None
np.zeros(3) + "a"
np.zeros(3) < None
-np.array([True])
np.array([True]) - np.array([False])
np.array([1, 2]) ** -1
x = np.zeros(3, int); x += 0.5
np.zeros(3) << 1
np.linalg.inv(np.zeros((2, 2)))
np.linalg.inv(np.zeros((2, 3)))
np.linalg.inv(np.zeros(3))
np.linalg.solve(np.eye(2), np.zeros(3))
np.linalg.cholesky(-np.eye(2))
np.max(np.zeros(0))
np.argmax([])
np.average(np.zeros(3), weights=np.zeros(3))
np.random.default_rng(0).normal(0, -1)
np.random.default_rng(0).randn(2)
np.random.randn((2, 3))
np.random.choice(3, 5, replace=False)
np.sigmoid
np.float
np.Inf
np.zeros(3).append(1)
np.zeros(3)()
len(np.float64(3))
len(np.array(3))
for x in np.array(3.0): pass
a, b = np.zeros(3)
{np.zeros(3): 1}
np.mean()
np.sum(np.zeros(3), keepdim=True)
np.dot(1)
np.zeros((2, 2)) @ None
np.zeros((2, 2)).shape[2]
np.zeros(3).item()
np.zeros(3).mT
np.delete(np.zeros(3), 5)
np.searchsorted(np.zeros((2, 2)), 1)
np.allclose(np.zeros(3), "a")
with np.errstate(all="raise"): np.ones(1) / 0
with np.errstate(all="raise"): np.exp(np.array([1000.0]))
with np.errstate(all="raise"): np.float64(1e300) * 1e300
np.uint8(300)
np.int64(10**30)
np.isnan("a")
"""
FUNCTIONS = [
    "def f():\n    total = total + 1\nf()",
    "def f():\n    def g():\n        return late\n    g()\n    late = 1\nf()",
    "class Net:\n    def forward(self, x): pass\nNet().forward()",
    "class Net:\n    def __init__(self, sizes): pass\nNet()",
    "class Net: pass\nNet(1)",
    "class Net: pass\nNet().forward",
    "class Net: pass\nNet() + 1",
    "def f(x):\n    return f(x)\nf(1)",
    "def f(x, y, z, w): pass\nf()",
    "def outer():\n    def inner(x): pass\n    inner()\nouter()",
    "def g():\n    yield 1\nlen(g())",
    "raise ValueError('my own words')",
    "class Odd(Exception): pass\nraise Odd('it is odd: ' 'and more')",
    "assert 1 == 2, 'no'",
    "raise KeyError('W1')",
    "from helpers.losses import mse\nimport numpy as np\nmse(np.zeros((2, 1)), np.zeros((1, 2)))",
]
LINES = PYTHON.strip().splitlines() + NUMPY.strip().splitlines()


def raised_by(code):
    """The exception that a piece of code raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        depth = sys.getrecursionlimit()
        try:
            exec(compile(code, "cell f", "exec"), {"np": np, "__name__": "__main__"})
        except BaseException as error:
            return error
        finally:
            sys.setrecursionlimit(depth)
    raise AssertionError(f"{code} raises nothing")


@pytest.mark.parametrize("code", LINES + FUNCTIONS)
def test_what_python_and_numpy_say_is_shown_whole(code):
    error = raised_by(code)
    if isinstance(error, RecursionError):
        error = RecursionError(*error.args)  # its traceback is as deep as it went
    told = tell(describe_error(error) | {"cell": "f", "line": 1}, OwnText({"f": code, "more": "\n" * 60}))
    assert (told.kind, told.message) == (type(error).__name__, str(error).rstrip(" "))
    assert told.line == 1 or told.bits > BITS - 8, "the line is left out only where there is no room for it"
    assert told.bits <= BITS


OTHER_VERSIONS = [
    ("TypeError", "cannot use 'list' as a dict key (unhashable type: 'list')"),
    ("TypeError", "print() got an unexpected keyword argument 'foo'"),
    ("TypeError", "only length-1 arrays can be converted to Python scalars"),
    ("TypeError", "int expected at most 2 arguments, got 3"),
    ("ValueError", "max() iterable argument is empty"),
    ("ValueError", "max() arg is an empty sequence"),
    ("ValueError", "too many values to unpack (expected 2, got 3)"),
    ("ValueError", "expected a nonnegative input, got -1.0"),
    ("ZeroDivisionError", "float modulo"),
    ("ZeroDivisionError", "float modulo by zero"),
    ("AttributeError", "'float' object has no attribute 'foo' and no __dict__ for setting new attributes"),
    ("NameError", "name 'foo' is not defined. Did you mean: 'bar'?"),
    ("UnboundLocalError", "local variable 'foo' referenced before assignment"),
    ("FloatingPointError", "divide by zero encountered in true_divide"),
    ("MemoryError", "Unable to allocate 7.11 PiB for an array with shape (1000000000000000,) and data type float64"),
    ("AssertionError", "\nNot equal to tolerance rtol=1e-07, atol=0\n\nACTUAL: array(1)\n DESIRED: array(2)"),
]


@pytest.mark.parametrize(("kind", "message"), OTHER_VERSIONS)
def test_the_wordings_of_other_versions_are_known_too(kind, message):
    told = tell({"type": kind, "message": message}, OwnText({"f": "foo = bar\nfoo.foo(foo=1)"}))
    shown = told.message.removesuffix(HIDDEN)
    assert len(shown) > 10 and message.startswith(shown) and not told.left_out
    if told.message != shown:
        assert not re.search(r"\d", told.message), "what is cut off is all that has numbers in it"


def test_a_slot_that_holds_anything_else_is_an_ellipsis_and_the_wording_stays():
    own = OwnText({"f": "def f(x): return x"})
    for kind, message, shown in (
        ("ValueError", "could not convert string to float: '0.7314159'", "could not convert string to float: …"),
        ("NameError", "name 'x0_7314159' is not defined", "name '…' is not defined"),
        ("NameError", "name 'x' is not defined", "name 'x' is not defined"),
        ("IndexError", "index 7314159 is out of bounds for axis 0 with size 3", "index … is out of bounds for axis 0 with size 3"),
        ("IndexError", "index 0003 is out of bounds for axis 0 with size 3", "index … is out of bounds for axis 0 with size 3"),
        ("IndexError", "index ٣ is out of bounds for axis 0 with size 3", "index … is out of bounds for axis 0 with size 3"),
        ("ValueError", "operands could not be broadcast together with shapes (3,04) (2,)", "operands could not be broadcast together with shapes (3,…) (2,)"),
        ("ValueError", "operands could not be broadcast together with shapes (1,1,1,1,1) (2,)", "operands could not be broadcast together with shapes … (2,)"),
        ("TypeError", "'Secret7314159' object is not iterable", "'…' object is not iterable"),
    ):  # fmt: skip
        assert tell({"type": kind, "message": message}, own).message == shown


# Roads. Each takes bytes and raises; what it hides them in is its own text, or made up when it is asked.

BOOK = [f"word{number:03}" for number in range(256)]
BOOK_CODE = "\n".join(
    [f"class Class{number:03}(Exception): pass" for number in range(256)]
    + [f"{word} = '{word} is told'" for word in BOOK]
    + [f"value.{word}({word}=1)" for word in BOOK]
)


def _nested(payload):
    try:
        raise ValueError(payload.hex())
    except ValueError as error:
        raise TypeError("unhashable type: 'list'") from error


def _noted(payload):
    error = TypeError("unhashable type: 'list'")
    error.add_note(payload.hex())
    raise error


class _Told(Exception):
    def __init__(self, text):
        self.text = text

    def __str__(self):
        return self.text


def _named(payload):
    raise type(BOOK[payload[0]] + payload.hex(), (ValueError,), {})("no")


def _numbers(payload):
    shapes = " ".join("(" + ",".join(str(byte) for byte in payload[n : n + 4]) + ")" for n in range(0, 16, 4))
    raise ValueError(f"operands could not be broadcast together with shapes {shapes}")


def _raise(kind, text):
    def road(payload):
        raise kind(text(payload))

    return road


ROADS = {  # name → a function that raises, and how many pages at most it can make
    "the message": (_raise(ValueError, lambda p: p.hex()), 1),
    "words of python around it": (_raise(ValueError, lambda p: f"index {p.hex()} is out of bounds"), 1),
    "bytes": (_raise(ValueError, lambda p: repr(p)), 1),
    "an array": (_raise(ValueError, lambda p: repr(np.frombuffer(p))), 1),
    "single letters": (_raise(TypeError, lambda p: " ".join(p.hex())), 1),
    "blanks at the end": (_raise(ValueError, lambda p: "math domain error" + " " * p[0]), 1),
    "a new line": (_raise(ValueError, lambda p: "math domain error\n" + p.hex()), 1),
    "capital letters": (_raise(ValueError, lambda p: "".join(random.Random(p[0]).choice([c.upper(), c]) for c in "math domain error")), 2),
    "letters that look alike": (_raise(ValueError, lambda p: "m" + "aа"[p[0] % 2] + "th dоmain error"), 1),
    "digits that look alike": (_raise(IndexError, lambda p: f"index {chr(0x660 + p[0] % 10)} is out of bounds for axis 0 with size 3"), 1),
    "zeros before a number": (_raise(IndexError, lambda p: f"index {'0' * (p[0] % 9)}3 is out of bounds for axis 0 with size 3"), 2),
    "a number": (_raise(IndexError, lambda p: f"index {p[0]} is out of bounds for axis 0 with size {p[1] % 4}"), 1024),
    "a long number": (_raise(IndexError, lambda p: f"index {int.from_bytes(p, 'big')} is out of bounds for axis 0 with size 3"), 1),
    "four shapes": (_numbers, 2**16),
    "a key": (_raise(KeyError, lambda p: p.hex()), 1),
    "a key of the book": (_raise(KeyError, lambda p: f"{BOOK[p[0]]} is told"), 256),
    "a key that is an object": (_raise(KeyError, lambda p: (p, p.hex())), 1),
    "a name of the book": (_raise(NameError, lambda p: f"name '{BOOK[p[0]]}' is not defined"), 256),
    "four names of the book": (_raise(TypeError, lambda p: "word000() missing 4 required positional arguments: '{}', '{}', '{}', and '{}'".format(*(BOOK[b] for b in p[:4]))), 2**BITS),
    "a made-up name": (_raise(NameError, lambda p: f"name 'x{p.hex()}' is not defined"), 1),
    "a literal of the book": (_raise(ValueError, lambda p: f"{BOOK[p[0]]} is told"), 256),
    "two literals of the book": (_raise(ValueError, lambda p: f"{BOOK[p[0]]} is told{BOOK[p[1]]} is told"), 1),
    "two arguments": (lambda p: (_ for _ in ()).throw(ValueError(f"{BOOK[p[0]]} is told", p[1])), 1),
    "the class's name": (_named, 1),
    "a class of the book": (lambda p: (_ for _ in ()).throw(type(f"Class{p[0]:03}", (Exception,), {})(p.hex())), 256),
    "a class and its text": (lambda p: (_ for _ in ()).throw(_Told(p.hex())), 1),
    "the cause": (_nested, 1),
    "a note": (_noted, 1),
    "a group": (lambda p: (_ for _ in ()).throw(ExceptionGroup(p.hex(), [ValueError(p.hex())])), 1),
    "a group of many": (lambda p: (_ for _ in ()).throw(ExceptionGroup("no", [ValueError()] * (1 + p[0]))), 1),
    "a syntax error": (lambda p: (_ for _ in ()).throw(SyntaxError("invalid syntax", (p.hex(), p[0], p[1], p.hex()))), 1),
    "what eval says": (lambda p: eval(f"1 {p.hex()} b"), 1),
    "a file that is not there": (lambda p: open("/nowhere/" + p.hex()).close(), 1),
    "a module that is not there": (lambda p: __import__("m" + p.hex()), 1),
    "an attribute that is not there": (lambda p: getattr(3, "a" + p.hex()), 1),
    "a number that cannot be read": (lambda p: float("x" + p.hex()), 1),
    "a unicode error": (lambda p: (b"\xff" + p).decode("ascii"), 1),
    "too large a number": (lambda p: np.uint8(256 + int.from_bytes(p[:7], "big")), 1),
    "an assertion of numpy's": (lambda p: np.testing.assert_allclose(p[0] / 7, -1), 1),
    "a bound method": (_raise(AttributeError, lambda p: f"'X{p.hex()}' object has no attribute '{BOOK[p[0]]}'"), 256),
}  # fmt: skip


def page_of(raised, own):
    """What stands on the page for one question."""
    return str(feedback_page.said_of({"raised": raised, "facts": []}, own))


@pytest.mark.parametrize("name", ROADS)
def test_a_road_brings_no_more_to_the_page_than_its_book_has_words(name):
    road, most = ROADS[name]
    own, chance, pages = OwnText({"f": BOOK_CODE}), random.Random(name), set()
    for _ in range(1500):
        payload = chance.randbytes(16)
        try:
            road(payload)
        except BaseException as error:
            page = page_of(describe_error(error) | {"where": None}, own)
        pages.add(page)
        assert payload.hex()[:6] not in page and repr(payload)[2:8] not in page
    assert len(pages) <= most + 1, f"{len(pages)} pages, such as {sorted(pages)[:3]}"


@pytest.mark.parametrize("place", ["line", "cell", "both"])
def test_a_place_is_one_of_the_students_own_lines(place):
    own, pages = OwnText({"f": "x\n" * 9, "extra 4": "y"}), set()
    for cell, line in itertools.product(["f", "extra 4", "extra 5", "g", "f ", None, "x7314159"], range(-5, 40)):
        cell, line = (cell if place != "line" else "f"), (line if place != "cell" else 1)
        pages.add(page_of({"type": "ValueError", "message": "math domain error", "cell": cell, "line": line}, own))
    assert len(pages) <= 11 + 1
    for line in (True, 1.5, "3", 10**9, None):
        assert "line" not in page_of({"type": "ValueError", "message": "", "cell": "f", "line": line}, own)


# The bound itself.

ROUNDING = 1e-9


def everything(own, chance, each):
    """Exceptions of every kind that the telling knows, with everything in their slots that it knows, and more."""
    names = sorted(own.names("variable") | own.names("attribute")) + ["made_up", "int"]
    literals = [*sorted(own.literals), "made up"]
    places = [*((cell, line) for cell, lines in own.lines.items() for line in range(1, lines + 1)), (None, None)]

    def number():
        return str(chance.choice([chance.randrange(10), chance.randrange(40), chance.randrange(1000), 10**6]))

    def shape(between=","):
        lengths = [number() for _ in range(chance.randrange(5))]
        return f"({between.join(lengths)}{',' if len(lengths) == 1 else ''})"

    fill = {
        "number": number,
        "axis": number,
        "integer": lambda: chance.choice(["", "-"]) + number(),
        "shape": shape,
        "python_shape": lambda: shape(", "),
        "shapes": lambda: " ".join(shape() for _ in range(chance.randint(1, 4))),
        "remapped": lambda: " ".join(chance.choice([shape(), f"{shape()}->{shape()}"]) for _ in range(2)),
        "text": lambda: repr(chance.choice(literals)),
        "rest": lambda: chance.choice(literals) or "x",
        "type": lambda: chance.choice([*TYPES, *own.classes, "made_up"]),
        **{kind: lambda words=words: chance.choice(words) for kind, words in WORDS.items()},
    }
    kinds = sorted(ERRORS | own.classes) + ["MadeUp"]
    for kind in WORDINGS:
        for template in templates(kind):
            for _ in range(each if template.kinds else 1):
                slots = [
                    chance.choice(slot.split("|")) if "|" in slot else fill.get(slot, lambda: chance.choice(names))()
                    for slot in template.kinds
                ]
                message = "".join(itertools.chain(*zip(template.fixed, [*slots, ""], strict=True)))
                yield kind, message, *chance.choice(places)
    for kind, message in itertools.product(kinds, [*literals, "", "made up too"]):
        yield kind, message, *chance.choice(places)


SMALL = OwnText(
    {"f": "class Odd(Exception): pass\ndef f(x):\n    raise Odd('a' or 'b').no(rate=1)", "extra 2": "y = x"}
)
LARGE = OwnText({"f": BOOK_CODE})


@pytest.mark.slow
@pytest.mark.parametrize(("own", "each"), [(SMALL, 150), (LARGE, 20)], ids=["small", "large"])
def test_the_bits_add_up_so_that_no_more_pages_can_be_told_apart(own, each):
    """Kraft: if the numbers 2 ** -bits sum up to at most 1, there are at most 2 ** BITS pages of at most BITS bits."""
    found = {}
    for kind, message, cell, line in everything(own, random.Random(7), each):
        raised = {"type": kind, "message": message, "cell": cell, "line": line}
        told = tell(raised, own)
        assert told.bits <= BITS
        page = (told.kind, told.message, told.left_out, told.cell, told.line)
        found[page] = min(found.get(page, BITS), told.bits)
    assert len(found) > 5_000
    assert math.fsum(2**-bits for bits in found.values()) <= 1 + ROUNDING


@pytest.mark.slow
@pytest.mark.parametrize("bits", [9, 13, 16])
def test_with_a_small_bound_all_pages_can_be_counted(monkeypatch, bits):
    monkeypatch.setattr(telling, "BITS", bits)
    pages = set()
    for own in (SMALL, LARGE):
        found = {
            page_of({"type": kind, "message": message, "cell": cell, "line": line}, own)
            for kind, message, cell, line in everything(own, random.Random(bits), 30)
        }
        assert len(found) <= 2**bits
        pages |= found
    assert len(pages) > 1, "something is told at all"


@pytest.mark.parametrize("earlier", [[], ["3"], ["3", "40"], ["3", "40", "700", "9"]])
def test_the_code_of_each_slot_is_one(earlier):
    def kraft(kind, values):
        shown = {}
        for value in values:
            text, bits = read_slot(kind, value, SMALL, list(earlier))
            shown[text] = min(shown.get(text, 99), bits)
        hidden, bits = hide_slot(kind, "?")
        shown[hidden] = min(shown.get(hidden, 99), bits)
        return math.fsum(2**-bits for bits in shown.values()) - ROUNDING

    numbers = [str(number) for number in range(1100)]
    few = [str(number) for number in [*range(12), 40, 700]]
    shapes = ["()", *(f"({a},)" for a in numbers), *(f"({a},{b})" for a in few for b in few)]
    shapes += [f"({a},{b},{c})" for a in few for b in few for c in few]
    assert kraft("number", numbers) <= 1 and kraft("axis", numbers) <= 1
    assert kraft("integer", numbers + [f"-{number}" for number in numbers]) <= 1
    assert kraft("shape", [*shapes, "(newaxis,)", "(3,newaxis)"]) <= 1
    assert kraft("type", [*TYPES, "Odd", "Other"]) <= 1
    assert kraft("text", ["'a'", "'b'", '"a"', "'c'"]) <= 1
    for kind in NAMES:
        assert kraft(kind, [*string.ascii_letters, "Odd", "rate", "no", *BUILT_IN.get(kind, ())]) <= 1
    for kind, words in WORDS.items():
        assert kraft(kind, [*words, "other"]) <= 1


def test_no_slot_takes_more_than_its_template_says():
    for own in (SMALL, LARGE):
        for kind, message, _, _ in everything(own, random.Random(3), 10):
            for template in templates(kind):
                if found := template.pattern.fullmatch(message.rstrip(" ")):
                    _, bits = template.read(found.groups(), own, room=math.inf)
                    assert bits <= template.most_bits(own) + 1e-9


def test_a_long_message_of_any_kind_is_told_in_bounded_time():
    """Some tenths of a second; an expression that tries out all ways to read a text would take years."""
    own, start = OwnText({"f": "x"}), time.process_time()
    for kind in WORDINGS:
        for text in ("(" * 2000, "1" * 2000, "'" * 2000, "(1,1) " * 330, "a." * 1000, " " * 2000, "\n" * 20_000):
            tell({"type": kind, "message": text}, own)
            tell({"type": kind, "message": "operands could not be broadcast together with shapes " + text[:1900]}, own)
    assert time.process_time() - start < 60


def test_a_cell_that_is_no_python_still_has_names():
    own = OwnText({"f": "%matplotlib inline\ndef f(x):\n    return forwrd(x", "g": "!ls\nfoo = 'a literal'"})
    assert tell({"type": "NameError", "message": "name 'forwrd' is not defined"}, own).message.startswith(
        "name 'forwrd'"
    )
    assert tell({"type": "ValueError", "message": "a literal"}, own).message == "a literal"


# Ordinary hidden tests.

HIDDEN_CELL = """assert f(1) == 1, "f(1) is 1"
### BEGIN HIDDEN TESTS
secret_input = 7314159
assert f(secret_input) == 2718281, "large numbers are wrong"
assert f(0) == 0, f"f(0) is {f(0)}, and not what was asked for"
assert f(2) == 4, secret_input
assert f(3) == 9, "made of " + str(secret_input)
### END HIDDEN TESTS"""


def page_with(outputs, solution="def f(x):\n    return x", metadata=None):
    info = {"grade_id": "test_f", "grade": True, "solution": False, "locked": True, "points": 2, "schema_version": 3}
    own = {"grade_id": "f", "grade": False, "solution": True, "locked": False, "schema_version": 3}
    cells = [
        new_markdown_cell("# Title"),
        new_code_cell(solution, metadata={"nbgrader": own}),
        new_code_cell(HIDDEN_CELL, metadata={"nbgrader": {**info, "score": 0}, **(metadata or {})}, outputs=outputs),
    ]
    page = render(new_notebook(cells=cells), {"notebook": "n", "assignment": "n"})
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page.split("<body>")[1]))


def error(name, text):
    return new_output("error", ename=name, evalue=text, traceback=[f"--> 3 {HIDDEN_CELL}", f"{name}: {text}"])


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("AssertionError", "", "A hidden test failed: AssertionError"),
        ("AssertionError", "large numbers are wrong", "A hidden test failed: AssertionError: large numbers are wrong"),
        ("AssertionError", "f(1) is 1", "A hidden test failed: AssertionError: f(1) is 1"),
        ("AssertionError", "f(0) is 7314159, and not what was asked for", "AssertionError: f(0) is …, and not what was asked for"),
        ("TypeError", "unhashable type: 'list'", "A hidden test failed: TypeError: unhashable type: 'list'"),
        ("AssertionError", "7314159", f"A hidden test failed: AssertionError. {LEFT_OUT}"),
        ("AssertionError", "made of 7314159", f"A hidden test failed: AssertionError. {LEFT_OUT}"),
        ("ValueError", "large numbers are wrong", f"A hidden test failed: ValueError. {LEFT_OUT}"),
        ("NameError", "name 'secret_input' is not defined", "A hidden test failed: NameError: name '…' is not defined"),
        ("assert f(7314159) == 2718281", "no", f"A hidden test failed: an error. {LEFT_OUT.replace(chr(39), '&#39;')}"),
        ("secret_input", "", "A hidden test failed: an error"),
    ],
)  # fmt: skip
def test_of_an_ordinary_hidden_test_the_instructors_own_words_are_shown_and_nothing_else(name, text, shown):
    noise = [
        new_output("stream", name="stdout", text="7314159"),
        new_output("display_data", data={"text/html": "<b>7314159</b>", "text/plain": "secret_input"}),
    ]
    page = page_with([*noise, error(name, text), *noise, error("ValueError", "a second one, 7314159")])
    assert shown in page.replace("&#39;", "'")
    assert page.count("A hidden test failed") == 1
    assert not re.search("7314159|2718281|secret_input", page)


def test_why_hidden_tests_were_stopped_is_said_by_the_grader_alone():
    forged = error("Stopped", "the code was stopped: 7314159")
    assert "7314159" not in page_with([forged])
    page = page_with(
        [forged, error("Stopped", "it used up its time")], metadata={feedback_page.STOPPED: "it used up its time"}
    )
    assert "did not come to their end: it used up its time." in page and "7314159" not in page


def test_an_asserts_pieces_are_found_however_it_is_written():
    assert assert_messages(
        "assert x, 'a'\nassert y, f'b{x}c{y}'\nassert z\nassert z, 3\nif x:\n    assert y, f'd'"
    ) == (
        ("a",),
        ("d",),
        ("b", "c", ""),
    )
    assert assert_messages("assert (\n") == ()
    source = "assert x, f'{x} and {y}'\nassert x, f'{x}'"
    assert tell_of_hidden_test("AssertionError", "731 and 415", source, SMALL).message == "… and …"
    assert tell_of_hidden_test("AssertionError", "731415", source, SMALL).message == ""


# The whole way: a course with an ordinary hidden test, graded in the sandbox.

SECRET = "secret_7314159"
ORDINARY = f"""assert f(1) == 1
### BEGIN HIDDEN TESTS
{SECRET} = 7314159
print(f({SECRET}))
assert f({SECRET}) == 2718281, "large numbers are wrong"
### END HIDDEN TESTS"""
READS = 'text = get_ipython().user_ns["In"][-1].replace("\\n", " ")\n'
WAYS = {  # name → what `f` does when it is asked; its page must not hold the hidden test
    "class-name": READS + 'raise type(text, (AssertionError,), {})("no")',
    "class-name-in-pieces": READS + 'raise type("X" + text.encode().hex(), (ValueError,), {})("no")',
    "message": READS + "raise AssertionError(text)",
    "notes": READS + 'error = AssertionError("large numbers are wrong")\nerror.add_note(text)\nraise error',
    "cause": READS + 'raise AssertionError("large numbers are wrong") from ValueError(text)',
    "group": READS + "raise ExceptionGroup(text, [ValueError(text)])",
    "syntax": READS + 'raise SyntaxError(text, (text, 1, 1, text))',
    "key": READS + "raise KeyError(text)",
    "printed": READS + "print(text)\nimport sys\nprint(text, file=sys.stderr)",
    "displayed": READS + "from IPython.display import HTML, display\ndisplay(HTML(text), {'text/plain': text}, raw=False)",
    "traceback": READS + "raise_ = compile('raise ValueError', text, 'exec')\nexec(raise_)",
    "function-name": READS + "exec(f'def x{text.encode().hex()}(a): pass\\nx{text.encode().hex()}()')",
    "attribute": READS + "getattr(f, 'a' + text.encode().hex())",
    "forged-stop": READS + "raise type('Stopped', (BaseException,), {})(text)",
    "displayhook": READS + "get_ipython().displayhook(text)",
    "value": READS + "return text",
    "prompt": READS + "get_ipython().execution_count = text\nraise ValueError(text)",
    "showtraceback": READS + "get_ipython()._showtraceback(type(text, (), {}), text, [text])",
}  # fmt: skip


@pytest.mark.sandbox
@pytest.mark.slow
def test_no_way_brings_an_ordinary_hidden_test_to_the_page(tmp_path):
    from autograder.course.settings import Course
    from autograder.grading.grader import Grader
    from autograder.notebook.rebuild import without_hidden
    from tests.support.tiny_course import write

    def notebook(body, hidden=True):
        solution = {
            "grade_id": "f",
            "grade": False,
            "solution": True,
            "locked": False,
            "schema_version": 3,
            "task": False,
        }
        test = {**solution, "grade_id": "test_f", "grade": True, "solution": False, "locked": True, "points": 2}
        function = f"def f(x):\n    if x == 1: return 1\n    {body.replace(chr(10), chr(10) + '    ')}"
        return new_notebook(
            cells=[
                new_markdown_cell("# Handed out"),
                new_markdown_cell("Mine."),
                new_code_cell(function, id="f", metadata={"nbgrader": solution}),
                new_code_cell(ORDINARY if hidden else without_hidden(ORDINARY), id="t", metadata={"nbgrader": test}),
            ]
        )

    folder = tmp_path / "course"
    master = notebook("return 2718281")
    master.cells.pop(1)
    write(folder / "source" / "ps" / "ps.ipynb", master)
    (folder / "nbgrader_config.py").write_text("c = get_config()\nc.CourseLab.course_seed = 'of a test'\n")
    ways = {**WAYS, "honest": "return 0", "right": "return 2718281"}
    for name, body in ways.items():
        write(folder / "submitted" / name / "ps" / "ps.ipynb", notebook(body, hidden=False))
    told = {}
    with Grader(Course.here(folder), "ps") as grader:
        for name in ways:
            (graded,) = grader.grade(name).notebooks
            page = render(graded.notebook, {"notebook": "ps", "assignment": "ps"})
            assert page.count("<figcaption>written by the student") == 1, "one text is theirs, one was handed out"
            told[name] = re.findall(r"A hidden test failed[^<]*", page)
            for word in (SECRET, "7314159", SECRET.encode().hex()[:10], "2718281"):
                written = ways[name].count(word) if name == "right" else 0
                assert page.count(word) <= written * 2, f"{name} tells {word}"
    assert told.pop("right") == []
    assert told.pop("honest") == ["A hidden test failed: AssertionError: large numbers are wrong"]
    assert told["notes"] == told["cause"] == ["A hidden test failed: AssertionError: large numbers are wrong"]
    assert len({name for name, said in told.items() if said}) >= len(WAYS) - 4, "most of them fail, and that is said"
