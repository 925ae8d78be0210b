"""Coverage: the rule of a grade, and what pages may and may not do to it."""

from __future__ import annotations

import random
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from corpus_builder import CORPUS, PAGES, UNRELATED, Site, build_sample, make_site, run_sample, write_pages

from skillgen.coverage import claim_grade, facet_grades, facet_terms, score_coverage, speaks_of
from skillgen.draft import draft_from_json
from skillgen.embed import local_embedder
from skillgen.errors import CorpusError
from skillgen.model.brief import Brief, Facet, Plan, Question, Target
from skillgen.model.draft import Claim, Draft, Support, Verdict
from skillgen.protocols import Embedder

QUESTION = Question(
    id="qst-1", number="1", text="Which token does the exporter use, and who rotates the token of the exporter?"
)
FACET = Facet(id="fct-1", question_id="qst-1", text="who rotates the token of the exporter", targets=("tgt-1",))


def claim(text: str, *, support: Support = "supported", id_: str = "clm-00000000") -> Claim:
    return Claim(
        id=id_,
        text=text,
        lead="",
        facets=(),
        also_answers=(),
        in_body=False,
        delta=0.0,
        verdict=Verdict(support=support, reason="", checker=""),
        citations=(),
    )


def plan_of(facets: Sequence[Facet], targets: Sequence[str] = ("tgt-1", "tgt-2")) -> Plan:
    brief = Brief(
        name="b",
        path="b.md",
        title="B",
        sha256="",
        variant="D",
        focus="",
        delta_principle="",
        targets=tuple(Target(id=each, text=each) for each in targets),
        questions=(QUESTION,),
    )
    return Plan(briefs=(brief,), facets=tuple(facets))


# -- the rule ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("The platform team rotates the exporter's token every 90 days.", 1.0),
        ("Run `rotate-token exporter` by hand.", 1.0),
        ("The platform team rotates the token of the exporter.", 0.5),  # nothing specific
        ("The token is valid for 90 days and is never rotated.", 0.0),  # two of the three things
        (f"The exporter's token {'and so on ' * 4} rotates every 90 days.", 0.0),  # too far apart
        ("The exporter starts at 03:15.", 0.0),  # one of them
        ("The crane was painted 3 times.", 0.0),
        ("", 0.0),
    ],
)
def test_a_grade_depends_on_what_the_claim_names_and_how_exactly(text: str, grade: float) -> None:
    assert claim_grade(facet_terms(FACET, QUESTION), text) == grade


def test_words_that_only_ask_count_for_nothing() -> None:
    terms = facet_terms(FACET, Question(id="q", number="1", text="Which tools and systems exist and which are used?"))
    assert terms.context == terms.own
    assert claim_grade(terms, "The tools and systems that exist are used by 5 teams.") == 0.0


def test_a_facet_that_only_asks_is_read_with_its_question() -> None:
    facet = Facet(id="f", question_id="qst-1", text="which are needed", targets=())
    assert facet_terms(facet, QUESTION).own == facet_terms(FACET, QUESTION).context


def test_everyday_words_alone_make_no_answer() -> None:
    question = Question(id="q", number="1", text="When does the night job start and how many hours does it wait?")
    facet = Facet(id="f", question_id="q", text="how many hours does it wait", targets=())
    terms = facet_terms(facet, question)
    assert claim_grade(terms, "Start the dough at night and wait 12 hours.") == 0.0
    assert claim_grade(terms, "The night job waits 2 hours.") == 0.5
    assert claim_grade(terms, "The night job waits 2 hours, however many hours are left.") == 1.0


def test_speaking_of_a_thing_needs_more_than_everyday_words() -> None:
    asked = frozenset({"night", "hand", "rollback"})
    assert speaks_of(asked, frozenset({"rollback"}))
    assert not speaks_of(asked, frozenset({"night", "hand"}))
    assert not speaks_of(asked, frozenset({"pizza"}))
    assert speaks_of(frozenset({"night"}), frozenset({"night"}))
    assert not speaks_of(frozenset({"night"}), frozenset({"day"}))


def test_the_words_of_the_lead_stand_near_to_all_others_but_answer_nothing_alone() -> None:
    terms = facet_terms(FACET, QUESTION)
    lead = "Exporter > Rotating the token:"
    assert claim_grade(terms, f"{lead} The token is made anew every 90 days.", lead=lead) == 1.0
    assert claim_grade(terms, f"{lead} It is painted every 90 days.", lead=lead) == 0.0


def test_words_about_the_answer_itself_count_for_nothing() -> None:
    facet = Facet(id="f", question_id="qst-1", text="a rotation is shown with the page it stands on", targets=())
    assert facet_terms(facet, QUESTION).own == {"rotat"}


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


def test_every_facet_without_an_answer_is_a_gap_with_a_question_for_an_owner(tmp_path: Path) -> None:
    draft = make_site(tmp_path / "a").build().draft
    unanswered = {facet.id for answer in draft.answers for facet in answer.facets if not facet.grade}
    assert {gap.facet for gap in draft.gaps} == unanswered
    assert unanswered
    for gap in draft.gaps:
        assert gap.searched
        assert gap.question in {answer.question for answer in draft.answers}
        assert gap.ask.endswith("?")
        assert 1 <= len(gap.nearest) <= 3
        assert gap.nearest[0].source in gap.ask


def test_an_empty_corpus_has_no_coverage_but_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError):
        make_site(tmp_path / "a", {}).build()


# -- what pages do to it -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return local_embedder(threads=1)


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
