"""Patterns: what a function's answers tell when they are looked at together. Pure: no files, no processes.

Which questions are right and which are wrong often says more than each wrong number does: right with one example and
wrong with several, right for W2 and wrong for W1, too large by the number of entries. Every pattern here is so by
construction: it is only found when all the answers that it speaks of fit. None holds an input or an expected number. They
are data, a helpers.facts.Fact each; feedback/pattern_words.py says them.
"""

import itertools
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from autograder.marking.answers import Answer, Raised
from autograder.submission import Outcome
from helpers.comparing import agrees, as_array
from helpers.facts import Fact, fact
from helpers.questions import ITSELF

if TYPE_CHECKING:
    from autograder.marking.mark import Verdict

MOST = 3  # patterns of one function
VAGUE = {"all differ", "signs differ", "another number", "number's size", "number's factor", "another text"}
OF_ONE_ANSWER = {"shape", "no entry", "positions"}  # facts that hold for one answer only
OF_A_PIECE = {"ends", "late", "early", "only one piece"}  # that name an entry, a row, a column …
NUMBERS = ("a single", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
SIZE = re.compile(rf"\b({'|'.join(NUMBERS)}|\d+) ([a-z]{{3,}})")


@dataclass(frozen=True, eq=False)
class Part:
    """One verdict beside the two values that it compares."""

    question: str
    entry: str | None
    right: bool
    wanted: Any  # the key's value
    given: Any  # the student's; None when it raised or was not answered
    raised: Raised | None = None
    facts: tuple[Fact, ...] = ()

    @property
    def numbers(self) -> tuple[npt.NDArray[Any], npt.NDArray[Any]] | None:
        """(expected, given) as rows of floats, one beside the other; None if they do not fit or are not finite."""
        wanted, given = numbers(self.wanted, self.wanted), numbers(self.given, self.wanted)
        if wanted is None or given is None or not wanted.size:
            return None
        return (wanted, given) if np.isfinite(wanted).all() and np.isfinite(given).all() else None

    @property
    def shape(self) -> tuple[int, ...] | None:
        """The shape of the expected answer; None where that is no array."""
        wanted = as_array(self.wanted)
        return None if wanted is None else wanted.shape


def seen_together(
    function: str | None, verdicts: list["Verdict"], expected: Mapping[str, Answer], answers: Mapping[str, Answer]
) -> list[Fact]:
    """What one function's answers tell, the most telling first; nothing if nothing is wrong.

    function: its name. expected, answers: by question, the key's and the student's.
    """
    parts = _parts(verdicts, expected, answers)
    wrong = [part for part in parts if not part.right]
    if never_defined(function, wrong):
        return [fact("never defined", function=function)]
    if len(wrong) < 2:
        return []
    patterns = []
    with np.errstate(all="ignore"):
        for looks in LOOKS:
            found = (look(parts, wrong) for look in looks)
            patterns.append(next((pattern for pattern in found if pattern), None))
    return [pattern for pattern in patterns if pattern][:MOST]


def _parts(verdicts: list["Verdict"], expected: Mapping[str, Answer], answers: Mapping[str, Answer]) -> list[Part]:
    found = []
    for verdict in verdicts:
        if verdict.share is not None or verdict.outcome == Outcome.NOT_ANSWERED:
            continue
        key, answer = expected[verdict.question], answers.get(verdict.question)
        wanted, given = key.value, None if answer is None or answer.raised is not None else answer.value
        facts: Sequence[Fact] = verdict.facts
        if verdict.entry is not None:
            wanted, given = _entry(wanted, verdict.entry), _entry(given, verdict.entry)
        elif isinstance(wanted, dict):  # one that counts as a whole: look at the answer inside it
            wanted, given = _entry(wanted, ITSELF), _entry(given, ITSELF)
            facts = [each.placed(each.at[1:]) if each.at[:1] == (ITSELF,) else each for each in facts]
        number = _number_of_item(facts) if isinstance(wanted, list) else None
        if number is not None:  # several: look at the first wrong one
            given = given[number] if isinstance(given, list) and len(given) == len(wanted) else None
            wanted = wanted[number]
            facts = [each.placed(place for place in each.at if not isinstance(place, int)) for each in facts]
        right = verdict.outcome == Outcome.RIGHT
        found.append(Part(verdict.question, verdict.entry, right, wanted, given, verdict.raised, tuple(facts)))
    return found


def _number_of_item(facts: Sequence[Fact]) -> int | None:
    """Which item of a list the first fact is about; None if it is about something else."""
    place = facts[0].at[0] if facts and facts[0].at else None
    return place if isinstance(place, int) else None


def _entry(value: Any, name: str) -> Any:
    """The entry of a dict whose key reads `name`; None where there is none."""
    found = [item for key, item in value.items() if str(key) == name] if isinstance(value, dict) else []
    return found[0] if found else None


def numbers(value: Any, expected: Any) -> npt.NDArray[Any] | None:
    """All numbers of an answer in one row, in the key's order and shapes; None if it is of another kind or shape."""
    if isinstance(expected, dict):
        if not isinstance(value, dict) or not set(expected) <= set(value):
            return None
        return joined([numbers(value[key], expected[key]) for key in expected])
    wanted = as_array(expected)
    if wanted is None and isinstance(expected, list):
        if not isinstance(value, list) or len(value) != len(expected):
            return None
        return joined([numbers(item, wanted_item) for item, wanted_item in zip(value, expected, strict=True)])
    array = as_array(value)
    if wanted is None or array is None or wanted.shape != array.shape or array.dtype.kind == "c":
        return None
    return array.astype(float).ravel()


def joined(parts: list[npt.NDArray[Any] | None]) -> npt.NDArray[Any] | None:
    """Rows of numbers as one row; None if one of them is missing."""
    known = [part for part in parts if part is not None]
    return None if len(known) < len(parts) else np.concatenate([np.zeros(0), *known])


# Errors.


def never_defined(function: str | None, wrong: list[Part]) -> bool:
    """Whether every wrong answer says that the function itself is not there."""
    return bool(wrong) and all(
        part.raised is not None
        and part.raised.type == "NameError"
        and part.raised.message.startswith(f"name '{function}' is not defined")
        for part in wrong
    )


def one_error(parts: list[Part], wrong: list[Part]) -> Fact | None:
    """Every wrong answer is an error from the same line of the student's own function."""
    raised = [part.raised for part in wrong]
    if any(error is None or error.line is None for error in raised):
        return None
    if len({(error.type, error.cell, error.line) for error in raised if error is not None}) != 1:
        return None
    return fact("one line", others_right=len(wrong) < len(parts))


def no_numbers(parts: list[Part], wrong: list[Part]) -> Fact | None:
    """Every wrong answer is None, or text in place of numbers."""
    if any(part.raised is not None or part.wanted is None for part in wrong):
        return None
    if all(part.given is None and part.entry is None for part in wrong):
        return fact("nothing came back")
    if all(isinstance(part.given, str) and not isinstance(part.wanted, str) for part in wrong):
        return fact("text came back")
    return None


# The entries of a dict.


def one_entry_after_the_other(parts: list[Part], wrong: list[Part]) -> Fact | None:
    """Some entries of the dict are right in every question, and others are not."""
    names = list(dict.fromkeys(part.entry for part in parts if part.entry is not None))
    bad = [name for name in names if any(part.entry == name for part in wrong)]
    good = [name for name in names if name not in bad]
    if not bad or not good or not all(_right_inside(part, good) for part in parts if _is_whole(part)):
        return None
    always = all(not part.right for part in parts if part.entry in bad)
    if all(part.given is None for part in parts if part.entry in bad):
        return fact("entries missing", right=tuple(good), missing=tuple(bad))
    in_order = names == good + bad and len(bad) > 1
    return fact("entries wrong", right=tuple(good), wrong=tuple(bad), always=always, in_order=in_order)


def _is_whole(part: Part) -> bool:
    """Whether a dict counts as a whole, and not entry by entry."""
    return part.entry is None and isinstance(part.wanted, dict)


def _right_inside(part: Part, names: list[str]) -> bool:
    """Whether these entries are right in an answer that counts as a whole."""
    if not isinstance(part.given, dict):
        return False
    asked = {key: wanted for key, wanted in part.wanted.items() if str(key) in names}
    return agrees(asked, part.given)


# Which questions are right and which are wrong.


def sizes(question: str) -> dict[str, int]:
    """The sizes that a question's name tells: "3 inputs, one example" → {"input": 3, "example": 1}."""
    found: dict[str, int] = {}
    for number, noun in SIZE.findall(question):
        count = int(number) if number.isdigit() else max(NUMBERS.index(number), 1)
        found[noun.removesuffix("s")] = count
    return found


def right_with_one(parts: list[Part], wrong: list[Part]) -> Fact | None:
    """Right in the questions with one example (output, …), wrong in those with several."""
    questions = _by_question(parts)
    nouns = dict.fromkeys(noun for question in questions for noun in sizes(question))
    for noun in nouns:
        told = {question: sizes(question)[noun] for question in questions if noun in sizes(question)}
        one = [right for question, right in questions.items() if told.get(question) == 1]
        more = [right for question, right in questions.items() if told.get(question, 1) > 1]
        if len(more) > 1 and one and all(one) and not any(more):
            return fact("right with one", noun=noun)
    return None


def _by_question(parts: list[Part]) -> dict[str, bool]:
    """question → whether all of it is right."""
    found: dict[str, bool] = {}
    for part in parts:
        found[part.question] = found.get(part.question, True) and part.right
    return found


# pattern → whether an answer of this shape would be right
SHAPES: dict[str, Callable[[tuple[int, ...]], bool]] = {
    "right for a number": lambda shape: shape == (),
    "right for one entry": lambda shape: int(np.prod(shape)) == 1,
    "right for plain rows": lambda shape: len(shape) <= 1,
    "right for one column": lambda shape: len(shape) < 2 or shape[1] == 1,
    "right for one row": lambda shape: len(shape) < 2 or shape[0] == 1,
    "right for squares": lambda shape: len(shape) == 2 and shape[0] == shape[1],
    "wrong for squares": lambda shape: not (len(shape) == 2 and shape[0] == shape[1] > 1),
}


def right_for_some_shapes(parts: list[Part], wrong: list[Part]) -> Fact | None:
    """The shape of what is expected tells which answers are right."""
    known = [(part.right, shape) for part in parts if part.entry is None and (shape := part.shape) is not None]
    if len(known) != len(parts) or not _tells_apart(parts):
        return None
    for pattern, holds in SHAPES.items():
        if all(right == holds(shape) for right, shape in known):
            return fact(pattern)
    return None


def _tells_apart(parts: list[Part]) -> bool:
    """Whether there is enough of either kind for a rule to be no accident."""
    right = sum(part.right for part in parts)
    return right >= 1 and len(parts) - right >= 1 and len(parts) >= 4


# What all wrong answers have in common.


def remembers(parts: list[Part], wrong: list[Part]) -> Fact | None:
    """Each answer (a row of numbers) begins with the one before: something outlives the call."""
    rows = [as_array(part.given) for part in parts if as_array(part.wanted) is not None and part.given is not None]
    rows = [row for row in rows if row is not None and row.ndim == 1 and row.dtype.kind in "iuf" and row.size]
    pairs = list(itertools.pairwise(rows))
    grows = [len(one) < len(other) and np.array_equal(one, other[: len(one)]) for one, other in pairs]
    if len(grows) > 1 and all(grows):
        return fact("remembers")
    return None


def same_fact(parts: list[Part], wrong: list[Part]) -> Fact | None:
    """The same facts in every wrong answer, or in every wrong answer of some entries."""
    if any(part.raised is not None for part in wrong):
        return None
    apart = any(part.entry is not None for part in wrong)
    telling = [part for part in wrong if not _one_number(part) and (part.entry is not None or not apart)] or wrong
    entries = dict.fromkeys(part.entry for part in telling)
    facts = {entry: _common_facts([part for part in telling if part.entry == entry]) for entry in entries}
    groups = {
        shared: tuple(entry for entry in entries if entry is not None and facts[entry] == shared)
        for shared in facts.values()
        if shared
    }
    if len(groups) == 1 and () not in facts.values() and not apart:
        (shared,) = groups
        return fact("the same", facts=shared, arrays=len(telling) < len(wrong))
    if not groups or None in entries:
        return _most_often(telling)
    return fact("the same for entries", groups=tuple((names, shared) for shared, names in groups.items()))


def _most_often(parts: list[Part]) -> Fact | None:
    """A fact that more than half of the wrong answers share, and at least three."""
    each = [_plain_facts(part) for part in parts]
    counts = Counter(found for facts in each for found in facts)
    if not counts:
        return None
    (shared, count), *_ = counts.most_common(1)
    return fact("mostly the same", shared=shared) if count >= max(3, len(parts) / 2) else None


def _one_number(part: Part) -> bool:
    """Whether one number is expected, and one has come: about a number alone little can be said."""
    wanted, given = as_array(part.wanted), as_array(part.given)
    return wanted is not None and given is not None and wanted.size == given.size == 1


def _common_facts(parts: list[Part]) -> tuple[Fact, ...]:
    """The facts that all of several parts share; none if there is none that tells something."""
    if len(parts) < 2:
        return ()
    each = [_plain_facts(part) for part in parts]
    return tuple(found for found in each[0] if all(found in facts for facts in each))


def _plain_facts(part: Part) -> list[Fact]:
    """The facts that may be shared with answers of other shapes, without what differs between shapes."""
    return list(dict.fromkeys(_of_any_shape(found) for found in part.facts if not _of_this_answer(found)))


def _of_this_answer(found: Fact) -> bool:
    """Whether a fact holds for one answer only, or tells too little to be told twice."""
    kinds = [found.get(name) for name in ("wanted", "given")]
    return (
        found.kind in VAGUE | OF_ONE_ANSWER
        or (found.kind in ("nan", "infinite") and found.get("count") != 1)
        or any(isinstance(kind, tuple) and kind[:1] == ("array",) for kind in kinds)
    )


def _of_any_shape(found: Fact) -> Fact:
    if found.kind == "zero":
        return found.but(shared=not found.get("one"))
    if found.kind not in OF_A_PIECE:
        return found
    plain = found.but(without=("axis", "ndim"))
    return plain.but(some=min(plain.get("some"), 2)) if found.kind == "ends" else plain


def another_answer_each_time(parts: list[Part], wrong: list[Part]) -> Fact | None:
    """Where one and the same array is expected twice, two different ones have come."""
    first: dict[tuple[tuple[int, ...], bytes], npt.NDArray[Any]] = {}
    for part in parts:
        for wanted, given in _arrays(part.wanted, part.given):
            before = first.setdefault((wanted.shape, wanted.tobytes()), given)
            if before.shape == given.shape and not np.allclose(before, given, equal_nan=True):
                return fact("another answer each time")
    return None


def _arrays(wanted: Any, given: Any) -> list[tuple[npt.NDArray[Any], npt.NDArray[Any]]]:
    """(expected, given) for each array of different floats in an answer: so many digits do not agree by accident."""
    if isinstance(wanted, dict) and isinstance(given, dict):
        return [pair for key in wanted if key in given for pair in _arrays(wanted[key], given[key])]
    right, answer = as_array(wanted), as_array(given)
    if right is None and isinstance(wanted, list) and isinstance(given, list) and len(wanted) == len(given):
        return [pair for items in zip(wanted, given, strict=True) for pair in _arrays(*items)]
    if right is None or answer is None or right.dtype.kind != "f" or answer.dtype.kind not in "iuf":
        return []
    return [(right, answer)] if right.size > 1 and np.unique(right).size > 1 else []


# Factors and amounts.


def off_by_one_factor(parts: list[Part], wrong: list[Part]) -> Fact | None:
    """All wrong answers are off by one and the same simple factor."""
    factors = [_factor(part) for part in wrong]
    if None in factors or len(factors) < 3 or all(part.numbers and part.numbers[0].size == 1 for part in wrong):
        return None
    simple = _simple(np.array(factors))
    if simple is None or simple == 1:
        return None
    return fact("one factor", ratio=str(simple))


def off_by_a_size(parts: list[Part], wrong: list[Part]) -> Fact | None:
    """All numbers are off by a factor that is a count of something, wherever that can be counted."""
    pairs = [(part, _factor(part)) for part in parts if part.numbers is None or part.numbers[0].any()]
    if any(factor is None for _, factor in pairs):
        return None
    for nouns, count in COUNTS.items():
        known = [(factor, count(part)) for part, factor in pairs if count(part)]
        if len(known) < 3 or len({number for _, number in known}) < 2:
            continue
        factors, numbers = np.array(known, dtype=float).T
        for sign in (1, -1):
            constant = _simple(factors / numbers**sign)
            if constant is not None:
                everywhere = len(known) == len(pairs)
                return fact("off by a size", nouns=nouns, sign=sign, constant=str(constant), everywhere=everywhere)
    return None


def _factor(part: Part) -> float | None:
    """The one factor between all numbers of an answer and the expected ones; None if there is none."""
    numbers = part.numbers
    if numbers is None or not numbers[0].any() or not numbers[1].any():
        return None
    wanted, given = numbers
    factor = float((given * wanted).sum() / (wanted * wanted).sum())
    return factor if np.allclose(given, factor * wanted, rtol=1e-6, atol=1e-9 * np.abs(given).max()) else None


def _named(*nouns: str) -> Callable[[Part], int | None]:
    """A function that multiplies the sizes which a part's question names; None where one is not named."""

    def count(part: Part) -> int | None:
        told = sizes(part.question)
        return int(np.prod([told[noun] for noun in nouns])) if set(nouns) <= set(told) else None

    return count


# what is counted (the product of these) → how many there are in a part
COUNTS: dict[tuple[str, ...], Callable[[Part], int | None]] = {
    ("entries",): lambda part: int(np.prod(part.shape)) if part.shape else None,
    ("rows",): lambda part: part.shape[0] if part.shape else None,
    ("columns",): lambda part: part.shape[-1] if part.shape else None,
    ("outputs", "examples"): _named("output", "example"),
    ("examples",): _named("example"),
    ("outputs",): _named("output"),
    ("hidden units",): _named("hidden"),
    ("inputs",): _named("input"),
}


def _simple(values: npt.NDArray[Any]) -> Fraction | None:
    """The simple fraction that all values are, or None."""
    if not np.allclose(values, values[0], rtol=1e-6):
        return None
    fraction = Fraction(float(values[0])).limit_denominator(12)
    return fraction if 0 < abs(fraction) <= 12 and np.isclose(float(fraction), values[0], rtol=1e-6) else None


def off_by_another_factor_each_time(parts: list[Part], wrong: list[Part]) -> Fact | None:
    """In each answer one factor between all entries, and not the same in the next."""
    arrays = [part for part in wrong if part.numbers is not None and np.unique(part.numbers[0]).size > 2]
    if len(arrays) < 3 or any(part.numbers is not None and _factor(part) is None for part in wrong):
        return None
    factors = [factor for part in arrays if (factor := _factor(part)) is not None]  # all of them
    if np.allclose(factors, factors[0], rtol=1e-6):
        return None
    return fact("another factor each time")


def off_by_one_amount(parts: list[Part], wrong: list[Part]) -> Fact | None:
    """All numbers of all answers are off by the same amount."""
    pairs = [pair for part in parts if (pair := part.numbers) is not None]
    if len(pairs) < len(parts) or len(wrong) != len(parts) or len(parts) < 3:
        return None
    wanted, given = (np.concatenate(column) for column in zip(*pairs, strict=True))
    amounts = given - wanted
    if np.unique(wanted).size > 2 and np.allclose(amounts, amounts[0], rtol=1e-6, atol=1e-9):
        return fact("one amount")
    return None


def a_power(parts: list[Part], wrong: list[Part]) -> Fact | None:
    """All numbers are one power of the expected ones, up to a factor."""
    pairs = [pair for part in wrong if (pair := part.numbers) is not None]
    if len(pairs) < len(wrong):
        return None
    wanted, given = (np.abs(np.concatenate(column)) for column in zip(*pairs, strict=True))
    if np.unique(wanted).size < 4 or not wanted.all() or not given.all():
        return None
    power, constant = np.polyfit(np.log(wanted), np.log(given), 1)
    fits = np.allclose(np.log(given), power * np.log(wanted) + constant, rtol=0, atol=1e-6)
    halves = round(power * 2)
    if not fits or halves in (0, 2) or abs(halves) > 8 or abs(power * 2 - halves) > 1e-6:
        return None
    return fact("a power", halves=halves, factor=bool(abs(constant) >= 1e-6))


def always_too_large_or_small(parts: list[Part], wrong: list[Part]) -> Fact | None:
    """Single numbers (at least four) that are all wrong in the same direction."""
    pairs = [pair for part in wrong if (pair := part.numbers) is not None]
    if len(wrong) < 4 or len(pairs) < len(wrong) or any(pair[0].size != 1 for pair in pairs):
        return None
    wanted, given = (np.abs(np.concatenate(column)) for column in zip(*pairs, strict=True))
    if any((pair[0] * pair[1] < 0).any() for pair in pairs):
        return None
    if (given > wanted).all() or (given < wanted).all():
        return fact("always one way", large=bool((given > wanted).all()))
    return None


# Yes and no, and words.


def one_answer_too_often(parts: list[Part], wrong: list[Part]) -> Fact | None:
    """True or False, or a word, that is said too often; and words that are never said."""
    wanted, given = [part.wanted for part in parts], [part.given for part in parts]
    if all(isinstance(value, str) for value in wanted):
        return _words(wanted, given, wrong)
    if not all(as_array(value) is not None and as_array(value).dtype.kind == "b" for value in wanted):
        return None
    said: set[bool] = set()
    for part in wrong:
        right, answer = as_array(part.wanted), as_array(part.given)
        if answer is None or answer.dtype.kind != "b" or answer.shape != right.shape:
            return None
        said |= set(answer[answer != right].ravel().tolist())
    if len(said) != 1:
        return None
    return fact("one answer too often", value=said.pop())


def _words(wanted: list[str], given: list[Any], wrong: list[Part]) -> Fact | None:
    vocabulary = dict.fromkeys(wanted)
    if any(value is not None and value not in vocabulary for value in given if isinstance(value, str)):
        return None  # its own words are told apart in the table
    never = [word for word in vocabulary if word not in given]
    if never and len(never) < len(vocabulary):
        return fact("words never said", words=tuple(never))
    told = {part.given for part in wrong}
    if len(told) == 1 and told <= set(vocabulary):
        return fact("one word too often", word=told.pop())
    return None


LOOKS: tuple[
    tuple[Callable[[list[Part], list[Part]], Fact | None], ...], ...
] = (  # of each row the first that has something to say
    (one_error, remembers, another_answer_each_time),
    (one_entry_after_the_other,),
    (right_with_one, right_for_some_shapes),
    (
        no_numbers,
        one_answer_too_often,
        off_by_one_factor,
        off_by_a_size,
        off_by_another_factor_each_time,
        off_by_one_amount,
        a_power,
        same_fact,
        always_too_large_or_small,
    ),
)
