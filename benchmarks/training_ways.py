"""Ways to train XOR with a network [2, 4, 1] in full batch: plain numpy, the course's helpers, other libraries.

Each way is a function without arguments that trains from the same starting weights and returns the losses. A library
that cannot be imported is noted in LEFT_OUT, with the reason.
"""

import warnings
from functools import partial

import numpy as np

from helpers.datasets import xor
from helpers.initialization import initialize
from helpers.training import sweep, train, train_full_batch

X, Y = xor()
NAMES = ("W1", "b1", "W2", "b2")
LEFT_OUT = {}  # way → why

try:
    import torch
except (ImportError, OSError) as error:  # OSError: a build for graphics cards, without the card's libraries
    torch, LEFT_OUT["PyTorch"] = None, str(error)
try:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
except ImportError as error:
    jax, LEFT_OUT["JAX"] = None, str(error)
try:
    from sklearn.neural_network import MLPRegressor
except ImportError as error:
    MLPRegressor, LEFT_OUT["scikit-learn"] = None, str(error)


def use_threads(number):
    """How many threads PyTorch may use; None leaves it its own choice (every core)."""
    if torch and number:
        torch.set_num_threads(number)


def start(seed):
    return initialize(2, 4, 1, np.random.default_rng(int(seed)))


def starts(rates, seeds, dtype):
    """Starting weights of all pairs of rate and seed along a leading axis, and the rate of each."""
    ones = [start(seed) for seed in seeds]
    params = {name: np.array([one[name] for one in ones] * len(rates), dtype=dtype) for name in NAMES}
    return params, np.repeat(np.asarray(rates, dtype=dtype), len(seeds))


def plain_run(params, rate, epochs):
    """The textbook's lines, one network, nothing checked."""
    W1, b1, W2, b2 = (params[name] for name in NAMES)
    x, target = X.T, Y.T
    losses = []
    for _ in range(epochs):
        h = 1 / (1 + np.exp(-(W1 @ x + b1)))
        y = 1 / (1 + np.exp(-(W2 @ h + b2)))
        losses.append(np.mean((y - target) ** 2))
        delta2 = 2 * (y - target) / y.size * y * (1 - y)
        delta1 = W2.T @ delta2 * h * (1 - h)
        W1 = W1 - rate * (delta1 @ x.T)
        b1 = b1 - rate * delta1.sum(axis=1, keepdims=True)
        W2 = W2 - rate * (delta2 @ h.T)
        b2 = b2 - rate * delta2.sum(axis=1, keepdims=True)
    return losses


def plain_runs(rates, seeds, epochs):
    """A loop over pairs of rate and seed; (runs, epochs)."""
    return np.array([plain_run(start(seed), rate, epochs) for rate, seed in zip(rates, seeds, strict=True)])


def one_network_ways(rate, seed, epochs):
    """name → function, for one network."""
    params = start(seed)
    ways = {
        "plain numpy": lambda: plain_run(params, rate, epochs),
        "helpers.training.train_full_batch": lambda: train_full_batch(params, X, Y, rate, epochs)[1],
        "helpers.training.train (each example)": lambda: train(params, X, Y, rate, epochs)[1],
    }
    if MLPRegressor:
        ways["scikit-learn's MLPRegressor (another output: linear)"] = lambda: sklearn_run(rate, epochs)
    if torch:
        ways["PyTorch, autograd and torch.optim.SGD"] = lambda: torch_autograd(params, rate, epochs)
        step = compiled_torch_steps(1, np.float64)
        if step:
            ways["PyTorch, compiled step"] = lambda: torch_sweep(step, 1, [rate], [seed], epochs, np.float64)[0]
    if jax:
        run = jax.jit(partial(jax_run, epochs=epochs))
        ways["JAX, jit and scan"] = lambda: np.asarray(run(params, rate))
    return ways


def sweep_ways(rates, seeds, epochs):
    """name → function, for all pairs of rates and seeds."""
    ways = {}
    for dtype in (np.float64, np.float32):
        name = np.dtype(dtype).name
        ways[f"helpers.training.sweep, {name}"] = lambda dtype=dtype: sweep(rates, seeds, epochs, dtype=dtype)[0]
    for dtype in (np.float64, np.float32) if torch else ():
        name = np.dtype(dtype).name
        ways[f"PyTorch, batched, {name}"] = lambda d=dtype: torch_sweep(torch_step, 1, rates, seeds, epochs, d)
        vmapped = torch_vmapped_step()
        ways[f"PyTorch, vmap of grad, {name}"] = lambda d=dtype, s=vmapped: torch_sweep(s, 1, rates, seeds, epochs, d)
        for together in (1, 10):
            steps = compiled_torch_steps(together, dtype)
            if steps:
                ways[f"PyTorch, batched, compiled {together} epochs at a time, {name}"] = (
                    lambda d=dtype, s=steps, k=together: torch_sweep(s, k, rates, seeds, epochs, d)
                )
    for dtype in (np.float64, np.float32) if jax else ():
        run = jax.jit(jax.vmap(partial(jax_run, epochs=epochs)))
        name = f"JAX, jit, scan and vmap, {np.dtype(dtype).name}"
        ways[name] = lambda d=dtype, r=run: np.asarray(r(*starts(rates, seeds, d)))
    return ways


# scikit-learn


def sklearn_run(rate, epochs):
    """Its regressor has a linear output and draws its own starting weights: the same work, other numbers."""
    model = MLPRegressor(
        hidden_layer_sizes=(4,), activation="logistic", solver="sgd", alpha=0, batch_size=4, learning_rate_init=rate, max_iter=epochs,
        shuffle=False, random_state=0, tol=0, momentum=0, nesterovs_momentum=False, n_iter_no_change=epochs + 1,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it has not converged
        model.fit(X, Y.ravel())
    return model.loss_curve_


# PyTorch


def torch_autograd(params, rate, epochs):
    """As its tutorials do it: a loss, backward(), and an optimizer."""
    W1, b1, W2, b2 = parameters = [torch.tensor(params[name], requires_grad=True) for name in NAMES]
    x, target = torch.tensor(X.T.copy()), torch.tensor(Y.T.copy())
    optimizer = torch.optim.SGD(parameters, lr=rate)
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        y = torch.sigmoid(W2 @ torch.sigmoid(W1 @ x + b1) + b2)
        loss = torch.mean((y - target) ** 2)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses).numpy()


def torch_step(W1, b1, W2, b2, x, target, rate):
    """The backpropagation written out, runs along the leading axis; the loss comes last."""
    h = torch.sigmoid(W1 @ x + b1)
    y = torch.sigmoid(W2 @ h + b2)
    error = y - target
    delta2 = 2 / 4 * error * y * (1 - y) * rate
    delta1 = W2.mT @ delta2 * h * (1 - h)
    W1, b1 = W1 - delta1 @ x.mT, b1 - delta1.sum(-1, keepdim=True)
    W2, b2 = W2 - delta2 @ h.mT, b2 - delta2.sum(-1, keepdim=True)
    return W1, b1, W2, b2, (error**2).mean((-2, -1))


def torch_fusible_step(W1, b1, W2, b2, x, target, rate):
    """The same with products and sums instead of matrix products, which the compiler can melt into one loop."""
    h = torch.sigmoid((W1[:, :, :, None] * x).sum(2) + b1)
    y = torch.sigmoid((W2[:, :, :, None] * h[:, None]).sum(2) + b2)
    error = y - target
    delta2 = 2 / 4 * error * y * (1 - y) * rate
    delta1 = (W2[:, :, :, None] * delta2[:, :, None]).sum(1) * h * (1 - h)
    W1, b1 = W1 - (delta1[:, :, None] * x).sum(-1), b1 - delta1.sum(-1, keepdim=True)
    W2, b2 = W2 - (delta2[:, :, None] * h[:, None]).sum(-1), b2 - delta2.sum(-1, keepdim=True)
    return W1, b1, W2, b2, (error**2).mean((-2, -1))


def torch_vmapped_step():
    """As torch.func's tutorial on ensembles does it: vmap over the gradient of one network's loss."""

    def loss_of(params, x, target):
        W1, b1, W2, b2 = params
        y = torch.sigmoid(W2 @ torch.sigmoid(W1 @ x + b1) + b2)
        return torch.mean((y - target) ** 2)

    every = torch.func.vmap(torch.func.grad_and_value(loss_of), in_dims=(0, None, None))

    def step(W1, b1, W2, b2, x, target, rate):
        grads, loss = every((W1, b1, W2, b2), x, target)
        new = [value - rate * grad for value, grad in zip((W1, b1, W2, b2), grads, strict=True)]
        return *new, loss

    return step


def compiled_torch_steps(together, dtype):
    """`together` epochs compiled as one function, or None where there is no C++ compiler (noted in LEFT_OUT)."""
    if "PyTorch, compiled" in LEFT_OUT:
        return None

    def steps(W1, b1, W2, b2, x, target, rate):
        losses = []
        for _ in range(together):
            W1, b1, W2, b2, loss = torch_fusible_step(W1, b1, W2, b2, x, target, rate)
            losses.append(loss)
        return W1, b1, W2, b2, torch.stack(losses) if together > 1 else losses[0]

    compiled = torch.compile(steps)
    try:
        torch_sweep(compiled, together, [0.5], [0], together, dtype)
    except Exception as error:  # a compiler may be missing in many ways
        LEFT_OUT["PyTorch, compiled"] = str(error).strip().splitlines()[0][:200]
        return None
    return compiled


@(torch.no_grad() if torch else lambda function: function)
def torch_sweep(step, together, rates, seeds, epochs, dtype):
    """Train all pairs with a step (of `together` epochs); losses (runs, epochs)."""
    params, rate = starts(rates, seeds, dtype)
    state = [torch.from_numpy(params[name]) for name in NAMES]
    rate = torch.from_numpy(rate)[:, None, None]
    x, target = torch.from_numpy(X.T.astype(dtype)), torch.from_numpy(Y.T.astype(dtype))
    losses = []
    for _ in range(epochs // together):
        *state, loss = step(*state, x, target, rate)
        losses.append(loss)
    return torch.stack(losses).reshape(epochs, -1).T.numpy()


# JAX


def jax_run(params, rate, epochs):
    """One network; jit, scan over the epochs."""
    x, target = jnp.asarray(X.T, params["W1"].dtype), jnp.asarray(Y.T, params["W1"].dtype)

    def loss_of(params):
        h = jax.nn.sigmoid(params["W1"] @ x + params["b1"])
        return jnp.mean((jax.nn.sigmoid(params["W2"] @ h + params["b2"]) - target) ** 2)

    def epoch(params, _):
        loss, grads = jax.value_and_grad(loss_of)(params)
        return {name: params[name] - rate * grads[name] for name in params}, loss

    return jax.lax.scan(epoch, params, length=epochs)[1]
