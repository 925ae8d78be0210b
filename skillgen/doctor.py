"""Doctor: checks everything that skillgen needs, and derives the indexes of a workspace anew from its truth."""

from __future__ import annotations

import platform
import shlex
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from skillgen.brief import builtin_briefs, load_brief
from skillgen.chat import MemoryReplies, open_client, told
from skillgen.embed import ModelFile, named_embedder, verify_local_model
from skillgen.errors import CorpusError, PrerequisiteError, SettingsError, SkillgenError, UserError, WorkspaceBusyError
from skillgen.lexical import LexicalIndex
from skillgen.model.corpus import Chunk
from skillgen.pipeline.indexes import (
    VECTORS_STATE,
    drop_indexes,
    embed_missing,
    index_digest,
    make_embedder,
    sync_indexes,
)
from skillgen.pipeline.ingest import corpora_of
from skillgen.protocols import Embedder, Reporter
from skillgen.resources import data_dir
from skillgen.settings import FILE_NAME, LOCAL_EMBEDDINGS, Settings
from skillgen.store import Store, text_digest
from skillgen.vectors import VectorIndex
from skillgen.workspace import MARKER, Workspace, open_workspace

Status = Literal["ok", "warning", "error"]

_DISTRIBUTION = "runbook-skillgen"
# Named with their versions, because reports of faults need them; of the others only those that are missing are told.
_NAMED = ("chromadb", "langchain-openai", "onnxruntime", "openai", "pydantic", "tantivy", "tokenizers")
_REINSTALL = f"pip install --force-reinstall {_DISTRIBUTION}"
_OLDEST_SQLITE = (3, 35)  # what Chroma asks for
_LITTLE_SPACE = 1_000_000_000
_PROBE_SECONDS = 10
_MODEL_SECONDS = 60  # a small model on a busy processor reads and writes a few tokens a second
_REBUILD = "skillgen doctor --rebuild"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What one check found, and the command or step that mends it."""

    name: str
    status: Status
    message: str
    remedy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildReport:
    """What a rebuild derived: `embedded` texts had no vector in the truth and were embedded for it."""

    pages: int
    chunks: int
    embedded: int


def examine(
    settings: Settings, *, broken_settings: SettingsError | None = None, api_key: str | None = None
) -> tuple[CheckResult, ...]:
    """Check the installation, the settings and the workspace, and change nothing.

    Args:
        settings: What is checked against.
        broken_settings: Why skillgen.toml can't be used, where it can't; `settings` are the defaults then.
        api_key: The embedding server's key.
    """
    results = [
        _python(),
        _packages(),
        _sqlite(),
        *_guarded("data files", _data_files),
        *_guarded("briefs", _briefs),
        _settings_file(broken_settings),
        *_guarded("corpus", lambda: _corpora(settings)),
    ]
    results += _guarded("embedding model", lambda: _embedding_files(settings))
    embedder, answer = _embedder(settings, api_key)
    results.append(answer)
    results += _guarded("chat model", lambda: _chat_model(settings))
    results.append(_disk(settings.workspace))
    return (*results, *_workspace(settings.workspace, embedder))


def rebuild(settings: Settings, *, reporter: Reporter, api_key: str | None = None) -> RebuildReport:
    """Remove both indexes of the workspace and derive them anew from the truth; no page is read for it.

    Raises:
        UserError: there is no workspace, or another process holds it.
        PrerequisiteError: the embedding model can't be used, or the truth itself is damaged.
    """
    root = settings.workspace
    if not (root / MARKER).is_file():
        raise UserError(f"There is no workspace at {root}, so there is nothing to rebuild.", hint="skillgen build")
    embedder = make_embedder(settings, api_key=api_key)
    with open_workspace(root, command=_REBUILD) as workspace:
        store = workspace.store
        drop_indexes(workspace)
        embedded = embed_missing(store, embedder, reporter)
        chunks = store.chunks()
        sync_indexes(workspace, chunks, embedder, reporter)
        return RebuildReport(pages=len(store.page_states()), chunks=len(chunks), embedded=embedded)


def worst(checks: Iterable[CheckResult]) -> Status:
    """Return the worst status among the results."""
    found = {check.status for check in checks}
    return "error" if "error" in found else "warning" if "warning" in found else "ok"


def _guarded(name: str, check: Callable[[], CheckResult | None]) -> list[CheckResult]:
    """Run a check; an error that it raises is its result, and None means that there was nothing to check."""
    try:
        result = check()
    except SkillgenError as error:
        return [_error(name, error)]
    return [] if result is None else [result]


def _ok(name: str, message: str) -> CheckResult:
    return CheckResult(name=name, status="ok", message=message)


def _error(name: str, error: SkillgenError) -> CheckResult:
    return CheckResult(name=name, status="error", message=error.message, remedy=error.hint)


# -- the installation --------------------------------------------------------------------------------------------------


def _python() -> CheckResult:
    return _ok("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")


def _packages() -> CheckResult:
    """Look the required packages up without importing them."""
    try:
        required = metadata.requires(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        message = f"{_DISTRIBUTION} is not installed; this is a bare checkout."
        return CheckResult(name="packages", status="warning", message=message, remedy="pip install --editable .")
    names = [_name_of(requirement) for requirement in required if "extra ==" not in requirement]
    found = {name: version for name in names if (version := _version(name))}
    missing = sorted(set(names) - set(found))
    if missing:
        message = f"not installed: {', '.join(missing)}"
        return CheckResult(name="packages", status="error", message=message, remedy=_REINSTALL)
    named = ", ".join(f"{name} {found[name]}" for name in _NAMED if name in found)
    return _ok("packages", f"all {len(found)} are installed: {named} and others")


def _name_of(requirement: str) -> str:
    """Return the distribution's name, which a requirement begins with."""
    ends = (place for place, char in enumerate(requirement) if not (char.isalnum() or char in "-_."))
    return requirement[: next(ends, len(requirement))]


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _sqlite() -> CheckResult:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info >= _OLDEST_SQLITE:
        return _ok("sqlite", version)
    oldest = ".".join(map(str, _OLDEST_SQLITE))
    message = f"Python was built with SQLite {version}; {oldest} or newer is needed."
    return CheckResult(name="sqlite", status="error", message=message, remedy="Use a newer Python.")


def _data_files() -> CheckResult:
    places = [data_dir(name) for name in ("prompts", "templates")]
    return _ok("data files", f"prompts and templates are in {places[0].parent}")


def _briefs() -> CheckResult:
    briefs = [load_brief(name) for name in builtin_briefs()]
    if not briefs:
        raise PrerequisiteError("There is no built-in brief.", hint=_REINSTALL)
    return _ok("briefs", ", ".join(f"{brief.name} ({len(brief.questions)} questions)" for brief in briefs))


# -- settings and corpora ----------------------------------------------------------------------------------------------


def _settings_file(broken: SettingsError | None) -> CheckResult:
    if broken is not None:
        return _error("settings", broken)
    if Path(FILE_NAME).is_file():
        return _ok("settings", f"{FILE_NAME} is valid")
    return _ok("settings", f"no {FILE_NAME} here, so the defaults hold; `skillgen init` writes one")


def _corpora(settings: Settings) -> CheckResult | None:
    """Check the folders that skillgen.toml names."""
    if not settings.corpus:
        return None
    try:
        corpora = corpora_of(settings)
    except CorpusError as error:
        raise CorpusError(error.message, hint=f"Correct [[corpus]] in {FILE_NAME}, or create the folder.") from error
    return _ok("corpus", ", ".join(str(corpus.root) for corpus in corpora))


# -- the embedding model -----------------------------------------------------------------------------------------------


def _embedding_files(settings: Settings) -> CheckResult | None:
    """Check the packaged model's files by their SHA-256, unless the settings name another model."""
    embed = settings.embed
    if embed.base_url is not None or embed.folder is not None or embed.model not in (None, LOCAL_EMBEDDINGS):
        return None
    files = verify_local_model()
    wrong = [file for file in files if not file.ok]
    if wrong:
        what = "; ".join(
            f"{file.name} {'is missing' if file.path is None else 'is not the pinned one'}" for file in wrong
        )
        packages = " ".join(file.package for file in wrong)
        remedy = f"pip install --force-reinstall --no-deps {packages}"
        return CheckResult(name="model files", status="error", message=what, remedy=remedy)
    return _ok("model files", "; ".join(map(_origin, files)))


def _origin(file: ModelFile) -> str:
    """Say where a model file comes from and under which licence."""
    stated = metadata.metadata(file.package.partition("==")[0]).get_all("License-Expression") or ["licence not stated"]
    return f"{file.name} from {file.package} ({stated[0]}), sha256 {str(file.sha256)[:12]}"


def _embedder(settings: Settings, api_key: str | None) -> tuple[Embedder | None, CheckResult]:
    """Return the embedder, if it embeds, with what was found; a server is asked only where one is configured."""
    name = "embedding"
    try:
        embedder = _made(settings, api_key)
        dimension = embedder.embed(["skillgen doctor"]).shape[1]
    except SkillgenError as error:
        return None, _error(name, error)
    except ImportError as error:
        message = f"a library cannot be loaded: {error}"
        return None, CheckResult(name=name, status="error", message=message, remedy=_REINSTALL)
    return embedder, _ok(name, f"{embedder.id} gives vectors of length {dimension}")


def _made(settings: Settings, api_key: str | None) -> Embedder:
    """Return the embedder that the settings name; a server gets less time than usual."""
    return named_embedder(settings.embed, api_key=api_key, timeout=_PROBE_SECONDS)


# -- the chat model ----------------------------------------------------------------------------------------------------


def _chat_model(settings: Settings) -> CheckResult | None:
    """Ask the chat model, where one is configured, in which form it gives structured replies; a few small calls."""
    model = settings.model
    if model.name is None:
        return None
    quick = model.model_copy(update={"timeout": min(model.call_seconds, _MODEL_SECONDS), "retries": 0})
    with open_client(quick, MemoryReplies()) as client:
        result = client.probe(fresh=True)
        where = client.usage().endpoints[0]
    room = f"requests of up to {model.context_tokens:,} tokens"
    message = f"{model.name} at {where} answers in {result.seconds:.1f} s; {room}; {told(result)}"
    if result.valid:
        return _ok("chat model", message)
    remedy = "Choose a larger model: none of its replies had the form that was asked for."
    return CheckResult(name="chat model", status="warning", message=message, remedy=remedy)


# -- the workspace -----------------------------------------------------------------------------------------------------


def _disk(root: Path) -> CheckResult:
    place = next(path for path in (root.absolute(), *root.absolute().parents) if path.is_dir())
    free = shutil.disk_usage(place).free
    message = f"{free / 1e9:.1f} GB are free at {place}"
    if free >= _LITTLE_SPACE:
        return _ok("disk", message)
    return CheckResult(name="disk", status="warning", message=message, remedy="Free 1 GB, or use another --workspace.")


def _workspace(root: Path, embedder: Embedder | None) -> list[CheckResult]:
    """Check a workspace that is there; none is made."""
    if not root.exists() or (root.is_dir() and not any(root.iterdir())):
        return [_ok("workspace", f"{root} is not there yet; the first build makes it")]
    try:
        return list(_opened(root, embedder))
    except WorkspaceBusyError as error:
        return [CheckResult(name="workspace", status="warning", message=error.message, remedy=error.hint)]
    except SkillgenError as error:
        return [_error("workspace", error)]


def _opened(root: Path, embedder: Embedder | None) -> Iterator[CheckResult]:
    if root.is_dir() and (root / MARKER).is_file():
        yield _permissions(root)
    truth = root / "truth.sqlite3"
    damage = _damage(truth)
    if damage:
        yield CheckResult(
            name="workspace",
            status="error",
            message=f"{truth} is damaged: {damage}",
            remedy=f"Move {root} away and build again: everything in it is made from the pages.",
        )
        return
    with open_workspace(root, command="skillgen doctor") as workspace:
        chunks = workspace.store.chunks()
        yield _truth(root, workspace.store, chunks, embedder)
        yield from _guarded("word index", lambda: _words(workspace, chunks))
        yield from _guarded("vector index", lambda: _vectors(workspace, chunks, embedder))


def _permissions(root: Path) -> CheckResult:
    mode = stat.S_IMODE(root.stat().st_mode)
    if not mode & 0o077:
        return _ok("privacy", f"only its owner can look into {root} (mode {mode:04o})")
    return CheckResult(
        name="privacy",
        status="warning",
        message=f"other users can look into {root}, which holds copies of the pages (mode {mode:04o})",
        remedy=f"chmod 700 {shlex.quote(str(root))}",
    )


def _damage(truth: Path) -> str | None:
    """Return what SQLite says against the file; None where it is sound or not there yet."""
    if not truth.is_file():
        return None
    try:
        with sqlite3.connect(f"{truth.absolute().as_uri()}?mode=ro", uri=True) as connection:
            said = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if said == "ok" else said


def _truth(root: Path, store: Store, chunks: tuple[Chunk, ...], embedder: Embedder | None) -> CheckResult:
    """Tell what the truth holds, and whether every text has its embedding."""
    texts = len({text_digest(chunk) for chunk in chunks})
    missing = len(store.unembedded(embedder.id)) if embedder else 0
    embedded = f", {texts - missing} embeddings for {texts} texts" if embedder else ""
    pages = len(store.page_states())
    message = f"{root} has format {store.meta('schema_version')}, {pages} pages, {len(chunks)} chunks{embedded}"
    if not missing:
        return _ok("workspace", message)
    return CheckResult(name="workspace", status="warning", message=message, remedy="skillgen ingest (or build) goes on")


def _words(workspace: Workspace, chunks: tuple[Chunk, ...]) -> CheckResult:
    index = LexicalIndex(workspace.words)
    index.search("any", limit=1)  # opens the files and compares them with what was written
    if index.digest == index_digest(chunks) or (index.digest is None and not chunks):
        return _ok("word index", f"holds the workspace's {len(chunks)} chunks")
    return _stale("word index", "it is not made from what the workspace holds now")


def _vectors(workspace: Workspace, chunks: tuple[Chunk, ...], embedder: Embedder | None) -> CheckResult:
    if embedder is None:
        message = "not checked, because the embedding model cannot be used"
        return CheckResult(name="vector index", status="warning", message=message)
    with VectorIndex(workspace.vectors, embedder_id=embedder.id) as index:
        present = index.ids()
    state = workspace.store.meta(VECTORS_STATE)
    if present == {chunk.chunk_id for chunk in chunks} and (
        state == f"{embedder.id} {index_digest(chunks)}" or not chunks
    ):
        return _ok("vector index", f"holds the workspace's {len(chunks)} chunks")
    why = (
        "its last change was broken off" if state == "changing" else "it is not made from what the workspace holds now"
    )
    return _stale("vector index", f"{why} ({len(present)} of {len(chunks)} chunks)")


def _stale(name: str, message: str) -> CheckResult:
    return CheckResult(name=name, status="warning", message=message, remedy=f"{_REBUILD} (the next build does it too)")
