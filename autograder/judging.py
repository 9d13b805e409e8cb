"""What a judge of open choices gives back: a share of the credit, facts in words, and perhaps a picture.

A question with compare="choice" has no one right answer. The student hands in the choice itself, as plain numbers, and
the judge that the course names (c.CourseLab.judges) tries it out here, outside the student's process:

    judge(value) → Judged(share, facts, figure)

`value` is what autograder.marking.answers.read_value made of a stranger's answer. A judge is a pure function: the same value
gets the same share, the same facts and the same figure, to the byte.

The picture is SVG, written here and not drawn by matplotlib, which takes as long to import as a notebook to grade, and
then as long again for each picture.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from markupsafe import escape

WIDTH, HEIGHT = 576, 310  # all sizes in CSS pixels
LEFT, RIGHT, TOP, BOTTOM = 62, 546, 62, 258  # the edges of the axes
INK, SOFT = "#1c2430", "#56606e"


@dataclass(frozen=True)
class Judged:
    """What a judge found."""

    share: float  # of the question's credit, from 0 to 1
    facts: tuple[str, ...]  # in words for the student
    figure: str | None = None  # an SVG element for the feedback page, or None when there is nothing to show


@dataclass(frozen=True)
class Curve:
    """A line, and perhaps a band around it."""

    label: str
    middle: npt.NDArray[Any]  # (points,), one value for each place of the picture; or (), a level from edge to edge
    low: npt.NDArray[Any] | None = None  # (points,), the edges of the band
    high: npt.NDArray[Any] | None = None
    colour: str = SOFT
    dashes: str = ""  # as SVG has them: "7 4"; none for a solid line
    width: float = 2


def picture_of_curves(
    title: str, words: str, places: npt.NDArray[Any], curves: Sequence[Curve], across: str, upwards: str
) -> str:
    """The <svg> element, with `words` as what a screen reader reads out.

    places: (points,), numbers along the horizontal axis, growing; at the foot of the other axis is 0. Values that are no
    numbers leave a gap. across, upwards: what is written at the two axes.
    """
    values = [np.ravel(part) for curve in curves for part in (curve.middle, curve.high) if part is not None]
    finite = np.concatenate([part[np.isfinite(part)] for part in values])
    first, last = float(places[0]), float(places[-1])
    most = float(finite.max(initial=0)) * 1.05 or 1.0

    def x(place: Any) -> Any:
        return LEFT + (RIGHT - LEFT) * (place - first) / (last - first or 1)

    def y(value: Any) -> Any:
        return BOTTOM - (BOTTOM - TOP) * value / most

    parts = [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>']
    parts.append(_text(WIDTH / 2, 20, title, size=15))
    parts += _legend(curves)
    for tick in _ticks(0, most):
        parts.append(_line(LEFT - 4, y(tick), LEFT, y(tick)))
        parts.append(_text(LEFT - 8, y(tick) + 4, f"{tick:g}", anchor="end"))
    for tick in _ticks(first, last):
        parts.append(_line(x(tick), BOTTOM, x(tick), BOTTOM + 4))
        parts.append(_text(x(tick), BOTTOM + 18, f"{tick:,g}"))
    parts += [_line(LEFT, TOP, LEFT, BOTTOM), _line(LEFT, BOTTOM, RIGHT, BOTTOM)]
    parts.append(_text((LEFT + RIGHT) / 2, HEIGHT - 12, across))
    middle = (TOP + BOTTOM) / 2
    parts.append(_text(16, middle, upwards, f'transform="rotate(-90 16 {middle:g})"'))
    for curve in curves:
        if curve.low is not None:
            assert curve.high is not None
            there = np.isfinite(curve.low) & np.isfinite(curve.high)
            up, back = (x(places[there]), y(curve.high[there])), (x(places[there][::-1]), y(curve.low[there][::-1]))
            corners = np.concatenate([np.stack(up, axis=1), np.stack(back, axis=1)])
            parts.append(f'<polygon points="{_points(corners)}" fill="{curve.colour}" fill-opacity="0.22"/>')
    for curve in curves:
        if curve.middle.ndim == 0:
            place = f'x1="{LEFT}" x2="{RIGHT}" y1="{y(curve.middle):.1f}" y2="{y(curve.middle):.1f}"'
            parts.append(f"<line {place} {_stroke(curve)}/>")
            continue
        there = np.isfinite(curve.middle)
        corners = np.stack([x(places[there]), y(curve.middle[there])], axis=1)
        if len(corners) == 1:  # one point alone makes no line
            (place,) = corners
            parts.append(f'<circle cx="{place[0]:.1f}" cy="{place[1]:.1f}" r="4" fill="{curve.colour}"/>')
        else:
            parts.append(f'<polyline points="{_points(corners)}" fill="none" {_stroke(curve)}/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'role="img" style="max-width: 100%; height: auto" font-family="sans-serif" font-size="13">\n'
        f"<title>{escape(words)}</title>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def _legend(curves: Sequence[Curve]) -> list[str]:
    """In a row above the axes, where no curve goes."""
    at = LEFT
    parts: list[str] = []
    for curve in curves:
        parts.append(f'<line x1="{at}" y1="42" x2="{at + 30}" y2="42" {_stroke(curve)}/>')
        parts.append(_text(at + 36, 46, curve.label, anchor="start"))
        at += 62 + 7 * len(curve.label)
    return parts


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers from `low` to `high`, about six of them."""
    if high <= low:
        return [low]
    rough = (high - low) / 6
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough)
    return [round(step * number, 12) for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _points(corners: npt.NDArray[Any]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)


def _stroke(curve: Curve) -> str:
    dashes = f' stroke-dasharray="{curve.dashes}"' if curve.dashes else ""
    return f'stroke="{curve.colour}" stroke-width="{curve.width:g}" stroke-linejoin="round"{dashes}'


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{INK}"/>'


def _text(x: float, y: float, text: str, more: str = "", anchor: str = "middle", size: int | None = None) -> str:
    sized = f' font-size="{size}"' if size else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{INK}" text-anchor="{anchor}"{sized} {more}>{escape(text)}</text>'
