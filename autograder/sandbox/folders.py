"""What lies in a folder that a stranger may have filled."""

from __future__ import annotations

import contextlib
import os

MOST_ENTRIES = 2_000  # files that are looked at between two hidden tests


def contents(folder: int) -> object:
    """What lies below an open folder: names, and what the kernel says of them. Folders may be a stranger's. What is mounted
    there (Python itself) cannot be written to, and is not looked into."""
    found, left, device = [], [("", os.dup(folder))], os.fstat(folder).st_dev
    try:
        while left:
            above, descriptor = left.pop()
            with contextlib.suppress(OSError), os.scandir(descriptor) as entries:
                for entry in entries:
                    told = entry.stat(follow_symlinks=False)
                    path = f"{above}/{entry.name}"
                    found.append((path, told.st_ino, told.st_mode, told.st_size, told.st_mtime_ns, told.st_ctime_ns))
                    is_ours = entry.is_dir(follow_symlinks=False) and told.st_dev == device
                    if is_ours and len(found) < MOST_ENTRIES and len(left) < 100:
                        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
                        left.append((path, os.open(entry.name, flags, dir_fd=descriptor)))
                    if len(found) >= MOST_ENTRIES:
                        break
            os.close(descriptor)
    finally:
        for _, descriptor in left:
            os.close(descriptor)
    return sorted(found) if len(found) < MOST_ENTRIES else object()
