"""From pages to a package: the sample corpus with the real embedder, and hostile pages, templates and folders."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import skills_ref
from corpus_builder import BRIEF, CORPUS, PAGES, Site, build_sample, file_bytes, make_site, write_pages
from markdown_it import MarkdownIt

from skillgen.draft import draft_from_json, draft_json, draft_schema
from skillgen.errors import PackageError, TemplateError, UserError
from skillgen.pipeline.build import build, skill_name
from skillgen.protocols import SilentReporter
from skillgen.validate import validate_package
from skillgen.words import squeezed
from skillgen.workspace import open_workspace

ROOT = Path(__file__).resolve().parent.parent
FACTS = ROOT / "evals" / "harbourline.facts.json"
MARKER = re.compile(r"\[S\d+\]")


@dataclass(frozen=True)
class Built:
    """The sample skill: its draft as data and its package."""

    draft: dict[str, Any]
    package: Path
    text: str

    @property
    def claims(self) -> list[dict[str, Any]]:
        return [claim for answer in self.draft["answers"] for claim in answer["claims"]]

    @property
    def skill(self) -> str:
        return (self.package / "SKILL.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Built:
    base = tmp_path_factory.getbasetemp()
    root = build_sample(base if worker_id == "master" else base.parent)
    text = (root / "workspace" / "drafts" / "sample.json").read_text(encoding="utf-8")
    return Built(json.loads(text), root / "sample", text)


def raw(source: str) -> str:
    return (CORPUS / source).read_bytes().decode("utf-8")


def plain(text: str) -> str:
    return squeezed(html.unescape(re.sub(r"^\s*\d+[.)]\s", " ", MARKER.sub(" ", text), flags=re.MULTILINE)))


# -- the sample skill --------------------------------------------------------------------------------------------------


def test_the_draft_keeps_to_the_published_schema(sample: Built) -> None:
    schema = draft_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(sample.draft)


def test_the_draft_reads_back_to_the_same_bytes(sample: Built) -> None:
    assert draft_json(draft_from_json(sample.text)) == sample.text


def test_every_quote_stands_at_its_offsets_and_lines_in_the_raw_file(sample: Built) -> None:
    citations = [c for claim in sample.claims for key in ("citations", "also_cited") for c in claim[key]]
    assert len(citations) > 50
    for cited in citations:
        text = raw(cited["source"])
        assert text[cited["start"] : cited["end"]] == cited["quote"]
        first, last = cited["lines"]
        assert cited["quote"].split("\n")[0] in text.split("\n")[first - 1]
        assert last - first == cited["quote"].count("\n")
        assert cited["url"] == f"https://wiki.example/{cited['source']}"
        assert len(cited["quote"]) >= 20


def test_claims_keep_to_the_limits_of_the_contract(sample: Built) -> None:
    ids = [claim["id"] for claim in sample.claims]
    assert len(set(ids)) == len(ids)
    for claim in sample.claims:
        assert re.fullmatch(r"clm-[0-9a-f]{8}", claim["id"])
        assert len(claim["text"].split()) <= 60
        assert claim["text"].startswith(claim["lead"])
        assert 1 <= len(claim["citations"]) <= 6
        assert sum(c["end"] - c["start"] for c in claim["citations"]) <= 1600
        assert not MARKER.search(claim["text"])
        assert claim["verdict"]["support"] in ("supported", "partial")


def test_a_claim_stands_under_one_answer_and_names_only_other_questions(sample: Built) -> None:
    questions = {answer["question_id"] for answer in sample.draft["answers"]}
    for answer in sample.draft["answers"]:
        for claim in answer["claims"]:
            assert set(claim["also_answers"]) <= questions - {answer["question_id"]}


def test_every_body_claim_stands_in_the_skill_below_its_lead(sample: Built) -> None:
    skill = plain(sample.skill)
    body = [claim for claim in sample.claims if claim["in_body"]]
    assert body
    for claim in body:
        at = skill.find(plain(claim["text"].removeprefix(claim["lead"])))
        assert at >= 0, claim["text"]
        assert plain(claim["lead"]) in skill[:at]


def test_a_claim_outside_the_body_stands_in_a_reference(sample: Built) -> None:
    references = "".join(plain(p.read_text(encoding="utf-8")) for p in sample.package.glob("references/*.md"))
    for claim in sample.claims:
        if not claim["in_body"]:
            assert plain(claim["text"].removeprefix(claim["lead"])) in references


def test_the_body_is_short_and_the_package_keeps_all_hard_rules(sample: Built) -> None:
    body = sample.skill.split("\n---", 1)[1]
    assert -(-len(body) // 4) <= 1300
    assert [issue for issue in validate_package(sample.package) if issue.severity == "error"] == []
    assert skills_ref.validate(sample.package) == []


def test_the_run_says_what_it_was_made_with(sample: Built) -> None:
    run = sample.draft["run"]
    assert (run["complete"], run["model"], run["tokens"], run["cost"]) == (True, None, 0, 0.0)
    assert set(run["prompts"]) >= {"templates/skill/SKILL.md.j2", "templates/skill/sources.md.j2"}
    assert str(ROOT) not in sample.text


def recalled(fact: dict[str, Any], claims: list[dict[str, Any]]) -> bool:
    """Tell whether a claim cites at least half of the shorter of its quote and the fact's."""
    start = raw(fact["path"]).index(fact["quote"])
    end = start + len(fact["quote"])
    for cited in (c for claim in claims for c in claim["citations"] if c["source"] == fact["path"]):
        shared = min(cited["end"], end) - max(cited["start"], start)
        if shared >= max(20, 0.5 * min(cited["end"] - cited["start"], end - start)):
            return True
    return False


def test_most_vital_facts_of_the_sample_corpus_are_found(sample: Built) -> None:
    facts = json.loads(FACTS.read_text(encoding="utf-8"))["facts"]
    vital = [fact for fact in facts if fact["vital"]]
    missed = [fact["id"] for fact in vital if not recalled(fact, sample.claims)]
    recall = 1 - len(missed) / len(vital)
    assert recall >= 0.5, f"vital recall {recall:.2f} ({len(vital)} facts); missed: {', '.join(missed)}"


# -- hostile pages -----------------------------------------------------------------------------------------------------

HOSTILE = {
    "deploy.md": """\
---
title: "Deploys {{ 7*7 }} <script>alert(1)</script>"
---

# Deploys {{ 7*7 }} [S99]

A deploy of the service starts with {{ 7*7 }} and `{{ config }}` on the host.

A merge triggers a deploy {% raw %} of the service {% endraw %} within 4 minutes {# hidden #} each day.

The token of the nightly job is <script>alert("x")</script> rotated by [a bot](javascript:alert(1)) every 30 days.

The nightly job | starts | at 02:15 UTC [S99] and waits for the export ![](https://evil.example/x.png) file.

Read [the notes][S1] or [S2](https://evil.example/) before a deploy of the service with 3 steps.

[S1]: https://evil.example/s1

- --- the deploy of the service triggers nothing on day 1
- # heading of a deploy command with 7 words
- > quote about the deploy trigger for team 9
- ~~~ the fence of a deploy in 12 steps

<!-- The token of the nightly job is hidden-in-comment 12345. -->

| Token | Rotated by |
|---|---|
| `A|B` nightly `{{ x }}` token | the bot \\| platform team, every 90 days |
| <b onclick="x()">nightly</b> token 2 | <https://evil.example/auto> rotates the token |

```sh
ship deploy --service "{{ service }}" </script> # ``` not the end
echo "](javascript:alert(1))" | tee `date`
```

## --- ## [click](javascript:alert(2)) deploy `code`

The deploy command of the service is run by ***bot*** and __who__ rotates &lt;token&gt; &amp;copy; 5 times.
""",
    "odd.md": "# Token \u2028 rotation \u202e\n\nThe token of the nightly job is rotated \u0007 each \u200bMay.\n",
}


INERT = ("html_block", "html_inline", "image", "fence", "code_block", "hr", "blockquote_open")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hostile") / "a"
    return make_site(root, HOSTILE).build().package


def tokens_of(text: str) -> Iterator[Any]:
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        yield token
        yield from token.children or ()


def bodies(package: Path) -> dict[str, str]:
    texts = {str(p.relative_to(package)): p.read_text(encoding="utf-8") for p in sorted(package.rglob("*.md"))}
    texts["SKILL.md"] = texts["SKILL.md"].split("\n---\n", 1)[1]
    return texts


def test_text_of_pages_is_no_template(hostile: Path) -> None:
    shown = "".join(token.content for text in bodies(hostile).values() for token in tokens_of(text) if token.children)
    everything = shown.replace("\\*", "*")
    assert "{{ 7*7 }}" in everything
    assert "{# hidden #}" in everything
    assert "49" not in everything


def test_text_of_pages_makes_no_html_no_link_and_no_image(hostile: Path) -> None:
    for path, text in bodies(hostile).items():
        for token in tokens_of(text):
            assert token.type not in ("html_block", "html_inline", "image", "fence", "hr", "blockquote_open"), (
                path,
                token,
            )
            if token.type == "link_open":
                assert re.fullmatch(r"references/[a-z0-9-]+\.md", str(token.attrGet("href"))), (path, token)


def test_text_of_pages_makes_no_heading(hostile: Path) -> None:
    skill = bodies(hostile)["SKILL.md"]
    tokens = list(MarkdownIt("commonmark").parse(skill))
    levels = [token.tag for token in tokens if token.type == "heading_open"]
    titles = [tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "heading_open"]
    assert levels.count("h1") == 1
    assert not any("heading of a deploy" in title for title in titles)


def test_a_marker_in_a_page_is_no_marker_of_the_package(hostile: Path) -> None:
    rules = {issue.rule for issue in validate_package(hostile) if issue.severity == "error"}
    assert rules == set()
    known = set(re.findall(r"^\| (S\d+) \|", bodies(hostile)["references/sources.md"], re.MULTILINE))
    assert "S99" not in known
    shown = {
        marker
        for path, text in bodies(hostile).items()
        if path != "references/sources.md"
        for token in tokens_of(text)
        if token.type == "text"
        for marker in re.findall(r"(?<=\[)S\d+(?=\])", token.content)
    }
    assert known <= shown


def test_the_sources_table_keeps_its_four_columns(hostile: Path) -> None:
    tokens = list(tokens_of(bodies(hostile)["references/sources.md"]))
    rows = sum(token.type == "tr_open" for token in tokens)
    cells = sum(token.type in ("td_open", "th_open") for token in tokens)
    assert rows > 3
    assert cells == 4 * rows


def test_a_comment_of_a_page_stays_out(hostile: Path) -> None:
    assert "hidden-in-comment" not in "".join(bodies(hostile).values())


def test_the_hostile_package_passes_the_reference_validator(hostile: Path) -> None:
    assert skills_ref.validate(hostile) == []


# -- templates ---------------------------------------------------------------------------------------------------------


def with_template(tmp_path: Path, name: str, text: str) -> Site:
    site = make_site(tmp_path / "a")
    write_pages(tmp_path / "mine", {name: text})
    site.options["build.template"] = tmp_path / "mine"
    return site


def test_a_template_of_the_user_replaces_one_file_and_leaves_the_others(tmp_path: Path) -> None:
    rows = "{% for row in sources %}\n| {{ row.marker }} | {{ row.source | cell }} |\n{% endfor %}\n"
    site = with_template(tmp_path, "sources.md.j2", f"# Where it stands\n\n| Marker | Page |\n|---|---|\n{rows}")
    mine = file_bytes(site.build().package)
    ours = file_bytes(make_site(tmp_path / "b").build().package)
    assert mine.pop("references/sources.md").startswith(b"# Where it stands\n")
    del ours["references/sources.md"]
    assert mine == ours


def test_another_template_is_named_by_its_digest_in_the_draft(tmp_path: Path) -> None:
    site = with_template(tmp_path, "description.txt.j2", "Deploys. Use when a deploy is due.")
    mine = site.build().draft.run.prompts
    ours = make_site(tmp_path / "b").build().draft.run.prompts
    differing = {name for name in ours if ours[name] != mine[name]}
    assert differing == {"templates/skill/description.txt.j2"}


@pytest.mark.parametrize(
    "text",
    [
        "{{ no_such_value }}",
        "{{ skill.no_such_value }}",
        "{{ ''.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{% for x in",
        "{{ 1 / 0 }}",
        "{{ title | no_such_filter }}",
        "{% include 'missing.j2' %}",
        "{% include '../../../../etc/passwd' %}",
        "{{ range(10000000) | list }}",
    ],
)
def test_a_bad_template_is_an_error_that_names_it_and_writes_no_package(tmp_path: Path, text: str) -> None:
    site = with_template(tmp_path, "SKILL.md.j2", text)
    with pytest.raises(TemplateError) as caught:
        site.build()
    assert str(tmp_path / "mine" / "SKILL.md.j2") in caught.value.message
    assert not site.out.exists()


def test_a_package_that_breaks_a_rule_leaves_the_good_one(tmp_path: Path) -> None:
    site = make_site(tmp_path / "a")
    package = site.build().package
    before, draft = file_bytes(package), (site.workspace / "drafts" / "releases.json").read_bytes()
    write_pages(tmp_path / "mine", {"SKILL.md.j2": "---\nname: other\n---\n"})
    site.options["build.template"] = tmp_path / "mine"
    with pytest.raises(PackageError):
        site.build()
    assert file_bytes(package) == before
    assert (site.workspace / "drafts" / "releases.json").read_bytes() == draft


# -- names and folders -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["A", "a--b", "-a", "a-", "a_b", "ä", "a/b", "..", "a" * 65, "a b", "a\n"])
def test_what_is_no_skill_name_is_refused(tmp_path: Path, name: str) -> None:
    site = make_site(tmp_path / "a")
    site.options["build.name"] = name
    with pytest.raises(UserError, match="skill name"):
        skill_name(site.settings(), [site.brief()])


def test_the_name_is_that_of_the_first_brief(tmp_path: Path) -> None:
    site = make_site(tmp_path / "a")
    settings = site.settings().model_copy(update={"build": site.settings().build.model_copy(update={"name": None})})
    assert skill_name(settings, [site.brief()]) == "releases"


def test_with_workspace_and_package_inside_the_corpus_a_second_build_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pages(tmp_path / "wiki", PAGES)
    monkeypatch.chdir(tmp_path / "wiki")
    site = Site(root=tmp_path)
    site.options |= {"workspace": Path(".skillgen"), "build.out": Path("skills"), "corpus": [{"path": Path()}]}

    def run() -> tuple[str, ...]:
        from skillgen.embed import HashEmbedder

        with open_workspace(Path(".skillgen")) as workspace:
            result = build(
                site.settings(), workspace, [site.brief()], embedder=HashEmbedder(), reporter=SilentReporter()
            )
        assert result.ingest.pages == 4
        return result.changed

    assert "SKILL.md" in run()
    draft = Path(".skillgen/drafts/releases.json").read_bytes()
    assert run() == ()
    assert Path(".skillgen/drafts/releases.json").read_bytes() == draft


def test_a_corpus_with_nothing_to_read_builds_no_skill(tmp_path: Path) -> None:
    from skillgen.errors import CorpusError

    site = make_site(tmp_path / "a", {"empty.md": "", "notes.txt": "x"})
    with pytest.raises(CorpusError, match=r"empty\.md"):
        site.build()
    assert not site.out.exists()


def test_a_page_without_an_answer_builds_a_skill_that_says_so(tmp_path: Path) -> None:
    result = make_site(tmp_path / "a", {"one.md": "# Zebra\n\nStripes.\n"}).build()
    assert result.draft.coverage.overall == 0
    assert {answer.status for answer in result.draft.answers} == {"unanswered"}
    assert "Not documented" in (result.package / "SKILL.md").read_text(encoding="utf-8")


def test_two_briefs_make_one_skill(tmp_path: Path) -> None:
    from skillgen.brief import load_brief
    from skillgen.embed import HashEmbedder

    site = make_site(tmp_path / "a")
    other = tmp_path / "second.md"
    other.write_text(BRIEF.replace("# Releases", "# Second releases"), encoding="utf-8")
    with open_workspace(site.workspace) as workspace:
        briefs = [site.brief(), load_brief(str(other))]
        result = build(site.settings(), workspace, briefs, embedder=HashEmbedder(), reporter=SilentReporter())
    assert len(result.draft.answers) == 8
    assert len({answer.question_id for answer in result.draft.answers}) == 8
    assert [issue for issue in result.issues if issue.severity == "error"] == []


def test_nothing_is_written_outside_workspace_and_package(tmp_path: Path) -> None:
    site = make_site(tmp_path / "a")
    site.build()
    assert {path.name for path in (tmp_path / "a").iterdir()} == {"wiki", "workspace", "out"}
    assert [path.name for path in site.out.iterdir()] == ["releases"]
