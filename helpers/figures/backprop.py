"""The way forward and back through a network, with its numbers, and the check of its gradients.

Lesson: 03_backprop, "The chain rule".
"""

import numpy as np
from matplotlib.patches import FancyBboxPatch

from helpers.activations import sigmoid, sigmoid_derivative
from helpers.figures.drawing import Drawing, signed, styled
from helpers.network import backward, forward, hidden_delta, output_delta
from helpers.palette import BLUE, GREY, INK, ORANGE, PALE_BLUE


@styled
def chain_rule(x=2.0):
    """(x + 3)² as a chain of two links, forward with values and backward with slopes.

    Args:
        x: the number that goes in.

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


@styled
def sigmoid_and_slope():
    """The sigmoid and, under it, its slope.

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


@styled
def forward_and_backward(params, x, target, back=True):
    """The whole walk of one example through the network with its numbers: forward, and (if wanted) back.

    Args:
        params: as in helpers.network.
        x: (n_in, 1).
        target: (n_out, 1).
        back: False for the forward half alone.

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
    names, height = [*cache, "L"], 0.14 if back else 0.0  # of the arrows ahead
    for k, name in enumerate(names):
        value = f"{loss:.3f}" if name == "L" else _stacked(cache[name])
        _box(axes, 2 * k, 0, name, 0.7)
        axes.text(2 * k, 0.6, value, ha="center", va="bottom", color=BLUE)
        if back and name in slopes:
            axes.text(2 * k, -0.62, f"∂L/∂{name}\n{_stacked(slopes[name])}", ha="center", va="top", color=ORANGE)
    for k, operation in enumerate(["W1, b1", "σ", "W2, b2", "σ", "(y − t)²"]):
        left, right = 2 * k + 0.48, 2 * k + 1.52
        ahead = {"arrowstyle": "-|>", "color": BLUE, "linewidth": 1.8}
        axes.annotate("", (right, height), (left, height), arrowprops=ahead)
        axes.text(2 * k + 1, height + 0.1, operation, ha="center", va="bottom", color=BLUE)
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
    return signed("\n".join("  ".join(f"{number:.3f}" for number in row) for row in np.atleast_2d(matrix)))


def _numbers(matrix):
    """A small matrix as words in a sentence."""
    return ", ".join(f"{number:.3f}" for number in np.ravel(matrix))


@styled
def gradient_table(check):
    """A gradient check as a picture: the relative error of each parameter on a logarithmic scale.

    Args:
        check: what helpers.checks.gradient_check returned, with parameters of the right shapes.

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


@styled
def cost_of_slopes():
    """How many passes through the network one gradient costs: by testing each weight, and by backpropagation.

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
