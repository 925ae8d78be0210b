"""The catalogue: what its README promises, what a user's own file adds, and which tools a text names."""

from __future__ import annotations

import functools
import random
import re
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest
import yaml
from growth import assert_time_follows_length
from hypothesis import given, settings
from hypothesis import strategies as st

from skillgen.brief import parse_brief
from skillgen.catalogue import (
    ToolFinder,
    catalogue_digest,
    load_catalogue,
    load_wording,
    phrase_stems,
    with_vocabulary,
)
from skillgen.errors import BriefError, SettingsError
from skillgen.expand import expand_questions
from skillgen.model.brief import Brief, Plan
from skillgen.model.catalogue import Catalogue, Concern, Tool, ToolKind

HYPHENATED = re.compile(r"[a-z]+(?:-[a-z]+)*")


@functools.cache
def built_in() -> Catalogue:
    return load_catalogue()


def own(text: str, folder: Path) -> Catalogue:
    file = folder / "own.yaml"
    file.write_text(text, encoding="utf-8")
    return load_catalogue(file)


def kind_of(catalogue: Catalogue, name: str) -> ToolKind:
    (found,) = (kind for kind in catalogue.kinds if kind.kind == name)
    return found


def concern_of(catalogue: Catalogue, name: str) -> Concern:
    (found,) = (concern for concern in catalogue.concerns if concern.concern == name)
    return found


# The built-in files


def test_the_built_in_lists_are_long_enough_to_be_of_use() -> None:
    assert len(built_in().tools) >= 400
    assert len(built_in().concerns) >= 30


def test_every_kind_has_everything() -> None:
    for kind in built_in().kinds:
        assert all((kind.kind, kind.label, kind.words, kind.artefacts, kind.credentials, kind.tools)), kind.kind
        assert {tool.kind for tool in kind.tools} == {kind.kind}


def test_every_concern_has_everything() -> None:
    for concern in built_in().concerns:
        parts = (concern.label, concern.asks, concern.objects, concern.actions, concern.cues, concern.ideal)
        assert all(parts), concern.concern


def test_names_are_in_lower_case_with_hyphens_and_stand_once() -> None:
    for names in ([kind.kind for kind in built_in().kinds], [concern.concern for concern in built_in().concerns]):
        assert [name for name in names if not HYPHENATED.fullmatch(name)] == []
        assert len(set(names)) == len(names)


def test_no_name_or_alias_stands_twice() -> None:
    names = Counter(name.casefold() for tool in built_in().tools for name in (tool.name, *tool.aliases))
    assert [name for name, count in names.items() if count > 1] == []


def test_an_ambiguous_name_has_the_capital_letter_it_is_told_by() -> None:
    assert [tool.name for tool in built_in().tools if tool.ambiguous and not tool.name[0].isupper()] == []
    assert any(tool.ambiguous for tool in built_in().tools)


def test_no_entry_of_a_list_is_empty_or_stands_there_twice() -> None:
    records: list[ToolKind | Concern | Tool] = [*built_in().kinds, *built_in().concerns, *built_in().tools]
    for record in records:
        for name in (field.name for field in fields(record)):
            values = getattr(record, name)
            if isinstance(values, tuple) and name != "tools":
                assert all(value.strip() for value in values), record
                assert len({value.casefold() for value in values}) == len(values), (name, record)


def test_every_name_and_alias_is_found_as_its_own_tool() -> None:
    finder = ToolFinder(built_in().tools)
    for tool in built_in().tools:
        for name in (tool.name, *tool.aliases):
            assert [mention.tool for mention in finder.find(f"We use {name}, as a rule.")] == [tool], name


# The user's own file


def test_without_a_file_of_ones_own_the_lists_are_the_built_in_ones(tmp_path: Path) -> None:
    assert own("tools:\nconcerns:\n", tmp_path) == own("{}", tmp_path) == built_in()


def test_an_own_file_adds_to_a_kind_and_to_a_concern_that_are_there(tmp_path: Path) -> None:
    text = """
tools:
  - kind: ci-cd
    label: Another label
    words: [bake run]
    tools: [{name: Ovenctl, aliases: [oven], files: [oven.toml], ambiguous: true}]
concerns:
  - {concern: approval, asks: [the baker's nod], cues: [has been nodded through]}
"""
    catalogue = own(text, tmp_path)
    before, after = kind_of(built_in(), "ci-cd"), kind_of(catalogue, "ci-cd")
    oven = Tool(name="Ovenctl", kind="ci-cd", aliases=("oven",), files=("oven.toml",), ambiguous=True)
    assert after == replace(before, words=(*before.words, "bake run"), tools=(*before.tools, oven))
    asked, asks = concern_of(built_in(), "approval"), concern_of(catalogue, "approval")
    assert asks == replace(asked, asks=(*asked.asks, "the baker's nod"), cues=(*asked.cues, "has been nodded through"))
    assert [kind.kind for kind in catalogue.kinds] == [kind.kind for kind in built_in().kinds]
    assert len(catalogue.tools) == len(built_in().tools) + 1


def test_an_own_file_brings_new_kinds_and_concerns_behind_the_others(tmp_path: Path) -> None:
    text = """
tools:
  - {kind: ovens, words: [oven], tools: [{name: 4711}]}
  - {kind: ovens, tools: [{name: Steamer}]}
concerns:
  - {concern: proving, label: how dough rises, asks: [rise]}
"""
    catalogue = own(text, tmp_path)
    assert catalogue.kinds[:-1] == built_in().kinds
    assert catalogue.kinds[-1] == ToolKind(
        kind="ovens",
        label="ovens",
        words=("oven",),
        tools=(Tool(name="4711", kind="ovens"), Tool(name="Steamer", kind="ovens")),
    )
    assert catalogue.concerns == (
        *built_in().concerns,
        Concern(concern="proving", label="how dough rises", asks=("rise",)),
    )


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    assert own("\ufefftools: []\n", tmp_path) == built_in()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "other keys"),
        ("- kind: ovens", "other keys"),
        ("tools: []\nwords: []", "other keys"),
        ("tools: 5", "a list of entries"),
        ("tools: {kind: ovens}", "a list of entries"),
        ("tools: [ovens]", "a list of entries"),
        ("concerns: approval", "a list of entries"),
        ("tools: [{kind: ovens, tools: Steamer}]", "a list of entries"),
        ("tools: [{label: Ovens}]", "no `kind`"),
        ("tools: [{kind: ''}]", "no `kind`"),
        ("tools: [{kind: ovens, tools: [{aliases: [x]}]}]", "no `name`"),
        ("concerns: [{asks: [rise]}]", "no `concern`"),
        ("tools: [{kind: ovens, colour: red}]", "unknown key `colour`"),
        ("tools: [{kind: ovens, 5: red}]", "unknown key `5`"),
        ("tools: [{kind: ovens, tools: [{name: Steamer, alias: [x]}]}]", "unknown key `alias`"),
        ("tools: [{kind: ovens, tools: [{name: Steamer, kind: stoves}]}]", "unknown key `kind`"),
        ("concerns: [{concern: proving, ask: [rise]}]", "unknown key `ask`"),
        ("concerns: [{concern: proving, asks: rise}]", "`asks` of proving is no list"),
        ("tools: [{kind: ovens, words: {oven: 1}}]", "`words` of ovens is no list"),
        ("tools: [{kind: ovens, tools: [{name: Steamer, ambiguous: 'no'}]}]", "`ambiguous` of Steamer"),
        ("tools: [", "cannot be read"),
        ("tools: \0", "cannot be read"),
        ("tools: [{kind: 2024-99-99}]", "cannot be read"),
        ("tools: !!int ''", "cannot be read"),
    ],
)
def test_what_has_another_shape_is_refused_by_the_name_of_the_file(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=re.escape(says)) as caught:
        own(text, tmp_path)
    assert str(tmp_path / "own.yaml") in caught.value.message
    assert caught.value.hint


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("tools: [] # Öfen".encode("latin-1"))
    for path in (tmp_path / "missing.yaml", tmp_path, latin):
        with pytest.raises(SettingsError, match="cannot be read") as caught:
            load_catalogue(path)
        assert str(path) in caught.value.message


@settings(max_examples=12)  # each reads the built-in lists
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_no_value_of_an_entry_but_its_own_type_is_taken(value: object) -> None:
    entry = {"kind": "ovens", "words": value}
    with tempfile.TemporaryDirectory() as folder:
        text = yaml.safe_dump({"tools": [entry]}, allow_unicode=False)
        if isinstance(value, list):
            assert own(text, Path(folder)).kinds[-1].words == tuple(str(item) for item in value)
        else:
            with pytest.raises(SettingsError):
                own(text, Path(folder))


# The digest


def test_the_digest_is_that_of_the_entries_wherever_they_came_from() -> None:
    assert catalogue_digest(load_catalogue()) == catalogue_digest(built_in())
    assert re.fullmatch("[0-9a-f]{64}", catalogue_digest(Catalogue()))


def test_the_digest_covers_the_wording_whatever_a_user_adds(tmp_path: Path) -> None:
    added = own("tools: [{kind: ovens}]", tmp_path)
    assert added.wording == with_vocabulary(added, []).wording == load_wording() != ()
    assert catalogue_digest(added) != catalogue_digest(replace(added, wording=added.wording[1:]))


def test_every_wording_says_something_and_names_its_thing_once() -> None:
    wording = load_wording()
    assert len({one.thing for one in wording}) == len(wording)
    for one in wording:
        stems = [phrase_stems(phrase) for phrase in (one.thing, *one.asks, *one.says)]
        assert one.says, one.thing
        assert len(set(stems)) == len(stems), one.thing


SMALL = Catalogue(
    kinds=(ToolKind(kind="ovens", label="Ovens", tools=(Tool(name="Steamer", kind="ovens"),)),),
    concerns=(Concern(concern="proving", label="Proving"),),
)


def _with_tool(**values: object) -> Callable[[Catalogue], Catalogue]:
    def change(catalogue: Catalogue) -> Catalogue:
        (kind,) = catalogue.kinds
        tool = replace(kind.tools[0], **values)  # type: ignore[arg-type]
        return replace(catalogue, kinds=(replace(kind, tools=(tool,)),))

    return change


def test_the_digest_changes_with_any_value_of_any_entry() -> None:
    kind, concern = SMALL.kinds[0], SMALL.concerns[0]
    changed = [
        SMALL,
        Catalogue(),
        replace(SMALL, kinds=()),
        replace(SMALL, concerns=()),
        *(
            _with_tool(**{name: value})(SMALL)
            for name, value in (("name", "x"), ("kind", "x"), ("aliases", ("x",)), ("files", ("x",)))
        ),
        _with_tool(ambiguous=True)(SMALL),
        *(
            replace(SMALL, kinds=(replace(kind, **{name: value}),))  # type: ignore[arg-type]
            for name in (field.name for field in fields(ToolKind))
            for value in ["x" if isinstance(getattr(kind, name), str) else ("x",)]
        ),
        *(
            replace(SMALL, concerns=(replace(concern, **{name: value}),))  # type: ignore[arg-type]
            for name in (field.name for field in fields(Concern))
            for value in ["x" if isinstance(getattr(concern, name), str) else ("x",)]
        ),
    ]
    assert len(changed) == 4 + 5 + 6 + 7
    assert len({catalogue_digest(each) for each in changed}) == len(changed)


# Tools in a text

TOOLS = (
    Tool(name="GitLab", kind="k"),
    Tool(name="GitLab CI", kind="k", aliases=("gitlab runner",)),
    Tool(name="Git", kind="k"),
    Tool(name="Vault", kind="k", aliases=("hashicorp vault",), ambiguous=True),
    Tool(name="Flux", kind="k", aliases=("fluxcd",), ambiguous=True),
    Tool(name="dbt", kind="k"),
    Tool(name="pre-commit", kind="k"),
    Tool(name="Notepad++", kind="k"),
    Tool(name="Dead Man's Snitch", kind="k"),
    Tool(name="Node.js", kind="k"),
)
FINDER = ToolFinder(TOOLS)


def found(text: str) -> list[tuple[str, str]]:
    """Return the tools that a text names, each with the words it is named by."""
    return [(mention.tool.name, text[mention.start : mention.end]) for mention in FINDER.find(text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The GitLab CI job starts.", [("GitLab CI", "GitLab CI")]),
        ("A GitLab group and a GITLAB  ci job", [("GitLab", "GitLab"), ("GitLab CI", "GITLAB  ci")]),
        ("the gitlab runner of GitLab.", [("GitLab CI", "gitlab runner"), ("GitLab", "GitLab")]),
        ("GitLab CI GitLab CI", [("GitLab CI", "GitLab CI")] * 2),
        ("`gitlab-ci` and gitlab", [("GitLab CI", "gitlab-ci"), ("GitLab", "gitlab")]),
        ("GitLab", [("GitLab", "GitLab")]),
        ("Dead Man's GitLab", [("GitLab", "GitLab")]),
        ("dead man's snitch rings", [("Dead Man's Snitch", "dead man's snitch")]),
        ("(pre-commit), then Pre-Commit!", [("pre-commit", "pre-commit"), ("pre-commit", "Pre-Commit")]),
        ("Notepad++ is here, Notepad is not", [("Notepad++", "Notepad++")]),
        ("It is node.js. It is Node.js", [("Node.js", "node.js"), ("Node.js", "Node.js")]),
        ("", []),
        ("...++ ## _", []),
    ],
)
def test_names_are_found_as_whole_words_the_longest_first(text: str, names: list[tuple[str, str]]) -> None:
    assert found(text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The vault holds it, in flux.", []),
        ("Vault holds it, VAULT too", [("Vault", "Vault"), ("Vault", "VAULT")]),
        ("HASHICORP vault and hashicorp Vault", [("Vault", "HASHICORP vault"), ("Vault", "hashicorp Vault")]),
        ("fluxcd, FluxCD, flux", [("Flux", "fluxcd"), ("Flux", "FluxCD")]),
        ("DBT or Dbt", [("dbt", "DBT"), ("dbt", "Dbt")]),
    ],
)
def test_a_name_that_is_an_everyday_word_counts_with_its_capital_only(text: str, names: list[tuple[str, str]]) -> None:
    assert found(text) == names


@pytest.mark.parametrize(
    "text", ["legit", "digital", "GitLabs", "github.com", "git2", "vaulted Vaults", "dbtx", "égit"]
)
def test_nothing_is_found_inside_a_word(text: str) -> None:
    assert found(text) == []


def test_without_tools_nothing_is_found() -> None:
    assert ToolFinder(()).find("GitLab CI") == []
    assert ToolFinder([Tool(name="!?", kind="k")]).find("!? GitLab") == []


def _parts(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\W_]+", text.casefold()))


PIECES = st.sampled_from(
    [word for tool in TOOLS for name in (tool.name, *tool.aliases) for word in (name, name.upper(), *name.split())]
    + ["the", "ß", "İ", "日本", "x_", "+", ".", "-", "'", "\n", "#", "/"]
)
SPACES = st.sampled_from([" ", " ", "", "-", ". ", "\n", "_", "+"])


@given(st.lists(st.tuples(PIECES, SPACES) | st.tuples(st.text(max_size=5), SPACES), max_size=12))
def test_mentions_stand_in_order_apart_and_hold_a_known_name(pieces: list[tuple[str, str]]) -> None:
    text = "".join(part for piece in pieces for part in piece)
    mentions = FINDER.find(text)
    end = 0
    for mention in mentions:
        assert end <= mention.start < mention.end <= len(text)
        end = mention.end
        names = {_parts(name) for name in (mention.tool.name, *mention.tool.aliases)}
        assert _parts(text[mention.start : mention.end]) in names
        padded = f" {text} "
        for edge in (mention.start, mention.end):
            assert not padded[edge : edge + 2].isalnum()


@given(st.lists(st.sampled_from(TOOLS), max_size=8), st.randoms())
def test_the_order_of_the_tools_does_not_matter(named: list[Tool], chance: random.Random) -> None:
    tools = list(TOOLS)
    chance.shuffle(tools)
    text = ", ".join(tool.name for tool in named)
    assert ToolFinder(tools).find(text) == FINDER.find(text)
    assert [mention.tool for mention in FINDER.find(text)] == named


@pytest.mark.parametrize("piece", ["a", "a.", "a+", "+", "Git ", "GitLab CI ", "Dead Man's ", "dead-", "_", "é#"])
def test_finding_tools_takes_no_longer_than_the_text(piece: str) -> None:
    assert_time_follows_length(FINDER.find, piece * (1_000_000 // len(piece)))


# Phrases


@pytest.mark.parametrize(
    ("phrase", "stems"),
    [
        ("Rolled back", ("roll", "back")),
        ("must not", ("must", "not")),
        ("four-eyes", ("four", "eye")),
        ("approves", phrase_stems("approved")),
        ("my_table", ("my", "tabl")),
        ("--", ()),
    ],
)
def test_a_phrase_is_the_stems_of_all_its_words(phrase: str, stems: tuple[str, ...]) -> None:
    assert phrase_stems(phrase) == stems


def _brief(vocabulary: str) -> Brief:
    text = (
        "# Ovens\n\n## Focus\nOvens.\n\n## Delta Principle\nOurs.\n\n## Coverage Targets\n- Heat: who says when\n\n"
        f"## Vocabulary\n{vocabulary}\n\n## Questions to Research\n1. Who gives the sign-off for an oven?\n"
    )
    return parse_brief(text, path="ovens.md", sha256="")


def test_the_words_of_a_brief_expand_the_questions_that_use_them() -> None:
    brief = _brief("- sign-off: the baker nods")
    catalogue = with_vocabulary(load_catalogue(), [brief])
    plan = Plan(briefs=(brief,), facets=())
    (expansion,) = expand_questions(plan, catalogue).values()
    added = catalogue.concerns[-1]
    assert added.cues == ("the baker nods",)
    assert added.concern in dict(expansion.concerns)


def test_a_tool_of_a_brief_is_found_in_texts_by_all_its_names() -> None:
    catalogue = with_vocabulary(load_catalogue(), [_brief("- Foghorn, big horn (monitoring)")])
    found = ToolFinder(catalogue.tools).find("The big horn and Foghorn tell Grafana.")
    assert [mention.tool.name for mention in found][:2] == ["Foghorn", "Foghorn"]
    assert found[0].tool.kind == "monitoring"


def test_a_tool_of_an_unknown_kind_is_refused_with_the_kinds_there_are() -> None:
    with pytest.raises(BriefError, match="'oven'") as raised:
        with_vocabulary(load_catalogue(), [_brief("- Foghorn (oven)")])
    assert "monitoring" in (raised.value.hint or "")


def test_without_a_vocabulary_the_catalogue_stays_as_it_is() -> None:
    assert with_vocabulary(load_catalogue(), []) == load_catalogue()
