"""Drag predictions; see the errors as squares, their mean, and what broadcasting does to it.

Lesson: 01_mse, "One number for how wrong" and "The broadcasting trap".
"""

import numpy as np
from matplotlib.patches import Rectangle

from helpers.explorers.controls import checkbox, number, slider
from helpers.explorers.record import Explorer
from helpers.live import Live, add_label, arrange, course_style, new_figure
from helpers.losses import mse
from helpers.palette import BLUE, FAINT, GREY, INK, ORANGE, PALE_ORANGE, PALE_PURPLE, PURPLE

ROOM = 1.3  # from one example to the next; a square is at most 1 wide
ALT = (
    "Above, one square for each example, its side as long as the error from target to prediction, "
    "and one more square as large as their mean. "
    "Below, a table of the squared errors: one row per prediction, one column per target."
)


def explore_mse(target=(1, 0, 1), prediction=(0.8, 0.2, 0.9), trap=False):
    """Squared errors as squares, and the mean squared error.

    Args:
        target, prediction: lists of 2 to 6 numbers from 0 to 1, equally long.
        trap: True gives the target the shape (n,) and the prediction (n, 1), as happens by accident: numpy then
            subtracts every target from every prediction.

    Returns:
        A Live, which shows itself at the end of a cell.

    Raises:
        ValueError: if the lists are not equally long, or have fewer than 2 or more than 6 numbers.

    Lesson: 01_mse, "One number for how wrong".
    """
    if len(target) != len(prediction) or not 2 <= len(target) <= 6:
        raise ValueError(f"give 2 to 6 targets and as many predictions, not {len(target)} and {len(prediction)}")
    target = [_short(value) for value in target]
    controls = {
        f"prediction_{i + 1}": slider(
            f"Prediction {i + 1} (target {target[i]:g})",
            float(value),
            0.0,
            1.0,
            0.01,
            f"What the network says about example {i + 1}; its target is {target[i]:g}",
            width="390px",
        )
        for i, value in enumerate(prediction)
    }
    controls["trap"] = checkbox("Broadcasting trap: (n,) and (n, 1)", trap, "Subtract without a check")

    with course_style():
        figure = new_figure(7.6, 4.9)
        squares = _Squares(figure.add_axes((0.05, 0.56, 0.93, 0.37)), target)
        table = _Table(figure.add_axes((0.13, 0.05, 0.3, 0.38)), target)
        formula = add_label(table.axes, 1.25, 0.6, ha="left", transform=table.axes.transAxes, fontsize=11, color=INK)
        places = arrange(figure, (4.0, 5.4), [(0.09, 0.63, 0.89, 0.25), (0.2, 0.14, 0.6, 0.33)])

    def update(trap, **predictions):
        y = np.array(list(predictions.values()))
        errors = (y[:, np.newaxis] - np.array(target)) ** 2  # every prediction against every target
        loss = errors.mean() if trap else mse(target, y)
        squares.show(y, loss)
        table.show(y, errors, trap)
        formula.set_text(_formula(errors, loss, trap))
        return _words(target, y, loss, errors, trap)

    def arranged(narrow):
        """On a narrow page the sum stands below the table, and the legend below the title."""
        places(narrow)
        squares.axes.set_title(squares.axes.get_title("left"), pad=26 if narrow else None)
        formula.set_position((-0.25, -0.22) if narrow else (1.25, 0.6))

    def arguments(trap, **predictions):
        return {"target": target, "prediction": list(predictions.values()), "trap": trap}

    sliders = list(controls.values())
    return Live(
        figure,
        [*squares.artists, *table.artists, formula],
        update,
        controls,
        call="explore_mse",
        alt=ALT,
        arguments=arguments,
        arrange=arranged,
        rows=[sliders[:-1], sliders[-1:]],
    )


EXPLORER = Explorer(
    make=explore_mse,
    title="Mean squared error",
    tab="Squared errors",
    sentence="How wrong is a network? Drag each prediction to its target and watch the square of its error shrink.",
    lesson="01_mse",
    shown={"prediction": (0.8, 0.45, 0.9)},
    move=({}, "prediction_1", 0.3),
    timed=({"prediction": (0.3, 0.2, 0.9)}, "Prediction 1 (target 1)"),
)


class _Squares:
    """The upper half: a square between each target and prediction, and the mean square."""

    def __init__(self, axes, target):
        n = len(target)
        self.axes, self.target, self.x = axes, np.array(target), np.arange(n) * ROOM
        axes.set(xlim=(-0.22, n * ROOM + 1.08), ylim=(-0.07, 1.1), aspect="equal", anchor="W", xticks=[])
        axes.set_yticks([0, 0.5, 1])
        axes.spines["bottom"].set_visible(False)
        axes.set_title("Squared errors as areas")
        for x in [*self.x, n * ROOM]:
            axes.plot([x, x], [0, 1], color=FAINT, lw=1.5)
        axes.text(n * ROOM - 0.09, 0.5, "mean", rotation=90, ha="center", va="center", color=PURPLE, fontsize=9)
        self.squares = [axes.add_patch(Rectangle((0, 0), 0, 0, fc=PALE_ORANGE, ec=ORANGE, lw=1.5)) for _ in range(n)]
        self.mean = axes.add_patch(Rectangle((n * ROOM, 0), 0, 0, fc=PALE_PURPLE, ec=PURPLE, lw=1.5, hatch="//"))
        (self.targets,) = axes.plot(self.x, target, "o", color=BLUE, ms=9, mfc="white", mew=2, label="target")
        (self.predictions,) = axes.plot(self.x, target, "D", color=ORANGE, ms=6, label="prediction")
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1.0), ncols=2, borderaxespad=0.1, handletextpad=0.2)
        self.artists = [*self.squares, self.mean, self.targets, self.predictions]

    def show(self, y, loss):
        for square, x, target, prediction in zip(self.squares, self.x, self.target, y, strict=True):
            side = abs(prediction - target)
            square.set_bounds(x, min(prediction, target), side, side)
        side = np.sqrt(loss)
        self.mean.set_bounds(self.mean.get_x(), 0, side, side)
        self.predictions.set_ydata(y)


class _Table:
    """The lower half: which target was subtracted from which prediction."""

    def __init__(self, axes, target):
        n, self.axes = len(target), axes
        axes.set(xlim=(0, n), ylim=(n, 0), xticks=np.arange(n) + 0.5, yticks=np.arange(n) + 0.5)
        axes.set_xticklabels([f"{value:g}" for value in target])
        axes.set_yticklabels([])
        axes.tick_params(length=0, labeltop=True, labelbottom=False)
        axes.grid(False)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_title("Prediction (row) − target (column), squared", x=-0.3)
        self.cells, self.numbers, self.rows = {}, {}, []
        for i in range(n):
            self.rows.append(add_label(axes, -0.12, i + 0.5, ha="right", fontsize=9))
            for j in range(n):
                self.cells[i, j] = axes.add_patch(Rectangle((j, i), 1, 1, ec="white", lw=2))
                self.numbers[i, j] = add_label(axes, j + 0.5, i + 0.5, fontsize=9.5 - n / 3)
        self.artists = [*self.cells.values(), *self.numbers.values(), *self.rows]

    def show(self, y, errors, trap):
        for (i, j), cell in self.cells.items():
            counts = trap or i == j
            cell.set_facecolor((PALE_ORANGE if i == j else PALE_PURPLE) if counts else "#f6f7f9")
            self.numbers[i, j].set_text(f"{errors[i, j]:.4f}" if counts else "–")
            self.numbers[i, j].set_color(INK if counts else GREY)
        for row, value in zip(self.rows, y, strict=True):
            row.set_text(f"{value:.2f}")


def _formula(errors, loss, trap):
    n = len(errors)
    if trap:
        return f"Mean of all {n} × {n} = {n * n} entries:\n{errors.sum():.4f} / {n * n} = {loss:.4f}"
    terms = " + ".join(f"{value:.4g}" for value in np.diag(errors))
    break_line = "\n" if n > 3 else " "
    return f"Mean of the {n} squared errors:\n({terms}){break_line}/ {n} = {loss:.4f}"


def _words(target, y, loss, errors, trap):
    largest = int(np.argmax(np.diag(errors)))
    if trap:
        return (
            f"<b>The trap: {number(loss, 4)}, but the mean squared error is {number(mse(target, y), 4)}.</b><br>"
            f"A prediction of shape ({len(y)}, 1) minus a target of shape ({len(y)},) has shape ({len(y)}, {len(y)}): "
            "each prediction is compared with every target. No error is raised, and the number looks plausible."
        )
    sentences = [f"<b>Mean squared error: {number(loss, 4)}.</b>"]
    for i, (t, value) in enumerate(zip(target, y, strict=True)):
        sentences.append(f"{i + 1}: error {value - t:+.2f}, squared {(value - t) ** 2:.4f}".replace("-", "−"))
    if loss == 0:
        sentences.append("Every prediction is right: 0 is the least the loss can be.")
    else:
        share = errors[largest, largest] / np.trace(errors)
        sentences.append(f"Example {largest + 1} makes up {share:.0%} of the loss.")
    return "<br>".join(sentences)


def _short(value):
    """A target as it is read best: 1 rather than 1.0."""
    return int(value) if float(value).is_integer() else float(value)
