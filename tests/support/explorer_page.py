"""An explorer on a page of JupyterLab, as a student meets it: its sliders by keyboard and mouse, its picture, its words.

`rebuilt` makes the same view here, without a browser, from the line of Python that stands below the explorer.
"""

import ast
import hashlib
import io

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image
from playwright.sync_api import expect

SECONDS = 60_000  # in milliseconds, for a busy machine; a quiet one needs about ten seconds

BYTES = "new Uint8Array(await (await fetch(url)).arrayBuffer())"
FINGERPRINT = f"""async url => {{
    const digest = await crypto.subtle.digest('SHA-256', {BYTES});
    return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('');
}}"""


class Explorer:
    """One explorer on a page. name: that of its function, such as "explore_mse"."""

    def __init__(self, page, name):
        self.page, self.root = page, page.locator(f".nn-explorer.{name.replace('_', '-')}")
        self.image, self.words = self.root.locator(".nn-picture img"), self.root.locator(".nn-words")
        self.line = self.root.locator(".nn-code input")
        expect(self.words).not_to_be_empty(timeout=SECONDS)
        expect(self.image).to_be_visible(timeout=SECONDS)
        self.root.scroll_into_view_if_needed()

    # what can be done

    def slider(self, label):
        """The group of a slider: its label, its track and handle, its number."""
        return self.root.locator(f".widget-hslider:has(label:text-is('{label}'))")

    def sliders(self):
        """The labels of all sliders, those under a folded title too, which is opened."""
        for title in self.root.locator(".jupyter-widget-Collapse-header").all():
            title.click()
        expect(self.root.locator(".widget-hslider").last).to_be_visible()
        return self.root.locator(".widget-hslider label").all_inner_texts()

    def handle(self, label):
        return self.slider(label).locator("[role=slider]")

    def value(self, label):
        return self.handle(label).get_attribute("aria-valuetext")

    def readout(self, label):
        return self.slider(label).locator(".widget-readout")

    def press(self, label, key, times=1):
        self.handle(label).focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def drag(self, label, share):
        """Drag the handle to a share of the track, with the mouse."""
        self.slider(label).scroll_into_view_if_needed()
        handle, track = self.handle(label).bounding_box(), self.slider(label).locator(".noUi-base").bounding_box()
        y = handle["y"] + handle["height"] / 2
        self.page.mouse.move(handle["x"] + handle["width"] / 2, y)
        self.page.mouse.down()
        self.page.mouse.move(track["x"] + share * track["width"], y, steps=8)
        self.page.mouse.up()

    def choose(self, label, option):
        self.root.locator(f".widget-dropdown:has(label:text-is('{label}')) select").select_option(label=option)

    # what can be seen

    def says(self, text):
        expect(self.words).to_contain_text(text, timeout=SECONDS)

    def picture_bytes(self):
        """The file that the browser shows."""
        return bytes(self.page.evaluate(f"async url => Array.from({BYTES})", self.image.get_attribute("src")))

    def picture(self):
        """A fingerprint of the picture's bytes, taken in the browser."""
        return self.page.evaluate(FINGERPRINT, self.image.get_attribute("src"))

    def comes_to_show(self, live):
        """Picture and words in the browser become, byte by byte, those that the same state gives here."""
        expected = hashlib.sha256(bytes(live.picture.value)).hexdigest()
        for _ in range(100):
            picture, words = self.picture(), " ".join(self.words.inner_text().split())
            if picture == expected and words == live.words:
                return
            self.page.wait_for_timeout(100)
        assert words == live.words
        pytest.fail("the words are right, but the picture is not the one of this state")

    def shows_colour(self, colour, live, x, y, axes=0):
        """The picture has this colour at a place that is given in the data of one of the axes of `live`."""
        image = Image.open(io.BytesIO(self.picture_bytes())).convert("RGB")
        across, up = live.figure.axes[axes].transData.transform((x, y))
        seen = np.array(image.getpixel((round(across), round(image.height - 1 - up)))) / 255
        assert np.abs(seen - to_rgb(colour)).max() < 0.15, f"{seen.round(2)} at ({x}, {y}), not {to_rgb(colour)}"

    def state_line(self):
        """The line of Python that stands below."""
        return self.line.input_value()


def rebuilt(explorer, like=None):
    """The explorer that the line of Python under it makes, here and without a browser.

    like: one made earlier, to be brought to the same state: that saves training its networks again.
    """
    importing, call = explorer.state_line().split("; ")
    if like is not None and like.arguments is None:  # its controls are the arguments of the call
        keywords = ast.parse(call, mode="eval").body.keywords
        like.set(**{keyword.arg: ast.literal_eval(keyword.value) for keyword in keywords})
        return like
    scope = {}
    exec(importing, scope)
    return eval(call, scope)
