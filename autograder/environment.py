"""The environment that nbgrader's own parts expect around them."""

import contextlib
import gc
import os
import sys


@contextlib.contextmanager
def loading():
    """While modules are imported, nearly all that is made stays: the garbage collector need not look for what does not."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # or the first collection would look at all of it
        gc.enable()


def keep_what_is_loaded():
    """What has been loaded stays until the end: the garbage collector need not look at it again and again."""
    gc.freeze()


def skip_slow_imports():
    """Keep libraries from importing what they can do without and no notebook needs.

    To be called before nbformat is imported. They are jsonschema's, for optional checks of text formats: the first builds
    a grammar of international addresses, which takes over a second.
    """
    for name in ("rfc3987_syntax", "rfc3986_validator", "isoduration"):
        sys.modules.setdefault(name, None)


def put_commands_on_path():
    """This Python's commands on PATH: nbgrader starts `alembic` by name, and without it leaves a half-made database."""
    folder = os.path.dirname(os.path.abspath(sys.executable))
    before = os.environ.get("PATH", "")
    if folder not in before.split(os.pathsep):
        os.environ["PATH"] = folder + os.pathsep + before
