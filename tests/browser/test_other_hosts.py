"""A lesson where it is not at home: in Jupyter Notebook 7 and in Voilà its cells run and its explorers answer."""

import re
import shutil

import pytest
from playwright.sync_api import expect

from tests.support.explorer_page import SECONDS, Explorer, rebuilt
from tests.support.opening import open_and_run
from tests.support.servers import ROOT, Notebook7, Voila

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LESSON = "02_gradient_descent.ipynb"
ERRORS = "[data-mime-type='application/vnd.jupyter.stderr'], [data-mime-type='application/vnd.jupyter.error']"
SELECTED = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"


@pytest.fixture(params=[Notebook7, Voila], ids=lambda host: host.__name__)
def lesson(request, tmp_path, new_page):
    """The page of the lesson, with all its cells run."""
    server = request.param(tmp_path / "home")
    path = server.notebooks / LESSON
    shutil.copy(ROOT / "notebooks" / LESSON, path)
    page = new_page()
    if request.param is Voila:
        page.goto(server.page(path), timeout=SECONDS)
    else:
        open_and_run(page, server, path)
    yield page
    server.stop()


def test_a_lesson_runs_and_its_explorers_show_known_states(lesson):
    walk = Explorer(lesson, "explore_descent_1d")
    walk.press("Learning rate", "Home")
    walk.says("Crawls. Each step goes only 0.1 %")
    before = walk.value("Learning rate")
    walk.press("Learning rate", "ArrowRight")
    expect(walk.handle("Learning rate")).not_to_have_attribute("aria-valuetext", before)
    walk.drag("Learning rate", 1.2)  # past the end
    walk.says("Diverges.")
    expect(walk.line).to_have_value(re.compile(r"learning_rate=10\.0"), timeout=SECONDS)
    walk.comes_to_show(rebuilt(walk))

    below = Explorer(lesson, "explore_descent_2d")  # the last explorer of the lesson: everything before it has run
    below.press("Learning rate", "ArrowRight", 2)
    below.says("Oscillates in the steepest direction")
    expect(below.line).to_have_value(re.compile(r"learning_rate=0\.2,"), timeout=SECONDS)
    below.comes_to_show(rebuilt(below))
    assert lesson.locator(ERRORS).count() == 0


@pytest.mark.parametrize("lesson", [Notebook7], indirect=True, ids=["Notebook7"])
def test_arrow_keys_belong_to_the_slider_that_has_the_focus(lesson):
    """Notebook 7 would go from cell to cell with them, and let the slider stand still."""
    walk = Explorer(lesson, "explore_descent_1d")
    walk.handle("Steps").focus()
    at = lesson.evaluate(SELECTED)
    for key, steps in {"ArrowRight": "21", "ArrowUp": "22", "ArrowLeft": "21", "ArrowDown": "20"}.items():
        lesson.keyboard.press(key)
        expect(walk.readout("Steps")).to_have_text(steps)
    assert lesson.evaluate(SELECTED) == at
