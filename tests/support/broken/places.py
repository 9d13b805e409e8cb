"""Links, pipes, folders and other things where a notebook or a folder should be."""

import os
import socket
import stat

from tests.support.broken.bank import FAILED, MISSING, NOTEBOOK, folder, honest_bytes, place
from tests.support.courses import ROOT

HONEST = ROOT / "examples" / "submitted" / "all-right" / "01_mse" / NOTEBOOK


@folder("is a link, and links are not followed", status=FAILED)
def link_to_a_file(path):
    """A symbolic link to somebody's sound notebook."""
    (path / NOTEBOOK).symlink_to(HONEST)


@folder("is a link, and links are not followed", status=FAILED)
def broken_link(path):
    """A symbolic link to nothing."""
    (path / NOTEBOOK).symlink_to("nowhere")


@folder("is a link, and links are not followed", status=FAILED)
def link_in_a_circle(path):
    """A symbolic link to itself."""
    (path / NOTEBOOK).symlink_to(NOTEBOOK)


@place("the folder is a link")
def link_to_a_folder(path):
    """The assignment's folder is a link to another student's."""
    path.symlink_to(HONEST.parent)


@place("the folder is a link")
def folder_link_to_nothing(path):
    """The assignment's folder is a link to nothing."""
    path.symlink_to("nowhere")


@place("the folder is a link")
def student_folder_is_a_link(path):
    """The student's whole folder is a link to another student's."""
    path.parent.rmdir()
    path.parent.symlink_to(HONEST.parent.parent)


@place("a file where the folder")
def file_instead_of_the_folder(path):
    """A file where the assignment's folder should be."""
    path.write_bytes(honest_bytes())


@folder("links are not followed")
def links_beside_the_notebook(path):
    """Links to the course, to the root and to themselves beside a sound notebook."""
    (path / NOTEBOOK).write_bytes(honest_bytes())
    (path / "secrets.txt").symlink_to("/etc/passwd")
    (path / "everything").symlink_to("/")
    (path / "circle").symlink_to(".")


@folder("it is no ordinary file", status=FAILED)
def named_pipe(path):
    """A pipe on which a reader would wait for ever."""
    os.mkfifo(path / NOTEBOOK)


@folder("it is no ordinary file", status=FAILED)
def unix_socket(path):
    """A socket with the notebook's name."""
    here = os.open(path, os.O_RDONLY)  # a socket's address may only be short
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(f"/proc/self/fd/{here}/{NOTEBOOK}")
    finally:
        os.close(here)


@folder("it is no ordinary file", status=FAILED)
def device(path):
    """A device without end (a pipe where none can be made)."""
    try:
        os.mknod(path / NOTEBOOK, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        os.mkfifo(path / NOTEBOOK)


@folder("it is a folder, not a file", status=FAILED)
def folder_with_the_notebooks_name(path):
    """A folder called 01_mse.ipynb."""
    (path / NOTEBOOK).mkdir()


@folder()
def hard_link(path):
    """A second name of an ordinary file, as backups make them: it is the file."""
    (path.parent / "elsewhere").write_bytes(honest_bytes())
    os.link(path.parent / "elsewhere", path / NOTEBOOK)


@folder("the file is 200 MB; more than 64 MB is not read", status=FAILED)
def file_of_200_MB(path):
    """A notebook of 200 megabytes."""
    (path / NOTEBOOK).write_bytes(honest_bytes())
    os.truncate(path / NOTEBOOK, 200 * 1024**2)


@folder("left behind")
def thousands_of_files(path):
    """Three thousand files and a deep tree of folders beside a sound notebook."""
    (path / NOTEBOOK).write_bytes(honest_bytes())
    for number in range(3_000):
        (path / f"z{number}.bin").touch()
    path.joinpath(*["deep"] * 40).mkdir(parents=True)


@folder()
def file_names_that_are_no_text(path):
    """Files whose names are no UTF-8 beside a sound notebook."""
    (path / NOTEBOOK).write_bytes(honest_bytes())
    with open(os.fsencode(path) + b"/caf\xe9.csv", "wb") as file:
        file.write(b"1")


@place("nothing was handed in|there is no", status=MISSING)
def an_empty_folder_of_folders(path):
    """Folders with nothing but folders in them."""
    (path / "a" / "b" / "c").mkdir(parents=True)


@folder("timestamp.txt holds no point in time")
def timestamp_is_a_link(path):
    """A link where the time of handing in should be."""
    (path / NOTEBOOK).write_bytes(honest_bytes())
    (path / "timestamp.txt").symlink_to("/etc/hostname")


@folder("timestamp.txt holds no point in time")
def timestamp_is_a_pipe(path):
    """A pipe on which a reader of the time would wait for ever."""
    (path / NOTEBOOK).write_bytes(honest_bytes())
    os.mkfifo(path / "timestamp.txt")


@folder("timestamp.txt holds no point in time")
def timestamp_is_a_folder(path):
    """A folder where the time of handing in should be."""
    (path / NOTEBOOK).write_bytes(honest_bytes())
    (path / "timestamp.txt").mkdir()


@folder()
def marks_of_our_own_files(path):
    """Files that are called as the course's own are, beside a sound notebook."""
    (path / NOTEBOOK).write_bytes(honest_bytes())
    for name in (".course-lab", "grading.json", "gradebook.db.txt", "marks.csv"):
        (path / name).write_bytes(b"{}")
