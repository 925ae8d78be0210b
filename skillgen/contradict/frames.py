"""Frames: sentences read as what is the same in another wording of them, and the value in its place.

Three kinds are read: who does something ("X is approved by Y", "Y approves X"), how long it is done ("X is watched for
20 minutes") and whether it may be ("X is forbidden"). Everything that a sentence says besides its value belongs to its
frame, so that a condition, another thing or another time makes another frame. What is hedged, negated or points to
another sentence is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from skillgen.contradict.attributes import ATTRIBUTES, SCHEDULE, Value
from skillgen.contradict.identifiers import names_of
from skillgen.contradict.values import Amount, durations, name_stems
from skillgen.words import STOP_WORDS, content_stems, words

_FORBIDDEN, _ALLOWED = "forbidden", "allowed"
# "The canary is watched" has as many; of one alone, as in "releases are allowed", anything may be meant.
_MIN_STEMS = 2
_MAX_CHARS = 300


@dataclass(frozen=True, slots=True)
class Frame:
    """What a sentence says without its value: the stems in order, identifiers, and how the value is joined to them.

    `bounds` are the small words that change what is said ("before", "until", "only"), `links` those that mostly do not:
    "deploys on Friday" are "Friday deploys". Where both sides have links, the order of the words counts as well, as in
    "from one to the other".
    """

    order: tuple[str, ...]
    names: frozenset[str]
    joint: str
    bounds: frozenset[str]
    links: frozenset[str]

    @property
    def stems(self) -> frozenset[str]:
        """The stems without their order."""
        return frozenset(self.order)

    @property
    def key(self) -> str:
        """What two frames of the same thing share; no identifier and no word begins like it."""
        return f"= {' '.join(sorted(self.stems))} {self.joint} {' '.join(sorted(self.names))}"

    def matches(self, other: Frame) -> bool:
        """Tell whether both say the same of the same."""
        if self.key != other.key or self.bounds != other.bounds:
            return False
        return not (self.links and other.links) or (self.links, self.order) == (other.links, other.order)


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence's attribute, value and frame; `head` says for a reader what the value is given to."""

    attribute: str
    value: Value
    words: str
    head: str
    frame: Frame


def readings(text: str) -> Iterator[Reading]:
    """Yield what a sentence of the three kinds says; one of another kind gives nothing."""
    plain = " ".join(re.sub(r"\*+|\[\^\w+\]", " ", text).split()).rstrip(".! ")
    if len(plain) > _MAX_CHARS or plain.endswith(":") or _POINTS.search(plain) or _HEDGED.search(plain):
        return
    for read in (_who, _how_long, _whether):
        if (reading := read(plain)) is not None and len(reading.frame.stems) >= _MIN_STEMS:
            yield reading
            return


_POINTS = re.compile(
    r"^(?:it|they|he|she|both|some|most|many|others?)\b"
    r"|\b(?:this|that|these|those|such|same|its|their|other|others|another|former|latter|above|below|following|here|"
    r"there|which|who)\b",
    re.IGNORECASE,
)
_HEDGED = re.compile(
    r"\b(?:usually|normally|typically|generally|often|sometimes|mostly|currently|but|however|should|could|might)\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"\b(?:not|never|no|nobody|none|neither|nor|cannot|without)\b|n['\u2019]t\b", re.IGNORECASE)
_LINKS = frozenset("from to on in of for by at".split())
_EMPTY = frozenset("a an the is are be must has have our we you your all any i do does then very also".split())
# Reasons and what comes next say nothing about when the sentence holds.
_AFTERTHOUGHT = re.compile(r"(?:,\s*|\s)(?:so|because|since|then)\b.*", re.IGNORECASE | re.DOTALL)
_NO_DIFFERENCE = frozenset(content_stems("always then strictly please anyone anybody everyone everybody anything"))


def _frame(*said: str, joint: str) -> Frame:
    text = " ".join(said)
    order = tuple(stem for stem in content_stems(text) if stem not in _NO_DIFFERENCE)
    small = STOP_WORDS.intersection(map(str.casefold, words(text))) - _EMPTY
    return Frame(order, names_of(text), joint, small - _LINKS, small & _LINKS)


# -- who -----------------------------------------------------------------------------------------------------------

_VERBS = {
    "decided": "decision on",
    "approved": "approval of",
    "signed off": "approval of",
    "authorized": "approval of",
    "authorised": "approval of",
    "granted": "grant of",
    "reviewed": "review of",
    "triggered": "trigger of",
    "owned": "owner of",
    "maintained": "owner of",
    "run": "owner of",
    "looked after": "owner of",
}
# Of "reviews", "grants" and "triggers" a sentence does not tell whether they are verbs.
_DOING = {
    "decides": "decided",
    "decide": "decided",
    "approves": "approved",
    "approve": "approved",
    "signs off": "signed off",
    "owns": "owned",
    "maintains": "maintained",
    "looks after": "looked after",
}
_DONE_BY = re.compile(
    r"(?P<thing>[^.,;:()]{3,80}?) (?:is|are|gets?|(?:must|has to|have to|needs? to|is to|are to)(?: always)? be) "
    rf"(?:always |only )?(?P<verb>{'|'.join(_VERBS)})(?: on| upon)?(?: only)? by "
    r"(?P<who>[^.,;:()]{2,80})(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_NAME_WORD = r"(?!to\b)[\w&-]{1,30}"
_DOES = re.compile(
    rf"(?P<who>(?:{_NAME_WORD} ){{0,4}}?{_NAME_WORD}) (?:always )?(?P<verb>{'|'.join(_DOING)})(?: on| upon)? "
    r"(?P<thing>[^.,;:()]{3,80})(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_WHO_ENDS = re.compile(
    r"\s(?:within|in|for|during|after|before|when|while|at|with|via|until|till|through|from|to|into|on|once|using|as|so|"
    r"because|since|then)\s",
    re.IGNORECASE,
)
# "A director", "two engineers" or "hand" leave room for whom another page names; a preposition begins something else.
_NO_ONE = re.compile(
    r"(?:an?|any|each|every|either|one|two|three|some\w*|hand|human\w*|people|default|at|in|on|for|during|after|before|"
    r"if|when|with|under|to)\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"(?:the|our)\s", re.IGNORECASE)


def _who(text: str) -> Reading | None:
    """Read who does something; the active voice is read as the passive."""
    match = _DONE_BY.fullmatch(text) or _DOES.fullmatch(text)
    if match is None or _NEGATED.search(text):
        return None
    verb = _DOING.get(match["verb"].lower(), match["verb"].lower())
    who = _ARTICLE.sub("", re.sub(r"\bon call\b", "on-call", match["who"], flags=re.IGNORECASE).strip(), count=1)
    who, _, rest = _cut(who, _WHO_ENDS)
    thing = _without_article(match["thing"])
    if not name_stems(who) or _NO_ONE.match(who) or len(content_stems(thing)) < _MIN_STEMS:
        return None
    frame = _frame(thing, _AFTERTHOUGHT.sub("", f"{rest}{match['rest']}"), joint=_VERBS[verb])
    attribute = "owner" if _VERBS[verb] == "owner of" else _VERBS[verb].split()[0]
    return Reading(attribute, name_stems(who), who, f"{_VERBS[verb]} {thing}", frame)


def _cut(text: str, at: re.Pattern[str]) -> tuple[str, str, str]:
    match = at.search(text)
    return (text[: match.start()], match.group(), text[match.start() :]) if match else (text, "", "")


def _without_article(text: str) -> str:
    """Return the text without what a sentence may begin with, its first word in lower case unless it may be a name."""
    return _uncapitalised(re.sub(r"^(?:the|an?|our|all|any)\s", "", text.strip(), flags=re.IGNORECASE))


def _uncapitalised(text: str) -> str:
    first, space, rest = text.partition(" ")
    return f"{first.lower()}{space}{rest}" if first.lower() in STOP_WORDS else text


# -- how long ------------------------------------------------------------------------------------------------------

_JOINED = re.compile(
    r"\b(?P<joint>for|within|after|every)(?P<bound>\s(?:at least|at most|a minimum of|a maximum of|up to|exactly|"
    r"no (?:more|longer) than|more than))?\s$",
    re.IGNORECASE,
)
_HOW = {"for": "how long", "within": "within how long", "after": "after how long", "every": "how often"}
_BE = re.compile(r"\b(?:is|are|be|gets?|stays?|remains?)\b", re.IGNORECASE)
_ONE_CLAUSE = re.compile(r"[^,;:()]{3,80}")
_PAST = re.compile(r"\b\w{2,}ed\b", re.IGNORECASE)


def _how_long(text: str) -> Reading | None:
    """Read for, within or after how long something is done, or how often; what was done once is not read."""
    every = durations(text)
    if len(every) != 1 or _NEGATED.search(text):
        return None
    before, after = text[: every[0].start], text[every[0].end :]
    joined = _JOINED.search(before)
    if joined is None or (_PAST.search(before) and not _BE.search(before)):
        return None
    doing = before[: joined.start()].rstrip()
    if not _ONE_CLAUSE.fullmatch(doing):
        return None
    frame = _frame(doing, _AFTERTHOUGHT.sub("", after), joint=" ".join(joined.group().lower().split()))
    cues = (each.name for each in ATTRIBUTES if each is not SCHEDULE and each.cue.search(text))
    head = f"{_HOW[joined['joint'].lower()]} {_uncapitalised(doing)}"
    return Reading(next(cues, "duration"), _exact(every[0]), every[0].words, head, frame)


def _exact(amount: Amount) -> Amount:
    """Return a bound as the amount that it names: both sides of a comparison have the same sort of bound."""
    if amount.high == float("inf"):
        return replace(amount, high=amount.low)
    return replace(amount, low=amount.high) if amount.low == 0 else amount


# -- whether -------------------------------------------------------------------------------------------------------

# The rest of one clause; a colon only within a time of day.
_REST = r"(?:[^;:()]|(?<=\d):(?=\d\d)){0,100}"
_SAYS = re.compile(
    r"(?P<no>no )?(?P<thing>[^.,;:()]{3,80}?)(?: (?:is|are|remains?|stays?)|:) (?:always |strictly )?"
    rf"(?P<says>(?:not |never )?(?:allowed|permitted)|forbidden|prohibited|banned|disallowed)\b(?P<rest>{_REST})",
    re.IGNORECASE,
)
_MUST_NOT = re.compile(
    rf"(?P<thing>[^.,;:()]{{2,60}}?) (?P<says>must not|must never)\b(?P<rest> {_REST})",
    re.IGNORECASE,
)
# Of a thing "may" says what can happen, of a person what is allowed, unless it is a mishap.
_MAY = re.compile(
    r"(?:(?P<thing>you|anyone|anybody|everyone|everybody)|(?P<no>nobody|no one)) (?P<says>may)\b"
    rf"(?P<rest> (?!(?:lose|see|get|need|want|find|have|notice|encounter|miss|experience|receive|be)\b){_REST})",
    re.IGNORECASE,
)
_NEVER = re.compile(rf"(?P<says>never|do not|don['\u2019]t)(?P<thing>)(?P<rest> {_REST})", re.IGNORECASE)
_NONE = re.compile(
    r"(?P<says>no) (?!one\b|longer\b|more\b)(?P<thing>[\w-]+(?: [\w-]+){0,2})(?P<rest> (?:on|during) [\w ]{3,40})",
    re.IGNORECASE,
)
_TIME_OF_DAY = (
    r"(?:\d{1,2}:\d\d(?:\s?[ap]\.?m\b\.?)?|\d{1,2}\s?[ap]\.?m\b\.?|noon|midnight)(?: (?:utc|gmt|ce?s?t|local))?"
)
_CLOCK_BOUND = re.compile(
    rf",? ?\b(?P<bound>(?:until|till|before|up to|from|after|between) {_TIME_OF_DAY}(?: and {_TIME_OF_DAY})?)(?!\w)",
    re.IGNORECASE,
)
_PERMITS = ("allowed", "permitted", "may")


def _whether(text: str) -> Reading | None:
    """Read whether something may be done: until a time of day it may be allowed, but not forbidden."""
    tried = (pattern.fullmatch(text) for pattern in (_SAYS, _MUST_NOT, _MAY, _NONE, _NEVER))
    match = next((found for found in tried if found), None)
    if match is None:
        return None
    groups = match.groupdict()
    thing, says, rest = groups["thing"] or "", groups["says"].lower(), _AFTERTHOUGHT.sub("", groups["rest"])
    bound = _CLOCK_BOUND.search(rest)
    forbids = says not in _PERMITS or bool(groups.get("no"))
    twice = groups.get("no") and says not in _PERMITS
    if twice or (forbids and bound) or _NEGATED.search(f"{thing} {rest}"):
        return None
    rest = _CLOCK_BOUND.sub("", rest, count=1)
    value = _FORBIDDEN if forbids else _ALLOWED
    said = f"{value} {bound['bound']}" if bound else value
    head = f"permission for {_without_article(f'{thing} {rest}'.strip())}"
    return Reading(
        "permission", frozenset({value}), said, " ".join(head.split()), _frame(thing, rest, joint="permission")
    )
