"""Ordinary files in a folder that a stranger filled: listed and read without following a link or waiting for a pipe."""

import os
import stat
from pathlib import Path

MOST_LISTED, DEEPEST = 2_000, 8  # names of a submission's files that are looked at, and how many folders down


def list_files(folder: str | Path) -> list[Path]:
    """What lies in a folder and below it, folders themselves and hidden names left out, in order.

    Links are listed and not followed. What cannot be read is left out; so is what lies beyond the MOST_LISTED first
    names or DEEPEST folders down.
    """
    found: list[Path] = []
    waiting = [] if os.path.islink(folder) else [Path(folder)]
    for _ in range(MOST_LISTED):
        if not waiting or len(found) >= MOST_LISTED:
            break
        here = waiting.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            if entry.name.startswith(".") or entry.name in ("__pycache__", "__MACOSX") or not is_text(entry.name):
                continue
            if not entry.is_dir(follow_symlinks=False):
                found.append(here / entry.name)
            elif len(here.parts) - len(Path(folder).parts) < DEEPEST:
                waiting.append(here / entry.name)
    return sorted(found)


def read_plain_file(path: str | Path, most: int) -> bytes | None:
    """The bytes of an ordinary file, or None: for links, devices, pipes, unreadable files and files over `most` bytes."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    info = os.fstat(descriptor)
    if not stat.S_ISREG(info.st_mode) or info.st_size > most:
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read(most + 1)


def is_text(name: str) -> bool:
    """Whether a file name is proper text: names are bytes, and not all bytes are UTF-8."""
    return not any("\ud800" <= character <= "\udfff" for character in name)
