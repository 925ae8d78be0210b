"""Explain: what became of one line of a source, or where a claim comes from, and by what scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from skillgen.draft import draft_from_json, trace_from_json
from skillgen.errors import UserError
from skillgen.extract import extract_candidates
from skillgen.lexical import LexicalIndex
from skillgen.model.corpus import Block, BlockKind, Chunk, Finding, Page
from skillgen.model.draft import Claim
from skillgen.model.facts import PageFacts
from skillgen.model.lines import Lines
from skillgen.model.trace import Trace, Traced
from skillgen.pipeline.indexes import VECTORS_STATE, index_digest
from skillgen.quotes import MAX_CLAIM_WORDS
from skillgen.store import Store
from skillgen.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockStory:
    """A block that touches the line, and the sentences of it that can be cited, without markup."""

    kind: BlockKind
    lines: tuple[int, int]
    heading_path: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkStory:
    """A chunk that holds the line, the text that is indexed for it, and which index holds it."""

    chunk_id: str
    lines: tuple[int, int]
    indexed_text: str
    in_vectors: bool
    in_words: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementStory:
    """What a skill's last build made of a statement that touches the line; `kept` of `ranked` became claims."""

    skill: str
    kept: int
    ranked: int
    traced: Traced


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimStory:
    """A claim of a skill's last build, with what became of the statement it is made of."""

    skill: str
    question: str
    claim: Claim
    statement: StatementStory | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStory:
    """What became of a line: its text as anybody may see it, blocks, chunks, and what screening took away.

    `removed` are the marks of what screening took from the line ("" for what was quarantined, which leaves no mark).
    `stated` tells whether a statement quotes the line, and `unstated` why none does, where that shows (or is empty).
    """

    source: str
    line: int
    text: str
    title: str
    facts: PageFacts
    removed: tuple[str, ...]
    blocks: tuple[BlockStory, ...]
    chunks: tuple[ChunkStory, ...]
    findings: tuple[Finding, ...]
    stated: bool
    unstated: str
    statements: tuple[StatementStory, ...]


def explain_line(workspace: Workspace, source: str, line: int) -> LineStory:
    """Return what became of a line of a source, 1-based.

    Raises:
        UserError: the source is not known, made no page, or has no such line.
    """
    store = workspace.store
    page = _page(store, source)
    lines = Lines.of(page.text)
    if not 1 <= line <= len(lines.starts):
        raise UserError(
            f"{source} has {len(lines.starts)} lines; there is no line {line}.",
            hint=f"Try: skillgen explain {source}:{len(lines.starts)}",
        )
    start = lines.starts[line - 1]
    end = lines.starts[line] if line < len(lines.starts) else len(page.text)

    def touches(item: Block | Chunk) -> bool:
        return item.start < end and start < item.end

    stated = any(
        quote.start < end and start < quote.end
        for candidate in extract_candidates(page)
        for quote in candidate.citations
    )
    blocks = [block for block in page.blocks if touches(block)]
    return LineStory(
        source=source,
        line=line,
        text=page.shown(start, end).strip("\r\n"),
        title=page.title,
        facts=store.facts()[source],
        removed=tuple(mark for s, e, mark in page.removed if s < end and start < e),
        blocks=tuple(_block(block, lines) for block in blocks),
        chunks=_chunks(workspace, source, touches),
        findings=tuple(f for f in store.findings() if f.source == source and f.line in (None, line)),
        stated=stated,
        unstated="" if stated else _why_unstated(blocks, start, end),
        statements=tuple(
            StatementStory(skill=trace.skill, kept=trace.kept, ranked=len(trace.candidates), traced=one)
            for trace in _traces(workspace)
            for one in trace.candidates
            if one.source == source and one.start < end and start < one.end
        ),
    )


def explain_claim(workspace: Workspace, claim_id: str) -> tuple[ClaimStory, ...]:
    """Return the claim of this id from every draft that holds it.

    Raises:
        UserError: no draft of the workspace holds it.
    """
    traces = {trace.skill: trace for trace in _traces(workspace)}
    stories = []
    for path in workspace.drafts():
        draft = draft_from_json(path.read_text(encoding="utf-8"))
        for answer in draft.answers:
            stories += [
                ClaimStory(
                    skill=draft.skill.name,
                    question=answer.question,
                    claim=claim,
                    statement=_statement(traces.get(draft.skill.name), claim_id),
                )
                for claim in answer.claims
                if claim.id == claim_id
            ]
    if not stories:
        raise UserError(
            f"No draft in {workspace.root} holds the claim {claim_id}.",
            hint="Claims of the last builds are in its drafts/.",
        )
    return tuple(stories)


def _traces(workspace: Workspace) -> tuple[Trace, ...]:
    paths = sorted((workspace.root / "traces").glob("*.json"))
    return tuple(trace_from_json(path.read_text(encoding="utf-8")) for path in paths)


def _statement(trace: Trace | None, claim_id: str) -> StatementStory | None:
    for one in trace.candidates if trace else ():
        if trace and one.claim == claim_id and one.outcome in ("body", "reference"):
            return StatementStory(skill=trace.skill, kept=trace.kept, ranked=len(trace.candidates), traced=one)
    return None


def _page(store: Store, source: str) -> Page:
    page = next(store.pages([source]), None)
    if page is not None:
        return page
    findings = [finding for finding in store.findings() if finding.source == source]
    if findings:
        raise UserError(
            f"{source} made no page: {findings[0].message}", hint="Mend the file and run `skillgen ingest`."
        )
    near = get_close_matches(source, sorted(store.page_states()), n=3)
    raise UserError(
        f"The workspace knows no source {source!r}.",
        hint=f"Did you mean {' or '.join(near)}?" if near else "`skillgen ingest` reads the pages of a corpus.",
    )


def _block(block: Block, lines: Lines) -> BlockStory:
    return BlockStory(
        kind=block.kind,
        lines=(lines.number(block.start), lines.number(max(block.start, block.end - 1))),
        heading_path=block.heading_path,
        sentences=tuple(span.text for span in block.spans),
    )


def _why_unstated(blocks: Sequence[Block], start: int, end: int) -> str:
    """Return why a part of a page that no statement quotes makes none, or nothing where that does not show."""
    if blocks and all(block.kind == "heading" for block in blocks):
        return "it is a title or heading, which stands before the statements below it"
    spans = [span for block in blocks for span in block.spans if span.start < end and start < span.end]
    if spans and all(span.text.endswith("?") for span in spans):
        return "a question states nothing"
    if any(len(span.text.split()) > MAX_CLAIM_WORDS for span in spans):
        return f"a sentence of it has over {MAX_CLAIM_WORDS} words, and none is cut"
    return ""


def _chunks(workspace: Workspace, source: str, touches: Callable[[Chunk], bool]) -> tuple[ChunkStory, ...]:
    chunks = workspace.store.chunks()
    digest = index_digest(chunks)
    in_vectors = (workspace.store.meta(VECTORS_STATE) or "").endswith(f" {digest}")
    in_words = LexicalIndex(workspace.words).digest == digest
    return tuple(
        ChunkStory(
            chunk_id=chunk.chunk_id,
            lines=chunk.lines,
            indexed_text=chunk.indexed_text,
            in_vectors=in_vectors,
            in_words=in_words,
        )
        for chunk in chunks
        if chunk.source == source and touches(chunk)
    )
