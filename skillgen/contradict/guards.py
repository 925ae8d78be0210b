"""What keeps two statements from being compared: another environment, another time, a case, a page about the past."""

from __future__ import annotations

import re

from skillgen.model.corpus import Page
from skillgen.model.facts import PageFacts
from skillgen.words import words

_ENVIRONMENTS = {
    "production": "prod", "prod": "prod", "prd": "prod", "preprod": "staging", "staging": "staging", "stage": "staging",
    "stg": "staging", "uat": "uat", "acceptance": "uat", "dev": "dev", "development": "dev", "develop": "dev",
    "qa": "qa", "sandbox": "sandbox", "sbx": "sandbox", "preview": "preview", "local": "dev", "locally": "dev",
    "laptop": "dev", "ci": "ci", "canary": "canary", "demo": "demo", "training": "training", "test": "test",
    "testing": "test",
}  # fmt: skip

# Kinds of the same thing that have values of their own: two statements must name the same ones.
_CONTRASTS = frozenset(
    "refresh idle absolute soft hard warning critical initial backfill full incremental emergency hotfix break-glass "
    "manual default free premium trial weekend holiday old new legacy v1 v2 v3 read write admin internal external "
    "primary secondary public private monthly quarterly yearly annual first second next last minor major patch "
    "parent child upstream downstream".split()
)

_OTHER_TIME = re.compile(
    r"\b(?:previously|formerly|used to|originally|in the past|back then|at the time|no longer|was|were|had|"
    r"(?:until|before|till) (?:the (?:change|move|migration|switch)|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|"
    r"20\d\d|recently|now)|will be|would|planned|proposal|proposed?|going to|want to|plan to|goal|someday|eventually|"
    r"should (?:become|have been)|in future|draft|todo|instead of|rather than|(?:old|former|earlier|other) page)\b",
    re.IGNORECASE,
)
_CASE = re.compile(
    r"\b(?:except\w*|unless|if|in case|otherwise|exception\w*|override\w*|e\.g|for example|for instance|example|such as|"
    r"suppose|assum\w+|imagine|extend\w*|temporar\w+)\b",
    re.IGNORECASE,
)
_UNSURE = re.compile(r"\?|\b(?:maybe|perhaps|i think|not sure|people (?:say|think|believe)|myth|wrong(?:ly)?|false)\b", re.I)
_RECORD_OF_THE_PAST = re.compile(
    r"\b(?:adrs?|decision|decisions|rfcs?|proposals?|minutes|meetings?|retros?|retrospectives?|post-?mortems?|"
    r"incident-(?:report|review)s?|change-?logs?|release[ -]notes|road-?maps?|okrs?|goals|vision|history|plans|news|"
    r"blog|newsletters?|drafts?|templates?|examples?|migration|archive)\b",
    re.IGNORECASE,
)
_VERSION = re.compile(r"(?:^|[/_-])v?(\d+(?:\.\d+|\.x)+|v\d+)(?=[/_-]|$)")


def is_current(page: Page, facts: PageFacts | None) -> bool:
    """Tell whether a page says how things are now: not a deprecated one, a decision, minutes, a plan or a template."""
    if facts is not None and facts.deprecation is not None:
        return False
    return not _RECORD_OF_THE_PAST.search(f"{page.source.replace('_', ' ')} {page.title}")


def is_plain(text: str) -> bool:
    """Tell whether a sentence speaks of now and of every case."""
    return not (_OTHER_TIME.search(text) or _UNSURE.search(text) or _CASE.search(text))


def environments(text: str) -> frozenset[str]:
    """Return the environments that a text names."""
    return frozenset(_ENVIRONMENTS[word] for word in (word.lower() for word in words(text)) if word in _ENVIRONMENTS)


def contrasts(text: str) -> frozenset[str]:
    """Return the words of a text that tell kinds of the same thing apart."""
    return frozenset(word for word in (word.lower() for word in words(text)) if word in _CONTRASTS)


def same_environment(one: frozenset[str], two: frozenset[str]) -> bool:
    """Tell whether neither is about an environment that the other is not; production is what is meant unsaid."""
    if one and two:
        return bool(one & two)
    return (one or two) <= {"prod"}


def same_version(one: str, two: str) -> bool:
    """Tell whether the paths of two pages do not belong to different versions of the documentation."""
    first, second = _VERSION.findall(one), _VERSION.findall(two)
    return not first or not second or first == second
