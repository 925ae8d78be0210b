"""Citation markers, and the row in the list of sources that each of them leads to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from skillgen.model.disputed import Ranges, is_disputed
from skillgen.model.draft import Citation

_ENTITY = re.compile(r"&(?=#?\w+;)")


@dataclass(slots=True)
class Markers:
    """Numbers places in the order in which they are first shown; a place is one heading of a page, and lines of it.

    `disputed` are ranges that stand in a contradiction, by source.
    """

    disputed: Ranges = field(default_factory=dict)
    numbers: dict[tuple[str, tuple[str, ...], tuple[tuple[int, int], ...]], int] = field(default_factory=dict)
    rows: list[dict[str, str]] = field(default_factory=list)

    def of(self, citations: Iterable[Citation]) -> str:
        """Return the markers of the citations: one for all that stand under one heading of one page."""
        places: dict[tuple[str, tuple[str, ...]], list[Citation]] = {}
        for citation in citations:
            places.setdefault((citation.source, citation.heading_path), []).append(citation)
        return "".join(self._marker(held) for held in places.values())

    def dispute(self, citations: Iterable[Citation]) -> bool:
        """Tell whether pages disagree about what stands in one of the citations."""
        return is_disputed(citations, self.disputed)

    def _marker(self, held: Sequence[Citation]) -> str:
        lines = tuple(dict.fromkeys(citation.lines for citation in held))
        key = (held[0].source, held[0].heading_path, lines)
        if key not in self.numbers:
            self.numbers[key] = len(self.numbers) + 1
            self.rows.append(_row(self.numbers[key], held[0], lines))
        return f"[S{self.numbers[key]}]"


def _row(number: int, citation: Citation, lines: Sequence[tuple[int, int]]) -> dict[str, str]:
    return {
        "marker": f"S{number}",
        "source": citation.source,
        "heading": " > ".join(citation.heading_path),
        "lines": ", ".join("-".join(map(str, dict.fromkeys(pair))) for pair in sorted(lines)),
        "url": _address(citation.url) if citation.url else "",
    }


def _address(url: str) -> str:
    """Return the address so that it ends no Markdown link, and no entity in it is read as a character."""
    return _ENTITY.sub(r"\\&", quote(url, safe="/:?#&=%@+,;~.-_"))
