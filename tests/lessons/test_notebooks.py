"""The notebooks themselves: clean, readable, and in step with what points at them."""

import json
import os
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import pytest

from helpers import environment
from helpers.explorers import EXPLORERS
from tests.support.lessons import LESSONS, ROOT, lesson, sections

COMMITTED = sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("source/*/*.ipynb")])
FIRST_CELL = """import os
import sys

sys.path.append(os.path.abspath(".."))  # helpers/ may lie in the folder above this one
try:
    from helpers.environment import check_environment

    check_environment()
except ModuleNotFoundError:
    print("No `helpers` here. Use `make lab`; in Colab: `!unzip -q lab03-student.zip`, `%cd lab03-student/lessons`.")"""


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
    assert first.id == "environment-check" and first.source == FIRST_CELL


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
    shown = [explorer.name for explorer in EXPLORERS if explorer.lesson == name]
    assert shown
    for explorer in shown:
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
    from autograder.course.catalogue import mistakes_of

    missing = {(m.assignment, m.lesson) for m in mistakes_of(ROOT) if m.lesson not in sections(m.assignment)}
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


def test_the_environment_check_is_content_here():
    run = subprocess.run([sys.executable, "-m", "helpers.environment"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0 and run.stderr == ""
    assert len(run.stdout.splitlines()) == 1


def test_the_environment_check_imports_nothing_heavy():
    code = "import sys, helpers.environment as e; e.problem(); print([m for m in ('numpy', 'matplotlib') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


@pytest.fixture
def versions(monkeypatch):
    """A dict of name -> version that the environment check takes for the installed ones; None is not installed."""
    pretended, original = {}, environment.importlib.metadata.version

    def version(name):
        found = pretended[name] if name in pretended else original(name)
        if found is None:
            raise environment.importlib.metadata.PackageNotFoundError(name)
        return found

    monkeypatch.setattr(environment.importlib.metadata, "version", version)
    return pretended


def first_cell(capsys):
    """What the first cell of a lesson prints: one line."""
    exec(FIRST_CELL, {})
    (line,) = capsys.readouterr().out.splitlines()
    return line


@pytest.mark.parametrize(
    "name, version, words",
    [
        ("numpy", "1.26.4", "numpy 1.26.4 is too old: 2.1 or newer is needed."),
        ("numpy", None, "The package numpy is not installed."),
        ("ipykernel", "7.0.0", "ipykernel 7.0.0 is too new: a version below 7 is needed."),
        ("jupyterlab_widgets", None, "The package jupyterlab-widgets is not installed. Without it no slider is shown."),
        ("ipywidgets", "7.8.5", "ipywidgets 7.8.5 is too old: 8.1 or newer is needed."),
        ("anywidget", None, "The package anywidget is not installed."),
    ],
)
def test_the_first_cell_says_which_package_is_wrong_and_how_to_mend_it(versions, capsys, name, version, words):
    versions[name] = version
    assert first_cell(capsys) == f"{words} {environment.MEND}"


def test_the_first_cell_knows_a_python_that_is_too_old(monkeypatch, capsys):
    monkeypatch.setattr(environment.sys, "version_info", (3, 9, 18))
    assert first_cell(capsys).startswith("This is Python 3.9, but the course needs 3.11, 3.12 or 3.13. In a terminal")


def test_the_first_cell_says_so_when_helpers_cannot_be_imported(monkeypatch, capsys):
    for name in [name for name in sys.modules if name.split(".")[0] == "helpers"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "helpers", None)
    assert first_cell(capsys).startswith("No `helpers` here. Use `make lab`; in Colab: `!unzip -q lab03-student.zip`")


def run_first_cell(folder, *before):
    """Run the first cell in a folder as VS Code and Colab do, by a Python that has every package but no course."""
    begin = f"import sys; sys.path[:] = [place for place in sys.path if place not in ('', {str(ROOT)!r})]"
    unfindable = "sys.meta_path[:] = [finder for finder in sys.meta_path if '__editable__' not in repr(finder)]"
    found = "import sys; h = sys.modules.get('helpers'); print(h.__path__[0] if h else None)"
    code = "\n".join([begin, unfindable, *before, FIRST_CELL, found])
    command = [sys.executable, "-P", "-c", code]
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    run = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    said, place = run.stdout.splitlines()
    return said, place


@pytest.fixture
def unpacked(tmp_path):
    """A folder with a space and an accent, with lessons/ beside helpers/, as the students' bundle unpacks."""
    folder = tmp_path / "zipped ré" / "lab03-student"
    shutil.copytree(ROOT / "helpers", folder / "helpers", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "notebooks", folder / "lessons", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    return folder


ALL_IS_WELL = "Everything is here. Press Shift+Enter to run a cell and go on to the next."


def test_the_first_cell_finds_helpers_beside_the_lessons_folder(unpacked):
    """As in the unpacked bundle, in VS Code, which runs a notebook in its own folder, and in JupyterLite."""
    assert run_first_cell(unpacked / "lessons") == (ALL_IS_WELL, str(unpacked / "helpers"))


def test_what_the_first_cell_says_to_do_in_colab_works(unpacked):
    """First in a folder without the course; then, in the same Python, after the bundle was unpacked and entered."""
    said, place = run_first_cell(unpacked.parent)
    assert said.startswith("No `helpers` here.") and place == "None"
    first_attempt = f"import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()):\n    exec({FIRST_CELL!r})"
    enter = "import os; os.chdir('lab03-student/lessons')"
    assert run_first_cell(unpacked.parent, first_attempt, enter) == (ALL_IS_WELL, str(unpacked / "helpers"))


@pytest.fixture
def checked(versions, monkeypatch):
    """What the check says where the modules and platform of another host are pretended."""

    def check(platform=None, module=None, **pretended):
        versions.update(pretended)
        if platform:
            monkeypatch.setattr(environment.sys, "platform", platform)
        if module:
            monkeypatch.setitem(sys.modules, module, SimpleNamespace())
        return environment.problem()

    return check


def test_in_the_browser_neither_jupyterlab_nor_a_real_kernel_nor_an_older_python_is_asked_for(checked, monkeypatch):
    monkeypatch.setattr(environment.sys, "version_info", (3, 14, 2))
    assert checked("emscripten", ipykernel="6.9.2", jupyterlab_widgets=None) == ""


def test_in_the_browser_a_missing_package_is_fetched_by_the_cell_above(checked):
    said = checked("emscripten", anywidget=None)
    assert said == f"The package anywidget is not installed. {environment.MEND_BROWSER}"


def test_in_colab_its_own_kernel_will_do_and_the_way_to_mend_is_pip(checked):
    assert checked(module="google.colab", ipykernel="6.17.1", jupyterlab_widgets=None) == ""
    assert checked(module="google.colab", numpy="2.0.2") == (
        "numpy 2.0.2 is too old: 2.1 or newer is needed. Run `%pip install -q "
        '"numpy>=2.1" "matplotlib>=3.9" "ipywidgets>=8.1" "anywidget>=0.9"`, then Runtime → Restart session.'
    )


def test_in_the_students_bundle_the_way_to_mend_is_its_readme(checked, monkeypatch, unpacked):
    monkeypatch.setattr(environment, "__file__", str(unpacked / "helpers" / "environment.py"))
    assert checked(anywidget=None).endswith(environment.MEND_BUNDLE)
    assert "## Set up, once" in (ROOT / "autograder" / "authoring" / "templates" / "students.md").read_text("utf-8")


def test_the_first_cell_says_so_when_another_folder_is_taken_for_helpers(monkeypatch, tmp_path, capsys):
    other = tmp_path / "helpers" / "__init__.py"
    found = SimpleNamespace(origin=str(other))
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: found)
    assert first_cell(capsys).startswith(f"`helpers` is imported from {other.parent}, not from this course: rename")


def test_the_first_cell_says_which_of_the_courses_files_is_missing(monkeypatch, tmp_path, capsys):
    (tmp_path / "explorers").mkdir()
    found = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: found)
    monkeypatch.setattr(environment, "__file__", str(tmp_path / "environment.py"))
    assert "The course's files are incomplete: helpers/figures is missing." in first_cell(capsys)


def test_the_command_of_the_environment_check_fails_when_something_is_wrong(tmp_path):
    """With a folder of the same name in the way, `make lab` must not go on."""
    (tmp_path / "numpy-1.0.dist-info").mkdir()
    (tmp_path / "numpy-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 1.0\n")
    command = [sys.executable, "-m", "helpers.environment"]
    surroundings = {**os.environ, "PYTHONPATH": str(tmp_path)}
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=surroundings)
    assert run.returncode == 1 and "too old" in run.stdout
