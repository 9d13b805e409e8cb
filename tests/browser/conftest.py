"""JupyterLab for tests (the servers themselves are in servers.py, the browser in ../conftest.py).

`lab` is the server, once per session. `open_notebook` opens a notebook with given cells in a new page, waits for the
kernel, runs all cells and returns the page; afterwards its kernel is shut down.
"""

import shutil
from pathlib import Path

import pytest

from tests.support.opening import open_and_run, write_notebook
from tests.support.servers import Lab


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.stop()


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
