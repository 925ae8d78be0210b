"""Records of what was read: files, pages, blocks, spans, chunks and findings."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

BlockKind = Literal["heading", "paragraph", "list_item", "table_row", "code", "html"]
Severity = Literal["info", "warning", "error"]


def content_id(prefix: str, *parts: str, digits: int = 16) -> str:
    """`prefix-` and the first hexadecimal digits of the SHA-256 of the parts, each ended by a zero byte."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return f"{prefix}-{digest.hexdigest()[:digits]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """A folder of pages. `url` makes a page's address: `{path}` in it stands for the page's path."""

    name: str
    root: Path
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that was noticed about a source and is worth telling: nothing is skipped in silence."""

    kind: str
    source: str
    message: str
    severity: Severity = "warning"
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file that can be read as text: `text` is its bytes decoded as strict UTF-8, newlines untouched."""

    source: str
    text: str
    sha256: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A citable piece of a page: `start` and `end` are code points of the raw text, `text` is it without markup.

    A code span keeps its backticks, so that a command survives exactly.
    """

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of a page with its raw span and the headings it stands under.

    `depth` is the heading level of a heading and the nesting of a list item (1 = outermost), otherwise 0.
    `spans` are its sentences in order; a table row or a code block is a single span. A table row also knows the raw
    span of its table's header row.
    """

    kind: BlockKind
    start: int
    end: int
    heading_path: tuple[str, ...]
    depth: int = 0
    spans: tuple[Span, ...] = ()
    header: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A parsed source: its raw text and its blocks in the order of the text.

    `meta` are the values that came with it as text (front matter, export metadata), by key. `removed` are the ranges
    that screening took away, as start, end and the mark that a reader sees instead; in `text` they are filled with
    U+FFFC, so that all offsets stay those of the raw file.
    """

    source: str
    title: str
    text: str
    sha256: str
    blocks: tuple[Block, ...]
    url: str | None = None
    meta: tuple[tuple[str, str], ...] = ()
    removed: tuple[tuple[int, int, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A run of blocks under one heading path that is embedded and retrieved as one.

    `text` is the page's raw text from `start` to `end`, `lines` are its 1-based first and last line; `first_block` and
    `last_block` are positions in `Page.blocks`.
    """

    chunk_id: str
    source: str
    start: int
    end: int
    lines: tuple[int, int]
    heading_path: tuple[str, ...]
    text: str
    first_block: int
    last_block: int

    @property
    def indexed_text(self) -> str:
        """What is embedded and searched: the heading path, then the text."""
        return indexed_text(self.heading_path, self.text)


def indexed_text(heading_path: tuple[str, ...], text: str) -> str:
    """Return what is embedded and searched of a chunk: the heading path in a line of its own, then the text."""
    return " > ".join(heading_path) + "\n" + text if heading_path else text


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What an ingest did, in counts, and what it found worth telling."""

    pages: int
    chunks: int
    parsed: int
    unchanged: int
    removed: int
    embedded: int
    findings: tuple[Finding, ...]
    corpus_sha256: str
