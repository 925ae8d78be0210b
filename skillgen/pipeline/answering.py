"""Answering: the stages that ask a chat model, in their order, between those of the local engine.

The model widens the search, writes claims from passages, and judges them where rules cannot; its claims and the local
ones become one set. Then it says what it knew without the pages, condenses each answer, and chooses over all of them.
A use that is switched off leaves things as they are, and so does a reply that cannot be used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from skillgen.answer.merge import merge_claims
from skillgen.background import Background, load_background
from skillgen.belief import delta_share, measure_belief, with_belief
from skillgen.chat import open_client
from skillgen.contradict.typed import type_contradictions
from skillgen.delta import DeltaEstimator
from skillgen.embed import english_vocabulary
from skillgen.errors import SettingsError
from skillgen.model.answer import Merged
from skillgen.model.belief import DeltaShare
from skillgen.model.brief import Plan
from skillgen.model.catalogue import Catalogue
from skillgen.model.decision import Decision
from skillgen.model.draft import Claim, Draft, RunRecord
from skillgen.model.research import FacetPassages
from skillgen.phrase import phrase_description, phrase_gaps
from skillgen.pipeline.asker import ModelAsker
from skillgen.pipeline.claims import ClaimMaker
from skillgen.pipeline.condensing import choose, condense
from skillgen.pipeline.consult import Consultation
from skillgen.pipeline.library import Library
from skillgen.pipeline.order import may_stand_in_body
from skillgen.pipeline.outcomes import retraced
from skillgen.pipeline.passages import retrieve_phrases, writing_tasks
from skillgen.pipeline.research import Researched, choose_and_verify, read_candidates
from skillgen.pipeline.room import Room
from skillgen.pipeline.writing import Writer
from skillgen.protocols import Reporter
from skillgen.settings import ModelSettings, Settings
from skillgen.store import Store
from skillgen.widen import widen_facets

_MICRO_DOLLARS = 6

_Claims = Mapping[str, Sequence[Claim]]


@contextmanager
def open_engine(
    settings: ModelSettings,
    store: Store,
    catalogue: Catalogue,
    reporter: Reporter,
    *,
    asker: type[ModelAsker] = ModelAsker,
) -> Iterator[ModelEngine | None]:
    """Open the model that the settings name, and close it afterwards; None where they name none.

    Raises:
        SettingsError: they name a server, and none of its models.
        UserError: it cannot be asked as the settings say: a package or key is missing, it is not on this machine and
            has to be, or its price is unknown and a limit is set.
    """
    if settings.name is None and settings.base_url is not None:
        raise SettingsError(
            f"model.base_url names {settings.base_url}, and model.name none of its models.",
            hint="Name one with --model, or do without with --model none.",
        )
    if settings.name is None:
        yield None
        return
    with open_client(settings, store) as client:
        yield ModelEngine(
            consult=Consultation(
                asker=asker(client, reporter, off=settings.off),
                settings=settings,
                room=Room.of(settings.context_tokens),
            ),
            store=store,
            catalogue=catalogue,
            background=load_background(catalogue, english_vocabulary()),
            reporter=reporter,
        )


@dataclass(slots=True, kw_only=True)
class ModelEngine:
    """The stages that ask a chat model, for one run; `delta` is set once it was measured."""

    consult: Consultation
    store: Store
    catalogue: Catalogue
    background: Background
    reporter: Reporter
    delta: DeltaShare | None = None

    @property
    def asker(self) -> ModelAsker:
        """What the model is asked through."""
        return self.consult.asker

    # -- claims --------------------------------------------------------------------------------------------------

    def research(
        self,
        plan: Plan,
        library: Library,
        settings: Settings,
        retrieved: Sequence[FacetPassages],
        *,
        keep: Sequence[Decision] = (),
    ) -> Researched:
        """Return the claims of the model, and with the engine "together" those of the local engine among them.

        The local claims of the decisions in `keep` stay whatever the model writes, for as long as the pages state them.
        """
        estimator = DeltaEstimator(self.catalogue.tools, self.background)
        vouched = frozenset(decision.claim for decision in keep)
        writer = Writer(
            consult=self.consult, maker=ClaimMaker(plan=plan, library=library, estimator=estimator), store=self.store
        )
        read = read_candidates(plan, library, self.store, self.catalogue, self.reporter)
        local = choose_and_verify(plan, read, library, settings, self.reporter, estimator=estimator, keep=keep)
        further = self._widened(plan, library, settings.research.passages)
        tasks = writing_tasks(plan, retrieved, further, read, library, limit=self.consult.settings.passages)
        written, dropped = writer.write(tasks)
        merged = _merged(self._beside(local.claims, vouched), written, vouched)
        claims = self._believed(plan, merged.claims)
        dense = condense(writer, plan, claims, read, vouched=vouched)
        eligible = {
            question: [
                one for one in held if one.id not in dense.subsumed and may_stand_in_body(one, library.deprecated)
            ]
            for question, held in dense.claims.items()
        }
        return Researched(
            claims=dense.claims,
            body=choose(self.consult, plan, eligible, read, budget=settings.render.body_tokens),
            dropped=(*local.dropped, *dropped, *dense.dropped),
            traced=retraced(local.traced, dense.claims, merged.into),
            further=further,
        )

    def answer(
        self, plan: Plan, library: Library, retrieved: Sequence[FacetPassages], *, limit: int
    ) -> dict[str, list[Claim]]:
        """Return at most `limit` supported claims that the model writes on each question, the most important first."""
        estimator = DeltaEstimator(self.catalogue.tools, self.background)
        maker = ClaimMaker(plan=plan, library=library, estimator=estimator)
        writer = Writer(consult=self.consult, maker=maker, store=self.store)
        read = read_candidates(plan, library, self.store, self.catalogue, self.reporter)
        self.reporter.done()
        tasks = writing_tasks(plan, retrieved, (), read, library, limit=self.consult.settings.passages)
        written, _dropped = writer.write(tasks, most=limit)
        claims = _merged({}, written, frozenset()).claims
        return {
            question: [one for one in held if one.verdict.support == "supported"][:limit]
            for question, held in claims.items()
        }

    def _beside(self, local: _Claims, vouched: frozenset[str]) -> _Claims:
        """Return the local claims that stand beside the model's: all, or those that a reviewer vouches for."""
        if self.consult.settings.engine == "together":
            return local
        return {question: [one for one in held if one.id in vouched] for question, held in local.items()}

    def _widened(self, plan: Plan, library: Library, limit: int) -> tuple[FacetPassages, ...]:
        if not self.consult.asks("expand"):
            return ()
        widened = widen_facets(self.asker, plan, self.store.pages())
        self.consult.note(widened.unanswered)
        return retrieve_phrases(widened.phrases, library, limit, self.reporter)

    def _believed(self, plan: Plan, claims: _Claims) -> _Claims:
        """Return the claims with what the model believed of them before it saw a page."""
        if not self.consult.asks("belief", "compare"):
            return claims
        supported = {
            question: [one for one in held if one.verdict.support == "supported"] for question, held in claims.items()
        }
        measured = measure_belief(self.asker, plan, supported, self.background)
        self.consult.note(measured.unanswered)
        believed = {
            question: [with_belief(one, measured.beliefs.get(one.id)) for one in held]
            for question, held in claims.items()
        }
        self.delta = delta_share(believed)
        return believed

    # -- the draft -----------------------------------------------------------------------------------------------

    def finish(self, frame: Draft, plan: Plan, body: Sequence[str]) -> Draft:
        """Return the draft with contradictions, gaps and description as the model puts them, and the run's record.

        `body` are the ids of the claims that may stand in the body, the worthiest first.
        """
        if self.consult.asks("contradictions"):
            typed = type_contradictions(self.asker, frame.contradictions, self.background)
            self.consult.note(typed.unanswered)
            frame = replace(frame, contradictions=typed.contradictions)
        if self.consult.asks("gaps"):
            phrased = phrase_gaps(self.asker, frame.gaps, plan.facets, self.background)
            self.consult.note(phrased.unanswered)
            frame = replace(frame, gaps=phrased.gaps)
        if self.consult.asks("description"):
            by_id = {claim.id: claim for claim in frame.claims}
            worthiest = [by_id[id_] for id_ in body if id_ in by_id]
            told = phrase_description(self.asker, plan, worthiest, frame.skill.description, self.background)
            self.consult.note(told.unanswered)
            frame = replace(frame, skill=replace(frame.skill, description=told.text))
        return replace(frame, run=self._recorded(frame.run))

    def _recorded(self, run: RunRecord) -> RunRecord:
        """Return the record of the run with what the model was asked."""
        uses = self.asker.uses()
        priced = [use.cost for use in uses if use.cost is not None]
        return replace(
            run,
            complete=self.asker.complete,
            engine=f"{self.consult.settings.engine}/1",
            model=self.asker.model,
            prompts=run.prompts | self.asker.prompts(),
            tokens=sum(use.tokens_in + use.tokens_out for use in uses),
            cost=round(sum(priced), _MICRO_DOLLARS) if len(priced) == len(uses) else None,
            uses=uses,
            failures=self.consult.failures(),
            endpoints=(*run.endpoints, *self.asker.endpoints),
            delta=self.delta,
        )


def _merged(local: _Claims, written: _Claims, vouched: frozenset[str]) -> Merged:
    """Return local and written claims as one set; what both engines or two questions have stands once."""
    every: dict[str, list[Claim]] = {question: [] for question in (*local, *written)}
    seen: set[str] = set()
    for question, claims in (*local.items(), *written.items()):
        for claim in claims:
            if claim.id not in seen:
                seen.add(claim.id)
                every[question].append(claim)
    return merge_claims(every, closed=vouched)
