"""Releasing: the student versions by nbgrader, what `ready()` compares with, and one file with all that students need.

    release(course, ["03_backprop"])   →  release/03_backprop/, helpers/handed_out.json
    write_bundle(course)               →  dist/lab03-student.zip

The bundle is made of a list of what goes in. Nothing is copied and then cleaned: what nobody has listed stays out.
"""

import json
import os
import re
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbgrader import utils
from packaging.requirements import Requirement

from autograder.course.plain_files import list_files
from autograder.course.settings import Course, NoCourse
from autograder.environment import put_commands_on_path
from autograder.gradebook.address import ask_no_process
from helpers import __version__
from helpers.ready import fingerprint

LONG_AGO = (2020, 1, 1, 0, 0, 0)  # modification time of every file in the bundle, which makes it reproducible
LESSONS = "notebooks"
LICENCES = ("LICENSE", "LICENSE-lessons.md")
LEFT_OUT = {"__pycache__", ".ipynb_checkpoints"}
STUDENTS_NEED = (
    "numpy",
    "matplotlib",
    "jupyterlab",
    "notebook",
    "ipywidgets",
    "ipykernel",
    "anywidget",
    "voila",
    "ipython",
    "jupyter-server",
    "nbclient",
    "pillow",
    "tornado",
    "traitlets",
    "nbgrader",
)
PROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "{name}"
version = "{version}"
requires-python = "{python}"
dependencies = [
{dependencies}
]

[tool.setuptools]
packages = [{packages}]

[tool.setuptools.package-data]
{data}
"""


class CannotRelease(Exception):
    """The message says what could not be released, and why."""


def release(course: Course, assignments: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """Make the student versions of `assignments` in release/, by nbgrader, and helpers/handed_out.json.

    Yields (assignment, folder) as each is done. Raises CannotRelease at the end, with nbgrader's own reason for each
    assignment that could not be released, or with what is wrong with its source.
    """
    from nbgrader.apps.api import NbGraderAPI

    put_commands_on_path()
    ask_no_process()
    os.chdir(course.root)
    failures = []
    for name in assignments:
        try:
            for notebook in course.notebooks(name):
                course.source_notebook(name, notebook)  # says what is wrong with a file that nobody could grade
        except NoCourse as error:
            failures.append(f"{name} could not be released: {error}")
            continue
        outcome = NbGraderAPI(course.directory, config=course.config).generate_assignment(name, force=True)
        if outcome["success"]:
            yield name, course.folder("release", name)
        else:
            failures.append(f"{name} could not be released: {_why(outcome)}")
    if failures:
        raise CannotRelease("\n".join(failures))
    if (course.root / "helpers").is_dir():
        text = json.dumps(handed_out(course), indent=1, ensure_ascii=False) + "\n"
        (course.root / "helpers" / "handed_out.json").write_text(text, encoding="utf-8")


def _why(outcome: dict[str, Any]) -> str:
    """nbgrader's reason: the error that its log tells of first, from which the others follow, and in which notebook."""
    lines = [line.strip() for line in f"{outcome.get('log') or ''}\n{outcome.get('error') or ''}".split("\n")]
    notebook = ""
    for line in lines:
        converted = re.search(r"Converting notebook (.+)$", line)
        if converted:
            notebook = f" (in {Path(converted[1]).name})"
        error = re.match(r"(?:\w+\.)*\w*(?:Error|Exception): (.+)", line)
        if error:
            return f"{error[1].rstrip('.')}{notebook}."
    told = [line.removeprefix("[ERROR] ") for line in lines if line.startswith("[ERROR]")]
    return ([*told, *(line for line in lines if line)] or ["nbgrader did not say why."])[0]


def handed_out(course: Course) -> dict[str, list[dict[str, str]]]:
    """What lies in release/: notebook → a list of its cells, each with id, kind ("solution", "test" or "text") and fingerprint."""
    found = {}
    for assignment in course.assignments():
        for name in course.notebooks(assignment):
            path = course.folder("release", assignment) / f"{name}.ipynb"
            if path.is_file():
                cells = nbformat.read(path, as_version=4).cells
                found[name] = [_described(cell) for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id")]
    return found


def _described(cell: nbformat.NotebookNode) -> dict[str, str]:
    kind = "solution" if utils.is_solution(cell) else "test" if utils.is_grade(cell) else "text"
    return {"id": cell.metadata.nbgrader.grade_id, "kind": kind, "fingerprint": fingerprint(cell.source)}


def write_bundle(course: Course) -> Path:
    """Write dist/<bundle>.zip: lessons, released assignments, helpers, environment.yml, a README. Returns its path.

    Raises CannotRelease when an assignment has no release yet.
    """
    name = course.lab.bundle
    files = bundle_files(course)
    path = course.root / "dist" / f"{name}.zip"
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for place in sorted(files):
            info = zipfile.ZipInfo(f"{name}/{place}", LONG_AGO)
            info.external_attr, info.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(info, files[place])
    os.replace(temporary, path)
    return path


def bundle_files(course: Course) -> dict[str, bytes]:
    """What students get: place in the bundle → content."""
    files: dict[str, bytes] = {}
    for assignment in course.assignments():
        folder = course.folder("release", assignment)
        if not any(folder.glob("*.ipynb")):
            raise CannotRelease(f"{assignment} is not in {folder.parent} yet: run `autograder release` first.")
        files |= _below(folder, f"assignments/{assignment}")
    files |= _below(course.root / LESSONS, "lessons")
    files |= _below(course.root / "helpers", "helpers")
    files |= {name: (course.root / name).read_bytes() for name in LICENCES if (course.root / name).is_file()}
    project = tomllib.loads((course.root / "pyproject.toml").read_text(encoding="utf-8"))
    files["pyproject.toml"] = _students_project(course.lab.bundle, project, files).encode()
    files["environment.yml"] = _students_environment(course).encode()
    files["README.md"] = _students_readme(course).encode()
    return files


def _below(folder: Path, place: str) -> dict[str, bytes]:
    """Every plain file below a folder, without caches and links."""
    found = {}
    for path in list_files(folder) if folder.is_dir() else []:
        inside = path.relative_to(folder)
        if not path.is_symlink() and not LEFT_OUT & set(inside.parts):
            found[f"{place}/{inside.as_posix()}"] = path.read_bytes()
    return found


def _students_project(name: str, project: dict[str, Any], files: Iterable[str]) -> str:
    """A pyproject.toml that installs helpers/ alone, with what students need."""
    wanted = [line for line in project["project"]["dependencies"] if Requirement(line).name in STUDENTS_NEED]
    packages = sorted(
        {str(Path(place).parent).replace("/", ".") for place in files if re.match(r"helpers/.*\.py$", place)}
    )
    data = project["tool"]["setuptools"]["package-data"]
    data = {name: kinds for name, kinds in data.items() if name.split(".")[0] == "helpers"}
    return PROJECT.format(
        name=name,
        version=__version__,
        python=project["project"]["requires-python"],
        dependencies="\n".join(f"    {json.dumps(line)}," for line in wanted),
        packages=", ".join(json.dumps(package) for package in packages),
        data="\n".join(f"{json.dumps(name)} = {json.dumps(kinds)}" for name, kinds in data.items()),
    )


def _students_environment(course: Course) -> str:
    """environment.yml without what only instructors need."""
    content = yaml.safe_load((course.root / "environment.yml").read_text(encoding="utf-8"))
    pinned = next(entry["pip"] for entry in content["dependencies"] if isinstance(entry, dict))
    kept = [line for line in pinned if line == "-e ." or Requirement(line).name in STUDENTS_NEED]
    others = [entry for entry in content["dependencies"] if not isinstance(entry, dict)]
    content = {"name": course.lab.bundle, "channels": content["channels"], "dependencies": [*others, {"pip": kept}]}
    return yaml.safe_dump(content, sort_keys=False)


def _students_readme(course: Course) -> str:
    template = Path(__file__).with_name("templates") / "students.md"
    lessons = sorted(path.stem for path in (course.root / LESSONS).glob("*.ipynb"))
    rows = [f"| `lessons/{name}.ipynb` | {_has(course, name)} |" for name in lessons]
    return template.read_text(encoding="utf-8").replace("{rows}", "\n".join(rows))


def _has(course: Course, name: str) -> str:
    return f"`assignments/{name}/{name}.ipynb`" if (course.folder("release", name) / f"{name}.ipynb").is_file() else "–"
