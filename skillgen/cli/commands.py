"""What the commands do: settings together, pipeline called, result printed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typer

from skillgen.brief import builtin_briefs, lint_brief, load_brief
from skillgen.cli import summary
from skillgen.cli.progress import ConsoleReporter
from skillgen.errors import UserError
from skillgen.model.research import Passage
from skillgen.pipeline.build import build, load_briefs, skill_name
from skillgen.pipeline.ingest import ingest, make_embedder
from skillgen.pipeline.library import Library, open_library
from skillgen.plan import split_facets
from skillgen.settings import Settings, load_settings
from skillgen.workspace import Workspace, open_workspace

MAX_RESULT_CHARS = 1200
EMBED_KEY = "SKILLGEN_EMBED_API_KEY"
FINDINGS_EXIT = 1


@dataclass(frozen=True, slots=True)
class _Query:
    id: str
    text: str


def settings_of(corpus: Sequence[Path] | None, workspace: Path | None, options: Mapping[str, Any]) -> Settings:
    """Return the settings of this folder's skillgen.toml with what the command line says in their place."""
    values = dict(options)
    values["workspace"] = workspace
    values["corpus"] = [{"path": path} for path in corpus] if corpus else None
    return load_settings(Path.cwd()).with_values(values)


@contextmanager
def _opened(settings: Settings, command: str) -> Iterator[tuple[Workspace, ConsoleReporter]]:
    with open_workspace(settings.workspace, command=f"skillgen {command}") as workspace, ConsoleReporter() as reporter:
        yield workspace, reporter


def run_build(settings: Settings, *, as_json: bool) -> None:
    """Build, print the summary, and exit 1 when coverage is under the floor."""
    briefs = load_briefs(settings)
    skill_name(settings, briefs)
    with _opened(settings, "build") as (workspace, reporter):
        embedder = make_embedder(settings, api_key=os.environ.get(EMBED_KEY))
        result = build(settings, workspace, briefs, embedder=embedder, reporter=reporter)
    overall = result.draft.coverage.overall
    low = overall < settings.build.fail_under
    if as_json:
        _print_json(
            {
                "skill": asdict(result.draft.skill),
                "package": str(result.package),
                "draft": str(result.draft_path),
                "changed": list(result.changed),
                "claims": len(result.draft.claims),
                "claims_in_body": sum(claim.in_body for claim in result.draft.claims),
                "body_tokens": result.body_tokens,
                "coverage": asdict(result.draft.coverage),
                "gaps": len(result.draft.gaps),
                "ingest": _ingest_json(asdict(result.ingest)),
                "warnings": [asdict(issue) for issue in result.issues],
                "under_floor": low,
            }
        )
    else:
        typer.echo(summary.build_summary(result))
    if low:
        typer.echo(f"Coverage {overall:.2f} is under --fail-under {settings.build.fail_under:.2f}.", err=True)
        raise typer.Exit(FINDINGS_EXIT)


def run_ingest(settings: Settings, *, as_json: bool) -> None:
    """Ingest and print what was done."""
    with _opened(settings, "ingest") as (workspace, reporter):
        embedder = make_embedder(settings, api_key=os.environ.get(EMBED_KEY))
        report = ingest(settings, workspace, embedder=embedder, reporter=reporter)
    if as_json:
        _print_json(_ingest_json(asdict(report)))
    else:
        typer.echo(summary.ingest_summary(report))


def _ingest_json(report: dict[str, Any]) -> dict[str, Any]:
    return report | {"findings": list(report["findings"])}


def run_search(settings: Settings, query: str | None, queries: Path | None, *, k: int, as_json: bool) -> None:
    """Search for one query, or for every query of a file, and print the passages."""
    asked = _asked(query, queries)
    with _opened(settings, "search") as (workspace, reporter):
        embedder = make_embedder(settings, api_key=os.environ.get(EMBED_KEY))
        ingest(settings, workspace, embedder=embedder, reporter=reporter)
        with open_library(workspace, embedder=embedder) as library:
            if queries is not None:
                for item in asked:
                    row = {"id": item.id, "results": _results(library, item.text, k)}
                    typer.echo(json.dumps(row, ensure_ascii=False))
            elif as_json:
                _print_json({"query": asked[0].text, "results": _results(library, asked[0].text, k)})
            else:
                typer.echo(summary.search_results(_results(library, asked[0].text, k)))


def _asked(query: str | None, queries: Path | None) -> list[_Query]:
    """Return what is asked: the query, or those of the file.

    Raises:
        UserError: neither or both are given, or a line of the file is no query.
    """
    if (query is None) == (queries is None):
        raise UserError("Give either a query or --queries FILE.", hint='For example: skillgen search "who may deploy"')
    if queries is None:
        return [_Query("", str(query))]
    try:
        lines = queries.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{queries} cannot be read ({error}).", hint='It holds one {"id", "query"} a line.') from error
    return [_parsed(queries, number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def _parsed(path: Path, number: int, line: str) -> _Query:
    try:
        row = json.loads(line)
        return _Query(str(row["id"]), str(row["query"]))
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}, line {number}, is no query.", hint='It holds one {"id", "query"} a line.') from error


def _results(library: Library, query: str, k: int) -> list[dict[str, Any]]:
    return [_result(passage) for passage in library.retrieve(query, limit=k)]


def _result(passage: Passage) -> dict[str, Any]:
    chunk = passage.chunk
    text = chunk.text[:MAX_RESULT_CHARS]
    return {
        "source": chunk.source,
        "start": chunk.start,
        "end": chunk.start + len(text),
        "lines": list(chunk.lines),
        "heading_path": list(chunk.heading_path),
        "score": passage.score,
        "text": text,
    }


def run_brief_list(*, as_json: bool) -> None:
    """Print the built-in briefs."""
    briefs = [load_brief(name) for name in builtin_briefs()]
    if as_json:
        _print_json({"briefs": [{"name": b.name, "title": b.title, "questions": len(b.questions)} for b in briefs]})
    else:
        typer.echo("\n".join(f"{b.name}: {b.title}, {len(b.questions)} questions" for b in briefs))


def run_brief_show(name: str, *, as_json: bool) -> None:
    """Print a brief as skillgen reads it."""
    brief = load_brief(name)
    facets = {question.id: split_facets(question.text) for question in brief.questions}
    if as_json:
        questions = [asdict(q) | {"facets": list(facets[q.id])} for q in brief.questions]
        _print_json(asdict(brief) | {"questions": questions})
    else:
        typer.echo(summary.brief_text(brief, facets))


def run_brief_lint(name: str, *, as_json: bool) -> None:
    """Print what should be mended in a brief, and exit 1 if anything should."""
    brief = load_brief(name)
    issues = lint_brief(brief)
    if as_json:
        _print_json({"brief": brief.path, "issues": [asdict(issue) for issue in issues]})
    else:
        for issue in issues:
            typer.echo(f"{issue.severity}: {issue.where}: {issue.message}")
        typer.echo(
            f"{brief.path}: {len(brief.targets)} targets, {len(brief.questions)} questions, {len(issues)} issues"
        )
    if issues:
        raise typer.Exit(FINDINGS_EXIT)


def _print_json(data: object) -> None:
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=1) + "\n")
