"""Facts of tables: a row's first cell is asked for its other cells, by the headings of their columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from skillgen.evaluate.columns import (
    COLUMNS,
    CROSSES,
    CROSSING,
    ENVIRONMENTS,
    UNASKABLE,
    Answer,
    Column,
    column_for,
    noun_of,
)
from skillgen.evaluate.expected import exact_code, exact_name, exact_needs, exact_timing, exact_values
from skillgen.evaluate.facts import Fact
from skillgen.model.corpus import Block, Page
from skillgen.model.evaluation import Expected
from skillgen.words import words

MAX_SUBJECT_WORDS = 6
_ENDS_IN_CODE = re.compile(r"(?:[\w-]+ ){0,4}`[^`]+`")
_PLURALS = frozenset("clusters services pods people jobs nodes agents developers engineers users clients".split())
_PROPER = frozenset({"Snowflake", "Vault", "Kubernetes"})
_MANY_ENVIRONMENTS = 2
_TAKES: Mapping[Answer, Callable[[str], tuple[Expected, ...]]] = {
    "values": exact_values,
    "timing": exact_timing,
    "code": exact_code,
    "needs": exact_needs,
    "name": exact_name,
}
_SEVERAL = re.compile(r",|;| and | or |/ |\(|\)|\.\s|:|\u2026|<|\*")
_CODE = re.compile(r"`[^`]+`")


def table_facts(page: Page) -> Iterator[Fact]:
    """Yield the facts of a page's tables in the order of its text."""
    for block in page.blocks:
        if block.kind != "table_row" or block.header is None or not block.spans:
            continue
        names = [name.strip() for name in block.header.text.split(" | ")]
        if len(ENVIRONMENTS & {name.casefold() for name in names}) >= _MANY_ENVIRONMENTS:
            continue
        cells = row_cells(names, block.spans[0].text)
        if CROSSES[0].fullmatch(names[0]) and len(names) > 1 and CROSSES[1].fullmatch(names[1]):
            yield from _crossing(block, names, cells)
        elif names[0] in cells and not UNASKABLE.fullmatch(names[0].replace("`", "")):
            yield from _row(block, names, cells)


def row_cells(names: list[str], row: str) -> dict[str, str]:
    """Return a row's cells by the heading of their column; `row` is the row as `heading: cell` pairs."""
    starts = []
    cursor = 0
    for name in names:
        found = re.compile(rf"(?:^|; ){re.escape(name)}: ").search(row, cursor) if name else None
        if found:
            starts.append((name, found.start(), found.end()))
            cursor = found.end() - 2
    ends = [start for _, start, _ in starts[1:]] + [len(row)]
    return {name: row[begin:end].strip() for (name, _, begin), end in zip(starts, ends, strict=True)}


def _row(block: Block, names: list[str], cells: Mapping[str, str]) -> Iterator[Fact]:
    key = cells[names[0]]
    subject = _subject(names[0], key)
    if not subject:
        return
    for name in names[1:]:
        column = column_for(name, COLUMNS)
        if column and name in cells:
            question = column.question.format(s=subject, h=_in_sentence(name))
            yield from _fact(block, column, cells[name], (key, column.question), question, plain="`" in key)


def _crossing(block: Block, names: list[str], cells: Mapping[str, str]) -> Iterator[Fact]:
    ends = [cells.get(name, "") for name in names[:2]]
    if len(set(ends)) < len(ends) or not all(map(_is_party, ends)):
        return
    caller, called = (_party(end) for end in ends)
    for name in names[2:]:
        column = column_for(name, CROSSING)
        if column and name in cells:
            question = column.question.format(f=caller, t=called)
            yield from _fact(block, column, cells[name], (" > ".join(ends), column.question), question, plain=True)


def _is_party(cell: str) -> bool:
    """Tell whether a cell names one party: not several, and no plural."""
    plain = cell.partition(" (")[0]
    if not plain or _SEVERAL.search(plain) or len(words(cell)) > MAX_SUBJECT_WORDS or _CODE.search(plain[:-1]):
        return not _SEVERAL.search(plain) and bool(_ENDS_IN_CODE.fullmatch(plain))
    last = plain.split()[-1]
    return last.casefold() not in _PLURALS and not (last.islower() and last.endswith("s"))


def _party(cell: str) -> str:
    return cell[:1].lower() + cell[1:] if cell.partition(" ")[0] in ("A", "An", "The") else cell


def _fact(
    block: Block, column: Column, cell: str, about: tuple[str, str], question: str, *, plain: bool
) -> Iterator[Fact]:
    expected = _expected(column.answers, cell)
    if expected:
        yield Fact(
            kind=column.kind,
            subject=about[0],
            asked=about[1],
            question=question,
            expected=expected,
            block=block,
            span=block.spans[0],
            plain=plain,
            header=block.header,
        )


def _expected(answers: tuple[Answer, ...], cell: str) -> tuple[Expected, ...]:
    return next((found for answer in answers if (found := _TAKES[answer](cell))), ())


def _subject(heading: str, cell: str) -> str:
    """Return a row's subject as it stands in a question; empty where a question about it would be clumsy."""
    if _SEVERAL.search(cell) or len(words(cell)) > MAX_SUBJECT_WORDS or len(_CODE.findall(cell)) > 1:
        return ""
    noun = noun_of(heading)
    if _CODE.fullmatch(cell):
        return f"the {noun} {cell}" if noun else cell
    if not cell or "`" in cell or cell[:1].islower():
        return ""
    return f'the {noun} "{cell}"' if noun else f'"{cell}"'


def _in_sentence(heading: str) -> str:
    plain = re.sub(r"\s*\([^)]*\)", "", heading.replace("`", "")).strip()
    return " ".join(word if word.isupper() or word in _PROPER else word.casefold() for word in plain.split())
