"""Right solutions of 05_hyperparameters in other styles than the instructor's: each must earn full marks.

A marking that knows only one way of being right punishes the students who thought for themselves. Every entry is
(function, what is different about it, source). The source is run in the instructor's notebook after the right
definition, so it may use np and the other functions of that notebook.
"""

ASSIGNMENT = "05_hyperparameters"

ALTERNATIVES = [
    (
        "initialize",
        "standard_normal, Fortran order for the biases and an extra entry",
        """
def initialize(n_in, n_hidden, n_out, rng):
    params = {"W1": rng.standard_normal((n_hidden, n_in))}
    params["W2"] = rng.standard_normal((n_out, n_hidden))
    params["b1"], params["b2"] = np.zeros((n_hidden, 1), order="F"), np.zeros([n_out, 1])
    params["sizes"] = [n_in, n_hidden, n_out]
    return params
""",
    ),
    (
        "initialize",
        "number by number, nested lists for the answer",
        """
def initialize(n_in, n_hidden, n_out, rng):
    W1 = [[rng.normal() for _ in range(n_in)] for _ in range(n_hidden)]
    W2 = [[rng.normal() for _ in range(n_hidden)] for _ in range(n_out)]
    return {"W1": W1, "b1": [[0] for _ in range(n_hidden)], "W2": W2, "b2": [[0] for _ in range(n_out)]}
""",
    ),
    (
        "initialize",
        "one long draw, cut into the two layers",
        """
def initialize(n_in, n_hidden, n_out, rng):
    drawn = rng.normal(loc=0.0, scale=1.0, size=n_hidden * n_in + n_out * n_hidden)
    W1, W2 = np.split(drawn, [n_hidden * n_in])
    W1, W2 = W1.reshape(n_hidden, n_in), W2.reshape(n_out, -1)
    return dict(W1=W1, b1=0 * W1[:, :1], W2=W2, b2=np.zeros_like(W2[:, :1]))
""",
    ),
    (
        "initialize",
        "a class for a layer, filled in place, with prints on the way",
        """
class Layer:
    def __init__(self, before, after):
        self.W = np.empty((after, before))
        self.b = np.full((after, 1), 0.0)

    def fill(self, rng):
        rng.standard_normal(out=self.W)
        print("a layer of shape", self.W.shape)
        return self


def initialize(n_in, n_hidden, n_out, rng):
    first, second = (Layer(*sizes).fill(rng) for sizes in ((n_in, n_hidden), (n_hidden, n_out)))
    return {"b1": first.b, "b2": second.b, "W1": first.W, "W2": second.W}
""",
    ),
    (
        "diagnose",
        "loops and counters over plain Python numbers, the math module for nan",
        """
import math


def diagnose(losses):
    values = [float(loss) for loss in losses]
    for value in values:
        if math.isnan(value) or math.isinf(value):
            return "increasing"
    up = down = 0
    for earlier, later in zip(values, values[1:]):
        if later - earlier > max(values) / 10:
            up += 1
        elif earlier - later > max(values) / 10:
            down += 1
    fifth = (len(values) - 1) / 5
    if up > fifth and down > fifth:
        return "jumpy"
    n = len(values) // 4
    before, after = sum(values[-2 * n : -n]) / n, sum(values[-n:]) / n
    trend = (after - before) / values[0]
    if abs(trend) <= 0.05:
        return "healthy" if after <= values[0] / 3 else "flat"
    return "increasing" if trend > 0 else "healthy"
""",
    ),
    (
        "diagnose",
        "one rule for each function, quarters by reshape",
        """
def exploded(losses):
    return np.isnan(losses).any() or np.isinf(losses).any()


def leaps(losses):
    steps = losses[1:] - losses[:-1]
    large = 0.1 * np.max(losses)
    enough = 0.2 * steps.size
    return np.count_nonzero(steps >= large) >= enough and np.count_nonzero(steps <= -large) >= enough


def diagnose(losses):
    if exploded(losses):
        return "increasing"
    if leaps(losses):
        return "jumpy"
    quarters = np.reshape(losses, (4, -1)).mean(axis=1)
    change = quarters[3] - quarters[2]
    if change >= 0.05 * losses[0]:
        return "increasing"
    standing_still = change > -0.05 * losses[0]
    return "flat" if standing_still and 3 * quarters[3] > losses[0] else "healthy"
""",
    ),
    (
        "diagnose",
        "relative to the first loss throughout, words chosen by np.select, numpy text for the answer",
        """
def diagnose(losses):
    with np.errstate(all="ignore"):
        curve = np.array(losses, dtype=float) / losses[0]
        steps = np.diff(curve) / np.max(curve)
        _, _, before, after = np.split(curve, 4)
        trend = after.mean() - before.mean()
        up, down = np.mean(steps > 0.1), np.mean(steps < -0.1)
    stuck = (np.abs(trend) < 0.05) & (after.mean() > 1 / 3)
    rules = [not np.all(np.isfinite(curve)), min(up, down) > 0.2, trend > 0.05, stuck]
    return str(np.select(rules, ["increasing", "jumpy", "increasing", "flat"], default="healthy"))
""",
    ),
    (
        "compare_learning_rates",
        "an empty dict filled in a loop, the last loss by its number, prints on the way",
        """
def compare_learning_rates(train, learning_rates):
    results = {}
    for rate in learning_rates:
        losses = train(rate)
        results[rate] = losses[len(losses) - 1]
        print(f"{rate}: {results[rate]}")
    return results
""",
    ),
    (
        "compare_learning_rates",
        "dict and zip, plain floats for keys and losses",
        """
def compare_learning_rates(train, learning_rates):
    curves = map(train, learning_rates)
    return dict(zip(map(float, learning_rates), (float(np.asarray(curve)[-1]) for curve in curves)))
""",
    ),
    (
        "compare_learning_rates",
        "from large rates to small ones, unpacked, an ordered dict",
        """
from collections import OrderedDict


def compare_learning_rates(train, learning_rates):
    results = OrderedDict()
    for rate in sorted(learning_rates, reverse=True):
        *_, final = train(rate)
        results[rate] = np.float64(final)
    return results
""",
    ),
    (
        "best_learning_rate",
        "a loop from the smallest rate to the largest",
        """
def best_learning_rate(results):
    best, smallest = None, np.inf
    for rate in sorted(results):
        if results[rate] < smallest:
            best, smallest = rate, results[rate]
    return best
""",
    ),
    (
        "best_learning_rate",
        "arrays, nanargmin and sorting, a numpy scalar for the answer",
        """
def best_learning_rate(results):
    rates, losses = np.array(sorted(results.items()), dtype=float).reshape(-1, 2).T
    losses = np.where(np.isinf(losses), np.nan, losses)
    if np.isnan(losses).all():
        return None
    return rates[np.nanargmin(losses)]
""",
    ),
    (
        "best_learning_rate",
        "min with a default and a key of two parts",
        """
import math


def best_learning_rate(results):
    candidates = (rate for rate in results if math.isfinite(results[rate]))
    return min(candidates, key=lambda rate: (results[rate], rate), default=None)
""",
    ),
    (
        "best_learning_rate",
        "entries removed from a copy, an exception for the empty case",
        """
def best_learning_rate(results):
    left = dict(results)
    for rate, loss in results.items():
        if not np.isfinite(loss):
            left.pop(rate)
    try:
        lowest = min(left.values())
    except ValueError:
        return None
    return min(rate for rate in left if left[rate] == lowest)
""",
    ),
    (
        "my_choice",
        "few hidden units, a bold rate",
        """
def my_choice():
    return {"n_hidden": 3, "learning_rate": 5, "epochs": 3000}
""",
    ),
    (
        "my_choice",
        "numpy numbers and a remark of its own",
        """
def my_choice():
    n_hidden = np.int64(8)
    epochs = 40_000 // (4 * n_hidden + 1)
    return {"n_hidden": n_hidden, "learning_rate": np.float32(1.5), "epochs": epochs, "why": "tried on twenty seeds"}
""",
    ),
    (
        "initialize",
        "all draws at once, biases as nested lists",
        """
def initialize(n_in, n_hidden, n_out, rng):
    draws = rng.normal(size=n_hidden * n_in + n_out * n_hidden)
    a = n_hidden * n_in
    return {"W1": draws[:a].reshape(n_hidden, n_in), "b1": [[0]] * n_hidden, "W2": draws[a:].reshape(n_out, n_hidden), "b2": [[0]] * n_out}
""",
    ),
    (
        "diagnose",
        "an Enum whose members are texts",
        """
from enum import Enum
class Story(str, Enum):
    HEALTHY = "healthy"; FLAT = "flat"; UP = "increasing"; JUMPY = "jumpy"
def diagnose(losses):
    losses = np.array(losses, float)
    if not np.isfinite(losses).all():
        return Story.UP
    s = np.diff(losses) / losses.max()
    if (s > .1).mean() >= .2 and (s < -.1).mean() >= .2:
        return Story.JUMPY
    b, a = losses.reshape(4, -1)[2:].mean(axis=1)
    t = (a - b) / losses[0]
    return Story.UP if t > .05 else Story.FLAT if t > -.05 and a > losses[0] / 3 else Story.HEALTHY
""",
    ),
    (
        "compare_learning_rates",
        "numpy floats for keys",
        """
def compare_learning_rates(train, learning_rates):
    return {np.float64(r): np.asarray(train(r))[-1:].item() for r in learning_rates}
""",
    ),
    (
        "best_learning_rate",
        "arrays, with infinity in place of what is not finite",
        """
def best_learning_rate(results):
    if not results:
        return
    rates = np.array(sorted(results)); losses = np.array([results[r] for r in rates])
    losses[~np.isfinite(losses)] = np.inf
    if np.isinf(losses).all():
        return None
    return rates[np.argmin(losses)]
""",
    ),
]
