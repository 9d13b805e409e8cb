"""A bank of broken and odd submissions: each is one student of a class, with what must come of it."""

from tests.support.broken import cells, code, files, floods, formats, names, places  # noqa: F401  (each enters its cases into the bank)
from tests.support.broken.bank import CASES, FAILED, FULL, GRADED, MISSING, PARTLY, Case

__all__ = ["CASES", "FAILED", "FULL", "GRADED", "MISSING", "PARTLY", "Case"]
