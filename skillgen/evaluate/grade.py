"""Grading by rules: does an answer state the expected values, and does it stand by them?

The burden of proof is on the answer. A value counts where it stands as itself (`15` is not in `150`, `ingest` is not in
`ingest-2`), in a clause that does not deny it, call it past, ask about it or name it as one of several; two spellings
of one value are equal (`20 min`, `20 minutes`, `1200 s`). Every grade names the words that decided.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from skillgen.evaluate.values import Value, values_in
from skillgen.model.evaluation import Expected, ExpectedForm, Grade, GradedExpectation, Task, TaskAnswer
from skillgen.words import words

GRADER = "rules/1"
_SHOWN = 160
# A program, what it works on and what it does: of `lkf connect restart orders-sink` the last word is an argument.
_HEAD = 3
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[\w\"'`(*])|\n+")
# Where a denial ends: "not 20 minutes but 30" says 30, "It is not in Vault; it is in `kv/a`" says `kv/a`.
_CLAUSE_END = re.compile(
    r"[,;:\u2014()]|\s[-\u2013]\s|\b(?:but|however|instead(?! of)|so|and then|it is|it's|they are)\b", re.IGNORECASE
)
_DENIAL = re.compile(
    r"\b(?:not|never|neither|nor|no longer|rather than|instead of|other than|unlike|without|incorrect|wrong(?:ly)?|"
    r"used to be|formerly|previously|was once|until recently|in the past|doubt|unclear whether|unsure|don't know|"
    r"cannot confirm|except)\b|n['\u2019]t\b|\bnot\b",
    re.IGNORECASE,
)
_NO_DENIAL = re.compile(r"\bnot only\b|\bwhy not\b|\bif not\b|\bno later than\b|\bnot later than\b", re.IGNORECASE)
# A denial that comes behind the value: "20 minutes is wrong", "`role-a` is no longer used".
_DENIED_AFTER = re.compile(
    r"^[^.;,:]{0,40}?\b(?:is|are|was|were|would be|does|do)\s+(?:\w+ )?(?:not|never|wrong|incorrect|outdated|no longer|"
    r"obsolete|mistaken)\b|^[^.;,:]{0,30}?\b(?:isn|aren|wasn|weren|doesn|don)['\u2019]t\b",
    re.IGNORECASE,
)
_OR = re.compile(
    r"[`'\",\s]*(?:(?:maybe|perhaps|possibly|even)\s)?(?:or|/)"
    r"(?:\s(?:maybe|perhaps|possibly|even|for|in|at|the|about|after))*[`'\",\s]*",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s*(?:and|to)\s*", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween\s*$", re.IGNORECASE)
# "20 or 30 minutes", "5 to 10 min": the number before has no unit of its own.
_OPEN_RANGE = re.compile(r"\d\s*(?:or|to|-|\u2013)\s*$", re.IGNORECASE)
# "moved from 03:15 to 02:40": the first is past.
_MOVED_FROM = re.compile(
    r"\b(?:moved|changed|raised|lowered|shortened|extended|switched|went|cut)\b[^.;,]{0,30}\bfrom\s*[`'\"]?$",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"^(?:actually|correction|sorry|no,|wait|rather|on second thought|more precisely)", re.IGNORECASE
)
# Bold and italics; a single mark inside a name or at its edge, as in `_DONE` or `kv/*`, is part of it.
_EDGE_MARKS = re.compile(r"\*\*|(?<!\S)\*(?=\w)|(?<=\w)\*(?!\S)|(?<!\w)__(?=\S)|(?<=\S)__(?!\w)")
_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a form of a value stands in a sentence, and the sentence."""

    sentence: str
    start: int
    end: int


def grade(task: Task, answer: TaskAnswer) -> Grade:
    """Return the grade of an answer to a task: one expectation for each expected value."""
    text = _EDGE_MARKS.sub("", answer.text).replace("\u2019", "'")
    together = frozenset(form for one in task.expected for form in (one.value, *one.accept))
    return Grade(
        task=task.id,
        arm=answer.arm,
        run=answer.run,
        expectations=tuple(_expectation(one, text, together) for one in task.expected),
        grader=GRADER,
        seconds=answer.seconds,
        tokens=answer.tokens,
        answer=answer.text,
    )


def _expectation(expected: Expected, text: str, together: frozenset[str]) -> GradedExpectation:
    """Return whether the text states one expected value; `together` are the forms of all values of the task."""
    said = expectation_text(expected)
    if expected.form == "judged":
        return GradedExpectation(text=said, passed=False, evidence="No rule can grade this; it needs a judge.")
    if not text.strip():
        return GradedExpectation(text=said, passed=False, evidence="The answer is empty.")
    if expected.form == "order":
        passed, evidence = _order(expected, text)
        return GradedExpectation(text=said, passed=passed, evidence=evidence)
    sentences = [part for part in _SENTENCE_END.split(text) if part.strip()]
    reasons = []
    for index, sentence in enumerate(sentences):
        for place in _places(expected, sentence):
            reason = _withdrawn(place, replace(expected, accept=tuple(together)), sentences[index + 1 :])
            if not reason:
                return GradedExpectation(text=said, passed=True, evidence=_shown(sentence))
            reasons.append(f"{reason}: {_shown(sentence)}")
    near = reasons[0] if reasons else _nearest(replace(expected, accept=tuple(together)), text)
    return GradedExpectation(text=said, passed=False, evidence=near)


def expectation_text(expected: Expected) -> str:
    """Return what is expected of an answer as a sentence that is true or false."""
    if expected.form == "judged":
        return expected.value
    if expected.form == "order":
        return f"The answer gives this order: {expected.value}."
    named = f"`{expected.value}`" if expected.form in ("code", "command") else expected.value
    return f"The answer states {named}."


def _shown(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else f"{flat[: _SHOWN - 1]}\u2026"


# -- where a value stands ----------------------------------------------------------------------------------------------


def _places(expected: Expected, sentence: str) -> Iterator[_Place]:
    """Yield the places of a sentence that hold the expected value in any accepted form."""
    for form in (expected.value, *expected.accept):
        for start, end in _FINDERS[expected.form](form, sentence):
            yield _Place(sentence, start, end)


def _find_value(form: str, sentence: str) -> Iterator[tuple[int, int]]:
    wanted = values_in(form)
    if not wanted:
        yield from _find_text(form, sentence)
        return
    for value in values_in(sentence):
        if value.key == wanted[0].key and value.measure == wanted[0].measure:
            yield value.start, value.end


def _find_code(form: str, sentence: str) -> Iterator[tuple[int, int]]:
    """Find a name of the machine's world: with the same capitals, and not as a part of a longer name."""
    before = r"(?<![\w./@-])" if form[:1].isalnum() or form[:1] == "_" else r"(?<!\w)"
    pattern = f"{before}{re.escape(form)}(?![\\w@-]|[./:][\\w*])"
    yield from (match.span() for match in re.finditer(pattern, sentence))


def _find_text(form: str, sentence: str) -> Iterator[tuple[int, int]]:
    """Find a name of people or things: word by word, without regard to capitals and to a plural."""
    wanted = [_singular(word) for word in words(_ARTICLE.sub("", form))]
    found = [(_singular(match.group()), match.span()) for match in re.finditer(r"[^\W_]+", sentence)]
    for at in range(len(found) - len(wanted) + 1):
        if [one for one, _ in found[at : at + len(wanted)]] == wanted:
            start, end = found[at][1][0], found[at + len(wanted) - 1][1][1]
            if not re.match(r"-\w", sentence[end:]) and not re.search(r"\w-$", sentence[:start]):
                yield start, end


def _singular(word: str) -> str:
    plain = word.casefold()
    return plain[:-1] if plain.endswith("s") and not plain.endswith("ss") else plain


def _find_command(form: str, sentence: str) -> Iterator[tuple[int, int]]:
    """Find a command: its words up to the first argument in a row, and behind them every long option that it has.

    Arguments are the reader's own (a date, a file), so what stands for one is not compared.
    """
    tokens = form.split()
    head = _head(tokens)
    pattern = r"\s+".join(re.escape(token) for token in head)
    options = [token.partition("=")[0] for token in tokens if token.startswith("--")]
    for match in re.finditer(rf"(?<![\w./-]){pattern}(?![\w-])", sentence):
        rest = re.split(r"[`\n]", sentence[match.end() :], maxsplit=1)[0]
        if all(re.search(rf"(?<!\S){re.escape(option)}(?![\w-])", rest) for option in options):
            yield match.span()


def _head(tokens: list[str]) -> list[str]:
    """Return the words of a command that say what it does: the program and what follows up to an argument."""
    head = tokens[:1]
    for token in tokens[1:_HEAD]:
        if not re.fullmatch(r"[a-z][a-z-]*", token):
            break
        head.append(token)
    return head


_FINDERS: Mapping[ExpectedForm, Callable[[str, str], Iterator[tuple[int, int]]]] = {
    "quantity": _find_value,
    "time": _find_value,
    "code": _find_code,
    "text": _find_text,
    "command": _find_command,
}


# -- whether the answer stands by it -----------------------------------------------------------------------------------


def _withdrawn(place: _Place, expected: Expected, later: list[str]) -> str:
    """Return why a place does not count, or nothing."""
    before, after = place.sentence[: place.start], place.sentence[place.end :]
    clause = _CLAUSE_END.split(before)[-1]
    if _DENIAL.search(_NO_DENIAL.sub("", clause)) or _DENIED_AFTER.match(after):
        return "The answer denies it"
    if _MOVED_FROM.search(clause):
        return "The answer calls it past"
    if place.sentence.rstrip().endswith("?"):
        return "The answer only asks"
    if _has_alternative(place, expected):
        return "The answer names several values and does not decide"
    corrected = next((one for one in later if _CORRECTION.match(one.strip())), None)
    if (
        corrected is not None
        and not any(True for _ in _places(expected, corrected))
        and _same_kind(expected, corrected)
    ):
        return "The answer takes it back"
    return ""


def _has_alternative(place: _Place, expected: Expected) -> bool:
    """Tell whether another value of the same kind is joined to this one: by "or", or as the other end of a range."""
    before = place.sentence[: place.start]
    if expected.form == "quantity" and _OPEN_RANGE.search(before):
        return True
    for start, end in _others(expected, place.sentence):
        ahead = start >= place.end
        between = place.sentence[place.end : start] if ahead else place.sentence[end : place.start]
        opening = before if ahead else place.sentence[:start]
        if _OR.fullmatch(between) or (_RANGE.fullmatch(between) and _BETWEEN.search(opening)):
            return True
    return False


def _others(expected: Expected, sentence: str) -> Iterator[tuple[int, int]]:
    """Yield the places of a sentence with other values of the same kind."""
    if expected.form in ("quantity", "time"):
        wanted = values_in(expected.value)
        keys = {one.key for form in (expected.value, *expected.accept) for one in values_in(form)}
        measure = wanted[0].measure if wanted else ""
        yield from ((one.start, one.end) for one in values_in(sentence) if _differs(one, measure, keys))
    elif expected.form in ("code", "command"):
        own = {expected.value, *expected.accept}
        for match in re.finditer(r"`([^`]+)`", sentence):
            if match[1] not in own:
                yield match.span()
    else:
        for match in re.finditer(r"(?<![.!?]\s)(?<!^)\b(?:the )?[A-Z][\w-]+(?: [A-Z][\w-]+)*", sentence):
            if match.group() not in (expected.value, *expected.accept):
                yield match.span()


def _differs(value: Value, measure: str, keys: set[str]) -> bool:
    return value.measure == measure and value.key not in keys


def _same_kind(expected: Expected, sentence: str) -> bool:
    return any(True for _ in _others(expected, sentence))


def _nearest(expected: Expected, text: str) -> str:
    """Return what the answer states in place of the expected value, for the reader of a failed grade."""
    for sentence in _SENTENCE_END.split(text):
        others = list(_others(expected, sentence)) if expected.form != "text" else []
        if others:
            return f"The answer states another value: {_shown(sentence)}"
    return f"The answer does not state it: {_shown(text)}"


# -- order -------------------------------------------------------------------------------------------------------------


def _order(expected: Expected, text: str) -> tuple[bool, str]:
    """Return whether the items stand in the answer in their order, each after the one before; and the words."""
    items = expected.value.split(" > ")
    flat = " ".join(text.split())
    cursor = 0
    for item in items:
        places = [start for start, _ in _find_text(item, flat) if start >= cursor and not _denied(flat, start)]
        if not places:
            known = any(True for _ in _find_text(item, flat))
            what = f"{item} does not come after the one before" if known else f"{item} is missing"
            return False, f"{what}: {_shown(flat)}"
        cursor = places[0] + len(item)
    return True, _shown(flat)


def _denied(text: str, start: int) -> bool:
    clause = re.split(r"[.;:,()]", text[:start])[-1]
    return bool(_DENIAL.search(_NO_DENIAL.sub("", clause)))
