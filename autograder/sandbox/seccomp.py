"""Which system calls student code may make: a seccomp filter, written out as the kernel wants it.

Namespaces hide the machine, and a throw-away user owns nothing. What is left are calls that reach past both. This is a list
of what is allowed, with the reason: what Python, numpy and the programs of a system make when they compute, write files and
start processes. Whatever is not here fails as if the kernel did not have it (ENOSYS), so that libraries do without: sockets
(but for pairs), memory that belongs to no process or is shared by name, queues, keys, namespaces, mounts, tracing,
attributes of files, the kernel's own machinery, and all that kernels to come will have.

The filter is classic BPF: see the kernel's Documentation/userspace-api/seccomp_filter.rst.
"""

import errno
import platform
import struct
import sys
from collections.abc import Mapping

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # AUDIT_ARCH_… of linux/audit.h
X32 = 0x40000000  # x86_64's second set of numbers starts here
NEW_NAMESPACES = 0x7E020000  # CLONE_NEW…, all of them
SHARED_AND_ANONYMOUS, HUGE = 0x21, 0x40000  # MAP_SHARED | MAP_ANONYMOUS, MAP_HUGETLB
UNIX, STREAM, CLOSE_ON_EXEC, NOT_BLOCKING = 1, 1, 0x80000, 0x800

# Why → the calls, each with its number on x86_64 and on aarch64 ("-": it has none there).
ALLOWED = {
    "files that it can see: reading, writing, naming; what may be written is said by the mounts": """
        read 0 63, write 1 64, readv 19 65, writev 20 66, pread64 17 67, pwrite64 18 68, preadv 295 69,
        pwritev 296 70, preadv2 327 286, pwritev2 328 287, open 2 -, openat 257 56, creat 85 -, close 3 57,
        close_range 436 436, lseek 8 62, dup 32 23, dup2 33 -, dup3 292 24, flock 73 32, fsync 74 82,
        fdatasync 75 83, sync_file_range 277 84, truncate 76 45, ftruncate 77 46, fallocate 285 47,
        fadvise64 221 223, readahead 187 213, sendfile 40 71, copy_file_range 326 285, stat 4 -, fstat 5 80,
        lstat 6 -, newfstatat 262 79, statx 332 291, access 21 -, faccessat 269 48, faccessat2 439 439,
        statfs 137 43, fstatfs 138 44, readlink 89 -, readlinkat 267 78, getdents 78 -, getdents64 217 61,
        getcwd 79 17, chdir 80 49, fchdir 81 50, rename 82 -, renameat 264 38, renameat2 316 276, mkdir 83 -,
        mkdirat 258 34, rmdir 84 -, link 86 -, linkat 265 37, unlink 87 -, unlinkat 263 35, symlink 88 -,
        symlinkat 266 36, chmod 90 -, fchmod 91 52, fchmodat 268 53, umask 95 166, utime 132 -, utimes 235 -,
        futimesat 261 -, utimensat 280 88
    """,
    "memory of its own": """
        mprotect 10 226, munmap 11 215, mremap 25 216, brk 12 214, madvise 28 233, mincore 27 232, msync 26 227,
        mlock 149 228, mlock2 325 284, munlock 150 229, membarrier 324 283, get_mempolicy 239 236
    """,
    "processes of its own, threads, and signals to them; the namespace holds no others": """
        fork 57 -, vfork 58 -, execve 59 221, execveat 322 281, exit 60 93, exit_group 231 94, wait4 61 260,
        waitid 247 95, kill 62 129, tgkill 234 131, tkill 200 130, pidfd_open 434 434, pidfd_send_signal 424 424,
        getpid 39 172, getppid 110 173, gettid 186 178, getpgid 121 155, getpgrp 111 -, setpgid 109 154,
        setsid 112 157, getsid 124 156, getuid 102 174, geteuid 107 175, getgid 104 176, getegid 108 177,
        getresuid 118 148, getresgid 120 150, getgroups 115 158, capget 125 90, set_tid_address 218 96,
        set_robust_list 273 99, get_robust_list 274 100, rseq 334 293, futex 202 98, sched_yield 24 124,
        sched_getaffinity 204 123, sched_getparam 143 121, sched_getscheduler 145 120, sched_getattr 315 275,
        sched_get_priority_max 146 125, sched_get_priority_min 147 126, sched_rr_get_interval 148 127,
        getpriority 140 141, ioprio_get 252 31, getrlimit 97 163, setrlimit 160 164, getrusage 98 165,
        times 100 153, sysinfo 99 179, uname 63 160, getcpu 309 168, getrandom 318 278, arch_prctl 158 -,
        personality 135 92
    """,
    "clocks, timers and signals: they end with the process": """
        rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, rt_sigsuspend 130 133,
        rt_sigpending 127 136, rt_sigtimedwait 128 137, sigaltstack 131 132, pause 34 -, restart_syscall 219 128,
        alarm 37 -, setitimer 38 103, getitimer 36 102, timer_create 222 107, timer_settime 223 110,
        timer_gettime 224 108, timer_getoverrun 225 109, timer_delete 226 111, timerfd_create 283 85,
        timerfd_settime 286 86, timerfd_gettime 287 87, nanosleep 35 101, clock_nanosleep 230 115,
        clock_gettime 228 113, clock_getres 229 114, gettimeofday 96 169, time 201 -
    """,
    "pipes, and what waits for them; a pair of sockets is what asyncio wakes itself with": """
        pipe 22 -, pipe2 293 59, poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72, epoll_create 213 -,
        epoll_create1 291 20, epoll_ctl 233 21, epoll_wait 232 -, epoll_pwait 281 22, epoll_pwait2 441 441,
        eventfd 284 -, eventfd2 290 19, sendto 44 206, recvfrom 45 207, shutdown 48 210, getsockname 51 204,
        getpeername 52 205, getsockopt 55 209
    """,
}

# name → (numbers, what its arguments may be, the error otherwise, why)
ONLY_WITH: dict[str, tuple[tuple[int, int], dict[int, tuple[int, ...]], int, str]] = {
    "prlimit64": ((302, 261), {0: (0,)}, errno.EPERM, "limits of its own"),
    "setpriority": ((141, 140), {0: (0,), 1: (0,)}, errno.EPERM, "its own priority"),
    "sched_setparam": ((142, 118), {0: (0,)}, errno.EPERM, "its own priority"),
    "sched_setscheduler": ((144, 119), {0: (0,)}, errno.EPERM, "its own priority"),
    "sched_setattr": ((314, 274), {0: (0,)}, errno.EPERM, "its own priority"),
    "sched_setaffinity": ((203, 122), {0: (0,)}, errno.EPERM, "its own processors"),
    "ioprio_set": ((251, 30), {0: (1,), 1: (0,)}, errno.EPERM, "its own priority"),
    "socketpair": (
        (53, 199),
        {0: (UNIX,), 1: tuple(STREAM | a | b for a in (0, CLOSE_ON_EXEC) for b in (0, NOT_BLOCKING)), 2: (0,)},
        errno.EAFNOSUPPORT,
        "two ends within one process",
    ),
    # F_DUPFD to F_SETLKW, locks of open files, F_DUPFD_CLOEXEC, F_GETPIPE_SZ: no larger pipes, no leases, no notices
    "fcntl": ((72, 25), {1: (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032)}, errno.EPERM, "flags of open files"),
    # TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
    "ioctl": ((16, 29), {1: (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)}, errno.ENOTTY, "questions about files"),
    # get and set: PDEATHSIG, DUMPABLE, NAME, TIMERSLACK, CHILD_SUBREAPER, NO_NEW_PRIVS, THP_DISABLE; set: VMA (names of
    # mappings); get: KEEPCAPS, SECCOMP, CAPBSET, SECUREBITS
    "prctl": (
        (157, 167),
        {0: (1, 2, 3, 4, 7, 15, 16, 21, 23, 27, 29, 30, 36, 37, 38, 39, 41, 42, 0x53564D41)},
        errno.EPERM,
        "settings of its own",
    ),
}
# name → (numbers, why it is refused with an error of its own, the error): libraries fall back on it
REFUSED: dict[str, tuple[tuple[int, int | None], str, int]] = {
    "socket": ((41, 198), "no network, not even one's own: what a connection leaves behind outlives it", errno.EPERM),
    "unshare": ((272, 97), "rights of its own in a new namespace", errno.EPERM),
    "memfd_create": ((319, 279), "memory that is in no process", errno.EPERM),
    "ptrace": ((101, 117), "another process's memory", errno.EPERM),
    "chown": ((92, None), "files are its own already", errno.EPERM),
    "fchown": ((93, 55), "files are its own already", errno.EPERM),
    "lchown": ((94, None), "files are its own already", errno.EPERM),
    "fchownat": ((260, 54), "files are its own already", errno.EPERM),
}
REFUSED |= {
    name: (numbers, "a place for notes; copying a file does without", errno.EOPNOTSUPP)
    for name, numbers in {
        "setxattr": (188, 5),
        "lsetxattr": (189, 6),
        "fsetxattr": (190, 7),
        "getxattr": (191, 8),
        "lgetxattr": (192, 9),
        "fgetxattr": (193, 10),
        "listxattr": (194, 11),
        "llistxattr": (195, 12),
        "flistxattr": (196, 13),
        "removexattr": (197, 14),
        "lremovexattr": (198, 15),
        "fremovexattr": (199, 16),
    }.items()
}
MMAP, CLONE = (9, 222), (56, 220)

LOAD, EQUAL, AT_LEAST, ANY_BIT, AND, RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
ALLOW = 0x7FFF0000
Instruction = tuple[int, int, int, int]  # what to do, how far to jump if so and if not, a number


def filter_program(machine: str | None = None) -> bytes | None:
    """The filter; None on a kind of processor whose numbers are not in our tables."""
    machine = machine or platform.machine()
    if sys.platform != "linux" or machine not in ARCHITECTURES:
        return None
    which = list(ARCHITECTURES).index(machine)
    program = [_load(4), (EQUAL, 1, 0, ARCHITECTURES[machine]), _refuse(errno.ENOSYS), _load(0)]
    if machine == "x86_64":
        program += [(AT_LEAST, 0, 1, X32), _refuse(errno.ENOSYS)]
    for number in allowed(which).values():
        program += _rule(number, [(RETURN, 0, 0, ALLOW)])
    for numbers, arguments, error, _ in ONLY_WITH.values():
        program += _rule(numbers[which], _only(arguments, error))
    for known, _, error in REFUSED.values():
        if (number_here := known[which]) is not None:
            program += _rule(number_here, [_refuse(error)])
    # Memory shared by its address alone is in no process's count, and huge pages are in nobody's.
    shared = [
        _argument(3),
        (AND, 0, 0, SHARED_AND_ANONYMOUS),
        (EQUAL, 0, 1, SHARED_AND_ANONYMOUS),
        _refuse(errno.EPERM),
    ]
    huge = [_argument(3), (ANY_BIT, 0, 1, HUGE), _refuse(errno.EPERM), (RETURN, 0, 0, ALLOW)]
    program += _rule(MMAP[which], shared + huge)
    spaces = [_argument(0), (ANY_BIT, 0, 1, NEW_NAMESPACES), _refuse(errno.EPERM), (RETURN, 0, 0, ALLOW)]
    program += _rule(CLONE[which], spaces)  # clone3, whose flags lie in memory, is not there: libraries fall back
    program += [_refuse(errno.ENOSYS)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def allowed(which: int) -> dict[str, int]:
    """Name → number of the calls that are allowed whatever their arguments. which: 0 for x86_64, 1 for aarch64."""
    rows = [row.split() for calls in ALLOWED.values() for row in calls.split(",")]
    return {name: int(numbers[which]) for name, *numbers in rows if numbers[which] != "-"}


def _rule(number: int, body: list[Instruction]) -> list[Instruction]:
    """`body` for one system call; others jump over it. The call's number is what was loaded last."""
    return [(EQUAL, 0, len(body), number), *body]


def _only(arguments: Mapping[int, tuple[int, ...]], error: int) -> list[Instruction]:
    """Refuse unless each of the arguments (position → values) has one of its values."""
    body = []
    for position, values in arguments.items():
        body.append(_argument(position))
        body += [(EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)]
        body.append(_refuse(error))
    return [*body, (RETURN, 0, 0, ALLOW)]


def _load(offset: int) -> Instruction:
    return (LOAD, 0, 0, offset)


def _argument(position: int) -> Instruction:
    """Load the low half of an argument: all that the kernel reads of an int."""
    return _load(16 + 8 * position)


def _refuse(error: int) -> Instruction:
    return (RETURN, 0, 0, 0x00050000 | error)
