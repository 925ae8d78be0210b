"""What a chat model was asked, or would be asked, as text of at most 80 columns."""

from __future__ import annotations

import textwrap
from collections import Counter
from dataclasses import asdict
from typing import Any

from skillgen.cli.output import WIDTH
from skillgen.model.chat import Estimate
from skillgen.model.draft import RunRecord
from skillgen.pipeline.asker import Spent
from skillgen.pipeline.build import BuildResult
from skillgen.pipeline.estimate import DryRun

_LABEL = 9


def build_model(result: BuildResult) -> list[str]:
    """Return what the model of a build was asked and what came of it, one thing a line; nothing without a model."""
    run, spent = result.draft.run, result.spent
    if spent is None:
        return []
    calls = sum(use.calls for use in run.uses)
    lines = _entry("Model", f"{run.model} at {run.endpoints[-1] if run.endpoints else 'no server'}")
    lines += _entry("", f"{_number(calls, 'reply', 'replies')}, {run.tokens:,} tokens, {_dollars(run.cost)}")
    lines += _entry("", _spent(spent))
    if run.delta is not None and run.delta.share is not None:
        told = f"{run.delta.share:.0%} of {run.delta.compared} statements go beyond what the model knew"
        other = f"; of {run.delta.conflict} it believes otherwise" if run.delta.conflict else ""
        lines += _entry("Delta", told + other)
    return lines + _failures(run)


def _spent(spent: Spent) -> str:
    stored = sum(spent.stored.values())
    if not spent.sent:
        return f"nothing was sent in this run: all {stored} replies were stored"
    return f"sent in this run: {_number(spent.sent, 'call', 'calls')}, {_dollars(spent.cost)}; {stored} were stored"


def _failures(run: RunRecord) -> list[str]:
    if not run.failures:
        return []
    kinds = Counter(f"{one.use}: {one.reason}" for one in run.failures)
    told = ", ".join(f"{kind} ({count})" for kind, count in sorted(kinds.items()))
    number = _number(len(run.failures), "reply", "replies")
    return _entry("Unused", f"{number} could not be used; the draft says which: {told}")


def model_json(result: BuildResult) -> dict[str, Any] | None:
    """Return for `build --json` what the model was asked; None without a model."""
    run, spent = result.draft.run, result.spent
    if spent is None:
        return None
    return {
        "name": run.model,
        "engine": run.engine,
        "endpoints": run.endpoints,
        "tokens": run.tokens,
        "cost": run.cost,
        "uses": [asdict(use) for use in run.uses],
        "failures": [asdict(failure) for failure in run.failures],
        "delta": asdict(run.delta) if run.delta else None,
        "this_run": asdict(spent),
    }


def dry_run_text(found: DryRun, limit: float | None, *, then: str = "build") -> str:
    """Return what would be asked, use by use; `limit` is what it may cost, `then` what the command does for real."""
    lines = [*_entry("Model", f"{found.model} at {', '.join(found.endpoints)}"), ""]
    lines.append(f"{'':<16}{'calls':>7}{'stored':>8}{'tokens in':>11}{'out':>9}{'likely USD':>12}{'at most':>10}")
    lines += [_row(f"{use.use}{'' if use.exact else ' *'}", use.takes) for use in found.uses]
    lines += [_row("all", found.total), ""]
    if not all(use.exact for use in found.uses):
        lines += _entry("*", "estimated: depends on replies that are not there yet")
    if found.total.cost is None:
        lines += _entry("Price", "unknown, so --max-cost would be refused; see docs/models.md")
    elif limit is not None:
        fits = "is enough" if (found.total.most or 0.0) <= limit else "may stop the run"
        lines += _entry("Limit", f"--max-cost {limit:g} {fits}")
    return "\n".join([*lines, f"Nothing was sent. Run the same command without --dry-run to {then}."])


def _row(name: str, takes: Estimate) -> str:
    likely, most = ("" if value is None else f"{value:.4f}" for value in (takes.cost, takes.most))
    counts = f"{takes.calls:>7,}{takes.stored:>8,}{takes.tokens_in:>11,}{takes.tokens_out:>9,}"
    return f"{name:<16}{counts}{likely:>12}{most:>10}".rstrip()


def _dollars(cost: float | None) -> str:
    return "price unknown" if cost is None else f"{cost:.4f} USD"


def _number(count: int, one: str, several: str) -> str:
    return f"{count:,} {one if count == 1 else several}"


def _entry(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=f"{label:<{_LABEL}}",
        subsequent_indent=" " * _LABEL,
        break_long_words=False,
        break_on_hyphens=False,
    )
