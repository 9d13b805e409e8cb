"""nbgrader's exchange, from release to fetched feedback: an instructor and two students who keep out of each other's way.

Where the tests run as root, the three are three users of the machine's kernel: numbers that no account has, and names
that only their own processes know. Elsewhere all are one user who goes by three names, as in a hub of containers.
"""

import contextlib
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import Exchange
from traitlets.config.loader import PyFileConfigLoader

from autograder.course.settings import Course
from tests.sandbox.test_ordinary_user import as_user
from tests.support.courses import ROOT
from tests.support.tiny_course import ASSIGNMENT, CLASS, make_tiny_course
from tests.support.warm_grading import WarmGrading

HUB = ROOT / "docs" / "jupyterhub"
COURSE_ID = "nn-course-lab"
SEVERAL = os.getuid() == 0
FREE = [number for number in range(61000, 61100) if number not in {entry.pw_uid for entry in pwd.getpwall()}]
NUMBERS = dict(zip(("instructor", "ann", "bob"), FREE, strict=False)) if SEVERAL else {}
LOG_IN = """
import os, pwd
people, name = {people!r}, {name!r}
entry = lambda name, uid: pwd.struct_passwd((name, "x", uid, uid, "", os.environ["HOME"], "/bin/sh"))
known = pwd.getpwuid
names = {{uid: name for name, uid in people.items()}} or {{os.getuid(): "jovyan"}}
pwd.getpwuid = lambda uid: entry(names[uid], uid) if uid in names else known(uid)
os.umask(0o022)
"""


class Person:
    """Somebody with a home of their own on the machine."""

    def __init__(self, name, machine):
        self.name, self.machine, self.home = name, machine, machine / "home" / name
        self.home.mkdir(parents=True)
        self.home.chmod(0o700)
        self.own()

    def own(self):
        """Give the home, and what the test has put there, to its owner."""
        if SEVERAL:
            for path in (self.home, *self.home.rglob("*")):
                os.chown(path, NUMBERS[self.name], NUMBERS[self.name], follow_symlinks=False)

    def nbgrader(self, *words):
        exchange = f"--Exchange.root={self.machine / 'exchange'}"
        return self._run("nbgrader", *words, exchange)

    def autograder(self, *words):
        return self._run("autograder", *words)

    def can(self, code):
        """Whether a Python statement works for this person."""
        command = self._wrap([os.path.abspath(sys.executable), "-c", code])
        return subprocess.run(command, env=self._environment(), capture_output=True).returncode == 0

    @contextlib.contextmanager
    def at_work(self):
        """Within it this person can give commands."""
        with WarmGrading(self._wrap, self._environment()) as self._commands:
            yield

    def _run(self, *command):
        log_in = LOG_IN.format(people=NUMBERS, name=self.name)
        done = self._commands.run(self.home, *command, before=log_in)
        said = done.stdout + done.stderr
        assert done.returncode == 0, f"{self.name}: {command}\n{said[-3000:]}"
        return said

    def _wrap(self, command):
        return as_user(command, self.machine, NUMBERS[self.name]) if SEVERAL else command

    def _environment(self):
        settings = {"HOME": self.home, "JUPYTERHUB_USER": self.name, "JUPYTER_CONFIG_PATH": self.machine / "etc"}
        settings |= {"JUPYTER_DATA_DIR": self.home / "data", "JUPYTER_CONFIG_DIR": self.home / "config"}
        settings |= {"PYTHONPATH": ROOT, "TMPDIR": self.home, "MPLCONFIGDIR": self.home / "matplotlib"}
        return {**os.environ, **{name: str(value) for name, value in settings.items()}}


class Term:
    """The machine, its exchange and its people, after everything that happens with one assignment."""

    def __init__(self, machine):
        self.machine, self.exchange = machine, machine / "exchange" / COURSE_ID
        (machine / "etc").mkdir()
        shutil.copy(HUB / "nbgrader_config.py", machine / "etc")
        (machine / "exchange").mkdir()
        (machine / "exchange").chmod(0o777)
        self.instructor, self.ann, self.bob = (Person(name, machine) for name in ("instructor", "ann", "bob"))
        self.students = [self.ann, self.bob]
        make_tiny_course(self.instructor.home, students=[])
        self.instructor.own()
        self.said = {}

    def begin(self):
        """Release, list, fetch."""
        self.instructor.nbgrader("generate_assignment", ASSIGNMENT)
        self.instructor.nbgrader("release_assignment", ASSIGNMENT)
        self.said["list"] = self.ann.nbgrader("list")
        for student in self.students:
            student.nbgrader("fetch_assignment", ASSIGNMENT)

    def hand_in(self, student, body):
        path = student.home / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        notebook = nbformat.read(path, 4)
        bodies = {"double": f"def double(x):\n    {body}", "triple": "def triple(x):\n    return double(x) + x"}
        for cell in notebook.cells:
            cell.source = bodies.get(cell.metadata.nbgrader.grade_id, cell.source)
        nbformat.write(notebook, path)
        student.nbgrader("submit", ASSIGNMENT)

    def mark(self):
        """Collect, grade, release the feedback."""
        self.said["collect"] = self.instructor.nbgrader("collect", ASSIGNMENT, "--update")
        self.instructor.autograder("grade", "--quiet")
        self.said["release"] = self.instructor.nbgrader("release_feedback", ASSIGNMENT)

    def feedback(self, student):
        """The pages that a student has fetched."""
        return sorted((student.home / ASSIGNMENT / "feedback").rglob("*.html"))


@pytest.fixture(scope="module")
def machine():
    folder = Path(tempfile.mkdtemp())  # pytest's own folders let only one user in
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def term(machine):
    term = Term(machine)
    with term.instructor.at_work(), term.ann.at_work(), term.bob.at_work():
        term.begin()
        for student in term.students:
            term.hand_in(student, CLASS[student.name][0])
        term.mark()
        for student in term.students:
            student.nbgrader("fetch_feedback", ASSIGNMENT)
        yield term


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.sandbox
@pytest.mark.slow
class TestTheExchange:
    def test_what_was_submitted_gets_the_marks_of_our_grading(self, term):
        assert f"{COURSE_ID} {ASSIGNMENT}" in term.said["list"]
        with Gradebook(f"sqlite:///{term.instructor.home}/gradebook.db") as gradebook:
            marks = {each.student_id: each.score for each in gradebook.assignment_submissions(ASSIGNMENT)}
        assert marks == {name: CLASS[name][2] for name in ("ann", "bob")}

    def test_each_student_fetches_their_own_feedback(self, term):
        for student in term.students:
            (page,) = term.feedback(student)
            assert f"<strong>{CLASS[student.name][2]}</strong> of 6 points" in page.read_text()
            assert page.read_text() == feedback_page(term, student).read_text()

    def test_the_folders_of_the_exchange_show_nobody_what_is_in_them(self, term):
        assert mode(term.exchange / "inbound") & 0o077 == 0o033  # others may put things in and not look
        assert mode(term.exchange / "feedback") & 0o077 == 0o011  # others need to know a page's name
        assert mode(term.exchange / "outbound") & 0o077 == 0o055
        if SEVERAL:
            for folder in ("inbound", "feedback"):
                assert not term.ann.can(f"import os; os.listdir({str(term.exchange / folder)!r})")

    def test_a_student_reads_no_work_and_no_feedback_of_another(self, term):
        closed = [feedback_page(term, term.bob), term.instructor.home / "gradebook.db", *term.feedback(term.bob)]
        for path in closed:
            assert any(not mode(folder) & 0o011 for folder in path.parents)
            if SEVERAL:
                assert not term.ann.can(f"open({str(path)!r}).read()") and path.is_file()
        names = {path.name for path in (term.exchange / "feedback").iterdir()}
        assert len(names) == 2 and not any("bob" in name or "ann" in name for name in names)

    def test_feedback_has_no_secret_of_the_exchange_in_it(self, term):
        for student in term.students:
            secret = (
                term.instructor.home / "submitted" / student.name / ASSIGNMENT / "submission_secret.txt"
            ).read_text()
            beside, _ = Course.here(term.instructor.home).companions(ASSIGNMENT, student.name)
            assert not beside, "the secret lies beside the notebook while it runs"
            graded = term.instructor.home / "autograded" / student.name / ASSIGNMENT
            files = [*graded.rglob("*"), feedback_page(term, student)]
            assert secret and not any(secret in path.read_text() for path in files)

    def test_the_submitter_is_the_owner_of_what_was_submitted(self, term):
        assert "cheating attempt" not in term.said["collect"] or not SEVERAL

    def test_work_handed_in_anew_gets_no_feedback_on_the_old(self, term):
        before = feedback_page(term, term.bob).read_text()
        term.hand_in(term.bob, "return 2 * x")
        term.instructor.nbgrader("collect", ASSIGNMENT, "--update")
        said = term.instructor.nbgrader("release_feedback", ASSIGNMENT)
        assert f"bob/{ASSIGNMENT} was handed in anew since it was graded: grade it first" in said
        term.bob.nbgrader("fetch_feedback", ASSIGNMENT)
        assert len(term.feedback(term.bob)) == 1
        term.mark()
        term.bob.nbgrader("fetch_feedback", ASSIGNMENT)
        old, new = term.feedback(term.bob)
        assert old.read_text() == before and "<strong>5</strong> of 6 points" in new.read_text()

    def test_work_that_came_another_way_is_named_and_stops_nobody(self, term):
        secret = term.instructor.home / "submitted" / "ann" / ASSIGNMENT / "submission_secret.txt"
        text = secret.read_text()
        secret.unlink()
        said = term.instructor.nbgrader("release_feedback", ASSIGNMENT)
        secret.write_text(text)
        assert f"ann/{ASSIGNMENT} was not handed in through the exchange: no feedback released" in said
        assert f"Feedback of bob/{ASSIGNMENT} released" in said


def feedback_page(term, student):
    return term.instructor.home / "feedback" / student.name / ASSIGNMENT / f"{ASSIGNMENT}.html"


# The configuration in docs/jupyterhub.


def test_the_hubs_configuration_loads_and_starts_the_instructor_at_the_course():
    config = PyFileConfigLoader("jupyterhub_config.py", path=str(HUB)).load_config()
    assert config.Spawner.default_url == "/lab" and config.JupyterHub.authenticator_class == "pam"
    started = {}
    for name in (*config.Authenticator.admin_users, "ann"):
        spawner = type("Spawner", (), {"user": type("User", (), {"name": name}), "notebook_dir": "~"})
        config.Spawner.pre_spawn_hook(spawner)
        started[name] = spawner.notebook_dir
    assert started == {"instructor": "~/course", "ann": "~"}


def test_students_and_instructor_mean_the_same_course(tmp_path):
    shutil.copy(HUB / "nbgrader_config.py", tmp_path)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path / "own.py")
    for_all = PyFileConfigLoader("nbgrader_config.py", path=str(tmp_path)).load_config()
    coursedir = CourseDirectory(config=for_all)
    assert coursedir.course_id == COURSE_ID
    assert Exchange(config=for_all, coursedir=coursedir).root == "/srv/nbgrader/exchange"
    course = PyFileConfigLoader("own.py", path=str(tmp_path)).load_config()
    assert course.CourseDirectory.course_id == for_all.CourseDirectory.course_id
