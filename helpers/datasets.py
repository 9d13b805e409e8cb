"""Small data sets, made on the spot. Examples are rows: X (n, inputs) and y (n, 1), float64.

Each random set needs a generator, such as np.random.default_rng(0): the same seed gives the same data. The rows come in
random order, so that training one example at a time does not see one class first and the other afterwards.

Lesson: 04_training_loop, "The data".
"""

import numpy as np


def xor():
    """The truth table of "one or the other, but not both".

    Returns:
        X (4, 2) with rows 00, 01, 10, 11, and y (4, 1): 0, 1, 1, 0. New arrays at each call.

    Lesson: 04_training_loop, "The data".
    """
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = np.array([[0.0], [1.0], [1.0], [0.0]])
    return X, y


def two_moons(n, rng, noise=0.1):
    """Two half circles that reach into each other.

    Args:
        n: number of examples, at least 2.
        rng: a generator.
        noise: standard deviation added to each coordinate.

    Returns:
        X (n, 2) and y (n, 1): 0 for the upper moon, 1 for the lower one.

    Raises:
        ValueError: if n is below 2.

    Lesson: 05_hyperparameters, "Other data".
    """
    label = _labels(n, rng)
    angle = rng.uniform(0, np.pi, size=n)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    lower = np.column_stack([1 - np.cos(angle), 0.5 - np.sin(angle)])
    X = np.where(label == 0, upper, lower) + rng.normal(0, noise, size=(n, 2))
    return X, label


def spiral(n, rng, noise=0.05):
    """Two arms wound around each other, one turn each: hard for a small network.

    Args:
        n: number of examples, at least 2.
        rng: a generator.
        noise: standard deviation added to each coordinate.

    Returns:
        X (n, 2) and y (n, 1): 0 for one arm, 1 for the other.

    Raises:
        ValueError: if n is below 2.

    Lesson: 05_hyperparameters, "Other data".
    """
    label = _labels(n, rng)
    along = rng.uniform(0.1, 1, size=(n, 1))  # how far out on the arm
    angle = 2 * np.pi * along + np.pi * label  # the second arm is the first one turned by half a circle
    X = np.hstack([along * np.cos(angle), along * np.sin(angle)]) + rng.normal(0, noise, size=(n, 2))
    return X, label


def noisy_line(n, rng, slope=2.0, intercept=-1.0, noise=0.1):
    """Points near a straight line: a problem of numbers, not of classes.

    Args:
        n: number of examples, at least 2.
        rng: a generator.
        slope, intercept: the line.
        noise: standard deviation of y around the line.

    Returns:
        X (n, 1), between -1 and 1, and y (n, 1).

    Raises:
        ValueError: if n is below 2.

    Lesson: 02_gradient_descent, "A line through points".
    """
    _check_n(n)
    X = rng.uniform(-1, 1, size=(n, 1))
    y = slope * X + intercept + rng.normal(0, noise, size=(n, 1))
    return X, y


def ring(n, rng, noise=0.05):
    """A disc inside a ring: no straight line parts them.

    Args:
        n: number of examples, at least 2.
        rng: a generator.
        noise: standard deviation added to each coordinate.

    Returns:
        X (n, 2) and y (n, 1): 0 for the disc (radius up to 0.5), 1 for the ring (radius 0.8 to 1).

    Raises:
        ValueError: if n is below 2.

    Lesson: 05_hyperparameters, "Other data".
    """
    label = _labels(n, rng)
    angle = rng.uniform(0, 2 * np.pi, size=(n, 1))
    radius = np.where(label == 0, rng.uniform(0, 0.5, size=(n, 1)), rng.uniform(0.8, 1, size=(n, 1)))
    X = np.hstack([radius * np.cos(angle), radius * np.sin(angle)]) + rng.normal(0, noise, size=(n, 2))
    return X, label


def _labels(n, rng):
    """n labels in random order, (n, 1): half of them 0 and half 1 (one more 0 if n is odd)."""
    _check_n(n)
    return rng.permutation(np.arange(n) % 2).reshape(n, 1).astype(float)


def _check_n(n):
    """Raises ValueError if n is below 2."""
    if n < 2:
        raise ValueError(f"n is {n}, but a data set needs at least 2 examples")
