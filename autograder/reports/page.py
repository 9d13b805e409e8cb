"""The class report as a page, as a table and as JSON. What it says comes from data.py, its pictures from
pictures.py."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from autograder import spreadsheet
from autograder.feedback import cleaning
from autograder.reports import pictures, similarity
from autograder.reports.data import FEWEST_FOR_DISCRIMINATION, STATUSES
from autograder.submission import NOT_YET, NOTHING, Status

HARD, UNTELLING = 0.5, 0.1  # a pass rate below, a discrimination below: the question is worth a look
COLUMNS = ("assignment", "part", "function", "item", "count", "of", "share", "discrimination", "students", "remark")


def page(data: dict[str, Any]) -> str:
    """The report as one HTML page that loads nothing. data: from data.class_report."""
    for section in data["assignments"]:
        section["pictures"] = _pictures(section)
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=data,
            statuses=STATUSES,
            Status=Status,
            alike_share=similarity.ALIKE,
            alike_passages=similarity.FEWEST,
            alike_run=similarity.RUN + similarity.WINDOW - 1,
            alike_common=similarity.COMMON,
            alike_never_common=similarity.NEVER_COMMON,
            fewest=FEWEST_FOR_DISCRIMINATION,
        )
    )


def _pictures(section: dict[str, Any]) -> list[Markup]:
    """The section's pictures; the longest stands last, where it has a column of the page to itself."""
    name, rest = section["name"], []
    first = (
        [pictures.marks(name, section["marks"]["shares"], section["marks"]["median"])]
        if section["marks"]["shares"]
        else []
    )
    if section["functions"]:
        rest.append((len(section["functions"]), pictures.outcomes(name, section["functions"])))
    if section["mistakes"]:
        rest.append((len(section["mistakes"]), pictures.mistakes(name, section["mistakes"])))
    return [*first, *(picture for _, picture in sorted(rest, key=lambda pair: pair[0]))]


def as_json(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def as_csv(data: dict[str, Any]) -> str:
    """One row for each number of the report; `part` says which table it belongs to."""
    rows: list[Sequence[object]] = [COLUMNS]
    for section in data["assignments"]:
        rows += [[section["name"], *row] for row in _csv_rows(section)]
    return spreadsheet.table(rows)


def _csv_rows(section: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    for status, count in section["statuses"].items():
        yield "status", "", status, count, section["students"], _share(count, section["students"]), None, "", ""
    for key in ("median", "mean"):
        yield "marks", "", key, section["graded"], section["handed_in"], section["marks"][key], None, "", ""
    for function in section["functions"]:
        share, name = function["mean_share"], function["function"]
        yield "function", name, name, function["full_marks"], function["marked"], share, None, "", ""
        for item in function["questions"]:
            yield (
                *("question", name, item["question"], item["right"], item["asked"], item["pass_rate"]),
                *(item["discrimination"], "", remark(item)),
            )
    for item in section["mistakes"]:
        reread = f"lesson {item['assignment']}, {item['lesson']}"
        who = "; ".join(item["students"])
        yield (
            "mistake",
            item["function"],
            item["name"],
            item["count"],
            section["graded"],
            item["share"],
            None,
            who,
            reread,
        )
    for item in section["not_graded"]:
        yield item["status"], "", "", 1, "", None, None, item["student"], item["reason"]
    for item in section["waiting"]:
        yield "waits for a person", "", " ".join(item["cells"]), 1, "", None, None, item["student"], ""
    for item in section["repaired"]:
        yield "repaired", "", "", 1, "", None, None, item["student"], " ".join(item["repairs"])
    for part, students in ((NOT_YET, section["not_yet"]), (NOTHING, section["nothing"])):
        for student in students:
            yield part, "", "", 1, "", None, None, student, ""
    for item in section["alike"]:
        who = "; ".join(item["students"])
        cells = " ".join(item["cells"])
        yield "look at these", "", cells, item["passages"], "", item["share"], None, who, "alike; not a verdict"
    for item in section["not_compared"]:
        yield "not compared", "", "", 1, "", None, None, item["student"], item["reason"]


def _share(count: int, of: int) -> float | None:
    return round(count / of, 4) if of else None


def remark(question: dict[str, Any]) -> str:
    """What deserves a look about a question, in words; empty when nothing does."""
    said = []
    if question["pass_rate"] < HARD:
        said.append("most got it wrong")
    if question["discrimination"] is not None and question["discrimination"] < UNTELLING:
        said.append("does not tell strong from weak work")
    return "; ".join(said)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(markdown=cleaning.markdown, remark=remark)
    environment.filters["percent"] = lambda share: "–" if share is None else f"{share:.0%}"
    environment.filters["words"] = lambda name: (name[:1].upper() + name[1:]).replace("-", " ")
    environment.filters["points"] = lambda value: f"{round(float(value), 2):g}"
    return environment
