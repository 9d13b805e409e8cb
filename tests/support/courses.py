"""Courses for tests: the project's own configuration and sources in a folder of their own."""

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def make_course(folder, assignments=("03_backprop",), submitted=()):
    """A course with the project's own configuration: its sources, and these sample submissions."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(
        ROOT / "judges", folder / "judges", ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True
    )
    for assignment in assignments:
        shutil.copytree(ROOT / "source" / assignment, folder / "source" / assignment)
        for part in ("mistakes", "alternatives"):
            (folder / part).mkdir(exist_ok=True)
            shutil.copy(ROOT / part / f"{assignment}.py", folder / part)
    for student in submitted:
        for assignment in assignments:
            work = ROOT / "examples" / "submitted" / student / assignment
            if work.is_dir():
                shutil.copytree(work, folder / "submitted" / student / assignment)
    return folder
