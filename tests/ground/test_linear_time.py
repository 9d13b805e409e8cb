"""What strangers write costs the grader time that grows with its length, and no faster.

Two searches. One finds every regular expression in the code and runs it on hostile texts made of the expression itself:
a new one is found by reading the code, so that it is held to this without being entered anywhere. The other runs whole
parsers on floods of everything. Both let a text grow fourfold, again and again, until it takes time enough to be
measured (this thread's own processor time, so that a busy machine does no harm), and compare it with the quarter of it.
"""

import ast
import gc
import importlib
import json
import os
import re
import time
from functools import cache

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder import spreadsheet
from autograder.course.handed_in import find_notebook, timestamp_in
from autograder.feedback import cleaning, messages
from autograder.grading import grader
from autograder.lms.downloads import meant_notebook, safe_id
from autograder.marking.answers import Answer, Malformed, read_value
from autograder.marking.mark import same_answer
from autograder.notebook import needed, reading, rebuild
from autograder.reports import similarity
from autograder.reports.data import Names
from autograder.running.work import cells_to_run
from autograder.sandbox import collector
from helpers import comparing
from helpers.questions import encode
from tests.support.courses import ROOT
from tests.support.hostile import floods, floods_for, repeated
from tests.support.tiny_course import tiny_notebook

ENOUGH = 0.04  # seconds that can be compared
pytestmark = pytest.mark.filterwarnings("ignore")  # what Python says of the odd code that it parses
CLEARLY = 6  # what takes no more than so many times as long is a line, and is not looked at any longer
STEEPEST = 9  # four times the text may take so many times as long: 4 is linear, 16 is the square


def seconds(function, argument):
    gc.disable()
    began = time.thread_time()
    try:
        function(argument)
    finally:
        used = time.thread_time() - began
        gc.enable()
    return used


def growth(function, make, largest, first=1_000):
    """By what factor the time grows as a text grows fourfold, where it can be measured; 0.0 where it stays too short.

    make: size → argument. largest: the size that is not passed.
    """
    size, before, steepest = first, 0.0, 0.0
    while size <= largest:
        now = seconds(function, make(size))
        if now > ENOUGH and size > first:
            if now > CLEARLY * before:
                now = min(now, seconds(function, make(size)))
                before = max(min(before, seconds(function, make(size // 4))), 1e-6)
            steepest = max(steepest, now / before)
            if not CLEARLY < now / before < STEEPEST:
                return steepest
        size, before = 4 * size, now
    return steepest


def test_the_measure_tells_a_square_from_a_line():
    line = re.compile("(?>a+)b|a")
    square = re.compile("a+b")
    assert growth(square.findall, lambda size: "a" * size, 100_000) > STEEPEST
    assert growth(line.findall, lambda size: "ab" * size, 4_000_000) < STEEPEST
    assert growth(line.findall, lambda size: "ab", 4_000_000) == 0.0


# Every regular expression.

# Modules whose expressions no submission reaches.
OURS = {
    "lms.exports": "headings of the platform's own tables",
    "authoring.release": "the instructor's notebooks, and what pip says",
    "reports.pictures": "drawings that the report has made itself",
    "lms.class_list": "the class list",
    "sandbox.inside.rehearsal": "runs inside the sandbox, before there is any student",
    "sandbox.wall": "a file of numpy's",
}
# Expressions for names of files, which have at most 255 bytes, or for a text that is cut: the longest that reaches them.
SHORT = {
    ("course.added", "ADDED"): 255,
    ("course.added", "LAST_ADDED"): 255,
    ("lms.downloads", "CANVAS"): 255,
    ("lms.downloads", "CANVAS_ANONYMOUS"): 255,
    ("lms.downloads", "MOODLE"): 255,
    ("lms.downloads", "_by_file_name"): 255,
}
SHORTEST_TIME = 0.02  # seconds that one of these may take
EXAMPLES = {
    "name": "01_mse",
    "notebook": "01_mse",
    "token": "m0123",
}  # what stands in expressions that are put together
FLAGS_AT = {"compile": 1, "search": 2, "match": 2, "fullmatch": 2, "findall": 2, "finditer": 2, "split": 3, "sub": 4}


def modules():
    """Every module of autograder/ with its syntax tree, and the one of helpers/ that the grader uses on answers."""
    paths = [*sorted((ROOT / "autograder").rglob("*.py")), ROOT / "helpers" / "comparing.py"]
    return [(path, ast.parse(path.read_text("utf-8"))) for path in paths]


def place_of(path):
    """A module's name without its package's: "feedback.cleaning"."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts[1:])


class Expressions(ast.NodeVisitor):
    """Collects (function, method, pattern, flags, where) of each call of `re` and of each compiled name in a module."""

    def __init__(self, tree):
        self.found, self.inside, self.compiled = [], ["the module"], {}
        self.visit(tree)

    def visit_FunctionDef(self, node):
        self.inside.append(node.name)
        self.generic_visit(node)
        self.inside.pop()

    def visit_Assign(self, node):
        calls = [each for each in ast.walk(node.value) if _of_re(each) == "compile"]
        for call in calls:
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            self.compiled[call] = names[0] if names else None
        self.generic_visit(node)

    def visit_Call(self, node):
        method = _of_re(node)
        if method:
            name = self.compiled.get(node) or self.inside[-1]
            self.found.append((name, method, node.args, node.keywords, node.lineno))
        self.generic_visit(node)


def _of_re(node):
    """The method of a call re.method(…), or None."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        return node.func.attr if node.func.value.id == "re" and node.func.attr not in ("escape",) else None
    return None


@cache
def expressions():
    """(module, name, compiled expression, line, method) of every one that something of a submission may reach."""
    found = []
    for path, tree in modules():
        place = place_of(path)
        if place in OURS:
            continue
        for name, method, args, keywords, line in Expressions(tree).found:
            assert method in FLAGS_AT, f"{path.name}:{line}: re.{method} is new to this test"
            flags = [each.value for each in keywords if each.arg == "flags"] or args[FLAGS_AT[method] :][:1]
            parts = [args[0], *(flags or [ast.Constant(0)])]
            package = "helpers" if path.parent.name == "helpers" else "autograder"
            space = vars(importlib.import_module(f"{package}.{place}")) | EXAMPLES
            if (place, name) == ("feedback.messages.template", "pattern"):
                continue  # made from the wordings, which are taken below as they are
            pattern, flags = [eval(ast.unparse(part), space) for part in parts]
            found.append((place, name, re.compile(pattern, flags), line, method))
    return found


def test_the_expressions_are_found():
    found = {(module, name) for module, name, *_ in expressions()}
    assert {
        ("feedback.cleaning.tags", "TAG"),
        ("notebook.reading", "CONFLICT_MARKERS"),
        ("reports.similarity", "TOKEN"),
        ("comparing", "_plain"),
    } <= found
    assert len(found) > 30
    assert not set(SHORT) - found, "an exception for an expression that is not there"
    assert not set(OURS) - {place_of(path) for path, _ in modules()}


def test_a_new_expression_is_found_without_being_entered():
    tree = ast.parse("NEW = re.compile('(a+)+b')\ndef f(text):\n    return re.sub('x*y', '', text)")
    assert [(name, method) for name, method, *_ in Expressions(tree).found] == [("NEW", "compile"), ("f", "sub")]


def names_of(cases):
    return [f"{module}-{name}-{line}" for module, name, _, line, _ in cases]


@pytest.mark.parametrize("case", expressions(), ids=names_of(expressions()))
def test_every_expression_is_linear_in_what_it_is_made_of(case):
    module, name, pattern, _, method = case
    run = _whole_text(pattern) if "match" in method else _all_matches(pattern)
    longest = SHORT.get((module, name))
    for flood, make in floods_for(pattern):
        if longest is None:
            assert growth(run, make, 16_000) < STEEPEST, flood
        else:
            assert min(seconds(run, make(longest)) for _ in range(2)) < SHORTEST_TIME, flood


def _all_matches(pattern):
    def run(text):
        for _ in pattern.finditer(text):
            pass

    return run


def _whole_text(pattern):
    return lambda text: (pattern.match(text), pattern.fullmatch(text))


# Whole parsers.

FOUND = (  # what once took the square of its length, or worse
    *(
        "<<<<<<< \n=======\n",
        "\\'",
        '\\"',
        "&",
        "&a",
        "\t\r\n",
        "\t\n",
        '"{a[',
        "\\[",
        "\ufffe",
        "é",
        "\ud800",
        "[",
        "x.ipynb",
        "x",
    ),
    *("_copy", " ", "… ", "'''", "def f():\n", " a\n"),
)
EACH = 45  # floods for a parser in an ordinary run; all of them with FUZZ_MINUTES set


def notebook_file(text, **more):
    cell = {"cell_type": "code", "source": text, "metadata": {"nbgrader": {"grade_id": "double"}}}
    return json.dumps({"cells": [cell], "metadata": {"language_info": {"name": text}}, **more}).encode()


def read(data):
    try:
        return reading.read_notebook(data)
    except reading.Unreadable as error:
        return str(error)


@cache
def master():
    return rebuild.master_notebook(tiny_notebook())


def rebuilt(text):
    """Put into the tiny course's notebook: as a solution, and as cells of all kinds beside it."""
    labelled = new_code_cell(text, metadata={"nbgrader": {"grade_id": "double"}})
    cells = [labelled, new_code_cell(f"def triple(x): {text}"), new_markdown_cell(text), new_code_cell(f" {text}")]
    submitted = reading.read_notebook(json.dumps(new_notebook(cells=[labelled, *cells])).encode())
    return rebuild.rebuild(submitted, master())


def shown(kind):
    return lambda text: cleaning.output({"output_type": "display_data", "data": {kind: text, "text/plain": text}})


def score_line(text):
    cell = new_code_cell("", metadata={"nbgrader": {"points": 1}})
    cell.outputs = [new_output("execute_result", {"text/plain": f"np.float64({text})"})]
    grader.make_plain(cell)


def message(text):
    raised = {"output_type": "error", "ename": text, "evalue": text, "traceback": [text]}
    cleaning.output(collector.notebook_output(raised))
    own = messages.OwnText({"double": "def double(x):\n    return 2 * x"})
    for kind in ("ValueError", text):
        messages.tell({"type": kind, "message": text, "cell": "double", "line": 1}, own)


def as_names(text):
    """A stranger's text as a file's name, as the platform's, as a notebook's, and in a sentence of an anonymous report."""
    name = text.encode("utf-8", "replace")[:255].decode("utf-8", "ignore")
    meant_notebook(name, ["01_mse", "02_mse"])
    safe_id(text)
    Names({"ann": "Ann Lee"}, "seed", True).cleaned(text)


def as_cells(text):
    spreadsheet.table([[text, text]])
    spreadsheet.cell(text)


def plain(function):
    """The function itself, where its answers are remembered."""
    return getattr(function, "__wrapped__", function)


PARSERS = {  # name → (function of a text, the longest text that is tried)
    "the file": (lambda text: read(text.encode("utf-8", "surrogatepass")), 64_000),
    "the file after a bracket": (lambda text: read(b'{"cells": [' + text.encode("utf-8", "surrogatepass")), 64_000),
    "the file in Latin-1": (lambda text: read(b'{"\xff' + text.encode("latin-1", "replace") + b"\xff"), 64_000),
    "the file in UTF-16": (
        lambda text: read("{ ".encode("utf-16") + text.encode("utf-16-le", "surrogatepass")),
        64_000,
    ),
    "a cell in the file": (lambda text: read(notebook_file(text)), 64_000),
    "a cell that is rebuilt": (rebuilt, 16_000),
    "the names in a cell": (needed._names_in, 16_000),
    "markdown": (plain(cleaning.markdown), 16_000),
    "a formula": (lambda text: cleaning.mathml(text[:2_000]), 4_000),
    "code": (plain(cleaning.code), 8_000),
    "HTML": (cleaning.clean, 256_000),
    "an output of text": (shown("text/plain"), 64_000),
    "an output of HTML": (shown("text/html"), 64_000),
    "an output of a picture": (shown("image/png"), 64_000),
    "an output of a drawing": (shown("image/svg+xml"), 64_000),
    "an output in the graded notebook": (lambda text: cleaning.harmless({"data": {"text/html": text}}), 64_000),
    "a score": (score_line, 64_000),
    "a message": (message, 64_000),
    "tokens": (lambda text: similarity.passages(similarity.code_tokens(text)), 16_000),
    "words": (lambda text: similarity.passages(similarity.text_tokens(text)), 16_000),
    "names": (as_names, 64_000),
    "cells of a table": (as_cells, 64_000),
    "a word that is compared": (lambda text: comparing.compare("right", text), 64_000),
}


def chosen_floods(name):
    """(what, size → text): all that once were found, and of the others every so many, others for each parser."""
    always = [(repr(piece), repeated("", piece)) for piece in FOUND]
    others = list(floods())
    step = 1 if os.environ.get("FUZZ_MINUTES") else -(-len(others) // EACH)
    return [*always, *others[list(PARSERS).index(name) % step :: step]]


@pytest.mark.slow
@pytest.mark.parametrize("name", PARSERS)
def test_every_parser_is_linear_in_what_strangers_write(name):
    function, longest = PARSERS[name]
    for what, make in chosen_floods(name):
        assert growth(function, make, longest, first=longest // 64) < STEEPEST, what


# What is no text: many small things, and things in things.


def file_of(cells):
    return json.dumps({"cells": cells}).encode()


def cells_of_one_label(count):
    cell = new_code_cell("def double(x):\n    return 2 * x", metadata={"nbgrader": {"grade_id": "double"}})
    return file_of([cell] * count)


def cells_that_were_split(count):
    head = new_code_cell("def double(x):", metadata={"nbgrader": {"grade_id": "double"}})
    return file_of([head, *[new_code_cell("    x = (")] * (count - 1)])


def cells_that_define(count):
    return file_of([new_code_cell(f"def triple(x):\n    return {number}") for number in range(count)])


def rebuilt_and_needed(data):
    notebook = rebuild.rebuild(reading.read_notebook(data), master()).notebook
    cells_to_run(notebook, {})


@pytest.mark.parametrize("make", [cells_of_one_label, cells_that_were_split, cells_that_define])
def test_many_cells_take_so_many_times_as_long(make):
    assert growth(rebuilt_and_needed, make, 1_000, first=60) < STEEPEST


def list_of(count):
    return encode([1.0] * count)


def list_of_lists(count):
    return encode([[1.0] * 10] * (count // 10))


def dict_of(count):
    return encode({f"W{number}": 1.0 for number in range(count)})


@pytest.mark.parametrize("make", [list_of, list_of_lists, dict_of])
def test_answers_of_many_parts_take_so_many_times_as_long(make):
    wanted = Answer("q", {"W1": np.ones((2, 2)), "b1": np.ones(3)})

    def answered(payload):
        given = Answer("q", read_value(payload))
        comparing.compare(wanted.value, given.value)
        same_answer(wanted, given, wanted)

    assert growth(answered, make, 2_000, first=100) < STEEPEST


def nested(count):
    value = encode(1.0)
    for _ in range(min(count, 400)):
        value = {"kind": "list", "items": [value] * (1 + (count > 400))}
    return value


def test_answers_in_answers_end_where_they_are_too_deep():
    with pytest.raises(Malformed):
        read_value(nested(1_000))
    assert growth(lambda value: pytest.raises(Malformed, read_value, value), nested, 400) < STEEPEST


def test_a_point_in_time_is_read_in_bounded_time(tmp_path):
    for _, make in floods():
        (tmp_path / "timestamp.txt").write_text(make(1_000)[:900], encoding="utf-8", errors="replace")
        assert seconds(timestamp_in, tmp_path) < 5, "some milliseconds are enough"


def test_a_folder_of_alike_names_is_looked_through_in_bounded_time(tmp_path):
    for number in range(200):
        (tmp_path / f"{' _-copy' * 30}{number}.ipynb").touch()
    assert seconds(lambda folder: find_notebook(folder, "01_mse", ["01_mse", "02_mse"]), tmp_path) < 60, (
        "a few tenths of a second are enough"
    )
