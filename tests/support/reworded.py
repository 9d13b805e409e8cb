"""`autograder` with every sentence that it says reworded: `python -P tests/support/reworded.py --course FOLDER grade`.

As each module is imported, every text in it that reads as a sentence has its words turned round ("not" becomes "ton").
What only looks at texts stays as it is: comparisons, searches, patterns. Whoever reads the meaning of another module's
sentence does not find it any more. Names that travel as data (enumerations) are no sentences.
"""

import ast
import importlib.abc
import importlib.machinery
import re
import sys

REWORDED = ("autograder", "helpers.facts", "helpers.comparing")
# Templates of messages that Python and NumPy write, which are read on purpose.
NOT_OURS = ("autograder.feedback.wordings", "autograder.feedback.messages")
WORD = re.compile(r"[A-Za-z]{2,}")
SLOT = re.compile(r"(\{[^{}]*\}|%\(\w+\)[a-z]|\[/?[a-z ]+\])")  # of str.format, of logging, and rich's styles
OTHER_LANGUAGES = re.compile(r"<\w+|</|\b(SELECT|INSERT|CREATE|UPDATE|DELETE|PRAGMA|SET) |\bexec ")
LOOKING = {
    "startswith",
    "endswith",
    "removeprefix",
    "removesuffix",
    "split",
    "partition",
    "rpartition",
    "find",
    "replace",
}


def turned(text):
    """The text with its words turned round, and its slots, numbers and blanks where they were."""
    parts = SLOT.split(text)
    return "".join(
        part if number % 2 else WORD.sub(lambda word: word[0][::-1], part) for number, part in enumerate(parts)
    )


def is_sentence(text):
    if text.count(" ") < 2 or not re.search(r"[a-z]{2,}.* [a-z]{2,}", text) or OTHER_LANGUAGES.search(text):
        return False
    try:
        ast.parse(text)
    except SyntaxError:
        return True
    return False  # it is a program


class Reword(ast.NodeTransformer):
    """Rewords the sentences of a module."""

    def visit_ClassDef(self, node):
        is_data = any(isinstance(base, ast.Name) and base.id.endswith("Enum") for base in node.bases)
        return node if is_data else self.generic_visit(node)

    def visit_Compare(self, node):
        return node

    def visit_Call(self, node):
        called = node.func
        if isinstance(called, ast.Attribute):
            looks = called.attr in LOOKING or (isinstance(called.value, ast.Name) and called.value.id == "re")
            if looks:
                return node
        return self.generic_visit(node)

    def visit_Constant(self, node):
        if isinstance(node.value, str) and is_sentence(node.value):
            return ast.copy_location(ast.Constant(turned(node.value)), node)
        return node

    def visit_JoinedStr(self, node):
        pieces = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
        whole = is_sentence("".join(pieces))
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                part.value = self.visit(part.value)
            elif whole:
                part.value = turned(part.value)
        return node


class Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname):
        tree = ast.parse(self.get_data(self.path))
        return compile(ast.fix_missing_locations(Reword().visit(tree)), self.path, "exec", dont_inherit=True)


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname, path=None, target=None):
        if not fullname.startswith(REWORDED) or fullname.startswith(NOT_OURS):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is not None and type(spec.loader) is importlib.machinery.SourceFileLoader:
            spec.loader = Loader(spec.loader.name, spec.loader.path)
        return spec


if __name__ == "__main__":
    sys.meta_path.insert(0, Finder())
    from autograder.cli import main

    main()
