"""What the first process loads and does once, so that no notebook that is forked from it has to."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import sys

from . import values
from .streams import TimeIsUp

TYPE_CHECKING = False  # as typing has it, which need not be loaded here
if TYPE_CHECKING:
    from .shell import NotebookShell

HELPERS: tuple[str, ...] = (
    "questions",
    "comparing",
    "checks",
    "datasets",
    "losses",
    "activations",
    "network",
    "training",
    "descent",
)
HELPERS += ("gradient_checking", "initialization", "diagnosis", "ready")


def warm_up(lab: str) -> None:
    """Import what nearly every notebook imports, so that a job starts with it.

    lab: the folder that holds helpers, as far as they are not withheld.
    """
    import IPython.core.interactiveshell  # noqa: F401
    import numpy  # noqa: F401

    for name in HELPERS:
        if _is_whole(os.path.join(lab, "helpers"), name):
            importlib.import_module(f"helpers.{name}")


def load_matplotlib(shell: NotebookShell, fonts: str | None) -> None:
    """The same for figures, which the shell then shows as JupyterLab does. fonts: the ready font list."""
    if fonts:
        shutil.copytree(fonts, os.environ["MPLCONFIGDIR"], dirs_exist_ok=True)
    import matplotlib.artist

    describe, matplotlib.artist.kwdoc = matplotlib.artist.kwdoc, lambda artist: ""  # long tables for docstrings
    import matplotlib.pyplot
    import matplotlib_inline.backend_inline

    matplotlib.artist.kwdoc = describe
    matplotlib.use("module://matplotlib_inline.backend_inline")
    matplotlib.interactive(True)
    matplotlib_inline.backend_inline.configure_inline_support(shell, matplotlib.get_backend())  # type: ignore[no-untyped-call]
    values.loaded.update(sys.modules)


def _is_whole(folder: str, name: str) -> bool:
    """Whether a helper and all the helpers that it names are there. Another job may see those that are not."""
    try:
        with open(os.path.join(folder, f"{name}.py")) as file:
            named = re.findall(r"\bhelpers\.(\w+)", file.read())
    except OSError:
        return False
    return all(os.path.exists(os.path.join(folder, f"{other}.py")) for other in named)


# Warm-up: random numbers, a display, a warning, an error. No figure is drawn: that takes longer than a dozen notebooks
# would save by it.
REHEARSAL = (
    """
import random, warnings
import numpy as np
from IPython.display import HTML, Markdown, display
display(HTML("<b>1</b>"), Markdown("*1*"))
np.random.default_rng(0).normal(size=(2, 2)) @ np.linalg.inv(np.eye(2))
""",
    "def f(x):\n    return np.ones(2) / x",
    "f(0)",
    "f(None)",
    """
from helpers.questions import arguments_after, ask, draw
ask("a", f, draw("a").normal(size=(2, 1)))
ask("b", arguments_after(f), None)
""",
)


def rehearse(shell: NotebookShell, draws: bool) -> None:
    """Do once what nearly every notebook does. What libraries load or remember at its first time, a job starts with."""
    for source in (*(["import matplotlib.pyplot as plt"] if draws else []), *REHEARSAL):
        shell.run_labelled(source, "rehearsal")
    shell.reset()
    TimeIsUp.count = 0
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        if hasattr(sys, name):
            delattr(sys, name)
