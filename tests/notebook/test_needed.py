"""What is run again before hidden questions: all that they depend on, and no more where that is plain."""

import pytest

from autograder.notebook.needed import needed_for

KEPT = {  # name → (visible, hidden, the lines of visible that are needed)
    "a check is not": ("check('x', f)\nassert f(1) == 2", "ask('a', f)", []),
    "an input is": ("X = 1\nY = 2", "ask('a', f, X)", [1]),
    "what an input is made from is": ("a = 1\nb = a\nc = 3\nX = b + 1", "ask('a', f, X)", [1, 2, 4]),
    "a function, with what it calls later": (
        "def g():\n    return h()\nlong = g()\ndef h():\n    return 1",
        "ask('a', g)",
        [1, 2, 4, 5],
    ),
    "an import": ("import numpy as np\nimport math", "ask('a', np.ones(2))", [1]),
    "a part that is set": ("d = {}\nd['W1'] = 1\ne = {}\ne['b'] = 1", "ask('a', f, d)", [1, 2]),
    "an attribute that is set": ("import lab\nlab.rate = 3", "ask('a', f, lab.rate)", [1, 2]),
    "a loop that fills": ("d = []\nfor i in range(3):\n    d.append(i)", "ask('a', f, d)", [1, 2, 3]),
    "a condition": ("if True:\n    X = 1\nelse:\n    X = 2", "ask('a', f, X)", [1, 2, 3, 4]),
    "a decorated function": ("import t\n@t.wrap\ndef g():\n    pass", "ask('a', g)", [1, 2, 3, 4]),
    "a name bound in an expression": ("if (n := 3) > 2:\n    pass", "ask('a', f, n)", [1, 2]),
    "several targets": ("a, (b, *c) = 1, (2, 3)\nd = 1", "ask('a', f, c)", [1]),
    "a training whose result is not asked for": ("share = train(40)\nprint(share)", "ask('a', my_choice)", []),
}
EVERYTHING = {
    "eval in the hidden part": ("X = 1", "ask('a', f, eval('X'))"),
    "globals in a needed function": ("X = 1\ndef g():\n    return globals()['X']", "ask('a', g)"),
    "a star import": ("from numpy import *\nX = 1", "ask('a', f, X)"),
    "a magic": ("%matplotlib inline\nX = 1", "ask('a', f)"),
    "a magic in the hidden part": ("X = 1", "%time ask('a', f)"),
}


@pytest.mark.parametrize(("visible", "hidden", "lines"), KEPT.values(), ids=KEPT)
def test_what_the_questions_depend_on_is_kept_on_its_line(visible, hidden, lines):
    found = needed_for(hidden, visible).split("\n")
    expected = [line if number in lines else "" for number, line in enumerate(visible.split("\n"), start=1)]
    assert found == expected


def test_what_the_students_own_functions_look_at_is_kept_too():
    visible = "rate = 0.5\nshare = train(40)"
    assert needed_for("ask('a', f)", visible, ["def f(w):\n    return w * rate", "g = 1"]) == "rate = 0.5\n"
    assert needed_for("ask('a', f)", visible, ["def f(w):\n    return w * globals()['rate']"]) == visible
    assert needed_for("ask('a', f)", visible, ["def f(w: this is no Python"]) == visible


@pytest.mark.parametrize(("visible", "hidden"), EVERYTHING.values(), ids=EVERYTHING)
def test_where_it_is_not_plain_everything_is_kept(visible, hidden):
    assert needed_for(hidden, visible) == visible
