"""diagnose: each word on made curves and on real trainings, whatever the scale, with mild noise."""

import numpy as np
import pytest

from helpers.diagnosis import diagnose
from helpers.training import sweep

epochs = np.arange(200)
falling = np.exp(-epochs / 30)
CURVES = {
    "healthy": [
        falling,  # falls and comes to rest at zero
        0.2 + 0.8 * falling,  # comes to rest low down
        0.2 + 0.8 * np.exp(-epochs / 5),  # the same, early
        1 - epochs / 250,  # is falling still
        1 - epochs / 1000,  # is falling still, slowly
        1 / (1 + epochs),  # nearly all of the fall in the first epochs
        np.where(epochs < 100, 0.25, 0.25 * np.exp(-(epochs - 100) / 10)) + 0.05 * falling,  # a plateau, and over it
        np.geomspace(1, 1e-12, 200),
        [1, 0.5, 0.25, 0.1],
    ],
    "flat": [
        np.full(200, 0.25),
        np.zeros(200),
        1 - epochs / 1e5,  # crawls
        0.25 + 0.1 * np.exp(-epochs / 10),  # falls to a plateau with most of the loss left, and stays there
        np.where(epochs < 1, 0.28, 0.5),  # leaps up once and is dead
        [0.7, 0.7, 0.69, 0.7],
        [0.7, 0.72, 0.69, 0.72],
        [0.7, 0.71, 0.72, 0.73],
    ],
    "increasing": [
        0.1 + epochs / 200,
        1 + epochs / 1000,  # slowly
        1.2 - falling,  # and levels off
        np.geomspace(1, 1e300, 200),  # explodes, still finite
        np.where(epochs < 50, 1 - epochs / 60, 1 / 6 + (epochs - 50) / 200),  # falls, then rises
        np.where(epochs < 150, falling, np.nan),
        np.where(epochs < 150, falling, np.inf),
        [0.1, 0.2, 0.4, 0.8],
        [1, 0.5, 0.2, 0.4, 0.9],
        [np.inf, 1, 0.5, 0.1],
    ],
    "jumpy": [
        0.5 + 0.3 * (-1.0) ** epochs,
        0.1 + 0.9 * falling + 0.09 * (-1.0) ** epochs,  # falls, and jumps about at the bottom
        0.6 + 0.3 * np.sin(epochs * 2.0),
        np.where(epochs % 10 == 9, 1.0, 0.2 * falling),  # healthy but for a spike in every tenth epoch
        [1, 0.2, 0.9, 0.1, 0.8],
    ],
}
CASES = [(word, curve) for word, curves in CURVES.items() for curve in curves]


@pytest.mark.parametrize("word, losses", CASES)
def test_each_word_for_its_curves(word, losses):
    assert diagnose(losses) == word


@pytest.mark.parametrize("word, losses", CASES)
@pytest.mark.parametrize("scale", [1e-6, 1e3])
def test_the_scale_of_the_losses_does_not_matter(word, losses, scale):
    with np.errstate(over="ignore"):
        assert diagnose(np.asarray(losses, dtype=float) * scale) == word


@pytest.mark.parametrize("word, losses", [(word, curve) for word, curve in CASES if len(curve) == 200])
def test_mild_noise_does_not_matter(word, losses):
    for seed in range(50):
        noise = 1 + 0.02 * np.random.default_rng(seed).normal(size=200)
        with np.errstate(over="ignore"):
            assert diagnose(losses * noise) == word


def test_noise_around_one_height_is_flat():
    rng = np.random.default_rng(0)
    words = [diagnose(0.25 * (1 + 0.05 * rng.normal(size=200))) for _ in range(500)]
    assert words == ["flat"] * 500


def test_strong_noise_is_jumpy():
    rng = np.random.default_rng(0)
    words = [diagnose(np.abs(falling + 0.25 * rng.normal(size=200))) for _ in range(50)]
    assert words == ["jumpy"] * 50


@pytest.mark.parametrize(
    "rate, word", [(0.5, "healthy"), (1.9, "healthy"), (1e-4, "flat"), (2.0, "flat"), (2.1, "increasing")]
)
def test_walks_on_a_parabola_of_curvature_one(rate, word):
    assert diagnose((2 * (1 - rate) ** np.arange(60)) ** 2) == word


@pytest.mark.parametrize(
    "rate, options, words",
    [
        (3, {}, {"healthy"}),
        (100, {}, {"flat", "increasing"}),  # saturates: leaps up and is dead
        (100, {"each_example": True}, {"flat"}),  # the same, within the first epoch
        (1, {"hidden": "tanh", "output": "linear"}, {"increasing"}),  # explodes
    ],
)
def test_trainings_on_xor(rate, options, words):
    losses, _ = sweep([rate], range(20), 1000, **options)
    assert {diagnose(run) for run in losses[0]} <= words


def test_a_tiny_rate_on_xor_is_flat_for_most_seeds():
    losses, _ = sweep([0.001], range(40), 1000)
    words = [diagnose(run) for run in losses[0]]
    assert words.count("flat") > 20
    assert set(words) <= {"flat", "healthy"}  # healthy where a bad start still falls


@pytest.mark.parametrize(
    "losses, message",
    [
        ([], "0 losses"),
        ([1, 0.5, 0.2], "3 losses"),
        (np.ones((2, 10)), r"\(2, 10\)"),
        ([1, 0.5, -0.1, 0.2], "negative"),
    ],
)
def test_what_is_no_loss_curve_is_refused(losses, message):
    with pytest.raises(ValueError, match=message):
        diagnose(losses)


def test_losses_stay_as_they_were():
    losses = np.array([4.0, 2.0, 1.0, 0.5])
    diagnose(losses)
    np.testing.assert_array_equal(losses, [4, 2, 1, 0.5])
