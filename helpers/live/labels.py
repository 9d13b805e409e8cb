"""Texts that move: drawn by Pillow as images that are kept, since matplotlib takes some fifteen times as long.

Lesson: 02_gradient_descent, "Three kinds of walk".
"""

from functools import lru_cache

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.font_manager import findfont
from matplotlib.text import Text
from PIL import Image, ImageDraw, ImageFont


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

    Args:
        ha: "left", "center" or "right".
        va: "bottom", "center" or "top".
        properties: color, fontsize, weight …
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
