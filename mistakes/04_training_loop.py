"""Known wrong versions of the functions in 04_training_loop, with the hint a student reads for each.

Only a mistake's own text is run, in the instructor's notebook, so it may use the names defined there: np, forward,
backward, and the functions that were written earlier, update and train_epoch. The imports below let it be called from
here as well.

The lesson's sections that the hints send a student to:

    "The data"
    "The update"
    "One epoch"
    "One example at a time"
    "The loss before the step"
    "The loop"
    "Reading a loss curve"
    "When to stop"
    "Before and after"
"""

import numpy as np

from autograder.mistakes import Catalogue
from helpers.network import backward, forward
from helpers.training import train_epoch, update

mistake = Catalogue("04_training_loop")


# update(params, grads, learning_rate)


@mistake("update", lesson="The update")
def step_uphill(params, grads, learning_rate):
    """You walked uphill: the steps were added. The gradient points to where the loss *grows*, and you want it to
    shrink. If a weight's gradient is positive, in which direction should that weight go?"""
    return {name: params[name] + learning_rate * grads[name] for name in params}


@mistake("update", lesson="The update")
def learning_rate_forgotten(params, grads, learning_rate):
    """The whole gradient was subtracted, so the learning rate you were given has no say. A gradient tells the
    direction and the steepness of the ground, but not how far it is safe to walk. Who decides that, and where does
    it come in?"""
    return {name: params[name] - grads[name] for name in params}


@mistake("update", lesson="The update")
def learning_rate_twice(params, grads, learning_rate):
    """The learning rate came in twice. At 1 nobody would notice, but at 0.1 your steps are ten times too short, and
    training seems to stand still. Look for the two places where you multiply: which one is too many?"""
    return {name: params[name] - learning_rate * (learning_rate * grads[name]) for name in params}


@mistake("update", lesson="The update")
def learning_rate_fixed(params, grads, learning_rate):
    """Your step has the same length whatever learning rate you are given: there is a 0.1 written into the function.
    Whoever calls it and asks for another rate is ignored without a word. Which name should stand there instead of a
    number?"""
    return {name: params[name] - 0.1 * grads[name] for name in params}


@mistake("update", lesson="The update")
def divided_by_the_learning_rate(params, grads, learning_rate):
    """You divided by the learning rate, so a careful small rate makes a gigantic leap. Take a rate of 0.001 and a
    gradient of 1, and work out by hand how far your weight moves. How far should it?"""
    return {name: params[name] - grads[name] / learning_rate for name in params}


@mistake("update", lesson="The update")
def weights_scaled_as_well(params, grads, learning_rate):
    """The learning rate multiplies the whole bracket, the weight included, so at 0.1 every weight shrinks to a tenth
    before it has learned anything. Put in a gradient of 0: the weight should stay where it is. What does yours do,
    and what should the rate multiply?"""
    return {name: learning_rate * (params[name] - grads[name]) for name in params}


@mistake("update", lesson="The update")
def subtracted_the_wrong_way_round(params, grads, learning_rate):
    """The two sides of the minus have changed places, and every weight comes out with its sign reversed. Put in a
    gradient of 0: nothing should happen. Read the rule aloud: what is taken away from what?"""
    return {name: learning_rate * grads[name] - params[name] for name in params}


@mistake("update", lesson="The update")
def only_the_step_returned(params, grads, learning_rate):
    """You returned the step and not the place where it leads. Rate times gradient says how far each weight should
    move; the network needs to know where it stands afterwards. What is missing from your line?"""
    return {name: learning_rate * grads[name] for name in params}


@mistake("update", lesson="The update")
def only_the_change_returned(params, grads, learning_rate):
    """Direction and length of your change are right, the minus sign included, but a change is all that you return.
    A network whose weights are replaced by it has forgotten all it knew. To what should the change be added?"""
    return {name: -learning_rate * grads[name] for name in params}


@mistake("update", lesson="The update")
def biases_left_behind(params, grads, learning_rate):
    """The weights moved and the biases stood still. A bias is learned like any other weight: it has a gradient, and
    without its step each unit is stuck with the threshold that it was born with. How many keys does params have, and
    how many of them do you update?"""
    return {name: params[name] - learning_rate * grads[name] if name[0] == "W" else params[name] for name in params}


@mistake("update", lesson="The update")
def biases_dropped(params, grads, learning_rate):
    """The dict that you return has no biases in it any more, and the next forward pass will look for them in vain.
    Everything that comes in as a parameter must go out as one. Which keys does params have?"""
    return {name: params[name] - learning_rate * grads[name] for name in ("W1", "W2")}


@mistake("update", lesson="The update")
def first_layer_left_behind(params, grads, learning_rate):
    """Only the output layer learns in your version: W1 and b1 come back as they went in. The hidden units then never
    change what they look for. Their gradients were the hard part of backprop; where are they used?"""
    moved = {name: params[name] - learning_rate * grads[name] for name in ("W2", "b2")}
    return {**params, **moved}


@mistake("update", lesson="The update")
def same_step_for_every_weight(params, grads, learning_rate):
    """You took the mean of each gradient first, so that all weights of one matrix move by the same amount. But each
    entry of the gradient belongs to one weight, and two of them may point in opposite directions. What becomes of
    the blame that backward worked out for each weight, once it is averaged?"""
    return {name: params[name] - learning_rate * np.mean(grads[name]) for name in params}


@mistake("update", lesson="The update")
def only_the_sign_used(params, grads, learning_rate):
    """Every weight moves by exactly the learning rate, up or down: you kept the sign of each gradient and threw away
    its size. On a gentle slope a step should be shorter than on a steep one; how else would the steps become small
    near the bottom?"""
    return {name: params[name] - learning_rate * np.sign(grads[name]) for name in params}


@mistake("update", lesson="The update")
def new_values_not_kept(params, grads, learning_rate):
    """The weights come back exactly as they went in. Perhaps the new values were worked out and given to a name inside
    the loop, but a dict never hears of that: the name moves on, the entry stays. Where do you store what you have
    worked out, and what do you return?"""
    for name, value in params.items():
        value = value - learning_rate * grads[name]
    return params


@mistake("update", lesson="The update")
def params_changed_in_place(params, grads, learning_rate):
    """The new weights are right, but the old ones are gone: the params you were given have been changed too. Writing
    into a dict, or into an array with -=, changes what the caller holds, and copying the dict alone does not help,
    because both dicts then share the same arrays. Whoever wants to train again from the same start no longer can.
    What must be new, the dict or the arrays?"""
    for name in params:
        params[name] = params[name] - learning_rate * grads[name]
    return params


@mistake("update", lesson="The update")
def params_changed_and_nothing_returned(params, grads, learning_rate):
    """Nothing came back. You changed the weights of your caller and had nothing left to return; the task asks for
    the opposite, a new dict for the answer, and arguments that stay as they are. What does Python return from a
    function that does not say?"""
    for name in params:
        params[name] = params[name] - learning_rate * grads[name]


@mistake("update", lesson="The update")
def gradients_scaled_in_place(params, grads, learning_rate):
    """The new weights are right, but the gradients that you were given have shrunk: *= multiplied your caller's own
    arrays by the learning rate. Anyone who looks at the gradients after the update, to print their size for
    instance, is misled. How can you use the product without storing it back?"""
    new = {}
    for name in params:
        grads[name] *= learning_rate
        new[name] = params[name] - grads[name]
    return new


# train_epoch(params, X, y, learning_rate)


@mistake("train_epoch", lesson="One example at a time")
def one_step_for_the_whole_epoch(params, X, y, learning_rate):
    """You showed the network all the examples at once and made a single update: full-batch gradient descent. It is a
    respectable method, and lesson 05 uses it, but it is another one. Here an epoch with 5 examples has 5 iterations,
    and the second example already meets a network that learned from the first. Where is your loop over the
    examples?"""
    cache = forward(params, X.T)
    loss = np.mean((cache["y"] - y.T) ** 2)
    return update(params, backward(params, cache, y.T), learning_rate), loss


@mistake("train_epoch", lesson="One example at a time")
def gradients_of_the_old_network(params, X, y, learning_rate):
    """There is an update for every example, but each gradient was worked out with the weights from the *start* of the
    epoch. After the first update that network no longer exists, so from the second example on you follow the slope
    of a place where you no longer stand. Which params do forward and backward get in your loop?"""
    new, total = params, 0.0
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        total += np.mean((cache["y"] - target) ** 2)
        new = update(new, backward(params, cache, target), learning_rate)
    return new, total / len(X)


@mistake("train_epoch", lesson="One example at a time")
def each_example_from_the_start(params, X, y, learning_rate):
    """Every example begins again with the weights from the start of the epoch, so what was learned from one is
    forgotten at the next, and only the last example leaves a trace. The result of the update went into a new name:
    which name does the next round of your loop use?"""
    new, total = params, 0.0
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        total += np.mean((cache["y"] - target) ** 2)
        new = update(params, backward(params, cache, target), learning_rate)
    return new, total / len(X)


@mistake("train_epoch", lesson="One example at a time")
def updates_thrown_away(params, X, y, learning_rate):
    """After a whole epoch your weights are what they were at the beginning. update leaves its arguments alone and
    *returns* the new weights; whoever does not keep what it returns has done the work for nothing. What do you do
    with its answer?"""
    total = 0.0
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        total += np.mean((cache["y"] - target) ** 2)
        update(params, backward(params, cache, target), learning_rate)
    return params, total / len(X)


@mistake("train_epoch", lesson="One example at a time")
def last_update_lost(params, X, y, learning_rate):
    """Every loss is right, but the weights that you return are those from before the last update: what the last
    example taught is missing. Perhaps the update comes first in your loop, with the gradients of the round before.
    How many updates should an epoch of 5 examples make, and how many does yours?"""
    total, grads = 0.0, None
    for i in range(len(X)):
        if grads is not None:
            params = update(params, grads, learning_rate)
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        total += np.mean((cache["y"] - target) ** 2)
        grads = backward(params, cache, target)
    return params, total / len(X)


@mistake("train_epoch", lesson="One example at a time")
def examples_backwards(params, X, y, learning_rate):
    """You began with the last example and ended with the first. Every update changes the network that the next
    example meets, so another order gives other weights: not worse ones, but not those that were asked for. In what
    order does your loop go through the rows?"""
    total = 0.0
    for i in reversed(range(len(X))):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        total += np.mean((cache["y"] - target) ** 2)
        params = update(params, backward(params, cache, target), learning_rate)
    return params, total / len(X)


@mistake("train_epoch", lesson="One epoch")
def first_example_skipped(params, X, y, learning_rate):
    """The first example never had its turn: your loop starts at 1, and rows are counted from 0. An epoch has gone
    round once when *every* example has been seen. Of the rows of XOR, which one would your network never meet?"""
    losses = []
    for i in range(1, len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        losses.append(np.mean((cache["y"] - target) ** 2))
        params = update(params, backward(params, cache, target), learning_rate)
    return params, sum(losses) / max(len(losses), 1)


@mistake("train_epoch", lesson="One epoch")
def last_example_skipped(params, X, y, learning_rate):
    """Your loop stops one example too soon, so the last row is never learned. range(n) ends at n - 1 by itself, and
    that is already the last row. Where does your own minus one come from?"""
    losses = []
    for i in range(len(X) - 1):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        losses.append(np.mean((cache["y"] - target) ** 2))
        params = update(params, backward(params, cache, target), learning_rate)
    return params, sum(losses) / max(len(losses), 1)


@mistake("train_epoch", lesson="One epoch")
def returned_after_the_first_example(params, X, y, learning_rate):
    """Your epoch is over after a single example. A return leaves the function at once, the loop with it. How far is
    your return indented, and to which block does it belong?"""
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        loss = np.mean((cache["y"] - target) ** 2)
        params = update(params, backward(params, cache, target), learning_rate)
        return params, loss


@mistake("train_epoch", lesson="The data")
def columns_taken_for_examples(params, X, y, learning_rate):
    """You cut columns out of X, and a column of the table is one *input* of all the examples, not one example. It
    runs only when there happen to be as many examples as inputs. Which axis of X counts the examples, and on which
    side of the comma does that axis stand?"""
    total = 0.0
    for i in range(len(X)):
        x, target = X[:, i : i + 1], y[i : i + 1].T
        cache = forward(params, x)
        total += np.mean((cache["y"] - target) ** 2)
        params = update(params, backward(params, cache, target), learning_rate)
    return params, total / len(X)


@mistake("train_epoch", lesson="One example at a time")
def learning_rate_shared_out(params, X, y, learning_rate):
    """You divided the learning rate, or each step, by the number of examples. In an average over a batch there is
    such a division, and it is already in the loss; here every example makes a full step of its own. What would
    happen to your training if someone doubled the table by copying it?"""
    total = 0.0
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        total += np.mean((cache["y"] - target) ** 2)
        params = update(params, backward(params, cache, target), learning_rate / len(X))
    return params, total / len(X)


@mistake("train_epoch", lesson="The update")
def weights_overwritten_during_the_epoch(params, X, y, learning_rate):
    """What you return is right, but the params you were given have been trained as well: somewhere an array or the
    dict was changed in place. Nobody can now start a second run from the same weights. Does your loop call update,
    or does it do the subtraction itself?"""
    total = 0.0
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        total += np.mean((cache["y"] - target) ** 2)
        grads = backward(params, cache, target)
        for name in params:
            params[name] -= learning_rate * grads[name]
    return params, total / len(X)


@mistake("train_epoch", lesson="The loss before the step")
def loss_after_the_update(params, X, y, learning_rate):
    """The weights are right; the losses were measured one step too late. After its update the network has just been
    told the answer to this very example, so the number flatters it, and you paid for a second forward pass to get
    it. Which prediction tells how good the network was when the example arrived?"""
    total = 0.0
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        params = update(params, backward(params, forward(params, x), target), learning_rate)
        total += np.mean((forward(params, x)["y"] - target) ** 2)
    return params, total / len(X)


@mistake("train_epoch", lesson="The loss before the step")
def loss_added_up(params, X, y, learning_rate):
    """Your loss is the sum over the examples. It grows with the size of the table: the same network would look ten
    times worse on ten times the data. What makes a mean of a sum?"""
    total = 0.0
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        total += np.mean((cache["y"] - target) ** 2)
        params = update(params, backward(params, cache, target), learning_rate)
    return params, total


@mistake("train_epoch", lesson="The loss before the step")
def loss_of_the_last_example(params, X, y, learning_rate):
    """What you return is the loss of the last example alone. In each round the new loss took the place of the one
    before, and the epoch is judged by whoever happens to come last. Where could the earlier losses be kept?"""
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        loss = np.mean((cache["y"] - target) ** 2)
        params = update(params, backward(params, cache, target), learning_rate)
    return params, loss


@mistake("train_epoch", lesson="The loss before the step")
def last_loss_divided(params, X, y, learning_rate):
    """You divide by the number of examples, and that is the second half of a mean. The first half is missing: your
    loss holds only the last example, because each round replaces what was there instead of adding to it. Which sign
    adds?"""
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        total = np.mean((cache["y"] - target) ** 2)
        params = update(params, backward(params, cache, target), learning_rate)
    return params, total / len(X)


@mistake("train_epoch", lesson="The loss before the step")
def loss_of_everything_after_the_epoch(params, X, y, learning_rate):
    """You ran the whole table through the network once more when the epoch was over. That is a sensible number to
    watch, but it costs a second forward pass for every example, and it is not the one asked for: each example's
    loss at the moment when it was met. In which of your lines is that number already at hand?"""
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        params = update(params, backward(params, forward(params, x), target), learning_rate)
    return params, np.mean((forward(params, X.T)["y"] - y.T) ** 2)


@mistake("train_epoch", lesson="The loss before the step")
def loss_of_everything_before_the_epoch(params, X, y, learning_rate):
    """All your losses belong to the network as it was when the epoch began. But the second example meets a network
    that has learned from the first, and its loss should be measured there. At which moment, then, is each loss to
    be taken?"""
    loss = np.mean((forward(params, X.T)["y"] - y.T) ** 2)
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        params = update(params, backward(params, forward(params, x), target), learning_rate)
    return params, loss


@mistake("train_epoch", lesson="The loss before the step")
def outputs_added_up(params, X, y, learning_rate):
    """With one output your loss is right, with two it is twice too large. You averaged over the examples, but within
    an example you added up the squared errors of its outputs. Over what does the mean squared error of this course
    take its mean?"""
    total = 0.0
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        total += np.sum((cache["y"] - target) ** 2)
        params = update(params, backward(params, cache, target), learning_rate)
    return params, total / len(X)


@mistake("train_epoch", lesson="The loss before the step")
def half_the_loss(params, X, y, learning_rate):
    """Your loss is exactly half of what it should be. Some books put one half before the squared error, to make the
    derivative prettier. Ours has none, and backward was made for ours: the number and the gradients should speak of
    the same loss. Where does your half come from?"""
    total = 0.0
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        total += 0.5 * np.mean((cache["y"] - target) ** 2)
        params = update(params, backward(params, cache, target), learning_rate)
    return params, total / len(X)


@mistake("train_epoch", lesson="The loss before the step")
def errors_not_squared(params, X, y, learning_rate):
    """You averaged the errors themselves, without squaring them. An error of +0.4 and one of -0.4 then cancel, and a
    network that is wrong everywhere can show a loss of 0. A loss can never be negative; can yours?"""
    total = 0.0
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        total += np.mean(cache["y"] - target)
        params = update(params, backward(params, cache, target), learning_rate)
    return params, total / len(X)


@mistake("train_epoch", lesson="The loss before the step")
def errors_made_positive_instead(params, X, y, learning_rate):
    """Your loss is the mean of the absolute errors. That is easy to read, but it is not what this network is made to
    reduce: its gradients are those of the squares. Which power turns an error into its share of our loss?"""
    total = 0.0
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        total += np.mean(np.abs(cache["y"] - target))
        params = update(params, backward(params, cache, target), learning_rate)
    return params, total / len(X)


@mistake("train_epoch", lesson="The loss before the step")
def root_of_the_loss(params, X, y, learning_rate):
    """You took the square root of the mean. The root is handy for a report, since it has the unit of the targets,
    but the loss of this course is the mean squared error itself. Which of your steps came after the mean?"""
    total = 0.0
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        total += np.mean((cache["y"] - target) ** 2)
        params = update(params, backward(params, cache, target), learning_rate)
    return params, np.sqrt(total / len(X))


@mistake("train_epoch", lesson="The loss before the step")
def target_stretched_to_fit(params, X, y, learning_rate):
    """With one output your loss is right, with several it is not, and NumPy said nothing. The prediction is a column
    and the target you compared it with is not, so both were stretched into a square that holds every output minus
    every target. It is the trap from 01_mse. Print the shapes of the two before you subtract them."""
    total = 0.0
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        total += np.mean((cache["y"] - y[i]) ** 2)
        params = update(params, backward(params, cache, target), learning_rate)
    return params, total / len(X)


@mistake("train_epoch", lesson="The loss before the step")
def always_divided_by_four(params, X, y, learning_rate):
    """You divided the sum of the losses by 4 whatever the table. XOR has four rows, but this function does not know
    about XOR: another table, another number of rows. Where can you ask how many there are?"""
    total = 0.0
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        total += np.mean((cache["y"] - target) ** 2)
        params = update(params, backward(params, cache, target), learning_rate)
    return params, total / 4


@mistake("train_epoch", lesson="The loss before the step")
def a_loss_for_every_example(params, X, y, learning_rate):
    """All the losses you collected are right, and you returned them all. An epoch should be summed up in a single
    number, so that the loss curve has one point for each epoch. How do you make one number of many, without it
    depending on how many there are?"""
    losses = []
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        losses.append(np.mean((cache["y"] - target) ** 2))
        params = update(params, backward(params, cache, target), learning_rate)
    return params, np.array(losses)


@mistake("train_epoch", lesson="One epoch")
def loss_not_returned(params, X, y, learning_rate):
    """The training is right, but only the weights come back. Without the loss nobody can watch how it goes: train
    will want to write it into its diary. How does a function in Python return two things?"""
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        params = update(params, backward(params, forward(params, x), target), learning_rate)
    return params


@mistake("train_epoch", lesson="One epoch")
def weights_not_returned(params, X, y, learning_rate):
    """The loss is right, but it is all that comes back. This function leaves the old weights as they were, so the
    trained ones exist only inside it, and are gone when it ends. What must go out together with the loss?"""
    total = 0.0
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        total += np.mean((cache["y"] - target) ** 2)
        params = update(params, backward(params, cache, target), learning_rate)
    return total / len(X)


@mistake("train_epoch", lesson="One epoch")
def loss_returned_first(params, X, y, learning_rate):
    """Both results are right, and they come in the wrong order: the loss first, the weights second. Whoever unpacks
    them gets each under the other's name. Which order does the docstring promise?"""
    total = 0.0
    for i in range(len(X)):
        x, target = X[i : i + 1].T, y[i : i + 1].T
        cache = forward(params, x)
        total += np.mean((cache["y"] - target) ** 2)
        params = update(params, backward(params, cache, target), learning_rate)
    return total / len(X), params


# train(params, X, y, learning_rate, epochs)


@mistake("train", lesson="The loop")
def one_epoch_only(params, X, y, learning_rate, epochs):
    """Your training ends after the first epoch, however many were asked for. A return inside a loop ends the loop
    too. Look at the indentation of yours: when should it have its turn?"""
    losses = []
    for _ in range(epochs):
        params, loss = train_epoch(params, X, y, learning_rate)
        losses.append(loss)
        return params, losses


@mistake("train", lesson="The loop")
def one_epoch_too_few(params, X, y, learning_rate, epochs):
    """One epoch is missing: there is one loss fewer than was asked for, and the weights are one epoch behind. How
    many numbers are there from 1 up to, but not including, n?"""
    losses = []
    for _ in range(1, epochs):
        params, loss = train_epoch(params, X, y, learning_rate)
        losses.append(loss)
    return params, np.array(losses)


@mistake("train", lesson="The loop")
def one_epoch_too_many(params, X, y, learning_rate, epochs):
    """You trained for one epoch more than was asked for; even for 0 epochs there was one. How often does your loop
    go round when epochs is 0, and how often should it?"""
    losses = []
    for _ in range(epochs + 1):
        params, loss = train_epoch(params, X, y, learning_rate)
        losses.append(loss)
    return params, np.array(losses)


@mistake("train", lesson="The loop")
def starts_anew_each_epoch(params, X, y, learning_rate, epochs):
    """All your losses are the same, and the weights are those after a single epoch. Every epoch started again from
    the untrained network, so the first one was run over and over. What train_epoch returned should go on into the
    next round: under which name do you keep it, and which name do you pass in?"""
    trained, losses = params, []
    for _ in range(epochs):
        trained, loss = train_epoch(params, X, y, learning_rate)
        losses.append(loss)
    return trained, np.array(losses)


@mistake("train", lesson="The loop")
def trained_weights_thrown_away(params, X, y, learning_rate, epochs):
    """The weights that you return are the ones that you were given: nothing has been learned. train_epoch does not
    change its arguments, it hands back new weights together with the loss. You keep the loss; what becomes of the
    weights?"""
    losses = []
    for _ in range(epochs):
        _, loss = train_epoch(params, X, y, learning_rate)
        losses.append(loss)
    return params, np.array(losses)


@mistake("train", lesson="The loop")
def untrained_weights_returned(params, X, y, learning_rate, epochs):
    """The losses show that the network did learn, from epoch to epoch, and then you handed back the weights from
    before the first epoch. Two names are in play, one for the start and one for the network in training. Which one
    stands behind your return?"""
    trained, losses = params, []
    for _ in range(epochs):
        trained, loss = train_epoch(trained, X, y, learning_rate)
        losses.append(loss)
    return params, np.array(losses)


@mistake("train", lesson="When to stop")
def weights_of_the_best_epoch(params, X, y, learning_rate, epochs):
    """You returned the weights of the epoch with the smallest loss, not those of the last. It is a clever habit, if
    the loss is measured on examples that were not trained with, and the task asks for something plainer. When the
    loss rises in the end, whoever calls train wants to see it in the weights as well. After which epoch should they
    be taken?"""
    best, losses = params, []
    for _ in range(epochs):
        params, loss = train_epoch(params, X, y, learning_rate)
        if not losses or loss < min(losses):
            best = params
        losses.append(loss)
    return best, np.array(losses)


@mistake("train", lesson="When to stop")
def stopped_when_it_hardly_moved(params, X, y, learning_rate, epochs):
    """You stopped as soon as the loss hardly changed, before all the epochs were done. That may be wise, but it was
    not asked: train runs as many epochs as it is told, and on a plateau your rule would end a training that had not
    really begun. Who decides here how long to train?"""
    losses = []
    for _ in range(epochs):
        params, loss = train_epoch(params, X, y, learning_rate)
        losses.append(loss)
        if len(losses) > 1 and abs(losses[-1] - losses[-2]) < 0.001:
            break
    return params, np.array(losses)


@mistake("train", lesson="When to stop")
def stopped_when_it_rose(params, X, y, learning_rate, epochs):
    """You stopped as soon as the loss rose. A rise in the loss of training is no overfitting, and often it comes down
    again; and whoever looks at the curve wants to see it rise. train runs as many epochs as it is told. Who decides
    here how long to train?"""
    losses = []
    for _ in range(epochs):
        params, loss = train_epoch(params, X, y, learning_rate)
        losses.append(loss)
        if len(losses) > 1 and losses[-1] > losses[-2]:
            break
    return params, np.array(losses)


@mistake("train", lesson="When to stop")
def losses_begin_with_a_zero(params, X, y, learning_rate, epochs):
    """There is one loss too many, and the first is 0, which no training has measured. Did you make room for
    epochs + 1 numbers and begin to fill it at the second? How many losses do three epochs have?"""
    losses = np.zeros(epochs + 1)
    for epoch in range(epochs):
        params, losses[epoch + 1] = train_epoch(params, X, y, learning_rate)
    return params, losses


@mistake("train", lesson="One example at a time")
def losses_kept_from_call_to_call(params, X, y, learning_rate, epochs, losses=[]):  # noqa: B006
    """Your losses begin with those of earlier calls. A list outside the function, or one that stands as a default in
    its head, is made once and lives on: the second training writes into the diary of the first. Where must an empty
    list be made, so that every call has its own?"""
    for _ in range(epochs):
        params, loss = train_epoch(params, X, y, learning_rate)
        losses.append(loss)
    return params, np.array(losses)


@mistake("train", lesson="One example at a time")
def one_update_per_epoch(params, X, y, learning_rate, epochs):
    """Your epochs make one update each, from all the examples together. That is full-batch training, which comes in
    lesson 05; here every example brings an update of its own. You have a function that does such an epoch. Is it
    called anywhere?"""
    losses = []
    for _ in range(epochs):
        cache = forward(params, X.T)
        losses.append(np.mean((cache["y"] - y.T) ** 2))
        params = update(params, backward(params, cache, y.T), learning_rate)
    return params, np.array(losses)


@mistake("train", lesson="The loop")
def learning_rate_fades(params, X, y, learning_rate, epochs):
    """Your learning rate grows smaller from epoch to epoch. Such schedules exist and can help, but nobody asked for
    one here: the first epoch is right, and from the second on your steps are too short. What should the rate be in
    every epoch?"""
    losses = []
    for epoch in range(epochs):
        params, loss = train_epoch(params, X, y, learning_rate / (1 + epoch))
        losses.append(loss)
    return params, np.array(losses)


@mistake("train", lesson="The update")
def start_overwritten_by_training(params, X, y, learning_rate, epochs):
    """What you return is right, but the weights you were given have changed as well: the dict that your caller holds
    now contains the trained network. A second training from the same start would begin where the first one ended.
    Which of your lines writes *into* params, instead of giving that name to something new?"""
    losses = []
    for _ in range(epochs):
        trained, loss = train_epoch(params, X, y, learning_rate)
        params.update(trained)
        losses.append(loss)
    return params, np.array(losses)


@mistake("train", lesson="Reading a loss curve")
def losses_added_up(params, X, y, learning_rate, epochs):
    """Each of your losses contains all those before it, so your curve can only rise, even while the network learns.
    The diary wants the loss of *this* epoch. Which variable keeps growing from round to round?"""
    losses, total = [], 0.0
    for _ in range(epochs):
        params, loss = train_epoch(params, X, y, learning_rate)
        total += loss
        losses.append(total)
    return params, np.array(losses)


@mistake("train", lesson="Reading a loss curve")
def running_mean_of_the_losses(params, X, y, learning_rate, epochs):
    """Each of your losses is the mean of all epochs up to that one. It looks pleasantly smooth, but it drags the
    bad beginning along for ever and hides a late rise. Which single epoch should the number belong to?"""
    seen, losses = [], []
    for _ in range(epochs):
        params, loss = train_epoch(params, X, y, learning_rate)
        seen.append(loss)
        losses.append(sum(seen) / len(seen))
    return params, np.array(losses)


@mistake("train", lesson="Reading a loss curve")
def last_loss_only(params, X, y, learning_rate, epochs):
    """Only the loss of the last epoch came back. One number cannot show whether the loss is falling, stuck or
    rising; for that you need the whole curve. What could you do with each loss before the next one takes its
    name?"""
    loss = 0.0
    for _ in range(epochs):
        params, loss = train_epoch(params, X, y, learning_rate)
    return params, loss


@mistake("train", lesson="Reading a loss curve")
def losses_averaged(params, X, y, learning_rate, epochs):
    """You made one number of all the epochs, their mean. Within an epoch a mean is right, since the examples belong
    together; across epochs it mixes the beginner with the graduate. What should the list have been left as?"""
    losses = []
    for _ in range(epochs):
        params, loss = train_epoch(params, X, y, learning_rate)
        losses.append(loss)
    return params, np.mean(losses) if losses else 0.0


@mistake("train", lesson="The loss before the step")
def losses_measured_after_each_epoch(params, X, y, learning_rate, epochs):
    """Your losses were measured again when each epoch was over, with a forward pass of their own. That is an honest
    number, but not the one that train_epoch gives you: the losses at the moment when each example was met. Why work
    out a second time what you have been handed?"""
    losses = []
    for _ in range(epochs):
        params, _ = train_epoch(params, X, y, learning_rate)
        losses.append(np.mean((forward(params, X.T)["y"] - y.T) ** 2))
    return params, np.array(losses)


@mistake("train", lesson="Reading a loss curve")
def a_loss_before_the_first_epoch(params, X, y, learning_rate, epochs):
    """There is one loss too many: at the head of your list stands the loss of the untrained network. It is good to
    know, but it belongs to no epoch, and so the tenth number of your list is the loss of the ninth epoch. How many
    losses should there be after 0 epochs?"""
    losses = [np.mean((forward(params, X.T)["y"] - y.T) ** 2)]
    for _ in range(epochs):
        params, loss = train_epoch(params, X, y, learning_rate)
        losses.append(loss)
    return params, np.array(losses)


@mistake("train", lesson="Reading a loss curve")
def every_tenth_loss(params, X, y, learning_rate, epochs):
    """You kept the loss of every tenth epoch only. That is a fine habit for printing; the curve should still be
    complete, since everything interesting may happen in between. Which line of yours belongs inside the if, and
    which outside it?"""
    losses = []
    for epoch in range(epochs):
        params, loss = train_epoch(params, X, y, learning_rate)
        if epoch % 10 == 0:
            losses.append(loss)
    return params, np.array(losses)


@mistake("train", lesson="Reading a loss curve")
def losses_rounded(params, X, y, learning_rate, epochs):
    """Your losses stop after the third decimal. Round when you print, never when you store: late in training the
    loss changes by less than that from one epoch to the next, and your curve would call it a standstill. Where is
    the rounding?"""
    losses = []
    for _ in range(epochs):
        params, loss = train_epoch(params, X, y, learning_rate)
        losses.append(round(float(loss), 3))
    return params, np.array(losses)


@mistake("train", lesson="Reading a loss curve")
def newest_loss_first(params, X, y, learning_rate, epochs):
    """All the losses are there, in reverse: the newest stands in front. Plotted like that, a network that learns
    looks like one that forgets. At which end of the list should a new loss go?"""
    losses = []
    for _ in range(epochs):
        params, loss = train_epoch(params, X, y, learning_rate)
        losses.insert(0, loss)
    return params, np.array(losses)


@mistake("train", lesson="The loop")
def losses_not_returned(params, X, y, learning_rate, epochs):
    """The trained weights are right, but the losses stay inside the function. Without them nobody can tell how the
    training went. Which two things does the docstring promise?"""
    for _ in range(epochs):
        params, _ = train_epoch(params, X, y, learning_rate)
    return params


@mistake("train", lesson="The loop")
def only_losses_returned(params, X, y, learning_rate, epochs):
    """The losses are right, but the trained weights never leave the function, and with them everything that was
    learned. A diary of a journey is not the destination: what else should come back?"""
    losses = []
    for _ in range(epochs):
        params, loss = train_epoch(params, X, y, learning_rate)
        losses.append(loss)
    return np.array(losses)


@mistake("train", lesson="The loop")
def losses_returned_first(params, X, y, learning_rate, epochs):
    """Weights and losses are right but have changed places. The caller writes `params, losses = train(...)` and
    would now call the losses params. Compare your return with the docstring."""
    losses = []
    for _ in range(epochs):
        params, loss = train_epoch(params, X, y, learning_rate)
        losses.append(loss)
    return np.array(losses), params


# has_converged(losses, tolerance, patience)


@mistake("has_converged", lesson="When to stop")
def tolerance_itself_allowed(losses, tolerance, patience):
    """Almost: a change of *exactly* the tolerance passes your test, and the rule says smaller. It hardly ever matters
    with measured losses, but a rule should do what it says at its edge too. Which sign stands between the change and
    the tolerance?"""
    changes = np.abs(np.diff(losses))
    if len(changes) < patience:
        return False
    return bool(np.all(changes[-patience:] <= tolerance))


@mistake("has_converged", lesson="When to stop")
def every_fall_taken_for_rest(losses, tolerance, patience):
    """A loss that is falling fast counts as at rest with you. Later minus earlier is *negative* when the loss falls,
    and a negative number is smaller than any tolerance. You want to know how large a change is, whichever way it
    went: what should you do with its sign?"""
    changes = np.diff(losses)
    if len(changes) < patience:
        return False
    return bool(np.all(changes[-patience:] < tolerance))


@mistake("has_converged", lesson="When to stop")
def every_rise_taken_for_rest(losses, tolerance, patience):
    """A loss that is *rising* counts as at rest with you. You took earlier minus later, which measures improvement,
    and a rise is an improvement below zero, so below any tolerance. Is a training that goes wrong at full speed one
    that has come to rest?"""
    changes = -np.diff(losses)
    if len(changes) < patience:
        return False
    return bool(np.all(changes[-patience:] < tolerance))


@mistake("has_converged", lesson="When to stop")
def only_the_last_change(losses, tolerance, patience):
    """You look at the newest change and at no other, so your rule has no patience. A curve that pauses for a single
    epoch would be stopped. How many of the last changes must be small, and where does that number come in?"""
    changes = np.abs(np.diff(losses))
    if len(changes) < patience:
        return False
    return bool(changes[-1] < tolerance)


@mistake("has_converged", lesson="When to stop")
def first_changes_examined(losses, tolerance, patience):
    """You examined the *first* few changes, from the beginning of training, and they never change again however long
    it goes on. The question is what the loss has done lately. From which end does your slice count?"""
    changes = np.abs(np.diff(losses))
    if len(changes) < patience:
        return False
    return bool(np.all(changes[:patience] < tolerance))


@mistake("has_converged", lesson="When to stop")
def newest_change_left_out(losses, tolerance, patience):
    """You look at the right number of changes, but your window ends one too early: the newest change is never in it,
    so you are always one epoch late. Where does a slice end that stops at -1?"""
    changes = np.abs(np.diff(losses))
    if len(changes) < patience:
        return False
    window = changes[-patience - 1 : -1]
    return len(window) == patience and bool(np.all(window < tolerance))


@mistake("has_converged", lesson="When to stop")
def total_change_over_the_window(losses, tolerance, patience):
    """You compared the loss now with the loss `patience` epochs ago. A curve that swings up and down comes back to
    where it was and looks calm to you, while one that creeps down steadily looks restless. The rule judges every
    single change from one epoch to the next. How many comparisons should there be?"""
    if len(losses) <= patience:
        return False
    return bool(abs(losses[-1] - losses[-1 - patience]) < tolerance)


@mistake("has_converged", lesson="When to stop")
def spread_of_the_window(losses, tolerance, patience):
    """You took the distance between the highest and the lowest loss of the window. That is stricter than the rule:
    many small steps in one direction add up to a large spread although each of them is small. Which two losses does
    one *change* lie between?"""
    if len(losses) <= patience:
        return False
    window = np.asarray(losses)[-patience - 1 :]
    return bool(window.max() - window.min() < tolerance)


@mistake("has_converged", lesson="When to stop")
def average_of_the_changes(losses, tolerance, patience):
    """You averaged the changes of the window, so a single large one can hide behind several small ones. *Each* of
    them has to be below the tolerance. Make up four changes, one of them too large, whose mean is fine: what does
    your function say?"""
    changes = np.abs(np.diff(losses))
    if len(changes) < patience:
        return False
    return bool(np.mean(changes[-patience:]) < tolerance)


@mistake("has_converged", lesson="When to stop")
def one_small_change_is_enough(losses, tolerance, patience):
    """One small change among the last few is enough for you, and the others may be as large as they like. The rule
    wants *each* of them to be small. Which of NumPy's two words did you use, the one for "some" or the one for
    "every"?"""
    changes = np.abs(np.diff(losses))
    if len(changes) < patience:
        return False
    return bool(np.any(changes[-patience:] < tolerance))


@mistake("has_converged", lesson="When to stop")
def small_changes_counted_anywhere(losses, tolerance, patience):
    """You counted all the small changes since training began, wherever they stood. "Running" means one directly after
    the other, up to now: a large change in between begins the count again. What should happen to your counter
    then?"""
    changes = np.abs(np.diff(losses))
    return bool(np.sum(changes < tolerance) >= patience)


@mistake("has_converged", lesson="When to stop")
def once_at_rest_always_at_rest(losses, tolerance, patience):
    """You found a calm stretch somewhere in the past and left it at that. Perhaps it was a plateau, and the loss has
    long been moving again; the question is whether it is at rest *now*. Which changes are the only ones that
    count?"""
    running = 0
    for before, after in zip(losses[:-1], losses[1:], strict=True):
        running = running + 1 if abs(after - before) < tolerance else 0
        if running == patience:
            return True
    return False


@mistake("has_converged", lesson="When to stop")
def every_change_since_the_start(losses, tolerance, patience):
    """You demand that every change since the first epoch be small. No network that learns anything could ever pass,
    since at the start the loss *should* move. How far back does the rule look?"""
    changes = np.abs(np.diff(losses))
    return len(changes) >= patience and bool(np.all(changes < tolerance))


@mistake("has_converged", lesson="When to stop")
def change_relative_to_the_loss(losses, tolerance, patience):
    """You divided each change by the loss, and so compared percentages. That can be a good rule, but then a loss in
    the hundreds may move by whole units and count as resting. Here the change itself is compared with the
    tolerance. What is the unit of a tolerance of 0.01?"""
    losses = np.asarray(losses, dtype=float)
    changes = np.abs(np.diff(losses)) / losses[:-1]
    if len(changes) < patience:
        return False
    return bool(np.all(changes[-patience:] < tolerance))


@mistake("has_converged", lesson="When to stop")
def one_change_too_few(losses, tolerance, patience):
    """You took the last `patience` *losses*, and between them there is one change fewer than that. Draw four fence
    posts and count the gaps. How many losses does it take to have `patience` changes?"""
    if len(losses) < patience:
        return False
    return bool(np.all(np.abs(np.diff(losses[-patience:])) < tolerance))


@mistake("has_converged", lesson="When to stop")
def one_change_too_many(losses, tolerance, patience):
    """You wait for one small change more than you were asked to. Count them for a patience of 1: how many losses
    does it take before your function can say True, and how many should it take?"""
    changes = np.abs(np.diff(losses))
    if len(changes) < patience + 1:
        return False
    return bool(np.all(changes[-patience - 1 :] < tolerance))


@mistake("has_converged", lesson="When to stop")
def small_losses_taken_for_rest(losses, tolerance, patience):
    """You compared the losses themselves with the tolerance: your question is whether the network is *good*, not
    whether it has come to rest. It may rest high up, and then it has converged all the same, sadly. What do you get
    when you subtract each loss from the next?"""
    losses = np.asarray(losses)
    return len(losses) > patience and bool(np.all(losses[-patience:] < tolerance))


@mistake("has_converged", lesson="When to stop")
def last_loss_below_the_tolerance(losses, tolerance, patience):
    """You asked whether the last loss is below the tolerance. One number cannot tell whether a curve is at rest, and
    a resting curve need not be low. What does the rule compare with the tolerance, and how many of them?"""
    return len(losses) > patience and bool(losses[-1] < tolerance)


@mistake("has_converged", lesson="When to stop")
def short_curve_taken_for_rest(losses, tolerance, patience):
    """When there are fewer changes than `patience`, you judge by those that there are, and with none at all you say
    True. A slice does not complain when it comes up short, and "all of nothing" is true. What should the answer be
    as long as there is too little to judge by?"""
    changes = np.abs(np.diff(losses))
    return bool(np.all(changes[-patience:] < tolerance))


@mistake("has_converged", lesson="When to stop")
def answer_turned_round(losses, tolerance, patience):
    """Your True and your False have changed places: you say True while the loss is still moving. Perhaps you thought
    of the question "shall we go on?". What does the function's name ask?"""
    changes = np.abs(np.diff(losses))
    if len(changes) < patience:
        return True
    return not np.all(changes[-patience:] < tolerance)


@mistake("has_converged", lesson="When to stop")
def no_new_best_lately(losses, tolerance, patience):
    """You asked whether the last few epochs brought a new lowest loss. That is *early stopping*, a good rule for
    losses on validation data, and a different one: a curve that swings wildly finds no new low and is anything but
    at rest. Does the word "lowest" occur in the rule of this part?"""
    losses = list(losses)
    if len(losses) <= patience:
        return False
    return bool(min(losses[:-patience]) - min(losses[-patience:]) < tolerance)


# predict(params, X)


@mistake("predict", lesson="Before and after")
def columns_returned(params, X):
    """The numbers are right, and they stand in columns, as the network gives them. Whoever asked has a table with one
    example per row and wants the answers in the same form, so that row 3 belongs to row 3. One small thing is
    missing at the very end."""
    return forward(params, X.T)["y"]


@mistake("predict", lesson="The data")
def rows_taken_for_columns(params, X):
    """The table went into the network as it was, although the network takes every *column* for an example. It runs
    only when there are as many examples as inputs, and then each example is made up of pieces of all the others.
    What must happen to X before forward sees it?"""
    return forward(params, X)["y"].T


@mistake("predict", lesson="The data")
def nothing_turned(params, X):
    """X went in as it came, and y came out as it was: neither was turned. The network wants its examples in columns
    and answers in columns, while your caller has rows and wants rows. Two places need attention; which two?"""
    return forward(params, X)["y"]


@mistake("predict", lesson="The data")
def table_refilled_instead_of_turned(params, X):
    """The shape you gave to X is right and its contents are shuffled: reshape reads the numbers off row by row and
    fills them into the new shape, so values of different examples end up in one column. Try both on a small table
    with the numbers 1 to 6. Which operation makes row i into column i?"""
    return forward(params, X.reshape(X.shape[1], X.shape[0]))["y"].T


@mistake("predict", lesson="Before and after")
def answers_refilled_instead_of_turned(params, X):
    """With one output it is right, and with several the answers are dealt out to the wrong examples: you *reshaped*
    the columns into rows, which refills the table in reading order. Write down two examples with two outputs each
    and follow the four numbers. What turns a table without shuffling it?"""
    y = forward(params, X.T)["y"]
    return y.reshape(len(X), y.shape[0])


@mistake("predict", lesson="Before and after")
def decided_for_the_user(params, X):
    """Your network answers with a plain 0 or 1. It knew more than that: 0.51 and 0.99 are both a yes, and only one of
    them is sure. Hand out what it said; whoever asked may draw the line. Where does yours stand?"""
    return np.where(forward(params, X.T)["y"].T > 0.5, 1.0, 0.0)


@mistake("predict", lesson="Before and after")
def rounded_for_the_eye(params, X):
    """The predictions are right, to two decimals and no further. A rounded number is nicer to look at, but from a
    rounded prediction no loss can be worked out. Leave the rounding to whoever prints them."""
    return np.round(forward(params, X.T)["y"].T, 2)


@mistake("predict", lesson="Before and after")
def hidden_values_returned(params, X):
    """You returned what the hidden units say. It is an opinion formed on the way; the answer is given one layer
    later. How many columns does your result have, and how many outputs has the network?"""
    return forward(params, X.T)["h"].T


@mistake("predict", lesson="Before and after")
def not_squashed_yet(params, X):
    """Some of your predictions are negative or larger than 1: you took the sum that *enters* the output unit, before
    the sigmoid. The cache has both under different names. Which of them is the network's answer?"""
    return forward(params, X.T)["z2"].T


@mistake("predict", lesson="Before and after")
def whole_cache_returned(params, X):
    """You handed over everything that forward remembers, sums, hidden values and all. backward needs that; whoever
    asks for a prediction wants one thing out of it. Which entry is it?"""
    return forward(params, X.T)


@mistake("predict", lesson="Before and after")
def flattened(params, X):
    """All the predictions are there, in one long row without a second axis. With one output it looks tidy, but (n,)
    beside targets of (n, 1) is the broadcasting trap of 01_mse, and with two outputs nobody can tell whose number is
    whose. How many axes should the result have?"""
    return forward(params, X.T)["y"].T.ravel()


@mistake("predict", lesson="Before and after")
def first_output_only(params, X):
    """You kept the first output and dropped the others, and with them the second axis. It looks right for XOR, which
    has only one output. What is the shape of y, and what does an index such as [0] do to it?"""
    return forward(params, X.T)["y"][0]


@mistake("predict", lesson="Before and after")
def strongest_output_named(params, X):
    """You returned the *number* of the strongest output for each example. That is how one reads off a class when the
    outputs compete; here each output is an answer of its own, and with one output your result is always 0. What has
    become of the values?"""
    return np.argmax(forward(params, X.T)["y"], axis=0)
