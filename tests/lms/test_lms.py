"""Downloads of learning platforms become submissions, and marks go back in the form that they import."""

import csv
import importlib.util
import io
import shutil
import stat
import sys
import zipfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderApp, ZipCollectApp
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.lms import exports
from autograder.lms.class_list import BadRoster, Roster
from autograder.lms.downloads import DownloadCollector, SafeExtractor, meant_notebook, safe_id
from autograder.lms.unpacking import Refused
from tests.support.courses import ROOT, make_course
from tests.support.made_class import ASSIGNMENT, POINTS, Work, make_graded

LISTS = ROOT / "examples" / "lms"
BIN = Path(sys.executable).parent
NOTEBOOK = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'

_spec = importlib.util.spec_from_file_location("make_downloads", ROOT / "examples" / "make_downloads.py")
downloads = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(downloads)


class Failed(Exception):
    """What nbgrader's app.fail does, without ending the tests."""


class App(ZipCollectApp):
    """nbgrader's own command, with the course's plugins, in this process."""

    def fail(self, msg, *args):
        raise Failed(msg % args if args else msg)


def collect(folder, roster=None, **settings):
    """`nbgrader zip_collect 03_backprop` in `folder`. Returns {path below submitted/: content}."""
    config = Config(settings)
    config.CourseDirectory.root, config.CourseDirectory.assignment_id = str(folder), ASSIGNMENT
    config.Roster.file = str(roster or "roster.csv")
    app = App(config=config, extractor_plugin=SafeExtractor, collector_plugin=DownloadCollector)
    app.coursedir = CourseDirectory(parent=app)
    app.init_plugins()
    app.extract_archive_files()
    app.process_extracted_files()
    base = folder / "submitted"
    return {str(path.relative_to(base)): path.read_bytes() for path in base.rglob("*") if path.is_file()}


@pytest.fixture
def course(tmp_path):
    folder = make_course(tmp_path / "course", [ASSIGNMENT])
    (folder / "downloaded" / ASSIGNMENT / "archive").mkdir(parents=True)
    return folder


class Said:
    """All that nbgrader's commands have said so far, on standard error."""

    def __init__(self, capsys):
        self.capsys, self.so_far = capsys, ""

    @property
    def text(self):
        self.so_far += self.capsys.readouterr().err
        return self.so_far


@pytest.fixture
def said(capsys):
    return Said(capsys)


def archive(course):
    return course / "downloaded" / ASSIGNMENT / "archive"


def pack(path, members):
    """A zip with these members: name or ZipInfo → content."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def original(student):
    return (ROOT / "examples" / "submitted" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes()


# Downloads.


def test_a_canvas_download_becomes_submissions(course, said):
    downloads.canvas(archive(course) / "submissions.zip")
    files = collect(course, LISTS / "canvas-gradebook.csv")
    students = ["all-right", "deleted-cells", "factor-two-missing", "no-hidden-slope", "raises"]
    notebooks = {f"{student}/{ASSIGNMENT}/{ASSIGNMENT}.ipynb": original(student) for student in students}
    assert files == {**notebooks, f"all-right/{ASSIGNMENT}/points.csv": b"x,y\n1,2\n"}
    assert "Late, says Canvas (which gives no times): factor-two-missing" in said.text
    assert "is an earlier one of 2" in said.text


def test_a_moodle_download_becomes_submissions_with_times_where_the_zone_is_known(course):
    downloads.moodle(archive(course) / "Course-03-Backprop-1234.zip")
    zone = {"DownloadCollector": {"timezone": "Europe/Vienna"}}
    files = collect(course, LISTS / "moodle-worksheet.csv", **zone)
    students = ["all-right", "deleted-cells", "factor-two-missing", "no-hidden-slope", "raises"]
    assert {name: files[name] for name in files if name.endswith(".ipynb")} == {
        f"{student}/{ASSIGNMENT}/{ASSIGNMENT}.ipynb": original(student) for student in students
    }
    times = {name.split("/")[0]: content for name, content in files.items() if name.endswith("timestamp.txt")}
    assert set(times) == set(students) and times["all-right"].startswith(b"2023-10-04 21:59:00")


def test_plain_folders_packed_on_a_mac_become_submissions(course):
    downloads.folders(archive(course) / "Archive.zip")
    assert set(collect(course)) == {
        f"{student}/{ASSIGNMENT}/{ASSIGNMENT}.ipynb" for student in ("all-right", "no-hidden-slope", "zoë")
    }


@pytest.mark.parametrize(
    ("name", "student"),
    [
        (f"submitted/ann/{ASSIGNMENT}/{ASSIGNMENT}.ipynb", "ann"),
        (f"ann/{ASSIGNMENT} (3).ipynb", "ann"),
        (f"ann/work/deep/{ASSIGNMENT}.ipynb", "ann"),
        (f"ann_{ASSIGNMENT}.ipynb", "ann"),
        (f"lovelaceada_12_34_{ASSIGNMENT}.ipynb", "lovelaceada_12"),
        (f"van_der_berg_LATE_12_34_{ASSIGNMENT}-2.ipynb", "van_der_berg_12"),
        (f"anon_x7k2p_34_{ASSIGNMENT}.ipynb", "anon_x7k2p"),
        (f"LATE_anon_12345_34_{ASSIGNMENT}.ipynb", "anon_12345"),
        (f"Ada Lovelace_12_assignsubmission_file_/{ASSIGNMENT}.ipynb", "Ada_Lovelace_12"),
        (f"Ada Lovelace_12_assignsubmission_file_{ASSIGNMENT}.ipynb", "Ada_Lovelace_12"),
        (f"Ärzte & Söhne_12_assignsubmission_file_/sub folder/{ASSIGNMENT}.ipynb", "Ärzte_&_Söhne_12"),
    ],
)
def test_whose_a_file_is_is_told_from_its_name_also_unpacked_and_without_a_roster(course, name, student):
    path = archive(course) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(NOTEBOOK)
    assert set(collect(course)) == {f"{student}/{ASSIGNMENT}/{ASSIGNMENT}.ipynb"}


def test_a_file_that_says_nobodys_name_is_left_out_and_named(course, said):
    (archive(course) / "homework.ipynb").write_text(NOTEBOOK)
    (archive(course) / "ann").mkdir()
    (archive(course) / "ann" / f"{ASSIGNMENT}.ipynb").write_text(NOTEBOOK)
    assert set(collect(course)) == {f"ann/{ASSIGNMENT}/{ASSIGNMENT}.ipynb"}
    assert "homework.ipynb was left out" in said.text and "folder with the student's id" in said.text


def test_who_is_not_in_the_roster_is_collected_all_the_same_and_named(course, said):
    (archive(course) / f"strangersam_55_66_{ASSIGNMENT}.ipynb").write_text(NOTEBOOK)
    files = collect(course, LISTS / "canvas-gradebook.csv")
    assert set(files) == {f"strangersam_55/{ASSIGNMENT}/{ASSIGNMENT}.ipynb"}
    assert "not found in canvas-gradebook.csv" in said.text and "strangersam_55" in said.text


def test_of_several_copies_the_latest_is_taken(course):
    folder = archive(course) / "ann"
    folder.mkdir()
    for name, content in (("", "first"), (" (1)", "second"), (" (10)", "last"), (" (2)", "third")):
        (folder / f"{ASSIGNMENT}{name}.ipynb").write_text(content)
    assert collect(course) == {f"ann/{ASSIGNMENT}/{ASSIGNMENT}.ipynb": b"last"}


@pytest.mark.parametrize(
    ("stem", "meant"),
    [
        ("part-1", "part-1"),
        ("part-2 (1)", "part-2"),
        ("Part 1-3", "part-1"),
        ("part_2 copy final", "part-2"),
        ("part", None),
        ("notes", None),
    ],
)
def test_which_notebook_is_meant_is_told_from_the_name(stem, meant):
    assert meant_notebook(stem, ["part-1", "part-2"]) == meant


@pytest.mark.parametrize("text", ["../../etc", ".hidden", "a/b\\c", "x\0y", "  two  words ", "...", "é" * 300])
def test_an_id_is_always_the_name_of_one_visible_folder(text):
    made = safe_id(text)
    assert made and not made.startswith(".") and not set(made) & set("/\\\0 ") and len(made) <= 100


# Archives that are not what they seem.


def link(name, target):
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return {info: target}


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({f"ann/{ASSIGNMENT}.ipynb": NOTEBOOK, "../../../evil.ipynb": NOTEBOOK}, "leads out of its folder"),
        ({"/tmp/evil.ipynb": NOTEBOOK}, "leads out of its folder"),
        ({"C:evil.ipynb": NOTEBOOK}, "leads out of its folder"),
        ({"ann\\..\\..\\evil.ipynb": NOTEBOOK}, "leads out of its folder"),
        (link(f"ann/{ASSIGNMENT}.ipynb", "/etc/passwd"), "is a link"),
        ({"ann/large.csv": "0" * 3_000_000, "bob/large.csv": "0" * 3_000_000}, "would unpack to more than 5 MB"),
        ({f"s{n}/{ASSIGNMENT}.ipynb": "" for n in range(60)}, "holds 60 files, more than 50"),
        ({"ann": NOTEBOOK, f"ann/{ASSIGNMENT}.ipynb": NOTEBOOK}, "cannot be written"),
    ],
)
def test_an_archive_that_would_harm_is_refused_and_nothing_is_collected(course, members, why):
    pack(archive(course) / "download.zip", members)
    limits = {"SafeExtractor": {"most_bytes": 5_000_000 // 1024**2 * 1024**2 + 1024**2, "most_files": 50}}
    with pytest.raises(Failed, match=why) as refused:
        collect(course, **limits)
    assert "download.zip was not unpacked" in str(refused.value)
    assert not (course / "submitted").exists()
    assert not list(course.parent.rglob("evil.ipynb")) and not Path("/tmp/evil.ipynb").exists()


def test_an_archive_of_another_kind_or_a_damaged_one_is_refused(course):
    (archive(course) / "download.zip").write_bytes(b"PK\3\4 and then nothing")
    with pytest.raises(Failed, match="damaged or of a kind that cannot be opened"):
        collect(course)
    (archive(course) / "download.zip").rename(archive(course) / "download.7z")
    with pytest.raises(Failed, match="only zip archives are opened"):
        collect(course, ZipCollectApp={"force": True})


def test_one_students_bomb_costs_nobody_else_anything(course, said):
    bomb = io.BytesIO()
    pack(bomb, {f"zeros{n}.csv": "0" * 2_000_000 for n in range(4)})
    way_out = io.BytesIO()
    pack(way_out, {f"../../../bob/{ASSIGNMENT}.ipynb": NOTEBOOK})
    nest = b"nothing"
    for _ in range(6):
        deeper = io.BytesIO()
        pack(deeper, {"inner.zip": nest})
        nest = deeper.getvalue()
    members = {f"ann/{ASSIGNMENT}.ipynb": NOTEBOOK, "eve/bomb.zip": bomb.getvalue(), "mal/out.zip": way_out.getvalue()}
    pack(archive(course) / "download.zip", {**members, "nat/nest.zip": nest, "rob/work.rar": b"Rar!"})
    files = collect(course, SafeExtractor={"most_bytes_inside": 3 * 1024**2})
    assert set(files) == {f"ann/{ASSIGNMENT}/{ASSIGNMENT}.ipynb"}
    for name, why in (("bomb.zip", "more than 3 MB"), ("out.zip", "leads out"), ("work.rar", "only zip")):
        assert any(name in line and why in line for line in said.text.splitlines()), name
    assert "3 deep and no deeper" in said.text


def test_the_sizes_that_an_archive_claims_are_not_believed(tmp_path):
    path = pack(tmp_path / "lies.zip", {"a.csv": "0" * 1_000_000})
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\1\2")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")  # the directory says ten bytes
    path.write_bytes(data)
    with pytest.raises(Refused):
        SafeExtractor()._unpack(path, tmp_path / "out", 10_000, 10, depth=1)
    assert sum(each.stat().st_size for each in (tmp_path / "out").rglob("*") if each.is_file()) <= 10_000


# The roster.


def roster(tmp_path, content, **settings):
    (tmp_path / "roster.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return Roster(**settings).read(tmp_path)


def test_rosters_of_canvas_and_moodle_are_read_as_they_come(tmp_path):
    canvas = Roster(file=str(LISTS / "canvas-gradebook.csv")).read(tmp_path)
    assert [person.student_id for person in canvas.people][-1] == "alan" and len(canvas.people) == 6
    assert canvas.by_canvas_number("40005").student_id == "deleted-cells"
    assert canvas.by_name("kovačobrienzoë").student_id == "raises"
    moodle = Roster(file=str(LISTS / "moodle-worksheet.csv")).read(tmp_path)
    assert moodle.by_moodle_number("70002").student_id == "factor-two-missing"
    assert moodle.by_name("Ada Lovelace").student_id == "all-right"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_roster_is_read_however_a_spreadsheet_saved_it(tmp_path, encoding, separator):
    text = separator.join(("student_id", "Name")) + "\r\n" + separator.join(("zoë", "Zoë Grün")) + "\r\n"
    (person,) = roster(tmp_path, text.encode(encoding)).people
    assert (person.student_id, person.name) == ("zoë", "Zoë Grün")


def test_a_roster_that_cannot_be_used_says_why(tmp_path):
    with pytest.raises(BadRoster, match="no column student_id or .*: it has Who, What"):
        roster(tmp_path, "Who,What\nann,1\n")
    with pytest.raises(BadRoster, match="has ann more than once"):
        roster(tmp_path, "student_id\nann\nbob\nann\n")
    with pytest.raises(BadRoster, match="is empty"):
        roster(tmp_path, "")
    assert not Roster(file="nowhere.csv").read(tmp_path)


def test_two_people_of_one_name_are_not_confused(tmp_path):
    known = roster(tmp_path, 'student_id,Student,ID\na,"Li, Mei",1\nb,"Li, Mei",2\n')
    assert known.by_canvas_number("2").student_id == "b" and known.by_name("limei") is None


# Exports.

CLASS = [
    Work("all-right", "Ada", "Lovelace"),
    Work("no-hidden-slope", wrong=("hidden_delta",), mistakes=("hidden-slope-missing",)),
    Work("factor-two-missing", wrong=("output_delta",), mistakes=("factor-two-missing",), penalty=2.5),
    Work("raises", status="could not be graded", reason="the file is not a notebook"),
    Work("deleted-cells", waiting=True),
    Work("=cmd()", "=1+1", "@Evil"),
]
FULL = sum(POINTS.values()) + 4


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    return make_graded(tmp_path_factory.mktemp("lms") / "course", CLASS)


def export(graded, exporter, to, roster="nowhere.csv", **settings):
    """`nbgrader export --exporter=…` in this process. Returns the rows of the file."""
    config = Config({"Roster": {"file": str(roster)}, "LmsExporter": settings})
    config.CourseDirectory.root = str(graded)
    app = NbGraderApp(config=config)
    app.coursedir = CourseDirectory(parent=app)
    app.fail = lambda message: (_ for _ in ()).throw(Failed(message))
    plugin = exporter(parent=app)
    plugin.to = str(to)
    with Gradebook(f"sqlite:///{graded / 'gradebook.db'}", "nn-course-lab") as gradebook:
        plugin.export(gradebook)
    assert to.stat().st_mode & 0o777 == 0o600
    return rows_of(to)


def rows_of(path):
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def test_the_canvas_file_has_canvas_columns_in_its_order_and_the_points(graded, tmp_path, said):
    rows = export(graded, exports.CanvasExporter, tmp_path / "canvas.csv", LISTS / "canvas-gradebook.csv")
    assert rows[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Backprop (98765)"]
    assert rows[1] == ["    Points Possible", "", "", "", "", "20"]
    marks = {row[3]: row for row in rows[2:]}
    assert marks["all-right"] == ["Lovelace, Ada", "40004", "S-0004", "all-right", "Monday group", "16"]
    assert {student: row[5] for student, row in marks.items()} == {
        "no-hidden-slope": "12",
        "factor-two-missing": "9.5",  # 12 less 2.5 for being late
        "raises": "",
        "all-right": "16",
        "deleted-cells": "",
        "alan": "",
    }
    assert "1 not in canvas-gradebook.csv and therefore left out: =cmd()" in said.text
    assert "1 marks wait to be marked by hand: their cells are empty" in said.text


def test_a_status_that_cannot_be_read_is_said(graded, tmp_path, said):
    folder = shutil.copytree(graded, tmp_path / "course")
    (folder / "autograded" / "raises" / ASSIGNMENT / "grading.json").write_text("{")
    (folder / "autograded" / "all-right" / ASSIGNMENT / "grading.json").unlink()
    export(folder, exports.CanvasExporter, tmp_path / "canvas.csv", LISTS / "canvas-gradebook.csv")
    assert f"raises/{ASSIGNMENT}: grading.json is damaged, so its status is not known" in said.text
    assert "all-right/" not in said.text


def test_the_status_stands_beside_the_canvas_file(graded, tmp_path):
    export(graded, exports.CanvasExporter, tmp_path / "canvas.csv", LISTS / "canvas-gradebook.csv")
    table = rows_of(tmp_path / "canvas-status.csv")
    status = {row[0]: dict(zip(table[0], row, strict=True)) for row in table[1:]}
    assert status["raises"]["status"] == "could not be graded"
    assert status["raises"]["remark"] == "could not be graded: the file is not a notebook"
    assert status["deleted-cells"]["status"] == "graded, waits to be marked by hand"
    assert status["alan"]["status"] == "nothing handed in"
    assert "hidden slope missing" in status["no-hidden-slope"]["remark"]
    assert "2.5 points taken off" in status["factor-two-missing"]["remark"]
    assert status["'=cmd()"]["status"] == "not in the roster"


def test_marks_that_wait_and_work_not_handed_in_are_written_as_the_course_wants(graded, tmp_path):
    wanted = {"provisional": True, "missing": "0", "columns": {ASSIGNMENT: "Third (7)"}}
    rows = export(graded, exports.CanvasExporter, tmp_path / "c.csv", LISTS / "canvas-gradebook.csv", **wanted)
    marks = {row[3]: row[5] for row in rows[2:]}
    assert rows[0][5] == "Third (7)" and marks["deleted-cells"] == "16" and marks["alan"] == "0"
    assert marks["raises"] == ""  # what could not be graded is never a nought


def test_without_a_roster_the_canvas_file_carries_the_courses_ids_and_no_formula(graded, tmp_path, said):
    rows = export(graded, exports.CanvasExporter, tmp_path / "canvas.csv")
    assert "There is no roster" in said.text
    assert ["Lovelace, Ada", "", "", "all-right", "", "16"] in rows
    assert ["'@Evil, =1+1", "", "", "'=cmd()", "", "16"] in rows


def test_the_moodle_file_has_a_mark_and_a_status_for_each_assignment(graded, tmp_path):
    rows = export(graded, exports.MoodleExporter, tmp_path / "moodle.csv", LISTS / "moodle-worksheet.csv")
    assert rows[0][:5] == ["First name", "Last name", "ID number", "Username", "Email address"]
    assert rows[0][5:] == [ASSIGNMENT, f"{ASSIGNMENT} status"]
    marks = {row[3]: row for row in rows[1:]}
    assert marks["all-right"] == ["Ada", "Lovelace", "", "all-right", "ada@example.org", "16", "graded"]
    assert marks["raises"][5:] == ["", "could not be graded: the file is not a notebook"]
    assert "'=1+1" in [cell for row in export(graded, exports.MoodleExporter, tmp_path / "m.csv") for cell in row]


def test_moodles_worksheet_is_filled_in_and_otherwise_left_as_it_was(graded, tmp_path):
    before = rows_of(LISTS / "moodle-worksheet.csv")
    after = export(graded, exports.MoodleWorksheetExporter, tmp_path / "worksheet.csv", LISTS / "moodle-worksheet.csv")
    assert after[0] == before[0] and len(after) == len(before)
    grade, feedback = after[0].index("Grade"), after[0].index("Feedback comments")
    marks = {row[2]: (row[grade], row[feedback]) for row in after[1:]}
    assert marks["all-right"] == ("80", "graded")  # 16 of 20 in a worksheet of 100
    assert marks["no-hidden-slope"] == ("60", "graded; found: hidden slope missing")
    assert marks["raises"] == ("", "Please come and see me.") and marks["alan"] == ("", "")
    for old, new in zip(before, after, strict=True):
        left = [index for index in range(len(old)) if index not in (grade, feedback)]
        assert [old[index].strip() for index in left] == [new[index] for index in left]


def test_a_worksheet_exporter_without_a_worksheet_says_what_to_do(graded, tmp_path):
    with pytest.raises(Failed, match="not Moodle's grading worksheet: it has no column Identifier"):
        export(graded, exports.MoodleWorksheetExporter, tmp_path / "w.csv", LISTS / "canvas-gradebook.csv")
    with pytest.raises(Failed, match="no assignment 09_more"):
        export(graded, exports.CanvasExporter, tmp_path / "w.csv", assignment=["09_more"])


# There and back.


@pytest.mark.slow
@pytest.mark.sandbox
def test_from_canvas_download_to_canvas_import_by_the_commands(course_folder, warm):
    folder = course_folder([ASSIGNMENT])
    (folder / "roster.csv").write_bytes((LISTS / "canvas-gradebook.csv").read_bytes())
    archive(folder).mkdir(parents=True)
    downloads.canvas(archive(folder) / "submissions.zip")
    for command in (
        ("nbgrader", "zip_collect", ASSIGNMENT),
        ("autograder", "grade", "--quiet"),
        ("nbgrader", "export", "--exporter=autograder.lms.CanvasExporter", "--to=canvas.csv"),
    ):
        done = warm.run(folder, *command)
        assert done.returncode == 0, done.stderr
    rows = rows_of(folder / "canvas.csv")
    assert rows[0][-1] == "Backprop (98765)" and rows[1][-1] == "20"
    assert {row[1]: row[-1] for row in rows[2:]} == {
        **{"40001": "16", "40002": "17", "40003": "16", "40004": "20", "40005": "20", "40006": ""}
    }
