"""Pictures to play with. Each function can be called without arguments, and shows a picture with its sliders.

    from helpers.explorers import explore_mse
    explore_mse()

The line under each picture is Python: copied into a cell, it brings exactly that view back.

Lesson: 01_mse, "One number for how wrong".
"""

from helpers.explorers.backprop import explore_backprop
from helpers.explorers.descent_1d import explore_descent_1d
from helpers.explorers.descent_2d import explore_descent_2d
from helpers.explorers.hyperparameters import explore_hyperparameters
from helpers.explorers.mse import explore_mse
from helpers.explorers.training import explore_training

__all__ = [
    "explore_backprop",
    "explore_descent_1d",
    "explore_descent_2d",
    "explore_hyperparameters",
    "explore_mse",
    "explore_training",
]
