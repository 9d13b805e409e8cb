"""When a network is updated: after all four examples, or after each. The choice, and the function that trains so.

Lesson: 04_training_loop, "Play with the loop".
"""

from helpers.explorers.controls import choice
from helpers.training import train, train_full_batch

MODES = ("full batch", "one example at a time")


def mode_choice(mode):
    """The drop-down list. Raises TraitError for an unknown mode."""
    return choice("Update after", mode, [("all four (full batch)", MODES[0]), ("each example", MODES[1])], "How often")


def trainer(mode):
    """(the function that trains in this mode, how many updates it makes in an epoch of XOR)."""
    return (train, 4) if mode == MODES[1] else (train_full_batch, 1)
