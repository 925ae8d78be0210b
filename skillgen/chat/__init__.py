"""The one door to chat models: prompts from files, stored replies, a hard budget, repeated calls, a probe, privacy.

Nothing heavy is imported before a door is opened.
"""

from __future__ import annotations

from collections.abc import Mapping

from skillgen.chat.budget import Budget
from skillgen.chat.client import ChatClient, ReplyStore
from skillgen.chat.dispatch import Pace
from skillgen.chat.memory import MemoryReplies
from skillgen.chat.models import ChatDoor, open_model
from skillgen.chat.prices import price_of
from skillgen.chat.probe import told
from skillgen.chat.prompts import Prompt, fenced, load_prompt
from skillgen.chat.spec import ModelSpec, model_spec
from skillgen.errors import SettingsError
from skillgen.settings import ModelSettings

__all__ = [
    "Budget",
    "ChatClient",
    "ChatDoor",
    "MemoryReplies",
    "ModelSpec",
    "Pace",
    "Prompt",
    "ReplyStore",
    "fenced",
    "load_prompt",
    "model_spec",
    "open_client",
    "open_model",
    "price_of",
    "told",
]


def open_client(
    settings: ModelSettings,
    store: ReplyStore,
    *,
    ask_again: bool = False,
    environ: Mapping[str, str] | None = None,
    beside: ChatClient | None = None,
) -> ChatClient:
    """Return a client for the model that the settings name; nothing is sent yet. To be used in a `with` statement.

    Args:
        settings: The model, and what may be spent on it.
        store: Where replies are kept.
        ask_again: Ask once more where the stored reply is not usable.
        environ: Where keys come from; the process's environment by default.
        beside: The client of another model in the same run: what may be spent is for both together.

    Raises:
        SettingsError: no model is named, or its name cannot be used.
        PrerequisiteError: the provider's package or key is missing, or a price file cannot be read.
        UserError: the model is not on this machine and has to be, or a limit is set and its price unknown.
    """
    if settings.name is None:
        raise SettingsError("No model is named.", hint='Set model.name, for instance to "openai:gpt-4o-mini".')
    spec = model_spec(settings.name, settings.base_url, local_only=settings.local_only)
    price = price_of(spec, settings.prices)
    budget = Budget(
        price,
        limit=settings.max_cost,
        model=f"{spec.provider}:{spec.name}",
        price_key=spec.price_key,
        beside=beside.budget if beside is not None else None,
    )
    door = open_model(spec, timeout=settings.call_seconds, environ=environ)
    pace = Pace(
        concurrency=settings.concurrency,
        requests_per_minute=settings.requests_per_minute,
        timeout=settings.call_seconds,
        retries=settings.retries,
    )
    return ChatClient(door, store, budget, pace=pace, ask_again=ask_again)
