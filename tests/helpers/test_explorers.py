"""Explorers without a browser: set a control, and see the words, the line of Python and the picture follow."""

import asyncio
import inspect
import re
import warnings

import matplotlib as mpl
import numpy as np
import pytest
from bs4 import BeautifulSoup
from matplotlib.text import Text
from traitlets import TraitError

import helpers.live
from helpers import explorers, palette
from helpers.datasets import xor
from helpers.descent import numerical_gradient
from helpers.explorers import (
    explore_backprop,
    explore_descent_1d,
    explore_descent_2d,
    explore_hyperparameters,
    explore_mse,
    explore_training,
    modes,
)
from helpers.explorers.controls import learning_rates, number
from helpers.explorers.descent_1d import VALLEYS
from helpers.explorers.descent_2d import SURFACES
from helpers.initialization import initialize
from helpers.live import STYLE, Live, add_label, course_style, new_figure
from helpers.live.places import is_slider
from helpers.network import backward, forward
from helpers.training import predict, train, train_full_batch, update
from tests.support.courses import ROOT

MOVES = {explorer.name: explorer.move for explorer in explorers.EXPLORERS}
TRAINS_LONG = "explore_hyperparameters"  # forty networks for each view
NAMES = [pytest.param(name, marks=[pytest.mark.slow] * (name == TRAINS_LONG)) for name in MOVES]


@pytest.fixture(autouse=True)
def no_warnings():
    """Nothing may reach stderr, divergence included."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def make(name, **arguments):
    return getattr(explorers, name)(**arguments)


def again(live):
    """What the line of Python under an explorer makes."""
    scope = {}
    line = live.state_line
    importing, call = line.split("; ")
    exec(importing, scope)
    return eval(call, scope)


# every explorer


def test_each_module_that_shows_an_explorer_has_its_record():
    files = (ROOT / "helpers" / "explorers").glob("*.py")
    found = {
        name for file in files for name in re.findall(r"^def (explore_\w+)", file.read_text("utf-8"), re.MULTILINE)
    }
    assert found == set(explorers.__all__) and len(found) > 5


@pytest.mark.parametrize("explorer", explorers.EXPLORERS, ids=lambda explorer: explorer.name)
def test_what_the_benchmark_turns_is_a_slider_of_the_explorer(explorer):
    arguments, label = explorer.timed
    sliders = [control for control in explorer.make(**arguments).controls.values() if is_slider(control)]
    assert label in [slider.description for slider in sliders]


@pytest.mark.parametrize("name", NAMES)
def test_the_line_of_python_brings_the_view_back(name):
    arguments, control, value = MOVES[name]
    live = make(name, **arguments)
    before = live.pixels()
    live.controls[control].value = value
    assert not np.array_equal(live.pixels(), before)
    copy = again(live)
    assert copy.state == live.state
    assert copy.words == live.words
    np.testing.assert_array_equal(copy.pixels(), live.pixels())


@pytest.mark.parametrize("name", NAMES)
def test_arguments_are_the_state(name):
    parameters = inspect.signature(getattr(explorers, name)).parameters
    assert all(parameter.default is not parameter.empty for parameter in parameters.values())
    live = make(name, **MOVES[name][0])
    assert set(live.state) == set(parameters)


@pytest.mark.parametrize("name", NAMES)
def test_blitting_paints_what_a_whole_drawing_paints(name):
    arguments, control, value = MOVES[name]
    live = make(name, **arguments)
    live.controls[control].value = value
    moved = live.pixels()
    live.refresh()
    np.testing.assert_array_equal(live.pixels(), moved)


@pytest.mark.parametrize("name", NAMES)
def test_an_ordinary_move_does_not_draw_the_background_again(name, monkeypatch):
    arguments, control, value = MOVES[name]
    live = make(name, **arguments)
    monkeypatch.setattr(live.figure.canvas, "draw", lambda: pytest.fail("the axes were drawn again"))
    live.controls[control].value = value


@pytest.mark.parametrize("name", NAMES)
def test_what_is_displayed_holds_a_picture_and_the_words_for_where_widgets_do_not_run(name):
    live = make(name, **MOVES[name][0])
    data, metadata = live._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["image/png"].startswith(b"\x89PNG")
    still = BeautifulSoup(data["text/html"], "html.parser")
    assert still.img["alt"] == live.alt and still.img["src"].startswith("data:image/png;base64,")
    assert " ".join(still.get_text(" ").split()) == live.words
    assert live.alt in metadata["image/png"]["alt"] and live.words in data["text/plain"]


@pytest.mark.parametrize("name", NAMES)
def test_on_a_phone_the_picture_is_upright_with_readable_letters_and_nothing_cut(name):
    arguments, control, value = MOVES[name]
    live = make(name, **arguments)
    wide, first = live.pixels(), live.controls[control].value
    assert smallest_letters(live) < 6, "that is why there is another arrangement"
    live.fit(True)
    live.controls[control].value = value
    upright = live.pixels()
    assert upright.shape[0] > upright.shape[1]
    assert smallest_letters(live) > 10
    rim = np.concatenate([upright[:2].ravel(), upright[-2:].ravel(), upright[:, :2].ravel(), upright[:, -2:].ravel()])
    assert rim.min() > 230, "something is cut at the rim"
    live.fit(False)
    live.controls[control].value = first
    np.testing.assert_array_equal(live.pixels(), wide)


def smallest_letters(live, width=350):
    """How tall the smallest letters are, in pixels, when the picture is shown on a phone, `width` pixels wide."""
    points = [
        text.get_fontsize() for text in live.figure.findobj(Text) if text.get_visible() and text.get_text().strip()
    ]
    return min(points) / 72 * width / live.figure.get_figwidth()


@pytest.mark.parametrize("name", NAMES)
def test_controls_are_named_explained_and_uncut(name):
    live = make(name, **MOVES[name][0])
    for control in live.controls.values():
        assert control.description and control.tooltip
        if hasattr(control.style, "description_width") and not hasattr(control, "indent"):
            assert control.style.description_width == "initial"
    assert live.picture.alt == live.alt
    assert "nn-explorer" in live._dom_classes


# Live


def test_helpers_live_has_the_names_that_notebooks_import_from_it():
    names = {"AHEAD", "FINE", "KEPT", "QUIET", "STYLE", "Label", "Live", "Picture"}
    assert names | {"add_label", "arrange", "course_style", "new_figure"} <= vars(helpers.live).keys()


def test_live_reads_the_controls_and_not_the_event():
    import ipywidgets as widgets

    with course_style():
        figure = new_figure(3, 2)
        axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
        (dot,) = axes.plot([0], [0], "o")
        label = add_label(axes, 0.5, 0.5, "two\nlines")
    seen = []

    def show(a, b):
        seen.append((a, b))
        dot.set_data([a], [b])
        return f"<b>a &amp; b</b>: {a}<br>{b}"

    controls = {"a": widgets.FloatSlider(max=1, step=0.1), "b": widgets.FloatSlider(max=1, step=0.1)}
    live = Live(figure, [dot, label], show, controls, call="none", alt="a dot")
    live.set(a=0.3, b=0.7)
    assert seen == [(0.0, 0.0), (0.3, 0.7)]  # set draws once
    assert live.words == "a & b: 0.3 0.7"
    assert live.state_line.endswith("none(a=0.3, b=0.7)")
    live.controls["a"].value = 0.1 + 0.2
    assert live.state == {"a": 0.3, "b": 0.7}


def test_live_draws_the_background_again_when_limits_change():
    live = explore_training(epochs=100)
    background = live._background
    live.controls["epochs"].value = 200  # the axis now ends at 1,000
    assert live._background is not background
    at_200 = live.pixels()
    live.refresh()
    np.testing.assert_array_equal(live.pixels(), at_200)


def test_colours_pass_wcag_aa_and_the_style_uses_them():
    for ink in (palette.INK, palette.GREY, palette.BLUE, palette.ORANGE, palette.PURPLE):
        assert palette.contrast(ink, palette.PAPER) >= 4.5
    for patch in (palette.PALE_BLUE, palette.PALE_ORANGE, *palette.SHARE(np.linspace(0, 1, 21))):
        assert palette.contrast(palette.ink_on(patch), patch) >= 4.5
    assert palette.contrast("white", "black") == pytest.approx(21)
    assert mpl.colors.to_hex(palette.DIVERGING(0.5)) != palette.PAPER
    assert {STYLE[name] for name in ("text.color", "axes.labelcolor", "xtick.labelcolor")} == {palette.INK}
    cycle = [entry["color"] for entry in STYLE["axes.prop_cycle"]]
    assert cycle == [palette.BLUE, palette.ORANGE, palette.PURPLE, palette.GREY]


def test_blue_and_orange_differ_in_brightness_or_hue_without_red_and_green():
    """The ends of the signed palette, as seen without red or green cones (Viénot 1999), stay far apart."""
    ends = np.array([mpl.colors.to_rgb(palette.DIVERGING(0.0)), mpl.colors.to_rgb(palette.DIVERGING(1.0))])
    seen = np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]])  # protanopia, linear
    assert np.linalg.norm(np.diff(ends**2.2 @ seen.T, axis=0)) > 0.3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.03, "0.03"),
        (-0.5, "−0.5"),
        (1.2e-7, "1.2e−7"),
        (4e139, "4e139"),
        (np.inf, "infinite"),
        (np.nan, "not a number"),
    ],
)
def test_numbers_as_people_write_them(value, text):
    assert number(value) == text


def test_learning_rates_are_round_numbers_on_a_logarithmic_scale():
    rates = learning_rates(-3, 2)
    assert rates[0] == 0.001 and rates[-1] == 100 and {0.1, 0.5, 1, 10} <= set(rates)
    ratios = np.array(rates[1:]) / rates[:-1]
    assert ratios.min() > 1.3 and ratios.max() < 1.7


# explore_mse


def test_mse_of_the_worked_example():
    live = explore_mse()
    assert live.words.startswith("Mean squared error: 0.03.")
    assert "2: error +0.20, squared 0.0400" in live.words


def test_mse_of_the_self_check():
    live = explore_mse(target=[0, 1, 1, 0], prediction=[0.1, 0.9, 0.8, 0.2])
    assert live.words.startswith("Mean squared error: 0.025.")
    live.set(prediction_1=0.0, prediction_2=1.0, prediction_3=1.0, prediction_4=0.0)
    assert live.words.startswith("Mean squared error: 0.") and "Every prediction is right" in live.words


def test_mse_trap_gives_the_plausible_wrong_number():
    live = explore_mse()
    live.controls["trap"].value = True
    target, prediction = np.array([1, 0, 1]), np.array([[0.8], [0.2], [0.9]])
    wrong = np.mean((prediction - target) ** 2)
    assert live.words.startswith(f"The trap: {wrong:.4g}, but the mean squared error is 0.03.")
    assert "shape (3, 3)" in live.words


def test_mse_refuses_lists_of_different_length():
    with pytest.raises(ValueError, match="3 and 2"):
        explore_mse(target=[1, 0, 1], prediction=[0.5, 0.5])


# explore_descent_1d


@pytest.mark.parametrize("curvature", [0.25, 0.5, 1, 2, 4])
def test_parabola_thresholds_are_exact_and_named(curvature):
    live = explore_descent_1d(curvature=curvature, steps=10, start=-4.0)
    rate, limit = live.controls["learning_rate"], 2 / curvature
    rate.value = 1 / curvature
    assert live.words.startswith("One step.") and "from −4 to 0," in live.words
    rate.value = limit
    assert live.words.startswith("Oscillates.") and "from −4 to −4," in live.words
    rates = [value for _, value in rate.options]
    rate.value = max(value for value in rates if value < limit)
    assert live.words.startswith("Converges, leaping.")
    if limit < rates[-1]:
        rate.value = min(value for value in rates if value > limit)
        assert live.words.startswith("Diverges.")
    rate.value = max(value for value in rates if value < 1 / curvature)
    assert live.words.startswith("Converges.")
    rate.value = 0.001
    assert live.words.startswith("Crawls.")


def test_parabola_self_check():
    live = explore_descent_1d(learning_rate=0.1, steps=1, curvature=0.25, start=2.0)  # slope 0.5 at w = 2
    assert "After 1 step w went from 2 to 1.95" in live.words


def test_parabola_divergence_is_said_and_drawn():
    live = explore_descent_1d(learning_rate=10.0, steps=40, curvature=4)
    assert live.words.startswith("Diverges. Each leap ends 39 times as far")
    assert live.pixels().std() > 10


def test_bumpy_valley_catches_the_walk_or_not():
    caught = explore_descent_1d(valley="bumpy", learning_rate=0.1, steps=40, start=-4.0)
    assert caught.words.startswith("Caught in a side valley.")
    home = explore_descent_1d(valley="bumpy", learning_rate=0.1, steps=40, start=1.0)
    assert home.words.startswith("In the deepest valley")


@pytest.mark.parametrize("name", VALLEYS)
def test_slopes_of_the_valleys(name):
    for w in (-2.0, 0.3, 1.7):
        slope = numerical_gradient(lambda w: VALLEYS[name](w, 2.0)[0], w)
        assert VALLEYS[name](w, 2.0)[1] == pytest.approx(slope, rel=1e-6)


# explore_descent_2d


@pytest.mark.parametrize(
    ("rate", "word"),
    [(0.19, "Converges, zigzagging"), (0.2, "Oscillates"), (0.21, "Diverges."), (0.05, "Converges without")],
)
def test_ravine_has_its_limit_at_two_over_the_largest_curvature(rate, word):
    live = explore_descent_2d(learning_rate=rate, steps=100)
    assert live.words.startswith(word)
    assert "rates below 2/10 = 0.2 converge" in live.words


def test_descent_2d_follows_the_formula():
    live = explore_descent_2d(learning_rate=0.05, steps=3, start_1=-2.0, start_2=1.0)
    assert f"w1 = {number(-2 * 0.95**3)}, w2 = {number(0.5**3)}" in live.words


def test_two_valleys_depend_on_the_start():
    assert "left, deeper" in explore_descent_2d(surface="two valleys", start_1=-0.5, learning_rate=0.5, steps=100).words
    assert (
        "right, shallower" in explore_descent_2d(surface="two valleys", start_1=1.5, learning_rate=0.5, steps=100).words
    )


def test_two_valleys_divergence_is_said():
    live = explore_descent_2d(surface="two valleys", learning_rate=10.0, steps=100)
    assert live.words.startswith("Diverges.") and "outgrown" in live.words


@pytest.mark.parametrize("name", SURFACES)
def test_slopes_of_the_surfaces(name):
    for w in np.array([[-2.0, 0.5], [0.3, -1.0]]):
        slope = numerical_gradient(lambda w: SURFACES[name](w)[0], w)
        np.testing.assert_allclose(SURFACES[name](w)[1], slope, rtol=1e-6)


# explore_backprop

PARAMS = {
    "W1": np.array([[0.5, -0.4], [0.3, 0.8]]),
    "b1": np.array([[0.1], [-0.2]]),
    "W2": np.array([[0.7, -0.6]]),
    "b2": np.array([[0.2]]),
}


def drawn(live, name):
    """The texts in the drawing, by the name of their part: (value, gradient)."""
    drawing = inspect.getclosurevars(live.update).nonlocals["drawing"]
    return drawing.numbers[name].get_text(), drawing.slopes[name].get_text()


def test_backprop_shows_the_numbers_of_the_network():
    live = explore_backprop(step=9)
    cache = forward(PARAMS, [[1.0], [0.5]])
    grads = backward(PARAMS, cache, [[0.0]])
    assert drawn(live, "y")[0] == f"z = {cache['z2'][0, 0]:.3f}\ny = {cache['y'][0, 0]:.3f}"
    for i, j in np.ndindex(2, 2):
        value, slope = drawn(live, f"w{i + 1}{j + 1}")
        assert value.endswith(f" = {PARAMS['W1'][i, j]:g}".replace("-", "−"))
        assert slope == f"∂ = {grads['W1'][i, j]:.3f}".replace("-", "−")
    assert drawn(live, "b2")[1] == f"∂ = {grads['b1'][1, 0]:.3f}".replace("-", "−")
    assert drawn(live, "v1")[1] == f"∂ = {grads['W2'][0, 0]:.3f}"
    assert drawn(live, "c")[1] == f"∂ = {grads['b2'][0, 0]:.3f}"


def test_backprop_shows_nothing_before_its_step():
    live = explore_backprop()
    appears = {"h1": 1, "y": 3, "L": 5}
    for step in range(11):
        live.controls["step"].value = step
        for name, first in appears.items():
            assert ("\n" in drawn(live, name)[0]) == (step >= first), (name, step)
        assert bool(drawn(live, "v2")[1]) == (step >= 7)
        assert bool(drawn(live, "h2")[1]) == (step >= 8)
        assert bool(drawn(live, "w12")[1]) == (step >= 9)


def test_backprop_update_lowers_the_loss_as_the_network_says():
    live = explore_backprop(step=10, learning_rate=0.5)
    cache = forward(PARAMS, [[1.0], [0.5]])
    after = update(PARAMS, backward(PARAMS, cache, [[0.0]]), 0.5)
    loss, new_loss = cache["y"][0, 0] ** 2, forward(after, [[1.0], [0.5]])["y"][0, 0] ** 2
    assert f"the loss is {number(new_loss)} instead of {number(loss)}" in live.words
    assert drawn(live, "v1")[0] == f"v₁ = {after['W2'][0, 0]:.3f}"


def test_backprop_buttons_step_and_a_changed_weight_counts():
    live = explore_backprop()
    back, next_ = (child for child in live.children[0].children if hasattr(child, "click"))
    next_.click()
    assert live.state["step"] == 1
    assert "z of h1 = 0.5 · 1 + −0.4 · 0.5 + 0.1 = 0.4" in live.words
    live.controls["w11"].value = 1.5
    assert "z of h1 = 1.5 · 1 + −0.4 · 0.5 + 0.1 = 1.4" in live.words
    back.click()
    back.click()
    assert live.state["step"] == 0


# explore_training


@pytest.mark.parametrize(("mode", "train_all"), [("full batch", train_full_batch), ("one example at a time", train)])
def test_training_equals_the_training_loop(mode, train_all):
    live = explore_training(mode=mode, hidden="tanh", seed=3, epochs=300)
    params, losses = train_all(initialize(2, 4, 1, np.random.default_rng(3)), *xor(), 0.5, 300, hidden="tanh")
    assert f"the loss went from {number(losses[0])} to {number(losses[-1])} in 300 epochs" in live.words
    predictions = ", ".join(f"{value:.2f}" for value in predict(params, xor()[0], hidden="tanh").ravel())
    assert f"Predictions {predictions} for targets 0, 1, 1, 0" in live.words
    curve = inspect.getclosurevars(live.update).nonlocals["curve"]
    np.testing.assert_array_equal(curve.line.get_ydata(), losses)


def test_training_says_the_same_whichever_way_it_came_there():
    live = explore_training(epochs=100)
    for control, value in (("epochs", 1000), ("learning_rate", 3.0), ("seed", 5), ("epochs", 150), ("seed", 0)):
        live.controls[control].value = value
    straight = explore_training(learning_rate=3.0, epochs=150)
    assert live.words == straight.words
    np.testing.assert_array_equal(live.pixels(), straight.pixels())


@pytest.mark.parametrize(
    ("arguments", "diagnosis"),
    [
        ({"learning_rate": 10.0}, "healthy, and solved"),
        ({"hidden": "tanh", "mode": "one example at a time"}, "healthy, and solved"),
        ({"learning_rate": 0.5}, "healthy."),
        ({"learning_rate": 0.001}, "flat. The steps are tiny"),
        ({"learning_rate": 100.0}, "flat: saturated"),
        ({"learning_rate": 5.0, "hidden": "relu"}, "flat: a plateau"),
        ({"learning_rate": 3.0, "output": "linear", "hidden": "relu", "epochs": 5000}, "diverged"),
        ({"learning_rate": 1.0, "output": "linear"}, "increasing"),
        ({"learning_rate": 30.0, "hidden": "relu", "epochs": 200}, "jumpy. The steps leap"),
        ({"epochs": 0}, "too early to say"),
    ],
)
def test_training_diagnosis(arguments, diagnosis):
    assert f"Diagnosis: {diagnosis}" in explore_training(**arguments).words


def test_training_takes_a_rate_and_epochs_between_the_positions():
    live = explore_training(learning_rate=0.37, epochs=123)
    assert live.state["learning_rate"] == 0.37 and "in 123 epochs" in live.words
    with pytest.raises(TraitError):
        explore_training(hidden="softmax")


def test_training_moves_to_a_known_rate_without_training_again(monkeypatch):
    live, trained = explore_training(), []
    go_on = modes.train_full_batch
    monkeypatch.setattr(modes, "train_full_batch", lambda *given, **more: trained.append(1) or go_on(*given, **more))
    rates = [rate for _, rate in live.controls["learning_rate"].options]
    said = []
    for rate in rates:
        live.controls["learning_rate"].value = rate
        said.append(live.words)
    assert len(set(said)) == len(rates) and not trained
    live.controls["seed"].value = 1
    assert trained, "other starting weights are trained"


def test_training_says_beforehand_that_it_will_take_long():
    live, said = explore_training(epochs=100), []
    live.picture.observe(lambda change: said.append(live.words), names=["words", "note"])
    live.controls["epochs"].value = 150
    assert len(said) == 1
    live.controls["epochs"].value = 5000
    assert list(dict.fromkeys(said[1:])) == ["Training 31 networks, one for each learning rate …", live.words]


# explore_hyperparameters


@pytest.mark.slow
def test_success_map_equals_training_each_network_alone():
    live = explore_hyperparameters(learning_rate=10.0, epochs=200, n_hidden=3, seeds=5)
    X, y = xor()
    solved = 0
    for seed in range(5):
        params, _ = train_full_batch(initialize(2, 3, 1, np.random.default_rng(seed)), X, y, 10.0, 200)
        solved += np.abs(predict(params, X) - y).max() <= 0.05
    assert live.words.startswith(f"Learning rate 10, 200 epochs: {solved} of 5 seeds solve XOR")


@pytest.mark.slow
def test_success_map_knows_what_was_measured():
    live = explore_hyperparameters(learning_rate=10.0, epochs=1000)
    assert live.words.startswith("Learning rate 10, 1,000 epochs: 20 of 20 seeds solve XOR (100%).")
    live.controls["learning_rate"].value = 100.0
    assert "0 of 20 seeds" in live.words and "too large: the units saturate" in live.words
    live.controls["learning_rate"].value = 0.1
    assert "0 of 20 seeds" in live.words and "too small" in live.words
    assert live.button.disabled and live.bar.value == live.bar.max


@pytest.mark.slow
def test_success_map_computes_in_the_background_and_can_be_stopped():
    async def story():
        live = explore_hyperparameters(seeds=5)
        live.controls["hidden"].value = "tanh"  # starts anew, in the background
        assert live.words.startswith("Not computed yet")
        while live.experiment.epochs_done < 300:
            await asyncio.sleep(0.01)
        live.button.click()
        done = live.experiment.epochs_done
        assert live.progress.value.startswith("stopped") and live.button.description == "Go on"
        await asyncio.sleep(0.1)
        assert live.experiment.epochs_done == done < 5000
        live.controls["epochs"].value = 200  # what is there can be looked at
        assert live.words.startswith("Learning rate 0.5, 200 epochs")
        live.button.click()
        while not live.experiment.done:
            await asyncio.sleep(0.01)
        return live

    live = asyncio.run(story())
    straight = explore_hyperparameters(seeds=5, hidden="tanh", epochs=200)
    assert live.words == straight.words
    np.testing.assert_array_equal(live.experiment.losses, straight.experiment.losses)
