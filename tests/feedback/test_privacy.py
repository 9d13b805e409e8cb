"""What one student wrote stays with that student and the instructor; seed and key stay with the instructor alone."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from autograder.course.settings import Course
from tests.support.broken.bank import ASSIGNMENT, NOTEBOOK, honest, write
from tests.support.courses import make_course

BIN = Path(sys.executable).parent
SEED = "course-seed-" + hashlib.sha256(b"a test's own").hexdigest()
DECOY = "course-seed-" + "0" * 64  # what the search inside the sandbox must find
pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


def run(folder, *command, expect=0, **more):
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", **more}
    environment.pop("COURSE_SEED", None)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, umask=0o022)
    assert done.returncode == expect, f"{command}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-5000:]}"
    return done


# The class: each student's own word stands in code, text, outputs, exceptions and files beside the notebook.


def word(student):
    return "word" + hashlib.sha256(student.encode()).hexdigest()[:16]


def _everywhere(content, said):
    code = f"# {said}\nprint({said!r})\ndisplay({{'text/html': {said!r}}}, raw=True)\nWORD = {said!r}\n"
    write(
        content,
        "squared_errors",
        code + "def squared_errors(target, prediction):\n    return (prediction - target) ** 2",
    )
    write(content, "why_square", f"Because {said}.")
    content["cells"][0]["source"] = f"# {said}"
    content["cells"].append({"cell_type": "code", "source": f"open('mine.csv').read() + {said!r}", "metadata": {}})
    content["metadata"][said] = {said: said}


def _raises(content, said):
    write(
        content,
        "mse",
        f"def mse(target, prediction):\n    raise ValueError('{said}', target)\nraise KeyError('{said}')",
    )


def _raises_in_questions(content, said):
    body = f"    print('{said}')\n    import sys\n    sys.stderr.write('{said}')\n    raise type('{said}', (Exception,), {{}})('{said}')"
    write(content, "mse", f"def mse(target, prediction):\n{body}")


def _is_no_python(content, said):
    write(content, "mse", f"def mse(target, prediction)\n    return '{said}' {said}")


def _ends_its_process(content, said):
    write(
        content, "mse", f"import os, sys\nos.write(2, b'{said}')\nos.system('echo {said} >&2; echo {said}')\nos.abort()"
    )


def _answers_nonsense(content, said):
    write(content, "mse", f"class {said}(list):\n    pass\ndef mse(target, prediction):\n    return {said}(['{said}'])")


CLASS = {
    "ann": (_everywhere,),
    "bob": (_everywhere, _raises),
    "cyd": (_everywhere, _raises_in_questions),
    "dan": (_everywhere, _is_no_python),
    "eve": (_everywhere, _ends_its_process),
    "fay": (_everywhere, _answers_nonsense),
}
BROKEN = "gus"  # hands in a file that is no notebook


def hand_in(folder, student, content):
    work = folder / "submitted" / student / ASSIGNMENT
    work.mkdir(parents=True)
    (work / NOTEBOOK).write_text(content if isinstance(content, str) else json.dumps(content))
    (work / "mine.csv").write_text(word(student))
    (work / "mine.py").write_text(f"WORD = '{word(student)}'\n")


def make_class(folder, key_cache):
    make_course(folder, [ASSIGNMENT])
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text().replace("change me each term", SEED))
    (folder / ".autograder").mkdir(mode=0o700)
    (folder / ".autograder" / "keys").symlink_to(key_cache)
    for student, changes in CLASS.items():
        content = honest()
        for change in changes:
            change(content, word(student))
        hand_in(folder, student, content)
    hand_in(folder, BROKEN, f'{{"cells": [{{"source": "{word(BROKEN)}", ]}}')
    return folder


@pytest.fixture(scope="module", params=["autograder grade", "nbgrader autograde"])
def graded(request, tmp_path_factory, key_cache, warm):
    """The class, graded by our command and by nbgrader's, each as talkative as can be."""
    folder = make_class(tmp_path_factory.mktemp("class") / "course", key_cache)
    said = []

    def run_warm(*command, expect=0):
        said.append(warm.run(folder, *command, before="import os; os.umask(0o022)"))
        assert said[-1].returncode == expect, said[-1]

    run_warm("nbgrader", "generate_assignment", ASSIGNMENT)
    if request.param == "autograder grade":
        said.append(run(folder, BIN / "autograder", "grade", expect=1, PYTHONDEVMODE="1", PYTHONWARNINGS="default"))
    else:
        talk = ["--debug", "--NbGrader.logfile=nbgrader.log"]
        run_warm("nbgrader", "autograde", ASSIGNMENT, *talk, expect=1)
        run_warm("nbgrader", "generate_feedback", ASSIGNMENT, *talk)
    return SimpleNamespace(folder=folder, said=said)


def files(*folders):
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert found
    return found


def test_nothing_of_one_student_is_in_anothers_feedback_or_notebook(graded):
    for step in ("feedback", "autograded"):
        for student in (*CLASS, BROKEN):
            text = b"".join(path.read_bytes() for path in files(graded.folder / step / student))
            others = [other for other in (*CLASS, BROKEN) if other != student and word(other).encode() in text]
            assert others == [], f"{step} of {student}"
            if student != BROKEN:
                assert word(student).encode() in text, "the search would find it"


def test_logs_carry_no_student_code_or_what_it_said(graded):
    texts = [done.stdout + done.stderr for done in graded.said]
    texts += [path.read_text() for path in graded.folder.rglob("*.log")]
    for text in texts:
        assert [student for student in (*CLASS, BROKEN) if word(student) in text] == []
    assert any("gus" in text for text in texts), "who could not be graded is said"


def test_other_local_users_can_open_nothing_of_it(graded):
    course = graded.folder
    closed = [course / "gradebook.db", course / "marks.csv"]
    closed += [path for step in ("autograded", "feedback") for path in (course / step).rglob("*")]
    closed += [course / ".autograder", *(course / ".autograder").rglob("*")]
    closed += list((course / ".autograder" / "keys").resolve().glob("*.json"))
    assert len(closed) > 4 * len(CLASS)
    for path in closed:
        barred = _is_closed(path) or path.is_relative_to(course / ".autograder") and _is_closed(course / ".autograder")
        assert barred, f"{path} is open to others"


def _is_closed(path):
    return path.stat().st_mode & 0o077 == 0


def _secrets(course):
    """Everything that must stay with the instructor: the seed, what is derived from it, and the expected values."""
    secrets = {SEED} | {course.question_seed(ASSIGNMENT, f"test_{name}") for name in ("mse", "squared_errors")}
    secrets |= {course.question_seed(ASSIGNMENT, "test_mse_gradient")}
    numbers = set()

    def collect(value):
        if isinstance(value, dict):
            if value.get("kind") == "array" and value.get("dtype") == "<f8":
                secrets.add(value["data"])
                import base64

                numbers.update(repr(float(x)) for x in np.frombuffer(base64.b64decode(value["data"])))
            for each in value.values():
                collect(each)
        elif isinstance(value, list):
            for each in value:
                collect(each)

    for path in (course.private / "keys").glob(f"{ASSIGNMENT}-*.json"):
        collect(json.loads(path.read_text()))
    return secrets | {number for number in numbers if len(number) >= 12}


def test_seed_and_key_are_in_nothing_that_students_get(graded):
    course = Course.here(graded.folder)
    secrets = _secrets(course)
    assert course.seed == SEED and len(secrets) > 20
    for path in files(graded.folder / "release", graded.folder / "feedback"):
        text = path.read_text()
        assert [secret for secret in secrets if secret in text] == [], path
    for path in (graded.folder / "autograded").rglob("*.ipynb"):
        outputs = json.dumps([cell.get("outputs") for cell in json.loads(path.read_text())["cells"]])
        assert [secret for secret in secrets if secret in outputs] == [], path


SEARCH = r"""
import os, re
PATTERN = re.compile(b"course-seed-" + b"[0-9a-f]{64}")
found, looked = set(), {"files": 0, "processes": 0, "memory": 0}

def look(path, size=2**20):
    try:
        with open(path, "rb") as file:
            text = file.read(size)
    except OSError:
        return False
    found.update((path, each.decode()) for each in PATTERN.findall(text))
    return True

found.update(("environment", each) for each in PATTERN.findall(repr(dict(os.environ)).encode()))
for process in filter(str.isdigit, os.listdir("/proc")):
    for name in ("environ", "cmdline"):
        looked["processes"] += look(f"/proc/{process}/{name}")
with open("decoy.txt", "w") as file:
    file.write("course-seed-" + "0" * 64)
for top in ("/", "/tmp", "/home", "/root", "/etc", "/var/tmp", "/dev/shm", os.getcwd()):
    for here, folders, names in os.walk(top):
        folders[:] = [f for f in folders if here != "/" and here.count("/") < 6 and f != "site-packages"]
        looked["files"] += sum(look(os.path.join(here, name)) for name in names[:200])
"""
SEARCH_MEMORY = r"""
KEPT = "course-seed-" + "1" * 64
try:
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            where, rights = line.split()[:2]
            start, end = (int(part, 16) for part in where.split("-"))
            if rights.startswith("rw") and end - start < 2**26:
                try:
                    memory.seek(start)
                    text = memory.read(end - start)
                except (OSError, ValueError, OverflowError):
                    continue
                looked["memory"] += len(text)
                found.update(("memory", each.decode()) for each in PATTERN.findall(text))
except OSError as error:
    print("no look into memory:", error)
print("looked at", looked)
print("found", sorted(found))
"""


def test_the_course_seed_is_nowhere_in_the_sandbox(course_folder):
    """A student searches the environment, the command lines, the files and the memory inside."""
    from autograder.grading.grader import Grader

    folder = course_folder([ASSIGNMENT])
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text().replace("change me each term", SEED))
    content = honest()
    for source in (SEARCH, SEARCH_MEMORY):
        content["cells"].append({"cell_type": "code", "source": source, "metadata": {}})
    hand_in(folder, "eve", content)
    with Grader(Course.here(folder), ASSIGNMENT) as grader:
        (notebook,) = grader.grade("eve").notebooks
    shown = "".join(out.get("text", "") for cell in notebook.notebook.cells for out in cell.get("outputs", []))
    assert "looked at" in shown, notebook.notebook.cells[-2].outputs
    assert re.search(r"'files': [1-9]", shown) and re.search(r"'processes': [1-9]", shown)
    assert DECOY in shown, "the search finds what is there"
    assert SEED not in shown


def test_an_error_of_the_autograder_itself_is_logged_without_what_it_quotes(course_folder, caplog):
    from autograder.grading.grader import Grader
    from autograder.submission import FAILED

    folder = course_folder([ASSIGNMENT])
    hand_in(folder, "ann", honest())

    class Broken:
        def __init__(self, *_):
            pass

        def run(self, work):
            raise ValueError(f"could not handle {word('ann')}")

        def close(self):
            pass

    with Grader(Course.here(folder), ASSIGNMENT, make_runner=Broken) as grader:
        submission = grader.grade("ann")
    assert submission.status == FAILED and "not your fault" in submission.reason
    assert word("ann") not in caplog.text + submission.reason
    assert re.search(r"ValueError at .*test_privacy.py:\d+", caplog.text)
