"""How wrong is the network? Squared errors, their mean, and the slope of that mean.

Everything here needs a target and a prediction of exactly the same shape. numpy would also accept (n,) beside (n, 1),
stretch both to (n, n), and return a loss that looks plausible and is wrong; these functions refuse.

Lesson: 01_mse, "The broadcasting trap".
"""

import numpy as np


def squared_errors(target, prediction):
    """The squared error of every entry.

    Args:
        target, prediction: arrays (or lists) of one shape, any shape.

    Returns:
        An array of that shape.

    Raises:
        ValueError: if the two shapes differ.

    Lesson: 01_mse, "One number for how wrong".
    """
    target, prediction = _same_shape(target, prediction)
    return (prediction - target) ** 2


def mse(target, prediction):
    """The mean squared error: the mean of the squared errors over all entries.

    Args:
        target, prediction: arrays (or lists) of one shape, any shape.

    Returns:
        One number.

    Raises:
        ValueError: if the two shapes differ, or if there are no entries.

    Lesson: 01_mse, "One number for how wrong".
    """
    errors = squared_errors(target, prediction)
    if errors.size == 0:
        raise ValueError("there are no entries to take a mean of: target and prediction are empty")
    return np.mean(errors)


def mse_gradient(target, prediction):
    """dL/dprediction: how the mean squared error changes with each entry of the prediction.

    Args:
        target, prediction: arrays (or lists) of one shape, any shape.

    Returns:
        An array of that shape: 2 (prediction - target) / (number of entries).

    Raises:
        ValueError: if the two shapes differ.

    Lesson: 01_mse, "The slope of the loss".
    """
    target, prediction = _same_shape(target, prediction)
    return 2 * (prediction - target) / prediction.size


def _same_shape(target, prediction):
    """Both as arrays of floats. Raises ValueError if their shapes differ."""
    target, prediction = _as_floats(target), _as_floats(prediction)
    if target.shape == prediction.shape:
        return target, prediction

    if target.size == prediction.size:
        advice = "They hold equally many values, so give one the shape of the other: target.reshape(prediction.shape)."
    else:
        advice = "They hold different numbers of values: each prediction needs exactly one target."
    raise ValueError(
        f"target has shape {target.shape} but prediction has shape {prediction.shape}. "
        f"numpy might stretch them to fit and give a wrong loss without a word. {advice}"
    )


def _as_floats(values):
    """The values as an array; float32 stays float32, whole numbers and True/False become float64."""
    values = np.asarray(values)
    if np.issubdtype(values.dtype, np.floating):
        return values
    return values.astype(float)
