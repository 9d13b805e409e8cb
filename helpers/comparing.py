"""Comparing an answer with the one that was expected, and saying in plain words what differs.

Your own checks (`helpers.checks.check`) and the autograder's feedback use this same file, so they speak the same way.
What is said never contains an expected value: shapes, positions, signs, factors and orders only.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np


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
    if whole or not isinstance(expected, dict):
        return [_difference(None, expected, given, how, rtol, atol)]
    if not isinstance(given, dict):
        said = f"a dict with the keys {_listed(expected)} was expected, and this is {_kind(given)}"
        return [Difference(str(key), False, (said,)) for key in expected]
    found = []
    for key in expected:
        if key in given:
            found.append(_difference(str(key), expected[key], given[key], how, rtol, atol))
        else:
            found.append(Difference(str(key), False, (f"there is no entry {key!r} in the dict",)))
    return found


def _difference(entry, expected, given, how, rtol, atol):
    if isinstance(expected, (dict, list, tuple)) and how not in ("shape", "dtype"):
        return _compare_inside(entry, expected, given, how, rtol, atol)
    if expected is None or isinstance(expected, str):
        right = type(given) is type(expected) and given == expected
        return Difference(entry, right, () if right else (_not_the_same(expected, given),))
    wanted = as_array(expected)
    array = as_array(given)
    if wanted is None or array is None:
        return Difference(entry, False, (f"{_wanted(wanted)} was expected, and this is {_kind(given)}",))
    if how == "shape":
        right = array.shape == wanted.shape
        return Difference(entry, right, () if right else (_shapes(wanted, array),))
    if how == "dtype":
        right = array.dtype == wanted.dtype
        return Difference(entry, right, () if right else (f"the numbers should be {wanted.dtype}, not {array.dtype}",))
    if array.shape != wanted.shape:
        return Difference(entry, False, tuple(_facts_about_shapes(wanted, array, rtol, atol)))
    if _matches(wanted, array, how, rtol, atol):
        return Difference(entry, True)
    if how in ("at_most", "at_least"):
        return Difference(entry, False, (f"it should be {how.replace('_', ' ')} a bound that it does not keep",))
    facts, ratio = _facts_about_numbers(wanted, array, rtol, atol)
    return Difference(entry, False, tuple(facts), ratio)


def _compare_inside(entry, expected, given, how, rtol, atol):
    """Lists and dicts inside an answer: right if all within is right, else the first difference is told."""
    if isinstance(expected, dict):
        inner = compare(expected, given, how, rtol, atol)
    else:
        items = (
            list(given) if isinstance(given, (list, tuple)) or (isinstance(given, np.ndarray) and given.ndim) else None
        )
        if items is None or len(items) != len(expected):
            count = _kind(given) if items is None else f"{len(items)} of them"
            said = f"{len(expected)} values in a row were expected (a list, a tuple or an array), and this is {count}"
            return Difference(entry, False, (said,))
        inner = [
            _difference(f"[{position}]", wanted, item, how, rtol, atol)
            for position, (wanted, item) in enumerate(zip(expected, items, strict=True))
        ]
    wrong = [difference for difference in inner if not difference.right]
    if not wrong:
        return Difference(entry, True)
    return Difference(entry, False, tuple(f"{wrong[0].entry}: {fact}" for fact in wrong[0].facts))


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
        return bool(np.allclose(array, wanted, rtol=rtol, atol=atol, equal_nan=True))


# What differs, in words.


def _facts_about_shapes(wanted, array, rtol, atol):
    yield _shapes(wanted, array)
    with np.errstate(all="ignore"):
        if array.ndim == 2 and array.T.shape == wanted.shape and np.allclose(array.T, wanted, rtol, atol):
            yield "the numbers are right, but rows and columns are swapped: this is the transpose"
        elif array.size == wanted.size and np.allclose(array.ravel(), wanted.ravel(), rtol, atol):
            yield "the numbers are right, only the shape is not"
        elif wanted.size == 1 and array.size > 1:
            yield "one single number was expected: something is left that should have been summed or averaged"
        elif array.size == 1 and wanted.size > 1:
            yield "one single number came back: was something summed or averaged over too much?"


def _facts_about_numbers(wanted, array, rtol, atol):
    """Facts about an array of the right shape with wrong entries; and, for a single number, a simple ratio."""
    facts = []
    if array.dtype.kind == "c" and wanted.dtype.kind != "c":
        return ["these are complex numbers"], None
    wanted, array = np.atleast_1d(wanted), np.atleast_1d(array)
    wanted = wanted.astype(complex if wanted.dtype.kind == "c" else float)
    array = array.astype(complex if array.dtype.kind == "c" else float)
    with np.errstate(all="ignore"):
        wrong = ~np.isclose(array, wanted, rtol=rtol, atol=atol, equal_nan=True)
        if np.isnan(array[wrong]).any():
            facts.append(f"{_count(np.isnan(array).sum(), array.size)} not a number (nan)")
        elif np.isinf(array[wrong]).any():
            facts.append(f"{_count(np.isinf(array).sum(), array.size)} infinite")
        elif array.size > 1 and not array.any():
            facts.append("every entry is 0")
        elif np.allclose(array, -wanted, rtol, atol):
            facts.append("the sign is the other way round")
        elif array.size > 1:
            facts += _facts_about_patterns(wanted, array, wrong, rtol, atol)
        if array.size == 1:
            return facts or ["the number is another one"], _simple_ratio(wanted, array, rtol)
    if array.size > 1 and not wrong.all():
        position = tuple(int(index) for index in np.argwhere(wrong)[0])
        facts.append(f"{wrong.sum()} of {wrong.size} entries differ, the first at {list(position)}")
    return facts or ["all entries differ"], None


def _facts_about_patterns(wanted, array, wrong, rtol, atol):
    ratio = _simple_ratio(wanted, array, rtol)
    if ratio is not None and not np.allclose(wanted, wanted.flat[0]):
        yield f"every entry is {factor_in_words(ratio)}"
    elif array.ndim == 2 and array.shape[0] == array.shape[1] and np.allclose(array.T, wanted, rtol, atol):
        yield "rows and columns are swapped: this is the transpose"
    elif np.allclose(np.sort(array.ravel()), np.sort(wanted.ravel()), rtol, atol):
        yield "the numbers are right, but in another order"
    elif np.allclose(np.abs(array), np.abs(wanted), rtol, atol):
        yield "the sizes are right, but some signs are not"
    elif np.allclose(array, wanted, rtol=1e-3, atol=1e-6):
        yield "close, but not exact: more than rounding is between them (an approximation?)"


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
    words = f"exactly {_decimal(size)} times too large" if size > 1 else f"exactly {_decimal(1 / size)} times too small"
    return words + (" and has the wrong sign" if ratio < 0 else "")


def _decimal(fraction):
    text = f"{float(fraction):.4g}"
    return text if math.isclose(float(text), float(fraction), rel_tol=1e-9) else f"{fraction}"


def _shapes(wanted, array):
    return f"the shape should be {_shape(wanted)}, and this one is {_shape(array)}"


def _shape(array):
    return str(tuple(array.shape)) if array.ndim else "that of a single number, ()"


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
        return f"an array of shape {tuple(value.shape)}" if value.ndim else "a single number"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    names = {str: "text", dict: "a dict", bool: "True or False", int: "a number", float: "a number"}
    return names.get(type(value), f"something else ({getattr(value, 'type', type(value).__name__)})")


def _not_the_same(expected, given):
    if isinstance(expected, str):
        return "the text is another one" if isinstance(given, str) else f"text was expected, and this is {_kind(given)}"
    return f"None was expected, and this is {_kind(given)}"


def _listed(keys):
    return ", ".join(repr(key) for key in keys)


def _count(some, all_):
    return "it is" if all_ == 1 else f"{some} of {all_} entries are"
