"""The JupyterLite site: what is in it, and that it starts and opens a lesson in a real browser without a network.

Python in the page (Pyodide, numpy, matplotlib) comes from Pyodide's own server, so no cell is run here.
"""

import json
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from packaging.requirements import Requirement
from playwright.sync_api import expect

from helpers.environment import PACKAGES
from tests.support.lessons import LESSONS, lesson
from tests.support.servers import ROOT

pytestmark = pytest.mark.slow

LOCK = ROOT / "docs" / "jupyterlite" / "requirements.lock"
PYODIDES_SERVER = "cdn.jsdelivr.net"
LOCKED = dict(
    line.split()[0].split("==") for line in LOCK.read_text("utf-8").splitlines() if "==" in line.split(";")[0]
)


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """The Python of the site's environment: that of `make site` where it is up to date, otherwise one made here."""
    made = ROOT / "build" / "site-venv"
    ready = made / ".ready"
    if ready.exists() and ready.stat().st_mtime >= LOCK.stat().st_mtime:
        return made / "bin" / "python"
    folder = tmp_path_factory.mktemp("site-venv")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", LOCK], check=True)
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def site(python, tmp_path_factory):
    """The folder of the site, in a place with a space and an accent."""
    folder = tmp_path_factory.mktemp("a site") / "été"
    build = ROOT / "docs" / "jupyterlite" / "build.py"
    run = subprocess.run([sys.executable, build, "--python", python, folder], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return folder


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


@pytest.fixture(scope="module")
def address(site):
    """Where the site is served on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_the_site_has_the_lessons_with_one_cell_more_and_nothing_of_the_instructors(site):
    files = site / "files"
    assert sorted(path.name for path in files.iterdir()) == ["helpers", "lessons", "playground.ipynb"]
    assert sorted(path.stem for path in (files / "lessons").iterdir()) == sorted(LESSONS)
    for name in LESSONS:
        cells = json.loads((files / "lessons" / f"{name}.ipynb").read_text("utf-8"))["cells"]
        first = next(index for index, cell in enumerate(cells) if cell["cell_type"] == "code")
        assert cells[first]["id"] == "fetch-packages" and cells[first + 1]["id"] == "environment-check"
        assert [cell["id"] for cell in cells if cell["id"] != "fetch-packages"] == [
            cell.id for cell in lesson(name).cells
        ]
    for needed in (
        "environment.py",
        "live/live.js",
        "live/live.css",
        "course.mplstyle",
        "explorers/mse.py",
        "playground/__init__.py",
    ):
        assert (files / "helpers" / needed).read_bytes() == (ROOT / "helpers" / needed).read_bytes()


def test_the_site_serves_the_widgets_wheels_in_the_locked_versions_that_the_lessons_accept(site):
    offered = json.loads((site / "pypi" / "all.json").read_text("utf-8"))
    assert offered.keys() == {"anywidget", "psygnal", "ipywidgets", "jupyterlab-widgets", "comm"}
    for name, described in offered.items():
        ((version, (wheel,)),) = described["releases"].items()
        assert version == LOCKED[name] and (site / "pypi" / wheel["filename"]).is_file()
    for name in ("ipywidgets", "anywidget"):
        least = ".".join(map(str, PACKAGES[name][0]))
        assert Requirement(f"{name}>={least}").specifier.contains(LOCKED[name])


@pytest.mark.browser
def test_the_site_starts_lists_the_lessons_and_opens_one_without_a_network(address, new_page):
    page, elsewhere = new_page(), set()

    def only_here(route):
        host = urlsplit(route.request.url).hostname
        if host in ("127.0.0.1", None):
            return route.continue_()
        elsewhere.add(host)
        return route.abort()

    page.context.route("**/*", only_here)
    page.goto(f"{address}/lab/index.html?path=lessons/01_mse.ipynb", wait_until="domcontentloaded")
    opened = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    expect(opened.get_by_role("heading", name="How wrong is it?").first).to_be_visible(timeout=60_000)
    expect(opened.locator(".jp-CodeCell").first).to_contain_text("%pip install -q numpy", timeout=30_000)
    for name in LESSONS:
        expect(page.locator(".jp-DirListing-itemText", has_text=f"{name}.ipynb")).to_be_visible(timeout=30_000)
    assert elsewhere <= {PYODIDES_SERVER}
