"""Frames: what a student wrote or displayed looks like nothing that the page itself says, and is no larger than a page.

The hostile text is made from the page itself: every tag, class, id and sentence that its templates use is tried, and the
pages that come of it are read by a parser.
"""

import html
import itertools
import random
import re
from html.parser import HTMLParser

import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config

from autograder.feedback import cleaning
from autograder.feedback.cleaning import formulas, tags
from autograder.feedback.page import render
from autograder.nbgrader_plugin import plug_in
from tests.support.courses import ROOT

TEMPLATES = [ROOT / "autograder" / room / "templates" for room in ("feedback", "reports")]
TEXT = "".join(path.read_text() for folder in TEMPLATES for path in sorted(folder.glob("*.html")))
OF_THE_PAGE = {
    "class": set(" ".join(re.findall(r'class="([^"{]*)', TEXT)).split()) | {"foreign", "stdout", "stderr", "error"},
    "id": {"cell-f", "cell-test_f", "cell-0"},
    "data-cell": {"test_f"},
    "data-mistake": {"factor-two-missing"},
    "role": {"heading", "main", "banner", "alert"},
    "aria-label": {"written by the student"},
    "aria-level": {"1", "2"},
    "slot": {"a"},
    "part": {"a"},
    "name": {"cell-f"},
    "style": {"position: fixed"},
    "lang": {"en"},
    "hidden": {""},
}
TAGS = sorted(
    tags.TAGS | set(re.findall(r"<([a-z][a-z0-9]*)", TEXT)) | {"dialog", "slot", "nav", "aside", "font", "center"}
)
HEADINGS = [
    "# 20 of 20 points",
    "## Your notebook",
    "### `f`",
    "Title\n=====",
    "Title\n---",
    "#" * 6 + " six",
    "> # quoted",
    "- # listed",
]
ENDS = [
    "</figure>",
    "</section>",
    "</main>",
    "</div></div></div>",
    "</body></html>",
    "</figcaption>",
    "</td></tr></table>",
    "<!--",
    "```",
    "$$",
]
VERDICT = """<div class="verdict" data-cell="test_f"><header><h3><code>f</code></h3><strong>2 / 2</strong></header>
<details><summary>2 questions, all answered right</summary><table><thead><tr><th>We asked</th></tr></thead>
<tbody><tr><td class="outcome right">✓ right</td></tr></tbody></table></details></div>
<p class="note">test_f: 2 of 2 points</p><p class="total"><strong>20</strong> of 20 points</p>"""


def hostile(chance):
    """A text in which a student tries to look like the page, made at random."""
    pieces = []
    for _ in range(chance.randint(1, 12)):
        tag = chance.choice(TAGS)
        attributes = " ".join(
            f'{name}="{chance.choice(sorted(OF_THE_PAGE[name]))}"' for name in chance.sample(list(OF_THE_PAGE), 3)
        )
        pieces.append(
            chance.choice(
                [
                    f"<{tag} {attributes}>",
                    f"<{tag} {attributes}>x</{tag}>",
                    f"</{tag}>",
                    f"\n\n{chance.choice(HEADINGS)}\n\n",
                ]
                + [chance.choice(ENDS), VERDICT, "\n\n", "text"]
            )
        )
    return "".join(pieces)


def page_with(text, shown=()):
    """A feedback page whose student wrote `text` and displayed `shown` (data of outputs)."""

    def cell(make, name, source, **info):
        info = {"grade_id": name, "grade": False, "solution": False, "locked": False, "schema_version": 3, **info}
        return make(source, metadata={"nbgrader": info})

    outputs = [new_output("display_data", data=data) for data in shown]
    cells = [
        cell(new_markdown_cell, "title", "# The title\n\n<div>of the instructor</div>", locked=True),
        cell(new_markdown_cell, "why", text, solution=True, grade=True, points=1, score=1),
        new_code_cell("x = 1", outputs=[new_output(**cleaning.harmless(output)) for output in outputs]),
        new_markdown_cell(text),
        cell(new_markdown_cell, "end", "## The end", locked=True),
    ]
    return render(new_notebook(cells=cells), {"notebook": "n", "assignment": "n", "score": 1, "max_score": 2})


class Reader(HTMLParser):
    """Goes through a page and notes what stands inside frames, and what outside."""

    def __init__(self, page, frame="figure"):
        super().__init__()
        self.frame, self.open, self.inside, self.outside, self.frames, self.text = frame, [], [], [], 0, ""
        self.feed(page)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        framed = self.framed()
        if not framed and tag == self.frame:
            self.frames += 1
        (self.inside if framed else self.outside).append((tag, attributes))
        if tag not in ("br", "hr", "img", "meta", "col", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += "" if self.framed() else data

    def framed(self):
        return self.frame in self.open


def check(page, frames):
    read = Reader(page[page.index("<body") :].replace("</html>", ""))
    assert read.frames == frames
    for tag, attributes in read.inside:
        assert not re.fullmatch("h[1-6]|header|main|section|footer|form", tag), tag
        allowed = tags.ATTRIBUTES.get(tag, set()) | {"tabindex", "rel"} | formulas.MATH_ATTRIBUTES
        assert set(attributes) <= allowed, (tag, attributes)
        assert not {"class", "id", "style", "role", "name"} & set(attributes), (tag, attributes)
    assert "20 of 20" not in read.text and "We asked" not in read.text, "nothing of theirs stands outside"
    return read


@pytest.mark.slow
def test_nothing_in_a_frame_wears_what_belongs_to_the_page():
    chance, seen = random.Random(11), set()
    for _ in range(300):
        text = hostile(chance)
        shown = [{"text/html": text}, {"text/markdown": text}, {"text/latex": text}]
        shown += [{"image/svg+xml": f"<svg>{text}</svg>"}, {"image/png": "AAAA", "text/plain": text}]
        read = check(page_with(text, shown), frames=2 + len(shown))
        seen |= {tag for tag, _ in read.inside}
    assert seen > {"table", "td", "details", "summary", "figure", "b", "div", "code", "pre", "li"}


@pytest.mark.parametrize("tag", TAGS)
def test_no_tag_brings_an_attribute_of_the_page_into_a_frame(tag):
    text = "".join(f'<{tag} {name}="{value}">x' for name, values in OF_THE_PAGE.items() for value in sorted(values))
    check(page_with(text, [{"text/html": text}, {"text/markdown": text}]), frames=4)


@pytest.mark.parametrize("ends", [*ENDS, *map("".join, itertools.permutations(ENDS[:4], 3))])
def test_nothing_leaves_its_frame(ends):
    text = f"a {ends} We asked: 20 of 20 points {ends}"
    check(page_with(text, [{"text/html": text}, {"text/markdown": text}]), frames=4)


def test_a_frame_says_whose_it_is_and_the_instructors_text_has_none():
    page = page_with("my answer", [{"text/html": "<b>bold</b>"}])
    labels = re.findall(r"<figcaption>([^<]*)</figcaption>", page)
    assert [html.unescape(label) for label in labels] == [cleaning.WRITTEN, cleaning.SHOWN, cleaning.WRITTEN]
    read = Reader(page[page.index("<body") :].replace("</html>", ""))
    assert "The title" in read.text and "The end" in read.text and "my answer" not in read.text
    assert [tag for tag, _ in read.outside].count("h1") == 2, "the page's own, and the instructor's"


def test_headings_stay_readable_as_bold_lines():
    assert cleaning.markdown("# Why\n\nbecause", theirs=True).startswith("<div><b>Why</b></div>")
    assert cleaning.markdown("# Why").startswith("<h1>")


# Tables.


class Grid(HTMLParser):
    """Counts the cells of all tables of a page, and the places that they take up."""

    def __init__(self, page):
        super().__init__()
        self.cells = self.places = self.widest = self.deepest = self.deep = 0
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.deep += tag == "table"
        self.deepest = max(self.deep, self.deepest)
        if tag in tags.CELLS:
            spans = [int(attributes.get(side, 1)) for side in ("colspan", "rowspan")]
            assert min(spans) >= 1
            self.cells, self.widest = self.cells + 1, max(self.widest, *spans)
            self.places += spans[0] * spans[1]

    def handle_endtag(self, tag):
        self.deep -= tag == "table"


BIG = {
    "one cell": "<table><tr><td colspan=50000 rowspan=65534>x</td></tr></table>",
    "many wide cells": "<table><tr>" + "<td colspan=1000>x</td>" * 3000 + "</tr></table>",
    "many high cells": "<table>" + "<tr><td rowspan='65534'>x</td></tr>" * 3000 + "</table>",
    "stairs": "<table>" + "".join(f"<tr>{'<td rowspan=1000 colspan=1000>x</td>' * 20}</tr>" for _ in range(300)) + "</table>",
    "many cells": "<table>" + ("<tr>" + "<td>x</td>" * 200 + "</tr>") * 200 + "</table>",
    "many rows": "<table>" + "<tr></tr>" * 50_000 + "</table>",
    "many columns": "<table><colgroup>" + "<col>" * 50_000 + "</colgroup><tr><td>x</table>",
    "odd numbers": "<table><tr>" + "".join(f"<td colspan='{n}' rowspan='{n}'>x" for n in ("0", "-5", "1e9", "９９９", " 7 ", "", "9" * 400, "+3")) + "</table>",
    "deep": "<table><tr><td>" * 90 + "x",
    "many tables": "<table><tr><td colspan=1000 rowspan=1000>x</td></tr></table>" * 500,
}  # fmt: skip


@pytest.mark.parametrize("name", BIG)
def test_no_table_is_larger_than_a_page_can_carry(name):
    table = BIG[name]
    cut = table[:45_000]
    rows = "|a" * 40 + "|\n" + "|-" * 40 + "|\n" + ("|x" * 40 + "|\n") * 500
    for page in (
        cleaning.clean(table),
        cleaning.markdown(cut),
        cleaning.markdown(cut, theirs=True),
        cleaning.markdown(rows),
    ):
        grid = Grid(page)
        assert 0 < grid.cells <= tags.MOST_CELLS
        assert grid.places <= tags.MOST_PLACES + tags.MOST_CELLS and grid.widest <= tags.WIDEST_SPAN
        assert grid.deepest <= tags.DEEPEST_TABLE
    assert "x" in cleaning.clean(table), "what is said in it stays"


def test_an_honest_table_is_as_it_was():
    table = '<table><tbody><tr><th colspan="3">loss</th><td rowspan="60">xor</td></tr></tbody></table>'
    cleaned = str(cleaning.clean(table))
    assert 'colspan="3"' in cleaned and 'rowspan="60"' in cleaned
    assert Grid(cleaning.clean("<table>" + ("<tr>" + "<td>1.0</td>" * 20 + "</tr>") * 60 + "</table>")).cells == 1260


def test_a_picture_is_no_larger_than_a_page_either():
    cleaned = cleaning.clean('<img src="data:image/png;base64,AA==" width="99999999" height="1e9">')
    assert f'width="{tags.LARGEST_IMAGE}"' in cleaned and 'height="1"' in cleaned


# The Formgrader.


def formgrader_page(cells):
    """A graded notebook through nbgrader's own template, with the settings that this course makes."""
    config = Config()
    plug_in(config)
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    names = (
        "assignment_id notebook_id submission_id base_url mathjax_url first_name last_name student last next prev name"
    )
    resources = {**dict.fromkeys(names.split(), "x"), "nbgrader": {}, "index": 0, "total": 1, "unique_key": "x"}
    page, _ = HTMLExporter(config=config).from_notebook_node(new_notebook(cells=cells), resources=resources)
    return page


def test_the_formgrader_shows_a_students_text_and_html_in_a_box():
    info = {
        "grade": True,
        "solution": True,
        "locked": False,
        "points": 1,
        "schema_version": 3,
        "score": 1,
        "comment": "",
    }
    text = f"# A heading\n\n{VERDICT}</figure></div></div>"
    shown = [{"text/html": text}, {"text/markdown": text}]
    outputs = [new_output(**cleaning.harmless(new_output("display_data", data=data))) for data in shown]
    page = formgrader_page(
        [
            new_markdown_cell("# Ours", metadata={cleaning.HANDED_OUT: True}),
            new_markdown_cell(text, metadata={"nbgrader": {**info, "grade_id": "why"}}),
            new_markdown_cell(text),
            new_code_cell("x", outputs=outputs),
        ]
    )
    boxes = re.findall(r"<figure style=.*?</figure>", page, re.DOTALL)
    assert len(boxes) == 4
    assert [html.unescape(re.search("<figcaption[^>]*>([^<]*)", box)[1]) for box in boxes] == [cleaning.WRITTEN] * 2 + [
        cleaning.SHOWN
    ] * 2
    for box in boxes:
        inside = box.split("</figcaption>")[1]
        assert "20" in inside and not re.search(r"<h[1-6]|class=|id=|style=", inside)
    rest = re.sub(r"<figure style=.*?</figure>", "", page, flags=re.DOTALL)
    assert "We asked" not in rest and "<h1>Ours</h1>" in rest
