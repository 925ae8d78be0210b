"""Phrase: gap questions and the description in a model's words, as far as they bring in nothing of the model's own.

What fails a rule is recorded, and the local text stays: a wrong name in a question to an owner, or in the text by which
an agent chooses a skill, does more harm than a stiff sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from skillgen.added import added_tokens
from skillgen.background import Background
from skillgen.batches import grouped, with_at_most
from skillgen.chat.prompts import load_prompt
from skillgen.model.answer import Unanswered
from skillgen.model.aside import PhrasedDescription, PhrasedGaps
from skillgen.model.brief import Facet, Plan
from skillgen.model.chat import ChatFailure, ChatRequest, ChatSource, Use
from skillgen.model.draft import Claim, Gap, looked_at
from skillgen.protocols import Asker
from skillgen.words import content_stems

MAX_DESCRIPTION = 1024
MIN_ASK, MAX_ASK = 15, 300
# As many gaps as the schema of the reply takes, in so many characters of their questions.
_GAPS = 6
_GAP_CHARS = 3000
_MAX_SUBJECTS = 30
_SUBJECT_CHARS = 60
_MARKUP = re.compile(r"[<>`*_#|\[\]]|\s-\s")
_PERSON = re.compile(r"\b(?:I|you|your|my)\b", re.IGNORECASE)
_WHEN = re.compile(r"\bwhen(?:ever)?\b", re.IGNORECASE)


# -- gaps --------------------------------------------------------------------------------------------------------------


def phrase_gaps(asker: Asker, gaps: Sequence[Gap], facets: Iterable[Facet], background: Background) -> PhrasedGaps:
    """Return the gaps with what to ask in a colleague's words, followed by where was looked and who may know.

    A model's question has to end with a question mark, share a word with what is missing, and name nothing that its gap
    does not name.
    """
    texts = {facet.id: facet.text for facet in facets}
    batches = list(grouped(gaps, [len(gap.question) for gap in gaps], _GAP_CHARS, most=_GAPS))
    phrased: list[Gap] = []
    unanswered: list[Unanswered] = []
    replies = asker.ask("gaps", [_gap_request(batch, texts) for batch in batches])
    for batch, reply in zip(batches, replies, strict=True):
        if isinstance(reply, ChatFailure):
            phrased += batch
            unanswered.append(Unanswered.of("gaps", [gap.facet for gap in batch], reply))
            continue
        asks = {str(one["key"]): " ".join(one["ask"].split()) for one in reversed(reply.parsed["questions"])}
        for number, gap in enumerate(batch, 1):
            ask = asks.get(f"g{number}", "")
            wrong = _wrong_ask(ask, gap, texts[gap.facet], background)
            phrased.append(gap if wrong else replace(gap, ask=f"{ask}{looked_at(gap.nearest)}"))
            unanswered += [_refused("gaps", gap.facet, wrong)] if wrong else []
    return PhrasedGaps(gaps=tuple(phrased), unanswered=tuple(unanswered))


def _gap_request(batch: Sequence[Gap], texts: Mapping[str, str]) -> ChatRequest:
    shown = (
        f"g{number}: {texts[gap.facet].strip()}\n  part of: {gap.question.strip()}"
        for number, gap in enumerate(batch, 1)
    )
    return with_at_most(load_prompt("gaps").request({"gaps": "\n".join(shown)}), "questions", len(batch))


def _wrong_ask(ask: str, gap: Gap, facet: str, background: Background) -> str:
    """Return why a question may not be asked, or nothing."""
    if not ask:
        return "The reply has no question for this gap."
    if not MIN_ASK <= len(ask) <= MAX_ASK or not ask.endswith("?"):
        return "The reply is no question of a fitting length."
    if not set(content_stems(ask)) & set(content_stems(facet)):
        return "The question shares no word with what is missing."
    return _adds(ask, f"{facet}\n{gap.question}", background)


def _adds(text: str, given: str, background: Background) -> str:
    added = added_tokens(text, given, background)
    return f"It names what it was not given: {', '.join(added[:8])}." if added else ""


def _refused(use: Use, about: str, why: str) -> Unanswered:
    return Unanswered(use=use, about=(about,), reason="rules", detail=why)


# -- description -------------------------------------------------------------------------------------------------------


def phrase_description(
    asker: Asker, plan: Plan, claims: Sequence[Claim], local: str, background: Background
) -> PhrasedDescription:
    """Return what the skill holds and when to use it in at most 1,024 characters, or the local text.

    A model's text has to say "when", share a word with a target, and name nothing that the briefs and the headings of
    the claims do not name.

    Args:
        asker: The model.
        plan: The briefs, with their focus and targets.
        claims: The claims of the body, the worthiest first: the headings that they cite are shown.
        local: The description that was made without a model.
        background: Words that anybody may write.
    """
    subjects = _subjects(claims)
    values = {
        "focus": "\n".join(f"{brief.title}. {brief.focus}".strip() for brief in plan.briefs),
        "targets": "\n".join(f"- {target.text}" for brief in plan.briefs for target in brief.targets),
        "subjects": "\n".join(text for text, _ in subjects) or "(none)",
    }
    request = load_prompt("description").request(values, sources=[source for _, source in subjects])
    (reply,) = asker.ask("description", [request])
    if isinstance(reply, ChatFailure):
        return PhrasedDescription(text=local, unanswered=(Unanswered.of("description", [], reply),))
    text = " ".join(str(reply.parsed["description"]).split())
    wrong = _wrong_description(text, plan) or _adds(text, "\n".join(values.values()), background)
    if wrong:
        refused = Unanswered(use="description", about=(), reason="rules", detail=wrong)
        return PhrasedDescription(text=local, unanswered=(refused,))
    return PhrasedDescription(text=text)


def _subjects(claims: Sequence[Claim]) -> list[tuple[str, ChatSource]]:
    """Return title and last heading of what the claims cite, each place once, with the page."""
    found: dict[str, ChatSource] = {}
    for citation in (citation for claim in claims for citation in claim.citations):
        ends = dict.fromkeys((*citation.heading_path[:1], *citation.heading_path[-1:]))
        heading = " ".join(" > ".join(ends).split())[:_SUBJECT_CHARS]
        if heading:
            found.setdefault(heading, ChatSource(source=citation.source, sha256=citation.source_sha256))
    return list(found.items())[:_MAX_SUBJECTS]


def _wrong_description(text: str, plan: Plan) -> str:
    """Return why a description cannot be used, or nothing."""
    if not text or len(text) > MAX_DESCRIPTION:
        return f"The description has {len(text)} characters."
    if _MARKUP.search(text) or _PERSON.search(text):
        return "The description has markup, or speaks to the reader."
    if not _WHEN.search(text):
        return 'The description does not say "when".'
    targets = {stem for brief in plan.briefs for target in brief.targets for stem in content_stems(target.text)}
    return "" if targets & set(content_stems(text)) else "The description shares no word with the coverage targets."
