"""What there is to know about a graded class, as plain data: the report's page, table and JSON are made from it.

The verdicts come from autograded/ (grading.json, or the notebooks where nbgrader's own command graded), the marks and
what waits for a person from the gradebook, and who handed something in from submitted/.
"""

import hashlib
import hmac
import json
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, BaseCell, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook

from autograder import budget
from autograder.course.plain_files import read_plain_file
from autograder.course.settings import Course
from autograder.gradebook.opening import open_gradebook
from autograder.grading.grading_file import read_if_sound
from autograder.notebook import rebuild
from autograder.reports import similarity
from autograder.submission import FAILED, GRADED, MISSING, NOT_YET, NOTHING, PARTLY, Outcome, Status, Ungraded
from autograder.visible import visible

STATUSES = (GRADED, PARTLY, FAILED, NOT_YET, NOTHING)
FEWEST_FOR_DISCRIMINATION = 8  # students: below that, a correlation says nothing
LARGEST_NOTEBOOK = 50 * 1024**2  # bytes of an autograded one
PART = re.compile(r"[^,;:“”]+")  # of a sentence
FILE_ENDING = re.compile(r"\.ipynb\b")


class NothingToReport(Exception):
    """Nothing has been graded yet; the message says what to do."""


@dataclass
class _Work:
    """One student's assignment, as far as it is known."""

    student: str
    status: Status | Ungraded
    reason: str = ""
    cells: list[dict[str, Any]] = field(default_factory=list)  # verdict_data.cell_data of each question cell
    repairs: list[str] = field(default_factory=list)
    score: float | None = None  # after a late penalty
    waiting: dict[str, float] = field(default_factory=dict)  # cells that wait for a person → their points
    unprotected: bool = False  # its code ran without a sandbox


class Names:
    """How students are called in the report: by name and id, or by a number that gives nothing away."""

    def __init__(self, people: dict[str, str], secret: str, anonymous: bool) -> None:
        self.people, self.anonymous = people, anonymous
        key = (secret or "report").encode()
        order = sorted(people, key=lambda id_: hmac.new(key, id_.encode("utf-8", "replace"), hashlib.sha256).digest())
        width = len(str(len(order)))
        self.numbers = {student: f"student {number:0{width}}" for number, student in enumerate(order, start=1)}
        parts = {visible(part) for id_, name in people.items() for part in (id_, name) if len(part) > 2}
        self.known = sorted(parts, key=lambda part: (-len(part), part))

    def __getitem__(self, student: str) -> str:
        if self.anonymous:
            return self.numbers[student]
        name = self.people[student]
        return visible(f"{name} ({student})" if name else student)

    def cleaned(self, text: str) -> str:
        """A reason or repair without file names and names of students, when the report is anonymous."""
        text = visible(text)
        if not self.anonymous:
            return text
        text = PART.sub(_without_file_names, text)
        for part in self.known:
            text = text.replace(part, "[name]")
        return text


def _without_file_names(part: re.Match[str]) -> str:
    """The part of a sentence between two marks; in it a file's name may begin anywhere."""
    *names, rest = FILE_ENDING.split(part.group())
    return "".join(f"{name[: len(name) - len(name.lstrip())]}[file].ipynb" for name in names) + rest


def class_report(course: Course, assignments: Sequence[str] = (), anonymous: bool = False) -> dict[str, Any]:
    """Everything about `assignments` (default: all that somebody handed in), ready for JSON.

    Raises NothingToReport when none of them has been graded.
    """
    with open_gradebook(course) as gradebook:
        people = {row.id: " ".join(filter(None, (row.first_name, row.last_name))) for row in gradebook.students}
        for name in course.assignments():
            people.update(dict.fromkeys(sorted(set(course.students(name)) - set(people)), ""))
        names = Names(people, course.seed, anonymous)
        chosen = list(assignments) or [name for name in course.assignments() if course.students(name)]
        sections = [_assignment(course, gradebook, name, people, names) for name in chosen]
    if not any(section["graded"] for section in sections):
        what = ", ".join(chosen) or "any assignment"
        raise NothingToReport(f"Nothing of {what} has been graded yet. Run `autograder grade` first.")
    return {
        "course": course.directory.course_id,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "anonymous": anonymous,
        "students": len(people),
        "assignments": sections,
    }


def _assignment(
    course: Course, gradebook: Gradebook, name: str, people: dict[str, str], names: Names
) -> dict[str, Any]:
    works = _works(course, gradebook, name, people)
    points = _points(gradebook, name)
    marked = [work for work in works if work.status in (GRADED, PARTLY)]
    listed = sorted(works, key=lambda work: names[work.student])
    alike, not_compared = _alike(
        course, name, [work.student for work in works if work.cells or work.repairs or work.score], names
    )

    def having(*statuses: Status | Ungraded) -> list[_Work]:
        return [work for work in listed if work.status in statuses]

    return {
        "name": name,
        "points": points,
        "students": len(people),
        "handed_in": sum(work.status != NOTHING for work in works),
        "graded": len(marked),
        "unprotected": sum(work.unprotected for work in works),
        "statuses": {status: sum(work.status == status for work in works) for status in STATUSES},
        "marks": _marks(marked, points),
        "functions": _functions(marked),
        "mistakes": _mistakes(marked, names),
        "not_graded": [
            {"student": names[work.student], "status": work.status, "reason": names.cleaned(work.reason)}
            for work in having(FAILED, PARTLY, NOTHING)
            if work.status != NOTHING or work.reason  # a folder was handed in, and no notebook is in it
        ],
        "not_yet": [names[work.student] for work in having(NOT_YET)],
        "nothing": [names[work.student] for work in having(NOTHING) if not work.reason],
        "waiting": [
            {"student": names[work.student], "cells": sorted(work.waiting)}
            for work in having(GRADED, PARTLY)
            if work.waiting
        ],
        "repaired": [
            {"student": names[work.student], "repairs": [names.cleaned(said) for said in work.repairs]}
            for work in listed
            if work.repairs
        ],
        "alike": alike,
        "not_compared": not_compared,
    }


# What is read.


def _works(course: Course, gradebook: Gradebook, name: str, people: dict[str, str]) -> list[_Work]:
    """One _Work for each student of the class."""
    session = gradebook.db
    assignment = session.query(Assignment).filter(Assignment.name == name).one_or_none()
    rows: dict[str, float] = {}
    waiting: dict[str, dict[str, float]] = defaultdict(dict)
    if assignment is not None:
        for row in session.query(SubmittedAssignment).filter(SubmittedAssignment.assignment_id == assignment.id):
            rows[row.student_id] = max(0.0, row.score - (row.late_submission_penalty or 0))
        wanted = (
            session.query(SubmittedAssignment.student_id, BaseCell.name, Grade.max_score)
            .select_from(Grade)
            .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(BaseCell, Grade.cell_id == BaseCell.id)
            .filter(SubmittedAssignment.assignment_id == assignment.id, Grade.needs_manual_grade.is_(True))
        )
        for student, cell, most in wanted:
            waiting[student][cell] = float(most)
    handed_in = set(course.students(name))
    works = []
    for student in people:
        work = _read_work(course, name, student)
        if work is None:
            work = _Work(student, NOT_YET if student in handed_in or student in rows else NOTHING)
        elif work.status == MISSING:
            work.status, work.reason = NOTHING, work.reason if student in handed_in else ""
        if student in rows:
            work.score, work.waiting = rows[student], waiting[student]
        works.append(work)
    return works


def _read_work(course: Course, name: str, student: str) -> _Work | None:
    """What autograded/ says of one student's assignment, or None when it has not been graded."""
    folder = course.folder("autograded", name, student)
    known = read_if_sound(folder, student)
    if known:
        work = _Work(student, known.status, known.reason)
        work.unprotected = known.sandbox == "none"
        work.repairs = [said for notebook in known.notebooks for said in notebook.repairs]
        work.cells = [cell for notebook in known.notebooks for cell in notebook.cells]
        return work
    read = [_json(folder / f"{notebook}.ipynb") for notebook in course.notebooks(name)]
    found = [notebook for notebook in read if notebook]
    if not found:
        return None
    said = [notebook["metadata"].get("autograder", {}) for notebook in found]
    status = PARTLY if any(one.get("status") == PARTLY for one in said) else GRADED
    work = _Work(student, status, " ".join(one["reason"] for one in said if one.get("reason")))
    work.unprotected = any(one.get("sandbox") == "none" for one in said)
    work.repairs = [repair for one in said for repair in one.get("repairs", [])]
    cells = [cell["metadata"].get("autograder") for notebook in found for cell in notebook["cells"]]
    work.cells = [cell for cell in cells if cell]
    return work


def _json(path: Path) -> dict[str, Any] | None:
    content = read_plain_file(path, LARGEST_NOTEBOOK)
    if content is None:
        return None
    try:
        data = json.loads(content)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def _points(gradebook: Gradebook, name: str) -> float:
    row = gradebook.db.query(Assignment).filter(Assignment.name == name).one_or_none()
    return float(row.max_score) if row else 0.0


# What is counted.


def _marks(marked: list[_Work], points: float) -> dict[str, Any]:
    """The marks so far, each as a share of the points that have been given or refused: waiting ones are left out."""
    shares = []
    for work in marked:
        most = points - sum(work.waiting.values())
        if work.score is not None and most > 0:
            shares.append(min(1.0, work.score / most))
    return {
        "shares": sorted(round(share, 4) for share in shares),
        "median": round(statistics.median(shares), 4) if shares else None,
        "mean": round(statistics.fmean(shares), 4) if shares else None,
        "provisional": any(work.waiting for work in marked),
    }


def _functions(marked: list[_Work]) -> list[dict[str, Any]]:
    """Each function with its questions, in the order of the notebook."""
    outcomes: dict[tuple[str, str], dict[str, str]] = {}  # (cell, question) → student → outcome
    functions: dict[str, dict[str, Any]] = {}
    for work in marked:
        for cell in work.cells:
            about = functions.setdefault(
                cell["cell"],
                {"cell": cell["cell"], "function": cell["function"], "points": cell["points"], "scores": []},
            )
            about["scores"].append(cell["score"])
            about["not_started"] = about.get("not_started", 0) + bool(cell["not_started"])
            for question, outcome in _outcomes(cell).items():
                outcomes.setdefault((cell["cell"], question), {})[work.student] = outcome
    right = Counter(
        student for asked in outcomes.values() for student, outcome in asked.items() if outcome == Outcome.RIGHT
    )
    for about in functions.values():
        scores = about.pop("scores")
        about["marked"] = len(scores)
        about["full_marks"] = sum(score == about["points"] for score in scores)
        about["mean_share"] = round(statistics.fmean(scores) / about["points"], 4) if about["points"] else None
        about["questions"] = [
            _question(question, asked, right) for (cell, question), asked in outcomes.items() if cell == about["cell"]
        ]
    return list(functions.values())


def _outcomes(cell: dict[str, Any]) -> dict[str, str]:
    """Question → one outcome: what all its entries share, else "partly right" or the worst."""
    found: dict[str, set[str]] = defaultdict(set)
    for item in cell["questions"]:
        found[item["question"]].add(item["outcome"])
    return {question: _one_outcome(outcomes) for question, outcomes in found.items()}


def _one_outcome(outcomes: set[str]) -> str:
    if len(outcomes) == 1:
        return next(iter(outcomes))
    if outcomes & {Outcome.RIGHT, Outcome.PARTLY}:
        return Outcome.PARTLY
    return Outcome.ERROR if Outcome.ERROR in outcomes else Outcome.WRONG


def _question(question: str, asked: dict[str, str], right: Counter[str]) -> dict[str, Any]:
    counts = Counter(asked.values())
    answered_right = [outcome == Outcome.RIGHT for outcome in asked.values()]
    others = [right[student] - own for student, own in zip(asked, answered_right, strict=True)]
    return {
        "question": question,
        "asked": len(asked),
        Outcome.RIGHT: counts[Outcome.RIGHT],
        "partly": counts[Outcome.PARTLY],
        Outcome.WRONG: counts[Outcome.WRONG],
        Outcome.ERROR: counts[Outcome.ERROR],
        "not_answered": counts[Outcome.NOT_ANSWERED],
        "pass_rate": round(counts[Outcome.RIGHT] / len(asked), 4),
        "discrimination": discrimination(answered_right, others),
    }


def discrimination(passed: Sequence[bool], others: Sequence[int]) -> float | None:
    """The corrected point-biserial correlation of one question, −1 to 1, or None where it cannot be told.

    passed: whether each student answered it right. others: how many other questions each of them answered right.
    """
    if len(passed) < FEWEST_FOR_DISCRIMINATION or len(set(passed)) < 2 or len(set(others)) < 2:
        return None
    return round(statistics.correlation([float(one) for one in passed], [float(other) for other in others]), 2)


def _mistakes(marked: list[_Work], names: Names) -> list[dict[str, Any]]:
    """The mistakes the class made, the most frequent first."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for work in marked:
        for cell in work.cells:
            for mistake in cell["mistakes"]:
                about = found.setdefault(
                    (cell["function"], mistake["name"]), {**mistake, "function": cell["function"], "by": set()}
                )
                about["by"].add(work.student)
    mistakes = []
    for about in sorted(found.values(), key=lambda about: (-len(about["by"]), about["name"])):
        by = about.pop("by")
        share = round(len(by) / len(marked), 4)
        mistakes.append({**about, "count": len(by), "share": share, "students": sorted(names[one] for one in by)})
    return mistakes


# Near-identical submissions.


def _alike(
    course: Course, name: str, students: list[str], names: Names
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """(groups of submissions that are nearly the same, those that could not be compared and why)."""
    given: set[int] = set()
    for notebook in course.notebooks(name):
        source = course.source_notebook(name, notebook)
        for handed_out in (source, rebuild.master_notebook(source, course.config)):
            for tokens in _tokens(handed_out["cells"]).values():
                given |= similarity.passages(tokens)
    submissions, not_compared = {}, []
    for student in students:
        try:
            with budget.of_submission(course.budgets), budget.spend("similarity"):
                submissions[student] = similarity.passages_of(_answers(course, name, student))
        except (budget.UsedUp, similarity.TooLong) as error:
            not_compared.append({"student": names[student], "reason": str(error)})
    groups = [
        {
            "students": [names[student] for student in group.members],
            "share": round(group.share, 4),
            "passages": group.passages,
            "cells": list(group.cells),
        }
        for group in similarity.alike(submissions, given)
    ]
    return groups, sorted(not_compared, key=lambda item: item["student"])


def _answers(course: Course, name: str, student: str) -> dict[str, list[str]]:
    """What a student wrote: solution cell → tokens."""
    found: dict[str, list[str]] = {}
    for notebook in course.notebooks(name):
        content = _json(course.folder("autograded", name, student) / f"{notebook}.ipynb")
        found |= _tokens(content["cells"]) if content else {}
    return found


def _tokens(cells: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Solution cell → its tokens, code and written answers alike."""
    found = {}
    for cell in cells:
        info = cell["metadata"].get("nbgrader", {})
        if info.get("solution"):
            budget.check()
            tokens = similarity.code_tokens if cell["cell_type"] == "code" else similarity.text_tokens
            text = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
            found[info["grade_id"]] = tokens(text)
    return found
