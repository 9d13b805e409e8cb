"""The same class gives the same marks, to the byte, however many submissions are graded at a time, and in any order."""

import pytest

from tests.support.courses import make_course
from tests.support.tiny_course import ASSIGNMENT, files_of, gradebook_of, hand_in, make_tiny_course
from tests.support.warm_grading import log_of

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


def test_one_two_and_eight_at_a_time_give_the_same_files(warm, tmp_path, key_cache):
    found = []
    for jobs in ("1", "2", "8"):
        folder = make_tiny_course(tmp_path / jobs, keys=key_cache)
        hand_in(folder, "leaves", ("import os; os._exit(1)", "return 3 * x"))
        hand_in(folder, "draws", ("import random; return 2 * x + 0 * random.random()", "return 3 * x"))
        assert warm.grade(folder, "--jobs", jobs).status == 0, log_of(folder)
        found.append((files_of(folder), gradebook_of(folder)))
    assert found[0] == found[1] == found[2]
    assert len(found[0][0]) == 6 * 3 + 1


def test_a_sample_class_gives_the_same_files_alone_and_side_by_side(warm, tmp_path, key_cache):
    """With follow-through, figures and named mistakes: the real assignment."""
    students = ["no-hidden-slope", "prints-and-plots", "biases-not-summed", "raises"]
    found = []
    for jobs in ("1", "3"):
        folder = make_course(tmp_path / jobs, ["03_backprop"], students)
        (folder / ".autograder").mkdir(mode=0o700)
        (folder / ".autograder" / "keys").symlink_to(key_cache)
        assert warm.grade(folder, "--jobs", jobs).status == 0, log_of(folder)
        found.append((files_of(folder), gradebook_of(folder)))
    assert found[0] == found[1]


def test_one_student_at_a_time_gives_what_the_whole_class_gives(warm, tmp_path, key_cache):
    whole = make_tiny_course(tmp_path / "whole", keys=key_cache)
    single = make_tiny_course(tmp_path / "single", keys=key_cache)
    assert warm.grade(whole, ASSIGNMENT).status == 0
    for student in ("dan", "bob", "cleo", "ann"):
        assert warm.grade(single, ASSIGNMENT, "--student", student).status == 0
    assert files_of(single) == files_of(whole) and gradebook_of(single) == gradebook_of(whole)
