"""Run a saved notebook from top to bottom in a kernel of its own, and say which cells fail.

    python -m helpers.fresh_run NOTEBOOK.ipynb

prints one line of JSON: a list with, for each cell that raised an error or took too long, its place in the notebook and
what happened. The cell that calls `ready()` is left out. The file is only read.
"""

import json
import sys
from pathlib import Path

import nbformat

SECONDS = 60  # for one cell


def calls_ready(cell):
    """Whether this is the cell that asked for the check; it must not ask again."""
    return cell.cell_type == "code" and "ready(" in cell.source and "helpers.ready" in cell.source


def failures(path):
    """Run the notebook at `path` in its own folder.

    Returns:
        A list of {"index": place of the cell, from 0, "name": name of the error, "text": its message}.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    notebook = nbformat.read(path, as_version=4)
    kept = [(index, cell) for index, cell in enumerate(notebook.cells) if not calls_ready(cell)]
    notebook.cells = [cell for _, cell in kept]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            cell.metadata.tags = []  # tags such as skip-execution would hide what grading will find
    client = NotebookClient(
        notebook, timeout=SECONDS, allow_errors=True, resources={"metadata": {"path": str(Path(path).resolve().parent)}}
    )
    found = []
    try:
        client.execute()
    except (CellTimeoutError, DeadKernelError) as error:
        reached = max((i for i, cell in enumerate(notebook.cells) if cell.get("execution_count")), default=-1) + 1
        stopped = kept[min(reached, len(kept) - 1)][0]
        name = "TimeoutError" if isinstance(error, CellTimeoutError) else "DeadKernel"
        text = f"it ran for more than {SECONDS} seconds" if name == "TimeoutError" else "it ended Python itself"
        found.append({"index": stopped, "name": name, "text": text})
    for index, cell in kept:
        for output in cell.get("outputs", []):
            if (
                output.output_type == "error" and output.ename == "KeyboardInterrupt"
            ):  # how nbclient ends a cell in time
                found.append(
                    {"index": index, "name": "TimeoutError", "text": f"it ran for more than {SECONDS} seconds"}
                )
            elif output.output_type == "error":
                found.append({"index": index, "name": output.ename, "text": output.evalue})
    return sorted(found, key=lambda failure: failure["index"])


if __name__ == "__main__":
    print(json.dumps(failures(sys.argv[1])))
