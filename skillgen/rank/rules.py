"""Rules: how much of a rule a statement is, by its words alone."""

from __future__ import annotations

import re

from skillgen.model.research import Candidate

_MODAL = re.compile(r"\b(?:must|only|never|always|required|not|no longer|cannot|may not)\b", re.IGNORECASE)
_GATE = re.compile(
    r"\b(?:approv\w+|sign.?off|reviewers?|code owners?|required to|before (?:it|you|the|any)\b"
    r"|only (?:after|then|if|when)|must (?:be|have|not|first)|not (?:allowed|permitted))\b",
    re.IGNORECASE,
)
_FAULT = re.compile(
    r"\b(?:fails?|failed|failure|expires?|expired|overwritten|overwrites?|deleted?|deletes?|killed|lost|missed|missing"
    r"|stuck|hangs?|blocked|locked|breaks?|broken|times? out|rejects?|rejected|errors?|never|cannot|does not)\b",
    re.IGNORECASE,
)
_GATE_WORTH = 0.7
_FAULT_WORTH = 0.7
_BARE_COST = 0.5


def constraint(candidate: Candidate) -> float:
    """Return how much of a rule a candidate is, from -0.5 to 2.4.

    A word of obligation or denial counts half, up to two of them; a gate and a failure 0.7 each. What stands alone as
    code or as a table's row loses 0.5: it seldom says why or when.
    """
    text = candidate.text
    modal = min(len(_MODAL.findall(text)), 2) / 2
    rules = _GATE_WORTH * bool(_GATE.search(text)) + _FAULT_WORTH * bool(_FAULT.search(text))
    return modal + rules - _BARE_COST * (candidate.kind in ("code", "table_row"))
