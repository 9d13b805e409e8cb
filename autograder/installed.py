"""Where this project's own packages lie: in a checkout, or installed in Python's own folder."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parent
HELPERS = ROOT / "helpers"


def name_of(path: Path) -> str:
    """A file of the two packages by its place under ROOT, with slashes: "autograder/sandbox/wall.py"."""
    return path.relative_to(ROOT).as_posix()
