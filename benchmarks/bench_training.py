"""How fast does the course train, beside PyTorch, JAX and scikit-learn? Run by `make bench-training`.

Two tasks, both XOR with a network [2, 4, 1] of sigmoid units, full batch, 1,000 epochs with the loss of every epoch kept:
one network, and a sweep of 40 learning rates × 25 seeds. All ways run in one process, one after the other in each
round, so that the ratios hold on a busy machine too; compiling comes before the first round and is said apart.
The plain loop of the sweep is timed on some of its 1,000 runs and multiplied.

Every way must arrive at the same losses as the plain loop, or the benchmark ends with an error.
Prints two tables, and writes build/bench_training.json. What is not installed is named and left out.
"""

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import numpy as np  # noqa: E402
from tables import significant, spread, summary, table, write_json  # noqa: E402
from training_ways import LEFT_OUT, one_network_ways, plain_runs, sweep_ways, use_threads  # noqa: E402

RATES = np.geomspace(0.01, 30, 40)
SEEDS = range(25)
EPOCHS = 1000
CALM = 3.0  # up to this rate training forgets its rounding errors, so that all ways must agree


def compare(ways, rounds):
    """Time each way `rounds` times, in turn: name → seconds; name → seconds of its first call; name → losses."""
    first, times, losses = {}, {name: [] for name in ways}, {}
    for name, way in ways.items():
        began = time.perf_counter()
        losses[name] = np.asarray(way())
        first[name] = time.perf_counter() - began
        print(f"  {name}: first call {first[name]:.2f} s", flush=True)
    for number in range(rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - began)
        print(f"  round {number + 1} of {rounds}", flush=True)
    return first, times, losses


def check_losses(losses, expected, tolerance):
    """Every way must have learned the same. Raises SystemExit otherwise. Returns name → largest difference."""
    differences = {name: float(np.abs(found - expected).max()) for name, found in losses.items()}
    wrong = {name: difference for name, difference in differences.items() if not difference <= tolerance}
    if wrong:
        sys.exit(f"these ways do not arrive at the losses of the plain loop (largest difference): {wrong}")
    return differences


def one_network(rounds):
    """One network: milliseconds, and how many times faster than the plain loop."""
    print("one network", flush=True)
    ways = one_network_ways(rate=0.5, seed=0, epochs=EPOCHS)
    first, times, losses = compare(ways, rounds)
    (plain,) = plain_runs([0.5], [0], EPOCHS)
    same_task = {name: found for name, found in losses.items() if "another output" not in name}
    check_losses({n: f for n, f in same_task.items() if "each example" not in n}, plain, 1e-4)
    rows = [
        [name, spread(taken, 1e-3), ratio(times["plain numpy"], taken), significant(first[name], 2)]
        for name, taken in times.items()
    ]
    print("\n" + table(["one network, 1,000 epochs", "ms", "× plain numpy", "first call, s"], rows) + "\n")
    return result(times, first)


def whole_sweep(rounds, sampled):
    """The sweep: seconds, and how many times faster than a loop of plain runs."""
    print("sweep", flush=True)
    rates, seeds = np.repeat(RATES, len(SEEDS)), np.tile(SEEDS, len(RATES))
    some = np.linspace(0, rates.size - 1, sampled).astype(int)
    ways = sweep_ways(RATES, SEEDS, EPOCHS)
    loop = f"a loop of plain runs ({sampled} of {rates.size} timed)"
    ways = {loop: lambda: plain_runs(rates[some], seeds[some], EPOCHS), **ways}
    first, times, losses = compare(ways, rounds)
    times[loop] = [seconds * rates.size / sampled for seconds in times[loop]]
    expected = losses.pop(loop)
    calm = rates[some] <= CALM
    found = {name: values.reshape(rates.size, EPOCHS)[some][calm] for name, values in losses.items()}
    differences = check_losses(found, expected[calm], 0.02)
    rows = [
        [
            name,
            spread(taken),
            ratio(times[loop], taken),
            significant(first[name], 2),
            significant(differences.get(name, 0), 1),
        ]
        for name, taken in times.items()
    ]
    heads = ["40 rates × 25 seeds, 1,000 epochs", "seconds", "× the loop", "first call, s", "losses differ by at most"]
    print("\n" + table(heads, rows))
    print(f"(The last column: rates up to {CALM:g}; above, rounding errors grow in all of them.)\n")
    goals(times, loop)
    return result(times, first)


def goals(times, loop):
    """Say of each goal whether it was met."""
    best = {name: np.median(taken) for name, taken in times.items()}
    ours = {dtype: best[f"helpers.training.sweep, {dtype}"] for dtype in ("float64", "float32")}
    said = [("at least 100 times faster than the loop", best[loop] / ours["float64"] >= 100)]
    for dtype, seconds in ours.items():
        torch = [taken for name, taken in best.items() if name.startswith("PyTorch") and dtype in name]
        jax = [taken for name, taken in best.items() if name.startswith("JAX") and dtype in name]
        if torch:
            said.append((f"ahead of every PyTorch way, {dtype}", seconds < min(torch)))
        if jax:
            said.append((f"within 4 times of JAX, {dtype}", seconds <= 4 * min(jax)))
    for goal, met in said:
        print(f"{'met   ' if met else 'MISSED'}  {goal}")


def ratio(plain, taken):
    """How many times faster, round by round: median (min – max)."""
    return spread([a / b for a, b in zip(plain, taken, strict=True)])


def result(times, first):
    return {name: {**summary(taken), "first_call": first.get(name)} for name, taken in times.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="3 rounds instead of 9")
    parser.add_argument("--threads", type=int, help="threads of PyTorch (default: its own choice)")
    parser.add_argument("parts", nargs="*", metavar="PART", help="one-network, sweep; both by default")
    options = parser.parse_args()
    if unknown := set(options.parts) - {"one-network", "sweep"}:
        parser.error(f"there is no part {', '.join(unknown)}; choose one-network or sweep")
    use_threads(options.threads)
    rounds, sampled = (3, 20) if options.quick else (9, 40)
    found = {}
    if "one-network" in options.parts or not options.parts:
        found["one network"] = one_network(rounds)
    if "sweep" in options.parts or not options.parts:
        found["sweep"] = whole_sweep(rounds, sampled)
    for name, why in LEFT_OUT.items():
        print(f"left out: {name} ({why})")
    write_json("bench_training", {"rounds": rounds, **found, "left out": LEFT_OUT})


if __name__ == "__main__":
    main()
