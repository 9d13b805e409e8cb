"""XOR, what a network says about it before and after training, and loss curves.

Lesson: 04_training_loop, "The data".
"""

import functools

import numpy as np

from helpers.datasets import two_moons, xor
from helpers.diagnosis import diagnose
from helpers.figures.drawing import LINES, Drawing, styled
from helpers.initialization import initialize
from helpers.palette import BLUE, DIVERGING, GREY, INK, ORANGE, PALE_ORANGE
from helpers.training import predict, sweep, train_full_batch


@styled
def xor_table():
    """XOR on a sheet of paper: no straight line has both ones on its one side and both zeros on the other.

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


@styled
def xor_before_after(before, after, hidden="sigmoid"):
    """What two networks say for every point of the sheet, with their four predictions written in.

    Args:
        before, after: params of two networks with 2 inputs and 1 output.
        hidden: name of the hidden activation.

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


@styled
def loss_curves(curves, log=False, title=""):
    """Loss curves in one picture, each with its own colour and its own kind of line.

    Args:
        curves: dict, name -> losses (epochs,). At most five.
        log: True for a logarithmic axis.

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


@styled
def four_loss_curves():
    """The four kinds of loss curve, from four real trainings, each under the word that `diagnose` has for it.

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

    Returns:
        A dict: a few words on how it was trained -> losses (epochs,). `diagnose` calls the four, in this order,
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


@styled
def plateau(losses, stop, tolerance=0.001, patience=10):
    """A loss curve, and the epoch at which the rule "change < tolerance for patience epochs" would have stopped it.

    Args:
        losses: (epochs,).
        stop: the number of epochs after which the rule fires.
        tolerance, patience: for the label.

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


@styled
def overfitting():
    """Loss on training and on validation data: the one goes on falling, the other turns and rises.

    Lesson: 04_training_loop, "A look ahead: validation loss".
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

    Args:
        every: how many epochs lie between two looks.
        epochs: how many in all.

    Returns:
        (epochs, training, validation), each (looks,).

    Lesson: 04_training_loop, "A look ahead: validation loss".
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
