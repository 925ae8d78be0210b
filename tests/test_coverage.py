"""Coverage: the rule of a grade, and what pages may and may not do to it."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from corpus_builder import CORPUS, PAGES, UNRELATED, Site, build_sample, make_site, run_sample, write_pages
from hypothesis import given
from hypothesis import strategies as st
from plans import brief_of
from remembered import packaged_model

from skillgen.brief import builtin_briefs
from skillgen.coverage import (
    LEAST_COSINE,
    MEASURED_EMBEDDER,
    claim_words,
    facet_grades,
    facet_terms,
    grade,
    near_facets,
    score_coverage,
    speaks_of,
    together,
    touched_facets,
)
from skillgen.draft import draft_from_json
from skillgen.embed import local_embedder
from skillgen.errors import CorpusError
from skillgen.model.brief import Facet, Plan, Question, Target
from skillgen.model.draft import Claim, Draft, FacetGrade, Nearness, Support, Verdict
from skillgen.plan import plan_of as plan_of_draft
from skillgen.protocols import Embedder
from skillgen.words import squeezed

QUESTION = Question(
    id="qst-1", number="1", text="Which token does the exporter use, and who rotates the token of the exporter?"
)
FACET = Facet(id="fct-1", question_id="qst-1", text="who rotates the token of the exporter", targets=("tgt-1",))


def near(cosine: float, facet: str = "fct-1") -> tuple[Nearness, ...]:
    return (Nearness(facet=facet, cosine=cosine),)


def claim(text: str, *, support: Support = "supported", near: tuple[Nearness, ...] = ()) -> Claim:
    return Claim(
        id="clm-00000000",
        text=text,
        lead="",
        facets=(),
        also_answers=(),
        in_body=False,
        delta=0.0,
        verdict=Verdict(support=support, reason="", checker=""),
        citations=(),
        near=near,
    )


def graded(facet: Facet, question: Question, text: str, *, lead: str = "", near: tuple[Nearness, ...] = ()) -> float:
    return grade(facet_terms(facet, question), claim_words(text, lead=lead, near=near))


def plan_of(facets: Sequence[Facet], targets: Sequence[str] = ("tgt-1", "tgt-2")) -> Plan:
    brief = brief_of([QUESTION], targets=[Target(id=each, text=each) for each in targets])
    return Plan(briefs=(brief,), facets=tuple(facets))


# -- the rule ----------------------------------------------------------------------------------------------------------

ALL = "The platform team rotates the exporter's token every 90 days."


@pytest.mark.parametrize(
    ("text", "cosine", "expected"),
    [
        (ALL, 0.42, 1.0),
        (ALL, 0.41, 0.5),  # its passage is not like enough to the facet
        (ALL, 0.15, 0.5),
        (ALL, 0.14, 0.0),  # its passage is about something else
        ("The platform team rotates the token of the exporter.", 0.6, 0.5),  # nothing exact
        ("The token is valid for 90 days and is never rotated.", 0.6, 0.5),  # two of the three things
        ("The token is valid for 90 days.", 0.3, 0.5),  # one of them
        ("The token is valid for 90 days.", 0.28, 0.0),
        ("The crane was painted 3 times.", 0.9, 0.0),  # none of them
    ],
)
def test_a_grade_depends_on_the_passage_and_on_what_the_claim_names(text: str, cosine: float, expected: float) -> None:
    assert graded(FACET, QUESTION, text, near=near(cosine)) == expected


def test_a_facet_that_the_claim_keeps_no_cosine_for_is_not_what_it_is_about() -> None:
    assert graded(FACET, QUESTION, ALL, near=near(0.9, "fct-9")) == 0.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ALL, 1.0),
        ("Run `rotate-token exporter` by hand.", 1.0),
        ("The platform team rotates the token of the exporter.", 0.5),  # nothing exact
        ("The token is valid for 90 days and is never rotated.", 0.5),  # two of the three things
        ("The token is valid for 90 days.", 0.0),  # one of them
        (f"The exporter's token {'and so on ' * 5} rotates every 90 days.", 0.5),  # too far apart to be full
        ("The exporter starts at 03:15.", 0.0),  # one of them
        ("The crane was painted 3 times.", 0.0),
        ("", 0.0),
    ],
)
def test_without_cosines_the_words_alone_decide(text: str, expected: float) -> None:
    assert graded(FACET, QUESTION, text) == expected


def test_the_cosines_that_count_are_those_of_the_packaged_model() -> None:
    assert local_embedder().id == MEASURED_EMBEDDER


@given(cosines=st.dictionaries(st.text(min_size=1), st.floats(-1, 1), max_size=8))
def test_a_claim_keeps_its_nearest_facet_and_all_that_a_grade_may_rest_on(cosines: dict[str, float]) -> None:
    kept = near_facets(cosines)
    assert [one.cosine for one in kept] == sorted((one.cosine for one in kept), reverse=True)
    assert bool(kept) == bool(cosines)
    assert {facet for facet, cosine in cosines.items() if cosine >= LEAST_COSINE} <= {one.facet for one in kept}
    assert all(one.cosine >= LEAST_COSINE - 0.0001 for one in kept[1:])


def test_words_that_only_ask_count_for_nothing() -> None:
    question = Question(id="q", number="1", text="Which tools and systems exist and which are used?")
    assert facet_terms(FACET, question).things == facet_terms(FACET, question).own
    said = "The tools and systems that exist are used by 5 teams."
    assert graded(FACET, question, said, near=near(0.9)) == graded(FACET, question, said) == 0.0


def test_a_facet_that_only_asks_is_read_with_its_question() -> None:
    facet = Facet(id="f", question_id="qst-1", text="which are needed", targets=())
    assert facet_terms(facet, QUESTION).own == facet_terms(FACET, QUESTION).things


def test_everyday_words_alone_make_no_answer() -> None:
    question = Question(id="q", number="1", text="When does the night job start and how many hours does it wait?")
    facet = Facet(id="f", question_id="q", text="how many hours does it wait", targets=())
    for cosines in ((), near(0.5, "f")):
        assert graded(facet, question, "Start the dough at night and wait 12 hours.", near=cosines) == 0.0
        assert graded(facet, question, "The night job waits for a while.", near=cosines) == 0.5
        assert graded(facet, question, "The night job waits 2 hours.", near=cosines) == 1.0


def test_speaking_of_a_thing_needs_more_than_everyday_words() -> None:
    asked = frozenset({"night", "hand", "rollback"})
    assert speaks_of(asked, frozenset({"rollback"}))
    assert not speaks_of(asked, frozenset({"night", "hand"}))
    assert not speaks_of(asked, frozenset({"pizza"}))
    assert speaks_of(frozenset({"night"}), frozenset({"night"}))
    assert not speaks_of(frozenset({"night"}), frozenset({"day"}))


def test_the_words_of_the_lead_stand_near_to_all_others_but_answer_nothing_alone() -> None:
    lead = "Exporter > Rotating the token:"
    assert graded(FACET, QUESTION, f"{lead} The token is made anew every 90 days.", lead=lead) == 1.0
    assert graded(FACET, QUESTION, f"{lead} It is painted every 90 days.", lead=lead) == 0.0


APPROVAL = Question(
    id="qst-2", number="2", text="Through which form does a person request access, and who approves it?"
)
APPROVER = Facet(id="fct-2", question_id="qst-2", text="who approves it", targets=())
APPROVED = Plan(briefs=(brief_of([APPROVAL]),), facets=(APPROVER,))


def test_a_claim_that_answers_in_other_words_answers_all_the_same() -> None:
    said = "Ask for the role in the portal; the lead of your squad has to sign off."
    assert graded(APPROVER, APPROVAL, said) == 0.5
    assert graded(APPROVER, APPROVAL, "The crane was painted by the lead of your squad.") == 0.0


def test_a_statement_that_is_not_beyond_doubt_answers_in_full_once_another_one_does() -> None:
    one = claim("The lead signs off within 2 days.", near=near(0.5, "fct-2"))
    other = claim("The 2nd approver is `lead-2`.", near=near(0.5, "fct-2"))
    loose = claim("The lead signs off.", near=near(0.5, "fct-2"))
    assert facet_grades(APPROVED, [one]) == facet_grades(APPROVED, [one, loose]) == {"fct-2": 0.5}
    assert facet_grades(APPROVED, [one, other]) == {"fct-2": 1.0}


def test_one_statement_that_is_near_enough_answers_in_full_alone() -> None:
    said = "Ask for the role in the portal; the lead signs off in 2 days."
    assert facet_grades(APPROVED, [claim(said, near=near(0.5, "fct-2"))]) == {"fct-2": 1.0}


@given(st.lists(st.sampled_from([0.0, 0.5, 0.75, 1.0])), st.sampled_from([0.0, 0.5, 0.75, 1.0]))
def test_one_more_claim_never_lowers_a_grade_and_two_decide_it(grades: list[float], more: float) -> None:
    assert together(grades) in {0.0, 0.5, 1.0}
    assert together([*grades, more]) >= together(grades)
    assert together(sorted(grades)[-2:]) == together(grades)


def test_a_quality_check_is_never_answered_in_full() -> None:
    facet = Facet(id="fct-1", question_id="qst-1", text="every token of the exporter is rotated by a team", targets=())
    assert facet_terms(facet, QUESTION).check
    for cosines in ((), near(0.9)):
        assert graded(facet, QUESTION, ALL, near=cosines) == 0.5
        assert graded(facet, QUESTION, "The crane was painted 3 times.", near=cosines) == 0.0


def test_a_facet_that_claims_only_speak_of_is_told_apart_from_silence() -> None:
    plan = plan_of([FACET])
    said = claim("The token is valid for 90 days.", near=near(0.25))
    assert facet_grades(plan, [said]) == {"fct-1": 0.0}
    assert touched_facets(plan, [said]) == {"fct-1"}
    assert not touched_facets(plan, [claim("The crane was painted 3 times.", near=near(0.25))])
    assert not touched_facets(plan, [replace(said, verdict=replace(said.verdict, support="unsupported"))])


def test_words_about_the_answer_itself_count_for_nothing() -> None:
    facet = Facet(id="f", question_id="qst-1", text="a rotation is shown with the page it stands on", targets=())
    assert facet_terms(facet, QUESTION).own == {"=renew"}


@pytest.mark.parametrize("support", ["partial", "unsupported", "contradicted"])
def test_only_supported_claims_count(support: Support) -> None:
    full = claim("The platform team rotates the exporter's token every 90 days.", support=support)
    assert facet_grades(plan_of([FACET]), [full]) == {"fct-1": 0.0}


def test_the_best_claim_counts_and_more_of_them_add_nothing() -> None:
    part = claim("The platform team rotates the token of the exporter.")
    full = claim("The platform team rotates the exporter's token every 90 days.")
    for claims in ([part, full], [full, part], [full] * 5):
        assert facet_grades(plan_of([FACET]), claims) == {"fct-1": 1.0}
    assert facet_grades(plan_of([FACET]), [part] * 5) == {"fct-1": 0.5}


def test_a_target_is_the_mean_of_its_facets_and_overall_the_mean_of_targets() -> None:
    second = Facet(id="fct-2", question_id="qst-1", text="which colour the crane has", targets=("tgt-1", "tgt-2"))
    full = claim("The platform team rotates the exporter's token every 90 days.")
    coverage, grades = score_coverage(plan_of([FACET, second]), [full])
    assert grades == {"fct-1": 1.0, "fct-2": 0.0}
    assert [(target.id, target.score, target.facets) for target in coverage.targets] == [
        ("tgt-1", 0.5, ("fct-1", "fct-2")),
        ("tgt-2", 0.0, ("fct-2",)),
    ]
    assert coverage.overall == 0.25


def test_no_claims_cover_nothing() -> None:
    coverage, _ = score_coverage(plan_of([FACET]), [])
    assert coverage.overall == 0.0


# -- answers and gaps --------------------------------------------------------------------------------------------------


def test_the_status_of_an_answer_follows_from_the_grades_of_its_facets(tmp_path: Path) -> None:
    draft = make_site(tmp_path / "a").build().draft
    for answer in draft.answers:
        grades = {facet.grade for facet in answer.facets}
        expected = "answered" if grades == {1.0} else "unanswered" if grades == {0.0} else "partial"
        assert answer.status == expected
    assert "unanswered" in {answer.status for answer in draft.answers}


def asked_facets(draft: Draft) -> list[FacetGrade]:
    """Return the facets that are parts of their questions: quality checks are not."""
    return [
        facet
        for answer in draft.answers
        for facet in answer.facets
        if squeezed(facet.text) in squeezed(answer.question)
    ]


def test_every_facet_of_a_question_without_an_answer_is_a_gap_with_a_question_for_an_owner(tmp_path: Path) -> None:
    draft = make_site(tmp_path / "a").build().draft
    unanswered = {facet.id for facet in asked_facets(draft) if not facet.grade}
    assert {gap.facet for gap in draft.gaps} == unanswered
    assert unanswered
    for gap in draft.gaps:
        assert gap.searched
        assert gap.question in {answer.question for answer in draft.answers}
        assert re.search(
            r"\? (?:Nothing was found on this|Pages speak of this, but no clear answer was found)\.", gap.ask
        )
        assert 1 <= len(gap.nearest) <= 3
        assert gap.nearest[0].source in gap.ask


def test_an_empty_corpus_has_no_coverage_but_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError):
        make_site(tmp_path / "a", {}).build()


# -- what pages do to it -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return packaged_model()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    base = tmp_path_factory.getbasetemp()
    return build_sample(base if worker_id == "master" else base.parent)


def rebuilt(sample: Path, corpus: Path, embedder: Embedder) -> Draft:
    """Build again from another state of the sample corpus; what is embedded already is taken over."""
    root = corpus.parent / "build"
    shutil.copytree(sample / "workspace", root / "workspace")
    return run_sample(root, corpus, embedder).draft


def draft_of(sample: Path) -> Draft:
    return draft_from_json((sample / "workspace" / "drafts" / "sample.json").read_text(encoding="utf-8"))


def scores(draft: Draft) -> dict[str, float]:
    return {target.text: target.score for target in draft.coverage.targets}


def cited(draft: Draft) -> set[str]:
    return {c.source for each in draft.claims for c in (*each.citations, *each.also_cited)}


def grades(draft: Draft) -> dict[str, float]:
    return {facet.id: facet.grade for answer in draft.answers for facet in answer.facets}


def test_unrelated_pages_are_never_cited_and_raise_nothing(sample: Path, embedder: Embedder, tmp_path: Path) -> None:
    shutil.copytree(CORPUS, tmp_path / "harbourline")
    write_pages(tmp_path / "harbourline", UNRELATED)
    before, after = draft_of(sample), rebuilt(sample, tmp_path / "harbourline", embedder)
    assert not cited(after) & set(UNRELATED)
    for text, score in scores(after).items():
        assert abs(score - scores(before)[text]) <= 0.02, text


def test_unrelated_pages_alone_answer_nothing(sample: Path, embedder: Embedder, tmp_path: Path) -> None:
    write_pages(tmp_path / "harbourline", UNRELATED)
    draft = rebuilt(sample, tmp_path / "harbourline", embedder)
    assert draft.claims == ()
    assert draft.coverage.overall == 0.0


@pytest.mark.parametrize("brief", builtin_briefs())
def test_unrelated_pages_are_only_gaps_whatever_is_asked(
    brief: str, sample: Path, embedder: Embedder, tmp_path: Path
) -> None:
    shutil.copytree(sample / "workspace", tmp_path / "workspace")
    write_pages(tmp_path / "kitchen", UNRELATED)
    draft = run_sample(tmp_path, tmp_path / "kitchen", embedder, brief=brief).draft
    facets = {facet.id for facet in asked_facets(draft)}
    assert max(target.score for target in draft.coverage.targets) <= 0.02
    assert len({gap.facet for gap in draft.gaps}) >= 0.95 * len(facets)


def test_coverage_can_be_counted_again_from_the_draft_alone(sample: Path) -> None:
    draft = draft_of(sample)
    assert all(each.near for each in draft.claims)
    coverage, again = score_coverage(plan_of_draft(draft), draft.claims)
    assert coverage.overall == draft.coverage.overall
    assert {one.id: one.score for one in coverage.targets} == {one.id: one.score for one in draft.coverage.targets}
    assert again == grades(draft)


def test_no_cosine_of_another_model_is_kept(tmp_path: Path) -> None:
    draft = make_site(tmp_path / "a").build().draft
    assert draft.run.embedder != MEASURED_EMBEDDER
    assert draft.claims
    assert not any(each.near for each in draft.claims)


def test_moved_renamed_and_shuffled_pages_change_no_number(sample: Path, embedder: Embedder, tmp_path: Path) -> None:
    chance = random.Random(1)
    paths = sorted(CORPUS.rglob("*.md"))
    chance.shuffle(paths)
    for number, path in enumerate(paths):
        folder = tmp_path / "harbourline" / f"part-{chance.randrange(4)}"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / f"page-{number}.md")
    before, after = draft_of(sample), rebuilt(sample, tmp_path / "harbourline", embedder)
    assert grades(after) == grades(before)
    assert after.coverage == before.coverage


DEPLOYS = """\
# Deploys

The command `ship deploy orders` starts a deploy of the service in 4 steps.

A merge to `main` triggers a deploy of the service after 4 minutes.
"""
TOKENS = """\
# Tokens

The nightly job uses the token `NIGHTLY_TOKEN`.

The platform team rotates the token of the nightly job every 90 days.
"""
TOPICS: Mapping[str, str] = {"deploy.md": DEPLOYS, "tokens.md": TOKENS}


def test_without_the_pages_that_a_target_rests_on_it_falls_and_the_others_stay(
    embedder: Embedder, tmp_path: Path
) -> None:
    pages = {**UNRELATED, **TOPICS}
    whole = make_site(tmp_path / "whole", pages).build(embedder).draft
    for path in TOPICS:
        without = make_site(tmp_path / path, {k: v for k, v in pages.items() if k != path}).build(embedder).draft
        rests = {
            target.text
            for target in whole.coverage.targets
            for each in whole.claims
            if set(each.facets) & set(target.facets) and path in {c.source for c in each.citations}
        }
        for text, score in scores(whole).items():
            if text in rests and score:
                assert scores(without)[text] < score, (path, text)
            elif text not in rests:
                assert abs(scores(without)[text] - score) <= 0.02, (path, text)
        assert any(scores(whole)[text] for text in rests), path


def test_removing_pages_one_by_one_lowers_coverage_to_nothing(embedder: Embedder, tmp_path: Path) -> None:
    site = make_site(tmp_path / "a", {**UNRELATED, **PAGES})
    seen = [site.build(embedder).draft.coverage.overall]
    for path in PAGES:
        (site.pages() / path).unlink()
        seen.append(site.build(embedder).draft.coverage.overall)
    assert seen == sorted(seen, reverse=True)
    assert seen[0] > 0.4
    assert seen[-1] == 0.0


def test_coverage_does_not_depend_on_how_many_corpora_hold_the_pages(embedder: Embedder, tmp_path: Path) -> None:
    one = make_site(tmp_path / "one").build(embedder).draft
    site = Site(root=tmp_path / "two", corpora=("wiki", "runbooks"))
    for number, (path, text) in enumerate(PAGES.items()):
        write_pages(site.pages(site.corpora[number % 2]), {path: text})
    two = site.build(embedder).draft
    assert grades(two) == grades(one)
    assert two.coverage == one.coverage
