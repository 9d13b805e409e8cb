"""Comparing an answer with the one that was expected, and saying in plain words what differs.

Your own checks (`helpers.checks.check`) and the autograder's feedback use this same file, so they speak the same way.
What is said never contains an expected value: shapes, positions, signs, factors and orders only.
"""

import itertools
import math
import re
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

ARGUMENT = "argument "  # how helpers.questions.arguments_after calls what it looks at again after the call
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
class Difference:
    """How one answer (or one entry of an answer that is a dict) compares with the expected one."""

    entry: str | None  # the dict entry ("W1"), None for a whole answer
    right: bool
    facts: tuple[str, ...] = ()  # what differs, in words; empty when right
    ratio: Fraction | None = None  # if a single number is off by a simple factor: worth saying only if it always is


def compare(expected, given, how="close", rtol=1e-6, atol=1e-9, whole=False):
    """Compare `given` with `expected`; an expected dict is compared entry by entry, or as one thing if `whole`.

    how: "close" (same shape, numbers within rtol and atol), "equal", "at_most", "at_least", "shape" or "dtype".
    Returns a list of Difference, one for each entry of a dict and one otherwise. Extra entries of a dict are ignored.
    """
    if whole or not isinstance(expected, dict) or not expected:
        return [_difference(None, expected, given, how, rtol, atol)]
    if not isinstance(given, dict):
        facts = _facts_about_no_dict(expected, given, how, rtol, atol)
        return [Difference(str(key), False, facts) for key in expected]
    found = []
    for key in expected:
        if key in given:
            found.append(_difference(str(key), expected[key], given[key], how, rtol, atol))
        else:
            facts = _facts_about_no_entry(key, expected, given, how, rtol, atol)
            found.append(Difference(str(key), False, facts))
    return found


def _facts_about_no_dict(expected, given, how, rtol, atol):
    facts = [f"a dict with the keys {_listed(expected)} was expected, and this is {_kind(given)}"]
    items = list(given) if isinstance(given, (list, tuple)) else []
    if items and len(items) == len(expected):
        pairs = zip(expected.values(), items, strict=True)
        if all(agrees(wanted, item, how, rtol, atol) for wanted, item in pairs):
            facts.append("what is in it is right and in this order: only the names are missing")
    elif any(agrees(wanted, given, how, rtol, atol) for wanted in expected.values()):
        facts.append("one of the entries is right: the others, and the dict around them, are missing")
    return tuple(facts)


def _facts_about_no_entry(key, expected, given, how, rtol, atol):
    """What is told of a missing entry. Names of the given dict are compared and never shown."""
    facts = ["there is no entry of this name in the dict"]
    others = {name: value for name, value in given.items() if name not in expected}
    if any(_plain(name) == _plain(key) for name in others):
        facts.append("there is one whose name is nearly the same: look at capital letters, blanks and quotation marks")
    elif any(agrees(expected[key], value, how, rtol, atol) for value in others.values()):
        facts.append("the right value is there, under another name")
    return tuple(facts)


def _plain(name):
    """A name without what is easily mistyped: capitals, blanks, underscores; a number as it is written."""
    return re.sub(r"[\s_-]", "", str(name)).casefold()


def agrees(expected, given, how="close", rtol=1e-6, atol=1e-9):
    """Whether one answer is right; with a dict, whether all its entries are. Says nothing of why: see compare."""
    if isinstance(expected, (dict, list, tuple)) and how not in ("shape", "dtype"):
        if isinstance(expected, dict):
            known = isinstance(given, dict)
            return known and all(
                key in given and agrees(expected[key], given[key], how, rtol, atol) for key in expected
            )
        items = _in_a_row(given)
        if items is None or len(items) != len(expected):
            return False
        return all(agrees(wanted, item, how, rtol, atol) for wanted, item in zip(expected, items, strict=True))
    if expected is None or isinstance(expected, str):
        return type(given) is type(expected) and given == expected
    wanted, array = as_array(expected), as_array(given)
    if wanted is None or array is None:
        return False
    if how == "dtype":
        return array.dtype == wanted.dtype
    return array.shape == wanted.shape and (how == "shape" or _matches(wanted, array, how, rtol, atol))


def _in_a_row(value):
    """The items of a list, a tuple or an array; None for anything else."""
    return list(value) if isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim) else None


def _difference(entry, expected, given, how, rtol, atol):
    if agrees(expected, given, how, rtol, atol):
        return Difference(entry, True)
    if isinstance(expected, (dict, list, tuple)) and how not in ("shape", "dtype"):
        return _difference_inside(entry, expected, given, how, rtol, atol)
    if expected is None or isinstance(expected, str):
        return Difference(entry, False, (_not_the_same(expected, given),))
    wanted = as_array(expected)
    array = as_array(given)
    if wanted is None or array is None:
        packed = _facts_about_packing(expected, given, how, rtol, atol) if wanted is not None else ()
        return Difference(entry, False, (f"{_wanted(wanted)} was expected, and this is {_kind(given)}", *packed))
    if how == "shape":
        return Difference(entry, False, (_shapes(wanted, array),))
    if how == "dtype":
        return Difference(entry, False, (f"the numbers should be {wanted.dtype}, not {array.dtype}",))
    if array.shape != wanted.shape:
        packed = _facts_about_packing(expected, given, how, rtol, atol)
        facts = packed or tuple(_facts_about_shapes(wanted, array, rtol, atol))
        return Difference(entry, False, (_shapes(wanted, array), *facts))
    if how in ("at_most", "at_least"):
        return Difference(entry, False, (f"it should be {how.replace('_', ' ')} a bound that it does not keep",))
    facts, ratio = _facts_about_numbers(wanted, array, rtol, atol)
    return Difference(entry, False, tuple(facts), ratio)


def _facts_about_packing(expected, given, how, rtol, atol):
    """Whether the right answer is there, but packed into a list, a tuple or a dict."""
    values = (
        list(given.values()) if isinstance(given, dict) else list(given) if isinstance(given, (list, tuple)) else []
    )
    arrays = [value for value in values if isinstance(value, (np.ndarray, list, tuple))]
    right = [value for value in arrays if agrees(expected, value, how, rtol, atol)]
    if not right:
        return _facts_about_other_kinds(values)
    if isinstance(given, dict):
        return ("the right answer is in it: return that alone",)
    if len(values) == 1:
        return ("the right answer is in it, wrapped up once too often: is there a comma or a bracket too many?",)
    return (_one_of(len(values)),)


def _facts_about_other_kinds(values):
    """What in a list is no number."""
    nothing, text = sum(value is None for value in values), sum(isinstance(value, str) for value in values)
    if nothing and len(values) > 1:
        return (
            f"{nothing} of the {len(values)} in it are None: is there a way through the function without a `return`?",
        )
    return (f"{text} of the {len(values)} in it are text",) if text else ()


def _one_of(count):
    return f"the right answer is one of the {count} things that you return: return that alone"


def _difference_inside(entry, expected, given, how, rtol, atol):
    """Lists and dicts inside an answer: the first difference is told."""
    if isinstance(expected, dict) and not expected:
        return Difference(entry, False, (f"a dict was expected, and this is {_kind(given)}",))
    if isinstance(expected, dict):
        inner = compare(expected, given, how, rtol, atol)
    else:
        items = _in_a_row(given)
        if items is None or len(items) != len(expected):
            count = _kind(given) if items is None else f"{len(items)} of them"
            said = f"{len(expected)} values in a row were expected (a list, a tuple or an array), and this is {count}"
            return Difference(entry, False, (said,))
        inner = [
            _difference(f"[{position}]", wanted, item, how, rtol, atol)
            for position, (wanted, item) in enumerate(zip(expected, items, strict=True))
        ]
    wrong = [difference for difference in inner if not difference.right]
    if wrong[0].entry.startswith(ARGUMENT):
        said = (
            f"the answer is right, but {wrong[0].entry} is not what it was before the call: the function has changed it"
        )
        return Difference(entry, False, (said,))
    first, *others = wrong[0].facts
    return Difference(entry, False, (f"{wrong[0].entry}: {first}", *others))


def as_array(value):
    """The value as an array of numbers, or None. Lists count when np.asarray makes a proper array of them."""
    if isinstance(value, (bool, int, float, complex, np.generic)):
        value = np.asarray(value)
    if isinstance(value, (list, tuple)) and value:
        items = [as_array(item) for item in value]
        if any(item is None for item in items) or len({item.shape for item in items}) != 1:
            return None
        value = np.stack(items)
    elif isinstance(value, (list, tuple)):
        value = np.zeros(0)
    return value if isinstance(value, np.ndarray) and value.dtype.kind in "biufc" else None


def _matches(wanted, array, how, rtol, atol):
    with np.errstate(all="ignore"):
        if how == "equal":
            return bool(np.array_equal(wanted, array, equal_nan=wanted.dtype.kind in "fc" and array.dtype.kind in "fc"))
        if how == "at_most":
            return bool(np.all(array <= wanted))
        if how == "at_least":
            return bool(np.all(array >= wanted))
        return _close(wanted, array, rtol, atol)


def _close(wanted, array, rtol, atol):
    """np.allclose with equal_nan; ten times as fast where every number is finite, as nearly always."""
    if wanted.dtype == array.dtype == np.float64:
        apart, most = np.abs(array - wanted), atol + rtol * np.abs(wanted)
        if np.isfinite(apart).all() and np.isfinite(most).all():
            return bool((apart <= most).all())
    return bool(np.allclose(array, wanted, rtol=rtol, atol=atol, equal_nan=True))


# What differs, in words.


def _facts_about_shapes(wanted, array, rtol, atol):
    with np.errstate(all="ignore"):
        if array.ndim >= 2 and array.T.shape == wanted.shape:
            yield from _facts_about_turned(wanted, array.T, rtol, atol)
        elif array.size == wanted.size:
            yield from _facts_about_another_form(wanted, array, rtol, atol)
        elif array.size == 0:
            yield "there is nothing in it"
        elif wanted.size == 0:
            yield "nothing was expected in it"
        elif wanted.size == 1:
            yield from _facts_about_too_many(wanted, array, rtol, atol)
        elif array.size == 1:
            yield from _facts_about_too_few(wanted, array, rtol, atol)
        else:
            yield from _facts_about_lengths(wanted, array, rtol, atol)


def _facts_about_turned(wanted, turned, rtol, atol):
    if np.allclose(turned, wanted, rtol, atol):
        yield TRANSPOSED
    elif (said := _factor_of_all(wanted, turned, rtol)) is not None:
        yield f"{TRANSPOSED}, and besides {said}"


def _facts_about_another_form(wanted, array, rtol, atol):
    if np.allclose(array.ravel(), wanted.ravel(), rtol, atol):
        yield "the numbers are right, only the shape is not"
    elif (said := _factor_of_all(wanted.ravel(), array.ravel(), rtol)) is not None:
        yield f"besides the shape, {said}"


def _factor_of_all(wanted, array, rtol):
    """ "every entry is exactly 2 times too large", if that is so; else None."""
    if np.allclose(wanted, wanted.flat[0]):  # one number alone would tell what was expected
        return None
    ratio = _simple_ratio(wanted.astype(float), array.astype(float), rtol) if array.dtype.kind in "iuf" else None
    return None if ratio is None else f"every entry is {factor_in_words(ratio)}"


def _facts_about_too_many(wanted, array, rtol, atol):
    number = wanted.ravel()[0]
    if np.allclose(array.sum(), number, rtol, atol):
        yield "one single number was expected: the sum of these"
    elif np.allclose(array.mean(), number, rtol, atol):
        yield "one single number was expected: the mean of these"
    elif array.size < 6 and np.isclose(array, number, rtol, atol).any():
        yield _one_of(array.size)
    else:
        yield "one single number was expected: something is left that should have been summed or averaged"


def _facts_about_too_few(wanted, array, rtol, atol):
    number = array.ravel()[0]
    if np.allclose(number, wanted.sum(), rtol, atol):
        yield "it is the sum of all the entries that were expected"
    elif np.allclose(number, wanted.mean(), rtol, atol):
        yield "it is the mean of all the entries that were expected"
    else:
        yield "one single number came back: was something summed or averaged over too much?"


def _facts_about_lengths(wanted, array, rtol, atol):
    """More or fewer numbers than expected, of which some may be right."""
    for axis in range(array.ndim):
        if _same(array.sum(axis=axis, keepdims=True), wanted, rtol, atol) or _same(
            array.sum(axis=axis), wanted, rtol, atol
        ):
            yield f"a sum is missing: added up {_along(axis, array.ndim)} it would be right"
            return
    for axis in range(wanted.ndim):
        if _same(array, wanted.sum(axis=axis, keepdims=True), rtol, atol) or _same(
            array, wanted.sum(axis=axis), rtol, atol
        ):
            yield f"this is what was expected, added up {_along(axis, wanted.ndim)}: one sum too many"
            return
    if array.ndim == 2 and array.shape == (wanted.size, wanted.size):
        yield "as if a row had met a column: NumPy stretches both, and every entry meets every other"
        return
    if array.ndim > wanted.ndim and array.shape[: wanted.ndim] == wanted.shape:
        yield "there are several numbers in each place where one was expected"
        return
    differ = [
        axis for axis in range(wanted.ndim) if array.ndim == wanted.ndim and array.shape[axis] != wanted.shape[axis]
    ]
    if len(differ) == 1:
        yield from _facts_about_one_length(wanted, array, differ[0], rtol, atol)


def _facts_about_one_length(wanted, array, axis, rtol, atol):
    """The shapes agree but for the length along one axis."""
    array, wanted = np.moveaxis(array, axis, 0), np.moveaxis(wanted, axis, 0)
    least = min(len(array), len(wanted))
    missing, some = len(wanted) > len(array), abs(len(wanted) - len(array))
    one, many = _pieces(axis, wanted.ndim)
    what = f"the {{}} {one} is" if some == 1 else f"the {{}} {some} {many} are"
    if _same(array[:least], wanted[:least], rtol, atol):
        yield "what is there is right, but " + (what.format("last") + (" missing" if missing else " too many"))
    elif _same(array[-least:], wanted[-least:], rtol, atol):
        yield "what is there is right, but " + (what.format("first") + (" missing" if missing else " too many"))
    else:
        yield f"{some} {one if some == 1 else many} too {'few' if missing else 'many'}"


def _same(one, other, rtol, atol):
    return one.shape == other.shape and np.allclose(one, other, rtol, atol)


def _pieces(axis, ndim):
    """What an array is made of along an axis: ("row", "rows")."""
    if ndim == 1:
        return "entry", "entries"
    if ndim == 2:
        return ("row", "rows") if axis == 0 else ("column", "columns")
    return f"layer along axis {axis}", f"layers along axis {axis}"


def _along(axis, ndim):
    return f"over its {_pieces(axis, ndim)[1]}" if ndim < 3 else f"along axis {axis}"


def _facts_about_numbers(wanted, array, rtol, atol):
    """Facts about an array of the right shape with wrong entries; and, for a single number, a simple ratio."""
    if array.dtype.kind == "c" and wanted.dtype.kind != "c":
        return ["these are complex numbers"], None
    if wanted.dtype.kind == "b":
        return _facts_about_yes_and_no(np.atleast_1d(wanted), np.atleast_1d(array)), None
    wanted, array = np.atleast_1d(wanted), np.atleast_1d(array)
    wanted = wanted.astype(complex if wanted.dtype.kind == "c" else float)
    array = array.astype(complex if array.dtype.kind == "c" else float)
    with np.errstate(all="ignore"):
        wrong = ~np.isclose(array, wanted, rtol=rtol, atol=atol, equal_nan=True)
        facts = _facts_about_special_numbers(wanted, array, wrong, rtol, atol)
        if array.size == 1:
            return facts or [_one_number(wanted, array)], _simple_ratio(wanted, array, rtol)
        facts = facts or list(itertools.islice(_facts_about_patterns(wanted, array, wrong, rtol, atol), 1))
    if not wrong.all():
        facts.append(_where(wrong))
    return facts or ["all entries differ"], None


def _facts_about_special_numbers(wanted, array, wrong, rtol, atol):
    if np.isnan(array[wrong]).any():
        return [f"{_count(np.isnan(array).sum(), array.size)} not a number (nan)"]
    if np.isinf(array[wrong]).any():
        return [f"{_count(np.isinf(array).sum(), array.size)} infinite"]
    if not array.any():
        return ["every entry is 0" if array.size > 1 else "it is 0"]
    if np.allclose(array, -wanted, rtol, atol):
        return ["the sign is the other way round"]
    return []


def _one_number(wanted, array):
    if wanted.dtype.kind == "c" or not np.isfinite(wanted).all() or (wanted * array < 0).any():
        return "the number is another one"
    return f"the number is too {'large' if np.abs(array) > np.abs(wanted) else 'small'}"


def _facts_about_yes_and_no(wanted, array):
    wrong = array != wanted
    if array.dtype.kind != "b":
        return ["True or False was expected, and this is a number"]
    says = {bool(value) for value in array[wrong]}
    said = (
        f"it says {says.pop()} where it should not" if len(says) == 1 else "it says True and False in the wrong places"
    )
    return [said] if wrong.all() else [said, _where(wrong)]


def _where(wrong):
    """Which entries are wrong, in words. `wrong`: array of bools, some True and some False."""
    flat = wrong.ravel()
    for name, place in (("first", 0), ("last", -1)):
        alone = np.zeros(flat.size, dtype=bool)
        alone[place] = True
        if flat.size > 2 and (np.array_equal(flat, alone) or np.array_equal(flat, ~alone)):
            return f"only the {name} entry is {'wrong' if flat[place] else 'right'}"
    for axis in range(wrong.ndim):
        one, _ = _pieces(axis, wrong.ndim)
        hit = np.moveaxis(wrong, axis, 0).reshape(wrong.shape[axis], -1)
        places = np.flatnonzero(hit.any(axis=1))
        if wrong.shape[axis] > 2 and len(places) in (1, wrong.shape[axis] - 1) and hit[places].all():
            other = int(places[0]) if len(places) == 1 else int(np.flatnonzero(~hit.any(axis=1))[0])
            name = {0: "first", wrong.shape[axis] - 1: "last"}.get(other)
            if name:
                return f"only the {name} {one} is {'wrong' if len(places) == 1 else 'right'}"
    if wrong.ndim == 2 and wrong.shape[0] == wrong.shape[1] > 2:
        diagonal = np.eye(len(wrong), dtype=bool)
        if (wrong == diagonal).all() or (wrong == ~diagonal).all():
            return f"only the diagonal is {'wrong' if wrong[0, 0] else 'right'}"
    position = [int(index) for index in np.argwhere(wrong)[0]]
    if wrong.sum() == 1:
        return f"1 of {wrong.size} entries differs, the one at {position}"
    return f"{wrong.sum()} of {wrong.size} entries differ, the first at {position}"


def _facts_about_patterns(wanted, array, wrong, rtol, atol):
    """What may be said of all the entries together, the most telling first."""
    if array.dtype.kind == "c" or not (np.isfinite(wanted).all() and np.isfinite(array).all()):
        return
    yield from _facts_about_order(wanted, array, rtol, atol)
    if np.allclose(np.abs(array), np.abs(wanted), rtol, atol):
        yield "the sizes are right, but some signs are not"
    elif (said := _rounded(wanted, array)) is not None:
        yield said
    elif np.allclose(array, wanted, rtol=1e-3, atol=1e-6):
        yield "close, but not exact: more than rounding is between them (an approximation?)"
    if np.allclose(wanted, wanted.flat[0]):
        return
    if (array == array.flat[0]).all():
        yield "all entries are the same number"
    yield from _facts_about_factors_and_shifts(wanted, array, wrong, rtol)
    negative = wanted < 0
    if not wrong.all() and negative.sum() > 1 and (~negative).sum() > 1 and len(set(wrong[negative])) == 1:
        if (wrong == negative).all():
            yield "right where a positive number is expected, wrong where a negative one is"
        elif (wrong == ~negative).all():
            yield "right where a negative number is expected, wrong where a positive one is"
    larger, turned = np.abs(array) > np.abs(wanted), int((array * wanted < 0).sum())
    if wrong.all() and (array * wanted > 0).all() and (larger.all() or not larger.any()):
        yield _said_of_sizes(array / wanted)
    elif wrong.all() and turned:
        yield f"all entries differ, {turned} of {wrong.size} also in sign"


def _said_of_sizes(ratios):
    """What is said where every sign is right and every size is wrong in the same direction."""
    large = (ratios > 1).all()
    said = f"every sign is right, and every entry is too {'large' if large else 'small'}"
    if np.ptp(ratios) <= 1e-6 * np.max(ratios):
        return said
    why = "is a factor between 0 and 1 left out?" if large else "is a factor too many in it, or one left out?"
    return f"{said}, each by a factor of its own: {why}"


def _facts_about_order(wanted, array, rtol, atol):
    """The right numbers in wrong places, or all off by one factor in them."""
    said = _factor_of_all(wanted, array, rtol)
    if said is not None:
        yield said
    if array.ndim == 2 and array.shape[0] == array.shape[1] and not np.allclose(wanted, wanted.T, rtol, atol):
        if np.allclose(array.T, wanted, rtol, atol):
            yield TRANSPOSED
        elif (said := _factor_of_all(wanted, array.T, rtol)) is not None:
            yield f"{TRANSPOSED}, and besides {said}"
    if np.allclose(wanted, wanted.flat[0]):
        return
    for axis in range(array.ndim):
        if array.shape[axis] > 2:
            given, right = np.moveaxis(array, axis, 0), np.moveaxis(wanted, axis, 0)
            one, many = _pieces(axis, array.ndim)
            if np.allclose(given[1:], right[:-1], rtol, atol):
                yield f"every {one} comes one place too late"
            elif np.allclose(given[:-1], right[1:], rtol, atol):
                yield f"every {one} comes one place too early"
            elif np.allclose(given[::-1], right, rtol, atol):
                yield f"the {many} are right, but in reverse order"
    if np.allclose(np.sort(array.ravel()), np.sort(wanted.ravel()), rtol, atol):
        yield "the numbers are right, but in another order"


def _rounded(wanted, array):
    if (array == np.trunc(wanted)).all() or (array == np.floor(wanted)).all() or (array == np.round(wanted)).all():
        return "these are whole numbers: everything behind the point has been cut off or rounded away"
    for digits in range(1, 7):
        if (array == np.round(array, digits)).all() and np.allclose(array, wanted, rtol=0, atol=0.51 * 10.0**-digits):
            return "right but for rounding: all digits were expected"
    return None


def _facts_about_factors_and_shifts(wanted, array, wrong, rtol):
    """One factor or one amount between all entries, or for each row or each column one of its own."""
    close, kinds = max(rtol, 1e-6), ((None, "every entry is"), (1, "every row is"), (0, "every column is"))
    factors = array / wanted if wanted.all() else None
    for axis, what in kinds:
        if axis is not None and (wanted.ndim != 2 or min(wanted.shape) < 2):
            continue
        whose = "one and the same" if axis is None else "its own"
        if factors is not None and _constant(factors, axis, close):
            yield f"{what} off by {whose} factor"
        elif _constant(array - wanted, axis, close):
            yield f"{what} off by {whose} amount: something is added or left out"


def _constant(values, axis, rtol):
    """Whether all values are the same, or those along an axis are."""
    first = values.flat[0] if axis is None else np.take(values, [0], axis)
    return np.allclose(values, first, rtol=rtol, atol=rtol * np.abs(values).max())


def _simple_ratio(wanted, array, rtol):
    """The factor between all entries, if it is one and the same simple fraction; else None."""
    finite = np.isfinite(wanted).all() and np.isfinite(array).all() and wanted.dtype.kind == "f"
    if not finite or array.dtype.kind != "f" or not wanted.any() or not array.any():
        return None
    ratio = float((array * wanted).sum() / (wanted * wanted).sum())
    if not math.isfinite(ratio):  # numbers so small that their squares are 0
        return None
    simple = Fraction(ratio).limit_denominator(64)
    if simple in (0, 1) or abs(simple) > 1000 or not math.isclose(float(simple), ratio, rel_tol=1e-6):
        return None
    return simple if np.allclose(array, wanted * float(simple), rtol=max(rtol, 1e-6), atol=0) else None


def factor_in_words(ratio):
    """ "exactly 2.5 times too large", "exactly 3 times too small", and so on, for a Fraction."""
    size = abs(ratio)
    if size == 1:
        return "of the wrong sign"
    words = f"exactly {_decimal(size)} times too large" if size > 1 else f"exactly {_decimal(1 / size)} times too small"
    return words + (" and has the wrong sign" if ratio < 0 else "")


def _decimal(fraction):
    text = f"{float(fraction):.4g}"
    return text if math.isclose(float(text), float(fraction), rel_tol=1e-9) else f"{fraction}"


def _shapes(wanted, array):
    given = f"is {_shape(array)}" if has_plain_shape(array) else f"has {array.ndim} axes"
    return f"the shape should be {_shape(wanted)}, and this one {given}"


def _shape(array):
    return str(tuple(array.shape)) if array.ndim else "that of a single number, ()"


def has_plain_shape(array):
    """Whether a shape may be told: one that nobody has in earnest could spell out what the answer was made from."""
    return array.ndim <= 4 and (array.size > 0 or max(array.shape) < 10_000)


def _wanted(wanted):
    if wanted is None:
        return "another kind of value"
    if wanted.ndim == 0:
        return "True or False" if wanted.dtype.kind == "b" else "a number"
    return f"an array of shape {tuple(wanted.shape)}"


def _kind(value):
    if value is None:
        return "None: is there a `return`?"
    if isinstance(value, np.ndarray):
        if not has_plain_shape(value):
            return f"an array of {value.ndim} axes"
        return f"an array of shape {tuple(value.shape)}" if value.ndim else "a single number"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    names = {str: "text", dict: "a dict", bool: "True or False", int: "a number", float: "a number"}
    return names.get(type(value)) or OTHER_KINDS.get(getattr(value, "type", type(value).__name__), "something else")


def _not_the_same(expected, given):
    if isinstance(expected, str) and isinstance(given, str) and _plain(expected) == _plain(given):
        return "the right word, but for capital letters or blanks"
    if isinstance(expected, str):
        return "the text is another one" if isinstance(given, str) else f"text was expected, and this is {_kind(given)}"
    return f"None was expected, and this is {_kind(given)}"


def _listed(keys):
    return ", ".join(repr(key) for key in keys)


def _count(some, all_):
    return "it is" if all_ == 1 else f"{some} of {all_} entries are"
