"""Right solutions of 04_training_loop in other styles than the instructor's: each must earn full marks.

Every entry is (function, what is different about it, source). The source is run in the instructor's notebook in
place of the right definition, so it may use np, forward, backward and the functions that were written earlier.
"""

ASSIGNMENT = "04_training_loop"

ALTERNATIVES = [
    (
        "update",
        "a loop over the pairs, into an empty dict",
        """
def update(params, grads, learning_rate):
    new = {}
    for name, value in params.items():
        new[name] = np.subtract(value, np.multiply(learning_rate, grads[name]))
    return new
""",
    ),
    (
        "update",
        "copy.deepcopy, and entries of the copy replaced",
        """
import copy


def update(params, grads, learning_rate):
    new = copy.deepcopy(params)
    for name in new:
        new[name] = new[name] - learning_rate * grads[name]
    return new
""",
    ),
    (
        "update",
        "in place, but on copies, the four keys written out",
        """
def update(params, grads, learning_rate):
    W1, b1, W2, b2 = (params[name].copy() for name in ("W1", "b1", "W2", "b2"))
    W1 -= learning_rate * grads["W1"]
    b1 -= learning_rate * grads["b1"]
    W2 -= learning_rate * grads["W2"]
    b2 -= learning_rate * grads["b2"]
    return dict(W1=W1, b1=b1, W2=W2, b2=b2)
""",
    ),
    (
        "update",
        "one weight at a time, plain Python numbers, made into arrays at the end",
        """
def update(params, grads, learning_rate):
    new = {}
    for name in params:
        rows = []
        for weights, slopes in zip(params[name].tolist(), grads[name].tolist()):
            rows.append([w - learning_rate * g for w, g in zip(weights, slopes)])
        new[name] = np.array(rows)
    return new
""",
    ),
    (
        "train_epoch",
        "zip over the rows, reshaped to columns, a list of losses",
        """
def train_epoch(params, X, y, learning_rate):
    losses = []
    for row, answer in zip(X, y):
        x = row.reshape(-1, 1)
        target = answer.reshape(-1, 1)
        cache = forward(params, x)
        losses.append(np.mean((target - cache["y"]) ** 2))
        params = update(params, backward(params, cache, target), learning_rate)
    return params, np.mean(losses)
""",
    ),
    (
        "train_epoch",
        "columns from the start, new axes, keyword arguments, prints on the way",
        """
def train_epoch(params, X, y, learning_rate):
    inputs, targets = X.T, y.T
    n_out, n = targets.shape
    loss = np.float64(0)
    for i in range(n):
        print("example", i)
        cache = forward(x=inputs[:, [i]], params=params)
        error = cache["y"][:, 0] - targets[:, i]
        loss = loss + error @ error / n_out / n
        grads = backward(params=params, cache=cache, target=targets[:, i, np.newaxis])
        params = update(params=params, grads=grads, learning_rate=learning_rate)
    return params, loss
""",
    ),
    (
        "train_epoch",
        "update not called: in place, on a deep copy; a list [params, loss] for the answer",
        """
from copy import deepcopy


def train_epoch(params, X, y, learning_rate):
    mine = deepcopy(params)
    i = total = 0
    while i < X.shape[0]:
        cache = forward(mine, np.atleast_2d(X[i]).T)
        total += float(((cache["y"] - y[[i]].T) ** 2).mean())
        for name, gradient in backward(mine, cache, y[[i]].T).items():
            mine[name] -= learning_rate * gradient
        i += 1
    return [mine, total / i]
""",
    ),
    (
        "train_epoch",
        "recursion: the first example, then an epoch of the rest",
        """
def train_epoch(params, X, y, learning_rate):
    cache = forward(params, X[:1].T)
    loss = ((cache["y"] - y[:1].T) ** 2).mean()
    params = update(params, backward(params, cache, y[:1].T), learning_rate)
    if len(X) == 1:
        return params, loss
    params, rest = train_epoch(params, X[1:], y[1:], learning_rate)
    return params, (loss + rest * (len(X) - 1)) / len(X)
""",
    ),
    (
        "train_epoch",
        "a class of its own that keeps the weights, one example per call",
        """
class Network:
    def __init__(self, params, learning_rate):
        self.params = {name: value.copy() for name, value in params.items()}
        self.learning_rate = learning_rate

    def learn(self, x, target):
        cache = forward(self.params, x)
        grads = backward(self.params, cache, target)
        self.params = {name: self.params[name] - self.learning_rate * grads[name] for name in grads}
        return np.square(target - cache["y"]).mean()


def train_epoch(params, X, y, learning_rate):
    network = Network(params, learning_rate)
    losses = [network.learn(X[[i]].T, y[[i]].T) for i in range(len(X))]
    return network.params, sum(losses) / len(losses)
""",
    ),
    (
        "train",
        "a list of losses, a while loop, prints on the way",
        """
def train(params, X, y, learning_rate, epochs):
    losses = []
    while len(losses) < epochs:
        params, loss = train_epoch(params, X, y, learning_rate)
        print(f"epoch {len(losses) + 1}: {loss:.4f}")
        losses += [loss]
    return params, losses
""",
    ),
    (
        "train",
        "room for the losses made beforehand, a deep copy, keyword arguments",
        """
import copy


def train(params, X, y, learning_rate, epochs):
    weights, losses = copy.deepcopy(params), np.zeros(epochs)
    for epoch in range(epochs):
        result = train_epoch(learning_rate=learning_rate, y=y, X=X, params=weights)
        weights = result[0]
        losses[epoch] = result[1]
    return weights, losses
""",
    ),
    (
        "train",
        "recursion, a tuple of plain floats",
        """
def train(params, X, y, learning_rate, epochs):
    if epochs == 0:
        return params, ()
    params, loss = train_epoch(params, X, y, learning_rate)
    params, later = train(params, X, y, learning_rate, epochs - 1)
    return params, (float(loss), *later)
""",
    ),
    (
        "train",
        "both loops in one function, train_epoch not called, np.append",
        """
def train(params, X, y, learning_rate, epochs):
    new = {name: np.array(params[name]) for name in params}
    losses = np.array([])
    for epoch in range(1, epochs + 1):
        squares = np.zeros_like(y)
        for i in range(len(y)):
            cache = forward(new, X[i][:, None])
            squares[i] = (y[i] - cache["y"].ravel()) ** 2
            grads = backward(new, cache, y[i][:, None])
            for name in new:
                new[name] -= learning_rate * grads[name]
        losses = np.append(losses, squares.mean())
    return new, losses
""",
    ),
    (
        "has_converged",
        "a loop from the end, plain Python",
        """
def has_converged(losses, tolerance, patience):
    if len(losses) < patience + 1:
        return False
    for back in range(1, patience + 1):
        if not abs(losses[-back] - losses[-back - 1]) < tolerance:
            return False
    return True
""",
    ),
    (
        "has_converged",
        "a counter that a large change sets back to 0",
        """
def has_converged(losses, tolerance, patience):
    running = 0
    for before, after in zip(losses, losses[1:]):
        small = -tolerance < after - before < tolerance
        running = running + 1 if small else 0
    return running >= patience
""",
    ),
    (
        "has_converged",
        "a generator over a slice, the last patience + 1 losses",
        """
def has_converged(losses, tolerance, patience):
    window = list(losses)[-(patience + 1):]
    changes = [abs(b - a) for a, b in zip(window[:-1], window[1:])]
    return len(changes) == patience and all(change < tolerance for change in changes)
""",
    ),
    (
        "has_converged",
        "the largest change, and a numpy bool for the answer",
        """
def has_converged(losses, tolerance, patience):
    losses = np.array(losses, dtype=float)
    if losses.size <= patience:
        return np.False_
    return np.max(np.abs(losses[-patience:] - losses[-patience - 1 : -1])) < tolerance
""",
    ),
    (
        "has_converged",
        "an array of small or not, counted: 1 and 0 for True and False",
        """
def has_converged(losses, tolerance, patience):
    small = np.less(np.absolute(np.ediff1d(losses)), tolerance)
    return int(small[-patience:].sum() == patience)
""",
    ),
    (
        "predict",
        "one example after the other, stacked",
        """
def predict(params, X):
    return np.vstack([forward(params, row.reshape(-1, 1))["y"].ravel() for row in X])
""",
    ),
    (
        "predict",
        "the formulas with the examples in rows, forward not called",
        """
def predict(params, X):
    h = 1 / (1 + np.exp(-(X @ params["W1"].T + params["b1"].T)))
    return 1 / (1 + np.exp(-(np.dot(h, params["W2"].T) + params["b2"].T)))
""",
    ),
    (
        "predict",
        "nested lists, a comprehension over a transposed copy",
        """
def predict(params, X):
    cache = forward(params, np.ascontiguousarray(np.transpose(X)))
    return [[float(output[i]) for output in cache["y"]] for i in range(len(X))]
""",
    ),
    (
        "train_epoch",
        "a NamedTuple for the two answers",
        """
from typing import NamedTuple
class Epoch(NamedTuple):
    params: dict
    loss: float
def train_epoch(params, X, y, learning_rate):
    errs = np.empty(len(X))
    for i in range(X.shape[0]):
        c = forward(params, np.atleast_2d(X[i]).T)
        errs[i] = np.mean((c["y"] - np.atleast_2d(y[i]).T) ** 2)
        params = update(params, backward(params, c, np.atleast_2d(y[i]).T), learning_rate)
    return Epoch(params, errs.mean())
""",
    ),
    (
        "train",
        "a tuple that grows",
        """
def train(params, X, y, learning_rate, epochs):
    losses = ()
    for e in range(epochs):
        params, loss = train_epoch(params, X, y, learning_rate)
        losses = (*losses, loss)
    return params, losses
""",
    ),
    (
        "has_converged",
        "the length of the last run of small changes",
        """
def has_converged(losses, tolerance, patience):
    run = 0
    for a, b in zip(losses[:-1], losses[1:]):
        run = run + 1 if abs(a - b) < tolerance else 0
    return run >= patience
""",
    ),
    (
        "predict",
        "nested lists",
        """
def predict(params, X):
    return [forward(params, row.reshape(-1, 1))["y"].ravel().tolist() for row in X]
""",
    ),
]
