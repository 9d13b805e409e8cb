"""Pictures to play with. Each function can be called without arguments, and shows a picture with its sliders::

    from helpers.explorers import explore_mse
    explore_mse()

The line under each picture is Python: copied into a cell, it brings exactly that view back.

Lesson: 01_mse, "One number for how wrong".
"""

import importlib
import pkgutil


def _records():
    """The record of each module here that has one, in the order of the lessons."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    records = [module.EXPLORER for module in modules if hasattr(module, "EXPLORER")]
    return tuple(sorted(records, key=lambda explorer: (explorer.lesson, explorer.name)))


EXPLORERS = _records()
__all__ = [explorer.name for explorer in EXPLORERS]
globals().update({explorer.name: explorer.make for explorer in EXPLORERS})  # explore_mse and the others
