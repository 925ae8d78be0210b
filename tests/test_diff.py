"""Two builds compared claim by claim, and what a build says has changed since the one before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cli_runner import run
from corpus_builder import UNRELATED, Site, file_times, make_site, write_pages

from skillgen.diff import diff_drafts
from skillgen.draft import with_body
from skillgen.errors import UserError
from skillgen.model.draft import Claim, Draft
from skillgen.pipeline.builds import KEPT, archive, past_builds, past_draft

NIGHTLY = "ops/nightly.md"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path / "a")


def edit(site: Site, page: str, change: Callable[[str], str]) -> None:
    path = site.pages() / page
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def kinds(before: Draft, after: Draft) -> list[str]:
    return sorted(change.kind for change in diff_drafts(before, after).claims)


def with_claims(draft: Draft, change: Callable[[Claim], Claim | None]) -> Draft:
    answers = tuple(
        replace(answer, claims=tuple(new for claim in answer.claims if (new := change(claim))))
        for answer in draft.answers
    )
    return replace(draft, answers=answers)


def test_equal_drafts_have_no_difference_and_each_change_has_its_kind(site: Site) -> None:
    draft = site.build().draft
    one = draft.claims[0]
    assert kinds(draft, draft) == []
    less = with_claims(draft, lambda claim: None if claim.id == one.id else claim)
    assert kinds(draft, less) == ["gone"]
    assert kinds(less, draft) == ["new"]
    moved = replace(one, citations=tuple(replace(c, start=c.start + 9, end=c.end + 9) for c in one.citations))
    assert kinds(draft, with_claims(draft, lambda c: moved if c.id == one.id else c)) == ["evidence moved"]
    said = replace(one, id="clm-00000000", text=one.text.replace("`", "") + " It is so.")
    assert kinds(draft, with_claims(draft, lambda c: said if c.id == one.id else c)) == ["reworded"]
    assert kinds(with_body(draft, frozenset()), with_body(draft, frozenset({one.id}))) == ["into SKILL.md"]
    assert kinds(with_body(draft, frozenset({one.id})), with_body(draft, frozenset())) == ["out of SKILL.md"]


def test_a_reworded_claim_is_found_on_its_page_and_not_on_another(site: Site) -> None:
    draft = site.build().draft
    one = next(claim for claim in draft.claims if claim.citations[-1].source == NIGHTLY)
    quotes = tuple(replace(c, quote=c.quote.replace("02:15", "03:40")) for c in one.citations)
    later = replace(one, id="clm-00000000", text=one.text.replace("02:15", "03:40"), citations=quotes)
    assert kinds(draft, with_claims(draft, lambda c: later if c.id == one.id else c)) == ["reworded"]
    elsewhere = replace(later, citations=tuple(replace(c, source="x.md") for c in quotes))
    assert kinds(draft, with_claims(draft, lambda c: elsewhere if c.id == one.id else c)) == ["gone", "new"]


def test_a_build_tells_which_pages_changed_and_which_claims_with_them(site: Site) -> None:
    assert site.build().changes.first
    again = site.build().changes
    assert (again.first, again.pages, again.drafts.claims) == (False, (), ())
    edit(site, NIGHTLY, lambda text: text.replace("02:15", "03:40"))
    write_pages(site.pages(), {"fun/bread.md": UNRELATED["fun/bread.md"]})
    site.ingest()  # another command may have read the pages in between
    changes = site.build().changes
    assert [(page.source, page.kind) for page in changes.pages] == [("fun/bread.md", "new"), (NIGHTLY, "changed")]
    assert [change.kind for change in changes.because_of_pages()] == ["reworded"]
    assert "03:40" in changes.because_of_pages()[0].after


def test_a_change_that_touches_no_cited_passage_leaves_the_skill_byte_for_byte(site: Site) -> None:
    site.build()
    before = file_times(site.out)
    edit(site, "people.md", lambda text: text + "\n## Lunch\n\nSoup is served in the yard.\n")
    result = site.build()
    assert [page.source for page in result.changes.pages] == ["people.md"]
    assert result.changes.drafts.claims == ()
    assert "SKILL.md" not in result.changed
    assert file_times(site.out)["releases/SKILL.md"] == before["releases/SKILL.md"]


def test_the_last_twenty_builds_are_kept_and_an_equal_one_adds_none(tmp_path: Path) -> None:
    for number in range(KEPT + 5):
        archive(tmp_path, f"draft {number}")
        archive(tmp_path, f"draft {number}")
    builds = past_builds(tmp_path)
    assert len(builds) == KEPT
    assert {path.stem for path in tmp_path.glob("*.json")} == {build.id for build in builds} | {"index"}
    assert (tmp_path / f"{builds[-1].id}.json").read_text(encoding="utf-8") == f"draft {KEPT + 4}"
    archive(tmp_path, "draft 10")  # as some builds before
    again = past_builds(tmp_path)
    assert [build.id for build in again].count(again[-1].id) == 2
    assert len(again) == KEPT


def test_a_damaged_index_is_no_index(tmp_path: Path) -> None:
    archive(tmp_path, "one")
    (tmp_path / "index.json").write_text("{", encoding="utf-8")
    assert past_builds(tmp_path) == ()
    archive(tmp_path, "two")
    assert len(past_builds(tmp_path)) == 1


def test_a_build_is_named_by_the_first_digits_of_its_id(site: Site) -> None:
    site.build()
    folder = site.workspace / "builds" / "releases"
    with pytest.raises(UserError, match="no earlier build"):
        past_draft(folder, None)
    edit(site, NIGHTLY, lambda text: text.replace("02:15", "03:40"))
    site.build()
    first, second = past_builds(folder)
    assert past_draft(folder, None)[0] == first
    assert past_draft(folder, second.id[:5])[0] == second
    with pytest.raises(UserError, match="no build 'zzz'"):
        past_draft(folder, "zzz")


def test_the_command_shows_words_before_and_after(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.build()
    edit(site, NIGHTLY, lambda text: text.replace("02:15", "03:40"))
    site.build()
    monkeypatch.chdir(site.root)
    ended = run("diff", "out/releases", "--workspace", "workspace")
    assert ended.code == 0
    assert max(len(line) for line in ended.out.splitlines()) <= 80
    assert "1 reworded" in ended.out
    assert "02:15" in ended.out
    assert "03:40" in ended.out
    found = run("diff", "out/releases", "--workspace", "workspace", "--json").json
    assert [change["kind"] for change in found["claims"]] == ["reworded"]
    assert run("diff", "out/releases", "--workspace", "workspace", "--against", "zzz").code == 2
    assert run("diff", "out/other", "--workspace", "workspace").code == 2


def test_the_build_command_says_what_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site(tmp_path / "a")
    site.brief()
    monkeypatch.chdir(site.root)
    command = ("build", "../releases.md", "--corpus", "wiki", "--allow-prune")
    first = run(*command, "--json").json
    assert first["changes"] is None
    edit(site, NIGHTLY, lambda text: text.replace("02:15", "03:40"))
    second = run(*command)
    assert "Pages    ops/nightly.md (changed)" in second.out
    edit(site, NIGHTLY, lambda text: text.replace("03:40", "04:40"))
    third = run(*command, "--json").json["changes"]
    assert third["pages"] == [{"source": NIGHTLY, "kind": "changed"}]
    assert [change["kind"] for change in third["claims"]] == ["reworded"]
