"""The judge of 05_hyperparameters: good and poor choices, broken ones, and the same mark for the same choice.

Cases: full credit, credit in proportion, each way to fail and what is said about it, the limits of the budget to the
number, everything that a stranger may hand in, and figures that are the same to the byte in a new process.
"""

import os
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

from autograder.course.catalogue import judge_of
from autograder.course.own_files import own_module
from autograder.course.settings import Course, NoCourse
from autograder.judging import Curve, _ticks, picture_of_curves
from autograder.marking.answers import Other, read_value
from helpers.questions import encode
from tests.support.courses import ROOT, make_course

judges = own_module(ROOT / "judges" / "xor.py")
judge_xor, BUDGET, ENOUGH, SEEDS = judges.judge_xor, judges.BUDGET, judges.ENOUGH, judges.SEEDS
LOAD = (
    "from pathlib import Path; from autograder.course.own_files import own_module; "
    f"judges = own_module(Path({str(ROOT / 'judges' / 'xor.py')!r}))"
)


def choice(n_hidden, learning_rate, epochs):
    """A choice as it comes out of a student's process."""
    return read_value(encode({"n_hidden": n_hidden, "learning_rate": learning_rate, "epochs": epochs}))


# Shares.


@pytest.mark.parametrize(
    "numbers", [(6, 3.0, 1500), (4, 0.5, 2000), (4, 3, 2000), (8, 1.0, 1000), (3, 5.0, 3000), (5, 10.0, 800)]
)
def test_sensible_choices_earn_everything(numbers):
    assert judge_xor(choice(*numbers)).share == 1


@pytest.mark.parametrize(
    "numbers",
    [
        (4, 0.01, 2352),  # the strides are too short
        (4, 0.1, 2352),  # and still are
        (4, 100.0, 2352),  # far too long
        (1, 1.0, 8000),  # one unit can do nothing, whatever the rest
        (64, 10.0, 155),  # all of the budget in units
    ],
)
def test_choices_without_thought_earn_less_than_half(numbers):
    assert judge_xor(choice(*numbers)).share < 0.5


def test_share_is_in_proportion_below_80_percent():
    judged = judge_xor(choice(2, 0.5, 4444))
    solved = int(judged.facts[0].split()[0])
    assert 0 < solved < ENOUGH
    assert judged.share == solved / ENOUGH


def test_80_percent_of_the_seeds_are_enough():
    assert pytest.approx(0.8) == ENOUGH / len(SEEDS)
    judged = judge_xor(choice(4, 0.5, 2000))
    assert ENOUGH <= int(judged.facts[0].split()[0]) < len(SEEDS)  # not all of them, and yet everything
    assert judged.share == 1


def test_the_more_epochs_the_larger_the_share():
    shares = [judge_xor(choice(4, 0.3, epochs)).share for epochs in (200, 700, 1200, 2300)]
    assert shares == sorted(shares)
    assert shares[0] < shares[-1]


# What is said.


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((4, 0.01, 2000), "plateau"),
        ((4, 0.1, 2000), "still on their way down"),
        ((4, 100.0, 2000), "saturated"),
        ((2, 3.0, 4000), "came to rest too early"),
        ((1, 1.0, 1), "still on their way down"),
        ((4, 1e300, 100), "saturated"),
    ],
)
def test_failures_are_told_by_their_kind(numbers, said):
    judged = judge_xor(choice(*numbers))
    assert len(judged.facts) == 3
    assert said in judged.facts[2]


def test_a_training_that_jumps_is_told():
    target = np.array([0.0, 1, 1, 0])
    losses = np.where(np.arange(40) % 2, 0.1, 0.4)
    assert judges._how_it_ended(losses, np.array([0.3, 0.4, 0.6, 0.6]), target) == "jumpy"


def test_facts_say_how_many_seeds_and_what_it_cost():
    facts = judge_xor(choice(4, 0.5, 2000)).facts
    assert facts[0] == "57 of 60 starting weights solved XOR; 48 are enough."
    assert facts[1] == "It cost 2,000 epochs × 17 parameters = 34,000 of 40,000."
    assert len(facts) == 2  # nothing is said of the few that failed: this was good


def test_no_number_of_a_better_choice_is_given_away():
    for reason in judges.REASONS.values():
        assert not any(character.isdigit() for character in reason)


# The budget and the limits, to the number.


def test_budget_holds_to_the_number():
    assert BUDGET == 8000 * 5
    assert judge_xor(choice(1, 1.0, 8000)).figure is not None
    over = judge_xor(choice(1, 1.0, 8001))
    assert over.share == 0
    assert over.figure is None
    assert over.facts == (
        "8,001 epochs × 5 parameters = 40,005, which is over the budget of 40,000: nothing was trained.",
    )


def test_hidden_units_have_a_limit():
    assert judge_xor(choice(64, 0.5, 10)).figure is not None
    assert "at most 64" in judge_xor(choice(65, 0.5, 10)).facts[0]


# What a stranger may hand in.

GOOD = {"n_hidden": 4, "learning_rate": 1.0, "epochs": 100}


@pytest.mark.parametrize(
    "value",
    [None, "text", [4, 1.0, 100], [], np.zeros(3), np.float64(4), Other("Choice"), 4, {}],
    ids=repr,
)
def test_anything_but_a_dict_of_three_is_told_apart(value):
    value = value if isinstance(value, Other) else read_value(encode(value))
    judged = judge_xor(value)
    assert judged.share == 0
    assert judged.figure is None
    assert judged.facts
    assert all(fact.endswith(".") for fact in judged.facts)


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_key_is_named_and_none_of_the_students_own_names_is_repeated(name):
    for key, said in (("rate7314", "and 1 of its names is none of the three"), (f" {name.upper()}", "capital letters")):
        handed_in = {(key if known == name else known): value for known, value in GOOD.items()}
        judged = judge_xor(read_value(encode(handed_in)))
        assert judged.share == 0
        assert judged.facts[0].startswith(f"There is no {name!r} in the dict, ") and said in judged.facts[0]
        assert key.strip() not in judged.facts[0]


def test_nothing_that_a_choice_is_made_of_tells_more_than_a_few_digits():
    told = [
        judge_xor(read_value(encode({**GOOD, name: value}))).facts[0]
        for name in ("n_hidden", "epochs")
        for value in (731415926, 7314159.0 * 2**70, np.zeros((0, 731415)), np.zeros((1, 7, 3, 1, 4, 1, 5)))
    ]
    assert not [said for said in told if re.search(r"731.?4|7, 3, 1", said)]
    assert "Choice" not in judge_xor(Other("Choice")).facts[0]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("n_hidden", 2.5, "must be a whole number"),
        ("n_hidden", 0, "must be at least 1"),
        ("n_hidden", -3, "must be at least 1"),
        ("n_hidden", np.nan, "must be a whole number"),
        ("n_hidden", np.inf, "must be a whole number"),
        ("n_hidden", True, "True or False"),
        ("n_hidden", "4", "text"),
        ("n_hidden", None, "None"),
        ("n_hidden", [4], "array of shape (1,)"),
        ("n_hidden", [2, 4, 1], "array of shape (3,)"),
        ("n_hidden", 4 + 0j, "a complex number"),
        ("n_hidden", 2**63, "at most 64"),
        ("n_hidden", {}, "a dict"),
        ("epochs", 0, "must be at least 1"),
        ("epochs", 10.5, "must be a whole number"),
        ("epochs", 10**18, "over the budget"),
        ("epochs", 1e300, "over the budget"),
        ("learning_rate", 0, "must be a positive number"),
        ("learning_rate", -0.5, "must be a positive number"),
        ("learning_rate", np.nan, "must be a positive number"),
        ("learning_rate", np.inf, "must be a positive number"),
        ("learning_rate", "0.5", "text"),
        ("learning_rate", [[0.5]], "list"),
        ("learning_rate", np.array([0.5]), "array of shape (1,)"),
    ],
)
def test_a_number_out_of_its_range_is_refused_by_name(name, value, said):
    judged = judge_xor(read_value(encode({**GOOD, name: value})))
    assert judged.share == 0
    assert judged.figure is None
    assert len(judged.facts) == 1
    assert said in judged.facts[0]


def test_several_faults_are_told_together():
    judged = judge_xor(read_value(encode({"n_hidden": 0, "learning_rate": -1})))
    assert len(judged.facts) == 3


@pytest.mark.parametrize("as_type", [np.int8, np.uint16, np.int64, np.float32, float])
def test_whole_numbers_of_any_type_are_the_same_choice(as_type):
    assert judge_xor(choice(as_type(4), 1, as_type(100))) == judge_xor(choice(4, 1.0, 100))


def test_further_entries_are_ignored():
    value = read_value(encode({**GOOD, "why": "tried it", "figure": "<svg onload=alert(1)>", "share": 1.0}))
    assert judge_xor(value) == judge_xor(choice(**GOOD))


def test_keys_of_a_stranger_are_cut_short():
    judged = judge_xor({"<b>" + "x" * 10_000: np.asarray(1), 3.5: None})
    assert max(len(fact) for fact in judged.facts) < 300


# Figures.


@pytest.mark.parametrize("numbers", [(4, 0.5, 2000), (4, 100.0, 2000), (6, 3.0, 1500), (1, 1.0, 1), (64, 5.0, 155)])
def test_figure_is_a_small_svg_that_explains_itself(numbers):
    figure = judge_xor(choice(*numbers)).figure
    assert len(figure.encode()) < 40_000
    root = ElementTree.fromstring(figure)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("role") == "img"
    assert root[0].tag == "{http://www.w3.org/2000/svg}title"
    assert "60 starting weights" in root[0].text
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert not tags & {"script", "style", "image", "foreignObject", "metadata", "date"}  # fit to stand inside a page


def test_figure_tells_the_two_groups_apart_without_colour():
    figure = judge_xor(choice(4, 0.5, 2000)).figure
    assert "57 that solve it" in figure
    assert "3 that do not" in figure
    assert "stroke-dasharray" in figure


@pytest.mark.slow
def test_same_choice_gets_the_same_to_the_byte_in_a_new_process():
    code = (
        f"import sys, numpy as np; {LOAD}; judge_xor = judges.judge_xor; "
        "value = {'n_hidden': np.asarray(4), 'learning_rate': np.asarray(0.5), 'epochs': np.asarray(600)}; "
        "judged = judge_xor(value); sys.stdout.write(repr((judged.share, judged.facts)) + judged.figure)"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment)
    judged = judge_xor(choice(4, 0.5, 600))
    assert done.stdout.decode() == repr((judged.share, judged.facts)) + judged.figure


@pytest.mark.slow
def test_no_matplotlib_is_loaded_for_it():
    code = (
        f"import sys; {LOAD}; judges._trial(n_hidden=4, learning_rate=0.5, epochs=20); "
        "print('matplotlib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 0.34, [0, 0.1, 0.2, 0.3]),
        (0, 1.05, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (1, 3000, [500, 1000, 1500, 2000, 2500, 3000]),
        (1, 20, [5, 10, 15, 20]),
        (1, 1, [1]),
        (0, 2e-7, [0, 5e-8, 1e-7, 1.5e-7, 2e-7]),
    ],
)
def test_axes_are_labelled_at_round_numbers(low, high, ticks):
    assert _ticks(low, high) == ticks


def test_losses_that_are_no_numbers_leave_a_gap_and_texts_are_escaped():
    middle = np.array([0.3, np.nan, 0.1, np.inf])
    curve = Curve("a & b", middle, middle - 0.05, middle + 0.05)
    picture = picture_of_curves("<title>", "words", np.arange(1, 5), [curve], "epoch", "loss")
    ElementTree.fromstring(picture)
    assert "nan" not in picture and "inf" not in picture
    assert "a &amp; b" in picture and "&lt;title&gt;" in picture


# Who judges is named by the course.


def test_the_courses_own_judge_is_found_by_its_name(tmp_path):
    judge = judge_of(Course.here(make_course(tmp_path, [])), "xor")
    assert judge(choice(**GOOD)) == judge_xor(choice(**GOOD))


@pytest.mark.parametrize(
    ("line", "said"),
    {
        "c.CourseLab.judges = {}": "asks for the judge 'xor', and nbgrader_config.py names none",
        "c.CourseLab.judges = {'xor': 'judges/no.py:judge_xor'}": "its file is not there",
        "c.CourseLab.judges = {'xor': 'judges/xor.py:judge_and'}": "is to be 'judge_and' in",
        "c.CourseLab.judges = {'xor': 'judges/xor.py'}": "there is no such function",
    }.items(),
)
def test_a_judge_that_is_not_there_is_refused_in_words_that_help(line, said, tmp_path):
    folder = make_course(tmp_path, [])
    with open(folder / "nbgrader_config.py", "a") as config:
        config.write(f"\n{line}\n")
    with pytest.raises(NoCourse, match=re.escape(said)):
        judge_of(Course.here(folder), "xor")
