"""Results of the review as text of at most 80 columns."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from skillgen.clarifications import Clarifications
from skillgen.cli.output import WIDTH, entry
from skillgen.model.check import CheckedTarget, CheckReport, CitationState, is_broken
from skillgen.model.decision import State
from skillgen.model.diff import BuildChanges, ClaimChange, DraftDiff
from skillgen.pipeline.build import BuildResult
from skillgen.pipeline.builds import PastBuild
from skillgen.pipeline.checklist import Imported
from skillgen.pipeline.decide import ReviewDesk
from skillgen.sarif import citation_sentence

_CITATIONS: tuple[CitationState, ...] = ("exact", "moved", "changed", "gone")
_SHOWN = 20
_SHOWN_PAGES = 6
_STATES: tuple[State, ...] = ("undecided", "evidence changed", "asked", "accepted", "edited", "rejected")


def build_review(result: BuildResult) -> list[str]:
    """Return what reviewers' decisions, kept regions and changed pages made of a build, one thing a line."""
    states = Counter(one.state for one in result.review.claims)
    lines: list[str] = []
    if any(state != "undecided" for state in states):
        told = ", ".join(f"{states[state]} {state}" for state in _STATES if states[state])
        lines += entry("Review", f"{told}; {len(result.undecided)} undecided in SKILL.md")
    if result.review.orphaned:
        lines += entry("", f"no page states any more what was decided about: {len(result.review.orphaned)}")
    lines += _listed(
        "Left out",
        [f"{one.claim}: {one.reason}" for one in result.left_out],
        "accepted claims that are not in SKILL.md",
    )
    lines += _listed(
        "Lost",
        [f"{one.claim}: {one.reason}" for one in result.lost],
        f"accepted claims that are not in the draft; decide anew with `skillgen review {result.package}`",
    )
    lines += [line for conflict in result.conflicts for line in entry("Conflict", conflict)]
    return [*lines, *_changes(result.changes)]


def _changes(changes: BuildChanges) -> list[str]:
    """Return which pages changed since the last build, and what that did to the claims."""
    if changes.first or not (changes.pages or changes.drafts.claims):
        return []
    shown = ", ".join(f"{page.source} ({page.kind})" for page in changes.pages[:_SHOWN_PAGES])
    more = len(changes.pages) - _SHOWN_PAGES
    lines = entry("Pages", f"{shown}{f' and {more} more' if more > 0 else ''}" if shown else "none changed")
    kinds = Counter(change.kind for change in changes.drafts.claims)
    touched = len(changes.because_of_pages())
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.items()) or "no claim changed"
    others = f"; {touched} of them on these pages" if kinds else ""
    return lines + entry("Changes", told + others)


def review_json(result: BuildResult) -> dict[str, Any]:
    """Return for `build --json` what decisions, kept regions and changed pages made of the build."""
    states = Counter(one.state for one in result.review.claims)
    changes = result.changes
    return {
        "review": {
            "states": {state: states[state] for state in _STATES},
            "undecided_in_body": list(result.undecided),
            "left_out": [asdict(one) for one in result.left_out],
            "lost": [asdict(one) for one in result.lost],
            "orphaned": [one.claim for one in result.review.orphaned],
        },
        "conflicts": list(result.conflicts),
        "changes": None
        if changes.first
        else {"pages": [asdict(page) for page in changes.pages], **asdict(changes.drafts)},
    }


def states_text(desk: ReviewDesk, package: Path) -> str:
    """Return how many claims are in which state, and which ones of the body need a reviewer."""
    counts = Counter(one.state for one in desk.review.claims)
    told = ", ".join(f"{counts[state]} {state}" for state in _STATES if counts[state])
    lines = [f"Skill    {desk.draft.skill.name}", *entry("Claims", told or "none")]
    waiting = [
        one for one in desk.review.claims if one.claim.in_body and one.state in ("undecided", "evidence changed")
    ]
    lines += _listed(
        "Decide",
        [f"{one.claim.id} ({one.state}): {one.claim.text}" for one in waiting],
        "claims in SKILL.md that wait for a reviewer",
    )
    orphaned = [f"{one.claim}, {one.decision} by {one.by}: {one.text}" for one in desk.review.orphaned]
    lines += _listed("Orphaned", orphaned, "decisions whose claim was not found again")
    lines += ["", f"File     {desk.path}", f"Next     skillgen review {package} --export review.md"]
    return "\n".join(lines)


def imported_text(done: Imported, path: Path) -> str:
    """Return what became of a checklist."""
    count = len(done.recorded)
    lines = [f"Recorded {count} decision{'' if count == 1 else 's'} in {path}; {done.unchanged} stood there already"]
    lines += entry("Unknown", ", ".join(done.unknown) + ": not in the draft any more") if done.unknown else []
    if done.conflicting:
        told = ", ".join(done.conflicting)
        lines += entry("Conflict", f"{told}: decided otherwise since the export; export again to see how")
    return "\n".join(lines)


def gaps_text(found: Clarifications, file: Path) -> str:
    """Return what a file of open questions holds, and what to do with it."""
    lines = [f"Wrote    {file}"]
    lines += entry("Gaps", f"{found.open} open ({found.new} new), {found.answered} answered")
    if found.unclear:
        lines += entry("Unclear", f"{', '.join(found.unclear)}: answered, and no statement in it closes the gap yet")
    if found.open:
        lines += entry("Next", "let owners fill in answer_text, put the file beside the pages, and build again")
    return "\n".join(lines)


def check_text(report: CheckReport) -> str:
    """Return the counts, then each thing that does not hold."""
    counts = Counter(one.state for one in report.citations)
    told = ", ".join(f"{counts[state]} {state}" for state in _CITATIONS if counts[state])
    lines = [f"Skill    {report.skill}", f"Quotes   {told or 'none'}"]
    broken = [one for one in report.citations if is_broken(one)]
    moved = [one for one in report.citations if one.state == "moved" and not is_broken(one)]
    lines += _listed("Broken", [citation_sentence(one) for one in broken], "citations that do not hold")
    if report.strict:
        lines += _listed(
            "Moved", [citation_sentence(one) for one in moved], "quotes that stand elsewhere on their page"
        )
    newer = [f"{page.source}{' (gone)' if page.gone else ''}, cited by {page.claims}" for page in report.newer]
    lines += _listed("Newer", newer, "pages that changed since the build")
    lines += _targets(report.targets)
    decisions = [f"{one.claim} ({one.state}), {one.decision} by {one.by}: {one.text}" for one in report.decisions]
    lines += _listed("Decision", decisions, "decisions that no longer meet their claim")
    return "\n".join([*lines, "", "Something must be mended." if report.failed else "All of it holds."])


def _targets(targets: Iterable[CheckedTarget]) -> list[str]:
    lines: list[str] = []
    for target in targets:
        if target.under or target.now < target.built:
            floor = f", floor {target.floor:.2f}: UNDER" if target.under else ""
            lines += entry("Target", f"{target.now:.2f} (built {target.built:.2f}{floor})  {target.text}")
    return lines


def diff_text(found: DraftDiff, past: PastBuild) -> str:
    """Return the changes, those of the words first."""
    lines = [f"Against  {past.id} ({past.at})"]
    counts = Counter(change.kind for change in found.claims)
    lines.append("Claims   " + (", ".join(f"{count} {kind}" for kind, count in counts.items()) or "all the same"))
    for change in found.claims:
        lines += _change(change)
    for target in found.targets:
        before = "new" if target.before is None else f"{target.before:.2f}"
        lines += entry("Target", f"{before} -> {target.after:.2f}  {target.text}")
    return "\n".join(lines)


def _change(change: ClaimChange) -> list[str]:
    place = " (in SKILL.md)" if change.in_body or (change.kind == "gone" and change.was_in_body) else ""
    lines = ["", f"{change.kind}: {change.claim}{place}  {', '.join(change.sources)}"]
    if change.before and change.before != change.after:
        lines += _wrapped(change.before, "- ")
    return lines + _wrapped(change.after or "", "+ " if change.before != change.after else "  ")


def _wrapped(text: str, lead: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=lead, subsequent_indent="  ")


def _listed(label: str, items: list[str], what: str) -> list[str]:
    """Return a count under a label and the first items; nothing where there is none."""
    if not items:
        return []
    lines = [f"{label:<9}{len(items)} ({what})"]
    for item in items[:_SHOWN]:
        lines += textwrap.wrap(
            item,
            WIDTH,
            initial_indent=f"{'':<9}- ",
            subsequent_indent=" " * 11,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return [*lines, f"{'':<9}and {len(items) - _SHOWN} more; --json lists all"] if len(items) > _SHOWN else lines
