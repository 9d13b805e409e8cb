"""grading.json: what is written is read back, earlier files are read too, and each kind of unusable file has its name."""

import json
from dataclasses import replace

import pytest

from autograder.grading import grading_file
from autograder.grading.grading_file import VERSION, Fault, GradingRecord, NotebookRecord, Unusable
from autograder.submission import FAILED, GRADED, PARTLY, GradedNotebook, GradedSubmission, Status

CELL = {"cell": "test_mse", "score": 2.0, "mistakes": [{"name": "added-two"}]}


def submission():
    graded = GradedNotebook("one", None, GRADED, verdicts={"test_mse": CELL}, repairs=["mended"], remarks=["said"])
    return GradedSubmission("Jürgen", "01_mse", [graded, GradedNotebook("two", None, FAILED, "no notebook")])


@pytest.fixture
def record():
    return GradingRecord.of(submission(), made_from="a", recorded="b", page="c", page_made_by="d")


def test_a_record_holds_what_came_of_the_submission(record):
    assert (record.status, record.reason, record.mistakes) == (FAILED, "no notebook", ["added-two"])
    assert record.notebooks[0] == NotebookRecord("one", GRADED, "", ["mended"], ["said"], [CELL])
    assert (record.made_from, record.recorded, record.page, record.page_made_by) == ("a", "b", "c", "d")


def test_what_is_written_is_read_back(record, tmp_path):
    grading_file.write(tmp_path, record)
    assert grading_file.read(tmp_path, "Jürgen") == record
    assert grading_file.path_in(tmp_path).stat().st_mode & 0o777 == 0o600
    again = replace(record, made_from=None)
    grading_file.write(tmp_path, again)
    assert grading_file.read_if_sound(tmp_path, "Jürgen") == again
    grading_file.remove(tmp_path)
    assert grading_file.read_if_sound(tmp_path, "Jürgen") is None


def changed(record, **values):
    """The file's text with other values at its top; None takes a key away."""
    data = {**json.loads(record.to_json()), **values}
    return json.dumps({name: value for name, value in data.items() if value is not None})


def test_a_file_from_before_there_were_versions_is_read(record):
    assert json.loads(record.to_json())["version"] == VERSION
    assert GradingRecord.from_json(changed(record, version=None)) == record
    assert GradingRecord.from_json(changed(record, version=None, sandbox=None)) == replace(record, sandbox="")


UNUSABLE = {
    "empty": (lambda record: "", Fault.DAMAGED),
    "cut off": (lambda record: record.to_json()[:-20], Fault.DAMAGED),
    "zeros": (lambda record: "\0" * 4096, Fault.DAMAGED),
    "nested too deeply": (lambda record: "[" * 100_000, Fault.DAMAGED),
    "a list": (lambda record: "[1]", Fault.FOREIGN),
    "nothing": (lambda record: "null", Fault.FOREIGN),
    "of another program": (lambda record: '{"student": "Jürgen"}', Fault.FOREIGN),
    "another student's": (lambda record: changed(record, student="ann"), Fault.FOREIGN),
    "an unknown status": (lambda record: changed(record, status="great"), Fault.FOREIGN),
    "mistakes that are none": (lambda record: changed(record, mistakes=[1]), Fault.FOREIGN),
    "notebooks that are none": (lambda record: changed(record, notebooks=["one"]), Fault.FOREIGN),
    "a version that is no number": (lambda record: changed(record, version="1"), Fault.FOREIGN),
    "newer": (lambda record: changed(record, version=VERSION + 1), Fault.NEWER),
}


@pytest.mark.parametrize("what", UNUSABLE)
def test_a_file_that_cannot_be_used_says_why(record, tmp_path, what):
    make, fault = UNUSABLE[what]
    grading_file.path_in(tmp_path).write_text(make(record), encoding="utf-8")
    with pytest.raises(Unusable) as raised:
        grading_file.read(tmp_path, "Jürgen")
    assert raised.value.fault == fault and str(fault) in str(raised.value)
    assert grading_file.read_if_sound(tmp_path, "Jürgen") is None


def test_a_missing_file_and_a_link_are_told_apart(record, tmp_path):
    with pytest.raises(Unusable) as absent:
        grading_file.read(tmp_path, "Jürgen")
    grading_file.write(tmp_path, record)
    (tmp_path / "other").mkdir()
    grading_file.path_in(tmp_path / "other").symlink_to(grading_file.path_in(tmp_path))
    with pytest.raises(Unusable) as link:
        grading_file.read(tmp_path / "other", "Jürgen")
    assert (absent.value.fault, link.value.fault) == (Fault.ABSENT, Fault.DAMAGED)


def test_statuses_are_read_as_members(record):
    partly = changed(record, status="partly graded")
    assert GradingRecord.from_json(partly).status is PARTLY is Status.PARTLY
