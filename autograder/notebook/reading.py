"""The bytes of a file that should be a notebook → its cells' type, text and labels. Nothing else in it is ever used.

Whatever has a list of cells is read, in any format from 1 to those to come; what had to be put right is said.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, AnyStr

import nbformat

from autograder import budget

LARGEST_FILE = 64 * 1024**2  # bytes of a notebook that we read: outputs may be large, and are dropped
MOST_PIECES = 10_000_000  # brackets, commas and quotes in it: they, not its bytes, decide how much memory it takes
LARGEST_TEXT = 2 * 1024**2  # characters in all its cells
LARGEST_PICTURES = 8 * 1024**2  # characters of base64 attached to one cell
MOST_CELLS = 1_000
LONGEST_LANGUAGE = 1_000  # characters of what a notebook says it is written in

KINDS = {"code": "code", "markdown": "markdown", "raw": "raw", "text": "markdown", "heading": "markdown"}
KINDS["html"] = "markdown"  # as formats 1 to 3 knew them
TEXTS = ("source", "input", "code", "text")  # where a cell's text stands, in the order of the formats from 4 down to 1
PICTURES = {"image/png", "image/jpeg", "image/gif"}
WESTERN = {0xDC00 + byte: byte for byte in range(0x80, 0x100)}  # as "surrogateescape" writes them → Latin-1
SLICE = 1024**2  # characters or bytes that are decoded at a time
CONFLICT_MARKERS = (
    re.compile("^<<<<<<< ", re.MULTILINE),
    re.compile("^=======\r?$", re.MULTILINE),
    re.compile("^>>>>>>> ", re.MULTILINE),
)
OTHER_FILES = {
    b"%PDF": "a PDF",
    b"PK\3\4": "a ZIP archive, or a Word document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a packed file",
    b"Rar!": "an archive",
    b"7z\xbc\xaf": "an archive",
    b"{\\rtf": "a text document",
}


class Unreadable(ValueError):
    """The file is no notebook that can be graded; the message says why, in words for the student."""


def read_notebook(data: bytes) -> nbformat.NotebookNode:
    """The notebook in a file's bytes: `cells` (see _plain_cell) and `repairs` (sentences). Raises Unreadable."""
    try:
        with budget.spend("reading"):
            return _read(data)
    except budget.UsedUp as error:
        raise Unreadable(str(error)) from None


def _read(data: bytes) -> nbformat.NotebookNode:
    if len(data) > LARGEST_FILE:
        raise Unreadable(too_large(len(data), LARGEST_FILE))
    if not data.strip(b"\0\t\n\r "):
        raise Unreadable("the file is empty")
    repairs: list[str] = []
    content = _json(_decoded(data, repairs))
    if not isinstance(content, dict):
        raise Unreadable("the file is not a notebook: it is JSON of another kind")
    cells = _cells(content)
    if len(cells) > MOST_CELLS:
        raise Unreadable(f"the notebook has {len(cells)} cells; more than {MOST_CELLS} are not read")
    _say_format(content, repairs)
    cells = [_plain_cell(cell) for cell in cells]
    size = sum(len(cell["source"]) for cell in cells)
    if size > LARGEST_TEXT:
        raise Unreadable(
            f"its cells hold {size / 1024**2:.1f} million characters; more than {LARGEST_TEXT // 1024**2} are not read"
        )
    return nbformat.from_dict({"cells": cells, "metadata": {}, "repairs": repairs})


def too_large(size: int, most: int) -> str:
    """Why a file of `size` bytes is not read where `most` are the bound, in words for the student."""
    return f"the file is {-(-size // 1024**2)} MB; more than {most // 1024**2} MB is not read"


# From bytes to JSON.


def _decoded(data: bytes, repairs: list[str]) -> str:
    """The file's text. Notebooks are UTF-8; editors and file servers make other things of them."""
    for beginning, kind in OTHER_FILES.items():
        if data.startswith(beginning):
            raise Unreadable(f"the file is not a notebook: it is {kind}")
    encoding = json.detect_encoding(data)
    if encoding not in ("utf-8", "utf-8-sig"):
        repairs.append(f"The file was in {encoding.upper()} instead of UTF-8; it was read as that.")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        pass
    if encoding.startswith("utf-8"):
        repairs.append("The file was not in UTF-8; letters with accents may have been read wrongly.")
        return _as_western(data.decode(encoding, "surrogateescape"))
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    return "".join([*map(decoder.decode, _slices(data)), decoder.decode(b"", final=True)])


def _as_western(text: str) -> str:
    """Bytes that are not UTF-8 (here halves of characters) as the Western letters that older programs write."""
    return "".join(piece if _is_whole(piece) else piece.translate(WESTERN) for piece in _slices(text))


def _is_whole(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _slices(whole: AnyStr) -> Iterator[AnyStr]:
    """A text or bytes in pieces, with a look at the clock before each."""
    for start in range(0, len(whole), SLICE):
        budget.check()
        yield whole[start : start + SLICE]


def _json(text: str) -> Any:
    pieces = sum(text.count(mark) for mark in '[{,"')
    if pieces > MOST_PIECES:
        raise Unreadable(
            f"the file has {pieces / 1e6:.0f} million parts; more than {MOST_PIECES // 10**6} are not read"
        )
    try:
        return json.loads(text, strict=False, parse_int=_integer)
    except RecursionError:
        raise Unreadable("the file is not a notebook: brackets in brackets, too deep to be read") from None
    except ValueError as error:
        raise Unreadable(f"the file is not a notebook: {_why_no_json(text, error)}") from None


def _integer(digits: str) -> int:
    return int(digits) if len(digits) < 20 else 0  # no number in a notebook is ever used


def _why_no_json(text: str, error: ValueError) -> str:
    start, end = text[:500].lstrip().lower(), text.rstrip()[-1:]
    if start.startswith(("<!doctype html", "<html")):
        return "it is a web page (perhaps saved from the browser instead of downloaded)"
    if _has_conflict_markers(text):
        return "it holds the marks of a merge conflict (<<<<<<<, =======, >>>>>>>)"
    if not start.startswith(("{", "[")):
        return "it is text of another kind"
    if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data":
        return (
            f"after its end, in line {error.lineno}, comes something that does not belong to it (was it saved twice?)"
        )
    if end not in ("}", "]") or getattr(error, "pos", 0) >= len(text.rstrip()):
        return "it ends in the middle (was the upload cut off?)"
    return f"it is no proper JSON ({error})"


def _has_conflict_markers(text: str) -> bool:
    """Whether lines with git's three conflict markers follow each other, whatever stands between them."""
    position = 0
    for marker in CONFLICT_MARKERS:
        found = marker.search(text, position)
        if found is None:
            return False
        position = found.end()
    return True


# From JSON to cells.


def _cells(content: dict[str, Any]) -> list[Any]:
    cells = content.get("cells")
    worksheets = content.get("worksheets")
    if cells is None and isinstance(worksheets, list):  # formats 2 and 3
        sheets = [sheet.get("cells") for sheet in worksheets if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
    if not isinstance(cells, list):
        raise Unreadable("the notebook has no list of cells")
    return cells


def _say_format(content: dict[str, Any], repairs: list[str]) -> None:
    major = content.get("nbformat")
    if isinstance(major, int) and major < 4:
        repairs.append(f"The notebook was in the old format {major}; it was converted.")
    elif isinstance(major, int) and major > 4:
        repairs.append(f"The notebook was in format {major}, which is not known yet; it was read as format 4.")
    language = _language(content.get("metadata"))
    if language and language.lower() not in ("python", "python3", "ipython"):
        shown = "".join(c for c in language if c.isprintable())[:30]
        repairs.append(f"The notebook was set to run {shown}; it was run as Python.")


def _language(metadata: Any) -> str:
    """The language that a notebook says it is in, "" where it says none."""
    for part, name in (("language_info", "name"), ("kernelspec", "language")):
        found = _dict(_dict(metadata).get(part)).get(name)
        if isinstance(found, str) and found.strip():
            return found[:LONGEST_LANGUAGE].strip()
    return ""


def _plain_cell(cell: Any) -> dict[str, Any]:
    """Type, text, cell id, grade id and pictures of a cell: all that is ever looked at."""
    budget.check()
    cell = _dict(cell)
    source = next((cell[name] for name in TEXTS if isinstance(cell.get(name), str | list)), "")
    if isinstance(source, list):
        lines = [part for part in source if isinstance(part, str)]
        apart = len(lines) > 1 and not any("\n" in line for line in lines)  # some programs leave the line ends out
        source = ("\n" if apart else "").join(lines)
    grade_id = _dict(_dict(cell.get("metadata")).get("nbgrader")).get("grade_id")
    kind = cell.get("cell_type")
    return {
        "cell_type": KINDS.get(kind, "raw") if isinstance(kind, str) else "raw",
        "source": _printable(source),
        "id": cell.get("id") if isinstance(cell.get("id"), str) else None,
        "grade_id": grade_id if isinstance(grade_id, str) else None,
        "attachments": _pictures(cell.get("attachments")),
    }


def _dict(value: Any) -> dict[str, Any]:
    """What should be an object of JSON; an empty one where it is anything else."""
    return value if isinstance(value, dict) else {}


def _printable(text: str) -> str:
    """Text with plain line ends, and without what no file or database takes (NUL, lone surrogates) and nobody sees
    (byte order marks, which editors put between words and Python refuses)."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").replace("\ufeff", "")
    return text.encode("utf-8", "replace").decode("utf-8")


def _pictures(attachments: Any) -> dict[str, dict[str, str]]:
    """The pictures that are pasted into a text cell: name → type → base64. Anything else is left out."""
    kept: dict[str, dict[str, str]] = {}
    size = 0
    for name, forms in attachments.items() if isinstance(attachments, dict) else ():
        for kind, content in forms.items() if isinstance(forms, dict) else ():
            if kind in PICTURES and isinstance(content, str) and re.fullmatch(r"[A-Za-z0-9+/=\s]*", content):
                size += len(content)
                if size <= LARGEST_PICTURES:
                    kept[_printable(name)] = {kind: content}
    return kept
