"""pyproject.toml, requirements.lock and environment.yml name the same things, and the lock names no place."""

import re
import tomllib

import yaml
from packaging.requirements import Requirement

from tests.support.courses import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK = (ROOT / "requirements.lock").read_text()
LOCKED = dict(re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", LOCK, re.MULTILINE))


def wanted(extra="dev"):
    """All direct requirements, those of extras that `dev` includes too."""
    lines = PROJECT["dependencies"] + PROJECT["optional-dependencies"][extra]
    found = {}
    for requirement in map(Requirement, lines):
        if requirement.name == PROJECT["name"]:
            for included in requirement.extras:
                found |= wanted(included)
        else:
            found[requirement.name] = requirement
    return found


def test_the_lock_holds_a_fitting_version_of_everything_the_project_asks_for():
    for name, requirement in wanted().items():
        assert requirement.specifier.contains(LOCKED[name]), f"{name}: {LOCKED[name]} does not fit {requirement}"


def test_every_locked_package_has_hashes_and_no_address():
    blocks = re.split(r"\n(?=[a-z0-9])", LOCK.strip())
    assert all("--hash=sha256:" in block for block in blocks)
    assert not re.search(r"https?://|file:|index-url|find-links", LOCK)


def test_environment_yml_pins_the_locked_versions():
    content = yaml.safe_load((ROOT / "environment.yml").read_text())
    pip_lines = next(entry["pip"] for entry in content["dependencies"] if isinstance(entry, dict))
    assert pip_lines[-1] == "-e ."
    pinned = {Requirement(line).name: Requirement(line) for line in pip_lines[:-1]}
    assert pinned.keys() == wanted().keys()
    for name, requirement in pinned.items():
        assert str(requirement.specifier) == f"=={LOCKED[name]}"
        assert str(requirement.marker) == str(wanted()[name].marker)


def test_environment_yml_asks_for_a_python_that_the_project_supports():
    content = yaml.safe_load((ROOT / "environment.yml").read_text())
    python = next(line for line in content["dependencies"] if isinstance(line, str) and line.startswith("python="))
    assert Requirement("x" + PROJECT["requires-python"]).specifier.contains(python.removeprefix("python="))
