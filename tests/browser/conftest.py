"""JupyterLab and Chromium for tests: a fresh user's state, a free port, nothing of this machine's settings.

`lab` is the server, once per session. `open_notebook` opens a notebook with given cells in a new page, waits for the
kernel, runs all cells and returns the page; afterwards its kernel is shut down. A failed test leaves a screenshot in
build/screenshots.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
SCREENSHOTS = ROOT / "build" / "screenshots"
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
START = 90  # seconds that a server or kernel may take to start on a busy machine


class Lab:
    """A running JupyterLab with its own folder, settings and data."""

    def __init__(self, home):
        self.home, self.notebooks = home, home / "notebooks"
        self.notebooks.mkdir(parents=True)
        self.url = f"http://127.0.0.1:{_free_port()}"
        self.log = open(home / "lab.log", "w")  # noqa: SIM115 (closed in stop)
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1"),
                f"--port={self.url.rsplit(':')[-1]}",
                *(
                    "--ServerApp.port_retries=0",
                    "--IdentityProvider.token=",
                    "--ServerApp.disable_check_xsrf=True",
                    "--ServerApp.password=",
                ),
                *(
                    "--LabApp.expose_app_in_browser=True",
                    "--LabApp.news_url=None",
                    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
                ),
                f"--ServerApp.root_dir={self.notebooks}",
            ],
            env=_environment(home),
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._await_answer()

    def kernels(self):
        with urllib.request.urlopen(f"{self.url}/api/kernels", timeout=10) as answer:
            return json.load(answer)

    def shut_kernels_down(self):
        for kernel in self.kernels():
            request = urllib.request.Request(f"{self.url}/api/kernels/{kernel['id']}", method="DELETE")
            urllib.request.urlopen(request, timeout=30).close()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()

    def _await_answer(self):
        end = time.monotonic() + START
        while time.monotonic() < end:
            try:
                self.kernels()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.2)
        self.stop()
        raise RuntimeError("JupyterLab did not start:\n" + (self.home / "lab.log").read_text()[-3000:])


def _free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _environment(home):
    """This environment, but with Jupyter's, IPython's and matplotlib's own folders fresh, and no announcements."""
    settings = home / "config" / "labconfig"
    settings.mkdir(parents=True)
    disabled = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (settings / "page_config.json").write_text(json.dumps(disabled))
    names = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "lab-settings",
        "JUPYTERLAB_WORKSPACES_DIR": "lab-workspaces",
        "IPYTHONDIR": "ipython",
    }
    for folder in names.values():
        (home / folder).mkdir(parents=True, exist_ok=True)
    python = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, **{name: str(home / folder) for name, folder in names.items()}, "PYTHONPATH": python}


def write_notebook(path, cells):
    """A notebook of code cells, without outputs."""
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    nb.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nb, path)


def open_and_run(page, lab, path):
    """Open a notebook of the lab's folder in a page, wait until its kernel really answers, and run all cells."""
    page.goto(f"{lab.url}/lab/tree/{path.relative_to(lab.notebooks)}?reset", wait_until="domcontentloaded")
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
def open_notebook(lab, chromium, request):
    """A function of a name and cells (or of a notebook's path) that returns a page with the notebook running."""
    contexts = []

    def open_(name, cells, width=1500, height=1000):
        path = lab.notebooks / f"{name}.ipynb"
        if isinstance(cells, Path):
            shutil.copy(cells, path)
        else:
            write_notebook(path, cells)
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}))
        page = contexts[-1].new_page()
        open_and_run(page, lab, path)
        return page

    yield open_
    failed = getattr(request.node, "call_report", None) is not None and request.node.call_report.failed
    for context in contexts:
        if failed:
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            context.pages[0].screenshot(path=SCREENSHOTS / f"{request.node.name.replace('/', '_')}.png")
        context.close()
    lab.shut_kernels_down()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.call_report = report
    return report
