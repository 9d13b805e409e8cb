"""Is my backward right? Compare its gradients with slopes found by trying, and say where to look first::

    gradient_check(params, x, target, backward, forward)

moves every parameter a little to both sides, sees how the loss of *your* forward changes, and compares that with what
*your* backward says. It prints a table and one sentence. This file imports nothing but numpy: both functions are yours.

Lesson: 03_backprop, "Checking gradients".
"""

import textwrap
from dataclasses import dataclass

import numpy as np

WIDTH = 88  # letters in a line of what is printed: notebooks break longer lines in the middle of a word


@dataclass(frozen=True)
class ParameterCheck:
    """What the check found for one parameter.

    Attributes:
        name: for example "W1".
        shape: the shape its gradient must have.
        right: does the gradient agree?
        relative_error: the length of (yours - by trying) over the sum of both lengths; nan if not comparable.
        worst_entry: index of the entry that is furthest off, or None.
        yours, by_trying: the two values of that entry, or None.
        remark: what is peculiar about it ("transposed", "every entry is 2 times too small"), or "".

    Lesson: 03_backprop, "Checking gradients".
    """

    name: str
    shape: tuple
    right: bool
    relative_error: float = np.nan
    worst_entry: tuple | None = None
    yours: float | None = None
    by_trying: float | None = None
    remark: str = ""


@dataclass(frozen=True)
class GradientCheck:
    """What the check found.

    Attributes:
        parameters: one ParameterCheck each, in the order of params; empty if nothing could be compared.
        advice: a sentence that says what to look at first.
        passed: True if every gradient agrees.

    Lesson: 03_backprop, "Checking gradients".
    """

    parameters: tuple
    advice: str

    @property
    def passed(self):
        return len(self.parameters) > 0 and all(parameter.right for parameter in self.parameters)

    def __str__(self):
        verdict = "All gradients agree." if self.passed else f"Not right yet. {self.advice}"
        return "\n".join([*_table(self.parameters), textwrap.fill(verdict, WIDTH)])

    def __repr__(self):
        return f"<gradient check: {'passed' if self.passed else 'failed'}>"


def gradient_check(params, x, target, backward, forward=None, h=1e-5, tolerance=1e-6):
    """Compare your backward with central differences of the mean squared error of your forward, and print the result.

    Args:
        params: dict of arrays, such as W1 (n_hidden, n_in), b1 (n_hidden, 1), W2 (n_out, n_hidden), b2 (n_out, 1).
        x: inputs (n_in, n).
        target: (n_out, n).
        backward: your function, called as backward(params, cache, target); returns a dict of gradients.
        forward: your function, called as forward(params, x); returns a cache with y (n_out, n) in it.
        h: how far each parameter is moved.
        tolerance: the largest relative error that counts as right.

    Returns:
        A GradientCheck; its .passed is True or False.

    Lesson: 03_backprop, "Checking gradients".
    """
    result = _check(params, x, target, backward, forward, h, tolerance)
    print(result)
    return result


def _check(params, x, target, backward, forward, h, tolerance):
    """gradient_check without the printing."""
    if forward is None:
        return _no_result("Give the check your forward as well: gradient_check(params, x, target, backward, forward).")
    params = _float_copies(params)
    x, target = np.array(x, dtype=float), np.array(target, dtype=float)

    given = _float_copies(params)  # a function that changes its arguments shall not change ours
    cache = forward(given, x.copy())
    problem = _problem_with_cache(cache, target) or _problem_with_arguments("forward", given, params)
    if problem:
        return _no_result(problem)
    grads = backward(given, cache, target.copy())
    problem = _problem_with_grads(grads, params) or _problem_with_arguments("backward", given, params)
    if problem:
        return _no_result(problem)

    def loss(moved):
        return np.mean((forward(moved, x.copy())["y"] - target) ** 2)

    # Rounding alone gives differences an error of this size; smaller gradients cannot be checked to the tolerance.
    noise = 100 * np.finfo(float).eps * loss(_float_copies(params)) / h
    found = {}
    checks = []
    for name in params:
        found[name] = _central_differences(loss, params, name, h)
        checks.append(_compare(name, _as_array(grads[name]), found[name], noise, tolerance))
    return GradientCheck(tuple(checks), _advice(checks, grads, found, target.shape, tolerance))


def _no_result(advice):
    """The result of a check that could not compare anything."""
    return GradientCheck((), advice)


def _float_copies(params):
    """params as new float64 arrays: in float32, differences would drown in rounding."""
    return {name: np.array(value, dtype=float) for name, value in params.items()}


def _as_array(gradient):
    """A gradient as an array of floats, or None if it is no such thing."""
    try:
        return np.asarray(gradient, dtype=float)
    except (TypeError, ValueError):
        return None


def _central_differences(loss, params, name, h):
    """The slope of loss along each entry of params[name], by moving it by h to both sides."""
    slopes = np.zeros(params[name].shape)
    for index in np.ndindex(slopes.shape):
        up, down = _float_copies(params), _float_copies(params)
        up[name][index] += h
        down[name][index] -= h
        slopes[index] = (loss(up) - loss(down)) / (2 * h)
    return slopes


# What can be said before any number is compared. Each returns a sentence, or "" if all is well.


def _problem_with_cache(cache, target):
    """What is wrong with forward's answer."""
    if not isinstance(cache, dict):
        return f"forward must return a dict (the cache), but it returned {_kind(cache)}."
    if "y" not in cache:
        return f"forward's cache has no 'y'; it has {_names(cache)}."
    if np.shape(cache["y"]) != target.shape:
        return (
            f"forward's y has shape {np.shape(cache['y'])} but target has shape {target.shape}; they must be the same, "
            "with one example per column."
        )
    if not np.all(np.isfinite(cache["y"])):
        return "forward's y contains nan or inf, so no slope can be measured; look at forward first."
    return ""


def _problem_with_grads(grads, params):
    """What is wrong with backward's answer as a whole."""
    if not isinstance(grads, dict):
        return f"backward must return a dict of gradients, but it returned {_kind(grads)}."
    missing = [name for name in params if name not in grads]
    if missing:
        return f"backward returned no {_and(missing)}; it returned {_names(grads)}."
    return ""


def _problem_with_arguments(function, given, params):
    """Has a function changed the params it was given?"""
    changed = [name for name in params if name not in given or not np.array_equal(given[name], params[name])]
    if changed:
        return f"{function} changed {_and(changed)} in params; it must leave its arguments as they are."
    return ""


# One parameter.


def _compare(name, yours, expected, noise, tolerance):
    """The ParameterCheck of one gradient: `yours` (an array or None) against `expected` (an array, found by trying)."""
    shape = expected.shape
    if yours is None:
        return ParameterCheck(name, shape, False, remark="not an array of numbers")
    if yours.shape != shape:
        return ParameterCheck(name, shape, False, remark=_remark_on_shape(name, yours, expected, tolerance))
    off = np.abs(yours - expected)
    worst = np.unravel_index(np.argmax(off), shape)  # argmax takes nan for the largest
    worst = tuple(int(i) for i in worst)
    size = np.linalg.norm(yours) + np.linalg.norm(expected)
    error = np.linalg.norm(off) / max(size, noise / tolerance)
    right = bool(error <= tolerance)  # False for nan as well
    remark = "" if right else _remark_on_values(yours, expected, tolerance)
    return ParameterCheck(name, shape, right, float(error), worst, float(yours[worst]), float(expected[worst]), remark)


def _remark_on_shape(name, yours, expected, tolerance):
    """What may have led to a gradient of the wrong shape."""
    text = f"shape {yours.shape} should be {expected.shape}"
    if yours.ndim == 2 and _close(yours.T, expected, tolerance):
        return f"{text}: transposed"
    if yours.size == expected.size:
        return f"{text}: the same number of values, arranged differently (keepdims=True keeps a column a column)"
    if name.startswith("b") and yours.ndim == 2 and yours.shape[0] == expected.shape[0]:
        return f"{text}: not summed over the examples (the columns)"
    return text


def _remark_on_values(yours, expected, tolerance):
    """What is peculiar about a gradient of the right shape with wrong values."""
    if not np.all(np.isfinite(yours)):
        return "contains nan or inf"
    if np.all(yours == 0):
        return "every entry is 0"
    if yours.ndim == 2 and _close(yours.T, expected, tolerance):
        return "transposed"
    factor = _factor(yours, expected, tolerance)
    if factor is not None and yours.size > 1:  # a single entry is always some multiple
        return f"every entry is {_times(factor)}"
    return ""


def _close(a, b, tolerance):
    """Are two arrays of one shape the same up to the tolerance?"""
    return a.shape == b.shape and np.linalg.norm(a - b) <= 10 * tolerance * (np.linalg.norm(a) + np.linalg.norm(b))


def _factor(yours, expected, tolerance):
    """The number c with yours = c expected, or None if there is none."""
    squared_length = np.sum(expected * expected)
    if squared_length == 0:
        return None
    factor = np.sum(yours * expected) / squared_length
    if factor == 0 or not _close(yours, factor * expected, tolerance):
        return None
    return factor


def _times(factor):
    """A factor in words: "2 times too small", "of the wrong sign and 5 times too large"."""
    words = []
    if factor < 0:
        words.append("of the wrong sign")
    size = abs(factor)
    if size > 1.0001:
        words.append(f"{size:.4g} times too large")
    elif size < 0.9999:
        words.append(f"{1 / size:.4g} times too small")
    return " and ".join(words)


# What to look at first.


def _advice(checks, grads, found, target_shape, tolerance):
    """One or two sentences on what to look at first; "" if all is right."""
    wrong = [check.name for check in checks if not check.right]
    if not wrong:
        return ""
    factor = _common_factor(checks, grads, found, tolerance)
    if factor is not None:
        return f"Every entry of every gradient is {_times(factor)}: {_cause_of(factor, target_shape)}"
    if set(found) != {"W1", "b1", "W2", "b2"}:
        return f"Look at {_and(wrong)} first: the others agree." if len(wrong) < len(checks) else "No gradient agrees."
    return _advice_by_layer(wrong) + _advice_from_remarks(checks)


def _common_factor(checks, grads, found, tolerance):
    """The number by which all gradients are too large, if it is the same for all; else None."""
    if any(_as_array(grads[check.name]) is None or np.shape(grads[check.name]) != check.shape for check in checks):
        return None
    yours = np.concatenate([np.ravel(np.asarray(grads[check.name], dtype=float)) for check in checks])
    expected = np.concatenate([np.ravel(found[check.name]) for check in checks])
    if not np.all(np.isfinite(yours)) or yours.size < 2:
        return None
    return _factor(yours, expected, tolerance)


def _cause_of(factor, target_shape):
    """The likely cause of a factor that all gradients share."""
    n_out, n = target_shape[0], target_shape[-1]
    mean = "the loss is a mean over all entries, so divide by y.size"
    if np.isclose(factor, -1):
        return "look at the sign of (y - target) in the output delta."
    if np.isclose(factor, 0.5):
        return "the derivative of a square brings a factor 2; look at the output delta."
    if np.isclose(abs(factor), [n_out * n, n_out * n / 2]).any():
        return f"look at the output delta; {mean}."
    if np.isclose(abs(factor), [n_out, n_out / 2]).any():
        return f"it looks divided by the number of examples alone; {mean}."
    if np.isclose(abs(factor), [n, n / 2]).any():
        return f"it looks divided by the number of outputs alone; {mean}."
    return "look at the output delta, which all four are built from."


def _advice_by_layer(wrong):
    """What to look at first, from which of W1 b1 W2 b2 are wrong. backward starts at the output, so we do too."""
    if "W2" in wrong and "b2" in wrong:
        if "W1" not in wrong and "b1" not in wrong:
            return "W1 and b1 are right, so the output delta is too: look at the lines that make W2 and b2 from it."
        return "Look at the output delta first: all four gradients are built from it."
    if "W2" in wrong:
        return "W2 is wrong while b2 is right: its gradient is delta2 @ h.T, with the hidden values h."
    if "b2" in wrong:
        both = set(wrong) == {"b1", "b2"}
        what = "b1 and b2 are wrong while W1 and W2 are right" if both else "b2 is wrong while W2 is right"
        return f"{what}: the bias gradient is the row sum of the delta, kept as a column."
    if "W1" in wrong and "b1" in wrong:
        return "Only W1 and b1 are wrong: look at the hidden step, (W2.T @ delta2) times the slope at z1."
    if "b1" in wrong:
        return "b1 is wrong while W1 is right: the bias gradient is the row sum of the delta, kept as a column."
    return "W1 is wrong while b1 is right: its gradient is delta1 @ x.T, with the inputs x."


def _advice_from_remarks(checks):
    """The remarks on wrong gradients, as a further sentence."""
    remarks = [f"{check.name}: {check.remark}" for check in checks if check.remark]
    return f" ({'; '.join(remarks)}.)" if remarks else ""


# Printing.


def _table(checks):
    """The lines of the table: one for each parameter."""
    if not checks:
        return []
    head = ["", "shape", "relative error", "worst entry", "yours", "by trying", ""]
    rows = [head, *[_row(check) for check in checks]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return ["Your gradients beside slopes found by trying", *lines, ""]


def _row(check):
    """The cells of one parameter."""
    if check.worst_entry is None:
        return [check.name, str(check.shape), "-", "-", "-", "-", "WRONG SHAPE"]
    return [
        check.name,
        str(check.shape),
        f"{check.relative_error:.1e}",
        str(list(check.worst_entry)),
        f"{check.yours:.6g}",
        f"{check.by_trying:.6g}",
        "right" if check.right else "WRONG",
    ]


def _and(names):
    """Names in a sentence: 'W1', 'b1' and 'W2'."""
    quoted = [repr(name) for name in names]
    if len(quoted) == 1:
        return quoted[0]
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _names(dictionary):
    """The keys of a dict in a sentence."""
    return _and(list(dictionary)) if dictionary else "an empty dict"


def _kind(value):
    """What a value is, in words that a student knows."""
    return "nothing (is the return missing?)" if value is None else f"a {type(value).__name__}"
