"""Before you hand in: is everything there, unchanged where it must be, and does it run from the top?

    from helpers.ready import ready

    ready("03_backprop")

Looks at the saved file, runs it in a fresh kernel, and says "ready to hand in" or what to mend. Nothing is changed.
"""

import ast
import html
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path

HANDED_OUT = Path(__file__).with_name("handed_out.json")  # made by `autograder release`
TRAVELS = ["*.py", "*.txt", "*.csv", "*.json", "*.npy", "*.npz", "*.png", "*.jpg", "*.jpeg", "*.svg", "*.md"]
LARGEST = 20 * 1024**2  # bytes of a notebook that is handed in with ease
NOTHING_WRITTEN = "Nothing can be written where Python keeps what it needs while it runs: is the disk full? "
WAIT = 900  # seconds for the whole fresh run


@dataclass
class Report:
    """What `ready` found.

    Attributes:
        notebook: the file's name.
        problems: sentences; what is to be mended before you hand in.
        remarks: sentences; what is good to know.
        unwritten: whether some function is still as it was handed out.
    """

    notebook: str
    problems: list = field(default_factory=list)
    remarks: list = field(default_factory=list)
    unwritten: bool = False  # some function is still as it was handed out, which is among the problems

    @property
    def is_ready(self):
        return not self.problems

    @property
    def verdict(self):
        if self.is_ready:
            return f"{self.notebook} is ready to hand in."
        things = "one thing" if len(self.problems) == 1 else f"{len(self.problems)} things"
        return f"{self.notebook} is not ready yet: {things} to mend."

    def __str__(self):
        lines = [f"{'✓' if self.is_ready else '✗'} {self.verdict}"]
        lines += [f"  – {problem}" for problem in self.problems]
        lines += [f"  · {remark}" for remark in self.remarks]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self):
        def listed(items):
            return "".join(f"<li>{html.escape(item)}</li>" for item in items)

        parts = [f"<p><b>{'✓' if self.is_ready else '✗'} {html.escape(self.verdict)}</b></p>"]
        if self.problems:
            parts.append(f"<ul>{listed(self.problems)}</ul>")
        if self.remarks:
            parts.append(f"<p>Good to know:</p><ul>{listed(self.remarks)}</ul>")
        return "".join(parts)


def ready(name):
    """Check a saved notebook in the current folder, as it would be handed in.

    Args:
        name: of the notebook, with or without .ipynb.

    Returns:
        A Report, which shows itself at the end of a cell: what is wrong is in it, and nothing is raised. None while
        nbgrader grades or validates the notebook, which run all cells themselves.
    """
    if "NBGRADER_EXECUTION" in os.environ:
        return None
    name = name.removesuffix(".ipynb")
    report = Report(f"{name}.ipynb")
    path = Path.cwd() / f"{name}.ipynb"
    if not path.is_file():
        where = f"There is no {path.name} in this folder. Save the notebook under this name, open it and run this cell there."
        others = ", ".join(sorted(other.name for other in Path.cwd().glob("*.ipynb"))[:5])
        report.problems.append(f"{where} Here are: {others}." if others else where)
        return report
    notebook = _read(path, report)
    if notebook is None:
        return report
    _compare_with_what_was_handed_out(notebook, name, report)
    _look_for_what_was_run_but_not_saved(notebook, report)
    _look_at_order(notebook, report)
    _look_whether_it_can_be_saved(path, report)
    _look_at_files(notebook, path.parent, report)
    _run_afresh(path, notebook, report)
    return report


def _read(path, report):
    """The notebook as plain data, or None."""
    try:
        notebook = json.loads(path.read_bytes())
        cells = [{**cell, "source": _text(cell["source"])} for cell in notebook["cells"]]
    except (ValueError, KeyError, TypeError, OSError) as error:
        report.problems.append(
            f"The file cannot be read as a notebook ({type(error).__name__}). Save it again in JupyterLab."
        )
        return None
    if path.stat().st_size > LARGEST:
        report.problems.append(
            f"The file has {path.stat().st_size / 1024**2:.0f} MB. Choose Edit → Clear outputs of all cells, and save."
        )
    return cells


def _text(source):
    return source if isinstance(source, str) else "".join(source)


def _grade_id(cell):
    return cell.get("metadata", {}).get("nbgrader", {}).get("grade_id")


def fingerprint(source):
    """What a cell's text is compared by: the spaces at the ends of lines do not count."""
    lines = [line.rstrip() for line in source.strip().split("\n")]
    return sha256("\n".join(lines).encode()).hexdigest()[:16]


def _compare_with_what_was_handed_out(cells, name, report):
    """Missing, doubled and changed cells of the course, and solutions that are still as they were handed out."""
    known = json.loads(HANDED_OUT.read_text(encoding="utf-8")).get(name) if HANDED_OUT.is_file() else None
    if known is None:
        report.remarks.append(
            f"{name} is no assignment that this course's helpers know, so its cells were not compared."
        )
        return
    found = {}
    for cell in cells:
        found.setdefault(_grade_id(cell), []).append(cell)
    for given in known:
        mine, what = found.get(given["id"], []), given["id"]
        if not mine and given["kind"] != "text":
            report.problems.append(f"The cell “{what}” is missing. Copy it back from a fresh copy of the assignment.")
        elif len(mine) > 1:
            report.problems.append(f"The cell “{what}” is there {len(mine)} times. Keep the one with your work in it.")
        elif mine:
            same = fingerprint(mine[0]["source"]) == given["fingerprint"]
            if given["kind"] == "solution" and same:
                report.problems.append(f"“{what}” is still as it was handed out.")
                report.unwritten = True
            elif given["kind"] != "solution" and not same:
                kind = "The check in" if given["kind"] == "test" else "The course's cell"
                report.problems.append(
                    f"{kind} “{what}” was changed. Grading uses the course's own: copy it back from a fresh copy."
                )


def _look_for_what_was_run_but_not_saved(cells, report):
    """Functions whose latest version in this session is not the one in the file."""
    try:
        from IPython import get_ipython

        history = list(get_ipython().history_manager.input_hist_raw)
    except (ImportError, AttributeError):
        return
    for cell in cells:
        name = _grade_id(cell)
        if (
            cell.get("cell_type") != "code"
            or not name
            or not re.search(rf"^def {re.escape(name)}\b", cell["source"], re.M)
        ):
            continue
        versions = [text for text in history if re.search(rf"^def {re.escape(name)}\b", text, re.M)]
        if versions and fingerprint(versions[-1]) != fingerprint(cell["source"]):
            report.remarks.append(
                f"The saved “{name}” is not the one that you ran last. What is saved counts: save (Ctrl+S) and check again."
            )


def _look_at_order(cells, report):
    """Cells that were never run, or in another order than they stand in."""
    code = [cell for cell in cells if cell.get("cell_type") == "code" and cell["source"].strip()]
    counts = [cell.get("execution_count") for cell in code[:-1]]  # the last one is this check
    if any(count is None for count in counts):
        report.remarks.append(
            f"{sum(count is None for count in counts)} cells have not been run, or were not saved after it."
        )
    ran = [count for count in counts if count is not None]
    if ran != sorted(ran):
        report.remarks.append(
            "The cells were last run in another order than they stand in; grading runs them from the top."
        )


def _look_whether_it_can_be_saved(path, report):
    """Work that JupyterLab cannot write down is neither kept nor checked."""
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        report.remarks.append(
            f"{path.name} is read-only here, so what you type here is not saved, and was not checked. "
            "Copy its folder to a place of your own, and work there."
        )


def _look_at_files(cells, folder, report):
    """Files that the code names: will they be there where it is graded?"""
    for name in sorted(_named_files(cells)):
        path = Path(name)
        if path.is_absolute() or ".." in path.parts:
            if (folder / path).exists():
                report.problems.append(
                    f"The code names the file {name}, which lies elsewhere on this computer and will not travel. "
                    "Put it beside the notebook and name it without folders above."
                )
        elif (folder / path).is_file():
            if any(fnmatch(path.name.lower(), pattern) for pattern in TRAVELS):
                report.remarks.append(f"The code needs {name}: hand it in beside the notebook.")
            else:
                report.problems.append(
                    f"The code needs {name}, but files of this kind are not taken along when grading."
                )
        elif (folder / f"{name}.py").is_file():
            report.remarks.append(f"The code imports {name}.py: hand it in beside the notebook.")


def _named_files(cells):
    """Short texts in the code that may be names of files, and the modules that it imports."""
    names = set()
    for cell in cells:
        if cell.get("cell_type") != "code":
            continue
        lines = [line for line in cell["source"].split("\n") if not line.lstrip().startswith(("%", "!", "?"))]
        try:
            tree = ast.parse("\n".join(lines))
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and re.fullmatch(r"[^\n\0]{1,200}", node.value)
            ):
                if "/" in node.value or re.search(r"\.\w{1,6}$", node.value):
                    names.add(node.value)
            elif isinstance(node, ast.Import):
                names.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names


def _run_afresh(path, cells, report):
    """Run the saved notebook from the top in a kernel of its own."""
    root = Path(__file__).resolve().parents[1]  # the course is found there, wherever the notebook lies
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))}
    try:
        run = subprocess.run(
            [sys.executable, "-m", "helpers.fresh_run", str(path)],
            capture_output=True,
            text=True,
            timeout=WAIT,
            env=environment,
            cwd=root,
        )
        failures = json.loads(run.stdout.strip().split("\n")[-1])
    except subprocess.TimeoutExpired:
        report.problems.append(f"Running all cells took more than {WAIT // 60} minutes.")
        return
    except (ValueError, OSError):
        last = (run.stderr.strip().split("\n") or [""])[-1]
        why = NOTHING_WRITTEN if re.search("temporary directory|No space|Read-only|Permission", last) else ""
        report.problems.append(f"The notebook could not be run from the top. {why}Python said: {last[:300]}")
        return
    for failure in failures:
        cell = cells[failure["index"]]
        name = _grade_id(cell) or f"cell {failure['index'] + 1}"
        if failure["name"] == "NotImplementedError" and report.unwritten:
            continue  # said already, and once is enough
        text = " ".join(failure["text"].split())[:300]
        if failure["name"] == "CheckFailed":
            report.problems.append(f"The check in “{name}” fails: {text}")
        else:
            report.problems.append(f"“{name}” stops with {failure['name']}: {text}")
