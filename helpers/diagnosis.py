"""What does a loss curve say? One of four words, and the rules behind each.

All rules compare parts of the curve with each other, never with a fixed loss: multiplying every loss by ten changes
nothing. They look at averages over parts of the curve and measure its noise, so that mild noise changes nothing either.

Lesson: 05_hyperparameters, "Reading a loss curve".
"""

import numpy as np

SHORTEST = 4  # with fewer losses there is no curve to read
JUMPY = 0.08  # a typical jump of more than this share of the largest loss is more than mild noise
CHANGED = 0.05  # a change of less than this share of the first loss is no change
NOISE = 4  # and neither is one of less than so many typical jumps
AT_REST = 0.02  # a stretch whose two halves differ by less than this share of the loss stands still
STUCK = 1 / 3  # a rest with more than this share of the first loss left is no success


def diagnose(losses):
    """Name the shape of a loss curve.

    The rules are tried in this order, and the first that holds decides:

    - "increasing": some loss is inf or nan: the training exploded.
    - "jumpy": the loss keeps turning round, and its typical jump is more than 8 % of the largest loss.
    - "flat": the second half stands still, with more than a third of the first loss left: far too small a rate, a
      plateau, or units that saturated. Or the loss leapt above its start and has stood still ever since: with a sigmoid
      output, too large a rate looks like that.
    - "increasing": the end is above the start; or the loss fell, and then gave back more than half of what it gained.
    - "flat": the end is where the start was.
    - "healthy": none of these: the loss fell, and is falling still or has come to rest low down.

    Args:
        losses: the loss of each epoch, (epochs,), at least 4 of them, none negative.

    Returns:
        One of these words.

    Raises:
        ValueError: for fewer than 4 losses, for more than one axis, or for negative losses.

    Lesson: 05_hyperparameters, "Reading a loss curve".
    """
    losses = _checked(losses)
    if not np.all(np.isfinite(losses)):
        return "increasing"
    if losses.max() == 0:
        return "flat"  # perfect from the start: there is nothing to learn
    losses = losses / losses.max()  # from here on, the largest loss is 1

    jump = _typical_jump(losses)
    if jump > JUMPY:
        return "jumpy"
    if _is_stuck(losses):
        return "flat"

    tenths = _tenths(losses)
    start, lowest, end = losses[0], tenths.min(), tenths[-1]
    smallest_change = max(CHANGED * start, NOISE * jump)
    if end - start > smallest_change:
        return "increasing"
    if start - lowest > smallest_change and end - lowest > (start - lowest) / 2:
        return "increasing"
    if start - end < smallest_change:
        return "flat"
    return "healthy"


def _checked(losses):
    """losses as an array of floats, (epochs,). Raises ValueError if it is no loss curve."""
    losses = np.asarray(losses, dtype=float)
    if losses.ndim != 1:
        raise ValueError(f"losses has shape {losses.shape}, but must be the losses of one training: (epochs,)")
    if len(losses) < SHORTEST:
        raise ValueError(f"{len(losses)} losses are too few to read a curve from; give at least {SHORTEST}")
    if np.any(losses < 0):
        raise ValueError("some losses are negative, but a mean of squares never is")
    return losses


def _typical_jump(losses):
    """How far the loss typically jumps back and forth; 0 for a curve that turns round only once or not at all.

    A jump is a change that the next change turns round, and counts for as much as the smaller of the two. The typical
    jump is the root of the mean square over the curve, so that large jumps weigh more, as they do in the mse.
    """
    change = np.diff(losses)
    before, after = change[:-1], change[1:]
    turns = before * after < 0
    if turns.sum() < 2:
        return 0.0
    jumps = np.where(turns, np.minimum(np.abs(before), np.abs(after)), 0.0)
    return np.sqrt(np.mean(jumps**2))


def _tenths(losses):
    """The mean loss of each tenth of the curve, (10,); for fewer than twenty losses, the losses themselves."""
    if len(losses) < 20:
        return losses
    return np.array([part.mean() for part in np.array_split(losses, 10)])


def _is_stuck(losses):
    """Does the loss stand still, with much of the first loss left?"""
    start, end = losses[0], losses[-1]
    if end > start:
        first_tenth = max(1, len(losses) // 10)
        return _stands_still(losses[first_tenth:])
    half = len(losses) // 2
    return _stands_still(losses[half:]) and end > STUCK * start


def _stands_still(losses):
    """Have the first and the second half of these losses the same mean, nearly?"""
    before, after = (half.mean() for half in np.array_split(losses, 2))
    return abs(after - before) < AT_REST * after
