"""Answers that are no numbers: objects that agree with everything, that look around, or that lie about themselves."""

from tests.support.cheats import Cheat, code

CHEATS = [
    Cheat(
        "agrees-with-everything",
        "returns an object that equals, is less than, and is close to everything",
        code(
            """
class Agrees:
    shape, ndim, size, dtype = (), 0, 1, np.dtype(float)
    __array_priority__ = 1e9

    def __getattr__(self, name):
        return self

    def _yes(self, *a, **k):
        return True

    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = __contains__ = __bool__ = _yes
    __hash__ = lambda self: 0

    def _self(self, *a, **k):
        return self

    __sub__ = __rsub__ = __abs__ = __add__ = __radd__ = __mul__ = __rmul__ = __call__ = __getitem__ = _self

    def __float__(self):
        return 0.0


def mse(target, prediction):
    return Agrees()


mse(1, 2) == 3
"""
        ),
    ),
    Cheat(
        "array-function",
        "returns an object whose `__array_function__` answers for every numpy function that it is given to",
        code(
            """
class Agrees:
    def __array_function__(self, function, types, arguments, settings):
        return {"shape": (), "ndim": 0}.get(function.__name__, True)

    def __array_ufunc__(self, function, method, *inputs, **settings):
        return np.True_


def mse(target, prediction):
    return Agrees()


np.allclose(mse(1, 2), 3)
"""
        ),
    ),
    Cheat(
        "array-from-the-caller",
        "returns an object whose `__array__` takes the expected value from its caller's variables",
        code(
            """
import sys


class Looks:
    def __array__(self, dtype=None, copy=None):
        frame = sys._getframe(1)
        while frame is not None:
            for name in ("b", "desired", "expected", "wanted", "y"):
                value = frame.f_locals.get(name)
                if isinstance(value, (float, np.ndarray)) and frame.f_code.co_name != "<module>":
                    return np.array(value, dtype=dtype)
            frame = frame.f_back
        return np.array(-1.0)


def mse(target, prediction):
    return Looks()


np.asarray(mse(1, 2))
"""
        ),
    ),
    Cheat(
        "float-from-the-caller",
        "returns a float whose comparisons and arithmetic agree, and that claims to be whatever it is compared with",
        code(
            """
class Float(float):
    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __sub__ = __rsub__ = lambda self, other: 0.0
    __abs__ = lambda self: 0.0
    __hash__ = float.__hash__


def mse(target, prediction):
    return Float(-1.0)


mse(1, 2) - 3
"""
        ),
    ),
    Cheat(
        "ndarray-subclass",
        "returns a subclass of ndarray whose comparisons, reductions and `tobytes` are its own",
        code(
            """
class Array(np.ndarray):
    def __array_ufunc__(self, function, method, *inputs, **settings):
        return np.True_

    def __array_function__(self, function, types, arguments, settings):
        return True

    __eq__ = __le__ = __ge__ = lambda self, other: np.True_
    tobytes = lambda self, *a: b"right"


def mse(target, prediction):
    return np.full((), -1.0).view(Array)


np.allclose(mse(1, 2), 3)
"""
        ),
    ),
    Cheat(
        "lying-dtype",
        "returns arrays of dates, of objects, of text and of structures that call themselves floats",
        code(
            """
class Lies(np.ndarray):
    dtype = property(lambda self: np.dtype(float))
    shape = property(lambda self: ())


things = [np.array("right"), np.array(object(), dtype=object), np.array((1.0,), dtype=[("score", float)]),
          np.array("2020-01-01", dtype="datetime64[D]"), np.ma.masked, np.matrix("1")]
calls = []


def mse(target, prediction):
    calls.append(1)
    return things[len(calls) % len(things)].view(Lies) if len(calls) % 2 else things[len(calls) % len(things)]


mse(1, 2)
"""
        ),
    ),
    Cheat(
        "masked",
        "returns numpy's masked constant, with which every comparison is masked too",
        code("def mse(target, prediction):\n    return np.ma.masked\n\n\nnp.allclose(mse(1, 2), 3)"),
    ),
    Cheat(
        "not-a-number",
        "returns nan, and inf, and both as complex numbers: what compares oddly might compare well",
        code(
            """
odd = [np.nan, np.inf, complex(np.nan, np.inf), np.float16(np.inf), -0.0, np.array([])]
calls = []


def mse(target, prediction):
    calls.append(1)
    return odd[len(calls) % len(odd)]


mse(1, 2)
"""
        ),
    ),
    Cheat(
        "error-as-an-answer",
        "raises an exception whose text, type and arguments look like a right answer",
        code(
            """
class right(Exception):
    value = 6.0
    __str__ = lambda self: '{"outcome": "right", "score": 6.0}'


def mse(target, prediction):
    raise right()
"""
        ),
    ),
    Cheat(
        "mutable-answer",
        "returns the same array every time and changes it whenever it is asked again, or looked at",
        code(
            """
shared = np.full((), -1.0)


class Shared(np.ndarray):
    def __array_finalize__(self, source):
        shared.__setitem__((), float(np.random.default_rng(0).random()))


def mse(target, prediction, answer=shared.view(Shared)):
    shared[()] = -2.0
    return answer


mse(1, 2)
"""
        ),
    ),
    Cheat(
        "dict-with-every-key",
        "returns a dict that claims every key and holds, for each of them, an object that agrees",
        code(
            """
class Agrees(np.ndarray):
    def __array_function__(self, function, types, arguments, settings):
        return True


class Everything(dict):
    __contains__ = lambda self, name: True
    __missing__ = lambda self, name: np.zeros(()).view(Agrees)
    items = lambda self: [(name, self[name]) for name in ("W1", "b1", "W2", "b2")]
    get = lambda self, name, default=None: self[name]


def backward(params, cache, target):
    return Everything()


np.allclose(backward({}, {}, 0)["W1"], 3)
"""
        ),
        assignment="03_backprop",
        function="backward",
    ),
    Cheat(
        "text-that-agrees",
        "returns a text that equals every other text",
        code(
            """
class Text(str):
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __hash__ = str.__hash__


def diagnose(losses):
    return Text("right")


diagnose([1]) == "healthy"
"""
        ),
        assignment="05_hyperparameters",
        function="diagnose",
    ),
]
