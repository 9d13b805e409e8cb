"""Archives that strangers filled, unpacked for `nbgrader zip_collect`: SafeExtractor.

Nothing lands outside its folder, no link is made, and what would unpack to too much is refused.
"""

import contextlib
import hashlib
import os
import re
import shutil
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter
from pathlib import Path, PurePath, PurePosixPath
from typing import IO, Any

from nbgrader.plugins import ExtractorPlugin
from traitlets import Int

from autograder.visible import UNSEEN, visible

OTHER_ARCHIVES = (".tar", ".gz", ".tgz", ".7z", ".rar", ".bz2", ".xz")
LEFT_OUT = {"__MACOSX", ".DS_Store", "Thumbs.db", ".ipynb_checkpoints", "__pycache__"}
CHUNK = 1 << 20
LONGEST_NAME = 200  # bytes of one file name
LONGEST_ENTRY = 1_000  # bytes that an archive's directory spends on one file, about; ordinary ones spend a tenth of it
Parts = tuple[str, ...]  # of a path


class Refused(Exception):
    """An archive is not unpacked; the message says why."""


class SafeExtractor(ExtractorPlugin):
    """Unpacks what lies in archive/, zips inside zips too, without trusting any of it."""

    most_bytes = Int(4 * 1024**3, help="All files of one downloaded archive, unpacked.").tag(config=True)
    most_files = Int(50_000, help="Files in one downloaded archive.").tag(config=True)
    most_bytes_inside = Int(200 * 1024**2, help="All files of one archive inside the download, unpacked.").tag(
        config=True
    )
    most_files_inside = Int(2_000, help="Files in one archive inside the download.").tag(config=True)
    deepest = Int(3, help="Archives in archives in archives are opened so many times.").tag(config=True)

    def extract(self, archive_path: str, extracted_path: str) -> None:
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
            target = Path(extracted_path, *map(plain_name, path.relative_to(archive_path).parts))
            if target.exists():
                self.log.warning("%s was left out: another file has nearly the same name", visible(path.name))
                continue
            try:
                if path.suffix.lower() == ".zip":
                    self._unpack(path, target, self.most_bytes, self.most_files, depth=1)
                elif path.suffix.lower() in OTHER_ARCHIVES:
                    raise Refused("only zip archives are opened; pack it as a zip, or unpack it by hand")
                else:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    _copy(path.open("rb"), target, self.most_bytes, path.stat().st_mtime)
            except Refused as error:
                self.parent.fail(f"{visible(path.name)} was not unpacked, and nothing was collected: {error}.")

    def _unpack(self, path: Path, folder: Path, most_bytes: int, most_files: int, depth: int) -> None:
        """Unpack one zip into a folder that has its name. Raises Refused before or while anything odd is met."""
        try:
            _look_at_directory(path, most_files)
            with zipfile.ZipFile(path) as archive:
                members = [info for info in archive.infolist() if not info.is_dir()]
                if len(members) > most_files:
                    raise Refused(f"it holds {len(members)} files, more than {most_files}")
                names = self._names(members)  # all of them first: nothing is unpacked from a bad one
                if sum(info.file_size for info in members) > most_bytes:
                    raise Refused(f"it would unpack to more than {megabytes(most_bytes)}")
                left = most_bytes
                folder.mkdir(parents=True, exist_ok=True)
                for info, name in zip(members, names, strict=True):
                    if name is not None:
                        left -= self._unpack_member(archive, info, folder / name, left, depth)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise Refused(f"it is damaged or of a kind that cannot be opened ({visible(error, most=200)})") from None
        except OSError as error:  # a name is both a file and a folder in it, the disk is full …
            raise Refused(f"its content cannot be written ({error.strerror or error})") from None

    def _names(self, members: list[zipfile.ZipInfo]) -> list[Path | None]:
        """Where each member goes, below its folder; None for what is not wanted, and for all of those that two folders or
        files of nearly the same name would mix up. Raises Refused for a name that leads elsewhere."""
        raw = [_raw_parts(info) for info in members]
        plain = [tuple(map(plain_name, parts)) for parts in raw]
        meant: dict[Parts, set[Parts]] = {}  # a folder or file as it would be called → all that the archive calls so
        for parts, names in zip(raw, plain, strict=True):
            for depth in range(1, len(names) + 1):
                meant.setdefault(names[:depth], set()).add(parts[:depth])
        files = Counter(names for names in plain if names)
        found: list[Path | None] = []
        for info, names in zip(members, plain, strict=True):
            places = [names[:depth] for depth in range(1, len(names) + 1)]
            mixed = files[names] > 1 or any(len(meant[place]) > 1 for place in places)
            if names and mixed:
                self.log.warning(
                    "%s was left out: another folder or file in the archive has the same name, or nearly the same",
                    visible(info.filename),
                )
            found.append(None if mixed or not names else Path(*names))
        return found

    def _unpack_member(
        self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, left: int, depth: int
    ) -> int:
        """Write one member; an archive among them is opened in its place. Returns how many bytes it took."""
        if info.file_size > self.most_bytes_inside:
            most = megabytes(self.most_bytes_inside)
            self.log.warning("%s was left out: it is larger than %s", visible(info.filename), most)
            return 0
        target.parent.mkdir(parents=True, exist_ok=True)
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
                self.log.warning("%s was left out: %s", visible(info.filename), error)
                shutil.rmtree(target, ignore_errors=True)
            packed.unlink()
        elif target.suffix.lower() in OTHER_ARCHIVES:
            self.log.warning("%s was left out: only zip archives are opened", visible(info.filename))
            target.unlink()
        return size


def _look_at_directory(path: Path, most_files: int) -> None:
    """Refuse an archive whose directory alone would fill the memory: it is read whole before anything can be counted."""
    inner: Any = zipfile  # what it keeps to itself has no types
    with open(path, "rb") as file:
        end = inner._EndRecData(file)
    if end and end[inner._ECD_SIZE] > most_files * LONGEST_ENTRY:
        raise Refused(f"the list of its files takes {megabytes(end[inner._ECD_SIZE])}")


def _raw_parts(info: zipfile.ZipInfo) -> Parts:
    """A member's folders and name as the archive has them, or nothing for what is not wanted. Raises Refused for what would
    leave its folder, is a link, or is locked."""
    name = info.filename
    if not info.flag_bits & 0x800:  # not marked as UTF-8; many programs write UTF-8 all the same
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    parts = PurePosixPath(name.replace("\\", "/")).parts
    leads_out = name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name) or ".." in parts
    if leads_out or "\0" in info.orig_filename:
        raise Refused(f"the name “{visible(name, most=100)}” in it leads out of its folder")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Refused(f"“{visible(name, most=100)}” in it is a link")
    if info.flag_bits & 1:
        raise Refused("it is locked with a password")
    return () if _is_unwanted(PurePosixPath(*parts)) else parts


def _is_unwanted(name: PurePath) -> bool:
    return any(part in LEFT_OUT or part.startswith("._") for part in name.parts)


def plain_name(part: str) -> str:
    """A name that every file system takes and that shows all that is in it: composed letters, short, with its ending."""
    part = without_unseen(unicodedata.normalize("NFC", part))
    if len(part.encode("utf-8", "replace")) <= LONGEST_NAME:
        return part
    stem, ending = os.path.splitext(part)
    short = stem.encode("utf-8", "replace")[: LONGEST_NAME - 40].decode("utf-8", "ignore")
    return f"{short}-{hashlib.sha256(part.encode('utf-8', 'replace')).hexdigest()[:12]}{ending[:20]}"


def without_unseen(text: str) -> str:
    """A name with a _ for each character that cannot be seen."""
    return UNSEEN.sub("_", "".join(character if character.isprintable() else "_" for character in text))


def _copy(stream: IO[bytes], target: Path, most: int, modified: float | None) -> int:
    """Copy at most `most` bytes, whatever the archive says of the size. Returns the size. Raises Refused."""
    size = 0
    with stream, open(target, "xb") as file:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > most:
                raise Refused(f"it unpacks to more than {megabytes(most)}")
            file.write(chunk)
    if modified is not None:
        os.utime(target, (modified, modified))
    return size


def megabytes(count: int) -> str:
    return f"{max(1, count // 1024**2)} MB"
