"""The facts of a run: what was read, with which engine, model and settings, what it cost, and where anything went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from skillgen.model.draft import RunRecord, UseRecord
from skillgen.report.material import Material

_ENGINES: Mapping[str, str] = {
    "local/1": "the local engine",
    "together/1": "the local engine together with a chat model",
    "alone/1": "a chat model alone",
}
_CENTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A line of the run's facts; `code` tells that the value is a digest or a name to copy."""

    name: str
    value: str
    code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """All of them: single facts, then what each use of a chat model took, settings, and digests by file."""

    facts: tuple[Fact, ...]
    uses: tuple[UseRecord, ...]
    failures: int
    settings: tuple[tuple[str, str], ...]
    digests: tuple[tuple[str, str], ...]


def run_facts(material: Material) -> RunFacts:
    """Return how the draft was made."""
    run = material.draft.run
    briefs = material.draft.briefs
    facts = [
        Fact(name="Build", value=f"{material.build}, {_day(material.built)}" if material.build else ""),
        Fact(name="Made with", value=f"skillgen {material.version}, {_ENGINES.get(run.engine, run.engine)}"),
        Fact(name="Pages", value=_pages(material)),
        Fact(name="Briefs", value="; ".join(brief.title for brief in briefs)),
        Fact(name="Chat model", value=run.model or "none"),
        *_share_of_delta(run),
        Fact(name="Cost", value=_cost(run)),
        Fact(name="Sent to", value=", ".join(run.endpoints) or "nobody: everything was done on this machine"),
        Fact(name="Embedder", value=run.embedder, code=True),
        Fact(name="Corpus", value=run.corpus_sha256, code=True),
        Fact(name="Settings", value=run.settings_sha256, code=True),
    ]
    digests = (*run.prompts.items(), *((brief.path, brief.sha256) for brief in briefs))
    return RunFacts(
        facts=tuple(fact for fact in facts if fact.value),
        uses=run.uses,
        failures=len(run.failures),
        settings=material.settings,
        digests=tuple(sorted(digests)),
    )


def _day(built: str) -> str:
    """Return a time of the form YYYY-MM-DDTHH:MM:SSZ as people read it."""
    return built.replace("T", " ").removesuffix("Z") + " UTC"


def _pages(material: Material) -> str:
    many = "" if len(material.corpora) == 1 else "s"
    where = f" of the folder{many} {', '.join(material.corpora)}" if material.corpora else ""
    return f"{material.page_count:,}{where}"


def _cost(run: RunRecord) -> str:
    if run.model is None:
        return "nothing: no chat model was asked"
    money = "a price that is not known" if run.cost is None else dollars(run.cost)
    return f"{money} for {run.tokens:,} tokens"


def dollars(cost: float) -> str:
    """Return an amount of US dollars, small ones with as many digits as they need."""
    return f"${cost:,.{_CENTS}f}" if cost >= 1 or not cost else f"${cost:.{_CENTS}g}"


def _share_of_delta(run: RunRecord) -> tuple[Fact, ...]:
    """Return how much of the claims the model did not know, where it was asked without the pages."""
    delta = run.delta
    if delta is None or delta.share is None:
        return ()
    told = (
        f"{round(100 * delta.share)} %: of {delta.compared:,} claims {delta.new:,} new to it, {delta.conflict:,} other"
    )
    return (Fact(name="Beyond the model", value=f"{told} than it believes, {delta.known:,} known"),)
