"""The draft: ids that a rebuild keeps, one JSON form that others read, and gaps that a person can answer."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import brief_of

from skillgen import draft as draft_module
from skillgen.belief import delta_share
from skillgen.draft import (
    claim_id,
    draft_from_json,
    draft_json,
    draft_schema,
    find_gaps,
    make_answers,
    make_claim,
    with_body,
    with_unique_ids,
)
from skillgen.model.belief import Belief
from skillgen.model.brief import Facet, Plan, Question, Target
from skillgen.model.corpus import Chunk
from skillgen.model.delta import Delta, Signal
from skillgen.model.draft import (
    BriefRecord,
    Citation,
    Claim,
    Contradiction,
    Coverage,
    Draft,
    Dropped,
    FailedRequest,
    IntegrationEdge,
    MappedKind,
    NearestPage,
    Nearness,
    RunRecord,
    SkillRecord,
    TargetScore,
    UseRecord,
    Verdict,
    looked_at,
)
from skillgen.model.research import Candidate, Choice, FacetPassages, Passage

PROPERTY = settings(deadline=None, max_examples=60)  # a busy machine takes its time

ROOT = Path(__file__).resolve().parent.parent
SCHEMA_FILE = ROOT / "docs" / "draft.schema.json"
REGENERATE = (
    "docs/draft.schema.json is not the schema of the records. Write it again: .venv/bin/python -c "
    "'import json; from skillgen.draft import draft_schema; print(json.dumps(draft_schema(), indent=1))' "
    "> docs/draft.schema.json"
)
SUPPORTED = Verdict(support="supported", reason="Every word stands in a quote.", checker="rules/1")
DELTA = Delta(value=0.75, signals=(Signal(name="times", seen=("02:40",), adds=1.1),))
QUESTION = Question(id="qst-1", number="1", text="Which tools exist, and how are credentials passed between tools?")


def citation(quote: str = "The night run starts at 02:40.", source: str = "runs.md", **values: object) -> Citation:
    made = Citation(
        source=source,
        start=10,
        end=10 + len(quote),
        lines=(3, 4),
        heading_path=("Runs", "Night"),
        quote=quote,
        source_sha256="ab" * 32,
    )
    return replace(made, **values)  # type: ignore[arg-type]


def candidate(text: str, *citations: Citation, lead: str = "") -> Candidate:
    return Candidate(
        source="runs.md", start=10, end=40, kind="paragraph", lead=lead, text=text, citations=citations or (citation(),)
    )


def choice(one: Candidate, *repeated: Candidate) -> Choice:
    return Choice(
        candidate=one,
        index=0,
        question_id="qst-1",
        also_answers=("qst-2",),
        facets=("fct-1",),
        score=1.0,
        repeated=repeated,
    )


def claim(text: str = "It starts at 02:40.", *citations: Citation) -> Claim:
    return make_claim(choice(candidate(text, *citations)), SUPPORTED, facets=["fct-1"], delta=DELTA)


def plan_of(*facets: str, question: Question = QUESTION) -> Plan:
    brief = brief_of([question], targets=[Target(id="tgt-1", text="Tools")], sha256="cd" * 32, variant="C")
    made = (
        Facet(id=f"fct-{n}", question_id=question.id, text=text, targets=("tgt-1",)) for n, text in enumerate(facets, 1)
    )
    return Plan(briefs=(brief,), facets=tuple(made))


def passages_of(facet_id: str, *sources: str) -> FacetPassages:
    chunks = [
        Chunk(
            chunk_id=f"chk-{number}",
            source=source,
            start=0,
            end=4,
            lines=(1, 1),
            heading_path=("Title",),
            text="text",
            first_block=0,
            last_block=0,
        )
        for number, source in enumerate(sources)
    ]
    found = tuple(Passage(chunk=chunk, rank=rank, score=1.0) for rank, chunk in enumerate(chunks, 1))
    return FacetPassages(facet_id=facet_id, query=f"query of {facet_id}", passages=found)


def full_draft() -> Draft:
    """Return a draft in which every list of the contract holds something."""
    plan = plan_of("which tools exist", "how are credentials passed")
    retrieved = [passages_of("fct-1", "runs.md", "b.md"), passages_of("fct-2", "b.md")]
    grades = {"fct-1": 1.0, "fct-2": 0.0}
    again = candidate("It starts at 02:40.", citation(source="b.md", url="https://w.example/b.md"))
    made = make_claim(
        choice(candidate("It starts at 02:40.", lead="Runs > Night:"), again),
        SUPPORTED,
        facets=["fct-1"],
        delta=DELTA,
        near=[Nearness(facet="fct-1", cosine=0.5123)],
    )
    made = replace(made, belief=Belief(verdict="conflict", says="It starts at midnight."))
    draft = Draft(
        schema="skillgen.draft/1",
        skill=SkillRecord(name="b", description="B."),
        briefs=(BriefRecord(path="b.md", title="B", sha256="cd" * 32),),
        answers=make_answers(plan, {"qst-1": [made, claim("Then it stops.")]}, grades, retrieved),
        coverage=Coverage(
            overall=0.5, targets=(TargetScore(id="tgt-1", text="Tools", score=0.5, facets=("fct-1", "fct-2")),)
        ),
        contradictions=(Contradiction(topic="start", kind="value", citations=(citation(), citation(source="b.md"))),),
        gaps=find_gaps(plan, grades, retrieved),
        integration_map=(IntegrationEdge(from_="Airflow", to="dbt", what="starts it", citations=(citation(),)),),
        mapped=(MappedKind(label="Job schedulers", tools=("Airflow",)),),
        run=RunRecord(
            complete=True,
            engine="local/1",
            model=None,
            embedder="test",
            settings_sha256="0" * 64,
            corpus_sha256="0" * 64,
            prompts={"templates/skill/SKILL.md.j2": "0" * 64},
            tokens=0,
            cost=0.0,
            dropped=(Dropped(source="b.md", start=1, end=9, reason="A negation is in no quote: not."),),
            uses=(UseRecord(use="answer", calls=2, failed=1, tokens_in=900, tokens_out=80, cost=None),),
            failures=(FailedRequest(use="answer", about=("qst-1",), reason="malformed", detail="no JSON"),),
            endpoints=("http://127.0.0.1:8080/v1",),
            delta=delta_share({"qst-1": [made]}),
        ),
    )
    return with_body(draft, frozenset({made.id}))


# Ids


def test_an_id_follows_from_the_words_and_the_quotes_alone() -> None:
    one = claim_id("It starts.", [citation()])
    assert one == "clm-" + one[4:]
    assert len(one) == 12
    int(one[4:], 16)
    assert one == claim_id("It starts.", [citation(start=500, end=530, lines=(9, 9), source_sha256="ff" * 32)])
    others = [
        claim_id("It stops.", [citation()]),
        claim_id("It starts.", [citation("Another quote of the page.")]),
        claim_id("It starts.", [citation(source="b.md")]),
        claim_id("It starts.", [citation(), citation()]),
    ]
    assert len({one, *others}) == 5


def test_claims_with_one_id_are_told_apart_the_same_way_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def weak(prefix: str, *parts: str, digits: int) -> str:
        return f"{prefix}-{hashlib.sha256(''.join(parts).encode()).hexdigest()[:1] * digits}"

    monkeypatch.setattr(draft_module, "content_id", weak)
    claims = [claim(f"Statement {number}.") for number in range(12)]
    assert len({one.id for one in claims}) < 12
    unique = with_unique_ids(claims)
    assert len({one.id for one in unique}) == 12
    assert unique == with_unique_ids(claims)
    assert [one.text for one in unique] == [one.text for one in claims]
    first = {one.text: one.id for one in unique}
    kept = {one.id for one in claims}
    assert all(first[next(c.text for c in claims if c.id == id_)] == id_ for id_ in kept)


def test_ids_that_differ_stay_as_they_are() -> None:
    claims = (claim("One."), claim("Two."))
    assert with_unique_ids(claims) == claims


# Claims and answers


def test_further_places_of_a_claim_are_cited_beside_it_to_a_limit() -> None:
    places = [
        candidate("It starts.", citation(source=f"{number}.md"), citation(source=f"{number}.md"))
        for number in range(15)
    ]
    made = make_claim(choice(candidate("It starts."), *places), SUPPORTED, facets=["fct-1"], delta=DELTA)
    assert len(made.also_cited) == 20
    assert made.citations == (citation(),)
    assert (made.in_body, made.also_answers) == (False, ("qst-2",))
    assert (made.delta, made.delta_reason) == (0.75, "times: 02:40")


@pytest.mark.parametrize(
    ("grades", "status"),
    [((1.0, 1.0), "answered"), ((1.0, 0.0), "partial"), ((0.5, 0.5), "partial"), ((0.0, 0.0), "unanswered")],
)
def test_the_status_of_an_answer_follows_from_its_grades(grades: tuple[float, float], status: str) -> None:
    plan = plan_of("one", "two")
    by_facet = {facet.id: grade for facet, grade in zip(plan.facets, grades, strict=True)}
    (answer,) = make_answers(plan, {}, by_facet, [passages_of("fct-1", "a.md", "b.md"), passages_of("fct-2", "a.md")])
    assert answer.status == status
    assert (answer.searched.passages, answer.searched.pages) == (2, 2)
    assert answer.searched.queries == ("query of fct-1", "query of fct-2")


def test_the_body_holds_just_the_claims_that_are_named() -> None:
    draft = full_draft()
    assert [one.in_body for one in draft.claims] == [True, False]
    assert not any(one.in_body for one in with_body(draft, frozenset()).claims)


# The JSON form


CITATION = {"source", "start", "end", "lines", "heading_path", "quote", "source_sha256", "url"}
KEYS = {
    "": {
        *("schema", "skill", "briefs", "answers", "coverage", "contradictions", "gaps"),
        *("integration_map", "run", "mapped", "unmapped", "withheld"),
    },
    "skill": {"name", "description", "purpose"},
    "briefs": {"path", "title", "sha256"},
    "answers": {"question_id", "number", "question", "status", "facets", "claims", "searched"},
    "answers.facets": {"id", "text", "grade", "targets"},
    "answers.claims": {
        *("id", "text", "lead", "facets", "also_answers", "in_body", "delta", "verdict"),
        *("citations", "also_cited", "delta_reason", "near", "belief", "breaks"),
    },
    "answers.claims.belief": {"verdict", "says"},
    "answers.claims.near": {"facet", "cosine"},
    "answers.claims.verdict": {"support", "reason", "checker"},
    "answers.claims.citations": CITATION,
    "answers.claims.also_cited": CITATION,
    "answers.searched": {"queries", "passages", "pages"},
    "coverage": {"overall", "targets"},
    "coverage.targets": {"id", "text", "score", "facets"},
    "contradictions": {"topic", "kind", "citations", "hint", "doubted"},
    "contradictions.citations": CITATION,
    "gaps": {"facet", "question", "searched", "nearest", "ask"},
    "gaps.nearest": {"source", "heading_path", "owner"},
    "integration_map": {"from", "to", "what", "citations"},
    "integration_map.citations": CITATION,
    "mapped": {"label", "tools"},
    # From `embedder` on they are ours: the contract names the rest.
    "run": {
        *("complete", "engine", "model", "settings_sha256", "corpus_sha256", "prompts", "tokens", "cost"),
        *("embedder", "dropped", "uses", "failures", "endpoints", "delta"),
    },
    "run.dropped": {"source", "start", "end", "reason"},
    "run.uses": {"use", "calls", "failed", "tokens_in", "tokens_out", "cost"},
    "run.failures": {"use", "about", "reason", "detail"},
    "run.delta": {"compared", "new", "known", "conflict", "share", "questions"},
    "run.delta.questions": {"question_id", "new", "known", "conflict"},
}


def keys_of(value: object, path: str = "") -> dict[str, set[str]]:
    """Return the keys of every object by its path; what `prompts` maps is the user's own."""
    found: dict[str, set[str]] = {}
    if isinstance(value, dict) and path != "run.prompts":
        found[path] = set(value)
        for key, inner in value.items():
            found |= keys_of(inner, f"{path}.{key}".removeprefix("."))
    elif isinstance(value, list):
        for inner in value:
            found |= keys_of(inner, path)
    return found


def test_the_keys_are_those_of_the_contract() -> None:
    assert keys_of(json.loads(draft_json(full_draft()))) == KEYS


def test_a_draft_survives_its_json_form() -> None:
    draft = full_draft()
    assert draft_from_json(draft_json(draft)) == draft
    assert draft_json(draft_from_json(draft_json(draft))) == draft_json(draft)


@PROPERTY
@given(
    text=st.text(min_size=1),
    path=st.lists(st.text(), min_size=1, max_size=3),
    delta=st.floats(0, 1),
    url=st.none() | st.text(),
)
def test_any_text_survives_the_json_form(text: str, path: list[str], delta: float, url: str | None) -> None:
    one = replace(claim(text, citation(text, heading_path=tuple(path), url=url)), delta=delta)
    draft = full_draft()
    draft = replace(draft, answers=(replace(draft.answers[0], claims=(one,)),))
    assert draft_from_json(draft_json(draft)) == draft


def test_the_json_text_is_readable_and_ends_with_a_line() -> None:
    text = draft_json(full_draft())
    assert text.endswith("}\n")
    assert "\\u" not in draft_json(replace(full_draft(), skill=SkillRecord(name="b", description="Störung 手順")))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "skillgen.draft/2"}', "no json"])
def test_what_is_no_draft_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        draft_from_json(text)


def test_a_draft_fits_its_schema_and_a_changed_one_does_not() -> None:
    schema = draft_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    data = json.loads(draft_json(full_draft()))
    jsonschema.validate(data, schema)
    broken: list[dict[str, object]] = [
        {"schema": "other/1"},
        {"run": {}},
        {"integration_map": [{"from_": "a", "to": "b"}]},
    ]
    for wrong in broken:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**data, **wrong}, schema)


def test_the_published_schema_is_that_of_the_records() -> None:
    published = json.loads(SCHEMA_FILE.read_text(encoding="utf-8")) if SCHEMA_FILE.is_file() else None
    assert published == draft_schema(), REGENERATE


# Gaps


def labelled(plan: Plan, target: str) -> Plan:
    return replace(plan, briefs=(replace(plan.briefs[0], targets=(Target(id="tgt-1", text=target),)),))


def ask_of(facet: str, question: str, *sources: str) -> str:
    plan = labelled(plan_of(facet, question=replace(QUESTION, text=question)), "Tools: which there are")
    (gap,) = find_gaps(plan, {"fct-1": 0.0}, [passages_of("fct-1", *sources)])
    return gap.ask


WHOLE = "Which tools exist, and how are credentials passed between tools?"


@pytest.mark.parametrize(
    ("facet", "question", "ask"),
    [
        (
            "how are credentials passed between tools",
            WHOLE,
            "Tools: how are credentials passed between tools?",
        ),
        ("Which tools exist", WHOLE, "Tools: which tools exist?"),
        ("Are there shared runners", "Are there shared runners?", "Are there shared runners?"),
        ("and what triggers it", "What runs, and what triggers it?", "Tools: what triggers it?"),
        ("CI runs where", "What runs, and CI runs where?", 'Tools: what holds for "CI runs where"?'),
        ("at what time does it start", "At what time does it start?", "At what time does it start?"),
        ("IAM roles and trust", "IAM roles and trust", 'What holds for "IAM roles and trust"?'),
        ("credentials passed", WHOLE, 'Tools: what holds for "credentials passed"?'),
    ],
)
def test_a_gap_asks_for_its_part_alone_behind_the_label_of_its_target(facet: str, question: str, ask: str) -> None:
    assert ask_of(facet, question) == f"{ask} Nothing was found on this."


@pytest.mark.parametrize("target", ["how tools meet", f"{'A very long label ' * 3}: tools"])
def test_a_gap_of_a_target_without_a_short_label_is_asked_without_one(target: str) -> None:
    plan = labelled(plan_of("which tools exist"), target)
    (gap,) = find_gaps(plan, {"fct-1": 0.0}, [passages_of("fct-1")])
    assert gap.ask == "Which tools exist? Nothing was found on this."


@pytest.mark.parametrize(
    ("owners", "said"),
    [
        (("", ""), " The nearest page is a.md."),
        (("Data squad", "Ops"), " For Data squad, who answers for the nearest page, a.md."),
        (("", "Ops"), " For Ops, who answers for b.md; the nearest page is a.md."),
    ],
)
def test_a_gap_names_whom_to_ask(owners: tuple[str, str], said: str) -> None:
    pages = [
        NearestPage(source=source, heading_path=(), owner=owner)
        for source, owner in zip(("a.md", "b.md"), owners, strict=True)
    ]
    assert looked_at(pages) == said
    assert looked_at([]) == ""


def test_a_quality_check_makes_no_gap_for_nobody_could_answer_it() -> None:
    plan = plan_of("which tools exist", "every job has an owner")
    found = [passages_of("fct-1", "a.md"), passages_of("fct-2", "a.md")]
    gaps = find_gaps(plan, {"fct-1": 0.0, "fct-2": 0.0}, found)
    assert [gap.facet for gap in gaps] == ["fct-1"]


def test_a_gap_does_not_call_pages_silent_that_speak_of_it() -> None:
    plan = plan_of("which tools exist")
    (gap,) = find_gaps(plan, {"fct-1": 0.0}, [passages_of("fct-1")], touched={"fct-1"})
    assert gap.ask == "Which tools exist? Pages speak of this, but no clear answer was found."


def test_a_gap_says_what_was_searched_and_the_nearest_pages_once_each() -> None:
    plan = plan_of("which tools exist", "how are credentials passed")
    found = [passages_of("fct-1", "a.md"), passages_of("fct-2", "b.md", "b.md", "c.md", "d.md", "e.md")]
    (gap,) = find_gaps(plan, {"fct-1": 0.5, "fct-2": 0.0}, found)
    assert (gap.facet, gap.question, gap.searched) == ("fct-2", QUESTION.text, "query of fct-2")
    assert [page.source for page in gap.nearest] == ["b.md", "c.md", "d.md"]
    assert gap.ask.endswith(" The nearest page is b.md.")
