"""Measure the screen in both directions on the fixtures."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from screening.fixtures import InjectionCase, SecretCase, injection_cases_of, secret_cases_of
from screening.ordinary import ordinary_pages
from skillgen.model.corpus import Page, SourceFile
from skillgen.parse import parse_markdown
from skillgen.screen import Screened, screen_page

HERE = Path(__file__).resolve().parent
CORPORA = HERE.parent.parent / "corpora"
SEED = 20_26
ORDINARY_LINES = 20_000
# What was planted on purpose in the sample corpora: page -> how many removals there are right.
PLANTED = {"larkfield/ingest/readings-stream.md": 1, "larkfield/warehouse/backfills.md": 1}


@dataclass(slots=True)
class Recall:
    """Found and all cases by kind."""

    found: Counter[str] = field(default_factory=Counter)
    cases: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, *, found: bool) -> None:
        """Count one case."""
        self.cases[kind] += 1
        self.found[kind] += found

    @property
    def share(self) -> float:
        """Found cases of all cases."""
        return self.found.total() / max(1, self.cases.total())


@dataclass(frozen=True, slots=True)
class Noise:
    """What was removed from ordinary documentation, where nothing should be."""

    lines: int
    secrets: int
    injections: int

    def removals_per(self, lines: int) -> float:
        """False removals of secrets in so many lines."""
        return self.secrets * lines / self.lines

    def quarantines_per(self, lines: int) -> float:
        """False quarantines in so many lines."""
        return self.injections * lines / self.lines


def parsed(text: str, source: str = "page.md") -> Page:
    """Return the page of a Markdown text."""
    return parse_markdown(SourceFile(source=source, text=text, sha256="0" * 64))[0]


def secrets_recall(*, held_out: bool, seed: int = SEED) -> Recall:
    """Return how many secrets were removed whole."""
    recall = Recall()
    for case in secret_cases_of(seed):
        if case.held_out == held_out:
            recall.add(case.kind, found=_is_gone(case, screen_page(parsed(case.text))))
    return recall


def injections_recall(*, held_out: bool, seed: int = SEED) -> Recall:
    """Return how many injections were quarantined whole while both neighbours stayed citable."""
    recall = Recall()
    for case in injection_cases_of(seed):
        if case.held_out == held_out:
            recall.add(case.kind, found=_is_quarantined(case, screen_page(parsed(case.text))))
    return recall


def _is_gone(case: SecretCase, screened: Screened) -> bool:
    covered = _covered(screened)
    return covered.issuperset(range(case.start, case.end)) and case.value not in screened.page.text


def _is_quarantined(case: InjectionCase, screened: Screened) -> bool:
    """Say whether all of the injection went; markup, full stops and white space of it may stay."""
    wanted = {at for at in range(case.start, case.end) if not case.text[at].isspace() and case.text[at] not in "*.#"}
    spans = [span.text for block in screened.page.blocks for span in block.spans]
    return wanted <= _covered(screened) and all(neighbour in spans for neighbour in case.neighbours)


def _covered(screened: Screened) -> set[int]:
    return {at for removal in screened.removals for at in range(removal.start, removal.end)}


def noise(seed: int = SEED) -> Noise:
    """Return what was wrongly removed from ordinary documentation and from our sample corpora."""
    generated = _noise((("page.md", page) for page in ordinary_pages(seed, ORDINARY_LINES)), {})
    pages = [(str(path.relative_to(CORPORA).as_posix()), path) for path in sorted(CORPORA.glob("*/**/*.md"))]
    sampled = _noise(((name, path.read_text(encoding="utf-8")) for name, path in pages), PLANTED)
    return Noise(
        generated.lines + sampled.lines,
        generated.secrets + sampled.secrets,
        generated.injections + sampled.injections,
    )


def _noise(pages: Iterable[tuple[str, str]], planted: dict[str, int]) -> Noise:
    lines = 0
    wrong: Counter[str] = Counter()
    for name, text in pages:
        lines += sum(1 for line in text.splitlines() if line.strip())
        removals = screen_page(parsed(text, name)).removals
        wrong.update(removal.family for removal in removals[planted.get(name, 0) :])
    return Noise(lines, wrong["secret"], wrong["injection"])


def digest() -> str:
    """Return a digest of what is measured: the cases and the generated pages."""
    total = hashlib.sha256()
    for case in secret_cases_of(SEED):
        total.update(case.text.encode())
    for injection in injection_cases_of(SEED):
        total.update(injection.text.encode())
    for page in ordinary_pages(SEED, ORDINARY_LINES):
        total.update(page.encode())
    return total.hexdigest()
