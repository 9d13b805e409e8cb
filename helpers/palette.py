"""The colours of every picture, what each one means, and the style (course.mplstyle) in which all are drawn.

Everything is drawn on white paper, also where the notebook's theme is dark, so that the contrast is known: each ink
has at least 4.5 to 1 against the paper (WCAG AA for text). Nothing is said by colour alone, and never by red against
green: orange and blue stay apart for every common kind of colour blindness.

Lesson: 01_mse, "One number for how wrong".
"""

from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
from matplotlib.colors import LinearSegmentedColormap, to_rgb

STYLE = mpl.rc_params_from_file(Path(__file__).with_name("course.mplstyle"), use_default_template=False)

PAPER = "#ffffff"
INK = "#1d2433"  # text and axes
GREY = "#626a78"  # what is there for comparison
FAINT = "#dfe3e9"  # grid lines and what is not reached yet; never text
BLUE = "#0a5fa8"  # positive, target 1, the thing to look at
ORANGE = "#b0500a"  # negative, target 0, errors and gradients
PURPLE = "#7a3b96"  # a third thing, where two are not enough
PALE_BLUE = "#cfe3f5"
PALE_ORANGE = "#fbe0c8"
PALE_PURPLE = "#eadcf1"

# Signed numbers everywhere: orange below 0, grey at 0, blue above. Use it with limits -m and m, so that 0 is grey.
DIVERGING = LinearSegmentedColormap.from_list(
    "orange-grey-blue", ["#b0500a", "#f0a35e", "#e6e8ec", "#6aaee6", "#0a5fa8"]
)
# Shares from 0 to 1: white paper to blue, so that more is darker, in grey print too.
SHARE = LinearSegmentedColormap.from_list("paper-blue", ["#f4f6f9", "#a9cdec", "#3d86c6", "#063f72"])


@contextmanager
def course_style():
    """Draw with the course's colours and letters inside `with course_style():`, and leave matplotlib as it was.

    Lesson: 01_mse, "One number for how wrong".
    """
    with mpl.rc_context(STYLE):
        yield


def contrast(one, other):
    """The WCAG contrast of two colours: 1 for the same colour, 21 for black on white. AA wants 4.5 for text.

    Args:
        one, other: colours as matplotlib takes them.

    Returns:
        One number, at least 1.

    Raises:
        ValueError: for what is no colour.

    Source: WCAG 2.2, "contrast ratio" and "relative luminance".
    """
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def ink_on(colour):
    """Black or PAPER for text on a patch of this colour, whichever is read better; always at least 4.5 to 1.

    Args:
        colour: a colour as matplotlib takes it.

    Returns:
        A colour.

    Raises:
        ValueError: for what is no colour.
    """
    return max(("#000000", PAPER), key=lambda ink: contrast(ink, colour))


def _luminance(colour):
    """The relative luminance of a colour, 0 for black to 1 for white."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
