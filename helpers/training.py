"""The training loop: forward, loss, backward, update, again and again.

Data sets have examples in rows, X (n, n_in) and y (n, n_out); the network has them in columns. The turn from rows to
columns happens in one place here, `_columns`.

All functions also train many networks at once, if the parameters have leading axes (see helpers.network); then the
learning rate may be an array with one rate per network. `sweep` trains a thousand, and is written for speed.

Lesson: 04_training_loop, "The loop".
"""

import numpy as np

from helpers.activations import activation
from helpers.datasets import xor
from helpers.network import backward, forward


def update(params, grads, learning_rate):
    """One step of gradient descent for every parameter.

    Args:
        params: dict of arrays.
        grads: dict with the same names and shapes.
        learning_rate: one number, or an array with one rate per network, of the shape of the leading axes.

    Returns:
        New params; the old ones stay as they were, and float32 stays float32.

    Raises:
        ValueError: if names or shapes of params and grads differ, or if there is not one rate per network.

    Lesson: 04_training_loop, "The update".
    """
    _check_grads(params, grads)
    if np.ndim(learning_rate) == 0:
        rate = float(learning_rate)  # a plain float leaves float32 alone
        return {name: params[name] - rate * grads[name] for name in params}
    return {name: params[name] - _rates(learning_rate, grads[name]) * grads[name] for name in params}


def train_epoch(params, X, y, learning_rate, hidden="sigmoid", output="sigmoid"):
    """One epoch: forward, backward and update for one example after the other, in the order of the rows.

    Args:
        params: W1 (n_hidden, n_in), b1 (n_hidden, 1), W2 (n_out, n_hidden), b2 (n_out, 1).
        X: (n, n_in).
        y: (n, n_out).
        learning_rate: as for update.
        hidden, output: names of the activations.

    Returns:
        (params, loss): new params, and the mean over the epoch of each example's loss *before* its update. The loss
        is one number, or has one number per network.

    Raises:
        ValueError: if X or y is not in rows, if they have different numbers of rows, or if there are none.

    Lesson: 04_training_loop, "One epoch".
    """
    x, target = _columns(X, y)
    n = x.shape[1]
    total = 0.0
    for i in range(n):
        x_i, target_i = x[:, i : i + 1], target[:, i : i + 1]  # still a column: (n_in, 1) and (n_out, 1)
        cache = forward(params, x_i, hidden, output)
        total = total + _loss(target_i, cache["y"])
        grads = backward(params, cache, target_i, hidden, output)
        params = update(params, grads, learning_rate)
    return params, total / n


def train(params, X, y, learning_rate, epochs, hidden="sigmoid", output="sigmoid"):
    """Train for a number of epochs, one example at a time.

    Args:
        params, X, y, learning_rate, hidden, output: as for train_epoch.
        epochs: 0 or more.

    Returns:
        (params, losses): new params, and the loss of each epoch, (epochs,). With networks along leading axes,
        losses has those axes first: (runs, epochs). A training that explodes shows inf or nan in losses.

    Raises:
        ValueError: as train_epoch does, or if epochs is negative.

    Lesson: 04_training_loop, "The loop".
    """
    params, losses = _start(params, epochs)
    with np.errstate(over="ignore", invalid="ignore"):
        for epoch in range(epochs):
            params, losses[..., epoch] = train_epoch(params, X, y, learning_rate, hidden, output)
    return params, losses


def train_full_batch(params, X, y, learning_rate, epochs, hidden="sigmoid", output="sigmoid"):
    """Train for a number of epochs, with all examples in one update per epoch.

    Args:
        params, X, y, learning_rate, epochs, hidden, output: as for train.

    Returns:
        (params, losses) as train does; the loss of an epoch is that of all examples before the epoch's update.

    Raises:
        ValueError: as train does.

    Lesson: 05_hyperparameters, "Many runs at once".
    """
    x, target = _columns(X, y)
    params, losses = _start(params, epochs)
    with np.errstate(over="ignore", invalid="ignore"):
        for epoch in range(epochs):
            cache = forward(params, x, hidden, output)
            losses[..., epoch] = _loss(target, cache["y"])
            grads = backward(params, cache, target, hidden, output)
            params = update(params, grads, learning_rate)
    return params, losses


def has_converged(losses, tolerance, patience):
    """Has the loss stopped changing? True if each of the last `patience` changes is smaller than `tolerance`.

    Beware: a plateau on the way looks the same as the end.

    Args:
        losses: the losses so far, (epochs,).
        tolerance: a positive number.
        patience: how many changes running, at least 1.

    Returns:
        True or False; with fewer than `patience` changes so far, False.

    Raises:
        ValueError: if patience is below 1 or losses is not a flat list.

    Lesson: 04_training_loop, "When to stop".
    """
    losses = np.asarray(losses, dtype=float)
    if patience < 1:
        raise ValueError(f"patience is {patience}, but it counts changes and must be at least 1")
    if losses.ndim != 1:
        raise ValueError(f"losses has shape {losses.shape}, but must be the losses of one training: (epochs,)")
    with np.errstate(invalid="ignore"):  # inf - inf is nan, which is never small
        changes = np.abs(np.diff(losses))
    if len(changes) < patience:
        return False
    return bool(np.all(changes[-patience:] < tolerance))


def predict(params, X, hidden="sigmoid", output="sigmoid"):
    """The network's outputs for a data set.

    Args:
        params: as for train_epoch.
        X: (n, n_in), examples in rows.
        hidden, output: names of the activations.

    Returns:
        (n, n_out), in rows as well; with networks along leading axes (runs, n, n_out).

    Raises:
        ValueError: if X is not (n, n_in).

    Lesson: 04_training_loop, "Before and after".
    """
    return forward(params, _rows("X", X).T, hidden, output)["y"].mT


def sweep(
    learning_rates,
    seeds,
    epochs,
    X=None,
    y=None,
    n_hidden=4,
    hidden="sigmoid",
    output="sigmoid",
    scheme="normal",
    random_biases=False,
    each_example=False,
    dtype=float,
):
    """Train one network for every pair of learning rate and seed, all at the same time.

    Args:
        learning_rates: (rates,).
        seeds: (seeds,) whole numbers; networks with the same seed start with the same weights.
        epochs: 0 or more.
        X: (n, n_in), y: (n, n_out), XOR if left out.
        n_hidden: hidden units.
        hidden, output: names of the activations.
        scheme, random_biases: see helpers.initialization.
        each_example: False to train as train_full_batch does, True as train does.
        dtype: np.float32 is twice as fast.

    Returns:
        (losses, params): losses (rates, seeds, epochs), and final params with two leading axes, for example W1
        (rates, seeds, n_hidden, n_in). Entry [i, j] is what training that one network alone gives, up to rounding:
        the sums are taken in another order.

    Raises:
        ValueError: as train and initialize do.

    Lesson: 05_hyperparameters, "Many runs at once".
    """
    from helpers.initialization import initialize  # here, since in one assignment students write this function

    x, _ = _columns(*(xor() if X is None else (X, y)))
    n_out = 1 if X is None else np.shape(y)[1]
    how = {"scheme": scheme, "random_biases": random_biases}
    starts = [initialize(len(x), n_hidden, n_out, np.random.default_rng(seed), **how) for seed in seeds]
    return train_together(starts, learning_rates, epochs, X, y, hidden, output, each_example, dtype)


def train_together(
    starts, learning_rates, epochs, X=None, y=None, hidden="sigmoid", output="sigmoid", each_example=False, dtype=float
):
    """Train from every start with every learning rate, all at the same time: what sweep does, from starts of your own.

    Args:
        starts: list of params, all of the same shapes. The other arguments are as for sweep.

    Returns:
        (losses, params): losses (rates, starts, epochs), and final params with two leading axes, (rates, starts).

    Raises:
        ValueError: as train does, or if there are no starts, or if their shapes differ or do not fit the data.

    Lesson: 05_hyperparameters, "Many runs at once".
    """
    x, target = _columns(*(xor() if X is None else (X, y)))
    if epochs < 0:
        raise ValueError(f"epochs is {epochs}; it must be 0 or more")
    _check_starts(starts, len(x), len(target))
    every_rate = (1, 1, len(learning_rates))  # each rate begins at the same starts: repeat them along the runs
    params = {
        name: np.tile(np.stack([start[name] for start in starts], axis=-1).astype(dtype), every_rate)
        for name in ("W1", "b1", "W2", "b2")
    }
    rate = np.repeat(np.asarray(learning_rates, dtype=dtype), len(starts))
    together = 1 if each_example else x.shape[1]  # how many examples make one update
    losses = _train_side_by_side(params, x.astype(dtype), target.astype(dtype), rate, epochs, together, hidden, output)
    rates_and_starts = (len(learning_rates), len(starts))
    params = {
        name: np.moveaxis(value, -1, 0).reshape(*rates_and_starts, *value.shape[:2]) for name, value in params.items()
    }
    return losses.T.reshape(*rates_and_starts, epochs), params


def _check_starts(starts, n_in, n_out):
    """Raises ValueError unless each start is a network for data with so many inputs and outputs, all of one size."""
    if len(starts) == 0:
        raise ValueError("starts is empty: give at least one network to begin with")
    n_hidden = len(starts[0]["W1"])
    wanted = {"W1": (n_hidden, n_in), "b1": (n_hidden, 1), "W2": (n_out, n_hidden), "b2": (n_out, 1)}
    for number, start in enumerate(starts):
        for name, shape in wanted.items():
            if np.shape(start[name]) != shape:
                raise ValueError(
                    f"starts[{number}]: {name} has shape {np.shape(start[name])}, but {shape} is needed for data with "
                    f"{n_in} inputs and {n_out} outputs and {n_hidden} hidden units as in starts[0]"
                )


# For a sweep: the slope of an activation, from its *result* (which forward has already), and not from z again.
SLOPES = {
    "sigmoid": lambda result: result * (1 - result),
    "tanh": lambda result: 1 - result**2,
    "relu": lambda result: np.heaviside(result, 0),
    "linear": np.ones_like,
}


def _sigmoid_in_place(z):
    np.negative(z, out=z)
    np.exp(z, out=z)
    z += 1
    np.divide(1, z, out=z)


# The activations once more, each in the memory of z, which is overwritten.
IN_PLACE = {
    "sigmoid": _sigmoid_in_place,
    "tanh": lambda z: np.tanh(z, out=z),
    "relu": lambda z: np.maximum(z, 0, out=z),
    "linear": lambda z: z,
}


def _train_side_by_side(params, x, target, rate, epochs, together, hidden, output):
    """Train many networks; their runs stand side by side along the LAST axis, r.

    Args:
        params: W1 (n_hidden, n_in, r), b1 (n_hidden, 1, r), W2 (n_out, n_hidden, r), b2 (n_out, 1, r); put in the
            dict anew.
        x: (n_in, n), target: (n_out, n), of the dtype of params.
        rate: (r,).
        together: examples per update.

    Returns:
        The losses (epochs, r).

    These are the lines of forward, backward and update. Only `@` is written as einsum, which names the axes: o outputs,
    h hidden units, i inputs, n examples, r runs; a letter that is missing after the arrow is summed over. With the runs
    last, numpy goes along long rows of numbers; as leading axes, they would be a thousand tiny matrices. `+=` and its kin
    work in place: making large new arrays takes longer than the sums in them. And a bias is the weight of an input that
    is always 1: it is one more column of its matrix here, and x and h have a row of ones for it.
    """
    activation(hidden), activation(output)  # a ValueError for an unknown name
    hidden_activate, hidden_slope, output_activate, output_slope = (
        part[name] for name in (hidden, output) for part in (IN_PLACE, SLOPES)
    )
    W1, W2 = np.hstack([params["W1"], params["b1"]]), np.hstack([params["W2"], params["b2"]])
    x = np.vstack([x, np.ones_like(x[:1])])
    h_and_one = np.ones((W2.shape[1], together, len(rate)), dtype=W2.dtype)
    h = h_and_one[:-1]
    step = 2 / (len(target) * together) * rate
    columns = [slice(first, first + together) for first in range(0, x.shape[1], together)]
    parts = [(x[:, part], target[:, part, np.newaxis]) for part in columns]
    losses = np.zeros((epochs, len(rate)))
    with np.errstate(over="ignore", invalid="ignore"):
        for epoch in range(epochs):
            for x_part, target_part in parts:
                np.einsum("hir,in->hnr", W1, x_part, out=h)
                hidden_activate(h)
                y = np.einsum("ohr,hnr->onr", W2, h_and_one)
                output_activate(y)

                error = y - target_part
                losses[epoch] += np.einsum("onr,onr->r", error, error)

                delta2 = error * output_slope(y) * step  # the learning rate is in it from here on
                delta1 = np.einsum("ohr,onr->hnr", W2[:, :-1], delta2)
                delta1 *= hidden_slope(h)
                W1 -= np.einsum("hnr,in->hir", delta1, x_part)
                W2 -= np.einsum("onr,hnr->ohr", delta2, h_and_one)
    params["W1"], params["b1"], params["W2"], params["b2"] = W1[:, :-1], W1[:, -1:], W2[:, :-1], W2[:, -1:]
    return losses / target.size


def _start(params, epochs):
    """A copy of params, and room for the losses: (leading axes of params, epochs). Raises ValueError for epochs < 0."""
    if epochs < 0:
        raise ValueError(f"epochs is {epochs}; it must be 0 or more")
    params = {name: value.copy() for name, value in params.items()}
    leading = params["W1"].shape[:-2]
    return params, np.empty((*leading, epochs))


def _loss(target, y):
    """The mean squared error of each network: the mean over the last two axes of (y - target)²."""
    return np.mean((y - target) ** 2, axis=(-2, -1))


def _columns(X, y):
    """The data set turned from rows to columns: x (n_in, n) and target (n_out, n). Raises ValueError if it is none."""
    X, y = _rows("X", X), _rows("y", y)
    if len(X) != len(y):
        raise ValueError(f"X has {len(X)} rows but y has {len(y)}: each example needs exactly one target row")
    if len(X) == 0:
        raise ValueError("X and y have no rows: there is nothing to learn from")
    return X.T, y.T


def _rows(name, values):
    """values as an array with examples in rows. Raises ValueError if it does not have two axes."""
    values = np.asarray(values)
    if values.ndim != 2:
        raise ValueError(
            f"{name} has shape {values.shape}, but needs two axes, one row per example. "
            f"A single column is {name}.reshape(-1, 1), a single example {name}.reshape(1, -1)."
        )
    return values


def _rates(learning_rates, gradient):
    """Learning rates ready to multiply a gradient (..., rows, columns), one rate per entry of the leading axes.

    They must be given the gradient's dtype, or all becomes float64.
    """
    rates = np.asarray(learning_rates, dtype=gradient.dtype)
    if rates.shape != gradient.shape[:-2]:
        raise ValueError(
            f"learning_rate has shape {rates.shape}, but the networks have leading axes {gradient.shape[:-2]}: "
            "give one number, or one rate per network"
        )
    return rates[..., np.newaxis, np.newaxis]


def _check_grads(params, grads):
    """Raises ValueError unless grads has the names and shapes of params."""
    if set(params) != set(grads):
        raise ValueError(f"params has {sorted(params)} but grads has {sorted(grads)}; they must have the same names")
    for name in params:
        if params[name].shape != grads[name].shape:
            raise ValueError(
                f"{name} has shape {params[name].shape} but its gradient has shape {grads[name].shape}; "
                "they must be the same"
            )
