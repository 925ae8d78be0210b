"""A small skill with tasks, and a scripted model that answers them differently in each arm."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from chat_server import Answer, Heard, completion
from cli_runner import run
from corpus_builder import BRIEF, PAGES, write_pages

from skillgen.model.behaviour import ARMS

if TYPE_CHECKING:
    import pytest
    from chat_server import ChatServer

SKILL = "skills/releases"
EVERY_ARM = ",".join(ARMS)
SETTINGS = '[[corpus]]\npath = "wiki"\n[build]\nbriefs = ["releases.md"]\n'
PRICES = "as_of: 2026-01-31\nmodels:\n  {url} tiny: {{input: 0.001, output: 1000}}\n"
TASKS = """\
format: skillgen.tasks/1
skill: releases

tasks:

  nightly-start:
    kind: schedule
    source: body
    question: "When does the job of the night begin?"
    expected: [{"value": "02:15", "form": "time"}]
    citation: {"source": "ops/nightly.md", "lines": [3, 3], "heading_path": [], "quote": "starts at 02:15 UTC"}

  prod-command:
    kind: command
    source: body
    question: "Which command brings orders to production?"
    expected: [{"value": "ship deploy orders --env prod", "form": "command"}]
    citation: {"source": "deploy.md", "lines": [3, 3], "heading_path": [], "quote": "`ship deploy orders --env prod`"}

  token-owner:
    kind: owner
    source: reference
    question: "Who exchanges the secret of the nightly job?"
    expected: [{"value": "platform team", "form": "text"}]
    citation: {"source": "ops/tokens.md", "lines": [5, 5], "heading_path": [], "quote": "platform team"}

  friday:
    kind: other
    source: uncited-page
    question: "What is the rule for Fridays?"
    expected: [{"value": "The answer says that one asks before a release on a Friday.", "form": "judged"}]
"""
# By a word of each question: what is right, and what nobody could take for it.
RIGHT = {
    "night begin": "It begins at 02:15 UTC.",
    "production": "Run `ship deploy orders --env prod`.",
    "exchanges": "The platform people do that.",
    "Fridays": "Ask in the channel before you release.",
}
WRONG = {
    "night begin": "It begins at 04:00.",
    "production": "I do not know.",
    "exchanges": "The finance office.",
    "Fridays": "I do not know.",
}
# How many of the questions each arm answers well, in the order above.
KNOWN = {"without_skill": 0, "with_skill": 3, "raw_passages": 4, "placebo_skill": 0, "ablated_skill": 2}


def build_site(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Build the skill in a folder, write its tasks, and return the folder."""
    write_pages(folder / "wiki", PAGES)
    (folder / "releases.md").write_text(BRIEF, encoding="utf-8")
    (folder / "skillgen.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "skillgen-evals").mkdir()
    (folder / "skillgen-evals" / "releases.yaml").write_text(TASKS, encoding="utf-8")
    patch.chdir(folder)
    assert run("build").code == 0
    return folder


def copied(built: Path, target: Path) -> Path:
    """Return a copy of a built site, of which nothing was asked yet."""
    shutil.copytree(built, target)
    return target


def arm_of(heard: Heard) -> str:
    """Return the arm that a request belongs to, by what stands before the question."""
    given = heard.body["messages"][0]["content"]
    if "at hand" not in given:
        return "without_skill"
    if "BEGIN passages" in given:
        return "raw_passages"
    if "# Releases" not in given:
        return "placebo_skill"
    return "with_skill" if "02:15" in given else "ablated_skill"


def scripted(heard: Heard) -> Answer:
    """Answer as an arm's model, and as a judge who looks for the words that are right."""
    if heard.use == "task_files":
        return completion(json.dumps({"files": ["no-such-file.md", "references/integration-map.md"]}))
    if heard.use == "judge":
        answer = answer_in(heard)
        verdict = "pass" if answer in RIGHT.values() else "fail"
        return completion(json.dumps({"evidence": answer, "verdict": verdict}))
    key = next(name for name in RIGHT if name in heard.text)
    knows = list(RIGHT).index(key) < KNOWN[arm_of(heard)]
    return completion((RIGHT if knows else WRONG)[key])


def answer_in(heard: Heard) -> str:
    """Return the answer that a judge is shown."""
    found = re.search(r"-----BEGIN answer \w+-----\n(.*?)\n-----END answer", heard.text, re.DOTALL)
    assert found
    return found[1]


def priced(folder: Path, server: ChatServer) -> None:
    """Let the server's model cost a tenth of a cent a token that it writes."""
    (folder / "prices.yaml").write_text(PRICES.format(url=server.url), encoding="utf-8")
    with (folder / "skillgen.toml").open("a", encoding="utf-8") as file:
        file.write('[model]\nprices = "prices.yaml"\nconcurrency = 1\n')
