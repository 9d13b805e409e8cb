"""The still pictures of the lessons. Each function returns a Drawing, which a notebook shows when it ends a cell::

    from helpers import figures
    figures.hiker_in_fog()

There is one file for each lesson, and drawing.py for what they share. Nothing here keeps state: no pyplot, no global
figure. Colours are told apart by everybody, and nothing is said by colour alone; every picture carries a description
in words, which screen readers find as the image's alt text.

Lesson: 01_mse, "One number for how wrong".
"""

from helpers.figures.backprop import (
    chain_rule,
    cost_of_slopes,
    forward_and_backward,
    gradient_table,
    sigmoid_and_slope,
)
from helpers.figures.descent import (
    hiker_in_fog,
    line_through_points,
    slope_signs,
    three_walks,
    thresholds_on_parabola,
)
from helpers.figures.drawing import Drawing
from helpers.figures.hyperparameters import (
    activation_curves,
    count_parameters,
    data_sets,
    layer_sizes,
    success_by_rate,
)
from helpers.figures.losses import broadcasting_table, mse_as_squares, why_square
from helpers.figures.training import (
    four_loss_curves,
    four_trainings,
    loss_curves,
    overfitting,
    overfitting_run,
    plateau,
    xor_before_after,
    xor_table,
)

__all__ = [
    "Drawing",
    "activation_curves",
    "broadcasting_table",
    "chain_rule",
    "cost_of_slopes",
    "count_parameters",
    "data_sets",
    "forward_and_backward",
    "four_loss_curves",
    "four_trainings",
    "gradient_table",
    "hiker_in_fog",
    "layer_sizes",
    "line_through_points",
    "loss_curves",
    "mse_as_squares",
    "overfitting",
    "overfitting_run",
    "plateau",
    "sigmoid_and_slope",
    "slope_signs",
    "success_by_rate",
    "three_walks",
    "thresholds_on_parabola",
    "why_square",
    "xor_before_after",
    "xor_table",
]
