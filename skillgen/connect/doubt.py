"""What is no statement about today: it denies something, or speaks of what was, might be or is planned."""

from __future__ import annotations

import re

_NEGATED = re.compile(
    r"\b(?:not(?! just| only)|never|no|none|nor|neither|nobody|nothing|cannot|instead|rather than|refuses?|rejects?|"
    r"fails? to|unable|disabled?|switched off|turned off|stops?|stopped|avoid|forbid\w*)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
# To migrate a database's schema is an everyday thing, to migrate from one tool to another is none.
_PAST = re.compile(
    r"\b(?:(?<!is )(?<!are )used to|previously|formerly|historically|originally|in the past|legacy|deprecated|obsolete|"
    r"retired|decommissioned|no longer|was|were|had|has been|have been|old|moved|moving|switch(?:ed|ing)|"
    r"(?<!database )(?<!schema )migrat\w+|"
    r"replac\w+|until (?:19|20)\d\d|back then)\b",
    re.IGNORECASE,
)
# Headings under which nothing is a statement about today.
NOT_TODAY = re.compile(
    r"\b(?:legacy|deprecated|retired|old|former|previous|obsolete|history|proposals?|proposed|planned|future|roadmap|"
    r"ideas?|(?<!database )(?<!schema )migrat\w+|alternatives?)\b",
    re.IGNORECASE,
)
HYPOTHETICAL = re.compile(
    r"\b(?:could|would|might|may|should|can|for (?:example|instance)|an example|e\.g|imagine|suppose|assuming|planned|"
    r"hypothetical\w*|plans? to|planning|propos\w+|consider\w*|eventually|some ?day|one day|in (?:the )?future|ideas?|"
    r"we (?:want|wish)|find out|whether|todo|tbd)\b|\?",
    re.IGNORECASE,
)
# A plan is none either, and says so by one of these words, wherever in a sentence, row or heading they stand.
_PLANNED = re.compile(
    r"\b(?:planned|proposed|proposals?|will be|goals?|aims? to|intend(?:s|ed)? to|roadmap)\b"
    r"|(?:\bnot|n['\u2019]t) yet\b",
    re.IGNORECASE,
)
# The same for the sentences around: "the file will be kept for a day" says nothing of them, "this will be built" does,
# and planned work is an everyday thing.
_PLANNED_BLOCK = re.compile(
    r"\b(?:planned(?! (?:downtimes?|maintenance|outages?|starts?|ends?|windows?|work)\b)|proposed|proposals?|goals?)\b"
    r"|\b(?:this|that|these|it|they|both|all|changes?|set-?up|switch)(?: \w+)?"
    r" (?:will be|(?:is|are) not yet|(?:isn|aren)['\u2019]t yet)\b",
    re.IGNORECASE,
)
_CODE = re.compile(r"`[^`\n]*`")


def is_doubtful(text: str) -> bool:
    """Tell whether a text denies something, or speaks of what was or might be."""
    plain = without_code(text)
    return any(pattern.search(plain) for pattern in (_NEGATED, _PAST, HYPOTHETICAL))


def is_planned(text: str) -> bool:
    """Tell whether a sentence, row or heading speaks of what is planned."""
    return _PLANNED.search(without_code(text)) is not None


def is_planned_block(text: str) -> bool:
    """Tell whether a block says that all of what it says is planned, or may be."""
    return _PLANNED_BLOCK.search(without_code(text)) is not None


def without_code(text: str) -> str:
    """Return the text with blanks for code: a job named `old-sync` runs today."""
    return _CODE.sub(lambda match: " " * len(match.group()), text)
