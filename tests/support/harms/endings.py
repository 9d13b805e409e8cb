"""Ends: loops that never do, and processes that end themselves, their parent, their neighbours or everybody."""

from tests.support.harms import SLEEP, in_a_cell, when_asked

STOPPED = "stopped after|used up its time"
TIME = "used up its time"
NOBODY = "ProcessLookupError"  # there is nobody else: that is all they find
GONE = "ended the whole Python process"

HARMS = [
    in_a_cell("endless-loop", "loops for ever", "while True:\n    pass", "stopped after"),
    in_a_cell(
        "deaf-loop",
        "loops for ever and catches every interrupt",
        "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
        TIME,
    ),
    in_a_cell(
        "deaf-to-all-signals",
        "ignores every signal and loops",
        """
import signal

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    pass
""",
        TIME,
    ),
    in_a_cell(
        "own-timer",
        "sets its own alarm clock in place of ours, and loops",
        "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0)\nsignal.setitimer(signal.ITIMER_PROF, 0)\nwhile True:\n    pass",
        TIME,
    ),
    in_a_cell("loop-in-c", "loops inside one call of C, where no signal is looked at", "sum(range(10**12))", TIME),
    in_a_cell(
        "catastrophic-expression",
        "matches a regular expression that backtracks for ever",
        "import re\nre.match(r'(a+)+$', 'a' * 60 + 'b')",
        STOPPED,
    ),
    in_a_cell(
        "giant-product",
        "multiplies giant matrices",
        "import numpy as np\na = np.ones((4000, 4000), np.float32)\nfor _ in range(1000):\n    b = a @ a",
        STOPPED,
    ),
    in_a_cell(
        "loop-in-every-fork",
        "hooks an endless loop into every fork, so that no copy of the notebook starts",
        "import os\n\n\ndef loop():\n    while True:\n        pass\n\n\nos.register_at_fork(after_in_child=loop)",
        "ended by the notebook|used up its time|processor time",
        loses=("triple", "half"),
    ),
    in_a_cell(
        "loop-in-the-tracer",
        "sets a tracing function that never returns",
        "import sys\n\n\ndef trace(*_):\n    while True:\n        pass\n\n\nsys.settrace(trace)\n(lambda: 1)()",
        STOPPED,
    ),
    in_a_cell(
        "loop-at-exit",
        "registers an endless loop for the end of Python",
        "import atexit\n\n\n@atexit.register\ndef loop():\n    while True:\n        pass",
    ),
    in_a_cell(
        "loop-in-a-destructor",
        "loops when an object is thrown away",
        "class Sticky:\n    def __del__(self):\n        while True:\n            pass\n\n\nSticky()\nprint()",
        STOPPED,
    ),
    in_a_cell("leaves-at-once", "calls os._exit", "import os\nos._exit(0)", GONE),
    in_a_cell("kills-itself", "sends itself SIGKILL", "import os\nos.kill(os.getpid(), 9)", GONE),
    in_a_cell("stops-itself", "sends itself SIGSTOP", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", TIME),
    in_a_cell("kills-its-parent", "sends its parent SIGKILL", "import os\nos.kill(os.getppid(), 9)"),
    in_a_cell(
        "every-signal-to-process-1",
        "sends every signal there is to process 1",
        "import os\nfor number in range(1, 65):\n    try:\n        os.kill(1, number)\n    except OSError:\n        pass",
    ),
    in_a_cell("kills-everybody", "sends SIGKILL to everybody", "import os\nos.kill(-1, 9)", NOBODY),
    in_a_cell("stops-everybody", "sends SIGSTOP to everybody", "import os, signal\nos.kill(-1, signal.SIGSTOP)"),
    in_a_cell("kills-its-group", "sends SIGTERM to its process group", "import os\nos.killpg(0, 15)", GONE),
    in_a_cell("becomes-another-program", "replaces itself by sleep", f"import os\nos.execv('/bin/sleep', ['sleep', '{SLEEP}'])", f"{TIME}|{GONE}"),
    in_a_cell("segmentation-fault", "reads address 0", "import ctypes\nctypes.string_at(0)", GONE),
    in_a_cell("aborts", "calls abort", "import os\nos.abort()", GONE),
    in_a_cell("crashes-the-stack", "overflows the stack of C", "import faulthandler\nfaulthandler._stack_overflow()", GONE),
    in_a_cell("deep-recursion", "recurses for ever", "def r():\n    return r()\n\n\nr()", f"RecursionError|{STOPPED}"),
    in_a_cell(
        "recursion-without-limit",
        "lifts the limit of recursion and recurses for ever",
        "import sys\nsys.setrecursionlimit(10**9)\n\n\ndef r(x):\n    return r([x])\n\n\nr(1)",
        f"MemoryError|memory|{GONE}|{STOPPED}",
    ),
    in_a_cell("leaves-by-sys-exit", "calls sys.exit", "import sys\nsys.exit(3)", "SystemExit"),
    when_asked("asked-and-loops", "loops when it is asked", "def triple(x):\n    while True:\n        pass", "took too long"),
    when_asked(
        "asked-and-deaf",
        "loops when it is asked, and catches every interrupt",
        "def triple(x):\n    while True:\n        try:\n            while True:\n                pass\n        except BaseException:\n            pass",
        TIME,
    ),
    when_asked("asked-and-leaves", "calls os._exit when it is asked", "import os\n\n\ndef triple(x):\n    os._exit(0)", GONE),
    when_asked(
        "asked-and-kills",
        "kills everybody when it is asked",
        "import os\n\n\ndef triple(x):\n    os.kill(-1, 9)\n    os._exit(1)",
        GONE,
    ),
    when_asked("asked-and-crashes", "reads address 0 when it is asked", "import ctypes\n\n\ndef triple(x):\n    ctypes.string_at(0)", GONE),
    *(
        when_asked(f"asked-and-raises-{error}", f"raises {error} when it is asked", f"def triple(x):\n    raise {error}", error)
        for error in ("SystemExit", "KeyboardInterrupt", "GeneratorExit")
    ),
    when_asked(
        "asked-and-raises-its-own",
        "raises an exception that is no Exception",
        "class Own(BaseException):\n    pass\n\n\ndef triple(x):\n    raise Own('no')",
        "Own",
    ),
]  # fmt: skip
