"""Make the pictures of the documentation: `make pictures`.

The explorers' pictures are drawn here, and the playground's notebook is written; the pictures of pages are taken in a real browser (needs chromium): the playground, a
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
START = "<!-- made by docs/make_pictures.py from here on -->\n"
MADE = "made on 2026-01-31 at 12:00 UTC"  # in the report's picture, which is the same whenever it is made
CLASS = ("all-right", "no-hidden-slope", "biases-not-summed", "transposed-gradients", "two-slips", "nothing-done")


def explorers():
    """Draw each explorer; write docs/explorers.md with what it shows and says in words, and the playground's notebook."""
    sys.path.insert(0, str(ROOT))
    from helpers.explorers import EXPLORERS
    from helpers.playground import notebook

    sections = []
    for explorer in EXPLORERS:
        live = explorer.make(**explorer.shown)
        (PICTURES / f"{explorer.name}.png").write_bytes(live.png())
        alt = live.alt.replace("\n", " ")
        sections.append(
            f"\n## {explorer.title}\n\n`{explorer.call(explorer.shown)}`\n\n"
            f"```{{figure}} pictures/{explorer.name}.png\n:alt: {alt}\n:width: 100%\n\n{live.words}\n```\n"
        )
    page = ROOT / "docs" / "explorers.md"
    page.write_text(page.read_text().split(START)[0] + START + "".join(sections))
    notebook.PLACE.write_text(notebook.notebook(), "utf-8")


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
    report = folder / "report.html"
    text, dates = re.subn(r"made on [\d-]+ at [\d:]+ UTC", MADE, report.read_text("utf-8"))
    assert dates == 1, "the report says in other words when it was made"
    report.write_text(text, "utf-8")
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
            named.evaluate("element => window.scrollTo(0, element.getBoundingClientRect().top + window.scrollY - 565)")
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
