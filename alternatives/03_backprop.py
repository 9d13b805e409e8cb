"""Right solutions of 03_backprop in other styles than the instructor's: each must earn full marks.

A marking that knows only one way of being right punishes the students who thought for themselves. Every entry is
(function, what is different about it, source). The source is run in the instructor's notebook after the right
definition, so it may use np and the other functions of that notebook.
"""

ASSIGNMENT = "03_backprop"

ALTERNATIVES = [
    (
        "sigmoid",
        "stable by np.where, never overflows",
        """
def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(np.asarray(z) >= 0, 1 / (1 + e), e / (1 + e))
""",
    ),
    (
        "sigmoid",
        "stable by masks, on a float copy",
        """
def sigmoid(z):
    z = np.array(z, dtype=float)
    answer = np.empty_like(z)
    positive = z >= 0
    answer[positive] = 1 / (1 + np.exp(-z[positive]))
    answer[~positive] = np.exp(z[~positive]) / (1 + np.exp(z[~positive]))
    return answer
""",
    ),
    (
        "sigmoid",
        "by way of tanh",
        """
def sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(z)))
""",
    ),
    (
        "sigmoid",
        "by way of logaddexp, a power instead of a fraction",
        """
def sigmoid(z):
    return np.exp(-np.logaddexp(0, -np.asarray(z, dtype=float)))
""",
    ),
    (
        "sigmoid",
        "one number at a time with the math module, overflow caught",
        """
import math


def sigmoid(z):
    def one(number):
        try:
            return 1 / (1 + math.exp(-number))
        except OverflowError:
            return 0.0

    return np.vectorize(one, otypes=[float])(z)
""",
    ),
    (
        "sigmoid",
        "clipped far enough out, on a copy, with nested lists for the answer",
        """
def sigmoid(z):
    return (1 / (1 + np.exp(-np.clip(z, -700, 700)))).tolist()
""",
    ),
    (
        "sigmoid_derivative",
        "the two tails multiplied",
        """
def sigmoid_derivative(z):
    return sigmoid(z) * sigmoid(-np.asarray(z))
""",
    ),
    (
        "sigmoid_derivative",
        "from the exponential of -|z|",
        """
def sigmoid_derivative(z):
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2
""",
    ),
    (
        "sigmoid_derivative",
        "s minus s squared, with an inner function of its own and a warning on the way",
        """
import warnings


def sigmoid_derivative(z):
    def squash(number):
        return 1 / (1 + np.exp(-np.float64(1) * number))

    warnings.warn("about to take a slope")
    return squash(z) - np.square(squash(z))
""",
    ),
    (
        "forward",
        "np.dot, Fortran order and extra entries in the cache",
        """
def forward(params, x):
    cache = {"x": np.asfortranarray(x), "layers": 2, "note": "made by forward"}
    cache["z1"] = np.asfortranarray(np.dot(params["W1"], x) + params["b1"])
    cache["h"] = sigmoid(cache["z1"])
    cache["z2"] = np.asfortranarray(np.add(np.dot(params["W2"], cache["h"]), params["b2"]))
    cache["y"] = sigmoid(cache["z2"])
    cache["y_rounded"] = cache["y"].round(2)
    return cache
""",
    ),
    (
        "forward",
        "one example after the other",
        """
def forward(params, x):
    columns = {"x": [], "z1": [], "h": [], "z2": [], "y": []}
    for i in range(x.shape[1]):
        z1 = params["W1"] @ x[:, i] + params["b1"][:, 0]
        h = 1 / (1 + np.exp(-z1))
        z2 = params["W2"] @ h + params["b2"][:, 0]
        for name, column in zip(columns, (x[:, i], z1, h, z2, 1 / (1 + np.exp(-z2)))):
            columns[name].append(column)
    return {name: np.stack(list_of_columns, axis=1) for name, list_of_columns in columns.items()}
""",
    ),
    (
        "forward",
        "the bias as one more column of the weights",
        """
def forward(params, x):
    def layer(W, b, inputs):
        ones = np.ones((1, inputs.shape[1]))
        return np.hstack([W, b]) @ np.vstack([inputs, ones])

    print("forward on", x.shape)
    z1 = layer(params["W1"], params["b1"], x)
    z2 = layer(params["W2"], params["b2"], sigmoid(z1))
    return dict(x=x.copy(), z1=z1, h=sigmoid(z1), z2=z2, y=sigmoid(z2))
""",
    ),
    (
        "forward",
        "rows inside, turned back at the end",
        """
def forward(params, x):
    rows = x.T
    z1 = rows @ params["W1"].T + params["b1"].T
    h = sigmoid(z1)
    z2 = h @ params["W2"].T + params["b2"].T
    return {"x": x, "z1": z1.T, "h": h.T, "z2": z2.T, "y": sigmoid(z2).T}
""",
    ),
    (
        "output_delta",
        "the slope from z2, not from y",
        """
def output_delta(cache, target):
    s = 1 / (1 + np.exp(-cache["z2"]))
    return 2 / target.size * (cache["y"] - target) * s * (1 - s)
""",
    ),
    (
        "output_delta",
        "sigmoid_derivative, and the mean as two divisions",
        """
def output_delta(cache, target):
    outputs, examples = np.shape(target)
    error = np.subtract(cache["y"], target)
    return sigmoid_derivative(cache["z2"]) * error * 2 / outputs / examples
""",
    ),
    (
        "output_delta",
        "loops over plain Python numbers, a list of lists for the answer",
        """
def output_delta(cache, target):
    y, t = cache["y"].tolist(), target.tolist()
    count = len(y) * len(y[0])
    delta = []
    for k in range(len(y)):
        row = []
        for i in range(len(y[k])):
            row.append(2 * (y[k][i] - t[k][i]) / count * y[k][i] * (1 - y[k][i]))
        delta.append(row)
    return delta
""",
    ),
    (
        "output_delta",
        "in place, but on a copy",
        """
def output_delta(cache, target):
    delta = cache["y"].copy()
    delta -= target
    delta *= 2
    delta /= delta.size
    delta *= cache["y"]
    delta *= 1 - cache["y"]
    return delta
""",
    ),
    (
        "hidden_delta",
        "einsum, with the sum written out in letters",
        """
def hidden_delta(params, cache, delta2):
    return np.einsum("kj,ki,ji->ji", params["W2"], delta2, sigmoid_derivative(cache["z1"]))
""",
    ),
    (
        "hidden_delta",
        "three loops and numpy scalars",
        """
def hidden_delta(params, cache, delta2):
    W2, h = params["W2"], cache["h"]
    delta1 = np.zeros(h.shape)
    for j in range(h.shape[0]):
        for i in range(h.shape[1]):
            blame = np.float64(0)
            for k in range(W2.shape[0]):
                blame += W2[k, j] * delta2[k, i]
            delta1[j, i] = blame * h[j, i] * (np.float64(1) - h[j, i])
    return delta1
""",
    ),
    (
        "hidden_delta",
        "rows times W2 and turned back, Fortran order, prints on the way",
        """
def hidden_delta(params, cache, delta2):
    arrived = (delta2.T @ params["W2"]).T
    print("what arrived:", arrived.shape)
    h = np.asfortranarray(cache["h"])
    return np.asfortranarray(arrived * (h - h**2))
""",
    ),
    (
        "backward",
        "in one piece, without the deltas' functions",
        """
def backward(params, cache, target):
    x, h, y = cache["x"], cache["h"], cache["y"]
    d2 = (2 / y.size) * (y - target) * y * (1 - y)
    d1 = np.dot(params["W2"].T, d2) * h * (1 - h)
    dW2, db2 = np.dot(d2, h.T), np.sum(d2, axis=1).reshape(-1, 1)
    dW1, db1 = np.dot(d1, x.T), np.sum(d1, axis=1)[:, np.newaxis]
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
""",
    ),
    (
        "backward",
        "einsum throughout",
        """
def backward(params, cache, target):
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "W1": np.einsum("ji,mi->jm", delta1, cache["x"]),
        "b1": np.einsum("ji->j", delta1)[:, None],
        "W2": np.einsum("ki,ji->kj", delta2, cache["h"]),
        "b2": np.einsum("ki->k", delta2)[:, None],
    }
""",
    ),
    (
        "backward",
        "one example after the other, outer products added up",
        """
def backward(params, cache, target):
    grads = {name: np.zeros_like(value) for name, value in params.items()}
    for i in range(target.shape[1]):
        x, h, y = (cache[name][:, i] for name in ("x", "h", "y"))
        delta2 = 2 * (y - target[:, i]) / target.size * y * (1 - y)
        delta1 = params["W2"].T.dot(delta2) * h * (1 - h)
        grads["W2"] += np.outer(delta2, h)
        grads["b2"] += delta2[:, None]
        grads["W1"] += np.outer(delta1, x)
        grads["b1"] += delta1[:, None]
    return grads
""",
    ),
    (
        "backward",
        "a class of its own, one object per layer, keyword arguments",
        """
class Layer:
    def __init__(self, W, went_in, came_out):
        self.W, self.went_in, self.came_out = W, went_in, came_out

    def back(self, dL_da):
        delta = dL_da * self.came_out * (1 - self.came_out)
        self.dW = delta @ self.went_in.T
        self.db = delta @ np.ones((delta.shape[1], 1))
        return self.W.T @ delta


def backward(params, cache, target):
    output = Layer(W=params["W2"], went_in=cache["h"], came_out=cache["y"])
    hidden = Layer(W=params["W1"], went_in=cache["x"], came_out=cache["h"])
    hidden.back(output.back(dL_da=2 * (cache["y"] - target) / cache["y"].size))
    return {"W1": hidden.dW, "b1": hidden.db, "W2": output.dW, "b2": output.db}
""",
    ),
    (
        "backward",
        "slopes from z1 and z2, with prints, warnings and extra entries on the way",
        """
import sys
import warnings


def backward(params, cache, target):
    warnings.warn("going back")
    print("delta2 comes first", file=sys.stderr)
    delta2 = 2 * (cache["y"] - target) / np.size(target) * sigmoid_derivative(cache["z2"])
    print("delta2:", delta2.shape)
    delta1 = params["W2"].T @ delta2 * sigmoid_derivative(cache["z1"])
    grads = {"delta1": delta1, "delta2": delta2}
    for layer, delta, went_in in ((2, delta2, cache["h"]), (1, delta1, cache["x"])):
        grads[f"W{layer}"] = delta @ went_in.T
        grads[f"b{layer}"] = delta.sum(1, keepdims=True)
    return grads
""",
    ),
    (
        "backward",
        "gradients in Fortran order, keyword calls, the bias as a weight on ones",
        """
def backward(params, cache, target):
    delta2 = output_delta(target=target, cache=cache)
    delta1 = hidden_delta(delta2=delta2, params=params, cache=cache)
    grads = dict.fromkeys(params)
    for W, b, delta, went_in in (("W1", "b1", delta1, cache["x"]), ("W2", "b2", delta2, cache["h"])):
        both = delta @ np.vstack([went_in, np.ones(delta.shape[1])]).T
        grads[W], grads[b] = np.asfortranarray(both[:, :-1]), np.asfortranarray(both[:, -1:])
    return grads
""",
    ),
    (
        "backward",
        "nested lists for the gradients",
        """
def backward(params, cache, target):
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    W1 = [[float(sum(d * x)) for x in cache["x"]] for d in delta1]
    W2 = [[float(sum(d * h)) for h in cache["h"]] for d in delta2]
    return {"W1": W1, "b1": [[float(sum(d))] for d in delta1], "W2": W2, "b2": [[float(sum(d))] for d in delta2]}
""",
    ),
    (
        "forward",
        "a defaultdict filled in a loop over the layers",
        """
from collections import OrderedDict, defaultdict
def forward(params, x):
    c = defaultdict(list)
    c["x"] = x
    for n, inp, z, a in ((1, "x", "z1", "h"), (2, "h", "z2", "y")):
        c[z] = np.matmul(params[f"W{n}"], c[inp]) + params[f"b{n}"]
        c[a] = sigmoid(c[z])
    return c
""",
    ),
    (
        "hidden_delta",
        "diagonal matrices, one example after the other",
        """
def hidden_delta(params, cache, delta2):
    cols = []
    for i in range(delta2.shape[1]):
        s = cache["h"][:, i]
        cols.append(np.diag(s * (1 - s)) @ params["W2"].T @ delta2[:, i])
    return np.column_stack(cols)
""",
    ),
    (
        "backward",
        "outer products added up",
        """
def backward(params, cache, target):
    d2 = output_delta(cache, target)
    d1 = hidden_delta(params, cache, d2)
    g = {k: np.zeros_like(v, dtype=float) for k, v in params.items()}
    for i in range(target.shape[1]):
        g["W2"] += np.outer(d2[:, i], cache["h"][:, i]); g["b2"] += d2[:, [i]]
        g["W1"] += np.outer(d1[:, i], cache["x"][:, i]); g["b1"] += d1[:, [i]]
    return g
""",
    ),
    (
        "backward",
        "an inner function for both layers, arguments by name",
        """
def backward(params, cache, target):
    def layer(delta, inp):
        return delta @ inp.T, delta @ np.ones((delta.shape[1], 1))
    d2 = output_delta(cache=cache, target=target)
    (W2, b2), (W1, b1) = layer(d2, cache["h"]), layer(hidden_delta(params=params, cache=cache, delta2=d2), cache["x"])
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
""",
    ),
]
