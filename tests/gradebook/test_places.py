"""Where the course lies does not matter: spaces and letters of any script in the path, signs that mean something in the
address of a database, and folders that are read-only."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import nbgrader.dbutil
import pytest
from nbgrader.api import Gradebook
from sqlalchemy import text

from autograder.authoring.release import bundle_files
from autograder.course.settings import Course
from autograder.gradebook.address import address_of, file_of
from autograder.gradebook.opening import open_gradebook
from autograder.visible import visible
from tests.helpers.test_ready import SOLUTIONS
from tests.sandbox.test_ordinary_user import as_user
from tests.support.courses import ROOT, make_course
from tests.support.tiny_course import ASSIGNMENT as TINY
from tests.support.tiny_course import make_tiny_course
from tests.support.warm_grading import log_of

PLACE = Path("Übung 3 – réseau", "課程")
STUDENT = "Zoë 'Grün'"
ASSIGNMENT = "01_mse"
pytestmark = pytest.mark.slow


@pytest.fixture
def run(warm):
    def run(folder, *command):
        done = warm.run(folder, *command)
        assert done.returncode == 0, f"{command} → {done.returncode}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout

    return run


@pytest.mark.sandbox
def test_a_course_in_a_folder_with_spaces_and_any_letters_is_released_graded_and_reported(run, tmp_path, key_cache):
    folder = make_course(tmp_path / PLACE, [ASSIGNMENT], ["factor-two-missing"])
    (folder / "submitted" / "factor-two-missing").rename(folder / "submitted" / STUDENT)
    (folder / ".autograder").mkdir(mode=0o700)
    (folder / ".autograder" / "keys").symlink_to(key_cache)
    run(folder, "autograder", "release")
    assert (folder / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").is_file()

    said = run(folder, "autograder", "grade")
    for place in ("feedback", "gradebook.db", "marks.csv"):
        assert str(folder / place) in said, "it is said where they are, as one would type it"
    (row,) = csv.DictReader((folder / "marks.csv").read_text(encoding="utf-8").splitlines())
    assert row["student"] == STUDENT and row["status"] == "graded" and row["mistakes"] == "two-missing"
    page = folder / "feedback" / STUDENT / ASSIGNMENT / f"{ASSIGNMENT}.html"
    ours = page.read_text(encoding="utf-8")
    assert re.findall(r'data-mistake="([^"]+)"', ours) == ["two-missing"]

    page.unlink()
    run(folder, "nbgrader", "generate_feedback", ASSIGNMENT, "--force")
    assert page.read_text(encoding="utf-8") == ours
    run(folder, "autograder", "report")
    assert "two missing" in (folder / "report.html").read_text(encoding="utf-8")


ODD_FOLDERS = ["term?1", "50% off", "ü;é # b=c"]
ODDER = ["%41?uri=true", "[x] {y} *", ":memory:", "new\nline", "a+b", "%", "?", "x%3Fy", "課程", "plain", "with blank"]


@pytest.mark.sandbox
@pytest.mark.parametrize("name", ODD_FOLDERS)
def test_the_gradebook_of_a_course_lies_in_its_folder_whatever_that_is_called(run, warm, tmp_path, key_cache, name):
    """For `autograder grade` and for nbgrader's own commands alike; nothing is made beside the folder."""
    folder = make_tiny_course(tmp_path / "courses" / name, ["ann"], keys=key_cache)
    run(folder, "nbgrader", "db", "student", "add", "zoe")
    assert sorted(path.name for path in folder.parent.iterdir()) == [name]
    before = {path.name for path in folder.iterdir()}
    assert "gradebook.db" in before
    assert warm.grade(folder).status == 0, log_of(folder)
    said = log_of(folder)
    log_file = folder.with_suffix(".log")
    log_file.unlink()
    assert f"gradebook  {visible(folder / 'gradebook.db')}" in said and str(visible(folder / "marks.csv")) in said
    run(folder, "nbgrader", "db", "upgrade")
    with Gradebook(Course.here(folder).db_url) as gradebook:
        assert {student.id for student in gradebook.students} == {"ann", "zoe"}
        assert gradebook.find_submission(TINY, "ann").score == 5
    assert "Backing up" not in said and len(list(folder.glob("gradebook.db.20*"))) == 1
    run(folder.parent, "nbgrader", "db", "student", "add", "bob", f"--course-dir={folder}")
    assert sorted(path.name for path in folder.parent.iterdir()) == [name]
    with Gradebook(Course.here(folder).db_url) as gradebook:
        assert gradebook.find_student("bob").id == "bob"


@pytest.mark.parametrize("name", [*ODD_FOLDERS, *ODDER])
def test_an_address_leads_to_the_file_that_it_was_made_for(tmp_path, name):
    path = tmp_path / name / "gradebook.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    address = address_of(path)
    assert file_of(address) == path
    with Gradebook(address):
        pass
    assert path.is_file() and [each.name for each in tmp_path.iterdir()] == [name]
    if not re.search("[?%\\n]", name):
        assert address == f"sqlite:///{path}", "as nbgrader itself makes it"


AT_WORK = """
import json, os, sys
import helpers, nbformat
from nbclient import NotebookClient
from helpers import explorers
from helpers.ready import ready

lesson = nbformat.read("../../lessons/01_mse.ipynb", as_version=4)
NotebookClient(lesson, timeout=300, resources={"metadata": {"path": "../../lessons"}}).execute()
first = next(cell for cell in lesson.cells if cell.cell_type == "code")
try:
    open("a file", "w")
    written = True
except OSError:
    written = False
print(json.dumps({
    "user": os.getuid(),
    "written": written,
    "helpers": helpers.__file__,
    "lesson": first.outputs[0]["text"],
    "pictures": [len(getattr(explorers, name)().png()) for name in explorers.__all__],
    "ready": [str(ready(name)) for name in ("01_mse", "02_gradient_descent")],
}))
"""


@pytest.fixture
def read_only_bundle(tmp_path):
    """The students' bundle, unpacked where nobody may write, with the solution of 01_mse (02_gradient_descent is as it
    was handed out, and lies beside it)."""
    folder = tmp_path / PLACE / "lab03-student"
    for place, content in bundle_files(Course.here(ROOT)).items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    work = folder / "assignments" / ASSIGNMENT
    notebook = nbformat.read(work / f"{ASSIGNMENT}.ipynb", as_version=4)
    for number, cell in enumerate(notebook.cells):
        cell.source = SOLUTIONS.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
        if cell.cell_type == "code":
            cell.execution_count = number
    nbformat.write(notebook, work / f"{ASSIGNMENT}.ipynb")
    other = folder / "assignments" / "02_gradient_descent" / "02_gradient_descent.ipynb"
    (work / other.name).write_bytes(other.read_bytes())
    paths = [folder, *folder.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in paths:
        path.chmod(0o755)


def test_in_a_read_only_folder_lessons_and_explorers_work_and_ready_says_that_nothing_is_saved(
    tmp_path, read_only_bundle
):
    """As an ordinary user, to whom a folder can be read-only."""
    tmp_path.chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o777)
    command = [os.path.abspath(sys.executable), "-B", "-c", AT_WORK]
    if os.getuid() == 0:
        command = as_user(command, tmp_path)
    environment = {**os.environ, "HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": str(read_only_bundle)}
    work = read_only_bundle / "assignments" / ASSIGNMENT
    done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stdout[-2000:] + done.stderr[-3000:]
    found = json.loads(done.stdout.strip().split("\n")[-1])
    assert found["user"] != 0 and not found["written"]
    assert found["helpers"].startswith(str(read_only_bundle))
    assert found["lesson"].startswith("Everything is here.")
    assert len(found["pictures"]) == 6 and min(found["pictures"]) > 10_000
    done, untouched = found["ready"]
    assert done.startswith("✓ 01_mse.ipynb is ready to hand in.") and "read-only" in done
    assert untouched.startswith("✗ 02_gradient_descent.ipynb is not ready yet") and "as it was handed out" in untouched
    assert "what you type here is not saved" in untouched


def test_a_new_gradebook_is_made_without_another_process(tmp_path, monkeypatch):
    """Ctrl-C in a terminal reaches every process of a command; nbgrader asks one for the version of its tables."""

    def refuse(*_, **__):
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with open_gradebook(Course.here(make_tiny_course(tmp_path / "course"))) as gradebook:
        version = gradebook.db.execute(text("SELECT version_num FROM alembic_version")).scalar()
    monkeypatch.undo()
    script = Path(nbgrader.dbutil.ALEMBIC_DIR) / "versions"
    texts = [path.read_text() for path in script.glob("*.py")]
    versions = {re.search(r"^revision = '(\w+)'", each, re.M)[1] for each in texts}
    followed = {found[1] for each in texts if (found := re.search(r"^down_revision = '(\w+)'", each, re.M))}
    assert {version} == versions - followed
