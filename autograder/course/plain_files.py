"""Ordinary files in a folder that a stranger filled: listed and read without following a link or waiting for a pipe."""

import os
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from autograder.notebook.reading import too_large

MOST_LISTED, DEEPEST = 2_000, 8  # names of a submission's files that are looked at, and how many folders down
LINKED = "links are not followed"


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


class Obstacle(StrEnum):
    """What keeps a file from being read."""

    LINK = "link"
    FOLDER = "folder"
    NO_FILE = "device, pipe or socket"
    TOO_LARGE = "too large"
    FORBIDDEN = "forbidden"
    ERROR = "error of the operating system"


@dataclass(frozen=True)
class NotRead:
    """Why `read_plain_file` gave nothing."""

    obstacle: Obstacle
    size: int = 0  # bytes, of a file that is too large
    most: int = 0  # bytes that would have been read
    error: str = ""  # what the operating system says

    def __str__(self) -> str:
        """In words for the student."""
        words = {
            Obstacle.LINK: f"it is a link, and {LINKED}",
            Obstacle.FOLDER: "it is a folder, not a file",
            Obstacle.NO_FILE: "it is no ordinary file",
            Obstacle.TOO_LARGE: too_large(self.size, self.most),
            Obstacle.FORBIDDEN: "it cannot be read (its owner has not allowed it)",
            Obstacle.ERROR: f"it cannot be read ({self.error})",
        }
        return words[self.obstacle]


def why_not_read(path: Path, most: int) -> NotRead:
    """Why `read_plain_file` gave nothing for this file."""
    try:
        info = path.lstat()
    except OSError as error:
        return NotRead(Obstacle.ERROR, error=error.strerror or "")
    if stat.S_ISLNK(info.st_mode):
        return NotRead(Obstacle.LINK)
    if stat.S_ISDIR(info.st_mode):
        return NotRead(Obstacle.FOLDER)
    if not stat.S_ISREG(info.st_mode):
        return NotRead(Obstacle.NO_FILE)
    if info.st_size > most:
        return NotRead(Obstacle.TOO_LARGE, info.st_size, most)
    return NotRead(Obstacle.FORBIDDEN)


def is_text(name: str) -> bool:
    """Whether a file name is proper text: names are bytes, and not all bytes are UTF-8."""
    return not any("\ud800" <= character <= "\udfff" for character in name)
