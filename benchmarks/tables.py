"""What the benchmarks share: samples summed up, tables in Markdown, and the machine in a sentence."""

import json
import os
import platform
import statistics
import sys
from pathlib import Path

BUILD = Path(__file__).resolve().parents[1] / "build"


def clean_environment():
    """The environment for measured processes: what bends timings in some shells is taken out.

    A preset OPENBLAS_CORETYPE or OPENBLAS_L2_SIZE makes numpy's matrix products slow or odd, and
    PYTHONDONTWRITEBYTECODE would make whoever starts many processes compile the same modules again and again. This
    Python's own commands come first on PATH: nbgrader starts `alembic` by name.
    """
    bends = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
    environment = {name: value for name, value in os.environ.items() if name not in bends}
    commands = os.path.dirname(os.path.abspath(sys.executable))
    return {**environment, "PATH": f"{commands}{os.pathsep}{environment.get('PATH', os.defpath)}"}


def summary(samples):
    """Median, smallest and largest of some measurements, and how many there are."""
    return {
        "median": statistics.median(samples),
        "min": min(samples),
        "max": max(samples),
        "n": len(samples),
    }


def spread(samples, unit=1.0, digits=3):
    """ "median (min – max)" of measurements, each divided by `unit`, with so many significant digits."""
    values = [significant(value / unit, digits) for value in (statistics.median(samples), min(samples), max(samples))]
    return f"{values[0]} ({values[1]} – {values[2]})"


def significant(value, digits=3):
    """A number with so many significant digits, without an exponent."""
    if value == 0:
        return "0"
    text = f"{float(f'{value:.{digits}g}'):,.10f}".rstrip("0").rstrip(".")
    return text


def table(heads, rows):
    """Rows of cells as a Markdown table; every column but the first is aligned to the right."""
    cells = [[str(cell) for cell in row] for row in [heads, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    lines = [
        "| " + " | ".join(f"{cell:{'<' if n == 0 else '>'}{widths[n]}}" for n, cell in enumerate(row)) + " |"
        for row in cells
    ]
    lines.insert(
        1,
        "| "
        + " | ".join("-" * widths[n] if n == 0 else "-" * (widths[n] - 1) + ":" for n in range(len(widths)))
        + " |",
    )
    return "\n".join(lines)


def machine():
    """The machine as far as it matters: cores, Python, and how busy it is."""
    return {
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
        "load": round(os.getloadavg()[0], 1),
    }


def machine_line():
    now = machine()
    return f"{now['cpus']} CPUs, Python {now['python']} on {now['system']}, load {now['load']} at the end"


def write_json(name, data):
    """Write build/<name>.json and say so."""
    BUILD.mkdir(exist_ok=True)
    (BUILD / f"{name}.json").write_text(json.dumps({"machine": machine(), **data}, indent=1) + "\n")
    print(f"\n{machine_line()}; build/{name}.json", flush=True)
