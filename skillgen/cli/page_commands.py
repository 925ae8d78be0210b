"""What the commands on pages do: pipeline called, result printed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from skillgen.cli import page_summary, summary
from skillgen.cli.commands import existing, working
from skillgen.cli.output import report, say, say_json
from skillgen.errors import UserError
from skillgen.model.facts import PageFacts
from skillgen.model.lines import Lines
from skillgen.model.research import Passage
from skillgen.pipeline.ask import ask
from skillgen.pipeline.explain import explain_claim, explain_line
from skillgen.pipeline.forget import forget
from skillgen.pipeline.ingest import ingest
from skillgen.pipeline.library import open_library
from skillgen.settings import Settings

MAX_RESULT_CHARS = 1200
_CLAIM_ID = re.compile(r"clm-[0-9a-f]{8}")
_QUERY_FORM = 'It holds one {"id": "...", "query": "..."} a line.'


@dataclass(frozen=True, slots=True)
class _Query:
    id: str
    text: str


def run_ingest(settings: Settings, *, as_json: bool) -> None:
    """Ingest and print what was done."""
    with working(settings, "ingest") as bench:
        done = ingest(settings, bench.workspace, embedder=bench.embedder, reporter=bench.reporter)
    if as_json:
        say_json(asdict(done))
    else:
        report(summary.ingest_summary(done))


def run_search(settings: Settings, query: str | None, queries: Path | None, *, k: int, as_json: bool) -> None:
    """Search for one query, or for every query of a file, and print the passages."""
    asked = _asked(query, queries)
    with working(settings, "search") as bench:
        ingest(settings, bench.workspace, embedder=bench.embedder, reporter=bench.reporter)
        with open_library(bench.workspace, embedder=bench.embedder) as library:
            for item in asked:
                found = [_result(passage) for passage in library.retrieve(item.text, limit=k)]
                if queries is not None:
                    say_json({"id": item.id, "results": found}, indent=None)
                elif as_json:
                    say_json({"query": item.text, "results": found})
                else:
                    say(page_summary.search_results(found))


def _asked(query: str | None, queries: Path | None) -> list[_Query]:
    """Return what is asked: the query, or those of the file.

    Raises:
        UserError: neither or both are given, one is empty, or a line of the file is no query.
    """
    if (query is None) == (queries is None):
        raise UserError("Give either a query or --queries FILE.", hint='For example: skillgen search "who may deploy"')
    if queries is not None:
        return _read_queries(queries)
    if not str(query).strip():
        raise UserError("The query is empty.", hint='For example: skillgen search "who may deploy"')
    return [_Query("", str(query))]


def _read_queries(path: Path) -> list[_Query]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read ({error}).", hint=_QUERY_FORM) from error
    found = [_parsed(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if not found:
        raise UserError(f"{path} holds no query.", hint=_QUERY_FORM)
    return found


def _parsed(path: Path, number: int, line: str) -> _Query:
    try:
        row = json.loads(line)
        found = _Query(str(row["id"]), str(row["query"]))
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}, line {number}, is no query.", hint=_QUERY_FORM) from error
    if not found.text.strip():
        raise UserError(f"{path}, line {number}: the query is empty.", hint=_QUERY_FORM)
    return found


def _result(passage: Passage) -> dict[str, Any]:
    chunk = passage.chunk
    text = chunk.text[:MAX_RESULT_CHARS]
    first, last = chunk.lines
    if len(text) < len(chunk.text):
        last = first + len(Lines.of(text.rstrip("\r\n")).starts) - 1
    return {
        "source": chunk.source,
        "start": chunk.start,
        "end": min(chunk.end, chunk.start + MAX_RESULT_CHARS),
        "lines": [first, last],
        "heading_path": list(chunk.heading_path),
        "score": passage.score,
        "text": text,
        "page": page_facts(passage.facts),
    }


def page_facts(facts: PageFacts) -> dict[str, Any]:
    """Return what is known about a page for `--json`: what is empty is left out, and links are only counted."""
    found = asdict(facts) | {"links": len(facts.links)}
    return {key: value for key, value in found.items() if value}


def run_forget(settings: Settings, sources: Sequence[str], *, as_json: bool) -> None:
    """Purge pages from the workspace and say what must be built again."""
    with existing(settings, "forget") as workspace:
        decisions = sorted(settings.review.decisions.glob("*.yaml"))
        forgotten = forget(workspace, sources, decisions=decisions)
    if as_json:
        say_json(asdict(forgotten))
    else:
        report(page_summary.forget_summary(forgotten))


def run_explain(settings: Settings, place: str, *, as_json: bool) -> None:
    """Print what became of a line of a source."""
    if _CLAIM_ID.fullmatch(place):
        _run_explain_claim(settings, place, as_json=as_json)
        return
    source, _, line = place.rpartition(":")
    if not source or not line.isdecimal():
        raise UserError(
            f"{place!r} is neither a place nor a claim.",
            hint="Give SOURCE:LINE or a claim's id, for example: skillgen explain deploy.md:12",
        )
    with existing(settings, "explain") as workspace:
        story = explain_line(workspace, source, int(line))
    if as_json:
        say_json(asdict(story) | {"facts": page_facts(story.facts)})
    else:
        say(page_summary.line_story(story))


def _run_explain_claim(settings: Settings, claim_id: str, *, as_json: bool) -> None:
    with existing(settings, "explain") as workspace:
        stories = explain_claim(workspace, claim_id)
    if as_json:
        say_json({"claims": [asdict(story) for story in stories]})
    else:
        say("\n\n".join(page_summary.claim_story(story) for story in stories))


def run_ask(settings: Settings, question: str, *, claims: int, as_json: bool) -> None:
    """Answer one question with citations, or say what was searched."""
    if not question.strip():
        raise UserError("The question is empty.", hint='For example: skillgen ask "who approves a release?"')
    with working(settings, "ask") as bench:
        asked = ask(settings, bench.workspace, question, limit=claims, embedder=bench.embedder, reporter=bench.reporter)
    if as_json:
        model = {"model": asked.model, "failures": [asdict(failure) for failure in asked.failures]}
        disputed = {claim: [asdict(one) for one in sides] for claim, sides in asked.disputed.items()}
        gaps = [asdict(gap) for gap in asked.gaps]
        say_json({"answer": asdict(asked.answer), "gaps": gaps, "disputed": disputed, **model})
    else:
        say(page_summary.asked_text(asked))
