"""The lessons as pages to read, with nothing to install: `make pages` runs each lesson and writes build/pages/.

    python docs/lesson_pages.py build/pages [01_mse …]

nbconvert's own pages draw their formulas with MathJax, from the network, and without it show LaTeX. Here formulas are
MathML, which browsers draw themselves, and nothing else is fetched from anywhere either.
"""

import argparse
import html
import re
import sys
from pathlib import Path

import nbformat
from jinja2 import pass_context
from latex2mathml.converter import convert as latex_to_mathml
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import ExecutePreprocessor

LESSONS = Path(__file__).resolve().parents[1] / "notebooks"
TEMPLATE = """
{%- extends 'lab/index.html.j2' -%}
{% block html_head_js %}{% endblock %}
{% block html_head_js_mathjax %}{% endblock %}
{% block html_head_js_mermaidjs %}{% endblock %}
{% block jupyter_widgets %}{% endblock %}
{% block html_head_css %}{{ super() }}
<style>
body.jp-Notebook { max-width: 62rem; margin: 0 auto; padding: 1rem; }
math { font-size: 1.1em; }
math[display=block] { margin: 0.5em 0; padding: 0.4em 0; overflow-x: auto; }
.jp-RenderedHTMLCommon table { display: block; overflow-x: auto; }
@media (max-width: 40rem) {  /* a phone: a picture's letters stay readable, and it is moved with a finger */
  .jp-InputPrompt, .jp-OutputPrompt { display: none; }
  .jp-OutputArea-output, .highlight pre { overflow-x: auto; }
  .jp-OutputArea-output pre { white-space: pre; }
  .jp-OutputArea-output img { max-width: none !important; }
}
</style>
{% endblock %}
"""

# a minus or plus that begins a number, after any sign but a closing bracket: browsers take it for one between two numbers
SIGN = re.compile(r"(<mo[^>]*>(?!&#x00029;|\))[^<]*</mo>)<mo>(?=&#x02212;|&#x0002B;)")


class Renderer(IPythonRenderer):
    """nbconvert's markdown, with MathML where it leaves LaTeX to MathJax."""

    def block_math(self, body):
        return mathml(body, "block")

    def inline_math(self, body):
        return mathml(body, "inline")


class PageExporter(HTMLExporter):
    """A notebook as one HTML file that needs no network. Raises CannotShow for a formula that cannot be converted."""

    def __init__(self, **options):
        super().__init__(**options)
        self.raw_template = TEMPLATE

    @pass_context
    def markdown2html(self, context, source):
        """A text cell as HTML; called by the template."""
        return MarkdownWithMath(renderer=Renderer(escape=False)).render(source)


class CannotShow(ValueError):
    """A formula for which there is no MathML."""


def mathml(latex, display):
    """LaTeX as MathML. display: "block" or "inline". Raises CannotShow if a command in it is not known."""
    shown = latex_to_mathml(latex.strip(), display=display)
    unknown = re.findall(r"\\[a-zA-Z]+", html.unescape(shown))
    if unknown:
        raise CannotShow(f"no MathML for {', '.join(unknown)} in {latex!r}")
    return SIGN.sub(r'\1<mo form="prefix">', shown)


def page(notebook):
    """An executed notebook → the text of its page, which has the notebook's first heading as its title."""
    title = notebook.cells[0].source.split("\n")[0].lstrip("# ")
    return PageExporter().from_notebook_node(notebook, resources={"metadata": {"name": title}})[0]


def executed(path):
    """The notebook after a run in a fresh kernel."""
    notebook = nbformat.read(path, as_version=4)
    run = ExecutePreprocessor(timeout=300)
    return run.preprocess(notebook, {"metadata": {"path": str(path.parent)}})[0]


def main(argv=None):
    parser = argparse.ArgumentParser(description="Write each lesson as a page that needs no network.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("lessons", nargs="*", metavar="lesson", help="such as 01_mse; all, if none is named")
    options = parser.parse_args(argv)
    options.folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(LESSONS.glob("*.ipynb")):
        if not options.lessons or path.stem in options.lessons:
            place = options.folder / f"{path.stem}.html"
            place.write_text(page(executed(path)), encoding="utf-8")
            print(place, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
