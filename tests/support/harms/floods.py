"""Floods: more memory, processes, threads, files or output than a machine has."""

from tests.support.harms import LEFT, SLEEP, in_a_cell

MEMORY = "of memory|MemoryError|stopped after"  # a busy machine fills slowly
KEPT = "only the first .* outputs were kept|more than .* of output|stopped after|used up its time"

HARMS = [
    in_a_cell(
        "memory-in-a-list",
        "fills memory with a list",
        "hoard = []\nwhile True:\n    hoard.append(bytearray(10**7))",
        MEMORY,
    ),
    in_a_cell(
        "memory-in-arrays",
        "fills memory with arrays",
        "import numpy as np\nhoard = []\nwhile True:\n    hoard.append(np.ones(10**7))",
        MEMORY,
    ),
    in_a_cell(
        "memory-in-many-processes",
        "fills memory with many processes, each of them small",
        f"import os, time\nfor _ in range(20):\n    if os.fork() == 0:\n        hoard = bytearray(b'x' * 60_000_000)\n        time.sleep({SLEEP})\ntime.sleep({SLEEP})",
        MEMORY,
    ),
    in_a_cell(
        "memory-in-files-of-memory",
        "keeps memory in files that lie in no folder",
        f"import os\nfor number in range(200):\n    file = os.memfd_create('{LEFT}')\n    os.write(file, bytes(10**6))",
        "PermissionError",
    ),
    in_a_cell(
        "fork-bomb",
        "forks until nothing more can be forked, and once more",
        "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass",
        "stopped after|used up its time|processor time|of memory",
    ),
    in_a_cell(
        "processor-time-of-many",
        "lets many processes count at once",
        "import os\nfor _ in range(12):\n    if os.fork() == 0:\n        while True:\n            pass\nfor _ in range(12):\n    os.wait()",
        "stopped after|used up its time|processor time",
    ),
    in_a_cell(
        "daemons",
        "leaves daemons behind that have cut every tie",
        f"import os, subprocess\nfor _ in range(10):\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0:\n            subprocess.run(['sleep', '{SLEEP}'])\n        os._exit(0)",
    ),
    in_a_cell(
        "zombies",
        "leaves dead children that nobody buries",
        "import os\nfor _ in range(40):\n    if os.fork() == 0:\n        os._exit(0)",
    ),
    in_a_cell(
        "thread-bomb",
        "starts threads without end",
        f"import threading, time\nwhile True:\n    threading.Thread(target=time.sleep, args=({SLEEP},)).start()",
        "can't start new thread|stopped after|MemoryError|ended the whole Python process",
        loses=None,  # the notebook itself may not be able to start what comes after
    ),
    in_a_cell(
        "disk-in-tmp",
        "fills /tmp",
        f"number = 0\nwhile True:\n    number += 1\n    with open(f'/tmp/{LEFT}-{{number}}', 'wb') as file:\n        file.write(bytes(10**6))",
        "No space left",
    ),
    in_a_cell(
        "disk-in-one-file",
        "writes one file without end into the work folder",
        f"with open('{LEFT}', 'wb') as file:\n    while True:\n        file.write(bytes(10**6))",
        "File too large|No space left",
    ),
    in_a_cell(
        "disk-in-shared-memory",
        "fills /dev/shm",
        f"number = 0\nwhile True:\n    number += 1\n    with open(f'/dev/shm/{LEFT}-{{number}}', 'wb') as file:\n        file.write(bytes(10**6))",
        "No space left",
    ),
    in_a_cell(
        "many-small-files",
        "makes empty files without end",
        f"number = 0\nwhile True:\n    number += 1\n    open(f'/tmp/{LEFT}-{{number}}', 'w').close()",
        "made more than .* files",
    ),
    in_a_cell(
        "deep-folders",
        "makes folders in folders in folders, deeper than any path may be",
        f"import os\nfor _ in range(1500):\n    os.mkdir('{LEFT}')\n    os.chdir('{LEFT}')",
    ),
    in_a_cell(
        "locked-folders-with-odd-names",
        "makes files whose names are no text, in folders that are closed",
        f"import os\nfor name in (b'\\xff\\xfe\\n {LEFT}', b'-rf {LEFT}', b'{LEFT}' + b'y' * 200):\n    os.mkdir(name)\n    open(os.path.join(name, b'\\x01\\x80'), 'w').close()\n    os.mkdir(name + b'/inner')\n    os.chmod(name + b'/inner', 0)\n    os.chmod(name, 0)",
    ),
    in_a_cell("two-gigabytes-of-output", "prints 2 GB in many lines", "for _ in range(20_000):\n    print('x' * 100_000)", KEPT),
    in_a_cell("one-long-line", "prints a line of 20 MB", "print('x' * 20_000_000)", KEPT),
    in_a_cell("empty-lines", "prints nothing but line ends, each by itself", "import sys\nwhile True:\n    print()\n    sys.stdout.flush()", KEPT),
    in_a_cell("output-through-descriptor-1", "writes to descriptor 1 without end", "import os\nwhile True:\n    os.write(1, b'x' * 1_000_000)", "File too large|No space left|stopped after"),
    in_a_cell("output-of-a-program", "lets a program print without end", "import os\nos.system('yes; true')"),
    in_a_cell("giant-page", "displays 30 MB of HTML", "from IPython.display import HTML, display\ndisplay(HTML('<p>x</p>' * 4_000_000))", f"was left out|{KEPT}"),
    in_a_cell("million-displays", "displays a million things", "from IPython.display import display\nfor number in range(1_000_000):\n    display(number)", KEPT),
    in_a_cell(
        "clears-and-shows",
        "shows and clears without end",
        "from IPython.display import clear_output\nwhile True:\n    print('x' * 10_000)\n    clear_output()",
        KEPT,
    ),
    in_a_cell(
        "grows-by-updates",
        "shows little, and then lets each of it grow",
        "from IPython.display import HTML, display\nshown = [display(HTML('x'), display_id=True) for _ in range(100)]\nfor one in shown:\n    one.update(HTML('y' * 1_000_000))",
        KEPT,
    ),
]  # fmt: skip
