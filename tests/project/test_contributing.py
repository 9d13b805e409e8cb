"""CONTRIBUTING's examples, followed to the letter in a copy of the project: the audit and the tests pass at first try."""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap

import pytest

from tests.support.courses import ROOT

LEFT_OUT = shutil.ignore_patterns(
    "__pycache__", ".git", ".venv", "build", "dist", ".*_cache", "submitted", "*.egg-info"
)
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
COUNTED = re.compile(
    rf"\b(?i:({'|'.join(NUMBERS)}))\b(?= (?:explorers|pictures\s+to\s+play\s+with)| as one page)",
)


def blocks():
    """(where it goes, content) of each block of CONTRIBUTING.md whose first line names a place."""
    fenced = re.findall(r"^( *)```python\n(.*?)^ *```$", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.S | re.M)
    for _, text in fenced:
        first, _, content = textwrap.dedent(text).partition("\n")
        yield first.removeprefix("# "), content


def follow(folder, place, content):
    """Do what the first line of a block says."""
    path = folder / place.split(",")[0]
    if place.endswith(".py"):
        assert not path.exists()
        path.write_text(content, "utf-8")
    elif place.endswith(".py, at the end"):
        path.write_text(f"{path.read_text('utf-8')}\n\n{content}", "utf-8")
    elif found := re.fullmatch(r'\S+\.ipynb, cell (\w+), before "(.+)"', place):
        cells = read_cells(path)
        (cell,) = [cell for cell in cells["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == found[1]]
        at = next(number for number, line in enumerate(cell["source"]) if line.strip() == found[2])
        cell["source"][at:at] = content.splitlines(keepends=True)
        write_cells(path, cells)
    elif found := re.fullmatch(r'\S+\.ipynb, a new code cell ([\w-]+) at the end of "(.+)"', place):
        cells = read_cells(path)
        headings = [
            number
            for number, cell in enumerate(cells["cells"])
            if cell["cell_type"] == "markdown" and re.search(r"^#{2,3} ", "".join(cell["source"]), re.M)
        ]
        begin = next(n for n in headings if f"## {found[2]}\n" in "".join(cells["cells"][n]["source"]) + "\n")
        end = next(number for number in headings if number > begin)
        new = {"cell_type": "code", "execution_count": None, "id": found[1], "metadata": {}, "outputs": []}
        cells["cells"].insert(end, {**new, "source": content.rstrip("\n").splitlines(keepends=True)})
        write_cells(path, cells)
    else:
        pytest.fail(f"nobody could follow “{place}”")


def read_cells(path):
    return json.loads(path.read_text("utf-8"))


def write_cells(path, notebook):
    path.write_text(json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


def run(folder, *command):
    """Run Python in the copy. Returns what it said; fails if it failed."""
    paths = {"PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, "-P", *command], cwd=folder, env={**os.environ, **paths}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    return done.stdout


def passed_in(folder, *arguments):
    return run(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments)


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """The project of somebody who has followed all examples."""
    folder = tmp_path_factory.mktemp("copy") / "project"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    for place, content in blocks():
        follow(folder, place, content)
    return folder


@pytest.fixture(scope="module")
def drawn(followed):
    """The same after `make pictures`, as far as it draws explorers."""
    run(followed, "docs/make_pictures.py", "explorers")
    return followed


def test_the_examples_are_of_each_kind():
    places = [place.split("/")[0] for place, _ in blocks()]
    assert places == ["mistakes", "source", "alternatives", "helpers", "notebooks"]


@pytest.mark.slow
@pytest.mark.sandbox
def test_the_audit_is_content_with_the_mistake_the_question_and_the_alternative(followed):
    said = run(followed, "-m", "autograder.cli", "--course", str(followed), "audit", "01_mse")
    assert "audit: all is well" in said


@pytest.mark.slow
def test_the_hint_passes_the_tests_of_hints(followed):
    said = passed_in(followed, "tests/authoring/test_audit.py", "-k", "errors-cubed or promised")
    assert "2 passed" in said
    passed_in(followed, "tests/lessons/test_notebooks.py", "-k", "mistakes_send_students")


@pytest.mark.slow
def test_the_explorer_is_in_all_places_that_are_made_from_its_record(drawn):
    page = (drawn / "docs" / "explorers.md").read_text("utf-8")
    assert "\n## The sigmoid and its slope\n\n`explore_sigmoid(z=1.0)`\n" in page
    assert (drawn / "docs" / "pictures" / "explore_sigmoid.png").read_bytes().startswith(b"\x89PNG")
    assert "Later(explorers.explore_sigmoid)" in (drawn / "helpers/playground/playground.ipynb").read_text("utf-8")
    listed = (
        "import sys; sys.path.insert(0, 'benchmarks'); import bench_explorers as b; print(b.CELLS['explore_sigmoid'])"
    )
    assert run(drawn, "-c", listed) == "('explore_sigmoid(z=-5.0)', 'z')\n"
    assert run(drawn, "-c", "from helpers.explorers import *; print(explore_sigmoid().words)").startswith("At z = 0 ")


@pytest.mark.slow
def test_the_explorer_and_its_lesson_pass_the_tests_of_all_explorers_and_lessons(drawn):
    said = passed_in(drawn, "tests/helpers/test_explorers.py", "-k", "explore_sigmoid or record")
    assert int(re.search(r"(\d+) passed", said)[1]) > 8
    passed_in(drawn, "tests/helpers/test_playground_command.py", "-k", "notebook")
    passed_in(drawn, "tests/lessons/test_notebooks.py", "-k", "03_backprop or docstrings or understood")


@pytest.mark.slow
def test_a_text_that_counts_the_explorers_is_found_when_there_is_one_more(drawn):
    with pytest.raises(AssertionError, match="README.md.*six"):
        passed_in(drawn, "tests/project/test_contributing.py", "-k", "texts_count")
    for name in ("README.md", "docs/explorers.md"):
        text = (drawn / name).read_text("utf-8")
        (drawn / name).write_text(COUNTED.sub(lambda found: "seven".title() if found[1].istitle() else "seven", text))
    passed_in(drawn, "tests/project/test_contributing.py", "-k", "texts_count")


def test_texts_count_the_explorers_right():
    from helpers.explorers import EXPLORERS

    texts = {path: path.read_text("utf-8") for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]}
    counted = [
        (str(path.relative_to(ROOT)), word.lower()) for path, text in texts.items() for word in COUNTED.findall(text)
    ]
    assert len(counted) >= 3
    assert not [found for found in counted if found[1] != NUMBERS[len(EXPLORERS)]]
