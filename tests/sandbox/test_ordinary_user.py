"""The sandbox for a user without any rights of root: the sandbox's own tests, run once more as such a user.

Where the tests run as root, they are started as the user nobody. What of this installation lies in a folder that only
root may enter is shown to that user at the same place, by bubblewrap again.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox.wall import find_bubblewrap, python_folders
from tests.support.courses import ROOT

NOBODY = 65534
BECOME = "import os, sys; os.setgroups([]); os.setgid({0}); os.setuid({0}); os.execv(sys.argv[1], sys.argv[1:])"
CHOSEN = (
    "(nobody_on_a_read_only or can_be_seen or nothing_of_the_course or looked_into or withheld or stand_in_for "
    "or whose_output_is_shown or as_it_was_at_its_cell or passes_from_one or processor_time or own_namespace "
    "or everybody or bomb or daemon or deaf or emptied or limits_of)"
)


def as_user(command, home, number=NOBODY):
    """The command that runs `command` as the user `number`, from root. home: a folder that is to be reachable."""
    drop = [os.path.abspath(sys.executable), "-I", "-c", BECOME.format(number), *command]
    closed = {}
    for folder in [str(ROOT), str(home), *python_folders()]:
        shut = next((p for p in reversed(Path(folder).parents) if not p.stat().st_mode & 0o001), None)
        if shut is not None:
            closed.setdefault(str(shut), []).append(folder)
    shown = []
    for shut, folders in closed.items():
        shown += ["--perms", "0755", "--tmpfs", shut]
        for folder in folders:
            for parent in reversed(Path(folder).relative_to(shut).parents[:-1]):
                shown += ["--perms", "0755", "--dir", f"{shut}/{parent}"]
            shown += ["--bind", folder, folder]
    return [find_bubblewrap(), "--dev-bind", "/", "/", *shown, "--", *drop]


@pytest.mark.slow
@pytest.mark.sandbox
def test_the_sandbox_holds_for_an_ordinary_user_too(tmp_path):
    if os.getuid() != 0:
        return  # then the other tests are run by an ordinary user already
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o777)
    command = [
        os.path.abspath(sys.executable),
        "-B",
        "-m",
        "pytest",
        "tests/sandbox/test_sandbox.py",
        "-q",
        "-p",
        "no:cacheprovider",
    ]
    command += ["--basetemp", str(home / "tests"), "-k", CHOSEN]
    environment = {**os.environ, "HOME": str(home), "TMPDIR": str(home), "MPLCONFIGDIR": str(home / "matplotlib")}
    done = subprocess.run(as_user(command, home), cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout and "skipped" not in done.stdout
