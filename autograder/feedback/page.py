"""The feedback page: verdicts and the student's notebook, without the hidden tests.

`render` works on an autograded notebook whose cells carry nbgrader's scores and comments (GetMarks puts
them there), so `autograder grade` and `nbgrader generate_feedback` write the same page.
"""

import itertools
import logging
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from nbconvert.exporters import Exporter
from nbgrader import utils
from nbgrader.preprocessors import GetGrades

from autograder import budget
from autograder.feedback import cleaning
from autograder.feedback.messages import OwnText, Told, tell, tell_of_hidden_test
from autograder.feedback.pattern_words import pattern_in_words
from autograder.notebook.rebuild import grade_id, has_hidden, without_hidden
from autograder.submission import Outcome
from helpers.facts import Fact, from_json, in_words

log = logging.getLogger(__name__)

MARKS = {Outcome.RIGHT: "✓", Outcome.PARTLY: "◐", Outcome.WRONG: "✗", Outcome.ERROR: "!", Outcome.NOT_ANSWERED: "–"}
STYLES = {  # classes of the page's style sheet
    Outcome.RIGHT: "right",
    Outcome.PARTLY: "partly",
    Outcome.WRONG: "wrong",
    Outcome.ERROR: "error",
    Outcome.NOT_ANSWERED: "not",
}
AS_ABOVE = "The same."
WORTH_SHORTENING = 30  # characters
OUTCOMES = {Outcome.ERROR: "raised an error"}
LEFT_OUT = "Its message is not shown, since it could carry hidden inputs."
STOPPED = "autograder_stopped"  # in a cell's metadata: why its hidden tests were stopped


class GetMarks(GetGrades):
    """nbgrader's own, which takes a mark that nobody has given yet for 0; here it is None."""

    def _get_score(self, cell: nbformat.NotebookNode, resources: dict[str, Any]) -> None:
        super()._get_score(cell, resources)
        name = cell.metadata["nbgrader"]["grade_id"]
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
        if grade.auto_score is None and grade.manual_score is None:
            cell.metadata["nbgrader"]["score"] = None


class FeedbackExporter(Exporter):
    """nbconvert's way in: a notebook becomes a feedback page."""

    file_extension = ".html"
    output_mimetype = "text/html"

    def from_notebook_node(
        self, nb: nbformat.NotebookNode, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        nb, resources = super().from_notebook_node(nb, resources, **kwargs)
        return render(nb, resources["nbgrader"]), resources


def render(notebook: nbformat.NotebookNode, info: dict[str, Any]) -> str:
    """The page.

    notebook: autograded, with scores (None: not marked yet) and comments in the cells' metadata.
    info: nbgrader's resources: assignment, notebook, and the notebook's score, max_score and late_penalty.

    Where the notebook takes too long to be shown, the page holds the marks and verdicts without it, and says why.
    """
    try:
        with budget.spend("page"):
            return _page(notebook, info)
    except budget.UsedUp as error:
        log.warning("The page of %s shows the marks without the notebook: %s", info.get("student", "a student"), error)
        return _page(notebook, info, left_out=str(error))


def _page(notebook: nbformat.NotebookNode, info: dict[str, Any], left_out: str = "") -> str:
    status = dict(notebook.metadata.get("autograder", {}))
    for name, default in (("status", ""), ("reason", ""), ("repairs", []), ("remarks", [])):
        status.setdefault(name, default)
    own = OwnText.of(notebook)
    name, assignment = info.get("notebook", ""), info.get("assignment", "")
    return (
        _environment()
        .get_template("feedback.html")
        .render(
            title=name if name == assignment else f"{assignment}: {name}",
            score=info.get("score"),
            max_score=info.get("max_score"),
            late_penalty=info.get("late_penalty") or 0,
            waiting=sum(cell.metadata.nbgrader.points for cell in notebook.cells if _waits(cell)),
            status=status,
            unsafe=status.get("sandbox") == "none",
            rows=[_row(cell) for cell in notebook.cells if utils.is_grade(cell) or utils.is_task(cell)],
            left_out=left_out,
            blocks=[_block(cell, number, own, bool(left_out)) for number, cell in enumerate(notebook.cells)],
        )
    )


def _waits(cell: nbformat.NotebookNode) -> bool:
    """Whether a person has still to give this cell its mark: the gradebook has none."""
    info = cell.metadata.get("nbgrader", {})
    return (utils.is_grade(cell) or utils.is_task(cell)) and info.get("score", 0) is None


def _row(cell: nbformat.NotebookNode) -> dict[str, Any]:
    """One line of the table at the top."""
    info = cell.metadata.nbgrader
    verdict = cell.metadata.get("autograder")
    name = info.get("grade_id", "")
    score = info.get("score")
    return {
        "anchor": f"cell-{name}",
        "name": verdict["function"] if verdict else name.removeprefix("test_"),
        "said": "waits for a person to mark it" if _waits(cell) else _in_short(verdict, info, cell),
        "score": "–" if score is None else number(score),
        "points": info.get("points", 0),
    }


def _in_short(verdict: dict[str, Any] | None, info: dict[str, Any], cell: nbformat.NotebookNode) -> str:
    if verdict is None:
        if utils.is_solution(cell) or utils.is_task(cell):
            return "marked by hand"
        return "all right" if info.get("score") == info.get("points") else "see below"
    if verdict["not_started"]:
        return "not written yet"
    outcomes = [question["outcome"] for question in verdict["questions"]]
    if all(outcome == Outcome.RIGHT for outcome in outcomes):
        return "all right"
    if verdict["mistakes"]:
        return "; ".join(mistake["name"].replace("-", " ") for mistake in verdict["mistakes"])
    wrong = len(outcomes) - outcomes.count(Outcome.RIGHT)
    return f"{wrong} of {len(outcomes)} answers are not right"


def _block(cell: nbformat.NotebookNode, number_: int, own: OwnText, only_verdict: bool) -> dict[str, Any]:
    name = grade_id(cell)
    block: dict[str, Any] = {"anchor": f"cell-{name or number_}", "kind": "code", "source": "", "html": ""}
    block |= {"outputs": [], "said": []}
    info = cell.metadata.get("nbgrader", {})
    verdict = cell.metadata.get("autograder")
    block["verdict"] = verdict_table(verdict, own) if verdict else ""
    block["comment"] = cleaning.markdown(info["comment"]) if info.get("comment") else ""
    block["score_line"] = ""
    if (utils.is_grade(cell) or utils.is_task(cell)) and not verdict:
        score = info.get("score")
        given = "not marked yet" if score is None else f"{number(score)} of {number(info.get('points', 0))} points"
        block["score_line"] = f"{name}: {given}"
    if only_verdict:
        return block
    if cell.cell_type != "code":
        theirs = cleaning.is_theirs(cell)
        shown = cleaning.markdown(cell.source, theirs=theirs)
        block.update(kind="text", html=cleaning.framed(shown, cleaning.WRITTEN) if theirs else shown)
        return block
    block["source"] = cleaning.code(without_hidden(cell.source).strip("\n"))
    if verdict:
        return block
    if has_hidden(cell.source):
        block["said"] = list(_hidden_outcome(cell, own))
    else:
        block["outputs"] = [cleaning.output(output) for output in cell.outputs]
    return block


def _hidden_outcome(cell: nbformat.NotebookNode, own: OwnText) -> Iterator[str]:
    """What may be shown of ordinary hidden tests: that one failed and how, as messages/ tells it, or were stopped.

    Nothing of what they show otherwise: it was shown by the student's process, which has their inputs and their text.
    """
    errors = [output for output in cell.outputs if output["output_type"] == "error"]
    stopped = cell.metadata.get(STOPPED)
    if stopped:
        errors = errors[:-1]  # the last one says the same
    for output in errors[:1]:
        told = tell_of_hidden_test(output.get("ename", ""), output.get("evalue", ""), cell.source, own)
        kind = told.kind if told.named else told.kind[:1].lower() + told.kind[1:]
        yield f"A hidden test failed: {kind}{_message(told)}"
    if stopped:
        yield f"The hidden tests did not come to their end: {stopped}."


def _message(told: Told) -> str:
    return f": {cleaning.plain(told.message).strip()}" if told.message else f". {LEFT_OUT}" if told.left_out else ""


def verdict_table(verdict: dict[str, Any], own: OwnText) -> Markup:
    """One function's verdicts as HTML. `own`: the student's text."""
    rows = [_question_row(item, own) for item in _by_question(verdict["questions"])]
    _say_once(rows)
    all_right = all(item["outcome"] == Outcome.RIGHT for item in verdict["questions"])
    return Markup(_environment().get_template("verdict.html").render(cell=verdict, rows=rows, all_right=all_right))


def _by_question(items: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The verdicts grouped by question, in order; the entries of one question stay apart only where they differ."""
    for _, group in itertools.groupby(items, key=lambda item: item["question"]):
        alike: dict[tuple[str, tuple[Fact, ...], str], list[dict[str, Any]]] = {}
        for item in group:
            facts = tuple(map(from_json, item["facts"]))
            alike.setdefault((item["outcome"], facts, str(item["raised"])), []).append(item)
        for same in alike.values():
            entries = [item["entry"] for item in same if item["entry"] is not None]
            yield {**same[0], "entry": ", ".join(entries) if entries and len(alike) > 1 else None}


def _say_once(rows: list[dict[str, Any]]) -> None:
    """A remark that stands in one row after the other is read once."""
    before = ""
    for row in rows:
        said = row["said"]
        if said and said == before and len(said) > WORTH_SHORTENING:
            row["said"] = AS_ABOVE
        before = said


def _question_row(item: dict[str, Any], own: OwnText) -> dict[str, Any]:
    return {
        "question": item["question"],
        "entry": item["entry"],
        "style": STYLES[item["outcome"]],
        "mark": MARKS[item["outcome"]],
        "outcome": OUTCOMES.get(item["outcome"], item["outcome"]),
        "said": said_of(item, own),
        "figure": cleaning.svg(item["figure"], f"How the choice did: {item['question']}") if item.get("figure") else "",
    }


def said_of(item: dict[str, Any], own: OwnText) -> str:
    """The last column of one question's row, as HTML: what was seen, or what was raised."""
    if not item["raised"]:
        return escape(" ".join(_sentence(in_words(from_json(fact))) for fact in item["facts"]))
    told = tell(item["raised"], own)
    if told.kind == "NotImplementedError":
        return "not written yet"
    if told.kind == "TimeIsUp":
        return "It took too long, so it was stopped. Is there a loop that never ends?"
    where = f" (in the cell {told.cell}, line {told.line})" if told.line else ""
    return escape(f"{told.kind}{where}{_message(told)}" if told.left_out else f"{told.kind}{_message(told)}{where}")


def _sentence(said: str) -> str:
    is_name = "_" in said.split(" ")[0]  # n_hidden stays n_hidden
    said = said if is_name else said[:1].upper() + said[1:]
    return said if said.endswith((".", "?", "!")) else f"{said}."


def number(value: float) -> str:
    """A score as people write it: 3, 2.5, 1.67."""
    return f"{round(float(value), 2):g}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True, undefined=StrictUndefined
    )
    environment.globals.update(number=number, hint=cleaning.markdown)
    environment.filters["pattern_in_words"] = lambda pattern: pattern_in_words(from_json(pattern))
    environment.filters["may_break"] = lambda name: Markup("_<wbr>").join(escape(part) for part in str(name).split("_"))
    environment.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:].rstrip(".")
    return environment
