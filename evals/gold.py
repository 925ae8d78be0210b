"""Read what is known about a corpus: our own manifests, and gold files that somebody else wrote for other corpora."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import Any

from metrics import Fact, Gold, Planted, Query, Quote


def load_manifest(path: Path, corpus: Path, *, topics: Container[int]) -> Gold:
    """Return a manifest's facts and contradictions on the topics, and all it says about stale statements and search.

    Raises:
        ValueError: a quote does not stand exactly once in its page.
    """
    data = json.loads(path.read_text(encoding="utf-8"))
    facts = {item["id"]: _fact(item, corpus) for item in data["facts"]}
    wanted = [item["id"] for item in data["facts"] if item.get("topic", item["question_no"]) in topics]
    pairs = [
        (
            Planted(topic=item["topic"], quotes=_quotes(item["quotes"], corpus)),
            "question_no" not in item or item["question_no"] in topics,
        )
        for item in data["contradictions"]
    ]
    return Gold(
        facts=tuple(facts[id_] for id_ in wanted),
        stale=tuple(_fact(item, corpus) for item in data.get("stale", ())),
        contradictions=tuple(planted for planted, asked in pairs if asked),
        other_contradictions=tuple(planted for planted, asked in pairs if not asked),
        queries=tuple(
            Query(
                id=item["id"],
                text=item["question"],
                quotes=tuple(quote for id_ in item["fact_ids"] for quote in facts[id_].quotes),
            )
            for item in data.get("questions", ())
        ),
    )


def load_gold(path: Path, corpus: Path, *, retrieval: Path | None = None) -> Gold:
    """Return what a gold file says: nuggets by question, each with its evidence, and contradictions.

    Raises:
        ValueError: a quote without offsets does not stand exactly once in its page, or the file is no gold file.
    """
    data = json.loads(path.read_text(encoding="utf-8"))
    if "questions" not in data or "facts" in data:
        raise ValueError(f"{path} is no gold file: it has no questions with nuggets.")
    nuggets = [nugget for question in data["questions"] for nugget in question.get("nuggets", ())]
    facts = [(_nugget(nugget, corpus), nugget.get("stale", False)) for nugget in nuggets]
    return Gold(
        facts=tuple(fact for fact, stale in facts if not stale),
        stale=tuple(fact for fact, stale in facts if stale),
        contradictions=tuple(
            Planted(topic=item["topic"], quotes=_quotes(item["quotes"], corpus))
            for item in data.get("contradictions", ())
            if item.get("kind", "contradiction") == "contradiction"
        ),
        queries=_queries(retrieval, corpus) if retrieval else (),
    )


def _queries(path: Path, corpus: Path) -> tuple[Query, ...]:
    data = json.loads(path.read_text(encoding="utf-8"))
    return tuple(
        Query(id=item["id"], text=item["question"], quotes=_quotes(item["answers"], corpus))
        for item in data["questions"]
    )


def _fact(item: Mapping[str, Any], corpus: Path) -> Fact:
    return Fact(
        id=item.get("id", ""),
        text=item["fact"],
        vital=item.get("vital", False),
        question=str(item.get("question_no", "")),
        quotes=_quotes([item, *item.get("also", ())], corpus),
    )


def _nugget(item: Mapping[str, Any], corpus: Path) -> Fact:
    return Fact(
        id=item["id"],
        text=item["nugget"],
        vital=item["vital"],
        question=str(item["question_no"]),
        quotes=_quotes(item["evidence"], corpus),
    )


def _quotes(items: Sequence[Mapping[str, Any]], corpus: Path) -> tuple[Quote, ...]:
    return tuple(_quote(item, corpus) for item in items)


def _quote(item: Mapping[str, Any], corpus: Path) -> Quote:
    if "start" in item:
        end = item.get("end", item["start"] + len(item["quote"]))
        return Quote(source=item["path"], start=item["start"], end=end)
    text = (corpus / item["path"]).read_bytes().decode("utf-8")
    count = text.count(item["quote"])
    if count != 1:
        raise ValueError(f"A quote stands {count} times and not once in {item['path']}: {item['quote']}")
    start = text.index(item["quote"])
    return Quote(source=item["path"], start=start, end=start + len(item["quote"]))
