"""What an instructor keeps at the course root for questions of their own: `mistakes/*.py` and `alternatives/*.py`.

They are read anew each time, so that a server that runs for weeks sees what was changed, and nothing is written beside
them. Students' code cannot reach them: the sandbox shows nothing of the course.
"""

import types

from autograder.course.settings import NoCourse


def own_modules(folder):
    """(path, module) of each Python file in `folder`, in order; files whose names begin with `_` are left out.

    Returns nothing when there is no such folder. Raises NoCourse for a file that cannot be read or run.
    """
    found = []
    for path in sorted(folder.glob("[!_.]*.py")):
        module = types.ModuleType(f"{folder.name}_{path.stem}")
        module.__file__ = str(path)
        try:
            exec(compile(path.read_bytes(), str(path), "exec"), vars(module))
        except Exception as error:
            raise NoCourse(f"{path} cannot be used: {type(error).__name__}: {error}") from error
        found.append((path, module))
    return found
