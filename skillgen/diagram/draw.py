"""Draw: edges to boxes, labels and lines with their places in pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from skillgen.diagram.columns import BOX_HEIGHT, GAP, MARGIN, Item, Route, columns_of, order, place, route_of
from skillgen.diagram.layers import layers_of
from skillgen.diagram.texts import fitted, text_width
from skillgen.model.diagram import Arrow, Box, Diagram
from skillgen.model.draft import Citation, IntegrationEdge

_BOX_WIDTH, _LABEL_WIDTH, _MISSING_WIDTH, _PORT_HEIGHT = 156.0, 196.0, 260.0, 9.0
# Between two columns, where lines cross; above the kinds of system without an edge.
_GUTTER, _HEADING = 40.0, 36.0
# Pixels: in boxes and on lines, as the template has it; the names in boxes are bold, which is a tenth wider.
_BOX_FONT, _LABEL_FONT, _BOLD = 12.0, 11.0, 1.1


def draw_map(edges: Sequence[IntegrationEdge], unmapped: Sequence[str] = ()) -> Diagram:
    """Return the drawing of the edges, and below it the kinds of system that no edge touches.

    Equal edges give an equal drawing. No two boxes and labels overlap, and no line crosses one.
    """
    layers = layers_of(edges)
    boxes = {name: Item(2 * layer, BOX_HEIGHT) for name, layer in layers.items()}
    routes = [route_of(edge, boxes) for edge in edges]
    columns = columns_of([*boxes.values(), *(item for route in routes for item in route.items)])
    for box in boxes.values():
        box.height = max(BOX_HEIGHT, _PORT_HEIGHT * (1 + max(len(box.before), len(box.after))))
    order(columns)
    place(columns)
    items = [item for column in columns for item in column]
    bottom = max((item.y + item.height for item in items), default=MARGIN + BOX_HEIGHT)
    right = max((_left(item.column) + _width(item.column) for item in items), default=0.0)
    width = max(right, MARGIN + 2 * _MISSING_WIDTH + GAP) + MARGIN
    missing = tuple(_missing(unmapped, width, bottom + _HEADING))
    return Diagram(
        width=width,
        height=(missing[-1].y + missing[-1].height if missing else bottom) + MARGIN,
        boxes=tuple(_box(name, item) for name, item in boxes.items()),
        arrows=tuple(_arrow(route) for route in routes),
        missing=missing,
        missing_y=bottom + _HEADING - 2 * GAP,
    )


def _left(column: int) -> float:
    boxes, labels = (column + 1) // 2, column // 2
    return MARGIN + boxes * _BOX_WIDTH + labels * _LABEL_WIDTH + column * _GUTTER


def _width(column: int) -> float:
    return _LABEL_WIDTH if column % 2 else _BOX_WIDTH


def _box(name: str, item: Item) -> Box:
    return Box(
        name=name,
        shown=fitted(name, _BOX_WIDTH - 2 * GAP, _BOX_FONT * _BOLD),
        x=_left(item.column),
        y=item.y,
        width=_BOX_WIDTH,
        height=item.height,
    )


def _missing(labels: Sequence[str], width: float, top: float) -> Iterator[Box]:
    """Yield a box for each label, in rows."""
    in_row = max(1, int((width - 2 * MARGIN + GAP) // (_MISSING_WIDTH + GAP)))
    for at, label in enumerate(labels):
        yield Box(
            name=label,
            shown=fitted(label, _MISSING_WIDTH - 2 * GAP, _BOX_FONT),
            x=MARGIN + at % in_row * (_MISSING_WIDTH + GAP),
            y=top + at // in_row * (BOX_HEIGHT + GAP),
            width=_MISSING_WIDTH,
            height=BOX_HEIGHT,
        )


def _arrow(route: Route) -> Arrow:
    label, edge = route.label, route.edge
    shown = fitted(edge.what.replace("`", ""), _LABEL_WIDTH - 2 * GAP, _LABEL_FONT)
    x, y = _left(label.column) + _LABEL_WIDTH / 2, label.y + label.height / 2
    half = text_width(shown, _LABEL_FONT) / 2 + GAP / 2
    points = _points(route)
    step = half if points[1][0] < x else -half
    tail = [points[0], points[1], (x - step, y)]
    # The line of a loop turns around at its label and goes back below it.
    looping = route.items[0] is route.items[-1]
    head = [points[1], points[-1]] if looping else [(x + step, y), *points[2:]]
    return Arrow(
        from_=edge.from_,
        to=edge.to,
        what=edge.what,
        shown=shown,
        pages=_pages(edge.citations),
        x=x,
        y=y,
        width=2 * half,
        tail=_path(tail),
        head=_path(head),
    )


def _points(route: Route) -> list[tuple[float, float]]:
    """Return the points of an edge: its port, both ends of every item between, and the other port."""
    source, *between, target = route.items
    rightward = between[0].column > source.column
    points = [(_side(source, right=rightward), _port(source, between[0]))]
    for item in between:
        points += [(_side(item, right=right), item.y + item.height / 2) for right in (not rightward, rightward)]
    if source is target:
        y = points[0][1]
        return [(points[0][0], y - GAP / 2), *points[1:], (points[0][0], y + GAP / 2)]
    return [*points, (_side(target, right=not rightward), _port(target, between[-1]))]


def _side(item: Item, *, right: bool) -> float:
    return _left(item.column) + (_width(item.column) if right else 0.0)


def _port(box: Item, other: Item) -> float:
    """Return the height at which the line to `other` meets the box: lines do not cross right beside it."""
    side = sorted(box.after if other.column > box.column else box.before, key=lambda item: item.y)
    return box.y + box.height * (side.index(other) + 1) / (len(side) + 1)


def _path(points: Sequence[tuple[float, float]]) -> str:
    """Return path data: level where two points are level, else a curve that leaves and arrives level."""
    (x, y), *_ = points
    data = [f"M{x:.1f} {y:.1f}"]
    for (x, y), (to_x, to_y) in pairwise(points):
        middle = (x + to_x) / 2
        curve = f"C{middle:.1f} {y:.1f} {middle:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
        data.append(f"H{to_x:.1f}" if y == to_y else curve)
    return " ".join(data)


def _pages(citations: Sequence[Citation]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{one.source}:{one.lines[0]}" for one in citations))
