"""Ingest: corpora to the workspace's truth and its two indexes, incrementally."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from skillgen import __version__
from skillgen.chunk import chunk_page
from skillgen.duplicates import sketch
from skillgen.errors import CorpusError
from skillgen.facts import page_facts
from skillgen.model.corpus import Corpus, Finding, IngestReport, SourceFile
from skillgen.parse import PARSER_VERSION, parse_page, without_statements
from skillgen.pipeline.indexes import embed_missing, indexed_embedder, sync_indexes
from skillgen.pipeline.statements import statement_entries
from skillgen.pipeline.surroundings import refresh_surroundings
from skillgen.protocols import Embedder, Reporter
from skillgen.screen import SCREEN_VERSION, screen_page
from skillgen.settings import Settings
from skillgen.source import SourceEntry, corpus_digest, read_source, resolve_corpora, scan
from skillgen.store import PageState, Store
from skillgen.workspace import Workspace

# Share of the known pages that a sync removes without being asked to.
MAX_PRUNED = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Synced:
    """What became of the files of a scan."""

    digests: tuple[tuple[str, str], ...]
    parsed: int
    reread: int
    removed: int


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
        CorpusError: no file of the corpora could be read as a page, or more than a fifth of the pages are gone and the
            settings do not allow that.
    """
    store = workspace.store
    _note_older(store, embedder, reporter)
    synced = _sync_pages(settings, store, reporter, statements=workspace.statements)
    embedded = embed_missing(store, embedder, reporter)
    chunks = store.chunks()
    sync_indexes(workspace, chunks, embedder, reporter)
    return IngestReport(
        pages=len(synced.digests),
        chunks=len(chunks),
        parsed=synced.parsed,
        reread=synced.reread,
        unchanged=len(synced.digests) - synced.parsed,
        removed=synced.removed,
        embedded=embedded,
        findings=store.findings(),
        corpus_sha256=corpus_digest(synced.digests),
    )


def _note_older(store: Store, embedder: Embedder, reporter: Reporter) -> None:
    """Say what an earlier version or another embedder left behind and is made anew."""
    if store.rebuilt_from:
        reporter.note(
            f"The workspace was made by an older skillgen (format {store.rebuilt_from}): every page is read again. "
            "Vectors, drafts and decisions are kept."
        )
    before = indexed_embedder(store)
    if before and before != embedder.id:
        reporter.note(f"The embedder is now {embedder.id}, before it was {before}: every chunk is embedded again.")


def _sync_pages(settings: Settings, store: Store, reporter: Reporter, *, statements: Path) -> _Synced:
    """Parse what is new or changed, forget what is gone; what owners stated is read like any page."""
    corpora = corpora_of(settings)
    found = scan(
        corpora,
        include=settings.ingest.include,
        exclude=settings.ingest.exclude,
        max_bytes=settings.ingest.max_bytes,
    )
    entries = (*found.entries, *statement_entries(statements, found.entries))
    states = store.page_states()
    if not settings.ingest.allow_prune and found.entries:
        refuse_pruning(states, _present(entries, states, settings))
    recipe = _recipe(settings)
    findings = list(found.findings)
    digests: list[tuple[str, str]] = []
    parsed = reread = 0
    reporter.start("Reading pages", len(entries))
    for entry in entries:
        file = read_source(entry, max_bytes=settings.ingest.max_bytes)
        told = (file,) if isinstance(file, Finding) else without_statements(file)
        if isinstance(file, Finding) or told:
            findings += told
        else:
            digests.append((file.source, file.sha256))
            before = states.get(file.source)
            if _store_page(store, file, entry, before, settings, recipe):
                parsed += 1
                reread += before is not None and before.sha256 == file.sha256 and before.recipe != recipe
        reporter.advance()
    if not digests:
        raise _empty(settings, findings)
    if not settings.ingest.allow_prune:
        refuse_pruning(states, dict(digests))
    gone = sorted(states.keys() - {source for source, _ in digests})
    store.remove_pages(gone)
    findings += refresh_surroundings(store, corpora)
    store.put_scan_findings(findings)
    reporter.done(f"{len(digests)} pages: {parsed - reread} new or changed, {len(gone)} gone")
    if reread:
        reporter.note(f"{reread} unchanged pages were read again: the settings or the version of skillgen changed.")
    return _Synced(digests=tuple(digests), parsed=parsed, reread=reread, removed=len(gone))


def refuse_pruning(states: Mapping[str, PageState], present: Mapping[str, str]) -> None:
    """Stop where more than a fifth of the known pages would be removed: a wrong folder is likelier than a clean-up.

    Args:
        states: What is known of every page.
        present: SHA-256 by source of the pages that are there now; a page that moved is not gone.

    Raises:
        CorpusError: too many are gone.
    """
    missing = sorted(states.keys() - present.keys())
    moved = Counter(digest for source, digest in present.items() if source not in states)
    gone = [source for source in missing if not _take(moved, states[source].sha256)]
    if len(gone) <= MAX_PRUNED * len(states):
        return
    shown = ", ".join(gone[:3]) + (f" and {len(gone) - 3} more" if len(gone) > 3 else "")  # noqa: PLR2004
    raise CorpusError(
        f"{len(gone)} of the {len(states)} pages of the workspace are no longer there: {shown}. Nothing was removed.",
        hint="Check --corpus. If they are meant to go, run the same command with --allow-prune; "
        "for another corpus use another --workspace.",
    )


def _take(moved: Counter[str], digest: str) -> bool:
    """Take one page of this content from those that are new, if there is one."""
    if not moved[digest]:
        return False
    moved[digest] -= 1
    return True


def _present(entries: Sequence[SourceEntry], states: Mapping[str, PageState], settings: Settings) -> dict[str, str]:
    """Return the pages of a scan for `refuse_pruning`; a file is read only where it may be a page that moved."""
    present = {entry.source: "" for entry in entries}
    if states.keys() - present.keys():
        for entry in entries:
            if entry.source not in states:
                file = read_source(entry, max_bytes=settings.ingest.max_bytes)
                if isinstance(file, SourceFile):
                    present[entry.source] = file.sha256
    return present


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
    store.put_page(
        screened.page,
        chunks,
        [*findings, *screened.findings],
        recipe=recipe,
        facts=page_facts(screened.page),
        sketch=sketch(screened.page),
    )
    return True


def _empty(settings: Settings, findings: Sequence[Finding]) -> CorpusError:
    folders = ", ".join(str(item.path) for item in settings.corpus)
    seen = "; ".join(f"{item.source}: {item.message}" for item in findings[:5])
    return CorpusError(
        f"There is no page to read in {folders}." + (f" Seen: {seen}" if seen else ""),
        hint=f"Pages are files ending in {', '.join(settings.ingest.include)}; `ingest.include` changes that.",
    )
