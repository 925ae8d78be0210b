"""What became of pages, and what they answer, as text of at most 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from skillgen.cli.output import WIDTH, entry
from skillgen.cli.summary import finding_place, number
from skillgen.model.draft import Citation
from skillgen.model.facts import PageFacts
from skillgen.pipeline.ask import Asked
from skillgen.pipeline.explain import ClaimStory, LineStory, StatementStory
from skillgen.pipeline.forget import Forgotten


def forget_summary(forgotten: Forgotten) -> str:
    """Return what was purged, and what to do next."""
    lines = [line for source in forgotten.sources for line in entry("Forgot", source)]
    for name in forgotten.drafts:
        lines += entry("Removed", f"the draft {name}; build it again")
    if forgotten.builds:
        lines += entry("Removed", f"{forgotten.builds} earlier builds")
    for path, count in forgotten.still_held:
        lines += entry("Held", f"{path} still holds texts of its claims ({count}); edit it by hand")
    lines += entry(
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
    for mark in story.removed:
        lines += entry("Screened", mark or "something was quarantined")
    lines += _block_lines(story)
    lines += _chunk_lines(story)
    lines += _statements_of(story)
    for finding in story.findings:
        lines += entry("Finding", f"{finding_place(finding)}: {finding.message}")
    return "\n".join(lines)


def _block_lines(story: LineStory) -> list[str]:
    if not story.blocks:
        return entry("Block", "none: the line is empty, or nothing of it is read as content")
    lines: list[str] = []
    for block in story.blocks:
        first, last = block.lines
        lines += entry("Block", f"{block.kind}, lines {first}-{last}, under {' > '.join(block.heading_path)}")
    citable = any(block.sentences for block in story.blocks)
    return lines if citable else [*lines, *entry("", "nothing in it can be cited")]


def _chunk_lines(story: LineStory) -> list[str]:
    lines = []
    for chunk in story.chunks:
        first, last = chunk.lines
        held = [name for name, there in (("vectors", chunk.in_vectors), ("words", chunk.in_words)) if there]
        lines += entry("Chunk", f"{chunk.chunk_id}, lines {first}-{last}, in {' and '.join(held) or 'no index yet'}")
        lines.append(textwrap.indent(chunk.indexed_text, "   | "))
    return lines or ["Chunk    none: it is not indexed and cannot be cited"]


def _statements_of(story: LineStory) -> list[str]:
    """Return what builds made of what the line states, or that it states nothing."""
    if not story.stated:
        return entry("States", f"no statement was made of this line{f': {story.unstated}' if story.unstated else ''}")
    if not story.statements:
        return entry("Skill", "no build has looked at what this line states")
    return [line for statement in story.statements for line in _statement_lines(statement)]


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
        *entry("Skill", f"{statement.skill}: {_OUTCOMES[one.outcome].format(claim=one.claim or 'another')}"),
        *entry("", f"place {one.place} of {statement.ranked} for question {one.question}, score {one.score:.2f}"),
        *entry("", f"{statement.kept} were kept"),
        *entry("", shown or "no signal"),
    ]


def claim_story(story: ClaimStory) -> str:
    """Return a claim with its verdict, its quotes and the scores that kept it."""
    claim = story.claim
    lines = [*entry("Claim", claim.text), *entry("Answers", story.question)]
    lines += entry("Verdict", f"{claim.verdict.support}: {claim.verdict.reason}")
    lines += entry("Delta", f"{claim.delta:.2f}" + (f" ({claim.delta_reason})" if claim.delta_reason else ""))
    for citation in claim.citations:
        lines += entry("Quote", _places([citation]))
        lines.append(textwrap.indent(citation.quote, "   | "))
    for other in claim.also_cited:
        lines += entry("Also in", _places([other]))
    if story.statement:
        lines += _statement_lines(story.statement)
    return "\n".join(lines)


def asked_text(asked: Asked) -> str:
    """Return what the pages state on a question, or what was searched and whom to ask."""
    lines: list[str] = []
    for claim in asked.answer.claims:
        lines += [*_wrapped(claim.text, "- "), *_wrapped(_places(claim.citations), "  ")]
        if sides := asked.disputed.get(claim.id):
            lines += _wrapped(f"Disputed: these do not agree: {_places(sides)}", "  ")
    if asked.answer.status == "unanswered":
        nearest = " What comes nearest:" if lines else ""
        lines.insert(0, f"Nothing was found that answers this.{nearest}")
    searched = asked.answer.searched
    lines += ["", f"Searched {searched.passages} passages of {searched.pages} pages."]
    if asked.model:
        unused = f" {number(asked.failures, 'request')} got no usable reply." if asked.failures else ""
        lines.append(f"Answered by {asked.model}.{unused}")
    for gap in asked.gaps:
        lines += entry("Ask", gap.ask)
        for page in gap.nearest:
            lines += entry("Nearest", f"{page.source}: {' > '.join(page.heading_path)}")
    return "\n".join(lines)


def _places(citations: Sequence[Citation]) -> str:
    return ", ".join(f"{c.source}:{c.lines[0]}-{c.lines[1]}" for c in citations)


def _page_lines(facts: PageFacts) -> list[str]:
    """Return what is known about a page, one thing a line."""
    lines = []
    if facts.owner:
        lines += entry("Owner", f"{facts.owner} (from {facts.owner_from})")
    if facts.changed:
        lines += entry("Changed", f"{facts.changed} (from {facts.changed_from})")
    if facts.deprecation:
        by = f", by {facts.deprecation.by}" if facts.deprecation.by else ""
        lines += entry("State", f"{facts.deprecation.kind}{by} (line {facts.deprecation.line})")
    if facts.duplicates:
        lines += entry("Like", ", ".join(facts.duplicates))
    return lines


def search_results(results: Sequence[Mapping[str, Any]]) -> str:
    """Return passages with their places, best first."""
    if not results:
        return "Nothing was found."
    blocks = []
    for rank, result in enumerate(results, start=1):
        first, last = result["lines"]
        head = f"{result['source']}:{first}-{last}  {' > '.join(result['heading_path'])}"
        if mark := result["page"].get("deprecation"):
            head += f"  ({mark['kind']})"
        text = textwrap.indent(str(result["text"]).strip(), "   ")
        blocks.append("\n".join([*_wrapped(head, f"{rank}. "), text]))
    return "\n\n".join(blocks)


def _wrapped(text: str, lead: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_long_words=False,
        break_on_hyphens=False,
    )
