"""What keeps two statements from being compared: another environment, another time, a case, a page about the past."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from skillgen.model.corpus import Page
from skillgen.model.facts import PageFacts
from skillgen.words import content_stems, words

_ENVIRONMENTS = {
    "production": "prod", "prod": "prod", "prd": "prod", "preprod": "staging", "staging": "staging", "stage": "staging",
    "stg": "staging", "uat": "uat", "acceptance": "uat", "dev": "dev", "development": "dev", "develop": "dev",
    "qa": "qa", "sandbox": "sandbox", "sbx": "sandbox", "preview": "preview", "locally": "dev",
    "laptop": "dev", "canary": "canary", "demo": "demo", "training": "training", "test": "test",
    "testing": "test",
}  # fmt: skip

# Kinds of the same thing that have values of their own: two statements must name the same ones.
_CONTRASTS = frozenset(
    "refresh idle absolute soft hard warning critical initial backfill full incremental emergency hotfix max maximum "
    "minimum manual default free premium trial weekend holiday old new legacy v1 v2 v3 read write admin internal "
    "external primary secondary public private monthly quarterly yearly annual first second next last minor major "
    "patch connect connection statement query lock response client server parent child upstream downstream".split()
)

# What a thing has or does, each with a value of its own: two statements that name some must share one.
_PARTS = frozenset(
    content_stems(
        "token session secret certificate key password cookie cache link lease invitation grant backup log "
        "snapshot artifact message event record file image partition metric trace dump build branch report alert "
        "backup vacuum cleanup restore rotation export import sync check test scan deploy deployment restart "
        "maintenance compaction reindex reminder merge release promotion rollback access delete"
    )
)
_LOCATION = re.compile(r"\b(?:in|on) (?:the )?`?([A-Za-z][\w-]+)", re.IGNORECASE)

_MONTHS = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_OTHER_TIME = re.compile(
    r"\b(?:previously|formerly|used to|originally|in the past|back then|at the time|no longer|was|were|had|"
    rf"(?:until|before|till) (?:the (?:change|move|migration|switch)|{_MONTHS}|20\d\d|recently|now)|"
    r"will be|would|planned|proposal|proposed?|going to|want to|plan to|goal|someday|eventually|in future|draft|todo|"
    r"should (?:become|have been)|instead of|rather than|(?:old|former|earlier|other) page)\b",
    re.IGNORECASE,
)
_CASE = re.compile(
    r"\b(?:except\w*|unless|if|in case|otherwise|exception\w*|override\w*|e\.g|for example|for instance|example|"
    r"such as|suppose|assum\w+|imagine|extend\w*|temporar\w+)\b",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"^\W*(?:but|however|only|when|while|during|hotfix\w*|emergenc\w+|urgent|for (?!the moment))\b"
    r"|\b(?:applies to|apply to|applies for|apply for|special|instead)\b",
    re.IGNORECASE,
)
_OTHER_KIND = re.compile(r"\b(?:old|legacy|deprecated|obsolete|past|planned|future|next year)\b", re.IGNORECASE)
_DATE = re.compile(rf"\b\d{{1,2}}\.? {_MONTHS}\b|\b20\d\d-\d\d-\d\d", re.IGNORECASE)
_UNSURE = re.compile(
    r"\?|\b(?:maybe|perhaps|i think|not sure|people (?:say|think|believe)|myth|wrong(?:ly)?|false)\b", re.IGNORECASE
)
_RECORD_OF_THE_PAST = re.compile(
    r"\b(?:adrs?|decision|decisions|rfcs?|proposals?|minutes|meetings?|retros?|retrospectives?|post-?mortems?|"
    r"incident-(?:report|review)s?|change-?logs?|release[ -]notes|road-?maps?|okrs?|goals|vision|history|plans|news|"
    r"blog|newsletters?|drafts?|templates?|examples?|migration|archive)\b",
    re.IGNORECASE,
)
# A page with a date in its path tells what happened then.
_DATED = re.compile(r"20\d\d-\d\d|/20\d\d/")
_VERSION = re.compile(r"(?:^|[/_-])v?(\d+(?:\.\d+|\.x)+|v\d+)(?=[/_-]|$)")


def is_current(page: Page, facts: PageFacts | None) -> bool:
    """Tell whether a page says how things are now: not a deprecated one, a decision, minutes, a plan or a template."""
    if facts is not None and facts.deprecation is not None:
        return False
    if _DATED.search(page.source):
        return False
    # A file of owners' statements has the decisions that stand now, whatever its name.
    path = PurePosixPath(page.source).parent.as_posix() if page.media == "json" else page.source
    return not _RECORD_OF_THE_PAST.search(f"{path.replace('_', ' ')} {page.title}")


def is_plain(text: str) -> bool:
    """Tell whether a sentence speaks of now and of every case."""
    return not (_OTHER_TIME.search(text) or _UNSURE.search(text) or _CASE.search(text))


def is_about_now(headings: str) -> bool:
    """Tell whether headings speak neither of the past nor of plans, cases and examples."""
    return not (_RECORD_OF_THE_PAST.search(headings) or _OTHER_KIND.search(headings)) and is_plain(headings)


def limits(text: str) -> bool:
    """Tell whether a sentence limits the one beside it to a case, or makes an exception from it."""
    return _CASE.search(text) is not None or _LIMIT.search(text) is not None


def is_dated(text: str) -> bool:
    """Tell whether a text names a day of the year: what happened then, not what always does."""
    return _DATE.search(text) is not None


def environments(text: str) -> frozenset[str]:
    """Return the environments that a text names."""
    return frozenset(_ENVIRONMENTS[word] for word in (word.lower() for word in words(text)) if word in _ENVIRONMENTS)


def contrasts(text: str) -> frozenset[str]:
    """Return the words of a text that tell kinds of the same thing apart."""
    return frozenset(word for word in (word.lower() for word in words(text)) if word in _CONTRASTS)


def parts(text: str) -> frozenset[str]:
    """Return the stems of what a thing has or does that a text speaks of."""
    return _PARTS.intersection(content_stems(text))


def locations(text: str) -> frozenset[str]:
    """Return the words that a text names as where something is."""
    return frozenset(match[1].casefold() for match in _LOCATION.finditer(text))


def may_be_same(one: frozenset[str], two: frozenset[str]) -> bool:
    """Tell whether two sets share something or one of them says nothing."""
    return not one or not two or bool(one & two)


def same_environment(one: frozenset[str], two: frozenset[str]) -> bool:
    """Tell whether neither is about an environment that the other is not; production is what is meant unsaid."""
    if one and two:
        return bool(one & two)
    return (one or two) <= {"prod"}


def same_version(one: str, two: str) -> bool:
    """Tell whether the paths of two pages do not belong to different versions of the documentation."""
    first, second = _VERSION.findall(one), _VERSION.findall(two)
    return not first or not second or first == second
