"""The course: where its folders are, how its work is run, and the secrets that stay on the instructor's side.

Everything is set in nbgrader_config.py (class CourseLab), beside nbgrader's own settings.
"""

import hashlib
import hmac
import os
import re
import stat
from pathlib import Path

import nbformat
from nbgrader.coursedir import CourseDirectory
from traitlets import Bool, Dict, List, Unicode
from traitlets.config import Config, LoggingConfigurable

from autograder.sandbox import limits_from

LARGEST_COMPANION = 10 * 1024**2  # bytes of one file handed in beside the notebook
MOST_COMPANIONS = 50
PICTURES = ["explorers", "figures.py", "live.py"]  # for lessons: never there while work is graded
WITHHELD = {
    "01_mse": ["losses.py", "network.py", "training.py"],
    "02_gradient_descent": ["descent.py", "gradient_checking.py"],
    "03_backprop": ["network.py", "activations.py", "training.py", "initialization.py"],
    "04_training_loop": ["training.py"],
    "05_hyperparameters": ["initialization.py", "diagnosis.py"],
}


class NoCourse(Exception):
    """There is no course here, or it lacks something; the message says what and what to do."""


class CourseLab(LoggingConfigurable):
    """What this autograder can be told in nbgrader_config.py."""

    course_seed = Unicode(
        "", help="Hidden inputs are drawn from this: a new seed, new questions. The environment's COURSE_SEED wins."
    ).tag(config=True)
    limits = Dict({}, help="What one submission may use, for instance {'cell_seconds': 20}: see sandbox.Limits").tag(
        config=True
    )
    sandbox = Bool(True, help="Run students' code only inside a sandbox. False trusts every submission.").tag(
        config=True
    )
    withheld = Dict(
        WITHHELD, help="Files of helpers/ that an assignment's students write themselves: gone while it is graded."
    ).tag(config=True)
    companions = List(
        Unicode(),
        ["*.py", "*.txt", "*.csv", "*.json", "*.npy", "*.npz", "*.png", "*.jpg", "*.svg", "*.md"],
        help="Files handed in beside the notebook that are taken along (patterns).",
    ).tag(config=True)


class Course:
    """A course folder with its configuration. Make one with `Course.here()`."""

    def __init__(self, config, root=None):
        config = Config(config)
        self.config = config
        self.lab = CourseLab(config=config)
        self.directory = CourseDirectory(config=config)
        self.root = Path(root or self.directory.root).resolve()
        self.directory.root = str(self.root)
        self.limits = limits_from(self.lab.limits)
        self.confined = self.lab.sandbox

    @classmethod
    def here(cls, root="."):
        """The course at `root`. Raises NoCourse where there is none."""
        root = Path(root).resolve()
        if not (root / "nbgrader_config.py").is_file():
            raise NoCourse(f"There is no course in {root}: it has no nbgrader_config.py. Run this at the course root.")
        return cls(_load_config(root), root)

    @property
    def db_url(self):
        return self.directory.db_url

    @property
    def seed(self):
        return os.environ.get("COURSE_SEED") or self.lab.course_seed

    def question_seed(self, assignment, cell):
        """The seed of one test cell's hidden inputs, from which the course seed cannot be found."""
        return hmac.new(self.seed.encode(), f"{assignment}/{cell}".encode(), hashlib.sha256).hexdigest()

    def withheld(self, assignment):
        """Names of the files in helpers/ that must not be importable while `assignment` runs."""
        return [*PICTURES, *self.lab.withheld.get(assignment, [])]

    # Folders.

    def folder(self, step, assignment, student="."):
        """The folder of one step ("source", "submitted", "autograded", "feedback") for one assignment and student."""
        return self.root / self.directory.format_path(getattr(self.directory, f"{step}_directory"), student, assignment)

    @property
    def private(self):
        """The folder for what must stay with the instructor (cached keys), readable by its owner only."""
        folder = self.root / ".autograder"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def assignments(self):
        """The assignments that have a source, in order."""
        base = self.folder("source", "*").parent
        return sorted({path.parent.name for path in base.glob("*/*.ipynb")}) if base.is_dir() else []

    def notebooks(self, assignment):
        """The names of an assignment's notebooks. Raises NoCourse when it has no source."""
        names = sorted(path.stem for path in self.folder("source", assignment).glob("*.ipynb"))
        if not names:
            known = ", ".join(self.assignments()) or "none yet"
            raise NoCourse(
                f"There is no assignment {assignment!r} in {self.folder('source', '.')} (there are: {known})."
            )
        return names

    def source_notebook(self, assignment, notebook):
        path = self.folder("source", assignment) / f"{notebook}.ipynb"
        try:
            return nbformat.read(path, as_version=4)
        except Exception as error:
            raise NoCourse(f"The instructor's notebook {path} cannot be read: {error}") from None

    def students(self, assignment):
        """Who has a folder for this assignment in submitted/, in order."""
        pattern = self.folder("submitted", assignment, "\0")
        before, after = str(pattern).split("\0")
        found = Path(before).glob(f"*{after}") if Path(before).is_dir() else []
        names = [str(path)[len(before) : len(str(path)) - len(after)] for path in found]
        return sorted(name for name in names if re.fullmatch(r"[^/\0]+", name) and not name.startswith("."))

    def companions(self, assignment, student=None):
        """The files that lie beside the notebook when it runs: the student's, then the instructor's over them.

        Returns (name → content, remarks on what was left behind). Links are never followed.
        """
        files, remarks = {}, []
        if student is not None:
            self._collect(self.folder("submitted", assignment, student), files, remarks, self.lab.companions)
        self._collect(self.folder("source", assignment), files, [], ["*"])
        return files, remarks

    def _collect(self, folder, files, remarks, patterns):
        for path in sorted(folder.rglob("*")) if folder.is_dir() and not folder.is_symlink() else []:
            name = path.relative_to(folder)
            inside_a_link = any((folder / part).is_symlink() for part in [*name.parents][:-1])
            if path.is_dir() and not path.is_symlink() or inside_a_link:
                continue
            if path.suffix == ".ipynb" or name.name in ("timestamp.txt", ".DS_Store") or _is_hidden(name):
                continue
            content = read_plain_file(path, LARGEST_COMPANION)
            if content is None or len(files) >= MOST_COMPANIONS or not any(name.match(p) for p in patterns):
                remarks.append(f"The file {str(name)[:100]} was left behind: {_why_left(path)}.")
            else:
                files[str(name)] = content


def read_plain_file(path, most):
    """The bytes of an ordinary file, or None: for links, devices, pipes, unreadable files and files over `most` bytes."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    info = os.fstat(descriptor)
    if not stat.S_ISREG(info.st_mode) or info.st_size > most:
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read(most + 1)


def _why_left(path):
    if path.is_symlink():
        return "links are not followed"
    if not path.is_file():
        return "it is no ordinary file"
    if path.stat().st_size > LARGEST_COMPANION:
        return f"it is larger than {LARGEST_COMPANION // 1024**2} MB"
    return "files of this kind are not taken along"


def _is_hidden(name):
    return any(part.startswith(".") or part == "__pycache__" for part in name.parts)


def _load_config(root):
    """nbgrader's configuration as its own commands would see it at `root`."""
    from nbgrader.apps import NbGrader

    previous = os.getcwd()
    os.chdir(root)
    try:
        app = NbGrader()
        app.load_config_file()
        return app.config
    finally:
        os.chdir(previous)
