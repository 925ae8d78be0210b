"""Join: chosen statements that belong together to one claim with several citations.

Facts are spread. What stands under one heading is read together there, so it makes one claim here, in the order of the
page. And of a thing that two pages name exactly, each page often tells one half: its file and its lifetime, its alert
and its repair. Nothing is reworded; a claim that holds both keeps each page's headings before that page's words.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from skillgen.model.corpus import Page
from skillgen.model.draft import Break
from skillgen.model.research import Candidate, Choice
from skillgen.quotes import MAX_CITATIONS, MAX_CITED_CHARS, MAX_CLAIM_WORDS, adjoined

# A name that more pages hold than this joins nothing: half of the organisation's pages may speak of it.
MAX_PAGES_OF_A_NAME = 5
# What only one thing can be called: code without a space, an identifier, or a path; each with a mark inside it.
_EXACT = re.compile(r"`(?=[^`\s]*[\w][-_./:][\w])([^`\s]+)`|(?<![\w./-])(\w+_\w+|[\w.-]+/[\w.-]+/[\w./-]*\w)")
_ENDS = re.compile(r"[.!?:;][\"')\]`*]*$")


@dataclass(slots=True)
class _Group:
    """Choices that make one claim, the best first; `across` when they are of two pages."""

    parts: list[Choice]
    across: bool = False
    names: set[str] = field(default_factory=set)

    @property
    def best(self) -> Choice:
        return self.parts[0]


def join_choices(
    choices: Sequence[Choice],
    pages: Mapping[str, Page],
    *,
    limit: int,
    closed: Collection[int] = (),
    general: Collection[int] = (),
) -> tuple[Choice, ...]:
    """Return at most `limit` choices, each alone or joined of several, in the order of their best parts.

    Args:
        choices: The statements in the order of their worth; more of them than `limit`, since some are joined.
        pages: The pages they stand on.
        limit: How many claims a draft keeps, not counting closed ones that come later.
        closed: The places in the ranking of choices that stay as they are, and stay in the draft.
        general: The places in the ranking of choices that say what anybody may say: advice joins no fact.
    """
    table = _Table(_spread_names(choices))
    for choice in choices:
        if choice.index in closed:
            table.groups.append(_Group([choice]))
        elif len(table.groups) >= limit:
            continue
        elif choice.index in general:
            table.groups.append(_Group([choice]))
        else:
            table.seat(choice)
    return tuple(joined(group.parts, pages) for group in table.groups)


class _Table:
    """The groups so far, and which of them a statement may join: by its section, and by the names that it holds."""

    def __init__(self, spread: frozenset[str]) -> None:
        self.groups: list[_Group] = []
        self._spread = spread
        self._by_section: dict[tuple[str, tuple[str, ...]], list[_Group]] = {}
        self._by_name: dict[str, list[_Group]] = {}

    def seat(self, choice: Choice) -> None:
        """Put a statement into the first group that it fits into, or into a new one."""
        names = exact_names(choice.candidate.claim_text) & self._spread
        section = _section(choice.candidate)
        group = next((held for held in self._by_section.get(section, ()) if _fits(held, choice)), None)
        if group is None:
            sharing = (held for name in sorted(names) for held in self._by_name.get(name, ()))
            group = next((held for held in sharing if _meets(held, choice)), None)
            if group is not None:
                group.across = True
        if group is None:
            group = _Group([])
            self.groups.append(group)
            self._by_section.setdefault(section, []).append(group)
        group.parts.append(choice)
        for name in sorted(names - group.names):
            self._by_name.setdefault(name, []).append(group)
        group.names |= names


def exact_names(text: str) -> frozenset[str]:
    """Return the identifiers and paths of a text that name one thing only, lower-cased."""
    return frozenset((code or plain).casefold() for code, plain in _EXACT.findall(text))


def _spread_names(choices: Iterable[Choice]) -> frozenset[str]:
    """Return the names that stand on two pages or a few more."""
    pages: dict[str, set[str]] = {}
    for choice in choices:
        for name in exact_names(choice.candidate.claim_text):
            pages.setdefault(name, set()).add(choice.candidate.source)
    return frozenset(name for name, held in pages.items() if 1 < len(held) <= MAX_PAGES_OF_A_NAME)


def _section(candidate: Candidate) -> tuple[str, tuple[str, ...]]:
    return candidate.source, candidate.citations[0].heading_path


def _fits(group: _Group, choice: Choice) -> bool:
    """Tell whether a statement of the same section fits into a claim of it."""
    if group.across:
        return False
    candidates = [part.candidate for part in (*group.parts, choice)]
    words = len(group.best.candidate.lead.split()) + sum(len(one.text.split()) for one in candidates)
    return words <= MAX_CLAIM_WORDS and _cites_little(candidates)


def _meets(group: _Group, choice: Choice) -> bool:
    """Tell whether a lone statement and one of another page answer one question and fit into one claim."""
    if len(group.parts) > 1 or group.best.question_id != choice.question_id:
        return False
    candidates = [group.best.candidate, choice.candidate]
    if candidates[0].source == candidates[1].source:
        return False
    return sum(len(one.claim_text.split()) for one in candidates) <= MAX_CLAIM_WORDS and _cites_little(candidates)


def _cites_little(candidates: Sequence[Candidate]) -> bool:
    cited = {(one.source, one.start, one.end) for candidate in candidates for one in candidate.citations}
    return len(cited) <= MAX_CITATIONS and sum(end - start for _, start, end in cited) <= MAX_CITED_CHARS


def joined(parts: Sequence[Choice], pages: Mapping[str, Page]) -> Choice:
    """Return the one choice that the parts make, the best first; its score and place in the ranking are the best's.

    Parts of one section stand in the order of the page under the best one's lead; of two pages, one after the other.
    """
    best = parts[0]
    if len(parts) == 1:
        return best
    facets = dict.fromkeys(facet for part in parts for facet in part.facets)
    questions = dict.fromkeys(id_ for part in parts for id_ in (part.question_id, *part.also_answers))
    candidates = tuple(part.candidate for part in parts)
    across = len({one.source for one in candidates}) > 1
    return replace(
        best,
        candidate=_across(candidates) if across else _of_section(candidates, pages[best.candidate.source].text),
        also_answers=tuple(id_ for id_ in questions if id_ != best.question_id),
        facets=tuple(facets),
        repeated=tuple(one for part in parts for one in part.repeated),
        parts=candidates,
    )


def _of_section(candidates: Sequence[Candidate], page: str) -> Candidate:
    """Return the statements of one section as one, in the order of the page, under the best one's lead."""
    ordered = sorted(candidates, key=lambda one: (one.start, one.end))
    parts = [_Part.of(ordered[0], new=False)]
    for before, one in itertools.pairwise(ordered):
        parts.append(_Part.of(one, new=_begins_anew(before, one, page)).without_opening(parts))
    text, breaks = _running(parts)
    return replace(
        candidates[0],
        start=ordered[0].start,
        end=ordered[-1].end,
        text=text,
        breaks=breaks,
        opening=ordered[0].opening,
        citations=adjoined([citation for one in ordered for citation in one.citations], page),
    )


def _across(candidates: Sequence[Candidate]) -> Candidate:
    """Return two pages' statements as one, the better one first, the other after its own headings."""
    first, second = candidates
    other = _Part(text=second.claim_text, breaks=(Break(at=0, depth=0), *second.claim_breaks))
    text, breaks = _running([_Part.of(first, new=False), other])
    return replace(first, text=text, breaks=breaks, citations=(*first.citations, *second.citations))


def _begins_anew(before: Candidate, one: Candidate, page: str) -> bool:
    """Tell whether a statement begins a new block of the page: whether more than a space stands before it."""
    between = page[before.end : one.start].replace("\r", "")
    return one.kind == "table_row" or bool(between.strip()) or "\n\n" in between


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A statement's text with its breaks; one at 0 where it begins something itself."""

    text: str
    breaks: tuple[Break, ...]
    opening: str = ""

    @classmethod
    def of(cls, candidate: Candidate, *, new: bool) -> _Part:
        first = (Break(at=0, depth=0),) if new else ()
        return cls(text=candidate.text, breaks=(*first, *candidate.breaks), opening=candidate.opening)

    def without_opening(self, before: Sequence[_Part]) -> _Part:
        """Return the part without the lead-in that it says again, where one of those before it has said it."""
        size = len(self.opening)
        if not size or not any(self.opening.strip() in part.text for part in before):
            return self
        kept = tuple(replace(one, at=one.at - size) for one in self.breaks if one.at >= size)
        return replace(self, text=self.text[size:], breaks=kept, opening="")


def _running(parts: Sequence[_Part]) -> tuple[str, tuple[Break, ...]]:
    """Return texts one after the other, with all their breaks; a text that ends without a mark gets a full stop."""
    running = parts[0].text
    breaks = [*parts[0].breaks]
    for part in parts[1:]:
        running += " " if _ENDS.search(running) else ". "
        breaks += [replace(one, at=len(running) + one.at) for one in part.breaks]
        running += part.text
    return running, tuple(breaks)
