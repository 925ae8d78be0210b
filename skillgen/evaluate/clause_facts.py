"""Facts inside of sentences: "…, and `load` fails with `no lease`", "a ticket must be filed within one day".

Bodies of skills are dense: several facts stand in one sentence, and few of them begin it. Here a clause is read
wherever it stands, and only where its subject is code, or where the clause begins the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from skillgen.evaluate.expected import exact_code, exact_number, exact_values
from skillgen.evaluate.facts import Fact
from skillgen.evaluate.values import values_in
from skillgen.model.corpus import Block, Page, Span
from skillgen.model.evaluation import Expected, TaskKind

_KINDS = ("paragraph", "list_item")
_THINGS = (
    "account|AppRole|bucket|branch|channel|column|command|DAG|dataset|datagroup|endpoint|environment|event|field|file|"
    "flag|group|header|image|index|job|key|label|metric|namespace|option|partition|pool|profile|project|queue|"
    "repository|role|runner|schema|script|secret|service|service account|severity|stage|table|tag|task|template|"
    "ticket|token|topic|user|variable|view|workflow"
)
_JOINS = r"(?!(?:but|and|so|if|when|that|while|or|then|only|otherwise) )"
_CODED = rf"{_JOINS}(?:(?:the|an?|each|every) )?(?:[A-Za-z][\w-]* ){{0,2}}?`[^`\n]+`(?: (?:{_THINGS})\b)?"
_OPENING = (
    r"(?:(?:The|An?|Each|Every) (?:[a-z][\w-]+ ){0,2}[a-z][\w-]+(?: (?:of|for|on|from) (?:the )?(?:[\w-]+|`[^`]+`))?)"
)
_BEGINS = r"(?:^|(?<=[.;:,(] )|(?<=\band )|(?<=\bbut )|(?<=\bso )|(?<=\bif )|(?<=\bwhen )|(?<=\bthat )|(?<=\bwhile ))"
_SUBJECT = rf"(?:{_BEGINS}(?P<s>(?i:{_CODED}))|(?:^|(?<=otherwise ))(?P<o>(?i:{_OPENING})))"
_ASIDE = r"(?:, (?:for example|such as|e\.g\.)[^.;]{1,60}?,)?"
_WHICH = rf"{_ASIDE}(?:,? which|,? and| then| also| only| itself| after that)? "
_REST = (
    r"(?P<v>(?:\d{1,2}[:.]\d\d|[^.,;:()\u2192])*?)"
    r"(?=[.,;:()\u2192]|$| and | so | because | which | but | from | unless )"
)
_CODE = r"(?P<v>`[^`\n]+`)"
_BASE = {
    "calls": "call", "carries": "carry", "creates": "create", "gets": "get", "needs": "need", "opens": "open",
    "raises": "raise", "reads": "read", "requires": "require", "sends": "send", "sets": "set", "starts": "start",
    "takes": "take", "triggers": "trigger", "uses": "use", "writes": "write", "wants": "want", "has": "have",
    "fails": "fail", "ends": "end", "stops": "stop", "dies": "die", "answers": "answer", "refuses": "refuse",
    "rejects": "reject",
}  # fmt: skip
_NOT_A_SUBJECT = re.compile(
    r"(?:The|An?|Each|Every) (?:others?|first|second|third|last|same|rest|latter|former|old|new|next|result|following|"
    r"one|page|idea|reason|order|few|lot|list|table)\b|.*\b(?:or|than|like|as|in|with|from|to|by|of|under|at|into|via|"
    r"is|are|was|were|not|no|e\.g)\s`|.* ones?$",
    re.IGNORECASE,
)
_ERROR = re.compile(r"`[^`]*[A-Za-z]{2,}[^`]*`|`[1-5]\d\d`")


@dataclass(frozen=True, slots=True)
class _Clause:
    pattern: re.Pattern[str]
    kind: TaskKind
    question: str
    answers: str


def _clause(verb: str, kind: TaskKind, question: str, answers: str = "code") -> _Clause:
    between = "" if verb.startswith(",") else _WHICH
    return _Clause(re.compile(rf"{_SUBJECT}{between}{verb}"), kind, question, answers)


_CLAUSES: tuple[_Clause, ...] = (
    _clause(
        r"(?P<verb>calls|carries|creates|gets|needs|opens|raises|reads|requires|sends|sets|starts|takes|triggers|uses|"
        rf"wants|writes|has) (?:the|an?) (?P<noun>{_THINGS}) {_CODE}",
        "value",
        "Which {noun} does {s} {base}?",
    ),
    _clause(
        rf"signs in(?P<o2> to (?:the )?[A-Z][\w-]+)? (?:with|as|through) (?:the \w+ )?{_CODE}",
        "credential",
        "Which identity does {s} use to sign in{o2}?",
    ),
    _clause(
        rf"(?P<verb>fails|ends|stops|dies|answers)(?: at once)? with (?:the \w+ )?{_CODE}",
        "value",
        "With which message does {s} {base}?",
        "error",
    ),
    _clause(
        r"(?:[\d.]+ and (?:later|newer|above) )?(?P<verb>refuses|rejects) (?P<o2>(?:[\w`.-]+ ){1,4}?)with (?:the \w+ )?"
        + _CODE,
        "value",
        "With which message does {s} {base} {o2}?",
        "error",
    ),
    _clause(rf"gives {_CODE}", "value", "Which message does {s} give?", "error"),
    _clause(rf"must be {_REST}", "value", "What must {s} be?", "number"),
    _clause(rf"must be (?P<noun>schema|version|format|type) {_CODE}", "value", "Which {noun} must {s} have?"),
    _clause(
        r"(?P<verb>has|have) (?:the )?(?P<noun>priority|port|weight|prefix|suffix|severity) (?P<v>-?\d+|`[^`]+`)",
        "value",
        "Which {noun} does {s} have?",
        "number",
    ),
    _clause(
        r", with (?P<v>[^.,;:()]+) of (?P<noun>leeway|grace|jitter|delay|overlap)",
        "value",
        "How much {noun} is allowed for {s}?",
        "values",
    ),
    _clause(
        r", (?:good|valid) for (?P<v>[^.,;:()]+?)(?=[.,;]|$| and )",
        "value",
        "How long does what {s} gives stay valid?",
        "values",
    ),
    _clause(r"is (?:always |the number )(?P<v>`[^`]+`|\d+)(?=[.;,]|$)", "value", "Which value has {s}?", "number"),
    _clause(rf"(?:goes|is sent) to (?P<o2>[A-Z][\w-]+) as (?:an? )?{_CODE}", "value", "As what does {s} go to {o2}?"),
    _clause(
        r"is (?:accepted and )?(?P<did>filed|stored|tagged|treated|reported|sent) as (?:an? )?" + _CODE,
        "value",
        "As what is {s} {did}?",
    ),
    _clause(
        r"(?:and )?(?:shows up|appears|is posted|is announced) in (?P<v>`[#~][^`]+`)",
        "value",
        "In which channel does {s} show up?",
    ),
    _clause(
        r"(?:must|has to|have to) be (?P<did>[a-z]+ed|done|made|sent) within " + _REST,
        "value",
        "Within what time must {s} be {did}?",
        "values",
    ),
    _clause(r"(?:is|are) (?:retried|tried again) " + _REST, "value", "How many times is {s} retried?", "values"),
    _clause(
        r"(?:is|are) (?:kept|cached|retained) for (?:up to |at most )?" + _REST,
        "value",
        "How long is {s} kept?",
        "values",
    ),
    _clause(r"(?:is|are) (?:good|valid) for (?:up to |at most )?" + _REST, "value", "How long is {s} valid?", "values"),
    _clause(r"(?:expires|is deleted) after " + _REST, "value", "After how long does {s} end?", "values"),
    _clause(
        rf"is the (?:only|sole) (?P<did>writer|reader|user|owner) of {_CODE}", "value", "Of what is {s} the only {did}?"
    ),
)
# "A body above 64 KB is refused."
_LIMIT = re.compile(
    r"^(?P<s>An? [a-z]+(?: [a-z]+)?) (?P<than>above|over|larger than|older than|longer than) (?P<v>[^.,;:()]{1,20}?) "
    r"(?P<did>(?:is|are) (?:refused|rejected|dropped|skipped|ignored|deleted))\b"
)
_LIMIT_ASKS = {"size": "Above which size {did} {s}?", "duration": "Above which length of time {did} {s}?"}


def clause_facts(page: Page) -> Iterator[Fact]:
    """Yield the facts of clauses in the order of the page's text."""
    for block in page.blocks:
        if block.kind in _KINDS:
            for span in block.spans:
                yield from _clauses(block, span)
                yield from _limits(block, span)


def _clauses(block: Block, span: Span) -> Iterator[Fact]:
    for one in _CLAUSES:
        for match in one.pattern.finditer(span.text):
            subject = match["s"] or match["o"]
            expected = _expected(one.answers, match["v"].strip())
            if expected and not _NOT_A_SUBJECT.match(subject):
                yield _fact(block, span, one.kind, subject, _question(one.question, match, subject), expected)


def _question(template: str, match: re.Match[str], subject: str) -> str:
    groups = match.groupdict()
    verb = groups.get("verb") or ""
    return template.format(
        s=_lowered(subject),
        noun=groups.get("noun") or "",
        base=_BASE.get(verb, verb),
        did=groups.get("did") or "",
        o2=(groups.get("o2") or "").rstrip(),
    )


def _limits(block: Block, span: Span) -> Iterator[Fact]:
    limit = _LIMIT.match(span.text)
    if limit:
        expected = exact_values(limit["v"], left=0)
        asks = _LIMIT_ASKS.get(next((one.measure for one in values_in(limit["v"])), ""))
        if expected and asks:
            verb, did = limit["did"].split()
            question = asks.format(did=verb, s=f"{_lowered(limit['s'])} {did}")
            yield _fact(block, span, "value", limit["s"], question, expected)


def _fact(
    block: Block, span: Span, kind: TaskKind, subject: str, question: str, expected: tuple[Expected, ...]
) -> Fact:
    return Fact(
        kind=kind,
        subject=subject if "`" in subject else " ".join([*block.heading_path, subject]),
        asked=question,
        question=question,
        expected=expected,
        block=block,
        span=span,
        plain="`" in subject,
    )


def _expected(answers: str, text: str) -> tuple[Expected, ...]:
    if answers == "values":
        found = exact_values(text, left=0)
        return found if len(found) == 1 and found[0].form == "quantity" else ()
    if answers == "number":
        return exact_number(text) if re.fullmatch(r"-?\d+", text) else exact_code(text, left=0)
    if answers == "error" and not _ERROR.fullmatch(text):
        return ()
    return exact_code(text)


def _lowered(subject: str) -> str:
    first = subject.split(" ", 1)[0]
    return subject[:1].lower() + subject[1:] if first in ("The", "A", "An", "Each", "Every") else subject
