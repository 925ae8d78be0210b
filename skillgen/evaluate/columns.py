"""Columns: which heading of a table's column asks for what, and the question in plain English.

`{s}` stands for the row's subject. A heading that is not listed gives no question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from skillgen.model.evaluation import TaskKind

Answer = Literal["values", "timing", "code", "needs", "name"]


@dataclass(frozen=True, slots=True)
class Column:
    """What a column's heading asks: the kind of task, which forms of answer it may have, and the question."""

    heading: re.Pattern[str]
    kind: TaskKind
    answers: tuple[Answer, ...]
    question: str


def _column(heading: str, kind: TaskKind, answers: tuple[Answer, ...], question: str) -> Column:
    return Column(re.compile(rf"(?:{heading})", re.IGNORECASE), kind, answers, question)


COLUMNS: tuple[Column, ...] = (
    _column(r"starts?|start time|begins?", "schedule", ("timing",), "When does {s} start?"),
    _column(r"due|done by|latest end|deadline", "schedule", ("timing",), "By when must {s} be done?"),
    _column(r"at most until|waits? until", "schedule", ("timing",), "Until when does {s} wait at most?"),
    _column(r"runs|schedule|runs at", "schedule", ("timing",), "When does {s} run?"),
    _column(r"how often|frequency|interval", "schedule", ("timing",), "How often does {s} run?"),
    _column(r"acknowledge within", "value", ("values",), "Within what time must {s} be acknowledged?"),
    _column(r"lives|lifetime|ttl|valid(?:ity| for)?", "value", ("values",), "How long is {s} valid?"),
    _column(r"token lives|token lifetime|token ttl", "value", ("values",), "How long does a token of {s} live?"),
    _column(r"for how long", "value", ("values",), "For how long does {s} last?"),
    _column(r"time-?out|time limit|kills after", "value", ("values",), "What is the time limit of {s}?"),
    _column(r"kept|kept for|retention|retained for", "value", ("values",), "How long is {s} kept?"),
    _column(r"duration|takes", "value", ("values",), "How long does {s} take?"),
    _column(r"owner|owned by|responsible|looked after by", "owner", ("name",), "Who is the owner of {s}?"),
    _column(r"stand-in|deputy", "owner", ("name",), "Who is the stand-in for {s}?"),
    _column(r"squad|team", "owner", ("name",), "Which {h} is responsible for {s}?"),
    _column(r"approved by|approver|who approves|approval", "owner", ("name", "code"), "Who approves {s}?"),
    _column(r"who says yes", "owner", ("name",), "Who has to agree to {s}?"),
    _column(r"who may ask", "owner", ("name",), "Who may ask for {s}?"),
    _column(r"written by", "owner", ("name", "code"), "Who or what writes {s}?"),
    _column(r"(?:renewed|rotated|changed) by", "owner", ("name", "code"), "Who or what renews {s}?"),
    _column(r"signs in with|identity", "credential", ("code",), "With which identity does {s} sign in?"),
    _column(r"(?:vault|snowflake|database|iam|jwt|aws) role", "credential", ("code",), "Which {h} does {s} use?"),
    _column(r"waits for|needs|depends on", "order", ("needs",), "What does {s} wait for?"),
    _column(r"stage", "order", ("name", "code"), "In which stage does {s} run?"),
    _column(r"repository|repo", "value", ("code",), "Which repository holds {s}?"),
    _column(r"location|stored in|kept in", "value", ("code",), "Where is {s} kept?"),
    _column(
        r"database|schema|namespace|cluster|queue|slot|mount|aws account|image|topic",
        "value",
        ("code",),
        "Which {h} belongs to {s}?",
    ),
    _column(r"channel(?: \(\w+\))?|slack|mattermost", "value", ("code",), "Which channel does {s} use?"),
)

# Columns of a table whose rows say which party signs in to which.
CROSSING: tuple[Column, ...] = (
    _column(
        r"identity|as|account|user|role",
        "credential",
        ("code",),
        "Which identity does {f} use when it signs in to {t}?",
    ),
    _column(
        r"kept in|where|stored in", "credential", ("code",), "Where is the credential kept that {f} uses to reach {t}?"
    ),
    _column(
        r"lifetime|lives|ttl|valid(?: for)?",
        "credential",
        ("values",),
        "How long does the credential live that {f} uses to reach {t}?",
    ),
    _column(
        r"(?:renewed|rotated|changed) by",
        "owner",
        ("code", "name"),
        "Who or what renews the credential that {f} uses to reach {t}?",
    ),
)
CROSSES = (re.compile(r"from|caller|client", re.IGNORECASE), re.compile(r"to|called|server", re.IGNORECASE))

# Headings of a first column that name no kind of thing.
NAMELESS = re.compile(
    r"|name|what|thing|property|key|field|#|item|value|who|when|label|letter|#?\d*|wave", re.IGNORECASE
)
_PLAIN_NOUN = re.compile(r"[A-Za-z][a-z]+(?: [a-z]+)?|[A-Z]{2,5}")
# First columns whose cells stand for no one thing that could be asked about.
UNASKABLE = re.compile(
    r"what you see|mail says|mistake|first red task|retained wal|age of .*|range|days?|severity|after|reason|state|"
    r"step|action|ask|to whom|wave|nak|within|letter|value|class|classes|tier|method|source",
    re.IGNORECASE,
)


# Columns that are environments: such a table's first column names what is asked, not what it is asked of.
ENVIRONMENTS = frozenset({"dev", "test", "uat", "stage", "staging", "prod", "prd", "live", "production"})


def column_for(heading: str, columns: tuple[Column, ...] = COLUMNS) -> Column | None:
    """Return what a column asks, by its heading; what stands in parentheses does not count."""
    plain = re.sub(r"\s*\([^)]*\)", "", heading.replace("`", "")).strip()
    return next((one for one in columns if one.heading.fullmatch(plain)), None)


def noun_of(heading: str) -> str:
    """Return what a first column's heading calls its things, as it stands in a sentence; empty where it names none."""
    plain = re.sub(r"\s*\([^)]*\)", "", heading.replace("`", "")).strip()
    if NAMELESS.fullmatch(plain) or not _PLAIN_NOUN.fullmatch(plain):
        return ""
    return plain if plain.isupper() else plain.casefold()
