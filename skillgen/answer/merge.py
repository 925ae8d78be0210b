"""Merge: claims that say the same become one; where else it is written goes to its further places."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from skillgen.model.answer import Merged
from skillgen.model.draft import Citation, Claim, Nearness
from skillgen.quotes import MAX_ALSO_CITED
from skillgen.words import content_stems, hard_tokens, squeezed

# Shares of the words that carry meaning: of the shorter claim and of the longer one that the other one has as well.
# Claims that cite the same words of a page may differ more. Set by hand on made-up pairs in tests/test_answer_merge.py.
_OF_SHORTER, _OF_LONGER = 0.8, 0.5
_OF_SHORTER_SAME_PLACE, _OF_LONGER_SAME_PLACE = 0.7, 0.4
_TURNS = re.compile(
    r"\b(?:not|no|never|without|cannot|none|nothing|nobody|neither|nor|only|except|unless)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
_BINDS = re.compile(r"\b(?:must|shall|should|may|might|can|could|required?|requires|optional(?:ly)?)\b", re.IGNORECASE)


@dataclass(slots=True)
class _Group:
    """A claim that stays, with what is compared of it, and the claims that say the same."""

    index: int
    claim: Claim
    question_id: str
    said: _Said
    others: list[tuple[str, Claim]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Said:
    """What is compared of a claim: the words of its own and with its lead, what must be equal, and where it stands."""

    squeezed: str
    own: frozenset[str]
    all: frozenset[str]
    own_tokens: frozenset[str]
    all_tokens: frozenset[str]
    turned: frozenset[str]
    bound: bool
    places: tuple[tuple[str, int, int], ...]

    @classmethod
    def of(cls, claim: Claim) -> _Said:
        own = claim.own_text or claim.text
        return cls(
            squeezed=squeezed(claim.text),
            own=frozenset(content_stems(own)),
            all=frozenset(content_stems(claim.text)),
            own_tokens=_tokens(own),
            all_tokens=_tokens(claim.text),
            turned=frozenset(word.casefold() for word in _TURNS.findall(own)),
            bound=_BINDS.search(own) is not None,
            places=tuple((one.source, one.start, one.end) for one in claim.citations),
        )


def merge_claims(
    claims: Mapping[str, Sequence[Claim]], *, closed: Collection[str] = (), into: Collection[str] | None = None
) -> Merged:
    """Return the claims of every question in their order, without those that say what another claim says.

    Of claims that say the same the supported one stays, then the one with fewer words, then the first one. It takes
    over the other's facets, questions and places. Two claims say the same only if their numbers, names, paths and code
    are the same, and both or neither of them negates, limits or binds.

    Args:
        claims: The claims by the id of their question.
        closed: Ids of claims that stay as they are, because a person has decided about them.
        into: Ids of the only claims that others may become one with; None stands for all of them.
    """
    every = [(question_id, claim) for question_id, held in claims.items() for claim in held]
    order = sorted(range(len(every)), key=lambda i: (*_rank(every[i][1], closed), i))
    groups: list[_Group] = []
    open_: list[_Group] = []  # those that others may become one with
    for i in order:
        question_id, claim = every[i]
        said = _Said.of(claim)
        group = None if claim.id in closed else next((one for one in open_ if _same(one.said, said)), None)
        if group is None:
            groups.append(_Group(i, claim, question_id, said))
            open_ += groups[-1:] if into is None or claim.id in into else []
        else:
            group.others.append((question_id, claim))
    kept: dict[str, list[Claim]] = {question_id: [] for question_id in claims}
    for group in sorted(groups, key=lambda one: one.index):
        kept[group.question_id].append(_joined(group))
    return Merged(
        claims={question_id: tuple(held) for question_id, held in kept.items()},
        into={other.id: group.claim.id for group in groups for _, other in group.others if other.id != group.claim.id},
    )


def _rank(claim: Claim, closed: Collection[str]) -> tuple[bool, bool, int]:
    return claim.id not in closed, claim.verdict.support != "supported", len(claim.text.split())


def _tokens(text: str) -> frozenset[str]:
    return frozenset(token.strip("`").casefold() for token in hard_tokens(text))


def _same(one: _Said, other: _Said) -> bool:
    """Tell whether two claims say the same."""
    if one.squeezed == other.squeezed:
        return True
    if one.turned != other.turned or one.bound != other.bound:
        return False
    if not (one.own_tokens <= other.all_tokens and other.own_tokens <= one.all_tokens):
        return False
    shares = sorted(
        len(mine & theirs) / max(1, len(mine)) for mine, theirs in ((one.own, other.all), (other.own, one.all))
    )
    overlap = any(
        a == b and start < behind and before < end for a, start, end in one.places for b, before, behind in other.places
    )
    longer, shorter = (_OF_LONGER_SAME_PLACE, _OF_SHORTER_SAME_PLACE) if overlap else (_OF_LONGER, _OF_SHORTER)
    return shares[0] >= longer and shares[1] >= shorter


def _joined(group: _Group) -> Claim:
    """Return the claim that stays with what the others add: facets, questions, places, nearness."""
    claim = group.claim
    if not group.others:
        return claim
    others = [other for _, other in group.others]
    questions = [id_ for id_, other in group.others for id_ in (id_, *other.also_answers)]
    places = [*claim.also_cited, *(cited for other in others for cited in (*other.citations, *other.also_cited))]
    new = [one for one in dict.fromkeys(places) if not _held(one, claim.citations)]
    return replace(
        claim,
        facets=tuple(dict.fromkeys((*claim.facets, *(facet for other in others for facet in other.facets)))),
        also_answers=tuple(id_ for id_ in dict.fromkeys((*claim.also_answers, *questions)) if id_ != group.question_id),
        also_cited=tuple(new)[:MAX_ALSO_CITED],
        near=_nearest([claim, *others]),
    )


def _held(one: Citation, citations: Sequence[Citation]) -> bool:
    """Tell whether a place is cited already."""
    return any(c.source == one.source and c.start <= one.start and one.end <= c.end for c in citations)


def _nearest(claims: Sequence[Claim]) -> tuple[Nearness, ...]:
    """Return each facet's best nearness, the nearest first."""
    best: dict[str, float] = {}
    for near in (near for claim in claims for near in claim.near):
        best[near.facet] = max(near.cosine, best.get(near.facet, near.cosine))
    ordered = sorted(best.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Nearness(facet=facet, cosine=cosine) for facet, cosine in ordered)
