"""What all still pictures share: a figure that shows itself with its description, the course's style, kinds of lines.

Lesson: 01_mse, "One number for how wrong".
"""

import base64
import functools
import html
import io

from matplotlib.figure import Figure

from helpers.palette import BLUE, GREY, INK, ORANGE, PURPLE, course_style

LINES = [(BLUE, "-"), (ORANGE, "--"), (PURPLE, "-."), (GREY, ":"), (INK, (0, (5, 1)))]
MARKERS = "osD^v"
MARGIN = 8  # pixels of white around a picture, to be seen on dark pages


class Drawing(Figure):
    """A matplotlib figure that shows itself in a notebook.

    Args:
        alt: what it shows, in words, for those who cannot see it.
    """

    def __init__(self, width, height, alt):
        super().__init__(figsize=(width, height), layout="constrained")
        self.alt = alt

    def png(self):
        """The picture as the bytes of a PNG file, which has the description in its metadata too."""
        file = io.BytesIO()
        with course_style():
            self.savefig(file, format="png", dpi=144, metadata={"Description": self.alt})
        return file.getvalue()

    def _repr_mimebundle_(self, include=None, exclude=None):
        """What IPython asks for: HTML with the alt text, and a plain PNG where HTML is not trusted."""
        data = base64.b64encode(self.png()).decode()
        width = round(self.get_figwidth() * 96) + 2 * MARGIN
        image = (
            f'<img alt="{html.escape(self.alt)}" src="data:image/png;base64,{data}" '
            f'style="width: {width}px; max-width: 100%; box-sizing: border-box; padding: {MARGIN}px; background: white">'
        )
        return {"text/html": image, "image/png": data, "text/plain": self.alt}, {"image/png": {"alt": self.alt}}


def styled(function):
    """Draw in the course's style, and leave matplotlib's own settings as they were."""

    @functools.wraps(function)
    def draw(*args, **kwargs):
        with course_style():
            return function(*args, **kwargs)

    return draw


def signed(text):
    """The text with true minus signs in place of hyphens."""
    return text.replace("-", "−")
