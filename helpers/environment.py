"""Is everything here that the lessons need? Asked by the first cell of each lesson, and by `make lab`::

    from helpers.environment import check_environment
    check_environment()

Only looks, imports nothing heavy, and answers in one line: that all is well, or what is wrong and how to mend it.
As a command, `python -m helpers.environment` prints the same line and exits with 1 if something is wrong.

Lesson: 01_mse, "One number for how wrong".
"""

import importlib.metadata
import importlib.util
import sys
from pathlib import Path

PYTHONS = ((3, 11), (3, 14))  # from this one on, and below that one
PACKAGES = {  # name -> from this version on, and (if there is a limit) below that one
    "numpy": ((2, 1), None),
    "matplotlib": ((3, 9), None),
    "ipywidgets": ((8, 1), None),
    "ipykernel": ((6, 29), (7,)),  # 7 runs widgets on another thread, which spoils pictures
    "jupyterlab_widgets": ((3,), None),
    "anywidget": ((0, 9), None),
}
MEND = "In a terminal in the course folder, run `make environment`, then start again."
MEND_BUNDLE = "Follow “Set up, once” in README.md of the course folder, then start again."
MEND_COLAB = "Run `%pip install -q {packages}`, then Runtime → Restart session."
MEND_BROWSER = "Run the cell above, which fetches the packages; if that was done, reload the page."
OF_JUPYTER = ("ipykernel", "jupyterlab_widgets")  # Colab and JupyterLite have a kernel and a page of their own


def check_environment():
    """Look whether Python, the packages and the course's helpers are as the lessons need them.

    Prints one line: all is well, or the first thing that is wrong and how to mend it.
    Returns nothing and raises no errors, so that the rest of a lesson can be tried in any case.

    Lesson: 01_mse, "One number for how wrong".
    """
    print(problem() or "Everything is here. Press Shift+Enter to run a cell and go on to the next.")


def problem():
    """What is wrong with this environment, and how to mend it.

    Returns:
        One line, or "" if all is well.
    """
    # in the browser, Python comes with the page and is as new as the page
    if not PYTHONS[0] <= sys.version_info[:2] < PYTHONS[1] and not in_browser():
        running = ".".join(str(part) for part in sys.version_info[:2])
        return f"This is Python {running}, but the course needs 3.11, 3.12 or 3.13. {how_to_mend()}"
    for name, (least, below) in packages().items():
        wrong = _problem_with_package(name, least, below)
        if wrong:
            return wrong
    return _problem_with_helpers()


def in_browser():
    """Whether this Python runs inside a web page (JupyterLite)."""
    return sys.platform == "emscripten"


def in_colab():
    """Whether this is Google Colab."""
    return "google.colab" in sys.modules


def packages():
    """What is needed here, as PACKAGES: less where Jupyter is not the host."""
    left_out = OF_JUPYTER if in_browser() or in_colab() else ()
    return {name: limits for name, limits in PACKAGES.items() if name not in left_out}


def how_to_mend():
    """One line: what to do where packages are missing or old. In the repository, in the students' bundle, in Colab and
    in the browser that is not the same."""
    if in_browser():
        return MEND_BROWSER
    if in_colab():
        wanted = (f'"{name}>={_dotted(least)}"' for name, (least, _) in packages().items())
        return MEND_COLAB.format(packages=" ".join(wanted))
    return MEND if (Path(__file__).parents[1] / "Makefile").exists() else MEND_BUNDLE


def _problem_with_package(name, least, below):
    """One line about a package that is missing or has the wrong version, or ""."""
    shown = name.replace("_", "-")
    try:
        installed = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        use = " Without it no slider is shown." if name == "jupyterlab_widgets" else ""
        return f"The package {shown} is not installed.{use} {how_to_mend()}"
    found = _numbers(installed)
    if found < least:
        return f"{shown} {installed} is too old: {_dotted(least)} or newer is needed. {how_to_mend()}"
    if below and found >= below:
        return f"{shown} {installed} is too new: a version below {_dotted(below)} is needed. {how_to_mend()}"
    return ""


def _problem_with_helpers():
    """One line about the course's own files, or ""."""
    here = Path(__file__).parent
    found = importlib.util.find_spec("helpers")
    place = Path(found.origin).parent if found and found.origin else None
    if place is None:
        return f"The folder `helpers` cannot be imported from here. {how_to_mend()}"
    if place != here:
        return f"`helpers` is imported from {place}, not from this course: rename or remove that folder."
    missing = [name for name in ("figures", "explorers", "course.mplstyle") if not (here / name).exists()]
    if missing:
        return f"The course's files are incomplete: helpers/{missing[0]} is missing. Fetch the course again."
    return ""


def _numbers(version):
    """The leading numbers of a version: "8.1.9" is (8, 1, 9), "3.0rc1" is (3, 0)."""
    numbers = []
    for part in version.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        numbers.append(int(digits))
        if digits != part:
            break
    return tuple(numbers)


def _dotted(version):
    """A version as it is written."""
    return ".".join(str(number) for number in version)


if __name__ == "__main__":
    check_environment()
    sys.exit(1 if problem() else 0)
