"""Verdicts as plain data, as they are kept in the autograded notebook and in grading.json, and read back for pages."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from helpers.facts import to_json

if TYPE_CHECKING:
    from autograder.marking.mark import CellVerdict
    from autograder.mistakes import Mistake


def cell_data(verdict: "CellVerdict", catalogue: Mapping[str, "Mistake"]) -> dict[str, Any]:
    """A verdict as JSON-ready data, with the text of its named mistakes. `catalogue`: by name."""
    return {
        "cell": verdict.cell,
        "function": verdict.function,
        "points": verdict.points,
        "score": verdict.score,
        "not_started": verdict.not_started,
        "questions": [
            {
                "question": item.question,
                "entry": item.entry,
                "outcome": item.outcome,
                "facts": [to_json(fact) for fact in item.facts],
                "raised": asdict(item.raised) if item.raised else None,
                "mistakes": list(item.mistakes),
                "figure": item.figure,
            }
            for item in verdict.verdicts
        ],
        "mistakes": [
            {
                "name": name,
                "hint": catalogue[name].hint,
                "assignment": catalogue[name].assignment,
                "lesson": catalogue[name].lesson,
            }
            for name in verdict.mistakes
        ],
        "patterns": [to_json(pattern) for pattern in verdict.patterns],
        "remarks": list(verdict.remarks),
    }
