"""Facts that say nothing of their subject, because the heading does: "How often: every 90 days", "At most 14 runs"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skillgen.evaluate.expected import exact_code, exact_name, exact_number, exact_values
from skillgen.evaluate.facts import Fact, fact_of_heading
from skillgen.evaluate.values import values_in
from skillgen.model.corpus import Block, Page, Span
from skillgen.model.evaluation import Expected, TaskKind

_KINDS = ("paragraph", "list_item")
_NUMBER = r"(?P<v>\d{1,4}|one|two|three|four|five|six|seven|eight|nine|ten)"
# A number of `bq_night`, among others of its kind: "`bq_night`: 8 ops."
_ENTRY = re.compile(r"(?:^|[.;] )(?P<s>`[^`\n]+`): (?P<v>\d+)(?: (?P<unit>[a-z]+))?(?=[.;]|$)")
# Money and people are no setting of a system.
_MOST = re.compile(
    rf"\b(?:[Aa]t most|no more than|[Uu]p to) {_NUMBER} (?P<o>(?:[a-z][\w-]* (?:\d )?){{0,2}}[a-z][\w-]+s)\b"
    r"(?<!euros)(?<!dollars)(?<!pounds)"
)
_LABELS: dict[str, tuple[TaskKind, str]] = {
    "How often": ("schedule", "How often is it done?"),
    "Frequency": ("schedule", "How often is it done?"),
    "How long": ("value", "How long does it take?"),
    "Duration": ("value", "How long does it take?"),
    "Takes": ("value", "How long does it take?"),
}
_LABEL = re.compile(rf"(?:^|[.;] )(?P<label>{'|'.join(_LABELS)}): (?P<v>[^.,;:()]+)(?=[.,;(]|$)")
# A list item such as "and looks every 90 seconds, for at most 55 minutes".
_LOOKS = re.compile(
    r"^(?:and )?(?P<verb>looks|polls|checks|waits|tries) (?:again )?every (?P<v>[^.,;:()]+)"
    r"(?:, for at most (?P<most>[^.,;:()]+))?(?=[.,;]|$)"
)
_LOOK = {"looks": "look", "polls": "poll", "checks": "check", "waits": "wait", "tries": "try"}
# Alerts are sent for some things only: those "with the tag" so and so.
_WITH_MARK = re.compile(r"\bonly (?P<o>[a-z]+s) with the (?P<noun>tag|label|annotation) (?P<v>`[^`]+`)")
_APPROVED = re.compile(r"\bapprovals?\b[^.;]{0,60}?\b(?:from|by|out of)(?: the group)? (?P<v>`[^`]+`)")
_STATE = re.compile(r"\b(?:while|if|when|until) (?P<s>the (?:[\w-]+ ){1,3})is in the state (?P<v>[A-Z][a-z]+)\b")
_VERBS = (
    "clear|restart|retry|rerun|re-run|delete|remove|resume|close|approve|merge|start|repeat|pause|stop|suspend|reset|"
    "revoke|rotate|renew|silence|drain|promote|terminate|refresh|reload|unlock|lock|list|show|create|open"
)
_ONLY_AFTER = re.compile(
    rf"(?:^|, |; )(?P<do>(?i:{_VERBS}) (?:[\w`.-]+ ){{1,5}}?)only after (?P<v>[^.,;:()]+)(?=[.,;(]|$)"
)
_DO_BY = re.compile(
    rf"(?:^|[.;] )(?P<do>(?i:{_VERBS}) (?:[\w-]+ ){{0,4}}[\w-]+), `(?P<v>[a-z][\w./-]* [^`<>{{}}|&;$]+)`"
)


def heading_facts(page: Page) -> Iterator[Fact]:
    """Yield the facts in the order of the page's text; their questions say the topic."""
    for block in page.blocks:
        if block.kind in _KINDS:
            for span in block.spans:
                yield from _numbers(block, span)
                yield from _timings(block, span)
                yield from _names(block, span)
                yield from _deeds(block, span)


def _numbers(block: Block, span: Span) -> Iterator[Fact]:
    for entry in _ENTRY.finditer(span.text):
        unit = f" of {entry['unit']}" if entry["unit"] else ""
        question = f"Which number{unit} is given for {entry['s']}?"
        yield fact_of_heading(block, span, "value", question, exact_number(entry["v"]))
    for most in _MOST.finditer(span.text):
        if not values_in(most.group()):
            yield fact_of_heading(
                block, span, "value", f"How many {most['o']} are allowed at most?", exact_number(most["v"])
            )


def _timings(block: Block, span: Span) -> Iterator[Fact]:
    found: list[tuple[TaskKind, str, str]] = [
        (*_LABELS[label["label"]], label["v"]) for label in _LABEL.finditer(span.text)
    ]
    looks = _LOOKS.match(span.text)
    if looks:
        verb = _LOOK[looks["verb"]]
        found.append(("schedule", f"How often does it {verb}?", looks["v"]))
        found.append(("value", f"For how long at most does it {verb}?", looks["most"] or ""))
    for kind, question, text in found:
        expected = exact_values(text, left=0)
        if expected and expected[0].form == "quantity":
            yield fact_of_heading(block, span, kind, question, expected)


def _names(block: Block, span: Span) -> Iterator[Fact]:
    for mark in _WITH_MARK.finditer(span.text):
        yield fact_of_heading(block, span, "value", f"Which {mark['noun']} do {mark['o']} need?", exact_code(mark["v"]))
    for approved in _APPROVED.finditer(span.text):
        yield fact_of_heading(
            block, span, "owner", "From which group must an approval come?", exact_code(approved["v"])
        )
    for state in _STATE.finditer(span.text):
        question = f"In which state must {state['s'].strip()} be?"
        yield fact_of_heading(block, span, "value", question, exact_name(state["v"]))


def _deeds(block: Block, span: Span) -> Iterator[Fact]:
    for after in _ONLY_AFTER.finditer(span.text):
        expected = exact_values(after["v"], left=0)
        if expected and expected[0].form == "quantity":
            question = f"After how long at the earliest may you {_lowered(after['do'].strip())}?"
            yield fact_of_heading(block, span, "value", question, expected)
    for done in _DO_BY.finditer(span.text):
        expected = (Expected(value=done["v"].strip(), form="command"),)
        yield fact_of_heading(block, span, "command", f"Which command do you use to {_lowered(done['do'])}?", expected)


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
