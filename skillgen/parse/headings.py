"""Heading paths: a page's title, and under which headings each of its blocks stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from skillgen.model.corpus import Block
from skillgen.parse.box_titles import Box

_DEEPEST = 6
# A lead-in of more words is a sentence and no label of what follows it.
_LABEL_WORDS = 4
_METADATA = re.compile(r"[^\W_][\w &/()-]{0,40}:(?:\s|\Z)|\d{4}-\d\d-\d\d\b")


@dataclass(frozen=True, slots=True)
class _Boxed:
    """A box that is open, how many headings it stands under, and the label before it, if any."""

    box: Box
    under: int
    label: str

    def titles(self, said: frozenset[str]) -> list[str]:
        return [text for text in (self.label, self.box.title) if text and text.casefold() not in said]


def title_heading(blocks: Sequence[Block]) -> str:
    """Return the first heading if it is the whole page's, otherwise nothing.

    It is that of a part where text stands before it, or where a later heading has its level or a higher one.
    """
    at = next((at for at, block in enumerate(blocks) if block.kind == "heading" and block.spans), None)
    if at is None:
        return ""
    depth = blocks[at].depth
    siblings = any(block.kind == "heading" and block.spans and block.depth <= depth for block in blocks[at + 1 :])
    stated = any(not _METADATA.match(span.text) for block in blocks[:at] for span in block.spans)
    return "" if siblings or stated else blocks[at].spans[0].text


def with_heading_paths(blocks: Iterable[Block], title: str, boxes: Sequence[Box] = ()) -> Iterator[Block]:
    """Yield the blocks under their headings; the heading that gave the title is not repeated below it.

    What stands in a titled box stands under "heading (title)", with a short lead-in of the box ("Rerunning a day:")
    before the title. The title itself is a heading too, and of no other part of the page.
    """
    stack: list[tuple[int, str]] = []
    boxed: list[_Boxed] = []
    waiting = list(reversed(boxes))
    title_seen = False
    label = ""
    for position, block in enumerate(blocks):
        boxed = [entry for entry in boxed if entry.box.last >= position]
        if waiting and waiting[-1].first == position:
            boxed.append(_Boxed(waiting.pop(), len(stack), label))
            depth = min(_DEEPEST, (stack[-1][0] if stack else 1) + 1)
            yield replace(block, kind="heading", depth=depth, heading_path=_path(title, stack, boxed))
            continue
        label = label if boxed else _label(block)
        if block.kind == "heading" and block.spans:
            text = block.spans[0].text
            stack = [entry for entry in stack if entry[0] < block.depth]
            boxed = [entry for entry in boxed if entry.under <= len(stack)]
            if not title_seen and text == title:
                title_seen = True
                stack = []
            else:
                stack.append((block.depth, text))
        yield replace(block, heading_path=_path(title, stack, boxed))


def _label(block: Block) -> str:
    """Return what a block that is nothing but a short lead-in says, without its colon."""
    text = block.spans[0].text if block.kind == "paragraph" and len(block.spans) == 1 else ""
    return text[:-1].rstrip() if text.endswith(":") and len(text.split()) <= _LABEL_WORDS else ""


def _path(title: str, stack: Sequence[tuple[int, str]], boxed: Sequence[_Boxed]) -> tuple[str, ...]:
    path = [title]
    for under, heading in enumerate(["", *(text for _, text in stack)]):
        said = frozenset({heading.casefold(), title.casefold()})
        titles = dict.fromkeys(text for entry in boxed if entry.under == under for text in entry.titles(said))
        named, *more = [heading, *titles] if heading else (titles or [""])
        if named:
            path.append(f"{named} ({', '.join(more)})" if more else named)
    return tuple(path)
