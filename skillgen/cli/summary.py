"""What a build or an ingest did, as text of at most 80 columns; only a path or a name is never cut in two."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence, Sized

from skillgen.cli.model_summary import build_model
from skillgen.cli.output import WIDTH, entry
from skillgen.cli.review_summary import build_review
from skillgen.model.corpus import Finding, IngestReport
from skillgen.pipeline.build import BuildResult

_BAR = 10
_SHOWN_FINDINGS = 8


def build_summary(result: BuildResult) -> str:
    """Return what a build made: coverage by target, counts, and where to look."""
    lines = [f"Skill {result.draft.skill.name}", "", "Coverage by target"]
    for target in result.draft.coverage.targets:
        lines += _bar(target.score, target.text)
    lines += [*_bar(result.draft.coverage.overall, "overall (mean of the targets)"), ""]
    lines += _claims(result)
    lines += _noticed(result)
    lines += build_model(result)
    lines += build_review(result)
    lines += findings_lines(result.ingest.findings)
    for issue in result.issues:
        if issue.severity == "warning":
            lines += entry("Warning", f"{issue.file}: {issue.message}")
    return "\n".join([*lines, "", *_places(result)])


def _claims(result: BuildResult) -> list[str]:
    claims = result.draft.claims
    pages = {citation.source for claim in claims for citation in claim.citations}
    in_body = sum(claim.in_body for claim in claims)
    unsure = sum(claim.verdict.support != "supported" for claim in claims)
    lines = entry("Claims", f"{len(claims)} from {len(pages)} of {result.ingest.pages} pages")
    lines += entry("", f"{in_body} of them in SKILL.md ({result.body_tokens} tokens), the others in its references")
    if unsure:
        lines += entry("", f"{unsure} need a reviewer: their quotes do not hold every word")
    return lines


def _noticed(result: BuildResult) -> list[str]:
    draft = result.draft
    lines: list[str] = []
    if draft.gaps:
        lines += entry("Gaps", f"{number(draft.gaps, 'thing')} not found; the draft has a question for each")
    if draft.contradictions:
        pairs = number(draft.contradictions, "pair")
        lines += entry("Disagree", f"{pairs} of pages; references/disagreements.md shows both sides")
    if draft.integration_map:
        meetings = number(draft.integration_map, "meeting")
        lines += entry("Map", f"{meetings} of tools; see references/integration-map.md")
        lines += entry("", f"drawn in {result.map_path}")
    return lines


def _places(result: BuildResult) -> list[str]:
    changed = f"{number(result.changed, 'file')} changed" if result.changed else "nothing changed"
    return [
        *entry("Package", f"{result.package} ({changed})"),
        *entry("Draft", str(result.draft_path)),
        *entry("Report", str(result.report_path)),
        *entry("Read", str(result.package / "SKILL.md")),
    ]


def number(things: Sized, name: str) -> str:
    """Return how many there are, with their name in the right number."""
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def _bar(score: float, text: str) -> list[str]:
    filled = round(score * _BAR)
    bar = "#" * filled + "." * (_BAR - filled)
    return textwrap.wrap(text, WIDTH, initial_indent=f"  {bar} {score:4.2f}  ", subsequent_indent=" " * 19)


def ingest_summary(report: IngestReport) -> str:
    """Return what an ingest did."""
    counts = [
        f"{report.pages} pages, {report.chunks} chunks",
        f"{report.parsed} parsed{_reread(report)}, {report.unchanged} unchanged, {report.removed} removed",
        f"{report.embedded} texts embedded",
    ]
    return "\n".join([*textwrap.wrap("; ".join(counts), WIDTH), *findings_lines(report.findings)])


def _reread(report: IngestReport) -> str:
    return f" ({report.reread} of them because settings or version changed)" if report.reread else ""


def findings_lines(findings: Sequence[Finding]) -> list[str]:
    """Return what must be looked at, and counts of what was only left out."""
    told = [finding for finding in findings if finding.severity != "info"]
    notes = Counter(finding.kind for finding in findings if finding.severity == "info")
    lines: list[str] = []
    for finding in told[:_SHOWN_FINDINGS]:
        lines += entry("Finding", f"{finding_place(finding)}: {finding.message}")
    if len(told) > _SHOWN_FINDINGS:
        lines += entry("", f"and {len(told) - _SHOWN_FINDINGS} more; --json lists all")
    if notes:
        lines += entry("Left out", ", ".join(f"{kind} ({count})" for kind, count in sorted(notes.items())))
    return lines


def finding_place(finding: Finding) -> str:
    """Return the page of a finding, with its line where it has one."""
    return finding.source if finding.line is None else f"{finding.source}:{finding.line}"
