"""Errors as squares, why they are squared, and what broadcasting makes of them.

Lesson: 01_mse, "One number for how wrong".
"""

import numpy as np
from matplotlib.patches import Rectangle

from helpers.figures.drawing import Drawing, signed, styled
from helpers.losses import mse, squared_errors
from helpers.palette import BLUE, GREY, ORANGE, PALE_BLUE, PALE_ORANGE, PALE_PURPLE, PURPLE


@styled
def mse_as_squares(target, prediction):
    """Each squared error as a real square, and their mean as one more.

    Args:
        target, prediction: (n,), n at most 6 or so.

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
        axes.add_patch(Rectangle((i, bottom), side, side, facecolor=PALE_ORANGE, edgecolor=ORANGE))
        axes.plot([i, i], [t, p], color=ORANGE, linewidth=2.5)
        target_mark = {"color": BLUE, "markersize": 9, "markerfacecolor": "white", "markeredgewidth": 2}
        axes.plot(i, t, "o", label="target" if k == 0 else None, **target_mark)
        axes.plot(i, p, "D", color=ORANGE, markersize=7, label="prediction" if k == 0 else None)
        axes.text(i + side + 0.05, bottom + side / 2, signed(f"({p - t:+.3g})²\n= {squares[k]:.3g}"), va="center")
    end, side = len(target) * gap, np.sqrt(loss)
    axes.add_patch(Rectangle((end, 0.4), side, side, facecolor=PALE_PURPLE, edgecolor=PURPLE, hatch="//"))
    axes.text(end, 0.36, f"their mean: {loss:.3g}", va="top", color=PURPLE)
    axes.set(aspect="equal", xlim=(-0.2, end + 0.75), ylim=(-0.12, 1.2), ylabel="value")
    axes.set_xticks(gap * np.arange(len(target)), [f"example {k + 1}" for k in range(len(target))])
    axes.grid(False, axis="x")
    axes.legend(loc="upper right")
    return picture


@styled
def why_square():
    """The size of an error and its square side by side, each above its slope.

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


@styled
def broadcasting_table(target, prediction):
    """What numpy does with a row of targets and a column of predictions: a table of n × n errors.

    Args:
        target, prediction: (n,) each, n at most 5 or so.

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
