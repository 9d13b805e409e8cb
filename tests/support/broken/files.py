"""Files that are no notebook, or hardly one, by their bytes alone."""

import io
import json
import re
import zipfile

from tests.support.broken.bank import GRADED, file, honest, honest_bytes


@file("it is text of another kind")
def not_json():
    """A sentence instead of a notebook."""
    return b"I will hand this in tomorrow."


@file("the file is empty")
def no_bytes():
    """A file of no length."""
    return b""


@file("the file is empty")
def only_blanks():
    """A file of blank lines."""
    return b"\n\n  \n"


@file("the file is empty")
def only_zeros():
    """A file of NUL bytes, as a disk leaves it that lost its power."""
    return bytes(4096)


@file("ends in the middle")
def truncated():
    """The first half of a notebook."""
    data = honest_bytes()
    return data[: len(data) // 2]


@file("after its end")
def saved_twice():
    """Two notebooks in one file, one after the other."""
    return honest_bytes() * 2


@file("JSON of another kind")
def a_list():
    """JSON, but a list."""
    return b'[{"cells": []}]'


@file("text of another kind|JSON of another kind")
def a_number():
    """JSON, but a number."""
    return b"42"


@file("text of another kind|JSON of another kind")
def a_text():
    """JSON, but a text."""
    return b'"my notebook"'


@file("text of another kind|JSON of another kind")
def null():
    """JSON, but null."""
    return b"null"


@file("brackets in brackets")
def nested_too_deep():
    """A recursion bomb: a hundred thousand brackets in each other."""
    return b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@file("brackets in brackets")
def metadata_nested_too_deep():
    """A sound notebook whose metadata is a recursion bomb."""
    return b'{"x": ' + b"[" * 50_000 + b"]" * 50_000 + b", " + honest_bytes().lstrip()[1:]


@file("million parts")
def too_many_parts():
    """Forty megabytes of empty lists, which would fill gigabytes of memory."""
    return b'{"cells": [' + b"[]," * 13_000_000 + b"[]]}"


@file(status=GRADED)
def large_numbers():
    """Numbers with 100,000 digits, NaN and Infinity in the metadata."""
    numbers = b'"a": ' + b"9" * 100_000 + b', "b": NaN, "c": -Infinity, "d": 1e999, '
    return b"{" + numbers + honest_bytes().lstrip()[1:]


@file(status=GRADED)
def duplicate_keys():
    """Two keys "cells": the last one counts, as in every reader of JSON."""
    return b'{"cells": [], ' + honest_bytes().lstrip()[1:]


@file(status=GRADED)
def byte_order_mark():
    """UTF-8 with the mark that Windows editors put first."""
    return b"\xef\xbb\xbf" + honest_bytes()


def _with_accents(encoding):
    content = honest()
    content["cells"][0]["source"] = "# Größe und Übung"
    return json.dumps(content, ensure_ascii=False).encode(encoding)


@file("UTF-16", status=GRADED)
def utf_16():
    """Saved in UTF-16 by a Windows editor."""
    return _with_accents("utf-16")


@file("UTF-32", status=GRADED)
def utf_32_without_mark():
    """Saved in UTF-32, without a mark that says so."""
    return _with_accents("utf-32-le")


@file("not in UTF-8", status=GRADED)
def latin_1():
    """Saved in Latin-1: the accents are no UTF-8."""
    data = re.sub(rb"[^\x00-\x7f]", b"?", honest_bytes())
    return data.replace(b"yours", "ÄÖÜ".encode("latin-1"))


@file("not in UTF-8", status=GRADED)
def one_bad_byte():
    """UTF-8 with one byte that is not."""
    return honest_bytes().replace(b"mean", b"me\xffan", 1)


@file(status=GRADED)
def windows_line_ends():
    """The file has CR LF at the end of each line."""
    return honest_bytes().replace(b"\n", b"\r\n")


@file(status=GRADED)
def raw_control_characters():
    """Tabs and bells stand raw in the JSON's texts."""
    return honest_bytes().replace(b"    error", b"\t error", 1).replace(b"return ", b"return \x0c", 1)


@file("marks of a merge conflict")
def merge_conflict():
    """Git could not merge two versions and left its marks in the file."""
    lines = honest_bytes().split(b"\n")
    lines[20:20] = [b"<<<<<<< HEAD", b'   "a",', b"=======", b'   "b",', b">>>>>>> mine"]
    return b"\n".join(lines)


@file("text of another kind")
def a_script():
    """A Python script under a notebook's name."""
    return b"import numpy as np\n\n\ndef squared_errors(target, prediction):\n    return (target - prediction) ** 2\n"


@file("web page")
def a_web_page():
    """The page of a file server, saved instead of the notebook."""
    return b"<!DOCTYPE html>\n<html><body>Please log in</body></html>"


@file("ZIP archive")
def an_archive():
    """A ZIP archive that holds the notebook, under a notebook's name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("01_mse.ipynb", honest_bytes())
    return packed.getvalue()


@file("a PDF")
def a_pdf():
    """A printed PDF under a notebook's name."""
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"


@file("text of another kind")
def noise():
    """Every byte there is."""
    return bytes(range(256)) * 20


@file(status=GRADED)
def widgets_of_30_MB():
    """Thirty megabytes of saved widgets."""
    content = honest()
    state = {f"w{number}": {"state": {"value": "x" * 100_000}} for number in range(300)}
    content["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": state}}
    return json.dumps(content).encode()


@file(status=GRADED)
def output_of_60_MB():
    """An output of sixty megabytes, which is dropped before anything is run."""
    content = honest()
    code = next(cell for cell in content["cells"] if cell["cell_type"] == "code")
    code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * (60 * 1024**2)}]
    return json.dumps(content).encode()
