"""Questions of an instructor's own: docs/instructors.md is followed to the letter, in a course far from this project."""

import html
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.course.catalogue import alternatives_of, mistakes_of
from autograder.course.settings import Course, NoCourse
from autograder.grading.grading_file import read
from tests.support.courses import ROOT

BIN = Path(sys.executable).parent
GUIDE = ROOT / "docs" / "instructors.md"
ASSIGNMENT = "06_softmax"
NOTEBOOK = Path("source") / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
SUBMITTED = Path("submitted") / "tester" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
TYPES = {  # as JupyterLab's Create Assignment panel writes them
    "Read-only": {"grade": False, "solution": False, "locked": True},
    "Autograded answer": {"grade": False, "solution": True, "locked": False},
    "Autograder tests": {"grade": True, "solution": False, "locked": True},
}


def section(heading):
    """The text of one section of the guide."""
    return re.search(rf"^## {heading}$(.*?)(?=^## |\Z)", GUIDE.read_text(), re.DOTALL | re.MULTILINE)[1]


def blocks(text):
    """(the last line before it, language, content) of each fenced block, in order."""
    parts = re.split(r"^```(\w*)\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
    before = [part.strip().split("\n")[-1] for part in parts[0::3]]
    return list(zip(before, parts[1::3], parts[2::3], strict=False))


def labels(text):
    """Cell's ID → its nbgrader metadata, from the table of the guide."""
    rows = re.findall(r"^\| \w+ \| ([\w -]+) \| `(\w+)` \| (\d*) ?\|$", text, re.MULTILINE)
    found = {}
    for kind, name, points in rows:
        found[name] = {"grade_id": name, "schema_version": 3, "task": False, **TYPES[kind]}
        if points:
            found[name]["points"] = int(points)
    return found


class Reader:
    """Somebody who does what the guide says, block by block, in an empty folder."""

    def __init__(self, folder, text):
        self.folder, self.labels, self.said, self.cells = folder, labels(text), "", {}
        self.audits = []

    def follow(self, before, language, content):
        name = (re.findall(r"`([^`]+)`", before) or [""])[0]
        if language == "":
            self._run(content)
        elif language == "text":
            for line in content.strip().split("\n"):
                assert line in self.said, f"the guide promises “{line}”; said was {self.said}"
        elif before.startswith("Cell "):
            self._write_cell(name, content.rstrip("\n"))
        elif name.endswith(".py"):
            (self.folder / name).parent.mkdir(exist_ok=True)
            (self.folder / name).write_text(content)
        else:
            self.answer(content.rstrip("\n"))

    def answer(self, text):
        """Write `text` into the student's answer cell."""
        notebook = nbformat.read(self.folder / SUBMITTED, 4)
        (cell,) = [cell for cell in notebook.cells if cell.metadata.nbgrader.grade_id == "softmax"]
        assert "NotImplementedError" in cell.source and "BEGIN" not in cell.source
        cell.source = text
        nbformat.write(notebook, self.folder / SUBMITTED)

    def _write_cell(self, name, text):
        self.cells[name] = new_code_cell(text, id=name.replace("_", "-"), metadata={"nbgrader": self.labels[name]})
        (self.folder / NOTEBOOK).parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(new_notebook(cells=list(self.cells.values())), self.folder / NOTEBOOK)

    def _run(self, commands):
        path = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(
            ["bash", "-ec", commands], cwd=self.folder, env={**os.environ, **path}, capture_output=True, text=True
        )
        self.said = done.stdout + done.stderr
        if " audit " in commands:
            self.audits.append(done.returncode)
        else:
            assert done.returncode == 0, self.said


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """The course of somebody who has followed the guide to its end."""
    text = section("Your own questions, in three steps")
    reader = Reader(tmp_path_factory.mktemp("elsewhere"), text)
    for block in blocks(text):
        reader.follow(*block)
    return reader


def grading_of(followed):
    return read(Course.here(followed.folder).folder("autograded", ASSIGNMENT, "tester"), "tester")


@pytest.mark.sandbox
@pytest.mark.slow
class TestTheGuide:
    def test_the_audit_fails_until_nothing_is_missing(self, followed):
        assert followed.audits == [1, 1, 0]

    def test_a_wrong_submission_gets_the_instructors_own_hint(self, followed):
        grading = grading_of(followed)
        assert grading.mistakes == ["powers-overflow"] and grading.notebooks[0].cells[0]["score"] == 4
        page = (followed.folder / "feedback" / "tester" / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()
        hint = next(m.hint for m in mistakes_of(followed.folder, ASSIGNMENT) if m.name == "powers-overflow")
        assert 'data-mistake="powers-overflow"' in page and " ".join(hint.split()) in " ".join(
            html.unescape(page).split()
        )

    def test_a_changed_mistake_is_seen_at_the_next_grading(self, followed):
        path = followed.folder / "mistakes" / f"{ASSIGNMENT}.py"
        path.write_text(path.read_text().replace("def powers_overflow", "def exponentials_too_large"))
        followed._run(f"autograder grade {ASSIGNMENT}")
        assert grading_of(followed).mistakes == ["exponentials-too-large"]

    def test_students_code_finds_no_file_of_the_course(self, followed):
        path = followed.folder / SUBMITTED
        notebook = nbformat.read(path, 4)
        look = (
            f"import os\nfolder = {str(followed.folder)!r}\n"
            "print('the course:', os.path.exists(folder), 'its mistakes:',\n"
            "      [where for where, _, names in os.walk('/') for name in names if name == '06_softmax.py'])"
        )
        notebook.cells.append(new_code_cell(look, id="look"))
        nbformat.write(notebook, path)
        followed._run(f"autograder grade {ASSIGNMENT}")
        page = (followed.folder / "feedback" / "tester" / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()
        assert "the course: False its mistakes: []" in html.unescape(page)


# Files of an instructor's own that are of no use.

UNUSABLE = {
    "mistake = 1 +": "SyntaxError",
    "import no_such_module": "ModuleNotFoundError: No module named 'no_such_module'",
    "mistakes = []": 'it needs the line `mistake = Catalogue("assignment")`',
    """
from autograder.mistakes import Catalogue
mistake = Catalogue("01_mse")
@mistake("mse", lesson="Any")
def without_a_hint(target, prediction):
    return 0
""": "the mistake without-a-hint of 01_mse has no docstring",
    """
from autograder.mistakes import Catalogue
mistake = Catalogue("01_mse")
@mistake("mse", lesson="Any")
def sum_for_mean(target, prediction):
    "The course has a mistake of this name."
""": "01_mse has a mistake called sum-for-mean already. Rename yours.",
}


@pytest.mark.parametrize(("text", "said"), UNUSABLE.items(), ids=range(len(UNUSABLE)))
def test_a_file_of_mistakes_that_cannot_be_used_is_named(text, said, tmp_path):
    (tmp_path / "mistakes").mkdir()
    shutil.copy(ROOT / "mistakes" / "01_mse.py", tmp_path / "mistakes")
    (tmp_path / "mistakes" / "mine.py").write_text(text)
    with pytest.raises(NoCourse, match=re.escape(said)) as refused:
        mistakes_of(tmp_path, "01_mse")
    assert "mistakes/mine.py" in str(refused.value)


def test_own_mistakes_join_those_of_the_course_and_leave_nothing_beside_them(tmp_path):
    (tmp_path / "mistakes").mkdir()
    lines = ['mistake = Catalogue("01_mse")', '@mistake("mse", lesson="Any")', "def always_one(target, prediction):"]
    text = "\n".join(["from autograder.mistakes import Catalogue", *lines, '    "A hint."', "    return 1.0"])
    (tmp_path / "mistakes" / "mine.py").write_text(text)
    shutil.copy(ROOT / "mistakes" / "01_mse.py", tmp_path / "mistakes")
    known, both = mistakes_of(ROOT, "01_mse"), mistakes_of(tmp_path, "01_mse")
    assert [mistake.name for mistake in both] == [*[mistake.name for mistake in known], "always-one"]
    assert both[-1].source == "def mse(target, prediction):\n    return 1.0"
    assert mistakes_of(tmp_path, "03_backprop") == []
    assert sorted(path.name for path in (tmp_path / "mistakes").iterdir()) == ["01_mse.py", "mine.py"]


def test_own_right_alternatives_are_tried_too(tmp_path):
    (tmp_path / "alternatives").mkdir()
    (tmp_path / "alternatives" / "mine.py").write_text('ASSIGNMENT = "01_mse"\nALTERNATIVES = [("mse", "short", "x")]')
    assert [each.label for each in alternatives_of(tmp_path, "01_mse")][-1] == "short"
    (tmp_path / "alternatives" / "mine.py").write_text('ASSIGNMENT = "01_mse"\nALTERNATIVES = [("mse", "short")]')
    with pytest.raises(NoCourse, match="every alternative is"):
        alternatives_of(tmp_path, "01_mse")


def test_mistakes_of_an_assignment_that_is_not_there_fail_the_audit(course_folder):
    from autograder.authoring.audit import audit

    folder = course_folder(["01_mse"])
    path = folder / "source" / "01_mse" / "01_mse.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells = [cell for cell in notebook.cells if not cell.metadata.nbgrader.grade]
    nbformat.write(notebook, path)
    (folder / "mistakes").mkdir(exist_ok=True)
    text = 'from autograder.mistakes import Catalogue\nmistake = Catalogue("06_sofmax")'
    (folder / "mistakes" / "mine.py").write_text(text)
    troubles = audit(Course.here(folder), "01_mse").troubles
    assert "mistakes/mine.py is about “06_sofmax”, and source/ has no such assignment" in troubles
    assert [trouble.split(":")[0] for trouble in troubles[1:]] == ["squared_errors", "mse", "mse_gradient"]
