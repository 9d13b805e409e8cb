"""The environment that nbgrader's own parts expect around them."""

import contextlib
import os
import sys


@contextlib.contextmanager
def commands_on_path():
    """This Python's commands on PATH: nbgrader starts `alembic` by name, and without it leaves a half-made database."""
    before = os.environ.get("PATH", "")
    folder = os.path.dirname(os.path.abspath(sys.executable))
    if folder not in before.split(os.pathsep):
        os.environ["PATH"] = folder + os.pathsep + before
    try:
        yield
    finally:
        os.environ["PATH"] = before
