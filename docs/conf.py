"""Settings of the documentation site: `make docs` builds it into build/docs, without any network."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

project = "How neural networks learn: a course lab"
author = "the nn-course-lab contributors"
language = "en"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build", "jupyterhub", "jupyterlite", "**/.ipynb_checkpoints"]
nb_execution_mode = "off"
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_numpy_docstring = False
napoleon_use_param = False  # one entry may describe several arguments
napoleon_use_rtype = False  # what stands before a colon is a shape or a word, not always a type
default_role = "code"
html_theme = "furo"
html_title = "Course lab: how neural networks learn"
html_show_sphinx = False
html_copy_source = False
nitpicky = True
nitpick_ignore = [("py:exc", "TraitError")]
suppress_warnings = ["myst.xref_missing"]  # links to files beside docs/ are checked by tests/project/test_docs.py


def setup(app):
    app.connect("html-page-context", _without_network)
    app.connect("html-page-context", _for_keyboard_and_screen_reader, priority=900)  # after the theme's own


def _without_network(app, page, template, context, doctree):
    """Formulas would be drawn by MathJax, from the network. No page has any."""
    scripts = context.get("script_files", [])
    context["script_files"] = [script for script in scripts if "://" not in getattr(script, "filename", str(script))]


def _for_keyboard_and_screen_reader(app, page, template, context, doctree):
    """Captions of the contents are headings: of which level? Code that is wider than the page can be scrolled by key."""
    for part in ("body", "furo_navigation_tree"):
        if context.get(part):
            text = context[part].replace(
                'class="caption" role="heading"', 'class="caption" role="heading" aria-level="2"'
            )
            context[part] = text.replace("<pre>", '<pre tabindex="0">')
