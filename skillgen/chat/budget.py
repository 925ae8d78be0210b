"""What calls cost, and the hard stop: nothing is sent that could cost more than is left."""

from __future__ import annotations

import math

from skillgen.chat.models import schema_text
from skillgen.errors import UserError
from skillgen.model.chat import ChatRequest, Price, RawReply

_CHARACTERS_A_TOKEN = 4
_MILLION = 1_000_000
# Around each message a chat template puts its own marks: role, beginning, end.
_TOKENS_A_MESSAGE = 16
# A schema is wrapped in words: our own of prompts/chat/form.md, or those by which a provider explains a tool.
_TOKENS_OF_A_FORM = 600
_EPSILON = 1e-9


def likely_tokens(request: ChatRequest) -> int:
    """Return about how many tokens a request has: a quarter of its characters."""
    return math.ceil(len(_text(request)) / _CHARACTERS_A_TOKEN)


def most_tokens(request: ChatRequest) -> int:
    """Return how many tokens a request has at most: vocabularies are made of bytes, so no token is less than one."""
    schema = 2 * len(request.schema_name) + _TOKENS_OF_A_FORM if request.schema else 0
    messages = _TOKENS_A_MESSAGE * (len(request.messages) + 1)
    return len(_text(request).encode("utf-8", "surrogatepass")) + schema + messages


def _text(request: ChatRequest) -> str:
    schema = schema_text(request.schema) if request.schema else ""
    return "".join(message.text for message in request.messages) + schema


def cost_of(price: Price, tokens_in: int, tokens_out: int) -> float:
    """Return what the tokens cost in US dollars."""
    return (price.input * tokens_in + price.output * tokens_out) / _MILLION


class Budget:
    """Money of one run. Every call reserves what it can cost at most, and gives back what it did not."""

    def __init__(
        self,
        price: Price | None,
        *,
        limit: float | None,
        model: str,
        price_key: str,
        beside: Budget | None = None,
    ) -> None:
        """Make a budget.

        Args:
            price: The model's price, None where none is known.
            limit: The most that may be spent, in US dollars; None for no limit.
            model: The model, for messages.
            price_key: What a price file calls it.
            beside: Another model's budget, which the same limit is for.

        Raises:
            UserError: there is a limit, and no price to keep it by.
        """
        if limit is not None and price is None:
            raise UserError(
                f"model.max_cost cannot be kept, because no price of {model} is known.",
                hint=f'Name a file with model.prices that has an entry for "{price_key}" as in prompts/prices.yaml.',
            )
        self.price = price
        self.limit = limit
        self.spent = 0.0
        self._reserved: dict[int, float] = {}
        self._next = 0
        self._beside = beside
        if beside is not None:
            beside._beside = self  # noqa: SLF001 - two of one kind

    def worst(self, request: ChatRequest) -> float:
        """Return what one call can cost at most, in US dollars; 0 without a price."""
        return cost_of(self.price, most_tokens(request), request.max_tokens) if self.price else 0.0

    def reserve(self, request: ChatRequest) -> int | None:
        """Take the most that a call can cost, and return a number for giving it back; None where it is too much."""
        worst = self.worst(request)
        if self.limit is not None and self._taken() + worst > self.limit + _EPSILON:
            return None
        self._next += 1
        self._reserved[self._next] = worst
        return self._next

    def _taken(self) -> float:
        """Return what is spent or reserved, by the model beside this one too."""
        budgets = [self] if self._beside is None else [self, self._beside]
        return sum(one.spent + sum(one._reserved.values()) for one in budgets)  # noqa: SLF001 - two of one kind

    def release(self, number: int) -> None:
        """Give everything back: the call was refused before any work."""
        del self._reserved[number]

    def lose(self, number: int) -> None:
        """Count all of it as spent: nobody knows what the provider charges for a call that broke off."""
        self.spent += self._reserved.pop(number)

    def pay(self, number: int, reply: RawReply) -> float | None:
        """Count what a reply cost and return it; without a stated number of tokens, that is what it can have cost."""
        worst = self._reserved.pop(number)
        if self.price is None:
            return None
        cost = _cost_or(self.price, reply, worst)
        self.spent += cost
        return cost

    def cost(self, request: ChatRequest, reply: RawReply) -> float:
        """Return what a reply costs, whenever it was paid for, in US dollars; 0 without a price."""
        return _cost_or(self.price, reply, self.worst(request)) if self.price else 0.0


def _cost_or(price: Price, reply: RawReply, worst: float) -> float:
    """Return what a reply costs by the tokens that it states, and where it states none, what it can have cost."""
    if reply.tokens_in is None or reply.tokens_out is None:
        return worst
    return cost_of(price, reply.tokens_in, reply.tokens_out)
