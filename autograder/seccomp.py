"""Which system calls student code may not make: a seccomp filter, written out as the kernel wants it.

Namespaces hide the machine, and a throw-away user owns nothing. What is left are calls that reach past both: a new user
namespace with rights of its own, memory that belongs to no process, the limits and priorities of the supervisor, keys
and queues that outlive a process, and sockets of kinds that a network namespace does not cover. They fail as if the
kernel did not have them. Everything else is allowed.

The filter is classic BPF: see the kernel's Documentation/userspace-api/seccomp_filter.rst.
"""

import errno
import platform
import struct
import sys

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # AUDIT_ARCH_… of linux/audit.h
X32 = 0x40000000  # x86_64's second set of numbers starts here
NEW_NAMESPACES = 0x7E020000  # CLONE_NEW…, all of them
UNIX, INET, INET6, NETLINK = 1, 2, 10, 16  # loopback inside, and what lists its interfaces

# name → (number on x86_64, number on aarch64, what it would give)
FORBIDDEN = {
    "unshare": (272, 97, "rights of its own in a new namespace"),
    "setns": (308, 268, "another namespace"),
    "mount": (165, 40, "a folder without bounds"),
    "umount2": (166, 39, "what lies under a mount"),
    "pivot_root": (155, 41, "another root"),
    "chroot": (161, 51, "another root"),
    "open_tree": (428, 428, "a mount by another name"),
    "move_mount": (429, 429, "a mount by another name"),
    "fsopen": (430, 430, "a mount by another name"),
    "fsmount": (432, 432, "a mount by another name"),
    "mount_setattr": (442, 442, "a mount by another name"),
    "ptrace": (101, 117, "another process's memory"),
    "process_vm_readv": (310, 270, "another process's memory"),
    "process_vm_writev": (311, 271, "another process's memory"),
    "pidfd_getfd": (438, 438, "another process's files"),
    "memfd_create": (319, 279, "memory that is in no process"),
    "memfd_secret": (447, 447, "memory that is in no process"),
    "shmget": (29, 194, "memory that outlives its process"),
    "semget": (64, 190, "a semaphore that outlives its process"),
    "msgget": (68, 186, "a queue that outlives its process"),
    "mq_open": (240, 180, "a queue that outlives its process"),
    "add_key": (248, 217, "a note for the next submission"),
    "request_key": (249, 218, "a note for the next submission"),
    "keyctl": (250, 219, "a note for the next submission"),
    "bpf": (321, 280, "the kernel's own machinery"),
    "perf_event_open": (298, 241, "the kernel's own machinery"),
    "userfaultfd": (323, 282, "the kernel's own machinery"),
    "io_uring_setup": (425, 425, "system calls that no filter sees"),
}
# name → (numbers, which values its arguments may have): allowed for the calling process itself
ONLY_FOR_ITSELF = {
    "prlimit64": ((302, 261), {0: (0,)}),
    "setpriority": ((141, 140), {0: (0,), 1: (0,)}),
    "sched_setparam": ((142, 118), {0: (0,)}),
    "sched_setscheduler": ((144, 119), {0: (0,)}),
    "sched_setattr": ((314, 274), {0: (0,)}),
    "sched_setaffinity": ((203, 122), {0: (0,)}),
    "ioprio_set": ((251, 30), {0: (1,), 1: (0,)}),
}

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW = 0x7FFF0000


def filter_program(machine=None):
    """The filter as bytes, for `bwrap --seccomp`. None on a kind of processor whose numbers are not in our tables."""
    machine = machine or platform.machine()
    if sys.platform != "linux" or machine not in ARCHITECTURES:
        return None
    which = list(ARCHITECTURES).index(machine)
    program = [_load(4), (EQUAL, 1, 0, ARCHITECTURES[machine]), _refuse(errno.ENOSYS), _load(0)]
    if machine == "x86_64":
        program += [(AT_LEAST, 0, 1, X32), _refuse(errno.ENOSYS)]
    for *numbers, _ in FORBIDDEN.values():
        program += _rule(numbers[which], [_refuse(errno.EPERM)])
    for numbers, arguments in ONLY_FOR_ITSELF.values():
        program += _rule(numbers[which], _only(arguments, errno.EPERM))
    clone, clone3, socket = (56, 220)[which], 435, (41, 198)[which]
    program += _rule(
        clone, [_argument(0), (ANY_BIT, 0, 1, NEW_NAMESPACES), _refuse(errno.EPERM), (RETURN, 0, 0, ALLOW)]
    )
    program += _rule(clone3, [_refuse(errno.ENOSYS)])  # its flags lie in memory: libraries fall back to clone
    program += _rule(socket, _only({0: (UNIX, INET, INET6, NETLINK)}, errno.EAFNOSUPPORT))
    program += [(RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def _rule(number, body):
    """`body` for one system call; others jump over it. The call's number is what was loaded last."""
    return [(EQUAL, 0, len(body), number), *body]


def _only(arguments, error):
    """Refuse unless each of the arguments (position → values) has one of its values."""
    body = []
    for position, values in arguments.items():
        body.append(_argument(position))
        body += [(EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)]
        body.append(_refuse(error))
    return [*body, (RETURN, 0, 0, ALLOW)]


def _load(offset):
    return (LOAD, 0, 0, offset)


def _argument(position):
    """Load the low half of an argument: all that the kernel reads of an int."""
    return _load(16 + 8 * position)


def _refuse(error):
    return (RETURN, 0, 0, 0x00050000 | error)
