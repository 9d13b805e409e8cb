"""The audit: the catalogue against the questions.

Every mistake must lose marks in the test of its function and be told apart from the others; every right alternative
must keep them all. Mistakes thus test our own hidden tests. What is lacking, so that nothing could be tested, is a
trouble too: a function that nothing asks, questions without a known mistake, mistakes of an assignment that is not there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import nbformat
from nbgrader import utils

from autograder.course.catalogue import alternatives_of, catalogues, mistakes_of
from autograder.course.settings import Course
from autograder.grading.key import Key, cells_to_run, make_key, question_cells, sheet_of, with_function_replaced
from autograder.marking.answers import AnswerSheet
from autograder.marking.mark import comparison, mark_cell, same_answer
from autograder.mistakes import Mistake
from autograder.notebook import rebuild
from autograder.running.work import is_tested
from autograder.sandbox.job import Job
from autograder.sandbox.sandbox import Sandbox
from autograder.submission import Outcome
from helpers.facts import in_words


@dataclass
class Row:
    """One mistake, against the questions of its function."""

    mistake: str
    function: str
    fails: list[str]  # questions that it answers wrongly
    asked: int  # how many questions there are
    keeps: float  # the share of the marks it keeps
    named: bool  # whether marking gives it its own name


@dataclass
class Audit:
    """What the audit of one assignment found."""

    assignment: str
    rows: list[Row] = field(default_factory=list)
    alternatives: int = 0
    troubles: list[str] = field(default_factory=list)  # each is a failure
    remarks: list[str] = field(default_factory=list)  # worth knowing


def audit(course: Course, assignment: str, progress: Callable[[str], object] = lambda text: None) -> Audit:
    """Audit one assignment. Raises NoCourse, BadKey or SandboxUnavailable when it cannot be done."""
    result = Audit(assignment, troubles=_mistakes_of_nothing(course))
    for notebook in course.notebooks(assignment):
        source = course.source_notebook(assignment, notebook)
        result.troubles += _untested_functions(source)
        asked = question_cells(source)
        if not asked:
            continue
        key = make_key(course, assignment, notebook, progress=progress)
        known = mistakes_of(course.root, assignment)
        for mistake in known:
            if f"test_{mistake.function}" in asked:
                result.rows.append(_judge_mistake(mistake, key, result.troubles))
            else:
                result.troubles.append(f"{mistake.name}: nothing asks {mistake.function}")
        _find_twins(known, key, result.troubles)
        _find_idle_questions(key, result)
        for function in _functions_without_mistakes(key, known):
            result.troubles.append(
                f"{function}: no mistake is known of it, so nothing shows that its questions can be answered wrongly; "
                f"write one in mistakes/{assignment}.py"
            )
        _try_alternatives(course, assignment, source, key, result, progress)
    return result


def _judge_mistake(mistake: Mistake, key: Key, troubles: list[str]) -> Row:
    cell = f"test_{mistake.function}"
    answers = key.mistakes.get(cell, {}).get(mistake.name, {})
    verdict = mark_cell(cell, AnswerSheet(cells={cell: answers}), key, 1.0)
    fails = list(dict.fromkeys(item.question for item in verdict.verdicts if item.outcome != Outcome.RIGHT))
    if verdict.share == 1:
        troubles.append(f"{mistake.name}: keeps full marks in {cell}")
    named = mistake.name in verdict.mistakes or mistake.same_as in verdict.mistakes
    if not named and verdict.share < 1:
        twin = ", ".join(verdict.mistakes) or "nothing"
        troubles.append(f"{mistake.name}: its own answers are named {twin}")
    return Row(mistake.name, mistake.function, fails, len(key.cells[cell]), verdict.share, named)


def _find_twins(known: list[Mistake], key: Key, troubles: list[str]) -> None:
    """Mistakes of one function that no question tells apart, and that are not declared the same."""
    for number, one in enumerate(known):
        for other in known[number + 1 :]:
            declared = (
                one.name == other.same_as or other.name == one.same_as or (one.same_as and one.same_as == other.same_as)
            )
            if one.function == other.function and not declared:
                cell = f"test_{one.function}"
                if cell in key.mistakes and _answer_alike(key, cell, one.name, other.name):
                    troubles.append(f"{one.name} and {other.name} cannot be told apart by any question")


def _answer_alike(key: Key, cell: str, one: str, other: str) -> bool:
    for question, expected in key.cells[cell].items():
        a, b = key.mistakes[cell][one].get(question), key.mistakes[cell][other].get(question)
        if a is None or b is None:
            if a is not b:
                return False
            continue
        alike = same_answer(a, b, expected)
        if a.raised is not None and b.raised is not None:  # the message may hang on chance
            alike = a.raised.type == b.raised.type
        if not alike:
            return False
    return True


def _find_idle_questions(key: Key, result: Audit) -> None:
    """Questions that every mistake answers rightly: they may tell nothing."""
    for cell, questions in key.cells.items():
        function = cell.removeprefix("test_")
        failed = {question for row in result.rows if row.function == function for question in row.fails}
        if failed:
            idle = [question for question in questions if question not in failed]
            result.remarks += [f"no mistake fails the question “{question}” of {function}" for question in idle]


def _functions_without_mistakes(key: Key, known: list[Mistake]) -> list[str]:
    """Functions that are asked and of which no mistake is known; open choices aside, which trusted code judges."""
    functions = {mistake.function for mistake in known}
    asked = [
        cell.removeprefix("test_")
        for cell, answers in key.cells.items()
        if any(comparison(answer)["how"] != "choice" for answer in answers.values())
    ]
    return [function for function in asked if function not in functions]


def _untested_functions(source: nbformat.NotebookNode) -> list[str]:
    """What students write in code cells and no autograder test of the same name looks at."""
    own = [rebuild.grade_id(cell) for cell in source.cells if cell.cell_type == "code" and rebuild.is_students(cell)]
    tested = {rebuild.grade_id(cell) for cell in source.cells if is_tested(cell)}
    by_hand = {rebuild.grade_id(cell) for cell in source.cells if utils.is_grade(cell) and rebuild.is_students(cell)}
    return [
        f"{name}: nothing asks it; add an autograder test cell called test_{name} whose hidden region calls ask(…)"
        for name in own
        if f"test_{name}" not in tested and name not in by_hand
    ]


def _mistakes_of_nothing(course: Course) -> list[str]:
    """The course's own files of mistakes that speak of an assignment which is not in source/."""
    there = course.assignments()
    return [
        f"{path.relative_to(course.root)} is about “{collected.assignment}”, and source/ has no such assignment"
        for path, collected in catalogues(course.root)
        if collected.assignment not in there
    ]


def _try_alternatives(
    course: Course,
    assignment: str,
    source: nbformat.NotebookNode,
    key: Key,
    result: Audit,
    progress: Callable[[str], object],
) -> None:
    """Run every right alternative in the instructor's notebook: all must keep full marks."""
    known = [
        alternative
        for alternative in alternatives_of(course.root, assignment)
        if f"test_{alternative.function}" in key.cells
    ]
    if not known:
        return
    progress(f"running {len(known)} right alternatives of {assignment}")
    files, _ = course.companions(assignment)
    with Sandbox(course.sandbox_settings(assignment)) as sandbox:
        for alternative in known:
            cell = f"test_{alternative.function}"
            notebook = with_function_replaced(source, alternative.function, alternative.source, alone=True)
            cells = cells_to_run(course, assignment, notebook, only={cell})
            verdict = mark_cell(cell, sheet_of(sandbox.run(Job(cells, files, files)), cells), key, 1.0)
            result.alternatives += 1
            for item in verdict.verdicts:
                if item.outcome != Outcome.RIGHT:
                    said = (
                        f"{item.raised.type}: {item.raised.message}"
                        if item.raised
                        else "; ".join(map(in_words, item.facts))
                    )
                    name = f"{alternative.function}, {alternative.label}"
                    result.troubles.append(f"the right alternative {name} loses marks at “{item.question}”: {said}")
