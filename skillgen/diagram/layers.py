"""Layers: which box stands how far to the right."""

from __future__ import annotations

from collections.abc import Sequence

from skillgen.model.draft import IntegrationEdge


def layers_of(edges: Sequence[IntegrationEdge]) -> dict[str, int]:
    """Return the layer of each name, in the order of the layers; an edge that closes a cycle leads to the left."""
    order = _acyclic_order(edges)
    place = {name: at for at, name in enumerate(order)}
    pairs = {(edge.from_, edge.to) for edge in edges if edge.from_ != edge.to}
    ahead = sorted({(a, b) if place[a] < place[b] else (b, a) for a, b in pairs}, key=lambda p: (place[p[0]], p[1]))
    layer = dict.fromkeys(order, 0)
    for before, after in ahead:
        layer[after] = max(layer[after], layer[before] + 1)
    # What nothing leads to stands right before what it leads to.
    for name in order:
        following = [layer[after] for before, after in ahead if before == name]
        if following and not any(after == name for _, after in ahead):
            layer[name] = min(following) - 1
    return layer


def _acyclic_order(edges: Sequence[IntegrationEdge]) -> list[str]:
    """Return the names so that few edges lead backwards: who acts most, of those that are left, comes next.

    The greedy rule of Eades, Lin and Smyth ("A fast and effective heuristic for the feedback arc set problem", 1993).
    """
    left = dict.fromkeys(name for edge in edges for name in (edge.from_, edge.to))
    first: list[str] = []
    last: list[str] = []
    while left:
        outs, ins = dict.fromkeys(left, 0), dict.fromkeys(left, 0)
        for edge in edges:
            if edge.from_ in left and edge.to in left and edge.from_ != edge.to:
                outs[edge.from_] += 1
                ins[edge.to] += 1
        ending = [name for name in left if not outs[name] and ins[name]]
        chosen = ending[:1] or [max(left, key=lambda name: (not ins[name], outs[name] - ins[name]))]
        del left[chosen[0]]
        (last if ending else first).extend(chosen)
    return [*first, *reversed(last)]
