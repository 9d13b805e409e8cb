"""Sentences are for people: when every one is reworded, marks, names, patterns, statuses and styles are the same."""

import json
import os
import re
import subprocess
import sys

import pytest

from tests.support import reworded
from tests.support.courses import ROOT

SAMPLES = (
    *("all-right", "biases-not-summed", "transposed-gradients", "stops-halfway", "raises", "deleted-cells"),
    *("endless-loop", "patched-numpy", "two-slips", "changes-in-place", "w2-not-transposed", "nothing-done"),
)
ASSIGNMENTS = ("03_backprop", "04_training_loop")


def made_of(facts):
    """What is data in facts and patterns: all but a text in words of its own. A kind that reads as a sentence is turned
    round wherever it stands, which changes nothing."""
    if isinstance(facts, list):
        return [made_of(fact) for fact in facts]
    if not isinstance(facts, dict):
        return facts
    kind = min(facts["kind"], reworded.turned(facts["kind"]))
    details = {name: made_of(detail) for name, detail in facts.items() if name not in ("kind", "text")}
    return {**details, "kind": kind, "text": bool(facts.get("text"))}


def meaning(folder):
    """What the files of a graded course mean, without their sentences."""
    found = {}
    for path in sorted((folder / "autograded").glob("*/*/grading.json")):
        kept = json.loads(path.read_text())
        page = (
            folder / "feedback" / path.parent.relative_to(folder / "autograded") / f"{kept['assignment']}.html"
        ).read_text()
        found[path.parent.relative_to(folder).as_posix()] = {
            "status": (kept["status"], bool(kept["reason"])),
            "mistakes": kept["mistakes"],
            "styles": re.findall(r'class="([^"]*)"|data-mistake="([^"]*)"|href="(#[^"]*)"', page.partition("<body")[2]),
        }
    for path in sorted((folder / "autograded").glob("*/*/*.ipynb")):
        cells = json.loads(path.read_text())["cells"]
        verdicts = [
            cell["metadata"]["autograder"] for cell in cells if "cell" in cell["metadata"].get("autograder", {})
        ]
        found[path.relative_to(folder).as_posix()] = [
            {
                **{name: verdict[name] for name in ("cell", "score", "points", "not_started")},
                "mistakes": [mistake["name"] for mistake in verdict["mistakes"]],
                "patterns": made_of(verdict["patterns"]),
                "remarks": len(verdict["remarks"]),
                "questions": [
                    (item["question"], item["entry"], item["outcome"], made_of(item["facts"]), item["mistakes"])
                    for item in verdict["questions"]
                ],
            }
            for verdict in verdicts
        ]
    return found


@pytest.mark.sandbox
@pytest.mark.slow
def test_no_module_reads_the_meaning_of_anothers_sentence(course_folder):
    meanings, said = [], []
    for how in (["-m", "autograder.cli"], [reworded.__file__]):
        folder = course_folder(ASSIGNMENTS, SAMPLES, name=f"course {len(said)}")
        (folder / "submitted" / "nobody" / ASSIGNMENTS[0]).mkdir(parents=True)
        broken = folder / "submitted" / "cut-off" / ASSIGNMENTS[0] / f"{ASSIGNMENTS[0]}.ipynb"
        broken.parent.mkdir(parents=True)
        broken.write_text((ROOT / "source" / ASSIGNMENTS[0] / broken.name).read_text()[:5000])
        command = [sys.executable, *how, "--course", str(folder), "grade"]
        done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
        assert done.returncode == 1, done.stderr  # the file that was cut off
        meanings.append(meaning(folder))
        said.append((folder / "feedback" / "cut-off" / ASSIGNMENTS[0] / f"{ASSIGNMENTS[0]}.html").read_text())
    assert meanings[0] == meanings[1]
    assert len(meanings[0]) > 2 * len(SAMPLES) and said[0] != said[1]


def test_sentences_are_reworded_and_programs_are_not():
    assert reworded.turned("it took {seconds} s") == "ti koot {seconds} s"
    assert reworded.is_sentence("the code was stopped")
    assert not reworded.is_sentence("SELECT count(*) FROM grades")
    assert not reworded.is_sentence("import sys\nprint(1, 2, 3)\n")
