"""The network 2 → 2 → 1 as a drawing with every number on it, one operation after the other, forward and backward.

All numbers come from helpers.network; here they are only shown, each from the step on that computes it.

Lesson: 03_backprop, "Both ways through the network".
"""

from dataclasses import dataclass

import ipywidgets as widgets
import numpy as np

from helpers.explorers.controls import learning_rates, number, positions, slider
from helpers.explorers.record import Explorer
from helpers.live import Live, add_label, arrange, course_style, new_figure
from helpers.losses import mse
from helpers.network import backward, forward, hidden_delta, output_delta
from helpers.palette import BLUE, GREY, INK, ORANGE, PALE_BLUE, PALE_ORANGE, PAPER, PURPLE
from helpers.training import update as update_params

# what each step is called, and the parts of the drawing that it computes
STEPS = (
    ("start", "the inputs, the weights and the biases are given", ("x1", "x2")),
    ("forward", "z1 = W1 x + b1, what reaches the hidden units", ("h1", "h2", "w11", "w12", "w21", "w22")),
    ("forward", "h = sigmoid(z1), the hidden units' answer", ("h1", "h2")),
    ("forward", "z2 = W2 h + b2, what reaches the output", ("y", "v1", "v2")),
    ("forward", "y = sigmoid(z2), the network's answer", ("y",)),
    ("loss", "L = (y − target)², how wrong it is", ("L",)),
    ("backward", "δ2 = ∂L/∂z2 = 2 (y − target) · y (1 − y), the output delta", ("L", "y")),
    ("backward", "∂L/∂W2 = δ2 hᵀ and ∂L/∂b2 = δ2", ("y", "v1", "v2")),
    ("backward", "δ1 = ∂L/∂z1 = (W2ᵀ δ2) · h (1 − h), the hidden delta", ("h1", "h2", "v1", "v2")),
    ("backward", "∂L/∂W1 = δ1 xᵀ and ∂L/∂b1 = δ1", ("h1", "h2", "w11", "w12", "w21", "w22")),
    ("update", "each weight ← weight − learning rate · its gradient", ("w11", "w12", "w21", "w22", "v1", "v2")),
)
Z1, H, Z2, Y, LOSS, DELTA2, GRADS2, DELTA1, GRADS1, UPDATE = range(1, 11)  # the step that computes each


@dataclass(frozen=True)
class Layout:
    """Where the parts of the drawing stand. Offsets are from the middle of a circle, or from a weight's own place."""

    size: tuple  # of the figure, in inches
    limits: tuple  # of the axes: left, right, bottom, top
    nodes: dict
    layers: dict  # the names of the layers
    bias: dict  # offset of a bias from its circle
    delta: dict  # offset of a delta from its circle
    line: float  # from the middle between two lines of letters to the middle of each
    title: tuple


ACROSS = Layout(  # from left to right
    size=(7.8, 4.35),
    limits=(-0.55, 5.9, -0.62, 1.78),
    nodes={"x1": (0, 1), "x2": (0, 0), "h1": (2, 1), "h2": (2, 0), "y": (4, 0.5), "L": (5.35, 0.5)},
    layers={"inputs": (0, -0.5), "hidden units": (2, -0.5), "output": (4, -0.5), "loss": (5.35, -0.5)},
    bias=dict.fromkeys(("h1", "h2", "y"), (0, 0.3525)),
    delta=dict.fromkeys(("h1", "h2", "y", "x1", "x2", "L"), (0, -0.31)),
    line=0.042,
    title=(-0.42, 1.68),
)
DOWN = Layout(  # from top to bottom, in inches, for narrow pages
    size=(3.8, 6.5),
    limits=(0, 3.8, 0, 6.5),
    nodes={"x1": (0.6, 5.4), "x2": (3.2, 5.4), "h1": (0.6, 3.5), "h2": (3.2, 3.5), "y": (1.9, 1.85), "L": (1.9, 0.55)},
    layers={"inputs": (1.9, 5.4), "hidden units": (1.9, 3.12), "output": (0.7, 1.25), "loss": (0.7, 0.55)},
    bias={"h1": (0.86, 0.05), "h2": (-0.86, 0.05), "y": (-0.9, 0)},
    delta={"h1": (-0.18, -0.56), "h2": (0.18, -0.56), "y": (1, 0), "x1": (0, 0), "x2": (0, 0), "L": (0, 0)},
    line=0.078,
    title=(0.15, 6.3),
)
WEIGHTS = {  # name -> (from, to, how far along its number stands)
    "w11": ("x1", "h1", 0.5),
    "w12": ("x2", "h1", 0.29),
    "w21": ("x1", "h2", 0.29),
    "w22": ("x2", "h2", 0.5),
    "v1": ("h1", "y", 0.5),
    "v2": ("h2", "y", 0.5),
}
BIASES = {"b1": "h1", "b2": "h2", "c": "y"}
SIGNS = {
    "w11": "w₁₁",
    "w12": "w₁₂",
    "w21": "w₂₁",
    "w22": "w₂₂",
    "v1": "v₁",
    "v2": "v₂",
    "b1": "b₁",
    "b2": "b₂",
    "c": "c",
}
ALT = (
    "A network of two inputs, two hidden units and one output, as circles joined by lines. Values stand in the circles "
    "and beside the lines, gradients below them in orange. The parts of the present step have a purple rim."
)


def explore_backprop(
    step=0,
    learning_rate=0.5,
    x=(1.0, 0.5),
    target=0.0,
    W1=((0.5, -0.4), (0.3, 0.8)),
    b1=(0.1, -0.2),
    W2=(0.7, -0.6),
    b2=0.2,
):
    """Forward and backward through a network 2 → 2 → 1, one operation at a time.

    Args:
        step: 0 (nothing computed) to 10 (weights updated).
        learning_rate: for the update.
        x: the two inputs.
        target: one number.
        W1: a row of two weights for each hidden unit.
        b1: two biases.
        W2: the two weights of the output, called v in the drawing.
        b2: its bias, called c there.

    Returns:
        A Live with buttons and a player, which shows itself at the end of a cell.

    Lesson: 03_backprop, "Both ways through the network".
    """
    values = {
        **dict(zip(("x1", "x2", "target"), (*x, target), strict=True)),
        **dict(zip(("w11", "w12", "w21", "w22", "b1", "b2"), (*W1[0], *W1[1], *b1), strict=True)),
        **dict(zip(("v1", "v2", "c"), (*W2, b2), strict=True)),
    }
    controls = {
        "step": slider("Step", step, 0, len(STEPS) - 1, 1, "Which operation, from the inputs to the update"),
        "learning_rate": positions("Learning rate", learning_rate, learning_rates(-2, 1), "For the update, step 10"),
    }
    for name, value in values.items():
        hint = _meaning(name)
        controls[name] = slider(f"{SIGNS.get(name, name)}", float(value), -2.0, 2.0, 0.05, hint, width="230px")

    with course_style():
        figure = new_figure(*ACROSS.size)
        drawing = _Drawing(figure.add_axes((0, 0, 1, 1)))

    sized = arrange(figure, DOWN.size, [(0, 0, 1, 1)])

    def arranged(narrow):
        sized(narrow)
        drawing.place(DOWN if narrow else ACROSS)

    def update(step, learning_rate, target, **numbers):
        run = _Run(numbers, target, learning_rate)
        drawing.show(step, run, target)
        return _words(step, run, target, learning_rate)

    def arguments(step, learning_rate, target, **numbers):
        n = numbers
        return {
            "step": step,
            "learning_rate": learning_rate,
            "x": [n["x1"], n["x2"]],
            "target": target,
            "W1": [[n["w11"], n["w12"]], [n["w21"], n["w22"]]],
            "b1": [n["b1"], n["b2"]],
            "W2": [n["v1"], n["v2"]],
            "b2": n["c"],
        }

    wrap = widgets.Layout(flex_flow="row wrap", grid_gap="2px 16px")
    numbers = widgets.Accordion(
        [widgets.HBox([controls[name] for name in values], layout=wrap)],
        titles=("Change inputs, target, weights and biases",),
    )
    return Live(
        figure,
        drawing.artists,
        update,
        controls,
        call="explore_backprop",
        alt=ALT,
        arguments=arguments,
        arrange=arranged,
        rows=[[controls["step"], *_player(controls["step"]), controls["learning_rate"]], numbers],
    )


EXPLORER = Explorer(
    make=explore_backprop,
    title="Forward and backward through a network",
    tab="Backpropagation",
    sentence="Go forward and backward through a small network, one operation at a time, and see where every gradient comes from.",
    lesson="03_backprop",
    shown={"step": 9},
    move=({"step": 4}, "w21", -1.25),
    timed=({"step": 1}, "Step"),
)


def _player(step):
    """Back and next, and a player, all of which move the step slider."""
    size = widgets.Layout(width="90px")
    back = widgets.Button(description="◀ Back", tooltip="One operation back", layout=size)
    next_ = widgets.Button(description="Next ▶", tooltip="One operation on", layout=size)
    player = widgets.Play(min=step.min, max=step.max, value=step.value, interval=1500, description="Play all steps")
    back.on_click(lambda _: setattr(step, "value", max(step.min, step.value - 1)))
    next_.on_click(lambda _: setattr(step, "value", min(step.max, step.value + 1)))
    widgets.link((player, "value"), (step, "value"))
    return back, next_, player


def _meaning(name):
    if name == "target":
        return "What the network should answer"
    if name in WEIGHTS:
        start, end, _ = WEIGHTS[name]
        return f"The weight from {start} to {end}"
    return f"The bias of {BIASES[name]}" if name in BIASES else f"The input {name}"


class _Run:
    """One forward and backward pass, with every number under its name in the drawing."""

    def __init__(self, n, target, learning_rate):
        params = {
            "W1": np.array([[n["w11"], n["w12"]], [n["w21"], n["w22"]]]),
            "b1": np.array([[n["b1"]], [n["b2"]]]),
            "W2": np.array([[n["v1"], n["v2"]]]),
            "b2": np.array([[n["c"]]]),
        }
        x, target = np.array([[n["x1"]], [n["x2"]]]), np.array([[target]])
        cache = forward(params, x)
        grads = backward(params, cache, target)
        delta2 = output_delta(cache, target)
        delta1 = hidden_delta(params, cache, delta2)
        after = update_params(params, grads, learning_rate)

        self.values, self.grads, self.updated = n, _named(grads), _named(after)
        self.z = dict(zip(("h1", "h2", "y"), (*cache["z1"][:, 0], cache["z2"][0, 0]), strict=True))
        self.out = dict(zip(("h1", "h2", "y"), (*cache["h"][:, 0], cache["y"][0, 0]), strict=True))
        self.delta = dict(zip(("h1", "h2", "y"), (*delta1[:, 0], delta2[0, 0]), strict=True))
        self.loss = mse(target, cache["y"])
        self.loss_after = mse(target, forward(after, x)["y"])


def _named(arrays):
    """A dict of W1 b1 W2 b2 as a dict of single numbers, named as in the drawing."""
    (w11, w12), (w21, w22) = arrays["W1"]
    (b1, b2), (v1, v2), c = arrays["b1"][:, 0], arrays["W2"][0], arrays["b2"][0, 0]
    return dict(w11=w11, w12=w12, w21=w21, w22=w22, b1=b1, b2=b2, v1=v1, v2=v2, c=c)


class _Drawing:
    """Circles, lines and numbers."""

    def __init__(self, axes):
        self.axes, self.layout, self.places = axes, None, {}
        axes.set_axis_off()
        self.lines, self.halos, self.nodes, self.numbers, self.slopes = {}, {}, {}, {}, {}
        small = {"fontsize": 9.3, "paper": True}
        for name in WEIGHTS:
            (self.halos[name],) = axes.plot([], [], color=PURPLE, alpha=0.25, lw=12)
            (self.lines[name],) = axes.plot([], [], color=BLUE)
            self.numbers[name] = add_label(axes, 0, 0, color=INK, **small)
            self.slopes[name] = add_label(axes, 0, 0, color=ORANGE, **small)
        (self.to_loss,) = axes.plot([], [], color=GREY, lw=1.2, zorder=0)
        for name in ACROSS.nodes:
            (self.halos[name],) = axes.plot([], [], "o", color=PURPLE, ms=67)
            (self.nodes[name],) = axes.plot([], [], "o", ms=61, mfc=PAPER, mec=GREY, mew=1.5)
            self.numbers[name] = add_label(axes, 0, 0, fontsize=9.3, color=INK)
            self.slopes[name] = add_label(axes, 0, 0, color=ORANGE, **small)
        for name in BIASES:
            self.numbers[name] = add_label(axes, 0, 0, fontsize=9.3, color=INK)
            self.slopes[name] = add_label(axes, 0, 0, fontsize=9.3, color=ORANGE)
        self.layers = {name: axes.text(0, 0, name, ha="center", va="center", color=GREY) for name in ACROSS.layers}
        self.title = add_label(axes, 0, 0, ha="left", fontsize=11.5, weight="bold", color=INK)
        labels = [*self.slopes.values(), *self.numbers.values()]
        self.artists = [*self.halos.values(), *self.lines.values(), *self.nodes.values(), *labels, self.title]
        self.place(ACROSS)

    def place(self, layout):
        """Put every part where the layout has it."""
        self.layout, nodes = layout, layout.nodes
        left, right, bottom, top = layout.limits
        self.axes.set(xlim=(left, right), ylim=(bottom, top))
        for name, (start, end, along) in WEIGHTS.items():
            ends = np.array([nodes[start], nodes[end]])
            self.halos[name].set_data(*ends.T)
            self.lines[name].set_data(*ends.T)
            self.places[name] = ends[0] + along * (ends[1] - ends[0])
        self.to_loss.set_data(*np.array([nodes["y"], nodes["L"]]).T)
        for name, (x, y) in nodes.items():
            self.halos[name].set_data([x], [y])
            self.nodes[name].set_data([x], [y])
            self.numbers[name].set_position((x, y))
            self.slopes[name].set_position((x + layout.delta[name][0], y + layout.delta[name][1]))
        for name, node in BIASES.items():
            self.places[name] = np.array(nodes[node]) + layout.bias[node]
        for name, place in layout.layers.items():
            self.layers[name].set_position(place)
        self.title.set_position(layout.title)

    def show(self, step, run, target):
        phase, formula, parts = STEPS[step]
        what = f": {formula}" if self.layout is ACROSS else ""  # where there is no room, it stands in the words alone
        self.title.set_text(f"Step {step} of {len(STEPS) - 1}, {phase}{what}")
        for name, halo in self.halos.items():
            halo.set_visible(name in parts)
        for name in (*WEIGHTS, *BIASES):
            self._parameter(name, step, run)
        for name, node in self.nodes.items():
            self.numbers[name].set_text(_inside(name, step, run, target))
            node.set_markerfacecolor(PALE_BLUE if self.numbers[name].get_text().count("\n") else PAPER)
        for name in ("h1", "h2", "y"):
            known = step >= (DELTA2 if name == "y" else DELTA1)
            self.slopes[name].set_text(f"δ = {_short(run.delta[name])}" if known else "")
        self.nodes["L"].set_markerfacecolor(PALE_ORANGE if step >= LOSS else PAPER)

    def _parameter(self, name, step, run):
        value = run.updated[name] if step >= UPDATE else run.values[name]
        known = step >= (GRADS2 if name in ("v1", "v2", "c") else GRADS1)
        self.numbers[name].set_text(f"{SIGNS[name]} = {_short(value)}")
        self.slopes[name].set_text(f"∂ = {_short(run.grads[name])}" if known else "")
        x, y = self.places[name]  # of the value, or of the value and below it the gradient
        self.numbers[name].set_position((x, y + self.layout.line * known))
        self.slopes[name].set_position((x, y - self.layout.line))
        if name in self.lines:
            self.lines[name].set(color=BLUE if value >= 0 else ORANGE, linewidth=1 + 2.5 * abs(value))


def _inside(name, step, run, target):
    """What stands in a circle at this step."""
    if name in ("x1", "x2"):
        return f"{name}\n{_short(run.values[name])}"
    if name == "L":
        return f"L\n{_short(run.loss)}" if step >= LOSS else f"target {_short(target)}"
    first, second = (Z2, Y) if name == "y" else (Z1, H)
    if step < first:
        return name
    return f"z = {_short(run.z[name])}\n{name} = " + (_short(run.out[name]) if step >= second else "?")


def _short(value):
    """Three digits after the point, or fewer where they are 0; tiny numbers as powers of ten."""
    if value and abs(value) < 0.001:
        return f"{value:.0e}".replace("e-0", "e-").replace("-", "−")
    return f"{value:.3f}".rstrip("0").rstrip(".").replace("-", "−") or "0"


def _words(step, run, target, learning_rate):
    """This step's arithmetic, number by number."""
    phase, formula, _ = STEPS[step]
    return f"<b>Step {step}, {phase}.</b> {formula[0].upper() + formula[1:] if step in (0, 10) else formula}.<br>" + (
        "<br>".join(_arithmetic(step, run, target, learning_rate))
    )


def _arithmetic(step, run, target, learning_rate):
    v, g, s = run.values, run.grads, _short
    if step == 0:
        return [f"x1 = {s(v['x1'])}, x2 = {s(v['x2'])}; the target is {s(target)}.", "Press Next: what will z be?"]
    if step == Z1:
        rows = ((1, "w11", "w12", "b1"), (2, "w21", "w22", "b2"))
        return [
            f"z of h{i} = {s(v[a])} · {s(v['x1'])} + {s(v[b])} · {s(v['x2'])} + {s(v[c])} = {s(run.z[f'h{i}'])}"
            for i, a, b, c in rows
        ]
    if step == H:
        return [f"{h} = sigmoid({s(run.z[h])}) = {s(run.out[h])}" for h in ("h1", "h2")]
    if step == Z2:
        terms = f"{s(v['v1'])} · {s(run.out['h1'])} + {s(v['v2'])} · {s(run.out['h2'])} + {s(v['c'])}"
        return [f"z of y = {terms} = {s(run.z['y'])}"]
    y = run.out["y"]
    if step == Y:
        return [f"y = sigmoid({s(run.z['y'])}) = {s(y)}; the target is {s(target)}."]
    if step == LOSS:
        return [f"L = ({s(y)} − {s(target)})² = {s(run.loss)}"]
    if step == DELTA2:
        return [f"δ2 = 2 · ({s(y)} − {s(target)}) · {s(y)} · (1 − {s(y)}) = {s(run.delta['y'])}"]
    if step == GRADS2:
        lines = [f"∂L/∂{SIGNS[f'v{i}']} = δ2 · h{i} = {s(g[f'v{i}'])}" for i in (1, 2)]
        return [*lines, f"∂L/∂c = δ2 = {s(g['c'])}"]
    if step == DELTA1:
        return [
            f"δ of h{i} = {s(v[f'v{i}'])} · {s(run.delta['y'])} · {s(run.out[f'h{i}'])} · "
            f"(1 − {s(run.out[f'h{i}'])}) = {s(run.delta[f'h{i}'])}"
            for i in (1, 2)
        ]
    if step == GRADS1:
        pairs = [(i, j) for i in (1, 2) for j in (1, 2)]
        return [f"∂L/∂{SIGNS[f'w{i}{j}']} = δ of h{i} · x{j} = {s(g[f'w{i}{j}'])}" for i, j in pairs]
    return [
        f"{SIGNS['v1']}: {s(v['v1'])} − {learning_rate:g} · {s(g['v1'])} = {s(run.updated['v1'])}, and so on.",
        f"With the new weights the loss is {number(run.loss_after)} instead of {number(run.loss)}.",
    ]
