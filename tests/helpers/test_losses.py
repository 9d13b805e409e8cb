"""The losses: worked numbers of the lessons, shapes refused, and the slope against differences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from helpers.losses import mse, mse_gradient, squared_errors

FUNCTIONS = [squared_errors, mse, mse_gradient]
numbers = st.floats(-100, 100, allow_subnormal=False)


@st.composite
def three_of_one_shape(draw):
    shape = draw(array_shapes(min_dims=0, max_dims=3, max_side=4))
    return tuple(draw(arrays(float, shape, elements=numbers)) for _ in range(3))


def test_worked_example_of_the_lesson():
    target, prediction = [1, 0, 1], [0.8, 0.2, 0.9]
    np.testing.assert_allclose(squared_errors(target, prediction), [0.04, 0.04, 0.01])
    assert mse(target, prediction) == pytest.approx(0.03)
    np.testing.assert_allclose(mse_gradient(target, prediction), [-0.4 / 3, 0.4 / 3, -0.2 / 3])


def test_self_check_of_the_lesson():
    assert mse([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.2]) == pytest.approx(0.025)


def test_mean_is_over_all_entries_and_not_over_rows_alone():
    target, prediction = np.zeros((2, 5)), np.full((2, 5), 3.0)
    assert mse(target, prediction) == pytest.approx(9)
    np.testing.assert_allclose(mse_gradient(target, prediction), np.full((2, 5), 0.6))


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("shapes", [((4,), (4, 1)), ((4, 1), (4,)), ((4, 1), (1, 4)), ((3,), (1,)), ((), (3,))])
def test_shapes_that_numpy_would_stretch_are_refused_and_both_are_named(function, shapes):
    target, prediction = np.ones(shapes[0]), np.ones(shapes[1])
    with pytest.raises(ValueError) as error:
        function(target, prediction)
    assert f"target has shape {shapes[0]}" in str(error.value)
    assert f"prediction has shape {shapes[1]}" in str(error.value)


def test_the_refusal_says_what_to_do():
    with pytest.raises(ValueError, match=r"target\.reshape\(prediction\.shape\)"):
        mse(np.ones(4), np.ones((4, 1)))
    with pytest.raises(ValueError, match="exactly one target"):
        mse(np.ones((4, 1)), np.ones((3, 1)))


def test_a_mean_of_nothing_is_refused():
    with pytest.raises(ValueError, match="empty"):
        mse([], [])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_float32_stays_float32(function):
    assert function(np.ones(3, np.float32), np.zeros(3, np.float32)).dtype == np.float32


def test_whole_numbers_without_sign_do_not_wrap_around():
    np.testing.assert_array_equal(squared_errors(np.array([3], np.uint8), np.array([1], np.uint8)), [4])
    np.testing.assert_array_equal(mse_gradient(np.array([True]), np.array([False])), [-2])


@given(three_of_one_shape())
def test_mse_is_the_mean_of_the_squared_errors_and_does_not_care_for_order(values):
    a, b, _ = values
    assert mse(a, b) == pytest.approx(sum(np.ravel((a - b) * (a - b))) / a.size)
    assert mse(a, b) == mse(b, a)
    assert (mse(a, b) == 0) == bool(np.all(squared_errors(a, b) == 0))


@given(three_of_one_shape())
def test_the_gradient_says_how_the_loss_changes(values):
    target, prediction, step = values
    # The loss is quadratic, so that first order and mean of step² are the whole change.
    change = np.sum(mse_gradient(target, prediction) * step) + np.mean(step**2)
    assert mse(target, prediction + step) - mse(target, prediction) == pytest.approx(change, rel=1e-9, abs=1e-8)


@given(three_of_one_shape())
def test_arguments_stay_as_they_were(values):
    target, prediction, _ = values
    before = target.copy(), prediction.copy()
    for function in FUNCTIONS:
        function(target, prediction)
    np.testing.assert_array_equal(target, before[0])
    np.testing.assert_array_equal(prediction, before[1])
