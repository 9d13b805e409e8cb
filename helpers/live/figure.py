"""The figure that an explorer draws in, with an arrangement for wide and one for narrow pages.

Lesson: 02_gradient_descent, "Three kinds of walk".
"""

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

FINE = 180  # dots per inch of the picture for a narrow page: phones show two or three for each pixel of the page


def new_figure(width=7.6, height=4.2):
    """An empty Figure in inches, with its own canvas and no pyplot. Make it and its artists in `course_style()`."""
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def arrange(figure, size, boxes):
    """Another size of the figure, and other places for its axes, where the page is as narrow as a phone.

    For a wide page all stays as it is now.

    Args:
        size: width and height in inches for a narrow page.
        boxes: (left, bottom, width, height) of each axes, in shares of the figure, in the order of figure.axes.

    Returns:
        A function of one argument, narrow (True or False), which does it: see `arrange` of Live.

    Lesson: 02_gradient_descent, "Three kinds of walk".
    """
    wide = (
        figure.dpi,
        tuple(figure.get_size_inches()),
        [axes.get_position(original=True).bounds for axes in figure.axes],
    )

    def arranged(narrow):
        dpi, inches, places = (FINE, size, boxes) if narrow else wide
        figure.set_dpi(dpi)
        figure.set_size_inches(*inches)
        for axes, box in zip(figure.axes, places, strict=True):
            axes.set_position(box)

    return arranged
