"""Requests of the trigger evaluation: those that need the skill, those that come close, and those that do not.

Right requests are made of the skill's tasks, of its briefs' questions and of its integration map; near misses of the
tools that it names, of the other skills of the set, and of what its description says that it is not for. A request that
repeats the description is left out: it would measure the likeness of two texts.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import cycle

from skillgen.evaluate.leakage import MAX_RUN, longest_run, wording
from skillgen.evaluate.trigger_data import OtherSkill
from skillgen.model.catalogue import Tool
from skillgen.model.corpus import content_id
from skillgen.model.draft import Draft
from skillgen.model.evaluation import Task
from skillgen.model.trigger import TriggerKind, TriggerRequest

MAX_TASKS, MAX_QUESTIONS, MAX_JOINTS, MAX_TOOLS, MAX_EXCLUDED = 12, 8, 6, 10, 3
MAX_OF_A_NEIGHBOUR = 2
_ID_DIGITS = 8
_LEAST_FACET_WORDS = 5
# Facets that stand alone begin with their question's first word; others lean on what stands before them.
_LEANS = re.compile(r"\b(?:it|its|they|them|their|each one|the next one)\b", re.IGNORECASE)
_NOT_FOR = re.compile(r"\b(?:not|never|do not use (?:it|this)?|don't use (?:it|this)?) ?for ([^.;]+)", re.IGNORECASE)
_PARTS = re.compile(r",\s*(?:or |nor |and )?|\s+(?:or|nor)\s+")
_HELD = ("body", "reference", "own")


def trigger_requests(
    draft: Draft,
    description: str,
    tasks: Iterable[Task],
    others: Sequence[OtherSkill],
    tools: Sequence[Tool],
    *,
    templates: Mapping[str, Sequence[str]],
) -> tuple[TriggerRequest, ...]:
    """Return the requests for a skill, by kind and in a fixed order; no two ask the same.

    Args:
        draft: The skill's draft: its questions and its integration map.
        description: The skill's description, which no right request repeats.
        tasks: The skill's tasks: those whose facts it holds are right requests.
        others: The other skills of the set; the first requests of each are near misses.
        tools: The catalogue's tools, which near misses may ask about in general.
        templates: Templates of requests by kind.
    """
    named = _tools_named(draft, tools)
    made = [
        *_of_tasks(tasks),
        *_of_questions(draft, templates["question"]),
        *_of_joints(draft, frozenset(named), templates["joint"]),
        *_of_tools(named, templates["tool"]),
        *_of_neighbours(others),
        *_excluded(description, templates["excluded"]),
        *(_made("unrelated", query, right=False) for query in templates["unrelated"]),
    ]
    said = wording(description)
    kept = (one for one in made if not one.should_trigger or longest_run(wording(one.query), said) <= MAX_RUN)
    return tuple({" ".join(one.query.casefold().split()): one for one in reversed([*kept])}.values())[::-1]


def trigger_id(request: TriggerRequest) -> str:
    """Return the id that a request has by what it asks and should do; another one means that somebody changed it."""
    right = "yes" if request.should_trigger else "no"
    return content_id("trg", request.kind, request.query, right, request.belongs_to, digits=_ID_DIGITS)


def _made(kind: TriggerKind, query: str, *, right: bool, belongs_to: str = "") -> TriggerRequest:
    request = TriggerRequest(id="", kind=kind, query=query, should_trigger=right, belongs_to=belongs_to)
    return replace(request, id=trigger_id(request))


# -- right requests ----------------------------------------------------------------------------------------------------


def _of_tasks(tasks: Iterable[Task]) -> Iterator[TriggerRequest]:
    """Yield the questions of tasks whose facts the skill holds, the kinds in turns, plain questions first."""
    queues: dict[str, list[Task]] = defaultdict(list)
    held = [task for task in tasks if task.source in _HELD and not task.dropped]
    for task in sorted(held, key=lambda one: (one.question.startswith("About "), one.id)):
        queues[task.kind].append(task)
    turns = [(place, kind) for kind, queue in queues.items() for place in range(len(queue))]
    for place, kind in sorted(turns)[:MAX_TASKS]:
        yield _made("task", queues[kind][place].question, right=True)


def _of_questions(draft: Draft, templates: Sequence[str]) -> Iterator[TriggerRequest]:
    """Yield the first part of every question that the skill answers, as a user would put it."""
    found = []
    for answer in draft.answers:
        facet = answer.facets[0] if answer.facets else None
        if facet is None or not facet.grade or len(facet.text.split()) < _LEAST_FACET_WORDS:
            continue
        if not _LEANS.search(facet.text):
            found.append(facet.text.partition(" (")[0].rstrip(" ?.:"))
    for facet_text, template in zip(found[:MAX_QUESTIONS], cycle(templates), strict=False):
        lowered = facet_text[:1].lower() + facet_text[1:]
        yield _made("question", template.replace("{facet}", lowered), right=True)


def _of_joints(draft: Draft, named: frozenset[str], templates: Sequence[str]) -> Iterator[TriggerRequest]:
    """Yield a request for pairs of well-known tools that the integration map joins."""
    pairs = dict.fromkeys(
        (edge.from_, edge.to)
        for edge in draft.integration_map
        if edge.from_ in named and edge.to in named and edge.from_ != edge.to
    )
    apart = {tuple(sorted(pair)): pair for pair in reversed(pairs)}
    for (one, other), template in zip(list(apart.values())[::-1][:MAX_JOINTS], cycle(templates), strict=False):
        yield _made("joint", _filled(template, {"{a}": one, "{b}": other}), right=True)


def _filled(template: str, values: Mapping[str, str]) -> str:
    """Return a template with its places filled; what is filled in is never read as a template."""
    places = re.compile("|".join(map(re.escape, values)))
    return places.sub(lambda place: values[place.group()], template)


# -- near misses -------------------------------------------------------------------------------------------------------


def _tools_named(draft: Draft, tools: Sequence[Tool]) -> list[str]:
    """Return the catalogue's tools on the integration map, those that meet most others first."""
    known = {tool.name for tool in tools}
    meetings = Counter(name for edge in draft.integration_map for name in (edge.from_, edge.to) if name in known)
    mapped = [name for kind in draft.mapped for name in kind.tools if name in known]
    return list(dict.fromkeys([*(name for name, _ in sorted(meetings.items(), key=_most_first)), *mapped]))


def _most_first(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]


def _of_tools(named: Sequence[str], templates: Sequence[str]) -> Iterator[TriggerRequest]:
    for tool, template in zip(named[:MAX_TOOLS], cycle(templates), strict=False):
        yield _made("tool", _filled(template, {"{tool}": tool}), right=False)


def _of_neighbours(others: Iterable[OtherSkill]) -> Iterator[TriggerRequest]:
    for other in others:
        for query in other.requests[:MAX_OF_A_NEIGHBOUR]:
            yield _made("neighbour", query, right=False, belongs_to=other.card.name)


def _excluded(description: str, templates: Sequence[str]) -> Iterator[TriggerRequest]:
    """Yield a request for each thing that the description says it is not for."""
    parts = [part.strip() for clause in _NOT_FOR.findall(description) for part in _PARTS.split(clause) if part.strip()]
    for part, template in zip(dict.fromkeys(parts[:MAX_EXCLUDED]), cycle(templates), strict=False):
        yield _made("excluded", _filled(template, {"{what}": part}), right=False)
