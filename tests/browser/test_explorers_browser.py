"""Each explorer in JupyterLab, as a student meets it: keyboard and mouse, picture and words, known states."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from helpers.datasets import xor
from helpers.explorers.controls import number
from helpers.initialization import initialize
from helpers.network import backward, forward
from helpers.training import train_full_batch
from tests.support.explorer_page import SECONDS, Explorer, rebuilt

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def show(open_notebook):
    """A function that opens one explorer."""

    def show_(call, **size):
        name = call.split("(")[0]
        page = open_notebook(name, [f"from helpers.explorers import {name}", call], **size)
        explorer = Explorer(page, name)
        assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
        return explorer

    return show_


def test_mse(show):
    mse = show("explore_mse()")
    mse.says("Mean squared error: 0.03.")
    before = mse.picture()
    mse.press("Prediction 1 (target 1)", "ArrowRight", 20)  # 0.8 becomes 1
    mse.says(f"Mean squared error: {number((0.04 + 0.01) / 3, 4)}.")
    assert mse.picture() != before
    mse.comes_to_show(rebuilt(mse))
    mse.drag("Prediction 2 (target 0)", 1.2)  # past the end: 1
    mse.says(f"Mean squared error: {number((1 + 0.01) / 3, 4)}.")
    mse.root.get_by_text("Broadcasting trap").click()
    mse.says("The trap: 0.")
    mse.comes_to_show(rebuilt(mse))


def test_descent_1d(show):
    walk = show("explore_descent_1d(learning_rate=0.7)")
    walk.says("Converges. Each step goes 70 % of the way")
    walk.press("Learning rate", "ArrowRight")
    walk.says("One step.")
    walk.press("Learning rate", "ArrowRight", 2)
    walk.says("Oscillates. The rate is exactly 2/curvature")
    walk.press("Learning rate", "ArrowRight")
    walk.says("Diverges.")
    walk.comes_to_show(rebuilt(walk))
    walk.drag("Learning rate", -0.2)
    walk.says("Crawls. Each step goes only 0.1 %")
    walk.drag("Steps", 1.2)
    walk.says("After 40 steps")
    walk.choose("Valley", "bumpy")
    walk.says("Still on its way.")
    walk.comes_to_show(rebuilt(walk))


def test_descent_2d(show):
    walk = show("explore_descent_2d(learning_rate=0.19)")
    walk.says("Converges, zigzagging")
    walk.press("Learning rate", "ArrowRight")
    walk.says("Oscillates in the steepest direction")
    walk.press("Learning rate", "ArrowRight")
    walk.says("Diverges.")
    walk.comes_to_show(rebuilt(walk))
    walk.drag("Start at w2 =", -0.2)
    walk.press("Learning rate", "Home")
    walk.says("Crawls.")
    expect(walk.line).to_have_value(re.compile(r"start_2=-3\.0"))
    walk.comes_to_show(rebuilt(walk))


def test_backprop(show):
    backprop = show("explore_backprop()")
    backprop.says("Step 0, start.")
    backprop.root.get_by_role("button", name="Next").click()
    backprop.says("z of h1 = 0.5 · 1 + −0.4 · 0.5 + 0.1 = 0.4")
    backprop.press("Step", "ArrowRight", 5)
    params = {
        "W1": np.array([[0.5, -0.4], [0.3, 0.8]]),
        "b1": np.array([[0.1], [-0.2]]),
        "W2": np.array([[0.7, -0.6]]),
        "b2": np.array([[0.2]]),
    }
    grads = backward(params, forward(params, [[1.0], [0.5]]), [[0.0]])
    backprop.says(f"= {grads['b2'][0, 0]:.3f}")  # the output delta is the slope of its bias
    backprop.drag("Step", 1.2)
    backprop.says("With the new weights the loss is")
    backprop.root.get_by_text("Change inputs, target, weights and biases").click()
    backprop.press("w₁₁", "Home")
    backprop.press("Step", "Home")
    backprop.root.get_by_role("button", name="Next").click()
    backprop.says("z of h1 = −2 · 1 + −0.4 · 0.5 + 0.1 = −2.1")
    backprop.comes_to_show(rebuilt(backprop))
    backprop.root.locator(".jupyter-widget-play button, .widget-play button").first.click()
    backprop.says("Step 3, forward.")


def test_training(show):
    training = show("explore_training()")
    training.says("Diagnosis: healthy. The loss falls")
    training.press("Learning rate", "ArrowRight", 3)  # 0.7, 1, 1.5
    _, losses = train_full_batch(initialize(2, 4, 1, np.random.default_rng(0)), *xor(), 1.5, 1000)
    training.says(f"With learning rate 1.5 the loss went from {number(losses[0])} to {number(losses[-1])}")
    training.comes_to_show(rebuilt(training))
    training.drag("Learning rate", 1.2)
    training.says("flat: saturated")
    training.comes_to_show(rebuilt(training))
    training.choose("Hidden activation", "tanh")
    training.choose("Update after", "each example")
    training.press("Learning rate", "Home")
    training.says("flat. The steps are tiny")
    training.press("Epochs", "Home")
    training.says("too early to say")


def test_hyperparameters(show):
    success = show("explore_hyperparameters(seeds=10)")
    success.says("Learning rate 0.5, 5,000 epochs: 8 of 10 seeds solve XOR")
    success.press("Learning rate", "ArrowRight", 3)
    success.says("Learning rate 10, 5,000 epochs: 10 of 10 seeds solve XOR (100%).")
    success.comes_to_show(rebuilt(success))
    success.drag("Epochs", -0.2)
    success.says("Learning rate 10, 50 epochs: 0 of 10")
    success.choose("Update after", "each example")  # starts anew, in the background
    stop = success.root.get_by_role("button", name="Stop")
    success.press("Seed", "ArrowRight", 2)  # the kernel answers meanwhile
    expect(success.readout("Seed")).to_have_text("2")
    stop.click()
    expect(success.root).to_contain_text(re.compile(r"stopped: [\d,]+ of 5,000 epochs"), timeout=SECONDS)
    success.root.get_by_role("button", name="Go on").click()
    expect(success.root).to_contain_text("done: 5,000 of 5,000 epochs", timeout=SECONDS)
    success.press("Learning rate", "End")
    success.press("Epochs", "End")
    success.says("Learning rate 100, 5,000 epochs: 0 of 10 seeds")


def test_explorers_fit_a_phone(show):
    mse = show("explore_mse()", width=480, height=900)
    mse.page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    mse.page.wait_for_timeout(1000)
    picture, words = mse.image.bounding_box(), mse.words.bounding_box()
    assert 250 < picture["width"] < 480
    assert words["y"] + words["height"] <= picture["y"] + 1  # above the picture, not beside it
    assert picture["height"] > picture["width"]
    assert words["x"] + words["width"] <= 480


def test_a_picture_has_a_name_for_screen_readers(show):
    mse = show("explore_mse()")
    expect(mse.root.get_by_role("img", name=re.compile("one square for each example"))).to_be_visible()


def test_a_click_on_the_success_map_chooses_that_cell(show):
    success = show("explore_hyperparameters(seeds=10)")
    success.says("Learning rate 0.5, 5,000 epochs: 8 of 10 seeds solve XOR")
    live = rebuilt(success)
    cell = live.map.axes.transData.transform((4.5, live.rates.index(10.0) + 0.5))  # the fifth column: 1,000 epochs
    x, y = live.figure.transFigure.inverted().transform(cell)
    box = success.image.bounding_box()
    success.image.click(position={"x": x * box["width"], "y": (1 - y) * box["height"]})
    success.says("Learning rate 10, 1,000 epochs: 10 of 10 seeds solve XOR")
    success.comes_to_show(rebuilt(success))
    success.image.click(position={"x": 2, "y": 2})  # beside the map: nothing happens
    success.says("Learning rate 10, 1,000 epochs")


def test_a_neighbouring_picture_is_there_before_anyone_asks_for_it(show):
    walk = show("explore_descent_1d(learning_rate=0.7)")
    walk.says("Converges. Each step goes 70 % of the way")
    walk.page.wait_for_timeout(5000)  # nobody moves anything: pictures are drawn ahead
    kernel = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
    walk.page.evaluate(f"void {kernel}.requestExecute({{code: 'import time; time.sleep(600)'}})")
    walk.page.wait_for_timeout(1000)
    walk.press("Learning rate", "ArrowRight")
    walk.says("One step.")  # though the kernel is busy for minutes
    walk.press("Learning rate", "ArrowRight", 2)
    walk.says("Oscillates. The rate is exactly 2/curvature")
    walk.comes_to_show(rebuilt(walk))
    walk.page.evaluate(f"{kernel}.interrupt()")
    walk.press("Learning rate", "End")
    walk.says("Diverges.")
    walk.comes_to_show(rebuilt(walk))


def test_every_slider_has_a_name_for_screen_readers(show):
    backprop = show("explore_backprop()")
    backprop.root.get_by_text("Change inputs, target, weights and biases").click()
    for label in ("Step", "Learning rate", "x1", "target", "w₁₁", "c"):
        expect(backprop.root.get_by_role("slider", name=label, exact=True)).to_be_visible()


def test_the_line_of_python_can_be_copied(show):
    mse = show("explore_mse()")
    mse.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    mse.root.get_by_role("button", name="Copy").click()
    expect(mse.root.get_by_role("button", name="Copied")).to_be_visible()
    assert mse.page.evaluate("navigator.clipboard.readText()") == mse.state_line()
