"""Packs sample submissions as learning platforms let them be downloaded, with the class lists of examples/lms/.

    python examples/make_downloads.py FOLDER

writes FOLDER/canvas.zip, FOLDER/moodle.zip and FOLDER/folders.zip for 03_backprop.
"""

import csv
import io
import sys
import unicodedata
import zipfile
from pathlib import Path

COURSE = Path(__file__).resolve().parent.parent
SUBMITTED = COURSE / "examples" / "submitted"
LISTS = COURSE / "examples" / "lms"
ASSIGNMENT = "03_backprop"


def canvas(path):
    """As Canvas' "Download submissions": one flat folder, who and which upload in each file's name."""
    late, renamed = {"factor-two-missing"}, {"raises": "03_backprop (1)", "no-hidden-slope": "03_backprop-1"}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, row in enumerate(_rows("canvas-gradebook.csv"), start=1):
            student = row["SIS Login ID"]
            if not (work := _work(student)):
                continue
            name = "".join(letter for letter in row["Student"].lower() if letter.isalnum())
            who = f"{name}_LATE_{row['ID']}" if student in late else f"{name}_{row['ID']}"
            upload = 880000 + 10 * number
            if student == "deleted-cells":  # hands in a zip of a folder
                archive.writestr(f"{who}_{upload}_work.zip", _packed({f"my work/{ASSIGNMENT}.ipynb": work}))
                continue
            archive.writestr(f"{who}_{upload}_{renamed.get(student, ASSIGNMENT)}.ipynb", work)
            if student == "all-right":  # an older version beside it, and a file that the notebook reads
                archive.writestr(f"{who}_{upload - 5}_{ASSIGNMENT}.ipynb", "{}")
                archive.writestr(f"{who}_{upload + 1}_points.csv", "x,y\n1,2\n")


def moodle(path):
    """As Moodle's "Download all submissions" in folders: a folder for each participant."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for row in _rows("moodle-worksheet.csv"):
            student = row["Username"]
            if not (work := _work(student)):
                continue
            folder = f"{row['Full name']}_{row['Identifier'].split()[-1]}_assignsubmission_file_"
            archive.writestr(f"{folder}/{ASSIGNMENT}{' (2)' if student == 'raises' else ''}.ipynb", work)
            archive.writestr(f"{folder.replace('_file_', '_onlinetext_')}/onlinetext.html", "<p>Here it is.</p>")


def folders(path):
    """A plain folder for each student, packed on a Mac: decomposed letters, and the Mac's own files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for student in ("all-right", "no-hidden-slope"):
            archive.writestr(f"{student}/{ASSIGNMENT}.ipynb", _work(student))
            archive.writestr(f"__MACOSX/{student}/._{ASSIGNMENT}.ipynb", b"\0\5\x16\7")
        archive.writestr(f"{unicodedata.normalize('NFD', 'zoë')}/{ASSIGNMENT}.ipynb", _work("raises"))


def _rows(name):
    with open(LISTS / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _work(student):
    path = SUBMITTED / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    return path.read_bytes() if student and path.is_file() else None


def _packed(members):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else COURSE / "build" / "downloads")
    target.mkdir(parents=True, exist_ok=True)
    for pack in (canvas, moodle, folders):
        pack(target / f"{pack.__name__}.zip")
        print(target / f"{pack.__name__}.zip")
