"""What the review shows: quotes marked in their pages, nothing of a page as markup, coverage that follows decisions."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reviewing import HOSTILE, HOSTILE_MARKDOWN, NAME, Reviewed, built_once, copy_of

from skillgen.coverage import score_coverage
from skillgen.decisions import decision_about, record
from skillgen.draft import draft_json
from skillgen.errors import DecisionConflictError, UserError
from skillgen.model.belief import Belief
from skillgen.model.corpus import FILLER, Page, SourceFile
from skillgen.model.decision import Kind
from skillgen.parse import parse_page
from skillgen.plan import plan_of
from skillgen.report.changes import word_changes
from skillgen.report.markup import document_html, inline_html, quote_html
from skillgen.report.source import show_page
from skillgen.review.bench import Bench, Choice
from skillgen.review.meter import CoverageMeter
from skillgen.review.pages import Pages
from skillgen.review.view import chosen, rows_of, stamp_of

ALLOWED = re.compile(
    r"</?(?:strong|em|code|s|del|sub|sup|kbd|br|mark|p|pre|ul|table|tr|td|th)>"
    r'|</?(?:li|div|span)>|<li class="d\d(?: numbered)?">|<ul class="items">|<div class="wide">'
    r'|<div class="h h\d" role="heading" aria-level="\d">|<span class="(?:no|cut|gone)">'
    r'|<span class="line" data-n="\d+">'
)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    return copy_of(built_once(tmp_path_factory), tmp_path_factory.mktemp("view"))


@pytest.fixture
def own(sample: Reviewed, tmp_path: Path) -> Bench:
    """A bench whose decisions nobody else sees."""
    settings = sample.site.settings().with_values({"review.decisions": tmp_path / "decisions"})
    return Bench(settings, NAME, by="Ann Lee")


def page_of(text: str, source: str = "a.md") -> Page:
    return parse_page(SourceFile(source=source, text=text, sha256="0" * 64))[0]


def marked(html: str) -> str:
    """Return the text that is marked in HTML, without tags."""
    pieces = re.findall(r"<mark>(.*?)</mark>", html, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", piece)) for piece in pieces)


def tags_beside_ours(html: str) -> list[str]:
    return re.findall(r"<[^>]*>?", ALLOWED.sub("", html))


# -- pages -------------------------------------------------------------------------------------------------------------


def test_every_quote_of_the_sample_is_marked_in_both_views(sample: Reviewed) -> None:
    now = sample.bench().now()
    for claim in now.desk.draft.claims:
        for source in now.view(claim.id).sources:
            assert source.pane is not None
            quotes = [one.quote for one in claim.citations if one.source == source.source]
            raw = " ".join(marked(source.pane.raw_html).split())
            assert all(" ".join(quote.split()) in raw for quote in quotes)
            rendered = set(re.findall(r"[^\W\d]+", marked(source.pane.rendered_html)))
            assert set(re.findall(r"[^\W\d]+", " ".join(quotes))) <= rendered


def test_a_page_reads_as_its_author_meant_it() -> None:
    page = page_of("# Title\n\nOne *two* `three`.\n\n1. first\n2. second\n\n| a | b |\n|---|---|\n| `x` \\| y | 2 |\n")
    html = show_page(page, []).rendered_html
    assert '<div class="h h1" role="heading" aria-level="4">Title</div>' in html
    assert "One <em>two</em> <code>three</code>." in html
    assert '<li class="d1 numbered"><span class="no">1.</span> first</li>' in html
    assert "<tr><th>a</th><th>b</th></tr><tr><td><code>x</code> | y</td><td>2</td></tr>" in html


@pytest.mark.parametrize("source", ["a.html", "a.md"])
@pytest.mark.parametrize("text", [HOSTILE, HOSTILE_MARKDOWN], ids=["html", "markdown"])
def test_nothing_of_a_hostile_page_is_markup(source: str, text: str) -> None:
    page = page_of(text, source)
    for quotes in ([], [(0, len(text))], [(60, 400)]):
        pane = show_page(page, quotes)
        assert tags_beside_ours(pane.rendered_html) == []
        assert tags_beside_ours(pane.raw_html) == []
    assert tags_beside_ours(quote_html(source, text)) == []


@given(text=st.text(alphabet="<>/&;'\"=!-[]()`*_|#\n aiomgscrptxl:", max_size=120), html=st.booleans())
def test_no_text_at_all_becomes_markup_or_an_attribute(text: str, html: bool) -> None:  # noqa: FBT001
    page = page_of(text, "a.html" if html else "a.md")
    pane = show_page(page, [(0, len(text) // 2)])
    assert tags_beside_ours(pane.rendered_html) == []
    assert tags_beside_ours(pane.raw_html) == []
    assert tags_beside_ours(inline_html(text)) == []


@given(text=st.text(alphabet="ab \n<&`", min_size=1, max_size=80), data=st.data())
def test_the_raw_view_holds_the_whole_text_and_marks_exactly_the_quote(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    html = show_page(page_of(text), [(start, end)]).raw_html
    lines = re.findall(r'<span class="line" data-n="\d+">(.*?)</span>(?=<span class="line"|$)', html, re.DOTALL)
    plain = [unescape(re.sub(r"</?mark>", "", line)) for line in lines]
    assert "\n".join(plain) == text
    shown = "".join(unescape("".join(re.findall(r"<mark>(.*?)</mark>", line))) for line in lines)
    assert shown == text[start:end].replace("\n", "")


def test_a_removed_secret_is_a_mark_in_both_views() -> None:
    secret = "hunter2-hunter2"  # noqa: S105 - made up
    text = f"# Keys\n\nThe password is {secret} for all.\n"
    start = text.index(secret)
    page = page_of(text.replace(secret, FILLER * len(secret)))
    page = replace(page, removed=((start, start + len(secret), "[removed: password]"),))
    pane = show_page(page, [(text.index("The"), text.index("all"))])
    for html in (pane.raw_html, pane.rendered_html):
        assert "[removed: password]" in html
        assert FILLER not in html


def test_of_a_long_page_what_stands_around_the_quotes_is_shown_until_all_is_asked_for() -> None:
    text = "# Long\n\n" + "".join(f"Sentence number {n} stands here.\n\n" for n in range(60_000))
    page = page_of(text)
    at = text.index("number 31000 ")
    start = time.process_time()
    pane = show_page(page, [(at, at + 12)])
    assert time.process_time() - start < 2
    assert len(text) > 2_000_000
    assert len(pane.raw_html) + len(pane.rendered_html) < 60_000
    assert not pane.whole
    assert "number 31000 " in pane.rendered_html
    assert marked(pane.raw_html) == "number 31000"
    whole = show_page(page, [(at, at + 12)], whole=True)
    assert whole.whole
    assert "number 59999 " in whole.rendered_html


def test_a_page_that_is_one_long_line_is_cut_too() -> None:
    text = "word " * 400_000
    pane = show_page(page_of(text), [(1_000_000, 1_000_004)])
    assert len(pane.raw_html) + len(pane.rendered_html) < 30_000
    assert marked(pane.raw_html) == text[1_000_000:1_000_004].strip()


def test_a_document_keeps_its_form_and_loses_links_pictures_and_front_matter() -> None:
    html = document_html("---\nname: x\n---\n# A\n\n- [b](other.md) [x](javascript:x) ![c](d.png) <b>e</b>\n")
    assert "<h4>A</h4>" in html
    assert "<li>b [x](javascript:x) " in html  # no link at all
    assert not re.search(r"href|src=|name: x|<b>|<a", html)


# -- coverage ----------------------------------------------------------------------------------------------------------


def test_the_meter_gives_what_a_build_would_score(sample: Reviewed) -> None:
    draft = sample.bench().now().desk.draft
    meter, plan = CoverageMeter(draft), plan_of(draft)
    for left_out in range(len(draft.claims) + 1):
        claims = draft.claims[left_out:]
        assert meter.measure(claims) == score_coverage(plan, claims)[0]
    assert meter.measure(draft.claims).overall == draft.coverage.overall


def test_coverage_falls_with_a_rejection_and_comes_back_with_undo(own: Bench) -> None:
    before = own.now().coverage
    assert before.now == before.before
    done = [own.decide(choice_about(own, id_, "rejected", reason="wrong")) for id_ in [*own.now().rows]]
    assert own.now().coverage.now == 0
    assert own.now().coverage.before == before.before
    for one in done:
        own.undo(one.undo)
    assert own.now().coverage == before


# -- decisions ---------------------------------------------------------------------------------------------------------


def choice_about(bench: Bench, claim: str, kind: Kind, **fields: str) -> Choice:
    return Choice(claim=claim, kind=kind, stamp=bench.now().rows[claim].stamp, **fields)


def test_an_edit_shows_its_new_verdict_and_what_was_changed(own: Bench) -> None:
    claim = next(one for one in own.now().desk.draft.claims if "02:15" in one.text)
    own.decide(choice_about(own, claim.id, "edited", edited=claim.text.replace("02:15", "03:15")))
    view = own.now().view(claim.id)
    assert view.state == "edited"
    assert view.support == "unsupported"
    assert "03:15" in view.support_reason
    assert [part.text for part in view.changes if part.kind != "same"] == ["02:15", "03:15"]
    assert "weak" in own.now().rows[claim.id].flags


def test_a_decision_on_what_another_window_decided_is_refused(own: Bench) -> None:
    claim = next(iter(own.now().rows))
    mine = choice_about(own, claim, "accepted")
    other = own.now().find(claim).claim
    record(own.path, [decision_about(other, "rejected", by="Bo Berg", reason="old")])
    with pytest.raises(DecisionConflictError, match="Bo Berg has rejected"):
        own.decide(mine)
    assert own.now().rows[claim].state == "rejected"


def test_an_undo_is_undone_and_never_takes_back_what_somebody_else_decided(own: Bench) -> None:
    claim = next(iter(own.now().rows))
    done = own.decide(choice_about(own, claim, "accepted"))
    back = own.undo(done.undo)
    assert own.now().rows[claim].state == "undecided"
    again = own.undo(back.undo)
    assert own.now().rows[claim].state == "accepted"
    record(own.path, [decision_about(own.now().find(claim).claim, "rejected", by="Bo Berg", reason="old")])
    with pytest.raises(DecisionConflictError):
        own.undo(again.undo)
    assert own.now().rows[claim].state == "rejected"
    with pytest.raises(UserError, match="nothing to undo"):
        own.undo("unknown")


def test_deciding_anew_on_changed_evidence_takes_the_place_of_the_old_decision(own: Bench) -> None:
    claim = own.now().find(next(iter(own.now().rows))).claim
    old = replace(decision_about(claim, "accepted", by="Bo Berg"), claim="clm-00000000")
    record(own.path, [old])
    assert own.now().rows[claim.id].state == "evidence changed"
    assert own.now().rows[claim.id].stamp == stamp_of(old)
    done = own.decide(choice_about(own, claim.id, "accepted"))
    assert [one.claim for one in own.now().desk.decisions.claims] == [claim.id]
    own.undo(done.undo)
    assert own.now().desk.decisions.claims == (old,)


def test_the_preview_holds_what_the_decisions_leave(own: Bench) -> None:
    now = own.now()
    rejected, edited, outside = (
        next(id_ for id_, row in now.rows.items() if words in row.text)
        for words in ("ship deploy", "ship guard", "on-call")
    )
    own.decide(choice_about(own, rejected, "rejected", reason="wrong"))
    own.decide(choice_about(own, edited, "edited", edited="A failed deploy starts again after 15 minutes."))
    own.decide(choice_about(own, outside, "asked", owner="Ops", question="Still so?"))
    files = {file.path: file.markdown for file in own.preview().files}
    assert "ship deploy" not in "".join(files.values())
    assert "A failed deploy starts again after 15 minutes." in files["SKILL.md"]
    assert "on-call" not in files["SKILL.md"]
    assert any("on-call" in text for path, text in files.items() if path != "SKILL.md")


def test_an_accepted_edit_is_the_pages_words_again(tmp_path: Path, sample: Reviewed) -> None:
    reviewed = copy_of(sample.root, tmp_path)
    bench = reviewed.bench()
    claim = next(one for one in bench.now().desk.draft.claims if "ship guard" in one.text)
    bench.decide(choice_about(bench, claim.id, "edited", edited="A failed deploy starts again after 15 minutes."))
    reviewed.site.build()
    assert bench.now().find(claim.id).claim.text.startswith("A failed")
    bench.decide(choice_about(bench, claim.id, "accepted"))
    assert reviewed.decisions()[claim.id].text == claim.text


def test_filters_and_search_leave_what_they_name(own: Bench) -> None:
    groups = own.now().groups
    disputed = rows_of(chosen(groups, "contradicted", ""))
    assert {"NIGHTLY_TOKEN" in row.text for row in disputed} == {True}
    assert len(disputed) == 2
    assert [row.text for row in rows_of(chosen(groups, "all", "SHIP GUARD"))] == [
        row.text for row in rows_of(groups) if "ship guard" in row.text
    ]
    assert rows_of(chosen(groups, "decided", "")) == ()


def test_a_claim_that_the_model_believes_otherwise_can_be_found_and_says_what_it_believes(
    sample: Reviewed, tmp_path: Path
) -> None:
    reviewed = copy_of(sample.root, tmp_path)
    draft = reviewed.bench().now().desk.draft
    first = next(answer for answer in draft.answers if answer.claims)
    contested = replace(first.claims[0], belief=Belief(verdict="conflict", says="It is <b>never</b> done."))
    known = [replace(one, belief=Belief(verdict="known", says="So it is.")) for one in first.claims[1:]]
    answers = tuple(replace(one, claims=(contested, *known)) if one is first else one for one in draft.answers)
    path = reviewed.site.settings().workspace / "drafts" / f"{NAME}.json"
    path.write_text(draft_json(replace(draft, answers=answers)), encoding="utf-8")
    bench = reviewed.bench()
    assert [row.id for row in rows_of(chosen(bench.now().groups, "believed", ""))] == [contested.id]
    now = bench.now()
    html = Pages().render("claim.html.j2", {"claim": now.view(contested.id)})
    html += Pages().render("list.html.j2", {"groups": now.groups})
    assert html.count('<li class="own">Believed otherwise</li>') == 1
    assert html.count("<small>believed otherwise</small>") == 1
    assert "Without the pages, the model says: It is &lt;b&gt;never&lt;/b&gt; done." in html


def test_a_comparison_says_which_words_went_and_came() -> None:
    assert word_changes("a b c", "a b c") == ()
    changes = word_changes("runs at two each day", "runs at three each day now")
    assert [(one.kind, one.text) for one in changes] == [
        ("same", "runs at"),
        ("gone", "two"),
        ("new", "three"),
        ("same", "each day"),
        ("new", "now"),
    ]
