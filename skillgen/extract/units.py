"""Units: which sentences, steps, rows and commands of a page make one statement, and its running text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from skillgen.model.corpus import Block, Span
from skillgen.model.draft import Break
from skillgen.quotes import MAX_CLAIM_WORDS, MIN_QUOTE_CHARS

# Groups of 320 characters carried more facts for a claim and for a token than sentences, groups of 240 or 480, or whole
# blocks, on three organisations' documentation (n = 33, 29 and 30 vital facts).
GROUP_CHARS = 320

_ENDS_SENTENCE = re.compile(r"[.!?:;][\"')\]]*$")
_CONTINUED = re.compile(r"[ \t]*\\\r?\n[ \t]*")
# A lead-in with one of these says that its list does not hold, or when: without it the list says something else.
_NEGATES = re.compile(
    r"\b(?:not?|never|none|nobody|nothing|neither|nor|without|except|unless|only|instead|avoid|forbidden|cannot|refuse[sd]?)"
    r"\b|n['\u2019]t\b",
    re.IGNORECASE,
)
_CONDITIONS = re.compile(r"\b(?:until|before|after|during|while|if|when|in case)\b.*:$", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Unit:
    """Spans that make one statement; `quoted` holds further spans to cite (a table's header).

    The first `repeated` spans are lead-ins that an earlier unit has said; `opening` is their text in `text`.
    """

    block: Block
    spans: tuple[Span, ...]
    text: str
    quoted: tuple[Span, ...] = ()
    breaks: tuple[Break, ...] = ()
    repeated: int = 0
    opening: str = ""


@dataclass(frozen=True, slots=True)
class _Piece:
    block: Block
    span: Span

    @property
    def introduces(self) -> bool:
        """Whether what is listed next belongs to it."""
        return self.span is self.block.spans[-1] and self.span.text.endswith(":")

    @property
    def restricts(self) -> bool:
        """Whether what it introduces would say something else without it."""
        return any(rule.search(self.span.text) for rule in (_NEGATES, _CONDITIONS))


def units_of(blocks: Sequence[Block]) -> Iterator[Unit]:
    """Yield the units of a page in the order of its text."""
    index = 0
    while index < len(blocks):
        block = blocks[index]
        if block.kind == "heading" or not block.spans:
            index += 1
            continue
        if block.kind == "table_row":
            header = (block.header,) if block.header else ()
            yield Unit(block, block.spans, block.spans[0].text, header)
            index += 1
            continue
        followers = _followers(blocks, index)
        yield from _grouped(block, followers)
        index += 1 + len(followers)


def _followers(blocks: Sequence[Block], index: int) -> list[Block]:
    """Return the blocks that belong to the statement begun by this one: the steps or the code that it introduces.

    A paragraph that ends in a colon, or in the middle of a sentence, takes the list or code after it, one that asks the
    list that answers; a list item takes the items and code after it. A paragraph that goes on in the middle of a
    sentence belongs to the list before it.
    """
    first = blocks[index]
    introduces = _introduces(first, blocks[index + 1 : index + 2])
    if first.kind not in ("paragraph", "list_item") or not (introduces or first.kind == "list_item"):
        return []
    followers: list[Block] = []
    for at in range(index + 1, len(blocks)):
        block = blocks[at]
        if block.heading_path != first.heading_path or not block.spans:
            break
        if block.kind == "paragraph" and not (block.depth > 0 or _goes_on(block, followers)):
            break
        if block.kind not in ("list_item", "code", "paragraph"):
            break
        if block.kind == "code" and not (introduces or followers or first.kind == "list_item"):
            break
        followers.append(block)
    return followers


def _introduces(block: Block, after: Sequence[Block]) -> bool:
    text = block.spans[-1].text
    if text.endswith(":"):
        return True
    listed = bool(after) and after[0].kind == "list_item"
    asks = listed and len(block.spans) == 1 and text.endswith("?")
    return block.kind == "paragraph" and (asks or not _ENDS_SENTENCE.search(text))


def _goes_on(block: Block, before: Sequence[Block]) -> bool:
    """Tell whether a paragraph begins in the middle of a sentence, after a list that has no end of one either."""
    return bool(before) and block.spans[0].text[:1].islower() and not _ENDS_SENTENCE.search(before[-1].spans[-1].text)


# -- groups --------------------------------------------------------------------------------------------------------


def _grouped(first: Block, followers: list[Block]) -> Iterator[Unit]:
    """Yield groups of whole sentences that fit.

    A lead-in goes into the group of what it introduces. One that restricts what it introduces is said again in each
    further group, and what would have to stand without it is left out: behind "never" comes no instruction.
    """
    opening = _Piece(first, first.spans[-1]) if followers and first.kind == "paragraph" else None
    group: list[_Piece] = []
    leads: list[_Piece] = []
    repeated = 0
    for piece in (_Piece(block, span) for block in (first, *followers) for span in block.spans):
        leads = [lead for lead in leads if _holds(lead, piece)]
        if group and not _fits([*group, piece]):
            carried = _at_end(group[repeated:], leads)
            yield from _unit(group[: len(group) - len(carried)], repeated)
            carried = carried if _fits([*carried, piece]) else []
            again = _said_again([lead for lead in leads if lead.restricts and lead not in carried], [*carried, piece])
            group, repeated = [*again, *carried], len(again)
        if any(lead.restricts and lead not in group for lead in leads):
            continue
        group.append(piece)
        if piece.introduces or piece == opening:
            leads.append(piece)
    yield from _unit(group, repeated)


def _at_end(group: Sequence[_Piece], leads: Sequence[_Piece]) -> list[_Piece]:
    """Return the lead-ins at the end of a group, which belong to what comes next."""
    size = next((at for at, piece in enumerate(reversed(group)) if piece not in leads), len(group))
    return [*group[len(group) - size :]]


def _holds(lead: _Piece, piece: _Piece) -> bool:
    """Tell whether a piece is still a part of what a lead-in introduces."""
    if piece.block is lead.block or piece.block.kind == "code":
        return True
    return piece.block.depth > lead.block.depth


def _said_again(leads: Sequence[_Piece], before: Sequence[_Piece]) -> list[_Piece]:
    """Return the lead-ins to say again before some pieces: all, the nearest, or none that can be cited and fits."""
    for chosen in ([*leads], [*leads[-1:]]):
        quotable = all(lead.span.end - lead.span.start >= MIN_QUOTE_CHARS for lead in chosen)
        if quotable and _fits([*chosen, *before]):
            return chosen
    return []


def _fits(group: Sequence[_Piece]) -> bool:
    text, _ = _joined(group)
    return len(text) <= GROUP_CHARS and len(text.split()) <= MAX_CLAIM_WORDS


def _unit(group: Sequence[_Piece], repeated: int) -> Iterator[Unit]:
    """Yield the group as a unit, if it says anything that was not said before."""
    if len(group) <= repeated:
        return
    text, breaks = _joined(group)
    said, _ = _joined(group[:repeated])
    opening = text[: len(text) - len(text[len(said) :].lstrip("; "))] if repeated else ""
    yield Unit(
        group[repeated].block,
        tuple(piece.span for piece in group),
        text,
        breaks=breaks,
        repeated=repeated,
        opening=opening,
    )


def _joined(group: Sequence[_Piece]) -> tuple[str, tuple[Break, ...]]:
    """Return the spans' texts as running text, and where in it a further step or paragraph begins.

    Steps that end without a full stop are parted by semicolons, a sentence and the list in which it ends are not.
    """
    text = ""
    breaks: list[Break] = []
    before: Block | None = None
    for piece in group:
        block = piece.block
        said = _code_line(piece.span.text) if block.kind == "code" else piece.span.text
        if text:
            listed = before is not None and before.kind == "paragraph" and block.kind == "list_item"
            text += " " if listed or block.kind == "code" or _ENDS_SENTENCE.search(text) else "; "
        begins = block.kind == "list_item" or block.depth == 0
        if before is not None and block is not before and block.kind != "code" and begins:
            breaks.append(Break(at=len(text), depth=_depth(block, group[0].block)))
        text += said
        before = block
    return text, tuple(breaks)


def _depth(block: Block, first: Block) -> int:
    """Return how deep a block is listed below the first: 0 where it begins something new."""
    if block.kind != "list_item":
        return 0
    return max(0, block.depth - (first.depth if first.kind == "list_item" else 0))


def _code_line(code: str) -> str:
    """Return code lines as code spans, so that a command survives exactly; one over several lines is one."""
    return " ".join(_code_span(line) for line in _CONTINUED.sub(" ", code).split("\n") if line.strip())


def _code_span(line: str) -> str:
    if "`" in line:
        return f"`` {line} ``"
    return f"`{line}`"
