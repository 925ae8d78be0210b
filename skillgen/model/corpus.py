"""Records of what was read: files, pages, blocks, spans, chunks and findings."""

from __future__ import annotations

import hashlib
import html
import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Literal

from skillgen.model.json_strings import unescaped

# Stands for each removed character of a page, so that the offsets of what follows stay those of the raw file.
FILLER = "\ufffc"
# A chunk's largest length in characters where no setting says another. all-MiniLM-L6-v2 reads 256 tokens, about 1,000
# characters of documentation with its headings. On one organisation's documentation (129 pages, 78 queries) 600
# characters gave recall@5 .63 and MRR .49, 900 gave .63 and .44.
CHUNK_CHARS = 600

Media = Literal["markdown", "html", "json"]
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
    FILLER, so that all offsets stay those of the raw file.
    """

    source: str
    title: str
    text: str
    sha256: str
    blocks: tuple[Block, ...]
    url: str | None = None
    media: Media = "markdown"
    meta: tuple[tuple[str, str], ...] = ()
    removed: tuple[tuple[int, int, str], ...] = ()

    def shown(self, start: int, end: int) -> str:
        """Return the text between two offsets as anybody may see it.

        Secrets are marks, injected instructions are gone, of HTML the text without its tags is left, and of JSON what
        its strings say that can be cited.
        """
        pieces: list[str] = []
        cursor = start
        for removed_start, removed_end, mark in self.removed:
            if removed_start < end and start < removed_end:
                pieces += [self.text[cursor : max(cursor, removed_start)], mark]
                cursor = max(cursor, min(removed_end, end))
        pieces.append(self.text[cursor:end])
        text = "".join(pieces).replace(FILLER, "")
        if self.media == "json":
            return self._said(start, end) or unescaped(text)
        return _without_tags(text) if self.media == "html" else text

    def _said(self, start: int, end: int) -> str:
        """Return the spans between two offsets with the marks of what was removed, each in a line of its own."""
        first = bisect_right(self.blocks, start, key=lambda block: block.end)
        blocks = takewhile(lambda block: block.start < end, self.blocks[first:])
        spans = [span for block in blocks for span in block.spans if span.start < end and start < span.end]
        texts = [(span.start, self._part(span, max(start, span.start), min(end, span.end))) for span in spans]
        marks = [(at, mark) for at, stop, mark in self.removed if spans and mark and at < end and start < stop]
        return "\n".join(text for _, text in sorted([*texts, *marks]))

    def _part(self, span: Span, start: int, end: int) -> str:
        whole = (start, end) == (span.start, span.end)
        return span.text if whole else unescaped(self.text[start:end].replace(FILLER, ""))


# A tag, comment or script; each part is bounded, so that no page makes the search slow.
_HTML_MARKUP = re.compile(
    r"<!--.{0,20000}?-->|<(script|style)\b.{0,20000}?</\1\s{0,9}>|</?[A-Za-z][^<>]{0,5000}>", re.DOTALL | re.IGNORECASE
)
_HTML_BREAK = re.compile(
    r"</?(?:p|div|li|tr|br|h[1-6]|pre|table|ul|ol|dl|dt|dd|blockquote|address|article|aside|body|caption|center|colgroup"
    r"|details|dialog|dir|fieldset|figcaption|figure|footer|form|header|hgroup|hr|html|legend|listing|main|menu|nav"
    r"|optgroup|option|search|section|summary|syntaxhighlight|tbody|tfoot|thead|xmp)(?=[\s/>])",
    re.IGNORECASE,
)
_HTML_CELL = re.compile(r"</?t[dh](?=[\s/>])", re.IGNORECASE)
_SPACES = re.compile(r"\s*\n\s*|[^\S\n]+")


def _without_tags(text: str) -> str:
    """Return what a reader sees of HTML: lines where blocks end, spaces where cells do, no tags, entities decoded."""
    plain = _HTML_MARKUP.sub(lambda tag: _in_place_of(tag.group()), text)
    return _SPACES.sub(lambda run: "\n" if "\n" in run.group() else " ", html.unescape(plain)).strip()


def _in_place_of(tag: str) -> str:
    """Return what parts the words around a tag: nothing where it is inline markup."""
    if _HTML_BREAK.match(tag):
        return "\n"
    return " " if _HTML_CELL.match(tag) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A run of blocks under one heading path that is embedded and retrieved as one.

    `text` is what the page shows from `start` to `end` (of Markdown the raw text), `lines` are its 1-based first and
    last line, `first_block` and `last_block` are positions in `Page.blocks`.
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
    """What an ingest did, in counts, and what it found worth telling.

    Of the `parsed` pages, `reread` had not changed themselves: settings or the version of skillgen had.
    """

    pages: int
    chunks: int
    parsed: int
    reread: int
    unchanged: int
    removed: int
    embedded: int
    findings: tuple[Finding, ...]
    corpus_sha256: str
