"""Settings: from a file, from options, and back into a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skillgen.errors import SettingsError
from skillgen.settings import (
    BuildSettings,
    ChunkSettings,
    CorpusSettings,
    EmbedSettings,
    IngestSettings,
    RenderSettings,
    ResearchSettings,
    Settings,
    as_toml,
    load_settings,
)

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
# A path that is normal already: what `Path` would change is not the file's business.
PATHS = NAMES.map(lambda name: Path("x" + name.replace("/", "_")))


def written(text: str, folder: Path) -> Settings:
    (folder / "skillgen.toml").write_bytes(text.encode())
    return load_settings(folder)


def refused(text: str, folder: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        written(text, folder)
    assert caught.value.hint
    return caught.value.message


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load_settings(tmp_path) == Settings()


@st.composite
def any_settings(draw: st.DrawFn) -> Settings:
    optional = st.none() | NAMES
    return Settings(
        workspace=draw(PATHS),
        corpus=tuple(draw(st.lists(st.builds(CorpusSettings, path=PATHS, url=optional), max_size=3))),
        build=BuildSettings(
            briefs=tuple(draw(st.lists(NAMES, max_size=3))),
            name=draw(optional),
            out=draw(PATHS),
            template=draw(st.none() | PATHS),
            fail_under=draw(st.floats(0, 1)),
        ),
        ingest=IngestSettings(include=tuple(draw(st.lists(NAMES, max_size=3))), max_bytes=draw(st.integers(1, 2**40))),
        chunk=ChunkSettings(max_chars=draw(st.integers(200, 1200))),
        embed=EmbedSettings(folder=draw(st.none() | PATHS), base_url=draw(optional), model=draw(optional)),
        research=ResearchSettings(passages=draw(st.integers(1, 1000))),
        render=RenderSettings(body_tokens=draw(st.integers(200, 5000))),
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(any_settings())
def test_any_settings_come_back_from_the_file_that_they_are_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: Settings
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("skillgen.toml").write_bytes(as_toml(chosen).encode())
    assert load_settings(Path()) == chosen


def test_the_written_defaults_are_the_defaults(tmp_path: Path) -> None:
    text = as_toml(Settings())
    anchored = {"workspace", "build", "review", "eval"}
    assert written(text, tmp_path).model_dump(exclude=anchored) == Settings().model_dump(exclude=anchored)
    shown = re.sub(r"^#(?=[\w\[])(?!.*= \.\.\.$)", "", text.replace("#[[corpus]]", ""), flags=re.MULTILINE)
    assert written(shown, tmp_path).digest() == Settings().digest()
    assert "max_bytes = 20000000" in shown


def test_every_key_of_every_section_is_in_the_written_file() -> None:
    text = as_toml(Settings())

    def keys(section: type[Any]) -> set[str]:
        found: set[str] = set()
        for name, field in section.model_fields.items():
            nested = type(field.default)
            found |= keys(nested) if hasattr(nested, "model_fields") else {name}
        return found

    shown = set(re.findall(r"^#(\w+) = ", text, flags=re.MULTILINE))
    assert shown == (keys(Settings) | keys(CorpusSettings)) - {"corpus"}


def test_a_name_that_is_not_utf8_cannot_be_written() -> None:
    with pytest.raises(SettingsError, match="not UTF-8"):
        as_toml(Settings(workspace=Path("caf\udce9")))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[build]\nnmae = "x"', "no key build.nmae (did you mean name?)"),
        ('[biuld]\nname = "x"', "no key biuld (did you mean build?)"),
        ('[[corpus]]\npath = "d"\nurll = "x"', "no key corpus.0.urll (did you mean url?)"),
        ("zzz = 1", "no key zzz."),
        ("[build.name]\nx = 1", "build.name"),
        ("[build]\nfail_under = 2", "build.fail_under: input should be less than or equal to 1"),
        ("[build]\nfail_under = nan", "build.fail_under"),
        ("[chunk]\nmax_chars = 10", "chunk.max_chars"),
        ("[[corpus]]\n", "corpus.0.path: field required"),
        ("[build", "cannot be read"),
    ],
)
def test_what_a_file_may_not_say_is_named(tmp_path: Path, text: str, said: str) -> None:
    message = refused(text, tmp_path)
    assert said in message
    assert "skillgen.toml" in message


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "skillgen.toml").write_bytes(b'workspace = "\xff"')
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path)


def test_a_byte_order_mark_and_windows_newlines_are_read(tmp_path: Path) -> None:
    assert written('\ufeff[build]\r\nname = "x"\r\n', tmp_path).build.name == "x"


def test_paths_in_a_file_are_relative_to_its_folder(tmp_path: Path) -> None:
    (tmp_path / "own.md").write_text("# x", encoding="utf-8")
    found = written(
        'workspace = "w"\n[[corpus]]\npath = "docs"\n[build]\nbriefs = ["own.md", "built-in"]\nout = "/abs"\n'
        'template = "t"\n[embed]\nfolder = "m"\n',
        tmp_path,
    )
    assert found.workspace == tmp_path / "w"
    assert found.corpus[0].path == tmp_path / "docs"
    assert found.build.briefs == (str(tmp_path / "own.md"), "built-in")
    assert found.build.out == Path("/abs")
    assert found.build.template == tmp_path / "t"
    assert found.embed.folder == tmp_path / "m"


def test_options_replace_what_stands_in_the_file_and_none_leaves_it(tmp_path: Path) -> None:
    found = written('[build]\nname = "x"\nfail_under = 0.5\n', tmp_path)
    changed = found.with_values({"build.name": "y", "build.fail_under": None, "render.body_tokens": 900})
    assert (changed.build.name, changed.build.fail_under, changed.render.body_tokens) == ("y", 0.5, 900)


def test_an_option_out_of_range_is_named_as_the_user_wrote_it() -> None:
    with pytest.raises(SettingsError, match="--fail-under: input should be") as caught:
        Settings().with_values({"build.fail_under": 1.1})
    assert "--help" in str(caught.value.hint)


def test_the_digest_changes_with_what_changes_a_draft_and_with_nothing_else() -> None:
    plain = Settings()
    assert plain.with_values({"chunk.max_chars": 700}).digest() != plain.digest()
    assert plain.with_values({"build.out": Path("elsewhere"), "workspace": Path("w")}).digest() == plain.digest()


# -- the chat model ----------------------------------------------------------------------------------------------------


def test_the_model_none_does_without_the_one_of_the_file(tmp_path: Path) -> None:
    named = written('[model]\nname = "tiny"\nbase_url = "http://127.0.0.1:1/v1"', tmp_path)
    without = named.with_values({"model.name": "none"})
    assert (without.model.name, without.model.base_url) == (None, None)
    assert without.digest() == Settings().digest() != named.digest()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "openai:x"\nengine = "alone"\noff = ["answer"]', 'needs the use "answer"'),
        ('name = "openai:x"\noff = ["answers"]', "model.off.0"),
        ('name = "openai:x"\ncontext = 1000', "model.context"),
    ],
)
def test_settings_of_a_model_that_cannot_work_are_refused(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(f"[model]\n{text}", tmp_path)


@pytest.mark.parametrize(
    ("values", "tokens", "seconds"),
    [
        ({"name": "openai:x"}, 32_768, 120),
        ({"name": "ollama:x"}, 4096, 900),
        ({"name": "x", "base_url": "http://127.0.0.1:1/v1"}, 4096, 900),
        ({"name": "ollama:x", "context": 9000, "timeout": 5}, 9000, 5),
    ],
)
def test_of_own_servers_small_contexts_and_slow_replies_are_assumed(
    values: dict[str, Any], tokens: int, seconds: float
) -> None:
    settings = Settings().with_values({f"model.{name}": value for name, value in values.items()})
    assert (settings.model.context_tokens, settings.model.call_seconds) == (tokens, seconds)


def test_what_is_asked_of_a_model_is_part_of_the_digest_and_where_its_prices_are_is_not() -> None:
    plain = Settings().with_values({"model.name": "openai:x"})
    for name, value in {
        "engine": "alone",
        "off": ("gaps",),
        "passages": 7,
        "context": 9000,
        "name": "openai:y",
    }.items():
        assert plain.with_values({f"model.{name}": value}).digest() != plain.digest()
    for name, value in {"max_cost": 1.0, "prices": Path("p.yaml"), "concurrency": 9, "local_only": True}.items():
        assert plain.with_values({f"model.{name}": value}).digest() == plain.digest()
