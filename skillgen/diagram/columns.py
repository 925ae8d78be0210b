"""Columns: the items of a drawing, each with its place in its column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from skillgen.model.draft import IntegrationEdge

# Pixels: heights, the gap between two items of a column, and what is left free around everything.
BOX_HEIGHT, LABEL_HEIGHT, LINE_HEIGHT, GAP, MARGIN = 34.0, 20.0, 12.0, 8.0, 16.0
# Tuned by crossings and height of ten random maps of 80 edges (`means(80, 40)` of tests/test_diagram.py gives them
# again): 8 and 2 give 295 crossings and 1,089 pixels, 4 and 4 give 296 and 1,135, 24 and 8 give 316 and 1,189.
_ORDER_SWEEPS, _PLACE_SWEEPS = 8, 2


@dataclass(slots=True, eq=False)
class Item:
    """What takes a place in a column: a box, a label or a passing line. `before` and `after` are its neighbours."""

    column: int
    height: float
    y: float = 0.0
    before: list[Item] = field(default_factory=list)
    after: list[Item] = field(default_factory=list)

    @property
    def neighbours(self) -> list[Item]:
        """Those of both sides."""
        return [*self.before, *self.after]


@dataclass(frozen=True, slots=True)
class Route:
    """An edge's items from who acts to on whom, the boxes at both ends among them."""

    edge: IntegrationEdge
    items: tuple[Item, ...]
    label: Item


def route_of(edge: IntegrationEdge, boxes: Mapping[str, Item]) -> Route:
    """Return an edge's way through the columns, with new items between its boxes; its label is next to who acts."""
    source, target = boxes[edge.from_], boxes[edge.to]
    if source is target:
        label = Item(source.column + 1, LABEL_HEIGHT)
        _join(source, label)
        return Route(edge, (source, label, target), label)
    step = 1 if target.column > source.column else -1
    between = [
        Item(column, LABEL_HEIGHT if column == source.column + step else LINE_HEIGHT)
        for column in range(source.column + step, target.column, step)
    ]
    items = (source, *between, target)
    for one, other in pairwise(items):
        _join(*((one, other) if step > 0 else (other, one)))
    return Route(edge, items, between[0])


def _join(left: Item, right: Item) -> None:
    left.after.append(right)
    right.before.append(left)


def columns_of(items: Iterable[Item]) -> list[list[Item]]:
    """Return the items by column, each once."""
    unique = dict.fromkeys(items)
    count = max((item.column for item in unique), default=-1) + 1
    columns: list[list[Item]] = [[] for _ in range(count)]
    for item in unique:
        columns[item.column].append(item)
    return columns


def order(columns: Sequence[list[Item]]) -> None:
    """Sort each column by the mean place of its items' neighbours, to the right and back again."""
    place = {item: float(at) for column in columns for at, item in enumerate(column)}
    for sweep in range(_ORDER_SWEEPS):
        forward = sweep % 2 == 0
        for column in columns if forward else reversed(columns):
            wish = {}
            for item in column:
                near = (item.before if forward else item.after) or [item]
                wish[item] = sum(place[one] for one in near) / len(near)
            column.sort(key=wish.__getitem__)
            place.update({item: float(at) for at, item in enumerate(column)})


def place(columns: Sequence[Sequence[Item]]) -> None:
    """Give each item its height on the page: near its neighbours, in its column's order, over no other."""
    for column in columns:
        _spread(column, [0.0] * len(column))
    for sweep in range(_PLACE_SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            _spread(column, [_wished(item) for item in column])
    top = min((item.y for column in columns for item in column), default=0.0)
    for column in columns:
        for item in column:
            item.y = round(item.y - top + MARGIN, 1)


def _wished(item: Item) -> float:
    near = item.neighbours
    return sum(one.y + one.height / 2 for one in near) / len(near) - item.height / 2


def _spread(column: Sequence[Item], wishes: Sequence[float]) -> None:
    """Move items apart: the mean of pushing down from the first and up from the last, both of which keep the gaps."""
    down, up = list(wishes), list(wishes)
    for at in range(1, len(column)):
        down[at] = max(down[at], down[at - 1] + column[at - 1].height + GAP)
    for at in range(len(column) - 2, -1, -1):
        up[at] = min(up[at], up[at + 1] - column[at].height - GAP)
    for item, one, other in zip(column, down, up, strict=True):
        item.y = (one + other) / 2
