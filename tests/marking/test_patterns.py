"""Patterns: what the answers to one function's questions tell together.

Kinds of case: which questions are right (one example, plain rows, square), which entries of a dict, factors that are a
count, amounts, powers, words and yes and no, errors, what outlives a call; that each is said only when it holds; and, for
any answers at all, that no sentence shows an expected number.
"""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.feedback.pattern_words import pattern_in_words
from autograder.grading.key import Key
from autograder.marking.answers import Answer, AnswerSheet, Raised
from autograder.marking.mark import mark_cell
from autograder.marking.patterns import sizes
from helpers.facts import from_json, to_json

RNG = np.random.default_rng(5)
CLOSE = {"how": "close", "rtol": 1e-6, "atol": 1e-9}
SHAPES = {"a plain row": (6,), "a column": (5, 1), "2 outputs, 5 examples": (2, 5), "3 outputs, 3 examples": (3, 3)}
WANTED = {question: RNG.normal(size=shape) for question, shape in SHAPES.items()}


def seen(expected, given, mistakes=None):
    """The patterns in the answers `given` to questions whose right answers are `expected`."""

    def sheet(values):
        return {q: v if isinstance(v, Answer) else Answer(q, v, compare=CLOSE) for q, v in values.items()}

    named = {name: sheet(values) for name, values in (mistakes or {}).items()}
    key = Key(cells={"test_f": sheet(expected)}, mistakes={"test_f": named})
    found = mark_cell("test_f", AnswerSheet(cells={"test_f": sheet(given)}), key, 4.0).patterns
    return [pattern_in_words(from_json(json.loads(json.dumps(to_json(pattern))))) for pattern in found]


def changed(change, only=lambda question: True):
    return {q: change(v) if only(q) else v for q, v in WANTED.items()}


def raised(question, line=3, type_="ValueError"):
    return Answer(question, raised=Raised(type_, "broken", "f", line))


def test_nothing_is_said_when_all_is_right_or_one_answer_alone_is_wrong():
    assert seen(WANTED, WANTED) == []
    assert seen(WANTED, changed(lambda v: v + 1, lambda q: q == "a column")) == []


def test_nothing_is_said_of_what_a_named_mistake_explains():
    assert seen(WANTED, changed(lambda v: 2 * v), {"doubled": changed(lambda v: 2 * v)}) == []


def test_a_mistake_that_explains_most_is_said_to_explain_most():
    mistake = {q: RNG.normal(size=v.shape) for q, v in WANTED.items()}
    theirs = {**mistake, "a column": WANTED["a column"] + 1}
    (first, *_) = seen(WANTED, theirs, {"slip": mistake})
    assert "explains 3 of the 4 wrong answers" in first


# Which questions are right.


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("3 inputs, 4 hidden, 2 outputs, 5 examples", {"input": 3, "hidden": 4, "output": 2, "example": 5}),
        ("one example", {"example": 1}),
        ("a single entry", {"entry": 1}),
        ("7 epochs, 2 outputs: the losses", {"epoch": 7, "output": 2}),
        ("leaves its arguments unchanged", {}),
        ("a long stride, h = 0.1", {}),
    ],
)
def test_the_sizes_in_a_questions_name_are_read(name, told):
    assert sizes(name) == told


def test_right_with_one_example_and_wrong_with_several():
    expected = {name: RNG.normal(size=(2, 2)) for name in ("one example", "4 examples", "5 examples", "unchanged")}
    wrong = {name: RNG.normal(size=(2, 2)) for name in expected}
    (said,) = seen(expected, {**wrong, "one example": expected["one example"]})
    assert "examples, you are right with one and wrong with more" in said
    some = {**wrong, "one example": expected["one example"], "4 examples": expected["4 examples"]}
    assert not any("right with one" in said for said in seen(expected, some))


@pytest.mark.parametrize(
    ("right", "said"),
    [
        ({"a plain row"}, "Right for plain rows"),
        ({"a plain row", "a column"}, "Right where there is one column"),
        ({"3 outputs, 3 examples"}, "as many rows as columns"),
        ({"a plain row", "a column", "2 outputs, 5 examples"}, None),
    ],
)
def test_the_shapes_of_the_right_answers_are_told(right, said):
    patterns = seen(WANTED, {q: v if q in right else RNG.normal(size=v.shape) for q, v in WANTED.items()})
    assert any(said in pattern for pattern in patterns) if said else patterns == []


def test_right_nowhere_but_where_nothing_tells_it_apart_says_nothing():
    right = {"a column", "2 outputs, 5 examples"}
    assert seen(WANTED, {q: v if q in right else RNG.normal(size=v.shape) for q, v in WANTED.items()}) == []


# Entries of a dict.

GRADS = {q: {n: RNG.normal(size=(2, 3)) for n in ("W1", "b1", "W2", "b2")} for q in ("one", "two", "three")}


def wrong_in(*names):
    return {q: {n: RNG.normal(size=v.shape) if n in names else v for n, v in g.items()} for q, g in GRADS.items()}


def test_entries_that_are_right_everywhere_are_told_from_those_that_are_not():
    (said,) = seen(GRADS, wrong_in("W1", "b1"))
    assert said.startswith("W2 and b2 are right in every question; W1 and b1 are not in any.")
    (said,) = seen(GRADS, wrong_in("W2", "b2"))
    assert "Begin with W2" in said
    assert seen(GRADS, wrong_in("W1", "b1", "W2", "b2")) == []


def test_an_entry_that_is_wrong_in_the_answer_as_a_whole_is_not_called_right():
    whole = Answer("whole", {"the answer itself": GRADS["one"]}, compare={**CLOSE, "whole": True})
    theirs = {"the answer itself": {n: v + 1 for n, v in GRADS["one"].items()}}
    assert not any(
        "right in every" in said for said in seen({**GRADS, "whole": whole}, {**wrong_in("W1"), "whole": theirs})
    )
    theirs = {"the answer itself": {**GRADS["one"], "W1": 0.5 + GRADS["one"]["W1"]}}
    assert any(
        "right in every" in said for said in seen({**GRADS, "whole": whole}, {**wrong_in("W1"), "whole": theirs})
    )


def test_each_entry_may_have_a_fact_of_its_own():
    theirs = {q: {n: v.T if n[0] == "W" else 2 * v for n, v in g.items()} for q, g in GRADS.items()}
    (said,) = seen(GRADS, theirs)
    assert "W1 and W2: rows and columns are swapped" in said and "b1 and b2: every entry is exactly 2 times" in said


def test_entries_that_are_never_there_are_named_and_what_stands_in_their_place_is_not():
    theirs = {q: {**{n: v for n, v in g.items() if n != "b2"}, "secret": g["b2"]} for q, g in GRADS.items()}
    said = " ".join(seen(GRADS, theirs))
    assert "b2 is never there under this name" in said and "under another name" in said and "secret" not in said


# Factors, amounts, powers.


def test_a_factor_that_is_the_number_of_entries_is_called_so():
    (said,) = seen(WANTED, changed(lambda v: v * v.size))
    assert said.startswith("Every answer is too large by exactly the number of entries.")
    (said,) = seen(WANTED, changed(lambda v: v / len(v)))
    assert "too small by exactly the number of rows" in said
    (said,) = seen(WANTED, changed(lambda v: -v * v.size / 4))
    assert "the number of entries divided by 4 and of the wrong sign" in said


def test_counts_that_only_some_questions_name_are_told_of_those():
    expected = {"1 output, 4 examples": 1.3, "2 outputs, 5 examples": 0.7, "4 outputs, 3 examples": 2.9, "a row": 0.6}
    theirs = {"1 output, 4 examples": 5.2, "2 outputs, 5 examples": 7.0, "4 outputs, 3 examples": 34.8, "a row": 4.2}
    expected, theirs = ({q: np.asarray(v) for q, v in values.items()} for values in (expected, theirs))
    (said,) = seen(expected, theirs)
    assert said.startswith(
        "Wherever the question tells sizes, every answer is too large by exactly the number of outputs"
    )


def test_another_factor_each_time_is_not_called_a_count():
    (said,) = seen(WANTED, changed(lambda v: v * np.abs(v).sum()))
    assert said.startswith("In each array all entries are off by one and the same factor")


def test_one_factor_everywhere_is_told_also_beside_right_answers():
    said = seen(WANTED, changed(lambda v: 3 * v, lambda q: q != "a plain row"))[-1]
    assert said == "Every wrong answer is exactly 3 times too large."


def test_an_amount_that_never_changes_is_told_and_not_shown():
    (said,) = seen(WANTED, changed(lambda v: v + 0.731))
    assert "off by the same amount" in said and "731" not in said


def test_powers_are_told():
    squares = {q: v**2 for q, v in WANTED.items()}
    (said,) = seen(squares, {q: np.abs(v) ** 3 for q, v in WANTED.items()})
    assert "the power 1.5 of the expected one" in said
    (said,) = seen(squares, {q: np.abs(v) for q, v in WANTED.items()})
    assert "the square root" in said


def test_single_numbers_that_are_all_too_large():
    expected = {f"q{n}": np.asarray(n + 0.5) for n in range(5)}
    (said,) = seen(expected, {q: v + RNG.uniform(1, 2) for q, v in expected.items()})
    assert said.startswith("Every wrong number is too large")


# What has come back at all.


def test_one_and_the_same_fact_is_told_once():
    said = seen(WANTED, changed(lambda v: v.ravel(), lambda q: q != "a plain row"))
    assert "the numbers are right, only the shape is not" in said[-1]


def test_facts_about_rows_and_columns_are_told_together():
    (said,) = seen(WANTED, changed(lambda v: np.roll(v, 1, axis=0)[1:] if len(v) > 2 else v[:1]))
    assert said == "It is the same in every wrong answer: what is there is right, but the last one is missing."


def test_nothing_and_text_are_told_for_what_they_are():
    assert "is there a `return`" in seen(WANTED, dict.fromkeys(WANTED))[0]
    assert "Text came back" in seen(WANTED, changed(str))[0]


def test_errors_from_one_line_are_one_error():
    (said, *_) = seen(WANTED, {q: raised(q) for q in WANTED})
    assert said.startswith("All these errors come from one and the same line:")
    lines = {q: raised(q, line=n) for n, q in enumerate(WANTED)}
    assert not any("one and the same line" in said for said in seen(WANTED, lines))


def test_a_function_that_is_not_there_is_told_so():
    missing = {q: Answer(q, raised=Raised("NameError", "name 'f' is not defined")) for q in WANTED}
    (said,) = seen(WANTED, missing)
    assert said.startswith("When it was asked there was no `f`.")
    other = {q: Answer(q, raised=Raised("NameError", "name 'g' is not defined")) for q in WANTED}
    assert not any("there was no" in said for said in seen(WANTED, other))


def test_a_list_that_outlives_the_call_is_noticed():
    expected = {f"{n} epochs": RNG.uniform(size=n) for n in (2, 3, 4)}
    grown = np.concatenate(list(expected.values()))
    theirs = {"2 epochs": grown[:2], "3 epochs": grown[:5], "4 epochs": grown}
    assert any("kept from one call to the next" in said for said in seen(expected, theirs))
    fresh = {**theirs, "3 epochs": RNG.uniform(size=5)}
    assert not any("kept from one call" in said for said in seen(expected, fresh))


def test_two_answers_where_one_was_expected_twice():
    expected = {"a": WANTED["a plain row"], "b": {"W1": WANTED["a plain row"]}, "c": WANTED["a column"]}
    theirs = {"a": RNG.normal(size=6), "b": {"W1": RNG.normal(size=6)}, "c": RNG.normal(size=(5, 1))}
    assert any("two different ones" in said for said in seen(expected, theirs))
    theirs["b"] = {"W1": theirs["a"]}
    assert not any("two different ones" in said for said in seen(expected, theirs))
    zeros = {"a": np.zeros(6), "b": np.zeros(6)}
    assert not any("two different ones" in said for said in seen(zeros, {q: RNG.normal(size=6) for q in zeros}))


# Yes and no, and words.


def test_yes_said_too_easily():
    expected = {q: np.array([True, False, False]) for q in ("a", "b", "c")}
    said = seen(expected, {"a": np.array([True, True, False]), "b": np.array([True, True, True]), "c": expected["c"]})
    assert any("you say True: your rule says yes too easily" in each for each in said)
    both = {"a": np.array([True, True, False]), "b": np.array([False, False, False]), "c": expected["c"]}
    assert not any("too easily" in each for each in seen(expected, both))


def test_a_word_that_is_never_said_and_one_that_is_said_too_often():
    expected = {"a": "flat", "b": "healthy", "c": "jumpy", "d": "jumpy"}
    assert seen(expected, {**expected, "c": "flat", "d": "healthy"}) == ["You never say “jumpy”."]
    said = seen(expected, {"a": "healthy", "b": "healthy", "c": "healthy", "d": "jumpy"})
    assert said == ["You never say “flat”."]


def test_a_students_own_word_is_not_repeated():
    expected = {"a": "flat", "b": "healthy", "c": "jumpy"}
    assert "0.7314" not in repr(seen(expected, {"a": "x0.7314", "b": "x0.7314", "c": "x0.7314"}))


# For any answers at all.

values = st.one_of(
    st.none(),
    st.text(max_size=3),
    st.floats().map(np.asarray),
    st.booleans().map(np.asarray),
    st.lists(st.floats(), max_size=6).map(np.asarray),
    st.lists(st.floats().map(np.asarray), max_size=2),
    st.dictionaries(st.sampled_from(["W1", "b1"]), st.floats().map(np.asarray), max_size=2),
    st.builds(lambda factor, q: factor * WANTED[q], st.floats(-9, 9), st.sampled_from(list(WANTED))),
)
SOME = ["a", "one example", "2 examples", "3 examples"]


@given(st.lists(values, min_size=4, max_size=4), st.lists(values, min_size=4, max_size=4))
def test_any_answers_are_looked_at_without_trouble_and_at_most_a_few_things_are_said(expected, theirs):
    said = seen(dict(zip(SOME, expected, strict=True)), dict(zip(SOME, theirs, strict=True)))
    assert len(said) <= 3 and all(isinstance(each, str) for each in said)


@given(st.floats(-100, 100), st.sampled_from(["+", "*", "**", "one", "none"]))
def test_no_sentence_shows_an_expected_number(amount, how):
    changes = {
        "+": lambda v: v + amount,
        "*": lambda v: v * amount,
        "**": lambda v: np.abs(v) ** (round(amount) / 2),
        "one": lambda v: np.full(v.shape, amount),
        "none": lambda v: np.zeros(0),
    }
    with np.errstate(all="ignore"):
        said = " ".join(seen(WANTED, changed(changes[how])))
    for number in np.concatenate([v.ravel() for v in WANTED.values()]):
        assert f"{abs(number):.3g}" not in said
