"""The course: where its folders are, how its work is run, and the secrets that stay on the instructor's side.

Everything is set in nbgrader_config.py (class CourseLab), beside nbgrader's own settings.
"""

import difflib
import hashlib
import hmac
import json
import math
import os
import traceback
from collections.abc import Iterable
from pathlib import Path, PurePath

import nbformat
from nbgrader.coursedir import CourseDirectory
from traitlets import Bool, Dict, List, TraitError, Unicode, default
from traitlets.config import Config, LoggingConfigurable

from autograder.budget import budgets_from
from autograder.course.plain_files import is_text, list_files, read_plain_file, why_not_read
from autograder.gradebook.address import mend_addresses
from autograder.installed import HELPERS
from autograder.sandbox.job import SandboxSettings, limits_from
from autograder.sandbox.wall import shown_at
from autograder.visible import visible

CONFIG = "nbgrader_config.py"
LARGEST_COMPANION = 10 * 1024**2  # bytes of one file handed in beside the notebook
MOST_COMPANIONS = 50
PYTHON = {"python", "python3", "ipython"}  # what notebooks call the language
FROM_THE_EXCHANGE = ("timestamp.txt", "submission_secret.txt")  # put there by `nbgrader submit`


class NoCourse(Exception):
    """There is no course here, or it lacks something; the message says what and what to do."""


class CourseLab(LoggingConfigurable):
    """What this autograder can be told in nbgrader_config.py."""

    course_seed = Unicode(
        "", help="Hidden inputs are drawn from this: a new seed, new questions. The environment's COURSE_SEED wins."
    ).tag(config=True)
    limits = Dict({}, help="What one submission may use, for instance {'cell_seconds': 20}: see job.Limits").tag(
        config=True
    )
    budgets = Dict(
        {}, help="Seconds the grader itself spends on one submission, for instance {'reading': 30}: see budget.SECONDS"
    ).tag(config=True)
    sandbox = Bool(True, help="Run students' code only inside a sandbox. False trusts every submission.").tag(
        config=True
    )
    withheld = Dict(
        help="Files of helpers/ (patterns) that an assignment's students write themselves: gone while it is graded. Those "
        "under '*' always are. What is not said here is as in helpers/withheld.json."
    ).tag(config=True)
    judges = Dict(
        {}, help="Who tries out the open choices that a question names, for instance {'xor': 'judges/xor.py:judge_xor'}"
    ).tag(config=True)
    bundle = Unicode("lab03-student", help="The name of the file in dist/ with all that students need.").tag(
        config=True
    )
    companions = List(
        Unicode(),
        ["*.py", "*.txt", "*.csv", "*.json", "*.npy", "*.npz", "*.png", "*.jpg", "*.jpeg", "*.svg", "*.md"],
        help="Files handed in beside the notebook that are taken along (patterns).",
    ).tag(config=True)

    @default("withheld")
    def _said_by_helpers(self) -> dict[str, list[str]]:
        return withheld_by_helpers()


def withheld_by_helpers() -> dict[str, list[str]]:
    """Assignment → files of helpers/ that hold what its students write; "*": those that are never there."""
    try:
        return json.loads((HELPERS / "withheld.json").read_text("utf-8"))
    except FileNotFoundError:
        return {}


class Course:
    """A course folder with its configuration. Make one with `Course.here()`."""

    def __init__(self, config: Config, root: str | Path | None = None) -> None:
        config = Config(config)
        self.config = config
        _refuse_unknown_settings(config)
        self.lab = CourseLab(config=config)
        mend_addresses()
        self.directory = CourseDirectory(config=config)
        self.root = Path(root or self.directory.root).resolve()
        self.directory.root = str(self.root)
        self.limits = limits_from(self.lab.limits)
        self.budgets = budgets_from(self.lab.budgets)
        self.confined = self.lab.sandbox
        where = shown_at(self.root)
        if self.confined and where is not None:
            raise NoCourse(
                f"The course in {self.root} cannot be graded where it is: students' code may read all of {where}, "
                "so it could read the solutions and the gradebook too. Move the course to another folder."
            )

    @classmethod
    def here(cls, root: str | Path = ".") -> "Course":
        """The course at `root`. Raises NoCourse where there is none, and ValueError where its configuration is wrong."""
        root = Path(root).resolve()
        if not root.is_dir():
            raise NoCourse(f"There is no folder {root}, so there is no course in it.")
        if not (root / CONFIG).is_file():
            raise NoCourse(
                f"There is no course in {root}: it has no {CONFIG}. Run this at the course root, or name the "
                "course: autograder --course FOLDER …"
            )
        try:
            return cls(_load_config(root), root)
        except TraitError as error:
            raise ValueError(str(error)) from None

    @property
    def db_url(self) -> str:
        return self.directory.db_url

    @property
    def seed(self) -> str:
        return os.environ.get("COURSE_SEED") or self.lab.course_seed

    def question_seed(self, assignment: str, cell: str) -> str:
        """The seed of one test cell's hidden inputs, from which the course seed cannot be found."""
        return hmac.new(self.seed.encode(), f"{assignment}/{cell}".encode(), hashlib.sha256).hexdigest()

    def withheld(self, assignment: str) -> list[str]:
        """Names of the files in helpers/ that must not be importable while `assignment` runs."""
        told: dict[str, list[str]] = self.lab.withheld
        always = told["*"] if "*" in told else withheld_by_helpers().get("*", [])
        return [*always, *told.get(assignment, [])]

    def sandbox_settings(self, *assignments: str) -> SandboxSettings:
        """How sandboxes are set up that these assignments share: what one of them withholds is not loaded ahead."""
        withheld = dict.fromkeys(name for assignment in assignments for name in self.withheld(assignment))
        return SandboxSettings(self.limits, tuple(withheld), self.confined)

    # Folders.

    def folder(self, step: str, assignment: str, student: str = ".") -> Path:
        """The folder of one step ("source", "submitted", "autograded", "feedback") for one assignment and student."""
        return self.root / self.directory.format_path(getattr(self.directory, f"{step}_directory"), student, assignment)

    @property
    def private(self) -> Path:
        """The folder for what must stay with the instructor (cached keys), readable by its owner only."""
        folder = self.root / ".autograder"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def assignments(self) -> list[str]:
        """The assignments that have a source, in order."""
        base = self.folder("source", "*").parent
        return sorted({path.parent.name for path in base.glob("*/*.ipynb")}) if base.is_dir() else []

    def notebooks(self, assignment: str) -> list[str]:
        """The names of an assignment's notebooks. Raises NoCourse when it has no source."""
        names = sorted(path.stem for path in self.folder("source", assignment).glob("*.ipynb"))
        if not names:
            known = ", ".join(self.assignments()) or "none yet"
            raise NoCourse(
                f"There is no assignment {assignment!r} in {self.folder('source', '.')} (there are: {known})."
            )
        return names

    def source_notebook(self, assignment: str, notebook: str) -> nbformat.NotebookNode:
        """The instructor's notebook. Raises NoCourse for one that cannot be read or graded."""
        path = self.folder("source", assignment) / f"{notebook}.ipynb"
        try:
            source = nbformat.read(path, as_version=4)
        except Exception as error:
            raise NoCourse(f"The instructor's notebook {path} cannot be read: {error}") from None
        _refuse_other_languages(source, path)
        _refuse_cells_without_points(source, path)
        return source

    def students(self, assignment: str, step: str = "submitted") -> list[str]:
        """Who has a folder for this assignment in submitted/ (or that of another step), in order."""
        return [name for name in self._folders(assignment, step) if is_text(name)]

    def unusable_names(self, assignment: str) -> list[str]:
        """Folders in submitted/ with work for this assignment whose names no gradebook can hold, as they may be shown."""
        names = [name for name in self._folders(assignment) if not is_text(name)]
        return [visible(name) for name in names]

    def _folders(self, assignment: str, step: str = "submitted") -> list[str]:
        before, after = str(self.folder(step, assignment, "\0")).split("\0")
        try:
            names = os.listdir(before)
        except OSError:
            return []
        return sorted(name for name in names if not name.startswith(".") and _may_exist(before + name + after))

    def companions(self, assignment: str, student: str | None = None) -> tuple[dict[str, bytes], list[str]]:
        """The files that lie beside the notebook when it runs: the student's, then the instructor's over them, but for
        those that nbgrader is told not to overwrite (c.Autograde.exclude_overwriting).

        Returns (name → content, remarks on what was left behind). Links are never followed. Raises NoCourse for a file of
        the instructor's that cannot be taken along.
        """
        theirs: dict[str, bytes] = {}
        remarks: list[str] = []
        if student is not None:
            folder = self.folder("submitted", assignment, student)
            kinds = [*self.lab.companions, *self._students_own_files(assignment)]
            theirs, remarks = _files_beside(folder, kinds, MOST_COMPANIONS)
        kept = {name: content for name, content in theirs.items() if name in self._students_own_files(assignment)}
        return theirs | self._instructors_files(assignment) | kept, remarks

    def _instructors_files(self, assignment: str) -> dict[str, bytes]:
        """All files beside the instructor's notebooks: only the sandbox's own size bounds them."""
        files, left_behind = _files_beside(self.folder("source", assignment), ["*"], None, self.limits.disk)
        if left_behind:
            raise NoCourse(f"Of the instructor's files of {assignment}, one cannot be taken along. {left_behind[0]}")
        return files

    def _students_own_files(self, assignment: str) -> set[str]:
        """The names of files that the instructor's version does not replace, as nbgrader is told."""
        told = [self.config[name].get("exclude_overwriting", {}) for name in ("Autograde", "CourseAutograde")]
        return {os.path.normpath(name) for each in told for name in each.get(assignment, [])}


def _files_beside(
    folder: Path, patterns: Iterable[str], most: int | None, largest: int = LARGEST_COMPANION
) -> tuple[dict[str, bytes], list[str]]:
    """The files of these kinds in a folder of notebooks: (name → content, remarks on what was left behind).

    most: how many files, or None for no bound. largest: bytes of one file.
    """
    files: dict[str, bytes] = {}
    remarks: list[str] = []
    for path in list_files(folder):
        name = path.relative_to(folder)
        if path.suffix.lower() == ".ipynb" or name.name in FROM_THE_EXCHANGE:
            continue
        why: object = None
        content = read_plain_file(path, largest)
        if content is None:
            why = why_not_read(path, largest)
        elif not any(PurePath(str(name).lower()).match(pattern.lower()) for pattern in patterns):
            why = "files of this kind are not taken along"
        elif most is not None and len(files) >= most:
            why = f"no more than {most} files are taken along"
        else:
            files[str(name)] = content
        if why is not None:
            remarks.append(f"The file {visible(name, most=100)} was left behind: {why}.")
    return files, remarks


def _refuse_other_languages(source: nbformat.NotebookNode, path: Path) -> None:
    told = [source.metadata.get("kernelspec", {}).get("language"), source.metadata.get("language_info", {}).get("name")]
    other = next((language for language in told if language and str(language).lower() not in PYTHON), None)
    if other is not None:
        raise NoCourse(f"The instructor's notebook {path} is written in {visible(other)}: only Python can be graded.")


def _refuse_cells_without_points(source: nbformat.NotebookNode, path: Path) -> None:
    for cell in source.cells:
        info = cell.metadata.get("nbgrader", {})
        if not (info.get("grade") or info.get("task")):
            continue
        try:
            known = math.isfinite(float(info["points"]))
        except (KeyError, TypeError, ValueError):
            known = False
        if not known:
            name = visible(info.get("grade_id", "without a name"))
            raise NoCourse(
                f"In the instructor's notebook {path} the graded cell {name} has no points. Say in its toolbar how many "
                "it is worth (0 for none)."
            )


def _may_exist(path: str) -> bool:
    """Whether there is something at `path`, a broken link included; true where it cannot be known."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _load_config(root: Path) -> Config:
    """nbgrader's configuration as its own commands would see it at `root`.

    Raises ValueError for a file that cannot be run, which nbgrader would only log: it would go on with other settings,
    another seed among them.
    """
    from nbgrader.apps import NbGrader

    previous = os.getcwd()
    os.chdir(root)
    try:
        app = NbGrader(raise_config_file_errors=True)
        app.load_config_file()
        return app.config
    except Exception as error:  # whatever a configuration file may raise
        place = next(((file, line) for file, line in _places(error) if file.endswith(CONFIG)), None)
        where = f"{place[0]}, line {place[1]}, " if place else "it "
        why = error.msg if isinstance(error, SyntaxError) else error
        raise ValueError(f"{where}cannot be run: {type(error).__name__}: {why}") from error
    finally:
        os.chdir(previous)


def _places(error: BaseException) -> list[tuple[str, int | None]]:
    """The files and lines where an error was raised, innermost first; a SyntaxError is where the text is."""
    here = [(error.filename, error.lineno)] if isinstance(error, SyntaxError) and error.filename else []
    return [*here, *((frame.filename, frame.lineno) for frame in reversed(traceback.extract_tb(error.__traceback__)))]


def _refuse_unknown_settings(config: Config) -> None:
    """A misspelt setting would leave the default in force without a word."""
    known = CourseLab.class_trait_names(config=True)
    for name in config.get("CourseLab", {}):
        if name not in known:
            meant = difflib.get_close_matches(name, known, 1)
            instead = f"did you mean {meant[0]}?" if meant else f"there are {', '.join(sorted(known))}"
            raise ValueError(f"there is no setting c.CourseLab.{name} ({instead})")
