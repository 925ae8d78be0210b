"""Clauses: the edges that the verbs of one clause state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from skillgen.connect.line import Line
from skillgen.connect.names import ARROW
from skillgen.connect.objects import Objects
from skillgen.connect.records import Found, Name, Token
from skillgen.connect.subjects import Subjects
from skillgen.connect.vocabulary import (
    ADJECTIVES,
    ADVERBS,
    AGENT,
    BASE,
    BE,
    DETERMINERS,
    LOOK,
    PARTICIPLE,
    PARTICLES,
    PARTS,
    PASSES,
    STOPS,
    THIRD,
    Verb,
    third_person,
)


def with_subject(tokens: Sequence[Token], before: Sequence[Token]) -> Sequence[Token]:
    """Return a clause's tokens with their subject, where that stands in the clause before a colon or semicolon.

    That is so where the clause before is a name alone ("Airflow: starts dbt"), or says something of the only name in
    it, with which it begins, and this one goes on with "it" or "they".
    """
    words = [token.word for token in before]
    start = next((i for i, word in enumerate(words) if word not in DETERMINERS | ADJECTIVES), len(words))
    end = next((i for i in range(start + 1, len(words)) if words[i] not in PARTS), len(words))
    if not tokens or start >= len(words) or before[start].name is None:
        return tokens
    if end == len(words):
        at = next((i for i, token in enumerate(tokens) if token.word not in ADVERBS), 0)
        return [*before, *tokens] if tokens[at].word in THIRD or tokens[at].word in BE else tokens
    is_one = sum(token.name is not None for token in before) == 1
    says = words[end] in BE | {"has", "have"} or words[end] in THIRD or words[end] in BASE
    return [*before[:end], *tokens[1:]] if tokens[0].word in {"it", "they"} and is_one and says else tokens


class Clause:
    """The tokens of one clause and the edges that its verbs state."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        """Read along the tokens, which stand in `text`."""
        self._line = Line(text, tokens)
        self._subjects = Subjects(self._line)
        self._objects = Objects(self._line)

    def edges(self) -> Iterator[Found]:
        """Yield the edges of the clause in the order of its verbs."""
        if sum(token.name is not None for token in self._line.tokens) < 2:  # noqa: PLR2004 - two ends
            return
        yield from self._chained()
        for at, token in enumerate(self._line.tokens):
            if token.word in PARTICIPLE:
                yield from self._passive(at, PARTICIPLE[token.word])
            if token.word in THIRD:
                yield from self._active(
                    at, THIRD[token.word], self._subjects.subjects(at, many=False) or self._subjects.inherited(at)
                )
            if token.word in BASE:
                yield from self._active(at, BASE[token.word], self._subjects.subjects(at, many=True))
            if token.word == "from":
                yield from self._carried(at)

    def _active(self, at: int, verb: Verb, subjects: Sequence[Name]) -> Iterator[Found]:
        """Yield the edges of "A triggers B" and "A writes the file to B"."""
        if not subjects:
            return
        after = at + 2 if (verb.base, self._line.word(at + 1)) in PARTICLES else at + 1
        direct = verb.relations.get("")
        objects, end = self._objects.objects(after) if direct else ((), after)
        # "Reads the manifest of A from B" reads from B, whatever A is.
        linked = self._objects.linked(after, verb, at)
        if linked is not None:
            relation, objects, link = linked
            what = self._line.phrase(at, link + 1)
        elif direct and objects:
            relation, what = direct, self._line.around(at, end)
        else:
            return
        for subject in subjects:
            for object_ in objects:
                yield Found(subject, object_, relation, what)

    def _passive(self, at: int, verb: Verb) -> Iterator[Found]:
        """Yield the edges of "B is triggered by A" and "the file is written to B by A", in either order."""
        start = self._line.skip_back(at, ADVERBS)
        is_said = self._line.word(start) in BE
        by = self._line.find(at + 1, AGENT)
        if by is None:
            return
        agents, _ = self._objects.objects(by + 1)
        direct = verb.relations.get("", "")
        relation, objects, what = direct, self._subjects.undergoing(start if is_said else at), third_person(verb)
        linked = self._objects.linked(at + 1, verb, at, within=by) or self._objects.linked(by + 1, verb, at)
        if linked is not None and is_said:
            relation, objects, link = linked
            what = self._line.phrase(self._line.opening(at), link + 1 if link < by else by)
        elif self._line.word(by - 1) in verb.relations:
            relation = verb.relations[self._line.word(by - 1)]
            what = f"{third_person(verb)} {self._line.phrase(at + 1, by)}"
        if relation:
            for agent in agents:
                for object_ in objects:
                    yield Found(agent, object_, relation, what)

    def _carried(self, at: int) -> Iterator[Found]:
        """Yield the edge of "... copied from A to B": who copies need not be named."""
        source, end = self._objects.objects(at + 1)
        if not source or self._line.word(end) not in {"to", "into"}:
            return
        target, _ = self._objects.objects(end + 1)
        for before in range(at - 1, max(at - LOOK, -1), -1):
            word = self._line.word(before)
            verb = THIRD.get(word) or PARTICIPLE.get(word) or BASE.get(word)
            if verb is not None and verb.relations.keys() & {"to", "into"}:
                for one in source:
                    for other in target:
                        yield Found(one, other, "writes to", self._line.phrase(before, at))
                return
            if word in STOPS - BE:
                return

    def _chained(self) -> Iterator[Found]:
        """Yield the edges of "A -> B -> C"; both sides of an arrow are tools, as menus are drawn with arrows too."""
        for at, token in enumerate(self._line.tokens):
            if not ARROW.fullmatch(token.text):
                continue
            left = self._line.skip_back(at, PARTS)
            name, before = self._line.name(left), self._line.skip_back(left, DETERMINERS | ADJECTIVES)
            if (
                name is not None
                and name.is_tool
                and (self._line.opens(before) or ARROW.fullmatch(self._line.word(before)))
            ):
                for other in self._objects.objects(at + 1)[0]:
                    if other.is_tool:
                        yield Found(name, other, PASSES, token.text)
