"""Task writing: cited passages of a draft to a chat model, and its questions to tasks that passed every check."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from skillgen.artifacts import write_if_changed
from skillgen.evaluate.written_tasks import Written, asked_for, checks_like, write_tasks
from skillgen.model.chat import Use
from skillgen.model.corpus import Page
from skillgen.model.draft import Claim, Draft
from skillgen.model.evaluation import Task
from skillgen.model.task_writing import CitedPassage, TaskWriting
from skillgen.pipeline.asker import ModelAsker
from skillgen.pipeline.estimate import DryRun, EstimatingAsker
from skillgen.pipeline.eval_model import dry_run_of

WRITING_USES: tuple[Use, ...] = ("task", "task-check", "task-closed")
WRITING_SCHEMA = "skillgen.task-writing/1"
# The body is what every reader of the skill has read; a third of all tasks is from elsewhere in any case.
_BODY_SHARE = 0.6

Ranges = Mapping[str, Sequence[tuple[int, int]]]


def cited_passages(draft: Draft, current: Collection[str], disputed: Ranges, *, most: int) -> tuple[CitedPassage, ...]:
    """Return at most so many passages, one for each claim that its quotes carry: the body's first, then the worthiest.

    Args:
        draft: The skill's draft.
        current: The pages that do not call themselves out of date; no question is written on others.
        disputed: Ranges of pages that others contradict, by source.
        most: How many passages.
    """
    claims = [claim for claim in draft.claims if _is_askable(claim, current, disputed)]
    body = [claim for claim in claims if claim.in_body]
    others = sorted((claim for claim in claims if not claim.in_body), key=lambda one: (-one.delta, one.id))
    room = max(int(most * _BODY_SHARE), most - len(others))
    chosen = [*body[:room], *others[: most - min(room, len(body))]]
    return tuple(_passage(claim) for claim in chosen)


def _is_askable(claim: Claim, current: Collection[str], disputed: Ranges) -> bool:
    if claim.verdict.support != "supported" or not claim.citations or claim.citations[0].source not in current:
        return False
    return not any(
        start < one.end and one.start < end for one in claim.citations for start, end in disputed.get(one.source, ())
    )


def _passage(claim: Claim) -> CitedPassage:
    """Return the quotes of a claim on the page that it cites first."""
    own = tuple(one for one in claim.citations if one.source == claim.citations[0].source)
    return CitedPassage(claim=claim.id, source="body" if claim.in_body else "reference", citations=own)


def written_by_model(asker: ModelAsker, passages: Sequence[CitedPassage], known: Iterable[Task]) -> TaskWriting:
    """Return what the model writes on the passages; `known` are tasks whose facts are not asked again."""
    found: Written = write_tasks(asker, passages, known=known)
    stopped = None if asker.complete else asker.incomplete("only the tasks that passed are written")
    return TaskWriting(
        model=asker.model,
        asked=len(passages),
        written=found.questions,
        tasks=found.tasks,
        dropped=found.dropped,
        uses=asker.uses(),
        stopped=stopped.message if stopped else "",
        next_step=(stopped.hint or "") if stopped else "",
    )


def writing_estimate(asker: EstimatingAsker, passages: Sequence[CitedPassage], known: Iterable[Task]) -> DryRun:
    """Return what the writing would ask: one request for each passage, and two checks of a question on each."""
    write_tasks(asker, passages, known=known)
    missing = [
        passage
        for passage, reply in zip(passages, asker.client.stored(asker.requests("task")), strict=True)
        if reply is None
    ]
    given, closed = checks_like(missing)
    return dry_run_of(asker, {"task-check": given, "task-closed": closed} if missing else {})


def still_standing(held: Iterable[Task], pages: Iterable[Page]) -> tuple[Task, ...]:
    """Return the model's tasks of a file whose quotes still stand on their pages."""
    texts = {page.source: page.text for page in pages}
    return tuple(
        task
        for task in held
        if task.origin == "model"
        and not task.edited
        and not task.dropped
        and task.citation is not None
        and task.citation.quote in texts.get(task.citation.source, "")
    )


def without_repeats(held: Sequence[Task], fresh: Sequence[Task]) -> tuple[Task, ...]:
    """Return the tasks of the file and those of the fresh ones that ask for something else."""
    known = {asked_for(task) for task in held}
    return (*held, *(task for task in fresh if asked_for(task) not in known))


def drop_counts(writing: TaskWriting) -> dict[str, int]:
    """Return how many questions were dropped for each reason, most first."""
    return dict(Counter(one.reason for one in writing.dropped).most_common())


def write_record(path: Path, writing: TaskWriting) -> None:
    """Keep what became of each question, without words of the pages: these stand in the tasks file only."""
    values: dict[str, Any] = {
        "schema": WRITING_SCHEMA,
        "model": writing.model,
        "complete": not writing.stopped,
        "asked": writing.asked,
        "written": writing.written,
        "kept": [task.id for task in writing.tasks],
        "dropped": [{"claim": one.claim, "reason": one.reason} for one in writing.dropped],
        "counts": drop_counts(writing),
        "uses": [asdict(one) for one in writing.uses],
    }
    write_if_changed(path, json.dumps(values, ensure_ascii=False, indent=1) + "\n")
