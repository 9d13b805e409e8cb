"""Dependencies between statements: on which of a cell's others depend, from the text alone. Standard library only.

Before its hidden questions are asked, a test cell's own definitions are run once more. Its visible checks, plots and
trainings need not be: they have had their turn, and may take long.
"""

import ast
import dis
import functools
import types
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from autograder.notebook.syntax import LONGEST_PARSED, NO_PYTHON, parsed

LONGEST_KEPT = 8_000  # characters of a text whose names are kept for the next notebook
ANYTHING = frozenset({"eval", "exec", "globals", "locals", "vars", "dir", "get_ipython", "open", "compile"})


def needed_for(hidden: str, source: str, others: Iterable[str] = ()) -> str:
    """The statements of `source` on which `hidden` depends, each on its own line as before; the other lines are empty.

    hidden, source: text of cells. others: texts of the cells whose functions `hidden` calls: these may look at what
    `source` defines, too. Where a name may be reached without being written (eval, globals, a star import), or a text is
    no plain Python, all of `source` is returned.
    """
    own, theirs = names_in(hidden), names_in_all(tuple(others))
    return source if own is None or theirs is None else _needed(own | theirs, source)


@functools.lru_cache(maxsize=4)  # the test cells of a notebook ask for the same others one after the other
def names_in_all(texts: tuple[str, ...]) -> frozenset[str] | None:
    """All names that several texts read or bind; None if one of them may reach others, or is no plain Python."""
    found: set[str] = set()
    for text in texts:
        names = names_in(text) if len(text) <= LONGEST_KEPT else _names_in(text)
        if names is None:
            return None
        found |= names
    return frozenset(found)


@functools.lru_cache(maxsize=1024)
def names_in(text: str) -> frozenset[str] | None:
    """All names that a cell's text reads or binds; None if it may reach others, or is no plain Python."""
    return _names_in(text)


def _names_in(text: str) -> frozenset[str] | None:
    tree = parsed(text) if len(text) <= LONGEST_PARSED else None
    if tree is None:
        return None
    names = frozenset(_named(tree))
    return None if names & ANYTHING else names


def _needed(names: frozenset[str], source: str) -> str:
    statements = statements_of(source)
    if statements is None:
        return source
    kept = with_all_they_need(names, statements)
    if not names.union(*(statement.names for statement in kept)).isdisjoint(ANYTHING):
        return source
    lines = {line for statement in kept for line in statement.lines}
    return "\n".join(line if number in lines else "" for number, line in enumerate(source.split("\n"), start=1))


@dataclass(frozen=True)
class Statement:
    """What one statement binds or changes, all names that are written in it, and its lines."""

    binds: frozenset[str]
    names: frozenset[str]
    lines: range
    imports: bool = False  # it is an import and nothing else


@functools.lru_cache(maxsize=256)
def statements_of(source: str) -> list[Statement] | None:
    """The statements of a cell; None if it is no plain Python, too long, or binds what cannot be told."""
    tree = parsed(source) if len(source) <= LONGEST_PARSED else None
    if tree is None:
        return None
    found = []
    for statement in tree.body:
        binds = _binds(statement)
        if binds is None:
            return None
        first = min([statement.lineno, *(each.lineno for each in getattr(statement, "decorator_list", []))])
        lines = range(first, (statement.end_lineno or first) + 1)
        imports = isinstance(statement, (ast.Import, ast.ImportFrom))
        found.append(Statement(frozenset(binds), frozenset(_named(statement)), lines, imports))
    return found


class Binding(Protocol):
    """What is known of a statement: the names that it binds, and all that are written in it."""

    @property
    def binds(self) -> frozenset[str]: ...

    @property
    def names(self) -> frozenset[str]: ...


Some = TypeVar("Some", bound=Binding)


def with_all_they_need(names: Iterable[str], statements: Sequence[Some]) -> list[Some]:
    """The statements that bind these names or, in turn, a name that one of those needs (transitive closure), in order."""
    chosen: set[int] = set()
    wanted, size = set(names), -1
    while len(chosen) > size:
        size = len(chosen)
        for number, statement in enumerate(statements):
            if number not in chosen and not statement.binds.isdisjoint(wanted):
                chosen.add(number)
                wanted |= statement.names
    return [statements[number] for number in sorted(chosen)]


def text_of(source: str, statement: Statement) -> str:
    """The lines of one statement."""
    return "\n".join(source.split("\n")[statement.lines.start - 1 : statement.lines.stop - 1])


def _named(tree: ast.AST) -> set[str]:
    """All names that are written in a tree, read or bound."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _binds(statement: ast.stmt) -> set[str] | None:
    """The names that a statement may give a value, or whose value it may change; None when that cannot be told."""
    if isinstance(statement, ast.Expr):
        return set()
    found: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            found |= set(node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
        elif isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            found.add(_root(node))
        elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):  # inside a loop: things.append(…)
            found.add(_root(node.value.func))
    return None if "*" in found else found


def _root(node: ast.expr) -> str:
    """The name at the bottom of an expression such as a.b[c].d; "" without one."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


@functools.lru_cache(maxsize=1024)
def names_read(*texts: str) -> frozenset[str] | None:
    """The free names of these texts, run one after the other: those that are read before they are bound.

    None where a name may be reached without being written, or a text is no plain Python.
    """
    try:
        names = _read_in(compile("\n".join(texts), "a cell", "exec"))
    except NO_PYTHON:
        return None
    return None if names & ANYTHING else names


def _read_in(code: types.CodeType) -> frozenset[str]:
    read: set[str] = set()
    given: set[str] = set()
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("STORE_NAME", "STORE_GLOBAL"):
            given.add(instruction.argval)
        elif instruction.opname in ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS", "DELETE_NAME"):
            read |= {instruction.argval} - given
        elif isinstance(instruction.argval, types.CodeType):
            read |= _read_in(instruction.argval) - given
    return frozenset(read)
