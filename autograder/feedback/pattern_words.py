"""What a function's answers tell together, in words: the patterns that marking.patterns has found as data."""

from collections.abc import Callable, Sequence
from fractions import Fraction

from helpers.facts import Fact, factor_in_words, in_words


def pattern_in_words(pattern: Fact) -> str:
    """A pattern as whole sentences. One in words of its own, as earlier versions kept it, is said as it is."""
    words = PATTERNS.get(pattern.kind)
    if words is None:
        return in_words(pattern)
    details = dict(pattern.details)
    return words(**details) if callable(words) else words.format(**details)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _are(names: Sequence[str]) -> str:
    return f"{_listed(names)} {'is' if len(names) == 1 else 'are'}"


def _entries_missing(right: Sequence[str], missing: Sequence[str]) -> str:
    under = "this name" if len(missing) == 1 else "these names"
    return f"{_are(right)} right in every question; {_are(missing)} never there under {under}."


def _entries_wrong(right: Sequence[str], wrong: Sequence[str], always: bool, in_order: bool) -> str:
    known = f"{_are(right)} right in every question; {_are(wrong)} not{' in any' if always else ' in all'}."
    if in_order:
        return f"{known} Begin with {wrong[0]}, the first that goes wrong: what follows may depend on it."
    return f"{known} What goes into {'that one' if len(wrong) == 1 else 'those'} and not into the others?"


def _all_of(facts: Sequence[Fact]) -> str:
    return "; ".join(in_words(each) for each in facts)


def _ended(said: str) -> str:
    return said if said.endswith("?") else said.rstrip(".") + "."


def _the_same_for_entries(groups: Sequence[tuple[Sequence[str], Sequence[Fact]]]) -> str:
    said = [f"{_listed(names)}: {_all_of(facts)}" for names, facts in groups]
    return f"The same in every question, for {_ended('; for '.join(said))}"


def _off_by_a_size(nouns: Sequence[str], sign: int, constant: str, everywhere: bool) -> str:
    begin = "Every answer" if everywhere else "Wherever the question tells sizes, every answer"
    count = f"the number of {' times that of '.join(nouns)}"
    turned = " and of the wrong sign" if Fraction(constant) < 0 else ""
    size = abs(Fraction(constant))
    if size == 1:
        how = "large" if sign > 0 else "small"
        return f"{begin} is too {how} by exactly {count}{turned}. Is it divided by where it should be, and only once?"
    if sign < 0:
        much = f"{size} divided by {count}"
    else:
        much = f"{count} divided by {1 / size}" if size < 1 else f"{size} times {count}"
    return (
        f"{begin} is off by exactly {much}{turned}. Is that divided by where it should be, "
        "or does a fixed number stand in its place?"
    )


POWERS = {1: "the square root", 4: "the square", 6: "the cube", -2: "one divided by"}  # halves → its name


def _a_power(halves: int, factor: bool) -> str:
    name = POWERS.get(halves, f"the power {halves / 2:g}")
    return (
        f"In size, each number is {name} of the expected one{', up to one factor' if factor else ''}: "
        "too many powers, or too few?"
    )


def _one_line(others_right: bool) -> str:
    rest = "; all other answers are right" if others_right else ""
    return f"All these errors come from one and the same line{rest}: mend that line first, then look again."


PATTERNS: dict[str, str | Callable[..., str]] = {
    "partly explained": (
        "What is named here explains {explained} of the {wrong} wrong answers; the others have some other cause, or a "
        "further one."
    ),
    "never defined": (
        "When it was asked there was no `{function}`. Look at the cell that should define it: did it end in an error "
        "before, does it define another name, or does a line such as %%timeit keep for itself what it makes?"
    ),
    "one line": _one_line,
    "nothing came back": (
        "Nothing came back, every time. Printing shows a result and gives nothing back: "
        "is there a `return`, and is it always reached?"
    ),
    "text came back": (
        "Text came back, every time. It looks like the answer on the screen, but nobody can calculate with it."
    ),
    "entries missing": _entries_missing,
    "entries wrong": _entries_wrong,
    "right with one": (
        "Where the question names a number of {noun}s, you are right with one and wrong with more: "
        "look at what you do over the {noun}s (a sum, a mean, a count, their order)."
    ),
    "right for a number": "Right where the answer is one single number, wrong where it is an array.",
    "right for one entry": (
        "Right where there is one entry only, wrong where there are more: look at what is added up or counted."
    ),
    "right for plain rows": "Right for plain rows, wrong as soon as there are rows and columns.",
    "right for one column": "Right where there is one column, wrong where there are more.",
    "right for one row": "Right where there is one row, wrong where there are more.",
    "right for squares": (
        "Right where there are as many rows as columns, wrong where not: a transpose, or rows counted for columns?"
    ),
    "wrong for squares": (
        "Wrong only where there are as many rows as columns: only there do rows and columns fit in either order."
    ),
    "remembers": (
        "Each answer begins with the whole of the one before: something is kept from one call to the next, "
        "outside the function or in a default such as `=[]`."
    ),
    "the same": lambda facts, arrays: (
        f"It is the same in every {'array' if arrays else 'wrong answer'}: {_ended(_all_of(facts))}"
    ),
    "the same for entries": _the_same_for_entries,
    "mostly the same": lambda shared: f"In most of the wrong answers: {_ended(in_words(shared))}",
    "another answer each time": (
        "Where the same answer was expected twice, you gave two different ones: "
        "does chance play a part, or something that is kept from an earlier call?"
    ),
    "one factor": lambda ratio: f"Every wrong answer is {factor_in_words(ratio)}.",
    "off by a size": _off_by_a_size,
    "another factor each time": (
        "In each array all entries are off by one and the same factor, and in the next by another: some single number "
        "(a sum, a mean, a size) is multiplied or divided by where it should not be, or is left out."
    ),
    "one amount": (
        "Every number in every answer is off by the same amount: something is added, or left out, that does not change."
    ),
    "a power": _a_power,
    "always one way": lambda large: (
        f"Every wrong number is too {'large' if large else 'small'}, by a factor that changes."
    ),
    "one answer too often": lambda value: (
        f"Wherever you are wrong you say {value}: your rule says yes {'too easily' if value else 'too seldom'}."
    ),
    "words never said": lambda words: f"You never say {_listed([f'“{word}”' for word in words])}.",
    "one word too often": "Wherever you are wrong you say “{word}”: which rule lets that through?",
}
