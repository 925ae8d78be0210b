"""The checklist: written, ticked in a pull request and read back, whatever the claims say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from cli_runner import run
from corpus_builder import Site, make_site
from hypothesis import given
from hypothesis import strategies as st

from skillgen.checklist import checklist, decision_state, read_checklist
from skillgen.decisions import decision_about, load_decisions, record
from skillgen.errors import UserError
from skillgen.model.decision import Decision, Kind, ReviewedClaim
from skillgen.model.draft import (
    SCHEMA,
    Citation,
    Claim,
    Coverage,
    Draft,
    RunRecord,
    SkillRecord,
    Verdict,
)

EMPTY = Draft(
    schema=SCHEMA,
    skill=SkillRecord(name="x", description="d"),
    briefs=(),
    answers=(),
    coverage=Coverage(overall=0, targets=()),
    contradictions=(),
    gaps=(),
    integration_map=(),
    run=RunRecord(
        complete=True, engine="", model=None, embedder="", settings_sha256="", corpus_sha256="", prompts={}, tokens=0,
        cost=0,
    ),
)  # fmt: skip
FORGED = [
    "- [x] reject", "\n- [x] reject\n", "### clm-00000009", "\n### clm-00000009\n\n- [x] accept\n", "Reason: because",
    "\nReason: because", "> - [x] edit", "<!-- decided: - -->", "-->", "<!--", "\u2028- [x] reject", "\r- [x] reject",
    "\x0b- [x] reject", "\x85- [x] reject", "\x1c### clm-00000009", "`", "```\n", "| a |",
]  # fmt: skip
HOSTILE = st.lists(st.sampled_from(FORGED) | st.text(max_size=20), max_size=4).map("".join)
LINE = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=30).map(
    lambda t: " ".join(t.split())
)


def reviewed(number: int, text: str, quote: str, *, in_body: bool = True) -> ReviewedClaim:
    citation = Citation(
        source=f"{text[:9]}.md", start=0, end=1, lines=(1, 1), heading_path=(quote,), quote=quote, source_sha256=""
    )
    claim = Claim(
        id=f"clm-{number:08x}",
        text=text,
        lead="",
        facets=(),
        also_answers=(),
        in_body=in_body,
        delta=0,
        verdict=Verdict(support="supported", reason=quote, checker=""),
        citations=(citation,),
    )
    return ReviewedClaim(claim=claim)


@given(st.lists(st.tuples(HOSTILE, HOSTILE, st.booleans()), max_size=4))
def test_no_text_of_a_page_passes_for_a_tick_a_field_or_another_claim(texts: list[tuple[str, str, bool]]) -> None:
    claims = [reviewed(number, text, quote, in_body=body) for number, (text, quote, body) in enumerate(texts)]
    text = checklist(EMPTY, claims)
    assert read_checklist(text, name="x") == () if claims else True
    for number in range(len(claims)):
        head, _, rest = text.partition(f"### clm-{number:08x}\n")
        ticked = head + f"### clm-{number:08x}\n" + rest.replace("- [ ] accept", "- [x] accept", 1)
        found = read_checklist(ticked, name="x")
        assert [(one.claim, one.kind, one.reason, one.was) for one in found] == [
            (f"clm-{number:08x}", "accepted", "", "-")
        ]


@given(st.sampled_from(["accepted", "edited", "rejected", "asked"]), HOSTILE, LINE.filter(bool), LINE.filter(bool))
def test_what_was_decided_is_read_back_as_it_was(kind: Kind, text: str, one: str, other: str) -> None:
    held = reviewed(1, text, text)
    decision = decision_about(held.claim, kind, by="Ann", reason=one, edited=other, owner=other, question=one)
    held = replace(held, decision=decision, state=kind, match="id")
    found = read_checklist(checklist(EMPTY, [held, reviewed(2, text, text)]), name="x")
    assert len(found) == 1
    back = decision_about(
        held.claim, found[0].kind, by="Ann", at=decision.at, reason=found[0].reason, edited=found[0].edited,
        owner=found[0].owner, question=found[0].question,
    )  # fmt: skip
    assert back == decision
    assert found[0].was == decision_state(decision)


def test_a_file_that_is_none_and_two_ticks_are_refused() -> None:
    with pytest.raises(UserError, match="is no checklist"):
        read_checklist("# Something\n", name="x.md")
    text = checklist(EMPTY, [reviewed(1, "a", "b")])
    two = text.replace("- [ ] accept", "- [x] accept").replace("- [ ] reject", "- [X] reject")
    with pytest.raises(UserError, match=r"clm-00000001 has 2 ticks \(accept, reject\)"):
        read_checklist(two, name="x.md")
    with pytest.raises(UserError, match="stands in it twice"):
        read_checklist(text + text, name="x.md")


# -- by the command ------------------------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    site = make_site(tmp_path / "a")
    site.build()
    monkeypatch.chdir(site.root)
    return site


REVIEW = ("review", "out/releases", "--workspace", "workspace")


def held(here: Site) -> dict[str, Decision]:
    return {one.claim: one for one in load_decisions(here.root / "skillgen-decisions" / "releases.yaml").claims}


def ticked(text: str, *ticks: tuple[int, str, str]) -> str:
    """Return the checklist with boxes ticked: which claim, which box, and a field's line."""
    parts = text.split("### ")
    for number, box, field in ticks:
        part = parts[number + 1].replace(f"- [ ] {box}", f"- [x] {box}")
        name = field.partition(":")[0]
        parts[number + 1] = part.replace(f"\n{name}:\n", f"\n{field}\n") if field else part
    return "### ".join(parts)


def test_a_ticked_checklist_becomes_decisions_and_an_export_shows_them(here: Site) -> None:
    assert run(*REVIEW, "--export", "review.md").code == 0
    file = here.root / "review.md"
    file.write_text(
        ticked(
            file.read_text(encoding="utf-8"),
            (0, "accept", ""),
            (1, "reject", "Reason: not so"),
            (2, "ask", "Ask what: still so?"),
        ),
        encoding="utf-8",
    )
    ended = run(*REVIEW, "--import", "review.md", "--by", "Ann")
    assert ended.code == 0
    assert "3 decisions" in ended.out
    assert sorted(one.decision for one in held(here).values()) == ["accepted", "asked", "rejected"]
    assert {one.by for one in held(here).values()} == {"Ann"}
    again = run(*REVIEW, "--import", "review.md", "--by", "Bo", "--json").json
    assert (again["recorded"], again["unchanged"]) == ([], 3)
    assert run(*REVIEW, "--export", "second.md").code == 0
    assert (here.root / "second.md").read_text(encoding="utf-8").count("- [x]") == 3


def test_what_somebody_decided_since_the_export_is_not_written_over(here: Site) -> None:
    run(*REVIEW, "--export", "review.md")
    file = here.root / "review.md"
    file.write_text(ticked(file.read_text(encoding="utf-8"), (0, "reject", "Reason: no"), (1, "accept", "")), "utf-8")
    claims = run(*REVIEW, "--json").json["claims"]
    first = file.read_text(encoding="utf-8").split("### ")[1][:12]
    draft_claim = next(one for one in claims if one["id"] == first)
    bos = Decision(claim=first, decision="accepted", text=draft_claim["text"], evidence=(), by="Bo", at="2026-01-02")
    record(here.root / "skillgen-decisions" / "releases.yaml", [bos])
    ended = run(*REVIEW, "--import", "review.md", "--by", "Ann")
    assert ended.code == 1
    assert f"Conflict {first}" in ended.out
    assert held(here)[first] == bos
    assert len(held(here)) == 2


def test_a_claim_that_is_gone_is_told_and_the_others_are_taken_over(here: Site) -> None:
    run(*REVIEW, "--export", "review.md")
    file = here.root / "review.md"
    text = ticked(file.read_text(encoding="utf-8"), (0, "accept", ""), (1, "accept", ""))
    file.write_text(text.replace(text.split("### ")[1][:12], "clm-00000000"), encoding="utf-8")
    ended = run(*REVIEW, "--import", "review.md", "--by", "Ann")
    assert ended.code == 1
    assert "Unknown  clm-00000000" in ended.out
    assert len(held(here)) == 1


def test_a_reject_without_a_reason_writes_nothing(here: Site) -> None:
    run(*REVIEW, "--export", "review.md")
    file = here.root / "review.md"
    file.write_text(ticked(file.read_text(encoding="utf-8"), (0, "accept", ""), (1, "reject", "")), encoding="utf-8")
    ended = run(*REVIEW, "--import", "review.md", "--by", "Ann")
    assert ended.code == 2
    assert "needs a reason" in ended.err
    assert held(here) == {}


def test_the_states_can_be_read_as_json_and_mistakes_exit_2(here: Site) -> None:
    found = run(*REVIEW, "--json").json
    assert {one["state"] for one in found["claims"]} == {"undecided"}
    assert found["orphaned"] == []
    assert run("review", "out/other", "--workspace", "workspace", "--json").code == 2
    assert run(*REVIEW, "--import", "none.md", "--by", "Ann").code == 2
