"""Answers: what goes out of the kernel comes back the same; what is malformed is refused with a reason.

Kinds of case: round trips of every kind of value; payloads that a stranger's code might send; sheets with duplicates,
failures and losses.
"""

import base64
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder.marking.answers import AnswerSheet, Malformed, Other, Raised, read_answer, read_sheet, read_value
from helpers.questions import encode


def travel(value):
    """Out through the runner's JSON and back in."""
    return read_value(json.loads(json.dumps(encode(value))))


@given(
    npst.arrays(
        st.sampled_from([np.float64, np.float32, np.int64, np.bool_]), npst.array_shapes(min_dims=0, max_dims=3)
    )
)
def test_arrays_travel_to_the_bit(array):
    back = travel(array)
    assert back.dtype == array.dtype and back.shape == array.shape
    assert back.tobytes() == array.tobytes()


@pytest.mark.parametrize(
    "value",
    [
        np.zeros((0, 3)),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(5)[::2],
        np.arange(3, dtype=">f8"),
        np.float64(2),
    ],
    ids=["empty", "Fortran order", "strided", "big-endian", "numpy scalar"],
)
def test_arrays_in_any_memory_order_travel(value):
    assert np.array_equal(travel(value), value)


def test_plain_values_travel():
    assert travel(None) is None and travel("flat") == "flat"
    assert travel(True).dtype == bool and travel(3) == 3 and np.isnan(travel(float("nan")))
    assert [item.item() for item in travel((1, "a", 2.5))[::2]] == [1, 2.5]
    assert travel([0.5, 0.25]).tolist() == [0.5, 0.25]
    assert travel({0.1: 1.0, "W1": np.ones(2)}).keys() == {0.1, "W1"}
    assert travel({np.float64(0.1): 1.0}).keys() == {0.1}


@pytest.mark.parametrize("value", [object(), lambda: 1, {1, 2}, np.array([object()]), np.array(["a"]), 10**400, b"x"])
def test_what_is_no_number_travels_only_as_the_name_of_its_type(value):
    assert isinstance(travel(value), Other)


def test_an_object_that_pretends_to_be_an_array_is_not_asked_for_one():
    class Agreeable:
        def __array__(self, *_):
            raise AssertionError("it was asked")

        def __eq__(self, other):
            return True

    assert travel(Agreeable()) == Other("Agreeable")


def test_deep_nesting_is_cut_off():
    value = []
    for _ in range(500):
        value = [value]
    assert "nested too deeply" in str(travel(value))


def array_payload(**changes):
    good = {"kind": "array", "dtype": "<f8", "shape": [2], "data": base64.b64encode(np.ones(2).tobytes()).decode()}
    return {**good, **changes}


BAD_VALUES = {
    "not a dict": 3,
    "no kind": {},
    "unknown kind": {"kind": "pickle", "data": "gASVAAAA"},
    "object dtype": array_payload(dtype="|O"),
    "structured dtype": array_payload(dtype="<f8,<f8"),
    "dtype is a list": array_payload(dtype=["<f8"]),
    "negative shape": array_payload(shape=[-1]),
    "shape of text": array_payload(shape=["2"]),
    "shape with True": array_payload(shape=[True]),
    "shape too large": array_payload(shape=[10**9]),
    "shape product too large": array_payload(shape=[1000, 1000, 1000]),
    "too many axes": array_payload(shape=[1] * 40),
    "data too short": array_payload(shape=[3]),
    "data too long": array_payload(shape=[1]),
    "data not base64": array_payload(data="***"),
    "data missing": array_payload(data=None),
    "items missing": {"kind": "list"},
    "items not pairs": {"kind": "dict", "items": [1, 2]},
    "too many items": {"kind": "list", "items": [{"kind": "none"}] * 5000},
    "text without text": {"kind": "text", "text": 5},
}


@pytest.mark.parametrize("value", BAD_VALUES.values(), ids=BAD_VALUES)
def test_malformed_values_are_refused(value):
    with pytest.raises(Malformed):
        read_answer({"version": 1, "question": "q", "value": value})


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "answer",
        {},
        {"version": 2, "question": "q"},
        {"version": 1},
        {"version": 1, "question": ""},
        {"version": 1, "question": "x" * 999, "value": {"kind": "none"}},
        {"version": 1, "question": "q", "error": "boom"},
        {"version": 1, "question": "q"},
    ],
)
def test_malformed_payloads_are_refused(payload):
    with pytest.raises(Malformed):
        read_answer(payload)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["array", "dict", "list", "<f8", "kind", "q"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["version", "question", "value", "kind", "items", "dtype", "shape", "data", "error", "compare"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(json_values)
def test_whatever_json_arrives_the_reader_answers_or_refuses(payload):
    try:
        read_answer(payload)
    except Malformed as error:
        assert str(error)


class Finished:
    def __init__(self, answers=(), failures=(), hidden_lost=None):
        self.answers, self.failures, self.hidden_lost = list(answers), list(failures), hidden_lost


def answer_payload(question, value):
    return {"version": 1, "question": question, "value": encode(value)}


def test_only_the_first_answer_to_a_question_counts():
    sheet = read_sheet({"test_f": Finished([answer_payload("q", 1.0), answer_payload("q", 2.0)])})
    assert sheet.cells["test_f"]["q"].value == 1.0
    assert "twice" in sheet.refused["test_f"][0]


def test_refused_answers_failures_and_losses_are_kept_with_their_reasons():
    failure = {"type": "NameError", "message": "name 'f' is not defined", "question": "q"}
    sheet = read_sheet({"test_f": Finished([{"version": 1}], [failure], "it used up its time")})
    assert sheet.cells["test_f"] == {}
    assert sheet.refused["test_f"] and sheet.lost["test_f"] == "it used up its time"
    assert sheet.failures["test_f"]["q"] == Raised("NameError", "name 'f' is not defined")


def test_sheets_compare_to_the_bit_and_nan_equals_itself():
    def sheet(value):
        return read_sheet({"c": Finished([answer_payload("q", value)])})

    assert sheet(np.array([1.0, np.nan])).same_as(sheet(np.array([1.0, np.nan])))
    assert not sheet(0.0).same_as(sheet(-0.0))
    assert AnswerSheet().same_as(AnswerSheet())
