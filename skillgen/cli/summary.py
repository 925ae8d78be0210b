"""Results as text of at most 80 columns."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence, Sized
from typing import Any

from skillgen.cli.model_summary import build_model
from skillgen.cli.review_summary import build_review
from skillgen.doctor import CheckResult, RebuildReport
from skillgen.model.brief import Brief, Term
from skillgen.model.corpus import Finding, IngestReport
from skillgen.model.facts import PageFacts
from skillgen.pipeline.ask import Asked
from skillgen.pipeline.build import BuildResult
from skillgen.pipeline.explain import ClaimStory, LineStory, StatementStory
from skillgen.pipeline.forget import Forgotten
from skillgen.settings import FILE_NAME, Settings

WIDTH = 80
_BAR = 10
_SHOWN_FINDINGS = 8


def build_summary(result: BuildResult) -> str:
    """Return what a build made: coverage by target, counts, and where to look."""
    draft = result.draft
    claims = draft.claims
    pages = {citation.source for claim in claims for citation in claim.citations}
    lines = [f"Skill {draft.skill.name}", "", "Coverage by target"]
    for target in draft.coverage.targets:
        lines += _bar(target.score, target.text)
    lines += _bar(draft.coverage.overall, "overall (mean of the targets)")
    in_body = sum(claim.in_body for claim in claims)
    unsure = sum(claim.verdict.support != "supported" for claim in claims)
    lines += [
        "",
        f"Claims   {len(claims)} from {len(pages)} of {result.ingest.pages} pages",
        f"         {in_body} of them in SKILL.md ({result.body_tokens} tokens), the others in its references",
    ]
    if unsure:
        lines.append(f"         {unsure} need a reviewer: their quotes do not hold every word")
    if draft.gaps:
        lines.append(f"Gaps     {_number(draft.gaps, 'thing')} the pages do not say; the draft has a question for each")
    if draft.contradictions:
        lines.append(
            f"Disagree {_number(draft.contradictions, 'pair')} of pages; references/disagreements.md shows both sides"
        )
    if draft.integration_map:
        lines.append(
            f"Map      {_number(draft.integration_map, 'meeting')} of tools; see references/integration-map.md"
        )
        lines.append(f"         drawn in {result.map_path}")
    lines += build_model(result)
    lines += build_review(result)
    lines += _findings(result.ingest.findings)
    lines += [f"Warning  {issue.file}: {issue.message}" for issue in result.issues if issue.severity == "warning"]
    changed = f"{_number(result.changed, 'file')} changed" if result.changed else "nothing changed"
    lines += [
        "",
        f"Package  {result.package} ({changed})",
        f"Draft    {result.draft_path}",
        f"Report   {result.report_path}",
        f"Read     {result.package / 'SKILL.md'}",
    ]
    return "\n".join(lines)


def _number(things: Sized, name: str) -> str:
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
    return "\n".join(["; ".join(counts), *_findings(report.findings)])


def _reread(report: IngestReport) -> str:
    return f" ({report.reread} of them because settings or version changed)" if report.reread else ""


def _findings(findings: Sequence[Finding]) -> list[str]:
    told = [finding for finding in findings if finding.severity != "info"]
    notes = Counter(finding.kind for finding in findings if finding.severity == "info")
    lines = [f"Finding  {_place(finding)}: {finding.message}" for finding in told[:_SHOWN_FINDINGS]]
    if len(told) > _SHOWN_FINDINGS:
        lines.append(f"         and {len(told) - _SHOWN_FINDINGS} more; --json lists all")
    if notes:
        lines.append("Left out " + ", ".join(f"{kind} ({count})" for kind, count in sorted(notes.items())))
    return lines


def _place(finding: Finding) -> str:
    return finding.source if finding.line is None else f"{finding.source}:{finding.line}"


def forget_summary(forgotten: Forgotten) -> str:
    """Return what was purged, and what to do next."""
    lines = [f"Forgot   {source}" for source in forgotten.sources]
    lines += [f"Removed  the draft {name}; build it again" for name in forgotten.drafts]
    if forgotten.builds:
        lines.append(f"Removed  {forgotten.builds} earlier builds")
    for path, count in forgotten.still_held:
        lines += _entry("Held", f"{path} still holds texts of its claims ({count}); edit it by hand")
    lines += _entry(
        "Next",
        "leave the files out with ingest.exclude, or delete them: the next ingest reads what is in the corpus. "
        "Packages that were built before still cite them until they are built again.",
    )
    return "\n".join(lines)


def line_story(story: LineStory) -> str:
    """Return what became of a line, in the order of the stages."""
    lines = [f"{story.source}:{story.line}  {story.title}"]
    if story.text.strip():
        lines.append(textwrap.indent(story.text.strip(), "   "))
    lines += _page_lines(story.facts)
    lines += [f"Screened {mark or 'something was quarantined'}" for mark in story.removed]
    lines += _block_lines(story)
    lines += _chunk_lines(story)
    for statement in story.statements:
        lines += _statement_lines(statement)
    lines += [f"Finding  {_place(finding)}: {finding.message}" for finding in story.findings]
    return "\n".join(lines)


def _block_lines(story: LineStory) -> list[str]:
    if not story.blocks:
        return ["Block    none: the line is empty, or nothing of it is read as content"]
    lines = [
        f"Block    {block.kind}, lines {block.lines[0]}-{block.lines[1]}, under {' > '.join(block.heading_path)}"
        for block in story.blocks
    ]
    return lines if any(block.sentences for block in story.blocks) else [*lines, "         nothing in it can be cited"]


def _chunk_lines(story: LineStory) -> list[str]:
    lines = []
    for chunk in story.chunks:
        first, last = chunk.lines
        held = [name for name, there in (("vectors", chunk.in_vectors), ("words", chunk.in_words)) if there]
        lines.append(f"Chunk    {chunk.chunk_id}, lines {first}-{last}, in {' and '.join(held) or 'no index yet'}")
        lines.append(textwrap.indent(chunk.indexed_text, "   | "))
    return lines or ["Chunk    none: it is not indexed and cannot be cited"]


_OUTCOMES = {
    "body": "a claim in SKILL.md ({claim})",
    "reference": "a claim in the references ({claim})",
    "repeated": "no claim of its own: {claim} says the same",
    "quoted": "a quote of {claim}, which the chat model wrote",
    "unsupported": "dropped: its quotes do not carry it",
    "cut": "not kept: others answer better, or it speaks of nothing that is asked",
    "far": "not kept: its passage is too unlike everything that is asked",
}


def _statement_lines(statement: StatementStory) -> list[str]:
    """Return what a build made of a statement, and the signals that decided it, the strongest first."""
    one = statement.traced
    signals = sorted(one.signals.items(), key=lambda item: -abs(item[1]))
    shown = ", ".join(f"{name} {value:+.2f}" for name, value in signals if value)
    return [
        f"Skill    {statement.skill}: {_OUTCOMES[one.outcome].format(claim=one.claim or 'another')}",
        f"         place {one.place} of {statement.ranked} for question {one.question}, score {one.score:.2f}",
        f"         {statement.kept} were kept",
        *textwrap.wrap(shown or "no signal", WIDTH, initial_indent=" " * 9, subsequent_indent=" " * 9),
    ]


def claim_story(story: ClaimStory) -> str:
    """Return a claim with its verdict, its quotes and the scores that kept it."""
    claim = story.claim
    lines = [*_entry("Claim", claim.text), *_entry("Answers", story.question)]
    lines += _entry("Verdict", f"{claim.verdict.support}: {claim.verdict.reason}")
    lines += _entry("Delta", f"{claim.delta:.2f}" + (f" ({claim.delta_reason})" if claim.delta_reason else ""))
    for citation in claim.citations:
        lines.append(f"Quote    {citation.source}:{citation.lines[0]}-{citation.lines[1]}")
        lines.append(textwrap.indent(citation.quote, "   | "))
    lines += [f"Also in  {other.source}:{other.lines[0]}-{other.lines[1]}" for other in claim.also_cited]
    if story.statement:
        lines += _statement_lines(story.statement)
    return "\n".join(lines)


def asked_text(asked: Asked) -> str:
    """Return what the pages state on a question, or what was searched and whom to ask."""
    lines: list[str] = []
    for claim in asked.answer.claims:
        places = ", ".join(f"{c.source}:{c.lines[0]}-{c.lines[1]}" for c in claim.citations)
        lines += [*textwrap.wrap(claim.text, WIDTH, initial_indent="- ", subsequent_indent="  "), f"  {places}"]
    if asked.answer.status == "unanswered":
        nearest = " What comes nearest:" if lines else ""
        lines.insert(0, f"The pages do not answer this.{nearest}")
    searched = asked.answer.searched
    lines += ["", f"Searched {searched.passages} passages of {searched.pages} pages."]
    if asked.model:
        unused = f" {_number(asked.failures, 'request')} got no usable reply." if asked.failures else ""
        lines.append(f"Answered by {asked.model}.{unused}")
    for gap in asked.gaps:
        lines += _entry("Ask", gap.ask)
        lines += [f"Nearest  {page.source}: {' > '.join(page.heading_path)}" for page in gap.nearest]
    return "\n".join(lines)


def _page_lines(facts: PageFacts) -> list[str]:
    """Return what is known about a page, one thing a line."""
    lines = []
    if facts.owner:
        lines.append(f"Owner    {facts.owner} (from {facts.owner_from})")
    if facts.changed:
        lines.append(f"Changed  {facts.changed} (from {facts.changed_from})")
    if facts.deprecation:
        by = f", by {facts.deprecation.by}" if facts.deprecation.by else ""
        lines.append(f"State    {facts.deprecation.kind}{by} (line {facts.deprecation.line})")
    if facts.duplicates:
        lines.append(f"Like     {', '.join(facts.duplicates)}")
    return lines


def search_results(results: Sequence[Mapping[str, Any]]) -> str:
    """Return passages with their places, best first."""
    if not results:
        return "Nothing was found."
    blocks = []
    for rank, result in enumerate(results, start=1):
        first, last = result["lines"]
        head = f"{rank}. {result['source']}:{first}-{last}  {' > '.join(result['heading_path'])}"
        if mark := result["page"].get("deprecation"):
            head += f"  ({mark['kind']})"
        blocks.append(head + "\n" + textwrap.indent(str(result["text"]).strip(), "   "))
    return "\n\n".join(blocks)


def brief_text(brief: Brief, facets: Mapping[str, Sequence[str]]) -> str:
    """Return a brief as skillgen reads it."""
    lines = [f"{brief.title} ({brief.path}, variant {brief.variant})", "", "Coverage targets"]
    lines += [_item(target.text, "  - ") for target in brief.targets]
    lines += ["", "Questions and their facets"]
    for question in brief.questions:
        lines.append(_item(question.text, f"  {question.number}. "))
        if len(facets[question.id]) > 1:
            lines += [_item(text, "     - ") for text in facets[question.id]]
    if brief.quality_checks:
        lines += ["", "Quality checks"]
        lines += [_item(check, "  - ") for check in brief.quality_checks]
    if brief.vocabulary:
        lines += ["", "Vocabulary"]
        lines += [_item(_term_text(term), "  - ") for term in brief.vocabulary]
    return "\n".join(lines)


def _term_text(term: Term) -> str:
    words = ", ".join(term.words)
    return f"{words} ({term.kind})" if term.kind else f"{words}: {', '.join(term.means)}"


def _item(text: str, lead: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead))


def init_summary(settings: Settings) -> str:
    """Return what `init` wrote, and the command that comes next."""
    folders = ", ".join(str(corpus.path) for corpus in settings.corpus)
    return "\n".join(
        [
            f"Wrote    {FILE_NAME}, with every setting explained",
            f"Pages    {folders}",
            f"Brief    {', '.join(settings.build.briefs)}",
            f"Skill    goes into {settings.build.out}",
            "",
            "Next     skillgen build",
        ]
    )


def doctor_summary(checks: Sequence[CheckResult], rebuilt: RebuildReport | None) -> str:
    """Return one line for each check, its remedy under it, and what it all comes to."""
    lines: list[str] = []
    if rebuilt:
        text = f"both indexes, from {rebuilt.pages} pages with {rebuilt.chunks} chunks"
        text += f"; {rebuilt.embedded} texts had to be embedded" if rebuilt.embedded else ""
        lines += _entry("Rebuilt", text)
    for check in checks:
        lines += _entry(check.status, f"{check.name}: {check.message}")
        if check.remedy:
            lines.append(f"{'':<9}Next: {check.remedy}")
    counts = Counter(check.status for check in checks)
    found = ", ".join(f"{status}: {counts[status]}" for status in ("error", "warning") if counts[status])
    return "\n".join([*lines, "", f"{len(checks)} checks, {found or 'all good'}"])


def _entry(label: str, text: str) -> list[str]:
    """Return text behind a label; what can be copied, a path or a command, is never cut in two."""
    indent = " " * 9
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=f"{label:<9}",
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
