"""What arms are given: a placebo of the skill's length, passages within its length, the skill without its best claims.

Lengths are in tokens of four characters, as everywhere where no tokenizer is at hand.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from skillgen.evaluate.grounding import ground
from skillgen.evaluate.statements import SOURCES_FILE, statements_of
from skillgen.model.draft import Claim
from skillgen.model.evaluation import Statement
from skillgen.words import squeezed

_CHARS_A_TOKEN = 4
# A cut goes back to the end of a word at most so far, a share of the whole.
_CUT_BACK = 0.01
_REFERENCES = re.compile(r"^## References\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?\n---[ \t]*\n", re.DOTALL)
_LEAD = re.compile(r"^- \*\*.*\*\*$")
# A placebo that shares this share of its statements with the pages comes from them: two organisations that write about
# the same tools share none of our three sample corpora (2026-11-23).
SAME_CORPUS = 0.1
_SHORTEST_STATEMENT = 25


def text_tokens(text: str) -> int:
    """Return the length of a text in tokens of four characters, rounded up."""
    return math.ceil(len(text) / _CHARS_A_TOKEN)


def fitted(text: str, tokens: int) -> str:
    """Return a text cut, or repeated and cut, to a length in tokens; words stay whole where that costs under 1 %.

    Raises:
        ValueError: the text is empty.
    """
    if not text.strip():
        raise ValueError("an empty text cannot be made longer")
    wanted = tokens * _CHARS_A_TOKEN
    whole = text
    while len(whole) < wanted:
        whole += f"\n\n{text}"
    cut = whole[:wanted]
    end = cut.rstrip().rfind(" ")
    return cut[:end] if len(whole) > wanted and end >= wanted * (1 - _CUT_BACK) else cut


def placebo_text(skill: str) -> str:
    """Return a SKILL.md without its front matter and its list of references, which a placebo does not have."""
    return _REFERENCES.sub("", _FRONT_MATTER.sub("", skill, count=1)).strip() + "\n"


def shared_with(text: str, pages: Iterable[str]) -> float:
    """Return the share of a SKILL.md's statements that stand word for word on pages (0 to 1); 0 without any."""
    said = [squeezed(re.sub(r"^[^:]*:", "", one.text)) for one in statements_of({"SKILL.md": text})]
    long = [one for one in said if len(one) >= _SHORTEST_STATEMENT]
    held = "\n".join(squeezed(page) for page in pages)
    return sum(one in held for one in long) / len(long) if long else 0.0


# -- passages ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPassage:
    """A passage as an arm is shown it: where it stands, and its words."""

    source: str
    heading_path: tuple[str, ...]
    text: str

    @property
    def shown(self) -> str:
        """The passage under a line that says where it stands."""
        return f"[{' > '.join((self.source, *self.heading_path))}]\n{self.text.strip()}"


def passages_within(passages: Sequence[ShownPassage], tokens: int) -> tuple[ShownPassage, ...]:
    """Return the passages, best first, that together are at most so many tokens; one that is too long is left out."""
    taken: list[ShownPassage] = []
    left = tokens * _CHARS_A_TOKEN
    for passage in passages:
        length = len(passage.shown) + 2
        if length <= left:
            taken.append(passage)
            left -= length
    return tuple(taken)


def passages_text(passages: Sequence[ShownPassage]) -> str:
    """Return passages as one text."""
    return "\n\n".join(passage.shown for passage in passages)


# -- files -------------------------------------------------------------------------------------------------------------


def readable(files: Mapping[str, str]) -> dict[str, str]:
    """Return the reference files of a package that are worth reading, by name: not the list of sources."""
    return {
        path.removeprefix("references/"): text
        for path, text in sorted(files.items())
        if path.startswith("references/") and path != SOURCES_FILE
    }


def shown_files(files: Sequence[tuple[str, str]], chars: int) -> tuple[tuple[str, str], ...]:
    """Return (name, text) of files that together have at most so many characters, cut at the end of a line."""
    if sum(len(text) for _, text in files) <= chars:
        return tuple(files)
    share = chars // max(1, len(files))
    return tuple((name, text if len(text) <= share else _cut(text, share)) for name, text in files)


def _cut(text: str, chars: int) -> str:
    return f"{text[:chars].rpartition(chr(10))[0]}\n(cut here: the file is longer)\n"


# -- ablation ----------------------------------------------------------------------------------------------------------


def most_important(claims: Iterable[Claim], share: float) -> tuple[Claim, ...]:
    """Return a share of a body's claims: those that answer most questions, then those that say most that is new."""
    body = [claim for claim in claims if claim.in_body]
    ranked = sorted(body, key=lambda one: (-len(one.facets) - len(one.also_answers), -one.delta, one.id))
    return tuple(ranked[: math.ceil(share * len(body))])


def without_claims(files: Mapping[str, str], claims: Sequence[Claim], removed: Iterable[Claim]) -> dict[str, str]:
    """Return a package's files without the lines of some claims, and of all claims that cite the same words.

    Args:
        files: SKILL.md and the references, by path.
        claims: The claims of the draft.
        removed: Those that are taken out.
    """
    lines = {path: text.split("\n") for path, text in files.items()}
    for one in _said_of(files, claims, removed):
        lines[one.file][one.line - 1 : one.last] = ["\0"] * (one.last - one.line + 1)
    return {path: "\n".join(_tidy([line for line in held if line != "\0"])) for path, held in lines.items()}


def _said_of(files: Mapping[str, str], claims: Sequence[Claim], removed: Iterable[Claim]) -> list[Statement]:
    """Return the statements that are one of the removed claims, cite the same words, or show only their places."""
    gone = {claim.id for claim in claims if any(_cite_the_same(claim, one) for one in removed)}
    statements = statements_of(files)
    grounded = ground(statements, claims, statements)
    said = [one.statement for one in grounded if one.claim is not None and one.claim.id in gone]
    kept = [one.statement for one in grounded if one.claim is not None and one.claim.id not in gone]
    shown = {marker for one in said for marker in one.markers} - {marker for one in kept for marker in one.markers}
    copies = [one.statement for one in grounded if one.claim is None and one.statement.markers]
    return said + [one for one in copies if shown.issuperset(one.markers)]


def _cite_the_same(claim: Claim, other: Claim) -> bool:
    return claim.id == other.id or any(
        one.source == two.source and one.start < two.end and two.start < one.end
        for one in claim.citations
        for two in other.citations
    )


def _tidy(lines: Sequence[str]) -> list[str]:
    """Return lines without leads that nothing follows any more."""
    return [
        line
        for number, line in enumerate(lines)
        if not _LEAD.match(line) or (number + 1 < len(lines) and lines[number + 1].startswith("  "))
    ]
