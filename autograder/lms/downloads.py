"""What a learning platform lets you download, into submitted/: two plugins for `nbgrader zip_collect`.

    downloaded/03_backprop/archive/     put Canvas', Moodle's or any other zip here, or its unpacked content
    nbgrader zip_collect 03_backprop

SafeExtractor opens archives that strangers filled (lms/unpacking.py). DownloadCollector finds out whose file each one is,
and of several takes the latest.

Who handed something in, and when, is said by the platform alone: by the outermost folder or file name of a download. What
lies further in was named by a student, and says nothing, whatever it looks like. Names that contradict each other are
refused, each by its name.

Known names (Canvas: lib/content_zipper.rb; Moodle: mod/assign/classes/downloader.php):
  Canvas   lovelaceada_LATE_12345_67890_03_backprop-1.ipynb
  Moodle   Ada Lovelace_12345_assignsubmission_file_/03_backprop.ipynb, or flat, with file_ before the file's name
  folders  ada/03_backprop.ipynb, submitted/ada/03_backprop/03_backprop.ipynb, ada_03_backprop.ipynb
"""

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from pathlib import Path, PurePosixPath

from dateutil import tz
from dateutil.parser import ParserError, parse
from nbgrader.plugins import FileNameCollectorPlugin
from traitlets import Unicode

from autograder.course.added import COUNTED, COUNTED_BY_CANVAS, copy_number, ever_shorter
from autograder.course.settings import FROM_THE_EXCHANGE, CourseLab
from autograder.lms import columns
from autograder.lms.class_list import BadRoster, Person, Roster, letters
from autograder.lms.unpacking import SafeExtractor, megabytes, plain_name, without_unseen
from autograder.notebook.reading import LARGEST_FILE
from autograder.visible import visible

__all__ = ["DownloadCollector", "SafeExtractor", "meant_notebook", "safe_id"]

CANVAS = re.compile(
    r"(?P<name>(?=.*?[^\W\d_]).*?)(?:_(?P<late>late))?_(?P<number>\d+)_(?P<upload>\d+)_(?P<file>.+)", re.I | re.S
)
CANVAS_ANONYMOUS = re.compile(r"(?:(?P<late>late)_)?anon_(?P<number>[^\W_]+)_(?P<upload>\d+)_(?P<file>.+)", re.I | re.S)
MOODLE = re.compile(r"_(?P<number>\d+)_assignsubmission_file(?=_|$)", re.I)  # a folder of Moodle 4 has no last _
ONLINE_TEXT = re.compile(r"_assignsubmission_onlinetext(_|/|$)", re.I)


class NamedBy(StrEnum):
    """Who gave the name that says whose a folder or file is."""

    CANVAS = "canvas"
    MOODLE = "moodle"
    ID = "id"  # a person, who wrote the course's own id


Key = tuple[NamedBy, str]  # who gave the name, and what in it stands for one person alone


@dataclass(frozen=True)
class Owner:
    """Who an outermost folder or file name of a download says it is from."""

    student: str  # the course's id
    key: Key
    sure: bool  # by number or id (rather than by a name that somebody else may bear)
    upload: int = 0  # later uploads have greater numbers; 0 where nobody says
    late: bool = False
    file: str = ""  # a file's name without what the platform put before it; "" for a folder

    @property
    def named_by(self) -> NamedBy:
        return self.key[0]


Owned = tuple[Owner, Path, str | None]  # whose it is, where it lies, and the download that it came out of
Order = tuple[int, tuple[int, float], int, str]  # later ones are greater


@dataclass(frozen=True)
class _Reading:
    """One way to read a platform's name."""

    named_by: NamedBy
    number: str
    who: str
    person: Person | None  # whom the number means in the roster
    namesake: Person | None  # whom the name means there
    file: str
    upload: int = 0
    late: bool = False


class Contradiction(Exception):
    """A name says two things at once; the message says which."""


class DownloadCollector(FileNameCollectorPlugin):
    """Recognises Canvas', Moodle's and plain folders' names. Students are found in the roster (autograder.lms.class_list)."""

    timezone = Unicode(
        "",
        help="Where the roster's “Last modified (submission)” is meant, as Europe/Vienna: sets when work was handed in.",
    ).tag(config=True)

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """Whose the file is and what it is called, or None for one that is not taken."""
        if not hasattr(self, "_chosen"):
            self._chosen = self._choose()
        return self._chosen.get(os.path.abspath(submitted_file))

    def _choose(self) -> dict[str, dict[str, str]]:
        """Look at the whole download at once: path → nbgrader's dictionary, for every file that is taken."""
        app = self.parent
        self.base = Path(os.path.abspath(app._format_collect_path(app.extracted_directory)))
        self.archive = Path(os.path.abspath(app._format_collect_path(app.archive_directory)))
        self.assignment = app.coursedir.assignment_id
        try:
            self.roster = Roster(parent=self).read(app.coursedir.root)
        except BadRoster as error:
            app.fail(str(error))
        self._zone = tz.gettz(self.timezone) if self.timezone else None
        if self.timezone and self._zone is None:
            app.fail(
                f"c.DownloadCollector.timezone: there is no time zone {self.timezone!r}; write it as Europe/Vienna"
            )
        source = Path(app.coursedir.format_path(app.coursedir.source_directory, ".", self.assignment))
        self.notebooks = sorted(path.stem for path in source.glob("*.ipynb")) or [self.assignment]
        self.kinds = [*CourseLab(parent=self).companions, "*.ipynb"]
        self.known = {person.student_id for person in self.roster.people}
        self.ids = set(map(safe_id, self.known))
        self.times = {plain_name(path.name): path.stat().st_mtime for path in sorted(self.archive.glob("*"))}
        try:
            owned = list(self._owned(self.base, download=None))
        except Contradiction as error:
            app.fail(str(error))
        owned = self._without_contradictions(owned)
        found: dict[tuple[str, str], list[tuple[Order, Path]]] = {}
        late: set[str] = set()
        strangers: set[str] = set()
        for owner, path, download in owned:
            if owner.student not in self.ids and owner.named_by != NamedBy.ID:
                strangers.add(owner.student)
            for taken in self._files(path):
                name = self._file_id(owner.file if taken == path and owner.file else taken.name)
                if self._is_from_the_exchange(owner, taken, name):
                    continue
                order = (owner.upload, self._order_of(download), copy_number(taken.stem), str(taken))
                found.setdefault((owner.student, name), []).append((order, taken))
                late |= {owner.student} if owner.late else set()
        self._say(strangers, late)
        return {str(path): taken for key, uploads in found.items() for path, taken in self._latest(key, uploads)}

    def _latest(self, key: tuple[str, str], uploads: list[tuple[Order, Path]]) -> Iterator[tuple[Path, dict[str, str]]]:
        student, file_id = key
        uploads.sort()
        for _, path in uploads[:-1]:
            self.log.warning(
                "%s: %s is an earlier one of %d; it was left out", *map(visible, (student, path.name)), len(uploads)
            )
        taken = {"student_id": student, "file_id": file_id}
        if (when := self._handed_in(student)) is not None:
            taken["timestamp"] = when
        yield uploads[-1][1], taken

    def _order_of(self, download: str | None) -> tuple[int, float]:
        """Where a download stands among several: browsers count those of one name, and the others have a time."""
        if download is None:
            return (0, 0)
        return (copy_number(PurePosixPath(download).stem, canvas=False), self.times.get(download, 0))

    # Which files are taken.

    def _files(self, path: Path) -> Iterator[Path]:
        """The files at `path` or below it that are taken along. What is left out is said."""
        for each in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if not each.is_file():
                continue
            shown = visible(each.relative_to(self.base))
            if not any(PurePosixPath(each.name).match(kind) for kind in self.kinds):
                if not ONLINE_TEXT.search(shown):
                    self.log.info("%s was left out: files of this kind are not taken along", shown)
            elif each.stat().st_size > LARGEST_FILE:
                self.log.warning("%s was left out: it is larger than %s", shown, megabytes(LARGEST_FILE))
            else:
                yield each

    def _file_id(self, name: str) -> str:
        """The name that the file gets: the assignment's notebook's, where it is meant."""
        stem, ending = os.path.splitext(name)
        if ending.lower() != ".ipynb":
            return name
        meant = meant_notebook(stem, self.notebooks)
        return f"{meant}.ipynb" if meant else name

    def _is_from_the_exchange(self, owner: Owner, path: Path, name: str) -> bool:
        """Whether a student's file has a name by which nbgrader's exchange says when and by whom work was handed in."""
        if unicodedata.normalize("NFKC", name).casefold().strip() not in FROM_THE_EXCHANGE:
            return False
        self.log.warning(
            "%s: %s was left out: when and by whom work was handed in is said by the platform alone",
            *map(visible, (owner.student, path.relative_to(self.base))),
        )
        return True

    # Whose they are.

    def _owned(self, folder: Path, download: str | None) -> Iterator[Owned]:
        """Everything at the outermost place that says who; what says nobody's name is said.

        download: the name of the archive (in archive/) that `folder` came out of, or None for what lay there unpacked.
        """
        entries = [path for path in sorted(folder.iterdir()) if path.is_file() or any(path.rglob("*"))]
        for path in entries:
            try:
                owner = self._owner(path)
            except Contradiction as error:
                self._leave_out(path, str(error))
                continue
            wraps = path.is_dir() and self._only_wraps(path, owner, alone=sum(each.is_dir() for each in entries) == 1)
            if wraps:
                at_the_top = folder == self.base and path.name.lower().endswith(".zip")
                yield from self._owned(path, path.name if at_the_top else download)
            elif owner is None:
                self._leave_out(
                    path, "neither a folder nor its name says whose it is. Put it into a folder with the student's id"
                )
            else:
                yield owner, path, download

    def _only_wraps(self, path: Path, owner: Owner | None, alone: bool) -> bool:
        """Whether a folder only holds those that say who: the download's own, one with the assignment's name, or one
        around the whole class that the roster does not know. Raises Contradiction where that cannot be told."""
        if path.name in (self.assignment, "submitted", "archive"):
            return True
        if owner is None:
            return path.name.lower().endswith(".zip") and path.parent == self.base
        if not alone or owner.named_by != NamedBy.ID or owner.student in self.ids:
            return False
        inside = [each for each in sorted(path.iterdir()) if each.is_dir()]
        platforms = [each for each in inside if self._readings(each.name)]
        if not platforms and not self._hold_the_same(inside):
            return False
        if self.roster and all(each in platforms or each.name in self.known for each in inside):
            return True
        raise Contradiction(
            f"Nothing was collected: the only folder is {visible(path.name)}, and it cannot be told whether that is one "
            f"student with folders, or a folder around several students ({', '.join(visible(e.name) for e in inside[:3])}"
            f"{', …' if len(inside) > 3 else ''}). Put the zip into {self.archive} as the platform gave it, or the folders "
            f"of the students themselves; or a class list beside nbgrader_config.py ({visible(self.roster.path.name)})."
        )

    def _hold_the_same(self, folders: list[Path]) -> bool:
        """Whether two of these folders hold the same notebook of the assignment."""
        held: Counter[str | None] = Counter()
        for folder in folders:
            held.update({meant_notebook(path.stem, self.notebooks) for path in folder.rglob("*.ipynb")} - {None})
        return max(held.values(), default=0) > 1

    def _owner(self, path: Path) -> Owner | None:
        """Who a name at the outermost place says it is from, or None. Raises Contradiction for a name that says two."""
        name, is_file = unicodedata.normalize("NFC", path.name), path.is_file()
        if readings := self._readings(name):
            return self._by_platform(is_file, readings)
        if is_file:
            return self._by_file_name(name)
        bare, ending = (name[:-4], name[-4:]) if name.lower().endswith(".zip") else (name, "")
        if ending and path.parent == self.base and bare not in self.known:
            return None  # a download as it came
        return self._by_id(bare)

    def _by_id(self, student: str, file: str = "") -> Owner:
        return Owner(safe_id(student), (NamedBy.ID, student), sure=student in self.known or not self.roster, file=file)

    def _by_file_name(self, name: str) -> Owner | None:
        """A notebook that lies there by itself, with its student's id before the assignment's name."""
        stem, ending = os.path.splitext(name)
        for notebook in self.notebooks:
            found = re.fullmatch(rf"(.+?)[ _-]+{re.escape(notebook)}(?:{COUNTED}|{COUNTED_BY_CANVAS})?", stem)
            if found:
                return self._by_id(found[1], file=f"{notebook}{ending}")
        return self._by_id(stem, file=f"{self.notebooks[0]}{ending}") if stem in self.known else None

    def _readings(self, name: str) -> list[_Reading]:
        """Every way to read a name as a platform's. Platforms put who it is before what the student chose; a file's own
        name, or a person's, may be made to look like that once more."""
        found = CANVAS_ANONYMOUS.fullmatch(name) or CANVAS.fullmatch(name)
        moodle = list(MOODLE.finditer(name))
        readings = []
        if found and (not moodle or MOODLE.search(found["file"])):
            number, anonymous = found["number"], found.re is CANVAS_ANONYMOUS
            person = None if anonymous else self.roster.by_canvas_number(number)
            namesake = None if anonymous else self.roster.by_name(found["name"])
            who = f"anon_{number}" if anonymous else f"{found['name']}_{number}"
            more = (found["file"], int(found["upload"]), bool(found["late"]))
            readings.append(_Reading(NamedBy.CANVAS, number, who, person, namesake, *more))
        for each in moodle:
            who, number, file = name[: each.start()], each["number"], name[each.end() + 1 :]
            person, namesake = self.roster.by_moodle_number(number), self.roster.by_name(who)
            readings.append(_Reading(NamedBy.MOODLE, number, f"{who}_{number}", person, namesake, file))
        return readings

    def _by_platform(self, is_file: bool, readings: list[_Reading]) -> Owner:
        """The owner that a platform's name says. Raises Contradiction where it can be read in two ways, or where number and
        name are those of two people."""
        if len(readings) > 1:
            raise Contradiction(
                "it can be read as the name of more than one person. Put it into a folder with the student's id"
            )
        (read,) = readings
        if read.person is not None and read.namesake is not None and read.person is not read.namesake:
            raise Contradiction(
                f"its number is that of {visible(read.person.student_id)} in {visible(self.roster.path.name)}, and its name "
                f"that of {visible(read.namesake.student_id)}. Put the class list of this assignment there, or the work into "
                "a folder with the student's id"
            )
        person = read.person or read.namesake
        student = safe_id(read.who if person is None else person.student_id)
        sure = read.person is not None or read.namesake is None
        file = read.file if is_file else ""
        return Owner(student, (read.named_by, read.number), sure, read.upload, read.late, file)

    def _without_contradictions(self, owned: list[Owned]) -> list[Owned]:
        """Leave out work where two names of the download lead to one student: nobody's work may stand for another's.

        Where a number or an id says for sure whose one of the two is, that one stays.
        """
        alike: dict[str, set[tuple[str, Key, bool]]] = {}
        for owner, _, _ in owned:
            alike.setdefault(unicodedata.normalize("NFKC", owner.student).casefold(), set()).add(
                (owner.student, owner.key, owner.sure)
            )
        refused: set[tuple[str, Key]] = set()
        for group in alike.values():
            people = {student for student, _, _ in group}
            named_by = Counter(key[0] for _, key, _ in group)
            if len(people) == 1 and (
                max(named_by.values()) == 1 and all(sure for *_, sure in group) or len(group) == 1
            ):
                continue
            if people <= self.ids and len(people) == len(group):
                continue  # the class list itself has both
            sure = {(student, key) for student, key, sure in group if sure and (student in self.ids or not self.roster)}
            stays = sure if len(sure) == 1 and len(people & self.ids) == 1 else set()
            refused |= {(student, key) for student, key, _ in group} - stays
        for owner, path, _ in owned:
            if (owner.student, owner.key) in refused:
                self._leave_out(path, f"another name in the download means the same student, {visible(owner.student)}")
        return [each for each in owned if (each[0].student, each[0].key) not in refused]

    def _leave_out(self, path: Path, why: str) -> None:
        for each in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if each.is_file():
                self.log.warning("%s was left out: %s.", visible(each.relative_to(self.base)), why)

    def _say(self, strangers: set[str], late: set[str]) -> None:
        if strangers and self.roster:
            self.log.warning(
                "%d not found in %s, collected under the platform's own names: %s",
                *(len(strangers), self.roster.path.name, ", ".join(map(visible, sorted(strangers)))),
            )
        elif strangers:
            self.log.warning(
                "There is no roster (%s), so students are called by the platform's own names, for instance %s",
                *(self.roster.path, visible(min(strangers))),
            )
        if late:
            self.log.warning("Late, says Canvas (which gives no times): %s", ", ".join(map(visible, sorted(late))))

    def _handed_in(self, student: str) -> str | None:
        """When Moodle's worksheet says the work was handed in, in UTC, as nbgrader reads it; None where it cannot be told."""
        person = self.roster.by_id(student) if self.timezone else None
        said = person.cell(columns.HANDED_IN) if person else ""
        if said in ("", "-"):
            return None
        try:
            when = parse(said)
        except (ParserError, OverflowError):
            self.log.warning("%s: the time “%s” in the roster cannot be read", visible(student), visible(said))
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=self._zone)
        return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def safe_id(text: str) -> str:
    """A student's id as the name of a folder: composed letters that can be seen, no separators, never hidden."""
    text = without_unseen(re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)))
    text = re.sub(r"[\s/\\:*?\"<>|\x00-\x1f\x7f]+", "_", text.strip()).lstrip(".").rstrip(".")
    return text[:100] or "unnamed"


def meant_notebook(stem: str, notebooks: list[str]) -> str | None:
    """Which of these notebooks a file's name means, whatever platforms, browsers and people added to it; or None."""
    meant = (name for shorter in ever_shorter(stem) for name in notebooks if letters(name) == letters(shorter))
    return next(meant, None)
