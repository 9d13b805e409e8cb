"""Python files that a course brings along at its root: `mistakes/*.py`, `alternatives/*.py`, judges.

Modules are cached by their files' content, so that a server that runs for weeks sees what was changed; no bytecode is
written beside them. Students' code cannot reach them: the sandbox shows nothing of the course.
"""

import linecache
import types
from pathlib import Path

from autograder.course.settings import NoCourse

_cache: dict[Path, tuple[bytes, types.ModuleType]] = {}  # path → (content, module)


def own_modules(folder: Path) -> list[tuple[Path, types.ModuleType]]:
    """Each Python file in `folder`, in order; files whose names begin with `_` are left out.

    Returns nothing when there is no such folder. Raises NoCourse for a file that cannot be read or run.
    """
    return [(path, own_module(path)) for path in sorted(folder.glob("[!_.]*.py"))]


def own_module(path: Path) -> types.ModuleType:
    """One such file as a module. Raises NoCourse when it cannot be read or run."""
    try:
        content = path.read_bytes()
        known = _cache.get(path)
        if known is not None and known[0] == content:
            return known[1]
        linecache.checkcache(str(path))  # where mistakes look up their own text
        module = types.ModuleType(f"{path.parent.name}_{path.stem}")
        module.__file__ = str(path)
        exec(compile(content, str(path), "exec"), vars(module))
        _cache[path] = content, module
    except Exception as error:
        raise NoCourse(f"{path} cannot be used: {type(error).__name__}: {error}") from error
    return module
