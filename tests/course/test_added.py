"""What browsers, people and platforms add to file names is taken away, and what belongs to a name stays."""

import pytest

from autograder.course.added import copy_number, ever_shorter, without_added


@pytest.mark.parametrize(
    "stem",
    ["01_mse (1)", "01_mse(2)", "01_mse copy", "01_mse_copy 2", "01_mse - Kopie", "01_mse-checkpoint", "01_mse_final"]
    + ["01_mse-v2", "01_mse final (3)", "01_mse"],
)
def test_the_name_is_left(stem):
    assert without_added(stem) == "01_mse" and list(ever_shorter(stem))[-1] == "01_mse"


def test_a_number_behind_a_dash_may_belong_to_the_name():
    assert without_added("problem-1") == "problem-1"
    assert list(ever_shorter("problem-1-2 (3)")) == ["problem-1-2 (3)", "problem-1-2", "problem-1", "problem"]


def test_nothing_is_left_of_a_name_that_is_an_addition():
    assert list(ever_shorter("(1)")) == ["(1)"] and list(ever_shorter("")) == []


@pytest.mark.parametrize(
    "stem, by_canvas, by_browser", [("a (12)", 12, 12), ("a-3", 3, 0), ("a", 0, 0), ("a (0)", 0, 0), ("a (1) b", 0, 0)]
)
def test_copies_are_counted(stem, by_canvas, by_browser):
    assert copy_number(stem) == by_canvas and copy_number(stem, canvas=False) == by_browser
