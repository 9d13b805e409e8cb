"""The numbers in the lessons, worked out again, and still written where they were.

Each test computes a fact and looks for it in the section that teaches it (docs/facts.md lists them all).
"""

import numpy as np
import pytest

from helpers import figures
from helpers.activations import sigmoid_derivative
from helpers.checks import gradient_check
from helpers.datasets import noisy_line, ring, spiral, two_moons, xor
from helpers.descent import gradient_descent, gradient_step
from helpers.diagnosis import diagnose
from helpers.explorers import explore_descent_1d, explore_descent_2d, explore_training
from helpers.initialization import initialize
from helpers.losses import mse, mse_gradient, squared_errors
from helpers.network import backward, forward, hidden_delta, output_delta
from helpers.training import has_converged, predict, sweep, train, train_epoch, train_full_batch, update
from tests.support.lessons import sections

X, y = xor()


def says(lesson, section, *words):
    """Fails unless the section of the lesson contains each of these words."""
    text = sections(lesson)[section]
    assert [word for word in words if word not in text] == []


# 01_mse

TARGET, PREDICTION = np.array([1.0, 0.0, 1.0]), np.array([0.8, 0.2, 0.9])


def test_the_worked_example_of_the_mse():
    assert np.allclose(squared_errors(TARGET, PREDICTION), [0.04, 0.04, 0.01])
    assert mse(TARGET, PREDICTION) == pytest.approx(0.03)
    assert (PREDICTION - TARGET).mean() == pytest.approx(-0.0333, abs=1e-4)
    says("01_mse", "One number for how wrong", "0.04, 0.04 and 0.01", "**0.03**", "−0.033")


def test_the_self_check_of_the_mse():
    assert mse([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.2]) == pytest.approx(0.025)
    says("01_mse", "One number for how wrong", "Targets 0, 1, 1, 0 and predictions 0.1, 0.9, 0.8, 0.2", "0.025")


def test_one_large_error_against_two_small_ones():
    assert mse([0, 0], [0.5, 0.5]) * 2 == mse([0, 0], [1, 0]) == 0.5
    assert pytest.approx(2 * (2 * 0.2**2)) == 0.4**2
    says("01_mse", "Why square", "**twice as bad**")
    says("01_mse", "One number for how wrong", "$0.04 + 0.04 = 0.08$, half as much")


def test_the_mean_is_over_all_entries():
    many_targets, many_predictions = [[1, 0, 1], [0, 1, 0]], [[0.5, 0, 1], [0, 0.5, 1]]
    assert squared_errors(many_targets, many_predictions).sum() == 1.5
    assert mse(many_targets, many_predictions) == 0.25
    says("01_mse", "The mean over all entries", "$1.5 / 6 = 0.25$")


def test_the_slopes_of_the_worked_example():
    assert np.allclose(mse_gradient(TARGET, PREDICTION), [-0.1333, 0.1333, -0.0667], atol=1e-4)
    raised = (mse(TARGET, PREDICTION + [0.001, 0, 0]) - mse(TARGET, PREDICTION)) / 0.001
    assert round(raised, 3) == -0.133
    says("01_mse", "The slope of the loss", "−0.133 from the formula, −0.133 from trying")


def test_the_trap_gives_a_plausible_wrong_number_and_rewards_the_mean_of_the_targets():
    column = PREDICTION.reshape(3, 1)
    assert np.mean((column - TARGET) ** 2) == pytest.approx(0.319, abs=5e-4)
    says("01_mse", "The broadcasting trap", "about 0.319 instead of 0.03", "here $2/3$")
    right, always_the_mean = TARGET.reshape(3, 1), np.full((3, 1), 2 / 3)
    assert np.mean((always_the_mean - TARGET) ** 2) < np.mean((right - TARGET) ** 2)
    with pytest.raises(ValueError):
        mse(TARGET, column)


def test_the_four_pairs_of_shapes():
    def difference(*shapes):
        return (np.zeros(shapes[0]) - np.zeros(shapes[1])).shape

    assert difference((4,), (4,)) == (4,)
    assert difference((4, 1), (4,)) == difference((4, 1), (1, 4)) == (4, 4)
    with pytest.raises(ValueError):
        difference((4,), (3,))


# 02_gradient_descent


def slope(w):
    return 2 * w


def test_both_sides_are_sixty_times_nearer_than_one():
    one, both = (2.1**3 - 8) / 0.1 - 12, (2.1**3 - 1.9**3) / 0.2 - 12
    assert (round(one, 2), round(both, 2)) == (0.61, 0.01)
    says("02_gradient_descent", "The slope by trying", "off by 0.61, both sides by 0.01", "**sixty times**")


def test_the_self_check_of_one_step():
    assert gradient_step(2.0, 0.5, 0.1) == pytest.approx(1.95)
    says("02_gradient_descent", "One step", "the slope is $0.5$, the learning rate $\\alpha = 0.1$", "= 1.95$")


def test_the_path_that_is_remembered():
    assert gradient_descent(slope, 4.0, 0.25, 3).tolist() == [4, 2, 1, 0.5]


def test_three_kinds_of_walk():
    tiny, good, leaps = (gradient_descent(slope, -3.0, rate, 15) for rate in (0.001, 0.1, 1.02))
    assert abs(tiny[-1]) > 0.97 * 3
    assert abs(good[-1]) < 0.04 * 3
    assert abs(leaps[-1]) > 3 and np.all(np.diff(np.abs(leaps)) > 0)
    assert np.log(0.1) / np.log(1 - 2 * 0.001) > 1000  # steps of the tiny walk to a tenth of the distance
    says("02_gradient_descent", "Three kinds of walk", "0.2 % of the distance", "more than a thousand steps", "4 %")


@pytest.mark.parametrize("curvature, section", [(2, "The exact limits"), (10, "The exact limits")])
def test_the_exact_limits_are_one_and_two_over_the_curvature(curvature, section):
    def walk(rate):
        return gradient_descent(lambda w: curvature * w, 1.0, rate, 50)

    one_step, to_and_fro = 1 / curvature, 2 / curvature
    assert np.allclose(walk(one_step)[1:], 0)
    assert np.allclose(np.abs(walk(to_and_fro)), 1)
    assert np.all(walk(0.9 * one_step) >= 0) and walk(0.9 * one_step)[-1] < 1e-9  # on its own side
    assert walk(1.1 * one_step)[1] < 0 and abs(walk(1.1 * one_step)[-1]) < 1e-9  # hops, and arrives
    assert abs(walk(1.01 * to_and_fro)[-1]) > 1
    says(
        "02_gradient_descent",
        section,
        "one step at **0.1**, to and fro at **0.2**",
        "| **0.5** | 0 |",
        "| **1** | −1 |",
    )


def test_the_steepest_direction_sets_the_limit():
    def end(rate, steps=20):
        return np.abs(gradient_descent(lambda w: np.array([2, 20]) * w, [4.0, 1.0], rate, steps)[-1])

    assert end(0.09)[1] < 1 < end(0.11)[1] and end(0.11)[0] < 0.1
    assert end(0.09, 12)[0] < 0.4 < end(0.09, 11)[0]  # nine tenths of the distance along the valley
    says("02_gradient_descent", "Two weights", "$2/20 = 0.1$", "multiplies by 0.82", "some **12** steps")


def test_steps_along_the_narrow_valley_at_its_largest_rate():
    for rate in (0.09, 0.1):
        steps = np.log(0.1) / np.log(1 - 2 * rate)
        assert 10 < steps < 12
    says("02_gradient_descent", "Two weights", "3, 12 or 100 steps")


def test_what_may_be_seen_in_the_bumpy_valley():
    live = explore_descent_1d(valley="bumpy", start=-4.0, steps=40, learning_rate=0.1)
    assert "Caught in a side valley. The slope is 0 at w = −2.95" in live.words
    for rate in (1.0, 1.5, 2.0, 3.0):
        live.set(learning_rate=rate)
        assert "Caught" not in live.words and "In the deepest valley" not in live.words
    live.set(learning_rate=1.0)
    assert "w went from −4 to 0.321" in live.words
    says("02_gradient_descent", "The exact limits", "the hollow at $w \\approx -2.95$", "A rate of 1 leaps out of it")


def test_what_may_be_seen_on_two_weights():
    live = explore_descent_2d(surface="ravine", steps=100)
    for rate, word in ((0.19, "Converges, zigzagging"), (0.21, "Diverges")):
        live.set(learning_rate=rate)
        assert live.words.startswith(word)
    live.set(surface="two valleys", learning_rate=0.1)
    for start, valley in ((-1.0, "left"), (0.0, "left"), (0.2, "right"), (1.0, "right")):
        live.set(start_1=start)
        assert f"At rest in the {valley}" in live.words
    live.set(start_1=-2.5, learning_rate=0.3)
    assert "At rest in the right" in live.words
    says("02_gradient_descent", "Two weights", "At 0.19 the walk zigzags", "near $w_1 = 0.1$", "from $w_1 = -2.5$")


def test_gradient_descent_fits_the_line():
    points, values = noisy_line(30, np.random.default_rng(0))

    def gradient(w):
        error = 2 * (w[0] * points + w[1] - values) / len(points)
        return np.array([np.sum(error * points), np.sum(error)])

    path = gradient_descent(gradient, [0, 0], 0.1, 60)
    assert np.allclose(path[-1], [2, -1], atol=0.05)
    halfway = [np.argmax(np.abs(path[:, k] - path[-1, k]) < 0.5 * np.abs(path[-1, k])) for k in (0, 1)]
    assert halfway[1] < halfway[0]  # the height comes first
    assert 2 * np.mean(points**2) < 2  # its curvature is the larger one


# 03_backprop

NET = {
    "W1": np.array([[0.5, -0.5], [1.0, 0.5]]),
    "b1": np.array([[0.5], [-1.0]]),
    "W2": np.array([[2.0, -1.0]]),
    "b2": np.array([[0.25]]),
}
x, target = np.array([[1.0], [2.0]]), np.array([[1.0]])


def test_the_worked_example_forward():
    cache = forward(NET, x)
    assert cache["z1"].ravel().tolist() == [0, 1]
    assert np.allclose(
        [*cache["h"].ravel(), cache["z2"].item(), cache["y"].item()], [0.5, 0.731, 0.519, 0.627], atol=6e-4
    )
    assert np.mean((cache["y"] - target) ** 2) == pytest.approx(0.139, abs=5e-4)
    says("03_backprop", "Forward, one step at a time", "0.731", "0.519", "**0.627**", "0.139")


def test_the_worked_example_backward():
    cache = forward(NET, x)
    delta2 = output_delta(cache, target)
    assert delta2.item() == pytest.approx(-0.175, abs=6e-4)
    says("03_backprop", "The output step", "$-0.746 \\cdot 0.234 = -0.175$")
    assert np.allclose((NET["W2"].T @ delta2).ravel(), [-0.349, 0.175], atol=6e-4)
    assert np.allclose(hidden_delta(NET, cache, delta2).ravel(), [-0.087, 0.034], atol=6e-4)
    says("03_backprop", "The hidden step", "$(-0.349, +0.175)$", "0.25 and 0.197", "$\\delta_1 = (-0.087, +0.034)$")
    W1 = backward(NET, cache, target)["W1"]
    assert np.allclose(W1[:, 1], 2 * W1[:, 0])


def test_the_worked_step_lowers_the_loss():
    grads = backward(NET, forward(NET, x), target)
    after = forward(update(NET, grads, 0.5), x)["y"].item()
    assert (round(after, 3), round((after - 1) ** 2, 3)) == (0.696, 0.093)
    says("03_backprop", "One step, and better", "from 0.627 to 0.696", "from 0.139 to 0.093")


def test_small_facts_of_backprop():
    assert pytest.approx(-0.064) == 2 * (0.8 - 1) * 0.8 * 0.2
    assert sigmoid_derivative(10) == pytest.approx(0.00005, abs=6e-6)
    slopes = sigmoid_derivative(np.linspace(0, 1, 100))  # the slope taken at h instead of z1
    assert slopes.min() > 0.196 and slopes.max() <= 0.25
    with pytest.raises(ValueError):
        np.ones((1, 1)) @ NET["W2"].T


def test_both_ways_of_counting_passes():
    assert figures.count_parameters([2, 2, 1]) == 9
    says("03_backprop", "Why one backward pass beats testing each weight", "8 for `W1`, 18 for the whole network")


def four_gradients(delta1, delta2, cache):
    return {
        "W1": delta1 @ cache["x"].mT,
        "b1": delta1.sum(axis=-1, keepdims=True),
        "W2": delta2 @ cache["h"].mT,
        "b2": delta2.sum(axis=-1, keepdims=True),
    }


def suspect(number):
    """The suspects of the bug gallery; with leading axes, so that twenty networks train at once."""

    def gradients(params, cache, target):
        delta2 = output_delta(cache, target)
        if number == 1:
            delta2 = delta2 / 2
        if number == 5:
            delta2 = 2 * (cache["y"] - target) / target.size
        delta1 = hidden_delta(params, cache, delta2)
        if number == 2:
            delta1 = params["W2"].mT @ delta2
        if number == 3:
            delta1 = params["W2"].mT @ delta2 * sigmoid_derivative(cache["h"])
        if number == 4:
            delta2 = delta2 * target.size / target.shape[-1]
        return four_gradients(delta1, delta2, cache)

    return gradients


@pytest.mark.parametrize(
    "number, wrong", [(0, ""), (1, "W1 b1 W2 b2"), (2, "W1 b1"), (3, "W1 b1"), (4, "W2 b2"), (5, "W1 b1 W2 b2")]
)
def test_the_gradient_check_convicts_each_suspect_of_the_gallery(number, wrong):
    rng = np.random.default_rng(3)
    net = initialize(3, 4, 2, rng, random_biases=True)
    inputs, targets = rng.normal(size=(3, 5)), rng.uniform(size=(2, 5))
    result = gradient_check(net, inputs, targets, suspect(number), forward)
    assert [p.name for p in result.parameters if not p.right] == wrong.split()


def test_an_averaged_bias_is_the_only_gradient_that_the_check_rejects():
    rng = np.random.default_rng(3)
    net = initialize(3, 4, 2, rng, random_biases=True)
    inputs, targets = rng.normal(size=(3, 5)), rng.uniform(size=(2, 5))

    def averaged(params, cache, target):
        grads = backward(params, cache, target)
        return {**grads, "b1": grads["b1"] / 5}

    errors = {p.name: p.relative_error for p in gradient_check(net, inputs, targets, averaged, forward).parameters}
    wrong = errors.pop("b1")
    assert wrong > 0.1 and 9.5 < np.log10(wrong / max(errors.values())) < 11
    says("03_backprop", "Checking gradients", "five times too small", "some ten powers of ten")


@pytest.mark.slow
def test_the_suspects_train_on_xor_as_the_lesson_says():
    def solved(number):
        starts = [initialize(2, 4, 1, np.random.default_rng(seed)) for seed in range(20)]
        params = {name: np.array([start[name] for start in starts]) for name in NET}
        for _ in range(3000):
            params = update(params, suspect(number)(params, forward(params, X.T), y.T), 1.0)
        return np.mean(((predict(params, X) > 0.5) == (y > 0.5)).all(axis=(1, 2)))

    assert solved(0) == solved(1) == solved(5) == 1
    assert 0 < solved(2) < 1 and 0 < solved(3) < 1
    says("03_backprop", "The bug gallery", "27 wrong implementations", "13 of them solved it from *every one* of 20")


def test_suspect_five_gets_further_than_the_right_gradients():
    worst = {}
    for number in (0, 5):
        params = initialize(2, 4, 1, np.random.default_rng(0))
        for _ in range(1000):
            params = update(params, suspect(number)(params, forward(params, X.T), y.T), 1.0)
        worst[number] = np.abs(predict(params, X) - y).max()
    assert worst[5] < 0.02 < worst[0]


# 04_training_loop


@pytest.fixture(scope="module")
def start():
    return initialize(2, 4, 1, np.random.default_rng(0))


@pytest.fixture(scope="module")
def losses(start):
    return train(start, X, y, 0.5, 3000)[1]


def test_one_update_moves_the_prediction_a_little(start):
    before, after = [], update(start, backward(start, forward(start, X[1:2].T), y[1:2].T), 0.5)
    for row in range(4):
        before.append([(predict(p, X[row : row + 1]).item() - y[row, 0]) ** 2 for p in (start, after)])
    assert predict(start, X[1:2]).item() == pytest.approx(0.209, abs=5e-4)
    assert predict(after, X[1:2]).item() == pytest.approx(0.27, abs=5e-3)
    assert before[1][0] == pytest.approx(0.626, abs=5e-4)
    assert before[0][1] > before[0][0] and before[3][1] > before[3][0]  # it made these two worse
    assert sum(value.size for value in start.values()) == 17
    says("04_training_loop", "The loss before the step", "0.626", "made $(0, 0)$ and $(1, 1)$ *worse*")


def test_the_order_of_the_examples_matters_a_little(start):
    forwards, backwards = train_epoch(start, X, y, 0.5)[1], train_epoch(start, X[::-1], y[::-1], 0.5)[1]
    assert (round(forwards, 4), round(backwards, 4)) == (0.3431, 0.3419)
    says("04_training_loop", "One epoch", "0.3431 in this order, 0.3419 backwards", "1,500 iterations")


def test_predictions_before_and_after(start, losses):
    trained, _ = train(start, X, y, 0.5, 3000)
    assert np.allclose(predict(start, X), 0.2, atol=0.02)
    assert np.allclose(predict(trained, X).ravel(), [0.02, 0.98, 0.98, 0.02], atol=5e-3)
    assert 0.27 < losses[20] < 0.29 and losses[100] > 0.26  # the plateau
    says("04_training_loop", "Before and after", "0.02, 0.98, 0.98, 0.02")


def test_the_printed_numbers_need_tanh_and_not_sigmoid(start):
    ends = {
        hidden: predict(train(start, X, y, 0.5, 1000, hidden=hidden)[0], X, hidden) for hidden in ("tanh", "sigmoid")
    }
    assert np.abs(ends["tanh"] - y).max() < 0.03
    assert np.allclose(ends["sigmoid"].ravel(), [0.05, 0.95, 0.95, 0.05], atol=5e-3)
    full_batch, _ = train_full_batch(start, X, y, 0.5, 1000)
    assert np.abs(predict(full_batch, X) - y).max() > 0.3
    says("04_training_loop", "Before and after", "0.05, 0.95, 0.95, 0.05")


def stopping_epoch(curve):
    return next(n for n in range(1, len(curve) + 1) if has_converged(curve[:n], 0.001, 10))


def test_the_rule_of_small_changes_fires_on_the_plateau(start, losses):
    stop = stopping_epoch(losses)
    assert stop == 16
    stopped, _ = train(start, X, y, 0.5, stop)
    assert np.allclose(predict(stopped, X), 0.5, atol=0.03)
    says("04_training_loop", "When to stop", "After **16** epochs")


@pytest.mark.slow
def test_the_rule_fires_too_early_on_most_starts_though_all_are_solved_later():
    early = []
    for seed in range(20):
        params = initialize(2, 4, 1, np.random.default_rng(seed))
        stop = stopping_epoch(train(params, X, y, 0.5, 300)[1])
        right = ((predict(train(params, X, y, 0.5, stop)[0], X) > 0.5) == (y > 0.5)).all()
        if stop <= 31:
            early.append(stop)
            assert not right, seed
    assert len(early) == 17
    _, params = sweep([0.5], range(20), 3000, each_example=True)
    assert np.abs(predict(params, X) - y).max() <= 0.05
    says("04_training_loop", "When to stop", "On 17 of the 20 the rule fires within 31 epochs")


def test_the_four_curves_carry_the_four_words():
    words = [diagnose(curve) for curve in figures.four_trainings().values()]
    assert words == ["healthy", "flat", "increasing", "jumpy"]


def test_what_may_be_seen_when_playing_with_the_loop():
    live = explore_training()
    assert sweep([0.001, 0.003, 0.01, 0.03, 0.1], [0], 1000)[0][:, 0, -1].min() > 0.23
    for rate, word in (
        (0.5, "The loss falls"),
        (3.0, "solved"),
        (10.0, "solved"),
        (50.0, "solved"),
        (100.0, "saturated"),
    ):
        live.set(learning_rate=rate)
        assert word in live.words
    worst = {n: np.abs(predict(sweep([10.0], range(51), 1000, n_hidden=n)[1], X) - y)[0, :, :, 0] for n in (2, 4)}
    assert np.flatnonzero(worst[4].max(axis=1) > 0.05).tolist() == [22]
    for seed in (1, 6, 21):
        assert np.allclose(np.sort(worst[2][seed]), [0, 0, 0.5, 0.5], atol=0.03)
    says("04_training_loop", "Play with the loop", "From 0.001 to 0.1", "at 3 to 50", "only 22", "Seeds 1, 6 and 21")


def test_the_validation_loss_turns_while_the_training_loss_goes_on_falling():
    epochs, training, validation = figures.overfitting_run()
    lowest = validation.argmin()
    assert 0 < epochs[lowest] < 500
    assert validation[-1] > 1.5 * validation[lowest]
    assert training[-1] < training[lowest]
    says("04_training_loop", "A look ahead: validation loss", "20 noisy training examples, 30 hidden units", "400")


# 05_hyperparameters


def solved(rates, epochs, seeds=25, hidden="sigmoid", **how):
    """The share of seeds for each rate whose worst prediction is within 0.05."""
    _, params = sweep(rates, range(seeds), epochs, hidden=hidden, **how)
    return (np.abs(predict(params, X, hidden) - y).max(axis=(2, 3)) <= 0.05).mean(axis=1)


def test_units_that_start_alike_stay_alike():
    twins = {"W1": np.full((4, 2), 0.5), "b1": np.zeros((4, 1)), "W2": np.full((1, 4), 0.5), "b2": np.zeros((1, 1))}
    params, _ = train_full_batch(twins, X, y, 3.0, 2000)
    assert np.all(params["W1"] == params["W1"][0]) and not np.allclose(params["W1"], 0.5)
    assert np.abs(predict(params, X) - y).max() > 0.5


def test_xavier_keeps_a_wide_layer_from_starting_saturated():
    inputs = np.random.default_rng(0).normal(size=(100, 500))
    z1 = {
        scheme: forward(initialize(100, 100, 1, np.random.default_rng(0), scheme=scheme), inputs)["z1"]
        for scheme in ("normal", "xavier")
    }
    assert z1["normal"].std() == pytest.approx(10, abs=0.2) and np.mean(np.abs(z1["normal"]) > 3) > 0.75
    assert z1["xavier"].std() == pytest.approx(1, abs=0.02) and np.mean(np.abs(z1["xavier"]) > 3) < 0.01
    says("05_hyperparameters", "Starting weights", "About **10**", "Three quarters")


def test_which_learning_rates_solve_xor():
    shares = dict(
        zip((0.001, 0.01, 0.1, 1, 3, 10, 30, 100), solved([0.001, 0.01, 0.1, 1, 3, 10, 30, 100], 1000), strict=True)
    )
    assert all(shares[rate] == 0 for rate in (0.001, 0.01, 0.1, 1, 100))
    assert all(shares[rate] > 0.9 for rate in (3, 10, 30))
    text = "Up to 1 **nothing** is solved in 1,000 epochs, from 3 to 30 nearly everything is, and at 100 it is over"
    says("05_hyperparameters", "Learning rate", text)


MEASURED = {  # share of 500 seeds close after 1,000 epochs, weights and biases from N(0, 1)
    ("sigmoid", False): {0.1: 0, 1: 0, 10: 1, 100: 0.01},
    ("sigmoid", True): {0.1: 0, 1: 0.99, 10: 0.93, 100: 0},
    ("tanh", False): {0.1: 0, 1: 0.96, 10: 0.99, 100: 0},
    ("tanh", True): {0.1: 0.10, 1: 0.99, 10: 0, 100: 0},
}


@pytest.mark.slow
@pytest.mark.parametrize("hidden, each_example", MEASURED)
def test_the_table_of_rates_holds_with_fewer_seeds(hidden, each_example):
    table = MEASURED[hidden, each_example]
    shares = solved(list(table), 1000, seeds=100, hidden=hidden, each_example=each_example, random_biases=True)
    assert np.allclose(shares, list(table.values()), atol=0.08)  # more than two standard errors of 100 seeds


def test_the_table_of_rates_stands_in_the_lesson():
    for rate in (0.1, 1, 10, 100):
        cells = [_percent(MEASURED[column][rate]) for column in MEASURED]
        says("05_hyperparameters", "Learning rate", f"| {rate} | {' | '.join(cells)} |")


def _percent(share):
    return f"{share * 100:.0f} %" if share else "0"


@pytest.mark.slow
def test_epochs_make_up_for_a_small_rate_up_to_a_point():
    assert solved([0.5], 1000) == 0
    assert solved([0.5], 10_000) > 0.9
    assert solved([0.001], 10_000) == 0


def test_two_units_can_and_three_to_five_do():
    shares = {n: solved([3.0], 2000, n_hidden=n)[0] for n in (1, 2, 3, 5)}
    assert shares == {1: 0, 2: 0.8, 3: 1, 5: 1}
    assert figures.count_parameters([2, 100, 50, 1]) == 5401
    assert figures.count_parameters([2, 4, 1]) == 17
    says("05_hyperparameters", "Architecture", "one start in five", "5,401")
    says("05_hyperparameters", "One lucky run is no proof", "four times out of five")


def test_relu_dies_from_about_one_start_in_three():
    assert all(0.6 <= share <= 0.75 for share in solved([1.0, 3.0], 2000, hidden="relu"))
    assert solved([0.3], 2000, hidden="tanh") > 0.8 > 0.1 > solved([0.3], 2000)
    says("05_hyperparameters", "Activations", "about one start in three")


def test_the_four_short_curves():
    words = {
        "healthy": [0.3, 0.2, 0.1, 0.05, 0.04, 0.04],
        "flat": [0.25, 0.25, 0.249, 0.249, 0.249, 0.249],
        "increasing": [0.2, 0.5, 1.3, 3.4, 8.9, 23],
        "jumpy": [0.3, 0.1, 0.35, 0.08, 0.3, 0.12],
    }
    for word, curve in words.items():
        assert diagnose(curve) == word
        says("05_hyperparameters", "Reading a loss curve", ", ".join(f"{loss:g}" for loss in curve))


def test_too_small_and_far_too_large_a_rate_are_flat_for_opposite_reasons():
    largest, curves = {}, {}
    for rate in (0.001, 100.0):
        params, curves[rate] = train_full_batch(initialize(2, 4, 1, np.random.default_rng(0)), X, y, rate, 1000)
        cache = forward(params, X.T)
        largest[rate] = np.abs(backward(params, cache, y.T)["W2"]).max()
        assert diagnose(curves[rate]) == "flat"
    assert largest[0.001] == pytest.approx(0.07, abs=0.01) and largest[100.0] < 2e-7
    assert (round(curves[100.0][0], 3), round(curves[100.0][1], 3)) == (0.338, 0.5)
    says("05_hyperparameters", "When units saturate", "about 0.07", "0.338 to 0.5", "$10^{-7}$")


def test_ten_wins_among_five_rates():
    ends = {}
    for rate in (0.01, 0.1, 1, 10, 100):
        ends[rate] = train_full_batch(initialize(2, 4, 1, np.random.default_rng(0)), X, y, rate, 1000)[1][-1]
    assert min(ends, key=ends.get) == 10
    assert abs(ends[0.01] - ends[0.1]) < 0.01


@pytest.mark.parametrize("make, two, eight", [(ring, 0.89, 1), (two_moons, 0.885, 1), (spiral, 0.715, 1)])
def test_other_data_with_two_and_eight_units(make, two, eight):
    points, labels = make(200, np.random.default_rng(0))
    for n_hidden, share in ((2, two), (8, eight)):
        first = initialize(2, n_hidden, 1, np.random.default_rng(0))
        params, _ = train_full_batch(first, points, labels, 3.0, 3000, hidden="tanh")
        assert np.mean((predict(params, points, "tanh") > 0.5) == (labels > 0.5)) == pytest.approx(share, abs=0.01)


def test_the_two_curves_of_common_trouble():
    rises = sweep([1.2], [0], 8, output="linear")[0][0, 0]
    assert diagnose(rises) == "increasing" and np.all(np.diff(rises) > 0)
    fast, careful = sweep([5.0, 2.0], [2], 1500, hidden="relu", scheme="xavier")[0][:, 0]
    assert fast.argmin() == 25 and fast[25] == pytest.approx(0.08, abs=2e-3) and careful[25] > 0.2
    assert fast[100:].min() > 0.24 and careful[-1] < 0.001
    says("05_hyperparameters", "When training goes wrong", "only 0.08 after 25 epochs", "thrown back to 0.25")


# The pictures


@pytest.mark.slow
def test_every_picture_describes_itself_and_draws_without_a_warning():
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for picture in (figures.hiker_in_fog(), figures.three_walks(), figures.forward_and_backward(NET, x, target)):
            data, metadata = picture._repr_mimebundle_()
            assert len(picture.alt) > 60 and picture.alt == data["text/plain"] == metadata["image/png"]["alt"]
            assert picture.png().startswith(b"\x89PNG")


def test_drawing_leaves_matplotlib_as_it_was():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    figures.why_square().png()
    assert dict(mpl.rcParams) == before
