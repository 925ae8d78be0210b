"""Ask: one question answered from the pages, with citations."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from skillgen.catalogue import load_catalogue
from skillgen.coverage import score_coverage, touched_facets
from skillgen.draft import find_gaps, make_answers
from skillgen.model.brief import Brief, Question, Target
from skillgen.model.corpus import content_id
from skillgen.model.draft import Answer, Gap
from skillgen.pipeline.asking import AskingEmbedder
from skillgen.pipeline.ingest import ingest
from skillgen.pipeline.library import open_library
from skillgen.pipeline.research import research, retrieve_facets
from skillgen.plan import plan_research
from skillgen.protocols import Embedder, Reporter
from skillgen.settings import Settings
from skillgen.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The answer to a question, and a gap for each part of it that the pages do not answer."""

    answer: Answer
    gaps: tuple[Gap, ...]


def ask(
    settings: Settings, workspace: Workspace, question: str, *, limit: int, embedder: Embedder, reporter: Reporter
) -> Asked:
    """Ingest what changed and answer one question with at most `limit` claims, the best first.

    Raises:
        CorpusError: there is no page to read.
    """
    catalogue = load_catalogue(settings.research.catalogue)
    ingest(settings, workspace, embedder=embedder, reporter=reporter)
    asking = AskingEmbedder(embedder, workspace.store)
    plan = plan_research([_brief(question)], embedder=asking)
    limited = settings.with_values({"research.max_claims": limit})
    with open_library(workspace, embedder=asking) as library:
        retrieved = retrieve_facets(plan, library, limited, reporter)
        researched = research(plan, library, workspace.store, catalogue, limited, reporter)
        asking.keep("ask")
    _, grades = score_coverage(plan, researched.all_claims)
    (answer,) = make_answers(plan, researched.claims, grades, retrieved)
    claims = tuple(claim for claim in answer.claims if claim.verdict.support == "supported")
    touched = touched_facets(plan, researched.all_claims)
    return Asked(answer=replace(answer, claims=claims), gaps=find_gaps(plan, grades, retrieved, touched=touched))


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
