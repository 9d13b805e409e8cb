"""Downloads that strangers filled: who handed something in, and when, comes from the platform alone.

Eve is the student who tries. Her name for a folder, a file, a member of a zip, or herself may look like anything; what
she makes is collected as hers, or left out by its name, and never stands for Grace's. Grace's own work is there each time.
"""

import io
import itertools
import stat
import unicodedata
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.lms import unpacking
from autograder.lms.unpacking import SafeExtractor
from tests.lms.test_lms import NOTEBOOK, Failed, Said, archive, collect, pack
from tests.support.courses import make_course
from tests.support.made_class import ASSIGNMENT

GRACE, EVE = '"grace\'s"', '"eve\'s"'  # what their notebooks hold
MOODLE = "Identifier,Full name,Username,Last modified (submission)\n"
MOODLE += 'Participant 124,Grace Hopper,grace,"Thursday, 5 October 2023, 4:01 PM"\n'
MOODLE += 'Participant 55,Eve Else,eve,"Friday, 6 October 2023, 4:01 PM"\n'
CANVAS = 'Student,ID,SIS Login ID\n"Hopper, Grace",124,grace\n"Else, Eve",55,eve\n'
ROSTERS = {
    "none": None,
    "moodle": MOODLE,
    "canvas": CANVAS,
    "plain": "student_id,Name\ngrace,Grace Hopper\neve,Eve Else\n",
}
# What the platform puts before the student's part of a name, for Grace and for Eve: {file} stands for that part.
PLATFORMS = {
    "moodle": ("Grace Hopper_124_assignsubmission_file_/{file}", "Eve Else_55_assignsubmission_file_/{file}"),
    "moodle 4": ("Grace Hopper_124_assignsubmission_file/{file}", "Eve Else_55_assignsubmission_file/{file}"),
    "moodle flat": ("Grace Hopper_124_assignsubmission_file_{file}", "Eve Else_55_assignsubmission_file_{file}"),
    "canvas": ("hoppergrace_124_900_{file}", "elseeve_55_901_{file}"),
    "folders": ("grace/{file}", "eve/{file}"),
}
N = f"{ASSIGNMENT}.ipynb"
# What Eve calls her file.
LOOKS = [
    N,
    f"Grace Hopper_124_assignsubmission_file_/{N}",
    f"Grace Hopper_124_assignsubmission_file/{N}",
    f"Grace Hopper_124_assignsubmission_file_{N}",
    f"hoppergrace_124_999_{N}",
    f"hoppergrace_LATE_124_999999_{N}",
    f"anon_124_999_{N}",
    f"grace/{N}",
    f"grace/{ASSIGNMENT}/{N}",
    f"submitted/grace/{ASSIGNMENT}/{N}",
    f"archive/grace/{N}",
    f"{ASSIGNMENT}/grace/{N}",
    f"grace_{N}",
    f"grace.zip/{N}",
    f"a\\Grace Hopper_124_assignsubmission_file_\\{N}",
    f"./grace/./{N}",
    f"Grace Hopper_124_assignsubmission_file_/Eve Else_55_assignsubmission_file_/{N}",
]


@pytest.fixture
def course(tmp_path):
    folder = make_course(tmp_path / "course", [ASSIGNMENT])
    archive(folder).mkdir(parents=True)
    return folder


@pytest.fixture
def said(capsys):
    return Said(capsys)


def collected(course, members, roster=None, **settings):
    """What becomes of a download with these members."""
    if roster is not None:
        (course / "roster.csv").write_text(roster, encoding="utf-8")
    pack(archive(course) / "download.zip", members)
    return collect(course, **settings)


def of(files, content):
    """The students under whose names work with this content was collected."""
    return {name.split("/")[0] for name, found in files.items() if found == content.encode()}


def a_zip(members):
    data = io.BytesIO()
    pack(data, members)
    return data.getvalue()


# Who.


@pytest.mark.parametrize("roster", ROSTERS)
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("packed", [False, True], ids=["a file", "in a zip of hers"])
def test_no_name_inside_makes_eves_work_graces(course, said, platform, roster, packed):
    """Every look, on every platform, with every class list, by itself and in a zip that Eve handed in."""
    for number, look in enumerate(LOOKS):
        graces, eves = PLATFORMS[platform]
        hers = {eves.format(file="work.zip"): a_zip({look: EVE})} if packed else {eves.format(file=look): EVE}
        each = make_course(course / f"{number}", [ASSIGNMENT])
        archive(each).mkdir(parents=True)
        files = collected(each, {graces.format(file=N): GRACE, **hers}, ROSTERS[roster])
        (grace,) = of(files, GRACE)
        assert "grace" in grace.lower(), look
        eve = of(files, EVE)
        assert grace not in eve and len(eve) <= 1, (look, files)
        assert eve or "was left out" in said.text, look
        assert all(name.lower().startswith(("eve", "else")) for name in eve), (look, eve)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    parts=st.lists(
        st.sampled_from(
            ["grace", "Grace Hopper_124_assignsubmission_file_", "_124_assignsubmission_file_", "hoppergrace_124_999_"]
            + ["submitted", ASSIGNMENT, "/", "\\", "_", "LATE_", ".zip/", "anon_124_9_", "archive", "\u200b", " ", "x"]
        ),
        max_size=6,
    ),
    platform=st.sampled_from(sorted(PLATFORMS)),
    roster=st.sampled_from(sorted(ROSTERS)),
)
def test_no_name_put_together_from_parts_makes_eves_work_graces(tmp_path_factory, parts, platform, roster):
    folder = make_course(tmp_path_factory.mktemp("drawn") / "course", [ASSIGNMENT])
    archive(folder).mkdir(parents=True)
    graces, eves = PLATFORMS[platform]
    members = {graces.format(file=N): GRACE, eves.format(file="".join(parts).lstrip("/\\") + N): EVE}
    files = collected(folder, members, ROSTERS[roster])
    assert len(of(files, GRACE)) == 1 and not of(files, GRACE) & of(files, EVE)


@pytest.mark.parametrize(
    ("name", "roster"),
    [
        ("Grace Hopper_124_assignsubmission_file_ Eve", None),  # what Eve calls herself on the platform
        ("Grace Hopper_124_assignsubmission_file_", MOODLE),
        ("Grace Hopper", MOODLE.replace("Participant 124", "Participant 7").replace("Eve Else", "Eve")),
        ("grace hopper", MOODLE),
        ("Grace  Hopper", MOODLE),
        ("Grace\u200bHopper", MOODLE),
        ("Grace Hopper_124", MOODLE),
    ],
)
def test_a_name_that_eve_gives_herself_does_not_make_her_grace(course, said, name, roster):
    eves = f"{name}_55_assignsubmission_file_/{N}"
    files = collected(course, {f"Grace Hopper_124_assignsubmission_file_/{N}": GRACE, eves: EVE}, roster)
    assert not of(files, GRACE) & of(files, EVE)
    assert of(files, EVE) <= {"eve", "Grace_Hopper_124_assignsubmission_file__Eve_55"}
    assert of(files, EVE) or "was left out" in said.text


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("grace", "Grace"),
        ("zoë", unicodedata.normalize("NFD", "zoë")),
        ("ann lee", "ann_lee"),
        ("ann lee", "ann  lee"),
        ("ann", "ａｎｎ"),
        ("a\x1bb", "a_b"),
        ("an:b", "an_b"),
        ("ann", "ann."),
        ("x" * 150, "x" * 151),
    ],
)
def test_of_two_names_that_would_be_one_student_neither_stands_for_the_other(course, said, first, second):
    files = collected(course, {f"{first}/{N}": GRACE, f"{second}/{N}": EVE, f"bob/{N}": NOTEBOOK})
    assert set(files) == {f"bob/{ASSIGNMENT}/{N}"}
    assert said.text.count("was left out") >= 2


def test_of_two_such_names_the_one_in_the_class_list_stays(course, said):
    files = collected(course, {f"grace/{N}": GRACE, f"GRACE/{N}": EVE}, ROSTERS["plain"])
    assert files == {f"grace/{ASSIGNMENT}/{N}": GRACE.encode()}
    assert f"download.zip/GRACE/{N} was left out: another name in the download means the same student" in said.text


@pytest.mark.parametrize(
    ("name", "roster"),
    [(f"Grace Hopper_55_assignsubmission_file_/{N}", MOODLE), (f"hoppergrace_55_1_{N}", CANVAS)],
)
def test_a_number_and_a_name_of_two_different_people_are_refused_by_name(course, said, name, roster):
    assert collected(course, {name: EVE}, roster) == {}
    assert f"{name} was left out: its number is that of eve in roster.csv, and its name that of grace" in said.text


def test_one_known_by_number_and_a_namesake_do_not_become_one(course, said):
    members = {f"Grace Hopper_{number}_assignsubmission_file_/{N}": text for number, text in ((124, GRACE), (9, EVE))}
    assert collected(course, members, MOODLE) == {f"grace/{ASSIGNMENT}/{N}": GRACE.encode()}
    assert "Grace Hopper_9_assignsubmission_file_" in said.text
    (archive(course) / "download.zip").unlink()
    only = {f"Grace Hopper_9_assignsubmission_file_/{N}": GRACE}  # a class list of another assignment has other numbers
    again = {"ZipCollectApp": {"force": True}}
    assert of(collected(course, only, MOODLE, **again), GRACE) == {"grace"}


def test_a_folder_around_the_class_is_no_student(course, said):
    members = {f"Homework 1/{student}/{N}": NOTEBOOK for student in ("grace", "eve")}
    with pytest.raises(Failed, match="the only folder is Homework 1, and it cannot be told.*several students"):
        collected(course, members)
    assert not (course / "submitted").exists()
    files = collected(course, members, ROSTERS["plain"], ZipCollectApp={"force": True})
    assert {name.split("/")[0] for name in files} == {"grace", "eve"}


def test_the_only_student_with_folders_that_look_like_others_is_not_taken_for_the_class(course):
    members = {f"eve/{look}/{N}": EVE for look in ("grace", "eve", "Grace Hopper_124_assignsubmission_file_")}
    assert of(collected(course, members, ROSTERS["plain"]), EVE) == {"eve"}
    (archive(course) / "download.zip").unlink()
    (course / "roster.csv").unlink()
    with pytest.raises(Failed, match="cannot be told"):
        collected(course, members, ZipCollectApp={"force": True})


@pytest.mark.parametrize("platform", ["moodle", "moodle 4", "folders"])
def test_of_two_downloads_the_later_counts(course, platform):
    graces, _ = PLATFORMS[platform]
    pack(archive(course) / "C-HW-12 (1).zip", {graces.format(file=N): "second"})
    pack(archive(course) / "C-HW-12 (2).zip", {graces.format(file=N): "third"})
    pack(archive(course) / "C-HW-12.zip", {graces.format(file=N): "first"})
    assert list(collect(course).values()) == [b"third"]


# When.

TIMES = [
    "timestamp.txt",
    "Timestamp.TXT",
    "a/b/timestamp.txt",
    "TIMESTAMP.txt",
    "submission_secret.txt",
    "ｔimestamp.txt",
]


@pytest.mark.parametrize("name", TIMES)
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("packed", [False, True], ids=["a file", "in a zip of hers"])
def test_a_students_own_timestamp_says_nothing(course, said, name, platform, packed):
    graces, eves = PLATFORMS[platform]
    long_ago = "2001-01-01 00:00:00 UTC"
    if packed:
        hers = {eves.format(file="work.zip"): a_zip({N: EVE, name: long_ago})}
    else:
        hers = {eves.format(file=N): EVE, eves.format(file=name): long_ago}
    zone = {"DownloadCollector": {"timezone": "UTC"}}
    files = collected(course, {graces.format(file=N): GRACE, **hers}, MOODLE, **zone)
    assert not [content for content in files.values() if b"2001" in content]
    if platform != "canvas":
        (when,) = [content for path, content in files.items() if path.startswith("eve/") and path.endswith("stamp.txt")]
        assert when.startswith(b"2023-10-06 16:01:00"), "the platform's own"
    if name.isascii() and name.lower() == name:
        assert "when and by whom work was handed in is said by the platform alone" in said.text


def test_other_texts_are_taken_along(course):
    eves = PLATFORMS["moodle"][1]
    files = collected(course, {eves.format(file=N): EVE, eves.format(file="timestamps.txt"): "mine"}, MOODLE)
    assert files[f"eve/{ASSIGNMENT}/timestamps.txt"] == b"mine"


# Archives that are not what they seem.


def member(name, kind=0, system=3):
    info = zipfile.ZipInfo("x")
    info.filename, info.create_system, info.external_attr = name, system, (kind | 0o777) << 16
    return info


WAYS_OUT = ["../x.ipynb", "a/../../x.ipynb", "..\\x.ipynb", "a\\..\\..\\x.ipynb", "/etc/x.ipynb", "\\x.ipynb"]
WAYS_OUT += ["\\\\server\\share\\x.ipynb", "C:x.ipynb", "C:\\x.ipynb", "c:/x.ipynb", "//x.ipynb", ".."]


@pytest.mark.parametrize("name", WAYS_OUT)
@pytest.mark.parametrize("inside", [False, True], ids=["download", "student's zip"])
def test_no_member_is_written_outside_its_folder(course, said, name, inside):
    bad = {member(name): "out", f"grace/{N}": GRACE}
    before = sorted(course.parent.rglob("*"))
    if inside:
        files = collected(course, {"eve/work.zip": a_zip(bad), f"grace/{N}": GRACE})
        assert files == {f"grace/{ASSIGNMENT}/{N}": GRACE.encode()} and "leads out of its folder" in said.text
    else:
        with pytest.raises(Failed, match="leads out of its folder"):
            collected(course, bad)
    written = {path for path in course.parent.rglob("*") if path.is_file()} - set(before)
    places = (archive(course).parent, course / "submitted")
    assert all(any(place in path.parents for place in places) for path in written)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_no_member_becomes_a_link_or_a_device(course, kind):
    members = {member(f"eve/{N}", kind): "/etc/passwd", f"grace/{N}": GRACE}
    try:
        collected(course, members)
    except Failed as failed:
        assert "is a link" in str(failed)
    else:
        assert kind != stat.S_IFLNK
    for path in course.rglob("*"):
        assert stat.S_ISREG(path.lstat().st_mode) or stat.S_ISDIR(path.lstat().st_mode), path


@pytest.mark.parametrize(
    "change", ["locked", "compressed in an unknown way", "cut short", "a wrong checksum", "a second name inside"]
)
@pytest.mark.parametrize("inside", [False, True], ids=["download", "student's zip"])
def test_a_damaged_or_locked_archive_costs_no_more_than_itself(course, said, change, inside):
    data = bytearray(a_zip({N: EVE, "more.csv": "1,2,3"}))
    directory = data.index(b"PK\1\2")
    if change == "locked":
        data[6] |= 1
        data[directory + 8] |= 1
    elif change == "compressed in an unknown way":
        data[8:10] = data[directory + 10 : directory + 12] = b"\x63\0"
    elif change == "cut short":
        del data[-30:]
    elif change == "a wrong checksum":
        data[directory + 16] ^= 0xFF
    else:
        data[30 : 30 + 8] = b"grace/03"
    if inside:
        files = collected(course, {"eve/work.zip": bytes(data), f"grace/{N}": GRACE})
        assert files == {f"grace/{ASSIGNMENT}/{N}": GRACE.encode()} and "work.zip was left out" in said.text
    else:
        (archive(course) / "download.zip").write_bytes(data)
        with pytest.raises(Failed, match="locked with a password|damaged or of a kind"):
            collect(course)


def test_a_list_of_files_that_would_fill_the_memory_is_not_read(tmp_path, monkeypatch):
    path = pack(tmp_path / "many.zip", {f"{number}": b"" for number in range(3_000)})
    opened = []
    monkeypatch.setattr(unpacking.zipfile, "ZipFile", lambda *_: opened.append(1))
    with pytest.raises(unpacking.Refused, match="the list of its files takes"):
        SafeExtractor()._unpack(path, tmp_path / "out", 10**9, 100, depth=1)
    assert not opened


def test_a_bomb_of_bombs_stays_within_its_bounds(course, said):
    bomb = a_zip({f"{n}.csv": b"0" * 2_000_000 for n in range(3)})
    for _ in range(2):
        bomb = a_zip({f"{n}.zip": bomb for n in range(5)})
    files = collected(
        course, {"eve/work.zip": bomb, f"grace/{N}": GRACE}, SafeExtractor={"most_bytes_inside": 4 * 1024**2}
    )
    assert of(files, GRACE) == {"grace"}
    size = sum(path.stat().st_size for path in (archive(course).parent / "extracted").rglob("*") if path.is_file())
    assert size < 40 * 1024**2
    assert "was left out" in said.text


def test_two_members_of_one_name_are_both_left_out(course, said):
    with zipfile.ZipFile(archive(course) / "download.zip", "w") as packed, pytest.warns(UserWarning):
        packed.writestr(f"grace/{N}", GRACE)
        packed.writestr(f"eve/{N}", EVE)
        packed.writestr(f"eve/{N}", GRACE)
    assert collect(course) == {f"grace/{ASSIGNMENT}/{N}": GRACE.encode()}
    assert f"eve/{N} was left out: another folder or file in the archive has the same name" in said.text


@pytest.mark.parametrize("character", ["\x1b", "\x00", "\n", "\u202e", "\u200d", "\ufeff", "\x7f", "\ud800"])
def test_no_character_that_cannot_be_seen_is_in_a_collected_name(course, said, character):
    loose = archive(course) / "bob"
    loose.mkdir()
    if character not in "\x00\ud800":
        (loose / f"x{character}.csv").write_text("1")
    members = {f"eve/a{character}b {N}": EVE, f"grace/{N}": GRACE}
    if character == "\ud800":
        members = {f"eve/{N}": EVE, f"grace/{N}": GRACE, "eve/work.zip": a_zip({}).replace(b"x", b"\xed\xa0\x80")}
    try:
        collected(course, members)
    except Failed as failed:
        assert character == "\x00" and "leads out" in str(failed)
    names = [str(path.relative_to(course)) for path in [*course.rglob("submitted/*"), *course.rglob("extracted/**/*")]]
    assert not [name for name in names if not name.isprintable()]
    assert character not in said.text.replace("\n", "").replace("\x1b", "" if character == "\n" else "\x1b")


def test_all_pairs_of_looks_keep_everybodys_work_apart(course, said):
    """Three students whose files look like each other's, in one flat download."""
    people = [("Ada Lovelace", 1), ("Grace Hopper", 2), ("Eve Else", 3)]
    members = {}
    for (name, number), (other, others) in itertools.permutations(people, 2):
        members[f"{name}_{number}_assignsubmission_file_{other}_{others}_assignsubmission_file_{N}"] = f"{name}'s"
        members[f"{name}_{number}_assignsubmission_file_{other}_{others}_9_{N}"] = f"{name}'s"
    roster = "Identifier,Full name,Username\n" + "".join(f"Participant {n},{name},{name[0]}\n" for name, n in people)
    files = collected(course, members, roster)
    assert len(files) == 6 and {(name[0], content[:1].decode()) for name, content in files.items()} == set(
        zip("AGE", "AGE", strict=True)
    )
    assert said.text.count("can be read as the name of more than one person") == 6
