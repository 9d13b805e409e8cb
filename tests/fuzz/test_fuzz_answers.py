"""The answer reader: whatever bytes come out of the sandbox, they are read as an answer or refused with a reason.

Nothing else is raised, no more memory is taken than the bytes are worth, and marking goes on with whatever was read.
"""

import json
import math
import tracemalloc

import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder.grading.key import Key
from autograder.marking.answers import Answer, AnswerSheet, Malformed, Other, read_answer, read_sheet
from autograder.marking.mark import mark_cell
from autograder.sandbox.collector import notebook_output
from autograder.sandbox.job import CellRun
from helpers.questions import encode
from tests.support.hunting import hunt, processor_time, replay

RIGHT = {
    "a number": Answer("a number", np.float64(0.5), compare={"how": "close", "rtol": 1e-6, "atol": 1e-9}),
    "an array": Answer("an array", np.arange(6.0).reshape(2, 3), compare={"how": "close", "rtol": 1e-6, "atol": 1e-9}),
    "a dict": Answer("a dict", {"W1": np.ones(2), 0.1: np.zeros(1)}, compare={"how": "close", "rtol": 1e-6, "atol": 0}),
    "a text": Answer("a text", "flat", compare={"how": "equal", "rtol": 0, "atol": 0}),
    "a list": Answer("a list", [np.float64(1), None], compare={"how": "equal", "rtol": 0, "atol": 0}),
    "a bound": Answer("a bound", np.float64(1), compare={"how": "at_most", "rtol": 0, "atol": 0}),
    "a shape": Answer("a shape", np.ones((2, 3)), compare={"how": "shape", "rtol": 0, "atol": 0}),
    "a type": Answer("a type", np.ones(3), compare={"how": "dtype", "rtol": 0, "atol": 0}),
}
KEY = Key({"test_f": RIGHT}, {"test_f": {"upside-down": RIGHT}})
MEMORY_FOR_EACH_BYTE = 40
MEMORY_BESIDES = 2_000_000


def check(data):
    """One line as it comes out of the sandbox."""
    try:
        payload = json.loads(data)
    except (ValueError, RecursionError):
        return
    tracemalloc.start()
    try:
        read = read_answer(payload)
    except Malformed as error:
        read = None
        assert 0 < len(str(error)) < 400
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < MEMORY_FOR_EACH_BYTE * len(data) + MEMORY_BESIDES
    if read is not None:
        _plain(read.value)
    with processor_time(20):
        _mark(payload)
    if isinstance(payload, dict):
        output = notebook_output(payload)
        if output is not None:
            nbformat.validate(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[output])]))


def _plain(value):
    """Only values of the kinds that Answer promises."""
    if isinstance(value, np.ndarray):
        assert value.dtype.kind in "biufc" and value.size <= 200_000
    elif isinstance(value, dict):
        for key, item in value.items():
            assert key is None or isinstance(key, str | bool | int | float | complex)
            _plain(item)
    elif isinstance(value, list):
        for item in value:
            _plain(item)
    else:
        assert value is None or isinstance(value, str | Other)


def _mark(payload):
    """The payload as the answer to every question: each gets a proper mark, and the whole sheet is kept as JSON."""
    for question in [None, *RIGHT]:
        given = {**payload, "question": question} if isinstance(payload, dict) and question else payload
        sheet = read_sheet(
            {"test_f": CellRun(answers=[given, given], failures=[given] if isinstance(given, dict) else [])}
        )
        verdict = mark_cell("test_f", sheet, KEY, 4.0)
        assert 0 <= verdict.share <= 1 and math.isfinite(verdict.share)


SMALL = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(2**31 - 2, 2**31 + 2), st.floats(), st.text(max_size=12),
    st.sampled_from([*RIGHT, "version", "AAAAAAAA", "<f8", "|b1", "|O", "<U4", "list", "dict", "array", "none", "other"]),
)  # fmt: skip
NAMES = st.sampled_from(
    "version question value error compare kind type text items dtype shape data from where message cell line "
    "output_type name traceback ename evalue text/plain text/html image/png metadata".split()
)
ANYTHING = st.recursive(
    SMALL, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(NAMES | st.text(max_size=4), inner, max_size=6)
)
ARRAYS = npst.arrays(
    st.sampled_from(["<f8", "<f4", "<i8", "<i2", "<u8", "|b1", "<c16", "<c8", "|i1"]), npst.array_shapes(min_dims=0, max_dims=3, max_side=4)
)  # fmt: skip
VALUES = st.recursive(
    ARRAYS | st.none() | st.text(max_size=8) | st.booleans() | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4) | st.floats() | st.integers(), inner, max_size=4),
)  # fmt: skip
ENCODED = st.one_of(
    VALUES.map(encode),
    st.builds(
        lambda one, changes: {**one, **changes}, VALUES.map(encode), st.dictionaries(NAMES, ANYTHING, max_size=2)
    ),
    ANYTHING,
)
PAYLOADS = st.one_of(
    st.fixed_dictionaries(
        {"version": st.just(1), "question": st.sampled_from(list(RIGHT))},
        optional={"value": ENCODED, "error": ANYTHING, "compare": ANYTHING},
    ),
    st.fixed_dictionaries(
        {"output_type": st.sampled_from(["stream", "error", "display_data", "execute_result", "update_display_data"])},
        optional={name: ANYTHING for name in ("name", "text", "data", "metadata", "ename", "evalue", "traceback")},
    ),
    ANYTHING,
)
LINES = st.one_of(
    PAYLOADS.map(lambda payload: json.dumps(payload).encode()),
    st.builds(
        lambda payload, at, put: (lambda line: line[: at % len(line)] + put + line[at % len(line) :])(json.dumps(payload).encode()),
        PAYLOADS, st.integers(0, 10_000), st.binary(max_size=6) | st.sampled_from([b"[", b"}", b"NaN", b"1e999", b"\\ud800", b"9" * 5000]),
    ),
    st.binary(max_size=40),
)  # fmt: skip


@replay("answers")
def test_every_known_line_is_read_or_refused(data):
    check(data)


@pytest.mark.slow
def test_lines_of_all_kinds_are_read_or_refused():
    hunt("answers", LINES, check)


@given(VALUES)
def test_what_a_student_answers_arrives_as_it_was(value):
    """Out through JSON and back: the same to the bit, and the sheets say so."""
    line = json.dumps({"version": 1, "question": "q", "value": encode(value)})
    first, second = (read_sheet({"c": CellRun(answers=[json.loads(line)])}) for _ in range(2))
    assert first.same_as(second) and not first.refused
    back = first.cells["c"]["q"].value
    if isinstance(value, np.ndarray):
        assert (back.dtype, back.shape, back.tobytes()) == (value.dtype, value.shape, value.tobytes())
    elif value is None or isinstance(value, str):
        assert back == value
    elif isinstance(value, float):
        assert back.item() == value or math.isnan(value)
    elif isinstance(value, dict):
        assert len(back) <= len(value)
    assert isinstance(first, AnswerSheet)
