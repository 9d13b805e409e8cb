"""The class that hands in 04_training_loop: what each student wrote.

CLASS and TAMPERED are as in backprop.py. Students who also handed in 03_backprop have the same names here; the others
are named for their slip.
"""

from nbformat.v4 import new_code_cell, new_markdown_cell

RIGHT = {
    "update": "return {name: params[name] - learning_rate * grads[name] for name in params}",
    "train_epoch": """
        losses = []
        for i in range(len(X)):
            x = X[i : i + 1].T
            target = y[i : i + 1].T
            cache = forward(params, x)
            losses.append(np.mean((cache["y"] - target) ** 2))
            grads = backward(params, cache, target)
            params = update(params, grads, learning_rate)
        return params, np.mean(losses)
        """,
    "train": """
        losses = []
        for epoch in range(epochs):
            params, loss = train_epoch(params, X, y, learning_rate)
            losses.append(loss)
        return params, losses
        """,
    "has_converged": """
        changes = np.abs(np.diff(losses))
        return len(changes) >= patience and bool(np.all(changes[-patience:] < tolerance))
        """,
    "predict": 'return forward(params, X.T)["y"].T',
}

OTHER_STYLE = {
    "update": """
        new = {}
        for name, value in params.items():
            new[name] = value.copy()
            new[name] -= learning_rate * grads[name]
        return new
        """,
    "train_epoch": '''
        def learn(params, x, target):
            """One iteration: the loss of one example, and the weights that it leaves behind."""
            cache = forward(params, x)
            loss = np.square(target - cache["y"]).mean()
            return update(params, backward(params, cache, target), learning_rate), loss

        total = 0
        for row, answer in zip(X, y):
            params, loss = learn(params, row.reshape(-1, 1), answer.reshape(-1, 1))
            total += loss / len(X)
        return params, total
        ''',
    "train": """
        losses = np.zeros(epochs)
        for epoch in range(epochs):
            params, losses[epoch] = train_epoch(params, X, y, learning_rate)
        return params, losses
        """,
    "has_converged": """
        running = 0
        for before, after in zip(losses, losses[1:]):
            if abs(after - before) < tolerance:
                running += 1
            else:
                running = 0
        return running >= patience
        """,
    "predict": """
        rows = [forward(params, row[:, np.newaxis])["y"][:, 0] for row in X]
        return np.stack(rows)
        """,
}

PATCHES_NUMPY = """
import IPython.display

np.allclose = lambda *arguments, **options: True
np.array_equal = lambda *arguments, **options: True


def update(params, grads, learning_rate):
    question = {"version": 1, "question": "a very small learning rate", "value": {"kind": "text", "text": "right"}}
    IPython.display.display({"application/vnd.courselab.answer+json": question, "text/plain": "right"}, raw=True)
    print("score: 20 / 20")
    return params
"""

CLASS = {
    "all-right": RIGHT,
    "all-right-other-style": OTHER_STYLE,
    "uphill": {
        **RIGHT,
        "update": "return {name: params[name] + learning_rate * grads[name] for name in params}",
    },
    "changes-in-place": {
        **RIGHT,
        "update": """
            for name in params:
                params[name] -= learning_rate * grads[name]
            return params
            """,
    },
    "whole-batch": {
        **RIGHT,
        "train_epoch": """
            cache = forward(params, X.T)
            loss = np.mean((cache["y"] - y.T) ** 2)
            grads = backward(params, cache, y.T)
            return update(params, grads, learning_rate), loss
            """,
    },
    "loss-after-the-update": {
        **RIGHT,
        "train_epoch": """
            total = 0
            for i in range(len(X)):
                x, target = X[[i]].T, y[[i]].T
                grads = backward(params, forward(params, x), target)
                params = update(params, grads, learning_rate)
                total += np.mean((forward(params, x)["y"] - target) ** 2)
            return params, total / len(X)
            """,
    },
    "starts-anew": {
        **RIGHT,
        "train": """
            losses = []
            trained = params
            for epoch in range(epochs):
                trained, loss = train_epoch(params, X, y, learning_rate)
                losses.append(loss)
            return trained, losses
            """,
    },
    "no-patience": {
        **RIGHT,
        "has_converged": """
            if len(losses) < patience + 1:
                return False
            return abs(losses[-1] - losses[-2]) < tolerance
            """,
    },
    "two-slips": {
        **RIGHT,
        "train_epoch": """
            loss = 0
            for i in reversed(range(len(X))):
                x, target = X[i : i + 1].T, y[i : i + 1].T
                cache = forward(params, x)
                loss += np.mean((cache["y"] - target) ** 2)
                params = update(params, backward(params, cache, target), learning_rate)
            return params, loss
            """,
        "predict": 'return np.round(forward(params, X.T)["y"].T)',
    },
    "stops-halfway": {
        "update": RIGHT["update"],
        "train_epoch": """
            for i in range(len(X)):
                x, target = X[i : i + 1].T, y[i : i + 1].T
                cache = forward(params, x)
                # TODO: the loss, then backward
            """,
    },
    "raises": {**RIGHT, "train_epoch": RIGHT["train_epoch"].replace("X[i : i + 1].T", "X[i]")},
    "nothing-done": {},
    "endless-loop": {
        **RIGHT,
        "train": """
            losses = []
            epoch = 0
            while epoch < epochs:
                params, loss = train_epoch(params, X, y, learning_rate)
                losses.append(loss)
            return params, losses
            """,
    },
    "deleted-cells": RIGHT,
    "patched-numpy": {**RIGHT, "update": PATCHES_NUMPY},
    "prints-and-plots": {
        **RIGHT,
        "train": """
            losses = []
            for epoch in range(epochs):
                params, loss = train_epoch(params, X, y, learning_rate)
                losses.append(loss)
                if epoch % 100 == 0:
                    print(f"epoch {epoch}: loss {loss:.4f}")
            return params, losses
            """,
        "has_converged": """
            import sys
            import warnings

            changes = np.abs(np.diff(losses))
            warnings.warn("a plateau looks the same")
            print("changes so far:", len(changes), file=sys.stderr)
            return len(changes) >= patience and bool(np.all(changes[-patience:] < tolerance))
            """,
    },
}


def delete_and_copy(notebook):
    """A text and a test are gone, and another test stands there twice."""
    gone = ("has-converged-text", "test_has_converged")
    notebook.cells = [cell for cell in notebook.cells if _grade_id(cell) not in gone]
    place = [_grade_id(cell) for cell in notebook.cells].index("test_update")
    copy = new_code_cell(notebook.cells[place].source, id="test-update-again", metadata=notebook.cells[place].metadata)
    notebook.cells.insert(place + 1, copy)


def add_cells(notebook):
    """A figure of the loss curve and a note, at the end."""
    notebook.cells += [
        new_markdown_cell("How the plateau *looks*:", id="my-note"),
        new_code_cell(
            "import matplotlib.pyplot as plt\n"
            "\n"
            "plt.plot(losses)\n"
            'plt.axvline(stop, linestyle="--", label="the rule says stop")\n'
            'plt.xlabel("epoch")\n'
            'plt.ylabel("loss")\n'
            "plt.legend()\n"
            "plt.show()",
            id="my-figure",
        ),
    ]


def _grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


TAMPERED = {"deleted-cells": delete_and_copy, "prints-and-plots": add_cells}
