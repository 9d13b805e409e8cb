"""JupyterLab and Chromium for tests (the servers themselves are in servers.py).

`lab` is the server, once per session. `new_page` opens an empty page in a window of its own. `open_notebook` opens a
notebook with given cells in a new page, waits for the kernel, runs all cells and returns the page; afterwards its
kernel is shut down. A failed test leaves a screenshot in build/screenshots.
"""

import shutil
from pathlib import Path

import nbformat
import pytest
from servers import ROOT, START, Lab

CHROMIUM = Path("/usr/bin/chromium")
SCREENSHOTS = ROOT / "build" / "screenshots"
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


def write_notebook(path, cells):
    """A notebook of code cells, without outputs."""
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    nb.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nb, path)


def open_and_run(page, server, path):
    """Open a notebook of the server's folder in a page, wait until its kernel really answers, and run all cells."""
    page.goto(server.page(path), wait_until="domcontentloaded")
    page.wait_for_selector(".jp-NotebookPanel .jp-Notebook", timeout=1000 * START)
    page.evaluate(  # a run before the kernel is ready would be dropped without a word
        """async () => {
            while (!window.jupyterapp?.shell?.currentWidget?.sessionContext)
                await new Promise(resolve => setTimeout(resolve, 50));
            const session = window.jupyterapp.shell.currentWidget.sessionContext;
            await session.ready;
            await session.session.kernel.info;
            await window.jupyterapp.commands.execute('notebook:run-all-cells');
        }"""
    )


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.stop()


@pytest.fixture(scope="session")
def chromium():
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium, request):
    """A function that opens an empty page; options: those of Playwright's new_context, such as color_scheme."""
    contexts = []

    def new(width=1500, height=1000, **options):
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, **options))
        return contexts[-1].new_page()

    yield new
    failed = getattr(request.node, "call_report", None) is not None and request.node.call_report.failed
    for context in contexts:
        if failed and context.pages:
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            context.pages[0].screenshot(path=SCREENSHOTS / f"{request.node.name.replace('/', '_')}.png")
        context.close()


@pytest.fixture
def tidy_lab(lab):
    """The lab, whose kernels are shut down when the test is over and its pages are closed."""
    yield lab
    lab.shut_kernels_down()


@pytest.fixture
def open_notebook(tidy_lab, new_page):
    """A function of a name and cells (or of a notebook's path) that returns a page with the notebook running."""

    def open_(name, cells, **size):
        path = tidy_lab.notebooks / f"{name}.ipynb"
        if isinstance(cells, Path):
            shutil.copy(cells, path)
        else:
            write_notebook(path, cells)
        page = new_page(**size)
        open_and_run(page, tidy_lab, path)
        return page

    return open_


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.call_report = report
    return report
