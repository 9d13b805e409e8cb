"""The playground's notebook, made from the records of the explorers; `make pictures` writes it.

Lesson: 01_mse, "One number for how wrong".
"""

import json
from pathlib import Path

from helpers.explorers import EXPLORERS

PLACE = Path(__file__).with_name("playground.ipynb")
TITLE = "Watch a neural network learn"
IMPORTS = "from helpers import explorers\nfrom helpers.playground import Later"


def notebook():
    """The text of the file: for each explorer a text cell, which opens a tab, and a code cell, which fills it."""
    cells = [_code("imports", IMPORTS)]
    for explorer in EXPLORERS:
        tab = explorer.name.removeprefix("explore_").replace("_", "-")
        cells.append(_cell("markdown", tab, f"## {explorer.tab}\n\n{explorer.sentence}"))
        cells.append(_code(f"{tab}-explorer", f"Later(explorers.{explorer.name})"))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}, "title": TITLE}
    content = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _cell(kind, name, source):
    return {"cell_type": kind, "id": name, "metadata": {}, "source": source.splitlines(keepends=True)}


def _code(name, source):
    return {**_cell("code", name, source), "execution_count": None, "outputs": []}
