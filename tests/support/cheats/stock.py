"""The same folders graded by stock nbgrader: no plug-in, hidden tests with asserts of the same meaning.

Each cheat gets a course of its own, so that what it leaves behind spoils no other's measurement, and the whole
`nbgrader autograde` runs where only that course can be written: stock nbgrader runs students' code as the instructor.
"""

import ast
import functools
import json
import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import nbformat
import numpy as np
from nbgrader.api import Gradebook, MissingEntry

from autograder.course.settings import Course
from autograder.grading.key import make_key
from autograder.marking.mark import comparison
from autograder.notebook import rebuild
from autograder.sandbox.wall import find_bubblewrap, python_folders
from tests.support.cheats import IN_PLACE, bank
from tests.support.cheats.submission import grade_id, hand_in_cheat, hand_in_honest
from tests.support.courses import ROOT, make_course

CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "stock"
c.ExecutePreprocessor.timeout = 30
c.Execute.timeout = 30
"""
SOLUTION = b"def mse(target, prediction):\n    return ((target - prediction) ** 2).mean()\n"


# The tests.


def with_asserts(source, key, seed):
    """The instructor's notebook with asserts where it asked questions.

    source: a NotebookNode. key: the Key, whose answers become the expected values. seed: test cell → the seed of its
    hidden inputs.
    """
    notebook = nbformat.from_dict(source)
    for cell in notebook.cells:
        if grade_id(cell) in key.cells:
            seen, hidden = rebuild.split_hidden(cell.source)
            lines = ["import os", f'os.environ["COURSELAB_QUESTION_SEED"] = "{seed(grade_id(cell))}"']
            for statement in ast.parse(hidden).body:
                lines.append(_assert(statement, key.cells[grade_id(cell)]) or ast.get_source_segment(hidden, statement))
            cell.source = "\n".join([seen, "### BEGIN HIDDEN TESTS", *lines, "### END HIDDEN TESTS"])
    return notebook


def _assert(statement, expected):
    """A question as asserts, or None for any other statement."""
    call = getattr(statement, "value", None)
    if not (isinstance(call, ast.Call) and getattr(call.func, "id", "") == "ask"):
        return None
    name, function, *inputs = call.args
    answer = expected[name.value]
    how = comparison(answer)
    if how["how"] not in ("close", "equal"):
        return "pass"  # an open choice: an assert cannot try it out
    named = [word for word in call.keywords if word.arg not in ("compare", "rtol", "atol", "judge")]
    named = [ast.unparse(word) for word in named]
    words = [ast.unparse(word) for word in inputs]
    if isinstance(function, ast.Call) and ast.unparse(function.func) == "arguments_after":
        return "\n".join(_arguments_kept(ast.unparse(function.args[0]), words, answer.value, how, name.value))
    asked = f"{ast.unparse(function)}({', '.join([*words, *named])})"
    if isinstance(answer.value, (str, type(None))) or _is_number(answer.value):
        return "\n".join(_close(asked, answer.value, how, name.value))
    return "\n".join([f"q_answer = {asked}", *_close("q_answer", answer.value, how, name.value)])


def _arguments_kept(function, inputs, expected, how, name):
    """Asserts that a call gives the expected answer and leaves its arguments as they were."""
    after = [value for entry, value in expected.items() if entry != "the answer itself"]
    yield f"q_given = [{', '.join(inputs)}]"
    yield from _close(f"{function}(*q_given)", expected["the answer itself"], how, name)
    for place, value in enumerate(after):
        yield from _close(f"q_given[{place}]", value, how, name)


def _is_number(value):
    return isinstance(value, np.ndarray) and value.ndim == 0


def _close(said, expected, how, name):
    """Asserts that what is `said` is the expected value."""
    if expected is None or isinstance(expected, str):
        yield f"assert {said} == {expected!r}, {name!r}"
    elif isinstance(expected, np.ndarray):
        tolerance = f"rtol={how['rtol']!r}, atol={how['atol']!r}, equal_nan=True"
        value = "np.array(" + repr(expected.tolist()).replace("inf", "np.inf").replace("nan", "np.nan") + ")"
        value = value[9:-1] if expected.ndim == 0 else value
        yield f"assert np.allclose({said}, {value}, {tolerance}), {name!r}"
        if expected.ndim:
            yield f"assert np.shape({said}) == {expected.shape!r}, {name!r}"
    elif isinstance(expected, dict):
        for entry, value in expected.items():
            yield from _close(f"{said}[{entry!r}]", value, how, name)
    else:
        yield f"assert len({said}) == {len(expected)}, {name!r}"
        for place, value in enumerate(expected):
            yield from _close(f"{said}[{place}]", value, how, name)


# The run.


class Stock:
    """Stock courses in a folder: `measure(cheats)` says what stock nbgrader gives to each."""

    def __init__(self, folder, keys=None):
        self.folder, self.templates = folder, {}
        self.plain = make_course(folder / "ours", sorted({"01_mse", *(cheat.assignment for cheat in bank())}))
        if keys is not None:
            (self.plain / ".autograder").mkdir(mode=0o700)
            (self.plain / ".autograder" / "keys").symlink_to(keys)

    def template(self, assignment):
        """A stock course with this assignment generated and an honest student in it; made once."""
        if assignment not in self.templates:
            course = Course.here(self.plain)
            source = course.source_notebook(assignment, assignment)
            seed = functools.partial(course.question_seed, assignment)
            notebook = with_asserts(source, make_key(course, assignment, assignment), seed)
            stock = self.folder / f"template-{assignment}"
            (stock / "source" / assignment).mkdir(parents=True)
            (stock / "home").mkdir()
            (stock / "nbgrader_config.py").write_text(CONFIG)
            nbformat.write(notebook, stock / "source" / assignment / f"{assignment}.ipynb")
            hand_in_honest(stock / "submitted" / "honest" / assignment, assignment)
            self.run([(stock, ["generate_assignment", assignment])])
            self.templates[assignment] = stock
        return self.templates[assignment]

    def run(self, commands):
        """nbgrader's own commands, each in its course, where nothing but these courses can be written."""
        environment = {
            "PATH": os.pathsep.join([os.path.dirname(os.path.abspath(sys.executable)), "/usr/bin", "/bin"]),
            "HOME": "/tmp",
            "LANG": "C.UTF-8",
            "OPENBLAS_NUM_THREADS": "1",
        }
        wall = [find_bubblewrap(), "--die-with-parent", "--unshare-pid", "--unshare-ipc", "--cap-drop", "ALL"]
        wall += ["--clearenv", *(part for name in environment for part in ("--setenv", name, environment[name]))]
        wall += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]
        for shown in [*python_folders(), str(ROOT)]:  # a checkout below /tmp would be hidden by the line above
            if shown.startswith("/tmp/"):
                wall += ["--ro-bind", shown, shown]
        wall += ["--bind", str(self.folder), "/tmp/courses", "--chdir", "/tmp", "--"]
        words = json.dumps([[f"/tmp/courses/{course.name}", words] for course, words in commands])
        script = str(Path(__file__).with_name("stock_commands.py"))
        subprocess.run([*wall, sys.executable, script, words], stdin=subprocess.DEVNULL, check=True)

    def course_of(self, cheat, address):
        """A course of its own for one cheat (None: for the honest student), ready to be graded."""
        assignment = cheat.assignment if cheat else "01_mse"
        course = self.folder / (cheat.name if cheat else "control")
        shutil.copytree(self.template(assignment), course, symlinks=True)
        if cheat:
            files = {**cheat.files, "address.txt": address} if "address.txt" in cheat.files else cheat.files
            hand_in_cheat(course / "submitted" / "cheat" / assignment, replace(cheat, files=files))
        return course

    def measure(self, cheats, workers=2):
        """Cheat → (stock's points for its attacked function or None, whether its code was seen to run).

        The cheat None is the honest notebook: what it gets for `mse`.
        """
        with serving() as address:
            courses = {cheat: self.course_of(cheat, address) for cheat in cheats}
            commands = [(course, _autograde(cheat)) for cheat, course in courses.items()]
            with ThreadPoolExecutor(workers) as pool:
                list(pool.map(self.run, [commands[first::workers] for first in range(workers)]))
        return {cheat: _found(course, cheat) for cheat, course in courses.items()}


def _autograde(cheat):
    return ["autograde", cheat.assignment, "--student=cheat"] if cheat else ["autograde", "01_mse", "--student=honest"]


def _found(course, cheat):
    assignment, student = (cheat.assignment, "cheat") if cheat else ("01_mse", "honest")
    marks = _marks(course, assignment, student)
    graded = course / "autograded" / student / assignment / f"{assignment}.ipynb"
    shown = graded.read_text() if graded.is_file() else ""
    return marks.get(f"test_{cheat.function if cheat else 'mse'}"), not (cheat and cheat.runs) or IN_PLACE in shown


def _marks(course, assignment, student):
    """Test cell → points, from the gradebook; nothing for a submission that is not in it."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        try:
            notebook = gradebook.find_submission_notebook(assignment, assignment, student)
        except MissingEntry:
            return {}
        return {
            grade.name: grade.score for grade in notebook.grades if not grade.needs_manual_grade or grade.auto_score
        }


class serving:
    """A small web server on this machine's loopback that hands out a solution. The value is its address."""

    def __enter__(self):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler):
                self.visits += 1
                handler.send_response(200)
                handler.end_headers()
                handler.wfile.write(SOLUTION)

            def log_message(self, *_):
                pass

        self.visits, self.server = 0, HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"127.0.0.1:{self.server.server_port}"
        return self.address

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
