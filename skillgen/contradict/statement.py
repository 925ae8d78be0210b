"""The record of a statement, and the place in a page where one stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from skillgen.contradict.attributes import Value
from skillgen.contradict.frames import Reading
from skillgen.contradict.guards import contrasts, environments, locations, parts
from skillgen.contradict.identifiers import names_of, without_identifiers
from skillgen.contradict.values import Amount, Schedule, same_name
from skillgen.model.corpus import FILLER, Block, Page, Span
from skillgen.words import content_stems

MIN_QUOTE_CHARS = 20
MAX_QUOTE_CHARS = 400

# Words that every statement of an attribute has say nothing about its subject.
_EMPTY = frozenset(
    content_stems(
        "approve approval approver approved require requires required need needs want wants valid good live lives "
        "expire expires lifetime kept keep keeps retention run runs start starts schedule retry retries timeout owner "
        "own owned long many one two three four five six seven eight nine ten second seconds minute minutes hour hours "
        "day days week weeks month months year years enough someone am pm"
    )
)
_PAGE_WORDS = frozenset(content_stems("guide page runbook overview handbook readme docs documentation how team faq"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One attribute of one thing as one place gives it.

    `named` are the identifiers said to have the attribute, `about` further ones of the sentence, the one before and
    the headings. `said` are the stems of the sentence or row without the attribute's own words, `subject` those of
    them that stand before the value, `context` those of title, headings, block and lead-in. `contrasts`, `parts` and
    `locations` tell one kind, part or place of the thing from others. `words` is the value as written. `reading` is
    the whole sentence as value and frame, where it is compared as such, and `scope` what may limit it to one thing.
    """

    attribute: str
    value: Value
    words: str
    named: frozenset[str]
    about: frozenset[str]
    subject: frozenset[str]
    said: frozenset[str]
    context: frozenset[str]
    headings: frozenset[str]
    environments: frozenset[str]
    contrasts: frozenset[str]
    parts: frozenset[str]
    locations: frozenset[str]
    page: Page
    block: Block
    start: int
    end: int
    reading: Reading | None = None
    scope: frozenset[str] = frozenset()

    @property
    def in_table(self) -> bool:
        """Whether it stands in a table."""
        return self.block.kind == "table_row"

    @property
    def known(self) -> frozenset[str]:
        """The stems of all that says what it is about."""
        return self.subject | self.said | self.context

    def differs(self, other: Statement) -> bool:
        """Tell whether the two values cannot both hold."""
        mine, its = self.value, other.value
        if isinstance(mine, Amount) and isinstance(its, Amount):
            return mine.differs(its)
        if isinstance(mine, Schedule) and isinstance(its, Schedule):
            return mine.differs(its)
        if not isinstance(mine, frozenset) or not isinstance(its, frozenset):
            return False
        return not mine & its and not same_name(self.words, other.words)


@dataclass(frozen=True)
class Place:
    """A block with the text that leads to it, or nothing."""

    page: Page
    block: Block
    lead: str

    @cached_property
    def headings(self) -> str:
        """The page's title and the headings above the block."""
        return " > ".join(dict.fromkeys((self.page.title, *self.block.heading_path)))

    @cached_property
    def identifiers(self) -> frozenset[str]:
        """The identifiers of headings and lead."""
        return names_of(self.headings, loose=True) | names_of(self.lead)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of headings, lead and block."""
        text = " ".join(span.text for span in self.block.spans)
        return frozenset(content_stems(f"{self.headings} {self.lead} {text}"))

    def quoted(self, before: Span | None, span: Span, *, wide: bool) -> tuple[int, int] | None:
        """Return the range to quote: the sentence, with the one before if it names the thing or this one is short."""
        start, end = span.start, span.end
        if before is not None and (wide or end - start < MIN_QUOTE_CHARS) and end - before.start <= MAX_QUOTE_CHARS:
            start = before.start
        return self._fitting(start, end)

    def whole(self) -> tuple[int, int] | None:
        """Return the range of the whole block, if it may be quoted."""
        return self._fitting(self.block.spans[0].start, self.block.spans[-1].end)

    def _fitting(self, start: int, end: int) -> tuple[int, int] | None:
        if not MIN_QUOTE_CHARS <= end - start <= MAX_QUOTE_CHARS or FILLER in self.page.text[start:end]:
            return None
        return start, end


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was read of a statement: its value and what it is said of.

    `text` is the part that holds conditions and environments, `subject` the words that tell what it is said of.
    """

    attribute: str
    value: Value
    words: str
    named: frozenset[str]
    about: frozenset[str]
    subject: str
    text: str
    reading: Reading | None = None
    scope: frozenset[str] = frozenset()


def stated(place: Place, said: Said, quoted: tuple[int, int] | None) -> Iterator[Statement]:
    """Yield the statement, unless no quote of a fitting size holds it."""
    if quoted is None:
        return
    words = without_identifiers(said.text)
    yield Statement(
        attribute=said.attribute,
        value=said.value,
        words=said.words,
        named=said.named,
        about=said.about - said.named,
        subject=telling_stems(said.subject),
        said=telling_stems(said.text),
        context=place.stems,
        environments=environments(said.text) or environments(place.headings),
        headings=telling_stems(place.headings) - _PAGE_WORDS,
        contrasts=contrasts(words),
        parts=parts(words),
        locations=locations(said.text) if isinstance(said.value, Amount) else frozenset(),
        page=place.page,
        block=place.block,
        start=quoted[0],
        end=quoted[1],
        reading=said.reading,
        scope=said.scope,
    )


def telling_stems(text: str) -> frozenset[str]:
    """Return the stems of a text that say what it is about: no numbers, no words that all such statements have."""
    return frozenset(stem for stem in content_stems(text) if not stem.isdigit()) - _EMPTY
