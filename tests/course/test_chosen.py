"""Which students a command is for: by ids as our own commands take them, by nbgrader's pattern as its commands do."""

from types import SimpleNamespace

import pytest

from autograder.course.chosen import chosen_by_id, chosen_by_nbgrader

CLASS = ["ann", "bea", "b[ea]", "cem"]


@pytest.mark.parametrize(
    "wanted, found", [([], CLASS), (["cem", "ann"], ["ann", "cem"]), (["b*"], []), (["nobody"], [])]
)
def test_ids_choose_those_that_bear_them_and_no_id_chooses_all(wanted, found):
    assert chosen_by_id(CLASS, wanted) == found


@pytest.mark.parametrize(
    "pattern, without, found",
    [
        ("*", "", CLASS),
        ("", "", CLASS),
        ("b*", "", ["bea", "b[ea]"]),
        ("b[ea]", "", ["b[ea]"]),
        ("*", "ann,cem", ["bea", "b[ea]"]),
        ("nobody", "", []),
    ],
)
def test_nbgraders_pattern_and_its_exclusions_choose(pattern, without, found):
    assert chosen_by_nbgrader(CLASS, SimpleNamespace(student_id=pattern, student_id_exclude=without)) == found
