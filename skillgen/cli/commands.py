"""What the commands do: settings together, pipeline called, result printed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typer

from skillgen.api import EMBED_KEY
from skillgen.brief import builtin_briefs, lint_brief, load_brief, new_brief
from skillgen.cli import model_summary, summary
from skillgen.cli.endings import FINDINGS
from skillgen.cli.output import say, say_json
from skillgen.cli.progress import ConsoleReporter
from skillgen.cli.review_summary import review_json
from skillgen.errors import CorpusError, UserError
from skillgen.model.brief import Brief
from skillgen.model.facts import PageFacts
from skillgen.model.lines import Lines
from skillgen.model.research import Passage
from skillgen.pipeline.ask import ask
from skillgen.pipeline.build import BuildResult, build, estimate_build, load_briefs, skill_name
from skillgen.pipeline.explain import explain_claim, explain_line
from skillgen.pipeline.forget import forget
from skillgen.pipeline.indexes import make_embedder
from skillgen.pipeline.ingest import corpora_of, ingest
from skillgen.pipeline.library import open_library
from skillgen.plan import split_facets
from skillgen.protocols import Embedder
from skillgen.settings import Settings, load_settings
from skillgen.workspace import MARKER, Workspace, open_workspace

MAX_RESULT_CHARS = 1200
_CLAIM_ID = re.compile(r"clm-[0-9a-f]{8}")
_QUERY_FORM = 'It holds one {"id": "...", "query": "..."} a line.'
_INIT_HINT = "or run `skillgen init` once, which writes it into skillgen.toml."


@dataclass(frozen=True, slots=True)
class _Query:
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class _Bench:
    """What a command works with while it holds the workspace."""

    workspace: Workspace
    embedder: Embedder
    reporter: ConsoleReporter


def settings_of(corpus: Sequence[Path] | None, workspace: Path | None, options: Mapping[str, Any]) -> Settings:
    """Return the settings of this folder's skillgen.toml with what the command line says in their place.

    Paths stay relative, so that what is built names no folder of this machine.
    """
    written = load_settings(Path())
    values = dict(options)
    values["workspace"] = workspace
    if corpus:
        urls = {item.path.resolve(): item.url for item in written.corpus}
        values["corpus"] = [{"path": path, "url": urls.get(path.resolve())} for path in corpus]
    return written.with_values(values)


@contextmanager
def _working(settings: Settings, command: str) -> Iterator[_Bench]:
    """Open what a command works with; a corpus that is missing is told before anything is made."""
    if not settings.corpus:
        raise CorpusError("No corpus is named.", hint=f"Give a folder of pages with --corpus, {_INIT_HINT}")
    corpora_of(settings)
    with open_workspace(settings.workspace, command=f"skillgen {command}") as workspace, ConsoleReporter() as reporter:
        yield _Bench(workspace, make_embedder(settings, api_key=os.environ.get(EMBED_KEY)), reporter)


def run_dry(settings: Settings, *, as_json: bool) -> None:
    """Print what a build would ask the chat model and what that costs."""
    briefs = _briefs_of(settings)
    with _working(settings, "build") as bench:
        found = estimate_build(settings, bench.workspace, briefs, embedder=bench.embedder, reporter=bench.reporter)
    if as_json:
        say_json(asdict(found))
    else:
        say(model_summary.dry_run_text(found, settings.model.max_cost))


def _briefs_of(settings: Settings) -> tuple[Brief, ...]:
    if not settings.build.briefs:
        raise UserError(
            "No brief is named.", hint=f"Name one that `skillgen brief list` shows, or a Markdown file, {_INIT_HINT}"
        )
    return load_briefs(settings)


def run_build(settings: Settings, *, as_json: bool) -> None:
    """Build, print the summary, and exit 1 when coverage is under the floor."""
    briefs = _briefs_of(settings)
    _require_folder(settings.build.out / skill_name(settings, briefs))
    with _working(settings, "build") as bench:
        result = build(settings, bench.workspace, briefs, embedder=bench.embedder, reporter=bench.reporter)
    overall, floor = result.draft.coverage.overall, settings.build.fail_under
    if as_json:
        say_json(_build_json(result) | {"under_floor": overall < floor})
    else:
        say(summary.build_summary(result))
    if overall < floor:
        typer.echo(f"Coverage {overall:.2f} is under --fail-under {floor:.2f}.", err=True)
        raise typer.Exit(FINDINGS)


def _require_folder(package: Path) -> None:
    """Tell before the work that the package can't be put there because a file stands in the way."""
    for path in (package, *package.parents):
        if path.is_file():
            raise UserError(f"{path} is a file; the package needs a folder.", hint="Give another folder with --out.")


def _build_json(result: BuildResult) -> dict[str, Any]:
    claims = result.draft.claims
    return {
        "skill": asdict(result.draft.skill),
        "package": str(result.package),
        "draft": str(result.draft_path),
        "report": str(result.report_path),
        "map": str(result.map_path),
        "changed": result.changed,
        "claims": len(claims),
        "claims_in_body": sum(claim.in_body for claim in claims),
        "body_tokens": result.body_tokens,
        "coverage": asdict(result.draft.coverage),
        "gaps": len(result.draft.gaps),
        "ingest": asdict(result.ingest),
        "warnings": [asdict(issue) for issue in result.issues],
        "model": model_summary.model_json(result),
        **review_json(result),
    }


def run_ingest(settings: Settings, *, as_json: bool) -> None:
    """Ingest and print what was done."""
    with _working(settings, "ingest") as bench:
        report = ingest(settings, bench.workspace, embedder=bench.embedder, reporter=bench.reporter)
    if as_json:
        say_json(asdict(report))
    else:
        say(summary.ingest_summary(report))


def run_search(settings: Settings, query: str | None, queries: Path | None, *, k: int, as_json: bool) -> None:
    """Search for one query, or for every query of a file, and print the passages."""
    asked = _asked(query, queries)
    with _working(settings, "search") as bench:
        ingest(settings, bench.workspace, embedder=bench.embedder, reporter=bench.reporter)
        with open_library(bench.workspace, embedder=bench.embedder) as library:
            for item in asked:
                found = [_result(passage) for passage in library.retrieve(item.text, limit=k)]
                if queries is not None:
                    say_json({"id": item.id, "results": found}, indent=None)
                elif as_json:
                    say_json({"query": item.text, "results": found})
                else:
                    say(summary.search_results(found))


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
    with _existing(settings, "forget") as workspace:
        decisions = sorted(settings.review.decisions.glob("*.yaml"))
        forgotten = forget(workspace, sources, decisions=decisions)
    if as_json:
        say_json(asdict(forgotten))
    else:
        say(summary.forget_summary(forgotten))


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
    with _existing(settings, "explain") as workspace:
        story = explain_line(workspace, source, int(line))
    if as_json:
        say_json(asdict(story) | {"facts": page_facts(story.facts)})
    else:
        say(summary.line_story(story))


def _run_explain_claim(settings: Settings, claim_id: str, *, as_json: bool) -> None:
    with _existing(settings, "explain") as workspace:
        stories = explain_claim(workspace, claim_id)
    if as_json:
        say_json({"claims": [asdict(story) for story in stories]})
    else:
        say("\n\n".join(summary.claim_story(story) for story in stories))


def run_ask(settings: Settings, question: str, *, claims: int, as_json: bool) -> None:
    """Answer one question with citations, or say what was searched."""
    if not question.strip():
        raise UserError("The question is empty.", hint='For example: skillgen ask "who approves a release?"')
    with _working(settings, "ask") as bench:
        asked = ask(settings, bench.workspace, question, limit=claims, embedder=bench.embedder, reporter=bench.reporter)
    if as_json:
        model = {"model": asked.model, "failures": [asdict(failure) for failure in asked.failures]}
        say_json({"answer": asdict(asked.answer), "gaps": [asdict(gap) for gap in asked.gaps], **model})
    else:
        say(summary.asked_text(asked))


def run_brief_new(name: str) -> None:
    """Write a skeleton of a brief, and say what to do with it."""
    path = new_brief(name)
    say(f"Wrote    {path}\nNext     fill it in, then: skillgen brief lint {path}")


@contextmanager
def _existing(settings: Settings, command: str) -> Iterator[Workspace]:
    """Open a workspace that is there; none is made."""
    if not (settings.workspace / MARKER).is_file():
        raise UserError(
            f"There is no workspace at {settings.workspace}.",
            hint="Name one with --workspace, or run `skillgen ingest`.",
        )
    with open_workspace(settings.workspace, command=f"skillgen {command}") as workspace:
        yield workspace


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
        say(summary.brief_text(brief, facets))


def run_brief_lint(name: str, *, as_json: bool) -> None:
    """Print what should be mended in a brief, and exit 1 if anything should."""
    brief = load_brief(name)
    issues = lint_brief(brief)
    if as_json:
        say_json({"brief": brief.path, "issues": [asdict(issue) for issue in issues]})
    else:
        for issue in issues:
            say(f"{issue.severity}: {issue.where}: {issue.message}")
        say(f"{brief.path}: {len(brief.targets)} targets, {len(brief.questions)} questions, {len(issues)} issues")
    if issues:
        raise typer.Exit(FINDINGS)
