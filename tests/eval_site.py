"""A built skill to evaluate with a scripted chat model: made once, copied for each test."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from built_skill import built_in
from cli_runner import Ended, run
from corpus_builder import PAGES

from skillgen.evaluate.tasks_file import tasks_from_yaml, tasks_yaml

if TYPE_CHECKING:
    from chat_server import ChatServer

# US dollars for a million tokens; the server states 150 tokens for every reply.
PRICE = 10.0
A_REPLY = 150 * PRICE / 1_000_000
FURTHER = {
    "fun/ovens.md": "# Bread\n\n| Oven | Starts |\n|---|---|\n"
    + "".join(
        f"| `loaf-oven-{letter}` | 04:{minute} |\n" for letter, minute in zip("abcdefgh", range(10, 50, 5), strict=True)
    ),
    "ops/jobs.md": "# Jobs\n\n| Job | Starts | Owner |\n|---|---|---|\n"
    "| `stock-sync` | 03:40 | Harbour crew |\n| `price-load` | 05:05 | Quay crew |\n",
}
SETTINGS = """\
[[corpus]]
path = "wiki"
[build]
briefs = ["releases.md"]
[model]
prices = "prices.yaml"
concurrency = 1
[eval]
passages = 6
"""


def built_site(temporary: pytest.TempPathFactory) -> Path:
    """Return a folder with the skill `releases` and its tasks, built once in a process."""
    if not _BUILT:
        _BUILT.append(_built(temporary.mktemp("built")))
    return _BUILT[0]


_BUILT: list[Path] = []


def _built(folder: Path) -> Path:
    (folder / "prices.yaml").write_text("as_of: 2026-01-31\nmodels: {}\n", encoding="utf-8")
    built_in(folder, {**PAGES, **FURTHER}, SETTINGS)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert run("eval", "skills/releases", "--write-tasks").code == 0
        assert run("eval", "skills/releases", "--triggers").code == 0
    _drop_most(folder / "skillgen-evals/releases.yaml")
    return folder


def _drop_most(path: Path) -> None:
    """Drop what there is plenty of, as a person may, so that few requests are asked."""
    held = tasks_from_yaml(path.read_text(encoding="utf-8"), name="x")
    general = [one.id for one in held.triggers if one.kind in ("neighbour", "unrelated")]
    dropped = {*general[2:-2]}
    kept = tuple(replace(one, dropped=one.id in dropped) for one in held.triggers)
    path.write_text(tasks_yaml(replace(held, triggers=kept)), encoding="utf-8")


def copied(built: Path, folder: Path, server: ChatServer) -> Path:
    """Return a copy of a built site that knows a price for the server."""
    shutil.copytree(built, folder)
    price = f'"{server.url} tiny": {{input: {PRICE}, output: {PRICE}}}'
    (folder / "prices.yaml").write_text(f"as_of: 2026-01-31\nmodels:\n  {price}\n", encoding="utf-8")
    return folder


def evaluated(server: ChatServer, *options: str) -> Ended:
    """Run `skillgen eval` on the built skill with the server's model."""
    return run("eval", "skills/releases", *options, "--model", "tiny", "--base-url", server.url)
