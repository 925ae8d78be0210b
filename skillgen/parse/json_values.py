"""JSON to values that know where they stand. Python's own reader tells no positions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from skillgen.model.json_strings import unescaped

# No clarifications file nests deeper than 12; a text made of brackets would otherwise fill the stack.
MAX_DEPTH = 60

_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_WORDS = {"true": True, "false": False, "null": None}
_WORD = re.compile("true|false|null")
# Up to the end of the string, or to what may not stand in one.
_STRING = re.compile(r'"(?P<held>(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+)')


@dataclass(frozen=True, slots=True)
class Value:
    """A JSON value: `said` is its text, number, truth value or None; of an object or array it is None.

    `start` and `end` are offsets in the text; those of a string are inside its quotation marks.
    """

    kind: str
    start: int
    end: int
    said: str | float | bool | None = None
    members: dict[str, Value] = field(default_factory=dict)
    items: tuple[Value, ...] = ()

    def text(self, key: str) -> Value | None:
        """Return the string of a key if it says something."""
        found = self.members.get(key)
        return found if found is not None and isinstance(found.said, str) and found.said.strip() else None

    def word(self, key: str) -> str:
        """Return what the string of a key says as one line, or nothing."""
        found = self.text(key)
        return " ".join(str(found.said).split()) if found else ""

    def objects(self, key: str) -> Iterator[Value]:
        """Yield the objects of an array; what else stands in it is passed over."""
        found = self.members.get(key)
        yield from (item for item in found.items if item.kind == "object") if found else ()


class NoJsonError(ValueError):
    """A text is no JSON; `at` is the offset of what cannot be read."""

    def __init__(self, what: str, at: int) -> None:
        """Take what is wrong, and where."""
        super().__init__(what)
        self.at = at


@dataclass(slots=True)
class Reader:
    """Reads one JSON text; `repeated` are offsets of keys that stand in one object a second time, the last counts."""

    text: str
    repeated: list[int] = field(default_factory=list)
    _at: int = 0

    def read(self) -> Value:
        """Return the value of the whole text; a byte-order mark before it is passed over.

        Raises:
            NoJsonError: the text is no JSON, or nested too deep.
        """
        self._at = 1 if self.text.startswith("\ufeff") else 0
        value = self._value(0)
        self._skip()
        if self._at < len(self.text):
            raise NoJsonError("something stands behind the last bracket", self._at)
        return value

    def _value(self, depth: int) -> Value:
        self._skip()
        if depth > MAX_DEPTH:
            raise NoJsonError(f"it is nested over {MAX_DEPTH} deep", self._at)
        sign = self.text[self._at : self._at + 1]
        if sign == "{":
            return self._object(depth)
        if sign == "[":
            return self._array(depth)
        if sign == '"':
            return self._string()
        return self._scalar()

    def _object(self, depth: int) -> Value:
        start, members = self._at, dict[str, Value]()
        while self._more("}", first=not members and self._at == start):
            key_at = self._at
            if self.text[key_at : key_at + 1] != '"':
                raise NoJsonError("a key in quotation marks is missing", key_at)
            key = str(self._string().said)
            self._skip()
            if self.text[self._at : self._at + 1] != ":":
                raise NoJsonError("a colon is missing", self._at)
            self._at += 1
            if key in members:
                self.repeated.append(key_at)
            members[key] = self._value(depth + 1)
        return Value("object", start, self._at, members=members)

    def _array(self, depth: int) -> Value:
        start, items = self._at, list[Value]()
        while self._more("]", first=not items and self._at == start):
            items.append(self._value(depth + 1))
        return Value("array", start, self._at, items=tuple(items))

    def _more(self, closing: str, *, first: bool) -> bool:
        """Go on to the next member or item; return False behind the closing bracket."""
        if first:
            self._at += 1
        self._skip()
        sign = self.text[self._at : self._at + 1]
        if sign == closing:
            self._at += 1
            return False
        if first:
            return True
        if sign != ",":
            raise NoJsonError(f"a comma or {closing} is missing", self._at)
        self._at += 1
        self._skip()
        if self.text[self._at : self._at + 1] == closing:
            raise NoJsonError("there is a comma too many", self._at)
        return True

    def _string(self) -> Value:
        found = _STRING.match(self.text, self._at)
        end = found.end() if found else self._at
        if found is None or self.text[end : end + 1] != '"':
            what = "a line break or a sign stands in a string that must be escaped"
            raise NoJsonError(what if end < len(self.text) else "a string is never closed", end)
        self._at = end + 1
        return Value("string", found.start("held"), end, unescaped(found["held"]))

    def _scalar(self) -> Value:
        start = self._at
        word, number = _WORD.match(self.text, start), _NUMBER.match(self.text, start)
        found = word or number
        if found is None:
            raise NoJsonError("a value is missing" if start < len(self.text) else "it ends too early", start)
        self._at = found.end()
        if word:
            return Value("word", start, self._at, _WORDS[word.group()])
        return Value("number", start, self._at, float(found.group()))

    def _skip(self) -> None:
        found = _SPACE.match(self.text, self._at)
        self._at = found.end() if found else self._at
