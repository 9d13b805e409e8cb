"""Serve the playground on this computer and open it in the browser: `python -m helpers.playground`, or `make play`.

    --no-browser   only say where it is
    --port 8866    where to serve it; without this, 8866 or the next port that is free

Ctrl-C ends it. Each visitor has a Python process of their own; it ends when the page is closed, or ten minutes after
the connection is lost. One more is kept warm, so that the page is there at once.

Lesson: 01_mse, "One number for how wrong".
"""

import argparse
import asyncio
import importlib.util
import os
import socket
import sys
from pathlib import Path

from traitlets.config import Config

from helpers.environment import how_to_mend

HERE = Path(__file__).resolve().parent
NOTEBOOK = HERE / "playground.ipynb"
PORT = 8866
IDLE = 600  # seconds after which a process that nobody is connected to is ended
WARM_AGAIN = 2  # seconds before the next process is warmed, so that it does not slow down the page just opened
EXTENSIONS = ["@voila-dashboards/widgets-manager8", "@jupyter-widgets/jupyterlab-manager", "anywidget"]  # no others


def main(argv=None):
    """Serve until Ctrl-C. argv: the options as a list of strings. Returns the exit status: 2 if it cannot start."""
    options = _options(argv)
    if importlib.util.find_spec("voila") is None:
        print(f"The package voila is not installed. {how_to_mend()}", file=sys.stderr)
        return 2
    if options.port is not None and not _is_free(options.port):
        why = "is in use" if options.port >= 1024 else "is in use, or only for administrators"
        print(f"Port {options.port} {why}: name another with --port, or leave --port out.", file=sys.stderr)
        return 2
    port = options.port or next(filter(_is_free, range(PORT, PORT + 1000)))
    _prepend("JUPYTER_PATH", HERE / "jupyter")  # where Voilà finds the page's template
    _prepend("PYTHONPATH", HERE.parents[1])  # where the visitors' processes find the helpers
    _server().launch_instance([str(NOTEBOOK)], config=Config(_settings(port, open_browser=options.browser)))
    print("\nThe playground is closed.")
    return 0


def _options(argv):
    parser = argparse.ArgumentParser(prog="python -m helpers.playground", description="Serve the explorers as a page.")
    parser.add_argument("--no-browser", dest="browser", action="store_false", help="only say where the page is")
    parser.add_argument("--port", type=_port, help=f"where to serve it (default: {PORT}, or the next free one)")
    return parser.parse_args(argv)


def _port(text):
    """A port's number. argparse reports what is none."""
    if not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port: ports go from 1 to 65535")
    return int(text)


def _is_free(port):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _prepend(variable, folder):
    os.environ[variable] = os.pathsep.join(filter(None, [str(folder), os.environ.get(variable)]))


def _settings(port, open_browser):
    """Voilà's settings, by the names that Voilà has for them."""
    return {
        "Voila": {
            "ip": "127.0.0.1",
            "port": port,
            "port_retries": 0,
            "open_browser": open_browser,
            "log_level": "ERROR",
        },
        "VoilaConfiguration": {
            "template": "playground",
            "allow_template_override": "NO",
            "allow_theme_override": "NO",
            "extension_allowlist": EXTENSIONS,
            "preheat_kernel": True,
            "default_pool_size": 1,
        },
        "VoilaKernelManager": {"fill_delay": WARM_AGAIN},
        "MappingKernelManager": {"cull_idle_timeout": IDLE, "cull_interval": 60, "cull_connected": False},
        "MultiKernelManager": {"kernel_manager_class": "helpers.playground.process.VisitorsProcess"},
    }


def _server():
    """Voilà's application, imported here because that takes a second."""
    from tornado.ioloop import IOLoop
    from voila.app import Voila

    class Playground(Voila):
        """Voilà, which says in one line where it is and opens the browser when the first visitor can be served."""

        def init_handlers(self):
            IOLoop.current().spawn_callback(self._welcome)
            return super().init_handlers()

        async def _welcome(self):
            while not self.kernel_manager.notebook_data:  # no process has been started yet
                await asyncio.sleep(0.05)
            print(f"The playground is open at {self.display_url} (Ctrl-C ends it).", flush=True)
            if self.open_browser:
                super().launch_browser()

        def launch_browser(self):
            """Not yet: see _welcome."""

    return Playground


if __name__ == "__main__":
    sys.exit(main())
