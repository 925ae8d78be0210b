"""Records of what is asked of a chat model and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["system", "user", "assistant"]
# How a server is brought to answer in JSON, from the strictest: a JSON Schema; the same without lengths and counts,
# which not every server knows; any JSON object; the prompt's words alone.
StructuredMode = Literal["schema", "bare_schema", "json", "text"]
# What a model is asked for by a build, and behind it by an evaluation; each can be switched off and has calls, tokens
# and cost of its own in the run record.
Use = Literal[
    "expand",
    "relevance",
    "answer",
    "requote",
    "support",
    "condense",
    "choose",
    "belief",
    "compare",
    "contradictions",
    "gaps",
    "description",
    "task",
    "task-check",
    "task-closed",
    "pick",
]
# What became of a request that has no usable reply. The first five have a reply, which is paid for and stored.
FailureReason = Literal[
    "malformed", "schema", "empty", "refused", "cut", "answer", "http", "timeout", "connection", "budget"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage:
    """One message of a conversation."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSource:
    """A page whose words stand in a request: its source and the SHA-256 of its bytes."""

    source: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """What a model is asked: rendered messages, the form of the reply, and the parameters.

    `schema` is a JSON Schema of an object, or None for plain text. `digest` is that of the prompt's file. `sources` are
    the pages that the messages were made from, even if in other words: they decide what `forget` removes.
    """

    prompt: str
    version: int
    messages: tuple[ChatMessage, ...]
    max_tokens: int
    schema: dict[str, Any] | None = None
    schema_name: str = ""
    temperature: float = 0.0
    seed: int = 0
    sources: tuple[ChatSource, ...] = ()
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawReply:
    """What a server sent: `finish` is "stop", "length", "refused" or its own word, tokens None where it says none."""

    text: str
    finish: str
    model: str
    tokens_in: int | None = None
    tokens_out: int | None = None
    refusal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatReply:
    """A usable reply: `parsed` is the JSON value that fits the request's schema, None where there is no schema."""

    text: str
    parsed: Any
    finish: str
    model: str
    tokens_in: int | None
    tokens_out: int | None
    from_store: bool
    repaired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatFailure:
    """Why a request has no usable reply; `detail` is one line without keys, `status` the HTTP status if there was one.

    `unclear` says that the provider may have done the work, and charged for it, all the same.
    """

    reason: FailureReason
    detail: str
    status: int | None = None
    from_store: bool = False
    unclear: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a server understands: the structured mode that works, and parameters that it refuses."""

    mode: StructuredMode
    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """What a probe found: `valid` says whether a reply had the asked form, `seconds` how long the last reply took."""

    capabilities: Capabilities
    valid: bool
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a model costs, in US dollars for a million tokens."""

    input: float
    output: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What requests would take: `stored` are answered already. Costs are in US dollars, None where no price is known.

    Tokens are estimated at four characters each, and replies at their full length; `most` is what the calls can cost at
    most, at one token for every byte and with a repair for each.
    """

    calls: int
    stored: int
    tokens_in: int
    tokens_out: int
    cost: float | None
    most: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What stored replies took, those to repairs too. Cost is in US dollars, None where no price is known."""

    replies: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatUsage:
    """What a client has done so far, for the record of a run.

    `sent` counts every HTTP request, repeated ones too. `cost` is in US dollars, None without a known price.
    `endpoints` are all addresses that were contacted, `prompts` the prompts in use as (name, version, SHA-256).
    """

    model: str
    sent: int = 0
    answered: int = 0
    from_store: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float | None = None
    endpoints: tuple[str, ...] = ()
    prompts: tuple[tuple[str, int, str], ...] = field(default=())
