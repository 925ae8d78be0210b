"""Settings: one typed record with every default, from skillgen.toml and the command line; unknown keys are refused."""

from __future__ import annotations

import hashlib
import json
import re
import textwrap
import tomllib
from collections.abc import Callable, Container, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from skillgen.endpoints import is_loopback, plain_address
from skillgen.errors import SettingsError
from skillgen.model.chat import Use
from skillgen.model.corpus import CHUNK_CHARS

FILE_NAME = "skillgen.toml"
# The name of a model that stands for none, to build without the one that the file names.
NO_MODEL = "none"
# The purpose that stands for none, to build without the one that a brief names.
NO_PURPOSE = "none"
LOCAL_EMBEDDINGS = "local"
OPENAI_EMBEDDINGS = "openai:"
# What servers of one's own give a request where nobody said otherwise, and what the smallest of the others have.
_SMALL_CONTEXT, _LARGE_CONTEXT = 4096, 32_768
_PATIENT_SECONDS, _CALL_SECONDS = 900.0, 120.0
_COMMENT_WIDTH = 80
_HEADER = """\
# Settings of skillgen for this folder. Paths are relative to it.
# A line like `#key = value` shows a default: remove the # to change it.
# Keys of services belong into the environment, never into this file.
"""


# What people call keys of services; these have no place in the file, whatever section they stand in.
_SECRET = re.compile(r"(?:^|_|api)key$|token$|secret|passw|credential", re.IGNORECASE)


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
    overwrite: bool = Field(
        default=False, description="Lose what was changed by hand in the package outside of kept regions."
    )


class IngestSettings(_Section):
    """Which files are read."""

    include: tuple[str, ...] = Field(
        (".md", ".mdx", ".markdown", ".mdown", ".mkd", ".html", ".htm"), description="File endings that are read."
    )
    exclude: tuple[str, ...] = Field((), description="Patterns of paths that are left out.")
    max_bytes: Annotated[int, Field(gt=0)] = Field(20_000_000, description="A larger file is left out and reported.")
    allow_prune: bool = Field(default=False, description="Go on when more than a fifth of the pages are gone.")


class ChunkSettings(_Section):
    """How pages are cut for retrieval."""

    max_chars: Annotated[int, Field(ge=200, le=1200)] = Field(
        CHUNK_CHARS, description="A chunk's length in characters; skillgen/model/corpus.py says how it was chosen."
    )


class EmbedSettings(_Section):
    """Which embedding model is used: the packaged one, another ONNX folder, or an OpenAI-compatible server."""

    folder: Path | None = Field(None, description="A folder with model.onnx and tokenizer.json.")
    base_url: str | None = Field(None, description="An OpenAI-compatible embedding server.")
    model: str | None = Field(
        None,
        description='"local" (the packaged one), "openai:NAME", or with base_url the name of that server\'s model.',
    )
    threads: Annotated[int, Field(ge=0)] = Field(0, description="Threads of the local model; 0 means one a core.")


class ModelSettings(_Section):
    """Which chat model is asked, and what it may cost; without a name none is asked."""

    name: str | None = Field(None, description='The model as "provider:name", e.g. "openai:gpt-4o-mini".')
    base_url: str | None = Field(None, description="An OpenAI-compatible server, e.g. http://127.0.0.1:8080/v1.")
    local_only: bool = Field(
        default=False, description="Refuse every model or embedding server that is not on this machine."
    )
    max_cost: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = Field(
        None, description="US dollars that one run may cost at most; it needs a known price."
    )
    prices: Path | None = Field(None, description="A file of your own prices, in the form of prompts/prices.yaml.")
    concurrency: Annotated[int, Field(ge=1, le=64)] = Field(4, description="Calls at a time.")
    requests_per_minute: Annotated[int, Field(ge=0)] = Field(0, description="Calls a minute; 0 means no limit.")
    timeout: Annotated[float, Field(gt=0, le=3600)] | None = Field(
        None,
        description="Seconds until a call is given up; by default 900 for Ollama and for a server named by base_url, "
        "and 120 for others.",
    )
    retries: Annotated[int, Field(ge=0, le=10)] = Field(
        4, description="Further tries where a server is busy or its connection breaks."
    )
    engine: Literal["together", "alone"] = Field(
        "together",
        description="Whether the claims of the local engine stand beside those of the model, or the model's alone.",
    )
    off: tuple[Use, ...] = Field(
        ("relevance",), description="Uses of the model that are left out; docs/models.md lists them all."
    )
    passages: Annotated[int, Field(ge=1, le=200)] = Field(
        60, description="Passages that are shown for each question; skillgen/pipeline/passages.py has numbers."
    )
    context: Annotated[int, Field(ge=2048, le=1_000_000)] | None = Field(
        None,
        description="Tokens that fit into a request with its reply; by default 4096 for Ollama and for a server named "
        "by base_url, and 32768 for others.",
    )

    @model_validator(mode="before")
    @classmethod
    def _none(cls, values: Any) -> Any:  # noqa: ANN401 - what stands in the file
        if isinstance(values, dict) and values.get("name") == NO_MODEL:
            return {key: value for key, value in values.items() if key not in ("name", "base_url")}
        return values

    @model_validator(mode="after")
    def _can_be_asked(self) -> ModelSettings:
        if self.engine == "alone" and "answer" in self.off:
            raise ValueError('the engine "alone" needs the use "answer", which model.off leaves out')
        return self

    @property
    def context_tokens(self) -> int:
        """How many tokens a request with its reply may have."""
        if self.context is not None:
            return self.context
        return _SMALL_CONTEXT if self._is_own else _LARGE_CONTEXT

    @property
    def call_seconds(self) -> float:
        """How long a call may take: a slow machine writes ten tokens a second, to one call after the other."""
        if self.timeout is not None:
            return self.timeout
        return _PATIENT_SECONDS if self._is_own else _CALL_SECONDS

    @property
    def _is_own(self) -> bool:
        return self.base_url is not None or (self.name or "").startswith("ollama:")

    @field_validator("base_url")
    @classmethod
    def _plain(cls, address: str | None) -> str | None:
        return None if address is None else plain_address(address)


class ResearchSettings(_Section):
    """How widely passages are read and how many claims are kept."""

    passages: Annotated[int, Field(ge=1, le=1000)] = Field(
        40, description="Nearest passages that are told for each facet, in gaps above all."
    )
    max_claims: Annotated[int, Field(ge=1, le=5000)] = Field(230, description="Claims kept in a draft for each brief.")
    catalogue: Path | None = Field(
        None, description="A file of your own tools and concerns, added to the built-in ones."
    )


class RenderSettings(_Section):
    """What the package looks like."""

    body_tokens: Annotated[int, Field(ge=200, le=5000)] = Field(
        1300, description="The largest body of SKILL.md, in tokens of four characters."
    )
    purpose: str | None = Field(
        None, description='The layout: platform, data-engineering, domain, source, one of your own, or "none".'
    )


class ReviewSettings(_Section):
    """Where reviewers' decisions are kept, and what a build asks of them."""

    decisions: Path = Field(Path("skillgen-decisions"), description="The folder of the decisions files, one a skill.")
    answers: Path | None = Field(
        None, description="A file with owners' answers to gaps: Markdown, or Skill Builder's JSON."
    )
    require: bool = Field(default=False, description="Exit 1 when an undecided claim would stand in SKILL.md.")
    drafts: Path | None = Field(None, description="A folder that gets a copy of each draft, to commit it for checks.")


class CheckSettings(_Section):
    """When `skillgen check` fails."""

    fail_under: Annotated[float, Field(ge=0, le=1)] = Field(0.0, description="The least score of every target.")
    floors: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(
        {}, description="The least score of single targets, by id or text; it goes before `fail_under`."
    )
    strict: bool = Field(default=False, description="Fail on moved quotes and changed pages too.")


class EvalSettings(_Section):
    """Where the tasks of `skillgen eval` are kept, and when it fails."""

    folder: Path = Field(Path("skillgen-evals"), description="The folder of the tasks and baselines.")
    tasks: Annotated[int, Field(ge=1, le=1000)] = Field(
        40, description="Tasks that templates give at most; those that a model writes stand beside them."
    )
    passages: Annotated[int, Field(ge=1, le=1000)] = Field(
        20, description="Cited passages on which a chat model writes tasks, the body's first."
    )
    orders: Annotated[int, Field(ge=1, le=20)] = Field(
        1,
        description="How often each request of the trigger evaluation is asked, the skills in another order each time.",
    )
    seed: Annotated[int, Field(ge=0)] = Field(0, description="What those orders are made from.")
    fail_under: Annotated[float, Field(ge=0, le=1)] = Field(0.0, description="The least overall coverage.")
    judge: str | None = Field(
        None, description="The model that judges answers where rules cannot; by default the one that is measured."
    )
    judge_base_url: str | None = Field(
        None,
        description="An OpenAI-compatible server that has the judge; by default that of the model, unless the judge's "
        "name says its provider.",
    )
    placebo: Path | None = Field(None, description="Another organisation's skill that stands in as a placebo.")
    ablated: Annotated[float, Field(gt=0, le=1)] = Field(
        0.5, description="The share of the body's claims, the most important ones, that the ablated skill lacks."
    )


class Settings(_Section):
    """All settings. `digest()` names everything that can change a draft."""

    workspace: Path = Field(Path(".skillgen"), description="The workspace folder.")
    corpus: tuple[CorpusSettings, ...] = Field((), description="The folders of pages.")
    build: BuildSettings = BuildSettings()
    ingest: IngestSettings = IngestSettings()
    chunk: ChunkSettings = ChunkSettings()
    embed: EmbedSettings = EmbedSettings()
    model: ModelSettings = ModelSettings()
    research: ResearchSettings = ResearchSettings()
    render: RenderSettings = RenderSettings()
    review: ReviewSettings = ReviewSettings()
    check: CheckSettings = CheckSettings()
    eval: EvalSettings = EvalSettings()

    @model_validator(mode="after")
    def _stays_here(self) -> Settings:
        for key, address in (("model", self.model.base_url), ("embed", self.embed.base_url)):
            if self.model.local_only and address is not None and not is_loopback(address):
                raise ValueError(f"model.local_only is set, and {key}.base_url is not on this machine")
        remote = self.embed.base_url is None and (self.embed.model or "").startswith(OPENAI_EMBEDDINGS)
        if self.model.local_only and remote:
            raise ValueError("model.local_only is set, and embed.model is not on this machine")
        return self

    def digest(self) -> str:
        """Return the SHA-256 of the settings that can change what a draft says: no folder of this machine is in it.

        Those of the chat model are among them where one is named.
        """
        relevant = self.model_dump_json(
            include={"ingest", "chunk", "research", "render"},
            exclude={"ingest": {"allow_prune"}, "research": {"catalogue"}},
        )
        if self.model.name is not None:
            asked = self.model.model_dump_json(include={"name", "base_url", "engine", "off", "passages"})
            relevant += f"{asked}{self.model.context_tokens}"
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
        try:
            return Settings.model_validate(data)
        except ValidationError as error:
            raise SettingsError(
                f"An option cannot be used: {_problems(error, _option)}.",
                hint="Put --help behind the command to see its options.",
            ) from error


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
        raise SettingsError(
            f"{path} cannot be read: {error}.",
            hint="Mend it, or move it away and run `skillgen init`, which writes a good one.",
        ) from error
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
            "model": settings.model.model_copy(update={"prices": anchor(settings.model.prices)}),
            "research": settings.research.model_copy(update={"catalogue": anchor(settings.research.catalogue)}),
            "eval": settings.eval.model_copy(
                update={"folder": folder / settings.eval.folder, "placebo": anchor(settings.eval.placebo)}
            ),
            "review": settings.review.model_copy(
                update={
                    "decisions": folder / settings.review.decisions,
                    "answers": anchor(settings.review.answers),
                    "drafts": anchor(settings.review.drafts),
                }
            ),
        }
    )


def _validated(data: dict[str, Any], where: str) -> Settings:
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        raise SettingsError(
            f"A setting in {where} cannot be used: {_problems(error)}.",
            hint="docs/settings.md lists all settings, and so does the file that `skillgen init` writes.",
        ) from error


def _problems(error: ValidationError, shown: Callable[[str], str] = str) -> str:
    """Return what is wrong in one line; `shown` turns a dotted key into what the user wrote."""
    return "; ".join(_problem(item["loc"], item["type"], item["msg"], shown) for item in error.errors())


def _problem(loc: tuple[int | str, ...], kind: str, message: str, shown: Callable[[str], str]) -> str:
    dotted = ".".join(map(str, loc))
    if kind == "extra_forbidden" and _SECRET.search(str(loc[-1])):
        return f"{dotted} looks like a key, and keys come from the environment only: remove it, and change the key"
    if kind == "value_error":
        message = message.removeprefix("Value error, ")
    if not dotted:
        return message
    if kind != "extra_forbidden":
        return f"{shown(dotted)}: {message[:1].lower()}{message[1:]}"
    near = get_close_matches(str(loc[-1]), _keys_beside(loc), n=1)
    return f"there is no key {dotted}" + (f" (did you mean {near[0]}?)" if near else "")


def _keys_beside(loc: tuple[int | str, ...]) -> list[str]:
    """Return the keys that exist where `loc` points to one that does not."""
    section: type[BaseModel] = Settings
    for part in loc[:-1]:
        if isinstance(part, str):
            section = _section_of(section, part) or section
    return list(section.model_fields)


def _section_of(section: type[BaseModel], name: str) -> type[BaseModel] | None:
    """Return the record that the key holds, or None where it holds a plain value."""
    if section is Settings and name == "corpus":
        return CorpusSettings
    default = section.model_fields[name].default if name in section.model_fields else None
    return type(default) if isinstance(default, BaseModel) else None


def _option(dotted: str) -> str:
    """Return the command line's name of a setting."""
    return "--" + dotted.rpartition(".")[2].replace("_", "-")


def as_toml(settings: Settings) -> str:
    """Return a commented skillgen.toml with every key; what differs from the default is set, the rest commented out.

    Raises:
        SettingsError: a value is not UTF-8, as a file's name may be.
    """
    sections = {name: section for name in Settings.model_fields if (section := _section_of(Settings, name))}
    lines = [_HEADER, *_keys(Settings, settings, leave_out=sections)]
    for corpus in settings.corpus or (None,):
        lines += _table("[[corpus]]", CorpusSettings, corpus)
    for name, section in sections.items():
        if name != "corpus":
            lines += _table(f"[{name}]", section, getattr(settings, name))
    text = "\n".join(lines) + "\n"
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise SettingsError(
            "A name that is not UTF-8 cannot stand in skillgen.toml.", hint="Give the file or folder another name."
        ) from error
    return text


def _table(header: str, section: type[BaseModel], values: BaseModel | None) -> Iterator[str]:
    """Yield a section; one that is not there is commented out with its header."""
    yield ""
    yield from _comment((section.__doc__ or "").partition("\n")[0])
    yield header if values is not None else f"#{header}"
    yield from _keys(section, values)


def _keys(section: type[BaseModel], values: BaseModel | None, *, leave_out: Container[str] = ()) -> Iterator[str]:
    """Yield the lines of a section's keys, each with its description."""
    for name, field in section.model_fields.items():
        if name in leave_out:
            continue
        default = None if field.is_required() else field.default
        value = getattr(values, name, None)
        yield from _comment(field.description or "")
        if value is not None and value != default:
            yield f"{name} = {_toml_value(value)}"
        else:
            yield f"#{name} = {'...' if default is None else _toml_value(default)}"


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, _COMMENT_WIDTH, initial_indent="# ", subsequent_indent="# ", break_long_words=False)


def _toml_value(value: object) -> str:
    """Return a value as TOML.

    Raises:
        TypeError: there is no way to write it, which a new kind of setting would need first.
    """
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case str() | Path():
            return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
        case tuple():
            return f"[{', '.join(_toml_value(item) for item in value)}]"
        case dict():
            return f"{{{', '.join(f'{_toml_value(key)} = {_toml_value(item)}' for key, item in value.items())}}}"
    raise TypeError(f"{type(value).__name__} has no form in skillgen.toml")
