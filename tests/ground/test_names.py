"""Names are text: whatever folders, files and members of archives are called, nothing of it reaches a terminal, a log, a
table or a page but what can be seen, and no cell of a table is a formula.

The commands are the real ones, in processes that have imported everything already. The names hold each kind of character that is not what it seems.
"""

import ast
import csv
import io
import json
import os
import re
import sys
import unicodedata
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import spreadsheet
from autograder.visible import visible, visible_lines
from tests.support.courses import ROOT
from tests.support.tiny_course import ASSIGNMENT, hand_in, make_tiny_course

# What must arrive nowhere: escape sequences, bells and other controls, what turns the direction of writing, what has no
# width, what is no character, and what looks like nothing.
STRANGE = "\x1b\x07\x08\r\x0b\x7f\x9b\x85\xad\u061c\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066"
STRANGE += "\u2069\ufeff\u115f\u3164\ufe0f\u2800\ufffe\u0378\U000e0041\U000e0100"
RAW = re.compile("[" + re.escape(STRANGE) + "]")
FORMULAS = ["=1+1", "ann;=1+1", "ann|@x", "-1+1", "＝1+1", ";+1+1", 'x;"=1+1']


# The one function.


@given(st.text() | st.text(alphabet=STRANGE))
def test_what_is_shown_can_be_printed_and_what_can_be_printed_is_left(text):
    shown = visible(text)
    assert shown.isprintable() and not RAW.search(shown)
    assert visible(shown) == shown
    assert shown.isascii() or any(not character.isascii() for character in text)


@pytest.mark.parametrize(
    "name", ["Zoë 'Grün'", "学生-01 أحمد", "o'neil \"; drop", "a_b-c.d", unicodedata.normalize("NFD", "é")]
)
def test_names_of_any_script_stay_as_they_are(name):
    assert visible(name) == name


@pytest.mark.slow
def test_every_character_that_unicode_calls_invisible_is_shown_by_its_number():
    kinds = {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}
    raw = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) in kinds or c in STRANGE]
    assert len(raw) > 900_000
    for at in range(0, len(raw), 1000):
        shown = visible("".join(f"a{character}b" for character in raw[at : at + 1000]))
        numbers = re.findall(r"a\\(x..|u....|U........|n|r|t)b", shown)
        assert len(numbers) == len(raw[at : at + 1000]), f"one of the thousand after {raw[at]!r}"
        assert sum(len(number) + 3 for number in numbers) == len(shown)


def test_a_name_is_shown_on_one_line_and_no_longer_than_wanted():
    assert visible("a\nb") == "a\\nb" and visible("x" * 300, most=100) == "x" * 99 + "…"
    assert visible_lines("a\n\x1bb\r\nc") == "a\n\\x1bb\nc"
    assert visible(os.fsdecode(b"caf\xe9")) == r"caf\xe9"


# Tables.

PIECES = st.lists(st.sampled_from([*"=+-@＝＋－＠;|\t\r\n\" ',a1.\u2028", "cmd()", "-1.5"]), max_size=8).map("".join)


@given(st.lists(st.lists(PIECES, min_size=1, max_size=4), min_size=1, max_size=4))
def test_no_cell_is_a_formula_wherever_a_spreadsheet_cuts_the_table(rows):
    text = spreadsheet.table(rows)
    cells = [(at, cell) for row in csv.reader(io.StringIO(text, newline="")) for at, cell in enumerate(row)]
    for cut in ";\t|":
        cells += [(at, cell) for row in csv.reader(text.splitlines(), delimiter=cut) for at, cell in enumerate(row)]
        cells += [(at, cell) for line in text.splitlines() for at, cell in enumerate(line.split(cut))]
    for at, cell in cells:
        start = unicodedata.normalize("NFKC", cell).lstrip(' \t\r\n"')
        harmless = start[:1] not in tuple("=+-@") or len(start.strip()) < 2
        assert harmless or (at and re.fullmatch(r"[+-]?[\d.]+", start.strip())), (cell, text)


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_gets_its_apostrophe_once(text):
    escaped = spreadsheet.cell(text)
    assert escaped != text and spreadsheet.cell(escaped) == escaped
    assert escaped.replace("'", "") == text


@pytest.mark.parametrize("text", ["-1.5", "+3", "-2,75", "-1e-3", "-", "a=b", "e-mail", "b; c", "2026-01-30"])
def test_numbers_and_ordinary_text_stay_as_they_are(text):
    assert spreadsheet.cell(text) == text


def test_every_table_is_written_by_the_one_function_that_escapes():
    writers = {}
    for path in sorted((ROOT / "autograder").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = {getattr(node, "attr", None), getattr(node, "id", None)}
            names |= {alias.name for alias in node.names} if isinstance(node, ast.ImportFrom) else set()
            if names & {"writer", "DictWriter", "to_csv"} or (
                isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("writerow", "writerows")
            ):
                writers.setdefault(path.name, []).append(node.lineno)
    assert set(writers) == {"spreadsheet.py"}, writers


# The real commands.


@pytest.fixture(scope="module")
def run(warm):
    """A function: what a command says, standard output and standard error together; bytes, as a terminal would get them."""

    def run(folder, *command, status=(0,)):
        done = warm.run(folder, *command)
        said = (done.stdout + done.stderr).encode("utf-8", "surrogateescape")
        assert done.returncode in status, said.decode("utf-8", "replace")[-3000:]
        return said

    return run


def raw_in(content):
    """The lines of some bytes in which a strange character stands as it is; a newline before a line's end is one, too."""
    text = content.decode("utf-8", "surrogateescape")
    found = [line for line in text.split("\n") if RAW.search(line.removesuffix("\r"))]
    assert not re.search("[\udc80-\udcff]", text)
    return found


def odd(number):
    """A name with some strange characters, no two names the same."""
    at = EACH * number
    return f"n{number}-" + "".join(f"{character}x" for character in STRANGE[at : at + EACH])


EACH = 6  # strange characters in a name: as many names as the class has ways to hand in
ODD = [odd(number) for number in range((len(STRANGE) + EACH - 1) // EACH)]


@pytest.fixture(scope="module")
def course(tmp_path_factory, key_cache, run):
    """A graded course whose students, files and archives have strange names; and all that the commands have said."""
    folder = make_tiny_course(tmp_path_factory.mktemp("names") / "course", students=(), keys=key_cache)
    said = {}
    archive = folder / "downloaded" / ASSIGNMENT / "archive"
    archive.mkdir(parents=True)
    hand_in(folder, "template")
    (folder / "submitted" / "template").rename(folder / "template")
    notebook = (folder / "template" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes()
    with zipfile.ZipFile(archive / "download.zip", "w") as packed:
        for number, name in enumerate(ODD):
            packed.writestr(f"{name}_{number}_assignsubmission_file_/{ASSIGNMENT}.ipynb", notebook)
            packed.writestr(f"Ada{number}_7{number}_assignsubmission_file_/{name} {ASSIGNMENT}.ipynb", notebook)
            packed.writestr(f"Ada{number}_7{number}_assignsubmission_file_/{name}.csv", b"1")
            packed.writestr(f"Ada{number}_7{number}_assignsubmission_file_/{name}.exe", b"1")
            packed.writestr(f"{name}.ipynb", b"nobody's")
            inner = io.BytesIO()
            with zipfile.ZipFile(inner, "w") as deeper:
                deeper.writestr(f"../{name}", b"1")
            packed.writestr(f"Ada{number}_7{number}_assignsubmission_file_/{name}.zip", inner.getvalue())
    (archive / f"{ODD[0]}_99_assignsubmission_file_").mkdir()
    (archive / f"{ODD[0]}_99_assignsubmission_file_" / f"{ODD[1]}.ipynb").write_bytes(notebook)
    said["zip_collect"] = run(folder, "nbgrader", "zip_collect", ASSIGNMENT, "--debug")
    for number, name in enumerate([*ODD, "two\nlines", *FORMULAS]):
        hand_in(folder, name)
        here = folder / "submitted" / name / ASSIGNMENT
        if number % 2:
            (here / f"{ASSIGNMENT}.ipynb").rename(here / f"{name} {ASSIGNMENT}.ipynb")
        if number % 3 == 0:
            (here / f"{ASSIGNMENT}.ipynb").unlink(missing_ok=True)
            (here / f"{ASSIGNMENT} {name}.pdf").write_bytes(b"%PDF")
        (here / f"{name}.exe").write_bytes(b"1")
    os.makedirs(os.fsencode(folder / "submitted") + b"/caf\xe9" + STRANGE[0].encode() + b"/" + ASSIGNMENT.encode())
    said["grade"] = run(folder, "autograder", "grade", status=(1,))
    said["grade again"] = run(folder, "autograder", "grade", status=(1,))
    said["grade nobody"] = run(folder, "autograder", "grade", "--student", ODD[0][:-1], status=(2,))
    said["grade by nbgrader"] = run(folder, "nbgrader", "autograde", ASSIGNMENT, "--force", status=(1,))
    said["generate_feedback"] = run(folder, "nbgrader", "generate_feedback", ASSIGNMENT)
    with open(folder / "nbgrader_config.py", "a") as config:
        config.write(f"\nc.Exchange.root = {str(folder.parent / 'exchange')!r}\n")
    (folder.parent / "exchange").mkdir(mode=0o777)
    (folder.parent / "exchange").chmod(0o777)
    said["release_feedback"] = run(folder, "nbgrader", "release_feedback", ASSIGNMENT, "--debug")
    for exporter in ("Canvas", "Moodle"):
        with open(folder / "roster.csv", "w", newline="", encoding="utf-8") as file:
            people = [[f"p{at}", name, f"{at}"] for at, name in enumerate([*ODD, *FORMULAS])]
            csv.writer(file).writerows([["Username", "Full name", "ID"], *people, ["", ODD[2], ""]])
        to = f"--to={exporter}.csv"
        said[exporter] = run(folder, "nbgrader", "export", f"--exporter=autograder.lms.exports.{exporter}Exporter", to)
        (folder / "roster.csv").unlink()
        said[f"{exporter} 2"] = run(
            folder,
            "nbgrader",
            "export",
            f"--exporter=autograder.lms.exports.{exporter}Exporter",
            f"--to={exporter}2.csv",
        )
    (folder / "roster.csv").write_text("Username\n" + f"{ODD[3]}\n" * 2)
    said["bad roster"] = run(
        folder, "nbgrader", "export", "--exporter=autograder.lms.CanvasExporter", "--to=x.csv", status=(1,)
    )
    (folder / "roster.csv").unlink()
    for options in (["--csv"], ["--json"], [], ["--csv", "--output", "-"], ["--anonymous", "--output", "-"]):
        said[" ".join(["report", *options])] = run(folder, "autograder", "report", *options)
    said["audit"] = run(folder, "autograder", "audit", status=(0, 1))
    said["release"] = run(folder, "autograder", "release")
    return folder, said


@pytest.mark.slow
@pytest.mark.sandbox
class TestTheCommands:
    def test_no_strange_character_reaches_standard_output_or_error(self, course):
        _, said = course
        assert {name: raw_in(content)[:3] for name, content in said.items() if raw_in(content)} == {}
        assert all(name in said["grade"].decode() for name in map(visible, ODD)), "and each name can be read"

    def test_no_strange_character_reaches_a_table_a_report_or_a_page(self, course):
        folder, _ = course
        files = [*folder.glob("*.csv"), *folder.glob("report.*"), *(folder / "feedback").rglob("*.html")]
        files += (folder / "autograded").rglob("*.json")
        assert len(files) > 30
        assert {str(path): raw_in(path.read_bytes())[:3] for path in files if raw_in(path.read_bytes())} == {}

    def test_no_strange_character_reaches_the_names_of_collected_files(self, course):
        folder, said = course
        collected = [path for path in (folder / "submitted").rglob("*") if "Ada" in str(path)]
        names = [
            str(path.relative_to(folder)) for path in [*collected, *(folder / "downloaded").rglob("*/extracted/*")]
        ]
        assert len(names) > 20 and not [name for name in names if RAW.search(name)]
        assert b"leads out of its folder" in said["zip_collect"]

    def test_no_cell_of_any_table_is_a_formula_where_it_is_cut_at_semicolons(self, course):
        folder, _ = course
        tables = [*folder.glob("*.csv")]
        assert {path.name for path in tables} >= {"marks.csv", "Canvas.csv", "Canvas-status.csv", "Moodle2.csv"}
        for path in tables:
            for line in path.read_text("utf-8").split("\n"):
                for cell in line.split(";"):
                    assert not re.match(r'[\s"]*[=+\-@＝]\S', cell), (path.name, line)

    def test_a_line_cannot_be_forged_by_a_newline_in_a_name(self, course):
        _, said = course
        for name in ("grade", "grade by nbgrader", "generate_feedback"):
            assert not [line for line in said[name].decode().split("\n") if line.startswith("lines")], name

    def test_json_of_the_report_holds_the_names_as_they_can_be_seen(self, course):
        folder, _ = course
        (section,) = json.loads((folder / "report.json").read_text())["assignments"]
        named = [item["student"] for item in section["not_graded"]]
        assert any(visible(name) in named for name in ODD), named
