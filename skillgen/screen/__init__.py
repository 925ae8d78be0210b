"""Screen: secrets and instructions to a reader's AI are taken from a page before anything is stored, shown or sent."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate

from skillgen.model.corpus import Finding, Page
from skillgen.model.json_strings import string_ranges, string_runs
from skillgen.model.lines import Lines
from skillgen.screen.hidden import QUIET_KIND
from skillgen.screen.injections import find_injections, find_injections_in_text
from skillgen.screen.records import FILLER, Removal, Screened, merged
from skillgen.screen.redact import redacted
from skillgen.screen.secrets import find_secrets

__all__ = ["FILLER", "SCREEN_VERSION", "Removal", "Screened", "scan_text", "screen_page"]

# Counts up whenever the same page would lose something else: a workspace then screens its pages again.
SCREEN_VERSION = 2


def screen_page(page: Page) -> Screened:
    """Return the page without secrets and injected instructions, and what to tell about them.

    Offsets stay those of the raw text. Nothing that is returned holds a character of what was removed.
    """
    removals = merged([*find_secrets(page.text), *find_injections(page), *_escaped(page)])
    return Screened(page=redacted(page, removals), removals=removals, findings=_findings(page, removals))


def _escaped(page: Page) -> Iterator[Removal]:
    """Yield what is found in the strings of a JSON page once they are read: in its raw text, escapes hide it."""
    if page.media != "json":
        return
    runs = [
        run
        for start, end in string_ranges(page.text)
        for run in (*string_runs(page.text, start, end), ("\n\n", end, end))
    ]
    starts = list(accumulate((len(said) for said, _, _ in runs), initial=0))

    def raw(place: int) -> tuple[int, int]:
        """Return the raw range of the character at a place of what is said."""
        run = bisect_right(starts, place) - 1
        said, start, end = runs[run]
        inside = start + place - starts[run]
        return (inside, inside + 1) if len(said) == end - start else (start, end)

    for removal in scan_text("".join(said for said, _, _ in runs)):
        yield replace(removal, start=raw(removal.start)[0], end=raw(removal.end - 1)[1])


def scan_text(text: str) -> tuple[Removal, ...]:
    """Return what a plain or Markdown text holds that may not be published; a clean text gives nothing."""
    return merged([*find_secrets(text), *find_injections_in_text(text)])


def _findings(page: Page, removals: tuple[Removal, ...]) -> tuple[Finding, ...]:
    lines = Lines.of(page.text)
    return tuple(
        Finding(kind=removal.family, source=page.source, message=_message(removal), line=lines.number(removal.start))
        for removal in removals
        if removal.kind != QUIET_KIND
    )


def _message(removal: Removal) -> str:
    if removal.family == "injection":
        return f"Text addressed to a reader's AI was quarantined ({removal.kind})."
    article = "An" if removal.kind[0].lower() in "aeio" else "A"
    return f"{article} {removal.kind} was removed."
