"""Comparing: what is right, and what is said of what is wrong. Nothing that is said holds an expected value."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from helpers.comparing import agrees, compare
from helpers.facts import factor_in_words, in_words

RNG = np.random.default_rng(3)
WANTED = RNG.normal(size=(3, 4))


def only(expected, given, **how):
    (difference,) = compare(expected, given, **how)
    return difference


def facts(expected, given, **how):
    return said_of(only(expected, given, **how))


def said_of(difference):
    return "; ".join(map(in_words, difference.facts))


@pytest.mark.parametrize(
    "given",
    [
        WANTED.copy(),
        WANTED.tolist(),
        [row for row in WANTED],
        np.asfortranarray(WANTED),
        WANTED.astype(np.longdouble).astype(float),
        WANTED * (1 + 1e-9),
    ],
    ids=["same", "lists", "list of rows", "Fortran", "copied", "rounding"],
)
def test_right_answers_in_other_forms_are_right(given):
    assert only(WANTED, given).right


@pytest.mark.parametrize(
    ("expected", "given"), [(2.0, 2), (2, np.float64(2)), (np.bool_(True), True), (np.array(0.5), 0.5)]
)
def test_numbers_are_right_in_any_type(expected, given):
    assert only(np.asarray(expected), np.asarray(given)).right


CASES = {
    "transposed": (WANTED.T, "transpose"),
    "flat": (WANTED.ravel(), "only the shape"),
    "twice as large": (2 * WANTED, "exactly 2 times too large"),
    "a fifth": (WANTED / 5, "exactly 5 times too small"),
    "2.5 times": (2.5 * WANTED, "exactly 2.5 times too large"),
    "sign": (-WANTED, "sign is the other way round"),
    "zero": (0 * WANTED, "every entry is 0"),
    "nan": (np.full((3, 4), np.nan), "not a number"),
    "infinite": (np.full((3, 4), np.inf), "infinite"),
    "another order": (np.roll(WANTED.ravel(), 5).reshape(3, 4), "another order"),
    "backwards": (WANTED[::-1], "the rows are right, but in reverse order"),
    "one place late": (np.roll(WANTED, 1, axis=1), "every column comes one place too late"),
    "one place early": (np.roll(WANTED, -1, axis=0), "every row comes one place too early"),
    "transposed and doubled": (
        2 * WANTED.T,
        "this is the transpose, and besides every entry is exactly 2 times too large",
    ),
    "flat and halved": (WANTED.ravel() / 2, "besides the shape, every entry is exactly 2 times too small"),
    "last row missing": (WANTED[:-1], "what is there is right, but the last row is missing"),
    "first two columns missing": (WANTED[:, 2:], "but the first 2 columns are missing"),
    "a row too many at the front": (np.vstack([np.zeros(4), WANTED]), "but the first row is too many"),
    "an example too few": (RNG.normal(size=(3, 3)), "1 column too few"),
    "empty": (np.zeros((0, 4)), "nothing in it"),
    "not added up": (np.stack([WANTED / 2, WANTED / 2]), "a sum is missing: added up along axis 0"),
    "added up": (WANTED.sum(axis=1, keepdims=True), "added up over its columns: one sum too many"),
    "averaged": (np.asarray(WANTED.mean()), "it is the mean of all the entries"),
    "several in each place": (np.zeros((3, 4, 2)), "several numbers in each place"),
    "all the same": (np.full((3, 4), 0.1), "all entries are the same number"),
    "a factor for each row": (WANTED * [[1.23], [4.1], [0.7]], "every row is off by its own factor"),
    "a factor for each column": (WANTED * [1.23, 4.1, 0.7, 3.3], "every column is off by its own factor"),
    "an odd factor": (WANTED * 0.7313, "every entry is off by one and the same factor"),
    "an amount": (WANTED + 0.3, "every entry is off by one and the same amount"),
    "an amount for each row": (WANTED + [[0.1], [0.2], [-0.3]], "every row is off by its own amount"),
    "whole numbers": (np.round(WANTED), "these are whole numbers"),
    "rounded": (WANTED.round(3), "right but for rounding"),
    "cut off below 0": (np.maximum(WANTED, 0), "right where a positive number is expected"),
    "last row wrong": (WANTED + [[0] * 4, [0] * 4, [3, -1, 2, 5]], "only the last row is wrong"),
    "first column right": (WANTED * [1, -1, 2, 3], "only the first column is right"),
    "last entry wrong": (WANTED + np.eye(1, 12, 11).reshape(3, 4), "only the last entry is wrong"),
    "too small": (np.tanh(WANTED) / 2, "every sign is right, and every entry is too small"),
    "wrapped up": ((WANTED,), "wrapped up once too often"),
    "with something else": ((WANTED, np.zeros(2)), "one of the 2 things that you return"),
    "in a dict": ({"answer": WANTED}, "the right answer is in it"),
    "approximation": (WANTED * (1 + 1e-5), "close, but not exact"),
    "one entry": (
        np.where(np.arange(12).reshape(3, 4) == 6, 9.0, WANTED),
        "1 of 12 entries differs, the one at [1, 2]",
    ),
    "summed": (np.asarray(WANTED.sum()), "it is the sum of all the entries"),
    "one number": (np.asarray(9.75), "one single number came back"),
    "nothing": (None, "is there a `return`?"),
    "text": ("0.5", "text"),
    "complex": (WANTED + 1j, "complex"),
}


@pytest.mark.parametrize(("given", "said"), CASES.values(), ids=CASES)
def test_wrong_answers_get_the_fact_that_helps(given, said):
    assert not only(WANTED, given).right
    assert said in facts(WANTED, given)


def test_one_number_is_told_from_those_that_would_have_made_it():
    row = np.array([0.5, 1.25, 2.0])
    assert "the sum of these" in facts(np.asarray(3.75), row) and "the mean of these" in facts(np.asarray(1.25), row)
    assert "one of the 2 things that you return" in facts(np.asarray(0.3), np.array([0.3, 9.0]))
    assert "too large" in facts(np.asarray(0.3), 0.4) and "too small" in facts(np.asarray(-0.3), -0.2)
    assert facts(np.asarray(0.3), -0.2) == "the number is another one"


def test_a_missing_entry_may_be_there_under_a_name_that_is_never_shown():
    expected = {"W1": WANTED, "b1": np.zeros(2)}
    first, second = compare(expected, {"w1": WANTED, "secret": np.zeros(2)})
    assert "nearly the same" in in_words(first.facts[1]) and "under another name" in in_words(second.facts[1])
    assert "secret" not in repr((first, second))
    assert len(compare(expected, {"b1": np.zeros(2)})[0].facts) == 1


def test_a_tuple_in_place_of_a_dict_is_told_to_be_right_only_if_it_is():
    expected = {"W1": WANTED, "b1": np.zeros(2)}
    assert "only the names are missing" in in_words(compare(expected, (WANTED, np.zeros(2)))[0].facts[1])
    assert len(compare(expected, (np.zeros(2), WANTED))[0].facts) == 1
    assert "one of the entries is right" in in_words(compare(expected, WANTED)[0].facts[1])


def test_yes_and_no_are_told_by_what_was_said():
    wanted = np.array([True, False, True, False])
    assert "it says True where it should not" in facts(wanted, np.array([True, True, True, False]))
    assert "it says False where it should not" in facts(np.True_, np.False_)
    assert "in the wrong places" in facts(wanted, ~wanted)
    assert "2 of the 4 in it are None" in facts(wanted, [np.True_, None, np.True_, None])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((x for x in WANTED), "not computed its values yet"),
        (map(abs, WANTED), "not computed its values yet"),
        (np.mean, "brackets of the call"),
        (lambda x: x, "brackets of the call"),
        ({1.0, 2.0}, "a set, which has no order"),
        ({"a": 1.0}.values(), "a part of a dict"),
        (object(), "something else"),
    ],
)
def test_other_kinds_of_value_are_called_by_what_they_are(given, said):
    assert said in facts(WANTED, given)


def test_a_word_in_capitals_is_nearly_right():
    assert "but for capital letters" in facts("healthy", "Healthy ") and "another one" in facts("healthy", "flat")


def test_an_argument_that_was_changed_is_called_so():
    expected = {"the answer itself": WANTED, "argument 1": WANTED}
    said = facts(expected, {"the answer itself": WANTED, "argument 1": WANTED + 1}, whole=True)
    assert said == (
        "the answer is right, but argument 1 is not what it was before the call: the function has changed it"
    )


def test_a_square_array_can_be_seen_to_be_transposed():
    square = RNG.normal(size=(3, 3))
    assert "transpose" in facts(square, square.T)


def test_dicts_are_compared_entry_by_entry_and_extra_entries_do_not_matter():
    expected = {"W1": np.ones(2), "b1": np.zeros(2)}
    found = compare(expected, {"W1": np.ones(2), "b1": np.ones(2), "note": "mine"})
    assert [(difference.entry, difference.right) for difference in found] == [("W1", True), ("b1", False)]
    assert "no entry of this name" in in_words(compare(expected, {"W1": np.ones(2)})[1].facts[0])
    assert not any(difference.right for difference in compare(expected, [1, 2]))


def test_a_whole_dict_can_count_as_one_answer():
    expected = {"the answer itself": 1.0, "argument 1": np.ones(2)}
    assert only(expected, {"the answer itself": 1.0, "argument 1": np.ones(2)}, whole=True).right
    assert "argument 1" in facts(expected, {"the answer itself": 1.0, "argument 1": np.zeros(2)}, whole=True)


def test_lists_of_different_things_are_compared_item_by_item():
    expected = [{"W1": np.ones(2)}, np.array([0.5, 0.25])]
    assert only(expected, [{"W1": np.ones(2)}, [0.5, 0.25]]).right
    assert "[1]" in facts(expected, [{"W1": np.ones(2)}, [0.5, 0.26]])
    assert "2 values in a row" in facts(expected, [1.0, 2.0, 3.0])


def test_bounds_shapes_and_types_can_be_asked_for():
    assert only(np.asarray(0.1), 0.09, how="at_most").right and not only(np.asarray(0.1), 0.2, how="at_most").right
    assert only(np.asarray(0.1), 0.2, how="at_least").right
    assert not only(np.asarray(0.1), float("nan"), how="at_most").right
    assert only(WANTED, 0 * WANTED, how="shape").right and not only(WANTED, WANTED.T, how="shape").right
    assert not only(WANTED, WANTED.astype(np.float32), how="dtype").right
    assert not only(np.asarray(3), 3.0000001, how="equal").right


@given(npst.arrays(np.float64, (2, 3), elements=st.floats(-1e4, 1e4)))
def test_every_array_is_right_against_itself_and_wrong_against_one_moved(array):
    assert only(array, array.copy()).right
    assert not only(array, array + 1.0 + np.abs(array).max()).right


@given(npst.arrays(np.float64, 5, elements=st.floats(-100, 100)), st.floats(-100, 100))
def test_no_fact_shows_an_expected_number(expected, wrong):
    answer = np.full(5, wrong)
    difference = only(expected, answer)
    assume(not difference.right)
    for number in expected[np.abs(expected - np.round(expected)) > 1e-3]:
        assert f"{number:.4g}" not in said_of(difference)


@pytest.mark.parametrize("given", [1.0, 2.0, np.ones(1), np.ones((1, 1))])
def test_a_single_number_never_tells_its_ratio_by_itself(given):
    """An answer of 1 with "2.5 times too small" would be the expected value."""
    assert "times" not in facts(np.full(np.shape(given), 2.5), given)


def test_an_array_of_equal_numbers_never_tells_its_ratio():
    assert "times" not in facts(np.full(3, 2.5), np.ones(3))


def test_factors_are_said_as_people_say_them():
    assert factor_in_words(Fraction(5, 2)) == "exactly 2.5 times too large"
    assert factor_in_words(Fraction(1, 3)) == "exactly 3 times too small"
    assert factor_in_words(Fraction(-2)) == "exactly 2 times too large and has the wrong sign"
    assert factor_in_words(Fraction(2, 3)) == "exactly 1.5 times too small"


LEAVES = st.one_of(
    st.none(),
    st.sampled_from(["flat", "jumpy", 0, 1.0, 1.0 + 1e-8, 2.5, np.nan, True, 1 + 2j]),
    npst.arrays(np.float64, st.sampled_from([(), (2,), (2, 1), (0,)]), elements=st.sampled_from([0.0, 1.0, 1.1])),
)
ANSWERS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=2).map(tuple),
        st.dictionaries(st.sampled_from(["W1", "b1"]), inner, max_size=2),
    ),
    max_leaves=5,
)


@given(ANSWERS, ANSWERS, st.sampled_from(["close", "equal", "at_most", "at_least"]), st.booleans())
def test_what_agrees_has_no_difference_and_the_other_way_round(expected, given, how, same):
    given = expected if same else given
    assert agrees(expected, given, how) == all(difference.right for difference in compare(expected, given, how))


NUMBERS = st.sampled_from([0.0, 1.0, 1.0 + 9e-7, 1.0 + 2e-6, -1.0, 1e308, -1e308, 1e-10, np.inf, -np.inf, np.nan])


@given(npst.arrays(np.float64, 3, elements=NUMBERS), npst.arrays(np.float64, 3, elements=NUMBERS))
def test_close_is_what_numpy_calls_close(wanted, array):
    with np.errstate(all="ignore"):
        expected = np.allclose(array, wanted, rtol=1e-6, atol=1e-9, equal_nan=True)
    assert agrees(wanted, array) == expected
