"""Known wrong versions of the functions in 02_gradient_descent, with the hint a student reads for each.

Only a mistake's own text is run, in the instructor's notebook, so it may use the names defined there: np,
numerical_gradient and gradient_step. The import below lets it be called from here as well.

The lesson's sections that the hints send a student to:

    "The hiker in fog"
    "The slope by trying"
    "Why the minus"
    "One step"
    "Three kinds of walk"
    "Remembering the path"
"""

import numpy as np

from autograder.mistakes import Catalogue
from helpers.descent import gradient_step

mistake = Catalogue("02_gradient_descent")


# numerical_gradient(f, w, h)


@mistake("numerical_gradient", lesson="The slope by trying")
def looked_to_the_right_only(f, w, h=1e-5):
    """You compared the height here with the height a little to the right: a *forward* difference. On a curve it is
    off by an amount in proportion to h, which a long stride brings to light. What else could you look at, so that
    these errors cancel?"""
    w = np.array(w, dtype=float)
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        up = w.copy()
        up[place] += h
        gradient[place] = (f(up) - f(w)) / h
    return gradient


@mistake("numerical_gradient", lesson="The slope by trying")
def looked_to_the_left_only(f, w, h=1e-5):
    """You compared the height here with the height a little to the left: a *backward* difference. On a curve it is
    off by an amount in proportion to h. What does the formula compare instead, and why does that help?"""
    w = np.array(w, dtype=float)
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        down = w.copy()
        down[place] -= h
        gradient[place] = (f(w) - f(down)) / h
    return gradient


@mistake("numerical_gradient", lesson="The slope by trying")
def two_strides_to_the_right(f, w, h=1e-5):
    """You divide by 2h, and look two strides to the right and none to the left. The distance is right, the middle is
    not: this is the slope one stride further on. Which two places lie evenly around w?"""
    w = np.array(w, dtype=float)
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        up = w.copy()
        up[place] += 2 * h
        gradient[place] = (f(up) - f(w)) / (2 * h)
    return gradient


@mistake("numerical_gradient", lesson="The slope by trying")
def only_the_second_height_divided(f, w, h=1e-5):
    """In Python a - b / c divides b alone. You have divided the second height and then subtracted it from the first.
    What goes above the line of the fraction, and how does Python know that it belongs together?"""
    w = np.array(w, dtype=float)
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[place] += h
        down[place] -= h
        gradient[place] = f(up) - f(down) / (2 * h)
    return gradient


@mistake("numerical_gradient", lesson="The slope by trying")
def slopes_not_kept(f, w, h=1e-5):
    """Every slope is 0, as if nothing had been measured. You made room for the slopes and worked each of them out:
    does each then find its place in the array that you return?"""
    w = np.array(w, dtype=float)
    return np.zeros(w.shape)


@mistake("numerical_gradient", lesson="The slope by trying")
def returned_after_the_first_slope(f, w, h=1e-5):
    """The first slope is right and all the others are 0: your function ended after the first round. A return ends it
    at once, wherever it stands. How far must the line be indented, so that it waits for the loop?"""
    w = np.array(w, dtype=float)
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[place] += h
        down[place] -= h
        gradient[place] = (f(up) - f(down)) / (2 * h)
        return gradient
    return gradient


@mistake("numerical_gradient", lesson="The slope by trying")
def divided_by_one_stride(f, w, h=1e-5):
    """Every slope is exactly twice too large. You look one stride to the left and one to the right, and then divide
    by a single stride. How far are the two places apart?"""
    w = np.array(w, dtype=float)
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[place] += h
        down[place] -= h
        gradient[place] = (f(up) - f(down)) / h
    return gradient


@mistake("numerical_gradient", lesson="The slope by trying")
def never_divided(f, w, h=1e-5):
    """What came back are differences in height. A slope says how much the height changes *for each unit of way*, so
    it must not get smaller when you take shorter strides. What is missing?"""
    w = np.array(w, dtype=float)
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[place] += h
        down[place] -= h
        gradient[place] = f(up) - f(down)
    return gradient


@mistake("numerical_gradient", lesson="The slope by trying")
def multiplied_by_the_stride(f, w, h=1e-5):
    """Python works from left to right: it divided by 2 and then *multiplied* by h. The fraction line of the formula
    holds 2h together, and your line does not. What holds things together in Python?"""
    w = np.array(w, dtype=float)
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[place] += h
        down[place] -= h
        gradient[place] = (f(up) - f(down)) / 2 * h
    return gradient


@mistake("numerical_gradient", lesson="The slope by trying")
def a_stride_of_its_own(f, w, h=1e-5):
    """Your slopes are good, but they are the same whatever h is asked for: somewhere a stride of your own is written
    into the function. The caller chooses h, sometimes to see what a long stride does. Who gives h its value, and
    who replaces it?"""
    h = 1e-5
    w = np.array(w, dtype=float)
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[place] += h
        down[place] -= h
        gradient[place] = (f(up) - f(down)) / (2 * h)
    return gradient


@mistake("numerical_gradient", lesson="The slope by trying")
def half_a_stride_each_way(f, w, h=1e-5):
    """You went half a stride to each side and divided by a whole one. That is a central difference too, and a
    slightly better one, but h here means the way to *each* side. With a tiny h nobody could tell; with a long
    stride the answer is another."""
    w = np.array(w, dtype=float)
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[place] += h / 2
        down[place] -= h / 2
        gradient[place] = (f(up) - f(down)) / h
    return gradient


@mistake("numerical_gradient", lesson="The slope by trying")
def left_minus_right(f, w, h=1e-5):
    """Every slope has the wrong sign: you subtracted the height on the right from the height on the left. Where the
    ground rises to the right the slope is positive. The minus of gradient descent comes later, in the step."""
    w = np.array(w, dtype=float)
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[place] += h
        down[place] -= h
        gradient[place] = (f(down) - f(up)) / (2 * h)
    return gradient


@mistake("numerical_gradient", lesson="The slope by trying")
def all_entries_moved_at_once(f, w, h=1e-5):
    """You moved all entries together and got one single number: how the height changes when everything grows at
    once. The gradient asks each entry separately, with the others left where they are. How many questions is
    that?"""
    w = np.array(w, dtype=float)
    return (f(w + h) - f(w - h)) / (2 * h)


@mistake("numerical_gradient", lesson="The slope by trying")
def all_entries_moved_in_every_round(f, w, h=1e-5):
    """Your loop visits every entry, but in each round it moves all of them, so all the slopes come out alike. In
    one round only one entry may leave its place. What does w + h do to an array?"""
    w = np.array(w, dtype=float)
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        gradient[place] = (f(w + h) - f(w - h)) / (2 * h)
    return gradient


@mistake("numerical_gradient", lesson="The slope by trying")
def one_entry_shown_to_f(f, w, h=1e-5):
    """You handed f a single entry where it expects a whole place. It needs all the entries, as the height depends on
    every one of them, on those that do not move too. What shape must the thing have that you give to f?"""
    w = np.array(w, dtype=float)
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        gradient[place] = (f(w[place] + h) - f(w[place] - h)) / (2 * h)
    return gradient


@mistake("numerical_gradient", lesson="The slope by trying")
def earlier_moves_left_in(f, w, h=1e-5):
    """The first entry is right, and then it gets worse from entry to entry: what you moved in one round is still
    moved in the next. Each round must begin at w itself. Where do you make your copies, inside the loop or before
    it?"""
    w = np.array(w, dtype=float)
    gradient = np.zeros(w.shape)
    up, down = w.copy(), w.copy()
    for place in np.ndindex(w.shape):
        up[place] += h
        down[place] -= h
        gradient[place] = (f(up) - f(down)) / (2 * h)
    return gradient


@mistake("numerical_gradient", lesson="The slope by trying")
def whole_rows_moved(f, w, h=1e-5):
    """Your loop counts with len(w), so it runs over the rows only, and moves a whole row of a matrix at once. A
    plain number has no len at all. How do you visit every single entry, however many axes there are?"""
    w = np.array(w, dtype=float)
    gradient = np.zeros(w.shape)
    for i in range(len(w)):
        up, down = w.copy(), w.copy()
        up[i] += h
        down[i] -= h
        gradient[i] = (f(up) - f(down)) / (2 * h)
    return gradient


@mistake("numerical_gradient", lesson="The slope by trying")
def stride_lost_in_whole_numbers(f, w, h=1e-5):
    """With fractions this is right. With whole numbers your copies are arrays of whole numbers too, and a stride of
    0.00001 cannot be written into them: 3.00001 becomes 3, and 2.99999 becomes 2. What type must the copies
    have?"""
    w = np.array(w)
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[place] += h
        down[place] -= h
        gradient[place] = (f(up) - f(down)) / (2 * h)
    return gradient


@mistake("numerical_gradient", lesson="The slope by trying")
def gradient_of_whole_numbers(f, w, h=1e-5):
    """When w holds whole numbers your slopes lose everything behind the point. An array made "like" w inherits its
    type, and what you write into it is cut to fit. What type should the array for the slopes have?"""
    gradient = np.zeros_like(w)
    for place in np.ndindex(np.shape(w)):
        up, down = np.array(w, dtype=float), np.array(w, dtype=float)
        up[place] += h
        down[place] -= h
        gradient[place] = (f(up) - f(down)) / (2 * h)
    return gradient


@mistake("numerical_gradient", lesson="The slope by trying")
def slopes_in_one_row(f, w, h=1e-5):
    """The slopes are right, but they came back in one long row. A gradient has the shape of its place, so that each
    entry finds its own slope when the step is taken. Where in your function does the shape get lost?"""
    w = np.array(w, dtype=float)
    slopes = []
    for place in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[place] += h
        down[place] -= h
        slopes.append((f(up) - f(down)) / (2 * h))
    return np.array(slopes)


@mistake("numerical_gradient", lesson="The slope by trying")
def stride_in_proportion(f, w, h=1e-5):
    """Your stride grows with the entry that is moved: you went to w (1 + h) and w (1 - h), but divided as if you had
    gone to w + h and w - h. What would yours say about a slope at w = 0, where no stride is left?"""
    w = np.array(w, dtype=float)
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[place] += h * w[place]
        down[place] -= h * w[place]
        gradient[place] = (f(up) - f(down)) / (2 * h)
    return gradient


@mistake("numerical_gradient", lesson="The hiker in fog")
def steepness_without_direction(f, w, h=1e-5):
    """You know how steep it is everywhere, but not which way: all the signs are gone. A hiker who knows only that
    the ground is steep cannot tell up from down. What takes the sign away in your line?"""
    w = np.array(w, dtype=float)
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[place] += h
        down[place] -= h
        gradient[place] = abs(f(up) - f(down)) / (2 * h)
    return gradient


@mistake("numerical_gradient", lesson="The slope by trying")
def curvature_for_slope(f, w, h=1e-5):
    """This formula with three heights and h squared is that of the *second* derivative: it says how strongly the
    ground bends. You were asked how steep it is, and for this the height in the middle is not needed at all."""
    w = np.array(w, dtype=float)
    curvature = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[place] += h
        down[place] -= h
        curvature[place] = (f(up) - 2 * f(w) + f(down)) / h**2
    return curvature


@mistake("numerical_gradient", lesson="The slope by trying")
def slopes_rounded(f, w, h=1e-5):
    """Your slopes stop after three decimals. It is true that a slope found by trying is not exact, but it has many
    more good digits than that, and a gradient check needs them. Round when you print."""
    w = np.array(w, dtype=float)
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[place] += h
        down[place] -= h
        gradient[place] = (f(up) - f(down)) / (2 * h)
    return np.round(gradient, 3)


@mistake("numerical_gradient", lesson="The slope by trying")
def moved_and_left_there(f, w, h=1e-5):
    """You moved w itself, up and then down, and never brought it back. So every round starts from another place,
    and your caller finds the weights shifted. A second name is not a copy: which function makes one?"""
    w = np.asarray(w, dtype=float)
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        w[place] += h
        up = f(w)
        w[place] -= 2 * h
        gradient[place] = (up - f(w)) / (2 * h)
    return gradient


@mistake("numerical_gradient", lesson="The slope by trying")
def moved_and_put_back(f, w, h=1e-5):
    """The slopes are right, and w ends where it began. In between, though, you moved w itself, and f may be using
    that very array for something else, as a network does with its weights. The task asks you to move copies
    only."""
    w = np.asarray(w, dtype=float)
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        kept = float(w[place])
        w[place] = kept + h
        up = f(w)
        w[place] = kept - h
        gradient[place] = (up - f(w)) / (2 * h)
        w[place] = kept
    return gradient


# gradient_step(w, gradient, learning_rate)


@mistake("gradient_step", lesson="Why the minus")
def stepped_uphill(w, gradient, learning_rate):
    """You stepped uphill. The gradient points to where the loss *grows*, and you went along with it. Stand on the
    right side of a valley, where the slope is positive: which way is the bottom, and which way did you go?"""
    return w + learning_rate * gradient


@mistake("gradient_step", lesson="One step")
def step_without_rate(w, gradient, learning_rate):
    """You went as far as the slope is steep, and the learning rate had no say. On steep ground such a step leaps
    right over the valley. What turns a steepness into a distance?"""
    return w - gradient


@mistake("gradient_step", lesson="One step")
def only_the_way(w, gradient, learning_rate):
    """This is the step itself: how far to go, and in which direction. The function is asked where that *leads*.
    Somebody who stands at 2 and goes 0.05 to the left stands where?"""
    return -learning_rate * gradient


@mistake("gradient_step", lesson="One step")
def place_taken_from_step(w, gradient, learning_rate):
    """The subtraction is the wrong way round, so the place has changed its sign: with a learning rate of 0 you
    should stay where you are, and you land on the opposite side of zero. What is taken from what?"""
    return learning_rate * gradient - w


@mistake("gradient_step", lesson="One step")
def step_divided_by_rate(w, gradient, learning_rate):
    """You divided by the learning rate, so a small rate makes giant leaps, and a rate of 0 goes to infinity. It
    should be the other way: a smaller rate, a smaller step. Which sign does the formula have between the two?"""
    return w - gradient / learning_rate


@mistake("gradient_step", lesson="One step")
def place_scaled_by_the_step(w, gradient, learning_rate):
    """Your step is multiplied by w as well, so the same slope moves a large weight far and a weight of 0 not at all.
    In the formula w stands alone, once. Where does the second one come from in your line?"""
    return w * (1 - learning_rate * gradient)


@mistake("gradient_step", lesson="One step")
def subtracted_before_multiplying(w, gradient, learning_rate):
    """A bracket is in the wrong place: you took the learning rate from w and multiplied the result by the gradient.
    On level ground you would land at 0 from wherever you start. Which two of the three belong together?"""
    return (w - learning_rate) * gradient


@mistake("gradient_step", lesson="One step")
def rate_and_slope_added(w, gradient, learning_rate):
    """You took away the learning rate *and* the slope, one after the other. The rate is not a distance of its own:
    it says how much way there is for each unit of steepness. How are two such numbers joined?"""
    return w - (learning_rate + gradient)


@mistake("gradient_step", lesson="One step")
def direction_without_steepness(w, gradient, learning_rate):
    """You kept only the sign of each slope, so every entry moves equally far, on a cliff as on a gentle slope.
    Close to the bottom such steps hop to and fro for ever. What makes the real steps shorter by themselves?"""
    return w - learning_rate * np.sign(gradient)


@mistake("gradient_step", lesson="One step")
def step_of_fixed_length(w, gradient, learning_rate):
    """You scaled the gradient to length 1 first, so every step is equally long, and on level ground it divides zero
    by zero. The steepness is a part of the step: the flatter the ground, the shorter the way."""
    return w - learning_rate * gradient / np.linalg.norm(gradient)


@mistake("gradient_step", lesson="One step")
def average_slope_for_all(w, gradient, learning_rate):
    """You averaged the slopes, so all entries move by the same amount, and slopes up and down cancel. Each weight
    has a slope of its own and follows that one. What does NumPy do with two arrays of the same shape?"""
    return w - learning_rate * np.mean(gradient)


@mistake("gradient_step", lesson="Why the minus")
def always_to_the_left(w, gradient, learning_rate):
    """Your steps always make the weights smaller, whatever sign the slope has. On the left side of a valley the way
    down leads to the *right*. Let the sign of the slope do its work: who takes it away?"""
    return w - learning_rate * np.abs(gradient)


@mistake("gradient_step", lesson="One step")
def place_overwritten(w, gradient, learning_rate):
    """The new place is right, but it was written over the old one: after w -= … the caller's array has moved too,
    and an array of whole numbers refuses. The function should return something new. How does w - … differ from
    w -= …?"""
    w -= learning_rate * gradient
    return w


@mistake("gradient_step", lesson="One step")
def gradient_overwritten(w, gradient, learning_rate):
    """The new place is right, but your caller's gradient has been multiplied by the learning rate: *= changes the
    array itself. Whoever looks at the slopes afterwards sees something else. Let the step be an array of its
    own."""
    gradient *= learning_rate
    return w - gradient


@mistake("gradient_step", lesson="One step")
def step_cut_to_whole_numbers(w, gradient, learning_rate):
    """When w holds whole numbers, so does your answer, and everything behind the point is cut off. With small steps
    you will hardly ever move. An array made "like" w inherits its type: which type do you need?"""
    new = np.zeros_like(w)
    new[...] = w - learning_rate * gradient
    return new


@mistake("gradient_step", lesson="One step")
def nothing_returned(w, gradient, learning_rate):
    """You computed something and then kept it to yourself: the function ends without handing anything back, and what
    the caller gets is None. Which word sends a value out of a function?"""
    new = w - learning_rate * gradient  # noqa: F841


# gradient_descent(gradient, start, learning_rate, steps)


@mistake("gradient_descent", lesson="Remembering the path")
def start_left_out(gradient, start, learning_rate, steps):
    """Every point of yours is right, but the first one is missing: your path begins after the first step. A walk of
    three steps touches four points. When should the start be written down?"""
    w = np.array(start, dtype=float)
    path = []
    for _ in range(steps):
        w = w - learning_rate * gradient(w)
        path.append(w)
    return np.array(path)


@mistake("gradient_descent", lesson="Remembering the path")
def one_step_short(gradient, start, learning_rate, steps):
    """Your walk ends one step early. Perhaps you counted the start as a step, or let the range begin at 1. Fence
    posts and fences: how many points does a walk of three steps have?"""
    path = [np.array(start, dtype=float)]
    for _ in range(1, steps):
        path.append(gradient_step(path[-1], gradient(path[-1]), learning_rate))
    return np.array(path)


@mistake("gradient_descent", lesson="Remembering the path")
def one_step_too_many(gradient, start, learning_rate, steps):
    """Your walk takes one step more than it was asked to. The path has steps + 1 points, but one of them is the
    start and costs no step. How many times should the loop run?"""
    path = [np.array(start, dtype=float)]
    for _ in range(steps + 1):
        path.append(gradient_step(path[-1], gradient(path[-1]), learning_rate))
    return np.array(path)


@mistake("gradient_descent", lesson="Remembering the path")
def only_the_end(gradient, start, learning_rate, steps):
    """You arrive at the right place, but you hand back the last point alone. How a walk went, whether it crawled or
    leapt to and fro, is seen only on its whole path. Where could you write each point down?"""
    w = np.array(start, dtype=float)
    for _ in range(steps):
        w = gradient_step(w, gradient(w), learning_rate)
    return w


@mistake("gradient_descent", lesson="The hiker in fog")
def never_set_out(gradient, start, learning_rate, steps):
    """Your path holds the start and nothing more: nobody has taken a step yet. A good beginning, for the start belongs
    at the head of the path. What has to happen over and over again now, and how many times?"""
    return np.array([start], dtype=float)


@mistake("gradient_descent", lesson="Remembering the path")
def first_and_last_only(gradient, start, learning_rate, steps):
    """You wrote down where the walk begins and where it ends, and nothing in between. The path has a point for
    every step. At which depth does your append stand, inside the loop or after it?"""
    w = np.array(start, dtype=float)
    path = [w]
    for _ in range(steps):
        w = gradient_step(w, gradient(w), learning_rate)
    path.append(w)
    return np.array(path)


@mistake("gradient_descent", lesson="The hiker in fog")
def slope_of_the_start_only(gradient, start, learning_rate, steps):
    """You felt the slope once, at the start, and walked on in that direction for good. The ground changes under your
    feet; that is why the hiker feels it anew before each step. When do you call gradient, and how often?"""
    path = [np.array(start, dtype=float)]
    slope = gradient(path[0])
    for _ in range(steps):
        path.append(gradient_step(path[-1], slope, learning_rate))
    return np.array(path)


@mistake("gradient_descent", lesson="The hiker in fog")
def slope_of_the_point_before(gradient, start, learning_rate, steps):
    """From the second step on you use the slope of the point you have just left. The old slope tells you about
    ground that lies behind. Which comes first in a round, feeling or stepping, and at which point?"""
    path = [np.array(start, dtype=float)]
    slope = gradient(path[0])
    for _ in range(steps):
        path.append(gradient_step(path[-1], slope, learning_rate))
        slope = gradient(path[-2])
    return np.array(path)


@mistake("gradient_descent", lesson="Why the minus")
def climbed_all_the_way(gradient, start, learning_rate, steps):
    """Your walk goes uphill: each step follows the gradient where it should go against it. Compare the first step
    with what gradient_step gives you for the same slope. Where did the minus go?"""
    path = [np.array(start, dtype=float)]
    for _ in range(steps):
        path.append(path[-1] + learning_rate * gradient(path[-1]))
    return np.array(path)


@mistake("gradient_descent", lesson="One step")
def rate_forgotten_on_the_way(gradient, start, learning_rate, steps):
    """Your steps are as long as the slopes are steep, whatever learning rate was asked for. Every rate gives the
    same walk then. Where does learning_rate appear in your loop?"""
    path = [np.array(start, dtype=float)]
    for _ in range(steps):
        path.append(path[-1] - gradient(path[-1]))
    return np.array(path)


@mistake("gradient_descent", lesson="Three kinds of walk")
def rate_that_fades(gradient, start, learning_rate, steps):
    """The first step is right, and from then on they get too short: your learning rate becomes smaller from step to
    step. That is a trick with a name, a schedule, and later it can help. Here the rate stays as it was given, and
    only the slope makes the steps shorter."""
    path = [np.array(start, dtype=float)]
    for step in range(steps):
        path.append(gradient_step(path[-1], gradient(path[-1]), learning_rate / (step + 1)))
    return np.array(path)


@mistake("gradient_descent", lesson="One step")
def every_step_from_the_start(gradient, start, learning_rate, steps):
    """Each of your steps sets out from the start again, although it uses the slope of the newest point. A step
    begins where the last one ended. Which w does your line subtract from?"""
    path = [np.array(start, dtype=float)]
    for _ in range(steps):
        path.append(gradient_step(path[0], gradient(path[-1]), learning_rate))
    return np.array(path)


@mistake("gradient_descent", lesson="Remembering the path")
def every_point_the_same(gradient, start, learning_rate, steps):
    """All the points of your path are equal: you wrote down *one* array again and again, and it went on moving. A
    list keeps names, not values, and w -= … changes the array behind all of these names. What must be put into the
    list, so that it stays as it is?"""
    w = np.array(start, dtype=float)
    path = [w]
    for _ in range(steps):
        w -= learning_rate * gradient(w)
        path.append(w)
    return np.array(path)


@mistake("gradient_descent", lesson="Remembering the path")
def start_dragged_along(gradient, start, learning_rate, steps):
    """The path is right, but your caller's start has walked with you and now stands at the end. With w = start you
    have given the array a second name, and w -= … moves it. What would make it a place of its own? (It would help
    with whole numbers, too.)"""
    w = start
    path = [np.copy(w)]
    for _ in range(steps):
        w -= learning_rate * gradient(w)
        path.append(np.copy(w))
    return np.array(path)


@mistake("gradient_descent", lesson="Remembering the path")
def start_itself_in_the_path(gradient, start, learning_rate, steps):
    """Every number is right. But the first point of your list *is* the start that you were given, not a copy of it:
    whoever changes path[0] later moves the start as well. What could you put at the head of the list instead?"""
    path = [start]
    for _ in range(steps):
        path.append(gradient_step(path[-1], gradient(path[-1]), learning_rate))
    return path


@mistake("gradient_descent", lesson="Remembering the path")
def path_of_whole_numbers(gradient, start, learning_rate, steps):
    """From a start of whole numbers your whole path has whole numbers, and each step is cut off behind the point.
    The array for the path inherited its type from the start. What type do places on the way need?"""
    start = np.asarray(start)
    path = np.zeros((steps + 1, *start.shape), dtype=start.dtype)
    path[0] = start
    for step in range(steps):
        path[step + 1] = path[step] - learning_rate * gradient(path[step])
    return path


@mistake("gradient_descent", lesson="Remembering the path")
def set_out_from_zero(gradient, start, learning_rate, steps):
    """Your walk sets out from 0, wherever it was told to start: the array for the path was filled with zeros, and
    the start never got into it. What should path[0] hold before the loop begins?"""
    path = np.zeros((steps + 1, *np.shape(start)))
    for step in range(steps):
        path[step + 1] = path[step] - learning_rate * gradient(path[step])
    return path


@mistake("gradient_descent", lesson="Remembering the path")
def newest_point_first(gradient, start, learning_rate, steps):
    """All the points are there, but the path runs backwards: the newest comes first, and the start stands at the
    end. At which end of a list does append put a new item, and at which end did yours go in?"""
    path = [np.array(start, dtype=float)]
    for _ in range(steps):
        path.insert(0, gradient_step(path[0], gradient(path[0]), learning_rate))
    return np.array(path)


@mistake("gradient_descent", lesson="Remembering the path")
def steps_on_the_last_axis(gradient, start, learning_rate, steps):
    """The numbers are right, but the points stand side by side and not one below the other: the steps run along the
    last axis. Then path[0] is not the start but the history of the first entry. Which axis should count the
    steps?"""
    path = [np.array(start, dtype=float)]
    for _ in range(steps):
        path.append(gradient_step(path[-1], gradient(path[-1]), learning_rate))
    return np.stack(path, axis=-1)


@mistake("gradient_descent", lesson="Remembering the path")
def points_run_together(gradient, start, learning_rate, steps):
    """All the numbers are right, but they lie in one long row, and nobody can see where one point ends and the next
    begins. For a single weight that looks fine. What shape should the path have for a start of shape (2, 3)?"""
    path = [np.array(start, dtype=float)]
    for _ in range(steps):
        path.append(gradient_step(path[-1], gradient(path[-1]), learning_rate))
    return np.array(path).ravel()


@mistake("gradient_descent", lesson="Three kinds of walk")
def stopped_on_level_ground(gradient, start, learning_rate, steps):
    """You stop as soon as the ground is level. That is sensible for a hiker, and a good idea for a training loop, but
    here the caller counts on steps + 1 points, and gets fewer. On level ground a step leads to where you are: write
    it down all the same."""
    path = [np.array(start, dtype=float)]
    for _ in range(steps):
        slope = gradient(path[-1])
        if np.all(np.abs(slope) < 1e-6):
            break
        path.append(gradient_step(path[-1], slope, learning_rate))
    return np.array(path)


@mistake("gradient_descent", lesson="Remembering the path")
def slopes_for_places(gradient, start, learning_rate, steps):
    """What you wrote down on the way are the slopes, not the places where you felt them. The walk itself may be
    right. What stands in the brackets of your append?"""
    w = np.array(start, dtype=float)
    path = [gradient(w)]
    for _ in range(steps):
        w = gradient_step(w, gradient(w), learning_rate)
        path.append(gradient(w))
    return np.array(path)


@mistake("gradient_descent", lesson="One step")
def steps_of_one_length(gradient, start, learning_rate, steps):
    """All your steps are equally long: the slopes were scaled to length 1 on the way. On level ground that divides
    zero by zero, and near the bottom it never settles. The steepness belongs to the step."""
    path = [np.array(start, dtype=float)]
    for _ in range(steps):
        slope = gradient(path[-1])
        path.append(gradient_step(path[-1], slope / np.linalg.norm(slope), learning_rate))
    return np.array(path)


@mistake("gradient_descent", lesson="Three kinds of walk")
def leaps_forbidden(gradient, start, learning_rate, steps):
    """You hold every slope between -1 and 1 before you step, perhaps to tame a walk that explodes. It is known as
    clipping and has its uses, but it also hides what too large a learning rate does, and slows the walk on steep
    ground. Take the slope as it is."""
    path = [np.array(start, dtype=float)]
    for _ in range(steps):
        path.append(gradient_step(path[-1], np.clip(gradient(path[-1]), -1, 1), learning_rate))
    return np.array(path)
