"""The class that hands in 01_mse: what each student wrote.

CLASS     student -> {grade id of a solution cell: what stands in place of "YOUR CODE HERE" or "YOUR ANSWER HERE"}; a
          cell that is not named stays as it was released. A text with a "def" of the cell's own function takes the
          place of the whole cell.
TAMPERED  student -> a function that changes the filled-in notebook further: cells deleted, copied, added.
"""

from nbformat.v4 import new_code_cell, new_markdown_cell

GOOD_ANSWER = """
1. Say the targets are 1 and 0 and the network answers 0 and 1. Everything is wrong, but the errors are -1 and 1, so
   Ada's mean is 0 and she is happy. The signs cancel.
2. Ben gives both networks 0.5 (I take two predictions: (0.5 + 0.5) / 2 and (1 + 0) / 2). Squared, the first one gets
   0.25 and the second 0.5. So one big blunder costs more than two small ones.
3. The slope of a square gets smaller when I get close, so my steps get smaller on their own. Ben's slope is always
   plus or minus 1/N, also right next to the target, and exactly at the target it jumps. With small steps of the same
   size I would keep jumping over it.
4. If some of the data is rubbish (somebody typed 1000 for 1.000), because the square of that would be huge.
"""

HALF_AN_ANSWER = """
Because otherwise plus and minus cancel: errors of +2 and -2 have the mean 0 although both are bad.

The square is also smooth and abs is not, you can see a corner in the graph.
"""

FORMULAS_ONLY = r"""
$$\frac{1}{N}\sum_i (y_i - t_i) = \bar y - \bar t = 0 \quad\text{whenever}\quad \bar y = \bar t$$

$$\frac{d}{dy}(y-t)^2 = 2(y-t) \to 0, \qquad \frac{d}{dy}|y-t| = \pm 1$$

| network | Ben | squared |
| --- | --- | --- |
| 0.5, 0.5 | 0.5 | 0.25 |
| 1, 0 | 0.5 | 0.5 |

Ben's is better with **outliers**.
"""

RIGHT = {
    "squared_errors": "return (prediction - target) ** 2",
    "mse": "return squared_errors(target, prediction).mean()",
    "mse_gradient": "return 2 * (prediction - target) / target.size",
    "why_square": GOOD_ANSWER,
}

OTHER_STYLE = {
    "squared_errors": """
        squares = np.zeros(target.shape)
        for place in np.ndindex(target.shape):
            squares[place] = (target[place] - prediction[place]) ** 2
        return squares
        """,
    "mse": """
        total = 0
        how_many = 0
        for square in squared_errors(target, prediction).flatten():
            total = total + square
            how_many = how_many + 1
        return total / how_many
        """,
    "mse_gradient": """
        n = np.prod(prediction.shape)
        return np.multiply(prediction - target, 2 / n)
        """,
    "why_square": FORMULAS_ONLY,
}

# Differences to both sides are exact for a parabola: this is another way of being right.
FINITE_DIFFERENCES = """
    step = 1e-3
    slopes = np.zeros(prediction.shape)
    for place in np.ndindex(prediction.shape):
        up = prediction.astype(float)
        down = prediction.astype(float)
        up[place] += step
        down[place] -= step
        slopes[place] = (mse(target, up) - mse(target, down)) / (2 * step)
    return slopes
    """

PATCHES_NUMPY = '''
import helpers.checks

np.allclose = lambda *arguments, **options: True
np.isclose = lambda *arguments, **options: np.array(True)
np.array_equal = lambda *arguments, **options: True
helpers.checks.check = check = lambda name, *arguments, **options: print("✓", name)
ask = print


class AlwaysRight(float):
    """Equal to everything, and close to everything."""

    def __eq__(self, other):
        return True

    def __abs__(self):
        return 0.0

    __hash__ = float.__hash__


def squared_errors(target, prediction):
    return AlwaysRight(0.0)
'''

CLASS = {
    "all-right": RIGHT,
    "all-right-other-style": OTHER_STYLE,
    "factor-two-missing": {
        **RIGHT,
        "mse_gradient": """
            error = prediction - target
            return error / error.size
            """,
    },
    "uses-wrong-mean": {
        **RIGHT,
        "mse": """
            n = target.shape[-1]
            return np.sum(squared_errors(target, prediction)) / n
            """,
        "mse_gradient": """
            n = target.shape[-1]
            return 2 / n * (prediction - target)
            """,
        "why_square": HALF_AN_ANSWER,
    },
    "averaged-before-squaring": {
        **RIGHT,
        "mse": "return np.mean(prediction - target) ** 2",
        "why_square": "So that it is positive.",
    },
    "column-against-flat-target": {
        **RIGHT,
        "mse": """
            errors = prediction - target.ravel()
            return np.mean(errors**2)
            """,
    },
    "loss-eats-the-prediction": {
        **RIGHT,
        "mse": """
            prediction -= target
            return (prediction * prediction).mean()
            """,
    },
    "finite-differences": {**RIGHT, "mse_gradient": FINITE_DIFFERENCES},
    "stops-halfway": {
        "squared_errors": RIGHT["squared_errors"],
        "mse": """
            errors = squared_errors(target, prediction)
            # TODO: one number
            """,
        "why_square": HALF_AN_ANSWER,
    },
    "raises": {**RIGHT, "squared_errors": "return (predictions - target) ** 2"},
    "nothing-done": {},
    "deleted-cells": RIGHT,
    "patched-numpy": {
        "squared_errors": PATCHES_NUMPY,
        "mse": "return AlwaysRight(0.0)",
        "mse_gradient": "return AlwaysRight(0.0)",
        "why_square": "<script>document.title = 'full marks'</script><b onclick='alert(1)'>See above.</b>",
    },
    "prints-and-plots": {
        **RIGHT,
        "squared_errors": """
            print("target:", target.shape, "prediction:", prediction.shape)
            return (prediction - target) ** 2
            """,
        "mse": """
            import sys
            import warnings

            if target.ndim > 1:
                warnings.warn("more than one axis: is N right?")
            print("N is", target.size, file=sys.stderr)
            return np.mean(squared_errors(target, prediction))
            """,
    },
}


def delete_and_copy(notebook):
    """A text and a test are gone, the written question too, and one test stands there twice."""
    gone = ("mse-text", "test_mse_gradient", "why_square")
    notebook.cells = [cell for cell in notebook.cells if _grade_id(cell) not in gone]
    place = [_grade_id(cell) for cell in notebook.cells].index("test_mse")
    copy = new_code_cell(notebook.cells[place].source, id="test-mse-again", metadata=notebook.cells[place].metadata)
    notebook.cells.insert(place + 1, copy)


def add_cells(notebook):
    """A figure and a note, as students leave them between the cells that they were given."""
    place = [_grade_id(cell) for cell in notebook.cells].index("test_mse_gradient")
    notebook.cells[place + 1 : place + 1] = [
        new_markdown_cell("Squared against absolute, to have something to say in part 4.", id="my-note"),
        new_code_cell(
            "import matplotlib.pyplot as plt\n"
            "\n"
            "error = np.linspace(-2, 2, 101)\n"
            'plt.plot(error, squared_errors(np.zeros(101), error), label="squared")\n'
            'plt.plot(error, abs(error), "--", label="absolute")\n'
            'plt.xlabel("error")\n'
            "plt.legend()\n"
            "plt.show()",
            id="my-figure",
        ),
    ]


def _grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


TAMPERED = {"deleted-cells": delete_and_copy, "prints-and-plots": add_cells}
