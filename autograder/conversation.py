"""One start of one notebook: the grader's side of the pipe.

Everything that arrives is text from a stranger: it is bounded, parsed as JSON, and copied field by field.
"""

import base64
import json
import os
import re
import selectors
import tempfile
import time

from autograder.job import SandboxUnavailable
from autograder.needed import names_read
from autograder.watch import Watch, kill
from helpers.questions import ANSWER_MIMETYPE

SHOWN_TYPES = ("text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/jpeg", "image/svg+xml")
GRACE = 2.0  # seconds after a time limit before we stop asking and kill
MOST_FAILURES = 200  # statements of one hidden test that raised
MOST_MARKS = 300_000  # brackets, braces and commas in one message: what it becomes in memory grows with them
LARGEST_PID = 2**22


class Conversation:
    """One start of one notebook: from the first cell to the last hidden test."""

    def __init__(self, sandbox, job, skip, result, last, together=False):
        self.sandbox, self.job, self.skip, self.result, self.last = sandbox, job, skip, result, last
        self.together = together  # all hidden tests are asked in one process, which goes back to the state at each
        self.limits = sandbox.limits
        self.hidden = [number for number, cell in enumerate(job.cells) if cell.hidden is not None]
        self.current = None  # the cell that is running
        self.phase = "notebook"
        self.pids = {}  # checkpoint → process id inside
        self.ended = set()  # process ids inside
        self.finished = False
        self.arrived = self.answered = 0
        self.kept, self.count = {}, {}  # cell → bytes and number of its outputs
        self.watch = Watch(self.limits, sandbox.processes, sandbox.folders)
        self.line, self.dropping = bytearray(), False
        self.killed_for = None
        self.displays = {}
        self.broke_checkpoints = set()  # cells during which a waiting checkpoint was ended
        self.gone = set()  # those checkpoints

    def hold(self):
        """Run to the end. Returns whether the notebook should be started once more, without the cells in `skip`.

        Asked together, only a notebook without any trouble comes to its end: all others are to be started anew.
        """
        for number, cell in enumerate(self.result.cells):
            if number not in self.skip:
                cell.outputs, cell.lost = [], None
        self._open()
        try:
            self._run_notebook()
            if self.together:
                return not (self.finished and self._ask_together())
            died_at = None if self.finished else self.current
            if died_at is not None:
                self.result.cells[died_at].lost = self._why()
                self.skip.add(died_at)
                if not self.last:
                    return True
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

    def _open(self):
        order = {
            "folder": self.sandbox.work,
            "scratch": self.sandbox.scratch,
            "files": {name: base64.b64encode(data).decode() for name, data in self.job.files.items()},
            "environment": {"NBGRADER_EXECUTION": "autograde"},  # as nbgrader tells the notebooks that it runs
            "limits": {
                "cell_seconds": self.limits.cell_seconds,
                "question_seconds": self.limits.question_seconds,
                "memory": self.limits.address_space if self.sandbox.confined else None,
                "cpu_seconds": 2 * int(self.limits.cpu_seconds) + 1,  # for when nobody watches
                "processes": self.limits.processes if self.sandbox.confined else None,
                "file_size": self.limits.file_size,
                "open_files": self.limits.open_files,
            },
            "together": self.together,
            "cells": [
                {
                    "label": cell.label,
                    "source": cell.source if cell.shown else "",
                    "checkpoint": cell.hidden is not None,
                    "skip": number in self.skip,
                }
                for number, cell in enumerate(self.job.cells)
            ],
        }
        with tempfile.TemporaryFile() as file:
            file.write(json.dumps(order).encode("utf-8", "backslashreplace"))
            file.seek(0)
            self.out, out_write = os.pipe()
            askers = self.hidden[:1] if self.together else self.hidden
            pipes = [os.pipe() for _ in askers]
            self.wake = {number: write for number, (_, write) in zip(askers, pipes, strict=True)}
            theirs = [out_write, *[read for read, _ in pipes]]
            try:
                self.sandbox.command({"do": "run"}, [file.fileno(), *theirs])
            finally:
                for descriptor in theirs:
                    os.close(descriptor)
        os.set_blocking(self.out, False)
        self.pid = None

    def _close(self):
        os.close(self.out)
        for descriptor in self.wake.values():
            os.close(descriptor)

    # The two phases.

    def _run_notebook(self):
        end = time.monotonic() + self.limits.notebook_seconds
        self.cell_started = time.monotonic()
        self._listen(lambda: self.pid in self.ended, lambda: min(end, self._cell_deadline()))

    def _cell_deadline(self):
        return self.cell_started + self.limits.cell_seconds + GRACE

    def _ask_hidden_tests(self):
        """Wake the checkpoints one after the other. Returns whether one had ended before its turn."""
        self.phase = "hidden"
        lost = False
        for number in self.hidden:
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
            self._ask(number, pid)
            if not run.asked and pid in self.ended and not self.killed_for:
                lost = True  # it had been ended before it could start
            run.hidden_lost = None if self.checkpoint_done else self._why()
            if pid not in self.ended:
                self.sandbox.command({"do": "kill", "pid": pid})
                self.ended.add(pid)  # so that it is not spared when the next test begins, nor counted then
        return lost

    def _ask_together(self):
        """Have the one checkpoint run the hidden tests of one cell after the other. Returns whether all went well."""
        self.phase = "hidden"
        for number in self.hidden:
            pid = self.pids.get(number)
            if pid is None or pid in self.ended:
                return False
            self._ask(number, pid)
            if not self.checkpoint_done or self.killed_for:
                return False
        return True

    def _ask(self, number, pid):
        """Have a checkpoint run the hidden tests of a cell, and take in what comes of it."""
        cell, run = self.job.cells[number], self.result.cells[number]
        self.current, self.killed_for = number, None
        self.watch.begin()
        self.arrived = 0  # each may hand out as much: what one has poured out costs the next nothing
        run.answers, run.failures, run.hidden_outputs = [], [], []
        self.checkpoint_done = False
        self._end_what_else_runs()
        self._wake(number, cell)
        deadline = time.monotonic() + self.limits.cell_seconds + GRACE
        self._listen(lambda: pid in self.ended or self.checkpoint_done, lambda: deadline)

    def _end_what_else_runs(self):
        """Everything but the checkpoints: daemons and copies would take the hidden tests' time."""
        kept = set(self.pids.values()) - self.ended
        alone = self.together and len(self.sandbox.processes()[1]) == len(kept)  # asking the supervisor takes longer
        if self.sandbox.confined and not alone:
            self.cleared = False
            self.sandbox.command({"do": "clear", "keep": sorted(kept)})
            deadline = time.monotonic() + 5
            self.phase = "clearing"
            self._listen(lambda: self.cleared or time.monotonic() > deadline, lambda: deadline + 60)
            self.phase, self.killed_for = "hidden", None

    def _wake(self, number, cell):
        order = {
            "number": number,
            "label": cell.label,
            "source": cell.hidden,
            "given": cell.given,
            "needed": cell.needed,
            "hidden": cell.only_hidden,
            "seed": cell.seed,
            "whole": not cell.questions,
        }
        if self.together:
            parts = (cell.given, cell.needed, cell.only_hidden) if cell.questions else (cell.hidden,)
            reads = names_read(*parts)
            order["reads"] = None if reads is None else sorted(reads)
        data = memoryview(json.dumps(order).encode("utf-8", "backslashreplace") + b"\n")
        descriptor = self.wake[self.hidden[0] if self.together else number]
        os.set_blocking(descriptor, False)
        deadline = time.monotonic() + 5
        while data and time.monotonic() < deadline:
            try:
                data = data[os.write(descriptor, data) :]
            except BlockingIOError:
                time.sleep(0.005)
            except BrokenPipeError:
                break

    def _listen(self, done, deadline):
        """Take in what arrives until `done()`; at `deadline()` or past a bound, kill and go on until it has ended."""
        selector = selectors.DefaultSelector()
        selector.register(self.out, selectors.EVENT_READ, self._take_output)
        selector.register(self.sandbox.control, selectors.EVENT_READ, self._take_events)
        watched = time.monotonic()
        kill_at = 0.0
        give_up = None
        try:
            self._parse_events()
            while not done():
                for key, _ in selector.select(0.1):
                    if key.data() is False:
                        selector.unregister(key.fileobj)
                now = time.monotonic()
                if now - watched > 0.1 and self.phase != "clearing":
                    self._look()
                    watched = time.monotonic()
                if self.arrived > self.limits.pipe_bytes:
                    self.killed_for = f"it wrote more than {_megabytes(self.limits.pipe_bytes)} of output"
                elif now > deadline():
                    self.killed_for = self.killed_for or "it used up its time"
                if self.killed_for and now > kill_at:
                    kill_at = now + 1.0
                    give_up = give_up or now + 5.0
                    self._kill_current()
                if give_up and now > give_up:  # nobody tells us that it has ended: the sweep will end it
                    break
        finally:
            selector.close()
        self._take_output()

    def _kill_current(self):
        pid = self.pid if self.phase == "notebook" else self.pids.get(self.current)
        if pid is not None and self.phase != "clearing":
            self.sandbox.command({"do": "kill", "pid": pid})

    def _look(self):
        """Whether the submission uses more than it may."""
        over = self.watch.over()
        if over is None and self.phase == "notebook" and self.watch.cpu_of_all > self.limits.cpu_seconds:
            over = f"all cells together used more than {self.limits.cpu_seconds:g} seconds of processor time"
        if over is not None:
            self.killed_for = self.killed_for or over
            if "memory" in over and self.watch.largest is not None:
                kill(self.watch.largest.pid)

    def _why(self):
        if self.killed_for:
            return f"the code was stopped: {self.killed_for}"
        return "the code ended the whole Python process (a crash, or a call that exits)"

    def _lose_the_rest(self, reason):
        for cell in self.result.cells:
            cell.lost = cell.lost or reason

    # What arrives.

    def _take_events(self):
        try:
            data = self.sandbox.control.recv(65536)
        except (BlockingIOError, TimeoutError):
            return True
        if not data:
            raise SandboxUnavailable("The sandbox ended while a notebook was running")
        self.sandbox.buffer += data
        self._parse_events()
        return True

    def _parse_events(self):
        *lines, self.sandbox.buffer = self.sandbox.buffer.split(b"\n")
        for line in lines:
            event = json.loads(line)
            if event["event"] == "started":
                self.pid = event["pid"]
            elif event["event"] == "ended":
                self.ended.add(event["pid"])
            elif event["event"] == "cleared":
                self.cleared = True

    def _take_output(self):
        """Read what the pipe holds now. Returns False at its end."""
        for _ in range(64):
            try:
                data = os.read(self.out, 1 << 20)
            except BlockingIOError:
                return True
            if not data:
                return False
            self.arrived += len(data)
            *whole, rest = data.split(b"\n")
            for piece in whole:
                self._add(piece)
                if not self.dropping and self.line:
                    self._parse(bytes(self.line))
                self.line, self.dropping = bytearray(), False
            self._add(rest)
        return True

    def _add(self, piece):
        if not self.dropping:
            self.line += piece
            if len(self.line) > self.limits.message_bytes:
                self.line, self.dropping = bytearray(), True
                self._take({"output_type": "stream", "name": "stderr", "text": self._too_large()})

    def _too_large(self):
        return f"[one output of more than {_megabytes(self.limits.message_bytes)} was left out]\n"

    def _parse(self, line):
        if sum(map(line.count, b"[{,")) > MOST_MARKS:
            return
        try:
            message = json.loads(line)
            if b"\\ud" in line.lower():  # halves of characters, which no file takes
                message = json.loads(json.dumps(message, ensure_ascii=False).encode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return
        if isinstance(message, dict):
            self._take(message, len(line))

    def _take(self, message, size=0):
        event = message.get("event")
        if event is not None:
            self._take_message(event, message)
        elif self.phase == "notebook":
            self._keep_output(message)
        elif self.phase == "hidden":
            self._keep_hidden(message, size)

    def _take_message(self, event, message):
        number = message.get("number")
        known = type(number) is int and 0 <= number < len(self.job.cells)
        if event == "checkpoint" and known and number in self.hidden:
            pid = message.get("pid")
            if type(pid) is int and 1 < pid <= LARGEST_PID:
                self.pids.setdefault(number, pid)
        elif self.phase == "notebook" and event == "cell" and known:
            if self.current is None or number > self.current:  # a clock that has started is not started anew
                self.current, self.cell_started = number, time.monotonic()
                self.watch.begin(whole=False)
        elif self.phase == "notebook" and event == "checkpoint ended early" and self.current is not None:
            self.broke_checkpoints.add(self.current)
            if known:
                self.gone.add(number)
        elif self.phase == "notebook" and event == "notebook ended":
            self.finished = True
        elif self.phase == "hidden" and event == "woken" and number == self.current:
            self.result.cells[number].asked = True
        elif self.phase == "hidden" and event == "checkpoint ended" and number == self.current:
            self.checkpoint_done = True
        elif self.phase == "hidden" and event == "statement failed" and isinstance(message.get("error"), dict):
            failures = self.result.cells[self.current].failures
            if len(failures) < MOST_FAILURES:
                failures.append(
                    {name: _short_text(message["error"].get(name)) for name in ("type", "message", "question")}
                )

    def _keep_output(self, message):
        if self.current is None:
            return
        outputs = self.result.cells[self.current].outputs
        kind = message.get("output_type")
        if kind == "clear_output":
            outputs.clear()
            self.kept[self.current] = self.count[self.current] = 0
            return
        output = notebook_output(message)
        if output is None:
            return
        display_id = message.get("display_id")
        if kind == "update_display_data":
            number, shown = self.displays.get(display_id if isinstance(display_id, str) else None, (None, None))
            if shown is not None and self._has_room(number, len(json.dumps(output)) - len(json.dumps(shown)), 0):
                shown.update(data=output["data"], metadata=output["metadata"])
            return
        previous = outputs[-1] if outputs else {}
        joins = kind == "stream" and previous.get("output_type") == "stream" and previous["name"] == output["name"]
        if not self._has_room(self.current, len(json.dumps(output)), 0 if joins else 1):
            return
        if joins:
            previous["text"] += output["text"]
        else:
            outputs.append(output)
            if isinstance(display_id, str):
                self.displays[display_id] = (self.current, output)

    def _has_room(self, number, size, count):
        """Whether a cell may show that much more; what was refused is said once."""
        limits = self.limits
        if sum(self.kept.values()) + size > limits.output_bytes:
            self._remark(f"only the first {_megabytes(limits.output_bytes)} of the outputs were kept")
            return False
        if sum(self.count.values()) + count > limits.outputs:
            self._remark(f"only the first {limits.outputs:,} outputs were kept")
            return False
        self.kept[number] = self.kept.get(number, 0) + size
        self.count[number] = self.count.get(number, 0) + count
        return True

    def _remark(self, said):
        if said not in self.result.remarks:
            self.result.remarks.append(said)

    def _keep_hidden(self, message, size):
        run = self.result.cells[self.current]
        data = message.get("data")
        if isinstance(data, dict) and ANSWER_MIMETYPE in data:
            self.answered += size
            if self.answered > self.limits.answer_bytes:
                self._remark(f"only the first {_megabytes(self.limits.answer_bytes)} of the answers were taken")
            else:
                run.answers.append(data[ANSWER_MIMETYPE])
        elif not self.job.cells[self.current].questions and len(run.hidden_outputs) < 1000:
            output = notebook_output(message)
            if output is not None and self._has_room(self.current, len(json.dumps(output)), 1):
                run.hidden_outputs.append(output)


def notebook_output(message):
    """The message as a notebook output with nothing but known fields of the right types, or None."""
    kind = message.get("output_type")
    if kind == "stream" and isinstance(message.get("text"), str):
        name = "stderr" if message.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": message["text"]}
    if kind == "error":
        trace = message.get("traceback")
        lines = [line for line in trace if isinstance(line, str)] if isinstance(trace, list) else []
        ename, evalue = _short_text(message.get("ename")) or "", _short_text(message.get("evalue")) or ""
        return {"output_type": "error", "ename": ename, "evalue": evalue, "traceback": lines[-200:]}
    if kind in ("display_data", "execute_result", "update_display_data") and isinstance(message.get("data"), dict):
        given = message["data"]
        data = {type_: given[type_] for type_ in SHOWN_TYPES if isinstance(given.get(type_), str)}
        for type_ in ("image/png", "image/jpeg"):
            if type_ in data:  # it will stand in an attribute of a page
                data[type_] = re.sub(r"[^A-Za-z0-9+/=\n]", "", data[type_])
        if not data:
            return None
        if kind == "execute_result":
            return {"output_type": kind, "data": data, "metadata": {}, "execution_count": None}
        return {"output_type": "display_data", "data": data, "metadata": {}}
    return None


def _short_text(value):
    """Text of an error, no longer than anyone reads; None for anything else."""
    return value[:20_000] if isinstance(value, str) else None


def _megabytes(size):
    return f"{size / 1024**2:g} MB"
