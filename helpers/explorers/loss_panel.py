"""The loss after each step of a walk, on a logarithmic scale: the right half of the two pictures of gradient descent.

Lesson: 02_gradient_descent, "Three kinds of walk".
"""

import numpy as np

from helpers.palette import BLUE, ORANGE

LOWEST, HIGHEST = 1e-8, 1e6  # losses beyond are drawn at the rim


class LossPanel:
    """The panel on `axes`, for walks of up to `most_steps`, with `margin` steps of room on both sides.

    Args:
        dots: style of the dots.
    """

    def __init__(self, axes, most_steps, margin, **dots):
        axes.set(
            xlim=(-margin, most_steps + margin),
            yscale="log",
            ylim=(LOWEST, HIGHEST),
            xlabel="step",
            ylabel="loss (log scale)",
        )
        axes.set_title("The loss after each step")
        (self.curve,) = axes.plot([], [], "o-", color=ORANGE, lw=1.2, mec="white", **dots)
        (self.last,) = axes.plot([], [], "o", ms=9, color=BLUE, mec="white", mew=1)
        self.artists = [self.curve, self.last]

    def show(self, loss):
        """Draw loss, (steps + 1,), where nothing need be finite."""
        with np.errstate(invalid="ignore"):
            height = np.clip(np.nan_to_num(loss, nan=HIGHEST, posinf=HIGHEST), LOWEST, HIGHEST)
        self.curve.set_data(np.arange(len(height)), height)
        self.last.set_data([len(height) - 1], height[-1:])
