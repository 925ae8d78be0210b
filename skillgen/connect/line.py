"""The line of a clause: its tokens, and ways to move along them."""

from __future__ import annotations

from collections.abc import Sequence

from skillgen.connect.records import MAX_PHRASE_WORDS, Name, Token, shortened
from skillgen.connect.vocabulary import BE, LOOK, OPENERS, STOPS


class Line:
    """The tokens of one clause; beyond either end there is no word and no name."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        """Take the tokens, which stand in `text`."""
        self._text = text
        self.tokens = tokens

    def find(self, i: int, wanted: frozenset[str]) -> int | None:
        """Return where the next of the wanted words stands, close by and in the same statement."""
        for j in range(i, min(len(self.tokens), i + LOOK)):
            if self.word(j) in wanted:
                return j
            if self.word(j) in STOPS:
                return None
        return None

    def word(self, i: int) -> str:
        """Return the word at a position in lower case; empty for a name."""
        return self.tokens[i].word if 0 <= i < len(self.tokens) else ""

    def name(self, i: int) -> Name | None:
        """Return the name at a position, if one stands there."""
        return self.tokens[i].name if 0 <= i < len(self.tokens) else None

    def is_own(self, i: int) -> bool:
        """Tell whether a name of the organisation's own stands at a position."""
        name = self.name(i)
        return name is not None and not name.is_tool

    def skip(self, i: int, words: frozenset[str]) -> int:
        """Return the first of the next few positions whose word is none of these."""
        end = i + LOOK
        while i < end and self.word(i) in words:
            i += 1
        return i

    def skip_back(self, i: int, words: frozenset[str]) -> int:
        """Return the last of the few positions before this one whose word is none of these."""
        i -= 1
        end = i - LOOK
        while i > end and (self.word(i) in words or self.word(i) in {"'s", "\u2019s"}):
            i -= 1
        return i

    def phrase(self, start: int, end: int) -> str:
        """Return the page's words from one token to another, at most twelve of them."""
        return shortened(self._text[self.tokens[start].start : self.tokens[end - 1].end])

    def around(self, at: int, end: int) -> str:
        """Return the verb of a direct object, and after dots what the clause adds to it."""
        limit = min(len(self.tokens), end + MAX_PHRASE_WORDS)
        rest = next((i for i in range(end, limit) if self.word(i) in {",", "and", "which"}), limit)
        verb = self.phrase(at, at + 1)
        if rest <= end or rest - end > MAX_PHRASE_WORDS - 2:
            return verb
        return f"{verb} \u2026 {self.phrase(end, rest)}"

    def opens(self, i: int) -> bool:
        """Tell whether a clause begins after this token."""
        return i < 0 or self.word(i) in OPENERS or (self.word(i) in BE and self.word(i - 1) == "there")

    def opening(self, at: int) -> int:
        """Return where the words before a verb begin, a few of them at most: "the report is written"."""
        i = at
        while i > max(0, at - LOOK // 2) and not self.opens(i - 1):
            i -= 1
        return i
