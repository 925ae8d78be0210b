"""Names: the tools in a text, and the things that the organisation has named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from skillgen.catalogue import ToolFinder
from skillgen.connect.records import Name, Token
from skillgen.connect.vocabulary import DASHES, NOUNS
from skillgen.model.catalogue import Catalogue

_TOKEN = re.compile(
    r"`[^`\n]+`|\w+://[^\s,;()`]+|(?:-{1,8}|=)>|[\u2192\u21d2\u27f6\u2794]|[#~][a-z]\w*(?:-\w+)*|['\u2019]s\b"
    r"|\w+(?:[-_.@/]+\w+)*|\S"
)
ARROW = re.compile(r"(?:-{1,8}|=)>|[\u2192\u21d2\u27f6\u2794]")
_URI = re.compile(r"(\w+)://\S+")
# Schemes of addresses that stand for a store, by a name that the catalogue knows.
_SCHEMES: Mapping[str, str] = {"gs": "gcs", "s3": "s3", "s3a": "s3"}
IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_.][A-Za-z0-9]+)*")
_LONGEST_NAME = 40
_FILE = re.compile(
    r"\.(?:avro|avsc|cfg|conf|csv|env|go|gz|html|ini|jar|java|js|jsonl?|key|lock|log|md|p8|parquet|pem|proto|py|rb|rs|sh|"
    r"sql|tar|tf|toml|ts|tsv|txt|whl|xml|ya?ml|zip)$",
    re.IGNORECASE,
)
_CHANNEL = re.compile(r"#[a-z]\w*(?:-\w+)*")
_PLAIN_COMPOUND = re.compile(
    r"(?:cross|multi|non|pre|post|long|short|high|low|read|write|self|well|full|end|real|re|per|third|one|two|first|on|off|"
    r"in|up|down|ad|open|all|top|daily|role|time|event|data|cloud|server|client|user|company|team|best|right|left|"
    r"built|follow|single|inter|intra|sub|super|semi|anti|co|de|e|x)-.*|.*-(?:\w*ed|\w*ing|only|based|level|wide|time|day|to|"
    r"in|out|off|up|end|term|specific|native|compatible|free|safe|ready|side|like|friendly|aware|owned|facing|per|by)",
    re.IGNORECASE,
)


class Reader:
    """Reads the names in a text."""

    def __init__(self, catalogue: Catalogue, own: Iterable[str] = ()) -> None:
        """Read the catalogue's tools, things by the shape of their names, and the names in `own`."""
        self._finder = ToolFinder(catalogue.tools)
        self._own = frozenset(own)
        self._stores = {scheme: self._tool(name) for scheme, name in _SCHEMES.items()}

    def tokens(self, text: str, start: int, end: int) -> list[Token]:
        """Return the tokens of a part of a text without what stands in parentheses."""
        raw = [Token(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text, start, end)]
        return self._named(_without_parentheses(raw), text)

    def _named(self, raw: Sequence[Token], text: str) -> list[Token]:
        found: list[Token] = []
        at = 0
        for before, length, name in self._names(raw, text):
            found += raw[at:before]
            first, last = raw[before], raw[before + length - 1]
            found.append(Token(text[first.start : last.end], first.start, last.end, name))
            at = before + length
        return [*found, *raw[at:]]

    def _names(self, raw: Sequence[Token], text: str) -> Iterator[tuple[int, int, Name]]:
        """Yield position, number of tokens and name of each name; a tool's name counts as whole tokens only."""
        if not raw:
            return
        starts = {token.start: at for at, token in enumerate(raw)}
        ends = {token.end: at for at, token in enumerate(raw)}
        tools: dict[int, tuple[int, str]] = {}
        origin = raw[0].start
        for mention in self._finder.find(text[origin : raw[-1].end]):
            first, last = starts.get(mention.start + origin), ends.get(mention.end + origin)
            if first is not None and last is not None:
                tools[first] = (last - first + 1, mention.tool.name)
        taken = 0
        for at in range(len(raw)):
            if at < taken:
                continue
            length, tool = tools.get(at, (1, None))
            name = Name(tool, is_tool=True) if tool else self._thing(raw, at)
            if name is not None:
                taken = at + length
                yield at, length, name

    def _thing(self, raw: Sequence[Token], at: int) -> Name | None:
        """Return the name that a single token is: a store's address, a tool in code, or the organisation's own."""
        token = raw[at]
        bare = token.text.strip("`")
        uri = _URI.fullmatch(bare)
        if uri is not None:
            return self._stores.get(uri[1].casefold())
        if bare != token.text and " " not in bare and (tool := self._tool(bare)) is not None:
            return tool
        known = bare in self._own and (bare != token.text or bare[:1].isupper())
        return self.thing(bare) if known or _is_own(raw, at, bare) else None

    def thing(self, label: str) -> Name:
        """Return the organisation's own thing of this name."""
        return Name(label, is_tool=False, of_tool=bool(self._finder.find(label)))

    def _tool(self, text: str) -> Name | None:
        """Return the tool whose name the text is, from its beginning to its end."""
        mentions = self._finder.find(text)
        whole = len(mentions) == 1 and (mentions[0].start, mentions[0].end) == (0, len(text))
        return Name(mentions[0].tool.name, is_tool=True) if whole else None


def _without_parentheses(tokens: Sequence[Token]) -> list[Token]:
    depth, kept = 0, []
    for token in tokens:
        depth += token.text == "("
        if not depth:
            kept.append(token)
        depth -= token.text == ")" and depth > 0
    return kept


def _is_own(raw: Sequence[Token], at: int, bare: str) -> bool:
    """Tell whether a token is a thing that the organisation has named: a channel, or an identifier.

    In code it is one by its shape; in prose, or where it is one plain word, by the noun beside it. Names in capitals
    are variables, `--names` are options, and what has an ending is a file, which passes between tools and is none.
    """
    if _CHANNEL.fullmatch(bare):
        return True
    if not IDENTIFIER.fullmatch(bare) or bare.isupper() or len(bare) > _LONGEST_NAME or _FILE.search(bare):
        return False
    in_code, compound = bare != raw[at].text, re.search("[-_.]", bare) is not None
    if compound and (in_code or ("_" in bare and at == 0 and raw[1:] and raw[1].text in DASHES)):
        return True
    beside = {raw[i].word for i in (at - 1, at + 1) if 0 <= i < len(raw)}
    if not beside & NOUNS:
        return False
    return in_code or "_" in bare or (compound and not _PLAIN_COMPOUND.fullmatch(bare))
