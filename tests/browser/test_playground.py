"""The playground as a visitor meets it: tabs by keyboard, sliders by key and mouse, a phone, the dark, no network."""

import json
import re
import signal
import time

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from helpers.datasets import xor
from helpers.explorers import EXPLORERS
from helpers.explorers.controls import number
from helpers.initialization import initialize
from helpers.network import backward, forward
from helpers.training import train_full_batch
from tests.support.explorer_page import SECONDS, Explorer, rebuilt
from tests.support.servers import STOP, Playground

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TABS = {explorer.name.removeprefix("explore_").replace("_", "-"): explorer.tab for explorer in EXPLORERS}


@pytest.fixture(scope="module")
def playground(tmp_path_factory):
    server = Playground(tmp_path_factory.mktemp("playground"))
    yield server
    server.stop()


class Visit:
    """A page of the playground. What it fetches from elsewhere and what goes wrong in its scripts is kept."""

    def __init__(self, page, playground, tab=""):
        self.page, self.elsewhere, self.errors = page, [], []
        page.on("request", lambda request: self._note(request.url, playground.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(playground.url + (f"/#{tab}" if tab else ""))
        expect(page.locator(".panel:visible .nn-explorer")).to_be_visible(timeout=SECONDS)

    def _note(self, url, home):
        if not url.startswith((home, home.replace("http", "ws"), "data:", "blob:")):
            self.elsewhere.append(url)

    def explorer(self, tab):
        """The explorer of the tab that is shown."""
        expect(self.page.get_by_role("tabpanel", name=TABS[tab], exact=True)).to_be_visible()
        return Explorer(self.page, f"explore-{tab}")

    def choose(self, tab):
        """Go to a tab with the keyboard alone: to the tabs, then along them."""
        self.page.locator("[role=tab][aria-selected=true]").focus()
        for _ in TABS:
            if self.page.evaluate("document.activeElement.id") == f"tab-{tab}":
                return self.explorer(tab)
            self.page.keyboard.press("ArrowRight")
        raise AssertionError(f"the arrow keys did not lead to the tab {tab}")

    def kernel(self):
        return json.loads(self.page.locator("#jupyter-config-data").text_content())["kernelId"]


@pytest.fixture
def visit(playground, new_page):
    """A function that opens the playground."""

    def visit_(tab="", **options):
        return Visit(new_page(**options), playground, tab)

    return visit_


def test_each_tab_is_reached_by_keyboard_and_its_sliders_show_known_states(visit):
    here = visit()
    for tab, check in CHECKS.items():
        check(here.choose(tab))
        expect(here.page.get_by_role("tab", name=TABS[tab])).to_have_attribute("aria-selected", "true")
        assert here.page.locator(".panel:visible").count() == 1
    assert not here.elsewhere, "the playground needs a network"
    assert not here.errors


def comes_to(explorer, state):
    """The kernel has this state (it may be behind the words, which can be there ahead), and all shows it."""
    expect(explorer.line).to_have_value(re.compile(re.escape(state)), timeout=SECONDS)
    explorer.comes_to_show(rebuilt(explorer))


def check_mse(mse):
    mse.press("Prediction 1 (target 1)", "ArrowRight", 20)  # 0.8 becomes 1
    mse.says(f"Mean squared error: {number((0.04 + 0.01) / 3, 4)}.")
    mse.drag("Prediction 2 (target 0)", 1.2)  # past the end: 1
    mse.says(f"Mean squared error: {number((1 + 0.01) / 3, 4)}.")
    comes_to(mse, "prediction=[1.0, 1.0, 0.9]")


def check_descent_1d(walk):
    walk.drag("Learning rate", -0.2)
    walk.says("Crawls. Each step goes only 0.1 %")
    walk.press("Learning rate", "End")
    walk.says("Diverges.")
    comes_to(walk, "learning_rate=10.0")


def check_descent_2d(walk):
    walk.press("Learning rate", "Home")
    walk.says("Crawls.")
    walk.drag("Learning rate", 1.2)
    walk.says("Diverges.")
    comes_to(walk, "learning_rate=10.0")


def check_backprop(backprop):
    backprop.press("Step", "ArrowRight")
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
    comes_to(backprop, "step=10")


def check_training(training):
    training.press("Learning rate", "ArrowRight", 3)  # 0.7, 1, 1.5
    _, losses = train_full_batch(initialize(2, 4, 1, np.random.default_rng(0)), *xor(), 1.5, 1000)
    training.says(f"With learning rate 1.5 the loss went from {number(losses[0])} to {number(losses[-1])}")
    training.drag("Learning rate", 1.2)
    training.says("flat: saturated")
    comes_to(training, "learning_rate=100.0")


def check_hyperparameters(success):
    success.says("Learning rate 0.5, 5,000 epochs: 16 of 20 seeds solve XOR")
    success.press("Learning rate", "End")
    success.says("Learning rate 100, 5,000 epochs: 0 of 20 seeds")
    success.drag("Epochs", -0.2)
    success.says("Learning rate 100, 50 epochs: 0 of 20 seeds")
    comes_to(success, "epochs=50,")


CHECKS = {
    "mse": check_mse,
    "descent-1d": check_descent_1d,
    "descent-2d": check_descent_2d,
    "backprop": check_backprop,
    "training": check_training,
    "hyperparameters": check_hyperparameters,
}


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_no_tab_has_a_serious_barrier_and_all_fit_a_phone(visit, scheme):
    here = visit(width=360, height=740, color_scheme=scheme)
    for tab in TABS:
        picture = here.choose(tab).image.bounding_box()
        assert picture["x"] >= 0 and picture["width"] > 250 and picture["x"] + picture["width"] <= 360
        assert here.page.evaluate("document.documentElement.scrollWidth") == 360, f"{tab} is wider than the phone"
        found = Axe().run(here.page).response["violations"]
        grave = [violation for violation in found if violation["impact"] in ("serious", "critical")]
        assert not grave, [(violation["id"], node["html"]) for violation in grave for node in violation["nodes"]]


def test_a_phone_gets_upright_pictures_with_readable_letters_which_turn_with_it(visit):
    here = visit(width=390, height=840)
    for tab in TABS:
        explorer = here.choose(tab)
        upright(explorer)
        live = rebuilt(explorer)
        live.fit(True)
        explorer.comes_to_show(live)
        words, picture = explorer.words.bounding_box(), explorer.image.bounding_box()
        assert words["y"] < picture["y"], "the words are out of sight below the picture"
    here.page.set_viewport_size({"width": 840, "height": 390})
    explorer = here.explorer(tab)
    upright(explorer, False)
    explorer.comes_to_show(rebuilt(explorer))


def upright(explorer, wanted=True):
    """The picture comes to stand upright, or to lie."""
    handle = explorer.image.element_handle()
    sign = ">" if wanted else "<"
    explorer.page.wait_for_function(f"image => image.naturalHeight {sign} image.naturalWidth", arg=handle)


def test_an_address_can_name_a_tab_and_only_that_explorer_is_made(visit):
    here = visit("training")
    here.explorer("training").says("Diagnosis: healthy.")
    expect(here.page.get_by_role("tab", name="Training")).to_have_attribute("aria-selected", "true")
    assert here.page.locator(".nn-explorer").count() == 1


def test_a_dark_page_is_dark_and_the_focus_is_seen(visit):
    here = visit(color_scheme="dark")
    ground = here.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", ground))) < 60
    mse = here.choose("mse")
    mse.press("Prediction 1 (target 1)", "ArrowRight")
    outline = mse.handle("Prediction 1 (target 1)").evaluate("handle => getComputedStyle(handle).outline")
    assert "3px" in outline and "solid" in outline


def test_the_page_shows_no_code_and_its_kernel_ends_when_the_visitor_leaves(visit, playground):
    here = visit()
    assert "Later(" not in here.page.locator("body").inner_text()
    kernel = here.kernel()
    assert playground.has_kernel(kernel)
    here.page.goto("about:blank")
    for _ in range(50):
        if not playground.has_kernel(kernel):
            return
        here.page.wait_for_timeout(200)
    pytest.fail("the kernel outlives the visit")


@pytest.mark.parametrize("after", [0, 0.3, 0.6])
def test_ctrl_c_ends_it_quietly_while_the_first_process_is_still_starting(tmp_path, after):
    server = Playground(tmp_path / "home")
    while "is open" not in server.said():
        time.sleep(0.01)
    time.sleep(after)
    assert server.stop(signal.SIGINT) == 0, f"not ended within {STOP} seconds"
    assert server.said() == f"The playground is open at {server.url}/ (Ctrl-C ends it).\n\nThe playground is closed.\n"


def test_ctrl_c_ends_the_playground_which_says_where_it_was(tmp_path, chromium):
    server = Playground(tmp_path / "home")
    page = chromium.new_page()
    page.goto(server.url)
    expect(page.locator(".panel:visible .nn-explorer")).to_be_visible(timeout=SECONDS)
    assert server.stop(signal.SIGINT) == 0, f"not ended within {STOP} seconds"
    assert f"The playground is open at {server.url}/ (Ctrl-C ends it)." in server.said()
    assert "Traceback" not in server.said()
    page.evaluate("check()")
    expect(page.get_by_role("alert")).to_contain_text("The playground has been stopped.")
    page.context.close()
