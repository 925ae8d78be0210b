"""The report: it says all that a draft holds, and nothing of a page is markup in it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cli_runner import run
from corpus_builder import PAGES as SMALL_PAGES
from corpus_builder import make_site, write_pages
from hypothesis import given, settings
from hypothesis import strategies as st
from reporting import REPORT, Markup, material_of, page_of, shown_text
from reviewing import HOSTILE, HOSTILE_MARKDOWN, NAME, Reviewed, built, built_once, copy_of
from strategies import odd_markdown

from skillgen.decisions import decision_about, record
from skillgen.model.decision import Kind
from skillgen.pipeline.decide import read_draft
from skillgen.pipeline.forget import forget
from skillgen.pipeline.report import write_report
from skillgen.report import report_page
from skillgen.report.bars import coverage_bars
from skillgen.report.claims import claim_cards
from skillgen.report.markup import quote_html
from skillgen.report.noticed import noticed
from skillgen.report.numbers import numbers_of, tasks_of
from skillgen.report.source import Excerpts
from skillgen.report.sources import web_address
from skillgen.settings import Settings
from skillgen.workspace import open_workspace

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

JOB = page_of(
    "# Jobs\n\n## Night\n\nThe nightly job starts at 02:15 UTC.\n\n- It waits for `orders.csv`.\n- It tells #ops.\n"
)
# What could end a text, an attribute, a tag, a comment, a style or a script, or call something.
HARM = (
    *("<zzx>", "</script><script>zzx()</script>", "\"zzx='1'", "' zzx=1 onload=zzx() ", "<img src=zzx onerror=zzx()>"),
    *("<!--", "-->", "]]>", "</style><style>zzx{}", "</title><zzx>", "</textarea></details></svg>", "javascript:zzx"),
    *("[x](javascript:zzx)", "![x](https://zzx.example/i.png)", "{{ zzx }}", "{% zzx %}", "&lt;zzx&gt;", "`<zzx>`"),
    *("<svg onload=zzx()>", "\x00", "\u2028", "\ufffc", "a" * 300, "| <zzx> | b |", "https://zzx.example/", "\\"),
    *("<https://zzx.example/>", "**<b zzx>**"),
)
texts = st.lists(st.one_of(st.sampled_from(HARM), st.text(max_size=8)), max_size=4).map(" ".join)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    return copy_of(built_once(tmp_path_factory), tmp_path_factory.mktemp("report"))


@pytest.fixture
def own(sample: Reviewed, tmp_path: Path) -> Reviewed:
    """Return the sample for a test that decides or forgets."""
    return copy_of(sample.root, tmp_path)


def report_file(reviewed: Reviewed) -> Path:
    return reviewed.site.workspace / "reports" / f"{NAME}.html"


def report_of(reviewed: Reviewed) -> str:
    """Write the report anew with the decisions as they are now, and return it."""
    with open_workspace(reviewed.site.workspace) as workspace:
        draft = read_draft(workspace.draft_path(NAME))
        return write_report(reviewed.site.settings(), workspace, draft).read_text(encoding="utf-8")


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


# -- what it says ------------------------------------------------------------------------------------------------------


def test_the_report_of_a_small_draft(snapshot: SnapshotAssertion) -> None:
    assert shown_text(report_page(material_of(JOB, "Night work"), REPORT)) == snapshot


def test_a_build_writes_the_report_outside_of_the_package_and_names_it(tmp_path: Path) -> None:
    site = make_site(tmp_path / "a", SMALL_PAGES)
    result = site.build()
    assert result.report_path == site.workspace / "reports" / "releases.html"
    html = result.report_path.read_text(encoding="utf-8")
    assert all(f'id="{claim.id}"' in html for claim in result.draft.claims)
    assert all(plain(gap.ask) in plain(html) for gap in result.draft.gaps)
    assert not [path for path in result.package.rglob("*") if path.suffix == ".html"]
    site.build()
    assert result.report_path.read_text(encoding="utf-8") == html


def test_every_claim_shows_its_quotes_marked_in_their_place(sample: Reviewed) -> None:
    html = report_of(sample)
    draft = read_draft(sample.site.workspace / "drafts" / f"{NAME}.json")
    for claim in draft.claims:
        shown = html.partition(f'id="{claim.id}"')[2].partition("</details>")[0]
        marks = plain(" ".join(re.findall(r"<mark>(.*?)</mark>", shown, re.DOTALL)))
        for citation in claim.citations:
            words = re.findall(r"[A-Za-z]{3,}", citation.quote)
            assert [word for word in words if word not in marks] == []
            assert citation.source in shown


def test_a_bar_is_the_sum_of_its_grades_over_the_number_of_its_facets(sample: Reviewed) -> None:
    draft = read_draft(sample.site.workspace / "drafts" / f"{NAME}.json")
    html = report_of(sample)
    grades = {facet.id: facet.grade for answer in draft.answers for facet in answer.facets}
    for target in draft.coverage.targets:
        total = sum(grades[id_] for id_ in target.facets)
        shown = plain(html.partition(f'<article class="box target" id="{target.id}">')[2].partition("</article>")[0])
        assert f"{total:g} of {len(target.facets)} :" in shown
        assert f"{round(100 * target.score)} %" in shown
    gap = draft.gaps[0].facet
    assert f'<a href="#{gap}">' in html
    assert f'id="{gap}"' in html


def test_what_a_grade_rests_on_is_named_and_nothing_else(sample: Reviewed) -> None:
    html = report_of(sample)
    draft = read_draft(sample.site.workspace / "drafts" / f"{NAME}.json")
    named = re.findall(r'<li class="(full|part|none)">(.*?)</div></li>', html, re.DOTALL)
    assert {grade for grade, _ in named} >= {"part", "none"}
    for grade, facet in named:
        links = re.findall(r'href="#(clm-\w+)"', facet)
        assert bool(links) == (grade != "none")
        assert {*links} <= {claim.id for claim in draft.claims if claim.verdict.support == "supported"}


def test_a_removed_secret_is_told_by_kind_and_page_and_never_shown(tmp_path: Path) -> None:
    secret = "ghp_" + "q7Rt2Lm9Xw4Kz8Vb1Nc5Hd3Jf6Ps0Ya2Ug" + "E4"
    page = f"# Keys\n\nThe nightly job signs in with the token `{secret}` every night.\n"
    site = make_site(tmp_path / "a", {**SMALL_PAGES, "keys.md": page})
    html = site.build().report_path.read_text(encoding="utf-8")
    assert secret not in html
    assert secret[:12] not in html
    told = html.partition('id="findings"')[2].partition("</section>")[0]
    assert "Secrets that were removed" in told
    assert "keys.md" in told


def test_decisions_are_shown_with_who_and_why_and_what_they_changed(own: Reviewed) -> None:
    claims = read_draft(own.site.workspace / "drafts" / f"{NAME}.json").claims
    kinds: tuple[tuple[Kind, dict[str, str]], ...] = (
        ("accepted", {}),
        ("rejected", {"reason": "since May it is <b>another</b>"}),
        ("edited", {"edited": "Something new."}),
        ("asked", {"owner": "Jo Lind", "question": "Is it so?"}),
    )
    made = [
        decision_about(claim, kind, by="Ann Lee", **fields)
        for claim, (kind, fields) in zip(claims, kinds, strict=False)
    ]
    record(own.file, made)
    html = report_of(own)
    cards = [plain(html.partition(f'id="{claim.id}"')[2].partition("</details>")[0]) for claim in claims[:4]]
    assert all("by Ann Lee" in card for card in cards)
    assert "✓ Accepted" in cards[0]
    assert "since May it is <b>another</b>" in cards[1]
    assert "Something new." in cards[2]
    assert "Jo Lind: Is it so?" in cards[3]
    assert f"4 of {len(claims)} claims are decided" in plain(html)


def test_a_changed_page_is_not_shown_with_old_quotes() -> None:
    material = material_of(JOB)
    changed = replace(material, pages={JOB.source: replace(JOB, sha256="1" * 64)})
    assert "The page has changed since" in report_page(changed, REPORT)
    gone = report_page(replace(material, pages={}), REPORT)
    assert "no longer in the workspace" in gone
    assert "02:15" in gone


def test_numbers_say_whole_and_part_and_tasks_what_is_left() -> None:
    material = material_of(JOB)
    groups = claim_cards(material)
    cards = [card for group in groups for question in group.questions for card in question.cards]
    numbers = {one.name: one.value for one in numbers_of(material, cards, noticed(material.findings))}
    assert numbers["claims"] == "3"
    assert numbers["word for word"] == "33 %"
    assert numbers["reviewed"] == "33 %"
    assert numbers["of the pages cited"] == "100 %"
    tasks = [task.text for task in tasks_of(material, cards, noticed(material.findings))]
    assert tasks[0].startswith("1 secret to replace")
    assert any(task.startswith("1 contradiction") for task in tasks)
    bars = coverage_bars(material, [])
    assert (bars.percent, bars.shares.points, bars.shares.total) == (25, "0.5", 2)
    assert bars.targets[0].facets[1].gap == "fct-2"


def test_the_words_of_a_claim_behind_a_bar_keep_the_stars_of_code_and_lose_those_of_emphasis() -> None:
    page = page_of("# Tables\n\n**Ask** for `tables/*.yaml`, run at `5 * * * *`, 3 * 4 `lines`.\n")
    first = coverage_bars(material_of(page), []).targets[0].facets[0].behind[0]
    assert first.text == "Jobs: Ask for tables/*.yaml, run at 5 * * * *, 3 * 4 lines."


def test_settings_that_differ_are_told_without_paths_and_addresses(tmp_path: Path, own: Reviewed) -> None:
    own.site.options |= {
        "research.max_claims": 50,
        "model.name": "openai:small",
        "model.base_url": "http://127.0.0.1:9/v1",
    }
    told = report_of(own).partition('id="run"')[2]
    assert "research.max_claims" in told
    assert "127.0.0.1:9" not in told
    assert str(tmp_path) not in report_of(own)


# -- excerpts ----------------------------------------------------------------------------------------------------------


def test_an_excerpt_of_a_long_page_is_short_and_says_where_it_is_cut() -> None:
    filler = "".join(f"Line {n} of the log says that nothing happened there.\n\n" for n in range(4000))
    page = page_of(f"# Log\n\n{filler}The deploy starts at 03:10 UTC.\n\n{filler}The crane is green.\n")
    at, other = page.text.index("The deploy starts"), page.text.index("The crane")
    html = Excerpts({"a.md": page}, around=300).cut("a.md", [(at, at + 31), (other, other + 19)])
    assert re.findall(r"<mark>(.*?)</mark>", html) == ["The deploy starts at 03:10 UTC.", "The crane is green."]
    assert len(html) < 3000
    assert html.count('<p class="cut">') == 1
    assert "Line 3999" in html
    assert "Line 2000" not in html


@given(odd_markdown(), st.data())
def test_an_excerpt_marks_its_quote_wherever_it_stands(text: str, data: st.DataObject) -> None:
    page = page_of(text)
    spans = [span for block in page.blocks for span in block.spans if span.text.strip()]
    if not spans:
        return
    span = data.draw(st.sampled_from(spans))
    html = Excerpts({"a.md": page}, around=50).cut("a.md", [(span.start, span.end)])
    marked = " ".join(re.findall(r"<mark>(.*?)</mark>", html, re.DOTALL))
    words = re.findall(r"[a-z]{4,}", re.sub(r"\]\([^)]*\)|<[^>]*>|&\w+;", " ", span.text))
    assert len([word for word in words if word in marked]) >= 0.5 * len(words)


def test_the_rule_of_a_table_is_no_row_of_a_quote() -> None:
    assert quote_html("a.md", "| A | B |\n|---|:-:|\n| `x` | y |") == "A · B<br><code>x</code> · y"


# -- nothing of a page is markup ---------------------------------------------------------------------------------------


def baseline() -> Markup:
    rich = (
        "# Jobs\n\nA *b* **c** `d` ~~e~~\n\n- one\n\n1. two\n\n| A | B |\n|---|---|\n| c | d |\n\n"
        "```\ncode\n```\n\n## Night\n\nIt runs."
    )
    page = page_of(rich, url="https://wiki.example/a")
    return Markup(report_page(material_of(page, "*a* **b** `c` ~~d~~"), REPORT))


OURS = baseline()
INLINE = {"br", "del", "em", "s", "strong", "sub", "sup", "kbd", "ins"}


@settings(max_examples=60)
@given(st.one_of(odd_markdown(), texts), texts, st.sampled_from([".md", ".html"]), texts)
def test_hostile_text_names_and_headings_stay_text(body: str, said: str, ending: str, name: str) -> None:
    text = f"# {said}\n\n## {said}\n\n{said}\n\n- {said}\n\n| {said} | b |\n|---|---|\n| {said} | c |\n\n{body}\n"
    if ending == ".html":
        text = f"<html><body><h1>{said}</h1><p>{said} {body}</p><table><tr><td>{said}</td></tr></table></body></html>"
    page = page_of(text.replace("\x00", ""), source=f"{name}{ending}", url=f"https://wiki.example/{name}")
    html = report_page(material_of(page, said), REPORT)
    found = Markup(html)
    assert found.tags <= OURS.tags | INLINE
    assert found.attributes <= OURS.attributes
    assert found.scripts == OURS.scripts
    elsewhere = {link for link in found.links if not link.startswith("#")} - {"data:,"}
    assert all(link.startswith("https://wiki.example/") for link in elsewhere)
    assert html.count("<script") == html.count("</script") == 1


def test_only_addresses_of_the_web_become_links() -> None:
    assert web_address("https://wiki.example/a") == "https://wiki.example/a"
    for address in ("javascript:alert(1)", "data:text/html,x", " https://a", "file:///etc", "", None):
        assert web_address(address) == ""


def test_pages_that_mean_harm_are_built_and_shown_as_text(tmp_path: Path) -> None:
    reviewed = built(tmp_path / "site", {"deploy.html": HOSTILE, "nightly.md": HOSTILE_MARKDOWN})
    html = report_file(reviewed).read_text(encoding="utf-8")
    assert reviewed.claim_ids()
    assert html.count("<script>") == 1
    assert not re.search(r"<(?:iframe|img|math|base|form [^>]*action|meta http-equiv=.refresh)", html)
    assert not re.search(r"<[^>]*\son\w+=", re.sub(r"<script>.*</script>", "", html, flags=re.DOTALL))
    assert "default-src &#39;none&#39;" in html
    assert "form-action &#39;none&#39;" in html


# -- who else writes and removes it ------------------------------------------------------------------------------------


def test_review_writes_the_report_with_the_decisions_of_now(
    own: Reviewed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = read_draft(own.site.workspace / "drafts" / f"{NAME}.json").claims[0]
    record(own.file, [decision_about(claim, "rejected", by="Ann Lee", reason="too old")])
    monkeypatch.chdir(own.root)
    done = run("review", own.package, "--static", tmp_path / "report.html")
    assert done.code == 0, done.err
    assert "Rejected by Ann Lee" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_forgetting_a_page_removes_every_report_that_names_it(tmp_path: Path) -> None:
    site = make_site(tmp_path / "a", SMALL_PAGES)
    write_pages(site.pages(), {"notes & more/empty.md": ""})
    report = site.build().report_path
    with open_workspace(site.workspace) as workspace:
        assert "empty.md" in report.read_text(encoding="utf-8")
        forget(workspace, ["notes & more/empty.md"])
        assert not report.exists()
        assert workspace.draft_path("releases").exists()  # it had not named the page


def test_a_template_of_the_user_replaces_a_part_of_the_report(tmp_path: Path, own: Reviewed) -> None:
    (tmp_path / "report-run.html.j2").write_text("<p>Ours: {{ run.facts|length }}</p>", encoding="utf-8")
    own.site.options["build.template"] = tmp_path
    html = report_of(own)
    assert "<p>Ours: " in html
    assert "At a glance" in html
    assert Settings().build.template is None
