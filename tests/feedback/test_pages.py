"""Pages: strangers' text becomes HTML that runs nothing, loads nothing and tells nothing hidden."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config

from autograder.feedback import cleaning
from autograder.feedback.messages import OwnText
from autograder.feedback.page import verdict_table
from autograder.marking.answers import Other
from autograder.nbgrader_plugin import plug_in
from autograder.sandbox.collector import notebook_output
from helpers.comparing import compare
from helpers.facts import to_json

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src='https://example.org/track.png'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<iframe src='https://example.org'></iframe>",
    "<form action='https://example.org'><input name=a></form>",
    "<style>body { display: none }</style>",
    "<div style='position:fixed;top:0;left:0;width:100%;height:100%'>cover</div>",
    "<link rel=stylesheet href='https://example.org/a.css'>",
    "<meta http-equiv=refresh content='0;url=https://example.org'>",
    "<base href='https://example.org/'>",
    "<math><mtext><script>alert(1)</script></mtext></math>",
    "<table><tr><td><script>alert(1)</script></td></tr></table>",
    "</section></main><script>alert(1)</script>",
    "<object data='x.swf'></object><embed src=x>",
    "<button onclick=alert(1)>press</button>",
    "<template><script>alert(1)</script></template>",
    "<!--><script>alert(1)</script>-->",
]
DANGER = re.compile(
    r"<\s*(script|iframe|form|input|style|link|meta|base|object|embed|button|svg|template)\b|<[^>]+\son\w+\s*=|<[^>]+\sstyle\s*=|(href|src)\s*=\s*[\"']?\s*(javascript|data:text|vbscript)|<img[^>]+src=[\"']?https?:",
    re.IGNORECASE,
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_runs_loads_or_covers_survives(attack):
    for page in (
        cleaning.clean(attack),
        cleaning.markdown(attack),
        cleaning.markdown(f"$x$ {attack} `code`"),
        cleaning.output({"output_type": "display_data", "data": {"text/html": attack}}),
    ):
        assert not DANGER.search(page), page


@pytest.mark.parametrize("attack", ATTACKS)
def test_plain_text_is_shown_as_text(attack):
    for shown in (
        {"output_type": "stream", "name": "stdout", "text": attack},
        {"output_type": "error", "ename": attack, "evalue": attack, "traceback": [attack]},
        {"output_type": "execute_result", "data": {"text/plain": attack}},
    ):
        assert not DANGER.search(cleaning.output(shown))


def test_a_drawing_is_shown_as_an_image_in_which_nothing_runs():
    page = cleaning.output(
        {"output_type": "display_data", "data": {"image/svg+xml": "<svg><script>alert(1)</script></svg>"}}
    )
    assert '<img src="data:image/svg+xml;base64,' in page and "script" not in page


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_formgrader_shows_nothing_that_runs(attack):
    """A graded notebook through nbgrader's own template, with the settings that this course makes."""
    config = Config()
    plug_in(config)
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    shown = [
        {"output_type": "display_data", "data": {kind: attack}, "metadata": {}}
        for kind in ("text/html", "text/markdown", "text/latex", "image/svg+xml", "text/plain")
    ]
    image = notebook_output({"output_type": "display_data", "data": {"image/png": f"AA' onerror='alert(1) {attack}"}})
    outputs = [new_output(**cleaning.harmless(output)) for output in [*shown, image]]
    info = {"grade_id": "f", "grade": True, "solution": True, "locked": False, "points": 1, "schema_version": 3}
    info |= {"score": 1, "comment": ""}
    metadata = {"nbgrader": info}
    cells = [new_markdown_cell(f"$x$ {attack}"), new_code_cell(attack, outputs=outputs, metadata=metadata)]
    names = (
        "assignment_id notebook_id submission_id base_url mathjax_url first_name last_name student last next prev name"
    )
    resources = {**dict.fromkeys(names.split(), "x"), "nbgrader": {}, "index": 0, "total": 1, "unique_key": "x"}
    page, _ = HTMLExporter(config=config).from_notebook_node(new_notebook(cells=cells), resources=resources)
    finder = Finder()
    finder.feed(page[page.index("<body") :])
    assert not finder.found and finder.tags > 20


class Finder(HTMLParser):
    """Collects what of an attack would run or load in a page."""

    def __init__(self):
        super().__init__()
        self.found, self.tags, self.tag = [], 0, ""

    def handle_starttag(self, tag, attributes):
        self.tags, self.tag = self.tags + 1, tag
        if tag in ("iframe", "form", "object", "embed", "base", "meta", "template"):
            self.found.append(tag)
        for name, value in attributes:
            address = name in ("href", "src") and re.match(r"(javascript|data:text|https?://example)", value or "")
            if address or (name.startswith("on") and "alert(1)" in value):
                self.found.append((tag, name, value))

    def handle_data(self, data):
        if self.tag in ("script", "style") and ("alert(1)" in data or "display: none" in data):
            self.found.append(data)

    def handle_endtag(self, tag):
        self.tag = ""


def test_an_image_cannot_break_out_of_its_attribute():
    page = cleaning.output(
        {"output_type": "display_data", "data": {"image/png": 'iVBO" onerror="alert(1)', "text/plain": '" onload="x'}}
    )
    assert "onerror" not in page.replace("iVBOonerror", "") and '" onload' not in page


@given(st.text(alphabet=st.sampled_from(list("<>/\"'=$\\ `scriptonimg:javahref&#;x\n")), max_size=60))
def test_no_text_at_all_becomes_something_that_runs(text):
    assert not DANGER.search(cleaning.markdown(text))
    assert not DANGER.search(cleaning.clean(text))


@pytest.mark.parametrize(
    "latex",
    [r"\frac{\partial L}{\partial W}", r"W_2^\top \delta_2", r"\sigma'(z)", r"\begin{pmatrix} 1 & 2 \end{pmatrix}"],
)
def test_maths_becomes_mathml_that_needs_no_network(latex):
    page = cleaning.markdown(f"Here ${latex}$ and\n\n$${latex}$$")
    assert page.count("<math") == 2 and "$" not in page


@pytest.mark.parametrize("latex", [r"\href{javascript:alert(1)}{x}", r"\begin{", r"\frac{", r"<script>", "{" * 500])
def test_maths_of_any_kind_is_harmless(latex):
    assert not DANGER.search(cleaning.markdown(f"${latex}$"))


def test_dollars_in_code_and_prices_are_not_maths():
    assert "<math" not in cleaning.markdown("`$x$` costs 5$ or 6$ or $HOME")


# Messages.


def shown_of(raised=None, facts=()):
    item = {"question": "q", "entry": None, "outcome": "error", "facts": facts, "raised": raised, "figure": None}
    verdict = {"cell": "test_f", "function": "f", "points": 1, "score": 0, "not_started": False, "questions": [item]}
    own = OwnText({"f": "class Mine(ValueError): pass\ndef f(x):\n    raise Mine('no')", "extra 4": "\n\n"})
    return str(verdict_table({**verdict, "mistakes": [], "remarks": []}, own))


@pytest.mark.parametrize("made_up", ["x0_7314159", "Err7314159", "cell 731 415 9", "f 7314159", "x" * 70])
def test_no_name_that_was_made_up_inside_a_question_is_shown(made_up):
    """Of an exception, of the cell that it is said to come from, and of a value's type: they could carry hidden inputs."""
    raised = {"type": made_up, "message": "no", "cell": made_up, "line": 7314159}
    facts = [to_json(fact) for fact in compare(np.ones(2), Other(made_up))[0].facts]
    for page in (shown_of(raised), shown_of({**raised, "line": 3}), shown_of(facts=facts)):
        assert made_up not in page and not re.search("7314159|415", page)


def test_entries_with_one_outcome_share_a_row_and_what_is_said_again_is_said_once():
    fact = "every sign is right, and every entry is too large"

    def item(question, entry, outcome):
        facts = [] if outcome == "right" else [fact]
        return {"question": question, "entry": entry, "outcome": outcome, "facts": facts, "raised": None}

    outcomes = {"W1": "wrong", "b1": "right", "W2": "wrong"}
    items = [item(question, entry, outcome) for question in ("one", "two") for entry, outcome in outcomes.items()]
    items += [item("three", None, "wrong"), item("four", None, "wrong")]
    verdict = {"cell": "test_f", "function": "f", "points": 1, "score": 0, "not_started": False, "questions": items}
    page = str(verdict_table({**verdict, "mistakes": [], "remarks": []}, OwnText({})))
    assert page.count("<code>W1, W2</code>") == 2 and page.count("<code>b1</code>") == 2
    assert page.count("Every sign is right") == 3 and page.count("The same.") == 1


def test_honest_errors_keep_their_name_and_place():
    for kind in ("ZeroDivisionError", "LinAlgError", "Mine"):
        assert f"{kind}: no (in the cell f, line 3)" in shown_of(
            {"type": kind, "message": "no", "cell": "f", "line": 3}
        )
    assert "in the cell extra 4, line 3" in shown_of({"type": "Mine", "message": "", "cell": "extra 4", "line": 3})
