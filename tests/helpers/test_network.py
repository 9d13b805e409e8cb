"""The network: forward against sums written out, gradients against central differences, many networks at once.

The sizes are 3 inputs, 4 hidden units, 2 outputs, 5 examples: nothing is square, so that a transposition shows, and
there are several outputs, so that a wrong divisor shows.
"""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import network
from helpers.activations import ACTIVATIONS, sigmoid
from helpers.initialization import initialize
from helpers.network import backward, forward, hidden_delta, output_delta

PAIRS = list(product(ACTIVATIONS, ACTIVATIONS))  # hidden and output activation


def problem(n_in=3, n_hidden=4, n_out=2, n=5, seed=0, runs=None):
    rng = np.random.default_rng(seed)
    params = initialize(n_in, n_hidden, n_out, rng, runs=runs, random_biases=True)
    return params, rng.normal(size=(n_in, n)), rng.normal(size=(n_out, n))


def differences(loss, values, h=1e-6):
    """dL/dvalues by central differences, written apart from helpers."""
    slopes = np.empty(values.shape)
    for i in range(values.size):
        moved = [values.copy(), values.copy()]
        moved[0].flat[i] += h
        moved[1].flat[i] -= h
        slopes.flat[i] = (loss(moved[0]) - loss(moved[1])) / (2 * h)
    return slopes


def copies(arrays):
    return {name: array.copy() for name, array in arrays.items()}


def assert_same(arrays, expected):
    assert arrays.keys() == expected.keys()
    for name in expected:
        np.testing.assert_array_equal(arrays[name], expected[name], err_msg=name, strict=True)


# forward


def test_forward_is_the_sums_of_the_textbook():
    params, x, _ = problem()
    cache = forward(params, x)
    for j in range(5):
        h = []
        for k in range(4):
            z = sum(params["W1"][k, i] * x[i, j] for i in range(3)) + params["b1"][k, 0]
            h.append(1 / (1 + math.exp(-z)))
            assert cache["z1"][k, j] == pytest.approx(z)
            assert cache["h"][k, j] == pytest.approx(h[k])
        for k in range(2):
            z = sum(params["W2"][k, i] * h[i] for i in range(4)) + params["b2"][k, 0]
            assert cache["z2"][k, j] == pytest.approx(z)
            assert cache["y"][k, j] == pytest.approx(1 / (1 + math.exp(-z)))


def test_cache_has_the_names_and_shapes_of_the_contract():
    params, x, _ = problem()
    shapes = {name: value.shape for name, value in forward(params, x).items()}
    assert shapes == {"x": (3, 5), "z1": (4, 5), "h": (4, 5), "z2": (2, 5), "y": (2, 5)}


@pytest.mark.parametrize("hidden, output", PAIRS)
def test_each_layer_uses_the_activation_it_is_told(hidden, output):
    params, x, _ = problem()
    cache = forward(params, x, hidden, output)
    np.testing.assert_array_equal(cache["h"], ACTIVATIONS[hidden][0](cache["z1"]))
    np.testing.assert_array_equal(cache["y"], ACTIVATIONS[output][0](cache["z2"]))


def test_inputs_in_rows_are_refused_with_what_to_do():
    params, x, _ = problem()
    with pytest.raises(ValueError, match=r"\(5, 3\).*\(4, 3\).*X\.T"):
        forward(params, x.T)


def test_a_flat_example_is_refused_and_not_stretched():
    params, x, _ = problem()
    with pytest.raises(ValueError, match=r"reshape\(-1, 1\)"):
        forward(params, x[:, 0])


@pytest.mark.parametrize("call", [forward, lambda *a, **k: backward(a[0], forward(*a), np.zeros((2, 5)), **k)])
@pytest.mark.parametrize("layer", ["hidden", "output"])
def test_an_unknown_activation_is_refused(call, layer):
    params, x, _ = problem()
    with pytest.raises(ValueError, match="'step'"):
        call(params, x, **{layer: "step"})


# backward


@pytest.mark.parametrize("hidden, output", PAIRS)
def test_gradients_agree_with_central_differences(hidden, output):
    params, x, target = problem(seed=1)
    grads = backward(params, forward(params, x, hidden, output), target, hidden, output)
    for name, value in params.items():

        def loss(moved, name=name):
            return np.mean((forward(params | {name: moved}, x, hidden, output)["y"] - target) ** 2)

        np.testing.assert_allclose(grads[name], differences(loss, value), rtol=1e-6, atol=1e-8, err_msg=name)


@given(*[st.integers(1, 4)] * 4, st.integers(0, 10**6), st.sampled_from(["sigmoid", "tanh", "linear"]))
@settings(max_examples=25, deadline=None)
def test_gradients_agree_with_central_differences_in_any_size(n_in, n_hidden, n_out, n, seed, hidden):
    params, x, target = problem(n_in, n_hidden, n_out, n, seed)
    grads = backward(params, forward(params, x, hidden), target, hidden)
    for name, value in params.items():

        def loss(moved, name=name):
            return np.mean((forward(params | {name: moved}, x, hidden)["y"] - target) ** 2)

        np.testing.assert_allclose(grads[name], differences(loss, value), rtol=1e-5, atol=1e-8, err_msg=name)


@pytest.mark.parametrize("output", ACTIVATIONS)
def test_output_delta_is_the_slope_of_the_loss_at_z2(output):
    params, x, target = problem(seed=2)
    cache = forward(params, x, output=output)
    slope = differences(lambda z2: np.mean((ACTIVATIONS[output][0](z2) - target) ** 2), cache["z2"])
    np.testing.assert_allclose(output_delta(cache, target, output), slope, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_hidden_delta_is_the_slope_of_the_loss_at_z1(hidden):
    params, x, target = problem(seed=3)
    cache = forward(params, x, hidden)

    def loss(z1):
        return np.mean((sigmoid(params["W2"] @ ACTIVATIONS[hidden][0](z1) + params["b2"]) - target) ** 2)

    delta2 = output_delta(cache, target)
    np.testing.assert_allclose(
        hidden_delta(params, cache, delta2, hidden), differences(loss, cache["z1"]), rtol=1e-6, atol=1e-9
    )


def test_backward_believes_a_cache_that_no_forward_pass_made(monkeypatch):
    params, _, target = problem()
    rng = np.random.default_rng(5)
    z1, z2 = rng.normal(size=(4, 5)), rng.normal(size=(2, 5))
    cache = {"x": rng.normal(size=(3, 5)), "z1": z1, "h": sigmoid(z1), "z2": z2, "y": sigmoid(z2)}
    monkeypatch.setattr(network, "forward", None)  # a second forward pass would fail
    grads = backward(params, cache, target)

    delta2 = 2 / 10 * (cache["y"] - target) * cache["y"] * (1 - cache["y"])
    delta1 = np.einsum("oh,on->hn", params["W2"], delta2) * cache["h"] * (1 - cache["h"])
    np.testing.assert_allclose(grads["W2"], np.einsum("on,hn->oh", delta2, cache["h"]))
    np.testing.assert_allclose(grads["b2"][:, 0], np.einsum("on->o", delta2))
    np.testing.assert_allclose(grads["W1"], np.einsum("hn,in->hi", delta1, cache["x"]))
    np.testing.assert_allclose(grads["b1"][:, 0], np.einsum("hn->h", delta1))


@pytest.mark.parametrize("shape", [(5, 2), (2, 1), (1, 5), (5,), (2,), (), (1, 2, 5)])
def test_a_target_of_another_shape_is_refused_and_both_shapes_are_named(shape):
    params, x, _ = problem()
    cache = forward(params, x)
    for function in (output_delta, lambda cache, target: backward(params, cache, target)):
        with pytest.raises(ValueError) as error:
            function(cache, np.zeros(shape))
        assert f"target has shape {shape}" in str(error.value)
        assert "y has shape (2, 5)" in str(error.value)


def test_a_flat_y_in_the_cache_is_refused():
    with pytest.raises(ValueError, match=r"\(5,\).*\(n_out, n\)"):
        output_delta({"y": np.zeros(5), "z2": np.zeros(5)}, np.zeros(5))


# all of it


def test_arguments_stay_as_they_were_and_are_not_handed_out_again():
    params, x, target = problem()
    cache = forward(params, x)
    given = copies(params), x.copy(), target.copy(), copies(cache)
    grads = backward(params, cache, target)
    assert_same(params, given[0])
    np.testing.assert_array_equal(x, given[1])
    np.testing.assert_array_equal(target, given[2])
    assert_same(cache, given[3])
    for ours in grads.values():
        assert not any(np.shares_memory(ours, theirs) for theirs in (*params.values(), *cache.values(), target))


@pytest.mark.parametrize("hidden, output", PAIRS)
@pytest.mark.parametrize("data", [np.float32, np.float64])
def test_a_float32_network_stays_float32_whatever_the_data(hidden, output, data):
    params, x, target = problem()
    params = {name: value.astype(np.float32) for name, value in params.items()}
    cache = forward(params, x.astype(data), hidden, output)
    grads = backward(params, cache, target.astype(data), hidden, output)
    assert {value.dtype for value in (*cache.values(), *grads.values())} == {np.dtype(np.float32)}


def test_weights_typed_as_whole_numbers_do_not_round_the_inputs():
    params = {"W1": np.array([[1]]), "b1": np.array([[0]]), "W2": np.array([[1]]), "b2": np.array([[0]])}
    assert forward(params, np.array([[0.5]]), "linear", "linear")["y"] == 0.5


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sizes", [(3, 4, 2, 5), (2, 4, 1, 4), (2, 4, 1, 1), (1, 1, 1, 1), (2, 16, 3, 130)])
def test_one_network_among_many_equals_the_same_network_alone_exactly(sizes, dtype):
    params, x, target = problem(*sizes, runs=7)
    params = {name: value.astype(dtype) for name, value in params.items()}
    cache = forward(params, x, "tanh")
    grads = backward(params, cache, target, "tanh")
    for run in range(7):
        alone = {name: value[run] for name, value in params.items()}
        cache_alone = forward(alone, x, "tanh")
        for name in ("z1", "h", "z2", "y"):
            np.testing.assert_array_equal(cache[name][run], cache_alone[name], err_msg=name, strict=True)
        assert_same({name: grad[run] for name, grad in grads.items()}, backward(alone, cache_alone, target, "tanh"))


def test_networks_may_have_a_target_each():
    params, x, _ = problem(runs=3)
    targets = np.random.default_rng(1).normal(size=(3, 2, 5))
    grads = backward(params, forward(params, x), targets)
    for run in range(3):
        alone = {name: value[run] for name, value in params.items()}
        expected = backward(alone, forward(alone, x), targets[run])
        assert_same({name: grad[run] for name, grad in grads.items()}, expected)
