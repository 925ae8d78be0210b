"""Markdown to blocks with exact raw spans: block structure by markdown-it, sentences by our own inline scan."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from skillgen.model.corpus import Block, BlockKind, Finding, Page, SourceFile, Span
from skillgen.model.lines import Lines
from skillgen.parse import flavours
from skillgen.parse.box_titles import Box, BoxTitles
from skillgen.parse.boxes import is_option
from skillgen.parse.fact_lines import fact_starts
from skillgen.parse.front_matter import FrontMatter, read_front_matter
from skillgen.parse.headings import title_heading, with_heading_paths
from skillgen.parse.includes import include_findings, is_include
from skillgen.parse.inline import MappedText, join_segments, plain_text, reference_key, without_scripts
from skillgen.parse.sentences import cut_ranges, sentence_ranges
from skillgen.parse.tables import Carried, carried_down, cell_texts, row_text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# Counts up whenever the same text would give other blocks or spans: a workspace then parses its pages again.
PARSER_VERSION = 4

# Nesting that is deeper is dropped by the parser; each level takes time for each of its lines.
MAX_NESTING = 32
# Over this many characters a line with bars is no row that somebody wrote: it is read as running text.
MAX_ROW = 20_000

_CODE = ("fence", "code_block")
_TASK_BOX = re.compile(r"\[[ xX]\]\s+")
_NOT_NEWLINE = re.compile(r"[^\r\n]")
_CONTAINERS = re.compile(r"(?:[ \t]*(?:>|[-*+](?=\s)|\d{1,9}[.)](?=\s)))*[ \t]*")


def parse_markdown(file: SourceFile) -> tuple[Page, tuple[Finding, ...]]:
    """Return the page with its blocks in the order of the text, and what was odd about it.

    For every block and span, `start < end` and the offsets lie in `file.text`; spans lie inside their block, in order
    and without overlap.
    """
    front = read_front_matter(file.text)
    lines = Lines.of(file.text)
    parsed = _parsed_text(file.text, front.end, lines)
    tokens, references = _tokens(parsed, mdx=flavours.is_mdx(file.source, parsed))
    walk = _Walk(file.text, parsed, lines, tokens, references)
    title = front.text("title") or title_heading(walk.blocks()) or PurePosixPath(file.source).stem
    page = Page(
        source=file.source,
        title=title,
        text=file.text,
        sha256=file.sha256,
        blocks=tuple(with_heading_paths(walk.blocks(), title, walk.boxes())),
        url=file.url,
        meta=front.meta(),
    )
    code = [(first, last) for token in tokens if token.type in _CODE for first, last in [token.map or (0, 0)]]
    return page, (*_findings(page, front), *include_findings(file.source, parsed, lines, code))


@functools.cache
def _parser(*, mdx: bool) -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable("table")
    flavours.install(parser)
    if mdx:
        parser.disable("code")
    parser.core.ruler.disable(["inline", "text_join"])  # positions of inline markup are found by our own scan
    return parser


def _parsed_text(text: str, body_start: int, lines: Lines) -> str:
    """Return the text as it is parsed: the same characters in the same places, without those that would mislead.

    Front matter is blanked, so that line numbers stay those of the file; so are the bars of a line too long for a row.
    """
    parsed = _NOT_NEWLINE.sub(" ", text[:body_start]) + text[body_start:].replace("\0", "\ufffd")
    if parsed[:1] == "\ufeff":
        parsed = " " + parsed[1:]
    huge = [(start, end) for start, end in zip(lines.starts, lines.ends, strict=True) if end - start > MAX_ROW]
    pieces, cursor = [], 0
    for start, end in huge:
        pieces += [parsed[cursor:start], parsed[start:end].replace("|", " ")]
        cursor = end
    return "".join([*pieces, parsed[cursor:]])


def _tokens(parsed: str, *, mdx: bool) -> tuple[list[Token], frozenset[str]]:
    """Return the block tokens and the keys of the link definitions."""
    env: dict[str, Any] = {}
    tokens = _parser(mdx=mdx).parse(parsed, env)
    return tokens, frozenset(reference_key(key) for key in env.get("references", {}))


def _findings(page: Page, front: FrontMatter) -> tuple[Finding, ...]:
    findings = []
    if front.problem:
        findings.append(Finding(kind="front-matter", source=page.source, message=front.problem, line=1))
    if not any(block.spans for block in page.blocks if block.kind != "heading"):
        findings.append(Finding(kind="no-text", source=page.source, message="The page has no text to cite."))
    return tuple(findings)


@dataclass(slots=True)
class _Walk:
    """One pass over the block tokens of a page."""

    text: str
    parsed: str
    lines: Lines
    tokens: list[Token]
    references: frozenset[str]
    _list_depth: int = 0
    _item_opened: bool = False
    _blocks: list[Block] | None = None
    _header: tuple[list[str], Span | None] = field(default_factory=lambda: ([], None))
    _above: Carried | None = None
    _titles: BoxTitles = field(default_factory=BoxTitles)

    def blocks(self) -> tuple[Block, ...]:
        if self._blocks is None:
            self._blocks = []
            for index, token in enumerate(self.tokens):
                self._titles.follow(token, self._blocks)
                block = self._block(index, token)
                if block is not None and block.start < block.end:
                    self._blocks.append(block)
                    if "from_end" in token.meta and not self._list_depth:  # in a list it stays with its item
                        self._titles.title_at(len(self._blocks) - 1)
        return tuple(self._blocks)

    def boxes(self) -> list[Box]:
        self.blocks()
        return self._titles.boxes()

    def _block(self, index: int, token: Token) -> Block | None:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            self._list_depth += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self._list_depth -= 1
        elif token.type in ("list_item_open", "list_item_close"):
            self._item_opened = token.type == "list_item_open"
        elif token.type == "tr_open":
            return self._table_row(index, token)
        elif token.type in _CODE:
            return self._code(token)
        elif token.type == "html_block":
            return self._html(token)
        elif token.type == "inline" and self.tokens[index - 1].type in ("paragraph_open", "heading_open"):
            return self._prose(token, self.tokens[index - 1])
        return None

    def _prose(self, token: Token, opener: Token) -> Block | None:
        """A heading, a paragraph, or the first paragraph of a list item."""
        segments = self._segments(token)
        if opener.type == "heading_open":
            content = join_segments(self.text, segments)
            plain = plain_text(content, self.references)
            return self._made("heading", content, [(0, len(plain.text))], plain, int(opener.tag[1]))
        kind: BlockKind = "paragraph"
        if self._list_depth and self._item_opened:
            kind = "list_item"
            segments = self._without_task_box(segments)
        self._item_opened = False
        content = join_segments(self.text, segments)
        plain = plain_text(content, self.references)
        places = [plain.position(start) for start in fact_starts(self.text, segments)]
        ranges = cut_ranges(plain.text, sentence_ranges(plain.text), places)
        return self._made(kind, content, ranges, plain, self._list_depth)

    def _without_task_box(self, segments: list[tuple[int, int]]) -> list[tuple[int, int]]:
        box = _TASK_BOX.match(self.text, *segments[0]) if segments else None
        return [(box.end(), segments[0][1]), *segments[1:]] if box and box.end() < segments[0][1] else segments

    def _made(
        self, kind: BlockKind, content: MappedText, ranges: list[tuple[int, int]], plain: MappedText, depth: int
    ) -> Block | None:
        if not content.text:
            return None
        return Block(
            kind=kind,
            start=content.starts[0],
            end=content.ends[-1],
            heading_path=(),
            depth=depth,
            spans=tuple(_spans(plain, ranges)),
        )

    def _segments(self, token: Token) -> list[tuple[int, int]]:
        """Return the raw range of each line of an inline token, without indentation, quote marks and closing hashes."""
        segments: list[tuple[int, int]] = []
        first, last = token.map or [0, 0]
        if "from_end" in token.meta:  # a part of a line, where flavours found a title
            start = self.lines.ends[first] - int(token.meta["from_end"])
            return [(start, start + len(token.content))]
        contents = token.content.split("\n")
        for line, content in zip(range(first, last), contents, strict=False):
            start, end = self.lines.starts[line], self.lines.ends[line]
            stripped = content.strip()
            line_text = self.parsed[start:end]  # the colon alone is what stands before a definition
            at = line_text.find(stripped) if stripped == ":" else line_text.rfind(stripped)
            if stripped and at >= 0:
                segments.append((start + at, start + at + len(stripped)))
        return segments

    def _table_row(self, index: int, token: Token) -> Block | None:
        """A row of a table as `header: cell` pairs; the header row itself is only remembered."""
        line = (token.map or [0, 0])[0]
        is_header = self.tokens[index - 1].type == "thead_open"
        start, end = self._header_line(line) if is_header else self._trimmed_line(line)
        if end - start > MAX_ROW:
            return self._huge_row(start, end)
        cells = cell_texts(self.text, start, end, self.references)
        if is_header:
            name = " | ".join(cell for cell in cells if cell)
            dashes_end = self._trimmed_line(line + 1)[1]  # with the line of dashes below it
            self._header = (cells, Span(start=start, end=dashes_end, text=name) if name else None)
            self._above = None
            return None
        names, header_span = self._header
        cells, header_span, self._above = carried_down(self.text, (start, end), cells, header_span, self._above)
        text = row_text(names, cells)
        return Block(
            kind="table_row",
            start=start,
            end=end,
            heading_path=(),
            depth=self._list_depth,
            spans=(Span(start=start, end=end, text=text),) if text else (),
            header=header_span,
        )

    def _huge_row(self, start: int, end: int) -> Block | None:
        content = join_segments(self.text, [(start, end)])
        plain = plain_text(content, self.references)
        return self._made("paragraph", content, sentence_ranges(plain.text), plain, self._list_depth)

    def _header_line(self, line: int) -> tuple[int, int]:
        """Return the range of a table's first line, which a list marker may stand before."""
        end = self._trimmed_line(line)[1]
        containers = _CONTAINERS.match(self.text, self.lines.starts[line], end)
        return (containers.end() if containers else end), end

    def _trimmed_line(self, line: int) -> tuple[int, int]:
        start, end = self.lines.starts[line], self.lines.ends[line]
        raw = self.text[start:end]
        lead = len(raw) - len(raw.lstrip(" \t>"))
        return start + lead, start + max(lead, len(raw.rstrip()))

    def _code(self, token: Token) -> Block | None:
        """A code block: one span over its lines without the fences."""
        first, last = token.map or [0, 0]
        if token.type == "fence":
            first += 1
        directive = flavours.directive_of(token.info)
        wanted = [line.strip() for line in token.content.split("\n")]
        options = sum(1 for _ in itertools.takewhile(is_option, wanted)) if directive else 0
        rows = [
            (line, text)
            for line, text in zip(range(first, last), wanted, strict=False)
            if text and self._raw_line(line).rstrip().endswith(text) and not is_include(text)
        ][options:]
        if not rows or (directive and flavours.is_dropped(directive)):
            return None
        start = self.lines.starts[rows[0][0]] + self._raw_line(rows[0][0]).rfind(rows[0][1])
        end = self.lines.starts[rows[-1][0]] + len(self._raw_line(rows[-1][0]).rstrip())
        span = Span(start=start, end=end, text="\n".join(text for _, text in rows))
        return Block(kind="code", start=start, end=end, heading_path=(), depth=self._list_depth, spans=(span,))

    def _raw_line(self, line: int) -> str:
        return self.parsed[self.lines.starts[line] : self.lines.ends[line]]

    def _html(self, token: Token) -> Block | None:
        """An HTML block: what a reader sees of it, sentence by sentence."""
        first, last = token.map or [0, 0]
        segments = [self._trimmed_line(line) for line in range(first, last)]
        content = without_scripts(join_segments(self.text, [(a, b) for a, b in segments if a < b]))
        if not content.text:
            return None
        plain = plain_text(content, self.references)
        return self._made("html", content, sentence_ranges(plain.text), plain, self._list_depth)


def _spans(plain: MappedText, ranges: list[tuple[int, int]]) -> Iterator[Span]:
    previous_end = -1
    for start, end in ranges if plain.text else []:
        raw_start, raw_end = plain.raw_range(start, end)
        raw_start = max(raw_start, previous_end)
        if raw_start < raw_end:
            yield Span(start=raw_start, end=raw_end, text=plain.text[start:end])
            previous_end = raw_end
