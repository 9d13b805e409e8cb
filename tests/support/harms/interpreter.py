"""The interpreter's own parts, taken away or turned around."""

import base64

from tests.support.harms import LEFT, SLEEP, Harm, in_a_cell

LATER = ("triple", "half")
NOT_ASKED = "ended the whole Python process|ended by the notebook|could not|used up its time|not answered"


def _with_pictures(notebook):
    """Text cells with attachments of every kind, HTML and metadata that no notebook has."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            content = base64.b64encode(b"<svg onload='alert(1)'/>").decode()
            cell["attachments"] = {
                "x.svg": {"image/svg+xml": content},
                "y.png": {"text/html": "<script>alert(1)</script>"},
            }
            cell.source += "\n\n![x](attachment:x.svg) ![y](attachment:y.png)"


HARMS = [
    in_a_cell("closes-all-files", "closes every open file", "import os\nos.closerange(0, 256)", "ended the whole Python process"),
    in_a_cell("stdout-is-none", "has no standard output any more", "import sys\nsys.stdout = sys.stderr = None"),
    in_a_cell(
        "no-builtins",
        "deletes the built-in functions",
        "import builtins\nfor name in ('len', 'print', 'isinstance', 'open', 'getattr', 'str', 'int', '__import__'):\n    delattr(builtins, name)",
        said=NOT_ASKED,
    ),
    in_a_cell("no-numpy", "deletes numpy from the loaded modules", "import sys\nfor name in [n for n in sys.modules if n.split('.')[0] == 'numpy']:\n    del sys.modules[name]", loses=()),
    in_a_cell("no-modules", "deletes all loaded modules", "import sys\nsys.modules.clear()", loses=LATER, said=NOT_ASKED),
    in_a_cell(
        "raises-its-limits",
        "raises its own limits and those of process 1",
        "import resource\nfor pid in (0, 1):\n    for kind in (resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_AS):\n        try:\n            resource.prlimit(pid, kind, (2**40, 2**40))\n            print('raised', pid)\n        except (ValueError, OSError):\n            pass",
    ),
    in_a_cell(
        "limits-of-the-supervisor",
        "takes open files, memory and processor time away from process 1, which serves the next student",
        "import resource\nfor kind, most in ((resource.RLIMIT_NOFILE, 3), (resource.RLIMIT_AS, 10**6), (resource.RLIMIT_CPU, 1)):\n    try:\n        resource.prlimit(1, kind, (most, most))\n        print('taken')\n    except OSError:\n        pass",
    ),
    in_a_cell(
        "last-in-the-queue",
        "gives process 1 the lowest priority, for whoever comes next",
        "import os\nfor act in (lambda: os.setpriority(os.PRIO_PROCESS, 1, 19), lambda: os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0)), lambda: os.sched_setaffinity(1, {0})):\n    try:\n        act()\n        print('done')\n    except OSError:\n        pass\nos.nice(19)",
    ),
    in_a_cell("deletes-its-folder", "goes elsewhere and deletes its work folder", "import os, shutil\nfolder = os.getcwd()\nos.chdir('/')\nshutil.rmtree(folder)"),
    in_a_cell("closes-its-folder", "takes all rights from its work folder", "import os\nos.chmod('.', 0)\nos.umask(0o777)"),
    in_a_cell(
        "shared-memory-left-behind",
        "leaves shared memory, a semaphore and a queue behind",
        f"import ctypes\nfrom multiprocessing import shared_memory\nmine = shared_memory.SharedMemory('{LEFT}', create=True, size=1000)\nlibc = ctypes.CDLL(None)\nprint(libc.shmget(4242, 1000, 0o1600), libc.semget(4242, 1, 0o1600), libc.msgget(4242, 0o1600))",
        "-1 -1 -1",
    ),
    in_a_cell(
        "threads-left-running",
        "leaves threads that print and count for ever",
        "import threading\n\n\ndef run():\n    while True:\n        print('still here')\n\n\nfor _ in range(4):\n    threading.Thread(target=run, daemon=False).start()",
        loses=None,
    ),
    in_a_cell(
        "tasks-left-running",
        "leaves asyncio tasks",
        f"import asyncio\n\n\nasync def run():\n    await asyncio.sleep({SLEEP})\n\n\nloop = asyncio.new_event_loop()\nloop.create_task(run())\nloop.run_until_complete(asyncio.sleep(0))",
    ),
    in_a_cell("asks-the-user", "asks the person at the keyboard", "input('name? ')", "EOFError|raw_input|input"),
    in_a_cell("asks-for-a-password", "asks for a password", "import getpass\ngetpass.getpass()", "EOFError|Error"),
    in_a_cell("odd-characters", "prints control characters, terminal codes and halves of characters", "print('\\x1b[2J\\x1b]0;title\\x07\\x00\\x08\\ud800\\udfff\\u202eabc\\x85')\nprint('\\ufdd0\\uffff', repr('x'))"),
    in_a_cell(
        "odd-class-names",
        "raises an exception whose name and text are HTML",
        "raise type('<img src=x onerror=alert(1)>', (Exception,), {})('<script>alert(1)</script>')",
        "alert",
    ),
    Harm("odd-file-names", "hands in files whose names are HTML, or no text", files={b"<img src=x onerror=alert(1)>.exe": b"x", b"\xff\xfe\x80.exe": b"x", b"a\nb\x1b[31m.csv": b"1,2"}, said="left behind"),
    Harm("odd-attachments", "attaches HTML and drawings to its text cells", edit=_with_pictures),
]  # fmt: skip
