"""An enclosure for one start of a notebook: namespaces, folders and limits that nothing before it has touched.

The sandbox around us (bubblewrap) shows a read-only system. What is writable is made here, anew for every start, and goes
with it: a mount namespace with empty folders in memory, and a process namespace whose first process takes all others with
it when it ends. So there is nothing to clean, and no place where one start could leave a note for the next.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys

TYPE_CHECKING = False  # as typing has it, which need not be loaded here
if TYPE_CHECKING:
    from typing import Any

NEW_MOUNTS, NEW_PROCESSES = 0x00020000, 0x20000000  # CLONE_NEWNS, CLONE_NEWPID of linux/sched.h
READ_ONLY, NO_SUID, NO_DEVICES, NO_PROGRAMS, BIND, DEEP = 1, 2, 4, 8, 4096, 16384  # MS_… of linux/mount.h
PRIVATE, REMOUNT = 1 << 18, 32
SET_DUMPABLE, SET_NO_NEW_PRIVILEGES, SET_SECCOMP, SET_SUBREAPER = 4, 38, 22, 36  # PR_… of linux/prctl.h
FILTER = 2  # SECCOMP_MODE_FILTER

_libc = ctypes.CDLL(None, use_errno=True)


class NotEnclosed(OSError):
    """The kernel refused a part of the enclosure: nothing may be run."""


def unshare(kinds: int) -> None:
    """Leave the namespaces of these kinds for new ones. Raises NotEnclosed."""
    _done(_libc.unshare(kinds), "new namespaces")


def enter_own_process_namespace() -> None:
    """Have the next children born where we are ourselves again. Raises NotEnclosed where the kernel does not let us."""
    number = os.pidfd_open(os.getpid())
    try:
        _done(_libc.setns(number, NEW_PROCESSES), "the own process namespace")
    finally:
        os.close(number)


def make_folders(folders: list[str], size: int, files: int, kept: dict[str, str], links: dict[str, str]) -> None:
    """Mount the writable folders, empty, over what is there. In a mount namespace of one's own only.

    folders: their paths. size, files: how many bytes and files each takes. kept: path below one of them → where the same
    folder is shown too; it is shown there again, read-only. links: path → what a link there leads to.
    """
    _mount(None, "/", None, DEEP | PRIVATE)
    for folder in folders:
        options = f"size={size},nr_inodes={files},mode=1777"
        _mount("tmpfs", folder, "tmpfs", NO_SUID | NO_DEVICES, options)
    for path, source in kept.items():
        os.makedirs(path, mode=0o755, exist_ok=True)
        _mount(source, path, None, BIND | DEEP)
        _mount(None, path, None, BIND | REMOUNT | READ_ONLY | NO_SUID | NO_DEVICES)
    for path, target in links.items():
        os.makedirs(os.path.dirname(path), mode=0o777, exist_ok=True)
        os.chmod(os.path.dirname(path), 0o777)
        os.symlink(target, path)


def show_own_processes() -> None:
    """Mount /proc with the processes of this namespace and nothing else, read-only; without it where that is refused.

    subset=pid (Linux 5.8) leaves out /proc/sys, /proc/net and all that is not a process.
    """
    flags = READ_ONLY | NO_SUID | NO_DEVICES | NO_PROGRAMS
    with contextlib.suppress(NotEnclosed):
        _mount("proc", "/proc", "proc", flags, "subset=pid,hidepid=invisible")
        return
    _mount("tmpfs", "/proc", "tmpfs", flags, "size=0,nr_inodes=1,mode=555")


def become(uid: int | None) -> None:
    """Drop root for a throw-away user, for good."""
    if uid is not None and os.getuid() == 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


def drop_rights() -> None:
    """Give up every capability, whoever we are. Raises NotEnclosed."""

    class Header(ctypes.Structure):
        _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]

    class Data(ctypes.Structure):
        _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]

    none = (Data * 2)()
    _libc.prctl(47, 4, 0, 0, 0)  # PR_CAP_AMBIENT_CLEAR_ALL
    _done(_libc.capset(ctypes.byref(Header(0x20080522, 0)), ctypes.byref(none)), "giving up all rights")


def allow_only(program: bytes) -> None:
    """Install a seccomp filter (bytes of classic BPF) for this process and all that come from it. Raises NotEnclosed."""

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]

    _done(_libc.prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "no new privileges")
    told = Program(len(program) // 8, program)
    _done(_libc.prctl(SET_SECCOMP, FILTER, ctypes.byref(told), 0, 0), "the filter of system calls")


def hide_memory(hidden: bool) -> None:
    """Whether other processes of this user may look into this one (Linux); orphans come to whoever hides."""
    if sys.platform == "linux":
        _libc.prctl(SET_DUMPABLE, 0 if hidden else 1, 0, 0, 0)
        if hidden:
            _libc.prctl(SET_SUBREAPER, 1, 0, 0, 0)  # for when we are not process 1


def set_limits(limits: dict[str, Any]) -> None:
    """The kernel's limits of each process. limits: see Conversation; None is no limit."""
    import resource

    pairs = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_CPU, limits["cpu_seconds"]),
        (resource.RLIMIT_FSIZE, limits["file_size"]),
        (resource.RLIMIT_NOFILE, limits["open_files"]),
    ]
    for name, most in (("RLIMIT_NPROC", limits["processes"]), ("RLIMIT_MEMLOCK", 0), ("RLIMIT_MSGQUEUE", 0)):
        if hasattr(resource, name):
            pairs.append((getattr(resource, name), most))
    for kind, most in pairs:
        if most is not None:
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(kind, (most, most))


def _mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    texts = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    made = _libc.mount(*texts, ctypes.c_ulong(flags), None if options is None else options.encode())
    _done(made, f"a mount at {target}")


def _done(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise NotEnclosed(number, f"{what}: {os.strerror(number)}")
