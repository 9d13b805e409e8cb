"""Live: a matplotlib figure that follows its sliders at once.

Drawing a figure takes 100 ms and more; most of it never changes. So the axes, labels and curves that stay are drawn
once and kept as a background. At each change only the few artists that moved are painted over a copy of it (called
blitting), and the pixels go to the browser as a JPEG: a few milliseconds in all. The way from the browser to here and
back takes longer than that, so while nobody moves anything, the pictures that the next key press may ask for are drawn
and sent ahead; live.js shows them without asking.

An explorer gives `update`, which takes the values of the controls, moves the artists, and returns in words what is to
be seen. Nothing here uses pyplot, so that no figure is left open or shown twice.

Lesson: 02_gradient_descent, "Three kinds of walk".
"""

from helpers.live.ahead import AHEAD, KEPT, QUIET
from helpers.live.figure import FINE, arrange, new_figure
from helpers.live.labels import Label, add_label
from helpers.live.widget import Live, Picture
from helpers.palette import STYLE, course_style

__all__ = [
    "AHEAD",
    "FINE",
    "KEPT",
    "QUIET",
    "STYLE",
    "Label",
    "Live",
    "Picture",
    "add_label",
    "arrange",
    "course_style",
    "new_figure",
]
