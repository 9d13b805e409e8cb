"""Gradient descent along one line: a parabola, where the thresholds are exact, and a valley with bumps.

The walks of all learning rates are taken at once, so that moving the learning rate only looks one up.

Lesson: 02_gradient_descent, "Three kinds of walk".
"""

import numpy as np

from helpers.descent import gradient_descent
from helpers.explorers.controls import choice, learning_rates, number, positions, slider
from helpers.explorers.loss_panel import LossPanel
from helpers.explorers.record import Explorer
from helpers.live import Live, add_label, arrange, course_style, new_figure
from helpers.palette import BLUE, GREY, INK, ORANGE

RATES = learning_rates(-3, 1, extra=(0.25, 2.5, 4, 8))
CURVATURES = (0.25, 0.5, 1, 2, 4)
MOST_STEPS = 40
EDGE = 6.0  # the picture shows w from -EDGE to EDGE
ALT = (
    "On the left the loss over the weight w, with the walk of gradient descent as dots on it. "
    "On the right the loss after each step, on a logarithmic scale."
)


def parabola(w, curvature):
    """The loss ½ · curvature · w², and its slope curvature · w. w: any shape. Returns (loss, slope)."""
    return curvature * w**2 / 2, curvature * w


def bumpy(w, curvature):
    """A parabola with waves on it: side valleys where a walk can end. w: any shape. Returns (loss, slope)."""
    return curvature * (w**2 / 8 + 1 - np.cos(2 * w)), curvature * (w / 4 + 2 * np.sin(2 * w))


VALLEYS = {"parabola": parabola, "bumpy": bumpy}


def explore_descent_1d(learning_rate=0.1, steps=20, valley="parabola", curvature=1, start=-4.0):
    """A walk downhill on one weight.

    On the parabola with curvature c one step of learning rate 1/c reaches the bottom, rates below 2/c converge, 2/c
    swings for ever, and more diverges.

    Args:
        learning_rate: a positive number.
        steps: 0 to 40.
        valley: "parabola" or "bumpy".
        start: w at first, -6 to 6.
        curvature: how fast the slope grows.

    Returns:
        A Live, which shows itself at the end of a cell.

    Raises:
        TraitError: for an unknown valley.

    Lesson: 02_gradient_descent, "Three kinds of walk".
    """
    controls = {
        "learning_rate": positions(
            "Learning rate", learning_rate, RATES, "How far to go per unit of slope (log scale)"
        ),
        "steps": slider("Steps", steps, 0, MOST_STEPS, 1, "How many steps of gradient descent"),
        "valley": choice("Valley", valley, list(VALLEYS), "The shape of the loss"),
        "curvature": choice("Curvature", curvature, sorted({*CURVATURES, curvature}), "How fast the slope grows"),
        "start": slider("Start at w =", start, -EDGE, EDGE, 0.1, "Where the walk begins"),
    }
    rates = [rate for _, rate in controls["learning_rate"].options]
    with course_style():
        figure = new_figure(7.6, 3.7)
        ground = _Ground(figure.add_axes((0.08, 0.15, 0.48, 0.74)))
        losses = LossPanel(figure.add_axes((0.67, 0.15, 0.31, 0.74)), MOST_STEPS, margin=1, ms=4, mew=0.4)
    shown = None

    def update(learning_rate, steps, valley, curvature, start):
        nonlocal shown
        if shown != (valley, curvature):
            shown = (valley, curvature)
            ground.draw_valley(VALLEYS[valley], curvature)
        starts = np.full(len(rates), start)
        walks = gradient_descent(lambda w: VALLEYS[valley](w, curvature)[1], starts, np.array(rates), MOST_STEPS)
        walk = walks[: steps + 1, rates.index(learning_rate)]
        with np.errstate(over="ignore", invalid="ignore"):
            loss = VALLEYS[valley](walk, curvature)[0]
        ground.show(walk, loss)
        losses.show(loss)
        say = _parabola_words if valley == "parabola" else _bumpy_words
        return say(walk, loss, learning_rate, curvature)

    return Live(
        figure,
        [*ground.artists, *losses.artists],
        update,
        controls,
        call="explore_descent_1d",
        alt=ALT,
        arrange=arrange(figure, (4.0, 5.9), [(0.16, 0.58, 0.81, 0.375), (0.16, 0.085, 0.81, 0.375)]),
    )


EXPLORER = Explorer(
    make=explore_descent_1d,
    title="Gradient descent on one weight",
    tab="Downhill",
    sentence="Gradient descent feels the slope and takes a step: raise the learning rate from a crawl to leaps that fly out of the valley.",
    lesson="02_gradient_descent",
    shown={"learning_rate": 1.5, "steps": 12},
    move=({}, "learning_rate", 1.5),
    timed=({"learning_rate": 0.01}, "Learning rate"),
)


class _Ground:
    """The left half: the valley and the walk on it."""

    def __init__(self, axes):
        self.axes = axes
        axes.set(xlim=(-EDGE, EDGE), xlabel="weight w", ylabel="loss L(w)")
        axes.set_title("The walk")
        self.w = np.linspace(-EDGE, EDGE, 400)
        (self.valley,) = axes.plot(self.w, self.w, color=GREY, lw=2)
        (self.path,) = axes.plot([], [], "-", color=ORANGE, lw=1.2)
        (self.dots,) = axes.plot([], [], "o", color=ORANGE, ms=5, mec="white", mew=0.6)
        (self.first,) = axes.plot([], [], "o", ms=10, mfc="none", mec=ORANGE, mew=2)
        (self.last,) = axes.plot([], [], "o", ms=10, color=BLUE, mec="white", mew=1)
        self.gone = add_label(axes, 0.5, 0.97, va="top", transform=axes.transAxes, color=INK, weight="bold")
        self.artists = [self.path, self.dots, self.first, self.last, self.gone]

    def draw_valley(self, valley, curvature):
        height = valley(self.w, curvature)[0]
        self.valley.set_ydata(height)
        self.axes.set_ylim(-0.05 * height.max(), 1.15 * height.max())

    def show(self, walk, loss):
        inside = np.abs(walk) <= EDGE
        gone = len(walk) if inside.all() else int(np.argmin(inside))  # the first step outside the picture
        w, height = walk[:gone], loss[:gone]
        self.path.set_data(w, height)
        self.dots.set_data(w, height)
        self.first.set_data(w[:1], height[:1])
        self.last.set_data(w[-1:], height[-1:])
        self.gone.set_text("" if inside.all() else f"step {gone} leaves the picture")


def _parabola_words(walk, loss, learning_rate, curvature):
    """Which side of which threshold, and where the walk ended."""
    factor = learning_rate * curvature
    limits = (
        f"Curvature {curvature:g}: 1/curvature = {number(1 / curvature)} is one step, "
        f"2/curvature = {number(2 / curvature)} is the limit."
    )
    if walk[0] == 0:
        regime = "<b>Nothing to do.</b> At the bottom the slope is 0, and no step goes anywhere."
    elif np.isclose(factor, 1):
        regime = "<b>One step.</b> The rate is exactly 1/curvature: the first step lands on the bottom."
    elif np.isclose(factor, 2):
        regime = "<b>Oscillates.</b> The rate is exactly 2/curvature: each step leaps to the other side, equally high."
    elif factor > 2:
        regime = (
            f"<b>Diverges.</b> Each leap ends {number(factor - 1)} times as far from the bottom, on the other side."
        )
    elif factor > 1:
        regime = (
            f"<b>Converges, leaping.</b> Each step crosses the bottom and ends {number(factor - 1)} times as far away."
        )
    elif factor < 0.02:
        regime = f"<b>Crawls.</b> Each step goes only {100 * factor:.2g} % of the way to the bottom."
    else:
        regime = f"<b>Converges.</b> Each step goes {100 * factor:.3g} % of the way to the bottom."
    return f"{regime}<br>{_where(walk, loss)}<br>{limits}"


def _bumpy_words(walk, loss, learning_rate, curvature):
    """Where the walk ended: in the deepest valley, in a side valley, still moving, or nowhere."""
    if not np.isfinite(walk[-1]) or abs(walk[-1]) > 1e3:
        regime = "<b>Diverges.</b> The leaps grow, and no valley holds the walk."
    else:
        slope, last = bumpy(walk[-1], curvature)[1], walk[-1]
        bends_up = curvature * (0.25 + 4 * np.cos(2 * last)) > 0
        if abs(slope) > 1e-3 * curvature:
            leaping = len(walk) > 3 and np.all(np.diff(walk[-4:])[1:] * np.diff(walk[-4:])[:-1] < 0)
            regime = "<b>Leaps to and fro.</b>" if leaping else "<b>Still on its way.</b>"
            regime += f" The slope here is {number(slope)}."
        elif not bends_up:
            regime = "<b>On a top.</b> The slope is 0 here too, but any push would start the walk."
        elif abs(last) < 0.1:
            regime = "<b>In the deepest valley</b>, at w = 0."
        else:
            regime = f"<b>Caught in a side valley.</b> The slope is 0 at w = {number(last)}, but w = 0 lies deeper."
    hint = "Change the start or the rate: where a walk ends depends on both."
    return f"{regime}<br>{_where(walk, loss)}<br>{hint}"


def _where(walk, loss):
    """Where the walk began and ended."""
    steps = len(walk) - 1
    if steps == 0:
        return f"Before the first step w = {number(walk[0])} and the loss is {number(loss[0])}."
    if not np.isfinite(walk[-1]):
        return f"After {steps} steps w has outgrown every number a computer holds."
    return (
        f"After {steps} step{'s' * (steps > 1)} w went from {number(walk[0])} to {number(walk[-1])}, "
        f"the loss from {number(loss[0])} to {number(loss[-1])}."
    )
