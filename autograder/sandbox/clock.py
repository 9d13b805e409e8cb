"""The time of one submission: everything that is done for it, all starts and all hidden tests, has one limit."""

import time

VISIBLE = 2 / 3  # of all the time is for visible cells: the rest is kept for the hidden tests


class Clock:
    """Counts the wall time of one submission. total: seconds."""

    def __init__(self, total: float) -> None:
        self.total, self.started = total, time.monotonic()
        self.visible = 0.0  # seconds of visible cells, in the starts before this one

    @property
    def left(self) -> float:
        return max(0.0, self.total - (time.monotonic() - self.started))

    def for_cells(self) -> float:
        """Seconds that the visible cells of a start that begins now may take."""
        return max(0.0, min(self.left, VISIBLE * self.total - self.visible))

    def for_test(self, number: int) -> float:
        """Seconds that the next of `number` hidden tests may take: no more than half of what is left, unless there is
        enough for all, so that none takes the time of the others."""
        return self.left / 2 if number > 1 else self.left
