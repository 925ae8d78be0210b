"""Ask: one question answered from the pages, with citations."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from skillgen.catalogue import load_catalogue
from skillgen.coverage import score_coverage, touched_facets
from skillgen.draft import find_gaps, make_answers
from skillgen.errors import UserError
from skillgen.model.brief import Brief, Plan, Question, Target
from skillgen.model.corpus import content_id
from skillgen.model.disputed import disputed_places, is_disputed
from skillgen.model.draft import Answer, Citation, Claim, Contradiction, FailedRequest, Gap
from skillgen.model.research import FacetPassages
from skillgen.pipeline.answering import open_engine
from skillgen.pipeline.asking import AskingEmbedder
from skillgen.pipeline.decide import read_draft
from skillgen.pipeline.ingest import ingest
from skillgen.pipeline.library import open_library
from skillgen.pipeline.research import research, retrieve_facets
from skillgen.plan import plan_research
from skillgen.protocols import Embedder, Reporter
from skillgen.settings import Settings
from skillgen.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The answer to a question, and a gap for each part of it to which no answer was found.

    `disputed` has by the id of a claim the quotes that do not agree, its own too, as far as drafts know it.
    `model` answered, and `failures` are its replies that could not be used; it is None where the local engine answered.
    """

    answer: Answer
    gaps: tuple[Gap, ...]
    disputed: Mapping[str, tuple[Citation, ...]]
    model: str | None = None
    failures: tuple[FailedRequest, ...] = ()


def ask(
    settings: Settings, workspace: Workspace, question: str, *, limit: int, embedder: Embedder, reporter: Reporter
) -> Asked:
    """Ingest what changed and answer one question with at most `limit` claims, the best first.

    Where the settings name a chat model, it answers from the passages, by the same rules as in a build.

    Raises:
        CorpusError: there is no page to read.
        UserError: the chat model cannot be asked as the settings say.
        IncompleteError: the chat model stopped answering.
    """
    catalogue = load_catalogue(settings.research.catalogue)
    limited = settings.with_values({"research.max_claims": limit})
    with open_engine(settings.model, workspace.store, catalogue, reporter) as engine:
        ingest(settings, workspace, embedder=embedder, reporter=reporter)
        asking = AskingEmbedder(embedder, workspace.store)
        plan = plan_research([_brief(question)], embedder=asking)
        with open_library(workspace, embedder=asking) as library:
            retrieved = retrieve_facets(plan, library, limited, reporter)
            if engine is None:
                claims = research(plan, library, workspace.store, catalogue, limited, reporter).claims
            else:
                claims = engine.answer(plan, library, retrieved, limit=limit)
            asking.keep("ask")
        if engine is not None and not engine.asker.complete:
            raise engine.asker.incomplete("the question is not answered")
        found = _answered(plan, claims, retrieved, _contradictions(workspace))
        if engine is None:
            return found
        return replace(found, model=engine.asker.model, failures=engine.consult.failures())


def _answered(
    plan: Plan,
    claims: Mapping[str, Sequence[Claim]],
    retrieved: Sequence[FacetPassages],
    contradictions: Sequence[Contradiction],
) -> Asked:
    every = [claim for held in claims.values() for claim in held]
    _, grades = score_coverage(plan, every)
    (answer,) = make_answers(plan, claims, grades, retrieved)
    supported = tuple(claim for claim in answer.claims if claim.verdict.support == "supported")
    gaps = find_gaps(plan, grades, retrieved, touched=touched_facets(plan, every))
    sides = {claim.id: found for claim in supported if (found := _sides(claim, contradictions))}
    return Asked(answer=replace(answer, claims=supported), gaps=gaps, disputed=sides)


def _contradictions(workspace: Workspace) -> tuple[Contradiction, ...]:
    """Return the pairs of the last builds whose pages have not changed since.

    Comparing all pages takes longer than to answer, so what no build has compared is not known here.
    """
    pages = {source: state.sha256 for source, state in workspace.store.page_states().items()}
    found: dict[Contradiction, None] = {}
    for path in workspace.drafts():
        try:
            draft = read_draft(path)
        except UserError:  # of another version; `skillgen status` says that it has to be built again
            continue
        for pair in draft.contradictions:
            if all(pages.get(side.source) == side.source_sha256 for side in pair.citations):
                found[pair] = None
    return tuple(found)


def _sides(claim: Claim, contradictions: Sequence[Contradiction]) -> tuple[Citation, ...]:
    """Return all sides of the contradictions that the claim states a side of."""
    pairs = [pair for pair in contradictions if is_disputed(claim.citations, disputed_places([pair]))]
    return tuple(dict.fromkeys(side for pair in pairs for side in pair.citations))


def _brief(question: str) -> Brief:
    """Return a brief of this one question, with itself as its only target."""
    text = " ".join(question.split())
    return Brief(
        name="question",
        path="question",
        title=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        variant="D",
        focus="",
        delta_principle="",
        targets=(Target(id=content_id("tgt", text, digits=8), text=text),),
        questions=(Question(id=content_id("qst", text, digits=8), number="1", text=text),),
    )
