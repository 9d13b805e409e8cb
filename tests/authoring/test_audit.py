"""The catalogue against the questions: every mistake loses marks and is told apart, every right alternative keeps them."""

import re
import shutil
import subprocess
import sys

import nbformat
import pytest

from autograder.authoring.audit import audit
from autograder.course.catalogue import alternatives_of, mistakes_of
from autograder.course.settings import Course
from autograder.grading.grader import Grader
from autograder.grading.key import BadKey, make_key, question_cells, with_function_replaced
from autograder.mistakes import Catalogue
from autograder.notebook import rebuild
from tests.support.courses import ROOT

ASSIGNMENTS = sorted(path.name for path in (ROOT / "source").iterdir())
slow = [pytest.mark.sandbox, pytest.mark.slow]


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
class TestAudit:
    pytestmark = slow

    def test_every_mistake_loses_marks_and_every_alternative_keeps_them(self, assignment, course_folder):
        result = audit(Course.here(course_folder([assignment])), assignment)
        assert result.troubles == []
        assert result.alternatives == len(alternatives_of(ROOT, assignment))
        assert len(result.rows) == len(mistakes_of(ROOT, assignment))
        assert all(row.named and row.fails for row in result.rows)


def test_the_catalogue_is_as_large_as_promised():
    assert len(mistakes_of(ROOT, "03_backprop")) >= 25
    assert len(mistakes_of(ROOT)) >= 80 and len(alternatives_of(ROOT)) >= 40
    assert {mistake.assignment for mistake in mistakes_of(ROOT)} == set(ASSIGNMENTS)


@pytest.mark.parametrize("mistake", mistakes_of(ROOT), ids=lambda mistake: f"{mistake.assignment}-{mistake.name}")
def test_a_hint_reads_like_a_tutor_and_gives_no_code_away(mistake):
    assert len(mistake.hint) > 60 and mistake.hint.rstrip()[-1] in ".?)!”"
    assert not re.search(
        r"^\s*(return|def|import) |\bnp\.(dot|sum|mean|einsum|outer|where)\(|```", mistake.hint, re.MULTILINE
    )
    assert mistake.lesson


def test_a_mistake_without_a_hint_or_with_a_taken_name_is_refused():
    mistake = Catalogue("none")

    def slip(x):
        """Something went wrong here."""

    mistake("f", lesson="Any")(slip)
    with pytest.raises(ValueError, match="two mistakes called slip"):
        mistake("f", lesson="Any")(slip)
    with pytest.raises(ValueError, match="no docstring"):
        mistake("f", lesson="Any")(lambda x: x)


@pytest.mark.sandbox
@pytest.mark.slow
@pytest.mark.parametrize("assignment", ["03_backprop", "05_hyperparameters"])
def test_the_audit_holds_with_another_terms_questions(assignment, course_folder, monkeypatch):
    monkeypatch.setenv("COURSE_SEED", "a term that nobody has seen")
    assert audit(Course.here(course_folder([assignment])), assignment).troubles == []


# The audit itself can fail.


@pytest.mark.sandbox
@pytest.mark.slow
def test_an_audit_fails_when_a_mistake_keeps_full_marks(course_folder, monkeypatch):
    from autograder.mistakes import Mistake

    harmless = Mistake(
        "harmless",
        "02_gradient_descent",
        "gradient_step",
        "No.",
        "One step",
        "def gradient_step(w, gradient, learning_rate):\n    return w - learning_rate * gradient",
    )
    monkeypatch.setattr("autograder.grading.key.mistakes_of", lambda *_: [harmless])
    monkeypatch.setattr("autograder.authoring.audit.mistakes_of", lambda *_: [harmless])
    troubles = audit(Course.here(course_folder(["02_gradient_descent"])), "02_gradient_descent").troubles
    assert any("harmless: keeps full marks" in trouble for trouble in troubles)


@pytest.mark.sandbox
@pytest.mark.slow
def test_a_key_that_does_not_answer_its_own_questions_is_refused(course_folder):
    folder = course_folder(["02_gradient_descent"])
    path = folder / "source" / "02_gradient_descent" / "02_gradient_descent.ipynb"
    path.write_text(path.read_text().replace("ask(", "ask(undefined, ", 1))
    with pytest.raises(BadKey, match="fails its own test cell"):
        make_key(Course.here(folder), "02_gradient_descent", "02_gradient_descent")


# A slip is paid for once.


@pytest.mark.sandbox
@pytest.mark.slow
@pytest.mark.parametrize("assignment", ["03_backprop", "04_training_loop"])
def test_a_slip_in_an_early_function_does_not_cost_the_marks_of_later_ones(assignment, course_folder):
    course = Course.here(course_folder([assignment]))
    source = course.source_notebook(assignment, assignment)
    order = [cell.removeprefix("test_") for cell in question_cells(source)]
    with Grader(course, assignment) as grader:
        for mistake in mistakes_of(ROOT, assignment):
            if mistake.function == order[-1]:
                continue
            notebook = with_function_replaced(source, mistake.function, mistake.source)
            result = grader.grade_notebook(assignment, rebuild.Rebuilt(notebook), {})
            scores = {verdict["function"]: verdict["score"] / verdict["points"] for verdict in result.verdicts.values()}
            assert scores[mistake.function] < 1
            paid_twice = [name for name, share in scores.items() if name != mistake.function and share < 1]
            assert not paid_twice, f"{mistake.name} in {mistake.function} also costs {paid_twice}"


@pytest.mark.sandbox
@pytest.mark.slow
def test_a_wrong_later_function_is_not_saved_by_following_through(course_folder):
    course = Course.here(course_folder(["03_backprop"]))
    source = course.source_notebook("03_backprop", "03_backprop")
    known = {mistake.name: mistake for mistake in mistakes_of(ROOT, "03_backprop")}
    notebook = with_function_replaced(source, "output_delta", known["factor-two-missing"].source)
    notebook = with_function_replaced(notebook, "backward", known["biases-not-summed"].source)
    with Grader(course, "03_backprop") as grader:
        result = grader.grade_notebook("03_backprop", rebuild.Rebuilt(notebook), {})
    named = {verdict["function"]: [m["name"] for m in verdict["mistakes"]] for verdict in result.verdicts.values()}
    assert named["output_delta"] == ["factor-two-missing"] and named["backward"] == ["biases-not-summed"]


FORMS = {  # right answers with which the course's later functions cannot go on
    "lists": ("03_backprop", "hidden_delta", "def hidden_delta(params, cache, delta2):\n    h = cache['h']\n    return ((params['W2'].T @ delta2) * h * (1 - h)).tolist()"),
    "a matrix": ("03_backprop", "output_delta", "def output_delta(cache, target):\n    y = cache['y']\n    return np.matrix(2 * (y - target) / y.size * y * (1 - y))"),
    "lists in a dict": ("04_training_loop", "update", "def update(params, grads, learning_rate):\n    return {name: (params[name] - learning_rate * grads[name]).tolist() for name in params}"),
}  # fmt: skip


@pytest.mark.sandbox
@pytest.mark.slow
@pytest.mark.parametrize(("assignment", "function", "source"), FORMS.values(), ids=FORMS)
def test_a_right_answer_of_an_unusual_form_costs_nothing_in_later_functions(
    assignment, function, source, course_folder
):
    course = Course.here(course_folder([assignment]))
    master = course.source_notebook(assignment, assignment)
    with Grader(course, assignment) as grader:
        notebook = with_function_replaced(master, function, source, alone=True)
        result = grader.grade_notebook(assignment, rebuild.Rebuilt(notebook), {})
    lost = {cell: verdict for cell, verdict in result.verdicts.items() if verdict["score"] < verdict["points"]}
    assert not lost


@pytest.mark.slow
def test_the_samples_can_be_made_again_without_a_change(tmp_path):
    """examples/make_examples.py is what the samples come from."""
    made = tmp_path / "examples"
    shutil.copytree(ROOT / "examples", made, ignore=shutil.ignore_patterns("submitted", "__pycache__"))
    shutil.copytree(ROOT / "source", tmp_path / "source")
    subprocess.run([sys.executable, made / "make_examples.py"], check=True, capture_output=True)
    for path in (ROOT / "examples" / "submitted").rglob("*.ipynb"):
        again = made / "submitted" / path.relative_to(ROOT / "examples" / "submitted")
        assert nbformat.read(again, 4) == nbformat.read(path, 4), "run examples/make_examples.py"
