"""Known wrong versions of the functions in 01_mse, with the hint a student reads for each.

Only a mistake's own text is run, in the instructor's notebook, so it may use the names defined there: np,
squared_errors and mse. The import below lets it be called from here as well.

The lesson's sections that the hints send a student to:

    "One number for how wrong"
    "Why square"
    "The mean over all entries"
    "The broadcasting trap"
    "The slope of the loss"
"""

import numpy as np

from autograder.mistakes import Catalogue
from helpers.losses import mse, squared_errors

mistake = Catalogue("01_mse")


# squared_errors(target, prediction)


@mistake("squared_errors", lesson="Why square")
def not_squared(target, prediction):
    """These are the plain errors, signs and all. Add up a few of them, and a prediction that is too high hides one
    that is too low. Which step takes the sign away and makes a large miss count for more?"""
    return prediction - target


@mistake("squared_errors", lesson="Why square")
def absolute_errors(target, prediction):
    """You took the sign away with an absolute value. That is an honest measure, and other losses use it, but an
    error of 4 then counts four times as much as an error of 1. How much more should it count here?"""
    return np.abs(prediction - target)


@mistake("squared_errors", lesson="One number for how wrong")
def squares_subtracted(target, prediction):
    """You squared both arrays and then took the difference. Try it with target 3 and prediction -3: as wrong as can
    be, and yet your answer is 0. What must happen first, the subtraction or the square?"""
    return prediction**2 - target**2


@mistake("squared_errors", lesson="One number for how wrong")
def doubled_for_squared(target, prediction):
    """Every error was multiplied by 2, not by itself. The two happen to agree at 0 and at 2, so a test with small
    whole numbers may not show it. What is the square of 0.1, and what does your line make of it?"""
    return 2 * (prediction - target)


@mistake("squared_errors", lesson="One number for how wrong")
def hat_for_power(target, prediction):
    """The hat is not a power in Python: it compares two whole numbers bit by bit, and refuses fractions altogether.
    Your mathematics was right, only the sign for it was not. How does Python write "to the power of"?"""
    return (prediction - target) ^ 2


@mistake("squared_errors", lesson="One number for how wrong")
def half_squares(target, prediction):
    """Everything is half as large as it should be. Many books put one half in front of the square, so that it
    cancels the 2 of the derivative. It is a matter of taste, and in this course the taste is: no half."""
    return 0.5 * (prediction - target) ** 2


@mistake("squared_errors", lesson="One number for how wrong")
def relative_errors(target, prediction):
    """You measured each error in units of its target, as a percentage would. That makes sense for prices and
    lengths. But half of our targets are 0: how many per cent of nothing is 0.2?"""
    return ((prediction - target) / target) ** 2


@mistake("squared_errors", lesson="One number for how wrong")
def decided_before_comparing(target, prediction):
    """The predictions were turned into plain 0s and 1s before they were compared. So 0.51 and 0.99 earn the same,
    and a network that is getting surer of itself cannot see it in its loss. Compare the prediction as it came."""
    return (np.where(prediction > 0.5, 1.0, 0.0) - target) ** 2


@mistake("squared_errors", lesson="The mean over all entries")
def errors_added_up(target, prediction):
    """One number came back where one for each entry is wanted: you have added the squares up. Doing it here leaves
    nothing for the next function. What shape should the answer have?"""
    return np.sum((prediction - target) ** 2)


@mistake("squared_errors", lesson="The mean over all entries")
def errors_averaged(target, prediction):
    """This is the whole loss already, in one number. That is the *next* function; this one stops a step earlier,
    while each entry still has its own square. What shape should the answer have?"""
    return np.mean((prediction - target) ** 2)


@mistake("squared_errors", lesson="The mean over all entries")
def squares_added_per_example(target, prediction):
    """You added the squares up along the first axis, so the outputs of one example have melted into one number.
    Nothing is to be added here: as many squares come out as errors went in."""
    return np.sum((prediction - target) ** 2, axis=0)


@mistake("squared_errors", lesson="The broadcasting trap")
def everyone_against_everyone(target, prediction):
    """Your answer is a table in which every prediction was compared with every target. A column against a row makes
    NumPy do that without a word. Each prediction has exactly one target of its own: what shapes meet in your
    subtraction?"""
    return (prediction.reshape(-1, 1) - target.reshape(1, -1)) ** 2


@mistake("squared_errors", lesson="The broadcasting trap")
def target_laid_flat(target, prediction):
    """You flattened the target and left the prediction as it was. In a column of predictions each one now meets all
    the targets, and a table comes out; with other shapes nothing fits. The two arrive in the same shape: who
    changed that?"""
    return (prediction - target.flatten()) ** 2


@mistake("squared_errors", lesson="One number for how wrong")
def squares_laid_flat(target, prediction):
    """The squares are right, but they have lost their places: everything came back in one row. Later steps need to
    know which output and which example a square belongs to. Where in your function does the shape get lost?"""
    return ((prediction - target) ** 2).ravel()


@mistake("squared_errors", lesson="One number for how wrong")
def matrix_product_for_square(target, prediction):
    """You multiplied the errors with a matrix product. It mixes different entries: a row of errors becomes a single
    number, a square table becomes another table, and other shapes do not fit. Which sign multiplies each entry by
    itself alone?"""
    error = prediction - target
    return error @ error


@mistake("squared_errors", lesson="One number for how wrong")
def squares_cut_to_whole_numbers(target, prediction):
    """When the targets are whole numbers your answers are too, and everything behind the point is cut off. An array
    made "like" another inherits its type, and what you write into it is cut to fit. What type should the array for
    the answer have?"""
    squares = np.zeros_like(target)
    for place in np.ndindex(target.shape):
        squares[place] = (prediction[place] - target[place]) ** 2
    return squares


@mistake("squared_errors", lesson="One number for how wrong")
def prediction_overwritten(target, prediction):
    """Your answer is right, but the caller's prediction is gone: it now holds your squares. Operators such as -=
    and *= write into the array itself, whatever name you call it by. Let the error be an array of its own."""
    prediction -= target
    prediction *= prediction
    return prediction


@mistake("squared_errors", lesson="One number for how wrong")
def squares_rounded(target, prediction):
    """Your squares stop after two decimals. That looks tidy, but an error of 0.05 then counts for nothing, and
    exactly such small errors must still guide the network at the end. Round when you print, never when you
    compute."""
    return np.round((prediction - target) ** 2, 2)


@mistake("squared_errors", lesson="One number for how wrong")
def squares_in_single_precision(target, prediction):
    """The numbers are right to about seven digits, and then they stop: they are float32. The course computes in
    float64, because later a slope is measured as the difference of two nearly equal losses. Which step of yours
    changes the type?"""
    return ((prediction - target) ** 2).astype(np.float32)


# mse(target, prediction)


@mistake("mse", lesson="The mean over all entries")
def sum_for_mean(target, prediction):
    """This is the sum of the squared errors. It grows with every example that is added, so the same network looks
    ten times worse on ten times the data. What turns a sum into a mean?"""
    return np.sum((prediction - target) ** 2)


@mistake("mse", lesson="One number for how wrong")
def half_the_mean(target, prediction):
    """Your loss is exactly half of ours. Some books define it with one half in front, to have a shorter derivative.
    Here the mean is taken as it stands. Put the example of the task through your line: where does the half come
    in?"""
    return 0.5 * np.mean((prediction - target) ** 2)


@mistake("mse", lesson="One number for how wrong")
def root_of_the_mean(target, prediction):
    """You took the square root at the end. That is the RMSE, a good number to tell people, as it has the units of
    the predictions. But its slope is more complicated, and the name of this function ends one letter earlier."""
    return np.sqrt(np.mean((prediction - target) ** 2))


@mistake("mse", lesson="One number for how wrong")
def length_of_the_errors(target, prediction):
    """A norm is a length: the root of the *sum* of the squares. So two things are off, a root too many and a mean
    too few. Which of the two makes the number grow when examples are added?"""
    return np.linalg.norm(prediction - target)


@mistake("mse", lesson="Why square")
def mean_of_absolute_errors(target, prediction):
    """This is the mean *absolute* error. It forgives one large miss as easily as many small ones of the same total,
    and its slope does not fade near the target. Both are what the square is for: where did yours go?"""
    return np.mean(np.abs(prediction - target))


@mistake("mse", lesson="Why square")
def mean_of_plain_errors(target, prediction):
    """You averaged the errors with their signs. A prediction that is 1 too high and one that is 1 too low then make
    a perfect 0, and a loss of yours can even be negative. What must happen to each error before it joins the
    others?"""
    return np.mean(prediction - target)


@mistake("mse", lesson="Why square")
def averaged_before_squaring(target, prediction):
    """You took the mean first and squared it afterwards, and by then the errors have cancelled each other. The name
    is best read from its end: first the *errors*, then they are *squared*, and the *mean* comes last."""
    return np.mean(prediction - target) ** 2


@mistake("mse", lesson="One number for how wrong")
def squared_twice(target, prediction):
    """The errors were squared twice, so you have the mean of their fourth powers. Small errors all but vanish in
    it. What does squared_errors hand you: errors, or something that has been squared already?"""
    return np.mean(squared_errors(target, prediction) ** 2)


@mistake("mse", lesson="The mean over all entries")
def divided_by_rows(target, prediction):
    """You divided by the number of rows: that is what len() and shape[0] count. In one row or one column of its own
    that may look right, but our mean runs over every entry. How many squares are added up when there are 2 outputs
    and 5 examples?"""
    return np.sum((prediction - target) ** 2) / len(target)


@mistake("mse", lesson="The mean over all entries")
def divided_by_columns(target, prediction):
    """You divided by the length of the last axis, which is the number of examples when the outputs stand in rows.
    With one output that is the same as the number of entries; with several it is not. Over what does our mean
    run?"""
    return np.sum((prediction - target) ** 2) / target.shape[-1]


@mistake("mse", lesson="The mean over all entries")
def one_loss_per_row(target, prediction):
    """You took the mean along axis 1, so every row has kept a loss of its own, and a plain row of numbers has no
    such axis at all. One single number is wanted. Along which axes must the mean run?"""
    return np.mean((prediction - target) ** 2, axis=1)


@mistake("mse", lesson="The mean over all entries")
def one_loss_per_column(target, prediction):
    """You took the mean along the first axis only. For a plain row that is everything, for a table it leaves one
    loss for each column. A network cannot lower five losses at once: what would make one number of them?"""
    return np.mean((prediction - target) ** 2, axis=0)


@mistake("mse", lesson="The mean over all entries")
def number_in_a_box(target, prediction):
    """The number is right, but it comes wrapped in an array that still has all its axes. A loss is one plain
    number, to be printed, stored in a list and compared. Which option of yours keeps the axes?"""
    return np.mean((prediction - target) ** 2, keepdims=True)


@mistake("mse", lesson="The mean over all entries")
def divided_by_one_less(target, prediction):
    """You divided by one less than the number of entries, as statisticians do when they estimate a spread from a
    sample. Nothing is estimated here; with a single entry it would even divide by zero. By what does a plain mean
    divide?"""
    return np.sum((prediction - target) ** 2) / (target.size - 1)


@mistake("mse", lesson="Why square")
def variance_of_the_errors(target, prediction):
    """A variance first takes the mean of the errors away. So a network that is too high by 1 everywhere would have
    no loss at all. Errors are measured from zero: which function averages without shifting anything?"""
    return np.var(prediction - target)


@mistake("mse", lesson="The mean over all entries")
def median_of_the_squares(target, prediction):
    """You took the median, the square in the middle. It does not change when the largest errors grow even larger,
    so nothing would ever push against them. The mean listens to all of them."""
    return np.median((prediction - target) ** 2)


@mistake("mse", lesson="The mean over all entries")
def worst_square_only(target, prediction):
    """Your loss is the largest of the squares. Then only the worst prediction is ever heard, and all the others
    could drift unnoticed. How can every error have its say, in one number?"""
    return np.max((prediction - target) ** 2)


@mistake("mse", lesson="The mean over all entries")
def last_square_only(target, prediction):
    """Your loop begins again with every entry: the total is replaced and not added to, so only the last square is
    left when you divide. Watch the total grow by printing it. Which line should add?"""
    total = 0.0
    for square in ((prediction - target) ** 2).ravel():
        total = square
    return total / target.size


@mistake("mse", lesson="The mean over all entries")
def returned_inside_the_loop(target, prediction):
    """Your loop ends after its first round, so only one square has been added up. In Python the indentation decides
    what belongs to the loop. At which depth does your return stand?"""
    total = 0.0
    for square in ((prediction - target) ** 2).ravel():
        total += square
        return total / target.size


@mistake("mse", lesson="The mean over all entries")
def loss_divided_twice(target, prediction):
    """You divided by the number of entries twice: np.mean has done it, and then it is done again. With a single
    entry the two agree, which is why one example would never show it."""
    return np.mean((prediction - target) ** 2) / target.size


@mistake("mse", lesson="One number for how wrong")
def loss_floored(target, prediction):
    """The double slash divides and then throws everything behind the point away. Nearly every loss of interest lies
    between 0 and 1, and all of those become 0. Which division keeps the fraction?"""
    return np.sum((prediction - target) ** 2) // target.size


@mistake("mse", lesson="One number for how wrong")
def loss_rounded(target, prediction):
    """Your loss has two decimals and no more. For the example on paper that is enough, but learning lives on changes
    far behind the second decimal: to a rounded loss they look like standing still. Round when you print."""
    return np.round(np.mean((prediction - target) ** 2), 2)


@mistake("mse", lesson="The broadcasting trap")
def column_against_flat_target(target, prediction):
    """You flattened the target but not the prediction. A column of n then meets a row of n, NumPy makes a table of
    n times n errors, and its mean looks like a perfectly good loss. Print the shape of the difference before you
    average it."""
    return np.mean((prediction - target.ravel()) ** 2)


@mistake("mse", lesson="The broadcasting trap")
def row_against_target_column(target, prediction):
    """You made a column of the target but not of the prediction. A row of n then meets a column of n, and every
    prediction is compared with every target. The mean over that table is a number, but no loss. What shape has the
    difference?"""
    return np.mean((prediction - target.reshape(-1, 1)) ** 2)


@mistake("mse", lesson="One number for how wrong")
def share_of_wrong_decisions(target, prediction):
    """You counted how often the network decided wrongly. People like that number, but it says nothing about *how*
    wrong, and while a weight moves a little it does not change at all. How could a network feel its way along
    something so flat?"""
    return np.mean((prediction > 0.5) != (target > 0.5))


@mistake("mse", lesson="One number for how wrong")
def loss_in_single_precision(target, prediction):
    """Right to about seven digits, and then it stops: your loss is a float32. Two losses that differ in the eighth
    digit now look the same, and later you will need just such differences. Which step changes the type?"""
    return np.float32(np.mean((prediction - target) ** 2))


@mistake("mse", lesson="One number for how wrong")
def loss_eats_the_prediction(target, prediction):
    """Your loss is right, but the caller's prediction now holds the errors: -= writes into the array itself.
    Whoever wants the gradient next starts from the wrong numbers. Give the difference a name of its own."""
    prediction -= target
    return np.mean(prediction**2)


# mse_gradient(target, prediction)


@mistake("mse_gradient", lesson="The slope of the loss")
def two_missing(target, prediction):
    """Every slope is exactly half of what it should be. When a square is differentiated its exponent comes down as
    a factor; in books that start from *half* the square the two cancel, but our loss has no half. Differentiate
    (y - t)² once more on paper."""
    return (prediction - target) / prediction.size


@mistake("mse_gradient", lesson="The slope of the loss")
def signs_turned_round(target, prediction):
    """Every slope has the wrong sign. Inside the square the order did not matter, outside it does. Take a
    prediction that is too high: if it rises further, will the loss rise or fall?"""
    return 2 * (target - prediction) / prediction.size


@mistake("mse_gradient", lesson="The mean over all entries")
def mean_missing(target, prediction):
    """These are the slopes of the *sum* of the squared errors. The loss is their mean, and each entry has only its
    small share in a mean. What does the mean divide by?"""
    return 2 * (prediction - target)


@mistake("mse_gradient", lesson="The slope of the loss")
def two_and_mean_missing(target, prediction):
    """Prediction minus target and nothing more: that is the slope of *half the sum* of the squares, a loss that many
    texts use. Ours is the mean, without a half. Which two factors does that bring in?"""
    return prediction - target


@mistake("mse_gradient", lesson="The mean over all entries")
def mean_counted_twice(target, prediction):
    """You divided by the number of entries twice. There is one mean in the loss, so there is one division in its
    slope. With a single entry both give the same, so one example would not show it."""
    return 2 * (prediction - target) / prediction.size**2


@mistake("mse_gradient", lesson="The mean over all entries")
def slopes_divided_by_rows(target, prediction):
    """You divided by the number of rows, which is what len() and shape[0] count. Our mean runs over all entries,
    rows and columns. With 2 rows of 5 numbers each, how many terms does the sum have?"""
    return 2 * (prediction - target) / len(prediction)


@mistake("mse_gradient", lesson="The mean over all entries")
def slopes_divided_by_columns(target, prediction):
    """You divided by the length of the last axis. With one output that is the number of examples and all is well;
    with several outputs the mean has more terms than that. How many entries has the array in all?"""
    return 2 * (prediction - target) / prediction.shape[-1]


@mistake("mse_gradient", lesson="The slope of the loss")
def still_squared(target, prediction):
    """The error is still squared, so all your slopes are positive: every prediction is told to go down, even those
    that are too low. What is left of a square once it has been differentiated?"""
    return 2 * (prediction - target) ** 2 / prediction.size


@mistake("mse_gradient", lesson="The slope of the loss")
def loss_for_slope(target, prediction):
    """You returned the loss. It says how high up we stand; the gradient says which way is down, and it says so for
    each prediction. How many numbers should come back?"""
    return np.mean((prediction - target) ** 2)


@mistake("mse_gradient", lesson="The slope of the loss")
def slopes_averaged(target, prediction):
    """You averaged the errors, so a single slope came back for all the predictions, and errors of opposite sign
    cancelled on the way. The mean belongs to the loss. When only one prediction moves, which terms of the sum can
    feel it?"""
    return 2 * np.mean(prediction - target)


@mistake("mse_gradient", lesson="The slope of the loss")
def outputs_share_one_slope(target, prediction):
    """You added the slopes up along the first axis. Each entry of the prediction can be moved by itself and wants a
    slope of its own: the gradient has the shape of the prediction."""
    return np.sum(2 * (prediction - target) / prediction.size, axis=0)


@mistake("mse_gradient", lesson="The slope of the loss")
def one_slope_for_all(target, prediction):
    """All your slopes are one and the same number: you took the mean of the errors first. Then a prediction that is
    too high is sent the same way as one that is too low. Each entry has an error of its own: where does the N belong,
    if nothing is averaged?"""
    return 2 * np.mean(prediction - target) * np.ones(prediction.shape)


@mistake("mse_gradient", lesson="Why square")
def slope_of_the_absolute_error(target, prediction):
    """Your slopes know the direction and have forgotten the size: this is the gradient of the mean *absolute* error.
    With squares a large error pulls harder than a small one. Where is the size in the formula?"""
    return np.sign(prediction - target) / prediction.size


@mistake("mse_gradient", lesson="The slope of the loss")
def target_forgotten(target, prediction):
    """You differentiated the square of the prediction alone, and the target has dropped out. A perfect prediction
    should be left in peace, with slope 0; yours is pushed towards zero. What was inside the square?"""
    return 2 * prediction / prediction.size


@mistake("mse_gradient", lesson="The slope of the loss")
def prediction_for_inner_derivative(target, prediction):
    """You multiplied by the prediction once more. Perhaps it was meant as the inner derivative of the chain rule:
    how fast does y - t change when y changes? That is a plain number, the same everywhere."""
    return 2 * (prediction - target) * prediction / prediction.size


@mistake("mse_gradient", lesson="The slope of the loss")
def slope_of_the_root(target, prediction):
    """You divided by the root of the loss: this is the slope of the RMSE. It points the same way, but its length is
    another, and for perfect predictions it divides zero by zero. Our loss ends without a root."""
    return (prediction - target) / (prediction.size * np.sqrt(np.mean((prediction - target) ** 2)))


@mistake("mse_gradient", lesson="The slope of the loss")
def nudged_to_one_side(target, prediction):
    """You measured: moved each prediction a little and saw how much the loss grew. A good idea, and the subject of
    the next assignment, but a nudge to one side always overshoots a little. Even a perfect prediction has a slope in
    your answer. The formula has no such error."""
    nudge = 1e-3
    slopes = np.zeros(prediction.shape)
    for place in np.ndindex(prediction.shape):
        moved = np.array(prediction, dtype=float)
        moved[place] += nudge
        slopes[place] = (mse(target, moved) - mse(target, prediction)) / nudge
    return slopes


@mistake("mse_gradient", lesson="The slope of the loss")
def neighbours_compared(target, prediction):
    """np.gradient is something else in spite of its name: it compares each entry with its neighbours in the array.
    Neighbouring examples have nothing to do with each other. Which quantity moves in dL/dy, and which formula did
    the text derive for it?"""
    return np.gradient(squared_errors(target, prediction))


@mistake("mse_gradient", lesson="The slope of the loss")
def slopes_laid_flat(target, prediction):
    """The slopes are right, but they came back in one row, without their places. Whoever moves a prediction by its
    slope needs both in the same shape. Where does the shape get lost?"""
    return (2 * (prediction - target) / prediction.size).ravel()


@mistake("mse_gradient", lesson="The slope of the loss")
def slopes_cut_to_whole_numbers(target, prediction):
    """When the targets are whole numbers your slopes are too, and nearly all of them are cut down to 0. An array
    made "like" the target inherits its type. What type must the array for the slopes have?"""
    slopes = np.zeros_like(target)
    for place in np.ndindex(target.shape):
        slopes[place] = 2 * (prediction[place] - target[place]) / target.size
    return slopes


@mistake("mse_gradient", lesson="The slope of the loss")
def slopes_floored(target, prediction):
    """The double slash throws away everything behind the point, and it always rounds downwards: small positive
    slopes become 0, small negative ones become -1. Which division keeps the fraction?"""
    return 2 * (prediction - target) // prediction.size


@mistake("mse_gradient", lesson="The slope of the loss")
def gradient_eats_the_prediction(target, prediction):
    """The slopes are right, but the caller's prediction now holds the errors: -= changes the array itself, under
    all of its names. Let the difference be a new array."""
    prediction -= target
    return 2 * prediction / prediction.size


@mistake("mse_gradient", lesson="The slope of the loss")
def only_the_direction(target, prediction):
    """You scaled the gradient to length 1. It still points the right way, but how *steep* the loss is has been
    lost, and a perfect prediction divides zero by zero. Near the goal the slopes should fade by themselves."""
    gradient = 2 * (prediction - target) / prediction.size
    return gradient / np.linalg.norm(gradient)


@mistake("mse_gradient", lesson="The broadcasting trap")
def slopes_of_every_pair(target, prediction):
    """You flattened the target and left the prediction alone. A column then meets a row, and a whole table of
    slopes comes out, one for every pair; with other shapes nothing fits. Print the shape of the difference: whose
    shape should it have?"""
    return 2 * (prediction - target.ravel()) / prediction.size
