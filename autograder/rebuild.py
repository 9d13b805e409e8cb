"""From the student's file to a clean notebook: the instructor's cells, the student's text, and every repair said.

The graded notebook is the instructor's own. Only two things are taken from the student: the text of the cells that are
theirs to write, found by grade id, and the extra cells they added, without tags or metadata, in their place. What a
student did to the metadata, the order, the types or the tests therefore changes nothing.
"""

import ast
import json
from dataclasses import dataclass, field

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader import utils
from nbgrader.preprocessors import ClearSolutions, ComputeChecksums, IncludeHeaderFooter, LockCells

LARGEST_FILE = 20 * 1024**2  # bytes of a notebook that we read
MOST_CELLS = 1_000
HIDDEN_BEGIN, HIDDEN_END = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"


class Unreadable(ValueError):
    """The file is no notebook that can be graded; the message says why, in words for the student."""


@dataclass
class Rebuilt:
    """A notebook ready to run, and what had to be put right."""

    notebook: nbformat.NotebookNode
    repairs: list[str] = field(default_factory=list)


def read_notebook(data):
    """The notebook in a file's bytes, in format 4. Raises Unreadable."""
    if len(data) > LARGEST_FILE:
        raise Unreadable(
            f"the file is {len(data) / 1024**2:.0f} MB; more than {LARGEST_FILE // 1024**2} MB is not read"
        )
    if not data.strip():
        raise Unreadable("the file is empty")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("the file is not text in UTF-8, so it is not a notebook") from None
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"the file is not a notebook: it is no proper JSON ({_short(error)})") from None
    if not isinstance(content, dict):
        raise Unreadable("the file is not a notebook: it is JSON of another kind")
    try:
        major = content.get("nbformat", 4)
        if isinstance(major, int) and major < 4:
            content = nbformat.convert(nbformat.from_dict(content), 4)
        cells = content.get("cells")
        if not isinstance(cells, list):
            raise Unreadable("the notebook has no list of cells")
        return nbformat.from_dict({"cells": [_plain_cell(cell) for cell in cells[:MOST_CELLS]], "metadata": {}})
    except Unreadable:
        raise
    except Exception as error:  # an old notebook that nbformat cannot convert
        raise Unreadable(f"the notebook cannot be read ({_short(error)})") from None


def _plain_cell(cell):
    """Type, text, cell id and grade id of a cell: all that is ever looked at."""
    cell = cell if isinstance(cell, dict) else {}
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    metadata = cell.get("metadata") if isinstance(cell.get("metadata"), dict) else {}
    nbgrader = metadata.get("nbgrader") if isinstance(metadata.get("nbgrader"), dict) else {}
    grade_id = nbgrader.get("grade_id")
    kind = cell.get("cell_type")
    return {
        "cell_type": kind if kind in ("code", "markdown", "raw") else "raw",
        "source": _printable(source if isinstance(source, str) else ""),
        "id": cell.get("id") if isinstance(cell.get("id"), str) else None,
        "grade_id": grade_id if isinstance(grade_id, str) else None,
    }


def _printable(text):
    """Text without lone surrogates and NUL characters, which no file or database takes."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


# The instructor's side.


def master_notebook(source, config=None):
    """The instructor's notebook with the solutions cleared and the hidden tests kept, as a submission is put into it.

    source: the notebook of source/, as read; it is not changed. config: nbgrader's, for delimiters and stubs.
    """
    notebook = nbformat.from_dict(source)
    resources = {"nbgrader": {}}
    for preprocessor in (IncludeHeaderFooter, LockCells, ClearSolutions, ComputeChecksums):
        notebook, _ = preprocessor(config=config).preprocess(notebook, resources)
    for number, cell in enumerate(notebook.cells):
        cell.setdefault("id", f"instructors-{number + 1}")  # notebooks before format 4.5 have none
    return notebook


def answered_master(source):
    """The instructor's own notebook, solutions and all: what the key is made from."""
    notebook = nbformat.from_dict(source)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def is_students(cell):
    """Whether the cell's text is the student's to write."""
    return utils.is_solution(cell)


def split_hidden(source):
    """A cell's text in two: what students see, and the lines of its hidden regions."""
    seen, hidden, inside = [], [], False
    for line in source.split("\n"):
        if HIDDEN_BEGIN in line:
            inside = True
        elif HIDDEN_END in line:
            inside = False
        else:
            (hidden if inside else seen).append(line)
    return "\n".join(seen), "\n".join(hidden)


def without_hidden(source):
    """A cell's text without its hidden regions, as students see it."""
    return split_hidden(source)[0]


def has_hidden(source):
    return HIDDEN_BEGIN in source


# Rebuilding.


def rebuild(submitted, master):
    """Put the student's text into the instructor's notebook.

    submitted: what read_notebook returned. master: what master_notebook returned; it is not changed.
    """
    theirs = submitted.cells
    ours = [nbformat.from_dict(cell) for cell in master.cells]
    repairs = []
    match = _match(theirs, ours, repairs)  # position of ours → position of theirs
    taken = {position: number for number, position in match.items()}

    for number, cell in enumerate(ours):
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if number in match:
            if is_students(cell) or grade_id(cell) is None:
                cell.source = theirs[match[number]].source
        elif is_students(cell) or utils.is_grade(cell):
            repairs.append(f"The cell “{grade_id(cell)}” was missing; it was put back as it was handed out.")

    extras = {}  # position of ours (-1: before the first) → cells that follow it
    anchor = -1
    kept = 0
    for position, cell in enumerate(theirs):
        if position in taken:
            anchor = taken[position]
        elif cell.source.strip() and cell.cell_type in ("code", "markdown") and not _is_copy(cell, master.cells):
            kept += 1
            make = new_code_cell if cell.cell_type == "code" else new_markdown_cell
            extras.setdefault(anchor, []).append(make(cell.source, id=f"extra-{kept}"))
    cells = list(extras.get(-1, []))
    for number, cell in enumerate(ours):
        cells += [cell, *extras.get(number, [])]
    _say_what_was_moved(match, ours, repairs)
    metadata = {key: master.metadata[key] for key in ("kernelspec", "language_info") if key in master.metadata}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    return Rebuilt(notebook, repairs)


def _match(theirs, ours, repairs):
    """Which cell of the student's stands for which of ours. Ours without a partner are left out."""
    match, used = {}, set()

    def pair(number, position):
        match[number] = position
        used.add(position)

    by_grade_id = {}
    for position, cell in enumerate(theirs):
        if cell.grade_id is not None:
            by_grade_id.setdefault(cell.grade_id, []).append(position)
    by_id = {}
    for position, cell in enumerate(theirs):
        if cell.id is not None:
            by_id.setdefault(cell.id, position)

    for number, cell in enumerate(ours):
        positions = by_grade_id.get(grade_id(cell), []) if grade_id(cell) is not None else []
        if positions:
            pair(number, _the_one_with_work(positions, theirs, cell))
            if len(positions) > 1:
                what = "copies of it change nothing"
                if is_students(cell):
                    what = "the first that was worked on counts as it, the others run as extra cells"
                repairs.append(f"The cell “{grade_id(cell)}” was there {len(positions)} times; {what}.")
            if theirs[match[number]].cell_type != cell.cell_type:
                repairs.append(
                    f"The cell “{grade_id(cell)}” had become {theirs[match[number]].cell_type}; it was changed back."
                )
            elif cell.cell_type == "code" and not is_students(cell) and _changed(theirs[match[number]], cell):
                repairs.append(f"The cell “{grade_id(cell)}” is not yours to change; the instructor's text was used.")
    for number, cell in enumerate(ours):
        if number not in match:
            position = by_id.get(cell.id)
            if position is not None and position not in used and theirs[position].cell_type == cell.cell_type:
                pair(number, position)
                if grade_id(cell) is not None:
                    repairs.append(f"The cell “{grade_id(cell)}” had lost its label; it was found by its id.")
    for number, cell in enumerate(ours):
        if number in match:
            continue
        if is_students(cell) and cell.cell_type == "code":
            names = _defined(cell.source)
            for position, other in enumerate(theirs):
                if position not in used and other.cell_type == "code" and names & _defined(other.source):
                    pair(number, position)
                    repairs.append(f"The cell “{grade_id(cell)}” had lost its label; it was found by what it defines.")
                    break
        elif grade_id(cell) is None:
            for position, other in enumerate(theirs):
                if position not in used and (other.cell_type, other.source) == (cell.cell_type, cell.source):
                    pair(number, position)
                    break
    _match_by_neighbours(match, used, theirs, ours, repairs)
    return match


def _match_by_neighbours(match, used, theirs, ours, repairs):
    """A written answer without a label: the only unlabelled text between the same neighbours."""
    for number, cell in enumerate(ours):
        if number in match or not is_students(cell) or cell.cell_type != "markdown":
            continue
        before = max((match[n] for n in range(number) if n in match), default=-1)
        after = min((match[n] for n in range(number + 1, len(ours)) if n in match), default=len(theirs))
        between = [p for p in range(before + 1, after) if p not in used and theirs[p].cell_type == "markdown"]
        if len(between) == 1:
            match[number] = between[0]
            used.add(between[0])
            repairs.append(f"The cell “{grade_id(cell)}” had lost its label; it was found by its place.")


def _the_one_with_work(positions, theirs, cell):
    """Of several cells with one grade id, the first that is not as it was handed out."""
    for position in positions:
        if theirs[position].source.strip() and theirs[position].source != cell.source:
            return position
    return positions[0]


def _defined(source):
    """The names of the functions that a cell defines at its top level; none if it is no proper Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}


def _changed(theirs, ours):
    """Whether more than blanks differ from what was handed out."""
    return "".join(theirs.source.split()) != "".join(without_hidden(ours.source).split())


def _is_copy(cell, handed_out):
    """Whether the cell is word for word one that was handed out: a second copy of it carries nothing of theirs."""
    return any(cell.source.strip() == without_hidden(other.source).strip() for other in handed_out)


def _say_what_was_moved(match, ours, repairs):
    places = [match[number] for number in sorted(match) if grade_id(ours[number]) is not None]
    if places != sorted(places):
        repairs.append("Cells had changed places; they were run in the order in which they were handed out.")


def _short(error):
    return str(error).split("\n")[0][:160]
