"""Marking: answer sheet × key × mistakes → verdicts. Pure: no files, no processes, no gradebook.

A cell's credit is the share of its questions that were answered right; a question whose answer is a dict gives a part
for each entry. A question that was not answered earns nothing, and says why. A wrong answer that equals the answer of
a known mistake is named.
"""

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from autograder import budget
from autograder.marking.answers import Answer, AnswerSheet, Other, Raised
from autograder.marking.patterns import joined, numbers, seen_together
from autograder.submission import Outcome
from helpers.comparing import agrees, as_array, compare
from helpers.facts import Fact, fact
from helpers.questions import ITSELF

if TYPE_CHECKING:
    from autograder.judging import Judged

STUB_ERROR = "NotImplementedError"

Judge = Callable[[Any], "Judged"]  # see autograder.judging


class AnswerKey(Protocol):
    """What marking asks of a key (grading.key.Key)."""

    @property
    def cells(self) -> Mapping[str, Mapping[str, Answer]]: ...  # test cell → question → what is right

    @property
    def mistakes(self) -> Mapping[str, Mapping[str, Mapping[str, Answer]]]: ...  # test cell → mistake → question → …

    @property
    def judges(self) -> Mapping[str, Judge]: ...


@dataclass(frozen=True)
class Verdict:
    """One question, or one entry of a question's dict."""

    question: str
    entry: str | None
    outcome: Outcome
    weight: float  # its share of the question: 1 / number of entries
    facts: tuple[Fact, ...] = ()  # what differs; nothing that gives an answer away
    raised: Raised | None = None
    mistakes: tuple[str, ...] = ()  # named mistakes that explain this wrong answer
    share: float | None = None  # of an open choice: how good it is, from 0 to 1
    figure: str | None = None  # of an open choice: an SVG picture for the feedback

    @property
    def credit(self) -> float:
        """What it earns of its question, from 0 to its weight."""
        if self.share is not None:
            return self.weight * self.share
        return self.weight if self.outcome == Outcome.RIGHT else 0.0


@dataclass
class CellVerdict:
    """One test cell."""

    cell: str  # "test_backward"
    function: str | None  # "backward"
    points: float
    verdicts: list[Verdict] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)  # the named ones, the most telling first
    patterns: list[Fact] = field(default_factory=list)  # what the answers tell together
    remarks: list[str] = field(default_factory=list)  # why something could not be asked or read

    @property
    def share(self) -> float:
        """The share of the questions answered right, from 0 to 1."""
        total = math.fsum(verdict.weight for verdict in self.verdicts)
        return math.fsum(verdict.credit for verdict in self.verdicts) / total if total else 0.0

    @property
    def score(self) -> float:
        """Points, rounded to hundredths: finite, from 0 to `points`, and `points` only when all is right."""
        if all(verdict.outcome == Outcome.RIGHT for verdict in self.verdicts) and self.verdicts:
            return float(self.points)
        return max(0.0, min(round(self.points * self.share, 2), self.points - 0.01 if self.points > 0.01 else 0.0))

    @property
    def not_started(self) -> bool:
        """Whether every question met the untouched `raise NotImplementedError()`."""
        errors = [verdict.raised for verdict in self.verdicts]
        return bool(errors) and all(error is not None and error.type == STUB_ERROR for error in errors)


def mark(sheet: AnswerSheet, key: AnswerKey, points: Mapping[str, float]) -> dict[str, CellVerdict]:
    """Mark a whole sheet. `points`: test cell → its points. Returns test cell → CellVerdict, in the key's order."""
    return {cell: mark_cell(cell, sheet, key, points[cell]) for cell in key.cells}


def mark_cell(cell: str, sheet: AnswerSheet, key: AnswerKey, points: float) -> CellVerdict:
    """Mark one test cell of a student's AnswerSheet against the Key."""
    function = cell.removeprefix("test_")
    result = CellVerdict(cell, function, float(points))
    answers = sheet.cells.get(cell, {})
    for question, expected in key.cells[cell].items():
        result.verdicts += _verdicts(question, expected, answers.get(question), sheet, cell, key)
    result.verdicts = _with_common_factor(result.verdicts, key.cells[cell], answers)
    result.verdicts = _with_own_word(result.verdicts, key.cells[cell], answers)
    result.remarks += sheet.refused.get(cell, [])
    if cell in sheet.lost:
        result.remarks.append(sheet.lost[cell])
    return _with_patterns(_named(result, answers, key), answers, key)


def _with_patterns(result: CellVerdict, answers: Mapping[str, Answer], key: AnswerKey) -> CellVerdict:
    """Say what the answers tell together, unless a named mistake has told all of it."""
    wrong = [verdict for verdict in result.verdicts if verdict.outcome in (Outcome.WRONG, Outcome.ERROR)]
    unexplained = [verdict for verdict in wrong if not verdict.mistakes]
    if not unexplained or result.not_started:
        return result
    if result.mistakes:
        explained = len(wrong) - len(unexplained)
        result.patterns.append(fact("partly explained", explained=explained, wrong=len(wrong)))
    result.patterns += seen_together(result.function, result.verdicts, key.cells[result.cell], answers)
    return result


def _verdicts(
    question: str, expected: Answer, answer: Answer | None, sheet: AnswerSheet, cell: str, key: AnswerKey
) -> list[Verdict]:
    budget.check()
    split = isinstance(expected.value, dict) and expected.value and not comparison(expected)["whole"]
    entries = list(expected.value) if split else [None]
    weight = 1 / len(entries)
    if answer is None:
        failure = sheet.failures.get(cell, {}).get(question)
        if failure is not None:
            return [Verdict(question, _name(entry), Outcome.ERROR, weight, raised=failure) for entry in entries]
        why = sheet.lost.get(cell) or "the test ended before this question was asked, or its answer could not be read"
        facts = (fact("said", text=why),)
        return [Verdict(question, _name(entry), Outcome.NOT_ANSWERED, weight, facts) for entry in entries]
    if answer.raised is not None:
        return [Verdict(question, _name(entry), Outcome.ERROR, weight, raised=answer.raised) for entry in entries]
    if comparison(expected)["how"] == "choice":
        return [_judged(question, key.judges[(expected.compare or {})["judge"]], answer)]
    differences = compare(expected.value, answer.value, **comparison(expected))
    return [
        Verdict(
            question, difference.entry, Outcome.RIGHT if difference.right else Outcome.WRONG, weight, difference.facts
        )
        for difference in differences
    ]


def _judged(question: str, judge: Judge, answer: Answer) -> Verdict:
    """An open choice, tried out by the trusted code that the key names."""
    judged = judge(answer.value)
    share = min(max(float(judged.share), 0.0), 1.0) if math.isfinite(judged.share) else 0.0
    outcome = Outcome.RIGHT if share == 1 else Outcome.PARTLY if share > 0 else Outcome.WRONG
    facts = tuple(fact("said", text=said) for said in judged.facts)
    return Verdict(question, None, outcome, 1.0, facts, share=share, figure=judged.figure)


def comparison(expected: Answer) -> dict[str, Any]:
    """The keyword arguments for helpers.comparing.compare that the key's answer asks for."""
    wanted = expected.compare or {}
    known = {"how": "close", "rtol": 1e-6, "atol": 1e-9, "whole": False}
    return {name: wanted.get(name, default) for name, default in known.items()}


def _name(entry: object) -> str | None:
    return None if entry is None else str(entry)


def _with_common_factor(
    verdicts: list[Verdict], expected: Mapping[str, Answer], answers: Mapping[str, Answer]
) -> list[Verdict]:
    """Single numbers that are off by the same simple factor in two questions or more: say so."""
    ratios = {}
    for verdict in verdicts:
        answer = answers.get(verdict.question)
        if verdict.outcome == Outcome.WRONG and verdict.share is None and verdict.entry is None and answer is not None:
            wanted = expected[verdict.question]
            ratios[verdict.question] = compare(wanted.value, answer.value, **comparison(wanted))[0].ratio
    known = {question: ratio for question, ratio in ratios.items() if ratio is not None}
    if len(known) < 2 or len(set(known.values())) != 1 or set(known.values()) == {-1}:
        return verdicts
    facts = (fact("number's factor", ratio=str(next(iter(known.values())))),)
    return [replace(v, facts=facts) if v.question in known and v.entry is None else v for v in verdicts]


def _with_own_word(
    verdicts: list[Verdict], expected: Mapping[str, Answer], answers: Mapping[str, Answer]
) -> list[Verdict]:
    """Where a word is wrong: which one it was, if it is one of those that are right elsewhere."""
    words = {_word(answer) for answer in expected.values()} - {None}
    said = {question: word for question, answer in answers.items() if (word := _word(answer)) in words}
    return [
        replace(verdict, facts=(fact("own word", word=said[verdict.question]),))
        if verdict.outcome == Outcome.WRONG
        and verdict.question in said
        and verdict.facts[-1:]
        and verdict.facts[-1].kind == "another text"
        else verdict
        for verdict in verdicts
    ]


def _word(answer: Answer) -> str | None:
    """The word that an answer is, or holds as the answer itself; None if it is no word."""
    value = answer.value.get(ITSELF) if isinstance(answer.value, dict) else answer.value
    return value if isinstance(value, str) else None


# Naming mistakes.


def _named(result: CellVerdict, answers: Mapping[str, Answer], key: AnswerKey) -> CellVerdict:
    """Name what explains the wrong answers: one mistake, or two, that explain all of them; else one that explains
    most. A chance agreement on one answer among many names nothing."""
    wrong = [
        q
        for q in key.cells[result.cell]
        if any(v.question == q and v.outcome in (Outcome.WRONG, Outcome.ERROR) for v in result.verdicts)
    ]
    known = key.mistakes.get(result.cell, {})
    if not wrong or result.not_started or not known:
        return result
    explained = {name: _explained(theirs, answers, wrong, key.cells[result.cell]) for name, theirs in known.items()}
    explains: dict[str, list[str]] = {}
    for names in (_alone, _together, _composed, _mostly):
        result.mistakes = names(explained, wrong, answers, key, result.cell)
        if result.mistakes:
            everything = names is _composed
            explains = {q: [name for name in result.mistakes if everything or q in explained[name]] for q in wrong}
            break
    result.verdicts = [
        replace(verdict, mistakes=tuple(explains.get(verdict.question, ())))
        if verdict.outcome in (Outcome.WRONG, Outcome.ERROR)
        else verdict
        for verdict in result.verdicts
    ]
    return result


def _explained(
    theirs: Mapping[str, Answer], answers: Mapping[str, Answer], wrong: list[str], expected: Mapping[str, Answer]
) -> set[str]:
    """The wrong questions to which a mistake gives the same answer as the student; none if only errors agree by type."""
    same = {q for q in wrong if q in theirs and same_answer(theirs[q], answers.get(q), expected[q])}
    only_errors = all(answers[q].raised is not None for q in same)
    return same if not only_errors or len(same) == len(wrong) else set()


def _agreeing(name: str, answers: Mapping[str, Answer], key: AnswerKey, cell: str) -> int:
    """How many of all questions a mistake answers as the student does."""
    theirs = key.mistakes[cell][name]
    return sum(
        q in theirs and same_answer(theirs[q], answers.get(q), expected) for q, expected in key.cells[cell].items()
    )


def _alone(
    explained: Mapping[str, set[str]], wrong: list[str], answers: Mapping[str, Answer], key: AnswerKey, cell: str
) -> list[str]:
    """The one mistake that explains every wrong answer, and agrees best with the right ones too."""
    whole = [name for name, same in explained.items() if len(same) == len(wrong)]
    return [max(whole, key=lambda name: _agreeing(name, answers, key, cell))] if whole else []


def _together(
    explained: Mapping[str, set[str]], wrong: list[str], answers: Mapping[str, Answer], key: AnswerKey, cell: str
) -> list[str]:
    """Two mistakes, each explaining at least two wrong answers that the other does not, that explain all of them."""
    some = [name for name, same in explained.items() if len(same) >= 2]
    for one, other in itertools.combinations(some, 2):
        a, b = explained[one], explained[other]
        if len(a | b) == len(wrong) and len(a - b) >= 2 and len(b - a) >= 2:
            return [one, other]
    return []


def _composed(
    explained: Mapping[str, set[str]], wrong: list[str], answers: Mapping[str, Answer], key: AnswerKey, cell: str
) -> list[str]:
    """Two mistakes made at once: in every wrong answer the student is off by the one's factor times the other's."""
    expected = key.cells[cell]
    if any(q not in answers or answers[q].raised is not None for q in wrong):
        return []
    right = joined([numbers(expected[q].value, expected[q].value) for q in wrong])
    given = joined([numbers(answers[q].value, expected[q].value) for q in wrong])
    if right is None or given is None:
        return []
    with np.errstate(all="ignore"):
        wanted = _factors(given, right)
        if wanted is None or wanted.size < 4 or not wanted.any():
            return []
        factors = {}
        for name, theirs in key.mistakes[cell].items():
            if all(q in theirs and theirs[q].raised is None for q in wrong):
                values = joined([numbers(theirs[q].value, expected[q].value) for q in wrong])
                if values is not None:
                    factors[name] = _factors(values, right)
        usable = {name: factor for name, factor in factors.items() if factor is not None and not np.allclose(factor, 1)}
        for one, other in itertools.combinations(usable, 2):
            product = usable[one] * usable[other]
            if np.allclose(product, wanted, rtol=1e-6, atol=1e-9) and not _contained(one, other, usable):
                return [one, other]
    return []


def _contained(one: str, other: str, factors: Mapping[str, npt.NDArray[Any]]) -> bool:
    """Whether one of two mistakes is the other and a third one besides: together they would say the same thing twice."""
    quotients = [factors[one] / factors[other], factors[other] / factors[one]]
    others = [factor for name, factor in factors.items() if name not in (one, other)]
    return any(np.allclose(quotient, factor, rtol=1e-6) for quotient in quotients for factor in others)


def _factors(given: npt.NDArray[Any], right: npt.NDArray[Any]) -> npt.NDArray[Any] | None:
    """By what each number is off, as a factor; None if something that should be 0 is not, or something is not finite."""
    zero = right == 0
    factors = np.where(zero, 1.0, given / np.where(zero, 1.0, right))
    return factors if np.allclose(given[zero], 0) and np.isfinite(factors).all() else None


def _mostly(
    explained: Mapping[str, set[str]], wrong: list[str], answers: Mapping[str, Answer], key: AnswerKey, cell: str
) -> list[str]:
    """The mistake that explains most, if that is more than half of the wrong answers and more than one."""
    name = max(explained, key=lambda name: (len(explained[name]), _agreeing(name, answers, key, cell)))
    return [name] if len(explained[name]) > max(1, len(wrong) / 2) else []


def same_answer(theirs: Answer, ours: Answer | None, expected: Answer) -> bool:
    """Whether a student's answer is the mistake's answer, by the comparison that the key's answer `expected` wants."""
    budget.check()
    if ours is None:
        return False
    if theirs.raised is not None or ours.raised is not None:
        return (
            theirs.raised is not None
            and ours.raised is not None
            and (theirs.raised.type, theirs.raised.message) == (ours.raised.type, ours.raised.message)
        )
    if isinstance(theirs.value, Other) or isinstance(ours.value, Other):  # an array would compare entry by entry
        return isinstance(theirs.value, Other) and isinstance(ours.value, Other) and theirs.value == ours.value
    how = comparison(expected)
    if how["how"] in ("at_most", "at_least", "shape", "dtype", "choice"):
        how["how"] = "close"
    how["atol"] = _fine_enough(theirs.value, how["atol"])
    wanted, given = _known_entries(theirs.value, expected.value), _known_entries(ours.value, expected.value)
    if isinstance(wanted, dict) and (not isinstance(given, dict) or set(wanted) != set(given)):
        return False
    return agrees(wanted, given, how["how"], how["rtol"], how["atol"])


def _fine_enough(value: Any, atol: float) -> float:
    """An absolute tolerance below the size of a mistake's own numbers: against tiny ones, zeros are no match."""
    parts = [as_array(item) for item in (value if isinstance(value, list) else [value])]
    sizes = [
        np.abs(part[np.isfinite(part)]).max(initial=0)
        for part in parts
        if part is not None and part.dtype.kind in "iuf"
    ]
    largest = max(sizes, default=0)
    return min(atol, 1e-3 * float(largest)) if largest else atol


def _known_entries(value: Any, expected: Any) -> Any:
    """A dict without the entries that nobody asked for."""
    if isinstance(value, dict) and isinstance(expected, dict):
        return {key: item for key, item in value.items() if key in expected}
    return value
