"""Subjects: who acts, by the words to the left of a verb."""

from __future__ import annotations

import re

from skillgen.connect.line import Line
from skillgen.connect.records import Name
from skillgen.connect.vocabulary import (
    ADJECTIVES,
    ADVERBS,
    AUXILIARIES,
    BE,
    DASHES,
    DETERMINERS,
    FOLLOWERS,
    INSIDE,
    LISTED,
    LOOK,
    NOUNS,
    OPENERS,
    PARTS,
    RELATIVES,
    RUNS,
    SET_UP_TO,
    THIRD,
)


class Subjects:
    """Reads to the left of the verbs of a clause."""

    def __init__(self, line: Line) -> None:
        """Read along this line."""
        self._line = line

    def subjects(self, at: int, *, many: bool) -> tuple[Name, ...]:
        """Return who acts, by the words before a verb; nobody where that is not plain.

        With `many` the verb has its plain form, which follows several names, a plural ("the Airflow jobs write"),
        "will" and "must", and "is configured to". Without, it follows one name.
        """
        i = self._line.skip_back(at, ADVERBS)
        if self._line.word(i) in AUXILIARIES:
            i, many = self._line.skip_back(i, ADVERBS), False
        elif self._line.word(i) == "to":
            i, many = self._before_infinitive(i), False
        if self._line.word(i) == "it":
            return self._meant_by_it(i)
        i = self._before_relative(i)
        head = i
        name, i = self._phrase_ending_at(i)
        if name is None:
            return ()
        others = self._coordinated_before(i)
        if not self._line.opens(i if not others else others[1]):
            return ()
        if not many:
            return (name,) if not others else ()
        plural = self._line.word(head).endswith("s") and self._line.word(head) in PARTS
        return (*(others[0] if others else ()), name) if others or plural else ()

    def _meant_by_it(self, i: int) -> tuple[Name, ...]:
        """Return the only name before the comma in "When an A job fails, it ..."."""
        names = [token.name for token in self._line.tokens[: min(i, LOOK)] if token.name is not None]
        start = self._line.skip(1, DETERMINERS | ADJECTIVES)
        plain = self._line.word(0) in OPENERS | {"if"} and self._line.word(i - 1) == "," and i < LOOK
        return tuple(names) if plain and len(names) == 1 and self._line.name(start) is not None else ()

    def undergoing(self, at: int) -> tuple[Name, ...]:
        """Return to whom something is done; "which is" after a comma belongs to the name before it."""
        before = self._before_relative(self._line.skip_back(at, ADVERBS))
        if self._line.word(before) == "," and before == at - 1:
            return self._set_off(before)
        name = self._line.name(before)
        return (name,) if name is not None and self._line.word(before + 1) == "," else self.subjects(at, many=False)

    def _set_off(self, comma: int) -> tuple[Name, ...]:
        """Return the name with which the clause begins in "A, driven by B" and "A runs every night, started by B".

        After "copies to A, driven by B" it is the copy that is driven, and after "A writes a file, read by B" the file.
        """
        name, before = self._phrase_ending_at(comma - 1)
        if name is not None:
            return (name,) if before < 0 else ()
        names = [i for i, token in enumerate(self._line.tokens[:comma]) if token.name is not None]
        if len(names) != 1 or self._line.word(self._line.skip(names[0] + 1, PARTS - RUNS)) not in RUNS:
            return ()
        name, before = self._phrase_ending_at(names[0])
        return (name,) if name is not None and before < 0 else ()

    def inherited(self, at: int) -> tuple[Name, ...]:
        """Return who acts in "A builds the image and pushes it to B": the clause begins with its name and a verb."""
        before = self._line.skip_back(at, ADVERBS)
        if self._line.word(before) not in {"and", ","} and self._line.word(before + 1) != "then":
            return ()
        start = next((i for i, token in enumerate(self._line.tokens[:LOOK]) if token.name), None)
        if (
            start is None
            or not start < at <= start + 2 * LOOK
            or any(token.word in RELATIVES | {"if", "so"} for token in self._line.tokens[start:at])
        ):
            return ()
        verb = start + 1
        while self._line.word(verb) in PARTS | ADVERBS or self._line.is_own(verb):
            following = self._line.word(verb + 1)
            if following in DETERMINERS or (self._line.word(verb) in THIRD and following not in FOLLOWERS | PARTS):
                break
            verb += 1
        if verb >= at or not re.fullmatch(r"[a-z]{2,}[^s\W]s", self._line.word(verb)):
            return ()
        return self.subjects(verb, many=False)

    def _before_infinitive(self, to: int) -> int:
        """Return the last token of the subject in "A is configured to write", or -1."""
        i = to - 1
        while i > 0 and self._line.word(i) in SET_UP_TO | ADVERBS:
            i -= 1
        return i - 1 if i < to - 1 and self._line.word(i) in BE else -1

    def _before_relative(self, i: int) -> int:
        """Return the last token of what "that" or "which" stands for, or of a name set off by a dash or a comma."""
        if self._line.word(i) in RELATIVES:
            i -= 1
            return i - 1 if self._line.word(i) == "," else i
        if i == 1 and self._line.word(i) in DASHES:
            return 0
        return i

    def _phrase_ending_at(self, i: int) -> tuple[Name | None, int]:
        """Return the name that heads the phrase ending here, and the position before the phrase."""
        i = self._line.skip_back(i + 1, PARTS)
        name = self._line.name(i)
        if name is None:
            return None, i
        i, name = self._apposed(i, name)
        if self._line.word(i) in INSIDE and i > 0:
            head = self._line.skip_back(i, NOUNS)
            if self._line.word(i) == "of" and head < i - 1:
                head = self._skip_names_back(head)
            if head == i - 1 and self._line.name(head) is None:
                return None, i
            inner = self._line.name(head)
            if inner is not None:
                head, name = self._apposed(head, inner)
            i = self._line.skip_back(head + 1, DETERMINERS | ADJECTIVES)
        return name, i

    def _skip_names_back(self, i: int) -> int:
        """Return the position before what a part is called by: "the Acme Cloud deployment of A"."""
        end = i - LOOK
        while i > max(end, -1) and self._line.word(i) not in DETERMINERS and self._line.tokens[i].text[:1].isupper():
            i -= 1
        return i

    def _apposed(self, i: int, name: Name) -> tuple[int, Name]:
        """Return the position before a name with its modifiers, and the tool of "the Airflow DAG `x`"."""
        i = self._line.skip_back(i, DETERMINERS | ADJECTIVES | NOUNS)
        before = self._line.name(i)
        if before is not None and before.is_tool != name.is_tool:
            return self._line.skip_back(i, DETERMINERS | ADJECTIVES), before if before.is_tool else name
        # "The Acme Airflow": whose it is.
        if (
            i > 0
            and before is None
            and self._line.tokens[i].text[:1].isupper()
            and self._line.word(i - 1) in DETERMINERS
        ):
            i = self._line.skip_back(i, DETERMINERS)
        return i, name

    def _coordinated_before(self, i: int) -> tuple[tuple[Name, ...], int] | None:
        """Return the further names of "A, B and C" before the last one's "and", with the position before them all."""
        if self._line.word(i) != "and":
            return None
        names: list[Name] = []
        while self._line.word(i) in {"and", ","} and len(names) < LISTED:
            j = i - 1 if self._line.word(i - 1) != "," else i - 2
            name, before = self._phrase_ending_at(j)
            if name is None:
                break
            names.append(name)
            i = before
        return (tuple(reversed(names)), i) if names else None
