"""Table rows: the edges that the columns of one row state, by their headers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skillgen.connect.doubt import is_doubtful, is_planned
from skillgen.connect.names import IDENTIFIER, Reader
from skillgen.connect.records import Found, Name, shortened
from skillgen.connect.vocabulary import (
    ADJECTIVES,
    DETERMINERS,
    LISTED,
    NOUNS,
    PARTICIPLE,
    PASSES,
    THIRD,
    Verb,
    third_person,
)
from skillgen.words import squeezed

# A claim of two pages has the second one's headings within it.
_HEADINGS = re.compile(r"[^;`]{1,200} > [^:;`]{1,200}: (?=[^:;`]{1,40}: )")
_FIELD = re.compile(r"(?P<header>[^:;`]{1,40}): (?P<cell>.+)", re.DOTALL)
_FROM_HEADERS = frozenset(
    ("from", "source", "source system", "caller", "client", "producer", "sender", "publisher", "upstream")
)
_TO_HEADERS = frozenset(
    ("to", "target", "target system", "destination", "called", "callee", "consumer", "receiver", "sink", "downstream")
)
_PLACE_HEADERS = frozenset(
    ("location", "path", "place", "where", "bucket", "store", "stored in", "kept in", "written to")
)
# The columns that say what passes, the plainest first.
_WHAT_HEADERS = (
    *("what", "what passes", "passes", "data", "payload", "artefact", "artifact", "content", "message", "event"),
    *("how", "method", "protocol", "purpose", "via", "trigger", "identity", "as", "account", "credential"),
    *("authentication", "auth", "login"),
)
_PART_END = re.compile(r",\s|\sand\s|\s\+\s")
_PROPER = re.compile(r"[A-Z][A-Za-z0-9]+")
_PEOPLE = frozenset(
    "admin admins anyone anything dev developer developers engineer engineers everybody everyone everything internet "
    "laptop laptops none people person prod production staging test user users various we you".split()
)
# "Airflow admins" are no tool.
_STAFF = frozenset(
    "admin admins developer developers engineer engineers lead leads people person squad team teams user users".split()
)
# "The task `x`", "every dbt run": these words may stand before the name.
_BEFORE_NAMES = DETERMINERS | ADJECTIVES | NOUNS


class Row:
    """One row of a table, as its claim says it: "Header: cell; Header: cell"."""

    def __init__(self, reader: Reader, text: str) -> None:
        """Take the cells of a row, whose names `reader` reads."""
        self._reader = reader
        self._planned = is_planned(text)
        self._cells: list[tuple[str, str]] = []
        for part in _HEADINGS.sub("", text.strip(), count=1).split("; "):
            field = _FIELD.fullmatch(part)
            if field is not None:
                self._cells.append((field["header"].strip(), field["cell"].strip()))
            elif self._cells:
                header, cell = self._cells[-1]
                self._cells[-1] = (header, f"{cell}; {part}")

    def stands_in(self, quote: str) -> bool:
        """Tell whether a quote, squeezed, holds the row's first two cells or all of its headers."""
        headers = [squeezed(header) for header, _ in self._cells]
        cells = [squeezed(cell) for _, cell in self._cells[:2]]
        return all(header in quote for header in headers) or all(cell in quote for cell in cells)

    def edges(self) -> Iterator[Found]:
        """Yield the edges of columns such as "From" and "To", "Waits for", "Written by" with "Location"."""
        if len(self._cells) < 2 or self._planned:  # noqa: PLR2004 - a pair of cells
            return
        yield from self._from_to()
        for header, cell in self._cells[1:]:
            words = header.casefold().split()
            if words[-1:] == ["by"] and words[0] in PARTICIPLE:
                yield from self._done_by(cell, PARTICIPLE[words[0]])
            elif words and words[0] in THIRD:
                relation = THIRD[words[0]].relations.get(" ".join(words[1:]))
                yield from self._product(self._cells[0][1], cell, relation or "", header[:1].lower() + header[1:])

    def _from_to(self) -> Iterator[Found]:
        source, target = self._cell(_FROM_HEADERS), self._cell(_TO_HEADERS)
        if source and target:
            yield from self._product(source, target, PASSES, self._passing())

    def _done_by(self, cell: str, verb: Verb) -> Iterator[Found]:
        """Yield who does it to the row's first cell, or does it at the row's place."""
        place = self._cell(_PLACE_HEADERS)
        indirect = next((relation for link, relation in verb.relations.items() if link), "")
        thing = self._cells[0][1]
        if place and indirect:
            yield from self._product(cell, place, indirect, shortened(f"{third_person(verb)} {thing}"))
        elif verb.relations.get(""):
            yield from self._product(cell, thing, verb.relations[""], third_person(verb))

    def _product(self, source: str, target: str, relation: str, what: str) -> Iterator[Found]:
        if relation and not is_doubtful(f"{source} {target}"):
            for one in self._names(source, relation):
                for other in self._names(target, relation):
                    yield Found(one, other, relation, what)

    def _passing(self) -> str:
        """Return the cell that says what passes, with its header."""
        cells = {header.casefold(): f"{header}: {cell}" for header, cell in self._cells}
        ends = _FROM_HEADERS | _TO_HEADERS
        others = [f"{header}: {cell}" for header, cell in self._cells if header.casefold() not in ends]
        return shortened(next((cells[key] for key in _WHAT_HEADERS if key in cells), next(iter(others), "")))

    def _cell(self, headers: frozenset[str]) -> str:
        return next((cell for header, cell in self._cells if header.casefold() in headers), "")

    def _names(self, cell: str, relation: str) -> list[Name]:
        """Return the names with which the parts of a cell begin ("Postgres (loads), Airflow").

        Between "From" and "To" a single word with a capital, or in code, is a name as well.
        """
        parts = [part for part in _PART_END.split(cell) if part.strip()][:LISTED]
        return [name for part in parts if (name := self._name(part.strip(), bare_names=relation == PASSES)) is not None]

    def _name(self, part: str, *, bare_names: bool) -> Name | None:
        tokens = self._reader.tokens(part, 0, len(part))
        if not tokens:
            return None
        first, bare = tokens[0], tokens[0].text.strip("`")
        head = next((token for token in tokens if token.word not in _BEFORE_NAMES), first)
        if head.name is not None:
            return None if any(token.word in _STAFF for token in tokens) else head.name
        if not bare_names or len(tokens) > 1 or bare.casefold() in _PEOPLE:
            return None
        named = IDENTIFIER.fullmatch(bare) if bare != first.text else _PROPER.fullmatch(bare)
        return self._reader.thing(bare) if named else None
