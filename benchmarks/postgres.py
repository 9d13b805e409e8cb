"""A PostgreSQL server for a while: its own folder, a free port on the loopback, gone afterwards."""

import contextlib
import getpass
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path


class NoServer(Exception):
    """PostgreSQL cannot be had here; the message says why."""


@contextlib.contextmanager
def server():
    """Start a server, yield the address of an empty database, stop it. Raises NoServer."""
    try:
        import psycopg2  # noqa: F401
    except ImportError:
        raise NoServer("psycopg2 is not installed") from None
    programs = _programs()
    user = _ordinary_user()
    with tempfile.TemporaryDirectory(prefix="bench-postgres-") as folder:
        if os.getuid() == 0:
            shutil.chown(folder, user)
        data, log = f"{folder}/data", f"{folder}/log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        who = {"user": user, "extra_groups": []} if os.getuid() == 0 else {}
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        _call([programs / "initdb", "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8"], folder, who)
        _call([programs / "pg_ctl", "-D", data, "-l", log, "-w", "-t", "120", "-o", options, "start"], folder, who)
        try:
            yield f"postgresql+psycopg2://bench@127.0.0.1:{port}/postgres"
        finally:
            _call([programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], folder, who)


def _programs():
    """The folder of the server's programs: Debian keeps them off PATH. Raises NoServer."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not places:
        raise NoServer("the server is not installed; Debian's package is postgresql")
    return places[-1]


def _ordinary_user():
    """Who runs the server: PostgreSQL refuses to be root."""
    if os.getuid():
        return getpass.getuser()
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise NoServer("there is no ordinary user to run it")


def _call(command, folder, who):
    command = [str(part) for part in command]
    done = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **who
    )
    if done.returncode:
        raise NoServer(f"{Path(command[0]).name} failed: {done.stdout.decode('utf-8', 'replace').strip()[-500:]}")
