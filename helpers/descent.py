"""Walking downhill: the slope by trying, one step, and a whole walk.

Lesson: 02_gradient_descent, "The hiker in fog".
"""

import numpy as np


def numerical_gradient(f, w, h=1e-5):
    """The gradient of f at w by trying: move each entry by h to both sides and see how f changes.

    Args:
        f: function that takes an array of the shape of w and returns one number.
        w: the place, an array of any shape or one number.
        h: how far to move.

    Returns:
        An array of the shape of w; its error shrinks with h².

    Raises:
        ValueError: if f returns more than one number.

    Lesson: 02_gradient_descent, "The slope by trying".
    """
    w = np.asarray(w)
    gradient = np.zeros(w.shape)
    for index in np.ndindex(w.shape):
        step = np.zeros(w.shape)
        step[index] = h
        gradient[index] = (_one_number(f(w + step)) - _one_number(f(w - step))) / (2 * h)
    return gradient[()]  # [()] turns an array without axes into a plain number, and leaves others as they are


def gradient_step(w, gradient, learning_rate):
    """One step downhill: against the gradient.

    Args:
        w: the place, an array of any shape or one number.
        gradient: the same shape.
        learning_rate: one number, how far to go for each unit of slope.

    Returns:
        The new place, the same shape; w itself stays as it was.

    Raises:
        ValueError: if the shapes of w and gradient differ.

    Lesson: 02_gradient_descent, "One step".
    """
    w, gradient = np.asarray(w), np.asarray(gradient)
    if w.shape != gradient.shape:
        raise ValueError(f"w has shape {w.shape} but its gradient has shape {gradient.shape}; they must be the same")
    return w - learning_rate * gradient


def gradient_descent(gradient, start, learning_rate, steps):
    """The path of a walk downhill.

    Args:
        gradient: function that takes a place and returns the gradient there, of the same shape.
        start: the first place, an array of any shape or one number.
        learning_rate: one number.
        steps: how many steps, 0 or more.

    Returns:
        An array (steps + 1, shape of start): path[0] is start, path[-1] is where the walk ends. A walk that
        explodes ends in inf or nan.

    Raises:
        ValueError: if steps is negative, or if a gradient does not have the shape of start.

    Lesson: 02_gradient_descent, "Three kinds of walk".
    """
    if steps < 0:
        raise ValueError(f"steps is {steps}; a walk needs 0 steps or more")
    path = [np.array(start, dtype=float)[()]]
    with np.errstate(over="ignore", invalid="ignore"):  # a walk that explodes is something to see, not to warn of
        for _ in range(steps):
            path.append(gradient_step(path[-1], gradient(path[-1]), learning_rate))
    return np.array(path)


def _one_number(value):
    """value as a float. Raises ValueError if it is not exactly one number."""
    if np.size(value) != 1:
        raise ValueError(f"f must return one number, but it returned an array of shape {np.shape(value)}")
    return np.asarray(value, dtype=float).item()
