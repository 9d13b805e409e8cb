"""What differs between an answer and the expected one, as data, and the one place where it becomes words.

`helpers.comparing` finds facts; the autograder compares, counts and keeps them; `in_words` makes the text that people read.
No fact holds an expected value: shapes, positions, signs, factors and orders only.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

LAZY = "something that has not computed its values yet: put it into a list or an array"
CALL = "a function and not what it returns: are the brackets of the call missing?"
OTHER_KINDS = {  # names of types, as answers that cannot travel tell them; one that a student chose is never repeated
    **dict.fromkeys(("generator", "map", "filter", "zip", "range", "enumerate", "reversed"), LAZY),
    **dict.fromkeys(
        ("function", "method", "builtin_function_or_method", "ufunc", "partial", "_ArrayFunctionDispatcher"), CALL
    ),
    **dict.fromkeys(("set", "frozenset"), "a set, which has no order"),
    **dict.fromkeys(("dict_values", "dict_keys", "dict_items"), "a part of a dict: put it into a list or an array"),
    "type": "a class and not a value",
    "coroutine": "something to be awaited: the word `async` does not belong here",
    "ellipsis": "`...`, which only keeps a place",
    "array of object": "made of objects in place of numbers: rows of different lengths, or whole numbers without bounds?",
    "nested too deeply": "a list in a list in a list, and so on",
}
TRANSPOSED = "rows and columns are swapped: this is the transpose"


@dataclass(frozen=True)
class Fact:
    """One thing that is so. Make it with `fact`.

    kind: one of WORDS. details: pairs of a name and a value (a number, text, None, a Fact, or a tuple of these), by name.
    at: where inside the answer, from the outside in: (1, "W1") for the entry W1 of the second item.
    """

    kind: str
    details: tuple = ()
    at: tuple = ()

    def get(self, name, default=None):
        """A detail by its name."""
        return dict(self.details).get(name, default)

    def but(self, without=(), **details):
        """The same fact with some details changed, and without some."""
        kept = {name: value for name, value in self.details if name not in without}
        return Fact(self.kind, tuple(sorted({**kept, **details}.items())), self.at)

    def inside(self, place):
        """The same fact about a part of a larger answer."""
        return Fact(self.kind, self.details, (place, *self.at))

    def placed(self, at):
        """The same fact in another place."""
        return Fact(self.kind, self.details, tuple(at))


def fact(kind, **details):
    """A Fact: fact("factor", ratio="5/2")."""
    return Fact(kind, tuple(sorted(details.items())))


def to_json(value):
    """A Fact, or a detail of one, as JSON can hold it."""
    if isinstance(value, Fact):
        found = {"kind": value.kind, **{name: to_json(detail) for name, detail in value.details}}
        return {**found, "at": list(value.at)} if value.at else found
    return [to_json(item) for item in value] if isinstance(value, tuple) else value


def from_json(value):
    """What `to_json` made, as it was. Text alone, as earlier versions kept it, is a fact in its own words."""
    if isinstance(value, str):
        return fact("said", text=value)
    details = {name: _detail(item) for name, item in value.items() if name not in ("kind", "at")}
    return Fact(value["kind"], tuple(sorted(details.items())), tuple(value.get("at", ())))


def _detail(value):
    if isinstance(value, dict):
        return from_json(value)
    return tuple(_detail(item) for item in value) if isinstance(value, list) else value


# Into words.


def in_words(found):
    """A fact as people read it: a part of a sentence, without a capital letter and a full stop."""
    words = WORDS[found.kind]
    details = dict(found.details)
    said = words(**details) if callable(words) else words.format(**details)
    return ": ".join([*(f"[{place}]" if isinstance(place, int) else place for place in found.at), said])


def pieces(axis, ndim):
    """What an array of `ndim` axes is made of along one of them: ("row", "rows")."""
    if ndim == 1:
        return "entry", "entries"
    if ndim == 2:
        return ("row", "rows") if axis == 0 else ("column", "columns")
    return f"layer along axis {axis}", f"layers along axis {axis}"


def factor_in_words(ratio):
    """ "exactly 2.5 times too large", "exactly 3 times too small", and so on, for a Fraction or its text."""
    size = abs(Fraction(ratio))
    if size == 1:
        return "of the wrong sign"
    words = f"exactly {_decimal(size)} times too large" if size > 1 else f"exactly {_decimal(1 / size)} times too small"
    return words + (" and has the wrong sign" if Fraction(ratio) < 0 else "")


def _decimal(fraction):
    text = f"{float(fraction):.4g}"
    return text if math.isclose(float(text), float(fraction), rel_tol=1e-9) else f"{fraction}"


def value_in_words(kind, *more):
    """What sort of thing a value is, for (kind, …) as comparing.kind_of tells it."""
    if kind == "array":
        (shape,) = more
        return f"an array of shape {shape}" if shape else "a single number"
    if kind == "list":
        return f"a list of {more[0]}"
    if kind == "axes":
        return f"an array of {more[0]} axes"
    return VALUES.get(kind) or OTHER_KINDS.get(more[0] if more else "", "something else")


VALUES = {
    "none": "None: is there a `return`?",
    "text": "text",
    "dict": "a dict",
    "bool": "True or False",
    "number": "a number",
    "another": "another kind of value",
}


def _shape(wanted, given=None, axes=None):
    seen = f"has {axes} axes" if given is None else f"is {_one_shape(given)}"
    return f"the shape should be {_one_shape(wanted)}, and this one {seen}"


def _one_shape(shape):
    return str(shape) if shape else "that of a single number, ()"


def _along(axis, ndim):
    return f"over its {pieces(axis, ndim)[1]}" if ndim < 3 else f"along axis {axis}"


def _one(axis, ndim):
    """The name of a piece; "one" in a sentence about several arrays, which are not made of the same."""
    return "one" if axis is None else pieces(axis, ndim)[0]


def _values_in_a_row(count, given=None, given_count=None):
    seen = f"{given_count} of them" if given is None else value_in_words(*given)
    return f"{count} values in a row were expected (a list, a tuple or an array), and this is {seen}"


def _ends(which, some, missing, axis=None, ndim=None):
    if some == 1:
        what = f"the {which} {_one(axis, ndim)} is"
    else:
        what = f"the {which} ones are" if axis is None else f"the {which} {some} {pieces(axis, ndim)[1]} are"
    return f"what is there is right, but {what} {'missing' if missing else 'too many'}"


def _length(some, missing, axis, ndim):
    one, many = pieces(axis, ndim)
    return f"{some} {one if some == 1 else many} too {'few' if missing else 'many'}"


def _not_a_number(what, some=None, count=None):
    return f"{'it is' if count == 1 else f'{some} of {count} entries are'} {what}"


def _positions(some, count, position):
    if some == 1:
        return f"1 of {count} entries differs, the one at {list(position)}"
    return f"{some} of {count} entries differ, the first at {list(position)}"


def _off(what, whose, axis):
    each = {None: "every entry", 1: "every row", 0: "every column"}[axis]
    return f"{each} is off by {whose} {what}"


def _size(large, one_factor):
    said = f"every sign is right, and every entry is too {'large' if large else 'small'}"
    if one_factor:
        return said
    why = "is a factor between 0 and 1 left out?" if large else "is a factor too many in it, or one left out?"
    return f"{said}, each by a factor of its own: {why}"


def _besides(begin):
    def words(ratio=None):
        return begin if ratio is None else f"{begin}, and besides every entry is {factor_in_words(ratio)}"

    return words


WORDS = {
    # In words of its own: what a judge says, or why a question was not asked.
    "said": "{text}",
    # Kinds of values, and what is in them.
    "no dict": lambda keys, given: (
        f"a dict with the keys {', '.join(keys)} was expected, and this is {value_in_words(*given)}"
    ),
    "only the names are missing": "what is in it is right and in this order: only the names are missing",
    "one entry is right": "one of the entries is right: the others, and the dict around them, are missing",
    "no entry": "there is no entry of this name in the dict",
    "nearly the same name": (
        "there is one whose name is nearly the same: look at capital letters, blanks and quotation marks"
    ),
    "another name": "the right value is there, under another name",
    "another kind": lambda wanted, given: (
        f"{'an array of shape ' + str(wanted[1]) if wanted[0] == 'array' else value_in_words(*wanted)} was expected, "
        f"and this is {value_in_words(*given)}"
    ),
    "a dict expected": lambda given: f"a dict was expected, and this is {value_in_words(*given)}",
    "values in a row": _values_in_a_row,
    "text expected": lambda given: f"text was expected, and this is {value_in_words(*given)}",
    "None expected": lambda given: f"None was expected, and this is {value_in_words(*given)}",
    "in a dict": "the right answer is in it: return that alone",
    "wrapped once too often": (
        "the right answer is in it, wrapped up once too often: is there a comma or a bracket too many?"
    ),
    "one of several": "the right answer is one of the {count} things that you return: return that alone",
    "some are None": "{some} of the {count} in it are None: is there a way through the function without a `return`?",
    "some are text": "{some} of the {count} in it are text",
    "argument changed": (
        "the answer is right, but {argument} is not what it was before the call: the function has changed it"
    ),
    "dtype": "the numbers should be {wanted}, not {given}",
    "bound": lambda how: f"it should be {how.replace('_', ' ')} a bound that it does not keep",
    # Words.
    "nearly the word": "the right word, but for capital letters or blanks",
    "another text": "the text is another one",
    "own word": "you said “{word}”",
    # Shapes.
    "shape": _shape,
    "transposed": _besides(TRANSPOSED),
    "only the shape": "the numbers are right, only the shape is not",
    "shape and factor": lambda ratio: f"besides the shape, every entry is {factor_in_words(ratio)}",
    "empty": "there is nothing in it",
    "not empty": "nothing was expected in it",
    "sum these": "one single number was expected: the sum of these",
    "average these": "one single number was expected: the mean of these",
    "too many numbers": "one single number was expected: something is left that should have been summed or averaged",
    "a sum": "it is the sum of all the entries that were expected",
    "a mean": "it is the mean of all the entries that were expected",
    "one number only": "one single number came back: was something summed or averaged over too much?",
    "sum missing": lambda axis, ndim: f"a sum is missing: added up {_along(axis, ndim)} it would be right",
    "sum too many": lambda axis, ndim: f"this is what was expected, added up {_along(axis, ndim)}: one sum too many",
    "row met column": "as if a row had met a column: NumPy stretches both, and every entry meets every other",
    "several in each place": "there are several numbers in each place where one was expected",
    "ends": _ends,
    "length": _length,
    # Numbers.
    "complex": "these are complex numbers",
    "nan": lambda some, count: _not_a_number("not a number (nan)", some, count),
    "infinite": lambda some, count: _not_a_number("infinite", some, count),
    "zero": lambda one, shared=False: "it is 0" if one else "every one is 0" if shared else "every entry is 0",
    "sign": "the sign is the other way round",
    "another number": "the number is another one",
    "number's size": lambda large: f"the number is too {'large' if large else 'small'}",
    "number's factor": lambda ratio: f"the number is {factor_in_words(ratio)}, as in the other questions",
    "factor": lambda ratio: f"every entry is {factor_in_words(ratio)}",
    "all differ": "all entries differ",
    "signs differ": "all entries differ, {some} of {count} also in sign",
    "some signs": "the sizes are right, but some signs are not",
    "approximate": "close, but not exact: more than rounding is between them (an approximation?)",
    "whole numbers": "these are whole numbers: everything behind the point has been cut off or rounded away",
    "rounded": "right but for rounding: all digits were expected",
    "all the same": "all entries are the same number",
    "off by a factor": lambda axis: _off("factor", "one and the same" if axis is None else "its own", axis),
    "off by an amount": lambda axis: (
        _off("amount", "one and the same" if axis is None else "its own", axis) + ": something is added or left out"
    ),
    "right where positive": "right where a positive number is expected, wrong where a negative one is",
    "right where negative": "right where a negative number is expected, wrong where a positive one is",
    "size": _size,
    "late": lambda axis=None, ndim=None: f"every {_one(axis, ndim)} comes one place too late",
    "early": lambda axis=None, ndim=None: f"every {_one(axis, ndim)} comes one place too early",
    "reversed": lambda axis, ndim: f"the {pieces(axis, ndim)[1]} are right, but in reverse order",
    "another order": "the numbers are right, but in another order",
    # True and False.
    "yes or no expected": "True or False was expected, and this is a number",
    "says": "it says {value} where it should not",
    "says both": "it says True and False in the wrong places",
    # Where.
    "only one piece": lambda which, wrong, axis=None, ndim=None: (
        f"only the {which} {_one(axis, ndim)} is {'wrong' if wrong else 'right'}"
    ),
    "only the diagonal": lambda wrong: f"only the diagonal is {'wrong' if wrong else 'right'}",
    "positions": _positions,
}
