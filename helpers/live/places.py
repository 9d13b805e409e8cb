"""The state of a control as a number, which names a picture in the browser too, and the states beside it.

Lesson: 02_gradient_descent, "Three kinds of walk".
"""

import math

import ipywidgets as widgets


def plain(value):
    """A control's value, free of the rounding of 0.1 + 0.2, so that it reads well as Python."""
    return float(f"{value:.10g}") if isinstance(value, float) else value


def is_slider(control):
    return isinstance(control, (widgets.IntSlider, widgets.FloatSlider, widgets.SelectionSlider))


def _options(control):
    return [option[1] if isinstance(option, tuple) else option for option in control.options]


def place_of(control, value):
    """A control's state as a number: which option, how far along the slider in thousandths of a step, or ticked."""
    if hasattr(control, "options"):
        return _options(control).index(value)
    if hasattr(control, "step"):
        return math.floor((value - control.min) / control.step * 1000 + 0.5)
    return value


def neighbour(control, steps):
    """The value some steps away on a slider, as the browser would send it, or None beyond its ends."""
    if hasattr(control, "options"):
        index = control.index + steps
        return _options(control)[index] if 0 <= index < len(control.options) else None
    on_grid = control.min + round((control.value - control.min) / control.step + steps) * control.step
    if not control.min - control.step / 2 <= on_grid <= control.max + control.step / 2:
        return None
    return plain(type(control.value)(on_grid))
