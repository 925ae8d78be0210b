"""Records of the draft: everything known about one skill before it is rendered.

The JSON form of `Draft` is a contract that other tools read; `docs/draft.schema.json` is generated from these records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from skillgen.model.belief import Belief, DeltaShare

Status = Literal["answered", "partial", "unanswered"]
Support = Literal["supported", "partial", "unsupported", "contradicted"]

SCHEMA: Literal["skillgen.draft/1"] = "skillgen.draft/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A quote and where it stands: `text[start:end] == quote` in the source decoded as strict UTF-8.

    `lines` are 1-based and inclusive; `source_sha256` is of the file's bytes.
    """

    source: str
    start: int
    end: int
    lines: tuple[int, int]
    heading_path: tuple[str, ...]
    quote: str
    source_sha256: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether the quotes carry the claim, why, and which checker says so."""

    support: Support
    reason: str
    checker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearness:
    """How like a claim's passage is to a facet read with its question: the cosine of their embeddings, from -1 to 1."""

    facet: str
    cosine: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A place in a text (in code points) at which something begins, and how deep it is listed below what it is part of.

    The depth is 0 for what is a part of nothing before it, and 1 for an item of a list whose lead-in stands before it.
    """

    at: int
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One self-contained statement of at most 60 words with the quotes that carry it.

    `lead` is the opening of `text` that a skill may say once above a group of claims, `breaks` are the places in `text`
    at which a further item, row or paragraph of the pages begins.
    `facets` are those it answers, best first; `also_answers` are ids of further questions. `delta` is how far it goes
    beyond what a model knows, from 0 to 1, and `delta_reason` by which signs. `near` holds the facet that its passage
    is nearest to and all others that a grade may rest on, nearest first; it is empty where an embedding model is used
    whose cosines no grade is made for. `belief` is None where no chat model was asked what it knows.
    """

    id: str
    text: str
    lead: str
    facets: tuple[str, ...]
    also_answers: tuple[str, ...]
    in_body: bool
    delta: float
    verdict: Verdict
    citations: tuple[Citation, ...]
    also_cited: tuple[Citation, ...] = ()
    delta_reason: str = ""
    near: tuple[Nearness, ...] = ()
    belief: Belief | None = None
    breaks: tuple[Break, ...] = ()

    @property
    def own_text(self) -> str:
        """The text without its lead."""
        return self.text.removeprefix(self.lead).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetGrade:
    """A facet of a question with how far verified claims answer it: 0, 0.5 or 1."""

    id: str
    text: str
    grade: float
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What was asked of the indexes for a question and how much came back."""

    queries: tuple[str, ...]
    passages: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A question of a brief with its facets' grades and the claims that answer it."""

    question_id: str
    number: str
    question: str
    status: Status
    facets: tuple[FacetGrade, ...]
    claims: tuple[Claim, ...]
    searched: Searched


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetScore:
    """A coverage target's score: the mean grade of the facets mapped to it."""

    id: str
    text: str
    score: float
    facets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Coverage of the brief's targets; `overall` is their mean."""

    overall: float
    targets: tuple[TargetScore, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Citations that cannot all be right, with what they disagree about.

    `hint` says which of them speaks for itself by more than its words (a later change, a table), or is empty. `doubted`
    says why a chat model sees no contradiction in what the rules found; it is empty where none does.
    """

    topic: str
    kind: str
    citations: tuple[Citation, ...]
    hint: str = ""
    doubted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearestPage:
    """A page that came close to answering, where in it, and who answers for it, if that is known."""

    source: str
    heading_path: tuple[str, ...]
    owner: str = ""


def looked_at(pages: Sequence[NearestPage]) -> str:
    """Return which page came nearest and whom a question is for: its owner, or that of the next page that has one."""
    if not pages:
        return ""
    owned = next((page for page in pages if page.owner), None)
    if owned is None:
        return f" The nearest page is {pages[0].source}."
    if owned is pages[0]:
        return f" For {owned.owner}, who answers for the nearest page, {owned.source}."
    return f" For {owned.owner}, who answers for {owned.source}; the nearest page is {pages[0].source}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A facet that the sources do not answer: what was searched, the nearest pages, and a question for an owner."""

    facet: str
    question: str
    searched: str
    nearest: tuple[NearestPage, ...]
    ask: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationEdge:
    """Two tools that meet: what passes from one to the other, and where that is written."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"alias_generator": lambda name: name.rstrip("_")}

    from_: str
    to: str
    what: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedKind:
    """A kind of system that the briefs name, with those of its tools that an edge touches."""

    label: str
    tools: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefRecord:
    """The brief a draft was made from."""

    path: str
    title: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillRecord:
    """The skill's name and description, as in the front matter of SKILL.md, and the purpose that names its layout."""

    name: str
    description: str
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A candidate claim that was left out, and why."""

    source: str
    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A claim that reviewers keep out of the package, and why; it stands in no answer and counts for nothing."""

    claim: Claim
    question_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UseRecord:
    """What the replies for one use of a chat model took, whether this run paid for them or an earlier one.

    `calls` counts the replies, those to repairs too, `failed` the requests without a usable one. `cost` is in US
    dollars, None without a known price.
    """

    use: str
    calls: int
    failed: int
    tokens_in: int
    tokens_out: int
    cost: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRequest:
    """A request to a chat model without a usable reply: ids of the questions or claims it was about, and why.

    `detail` is what happened, with at most 300 characters of a server's message and nothing that repeats the request.
    """

    use: str
    about: tuple[str, ...]
    reason: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """How the draft was made; two runs with equal records give equal drafts.

    `complete` is False where a chat model stopped answering before everything was asked. `engine` is "local/1" without
    a chat model, "together/1" where its claims stand beside the local ones, "alone/1" where they stand alone. `tokens`
    are those of all its replies, in and out, and `cost` is None without a known price. `endpoints` are the addresses of
    all servers that were sent anything, `delta` is how much of the claims the model did not know.
    """

    complete: bool
    engine: str
    model: str | None
    embedder: str
    settings_sha256: str
    corpus_sha256: str
    prompts: dict[str, str]
    tokens: int
    cost: float | None
    dropped: tuple[Dropped, ...] = ()
    uses: tuple[UseRecord, ...] = ()
    failures: tuple[FailedRequest, ...] = ()
    endpoints: tuple[str, ...] = ()
    delta: DeltaShare | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Everything known about one skill before rendering.

    `mapped` and `unmapped` are the kinds of system that the briefs name: those that an edge of the integration map
    touches, and those that none does.
    """

    schema: Literal["skillgen.draft/1"]
    skill: SkillRecord
    briefs: tuple[BriefRecord, ...]
    answers: tuple[Answer, ...]
    coverage: Coverage
    contradictions: tuple[Contradiction, ...]
    gaps: tuple[Gap, ...]
    integration_map: tuple[IntegrationEdge, ...]
    run: RunRecord
    mapped: tuple[MappedKind, ...] = ()
    unmapped: tuple[str, ...] = ()
    withheld: tuple[Withheld, ...] = ()

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Every claim of every answer, in the order of the draft."""
        return tuple(claim for answer in self.answers for claim in answer.claims)
