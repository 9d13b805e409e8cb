"""Answers that are no answers: giant, endless, of odd kinds, or that raise while they are written down."""

from tests.support.harms import Harm, when_asked


def answers(name, does, expression, said="", before=""):
    """A `triple` that returns this."""
    return when_asked(
        f"answers-{name}",
        f"answers with {does}",
        f"import numpy as np\n{before}\n\ndef triple(x):\n    return {expression}",
        said,
    )


def right(name, does, expression):
    """A `triple` whose answer is odd, and right: it costs nothing."""
    return Harm(
        f"answers-{name}",
        f"answers with {does}",
        triple=f"import numpy as np\n\n\ndef triple(x):\n    return {expression}",
    )


ODD = """
class Odd:
    def {method}(self, *_, **__):
        {body}

"""


def odd(method, body):
    return ODD.format(method=method, body=body)


LOOP = "while True: pass"
HARMS = [
    answers("giant-array", "an array of 80 MB", "np.zeros(10_000_000)", said="wrote more than 32 MB of output"),
    answers("giant-list", "a list of ten million numbers", "[1.0] * 10_000_000", said="took too long, so it was stopped|wrote more than 32 MB"),
    answers("giant-text", "a text of 20 MB", "'x' * 20_000_000", said="answer could not be read"),
    answers("giant-dict", "a dict of a million items", "dict.fromkeys(range(1_000_000))", said="this is a dict"),
    answers("giant-number", "a number of a million digits", "10 ** 1_000_000", said="objects in place of numbers"),
    answers("nan", "nan", "x * np.nan", said=r"not a number \(nan\)"),
    answers("objects", "an array of objects", "np.array([object(), None])", said="objects in place of numbers"),
    answers("wrong-shape", "the right numbers in another shape", "np.atleast_2d(3 * np.asarray(x)).T", said="only the shape is not"),
    answers("ragged", "a ragged list", "[[1], [2, 3], []]", said="this is a list of 3"),
    answers("structured", "a structured array", "np.zeros(3, dtype=[('a', float), ('b', 'U5')])", said="this is something else"),
    answers("complex", "complex numbers", "3 * np.asarray(x) + 1j", said="complex numbers"),
    answers("endless-generator", "a generator without an end", "(n for n in iter(int, 1))", said="has not computed its values yet"),
    answers("itself", "a list that holds itself", "kept", before="kept = []\nkept.append(kept)", said="this is a list of 1"),
    answers("deep-list", "lists in lists in lists", "deep()", before="def deep():\n    value = []\n    for _ in range(100_000):\n        value = [value]\n    return value\n", said="this is a list of 1"),
    answers("array-raises", "an object that raises when it is made an array", "Odd()", before=odd("__array__", "raise KeyboardInterrupt"), said="this is something else"),
    answers("class-with-endless-length", "a list whose length never comes", "Endless([1])", before="class Endless(list):\n    def __len__(self):\n        while True: pass\n\n    __bool__ = __iter__ = __getitem__ = __len__\n", said="took too long, so it was stopped"),
    answers("endless-items", "a dict whose items never come", "Endless(a=1)", before="class Endless(dict):\n    def items(self):\n        while True: pass\n", said="took too long, so it was stopped"),
    answers("endless-float", "a number that never comes", "Odd(1)", before="class Odd(float):\n    def __float__(self):\n        while True: pass\n\n    __array__ = __getattribute__ = __float__\n", said="raised an error TypeError"),
    answers("name-that-loops", "an object whose type has no name", "Odd", before="class Meta(type):\n    __name__ = property(lambda self: 1 / 0)\n\n\nclass Odd(metaclass=Meta):\n    pass\n", said="this is something else"),
    when_asked("raises-text-that-raises", "raises an exception whose text raises", "class Bad(Exception):\n    def __str__(self):\n        raise SystemExit\n\n\ndef triple(x):\n    raise Bad", said="raised an error Bad"),
    when_asked("raises-text-that-loops", "raises an exception whose text never comes", "class Bad(Exception):\n    def __str__(self):\n        while True: pass\n\n\ndef triple(x):\n    raise Bad", said="raised an error Bad"),
    when_asked("raises-20-mb", "raises an exception with a text of 20 MB", "def triple(x):\n    raise ValueError('x' * 20_000_000)", "ValueError"),
    when_asked("raises-html", "raises an exception whose text is HTML", "def triple(x):\n    raise ValueError('<script>alert(1)</script>')", "ValueError"),
    right("reversed", "an array that runs backwards in memory", "(3 * np.asarray(x)[..., None])[::-1][::-1][..., 0]"),
    right("read-only", "an array that cannot be written to", "np.broadcast_to(3 * np.asarray(x), np.shape(x))"),
]  # fmt: skip
