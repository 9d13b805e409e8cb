"""dist/lab03-student.zip: all that students need, and nothing that they must not have."""

import io
import re
import subprocess
import sys
import venv
import zipfile

import nbformat
import pytest

from autograder.authoring.release import bundle_files, write_bundle
from autograder.course.catalogue import mistakes_of
from autograder.course.settings import Course
from tests.support.courses import ROOT
from tests.support.hidden_cells import hidden_text


@pytest.fixture(scope="module")
def files():
    return bundle_files(Course.here(ROOT))


def test_the_bundle_has_lessons_assignments_helpers_and_instructions(files):
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        assert files[f"lessons/{path.name}"] == path.read_bytes()
    for path in sorted((ROOT / "release").glob("*/*.ipynb")):
        assert files[f"assignments/{path.stem}/{path.name}"] == path.read_bytes()
    assert {"README.md", "environment.yml", "pyproject.toml", "helpers/network.py", "helpers/live/live.js"} <= set(
        files
    )


def test_the_bundle_holds_no_solution_no_hidden_question_and_no_autograder(files):
    assert not [place for place in files if re.search(r"autograder|source|nbgrader_config|gradebook|test", place)]
    text = "\n".join(content.decode("utf-8", "replace") for content in files.values())
    assert not re.search(r"BEGIN SOLUTION|BEGIN HIDDEN TESTS|course_seed|change me each term", text)
    cells = [
        cell.source
        for place, content in files.items()
        if place.endswith(".ipynb")
        for cell in nbformat.reads(content.decode(), as_version=4).cells
    ]
    lines = {line.strip() for part in [*cells, text] for line in part.split("\n")}
    for path in sorted((ROOT / "source").glob("*/*.ipynb")):
        hidden = {line for line in hidden_text(nbformat.read(path, as_version=4)) if len(line) > 30}
        assert hidden and not hidden & lines
    assert not [source for source in cells if re.search(r"^ask\(|helpers\.questions", source, re.MULTILINE)]
    hints = [mistake.hint.split("\n")[0] for mistake in mistakes_of(ROOT)]
    assert hints and not [hint for hint in hints if hint in text]


def test_the_bundle_is_the_same_file_whenever_it_is_made(tmp_path):
    course = Course.here(ROOT)
    course.root, root = tmp_path, course.root
    for name in ("helpers", "notebooks", "release", "source", "pyproject.toml", "environment.yml"):
        (tmp_path / name).symlink_to(root / name)
    course.directory.root = str(tmp_path)
    first = write_bundle(course).read_bytes()
    assert write_bundle(course).read_bytes() == first
    assert zipfile.ZipFile(io.BytesIO(first)).testzip() is None


@pytest.mark.slow
def test_the_unpacked_bundle_can_be_installed_and_a_lesson_runs(tmp_path, files):
    """In an environment of its own, which borrows only the third-party packages of this one."""
    folder = tmp_path / "lab03-student"
    for place, content in files.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_bytes(content)
    venv.create(tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    site = next((tmp_path / "venv" / "lib").glob("python*/site-packages"))
    borrowed = next(path for path in map(str, sys.path) if path.endswith("site-packages"))
    (site / "borrowed.pth").write_text(f"{borrowed}\n")  # a plain path: editable installs there are not followed
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            python,
            "install",
            "-q",
            "--no-deps",
            "--no-build-isolation",
            "-e",
            folder,
        ],
        check=True,
        timeout=300,
    )
    script = (
        "import helpers, nbformat; from nbclient import NotebookClient; "
        f"assert helpers.__file__.startswith({str(folder)!r}), helpers.__file__; "
        "nb = nbformat.read('lessons/01_mse.ipynb', as_version=4); "
        "NotebookClient(nb, timeout=300, resources={'metadata': {'path': 'lessons'}}).execute(); "
        "print(nb.cells[[c.cell_type for c in nb.cells].index('code')].outputs[0]['text'])"
    )
    run = subprocess.run([python, "-c", script], cwd=folder, capture_output=True, text=True, timeout=600)
    assert run.returncode == 0, run.stderr[-3000:]
    assert "Everything is here." in run.stdout
