"""SARIF: what a check found, in the form that code hosts show beside the lines of a file (version 2.1.0)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from skillgen.model.check import CheckedCitation, CheckReport, is_broken
from skillgen.model.corpus import content_id

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_RULES: Mapping[str, tuple[str, str]] = {
    "citation-changed": ("error", "A page no longer says what a claim of the skill cites."),
    "citation-gone": ("error", "What a claim of the skill cites is gone."),
    "citation-moved": ("warning", "What a claim of the skill cites stands elsewhere now."),
    "page-newer": ("note", "A page changed after the claims that cite it were made."),
    "target-under-floor": ("error", "A coverage target of the skill fell under its floor."),
    "decision-open": ("error", "A reviewer's decision no longer holds."),
}


def sarif_log(report: CheckReport, *, uri: Callable[[str], str], package: str, version: str) -> dict[str, Any]:
    """Return the report as a SARIF log with one run.

    Args:
        report: What a check found.
        uri: Gives a page's address, relative to the root of the repository, by its source; empty where it is gone.
        package: The address of the package's SKILL.md, for what has no place in a page.
        version: The version of skillgen.
    """
    rules = [
        {"id": id_, "shortDescription": {"text": text}, "defaultConfiguration": {"level": level}}
        for id_, (level, text) in _RULES.items()
    ]
    driver = {"name": "skillgen", "version": version, "rules": rules}
    results = [*_citations(report, uri, package), *_others(report, uri, package)]
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _citations(report: CheckReport, uri: Callable[[str], str], package: str) -> Iterator[dict[str, Any]]:
    for one in report.citations:
        if one.state == "exact":
            continue
        level = "error" if is_broken(one) else "warning" if report.strict else "note"
        source, lines = (one.now_source, one.now_lines) if one.now_lines else (one.source, one.lines)
        place = uri(source)
        yield _result(
            f"citation-{one.state}",
            level,
            citation_sentence(one),
            _location(place, lines) if place else _location(package, (1, 1)),
            (one.claim, one.source, one.begins),
        )


def citation_sentence(one: CheckedCitation) -> str:
    """Return what became of a citation, in a sentence."""
    was = f'{one.claim} cites {one.source}:{one.lines[0]}-{one.lines[1]} ("{one.begins} …")'
    now = f"{one.now_source}:{one.now_lines[0]}-{one.now_lines[1]}" if one.now_lines else ""
    if one.state == "moved":
        return f"{was}, which now stands in {now}."
    if one.state == "changed" and one.note:
        return f"{was}: {one.note}."
    if one.state == "changed":
        return f"{was}; nearest to it is now {now} (likeness {one.likeness:.2f})."
    return f"{was}, which is gone."


def _others(report: CheckReport, uri: Callable[[str], str], package: str) -> Iterator[dict[str, Any]]:
    for page in report.newer:
        what = "is gone" if page.gone else "changed"
        place = uri(page.source)
        yield _result(
            "page-newer",
            "warning" if report.strict else "note",
            f"{page.source} {what} since the skill {report.skill} was built; {page.claims} of its claims cite it.",
            _location(place, (1, 1)) if place else _location(package, (1, 1)),
            (page.source,),
        )
    for target in report.targets:
        if target.under:
            text = f"The target '{target.text}' scores {target.now:.2f}, under its floor of {target.floor:.2f}."
            yield _result("target-under-floor", "error", text, _location(package, (1, 1)), (target.id,))
    for decision in report.decisions:
        what = "its evidence changed" if decision.state == "evidence changed" else "its claim was not found again"
        text = f"{decision.by} has {decision.decision} {decision.claim}; {what}: {decision.text}"
        level = "error" if decision.open else "note"
        yield _result("decision-open", level, text, _location(package, (1, 1)), (decision.claim,))


def _result(rule: str, level: str, text: str, location: dict[str, Any], identity: tuple[str, ...]) -> dict[str, Any]:
    """Return a result; its fingerprint stays the same while the page is edited elsewhere."""
    return {
        "ruleId": rule,
        "ruleIndex": list(_RULES).index(rule),
        "level": level,
        "message": {"text": text},
        "locations": [location],
        "partialFingerprints": {"skillgen/v1": content_id("res", rule, *identity)},
    }


def _location(uri: str, lines: tuple[int, int]) -> dict[str, Any]:
    region = {"startLine": lines[0], "endLine": max(lines)}
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}
