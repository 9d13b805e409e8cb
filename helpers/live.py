"""Live: a matplotlib figure that follows its sliders at once.

Drawing a figure takes 100 ms and more; most of it never changes. So the axes, labels and curves that stay are drawn
once and kept as a background. At each change only the few artists that moved are painted over a copy of it (called
blitting), and the pixels go to the browser as a JPEG: a few milliseconds in all.

    update(**values of the controls)  ->  moves the artists, and returns in words what is to be seen

Nothing here uses pyplot, so that no figure is left open or shown twice.

Lesson: 02_gradient_descent, "Three kinds of walk".
"""

import html
import io
import re
import threading
from contextlib import contextmanager
from pathlib import Path

import ipywidgets as widgets
import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from traitlets import Unicode

STYLE = Path(__file__).with_name("course.mplstyle")


@contextmanager
def course_style():
    """Draw with the course's colours and letters inside `with course_style():`, and leave matplotlib as it was.

    Lesson: 01_mse, "One number for how wrong".
    """
    with mpl.rc_context(fname=STYLE):
        yield


def new_figure(width=7.6, height=4.2):
    """An empty Figure in inches, with its own canvas and no pyplot. Make it and its artists in `course_style()`."""
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


class Picture(widgets.Image):
    """An image whose `tooltip` is its text for those who cannot see it.

    The browser side takes an <img>'s title from `tooltip`, but only of widgets that have a `description`.
    """

    description = Unicode("").tag(sync=True)


class Live(widgets.VBox):
    """A figure, its controls, what is to be seen in words, and a line of Python that brings this view back.

    figure: from new_figure. artists: those that move, in the order of painting; they must lie inside the figure.
    update: function of the controls' values by name; it sets the artists and returns words (a little HTML).
    controls: dict of name -> widget with a value; the names are the arguments of the function named by `call`.
    call: the name of the function in helpers.explorers that makes this view.
    alt: what the picture shows, for screen readers. The words say the values.
    arguments: turns the values into the arguments of `call`, where they are not the same.
    rows: the widgets above the picture, each a widget or a list of them; all controls in one row if left out.

    Tests and curious people can reach: controls, values, state, state_line, words, pixels().

    Lesson: 02_gradient_descent, "Three kinds of walk".
    """

    def __init__(self, figure, artists, update, controls, *, call, alt, arguments=None, rows=None):
        self.figure, self.artists, self.update, self.controls = figure, list(artists), update, dict(controls)
        self.call, self.alt, self.arguments = call, alt, arguments
        self._lock, self._background, self._quiet = threading.RLock(), None, False
        for artist in self.artists:
            artist.set_animated(True)

        self.picture = Picture(format="jpeg", tooltip=alt, layout=widgets.Layout(width="100%", height="auto"))
        self.label = widgets.HTML()
        self.code = widgets.Text(
            description="This view as Python",
            tooltip="Copy this line into a cell to get this view again",
            style={"description_width": "initial"},
            layout=widgets.Layout(width="100%", margin="6px 0 0 0"),
        )
        super().__init__(self._arrange(rows or [list(self.controls.values())]))
        self._dom_classes = ("nn-explorer", call.replace("_", "-"))
        for control in self.controls.values():
            control.observe(self._changed, names="value")
        self.refresh()

    # what can be read

    @property
    def values(self):
        """The controls' values by name."""
        return {name: _plain(control.value) for name, control in self.controls.items()}

    @property
    def state(self):
        """The arguments that bring this view back."""
        return self.arguments(**self.values) if self.arguments else self.values

    @property
    def state_line(self):
        """One line of Python that brings this view back."""
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.state.items())
        return f"from helpers.explorers import {self.call}; {self.call}({arguments})"

    @property
    def words(self):
        """What is to be seen, as plain text."""
        text = re.sub(r"<(br|/p|/div|/tr|/li|/td)[^>]*>", " ", self.label.value)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", "", text)).split())

    def pixels(self):
        """The picture as it is now: an array (height, width, 3) of whole numbers from 0 to 255."""
        return np.asarray(self.figure.canvas.buffer_rgba())[..., :3].copy()

    def png(self):
        """The picture as it is now, as the bytes of a PNG file."""
        return _encode(self.pixels(), "PNG")

    # what can be done

    def refresh(self):
        """Draw everything again, after a change of limits, titles or whatever else the background holds."""
        with self._lock:
            self._background = None
            self.redraw()

    def redraw(self):
        """Read the controls, move the artists, paint them, and send picture and words to the browser."""
        with self._lock:
            words = self.update(**self.values)  # the controls' own values: those of an event may be old by now
            self._paint()
            self.picture.value = _encode(self.pixels(), "JPEG", quality=90, subsampling=0)
            self.say(words)
            self.code.value = self.state_line

    def outdated(self):
        """Say, inside `update`, that the background has changed: it is drawn again before the artists are painted."""
        self._background = None

    def say(self, words):
        """Put words beside the picture (a little HTML), at once, for instance before something slow."""
        self.label.value = f'<div class="nn-words" role="status" style="line-height:1.5;max-width:60ch">{words}</div>'

    def set(self, **values):
        """Set several controls, and draw once."""
        with self._lock:
            self._quiet = True
            try:
                for name, value in values.items():
                    self.controls[name].value = value
            finally:
                self._quiet = False
            self.redraw()

    def _changed(self, _):
        if not self._quiet:
            self.redraw()

    def _paint(self):
        canvas = self.figure.canvas
        with course_style():
            if self._background is None:
                canvas.draw()
                self._background = canvas.copy_from_bbox(self.figure.bbox)
            canvas.restore_region(self._background)
            for artist in self.artists:
                if artist.get_visible():
                    self.figure.draw_artist(artist)

    def _arrange(self, rows):
        wrap = widgets.Layout(flex_flow="row wrap", align_items="center", grid_gap="4px 18px", overflow="visible")
        bars = [widgets.HBox(row, layout=wrap) if isinstance(row, (list, tuple)) else row for row in rows]
        for bar in bars:
            bar.add_class("nn-controls")
        left = widgets.Box([self.picture], layout=widgets.Layout(flex="1 1 420px", max_width="860px"))
        right = widgets.Box([self.label], layout=widgets.Layout(flex="1 1 220px"))
        left.add_class("nn-picture")
        right.add_class("nn-beside")
        middle = widgets.HBox(
            [left, right], layout=widgets.Layout(flex_flow="row wrap", align_items="center", grid_gap="6px 18px")
        )
        return [*bars, middle, self.code]

    def _repr_mimebundle_(self, **kwargs):
        """The widget, and a PNG of it for wherever widgets do not run: a reopened, untrusted or exported notebook."""
        data = super()._repr_mimebundle_(**kwargs)
        if data is None:
            return None
        data["text/plain"] = f"{self.alt}\n{self.words}\n{self.state_line}"
        data["image/png"] = self.png()
        return data, {"image/png": {"alt": f"{self.alt} {self.words}"}}


def _encode(pixels, kind, **options):
    """An array of pixels (height, width, 3) as the bytes of a picture file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def _plain(value):
    """A control's value, free of the rounding of 0.1 + 0.2, so that it reads well as Python."""
    return float(f"{value:.10g}") if isinstance(value, float) else value
