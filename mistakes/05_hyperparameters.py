"""Known wrong versions of the functions in 05_hyperparameters, with the hint a student reads for each.

Only a mistake's own text is run, in the instructor's notebook, so it may use the names defined there: np and the
notebook's own functions. The open choice `my_choice` has no mistakes here: autograder/judges.py tries it out and says
how its trainings ended.

The lesson's sections that the hints send a student to:

    "Starting weights"
    "Learning rate"
    "Epochs"
    "Architecture"
    "Activations"
    "Reading a loss curve"
    "When units saturate"
    "Comparing learning rates"
    "Many runs at once"
    "The loop of trying"
    "Other data"
"""

import numpy as np

from autograder.mistakes import Catalogue

mistake = Catalogue("05_hyperparameters")


# initialize(n_in, n_hidden, n_out, rng)


@mistake("initialize", lesson="Starting weights")
def zero_weights(n_in, n_hidden, n_out, rng):
    """All your weights are zero. Then every hidden unit says one half to everything, every one of them gets the same
    gradient, and no amount of training can make them differ. What would have to be different about two units, so
    that they can learn different things?"""
    W1, W2 = np.zeros((n_hidden, n_in)), np.zeros((n_out, n_hidden))
    return {"W1": W1, "b1": np.zeros((n_hidden, 1)), "W2": W2, "b2": np.zeros((n_out, 1))}


@mistake("initialize", lesson="Starting weights")
def weights_all_one(n_in, n_hidden, n_out, rng):
    """All your weights are 1. They are not zero, but they are all alike, and that is what does the harm: hidden units
    that start as twins get the same gradient at every step and stay twins. Where should the difference between them
    come from?"""
    W1, W2 = np.ones((n_hidden, n_in)), np.ones((n_out, n_hidden))
    return {"W1": W1, "b1": np.zeros((n_hidden, 1)), "W2": W2, "b2": np.zeros((n_out, 1))}


@mistake("initialize", lesson="Starting weights")
def every_unit_the_same(n_in, n_hidden, n_out, rng):
    """You drew the weights of one hidden unit and gave them to all of the others too. The numbers are random, and yet
    the units are copies of each other, now and after every step. Train such a layer of ten: how many different
    hidden values will it ever show?"""
    W1 = np.repeat(rng.normal(size=(1, n_in)), n_hidden, axis=0)
    W2 = np.repeat(rng.normal(size=(n_out, 1)), n_hidden, axis=1)
    return {"W1": W1, "b1": np.zeros((n_hidden, 1)), "W2": W2, "b2": np.zeros((n_out, 1))}


@mistake("initialize", lesson="Starting weights")
def biases_random(n_in, n_hidden, n_out, rng):
    """The weights are right. Your biases are random as well, and the agreement was that they start at zero and draw
    nothing. The network would still learn; but a second network from the same generator is no longer the one that
    everybody else gets. What do the weights do that makes random biases unnecessary?"""
    W1, W2 = rng.normal(size=(n_hidden, n_in)), rng.normal(size=(n_out, n_hidden))
    return {"W1": W1, "b1": rng.normal(size=(n_hidden, 1)), "W2": W2, "b2": rng.normal(size=(n_out, 1))}


@mistake("initialize", lesson="Starting weights")
def biases_drawn_in_between(n_in, n_hidden, n_out, rng):
    """W1 is right, and from there on everything is shifted: you drew random numbers for b1 before it was the turn of
    W2. A generator is a queue, and whoever takes a number out of turn changes what all the later ones get. Which of
    the four arrays should draw at all?"""
    W1, b1 = rng.normal(size=(n_hidden, n_in)), rng.normal(size=(n_hidden, 1))
    W2, b2 = rng.normal(size=(n_out, n_hidden)), rng.normal(size=(n_out, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


@mistake("initialize", lesson="Starting weights")
def biases_flat(n_in, n_hidden, n_out, rng):
    """Your biases have one axis where two are due. A flat array is neither row nor column, and NumPy lays it down as
    a row: added to W1 @ x it gives every *example* a bias of its own, or does not fit at all. What is the shape of a
    column with n_hidden entries?"""
    W1, W2 = rng.normal(size=(n_hidden, n_in)), rng.normal(size=(n_out, n_hidden))
    return {"W1": W1, "b1": np.zeros(n_hidden), "W2": W2, "b2": np.zeros(n_out)}


@mistake("initialize", lesson="Starting weights")
def biases_as_rows(n_in, n_hidden, n_out, rng):
    """Your biases lie on their side. In this course units are rows and examples are columns, so the biases of a layer
    stand one above the other. Which of the two numbers in the shape counts the units?"""
    W1, W2 = rng.normal(size=(n_hidden, n_in)), rng.normal(size=(n_out, n_hidden))
    return {"W1": W1, "b1": np.zeros((1, n_hidden)), "W2": W2, "b2": np.zeros((1, n_out))}


@mistake("initialize", lesson="Starting weights")
def biases_of_one(n_in, n_hidden, n_out, rng):
    """Your biases start at 1, which pushes every unit up its curve before it has seen a single example. If a bias of
    1 came from the picture of "an input that is always 1": that input is built in already, and the bias is its
    *weight*. Where did we agree that it starts?"""
    W1, W2 = rng.normal(size=(n_hidden, n_in)), rng.normal(size=(n_out, n_hidden))
    return {"W1": W1, "b1": np.ones((n_hidden, 1)), "W2": W2, "b2": np.ones((n_out, 1))}


@mistake("initialize", lesson="Starting weights")
def weight_shapes_turned(n_in, n_hidden, n_out, rng):
    """Both weight matrices have their axes the other way round. The forward pass multiplies W1 @ x with x of shape
    (n_in, n), and the result must have one row per hidden unit. Which shape does that leave for W1? When the numbers
    of units happen to be equal, nothing will warn you."""
    W1, W2 = rng.normal(size=(n_in, n_hidden)), rng.normal(size=(n_hidden, n_out))
    return {"W1": W1, "b1": np.zeros((n_hidden, 1)), "W2": W2, "b2": np.zeros((n_out, 1))}


@mistake("initialize", lesson="Starting weights")
def drawn_on_their_side(n_in, n_hidden, n_out, rng):
    """The shapes are right, but the numbers have been filled in column by column: you drew each matrix the other way
    round and then turned it. Such a network learns just as well. It is only not the one that this seed stands for.
    Can you ask for the final shape at once?"""
    W1, W2 = rng.normal(size=(n_in, n_hidden)).T, rng.normal(size=(n_hidden, n_out)).T
    return {"W1": W1, "b1": np.zeros((n_hidden, 1)), "W2": W2, "b2": np.zeros((n_out, 1))}


@mistake("initialize", lesson="Starting weights")
def second_layer_drawn_first(n_in, n_hidden, n_out, rng):
    """Every number is a proper one, but W2 took its share before W1. The seed promises the same network to everyone
    only if all draw in the same order. In which order did we agree to draw?"""
    W2, W1 = rng.normal(size=(n_out, n_hidden)), rng.normal(size=(n_hidden, n_in))
    return {"W1": W1, "b1": np.zeros((n_hidden, 1)), "W2": W2, "b2": np.zeros((n_out, 1))}


@mistake("initialize", lesson="Starting weights")
def own_generator(n_in, n_hidden, n_out, rng):
    """You were handed a generator and made one of your own, with a fixed seed, so every call gives the very same
    network. Try twenty starting weights with it, and you have tried one of them twenty times. What is the argument
    `rng` there for?"""
    rng = np.random.default_rng(0)
    W1, W2 = rng.normal(size=(n_hidden, n_in)), rng.normal(size=(n_out, n_hidden))
    return {"W1": W1, "b1": np.zeros((n_hidden, 1)), "W2": W2, "b2": np.zeros((n_out, 1))}


@mistake("initialize", lesson="Starting weights")
def dice_from_elsewhere(n_in, n_hidden, n_out, rng):
    """Your weights do not come from the generator that you were handed: called twice with the same seed, your
    function gives two different networks. np.random.normal and its relatives share one hidden generator between
    everything that runs, and a fresh default_rng() without a seed is new each time. Who can repeat your experiment
    tomorrow?"""
    W1, W2 = np.random.normal(size=(n_hidden, n_in)), np.random.normal(size=(n_out, n_hidden))
    return {"W1": W1, "b1": np.zeros((n_hidden, 1)), "W2": W2, "b2": np.zeros((n_out, 1))}


@mistake("initialize", lesson="Starting weights")
def uniform_weights(n_in, n_hidden, n_out, rng):
    """Your weights are spread evenly between -1 and 1. That is a scheme in its own right, and a good one, but not the
    one agreed on: the normal distribution has no hard edges and now and then goes beyond 2. Which method of the
    generator is named after it?"""
    W1, W2 = rng.uniform(-1, 1, (n_hidden, n_in)), rng.uniform(-1, 1, (n_out, n_hidden))
    return {"W1": W1, "b1": np.zeros((n_hidden, 1)), "W2": W2, "b2": np.zeros((n_out, 1))}


@mistake("initialize", lesson="Starting weights")
def only_positive_weights(n_in, n_hidden, n_out, rng):
    """All your weights lie between 0 and 1, so at the start every hidden unit leans the same way and every input
    counts *for*, never against. Some weights should begin on the other side. What is the mean of the distribution
    that we agreed on, and what is the mean of yours?"""
    W1, W2 = rng.random((n_hidden, n_in)), rng.random((n_out, n_hidden))
    return {"W1": W1, "b1": np.zeros((n_hidden, 1)), "W2": W2, "b2": np.zeros((n_out, 1))}


@mistake("initialize", lesson="Starting weights")
def centred_on_one(n_in, n_hidden, n_out, rng):
    """Every weight is too large by exactly 1: the mean of your distribution is 1, not 0. The method takes two numbers
    before the size. Which of them says where the middle is, and which how far the numbers spread?"""
    W1, W2 = rng.normal(1, size=(n_hidden, n_in)), rng.normal(1, size=(n_out, n_hidden))
    return {"W1": W1, "b1": np.zeros((n_hidden, 1)), "W2": W2, "b2": np.zeros((n_out, 1))}


@mistake("initialize", lesson="Starting weights")
def a_tenth_of_the_weights(n_in, n_hidden, n_out, rng):
    """Your weights are a tenth of what was agreed. Small weights sound safe, and for deep or wide networks something
    like it is done; here all units then start out almost alike, and the first plateau becomes a long one. Which
    standard deviation does N(0, 1) have?"""
    W1, W2 = 0.1 * rng.normal(size=(n_hidden, n_in)), 0.1 * rng.normal(size=(n_out, n_hidden))
    return {"W1": W1, "b1": np.zeros((n_hidden, 1)), "W2": W2, "b2": np.zeros((n_out, 1))}


@mistake("initialize", lesson="Starting weights")
def a_hundredth_of_the_weights(n_in, n_hidden, n_out, rng):
    """Your weights are a hundredth of what was agreed: so small that the hidden units are nearly twins, and twins are
    slow to part. Which standard deviation does N(0, 1) have, and where does yours come from?"""
    W1, W2 = 0.01 * rng.normal(size=(n_hidden, n_in)), 0.01 * rng.normal(size=(n_out, n_hidden))
    return {"W1": W1, "b1": np.zeros((n_hidden, 1)), "W2": W2, "b2": np.zeros((n_out, 1))}


@mistake("initialize", lesson="Starting weights")
def scaled_like_xavier(n_in, n_hidden, n_out, rng):
    """You scaled the weights of each layer by the number of units before and after it. That is Xavier's scheme: it
    keeps wide layers from starting saturated, and the lesson shows what it is good for. The agreement here was the
    plain N(0, 1), whatever the size of the layer."""
    W1 = rng.normal(0, np.sqrt(2 / (n_in + n_hidden)), (n_hidden, n_in))
    W2 = rng.normal(0, np.sqrt(2 / (n_hidden + n_out)), (n_out, n_hidden))
    return {"W1": W1, "b1": np.zeros((n_hidden, 1)), "W2": W2, "b2": np.zeros((n_out, 1))}


@mistake("initialize", lesson="Starting weights")
def scaled_by_the_inputs(n_in, n_hidden, n_out, rng):
    """You divided each layer's weights by the root of its number of inputs, so that a wide layer does not shout. A
    sound idea, and a common default elsewhere. Here the agreement was plain N(0, 1) for every layer: is there a
    division too many?"""
    W1 = rng.normal(size=(n_hidden, n_in)) / np.sqrt(n_in)
    W2 = rng.normal(size=(n_out, n_hidden)) / np.sqrt(n_hidden)
    return {"W1": W1, "b1": np.zeros((n_hidden, 1)), "W2": W2, "b2": np.zeros((n_out, 1))}


# diagnose(losses)


@mistake("diagnose", lesson="Reading a loss curve")
def healthy_whatever_comes(losses):
    """Every curve is healthy to you, even one that ends in nan. Did you mean to come back to this function? Begin
    with the rule that is easiest to see in the numbers: which of the five is that?"""
    return "healthy"


@mistake("diagnose", lesson="Reading a loss curve")
def only_first_and_last(losses):
    """You looked at two losses, the first and the last, and they cannot tell the whole story: a curve that goes to
    and fro may end a little lower by chance, and one that is stuck never ends exactly where it began. Which of the
    five rules looks at what happens in between?"""
    if losses[-1] < losses[0]:
        return "healthy"
    return "increasing" if losses[-1] > losses[0] else "flat"


@mistake("diagnose", lesson="Reading a loss curve")
def end_against_start(losses):
    """Your trend compares the end with the first loss. It should compare the end with what came shortly *before* it:
    a curve that fell and is rising again still ends below its start, and one that leapt up and stands still ends
    above it. Which two quarters does the text ask for?"""
    if not np.isfinite(losses).all():
        return "increasing"
    steps = np.diff(losses) / losses.max()
    if np.mean(steps > 0.1) >= 0.2 and np.mean(steps < -0.1) >= 0.2:
        return "jumpy"
    first, after = losses[0], losses[-(len(losses) // 4) :].mean()
    trend = (after - first) / first
    if trend > 0.05:
        return "increasing"
    return "flat" if trend > -0.05 and after > first / 3 else "healthy"


@mistake("diagnose", lesson="Reading a loss curve")
def halves_compared(losses):
    """You cut the curve into halves and compared those. The first half still holds the start, so a curve that goes
    down and comes up again looks level to you, the fall in one half hiding the rise in the other. How much of the
    curve should *before* and *after* see?"""
    if not np.isfinite(losses).all():
        return "increasing"
    steps = np.diff(losses) / losses.max()
    if np.mean(steps > 0.1) >= 0.2 and np.mean(steps < -0.1) >= 0.2:
        return "jumpy"
    half = len(losses) // 2
    first, before, after = losses[0], losses[:half].mean(), losses[half:].mean()
    trend = (after - before) / first
    if trend > 0.05:
        return "increasing"
    return "flat" if trend > -0.05 and after > first / 3 else "healthy"


@mistake("diagnose", lesson="Reading a loss curve")
def never_flat(losses):
    """You never say "flat". A loss that has stopped falling high up is a network that learns nothing, and calling it
    healthy lets you wait for ever. What do the trend and *after* look like on a plateau?"""
    if not np.isfinite(losses).all():
        return "increasing"
    steps = np.diff(losses) / losses.max()
    if np.mean(steps > 0.1) >= 0.2 and np.mean(steps < -0.1) >= 0.2:
        return "jumpy"
    quarter = len(losses) // 4
    first, before, after = losses[0], losses[2 * quarter : 3 * quarter].mean(), losses[3 * quarter :].mean()
    return "increasing" if (after - before) / first > 0.05 else "healthy"


@mistake("diagnose", lesson="Reading a loss curve")
def rest_called_flat(losses):
    """A curve that has come to rest is flat to you, however low it lies. But a loss that has arrived near zero stands
    still because there is nothing left to learn. Rule 4 has a second half: which of the three numbers does it look
    at?"""
    if not np.isfinite(losses).all():
        return "increasing"
    steps = np.diff(losses) / losses.max()
    if np.mean(steps > 0.1) >= 0.2 and np.mean(steps < -0.1) >= 0.2:
        return "jumpy"
    quarter = len(losses) // 4
    first, before, after = losses[0], losses[2 * quarter : 3 * quarter].mean(), losses[3 * quarter :].mean()
    trend = (after - before) / first
    if trend > 0.05:
        return "increasing"
    return "flat" if trend > -0.05 else "healthy"


@mistake("diagnose", lesson="Reading a loss curve")
def high_called_flat(losses):
    """Whatever ends high up is flat to you, even if it is falling steadily and has only not arrived yet. Such a curve
    needs patience, not another learning rate. Rule 4 asks two things at once: what must be true of the trend?"""
    if not np.isfinite(losses).all():
        return "increasing"
    steps = np.diff(losses) / losses.max()
    if np.mean(steps > 0.1) >= 0.2 and np.mean(steps < -0.1) >= 0.2:
        return "jumpy"
    quarter = len(losses) // 4
    first, before, after = losses[0], losses[2 * quarter : 3 * quarter].mean(), losses[3 * quarter :].mean()
    if (after - before) / first > 0.05:
        return "increasing"
    return "flat" if after > first / 3 else "healthy"


@mistake("diagnose", lesson="When units saturate")
def leap_called_increasing(losses):
    """Since the curve ends above its start, you called it increasing. But look where it is going: it leapt once, and
    has not moved since. Its units are saturated, and the cure for that is not the cure for a loss that climbs. What
    is the trend *towards the end*?"""
    if not np.isfinite(losses).all():
        return "increasing"
    steps = np.diff(losses) / losses.max()
    if np.mean(steps > 0.1) >= 0.2 and np.mean(steps < -0.1) >= 0.2:
        return "jumpy"
    quarter = len(losses) // 4
    first, before, after = losses[0], losses[2 * quarter : 3 * quarter].mean(), losses[3 * quarter :].mean()
    trend = (after - before) / first
    if trend > 0.05 or after > 1.05 * first:
        return "increasing"
    return "flat" if trend > -0.05 and after > first / 3 else "healthy"


@mistake("diagnose", lesson="Reading a loss curve")
def nan_not_seen(losses):
    """A curve that ends in nan got past you. Every comparison with nan is False, so none of your rules held, and it
    fell through to the last line. Infinity you did see. Which question can you ask of a number that both inf and nan
    fail?"""
    if np.isinf(losses).any():
        return "increasing"
    steps = np.diff(losses) / losses.max()
    if np.mean(steps > 0.1) >= 0.2 and np.mean(steps < -0.1) >= 0.2:
        return "jumpy"
    quarter = len(losses) // 4
    first, before, after = losses[0], losses[2 * quarter : 3 * quarter].mean(), losses[3 * quarter :].mean()
    trend = (after - before) / first
    if trend > 0.05:
        return "increasing"
    return "flat" if trend > -0.05 and after > first / 3 else "healthy"


@mistake("diagnose", lesson="Reading a loss curve")
def infinity_not_seen(losses):
    """You caught nan but not infinity. A loss that overflowed long ago is infinite before *and* after, infinity minus
    infinity is nan, and with nan no rule of yours holds any more. Which question can you ask of a number that both
    inf and nan fail?"""
    if np.isnan(losses).any():
        return "increasing"
    with np.errstate(invalid="ignore"):
        steps = np.diff(losses) / losses.max()
        if np.mean(steps > 0.1) >= 0.2 and np.mean(steps < -0.1) >= 0.2:
            return "jumpy"
        quarter = len(losses) // 4
        first, before, after = losses[0], losses[2 * quarter : 3 * quarter].mean(), losses[3 * quarter :].mean()
        trend = (after - before) / first
        if trend > 0.05:
            return "increasing"
        return "flat" if trend > -0.05 and after > first / 3 else "healthy"


@mistake("diagnose", lesson="Reading a loss curve")
def explosions_not_seen(losses):
    """The first rule is missing: curves that overflow to infinity or end in nan came out as something else. With such
    numbers in it, a mean is inf or nan as well, and comparing with nan is always False. Why must this rule stand
    before all of the others?"""
    with np.errstate(invalid="ignore"):
        steps = np.diff(losses) / losses.max()
        if np.mean(steps > 0.1) >= 0.2 and np.mean(steps < -0.1) >= 0.2:
            return "jumpy"
        quarter = len(losses) // 4
        first, before, after = losses[0], losses[2 * quarter : 3 * quarter].mean(), losses[3 * quarter :].mean()
        trend = (after - before) / first
        if trend > 0.05:
            return "increasing"
        return "flat" if trend > -0.05 and after > first / 3 else "healthy"


@mistake("diagnose", lesson="Reading a loss curve")
def trend_not_relative(losses):
    """Your trend is a plain difference of losses. A change of 0.1 is enormous for a loss of 0.25 and nothing for one
    of 40, and in thousandths every curve looks flat to you. By what must the difference be divided to become a
    share?"""
    if not np.isfinite(losses).all():
        return "increasing"
    steps = np.diff(losses) / losses.max()
    if np.mean(steps > 0.1) >= 0.2 and np.mean(steps < -0.1) >= 0.2:
        return "jumpy"
    quarter = len(losses) // 4
    first, before, after = losses[0], losses[2 * quarter : 3 * quarter].mean(), losses[3 * quarter :].mean()
    trend = after - before
    if trend > 0.05:
        return "increasing"
    return "flat" if trend > -0.05 and after > first / 3 else "healthy"


@mistake("diagnose", lesson="Reading a loss curve")
def trend_upside_down(losses):
    """Falling and rising have changed places: your trend is *before* minus *after*. Take the curve 4, 3, 2, 1 and put
    it into your line by hand: which sign comes out, and which should it be for a loss that falls?"""
    if not np.isfinite(losses).all():
        return "increasing"
    steps = np.diff(losses) / losses.max()
    if np.mean(steps > 0.1) >= 0.2 and np.mean(steps < -0.1) >= 0.2:
        return "jumpy"
    quarter = len(losses) // 4
    first, before, after = losses[0], losses[2 * quarter : 3 * quarter].mean(), losses[3 * quarter :].mean()
    trend = (before - after) / first
    if trend > 0.05:
        return "increasing"
    return "flat" if trend > -0.05 and after > first / 3 else "healthy"


@mistake("diagnose", lesson="Reading a loss curve")
def never_jumpy(losses):
    """You never say "jumpy". The means of two quarters smooth every jump away, so a curve that leaps to and fro looks
    as calm as a plateau. Which array holds the changes from one epoch to the next?"""
    if not np.isfinite(losses).all():
        return "increasing"
    quarter = len(losses) // 4
    first, before, after = losses[0], losses[2 * quarter : 3 * quarter].mean(), losses[3 * quarter :].mean()
    trend = (after - before) / first
    if trend > 0.05:
        return "increasing"
    return "flat" if trend > -0.05 and after > first / 3 else "healthy"


@mistake("diagnose", lesson="Reading a loss curve")
def jumpy_asked_last(losses):
    """You ask for jumps only after the trend has had its say, and by then many a jumpy curve has been called flat.
    The order of the rules is part of them: while a curve leaps about, its trend means little. Which rule comes
    second?"""
    if not np.isfinite(losses).all():
        return "increasing"
    quarter = len(losses) // 4
    first, before, after = losses[0], losses[2 * quarter : 3 * quarter].mean(), losses[3 * quarter :].mean()
    trend = (after - before) / first
    if trend > 0.05:
        return "increasing"
    if trend > -0.05 and after > first / 3:
        return "flat"
    steps = np.diff(losses) / losses.max()
    return "jumpy" if np.mean(steps > 0.1) >= 0.2 and np.mean(steps < -0.1) >= 0.2 else "healthy"


@mistake("diagnose", lesson="Reading a loss curve")
def every_rise_is_jumpy(losses):
    """One step up is enough for you to call a curve jumpy, and then mild noise is jumpy too, and so is every loss that
    rises. Real curves tremble a little. How large must a step be to count, and how many such steps does it take?"""
    if not np.isfinite(losses).all():
        return "increasing"
    if (np.diff(losses) > 0).any():
        return "jumpy"
    quarter = len(losses) // 4
    first, before, after = losses[0], losses[2 * quarter : 3 * quarter].mean(), losses[3 * quarter :].mean()
    trend = (after - before) / first
    if trend > 0.05:
        return "increasing"
    return "flat" if trend > -0.05 and after > first / 3 else "healthy"


@mistake("diagnose", lesson="Reading a loss curve")
def one_large_rise_is_jumpy(losses):
    """A single spike makes a curve jumpy to you. One unlucky epoch is no verdict on a training that otherwise falls.
    Rule 2 speaks of a share of all steps: how do you count how many entries of an array pass a test?"""
    if not np.isfinite(losses).all():
        return "increasing"
    if (np.diff(losses) > 0.1 * losses.max()).any():
        return "jumpy"
    quarter = len(losses) // 4
    first, before, after = losses[0], losses[2 * quarter : 3 * quarter].mean(), losses[3 * quarter :].mean()
    trend = (after - before) / first
    if trend > 0.05:
        return "increasing"
    return "flat" if trend > -0.05 and after > first / 3 else "healthy"


@mistake("diagnose", lesson="Reading a loss curve")
def large_steps_are_jumpy(losses):
    """You looked at the size of the steps and not at their direction. A short curve that falls steeply takes large
    steps as well, all of them the right way. What does a curve that jumps do that one in free fall does not?"""
    if not np.isfinite(losses).all():
        return "increasing"
    if np.mean(np.abs(np.diff(losses)) > 0.1 * losses.max()) >= 0.2:
        return "jumpy"
    quarter = len(losses) // 4
    first, before, after = losses[0], losses[2 * quarter : 3 * quarter].mean(), losses[3 * quarter :].mean()
    trend = (after - before) / first
    if trend > 0.05:
        return "increasing"
    return "flat" if trend > -0.05 and after > first / 3 else "healthy"


@mistake("diagnose", lesson="Reading a loss curve")
def large_rises_are_jumpy(losses):
    """You counted the large steps up and forgot to ask for large steps down as well. A short curve that does nothing
    but climb is not jumpy, it is increasing. Rule 2 has two halves, joined by a word in bold: is yours?"""
    if not np.isfinite(losses).all():
        return "increasing"
    if np.mean(np.diff(losses) > 0.1 * losses.max()) >= 0.2:
        return "jumpy"
    quarter = len(losses) // 4
    first, before, after = losses[0], losses[2 * quarter : 3 * quarter].mean(), losses[3 * quarter :].mean()
    trend = (after - before) / first
    if trend > 0.05:
        return "increasing"
    return "flat" if trend > -0.05 and after > first / 3 else "healthy"


@mistake("diagnose", lesson="Reading a loss curve")
def jumps_not_relative(losses):
    """You hold every step against the number 0.1 itself. For losses in tens every tremor is then a jump, and for those
    of XOR only the wildest one is. Rule 2 measures a step by the largest loss of the same curve. Would your function
    say the same if all losses were a thousand times larger?"""
    if not np.isfinite(losses).all():
        return "increasing"
    steps = np.diff(losses)
    if np.mean(steps > 0.1) >= 0.2 and np.mean(steps < -0.1) >= 0.2:
        return "jumpy"
    quarter = len(losses) // 4
    first, before, after = losses[0], losses[2 * quarter : 3 * quarter].mean(), losses[3 * quarter :].mean()
    trend = (after - before) / first
    if trend > 0.05:
        return "increasing"
    return "flat" if trend > -0.05 and after > first / 3 else "healthy"


@mistake("diagnose", lesson="Reading a loss curve")
def words_of_its_own(losses):
    """Your function reads curves well and then says "decreasing", a word that is not on the list. Whoever uses it
    compares with the four agreed words, and a fifth one matches nothing. What do we call a curve that falls as it
    should?"""
    if not np.isfinite(losses).all():
        return "increasing"
    steps = np.diff(losses) / losses.max()
    if np.mean(steps > 0.1) >= 0.2 and np.mean(steps < -0.1) >= 0.2:
        return "jumpy"
    quarter = len(losses) // 4
    first, before, after = losses[0], losses[2 * quarter : 3 * quarter].mean(), losses[3 * quarter :].mean()
    trend = (after - before) / first
    if trend > 0.05:
        return "increasing"
    return "flat" if trend > -0.05 and after > first / 3 else "decreasing"


@mistake("diagnose", lesson="Reading a loss curve")
def scaled_in_place(losses):
    """The words are right, but the caller's losses are no longer what they were: you divided the array itself. With
    /= an array changes in place, under every name by which anyone knows it, and the curve that is plotted next will
    have another scale. Where could the scaled numbers go instead?"""
    if not np.isfinite(losses).all():
        return "increasing"
    losses /= losses.max()
    steps = np.diff(losses)
    if np.mean(steps > 0.1) >= 0.2 and np.mean(steps < -0.1) >= 0.2:
        return "jumpy"
    quarter = len(losses) // 4
    first, before, after = losses[0], losses[2 * quarter : 3 * quarter].mean(), losses[3 * quarter :].mean()
    trend = (after - before) / first
    if trend > 0.05:
        return "increasing"
    return "flat" if trend > -0.05 and after > first / 3 else "healthy"


# compare_learning_rates(train, learning_rates)


@mistake("compare_learning_rates", lesson="Comparing learning rates")
def first_loss_kept(train, learning_rates):
    """You kept the first loss of each training, the one before anything was learned. It has nothing to do with the
    learning rate at all: with the same starting weights it is the same for every rate. Which loss tells what became
    of the training?"""
    return {rate: train(rate)[0] for rate in learning_rates}


@mistake("compare_learning_rates", lesson="Comparing learning rates")
def mean_loss_kept(train, learning_rates):
    """You averaged over all epochs, and so a slow start weighs as much as the end. A training that crossed its plateau
    late and then solved everything looks poor to you. What was asked for is the state in which training left the
    network."""
    return {rate: np.mean(train(rate)) for rate in learning_rates}


@mistake("compare_learning_rates", lesson="Comparing learning rates")
def smallest_loss_kept(train, learning_rates):
    """You kept the smallest loss on the way. But the network that you hold at the end is not the one of that moment,
    unless you saved it: a curve that dips and then rises again leaves you with what it rose to. Which entry of the
    losses belongs to the end?"""
    return {rate: min(train(rate)) for rate in learning_rates}


@mistake("compare_learning_rates", lesson="Comparing learning rates")
def last_but_one_kept(train, learning_rates):
    """You stopped one epoch short: this is the last loss but one. Python counts from the back as well, and unlike from
    the front it does not begin at zero there. Which index is the very last?"""
    return {rate: train(rate)[-2] for rate in learning_rates}


@mistake("compare_learning_rates", lesson="Comparing learning rates")
def whole_curves_kept(train, learning_rates):
    """Each rate leads to its whole curve. That is more than was asked for, and whoever wants to compare two rates now
    has to compare two lists. Which single number of a curve says how the training ended?"""
    return {rate: train(rate) for rate in learning_rates}


@mistake("compare_learning_rates", lesson="Comparing learning rates")
def change_of_loss_kept(train, learning_rates):
    """You kept by how much the loss has changed between the first epoch and the last. It is a sensible measure of
    progress, but not what was asked for: two trainings may gain the same and end at different heights. What is the
    number at the end itself?"""
    losses = {rate: train(rate) for rate in learning_rates}
    return {rate: losses[rate][-1] - losses[rate][0] for rate in losses}


@mistake("compare_learning_rates", lesson="Comparing learning rates")
def bare_list_of_losses(train, learning_rates):
    """The losses are all there, in a list, and nobody can tell any more which rate each belongs to. The two belong
    together. Which container of Python's finds a value by a name, or here by a number?"""
    return [train(rate)[-1] for rate in learning_rates]


@mistake("compare_learning_rates", lesson="Comparing learning rates")
def list_of_pairs(train, learning_rates):
    """Rate and loss are paired up properly, but in a list of pairs. Looking up one rate then means searching through
    all of them. There is a container made for looking things up, and it can even be made from such a list."""
    return [(float(rate), float(train(rate)[-1])) for rate in learning_rates]


@mistake("compare_learning_rates", lesson="Comparing learning rates")
def rates_as_text(train, learning_rates):
    """Your keys are pieces of text. They look like the rates when printed, but results[0.1] finds nothing, and sorted
    as text "10.0" comes before "2.0". A key may be any number: what if you leave the rate as it was given?"""
    return {str(rate): train(rate)[-1] for rate in learning_rates}


@mistake("compare_learning_rates", lesson="Comparing learning rates")
def positions_as_keys(train, learning_rates):
    """Your keys are 0, 1, 2 and so on: the position of each rate in the list, not the rate. Once the list is out of
    sight, the results say nothing. What does a plain `for` over the rates give you, without any counting?"""
    return {position: train(rate)[-1] for position, rate in enumerate(learning_rates)}


@mistake("compare_learning_rates", lesson="Comparing learning rates")
def keys_and_values_swapped(train, learning_rates):
    """Your dict leads from the loss to the rate, the wrong way round. Two rates that end at the same loss would share
    one entry, and the second would wipe out the first. In {a: b}, which of the two is looked up?"""
    return {float(train(rate)[-1]): float(rate) for rate in learning_rates}


@mistake("compare_learning_rates", lesson="Comparing learning rates")
def exploded_ones_left_out(train, learning_rates):
    """Rates that exploded are missing from your results. That they exploded *is* the result, and whoever reads the
    table wants to see where it happens. To pass over them is the business of the next function. Which entries should
    a dict of all rates have?"""
    losses = {rate: train(rate)[-1] for rate in learning_rates}
    return {rate: loss for rate, loss in losses.items() if np.isfinite(loss)}


@mistake("compare_learning_rates", lesson="Comparing learning rates")
def only_the_last_rate(train, learning_rates):
    """Only the last rate is left in your dict. Follow the loop by hand with two rates: what happens to the entry of
    the first when the second comes? Something is made anew on each turn that should be made once."""
    for rate in learning_rates:
        results = {}
        results[rate] = train(rate)[-1]
    return results


@mistake("compare_learning_rates", lesson="Comparing learning rates")
def returns_after_the_first(train, learning_rates):
    """Only the first rate is in your dict. A `return` ends the function at once, and yours stands inside the loop, so
    the second turn never comes. How far should that line be indented?"""
    results = {}
    for rate in learning_rates:
        results[rate] = train(rate)[-1]
        return results


@mistake("compare_learning_rates", lesson="Comparing learning rates")
def trained_twice(train, learning_rates):
    """The results are right, at twice the price: each rate was trained two times. Training is what takes the minutes
    and the money, and if it is random, the two need not even agree. Where in your lines is `train` called, and could
    its answer be given a name?"""
    results = {}
    for rate in learning_rates:
        if len(train(rate)) > 0:
            results[rate] = train(rate)[-1]
    return results


@mistake("compare_learning_rates", lesson="Comparing learning rates")
def losses_rounded(train, learning_rates):
    """Your losses have been rounded. On paper that reads well, but two good rates that differ in the fourth digit are
    now a tie, and the comparison is spoiled before it begins. When is the right moment to round: on keeping a number
    or on printing it?"""
    return {rate: round(float(train(rate)[-1]), 2) for rate in learning_rates}


@mistake("compare_learning_rates", lesson="Comparing learning rates")
def best_rate_at_once(train, learning_rates):
    """You went one step further and returned the best rate. The next function is there for that; this one should hand
    over *all* results, the good and the bad. What did you have in your hands just before choosing?"""
    losses = {float(rate): train(rate)[-1] for rate in learning_rates}
    return min(losses, key=losses.get)


# best_learning_rate(results)


@mistake("best_learning_rate", lesson="Comparing learning rates")
def largest_loss_wins(results):
    """You crowned the rate with the *largest* finite loss, the worst of those that survived. A loss counts how wrong
    the network is. Which end of the scale is the good one?"""
    finite = {rate: loss for rate, loss in results.items() if np.isfinite(loss)}
    return max(finite, key=lambda rate: (finite[rate], -rate)) if finite else None


@mistake("best_learning_rate", lesson="Comparing learning rates")
def nan_in_first_place_wins(results):
    """You compared the losses as they are, nan among them. Nothing is smaller than nan, not even 0, so a nan that
    happens to come first is never beaten; and if no loss is finite, one of those that exploded wins. Who should be
    sent home before the contest begins?"""
    return min(results, key=results.get) if results else None


@mistake("best_learning_rate", lesson="Comparing learning rates")
def nan_wins_everywhere(results):
    """A rate whose training exploded came out as the best. NumPy's argmin stops at the first nan that it meets, since
    no comparison with nan can ever be true. Which losses should not have been in the array?"""
    if not results:
        return None
    rates = sorted(results)
    return rates[int(np.argmin([results[rate] for rate in rates]))]


@mistake("best_learning_rate", lesson="Comparing learning rates")
def infinity_let_in(results):
    """You sent nan home, but not infinity. Among finite losses it cannot win, so this goes unnoticed until nothing
    else is left: then a rate that exploded is your best. What should come out when every training has failed?"""
    known = {rate: loss for rate, loss in results.items() if not np.isnan(loss)}
    return min(sorted(known), key=known.get) if known else None


@mistake("best_learning_rate", lesson="Comparing learning rates")
def nan_let_in(results):
    """You sent infinity home, but not nan. It does the more harm of the two: every comparison with nan is False, so
    where it stands first it is never beaten. Which question can you ask of a number that both inf and nan fail?"""
    known = {rate: loss for rate, loss in results.items() if loss != np.inf}
    return min(sorted(known), key=known.get) if known else None


@mistake("best_learning_rate", lesson="Comparing learning rates")
def ties_to_the_first(results):
    """When two rates share the smallest loss, you take whichever was entered first. Then the answer hangs on the order
    of the dict, and the same results can give two different rates. We agreed on the smaller of the two. How could the
    rate itself take part in the comparison?"""
    finite = {rate: loss for rate, loss in results.items() if np.isfinite(loss)}
    return min(finite, key=finite.get) if finite else None


@mistake("best_learning_rate", lesson="Comparing learning rates")
def ties_to_the_larger(results):
    """When two rates share the smallest loss, you take the larger. It is the bolder choice: the larger a rate, the
    nearer it stands to the place where training breaks down. Which one did we agree on?"""
    finite = {rate: loss for rate, loss in results.items() if np.isfinite(loss)}
    return min(finite, key=lambda rate: (finite[rate], -rate)) if finite else None


@mistake("best_learning_rate", lesson="Comparing learning rates")
def loss_for_rate(results):
    """You found the smallest loss and returned it. But nobody can set a loss: what one can set is the rate that led to
    it. How do you get back from the winner's loss to the winner's name?"""
    return min((loss for loss in results.values() if np.isfinite(loss)), default=None)


@mistake("best_learning_rate", lesson="Comparing learning rates")
def position_for_rate(results):
    """You returned a position, the index of the winner in the row of losses. Whoever asked does not know your row. What
    stands at that position in the row of rates?"""
    finite = [(loss, position) for position, loss in enumerate(results.values()) if np.isfinite(loss)]
    return min(finite)[1] if finite else None


@mistake("best_learning_rate", lesson="Comparing learning rates")
def rate_and_loss_together(results):
    """You returned the rate and its loss as a pair. One of the two was asked for, and whoever hands your answer to the
    next training as a learning rate will be surprised. Which part of the pair is it?"""
    finite = [(rate, loss) for rate, loss in sorted(results.items()) if np.isfinite(loss)]
    return min(finite, key=lambda pair: pair[1]) if finite else None


@mistake("best_learning_rate", lesson="Learning rate")
def smallest_rate_wins(results):
    """You took the smallest rate, whatever its loss. Small strides are safe, and they may not arrive: at .001 XOR has
    learned nothing after ten thousand epochs. On which of the two, the keys or the values, should the contest be
    decided?"""
    finite = [rate for rate, loss in results.items() if np.isfinite(loss)]
    return min(finite, default=None)


@mistake("best_learning_rate", lesson="Learning rate")
def largest_rate_wins(results):
    """You took the largest rate that did not explode. Fast is not the same as good: long before the numbers overflow,
    a stride can be too long to settle, and with sigmoid outputs they never overflow at all. On which of the two, the
    keys or the values, should the contest be decided?"""
    finite = [rate for rate, loss in results.items() if np.isfinite(loss)]
    return max(finite, default=None)


@mistake("best_learning_rate", lesson="Comparing learning rates")
def no_answer_when_all_explode(results):
    """As long as one loss is finite you find the best. When none is, your function breaks down: the smallest of nothing
    does not exist. That case will come, on the day when all your rates were too large. What did we agree to return
    then, and where do you ask whether anyone is left?"""
    finite = {rate: loss for rate, loss in results.items() if np.isfinite(loss)}
    return min(sorted(finite), key=finite.get)


@mistake("best_learning_rate", lesson="Comparing learning rates")
def zero_when_all_explode(results):
    """When no loss is finite you return 0. A rate of zero is a rate as well, one that never learns anything, and
    whoever uses it will not notice that something went wrong. Python has a value that says "there is none"."""
    finite = {rate: loss for rate, loss in results.items() if np.isfinite(loss)}
    return min(sorted(finite), key=finite.get) if finite else 0


@mistake("best_learning_rate", lesson="Comparing learning rates")
def exploded_ones_removed(results):
    """The rate is right, but the caller's dict has lost its entries: you removed those that exploded from the original.
    They were results too, and are gone for everyone who still holds that dict. How do you make a second, smaller dict
    and leave the first alone?"""
    for rate in list(results):
        if not np.isfinite(results[rate]):
            del results[rate]
    return min(sorted(results), key=results.get) if results else None
