"""Run a command and measure its whole tree of processes: wall seconds, CPU seconds, and its own peak memory."""

import ctypes
import os
import resource
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tables import clean_environment

PR_SET_CHILD_SUBREAPER = 36


@dataclass
class Measured:
    """What one command took."""

    wall: float  # seconds
    cpu: float  # seconds of user and system time, of the command and of everything that it started
    peak_memory: int  # bytes of the command's own process, without its children
    output: str
    status: int


def adopt_orphans():
    """Make this process the parent of every orphan below it, so that their CPU time is counted here too (Linux).

    A sandbox's processes end as orphans: without this they count for nobody.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def measured(command, folder, may_fail=False):
    """Run `command` in `folder` to its end. Raises SystemExit with what it said if it fails, unless it may."""
    began, before = time.perf_counter(), _cpu_of_children()
    process = subprocess.Popen(
        [str(part) for part in command], cwd=folder, env=clean_environment(), text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    peak = [0]
    watch = threading.Thread(target=_watch_memory, args=(process, peak), daemon=True)
    watch.start()
    output, _ = process.communicate()
    wall = time.perf_counter() - began
    watch.join()
    reap_orphans()
    if process.returncode and not may_fail:
        sys.exit(f"{' '.join(map(str, command))} failed in {folder}:\n{output[-4000:]}")
    return Measured(wall, _cpu_of_children() - before, peak[0], output, process.returncode)


def _cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _watch_memory(process, peak):
    """Keep the largest resident size that the kernel has noted for the process itself."""
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        with suppress(OSError, IndexError, ValueError):
            peak[0] = int(status.read_text().split("VmHWM:")[1].split()[0]) * 1024
        time.sleep(0.05)


def reap_orphans():
    """Wait for the processes that were adopted, at most five seconds. To be called when no other child is left."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.02)
        except ChildProcessError:
            return
