"""The drawn map: every edge and tool is in it, nothing lies over anything else, and no name can break the file."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from random import Random
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillgen.diagram import draw_map
from skillgen.diagram.texts import fitted, text_width
from skillgen.model.diagram import Diagram
from skillgen.model.draft import Citation, IntegrationEdge
from skillgen.templating import Templates

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

SVG = "{http://www.w3.org/2000/svg}"
Rectangle = tuple[float, float, float, float]


def edge(from_: str, to: str, what: str = "triggers", source: str = "page.md") -> IntegrationEdge:
    cited = Citation(
        source=source, start=0, end=1, lines=(3, 4), heading_path=("Page",), quote="q", source_sha256="0" * 64
    )
    return IntegrationEdge(from_=from_, to=to, what=what, citations=(cited,))


def svg(diagram: Diagram) -> str:
    values = {"title": "How tools meet", "map": diagram}
    return Templates("report").render("integration-map.svg.j2", values)


def random_edges(count: int, tools: int, seed: int) -> list[IntegrationEdge]:
    """Return edges between tools of which a few have most, as on a real map."""
    random = Random(seed)
    names = [f"tool {i}" for i in range(tools)]
    weights = [1 / (i + 1) for i in range(tools)]
    acting = random.choices(names, weights, k=count)
    return [edge(name, random.choice(names), "w" * random.randrange(1, 60)) for name in acting]


def rectangles(diagram: Diagram) -> list[Rectangle]:
    """Return left, top, right and bottom of every box and label; 11 pixels is the height of a label's letters."""
    boxes = [*diagram.boxes, *diagram.missing]
    found = [(box.x, box.y, box.x + box.width, box.y + box.height) for box in boxes]
    return found + [(one.x - one.width / 2, one.y - 5.5, one.x + one.width / 2, one.y + 5.5) for one in diagram.arrows]


def overlap(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def points(path: str) -> list[tuple[float, float]]:
    """Return the points that a line of `M`, `H` and `C` goes through."""
    found: list[tuple[float, float]] = []
    for command, numbers in re.findall(r"([MHC])([^MHC]+)", path):
        values = [float(number) for number in numbers.split()]
        found.append((values[0], found[-1][1]) if command == "H" else (values[-2], values[-1]))
    return found


GRAPHS = st.lists(
    st.builds(edge, *[st.sampled_from([f"tool {i}" for i in range(9)])] * 2, st.text("wi ", min_size=1, max_size=60)),
    max_size=30,
)


@given(GRAPHS, st.lists(st.text("abc", min_size=1, max_size=60), max_size=8))
def test_every_edge_and_tool_is_drawn_inside_and_nothing_lies_over_anything(
    edges: list[IntegrationEdge], unmapped: list[str]
) -> None:
    diagram = draw_map(edges, unmapped)
    assert [(one.from_, one.to, one.what) for one in diagram.arrows] == [(e.from_, e.to, e.what) for e in edges]
    assert {box.name for box in diagram.boxes} == {name for e in edges for name in (e.from_, e.to)}
    assert [box.name for box in diagram.missing] == unmapped
    held = rectangles(diagram)
    assert not [pair for pair in combinations(held, 2) if overlap(*pair)]
    assert all(left >= 0 and top >= 0 for left, top, _, _ in held)
    assert all(right <= diagram.width and bottom <= diagram.height for _, _, right, bottom in held)


@given(GRAPHS)
def test_a_line_goes_from_the_side_of_one_box_to_the_side_of_the_other(edges: list[IntegrationEdge]) -> None:
    diagram = draw_map(edges)
    boxes = {box.name: box for box in diagram.boxes}
    for arrow in diagram.arrows:
        ends = ((arrow.from_, points(arrow.tail)[0]), (arrow.to, points(arrow.head)[-1]))
        for name, (x, y) in ends:
            box = boxes[name]
            assert x in {box.x, box.x + box.width}
            assert box.y <= y <= box.y + box.height


@given(GRAPHS)
def test_no_line_crosses_a_box_or_a_label(edges: list[IntegrationEdge]) -> None:
    """Lines bend between the columns only; inside of one they are level and run beside its boxes and labels."""
    diagram = draw_map(edges)
    for arrow in diagram.arrows:
        for path in (arrow.tail, arrow.head):
            for (x, y), (to_x, to_y) in pairwise(points(path)):
                left, right = sorted((x, to_x))
                crossed = [r for r in rectangles(diagram) if left < r[2] - 0.1 and r[0] + 0.1 < right]
                if y == to_y:
                    assert not [r for r in crossed if r[1] < y < r[3]]
                else:
                    assert not crossed


@pytest.mark.parametrize("count", [0, 1, 8, 30, 80])
def test_any_size_of_map_is_drawn_the_same_each_time(count: int) -> None:
    edges = random_edges(count, max(2, count // 2), count)
    assert svg(draw_map(edges, ["CI/CD"])) == svg(draw_map(list(edges), ("CI/CD",)))
    held = rectangles(draw_map(edges))
    assert not [pair for pair in combinations(held, 2) if overlap(*pair)]


def test_who_acts_stands_left_unless_a_cycle_forbids_it() -> None:
    diagram = draw_map([edge("a", "b"), edge("b", "c"), edge("a", "c"), edge("c", "a")])
    x = {box.name: box.x for box in diagram.boxes}
    assert x["a"] < x["b"] < x["c"]


def test_two_edges_between_the_same_tools_and_one_back_have_lines_and_labels_of_their_own() -> None:
    diagram = draw_map([edge("a", "b", "triggers"), edge("a", "b", "signs in to"), edge("b", "a", "reports to")])
    assert len({(one.x, one.y) for one in diagram.arrows}) == 3
    assert len({one.tail for one in diagram.arrows}) == 3
    (a,) = [box for box in diagram.boxes if box.name == "a"]
    assert points(diagram.arrows[2].head)[-1][0] == a.x + a.width


def test_a_tool_that_meets_itself_has_a_loop_beside_its_box() -> None:
    diagram = draw_map([edge("a", "a", "restarts")])
    (arrow,), (box,) = diagram.arrows, diagram.boxes
    assert arrow.x > box.x + box.width
    start, end = points(arrow.tail)[0], points(arrow.head)[-1]
    assert start[0] == end[0] == box.x + box.width
    assert start[1] < end[1]


def test_a_label_shows_code_without_its_marks() -> None:
    (arrow,) = draw_map([edge("Dagster", "Kafka", "pushes `done_time` to")]).arrows
    assert arrow.shown == "pushes done_time to"


def test_a_long_text_is_cut_and_stands_in_full_in_a_title() -> None:
    diagram = draw_map([edge("n" * 80, "b", "writes the report of the day before to a place far away")])
    shown = {box.shown for box in diagram.boxes}
    assert "n" * 80 not in shown
    assert any(text.endswith("\u2026") for text in shown)
    root = ET.fromstring(svg(diagram))  # noqa: S314 - our own file
    titles = [title.text or "" for title in root.iter(f"{SVG}title")]
    assert "n" * 80 in titles
    assert any("to a place far away: b (page.md:3)" in title for title in titles)


@given(st.text(max_size=60), st.floats(min_value=20, max_value=300))
def test_what_is_shown_fits(text: str, width: float) -> None:
    assert text_width(fitted(text, width, 12.0), 12.0) <= width


HOSTILE = (
    "<script>alert(1)</script>",
    '"><rect onload="x"/>',
    "a & b &amp; c",
    "]]><!-- ",
    "{{ 7 * 7 }}{% raw %}",
    "nul \x00 esc \x1b half \ud800 end \uffff",
    "",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_and_nothing_else(name: str) -> None:
    text = svg(draw_map([edge(name, "b", name, name), edge("b", name)], [name]))
    root = ET.fromstring(text.encode())  # noqa: S314 - what is checked is that it can be read
    known = {"svg", "title", "desc", "style", "defs", "marker", "path", "rect", "text", "g"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= known
    assert not [key for element in root.iter() for key in element.attrib if key.startswith("on")]
    plain = re.sub("[\x00\x1b\ud800\uffff]", "\ufffd", name)
    assert plain in [title.text or "" for title in root.iter(f"{SVG}title")]


def test_the_drawing_stands_alone_and_says_what_it_is() -> None:
    text = svg(draw_map([edge("Airflow", "dbt")], ["CI/CD"]))
    root = ET.fromstring(text)  # noqa: S314 - our own file
    assert root.get("role") == "img"
    ids = {element.get("id"): element.text for element in root.iter() if element.get("id")}
    assert all(ids[name] for name in (root.get("aria-labelledby") or "").split())
    assert "Airflow, triggers: dbt." in (ids["skillgen-map-desc"] or "")
    assert "No statement was found on how CI/CD meets another tool." in (ids["skillgen-map-desc"] or "")
    assert "prefers-color-scheme: dark" in text
    assert not re.search(r"<script|href|url\((?!#)|@import", text)
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]


def test_a_map_without_edges_says_so() -> None:
    text = svg(draw_map([], []))
    assert "No statement was found on which tool meets which." in text
    ET.fromstring(text)  # noqa: S314 - our own file


def test_one_drawing(snapshot: SnapshotAssertion) -> None:
    edges = [
        edge("GitHub Actions", "Vault", "signs in to"),
        edge("GitHub Actions", "Argo CD", "calls"),
        edge("Argo CD", "GitHub Actions", "reports to"),
        edge("Airflow", "Amazon S3", "writes `out.csv` to"),
    ]
    assert svg(draw_map(edges, ["Paging, on-call and incident tools"])) == snapshot


# -- quality -----------------------------------------------------------------------------------------------------------


def crossings(diagram: Diagram) -> int:
    """Return how often two lines between the same two columns cross."""
    bends: dict[tuple[float, float], list[tuple[float, float]]] = {}
    for arrow in diagram.arrows:
        for path in (arrow.tail, arrow.head):
            for one, other in pairwise(points(path)):
                (left, y), (right, to_y) = sorted((one, other))
                # Lines begin at boxes, labels of any width or columns: by hundreds of pixels these are the same.
                bends.setdefault((left // 100, right // 100), []).append((y, to_y))
    pairs = (pair for held in bends.values() for pair in combinations(held, 2))
    return sum((a[0] - b[0]) * (a[1] - b[1]) < 0 for a, b in pairs)


def means(edges: int, tools: int) -> tuple[float, float]:
    """Return crossings and height of ten random maps: the numbers beside the sweeps in skillgen/diagram/columns.py."""
    drawn = [draw_map(random_edges(edges, tools, seed)) for seed in range(10)]
    return sum(map(crossings, drawn)) / 10, sum(one.height for one in drawn) / 10


def test_lines_cross_hardly_more_often_than_when_the_sweeps_were_tuned() -> None:
    assert means(30, 15)[0] < 29
    assert means(80, 40)[0] < 298
