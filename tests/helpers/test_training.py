"""Training: the order of things in a loop, what is returned, many runs at once, and where training starts."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.activations import ACTIVATIONS
from helpers.datasets import xor
from helpers.initialization import initialize
from helpers.network import backward, forward
from helpers.training import (
    IN_PLACE,
    SLOPES,
    has_converged,
    predict,
    sweep,
    train,
    train_epoch,
    train_full_batch,
    train_together,
    update,
)

TRAINERS = [train, train_full_batch]
WRONG_DATA = [
    (np.ones(4), np.ones((4, 1)), r"X has shape \(4,\)"),
    (np.ones((4, 2)), np.ones(4), r"y has shape \(4,\).*y\.reshape\(-1, 1\)"),
    (np.ones((4, 2)), np.ones((3, 1)), "4 rows but y has 3"),
    (np.ones((0, 2)), np.ones((0, 1)), "no rows"),
    (np.ones((2, 4)), np.ones((2, 1)), r"wants \(2, number of examples\)"),
]


def start(seed=0, **options):
    return initialize(2, 4, 1, np.random.default_rng(seed), **options)


def copies(arrays):
    return {name: array.copy() for name, array in arrays.items()}


def assert_same(arrays, expected):
    assert arrays.keys() == expected.keys()
    for name in expected:
        np.testing.assert_array_equal(arrays[name], expected[name], err_msg=name, strict=True)


def plain_training(params, X, y, learning_rate, epochs, batch, hidden="sigmoid", output="sigmoid"):
    """Training as one would write it down, `batch` rows for each update: what helpers.training is held against."""
    losses = []
    for _ in range(epochs):
        in_epoch = []
        for first in range(0, len(X), batch):
            x, target = X[first : first + batch].T, y[first : first + batch].T
            cache = forward(params, x, hidden, output)
            in_epoch.append(np.mean((cache["y"] - target) ** 2))
            grads = backward(params, cache, target, hidden, output)
            params = {name: params[name] - learning_rate * grads[name] for name in params}
        losses.append(sum(in_epoch) / len(in_epoch))
    return params, np.array(losses)


# update


def test_update_goes_against_the_gradient():
    new = update({"w": np.array([[2.0, 1.0]])}, {"w": np.array([[0.5, -1.0]])}, 0.1)
    np.testing.assert_allclose(new["w"], [[1.95, 1.1]])


def test_update_leaves_params_and_grads_alone():
    params, grads = {"w": np.array([[2.0]])}, {"w": np.array([[0.5]])}
    new = update(params, grads, 0.0)
    new["w"] += 1
    assert params["w"] == 2.0
    assert grads["w"] == 0.5


def test_update_takes_one_rate_per_network():
    params, grads = {"W": np.zeros((3, 4, 2))}, {"W": np.ones((3, 4, 2))}
    rates = [1.0, 2.0, 3.0]
    for run, rate in enumerate(rates):
        np.testing.assert_array_equal(update(params, grads, rates)["W"][run], np.full((4, 2), -rate))


@pytest.mark.parametrize("rates", [[0.1], [0.1, 0.2, 0.3, 0.4], [[0.1], [0.1], [0.1]]])
def test_update_refuses_rates_that_are_not_one_per_network(rates):
    with pytest.raises(ValueError, match="one rate per network"):
        update({"W": np.zeros((3, 4, 4))}, {"W": np.ones((3, 4, 4))}, rates)


@pytest.mark.parametrize("rate", [0.5, np.float64(0.5), np.array(0.5), np.array([0.5, 1.0]), [0.5, 1.0]])
def test_no_kind_of_learning_rate_turns_float32_into_float64(rate):
    value = np.ones((2, 1, 1), np.float32)
    assert update({"w": value}, {"w": value}, rate)["w"].dtype == np.float32


def test_update_refuses_a_bias_gradient_that_was_not_summed():
    with pytest.raises(ValueError, match=r"b1 has shape \(4, 1\).*\(4, 5\)"):
        update({"b1": np.zeros((4, 1))}, {"b1": np.zeros((4, 5))}, 0.1)


@pytest.mark.parametrize("names", [["W1"], ["W1", "b1", "W2"]])
def test_update_refuses_missing_and_unknown_gradients(names):
    with pytest.raises(ValueError, match="same names"):
        update({"W1": np.ones(1), "b1": np.ones(1)}, {name: np.ones(1) for name in names}, 0.1)


# train_epoch, train, train_full_batch


def test_an_epoch_updates_after_each_example_in_the_order_of_the_rows():
    X, y = xor()
    params, loss = train_epoch(start(), X, y, 0.5)
    expected, losses = plain_training(start(), X, y, 0.5, epochs=1, batch=1)
    assert_same(params, expected)
    assert loss == losses[0]
    backwards, _ = train_epoch(start(), X[::-1], y[::-1], 0.5)
    assert not np.allclose(params["W1"], backwards["W1"])


def test_loss_of_an_epoch_is_that_of_each_example_before_its_update():
    # y = W2 (W1 x + b1) + b2 with x = 1, target 0. First y = 1, loss 1, and every slope is 2; a rate of 1/4 makes
    # W1 = W2 = 1/2 and b1 = b2 = -1/2. Then y = -1/2, loss 1/4.
    params = {"W1": np.ones((1, 1)), "b1": np.zeros((1, 1)), "W2": np.ones((1, 1)), "b2": np.zeros((1, 1))}
    _, loss = train_epoch(params, np.ones((2, 1)), np.zeros((2, 1)), 0.25, "linear", "linear")
    assert loss == (1 + 1 / 4) / 2


@pytest.mark.parametrize("trainer, batch", [(train, 1), (train_full_batch, 5)])
@pytest.mark.parametrize("hidden, output", [("sigmoid", "sigmoid"), ("tanh", "linear"), ("relu", "tanh")])
def test_training_is_the_plain_loop_to_the_bit(trainer, batch, hidden, output):
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    begin = initialize(3, 4, 2, rng)
    params, losses = trainer(begin, X, y, 0.1, 7, hidden, output)
    expected, expected_losses = plain_training(begin, X, y, 0.1, 7, batch, hidden, output)
    assert_same(params, expected)
    np.testing.assert_array_equal(losses, expected_losses, strict=True)


def test_train_is_so_many_epochs():
    X, y = xor()
    params, by_hand = start(), []
    for _ in range(5):
        params, loss = train_epoch(params, X, y, 0.5)
        by_hand.append(loss)
    trained, losses = train(start(), X, y, 0.5, 5)
    assert_same(trained, params)
    np.testing.assert_array_equal(losses, by_hand)


@pytest.mark.parametrize("trainer", TRAINERS)
def test_no_epochs_change_nothing_and_hand_out_copies(trainer):
    params = start()
    trained, losses = trainer(params, *xor(), 0.5, 0)
    assert losses.shape == (0,)
    assert_same(trained, params)
    assert not any(np.shares_memory(trained[name], params[name]) for name in params)


@pytest.mark.parametrize("trainer", TRAINERS)
def test_negative_epochs_are_refused(trainer):
    with pytest.raises(ValueError, match="-1"):
        trainer(start(), *xor(), 0.5, -1)


@pytest.mark.parametrize("trainer", TRAINERS)
@pytest.mark.parametrize("X, y, message", WRONG_DATA)
def test_data_that_is_not_in_rows_is_refused(trainer, X, y, message):
    begin = initialize(2, 3, 1, np.random.default_rng(0))
    with pytest.raises(ValueError, match=message):
        trainer(begin, X, y, 0.5, 1)


@pytest.mark.parametrize("trainer", TRAINERS)
def test_arguments_stay_as_they_were(trainer):
    params, (X, y) = start(), xor()
    before, rows = copies(params), (X.copy(), y.copy())
    trainer(params, X, y, 0.5, 3)
    assert_same(params, before)
    np.testing.assert_array_equal(X, rows[0])
    np.testing.assert_array_equal(y, rows[1])


@pytest.mark.parametrize("trainer", TRAINERS)
@pytest.mark.parametrize("rate", [0.5, np.float64(0.5)])
def test_float32_networks_train_in_float32_on_float64_data(trainer, rate):
    params = {name: value.astype(np.float32) for name, value in start().items()}
    trained, losses = trainer(params, *xor(), rate, 20)
    assert {value.dtype for value in trained.values()} == {np.dtype(np.float32)}
    assert losses.dtype == np.float64
    np.testing.assert_allclose(losses, trainer(start(), *xor(), rate, 20)[1], rtol=1e-4)


@pytest.mark.parametrize("trainer", TRAINERS)
def test_an_explosion_shows_in_the_losses_and_not_as_a_warning(trainer):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, losses = trainer(start(), *xor(), 100.0, 50, "linear", "linear")
    assert not np.isfinite(losses[-1])


# predict


def test_predictions_are_rows_beside_the_targets():
    rng = np.random.default_rng(0)
    params, X = initialize(3, 4, 2, rng), rng.normal(size=(5, 3))
    predictions = predict(params, X, "tanh", "linear")
    assert predictions.shape == (5, 2)
    for row, prediction in zip(X, predictions, strict=True):
        np.testing.assert_allclose(prediction, forward(params, row.reshape(-1, 1), "tanh", "linear")["y"][:, 0])


def test_predict_refuses_a_flat_example():
    with pytest.raises(ValueError, match=r"X\.reshape\(1, -1\)"):
        predict(start(), np.array([0.0, 1.0]))


# has_converged


@pytest.mark.parametrize(
    "losses, patience, answer",
    [
        ([1, 0.5, 0.5, 0.5], 2, True),
        ([1, 0.5, 0.5, 0.5], 3, False),  # the first of the last three changes is large
        ([0.5, 0.5, 0.5, 1], 2, False),  # small changes, but not lately
        ([0.5, 0.5], 2, False),  # only one change so far
        ([0.5, 0.5, 0.5], 2, True),
        ([0.5, 0.6], 1, False),  # a rise is a change too
        ([], 1, False),
        ([0.5], 1, False),
        ([0.5, np.nan, np.nan], 1, False),
        ([np.inf, np.inf, np.inf], 1, False),
    ],
)
def test_converged_means_each_of_the_last_changes_is_small(losses, patience, answer):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert has_converged(losses, 0.01, patience) is answer


def test_a_change_as_large_as_the_tolerance_is_not_small():
    assert not has_converged([0.5, 0.25], 0.25, 1)
    assert has_converged([0.5, 0.25], 0.2501, 1)


@given(st.lists(st.floats(0, 1), max_size=8), st.floats(0, 0.5), st.integers(1, 8))
def test_converged_looks_at_the_last_patience_plus_one_losses_only(losses, tolerance, patience):
    answer = has_converged(losses, tolerance, patience)
    assert answer == has_converged([9.0, *losses], tolerance, patience) or len(losses) == patience
    if answer:
        tail = losses[-patience - 1 :]
        assert len(tail) == patience + 1
        assert all(abs(b - a) < tolerance for a, b in zip(tail, tail[1:], strict=False))


def test_convergence_refuses_no_patience_and_many_trainings():
    with pytest.raises(ValueError, match="patience is 0"):
        has_converged([1, 1], 0.1, 0)
    with pytest.raises(ValueError, match="one training"):
        has_converged([[1, 1], [1, 1]], 0.1, 1)


def test_the_rule_of_thousandths_fires_on_the_first_plateau_of_xor():
    """MEASURED.md: "change < .001 for 10 epochs" fires at epoch 13 to 21 (median), and XOR is not solved then."""
    losses, _ = sweep([0.5], range(60), 150)
    fired = [next(epoch for epoch in range(151) if has_converged(run[:epoch], 0.001, 10)) for run in losses[0]]
    assert 13 <= np.median(fired) <= 21
    assert min(run[epoch - 1] for run, epoch in zip(losses[0], fired, strict=True)) > 0.1


# many runs at once


@pytest.mark.parametrize("trainer", TRAINERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_each_of_many_runs_equals_the_same_run_alone_exactly(trainer, dtype):
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(11, 3)), rng.normal(size=(11, 2))
    many = {name: value.astype(dtype) for name, value in initialize(3, 4, 2, rng, runs=5).items()}
    rates = [0.01, 0.1, 0.5, 1.0, 3.0]
    params, losses = trainer(many, X, y, rates, 6)
    assert losses.shape == (5, 6)
    for run, rate in enumerate(rates):
        alone, losses_alone = trainer({name: value[run] for name, value in many.items()}, X, y, rate, 6)
        assert_same({name: value[run] for name, value in params.items()}, alone)
        np.testing.assert_array_equal(losses[run], losses_alone)
        np.testing.assert_array_equal(predict(params, X)[run], predict(alone, X))


def assert_close(arrays, expected, rtol):
    assert arrays.keys() == expected.keys()
    for name in expected:
        assert arrays[name].shape == expected[name].shape
        assert arrays[name].dtype == expected[name].dtype
        np.testing.assert_allclose(arrays[name], expected[name], rtol=rtol, atol=rtol, err_msg=name)


@pytest.mark.parametrize("each_example, batch", [(False, 4), (True, 1)])
@pytest.mark.parametrize(
    "hidden, output", [("sigmoid", "sigmoid"), ("tanh", "sigmoid"), ("relu", "tanh"), ("sigmoid", "linear")]
)
def test_a_sweep_equals_plain_single_runs_up_to_rounding(each_example, batch, hidden, output):
    rates, seeds, epochs = [0.1, 0.3, 1.0], [3, 8], 30
    losses, params = sweep(
        rates, seeds, epochs, n_hidden=3, hidden=hidden, output=output, each_example=each_example, random_biases=True
    )
    assert losses.shape == (3, 2, 30)
    assert params["W1"].shape == (3, 2, 3, 2)
    for i, rate in enumerate(rates):
        for j, seed in enumerate(seeds):
            begin = initialize(2, 3, 1, np.random.default_rng(seed), random_biases=True)
            alone, losses_alone = plain_training(begin, *xor(), rate, epochs, batch, hidden, output)
            np.testing.assert_allclose(losses[i, j], losses_alone, rtol=1e-10)
            assert_close({name: value[i, j] for name, value in params.items()}, alone, 1e-10)


@pytest.mark.parametrize("dtype, rtol", [(np.float64, 1e-11), (np.float32, 1e-4)])
def test_a_sweep_takes_other_data_and_other_starts(dtype, rtol):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    losses, params = sweep(
        [0.1], [4], 5, X, y, n_hidden=5, output="linear", scheme="xavier", random_biases=True, dtype=dtype
    )
    begin = initialize(3, 5, 2, np.random.default_rng(4), "xavier", random_biases=True)
    begin = {name: value.astype(dtype) for name, value in begin.items()}
    alone, losses_alone = train_full_batch(begin, X, y, 0.1, 5, output="linear")
    np.testing.assert_allclose(losses[0, 0], losses_alone, rtol=rtol)
    assert_close({name: value[0, 0] for name, value in params.items()}, alone, rtol)


def test_a_sweep_of_no_epochs_hands_out_the_starting_weights_for_every_rate():
    losses, params = sweep([0.1, 1.0], [5, 6, 7], 0, hidden="tanh")
    assert losses.shape == (2, 3, 0)
    for j, seed in enumerate([5, 6, 7]):
        for i in range(2):
            assert_same({name: value[i, j] for name, value in params.items()}, start(seed))


def test_what_else_is_in_a_sweep_changes_no_run():
    losses, _ = sweep([0.1, 1.0, 10.0], range(7), 40)
    few, _ = sweep([1.0], [2, 5], 40)
    np.testing.assert_allclose(losses[1, [2, 5]], few[0], rtol=1e-10)


def test_a_sweep_that_explodes_shows_it_in_its_losses_and_not_as_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        losses, _ = sweep([0.1, 100.0], [0, 1], 60, hidden="linear", output="linear")
    assert np.isfinite(losses[0]).all()
    assert not np.isfinite(losses[1, :, -1]).any()


def test_a_sweep_refuses_negative_epochs_and_data_that_does_not_fit():
    with pytest.raises(ValueError, match="-1"):
        sweep([0.1], [0], -1)
    with pytest.raises(ValueError, match="4 rows but y has 3"):
        sweep([0.1], [0], 5, np.ones((4, 2)), np.ones((3, 1)))


def test_training_together_equals_training_each_alone_and_leaves_the_starts_alone():
    starts = [start(seed) for seed in (1, 2, 3)]
    kept = [{name: value.copy() for name, value in each.items()} for each in starts]
    losses, params = train_together(starts, [0.5, 2.0], 50)
    assert losses.shape == (2, 3, 50)
    for i, rate in enumerate([0.5, 2.0]):
        for j, begin in enumerate(starts):
            alone, losses_alone = train_full_batch(begin, *xor(), rate, 50)
            np.testing.assert_allclose(losses[i, j], losses_alone, rtol=1e-10)
            assert_close({name: value[i, j] for name, value in params.items()}, alone, 1e-10)
    for begin, before in zip(starts, kept, strict=True):
        assert_same(begin, before)


def test_training_together_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="starts is empty"):
        train_together([], [0.5], 5)
    with pytest.raises(ValueError, match=r"starts\[1\]: b1 has shape \(4,\), but \(4, 1\)"):
        train_together([start(1), {**start(2), "b1": np.zeros(4)}], [0.5], 5)
    with pytest.raises(
        ValueError, match=r"starts\[0\]: W1 has shape \(4, 2\), but \(4, 3\) is needed for data with 3 inputs"
    ):
        train_together([start(1)], [0.5], 5, np.ones((5, 3)), np.ones((5, 1)))
    with pytest.raises(ValueError, match="-1"):
        train_together([start(1)], [0.5], -1)
    with pytest.raises(ValueError, match="no activation|unknown|step"):
        train_together([start(1)], [0.5], 5, hidden="step")


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_in_place_is_the_activation(name):
    z = np.linspace(-800, 800, 41)
    function, _ = ACTIVATIONS[name]
    expected = function(z)
    with np.errstate(over="ignore"):
        IN_PLACE[name](z)
    np.testing.assert_array_equal(z, expected)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_slope_from_the_result_is_the_derivative(name):
    z = np.linspace(-4, 4, 41)
    function, derivative = ACTIVATIONS[name]
    np.testing.assert_allclose(SLOPES[name](function(z)), derivative(z), rtol=1e-12, atol=1e-15)


def test_tanh_units_taught_one_example_at_a_time_solve_xor_for_nearly_every_seed():
    """MEASURED.md, 4 tanh, each example, rate .5: within 0.05 after 1,000 epochs on 98 % of the seeds."""
    _, params = sweep([0.5], range(50), 1000, hidden="tanh", each_example=True)
    X, y = xor()
    worst_error = np.abs(predict(params, X, "tanh") - y).max(axis=(-2, -1))
    assert (worst_error <= 0.05).mean() >= 0.9


# where training starts


@pytest.mark.parametrize("runs, leading", [(None, ()), (1, (1,)), (6, (6,))])
@pytest.mark.parametrize("random_biases", [False, True])
def test_starting_parameters_have_the_shapes_of_the_contract(runs, leading, random_biases):
    params = initialize(3, 4, 2, np.random.default_rng(0), runs=runs, random_biases=random_biases)
    shapes = {name: value.shape for name, value in params.items()}
    wanted = {"W1": (4, 3), "b1": (4, 1), "W2": (2, 4), "b2": (2, 1)}
    assert shapes == {name: (*leading, *shape) for name, shape in wanted.items()}
    assert np.any(params["b1"]) == np.any(params["b2"]) == random_biases


@pytest.mark.parametrize(
    "scheme, deviations", [("normal", (1, 1)), ("xavier", (0.2, 0.25)), ("uniform", (3**-0.5, 3**-0.5))]
)
def test_each_scheme_spreads_the_weights_as_it_says(scheme, deviations):
    params = initialize(20, 30, 2, np.random.default_rng(0), scheme, runs=1000, random_biases=True)
    for names, deviation in zip((("W1", "b1"), ("W2", "b2")), deviations, strict=True):
        for name in names:
            assert params[name].std() == pytest.approx(deviation, rel=0.1)
            assert abs(params[name].mean()) < deviation / 10
    if scheme == "uniform":
        assert np.abs(params["W1"]).max() <= 1


def test_the_seed_decides_the_start_and_biases_do_not_change_its_weights():
    first, same, other = start(1), start(1), start(2)
    assert_same(first, same)
    assert not np.allclose(first["W1"], other["W1"])
    with_biases = start(1, random_biases=True)
    assert_same({name: with_biases[name] for name in ("W1", "W2")}, {name: first[name] for name in ("W1", "W2")})


def test_initialize_refuses_unknown_schemes_and_empty_layers():
    with pytest.raises(ValueError, match="'glorot'.*normal, xavier, uniform"):
        start(scheme="glorot")
    with pytest.raises(ValueError, match="2, 0, 1"):
        initialize(2, 0, 1, np.random.default_rng(0))
