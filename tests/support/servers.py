"""The servers that the browser tests open pages of: a fresh user's state, a free port, nothing of this machine's settings.

lab = Lab(tmp_path)
...                 # open lab.page(path) in a browser
lab.stop()
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from tests.support.courses import ROOT

START = 90  # seconds that a server or kernel may take to start on a busy machine
STOP = 15  # seconds that a server may take to end
OPEN_TO_TESTS = (  # what a page on this computer may ask of the server: everything
    "--ServerApp.port_retries=0",
    "--IdentityProvider.token=",
    "--ServerApp.disable_check_xsrf=True",
    "--ServerApp.password=",
)


class Server:
    """A running server with its own folder, settings and data. Raises RuntimeError, with its log, if it does not start."""

    answers = "/api/kernels"  # what it answers to as soon as it runs
    started_in = ROOT

    def __init__(self, home):
        self.home, self.notebooks = home, home / "notebooks"
        self.notebooks.mkdir(parents=True)
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = open(home / "server.log", "w")  # noqa: SIM115 (closed in stop)
        self.process = subprocess.Popen(
            [sys.executable, *self.command(port)],
            env=_environment(home),
            cwd=self.started_in,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._await_answer()

    def command(self, port):
        """The arguments that Python is started with."""
        raise NotImplementedError

    def page(self, path):
        """The address of a notebook in the server's folder."""
        raise NotImplementedError

    def kernels(self):
        with urllib.request.urlopen(f"{self.url}/api/kernels", timeout=10) as answer:
            return json.load(answer)

    def has_kernel(self, kernel):
        """Is there a kernel with this id?"""
        try:
            urllib.request.urlopen(f"{self.url}/api/kernels/{kernel}", timeout=10).close()
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return False
        return True

    def shut_kernels_down(self):
        for kernel in self.kernels():
            request = urllib.request.Request(f"{self.url}/api/kernels/{kernel['id']}", method="DELETE")
            urllib.request.urlopen(request, timeout=30).close()

    def stop(self, how=signal.SIGTERM):
        """End it, and return its exit status."""
        self.process.send_signal(how)
        try:
            self.process.wait(STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()
        return self.process.wait()

    def said(self):
        """What it has written to the terminal."""
        return (self.home / "server.log").read_text()

    def _await_answer(self):
        end = time.monotonic() + START
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(self.url + self.answers, timeout=10).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.2)
        self.stop()
        raise RuntimeError(f"{type(self).__name__} did not start:\n{self.said()[-3000:]}")


class Lab(Server):
    """JupyterLab."""

    def command(self, port):
        return (
            *("-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"),
            *OPEN_TO_TESTS,
            "--LabApp.expose_app_in_browser=True",
            "--LabApp.news_url=None",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            f"--ServerApp.root_dir={self.notebooks}",
        )

    def page(self, path):
        return f"{self.url}/lab/tree/{path.relative_to(self.notebooks)}?reset"


class Notebook7(Server):
    """Jupyter Notebook 7."""

    def command(self, port):
        return (
            *("-m", "jupyter", "notebook", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"),
            *OPEN_TO_TESTS,
            "--JupyterNotebookApp.expose_app_in_browser=True",
            "--LabApp.news_url=None",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            f"--ServerApp.root_dir={self.notebooks}",
        )

    def page(self, path):
        return f"{self.url}/notebooks/{path.relative_to(self.notebooks)}"


class Voila(Server):
    """Voilà, on a folder of notebooks."""

    answers = "/voila/static/voila.js"

    def command(self, port):
        return ("-m", "voila", str(self.notebooks), "--no-browser", "--Voila.ip=127.0.0.1", f"--port={port}")

    def page(self, path):
        return f"{self.url}/voila/render/{path.relative_to(self.notebooks)}"


class Playground(Server):
    """The playground, as `make play` serves it."""

    answers = Voila.answers

    def command(self, port):
        return ("-m", "helpers.playground", "--no-browser", f"--port={port}")


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
