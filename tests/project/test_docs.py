"""The documentation: it builds without a warning, all that it points at is there, and it names the code as it is."""

import ast
import html
import os
import re
import subprocess
import sys

import pytest
from axe_playwright_python.sync_playwright import Axe

from helpers.explorers import EXPLORERS
from tests.support.courses import ROOT
from tests.support.site_checker import broken_links, loaded_from_elsewhere

DOCS = ROOT / "docs"
PAGES = ("index", "explorers", "students", "zero_install", "instructors", "design", "security", "performance", "scale")
PAGES += ("facts", "glossary", "api")


# The site


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of HTML that `make docs` builds, with no way to the network by a proxy."""
    folder = tmp_path_factory.mktemp("docs")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", str(DOCS), str(folder)]
    no_network = {**os.environ, "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    run = subprocess.run(command, env=no_network, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return folder


@pytest.mark.slow
def test_every_page_is_built_and_can_be_reached_from_the_first(site):
    first = (site / "index.html").read_text("utf-8")
    assert not [page for page in PAGES if not (site / f"{page}.html").is_file()]
    assert not [page for page in PAGES[1:] if f'href="{page}.html"' not in first]


@pytest.mark.slow
def test_all_links_anchors_and_pictures_of_the_site_are_there(site):
    assert broken_links(site) == []


@pytest.mark.slow
def test_no_page_loads_anything_from_another_machine(site):
    assert loaded_from_elsewhere(site) == []
    styles = "\n".join(path.read_text("utf-8") for path in site.rglob("*.css"))
    assert not re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//[^)]*", styles)


@pytest.mark.slow
def test_the_api_page_shows_what_each_function_takes_returns_and_raises(site):
    page = (site / "api.html").read_text("utf-8")
    described = re.search(r'id="helpers.losses.mse".*?</dd>\s*</dl>', page, re.DOTALL).group(0)
    text = re.sub(r"<[^>]+>", "", described)
    said = " ".join(html.unescape(text).split())
    assert "Parameters: target, prediction – arrays (or lists) of one shape, any shape." in said
    assert "Returns: One number." in said
    assert "Raises: ValueError – if the two shapes differ" in said


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("name", ["index", "explorers", "api", "zero_install"])
def test_axe_finds_nothing_serious_on_a_page(site, new_page, name):
    page, asked = new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / f"{name}.html").as_uri())
    found = Axe().run(page).response
    assert [address for address in asked if not address.startswith(("file:", "data:"))] == []
    assert len(found["passes"]) > 10
    serious = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in serious] == []


def test_the_checker_of_links_finds_what_is_broken(tmp_path):
    (tmp_path / "a.html").write_text(
        '<a href="b.html">b</a><a href="b.html#there">b</a><a href="#nowhere">x</a><a href="c.html">c</a>'
        '<img src="no.png"><script src="https://elsewhere.example/x.js"></script><a href="https://other.example">o</a>'
    )
    (tmp_path / "b.html").write_text('<p id="there">b</p><a href="a.html#gone">a</a>')
    assert broken_links(tmp_path) == [
        ("a.html", "#nowhere"),
        ("a.html", "c.html"),
        ("a.html", "no.png"),
        ("b.html", "a.html#gone"),
    ]
    assert loaded_from_elsewhere(tmp_path) == [("a.html", "https://elsewhere.example/x.js")]


# Documents and code in step

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_to_files_lead_to_files(document):
    links = re.findall(
        r"(?<!\!)\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)|!\[[^\]]*\]\(([^)\s]+)\)", document.read_text("utf-8")
    )
    addresses = [address for pair in links for address in pair if address and "://" not in address]
    assert not [address for address in addresses if not (document.parent / address).exists()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_that_is_named_exists(document):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert len(targets) > 10
    text = document.read_text("utf-8")
    named = set(re.findall(r"`make ([a-z-]+)", text)) | set(re.findall(r"^make ([a-z-]+)", text, re.MULTILINE))
    assert named <= targets, named - targets


def test_every_file_of_the_autograder_is_named_in_the_design():
    files = {path.name for path in (ROOT / "autograder").glob("*.py")} - {"__init__.py"}
    folders = {f"{path.parent.name}/" for path in (ROOT / "autograder").glob("*/__init__.py")}
    design = (DOCS / "design.md").read_text("utf-8")
    assert len(files) + len(folders) > 20
    assert not sorted(name for name in files | folders if f"`{name}`" not in design)


def rooms():
    """The rows of the design's table: each a list of module names ("rebuild", "mistakes")."""
    rows = re.findall(r"^\|[^|]+\| (`[^|]+`) \|$", (DOCS / "design.md").read_text("utf-8"), re.MULTILINE)
    return [[name.removesuffix(".py").rstrip("/") for name in re.findall(r"`([^`]+)`", row)] for row in rows]


def imported(path):
    """The parts of autograder that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "autograder":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("autograder."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("autograder.")}
    return found


def test_each_room_imports_only_from_its_own_row_and_those_above():
    above, wrong = set(), []
    assert sum(map(len, rooms())) > 20
    for row in rooms():
        above |= set(row)
        for name in row:
            place = ROOT / "autograder" / name
            files = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
            wrong += [(name, other) for file in files for other in sorted(imported(file) - above)]
    assert not wrong


def test_every_file_that_the_design_names_exists():
    named = set(re.findall(r"`([a-z_]+\.py)`", (DOCS / "design.md").read_text("utf-8")))
    known = {path.name for folder in ("autograder", "helpers") for path in (ROOT / folder).rglob("*.py")}
    assert not named - known - {"nbgrader_config.py"}


def test_the_page_of_the_explorers_is_made_from_their_records():
    page = (DOCS / "explorers.md").read_text("utf-8")
    shown = re.findall(r"^## (.+)\n\n`(.+)`\n\n```\{figure\} pictures/(\w+)\.png$", page, re.MULTILINE)
    assert shown == [(each.title, each.call(each.shown), each.name) for each in EXPLORERS], "`make pictures` writes it"


def test_every_public_file_of_helpers_is_on_the_api_page():
    named = set(re.findall(r"automodule:: helpers\.(\w+)", (DOCS / "api.md").read_text("utf-8")))
    inside = {"comparing", "facts", "fresh_run", "palette"}  # used by the others, not imported by students
    files = {path.stem for path in (ROOT / "helpers").glob("*.py")} - {"__init__"}
    files |= {path.parent.name for path in (ROOT / "helpers").glob("*/__init__.py")} - {"playground"}
    assert files - inside <= named
