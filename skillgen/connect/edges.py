"""Claims to edges: each sentence and row of a claim is read, and equal edges become one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from skillgen.connect.clause import Clause
from skillgen.connect.doubt import HYPOTHETICAL, NOT_TODAY, is_doubtful, is_planned, is_planned_block, without_code
from skillgen.connect.names import Reader
from skillgen.connect.records import Found
from skillgen.connect.rows import Row
from skillgen.model.catalogue import Catalogue
from skillgen.model.draft import Citation, Claim, IntegrationEdge
from skillgen.words import squeezed

MAX_CITATIONS = 6

_SENTENCE_END = re.compile(r"`[^`\n]*`|(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?P<end>[.!?])(?=\s|$)", re.IGNORECASE)
_PIECE_END = re.compile(r"`[^`\n]*`|(?P<end>;)(?=\s|$)")
_CLAUSE_END = re.compile(r"`[^`\n]*`|(?P<end>:)(?=\s|$)")


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
        for found in Row(reader, _own_text(claim)).edges():
            if found.from_.is_tool != found.to.is_tool:
                names |= {name.label for name in (found.from_, found.to) if not name.is_tool}
    return names


def _own_text(claim: Claim) -> str:
    """Return what a claim says without its lead; nothing where it, its lead or its headings are not of today."""
    text = claim.text.removeprefix(claim.lead).strip()
    if NOT_TODAY.search(claim.lead) or is_planned(claim.lead) or is_planned_block(text):
        return ""
    # The lead has not all the headings.
    headings = [" > ".join(citation.heading_path) for citation in claim.citations]
    return "" if headings and all(map(is_planned, headings)) else text


def _found(claim: Claim, reader: Reader) -> Iterator[tuple[Found, tuple[Citation, ...]]]:
    """Yield the edges of a claim, each with the citations that hold the sentence or row."""
    text = _own_text(claim)
    for found in filter(_is_edge, Row(reader, text).edges()):
        yield found, claim.citations
    quotes: list[tuple[str, Citation]] = []
    for start, end in _pieces(text, _SENTENCE_END, 0, len(text)):
        edges = [found for found in _of_sentence(text, start, end, reader) if _is_edge(found)]
        if edges:
            quotes = quotes or [(squeezed(citation.quote), citation) for citation in claim.citations]
            wanted = squeezed(text[start:end])
            # Where a sentence stands in pieces, as in the cells of a row, they hold it together.
            cited = tuple(citation for quote, citation in quotes if wanted in quote) or claim.citations
            yield from ((found, cited) for found in edges)


def _is_edge(found: Found) -> bool:
    """Tell whether two different things meet, one of them a tool or named after one."""
    known = any(name.is_tool or name.of_tool for name in (found.from_, found.to))
    return known and found.from_.label != found.to.label


def _of_sentence(text: str, start: int, end: int, reader: Reader) -> Iterator[Found]:
    if text[end : end + 1] == "?" or is_planned(text[start:end]):
        return
    doubt = HYPOTHETICAL.search(without_code(text[start:end]))
    for piece in _pieces(text, _PIECE_END, start, end):
        if (doubt is not None and start + doubt.start() < piece[1]) or is_doubtful(text[slice(*piece)]):
            continue
        for clause in _pieces(text, _CLAUSE_END, *piece):
            yield from Clause(text, reader.tokens(text, *clause)).edges()


def _pieces(text: str, ends: re.Pattern[str], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a part of a text between the marks that end them, which stand outside code."""
    for match in ends.finditer(text, start, end):
        if match["end"]:
            if text[start : match.start()].strip():
                yield start, match.start()
            start = match.end()
    if text[start:end].strip():
        yield start, end
