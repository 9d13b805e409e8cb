"""How a notebook is written for a server of servers.py, opened in a page, and run when its kernel is ready."""

import nbformat

from tests.support.servers import START


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
