"""The notebooks themselves: clean, readable, in step with what points at them, and running from top to bottom."""

import json
import os
import re
import subprocess
import sys
import time

import nbformat
import pytest
from lessons import LESSONS, ROOT, lesson, sections

from helpers import environment

COMMITTED = sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("source/*/*.ipynb")])
EXPLORERS = {
    "01_mse": ["explore_mse"],
    "02_gradient_descent": ["explore_descent_1d", "explore_descent_2d"],
    "03_backprop": ["explore_backprop"],
    "04_training_loop": ["explore_training"],
    "05_hyperparameters": ["explore_hyperparameters"],
}


# Hygiene of all committed notebooks


@pytest.fixture(params=COMMITTED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def path(request):
    return request.param


def test_there_are_five_lessons_and_each_has_its_assignment():
    found = [f"{path.parent.name}/{path.stem}" for path in COMMITTED]
    assert found == [f"notebooks/{name}" for name in LESSONS] + [f"{name}/{name}" for name in LESSONS]


def test_schema_is_valid_and_new_enough_for_cell_ids(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"


def test_no_outputs_and_no_counts_are_committed(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None, cell.id


def test_cell_ids_are_unique_and_readable(path):
    ids = [cell["id"] for cell in json.loads(path.read_text("utf-8"))["cells"]]
    assert len(set(ids)) == len(ids)
    made_by_a_machine = re.compile(r"[0-9a-f]{8}(-[0-9a-f-]+)?")
    unreadable = [i for i in ids if not re.fullmatch(r"[a-z][a-z0-9_-]*", i) or made_by_a_machine.fullmatch(i)]
    assert not unreadable


def test_no_cell_is_empty(path):
    assert not [cell.id for cell in nbformat.read(path, as_version=4).cells if not cell.source.strip()]


def test_the_file_is_written_in_the_one_agreed_way(path):
    """Indent 1, keys sorted, a newline at the end: so that a change of one line is a difference of one line."""
    text = path.read_text("utf-8")
    assert text == json.dumps(json.loads(text), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


# What every lesson has


@pytest.mark.parametrize("name", LESSONS)
def test_code_cells_of_a_lesson_have_at_most_ten_lines(name):
    cells = {cell.id: len(cell.source.splitlines()) for cell in lesson(name).cells if cell.cell_type == "code"}
    assert not {cell: lines for cell, lines in cells.items() if lines > 10}


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_begins_by_checking_the_environment(name):
    first = next(cell for cell in lesson(name).cells if cell.cell_type == "code")
    assert first.source == "from helpers.environment import check_environment\n\ncheck_environment()"


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_asks_before_it_tells_and_ends_with_what_to_do_next(name):
    text = "\n".join(cell.source for cell in lesson(name).cells if cell.cell_type == "markdown")
    assert text.count("**Predict") >= 5
    assert text.count("<details>") == text.count("</details>") == text.count("<summary>") == text.count("</summary>")
    assert text.count("<details>") >= 3
    parts = sections(name)
    assert list(parts)[-3:] == ["Key points", "Can you do this now?", "Where to go next"]
    assert parts["Can you do this now?"].count("- [ ] ") >= 5
    for place in ("3Blue1Brown", "StatQuest", "playground.tensorflow.org", f"assignment `{name}`"):
        assert place in parts["Where to go next"], place


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_uses_its_explorers(name):
    code = "\n".join(cell.source for cell in lesson(name).cells if cell.cell_type == "code")
    for explorer in EXPLORERS[name]:
        assert f"from helpers.explorers import {explorer}\n\n{explorer}()" in code


def test_no_lesson_imports_the_autograder():
    for name in LESSONS:
        assert not [cell.id for cell in lesson(name).cells if "autograder" in cell.source and cell.cell_type == "code"]


# What points at a section must find it


def _docstring_references():
    """(file, lesson, heading) of each 'Lesson: 01_mse, "A" and "B"; 02_gradient_descent, "C".' in helpers."""
    for file in sorted((ROOT / "helpers").rglob("*.py")):
        for reference in re.findall(r'Lesson: (\d.*?")\.', file.read_text("utf-8")):
            name = None
            for another_name, heading in re.findall(r'(\d\d_\w+), |"([^"]+)"', reference):
                name = another_name or name
                if heading:
                    yield str(file.relative_to(ROOT)), name, heading


def test_sections_named_in_docstrings_of_helpers_exist():
    references = list(_docstring_references())
    assert len(references) > 50
    assert not [r for r in references if r[1] not in LESSONS or r[2] not in sections(r[1])]


def test_every_helpers_file_that_names_a_lesson_is_understood():
    """A reference in another form would escape the test above."""
    text = "\n".join(file.read_text("utf-8") for file in (ROOT / "helpers").rglob("*.py"))
    assert len(re.findall(r"Lesson: ", text)) == len(
        re.findall(r'Lesson: \d\d_\w+, "[^"\n]+.*"\.$', text, re.MULTILINE)
    )


def test_sections_that_mistakes_send_students_to_exist():
    from autograder.mistakes import catalogue

    missing = {(m.assignment, m.lesson) for m in catalogue() if m.lesson not in sections(m.assignment)}
    assert not missing


def _facts():
    rows = re.findall(r"^\| (.+) \| (\w+) \| (.+?) \|$", (ROOT / "docs" / "facts.md").read_text("utf-8"), re.MULTILINE)
    return [row for row in rows if row[1] != "lesson"]


def test_sections_of_the_table_of_facts_exist():
    facts = _facts()
    assert len(facts) > 40
    assert not [fact for fact in facts if fact[1] not in LESSONS or fact[2] not in sections(fact[1])]


def test_every_section_of_a_lesson_teaches_a_fact_or_closes_it():
    taught = {(name, section) for _, name, section in _facts()}
    closing = {None, "Key points", "Can you do this now?", "Where to go next", "A network small enough for paper"}
    assert not [(n, s) for n in LESSONS for s in sections(n) if s not in closing and (n, s) not in taught]


# The first cell


def test_the_environment_check_is_content_here_and_quick():
    begun = time.perf_counter()
    run = subprocess.run([sys.executable, "-m", "helpers.environment"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0 and run.stderr == ""
    assert len(run.stdout.splitlines()) == 1
    assert time.perf_counter() - begun < 5  # the promise is one second; a busy machine may need more


def test_the_environment_check_imports_nothing_heavy():
    code = "import sys, helpers.environment as e; e.problem(); print([m for m in ('numpy', 'matplotlib') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


@pytest.mark.parametrize(
    "version, words",
    [("1.26.4", "numpy 1.26.4 is too old: 2.1 or newer is needed"), (None, "numpy is not installed")],
)
def test_the_environment_check_says_in_one_line_what_is_wrong_and_how_to_mend_it(monkeypatch, capsys, version, words):
    def installed(name):
        if name == "numpy" and version is None:
            raise environment.importlib.metadata.PackageNotFoundError(name)
        return version if name == "numpy" else original(name)

    original = environment.importlib.metadata.version
    monkeypatch.setattr(environment.importlib.metadata, "version", installed)
    environment.check_environment()
    said = capsys.readouterr().out
    assert words in said and "make environment" in said and len(said.splitlines()) == 1


def test_the_environment_check_knows_that_ipykernel_7_is_too_new(monkeypatch):
    original = environment.importlib.metadata.version
    newer = {"ipykernel": "7.0.0"}
    monkeypatch.setattr(environment.importlib.metadata, "version", lambda name: newer.get(name) or original(name))
    assert "ipykernel 7.0.0 is too new" in environment.problem()


def test_the_command_of_the_environment_check_fails_when_something_is_wrong(tmp_path):
    """With a folder of the same name in the way, `make lab` must not go on."""
    (tmp_path / "numpy-1.0.dist-info").mkdir()
    (tmp_path / "numpy-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 1.0\n")
    command = [sys.executable, "-m", "helpers.environment"]
    surroundings = {**os.environ, "PYTHONPATH": str(tmp_path)}
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=surroundings)
    assert run.returncode == 1 and "too old" in run.stdout


# Running


@pytest.fixture(scope="module", params=LESSONS)
def executed(request):
    """A lesson, run from top to bottom in a fresh kernel."""
    from nbclient import NotebookClient

    notebook = lesson(request.param)
    folder = {"metadata": {"path": str(ROOT / "notebooks")}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=folder, store_widget_state=False).execute()
    return notebook


@pytest.mark.slow
def test_a_lesson_runs_from_top_to_bottom_without_a_word_on_stderr(executed):
    said = {
        cell.id: output.text
        for cell in executed.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error" or output.get("name") == "stderr"
    }
    assert not said


@pytest.mark.slow
def test_a_lesson_exported_to_html_shows_every_picture(executed):
    from bs4 import BeautifulSoup
    from nbconvert import HTMLExporter

    html, _ = HTMLExporter().from_notebook_node(executed)
    page = BeautifulSoup(html, "html.parser")
    drawn = [cell for cell in executed.cells if cell.cell_type == "code" and _shows_a_picture(cell.source)]
    assert drawn
    for cell in drawn:
        images = page.find(id=f"cell-id={cell.id}").find_all("img")
        assert images and all(image["src"].startswith("data:image/") for image in images), cell.id
        assert all(len(image["src"]) > 5_000 for image in images), f"{cell.id}: the picture is nearly empty"
        if "figures." in cell.source:
            assert all(len(image["alt"]) > 40 and "No description" not in image["alt"] for image in images), cell.id


def _shows_a_picture(source):
    last = source.strip().splitlines()[-1]
    return last.startswith(("figures.", "explore_"))
