"""What a student handed in: which of the files is which notebook, its bytes, and the files beside it.

Nothing here looks into a notebook, follows a link, waits for a pipe, or stops at what cannot be read.
"""

import os
import re
import stat
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.utils import parse_utc

from autograder.course.added import without_added
from autograder.course.plain_files import LINKED, list_files, read_plain_file, why_not_read
from autograder.course.settings import Course
from autograder.notebook.reading import LARGEST_FILE
from autograder.visible import visible

NOTEBOOK_ENDINGS = re.compile(r"\.(ipynb(\.txt|\.json)?|json)$", re.IGNORECASE)
BETWEEN = re.compile(r"[\s_-]+")
TIMESTAMP = "timestamp.txt"
SECRET = "submission_secret.txt"  # by which `nbgrader fetch_feedback` finds the page: nobody else's business


@dataclass
class Found:
    """One notebook of a submission: its bytes, or why there are none."""

    data: bytes | None = None
    said: str = ""  # what had to be put right to find it
    reason: str = ""  # why there are no bytes
    missing: bool = False  # nothing was handed in for it (rather than something that cannot be read)


@dataclass
class HandedIn:
    """One student's folder, read."""

    notebooks: dict[str, Found]
    files: dict[str, bytes] = field(default_factory=dict)  # name → content of what lies beside the notebooks
    remarks: list[str] = field(default_factory=list)  # what was left behind, and why


def read_submission(course: Course, assignment: str, student: str, names: Sequence[str]) -> HandedIn:
    """Read what `student` handed in for the notebooks called `names`. Never raises for what a student can do."""
    folder = course.folder("submitted", assignment, student)
    trouble, missing = _why_no_folder(course.root / course.directory.submitted_directory, folder)
    if trouble:
        return HandedIn({name: Found(reason=trouble, missing=missing) for name in names})
    notebooks = {name: _read(folder, name, names) for name in names}
    files, remarks = course.companions(assignment, student)
    if os.path.lexists(folder / TIMESTAMP) and read_timestamp(course, assignment, student) is None:
        remarks.append(f"{TIMESTAMP} holds no point in time, so it is not known when this was handed in.")
    return HandedIn(notebooks, files, remarks)


def read_timestamp(course: Course, assignment: str, student: str) -> str | None:
    """When the work was handed in, or None where nobody says so in a readable way."""
    return timestamp_in(course.folder("submitted", assignment, student))


def timestamp_in(folder: Path) -> str | None:
    """The same for a submission's folder."""
    content = read_plain_file(folder / TIMESTAMP, 1000)
    if content is None:
        return None
    text = content.decode("utf-8", "replace").strip()
    try:
        parse_utc(text)
    except (ValueError, OverflowError, TypeError):
        return None
    return text


def _why_no_folder(base: Path, folder: Path) -> tuple[str, bool]:
    """Why a student's folder cannot be looked into, and whether that means that nothing was handed in."""
    for part in (*reversed(folder.parents), folder):
        if base in part.parents and os.path.islink(part):
            return f"the folder is a link, and {LINKED}", False
    try:
        os.listdir(folder)
    except FileNotFoundError:
        return "nothing was handed in", True
    except NotADirectoryError:
        return "there is a file where the folder with the work should be", False
    except OSError as error:
        return f"the folder cannot be read ({error.strerror})", False
    return "", False


def _read(folder: Path, name: str, names: Collection[str]) -> Found:
    path, said = find_notebook(folder, name, names)
    if path is None:
        return _not_found(folder, name, said)
    data = read_plain_file(path, LARGEST_FILE)
    if data is None:
        return Found(reason=f"{_shown(path.name)}: {why_not_read(path, LARGEST_FILE)}")
    return Found(data, said)


def _not_found(folder: Path, name: str, said: str) -> Found:
    """No notebook: was something else handed in for it, or nothing at all?"""
    if said:
        return Found(reason=said)
    alike = [path.name for path in list_files(folder) if _stands_for(path.with_suffix("").name, name)]
    if alike:
        return Found(reason=f"there is no {name}.ipynb; {_shown(alike[0])} is no notebook")
    return Found(reason=f"there is no {name}.ipynb", missing=True)


def find_notebook(folder: Path, name: str, all_names: Collection[str]) -> tuple[Path | None, str]:
    """The file that holds notebook `name`: (path, what was repaired), or (None, why it cannot be read, if it is there)."""
    exact = folder / f"{name}.ipynb"
    if os.path.islink(exact):
        return None, f"{exact.name}: {why_not_read(exact, LARGEST_FILE)}"
    others = _candidates(folder, all_names)
    alike = [path for path in others if _stands_for(_stem(path), name)]
    if os.path.lexists(exact):
        left = [path for path in alike if _bare(_stem(path)) == _bare(name)]
        return exact, _left_aside(left, folder) if os.path.isfile(exact) else ""
    alike = _best(alike, folder, name) or (others if len(all_names) == 1 else [])
    if not alike:
        return None, ""
    newest = max(alike, key=lambda path: (path.lstat().st_mtime, path.name))
    shown = _shown(newest.relative_to(folder))
    if len(alike) > 1:
        return newest, f"There were {len(alike)} notebooks; the newest, {shown}, was taken as {name}.ipynb."
    return newest, f"The notebook was handed in as {shown}; it was taken as {name}.ipynb."


def _candidates(folder: Path, all_names: Collection[str]) -> list[Path]:
    """The ordinary files that may be a notebook under another name."""
    exact = {f"{name}.ipynb" for name in all_names}
    return [
        path
        for path in list_files(folder)
        if str(path.relative_to(folder)) not in exact and NOTEBOOK_ENDINGS.search(path.name) and _is_ordinary(path)
        if path.suffix.lower() == ".ipynb" or any(_stands_for(_stem(path), name) for name in all_names)
    ]


def _best(alike: Sequence[Path], folder: Path, name: str) -> list[Path]:
    """Of the files that may stand for a notebook those that do so most plainly: by name, then by place."""

    def distance(path: Path) -> tuple[bool, bool, int]:
        return (_bare(_stem(path)) != _bare(name), path.suffix.lower() != ".ipynb", len(path.relative_to(folder).parts))

    least = min(map(distance, alike), default=None)
    return [path for path in alike if distance(path) == least]


def _left_aside(others: Sequence[Path], folder: Path) -> str:
    if not others:
        return ""
    return f"There was also {_shown(others[0].relative_to(folder))}; it was left aside."


def _is_ordinary(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _stem(path: Path) -> str:
    return NOTEBOOK_ENDINGS.sub("", path.name)


def _stands_for(stem: str, name: str) -> bool:
    """Whether a file of this name is likely meant as notebook `name`: the same words, perhaps with others around."""
    stem, name = _bare(stem), _bare(name)
    return stem == name or (len(name) >= 4 and (stem.startswith(name) or stem.endswith(name)))


def _bare(stem: str) -> str:
    """A file name without what browsers, systems and people add to it."""
    stem = unicodedata.normalize("NFKC", stem)
    return BETWEEN.sub("", without_added(stem)).casefold()


def _shown(name: str | Path) -> str:
    """A file name as it may stand in a sentence: short, on one line."""
    return visible(name, most=100)
