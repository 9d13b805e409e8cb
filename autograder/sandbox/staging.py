"""The folder that a sandbox is shown: our own code that runs inside, and the course's helpers, each with its bytecode."""

from __future__ import annotations

import functools
import importlib.util
import marshal
import shutil
from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatch
from importlib.machinery import SourceFileLoader
from pathlib import Path

from autograder.installed import HELPERS


def copy_helpers(target: Path, withheld: Iterable[str]) -> None:
    """Copy helpers/ without the withheld files (patterns), each module with its bytecode, so that no sandbox compiles."""
    copy_modules(HELPERS, target, withheld)


def copy_modules(source: Path, target: Path, withheld: Iterable[str]) -> None:
    shutil.copytree(source, target, ignore=_left_out(("__pycache__", *withheld)))
    for path in [*target.glob("*.py")]:
        compiled = Path(importlib.util.cache_from_source(path))
        compiled.parent.mkdir(exist_ok=True)
        compiled.write_bytes(_bytecode(source / path.name))
    readable_by_all(target)


def _left_out(patterns: Sequence[str]) -> Callable[[str, list[str]], set[str]]:
    """For shutil.copytree. A pattern of a module (`live.*`, `live.py`) is one of the folder, too, that it may have become."""

    def left_out(folder: str, names: list[str]) -> set[str]:
        files = {name: f"{name}.py" if Path(folder, name).is_dir() else name for name in names}
        return {
            name for name, file in files.items() if any(fnmatch(name, each) or fnmatch(file, each) for each in patterns)
        }

    return left_out


@functools.lru_cache(maxsize=100)
def _bytecode(path: Path) -> bytes:
    """A compiled module, marked as good whatever the date of its source (the format is that of PEP 552)."""
    code = SourceFileLoader(path.stem, str(path)).get_code(path.stem)
    unchecked = 1
    return (
        importlib.util.MAGIC_NUMBER
        + unchecked.to_bytes(4, "little")
        + importlib.util.source_hash(path.read_bytes())
        + marshal.dumps(code)
    )


def readable_by_all(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
