"""The sandbox: what is inside, what is bounded, what survives, and that nothing passes from one job to the next."""

import contextlib
import os
import tempfile
from dataclasses import replace

import psutil
import pytest

from autograder.course.settings import withheld_by_helpers
from autograder.marking.answers import read_sheet
from autograder.sandbox.breach import Cut, Kept
from autograder.sandbox.job import Cell, Job, Limits, SandboxSettings
from autograder.sandbox.pool import SandboxPool
from autograder.sandbox.sandbox import Sandbox
from autograder.sandbox.seccomp import ARCHITECTURES, filter_program
from tests.support.hidden_cells import answer, asked

pytestmark = pytest.mark.sandbox
LIMITS = Limits(cell_seconds=4, question_seconds=2, notebook_seconds=25, memory=400 * 1024**2)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(SandboxSettings(LIMITS)) as started:
        yield started


def shown(run, number=0):
    return "".join(
        o.get("text", "") or o.get("data", {}).get("text/plain", "") or o.get("evalue", "")
        for o in run.cells[number].outputs
    )


def said(sandbox, source):
    """What one cell prints."""
    return shown(sandbox.run(Job((Cell("c", source),))))


def test_what_is_printed_and_what_is_warned_of_are_shown_in_their_order(sandbox):
    mixed = "import sys\nfor i in range(2):\n    print('out', i)\n    print('err', i, file=sys.stderr)"
    (cell,) = sandbox.run(Job((Cell("c", mixed),))).cells
    assert [(output["name"], output["text"]) for output in cell.outputs] == [
        ("stdout", "out 0\n"),
        ("stderr", "err 0\n"),
        ("stdout", "out 1\n"),
        ("stderr", "err 1\n"),
    ]


# What is inside.


def test_students_code_is_nobody_on_a_read_only_system_without_network(sandbox):
    assert said(sandbox, "import os\nprint(os.getuid() != 0)") == "True\n"
    assert "Read-only" in said(sandbox, "open('/usr/x', 'w')")
    assert (
        said(
            sandbox,
            "import socket\ntry:\n    socket.create_connection(('127.0.0.1', 22), 1)\nexcept OSError as e:\n    print('closed')",
        )
        == "closed\n"
    )
    for kind in (
        "socket.AF_INET, socket.SOCK_STREAM",
        "socket.AF_UNIX, socket.SOCK_DGRAM",
        "socket.AF_NETLINK, socket.SOCK_RAW",
    ):
        assert "not permitted" in said(sandbox, f"import socket\nsocket.socket({kind})")


def test_no_explorer_and_no_still_picture_is_there_while_work_is_graded(sandbox):
    """They draw with right versions of what students are to write."""
    found = (
        "import importlib.util\n"
        "for name in ['explorers', 'figures', 'playground', 'live']:\n"
        "    print(importlib.util.find_spec('helpers.' + name) is not None)"
    )
    assert said(sandbox, found) == 4 * "True\n"
    with Sandbox(SandboxSettings(LIMITS, tuple(withheld_by_helpers()["*"]))) as graded:
        assert said(graded, found) == 4 * "False\n"


def test_only_the_students_processes_can_be_seen(sandbox):
    assert int(said(sandbox, "import psutil\nprint(len(psutil.pids()))")) <= 3


def test_nothing_of_the_course_is_there(sandbox, tmp_path):
    secret = tmp_path / "gradebook.db"
    secret.write_text("marks")
    assert said(sandbox, f"import os\nprint(os.path.exists({str(secret)!r}))") == "False\n"
    assert "No module named 'autograder'" in said(sandbox, "import autograder")
    source = os.path.abspath("source")
    assert said(sandbox, f"import os\nprint(os.path.exists({source!r}))") == "False\n"
    assert (
        said(sandbox, "import os\nprint(os.environ.get('COURSE_SEED'), 'PYTEST_CURRENT_TEST' in os.environ)")
        == "None False\n"
    )


def test_the_supervisor_cannot_be_looked_into_or_killed(sandbox):
    assert "No such file" in said(sandbox, "open('/proc/1/mem', 'rb')")
    assert said(sandbox, "import os, time\nos.kill(1, 9)\ntime.sleep(0.1)\nprint('still here')") == "still here\n"


def test_withheld_helpers_cannot_be_imported():
    with Sandbox(SandboxSettings(LIMITS, ("network.py", "activations.py"))) as own:
        assert "No module named 'helpers.network'" in said(own, "import helpers.network")
        assert said(own, "import helpers.losses\nprint('there')") == "there\n"


def test_assignments_that_share_a_sandbox_see_only_their_own_helpers():
    """What is withheld from one job is there for another, before and after it, in the same sandbox."""
    look = "import importlib.util as u\nprint([n for n in ('losses', 'network', 'training') if u.find_spec('helpers.' + n)])"
    with Sandbox(SandboxSettings(LIMITS, ("losses.py", "network.py", "training.py"))) as own:
        first = Job((Cell("c", look),), withheld=("losses.py", "network.py", "training.py"))
        second = Job((Cell("c", look + "\nfrom helpers.network import forward"),), withheld=("losses.py",))
        third = Job((Cell("c", look),), withheld=("network.py", "training.py"))
        seen = [shown(own.run(job)) for job in (first, second, third, second, first)]
    assert seen == ["[]\n", "['network', 'training']\n", "['losses']\n", "['network', 'training']\n", "[]\n"]


def test_what_may_be_withheld_from_a_later_job_is_not_loaded_ahead():
    """Nor is a helper that would remember that another was not there."""
    loaded = "import sys\nprint(sorted(n for n in sys.modules if n.startswith('helpers.')))"
    with Sandbox(SandboxSettings(LIMITS, ("gradient_checking.py", "network.py"))) as own:
        assert "helpers.checks" not in said(own, loaded) and "helpers.training" not in said(own, loaded)
        assert "helpers.questions" in said(own, loaded)
        whole = Job((Cell("c", "from helpers.checks import gradient_check\nprint('there')"),), withheld=())
        assert shown(own.run(whole)) == "there\n"


def test_numbers_that_nobody_seeded_differ_from_job_to_job(sandbox):
    for draw in ("import random\nprint(random.random())", "import numpy as np\nprint(np.random.rand())"):
        assert said(sandbox, draw) != said(sandbox, draw)


def test_the_rehearsal_leaves_nothing_to_be_seen(sandbox):
    look = "import sys\nimport matplotlib.pyplot as plt\nprint([n for n in dir() if len(n) > 1 and n[0] != '_'])\nprint(plt.get_fignums(), len(In), Out, hasattr(sys, 'last_value'))"
    assert said(sandbox, look).splitlines()[1:] == ["[] 2 {} False"]
    assert not {"f", "figure", "left", "np"} & set(said(sandbox, "print(*dir())").split())


def test_files_of_the_submission_are_there_and_do_not_stand_in_for_libraries(sandbox):
    files = {"data.csv": b"1,2", "mine.py": b"x = 5", "numpy.py": b"raise SystemExit", "helpers.py": b"ask = print"}
    cell = Cell(
        "c",
        "import numpy, mine, helpers.questions\nprint(open('data.csv').read(), mine.x, numpy.ones(1), helpers.questions.ask.__module__)",
    )
    assert shown(sandbox.run(Job((cell,), files))) == "1,2 5 [1.] helpers.questions\n"


# Hidden tests.


def test_hidden_code_is_in_no_process_whose_output_is_shown(sandbox):
    spy = "def f():\n    import sys\n    print('SEEN', sys._getframe(2).f_code.co_filename, In)\n    global kept\n    kept = 'from the hidden test'\n    return 1\nkept = 'mine'"
    run = sandbox.run(Job((Cell("f", spy), asked(), Cell("after", "print(kept, ['ask' in text for text in In[:-1]])"))))
    assert answer(run, 1) == 1
    assert shown(run, 2).startswith("mine [") and "True" not in shown(run, 2)
    assert all("SEEN" not in str(cell.outputs) for cell in run.cells)


def test_each_hidden_test_sees_the_notebook_as_it_was_at_its_cell(sandbox):
    cells = (Cell("f", "def f(): return 1"), asked("test_1"), Cell("f2", "def f(): return 2"), asked("test_2"))
    run = sandbox.run(Job(cells))
    assert [answer(run, 1), answer(run, 3)] == [1, 2]


def test_an_exception_in_one_question_leaves_the_next(sandbox):
    hidden = "from helpers.questions import ask\nask('a', g)\nask('b', f, 0)\nask('q', f, 2)"
    run = sandbox.run(Job((Cell("f", "def f(x): return 1 / x"), asked(hidden=hidden))))
    sheet = read_sheet({"c": run.cells[1]})
    assert sheet.failures["c"]["a"].type == "NameError"
    assert sheet.cells["c"]["b"].raised.type == "ZeroDivisionError"
    assert answer(run, 1) == 0.5


# Harm, and what survives it.

HARM = {
    "leaves at once": "import os\nos._exit(0)",
    "kills itself": "import os\nos.kill(os.getpid(), 9)",
    "kills everybody": "import os\nos.kill(-1, 9)",
    "segfault": "import ctypes\nctypes.string_at(0)",
    "endless loop": "while True: pass",
    "endless loop that is deaf": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "sys.exit": "import sys\nsys.exit(3)",
    "recursion": "def r(): return r()\nr()",
    "memory bomb": "x = [bytearray(10**7) for _ in range(10**4)]\nimport time; time.sleep(2)",
    "fork bomb": "import os\nfor _ in range(1000):\n    try:\n        os.fork()\n    except OSError: break",
    "threads": "import threading, time\nfor _ in range(2000):\n    threading.Thread(target=time.sleep, args=(60,), daemon=False).start()",
    "disk bomb": "with open('big', 'wb') as f:\n    while True: f.write(bytes(10**6))",
    "input": "input('name? ')",
    "stops the supervisor's pipes": "import os\nfor d in range(3, 256):\n    try: os.close(d)\n    except OSError: pass",
    "one line of 20 MB": "print('x' * 20_000_000)",
    "floods": "while True: print('x' * 100_000)",
    "daemon": "import subprocess\nsubprocess.Popen(['sleep', '1000'], start_new_session=True)",
    "forged messages": 'import os, json\nfor d in range(3, 40):\n    try: os.write(d, b\'{"event": "notebook ended"}\\n{"event": 5}\\n[]\\n\\xff\\n\')\n    except OSError: pass',
}


@pytest.mark.slow
@pytest.mark.parametrize("harm", HARM.values(), ids=HARM)
def test_harm_is_ended_and_earlier_answers_stay(harm):
    """The test before the harm keeps its answer, the harm leaves nothing behind, and the next job is as ever."""
    processes = {process.pid for process in psutil.process_iter()}
    with SandboxPool(SandboxSettings(LIMITS)) as pool:
        before = pool.run(Job((Cell("f", "def f(): return 7"), asked())))
        run = pool.run(Job((Cell("f", "def f(): return 7"), asked(), Cell("harm", harm), Cell("g", "print('on')"))))
        assert answer(run, 1) == 7
        after = pool.run(Job((Cell("f", "def f(): return 7"), asked())))
        assert after.cells == before.cells
    ours = psutil.Process().children(recursive=True)
    assert not [process for process in ours if process.pid not in processes]


@pytest.mark.slow
@pytest.mark.parametrize("harm", ["import os; os._exit(0)", "while True: pass", "import os; os.kill(-1, 9)"])
def test_a_function_that_does_harm_when_it_is_asked_loses_only_its_own_marks(sandbox, harm):
    cells = (
        Cell("f", "def f(): return 7"),
        asked("test_f"),
        Cell("g", f"def g():\n    {harm}"),
        asked("test_g", "from helpers.questions import ask\nask('q', g)"),
        Cell("h", "def h(): return 8"),
        asked("test_h", "from helpers.questions import ask\nask('q', h)"),
    )
    with SandboxPool(SandboxSettings(LIMITS)) as pool:
        run = pool.run(Job(cells))
    assert [answer(run, 1), answer(run, 3), answer(run, 5)] == [7, None, 8]


def test_the_time_of_a_question_is_its_own(sandbox):
    hidden = "from helpers.questions import ask\nask('slow', slow)\nask('q', f)"
    run = sandbox.run(Job((Cell("f", "def f(): return 7\ndef slow():\n    while True: pass"), asked(hidden=hidden))))
    assert answer(run, 1) == 7
    assert read_sheet({"c": run.cells[1]}).cells["c"]["slow"].raised.type == "TimeIsUp"


def test_outputs_are_bounded_and_that_is_said(sandbox):
    run = sandbox.run(Job((Cell("c", "for _ in range(200): print('x' * 99_999)"),)))
    assert sum(len(o.get("text", "")) for o in run.cells[0].outputs) <= LIMITS.output_bytes
    assert run.cut == [Cut(Kept.OUTPUT_BYTES, LIMITS.output_bytes)]
    assert str(run.cut[0]) == "only the first 4 MB of the outputs were kept"


# From one job to the next.

TRACES = {
    "variable": ("secret = 1", "'secret' in globals()"),
    "module state": ("import numpy as np; np.secret = 1", "hasattr(__import__('numpy'), 'secret')"),
    "patched helper": (
        "import helpers.questions as q; q.ask = print",
        "__import__('helpers.questions').questions.ask is print",
    ),
    "work file": ("open('left.txt', 'w').write('x')", "__import__('os').path.exists('left.txt')"),
    "file in /tmp": ("open('/tmp/left', 'w').write('x')", "__import__('os').path.exists('/tmp/left')"),
    "file in home": (
        "open('/home/student/left', 'w').write('x')",
        "__import__('os').path.exists('/home/student/left')",
    ),
    "shared memory": ("open('/dev/shm/left', 'w').write('x')", "__import__('os').path.exists('/dev/shm/left')"),
    "environment": ("import os; os.environ['LEFT'] = '1'", "'LEFT' in __import__('os').environ"),
    "history": ("In.append('left')", "'left' in In"),
    "process": (
        "import subprocess; subprocess.Popen(['sleep', '500'], start_new_session=True)",
        "'sleep' in [p.name() for p in __import__('psutil').process_iter()]",
    ),
    "signal handler": (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)",
        "__import__('signal').getsignal(2) == 1",
    ),
    "working directory": ("import os; os.chdir('/')", "__import__('os').getcwd() == '/'"),
    "umask": ("import os; os.umask(0o777)", "__import__('os').umask(0o22) == 0o777"),
}


@pytest.mark.parametrize(("leave", "look"), TRACES.values(), ids=TRACES)
def test_nothing_passes_from_one_submission_to_the_next(sandbox, leave, look):
    assert said(sandbox, f"{leave}\nprint({look})").endswith("True\n"), "the trace must be visible at home"
    assert said(sandbox, f"print({look})") == "False\n"


def test_random_numbers_start_anew_in_each_job(sandbox):
    draw = "import numpy as np, random\nnp.random.seed(1); random.seed(1)\nprint(np.random.rand(), random.random())"
    assert said(sandbox, draw) == said(sandbox, draw)


def test_numbers_from_blas_survive_the_fork(sandbox):
    product = "import numpy as np\na = np.random.default_rng(0).normal(size=(300, 300))\nprint(repr((a @ a).sum()))"
    assert said(sandbox, product) == said(sandbox, product)


# Processor time, and calls that reach past the wall.


@pytest.mark.slow
def test_the_processor_time_of_a_cell_is_that_of_all_its_processes():
    """Six processes count at once: the cell is ended long before its wall time is up."""
    limits = replace(LIMITS, cell_seconds=300, notebook_seconds=300, cell_cpu_seconds=2, cpu_seconds=50)
    count = "import os\nfor _ in range(6):\n    if os.fork() == 0:\n        while True: pass\nos.wait()"
    with SandboxPool(SandboxSettings(limits)) as pool:
        run = pool.run(Job((Cell("f", "def f(): return 7"), asked(), Cell("c", count), Cell("on", "print('on')"))))
    assert "more than 2 seconds of processor time" in run.cells[2].lost
    assert answer(run, 1) == 7 and shown(run, 3) == "on\n"


@pytest.mark.slow
def test_the_processor_time_of_a_notebook_is_that_of_all_its_cells():
    limits = replace(LIMITS, cell_seconds=300, notebook_seconds=300, cell_cpu_seconds=50, cpu_seconds=1)
    count = "import time\nend = time.process_time() + 0.6\nwhile time.process_time() < end: pass"
    with SandboxPool(SandboxSettings(limits)) as pool:
        run = pool.run(Job((Cell("f", "def f(): return 7"), asked(), *[Cell(f"c{n}", count) for n in range(4)])))
    assert any(cell.lost and "processor time" in cell.lost for cell in run.cells[2:])
    assert answer(run, 1) == 7


REACHING = {
    "own_namespace": "libc.unshare(0x10000000)",
    "own_namespace by clone": "libc.syscall({'x86_64': 56, 'aarch64': 220}[os.uname().machine], 0x10000011, 0, 0, 0, 0)",
    "own_namespace by clone3": "libc.syscall(435, None, 0)",
    "trace": "libc.ptrace(16, 1, 0, 0)",
    "memory in no process": "libc.memfd_create(b'x', 0)",
    "shared memory": "libc.shmget(1, 100, 0o1600)",
    "priority of the supervisor": "libc.setpriority(0, 1, 19)",
    "socket of another kind": "libc.socket(40, 1, 0)",
}


@pytest.mark.parametrize("call", REACHING.values(), ids=REACHING)
def test_calls_that_reach_past_the_wall_fail(sandbox, call):
    assert said(sandbox, f"import ctypes, os\nlibc = ctypes.CDLL(None)\nprint({call})") == "-1\n"


def test_every_processor_in_the_tables_has_a_filter_and_others_have_none():
    for machine in ARCHITECTURES:
        program = filter_program(machine)
        assert len(program) % 8 == 0 and len(program) // 8 < 4096  # BPF_MAXINSNS
    assert filter_program("pdp11") is None


def test_limits_of_the_supervisor_cannot_be_touched_but_a_process_may_be_nice(sandbox):
    take = "import os, resource\ntry:\n    resource.prlimit(1, resource.RLIMIT_NOFILE, (3, 3))\nexcept OSError as e: print('no')\nos.nice(5)\nprint(os.getpriority(0, 0), resource.getrlimit(resource.RLIMIT_CORE))"
    assert said(sandbox, take) == "no\n5 (0, 0)\n"


# What arrives is bounded.


@pytest.mark.slow
def test_updates_and_many_small_outputs_are_bounded(sandbox):
    grow = "from IPython.display import HTML, display\nh = [display(HTML('x'), display_id=True) for _ in range(50)]\nfor one in h: one.update(HTML('y' * 500_000))"
    run = sandbox.run(Job((Cell("grow", grow), Cell("many", "for n in range(9000): display(n)"))))
    assert sum(len(str(output)) for cell in run.cells for output in cell.outputs) < 1.5 * LIMITS.output_bytes
    assert sum(len(cell.outputs) for cell in run.cells) <= LIMITS.outputs
    assert Kept.OUTPUTS in [cut.what for cut in run.cut]


def test_cleared_outputs_make_room_for_others(sandbox):
    frames = "from IPython.display import clear_output\nfor n in range(30):\n    print('x' * 400_000)\n    clear_output()\nprint('last')"
    run = sandbox.run(Job((Cell("c", frames),)))
    assert shown(run) == "last\n" and not run.cut


def test_answers_are_bounded_and_that_is_said():
    many = "from helpers.questions import ask\nimport numpy as np\nfor n in range(9): ask(f'q{n}', np.zeros, 25_000)"
    with Sandbox(SandboxSettings(replace(LIMITS, cell_seconds=60, question_seconds=60, answer_bytes=1_000_000))) as own:
        run = own.run(Job((Cell("f", ""), asked(hidden=many))))
    assert len(run.cells[1].answers) == 3 and run.cut == [Cut(Kept.ANSWER_BYTES, 1_000_000)]


def test_halves_of_characters_do_not_get_out(sandbox):
    shown_text = said(sandbox, "print('a\\ud800b')\ndisplay({'text/html': '\\udfff'}, raw=True)")
    shown_text.encode("utf-8")
    assert shown_text.startswith("a?b")


def test_a_folder_that_cannot_be_emptied_by_a_simple_walk_is_emptied(sandbox):
    deep = "import os\nfor _ in range(3000):\n    os.mkdir('d'); os.chdir('d')\nopen(b'\\xff', 'w').close()\nos.chmod('.', 0)"
    assert said(sandbox, deep) == ""
    assert said(sandbox, "import os\nprint(os.listdir('.'), os.listdir('/tmp'))").startswith("[] [")


def test_what_is_mounted_in_a_writable_folder_is_not_looked_into():
    """An environment below /tmp is mounted there again: its files are tens of thousands, and nobody can change them."""
    from autograder.sandbox.folders import contents
    from autograder.sandbox.inside.states import _listing

    assert os.stat("/dev").st_dev != os.stat("/dev/shm").st_dev
    with tempfile.NamedTemporaryFile(dir="/dev/shm") as file, open_folder("/dev") as descriptor:
        seen = {path for path, *_ in contents(descriptor)}
        assert "/shm" in seen and f"/shm/{os.path.basename(file.name)}" not in seen
        listed = _listing(["/dev"])
        assert "/dev/shm" in listed and file.name not in listed and file.name in _listing(["/dev/shm"])


@contextlib.contextmanager
def open_folder(path):
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
