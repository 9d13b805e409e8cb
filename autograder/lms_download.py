"""What a learning platform lets you download, into submitted/: two plugins for `nbgrader zip_collect`.

    downloaded/03_backprop/archive/     put Canvas', Moodle's or any other zip here, or its unpacked content
    nbgrader zip_collect 03_backprop

SafeExtractor opens archives that strangers filled: nothing lands outside its folder, no link is made, and what would
unpack to too much is refused. DownloadCollector finds out whose file each one is, and of several takes the latest.

Known names (Canvas: lib/content_zipper.rb; Moodle: mod/assign/classes/downloader.php):
  Canvas   lovelaceada_LATE_12345_67890_03_backprop-1.ipynb
  Moodle   Ada Lovelace_12345_assignsubmission_file_/03_backprop.ipynb, or flat, with file_ before the file's name
  folders  ada/03_backprop.ipynb, submitted/ada/03_backprop/03_backprop.ipynb, ada_03_backprop.ipynb
"""

import contextlib
import os
import re
import shutil
import stat
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path, PurePosixPath

from dateutil import tz
from dateutil.parser import ParserError, parse
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from traitlets import Dict, Int, Unicode

from autograder.course import CourseLab
from autograder.rebuild import LARGEST_FILE
from autograder.roster import BadRoster, Roster, letters

CANVAS = re.compile(
    r"(?P<name>(?=.*?[^\W\d_]).*?)(?:_(?P<late>late))?_(?P<number>\d+)_(?P<upload>\d+)_(?P<file>.+)", re.I | re.S
)
CANVAS_ANONYMOUS = re.compile(r"(?:(?P<late>late)_)?anon_(?P<number>[^\W_]+)_(?P<upload>\d+)_(?P<file>.+)", re.I | re.S)
MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_file_(?P<file>.*)", re.I | re.S)
ONLINE_TEXT = re.compile(r"_assignsubmission_onlinetext_", re.I)
OTHER_ARCHIVES = (".tar", ".gz", ".tgz", ".7z", ".rar", ".bz2", ".xz")
ADDED = re.compile(r"(\s*\(\d+\)|-\d+|[ _-]*(copy|kopie|copie)\d*|-checkpoint|[ _-]*(final|v\d+))$", re.I)  # to a name
LEFT_OUT = {"__MACOSX", ".DS_Store", "Thumbs.db", ".ipynb_checkpoints", "__pycache__"}
CHUNK = 1 << 20
LONGEST_NAME = 200  # bytes of one file name


class Refused(Exception):
    """An archive is not unpacked; the message says why."""


# Unpacking.


class SafeExtractor(ExtractorPlugin):
    """Unpacks what lies in archive/, zips inside zips too, without trusting any of it."""

    most_bytes = Int(4 * 1024**3, help="All files of one downloaded archive, unpacked.").tag(config=True)
    most_files = Int(50_000, help="Files in one downloaded archive.").tag(config=True)
    most_bytes_inside = Int(200 * 1024**2, help="All files of one archive inside the download, unpacked.").tag(
        config=True
    )
    most_files_inside = Int(2_000, help="Files in one archive inside the download.").tag(config=True)
    deepest = Int(3, help="Archives in archives in archives are opened so many times.").tag(config=True)

    _counts = Dict()  # see _free

    def extract(self, archive_path, extracted_path):
        """Unpack or copy everything in `archive_path` to `extracted_path`.

        An archive that is refused stops the collection: nothing has been handed on then.
        """
        files = [
            path for path in sorted(Path(archive_path).rglob("*")) if not _is_unwanted(path.relative_to(archive_path))
        ]
        files = [path for path in files if path.is_file() and not path.is_symlink()]
        if not files:
            self.log.warning("No files found in directory: %s", archive_path)
        for path in files:
            target = Path(extracted_path) / path.relative_to(archive_path)
            try:
                if path.suffix.lower() == ".zip":
                    self._unpack(path, target, self.most_bytes, self.most_files, depth=1)
                elif path.suffix.lower() in OTHER_ARCHIVES:
                    raise Refused("only zip archives are opened; pack it as a zip, or unpack it by hand")
                else:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    _copy(path.open("rb"), target, self.most_bytes, path.stat().st_mtime)
            except Refused as error:
                self.parent.fail(f"{path.name} was not unpacked, and nothing was collected: {error}.")

    def _unpack(self, path, folder, most_bytes, most_files, depth):
        """Unpack one zip into a folder that has its name. Raises Refused before or while anything odd is met."""
        try:
            with zipfile.ZipFile(path) as archive:
                members = [info for info in archive.infolist() if not info.is_dir()]
                if len(members) > most_files:
                    raise Refused(f"it holds {len(members)} files, more than {most_files}")
                names = [_safe_name(info) for info in members]  # all of them first: nothing is unpacked from a bad one
                if sum(info.file_size for info in members) > most_bytes:
                    raise Refused(f"it would unpack to more than {_megabytes(most_bytes)}")
                left = most_bytes
                folder.mkdir(parents=True, exist_ok=True)
                for info, name in zip(members, names, strict=True):
                    if name is not None:
                        left -= self._unpack_member(archive, info, folder / name, left, depth)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise Refused(f"it is damaged or of a kind that cannot be opened ({error})") from None
        except OSError as error:  # a name is both a file and a folder in it, the disk is full …
            raise Refused(f"its content cannot be written ({error.strerror or error})") from None

    def _unpack_member(self, archive, info, target, left, depth):
        """Write one member; an archive among them is opened in its place. Returns how many bytes it took."""
        if info.file_size > self.most_bytes_inside:
            self.log.warning("%s was left out: it is larger than %s", info.filename, _megabytes(self.most_bytes_inside))
            return 0
        target.parent.mkdir(parents=True, exist_ok=True)
        target = _free(target, self._counts)
        with archive.open(info) as stream:
            size = _copy(stream, target, left, None)
        if target.suffix.lower() == ".zip":
            packed = target.with_name(f".{target.name}.packed")
            target.rename(packed)
            try:
                if depth >= self.deepest:
                    raise Refused(f"archives are opened {self.deepest} deep and no deeper")
                self._unpack(packed, target, min(left, self.most_bytes_inside), self.most_files_inside, depth + 1)
            except Refused as error:
                self.log.warning("%s was left out: %s", info.filename, error)
                shutil.rmtree(target, ignore_errors=True)
            packed.unlink()
        elif target.suffix.lower() in OTHER_ARCHIVES:
            self.log.warning("%s was left out: only zip archives are opened", info.filename)
            target.unlink()
        return size


def _safe_name(info):
    """A member's place below its folder, or None for what is not wanted. Raises Refused for what would leave it."""
    name = info.filename
    if not info.flag_bits & 0x800:  # not marked as UTF-8; many programs write UTF-8 all the same
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    name = unicodedata.normalize("NFC", name)
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name) or ".." in parts or "\0" in name:
        raise Refused(f"the name “{name[:100]}” in it leads out of its folder")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Refused(f"“{name[:100]}” in it is a link")
    if info.flag_bits & 1:
        raise Refused("it is locked with a password")
    if not parts or _is_unwanted(PurePosixPath(*parts)):
        return None
    return Path(*(_shortened(part) for part in parts))


def _is_unwanted(name):
    return any(part in LEFT_OUT or part.startswith("._") for part in name.parts)


def _shortened(part):
    """A name that every file system takes, with its ending."""
    if len(part.encode("utf-8", "replace")) <= LONGEST_NAME:
        return part
    stem, ending = os.path.splitext(part)
    return stem.encode("utf-8", "replace")[: LONGEST_NAME - 20].decode("utf-8", "ignore") + ending[:20]


def _free(path, counts):
    """The path, or one beside it, where two members have one name (as differing only in letters that were put right).

    counts: path → how many names beside it are known to be taken, so that none is asked for twice.
    """
    free, count = path, counts.get(path, 1)
    while free.exists():
        count += 1
        free = path.with_name(f"{path.stem} ({count}){path.suffix}")
    counts[path] = count
    return free


def _copy(stream, target, most, modified):
    """Copy at most `most` bytes, whatever the archive says of the size. Returns the size. Raises Refused."""
    size = 0
    with stream, open(target, "xb") as file:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > most:
                raise Refused(f"it unpacks to more than {_megabytes(most)}")
            file.write(chunk)
    if modified is not None:
        os.utime(target, (modified, modified))
    return size


def _megabytes(count):
    return f"{max(1, count // 1024**2)} MB"


# Whose it is.


@dataclass(frozen=True)
class Owned:
    """One downloaded file: whose it is, and which of several uploads it is."""

    student: str
    file: str  # its name without what the platform put before it
    upload: int  # later uploads have greater numbers; 0 where nobody says
    late: bool = False


class DownloadCollector(FileNameCollectorPlugin):
    """Recognises Canvas', Moodle's and plain folders' names. Students are found in the roster (autograder.roster)."""

    timezone = Unicode(
        "",
        help="Where the roster's “Last modified (submission)” is meant, as Europe/Vienna: sets when work was handed in.",
    ).tag(config=True)

    def collect(self, submitted_file):
        """Whose the file is and what it is called, or None for one that is not taken."""
        if not hasattr(self, "_chosen"):
            self._chosen = self._choose()
        return self._chosen.get(os.path.abspath(submitted_file))

    def _choose(self):
        """Look at the whole download at once: path → nbgrader's dictionary, for every file that is taken."""
        app = self.parent
        self.base = Path(os.path.abspath(app._format_collect_path(app.extracted_directory)))
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
        self._strangers, late, found = {}, set(), {}
        for path in sorted(self.base.rglob("*")):
            owned = self._owned(path) if path.is_file() else None
            if owned is not None:
                found.setdefault((owned.student, self._file_id(owned)), []).append((owned.upload, path))
                late |= {owned.student} if owned.late else set()
        self._say(late)
        return {str(path): taken for key, uploads in found.items() for path, taken in self._latest(key, uploads)}

    def _latest(self, key, uploads):
        student, file_id = key
        uploads.sort(key=lambda upload: (upload[0], _copy_number(upload[1].stem), str(upload[1])))
        for _, path in uploads[:-1]:
            self.log.warning("%s: %s is an earlier one of %d; it was left out", student, path.name, len(uploads))
        taken = {"student_id": student, "file_id": file_id}
        if (when := self._handed_in(student)) is not None:
            taken["timestamp"] = when
        yield uploads[-1][1], taken

    def _file_id(self, owned):
        """The name that the file gets: the assignment's notebook's, where it is meant."""
        stem, ending = os.path.splitext(owned.file)
        if ending.lower() != ".ipynb":
            return owned.file
        meant = meant_notebook(stem, self.notebooks)
        return f"{meant}.ipynb" if meant else owned.file

    def _owned(self, path):
        """Whose a file is, from the names of the folders it lies in and its own; None for what is not taken."""
        parts = path.relative_to(self.base).parts
        if not any(PurePosixPath(parts[-1]).match(kind) for kind in self.kinds):
            if not ONLINE_TEXT.search("/".join(parts)):
                self.log.info("%s was left out: files of this kind are not taken along", "/".join(parts))
            return None
        if path.stat().st_size > LARGEST_FILE:
            self.log.warning("%s was left out: it is larger than %s", "/".join(parts), _megabytes(LARGEST_FILE))
            return None
        for position, part in enumerate(parts):
            last = position == len(parts) - 1
            if found := MOODLE.fullmatch(part):
                file = found["file"] if last else parts[-1]
                return Owned(self._moodle(found["number"], found["name"]), file, 0) if file else None
            if found := CANVAS_ANONYMOUS.fullmatch(part) or CANVAS.fullmatch(part):
                file = found["file"] if last else parts[-1]
                return Owned(self._canvas(found), file, int(found["upload"]), bool(found["late"]))
        return self._in_plain_folders(parts)

    def _in_plain_folders(self, parts):
        """A download in which every student has a folder, or every notebook its student's id in its name."""
        known = {person.student_id for person in self.roster.people}
        skipped = {self.assignment, "submitted", "archive"}
        folders = [unicodedata.normalize("NFC", part) for part in parts[:-1] if part not in skipped]
        named = [folder for folder in folders if folder in known or folder.removesuffix(".zip") in known]
        plain = [folder for folder in folders if not folder.lower().endswith(".zip")]
        if named or plain:
            return Owned(safe_id((named or plain)[0].removesuffix(".zip")), parts[-1], 0)
        stem, ending = os.path.splitext(parts[-1])
        for name in self.notebooks:
            found = re.fullmatch(rf"(.+?)[ _-]+{re.escape(name)}(?:\s*\(\d+\)|-\d+)?", stem)
            if found:
                return Owned(safe_id(found[1]), f"{name}{ending}", 0)
        if stem in known:
            return Owned(stem, f"{self.notebooks[0]}{ending}", 0)
        self.log.warning(
            "%s was left out: neither a folder nor its name says whose it is. Put it into a folder with the student's id.",
            "/".join(parts),
        )
        return None

    def _canvas(self, found):
        if found.re is CANVAS_ANONYMOUS:
            return self._id_of(None, f"anon_{found['number']}")
        person = self.roster.by_canvas(found["number"], found["name"])
        return self._id_of(person, f"{found['name']}_{found['number']}")

    def _moodle(self, number, name):
        person = self.roster.by_moodle(number, name)
        return self._id_of(person, f"{name}_{number}")

    def _id_of(self, person, otherwise):
        """The course's id, or one made of what the platform says, so that no work is lost."""
        if person is not None:
            return safe_id(person.student_id)
        made = safe_id(otherwise)
        self._strangers[made] = otherwise
        return made

    def _say(self, late):
        if self._strangers and self.roster:
            self.log.warning(
                "%d not found in %s, collected under the platform's own names: %s",
                *(len(self._strangers), self.roster.path.name, ", ".join(sorted(self._strangers))),
            )
        elif self._strangers:
            self.log.warning(
                "There is no roster (%s), so students are called by the platform's own names, for instance %s",
                *(self.roster.path, sorted(self._strangers)[0]),
            )
        if late:
            self.log.warning("Late, says Canvas (which gives no times): %s", ", ".join(sorted(late)))

    def _handed_in(self, student):
        """When Moodle's worksheet says the work was handed in, in UTC, as nbgrader reads it; None where it cannot be told."""
        person = self.roster.by_id(student) if self.timezone else None
        said = person.cell("Last modified (submission)") if person else ""
        if said in ("", "-"):
            return None
        try:
            when = parse(said)
        except (ParserError, OverflowError):
            self.log.warning("%s: the time “%s” in the roster cannot be read", student, said)
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=self._zone)
        return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def safe_id(text):
    """A student's id as the name of a folder: composed letters, no separators, never hidden."""
    text = unicodedata.normalize("NFC", text)
    text = re.sub(r"[\s/\\:*?\"<>|\x00-\x1f\x7f]+", "_", text.strip()).lstrip(".").rstrip(".")
    return text[:100] or "unnamed"


def meant_notebook(stem, notebooks):
    """Which of these notebooks a file's name means, whatever platforms, browsers and people added to it; or None."""
    while stem:
        meant = [name for name in notebooks if letters(name) == letters(stem)]
        if meant:
            return meant[0]
        shorter = ADDED.sub("", stem)
        if shorter == stem:
            return None
        stem = shorter
    return None


def _copy_number(stem):
    """The n of "name (n)" or "name-n", as browsers and platforms count copies; 0 without one."""
    found = re.search(r"(?:\((\d+)\)|-(\d+))$", stem)
    return int(found[1] or found[2]) if found else 0
