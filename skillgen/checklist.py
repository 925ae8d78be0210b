"""The checklist: a review as Markdown for a pull request, and the ticked one read back.

What a page says stands behind `> ` and in one line, so that no text of a claim can pass for a box, a heading or a
field: of those only whole lines in the very form that is written here are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from skillgen.errors import UserError
from skillgen.markdown_text import escape_markdown
from skillgen.model.decision import Decision, Kind, ReviewedClaim
from skillgen.model.draft import Draft

_BOXES: dict[str, Kind] = {"accept": "accepted", "edit": "edited", "reject": "rejected", "ask": "asked"}
_FIELDS = {"Reason": "reason", "New text": "edited", "Ask whom": "owner", "Ask what": "question"}
_HEADING = re.compile(r"### (?P<claim>clm-[0-9a-f]{8})")
_STATE = re.compile(r"<!-- decided: (?P<state>-|[0-9a-f]{12}) -->")
_BOX = re.compile(r"- \[(?P<mark>[ xX])\] (?P<box>accept|edit|reject|ask)")
_FIELD = re.compile(r"(?P<field>Reason|New text|Ask whom|Ask what):(?P<text>.*)")
_MAX_QUOTE = 200
_HOW = (
    "Tick one box of each claim that you have looked at; leave the others empty. `edit` needs a new text, `reject` a "
    "reason, `ask` a question. Then: `skillgen review PACKAGE --import FILE --by NAME`."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """What the checklist says about one claim: the box that is ticked, and the fields; `was` names what it showed."""

    claim: str
    kind: Kind
    was: str
    reason: str = ""
    edited: str = ""
    owner: str = ""
    question: str = ""


def decision_state(decision: Decision | None) -> str:
    """Return 12 hexadecimal digits that name a decision, or `-` for none: another decision has others."""
    return "-" if decision is None else sha256(repr(decision).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def checklist(draft: Draft, claims: Sequence[ReviewedClaim]) -> str:
    """Return the checklist of the claims, those of the body first, each with its quotes, verdict and decision."""
    withheld = {one.claim.id: one.reason for one in draft.withheld}
    body = [one for one in claims if one.claim.in_body]
    rest = [one for one in claims if not one.claim.in_body and one.claim.id not in withheld]
    out = [one for one in claims if one.claim.id in withheld]
    lines = [f"# Review of {draft.skill.name}", "", _HOW, ""]
    for title, held in (("In SKILL.md", body), ("In its references", rest), ("Kept out", out)):
        if held:
            lines += [f"## {title}", ""]
        for one in held:
            lines += [*_entry(one, withheld.get(one.claim.id, "")), ""]
    return "\n".join(lines)


def _entry(one: ReviewedClaim, reason: str) -> Iterator[str]:
    claim, decision = one.claim, one.decision
    # A decision that was made about other evidence is told, not ticked.
    held = decision if decision is not None and one.match == "id" else None
    yield f"### {claim.id}"
    yield ""
    yield f"<!-- decided: {decision_state(held)} -->"
    yield ""
    yield f"> {escape_markdown(claim.text)}"
    yield ">"
    for citation in claim.citations:
        place = f"{citation.source}:{citation.lines[0]}-{citation.lines[1]}"
        yield f"> - {escape_markdown(place)}: {escape_markdown(_shortened(citation.quote))}"
    yield f"> - {claim.verdict.support}: {escape_markdown(claim.verdict.reason)}"
    if reason:
        yield f"> - kept out: {escape_markdown(reason)}"
    if decision is not None and held is None:
        yield f"> - evidence changed since {escape_markdown(f'{decision.by} has {decision.decision} it')}"
    yield ""
    for box, kind in _BOXES.items():
        yield f"- [{'x' if held is not None and held.decision == kind else ' '}] {box}"
    yield ""
    for field, name in _FIELDS.items():
        value = " ".join(str(getattr(held, name)).split()) if held is not None else ""
        yield f"{field}: {value}".rstrip()
        yield ""


def _shortened(quote: str) -> str:
    flat = " ".join(quote.split())
    return flat if len(flat) <= _MAX_QUOTE else flat[:_MAX_QUOTE].rsplit(" ", 1)[0] + " …"


def read_checklist(text: str, *, name: str) -> tuple[Ticked, ...]:
    """Return what is ticked in a checklist, in its order; claims without a tick are left out.

    Args:
        text: The checklist.
        name: How errors call the file.

    Raises:
        UserError: the file is no checklist, a claim stands in it twice, or has two ticks.
    """
    sections = list(_sections(text.splitlines()))
    if not sections:
        raise UserError(f"{name} is no checklist.", hint="`skillgen review PACKAGE --export FILE.md` writes one.")
    seen: set[str] = set()
    for claim, _ in sections:
        if claim in seen:
            raise UserError(f"{name}: {claim} stands in it twice.", hint="Keep one of them.")
        seen.add(claim)
    read = (_ticked(claim, lines, name) for claim, lines in sections)
    return tuple(ticked for ticked in read if ticked is not None)


def _sections(lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each claim's id with the lines below it."""
    claim, held = "", list[str]()
    for line in lines:
        heading = _HEADING.fullmatch(line.rstrip())
        if heading or line.startswith(("# ", "## ")):
            if claim:
                yield claim, held
            claim, held = heading["claim"] if heading else "", []
        else:
            held.append(line.rstrip())
    if claim:
        yield claim, held


def _ticked(claim: str, lines: Sequence[str], name: str) -> Ticked | None:
    boxes = [found["box"] for line in lines if (found := _BOX.fullmatch(line)) and found["mark"] != " "]
    if not boxes:
        return None
    if len(boxes) > 1:
        raise UserError(f"{name}: {claim} has {len(boxes)} ticks ({', '.join(boxes)}).", hint="Leave one.")
    states = [found["state"] for line in lines if (found := _STATE.fullmatch(line))]
    fields = {_FIELDS[found["field"]]: found["text"].strip() for line in lines if (found := _FIELD.fullmatch(line))}
    return Ticked(claim=claim, kind=_BOXES[boxes[0]], was=states[0] if states else "-", **fields)
