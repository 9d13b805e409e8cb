"""Facts: every kind that is found has words, and the other way round; they survive being kept as JSON."""

import ast
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.feedback.pattern_words import PATTERNS, pattern_in_words
from autograder.marking.patterns import SHAPES
from helpers.comparing import compare
from helpers.facts import WORDS, fact, from_json, in_words, to_json
from tests.support.courses import ROOT

FINDERS = ("helpers/comparing.py", "autograder/marking/mark.py", "autograder/marking/patterns.py")


def kinds_found():
    """The kinds that stand as text in a call of `fact`, in the modules that find some."""
    for name in FINDERS:
        for node in ast.walk(ast.parse((ROOT / name).read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "fact":
                branches = (
                    [node.args[0].body, node.args[0].orelse] if isinstance(node.args[0], ast.IfExp) else node.args
                )
                yield from (branch.value for branch in branches if isinstance(branch, ast.Constant))


def test_every_kind_of_fact_has_words_and_no_words_are_left_over():
    assert {*kinds_found(), *SHAPES} == WORDS.keys() | PATTERNS.keys()
    assert not WORDS.keys() & PATTERNS.keys()


DETAILS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple),
        st.builds(
            lambda value, at: fact("said", text=value).placed(at),
            inner,
            st.lists(st.sampled_from(["W1", 0, 2]), max_size=2),
        ),
    ),
    max_leaves=6,
)


@given(
    st.dictionaries(st.sampled_from(["a", "some", "given"]), DETAILS), st.lists(st.sampled_from(["W1", 3]), max_size=2)
)
def test_a_fact_comes_back_from_json_as_it_was(details, at):
    found = fact("said", **details).placed(at)
    assert from_json(json.loads(json.dumps(to_json(found)))) == found


def test_what_earlier_versions_kept_as_text_is_said_as_it_stands():
    assert in_words(from_json("the sign is {0} the other way round")) == "the sign is {0} the other way round"
    assert pattern_in_words(from_json("Every wrong answer is 0.")) == "Every wrong answer is 0."


@pytest.mark.parametrize(
    "expected, answer, said",
    [
        ([1.0, [2.0, "a"]], [1.0, [2.0, "b"]], "[1]: [1]: the text is another one"),
        ([{"W1": np.arange(3.0)}, "a"], [{"W1": np.array([2.5, 0.1, 2.0])}, "a"], "[0]: W1: only the last entry"),
    ],
)
def test_where_inside_an_answer_a_fact_is_stands_before_it(expected, answer, said):
    (difference,) = compare(expected, answer)
    assert in_words(difference.facts[0]).startswith(said)
