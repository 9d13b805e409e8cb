"""Atomic and durable writes: a file is there whole or not at all, whatever happens while it is written.

A file is written under a temporary name, synced to the disk (fsync), and renamed in one step. The folder is synced after
each new or removed name, too, so that files written one after the other are found in that order after a power cut.
"""

import contextlib
import errno
import os
import time
from pathlib import Path

DISK_TROUBLE = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EFBIG}
PART = ".part"  # the ending of a file that is being written


def write_whole(path: Path, text: str, mode: int) -> None:
    """Write a text file whole or not at all, and durably. Raises OSError when that cannot be done."""
    temporary = path.with_name(f".{path.name}{PART}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    sync_folder(path.parent)


def remove_durably(path: Path) -> None:
    """Remove a file, if it is there, so that it stays removed."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Sync the names in a folder to the disk, where the file system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def make_private(folder: Path) -> None:
    """Make a student's folder, closed to other local users."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in (folder, folder.parent):
        os.chmod(part, 0o700)


def is_disk_trouble(error: BaseException | None) -> bool:
    """Whether an error says that nothing can be written any more (rather than something about one submission)."""
    return isinstance(error, OSError) and error.errno in DISK_TROUBLE


def remove_what_was_never_finished(folder: Path) -> None:
    """Remove files that were being written in `folder` more than an hour ago: a kill left them behind."""
    with contextlib.suppress(OSError):
        for entry in list(os.scandir(folder)):
            if entry.name.endswith(PART) and time.time() - entry.stat(follow_symlinks=False).st_mtime > 3600:
                os.unlink(entry.path)
