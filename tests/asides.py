"""What a chat model is asked beside writing claims: a model that repeats itself, plans, claims and the background."""

from __future__ import annotations

import functools

from answering import Answer, ScriptedAsker
from plans import brief_of

from skillgen.background import Background, load_background
from skillgen.catalogue import load_catalogue
from skillgen.embed import english_vocabulary
from skillgen.model.brief import Facet, Plan, Question, Target
from skillgen.model.chat import ChatFailure
from skillgen.model.draft import Citation, Claim, Verdict

FAILED = ChatFailure(reason="malformed", detail="no JSON")


def always(**by_use: Answer) -> ScriptedAsker:
    """Return an asker that says the same to every request of a use."""
    return ScriptedAsker({use: lambda _, said=said: said for use, said in by_use.items()})  # type: ignore[misc]


@functools.cache
def background() -> Background:
    return load_background(load_catalogue(), english_vocabulary())


def claim_of(text: str, *, id_: str = "clm-1", source: str = "runs.md", delta: float = 0.7) -> Claim:
    return Claim(
        id=id_,
        text=text,
        lead="",
        facets=("fct-1",),
        also_answers=(),
        in_body=False,
        delta=delta,
        delta_reason="times: 02:40",
        verdict=Verdict(support="supported", reason="", checker="rules/2"),
        citations=(citation_of(text, source=source),),
    )


def citation_of(quote: str, *, source: str = "runs.md", headings: tuple[str, ...] = ("Runs", "Night")) -> Citation:
    return Citation(
        source=source,
        start=0,
        end=len(quote),
        lines=(1, 1),
        heading_path=headings,
        quote=quote,
        source_sha256=f"{sum(map(ord, source)):064x}",
    )


def plan_of(*facets: str, question: str = "When do jobs run, and who approves them?") -> Plan:
    asked = Question(id="qst-1", number="1", text=question)
    brief = brief_of([asked], targets=[Target(id="tgt-1", text="Night runs and their approval")], title="Operations")
    made = tuple(
        Facet(id=f"fct-{number}", question_id="qst-1", text=text, targets=("tgt-1",))
        for number, text in enumerate(facets, 1)
    )
    return Plan(briefs=(brief,), facets=made)
