"""The way out of a process: messages, printed text, and the clock that interrupts what takes too long."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time

TYPE_CHECKING = False  # as typing has it, which need not be loaded here
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

MOST_AT_ONCE = 100_000  # characters of one message of printed text
AGAIN = 0.8  # seconds between repeated timeouts, for code that swallows the first; several fit into the grace period


class TimeIsUp(BaseException):
    """Raised in the student's code when a cell or a question has used up its time."""

    count = 0  # how often that has happened


class Outbox:
    """Writes messages into the pipe that leads out."""

    def __init__(self, descriptor: int | None) -> None:
        self.descriptor = descriptor  # or None: then nothing goes anywhere
        self.stream: Stream | None = None  # the Stream that was written to last
        self.halfway = False  # a message was cut off when its sender's time was up

    def send(self, message: dict[str, Any]) -> None:
        if self.descriptor is None:  # a rehearsal
            return
        line = json.dumps(message).encode("utf-8", "backslashreplace") + b"\n"
        data = memoryview(b"\n" + line if self.halfway else line)
        self.halfway = True
        while data:
            data = data[os.write(self.descriptor, data) :]
        self.halfway = False


class Stream:
    """Stands in for sys.stdout and sys.stderr: text goes out in pieces."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, name: str, outbox: Outbox) -> None:
        self.name, self.outbox, self.size, self.sent_at = name, outbox, 0, 0.0
        self.pieces: list[str] = []

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self.outbox.stream is not self:  # keep stdout and stderr in order
            if self.outbox.stream is not None:
                self.outbox.stream.flush()
            self.outbox.stream = self
        self.pieces.append(text)
        self.size += len(text)
        if self.size > 8192 or ("\n" in text and time.monotonic() - self.sent_at > 0.1):
            self.flush()
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if self.pieces:
            text, self.pieces, self.size, self.sent_at = "".join(self.pieces), [], 0, time.monotonic()
            for start in range(0, len(text), MOST_AT_ONCE):  # of a longer line the beginning can be kept
                piece = text[start : start + MOST_AT_ONCE]
                self.outbox.send({"output_type": "stream", "name": self.name, "text": piece})

    def isatty(self) -> bool:
        return False

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True


@contextlib.contextmanager
def time_limit(seconds: float, patience: float) -> Iterator[None]:
    """Raise TimeIsUp in the body after `seconds` of this process's own processor time, or `patience` times as many of
    wall time: where the machine is busy, that is not the student's fault.

    It is raised again every AGAIN seconds: an exception in a callback (a hook of `os.fork`, a `__del__`) ends only that.
    """

    def stop(*_: object) -> None:
        TimeIsUp.count += 1
        raise TimeIsUp(f"stopped after {seconds:g} seconds")

    for number in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(number, stop)
    signal.setitimer(signal.ITIMER_REAL, patience * seconds, AGAIN)
    signal.setitimer(signal.ITIMER_PROF, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)
