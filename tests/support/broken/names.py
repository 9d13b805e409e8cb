"""Notebooks under other names, and students with odd ones."""

import os
import unicodedata

from tests.support.broken.bank import FAILED, GRADED, MISSING, NOTEBOOK, folder, honest_bytes, notebook


def _renamed(name, file_name, what):
    def make(path):
        (path / file_name).parent.mkdir(parents=True, exist_ok=True)
        (path / file_name).write_bytes(honest_bytes())

    make.__name__, make.__doc__ = name, what
    folder("it was taken as 01_mse.ipynb")(make)


_renamed("renamed_by_a_browser", "01_mse (1).ipynb", "Downloaded twice.")
_renamed("renamed_by_jupyter", "01_mse-Copy1.ipynb", "A copy made in JupyterLab.")
_renamed("renamed_in_upper_case", "01_MSE.IPYNB", "Upper case throughout.")
_renamed("renamed_with_a_name_before", "Ann_Lee_01_mse.ipynb", "The student's name first.")
_renamed("renamed_with_a_name_after", "01_mse_ann_final_v2.ipynb", "The student's name after it.")
_renamed("renamed_with_blanks", "01 mse.ipynb", "A blank instead of the underscore.")
_renamed("renamed_to_anything", "homework.ipynb", "Another name altogether, and no other notebook.")
_renamed("renamed_to_text", "01_mse.ipynb.txt", "A mail program or browser has added .txt.")
_renamed("renamed_to_json", "01_mse.json", "A browser has taken it for JSON.")
_renamed("in_a_subfolder", "my work/01_mse.ipynb", "In a folder within the folder.")
_renamed("of_full_width_letters", "０１＿ｍｓｅ.ipynb", "The same letters in another width.")
_renamed("with_a_newline_in_its_name", "01_mse\n(1).ipynb", "A file name of two lines.")
_renamed("with_an_escape_in_its_name", "01_mse\x1b[2J\x1b]0;owned\x07.ipynb", "A file name that clears a terminal.")
_renamed("turned_round", "01_mse\u202eipynb.exe\u2066.ipynb", "A file name that is read from right to left.")
_renamed("with_letters_of_no_width", "01\u200b_m\u2060se\ufeff.ipynb", "A file name with characters of no width.")


@folder("was also 01_mse \\(1\\).ipynb; it was left aside")
def two_candidates(path):
    """The right name and a copy beside it: the right name counts."""
    (path / NOTEBOOK).write_bytes(honest_bytes())
    (path / "01_mse (1).ipynb").write_bytes(b"not this one")


@folder("There were 2 notebooks; the newest, 01_mse \\(2\\).ipynb")
def two_copies(path):
    """Two copies, none with the right name: the newest counts."""
    (path / "01_mse (2).ipynb").write_bytes(honest_bytes())
    (path / "01_mse (1).ipynb").write_bytes(b"the older one")
    os.utime(path / "01_mse (1).ipynb", (1, 1))


@folder()
def checkpoints_beside_it(path):
    """JupyterLab's checkpoints and other hidden folders beside the notebook."""
    (path / ".ipynb_checkpoints").mkdir()
    (path / ".ipynb_checkpoints" / "01_mse-checkpoint.ipynb").write_bytes(b"old")
    (path / "__MACOSX").mkdir()
    (path / "__MACOSX" / "._01_mse.ipynb").write_bytes(b"\x00\x05\x16\x07")
    (path / ".DS_Store").write_bytes(b"\x00\x00\x00\x01Bud1")
    (path / NOTEBOOK).write_bytes(honest_bytes())


@folder("there is no 01_mse.ipynb", status=MISSING)
def only_a_checkpoint(path):
    """Nothing but an editor's checkpoint."""
    (path / ".ipynb_checkpoints").mkdir()
    (path / ".ipynb_checkpoints" / "01_mse-checkpoint.ipynb").write_bytes(honest_bytes())


@folder("there is no 01_mse.ipynb", status=MISSING)
def an_empty_folder(path):
    """A folder with nothing in it."""


@folder("01_mse.pdf is no notebook", status=FAILED)
def only_a_pdf(path):
    """A PDF with the assignment's name and no notebook."""
    (path / "01_mse.pdf").write_bytes(b"%PDF-1.4")


@folder(r"01_mse\\u202e\.pdf is no notebook", status=FAILED)
def only_a_pdf_that_is_turned_round(path):
    """A PDF whose name is read from right to left."""
    (path / "01_mse\u202e.pdf").write_bytes(b"%PDF-1.4")


@folder(r"The file a\\x1b\[31m\\u202e\.exe was left behind")
def left_behind_with_an_escape(path):
    """A file beside the notebook whose name colours a terminal and turns its line round."""
    (path / NOTEBOOK).write_bytes(honest_bytes())
    (path / "a\x1b[31m\u202e.exe").write_bytes(b"MZ")


@folder("was also 01_MSE.ipynb; it was left aside")
def two_that_differ_in_case(path):
    """The right name, and the same in capitals: on some systems they would be one file."""
    (path / NOTEBOOK).write_bytes(honest_bytes())
    (path / "01_MSE.ipynb").write_bytes(b"not this one")


@folder("01_mse.py is no notebook", status=FAILED)
def only_a_script(path):
    """A script with the assignment's name and no notebook."""
    (path / "01_mse.py").write_text("x = 1\n")


def _timestamp(name, content, what, said=""):
    def make(path):
        (path / NOTEBOOK).write_bytes(honest_bytes())
        (path / "timestamp.txt").write_bytes(content)

    make.__name__, make.__doc__ = name, what
    folder(said)(make)


_timestamp("timestamp_in_the_future", b"9998-12-31 23:59:59 UTC", "Handed in at the end of time.")
_timestamp("timestamp_of_a_zone", b"2026-02-03 04:05:06.789 Europe/Berlin", "In words that nbgrader may know.", ".*")
_timestamp("timestamp_is_empty", b"", "An empty timestamp.", "holds no point in time")
_timestamp("timestamp_is_nonsense", b"yesterday, around \xff tea time", "No time at all.", "holds no point in time")
_timestamp(
    "timestamp_with_an_escape", b"\x1b[2J2026-02-03\xe2\x80\xae", "A time that clears a terminal.", "no point in time"
)
_timestamp("timestamp_is_huge", b"1" * 100_000, "A number without end.", "holds no point in time")

ODD_NAMES = {
    "blanks": " Ann  Lee ",
    "accents_composed": unicodedata.normalize("NFC", "Zoë Müller"),
    "accents_apart": unicodedata.normalize("NFD", "Zoë Müller"),
    "another_script": "学生-01 أحمد",
    "a_leading_dash": "--student=all",
    "dots": "a..b...",
    "a_formula": "=HYPERLINK(1)",
    "markup": "[red]x[bold] <b>&amp;",
    "patterns": "[a-z]*?",
    "braces": "{0} %s $HOME ~",
    "quotes": "o'neil \"; drop, table",
    "a_newline": "first\nsecond",
    "an_escape": "e\x1b[31mred",
    "a_title_for_the_terminal": "\x1b]0;owned\x07x",
    "a_line_turned_round": "ann\u202etxt.exe",
    "characters_of_no_width": "a\u200bn\u200d\u2060n",
    "a_byte_order_mark": "\ufeffann",
    "controls": "a\x08\x0b\x7f\x9bb",
    "a_carriage_return": "good\rbad",
    "tags": "x\U000e0041\U000e0042",
    "fillers": "\u3164\u115f\u2800",
    "a_formula_behind_a_semicolon": "ann;=HYPERLINK(1)",
    "a_full_width_formula": "＝1+1",
    "a_formula_behind_a_quotation_mark": 'ann|"@SUM(1)',
    "conversions": "50%s%n %(x)s %d",
    "all_the_length": "x" * 255,
}
for _name, _student in ODD_NAMES.items():

    def _make(content):
        return None

    _make.__name__, _make.__doc__ = f"student_with_{_name}", f"A student's folder called {_student[:30]!r}."
    notebook(student=_student)(_make)

__all__ = ["GRADED", "ODD_NAMES"]
