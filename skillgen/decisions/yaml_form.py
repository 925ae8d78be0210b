"""The decisions file as text: YAML that a person reads, that git merges, and that is read back exactly.

One block an entry, the entries in the order of their ids, one field a line. The ids come from a hash, so that what two
people add seldom stands at one place. Where it does, git's `union` merge keeps both blocks whole: it takes lines that
both sides have for one only where more than three of them follow one another, or at the edges of what was added, so the
first and the last line of a block and every fourth one carry the entry's id.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from skillgen.decisions.make import missing_in
from skillgen.errors import DecisionsError
from skillgen.model.decision import FORMAT, Decision, Decisions, Evidence, OwnerAnswer

if TYPE_CHECKING:
    import yaml
    from pydantic import TypeAdapter

_Record = TypeVar("_Record")
_HEAD = "# What reviewers decided about the claims of a skill, written by skillgen. It may be edited and merged.\n"
_PLAIN = re.compile(
    r"(?!(?:true|false|yes|no|on|off|null|y|n)\Z)[A-Za-z](?:[\w .,/()@'-]*[\w.,/()@'-])?", re.ASCII | re.IGNORECASE
)
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?")
# What YAML allows nowhere, or takes as the end of a line, or drops at the beginning of a file.
_UNSHOWN = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?: |$)", re.MULTILINE)
_ID = re.compile(r"[a-z]{3}-[0-9a-f]{8}")
_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}
_HINT = "docs/review.md shows the form of the file; `git log` has the last good one."


# -- writing -----------------------------------------------------------------------------------------------------------


def decisions_yaml(decisions: Decisions) -> str:
    """Return the text of the decisions file; the order in which the records came does not matter."""
    claims = sorted(decisions.claims, key=lambda one: one.claim)
    answers = sorted(decisions.answers, key=lambda one: one.id)
    lines = [_HEAD, f"format: {FORMAT}", "", "claims:", ""]
    for decision in claims:
        lines += [*_claim_lines(decision), ""]
    lines += ["answers:", ""]
    for answer in answers:
        lines += [*_answer_lines(answer), ""]
    return "\n".join(lines)


def _claim_lines(decision: Decision) -> Iterator[str]:
    mark = _mark(decision.claim)
    yield f"  {_scalar(decision.claim)}:"
    yield f"    text: {_scalar(decision.text)}"
    if decision.edited:
        yield f"    edited: {_scalar(decision.edited)}"
    yield f"    decision: {decision.decision}"
    if decision.reason:
        yield f"    reason: {_scalar(decision.reason)}"
    yield f"    by: {_scalar(decision.by)}"
    yield f"    at: {_scalar(decision.at)}{mark}"
    for name in ("owner", "question"):
        if value := getattr(decision, name):
            yield f"    {name}: {_scalar(value)}"
    if decision.facets:
        yield f"    facets: {_quoted(decision.facets)}{mark}"
    if decision.judged:
        yield f"    judged: {_scalar(decision.judged)}{mark}"
    yield f"    evidence:{'' if decision.evidence else f' []{mark}'}"
    for one in decision.evidence:
        yield f"      - {_quoted(asdict(one))}{mark}"


def _answer_lines(answer: OwnerAnswer) -> Iterator[str]:
    yield f"  {answer.id}:"
    for name in ("text", "facet", "question", "by"):
        yield f"    {name}: {_scalar(getattr(answer, name))}"
    yield f"    on: {_scalar(answer.on)}{_mark(answer.id)}"


def _mark(id_: str) -> str:
    """Return a comment that makes a line one of a kind."""
    return f"  # {id_.rpartition('-')[2]}" if _ID.fullmatch(id_) else ""


def _scalar(text: str) -> str:
    """Return the text as one line of YAML: as it is where that is safe, else in double quotes."""
    if _PLAIN.fullmatch(text) or _TIME.fullmatch(text):
        return text
    return _quoted(text)


def _quoted(value: object) -> str:
    """Return a value as JSON, which is YAML in one line, with the characters escaped that YAML does not allow."""
    quoted = json.dumps(value, ensure_ascii=False)
    return _UNSHOWN.sub(lambda found: f"\\u{ord(found.group()):04x}", quoted)


# -- reading -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4)  # what was written is read back at once, and again before the next change
def decisions_from_yaml(text: str, *, name: str) -> Decisions:
    """Return what the text of a decisions file says.

    Args:
        text: The file's text.
        name: How errors call the file.

    Raises:
        DecisionsError: it holds the marks of a merge conflict, is no YAML, or an entry is wrong; the message names the
            line and the entry.
    """
    conflict = _CONFLICT.search(text)
    if conflict:
        line = text.count("\n", 0, conflict.start()) + 1
        raise DecisionsError(
            f"{name}, line {line}: two versions of the file were not merged yet.",
            hint="Keep what holds, take the lines with <<<<<<<, ======= and >>>>>>> away, and save it.",
        )
    top = _Reader(name).document(text)
    found = top.pop("format", None)
    if found != FORMAT:
        raise DecisionsError(f"{name} is of the format {found!r}, not {FORMAT!r}.", hint=_HINT)
    reader = _Reader(name)
    claims = [reader.decision(key, entry) for key, entry in (top.pop("claims", None) or {}).items()]
    answers = [reader.answer(key, entry) for key, entry in (top.pop("answers", None) or {}).items()]
    return Decisions(
        claims=tuple(sorted(claims, key=lambda one: one.claim)), answers=tuple(sorted(answers, key=lambda one: one.id))
    )


def _adapter(record: type[Any]) -> TypeAdapter[Any]:
    """Return what checks a record; to make it takes longer than to use it a thousand times."""
    from pydantic import TypeAdapter

    if record not in _ADAPTERS:
        _ADAPTERS[record] = TypeAdapter(record)
    return _ADAPTERS[record]


class _Entry(dict[str, Any]):
    """A mapping of the file that knows its lines: `lines` are those of its keys, `line` is its own, from 1."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class _Reader:
    """Reads the parts of one file and names their lines in what it raises."""

    def __init__(self, name: str) -> None:
        self._name = name

    def document(self, text: str) -> _Entry:
        """Return the file as nested mappings of text."""
        import yaml

        loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
        try:
            if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=loader)):
                raise DecisionsError(f"{self._name} uses a YAML alias (*name).", hint="Write the text itself there.")
            node = yaml.compose(text, Loader=loader)
        except yaml.MarkedYAMLError as error:
            line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
            raise DecisionsError(f"{self._name}{line}: this is no YAML ({error.problem}).", hint=_HINT) from error
        except (yaml.YAMLError, RecursionError) as error:
            raise DecisionsError(f"{self._name}: this is no YAML.", hint=_HINT) from error
        top = self._value(node) if node else _Entry(1)
        if not isinstance(top, _Entry):
            raise self._wrong(1, "the file holds no entries")
        self._require_known(top, {"format", "claims", "answers"}, "the file")
        for part in ("claims", "answers"):
            if top.get(part) and not isinstance(top[part], _Entry):
                raise self._wrong(top.lines[part], f"{part} holds no entries")
        return top

    def _value(self, node: yaml.Node) -> Any:  # noqa: ANN401 - text, list or mapping
        import yaml

        if isinstance(node, yaml.SequenceNode):
            return [self._value(child) for child in node.value]
        if not isinstance(node, yaml.MappingNode):
            return node.value
        entry = _Entry(node.start_mark.line + 1)
        for key, value in node.value:
            line, word = key.start_mark.line + 1, key.value
            if not isinstance(word, str):
                raise self._wrong(line, "a key is no plain word")
            if word in entry:
                raise self._wrong(line, f"{word} stands here twice, first in line {entry.lines[word]}; keep one")
            entry[word] = self._value(value)
            entry.lines[word] = line
        return entry

    def decision(self, claim: str, entry: object) -> Decision:
        """Return the decision of an entry of `claims`."""
        held = self._fields(Decision, claim, entry, without="claim")
        evidence = held.get("evidence")
        if not isinstance(evidence, list):
            raise self._wrong(held.lines.get("evidence", held.line), f"{claim}: evidence is no list")
        held["evidence"] = tuple(
            self._made(Evidence, claim, self._fields(Evidence, claim, one), line=held.lines["evidence"])
            for one in evidence
        )
        decision = self._made(Decision, claim, held | {"claim": claim}, line=held.line)
        if missing := missing_in(decision):
            raise self._wrong(held.line, f"{claim} is {decision.decision} and needs {missing}")
        return decision

    def answer(self, id_: str, entry: object) -> OwnerAnswer:
        """Return the answer of an entry of `answers`; its id follows from what it says, whatever stands there."""
        held = self._fields(OwnerAnswer, id_, entry)
        return self._made(OwnerAnswer, id_, held, line=held.line)

    def _fields(self, record: type, where: str, entry: object, *, without: str = "") -> _Entry:
        if not isinstance(entry, _Entry):
            raise self._wrong(None, f"{where} holds no fields")
        self._require_known(entry, {field.name for field in fields(record)} - {without}, where)
        return entry

    def _require_known(self, entry: _Entry, known: set[str], where: str) -> None:
        for key, line in entry.lines.items():
            if key not in known:
                raise self._wrong(line, f"{where}: there is no field {key!r}; known are {', '.join(sorted(known))}")

    def _made(self, record: type[_Record], where: str, values: Mapping[str, Any], *, line: int) -> _Record:
        from pydantic import ValidationError

        try:
            made: _Record = _adapter(record).validate_python(dict(values))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"]))
            raise self._wrong(line, f"{where}: {field}: {first['msg'][:1].lower()}{first['msg'][1:]}") from error
        return made

    def _wrong(self, line: int | None, what: str) -> DecisionsError:
        place = self._name if line is None else f"{self._name}, line {line}"
        return DecisionsError(f"{place}: {what}.", hint=_HINT)
