"""Hidden tests in one process that goes back to each cell: the same answers as with a process for each, or not used."""

from dataclasses import replace

import pytest

from autograder.course.settings import Course
from autograder.grading.key import seeds_of
from autograder.notebook import rebuild
from autograder.notebook.needed import names_read
from autograder.running.work import cells_to_run
from autograder.sandbox.job import Cell, Job, Limits, SandboxSettings
from autograder.sandbox.sandbox import Sandbox
from tests.support.courses import ROOT
from tests.support.hidden_cells import ASK, answer, asked

LIMITS = Limits(cell_seconds=4, question_seconds=1, notebook_seconds=25, memory=400 * 1024**2)

SUMS = "import numpy as np\nw = np.ones(3)\ndef f():\n    return w.sum()"

# What stands before a test cell that asks f(), what stands after it, what f() answers, and whether one process is enough.
CASES = {
    "nothing happens": ("def f():\n    return 1", "", 1, True),
    "the function is written anew": ("def f():\n    return 1", "def f():\n    return 2", 1, True),
    "what it calls is written anew": (
        "def g():\n    return 1\ndef f():\n    return g()",
        "def g():\n    return 2",
        1,
        True,
    ),
    "a number is set anew": ("n = 1\ndef f():\n    return n", "n = 2", 1, True),
    "a name is deleted": ("n = 1\ndef f():\n    return n", "del n, f", 1, True),
    "what it needs is defined too late": ("def f():\n    return late()", "def late():\n    return 2", None, True),
    "an array is replaced": (SUMS, "w = 2 * w", 3, True),
    "an array is changed in place": (
        SUMS,
        "w *= 2",
        3,
        False,
    ),
    "an array is changed in place and back": (
        SUMS,
        "w *= 2\nw /= 2",
        3,
        True,
    ),
    "an array that nobody reads is changed": (
        "import numpy as np\nw = np.ones(3)\ndef f():\n    return 1",
        "w *= 2",
        1,
        True,
    ),
    "a list grows": ("seen = []\ndef f():\n    return len(seen)", "seen.append(1)", 0, False),
    "a list inside a dict grows": (
        "kept = {'a': [[]]}\ndef f():\n    return len(kept['a'][0])",
        "kept['a'][0].append(1)",
        0,
        False,
    ),
    "a dict is changed": ("kept = {'a': 1}\ndef f():\n    return kept['a']", "kept['a'] = 2", 1, False),
    "a list seen through another function grows": (
        "seen = []\ndef g():\n    return seen\ndef f():\n    return len(g())",
        "seen.append(1)",
        0,
        False,
    ),
    "a default grows": ("def f(seen=[]):\n    return len(seen)", "f.__defaults__[0].append(1)", 0, False),
    "a function counts its calls": (
        "def f():\n    f.calls += 1\n    return f.calls\nf.calls = 0",
        "f(), f()",
        1,
        False,
    ),
    "a closure counts": (
        "def make():\n    n = 0\n    def f():\n        nonlocal n\n        n += 1\n        return n\n    return f\nf = make()",
        "f(), f()",
        1,
        False,
    ),
    "a function gets another body": ("def f():\n    return 1", "f.__code__ = (lambda: 2).__code__", 1, False),
    "a global is counted up": ("n = 0\ndef f():\n    global n\n    n += 1\n    return n", "f(), f()", 1, True),
    "a generator goes on": (
        "import numpy as np\nrng = np.random.default_rng(0)\ndef f():\n    return rng.integers(1_000)",
        "f()",
        850,
        False,
    ),
    "numpy's own random numbers go on": (
        "import numpy as np\nnp.random.seed(0)\ndef f():\n    return np.random.randint(1_000)",
        "f()",
        684,
        True,
    ),
    "random goes on": (
        "import random\nrandom.seed(0)\ndef f():\n    return random.randrange(1_000)",
        "f()",
        864,
        False,
    ),
    "an object of a class of its own": (
        "class Box:\n    n = 1\nbox = Box()\ndef f():\n    return box.n",
        "box.n = 2",
        1,
        False,
    ),
    "numpy is made strict": (
        "import numpy as np\ndef f():\n    return float(np.float64(1) / np.float64(0) > 1)",
        "np.seterr(all='raise')",
        1,
        False,
    ),
    "warnings become errors": (
        "import warnings\ndef f():\n    warnings.warn('so')\n    return 1",
        "warnings.simplefilter('error')",
        1,
        False,
    ),
    "the folder is left": ("import os\ndef f():\n    return len(os.getcwd().split('/'))", "os.chdir('/tmp')", 4, False),
    "numpy is patched": (
        "import numpy as np\ndef f():\n    return np.sum([1, 2])",
        "np.sum = lambda values: 0",
        3,
        False,
    ),
    "a helper is patched": (
        "import helpers.losses as losses\ndef f():\n    return losses.mse(1, 2)",
        "losses.mse = lambda *_: 0",
        1,
        False,
    ),
    "a built-in is patched": (
        "def f():\n    return len([1])",
        "import builtins\nbuiltins.len = lambda things: 2",
        1,
        False,
    ),
    "a name is reached in words": ("n = 1\ndef f():\n    return eval('n')", "n = 2", 1, False),
}


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(SandboxSettings(LIMITS)) as started:
        yield started


def answers(run, *numbers):
    """What the hidden test of each of these cells got: a number, or None for an error."""
    return [answer(run, number) for number in numbers]


@pytest.mark.sandbox
@pytest.mark.slow
@pytest.mark.parametrize(("before", "after", "answer", "together"), CASES.values(), ids=CASES)
def test_each_hidden_test_sees_the_notebook_as_it_was_at_its_cell(sandbox, before, after, answer, together):
    job = Job((Cell("f", before), asked("test_f"), Cell("extra", after)))
    quick, apart = sandbox.run(job), sandbox.run(replace(job, apart=True))
    assert (answers(quick, 1), answers(apart, 1)) == ([answer], [answer])
    assert (quick.together, apart.together) == (together, False)
    assert quick.cells == apart.cells


@pytest.mark.sandbox
@pytest.mark.parametrize(
    "left",
    [
        "global n\n    n = 2",
        "import numpy as np\n    np.seterr(all='raise')",
        "import io, sys\n    sys.stdout = io.StringIO()",
        "import os\n    os.chdir('/')",
        "import random\n    random.seed(1)",
    ],
)
def test_what_one_hidden_test_leaves_is_not_there_for_the_next(sandbox, left):
    look = "import io, os, random, sys, numpy as np\nrandom.seed(0)\nn = 1\nsaw = (n, np.geterr()['over'], os.getcwd())"
    same = "def g():\n    return int(saw == (n, np.geterr()['over'], os.getcwd()) and random.random() > 0.84 and not isinstance(sys.stdout, io.StringIO))"
    cells = (
        Cell("look", look),
        Cell("f", f"def f():\n    {left}\n    return 1\n{same}"),
        asked("test_f"),
        asked("test_g", ASK.replace("f)", "g)")),
    )
    run = sandbox.run(Job(cells))
    assert answers(run, 2, 3) == [1, 1]


@pytest.mark.sandbox
@pytest.mark.parametrize(
    "ends",
    ["import os\n    os._exit(0)", "import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)", "import ctypes\n    ctypes.string_at(0)"],
)  # fmt: skip
def test_a_function_that_ends_its_process_costs_its_own_hidden_test_only(sandbox, ends):
    """Asked together it would have taken the others with it: they are asked apart then."""
    cells = (
        Cell("f", f"def g():\n    return 7\ndef f():\n    {ends}"),
        asked("test_f"),
        asked("test_g", ASK.replace("f)", "g)")),
    )
    run = sandbox.run(Job(cells))
    assert not run.together
    assert run.cells[1].hidden_lost and not run.cells[1].answers
    assert answers(run, 2) == [7]


@pytest.mark.sandbox
def test_an_endless_function_is_stopped_and_the_others_are_asked_in_the_same_process(sandbox):
    cells = (
        Cell("f", "def g():\n    return 7\ndef f():\n    while True:\n        pass"),
        asked("test_f"),
        asked("test_g", ASK.replace("f)", "g)")),
    )
    run = sandbox.run(Job(cells))
    assert run.together
    assert answers(run, 1, 2) == [None, 7]


@pytest.mark.sandbox
def test_what_the_cell_itself_gives_a_value_first_is_not_looked_at(sandbox):
    """The test cell draws with a generator of its own, and a later one with another of the same name."""
    makes = "import numpy as np\nrng = np.random.default_rng(3)"
    hidden = f"{ASK.split(chr(10))[0]}\nask('q', f, rng)"
    cells = (
        Cell("f", "def f(rng):\n    return rng.integers(100)"),
        asked("test_f", hidden, makes, makes),
        Cell("extra", "rng = None"),
    )
    run = sandbox.run(Job(cells))
    assert run.together
    assert answers(run, 1) == [81]


@pytest.mark.sandbox
def test_large_arrays_are_not_noted_and_cost_nothing(sandbox):
    """Where one is read, the other way is taken; where none is, it does not matter."""
    make = "import numpy as np\nbig = np.ones((1000, 1000))\ndef g():\n    return 1\ndef f():\n    return big.sum()"
    cells = (Cell("f", make), asked("test_g", ASK.replace("f)", "g)")))
    assert sandbox.run(Job(cells)).together
    run = sandbox.run(Job((*cells, asked("test_f"))))
    assert not run.together
    assert answers(run, 1, 2) == [1, 1_000_000]


@pytest.mark.sandbox
@pytest.mark.slow
def test_every_sample_submission_answers_the_same_either_way():
    course = Course.here(ROOT)
    ways = []
    with Sandbox(course.sandbox_settings()) as sandbox:
        for path in sorted((ROOT / "examples" / "submitted").glob("*/*/*.ipynb")):
            assignment = path.parent.name
            if path.parent.parent.name == "endless-loop":  # where it is stopped is a matter of chance
                continue
            source = course.source_notebook(assignment, path.stem)
            master = rebuild.master_notebook(source, course.config)
            rebuilt = rebuild.rebuild(rebuild.read_notebook(path.read_bytes()), master)
            cells = cells_to_run(rebuilt.notebook, seeds_of(course, assignment, source))
            job = Job(cells, withheld=course.withheld(assignment))
            quick, apart = sandbox.run(job), sandbox.run(replace(job, apart=True))
            assert quick.cells == apart.cells, path
            ways.append(quick.together)
    assert len(ways) > 60
    assert sum(ways) > 0.8 * len(ways), "hardly any is asked the quick way"


READ = {
    "ask('q', f, x)": {"ask", "f", "x"},
    "x = 1\nask('q', f, x)": {"ask", "f"},
    "x = x + 1": {"x"},
    "for x in range(3):\n    f(x)": {"range", "f"},
    "def g(a):\n    b = a\n    return b + c": {"c"},
    "c = 1\ndef g():\n    return c": set(),
    "from helpers.questions import ask\nask('q', [f(y) for y in z])": {"f", "z"},
    "class A:\n    b = c\n    def d(self):\n        return e": {"__name__", "c", "e"},
    "eval('x')": None,
    "%time x": None,
}


@pytest.mark.parametrize(("text", "names"), READ.items())
def test_names_that_a_text_reads_before_it_gives_them_a_value(text, names):
    assert names_read(text) == names


@pytest.mark.sandbox
def test_asked_apart_a_cell_that_ends_waiting_processes_is_left_out(sandbox):
    """One function ends its process, so that they are asked apart; and a cell kills all that waits to be asked.

    It does not say so, or else nothing would wait there: the notebook would be started anew for each test cell.
    """
    cells = (
        Cell("g", "def g():\n    return 7"),
        asked("test_g", ASK.replace("f)", "g)")),
        Cell(
            "extra",
            "import os, time\ntry:\n    getattr(os, 'ki' + 'll')(-1, 9)\nexcept ProcessLookupError:\n    pass\ntime.sleep(0.5)",
        ),
        Cell("f", "def f():\n    os._exit(0)"),
        asked("test_f"),
    )
    run = sandbox.run(Job(cells))
    assert not run.together
    assert "ended other processes" in run.cells[2].lost
    assert answers(run, 1) == [7]


@pytest.mark.sandbox
@pytest.mark.slow
def test_a_function_that_pours_out_too_much_costs_the_next_nothing():
    cells = (
        Cell("f", "import numpy as np\ndef g():\n    return 7\ndef f():\n    return np.zeros(1_000_000)"),
        asked("test_f", "\n".join([ASK, "ask('r', f)", "ask('s', f)"])),
        asked("test_g", ASK.replace("f)", "g)")),
    )
    with Sandbox(SandboxSettings(replace(LIMITS, pipe_bytes=8 * 1024**2))) as small:
        for job in (Job(cells), Job(cells, apart=True)):
            run = small.run(job)
            assert not run.together
            assert "output" in run.cells[1].hidden_lost
            assert answers(run, 2) == [7]
