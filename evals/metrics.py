"""Fact recall of a draft against a manifest of planted facts.

A fact is found when one claim cites text that overlaps the fact's quote by at least half of the shorter of the two (and
20 characters), and says at least 40 % of the fact's content words.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skillgen.model.draft import Citation, Claim, Draft
from skillgen.words import content_stems

MIN_OVERLAP = 20
MIN_WORDS = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A planted fact and where it is written, in code points of the file."""

    id: str
    text: str
    vital: bool
    question: int
    source: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The planted facts of a corpus; `digest` is of the manifest and of every page of the corpus."""

    corpus: str
    facts: tuple[Fact, ...]
    digest: str


def load_manifest(path: Path, corpus: Path, *, topics: Container[int]) -> Manifest:
    """Return the facts of a manifest on the topics, with the places of their quotes.

    Raises:
        ValueError: a quote does not stand exactly once in its page.
    """
    data = json.loads(path.read_text(encoding="utf-8"))
    facts = tuple(_fact(item, corpus) for item in data["facts"] if item["question_no"] in topics)
    digest = hashlib.sha256(path.read_bytes())
    for page in sorted(corpus.rglob("*.md")):
        digest.update(page.relative_to(corpus).as_posix().encode() + b"\0" + page.read_bytes())
    return Manifest(corpus=data["corpus"], facts=facts, digest=digest.hexdigest())


def _fact(item: dict[str, Any], corpus: Path) -> Fact:
    text = (corpus / item["path"]).read_bytes().decode("utf-8")
    if text.count(item["quote"]) != 1:
        raise ValueError(f"The quote of {item['id']} stands {text.count(item['quote'])} times in {item['path']}.")
    start = text.index(item["quote"])
    return Fact(
        id=item["id"],
        text=item["fact"],
        vital=item["vital"],
        question=item["question_no"],
        source=item["path"],
        start=start,
        end=start + len(item["quote"]),
    )


def measure(draft: Draft, manifest: Manifest) -> dict[str, float]:
    """Return recall of facts in the package and in the body, and the share of claims that touch a planted fact."""
    claims = draft.claims
    body = [claim for claim in claims if claim.in_body]
    vital = [fact for fact in manifest.facts if fact.vital]
    touching = sum(any(_overlaps(c, f) for c in claim.citations for f in manifest.facts) for claim in claims)
    return {
        "fact_recall": _recall(manifest.facts, claims),
        "vital_recall": _recall(vital, claims),
        "vital_recall_body": _recall(vital, body),
        "claim_precision": round(touching / len(claims), 3) if claims else 0.0,
        "coverage": draft.coverage.overall,
    }


def _recall(facts: Sequence[Fact], claims: Sequence[Claim]) -> float:
    found = sum(any(_states(claim, fact) for claim in claims) for fact in facts)
    return round(found / len(facts), 3)


def _states(claim: Claim, fact: Fact) -> bool:
    wanted = set(content_stems(fact.text))
    said = len(wanted & set(content_stems(claim.text))) / len(wanted)
    return said >= MIN_WORDS and any(_overlaps(citation, fact) for citation in claim.citations)


def _overlaps(citation: Citation, fact: Fact) -> bool:
    if citation.source != fact.source:
        return False
    shared = min(citation.end, fact.end) - max(citation.start, fact.start)
    shortest = min(citation.end - citation.start, fact.end - fact.start)
    return shared >= max(0.5 * shortest, min(MIN_OVERLAP, fact.end - fact.start))
