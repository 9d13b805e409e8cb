"""Right solutions of 02_gradient_descent in other styles than the instructor's: each must earn full marks.

A marking that knows only one way of being right punishes the students who thought for themselves. Every entry is
(function, what is different about it, source). The source is run in the instructor's notebook after the right
definition, so it may use np and the other functions of that notebook.
"""

ASSIGNMENT = "02_gradient_descent"

ALTERNATIVES = [
    (
        "numerical_gradient",
        "a step array for each place, nothing written into copies of w",
        """
def numerical_gradient(f, w, h=1e-5):
    shape = np.shape(w)
    gradient = np.empty(shape)
    for place in np.ndindex(*shape):
        step = np.zeros(shape)
        step[place] = h
        gradient[place] = (f(w + step) - f(w - step)) / h / 2
    return gradient
""",
    ),
    (
        "numerical_gradient",
        "flattened, with the rows of a unit matrix as directions, and turned back",
        """
def numerical_gradient(f, w, h=1e-5):
    flat = np.asarray(w, dtype=float).ravel()
    slopes = [
        (f((flat + h * axis).reshape(np.shape(w))) - f((flat - h * axis).reshape(np.shape(w)))) / (2 * h)
        for axis in np.eye(flat.size)
    ]
    return np.reshape(slopes, np.shape(w))
""",
    ),
    (
        "numerical_gradient",
        "np.nditer with several indices, Fortran order, prints on the way",
        """
def numerical_gradient(f, w, h=1e-5):
    w = np.array(w, dtype=np.float64, order="F")
    gradient = np.zeros_like(w)
    entries = np.nditer(w, flags=["multi_index"])
    for entry in entries:
        moved = w.copy(order="K")
        moved[entries.multi_index] = entry + h
        high = f(moved)
        moved[entries.multi_index] = entry - h
        gradient[entries.multi_index] = (high - f(moved)) / (2 * h)
    print("slopes of shape", gradient.shape)
    return gradient
""",
    ),
    (
        "numerical_gradient",
        "in place and put back, but on a copy of its own",
        """
def numerical_gradient(f, w, h=1e-5):
    own = np.array(w, dtype=float)
    gradient = np.zeros(own.shape)
    for place in np.ndindex(own.shape):
        kept = own[place]
        own[place] = kept + h
        right = f(own)
        own[place] = kept - h
        left = f(own)
        own[place] = kept
        gradient[place] = (right - left) / (2 * h)
    return gradient
""",
    ),
    (
        "numerical_gradient",
        "the mean of a forward and a backward difference, with an inner function",
        """
def numerical_gradient(f, w, h=1e-5):
    def moved(place, way):
        copy = np.array(w, dtype=float)
        copy[place] += way
        return f(copy)

    here = f(np.array(w, dtype=float))

    def slope(place):
        to_the_right, to_the_left = moved(place, h) - here, here - moved(place, -h)
        return (to_the_right + to_the_left) / (2 * h)

    return np.array([slope(place) for place in np.ndindex(np.shape(w))]).reshape(np.shape(w))
""",
    ),
    (
        "numerical_gradient",
        "numbers on their own, nested lists for the answer",
        """
def numerical_gradient(f, w, h=1e-5):
    if np.ndim(w) == 0:
        return float((f(float(w) + h) - f(float(w) - h)) / (2 * h))
    gradient = np.zeros(w.shape)
    for number in range(w.size):
        up, down = w.astype(float), w.astype(float)
        up.flat[number] += h
        down.flat[number] -= h
        gradient.flat[number] = np.float64(f(up) - f(down)) / (2 * h)
    return gradient.tolist()
""",
    ),
    (
        "gradient_step",
        "np.subtract and np.multiply",
        """
def gradient_step(w, gradient, learning_rate):
    return np.subtract(w, np.multiply(learning_rate, gradient))
""",
    ),
    (
        "gradient_step",
        "the minus moved to the rate",
        """
def gradient_step(w, gradient, learning_rate):
    direction = -learning_rate
    return direction * gradient + w
""",
    ),
    (
        "gradient_step",
        "in place, but on a float copy in Fortran order, with a warning",
        """
import warnings


def gradient_step(w, gradient, learning_rate):
    new = np.array(w, dtype=float, order="F")
    new -= learning_rate * np.asarray(gradient)
    if not new.any():
        warnings.warn("arrived at zero")
    return new
""",
    ),
    (
        "gradient_step",
        "entry by entry, lists within lists",
        """
def gradient_step(w, gradient, learning_rate):
    if np.ndim(w) == 0:
        return float(w - learning_rate * gradient)
    return [gradient_step(here, slope, learning_rate) for here, slope in zip(w, gradient)]
""",
    ),
    (
        "gradient_descent",
        "an array made beforehand and filled",
        """
def gradient_descent(gradient, start, learning_rate, steps):
    path = np.zeros((steps + 1,) + np.shape(start))
    path[0] = start
    for step in range(steps):
        path[step + 1] = path[step] - learning_rate * gradient(path[step])
    return path
""",
    ),
    (
        "gradient_descent",
        "a list of points, each a copy",
        """
def gradient_descent(gradient, start, learning_rate, steps):
    w = np.array(start, dtype=float)
    points = [w.copy()]
    while len(points) <= steps:
        w -= learning_rate * gradient(w)
        points.append(w.copy())
    return points
""",
    ),
    (
        "gradient_descent",
        "recursion, the path put together at the end",
        """
def gradient_descent(gradient, start, learning_rate, steps):
    here = np.asarray(start, dtype=float)[np.newaxis]
    if steps == 0:
        return here.copy()
    following = gradient_step(here[0], gradient(here[0]), learning_rate)
    return np.concatenate([here, gradient_descent(gradient, following, learning_rate, steps - 1)])
""",
    ),
    (
        "gradient_descent",
        "np.stack, keyword arguments, prints on the way",
        """
def gradient_descent(gradient, start, learning_rate, steps):
    w = np.asarray(start, dtype=float)
    path = [w]
    for step in range(1, steps + 1):
        w = gradient_step(learning_rate=learning_rate, gradient=gradient(w), w=w)
        print("step", step, "to", w)
        path += [w]
    return np.stack(path, axis=0)
""",
    ),
    (
        "gradient_descent",
        "itertools.accumulate",
        """
from itertools import accumulate


def gradient_descent(gradient, start, learning_rate, steps):
    def step(w, number):
        return w - learning_rate * gradient(w)

    return np.array(list(accumulate(range(steps), step, initial=np.array(start, dtype=float))))
""",
    ),
    (
        "gradient_descent",
        "a hiker in a class of its own, nested lists for the path",
        """
class Hiker:
    def __init__(self, place):
        self.place = 1.0 * np.asarray(place)
        self.path = [self.place.tolist()]

    def walk(self, slope, learning_rate):
        self.place = self.place - learning_rate * np.asarray(slope)
        self.path.append(self.place.tolist())


def gradient_descent(gradient, start, learning_rate, steps):
    hiker = Hiker(start)
    for _ in range(steps):
        hiker.walk(gradient(hiker.place), learning_rate=learning_rate)
    return hiker.path
""",
    ),
    (
        "gradient_descent",
        "a generator, Fortran order",
        """
def gradient_descent(gradient, start, learning_rate, steps):
    def points():
        w = np.array(start, dtype=float)
        yield w
        for _ in range(steps):
            w = w + learning_rate * -gradient(w)
            yield w

    return np.asfortranarray(np.stack(list(points())))
""",
    ),
    (
        "numerical_gradient",
        "steps along the rows of a unit matrix",
        """
def numerical_gradient(f, w, h=1e-5):
    w = np.asarray(w, float)
    E = np.eye(w.size).reshape((w.size,) + w.shape)
    return np.array([(f(w + h * e) - f(w - h * e)) / (2 * h) for e in E]).reshape(w.shape)
""",
    ),
    (
        "gradient_descent",
        "recursion, one point before the rest of the walk",
        """
def gradient_descent(gradient, start, learning_rate, steps):
    start = np.array(start, dtype=float)
    if steps == 0:
        return start[None].copy()
    rest = gradient_descent(gradient, gradient_step(start, gradient(start), learning_rate), learning_rate, steps - 1)
    return np.concatenate([start[None], rest])
""",
    ),
    (
        "gradient_descent",
        "itertools.accumulate",
        """
from itertools import accumulate
def gradient_descent(gradient, start, learning_rate, steps):
    walk = accumulate(range(steps), lambda w, _: gradient_step(w, gradient(w), learning_rate), initial=np.array(start, float))
    return np.array(list(walk))
""",
    ),
]
