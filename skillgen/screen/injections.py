"""Instructions aimed at a reader's AI: sentences, comments, hidden elements, invisible characters, look-alike calls.

What stays, by rule: ordinary imperatives; a person's "if you use X, ignore the previous instructions"; on a page about
AI agents or prompts all that addresses or describes agents, and every example in code or quotation marks.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from skillgen.model.corpus import Page
from skillgen.screen import hidden
from skillgen.screen.disguise import hidden_texts, plain, squeezed
from skillgen.screen.injection_rules import (
    BENIGN,
    DESCRIBED,
    FOLLOWERS,
    QUOTED,
    SENTENCES,
    SPEAKS_OF_AI,
    SQUEEZED,
    SUBJECT,
    SentenceRule,
)
from skillgen.screen.records import FILLER, Removal, merged
from skillgen.screen.segments import Segment, page_segments, text_segments

_MENTIONS = 3


def find_injections(page: Page) -> tuple[Removal, ...]:
    """Return the ranges of the page's raw text that are aimed at a reader's AI, in order, without overlap."""
    return _find(page.text, page_segments(page))


def find_injections_in_text(text: str) -> tuple[Removal, ...]:
    """Return the same for a plain or Markdown text that was not parsed."""
    return _find(text, text_segments(text))


def _find(text: str, segments: Sequence[Segment]) -> tuple[Removal, ...]:
    rules = _rules_for(text)
    judged = [(segment, _kind(segment, rules)) for segment in segments]
    pieces, calls = hidden.find_hidden(text), hidden.find_calls(text)
    about = bool(calls or any(kind for _, kind in judged)) and _is_about_agents(judged)
    found = [_removal(segment, kind) for segment, kind in judged if kind and not (about and _stays(segment))]
    if not about:
        found += _followers(segments, {removal.start for removal in found})
        pieces += calls
    starts = [segment.start for segment in segments]
    found += [_whole_sentences(piece, segments, starts) if piece.sentence else piece.removal for piece in pieces]
    return merged(removal for removal in found if text[removal.start : removal.end].strip(FILLER))


def _removal(segment: Segment, kind: str) -> Removal:
    return Removal(start=segment.start, end=segment.end, kind=kind, family="injection")


def _rules_for(text: str) -> tuple[SentenceRule, ...]:
    """Return the rules that may match a sentence of the text, which is cheap to say for all of it."""
    lowered = " " + plain(text).lower()
    return tuple(rule for rule in SENTENCES if any(needle in lowered for needle in rule.needles))


def _kind(segment: Segment, rules: Sequence[SentenceRule]) -> str | None:
    """Return the kind of injection that a sentence is by itself."""
    shown = plain(segment.text)
    rule = _matching(shown, rules)
    if rule:
        return rule.kind
    if SQUEEZED.search(squeezed(shown)) and not _is_for_people(shown):
        return "disguised letters"
    if any(_matching(found, SENTENCES) for found in hidden_texts(shown)):
        return "encoded instructions"
    return None


def _matching(shown: str, rules: Sequence[SentenceRule]) -> SentenceRule | None:
    """Return the first of the rules that the sentence matches."""
    lowered = " " + shown.lower()
    for rule in rules:
        for needle in rule.needles:
            if needle in lowered:
                break
        else:
            continue
        if rule.pattern.search(shown) and not (rule.kind == "override" and _is_for_people(shown)):
            return rule
    return None


def _is_for_people(shown: str) -> bool:
    return bool(BENIGN.search(shown)) and not SPEAKS_OF_AI.search(shown)


def _is_about_agents(judged: Iterable[tuple[Segment, str | None]]) -> bool:
    """Say whether the page's subject is AI: a heading names it, or several innocent sentences do."""
    mentions = 0
    for segment, kind in judged:
        if kind is None and not segment.in_code and SUBJECT.search(segment.text):
            if segment.heading:
                return True
            mentions += 1
    return mentions >= _MENTIONS


def _stays(segment: Segment) -> bool:
    """Say whether a matching sentence of a page about agents is guidance, an example or a description."""
    shown = plain(segment.text)
    if segment.in_code:
        return True
    unquoted = QUOTED.sub(" ", shown)
    for rule in SENTENCES:
        match = rule.pattern.search(unquoted) if rule.always else None
        if match and not DESCRIBED.search(unquoted[: match.start()]):
            return False
    return not SQUEEZED.search(squeezed(unquoted))


def _followers(segments: Sequence[Segment], starts: set[int]) -> Iterator[Removal]:
    """Yield sentences that go on where an injected one of the same block ended."""
    injected: Segment | None = None
    for before, segment in pairwise(segments):
        if before.start in starts:
            injected = before
        if injected is None or segment.block != injected.block:
            injected = None
        elif segment.start not in starts and FOLLOWERS.search(segment.text):
            yield _removal(segment, "override")
            injected = segment
        elif segment.start not in starts:
            injected = None


def _whole_sentences(piece: hidden.Piece, segments: Sequence[Segment], starts: Sequence[int]) -> Removal:
    """Return the removal widened to the sentences it lies in."""
    start, end = piece.removal.start, piece.removal.end
    first = max(0, bisect_left(starts, start) - 1)
    for segment in segments[first:]:
        if segment.start >= piece.removal.end:
            break
        if segment.end > piece.removal.start:
            start, end = min(start, segment.start), max(end, segment.end)
    return Removal(start=start, end=end, kind=piece.removal.kind, family="injection")
