"""Orders of steps: two procedures for the same thing that do two of their steps the other way round."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from skillgen.contradict.guards import contrasts, environments, same_environment
from skillgen.model.corpus import FILLER, Block, Page
from skillgen.words import content_stems

_NUMBERED = re.compile(r"(?<!\S)\d{1,3}[.)]\s{1,4}$")
_NUMBER_CELL = re.compile(
    r"(?:#|no\.?|nr\.?|step)\s*:\s*\d{1,2}\s*;\s*(?:[^:;]{1,20}:\s)?(?P<step>[^;]+)", re.IGNORECASE
)
MIN_STEPS = 3
MAX_STEPS = 40
MAX_ALIKE = 30
_MIN_NAME = 2
_MIN_SHARED = 2
_MIN_ALIKE = 0.5
_MIN_QUOTE, _MAX_QUOTE = 20, 400


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a procedure: the block to quote and the stems of what is done."""

    page: Page
    block: Block
    stems: frozenset[str]
    text: str

    @property
    def quote(self) -> tuple[int, int]:
        """The range to quote."""
        return self.block.spans[0].start, self.block.spans[-1].end

    @property
    def place(self) -> tuple[str, int]:
        """Where it stands: source and offset."""
        return self.page.source, self.block.start


@dataclass(frozen=True, slots=True)
class Procedure:
    """Numbered steps under one heading; `name` are the heading's stems."""

    page: Page
    heading: str
    name: frozenset[str]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Inversion:
    """Two steps of one procedure, and the same two in another one, which does them the other way round."""

    name: str
    first: tuple[Step, Step]
    second: tuple[Step, Step]


def procedures(page: Page) -> Iterator[Procedure]:
    """Yield the numbered lists and tables of a page that are alone under their heading."""
    groups: dict[tuple[str, ...], list[Step]] = defaultdict(list)
    for block in page.blocks:
        text = _step_text(page, block)
        if text:
            groups[block.heading_path].append(Step(page, block, frozenset(content_stems(text)), text))
    for path, steps in groups.items():
        name = frozenset(content_stems(path[-1])) if path else frozenset()
        if len(name) >= _MIN_NAME and MIN_STEPS <= len(steps) <= MAX_STEPS:
            own = tuple(Step(step.page, step.block, step.stems - name, step.text) for step in steps)
            yield Procedure(page, path[-1], name, own)


def _step_text(page: Page, block: Block) -> str:
    """Return what a numbered item or row does, or nothing."""
    if not block.spans:
        return ""
    if (
        block.kind == "list_item"
        and block.depth <= 1
        and _NUMBERED.search(page.text[max(0, block.start - 8) : block.start])
    ):
        return block.spans[0].text
    if block.kind == "table_row":
        match = _NUMBER_CELL.match(block.spans[0].text)
        return match["step"] if match else ""
    return ""


def inversions(found: Iterable[Procedure]) -> Iterator[Inversion]:
    """Yield the first two steps that two procedures of the same name on two pages do in different orders."""
    groups: dict[str, list[Procedure]] = defaultdict(list)
    for procedure in found:
        for stem in procedure.name:
            groups[stem].append(procedure)
    done = set()
    for _, group in sorted(groups.items()):
        if len(group) > MAX_ALIKE:
            continue
        for one, two in combinations(group, 2):
            pair = (id(one), id(two))
            if pair not in done and _same_procedure(one, two):
                done.add(pair)
                yield from _inverted(one, two)


def _same_procedure(one: Procedure, two: Procedure) -> bool:
    """Tell whether the words of one heading are all in the other, and no environment or kind sets them apart."""
    return (
        one.page.source != two.page.source
        and (one.name <= two.name or two.name <= one.name)
        and contrasts(one.heading) == contrasts(two.heading)
        and same_environment(environments(one.heading), environments(two.heading))
    )


def _inverted(one: Procedure, two: Procedure) -> Iterator[Inversion]:
    pairs = _matched(one.steps, two.steps)
    for (first, other_first), (second, other_second) in combinations(pairs, 2):
        if other_first > other_second:
            steps = (one.steps[first], one.steps[second], two.steps[other_second], two.steps[other_first])
            if all(_may_be_quoted(step) for step in steps):
                yield Inversion(one.heading, (steps[0], steps[1]), (steps[2], steps[3]))
                return


def _matched(one: Sequence[Step], two: Sequence[Step]) -> list[tuple[int, int]]:
    """Return the positions of steps that are each other's only counterpart."""
    alike = [(a, b) for a, mine in enumerate(one) for b, its in enumerate(two) if _alike(mine.stems, its.stems)]
    return [(a, b) for a, b in alike if sum(x == a for x, _ in alike) == 1 and sum(y == b for _, y in alike) == 1]


def _alike(one: frozenset[str], two: frozenset[str]) -> bool:
    shared = len(one & two)
    return shared >= _MIN_SHARED and shared >= _MIN_ALIKE * min(len(one), len(two))


def _may_be_quoted(step: Step) -> bool:
    start, end = step.quote
    return _MIN_QUOTE <= end - start <= _MAX_QUOTE and FILLER not in step.page.text[start:end]
