"""Facts of steps: the command for a purpose, and what comes after what."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skillgen.evaluate.facts import Fact
from skillgen.model.corpus import Block, Page, Span
from skillgen.model.evaluation import Expected
from skillgen.words import words

_KINDS = ("paragraph", "list_item")
_VERBS = (
    "add announce apply build cancel check clean clear close compare connect copy create delete deploy destroy "
    "disable drain dump enable end export find force format get import install inspect list load log look make "
    "merge open pause promote prune publish push put read rebuild reload remove rename replay rerun reset resize "
    "restart restore resume retry revoke roll rollback rotate run scale see send set show sign skip start stop "
    "suspend swap switch sync tag terminate test trigger undo unlock update upload validate verify wait watch write"
)
_VERB = "|".join(_VERBS.split())
_THIRD = "|".join(f"{verb}s" for verb in _VERBS.split()) + "|does|prints|gives|takes|pushes|fetches|watches|launches"
_COMMAND = r"`(?P<cmd>[a-z][\w.-]* [^`]+)`"
_PURPOSE = rf"(?P<do>(?:{_VERB})\b[^`.,;:()]*?)"
_WITH = re.compile(rf"(?:(?:^|[.;] )(?:Then |Now )?){_PURPOSE} with {_COMMAND}", re.IGNORECASE)
_COLON = re.compile(rf"(?:^|[.;] )(?:To |In order to |Then |Now )?{_PURPOSE}: {_COMMAND}(?=[.,;]|$)", re.IGNORECASE)
_DOES = re.compile(rf"^{_COMMAND} (?P<does>(?:{_THIRD}) [^`.,;:()]+)")
_LEAD = re.compile(rf"(?:^|[.;] )(?:To |In order to |Then |Now )?{_PURPOSE}:$", re.IGNORECASE)
_POINTS_BACK = re.compile(
    r"\b(?:it|its|this|that|these|those|them|they|him|her|one|ones|same|rest|other|others|again|here|there|"
    r"above|below|following|you|your|we|our|i)\b|\b(?:which|what|who|how)$",
    re.IGNORECASE,
)
_MIN_PURPOSE, _MAX_PURPOSE = 2, 9
_ARROW = re.compile(r"\s*(?:\u2192|->)\s*")
_MIN_STEPS = 3
_STEP = re.compile(r"`[^`]+`|[A-Za-z][\w-]*(?: [\w-]+){0,2}")
_NO_PROGRAM = re.compile(r"[<>{}|&;$]|\.\.\.|\u2026")
_STAGES = re.compile(r"\b(?P<what>stages|steps|jobs|phases|layers)\b", re.IGNORECASE)


def step_facts(page: Page) -> Iterator[Fact]:
    """Yield the facts of a page's commands and orders in the order of its text."""
    blocks = page.blocks
    for index, block in enumerate(blocks):
        if block.kind not in _KINDS:
            continue
        for span in block.spans:
            yield from _commands(block, span)
            yield from _orders(block, span)
        follower = blocks[index + 1] if index + 1 < len(blocks) else None
        if follower is not None and follower.kind == "code" and follower.heading_path == block.heading_path:
            yield from _introduced(block, follower)


def _commands(block: Block, span: Span) -> Iterator[Fact]:
    for pattern in (_WITH, _COLON):
        for match in pattern.finditer(span.text):
            yield from _command(block, span, match["do"], match["cmd"])
    does = _DOES.match(span.text)
    if does and _is_askable(does["does"]):
        yield from _asked(block, span, f"Which command {does['does'].strip()}?", does["does"], does["cmd"])


def _introduced(block: Block, code: Block) -> Iterator[Fact]:
    """Yield the command of a code block of one line, for the purpose that the text before it ends with."""
    if not (block.spans and code.spans) or "\n" in code.spans[0].text.strip() or len(code.spans) > 1:
        return
    match = _LEAD.search(block.spans[-1].text)
    if match:
        yield from _command(code, code.spans[0], match["do"], code.spans[0].text.strip())


def _command(block: Block, span: Span, purpose: str, command: str) -> Iterator[Fact]:
    if _is_askable(purpose):
        purpose = purpose.strip()
        question = f"Which command do you use to {purpose[:1].lower()}{purpose[1:]}?"
        yield from _asked(block, span, question, purpose, command)


def _is_askable(purpose: str) -> bool:
    said = words(purpose)
    return _MIN_PURPOSE <= len(said) <= _MAX_PURPOSE and not _POINTS_BACK.search(purpose)


def _asked(block: Block, span: Span, question: str, purpose: str, command: str) -> Iterator[Fact]:
    plain = re.sub(r"\s+#.*$", "", command).strip()
    if _NO_PROGRAM.search(re.sub(r"<[^<>]+>", "", plain)) or len(plain.split()) < 2:  # noqa: PLR2004
        return
    yield Fact(
        kind="command",
        subject=" ".join(purpose.casefold().split()),
        asked="command",
        question=question,
        expected=(Expected(value=plain, form="command"),),
        block=block,
        span=span,
        plain=False,
    )


def _orders(block: Block, span: Span) -> Iterator[Fact]:
    """Yield the order that a chain of arrows gives; each of its steps is code or at most three words."""
    before, _, chain = span.text.rpartition(":") if ":" in span.text else ("", "", span.text)
    steps = [step.strip(" .") for step in _ARROW.split(chain)]
    if len(steps) < _MIN_STEPS or not all(_STEP.fullmatch(step) for step in steps):
        return
    names = [step.strip("`") for step in steps]
    what = _STAGES.search(before)
    if len(set(names)) < len(names) or not (what or "`" in steps[-2]):
        return
    if what:
        question = f"In which order do the {what['what'].casefold()} run?"
        expected = Expected(value=" > ".join(names), form="order")
    else:
        question = f"What comes right after {steps[-2]}?"
        expected = Expected(value=names[-1], form="code" if "`" in steps[-1] else "text")
    yield Fact(
        kind="order",
        subject=" ".join(block.heading_path).casefold(),
        asked=question,
        question=question,
        expected=(expected,),
        block=block,
        span=span,
        plain=False,
    )
