"""Each lesson in JupyterLab, from a fresh user's state: it opens, all cells run without an error, the explorers answer."""

import re

import pytest
from courses import ROOT

LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDGET = "application/vnd.jupyter.widget-view+json"
STATE = """() => {
    const cells = Array.from(window.jupyterapp.shell.currentWidget.content.model.cells);
    return cells.filter(cell => cell.type === 'code' && cell.sharedModel.getSource().trim()).map(cell => ({
        source: cell.sharedModel.getSource(), count: cell.executionCount, outputs: cell.outputs.toJSON(),
    }));
}"""


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_runs_from_top_to_bottom_in_the_browser(lesson, open_notebook):
    page = open_notebook(lesson.stem, lesson)
    for _ in range(240):
        cells = page.evaluate(STATE)
        if all(cell["count"] for cell in cells):
            break
        page.wait_for_timeout(500)
    assert cells and all(cell["count"] for cell in cells), "some cell never ran"
    for cell in cells:
        kinds = [(output["output_type"], output.get("name")) for output in cell["outputs"]]
        assert not any(kind == "error" or name == "stderr" for kind, name in kinds), (
            f"{cell['source']}: {cell['outputs']}"
        )
    explorers = [cell for cell in cells if re.search(r"^explore_\w+\(", cell["source"], re.MULTILINE)]
    assert explorers, "a lesson has something to play with"
    for cell in explorers:
        shown = [output for output in cell["outputs"] if WIDGET in output.get("data", {})]
        assert shown, f"no widget below {cell['source']}"
