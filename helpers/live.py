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
from functools import lru_cache
from pathlib import Path

import ipywidgets as widgets
import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont
from matplotlib.text import Text
from PIL import Image, ImageDraw, ImageFont
from traitlets import Unicode

STYLE = mpl.rc_params_from_file(Path(__file__).with_name("course.mplstyle"), use_default_template=False)


@contextmanager
def course_style():
    """Draw with the course's colours and letters inside `with course_style():`, and leave matplotlib as it was.

    Lesson: 01_mse, "One number for how wrong".
    """
    with mpl.rc_context(STYLE):
        yield


def new_figure(width=7.6, height=4.2):
    """An empty Figure in inches, with its own canvas and no pyplot. Make it and its artists in `course_style()`."""
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


class Label(Text):
    """A text that moves or changes: as matplotlib's Text, unrotated, without mathematics, and some fifteen times as fast.

    Make it with `add_label`. Its letters are drawn by Pillow, as an image that is kept for when it comes again.
    """

    paper = False  # True: on a patch of white, to be read where lines pass behind it

    def draw(self, renderer):
        self.stale = False
        if not self.get_visible() or not self.get_text():
            return
        size = renderer.points_to_pixels(self.get_fontsize())
        mask = _letters(self.get_text(), findfont(self.get_fontproperties()), size, self.get_ha())
        height, width = mask.shape
        x, y = self.get_transform().transform(self.get_unitless_position())
        x -= width * {"left": 0, "center": 0.5, "right": 1}[self.get_ha()]
        y -= height * {"bottom": 0, "center": 0.5, "top": 1}[self.get_va()]
        ink = 255 * np.array(to_rgb(self.get_color()))
        image = np.full((height, width, 4), 255, dtype=np.uint8)
        if self.paper:
            image[..., :3] = 255 - mask[..., np.newaxis] / 255 * (255 - ink)
        else:
            image[..., :3], image[..., 3] = ink, mask
        context = renderer.new_gc()
        renderer.draw_image(context, round(x), round(y), image[::-1])
        context.restore()


def add_label(axes, x, y, text="", ha="center", va="center", transform=None, paper=False, **properties):
    """Put a Label on axes, at (x, y) in their data or in another transform, perhaps on a patch of paper. Returns it.

    ha: "left", "center" or "right". va: "bottom", "center" or "top". properties: color, fontsize, weight …
    """
    label = Label(x, y, text, ha=ha, va=va, **properties)
    label.set_transform(transform or axes.transData)
    label.paper = paper
    return axes.add_artist(label)


@lru_cache(maxsize=4096)
def _letters(text, font, size, align):
    """How much ink is where: an array (height, width) of whole numbers from 0 to 255. Equal heights for equal lines."""
    font = _font(font, size)
    draw = ImageDraw.Draw(Image.new("L", (1, 1)))
    ascent, descent = font.getmetrics()
    left, _, right, _ = draw.multiline_textbbox((0, 0), text, font=font, align=align, spacing=0.45 * size)
    lines = text.count("\n") + 1
    line = draw.textbbox((0, 0), "A", font=font)[3] + 0.45 * size
    height = int(np.ceil(ascent + descent + (lines - 1) * line))
    image = Image.new("L", (int(np.ceil(right - left)) + 2, height))
    ImageDraw.Draw(image).multiline_text((1 - left, 0), text, fill=255, font=font, align=align, spacing=0.45 * size)
    return np.asarray(image)


@lru_cache
def _font(path, size):
    return ImageFont.truetype(path, size)


class Picture(widgets.Image):
    """An image whose `tooltip` is its text for those who cannot see it.

    The browser side takes an <img>'s title from `tooltip`, but only of widgets that have a `description`.
    """

    description = Unicode("").tag(sync=True)


class Live(widgets.VBox):
    """A figure, its controls, what is to be seen in words, and a line of Python that brings this view back.

    figure: from new_figure. artists: those that move, in the order of painting; they must lie inside the figure.
    update: function of the controls' values by name; it sets the artists and returns words (a little HTML). If it
    changes what does not move (limits, titles), the background is drawn again, which takes a tenth of a second.
    controls: dict of name -> widget with a value; the names are the arguments of the function named by `call`.
    call: the name of the function in helpers.explorers that makes this view.
    alt: what the picture shows, for screen readers. The words say the values.
    arguments: turns the values into the arguments of `call`, where they are not the same.
    slow: function of the controls' values that returns what to say first if update will take long, and "" otherwise.
    rows: the widgets above the picture, each a widget or a list of them; all controls in one row if left out.

    Tests and curious people can reach: controls, values, state, state_line, words, pixels().

    Lesson: 02_gradient_descent, "Three kinds of walk".
    """

    def __init__(self, figure, artists, update, controls, *, call, alt, arguments=None, rows=None, slow=None):
        self.figure, self.artists, self.update, self.controls = figure, list(artists), update, dict(controls)
        self.call, self.alt, self.arguments, self.slow = call, alt, arguments, slow
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

    def _encode(self, kind, **options):
        """The picture as it is now, as the bytes of a file; it has no transparent places, so the fourth byte is padding."""
        canvas, file = self.figure.canvas, io.BytesIO()
        picture = Image.frombuffer("RGBX", canvas.get_width_height(), canvas.buffer_rgba(), "raw", "RGBX", 0, 1)
        (picture if kind == "JPEG" else picture.convert("RGB")).save(file, kind, **options)
        return file.getvalue()

    def png(self):
        """The picture as it is now, as the bytes of a PNG file."""
        return self._encode("PNG")

    # what can be done

    def refresh(self):
        """Draw everything again, the background too."""
        with self._lock:
            self._background = None
            self.redraw()

    def redraw(self):
        """Read the controls, move the artists, paint them, and send picture and words to the browser."""
        with self._lock:
            values = self.values  # the controls' own: those of an event may be old by now
            if self.slow and (note := self.slow(**values)):
                self.say(note)
            words = self.update(**values)
            self._paint()
            self.picture.value = self._encode("JPEG", quality=90, subsampling=0)
            self.code.value = self.state_line
            self.say(words)  # last, so that whoever reads new words sees the picture that they tell of

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
        if (
            self._background is None or self.figure.stale
        ):  # stale: limits, titles or other things that stay have changed
            with course_style():
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
        left = widgets.Box([self.picture], layout=widgets.Layout(flex="3 1 440px", max_width="900px"))
        right = widgets.Box([self.label], layout=widgets.Layout(flex="1 1 230px"))
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


def _plain(value):
    """A control's value, free of the rounding of 0.1 + 0.2, so that it reads well as Python."""
    return float(f"{value:.10g}") if isinstance(value, float) else value
