"""Feedback pages as students see them: on a wide screen and on a telephone, in the light and in the dark.

A small class is graded, one student for each kind of page; what is folded away is opened.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from nbformat.v4 import new_code_cell, new_markdown_cell

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.sandbox]
BIN = Path(sys.executable).parent
MSE, BACKPROP = "01_mse", "03_backprop"
CLASS = ("all-right", "no-hidden-slope", "raises", "deleted-cells")
BROKEN, UNTIDY, SHORT = "no notebook", "untidy", "ends its process"
KINDS = {  # what the page shows → whose page, and what the table or the top of it says
    "full marks": ("all-right", BACKPROP, "20 of 20 points"),
    "a named mistake": ("no-hidden-slope", BACKPROP, "hidden slope missing"),
    "errors in questions, and a written answer that waits": ("raises", MSE, "4 more wait for a person"),
    "cells that were put back": ("deleted-cells", BACKPROP, "put back"),
    "could not be graded": (BROKEN, MSE, "Not marked yet: all 20 points wait"),
    "graded in part": (SHORT, MSE, "Partly graded"),
    "wide and long outputs, tables, formulas and tracebacks": (UNTIDY, MSE, "of 16 points so far"),
}
SCREENS = [(1400, "light"), (390, "dark")]
UNTIDY_CODE = [
    "print('a long line of output ' * 40)",
    "for number in range(200):\n    print(number)",
    "from IPython.display import HTML\nHTML('<table><tr>' + '<td>a cell of a table</td>' * 30 + '</tr></table>')",
    "'a_name_without_any_space' * 30",
    "import sys\nprint('a warning', file=sys.stderr)",
    "# what goes wrong in a cell of one's own " + "is a long story " * 12 + "\n{}['no such key']",
]
UNTIDY_TEXT = (
    "| " + " | ".join(f"`column_{n}`" for n in range(8)) + " |\n" + "|---" * 8 + "|\n" + "| `a_long_entry` " * 8
)
UNTIDY_TEXT += (
    "|\n\n$$" + " + ".join(f"a_{{{n}}} x^{{{n}}}" for n in range(30)) + "$$\n\nhttps://example.org/" + "x" * 200
)


def hand_in(folder, student, change):
    """The all-right solution of 01_mse, changed."""
    own = folder / "submitted" / student / MSE
    own.mkdir(parents=True)
    notebook = nbformat.read(folder / "submitted" / "all-right" / MSE / f"{MSE}.ipynb", as_version=4)
    change(notebook)
    nbformat.write(notebook, own / f"{MSE}.ipynb")


def untidy(notebook):
    notebook.cells[1:1] = [new_code_cell(source) for source in UNTIDY_CODE] + [new_markdown_cell(UNTIDY_TEXT)]


def ends_its_process(notebook):
    notebook.cells.insert(6, new_code_cell("import os\nos._exit(1)"))


@pytest.fixture(scope="module")
def feedback(tmp_path_factory, key_cache):
    """A function of a student and an assignment: the page's file. All are graded at once."""
    from tests.support.courses import make_course

    folder = make_course(tmp_path_factory.mktemp("feedback") / "course", [MSE, BACKPROP], CLASS)
    (folder / ".autograder").mkdir(mode=0o700)
    (folder / ".autograder" / "keys").symlink_to(key_cache)
    hand_in(folder, UNTIDY, untidy)
    hand_in(folder, SHORT, ends_its_process)
    hand_in(folder, BROKEN, lambda notebook: None)
    (folder / "submitted" / BROKEN / MSE / f"{MSE}.ipynb").write_text("{")
    done = subprocess.run(
        [BIN / "autograder", "grade", "--quiet"], cwd=folder, env={**os.environ}, capture_output=True, text=True
    )
    assert done.returncode == 1 and BROKEN in done.stderr, done.stdout + done.stderr
    return lambda student, assignment: folder / "feedback" / student / assignment / f"{assignment}.html"


@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_and_nothing_overflows(feedback, new_page, kind):
    student, assignment, said = KINDS[kind]
    found = []
    for width, scheme in SCREENS:
        page, complaints = new_page(width, 900, color_scheme=scheme), []
        page.on("console", lambda message, seen=complaints: seen.append(message.text))
        page.goto(feedback(student, assignment).as_uri())
        assert said in re.sub(r"\s+", " ", page.locator("main").inner_text())
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (width, scheme)
        results = Axe().run(page).response
        assert "color-contrast" in {rule["id"] for rule in results["passes"]}, "axe has looked at colours"
        found += [
            (width, scheme, each["id"], each["nodes"][0]["html"])
            for each in results["violations"]
            if each["impact"] in ("serious", "critical")
        ]
        assert not complaints
    assert not found


def test_what_waits_for_a_person_is_no_nought_on_the_page_of_either_command(feedback):
    """`autograder grade` and `nbgrader generate_feedback` write the same page."""
    ours = feedback("raises", MSE).read_text()
    assert re.search(
        r"why_<wbr>square</code></a></td><td>waits for a person to mark it</td><td class=\"points\">– / 4", ours
    )
    course = feedback("raises", MSE).parents[3]
    feedback("raises", MSE).unlink()
    command = [BIN / "nbgrader", "generate_feedback", MSE, "--student=raises", "--force"]
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert feedback("raises", MSE).read_text() == ours
    assert json.loads((course / "autograded" / "raises" / MSE / "grading.json").read_text())["status"] == "graded"
