"""The judge of 05_hyperparameters: tries out a choice of size, rate and epochs on XOR and says how well it does."""

import functools
import math
import re
from collections import Counter

import numpy as np

from autograder.judging import Curve, Judged, picture_of_curves
from autograder.marking.answers import Other
from helpers.comparing import has_plain_shape
from helpers.datasets import xor
from helpers.diagnosis import diagnose
from helpers.training import predict, sweep

# The rules of the choice, as the notebook of 05_hyperparameters states them.

BUDGET = 40_000  # epochs × parameters
MOST_HIDDEN = 64
SEEDS = range(60)
ENOUGH = 48  # seeds solved that earn all the credit; fewer earn their part of it

# How a training that did not solve XOR ended.

SURE = 0.05  # a prediction this close to 0 or 1 is sure of itself
PLATEAU = 0.225  # a loss above this is not far from the 0.25 that one half for everything gives

REASONS = {
    "saturated": (
        "ended saturated: sure of wrong predictions, with no slope left to learn from. No infinity shows it, since a "
        "sigmoid's output cannot explode. What makes a network leap that far, or begin that far out?"
    ),
    "jumpy": (
        "were still jumping up and down when the epochs ended. Which of the three numbers is the length of a stride?"
    ),
    "plateau": (
        "still stood on the first plateau, answering about one half to everything. Are the strides long enough to "
        "cross it, and are there epochs enough?"
    ),
    "falling": (
        "were still on their way down when the epochs ended. Which of the three numbers would have let them arrive?"
    ),
    "stuck": (
        "came to rest too early, with some of the four predictions right and others in between. More epochs do not "
        "help there. What would give the network another way past?"
    ),
}


def judge_xor(value):
    """Train with the student's choice from 60 starting weights and count how often XOR is solved.

    value: a dict with "n_hidden", "learning_rate" and "epochs", each a single number, within the budget.
    The training is that of the notebook: N(0, 1) weights, sigmoid units, full batch. XOR is solved when all four
    predictions are on their side of 0.5. The share is solved / 48, at most 1. A choice that breaks the rules gets 0
    and the reasons.
    """
    choice, faults = _choice(value)
    if faults:
        return Judged(0.0, tuple(faults))
    return _trial(**choice)


# What was handed in.


def _choice(value):
    """The three numbers, or why there are none: (choice, faults)."""
    if not isinstance(value, dict):
        return None, [f"A dict with n_hidden, learning_rate and epochs was expected, and this is {_kind(value)}."]
    choice, faults = {}, []
    for name, read in (("n_hidden", _whole), ("learning_rate", _positive), ("epochs", _whole)):
        if name not in value:
            faults.append(f"There is no {name!r} in the dict{_what_is_there(name, value)}.")
            continue
        choice[name], fault = read(value[name])
        if fault:
            faults.append(f"{name} {fault}.")
    if faults:
        return None, faults
    return choice, _faults_of_size(**choice)


def _what_is_there(name, value):
    """What is told of a dict that lacks a name. Its own names are compared and never shown."""
    plain = {re.sub(r"[\s_-]", "", str(key)).casefold() for key in value}
    if re.sub(r"[\s_-]", "", name).casefold() in plain:
        return ", but one whose name is nearly the same: look at capital letters, blanks and quotation marks"
    others = len(value) - len(value.keys() & {"n_hidden", "learning_rate", "epochs"})
    return f", and {others} of its names {'is' if others == 1 else 'are'} none of the three" if others else ""


def _faults_of_size(n_hidden, learning_rate, epochs):
    cost = epochs * _parameters(n_hidden)
    if n_hidden > MOST_HIDDEN:
        return [
            f"n_hidden is {n_hidden if n_hidden < 10_000 else 'more than 10,000'}, and at most {MOST_HIDDEN} are allowed."
        ]
    if cost > 1_000 * BUDGET:
        return [f"The cost is over the budget of {BUDGET:,}, more than a thousand times: nothing was trained."]
    if cost > BUDGET:
        return [f"{_cost_in_words(n_hidden, epochs)}, which is over the budget of {BUDGET:,}: nothing was trained."]
    return []


def _whole(value):
    number, fault = _number(value)
    if fault:
        return None, fault
    if not math.isfinite(number) or number != math.floor(number):
        return None, "must be a whole number"
    if number < 1:
        return None, "must be at least 1"
    return int(number), None


def _positive(value):
    number, fault = _number(value)
    if fault:
        return None, fault
    if not math.isfinite(number) or number <= 0:
        return None, "must be a positive number, neither infinite nor nan"
    return number, None


def _number(value):
    """The value as a float, and what is wrong with it otherwise. True and False are no numbers here."""
    if not isinstance(value, np.ndarray) or value.ndim or value.dtype.kind not in "iuf":
        return None, f"must be a single number, and this is {_kind(value)}"
    return float(value), None


def _kind(value):
    if value is None:
        return "None (is there a return?)"
    if isinstance(value, np.ndarray):
        if value.ndim:
            return f"an array of {f'shape {value.shape}' if has_plain_shape(value) else f'{value.ndim} axes'}"
        return {"b": "True or False", "c": "a complex number"}.get(value.dtype.kind, "a single number")
    if isinstance(value, Other):
        return "something else"  # the name of its type is the student's to choose
    return {str: "text", list: "a list", dict: "a dict"}.get(type(value), "something else")


# Trying it out.


def _parameters(n_hidden):
    """Weights and biases of a network with 2 inputs and 1 output."""
    return 4 * n_hidden + 1


def _cost_in_words(n_hidden, epochs):
    parameters = _parameters(n_hidden)
    return f"{epochs:,} {'epoch' if epochs == 1 else 'epochs'} × {parameters} parameters = {epochs * parameters:,}"


@functools.lru_cache(maxsize=512)
def _trial(n_hidden, learning_rate, epochs):
    """The Judged of a choice that keeps the rules."""
    X, y = xor()
    with np.errstate(all="ignore"):  # a rate of 1e300 is a poor choice, but not our trouble
        losses, params = sweep([learning_rate], SEEDS, epochs, n_hidden=n_hidden)
        predictions = predict(params, X)[0, :, :, 0]  # (seeds, 4)
    losses, target = losses[0], y[:, 0]
    solved = np.all(np.where(target == 1, predictions > 0.5, predictions < 0.5), axis=1)  # nan is on no side
    count = int(solved.sum())
    facts = [
        f"{count} of {len(SEEDS)} starting weights solved XOR; {ENOUGH} are enough.",
        f"It cost {_cost_in_words(n_hidden, epochs)} of {BUDGET:,}.",
    ]
    if count < ENOUGH:
        ends = Counter(_how_it_ended(losses[i], predictions[i], target) for i in np.flatnonzero(~solved))
        reason, times = min(ends.items(), key=lambda item: (-item[1], list(REASONS).index(item[0])))
        others = len(SEEDS) - count
        facts.append(f"Of the {others} others, {'all' if times == others else times} {REASONS[reason]}")
    return Judged(min(1.0, count / ENOUGH), tuple(facts), _figure(losses, solved, epochs))


def _how_it_ended(losses, predictions, target):
    """Which of REASONS fits a training that did not solve XOR."""
    wrong_side = np.where(target == 1, predictions <= 0.5, predictions >= 0.5)
    sure = np.abs(predictions - target) > 1 - SURE
    if np.any(wrong_side & sure) or not np.all(np.isfinite(predictions)):
        return "saturated"
    story = diagnose(losses) if len(losses) >= 4 else "healthy"
    if story == "jumpy":
        return "jumpy"
    if story == "healthy":
        return "falling"
    return "plateau" if losses[-1] > PLATEAU else "stuck"


# Showing it.

POINTS = 120  # of each drawn curve
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#767676"  # told apart by every kind of eye, and by solid and dashed too


def _figure(losses, solved, epochs):
    """The loss curves as an SVG element: the median of those that solved XOR and of those that did not, with bands."""
    shown = np.unique(np.linspace(0, epochs - 1, POINTS).astype(int))
    groups = [
        (losses[solved], f"{solved.sum()} that solve it", BLUE, ""),
        (losses[~solved], f"{(~solved).sum()} that do not", ORANGE, "7 4"),
    ]
    curves = []
    for group, label, colour, dashes in groups:
        if len(group):
            low, middle, high = np.percentile(group[:, shown], [10, 50, 90], axis=0)
            curves.append(Curve(label, middle, low, high, colour, dashes))
    curves.append(Curve("one half for everything", np.array(0.25), colour=GREY, dashes="1 3", width=1))
    title = "Loss from 60 starting weights: median and middle 80 %"
    return picture_of_curves(title, _in_words(groups, epochs), shown + 1, curves, across="epoch", upwards="loss")


def _in_words(groups, epochs):
    """The figure for who cannot see it."""
    told = [
        f"{label}: median loss from {np.median(curves[:, 0]):.2f} to {np.median(curves[:, -1]):.2f}"
        for curves, label, *_ in groups
        if len(curves)
    ]
    return f"Loss over {epochs:,} epochs, from {len(SEEDS)} starting weights. Of these, {'; '.join(told)}."
