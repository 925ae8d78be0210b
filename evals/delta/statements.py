"""The statements that the delta is tuned and measured on: pairs that we wrote, and what was planted in two corpora."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from skillgen.background import load_background
from skillgen.catalogue import load_catalogue
from skillgen.delta import DeltaEstimator
from skillgen.embed import english_vocabulary
from skillgen.extract import extract_candidates
from skillgen.model.corpus import Page, SourceFile
from skillgen.parse import parse_markdown

HERE = Path(__file__).resolve().parent
EVALS = HERE.parent
CORPORA = EVALS.parent / "corpora"
PAIRS = HERE / "pairs.yaml"
# A candidate is general when so much of it is, and a fact when so much of it states one and nothing in it is general.
GENERAL_SHARE = 0.6
FACT_SHARE = 0.5

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two statements about the same: one of anybody's, one of an organisation's own."""

    subject: str
    general: str
    own: str

    @property
    def hard(self) -> bool:
        """Whether the general one has code or a number, or the own one has neither."""
        return _looks_specific(self.general) or not _looks_specific(self.own)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """What a corpus states where we planted it.

    `quotes` are general statements as the pages have them; `general` and `facts` are candidate claims.
    """

    quotes: tuple[str, ...]
    general: tuple[str, ...]
    facts: tuple[str, ...]


def estimator() -> DeltaEstimator:
    """Return the estimator with the built-in catalogue, as a build without a catalogue of its own has it."""
    catalogue = load_catalogue()
    return DeltaEstimator(catalogue.tools, load_background(catalogue, english_vocabulary()))


def load_pairs(half: str) -> list[Pair]:
    """Return the pairs of the subjects of a half, `tuning` or `held-out`."""
    return [
        Pair(subject=entry["subject"], general=pair["general"], own=pair["own"])
        for entry in yaml.safe_load(PAIRS.read_text(encoding="utf-8"))
        if entry["half"] == half
        for pair in entry["pairs"]
    ]


def load_planted(name: str) -> Planted:
    """Return the general statements and the facts that were planted in a corpus, as candidate claims of its pages."""
    manifest = json.loads((EVALS / f"{name}.facts.json").read_text(encoding="utf-8"))
    general_at = _places(name, manifest["general_statements"])
    facts_at = _places(name, manifest["facts"])
    general, facts = [], []
    for path in sorted({*general_at, *facts_at}):
        for candidate in extract_candidates(_page(name, path)):
            length = candidate.end - candidate.start
            is_general = _covered(candidate.start, candidate.end, general_at.get(path, ()))
            is_fact = _covered(candidate.start, candidate.end, facts_at.get(path, ()))
            if is_general >= GENERAL_SHARE * length:
                general.append(candidate.text)
            elif not is_general and is_fact >= FACT_SHARE * length:
                facts.append(candidate.text)
    quotes = tuple(item["quote"] for item in manifest["general_statements"])
    return Planted(quotes=quotes, general=tuple(general), facts=tuple(facts))


def _looks_specific(text: str) -> bool:
    return "`" in text or any(character.isdigit() for character in text)


def _places(name: str, items: Iterable[Mapping[str, Any]]) -> dict[str, list[Span]]:
    """Return the places of the quotes by page; each stands once in its page."""
    places: dict[str, list[Span]] = {}
    for item in items:
        for one in (item, *item.get("also", ())):
            start = _text(name, one["path"]).index(one["quote"])
            places.setdefault(one["path"], []).append((start, start + len(one["quote"])))
    return places


def _covered(start: int, end: int, places: Sequence[Span]) -> int:
    return sum(max(0, min(end, stop) - max(start, begin)) for begin, stop in places)


def _text(name: str, path: str) -> str:
    return (CORPORA / name / path).read_bytes().decode("utf-8")


def _page(name: str, path: str) -> Page:
    return parse_markdown(SourceFile(source=path, text=_text(name, path), sha256="0" * 64))[0]
