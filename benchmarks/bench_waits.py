"""How long does one wait for the small things? Run by `make bench-waits`; a minute.

Seconds, median (smallest – largest), for what is promised to be quick: the check in a lesson's first cell, a step of the
training explorer's rate, the largest open choice that the budget allows, and the longest messages of exceptions. What
the tests hold instead, since a machine may be busy: that the check imports nothing heavy, that a known rate is not
trained again, and that nothing hangs.

Prints a table, and writes build/bench_waits.json.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tables import clean_environment, spread, summary, table, write_json  # noqa: E402

from autograder.course.own_files import own_module  # noqa: E402
from autograder.feedback import messages  # noqa: E402
from autograder.marking.answers import read_value  # noqa: E402
from helpers.explorers import explore_training  # noqa: E402
from helpers.questions import encode  # noqa: E402


def seconds(do, *arguments):
    """How long one call takes."""
    begun = time.perf_counter()
    do(*arguments)
    return time.perf_counter() - begun


def environment_check(repeats):
    """A new Python that checks the environment, as the first cell of each lesson does."""
    command = [sys.executable, "-m", "helpers.environment"]
    run = {"cwd": ROOT, "env": clean_environment(), "check": True, "stdout": subprocess.DEVNULL}
    return [seconds(lambda: subprocess.run(command, **run)) for _ in range(repeats)]


def explorer_steps(repeats):
    """Each position of the rate's slider once: the networks of all rates are trained already."""
    live = explore_training()
    rate = live.controls["learning_rate"]
    values = [value for _, value in rate.options if value != rate.value]
    return [seconds(setattr, rate, "value", value) for value in values]


def whole_budgets(repeats):
    """The judge of 05_hyperparameters tries out a choice that uses up its budget, for the smallest and largest sizes."""
    judges = own_module(ROOT / "judges" / "xor.py")
    found = []
    for n_hidden in [1, 2, 4, 16, 64]:
        choice = {"n_hidden": n_hidden, "learning_rate": 1.0, "epochs": judges.BUDGET // (4 * n_hidden + 1)}
        value = read_value(encode(choice))
        for _ in range(repeats):
            judges._trial.cache_clear()
            found.append(seconds(judges.judge_xor, value))
    return found


def long_messages(repeats):
    """What may be told of an exception of each kind, with a message as long as one may be."""
    own = messages.OwnText({"f": "x"})
    texts = ("(" * 2000, "1" * 2000, "'" * 2000, "(1,1) " * 330, "a." * 1000, " " * 2000, "\n" * 20_000)
    all_of_them = [{"type": kind, "message": text} for kind in messages.WORDINGS for text in texts]
    return [seconds(messages.tell, each, own) for each in all_of_them for _ in range(repeats)]


WAITS = {  # what → (what is measured, at most so many seconds at the median on a quiet machine)
    "the environment check of a lesson": (environment_check, 1.0),
    "a step of the training explorer": (explorer_steps, 0.1),
    "an open choice with its whole budget": (whole_budgets, 2.0),
    "what is told of one long message": (long_messages, 0.1),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    found = {what: measure(options.repeats) for what, (measure, _) in WAITS.items()}
    rows = [[what, spread(samples, unit=1e-3), f"{1000 * WAITS[what][1]:.0f}"] for what, samples in found.items()]
    print(table(["", "takes, ms", "goal, ms"], rows))
    write_json("bench_waits", {what: summary(samples) for what, samples in found.items()})


if __name__ == "__main__":
    main()
