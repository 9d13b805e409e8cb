"""What a later moment needs in order to go back to a test cell.

Two ways lead back. Where the text of the notebook can touch nothing but names and plain values (the grader has made sure
of that: reach.py), one process notes what the names stood for (`Names`) and goes back to it. Everywhere else a process is
forked before each test cell, which keeps all that is in memory; what a fork does not keep apart (files, the places in
open files) is noted too and put back, or else it is said that it cannot be (`Surroundings`).
"""

from __future__ import annotations

import os
import random
import stat
import sys
import types
import warnings

import numpy

from .streams import TimeIsUp

TYPE_CHECKING = False  # as typing has it, which need not be loaded here
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .shell import NotebookShell

LARGEST_SNAPSHOT = 16 * 1024**2  # bytes of all files that are kept for each test cell
MOST_FILES = 500


class Names:
    """The names of the notebook, and what they stood for.

    A name that was given another value is put back. What is changed in place (an array, a list) is not: it is noted what
    such things hold, so that a change is seen. Of other objects (a generator, say) nobody can tell.
    """

    most = 4_000_000  # bytes of arrays that are noted, or a hundredth as many items

    def __init__(self, shell: NotebookShell) -> None:
        self.names = dict(shell.user_ns)
        self.noted: dict[int, bytes | list[Any]] = {}  # id → what an object holds
        for name, value in self.names.items():
            if not name.startswith("_"):
                self._note(value)
        self.random, self.numpy_random = random.getstate(), numpy.random.get_state()
        self.warnings, self.numpy_errors = list(warnings.filters), numpy.geterr()
        self.streams, self.folder, self.stopped = (sys.stdout, sys.stderr), os.getcwd(), TimeIsUp.count

    def _note(self, value: Any) -> None:
        if id(value) in self.noted or (holds := _holds(value, self.most)) is None:
            return
        self.most -= len(holds) if isinstance(holds, bytes) else 100 * len(holds)
        if self.most >= 0:
            self.noted[id(value)] = holds
            for part in holds if isinstance(holds, list) else ():
                self._note(part)

    def is_whole(self, names: Iterable[str] | None) -> bool:
        """Whether all that can be reached from these names holds what it held. names: or None, for who knows which."""
        if names is None:
            return False
        left = [self.names[name] for name in names if name in self.names]
        seen: set[int] = set()
        while left:
            value = left.pop()
            if id(value) in seen or _never_changes(value):
                continue
            seen.add(id(value))
            held = self.noted.get(id(value))
            holds = None if held is None else _holds(value)
            if held is None or holds is None or len(holds) != len(held):
                return False
            if isinstance(holds, bytes):
                if holds != held:
                    return False
                continue
            if any(now is not then for now, then in zip(holds, held, strict=True)):
                return False
            left += holds
            if isinstance(value, types.CodeType):
                left += [self.names[name] for name in value.co_names if name in self.names]
        return True

    def put_back(self, shell: NotebookShell) -> None:
        """Go back. What is_whole has found to be whole is then as it was."""
        shell.user_ns.clear()
        shell.user_ns.update(self.names)
        random.setstate(self.random)
        numpy.random.set_state(self.numpy_random)
        warnings.filters[:] = self.warnings  # type: ignore[index]
        numpy.seterr(**self.numpy_errors)
        (sys.stdout, sys.stderr), TimeIsUp.count = self.streams, self.stopped
        os.chdir(self.folder)


def _holds(value: Any, most: float = float("inf")) -> bytes | list[Any] | None:
    """What could be changed in a value: the bytes of an array, the parts of anything else; None: it cannot be told.

    most: how many bytes an array may have.
    """
    kind = type(value)
    if kind is numpy.ndarray and not value.dtype.hasobject and value.nbytes <= most:
        return f"{value.shape} {value.dtype} ".encode() + value.tobytes()
    if kind in (list, tuple, set, frozenset):
        return list(value)
    if kind is dict:
        return [*value.keys(), *value.values()]
    if kind is types.CodeType:
        return [part for part in value.co_consts if isinstance(part, types.CodeType)]
    if kind is types.FunctionType and not _never_changes(value):
        cells = [cell.cell_contents for cell in value.__closure__ or () if cell != types.CellType()]
        return [value.__code__, value.__defaults__, value.__kwdefaults__, *cells, *vars(value).values()]
    return None


def _never_changes(value: Any) -> bool:
    """Whether a value cannot be changed, or is of a library, where nobody changes it."""
    plain = (type(None), bool, int, float, complex, str, bytes, range, types.ModuleType, types.BuiltinFunctionType)
    if isinstance(value, (*plain, numpy.generic, numpy.dtype, numpy.ufunc)):
        return True
    module = getattr(value, "__module__", None) if isinstance(value, (type, types.FunctionType)) else None
    return isinstance(module, str) and module != "__main__"


class Surroundings:
    """What lies outside a process's memory and may be changed by another that was forked from it: the files in the
    writable folders, and how far open files have been read.

    Use `look_again` in a process that was forked when this was made.
    """

    def __init__(self, folders: list[str], known: Surroundings | None = None) -> None:
        """known: Surroundings made before, whose contents are taken over where nothing has changed."""
        self.folders, self.too_large = folders, False
        self.files = _listing(folders)
        self.contents: dict[str, bytes] = {}
        before: tuple[dict[str, _Entry], dict[str, bytes]] = (known.files, known.contents) if known else ({}, {})
        left = LARGEST_SNAPSHOT
        for path, entry in self.files.items():
            if not stat.S_ISREG(entry.mode):
                continue
            left -= entry.size
            if left < 0 or len(self.files) > MOST_FILES:
                self.too_large, self.contents = True, {}
                break
            if before[0].get(path) == entry and path in before[1]:
                self.contents[path] = before[1][path]
            else:
                self.contents[path] = _content(path)
        self.open = _open_files()

    def put_back(self) -> bool:
        """Go back. Returns whether all is as it was."""
        now = _listing(self.folders)
        if now != self.files and not self._put_files_back(now):
            return False
        for number, (what, place) in self.open.items():
            try:
                found = os.fstat(number)
            except OSError:  # closed in this process
                continue
            if what is None:  # a pipe or a socket, whose data cannot be read twice
                return False
            if (found.st_dev, found.st_ino) == what:
                os.lseek(number, place, os.SEEK_SET)
        return True

    def _put_files_back(self, now: dict[str, _Entry]) -> bool:
        differ = {path for path in {*now, *self.files} if now.get(path) != self.files.get(path)}
        if self.too_large or any(_is_odd(files[path]) for files in (now, self.files) for path in differ & set(files)):
            return False
        try:
            for path in sorted(set(now) - set(self.files), key=len, reverse=True):
                (os.rmdir if stat.S_ISDIR(now[path].mode) else os.unlink)(path)
            for path in sorted(self.files, key=len):
                entry = self.files[path]
                if entry == now.get(path):
                    continue
                if stat.S_ISDIR(entry.mode):
                    os.makedirs(path, exist_ok=True)
                else:
                    _write(path, self.contents[path])
                os.chmod(path, stat.S_IMODE(entry.mode))
                os.utime(path, ns=(entry.changed, entry.changed))
        except OSError:
            return False
        return True


class _Entry(tuple[int, ...]):
    """A file or folder as the kernel tells of it."""

    def __new__(cls, found: os.stat_result) -> _Entry:
        is_folder = stat.S_ISDIR(found.st_mode)
        what = (found.st_mode, found.st_ino, 0 if is_folder else found.st_size)
        return super().__new__(
            cls, what if is_folder else (*what, found.st_mtime_ns, found.st_ctime_ns, found.st_nlink)
        )

    mode = property(lambda self: self[0])
    size = property(lambda self: self[2])
    changed = property(lambda self: self[3] if len(self) > 3 else 0)
    links = property(lambda self: self[5] if len(self) > 3 else 1)


def _is_odd(entry: _Entry) -> bool:
    """Whether this is something that writing a file again does not bring back."""
    return not (stat.S_ISREG(entry.mode) or stat.S_ISDIR(entry.mode)) or entry.links > 1


def _listing(folders: list[str]) -> dict[str, _Entry]:
    """Path → _Entry of all that lies below the folders. What is mounted there (Python itself) cannot be written to, and
    is not looked into."""
    found: dict[str, _Entry] = {}
    left = [(folder, os.stat(folder).st_dev) for folder in folders if os.path.isdir(folder)]
    while left:
        folder, device = left.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    status = entry.stat(follow_symlinks=False)
                    told = _Entry(status)
                    found[entry.path] = told
                    if stat.S_ISDIR(told.mode) and status.st_dev == device and len(found) < 20 * MOST_FILES:
                        left.append((entry.path, device))
        except OSError:
            continue
    return found


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _write(path: str, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)


def _open_files() -> dict[int, tuple[tuple[int, int] | None, int]]:
    """Number → ((device, inode), place) of each open file of the notebook's own; ((None), 0) for pipes and the like."""
    found: dict[int, tuple[tuple[int, int] | None, int]] = {}
    for number in range(3, 256):
        try:
            told = os.fstat(number)
        except OSError:
            continue
        if number in ours:
            continue
        if stat.S_ISREG(told.st_mode):
            found[number] = ((told.st_dev, told.st_ino), os.lseek(number, 0, os.SEEK_CUR))
        elif not stat.S_ISDIR(told.st_mode) and not stat.S_ISCHR(told.st_mode):
            found[number] = (None, 0)
    return found


ours: set[int] = set()  # descriptors that were open before the notebook began
