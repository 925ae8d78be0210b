"""What the commands on research briefs do, and a brief as text."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import typer

from skillgen.brief import BriefIssue, builtin_briefs, lint_brief, load_brief, new_brief
from skillgen.cli.endings import FINDINGS
from skillgen.cli.output import WIDTH, report, report_findings, say, say_json
from skillgen.model.brief import Brief, Term
from skillgen.plan import split_facets


def run_brief_list(*, as_json: bool) -> None:
    """Print the built-in briefs."""
    briefs = [load_brief(name) for name in builtin_briefs()]
    if as_json:
        say_json({"briefs": [{"name": b.name, "title": b.title, "questions": len(b.questions)} for b in briefs]})
    else:
        say("\n".join(f"{b.name}: {b.title}, {len(b.questions)} questions" for b in briefs))


def run_brief_show(name: str, *, as_json: bool) -> None:
    """Print a brief as skillgen reads it."""
    brief = load_brief(name)
    facets = {question.id: split_facets(question.text) for question in brief.questions}
    if as_json:
        questions = [asdict(q) | {"facets": list(facets[q.id])} for q in brief.questions]
        say_json(asdict(brief) | {"questions": questions})
    else:
        say(brief_text(brief, facets))


def run_brief_lint(name: str, *, as_json: bool) -> None:
    """Print what should be mended in a brief, and exit 1 if anything should."""
    brief = load_brief(name)
    issues = lint_brief(brief)
    if as_json:
        say_json({"brief": brief.path, "issues": [asdict(issue) for issue in issues]})
    else:
        report_findings(_lint_text(brief, issues), found=bool(issues))
    if issues:
        raise typer.Exit(FINDINGS)


def run_brief_new(name: str) -> None:
    """Write a skeleton of a brief, and say what to do with it."""
    path = new_brief(name)
    report(f"Wrote    {path}\nNext     fill it in, then: skillgen brief lint {path}", path)


def _lint_text(brief: Brief, issues: Sequence[BriefIssue]) -> str:
    lines = [_item(f"{issue.severity}: {issue.where}: {issue.message}", "") for issue in issues]
    counts = f"{len(brief.targets)} targets, {len(brief.questions)} questions, {len(issues)} issues"
    return "\n".join([*lines, f"{brief.path}: {counts}"])


# -- a brief as text ---------------------------------------------------------------------------------------------------


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
