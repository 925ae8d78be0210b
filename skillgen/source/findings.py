"""Findings that more than one step reports: what is not read, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from skillgen.model.corpus import Finding, Severity
from skillgen.source.names import cause, printable

_NAMED = 3


def count(sources: Sequence[str], noun: str) -> str:
    """Return how many there are with their noun: "1 file", "2 files"."""
    return f"{len(sources):,} {noun}{'' if len(sources) == 1 else 's'}"


def counted(kind: str, sources: Iterable[str], what: str, advice: str) -> Finding:
    """Return one finding, at the first of them, for sources that are left out for one reason; three are named."""
    names = [printable(source) for source in sorted(sources)]
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    message = f"Not read: {what}: {', '.join(names[:_NAMED])}{more}. {advice}"
    return Finding(kind=kind, source=names[0], message=message, severity="info")


def unreadable(source: str, error: OSError, severity: Severity = "warning") -> Finding:
    """Return the finding for what cannot be opened, or is gone."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        message = f"{source} was moved, replaced or removed during the run. Run the command again."
        return Finding(kind="vanished", source=source, message=message, severity=severity)
    message = f"{source} cannot be read ({cause(error)}). Check its permissions, or exclude it with ingest.exclude."
    return Finding(kind="unreadable", source=source, message=message, severity=severity)


def huge(source: str, size: int, limit: int) -> Finding:
    """Return the finding for a file that is over the limit."""
    advice = "Split the page, exclude it, or raise ingest.max_bytes."
    message = f"{source} has {size:,} bytes; the limit ingest.max_bytes is {limit:,}. {advice}"
    return Finding(kind="huge", source=source, message=message)


def binary(source: str) -> Finding:
    """Return the finding for a file that holds no text."""
    message = f"{source} holds binary data, not text. Take it out of the corpus or exclude it with ingest.exclude."
    return Finding(kind="binary", source=source, message=message)
