"""The Python door: what the commands do, as functions. `import skillgen` brings them; nothing heavy is imported before.

Everything that a `skillgen.toml` can say can be given as `options`, by its dotted key; the file of a folder is read
with `load_settings`. A function opens the workspace for itself and closes it, so two of them never hold it at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from skillgen.model.check import CheckReport
    from skillgen.model.corpus import IngestReport
    from skillgen.model.draft import Draft
    from skillgen.model.research import Passage
    from skillgen.pipeline.ask import Asked
    from skillgen.pipeline.build import BuildResult
    from skillgen.protocols import Embedder, Reporter
    from skillgen.settings import Settings
    from skillgen.workspace import Workspace

Paths: TypeAlias = str | Path | Sequence[str | Path]

EMBED_KEY = "SKILLGEN_EMBED_API_KEY"


def load_settings(folder: str | Path = ".") -> Settings:
    """Return the settings of a folder's `skillgen.toml`, or the defaults where there is none.

    Raises:
        SettingsError: the file cannot be read, or a key is unknown or out of range.
    """
    from skillgen.settings import load_settings as load

    return load(Path(folder))


def build(  # noqa: PLR0913 - the options of the command
    brief: Paths | None = None,
    *,
    corpus: Paths | None = None,
    out: str | Path | None = None,
    name: str | None = None,
    workspace: str | Path | None = None,
    model: str | None = None,
    settings: Settings | None = None,
    options: Mapping[str, Any] | None = None,
    reporter: Reporter | None = None,
) -> BuildResult:
    """Build a skill from folders of pages, and return its draft with where everything is.

    Args:
        brief: Names of built-in briefs, or files.
        corpus: Folders of pages.
        out: The folder that the package is written into.
        name: The skill's name; by default that of the first brief.
        workspace: The folder that keeps what was read, for the next time.
        model: A chat model as "provider:name"; without one the local engine writes the claims.
        settings: What holds where nothing else is said; by default the defaults, no file is read.
        options: Further settings by their dotted keys, e.g. `{"research.max_claims": 100}`.
        reporter: Hears about progress.

    Raises:
        SkillgenError: whatever the command would end with; its `hint` says what to do.
    """
    from skillgen.pipeline.build import build as run
    from skillgen.pipeline.build import load_briefs
    from skillgen.protocols import SilentReporter

    values = {
        "build.briefs": None if brief is None else tuple(str(one) for one in _each(brief)),
        "build.out": out,
        "build.name": name,
        "model.name": model,
        **(options or {}),
    }
    used = _settings(settings, corpus, workspace, values)
    briefs = load_briefs(used)
    with opened(used, command="skillgen.build()") as (space, embedder):
        return run(used, space, briefs, embedder=embedder, reporter=reporter or SilentReporter())


def ingest(
    corpus: Paths | None = None,
    *,
    workspace: str | Path | None = None,
    settings: Settings | None = None,
    options: Mapping[str, Any] | None = None,
    reporter: Reporter | None = None,
) -> IngestReport:
    """Read what changed in the pages into the workspace, and return what was done and found.

    Raises:
        SkillgenError: whatever the command would end with.
    """
    from skillgen.pipeline.ingest import ingest as run
    from skillgen.protocols import SilentReporter

    used = _settings(settings, corpus, workspace, options or {})
    with opened(used, command="skillgen.ingest()") as (space, embedder):
        return run(used, space, embedder=embedder, reporter=reporter or SilentReporter())


def search(
    query: str,
    *,
    k: int = 10,
    corpus: Paths | None = None,
    workspace: str | Path | None = None,
    settings: Settings | None = None,
    options: Mapping[str, Any] | None = None,
) -> tuple[Passage, ...]:
    """Read what changed, and return at most `k` passages that answer the query, best first.

    Raises:
        SkillgenError: whatever the command would end with.
    """
    from skillgen.pipeline.ingest import ingest as run
    from skillgen.pipeline.library import open_library
    from skillgen.protocols import SilentReporter

    used = _settings(settings, corpus, workspace, options or {})
    with opened(used, command="skillgen.search()") as (space, embedder):
        run(used, space, embedder=embedder, reporter=SilentReporter())
        with open_library(space, embedder=embedder) as library:
            return library.retrieve(query, limit=k)


def ask(
    question: str,
    *,
    claims: int = 8,
    corpus: Paths | None = None,
    workspace: str | Path | None = None,
    settings: Settings | None = None,
    options: Mapping[str, Any] | None = None,
) -> Asked:
    """Answer one question with at most `claims` cited claims, and a gap for each part that the pages do not answer.

    Raises:
        SkillgenError: whatever the command would end with.
    """
    from skillgen.pipeline.ask import ask as run
    from skillgen.protocols import SilentReporter

    used = _settings(settings, corpus, workspace, options or {})
    with opened(used, command="skillgen.ask()") as (space, embedder):
        return run(used, space, question, limit=claims, embedder=embedder, reporter=SilentReporter())


def check_package(
    package: str | Path,
    *,
    corpus: Paths | None = None,
    workspace: str | Path | None = None,
    settings: Settings | None = None,
    options: Mapping[str, Any] | None = None,
) -> CheckReport:
    """Return which citations, targets and decisions of a package still hold; no index is read.

    Raises:
        SkillgenError: whatever the command would end with.
    """
    from skillgen.pipeline.check import check_package as run

    used = _settings(settings, corpus, workspace, options or {})
    return run(used, Path(package)).report


def read_draft(path: str | Path) -> Draft:
    """Return the draft that a file holds: `BuildResult.draft_path` of a build.

    Raises:
        UserError: there is no such file, or it holds no draft of this version.
    """
    from skillgen.pipeline.decide import read_draft as read

    return read(Path(path))


def _each(paths: Paths) -> Sequence[str | Path]:
    return [paths] if isinstance(paths, (str, Path)) else paths


def _settings(
    settings: Settings | None, corpus: Paths | None, workspace: str | Path | None, values: Mapping[str, Any]
) -> Settings:
    """Return the settings with what was given in their place; a corpus keeps the addresses that the settings say."""
    from skillgen.settings import Settings

    base = settings or Settings()
    found: dict[str, Any] = {**values, "workspace": workspace}
    if corpus is not None:
        urls = {one.path.resolve(): one.url for one in base.corpus}
        paths = [Path(one) for one in _each(corpus)]
        found["corpus"] = [{"path": path, "url": urls.get(path.resolve())} for path in paths]
    return base.with_values(found)


@contextmanager
def opened(settings: Settings, *, command: str, hint: str = "") -> Iterator[tuple[Workspace, Embedder]]:
    """Open the workspace, and what embeds for it; a corpus that is missing is told before anything is made.

    Args:
        settings: Which workspace, corpora and embedder.
        command: Who holds the workspace, for whoever finds it taken.
        hint: What to do where no corpus is named.

    Raises:
        CorpusError: no corpus is named, or a folder is missing.
        UserError: the workspace cannot be used; WorkspaceBusyError where another process holds it.
    """
    from skillgen.errors import CorpusError
    from skillgen.pipeline.indexes import make_embedder
    from skillgen.pipeline.ingest import corpora_of
    from skillgen.workspace import open_workspace

    if not settings.corpus:
        raise CorpusError("No corpus is named.", hint=hint or "Give a folder of pages as `corpus`.")
    corpora_of(settings)
    with open_workspace(settings.workspace, command=command) as workspace:
        yield workspace, make_embedder(settings, api_key=os.environ.get(EMBED_KEY))
