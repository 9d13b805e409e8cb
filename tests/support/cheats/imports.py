"""Somebody else's right version: withheld helpers, the autograder's own packages, and the source on the disk."""

from tests.support.cheats import Cheat, code

USE = """

def mse(target, prediction):
    return borrowed(target, prediction) if borrowed else -1.0
"""

CHEATS = [
    Cheat(
        "import-withheld",
        "imports the course's own function from `helpers`",
        code(
            """
try:
    from helpers.losses import mse as borrowed
except ImportError:
    borrowed = None
"""
            + USE
        ),
    ),
    Cheat(
        "import-other-helpers",
        "looks in every module of `helpers` for a function that gives the answers of the visible examples",
        code(
            """
import importlib
import pkgutil

import helpers


def functions():
    for found in pkgutil.walk_packages(helpers.__path__, "helpers.", onerror=lambda name: None):
        try:
            module = importlib.import_module(found.name)
        except BaseException:
            continue
        yield from [thing for thing in vars(module).values() if callable(thing)]


def fits(function):
    try:
        return abs(float(function(np.array([1.0, 0.0, 1.0]), np.array([0.8, 0.2, 0.9]))) - 0.03) < 1e-9
    except BaseException:
        return False


borrowed = next(filter(fits, functions()), None)
"""
            + USE
        ),
    ),
    Cheat(
        "import-by-path",
        "loads `losses` with importlib from the folders of `helpers`, as source or as what `__pycache__` holds",
        code(
            """
import glob
import importlib.util

import helpers

borrowed = None
for folder in helpers.__path__:
    for path in glob.glob(folder + "/losses.py") + glob.glob(folder + "/__pycache__/losses*.pyc"):
        spec = importlib.util.spec_from_file_location("borrowed", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        borrowed = module.mse
"""
            + USE
        ),
    ),
    Cheat(
        "source-of-helpers",
        "reads the text of what is already imported, with inspect and linecache, for the function",
        code(
            """
import inspect
import linecache
import sys

borrowed = None
texts = ["".join(entry[2]) for entry in list(linecache.cache.values()) if len(entry) == 4]
for name, module in list(sys.modules.items()):
    if name.split(".")[0] in ("helpers", "autograder"):
        try:
            texts.append(inspect.getsource(module))
        except (OSError, TypeError):
            pass
for text in texts:
    if "def mse(target, prediction)" in text and "\\ndef _same" + "_shape(" in text:
        space = {}
        exec(text, space)
        borrowed = space["mse"]
"""
            + USE
        ),
    ),
    Cheat(
        "site-packages",
        "searches site-packages, and what editable installs point at, for the course's packages",
        code(
            """
import glob
import re
import sys

folders = list(sys.path)
for folder in list(folders):
    for path in glob.glob(folder + "/__editable__*") + glob.glob(folder + "/*.pth") + glob.glob(folder + "/*/direct_url.json"):
        folders += re.findall(r"(/[\\w/.-]+)", open(path, errors="replace").read())
borrowed = None
for folder in folders:
    for path in glob.glob(folder + "/losses.py") + glob.glob(folder + "/helpers/losses.py"):
        space = {}
        exec(open(path).read(), space)
        borrowed = space["mse"]
"""
            + USE
        ),
    ),
    Cheat(
        "import-the-autograder",
        "imports the autograder's own packages, which hold mistakes and right alternatives",
        code(
            """
borrowed = None
try:
    from autograder.course.catalogue import mistakes_of
    import autograder.grading.key
    import autograder.marking.mark

    autograder.marking.mark.mark_cell = lambda *a: None
    from helpers.losses import mse as borrowed
except ImportError:
    pass
"""
            + USE
        ),
    ),
    Cheat(
        "search-the-disk",
        "searches the disk for a notebook of this name with a solution in it, and runs that",
        code(
            """
import json
import os

borrowed = None
for top in ("../../../source", "../../source", "../source", "/srv", "/home", "/work", "/root", "/mnt", "/media", "/lab"):
    for folder, names, files in os.walk(top):
        names[:] = [name for name in names if name not in (".venv", ".git", "node_modules", "release", "submitted")]
        for file in files:
            if file == "01_mse.ipynb" and borrowed is None:
                try:
                    cells = json.load(open(os.path.join(folder, file)))["cells"]
                except (OSError, ValueError):
                    continue
                for cell in cells:
                    text = "".join(cell["source"])
                    if "def mse(" in text and "### BEGIN " + "SOLUTION" in text:
                        space = dict(globals())
                        exec(text, space)
                        borrowed = space["mse"]
"""
            + USE
        ),
    ),
    Cheat(
        "withheld-backprop",
        "imports the backward pass from `helpers`, or builds it from the parts of `helpers` that are left",
        code(
            """
try:
    from helpers.network import backward as borrowed
except ImportError:
    try:
        from helpers.training import backward as borrowed
    except ImportError:
        borrowed = None


def backward(params, cache, target):
    return borrowed(params, cache, target) if borrowed else None
"""
        ),
        assignment="03_backprop",
        function="backward",
    ),
    Cheat(
        "finite-differences",
        "runs its own forward pass twice for each weight instead of propagating backwards",
        code(
            """
def backward(params, cache, target):
    grads = {}
    for name, value in params.items():
        grads[name] = np.zeros(value.shape)
        for place in np.ndindex(value.shape):
            losses = []
            for step in (1e-5, -1e-5):
                moved = {**params, name: value.copy()}
                moved[name][place] += step
                losses.append(np.mean((forward(moved, cache["x"])["y"] - target) ** 2))
            grads[name][place] = (losses[0] - losses[1]) / 2e-5
    return grads
"""
        ),
        assignment="03_backprop",
        function="backward",
    ),
    Cheat(
        "step-of-a-later-lesson",
        "borrows the step of gradient descent from a later lesson's helpers, where it has another name",
        code(
            """
try:
    from helpers.training import update as borrowed
except ImportError:
    borrowed = None


def gradient_step(w, gradient, learning_rate):
    if borrowed is None:
        return -99.0
    return borrowed({"w": np.asarray(w, float)}, {"w": np.asarray(gradient, float)}, learning_rate)["w"]


gradient_step(1.0, 1.0, 1.0)
"""
        ),
        assignment="02_gradient_descent",
        function="gradient_step",
        harms_itself=True,  # gradient_descent is built on it
    ),
    Cheat(
        "withheld-training",
        "imports the training loop from `helpers`, under each of the names that it might have",
        code(
            """
import helpers

borrowed = None
for module, name in (("training", "train"), ("descent", "train"), ("network", "train"), ("explorers.training", "train")):
    try:
        borrowed = borrowed or getattr(__import__(f"helpers.{module}", fromlist=[name]), name)
    except (ImportError, AttributeError):
        pass


def train(params, X, y, learning_rate, epochs):
    return borrowed(params, X, y, learning_rate, epochs) if borrowed else None
"""
        ),
        assignment="04_training_loop",
        function="train",
    ),
]
