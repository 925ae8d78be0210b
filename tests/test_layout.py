"""Layouts: a purpose gives a skill its sections, its references and its order, and changes no claim."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from corpus_builder import BRIEF, build_sample, make_site, run_sample
from hypothesis import given, settings
from hypothesis import strategies as st
from test_render import PROPERTY, SAMPLE, assert_contract, citation, claim, draft_of, drafts, issues_of, plan_of

from skillgen.compose import sections_first
from skillgen.draft import draft_from_json, with_body
from skillgen.errors import TemplateError, UserError
from skillgen.model.draft import Draft
from skillgen.model.layout import Layout
from skillgen.pipeline.indexes import make_embedder
from skillgen.pipeline.purpose import body_by_purpose, skill_purpose
from skillgen.render import Rendered, describe, load_layout, render_package, sections_of
from skillgen.settings import RenderSettings, Settings
from skillgen.templating import Templates

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = Templates("skill")
PURPOSES = TEMPLATES.data_names("layouts")
# As many claims as a body has on average.
BODY = 12
LAYOUT = """\
opening: What to do at night.
needs: the page
not_for: the day
sections:
  - {title: Calls, lead: Call these., when: who is called, words: [call, roll back]}
  - {title: Keys, when: which key, words: [key]}
rest: {title: More, when: all else}
"""


def layout_of(name: str, templates: Templates = TEMPLATES) -> Layout:
    layout = load_layout(name, templates)
    assert layout is not None
    return layout


def for_purpose(draft: Draft, purpose: str, templates: Templates = TEMPLATES) -> Rendered:
    draft = replace(draft, skill=replace(draft.skill, purpose=purpose))
    return render_package(draft, templates, generator="skillgen 0.0.0")


def my_layout(folder: Path, text: str = LAYOUT, name: str = "night") -> Templates:
    (folder / "mine" / "layouts").mkdir(parents=True)
    (folder / "mine" / "layouts" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return Templates("skill", user_dir=folder / "mine")


def outline(files: Mapping[str, str]) -> str:
    """Return the headings of SKILL.md with how many claims each has, and what its list of references says."""
    body, references = files["SKILL.md"].split("\n## References\n")
    lines = []
    for part in re.split(r"^## ", body, flags=re.MULTILINE)[1:]:
        title, *rest = part.splitlines()
        lines.append(f"{title}: {sum(line.endswith(']') for line in rest)} claims")
    return "\n".join([*lines, "", *(line for line in references.splitlines() if line)])


# The package


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_package_of_every_purpose_keeps_the_contract_and_every_rule(
    purpose: str, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    files = for_purpose(SAMPLE, purpose).files
    assert_contract(SAMPLE, files)
    assert issues_of(files, tmp_path) == []
    assert outline(files) == snapshot


@settings(PROPERTY, max_examples=25)
@given(draft=drafts(), purpose=st.sampled_from(PURPOSES))
def test_any_draft_of_any_purpose_keeps_the_contract(draft: Draft, purpose: str) -> None:
    result = for_purpose(draft, purpose)
    assert_contract(draft, result.files)
    said = Counter(re.findall(r"no\d+\.", "".join(result.files.values())))
    assert said == Counter(re.findall(r"no\d+\.", "".join(one.text for one in draft.claims)))


def test_a_section_says_its_lead_and_its_reference_when_to_read_it(tmp_path: Path) -> None:
    templates = my_layout(tmp_path)
    draft = draft_of(claim("Call Ann."), claim("Then call Bob.", in_body=False), claim("Sit down.", in_body=False))
    files = for_purpose(draft, "night", templates).files
    assert "What to do at night. A marker such as [S1]" in files["SKILL.md"]
    assert "\n## Calls\n\nCall these.\n\n- Call Ann. [S1]\n" in files["SKILL.md"]
    assert (
        "- to know [who is called](references/calls.md)\n- to know [all else](references/more.md)" in files["SKILL.md"]
    )
    assert files["references/calls.md"].startswith("# Calls\n\nRead this when you need to know who is called.\n")


def test_references_may_be_by_target_with_a_part_for_each_target_or_page(tmp_path: Path) -> None:
    draft = draft_of(claim("Call Ann.", in_body=False), claim("A key.", in_body=False, facet="fct-2"))
    by_target = my_layout(tmp_path / "a", f"files: targets\n{LAYOUT}")
    assert "references/release-path.md" in for_purpose(draft, "night", by_target).files
    parts = my_layout(tmp_path / "b", f"parts: targets\n{LAYOUT}")
    assert "\n## Release path\n\n- Call Ann." in for_purpose(draft, "night", parts).files["references/calls.md"]
    assert (
        "\n## Release\n\n- Call Ann."
        in for_purpose(draft, "night", my_layout(tmp_path / "c")).files["references/calls.md"]
    )


def test_the_description_says_what_the_layout_says(tmp_path: Path) -> None:
    layout = layout_of("night", my_layout(tmp_path))
    text = describe(plan_of(("Nights", ("Calls",))), TEMPLATES, layout=layout)
    assert (
        text == "Nights, as this organisation does it: Calls. Use when work on these needs the page. Not for the day."
    )


# Filing


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("Calls go to Ann.", 0),
        ("Rolling releases back is a call of yours.", 0),
        ("The keys of both.", 1),
        ("A call about a key.", 0),
        ("A call about a key, and no more keys.", 0),
        ("Roll the key.", 1),
        ("Something else.", 2),
    ],
)
def test_a_claim_belongs_where_most_words_are_its_own(tmp_path: Path, text: str, section: int) -> None:
    one = claim(text, citation("a.md", "A"))
    draft = draft_of(one, targets=(("Things", 1.0),))
    assert sections_of(draft, layout_of("night", my_layout(tmp_path))) == {one.id: section}


def test_what_is_asked_files_a_claim_that_says_nothing_of_it(tmp_path: Path) -> None:
    one = claim("It is nine.", citation("a.md", "A"))
    layout = layout_of("night", my_layout(tmp_path))
    assert sections_of(draft_of(one, targets=(("which key", 1.0),)), layout) == {one.id: 1}
    under = claim("It is nine.", citation("a.md", "Keys"))
    assert sections_of(draft_of(under, targets=(("Things", 1.0),)), layout) == {under.id: 1}


def test_every_built_in_section_can_be_reached() -> None:
    for layout in map(layout_of, PURPOSES):
        claims = [claim(f"{'; '.join(one.words)}.", citation("a.md", "A")) for one in layout.sections]
        draft = draft_of(*claims, targets=(("Things", 1.0),))
        assert list(sections_of(draft, layout).values()) == list(range(len(layout.sections)))


# The body


@given(
    sections=st.lists(st.integers(0, 3), max_size=12),
    first=st.sets(st.integers(0, 11), max_size=3),
)
def test_every_section_gets_its_best_claim_before_any_gets_a_second(sections: list[int], first: set[int]) -> None:
    ids = [f"clm-{n}" for n in range(len(sections))]
    section_of = dict(zip(ids, sections, strict=True))
    kept = [one for n, one in enumerate(ids) if n in first]
    order = sections_first(ids, section_of, count=3, first=kept)
    assert sorted(order) == sorted(ids)
    assert list(order[: len(kept)]) == kept
    filed = [section_of[one] for one in order if section_of[one] < 3]
    there = len(set(filed) | {section_of[one] for one in kept} - {3})
    assert len(set(filed[: max(there, len(kept) + there)])) == len(set(filed))
    others = [one for one in order if section_of[one] == 3 and one not in kept]
    assert list(order[len(order) - len(others) :]) == others == [one for one in ids if one in others]
    for section in range(3):
        of_section = [one for one in order if section_of[one] == section and one not in kept]
        assert of_section == [one for one in ids if one in of_section]


# Which purpose


@pytest.mark.parametrize(
    ("named", "setting", "purpose"),
    [
        (("", ""), None, ""),
        (("source", ""), None, "source"),
        (("source", "source"), None, "source"),
        (("source", "domain"), "platform", "platform"),
        (("source", "domain"), "none", ""),
        (("", ""), "domain", "domain"),
    ],
)
def test_the_setting_goes_before_what_briefs_name(named: tuple[str, ...], setting: str | None, purpose: str) -> None:
    briefs = [
        replace(brief, purpose=name) for brief, name in zip(plan_of(("A", ()), ("B", ())).briefs, named, strict=True)
    ]
    assert skill_purpose(Settings(render=RenderSettings(purpose=setting)), briefs, TEMPLATES) == purpose


def test_briefs_that_name_several_purposes_are_refused() -> None:
    one, other = plan_of(("A", ()), ("B", ())).briefs
    with pytest.raises(UserError, match=r"several purposes: source, domain\.") as caught:
        skill_purpose(Settings(), [replace(one, purpose="source"), replace(other, purpose="domain")], TEMPLATES)
    assert "--purpose" in str(caught.value.hint)


# Layout files


@pytest.mark.parametrize("name", ["nothing", "../layouts/source", "Source", "layouts/source"])
def test_an_unknown_purpose_is_an_error_that_names_the_known_ones(tmp_path: Path, name: str) -> None:
    with pytest.raises(TemplateError, match=r"There are data-engineering, domain, night, platform, source\."):
        load_layout(name, my_layout(tmp_path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "layout: Input should be a valid dictionary"),
        (LAYOUT.replace("needs: the page\n", ""), "needs: Field required"),
        (LAYOUT.replace("words: [key]", "words: []"), "sections.1.words"),
        (LAYOUT.replace("words: [key]", "words: [yes]"), "sections.1.words.0"),
        (LAYOUT.replace("title: Keys", "title: calls"), "two sections have the same title"),
        (LAYOUT + "colour: red\n", "colour: Extra inputs are not permitted"),
        (LAYOUT + "files: pages\n", "files: Input should be 'sections' or 'targets'"),
        ("a: [", "cannot be read"),
    ],
)
def test_a_wrong_layout_is_an_error_with_its_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        load_layout("night", my_layout(tmp_path, text))
    assert str(tmp_path / "mine" / "layouts" / "night.yaml") in caught.value.message
    assert message in caught.value.message


def test_a_users_layout_replaces_the_built_in_one_and_changes_the_digest_of_the_run(tmp_path: Path) -> None:
    templates = my_layout(tmp_path, name="source")
    assert layout_of("source", templates).opening == "What to do at night."
    digests = templates.digests()
    assert digests["layouts/source.yaml"] != TEMPLATES.digests()["layouts/source.yaml"]
    assert digests["layouts/domain.yaml"] == TEMPLATES.digests()["layouts/domain.yaml"]


# Builds


def test_a_build_has_the_purpose_that_its_brief_names_and_the_settings_go_before_it(tmp_path: Path) -> None:
    (tmp_path / "releases.md").write_text(
        BRIEF.replace("\n## Focus", "\nPurpose: source\n\n## Focus", 1), encoding="utf-8"
    )
    site = make_site(tmp_path / "site")
    draft = site.build().draft
    assert draft.skill.purpose == "source"
    assert layout_of("source").needs in draft.skill.description
    assert layout_of("source").opening in (site.out / "releases" / "SKILL.md").read_text(encoding="utf-8")
    site.options = {"render.purpose": "none"}
    again = site.build().draft
    assert again.skill.purpose == ""
    assert {one.id for one in again.claims} == {one.id for one in draft.claims}
    assert again.coverage == draft.coverage
    site.options = {"render.purpose": "nothing"}
    with pytest.raises(TemplateError, match="no layout for the purpose 'nothing'"):
        site.build()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Draft:
    """Return the draft of a skill on one of our sample organisations."""
    base = tmp_path_factory.getbasetemp()
    root = build_sample(base if worker_id == "master" else base.parent)
    return draft_in(root)


def draft_in(root: Path) -> Draft:
    return draft_from_json((root / "workspace" / "drafts" / "sample.json").read_text(encoding="utf-8"))


def arranged(draft: Draft, purpose: str) -> tuple[Draft, Rendered]:
    """Return a draft with the body and the package of a purpose, in the order of a build."""
    frame = replace(draft, skill=replace(draft.skill, purpose=purpose))
    ids = [
        one.id for one in sorted(frame.claims, key=lambda one: not one.in_body) if one.verdict.support == "supported"
    ]
    body = body_by_purpose(frame, ids, TEMPLATES, first=())[:BODY]
    draft = with_body(frame, frozenset(body))
    return draft, render_package(draft, TEMPLATES, generator="skillgen 0.0.0")


@pytest.mark.parametrize("purpose", PURPOSES)
def test_our_sample_pages_in_the_order_of_every_purpose(
    built: Draft, purpose: str, snapshot: SnapshotAssertion
) -> None:
    draft, rendered = arranged(built, purpose)
    assert_contract(draft, rendered.files)
    sections = sections_of(draft, layout_of(purpose))
    filed = {sections[one.id] for one in draft.claims if one.verdict.support == "supported"}
    assert {sections[one.id] for one in draft.claims if one.in_body} >= filed - {len(layout_of(purpose).sections)}
    assert outline(rendered.files) == snapshot


@pytest.mark.long
@pytest.mark.parametrize("name", ["larkfield", "ostermoor"])
def test_our_other_pages_in_the_order_of_every_purpose(name: str, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    embedder = make_embedder(Settings().with_values({"embed.threads": 1}))
    run_sample(tmp_path, ROOT / "corpora" / name, embedder)
    draft = draft_in(tmp_path)
    found = {purpose: outline(arranged(draft, purpose)[1].files) for purpose in PURPOSES}
    assert "\n\n".join(f"{purpose}\n{text}" for purpose, text in found.items()) == snapshot
