"""Known wrong versions of the functions in 03_backprop, with the hint a student reads for each.

Only a mistake's own text is run, in the instructor's notebook, so it may use the names defined there: np, sigmoid,
sigmoid_derivative, forward, output_delta and hidden_delta. The imports below let it be called from here as well.

The lesson's sections that the hints send a student to:

    "The chain rule"
    "The sigmoid and its slope"
    "Forward, one step at a time"
    "The output step"
    "The hidden step"
    "The weight gradients"
    "Biases are weights too"
    "Why one backward pass beats testing each weight"
    "Checking gradients"
    "The bug gallery"
"""

import numpy as np

from autograder.mistakes import Catalogue
from helpers.activations import sigmoid, sigmoid_derivative
from helpers.network import forward, hidden_delta, output_delta

mistake = Catalogue("03_backprop")


# sigmoid(z)


@mistake("sigmoid", lesson="The sigmoid and its slope")
def minus_forgotten(z):
    """Your curve is right but runs downhill: strong evidence *for* gives almost 0. The sign in the exponent decides
    which way it leans. What should happen to e to the power of that exponent as z grows?"""
    return 1 / (1 + np.exp(z))


@mistake("sigmoid", lesson="The sigmoid and its slope")
def brackets_lost(z):
    """Python divides before it adds, so the 1 and the exponential were not under the fraction line together. Your
    answers leave the range from 0 to 1, which no sigmoid can do. Put z = 0 into your line by hand: where does the
    one half get lost?"""
    return 1 / 1 + np.exp(-z)


@mistake("sigmoid", lesson="The sigmoid and its slope")
def exponential_alone(z):
    """What came out is e to the power of z: it grows without end, and at z = 0 it is 1 where a half is due. One
    term is missing below the fraction line. What keeps the sigmoid from ever passing 1?"""
    return 1 / np.exp(-z)


@mistake("sigmoid", lesson="The sigmoid and its slope")
def logit_instead(z):
    """You went in the opposite direction: your function turns a probability into evidence, the inverse of the
    sigmoid. That is why most answers are nan: it only knows numbers between 0 and 1. Here z may be any number, and
    it is the answer that lies between 0 and 1."""
    return np.log(z / (1 - z))


@mistake("sigmoid", lesson="The sigmoid and its slope")
def tanh_instead(z):
    """This is the hyperbolic tangent, a cousin of the sigmoid with the same S-shape. It runs from -1 to 1 and gives
    0 in the middle, while ours runs from 0 to 1. What would a prediction of -1 mean to a loss whose targets are 0
    and 1?"""
    return np.tanh(z)


@mistake("sigmoid", lesson="The sigmoid and its slope")
def straight_pieces(z):
    """You drew the S with a ruler: two flat pieces and a slanting line between them, the so-called hard sigmoid. It
    is fast and popular in small devices, but at its flat ends the slope is exactly zero and learning stops dead.
    Ours bends everywhere: use the exponential."""
    return np.clip(0.2 * z + 0.5, 0, 1)


@mistake("sigmoid", lesson="The sigmoid and its slope")
def step_instead(z):
    """Your unit says yes or no and nothing in between. A step has no slope to follow: nudge z, and the answer stays
    as it was. What would gradient descent do on ground that is flat everywhere?"""
    return np.where(np.asarray(z) > 0, 1.0, 0.0)


@mistake("sigmoid", lesson="The sigmoid and its slope")
def softmax_instead(z):
    """Your answers add up to 1, so every entry depends on all of the others. That is softmax, which lets units
    compete. A sigmoid looks at one number at a time: sigmoid(0) is one half in whatever company it comes."""
    return np.exp(z) / np.sum(np.exp(z))


@mistake("sigmoid", lesson="The sigmoid and its slope")
def slope_returned(z):
    """These are the slopes of the sigmoid, not its values: none is larger than one quarter, and z and -z give the
    same. The slope is the next function. What should sigmoid(0) be?"""
    s = 1 / (1 + np.exp(-z))
    return s * (1 - s)


@mistake("sigmoid", lesson="The sigmoid and its slope")
def clipped_too_early(z):
    """You held z between -5 and 5 before squashing it, perhaps to silence an overflow warning. That warning is
    harmless, but the clipping is not: from 5 onwards your curve is flat, though the real one still climbs. How far
    out does exp really overflow? Print np.exp(-z) at z = -10, -100 and -1000."""
    return 1 / (1 + np.exp(-np.clip(z, -5, 5)))


@mistake("sigmoid", lesson="The sigmoid and its slope")
def infinity_over_infinity(z):
    """For everyday numbers this is right, and on paper it always is. Far to the right, though, both halves of your
    fraction overflow, and infinity divided by infinity is nan. Divide both halves by the same thing, so that only
    one of them can ever overflow: which way of writing the fraction is that?"""
    return np.exp(z) / (1 + np.exp(z))


@mistake("sigmoid", lesson="The sigmoid and its slope")
def whole_numbers_out(z):
    """Given whole numbers, your function answers in whole numbers, and everything between 0 and 1 is cut down to 0.
    An array made "like" another inherits its type, and what you write into it is cut to fit. Where do you make the
    array for the answer, and what type does it get?"""
    z = np.asarray(z)
    answer = np.zeros_like(z)
    for i in np.ndindex(z.shape):
        answer[i] = 1 / (1 + np.exp(-z[i]))
    return answer


@mistake("sigmoid", lesson="The sigmoid and its slope")
def single_precision(z):
    """The numbers are right to about seven digits, and then they stop: your answers are float32. The course
    computes in float64, because a gradient check subtracts two nearly equal losses and lives on the digits after
    the seventh. Which step of yours changes the type?"""
    return (1 / (1 + np.exp(-np.asarray(z)))).astype(np.float32)


@mistake("sigmoid", lesson="The sigmoid and its slope")
def clipped_in_place(z):
    """Your answers are right, but your caller's array is no longer what it was: you clipped z itself, not a copy.
    The network still needs that z on the way back. Which line writes into the argument?"""
    if isinstance(z, np.ndarray):
        np.clip(z, -500, 500, out=z)
    return 1 / (1 + np.exp(-z))


# sigmoid_derivative(z)


@mistake("sigmoid_derivative", lesson="The sigmoid and its slope")
def taken_for_the_activation(z):
    """You treated the argument as if it had been squashed already. Here it is the pre-activation, any number at
    all, while your formula needs a number between 0 and 1. What must happen to z first? At z = 0 the slope should
    be one quarter; yours is 0."""
    return z * (1 - z)


@mistake("sigmoid_derivative", lesson="The sigmoid and its slope")
def value_for_slope(z):
    """This is the height of the curve, not its steepness. A unit that is nearly sure stands high on the curve,
    where the ground is almost level. Look once more at the formula: σ(z) has company there."""
    return 1 / (1 + np.exp(-z))


@mistake("sigmoid_derivative", lesson="The sigmoid and its slope")
def one_minus_only(z):
    """You have one of the two factors, 1 - σ(z). It says how far the curve still has to climb, and it never fades
    on the left, where the curve is flat as well. What must it be multiplied by, so that both ends come out flat?"""
    return 1 - 1 / (1 + np.exp(-z))


@mistake("sigmoid_derivative", lesson="The sigmoid and its slope")
def sigmoid_squared(z):
    """You multiplied σ(z) by itself. The two factors of the slope are different: one fades on the left, the other
    on the right, and only together do they make a hill. Which one appears twice in yours?"""
    s = 1 / (1 + np.exp(-z))
    return s * s


@mistake("sigmoid_derivative", lesson="The sigmoid and its slope")
def plus_for_minus(z):
    """One sign is off: you multiplied by 1 + σ(z). Your slope keeps growing to the right, where the curve is
    already flat. A quick test: at z = 0 the slope must be one quarter."""
    s = 1 / (1 + np.exp(-z))
    return s * (1 + s)


@mistake("sigmoid_derivative", lesson="The chain rule")
def downhill_slope(z):
    """Every slope has the wrong sign. The sigmoid climbs everywhere, so its slope is positive everywhere. If you
    differentiated 1 / (1 + e^-z) yourself, count the minus signs: the chain rule brings one from the power -1 and
    one from -z."""
    s = 1 / (1 + np.exp(-z))
    return -s * (1 - s)


@mistake("sigmoid_derivative", lesson="The sigmoid and its slope")
def slope_of_tanh(z):
    """This is the slope of tanh, which is four times as steep in the middle. Every curve has a slope of its own,
    and yours must belong to the curve that you wrote just above."""
    return 1 - np.tanh(z) ** 2


@mistake("sigmoid_derivative", lesson="The sigmoid and its slope")
def formula_of_tanh(z):
    """You put the sigmoid into the formula that belongs to tanh, one minus the square. Each curve comes with its
    own formula. At z = 0 yours says three quarters: how steep is the sigmoid there, if you lay a ruler along it?"""
    s = 1 / (1 + np.exp(-z))
    return 1 - s * s


@mistake("sigmoid_derivative", lesson="The sigmoid and its slope")
def squashed_twice(z):
    """The number went through the sigmoid twice before its slope was taken, so you measured the slope at σ(z) and
    not at z. All your answers lie between 0.19 and 0.25, as if no unit could ever be sure. Who applies the sigmoid
    first, and who does it again?"""
    s = 1 / (1 + np.exp(-z))
    t = 1 / (1 + np.exp(-s))
    return t * (1 - t)


@mistake("sigmoid_derivative", lesson="The sigmoid and its slope")
def square_forgotten(z):
    """You differentiated the fraction itself, a fine thing to do, but the bracket in the denominator must be
    squared after that. Without the square, your slope never fades on the left. How does 1/u change when u does?"""
    return np.exp(-z) / (1 + np.exp(-z))


@mistake("sigmoid_derivative", lesson="The sigmoid and its slope")
def slope_infinity_over_infinity(z):
    """On paper this is right, and for everyday numbers too. Far to the left both halves of the fraction overflow,
    and infinity over infinity is nan, just where the slope should be 0. There is a form without a second
    exponential, built from the function you already have."""
    return np.exp(-z) / (1 + np.exp(-z)) ** 2


@mistake("sigmoid_derivative", lesson="The sigmoid and its slope")
def matrix_product_for_slope(z):
    """You joined the two factors with a matrix product, which mixes different entries and often does not even fit.
    The slope belongs to each entry alone. Which sign multiplies entry by entry?"""
    s = 1 / (1 + np.exp(-z))
    return s @ (1 - s)


@mistake("sigmoid_derivative", lesson="The sigmoid and its slope")
def slope_of_relu(z):
    """Flat on the left, slope 1 on the right: that is ReLU. It is a good activation, but not the one in this
    network. The sigmoid is steepest in the middle and flat at both ends."""
    return np.where(np.asarray(z) > 0, 1.0, 0.0)


# forward(params, x)


@mistake("forward", lesson="Biases are weights too")
def first_bias_forgotten(params, x):
    """The first layer multiplies, but adds no bias. Without b1 every hidden unit is forced to say one half when the
    input is all zeros. Compare your line for z1 with the one in the text."""
    z1 = params["W1"] @ x
    h = sigmoid(z1)
    z2 = params["W2"] @ h + params["b2"]
    return {"x": x, "z1": z1, "h": h, "z2": z2, "y": sigmoid(z2)}


@mistake("forward", lesson="Biases are weights too")
def second_bias_forgotten(params, x):
    """The hidden layer is right; the output layer has lost its bias. b2 is what the network predicts before it has
    heard from any hidden unit. Which line should bring it in?"""
    z1 = params["W1"] @ x + params["b1"]
    h = sigmoid(z1)
    z2 = params["W2"] @ h
    return {"x": x, "z1": z1, "h": h, "z2": z2, "y": sigmoid(z2)}


@mistake("forward", lesson="Biases are weights too")
def both_biases_forgotten(params, x):
    """Neither layer adds its bias. A line without its intercept must go through the origin, and a unit without its
    bias is just as stuck. Where do b1 and b2 come in?"""
    z1 = params["W1"] @ x
    h = sigmoid(z1)
    z2 = params["W2"] @ h
    return {"x": x, "z1": z1, "h": h, "z2": z2, "y": sigmoid(z2)}


@mistake("forward", lesson="Biases are weights too")
def biases_subtracted(params, x):
    """Both biases came in with a minus, as if they were thresholds. Some older books write it so, and it would even
    learn, but the weights that you are given were made for the other convention. Ours adds them."""
    z1 = params["W1"] @ x - params["b1"]
    h = sigmoid(z1)
    z2 = params["W2"] @ h - params["b2"]
    return {"x": x, "z1": z1, "h": h, "z2": z2, "y": sigmoid(z2)}


@mistake("forward", lesson="Biases are weights too")
def biases_as_rows(params, x):
    """Your biases lie on their side. A bias belongs to a *unit*, and units are rows here, so it must be a column;
    as a row it gives each example a bias of its own, or does not fit at all. What is the shape of b1 as it comes to
    you?"""
    z1 = params["W1"] @ x + params["b1"].T
    h = sigmoid(z1)
    z2 = params["W2"] @ h + params["b2"].T
    return {"x": x, "z1": z1, "h": h, "z2": z2, "y": sigmoid(z2)}


@mistake("forward", lesson="Forward, one step at a time")
def bias_used_as_the_sum(params, x):
    """You added the product onto b1 and b2 themselves, so the parameters are no longer what they were, and the next
    forward pass starts from a different network. With += an array changes in place, whatever name you call it by.
    Let the sum be a new array."""
    z1 = params["b1"]
    z1 += params["W1"] @ x
    h = sigmoid(z1)
    z2 = params["b2"]
    z2 += params["W2"] @ h
    return {"x": x, "z1": z1, "h": h, "z2": z2, "y": sigmoid(z2)}


@mistake("forward", lesson="Forward, one step at a time")
def output_not_squashed(params, x):
    """Your y is z2 itself. The last layer of this network is squashed too, so that a prediction lies between 0 and
    1. Which of the four formulas is missing?"""
    z1 = params["W1"] @ x + params["b1"]
    h = sigmoid(z1)
    z2 = params["W2"] @ h + params["b2"]
    return {"x": x, "z1": z1, "h": h, "z2": z2, "y": z2}


@mistake("forward", lesson="Forward, one step at a time")
def hidden_not_squashed(params, x):
    """Your h is z1 itself, so the hidden layer is a plain matrix product. Two matrix products in a row are worth no
    more than one: such a network could not learn XOR, whatever its weights. What makes a layer more than a line?"""
    z1 = params["W1"] @ x + params["b1"]
    z2 = params["W2"] @ z1 + params["b2"]
    return {"x": x, "z1": z1, "h": z1, "z2": z2, "y": sigmoid(z2)}


@mistake("forward", lesson="Forward, one step at a time")
def second_layer_fed_with_z1(params, x):
    """You computed h and put it into the cache, and then the output layer went past it and took z1. The line for z2
    should use what the hidden units *say*, not what they were told."""
    z1 = params["W1"] @ x + params["b1"]
    h = sigmoid(z1)
    z2 = params["W2"] @ z1 + params["b2"]
    return {"x": x, "z1": z1, "h": h, "z2": z2, "y": sigmoid(z2)}


@mistake("forward", lesson="Forward, one step at a time")
def second_layer_fed_with_x(params, x):
    """The output layer listens to the input and not to the hidden units; that fits only when there happen to be as
    many of the one as of the other. Follow the formulas from left to right: what comes out of one goes into the
    next."""
    z1 = params["W1"] @ x + params["b1"]
    h = sigmoid(z1)
    z2 = params["W2"] @ x + params["b2"]
    return {"x": x, "z1": z1, "h": h, "z2": z2, "y": sigmoid(z2)}


@mistake("forward", lesson="Forward, one step at a time")
def tanh_in_the_hidden_layer(params, x):
    """The hidden units use tanh. It often learns faster, as lesson 05 will show, but this network is built of
    sigmoids, and the slopes on the way back must be those of the curves on the way here."""
    z1 = params["W1"] @ x + params["b1"]
    h = np.tanh(z1)
    z2 = params["W2"] @ h + params["b2"]
    return {"x": x, "z1": z1, "h": h, "z2": z2, "y": sigmoid(z2)}


@mistake("forward", lesson="Forward, one step at a time")
def relu_in_the_hidden_layer(params, x):
    """The hidden units cut off everything below zero: that is ReLU. This network is built of sigmoids, hidden units
    included, and backprop will use their slope. Which function did you write in part 1?"""
    z1 = params["W1"] @ x + params["b1"]
    h = np.maximum(z1, 0)
    z2 = params["W2"] @ h + params["b2"]
    return {"x": x, "z1": z1, "h": h, "z2": z2, "y": sigmoid(z2)}


@mistake("forward", lesson="Forward, one step at a time")
def tanh_in_both_layers(params, x):
    """Both layers use tanh, so your predictions may be negative. The targets are 0 and 1, and the squashing here is
    the sigmoid, in both layers. You wrote it in part 1."""
    z1 = params["W1"] @ x + params["b1"]
    h = np.tanh(z1)
    z2 = params["W2"] @ h + params["b2"]
    return {"x": x, "z1": z1, "h": h, "z2": z2, "y": np.tanh(z2)}


@mistake("forward", lesson="Forward, one step at a time")
def softmax_at_the_output(params, x):
    """Your outputs share out a total of 1 among themselves. That is softmax, good for choosing one class of many,
    and with a single output it always says 1. Here each output answers a question of its own, with a sigmoid of its
    own."""
    z1 = params["W1"] @ x + params["b1"]
    h = sigmoid(z1)
    z2 = params["W2"] @ h + params["b2"]
    powers = np.exp(z2)
    return {"x": x, "z1": z1, "h": h, "z2": z2, "y": powers / powers.sum(axis=0, keepdims=True)}


@mistake("forward", lesson="Forward, one step at a time")
def input_before_weights(params, x):
    """You wrote the input on the left of the weights, as texts do that keep their examples in rows. Ours are
    columns: with most shapes your product does not fit, and with square ones it quietly gives something else. Write
    the shapes under the product: the two numbers that meet in the middle must be the same thing."""
    z1 = x @ params["W1"] + params["b1"]
    h = sigmoid(z1)
    z2 = h @ params["W2"] + params["b2"]
    return {"x": x, "z1": z1, "h": h, "z2": z2, "y": sigmoid(z2)}


@mistake("forward", lesson="Forward, one step at a time")
def weights_transposed(params, x):
    """You transposed the weights before multiplying. They come as (units, inputs), ready to stand in front of a
    column; turned round they fit only by accident, when the matrix is square. Write both shapes side by side and
    see which numbers meet."""
    z1 = params["W1"].T @ x + params["b1"]
    h = sigmoid(z1)
    z2 = params["W2"].T @ h + params["b2"]
    return {"x": x, "z1": z1, "h": h, "z2": z2, "y": sigmoid(z2)}


@mistake("forward", lesson="Forward, one step at a time")
def hidden_squashed_twice(params, x):
    """The hidden layer went through the sigmoid twice, which leaves every h between 0.5 and 0.74. Once is enough:
    from z1 to h. Is there a second sigmoid hidden in the line for z2?"""
    z1 = params["W1"] @ x + params["b1"]
    h = sigmoid(sigmoid(z1))
    z2 = params["W2"] @ h + params["b2"]
    return {"x": x, "z1": z1, "h": h, "z2": z2, "y": sigmoid(z2)}


@mistake("forward", lesson="Forward, one step at a time")
def output_squashed_twice(params, x):
    """The output went through the sigmoid twice, so no prediction of yours can fall below one half. Follow z2
    through your lines: how many sigmoids does it meet?"""
    z1 = params["W1"] @ x + params["b1"]
    h = sigmoid(z1)
    z2 = params["W2"] @ h + params["b2"]
    return {"x": x, "z1": z1, "h": h, "z2": z2, "y": sigmoid(sigmoid(z2))}


@mistake("forward", lesson="Forward, one step at a time")
def z_kept_after_squashing(params, x):
    """The prediction is right, but what your cache calls z1 and z2 has been squashed already: the same name was
    used before and after the sigmoid. The way back needs both, the number that went in and the number that came
    out. Give each its own name."""
    z1 = sigmoid(params["W1"] @ x + params["b1"])
    z2 = sigmoid(params["W2"] @ z1 + params["b2"])
    return {"x": x, "z1": z1, "h": z1, "z2": z2, "y": z2}


@mistake("forward", lesson="Forward, one step at a time")
def h_and_z1_swapped(params, x):
    """All the numbers are there, two of them under each other's name: z1 and h. z is what goes into a unit, h is
    what comes out. A value outside the range from 0 to 1 can only be one of the two."""
    z1 = params["W1"] @ x + params["b1"]
    h = sigmoid(z1)
    z2 = params["W2"] @ h + params["b2"]
    return {"x": x, "z1": h, "h": z1, "z2": z2, "y": sigmoid(z2)}


@mistake("forward", lesson="Forward, one step at a time")
def y_and_z2_swapped(params, x):
    """z2 and y have changed places in your cache. The prediction is the one between 0 and 1. Every other number is
    right, so look only at the dict."""
    z1 = params["W1"] @ x + params["b1"]
    h = sigmoid(z1)
    z2 = params["W2"] @ h + params["b2"]
    return {"x": x, "z1": z1, "h": h, "z2": sigmoid(z2), "y": z2}


@mistake("forward", lesson="Forward, one step at a time")
def decided_too_soon(params, x):
    """Your network answers with a plain 0 or 1. A decision is for whoever uses the network; the loss wants to know
    *how* sure it was, and a step has no slope to learn from. Hand out y before you decide anything."""
    z1 = params["W1"] @ x + params["b1"]
    h = sigmoid(z1)
    z2 = params["W2"] @ h + params["b2"]
    return {"x": x, "z1": z1, "h": h, "z2": z2, "y": np.where(sigmoid(z2) > 0.5, 1.0, 0.0)}


@mistake("forward", lesson="Forward, one step at a time")
def rounded_on_the_way(params, x):
    """Your y stops after two decimals. Rounding is for printing; inside the network it turns a smooth hill into a
    staircase, and a small step of a weight no longer changes the loss at all. Keep every digit in the cache."""
    z1 = params["W1"] @ x + params["b1"]
    h = sigmoid(z1)
    z2 = params["W2"] @ h + params["b2"]
    return {"x": x, "z1": z1, "h": h, "z2": z2, "y": np.round(sigmoid(z2), 2)}


@mistake("forward", lesson="Forward, one step at a time")
def input_not_kept(params, x):
    """Everything is right except that x is missing from the cache. It looks superfluous, since the caller has it,
    but the gradient of W1 is built from x, and backward is given nothing but the cache."""
    z1 = params["W1"] @ x + params["b1"]
    h = sigmoid(z1)
    z2 = params["W2"] @ h + params["b2"]
    return {"z1": z1, "h": h, "z2": z2, "y": sigmoid(z2)}


@mistake("forward", lesson="Forward, one step at a time")
def prediction_only(params, x):
    """The prediction is right, but it is all that you hand back. The way back needs every step of the way here, so
    forward returns a dict of five: x, z1, h, z2 and y."""
    h = sigmoid(params["W1"] @ x + params["b1"])
    return sigmoid(params["W2"] @ h + params["b2"])


# output_delta(cache, target)


@mistake("output_delta", lesson="The output step")
def factor_two_missing(cache, target):
    """Every entry is exactly half of what it should be. Differentiating a square brings the exponent down as a
    factor; books that have no 2 here start from *half* the squared error, and ours is whole. Differentiate (y - t)²
    once more on paper."""
    y = cache["y"]
    return (y - target) / y.size * y * (1 - y)


@mistake("output_delta", lesson="The output step")
def target_minus_prediction(cache, target):
    """Every entry has the wrong sign, so a step *against* your gradient would climb. The order matters once the
    square is gone: if the prediction is too high, must the loss rise or fall when y rises?"""
    y = cache["y"]
    return 2 * (target - y) / y.size * y * (1 - y)


@mistake("output_delta", lesson="The output step")
def mean_forgotten(cache, target):
    """This is the delta of the *sum* of the squared errors. Our loss is their mean, so that its size does not
    depend on how many examples you happen to have. What does the mean divide by?"""
    y = cache["y"]
    return 2 * (y - target) * y * (1 - y)


@mistake("output_delta", lesson="The output step")
def mean_forgotten_and_no_two(cache, target):
    """Your delta belongs to half the *sum* of the squared errors, a loss that many books use. Ours is the *mean* of
    the squared errors, without a half: its derivative has two things that yours lacks. With one example and one
    output you are off by exactly 2; why by another factor with more?"""
    y = cache["y"]
    return (y - target) * y * (1 - y)


@mistake("output_delta", lesson="The output step")
def mean_taken_twice(cache, target):
    """You divided by the number of entries twice. The loss has one mean, so its derivative has one division. With
    one entry it makes no difference, which is why a single example would never show it."""
    y = cache["y"]
    return 2 * (y - target) / y.size**2 * y * (1 - y)


@mistake("output_delta", lesson="The output step")
def divided_by_examples_only(cache, target):
    """You divided by the number of examples. With one output that is right; with several, our mean runs over all
    entries, every output of every example. How many squares are added up when there are 2 outputs and 5
    examples?"""
    y = cache["y"]
    return 2 * (y - target) / y.shape[1] * y * (1 - y)


@mistake("output_delta", lesson="The output step")
def divided_by_outputs_only(cache, target):
    """You divided by the number of rows, which here is the number of *outputs*: len() and shape[0] count rows, and
    our examples are columns. The mean runs over all entries, rows and columns. How many are there?"""
    y = cache["y"]
    return 2 * (y - target) / len(y) * y * (1 - y)


@mistake("output_delta", lesson="The output step")
def errors_averaged_first(cache, target):
    """You averaged the errors before anything else, so every example is given the same blame, and opposite errors
    cancel out. The mean belongs to the loss as a whole; its derivative with respect to *one* output keeps that
    output's own error."""
    y = cache["y"]
    return 2 * np.mean(y - target) * y * (1 - y)


@mistake("output_delta", lesson="The chain rule")
def output_slope_missing(cache, target):
    """You stopped at dL/dy. From y it is one more link back to z2, through the sigmoid, and every link is a factor.
    How much does y move when z2 does?"""
    y = cache["y"]
    return 2 * (y - target) / y.size


@mistake("output_delta", lesson="The output step")
def cross_entropy_delta(cache, target):
    """Prediction minus target and nothing else: that is the delta of another loss, cross-entropy with a sigmoid,
    where the slope happens to cancel. Our loss is the mean squared error, and there nothing cancels. Which two
    factors does the chain rule give you, and what has become of the mean?"""
    return cache["y"] - target


@mistake("output_delta", lesson="The output step")
def cross_entropy_averaged(cache, target):
    """Prediction minus target over the number of examples is the delta of the averaged cross-entropy. It is a good
    loss, and the slope really does cancel there. Ours is the mean squared error: its slope stays, and its 2 as
    well."""
    y = cache["y"]
    return (y - target) / y.shape[1]


@mistake("output_delta", lesson="The chain rule")
def error_missing(cache, target):
    """You returned the slope of the output unit alone. That says how easily y can be moved, but not whether it
    should be: the error between y and target does not appear. What is the other factor?"""
    y = cache["y"]
    return y * (1 - y)


@mistake("output_delta", lesson="The sigmoid and its slope")
def slope_of_the_output_itself(cache, target):
    """You asked for the sigmoid's slope at y, but y has been through the sigmoid already. sigmoid_derivative is
    given a *pre-activation*. Which entry of the cache is that?"""
    y = cache["y"]
    return 2 * (y - target) / y.size * sigmoid_derivative(y)


@mistake("output_delta", lesson="The sigmoid and its slope")
def output_slope_from_z(cache, target):
    """You used z2 where the formula s (1 - s) wants the squashed value. z2 may be any number, so your slope can
    even be negative. Which entry of the cache lies between 0 and 1?"""
    y, z2 = cache["y"], cache["z2"]
    return 2 * (y - target) / y.size * z2 * (1 - z2)


@mistake("output_delta", lesson="The sigmoid and its slope")
def output_slope_of_tanh(cache, target):
    """One minus y squared is the slope of tanh. The output unit here is a sigmoid, and its slope is never more than
    one quarter. Which formula did you use in part 2?"""
    y = cache["y"]
    return 2 * (y - target) / y.size * (1 - y**2)


@mistake("output_delta", lesson="The chain rule")
def output_slope_twice(cache, target):
    """The slope came in twice. Between the loss and z2 there is only one sigmoid to cross, so only one slope.
    Perhaps it is hidden in two of your lines?"""
    y = cache["y"]
    return 2 * (y - target) / y.size * (y * (1 - y)) ** 2


@mistake("output_delta", lesson="The sigmoid and its slope")
def output_one_minus_only(cache, target):
    """Of the slope y (1 - y) only the second factor is left. An output that is almost 0 is just as hard to move as
    one that is almost 1, but yours thinks otherwise. What is missing?"""
    y = cache["y"]
    return 2 * (y - target) / y.size * (1 - y)


@mistake("output_delta", lesson="The output step")
def error_still_squared(cache, target):
    """The error is still squared in your delta, so it has lost its sign: nobody can tell any more whether the
    output was too high or too low. What is left of a square after differentiating?"""
    y = cache["y"]
    return 2 * (y - target) ** 2 / y.size * y * (1 - y)


@mistake("output_delta", lesson="The output step")
def loss_times_slope(cache, target):
    """You multiplied the slope by the loss itself. The loss says how wrong the network is; its *derivative* says in
    which direction, and for each entry separately. dL/dy is the function that you wrote last in 01_mse."""
    y = cache["y"]
    return np.mean((y - target) ** 2) * y * (1 - y)


@mistake("output_delta", lesson="The output step")
def sign_of_the_error_only(cache, target):
    """You kept the direction of each error and forgot its size, which is what the *absolute* error would give. With
    squares a large error pulls harder than a small one. Where is the size in 2 (y - t) / N?"""
    y = cache["y"]
    return 2 * np.sign(y - target) / y.size * y * (1 - y)


@mistake("output_delta", lesson="The output step")
def decided_before_the_error(cache, target):
    """The output was turned into a plain 0 or 1 before the error was taken. A barely right and a firmly right
    answer then look the same, and there is nothing left to improve. Take the error from y as it is."""
    y = cache["y"]
    return 2 * (np.where(y > 0.5, 1.0, 0.0) - target) / y.size * y * (1 - y)


@mistake("output_delta", lesson="The bug gallery")
def cache_overwritten_by_the_error(cache, target):
    """The delta is right, but afterwards the cache holds an error where the prediction was: -= changes an array in
    place, under all of its names. Whoever reads the cache next is misled. Let the error be an array of its own."""
    y = cache["y"]
    slope = y * (1 - y)
    y -= target
    return 2 * y / y.size * slope


@mistake("output_delta", lesson="The bug gallery")
def slope_after_overwriting(cache, target):
    """You subtracted the target from y in place, and then took the slope from what y had become. One array with two
    meanings: first a prediction, then an error. Which names in your function point to the same array?"""
    error = cache["y"]
    error -= target
    return 2 * error / error.size * cache["y"] * (1 - cache["y"])


@mistake("output_delta", lesson="The output step")
def delta_on_its_side(cache, target):
    """Right numbers, lying on their side: rows and columns have changed places. A delta has the shape of the z that
    it belongs to, (n_out, n). Where does your transpose come from?"""
    y = cache["y"]
    return (2 * (y - target) / y.size * y * (1 - y)).T


# hidden_delta(params, cache, delta2)


@mistake("hidden_delta", lesson="The chain rule")
def hidden_slope_missing(params, cache, delta2):
    """You carried the deltas back through W2 and stopped. That is dL/dh; from h to z1 there is one more sigmoid to
    cross, and its slope is a factor. What would your answer say about a hidden unit that is saturated and cannot
    move?"""
    return params["W2"].T @ delta2


@mistake("hidden_delta", lesson="The hidden step")
def w2_left_out(params, cache, delta2):
    """The hidden slope is there, but the deltas came down without passing through W2. A hidden unit that is wired
    weakly to an output deserves little of its blame, and one wired negatively gets it with the sign reversed. What
    tells you how each pair is wired?"""
    h = cache["h"]
    return delta2 * h * (1 - h)


@mistake("hidden_delta", lesson="The hidden step")
def outputs_added_without_weights(params, cache, delta2):
    """You added up the deltas of all the outputs and gave each hidden unit the same total. But they are not equally
    to blame: each is connected to each output by a weight of its own. Where does that weight stand in the sum?"""
    h = cache["h"]
    return delta2.sum(axis=0, keepdims=True) * h * (1 - h)


@mistake("hidden_delta", lesson="The hidden step")
def w2_not_transposed(params, cache, delta2):
    """You multiplied by W2 as it is. Forward, W2 turns hidden values into output values; you now need the opposite
    direction. With as many hidden units as outputs it fits by accident and gives wrong numbers, otherwise not at
    all: write the shapes under the product."""
    h = cache["h"]
    return (params["W2"] @ delta2) * h * (1 - h)


@mistake("hidden_delta", lesson="The hidden step")
def hidden_step_misprint(params, cache, delta2):
    """You have the right two matrices in the wrong order. Many texts print them so, some by mistake and some
    because their examples are rows; with our columns it fits only when everything is square. Which of the two must
    stand on the left, so that the outputs meet in the middle?"""
    h = cache["h"]
    return (delta2 @ params["W2"].T) * h * (1 - h)


@mistake("hidden_delta", lesson="The hidden step")
def w1_for_w2(params, cache, delta2):
    """The deltas went back through the wrong weights: W1 lies *below* the hidden layer, between it and the input.
    What joins the hidden units to the outputs?"""
    h = cache["h"]
    return (params["W1"].T @ delta2) * h * (1 - h)


@mistake("hidden_delta", lesson="The hidden step")
def output_slope_in_the_hidden_layer(params, cache, delta2):
    """You multiplied by the slope of the *output* units, but delta2 contains that one already. To get behind the
    hidden units you must cross their sigmoid. Which entries of the cache belong to it?"""
    y = cache["y"]
    return (params["W2"].T @ delta2) * y * (1 - y)


@mistake("hidden_delta", lesson="The hidden step")
def output_slope_again(params, cache, delta2):
    """The output's slope came in twice: delta2 is dL/dz2, so it has crossed the output's sigmoid already. From
    there back it is W2 and the hidden slope, and nothing more. Read again what you are given."""
    h, y = cache["h"], cache["y"]
    return (params["W2"].T @ (delta2 * y * (1 - y))) * h * (1 - h)


@mistake("hidden_delta", lesson="The sigmoid and its slope")
def slope_of_the_activation_itself(params, cache, delta2):
    """You took the sigmoid's slope at h, but h has been through the sigmoid already, so it was squashed a second
    time. Your slopes all lie between 0.19 and 0.25. sigmoid_derivative is given a *pre-activation*: which entry is
    that?"""
    return (params["W2"].T @ delta2) * sigmoid_derivative(cache["h"])


@mistake("hidden_delta", lesson="The sigmoid and its slope")
def hidden_slope_from_z(params, cache, delta2):
    """You put z1 where the formula s (1 - s) wants the squashed value. z1 can be any number, so your slope may come
    out negative, and no sigmoid ever goes down. Which entry of the cache lies between 0 and 1?"""
    z1 = cache["z1"]
    return (params["W2"].T @ delta2) * z1 * (1 - z1)


@mistake("hidden_delta", lesson="The sigmoid and its slope")
def hidden_slope_of_tanh(params, cache, delta2):
    """One minus h squared is the slope of tanh, and many worked examples have it, because their hidden units are
    tanh. Yours are sigmoids. What was the formula in part 2?"""
    return (params["W2"].T @ delta2) * (1 - cache["h"] ** 2)


@mistake("hidden_delta", lesson="The sigmoid and its slope")
def hidden_slope_of_relu(params, cache, delta2):
    """You let the delta pass where z1 is positive and stopped it elsewhere: the rule for ReLU. A sigmoid lets a
    part through everywhere, at most one quarter. Which slope belongs to the curve that made h?"""
    return (params["W2"].T @ delta2) * (cache["z1"] > 0)


@mistake("hidden_delta", lesson="The sigmoid and its slope")
def activation_for_slope(params, cache, delta2):
    """You multiplied by h, the height of the curve, where its steepness is wanted. A unit that says 0.99 is high up
    and yet hardly moves. What does the slope look like, written with h?"""
    return (params["W2"].T @ delta2) * cache["h"]


@mistake("hidden_delta", lesson="The sigmoid and its slope")
def hidden_one_minus_only(params, cache, delta2):
    """Half of the slope is there: 1 - h, without its partner. A unit near 0 is as hard to move as one near 1, but
    yours thinks that it moves freely. Compare with part 2."""
    return (params["W2"].T @ delta2) * (1 - cache["h"])


@mistake("hidden_delta", lesson="The hidden step")
def slope_at_what_arrived(params, cache, delta2):
    """You put what came back through W2 *into* the sigmoid's slope. The chain rule multiplies: what arrives, times
    the slope at the place where the unit stood on the way forward. That place is in the cache."""
    return sigmoid_derivative(params["W2"].T @ delta2)


@mistake("hidden_delta", lesson="The hidden step")
def bias_added_on_the_way_back(params, cache, delta2):
    """You added b1 on the way back. A bias shifts a unit up or down on the way forward, but it changes nothing
    about how strongly the loss reacts; derivatives of sums lose their constants. Which factors are really in the
    formula?"""
    h = cache["h"]
    return (params["W2"].T @ delta2 + params["b1"]) * h * (1 - h)


@mistake("hidden_delta", lesson="The hidden step")
def divided_by_examples_again(params, cache, delta2):
    """You divided by the number of examples. The mean was taken care of in delta2, and everything behind it
    inherits the division. How many means does the loss have?"""
    h = cache["h"]
    return (params["W2"].T @ delta2) * h * (1 - h) / delta2.shape[1]


@mistake("hidden_delta", lesson="The hidden step")
def factor_two_again(params, cache, delta2):
    """Everything is twice as large as it should be. The 2 comes from differentiating the square, it happens once,
    at the loss, and delta2 contains it. What does the step from z2 back to z1 have to do with squares?"""
    h = cache["h"]
    return 2 * (params["W2"].T @ delta2) * h * (1 - h)


@mistake("hidden_delta", lesson="The hidden step")
def examples_added_too_soon(params, cache, delta2):
    """You added up over the examples here. The sum comes one step later, when a weight that all examples share is
    given its gradient; until then each example keeps a column of its own, (n_hidden, n)."""
    h = cache["h"]
    return ((params["W2"].T @ delta2) * h * (1 - h)).sum(axis=1, keepdims=True)


@mistake("hidden_delta", lesson="The hidden step")
def hidden_sign_turned(params, cache, delta2):
    """Every entry has the wrong sign. The minus of gradient descent belongs to the update, in the next assignment;
    a delta is a plain derivative. Neither W2 nor the slope brings in a minus of its own."""
    h = cache["h"]
    return -(params["W2"].T @ delta2) * h * (1 - h)


@mistake("hidden_delta", lesson="The bug gallery")
def h_overwritten(params, cache, delta2):
    """The answer is right, but the slopes were worked into the cache on the way: *= and np.multiply with out= write
    into the array that you were lent. Whoever needs h afterwards, and backward does, for the gradient of W2, finds
    something else. Make a new array."""
    slope = cache["h"]
    slope *= 1 - slope
    return (params["W2"].T @ delta2) * slope


# backward(params, cache, target): the gradients


@mistake("backward", lesson="The weight gradients")
def weight_gradients_transposed(params, cache, target):
    """Both weight gradients are right but lie on their side. A gradient has the shape of its parameter, or the
    update would subtract the wrong entries, and with a square matrix nothing would warn you. Which partner of the
    product stands on the left?"""
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "W1": cache["x"] @ delta1.T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": cache["h"] @ delta2.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The weight gradients")
def weights_swapped(params, cache, target):
    """The gradients of W1 and W2 stand under each other's name. Both are right in themselves, so look only at the
    dict: whose shape is (n_hidden, n_in)?"""
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "W1": delta2 @ cache["h"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta1 @ cache["x"].T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="Biases are weights too")
def biases_swapped(params, cache, target):
    """The gradients of b1 and b2 have changed places. Each bias listens to the delta of its own layer: b1 belongs
    to the hidden units, b2 to the outputs."""
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta2.sum(axis=1, keepdims=True),
        "W2": delta2 @ cache["h"].T,
        "b2": delta1.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The weight gradients")
def layers_swapped(params, cache, target):
    """What you call layer 1 is layer 2, and the other way round: all four gradients stand under the other layer's
    name. On the way back you meet the last layer first, so the numbering runs down. Which weights touch x?"""
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "W1": delta2 @ cache["h"].T,
        "b1": delta2.sum(axis=1, keepdims=True),
        "W2": delta1 @ cache["x"].T,
        "b2": delta1.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The weight gradients")
def x_for_h(params, cache, target):
    """The gradient of W2 was built with x. But W2 never sees x: what went into it on the way forward was h. "What
    comes down, times what went in": what went into each layer?"""
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ cache["x"].T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The weight gradients")
def h_for_x(params, cache, target):
    """The gradient of W1 was built with h. But h is what *came out* of the first layer, and a weight's gradient
    needs what went in. What does W1 multiply on the way forward?"""
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "W1": delta1 @ cache["h"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ cache["h"].T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The weight gradients")
def z1_for_h(params, cache, target):
    """For the gradient of W2 you took z1, what the hidden units were told. W2 multiplies what they *said*, after
    the sigmoid. The shapes are the same, so only the numbers can warn you."""
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ cache["z1"].T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The weight gradients")
def y_for_h(params, cache, target):
    """The gradient of W2 was built with y, which is what came *out* of that layer. A weight's gradient is what
    comes down times what went in. What stands beside W2 in the line for z2?"""
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ cache["y"].T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The weight gradients")
def entry_by_entry_for_weights(params, cache, target):
    """You multiplied deltas and inputs entry by entry. A weight joins *two* units, so every delta has to meet every
    input, and the examples are to be added up. Which product makes a table of all pairs and sums over what they
    share?"""
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "W1": delta1 * cache["x"],
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 * cache["h"],
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The weight gradients")
def right_for_one_example_only(params, cache, target):
    """For a single example all is well. With more, np.outer flattens its arguments and pairs every delta with every
    input of *every* example, so the table grows too large. Each example should meet only itself before they are
    added up: which product does both?"""
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "W1": np.outer(delta1, cache["x"]),
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": np.outer(delta2, cache["h"]),
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The weight gradients")
def only_the_first_example(params, cache, target):
    """Your gradients come from the first column alone; the other examples were left at home. The loss is a mean
    over all of them, so each has a share in every gradient. Where does your code pick out one column?"""
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "W1": delta1[:, :1] @ cache["x"][:, :1].T,
        "b1": delta1[:, :1],
        "W2": delta2[:, :1] @ cache["h"][:, :1].T,
        "b2": delta2[:, :1],
    }


@mistake("backward", lesson="The hidden step")
def only_the_first_output(params, cache, target):
    """With one output you would be right. With several, only the first one's error reaches the weights. A hidden
    unit feeds all of the outputs and takes blame from every one. Where does your code pick out one row?"""
    delta2 = np.zeros_like(cache["y"])
    delta2[:1] = output_delta(cache, target)[:1]
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ cache["h"].T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="Biases are weights too")
def biases_not_summed(params, cache, target):
    """You handed out one bias gradient for every example. But a unit has only one bias, which all the examples
    share, so their contributions must be added up. The weights did it without being asked: where, in delta @
    input.T, does a sum over the examples hide?"""
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {"W1": delta1 @ cache["x"].T, "b1": delta1, "W2": delta2 @ cache["h"].T, "b2": delta2}


@mistake("backward", lesson="Biases are weights too")
def biases_summed_over_everything(params, cache, target):
    """You added up all the deltas of a layer into one number. Each unit has a bias of its own, so sum over the
    examples and keep the units apart. Which axis holds the examples?"""
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {"W1": delta1 @ cache["x"].T, "b1": np.sum(delta1), "W2": delta2 @ cache["h"].T, "b2": np.sum(delta2)}


@mistake("backward", lesson="Biases are weights too")
def biases_averaged(params, cache, target):
    """The bias gradients were averaged over the examples, while those of the weights were added up. The mean of the
    loss is inside the deltas already; averaging here divides a second time. A single example does not show the
    difference."""
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.mean(axis=1, keepdims=True),
        "W2": delta2 @ cache["h"].T,
        "b2": delta2.mean(axis=1, keepdims=True),
    }


@mistake("backward", lesson="Biases are weights too")
def biases_summed_along_the_wrong_axis(params, cache, target):
    """You added up over the units and kept the examples, and it should be the other way round. Axis 0 runs down the
    rows, and our rows are units. What shape does b1 have, and which axis must vanish to get there?"""
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=0, keepdims=True),
        "W2": delta2 @ cache["h"].T,
        "b2": delta2.sum(axis=0, keepdims=True),
    }


@mistake("backward", lesson="Biases are weights too")
def bias_column_lost(params, cache, target):
    """The numbers are right, but your bias gradients are flat lists, (n,), and no longer columns, (n, 1). That is
    no detail: subtract a flat list from a column, and NumPy quietly makes a square table of it. How do you tell sum
    to keep the axis that it sums over?"""
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1),
        "W2": delta2 @ cache["h"].T,
        "b2": delta2.sum(axis=1),
    }


@mistake("backward", lesson="Biases are weights too")
def biases_frozen(params, cache, target):
    """The biases get a gradient of zero, so they will never move. A bias is a weight like any other; its input just
    happens to be 1 at all times. Put that 1 where h stands in the formula for W2: what is left?"""
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": np.zeros_like(params["b1"]),
        "W2": delta2 @ cache["h"].T,
        "b2": np.zeros_like(params["b2"]),
    }


@mistake("backward", lesson="The bug gallery")
def first_layer_frozen(params, cache, target):
    """The first layer gets only zeros, so its random weights will stay as they are for ever. The loss may well fall all
    the same, since the second layer does what it can with them, and that is why a falling loss proves nothing. Which
    delta should reach W1 and b1?"""
    delta2 = output_delta(cache, target)
    return {
        "W1": np.zeros_like(params["W1"]),
        "b1": np.zeros_like(params["b1"]),
        "W2": delta2 @ cache["h"].T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The weight gradients")
def first_layer_not_returned(params, cache, target):
    """Your dict ends after the second layer. You are half of the way back: the hidden delta leads on to W1 and b1,
    in the same manner as delta2 led to W2 and b2."""
    delta2 = output_delta(cache, target)
    return {"W2": delta2 @ cache["h"].T, "b2": delta2.sum(axis=1, keepdims=True)}


@mistake("backward", lesson="The weight gradients")
def keys_called_dw(params, cache, target):
    """The gradients may well be right, but nobody finds them: they are called dW1, db1, dW2 and db2. Each goes by
    the name of its parameter, so that the update can say "for each name" and be done in one line."""
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "dW1": delta1 @ cache["x"].T,
        "db1": delta1.sum(axis=1, keepdims=True),
        "dW2": delta2 @ cache["h"].T,
        "db2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The weight gradients")
def tuple_for_dict(params, cache, target):
    """You returned the four gradients in a row, without names. A reader would have to remember the order; a dict
    with the keys of params says which is which. Nothing else need change."""
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return (
        delta1 @ cache["x"].T,
        delta1.sum(axis=1, keepdims=True),
        delta2 @ cache["h"].T,
        delta2.sum(axis=1, keepdims=True),
    )


@mistake("backward", lesson="Checking gradients")
def learning_rate_inside(params, cache, target):
    """All your gradients are a tenth of what they should be: a learning rate of 0.1 has crept in. It belongs to the
    *update*; the gradient is a fact about the loss, and knows nothing of how far you mean to walk. Compare with the
    measured slope in the gradient check."""
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "W1": 0.1 * delta1 @ cache["x"].T,
        "b1": 0.1 * delta1.sum(axis=1, keepdims=True),
        "W2": 0.1 * delta2 @ cache["h"].T,
        "b2": 0.1 * delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="Checking gradients")
def stepped_already(params, cache, target):
    """You returned new weights, one step of 0.1 further on, and not the gradient. Finding the direction and taking
    the step are two jobs, and the second is the next assignment's. What does the update need from you?"""
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "W1": params["W1"] - 0.1 * delta1 @ cache["x"].T,
        "b1": params["b1"] - 0.1 * delta1.sum(axis=1, keepdims=True),
        "W2": params["W2"] - 0.1 * delta2 @ cache["h"].T,
        "b2": params["b2"] - 0.1 * delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The bug gallery")
def w2_updated_first(params, cache, target):
    """You moved W2 before you used it to carry the blame back. The hidden delta must see the weights that made the
    prediction, not the repaired ones; it also means that backward changed params, and that is not its job. All
    gradients first, then the update."""
    delta2 = output_delta(cache, target)
    W2_gradient = delta2 @ cache["h"].T
    b2_gradient = delta2.sum(axis=1, keepdims=True)
    params["W2"] -= 0.1 * W2_gradient
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": W2_gradient,
        "b2": b2_gradient,
    }


@mistake("backward", lesson="The bug gallery")
def cache_spoiled(params, cache, target):
    """All four gradients are right, but the cache is not what it was: it now holds a delta where the prediction
    was, because -= and *= write into the array itself. A second call with the same cache would go wrong. Let delta2
    be a new array."""
    y, h = cache["y"], cache["h"]
    slope = y * (1 - y)
    delta2 = y
    delta2 -= target
    delta2 *= 2 * slope / y.size
    delta1 = (params["W2"].T @ delta2) * h * (1 - h)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ h.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="Why one backward pass beats testing each weight")
def finite_differences(params, cache, target):
    """Your gradients belong to a fresh forward pass and not to the cache that you were given: either backward calls
    forward, or it nudges the weights and watches the loss. Measuring is a fine way to *check* backprop, but it
    takes two forward passes for every single weight. All that you need is in the cache: begin with the output
    delta."""
    grads = {name: np.zeros_like(value) for name, value in params.items()}
    for name, value in params.items():
        for place in np.ndindex(value.shape):
            losses = []
            for nudge in (1e-5, -1e-5):
                nudged = {other: array.copy() for other, array in params.items()}
                nudged[name][place] += nudge
                losses.append(np.mean((forward(nudged, cache["x"])["y"] - target) ** 2))
            grads[name][place] = (losses[0] - losses[1]) / 2e-5
    return grads


@mistake("backward", lesson="The weight gradients", same_as="finite-differences")
def forward_run_again(params, cache, target):
    """You ran forward again and took its numbers in place of the cache's. In training the two agree, so it looks
    merely wasteful; here the cache was made by somebody else. What is the cache for, if not to spare you this?"""
    cache = forward(params, cache["x"])
    delta2 = output_delta(cache, target)
    delta1 = hidden_delta(params, cache, delta2)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ cache["h"].T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


# backward, written out in one piece: the slips of the two deltas, as they look from the gradients


@mistake("backward", lesson="The output step")
def gradients_without_factor_two(params, cache, target):
    """All four gradients are exactly half of what they should be, so the slip is at the very beginning, before the
    paths divide. Our loss is the whole squared error, not half of it. What does differentiating a square bring
    down?"""
    y, h = cache["y"], cache["h"]
    delta2 = (y - target) / y.size * y * (1 - y)
    delta1 = (params["W2"].T @ delta2) * h * (1 - h)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ h.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="Checking gradients")
def gradients_negated(params, cache, target):
    """All four gradients point the wrong way: either the error was taken as target minus prediction, or the minus
    of gradient descent has slipped in. A gradient points *uphill*, and the update does the subtracting. If y is too
    high and the weight's input is positive, which sign must come out?"""
    y, h = cache["y"], cache["h"]
    delta2 = 2 * (target - y) / y.size * y * (1 - y)
    delta1 = (params["W2"].T @ delta2) * h * (1 - h)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ h.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The output step")
def gradients_of_the_sum(params, cache, target):
    """These are the gradients of the *sum* of the squared errors. Ours is their mean, so that the right learning
    rate does not change with the number of examples. By how much are you off, and what does that number count?"""
    y, h = cache["y"], cache["h"]
    delta2 = 2 * (y - target) * y * (1 - y)
    delta1 = (params["W2"].T @ delta2) * h * (1 - h)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ h.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The output step")
def gradients_of_half_the_sum(params, cache, target):
    """These are the gradients of *half the sum* of the squared errors, a loss that many books use. Ours is the
    mean, without the half. Begin again at the loss and differentiate what is written there: two things will be
    different."""
    y, h = cache["y"], cache["h"]
    delta2 = (y - target) * y * (1 - y)
    delta1 = (params["W2"].T @ delta2) * h * (1 - h)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ h.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The output step")
def gradients_averaged_again(params, cache, target):
    """You divided by the number of examples at the end, as books do whose delta is that of a sum. Here the deltas
    contain the mean already, so it came in twice. With one example nobody can tell; with five you are five times
    too small."""
    y, h = cache["y"], cache["h"]
    n = y.shape[1]
    delta2 = 2 * (y - target) / y.size * y * (1 - y)
    delta1 = (params["W2"].T @ delta2) * h * (1 - h)
    return {
        "W1": delta1 @ cache["x"].T / n,
        "b1": delta1.sum(axis=1, keepdims=True) / n,
        "W2": delta2 @ h.T / n,
        "b2": delta2.sum(axis=1, keepdims=True) / n,
    }


@mistake("backward", lesson="The output step")
def gradients_with_the_mean_twice(params, cache, target):
    """The number of entries divides your gradients twice. One mean in the loss makes one division in the gradient.
    Is there a second one in your delta, or does a mean stand where a sum should be?"""
    y, h = cache["y"], cache["h"]
    delta2 = 2 * (y - target) / y.size**2 * y * (1 - y)
    delta1 = (params["W2"].T @ delta2) * h * (1 - h)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ h.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The output step")
def gradients_divided_by_examples(params, cache, target):
    """You divided by the number of examples, and with one output that would be right. Our mean runs over every
    output of every example, so with two outputs you are twice too large. How many squared errors go into the
    mean?"""
    y, h = cache["y"], cache["h"]
    delta2 = 2 * (y - target) / y.shape[1] * y * (1 - y)
    delta1 = (params["W2"].T @ delta2) * h * (1 - h)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ h.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The output step")
def gradients_divided_by_outputs(params, cache, target):
    """You divided by the number of outputs: len() counts rows, and our examples are columns. The mean runs over all
    entries, outputs and examples alike. Which property of an array counts every entry?"""
    y, h = cache["y"], cache["h"]
    delta2 = 2 * (y - target) / len(y) * y * (1 - y)
    delta1 = (params["W2"].T @ delta2) * h * (1 - h)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ h.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The chain rule")
def gradients_without_the_output_slope(params, cache, target):
    """The walk back begins with dL/dy and skips the sigmoid at the output. Between y and z2 there is a curve to
    cross, and its slope is a factor in all four gradients. A network with this bug learns XOR very well, and that
    is exactly why it is treacherous."""
    y, h = cache["y"], cache["h"]
    delta2 = 2 * (y - target) / y.size
    delta1 = (params["W2"].T @ delta2) * h * (1 - h)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ h.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The output step")
def gradients_of_cross_entropy(params, cache, target):
    """Prediction minus target as the output delta: these are the gradients of cross-entropy. There the sigmoid's
    slope cancels; with our mean squared error it does not, and there are a 2 and a mean as well. Which loss are you
    asked for?"""
    y, h = cache["y"], cache["h"]
    delta2 = y - target
    delta1 = (params["W2"].T @ delta2) * h * (1 - h)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ h.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The chain rule")
def gradients_without_the_hidden_slope(params, cache, target):
    """The second layer is right; the first is not. You carried the blame back through W2 and used it at once,
    without crossing the sigmoid of the hidden units. Each sigmoid on the way back costs a factor: how many are
    there between the loss and W1?"""
    y, h = cache["y"], cache["h"]
    delta2 = 2 * (y - target) / y.size * y * (1 - y)
    delta1 = params["W2"].T @ delta2
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ h.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The chain rule")
def gradients_without_any_slope(params, cache, target):
    """Both sigmoids were skipped, as if the network were made of straight lines. On the way back every curve that
    was crossed on the way forward puts in its slope. How many did x cross before it became y?"""
    y, h = cache["y"], cache["h"]
    delta2 = 2 * (y - target) / y.size
    delta1 = params["W2"].T @ delta2
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ h.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The hidden step")
def gradients_with_the_output_slope_twice(params, cache, target):
    """In the hidden layer you multiplied by the *output's* slope, which is in delta2 already, and left out the
    hidden units' own. With one output it even fits, through broadcasting. Whose sigmoid lies between h and z1?"""
    y, h = cache["y"], cache["h"]
    delta2 = 2 * (y - target) / y.size * y * (1 - y)
    delta1 = (params["W2"].T @ delta2) * y * (1 - y)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ h.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The hidden step")
def gradients_without_w2(params, cache, target):
    """The blame reached the hidden layer without passing through W2, so every hidden unit is treated as if it were
    wired alike. The second layer's gradients are right, and the slip lies in between. What connects unit j to
    output k?"""
    y, h = cache["y"], cache["h"]
    delta2 = 2 * (y - target) / y.size * y * (1 - y)
    delta1 = delta2.sum(axis=0, keepdims=True) * h * (1 - h)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ h.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The hidden step")
def gradients_with_w2_not_transposed(params, cache, target):
    """In the hidden step W2 stands as it is. It fits only where there are as many outputs as hidden units, and
    there it sends each unit someone else's blame. Going back means going from outputs to hidden units: which shape
    does that take?"""
    y, h = cache["y"], cache["h"]
    delta2 = 2 * (y - target) / y.size * y * (1 - y)
    delta1 = (params["W2"] @ delta2) * h * (1 - h)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ h.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The hidden step")
def gradients_with_the_misprint(params, cache, target):
    """In the hidden step delta2 stands on the left and W2 on the right, as a common misprint has it. With our
    columns that fits only when everything is square, and then the numbers are wrong. Which order lets the outputs
    meet in the middle?"""
    y, h = cache["y"], cache["h"]
    delta2 = 2 * (y - target) / y.size * y * (1 - y)
    delta1 = (delta2 @ params["W2"].T) * h * (1 - h)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ h.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The sigmoid and its slope")
def gradients_with_slopes_of_the_activations(params, cache, target):
    """In both layers you asked for the slope at the *activation*, which has been through the sigmoid already, and
    so it was squashed twice. sigmoid_derivative is given a pre-activation. Which two entries of the cache are
    those?"""
    y, h = cache["y"], cache["h"]
    delta2 = 2 * (y - target) / y.size * sigmoid_derivative(y)
    delta1 = (params["W2"].T @ delta2) * sigmoid_derivative(h)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ h.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The sigmoid and its slope")
def gradients_with_the_hidden_slope_of_h(params, cache, target):
    """The second layer is right. In the hidden layer the slope was taken at h, and h has been through the sigmoid
    already. sigmoid_derivative is given what went *into* the unit: which entry of the cache is that?"""
    y, h = cache["y"], cache["h"]
    delta2 = 2 * (y - target) / y.size * y * (1 - y)
    delta1 = (params["W2"].T @ delta2) * sigmoid_derivative(h)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ h.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The sigmoid and its slope")
def gradients_with_slopes_from_z(params, cache, target):
    """In both layers you put z into s (1 - s), a formula for numbers between 0 and 1. Your slopes can be negative,
    and a sigmoid never goes down. Which entries of the cache have been squashed?"""
    y, h, z1, z2 = cache["y"], cache["h"], cache["z1"], cache["z2"]
    delta2 = 2 * (y - target) / y.size * z2 * (1 - z2)
    delta1 = (params["W2"].T @ delta2) * z1 * (1 - z1)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ h.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The sigmoid and its slope")
def gradients_with_slopes_of_tanh(params, cache, target):
    """Both slopes are those of tanh, one minus the square. The network's units are sigmoids, and a slope must
    belong to the curve that was used on the way forward. Which formula did you use in part 2?"""
    y, h = cache["y"], cache["h"]
    delta2 = 2 * (y - target) / y.size * (1 - y**2)
    delta1 = (params["W2"].T @ delta2) * (1 - h**2)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ h.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The sigmoid and its slope")
def gradients_with_the_hidden_slope_of_tanh(params, cache, target):
    """The second layer is right. In the hidden layer you used the slope of tanh, as examples do whose hidden units
    are tanh. Yours are sigmoids, with a slope of at most one quarter."""
    y, h = cache["y"], cache["h"]
    delta2 = 2 * (y - target) / y.size * y * (1 - y)
    delta1 = (params["W2"].T @ delta2) * (1 - h**2)
    return {
        "W1": delta1 @ cache["x"].T,
        "b1": delta1.sum(axis=1, keepdims=True),
        "W2": delta2 @ h.T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }


@mistake("backward", lesson="The hidden step")
def first_layer_from_delta2(params, cache, target):
    """The gradient of the first layer was built from delta2, which belongs to the outputs. One step is missing: the
    blame must go back through W2 and the hidden sigmoid before it reaches W1. Which function of yours does that?"""
    delta2 = output_delta(cache, target)
    return {
        "W1": delta2 @ cache["x"].T,
        "b1": delta2.sum(axis=1, keepdims=True),
        "W2": delta2 @ cache["h"].T,
        "b2": delta2.sum(axis=1, keepdims=True),
    }
