"""Tasks: facts of pages to questions with expected values, and the choice of those that a skill is asked.

A task is made only of a fact that can be asked for plainly, that no other fact answers in another way, and whose
question neither states the answer nor repeats the page.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from skillgen.evaluate.clause_facts import clause_facts
from skillgen.evaluate.facts import Fact, in_topic, topic_of
from skillgen.evaluate.heading_facts import heading_facts
from skillgen.evaluate.leakage import MAX_RUN, is_told, longest_run, wording
from skillgen.evaluate.sentence_facts import sentence_facts
from skillgen.evaluate.step_facts import step_facts
from skillgen.evaluate.table_facts import table_facts
from skillgen.evaluate.values import codes_in
from skillgen.model.citing import cite
from skillgen.model.corpus import Page, content_id
from skillgen.model.draft import Citation
from skillgen.model.evaluation import Expected, Task, TaskCitation, TaskKind, TaskOrigin, TaskSource
from skillgen.model.lines import Lines
from skillgen.words import squeezed

# Shares of the tasks by how far the skill holds them: it must be able to lose.
SHARES: Mapping[TaskSource, float] = {"body": 0.4, "reference": 0.3, "uncited-page": 0.15, "uncited-passage": 0.15}
# At least a third may not come from the body, and at most two fifths from what the skill does not hold, or the tasks
# would measure the pages more than the skill.
MIN_NOT_BODY = 1 / 3
MOST_UNCITED = 0.4
_UNCITED: tuple[TaskSource, ...] = ("uncited-page", "uncited-passage")
# Sections about what no longer holds, on pages that are current otherwise.
_PAST = re.compile(
    r"\b(?:old|older|former|formerly|legacy|deprecated|obsolete|history|archive|changelog|retired)\b", re.IGNORECASE
)
_ID_DIGITS = 8
SourceOf = Callable[[str, int, int, tuple[str, ...]], TaskSource]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    fact: Fact
    page: Page
    lines: Lines


def tasks_of(
    pages: Iterable[Page],
    *,
    source_of: SourceOf,
    is_own: Callable[[str], bool],
    disputed: Mapping[str, Sequence[tuple[int, int]]],
) -> tuple[Task, ...]:
    """Return every task that the pages give, in the order of the pages.

    Args:
        pages: The pages; those that call themselves out of date are left out by the caller.
        source_of: How far the skill holds a fact: its source, start and end in characters, and the names and values
            that a statement in other words would have (may be empty).
        is_own: Whether a statement says something of the organisation's own. It is asked of commands, which general
            knowledge may answer; nobody knows a time, a value or a name of an organisation without its pages.
        disputed: Ranges of pages that others contradict, by source.
    """
    found = [one for page in pages for one in _facts(page) if not _is_disputed(one, disputed)]
    tasks = (
        _task(one, source_of) for one in _answered_once(found) if one.fact.kind != "command" or is_own(_statement(one))
    )
    kept = {task.id: task for task in tasks if task is not None}
    return tuple(kept.values())


def _facts(page: Page) -> Iterator[_Found]:
    lines = Lines.of(page.text)
    found = [*table_facts(page), *sentence_facts(page), *step_facts(page)]
    stated = {(fact.span.start, fact.expected) for fact in found}
    more = (*clause_facts(page), *heading_facts(page))
    further = [fact for fact in more if (fact.span.start, fact.expected) not in stated]
    for fact in (*found, *further):
        if not any(_PAST.search(heading) for heading in fact.block.heading_path):
            yield _Found(fact=fact, page=page, lines=lines)


def _statement(found: _Found) -> str:
    return f"{' '.join(found.fact.block.heading_path[-1:])}: {found.fact.span.text}"


def _is_disputed(found: _Found, disputed: Mapping[str, Sequence[tuple[int, int]]]) -> bool:
    span = found.fact.span
    return any(start < span.end and span.start < end for start, end in disputed.get(found.page.source, ()))


def _answered_once(found: Iterable[_Found]) -> Iterator[_Found]:
    """Yield one fact of those that ask the same; none where they give different answers.

    A question that says the topic is the same as another of its page only.
    """
    groups: dict[tuple[str, ...], list[_Found]] = defaultdict(list)
    for one in found:
        subject = squeezed(" ".join(_names(one.fact)))
        place = "" if one.fact.plain else topic_of(one.page, one.fact.block)
        groups[(subject, place, one.fact.asked)].append(one)
    for group in groups.values():
        answers = [frozenset(squeezed(item.value) for item in one.fact.expected) for one in group]
        least = min(answers, key=len)
        if all(least <= answer for answer in answers):
            yield group[answers.index(least)]


def _task(found: _Found, source_of: SourceOf) -> Task | None:
    """Return the task of a fact; None where its question would tell the answer or repeat the page."""
    fact, page = found.fact, found.page
    topic = topic_of(page, fact.block)
    question = fact.question if fact.plain or not topic else in_topic(fact.question, topic)
    told = is_told(question, fact.expected)
    if told or longest_run(wording(fact.question), wording(fact.span.text)) > MAX_RUN:
        return None
    citation = cite(page, found.lines, fact.block, fact.span.start, fact.span.end)
    source = source_of(page.source, fact.span.start, fact.span.end, _told_apart(fact))
    return task_of(fact.kind, question, fact.expected, citation, source=source)


def task_of(
    kind: TaskKind,
    question: str,
    expected: tuple[Expected, ...],
    citation: Citation,
    *,
    source: TaskSource,
    origin: TaskOrigin = "template",
) -> Task:
    """Return a task with the id that what it asks and expects gives it."""
    cited = TaskCitation(
        source=citation.source, lines=citation.lines, heading_path=citation.heading_path, quote=citation.quote
    )
    id_ = _id(kind, question, expected)
    return Task(id=id_, kind=kind, source=source, question=question, expected=expected, citation=cited, origin=origin)


def _names(fact: Fact) -> tuple[str, ...]:
    return codes_in(fact.subject) or (fact.subject,)


def _told_apart(fact: Fact) -> tuple[str, ...]:
    """Return the names and values by which a fact is known in other words; none where they are too common for that."""
    if not codes_in(fact.subject) or any(one.form in ("text", "order", "command") for one in fact.expected):
        return ()
    return (*codes_in(fact.subject), *(one.value for one in fact.expected))


def task_id(task: Task) -> str:
    """Return the id that a task has by what it asks and expects; another one means that somebody changed it."""
    return _id(task.kind, task.question, task.expected)


def _id(kind: str, question: str, expected: Iterable[Expected]) -> str:
    parts = (part for one in expected for part in (one.form, one.value, *one.accept))
    return content_id("tsk", kind, question, *parts, digits=_ID_DIGITS)


# -- choice ------------------------------------------------------------------------------------------------------------


def choose_tasks(tasks: Sequence[Task], *, most: int, held: Container[str] = ()) -> tuple[Task, ...]:
    """Return at most so many tasks: of every source in its share, spread over pages and kinds.

    What a source has too few of goes to the others, but never so much to the body that under a third is left. Tasks
    whose ids are `held` come first, so that a file changes only where its pages did.
    """
    queues = {
        source: sorted(_spread([task for task in tasks if task.source == source]), key=lambda task: task.id not in held)
        for source in SHARES
    }
    room = _room({source: len(queue) for source, queue in queues.items()}, most)
    chosen = {task.id for source, queue in queues.items() for task in queue[: room[source]]}
    return tuple(task for task in tasks if task.id in chosen)


def _room(held: Mapping[TaskSource, int], most: int) -> dict[TaskSource, int]:
    """Return how many tasks of each source are taken, of as many as there are."""
    room = {source: min(held[source], int(most * share)) for source, share in SHARES.items()}
    for source in ("reference", "body", *_UNCITED):
        room[source] += max(0, min(held[source] - room[source], most - sum(room.values())))
    inside = room["body"] + room["reference"]
    uncited = int(inside * MOST_UNCITED / (1 - MOST_UNCITED)) if inside else most
    for source in reversed(_UNCITED):
        others = sum(room[one] for one in _UNCITED if one != source)
        room[source] = max(0, min(room[source], uncited - others))
    others = sum(room.values()) - room["body"]
    room["body"] = min(room["body"], int(others * (1 - MIN_NOT_BODY) / MIN_NOT_BODY))
    return room


def _spread(tasks: Sequence[Task]) -> list[Task]:
    """Return the tasks in turns: a kind and page that had fewer turns comes first, then the id decides."""
    queues: dict[tuple[str, str], list[Task]] = defaultdict(list)
    for task in sorted(tasks, key=lambda one: one.id):
        queues[(task.kind, task.citation.source if task.citation else "")].append(task)
    ordered: list[Task] = []
    turns: dict[str, int] = defaultdict(int)
    while queues:
        key = min(queues, key=lambda one: (turns[one[0]], turns[one[1]], one))
        ordered.append(queues[key].pop(0))
        turns[key[0]] += 1
        turns[key[1]] += 1
        if not queues[key]:
            del queues[key]
    return ordered
