"""Drawing ahead: the pictures that the next key press may ask for are drawn and sent while nobody moves anything.

Lesson: 02_gradient_descent, "Three kinds of walk".
"""

import asyncio

from helpers.live.places import is_slider, neighbour, place_of

AHEAD = 20  # positions on each side of the slider that was moved last, for which pictures are drawn ahead
KEPT = 300  # pictures that the browser has and that need not be drawn again
QUIET = 0.1  # seconds without a change, before pictures are drawn ahead


class DrawsAhead:
    """The part of Live that draws ahead."""

    def _place(self, values):
        """The state of all controls, as live.js reads it too."""
        return [place_of(control, values[name]) for name, control in self.controls.items()]

    def _look_ahead(self, place, view):
        """Remember what the browser has now, and soon draw what it may ask for next."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        if loop is None or not self._seen:  # no kernel, or no page that shows the picture: nobody to send anything to
            return
        self._keep(place, view)
        if self._ahead:
            self._ahead.cancel()
        self._ahead = loop.create_task(self._draw_ahead()) if AHEAD else None

    def _keep(self, place, view):
        self._kept.pop(tuple(place), None)
        self._kept[tuple(place)] = view
        if len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]

    async def _draw_ahead(self):
        """One picture after the other, leaving the kernel free between them; a change of any control ends this."""
        await asyncio.sleep(QUIET)
        for values in self._nearby():
            await asyncio.sleep(0.002)
            with self._lock:
                place = self._place(values)
                if tuple(place) in self._kept or not (self.cheap is None or self.cheap(**values)):
                    continue
                edition = self.picture.edition
                value, words, line = view = self._draw(values)
                self._keep(place, view)
                self.picture.send({"place": place, "words": words, "line": line, "edition": edition}, [value])

    def _nearby(self):
        """The values that one slider more to the left or right gives, nearest first; most of the one moved last."""
        here = self.values
        for name, reach in [(self._moved, AHEAD), *((name, 1) for name in self.controls)]:
            if name is None or not is_slider(self.controls[name]):
                continue
            for distance in range(1, reach + 1):
                for side in (1, -1):
                    value = neighbour(self.controls[name], side * distance)
                    if value is not None:
                        yield {**here, name: value}
