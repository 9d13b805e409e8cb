"""How much of each room the tests reach, as a table. Run by `make coverage`, with the file that coverage.py has written."""

import json
import sys
from collections import defaultdict
from pathlib import PurePath


def rooms_of(report):
    """Room → (statements, statements that were run). report: what `coverage json` writes.

    A room is a folder below autograder/ or helpers/; what lies in neither's folders is a room too.
    """
    rooms = defaultdict(lambda: (0, 0))
    for name, file in report["files"].items():
        room = "/".join(PurePath(name).parts[:-1][:2])
        statements, run = rooms[room]
        rooms[room] = statements + file["summary"]["num_statements"], run + file["summary"]["covered_lines"]
    return dict(sorted(rooms.items()))


def table(rooms):
    """The rooms and their sum, one to a line."""
    total = tuple(map(sum, zip(*rooms.values(), strict=True)))
    lines = [f"{'room':<28} {'statements':>10} {'run':>6}"]
    for name, (statements, run) in {**rooms, "all": total}.items():
        lines.append(f"{name:<28} {statements:>10,} {run / max(1, statements):>6.0%}")
    return "\n".join(lines)


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        print(table(rooms_of(json.load(file))))
