"""Comparing an answer with the one that was expected, and finding what differs.

Your own checks (`helpers.checks.check`) and the autograder's feedback use this same file, so they see the same things.
What is found is data (`helpers.facts`), which never contains an expected value: shapes, positions, signs, factors and
orders only. `helpers.facts.in_words` says it.
"""

import itertools
import math
import re
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from helpers.facts import OTHER_KINDS, fact

ARGUMENT = "argument "  # how helpers.questions.arguments_after calls what it looks at again after the call


@dataclass(frozen=True)
class Difference:
    """How one answer (or one entry of an answer that is a dict) compares with the expected one."""

    entry: str | None  # the dict entry ("W1"), None for a whole answer
    right: bool
    facts: tuple = ()  # what differs (helpers.facts.Fact); empty when right
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
    facts = [fact("no dict", keys=tuple(map(repr, expected)), given=kind_of(given))]
    items = list(given) if isinstance(given, (list, tuple)) else []
    if items and len(items) == len(expected):
        pairs = zip(expected.values(), items, strict=True)
        if all(agrees(wanted, item, how, rtol, atol) for wanted, item in pairs):
            facts.append(fact("only the names are missing"))
    elif any(agrees(wanted, given, how, rtol, atol) for wanted in expected.values()):
        facts.append(fact("one entry is right"))
    return tuple(facts)


def _facts_about_no_entry(key, expected, given, how, rtol, atol):
    """What is told of a missing entry. Names of the given dict are compared and never kept."""
    facts = [fact("no entry")]
    others = {name: value for name, value in given.items() if name not in expected}
    if any(_plain(name) == _plain(key) for name in others):
        facts.append(fact("nearly the same name"))
    elif any(agrees(expected[key], value, how, rtol, atol) for value in others.values()):
        facts.append(fact("another name"))
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
        return Difference(entry, False, (fact("another kind", wanted=_wanted(wanted), given=kind_of(given)), *packed))
    if how == "shape":
        return Difference(entry, False, (_shapes(wanted, array),))
    if how == "dtype":
        return Difference(entry, False, (fact("dtype", wanted=str(wanted.dtype), given=str(array.dtype)),))
    if array.shape != wanted.shape:
        packed = _facts_about_packing(expected, given, how, rtol, atol)
        facts = packed or tuple(_facts_about_shapes(wanted, array, rtol, atol))
        return Difference(entry, False, (_shapes(wanted, array), *facts))
    if how in ("at_most", "at_least"):
        return Difference(entry, False, (fact("bound", how=how),))
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
        return (fact("in a dict"),)
    if len(values) == 1:
        return (fact("wrapped once too often"),)
    return (fact("one of several", count=len(values)),)


def _facts_about_other_kinds(values):
    """What in a list is no number."""
    nothing, text = sum(value is None for value in values), sum(isinstance(value, str) for value in values)
    if nothing and len(values) > 1:
        return (fact("some are None", some=nothing, count=len(values)),)
    return (fact("some are text", some=text, count=len(values)),) if text else ()


def _difference_inside(entry, expected, given, how, rtol, atol):
    """Lists and dicts inside an answer: the first difference is told."""
    if isinstance(expected, dict) and not expected:
        return Difference(entry, False, (fact("a dict expected", given=kind_of(given)),))
    if isinstance(expected, dict):
        inner = compare(expected, given, how, rtol, atol)
    else:
        items = _in_a_row(given)
        if items is None or len(items) != len(expected):
            what = {"given": kind_of(given)} if items is None else {"given_count": len(items)}
            return Difference(entry, False, (fact("values in a row", count=len(expected), **what),))
        inner = [
            _difference(position, wanted, item, how, rtol, atol)
            for position, (wanted, item) in enumerate(zip(expected, items, strict=True))
        ]
    wrong = [difference for difference in inner if not difference.right]
    place = wrong[0].entry
    if isinstance(place, str) and place.startswith(ARGUMENT):
        return Difference(entry, False, (fact("argument changed", argument=place),))
    first, *others = wrong[0].facts
    return Difference(entry, False, (first.inside(place), *others))


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


# What differs.


def _facts_about_shapes(wanted, array, rtol, atol):
    with np.errstate(all="ignore"):
        if array.ndim >= 2 and array.T.shape == wanted.shape:
            yield from _facts_about_turned(wanted, array.T, rtol, atol)
        elif array.size == wanted.size:
            yield from _facts_about_another_form(wanted, array, rtol, atol)
        elif array.size == 0:
            yield fact("empty")
        elif wanted.size == 0:
            yield fact("not empty")
        elif wanted.size == 1:
            yield from _facts_about_too_many(wanted, array, rtol, atol)
        elif array.size == 1:
            yield from _facts_about_too_few(wanted, array, rtol, atol)
        else:
            yield from _facts_about_lengths(wanted, array, rtol, atol)


def _facts_about_turned(wanted, turned, rtol, atol):
    if np.allclose(turned, wanted, rtol, atol):
        yield fact("transposed")
    elif (ratio := _factor_of_all(wanted, turned, rtol)) is not None:
        yield fact("transposed", ratio=ratio)


def _facts_about_another_form(wanted, array, rtol, atol):
    if np.allclose(array.ravel(), wanted.ravel(), rtol, atol):
        yield fact("only the shape")
    elif (ratio := _factor_of_all(wanted.ravel(), array.ravel(), rtol)) is not None:
        yield fact("shape and factor", ratio=ratio)


def _factor_of_all(wanted, array, rtol):
    """The simple fraction, as text, by which every entry is too large; None if there is none."""
    if np.allclose(wanted, wanted.flat[0]):  # one number alone would tell what was expected
        return None
    ratio = _simple_ratio(wanted.astype(float), array.astype(float), rtol) if array.dtype.kind in "iuf" else None
    return None if ratio is None else str(ratio)


def _facts_about_too_many(wanted, array, rtol, atol):
    number = wanted.ravel()[0]
    if np.allclose(array.sum(), number, rtol, atol):
        yield fact("sum these")
    elif np.allclose(array.mean(), number, rtol, atol):
        yield fact("average these")
    elif array.size < 6 and np.isclose(array, number, rtol, atol).any():
        yield fact("one of several", count=array.size)
    else:
        yield fact("too many numbers")


def _facts_about_too_few(wanted, array, rtol, atol):
    number = array.ravel()[0]
    if np.allclose(number, wanted.sum(), rtol, atol):
        yield fact("a sum")
    elif np.allclose(number, wanted.mean(), rtol, atol):
        yield fact("a mean")
    else:
        yield fact("one number only")


def _facts_about_lengths(wanted, array, rtol, atol):
    """More or fewer numbers than expected, of which some may be right."""
    for axis in range(array.ndim):
        if _same(array.sum(axis=axis, keepdims=True), wanted, rtol, atol) or _same(
            array.sum(axis=axis), wanted, rtol, atol
        ):
            yield fact("sum missing", axis=axis, ndim=array.ndim)
            return
    for axis in range(wanted.ndim):
        if _same(array, wanted.sum(axis=axis, keepdims=True), rtol, atol) or _same(
            array, wanted.sum(axis=axis), rtol, atol
        ):
            yield fact("sum too many", axis=axis, ndim=wanted.ndim)
            return
    if array.ndim == 2 and array.shape == (wanted.size, wanted.size):
        yield fact("row met column")
        return
    if array.ndim > wanted.ndim and array.shape[: wanted.ndim] == wanted.shape:
        yield fact("several in each place")
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
    how = {"some": some, "missing": missing, "axis": axis, "ndim": wanted.ndim}
    if _same(array[:least], wanted[:least], rtol, atol):
        yield fact("ends", which="last", **how)
    elif _same(array[-least:], wanted[-least:], rtol, atol):
        yield fact("ends", which="first", **how)
    else:
        yield fact("length", **how)


def _same(one, other, rtol, atol):
    return one.shape == other.shape and np.allclose(one, other, rtol, atol)


def _facts_about_numbers(wanted, array, rtol, atol):
    """Facts about an array of the right shape with wrong entries; and, for a single number, a simple ratio."""
    if array.dtype.kind == "c" and wanted.dtype.kind != "c":
        return [fact("complex")], None
    if wanted.dtype.kind == "b":
        return _facts_about_yes_and_no(np.atleast_1d(wanted), np.atleast_1d(array)), None
    wanted, array = np.atleast_1d(wanted), np.atleast_1d(array)
    wanted = wanted.astype(complex if wanted.dtype.kind == "c" else float)
    array = array.astype(complex if array.dtype.kind == "c" else float)
    with np.errstate(all="ignore"):
        wrong = ~np.isclose(array, wanted, rtol=rtol, atol=atol, equal_nan=True)
        facts = _facts_about_special_numbers(wanted, array, wrong, rtol, atol)
        if array.size == 1:
            return facts or [_about_one_number(wanted, array)], _simple_ratio(wanted, array, rtol)
        facts = facts or list(itertools.islice(_facts_about_patterns(wanted, array, wrong, rtol, atol), 1))
    if not wrong.all():
        facts.append(_where(wrong))
    return facts or [fact("all differ")], None


def _facts_about_special_numbers(wanted, array, wrong, rtol, atol):
    if np.isnan(array[wrong]).any():
        return [fact("nan", some=int(np.isnan(array).sum()), count=array.size)]
    if np.isinf(array[wrong]).any():
        return [fact("infinite", some=int(np.isinf(array).sum()), count=array.size)]
    if not array.any():
        return [fact("zero", one=array.size == 1)]
    if np.allclose(array, -wanted, rtol, atol):
        return [fact("sign")]
    return []


def _about_one_number(wanted, array):
    if wanted.dtype.kind == "c" or not np.isfinite(wanted).all() or (wanted * array < 0).any():
        return fact("another number")
    return fact("number's size", large=bool(np.abs(array) > np.abs(wanted)))


def _facts_about_yes_and_no(wanted, array):
    wrong = array != wanted
    if array.dtype.kind != "b":
        return [fact("yes or no expected")]
    says = {bool(value) for value in array[wrong]}
    said = fact("says", value=says.pop()) if len(says) == 1 else fact("says both")
    return [said] if wrong.all() else [said, _where(wrong)]


def _where(wrong):
    """Which entries are wrong. `wrong`: array of bools, some True and some False."""
    flat = wrong.ravel()
    for name, place in (("first", 0), ("last", -1)):
        alone = np.zeros(flat.size, dtype=bool)
        alone[place] = True
        if flat.size > 2 and (np.array_equal(flat, alone) or np.array_equal(flat, ~alone)):
            return fact("only one piece", which=name, wrong=bool(flat[place]), axis=0, ndim=1)
    for axis in range(wrong.ndim):
        hit = np.moveaxis(wrong, axis, 0).reshape(wrong.shape[axis], -1)
        places = np.flatnonzero(hit.any(axis=1))
        if wrong.shape[axis] > 2 and len(places) in (1, wrong.shape[axis] - 1) and hit[places].all():
            other = int(places[0]) if len(places) == 1 else int(np.flatnonzero(~hit.any(axis=1))[0])
            name = {0: "first", wrong.shape[axis] - 1: "last"}.get(other)
            if name:
                return fact("only one piece", which=name, wrong=len(places) == 1, axis=axis, ndim=wrong.ndim)
    if wrong.ndim == 2 and wrong.shape[0] == wrong.shape[1] > 2:
        diagonal = np.eye(len(wrong), dtype=bool)
        if (wrong == diagonal).all() or (wrong == ~diagonal).all():
            return fact("only the diagonal", wrong=bool(wrong[0, 0]))
    position = tuple(int(index) for index in np.argwhere(wrong)[0])
    return fact("positions", some=int(wrong.sum()), count=wrong.size, position=position)


def _facts_about_patterns(wanted, array, wrong, rtol, atol):
    """What may be said of all the entries together, the most telling first."""
    if array.dtype.kind == "c" or not (np.isfinite(wanted).all() and np.isfinite(array).all()):
        return
    yield from _facts_about_order(wanted, array, rtol, atol)
    if np.allclose(np.abs(array), np.abs(wanted), rtol, atol):
        yield fact("some signs")
    elif (found := _rounded(wanted, array)) is not None:
        yield found
    elif np.allclose(array, wanted, rtol=1e-3, atol=1e-6):
        yield fact("approximate")
    if np.allclose(wanted, wanted.flat[0]):
        return
    if (array == array.flat[0]).all():
        yield fact("all the same")
    yield from _facts_about_factors_and_shifts(wanted, array, wrong, rtol)
    negative = wanted < 0
    if not wrong.all() and negative.sum() > 1 and (~negative).sum() > 1 and len(set(wrong[negative])) == 1:
        if (wrong == negative).all():
            yield fact("right where positive")
        elif (wrong == ~negative).all():
            yield fact("right where negative")
    larger, turned = np.abs(array) > np.abs(wanted), int((array * wanted < 0).sum())
    if wrong.all() and (array * wanted > 0).all() and (larger.all() or not larger.any()):
        yield _about_sizes(array / wanted)
    elif wrong.all() and turned:
        yield fact("signs differ", some=turned, count=wrong.size)


def _about_sizes(ratios):
    """What is so where every sign is right and every size is wrong in the same direction."""
    return fact("size", large=bool((ratios > 1).all()), one_factor=bool(np.ptp(ratios) <= 1e-6 * np.max(ratios)))


def _facts_about_order(wanted, array, rtol, atol):
    """The right numbers in wrong places, or all off by one factor in them."""
    ratio = _factor_of_all(wanted, array, rtol)
    if ratio is not None:
        yield fact("factor", ratio=ratio)
    if array.ndim == 2 and array.shape[0] == array.shape[1] and not np.allclose(wanted, wanted.T, rtol, atol):
        if np.allclose(array.T, wanted, rtol, atol):
            yield fact("transposed")
        elif (ratio := _factor_of_all(wanted, array.T, rtol)) is not None:
            yield fact("transposed", ratio=ratio)
    if np.allclose(wanted, wanted.flat[0]):
        return
    for axis in range(array.ndim):
        if array.shape[axis] > 2:
            given, right = np.moveaxis(array, axis, 0), np.moveaxis(wanted, axis, 0)
            which = {"axis": axis, "ndim": array.ndim}
            if np.allclose(given[1:], right[:-1], rtol, atol):
                yield fact("late", **which)
            elif np.allclose(given[:-1], right[1:], rtol, atol):
                yield fact("early", **which)
            elif np.allclose(given[::-1], right, rtol, atol):
                yield fact("reversed", **which)
    if np.allclose(np.sort(array.ravel()), np.sort(wanted.ravel()), rtol, atol):
        yield fact("another order")


def _rounded(wanted, array):
    if (array == np.trunc(wanted)).all() or (array == np.floor(wanted)).all() or (array == np.round(wanted)).all():
        return fact("whole numbers")
    for digits in range(1, 7):
        if (array == np.round(array, digits)).all() and np.allclose(array, wanted, rtol=0, atol=0.51 * 10.0**-digits):
            return fact("rounded")
    return None


def _facts_about_factors_and_shifts(wanted, array, wrong, rtol):
    """One factor or one amount between all entries, or for each row or each column one of its own."""
    close = max(rtol, 1e-6)
    factors = array / wanted if wanted.all() else None
    for axis in (None, 1, 0):
        if axis is not None and (wanted.ndim != 2 or min(wanted.shape) < 2):
            continue
        if factors is not None and _constant(factors, axis, close):
            yield fact("off by a factor", axis=axis)
        elif _constant(array - wanted, axis, close):
            yield fact("off by an amount", axis=axis)


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


def _shapes(wanted, array):
    given = {"given": tuple(array.shape)} if has_plain_shape(array) else {"axes": array.ndim}
    return fact("shape", wanted=tuple(wanted.shape), **given)


def has_plain_shape(array):
    """Whether a shape may be told: one that nobody has in earnest could spell out what the answer was made from."""
    return array.ndim <= 4 and (array.size > 0 or max(array.shape) < 10_000)


def _wanted(wanted):
    if wanted is None:
        return ("another",)
    if wanted.ndim == 0:
        return ("bool",) if wanted.dtype.kind == "b" else ("number",)
    return ("array", tuple(wanted.shape))


def kind_of(value):
    """What sort of thing a value is: ("none",), ("array", shape), ("list", length), … for facts.value_in_words."""
    if value is None:
        return ("none",)
    if isinstance(value, np.ndarray):
        return ("array", tuple(value.shape)) if has_plain_shape(value) else ("axes", value.ndim)
    if isinstance(value, (list, tuple)):
        return ("list", len(value))
    names = {str: "text", dict: "dict", bool: "bool", int: "number", float: "number"}
    if type(value) in names:
        return (names[type(value)],)
    name = getattr(value, "type", type(value).__name__)
    return ("other", name) if isinstance(name, str) and name in OTHER_KINDS else ("other",)


def _not_the_same(expected, given):
    if isinstance(expected, str) and isinstance(given, str):
        return fact("nearly the word" if _plain(expected) == _plain(given) else "another text")
    return fact("None expected" if expected is None else "text expected", given=kind_of(given))
