"""Facts of sentences: "X starts at 02:15", "X is kept for 30 days", "X signs in as Y", "X waits for Y".

Each pattern holds the whole of a sentence's beginning, so that its subject is known; a sentence that begins in another
way gives no fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from skillgen.evaluate.expected import exact_code, exact_name, exact_needs, exact_values
from skillgen.evaluate.facts import Fact, fact_of_heading
from skillgen.model.corpus import Block, Page, Span
from skillgen.model.evaluation import Expected, TaskKind

_KINDS = ("paragraph", "list_item")
# A thing of the organisation: code with at most four words before it, a name of two capitals, or a short noun phrase.
_CODED = r"(?:(?:The|A|An|Each|Our) )?(?:[A-Za-z][\w-]* ){0,3}?`[^`]+`(?: (?:job|DAG|task|workflow|role|table|topic))?"
_NAMED = r"[A-Z][\w.-]+(?: [A-Z][\w.-]+){1,2}|[A-Z][\w.-]*[^\Ws]"
_PHRASE = r"(?:A|An|The|Each) (?:[a-z][\w-]+ ){0,2}[a-z][\w-]+(?: (?:of|for|from) (?:the )?(?:[\w-]+|`[^`]+`))?"
_SUBJECT = rf"(?P<s>{_CODED}|{_PHRASE}|{_NAMED})"
_LONE = re.compile(r"[A-Z][a-z]+")
_NOT_A_SUBJECT = re.compile(
    r"^(?:It|This|That|These|Those|They|He|She|We|You|There|Here|If|When|Then|After|Before|Otherwise|Only|Nobody|Both|"
    r"All|Some|Not|No|What|Who|Why|How|For|In|On|At|To|From|By|And|But|So|See|Ask|One|Also|Once|Now|The (?:others?|"
    r"first|second|last|day|same|rest|latter|former|thing|old|new|next|result|order|idea|page|following)|An? (?:second|"
    r"third|new|old|day|week|few|lot))\b"
)
# The rest of a clause, with the dots and colons of its times.
_REST = r"(?:\d{1,2}[:.]\d\d|[^.;:()\u2192])*?"
_ENDS = r"(?=[.;(\u2192,]|$| and (?!\d)| so | because | which | but )"
_CLAUSE = rf"(?P<v>{_REST}){_ENDS}"
_TIMES = rf"(?P<v>(?:every|at|on|each|daily|nightly) {_REST}){_ENDS}"
_LONG = r"(?:up to |at most |about )?"


@dataclass(frozen=True, slots=True)
class _Pattern:
    verb: re.Pattern[str]
    kind: TaskKind
    answers: str
    question: str
    left: int = 1


def _pattern(verb: str, kind: TaskKind, answers: str, question: str, *, left: int = 1) -> _Pattern:
    return _Pattern(re.compile(rf"{_SUBJECT} {verb}", re.MULTILINE), kind, answers, question, left)


_PATTERNS: tuple[_Pattern, ...] = (
    _pattern(
        rf"(?:now )?(?:starts|begins) {_TIMES}",
        "schedule",
        "values",
        "When does {s} start?",
        left=0,
    ),
    _pattern(
        rf"(?:runs|is run|fires) {_TIMES}",
        "schedule",
        "values",
        "When does {s} run?",
        left=0,
    ),
    _pattern(
        r"(?P<verb>polls?|refresh(?:es)?|checks?|syncs?)(?P<o>(?: (?!every|each)[\w`-]+){0,3}) (?:every|each) "
        + _CLAUSE,
        "schedule",
        "every",
        "How often does {s} {verb}{o}?",
        left=0,
    ),
    _pattern(
        rf"(?:is|are) (?:refreshed|read|changed|rotated|renewed|rebuilt|cleaned) (?:every|each) {_CLAUSE}",
        "schedule",
        "every",
        "How often is {s} {verb2}?",
        left=0,
    ),
    _pattern(rf"(?:lasts|last) {_LONG}{_CLAUSE}", "value", "values", "How long does {s} last?", left=0),
    _pattern(rf"(?:is|are) (?:valid|good) for {_LONG}{_CLAUSE}", "value", "values", "How long is {s} valid?", left=0),
    _pattern(rf"(?:is|are) kept for {_LONG}{_CLAUSE}", "value", "values", "How long is {s} kept?", left=0),
    _pattern(rf"(?:expires|ends) after {_CLAUSE}", "value", "values", "After how long does {s} expire?", left=0),
    _pattern(rf"gives up after {_CLAUSE}", "value", "values", "After how long does {s} give up?", left=0),
    _pattern(rf"times out after {_CLAUSE}", "value", "values", "After how long does {s} time out?", left=0),
    _pattern(r"(?:is|are) (?:owned|maintained|run) by (?P<v>[^.;,()]+)", "owner", "who", "Who is the owner of {s}?"),
    _pattern(r"(?:is|are) approved by (?P<v>[^.;,()]+)", "owner", "who", "Who approves {s}?"),
    _pattern(r"(?:is|are) (?:renewed|rotated) by (?P<v>[^.;,()]+)", "owner", "who", "Who or what renews {s}?"),
    _pattern(r"(?:is|are) written by (?P<v>[^.;,()]+)", "owner", "who", "Who or what writes {s}?"),
    _pattern(
        r"signs in(?P<o> to (?:the )?(?:[A-Z][\w-]+ ?){1,2}?)? (?:with|as|through|by) (?P<v>[^.;,()]+)",
        "credential",
        "code",
        "Which identity does {s} use to sign in{o}?",
    ),
    _pattern(
        r"(?:is|are) (?:kept|stored)(?: in Vault)? (?:in|at|under) (?P<v>[^.;,()]+)",
        "value",
        "code",
        "Where is {s} kept?",
    ),
    _pattern(r"(?:only )?waits for (?P<v>(?:the )?(?:\w+ ){0,3}`[^`]+`)", "order", "code", "What does {s} wait for?"),
    _pattern(r"must be (?P<v>`[^`]+`|\d+)(?=[.;,]|$)", "value", "number", "What must {s} be?"),
    _pattern(r"is read from (?P<v>(?:the )?(?:\w+ ){0,2}`[^`]+`)", "value", "code", "Where is {s} read from?"),
    _pattern(
        r"[a-z]+s [^.;`]{0,40}(?:with|through|as|using) the (?P<noun>key|role|user|account|AppRole|service account) "
        r"(?P<v>`[^`]+`)",
        "credential",
        "code",
        "Which {noun} does {s} use?",
    ),
)
# "Reader: `billing`." under a heading that says of what.
_LABEL = re.compile(
    r"(?:^|[.;] )(?P<a>Owner|Maintainer|Approver|Contact|Writer|Reader|Sender|Receiver): (?P<v>[^.;:()]+)(?=[.;(]|$)"
)
# "`publish` is the only writer of `state/`."
_ONLY = re.compile(r"^`(?P<v>[^`]+)`[^.;,:]{0,50}? is the only (?P<a>writer|reader|user) of (?P<s>`[^`]+`)")
# "Retention 7 days." under a heading that says of what.
_ATTRIBUTE = re.compile(
    r"(?:^|[.;] )(?P<a>(?:(?:Minimum|Maximum|Default) [a-z]+|Retention|Retention time|Timeout|Time-out|Soak time|"
    r"Grace period|Lifetime|Notice period|Overlap|Interval|Polling interval)):? (?P<v>[^.;,:()]+)(?=[.;,(]|$)"
)
_BASE = {"polls": "poll", "refreshes": "refresh", "checks": "check", "syncs": "sync"}


def sentence_facts(page: Page) -> Iterator[Fact]:
    """Yield the facts of a page's sentences in the order of its text."""
    for block in page.blocks:
        if block.kind in _KINDS:
            for span in block.spans:
                yield from (fact for fact in _facts(block, span) if _is_name(fact.subject, page.text))
                yield from _attributes(block, span)


def _is_name(subject: str, text: str) -> bool:
    """Tell whether a lone capitalised word is a name: one that has its capital inside of a sentence as well."""
    if not _LONE.fullmatch(subject):
        return True
    return re.search(rf"(?<=[\w,;:(] ){re.escape(subject)}\b", text) is not None


def _facts(block: Block, span: Span) -> Iterator[Fact]:
    for pattern in _PATTERNS:
        match = pattern.verb.match(span.text)
        if match is None or _NOT_A_SUBJECT.match(match["s"]):
            continue
        expected = _expected(pattern, match["v"].strip())
        if expected:
            yield Fact(
                kind=pattern.kind,
                subject=_lowered(match["s"]),
                asked=pattern.question,
                question=_question(pattern, match),
                expected=expected,
                block=block,
                span=span,
                plain="`" in match["s"] and pattern.answers != "number",
            )
            return


def _attributes(block: Block, span: Span) -> Iterator[Fact]:
    """Yield what a sentence says of the thing that its heading names, and the only one that does something."""
    for match in _ATTRIBUTE.finditer(span.text):
        expected = exact_values(match["v"], left=0)
        if expected and expected[0].form == "quantity":
            yield fact_of_heading(block, span, "value", f"What is the {match['a'].casefold()}?", expected)
    for match in _LABEL.finditer(span.text):
        expected = exact_code(match["v"]) or exact_name(match["v"])
        if expected:
            yield fact_of_heading(block, span, "owner", f"Who or what is the {match['a'].casefold()}?", expected)
    only = _ONLY.match(span.text)
    if only:
        yield Fact(
            kind="owner",
            subject=only["s"],
            asked=f"Who or what is the only {only['a']} of {{s}}?",
            question=f"Who or what is the only {only['a']} of {only['s']}?",
            expected=(Expected(value=only["v"], form="code"),),
            block=block,
            span=span,
            plain=True,
        )


def _question(pattern: _Pattern, match: re.Match[str]) -> str:
    groups = match.groupdict()
    verb = groups.get("verb") or ""
    subject = _lowered(match["s"])
    question = pattern.question
    if re.search(rf"^{re.escape(match['s'])} are\b", match.string):
        question = question.replace(" is {s}", " are {s}")
    elif re.search(rf"^{re.escape(match['s'])} (?:last|poll|refresh|check|sync)\b", match.string):
        question = question.replace(" does {s}", " do {s}")
    past = re.search(r"\b(refreshed|read|changed|rotated|renewed|rebuilt|cleaned)\b", match.group())
    return question.format(
        s=subject,
        noun=groups.get("noun") or "",
        verb=_BASE.get(verb, verb),
        o=(groups.get("o") or "").rstrip(),
        verb2=past.group() if past else "",
    )


def _expected(pattern: _Pattern, text: str) -> tuple[Expected, ...]:
    if pattern.answers == "code":
        return exact_needs(text) if pattern.kind == "order" else exact_code(text)
    if pattern.answers == "number":
        return exact_code(text) or ((Expected(value=text, form="code"),) if text.isdigit() else ())
    if pattern.answers == "who":
        return exact_code(text) or exact_name(text)
    found = exact_values(text, left=pattern.left)
    if pattern.answers == "every":
        return found if len(found) == 1 and found[0].form == "quantity" else ()
    return found


def _lowered(subject: str) -> str:
    first = subject.split(" ", 1)[0]
    if first in ("The", "A", "An", "Each", "Our"):
        return subject[:1].lower() + subject[1:]
    return subject
