"""Choosing students: by their ids, as our own commands do, or by nbgrader's pattern."""

from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory


def is_chosen(name: str, wanted: Collection[str]) -> bool:
    """Whether a name is among those that are wanted; where none is named, every one is."""
    return not wanted or name in wanted


def chosen_by_id(known: Iterable[str], wanted: Collection[str]) -> list[str]:
    """Those of `known` that are wanted, in their order; all of them where no name is given."""
    return [name for name in known if is_chosen(name, wanted)]


def chosen_by_nbgrader(known: Iterable[str], coursedir: "CourseDirectory") -> list[str]:
    """Those that nbgrader's --student (an id or a pattern; none: all) and c.CourseDirectory.student_id_exclude leave."""
    wanted, without = coursedir.student_id or "*", coursedir.student_id_exclude.split(",")
    fitting = [student for student in known if student == wanted or fnmatchcase(student, wanted)]
    return [student for student in fitting if student not in without]
