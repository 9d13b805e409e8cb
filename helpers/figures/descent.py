"""Walks downhill: the hiker, the sign of the slope, how long a stride may be, and a line that is fitted.

Lesson: 02_gradient_descent, "The hiker in fog".
"""

import numpy as np
from matplotlib.patches import FancyBboxPatch

from helpers.descent import gradient_descent
from helpers.figures.drawing import Drawing, signed, styled
from helpers.palette import BLUE, GREY, INK, ORANGE, PALE_BLUE, PALE_ORANGE


@styled
def hiker_in_fog():
    """A hiker above a valley that fog hides, with the four words of the comparison.

    Lesson: 02_gradient_descent, "The hiker in fog".
    """
    alt = (
        "A hiker on the left slope of a valley. Fog hides everything but the ground under the boots. Marked are the "
        "position, which stands for the weight; the altitude, the loss; the slope underfoot, the gradient; and the "
        "next stride downhill, set by the learning rate."
    )
    picture = Drawing(8.6, 4.3, alt)
    axes = picture.subplots()
    w = np.linspace(-5, 5, 400)
    x0, slope = -2.6, -0.36 * 3.6
    ground = _valley(w)
    axes.fill_between(w, -0.6, ground, color="#8FAE9B")
    axes.plot(w, ground, color="#3F6B50", linewidth=2)
    x, y = np.meshgrid(np.linspace(-5, 5, 250), np.linspace(-0.6, 5.4, 150))
    near = np.exp(-(((x - x0) / 1.15) ** 2 + ((y - _valley(x0) - 0.2) / 1.0) ** 2))
    fog = np.dstack([np.full_like(x, 0.9), np.full_like(x, 0.91), np.full_like(x, 0.93), 0.86 * (1 - near)])
    axes.imshow(fog, extent=(-5, 5, -0.6, 5.4), origin="lower", aspect="auto", zorder=3)
    _hiker(axes, x0, _valley(x0))
    stride = 0.75
    arrow = {"arrowstyle": "-|>", "color": ORANGE, "linewidth": 2.5, "mutation_scale": 18}
    start = (x0 + 0.12, _valley(x0) + 0.1)
    axes.annotate("", (x0 + stride, _valley(x0) + slope * stride + 0.35), start, arrowprops=arrow, zorder=6)
    notes = [
        ("altitude: the loss L", (x0, 1.0), (-4.75, 0.55), "left"),
        ("slope underfoot:\nthe gradient ∂L/∂w", (x0 + 0.35, _valley(x0) - 0.3), (-0.9, 3.9), "left"),
        ("stride: learning rate α × slope", (x0 + stride, 1.95), (-0.9, 2.55), "left"),
        ("somewhere down there: the smallest loss", (1, 0.1), (-0.3, 1.3), "left"),
    ]
    thin = {"arrowstyle": "-", "color": GREY, "linewidth": 1}
    for text, point, place, side in notes[1:]:
        axes.annotate(text, point, place, ha=side, arrowprops=thin, zorder=7)
    both = {"arrowstyle": "<->", "color": BLUE, "linewidth": 1.6}
    axes.annotate("", (x0, -0.55), (x0, _valley(x0)), arrowprops=both, zorder=6)
    axes.text(x0 - 0.15, 1.0, notes[0][0], color=BLUE, ha="right", zorder=7)
    axes.text(x0, -0.75, "position: the weight w", color=BLUE, ha="center", va="top", zorder=7)
    axes.set(xlim=(-5, 5), ylim=(-1.2, 5.4))
    axes.axis("off")
    return picture


def _valley(w):
    """The altitude of the hiker's valley."""
    return 0.18 * (w - 1) ** 2 + 0.1


def _hiker(axes, x, y):
    """A small figure with a stick, standing at (x, y)."""
    strokes = [
        ([x - 0.12, x, x + 0.14], [y + 0.05, y + 0.5, y - 0.12]),  # legs
        ([x, x + 0.03], [y + 0.5, y + 1.02]),  # back
        ([x + 0.03, x + 0.2, x + 0.36], [y + 0.9, y + 0.66, y + 0.72]),  # arm
        ([x + 0.36, x + 0.42], [y + 0.85, y - 0.42]),  # stick
    ]
    for xs, ys in strokes:
        axes.plot(xs, ys, color=INK, linewidth=2.6, solid_capstyle="round", zorder=5)
    axes.plot(x + 0.04, y + 1.2, "o", color=INK, markersize=10, zorder=5)
    axes.add_patch(FancyBboxPatch((x - 0.2, y + 0.58), 0.12, 0.32, boxstyle="round,pad=0.05", color=ORANGE, zorder=4))


@styled
def slope_signs():
    """A valley has negative slope on its left and positive slope on its right; the minus leads to the middle.

    Lesson: 02_gradient_descent, "Why the minus".
    """
    alt = (
        "The parabola w². On its left, at w = -1.5, the slope is -3 and the step with the minus leads to the right; on "
        "its right, at w = 1.5, the slope is +3 and the step leads to the left. Both lead towards the bottom."
    )
    picture = Drawing(6.6, 3.3, alt)
    axes = picture.subplots()
    w = np.linspace(-2.3, 2.3, 200)
    axes.plot(w, w**2, color=INK)
    for place, side in ((-1.5, "left"), (1.5, "right")):
        slope = 2 * place
        near = np.array([place - 0.45, place + 0.45])
        axes.plot(near, place**2 + slope * (near - place), color=BLUE, linewidth=3)
        axes.plot(place, place**2, "o", color=INK, markersize=8)
        arrow = {"arrowstyle": "-|>", "color": ORANGE, "linewidth": 2.5, "mutation_scale": 18}
        axes.annotate("", (place - 0.25 * slope, 0.35), (place, 0.35), arrowprops=arrow)
        axes.text(
            place * 1.62, place**2 + 0.1, signed(f"{side} of the valley:\nslope {slope:+g}"), ha="center", color=BLUE
        )
        change = signed(f"− α · ({slope:+g})")
        axes.text(place * 1.08, 0.32, change, ha=("right", "left")[place > 0], va="center", color=ORANGE)
    axes.set(xlabel="weight w", ylabel="loss w²", xlim=(-3.3, 3.3), ylim=(-0.2, 4.6))
    return picture


@styled
def three_walks(learning_rates=(0.001, 0.1, 1.02), start=-3.0, steps=15):
    """Walks on the parabola w² with three learning rates: tiny steps, good steps, leaps over the valley.

    Args:
        learning_rates: three of them.
        start: the first w.
        steps: how many.

    Lesson: 02_gradient_descent, "Three kinds of walk".
    """
    walks = [gradient_descent(lambda w: 2 * w, start, rate, steps) for rate in learning_rates]
    pairs = zip(learning_rates, walks, strict=True)
    ends = "; ".join(f"rate {rate:g} ends at w = {walk[-1]:.3g}" for rate, walk in pairs)
    picture = Drawing(9, 3.2, f"Three walks of {steps} steps on the parabola w², all from w = {start:g}: {ends}.")
    widest = max(np.abs(walk).max() for walk in walks) * 1.12
    w = np.linspace(-widest, widest, 300)
    panels = picture.subplots(1, 3, sharey=True)
    for axes, rate, walk in zip(panels, learning_rates, walks, strict=True):
        axes.plot(w, w**2, color=GREY, linewidth=1.2)
        axes.plot(walk, walk**2, color=ORANGE, linewidth=1.2)
        axes.plot(walk, walk**2, "o", color=BLUE, markersize=5)
        axes.plot(walk[0], walk[0] ** 2, "o", color=INK, markersize=8, fillstyle="none")
        axes.set(title=f"α = {rate:g}: {_kind_of_walk(rate)}", xlabel="weight w")
        end = signed(f"after {steps} steps:\nw = {walk[-1]:.3g}")
        axes.text(0, widest**2 * 1.2, end, ha="center", va="top")
        axes.set_ylim(-0.03 * widest**2, 1.25 * widest**2)
    panels[0].set_ylabel("loss w²")
    return picture


def _kind_of_walk(rate):
    """What a walk on w² does, in two words: each step multiplies w by 1 - 2 rate."""
    factor = 1 - 2 * rate
    if abs(factor) > 1:
        return "leaps away"
    if abs(factor) == 1:
        return "to and fro"
    return "tiny steps" if factor > 0.95 else "good steps"


@styled
def thresholds_on_parabola():
    """By how much each step on w² multiplies the distance from the bottom, for every learning rate.

    Lesson: 02_gradient_descent, "The exact limits".
    """
    alt = (
        "The factor 1 - 2α by which one step on w² multiplies w, against the learning rate α. It falls from 1 at α = 0 "
        "through 0 at α = 0.5 to -1 at α = 1 and beyond. Between 0 and 0.5 the walk comes down on one side; from 0.5 "
        "to 1 it hops from side to side and still arrives; above 1 it flies off."
    )
    picture = Drawing(7.6, 3.5, alt)
    axes = picture.subplots()
    rate = np.linspace(0, 1.3, 200)
    for left, right, colour in ((0, 0.5, PALE_BLUE), (0.5, 1, "#f1f4f8"), (1, 1.3, PALE_ORANGE)):
        axes.axvspan(left, right, color=colour, linewidth=0)
    axes.plot(rate, 1 - 2 * rate, color=INK, linewidth=2)
    for level in (-1, 0, 1):
        axes.axhline(level, color=GREY, linewidth=0.8, linestyle=":")
    labels = [(0.25, -1.62, "stays on its side\nand comes down"), (0.75, 0.62, "hops across,\nstill arrives")]
    for x, y, text in [*labels, (1.15, 0.75, "flies off")]:
        axes.text(x, y, text, ha="center", va="bottom")
    axes.plot([0.5, 1], [0, -1], "o", color=ORANGE, markersize=9)
    axes.annotate("one step, exactly there", (0.5, 0), (0.08, -0.75), arrowprops={"arrowstyle": "-", "color": GREY})
    axes.annotate("to and fro for ever", (1, -1), (0.55, -1.5), arrowprops={"arrowstyle": "-", "color": GREY})
    axes.set(xlabel="learning rate α", ylabel="factor 1 − 2α", xlim=(0, 1.3), ylim=(-1.7, 1.1))
    return picture


@styled
def line_through_points(X, y, path):
    """Points, and the straight lines along a walk of gradient descent through (slope, intercept).

    Args:
        X: (n, 1).
        y: (n, 1).
        path: (steps + 1, 2), the slope and intercept after each step.

    Lesson: 02_gradient_descent, "A line through points".
    """
    path = np.asarray(path)
    losses = [np.mean((slope * X + intercept - y) ** 2) for slope, intercept in path]
    last = path[-1]
    alt = (
        f"Points, and lines that gradient descent finds for them. The last line has slope {last[0]:.3g} and intercept "
        f"{last[1]:.3g}. Beside it the loss of each step, falling from {losses[0]:.3g} to {losses[-1]:.3g}."
    )
    picture = Drawing(8, 3.3, alt)
    points, curve = picture.subplots(1, 2)
    points.plot(X, y, "o", color=GREY, markersize=5, label="data")
    ends = np.array([X.min(), X.max()])
    shown = sorted({0, 1, 3, 10, len(path) - 1} & set(range(len(path))))
    on_the_way = {"color": BLUE, "linewidth": 1, "linestyle": "--"}
    points.plot([], [], **on_the_way, label=f"after {', '.join(map(str, shown[:-1]))} steps")
    for k in shown:
        final = k == shown[-1]
        style = {"color": ORANGE, "linewidth": 2.5} if final else on_the_way
        points.plot(ends, path[k, 0] * ends + path[k, 1], **style, label=f"after {k} steps" if final else None)
    points.set(xlabel="x", ylabel="y", title="the line moves towards the points")
    points.locator_params(axis="x", nbins=5)
    points.legend(loc="upper left", fontsize=9)
    curve.plot(losses, color=INK)
    curve.set(xlabel="step", ylabel="loss", title="the loss falls", ylim=(0, None))
    return picture
