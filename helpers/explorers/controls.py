"""The controls that the explorers share: named, with a hint, and usable by keyboard.

Lesson: 01_mse, "One number for how wrong".
"""

import ipywidgets as widgets

WHOLE_LABEL = {"description_width": "initial"}  # otherwise long names are cut
WIDE = "330px"


def slider(name, value, smallest, largest, step, hint, width=WIDE):
    """A slider over evenly spaced numbers: whole ones if step is whole.

    Raises what ipywidgets raises for a value that is no number.
    """
    whole = isinstance(step, int)
    kind = widgets.IntSlider if whole else widgets.FloatSlider
    return kind(
        value=value,
        min=min(smallest, value),
        max=max(largest, value),
        step=step,
        description=name,
        tooltip=hint,
        readout_format="d" if whole else ".2f",
        style=WHOLE_LABEL,
        layout=widgets.Layout(width=width, max_width="98%"),
    )


def positions(name, value, options, hint, width=WIDE):
    """A slider over listed numbers; the value is added to the list if it is not in it.

    Each position is an exact number, so that 0.5 is 0.5 and a threshold can be hit.
    """
    options = sorted({*options, value})
    return widgets.SelectionSlider(
        value=value,
        options=[(f"{option:g}" if option < 1e4 else f"{option:,}", option) for option in options],
        description=name,
        tooltip=hint,
        style=WHOLE_LABEL,
        layout=widgets.Layout(width=width, max_width="98%"),
    )


def learning_rates(smallest_exponent, largest_exponent, extra=()):
    """Learning rates evenly spread on a logarithmic scale, six per power of ten: 1, 1.5, 2, 3, 5, 7, 10 …"""
    exponents = range(smallest_exponent, largest_exponent)
    rates = {float(f"{mantissa}e{e}") for e in exponents for mantissa in (1, 1.5, 2, 3, 5, 7)}
    return sorted({*rates, float(f"1e{largest_exponent}"), *map(float, extra)})


def choice(name, value, options, hint):
    """A drop-down list. Raises TraitError if value is none of the options."""
    return widgets.Dropdown(
        value=value,
        options=options,
        description=name,
        tooltip=hint,
        style=WHOLE_LABEL,
        layout=widgets.Layout(width="max-content", max_width="98%"),
    )


def checkbox(name, value, hint):
    """A box to tick."""
    return widgets.Checkbox(
        value=value,
        description=name,
        tooltip=hint,
        indent=False,
        layout=widgets.Layout(width="max-content", max_width="98%"),
    )


def number(value, digits=3):
    """A number as people write it: 0.0312, 12.5, 1.2e-07, 'infinite'. A true minus sign is used."""
    if value != value:
        return "not a number"
    if abs(value) == float("inf"):
        return "infinite"
    return f"{value:.{digits}g}".replace("-", "−").replace("e+0", "e").replace("e+", "e").replace("e−0", "e−")
