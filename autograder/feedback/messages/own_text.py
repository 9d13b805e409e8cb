"""The student's text: the names, classes and strings that stand in it, which a message may say again."""

from __future__ import annotations

import ast
import re
from functools import cached_property

import nbformat

from autograder.notebook.rebuild import grade_id, without_hidden
from autograder.notebook.syntax import parsed, without_magics

LONGEST_LITERAL = 300
LONGEST_NAME = 60
NAMES = ("variable", "attribute", "function", "argument", "module")


class OwnText:
    """What stands in the code of a notebook, as its student has seen or written it. `cells`: label → source."""

    def __init__(self, cells: dict[str, str]) -> None:
        self.cells = cells

    @classmethod
    def of(cls, notebook: nbformat.NotebookNode) -> OwnText:
        """That of a notebook, its hidden regions left out. Cells are called as where an exception came from calls them."""
        return cls(
            {
                grade_id(cell) or f"extra {number + 1}": without_hidden(cell.source)
                for number, cell in enumerate(notebook.cells)
                if cell.cell_type == "code"
            }
        )

    @cached_property
    def lines(self) -> dict[str, int]:
        """label → number of lines."""
        return {label: source.count("\n") + 1 for label, source in self.cells.items()}

    @property
    def classes(self) -> frozenset[str]:
        """Names of classes that are defined here, raised or caught."""
        return self._found["class"]

    @property
    def literals(self) -> frozenset[str]:
        """Strings that stand here as constants."""
        return self._found["literal"]

    def names(self, kind: str) -> frozenset[str]:
        """The names that stand here as a variable, attribute, function, argument or module."""
        return self._found[kind]

    @cached_property
    def _found(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {kind: set() for kind in ("class", "literal", *NAMES)}
        for source in self.cells.values():
            tree = parsed(without_magics(source))
            if tree is None:  # no Python: any word may be a name
                words = set(re.findall(r"[A-Za-z_]\w*", source, re.ASCII))
                found["class"] |= set(re.findall(r"\bclass ([A-Za-z_]\w*)", source, re.ASCII))
                for kind in NAMES:
                    found[kind] |= words
                continue
            _look_through(tree, found)
        short = {kind: {name for name in names if len(name) <= LONGEST_NAME} for kind, names in found.items()}
        short["literal"] = {text for text in found["literal"] if len(text) <= LONGEST_LITERAL}
        return {kind: frozenset(names) for kind, names in short.items()}


def _look_through(tree: ast.AST, found: dict[str, set[str]]) -> None:
    waiting = [(tree, "")]
    while waiting:
        node, inside = waiting.pop()
        below = inside
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found["variable"].add(node.name)
            found["function"] |= {node.name, f"{inside}{node.name}"}
            found["attribute"].add(node.name)
            if isinstance(node, ast.ClassDef):
                found["class"].add(node.name)
                found["function"].add(f"{inside}{node.name}.__init__")
            local = "" if isinstance(node, ast.ClassDef) else ".<locals>"
            below = f"{inside}{node.name}{local}."
        elif isinstance(node, ast.Lambda):
            found["function"] |= {"<lambda>", f"{inside}<lambda>"}
        elif isinstance(node, ast.Name):
            found["variable"].add(node.id)
        elif isinstance(node, ast.Attribute):
            found["attribute"].add(node.attr)
        elif isinstance(node, ast.arg):
            found["variable"].add(node.arg)
            found["argument"].add(node.arg)
        elif isinstance(node, ast.keyword) and node.arg:
            found["argument"].add(node.arg)
        elif isinstance(node, ast.Call):
            found["function"] |= set(_dotted(node.func))
        elif isinstance(node, ast.Import):
            found["module"] |= {alias.name for alias in node.names}
            found["variable"] |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found["module"].add(node.module or "")
            found["variable"] |= {name for alias in node.names for name in (alias.name, alias.asname) if name}
        elif isinstance(node, ast.Raise):
            found["class"] |= set(_dotted(getattr(node.exc, "func", node.exc))[:1])
        elif isinstance(node, ast.ExceptHandler):
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            found["class"] |= {name for kind in kinds for name in _dotted(kind)[:1]}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found["literal"].add(node.value)
        waiting += [(child, below) for child in ast.iter_child_nodes(node)]


def _dotted(node: ast.AST | None) -> list[str]:
    """What a called name may be called in a message: `math.exp` gives "exp" and "math.exp"; nothing for other nodes."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [node.attr] + ([f"{node.value.id}.{node.attr}"] if isinstance(node.value, ast.Name) else [])
    return []
