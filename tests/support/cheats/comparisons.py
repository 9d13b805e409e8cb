"""Patches of whatever an in-kernel test would judge with: numpy's comparisons, builtins, assert itself."""

from tests.support.cheats import Cheat, code, wrong_mse

CHEATS = [
    Cheat(
        "numpy-allclose",
        "replaces `numpy.allclose` by a function that says True",
        wrong_mse("np.allclose = lambda *a, **k: True"),
    ),
    Cheat(
        "numpy-all-comparisons",
        "replaces `allclose`, `isclose`, `array_equal` and `shape` in numpy and in its submodules",
        wrong_mse(
            """
import sys

for module in [m for name, m in list(sys.modules.items()) if name.split(".")[0] == "numpy"]:
    for name in ("allclose", "isclose", "array_equal", "array_equiv"):
        if hasattr(module, name):
            setattr(module, name, lambda *a, **k: np.True_)
np.all = np.any = lambda *a, **k: True
"""
        ),
    ),
    Cheat(
        "numpy-testing",
        "replaces every `assert_…` of `numpy.testing` by a function that does nothing, and `allclose` with them",
        wrong_mse(
            """
for name in dir(np.testing):
    if name.startswith("assert_"):
        setattr(np.testing, name, lambda *a, **k: None)
np.allclose = lambda *a, **k: True
"""
        ),
    ),
    Cheat(
        "course-comparison",
        "replaces `compare` of `helpers.comparing`, with which the visible checks judge",
        wrong_mse(
            """
import helpers.checks
import helpers.comparing

right = [helpers.comparing.Difference(None, True)]
helpers.comparing.compare = helpers.checks.compare = lambda *a, **k: right
"""
        ),
    ),
    Cheat(
        "builtins",
        "replaces `abs`, `all`, `any`, `bool`, `float`, `round` and `isinstance` for everybody",
        wrong_mse(
            """
import builtins

builtins.abs = lambda value: 0
builtins.all = builtins.any = lambda values: True
builtins.round = lambda *a: 0
builtins.float = lambda *a: 0.0
"""
        ),
        harms_itself=True,
    ),
    Cheat(
        "numpy-arithmetic",
        "replaces numpy's `subtract`, `abs`, `less_equal` and `isfinite`, from which comparisons are made",
        wrong_mse(
            """
import numpy._core.numeric as inner

zero = lambda a, *rest, **k: np.zeros(np.shape(a))
inner.less_equal = inner.equal = lambda *a, **k: np.True_
inner.abs = inner.absolute = zero
"""
        ),
    ),
    Cheat(
        "assertion-error",
        "makes `AssertionError` an exception whose constructor repairs the score and never gets anywhere",
        wrong_mse(
            """
import builtins


class AssertionError(Exception):
    def __init__(self, *a):
        np.allclose = lambda *b, **k: True


builtins.AssertionError = AssertionError
"""
        ),
    ),
    Cheat(
        "compiled-without-asserts",
        "makes the shell compile everything after this cell as `python -O` would, so that asserts vanish",
        wrong_mse(
            """
import builtins
import codeop

plain = builtins.compile
without = lambda *a, **k: plain(*a[:5], **{**k, "optimize": 2})
builtins.compile = codeop.compile = without
compiler = type(get_ipython().compile)
compiler.__call__ = lambda self, source, file, mode: plain(source, file, mode, self.flags, True, optimize=2)
"""
        ),
    ),
    Cheat(
        "right-only-on-the-examples",
        "memorises the examples of the visible checks and answers −1 to everything else",
        code("def mse(target, prediction):\n    return -1.0"),
    ),
]
