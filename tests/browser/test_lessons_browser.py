"""Each lesson in JupyterLab, from a fresh user's state: all cells run, and every slider moves its picture and words.

After each move the words and the picture must be those of the line of Python below the explorer. Whether that is the
right thing is decided by states that are worked out here with plain functions: the words must hold these numbers, and
the picture a mark where they belong.
"""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from helpers.datasets import xor
from helpers.explorers import descent_1d, descent_2d, hyperparameters, training
from helpers.explorers.controls import learning_rates, number
from helpers.initialization import initialize
from helpers.network import backward, forward
from helpers.palette import BLUE, ORANGE, SHARE
from helpers.training import predict, sweep, train_full_batch, update
from tests.support.explorer_page import Explorer, rebuilt
from tests.support.lessons import LESSONS, ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CALL = re.compile(r"^(explore_\w+)\(", re.MULTILINE)
WIDGET = "application/vnd.jupyter.widget-view+json"
STATE = """() => {
    const cells = Array.from(window.jupyterapp.shell.currentWidget.content.model.cells);
    return cells.map((cell, index) => ({cell, index}))
        .filter(({cell}) => cell.type === 'code' && cell.sharedModel.getSource().trim())
        .map(({cell, index}) => ({
            index, source: cell.sharedModel.getSource(), count: cell.executionCount, outputs: cell.outputs.toJSON(),
        }));
}"""
SCROLL = """async index => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = index;
    await notebook.scrollToItem(index, 'start');
}"""


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_runs_and_each_slider_brings_its_picture_and_words(lesson, open_notebook):
    page = open_notebook(lesson, ROOT / "notebooks" / f"{lesson}.ipynb")
    cells = run_to_the_end(page)
    nothing_went_wrong(cells)
    explorers = {cell["index"]: found[1] for cell in cells if (found := CALL.search(cell["source"]))}
    assert explorers, "a lesson has something to play with"
    for index, name in explorers.items():
        page.evaluate(SCROLL, index)
        explorer = Explorer(page, name)
        live = rebuilt(explorer)
        explorer.comes_to_show(live)
        labels = explorer.sliders()
        for label in labels:
            follows_the_keyboard(explorer, label, live)
        follows_the_mouse(explorer, labels[0], live)
        if name in KNOWN:
            KNOWN[name](explorer, live)


def run_to_the_end(page):
    """The code cells of the notebook, when all of them have run."""
    for _ in range(360):
        cells = page.evaluate(STATE)
        if all(cell["count"] for cell in cells):
            return cells
        page.wait_for_timeout(500)
    pytest.fail(f"never ran: {[cell['source'] for cell in cells if not cell['count']]}")


def nothing_went_wrong(cells):
    """No errors, nothing on stderr, a widget below each explorer's call."""
    for cell in cells:
        kinds = [(output["output_type"], output.get("name")) for output in cell["outputs"]]
        said = f"{cell['source']}: {cell['outputs']}"
        assert not any(kind == "error" or name == "stderr" for kind, name in kinds), said
        if CALL.search(cell["source"]):
            assert [output for output in cell["outputs"] if WIDGET in output.get("data", {})], said


def follows_the_keyboard(explorer, label, live):
    """One key press moves the slider, and the line, the words and the picture go with it."""
    before, line = explorer.value(label), explorer.state_line()
    explorer.press(label, "ArrowRight")
    if explorer.value(label) == before:  # it stood at its right end
        explorer.press(label, "ArrowLeft")
    assert explorer.value(label) != before, f"{label} does not move"
    expect(explorer.line).not_to_have_value(line)
    explorer.comes_to_show(rebuilt(explorer, live))


def follows_the_mouse(explorer, label, live):
    """A drag beyond the end of the track brings the slider to that end, and the rest with it."""
    explorer.press(label, "End")
    last = explorer.value(label)
    explorer.press(label, "Home")
    expect(explorer.handle(label)).not_to_have_attribute("aria-valuetext", last)
    explorer.drag(label, 1.2)
    expect(explorer.handle(label)).to_have_attribute("aria-valuetext", last)
    explorer.comes_to_show(rebuilt(explorer, live))


def goes_to(explorer, **positions):
    """Each slider, by keyboard, to its left end and so many places on."""
    for label, places in positions.items():
        explorer.press(label, "Home")
        explorer.press(label, "ArrowRight", places)


# States worked out here


def known_mse(explorer, live):
    predictions = [0.05, 1.0, 0.3]  # for the targets 1, 0, 1
    goes_to(explorer, **{"Prediction 1 (target 1)": 5, "Prediction 2 (target 0)": 100, "Prediction 3 (target 1)": 30})
    explorer.says(f"Mean squared error: {number((0.95**2 + 1 + 0.7**2) / 3, 4)}.")
    live = shown(explorer, live)
    for i, prediction in enumerate(predictions):
        explorer.shows_colour(ORANGE, live, 1.3 * i, prediction)


def known_descent_1d(explorer, live):
    rates = [rate for rate in descent_1d.RATES if rate < 0.5]
    goes_to(explorer, **{"Learning rate": len(rates), "Steps": 3, "Start at w =": 0})
    w = -6 * (1 - 0.5) ** 3  # half the way at each step, on the parabola ½ w²
    explorer.says(f"After 3 steps w went from −6 to {number(w)}, the loss from 18 to {number(w**2 / 2)}.")
    explorer.shows_colour(BLUE, shown(explorer, live), w, w**2 / 2)


def known_descent_2d(explorer, live):
    rates = [rate for rate in descent_2d.RATES if rate < 0.1]
    goes_to(explorer, **{"Learning rate": len(rates), "Steps": 2, "Start at w1 =": 0, "Start at w2 =": 60})
    w1, w2 = -3 * 0.9**2, 0  # curvature 1 along; across it is 10, so that one step is enough
    explorer.says(f"After 2 steps: w1 = {number(w1)}, w2 = {w2}, loss 49.5 → {number(w1**2 / 2)}.")
    explorer.shows_colour(BLUE, shown(explorer, live), w1, w2)


def known_backprop(explorer, live):
    """Every slider of the network stands one place, 0.05, above its default."""
    rates = [rate for rate in learning_rates(-2, 1) if rate < 1]
    goes_to(explorer, **{"Learning rate": len(rates), "Step": 10})
    W1, b1, W2, b2 = [[0.55, -0.35], [0.35, 0.85]], [[0.15], [-0.15]], [[0.75, -0.55]], [[0.25]]
    params = {name: np.array(value) for name, value in {"W1": W1, "b1": b1, "W2": W2, "b2": b2}.items()}
    x, target = np.array([[1.05], [0.55]]), np.array([[0.05]])
    after = update(params, backward(params, forward(params, x), target), 1.0)
    loss = np.mean((forward(after, x)["y"] - target) ** 2)
    explorer.says(f"With the new weights the loss is {number(loss)}")
    shown(explorer, live)


def known_training(explorer, live):
    rates = [rate for rate in training.RATES if rate < 1]
    goes_to(explorer, **{"Learning rate": len(rates), "Epochs": training.EPOCHS.index(500), "Seed": 3})
    _, losses = train_full_batch(initialize(2, 4, 1, np.random.default_rng(3)), *xor(), 1.0, 500)
    explorer.says(f"With learning rate 1 the loss went from {number(losses[0])} to {number(losses[-1])}")
    explorer.shows_colour(BLUE, shown(explorer, live), 500, losses[-1])


def known_hyperparameters(explorer, live):
    row, column = hyperparameters.RATES.index(3.0), hyperparameters.EPOCHS.index(1000)
    goes_to(explorer, **{"Learning rate": row, "Epochs": column, "Seed": 0})
    _, params = sweep([3.0], seeds=range(20), epochs=1000)
    solved = (np.abs(predict(params, xor()[0]) - xor()[1]).max(axis=(-2, -1)) <= 0.05).sum()
    explorer.says(f"Learning rate 3, 1,000 epochs: {solved} of 20 seeds solve XOR")
    explorer.shows_colour(SHARE(solved / 20), shown(explorer, live), column + 0.2, row + 0.3)


def shown(explorer, live):
    """The same view, made here, once the browser shows it."""
    live = rebuilt(explorer, live)
    explorer.comes_to_show(live)
    return live


KNOWN = {
    "explore_mse": known_mse,
    "explore_descent_1d": known_descent_1d,
    "explore_descent_2d": known_descent_2d,
    "explore_backprop": known_backprop,
    "explore_training": known_training,
    "explore_hyperparameters": known_hyperparameters,
}
