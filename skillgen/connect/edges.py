"""Claims to edges: each sentence and row of a claim is read, and equal edges become one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from skillgen.connect.clause import Clause, with_subject
from skillgen.connect.doubt import HYPOTHETICAL, NOT_TODAY, is_doubtful, is_planned, is_planned_block, without_code
from skillgen.connect.names import Reader
from skillgen.connect.records import Found, Token
from skillgen.connect.rows import Row
from skillgen.model.catalogue import Catalogue
from skillgen.model.draft import Citation, Claim, IntegrationEdge
from skillgen.words import squeezed

MAX_CITATIONS = 6

_SENTENCE_END = re.compile(r"`[^`\n]*`|(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?P<end>[.!?])(?=\s|$)", re.IGNORECASE)
_PIECE_END = re.compile(r"`[^`\n]*`|(?P<end>;)(?=\s|$)")
_CLAUSE_END = re.compile(r"`[^`\n]*`|(?P<end>:)(?=\s|$)")

_ROW_START = re.compile(r"\s*[^:;`]{1,200}: [^;]*; [^:;`]{1,40}: ")
_FURTHER_CELL = re.compile(r"; [^:;`]{1,40}: ")


def connect_tools(claims: Sequence[Claim], catalogue: Catalogue, *, limit: int = 40) -> tuple[IntegrationEdge, ...]:
    """Return at most `limit` edges, those with the most quotes first, then by name.

    Each is stated by one sentence or table row of a claim, which its citations hold, and at least one of its ends is a
    tool of the catalogue or is named after one. `from_` is who acts: a tool that reads from a store leads to the store.
    """
    reader = Reader(catalogue, _names_in_tables(claims, Reader(catalogue)))
    merged: dict[tuple[str, str, str], tuple[str, dict[Citation, None]]] = {}
    for claim in claims:
        for found, cited in _found(claim, reader):
            key = (found.from_.label, found.to.label, found.relation)
            merged.setdefault(key, (found.what, {}))[1].update(dict.fromkeys(cited))
    edges = [
        (IntegrationEdge(from_=from_, to=to, what=what, citations=tuple(cited)[:MAX_CITATIONS]), relation)
        for (from_, to, relation), (what, cited) in merged.items()
    ]
    edges.sort(key=lambda pair: (-len(pair[0].citations), pair[0].from_, pair[0].to, pair[1]))
    return tuple(edge for edge, _ in edges[:limit])


def _names_in_tables(claims: Sequence[Claim], reader: Reader) -> set[str]:
    """Return the organisation's own names that a table sets over against a tool: sentences speak of them too."""
    names: set[str] = set()
    for claim in claims:
        for row in _rows(_own_text(claim)):
            for found in Row(reader, row).edges():
                if found.from_.is_tool != found.to.is_tool:
                    names |= {name.label for name in (found.from_, found.to) if not name.is_tool}
    return names


def _own_text(claim: Claim) -> str:
    """Return what a claim says without its lead; nothing where it, its lead or its headings are not of today."""
    text = claim.own_text
    if NOT_TODAY.search(claim.lead) or is_planned(claim.lead) or is_planned_block(text):
        return ""
    # The lead has not all the headings.
    headings = [" > ".join(citation.heading_path) for citation in claim.citations]
    return "" if headings and all(map(is_planned, headings)) else text


def _found(claim: Claim, reader: Reader) -> Iterator[tuple[Found, tuple[Citation, ...]]]:
    """Yield the edges of a claim, each with the citations that hold the sentence or row."""
    text = _own_text(claim)
    quotes = [(squeezed(citation.quote), citation) for citation in claim.citations] if text else []
    for one in _rows(text):
        row = Row(reader, one)
        cited = _cited(one, row, quotes)
        if _is_of_today(cited):
            yield from ((found, cited) for found in row.edges() if _is_edge(found))
    for start, end in _pieces(text, _SENTENCE_END, 0, len(text)):
        edges = [found for found in _of_sentence(text, start, end, reader) if _is_edge(found)]
        if edges:
            cited = _cited(text[start:end], Row(reader, text[start:end]), quotes)
            if _is_of_today(cited):
                yield from ((found, cited) for found in edges)


def _cited(said: str, row: Row, quotes: Sequence[tuple[str, Citation]]) -> tuple[Citation, ...]:
    """Return the citations whose quotes hold what is said, or the pieces of its row; all where it is in more pieces."""
    wanted = squeezed(said)
    whole = tuple(citation for quote, citation in quotes if wanted in quote)
    pieces = whole or tuple(citation for quote, citation in quotes if row.stands_in(quote))
    return pieces or tuple(citation for _, citation in quotes)


def _is_of_today(citations: Sequence[Citation]) -> bool:
    """Tell whether one of the citations stands under headings of today; a claim may join several headings."""
    paths = [citation.heading_path for citation in citations]
    return any(not path or not NOT_TODAY.search(f"{path[0]} > {path[-1]}") for path in paths)


def _rows(text: str) -> Iterator[str]:
    """Yield the parts of a text that may be a row each; a claim may join several rows, and sentences with them.

    A row ends with a sentence, unless what follows has further cells of it: "Note: It is slow. See below; To: B".
    """
    row: tuple[int, int] | None = None
    for start, end in _pieces(text, _SENTENCE_END, 0, len(text)):
        piece = text[start:end]
        if _ROW_START.match(piece):
            if row is not None:
                yield text[slice(*row)]
            row = start, end
        elif row is not None and _FURTHER_CELL.search(piece):
            row = row[0], end
    if row is not None:
        yield text[slice(*row)].strip()


def _is_edge(found: Found) -> bool:
    """Tell whether two different things meet, one of them a tool or named after one."""
    known = any(name.is_tool or name.of_tool for name in (found.from_, found.to))
    return known and found.from_.label != found.to.label


def _of_sentence(text: str, start: int, end: int, reader: Reader) -> Iterator[Found]:
    if text[end : end + 1] == "?" or is_planned(text[start:end]):
        return
    doubt = HYPOTHETICAL.search(without_code(text[start:end]))
    before: list[Token] = []
    for piece in _pieces(text, _PIECE_END, start, end):
        if (doubt is not None and start + doubt.start() < piece[1]) or is_doubtful(text[slice(*piece)]):
            before = []
            continue
        for clause in _pieces(text, _CLAUSE_END, *piece):
            tokens = reader.tokens(text, *clause)
            yield from Clause(text, with_subject(tokens, before)).edges()
            before = tokens


def _pieces(text: str, ends: re.Pattern[str], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a part of a text between the marks that end them, which stand outside code."""
    for match in ends.finditer(text, start, end):
        if match["end"]:
            if text[start : match.start()].strip():
                yield start, match.start()
            start = match.end()
    if text[start:end].strip():
        yield start, end
