"""What reading and screening noticed, by kind and page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from skillgen.model.corpus import Finding

_KINDS: Mapping[str, str] = {
    "secret": "Secrets that were removed",
    "injection": "Text addressed to an AI, quarantined",
    "vanished": "Files that vanished while they were read",
    "unreadable": "Files that cannot be read",
    "huge": "Files that are too large",
    "binary": "Files that are no text",
    "empty": "Empty files",
    "wrong-encoding": "Files that are not UTF-8",
    "no-text": "Pages without text to cite",
    "no-main-content": "Pages whose main content is unsure",
    "boilerplate": "Pages with navigation that was left out",
    "front-matter": "Front matter that cannot be read",
    "include": "Parts that stand on other pages",
    "no-history": "Folders without dates of change",
    "odd-name": "Names that cannot be cited",
    "broken-link": "Links that lead nowhere",
    "outside-link": "Links that lead out of the folder",
    "linked-folder": "Linked folders",
    "special-file": "Special files",
    "cut-markup": "HTML that is never closed",
    "too-deep": "HTML that is nested too deep",
    "too-large": "HTML with too many elements",
}
_SCREENED = ("secret", "injection")


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """The findings of one kind. `screened` tells that screening took something away."""

    kind: str
    title: str
    severity: str
    screened: bool
    findings: tuple[Finding, ...]


def noticed(findings: tuple[Finding, ...]) -> tuple[Noticed, ...]:
    """Return the findings by kind: what was screened first, then by severity, then the most frequent."""
    by_kind: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        by_kind.setdefault((finding.kind, finding.severity), []).append(finding)
    order = {"error": 0, "warning": 1, "info": 2}
    groups = sorted(by_kind.items(), key=lambda item: (_rank(item[0][0]), order[item[0][1]], -len(item[1]), item[0]))
    return tuple(
        Noticed(
            kind=kind,
            title=_KINDS.get(kind) or kind.replace("-", " ").capitalize(),
            severity=severity,
            screened=kind in _SCREENED,
            findings=tuple(held),
        )
        for (kind, severity), held in groups
    )


def _rank(kind: str) -> int:
    return _SCREENED.index(kind) if kind in _SCREENED else len(_SCREENED)


def screened_count(groups: tuple[Noticed, ...]) -> int:
    """Return how many passages screening took away."""
    return sum(len(group.findings) for group in groups if group.screened)
