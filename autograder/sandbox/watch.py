"""What a running submission uses, seen from outside: memory, processor time and files of all its processes together.

Without cgroups these are no hard bounds: they are looked at ten times a second, and between two looks a submission may
overshoot. Each process has hard limits of its own besides (inside/enclosure.py).
"""

import contextlib
import os
import signal
from collections.abc import Callable, Sequence

import psutil

from autograder.sandbox.breach import Breach, Over
from autograder.sandbox.job import Limits

FEW_FILES = 24  # so many open files are not looked at one by one
SOCKET_BUFFER = 212_992  # bytes that one may hold: the kernel's net.core.wmem_default, which nobody inside can raise


class Watch:
    """Adds up what one start of a notebook uses. Call `over()` now and then; it says which limit was passed, or None.

    processes: gives the first process (or None) and the list of all others. folders: open descriptors of the writable
    folders in memory.
    """

    def __init__(
        self,
        limits: Limits,
        processes: Callable[[], tuple[psutil.Process | None, list[psutil.Process]]],
        folders: Sequence[int] = (),
    ) -> None:
        self.limits, self.processes, self.folders = limits, processes, folders
        self.cpu = self.cpu_last = self.cpu_vanished = 0.0
        self.largest: psutil.Process | None = None  # the process that uses most memory
        self.cpu_at_start = self._processor_time(*self.processes())
        self.begin()

    def begin(self, whole: bool = True) -> None:
        """From here on counts as a new cell (and, when `whole`, files are counted anew)."""
        self.cpu_before = self.cpu
        if whole:
            self.files_before, self.bytes_before = self._stored()

    def over(self) -> Breach | None:
        supervisor, inside = self.processes()
        cpu = self._processor_time(supervisor, inside)
        files, stored = self._stored()
        if cpu - self.cpu_before > self.limits.cell_cpu_seconds:
            return Breach(Over.CELL_CPU, self.limits.cell_cpu_seconds)
        if files - self.files_before > self.limits.files:
            return Breach(Over.FILES, self.limits.files)
        if self._memory(inside) + max(0, stored - self.bytes_before) > self.limits.memory:
            return Breach(Over.MEMORY, self.limits.memory)
        if self.sockets > self.limits.sockets:
            return Breach(Over.SOCKETS, self.limits.sockets)
        return None

    @property
    def cpu_of_all(self) -> float:
        """Seconds of processor time since this start, of all cells together."""
        return self.cpu - self.cpu_at_start

    def _processor_time(self, supervisor: psutil.Process | None, inside: list[psutil.Process]) -> float:
        """Seconds used by all processes, those that have ended too.

        A process that has ended is in the sum of the parent that waited for it. One that nobody waits for drops out of
        the sums: what the total falls by is added again.
        """
        total = 0.0
        for process in [supervisor, *inside] if supervisor else inside:
            try:
                total += sum(process.cpu_times()[:4])
            except psutil.Error:
                continue
        self.cpu_vanished += max(0.0, self.cpu_last - total)
        self.cpu_last = total
        self.cpu = total + self.cpu_vanished
        return self.cpu

    def _stored(self) -> tuple[int, int]:
        """(files, bytes) in the writable folders."""
        files = size = 0
        for folder in self.folders:
            found = os.fstatvfs(folder)
            files += found.f_files - found.f_ffree
            size += (found.f_blocks - found.f_bfree) * found.f_frsize
        return files, size

    def _memory(self, inside: list[psutil.Process]) -> int:
        sizes = []
        self.sockets = 0
        for process in inside:
            with contextlib.suppress(OSError, ValueError):
                sizes.append((_size(process.pid), process))
                self.sockets += _sockets(process.pid)
        self.largest = max(sizes, key=lambda pair: pair[0], default=(0, None))[1]
        used = sum(size for size, _ in sizes)
        if used > self.limits.memory:
            used = sum(_proportional_size(process, size) for size, process in sizes)
        return used + self.sockets * SOCKET_BUFFER


def _size(pid: int) -> int:
    """Bytes that a process holds: in memory, swapped out, and the tables that say where."""
    with open(f"/proc/{pid}/status") as file:
        found = dict(line.split(":", 1) for line in file if line.startswith(("VmRSS", "VmSwap", "VmPTE")))
    return sum(1024 * int(text.split()[0]) for text in found.values())


def _sockets(pid: int) -> int:
    """How many sockets a process has open: what lies in their buffers is in no process's size."""
    folder = f"/proc/{pid}/fd"
    names = os.listdir(folder)
    if len(names) <= FEW_FILES:
        return 0
    found = 0
    for name in names:
        with contextlib.suppress(OSError):
            found += os.readlink(f"{folder}/{name}").startswith("socket:")
    return found


def _proportional_size(process: psutil.Process, otherwise: int) -> int:
    """Memory with shared pages counted once over all processes; the plain size where the kernel does not say."""
    try:
        with open(f"/proc/{process.pid}/smaps_rollup") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))
    except (OSError, StopIteration, ValueError):
        return otherwise


def inner_pids(pid: int) -> list[int]:
    """The numbers of a process in the namespaces it is in, from the outermost that we know to its own; [] without it."""
    with contextlib.suppress(OSError, StopIteration), open(f"/proc/{pid}/status") as file:
        return [int(number) for number in next(line for line in file if line.startswith("NSpid:")).split()[1:]]
    return []


def descendants(process: psutil.Process) -> list[psutil.Process]:
    """All processes below a psutil.Process, parents first. Raises psutil.NoSuchProcess when it has gone.

    psutil reads the whole table of processes for that; Linux has a list of the children of each thread.
    """
    if not os.path.exists(f"/proc/{process.pid}/task/{process.pid}/children"):
        return process.children(recursive=True)
    found: list[psutil.Process] = []
    left = [process.pid]
    while left:
        pid = left.pop(0)
        left += children(pid)
        if pid != process.pid:
            with contextlib.suppress(psutil.NoSuchProcess):
                found.append(psutil.Process(pid))
    return found


def children(pid: int) -> list[int]:
    """The process ids of a process's children, of all its threads."""
    found: list[int] = []
    if not os.path.exists(f"/proc/{pid}/task/{pid}/children"):
        with contextlib.suppress(psutil.NoSuchProcess):
            found = [child.pid for child in psutil.Process(pid).children()]
        return found
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as listed:
                found += map(int, listed.read().split())
    return found


def kill(pid: int) -> None:
    """End a process, if it is still there and ours."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
