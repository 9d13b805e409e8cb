"""What comes out of a student's process is bounded and copied field by field, whatever it is: without any sandbox."""

import json
from dataclasses import replace

import pytest

from autograder.sandbox.breach import Cut, Kept
from autograder.sandbox.collector import MOST_FAILURES, MOST_HIDDEN_OUTPUTS, MOST_MARKS, Collector
from autograder.sandbox.job import CellRun, Limits, Run
from helpers.questions import ANSWER_MIMETYPE

LIMITS = replace(Limits(), message_bytes=1_000, outputs=5, output_bytes=3_000, answer_bytes=2_000)
LATER = {"output_type": "stream", "name": "stdout", "text": "later"}


@pytest.fixture
def collector():
    return Collector(LIMITS, Run([CellRun(), CellRun()]))


def line(message):
    return json.dumps(message).encode() + b"\n"


def shown(text, kind="display_data"):
    return {"output_type": kind, "data": {"text/plain": text}, "metadata": {}}


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_messages_arrive_whole_however_the_pipe_cuts_them(collector, size):
    data = line({"event": "cell", "number": 0}) + b"\nnoise\n[1]\n" + line(LATER)
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    found = [message for piece in pieces for message, _ in collector.messages(piece)]
    assert found == [{"event": "cell", "number": 0}, LATER] and collector.arrived == len(data)


@pytest.mark.parametrize("size", [100, 999, 100_000])
def test_a_message_that_is_too_large_is_said_once_and_costs_only_itself(collector, size):
    data = b"x" * 50_000 + b"\n" + line(LATER)
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    (notice, without), (message, whole) = [pair for piece in pieces for pair in collector.messages(piece)]
    assert without is None and "was left out" in notice["text"] and notice["name"] == "stderr"
    assert (message, whole + b"\n") == (LATER, line(LATER))
    assert len(collector.line) <= LIMITS.message_bytes


def test_what_a_process_began_to_write_when_it_ended_does_not_spoil_the_next_message(collector):
    assert list(collector.messages(b'{"output_type": "str')) == []
    collector.forget_line()
    assert [message for message, _ in collector.messages(line(LATER))] == [LATER]


def test_a_message_of_very_many_parts_is_not_even_parsed():
    roomy = Collector(Limits(), Run([CellRun()]))
    assert list(roomy.messages(b'{"event": [' + b"[]," * MOST_MARKS + b"[]]}\n" + b"[" * 10_000 + b"\n")) == []


def test_outputs_of_all_cells_count_together_and_each_cut_is_noted_once(collector):
    for number in (0, 1) * 10:
        collector.keep_output(number, shown("short"))
    collector.keep_output(0, {"output_type": "clear_output"})
    for _ in range(10):
        collector.keep_output(0, shown("x" * 900))
    cells = collector.result.cells
    assert [len(cell.outputs) for cell in cells] == [2, 2]
    assert collector.result.cut == [Cut(Kept.OUTPUTS, 5), Cut(Kept.OUTPUT_BYTES, 3_000)]


def test_nothing_but_known_fields_is_kept(collector):
    collector.keep_output(0, {**shown("<b>"), "output_type": "execute_result", "secret": 1, "execution_count": "9"})
    collector.keep_output(0, {"output_type": "display_data", "data": {"application/x-own": "y", "text/html": 3}})
    collector.keep_output(0, {"output_type": "pickle", "data": {"text/plain": "z"}})
    (kept,) = collector.result.cells[0].outputs
    assert kept == {
        "output_type": "execute_result",
        "data": {"text/plain": "<b>"},
        "metadata": {},
        "execution_count": None,
    }


def test_answers_failures_and_what_ordinary_tests_show_are_bounded():
    its = Collector(replace(Limits(), answer_bytes=2_000), Run([CellRun()]))
    for _ in range(MOST_HIDDEN_OUTPUTS + 10):
        its.keep_hidden(0, shown("1"))
        its.keep_failure(0, {"type": "E", "message": "m" * 30_000, "question": None, "more": 1})
        its.keep_answer(0, {"data": {ANSWER_MIMETYPE: 1}}, 900)
    (cell,) = its.result.cells
    assert (len(cell.hidden_outputs), len(cell.failures)) == (MOST_HIDDEN_OUTPUTS, MOST_FAILURES)
    assert cell.failures[0] == {"type": "E", "message": "m" * 20_000, "question": None}
    assert len(cell.answers) == 2 and its.result.cut == [Cut(Kept.ANSWER_BYTES, 2_000)]
