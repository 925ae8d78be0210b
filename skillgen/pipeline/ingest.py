"""Ingest: corpora to the workspace's truth and its two indexes, incrementally."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from skillgen import __version__
from skillgen.chunk import chunk_page
from skillgen.embed import local_embedder, server_embedder
from skillgen.errors import CorpusError, SettingsError
from skillgen.lexical import LexicalIndex, LexicalRow
from skillgen.model.corpus import Chunk, Corpus, Finding, IngestReport, SourceFile
from skillgen.parse import PARSER_VERSION, parse_page
from skillgen.protocols import Embedder, Reporter
from skillgen.screen import SCREEN_VERSION, screen_page
from skillgen.settings import Settings
from skillgen.source import SourceEntry, corpus_digest, read_source, resolve_corpora, scan
from skillgen.store import PageState, Store
from skillgen.vectors import VectorIndex
from skillgen.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Vectors are stored this many at a time: after a kill at most so many are computed again (about a second's work).
_EMBED_BATCH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class _Synced:
    """What became of the files of a scan."""

    digests: tuple[tuple[str, str], ...]
    parsed: int
    removed: int
    findings: tuple[Finding, ...]


def make_embedder(settings: Settings, *, api_key: str | None = None) -> Embedder:
    """Return the embedder that the settings name.

    Raises:
        PrerequisiteError: its files are missing or not the pinned ones, or its server does not answer.
        SettingsError: a server is named without a model.
    """
    embed = settings.embed
    if embed.base_url is None:
        return local_embedder(embed.folder, threads=embed.threads)
    if embed.model is None:
        raise SettingsError("embed.base_url needs embed.model.", hint="Name the server's embedding model.")
    return server_embedder(embed.base_url, embed.model, api_key=api_key)


def corpora_of(settings: Settings) -> tuple[Corpus, ...]:
    """Return the corpora that the settings name.

    Raises:
        CorpusError: there is none, or a folder is missing.
    """
    if not settings.corpus:
        raise CorpusError("No corpus is named.", hint="Give a folder of pages with --corpus.")
    folders = [item.path for item in settings.corpus]
    named = zip(resolve_corpora(folders), settings.corpus, strict=True)
    return resolve_corpora(folders, {corpus.name: item.url for corpus, item in named if item.url})


def ingest(settings: Settings, workspace: Workspace, *, embedder: Embedder, reporter: Reporter) -> IngestReport:
    """Bring truth and indexes up to date with the corpora, doing again only what changed.

    Raises:
        CorpusError: no file of the corpora could be read as a page.
    """
    store = workspace.store
    synced = _sync_pages(settings, store, reporter)
    embedded = embed_missing(store, embedder, reporter)
    chunks = store.chunks()
    sync_indexes(workspace, chunks, embedder, reporter)
    return IngestReport(
        pages=len(synced.digests),
        chunks=len(chunks),
        parsed=synced.parsed,
        unchanged=len(synced.digests) - synced.parsed,
        removed=synced.removed,
        embedded=embedded,
        findings=store.findings(),
        corpus_sha256=corpus_digest(synced.digests),
    )


def _sync_pages(settings: Settings, store: Store, reporter: Reporter) -> _Synced:
    """Parse what is new or changed, forget what is gone."""
    found = scan(
        corpora_of(settings),
        include=settings.ingest.include,
        exclude=settings.ingest.exclude,
        max_bytes=settings.ingest.max_bytes,
    )
    states = store.page_states()
    recipe = _recipe(settings)
    findings = list(found.findings)
    digests: list[tuple[str, str]] = []
    parsed = 0
    reporter.start("Reading pages", len(found.entries))
    for entry in found.entries:
        file = read_source(entry, max_bytes=settings.ingest.max_bytes)
        if isinstance(file, Finding):
            findings.append(file)
        else:
            digests.append((file.source, file.sha256))
            parsed += _store_page(store, file, entry, states.get(file.source), settings, recipe)
        reporter.advance()
    gone = sorted(states.keys() - {source for source, _ in digests})
    store.remove_pages(gone)
    store.put_scan_findings(findings)
    reporter.done(f"{len(digests)} pages: {parsed} new or changed, {len(gone)} gone")
    if not digests:
        raise _empty(settings, findings)
    return _Synced(digests=tuple(digests), parsed=parsed, removed=len(gone), findings=tuple(findings))


def _recipe(settings: Settings) -> str:
    """Return the digest of what decides how a page is parsed and chunked, besides its bytes.

    Another version may do it otherwise; reading all pages again is cheap, as equal texts keep their vectors.
    """
    recipe = f"{__version__} {PARSER_VERSION} {SCREEN_VERSION} {settings.chunk.model_dump_json()}"
    return hashlib.sha256(recipe.encode()).hexdigest()[:16]


def _store_page(
    store: Store, file: SourceFile, entry: SourceEntry, state: PageState | None, settings: Settings, recipe: str
) -> bool:
    """Parse, screen and store the page unless it is known as it is; return whether it was parsed."""
    if state == PageState(sha256=file.sha256, recipe=recipe, url=entry.url):
        return False
    page, findings = parse_page(file)
    screened = screen_page(page)  # from here on nobody sees the page as it was
    chunks = chunk_page(screened.page, max_chars=settings.chunk.max_chars)
    store.put_page(screened.page, chunks, [*findings, *screened.findings], recipe=recipe)
    return True


def _empty(settings: Settings, findings: Sequence[Finding]) -> CorpusError:
    folders = ", ".join(str(item.path) for item in settings.corpus)
    seen = "; ".join(f"{item.source}: {item.message}" for item in findings[:5])
    return CorpusError(
        f"There is no page to read in {folders}." + (f" Seen: {seen}" if seen else ""),
        hint=f"Pages are files ending in {', '.join(settings.ingest.include)}; `ingest.include` changes that.",
    )


def embed_missing(store: Store, embedder: Embedder, reporter: Reporter) -> int:
    """Embed every text that has no vector yet and return how many there were; each batch is kept when it is done."""
    missing = store.unembedded(embedder.id)
    if not missing:
        return 0
    reporter.start("Embedding chunks", len(missing))
    for start in range(0, len(missing), _EMBED_BATCH):
        batch = missing[start : start + _EMBED_BATCH]
        vectors = embedder.embed([text for _, text in batch])
        store.put_embeddings(embedder.id, {digest: row for (digest, _), row in zip(batch, vectors, strict=True)})
        reporter.advance(len(batch))
    reporter.done(f"{len(missing)} texts embedded")
    return len(missing)


def index_digest(chunks: Sequence[Chunk]) -> str:
    """Return the digest by which an index knows what it was made from."""
    return hashlib.sha256("\n".join(chunk.chunk_id for chunk in chunks).encode()).hexdigest()


def sync_indexes(workspace: Workspace, chunks: Sequence[Chunk], embedder: Embedder, reporter: Reporter) -> None:
    """Derive both indexes from the truth, unless they hold it already."""
    store = workspace.store
    store.drop_orphans()
    digest = index_digest(chunks)

    def vectors_of(ids: Sequence[str]) -> NDArray[np.float32]:
        return store.vectors(embedder.id, ids)

    lexical = LexicalIndex(workspace.words)
    if lexical.digest != digest:
        reporter.start("Indexing words")
        rows = (LexicalRow(id=c.chunk_id, headings=" > ".join(c.heading_path), text=c.text) for c in chunks)
        lexical.rebuild(rows, digest=digest)
        reporter.done()
    state = f"{embedder.id} {digest}"
    vectors = VectorIndex(workspace.vectors, embedder_id=embedder.id)
    try:
        if store.meta("vectors_state") != state or vectors.count() != len(chunks):
            reporter.start("Indexing vectors")
            store.set_meta("vectors_state", "changing")
            vectors.sync([chunk.chunk_id for chunk in chunks], vectors_of)
            store.set_meta("vectors_state", state)
            reporter.done()
    finally:
        vectors.close()
