"""Grade the whole bank by stock nbgrader and write what it gives to measured.json and to docs/security.md.

    make measure-cheats

Ours is not measured here: `tests/sandbox/test_cheats.py` holds every cheat to 0 points in every run.
"""

import json
import sys
import tempfile
from pathlib import Path

from tests.support.cheats import bank
from tests.support.cheats.stock import Stock
from tests.support.cheats.submission import points
from tests.support.courses import ROOT

MEASURED = Path(__file__).with_name("measured.json")
DOCS = ROOT / "docs" / "security.md"
BEGIN, END = "<!-- attacks: begin (make measure-cheats) -->", "<!-- attacks: end -->"


def read():
    """Cheat's name → stock's points for the attacked function, or None where stock did not grade it."""
    return json.loads(MEASURED.read_text())


def table(measured):
    """The table of docs/security.md as Markdown, one row for each cheat of the bank."""
    rows = ["| attack | what it does | stock nbgrader | here |", "| --- | --- | --- | --- |"]
    for cheat in bank():
        most = points(cheat.assignment)[f"test_{cheat.function}"]
        stock = measured.get(cheat.name)
        said = "not tried" if cheat.only_here else "not graded" if stock is None else f"{stock:g} of {most:g}"
        rows.append(f"| {cheat.name} | {cheat.tries} | {said} | 0 of {most:g} |")
    return "\n".join(rows)


def summary(measured):
    """One sentence: how many cheats earn what in stock nbgrader."""
    tried = [cheat for cheat in bank() if not cheat.only_here]
    most = {cheat.name: points(cheat.assignment)[f"test_{cheat.function}"] for cheat in tried}
    full = sum(measured[name] == most[name] for name in most)
    lost = sum(measured[name] is None for name in most)
    return (
        f"Of {len(most)} cheats, stock nbgrader 0.9.6 gives full marks to {full}, stops without a grade at {lost}, and gives "
        f"the other {len(most) - full - lost} no marks. Here these and {len(bank()) - len(most)} more, which aim at this "
        "project's own runner, all get 0."
    )


def section(measured):
    """What stands between the two marks in docs/security.md."""
    return f"{BEGIN}\n\n{summary(measured)}\n\n{table(measured)}\n\n{END}"


def write(measured):
    MEASURED.write_text(json.dumps(measured, indent=1, sort_keys=True) + "\n")
    text = DOCS.read_text()
    before, rest = text.split(BEGIN)
    DOCS.write_text(before + section(measured) + rest.split(END)[1])


def main(names=()):
    """Measure all cheats, or those named; the others keep what was measured before."""
    known = read() if MEASURED.exists() else {}
    chosen = [cheat for cheat in bank() if not cheat.only_here and (not names or cheat.name in names)]
    with tempfile.TemporaryDirectory() as folder:
        stock = Stock(Path(folder))
        found = stock.measure([None, *chosen])
    honest, _ = found.pop(None)
    if honest != points("01_mse")["test_mse"]:
        sys.exit(f"the honest notebook should get full marks from stock nbgrader, and got {honest}")
    for cheat, (score, ran) in found.items():
        said = "not graded" if score is None else f"{score:g}"
        print(f"{cheat.name:32} {said:>10}{'' if ran else '   (its code was not seen to run)'}")
    known.update({cheat.name: score for cheat, (score, _) in found.items()})
    write({cheat.name: known[cheat.name] for cheat in bank() if cheat.name in known and not cheat.only_here})


if __name__ == "__main__":
    main(sys.argv[1:])
