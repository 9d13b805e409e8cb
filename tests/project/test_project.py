"""What somebody needs who picks the project up: licences, one version, a changelog, a way to tell of a fault."""

import re
import tomllib

import yaml

from autograder.authoring.release import bundle_files
from autograder.course.settings import Course
from helpers import __version__
from tests.support.courses import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_the_version_stands_in_one_place_and_the_others_take_it_from_there():
    assert "version" in PROJECT["project"]["dynamic"] and "version" not in PROJECT["project"]
    assert PROJECT["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "helpers.__version__"}
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert cited["version"] == __version__ and cited["cff-version"] == "1.2.0"
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert released[0] == __version__


def test_the_command_says_its_version():
    from click.testing import CliRunner

    from autograder.cli import main

    assert CliRunner().invoke(main, ["--version"]).output == f"nn-course-lab, version {__version__}\n"


def test_the_changelog_has_the_agreed_headings_and_no_empty_one():
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    sections = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    assert sections
    for section in sections:
        heading, _, rest = section.partition("\n")
        assert heading in ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
        assert re.search(r"^- \S", rest, re.MULTILINE), heading


def test_code_and_lessons_have_their_licences_and_the_bundle_has_both():
    assert (ROOT / "LICENSE").read_text("utf-8").startswith("BSD 3-Clause License")
    assert "Attribution 4.0" in (ROOT / "LICENSE-lessons.md").read_text("utf-8")
    assert PROJECT["project"]["license"] == "BSD-3-Clause AND CC-BY-4.0"
    files = bundle_files(Course.here(ROOT))
    for name in PROJECT["project"]["license-files"]:
        assert files[name] == (ROOT / name).read_bytes()


def test_the_hooks_before_a_commit_call_what_the_environment_has():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0]["hooks"]
    named = {re.match(r"\.venv/bin/(\S+)", hook["entry"])[1] for hook in hooks}
    wanted = {re.match(r"[\w-]+", line)[0] for line in PROJECT["project"]["optional-dependencies"]["dev"]}
    assert {hook["language"] for hook in hooks} == {"system"}
    assert named - {"python"} <= wanted, "nothing is fetched for a hook"
