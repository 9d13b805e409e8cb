"""Train a small network on XOR: loss curve, decision surface, predictions, and a diagnosis in a sentence.

The networks of all learning rates on the slider are trained at once (see helpers.training.sweep), and kept at each
position of the epochs slider, so that moving either only looks one up.

Lesson: 04_training_loop, "Play with the loop"; 05_hyperparameters, "Reading a loss curve".
"""

import numpy as np

from helpers.activations import activation
from helpers.datasets import xor
from helpers.diagnosis import SHORTEST, diagnose
from helpers.explorers.controls import checkbox, choice, learning_rates, number, positions, slider
from helpers.explorers.modes import mode_choice, trainer
from helpers.explorers.record import Explorer
from helpers.live import Live, add_label, arrange, course_style, new_figure
from helpers.network import forward
from helpers.palette import BLUE, DIVERGING, FAINT, GREY, INK, ORANGE
from helpers.training import predict, sweep

RATES = learning_rates(-3, 2)
EPOCHS = (0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000)
CLOSE = 0.05  # XOR counts as solved when every prediction is this close to its target
EXPLODED = 1000  # times the first loss
SLOW = 150_000  # networks × updates that take about a quarter of a second: worth a note
ALT = (
    "On the left the loss over the epochs. Above right the network's output over both inputs as colours, orange for 0 "
    "and blue for 1, with the four examples of XOR. Below right the four predictions beside their targets."
)


def explore_training(
    learning_rate=0.5,
    epochs=1000,
    n_hidden=4,
    hidden="sigmoid",
    output="sigmoid",
    mode="full batch",
    seed=0,
    log_scale=False,
):
    """Training on XOR, with everything that can be chosen.

    Args:
        learning_rate: a positive number.
        epochs: 0 to 5000.
        n_hidden: hidden units, 1 to 16.
        hidden: "sigmoid", "tanh" or "relu".
        output: "sigmoid", or "linear" (which can diverge).
        mode: "full batch" or "one example at a time".
        seed: of the starting weights, from N(0, 1); 0 to 50.
        log_scale: True draws the loss on a logarithmic scale.

    Returns:
        A Live, which shows itself at the end of a cell.

    Raises:
        TraitError: for an unknown activation or mode.

    Lesson: 04_training_loop, "Play with the loop".
    """
    controls = {
        "learning_rate": positions("Learning rate", learning_rate, RATES, "The step size, on a logarithmic scale"),
        "epochs": positions("Epochs", epochs, EPOCHS, "How often the network sees all four examples"),
        "seed": slider("Seed", seed, 0, 50, 1, "Which random starting weights", width="240px"),
        "n_hidden": choice("Hidden units", n_hidden, sorted({1, 2, 3, 4, 5, 8, 16, n_hidden}), "Units in the middle"),
        "hidden": choice("Hidden activation", hidden, ["sigmoid", "tanh", "relu"], "What each hidden unit does"),
        "output": choice(
            "Output", output, ["sigmoid", "linear"], "Sigmoid stays between 0 and 1; linear may be anything"
        ),
        "mode": mode_choice(mode),
        "log_scale": checkbox("Logarithmic loss", log_scale, "Shows small losses too"),
    }
    rates = [rate for _, rate in controls["learning_rate"].options]
    checkpoints = [epoch for _, epoch in controls["epochs"].options]
    known = {}  # setting -> _Runs; moving back to a seed or activation is a look-up too

    with course_style():
        figure = new_figure(7.6, 4.3)
        curve = _Curve(figure.add_axes((0.085, 0.13, 0.44, 0.78)))
        surface = _Surface(figure.add_axes((0.62, 0.43, 0.36, 0.48)))
        table = _Predictions(figure.add_axes((0.68, 0.095, 0.22, 0.2)))

    def runs_of(**setting):
        key = tuple(setting.values())
        if key not in known:
            if len(known) == 12:
                known.pop(next(iter(known)))
            known[key] = _Runs(rates, checkpoints, **setting)
        return known[key]

    def slow(learning_rate, epochs, log_scale, **setting):
        if runs_of(**setting).work(epochs) > SLOW:
            return f"<b>Training {len(rates)} networks, one for each learning rate …</b>"
        return ""

    def cheap(learning_rate, epochs, log_scale, **setting):
        known_runs = known.get(tuple(setting.values()))
        return known_runs is not None and not known_runs.work(epochs) and curve.room_for(epochs) == curve.room

    def update(learning_rate, epochs, log_scale, **setting):
        runs = runs_of(**setting)
        runs.train_to(epochs)
        losses, params = runs.look_up(rates.index(learning_rate), epochs)
        with np.errstate(over="ignore", invalid="ignore"):
            predictions = predict(params, xor()[0], **runs.kinds).ravel()
            surface.show(params, runs.kinds)
        curve.show(losses, log_scale)
        table.show(predictions)
        return _words(losses, params, predictions, learning_rate, **runs.kinds)

    listed = list(controls.values())
    return Live(
        figure,
        [*curve.artists, *surface.artists, *table.artists],
        update,
        controls,
        call="explore_training",
        alt=ALT,
        rows=[listed[:3], listed[3:]],
        slow=slow,
        cheap=cheap,
        arrange=arrange(
            figure, (4.0, 7.9), [(0.16, 0.695, 0.8, 0.27), (0.16, 0.285, 0.64, 0.31), (0.28, 0.05, 0.5, 0.14)]
        ),
    )


EXPLORER = Explorer(
    make=explore_training,
    title="Training on XOR",
    tab="Training",
    sentence="Train a network on XOR, which no straight line can solve, and break it in as many ways as you can.",
    lesson="04_training_loop",
    shown={"learning_rate": 3, "epochs": 1000},
    move=({"epochs": 100}, "learning_rate", 10.0),
    timed=({"learning_rate": 0.01}, "Learning rate"),
)


class _Runs:
    """One network for each learning rate, all from the same starting weights, trained as far as anyone has asked."""

    def __init__(self, rates, checkpoints, seed, n_hidden, hidden, output, mode):
        self.rates, self.checkpoints, self.train, self.updates = np.array(rates), checkpoints, *trainer(mode)
        self.kinds = {"hidden": hidden, "output": output}
        _, start = sweep(rates, [seed], 0, n_hidden=n_hidden, **self.kinds)
        start = {name: value[:, 0] for name, value in start.items()}  # one seed: the axis of seeds can go
        self.params, self.losses = {0: start}, np.empty((len(rates), 0))

    def work(self, epochs):
        """How much is still to be done up to this epoch: networks × updates."""
        return len(self.rates) * max(0, epochs - self.losses.shape[1]) * self.updates

    def train_to(self, epochs):
        """Train all networks on, keeping their params at each checkpoint on the way."""
        for epoch in self.checkpoints:
            reached = self.losses.shape[1]
            if reached < epoch <= epochs:
                params, losses = self.train(self.params[reached], *xor(), self.rates, epoch - reached, **self.kinds)
                self.params[epoch], self.losses = params, np.hstack([self.losses, losses])

    def look_up(self, index, epochs):
        """(losses of each epoch, params after the last) of one learning rate."""
        return self.losses[index, :epochs], {name: value[index] for name, value in self.params[epochs].items()}


class _Curve:
    """The left half: the loss of each epoch."""

    SCALES = {False: ("linear", (0, 0.6)), True: ("log", (1e-6, 10))}

    def __init__(self, axes):
        self.axes, self.room, self.shown = axes, None, None
        axes.set(xlabel="epoch", ylabel="loss (mean squared error)")
        axes.set_title("Loss over the epochs")
        (self.line,) = axes.plot([], [], color=BLUE, lw=2)
        (self.last,) = axes.plot([], [], "o", ms=8, color=BLUE, mec="white", mew=1.2, clip_on=False)
        self.note = add_label(
            axes, 0.97, 0.97, ha="right", va="top", transform=axes.transAxes, color=INK, weight="bold"
        )
        self.artists = [self.line, self.last, self.note]

    @staticmethod
    def room_for(epochs):
        """How many epochs the axis shows."""
        return next(room for room in (100, 1000, 5000, 10**9) if epochs <= room)

    def show(self, losses, log_scale):
        self.room = self.room_for(len(losses))
        if self.shown != (self.room, log_scale):  # limits change only here, so the axes stay while most sliders move
            self.shown = (self.room, log_scale)
            scale, limits = self.SCALES[log_scale]
            self.axes.set(yscale=scale, ylim=limits, xlim=(0, self.room))
        lowest, highest = self.axes.get_ylim()
        drawn = np.clip(np.nan_to_num(losses, nan=highest, posinf=highest), lowest, highest)
        self.line.set_data(np.arange(1, len(losses) + 1), drawn)
        self.last.set_data([len(losses)] * (len(losses) > 0), drawn[-1:])
        beyond = len(losses) and not losses[-1] <= highest
        self.note.set_text("the loss is above the picture" if beyond else "")


class _Surface:
    """Above right: the network's output everywhere, and the four examples."""

    SIDE = np.linspace(-0.4, 1.4, 72)

    def __init__(self, axes):
        grid = np.meshgrid(self.SIDE, self.SIDE)
        self.points = np.column_stack([g.ravel() for g in grid])
        axes.set(xlim=(-0.4, 1.4), ylim=(-0.4, 1.4), xticks=[0, 1], yticks=[0, 1], aspect="equal", anchor="W")
        axes.grid(False)
        axes.set_title("Output over both inputs")
        blank = np.zeros((len(self.SIDE), len(self.SIDE), 4), dtype=np.uint8)
        self.image = axes.imshow(blank, origin="lower", extent=(-0.4, 1.4, -0.4, 1.4), zorder=0)
        X, y = xor()
        zero, one = X[y[:, 0] == 0], X[y[:, 0] == 1]
        (zeros,) = axes.plot(*zero.T, "o", ms=10, color=ORANGE, mec="white", mew=2)
        (ones,) = axes.plot(*one.T, "s", ms=9.5, color=BLUE, mec="white", mew=2)
        for y, text in ((0.96, "□ target 1"), (0.86, "○ target 0")):
            axes.text(1.04, y, text, transform=axes.transAxes, va="top", fontsize=8.5)
        self.note = add_label(axes, 0.5, 0.5, color=INK, weight="bold")
        self.artists = [self.image, zeros, ones, self.note]

    def show(self, params, kinds):
        y = predict(params, self.points, **kinds).reshape(len(self.SIDE), -1)
        exploded = not np.all(np.isfinite(y))
        self.note.set_text("no numbers left:\nit diverged" if exploded else "")
        self.image.set_data(DIVERGING(np.where(np.isfinite(y), y, 0.5), bytes=True))


class _Predictions:
    """Below right: the four predictions as bars, their targets as lines."""

    def __init__(self, axes):
        X, y = xor()
        rows = np.arange(4)
        axes.set(xlim=(-0.15, 1.15), ylim=(3.6, -0.6), xticks=[0, 0.5, 1], yticks=rows)
        axes.set_yticklabels([f"{int(a)} xor {int(b)}" for a, b in X], fontsize=8.5)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", visible=False)
        axes.set_title("Predictions ◆ and targets |", x=-0.36, fontsize=9.5, pad=5)
        axes.hlines(rows, 0, 1, color=FAINT, lw=5)
        for row, target in zip(rows, y[:, 0], strict=True):
            axes.plot([target] * 2, [row - 0.34, row + 0.34], color=GREY, lw=3, solid_capstyle="butt")
        (self.dots,) = axes.plot([], [], "D", color=BLUE, ms=6.5, mec="white", mew=1, clip_on=False)
        self.numbers = [add_label(axes, 1.2, row, ha="left", fontsize=8.5, color=INK) for row in rows]
        self.artists = [self.dots, *self.numbers]

    def show(self, predictions):
        finite = np.nan_to_num(predictions, nan=0.5, posinf=2, neginf=-2)
        self.dots.set_data(np.clip(finite, -0.15, 1.15), np.arange(4))
        for label, value in zip(self.numbers, predictions, strict=True):
            label.set_text(_two_digits(value))


def _words(losses, params, predictions, learning_rate, hidden, output):
    """The diagnosis, what to try, and the numbers behind it."""
    target = xor()[1].ravel()
    worst = np.abs(predictions - target).max()
    state, advice = _diagnosis(losses, params, worst, learning_rate, hidden, output)
    lines = [f"<b>Diagnosis: {state}.</b> {advice}"]
    if len(losses) and np.isfinite(losses[-1]):
        lines.append(
            f"With learning rate {learning_rate:g} the loss went from {number(losses[0])} to {number(losses[-1])} "
            f"in {len(losses):,} epoch{'s' * (len(losses) > 1)}."
        )
    if np.all(np.isfinite(predictions)):
        listed = ", ".join(map(_two_digits, predictions))
        lines.append(f"Predictions {listed} for targets 0, 1, 1, 0: at worst {number(worst, 2)} away.")
    return "<br>".join(lines)


def _two_digits(value):
    return f"{value:.2f}".replace("-", "−") if abs(value) < 100 else number(value, 2)


def _diagnosis(losses, params, worst, learning_rate, hidden, output):
    """(state, what to try)."""
    sane = losses <= EXPLODED * losses[:1]  # False for nan too
    if not np.all(sane) or not np.isfinite(worst):
        epoch = int(np.argmin(sane)) + 1 if not np.all(sane) else len(losses) + 1
        what = f"was {EXPLODED:,} times what it was at first" if np.all(np.isfinite(losses)) else "outgrew all bounds"
        return "diverged", f"By epoch {epoch} the loss {what}. Try a smaller learning rate."
    if len(losses) < SHORTEST:
        return "too early to say", f"A curve needs at least {SHORTEST} epochs."
    state = diagnose(losses)
    if worst <= CLOSE:
        return f"{state}, and solved", f"All four predictions are within {CLOSE} of their targets."
    if state == "flat":
        return _flat(params, learning_rate, hidden, output)
    if state == "increasing":
        return state, "The steps are too long. Try a smaller learning rate."
    if state == "jumpy":
        return state, "The steps leap to and fro. Try a smaller learning rate."
    return state, "The loss falls, but XOR is not solved yet. Try more epochs, or a larger learning rate."


def _flat(params, learning_rate, hidden, output):
    """Why the loss stands still: (state, what to try)."""
    slope_h, slope_y = _slopes(params, hidden, output)
    if hidden == "relu" and slope_h == 0:
        return "flat: dead units", "Every hidden unit gives 0 for every example. Try a smaller rate or another seed."
    if hidden != "relu" and (slope_h < 0.02 or slope_y < 0.02):
        return "flat: saturated", (
            "The units are pushed so far to their ends that their slope is nearly 0, and nothing moves any more. "
            "Try a smaller learning rate, from the start."
        )
    if slope_y < 0.02:
        return "flat: saturated", "The output is pushed to 0 or 1, where its slope is nearly 0. Try a smaller rate."
    if learning_rate < 0.1:
        return "flat", "The steps are tiny. Try a larger learning rate."
    return "flat: a plateau", "It may end: try more epochs. If it does not, try another seed or more hidden units."


def _slopes(params, hidden, output):
    """The mean slope of the hidden units and of the output, over the four examples."""
    cache = forward(params, xor()[0].T, hidden, output)
    return activation(hidden)[1](cache["z1"]).mean(), activation(output)[1](cache["z2"]).mean()
