"""The activations: values, derivatives against central differences, far inputs, precision."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.activations import (
    ACTIVATIONS,
    activation,
    linear,
    relu,
    relu_derivative,
    sigmoid,
    sigmoid_derivative,
    tanh,
)

NAMES = list(ACTIVATIONS)


def test_known_values():
    assert sigmoid(0.0) == 0.5
    assert sigmoid(math.log(3)) == pytest.approx(0.75)
    assert sigmoid_derivative(0.0) == 0.25
    assert sigmoid_derivative(math.log(3)) == pytest.approx(0.1875)
    assert tanh(math.log(2)) == pytest.approx(0.6)
    np.testing.assert_array_equal(relu(np.array([-2.0, 0.0, 3.0])), [0, 0, 3])
    np.testing.assert_array_equal(linear(np.array([-2.0, 0.0, 3.0])), [-2, 0, 3])


@pytest.mark.parametrize("name", NAMES)
@given(z=st.floats(-6, 6).filter(lambda z: abs(z) > 1e-3))  # away from the corner of relu
def test_derivative_is_the_slope_at_the_pre_activation(name, z):
    function, derivative = ACTIVATIONS[name]
    slope = (function(z + 1e-5) - function(z - 1e-5)) / 2e-5
    assert derivative(z) == pytest.approx(slope, abs=1e-8)


def test_corner_of_relu_counts_as_flat():
    np.testing.assert_array_equal(relu_derivative(np.array([-1.0, 0.0, 1.0])), [0, 0, 1])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_inputs_give_finite_values_without_a_warning(name, dtype):
    z = np.array([-1000, 1000], dtype=dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values = [function(z) for function in ACTIVATIONS[name]]
    assert np.all(np.isfinite(values))


def test_sigmoid_saturates_at_its_ends():
    z = np.array([-1000.0, 1000.0])
    np.testing.assert_array_equal(sigmoid(z), [0, 1])
    np.testing.assert_array_equal(sigmoid_derivative(z), [0, 0])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shape_and_precision_are_kept(name, dtype):
    z = np.linspace(-2, 2, 12, dtype=dtype).reshape(2, 3, 2)
    for function in ACTIVATIONS[name]:
        assert function(z).shape == z.shape
        assert function(z).dtype == dtype


@pytest.mark.parametrize("name", NAMES)
def test_result_is_a_new_array(name):
    z = np.array([-1.0, 2.0])
    for function in ACTIVATIONS[name]:
        function(z)[:] = 99
    np.testing.assert_array_equal(z, [-1, 2])


def test_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="'sigmoidd'.*sigmoid, tanh, relu, linear"):
        activation("sigmoidd")
