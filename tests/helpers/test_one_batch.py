"""Moving a slider never trains: all of its positions have been trained at once."""

import numpy as np
import pytest

from helpers.explorers import hyperparameters, modes, training


@pytest.fixture
def trained(monkeypatch):
    """How many networks were trained, and for how many epochs, at each call since the fixture was made."""
    calls = []

    def counted(function):
        def count(params, X, y, learning_rate, epochs, *rest, **named):
            calls.append((np.size(learning_rate), epochs))
            return function(params, X, y, learning_rate, epochs, *rest, **named)

        return count

    for name in ("train", "train_full_batch"):
        monkeypatch.setattr(modes, name, counted(getattr(modes, name)))
    return calls


@pytest.mark.parametrize("mode", modes.MODES)
def test_the_training_explorer_trains_all_rates_at_once_and_then_only_looks_up(trained, mode):
    live = training.explore_training(epochs=30, mode=mode)
    rates = [rate for _, rate in live.controls["learning_rate"].options]
    epochs = [epoch for _, epoch in live.controls["epochs"].options if epoch <= 30]
    assert {networks for networks, _ in trained} == {len(rates)}
    assert sum(count for _, count in trained) == 30
    trained.clear()
    for rate in rates:
        live.set(learning_rate=rate)
    for epoch in epochs:
        live.set(epochs=epoch)
    assert trained == []


@pytest.mark.slow
def test_the_training_explorer_goes_on_from_where_it_was_and_remembers_a_setting(trained):
    live = training.explore_training(epochs=30)
    trained.clear()
    live.set(epochs=50)
    assert sum(count for _, count in trained) == 20, "only the epochs that were still missing"
    live.set(hidden="tanh")
    trained.clear()
    live.set(hidden="sigmoid")
    assert trained == [], "a setting that was there before is remembered"


@pytest.mark.slow
def test_the_success_map_trains_every_rate_and_seed_at_once_and_then_only_looks_up(trained):
    live = hyperparameters.explore_hyperparameters(epochs=100, seeds=3, n_hidden=2)
    rates = [rate for _, rate in live.controls["learning_rate"].options]
    epochs = [epoch for _, epoch in live.controls["epochs"].options]
    assert {networks for networks, _ in trained} == {3 * len(rates)}
    assert sum(count for _, count in trained) == epochs[-1]
    trained.clear()
    for rate in rates:
        live.set(learning_rate=rate)
    for epoch in epochs:
        live.set(epochs=epoch)
    live.set(seed=2)
    assert trained == []
