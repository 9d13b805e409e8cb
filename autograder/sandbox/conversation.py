"""One start of one notebook: the grader's side of the pipe.

Everything that arrives is text from a stranger: collector.py bounds it, parses it as JSON and copies it field by field.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import selectors
import tempfile
import time
from collections.abc import Callable, Collection
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from autograder.notebook.needed import names_read
from autograder.sandbox.breach import Breach, Over
from autograder.sandbox.collector import Collector
from autograder.sandbox.folders import contents
from autograder.sandbox.job import SandboxUnavailable
from autograder.sandbox.watch import Watch, kill

if TYPE_CHECKING:
    from autograder.sandbox.askers import Asker
    from autograder.sandbox.clock import Clock
    from autograder.sandbox.job import Job, Run
    from autograder.sandbox.process import Start
    from autograder.sandbox.sandbox import Sandbox

SPARE = 0.5  # seconds that must be left for a notebook to be started once more
GRACE = 2.0  # seconds after a time limit before we stop asking and kill
LARGEST_PID = 2**22


class Phase(Enum):
    """What a start is at: it runs the visible cells, or answers hidden tests, or ends what else runs there."""

    NOTEBOOK = auto()
    HIDDEN = auto()
    CLEARING = auto()


class Conversation:
    """One start of one notebook: from the first cell to the last hidden test.

    skip: cells that are left out, because they ended the process before; grows. clock: the submission's (clock.py). last:
    whether there will be no further start. together: all hidden tests are asked in one process, which goes back to the
    state at each. alone: test cells whose hidden tests are not asked here. seconds: what visible cells may take; by
    default what the clock says.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        job: Job,
        skip: set[int],
        result: Run,
        clock: Clock,
        last: bool,
        together: bool = False,
        alone: Collection[int] = (),
        seconds: float | None = None,
    ) -> None:
        self.sandbox, self.job, self.skip, self.result, self.last = sandbox, job, skip, result, last
        self.clock, self.together, self.seconds = clock, together, seconds
        self.limits = sandbox.limits
        hidden = [number for number, cell in enumerate(job.cells) if cell.hidden is not None]
        self.hidden = [number for number in hidden if number not in alone]
        self.current: int | None = None  # the cell that is running
        self.phase = Phase.NOTEBOOK
        self.start: Start | None = None
        self.asker: Asker | None = None
        self.watch: Watch | None = None
        self.pid: int | None = None  # of the notebook's process
        self.pids: dict[int, int] = {}  # checkpoint → process id inside
        self.ended: set[int] = set()  # process ids inside
        self.finished = False
        self.collector = Collector(self.limits, result)
        self.from_asker, self.to_student, self.to_asker = bytearray(), bytearray(), bytearray()
        self.killed_for: Breach | None = None
        self.broke_checkpoints: set[int] = set()  # cells during which a waiting checkpoint was ended
        self.gone: set[int] = set()  # those checkpoints
        self.cannot_go_back: set[int] = set()  # test cells whose snapshot could not be restored
        self.died: tuple[int, str] | None = None  # together: the cell that ended the process, and why
        self.dirty = False  # a hidden test has left something in the writable folders

    def hold(self) -> bool:
        """Run to the end. Returns whether the notebook should be started once more, without the cells in `skip`.

        Asked together, only a notebook without any trouble comes to its end: all others are to be started anew.
        """
        seconds = self.clock.for_cells() if self.seconds is None else self.seconds
        if seconds <= 0:
            for number in range(max(self.skip, default=-1) + 1, len(self.result.cells)):
                self.result.cells[number].lost = f"it was not run: {self._time_is_up()}"
            return False
        for number, cell in enumerate(self.result.cells):
            if number not in self.skip:
                cell.outputs, cell.lost = [], None
        try:
            self._open()
            began = time.monotonic()
            self._run_notebook(seconds)
            self.clock.visible += time.monotonic() - began
            if self.together:
                if not self.finished and self.current is not None:
                    self.died = self.current, self._why()
                return not (self.finished and self._ask_together())
            died_at = None if self.finished else self.current
            if died_at is not None:
                self.result.cells[died_at].lost = self._why()
                self.skip.add(died_at)
                as_far_as_there = self.cell_started - began
                if not self.last and self.clock.for_cells() > as_far_as_there + SPARE:
                    return True  # else what is there now is asked now
            elif not self.finished:
                self._lose_the_rest("The notebook could not be started: " + self._why())
                return False
            lost_checkpoints = self._ask_hidden_tests()
            for number in self.broke_checkpoints - self.skip:
                self.result.cells[number].lost = "the code ended other processes of the notebook; it was left out"
                self.skip.add(number)
            return lost_checkpoints and not self.last
        finally:
            self._close()

    def _open(self) -> None:
        order = {
            "folder": self.sandbox.work,
            "folders": self.sandbox.folders,
            "scratch": self.sandbox.scratch,
            "files": {name: base64.b64encode(data).decode() for name, data in self.job.files.items()},
            "environment": {"NBGRADER_EXECUTION": "autograde"},  # as nbgrader tells the notebooks that it runs
            "limits": self.sandbox.process_limits(),
            "together": self.together,
            "ends_there": self.hidden == [len(self.job.cells) - 1],  # nothing comes after the one test cell
            "cells": [
                {
                    "label": cell.label,
                    "source": cell.source if cell.shown else "",
                    "checkpoint": number in self.hidden,
                    "skip": number in self.skip,
                }
                for number, cell in enumerate(self.job.cells)
            ],
        }
        self.out, out_write = os.pipe()
        askers = self.hidden[:1] if self.together else self.hidden
        pipes = [os.pipe() for _ in askers]
        self.wake = {number: write for number, (_, write) in zip(askers, pipes, strict=True)}
        theirs = [out_write, *[read for read, _ in pipes]]
        with tempfile.TemporaryFile() as file:
            file.write(json.dumps(order).encode("utf-8", "backslashreplace"))
            file.seek(0)
            try:
                self.start = self.sandbox.start("notebook", [file.fileno(), *theirs])
            finally:
                for descriptor in theirs:
                    os.close(descriptor)
        for descriptor in (self.out, *self.wake.values()):
            os.set_blocking(descriptor, False)
        self.watch = Watch(self.limits, self.start.processes, self.start.folders)

    def _close(self) -> None:
        if self.asker is not None:
            self.asker.close(done=not (self.to_asker or self.from_asker))
        if self.start is not None:
            self.start.close()
        for descriptor in (self.out, *self.wake.values()):
            os.close(descriptor)

    # The two phases.

    def _run_notebook(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        self.cell_started = time.monotonic()
        over = (lambda: self.finished or self.pid in self.ended) if self.together else (lambda: self.pid in self.ended)
        self._listen(over, lambda: min(end, self._cell_deadline()))

    def _cell_deadline(self) -> float:
        return self.cell_started + self.limits.patience * self.limits.cell_seconds + GRACE

    def _ask_hidden_tests(self) -> bool:
        """Wake the checkpoints one after the other. Returns whether one had ended before its turn."""
        self.phase = Phase.HIDDEN
        lost = False
        for place, number in enumerate(self.hidden):
            run = self.result.cells[number]
            if run.asked:  # in an earlier attempt
                continue
            pid = self.pids.get(number)
            if number in self.skip and pid is None:
                run.hidden_lost = run.hidden_lost or run.lost
                continue
            if pid is None or pid in self.ended or number in self.gone:
                run.hidden_lost = "the process in which it should have run was ended by the notebook's own code"
                lost = True
                continue
            self._ask(number, pid, len(self.hidden) - place)
            if number in self.cannot_go_back:
                continue
            if not run.asked and pid in self.ended and not self.killed_for:
                lost = True  # it had been ended before it could start
            run.hidden_lost = None if self.checkpoint_done else self._why()
            if pid not in self.ended:
                assert self.start is not None
                self.start.command({"do": "kill", "pid": pid})
                self.ended.add(pid)  # not spared, nor counted, when the next test begins
        return lost

    def _ask_together(self) -> bool:
        """Have the one process answer the hidden tests of one cell after the other. Returns whether all went well."""
        for place, number in enumerate(self.hidden):
            pid = self.pids.get(number)
            if pid is None or pid in self.ended:
                return False
            self._ask(number, pid, len(self.hidden) - place)
            if not self.checkpoint_done or self.killed_for:
                return False
        return True

    def _ask(self, number: int, pid: int, left: int) -> None:
        """Have a checkpoint answer the hidden tests of a cell, and take in what comes of it. left: how many there are."""
        self.phase = Phase.HIDDEN
        run = self.result.cells[number]
        self.current, self.killed_for = number, None
        assert self.watch is not None
        self.watch.begin()
        self.collector.arrived = 0  # a quota for each: one cell's output does not use up the next one's
        run.answers, run.failures, run.hidden_outputs = [], [], []
        self.checkpoint_done = self.woken = self.region_ended = False
        self.to_student, self.to_asker = bytearray(), bytearray()
        self._end_what_else_runs()
        if self.dirty:
            self.cannot_go_back.add(number)
            return
        self._forget_the_rest()
        self.waker = self.wake[self.hidden[0] if self.together else number]
        seconds = min(self.clock.for_test(left), self.limits.patience * self.limits.cell_seconds + GRACE)
        deadline = time.monotonic() + seconds

        def over() -> bool:
            return pid in self.ended or self.checkpoint_done or number in self.cannot_go_back

        self._wake(number)
        if not self.job.cells[number].questions:
            self._listen(over, lambda: deadline)
            return
        self._listen(lambda: self.woken or over(), lambda: deadline)
        if self.woken and not over():
            before = self._contents()
            self._have_it_asked(number)
            self._listen(over, lambda: deadline)
            self.dirty = before != self._contents()
        if self.asker is not None and not self.region_ended:
            self.asker.close()  # it waits for answers that nobody gives
            self.asker, self.from_asker = None, bytearray()

    def _forget_the_rest(self) -> None:
        """Read what others have left in the pipe, who have ended in the middle of a line."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self.out, 1 << 20):
                pass
        self.collector.forget_line()

    def _contents(self) -> list[object] | None:
        """What the writable folders hold. Whatever a hidden test leaves there is not for those that come after it."""
        assert self.start is not None
        return None if self.together else [contents(folder) for folder in self.start.folders]

    def _end_what_else_runs(self) -> None:
        """Everything but the checkpoints: daemons and copies would take the hidden tests' time."""
        assert self.start is not None
        kept = set(self.pids.values()) - self.ended
        alone = self.together and len(self.start.processes()[1]) == len(kept)  # asking the first process takes longer
        if self.sandbox.confined and not alone:
            self.cleared = False
            self.start.command({"do": "clear", "keep": sorted(kept)})
            deadline = time.monotonic() + 5
            self.phase = Phase.CLEARING
            self._listen(lambda: self.cleared or time.monotonic() > deadline, lambda: deadline + 60)
            self.phase, self.killed_for = Phase.HIDDEN, None

    def _wake(self, number: int) -> None:
        """Tell the student's process which cell it is about."""
        cell = self.job.cells[number]
        order = {"do": "questions", "number": number}
        if not cell.questions:
            order |= {"do": "whole", "label": cell.label, "source": cell.hidden}
        if self.together:
            reads = names_read(*((cell.needed, cell.only_hidden) if cell.questions else (cell.hidden,)))
            order["reads"] = None if reads is None else sorted(reads)
        self._send_to_student(json.dumps(order).encode("utf-8", "backslashreplace") + b"\n")

    def _have_it_asked(self, number: int) -> None:
        """Give the hidden tests of a cell to the side that asks."""
        cell = self.job.cells[number]
        if self.asker is None:
            self.asker = self.sandbox.new_asker(self.job)
        self.asker.ask(cell)
        region = {
            "do": "region",
            "number": number,
            "label": cell.label,
            "needed": cell.needed,
            "prelude": cell.prelude,
            "hidden": cell.only_hidden,
            "seed": cell.seed,
            "written": cell.written,
            "given": cell.given,
            "course": cell.course,
        }
        self._send_to_asker(json.dumps(region).encode("utf-8", "backslashreplace") + b"\n")

    def _send_to_student(self, data: bytes | bytearray = b"") -> None:
        _send(self.waker, self.to_student, data)

    def _send_to_asker(self, data: bytes | bytearray = b"") -> None:
        if self.asker is not None:
            _send(self.asker.inward, self.to_asker, data)

    def _listen(self, done: Callable[[], bool], deadline: Callable[[], float]) -> None:
        """Take in what arrives until `done()`; at `deadline()` or past a bound, kill and go on until it has ended."""
        assert self.start is not None
        selector = selectors.DefaultSelector()
        selector.register(self.out, selectors.EVENT_READ, self._take_output)
        selector.register(self.start.events, selectors.EVENT_READ, self._take_events)
        if self.asker is not None and self.phase is Phase.HIDDEN:
            selector.register(self.asker.out, selectors.EVENT_READ, self._take_from_asker)
        watched = time.monotonic()
        kill_at = 0.0
        give_up: float | None = None
        try:
            self._parse_events()
            while not done():
                waiting = self.to_student or self.to_asker  # a pipe is full: its other end reads when it can
                for key, _ in selector.select(0.001 if waiting else 0.1):
                    if key.data() is False:
                        selector.unregister(key.fileobj)
                if self.to_student:
                    self._send_to_student()
                if self.to_asker:
                    self._send_to_asker()
                now = time.monotonic()
                if now - watched > 0.1 and self.phase is not Phase.CLEARING:
                    self._look()
                    watched = time.monotonic()
                if self.collector.arrived > self.limits.pipe_bytes:
                    self.killed_for = Breach(Over.OUTPUT, self.limits.pipe_bytes)
                elif now > deadline():
                    self.killed_for = self.killed_for or self._time_is_up()
                if self.killed_for and now > kill_at:
                    kill_at = now + 1.0
                    give_up = give_up or now + 5.0
                    self._kill_current()
                if give_up and now > give_up:  # no exit notice came: it is killed with its start
                    break
        finally:
            selector.close()
        self._take_output()

    def _time_is_up(self) -> Breach:
        if self.clock.left <= 0 or (self.phase is Phase.NOTEBOOK and self.clock.for_cells() <= 0):
            return Breach(Over.ALL_TIME, self.clock.total)
        return Breach(Over.TIME)

    def _kill_current(self) -> None:
        assert self.start is not None
        pid = self.pid
        if self.phase is not Phase.NOTEBOOK:
            pid = None if self.current is None else self.pids.get(self.current)
        if pid is not None and self.phase is not Phase.CLEARING:
            self.start.command({"do": "kill", "pid": pid})

    def _look(self) -> None:
        """Whether the submission uses more than it may."""
        assert self.watch is not None
        over = self.watch.over()
        if over is None and self.phase is Phase.NOTEBOOK and self.watch.cpu_of_all > self.limits.cpu_seconds:
            over = Breach(Over.ALL_CPU, self.limits.cpu_seconds)
        if over is not None:
            self.killed_for = self.killed_for or over
            if over.over is Over.MEMORY and self.watch.largest is not None:
                kill(self.watch.largest.pid)

    def _why(self) -> str:
        if self.killed_for:
            return f"the code was stopped: {self.killed_for}"
        return "the code ended the whole Python process (a crash, or a call that exits)"

    def _lose_the_rest(self, reason: str) -> None:
        for cell in self.result.cells:
            cell.lost = cell.lost or reason

    # What arrives.

    def _take_events(self) -> bool:
        assert self.start is not None
        try:
            data = self.start.events.recv(65536)
        except (BlockingIOError, TimeoutError):
            return True
        if not data:
            raise SandboxUnavailable("The sandbox ended while a notebook was running")
        self.start.buffer += data
        self._parse_events()
        return True

    def _parse_events(self) -> None:
        assert self.start is not None
        *lines, self.start.buffer = self.start.buffer.split(b"\n")
        for line in lines:
            event = json.loads(line)
            if event["event"] == "started":
                self.pid = event["pid"]
            elif event["event"] == "ended":
                self.ended.add(event["pid"])
            elif event["event"] == "cleared":
                self.cleared = True

    def _take_from_asker(self) -> bool:
        """What the hidden tests say: what the student's process is to be asked (after ">"), and what came of it."""
        assert self.asker is not None
        try:
            data = os.read(self.asker.out, 1 << 20)
        except BlockingIOError:
            return True
        if not data:
            self.killed_for = self.killed_for or Breach(Over.ASKER)
            return False
        *lines, self.from_asker = (self.from_asker + data).split(b"\n")
        for line in lines:
            if line.startswith(b">"):
                self._send_to_student(line[1:] + b"\n")
            elif line:
                self._take_asked(json.loads(line), len(line))
        return True

    def _take_asked(self, message: dict[str, Any], size: int) -> None:
        assert self.current is not None
        if message.get("event") == "statement failed":
            self.collector.keep_failure(self.current, message["error"])
        elif message.get("event") == "region ended":
            self.region_ended = self.checkpoint_done = True
            if self.together:  # the same process will be asked about the next cell
                self._send_to_student(b'{"do": "end"}\n')
        else:
            self.collector.keep_answer(self.current, message, size)

    def _take_output(self) -> bool:
        """Read what the pipe holds now. Returns False at its end."""
        for _ in range(64):
            try:
                data = os.read(self.out, 1 << 20)
            except BlockingIOError:
                return True
            if not data:
                return False
            for message, line in self.collector.messages(data):
                self._take(message, line)
        return True

    def _take(self, message: dict[str, Any], line: bytes | None) -> None:
        """line: None for what stands in place of a message that was too large."""
        event = message.get("event")
        if event in ("reply", "call") and line is not None:
            self._pass_on(line)
        elif event is not None:
            self._take_message(event, message)
        elif self.phase is Phase.NOTEBOOK and self.current is not None:
            self.collector.keep_output(self.current, message)
        elif self.phase is Phase.HIDDEN:
            self._take_from_hidden(message, dropped=line is None)

    def _take_message(self, event: Any, message: dict[str, Any]) -> None:
        number: Any = message.get("number")
        known = type(number) is int and 0 <= number < len(self.job.cells)
        if event == "checkpoint" and known and number in self.hidden:
            pid = message.get("pid")
            if type(pid) is int and 1 < pid <= LARGEST_PID:
                self.pids.setdefault(number, pid)
        elif self.phase is Phase.NOTEBOOK and event == "cell" and known:
            if self.current is None or number > self.current:  # a clock that has started is not started anew
                self.current, self.cell_started = number, time.monotonic()
                assert self.watch is not None
                self.watch.begin(whole=False)
        elif self.phase is Phase.NOTEBOOK and event == "checkpoint ended early" and self.current is not None:
            self.broke_checkpoints.add(self.current)
            if known:
                self.gone.add(number)
        elif self.phase is Phase.NOTEBOOK and event == "notebook ended":
            self.finished = True
        elif self.phase is Phase.HIDDEN and event == "woken" and number == self.current:
            self.result.cells[number].asked = self.woken = True
        elif self.phase is Phase.HIDDEN and event == "checkpoint ended" and number == self.current:
            self.checkpoint_done = True
        elif self.phase is Phase.HIDDEN and event == "cannot go back" and number == self.current and not self.woken:
            self.cannot_go_back.add(number)

    def _take_from_hidden(self, message: dict[str, Any], dropped: bool) -> None:
        """What is shown while a hidden test runs: kept of ordinary tests only."""
        assert self.current is not None
        if not self.job.cells[self.current].questions:
            self.collector.keep_hidden(self.current, message)
        if dropped and self.asker is not None:
            self._send_to_asker(b"dropped\n")

    def _pass_on(self, line: bytes) -> None:
        """A reply, or a call of a function of ours, goes to the hidden tests as it is: they read it strictly."""
        if self.phase is not Phase.HIDDEN or self.asker is None:
            return
        assert self.current is not None
        if self.job.cells[self.current].questions:
            self._send_to_asker(b"<" + line + b"\n")
            if len(self.to_asker) > self.limits.pipe_bytes:
                self.killed_for = Breach(Over.OUTPUT, self.limits.pipe_bytes)


def _send(descriptor: int, waiting: bytearray, data: bytes | bytearray) -> None:
    """Write what waits for a pipe, and `data` after it, as far as the pipe takes it now."""
    waiting += data
    try:
        while waiting:
            del waiting[: os.write(descriptor, memoryview(waiting)[: 1 << 16].tobytes())]
    except BlockingIOError:
        pass
    except BrokenPipeError:
        waiting.clear()
