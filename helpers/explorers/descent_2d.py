"""Gradient descent on two weights, seen from above: contours of the loss with the walk on them.

Lesson: 02_gradient_descent, "Two weights".
"""

import numpy as np

from helpers.descent import gradient_descent
from helpers.explorers.controls import choice, learning_rates, number, positions, slider
from helpers.explorers.loss_panel import LossPanel
from helpers.explorers.record import Explorer
from helpers.live import Live, add_label, arrange, course_style, new_figure
from helpers.palette import BLUE, INK, ORANGE, SHARE

RATES = learning_rates(-3, 1, extra=(0.19, 0.21, 2.5))
MOST_STEPS = 100
EDGE = 3.0
ALT = (
    "On the left the loss over two weights as contour lines, darker where it is higher, with the walk of gradient "
    "descent as dots. On the right the loss after each step, on a logarithmic scale."
)


def bowl(w):
    """The round bowl ½ (w1² + w2²). w: (..., 2). Returns (loss (...), gradient (..., 2))."""
    return (w**2).sum(axis=-1) / 2, w


def ravine(w):
    """½ (w1² + 10 w2²): ten times as steep across as along. w: (..., 2). Returns (loss (...), gradient (..., 2))."""
    curvature = np.array([1.0, 10.0])
    return (curvature * w**2).sum(axis=-1) / 2, curvature * w


def two_valleys(w):
    """(w1² - 1)² / 4 + w1 / 10 + w2² / 2 + 0.1024: two valleys, the left one deeper, its bottom just above 0.

    Args:
        w: (..., 2).

    Returns:
        (loss (...), gradient (..., 2)).
    """
    w1, w2 = w[..., 0], w[..., 1]
    gradient = np.stack([w1 * (w1**2 - 1) + 0.1, w2], axis=-1)
    return (w1**2 - 1) ** 2 / 4 + 0.1 * w1 + w2**2 / 2 + 0.1024, gradient


SURFACES = {"round bowl": bowl, "ravine": ravine, "two valleys": two_valleys}
LARGEST_CURVATURE = {"round bowl": 1, "ravine": 10}  # where it is the same everywhere


def explore_descent_2d(learning_rate=0.15, steps=30, surface="ravine", start_1=-2.5, start_2=1.0):
    """A walk downhill on two weights.

    Args:
        learning_rate: a positive number.
        steps: 0 to 100.
        surface: "round bowl", "ravine" or "two valleys".
        start_1, start_2: the weights at first, -3 to 3.

    Returns:
        A Live, which shows itself at the end of a cell.

    Raises:
        TraitError: for an unknown surface.

    Lesson: 02_gradient_descent, "Two weights".
    """
    controls = {
        "learning_rate": positions(
            "Learning rate", learning_rate, RATES, "How far to go per unit of slope (log scale)"
        ),
        "steps": slider("Steps", steps, 0, MOST_STEPS, 1, "How many steps of gradient descent"),
        "surface": choice("Surface", surface, list(SURFACES), "The shape of the loss"),
        "start_1": slider("Start at w1 =", start_1, -EDGE, EDGE, 0.1, "The first weight where the walk begins"),
        "start_2": slider("Start at w2 =", start_2, -EDGE, EDGE, 0.1, "The second weight where the walk begins"),
    }
    rates = np.array([rate for _, rate in controls["learning_rate"].options])
    with course_style():
        figure = new_figure(7.6, 3.9)
        map_ = _Map(figure.add_axes((0.08, 0.14, 0.44, 0.76)))
        losses = LossPanel(figure.add_axes((0.66, 0.14, 0.32, 0.76)), MOST_STEPS, margin=2, ms=3.5, mew=0.3)
    shown = None

    def update(learning_rate, steps, surface, start_1, start_2):
        nonlocal shown
        if shown != surface:
            shown = surface
            with course_style():
                map_.draw_contours(SURFACES[surface], surface)
        starts = np.tile([start_1, start_2], (len(rates), 1))
        walks = gradient_descent(lambda w: SURFACES[surface](w)[1], starts, rates[:, np.newaxis], MOST_STEPS)
        walk = walks[: steps + 1, int(np.argmax(rates == learning_rate))]
        with np.errstate(over="ignore", invalid="ignore"):
            loss = SURFACES[surface](walk)[0]
        map_.show(walk)
        losses.show(loss)
        return _words(walk, loss, learning_rate, surface)

    return Live(
        figure,
        [*map_.artists, *losses.artists],
        update,
        controls,
        call="explore_descent_2d",
        alt=ALT,
        arrange=arrange(figure, (4.0, 6.9), [(0.14, 0.48, 0.82, 0.485), (0.16, 0.075, 0.8, 0.3)]),
    )


EXPLORER = Explorer(
    make=explore_descent_2d,
    title="Gradient descent on two weights",
    tab="Two weights",
    sentence="With two weights the valley is a map: find a rate that is too long a stride across it and too short a one along it.",
    lesson="02_gradient_descent",
    shown={"learning_rate": 0.15},
    move=({}, "learning_rate", 0.19),
    timed=({"learning_rate": 0.01}, "Learning rate"),
)


class _Map:
    """The left half: the surface from above and the walk on it."""

    def __init__(self, axes):
        self.axes, self.contours = axes, []
        axes.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), xlabel="weight w1", ylabel="weight w2", aspect="equal")
        axes.grid(False)
        side = np.linspace(-EDGE, EDGE, 121)
        self.w = np.stack(np.meshgrid(side, side), axis=-1)
        (self.path,) = axes.plot([], [], "-", color=ORANGE, lw=1.3)
        (self.dots,) = axes.plot([], [], "o", color=ORANGE, ms=4.5, mec="white", mew=0.6)
        (self.first,) = axes.plot([], [], "o", ms=10, mfc="none", mec=ORANGE, mew=2)
        (self.last,) = axes.plot([], [], "o", ms=9, color=BLUE, mec="white", mew=1.2)
        self.gone = add_label(axes, 0.5, 0.97, va="top", transform=axes.transAxes, color=INK, weight="bold")
        self.artists = [self.path, self.dots, self.first, self.last, self.gone]

    def draw_contours(self, surface, name):
        for contours in self.contours:
            contours.remove()
        height = np.sqrt(surface(self.w)[0])  # roots, so that the lines stay apart at the rim and show the bottom
        sides, levels = self.w[0, :, 0], np.linspace(0, height.max(), 14)
        self.contours = [
            self.axes.contourf(sides, sides, height, levels=levels, cmap=SHARE, alpha=0.45),
            self.axes.contour(sides, sides, height, levels=levels, colors="#8a97a8", linewidths=0.7),
        ]
        self.axes.set_title(f"The walk on the {name}" if name != "two valleys" else "The walk on two valleys")

    def show(self, walk):
        inside = np.all(np.abs(walk) <= EDGE, axis=1)
        gone = len(walk) if inside.all() else int(np.argmin(inside))
        x, y = walk[:gone].T
        self.path.set_data(x, y)
        self.dots.set_data(x, y)
        self.first.set_data(x[:1], y[:1])
        self.last.set_data(x[-1:], y[-1:])
        self.gone.set_text("" if inside.all() else f"step {gone} leaves the picture")


def _words(walk, loss, learning_rate, surface):
    """What kind of walk, where it ended, and why."""
    steps, w = len(walk) - 1, walk[-1]
    if not np.all(np.isfinite(w)):
        where = f"After {steps} steps the weights have outgrown every number a computer holds."
    else:
        where = (
            f"After {steps} step{'s' * (steps != 1)}: w1 = {number(w[0])}, w2 = {number(w[1])}, "
            f"loss {number(loss[0])} → {number(loss[-1])}."
        )
    if surface in LARGEST_CURVATURE:
        return f"{_regime(learning_rate, surface)}<br>{where}<br>{_limit(learning_rate, surface)}"
    return f"{_valley(walk, loss)}<br>{where}<br>The left valley is the deeper one; which one is reached depends on the start."


def _regime(learning_rate, surface):
    factor = learning_rate * LARGEST_CURVATURE[surface]
    if np.isclose(factor, 2):
        return "<b>Oscillates</b> in the steepest direction, neither nearer nor farther."
    if factor > 2:
        return "<b>Diverges.</b> In the steepest direction each leap is longer than the last."
    if factor > 1 and not np.isclose(factor, 1):
        return "<b>Converges, zigzagging</b> across the steepest direction."
    if learning_rate < 0.02:
        return "<b>Crawls.</b> The steps are tiny, worst of all along the gentlest direction."
    if surface == "round bowl" and np.isclose(factor, 1):
        return "<b>One step</b>: in a round bowl the slope points away from the bottom, and 1/curvature is the way."
    return "<b>Converges</b> without leaping over the bottom."


def _limit(learning_rate, surface):
    steep = LARGEST_CURVATURE[surface]
    text = f"Largest curvature {steep}: rates below 2/{steep} = {2 / steep:g} converge."
    if surface == "ravine":
        text += f" Along the ravine the curvature is 1, so each step goes only {100 * learning_rate:.3g} % of the way there."
    return text if learning_rate * steep < 2 else text.replace(" Along", " The steep direction sets the limit. Along")


def _valley(walk, loss):
    if not np.all(np.isfinite(walk[-1])) or np.abs(walk[-1]).max() > 1e3:
        return "<b>Diverges.</b> The leaps grow, and no valley holds the walk."
    if np.abs(two_valleys(walk[-1])[1]).max() > 1e-2:
        return "<b>Still moving.</b> The slope is not 0 yet."
    return f"<b>At rest in the {'left, deeper' if walk[-1][0] < 0 else 'right, shallower'} valley.</b>"
