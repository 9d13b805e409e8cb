"""Temporary folders that do not outlive whoever made them: what a kill leaves behind is removed by the next run.

A folder of ours holds a file MARK, which is locked as long as its owner lives. The operating system takes the lock away
when the owner ends, however it ends, so that a lock which can be had means a folder that nobody needs. That also holds
between containers that share a folder for temporary files, where the numbers of processes mean nothing.
"""

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

MARK = ".course-lab"
TEXT = b"A temporary folder of the course lab. While this file is locked, somebody works here.\n"
_held: dict[Path, int] = {}  # folder → the descriptor of its mark, which keeps the lock
_at_work = threading.RLock()  # whoever makes, fills or removes a folder


def make(prefix: str) -> Path:
    """A new temporary folder, only for its owner, which `sweep` removes when this process has ended."""
    with _at_work:
        return _make(prefix)


def _make(prefix: str) -> Path:
    _let_go_of_what_is_gone()
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    unlocked = folder / f"{MARK}.new"
    mark = os.open(unlocked, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(mark, TEXT)
        with contextlib.suppress(OSError):  # where nothing can be locked, `sweep` leaves everything alone
            fcntl.flock(mark, fcntl.LOCK_EX)
        os.rename(unlocked, folder / MARK)  # from here on it is known as ours, and locked already
    except BaseException:
        os.close(mark)
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _held[folder] = mark
    return folder


def filling() -> contextlib.AbstractContextManager[object]:
    """A with-block in which a thread writes into a folder that `make` made: nobody removes it meanwhile."""
    return _at_work


def remove(folder: Path) -> None:
    """Remove a folder that `make` made."""
    with _at_work:
        shutil.rmtree(folder, ignore_errors=True)
        _let_go_of_what_is_gone()


def remove_own() -> None:
    """Remove every folder that this process made: it ends without waiting for whoever uses them.

    The last call of a process. A thread that would make or fill a folder after it waits for the end.
    """
    _at_work.acquire()
    for folder in list(_held):
        remove(folder)


def sweep(prefix: str = "course-lab-") -> int:
    """Remove the folders whose owners have ended. Returns how many.

    Only folders of this user's, with our mark in them; no link is followed, and whatever cannot be removed stays.
    """
    removed = 0
    with contextlib.suppress(OSError):
        for entry in list(os.scandir(tempfile.gettempdir())):
            if entry.name.startswith(prefix) and _is_left_behind(entry.path):
                shutil.rmtree(entry.path, ignore_errors=True)
                removed += not os.path.lexists(entry.path)
    return removed


def _is_left_behind(path: str) -> bool:
    with contextlib.suppress(OSError), _opened(path, os.O_RDONLY | os.O_DIRECTORY) as folder:
        if os.fstat(folder).st_uid != os.geteuid():
            return False
        with _opened(MARK, os.O_RDONLY | os.O_NONBLOCK, folder) as mark:
            info = os.fstat(mark)
            if not stat.S_ISREG(info.st_mode) or info.st_uid != os.geteuid() or os.read(mark, 1000) != TEXT:
                return False
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)  # OSError: its owner lives
            return True
    return False


@contextlib.contextmanager
def _opened(path: str, flags: int, folder: int | None = None) -> Iterator[int]:
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _let_go_of_what_is_gone() -> None:
    """Close the marks of folders that are not there any more, whoever removed them."""
    for folder in [folder for folder in list(_held) if not (folder / MARK).exists()]:
        with contextlib.suppress(OSError, KeyError):
            os.close(_held.pop(folder))
