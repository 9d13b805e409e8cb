"""The pictures of the class report: matplotlib's drawings as SVG that stands in the page itself.

The page's own colours take the place of the course's palette, so that one drawing serves light, dark and print. Each
picture says in words what it shows, and every kind of bar has its own hatching, so that nothing depends on colour.
"""

import io
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from markupsafe import Markup, escape
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers.palette import BLUE, FAINT, GREY, INK, ORANGE, PALE_BLUE, PALE_ORANGE, PAPER, STYLE

PAGE_COLOURS = {
    PAPER: "var(--paper)",
    INK: "var(--ink)",
    GREY: "var(--soft)",
    FAINT: "var(--line)",
    BLUE: "var(--blue)",
    ORANGE: "var(--orange)",
    PALE_BLUE: "var(--pale-blue)",
    PALE_ORANGE: "var(--pale-orange)",
}
WIDTH = 5.2  # inches: narrow, so that the text can still be read on a telephone
OUTCOMES = (  # key of the counts, what it is called, colour, hatching
    ("right", "right", BLUE, None),
    ("partly", "partly right", PALE_BLUE, "////"),
    ("wrong", "wrong", ORANGE, None),
    ("error", "raised an error", PALE_ORANGE, "xxxx"),
    ("not_answered", "not answered", PAPER, "...."),
)
MOST_MISTAKES = 10


def marks(name: str, shares: Sequence[float], median: float) -> Markup:
    """How the marks are spread: students for each tenth of the points.

    shares: each student's share of the points, 0 to 1. Returns SVG.
    """
    counts = [0] * 10
    for share in shares:
        counts[min(9, int(share * 10 + 1e-9))] += 1
    with _course_style():
        figure = Figure(figsize=(WIDTH, 2.7), layout="constrained")
        axes = figure.subplots()
        axes.bar([5 + 10 * i for i in range(10)], counts, width=9, color=BLUE)
        for i, count in enumerate(counts):
            if count:
                box = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.8}  # so that the median's line stays behind it
                place: dict[str, Any] = {"xytext": (0, 3), "textcoords": "offset points", "ha": "center", "zorder": 5}
                axes.annotate(str(count), (5 + 10 * i, count), bbox=box, **place)
        axes.axvline(100 * median, color=ORANGE, linestyle="--")
        side = "left" if median < 0.6 else "right"
        axes.text(
            100 * median + (1.5 if side == "left" else -1.5),
            max(counts) * 1.2,
            f"median {median:.0%}",
            ha=side,
            va="top",
        )
        axes.set(xlim=(0, 100), ylim=(0, max(counts) * 1.32), xticks=range(0, 101, 20))
        axes.set(xlabel="marks, in % of the points", ylabel="students", title="Marks")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
        axes.grid(False, axis="x")
        spread = ", ".join(f"{10 * i} to {10 * i + 10} %: {count}" for i, count in enumerate(counts) if count)
        words = f"{len(shares)} students, median {median:.0%}. Students by their marks, {spread}."
        return svg(figure, f"Marks in {name}", words, f"marks-{name}")


def outcomes(name: str, functions: list[dict[str, Any]]) -> Markup:
    """What became of the answers to each function's questions. functions: as in data.py. Returns SVG."""
    shares = [_shares(function["questions"]) for function in functions]
    with _course_style():
        figure = Figure(figsize=(WIDTH, 1.25 + 0.36 * len(functions)), layout="constrained")
        axes = figure.subplots()
        left = [0.0] * len(functions)
        for key, label, colour, hatch in OUTCOMES:
            if not any(share[key] for share in shares):
                continue
            widths = [100 * share[key] for share in shares]
            axes.barh(
                range(len(functions)),
                widths,
                0.66,
                left,
                color=colour,
                hatch=hatch,
                edgecolor=GREY,
                lw=0.6,
                label=label,
            )
            left = [start + width for start, width in zip(left, widths, strict=True)]
        axes.set_yticks(range(len(functions)), [function["function"] for function in functions])
        axes.invert_yaxis()
        axes.set(xlim=(0, 100), xlabel="% of all answers")
        axes.grid(False)
        figure.suptitle("Answers, function by function", x=0.01, ha="left", fontsize=10.5, fontweight="bold", color=INK)
        figure.legend(loc="outside lower left", ncols=3, handlelength=1.6, columnspacing=1.2)
        words = "; ".join(
            f"{function['function']}: {share['right']:.0%} right"
            for function, share in zip(functions, shares, strict=True)
        )
        return svg(figure, f"Answers in {name}", f"Share of right answers. {words}.", f"answers-{name}")


def _shares(questions: list[dict[str, Any]]) -> dict[str, float]:
    asked = sum(question["asked"] for question in questions) or 1
    return {key: sum(question[key] for question in questions) / asked for key, *_ in OUTCOMES}


def mistakes(name: str, found: list[dict[str, Any]]) -> Markup:
    """The most frequent mistakes. found: as in data.py, most frequent first. Returns SVG."""
    shown = found[:MOST_MISTAKES]
    with _course_style():
        figure = Figure(figsize=(WIDTH, 0.85 + 0.33 * len(shown)), layout="constrained")
        axes = figure.subplots()
        counts = [mistake["count"] for mistake in shown]
        axes.barh(range(len(shown)), counts, 0.62, color=ORANGE)
        for row, count in enumerate(counts):
            axes.annotate(str(count), (count, row), (4, 0), textcoords="offset points", va="center")
        axes.set_yticks(range(len(shown)), [mistake["name"].replace("-", " ") for mistake in shown])
        axes.invert_yaxis()
        axes.set(xlim=(0, max(counts) * 1.12), xlabel="students")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6, min_n_ticks=1))
        axes.grid(False, axis="y")
        more = f" (the {MOST_MISTAKES} most frequent)" if len(found) > len(shown) else ""
        figure.suptitle(f"Mistakes{more}", x=0.01, ha="left", fontsize=10.5, fontweight="bold", color=INK)
        words = ", ".join(f"{mistake['name'].replace('-', ' ')}: {mistake['count']}" for mistake in shown)
        return svg(figure, f"Mistakes in {name}", f"Students who made each mistake{more}. {words}.", f"mistakes-{name}")


def _course_style() -> AbstractContextManager[None]:
    # Without a salt of ours, the ids in a drawing would be others each time.
    return rc_context({**STYLE, "svg.fonttype": "none", "svg.hashsalt": "class report"})


def svg(figure: Figure, title: str, description: str, key: str) -> Markup:
    """A figure as an <svg> element for a page: titled, described, in the page's colours, its ids its own.

    key: what the element's ids begin with; each picture of a page needs another.
    """
    file = io.StringIO()
    figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = file.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    key = re.sub(r"[^A-Za-z0-9_-]", "-", key)
    text = _own_ids(text, key)
    for ink, own in PAGE_COLOURS.items():
        text = re.sub(rf'(fill|stroke)="{ink}"', rf'style="\1: {own}"', text)
        text = text.replace(ink, own)
    box = next(re.finditer(r'viewBox="[^"]*"', text)).group()
    inside = text[text.index(">") + 1 :]
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" class="picture" {} role="img" '
        'aria-labelledby="{}-title {}-desc"><title id="{}-title">{}</title><desc id="{}-desc">{}</desc>{}'
    ).format(Markup(box), key, key, key, escape(title), key, escape(description), Markup(inside))


def _own_ids(text: str, key: str) -> str:
    """The drawing with only the ids that something refers to, each with `key` before it."""
    used = set(re.findall(r'(?:url\(#|xlink:href="#)([^)"]+)', text))
    text = re.sub(r' id="([^"]+)"', lambda found: f' id="{key}-{found[1]}"' if found[1] in used else "", text)
    return re.sub(r'(url\(#|xlink:href="#)', rf"\1{key}-", text)
