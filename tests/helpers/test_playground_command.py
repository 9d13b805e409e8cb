"""The playground's notebook, its page, and the buttons that make its explorers (the browser tests see the whole)."""

import re
import socket

import ipywidgets as widgets
import nbformat
import pytest

from helpers import explorers
from helpers.playground import Later, notebook
from helpers.playground.__main__ import main
from tests.support.lessons import ROOT

FOLDER = ROOT / "helpers" / "playground"
PAGE = sorted((FOLDER / "jupyter").rglob("*.*"))


def cells():
    return nbformat.read(FOLDER / "playground.ipynb", as_version=4).cells


def test_the_notebook_is_the_one_made_from_the_records_with_one_sentence_for_each_explorer():
    assert notebook.PLACE.read_text("utf-8") == notebook.notebook(), "`make pictures` writes it"
    assert [cell.source for cell in cells() if cell.source.startswith("Later(")] == [
        f"Later(explorers.{name})" for name in explorers.__all__
    ]
    for explorer in explorers.EXPLORERS:
        assert re.fullmatch(r"[A-Z][^\n]+\.", explorer.sentence), explorer.sentence


def test_the_notebook_is_committed_without_outputs():
    assert not [cell.id for cell in cells() if cell.get("outputs") or cell.get("execution_count")]


def test_the_page_asks_no_other_server_for_anything():
    assert {path.suffix for path in PAGE} == {".json", ".j2", ".css", ".js"}
    for path in PAGE:
        addresses = re.findall(r"(?:https?:)?//[a-z0-9-]+\.[^\s'\"]+", path.read_text("utf-8"))
        assert not [address for address in addresses if "www.w3.org" not in address], path  # names, not places


def test_an_explorer_is_made_when_its_button_is_pressed_and_takes_its_place():
    made = []

    def make():
        made.append(widgets.Label("here"))
        return made[-1]

    later = Later(make)
    assert not made and later.children == (later.button,)
    later.button.click()
    assert list(later.children) == made


def test_an_explorer_that_cannot_be_made_says_so_in_its_place():
    def make():
        raise ValueError("no <numbers>")

    later = Later(make)
    with pytest.raises(ValueError):
        later.show()
    (shown,) = later.children
    assert "could not be made (ValueError: no &lt;numbers&gt;)" in shown.value


def test_a_port_that_is_in_use_is_refused_with_a_way_out(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["--no-browser", "--port", str(taken.getsockname()[1])]) == 2
    assert "is in use: name another with --port" in capsys.readouterr().err


def test_without_voila_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["--no-browser"]) == 2
    assert (
        "voila is not installed. In a terminal in the course folder, run `make environment`" in capsys.readouterr().err
    )
