"""The decisions file: read, and changed so that two processes lose nothing of one another's.

Each change reads the file, changes it and writes it whole while it holds a lock, so what another process wrote a moment
before is kept. The file is written to a new one, flushed to the disk and renamed: a reader, or whoever looks after a
crash, sees the old or the new file, never a part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from skillgen.artifacts import remove_unfinished, write_if_changed
from skillgen.decisions.yaml_form import decisions_from_yaml, decisions_yaml
from skillgen.errors import DecisionConflictError, DecisionsError, UserError, WorkspaceBusyError
from skillgen.model.decision import Decision, Decisions, OwnerAnswer

_LOCK_WAIT_SECONDS = 20.0
# Beside the file: git keeps both blocks where two branches add one at the same place, and never sees what is passing.
_BESIDE = {".gitattributes": "*.yaml merge=union\n", ".gitignore": ".*.lock\n.*.skillgen-part\n"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the file holds after a change, and what stood there before, by claim id: `restore` takes that back."""

    decisions: Decisions
    previous: Mapping[str, Decision | None]


def load_decisions(path: Path) -> Decisions:
    """Return what the decisions file holds; nothing where there is no file.

    Raises:
        DecisionsError: it cannot be read, holds a merge conflict, an unknown field or a wrong entry.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return Decisions()
    except (OSError, UnicodeDecodeError) as error:
        raise DecisionsError(f"{path} cannot be read ({error}).", hint="Mend it, or take it from git again.") from error
    return decisions_from_yaml(text, name=str(path))


def record(
    path: Path,
    decisions: Iterable[Decision],
    *,
    supersedes: Iterable[str] = (),
    seen: Mapping[str, Decision | None] | None = None,
) -> Recorded:
    """Write decisions into the file, each in the place of what was decided about its claim before.

    Args:
        path: The file; it is made if need be.
        decisions: What was decided.
        supersedes: Claims whose decisions these take the place of: the ids that decisions on changed evidence had.
        seen: What the person saw of a claim before they decided. Where something else stands in the file by now,
            nothing is written at all.

    Raises:
        DecisionConflictError: somebody decided about one of the claims of `seen` in between.
        DecisionsError: the file cannot be read.
        WorkspaceBusyError: another process held the file for longer than 20 seconds.
        UserError: the file cannot be written.
    """
    new: dict[str, Decision | None] = dict.fromkeys(supersedes)
    return _changed(path, new | {decision.claim: decision for decision in decisions}, seen)


def restore(
    path: Path, previous: Mapping[str, Decision | None], *, seen: Mapping[str, Decision | None] | None = None
) -> Recorded:
    """Put back what stood in the file before (`Recorded.previous`); None takes a decision away. Raises as `record`."""
    return _changed(path, previous, seen)


def add_answers(path: Path, answers: Sequence[OwnerAnswer]) -> Decisions:
    """Write owners' answers into the file and return what it holds then. Raises as `record`, but for a conflict."""
    added = {answer.id: answer for answer in answers}

    def change(before: Decisions) -> Decisions:
        held = {answer.id: answer for answer in before.answers} | added
        return Decisions(claims=before.claims, answers=tuple(held.values()))

    return _rewritten(path, change)


def remove_answers(path: Path, ids: Iterable[str]) -> Decisions:
    """Take owners' answers out of the file and return what it holds then. Raises as `add_answers`."""
    gone = frozenset(ids)

    def change(before: Decisions) -> Decisions:
        return Decisions(claims=before.claims, answers=tuple(one for one in before.answers if one.id not in gone))

    return _rewritten(path, change)


def _changed(path: Path, new: Mapping[str, Decision | None], seen: Mapping[str, Decision | None] | None) -> Recorded:
    previous: dict[str, Decision | None] = {}

    def change(before: Decisions) -> Decisions:
        held = {decision.claim: decision for decision in before.claims}
        _require_as_seen(path, held, seen or {})
        previous.update({claim: held.get(claim) for claim in new})
        kept = {claim: decision for claim, decision in (held | dict(new)).items() if decision is not None}
        return Decisions(claims=tuple(kept.values()), answers=before.answers)

    return Recorded(decisions=_rewritten(path, change), previous=previous)


def _require_as_seen(path: Path, held: Mapping[str, Decision], seen: Mapping[str, Decision | None]) -> None:
    for claim, decision in seen.items():
        now = held.get(claim)
        if now != decision:
            what = f"{now.by} has {now.decision} it" if now else "the decision was taken back"
            raise DecisionConflictError(
                f"Somebody else was there first: in {path}, {what} ({claim}). Nothing was written.",
                hint="Look at the claim again, then decide.",
            )


def _rewritten(path: Path, change: Callable[[Decisions], Decisions]) -> Decisions:
    """Change the file under its lock and return what it holds then, in its order."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _lock(path):
            remove_unfinished(path.parent)
            text = decisions_yaml(change(load_decisions(path)))
            after = decisions_from_yaml(text, name=str(path))  # what cannot be read back is never written
            for name, content in _BESIDE.items():
                if not (path.parent / name).exists():
                    write_if_changed(path.parent / name, content)
            write_if_changed(path, text)
            return after
    except OSError as error:
        raise UserError(
            f"The decisions file {path} cannot be written ({error.strerror or error}).",
            hint="Check the folder, or set another with `review.decisions` in skillgen.toml.",
        ) from error


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(path.parent / f".{path.name}.lock")
    try:
        lock.acquire(timeout=_LOCK_WAIT_SECONDS)
    except Timeout:
        raise WorkspaceBusyError(
            f"{path} is being written by another process.", hint="Try again when it has ended."
        ) from None
    try:
        yield
    finally:
        lock.release()
