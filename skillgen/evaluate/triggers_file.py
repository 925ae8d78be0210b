"""The requests of the trigger evaluation in the tasks file: a section of its own, with the same rules as the tasks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from skillgen.errors import UserError
from skillgen.evaluate.trigger_requests import trigger_id
from skillgen.model.trigger import TriggerKind, TriggerRequest

_HEAD = "# Requests: is the skill picked for those that need it, and for no others? The same rules hold for them."
_KEY = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)
_HINT = "docs/evals.md shows the form of the file; `git log` has the last good one."
_KINDS: Sequence[TriggerKind] = (
    "task", "question", "joint", "own", "tool", "neighbour", "excluded", "unrelated",
)  # fmt: skip


def merge_triggers(held: Sequence[TriggerRequest], fresh: Sequence[TriggerRequest]) -> tuple[TriggerRequest, ...]:
    """Return the requests of a file with the generated ones replaced; what people wrote, changed or dropped stays."""
    kept = {one.id: one for one in held if one.edited or one.dropped}
    return ordered((*kept.values(), *(one for one in fresh if one.id not in kept)))


def ordered(requests: Sequence[TriggerRequest]) -> tuple[TriggerRequest, ...]:
    """Return the requests by kind and id: right ones first, as the file has them."""
    return tuple(sorted(requests, key=lambda one: (_KINDS.index(one.kind), one.id)))


def trigger_lines(requests: Sequence[TriggerRequest], scalar: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of the section; `scalar` is each text as YAML has it."""
    if requests:
        yield from (_HEAD, "triggers:", "")
    for one in ordered(requests):
        yield f"  {one.id}:"
        yield f"    kind: {one.kind}"
        yield f"    query: {scalar[one.query]}"
        yield f"    should_trigger: {'true' if one.should_trigger else 'false'}"
        if one.belongs_to:
            yield f"    belongs_to: {scalar[one.belongs_to]}"
        yield from (f"    {name}: true" for name in ("edited", "dropped") if getattr(one, name))
        yield ""


def trigger_of(key: str, fields: Mapping[str, object], where: str) -> TriggerRequest:
    """Return one request of the section; an own one needs a query and whether it should trigger the skill.

    Args:
        key: Its name.
        fields: What stands under it.
        where: File and line, for errors.

    Raises:
        UserError: it is no request.
    """
    from pydantic import TypeAdapter, ValidationError

    if not _KEY.fullmatch(key) or "id" in fields:
        raise UserError(f"{where}: {key!r} is no name for a request.", hint="Use letters, digits and hyphens.")
    try:
        found: TriggerRequest = TypeAdapter(TriggerRequest).validate_python(
            {"kind": "own", **fields, "id": key}, extra="forbid"
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError(f"{where}: {key}: {'.'.join(map(str, first['loc']))}: {first['msg']}.", hint=_HINT) from error
    if not found.query.strip():
        raise UserError(f"{where}: {key} needs a query.", hint=_HINT)
    return found if trigger_id(found) == found.id else replace(found, edited=True)
