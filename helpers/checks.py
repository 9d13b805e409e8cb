"""Checks that you can run yourself: of one answer, and of all gradients at once.

check("sigmoid of 0 is one half", sigmoid, np.array([[0.0]]), expected=np.array([[0.5]]))
gradient_check(params, x, target, backward, forward)
"""

import contextlib

from helpers.comparing import compare
from helpers.facts import in_words

with contextlib.suppress(ModuleNotFoundError):  # withheld while 02 is graded: there you measure slopes yourself
    from helpers.gradient_checking import gradient_check  # noqa: F401


class CheckFailed(AssertionError):
    """A visible check found a wrong answer; the text says what differs."""

    def _render_traceback_(self):
        """In a notebook, show the words and no stack of frames."""
        return [f"✗ {self}"]


def check(name, function, *inputs, expected, rtol=1e-6, atol=1e-9):
    """Call `function(*inputs)` on numbers you can see, compare with `expected`, and say what differs.

    Prints one line when all is right.

    Args:
        name: what is checked, in a few words.
        expected: the right answer, or a dict of right entries.
        rtol, atol: how far a number may be off, as in numpy.isclose.

    Raises:
        CheckFailed: when something is wrong, in the words that the feedback will use.
        Exception: whatever your function raises, NotImplementedError too, as it is.
    """
    answer = function(*inputs)
    wrong = [difference for difference in compare(expected, answer, rtol=rtol, atol=atol) if not difference.right]
    if wrong:
        lines = [
            f"{difference.entry + ': ' if difference.entry else ''}{'; '.join(map(in_words, difference.facts))}"
            for difference in wrong
        ]
        raise CheckFailed(f"{name}\n  " + "\n  ".join(lines))
    print(f"✓ {name}")
