"""Ordinary documentation, generated from our own patterns: whatever the screen removes here is a mistake."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from screening.ordinary_blocks import COMMANDS, MARKUP, SETTINGS, TABLES
from screening.ordinary_prose import AGENT_PROSE, CREDENTIAL_PROSE, RUNBOOK_PROSE, VOCABULARY

_SLOT = re.compile(r"@(" + "|".join(VOCABULARY) + r")@")
_HEADINGS = (
    "Access",
    "Deploys",
    "Rollback",
    "Credentials and tokens",
    "Alerts",
    "Background",
    "Checks",
    "Secrets",
    "Set-up",
)
_AGENT_TITLES = ("How we use AI agents", "Prompts of the answer bot", "Language models: what is allowed", "AGENTS.md")
_AGENT_SHARE = 0.06

PATTERNS = (
    len(CREDENTIAL_PROSE) + len(RUNBOOK_PROSE) + len(AGENT_PROSE) + len(COMMANDS) + len(SETTINGS)
    + len(MARKUP) + sum(len(table) for table in TABLES)
)  # fmt: skip


def ordinary_pages(seed: int, lines: int) -> Iterator[str]:
    """Yield pages that together have at least so many lines with something in them."""
    rng = random.Random(seed)
    made = 0
    while made < lines:
        page = _page(rng)
        made += sum(1 for line in page.splitlines() if line.strip())
        yield page


def corpus_pages(folder: Path) -> Iterator[str]:
    """Yield the pages of our own sample corpora."""
    for path in sorted(folder.rglob("*.md")):
        yield path.read_text(encoding="utf-8")


def _fill(rng: random.Random, pattern: str) -> str:
    return _SLOT.sub(lambda match: rng.choice(VOCABULARY[match[1]]), pattern)


def _page(rng: random.Random) -> str:
    about_agents = rng.random() < _AGENT_SHARE
    title = rng.choice(_AGENT_TITLES) if about_agents else _fill(rng, "@svc@: @tool@ runbook")
    prose = [*RUNBOOK_PROSE, *CREDENTIAL_PROSE, *(AGENT_PROSE * 6 if about_agents else ())]
    parts = [f"---\ntitle: {title}\nowner: {_fill(rng, '@team@')}\n---\n\n# {title}"]
    for heading in rng.sample(_HEADINGS, rng.randrange(2, 6)):
        parts.append(f"## {heading}")
        parts.extend(_part(rng, prose) for _ in range(rng.randrange(2, 7)))
    return "\n\n".join(parts) + "\n"


def _part(rng: random.Random, prose: Sequence[str]) -> str:
    kind = rng.choice(("paragraph", "paragraph", "list", "commands", "settings", "table", "markup"))
    if kind == "paragraph":
        return "\n".join(_fill(rng, sentence) for sentence in rng.sample(prose, rng.randrange(1, 5)))
    if kind == "list":
        return "\n".join("- " + _fill(rng, sentence) for sentence in rng.sample(prose, rng.randrange(2, 6)))
    if kind == "commands":
        commands = rng.sample(COMMANDS, rng.randrange(1, 5))
        if rng.random() < 0.3:  # noqa: PLR2004 - some commands stand in a sentence
            return f"Run `{_fill(rng, commands[0])}` and wait."
        return "```bash\n" + "\n".join(_fill(rng, command) for command in commands) + "\n```"
    if kind == "settings":
        language, text = rng.choice(SETTINGS)
        return f"```{language}\n{_fill(rng, text)}\n```"
    return _table(rng) if kind == "table" else _fill(rng, rng.choice(MARKUP))


def _table(rng: random.Random) -> str:
    head, *rows = rng.choice(TABLES)
    rule = "|" + " --- |" * (head.count("|") - 1)
    return "\n".join(_fill(rng, line) for line in (head, rule, *rows))
