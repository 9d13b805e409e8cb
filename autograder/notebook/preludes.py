"""What the side that asks knows of a notebook: which names are the instructor's, and which stand for the student's.

Hidden tests run in a process that no student's code shares. A name in them is looked for in three places: in the hidden
text itself; in what the instructor wrote before it in cells that nobody can change (a *prelude*, run there again); and,
for everything else, in the student's process. A statement of the instructor's that uses something of the student's belongs
to the student's side, too.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from autograder.notebook.needed import names_read, statements_of, text_of, with_all_they_need


@dataclass(frozen=True)
class _Kept:
    """A statement of the instructor's, with its text."""

    key: str  # by which the side that asks knows whether it has run it
    text: str
    binds: frozenset[str]
    names: frozenset[str]


class Preludes:
    """Follows a notebook from top to bottom, cell by cell.

    written: the names that the instructor's own solutions bind, so that others which a student happens to bind stay the
    instructor's; None: not known, then every name that the student binds is the student's.
    """

    def __init__(self, written: Collection[str] | None = None) -> None:
        self.written = written
        self.theirs: set[str] = set()
        self.ours: set[str] = set()
        self.kept: list[_Kept] = []

    def students(self, source: str) -> None:
        """Go past a cell of the student's."""
        statements = statements_of(source)
        for statement in statements or ():
            for name in statement.binds:
                known = name in self.ours and (self.written is not None and name not in self.written)
                if not known and not (name in self.ours and statement.imports):
                    self.theirs.add(name)
                    self.ours.discard(name)

    def instructors(self, label: str, source: str) -> None:
        """Go past the visible text of a cell of the instructor's."""
        for number, statement in enumerate(statements_of(source) or ()):
            if not statement.binds:
                continue
            text = text_of(source, statement)
            reads = names_read(text)
            if reads is None or not reads.isdisjoint(self.theirs):
                self.theirs |= statement.binds
                self.ours -= statement.binds
            else:
                self.ours |= statement.binds
                self.theirs -= statement.binds
                self.kept.append(_Kept(f"{label} {number}", text, statement.binds, statement.names))

    def for_hidden(self, hidden: str) -> tuple[tuple[str, str], ...]:
        """The prelude of a hidden test that follows here: (key, text) of statements, in order."""
        reads = names_read(hidden)
        if reads is None:
            return tuple((kept.key, kept.text) for kept in self.kept)
        return tuple((kept.key, kept.text) for kept in with_all_they_need(reads & self.ours, self.kept))


def definitions_of(names: Iterable[str], sources: Iterable[str]) -> str:
    """What of the instructor's text (cells, in order) is needed to define these names, as one text."""
    found = [
        _Kept("", text_of(source, statement), statement.binds, statement.names)
        for source in sources
        for statement in statements_of(source) or ()
        if statement.binds
    ]
    return "\n".join(kept.text for kept in with_all_they_need(names, found))


def names_bound(source: str) -> set[str]:
    """The names that a text binds; none where it is no plain Python."""
    return set[str]().union(*(statement.binds for statement in statements_of(source) or ()))
