"""The first process of a start, process 1 of its namespace: nothing in there can end it, and when it ends all do.

It does what the grader says: ends the notebook or a checkpoint, or everything but some. It reads nothing that a student
wrote.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import time

TYPE_CHECKING = False  # as typing has it, which need not be loaded here
if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from typing import Any


def serve(events: socket.socket, pid: int) -> None:
    """Do what comes through the socket `events` until it closes. pid: of the notebook's process, which has been started."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    wakeup_read, wakeup_write = os.pipe()
    for end in (wakeup_read, wakeup_write):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wakeup_write)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    tell(events, {"event": "started", "pid": pid})
    _tell_who_has_ended(events)
    left = b""
    ends: list[socket.socket | int] = [events, wakeup_read]
    while True:
        readable, _, _ = select.select(ends, [], [])
        if wakeup_read in readable:
            os.read(wakeup_read, 4096)
            _tell_who_has_ended(events)
        if events in readable:
            data = events.recv(65536)
            if not data:
                return
            *lines, left = (left + data).split(b"\n")
            for line in lines:
                command = json.loads(line)
                if command["do"] == "kill":
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(command["pid"], signal.SIGKILL)
                elif command["do"] == "clear":
                    _end_all_but(command["keep"])
                    tell(events, {"event": "cleared"})


def tell(events: socket.socket, message: dict[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        events.sendall(json.dumps(message).encode() + b"\n")


def ended_children() -> Iterator[tuple[int, int]]:
    """(process id, status) of each child that has ended."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        yield pid, status


def _tell_who_has_ended(events: socket.socket) -> None:
    for pid, status in ended_children():
        tell(events, {"event": "ended", "pid": pid, "status": status})


def _end_all_but(keep: list[int]) -> None:
    """End what a notebook has left running, so that it takes no time from the hidden tests. Only as process 1.

    What is kept goes on, should the notebook have stopped it.
    """
    spared = {1, *keep}
    for _ in range(50 if os.getpid() == 1 else 0):  # a fork bomb needs more than one round
        others = [pid for pid in _processes() if pid not in spared and not _is_zombie(pid)]
        if not others:
            break
        for pid in others:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.002)
    for pid in keep if os.getpid() == 1 else ():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGCONT)


def _processes() -> list[int]:
    with contextlib.suppress(OSError):
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    found = []  # where the kernel shows us none: ask for each number
    for pid in range(2, 4096):
        with contextlib.suppress(OSError):
            os.kill(pid, 0)
            found.append(pid)
    return found


def _is_zombie(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] in (b"Z", b"X")
    except (OSError, IndexError):
        return True
