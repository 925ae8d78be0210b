"""Objects: on whom a verb acts, by the words to its right."""

from __future__ import annotations

from skillgen.connect.line import Line
from skillgen.connect.names import ARROW
from skillgen.connect.records import Name
from skillgen.connect.vocabulary import (
    ADJECTIVES,
    ADVERBS,
    BASE,
    BE,
    DETERMINERS,
    FOLLOWERS,
    INSIDE,
    LISTED,
    LOOK,
    NOUNS,
    PARTS,
    STOPS,
    THIRD,
    Verb,
)


class Objects:
    """Reads to the right of the verbs of a clause."""

    def __init__(self, line: Line) -> None:
        """Read along this line."""
        self._line = line

    def objects(self, i: int) -> tuple[tuple[Name, ...], int]:
        """Return the names that are the whole object beginning here ("A, B and C"), and the position after them."""
        names: list[Name] = []
        while len(names) < LISTED:
            name, end = self._object(i)
            # In "... to A and B is slow" another statement begins with B.
            if name is None or (names and self._line.word(end) in BE):
                return tuple(names), i
            names.append(name)
            i = end
            joint = i + 1 if self._line.word(i) == "," and self._line.word(i + 1) in {"and", "or"} else i
            if self._line.word(joint) not in {",", "and", "or"} or self._object(joint + 1)[0] is None:
                return tuple(names), i
            i = joint + 1
        return tuple(names), i

    def _object(self, i: int) -> tuple[Name | None, int]:
        """Return the one name that is the object beginning here, the tool where a tool is named with a part of it."""
        i = self._line.skip(i, DETERMINERS | ADJECTIVES | ADVERBS | NOUNS)
        if self._line.name(i) is None and self._line.word(i + 1) in {"'s", "\u2019s"}:
            i = self._line.skip(i + 2, ADJECTIVES)
        name = self._line.name(i)
        if name is None:
            return None, i
        i = self._line.skip(i + 1, PARTS | {"'s", "\u2019s"})
        other = self._line.name(i)
        if other is not None and not other.is_tool:
            i = self._line.skip(i + 1, NOUNS)
        elif other is not None:
            return None, i
        inner = self._line.skip(i + 1, DETERMINERS | ADJECTIVES)
        within = self._line.name(inner)
        if not name.is_tool and self._line.word(i) in INSIDE and within is not None and within.is_tool:
            name, i = within, self._line.skip(inner + 1, PARTS)
        if i < len(self._line.tokens) and self._line.word(i) not in FOLLOWERS and not self._line.word(i).isdigit():
            return None, i
        return name, i

    def linked(
        self, i: int, verb: Verb, at: int, *, within: int | None = None
    ) -> tuple[str, tuple[Name, ...], int] | None:
        """Return relation, objects and position of the first preposition of the verb, where a name follows it."""
        end = min(len(self._line.tokens), at + LOOK, within if within is not None else len(self._line.tokens))
        for j in range(i, end):
            word = self._line.word(j)
            if word and word in verb.relations:
                objects, _ = self.objects(j + 1)
                return (verb.relations[word], objects, j) if objects else None
            if word == "that" and j == i and self._line.word(j + 1) in verb.relations:
                continue  # "compares that with": a pronoun
            if word in STOPS or ARROW.fullmatch(self._line.tokens[j].text) or self._turns(j):
                return None
        return None

    def _turns(self, i: int) -> bool:
        """Tell whether another statement begins here: "and" or a comma, then a verb."""
        following = self._line.word(self._line.skip(i + 1, ADVERBS))
        return self._line.word(i) in {"and", ",", "then"} and (following in THIRD or following in BASE)
