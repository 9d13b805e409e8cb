"""Where training starts: random weights, zero biases.

Weights must differ from each other: hidden units that start equal get equal gradients and stay equal for ever.

Lesson: 05_hyperparameters, "Starting weights".
"""

import numpy as np


def initialize(n_in, n_hidden, n_out, rng, scheme="normal", runs=None, random_biases=False):
    """Random weights and zero biases for a network n_in -> n_hidden -> n_out.

    Args:
        n_in, n_hidden, n_out: numbers of inputs, hidden units and outputs.
        rng: a generator such as np.random.default_rng(0); the same seed gives the same network.
        scheme: "normal" draws weights from N(0, 1); "xavier" from N(0, 2 / (units before + units after)), so that
            wide layers start with small weights; "uniform" spreads them evenly between -1 and 1.
        runs: None for one network, or a number of networks, which then stand along a leading axis.
        random_biases: True draws the biases like the weights of their layer, instead of starting them at zero. The
            weights of a seed are the same either way.

    Returns:
        params: W1 (n_hidden, n_in), b1 (n_hidden, 1), W2 (n_out, n_hidden), b2 (n_out, 1), or each of these with
        (runs, ...) in front.

    Raises:
        ValueError: for an unknown scheme or a size below 1.

    Lesson: 05_hyperparameters, "Starting weights".
    """
    if min(n_in, n_hidden, n_out) < 1:
        raise ValueError(f"every layer needs at least one unit, but the sizes are {n_in}, {n_hidden}, {n_out}")
    leading = () if runs is None else (runs,)
    W1 = _draw((*leading, n_hidden, n_in), n_in + n_hidden, rng, scheme)
    W2 = _draw((*leading, n_out, n_hidden), n_hidden + n_out, rng, scheme)
    b1 = np.zeros((*leading, n_hidden, 1))
    b2 = np.zeros((*leading, n_out, 1))
    if random_biases:
        b1 = _draw(b1.shape, n_in + n_hidden, rng, scheme)
        b2 = _draw(b2.shape, n_hidden + n_out, rng, scheme)
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


def _draw(shape, units, rng, scheme):
    """Random numbers of a shape, for a layer with `units` before and after it. Raises ValueError for unknown ones."""
    if scheme == "normal":
        return rng.normal(0, 1, size=shape)
    if scheme == "xavier":
        return rng.normal(0, np.sqrt(2 / units), size=shape)
    if scheme == "uniform":
        return rng.uniform(-1, 1, size=shape)
    raise ValueError(f"there is no scheme named {scheme!r}; choose one of normal, xavier, uniform")
