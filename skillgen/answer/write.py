"""Write: a question and its passages to claims, each locked to quotes that stand on the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from skillgen.answer.pack import PassageBatch, numbered, pack_passages
from skillgen.answer.quote import Quotes
from skillgen.answer.statement import statement_of
from skillgen.batches import source_of, with_at_most
from skillgen.chat.prompts import load_prompt
from skillgen.model.answer import Unanswered, WritingTask, Written, WrittenClaim
from skillgen.model.brief import Facet
from skillgen.model.chat import ChatFailure, ChatRequest
from skillgen.model.corpus import Page
from skillgen.model.draft import Citation, Dropped
from skillgen.model.research import Passage
from skillgen.protocols import Asker
from skillgen.quotes import MAX_CLAIM_WORDS, MAX_QUOTE_CHARS
from skillgen.words import content_stems

# How many claims a request may bring; a small context has room for fewer.
MOST_CLAIMS = 24
MIN_CLAIM_WORDS = 4
_TOKENS_OF_A_REPLY = 200
_SHARED_WORDS = 2
_TOKENS_OF_A_CLAIM = 165
_SHOWN = 160


@dataclass(slots=True)
class _Sketch:
    """A claim on its way.

    `found` are its citations so far, `cited` the passages of these, `missing` the passages that lack its quote.
    """

    batch: PassageBatch
    text: str
    facets: tuple[str, ...]
    found: list[Citation] = field(default_factory=list)
    cited: list[Passage] = field(default_factory=list)
    missing: list[Passage] = field(default_factory=list)
    problem: str = ""


def write_claims(
    asker: Asker, tasks: Sequence[WritingTask], pages: Mapping[str, Page], *, chars: int, most: int = MOST_CLAIMS
) -> Written:
    """Return the claims that a model writes for the tasks, by task in the order of writing.

    A claim whose quote stands nowhere in its passage is asked about once more, by the numbers of the passage's
    sentences. What still has no quote, cites no passage or is no single statement is left out and recorded; it never
    costs the other claims of the same reply.

    Args:
        asker: The way to the model.
        tasks: Questions with their facets and passages.
        pages: The pages of the passages, by source.
        chars: How many characters of passages fit in one request.
        most: How many claims one request may bring; a reply has up to 165 tokens for each.
    """
    batches = [batch for task in tasks for batch in pack_passages(task, pages, chars=chars)]
    replies = asker.ask("answer", [_request(batch, most) for batch in batches]) if batches else []
    quotes = Quotes(pages)
    sketches: list[_Sketch] = []
    dropped: list[Dropped] = []
    unanswered: list[Unanswered] = []
    for batch, reply in zip(batches, replies, strict=True):
        if isinstance(reply, ChatFailure):
            unanswered.append(Unanswered.of("answer", [batch.task.question.id], reply))
            continue
        for item in reply.parsed["claims"]:
            sketch = _sketched(item, batch, quotes)
            if sketch.problem:
                dropped.append(_dropped(sketch))
            else:
                sketches.append(sketch)
    unanswered += _requote(asker, sketches, pages, quotes)
    claims = [_written(sketch, quotes) for sketch in sketches if sketch.found]
    dropped += [_dropped(sketch) for sketch in sketches if not sketch.found]
    return Written(claims=tuple(claims), dropped=tuple(dropped), unanswered=tuple(unanswered))


def _request(batch: PassageBatch, most: int) -> ChatRequest:
    count = max(1, min(most, MOST_CLAIMS, len(batch.passages) + 2))
    values = {
        "question": batch.task.question.text,
        "parts": numbered(batch.task.facets),
        "most": str(count),
        "passages": batch.text,
    }
    tokens = _TOKENS_OF_A_REPLY + _TOKENS_OF_A_CLAIM * count
    request = load_prompt("answer").request(values, sources=batch.sources, max_tokens=tokens)
    return with_at_most(request, "claims", count)


# -- one item of a reply -----------------------------------------------------------------------------------------------


def _sketched(item: Mapping[str, Any], batch: PassageBatch, quotes: Quotes) -> _Sketch:
    """Return a claim with the quotes that were found, or with the problem for which it cannot be one."""
    text = statement_of(item["claim"], "p")
    sketch = _Sketch(batch=batch, text=text, facets=_facets(item["parts"], text, batch.task.facets))
    words = len(text.split())
    if not MIN_CLAIM_WORDS <= words <= MAX_CLAIM_WORDS:
        sketch.problem = f"a claim has {MIN_CLAIM_WORDS} to {MAX_CLAIM_WORDS} words, not {words}"
        return sketch
    unknown = []
    for quote in item["quotes"]:
        passage = batch.passages.get(quote["passage"].strip().strip("[]"))
        if passage is None:
            unknown.append(quote["passage"])
        elif not any(char.isalnum() for char in quote["quote"]):
            continue
        elif found := _located(quote["quote"], passage, batch, quotes):
            sketch.cited.append(found[0])
            sketch.found += found[1]
        elif passage not in sketch.missing:
            sketch.missing.append(passage)
    if not sketch.found and not sketch.missing:
        keys = ", ".join(repr(key) for key in unknown)
        sketch.problem = f"it cites {keys}, which is no passage that it was given" if unknown else "it has no quote"
    return sketch


def _located(
    quote: str, given: Passage, batch: PassageBatch, quotes: Quotes
) -> tuple[Passage, tuple[Citation, ...]] | None:
    """Return the passage of a quote with its citations.

    That is the given one, or the only other one that has these words: its key was a slip then.
    """
    if found := quotes.located(quote, given):
        return given, found
    others = (passage for passage in batch.passages.values() if passage is not given)
    places = [(passage, found) for passage in others if (found := quotes.located(quote, passage))]
    return places[0] if len(places) == 1 else None


def _facets(parts: Sequence[float], text: str, facets: Sequence[Facet]) -> tuple[str, ...]:
    """Return the facets of the numbers; where none is one, the facet that shares most words with the claim."""
    numbers = dict.fromkeys(int(number) for number in parts)
    named = tuple(facets[number - 1].id for number in numbers if 0 < number <= len(facets))
    if named or not facets:
        return named
    stems = set(content_stems(text))
    return (max(facets, key=lambda facet: len(stems & set(content_stems(facet.text)))).id,)


# -- the second attempt ------------------------------------------------------------------------------------------------


def _requote(asker: Asker, sketches: Sequence[_Sketch], pages: Mapping[str, Page], quotes: Quotes) -> list[Unanswered]:
    """Ask for the sentences behind each quote that was not found, and return what got no reply."""
    asked = [(sketch, passage) for sketch in sketches for passage in sketch.missing]
    if not asked:
        return []
    requests = [_requote_request(sketch, passage, pages, quotes) for sketch, passage in asked]
    unanswered = []
    for (sketch, passage), reply in zip(asked, asker.ask("requote", requests), strict=True):
        if isinstance(reply, ChatFailure):
            unanswered.append(Unanswered.of("requote", [sketch.batch.task.question.id], reply))
        else:
            sketch.cited.append(passage)
            sketch.found += quotes.numbered(_related(reply.parsed["sentences"], sketch, passage, quotes), passage)
    return unanswered


def _related(numbers: Sequence[float], sketch: _Sketch, passage: Passage, quotes: Quotes) -> list[int]:
    """Return the numbers of sentences that share words with a claim: small models name the first ones of any."""
    stems = set(content_stems(sketch.text))
    alike = [len(stems & set(content_stems(sentence))) >= _SHARED_WORDS for sentence in quotes.sentences(passage)]
    return [int(number) for number in numbers if 0 < number <= len(alike) and alike[int(number) - 1]]


def _requote_request(sketch: _Sketch, passage: Passage, pages: Mapping[str, Page], quotes: Quotes) -> ChatRequest:
    lines = [" > ".join(passage.chunk.heading_path)]
    lines += [f"{number}. {text[:MAX_QUOTE_CHARS]}" for number, text in enumerate(quotes.sentences(passage), start=1)]
    values = {"statement": sketch.text, "sentences": "\n".join(lines)}
    return load_prompt("requote").request(values, sources=[source_of(pages[passage.chunk.source])])


# -- what comes of it --------------------------------------------------------------------------------------------------


def _written(sketch: _Sketch, quotes: Quotes) -> WrittenClaim:
    return WrittenClaim(
        question_id=sketch.batch.task.question.id,
        facets=sketch.facets,
        text=sketch.text,
        citations=quotes.together(quotes.completed(sketch.text, sketch.found, sketch.cited)),
    )


def _dropped(sketch: _Sketch) -> Dropped:
    """Return the record of a claim that was left out, with the passage that it cites, where that is known."""
    shown = sketch.text if len(sketch.text) <= _SHOWN else f"{sketch.text[:_SHOWN]}…"
    for passage in sketch.missing:
        chunk = passage.chunk
        reason = f"Its quote does not stand in the passage: {shown}"
        return Dropped(source=chunk.source, start=chunk.start, end=chunk.end, reason=reason)
    # Without a passage that it cites, nobody could tell whose words these are.
    return Dropped(source="", start=0, end=0, reason=f"A claim of the model was left out: {sketch.problem}.")
