"""What is known about a page, in a line beside its name."""

from __future__ import annotations

from skillgen.model.facts import MarkKind, PageFacts

_MARKS: dict[MarkKind, str] = {
    "deprecated": "calls itself deprecated",
    "archived": "calls itself archived",
    "superseded": "calls itself superseded",
    "outdated": "calls itself out of date",
}


def known_about(facts: PageFacts | None) -> str:
    """Return who answers for a page, when it last changed, and whether it calls itself out of date."""
    if facts is None:
        return ""
    parts = [
        f"owner: {facts.owner}" if facts.owner else "",
        f"last changed {facts.changed}" if facts.changed else "",
        mark_of(facts),
    ]
    return "; ".join(part for part in parts if part)


def mark_of(facts: PageFacts | None) -> str:
    """Return what a page says against itself, or nothing."""
    if facts is None or facts.deprecation is None:
        return ""
    by = f" by {facts.deprecation.by}" if facts.deprecation.by and facts.deprecation.kind == "superseded" else ""
    return _MARKS[facts.deprecation.kind] + by


def web_address(url: str | None) -> str:
    """Return an address that a link may lead to, or nothing: a page could bring one that runs a script."""
    return url if url and url.startswith(("https://", "http://")) else ""
