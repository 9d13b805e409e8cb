"""Make the pictures of the documentation: `make pictures`.

The explorers' pictures are drawn here; those of pages are taken in a real browser (needs chromium): the playground, a
feedback page and the class report of a small class, which is graded for the purpose.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
BIN = Path(sys.executable).parent
VIEWS = {  # the state in which each explorer is shown
    "explore_mse": {"prediction": (0.8, 0.45, 0.9)},
    "explore_descent_1d": {"learning_rate": 1.5, "steps": 12},
    "explore_descent_2d": {"learning_rate": 0.15},
    "explore_backprop": {"step": 9},
    "explore_training": {"learning_rate": 3, "epochs": 1000},
    "explore_hyperparameters": {"learning_rate": 10.0, "epochs": 1000},
}
TITLES = {
    "explore_mse": "Mean squared error",
    "explore_descent_1d": "Gradient descent on one weight",
    "explore_descent_2d": "Gradient descent on two weights",
    "explore_backprop": "Forward and backward through a network",
    "explore_training": "Training on XOR",
    "explore_hyperparameters": "Which settings work, over many seeds",
}
START = "<!-- made by docs/make_pictures.py from here on -->\n"
CLASS = ("all-right", "no-hidden-slope", "biases-not-summed", "transposed-gradients", "two-slips", "nothing-done")


def explorers():
    """Draw each explorer, and write docs/explorers.md with its caption: what it shows, and what it says in words."""
    sys.path.insert(0, str(ROOT))
    from helpers import explorers as module

    sections = []
    for name, state in VIEWS.items():
        live = getattr(module, name)(**state)
        (PICTURES / f"{name}.png").write_bytes(live.png())
        alt = live.alt.replace("\n", " ")
        sections.append(
            f"\n## {TITLES[name]}\n\n`{name}({', '.join(f'{key}={value!r}' for key, value in state.items())})`\n\n"
            f"```{{figure}} pictures/{name}.png\n:alt: {alt}\n:width: 100%\n\n{live.words}\n```\n"
        )
    page = ROOT / "docs" / "explorers.md"
    page.write_text(page.read_text().split(START)[0] + START + "".join(sections))


def graded_course(folder):
    """A course with a handful of submissions for 03_backprop, graded and reported."""
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "source" / "03_backprop", folder / "source" / "03_backprop")
    shutil.copytree(ROOT / "mistakes", folder / "mistakes")
    for student in CLASS:
        work = ROOT / "examples" / "submitted" / student / "03_backprop"
        if work.is_dir():
            shutil.copytree(work, folder / "submitted" / student / "03_backprop")
    for command in (["grade", "--quiet"], ["report"]):
        subprocess.run([BIN / "autograder", "--course", folder, *command], check=True)
    return folder


def pages():
    """Take the pictures of pages."""
    sys.path.insert(0, str(ROOT))
    from playwright.sync_api import sync_playwright

    from tests.support.chromium_here import ARGUMENTS, CHROMIUM

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        course = graded_course(Path(folder))
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        try:
            page = browser.new_context(viewport={"width": 1000, "height": 900}).new_page()
            page.goto((course / "feedback" / "no-hidden-slope" / "03_backprop" / "03_backprop.html").as_uri())
            named = page.locator("[data-mistake]").first
            named.scroll_into_view_if_needed()
            page.mouse.wheel(0, -200)
            page.wait_for_timeout(500)
            page.screenshot(path=PICTURES / "feedback.png")
            page.goto((course / "report.html").as_uri())
            page.wait_for_timeout(500)
            page.screenshot(path=PICTURES / "report.png")
        finally:
            browser.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="?", choices=["explorers", "pages"], help="default: both")
    wanted = parser.parse_args().what
    PICTURES.mkdir(exist_ok=True)
    for what in ["explorers", "pages"] if wanted is None else [wanted]:
        {"explorers": explorers, "pages": pages}[what]()
        print(f"made: {what}")
    print(re.sub(r"^", "  ", "\n".join(sorted(os.listdir(PICTURES))), flags=re.M))


if __name__ == "__main__":
    main()
