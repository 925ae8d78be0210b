"""The review as a person meets it: a real Chromium on a real server, by keyboard, by touch and by screen reader."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import PHONE, Window, violations
from playwright.sync_api import Page, expect
from reviewing import HOSTILE, HOSTILE_MARKDOWN, PAGES, Reviewed, Server, built, built_once, copy_of, serving

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parent.parent
expect.set_options(timeout=10_000)  # on a busy machine an answer of the server may take seconds
# From the key to the frame in which the next claim is on the screen, as the page itself sees it.
STOPWATCH = """() => {
  window.shownAfter = 0;
  let pressed = 0;
  addEventListener("keydown", (event) => { pressed = event.timeStamp; }, {capture: true, once: true});
  new MutationObserver((_, watch) => {
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => { window.shownAfter = performance.now() - pressed; }));
  }).observe(document.querySelector("#claim"), {childList: true});
}"""
# Set to make the pictures of docs/review.md anew from the sample corpus.
PICTURES = "SKILLGEN_UPDATE_DOCS"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Reviewed, Server]]:
    """One server for the tests that leave it as it is."""
    site = copy_of(built_once(tmp_path_factory), tmp_path_factory.mktemp("browser"))
    with serving(site) as running:
        yield site, running


@pytest.fixture
def reviewed(shared: tuple[Reviewed, Server]) -> Reviewed:
    """Return the sample with nothing decided; the server notices that the file is gone."""
    shared[0].file.unlink(missing_ok=True)
    return shared[0]


@pytest.fixture
def server(shared: tuple[Reviewed, Server], reviewed: Reviewed) -> Server:
    return shared[1]


@pytest.fixture
def own_site(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Reviewed:
    """Return the sample for a test that changes pages or kills its server."""
    return copy_of(built_once(tmp_path_factory), tmp_path)


def current(page: Page) -> str:
    return str(page.locator(".claim:visible").get_attribute("data-id"))


def wait_for_claim(page: Page, other_than: str) -> str:
    page.wait_for_function("id => document.querySelector('.claim')?.dataset.id !== id", arg=other_than)
    return current(page)


def wait_saved(page: Page, count: int) -> None:
    page.wait_for_function("n => document.querySelector('#decided-count').textContent === String(n)", arg=count)
    page.wait_for_function("() => !document.querySelector('.row.saving')")


def with_text(page: Page, words: str) -> None:
    """Go to the claim that holds the words, by search."""
    page.keyboard.press("/")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.wait_for_function(
        "words => document.querySelector('.claim:not([hidden]) .statement')?.textContent.toLowerCase().includes(words)",
        arg=words.lower(),
    )
    page.keyboard.press("/")
    page.keyboard.press("Delete")
    page.keyboard.press("Escape")


# -- by keyboard -------------------------------------------------------------------------------------------------------


def test_a_whole_draft_is_reviewed_by_keyboard(
    window: Callable[..., Window], server: Server, reviewed: Reviewed
) -> None:
    own = window()
    page = own.open(server.link)
    assert "token" not in page.url
    ids = [row.get_attribute("id")[2:] for row in page.locator(".row").all()]  # type: ignore[index]
    first = current(page)
    assert first == ids[0]
    page.keyboard.press("a")
    second = wait_for_claim(page, first)
    assert second == ids[1]
    wait_saved(page, 1)
    expect(page.locator("#said")).to_have_text(re.compile(rf"^\s*Saved: accepted. 1 of {len(ids)} decided. Coverage"))

    page.get_by_role("button", name="Reject").focus()
    page.keyboard.press("Space")
    page.keyboard.press("2")
    third = wait_for_claim(page, second)
    wait_saved(page, 2)
    page.keyboard.press("r")
    page.keyboard.type("Nobody does this any more")
    page.keyboard.press("Enter")
    fourth = wait_for_claim(page, third)
    wait_saved(page, 3)
    page.keyboard.press("o")
    page.keyboard.press("Enter")
    fifth = wait_for_claim(page, fourth)
    wait_saved(page, 4)
    page.keyboard.press("u")
    page.wait_for_function("id => document.querySelector('.claim').dataset.id === id", arg=fourth)
    wait_saved(page, 3)
    assert fourth not in reviewed.decisions()
    page.keyboard.press("j")
    assert wait_for_claim(page, fourth) == fifth
    page.keyboard.press("k")
    assert wait_for_claim(page, fifth) == fourth
    while (count := int(page.locator("#decided-count").inner_text())) < len(ids):
        page.keyboard.press("a")
        wait_saved(page, count + 1)
    page.get_by_text("All claims are decided.").wait_for()

    held = reviewed.decisions()
    assert [held[id_].decision for id_ in (first, second, third)] == ["accepted", "rejected", "rejected"]
    assert [held[second].reason, held[third].reason] == ["Out of date", "Nobody does this any more"]
    assert {held[id_].decision for id_ in ids[3:]} == {"accepted"}
    assert {one.by for one in held.values()} == {"Ann Lee"}
    page.keyboard.press("p")
    page.get_by_role("heading", name="The skill as it is decided now").wait_for()
    expect(page.locator("main")).not_to_contain_text("Rollback")
    assert own.faults == []


def test_coverage_moves_with_each_decision(window: Callable[..., Window], server: Server) -> None:
    page = window().open(server.link)
    before = page.locator("#coverage summary b").inner_text()
    done = 0
    while not page.locator("#coverage summary .moved").count():
        page.keyboard.press("r")
        page.keyboard.press("1")
        done += 1
        wait_saved(page, done)
    expect(page.locator("#coverage summary b")).not_to_have_text(before)
    expect(page.locator("#coverage summary")).to_contain_text(f"was {before}")
    page.keyboard.press("u")
    page.locator("#coverage summary .moved").wait_for(state="detached")
    expect(page.locator("#coverage summary b")).to_have_text(before)


def test_an_edit_is_verified_while_it_is_typed(
    window: Callable[..., Window], server: Server, reviewed: Reviewed
) -> None:
    page = window().open(server.link)
    with_text(page, "ship guard")
    claim = current(page)
    page.keyboard.press("e")
    page.locator("#live .supported").wait_for()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("A failed deploy starts again after 25 minutes.")
    page.locator("#live .unsupported").wait_for()
    expect(page.locator("#live")).to_contain_text("25")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("A failed deploy starts again after 15 minutes.")
    page.locator("#live .partial").wait_for()
    page.keyboard.press("Control+Enter")
    wait_for_claim(page, claim)
    wait_saved(page, 1)
    assert reviewed.decisions()[claim].edited == "A failed deploy starts again after 15 minutes."
    page.locator(f"#r-{claim}").click()
    page.locator(f"#c-{claim} .diff ins").first.wait_for()


def test_filter_search_and_view_leave_what_they_name(window: Callable[..., Window], server: Server) -> None:
    page = window().open(server.link)
    page.keyboard.press("f")
    page.locator("#filter").select_option("contradicted")
    page.wait_for_function("() => document.querySelectorAll('.question:not([hidden]) li:not([hidden])').length === 2")
    expect(page.locator(".pair .side")).to_have_count(2)
    expect(page.locator(".side.own")).to_have_count(1)
    page.locator("#filter").select_option("all")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("no such words")
    page.get_by_text("No claim passes this filter.").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    raw = page.locator(".claim .raw")
    expect(raw).to_be_visible()
    expect(raw.locator("mark").first).to_be_visible()
    expect(page.locator(".claim .rendered")).to_be_hidden()


def test_single_keys_can_be_turned_off(window: Callable[..., Window], server: Server, reviewed: Reviewed) -> None:
    page = window().open(server.link)
    page.keyboard.press("?")
    page.get_by_label("Use single keys").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.keyboard.press("j")
    page.wait_for_timeout(200)
    assert reviewed.decisions() == {}


def test_without_script_every_decision_can_be_made(
    window: Callable[..., Window], server: Server, reviewed: Reviewed
) -> None:
    page = window(java_script_enabled=False).open(server.link)
    first = current(page)
    page.get_by_role("button", name="Accept").click()
    assert "Saved: accepted." in page.locator("#said").inner_text()
    second = current(page)
    assert second != first
    page.get_by_role("button", name="Reject", exact=False).first.click()
    page.get_by_label("Wrong").check()
    page.locator("#panel-rejected button[value=rejected]").click()
    page.get_by_role("button", name="Undo").click()
    page.locator("#filter").select_option("decided")
    page.get_by_role("button", name="Show").click()
    assert page.locator(".row").count() == 1
    assert {id_: one.decision for id_, one in reviewed.decisions().items()} == {first: "accepted"}


# -- two windows, a killed server, a new build -------------------------------------------------------------------------


def test_two_windows_never_overwrite_one_another_unseen(
    window: Callable[..., Window], server: Server, reviewed: Reviewed
) -> None:
    one, two = window(), window()
    two.page.route("**/changes*", lambda route: route.abort())
    first, second = one.open(server.link), two.open(server.link)
    claim = current(first)
    first.keyboard.press("a")
    wait_saved(first, 1)
    two.page.unroute("**/changes*")
    second.keyboard.press("r")
    second.keyboard.press("1")
    second.get_by_role("alert").filter(has_text="Somebody else was there first").wait_for()
    assert reviewed.decisions()[claim].decision == "accepted"
    second.wait_for_function("id => document.querySelector('.claim').dataset.id === id", arg=claim)
    second.locator(".claim.s-accepted").wait_for()
    second.keyboard.press("r")
    second.keyboard.press("1")
    second.wait_for_function("id => document.querySelector(`#r-${id}`).dataset.state === 'rejected'", arg=claim)
    second.wait_for_function("() => !document.querySelector('.row.saving')")
    assert reviewed.decisions()[claim].decision == "rejected"
    first.evaluate("dispatchEvent(new Event('focus'))")
    first.wait_for_function("id => document.querySelector(`#r-${id}`).dataset.state === 'rejected'", arg=claim)


def test_what_was_said_to_be_saved_survives_a_killed_server(window: Callable[..., Window], own_site: Reviewed) -> None:
    with serving(own_site) as server:
        page = window().open(server.link)
        page.keyboard.press("a")
        wait_saved(page, 1)
        page.keyboard.press("a")
        page.keyboard.press("a")
        server.kill()
        page.keyboard.press("a")
        page.get_by_role("alert").filter(has_text="The server does not answer").wait_for()
        said = int(page.locator("#decided-count").inner_text())
        assert 1 <= said <= len(own_site.decisions()) <= 3


def test_a_build_beside_the_review_is_taken_up_and_decisions_are_kept(
    window: Callable[..., Window], own_site: Reviewed
) -> None:
    with serving(own_site) as server:
        review_beside_a_build(window().open(server.link), own_site)


def review_beside_a_build(page: Page, reviewed: Reviewed) -> None:
    with_text(page, "ship guard")
    changed = current(page)
    page.keyboard.press("a")
    wait_saved(page, 1)
    with_text(page, "ship deploy orders")
    kept = current(page)
    page.keyboard.press("a")
    wait_saved(page, 2)
    wiki = reviewed.site.pages() / "ops" / "export.md"
    wiki.write_text(PAGES["ops/export.md"].replace("after 15 minutes", "after 20 minutes"), encoding="utf-8")
    reviewed.site.build()
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.get_by_text("There is a new build.").wait_for()
    page.get_by_role("link", name="Reload to review it").click()
    page.locator("[data-state='evidence changed']").wait_for()
    expect(page.locator(f"#r-{kept}")).to_have_attribute("data-state", "accepted")
    page.keyboard.press("f")
    page.locator("#filter").select_option("changed")
    page.locator(".claim.s-evidence-changed").wait_for()
    expect(page.locator(".diff del")).to_have_text("15")
    expect(page.locator(".diff ins")).to_have_text("20")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    wait_saved(page, 2)
    assert changed not in reviewed.decisions()
    assert kept in reviewed.decisions()


# -- harm --------------------------------------------------------------------------------------------------------------


def test_pages_that_mean_harm_neither_run_nor_load_anything(window: Callable[..., Window], tmp_path: Path) -> None:
    hostile = built(tmp_path / "site", {"deploy.html": HOSTILE, "nightly.md": HOSTILE_MARKDOWN})
    with serving(hostile) as server:
        own = window()
        page = own.open(server.link)
        origin = page.url.split("/?")[0].rstrip("/")
        for claim in hostile.claim_ids():
            for path in (f"/?claim={claim}", f"/page?claim={claim}&source=deploy.html", "/preview", "/gaps"):
                page.goto(origin + path)
                for name in ("raw", "page"):
                    for tab in page.locator(f".as-{name} + label").all():
                        tab.click()
                assert page.evaluate("window.harmed") is None
                held = "iframe, object, embed, svg, math, link[rel=stylesheet], base, [onerror], [onload], [onclick]"
                assert page.locator(held).count() == 0
        assert {url for url in own.asked if not url.startswith((origin, "data:,"))} == set()
        assert [fault for fault in own.faults if "422" not in fault] == []


def test_another_site_cannot_frame_the_review_or_post_to_it(
    window: Callable[..., Window], server: Server, reviewed: Reviewed, tmp_path: Path
) -> None:
    own = window()
    page = own.open(server.link)
    origin, claim = page.url.split("/?")[0].rstrip("/"), current(page)
    attack = f"""<form method=post action="{origin}/decide" id=f><input name=claim value="{claim}"><input name=kind
        value=accepted><input name=stamp value=""></form><iframe src="{origin}/"></iframe>
        <script>fetch("{origin}/decide", {{method: "POST", mode: "no-cors", credentials: "include",
        body: new URLSearchParams({{claim: "{claim}", kind: "accepted", stamp: ""}})}}).catch(() => 0)
        .then(() => f.submit())</script>"""
    (tmp_path / "attack.html").write_text(attack, encoding="utf-8")
    page.goto((tmp_path / "attack.html").as_uri())
    page.wait_for_url(f"{origin}/decide")
    assert "Open the link" in page.inner_text("body") or "own page" in page.inner_text("body")
    assert reviewed.decisions() == {}


# -- for everybody -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"])
def test_axe_finds_nothing(
    window: Callable[..., Window], server: Server, reviewed: Reviewed, options: dict[str, Any]
) -> None:
    page = window(**options).open(server.link)
    with_text(page, "NIGHTLY_TOKEN of the nightly job")
    assert violations(page) == []
    for key in "ero":
        page.keyboard.press(key)
        assert violations(page) == []
        page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.press("1")
    wait_saved(page, 1)
    page.keyboard.press("?")
    assert violations(page) == []
    page.keyboard.press("Escape")
    if options is PHONE:  # the other pages have the same style
        return
    for path in ("preview", "gaps"):
        page.goto(server.link.split("?")[0] + path)
        assert violations(page) == []


def test_a_screen_reader_is_told_and_the_focus_goes_along(window: Callable[..., Window], server: Server) -> None:
    page = window().open(server.link)
    claim = current(page)
    page.keyboard.press("a")
    wait_for_claim(page, claim)
    wait_saved(page, 1)
    expect(page.get_by_role("status").filter(has_text="Saved: accepted.")).to_have_count(1)
    expect(page.locator(".statement:focus")).to_have_count(1)
    expect(page.locator(".row[aria-current=true]")).to_have_count(1)
    seen = []
    for _ in range(30):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("(document.activeElement.innerText || '').split('\\n')[0].trim()"))
    for name in ("Accept", "Edit", "Reject"):
        assert any(text.startswith(name) for text in seen)


def test_on_a_phone_everything_fits_and_is_decided_by_touch(
    window: Callable[..., Window], server: Server, reviewed: Reviewed
) -> None:
    page = window(**PHONE).open(server.link)
    fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    claim = current(page)
    assert page.evaluate(fits)
    small = page.evaluate(
        "[...document.querySelectorAll('.bar button, .bar a')]"
        ".filter((one) => one.getBoundingClientRect().height < 40).length"
    )
    assert small == 0
    page.get_by_role("button", name="Accept").tap()
    following = wait_for_claim(page, claim)
    wait_saved(page, 1)
    page.get_by_role("button", name="Reject").tap()
    assert page.evaluate(fits)
    page.get_by_text("Too general").tap()
    wait_for_claim(page, following)
    wait_saved(page, 2)
    assert reviewed.decisions()[following].reason == "Too general"
    page.locator("#list summary").tap()
    assert page.evaluate(fits)
    assert page.locator("#search").bounding_box()["width"] > 120  # type: ignore[index]
    expect(page.locator("#filter")).to_be_visible()
    page.locator(".row").nth(5).tap()
    expect(page.locator("#list nav")).to_be_hidden()
    assert page.evaluate(fits)


# -- much of it -------------------------------------------------------------------------------------------------------


def test_of_a_page_of_2_mb_a_part_is_shown_until_all_is_asked_for(
    window: Callable[..., Window], tmp_path: Path
) -> None:
    filler = "".join(f"{n}: a line of the log that somebody pasted here\n" for n in range(40_000))
    page_text = PAGES["deploy.md"] + "\n# Annex\n\n```text\n" + filler + "```\n"
    assert len(page_text) > 2_000_000
    long = built(tmp_path / "site", {"deploy.md": page_text})
    with serving(long) as server:
        page = window().open(server.link)
        with_text(page, "ship deploy orders")
        expect(page.locator(".claim mark").first).to_be_visible()
        assert len(page.content()) < 300_000
        page.get_by_text("Show all of its").click()
        page.locator(".whole-page").wait_for(timeout=30_000)
        assert page.evaluate("document.querySelector('.whole-page').textContent.includes('39999: a line')")


@pytest.mark.long
def test_the_pictures_of_the_documentation_are_made(window: Callable[..., Window], tmp_path: Path) -> None:
    from corpus_builder import CORPUS, run_sample

    from skillgen.pipeline.indexes import make_embedder
    from skillgen.settings import Settings

    run_sample(tmp_path, CORPUS, make_embedder(Settings()))
    (tmp_path / "skillgen.toml").write_text('workspace = "workspace"\n', encoding="utf-8")
    site = copy_of_sample(tmp_path)
    images = ROOT / "docs" / "images" if os.environ.get(PICTURES) else tmp_path
    images.mkdir(exist_ok=True)
    with serving(site) as server:
        for name, options in (("light", {}), ("dark", {"color_scheme": "dark"}), ("phone", PHONE)):
            page = window(**options).open(server.link)
            if name == "light":
                for done, keys in enumerate(("a", "a", "r1", "a", "a"), start=1):
                    for key in keys:
                        page.keyboard.press(key)
                    wait_saved(page, done)
            if name == "dark":
                with_text(page, "A token from")
                page.keyboard.press("e")
                page.keyboard.type(" It lasts 8 hours.")
                page.locator("#live .unsupported").wait_for()
            page.wait_for_timeout(400)
            page.screenshot(path=images / f"review-{name}.png")


def copy_of_sample(root: Path) -> Reviewed:
    from corpus_builder import Site

    class Sample(Reviewed):
        @property
        def package(self) -> Path:
            return self.root / "sample"

    return Sample(root, Site(root=root))


@pytest.mark.long
def test_five_thousand_claims_are_as_quick_as_a_few(window: Callable[..., Window], tmp_path: Path) -> None:
    many = five_thousand_claims(tmp_path / "site")
    with serving(many) as server:
        page, paint = window().page, []
        for _ in range(3):  # a busy machine slows some; it has to be quick only once
            page.goto(server.link)
            paint.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        painted = min(paint)
        assert page.locator(".row").count() == 5000
        times = []
        for _ in range(20):
            at = current(page)
            page.evaluate(STOPWATCH)
            page.keyboard.press("a")
            wait_for_claim(page, at)
            page.wait_for_function("() => window.shownAfter")
            times.append(page.evaluate("window.shownAfter"))
        wait_saved(page, 20)
        print(json.dumps({"first paint ms": painted, "next claim ms": sorted(times)[10]}))  # noqa: T201 - measured
        assert painted < 1500
        assert sorted(times)[10] < 100


def five_thousand_claims(folder: Path) -> Reviewed:
    """Return a review of 100 pages, 50 claims each."""
    pages = {
        f"p{n}.md": f"# Deploys of region {n}\n\n"
        + "".join(
            f"The deploy of service `svc-{n}-{k}` starts at 0{k % 9 + 1}:15 UTC and waits {k + 2} minutes.\n\n"
            for k in range(50)
        )
        for n in range(100)
    }
    return copy_with_claims(built(folder, pages))


def copy_with_claims(reviewed: Reviewed) -> Reviewed:
    """Make a claim of every sentence of the pages: more than a build ever keeps."""
    from dataclasses import replace

    from skillgen.draft import claim_id, draft_json
    from skillgen.model.citing import cite
    from skillgen.model.draft import Claim, Verdict
    from skillgen.model.lines import Lines
    from skillgen.pipeline.decide import read_draft
    from skillgen.workspace import open_workspace

    path = reviewed.site.workspace / "drafts" / "releases.json"
    draft = read_draft(path)
    verdict = Verdict(support="supported", reason="Every word stands in a quote.", checker="rules/2")
    claims: list[Claim] = []
    with open_workspace(reviewed.site.workspace) as workspace:
        for page in workspace.store.pages():
            lines = Lines.of(page.text)
            for block in page.blocks:
                if block.kind == "paragraph":
                    quote = cite(page, lines, block, block.start, block.end)
                    facet = draft.answers[len(claims) % len(draft.answers)].facets[0].id
                    claims.append(
                        Claim(
                            id=claim_id(quote.quote, [quote]),
                            text=quote.quote,
                            lead="",
                            facets=(facet,),
                            also_answers=(),
                            in_body=False,
                            delta=0.8,
                            verdict=verdict,
                            citations=(quote,),
                        )
                    )
    count = len(draft.answers)
    answers = tuple(replace(answer, claims=tuple(claims[at::count])) for at, answer in enumerate(draft.answers))
    path.write_text(draft_json(replace(draft, answers=answers, contradictions=())), encoding="utf-8")
    return reviewed


def test_the_key_list_names_every_key_of_the_script() -> None:
    script = (ROOT / "templates" / "review" / "review.js").read_text(encoding="utf-8")
    bound = set(
        re.findall(r"[{,\s]\"?([a-z/?])\"?: (?:\(\) =>|cycleView|undo)", script.split("/* ---- keys ---- */")[1])
    )
    listed = set(re.findall(r"<kbd>([a-z/])</kbd>", (ROOT / "templates/review/keys.html.j2").read_text("utf-8")))
    assert bound - {"?"} == listed
