"""Where a page's main content stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from skillgen.parse.html.dropped import SILENT, attribute, is_dropped, labels
from skillgen.parse.html.tree import Tree, is_tag

if TYPE_CHECKING:
    from bs4.element import PageElement, Tag

# Containers of the main content, the narrowest first; of each rank, every element that stands in no other is taken.
_RANKS: tuple[frozenset[str], ...] = (
    frozenset({"#main-content", "wiki-content", "ak-renderer-document"}),  # Confluence
    frozenset({"mw-parser-output"}),  # MediaWiki
    frozenset({"#mw-content-text", "#bodycontent"}),
    frozenset({"markdown-body", "theme-doc-markdown", "md-content__inner", "articlebody"}),
    frozenset({"md-content", "rst-content", "document"}),
    frozenset({"[main]"}),
    frozenset({"[article]"}),
    frozenset({"#content", "#main", "#main-body", "main-content", "page-content", "post-content", "entry-content"}),
)
_CONTAINERS = frozenset({"div", "section", "main", "article", "center", "form", "font"})
_RANK_OF = {label: rank for rank, names in enumerate(_RANKS) for label in names}
_LEAST_SHARE = 0.1  # of the page's text outside links: a container with less is not the main one
_DENSE_SHARE = 0.7  # without a container: descend while one child holds so much
_LINK_LIST = 0.8  # without a container: an element with several links and so much of its text in them is left out
_LINK_HOLDERS = frozenset({"div", "ul", "ol", "p", "table", "tr", "td", "center", "section"})
_MOST_LINKS = 0.5  # more of the text in links than this is navigation


@dataclass(slots=True)
class Weight:
    """Characters that are no white space below an element: shown, inside links, and in parts that are no content.

    `anchors` is the number of links.
    """

    text: int = 0
    links: int = 0
    anchors: int = 0
    dropped: int = 0

    @property
    def own(self) -> int:
        """The characters outside links."""
        return self.text - self.links


@dataclass(frozen=True, slots=True)
class Content:
    """The elements that hold a page's main content in order, and whether that is sure.

    `left_out` are the ids (as of `id()`) of elements below them that hold links alone. `characters` are those of the
    page that are no white space, `kept` those among them in the main content.
    """

    roots: tuple[Tag, ...]
    sure: bool
    characters: int
    kept: int
    left_out: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Survey:
    """What one walk over the page finds."""

    weights: dict[int, Weight] = field(default_factory=dict)
    found: dict[int, list[Tag]] = field(default_factory=dict)
    inside: list[int] = field(default_factory=list)  # ranks of the open containers


def find_content(tree: Tree) -> Content:
    """Return where the page's main content stands."""
    body: Tag = tree.soup.find("body") or tree.soup
    survey = _survey(tree, body)
    total = survey.weights[id(body)]
    characters = total.text + total.dropped
    for rank in sorted(survey.found):
        roots = [tag for tag in survey.found[rank] if survey.weights[id(tag)].text]
        own = sum(survey.weights[id(tag)].own for tag in roots)
        if roots and own >= total.own * _LEAST_SHARE:
            kept = sum(survey.weights[id(tag)].text for tag in roots)
            return Content(tuple(roots), sure=True, characters=characters, kept=kept)
    dense = _densest(body, survey.weights)
    weight = survey.weights[id(dense)]
    sure = weight.text > 0 and weight.links <= weight.text * _MOST_LINKS
    if not sure:
        return Content((dense,), sure=False, characters=characters, kept=weight.text)
    link_lists = list(_link_lists(dense, survey.weights))
    kept = weight.text - sum(survey.weights[id(tag)].text for tag in link_lists)
    left_out = frozenset(id(tag) for tag in link_lists)
    return Content((dense,), sure=True, characters=characters, kept=kept, left_out=left_out)


def _survey(tree: Tree, body: Tag) -> _Survey:
    survey = _Survey(weights={id(body): Weight()})
    stack: list[tuple[Tag, Iterator[PageElement], int]] = [(body, iter(body.contents), -1)]
    while stack:
        tag, children, rank = stack[-1]
        node = next(children, None)
        if node is None:
            stack.pop()
            if rank >= 0:
                survey.inside.remove(rank)
            if stack:
                _add_up(survey.weights[id(stack[-1][0])], survey.weights[id(tag)], link=tag.name == "a")
        elif is_tag(node):
            rank_of_node = _enter(survey, node, survey.weights[id(tag)])
            if rank_of_node is not None:
                stack.append((node, iter(node.contents), rank_of_node))
        elif tree.run(node) is not None:
            survey.weights[id(tag)].text += _characters(node)
    return survey


def _enter(survey: _Survey, tag: Tag, parent: Weight) -> int | None:
    """Return an element's rank as a container, -1 for no container, None where it is no content."""
    if tag.name in SILENT:
        return None
    survey.weights[id(tag)] = Weight()
    names = labels(tag)
    if is_dropped(tag, names, inside=bool(survey.inside)):
        parent.dropped += _characters(tag)
        return None
    rank = min((_RANK_OF[label] for label in names | _semantic(tag) if label in _RANK_OF), default=-1)
    if rank >= 0:
        if rank not in survey.inside:
            survey.found.setdefault(rank, []).append(tag)
        survey.inside.append(rank)
    return rank


def _semantic(tag: Tag) -> set[str]:
    found = set()
    role = attribute(tag, "role")
    if tag.name == "main" or role == "main":
        found.add("[main]")
    if tag.name == "article" or role == "article":
        found.add("[article]")
    if attribute(tag, "itemprop") == "articlebody":
        found.add("articlebody")
    return found


def _add_up(parent: Weight, child: Weight, *, link: bool) -> None:
    parent.text += child.text
    parent.links += child.text if link else child.links
    parent.anchors += 1 if link else child.anchors
    parent.dropped += child.dropped


def _characters(node: PageElement) -> int:
    """Return how many characters that are no white space a reader could see in a node."""
    if not is_tag(node):
        return len("".join(str(node).split()))
    return sum(len("".join(text.split())) for text in node.stripped_strings)


def _densest(body: Tag, weights: dict[int, Weight]) -> Tag:
    """Return the smallest element that holds most of the text outside links."""
    least = weights[id(body)].own * _DENSE_SHARE
    best, searching = body, True
    while searching:
        searching = False
        for child in best.contents:
            if (
                is_tag(child)
                and child.name in _CONTAINERS
                and id(child) in weights
                and weights[id(child)].own >= max(least, 1)
            ):
                best, searching = child, True
                break
    return best


def _link_lists(root: Tag, weights: dict[int, Weight]) -> Iterator[Tag]:
    """Yield the outermost elements below one that hold several links and hardly anything else: navigation."""
    stack: list[PageElement] = list(root.contents)
    while stack:
        node = stack.pop()
        if not is_tag(node) or id(node) not in weights:
            continue
        weight = weights[id(node)]
        if weight.anchors > 1 and weight.links >= weight.text * _LINK_LIST and node.name in _LINK_HOLDERS:
            yield node
        elif weight.anchors > 1:
            stack.extend(node.contents)
