"""gradient_check: right gradients pass, each kind of slip is found and named, and nothing of helpers is needed for it.

Each wrong `backward` below is a right one with one thing changed, as students change it.
"""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.checks import gradient_check
from tests.support.courses import ROOT


def sigma(z):
    return 1 / (1 + np.exp(-z))


def forward(params, x):
    z1 = params["W1"] @ x + params["b1"]
    h = sigma(z1)
    z2 = params["W2"] @ h + params["b2"]
    return {"x": x, "z1": z1, "h": h, "z2": z2, "y": sigma(z2)}


def output_delta(cache, target):
    y = cache["y"]
    return 2 * (y - target) / y.size * y * (1 - y)


def hidden_delta(params, cache, delta2):
    return (params["W2"].T @ delta2) * cache["h"] * (1 - cache["h"])


def gradients(delta1, delta2, cache):
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ cache["h"].T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


def backward(params, cache, target):
    delta2 = output_delta(cache, target)
    return gradients(hidden_delta(params, cache, delta2), delta2, cache)


def problem(n_in=3, n_hidden=4, n_out=2, n=5, seed=0):
    rng = np.random.default_rng(seed)
    params = {
        "W1": rng.normal(size=(n_hidden, n_in)),
        "b1": rng.normal(size=(n_hidden, 1)),
        "W2": rng.normal(size=(n_out, n_hidden)),
        "b2": rng.normal(size=(n_out, 1)),
    }
    return params, rng.normal(size=(n_in, n)), rng.random(size=(n_out, n))


def changed(**changes):
    """backward, with some gradients changed: each change takes (right gradient, params, cache, target)."""

    def wrong(params, cache, target):
        grads = backward(params, cache, target)
        return grads | {name: change(grads[name], params, cache, target) for name, change in changes.items()}

    return wrong


def all_times(factor):
    return changed(**{name: lambda grad, *_: factor * grad for name in ("W1", "b1", "W2", "b2")})


def with_hidden(hidden):
    """backward with another hidden step."""

    def wrong(params, cache, target):
        delta2 = output_delta(cache, target)
        return gradients(hidden(params, cache, delta2), delta2, cache)

    return wrong


def with_output(output):
    """backward with another output step."""

    def wrong(params, cache, target):
        delta2 = output(cache, target)
        return gradients(hidden_delta(params, cache, delta2), delta2, cache)

    return wrong


def without(*names):
    def wrong(*arguments):
        return {name: grad for name, grad in backward(*arguments).items() if name not in names}

    return wrong


def updates_in_place(params, cache, target):
    grads = backward(params, cache, target)
    params["W2"] -= 0.5 * grads["W2"]
    return grads


# name: (wrong backward, which gradients are wrong, what the advice must say)
SLIPS = {
    "no factor 2": (all_times(1 / 2), "W1 b1 W2 b2", ["2 times too small", "factor 2"]),
    "sign": (all_times(-1), "W1 b1 W2 b2", ["wrong sign", "(y - target)"]),
    "not divided": (all_times(10), "W1 b1 W2 b2", ["10 times too large", "y.size"]),
    "no factor 2, not divided": (
        all_times(5),
        "W1 b1 W2 b2",
        ["5 times too large", "output delta; the loss is a mean"],
    ),
    "divided by examples": (all_times(2), "W1 b1 W2 b2", ["2 times too large", "number of examples alone"]),
    "three times": (all_times(3), "W1 b1 W2 b2", ["3 times too large", "output delta"]),
    "no output slope": (
        with_output(lambda cache, target: 2 * (cache["y"] - target) / target.size),
        "W1 b1 W2 b2",
        ["output delta first"],
    ),
    "no hidden slope": (with_hidden(lambda p, c, d: p["W2"].T @ d), "W1 b1", ["Only W1 and b1", "hidden step"]),
    "hidden slope at h": (
        with_hidden(lambda p, c, d: (p["W2"].T @ d) * sigma(c["h"]) * (1 - sigma(c["h"]))),
        "W1 b1",
        ["Only W1 and b1", "hidden step"],
    ),
    "b1 is the mean": (
        changed(b1=lambda grad, *_: grad / 5),
        "b1",
        ["b1 is wrong while W1 is right", "row sum", "5 times too small"],
    ),
    "b2 is the mean": (changed(b2=lambda grad, *_: grad / 5), "b2", ["b2 is wrong while W2 is right", "row sum"]),
    "biases flat": (
        changed(b1=lambda grad, *_: grad.ravel(), b2=lambda grad, *_: grad.ravel()),
        "b1 b2",
        ["b1 and b2 are wrong", "(4,) should be (4, 1)", "keepdims"],
    ),
    "b2 not summed": (
        changed(b2=lambda grad, params, cache, target: output_delta(cache, target)),
        "b2",
        ["(2, 5) should be (2, 1)", "not summed over the examples"],
    ),
    "b1 forgotten": (changed(b1=lambda grad, *_: 0 * grad), "b1", ["b1: every entry is 0"]),
    "W1 transposed": (changed(W1=lambda grad, *_: grad.T), "W1", ["W1 is wrong while b1 is right", "transposed"]),
    "W2 from z1": (
        changed(W2=lambda grad, params, cache, target: output_delta(cache, target) @ cache["z1"].T),
        "W2",
        ["W2 is wrong while b2 is right", "delta2 @ h.T"],
    ),
    "W2 and b2 from y": (
        changed(W2=lambda grad, *_: grad + 1, b2=lambda grad, *_: grad + 1),
        "W2 b2",
        ["W1 and b1 are right, so the output delta is too"],
    ),
    "nan": (changed(W1=lambda grad, *_: grad * np.nan), "W1", ["contains nan or inf"]),
    "no number": (changed(W1=lambda *_: "to do"), "W1", ["W1: not an array of numbers"]),
}

# name: (backward, forward, what the message must say); nothing can be compared here
STOPS = {
    "no forward": (backward, None, ["your forward as well"]),
    "key missing": (without("b1"), forward, ["no 'b1'", "it returned 'W1', 'W2' and 'b2'"]),
    "keys missing": (without("b1", "b2"), forward, ["no 'b1' and 'b2'"]),
    "nothing returned": (lambda *_: None, forward, ["returned nothing (is the return missing?)"]),
    "tuple returned": (lambda *a: tuple(backward(*a).values()), forward, ["dict of gradients", "a tuple"]),
    "params changed": (updates_in_place, forward, ["backward changed 'W2'"]),
    "forward returns y": (backward, lambda *a: forward(*a)["y"], ["the cache", "ndarray"]),
    "no y": (backward, lambda *a: {"h": forward(*a)["h"]}, ["no 'y'; it has 'h'"]),
    "y in rows": (backward, lambda *a: {"y": forward(*a)["y"].T}, ["(5, 2)", "(2, 5)", "one example per column"]),
    "y is nan": (backward, lambda *a: {"y": forward(*a)["y"] * np.nan}, ["forward's y contains nan"]),
}


@given(*[st.integers(1, 4)] * 4, st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_right_gradients_pass_in_any_size(n_in, n_hidden, n_out, n, seed):
    result = gradient_check(*problem(n_in, n_hidden, n_out, n, seed), backward, forward)
    assert result.passed, str(result)
    assert result.advice == ""


@given(*[st.integers(2, 4)] * 4, st.integers(0, 10**6), st.sampled_from(["W1", "b1", "W2", "b2"]))
@settings(max_examples=20, deadline=None)
def test_a_single_entry_that_is_a_little_off_is_found(n_in, n_hidden, n_out, n, seed, name):
    params, x, target = problem(n_in, n_hidden, n_out, n, seed)

    def nudge(grad, *_):
        grad[-1, 0] += 1e-4
        return grad

    result = gradient_check(params, x, target, changed(**{name: nudge}), forward)
    (wrong,) = [parameter for parameter in result.parameters if not parameter.right]
    assert wrong.name == name
    assert wrong.worst_entry == (params[name].shape[0] - 1, 0)
    assert wrong.yours - wrong.by_trying == pytest.approx(1e-4, rel=1e-3)


@pytest.mark.parametrize("slip", SLIPS)
def test_each_slip_is_found_and_the_advice_points_at_it(slip, capsys):
    wrong_backward, names, words = SLIPS[slip]
    result = gradient_check(*problem(), wrong_backward, forward)
    assert not result.passed
    assert [parameter.name for parameter in result.parameters if not parameter.right] == names.split()
    for word in words:
        assert word in result.advice
    assert result.advice in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("stop", STOPS)
def test_what_cannot_be_compared_is_explained_and_not_raised(stop, capsys):
    wrong_backward, wrong_forward, words = STOPS[stop]
    result = gradient_check(*problem(), wrong_backward, wrong_forward)
    assert not result.passed
    assert result.parameters == ()
    assert result.advice in " ".join(capsys.readouterr().out.split())
    for word in words:
        assert word in result.advice


def test_a_square_gradient_that_is_transposed_is_called_so():
    result = gradient_check(*problem(n_in=3, n_hidden=3), changed(W1=lambda grad, *_: grad.T), forward)
    assert "W1: transposed" in result.advice


def test_a_gradient_of_one_entry_is_not_called_a_multiple():
    # b2 has one entry here: any wrong value is some multiple of the right one, which says nothing.
    result = gradient_check(*problem(n_out=1), changed(b2=lambda grad, *_: grad + 0.1), forward)
    assert "b2 is wrong" in result.advice
    assert "times" not in result.advice


def test_errors_in_a_students_function_come_through_with_their_traceback():
    def broken(params, cache, target):
        return cache["hidden"]

    with pytest.raises(KeyError, match="hidden"):
        gradient_check(*problem(), broken, forward)


def test_the_table_shows_each_parameter_with_its_worst_entry_and_both_values(capsys):
    def double_one(grad, *_):
        grad[1, 2] *= 2
        return grad

    result = gradient_check(*problem(), changed(W1=double_one), forward)
    lines = capsys.readouterr().out.splitlines()
    (line,) = [line for line in lines if line.startswith("W1")]
    assert "(4, 3)" in line
    assert "[1, 2]" in line
    assert line.endswith("WRONG")
    assert f"{result.parameters[0].yours:.6g}" in line
    assert f"{result.parameters[0].by_trying:.6g}" in line
    assert [line.split()[0] for line in lines if line.endswith("right")] == ["b1", "W2", "b2"]
    assert result.parameters[0].yours == pytest.approx(2 * result.parameters[0].by_trying)


def test_a_saturated_network_passes_though_its_slopes_are_as_small_as_rounding():
    params, x, target = problem()
    params["b2"] = params["b2"] + 20  # y (1 - y) is about 1e-9
    assert gradient_check(params, x, target, backward, forward).passed


def test_large_losses_pass_and_slips_in_them_are_found():
    params, x, target = problem()

    def linear_forward(params, x):
        cache = forward(params, x)
        return cache | {"y": cache["z2"]}

    def linear_backward(params, cache, target):
        delta2 = 2 * (cache["y"] - target) / target.size
        return gradients(hidden_delta(params, cache, delta2), delta2, cache)

    assert gradient_check(params, x, 1000 * target, linear_backward, linear_forward).passed
    assert not gradient_check(params, x, 1000 * target, backward, linear_forward).passed


def test_float32_parameters_are_checked_in_float64():
    params, x, target = problem()
    params = {name: value.astype(np.float32) for name, value in params.items()}
    assert gradient_check(params, x.astype(np.float32), target.astype(np.float32), backward, forward).passed


def test_arguments_stay_as_they_were_even_if_backward_changes_its_own():
    params, x, target = problem()
    before = [value.copy() for value in (*params.values(), x, target)]

    def vandal(params, cache, target):
        grads = backward(params, cache, target)
        for array in (*params.values(), *cache.values(), target):
            array[:] = 7
        return grads

    gradient_check(params, x, target, vandal, forward)
    for value, expected in zip((*params.values(), x, target), before, strict=True):
        np.testing.assert_array_equal(value, expected)


def test_a_backward_that_scribbles_on_cache_and_target_is_compared_with_the_right_slopes():
    def scribbler(params, cache, target):
        grads = backward(params, cache, target)
        for array in (*cache.values(), target):
            array[:] = 7
        return grads

    assert gradient_check(*problem(), scribbler, forward).passed


def test_result_is_short_at_the_end_of_a_notebook_cell():
    assert repr(gradient_check(*problem(), backward, forward)) == "<gradient check: passed>"
    assert repr(gradient_check(*problem(), all_times(2), forward)) == "<gradient check: failed>"


def test_files_that_grading_needs_import_while_any_other_is_withheld():
    """While an assignment is graded, the files that hold its solutions are not there."""
    program = """
import sys
sys.modules |= dict.fromkeys("helpers." + name for name in {withheld!r})
from helpers import {kept}
"""
    files = {"losses", "activations", "initialization", "network", "training", "descent", "diagnosis"}
    cases = [
        ({"checks"}, files),
        ({"losses"}, files - {"losses"}),
        ({"datasets"}, files),
        ({"descent"}, files - {"descent"}),
        ({"diagnosis"}, files - {"diagnosis"}),
        ({"network"}, {"losses", "training", "initialization", "descent", "diagnosis"}),
        ({"training"}, {"losses", "initialization", "descent", "diagnosis"}),
    ]
    for kept, withheld in cases:
        code = program.format(withheld=sorted(withheld), kept=", ".join(kept))
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
        assert run.returncode == 0, (kept, run.stderr)


def test_importing_helpers_loads_nothing_heavy():
    code = "import sys, helpers; print(*{'numpy', 'matplotlib', 'ipywidgets'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout.strip() == ""
