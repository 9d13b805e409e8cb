"""The class that hands in 02_gradient_descent: what each student wrote.

CLASS     student -> {grade id of a solution cell: what stands in place of "YOUR CODE HERE" or "YOUR ANSWER HERE"}; a
          cell that is not named stays as it was released. A text with a "def" of the cell's own function takes the
          place of the whole cell.
TAMPERED  student -> a function that changes the filled-in notebook further: cells deleted, copied, added.
"""

from nbformat.v4 import new_code_cell, new_markdown_cell

GOOD_ANSWER = """
1. Left side: going right means going down, so the slope is negative. Right side: positive.
2. I take L = w² with slope 2w and α = 0.25. From w = -2 (slope -4) I get -2 - 0.25 · (-4) = -1, so I move right. From
   w = 2 (slope 4) I get 2 - 1 = 1, so I move left. Both times I come closer to 0.
3. With the plus I get -2 - 1 = -3 and 2 + 1 = 3. Both move away, and because it is steeper there the next steps are
   even bigger. In the end the numbers become inf.
4. The rate is too big and the step jumps over the valley and comes out higher on the other side. I would try a rate
   ten times smaller.
"""

HALF_AN_ANSWER = """
The gradient points to where it goes up and we want to go down, so it needs a minus. If the loss still grows then the
learning rate is too large.
"""

RIGHT = {
    "numerical_gradient": """
        w = np.array(w, dtype=float)
        gradient = np.zeros_like(w)
        for place in np.ndindex(w.shape):
            right = w.copy()
            left = w.copy()
            right[place] = w[place] + h
            left[place] = w[place] - h
            gradient[place] = (f(right) - f(left)) / (2 * h)
        return gradient
        """,
    "gradient_step": "return w - learning_rate * gradient",
    "gradient_descent": """
        w = np.array(start, dtype=float)
        path = [w]
        for step in range(steps):
            w = gradient_step(w, gradient(w), learning_rate)
            path.append(w)
        return np.array(path)
        """,
    "why_negative": GOOD_ANSWER,
}

OTHER_STYLE = {
    "numerical_gradient": '''
        def slope(direction):
            """How steep it is along one direction of length 1."""
            return (f(w + h * direction) - f(w - h * direction)) / (2 * h)

        shape = np.shape(w)
        directions = np.eye(int(np.prod(shape))).reshape(-1, *shape)
        return np.array([slope(direction) for direction in directions]).reshape(shape)
        ''',
    "gradient_step": "return np.add(w, -learning_rate * np.asarray(gradient))",
    "gradient_descent": """
        path = np.empty((steps + 1, *np.shape(start)))
        path[0] = start
        for now, following in zip(range(steps), range(1, steps + 1)):
            path[following] = gradient_step(path[now], gradient(path[now]), learning_rate)
        return list(path)
        """,
    "why_negative": r"""
        Taylor: $L(w + s) \approx L(w) + L'(w)\,s$. With $s = -\alpha L'(w)$ the change is $-\alpha L'(w)^2 \le 0$,
        **whatever the sign** of $L'$, so it is downhill on the left ($L' < 0$, moves right) and on the right
        ($L' > 0$, moves left). With $s = +\alpha L'(w)$ it is $+\alpha L'(w)^2 \ge 0$: uphill, always further out.

        But $\approx$ holds for small $s$ only. On $w^2$ from 1 with $\alpha = 2$ I land at $-3$: higher than before. So
        make $\alpha$ smaller.
        """,
}

CLASS = {
    "all-right": RIGHT,
    "all-right-other-style": OTHER_STYLE,
    "factor-two-missing": {
        **RIGHT,
        "numerical_gradient": RIGHT["numerical_gradient"].replace("/ (2 * h)", "/ h"),
    },
    "looked-to-the-right-only": {
        **RIGHT,
        "numerical_gradient": """
            gradient = np.zeros(np.shape(w))
            for place in np.ndindex(gradient.shape):
                moved = np.array(w, dtype=float)
                moved[place] += h
                gradient[place] = (f(moved) - f(w)) / h
            return gradient
            """,
        "why_negative": HALF_AN_ANSWER,
    },
    "moved-and-put-back": {
        **RIGHT,
        "numerical_gradient": """
            w = np.asarray(w, dtype=float)
            gradient = np.zeros(w.shape)
            for place in np.ndindex(w.shape):
                old = w[place]
                w[place] = old + h
                right = f(w)
                w[place] = old - h
                left = f(w)
                w[place] = old
                gradient[place] = (right - left) / (2 * h)
            return gradient
            """,
    },
    "stepped-uphill": {
        **RIGHT,
        "gradient_step": "return w + learning_rate * gradient",
        "why_negative": "I do not know, mine works with a plus?",
    },
    "every-point-the-same": {
        **RIGHT,
        "gradient_descent": """
            w = np.array(start, dtype=float)
            path = [w]
            for step in range(steps):
                w -= learning_rate * gradient(w)
                path.append(w)
            return path
            """,
    },
    "start-left-out": {
        **RIGHT,
        "gradient_descent": """
            w = start
            path = []
            for step in range(steps):
                w = gradient_step(w, gradient(w), learning_rate)
                path.append(w)
            return np.array(path)
            """,
        "why_negative": HALF_AN_ANSWER,
    },
    "stops-halfway": {
        "numerical_gradient": RIGHT["numerical_gradient"],
        "gradient_step": RIGHT["gradient_step"],
        "gradient_descent": """
            path = [start]
            # TODO: a loop
            return path
            """,
    },
    "raises": {**RIGHT, "numerical_gradient": RIGHT["numerical_gradient"].replace("f(left)", "F(left)")},
    "nothing-done": {},
    "deleted-cells": RIGHT,
    "prints-and-plots": {
        **RIGHT,
        "gradient_step": """
            new = w - learning_rate * gradient
            print("from", w, "to", new)
            return new
            """,
        "gradient_descent": """
            import sys

            path = [np.array(start, dtype=float)]
            for step in range(steps):
                slope = gradient(path[-1])
                print(f"step {step}: slope {slope}", file=sys.stderr)
                path.append(gradient_step(path[-1], slope, learning_rate))
            return np.array(path)
            """,
    },
}


def delete_and_copy(notebook):
    """A text and a test are gone, and the step stands there twice."""
    gone = ("gradient-step-text", "test_gradient_descent")
    notebook.cells = [cell for cell in notebook.cells if _grade_id(cell) not in gone]
    place = [_grade_id(cell) for cell in notebook.cells].index("gradient_step")
    cell = notebook.cells[place]
    copy = new_code_cell(cell.source, id="gradient-step-again", metadata=cell.metadata)
    notebook.cells.insert(place + 1, copy)


def add_cells(notebook):
    """A figure and a note, as students leave them between the cells that they were given."""
    place = [_grade_id(cell) for cell in notebook.cells].index("test_gradient_descent")
    notebook.cells[place + 1 : place + 1] = [
        new_markdown_cell("A walk down a *stretched* bowl: it zigzags.", id="my-note"),
        new_code_cell(
            "import matplotlib.pyplot as plt\n"
            "\n"
            "path = gradient_descent(lambda w: np.array([1.0, 9.0]) * w, [4.0, 1.0], 0.2, 8)\n"
            'plt.plot(path[:, 0], path[:, 1], "o-")\n'
            'plt.axis("equal")\n'
            'plt.xlabel("first weight")\n'
            'plt.ylabel("second weight")\n'
            "plt.show()",
            id="my-figure",
        ),
    ]


def _grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


TAMPERED = {"deleted-cells": delete_and_copy, "prints-and-plots": add_cells}
