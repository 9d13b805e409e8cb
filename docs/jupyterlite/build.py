"""Build the JupyterLite site: `make site`.

    python docs/jupyterlite/build.py --python build/site-venv/bin/python build/site

What goes in: the lessons (`lessons/`), `helpers/` and `playground.ipynb`, and the wheels of the widgets, which Pyodide
does not have. Each notebook gets one cell more, before its first: it fetches the packages. Pyodide itself
the page loads from its own server, in the version that the kernel asks for.
"""

import argparse
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
WHEELS = ("anywidget", "psygnal", "ipywidgets", "jupyterlab-widgets", "comm")  # pure Python, and not in Pyodide
FETCH = "%pip install -q numpy matplotlib pillow ipywidgets anywidget"
FETCH_ID = "fetch-packages"
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "jupyter", "__main__.py")


def contents(folder):
    """Copy what the site shows into `folder`: lessons/, helpers/, playground.ipynb."""
    shutil.copytree(ROOT / "helpers", folder / "helpers", ignore=LEFT_OUT)
    (folder / "lessons").mkdir()
    for lesson in sorted((ROOT / "notebooks").glob("*.ipynb")):
        _write(folder / "lessons" / lesson.name, with_packages(json.loads(lesson.read_text("utf-8"))))
    playground = folder / "helpers" / "playground" / "playground.ipynb"
    _write(folder / playground.name, with_packages(json.loads(playground.read_text("utf-8"))))
    playground.unlink()


def with_packages(notebook):
    """The notebook (as JSON) with a cell that fetches the packages, before its first code cell."""
    cells = notebook["cells"]
    first = next(index for index, cell in enumerate(cells) if cell["cell_type"] == "code")
    fetch = {
        "cell_type": "code",
        "id": FETCH_ID,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": FETCH,
    }
    return {**notebook, "cells": [*cells[:first], fetch, *cells[first:]]}


def _write(path, notebook):
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", "utf-8")


def locked_wheels(folder, python):
    """Download the wheels of WHEELS in the locked versions, checked by their hashes. Returns their paths."""
    blocks = re.split(r"\n(?=[a-z0-9])", (HERE / "requirements.lock").read_text("utf-8"))
    wanted = [block for block in blocks if block.split("==")[0] in WHEELS]
    requirements = folder / "wheels.txt"
    requirements.write_text("\n".join(wanted) + "\n", "utf-8")
    command = [
        python,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary=:all:",
    ]
    kind = ["--implementation", "py", "--abi", "none", "--platform", "any", "--require-hashes"]
    subprocess.run([*command, *kind, "--dest", folder / "wheels", "-r", requirements], check=True)
    wheels = sorted((folder / "wheels").glob("*.whl"))
    if len(wheels) != len(WHEELS):
        raise SystemExit(f"The lock should give {len(WHEELS)} wheels for {', '.join(WHEELS)}, and gave {len(wheels)}.")
    return wheels


def build(output, python):
    """Build the site into the folder `output` (made anew) with the Python of the site's environment."""
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        lite = scratch / "lite"
        (lite / "files").mkdir(parents=True)
        contents(lite / "files")
        command = [python, "-m", "jupyter", "lite", "build", "--lite-dir", lite, "--contents", lite / "files"]
        for wheel in locked_wheels(scratch, python):
            command.append(f"--piplite-wheels={wheel}")
        made = scratch / "site"
        run = subprocess.run([*command, "--output-dir", made], cwd=lite, capture_output=True, text=True)
        if run.returncode:
            raise SystemExit(f"jupyter lite build failed:\n{run.stdout[-2000:]}\n{run.stderr[-2000:]}")
        shutil.rmtree(output, ignore_errors=True)
        output.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(made, output)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("--python", type=Path, required=True, help="of the environment with jupyterlite-core")
    arguments = parser.parse_args()
    build(arguments.output.resolve(), arguments.python.absolute())
    print(f"{arguments.output}: serve it with python3 -m http.server --directory {arguments.output} 8000")


if __name__ == "__main__":
    main()
