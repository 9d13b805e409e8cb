"""How often does it work? Learning rate × epochs, over many seeds.

All networks (rates × seeds) are trained at once, some hundred epochs at a time. Between two such chunks the kernel can
do other things: move the progress bar, answer the sliders, or stop.

Lesson: 05_hyperparameters, "One lucky run is no proof".
"""

import asyncio

import ipywidgets as widgets
import numpy as np
from matplotlib.patches import Rectangle

from helpers.datasets import xor
from helpers.explorers.controls import choice, positions, slider
from helpers.explorers.modes import mode_choice, trainer
from helpers.explorers.record import Explorer
from helpers.live import Live, add_label, arrange, course_style, new_figure
from helpers.palette import BLUE, FAINT, GREY, INK, ORANGE, PURPLE, SHARE, ink_on
from helpers.training import predict, sweep

RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.5, 1.0, 3.0, 10.0, 30.0, 100.0)
EPOCHS = (50, 100, 200, 500, 1000, 2000, 5000)
CLOSE = 0.05  # solved: all four predictions this close to their targets
CHUNK = 100  # epochs between two looks at the progress bar: some hundredths of a second
AT_ONCE = 1_500_000  # networks × updates that are worked off before the picture is first shown, about a second
ALT = (
    "On the left a table: one row per learning rate, one column per number of epochs, and in each cell the share of "
    "seeds that solve XOR, darker for more. On the right the loss curves of all seeds at the chosen rate."
)


def explore_hyperparameters(
    learning_rate=0.5, epochs=5000, seed=0, n_hidden=4, hidden="sigmoid", mode="full batch", seeds=20
):
    """A map of success over learning rates, epochs and seeds.

    A run has solved XOR when all four predictions are within 0.05 of their targets.

    Args:
        learning_rate, epochs, seed: the chosen cell and the run drawn in full; epochs is one of 50, 100, 200, 500,
            1000, 2000, 5000.
        n_hidden: hidden units.
        hidden: "sigmoid", "tanh" or "relu".
        mode: "full batch" or "one example at a time".
        seeds: how many networks per cell, 5 to 100.

    Returns:
        A Live with a progress bar and a stop button, which shows itself at the end of a cell.

    Raises:
        TraitError: for an unknown activation, mode or number of epochs.

    Lesson: 05_hyperparameters, "One lucky run is no proof".
    """
    controls = {
        "learning_rate": positions("Learning rate", learning_rate, RATES, "The row: the step size, on a log scale"),
        "epochs": positions("Epochs", epochs, EPOCHS, "The column: how often the network sees all four examples"),
        "seed": slider("Seed", seed, 0, seeds - 1, 1, "The run drawn as a thick line", width="240px"),
        "n_hidden": choice("Hidden units", n_hidden, sorted({2, 3, 4, 5, 8, n_hidden}), "Units in the middle"),
        "hidden": choice("Hidden activation", hidden, ["sigmoid", "tanh", "relu"], "What each hidden unit does"),
        "mode": mode_choice(mode),
        "seeds": choice("Number of seeds", seeds, sorted({5, 10, 20, 50, 100, seeds}), "How many networks per cell"),
    }
    return _Explorer(controls)


EXPLORER = Explorer(
    make=explore_hyperparameters,
    title="Which settings work, over many seeds",
    tab="Many seeds",
    sentence="One lucky run is no proof: train hundreds of networks at once and see which learning rates work, and how often.",
    lesson="05_hyperparameters",
    shown={"learning_rate": 10.0, "epochs": 1000},
    move=({"epochs": 1000, "seeds": 5}, "learning_rate", 3.0),
    timed=({"learning_rate": 0.01, "seeds": 10}, "Learning rate"),
)


class _Explorer(Live):
    """A Live whose numbers are worked out bit by bit."""

    def __init__(self, controls):
        self.rates = [rate for _, rate in controls["learning_rate"].options]
        self.checkpoints = [epoch for _, epoch in controls["epochs"].options]
        self.experiment, self.key, self.task, self.drawn = None, None, None, None
        self.bar = widgets.IntProgress(description="Progress", style={"description_width": "initial"})
        self.progress = widgets.Label()
        self.button = widgets.Button(description="Stop", tooltip="Stop computing, and keep what is there", icon="stop")
        self.button.on_click(lambda _: self.go_on() if self.button.description == "Go on" else self.stop())
        with course_style():
            figure = new_figure(8.0, 4.4)
            self.map = _Map(figure.add_axes((0.085, 0.13, 0.43, 0.76)), self.rates, self.checkpoints)
            self.curves = _Curves(figure.add_axes((0.64, 0.13, 0.345, 0.76)), self.checkpoints[-1])
        listed = list(controls.values())
        super().__init__(
            figure,
            [*self.map.artists, *self.curves.artists],
            self.show,
            controls,
            call="explore_hyperparameters",
            alt=ALT,
            rows=[listed[:3], listed[3:], [self.bar, self.button, self.progress]],
            cheap=lambda seeds, **setting: (
                self.key == (seeds, *[setting[name] for name in ("n_hidden", "hidden", "mode")])
            ),
            arrange=arrange(figure, (4.0, 7.5), [(0.16, 0.52, 0.81, 0.44), (0.16, 0.07, 0.81, 0.34)]),
            click=self.clicked,
        )

    def clicked(self, x, y):
        """Choose the cell of the map at a point of the picture, in shares of its width and height from below left."""
        cell = self.map.cell_at(*self.figure.transFigure.transform((x, y)))
        if cell:
            row, column = cell
            self.set(learning_rate=self.rates[row], epochs=self.checkpoints[column])

    def show(self, learning_rate, epochs, seed, seeds, **setting):
        """Move the chosen cell and curve; start anew if anything else has changed."""
        if self.key != (seeds, *setting.values()):
            self.key = (seeds, *setting.values())
            self.controls["seed"].max = seeds - 1
            self.experiment = _Experiment(self.rates, self.checkpoints, seeds, **setting)
            self._start()
        experiment, row = self.experiment, self.rates.index(learning_rate)
        if self.drawn != (experiment, experiment.columns_done):
            self.drawn = (experiment, experiment.columns_done)
            self.map.fill(experiment.success)
        seed = min(seed, seeds - 1)
        self.map.choose(row, self.checkpoints.index(epochs))
        self.curves.show(experiment.losses[row], experiment.solved[row], self.checkpoints.index(epochs), epochs, seed)
        return _words(experiment, row, self.checkpoints.index(epochs), learning_rate, epochs, seed)

    def stop(self):
        """Stop computing; what is there stays."""
        if self.task:
            self.task.cancel()
        self.task = None
        self._tell("stopped")

    def go_on(self):
        """Compute what is still missing."""
        self._start()
        self.forget()
        self.redraw()

    def _start(self):
        """Compute at once if it is little, or if there is no event loop to do it in the background."""
        if self.task:
            self.task.cancel()
        first = self._background is None
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        if loop is None or (first and self.experiment.work_left <= AT_ONCE):
            while not self.experiment.done:
                self.experiment.advance()
            self._tell("done")
        else:
            self.task = loop.create_task(self._work(self.experiment))
            self._tell("computing")

    async def _work(self, experiment):
        """Chunk after chunk, leaving the kernel free between them."""
        columns = experiment.columns_done
        while not experiment.done:
            await asyncio.sleep(0.005)
            experiment.advance()
            self._tell("computing")
            if experiment.columns_done != columns:
                columns = experiment.columns_done
                self.forget()
                self.redraw()
        self._tell("done")

    def _tell(self, state):
        done, total = self.experiment.epochs_done, self.checkpoints[-1]
        self.bar.max, self.bar.value = total, done
        self.button.description = "Go on" if state == "stopped" else "Stop"
        self.button.disabled = state == "done"
        self.progress.value = f"{state}: {done:,} of {total:,} epochs, {self.experiment.runs} networks"


class _Experiment:
    """Many networks, trained a chunk further at each `advance`."""

    def __init__(self, rates, checkpoints, seeds, n_hidden, hidden, mode):
        self.checkpoints, self.hidden, self.train, self.updates = checkpoints, hidden, *trainer(mode)
        _, self.params = sweep(rates, range(seeds), 0, n_hidden=n_hidden, hidden=hidden)
        self.rates = np.repeat(np.reshape(rates, (-1, 1)), seeds, axis=1)
        self.losses = np.full((len(rates), seeds, checkpoints[-1]), np.nan)
        self.solved = np.zeros((len(rates), seeds, len(checkpoints)), dtype=bool)
        self.epochs_done, self.columns_done, self.runs = 0, 0, len(rates) * seeds

    @property
    def done(self):
        return self.columns_done == len(self.checkpoints)

    @property
    def work_left(self):
        """Networks × updates."""
        return self.runs * (self.checkpoints[-1] - self.epochs_done) * self.updates

    @property
    def success(self):
        """The share of seeds that solve XOR, (rates, columns); nan where nothing is known yet."""
        share = self.solved.mean(axis=1)
        share[:, self.columns_done :] = np.nan
        return share

    def advance(self):
        """Train at most CHUNK epochs on, and look at the predictions if a checkpoint is reached."""
        checkpoint = self.checkpoints[self.columns_done]
        chunk = min(CHUNK, checkpoint - self.epochs_done)
        self.params, losses = self.train(self.params, *xor(), self.rates, chunk, hidden=self.hidden)
        self.losses[:, :, self.epochs_done : self.epochs_done + chunk] = losses
        self.epochs_done += chunk
        if self.epochs_done == checkpoint:
            X, y = xor()
            worst = np.abs(predict(self.params, X, hidden=self.hidden) - y).max(axis=(-2, -1))
            self.solved[:, :, self.columns_done] = worst <= CLOSE
            self.columns_done += 1


class _Map:
    """The left half: the share of seeds that solve XOR."""

    def __init__(self, axes, rates, checkpoints):
        rows, columns = len(rates), len(checkpoints)
        self.axes = axes
        axes.set(xlim=(0, columns), ylim=(0, rows), xlabel="epochs", ylabel="learning rate")
        axes.set_xticks(np.arange(columns) + 0.5, [f"{epoch:,}" for epoch in checkpoints])
        axes.set_yticks(np.arange(rows) + 0.5, [f"{rate:g}" for rate in rates])
        axes.tick_params(length=0)
        axes.grid(False)
        axes.set_title("Seeds in 100 that solve XOR")
        self.cells, self.numbers = {}, {}
        for i, j in np.ndindex(rows, columns):
            self.cells[i, j] = axes.add_patch(Rectangle((j, i), 1, 1, ec="white", lw=1))
            self.numbers[i, j] = add_label(axes, j + 0.5, i + 0.5, fontsize=8.5)
        frame = {"fill": False, "clip_on": False, "zorder": 5}
        self.artists = [  # purple in white, to be seen on dark and light cells
            axes.add_patch(Rectangle((0, 0), 1, 1, ec="white", lw=7, **frame)),
            axes.add_patch(Rectangle((0, 0), 1, 1, ec=PURPLE, lw=3.5, **frame)),
        ]

    def fill(self, success):
        """Colour all cells; they are part of the background, so this is not for every move of a slider."""
        for place, share in np.ndenumerate(success):
            known = not np.isnan(share)
            colour = SHARE(share) if known else "white"
            self.cells[place].set(
                facecolor=colour, hatch=None if known else "///", edgecolor="white" if known else FAINT
            )
            self.numbers[place].set(text=f"{100 * share:.0f}" if known else "", color=ink_on(colour))

    def choose(self, row, column):
        for frame in self.artists:
            frame.set_xy((column, row))

    def cell_at(self, x, y):
        """The (row, column) of the cell at a point of the canvas, in pixels; None beside the table."""
        column, row = np.floor(self.axes.transData.inverted().transform((x, y))).astype(int)
        return (int(row), int(column)) if (row, column) in self.cells else None


class _Curves:
    """The right half: one loss curve per seed."""

    def __init__(self, axes, most):
        axes.set(xscale="log", xlim=(1, most), ylim=(0, 0.6), xlabel="epoch (log scale)", ylabel="loss")
        axes.set_title("The seeds of the chosen cell")
        self.at = np.unique(np.geomspace(1, most, 140).astype(int)) - 1  # some epochs are enough to draw a curve
        (self.failed,) = axes.plot([], [], color=ORANGE, lw=0.9, ls=(0, (4, 2)), alpha=0.75)
        (self.solved,) = axes.plot([], [], color=BLUE, lw=0.9, alpha=0.75)
        (self.chosen,) = axes.plot([], [], color=PURPLE, lw=3)
        self.note = add_label(axes, 0.98, 0.98, ha="right", va="top", transform=axes.transAxes, color=INK, fontsize=9)
        self.waiting = add_label(axes, 0.5, 0.5, transform=axes.transAxes, color=GREY)
        self.artists = [self.failed, self.solved, self.chosen, self.note, self.waiting]

    def show(self, losses, solved, column, epochs, seed):
        at = np.append(self.at[self.at < epochs - 1], epochs - 1)
        drawn, good = losses[:, at], solved[:, column]
        known = not np.isnan(losses[0, epochs - 1])
        self.failed.set_data(*_one_line(at + 1, drawn[~good]))
        self.solved.set_data(*_one_line(at + 1, drawn[good]))
        self.chosen.set_data(at + 1, drawn[seed])
        text = f"blue: {good.sum()} solved\norange, dashed: {(~good).sum()} not\nthick: seed {seed}"
        self.note.set_text(text if known else "")
        self.waiting.set_text("" if known else "not computed yet")


def _one_line(x, curves):
    """Many curves (n, points) as one line with gaps, which is quicker to draw."""
    gap = np.full((len(curves), 1), np.nan)
    return np.tile(np.append(x, np.nan), len(curves)), np.hstack([curves, gap]).ravel()


def _words(experiment, row, column, learning_rate, epochs, seed):
    """The chosen cell, the chosen run, and the best cell of the column."""
    if column >= experiment.columns_done:
        return f"<b>Not computed yet</b>: {experiment.epochs_done:,} of {epochs:,} epochs are done."
    share, seeds = experiment.success[:, column], experiment.solved.shape[1]
    solved = experiment.solved[row, seed, column]
    best = np.flatnonzero(share == share.max())
    rates = [f"{experiment.rates[i, 0]:g}" for i in best]
    lines = [
        f"<b>Learning rate {learning_rate:g}, {epochs:,} epochs: {round(share[row] * seeds)} of {seeds} seeds "
        f"solve XOR ({share[row]:.0%}).</b>",
        f"Seed {seed} {'solves it' if solved else 'does not'}: its loss ends at {_loss(experiment, row, seed, epochs)}.",
    ]
    if share.max() == 0:
        lines.append(f"No rate solves it in {epochs:,} epochs.")
    else:
        listed = rates[0] if len(rates) == 1 else f"{', '.join(rates[:-1])} and {rates[-1]}"
        lines.append(f"Best in this column: {listed}, with {share.max():.0%}.")
    if share[row] < 0.5 and row > best.max():
        lines.append("This rate is too large: the units saturate, and the loss stays where it is.")
    elif share[row] < 0.5 and share.max() > 0 and row < best.min():
        lines.append("This rate is too small for so few epochs.")
    return "<br>".join(lines)


def _loss(experiment, row, seed, epochs):
    return f"{experiment.losses[row, seed, epochs - 1]:.2g}"
