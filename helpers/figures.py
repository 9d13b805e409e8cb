"""The still pictures of the lessons. Each function returns a Drawing, which a notebook shows when it ends a cell.

Nothing here keeps state: no pyplot, no global figure. Colours are told apart by everybody, and nothing is said by
colour alone; every picture carries a description in words, which screen readers find as the image's alt text.

Lesson: 01_mse, "One number for how wrong".
"""

import base64
import functools
import html
import io
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, Rectangle

from helpers.activations import ACTIVATIONS, activation, sigmoid, sigmoid_derivative
from helpers.datasets import ring, spiral, two_moons, xor
from helpers.descent import gradient_descent
from helpers.diagnosis import diagnose
from helpers.initialization import initialize
from helpers.losses import mse, squared_errors
from helpers.network import backward, forward, hidden_delta, output_delta
from helpers.palette import BLUE, DIVERGING, FAINT, GREY, INK, ORANGE, PALE_BLUE, PALE_ORANGE, PURPLE
from helpers.training import predict, sweep, train_full_batch

LINES = [(BLUE, "-"), (ORANGE, "--"), (PURPLE, "-."), (GREY, ":"), (INK, (0, (5, 1)))]
MARKERS = "osD^v"
MARGIN = 8  # pixels of white around a picture, to be seen on dark pages

STYLE = mpl.rc_params_from_file(Path(__file__).with_name("course.mplstyle"), use_default_template=False)


class Drawing(Figure):
    """A matplotlib figure that shows itself in a notebook.

    alt: what it shows, in words, for those who cannot see it.
    """

    def __init__(self, width, height, alt):
        super().__init__(figsize=(width, height), layout="constrained")
        self.alt = alt

    def png(self):
        """The picture as the bytes of a PNG file, which has the description in its metadata too."""
        file = io.BytesIO()
        with mpl.rc_context(STYLE):
            self.savefig(file, format="png", dpi=144, metadata={"Description": self.alt})
        return file.getvalue()

    def _repr_mimebundle_(self, include=None, exclude=None):
        """What IPython asks for: HTML with the alt text, and a plain PNG where HTML is not trusted."""
        data = base64.b64encode(self.png()).decode()
        width = round(self.get_figwidth() * 96) + 2 * MARGIN
        image = (
            f'<img alt="{html.escape(self.alt)}" src="data:image/png;base64,{data}" '
            f'style="width: {width}px; max-width: 100%; box-sizing: border-box; padding: {MARGIN}px; background: white">'
        )
        return {"text/html": image, "image/png": data, "text/plain": self.alt}, {"image/png": {"alt": self.alt}}


def _styled(function):
    """Draw in the course's style, and leave matplotlib's own settings as they were."""

    @functools.wraps(function)
    def draw(*args, **kwargs):
        with mpl.rc_context(STYLE):
            return function(*args, **kwargs)

    return draw


def _signed(text):
    """The text with true minus signs in place of hyphens."""
    return text.replace("-", "−")


# 01_mse


@_styled
def mse_as_squares(target, prediction):
    """Each squared error as a real square, and their mean as one more.

    target, prediction: (n,), n at most 6 or so.
    Returns a Drawing.

    Lesson: 01_mse, "One number for how wrong".
    """
    target, prediction = np.asarray(target, dtype=float), np.asarray(prediction, dtype=float)
    squares, loss = squared_errors(target, prediction), mse(target, prediction)
    listed = ", ".join(f"{square:.3g}" for square in squares)
    alt = f"Errors drawn as squares. Their areas are {listed}; the mean, drawn as a square of its own, is {loss:.3g}."
    picture = Drawing(8.6, 3.8, alt)
    axes = picture.subplots()
    gap = 0.75
    for k, (t, p) in enumerate(zip(target, prediction, strict=True)):
        i, side, bottom = k * gap, abs(p - t), min(p, t)
        axes.add_patch(Rectangle((i, bottom), side, side, facecolor=PALE_BLUE, edgecolor=BLUE))
        axes.plot([i, i], [t, p], color=BLUE, linewidth=2.5)
        axes.plot(i, t, "o", color=INK, markersize=8, fillstyle="none", label="target" if k == 0 else None)
        axes.plot(i, p, "D", color=ORANGE, markersize=7, label="prediction" if k == 0 else None)
        axes.text(i + side + 0.05, bottom + side / 2, _signed(f"({p - t:+.3g})²\n= {squares[k]:.3g}"), va="center")
    end, side = len(target) * gap, np.sqrt(loss)
    axes.add_patch(Rectangle((end, 0.4), side, side, facecolor=PALE_ORANGE, edgecolor=ORANGE, hatch="//"))
    axes.text(end, 0.36, f"their mean: {loss:.3g}", va="top")
    axes.set(aspect="equal", xlim=(-0.2, end + 0.75), ylim=(-0.12, 1.2), ylabel="value")
    axes.set_xticks(gap * np.arange(len(target)), [f"example {k + 1}" for k in range(len(target))])
    axes.grid(False, axis="x")
    axes.legend(loc="upper right")
    return picture


@_styled
def why_square():
    """|error| and error² side by side, each above its slope.

    Returns a Drawing.

    Lesson: 01_mse, "Why square".
    """
    alt = (
        "Left: two losses of one error. The absolute error is a V with a corner at zero; the squared error is a smooth "
        "bowl, below the V for errors smaller than 1 and above it for larger ones. Right: their slopes. That of the "
        "absolute error jumps from -1 to +1; that of the square is a straight line through zero."
    )
    picture = Drawing(8, 3.2, alt)
    values, slopes = picture.subplots(1, 2)
    error = np.linspace(-1.6, 1.6, 201)
    values.plot(error, error**2, color=BLUE, label="error²")
    values.plot(error, np.abs(error), color=ORANGE, linestyle="--", label="|error|")
    values.set(title="the loss of one error", xlabel="error", ylim=(-0.1, 2.6))
    slopes.plot(error, 2 * error, color=BLUE, label="slope of error²")
    for side in (error < 0, error > 0):
        slopes.plot(error[side], np.sign(error[side]), color=ORANGE, linestyle="--")
    slopes.plot([], [], color=ORANGE, linestyle="--", label="slope of |error|")
    slopes.axhline(0, color=GREY, linewidth=0.8)
    slopes.set(title="its slope", xlabel="error")
    values.legend(loc="upper center")
    slopes.legend(loc="upper left")
    return picture


@_styled
def broadcasting_table(target, prediction):
    """What numpy does with a row of targets and a column of predictions: a table of n × n errors.

    target, prediction: (n,) each, n at most 5 or so.
    Returns a Drawing.

    Lesson: 01_mse, "The broadcasting trap".
    """
    target, prediction = np.ravel(target).astype(float), np.ravel(prediction).astype(float)
    n, table = len(target), np.subtract.outer(prediction, target) ** 2
    alt = (
        f"A table of {n} by {n} squared errors: every prediction against every target. Only the {n} on the diagonal "
        f"belong together, with the mean {np.diag(table).mean():.3g}; the mean of all {n * n} is {table.mean():.3g}."
    )
    picture = Drawing(7, 3.4, alt)
    axes = picture.subplots()
    for i in range(n):
        for j in range(n):
            mine = i == j
            face, edge = (PALE_BLUE, BLUE) if mine else ("white", GREY)
            axes.add_patch(Rectangle((j, i), 0.94, 0.94, facecolor=face, edgecolor=edge, linewidth=2 if mine else 0.8))
            weight = "bold" if mine else "normal"
            axes.text(j + 0.47, i + 0.47, f"{table[i, j]:.3g}", ha="center", va="center", fontweight=weight)
    for k in range(n):
        axes.text(k + 0.47, -0.12, f"t = {target[k]:.3g}", ha="center", va="bottom")
        axes.text(-0.12, k + 0.47, f"y = {prediction[k]:.3g}", ha="right", va="center")
    meant, comes_out = np.diag(table).mean(), table.mean()
    axes.text(n + 0.3, n * 0.28, f"what was meant:\nmean of the {n} framed ones\n= {meant:.3g}", color=BLUE)
    axes.text(n + 0.3, n * 0.75, f"what comes out:\nmean of all {n * n}\n= {comes_out:.3g}", color=ORANGE)
    axes.set(xlim=(-1, n + 2.6), ylim=(n + 0.1, -0.5), aspect="equal")
    axes.axis("off")
    return picture


# 02_gradient_descent


@_styled
def hiker_in_fog():
    """A hiker above a valley that fog hides, with the four words of the comparison.

    Returns a Drawing.

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
        ("somewhere down there: the smallest loss", (1, 0.1), (0.3, 1.3), "left"),
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


@_styled
def slope_signs():
    """A valley has negative slope on its left and positive slope on its right; the minus leads to the middle.

    Returns a Drawing.

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
            place * 1.62, place**2 + 0.1, _signed(f"{side} of the valley:\nslope {slope:+g}"), ha="center", color=BLUE
        )
        change = _signed(f"− α · ({slope:+g})")
        axes.text(place * 1.08, 0.32, change, ha=("right", "left")[place > 0], va="center", color=ORANGE)
    axes.set(xlabel="weight w", ylabel="loss w²", xlim=(-3.3, 3.3), ylim=(-0.2, 4.6))
    return picture


@_styled
def three_walks(learning_rates=(0.001, 0.1, 1.02), start=-3.0, steps=15):
    """Walks on the parabola w² with three learning rates: tiny steps, good steps, leaps over the valley.

    learning_rates: three of them. start: the first w. steps: how many.
    Returns a Drawing.

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
        end = _signed(f"after {steps} steps:\nw = {walk[-1]:.3g}")
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


@_styled
def thresholds_on_parabola():
    """By how much each step on w² multiplies the distance from the bottom, for every learning rate.

    Returns a Drawing.

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


@_styled
def line_through_points(X, y, path):
    """Points, and the straight lines along a walk of gradient descent through (slope, intercept).

    X: (n, 1). y: (n, 1). path: (steps + 1, 2), the slope and intercept after each step.
    Returns a Drawing.

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
    for k in shown:
        final = k == shown[-1]
        style = {"color": ORANGE, "linewidth": 2.5} if final else {"color": BLUE, "linewidth": 1, "linestyle": "--"}
        label = f"after {k} steps" if k == 0 or final else None
        points.plot(ends, path[k, 0] * ends + path[k, 1], label=label, **style)
    points.set(xlabel="x", ylabel="y", title="the line moves towards the points")
    points.locator_params(axis="x", nbins=5)
    points.legend(loc="upper left", fontsize=9)
    curve.plot(losses, color=INK)
    curve.set(xlabel="step", ylabel="loss", title="the loss falls", ylim=(0, None))
    return picture


# 03_backprop


@_styled
def chain_rule(x=2.0):
    """(x + 3)² as a chain of two links, forward with values and backward with slopes.

    x: the number that goes in.
    Returns a Drawing.

    Lesson: 03_backprop, "The chain rule".
    """
    u = x + 3
    alt = (
        f"A chain: x = {x:g}, then u = x + 3 = {u:g}, then L = u² = {u * u:g}. Backward the slope of each link is "
        f"written below it: dL/du = 2u = {2 * u:g}, du/dx = 1, and their product dL/dx = {2 * u:g}."
    )
    picture = Drawing(7.4, 2.1, alt)
    axes = picture.subplots()
    names = ["x", "u = x + 3", "L = u²"]
    slopes = [f"dL/dx\n= {2 * u:g} · 1 = {2 * u:g}", f"dL/du\n= 2u = {2 * u:g}", "dL/dL\n= 1"]
    _flow(axes, names, [f"{x:g}", f"{u:g}", f"{u * u:g}"], slopes, ["add 3", "square"], ["× 1", "× 2u"])
    return picture


def _flow(axes, names, values, slopes, operations, factors):
    """Boxes from left to right: above each its value, below it its slope; arrows with what happens on the way."""
    gap = 3.0
    for k, name in enumerate(names):
        x = k * gap
        _box(axes, x, 0, name, 1.5)
        axes.text(x, 0.62, values[k], ha="center", va="bottom", color=BLUE)
        axes.text(x, -0.62, slopes[k], ha="center", va="top", color=ORANGE)
    for k, (operation, factor) in enumerate(zip(operations, factors, strict=True)):
        left, right = k * gap + 0.85, (k + 1) * gap - 0.85
        ahead = {"arrowstyle": "-|>", "color": BLUE, "linewidth": 1.8}
        back = {"arrowstyle": "-|>", "color": ORANGE, "linewidth": 1.8, "linestyle": "--"}
        axes.annotate("", (right, 0.2), (left, 0.2), arrowprops=ahead)
        axes.annotate("", (left, -0.2), (right, -0.2), arrowprops=back)
        axes.text((left + right) / 2, 0.3, operation, ha="center", va="bottom", color=BLUE)
        axes.text((left + right) / 2, -0.3, factor, ha="center", va="top", color=ORANGE)
    axes.set(xlim=(-1.5, gap * (len(names) - 1) + 1.5), ylim=(-1.45, 1.05))
    axes.axis("off")


def _box(axes, x, y, text, width, height=0.8):
    """A box with rounded corners around a text."""
    corner = (x - width / 2, y - height / 2)
    axes.add_patch(FancyBboxPatch(corner, width, height, boxstyle="round,pad=0.06", facecolor="#f6f7f9", edgecolor=INK))
    axes.text(x, y, text, ha="center", va="center", fontweight="bold")


@_styled
def sigmoid_and_slope():
    """The sigmoid and, under it, its slope.

    Returns a Drawing.

    Lesson: 03_backprop, "The sigmoid and its slope".
    """
    alt = (
        "Left: the sigmoid, an S from 0 to 1 that passes one half at z = 0. Right: its slope, a hill with its top of "
        "one quarter at z = 0, which fades to nearly nothing beyond z = 5 and z = -5."
    )
    picture = Drawing(7.6, 2.9, alt)
    curve, slope = picture.subplots(1, 2, sharex=True)
    z = np.linspace(-7, 7, 300)
    curve.plot(z, sigmoid(z), color=BLUE, linewidth=2)
    curve.plot(0, 0.5, "o", color=INK)
    curve.annotate("σ(0) = 1/2", (0, 0.5), (1.2, 0.4))
    curve.set(title="σ(z)", xlabel="pre-activation z", ylim=(-0.05, 1.05))
    slope.plot(z, sigmoid_derivative(z), color=ORANGE, linewidth=2)
    slope.plot(0, 0.25, "o", color=INK)
    slope.annotate("σ'(0) = 1/4", (0, 0.25), (1.2, 0.24))
    slope.set(title="its slope σ'(z) = σ(z) (1 − σ(z))", xlabel="pre-activation z", ylim=(-0.012, 0.27))
    return picture


@_styled
def forward_and_backward(params, x, target, back=True):
    """The whole walk of one example through the network with its numbers: forward, and (if wanted) back.

    params: as in helpers.network. x: (n_in, 1). target: (n_out, 1). back: False for the forward half alone.
    Returns a Drawing.

    Lesson: 03_backprop, "Both ways through the network".
    """
    cache = forward(params, x)
    loss = np.mean((cache["y"] - target) ** 2)
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    grads = backward(params, cache, target)
    slopes = {"z1": delta1, "h": params["W2"].T @ delta2, "z2": delta2, "y": 2 * (cache["y"] - target) / target.size}

    alt = f"Forward: {'; '.join(f'{name} is {_numbers(cache[name])}' for name in cache)}; the loss is {loss:.3f}."
    if back:
        alt += f" Backward: {'; '.join(f'the gradient for {name} is {_numbers(grads[name])}' for name in grads)}."
    picture = Drawing(10, 4.1 if back else 1.9, alt)
    axes = picture.subplots()
    names = [*cache, "L"]
    for k, name in enumerate(names):
        value = f"{loss:.3f}" if name == "L" else _stacked(cache[name])
        _box(axes, 2 * k, 0, name, 0.7)
        axes.text(2 * k, 0.6, value, ha="center", va="bottom", color=BLUE)
        if back and name in slopes:
            axes.text(2 * k, -0.62, f"∂L/∂{name}\n{_stacked(slopes[name])}", ha="center", va="top", color=ORANGE)
    for k, operation in enumerate(["W1, b1", "σ", "W2, b2", "σ", "(y − t)²"]):
        left, right = 2 * k + 0.48, 2 * k + 1.52
        ahead = {"arrowstyle": "-|>", "color": BLUE, "linewidth": 1.8}
        axes.annotate("", (right, 0.14), (left, 0.14), arrowprops=ahead)
        axes.text(2 * k + 1, 0.24, operation, ha="center", va="bottom", color=BLUE)
        if back and k > 0:
            home = {"arrowstyle": "-|>", "color": ORANGE, "linewidth": 1.8, "linestyle": "--"}
            axes.annotate("", (left, -0.18), (right, -0.18), arrowprops=home)
    if back:
        for layer, column in ((1, 1), (2, 5)):
            _layer_gradients(axes, column, f"W{layer}", grads[f"W{layer}"], f"b{layer}", grads[f"b{layer}"])
    axes.set(xlim=(-0.7, 10.7), ylim=(-3.75 if back else -0.6, 1.25))
    axes.axis("off")
    return picture


def _layer_gradients(axes, x, weight_name, weight_gradient, bias_name, bias_gradient):
    """The gradients of one layer, in a frame under the arrow that its weights stand on."""
    line = {"arrowstyle": "-", "color": GREY, "linewidth": 1, "linestyle": ":"}
    axes.annotate("", (x, -2.1), (x, -0.1), arrowprops=line)
    text = f"∂L/∂{weight_name}\n{_stacked(weight_gradient)}\n∂L/∂{bias_name}\n{_stacked(bias_gradient)}"
    frame = {"boxstyle": "round,pad=0.4", "facecolor": "#fdf3ea", "edgecolor": ORANGE}
    axes.text(x, -2.15, text, ha="center", va="top", bbox=frame, fontsize=9.5)


def _stacked(matrix):
    """A small matrix as text: one line for each row."""
    return _signed("\n".join("  ".join(f"{number:.3f}" for number in row) for row in np.atleast_2d(matrix)))


def _numbers(matrix):
    """A small matrix as words in a sentence."""
    return ", ".join(f"{number:.3f}" for number in np.ravel(matrix))


@_styled
def gradient_table(check):
    """A gradient check as a picture: the relative error of each parameter on a logarithmic scale.

    check: what helpers.checks.gradient_check returned, with parameters of the right shapes.
    Returns a Drawing.

    Lesson: 03_backprop, "Checking gradients".
    """
    said = "; ".join(f"{p.name} is {'right' if p.right else 'wrong'}" for p in check.parameters)
    picture = Drawing(7.4, 2.6, f"Relative error of each gradient against slopes found by trying: {said}.")
    axes = picture.subplots()
    axes.axvspan(1e-14, 1e-6, color=PALE_BLUE, linewidth=0)
    axes.text(1.5e-14, len(check.parameters) - 0.42, "agrees", va="center", color=BLUE)
    axes.text(1.5e-6, len(check.parameters) - 0.42, "does not agree", va="center", color=ORANGE)
    for row, parameter in enumerate(check.parameters):
        error = np.nan_to_num(parameter.relative_error, nan=1.0)
        colour, marker = (BLUE, "o") if parameter.right else (ORANGE, "X")
        axes.plot(np.clip(error, 2e-14, 1), row, marker, color=colour, markersize=10)
        axes.text(np.clip(error, 2e-14, 1) * 2.2, row, f"{error:.0e}", va="center", color=colour)
    axes.set(xscale="log", xlim=(1e-14, 30), ylim=(len(check.parameters) - 0.1, -0.6), xlabel="relative error")
    axes.set_yticks(range(len(check.parameters)), [f"∂L/∂{p.name}" for p in check.parameters])
    return picture


@_styled
def cost_of_slopes():
    """How many passes through the network one gradient costs: by testing each weight, and by backpropagation.

    Returns a Drawing.

    Lesson: 03_backprop, "Why one backward pass beats testing each weight".
    """
    alt = (
        "Passes through the network for one gradient, against the number of weights, both on logarithmic scales. "
        "Testing each weight to both sides takes twice as many passes as there are weights: 18 for 9 weights, two "
        "million for a million. Backpropagation always takes two: one forward, one backward."
    )
    picture = Drawing(7, 3, alt)
    axes = picture.subplots()
    weights = np.geomspace(9, 1e6, 50)
    axes.loglog(weights, 2 * weights, color=ORANGE, linestyle="--", label="testing each weight: 2 for every weight")
    axes.loglog(weights, np.full(50, 2.0), color=BLUE, label="backpropagation: one forward, one backward")
    axes.plot([9, 1e6], [18, 2e6], "o", color=ORANGE)
    axes.text(11, 14, "18", va="top", color=ORANGE)
    axes.text(7e5, 2.2e6, "2,000,000", ha="right", color=ORANGE)
    axes.set(xlabel="number of weights and biases", ylabel="passes", ylim=(1, 1e7))
    axes.legend(loc="upper left", fontsize=9)
    return picture


# 04_training_loop


@_styled
def xor_table():
    """XOR on a sheet of paper: no straight line has both ones on its one side and both zeros on the other.

    Returns a Drawing.

    Lesson: 04_training_loop, "The data".
    """
    alt = (
        "Four points at the corners of a square. Lower left and upper right are 0, upper left and lower right are 1. "
        "Two straight lines are tried; each has points of both kinds on one of its sides."
    )
    picture = Drawing(4.2, 3.8, alt)
    axes = picture.subplots()
    X, y = xor()
    for row, target in zip(X, y[:, 0], strict=True):
        _xor_point(axes, row, target)
        axes.text(row[0] + 0.08, row[1] + 0.08, f"{target:.0f}", fontsize=14, fontweight="bold")
    axes.plot([-0.35, 0.9], [0.9, -0.35], color=GREY, linestyle="--")
    axes.plot([-0.35, 1.35], [0.4, 0.6], color=GREY, linestyle=":")
    axes.set(xlim=(-0.4, 1.4), ylim=(-0.4, 1.4), xlabel="x₁", ylabel="x₂", aspect="equal", xticks=[0, 1], yticks=[0, 1])
    return picture


def _xor_point(axes, row, target):
    """One example: a filled square for the target 1, an open circle for 0."""
    marker, colour, inside = ("s", BLUE, BLUE) if target > 0.5 else ("o", ORANGE, "white")
    axes.plot(*row, marker, markersize=17, color="white", zorder=3)
    axes.plot(*row, marker, markersize=12, color=colour, markerfacecolor=inside, markeredgewidth=2.5, zorder=4)


@_styled
def xor_before_after(before, after, hidden="sigmoid"):
    """What two networks say for every point of the sheet, with their four predictions written in.

    before, after: params of two networks with 2 inputs and 1 output. hidden: name of the hidden activation.
    Returns a Drawing.

    Lesson: 04_training_loop, "Before and after".
    """
    X, y = xor()
    said = [predict(params, X, hidden)[:, 0] for params in (before, after)]
    words = [", ".join(f"{p:.2f}" for p in answers) for answers in said]
    alt = f"Predictions for 00, 01, 10, 11. Before training: {words[0]}. After: {words[1]}. Targets: 0, 1, 1, 0."
    picture = Drawing(8, 3.7, alt)
    panels = picture.subplots(1, 2, sharey=True)
    for axes, params, title, answers in zip(panels, (before, after), ("before", "after"), said, strict=True):
        image = _surface(axes, params, hidden, (-0.5, 1.5))
        for row, target, answer in zip(X, y[:, 0], answers, strict=True):
            _xor_point(axes, row, target)
            paper = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "boxstyle": "round,pad=0.2"}
            axes.text(row[0], row[1] + 0.2, f"{answer:.2f}, target {target:.0f}", ha="center", fontsize=9, bbox=paper)
        axes.set(title=title, xlabel="x₁", xticks=[0, 1], yticks=[0, 1])
    panels[0].set_ylabel("x₂")
    picture.colorbar(image, ax=panels, label="prediction y", ticks=[0, 0.5, 1])
    return picture


def _surface(axes, params, hidden, limits):
    """The network's prediction for every point, and the line where it is one half. Returns the image."""
    axes.grid(False)
    ticks = np.linspace(*limits, 90)
    points = np.column_stack([grid.ravel() for grid in np.meshgrid(ticks, ticks)])
    z = predict(params, points, hidden).reshape(90, 90)
    image = axes.imshow(z, extent=(*limits, *limits), origin="lower", cmap=DIVERGING, vmin=0, vmax=1, aspect="equal")
    if z.min() < 0.5 < z.max():
        axes.contour(ticks, ticks, z, levels=[0.5], colors=INK, linewidths=1.2)
    return image


@_styled
def loss_curves(curves, log=False, title=""):
    """Loss curves in one picture, each with its own colour and its own kind of line.

    curves: dict, name -> losses (epochs,). At most five. log: True for a logarithmic axis.
    Returns a Drawing.

    Lesson: 04_training_loop, "Reading a loss curve".
    """
    said = "; ".join(f"{name} from {losses[0]:.3g} to {losses[-1]:.3g}" for name, losses in curves.items())
    picture = Drawing(7.2, 3.2, f"Loss curves over the epochs: {said}.")
    axes = picture.subplots()
    for (name, losses), (colour, line) in zip(curves.items(), LINES, strict=False):
        axes.plot(losses, color=colour, linestyle=line, linewidth=1.8, label=name)
    axes.set(xlabel="epoch", ylabel="loss", title=title, yscale="log" if log else "linear")
    if not log:
        axes.set_ylim(0, None)
    axes.legend()
    return picture


@_styled
def four_loss_curves():
    """The four kinds of loss curve, from four real trainings, each under the word that `diagnose` has for it.

    Returns a Drawing.

    Lesson: 04_training_loop, "Reading a loss curve".
    """
    curves = four_trainings()
    said = "; ".join(f"{diagnose(losses)}: {how}" for how, losses in curves.items())
    picture = Drawing(9, 4.6, f"Four loss curves. {said}.")
    for axes, (how, losses) in zip(picture.subplots(2, 2).flat, curves.items(), strict=True):
        axes.plot(losses, color=BLUE)
        axes.set_title(f"{diagnose(losses)}", fontweight="bold", loc="left")
        axes.set_title(how, loc="right", fontsize=9, color=GREY)
        axes.set(xlabel="epoch", ylabel="loss", ylim=(0, max(0.3, 1.08 * losses.max())))
    return picture


def four_trainings():
    """Four trainings on XOR whose loss curves tell four stories.

    Returns a dict: a few words on how it was trained -> losses (epochs,). `diagnose` calls the four, in this order,
    healthy, flat, increasing and jumpy.

    Lesson: 04_training_loop, "Reading a loss curve".
    """
    return {
        "rate 0.5": _losses_of(0.5, 1500, each_example=True),
        "rate 0.001": _losses_of(0.001, 1500, each_example=True, seed=1),
        "rate 1.2, linear output": _losses_of(1.2, 10, output="linear"),
        "rate 30, ReLU": _losses_of(30.0, 60, hidden="relu"),
    }


def _losses_of(rate, epochs, seed=0, **how):
    """The losses of one training on XOR with four hidden units; `how` goes to sweep."""
    return sweep([rate], [seed], epochs, **how)[0][0, 0]


@_styled
def plateau(losses, stop, tolerance=0.001, patience=10):
    """A loss curve, and the epoch at which the rule "change < tolerance for patience epochs" would have stopped it.

    losses: (epochs,). stop: the number of epochs after which the rule fires. tolerance, patience: for the label.
    Returns a Drawing.

    Lesson: 04_training_loop, "When to stop".
    """
    alt = (
        f"A loss curve with a plateau. The rule, change below {tolerance:g} for {patience} epochs, fires after epoch "
        f"{stop} at a loss of {losses[stop - 1]:.3f}. Left alone, the loss is {losses[-1]:.4f} at epoch {len(losses)}."
    )
    picture = Drawing(9, 3.4, alt)
    near, far = picture.subplots(1, 2, width_ratios=[1, 1.5])
    shown = min(4 * stop, len(losses))
    for axes, count in ((near, shown), (far, len(losses))):
        axes.plot(np.arange(1, count + 1), losses[:count], color=BLUE, linewidth=2)
        axes.plot(stop, losses[stop - 1], "X", color=ORANGE, markersize=11)
        axes.set(xlabel="epoch", ylim=(0, 1.25 * losses.max()))
    near.axvspan(stop - patience, stop, color=PALE_ORANGE, linewidth=0)
    near.set(title=f"the rule fires after epoch {stop}", ylabel="loss")
    far.set_title("what it would have missed")
    pointer = {"arrowstyle": "-", "color": GREY}
    far.annotate("stopped here", (stop, losses[stop - 1]), (0.2 * len(losses), 1.1 * losses.max()), arrowprops=pointer)
    return picture


# 05_hyperparameters


@_styled
def success_by_rate(learning_rates, shares):
    """Share of starting weights that reach the goal, for each learning rate.

    learning_rates: (rates,). shares: dict, name -> (rates,) between 0 and 1.
    Returns a Drawing.

    Lesson: 05_hyperparameters, "Many runs at once".
    """
    best = [f"{name}: best at rate {learning_rates[int(np.argmax(share))]:g}" for name, share in shares.items()]
    picture = Drawing(7.4, 3.3, f"Share of seeds that solve the task, against the learning rate. {'; '.join(best)}.")
    axes = picture.subplots()
    for (name, share), (colour, line), marker in zip(shares.items(), LINES, MARKERS, strict=False):
        axes.plot(learning_rates, share, color=colour, linestyle=line, marker=marker, label=name)
    axes.set(xscale="log", xlabel="learning rate", ylabel="share of seeds", ylim=(-0.05, 1.09))
    axes.set_xticks(learning_rates, [f"{rate:g}" for rate in learning_rates])
    axes.minorticks_off()
    axes.legend(loc="upper left", fontsize=9)
    return picture


@_styled
def activation_curves():
    """The four activations and, dashed, their slopes.

    Returns a Drawing.

    Lesson: 05_hyperparameters, "Activations".
    """
    alt = (
        "Four activations with their slopes: sigmoid from 0 to 1, slope at most 0.25; tanh from -1 to 1, slope at most "
        "1; ReLU, zero to the left and z to the right, slope 0 or 1; linear, z itself, slope 1 everywhere."
    )
    picture = Drawing(9.2, 2.8, alt)
    z = np.linspace(-4, 4, 401)
    for axes, name in zip(picture.subplots(1, 4, sharey=True), ACTIVATIONS, strict=True):
        function, derivative = activation(name)
        axes.plot(z, function(z), color=BLUE, linewidth=2, label="value")
        axes.plot(z, derivative(z), color=ORANGE, linestyle="--", label="slope")
        axes.set(title=name, xlabel="z", ylim=(-1.4, 2.2))
        axes.axhline(0, color=FAINT, zorder=0)
    picture.axes[0].legend(loc="upper left", fontsize=9)
    return picture


@_styled
def data_sets(n=200, seed=0):
    """Three data sets that a straight line cannot divide.

    n: examples in each. seed: for the random generator.
    Returns a Drawing.

    Lesson: 05_hyperparameters, "Other data".
    """
    made = {"ring": ring, "two moons": two_moons, "spiral": spiral}
    picture = Drawing(9, 3.1, "Three data sets of two classes each: a disc inside a ring, two moons, two spiral arms.")
    for axes, (name, make) in zip(picture.subplots(1, 3), made.items(), strict=True):
        X, y = make(n, np.random.default_rng(seed))
        for label, colour, marker in ((0, ORANGE, "o"), (1, BLUE, "x")):
            axes.plot(*X[y[:, 0] == label].T, marker, color=colour, markersize=4, label=f"target {label}")
        axes.set(title=name, xlabel="x₁")
        axes.set_aspect("equal", adjustable="datalim")
    picture.axes[0].set_ylabel("x₂")
    picture.axes[0].legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)
    return picture


@_styled
def overfitting():
    """Loss on training and on validation data: the one goes on falling, the other turns and rises.

    Returns a Drawing.

    Lesson: 05_hyperparameters, "When training goes wrong".
    """
    epochs, training, validation = overfitting_run()
    lowest = int(np.argmin(validation))
    alt = (
        f"Two loss curves. On the training data the loss falls to {training[-1]:.3f}. On validation data it is lowest, "
        f"{validation[lowest]:.3f}, at epoch {epochs[lowest]}, and then rises to {validation[-1]:.3f}."
    )
    picture = Drawing(7.4, 3.2, alt)
    axes = picture.subplots()
    axes.plot(epochs, training, color=BLUE, linewidth=1.8, label="training: the 20 examples it learns from")
    axes.plot(epochs, validation, color=ORANGE, linestyle="--", linewidth=1.8, label="validation: 400 others")
    axes.plot(epochs[lowest], validation[lowest], "o", color=INK)
    place = (epochs[lowest], validation[lowest])
    axes.annotate("a good place to stop", place, (700, 0.25), arrowprops={"arrowstyle": "-"})
    axes.set(xlabel="epoch", ylabel="loss", ylim=(0, 0.3))
    axes.legend(loc="center right")
    return picture


@functools.cache
def overfitting_run(every=25, epochs=5000):
    """A training on 20 noisy examples of two moons, with its loss on 400 others.

    every: how many epochs lie between two looks. epochs: how many in all.
    Returns (epochs, training, validation), each (looks,).

    Lesson: 05_hyperparameters, "When training goes wrong".
    """
    X, y = two_moons(20, np.random.default_rng(2), noise=0.4)
    X_new, y_new = two_moons(400, np.random.default_rng(1), noise=0.4)
    params = initialize(2, 30, 1, np.random.default_rng(0), scheme="xavier")
    looks = []
    for epoch in range(0, epochs + 1, every):
        losses = [np.mean((predict(params, inputs, "tanh") - t) ** 2) for inputs, t in ((X, y), (X_new, y_new))]
        looks.append((epoch, *losses))
        params, _ = train_full_batch(params, X, y, 0.2, every, hidden="tanh")
    epochs, training, validation = np.array(looks).T
    return epochs.astype(int), training, validation


@_styled
def layer_sizes():
    """How many weights and biases some networks for XOR have.

    Returns a Drawing.

    Lesson: 05_hyperparameters, "Architecture".
    """
    sizes = ([2, 2, 1], [2, 3, 1], [2, 5, 1], [2, 100, 50, 1])
    counts = [count_parameters(layers) for layers in sizes]
    said = "; ".join(f"{layers} has {count:,}" for layers, count in zip(sizes, counts, strict=True))
    picture = Drawing(8.6, 2.6, f"Networks for XOR and how many weights and biases each has: {said}.")
    widths = [len(layers) - 0.4 for layers in sizes]  # in units of the drawing, so that all have the same scale
    panels = picture.subplots(1, len(sizes), width_ratios=widths)
    for axes, layers, count in zip(panels, sizes, counts, strict=True):
        heights = [np.linspace(-1, 1, min(n, 9)) if n > 1 else np.zeros(1) for n in layers]
        for k in range(len(layers) - 1):
            for a in heights[k]:
                for b in heights[k + 1]:
                    axes.plot([k, k + 1], [a, b], color=GREY, linewidth=0.5, zorder=1)
        for k, rows in enumerate(heights):
            for height in rows:
                axes.add_patch(Circle((k, height), 0.09, facecolor="white", edgecolor=BLUE, zorder=2))
            if layers[k] > 9:
                axes.text(k, -1.25, f"{layers[k]} units", ha="center", va="top", fontsize=8)
        axes.set(xlim=(-0.3, len(layers) - 0.7), ylim=(-1.7, 1.2), title=f"{layers}\n{count:,} numbers", aspect="equal")
        axes.axis("off")
    return picture


def count_parameters(layers):
    """How many weights and biases a network has.

    layers: the number of units in each layer, the inputs first.
    Returns one whole number.

    Lesson: 05_hyperparameters, "Architecture".
    """
    return sum((before + 1) * after for before, after in zip(layers[:-1], layers[1:], strict=True))
