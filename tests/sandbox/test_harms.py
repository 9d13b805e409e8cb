"""Nothing harms: a class with every harm of the bank between honest neighbours, graded by the real command.

The honest students are graded once more alone, in a course where nobody does harm: what they get must be the same to the
byte. Afterwards nothing is left of the harms: no process, no file, no mount, no memory.
"""

import html
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from tests.support.harms import LEFT, SLEEP, bank
from tests.support.harms.course import ASSIGNMENT, POINTS, hand_in, make_harm_course

HARMS = bank()
EACH = 6  # so many harms between two honest students
HONEST = [f"{number:03}-honest" for number in range(0, len(HARMS) + EACH, EACH)]
STUDENT = {harm.name: f"{number:03}-with-{harm.name}" for number, harm in enumerate(HARMS)}
FLAT = 60 * 1024**2  # bytes by which the grader may grow over the class

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


class Watched:
    """One run of `autograder grade`, and what was seen of it."""

    def __init__(self, folder, temporary):
        self.folder = folder
        temporary.mkdir()
        before = _mounts()
        environment = {**os.environ, "TMPDIR": str(temporary)}
        command = [sys.executable, "-m", "autograder.cli", "--course", str(folder), "grade", "--jobs", "3", "--quiet"]
        self.process = psutil.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        self.sizes = []
        watcher = threading.Thread(target=self._look)
        watcher.start()
        self.printed, self.complaints = self.process.communicate()
        watcher.join()
        self.mounts_left = _mounts() - before
        self.files_left = [str(path) for path in temporary.rglob("*")]

    def _look(self):
        """How much memory the grader itself has, and how many are graded, until it has ended."""
        while self.process.poll() is None:
            try:
                size = self.process.memory_info().rss
            except psutil.Error:
                break
            graded = len(list((self.folder / "autograded").glob("*"))) if self.folder.exists() else 0
            self.sizes.append((graded, size))
            time.sleep(0.2)

    def data(self, student):
        return json.loads((self.folder / "autograded" / student / ASSIGNMENT / "grading.json").read_text())

    def points(self, student):
        (notebook,) = self.data(student)["notebooks"]
        return {verdict["function"]: verdict["score"] for verdict in notebook["cells"]}

    def page(self, student):
        return (self.folder / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()

    def files_of(self, student):
        folders = [self.folder / part / student / ASSIGNMENT for part in ("autograded", "feedback")]
        return {path.name: path.read_bytes() for folder in folders for path in folder.iterdir()}


def _mounts():
    return set(Path("/proc/self/mountinfo").read_text().splitlines())


def _grade(folder, harms=()):
    make_harm_course(folder)
    for student in HONEST:
        hand_in(folder, student)
    for harm in harms:
        hand_in(folder, STUDENT[harm.name], harm)
    return Watched(folder, folder.with_name(f"{folder.name}-tmp"))


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    return _grade(tmp_path_factory.mktemp("alone") / "course")


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    return _grade(tmp_path_factory.mktemp("harms") / "course", HARMS)


def test_the_bank_is_large_and_each_harm_has_a_name_of_its_own():
    assert len(HARMS) >= 100
    assert len({harm.name for harm in HARMS}) == len({harm.does for harm in HARMS}) == len(HARMS)
    assert [harm.name for harm in HARMS if harm.loses and not harm.said] == [], "what costs marks is said"


def test_the_command_ends_well_and_graded_everybody(together):
    assert together.process.returncode == 0, together.complaints[-3000:]
    assert {together.data(student)["status"] for student in HONEST} == {"graded"}
    for harm in HARMS:
        assert together.data(STUDENT[harm.name])["status"] in ("graded", "partly graded")


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.name)
def test_a_harm_costs_only_its_own_and_that_is_said(together, harm):
    points = together.points(STUDENT[harm.name])
    assert points["double"] == POINTS["double"], "an earlier function lost its marks"
    if harm.loses is not None:
        assert {name for name in POINTS if points[name] < POINTS[name]} == set(harm.loses)
    if harm.said:
        page = " ".join(
            html.unescape(re.sub(r"(?s)<style.*?</style>|<[^>]*>", " ", together.page(STUDENT[harm.name]))).split()
        )
        assert re.search(harm.said, page, re.IGNORECASE), "the feedback does not say what happened"


@pytest.mark.parametrize("student", HONEST)
def test_neighbours_are_the_same_to_the_byte(alone, together, student):
    assert alone.points(student) == POINTS
    ours, theirs = alone.files_of(student), together.files_of(student)
    assert set(ours) == {"grading.json", f"{ASSIGNMENT}.ipynb", f"{ASSIGNMENT}.html"} and ours == theirs


def test_nothing_of_a_harm_is_left(together):
    first = 100_000 + together.process.pid * 64 % 400_000
    users = set(range(first, first + 64)) if os.getuid() == 0 else set()
    for process in psutil.process_iter(["pid", "uids", "cmdline"]):
        assert SLEEP not in (process.info["cmdline"] or []), process
        assert process.info["uids"] is None or process.info["uids"].real not in users, process
    assert not together.mounts_left and not together.files_left
    for folder in ("/tmp", "/dev/shm", "/var/tmp", os.path.expanduser("~"), os.getcwd(), together.folder):
        assert not [name for name in os.listdir(folder) if LEFT in name], folder
    for table in ("shm", "sem", "msg"):
        rows = [line.split() for line in Path(f"/proc/sysvipc/{table}").read_text().splitlines()]
        assert not [row for row in rows[1:] if row[0] == "4242"]


def test_the_memory_of_the_grader_stays_flat(together):
    """What it has after a warm-up of an eighth of the class is what it has at the end, and no harm drove it far."""
    last = max(graded for graded, _ in together.sizes)
    warm = [size for graded, size in together.sizes if last / 8 <= graded <= last / 4]
    late = [size for graded, size in together.sizes if graded >= 7 * last / 8]
    assert warm and late
    assert sorted(late)[len(late) // 2] - sorted(warm)[len(warm) // 2] < FLAT
    assert max(size for _, size in together.sizes) - min(warm) < 3 * FLAT
