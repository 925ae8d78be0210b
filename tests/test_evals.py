"""The measures of our evals, on drafts made by hand: what counts as found, and what a floor allows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from baseline import Baseline, load_baseline, save_baseline
from coverage_eval import spearman
from gold import load_gold, load_manifest
from metrics import (
    Fact,
    Measure,
    Planted,
    Query,
    Quote,
    bootstrap,
    contradiction_measures,
    found_facts,
    search_measures,
    touches,
)

from skillgen.model.draft import Citation, Claim, Contradiction, Verdict

ROOT = Path(__file__).resolve().parent.parent
PAGE = "# Deploys\n\nA deploy starts with the command ship deploy orders.\n\nAsk the desk first.\n"
OTHER = "# Notes\n\nThe command ship deploy orders begins every deploy here.\n"
FIRST = Quote(source="deploys.md", start=11, end=62)
SECOND = Quote(source="notes.md", start=9, end=65)
FACT = Fact(
    id="f1", text="A deploy starts with the command ship deploy.", vital=True, question="1", quotes=(FIRST, SECOND)
)


def cite(source: str, start: int, end: int) -> Citation:
    return Citation(source=source, start=start, end=end, quote="", lines=(1, 1), heading_path=(), source_sha256="")


def claim(text: str, *citations: Citation, in_body: bool = False) -> Claim:
    return Claim(
        id="clm-1",
        text=text,
        lead="",
        facets=(),
        also_answers=(),
        in_body=in_body,
        delta=0.0,
        verdict=Verdict(support="supported", reason="", checker=""),
        citations=tuple(citations),
    )


SAID = "A deploy starts with the command ship deploy orders."


@pytest.mark.parametrize(
    ("text", "citations", "found"),
    [
        (SAID, [cite("deploys.md", 11, 62)], True),
        (SAID, [cite("notes.md", 9, 65)], True),  # another page that states it
        (SAID, [cite("deploys.md", 40, 90)], False),  # 22 characters, less than half of the shorter
        (SAID, [cite("deploys.md", 30, 90)], True),
        (SAID, [cite("people.md", 11, 62)], False),
        (SAID, [cite("deploys.md", 62, 90)], False),
        ("Somebody wrote something else there.", [cite("deploys.md", 11, 62)], False),
        (f"{SAID} {'And so on. ' * 20}", [cite("deploys.md", 11, 62)], False),  # too long to be a claim
        (SAID, [cite("deploys.md", 0, 2000)], False),  # cites the whole page
        (SAID, [cite("deploys.md", 11, 62)] * 7, False),
    ],
)
def test_a_fact_is_found_where_one_claim_says_it_and_cites_a_place_of_it(
    text: str, citations: Sequence[Citation], *, found: bool
) -> None:
    assert found_facts([claim(text, *citations)], [FACT]) == [found]


def test_two_claims_do_not_share_the_finding_of_a_fact() -> None:
    says = claim(SAID, cite("people.md", 0, 30))
    cites = claim("Somebody wrote something else there.", cite("deploys.md", 11, 62))
    assert found_facts([says, cites], [FACT]) == [False]
    assert touches(cites, [FACT])
    assert not touches(says, [FACT])


def test_a_report_counts_where_it_cites_two_of_the_places_that_disagree() -> None:
    planted = [Planted(topic="command", quotes=(FIRST, SECOND))]
    right = Contradiction(topic="", kind="", citations=(cite("deploys.md", 11, 62), cite("notes.md", 9, 65)))
    beside = Contradiction(topic="", kind="", citations=(cite("deploys.md", 11, 62), cite("deploys.md", 11, 62)))
    wide = Contradiction(topic="", kind="", citations=(cite("deploys.md", 0, 500), cite("notes.md", 9, 65)))
    measures = contradiction_measures([right, beside, wide], planted)
    assert measures["contradictions_found"] == Measure(value=1.0, n=1)
    assert measures["contradictions_planted"] == Measure(value=0.3333, n=3)
    assert contradiction_measures([beside], planted)["contradictions_found"] == Measure(value=0.0, n=1)
    assert contradiction_measures([], planted)["contradictions_planted"] is None
    assert contradiction_measures([right], [], planted)["contradictions_planted"] == Measure(value=1.0, n=1)


def test_search_counts_the_rank_of_the_first_passage_that_overlaps_an_answer() -> None:
    queries = [Query(id=id_, text="", quotes=(FIRST,)) for id_ in "abc"]
    good, bad = Quote(source="deploys.md", start=60, end=90), Quote(source="deploys.md", start=62, end=90)
    measures = search_measures([[good], [bad, good], [bad] * 5 + [good]], queries)
    assert measures["recall_at_5"].value == 0.6667
    assert measures["mrr"].value == pytest.approx((1 + 1 / 2 + 1 / 6) / 3, abs=1e-4)
    assert search_measures([], []) == {}


def test_the_bootstrap_interval_repeats_and_holds_the_mean() -> None:
    values = [1.0] * 20 + [0.0] * 13
    low, high = bootstrap(values)
    assert (low, high) == bootstrap(values)
    assert low < 20 / 33 < high
    assert high - low == pytest.approx(0.33, abs=0.05)  # 2 * 1.96 standard errors
    assert bootstrap([1.0] * 5) == (1.0, 1.0)


# -- floors ------------------------------------------------------------------------------------------------------------

PAIR = "larkfield/brief"
INPUTS = {"pages": "a", "brief": "b"}


def measured(value: float) -> dict[str, Measure]:
    return {"fact_recall": Measure(value=value, n=10), "coverage": Measure(value=0.9, n=6, floor=False)}


def floors(baseline: Baseline) -> dict[str, float]:
    found: dict[str, float] = baseline.pairs[PAIR]["floors"]
    return found


def test_floors_rise_and_never_fall() -> None:
    baseline = Baseline()
    assert "not pinned" in baseline.check(PAIR, INPUTS, measured(0.5))[0]
    assert baseline.raise_floors(PAIR, INPUTS, measured(0.5)) == []
    assert floors(baseline) == {"fact_recall": 0.5}
    assert baseline.raise_floors(PAIR, INPUTS, measured(0.6)) == []
    assert "under its floor" in baseline.raise_floors(PAIR, INPUTS, measured(0.4))[0]
    assert floors(baseline) == {"fact_recall": 0.6}
    assert baseline.check(PAIR, INPUTS, measured(0.6)) == []
    assert "0.590, under its floor of 0.600" in baseline.check(PAIR, INPUTS, measured(0.59))[0]
    assert "under its floor" in baseline.check(PAIR, INPUTS, {})[0]


def test_changed_inputs_need_an_explicit_reset_with_a_reason() -> None:
    baseline = Baseline()
    baseline.raise_floors(PAIR, INPUTS, measured(0.6))
    changed = INPUTS | {"brief": "c"}
    for problems in (
        baseline.check(PAIR, changed, measured(0.9)),
        baseline.raise_floors(PAIR, changed, measured(0.9)),
    ):
        assert len(problems) == 1
        assert "changed since its floors were set: brief" in problems[0]
    assert floors(baseline) == {"fact_recall": 0.6}
    with pytest.raises(ValueError, match="reason"):
        baseline.reset(PAIR, changed, measured(0.5), because=" ")
    baseline.reset(PAIR, changed, measured(0.5), because="question 8 is new")
    assert floors(baseline) == {"fact_recall": 0.5}
    assert baseline.history == [
        {"pair": PAIR, "because": "question 8 is new", "old": {"fact_recall": 0.6}, "new": {"fact_recall": 0.5}}
    ]
    assert baseline.check(PAIR, changed, measured(0.5)) == []


def test_the_baseline_survives_its_file(tmp_path: Path) -> None:
    baseline = Baseline()
    baseline.raise_floors(PAIR, INPUTS, measured(0.6))
    baseline.reset(PAIR, INPUTS, measured(0.5), because="because")
    save_baseline(baseline, tmp_path / "baseline.json")
    assert load_baseline(tmp_path / "baseline.json") == baseline
    assert load_baseline(tmp_path / "none.json") == Baseline()


# -- what is known about a corpus --------------------------------------------------------------------------------------


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "deploys.md").write_text(PAGE, encoding="utf-8")
    (folder / "notes.md").write_text(OTHER, encoding="utf-8")
    return folder


def test_a_gold_file_is_read_with_offsets_and_without(corpus: Path, tmp_path: Path) -> None:
    place = {"path": "deploys.md", "quote": "Ask the desk first.", "start": 65, "end": 84}
    bare = {"path": "deploys.md", "quote": "Ask the desk first."}
    nugget = {"id": "n1", "question_no": 3, "nugget": "Ask the desk.", "vital": True, "stale": False}
    gold = {
        "questions": [
            {
                "question_no": 3,
                "nuggets": [
                    nugget | {"evidence": [place, bare]},
                    nugget | {"id": "n2", "stale": True, "evidence": [place]},
                ],
            }
        ],
        "contradictions": [
            {"topic": "t", "kind": "contradiction", "quotes": [place, bare]},
            {"topic": "u", "kind": "no contradiction", "quotes": [place, bare]},
        ],
    }
    search = {"questions": [{"id": "r1", "question": "Whom to ask?", "answers": [place]}]}
    (tmp_path / "gold.json").write_text(json.dumps(gold), encoding="utf-8")
    (tmp_path / "search.json").write_text(json.dumps(search), encoding="utf-8")
    read = load_gold(tmp_path / "gold.json", corpus, retrieval=tmp_path / "search.json")
    quote = Quote(source="deploys.md", start=65, end=84)
    assert PAGE[65:84] == bare["quote"]
    assert read.facts == (Fact(id="n1", text="Ask the desk.", vital=True, question="3", quotes=(quote, quote)),)
    assert [fact.id for fact in read.stale] == ["n2"]
    assert [one.topic for one in read.contradictions] == ["t"]
    assert read.queries == (Query(id="r1", text="Whom to ask?", quotes=(quote,)),)
    (tmp_path / "gold.json").write_text(json.dumps({"facts": [], "questions": []}), encoding="utf-8")
    with pytest.raises(ValueError, match="no gold file"):
        load_gold(tmp_path / "gold.json", corpus)


def test_a_manifest_keeps_to_its_topics_and_knows_every_place_of_a_fact(corpus: Path, tmp_path: Path) -> None:
    quote = {"path": "deploys.md", "quote": "Ask the desk first."}
    also = {"path": "notes.md", "quote": "begins every deploy here"}
    manifest = {
        "facts": [
            {"id": "a", "fact": "Ask.", "vital": True, "question_no": 1, **quote, "also": [also]},
            {"id": "b", "fact": "Ask.", "vital": False, "question_no": 9, "topic": 9, **quote},
        ],
        "contradictions": [{"topic": "t", "question_no": 9, "quotes": [quote, also]}],
        "stale": [{"fact": "Ask.", **quote}],
        "questions": [{"id": "q1", "question": "Whom?", "fact_ids": ["a", "b"]}],
    }
    path = tmp_path / "wiki.facts.json"
    path.write_text(json.dumps(manifest), encoding="utf-8")
    read = load_manifest(path, corpus, topics=range(1, 9))
    assert [fact.id for fact in read.facts] == ["a"]
    assert [one.source for one in read.facts[0].quotes] == ["deploys.md", "notes.md"]
    assert read.contradictions == ()
    assert [one.topic for one in read.other_contradictions] == ["t"]
    assert len(read.stale) == 1
    assert len(read.queries[0].quotes) == 3
    (corpus / "deploys.md").write_text(PAGE * 2, encoding="utf-8")
    with pytest.raises(ValueError, match="stands 2 times"):
        load_manifest(path, corpus, topics=range(1, 9))


@pytest.mark.parametrize("name", ["harbourline", "larkfield", "ostermoor"])
def test_every_quote_of_our_manifests_stands_in_its_page(name: str) -> None:
    gold = load_manifest(ROOT / "evals" / f"{name}.facts.json", ROOT / "corpora" / name, topics=range(1, 100))
    assert gold.facts
    assert gold.contradictions


def test_rank_correlation_shares_ranks_between_ties() -> None:
    assert spearman([1, 2, 3], [10, 20, 30]) == pytest.approx(1)
    assert spearman([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    assert spearman([1, 1, 2], [1, 2, 3]) == pytest.approx(0.866, abs=1e-3)
    assert spearman([1, 1, 1], [1, 2, 3]) == 0.0
