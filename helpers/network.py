"""One hidden layer, forward and backward::

    forward     x -> z1 -> h -> z2 -> y
    backward    dL/dz2 (output step) -> dL/dz1 (hidden step) -> dL/dW and dL/db

Examples are COLUMNS: x has shape (n_in, n), y has shape (n_out, n). The loss is the mean squared error.

Many networks can be trained at once. Give every parameter a leading axis, W1 (runs, n_hidden, n_in), b1
(runs, n_hidden, 1) and so on, and the same lines work on all of them: `@` multiplies the last two axes, and `.mT`
swaps the last two axes (for a single matrix that is `.T`).

Lesson: 03_backprop, "Forward, one step at a time".
"""

import numpy as np

from helpers.activations import activation


def forward(params, x, hidden="sigmoid", output="sigmoid"):
    """Run the network, and keep every value on the way: backward needs them.

    Args:
        params: dict of W1 (n_hidden, n_in), b1 (n_hidden, 1), W2 (n_out, n_hidden), b2 (n_out, 1).
        x: inputs, one example per column, (n_in, n). Taken in the precision of W1, so float32 networks stay
            float32.
        hidden, output: names of the activations, see helpers.activations.

    Returns:
        cache: dict of x (n_in, n), z1 and h (n_hidden, n), z2 and y (n_out, n).

    Raises:
        ValueError: if x is not (n_in, n), or for an unknown activation.

    Lesson: 03_backprop, "Forward, one step at a time".
    """
    hidden_activation, _ = activation(hidden)
    output_activation, _ = activation(output)
    x = _in_precision_of(params["W1"], x)
    _check_columns(x, params["W1"])

    z1 = params["W1"] @ x + params["b1"]
    h = hidden_activation(z1)
    z2 = params["W2"] @ h + params["b2"]
    y = output_activation(z2)
    return {"x": x, "z1": z1, "h": h, "z2": z2, "y": y}


def output_delta(cache, target, output="sigmoid"):
    """dL/dz2: how the loss changes with what reaches the output units.

    Args:
        cache: what forward returned; y and z2 (n_out, n) are used.
        target: (n_out, n), the shape of y.
        output: name of the output activation.

    Returns:
        delta2 (n_out, n).

    Raises:
        ValueError: if target does not have the shape of y, or for an unknown activation.

    Lesson: 03_backprop, "The output step".
    """
    _, derivative = activation(output)
    y = cache["y"]
    target = _in_precision_of(y, target)
    _check_target(target, y)

    n_out, n = y.shape[-2:]
    dL_dy = 2 * (y - target) / (n_out * n)
    return dL_dy * derivative(cache["z2"])


def hidden_delta(params, cache, delta2, hidden="sigmoid"):
    """dL/dz1: how the loss changes with what reaches the hidden units.

    Args:
        params: W2 (n_out, n_hidden) is used.
        cache: z1 (n_hidden, n) is used.
        delta2: dL/dz2, (n_out, n).
        hidden: name of the hidden activation.

    Returns:
        delta1 (n_hidden, n).

    Raises:
        ValueError: for an unknown activation, or (from numpy) for shapes that do not fit together.

    Lesson: 03_backprop, "The hidden step".
    """
    _, derivative = activation(hidden)
    dL_dh = params["W2"].mT @ delta2
    return dL_dh * derivative(cache["z1"])


def backward(params, cache, target, hidden="sigmoid", output="sigmoid"):
    """The gradient of the loss with respect to every parameter, from what is in the cache alone.

    Args:
        params: as for forward.
        cache: what forward returned.
        target: (n_out, n), the shape of y.
        hidden, output: names of the activations, the same as in forward.

    Returns:
        grads: dict of W1 b1 W2 b2, each of the shape of the parameter with that name.

    Raises:
        ValueError: if target does not have the shape of y, or for an unknown activation.

    Lesson: 03_backprop, "The weight gradients".
    """
    delta2 = output_delta(cache, target, output)
    delta1 = hidden_delta(params, cache, delta2, hidden)
    return {
        "W1": delta1 @ cache["x"].mT,
        "b1": delta1.sum(axis=-1, keepdims=True),
        "W2": delta2 @ cache["h"].mT,
        "b2": delta2.sum(axis=-1, keepdims=True),
    }


def _in_precision_of(reference, values):
    """values as an array of reference's dtype, so that a float64 input does not turn a float32 network into float64."""
    if reference.dtype.kind == "f":
        return np.asarray(values, dtype=reference.dtype)
    return np.asarray(values, dtype=float)  # weights typed as whole numbers must not round the inputs


def _check_columns(x, W1):
    """Raises ValueError unless x is (n_in, n) for this W1 (n_hidden, n_in)."""
    n_in = W1.shape[-1]
    if x.ndim < 2:
        raise ValueError(f"x has shape {x.shape}; one example must be a column, shape ({n_in}, 1): x.reshape(-1, 1)")
    if x.shape[-2] != n_in:
        hint = " Examples in rows? Use X.T." if x.shape[-1] == n_in else ""
        raise ValueError(
            f"x has shape {x.shape}, but W1 with shape {W1.shape} wants ({n_in}, number of examples).{hint}"
        )


def _check_target(target, y):
    """Raises ValueError unless target has the shape of y (n_out, n); networks along leading axes may share a target."""
    if y.ndim < 2:
        raise ValueError(f"y in the cache has shape {y.shape}, but examples are columns: it must be (n_out, n)")
    if target.shape != y.shape and target.shape != y.shape[-2:]:
        hint = " Examples in rows? Use target.T." if target.T.shape == y.shape[-2:] else ""
        raise ValueError(f"target has shape {target.shape}, but the network's y has shape {y.shape[-2:]}.{hint}")
