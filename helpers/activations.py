"""Activation functions and their derivatives.

Each function takes z, the number that reaches a unit *before* its activation, and works entry by entry on an array of
any shape. Derivatives take that same z, not the activation's result: `sigmoid_derivative(z)`, not of `sigmoid(z)`.
float32 stays float32.

Lesson: 03_backprop, "Forward, one step at a time".
"""

import numpy as np


def sigmoid(z):
    """1 / (1 + e^-z), between 0 and 1.

    Far below zero e^-z overflows to infinity; 1 / infinity is 0, the right answer, so the warning is silenced.

    Args:
        z: array of any shape, or a number.

    Returns:
        The same shape.

    Lesson: 03_backprop, "Forward, one step at a time".
    """
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


def sigmoid_derivative(z):
    """The slope of sigmoid at z: s (1 - s) with s = sigmoid(z). Largest at z = 0, where it is 1/4.

    Args:
        z: the pre-activation, array of any shape or a number.

    Returns:
        The same shape.

    Lesson: 03_backprop, "The hidden step".
    """
    s = sigmoid(z)
    return s * (1 - s)


def tanh(z):
    """The hyperbolic tangent, between -1 and 1.

    Args:
        z: array of any shape, or a number.

    Returns:
        The same shape.

    Lesson: 05_hyperparameters, "Activations".
    """
    return np.tanh(z)


def tanh_derivative(z):
    """The slope of tanh at z: 1 - tanh(z)². Largest at z = 0, where it is 1.

    Args:
        z: the pre-activation, array of any shape or a number.

    Returns:
        The same shape.

    Lesson: 05_hyperparameters, "Activations".
    """
    return 1 - np.tanh(z) ** 2


def relu(z):
    """z where z is positive, 0 elsewhere.

    Args:
        z: array of any shape, or a number.

    Returns:
        The same shape.

    Lesson: 05_hyperparameters, "Activations".
    """
    return np.maximum(z, 0.0)


def relu_derivative(z):
    """The slope of relu at z: 1 where z is positive, 0 elsewhere. At the corner z = 0 we take 0.

    Args:
        z: the pre-activation, array of any shape or a number.

    Returns:
        The same shape.

    Lesson: 05_hyperparameters, "Activations".
    """
    return np.heaviside(z, 0.0)  # a step from 0 to 1; the second argument is its value at z = 0


def linear(z):
    """z itself, as a new array: an output that may be any number.

    Args:
        z: array of any shape, or a number.

    Returns:
        The same shape.

    Lesson: 05_hyperparameters, "Activations".
    """
    return 1.0 * z


def linear_derivative(z):
    """The slope of a straight line: 1 everywhere.

    Args:
        z: the pre-activation, array of any shape or a number.

    Returns:
        The same shape.

    Lesson: 05_hyperparameters, "Activations".
    """
    return np.ones_like(z)


# name -> (function, derivative)
ACTIVATIONS = {
    "sigmoid": (sigmoid, sigmoid_derivative),
    "tanh": (tanh, tanh_derivative),
    "relu": (relu, relu_derivative),
    "linear": (linear, linear_derivative),
}


def activation(name):
    """The pair (function, derivative) for a name.

    Args:
        name: "sigmoid", "tanh", "relu" or "linear".

    Returns:
        The two functions.

    Raises:
        ValueError: for any other name.

    Lesson: 05_hyperparameters, "Activations".
    """
    if name not in ACTIVATIONS:
        raise ValueError(f"there is no activation named {name!r}; choose one of {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]
