"""How the state and the support of a claim are shown, and by what claims can be filtered."""

from __future__ import annotations

from collections.abc import Mapping

from skillgen.model.decision import State
from skillgen.model.draft import Support

# Below it the signs that anybody may say the same outweigh those of this organisation: delta is a share of 0 to 1.
LOW_DELTA = 0.5
FILTERS = (
    ("all", "All"),
    ("undecided", "Undecided"),
    ("changed", "Evidence changed"),
    ("contradicted", "Contradicted"),
    ("weak", "Weak support"),
    ("low", "Low delta"),
    ("believed", "Believed otherwise"),
    ("body", "In SKILL.md"),
    ("decided", "Decided"),
)
STATES: Mapping[State, tuple[str, str]] = {
    "undecided": ("○", "Undecided"),
    "accepted": ("✓", "Accepted"),
    "edited": ("✎", "Edited"),
    "rejected": ("✕", "Rejected"),
    "asked": ("?", "Owner asked"),
    "evidence changed": ("↻", "Evidence changed"),
}
OPEN_STATES: frozenset[State] = frozenset({"undecided", "evidence changed"})
SUPPORT: Mapping[Support, str] = {
    "supported": "Word for word in the source",
    "partial": "Not word for word in the source",
    "unsupported": "Says more than the source",
    "contradicted": "The source says otherwise",
}
