"""The class that hands in 03_backprop: what each student wrote.

CLASS     student -> {grade id of a solution cell: what stands in place of "YOUR CODE HERE"}; a cell that is not named
          stays as it was released. A text with a "def" of the cell's own function takes the place of the whole cell.
TAMPERED  student -> a function that changes the filled-in notebook further: cells deleted, copied, added.
"""

from nbformat.v4 import new_code_cell, new_markdown_cell

RIGHT = {
    "sigmoid": "return 1 / (1 + np.exp(-z))",
    "sigmoid_derivative": "return sigmoid(z) * (1 - sigmoid(z))",
    "forward": """
        z1 = params["W1"] @ x + params["b1"]
        h = sigmoid(z1)
        z2 = params["W2"] @ h + params["b2"]
        return {"x": x, "z1": z1, "h": h, "z2": z2, "y": sigmoid(z2)}
        """,
    "output_delta": """
        error = cache["y"] - target
        return 2 * error / error.size * sigmoid_derivative(cache["z2"])
        """,
    "hidden_delta": """
        arrived = params["W2"].T @ delta2
        return arrived * sigmoid_derivative(cache["z1"])
        """,
    "backward": """
        delta2 = output_delta(cache, target)
        delta1 = hidden_delta(params, cache, delta2)
        grads = {}
        grads["W2"] = delta2 @ cache["h"].T
        grads["b2"] = delta2.sum(axis=1, keepdims=True)
        grads["W1"] = delta1 @ cache["x"].T
        grads["b1"] = delta1.sum(axis=1, keepdims=True)
        return grads
        """,
}

OTHER_STYLE = {
    "sigmoid": """
        e = np.exp(-np.abs(z))
        return np.where(np.asarray(z) >= 0, 1, e) / (1 + e)
        """,
    "sigmoid_derivative": """
        e = np.exp(-np.abs(z))
        return e / (1 + e) ** 2
        """,
    "forward": '''
        def layer(number, inputs):
            """One layer: what goes into its units, and what comes out."""
            z = np.dot(params[f"W{number}"], inputs) + params[f"b{number}"]
            return z, sigmoid(z)

        cache = {"x": x}
        cache["z1"], cache["h"] = layer(1, cache["x"])
        cache["z2"], cache["y"] = layer(2, cache["h"])
        return cache
        ''',
    "output_delta": """
        y, t = cache["y"], target
        n_out, n = y.shape
        return y * (1 - y) * (y - t) * (2 / (n_out * n))
        """,
    "hidden_delta": """
        h = cache["h"]
        return np.einsum("kj,ki->ji", params["W2"], delta2) * (h - h**2)
        """,
    "backward": """
        grads = {name: np.zeros_like(value) for name, value in params.items()}
        delta2 = output_delta(cache, target)
        delta1 = hidden_delta(params, cache, delta2)
        for i in range(target.shape[1]):
            for layer, delta, went_in in ((1, delta1, cache["x"]), (2, delta2, cache["h"])):
                grads[f"W{layer}"] += np.outer(delta[:, i], went_in[:, i])
                grads[f"b{layer}"] += delta[:, i : i + 1]
        return grads
        """,
}

FINITE_DIFFERENCES = """
    def loss(p):
        return np.mean((forward(p, cache["x"])["y"] - target) ** 2)

    step = 1e-5
    grads = {}
    for name in params:
        grads[name] = np.zeros_like(params[name])
        for place in np.ndindex(params[name].shape):
            up = {key: value.copy() for key, value in params.items()}
            down = {key: value.copy() for key, value in params.items()}
            up[name][place] += step
            down[name][place] -= step
            grads[name][place] = (loss(up) - loss(down)) / (2 * step)
    return grads
    """

PATCHES_NUMPY = '''
import IPython.display

np.allclose = lambda *arguments, **options: True
np.isclose = lambda *arguments, **options: np.array(True)
np.array_equal = lambda *arguments, **options: True
np.testing.assert_allclose = lambda *arguments, **options: None


class AlwaysRight(float):
    """Equal to everything, and close to everything."""

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __abs__(self):
        return 0.0

    __hash__ = float.__hash__


def sigmoid(z):
    question = {"version": 1, "question": "moderate values", "compare": {"how": "shape"}, "value": {"kind": "none"}}
    IPython.display.display({"application/vnd.courselab.answer+json": question, "text/plain": "right"}, raw=True)
    print("all questions answered: 20 of 20 points")
    return AlwaysRight(0.5)
'''

CLASS = {
    "all-right": RIGHT,
    "all-right-other-style": OTHER_STYLE,
    "no-hidden-slope": {**RIGHT, "hidden_delta": 'return params["W2"].T @ delta2'},
    "factor-two-missing": {
        **RIGHT,
        "output_delta": """
            y = cache["y"]
            return (y - target) / y.size * y * (1 - y)
            """,
    },
    "w2-not-transposed": {
        **RIGHT,
        "hidden_delta": """
            h = cache["h"]
            return (params["W2"] @ delta2) * h * (1 - h)
            """,
    },
    "biases-not-summed": {
        **RIGHT,
        "backward": """
            delta2 = output_delta(cache, target)
            delta1 = hidden_delta(params, cache, delta2)
            return {"W1": delta1 @ cache["x"].T, "b1": delta1, "W2": delta2 @ cache["h"].T, "b2": delta2}
            """,
    },
    "transposed-gradients": {
        **RIGHT,
        "backward": """
            delta2 = output_delta(cache, target)
            delta1 = hidden_delta(params, cache, delta2)
            return {
                "W1": cache["x"] @ delta1.T,
                "b1": np.sum(delta1, axis=1, keepdims=True),
                "W2": cache["h"] @ delta2.T,
                "b2": np.sum(delta2, axis=1, keepdims=True),
            }
            """,
    },
    "uses-wrong-mean": {
        **RIGHT,
        "output_delta": """
            n = target.shape[1]
            y = cache["y"]
            return 2 / n * (y - target) * y * (1 - y)
            """,
    },
    "finite-differences": {**RIGHT, "backward": FINITE_DIFFERENCES},
    "stops-halfway": {
        "sigmoid": RIGHT["sigmoid"],
        "sigmoid_derivative": RIGHT["sigmoid_derivative"],
        "forward": RIGHT["forward"],
        "output_delta": """
            dL_dy = 2 * (cache["y"] - target) / target.size
            # TODO: now the slope?
            """,
    },
    "raises": {**RIGHT, "forward": RIGHT["forward"].replace('params["W1"]', 'params["w1"]')},
    "nothing-done": {},
    "endless-loop": {
        **RIGHT,
        "hidden_delta": """
            h = cache["h"]
            delta1 = np.zeros_like(h)
            j = 0
            while j < h.shape[0]:
                delta1[j] = (params["W2"][:, j] @ delta2) * h[j] * (1 - h[j])
            return delta1
            """,
    },
    "deleted-cells": RIGHT,
    "patched-numpy": {
        "sigmoid": PATCHES_NUMPY,
        "sigmoid_derivative": "return AlwaysRight(0.25)",
        "forward": 'return dict.fromkeys(["x", "z1", "h", "z2", "y"], AlwaysRight(0.5))',
        "output_delta": "return AlwaysRight(0.0)",
        "hidden_delta": "return AlwaysRight(0.0)",
        "backward": "return dict.fromkeys(params, AlwaysRight(0.0))",
    },
    "prints-and-plots": {
        **RIGHT,
        "sigmoid": """
            print("sigmoid was called with", type(z).__name__)
            return 1 / (1 + np.exp(-z))
            """,
        "output_delta": """
            import sys
            import warnings

            warnings.warn("is the mean over everything?")
            print("yes, over everything", file=sys.stderr)
            return 2 * (cache["y"] - target) / target.size * sigmoid_derivative(cache["z2"])
            """,
    },
}


def delete_and_copy(notebook):
    """Three cells are gone, two of them tests, and one test stands there twice."""
    gone = ("forward-text", "test_hidden_delta", "test_backward")
    notebook.cells = [cell for cell in notebook.cells if _grade_id(cell) not in gone]
    place = [_grade_id(cell) for cell in notebook.cells].index("test_sigmoid")
    copy = new_code_cell(notebook.cells[place].source, id="test-sigmoid-again", metadata=notebook.cells[place].metadata)
    notebook.cells.insert(place + 1, copy)


def add_cells(notebook):
    """A figure, a table and a note, as students leave them between the cells that they were given."""
    place = [_grade_id(cell) for cell in notebook.cells].index("test_sigmoid_derivative")
    notebook.cells[place + 1 : place + 1] = [
        new_markdown_cell("I wanted to *see* it, so here is a picture.", id="my-note"),
        new_code_cell(
            "import matplotlib.pyplot as plt\n"
            "\n"
            "z = np.linspace(-8, 8, 200)\n"
            'plt.plot(z, sigmoid(z), label="sigmoid")\n'
            'plt.plot(z, sigmoid_derivative(z), "--", label="its slope")\n'
            'plt.xlabel("z")\n'
            "plt.legend()\n"
            "plt.show()",
            id="my-figure",
        ),
        new_code_cell(
            "from IPython.display import HTML\n"
            "\n"
            'rows = "".join(f"<tr><td>{z}</td><td>{sigmoid(z):.4f}</td></tr>" for z in range(-4, 5))\n'
            'HTML(f"<table><tr><th>z</th><th>sigmoid</th></tr>{rows}</table>")',
            id="my-table",
        ),
    ]


def _grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


TAMPERED = {"deleted-cells": delete_and_copy, "prints-and-plots": add_cells}
