"""Each lesson run from top to bottom without a browser, and the pages that are made of it.

`jupyter nbconvert --to html --execute notebooks/01_mse.ipynb` runs a lesson with nbconvert's own settings and turns it
into a page. Such a page has no kernel, and may be read without a network: every figure and every explorer must be there
as a picture with a description. Its formulas are drawn by MathJax, from the network; without it their LaTeX is shown.
On the pages of `make pages` (docs/lesson_pages.py) the formulas too are drawn without a network.
"""

import base64
import importlib.util
import io
import re

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter
from nbconvert.preprocessors import ExecutePreprocessor
from PIL import Image
from playwright.sync_api import expect

from tests.support.lessons import LESSONS, ROOT, lesson

pytestmark = pytest.mark.slow

DRAWS = re.compile(r"^(figures\.\w+|explore_\w+)\(", re.MULTILINE)
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
SIZES = "() => Array.from(document.images).map(image => [image.complete, image.naturalWidth, image.clientWidth])"


@pytest.fixture(scope="module", params=LESSONS)
def executed(request):
    """A lesson after a run in a fresh kernel, as `nbconvert --execute` runs it."""
    notebook = lesson(request.param)
    folder = {"metadata": {"path": str(ROOT / "notebooks")}}
    notebook, _ = ExecutePreprocessor(timeout=300).preprocess(notebook, folder)
    return notebook


@pytest.fixture(scope="module")
def page(executed):
    """The HTML that nbconvert makes of it."""
    html, _ = HTMLExporter().from_notebook_node(executed)
    return html


def lesson_pages():
    """docs/lesson_pages.py, which is a program and in no package."""
    spec = importlib.util.spec_from_file_location("lesson_pages", ROOT / "docs" / "lesson_pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def formulas_of(notebook):
    """The LaTeX of all formulas in the text, none of which stands in code."""
    told = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return re.findall(r"\$\$?([^$]+?)\$\$?", told)


def cells_that_draw(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code" and DRAWS.search(cell.source)]


def test_a_lesson_runs_from_top_to_bottom_without_a_word_on_stderr(executed):
    said = {
        cell.id: output.get("text", output.get("evalue"))
        for cell in executed.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error" or output.get("name") == "stderr"
    }
    assert not said


def test_every_figure_and_explorer_is_a_picture_with_a_description(executed, page):
    html = BeautifulSoup(page, "html.parser")
    drawn = cells_that_draw(executed)
    assert drawn and len(html.find_all("img")) == len(drawn)
    for cell in drawn:
        (image,) = html.find(id=f"cell-id={cell.id}").find_all("img")
        assert len(image["alt"].split()) > 8, cell.id
        kind, _, data = image["src"].partition(";base64,")
        picture = Image.open(io.BytesIO(base64.b64decode(data)))
        assert kind == "data:image/png" and picture.width > 500, cell.id
        assert len(picture.convert("RGB").getcolors(1 << 20)) > 100, f"{cell.id}: there is nothing in the picture"


def test_the_words_of_an_explorer_stand_below_its_picture(executed, page):
    html = BeautifulSoup(page, "html.parser")
    for cell in cells_that_draw(executed):
        if not DRAWS.search(cell.source)[1].startswith("explore_"):
            continue
        output = html.find(id=f"cell-id={cell.id}").select_one(".jp-OutputArea-output")
        alt, words, _ = cell.outputs[-1].data["text/plain"].split("\n")
        assert output.find("img")["alt"] == alt
        assert " ".join(output.get_text(" ").split()).startswith(words.split(":")[0])


def test_no_widget_stands_where_a_picture_should_be(executed, page):
    """nbconvert prefers a widget to a picture if it finds its state; without a kernel a widget cannot answer."""
    html = BeautifulSoup(page, "html.parser")
    assert not html.select(".jupyter-widgets, script[type='application/vnd.jupyter.widget-view+json']")
    explorers = [output.data for cell in executed.cells for output in cell.get("outputs", []) if "data" in output]
    models = [data[VIEW]["model_id"] for data in explorers if VIEW in data]
    assert models, "the notebook itself must still hold the widget"
    assert not set(models) & set(executed.metadata.widgets[STATE]["state"])


@pytest.mark.browser
def test_the_page_shows_its_pictures_without_a_network(executed, page, new_page, tmp_path):
    (tmp_path / "lesson.html").write_text(page, "utf-8")
    browser = new_page()
    browser.context.set_offline(True)
    browser.goto((tmp_path / "lesson.html").as_uri(), wait_until="domcontentloaded")
    browser.wait_for_function("() => Array.from(document.images).every(image => image.complete)")
    sizes = browser.evaluate(SIZES)
    assert len(sizes) == len(cells_that_draw(executed))
    assert all(complete and natural > 500 and shown > 300 for complete, natural, shown in sizes)
    text = browser.locator("body").text_content()
    formulas = formulas_of(executed)
    assert formulas and not [formula for formula in formulas if formula not in text]
    # what the lessons show (the colours of code, prompts and links around it are nbconvert's own)
    results = Axe().run(browser, context=".jp-OutputArea-output").response
    assert results["passes"]
    found = [each for each in results["violations"] if each["impact"] in ("serious", "critical")]
    assert not [(each["id"], each["nodes"][0]["html"]) for each in found]


@pytest.mark.browser
def test_a_page_to_read_draws_its_formulas_and_asks_nothing_of_a_network(executed, new_page, tmp_path):
    (tmp_path / "lesson.html").write_text(lesson_pages().page(executed), "utf-8")
    browser, asked = new_page(), []
    browser.on("request", lambda request: asked.append(request.url))
    browser.context.set_offline(True)
    browser.goto((tmp_path / "lesson.html").as_uri())
    assert [url for url in asked if not url.startswith("data:")] == [(tmp_path / "lesson.html").as_uri()]
    assert browser.title() == executed.cells[0].source.split("\n")[0].removeprefix("# ")
    browser.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    drawn = browser.evaluate(
        """() => Array.from(document.querySelectorAll('math')).map(math => {
            const {width, height} = math.getBoundingClientRect();
            return [math.namespaceURI, width, height];
        })"""
    )
    assert len(drawn) == len(formulas_of(executed)) > 0
    assert all(space.endswith("MathML") and width > 3 and height > 3 for space, width, height in drawn)
    told = browser.evaluate("Array.from(document.querySelectorAll('.jp-MarkdownOutput')).map(o => o.textContent)")
    assert not [text for text in told if "$" in text or "\\" in text]
    assert len(browser.evaluate(SIZES)) == len(cells_that_draw(executed))


def test_a_formula_that_no_page_could_show_is_refused():
    pages = lesson_pages()
    with pytest.raises(pages.CannotShow, match=r"no MathML for \\nosuch in"):
        pages.mathml(r"x + \nosuch{y}", "inline")


def test_a_minus_that_begins_a_number_stands_close_to_it():
    mathml = lesson_pages().mathml
    assert mathml("x = -1", "inline").count('form="prefix"') == 1
    assert mathml("(-0.3, +0.2)", "inline").count('form="prefix"') == 2
    assert "prefix" not in mathml("f(x) - (y + 1)", "inline")


@pytest.mark.browser
def test_a_notebook_opened_again_shows_its_explorers_before_anything_runs(lab, new_page):
    cell = nbformat.v4.new_code_cell("from helpers.explorers import explore_mse\n\nexplore_mse()")
    notebook, _ = ExecutePreprocessor(timeout=300).preprocess(nbformat.v4.new_notebook(cells=[cell]))
    nbformat.write(notebook, lab.notebooks / "again.ipynb")
    page = new_page()
    page.goto(lab.page(lab.notebooks / "again.ipynb"), wait_until="domcontentloaded")
    output = page.locator(".jp-NotebookPanel .jp-OutputArea-output")
    expect(output.get_by_role("img", name=re.compile("one square for each example"))).to_be_visible(timeout=90_000)
    expect(output).to_contain_text("Mean squared error: 0.03.")
    lab.shut_kernels_down()
