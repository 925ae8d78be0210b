"""Small sites that are built with a scripted chat model behind a real HTTP server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from corpus_builder import PAGES, Site, make_site

from skillgen.draft import draft_from_json
from skillgen.model.chat import Use
from skillgen.model.draft import Claim, Draft

if TYPE_CHECKING:
    from chat_server import ChatServer

USES: tuple[Use, ...] = get_args(Use)
TWO_QUESTIONS = """\
# Releases

## Focus
How a change reaches production here.

## Delta Principle
Only what was decided here counts.

## Coverage Targets
- Deploy steps and what triggers each deploy
- Nightly jobs: when each nightly job starts and what it waits for

## Quality checks
- Confirm that every deploy step names its command.

## Questions to Research
1. Which command starts a deploy, and what triggers a deploy of the service?
2. When does the nightly job start, and what does it wait for?
"""


def model_site(root: Path, server: ChatServer, *, pages: Mapping[str, str] = PAGES, **model: Any) -> Site:  # noqa: ANN401
    """Return a site with two questions whose builds ask the server's model; settings of the model by their names."""
    root.mkdir(parents=True, exist_ok=True)
    site = make_site(root / "site", pages)
    (root / "releases.md").write_text(TWO_QUESTIONS, encoding="utf-8")
    values = {"name": "tiny", "base_url": server.url, **model}
    site.options = {f"model.{name}": value for name, value in values.items()}
    return site


def only(*uses: Use) -> tuple[Use, ...]:
    """Return what `model.off` has to be for these uses alone."""
    return tuple(use for use in USES if use not in uses)


def draft_of(site: Site, name: str = "releases.json") -> Draft:
    """Return the draft that a build left."""
    return draft_from_json((site.workspace / "drafts" / name).read_text(encoding="utf-8"))


def drafts_of(site: Site) -> set[str]:
    """Return the names of the files of drafts, without what says which files the packages have."""
    return {path.name for path in (site.workspace / "drafts").glob("*.json")} - {"releases.files.json"}


def texts_of(draft: Draft) -> list[str]:
    """Return what the claims say."""
    return [claim.text for claim in draft.claims]


def assert_quotes_are_exact(site: Site, claims: tuple[Claim, ...]) -> None:
    """Check every citation against the raw pages."""
    for claim in claims:
        for cited in (*claim.citations, *claim.also_cited):
            text = (site.pages() / cited.source).read_bytes().decode()
            assert text[cited.start : cited.end] == cited.quote
