"""Near-identical submissions are found whatever was renamed, and what everybody was given counts for nobody."""

import random

import pytest

from autograder.reports.similarity import (
    ALIKE,
    COMMON,
    FEWEST,
    NEVER_COMMON,
    RUN,
    WINDOW,
    alike,
    code_tokens,
    passages,
    text_tokens,
)
from tests.support.courses import ROOT

MINE = '''
def backward(params, cache, target):
    """My own way."""
    n = target.shape[1]
    delta2 = 2 * (cache["y"] - target) / target.size * cache["y"] * (1 - cache["y"])
    back = np.einsum("ij,ik->jk", params["W2"], delta2)  # carry it back
    delta1 = back * cache["h"] * (1 - cache["h"])
    sums = [np.zeros((len(delta), 1)) for delta in (delta1, delta2)]
    for column in range(n):
        for total, delta in zip(sums, (delta1, delta2)):
            total += delta[:, column : column + 1]
    return {"W1": delta1 @ cache["x"].T, "b1": sums[0], "W2": delta2 @ cache["h"].T, "b2": sums[1]}
'''
DISGUISED = """
def backward(p, c, t):
    # all of this I thought up myself
    count = t.shape[ 1 ]
    d_out = 2 * (c['y'] - t) / t.size * c['y'] * (1 - c['y'])
    carried = np.einsum('ab,ac->bc', p['W2'], d_out)

    d_hidden = carried * c['h'] * (1 - c['h'])
    totals = [np.zeros((len(d), 1)) for d in (d_hidden, d_out)]
    for k in range(count):
        for s, d in zip(totals, (d_hidden, d_out)):
            s += d[:, k:k + 1]
    return {'W1': d_hidden @ c['x'].T, 'b1': totals[0], 'W2': d_out @ c['h'].T, 'b2': totals[1]}
"""
OTHER = """
def backward(params, cache, target):
    error = output_delta(cache, target)
    hidden = hidden_delta(params, cache, error)
    grads = {}
    grads["W2"] = np.dot(error, cache["h"].transpose())
    grads["W1"] = np.dot(hidden, cache["x"].transpose())
    grads["b2"], grads["b1"] = error.sum(axis=1, keepdims=True), hidden.sum(axis=1, keepdims=True)
    return grads
"""


def handed_in(**sources):
    return {name: {"backward": passages(code_tokens(source))} for name, source in sources.items()}


def test_a_renamed_and_respaced_copy_is_found_and_other_work_is_not():
    (group,) = alike(handed_in(ann=MINE, bob=DISGUISED, cid=OTHER))
    assert group.members == ("ann", "bob") and group.share > 0.9 and group.passages >= FEWEST
    assert group.cells == ("backward",)


def test_what_was_handed_out_is_nobodys_own():
    assert not alike(handed_in(ann=MINE, bob=MINE), given=passages(code_tokens(MINE)))


def test_what_a_good_part_of_the_class_wrote_is_nobodys_own():
    everybody = {f"s{n}": MINE for n in range(NEVER_COMMON + 1)}
    assert not alike(handed_in(**everybody))
    few = dict(list(everybody.items())[:NEVER_COMMON])
    assert len(alike(handed_in(**few))[0].members) == NEVER_COMMON


def test_short_answers_are_alike_by_nature_and_are_not_shown():
    short = "def mse(target, prediction):\n    return np.mean((prediction - target) ** 2)"
    assert not alike(handed_in(ann=short, bob=short))


def test_one_changed_line_does_not_hide_a_copy_and_half_a_copy_is_not_shown():
    changed = MINE.replace("n = target.shape[1]", "n = len(target.T) + 0")
    assert alike(handed_in(ann=MINE, bob=changed))
    half = "\n".join(MINE.split("\n")[:8])
    assert not alike(handed_in(ann=MINE, bob=half + OTHER))


def test_a_ring_of_copies_is_one_group():
    changed = MINE.replace("n = target.shape[1]", "n = len(target.T) + 0")
    (group,) = alike(handed_in(ann=MINE, bob=changed, cid=DISGUISED))
    assert group.members == ("ann", "bob", "cid")


def test_written_answers_are_compared_as_words():
    text = (
        "Squaring keeps the signs from cancelling, and it makes one large error count for more than many small ones do."
    )
    louder = text.upper().replace(",", ";")
    assert passages(text_tokens(text)) == passages(text_tokens(louder)) != set()


@pytest.mark.parametrize(
    ("source", "tokens"),
    [
        ("", []),
        ("def f(:\n  '''never closed", ["def", "N", "(", ":", "S"]),
        ("\x00 ☃ 'a\nb' 1.5.5 \\", ["\x00", "☃", "S", "S", "\\"]),
        ("x" * 10, ["N"]),
    ],
)
def test_any_text_can_be_cut_into_tokens(source, tokens):
    assert code_tokens(source) == tokens
    assert passages(tokens) == set(), "fewer than make a passage"


def test_a_thousand_submissions_are_compared_through_the_index_and_the_copies_found():
    draw = random.Random(1)
    words = ["N", "np", "+", "-", "*", "(", ")", "[", "]", "S", "0", "1", "for", "in", "if", "return", "sum", "zip"]
    base = draw.choices(words, k=10 * RUN)  # what all of them share
    class_ = {f"s{n:04}": {"f": passages(base + draw.choices(words, k=6 * RUN))} for n in range(1000)}
    class_["copy"] = dict(class_["s0500"])
    (group,) = alike(class_)
    assert group.members == ("copy", "s0500")


def test_the_instructor_guide_states_the_thresholds_that_are_used():
    guide = " ".join((ROOT / "docs" / "instructors.md").read_text(encoding="utf-8").split())
    words = {4: "four", 6: "six"}
    assert f"more than {COMMON:.0%}".replace("%", " %") + " of the class" in guide
    assert f"more than {words[NEVER_COMMON]} students" in guide
    assert f"at least {words[FEWEST]} passages of {RUN + WINDOW - 1} tokens" in guide
    assert f"at least {ALIKE:.0%}".replace("%", " %") + " of the smaller" in guide
