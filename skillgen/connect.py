"""Connect: verified claims to the map of which tool meets which, each edge with the quotes that say so.

An edge comes from one clause, or one table row, in which a verb of the vocabulary stands between two names in a way
that leaves no doubt who acts on what. All else gives no edge: a map that lacks an edge is of use, one with a wrong edge
is not. The reading is a grammar of closed word lists that looks a few words to either side of a verb, so its time
follows the length of the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from skillgen.catalogue import ToolFinder, phrase_stems
from skillgen.model.catalogue import Catalogue, ToolKind
from skillgen.model.draft import Citation, Claim, IntegrationEdge
from skillgen.words import squeezed

MAX_CITATIONS = 6
MAX_PHRASE_WORDS = 12

# -- the vocabulary ----------------------------------------------------------------------------------------------------

# A relation, its verbs, and what stands between verb and other side; "" is a direct object ("triggers X").
_RELATIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("triggers", "trigger start restart launch run call invoke execute schedule reload kick ask tell query", ("",)),
    ("calls", "call connect talk", ("to",)),
    ("deploys", "deploy manage provision orchestrate host", ("",)),
    ("deploys to", "deploy publish push release ship promote commit sync", ("to", "into", "onto")),
    ("writes to", "write upload export load copy save put replicate stream emit deliver add", ("to", "into", "onto")),
    ("writes to", "send forward submit pass mirror archive", ("to", "into")),
    ("reads from", "read pull download fetch load copy ingest import receive get take collect sync", ("from",)),
    ("reads from", "read poll scrape ingest watch", ("",)),
    ("signs in to", "authenticate sign log", ("to", "with", "against", "via", "through", "at")),
    ("signs in to", "assume impersonate", ("",)),
    ("waits for", "wait", ("for", "on")),
    ("waits for", "await", ("",)),
    ("depends on", "depend rely", ("on", "upon")),
    ("alerts", "alert notify page message inform", ("", "to")),
    ("alerts", "post report", ("to", "in", "into")),
    ("stores in", "store keep archive persist cache", ("in", "on")),
    ("mounts", "mount", ("",)),
    ("uses", "use", ("",)),
    ("runs on", "run", ("on", "in", "inside")),
    ("compares with", "compare check", ("with", "against")),
)
# The relation of "A -> B" and of table rows with "From" and "To", which need no verb.
_PASSES = "passes"
# By whom something is done, for verbs whose passive says it in another way too ("is managed via X").
_AGENT = frozenset({"by", "via"})
_IRREGULAR: Mapping[str, str] = {
    "write": "written",
    "read": "read",
    "run": "run",
    "put": "put",
    "send": "sent",
    "get": "got",
    "take": "taken",
    "keep": "kept",
    "tell": "told",
    "sync": "synced",
    "log": "logged",
    "ship": "shipped",
    "submit": "submitted",
}
# The particle of a verb in two words ("signs in to", "kicks off").
_PARTICLES = frozenset({("sign", "in"), ("log", "in"), ("kick", "off")})

# What a tool's name may be followed by and still be that tool: its parts, and what it keeps or runs.
_PARTS = frozenset(
    "action actions agent agents api apis app application applications apps backend bot bots bucket buckets build "
    "builds channel channels check checks client clients cluster clusters collection collector collectors component "
    "connector connectors console container containers controller controllers cronjob cronjobs dag dags dashboard "
    "dashboards database databases dataset datasets deployment deployments endpoint endpoints exporter exporters "
    "exposure exposures flow flows function functions hook hooks image images instance instances integration job jobs "
    "lake model models module monitor monitors namespace namespaces node nodes operator operators parser pipeline "
    "pipelines plugin plugins pod pods policy project projects queue queues registry repo repositories repository "
    "result results rule rules run runner runners runs scheduler schema script scripts secret secrets sensor sensors "
    "server servers service services sidecar stack stage step steps stream streams subscription sync syncs table "
    "tables task tasks topic topics ui warehouse webhook webhooks worker workers workflow workflows workspace".split()
)
# Nouns that make an identifier beside them a named thing.
_NOUNS = _PARTS | frozenset({"account", "approle", "role", "group", "store", "feed", "branch"})
_DETERMINERS = frozenset("a an the our its their this each every all both any some".split())
_ADJECTIVES = frozenset(
    "central company-wide corresponding daily dedicated dev development downstream external hosted hourly internal "
    "local main managed matching new nightly own prod production public private raw regular same scheduled second "
    "self-hosted separate shared single specific staging stage test uat upstream usual weekly whole".split()
)
_ADVERBS = frozenset(
    "also always automatically directly first itself themselves just only now once still then too usually daily "
    "nightly hourly".split()
)
_AUXILIARIES = frozenset({"must", "will", "do", "does"})
_BE = frozenset({"is", "are", "gets", "get"})
_SET_UP_TO = frozenset({"configured", "set", "up", "scheduled", "responsible", "used"})
# A clause begins after one of these. What follows "if" is no statement, so "if" is not among them.
_OPENERS = frozenset(
    "and but so then when whenever once after as because since while where that which until before , - "
    "* \u2013 \u2014 \u2022".split()
)
_RELATIVES = frozenset({"that", "which"})
_INSIDE = frozenset({"in", "of", "inside", "within"})
# What may follow a name that is the whole object. After any other word it only qualifies that word.
_FOLLOWERS = frozenset(
    "and or but , - \u2013 \u2014 \u2192 at by for with in on from to into via through using when whenever once after before "
    "every each if as until over during within as so because since while which that where who again daily nightly hourly "
    "directly itself first then is are and/or per under about of not only".split()
)
# The object does not lie beyond one of these.
_STOPS = frozenset(
    "that which who whom whose when whenever where while if unless because since so but until before after is are was "
    "were be been has have had will must can could may might should would does do than by".split()
)
# How many words are looked at to either side of a verb, and how many names of a list are taken.
_LOOK = 14
_LISTED = 6

# -- what is no statement about today ----------------------------------------------------------------------------------

_NEGATED = re.compile(
    r"\b(?:not(?! just| only)|never|no|none|nor|neither|nobody|nothing|cannot|instead|rather than|refuses?|rejects?|"
    r"fails? to|unable|disabled?|switched off|turned off|stops?|stopped|avoid|forbid\w*)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:(?<!is )(?<!are )used to|previously|formerly|historically|originally|in the past|legacy|deprecated|obsolete|"
    r"retired|decommissioned|no longer|was|were|had|has been|have been|old|migrat\w+|moved|moving|switch(?:ed|ing)|"
    r"replac\w+|until (?:19|20)\d\d|back then)\b",
    re.IGNORECASE,
)
# Headings under which nothing is a statement about today.
_NOT_TODAY = re.compile(
    r"\b(?:legacy|deprecated|retired|old|former|previous|obsolete|history|proposals?|proposed|planned|future|roadmap|"
    r"ideas?|migrat\w+|alternatives?)\b",
    re.IGNORECASE,
)
_HYPOTHETICAL = re.compile(
    r"\b(?:could|would|might|may|should|can|for (?:example|instance)|an example|e\.g|imagine|suppose|assuming|planned|"
    r"hypothetical\w*|plans? to|planning|propos\w+|consider\w*|eventually|some ?day|one day|in (?:the )?future|ideas?|"
    r"we (?:want|wish)|find out|whether|todo|tbd)\b|\?",
    re.IGNORECASE,
)

# -- names and words of a clause ---------------------------------------------------------------------------------------

_SENTENCE_END = re.compile(r"`[^`\n]*`|(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?P<end>[.!?])(?=\s|$)", re.IGNORECASE)
_PIECE_END = re.compile(r"`[^`\n]*`|(?P<end>;)(?=\s|$)")
_CLAUSE_END = re.compile(r"`[^`\n]*`|(?P<end>:)(?=\s|$)")
_TOKEN = re.compile(
    r"`[^`\n]+`|\w+://[^\s,;()`]+|(?:-{1,8}|=)>|[\u2192\u21d2\u27f6\u2794]|[#~][a-z]\w*(?:-\w+)*|['\u2019]s\b"
    r"|\w+(?:[-_.@/]+\w+)*|\S"
)
_CODE = re.compile(r"`[^`\n]*`")
_ARROW = re.compile(r"(?:-{1,8}|=)>|[\u2192\u21d2\u27f6\u2794]")
_URI = re.compile(r"(\w+)://\S+")
# Schemes of addresses that stand for a store, by a name that the catalogue knows.
_SCHEMES: Mapping[str, str] = {"gs": "gcs", "s3": "s3", "s3a": "s3"}
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_.][A-Za-z0-9]+)*")
_LONGEST_NAME = 40
_FILE = re.compile(
    r"\.(?:avro|avsc|cfg|conf|csv|env|go|gz|html|ini|jar|java|js|jsonl?|key|lock|log|md|p8|parquet|pem|proto|py|rb|rs|sh|"
    r"sql|tar|tf|toml|ts|tsv|txt|whl|xml|ya?ml|zip)$",
    re.IGNORECASE,
)
_DASHES = frozenset({"-", "\u2013", "\u2014"})
_CHANNEL = re.compile(r"#[a-z]\w*(?:-\w+)*")
_PLAIN_COMPOUND = re.compile(
    r"(?:cross|multi|non|pre|post|long|short|high|low|read|write|self|well|full|end|real|re|per|third|one|two|first|on|off|"
    r"in|up|down|ad|open|all|top|daily|role|time|event|data|cloud|server|client|user|agency|company|team|best|right|left|"
    r"built|follow|single|inter|intra|sub|super|semi|anti|co|de|e|x)-.*|.*-(?:\w*ed|\w*ing|only|based|level|wide|time|day|to|"
    r"in|out|off|up|end|term|specific|native|compatible|free|safe|ready|side|like|friendly|aware|owned|facing|per|by)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Name:
    """A node of the map: a tool of the catalogue, or a thing that the organisation has named."""

    label: str
    is_tool: bool
    of_tool: bool = False
    """Whether a thing is named after a tool: the job `dbt-nightly`."""


@dataclass(frozen=True, slots=True)
class _Token:
    """A word, mark or name at its place in the text."""

    text: str
    start: int
    end: int
    name: _Name | None = None

    @property
    def word(self) -> str:
        """The word in lower case; empty for a name."""
        return "" if self.name else self.text.casefold()


@dataclass(frozen=True, slots=True)
class _Verb:
    """The relations that a form of a verb can state, by what stands before the other side ("" for nothing)."""

    base: str
    relations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Found:
    """An edge as one clause or row states it."""

    from_: _Name
    to: _Name
    relation: str
    what: str


def _forms(base: str) -> tuple[str, str]:
    """Return the form after "it" and the past participle."""
    consonant_y = base.endswith("y") and base[-2] not in "aeo"
    third = base[:-1] + "ies" if consonant_y else base + ("es" if re.search(r"(?:s|sh|ch|x)$", base) else "s")
    regular = base[:-1] + "ied" if consonant_y else base + ("d" if base.endswith("e") else "ed")
    return third, _IRREGULAR.get(base, regular)


def _third(verb: _Verb) -> str:
    return _forms(verb.base)[0]


def _verbs() -> dict[str, _Verb]:
    relations: dict[str, dict[str, str]] = {}
    for relation, bases, links in _RELATIONS:
        for base in bases.split():
            relations.setdefault(base, {}).update(dict.fromkeys(links, relation))
    return {base: _Verb(base, links) for base, links in relations.items()}


_BASE = _verbs()
_THIRD = {_forms(base)[0]: verb for base, verb in _BASE.items()}
_PARTICIPLE = {_forms(base)[1]: verb for base, verb in _BASE.items()}


class _Reader:
    """Reads the names in a text."""

    def __init__(self, catalogue: Catalogue, own: Iterable[str] = ()) -> None:
        """Read the catalogue's tools, things by the shape of their names, and the names in `own`."""
        self._finder = ToolFinder(catalogue.tools)
        self._own = frozenset(own)
        self._stores = {scheme: self._tool(name) for scheme, name in _SCHEMES.items()}

    def tokens(self, text: str, start: int, end: int) -> list[_Token]:
        """Return the tokens of a part of a text without what stands in parentheses."""
        raw = [_Token(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text, start, end)]
        return self._named(_without_parentheses(raw), text)

    def _named(self, raw: Sequence[_Token], text: str) -> list[_Token]:
        found: list[_Token] = []
        at = 0
        for before, length, name in self._names(raw, text):
            found += raw[at:before]
            first, last = raw[before], raw[before + length - 1]
            found.append(_Token(text[first.start : last.end], first.start, last.end, name))
            at = before + length
        return [*found, *raw[at:]]

    def _names(self, raw: Sequence[_Token], text: str) -> Iterator[tuple[int, int, _Name]]:
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
            name = _Name(tool, is_tool=True) if tool else self._thing(raw, at)
            if name is not None:
                taken = at + length
                yield at, length, name

    def _thing(self, raw: Sequence[_Token], at: int) -> _Name | None:
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

    def thing(self, label: str) -> _Name:
        """Return the organisation's own thing of this name."""
        return _Name(label, is_tool=False, of_tool=bool(self._finder.find(label)))

    def _tool(self, text: str) -> _Name | None:
        """Return the tool whose name the text is, from its beginning to its end."""
        mentions = self._finder.find(text)
        whole = len(mentions) == 1 and (mentions[0].start, mentions[0].end) == (0, len(text))
        return _Name(mentions[0].tool.name, is_tool=True) if whole else None


def _without_parentheses(tokens: Sequence[_Token]) -> list[_Token]:
    depth, kept = 0, []
    for token in tokens:
        depth += token.text == "("
        if not depth:
            kept.append(token)
        depth -= token.text == ")" and depth > 0
    return kept


def _is_own(raw: Sequence[_Token], at: int, bare: str) -> bool:
    """Tell whether a token is a thing that the organisation has named: a channel, or an identifier.

    In code it is one by its shape; in prose, or where it is one plain word, by the noun beside it. Names in capitals
    are variables, `--names` are options, and what has an ending is a file, which passes between tools and is none.
    """
    if _CHANNEL.fullmatch(bare):
        return True
    if not _IDENTIFIER.fullmatch(bare) or bare.isupper() or len(bare) > _LONGEST_NAME or _FILE.search(bare):
        return False
    in_code, compound = bare != raw[at].text, re.search("[-_.]", bare) is not None
    if compound and (in_code or ("_" in bare and at == 0 and raw[1:] and raw[1].text in _DASHES)):
        return True
    beside = {raw[i].word for i in (at - 1, at + 1) if 0 <= i < len(raw)}
    if not beside & _NOUNS:
        return False
    return in_code or "_" in bare or (compound and not _PLAIN_COMPOUND.fullmatch(bare))


# -- who does what to whom ---------------------------------------------------------------------------------------------


class _Clause:
    """The tokens of one clause and the edges that its verbs state."""

    def __init__(self, text: str, tokens: Sequence[_Token]) -> None:
        self._text = text
        self._tokens = tokens

    def edges(self) -> Iterator[_Found]:
        """Yield the edges of the clause in the order of its verbs."""
        if sum(token.name is not None for token in self._tokens) < 2:  # noqa: PLR2004 - two ends
            return
        yield from self._chained()
        for at, token in enumerate(self._tokens):
            if token.word in _PARTICIPLE:
                yield from self._passive(at, _PARTICIPLE[token.word])
            if token.word in _THIRD:
                yield from self._active(at, _THIRD[token.word], self._subjects(at, many=False) or self._inherited(at))
            if token.word in _BASE:
                yield from self._active(at, _BASE[token.word], self._subjects(at, many=True))
            if token.word == "from":
                yield from self._carried(at)

    # .. the forms of a statement ..

    def _active(self, at: int, verb: _Verb, subjects: Sequence[_Name]) -> Iterator[_Found]:
        """Yield the edges of "A triggers B" and "A writes the file to B"."""
        if not subjects:
            return
        after = at + 2 if (verb.base, self._word(at + 1)) in _PARTICLES else at + 1
        direct = verb.relations.get("")
        objects, end = self._objects(after) if direct else ((), after)
        # "Reads the manifest of A from B" reads from B, whatever A is.
        linked = self._linked(after, verb, at)
        if linked is not None:
            relation, objects, link = linked
            what = self._phrase(at, link + 1)
        elif direct and objects:
            relation, what = direct, self._around(at, end)
        else:
            return
        for subject in subjects:
            for object_ in objects:
                yield _Found(subject, object_, relation, what)

    def _passive(self, at: int, verb: _Verb) -> Iterator[_Found]:
        """Yield the edges of "B is triggered by A" and "the file is written to B by A", in either order."""
        start = self._skip_back(at, _ADVERBS)
        is_said = self._word(start) in _BE
        by = self._find(at + 1, _AGENT)
        if by is None:
            return
        agents, _ = self._objects(by + 1)
        direct = verb.relations.get("", "")
        relation, objects, what = direct, self._undergoing(start if is_said else at), _third(verb)
        linked = self._linked(at + 1, verb, at, within=by) or self._linked(by + 1, verb, at)
        if linked is not None and is_said:
            relation, objects, link = linked
            what = self._phrase(max(0, at - _LOOK // 2), link + 1 if link < by else by)
        elif self._word(by - 1) in verb.relations:
            relation = verb.relations[self._word(by - 1)]
            what = f"{_third(verb)} {self._phrase(at + 1, by)}"
        if relation:
            for agent in agents:
                for object_ in objects:
                    yield _Found(agent, object_, relation, what)

    def _carried(self, at: int) -> Iterator[_Found]:
        """Yield the edge of "... copied from A to B": who copies need not be named."""
        source, end = self._objects(at + 1)
        if not source or self._word(end) not in {"to", "into"}:
            return
        target, _ = self._objects(end + 1)
        for before in range(at - 1, max(at - _LOOK, -1), -1):
            word = self._word(before)
            verb = _THIRD.get(word) or _PARTICIPLE.get(word) or _BASE.get(word)
            if verb is not None and verb.relations.keys() & {"to", "into"}:
                for one in source:
                    for other in target:
                        yield _Found(one, other, "writes to", self._phrase(before, at))
                return
            if word in _STOPS - _BE:
                return

    def _chained(self) -> Iterator[_Found]:
        """Yield the edges of "A -> B -> C"; both sides of an arrow are tools, as menus are drawn with arrows too."""
        for at, token in enumerate(self._tokens):
            if not _ARROW.fullmatch(token.text):
                continue
            left, right = self._name(self._skip_back(at, _PARTS)), self._objects(at + 1)[0]
            if left is not None and left.is_tool:
                for name in right:
                    if name.is_tool:
                        yield _Found(left, name, _PASSES, token.text)

    # .. subjects, to the left of a verb ..

    def _subjects(self, at: int, *, many: bool) -> tuple[_Name, ...]:
        """Return who acts, by the words before a verb; nobody where that is not plain.

        With `many` the verb has its plain form, which follows several names, a plural ("the Airflow jobs write"),
        "will" and "must", and "is configured to". Without, it follows one name.
        """
        i = self._skip_back(at, _ADVERBS)
        if self._word(i) in _AUXILIARIES:
            i, many = self._skip_back(i, _ADVERBS), False
        elif self._word(i) == "to":
            i, many = self._before_infinitive(i), False
        if self._word(i) == "it":
            return self._meant_by_it(i)
        i = self._before_relative(i)
        head = i
        name, i = self._phrase_ending_at(i)
        if name is None:
            return ()
        others = self._coordinated_before(i)
        if not self._opens(i if not others else others[1]):
            return ()
        if not many:
            return (name,) if not others else ()
        plural = self._word(head).endswith("s") and self._word(head) in _PARTS
        return (*(others[0] if others else ()), name) if others or plural else ()

    def _meant_by_it(self, i: int) -> tuple[_Name, ...]:
        """Return the only name before the comma in "When an A job fails, it ..."."""
        names = [token.name for token in self._tokens[: min(i, _LOOK)] if token.name is not None]
        start = self._skip(1, _DETERMINERS | _ADJECTIVES)
        plain = self._word(0) in _OPENERS | {"if"} and self._word(i - 1) == "," and i < _LOOK
        return tuple(names) if plain and len(names) == 1 and self._name(start) is not None else ()

    def _undergoing(self, at: int) -> tuple[_Name, ...]:
        """Return to whom something is done; "which is" after a comma belongs to the name before it."""
        before = self._before_relative(self._skip_back(at, _ADVERBS))
        name = self._name(before)
        return (name,) if name is not None and self._word(before + 1) == "," else self._subjects(at, many=False)

    def _inherited(self, at: int) -> tuple[_Name, ...]:
        """Return who acts in "A builds the image and pushes it to B": the clause begins with its name and a verb."""
        before = self._skip_back(at, _ADVERBS)
        if self._word(before) not in {"and", ","} and self._word(before + 1) != "then":
            return ()
        start = next((i for i, token in enumerate(self._tokens[:_LOOK]) if token.name), None)
        if (
            start is None
            or not start < at <= start + 2 * _LOOK
            or any(token.word in _RELATIVES | {"if", "so"} for token in self._tokens[start:at])
        ):
            return ()
        verb = start + 1
        while self._word(verb) in _PARTS | _ADVERBS or self._is_own(verb):
            following = self._word(verb + 1)
            if following in _DETERMINERS or (self._word(verb) in _THIRD and following not in _FOLLOWERS | _PARTS):
                break
            verb += 1
        if verb >= at or not re.fullmatch(r"[a-z]{2,}[^s\W]s", self._word(verb)):
            return ()
        return self._subjects(verb, many=False)

    def _before_infinitive(self, to: int) -> int:
        """Return the last token of the subject in "A is configured to write", or -1."""
        i = to - 1
        while i > 0 and self._word(i) in _SET_UP_TO | _ADVERBS:
            i -= 1
        return i - 1 if i < to - 1 and self._word(i) in _BE else -1

    def _before_relative(self, i: int) -> int:
        """Return the last token of what "that" or "which" stands for, or of a name set off by a dash or a comma."""
        if self._word(i) in _RELATIVES:
            i -= 1
            return i - 1 if self._word(i) == "," else i
        if i == 1 and self._word(i) in _DASHES:
            return 0
        return i

    def _phrase_ending_at(self, i: int) -> tuple[_Name | None, int]:
        """Return the name that heads the phrase ending here, and the position before the phrase."""
        i = self._skip_back(i + 1, _PARTS)
        name = self._name(i)
        if name is None:
            return None, i
        i, name = self._apposed(i, name)
        if self._word(i) in _INSIDE and i > 0:
            head = self._skip_back(i, _NOUNS)
            if self._word(i) == "of" and head < i - 1:
                head = self._skip_names_back(head)
            if head == i - 1 and self._name(head) is None:
                return None, i
            inner = self._name(head)
            if inner is not None:
                head, name = self._apposed(head, inner)
            i = self._skip_back(head + 1, _DETERMINERS | _ADJECTIVES)
        return name, i

    def _skip_names_back(self, i: int) -> int:
        """Return the position before what a part is called by: "the Acme Cloud deployment of A"."""
        end = i - _LOOK
        while i > max(end, -1) and self._word(i) not in _DETERMINERS and self._tokens[i].text[:1].isupper():
            i -= 1
        return i

    def _apposed(self, i: int, name: _Name) -> tuple[int, _Name]:
        """Return the position before a name with its modifiers, and the tool of "the Airflow DAG `x`"."""
        i = self._skip_back(i, _DETERMINERS | _ADJECTIVES | _NOUNS)
        before = self._name(i)
        if before is not None and before.is_tool != name.is_tool:
            return self._skip_back(i, _DETERMINERS | _ADJECTIVES), before if before.is_tool else name
        return i, name

    def _coordinated_before(self, i: int) -> tuple[tuple[_Name, ...], int] | None:
        """Return the further names of "A, B and C" before the last one's "and", with the position before them all."""
        if self._word(i) != "and":
            return None
        names: list[_Name] = []
        while self._word(i) in {"and", ","} and len(names) < _LISTED:
            j = i - 1 if self._word(i - 1) != "," else i - 2
            name, before = self._phrase_ending_at(j)
            if name is None:
                break
            names.append(name)
            i = before
        return (tuple(reversed(names)), i) if names else None

    def _opens(self, i: int) -> bool:
        """Tell whether a clause begins after this token."""
        return i < 0 or self._word(i) in _OPENERS or (self._word(i) in _BE and self._word(i - 1) == "there")

    # .. objects, to the right of a verb ..

    def _objects(self, i: int) -> tuple[tuple[_Name, ...], int]:
        """Return the names that are the whole object beginning here ("A, B and C"), and the position after them."""
        names: list[_Name] = []
        while len(names) < _LISTED:
            name, end = self._object(i)
            if name is None:
                return tuple(names), i
            names.append(name)
            i = end
            joint = i + 1 if self._word(i) == "," and self._word(i + 1) in {"and", "or"} else i
            if self._word(joint) not in {",", "and", "or"} or self._object(joint + 1)[0] is None:
                return tuple(names), i
            i = joint + 1
        return tuple(names), i

    def _object(self, i: int) -> tuple[_Name | None, int]:
        """Return the one name that is the object beginning here, the tool where a tool is named with a part of it."""
        i = self._skip(i, _DETERMINERS | _ADJECTIVES | _ADVERBS | _NOUNS)
        if self._name(i) is None and self._word(i + 1) in {"'s", "\u2019s"}:
            i = self._skip(i + 2, _ADJECTIVES)
        name = self._name(i)
        if name is None:
            return None, i
        i = self._skip(i + 1, _PARTS | {"'s", "\u2019s"})
        other = self._name(i)
        if other is not None and not other.is_tool:
            i = self._skip(i + 1, _NOUNS)
        elif other is not None:
            return None, i
        inner = self._skip(i + 1, _DETERMINERS | _ADJECTIVES)
        within = self._name(inner)
        if not name.is_tool and self._word(i) in _INSIDE and within is not None and within.is_tool:
            name, i = within, self._skip(inner + 1, _PARTS)
        if i < len(self._tokens) and self._word(i) not in _FOLLOWERS and not self._word(i).isdigit():
            return None, i
        return name, i

    def _linked(
        self, i: int, verb: _Verb, at: int, *, within: int | None = None
    ) -> tuple[str, tuple[_Name, ...], int] | None:
        """Return relation, objects and position of the first preposition of the verb, where a name follows it."""
        end = min(len(self._tokens), at + _LOOK, within if within is not None else len(self._tokens))
        for j in range(i, end):
            word = self._word(j)
            if word and word in verb.relations:
                objects, _ = self._objects(j + 1)
                return (verb.relations[word], objects, j) if objects else None
            if word in _STOPS or _ARROW.fullmatch(self._tokens[j].text) or self._turns(j):
                return None
        return None

    def _turns(self, i: int) -> bool:
        """Tell whether another statement begins here: "and" or a comma, then a verb."""
        following = self._word(self._skip(i + 1, _ADVERBS))
        return self._word(i) in {"and", ",", "then"} and (following in _THIRD or following in _BASE)

    # .. words ..

    def _find(self, i: int, wanted: frozenset[str]) -> int | None:
        for j in range(i, min(len(self._tokens), i + _LOOK)):
            if self._word(j) in wanted:
                return j
            if self._word(j) in _STOPS:
                return None
        return None

    def _word(self, i: int) -> str:
        return self._tokens[i].word if 0 <= i < len(self._tokens) else ""

    def _name(self, i: int) -> _Name | None:
        return self._tokens[i].name if 0 <= i < len(self._tokens) else None

    def _is_own(self, i: int) -> bool:
        name = self._name(i)
        return name is not None and not name.is_tool

    def _skip(self, i: int, words: frozenset[str]) -> int:
        """Return the first of the next few positions whose word is none of these."""
        end = i + _LOOK
        while i < end and self._word(i) in words:
            i += 1
        return i

    def _skip_back(self, i: int, words: frozenset[str]) -> int:
        """Return the last of the few positions before this one whose word is none of these."""
        i -= 1
        end = i - _LOOK
        while i > end and (self._word(i) in words or self._word(i) in {"'s", "\u2019s"}):
            i -= 1
        return i

    def _phrase(self, start: int, end: int) -> str:
        """Return the page's words from one token to another, at most twelve of them."""
        words = self._text[self._tokens[start].start : self._tokens[end - 1].end].split()
        return " ".join(words if len(words) <= MAX_PHRASE_WORDS else [*words[: MAX_PHRASE_WORDS - 1], "\u2026"])

    def _around(self, at: int, end: int) -> str:
        """Return the verb of a direct object, and after dots what the clause adds to it."""
        limit = min(len(self._tokens), end + MAX_PHRASE_WORDS)
        rest = next((i for i in range(end, limit) if self._word(i) in {",", "and", "which"}), limit)
        verb = self._phrase(at, at + 1)
        if rest <= end or rest - end > MAX_PHRASE_WORDS - 2:
            return verb
        return f"{verb} \u2026 {self._phrase(end, rest)}"


# -- table rows --------------------------------------------------------------------------------------------------------

_FIELD = re.compile(r"(?P<header>[^:;`]{1,40}): (?P<cell>.+)", re.DOTALL)
_FROM_HEADERS = frozenset(
    ("from", "source", "source system", "caller", "client", "producer", "sender", "publisher", "upstream")
)
_TO_HEADERS = frozenset(
    ("to", "target", "target system", "destination", "called", "callee", "consumer", "receiver", "sink", "downstream")
)
_PLACE_HEADERS = frozenset(
    ("location", "path", "place", "where", "bucket", "store", "stored in", "kept in", "written to")
)
# The columns that say what passes, the plainest first.
_WHAT_HEADERS = (
    *("what", "what passes", "passes", "data", "payload", "artefact", "artifact", "content", "message", "event"),
    *("how", "method", "protocol", "purpose", "via", "trigger", "identity", "as", "account", "credential"),
    *("authentication", "auth", "login"),
)
_PART_END = re.compile(r",\s|\sand\s|\s\+\s")
_PROPER = re.compile(r"[A-Z][A-Za-z0-9]+")
_PEOPLE = frozenset(
    "admin admins anyone anything dev developer developers engineer engineers everybody everyone everything internet "
    "laptop laptops none people person prod production staging test user users various we you".split()
)


class _Row:
    """One row of a table, as its claim says it: "Header: cell; Header: cell"."""

    def __init__(self, reader: _Reader, text: str) -> None:
        self._reader = reader
        self._cells: list[tuple[str, str]] = []
        for part in text.split("; "):
            field = _FIELD.fullmatch(part)
            if field is not None:
                self._cells.append((field["header"].strip(), field["cell"].strip()))
            elif self._cells:
                header, cell = self._cells[-1]
                self._cells[-1] = (header, f"{cell}; {part}")

    def edges(self) -> Iterator[_Found]:
        """Yield the edges of columns such as "From" and "To", "Waits for", "Written by" with "Location"."""
        if len(self._cells) < 2:  # noqa: PLR2004 - a pair of cells
            return
        yield from self._from_to()
        for header, cell in self._cells[1:]:
            words = header.casefold().split()
            if words[-1:] == ["by"] and words[0] in _PARTICIPLE:
                yield from self._done_by(cell, _PARTICIPLE[words[0]])
            elif words and words[0] in _THIRD:
                relation = _THIRD[words[0]].relations.get(" ".join(words[1:]))
                yield from self._product(self._cells[0][1], cell, relation or "", header[:1].lower() + header[1:])

    def _from_to(self) -> Iterator[_Found]:
        source, target = self._cell(_FROM_HEADERS), self._cell(_TO_HEADERS)
        if source and target:
            yield from self._product(source, target, _PASSES, self._passing())

    def _done_by(self, cell: str, verb: _Verb) -> Iterator[_Found]:
        """Yield who does it to the row's first cell, or does it at the row's place."""
        place = self._cell(_PLACE_HEADERS)
        indirect = next((relation for link, relation in verb.relations.items() if link), "")
        thing = self._cells[0][1]
        if place and indirect:
            yield from self._product(cell, place, indirect, _shortened(f"{_third(verb)} {thing}"))
        elif verb.relations.get(""):
            yield from self._product(cell, thing, verb.relations[""], _third(verb))

    def _product(self, source: str, target: str, relation: str, what: str) -> Iterator[_Found]:
        if relation and not _is_doubtful(f"{source} {target}"):
            for one in self._names(source, relation):
                for other in self._names(target, relation):
                    yield _Found(one, other, relation, what)

    def _passing(self) -> str:
        """Return the cell that says what passes, with its header."""
        cells = {header.casefold(): f"{header}: {cell}" for header, cell in self._cells}
        ends = _FROM_HEADERS | _TO_HEADERS
        others = [f"{header}: {cell}" for header, cell in self._cells if header.casefold() not in ends]
        return _shortened(next((cells[key] for key in _WHAT_HEADERS if key in cells), next(iter(others), "")))

    def _cell(self, headers: frozenset[str]) -> str:
        return next((cell for header, cell in self._cells if header.casefold() in headers), "")

    def _names(self, cell: str, relation: str) -> list[_Name]:
        """Return the names with which the parts of a cell begin ("Postgres (loads), Airflow").

        Between "From" and "To" a single word with a capital, or in code, is a name as well.
        """
        parts = [part for part in _PART_END.split(cell) if part.strip()][:_LISTED]
        return [
            name for part in parts if (name := self._name(part.strip(), bare_names=relation == _PASSES)) is not None
        ]

    def _name(self, part: str, *, bare_names: bool) -> _Name | None:
        tokens = self._reader.tokens(part, 0, len(part))
        if not tokens:
            return None
        first, bare = tokens[0], tokens[0].text.strip("`")
        if first.name is not None:
            return first.name
        if not bare_names or len(tokens) > 1 or bare.casefold() in _PEOPLE:
            return None
        named = _IDENTIFIER.fullmatch(bare) if bare != first.text else _PROPER.fullmatch(bare)
        return self._reader.thing(bare) if named else None


def _shortened(text: str) -> str:
    words = text.split()
    return " ".join(words if len(words) <= MAX_PHRASE_WORDS else [*words[: MAX_PHRASE_WORDS - 1], "\u2026"])


# -- claims to edges ---------------------------------------------------------------------------------------------------


def connect_tools(claims: Sequence[Claim], catalogue: Catalogue, *, limit: int = 40) -> tuple[IntegrationEdge, ...]:
    """Return at most `limit` edges, those with the most quotes first, then by name.

    Each is stated by one sentence or table row of a claim, which its citations hold, and at least one of its ends is a
    tool of the catalogue or is named after one. `from_` is who acts: a tool that reads from a store leads to the store.
    """
    reader = _Reader(catalogue, _names_in_tables(claims, _Reader(catalogue)))
    merged: dict[tuple[str, str, str], tuple[str, dict[Citation, None]]] = {}
    for claim in claims:
        for found, cited in _found(claim, reader):
            key = (found.from_.label, found.to.label, found.relation)
            merged.setdefault(key, (found.what, {}))[1].update(dict.fromkeys(cited))
    edges = [
        (IntegrationEdge(from_=from_, to=to, what=what, citations=tuple(cited)[:MAX_CITATIONS]), relation)
        for (from_, to, relation), (what, cited) in merged.items()
    ]
    edges.sort(key=lambda pair: (-len(pair[0].citations), pair[0].from_, pair[0].to, pair[1]))
    return tuple(edge for edge, _ in edges[:limit])


def _names_in_tables(claims: Sequence[Claim], reader: _Reader) -> set[str]:
    """Return the organisation's own names that a table sets over against a tool: sentences speak of them too."""
    names: set[str] = set()
    for claim in claims:
        for found in _Row(reader, _own_text(claim)).edges():
            if found.from_.is_tool != found.to.is_tool:
                names |= {name.label for name in (found.from_, found.to) if not name.is_tool}
    return names


def _own_text(claim: Claim) -> str:
    """Return what a claim says without its lead; nothing where the lead says that it is not of today."""
    return "" if _NOT_TODAY.search(claim.lead) else claim.text.removeprefix(claim.lead).strip()


def _found(claim: Claim, reader: _Reader) -> Iterator[tuple[_Found, tuple[Citation, ...]]]:
    """Yield the edges of a claim, each with the citations that hold the sentence or row."""
    text = _own_text(claim)
    for found in filter(_is_edge, _Row(reader, text).edges()):
        yield found, claim.citations
    quotes: list[tuple[str, Citation]] = []
    for start, end in _pieces(text, _SENTENCE_END, 0, len(text)):
        edges = [found for found in _of_sentence(text, start, end, reader) if _is_edge(found)]
        if edges:
            quotes = quotes or [(squeezed(citation.quote), citation) for citation in claim.citations]
            wanted = squeezed(text[start:end])
            # Where a sentence stands in pieces, as in the cells of a row, they hold it together.
            cited = tuple(citation for quote, citation in quotes if wanted in quote) or claim.citations
            yield from ((found, cited) for found in edges)


def _is_edge(found: _Found) -> bool:
    """Tell whether two different things meet, one of them a tool or named after one."""
    known = any(name.is_tool or name.of_tool for name in (found.from_, found.to))
    return known and found.from_.label != found.to.label


def _of_sentence(text: str, start: int, end: int, reader: _Reader) -> Iterator[_Found]:
    if text[end : end + 1] == "?":
        return
    doubt = _HYPOTHETICAL.search(_without_code(text[start:end]))
    for piece in _pieces(text, _PIECE_END, start, end):
        if (doubt is not None and start + doubt.start() < piece[1]) or _is_doubtful(text[slice(*piece)]):
            continue
        for clause in _pieces(text, _CLAUSE_END, *piece):
            yield from _Clause(text, reader.tokens(text, *clause)).edges()


def _is_doubtful(text: str) -> bool:
    """Tell whether a text denies something, or speaks of what was or might be."""
    plain = _without_code(text)
    return any(pattern.search(plain) for pattern in (_NEGATED, _PAST, _HYPOTHETICAL))


def _without_code(text: str) -> str:
    """Return the text with blanks for code: a job named `old-sync` runs today."""
    return _CODE.sub(lambda match: " " * len(match.group()), text)


def _pieces(text: str, ends: re.Pattern[str], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a part of a text between the marks that end them, which stand outside code."""
    for match in ends.finditer(text, start, end):
        if match["end"]:
            if text[start : match.start()].strip():
                yield start, match.start()
            start = match.end()
    if text[start:end].strip():
        yield start, end


# -- kinds of system ---------------------------------------------------------------------------------------------------

_LABEL_PARTS = re.compile(r",\s+|\s+and\s+|\s+or\s+")
_LONGEST_PHRASE = 4
# Two spellings of one word, by their stems.
_SPELLINGS: Mapping[str, str] = {"catalogu": "catalog"}


def named_kinds(texts: Iterable[str], catalogue: Catalogue) -> tuple[str, ...]:
    """Return the labels of the kinds of system that the texts name, in the catalogue's order.

    A kind is named by one of its tools, by its own name or the first part of its label, by a phrase of several words
    that is its alone, or by two single ones: a brief that says "order" once does not ask about shops.
    """
    finder = ToolFinder(catalogue.tools)
    named: set[str] = set()
    said: set[tuple[str, ...]] = set()
    for text in texts:
        named |= {mention.tool.kind for mention in finder.find(text)}
        stems = _stems(text)
        said |= {stems[i : i + n] for n in range(1, _LONGEST_PHRASE + 1) for i in range(len(stems) - n + 1)}
    phrases = {kind.kind: _phrases(kind) for kind in catalogue.kinds}
    shared = Counter(phrase for own in phrases.values() for phrase in own)
    for kind in catalogue.kinds:
        heard = {phrase for phrase in phrases[kind.kind] & said if shared[phrase] == 1}
        names = {_stems(kind.kind), _stems(_LABEL_PARTS.split(kind.label)[0])}
        if names & said or len(heard) > 1 or any(len(phrase) > 1 for phrase in heard):
            named.add(kind.kind)
    return tuple(kind.label for kind in catalogue.kinds if kind.kind in named)


def _phrases(kind: ToolKind) -> set[tuple[str, ...]]:
    return {_stems(phrase) for phrase in (*_LABEL_PARTS.split(kind.label), *kind.words)}


def _stems(text: str) -> tuple[str, ...]:
    return tuple(_SPELLINGS.get(one, one) for one in phrase_stems(text))
