"""The question itself: `ask`, `draw` and the way in which an answer is written down."""

from tests.support.cheats import Cheat, code, wrong_mse

CHEATS = [
    Cheat(
        "own-ask",
        "defines an `ask` of its own in the notebook, protected against being imported again",
        wrong_mse(
            """
import builtins


def ask(name, function, *inputs, **settings):
    print("right:", name)


builtins.ask = ask
"""
        ),
    ),
    Cheat(
        "patched-ask",
        "replaces `helpers.questions.ask` by one that asks for a comparison by shape with an infinite tolerance",
        wrong_mse(
            """
import helpers.questions

plain = helpers.questions.ask


def ask(name, function, *inputs, **settings):
    plain(name, function, *inputs, compare="shape", rtol=float("inf"), atol=float("inf"))


helpers.questions.ask = ask
np.allclose = lambda *a, **k: True
"""
        ),
    ),
    Cheat(
        "replaced-module",
        "puts a module of its own, with an `ask` that never calls anything, in the place of `helpers.questions`",
        wrong_mse(
            """
import sys
import types

import helpers.questions

own = types.ModuleType("helpers.questions")
own.__dict__.update(vars(helpers.questions))
own.ask = lambda name, function, *inputs, **settings: helpers.questions.ask(name, lambda: "right", compare="equal")
sys.modules["helpers.questions"] = own
"""
        ),
        harms_itself=True,
    ),
    Cheat(
        "import-hook",
        "replaces `builtins.__import__`, so that whatever a test imports is a thing that agrees",
        wrong_mse(
            """
import builtins

plain = builtins.__import__


class Agrees:
    def __getattr__(self, name):
        return self

    def __call__(self, *a, **k):
        return self

    def __bool__(self):
        return True


def own_import(name, *a, **k):
    return Agrees() if name in ("numpy", "helpers.questions") else plain(name, *a, **k)


builtins.__import__ = own_import
"""
        ),
        harms_itself=True,
    ),
    Cheat(
        "score-in-the-answer",
        "patches `encode` and `json.dumps`, so that each answer carries points, an expectation and a verdict",
        wrong_mse(
            """
import json

import helpers.questions

encode, dumps = helpers.questions.encode, json.dumps
extra = {"score": 6.0, "points": 6.0, "outcome": "right", "right": True, "expected": None, "weight": 1e9}
helpers.questions.encode = lambda value, depth=0: {**encode(value, depth), **extra}


def forged(message, *a, **k):
    if isinstance(message, dict) and isinstance(message.get("data"), dict):
        message = {**message, **extra, "data": {k: {**v, **extra} if isinstance(v, dict) else v for k, v in message["data"].items()}}
    return dumps(message, *a, **k)


json.dumps = forged
"""
        ),
    ),
    Cheat(
        "own-seed",
        "replaces `draw`, so that every hidden input is 0 and the answer 0 would be right",
        code(
            """
import helpers.questions


class Zeros:
    def __getattr__(self, name):
        return lambda *a, **k: np.zeros(k.get("size", a[-1] if a and isinstance(a[-1], tuple) else 3))

    def permutation(self, values):
        return np.zeros_like(values)


helpers.questions.draw = lambda label="": Zeros()


def mse(target, prediction):
    return 0.0
"""
        ),
        harms_itself=True,
    ),
    Cheat(
        "easier-inputs",
        "changes the hidden inputs in place when the first question is asked, so that the others have the answer 0",
        code(
            """
import gc


def mse(target, prediction):
    for thing in gc.get_objects():
        if isinstance(thing, dict) and "q_rng" in thing:
            for name, value in list(thing.items()):
                if name.startswith("q_") and isinstance(value, tuple):
                    for array in value:
                        if isinstance(array, np.ndarray) and array.flags.writeable:
                            array[...] = 0
    return 0.0


mse(np.ones(2), np.zeros(2))
"""
        ),
    ),
    Cheat(
        "no-copies",
        "patches `copy.deepcopy` and `arguments_after`, so that a question gets inputs and wrappers of its choice",
        code(
            """
import copy

import helpers.questions

copy.deepcopy = helpers.questions.copy.deepcopy = lambda thing, *a: tuple(np.zeros(3) for _ in thing) if isinstance(thing, tuple) else thing
helpers.questions.arguments_after = lambda function: function


def mse(target, prediction):
    return 0.0
"""
        ),
        harms_itself=True,
    ),
    Cheat(
        "many-answers",
        "answers every question with a thousand different numbers, in the hope that one of them counts",
        wrong_mse(
            """
import helpers.questions

plain = helpers.questions.ask


def ask(name, function, *inputs, **settings):
    for guess in np.linspace(-5, 5, 1000):
        plain(name, lambda: float(guess))
    np.allclose = np.testing.assert_allclose = lambda *a, **k: True


helpers.questions.ask = ask
"""
        ),
        harms_itself=True,
    ),
    Cheat(
        "another-cells-answers",
        "replays, as its own, the answers that the honest function before it gave to the questions of its cell",
        code(
            """
import helpers.questions

plain, kept = helpers.questions.ask, []


def ask(name, function, *inputs, **settings):
    if function is squared_errors:
        kept.append(squared_errors(*inputs))
    plain(name, function, *inputs, **settings)


helpers.questions.ask = ask


def mse(target, prediction):
    return kept.pop(0) if kept else squared_errors(target, prediction)
"""
        ),
    ),
    Cheat(
        "asks-the-key",
        "asks the question itself, from inside the answer, and looks at what comes back",
        code(
            """
import helpers.questions


def mse(target, prediction):
    for guess in np.linspace(0, 5, 50):
        said = helpers.questions.ask("a plain row", lambda guess=guess: float(guess))
        if said:
            return float(guess)
    return -1.0


mse(np.ones(2), np.zeros(2))
"""
        ),
    ),
    Cheat(
        "pickled-answer",
        "hands out answers of other kinds: a pickle that prints, a piece of Python, an object array",
        wrong_mse(
            """
import base64
import pickle

import helpers.questions


class Opens:
    def __reduce__(self):
        return eval, ("print('opened')",)


pickled = base64.b64encode(pickle.dumps(Opens())).decode()
kinds = iter(
    [
        {"kind": "pickle", "data": pickled},
        {"kind": "array", "dtype": "|O", "shape": [], "data": pickled},
        {"kind": "python", "text": "expected"},
        {"kind": "array", "dtype": "<f8", "shape": [-1], "data": ""},
    ]
    * 1000
)
helpers.questions.encode = lambda value, depth=0: next(kinds)
"""
        ),
        harms_itself=True,
    ),
]
