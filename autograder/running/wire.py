"""Work and what came of it as bytes of JSON, for the way to another machine and back: plain data in both directions."""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import nbformat

from autograder.notebook.rebuild import Unreadable
from autograder.running.work import Done, RunFailed, Work, cells_of
from autograder.sandbox.job import CellRun, Limits, Run, SandboxSettings, SandboxUnavailable


def write_order(work: Work, settings: SandboxSettings, **more: Any) -> bytes:
    """A Work and how it is to be run. more: what the worker is told besides (JSON-ready)."""
    return json.dumps(
        {
            **more,
            "settings": asdict(settings),
            "work": {
                **vars(work),
                "submitted": None if work.submitted is None else base64.b64encode(work.submitted).decode(),
                "files": _as_text(work.files),
                "course_files": _as_text(work.course_files),
            },
        }
    ).encode()


def _as_text(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(content).decode() for name, content in files.items()}


def read_order(data: bytes) -> tuple[Work, SandboxSettings, dict[str, Any]]:
    """(Work, settings, the whole order)."""
    order = json.loads(data)
    work, told = order["work"], order["settings"]
    settings = SandboxSettings(Limits(**told["limits"]), tuple(told["withheld"]), told["confined"])
    notebooks = {name: work[name] and nbformat.from_dict(work[name]) for name in ("master", "notebook")}
    submitted = None if work["submitted"] is None else base64.b64decode(work["submitted"])
    only, written = (None if work[name] is None else tuple(work[name]) for name in ("only", "written"))
    more: dict[str, Any] = {name: work[name] for name in ("seeds", "given", "seconds")}
    more |= {"only": only, "written": written}
    more |= {
        name: {each: base64.b64decode(content) for each, content in work[name].items()}
        for name in ("files", "course_files")
    }
    return Work(submitted=submitted, **more, **notebooks), settings, order


def write_done(done: Done) -> bytes:
    run = {**vars(done.run), "cells": [vars(cell) for cell in done.run.cells]}
    return json.dumps({"notebook": done.notebook, "repairs": done.repairs, "run": run}).encode()


def write_trouble(error: Unreadable | SandboxUnavailable) -> bytes:
    kind = "unreadable" if isinstance(error, Unreadable) else "unavailable"
    return json.dumps({kind: str(error)}).encode()


def read_done(data: bytes, work: Work) -> Done:
    """The Done of `work`. Raises what the worker met: Unreadable, SandboxUnavailable; RunFailed for anything else."""
    try:
        found = json.loads(data)
        if "unreadable" in found:
            raise Unreadable(str(found["unreadable"]))
        if "unavailable" in found:
            raise SandboxUnavailable(str(found["unavailable"]))
        notebook = nbformat.from_dict(found["notebook"])
        cells = cells_of(work, notebook)
        known = {field.name for field in fields(CellRun)}
        runs = [
            CellRun(**{name: value for name, value in cell.items() if name in known}) for cell in found["run"]["cells"]
        ]
        if len(runs) != len(cells):
            raise ValueError("cells and runs differ in number")
        remarks = [str(remark) for remark in found["run"]["remarks"]]
        run = Run(runs, float(found["run"]["seconds"]), remarks, bool(found["run"]["together"]))
        return Done(notebook, [str(repair) for repair in found["repairs"]], cells, run)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, Unreadable):
            raise
        raise RunFailed(f"what a worker sent back cannot be read ({type(error).__name__})") from None
