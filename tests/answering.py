"""A model that answers by a script, and passages of made-up pages: helpers of the tests of what a model writes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from skillgen.chat.schema import problem_of
from skillgen.chunk import chunk_page
from skillgen.model.answer import WritingTask
from skillgen.model.brief import Facet, Question
from skillgen.model.chat import ChatFailure, ChatReply, ChatRequest, Use
from skillgen.model.citing import cite
from skillgen.model.corpus import Page, SourceFile
from skillgen.model.draft import Citation, Claim, Verdict
from skillgen.model.lines import Lines
from skillgen.model.research import Passage
from skillgen.parse import parse_page

Answer = Mapping[str, object] | ChatFailure
Script = Callable[[str], Answer]

FAILED = ChatFailure(reason="cut", detail="The reply was cut at 60 tokens.")


@dataclass(slots=True)
class ScriptedAsker:
    """Answers each use by a function from the request's text to the reply; a reply that breaks its form is a fault."""

    scripts: Mapping[str, Script]
    asked: list[tuple[Use, ChatRequest]] = field(default_factory=list)

    def ask(self, use: Use, requests: Sequence[ChatRequest]) -> list[ChatReply | ChatFailure]:
        self.asked += [(use, request) for request in requests]
        return [self._reply(use, request) for request in requests]

    def _reply(self, use: Use, request: ChatRequest) -> ChatReply | ChatFailure:
        answer = self.scripts[use](request.messages[-1].text)
        if isinstance(answer, ChatFailure):
            return answer
        assert request.schema is not None
        assert problem_of(answer, request.schema) is None, problem_of(answer, request.schema)
        return ChatReply(
            text=json.dumps(answer),
            parsed=answer,
            finish="stop",
            model="scripted",
            tokens_in=1,
            tokens_out=1,
            from_store=False,
        )

    def texts(self, use: Use) -> list[str]:
        """Return what was asked for a use."""
        return [request.messages[-1].text for name, request in self.asked if name == use]


def page_of(text: str, source: str = "ops/night.md") -> Page:
    """Return the page of a text."""
    return parse_page(SourceFile(source=source, text=text, sha256=f"{len(text):064d}"))[0]


def passages_of(*pages: Page, max_chars: int = 600) -> tuple[Passage, ...]:
    """Return every passage of the pages, in order."""
    chunks = [chunk for page in pages for chunk in chunk_page(page, max_chars=max_chars)]
    return tuple(Passage(chunk=chunk, rank=rank, score=1.0) for rank, chunk in enumerate(chunks, start=1))


def task_of(passages: Sequence[Passage], *facets: str, question: str = "When does the night run start?") -> WritingTask:
    """Return a task with these facets."""
    asked = Question(id="q1", number="1", text=question)
    parts = facets or ("When does the night run start?", "Which token does the night run use?")
    made = (Facet(id=f"f{n}", question_id="q1", text=text, targets=()) for n, text in enumerate(parts, start=1))
    return WritingTask(question=asked, facets=tuple(made), passages=tuple(passages))


def key_of(request: str, words: str) -> str:
    """Return the key of the entry of a request that holds the words."""
    before = request[: request.index(words)]
    found = re.findall(r"^\[([pcs]\d+)\]", before, re.MULTILINE)
    assert found, words
    return str(found[-1])


def written(claim: str, *quotes: tuple[str, str], parts: Sequence[int] = (1,)) -> dict[str, object]:
    """Return a claim as a model replies it."""
    shown = [{"passage": key, "quote": quote} for key, quote in quotes]
    return {"quotes": shown, "claim": claim, "parts": list(parts)}


def citation_of(page: Page, words: str) -> Citation:
    """Return the citation of words of a page."""
    start = page.text.index(words)
    block = next(one for one in page.blocks if one.start <= start < one.end)
    return cite(page, Lines.of(page.text), block, start, start + len(words))


def claim_of(id_: str, text: str, *citations: Citation, support: str = "supported", lead: str = "") -> Claim:
    """Return a claim of a draft."""
    return Claim(
        id=id_,
        text=f"{lead} {text}".strip(),
        lead=lead,
        facets=("f1",),
        also_answers=(),
        in_body=False,
        delta=0.5,
        verdict=Verdict(support=support, reason="", checker="rules/4"),  # type: ignore[arg-type]
        citations=citations,
    )
