"""Nothing earns a mark but answers: every cheat of the bank, graded as in a class, and held against stock nbgrader."""

import ast
import contextlib
import json
import random
from fnmatch import fnmatch

import pytest

from autograder import installed
from autograder.course.settings import Course, NoCourse, withheld_by_helpers
from autograder.grading.grader import Grader
from autograder.installed import HELPERS
from autograder.sandbox import wall
from autograder.sandbox.job import Limits
from tests.support.cheats import IN_PLACE, bank, later, measure
from tests.support.cheats.limits import LIMITS
from tests.support.cheats.stock import Stock
from tests.support.cheats.submission import grade_id, hand_in_cheat, hand_in_honest, honest_notebook, points
from tests.support.courses import make_course

CHEATS = bank()


def test_the_bank_is_large_and_each_cheat_has_a_name_and_a_sentence_of_its_own():
    assert len(CHEATS) >= 45
    assert len({cheat.name for cheat in [*CHEATS, *LIMITS]}) == len(CHEATS) + len(LIMITS)
    assert len({cheat.tries for cheat in CHEATS}) == len(CHEATS)


def test_the_page_on_security_lists_the_whole_bank_as_it_was_measured():
    measured = measure.read()
    assert list(measured) == sorted(cheat.name for cheat in CHEATS if not cheat.only_here), "run make measure-cheats"
    page = measure.DOCS.read_text()
    assert measure.section(measured) in page, "run make measure-cheats"
    assert all(f"`{limit.name}`" in page.split(measure.END)[1] for limit in LIMITS)


class Class:
    """One course for the whole bank: a warm Grader for each assignment, and an honest student."""

    def __init__(self, folder, key_cache):
        assignments = sorted({cheat.assignment for cheat in CHEATS})
        self.folder = make_course(folder, assignments)
        (self.folder / ".autograder").mkdir(mode=0o700)
        (self.folder / ".autograder" / "keys").symlink_to(key_cache)
        self.course, self.graders, self.opened = Course.here(self.folder), {}, contextlib.ExitStack()
        for assignment in assignments:
            hand_in_honest(self.folder / "submitted" / "honest" / assignment, assignment)

    def grade(self, student, assignment):
        """(the notebook as it was graded, test cell → score)"""
        if assignment not in self.graders:
            self.graders[assignment] = self.opened.enter_context(Grader(self.course, assignment))
        (graded,) = self.graders[assignment].grade(student).notebooks
        return graded, {cell: verdict["score"] for cell, verdict in graded.verdicts.items()}

    def grade_cheat(self, cheat):
        folder = self.folder / "submitted" / cheat.name / cheat.assignment
        hand_in_cheat(folder, cheat)
        return self.grade(cheat.name, cheat.assignment)

    def close(self):
        self.opened.close()


@pytest.fixture(scope="module")
def graded_class(tmp_path_factory, key_cache):
    its = Class(tmp_path_factory.mktemp("cheats") / "course", key_cache)
    yield its
    its.close()


def shown(notebook):
    """All text that a graded notebook's own cells show."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return json.dumps(outputs)


@pytest.mark.sandbox
@pytest.mark.slow
@pytest.mark.parametrize("cheat", CHEATS, ids=[cheat.name for cheat in CHEATS])
def test_a_cheat_earns_nothing_and_costs_its_neighbours_nothing(graded_class, cheat):
    full = points(cheat.assignment)
    attacked = f"test_{cheat.function}"
    graded, scores = graded_class.grade_cheat(cheat)
    assert scores.get(attacked, 0.0) == 0, "the attacked function has no right answer to give"
    if not cheat.harms_itself:
        assert {**scores, attacked: None} == {**full, attacked: None}, "what was right stays right"
    if cheat.runs:
        assert IN_PLACE in shown(graded.notebook), "the cheat's own code did not run to its end"
    _, neighbours = graded_class.grade("honest", cheat.assignment)
    assert neighbours == full


@pytest.mark.sandbox
@pytest.mark.slow
@pytest.mark.parametrize("limit", LIMITS, ids=[limit.name for limit in LIMITS])
def test_a_limit_that_the_page_owns_up_to_is_still_one(graded_class, limit):
    graded, scores = graded_class.grade_cheat(limit)
    assert IN_PLACE in shown(graded.notebook)
    assert scores == points(limit.assignment), "no limit any more: it belongs in the bank"


@pytest.mark.sandbox
@pytest.mark.slow
def test_stock_nbgrader_gives_what_the_page_says(tmp_path, key_cache):
    """A handful measured anew; those that wait for a moment to act are left out, since stock may be faster than they."""
    steady = [cheat for cheat in CHEATS if cheat not in later.CHEATS and not cheat.only_here]
    chosen = random.Random(7).sample(steady, 8)
    measured = measure.read()
    found = Stock(tmp_path, key_cache).measure([None, *chosen])
    assert found.pop(None)[0] == points("01_mse")["test_mse"], "the honest notebook, as a control"
    assert {cheat.name: score for cheat, (score, _) in found.items()} == {c.name: measured[c.name] for c in chosen}


def test_the_courses_own_packages_are_covered_up_where_a_system_folder_holds_them(tmp_path, monkeypatch):
    site = tmp_path / "system" / "site-packages"
    for package in ("autograder", "helpers"):
        (site / package).mkdir(parents=True)
    monkeypatch.setattr(wall, "SYSTEM_FOLDERS", (str(tmp_path / "system"),))
    monkeypatch.setattr(installed, "ROOT", site)
    monkeypatch.setattr(installed, "PACKAGE", site / "autograder")
    monkeypatch.setattr(installed, "HELPERS", site / "helpers")
    command = wall.bubblewrap_command(Limits(), tmp_path)
    covered = [path for option, path in zip(command, command[1:], strict=False) if option == "--tmpfs"]
    assert {str(site / "autograder"), str(site / "helpers")} <= set(covered)


def test_a_course_that_students_code_could_read_is_refused(tmp_path, monkeypatch):
    folder = make_course(tmp_path / "system" / "course", ["01_mse"])
    monkeypatch.setattr(wall, "SYSTEM_FOLDERS", (str(tmp_path / "system"),))
    with pytest.raises(NoCourse, match="Move the course"):
        Course.here(folder)


WITHHELD = withheld_by_helpers()


@pytest.mark.parametrize("assignment", sorted(WITHHELD.keys() - {"*"}))
def test_no_helper_that_is_left_has_the_name_of_a_function_to_write(assignment):
    notebook = honest_notebook(assignment)
    written = {grade_id(cell) for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")}
    left = [path for path in HELPERS.rglob("*.py") if not _is_withheld(path, assignment)]
    assert any(path.name == "questions.py" for path in left)
    for path in left:
        body = ast.parse(path.read_text()).body
        found = {node.name for node in body if isinstance(node, ast.FunctionDef)}
        found |= {
            alias.asname or alias.name for node in body if isinstance(node, ast.ImportFrom) for alias in node.names
        }
        assert not found & written, f"{path.name} has a right version of {found & written}"


def _is_withheld(path, assignment):
    """The file, or a folder that it lies in."""
    parts = path.relative_to(HELPERS).parts
    return any(fnmatch(part, pattern) for part in parts for pattern in [*WITHHELD["*"], *WITHHELD[assignment]])
