"""The data sets: shapes, the same data for the same seed, and the property each is used for."""

import numpy as np
import pytest

from helpers.datasets import noisy_line, ring, spiral, two_moons, xor

RANDOM_SETS = [two_moons, spiral, noisy_line, ring]
CLASSES = [two_moons, spiral, ring]


def test_xor_is_the_truth_table():
    X, y = xor()
    for (a, b), (target,) in zip(X.astype(int), y.astype(int), strict=True):
        assert target == a ^ b
    assert sorted(map(tuple, X)) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert (X.shape, y.shape, X.dtype, y.dtype) == ((4, 2), (4, 1), float, float)


def test_xor_gives_new_arrays_each_time():
    X, y = xor()
    X[:], y[:] = 9, 9
    assert xor()[0].max() == 1
    assert xor()[1].max() == 1


@pytest.mark.parametrize("make", RANDOM_SETS)
@pytest.mark.parametrize("n", [2, 51])
def test_examples_are_rows_of_float64(make, n):
    X, y = make(n, np.random.default_rng(0))
    assert X.shape == (n, 1 if make is noisy_line else 2)
    assert y.shape == (n, 1)
    assert X.dtype == y.dtype == np.float64


@pytest.mark.parametrize("make", RANDOM_SETS)
def test_the_seed_decides_the_data(make):
    first, same, other = (make(20, np.random.default_rng(seed))[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert not np.allclose(first, other)


@pytest.mark.parametrize("make", CLASSES)
def test_classes_are_balanced_and_mixed(make):
    _, y = make(41, np.random.default_rng(3))
    assert (y == 0).sum() == 21
    assert (y == 1).sum() == 20
    assert 0 < y[:20].sum() < 20  # not one class first and then the other


@pytest.mark.parametrize("make", [spiral, ring])
def test_no_straight_line_parts_the_classes(make):
    X, y = make(400, np.random.default_rng(0))
    columns = np.hstack([X, np.ones((400, 1))])
    best = np.linalg.lstsq(columns, 2 * y - 1, rcond=None)[0]
    assert ((columns @ best > 0) == (y == 1)).mean() < 0.75


@pytest.mark.parametrize("make", CLASSES)
def test_nearest_neighbours_are_of_one_class(make):
    X, y = make(600, np.random.default_rng(0), noise=0)
    distance = np.linalg.norm(X[:, None] - X[None], axis=-1)
    np.fill_diagonal(distance, np.inf)
    assert (y[distance.argmin(axis=1)] == y).mean() > 0.98


def test_moons_are_half_circles_that_reach_into_each_other():
    X, y = two_moons(200, np.random.default_rng(0), noise=0)
    upper, lower = X[y[:, 0] == 0], X[y[:, 0] == 1]
    np.testing.assert_allclose(np.linalg.norm(upper, axis=1), 1)
    np.testing.assert_allclose(np.linalg.norm(lower - [1, 0.5], axis=1), 1)
    assert upper[:, 1].min() >= 0
    assert lower[:, 1].max() <= 0.5
    assert upper[:, 1].min() < lower[:, 1].max()
    assert upper[:, 0].max() > lower[:, 0].min()


def test_radius_parts_disc_and_ring():
    X, y = ring(200, np.random.default_rng(0), noise=0)
    radius = np.linalg.norm(X, axis=1, keepdims=True)
    assert radius[y == 0].max() <= 0.5
    assert radius[y == 1].min() >= 0.8


def test_noisy_line_is_the_line_it_says_with_the_noise_it_says():
    X, y = noisy_line(2000, np.random.default_rng(0), slope=3.0, intercept=0.5, noise=0.2)
    rest = y - (3 * X + 0.5)
    assert abs(rest.mean()) < 0.02
    assert rest.std() == pytest.approx(0.2, rel=0.1)


def test_a_line_without_noise_has_the_slope_and_intercept_of_its_docstring():
    X, y = noisy_line(5, np.random.default_rng(0), noise=0)
    np.testing.assert_allclose(y, 2 * X - 1)


@pytest.mark.parametrize("make", RANDOM_SETS)
def test_a_single_example_is_refused(make):
    with pytest.raises(ValueError, match="at least 2"):
        make(1, np.random.default_rng(0))
