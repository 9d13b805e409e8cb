"""The widget: a figure, its controls above, what is to be seen in words beside it, a line of Python below.

Lesson: 02_gradient_descent, "Three kinds of walk".
"""

import base64
import html
import io
import re
import threading
from contextlib import contextmanager
from pathlib import Path

import anywidget
import ipywidgets as widgets
import numpy as np
from IPython import get_ipython
from PIL import Image
from traitlets import Bool, Bytes, Int, Unicode
from traitlets import List as ListOf

from helpers.live.ahead import DrawsAhead
from helpers.live.places import is_slider, plain
from helpers.palette import course_style

HERE = Path(__file__).parent


class Picture(anywidget.AnyWidget):
    """A picture, its words and its line of Python, as the browser shows them (live.js)."""

    _esm, _css = HERE / "live.js", HERE / "live.css"
    value = Bytes(b"").tag(sync=True)  # a JPEG
    words = Unicode("").tag(sync=True)  # a little HTML
    line = Unicode("").tag(sync=True)  # Python that brings the view back
    note = Unicode("").tag(sync=True)  # shown in place of the words, as long as there is one
    place = ListOf().tag(sync=True)  # the state of the controls that these three belong to
    edition = Int(0).tag(sync=True)  # counts up when the browser must forget the pictures that it keeps
    alt = Unicode("").tag(sync=True)  # the picture in words, for those who cannot see it
    clickable = Bool(False).tag(sync=True)
    watched = ListOf(Unicode()).tag(sync=True)  # the controls, by their models


class Live(DrawsAhead, widgets.VBox):
    """A figure, its controls, what is to be seen in words, and a line of Python that brings this view back.

    Args:
        figure: from new_figure.
        artists: those that move, in the order of painting; they must lie inside the figure.
        update: function of the controls' values by name; it sets the artists and returns words (a little HTML). If
            it changes what does not move (limits, titles), the background is drawn again, which takes a tenth of a
            second.
        controls: dict of name -> widget with a value; the names are the arguments of the function named by `call`.
        call: the name of the function in helpers.explorers that makes this view.
        alt: what the picture shows, for screen readers. The words say the values.
        arguments: turns the values into the arguments of `call`, where they are not the same.
        slow: function of the controls' values that returns what to say first if update will take long, and ""
            otherwise.
        cheap: function of the controls' values: may this state be drawn ahead, before anyone asks for it? All, if
            left out.
        arrange: function that is called with True when the page turns out to be narrow, and with False when it is
            wide; it sizes the figure and places what is in it, so that letters stay readable. See `arrange` in
            figure.py.
        click: function of a point in the picture, in shares of its width and height from below left; called at a
            click.
        rows: the widgets above the picture, each a widget or a list of them; all controls in one row if left out.

    Tests and curious people can reach: controls, values, state, state_line, words, picture, pixels(), fit().

    Lesson: 02_gradient_descent, "Three kinds of walk".
    """

    def __init__(
        self,
        figure,
        artists,
        update,
        controls,
        *,
        call,
        alt,
        arguments=None,
        rows=None,
        slow=None,
        cheap=None,
        arrange=None,
        click=None,
    ):
        self.figure, self.artists, self.update, self.controls = figure, list(artists), update, dict(controls)
        self.call, self.alt, self.arguments = call, alt, arguments
        self.slow, self.cheap, self.arrange, self.click = slow, cheap, arrange, click
        self.narrow = False
        self._lock, self._background, self._quiet = threading.RLock(), None, False
        self._kept, self._ahead, self._elsewhere, self._seen = {}, None, False, False
        self._moved = next((name for name, control in self.controls.items() if is_slider(control)), None)
        for artist in self.artists:
            artist.set_animated(True)

        watched = [control.model_id for control in self.controls.values()]
        self.picture = Picture(alt=alt, watched=watched, clickable=click is not None)
        self.picture.on_msg(self._told)
        super().__init__(self._arrange(rows or [list(self.controls.values())]))
        self._dom_classes = ("nn-explorer", call.replace("_", "-"))
        for name, control in self.controls.items():
            control.observe(lambda _, name=name: self._changed(name), names="value")
        self.refresh()

    # what can be read

    @property
    def values(self):
        """The controls' values by name."""
        return {name: plain(control.value) for name, control in self.controls.items()}

    @property
    def state(self):
        """The arguments that bring this view back."""
        return self._state(self.values)

    def _state(self, values):
        return self.arguments(**values) if self.arguments else values

    @property
    def state_line(self):
        """One line of Python that brings this view back."""
        return self._line(self.values)

    def _line(self, values):
        arguments = ", ".join(f"{name}={value!r}" for name, value in self._state(values).items())
        return f"from helpers.explorers import {self.call}; {self.call}({arguments})"

    @property
    def words(self):
        """What is to be seen, as plain text."""
        text = re.sub(r"<(br|/p|/div|/tr|/li|/td)[^>]*>", " ", self.picture.note or self.picture.words)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", "", text)).split())

    def pixels(self):
        """The picture as it is now: an array (height, width, 3) of whole numbers from 0 to 255."""
        with self._lock:
            self._come_back()
            return np.asarray(self.figure.canvas.buffer_rgba())[..., :3].copy()

    def png(self):
        """The picture as it is now, as the bytes of a PNG file."""
        with self._lock:
            self._come_back()
            return self._encode("PNG")

    def _encode(self, kind, **options):
        """What is painted, as the bytes of a file; it has no transparent places, so the fourth byte is padding."""
        canvas, file = self.figure.canvas, io.BytesIO()
        picture = Image.frombuffer("RGBX", canvas.get_width_height(), canvas.buffer_rgba(), "raw", "RGBX", 0, 1)
        (picture if kind == "JPEG" else picture.convert("RGB")).save(file, kind, **options)
        return file.getvalue()

    # what can be done

    def refresh(self):
        """Draw everything again, the background too."""
        with self._lock:
            self._background = None
            self.forget()
            self.redraw()

    def forget(self):
        """Draw every picture anew from now on: for instance because more is known than when it was drawn."""
        self._kept = {}
        self.picture.edition += 1

    def redraw(self):
        """Read the controls, move the artists, paint them, and send picture and words to the browser."""
        with self._lock:
            values = self.values  # the controls' own: those of an event may be old by now
            place = self._place(values)
            if self.slow and (note := self.slow(**values)):
                self.say(note)
            view = self._kept.get(tuple(place))
            self._elsewhere = view is not None  # what is painted is then something else
            value, words, line = view = view or self._draw(values)
            with self.picture.hold_sync():
                self.picture.value = value
                self.picture.words = words
                self.picture.line = line
                self.picture.place = place
                self.picture.note = ""
            self._look_ahead(place, view)

    def fit(self, narrow):
        """Arrange the picture for a page as narrow as a phone (True), or for a wide one (False), and draw it again."""
        with self._lock:
            if narrow != self.narrow and self.arrange:
                self.narrow = narrow
                with course_style():
                    self.arrange(narrow)
                self.refresh()

    def say(self, note):
        """Put a note (a little HTML) in place of the words at once, before something slow; the next picture ends it."""
        self.picture.note = note

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

    def _changed(self, name):
        if is_slider(self.controls[name]):
            self._moved = name
        if not self._quiet:
            self.redraw()

    def _told(self, _, content, __):
        """Something came from the browser."""
        if content.get("kind") == "click" and self.click:
            self.click(float(content["x"]), float(content["y"]))
        elif content.get("kind") == "width":
            self.fit(bool(content["narrow"]))
        elif content.get("kind") == "ready":  # a new page, which keeps nothing yet
            self._kept, self._seen = {}, True
            self._look_ahead(self.picture.place, (self.picture.value, self.picture.words, self.picture.line))

    # drawing

    def _draw(self, values):
        """Paint the picture of these values. Returns what the browser shows: (a JPEG, the words, the line of Python)."""
        words = self.update(**values)
        self._paint()
        self._elsewhere = values != self.values
        return self._encode("JPEG", quality=90, subsampling=0), words, self._line(values)

    def _come_back(self):
        """Paint the controls' own values again, if those of a picture drawn ahead were painted last."""
        if self._elsewhere:
            self.update(**self.values)
            self._paint()
            self._elsewhere = False

    def _paint(self):
        canvas = self.figure.canvas
        if self._background is None or self.figure.stale:  # limits, titles or other things that stay have changed
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
        return [*bars, self.picture]

    def _repr_mimebundle_(self, **kwargs):
        """The widget, and the picture with its words for wherever widgets do not run: a reopened or exported notebook."""
        data = super()._repr_mimebundle_(**kwargs)
        if data is None:
            return None
        data["text/plain"] = f"{self.alt}\n{self.words}\n{self.state_line}"
        data["text/html"], data["image/png"] = self._still(), self.png()
        return data, {"image/png": {"alt": f"{self.alt} {self.words}"}}

    def _still(self):
        """The view as it is now, in HTML that needs no kernel and no network."""
        picture = base64.b64encode(self.png()).decode()
        width = round(self.figure.get_figwidth() * 96)  # in pixels of the page
        return (
            f'<img alt="{html.escape(self.alt)}" src="data:image/png;base64,{picture}" '
            f'style="width: {width}px; max-width: 100%; background: white">'
            f"<p>{self.picture.note or self.picture.words}</p>"
        )

    def open(self):
        """Tell the browser of this widget, as ipywidgets does, but in a message that belongs to no cell.

        A program that runs a notebook without a browser (`jupyter nbconvert --execute`) keeps the states that cells
        send, and a page made from them shows the widget, dead, instead of the picture. Browsers take both.
        """
        with _belonging_to_no_cell():
            super().open()


@contextmanager
def _belonging_to_no_cell():
    """What the kernel sends inside names no cell as its cause."""
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        yield
        return
    kernel.get_parent = lambda channel=None: {}  # in front of the class's own
    try:
        yield
    finally:
        del kernel.get_parent
