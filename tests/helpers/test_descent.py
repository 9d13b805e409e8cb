"""Descent: slopes by trying, one step, and the three kinds of walk on a parabola."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from helpers.descent import gradient_descent, gradient_step, numerical_gradient


@given(arrays(float, array_shapes(min_dims=0, max_dims=3, max_side=3), elements=st.floats(-3, 3)))
def test_slope_by_trying_is_right_in_any_shape(w):
    weights = np.arange(1.0, w.size + 1).reshape(w.shape)
    slope = numerical_gradient(lambda v: np.sum(weights * v**3), w)
    assert np.shape(slope) == w.shape
    np.testing.assert_allclose(slope, 3 * weights * w**2, atol=1e-6)


def test_difference_is_central_and_uses_h():
    # On w³ the central difference at 1 is exactly 3 + h², a one-sided one 3 + 3h + h².
    assert numerical_gradient(lambda w: w**3, 1.0, h=0.1) == pytest.approx(3.01)


def test_slope_of_whole_numbers_is_not_rounded():
    assert numerical_gradient(lambda w: w**2, 3) == pytest.approx(6)
    np.testing.assert_allclose(numerical_gradient(lambda w: w @ w, np.array([1, 2])), [2, 4])


def test_slope_by_trying_leaves_w_alone():
    w = np.array([1.0, 2.0])
    numerical_gradient(lambda v: np.sum(v**2), w)
    np.testing.assert_array_equal(w, [1, 2])


def test_a_function_with_many_values_is_refused():
    with pytest.raises(ValueError, match=r"one number.*\(2,\)"):
        numerical_gradient(lambda w: w**2, np.array([1.0, 2.0]))


def test_step_of_the_lesson():
    assert gradient_step(2, 0.5, 0.1) == pytest.approx(1.95)


def test_step_is_against_the_gradient_and_leaves_w_alone():
    w = np.array([[1.0, -1.0]])
    np.testing.assert_allclose(gradient_step(w, np.array([[2.0, -4.0]]), 0.25), [[0.5, 0.0]])
    np.testing.assert_array_equal(w, [[1, -1]])


def test_step_with_a_gradient_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"\(2, 1\).*\(2,\)"):
        gradient_step(np.ones((2, 1)), np.ones(2), 0.1)


@given(st.floats(0, 3), st.integers(0, 20))
def test_path_on_a_parabola_shrinks_by_one_minus_the_rate(learning_rate, steps):
    path = gradient_descent(lambda w: w, 2.0, learning_rate, steps)
    assert path.shape == (steps + 1,)
    np.testing.assert_allclose(path, 2.0 * (1 - learning_rate) ** np.arange(steps + 1), atol=1e-9)


def test_path_holds_every_place_in_the_shape_of_the_start():
    start = np.array([[1, 2, 3]])  # whole numbers: the path must not be rounded
    path = gradient_descent(lambda w: 2 * w, start, 0.25, 2)
    np.testing.assert_allclose(path, [[[1, 2, 3]], [[0.5, 1, 1.5]], [[0.25, 0.5, 0.75]]])
    np.testing.assert_array_equal(start, [[1, 2, 3]])


def test_the_gradient_is_asked_with_real_numbers():
    np.testing.assert_allclose(gradient_descent(lambda w: w**-2, 2, 1.0, 1), [2, 1.75])  # 2**-2 fails for whole numbers


def test_a_walk_that_explodes_ends_in_no_number_and_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = gradient_descent(lambda w: w**3, 10.0, 1.0, 20)
    assert path.shape == (21,)
    assert not np.isfinite(path[-1])


def test_negative_steps_are_refused():
    with pytest.raises(ValueError, match="-1"):
        gradient_descent(lambda w: w, 1.0, 0.1, -1)
