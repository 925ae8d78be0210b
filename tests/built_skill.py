"""A folder with pages and the skill `releases` that the command line built of them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from cli_runner import run
from corpus_builder import BRIEF, write_pages

SETTINGS = """\
[[corpus]]
path = "wiki"
[build]
briefs = ["releases.md"]
[ingest]
allow_prune = true
"""


def built_in(folder: Path, pages: Mapping[str, str], settings: str = SETTINGS) -> Path:
    """Write pages, brief and settings into a folder, build there, and return it."""
    write_pages(folder / "wiki", pages)
    (folder / "releases.md").write_text(BRIEF, encoding="utf-8")
    (folder / "skillgen.toml").write_text(settings, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert run("build").code == 0
    return folder


def own_copy(built: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of a built folder for one test, which is its current folder."""
    shutil.copytree(built, folder)
    monkeypatch.chdir(folder)
    return folder
