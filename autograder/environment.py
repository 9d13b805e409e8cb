"""The environment that nbgrader's own parts expect around them."""

import contextlib
import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """While modules are imported, nearly all that is made stays: the garbage collector need not look for what does not.

    Ctrl-C waits until they are there: some libraries fall to pieces when it comes between.
    """
    gc.disable()
    try:
        with interrupted_later():
            yield
    finally:
        gc.freeze()  # or the first collection would look at all of it
        gc.enable()


ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # Ctrl-C, a friendly request, a terminal that was closed


@contextlib.contextmanager
def interrupted_later() -> Iterator[None]:
    """Ctrl-C, SIGTERM and SIGHUP wait for the end of the with-block."""
    noted: list[object] = []
    before: dict[signal.Signals, Any] = {}  # number → its handler
    if threading.current_thread() is threading.main_thread():
        for number in ENDINGS:
            if callable(signal.getsignal(number)):
                before[number] = signal.signal(number, lambda *which: noted.append(which))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if noted:
        raise KeyboardInterrupt


@contextlib.contextmanager
def all_endings_like_ctrl_c() -> Iterator[None]:
    """SIGTERM and SIGHUP end the command as Ctrl-C does: what is under way is cleaned up, what is recorded stays.

    What is ignored (after `nohup`) stays ignored.
    """
    before: dict[signal.Signals, Any] = {}  # number → its handler
    if threading.current_thread() is threading.main_thread():
        for number in ENDINGS:
            if signal.getsignal(number) == signal.SIG_DFL:
                before[number] = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def keep_what_is_loaded() -> None:
    """What has been loaded stays until the end: the garbage collector need not look at it again and again."""
    gc.freeze()


def skip_slow_imports() -> None:
    """Keep libraries from importing what they can do without and no notebook needs.

    To be called before nbformat is imported. They are jsonschema's, for optional checks of text formats: the first builds
    a grammar of international addresses, which takes over a second.
    """
    for name in ("rfc3987_syntax", "rfc3986_validator", "isoduration"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]


def put_commands_on_path() -> None:
    """This Python's commands on PATH: nbgrader starts `alembic` by name, and without it leaves a half-made database."""
    folder = os.path.dirname(os.path.abspath(sys.executable))
    before = os.environ.get("PATH", "")
    if folder not in before.split(os.pathsep):
        os.environ["PATH"] = folder + os.pathsep + before
