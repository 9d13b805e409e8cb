"""Marking: sheet × key × mistakes → verdicts.

Kinds of case: right, wrong, raised and missing answers; parts of dicts; what is named and what is not; two slips at
once; and, for any sheet at all, points that are finite, within bounds, and the same every time and in any order.
"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.grading.key import Key
from autograder.marking.answers import Answer, AnswerSheet, Other, Raised
from autograder.marking.mark import mark, mark_cell
from helpers.facts import in_words

RNG = np.random.default_rng(8)
CLOSE = {"how": "close", "rtol": 1e-6, "atol": 1e-9}
QUESTIONS = {f"question {n}": RNG.normal(size=(2, n + 1)) for n in range(4)}


def answers(values):
    return {q: v if isinstance(v, Answer) else Answer(q, v, compare=CLOSE) for q, v in values.items()}


def key(expected=QUESTIONS, **mistakes):
    named = {name.replace("_", "-"): answers(values) for name, values in mistakes.items()}
    return Key(cells={"test_f": answers(expected)}, mistakes={"test_f": named})


def marked(values, the_key=None, points=4.0, **sheet):
    return mark_cell("test_f", AnswerSheet(cells={"test_f": answers(values)}, **sheet), the_key or key(), points)


def said(verdict):
    return [in_words(fact) for fact in verdict.facts]


def times(factor):
    return {question: value * factor for question, value in QUESTIONS.items()}


def raised(type_, message=""):
    return {question: Answer(question, raised=Raised(type_, message)) for question in QUESTIONS}


def test_all_right_earns_all_points():
    verdict = marked(QUESTIONS)
    assert verdict.score == 4.0 and {item.outcome for item in verdict.verdicts} == {"right"}


def test_credit_is_the_share_of_questions_answered_right():
    assert marked({**QUESTIONS, "question 1": 0.0}).score == 3.0


def test_each_entry_of_a_dict_earns_its_part():
    expected = {"all": {"W1": np.ones(2), "b1": np.ones(1)}}
    verdict = marked({"all": {"W1": np.ones(2), "b1": np.zeros(1)}}, key(expected))
    assert verdict.score == 2.0 and [item.entry for item in verdict.verdicts] == ["W1", "b1"]


def test_what_was_not_answered_earns_nothing_and_says_why():
    verdict = marked({"question 0": QUESTIONS["question 0"]}, lost={"test_f": "the code was stopped"})
    assert verdict.score == 1.0
    assert [item.outcome for item in verdict.verdicts[1:]] == ["not answered"] * 3
    assert said(verdict.verdicts[1]) == ["the code was stopped"]


def test_answers_to_questions_that_nobody_asked_change_nothing():
    assert marked({**QUESTIONS, "bonus": 1.0}).score == 4.0


def test_an_untouched_function_is_called_so():
    verdict = marked(raised("NotImplementedError"), key(slip=raised("NotImplementedError")))
    assert verdict.not_started and verdict.score == 0 and verdict.mistakes == []


def test_a_statement_that_raised_before_it_could_ask_is_that_questions_answer():
    failures = {"test_f": {"question 0": Raised("NameError", "name 'f' is not defined")}}
    verdict = marked({}, failures=failures)
    assert verdict.verdicts[0].outcome == "error" and verdict.verdicts[0].raised.type == "NameError"


def test_nearly_full_marks_are_never_rounded_up_to_full():
    expected = {f"q{n}": float(n) + 0.5 for n in range(1000)}
    verdict = marked(
        {**{q: np.asarray(v) for q, v in expected.items()}, "q7": np.asarray(0.0)},
        key({q: np.asarray(v) for q, v in expected.items()}),
    )
    assert verdict.score == 3.99


# What is named.


def test_a_mistake_is_named_on_every_answer_it_explains():
    verdict = marked(times(2), key(factor_two=times(2), sign=times(-1)))
    assert verdict.mistakes == ["factor-two"]
    assert all(item.mistakes == ("factor-two",) for item in verdict.verdicts)


def test_right_answers_are_never_blamed():
    verdict = marked(
        {**times(2), "question 3": QUESTIONS["question 3"]},
        key(slip={**times(2), "question 3": QUESTIONS["question 3"]}),
    )
    assert verdict.mistakes == ["slip"] and verdict.verdicts[3].mistakes == ()


def test_the_mistake_that_also_agrees_with_the_right_answers_is_preferred():
    partly = {**times(2), "question 3": QUESTIONS["question 3"]}
    assert marked(partly, key(everywhere=times(2), partly=partly)).mistakes == ["partly"]


def test_agreeing_by_chance_on_one_answer_among_many_names_nothing():
    wild = {question: value + RNG.normal(size=value.shape) for question, value in QUESTIONS.items()}
    one = {**times(7), "question 2": wild["question 2"]}
    assert marked(wild, key(chance=one)).mistakes == []


def test_errors_are_named_only_if_they_say_the_same_everywhere():
    theirs = raised("ValueError", "matmul: mismatch (size 3 is different from 4)")
    assert marked(theirs, key(misprint=theirs)).mistakes == ["misprint"]
    assert marked(raised("ValueError", "something else"), key(misprint=theirs)).mistakes == []


def test_an_answer_that_is_no_number_beside_a_mistakes_array_is_wrong_and_names_nothing():
    theirs = {"a": np.array([1.0, 2.0]), "b": np.array([3.0, 4.0])}
    values = {"a": Other("Agrees"), "b": Other("Agrees")}
    verdict = marked(values, key({name: value + 1 for name, value in theirs.items()}, shifted=theirs))
    assert verdict.score == 0 and verdict.mistakes == []


def test_two_slips_at_once_are_both_named():
    slope = {question: value * RNG.uniform(2, 5, size=value.shape) for question, value in QUESTIONS.items()}
    both = {question: value * 0.5 for question, value in slope.items()}
    verdict = marked(both, key(no_slope=slope, half=times(0.5), sign=times(-1)))
    assert sorted(verdict.mistakes) == ["half", "no-slope"]


def test_a_pair_is_not_named_if_it_leaves_one_answer_unexplained():
    slope = {question: value * RNG.uniform(2, 5, size=value.shape) for question, value in QUESTIONS.items()}
    both = {**{question: value * 0.5 for question, value in slope.items()}, "question 2": QUESTIONS["question 2"] + 1.0}
    assert marked(both, key(no_slope=slope, half=times(0.5))).mistakes == []


def test_single_numbers_tell_a_common_factor_only_when_it_is_the_same_in_several_questions():
    expected = {"a": np.asarray(1.37), "b": np.asarray(0.71), "c": np.asarray(2.9)}
    verdicts = marked({q: v * 3 for q, v in expected.items()}, key(expected)).verdicts
    assert all("exactly 3 times too large" in said(item)[0] for item in verdicts)
    verdicts = marked({"a": np.asarray(1.0), "b": np.asarray(1.0), "c": np.asarray(1.0)}, key(expected)).verdicts
    assert not any("times" in fact for item in verdicts for fact in said(item))


def test_a_mistake_that_holds_another_is_not_composed_with_it():
    """ "Two missing" and "two and mean missing" together would say the same thing twice."""
    wrong = {question: value * value.size / 4 for question, value in QUESTIONS.items()}
    mean = {question: value * value.size for question, value in QUESTIONS.items()}
    both = {question: value * value.size / 2 for question, value in QUESTIONS.items()}
    assert marked(wrong, key(half=times(0.5), mean=mean, both=both)).mistakes == []
    assert marked(wrong, key(half=times(0.5), both=both)).mistakes == ["half", "both"]


def test_nothing_at_all_is_not_taken_for_a_mistake_of_tiny_numbers():
    zero = {question: 0 * value for question, value in QUESTIONS.items()}
    assert marked(zero, key(tiny=times(1e-12))).mistakes == []
    assert marked(zero, key(zero=zero)).mistakes == ["zero"]
    assert marked(times(1e-12), key(tiny=times(1e-12))).mistakes == ["tiny"]


def test_a_wrong_word_is_repeated_only_if_it_is_right_elsewhere():
    verdict = marked({"a": "flat", "b": "0.7314"}, key({"a": "healthy", "b": "flat"}))
    assert [said(item) for item in verdict.verdicts] == [["you said “flat”"], ["the text is another one"]]
    whole = Answer("b", {"the answer itself": "flat", "argument 1": np.ones(2)}, compare={**CLOSE, "whole": True})
    verdict = marked(
        {"a": "flat", "b": {**whole.value, "the answer itself": "healthy"}}, key({"a": "healthy", "b": whole})
    )
    assert [said(item) for item in verdict.verdicts] == [["you said “flat”"], ["you said “healthy”"]]


# For any sheet at all.

values = st.one_of(
    st.none(),
    st.text(max_size=3),
    st.floats().map(np.asarray),
    st.lists(st.floats(), max_size=3).map(np.asarray),
    st.lists(st.floats().map(np.asarray), max_size=2),
    st.dictionaries(st.sampled_from(["W1", "b1", "x"]), st.floats().map(np.asarray), max_size=3),
    st.sampled_from(list(QUESTIONS.values())),
)
sheets = st.dictionaries(st.sampled_from([*QUESTIONS, "other"]), values)


@given(sheets, st.floats(0.01, 100))
def test_points_are_finite_and_within_bounds(sheet, points):
    the_key = key(slip=times(2), other={"question 0": None})
    score = marked(sheet, the_key, points).score
    assert math.isfinite(score) and 0 <= score <= points
    if score == points:
        assert all(np.allclose(sheet[q], v) for q, v in QUESTIONS.items())


@given(sheets, st.randoms())
def test_the_order_of_answers_does_not_matter_and_two_markings_are_the_same(sheet, random):
    shuffled = list(sheet.items())
    random.shuffle(shuffled)
    one, other = marked(sheet, key(slip=times(2))), marked(dict(shuffled), key(slip=times(2)))
    assert repr(one) == repr(other)


@pytest.mark.parametrize("missing", [{}, {"test_f": {}}])
def test_a_sheet_without_the_cell_earns_nothing(missing):
    assert mark(AnswerSheet(cells=missing), key(), {"test_f": 4.0})["test_f"].score == 0
