"""Marking: answer sheet × key × mistakes → verdicts. Pure: no files, no processes, no gradebook.

A cell's credit is the share of its questions that were answered right; a question whose answer is a dict gives a part
for each entry. A question that was not answered earns nothing, and says why. A wrong answer that equals the answer of
a known mistake is named.
"""

import math
from dataclasses import dataclass, field

from autograder.answers import Other, Raised
from helpers.comparing import compare, factor_in_words

STUB_ERROR = "NotImplementedError"


@dataclass(frozen=True)
class Verdict:
    """One question, or one entry of a question's dict."""

    question: str
    entry: str | None
    outcome: str  # "right", "wrong", "error" (it raised) or "not answered"
    weight: float  # its share of the question: 1 / number of entries
    facts: tuple[str, ...] = ()  # what differs, in words that give nothing away
    raised: Raised | None = None
    mistakes: tuple[str, ...] = ()  # named mistakes that explain this wrong answer
    given: bool = False  # right once an earlier slip was put right for it


@dataclass
class CellVerdict:
    """One test cell."""

    cell: str  # "test_backward"
    function: str | None  # "backward"
    points: float
    verdicts: list[Verdict] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)  # the named ones, the most telling first
    remarks: list[str] = field(default_factory=list)  # why something could not be asked or read

    @property
    def share(self):
        """The share of the questions answered right, from 0 to 1."""
        total = math.fsum(verdict.weight for verdict in self.verdicts)
        right = math.fsum(verdict.weight for verdict in self.verdicts if verdict.outcome == "right")
        return right / total if total else 0.0

    @property
    def score(self):
        """Points, rounded to hundredths: finite, from 0 to `points`, and `points` only when all is right."""
        if all(verdict.outcome == "right" for verdict in self.verdicts) and self.verdicts:
            return float(self.points)
        return max(0.0, min(round(self.points * self.share, 2), self.points - 0.01 if self.points > 0.01 else 0.0))

    @property
    def not_started(self):
        """Whether every question met the untouched `raise NotImplementedError()`."""
        errors = [verdict.raised for verdict in self.verdicts]
        return bool(errors) and all(error is not None and error.type == STUB_ERROR for error in errors)


def mark(sheet, key, points):
    """Mark a whole sheet. `points`: test cell → its points. Returns test cell → CellVerdict, in the key's order."""
    return {cell: mark_cell(cell, sheet, key, points[cell]) for cell in key.cells}


def mark_cell(cell, sheet, key, points):
    """Mark one test cell of a student's AnswerSheet against the Key."""
    function = cell.removeprefix("test_")
    result = CellVerdict(cell, function, float(points))
    answers = sheet.cells.get(cell, {})
    for question, expected in key.cells[cell].items():
        result.verdicts += _verdicts(question, expected, answers.get(question), sheet, cell)
    result.verdicts = _with_common_factor(result.verdicts, key.cells[cell], answers)
    result.remarks += sheet.refused.get(cell, [])
    if cell in sheet.lost:
        result.remarks.append(sheet.lost[cell])
    return _named(result, answers, key)


def _verdicts(question, expected, answer, sheet, cell):
    split = isinstance(expected.value, dict) and expected.value and not comparison(expected)["whole"]
    entries = list(expected.value) if split else [None]
    weight = 1 / len(entries)
    if answer is None:
        failure = sheet.failures.get(cell, {}).get(question)
        if failure is not None:
            return [Verdict(question, _name(entry), "error", weight, raised=failure) for entry in entries]
        why = sheet.lost.get(cell) or "the test ended before this question was asked, or its answer could not be read"
        return [Verdict(question, _name(entry), "not answered", weight, (why,)) for entry in entries]
    if answer.raised is not None:
        return [Verdict(question, _name(entry), "error", weight, raised=answer.raised) for entry in entries]
    differences = compare(expected.value, answer.value, **comparison(expected))
    return [
        Verdict(question, difference.entry, "right" if difference.right else "wrong", weight, difference.facts)
        for difference in differences
    ]


def comparison(expected):
    """The keyword arguments for helpers.comparing.compare that the key's answer asks for."""
    wanted = expected.compare or {}
    known = {"how": "close", "rtol": 1e-6, "atol": 1e-9, "whole": False}
    return {name: wanted.get(name, default) for name, default in known.items()}


def _name(entry):
    return None if entry is None else str(entry)


def _with_common_factor(verdicts, expected, answers):
    """Single numbers that are off by the same simple factor in two questions or more: say so."""
    ratios = {}
    for verdict in verdicts:
        answer = answers.get(verdict.question)
        if verdict.outcome == "wrong" and verdict.entry is None and answer is not None:
            wanted = expected[verdict.question]
            ratios[verdict.question] = compare(wanted.value, answer.value, **comparison(wanted))[0].ratio
    known = {question: ratio for question, ratio in ratios.items() if ratio is not None}
    if len(known) < 2 or len(set(known.values())) != 1:
        return verdicts
    said = (f"the number is {factor_in_words(next(iter(known.values())))}, as in the other questions",)
    return [
        Verdict(v.question, v.entry, v.outcome, v.weight, said) if v.question in known and v.entry is None else v
        for v in verdicts
    ]


# Naming mistakes.


def _named(result, answers, key):
    """Name the mistakes that explain the wrong answers: one that explains all of them, or the fewest that do."""
    wrong = {verdict.question for verdict in result.verdicts if verdict.outcome in ("wrong", "error")}
    if not wrong or result.not_started:
        return result
    candidates = {}
    for name, their_answers in key.mistakes.get(result.cell, {}).items():
        explained = {
            question
            for question in wrong
            if question in their_answers
            and same_answer(their_answers[question], answers.get(question), key.cells[result.cell][question])
        }
        telling = {question for question in explained if not _is_bare_error(answers[question])}
        if telling or (explained and explained == wrong):
            agreeing = sum(
                same_answer(theirs, answers.get(question), key.cells[result.cell][question])
                for question, theirs in their_answers.items()
                if question in key.cells[result.cell]
            )
            candidates[name] = (explained, agreeing)
    left = set(wrong)
    while left and candidates:
        name, (explained, _) = max(candidates.items(), key=lambda item: (len(item[1][0] & left), item[1][1]))
        if not explained & left:
            break
        result.mistakes.append(name)
        left -= explained
        del candidates[name]
        if len(result.mistakes) == 2:
            break
    explains = {
        question: tuple(
            name
            for name in result.mistakes
            if question in key.mistakes[result.cell][name]
            and question in wrong
            and same_answer(key.mistakes[result.cell][name][question], answers.get(question), key.cells[result.cell][question])
        )
        for question in wrong
    }
    result.verdicts = [
        Verdict(v.question, v.entry, v.outcome, v.weight, v.facts, v.raised, explains.get(v.question, ()), v.given)
        if v.outcome in ("wrong", "error")
        else v
        for v in result.verdicts
    ]
    return result


def same_answer(theirs, ours, expected):
    """Whether a student's answer is the mistake's answer, by the comparison that the key's answer `expected` wants."""
    if ours is None:
        return False
    if theirs.raised is not None or ours.raised is not None:
        return (
            theirs.raised is not None
            and ours.raised is not None
            and (theirs.raised.type, theirs.raised.message) == (ours.raised.type, ours.raised.message)
        )
    if isinstance(theirs.value, Other) or isinstance(ours.value, Other):
        return theirs.value == ours.value
    how = comparison(expected)
    if how["how"] in ("at_most", "at_least", "shape", "dtype"):
        how["how"] = "close"
    theirs, ours = _known_entries(theirs.value, expected.value), _known_entries(ours.value, expected.value)
    if isinstance(theirs, dict) and (not isinstance(ours, dict) or set(theirs) != set(ours)):
        return False
    return all(difference.right for difference in compare(theirs, ours, **how))


def _known_entries(value, expected):
    """A dict without the entries that nobody asked for."""
    if isinstance(value, dict) and isinstance(expected, dict):
        return {key: item for key, item in value.items() if key in expected}
    return value


def _is_bare_error(answer):
    return answer.raised is not None
