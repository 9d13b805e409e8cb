"""Right solutions of 01_mse in other styles than the instructor's: each must earn full marks.

A marking that knows only one way of being right punishes the students who thought for themselves. Every entry is
(function, what is different about it, source). The source is run in the instructor's notebook after the right
definition, so it may use np and the other functions of that notebook.
"""

ASSIGNMENT = "01_mse"

ALTERNATIVES = [
    (
        "squared_errors",
        "a loop over all places, into an array of floats",
        """
def squared_errors(target, prediction):
    squares = np.empty(prediction.shape, dtype=float)
    for place in np.ndindex(*prediction.shape):
        error = prediction[place] - target[place]
        squares[place] = error * error
    return squares
""",
    ),
    (
        "squared_errors",
        "np.square the other way round, with prints on the way",
        """
def squared_errors(target, prediction):
    print("target", target.shape, "prediction", prediction.shape)
    return np.square(np.subtract(target, prediction))
""",
    ),
    (
        "squared_errors",
        "multiplied out, in plain floats and by einsum",
        """
def squared_errors(target, prediction):
    t, y = np.asarray(target, dtype=float), np.asarray(prediction, dtype=float)
    return np.einsum("...,...->...", y - t, y - t)
""",
    ),
    (
        "squared_errors",
        "recursion down the axes, nested lists for the answer",
        """
def squared_errors(target, prediction):
    if np.ndim(prediction) == 0:
        return float((prediction - target) ** 2)
    return [squared_errors(t, y) for t, y in zip(target, prediction, strict=True)]
""",
    ),
    (
        "squared_errors",
        "in place, but on a float copy in Fortran order; other shapes are refused",
        """
def squared_errors(target, prediction):
    if target.shape != prediction.shape:
        raise ValueError(f"{target.shape} against {prediction.shape}")
    error = np.array(prediction, dtype=float, order="F")
    error -= target
    error **= 2
    return error
""",
    ),
    (
        "squared_errors",
        "absolute values squared, in extended precision",
        """
def squared_errors(target, prediction):
    return np.abs(np.longdouble(1) * prediction - target) ** 2
""",
    ),
    (
        "mse",
        "sum and size, without the first function",
        """
def mse(target, prediction):
    return ((target - prediction) ** 2).sum() / target.size
""",
    ),
    (
        "mse",
        "np.dot of the flattened errors with themselves",
        """
def mse(target, prediction):
    error = (prediction - target).ravel()
    return np.dot(error, error) / len(error)
""",
    ),
    (
        "mse",
        "plain Python: loops, a running total, a float",
        """
def mse(target, prediction):
    total, count = 0, 0
    for t, y in zip(target.flatten().tolist(), prediction.flatten().tolist()):
        total += (y - t) ** 2
        count += 1
    return total / count
""",
    ),
    (
        "mse",
        "the norm, divided by a root and squared",
        """
def mse(target, prediction):
    return (np.linalg.norm(prediction - target) / np.sqrt(prediction.size)) ** 2
""",
    ),
    (
        "mse",
        "the mean of the means, keyword arguments, math.fsum",
        """
import math


def mse(target, prediction):
    squares = squared_errors(prediction=prediction, target=target)
    rows = [math.fsum(np.ravel(row)) / np.size(row) for row in squares]
    return math.fsum(rows) / len(rows)
""",
    ),
    (
        "mse",
        "an average in an array without axes",
        """
def mse(target, prediction):
    return np.asarray(np.average(squared_errors(target, prediction)))
""",
    ),
    (
        "mse",
        "a running mean in a helper class, with a warning on the way",
        """
import warnings


class RunningMean:
    def __init__(self):
        self.count, self.value = 0, 0.0

    def add(self, number):
        self.count += 1
        self.value += (number - self.value) / self.count


def mse(target, prediction):
    warnings.warn("one at a time: slow")
    mean = RunningMean()
    for place in np.ndindex(target.shape):
        mean.add(float(prediction[place] - target[place]) ** 2)
    return mean.value
""",
    ),
    (
        "mse_gradient",
        "the factor first, np.size, the sign outside",
        """
def mse_gradient(target, prediction):
    return -(2 / np.size(target)) * (target - prediction)
""",
    ),
    (
        "mse_gradient",
        "a loop over all places, numpy scalars, Fortran order",
        """
def mse_gradient(target, prediction):
    gradient = np.zeros(prediction.shape, order="F")
    n = np.prod(prediction.shape)
    for place in np.ndindex(prediction.shape):
        gradient[place] = np.float64(2) * (prediction[place] - target[place]) / n
    return gradient
""",
    ),
    (
        "mse_gradient",
        "the mean as one division for each axis, a list of lists for the answer",
        """
def mse_gradient(target, prediction):
    gradient = 2.0 * prediction - 2.0 * target
    for length in prediction.shape:
        gradient /= length
    return gradient.tolist()
""",
    ),
    (
        "mse_gradient",
        "measured to both sides, which is exact for a parabola",
        """
def mse_gradient(target, prediction):
    gradient = np.zeros(prediction.shape)
    for place in np.ndindex(prediction.shape):
        up, down = prediction.astype(float), prediction.astype(float)
        up[place] += 0.5
        down[place] -= 0.5
        gradient[place] = mse(target, up) - mse(target, down)
    return gradient
""",
    ),
    (
        "mse_gradient",
        "the chain rule in a class of its own, keyword calls, prints",
        """
class Mean:
    def __init__(self, entries):
        self.entries = entries

    def slope(self):
        return np.full(self.entries.shape, 1 / self.entries.size)


class Square:
    def __init__(self, error):
        self.error = error

    def slope(self):
        return 2 * self.error


def mse_gradient(target, prediction):
    error = prediction - target
    mean, square = Mean(entries=squared_errors(prediction=prediction, target=target)), Square(error=error)
    print("outer slope", mean.slope().flat[0])
    return mean.slope() * square.slope()
""",
    ),
    (
        "squared_errors",
        "functools.partial with the exponent put in first",
        """
from functools import partial
def _power(exponent, target, prediction):
    return (prediction - target) ** exponent
squared_errors = partial(_power, 2)
""",
    ),
    (
        "mse",
        "a cache outside the function, keyed by what was asked",
        """
_cache = {}
def mse(target, prediction):
    key = (target.tobytes(), prediction.tobytes(), target.shape, target.dtype.str, prediction.dtype.str)
    if key not in _cache:
        _cache[key] = np.mean((prediction - target) ** 2)
    return _cache[key]
""",
    ),
    (
        "mse_gradient",
        "a list in place of an array",
        """
def mse_gradient(target, prediction):
    return (2 * (prediction - target) / prediction.size).tolist()
""",
    ),
    (
        "mse_gradient",
        "np.matrix where there are two axes",
        """
def mse_gradient(target, prediction):
    g = 2 * (prediction - target) / prediction.size
    return np.matrix(g) if g.ndim == 2 else g
""",
    ),
]
