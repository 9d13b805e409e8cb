"""The class that is graded: the sample submissions of examples/, and courses that can grade them.

Three kinds of course hold the same submissions:
    "stock"      plain asserts as hidden tests, nbgrader's own settings
    "asserts"    plain asserts as hidden tests, this project's settings
    "questions"  the course's own hidden questions, this project's settings
"""

import shutil
import sys
from itertools import cycle, islice
from pathlib import Path

import nbformat
from hidden_asserts import HIDDEN_ASSERTS
from measuring import measured

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
KINDS = ("stock", "asserts", "questions")

# A visible check that makes numpy warn of an overflow: for a warning, stock nbgrader takes the whole cell's points away.
WARNS = "very far out"

# Left out: what the two tools rate differently on purpose (tampered files, patched numpy, words on stderr, whose points
# nbgrader takes away), and what waits for time limits, which would measure the limits.
LEFT_OUT = ("deleted-cells", "endless-loop", "patched-numpy", "prints-and-plots")


def works():
    """All (student, assignment) of the sample class."""
    folders = (ROOT / "examples" / "submitted").glob("*/*")
    return sorted((path.parent.name, path.name) for path in folders if path.parent.name not in LEFT_OUT)


def assignments():
    return sorted(path.parent.name for path in (ROOT / "source").glob("*/*.ipynb"))


def make_course(folder, kind):
    """A course of one kind, with its sources and no submissions."""
    folder.mkdir(parents=True)
    if kind == "stock":
        (folder / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "stock"\n')
    else:
        shutil.copy(ROOT / "nbgrader_config.py", folder)
    for part in ("source", "mistakes", "alternatives", "judges"):
        shutil.copytree(ROOT / part, folder / part)
    if kind != "questions":
        for path in (folder / "source").glob("*/*.ipynb"):
            _put_asserts(path)
    return folder


def generate(folder):
    """What stock nbgrader wants before a class is graded: the assignments in its gradebook, and releases."""
    for name in assignments():
        measured([BIN / "nbgrader", "generate_assignment", name], folder)
    return folder


def hand_in(folder, handed_in):
    """Copy works into submitted/. handed_in: (student, sample student, assignment)."""
    for student, sample, assignment in handed_in:
        work = ROOT / "examples" / "submitted" / sample / assignment
        shutil.copytree(work, folder / "submitted" / student / assignment)


def whole_class(few=False):
    """Every sample work once; with `few` only some students: (student, sample student, assignment)."""
    chosen = [(student, student, assignment) for student, assignment in works()]
    if few:
        some = ("all-right", "raises", "factor-two-missing", "two-slips", "zero-weights")
        chosen = [work for work in chosen if work[0] in some]
    return chosen


def many(number):
    """`number` submissions, one for each student, going round the sample class."""
    pairs = islice(cycle(works()), number)
    return [(f"student-{count:05}", sample, assignment) for count, (sample, assignment) in enumerate(pairs, start=1)]


def _put_asserts(path):
    """Replace each hidden region of a source notebook. Raises KeyError for a test cell that has no asserts."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if BEGIN in cell.source:
            before, rest = cell.source.split(BEGIN)
            before = "".join(line for line in before.splitlines(keepends=True) if WARNS not in line)
            after = rest.split(END)[1]
            asserts = HIDDEN_ASSERTS[cell.metadata.nbgrader.grade_id].strip()
            cell.source = f"{before}{BEGIN}\n{asserts}\n{END}{after}"
    nbformat.write(notebook, path)
