"""A course's settings and folders, and what was handed in."""

from typing import Any


def __getattr__(name: str) -> Any:
    """`from autograder.course import Course` goes on working; it is loaded only when it is asked for."""
    if name in ("Course", "CourseLab", "NoCourse"):
        from autograder.course import settings

        return getattr(settings, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
