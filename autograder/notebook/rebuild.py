"""From the student's file to a clean notebook: the instructor's cells, the student's text, and every repair said.

The graded notebook is the instructor's own. Only two things are taken from the student: the text of the cells that are
theirs to write, found by grade id, and the extra cells they added, without tags or metadata, in their place. What a
student did to the metadata, the order, the types or the tests therefore changes nothing.
"""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader import utils
from nbgrader.preprocessors import ClearSolutions, ComputeChecksums, IncludeHeaderFooter, LockCells

from autograder import budget
from autograder.notebook.reading import LARGEST_FILE, Unreadable, read_notebook
from autograder.notebook.syntax import LONGEST_PARSED, parsed

if TYPE_CHECKING:
    from traitlets.config import Config

__all__ = ["LARGEST_FILE", "Rebuilt", "Unreadable", "read_notebook", "rebuild"]

HIDDEN_BEGIN, HIDDEN_END = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"


@dataclass
class Rebuilt:
    """A notebook ready to run, and what had to be put right."""

    notebook: nbformat.NotebookNode
    repairs: list[str] = field(default_factory=list)


# The instructor's side.


def master_notebook(source: nbformat.NotebookNode, config: "Config | None" = None) -> nbformat.NotebookNode:
    """The instructor's notebook with the solutions cleared and the hidden tests kept, as a submission is put into it.

    source: the notebook of source/, as read; it is not changed. config: nbgrader's, for delimiters and stubs.
    """
    notebook = nbformat.from_dict(source)
    resources: dict[str, Any] = {"nbgrader": {}}
    for preprocessor in (IncludeHeaderFooter, LockCells, ClearSolutions, ComputeChecksums):
        notebook, _ = preprocessor(config=config).preprocess(notebook, resources)
    for number, cell in enumerate(notebook.cells):
        cell.setdefault("id", f"instructors-{number + 1}")  # notebooks before format 4.5 have none
    return notebook


def answered_master(source: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The instructor's own notebook, solutions and all: what the key is made from."""
    notebook = nbformat.from_dict(source)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def grade_id(cell: nbformat.NotebookNode) -> str | None:
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def is_students(cell: nbformat.NotebookNode) -> bool:
    """Whether the cell's text is the student's to write."""
    return utils.is_solution(cell)


def split_hidden(source: str) -> tuple[str, str]:
    """A cell's text in two: what students see, and the lines of its hidden regions."""
    seen: list[str] = []
    hidden: list[str] = []
    inside = False
    for line in source.split("\n"):
        if HIDDEN_BEGIN in line:
            inside = True
        elif HIDDEN_END in line:
            inside = False
        else:
            (hidden if inside else seen).append(line)
    return "\n".join(seen), "\n".join(hidden)


def without_hidden(source: str) -> str:
    """A cell's text without its hidden regions, as students see it."""
    return split_hidden(source)[0]


def has_hidden(source: str) -> bool:
    return HIDDEN_BEGIN in source


# Rebuilding.


def rebuild(submitted: nbformat.NotebookNode, master: nbformat.NotebookNode) -> Rebuilt:
    """Put the student's text into the instructor's notebook. Raises Unreadable when nothing in it belongs there.

    submitted: what read_notebook returned. master: what master_notebook returned; it is not changed.
    """
    try:
        with budget.spend("reading"):
            return _rebuild(submitted, master)
    except budget.UsedUp as error:
        raise Unreadable(str(error)) from None


def _rebuild(submitted: nbformat.NotebookNode, master: nbformat.NotebookNode) -> Rebuilt:
    theirs = submitted.cells
    ours = [nbformat.from_dict(cell) for cell in master.cells]
    matching = _Matching(theirs, ours, list(submitted.get("repairs", [])))
    if not any(_counts(ours[number]) for number in matching.pairs):
        raise Unreadable("none of this assignment's cells is in it, so it seems to be another notebook")
    for number, cell in enumerate(ours):
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if number in matching.pairs:
            if is_students(cell) or grade_id(cell) is None:
                cell.source = matching.text(number)
                _keep_pictures(cell, theirs[matching.pairs[number]])
        elif is_students(cell) or utils.is_grade(cell):
            _put_back(cell, number, matching)
    extras = _extra_cells(matching, master.cells)
    cells = list(extras.get(-1, []))
    for number, cell in enumerate(ours):
        cells += [cell, *extras.get(number, [])]
    _say_what_was_moved(matching)
    metadata = {key: master.metadata[key] for key in ("kernelspec", "language_info") if key in master.metadata}
    return Rebuilt(nbformat.v4.new_notebook(cells=cells, metadata=metadata), matching.repairs)


def _counts(cell: nbformat.NotebookNode) -> bool:
    """Whether a cell of ours is there to be answered or marked."""
    return is_students(cell) or utils.is_grade(cell) or utils.is_task(cell)


def _put_back(cell: nbformat.NotebookNode, number: int, matching: "_Matching") -> None:
    """A cell of ours that the student's notebook lacks. Its function may stand in another cell, joined with its own."""
    name = grade_id(cell)
    position = matching.where_defined(cell) if is_students(cell) else None
    if position is None:
        matching.repairs.append(f"The cell “{name}” was missing; it was put back as it was handed out.")
        return
    holder = matching.ours[matching.partner_of[position]]
    if is_students(holder) and matching.partner_of[position] < number:
        cell.source = f"# {name} was handed in together with {grade_id(holder)}, in the cell above."
    else:  # it stands further down, or in a cell whose text is ours: here is where it is needed
        cell.source = matching.theirs[position].source
    matching.repairs.append(f"The cell “{name}” was missing; its text was found in the cell “{grade_id(holder)}”.")


def _keep_pictures(ours: nbformat.NotebookNode, theirs: nbformat.NotebookNode) -> None:
    if ours.cell_type == "markdown":
        ours.pop("attachments", None)
        if theirs.get("attachments"):
            ours["attachments"] = theirs.attachments


def _extra_cells(
    matching: "_Matching", handed_out: list[nbformat.NotebookNode]
) -> dict[int, list[nbformat.NotebookNode]]:
    """What the student added: position of ours (-1: before the first) → the cells that follow it."""
    extras: dict[int, list[nbformat.NotebookNode]] = {}
    anchor, kept = -1, 0
    nothing_new = {"", *(without_hidden(cell.source).strip() for cell in handed_out)}  # a copy has nothing of theirs
    for position, cell in enumerate(matching.theirs):
        budget.check()
        if position in matching.partner_of:
            anchor = matching.partner_of[position]
        elif position in matching.used:
            continue
        elif cell.cell_type in ("code", "markdown") and cell.source.strip() not in nothing_new:
            kept += 1
            make = new_code_cell if cell.cell_type == "code" else new_markdown_cell
            extra = make(cell.source, id=f"extra-{kept}")
            _keep_pictures(extra, cell)
            extras.setdefault(anchor, []).append(extra)
    return extras


class _Matching:
    """Which cell of the student's stands for which of ours: by label, id, what it defines, its text, or its place.

    pairs: position of ours → position of theirs; ours without a partner are left out. partner_of: the reverse.
    used: the positions of theirs that need no further place. repairs: what is to be said.
    """

    def __init__(
        self, theirs: list[nbformat.NotebookNode], ours: list[nbformat.NotebookNode], repairs: list[str]
    ) -> None:
        self.theirs, self.ours, self.repairs = theirs, ours, repairs
        self.pairs: dict[int, int] = {}
        self.used: set[int] = set()
        self.joined: dict[int, str] = {}  # position of ours → the text of several of theirs
        self.defines: dict[int, set[str]] = {}  # cache: position of theirs → the functions that it defines
        self.labels = {grade_id(cell) for cell in ours}
        self.lost: dict[str, list[str]] = {}  # how cells were found that had lost their label → their names
        for step in (self._by_label, self._by_id, self._by_definition, self._by_text, self._by_neighbours):
            for number, cell in enumerate(ours):
                if number not in self.pairs:
                    step(number, cell)
        self._say_what_was_lost()
        self.partner_of = {position: number for number, position in self.pairs.items()}
        for number in sorted(self.pairs):
            self._join_what_was_split(number)

    def text(self, number: int) -> str:
        """What the student wrote into our cell `number`."""
        return self.joined.get(number, self.theirs[self.pairs[number]].source)

    def where_defined(self, cell: nbformat.NotebookNode) -> int | None:
        """The position of a paired cell that defines the function which our cell is for, or None."""
        names = _defined(cell.source)
        return next((p for p in sorted(self.partner_of) if names and names <= self._defined_at(p)), None)

    def _defined_at(self, position: int) -> set[str]:
        if position not in self.defines:
            self.defines[position] = _defined(self.theirs[position].source)
        return self.defines[position]

    def _pair(self, number: int, position: int, how: str = "") -> None:
        self.pairs[number] = position
        self.used.add(position)
        cell, other, name = self.ours[number], self.theirs[position], grade_id(self.ours[number])
        if name is None:
            return
        if how:
            self.lost.setdefault(how, []).append(name)
        if other.cell_type != cell.cell_type:
            self.repairs.append(f"The cell “{name}” had become {other.cell_type}; it was changed back.")
        elif cell.cell_type == "code" and not is_students(cell) and _changed(other, cell):
            self.repairs.append(f"The cell “{name}” is not yours to change; the instructor's text was used.")

    def _say_what_was_lost(self) -> None:
        for how, names in self.lost.items():
            which = ", ".join(f"“{name}”" for name in names)
            self.repairs.append(f"Labels were lost; these cells were found by {how}: {which}.")

    def _free(self, wanted: Callable[[nbformat.NotebookNode], bool]) -> list[int]:
        """The free positions of theirs with this property, in order."""
        return [p for p, other in enumerate(self.theirs) if p not in self.used and wanted(other)]

    def _by_label(self, number: int, cell: nbformat.NotebookNode) -> None:
        name = grade_id(cell)
        positions = self._free(lambda other: other.grade_id == name) if name is not None else []
        if not positions:
            return
        self._pair(number, _the_one_with_work(positions, self.theirs, cell))
        if len(positions) > 1:
            what = "copies of it change nothing"
            if is_students(cell):
                what = "the first that was worked on counts as it, the others run as extra cells"
                if self._join_pieces(number, positions):
                    what = "they were parts of one, and were joined"
            self.repairs.append(f"The cell “{name}” was there {len(positions)} times; {what}.")

    def _by_id(self, number: int, cell: nbformat.NotebookNode) -> None:
        positions = self._free(lambda other: other.id == cell.id and other.grade_id not in self.labels - {None})
        positions.sort(key=lambda p: self.theirs[p].cell_type != cell.cell_type)
        if positions and (grade_id(cell) is not None or self.theirs[positions[0]].cell_type == cell.cell_type):
            self._pair(number, positions[0], "their ids")

    def _by_definition(self, number: int, cell: nbformat.NotebookNode) -> None:
        names = _defined(cell.source) if is_students(cell) and cell.cell_type == "code" else set()
        positions = [p for p in self._free(lambda other: True) if names & self._defined_at(p)] if names else []
        if positions:
            self._pair(number, positions[0], "what they define")

    def _by_text(self, number: int, cell: nbformat.NotebookNode) -> None:
        wanted = (cell.cell_type, without_hidden(cell.source))
        positions = self._free(lambda other: (other.cell_type, other.source) == wanted)
        if positions and not is_students(cell):
            self._pair(number, positions[0], "their text")

    def _by_neighbours(self, number: int, cell: nbformat.NotebookNode) -> None:
        """A written answer without a label: the only unlabelled text between the same neighbours."""
        if not is_students(cell) or cell.cell_type != "markdown":
            return
        if not any(_counts(self.ours[other]) for other in self.pairs):
            return  # nothing here belongs to the assignment: one text cell more proves nothing
        before = max((self.pairs[n] for n in range(number) if n in self.pairs), default=-1)
        after = min((self.pairs[n] for n in range(number + 1, len(self.ours)) if n in self.pairs), default=None)
        between = [p for p in self._free(lambda other: other.cell_type == "markdown") if p > before]
        between = [p for p in between if after is None or p < after]
        if len(between) == 1:
            self._pair(number, between[0], "their place")

    def _join_what_was_split(self, number: int) -> None:
        """A function that was cut in two, the second part without a label: it is no Python by itself."""
        cell, position = self.ours[number], self.pairs[number]
        if not is_students(cell) or cell.cell_type != "code" or number in self.joined:
            return
        pieces = [position]
        while pieces[-1] + 1 < len(self.theirs):
            following = pieces[-1] + 1
            other = self.theirs[following]
            if following in self.used or other.cell_type != "code" or not other.source[:1].isspace():
                break
            pieces.append(following)
        if len(pieces) > 1 and self._join_pieces(number, pieces):
            self.repairs.append(f"The cell “{grade_id(cell)}” had been split; its parts were joined.")

    def _join_pieces(self, number: int, positions: list[int]) -> bool:
        """Join cells that are proper Python only together. Returns whether they were."""
        sources = [self.theirs[p].source for p in positions]
        joined = "\n".join(sources)
        if self.ours[number].cell_type != "code" or _is_python(joined) is False or all(map(_is_python, sources)):
            return False
        self.joined[number] = joined
        self.used.update(positions)
        return True


def _the_one_with_work(positions: list[int], theirs: list[nbformat.NotebookNode], cell: nbformat.NotebookNode) -> int:
    """Of several cells with one grade id, the first that is not as it was handed out."""
    for position in positions:
        if theirs[position].source.strip() and theirs[position].source != cell.source:
            return position
    return positions[0]


def _is_python(source: str) -> bool:
    return _tree(source) is not None


def _tree(source: str) -> ast.Module | None:
    """A cell's syntax tree; None if it is no proper Python."""
    budget.check()
    return parsed(source) if len(source) <= LONGEST_PARSED else None


def _defined(source: str) -> set[str]:
    """The names of the functions that a cell defines at its top level, also where other lines of it are no Python."""
    if "def " not in source:
        return set()
    tree = _tree(source)
    if tree is None:
        return set(re.findall(r"^(?:async )?def (\w+)", source, re.MULTILINE))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def _changed(theirs: nbformat.NotebookNode, ours: nbformat.NotebookNode) -> bool:
    """Whether more than blanks differ from what was handed out."""
    return "".join(theirs.source.split()) != "".join(without_hidden(ours.source).split())


def _say_what_was_moved(matching: _Matching) -> None:
    pairs = matching.pairs
    places = [pairs[number] for number in sorted(pairs) if grade_id(matching.ours[number]) is not None]
    if places != sorted(places):
        matching.repairs.append("Cells had changed places; they were run in the order in which they were handed out.")
