"""Settings: one typed record with every default, from skillgen.toml and the command line; unknown keys are refused."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from skillgen.errors import SettingsError

FILE_NAME = "skillgen.toml"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CorpusSettings(_Section):
    """A folder of pages, and how the address of a page is made from its path."""

    path: Path = Field(description="The folder.")
    url: str | None = Field(None, description='The address of a page, e.g. "https://wiki.example/{path}".')


class BuildSettings(_Section):
    """What `skillgen build` does when nothing else is said on the command line."""

    briefs: tuple[str, ...] = Field((), description="Brief files, or names of built-in briefs.")
    name: str | None = Field(None, description="The skill's name; by default that of the first brief.")
    out: Path = Field(Path("skills"), description="The folder that the package is written into.")
    template: Path | None = Field(None, description="A folder whose files replace the built-in templates one by one.")
    fail_under: Annotated[float, Field(ge=0, le=1)] = Field(0.0, description="Exit 1 when overall coverage is lower.")


class IngestSettings(_Section):
    """Which files are read."""

    include: tuple[str, ...] = Field((".md", ".markdown", ".mdown", ".mkd"), description="File endings that are read.")
    exclude: tuple[str, ...] = Field((), description="Patterns of paths that are left out.")
    max_bytes: Annotated[int, Field(gt=0)] = Field(20_000_000, description="A larger file is left out and reported.")


class ChunkSettings(_Section):
    """How pages are cut for retrieval."""

    max_chars: Annotated[int, Field(ge=200, le=1200)] = Field(
        600, description="A chunk's length; evals/README.md has recall by size."
    )


class EmbedSettings(_Section):
    """Which embedding model is used: the packaged one, another ONNX folder, or an OpenAI-compatible server."""

    folder: Path | None = Field(None, description="A folder with model.onnx and tokenizer.json.")
    base_url: str | None = Field(None, description="An OpenAI-compatible embedding server.")
    model: str | None = Field(None, description="The server's model.")
    threads: Annotated[int, Field(ge=0)] = Field(0, description="Threads of the local model; 0 means one a core.")


class ResearchSettings(_Section):
    """How widely passages are read and how many claims are kept."""

    passages: Annotated[int, Field(ge=1, le=1000)] = Field(40, description="Passages read for each facet.")
    max_claims: Annotated[int, Field(ge=1, le=5000)] = Field(250, description="Claims kept in a draft.")


class RenderSettings(_Section):
    """What the package looks like."""

    body_tokens: Annotated[int, Field(ge=200, le=5000)] = Field(
        1300, description="The largest body of SKILL.md, in tokens of four characters."
    )


class Settings(_Section):
    """All settings. `digest()` names everything that can change a draft."""

    workspace: Path = Field(Path(".skillgen"), description="The workspace folder.")
    corpus: tuple[CorpusSettings, ...] = Field((), description="The folders of pages.")
    build: BuildSettings = BuildSettings()
    ingest: IngestSettings = IngestSettings()
    chunk: ChunkSettings = ChunkSettings()
    embed: EmbedSettings = EmbedSettings()
    research: ResearchSettings = ResearchSettings()
    render: RenderSettings = RenderSettings()

    def digest(self) -> str:
        """Return the SHA-256 of the settings that can change what a draft says: no folder of this machine is in it."""
        relevant = self.model_dump_json(include={"ingest", "chunk", "research", "render"})
        return hashlib.sha256(relevant.encode()).hexdigest()

    def with_values(self, values: dict[str, Any]) -> Settings:
        """Return the settings with some replaced; keys are dotted, and a value of None leaves what is there.

        Raises:
            SettingsError: a value is out of range.
        """
        data = self.model_dump(exclude_unset=True)
        for dotted, value in values.items():
            if value is None:
                continue
            *parents, key = dotted.split(".")
            section = data
            for parent in parents:
                section = section.setdefault(parent, {})
            section[key] = value
        return _validated(data, "the command line")


def load_settings(folder: Path) -> Settings:
    """Return the settings of the folder's skillgen.toml, or the defaults where there is none.

    Paths in the file are relative to the folder.

    Raises:
        SettingsError: the file cannot be read, or a key is unknown or out of range.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return Settings()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.", hint="`skillgen init` writes a good one.") from error
    return _anchored(_validated(data, str(path)), folder)


def _anchored(settings: Settings, folder: Path) -> Settings:
    """Return the settings with relative paths under the folder of the file they stand in."""

    def anchor(path: Path | None) -> Path | None:
        return None if path is None else folder / path

    build = settings.build.model_copy(
        update={
            "out": folder / settings.build.out,
            "template": anchor(settings.build.template),
            "briefs": tuple(str(folder / b) if (folder / b).is_file() else b for b in settings.build.briefs),
        }
    )
    return settings.model_copy(
        update={
            "workspace": folder / settings.workspace,
            "corpus": tuple(c.model_copy(update={"path": folder / c.path}) for c in settings.corpus),
            "build": build,
            "embed": settings.embed.model_copy(update={"folder": anchor(settings.embed.folder)}),
        }
    )


def _validated(data: dict[str, Any], where: str) -> Settings:
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, item['loc']))}: {item['msg'].lower()}" for item in error.errors(include_url=False)
        )
        raise SettingsError(
            f"A setting in {where} cannot be used: {problems}.", hint="docs/settings.md lists all settings."
        ) from error
