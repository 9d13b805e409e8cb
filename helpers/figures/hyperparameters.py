"""What can be chosen: the learning rate, the activation, the sizes of the layers, and the data it is for.

Lesson: 05_hyperparameters, "Learning rate".
"""

import numpy as np
from matplotlib.patches import Circle

from helpers.activations import ACTIVATIONS, activation
from helpers.datasets import ring, spiral, two_moons
from helpers.figures.drawing import LINES, MARKERS, Drawing, styled
from helpers.palette import BLUE, FAINT, GREY, ORANGE


@styled
def success_by_rate(learning_rates, shares):
    """Share of starting weights that reach the goal, for each learning rate.

    Args:
        learning_rates: (rates,).
        shares: dict, name -> (rates,) between 0 and 1.

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


@styled
def activation_curves():
    """The four activations and, dashed, their slopes.

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


@styled
def data_sets(n=200, seed=0):
    """Three data sets that a straight line cannot divide.

    Args:
        n: examples in each.
        seed: for the random generator.

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


@styled
def layer_sizes():
    """How many weights and biases some networks for XOR have.

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

    Args:
        layers: the number of units in each layer, the inputs first.

    Returns:
        One whole number.

    Lesson: 05_hyperparameters, "Architecture".
    """
    return sum((before + 1) * after for before, after in zip(layers[:-1], layers[1:], strict=True))
