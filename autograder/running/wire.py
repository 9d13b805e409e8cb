"""Work and what came of it as bytes of JSON, for the way to another machine and back: plain data in both directions."""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import nbformat

from autograder.notebook.rebuild import Unreadable
from autograder.running.work import Done, HandedInWork, RebuiltWork, RunFailed, Work, cells_of
from autograder.sandbox.breach import Cut, Kept
from autograder.sandbox.job import CellRun, Limits, Run, SandboxSettings, SandboxUnavailable

HANDED_IN, REBUILT = "handed in", "rebuilt"  # the kinds of Work
FILES = ("files", "course_files")  # fields of a Work: name → content


def write_order(work: Work, settings: SandboxSettings, **more: Any) -> bytes:
    """A Work and how it is to be run. more: what the worker is told besides (JSON-ready)."""
    return json.dumps(
        {
            **more,
            "settings": asdict(settings),
            "work": {**vars(work), **_own_fields(work), **{name: _as_text(vars(work)[name]) for name in FILES}},
        }
    ).encode()


def _own_fields(work: Work) -> dict[str, Any]:
    """The kind of a Work, and what of it is not written as it is."""
    if isinstance(work, HandedInWork):
        return {"kind": HANDED_IN, "submitted": base64.b64encode(work.submitted).decode()}
    return {"kind": REBUILT}


def _as_text(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(content).decode() for name, content in files.items()}


def read_order(data: bytes) -> tuple[Work, SandboxSettings, dict[str, Any]]:
    """(Work, settings, the whole order)."""
    order = json.loads(data)
    told = order["settings"]
    settings = SandboxSettings(Limits(**told["limits"]), tuple(told["withheld"]), told["confined"])
    return _read_work(order["work"]), settings, order


def _read_work(told: dict[str, Any]) -> Work:
    shared: dict[str, Any] = {name: told[name] for name in ("seeds", "given", "seconds")}
    shared |= {name: None if told[name] is None else tuple(told[name]) for name in ("only", "written")}
    shared |= {name: {each: base64.b64decode(text) for each, text in told[name].items()} for name in FILES}
    if told["kind"] == HANDED_IN:
        master, submitted = nbformat.from_dict(told["master"]), base64.b64decode(told["submitted"])
        return HandedInWork(master=master, submitted=submitted, **shared)
    return RebuiltWork(notebook=nbformat.from_dict(told["notebook"]), **shared)


def write_done(done: Done) -> bytes:
    cells, cut = [vars(cell) for cell in done.run.cells], [asdict(cut) for cut in done.run.cut]
    run = {**vars(done.run), "cells": cells, "cut": cut}
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
        cut = [Cut(Kept(each["what"]), int(each["limit"])) for each in found["run"]["cut"]]
        run = Run(runs, float(found["run"]["seconds"]), cut, bool(found["run"]["together"]))
        return Done(notebook, [str(repair) for repair in found["repairs"]], cells, run)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, Unreadable):
            raise
        raise RunFailed(f"what a worker sent back cannot be read ({type(error).__name__})") from None
