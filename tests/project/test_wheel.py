"""The package as others install it: built as a wheel and put into an environment of its own, where there is no checkout.

What students could read there is the danger: Python's folder is shown to their code, and the package lies in it.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import nbformat
import pytest

from tests.support.courses import ROOT, make_course
from tests.support.tiny_course import gradebook_of

pytestmark = pytest.mark.slow
PACKAGES = ("autograder", "helpers")
# A cell of a student's that looks through Python's own folders for what the course must keep to itself.
SPY = """
import pathlib, sys
found = [str(path) for folder in {sys.prefix, sys.base_prefix, *filter(None, sys.path)}
         for path in pathlib.Path(folder).rglob("*.py") if {"autograder", "mistakes"} & set(path.parts)]
print("places with something of the course:", len(found), found[:3])
try:
    import autograder.mistakes
    print("imported")
except ImportError:
    print("not imported")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy of what it is made of."""
    copy, target = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("wheel")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-lessons.md"):
        shutil.copy(ROOT / name, copy)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    made = subprocess.run([*command, "-w", str(target), str(copy)], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    (path,) = target.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The Python of a new environment with the wheel, and all that it needs, in it."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    ours, theirs = (
        Path(sysconfig.get_path("purelib", vars={"base": base, "platbase": base})) for base in (sys.prefix, str(folder))
    )
    not_ours = shutil.ignore_patterns("__editable__*", "nn_course_lab*", "tests")
    shutil.copytree(ours, theirs, copy_function=link_or_copy, ignore=not_ours, dirs_exist_ok=True)
    python = folder / "bin" / "python"
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--quiet",
        "--offline",
        "--no-deps",
        "--python",
        str(python),
    ]
    subprocess.run([*command, str(wheel)], check=True)
    alembic = python.with_name("alembic")  # nbgrader calls this command, whose copy would be for our own Python
    alembic.write_text(f"#!{python}\nfrom alembic.config import main\nmain()\n")
    alembic.chmod(0o755)
    return python


def link_or_copy(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def test_every_file_of_the_packages_is_in_the_wheel(wheel):
    files = {
        path.relative_to(ROOT).as_posix()
        for name in PACKAGES
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    assert len(files) > 100
    assert files - set(zipfile.ZipFile(wheel).namelist()) == set()


@pytest.mark.sandbox
def test_an_installed_autograder_grades_and_shows_students_nothing_of_itself(installed, tmp_path):
    course = make_course(tmp_path / "course", ["01_mse"], ["all-right"])
    path = course / "submitted" / "all-right" / "01_mse" / "01_mse.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(1, nbformat.v4.new_code_cell(SPY, id="spy"))
    nbformat.write(notebook, path)

    command = [str(installed.with_name("autograder")), "--course", str(course), "grade"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr

    scores = {cell: score for student, cell, score, *_ in gradebook_of(course)[0] if student == "all-right"}
    assert scores == {"test_squared_errors": 4, "test_mse": 6, "test_mse_gradient": 6, "why_square": None}
    graded = nbformat.read(course / "autograded" / "all-right" / "01_mse" / "01_mse.ipynb", as_version=4)
    (spy,) = [cell for cell in graded.cells if cell.source.strip() == SPY.strip()]
    said = "".join(output.get("text", "") for output in spy.outputs)
    assert said == "places with something of the course: 0 []\nnot imported\n"
    assert "all-right" in (course / "marks.csv").read_text("utf-8")
    assert list((course / "feedback" / "all-right" / "01_mse").glob("*.html"))
