"""Delta: how far a statement goes beyond what a model knows of the tools anyway, estimated without a model.

What only this organisation can have written counts for it (identifiers, names, times, duties, "the" of what everybody
there knows), what is said of tools in general counts against it ("by default", "you should", "is a"). Each sign adds
its weight, less for each repetition, and the sum goes through the logistic function. docs/delta.md has the numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from skillgen.background import Background
from skillgen.catalogue import ToolFinder, ToolMention
from skillgen.model.catalogue import Tool
from skillgen.model.delta import Delta, Signal

# Tuned on the half `tuning` of evals/delta/pairs.yaml and on larkfield, by logistic regression with the signs held to
# their side; `python evals/delta/tune.py` does it again. docs/delta.md has the numbers.
BIAS = -0.9
WEIGHTS: Mapping[str, float] = {
    "identifiers": 2.9,
    "definite": 2.3,
    "names": 1.8,
    "times": 1.5,
    "row": 1.5,
    "exclusions": 1.5,
    "people": 1.3,
    "values": 1.3,
    "we": 1.1,
    "code": 1.0,
    "rare": 0.6,
    "history": 0.3,
    "tools": 0.5,  # set by hand: with the other signs it tells nothing more, but a reviewer wants to see it
    "possibility": -0.6,
    "commands": -0.6,
    "definition": -0.7,
    "any": -0.7,
    "advice": -1.3,
    "generality": -1.4,
    "imperative": -1.9,
}
# A claim under it stays out of the body: tuned there too, rounded down to keep out hardly a fact.
BODY_DELTA = 0.25
# What is left of a sign's weight after it was seen once; 0.1 to 0.5 differ by 0.002 in AUC on the tuning half.
_REPEATED = 0.2

_CODE = re.compile(r"`([^`]*)`")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_CONTRACTION = re.compile(r"\b\w*n['\u2019]t\b|['\u2019](?:re|ve|ll|d|m|s)\b", re.IGNORECASE)
_TOKEN = re.compile(r"\S+")
_NAME = re.compile(r"(?<=[\w,;)] )[A-Z][\w\u2019'-]*(?: (?:of (?:the )?)?[A-Z][\w\u2019'-]*)*")
_ABBREVIATION = re.compile(r"[A-Z]{1,3}s?")
_JOINED = re.compile(r"\w[/@:_.]\w")
_DIGIT = re.compile(r"\d")
_ADDRESS = re.compile(r"(?<![\w#~])[#~][a-z][\w-]+|\b[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_DEFINITE = re.compile(r"\b(?:the|this|these|those|their) ([^\W\d_]+)", re.IGNORECASE)
# After "the" they single out nothing that a reader would have to know.
_VAGUE = frozenset(
    "way time day week month year hour minute moment beginning start end middle rest number size amount kind sort part "
    "person people reader user thing things world fact reason point name word words place question answer problem case "
    "right wrong best better worst least less small big large long short new old good bad former latter earlier later "
    "whole entire full desired given usual actual real".split()
)
_ROW = re.compile(r"([^:;]{1,40}): [^:;]+;")
# Verbs of advice; verbs of operating (run, check, restart) begin the steps of a procedure as well.
_IMPERATIVE = re.compile(
    r"(?:^|[.!?] )(?:"
    "allow|assume|automate|avoid|choose|communicate|consider|define|describe|design|document|encrypt|ensure|give|grant|"
    "keep|limit|log|lower|make|measure|monitor|name|pin|prefer|protect|review|rotate|store|test|treat|trust|try|use|"
    r"validate|verify|watch|write)\b",
    re.IGNORECASE,
)
# Numbered things of a house: `ADR 0017`, `tier 1`.
_NUMBERED = re.compile(r"\b([A-Z]{2,}|[Tt]ier|[Ww]ave|[Ll]ayer|[Ll]evel|[Ss]ev)[ -]?\d+\b")
_DAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_MONTHS = "january|february|march|april|june|july|august|september|october|november|december"
_COUNTS = "one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty"
_UNITS = (
    "s|sec|seconds?|min|minutes?|h|hours?|days?|weeks?|months?|years?|nights?|shifts?|rows?|attempts?|times|[kmgt]i?b|"
    "bytes?|degrees|metres|%|per cent|people|persons|approvals?|approvers?|replicas?|consumers?|slots?|workers?"
)


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})(?!\w)", re.IGNORECASE)


_PHRASES: Mapping[str, re.Pattern[str]] = {
    "times": _words(
        rf"\d{{1,2}}[:.]\d\d(?: ?(?:UTC|CET|[ap]m))?|(?:{_DAYS})s?|{_MONTHS}|noon|midnight|overnight"
        r"|(?:half|quarter) past \w+|in the (?:morning|evening|afternoon)|(?:at|by) night"
    ),
    "values": _words(rf"(?:\d[\d.,]{{0,12}}[ -]?|(?:{_COUNTS})[ -])(?:(?:full|more|working) )?(?:{_UNITS})"),
    "we": _words("we|us|our|ours|we'(?:re|ve|ll|d)"),
    "people": _words(
        r"(?:on-?call|duty|shift|night|day|release|data|platform)[ -](?:lead|officer|manager|desk|team|shift|warden)"
        r"|(?:desk|squad|officer|manager|director|clerk|warden|curator|chair|head|deputy|secretary|board|council)s?"
        r"|answers? for|signs? for|(?:is|are) called|calls?|rings?|decides?|has to agree|consent of|owned by"
    ),
    "exclusions": _words(
        r"only|nobody|no ?one|nothing|nowhere|none|alone|except|anybody|anyone|everybody|everyone|until|unless|neither"
        r"|whoever|refuse[sd]?|(?:is|are) (?:not )?allowed|in any case|no matter"
    ),
    "history": _words(
        r"(?:last|next|this) (?:night|week|month|spring|summer|autumn|winter|year|quarter|time)|20[1-3]\d|any ?more|ago"
        r"|used to|still|yet|already|so far|since|in the past|again|anyway|formerly|old|has been|was|were|had"
    ),
    "advice": _words(
        r"should|you (?:should|must|need|have)|ought to|(?:good|best) practice|recommended|advisable|prefer|avoid"
        r"|consider|it is (?:best|better|wise|important)|make sure|be careful|with care|in advance|as possible"
    ),
    "generality": _words(
        r"defaults?|usual|usually|often|typical|typically|in general|generally|common|commonly|most|many|some|sometimes"
        r"|for (?:example|instance)|such as|e\.g\.|i\.e\.|a sign of|unless configured|at (?:most|least)"
    ),
    "possibility": _words(r"can|could|may|might|lets|allows?|enables?|helps?|makes? it"),
    "definition": _words(
        r"(?:is|are) an?|means|stands? for|consists? of|builds? on|is how|needs?|uses?|supports?|provides?|knows|holds"
        r"|shows?|lists?|compares?|keeps?|takes?|runs? over"
    ),
    "any": _words(r"an?|each|every|your|you|users?|yours|another|others?"),
}


class DeltaEstimator:
    """Estimates the delta of statements against one background and one list of tools."""

    def __init__(self, tools: Iterable[Tool], background: Background) -> None:
        self._tools = ToolFinder(tools)
        self._background = background

    def estimate(self, text: str) -> Delta:
        """Return the estimate for a statement (its code in backticks) with the signs that made it."""
        signals = tuple(
            Signal(name=name, seen=seen, adds=round(WEIGHTS[name] * strength(len(seen)), 3))
            for name, seen in self.signs(text).items()
            if seen and WEIGHTS.get(name)
        )
        logit = BIAS + sum(signal.adds for signal in signals)
        return Delta(value=round(1 / (1 + math.exp(-logit)), 2), signals=signals)

    def signs(self, text: str) -> dict[str, tuple[str, ...]]:
        """Return what was seen of every sign in a statement: each thing once, without regard to capitals."""
        prose = _CODE.sub(" `` ", text)
        found = {
            **self._own(text, prose),
            **self._general_code(text),
            "definite": [match.group() for match in _DEFINITE.finditer(prose) if self._is_local(match[1])],
            "row": [match[1].strip(" .`,") for match in _ROW.finditer(prose)],
            "imperative": [match.group().strip(".!? ") for match in _IMPERATIVE.finditer(prose)],
            **{name: pattern.findall(prose) for name, pattern in _PHRASES.items()},
        }
        return {name: _once(seen) for name, seen in found.items()}

    def _own(self, text: str, prose: str) -> dict[str, list[str]]:
        """Return identifiers, names and rare words, none of them twice, and tools of several kinds that meet."""
        mentions = self._tools.find(prose)
        code = [part for span in _CODE.findall(text) for part in self._background.own_parts(span)]
        bare = [token for token in _TOKEN.findall(prose) if _is_joined(token)]
        own = [part for token in bare for part in self._background.own_parts(token)]
        plain = " ".join(token for token in _TOKEN.findall(prose) if not _is_joined(token))
        names = list(self._names(prose, mentions))
        taken = {word for name in (*names, *_texts(prose, mentions)) for word in _WORD.findall(name)}
        words = [word for word in _WORD.findall(_CONTRACTION.sub("", plain)) if word not in taken]
        kinds = {mention.tool.kind for mention in mentions}
        meeting = [" and ".join(sorted({mention.tool.name for mention in mentions}))] if len(kinds) > 1 else []
        own += [*_ADDRESS.findall(text.replace("`", " ")), *self._numbered(plain)]
        return {"identifiers": [*code, *own], "names": names, "rare": self._rare(words), "tools": meeting}

    def _rare(self, words: Iterable[str]) -> list[str]:
        return [word for word in words if not self._background.knows(word)]

    def _numbered(self, plain: str) -> list[str]:
        """Return numbered things of the house; a number of a standard, as in `RFC 7519`, is none."""
        found = _NUMBERED.finditer(plain)
        return [match.group() for match in found if not (match[1].isupper() and self._background.is_of_trade(match[1]))]

    def _general_code(self, text: str) -> dict[str, list[str]]:
        """Return the code that holds nothing of the organisation's own: commands, and all other."""
        spans = [span for span in _CODE.findall(text) if not self._background.own_parts(span)]
        commands = [span for span in spans if self._background.is_command(span)]
        return {"code": [span for span in spans if span not in commands], "commands": commands}

    def _names(self, prose: str, mentions: Sequence[ToolMention]) -> Iterator[str]:
        """Return capitalised words inside a sentence that are no product, no abbreviation and not of the trade."""
        products = {word for written in _texts(prose, mentions) for word in _WORD.findall(written)}
        for match in _NAME.finditer(prose):
            words = (word for word in _WORD.findall(match.group()) if word[0].isupper())
            if any(word not in products and not self._is_general(word) for word in words):
                yield match.group()

    def _is_local(self, noun: str) -> bool:
        return noun.casefold() not in _VAGUE and not self._background.is_of_trade(noun)

    def _is_general(self, word: str) -> bool:
        if _ABBREVIATION.fullmatch(word) or _PHRASES["times"].fullmatch(word):
            return True
        return self._background.is_of_trade(word)


def strength(count: int) -> float:
    """Return how much of its weight a sign adds that was seen so many times, from 0 to 1."""
    return 1 - _REPEATED**count


def _is_joined(token: str) -> bool:
    """Return whether a bare token looks like an identifier: a mark inside it, or a hyphen and a number."""
    return bool(_JOINED.search(token)) or ("-" in token and bool(_DIGIT.search(token)))


def _texts(prose: str, mentions: Sequence[ToolMention]) -> list[str]:
    return [prose[mention.start : mention.end] for mention in mentions]


def _once(seen: Iterable[str]) -> tuple[str, ...]:
    return tuple({one.strip().casefold(): one.strip() for one in reversed([*seen])}.values())[::-1]
