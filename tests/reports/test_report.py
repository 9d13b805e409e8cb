"""The class report: the numbers are right, everybody who needs a person is named, and the page is safe and readable."""

import csv
import io
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner

from autograder import spreadsheet
from autograder.cli import main
from autograder.course.settings import Course
from autograder.reports import page as pages
from autograder.reports.data import NothingToReport, class_report, discrimination
from tests.reports.test_similarity import DISGUISED, MINE
from tests.support.made_class import ASSIGNMENT, QUESTIONS, Work, make_graded

EVIL = "<script>alert(1)</script>"
REASON = f"the file {EVIL} is not a notebook"
CLASS = [
    Work("ann", "Ann", "Archer", written={"backward": MINE}),
    Work("bob", "Bob", "Bell", written={"backward": DISGUISED}),
    Work("cid", "Cid", EVIL, wrong=("hidden_delta",), mistakes=("hidden-slope-missing",), waiting=True),
    Work("dot", wrong=("hidden_delta", "backward"), mistakes=("hidden-slope-missing",)),
    Work("eve", wrong=("output_delta", "hidden_delta", "backward"), mistakes=("factor-two-missing",)),
    Work("fay", status="could not be graded", reason=REASON),
    Work("gus", "Gus", "Grün", status="partly graded", reason="In the cell “mine” it took too long.", penalty=2.0),
    Work("hal", repairs=("The notebook was handed in as hal gray final.ipynb; it was taken as 03_backprop.ipynb.",)),
    Work("=1+1", "=HYPERLINK(1)", "Ivy"),
    Work("kim", status="missing", reason="there is no 03_backprop.ipynb"),
]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = make_graded(tmp_path_factory.mktemp("report") / "course", CLASS, only_enrolled=["late-larry", "no-nora"])
    (folder / "submitted" / "joe" / ASSIGNMENT).mkdir(parents=True)  # handed in since
    return folder


@pytest.fixture(scope="module")
def section(course):
    return class_report(Course.here(course))["assignments"][0]


def run(course, *arguments):
    return CliRunner().invoke(main, ["--course", str(course), "report", *arguments])


# The numbers.


def test_everybody_is_counted_once(section):
    assert section["students"] == 13 and section["handed_in"] == 10 and section["graded"] == 8
    assert section["statuses"] == {
        "graded": 7,
        "partly graded": 1,
        "could not be graded": 1,
        "not graded yet": 1,
        "nothing handed in": 3,
    }
    assert section["nothing"] == ["late-larry", "no-nora"] and section["not_yet"] == ["joe"]


def test_marks_are_of_the_points_that_have_been_marked_and_after_late_penalties(section):
    points = {"ann": 16, "bob": 16, "cid": 12, "dot": 4, "eve": 0, "gus": 14, "hal": 16, "=1+1": 16}
    of = dict.fromkeys(points, 20) | {"cid": 16}  # four points of cid's wait for a person
    shares = sorted(points[student] / of[student] for student in points)
    assert section["marks"]["shares"] == pytest.approx(shares)
    assert section["marks"]["median"] == pytest.approx(statistics.median(shares)) and section["marks"]["provisional"]


def test_each_question_has_its_pass_rate_and_its_outcomes(section):
    hidden = next(function for function in section["functions"] if function["function"] == "hidden_delta")
    assert (hidden["marked"], hidden["full_marks"]) == (8, 5)
    plain, _, partly = hidden["questions"]
    assert plain["question"] == QUESTIONS[0]
    assert (plain["asked"], plain["right"], plain["wrong"], plain["pass_rate"]) == (8, 5, 3, 0.625)
    assert (partly["partly"], partly["wrong"]) == (3, 0)


def test_discrimination_is_the_correlation_with_the_other_questions():
    passed = [True] * 4 + [False] * 4
    assert discrimination(passed, [9, 8, 9, 8, 2, 1, 2, 1]) > 0.9
    assert discrimination(passed, [1, 2, 1, 2, 8, 9, 8, 9]) < -0.9
    others = [5, 9, 1, 4, 6, 2, 8, 3]
    by_hand = statistics.correlation([1, 1, 1, 1, 0, 0, 0, 0], others)
    assert discrimination(passed, others) == round(by_hand, 2)


def test_discrimination_is_not_given_where_it_says_nothing():
    assert discrimination([True] * 8, list(range(8))) is None
    assert discrimination([True, False] * 4, [3] * 8) is None
    assert discrimination([True, False], [2, 1]) is None


def test_the_mistakes_of_the_class_are_counted_with_hint_and_lesson(section):
    first, second = section["mistakes"]
    assert (first["name"], first["count"], first["function"]) == ("hidden-slope-missing", 2, "hidden_delta")
    assert first["students"] == [f"Cid {EVIL} (cid)", "dot"] and first["share"] == 0.25
    assert "stopped" in first["hint"] and first["lesson"] == "The hidden step"
    assert (second["name"], second["students"]) == ("factor-two-missing", ["eve"])


def test_who_needs_a_person_is_named_with_the_reason(section):
    assert {(item["student"], item["reason"]) for item in section["not_graded"]} == {
        ("fay", REASON),
        ("Gus Grün (gus)", "In the cell “mine” it took too long."),
        ("kim", "there is no 03_backprop.ipynb"),
    }
    assert section["waiting"] == [{"student": f"Cid {EVIL} (cid)", "cells": ["why"]}]
    assert [item["student"] for item in section["repaired"]] == ["hal"]


def test_nearly_identical_work_is_shown_side_by_side(section):
    (group,) = section["alike"]
    assert group["students"] == ["Ann Archer (ann)", "Bob Bell (bob)"] and group["cells"] == ["backward"]


def test_work_that_nbgraders_own_command_graded_is_reported_too(course, tmp_path):
    folder = shutil.copytree(course, tmp_path / "course")
    for student in ("ann", "dot"):
        place = folder / "autograded" / student / ASSIGNMENT
        known = json.loads((place / "grading.json").read_text())["notebooks"][0]
        (place / "grading.json").unlink()
        notebook = json.loads((place / f"{ASSIGNMENT}.ipynb").read_text())
        notebook["metadata"]["autograder"] = {"status": "graded", "reason": "", "repairs": ["mended"]}
        verdicts = {cell["cell"]: cell for cell in known["cells"]}
        for cell in notebook["cells"]:
            if (name := cell["metadata"].get("nbgrader", {}).get("grade_id")) in verdicts:
                cell["metadata"]["autograder"] = verdicts[name]
        (place / f"{ASSIGNMENT}.ipynb").write_text(json.dumps(notebook))
    theirs, ours = (class_report(Course.here(each))["assignments"][0] for each in (folder, course))
    assert [item["student"] for item in theirs["repaired"]] == ["Ann Archer (ann)", "dot", "hal"]
    for same in ("graded", "marks", "functions", "mistakes", "alike"):
        assert theirs[same] == ours[same]


# The page.


def html(course, **options):
    return pages.page(class_report(Course.here(course), **options))


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen, self.ids = [], []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        self.ids += [value for name, value in attributes if name == "id"]


def parsed(page):
    tags = Tags()
    tags.feed(page)
    return tags


def test_the_page_runs_and_loads_nothing_and_what_students_wrote_is_text(course):
    page = html(course)
    tags = parsed(page)
    assert not {tag for tag, _ in tags.seen} & {"script", "link", "iframe", "img", "object", "form", "base"}
    assert not [name for _, attributes in tags.seen for name in attributes if name.startswith("on")]
    assert "default-src 'none'" in page and not re.search(r"(?:href|src)=\"(?!#)", page)
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 3
    assert len(tags.ids) == len(set(tags.ids))


def test_every_picture_is_a_titled_and_described_drawing_in_the_pages_own_colours(course):
    pictures = re.findall(r"<svg.*?</svg>", html(course), re.DOTALL)
    assert len(pictures) == 3
    for picture in pictures:
        root = ElementTree.fromstring(picture)
        assert root.get("role") == "img"
        texts = {element.get("id"): element.text for element in root if element.get("id")}
        title, description = (texts[name] for name in root.get("aria-labelledby").split())
        assert ASSIGNMENT in title and re.search(r"\d", description)
        assert "var(--blue)" in picture or "var(--orange)" in picture
        assert not re.search(r"(fill|stroke): ?#(?!0{6})", picture)
    assert "Students by their marks" in pictures[0] and "8 students" in pictures[0]


@pytest.mark.slow
def test_a_report_made_again_is_the_same_to_the_byte_but_for_its_time(course):
    command = (
        "import sys; from pathlib import Path\n"
        "from autograder.course.settings import Course\n"
        "from autograder.reports.data import class_report\n"
        "from autograder.reports.page import page\n"
        "data = class_report(Course.here(Path(sys.argv[1])))\n"
        "sys.stdout.buffer.write(page({**data, 'made': '2026-01-01T00:00:00+00:00'}).encode())\n"
    )
    made = [
        subprocess.run(
            [sys.executable, "-c", command, course],
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert b"<svg" in made[0] and made[0] == made[1]


def test_the_page_says_how_alike_is_measured_and_that_it_proves_nothing(course):
    page = html(course)
    assert "Being alike proves nothing" in page and "80%" in page and "point-biserial" in page


def test_an_anonymous_report_has_no_name_no_id_and_no_file_name(course):
    for text in (html(course, anonymous=True), pages.as_csv(class_report(Course.here(course), anonymous=True))):
        for work in CLASS:
            told = [part for part in (work.first, work.last) if len(part) > 2]
            assert not [part for part in told if part in text and part != EVIL], work
        assert "Archer" not in text and "late-larry" not in text and "hal gray" not in text and "student 0" in text
    one, other = (class_report(Course.here(course), anonymous=True)["assignments"] for _ in range(2))
    assert one == other  # the numbers stay the same


# The command.


def test_the_command_writes_a_private_page_table_and_json(course):
    for kind, name in ((), "report.html"), (("--csv",), "report.csv"), (("--json",), "report.json"):
        done = run(course, *kind)
        assert done.exit_code == 0 and name in done.output, done.output
        assert (course / name).stat().st_mode & 0o777 == 0o600
    assert json.loads((course / "report.json").read_text())["assignments"][0]["name"] == ASSIGNMENT
    rows = list(csv.DictReader(io.StringIO((course / "report.csv").read_text())))
    (slope,) = [row for row in rows if row["part"] == "mistake" and row["item"] == "hidden-slope-missing"]
    assert slope["count"] == "2" and slope["remark"] == "lesson 03_backprop, The hidden step"
    assert len([row for row in rows if row["part"] == "question"]) == 9
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))]


def test_the_command_can_write_elsewhere_and_to_standard_output(course, tmp_path):
    assert run(course, ASSIGNMENT, "--output", str(tmp_path / "mine.html")).exit_code == 0
    assert "<h1>Class report</h1>" in (tmp_path / "mine.html").read_text()
    assert json.loads(run(course, "--json", "--output", "-").stdout)["students"] == 13
    refused = run(course, "--output", str(tmp_path / "nowhere" / "mine.html"))
    assert refused.exit_code == 2 and "nowhere" in refused.output


def test_without_anything_graded_or_with_a_wrong_name_the_command_says_what_to_do(course, tmp_path):
    folder = shutil.copytree(course, tmp_path / "course", ignore=shutil.ignore_patterns("autograded"))
    refused = run(folder)
    assert refused.exit_code == 2 and "autograder grade" in refused.output
    refused = run(course, "07_dropout")
    assert refused.exit_code == 2 and "07_dropout" in refused.output and ASSIGNMENT in refused.output
    with pytest.raises(NothingToReport):
        class_report(Course.here(folder))


# Cells of tables.


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", " =1", "\r=1"])
def test_no_spreadsheet_runs_a_cell(text):
    """What stands before the sign is a space or written out (`\\t`), so that no sign begins the cell or a part of it."""
    before, _, formula = spreadsheet.cell(text).partition("'")
    assert before in ("", " ", r"\t", r"\r") and formula.strip() and text.endswith(formula)


def test_ordinary_cells_stay_as_they_are():
    values = [None, 3, 16.0, 8.18181818, float("nan"), -1.5, "-", "O'Brien, Zoë", 'say "x"']
    assert [spreadsheet.cell(value) for value in values] == [
        *("", "3", "16", "8.1818", "", "-1.5", "-", "O'Brien, Zoë", 'say "x"')
    ]
    (row,) = csv.reader(io.StringIO(spreadsheet.table([values]), newline=""))
    assert row[-2:] == ["O'Brien, Zoë", 'say "x"']


# In a browser.


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (390, "dark")])
def test_axe_finds_nothing_and_nothing_overflows(course, tmp_path, new_page, width, scheme):
    path = tmp_path / "report.html"
    path.write_text(html(course), encoding="utf-8")
    page, complaints = new_page(width, 900, color_scheme=scheme), []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert not complaints
    assert not [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")]
