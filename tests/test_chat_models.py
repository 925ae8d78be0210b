"""Providers other than OpenAI are asked through LangChain, by the same door."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from chat_server import request
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import RunnableLambda

from skillgen.chat import Budget, ChatClient, MemoryReplies, Pace, model_spec, open_model
from skillgen.errors import PrerequisiteError
from skillgen.model.chat import ChatFailure, ChatReply

SEEN: list[dict[str, Any]] = []
FAULTS: list[Exception] = []
USAGE: Any = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}


class ProviderError(Exception):
    """What a provider's library raises: a class that nobody outside of it knows."""

    def __init__(self, status: int | None, said: str = "the provider is unwell") -> None:
        super().__init__(said)
        self.status_code = status


class TimeoutException(Exception):  # noqa: N818 - the name in a provider's library
    """The same, for a call that took too long."""


class ChatXAI(BaseChatModel):
    """Stands for the chat model of a provider's package."""

    model: str
    max_tokens: int = 0
    max_retries: int = 9
    timeout: float = 0
    temperature: float = 1

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002 - the form of the base class
        run_manager: object = None,  # noqa: ARG002
        **_options: object,
    ) -> ChatResult:
        SEEN.append({"text": str(messages[-1].content)})
        message = self._said('{"number": 8}', {"stop_reason": "end_turn", "model": "x-2"})
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _said(self, text: str, about: dict[str, Any], **more: Any) -> AIMessage:  # noqa: ANN401
        SEEN.append(self.model_dump())
        if FAULTS:
            raise FAULTS.pop(0)
        return AIMessage(content=text, response_metadata=about, usage_metadata=USAGE, **more)

    def with_structured_output(  # type: ignore[override]
        self, schema: dict[str, Any], *, include_raw: bool = False, **_options: object
    ) -> RunnableLambda[Any, Any]:
        assert include_raw

        def answer(_messages: object) -> dict[str, object]:
            values = {"number": 7} if schema["title"] == "count" else {"city": "L", "cranes": 3, "notes": []}
            call = {"name": schema["title"], "args": values, "id": "1"}
            raw = self._said("", {"stop_reason": "tool_use", "model_name": "x-1"}, tool_calls=[call])
            return {"raw": raw, "parsed": values, "parsing_error": None}

        return RunnableLambda(answer)

    @property
    def _llm_type(self) -> str:
        return "xai"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatClient]:
    package = ModuleType("langchain_xai")
    package.ChatXAI = ChatXAI  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "langchain_xai", package)
    SEEN.clear()
    FAULTS.clear()
    door = open_model(model_spec("xai:fast"), timeout=5, environ={})
    budget = Budget(None, limit=None, model="xai:fast", price_key="xai:fast")
    with ChatClient(door, MemoryReplies(), budget, pace=Pace(timeout=5, first_wait=0.01)) as client:
        yield client


def told(client: ChatClient, *numbers: int) -> list[ChatReply | ChatFailure]:
    return [outcome for _request, outcome in client.ask_all(map(request, numbers or (7,)))]


def test_a_reply_that_comes_as_a_tools_arguments_is_one(client: ChatClient) -> None:
    (reply,) = told(client)
    assert isinstance(reply, ChatReply)
    assert (reply.parsed, reply.model, reply.tokens_in) == ({"number": 7}, "x-1", 10)
    assert SEEN[-1]["max_tokens"] == 100
    assert {key: SEEN[-1][key] for key in ("model", "max_retries", "temperature", "timeout")} == {
        "model": "fast", "max_retries": 0, "temperature": 0, "timeout": 5.0,
    }  # fmt: skip
    assert client.usage().endpoints == ("the address that the library of xai uses",)


def test_a_parameter_that_the_provider_refuses_is_left_out(client: ChatClient) -> None:
    FAULTS.append(ProviderError(400, "'temperature' cannot be set"))
    assert client.probe().capabilities.leave_out == ("temperature",)
    told(client)
    assert SEEN[-1]["temperature"] == 1


def test_errors_of_an_unknown_library_are_understood_by_what_they_hold(client: ChatClient) -> None:
    client.probe()
    FAULTS.extend([ProviderError(429), ProviderError(500)])
    assert isinstance(told(client)[0], ChatReply)
    FAULTS.extend([TimeoutException("slow"), TimeoutException("slow")])
    assert [one.reason for one in told(client, 1) if isinstance(one, ChatFailure)] == ["timeout"]
    FAULTS.extend([ProviderError(None)])
    (odd,) = told(client, 2)
    assert isinstance(odd, ChatFailure)
    assert odd.detail == "The answer is no chat completion (ProviderError: the provider is unwell)."
    FAULTS.extend([ProviderError(401)])
    with pytest.raises(PrerequisiteError, match="refused the key"):
        told(client, 3)


def test_a_connection_that_cannot_be_made_is_known_by_what_is_behind_it(client: ChatClient) -> None:
    client.probe()
    error = ProviderError(None)
    error.__cause__ = ConnectionRefusedError("nobody there")
    FAULTS.extend([error] * 5)
    with pytest.raises(PrerequisiteError, match="cannot be reached \\(nobody there\\)"):
        told(client)


def test_a_model_that_takes_no_schema_is_told_it_in_words(client: ChatClient) -> None:
    FAULTS.extend([ProviderError(400), ProviderError(400)])
    assert not client.probe().valid  # what stands for the model always says eight
    (reply,) = told(client)
    assert isinstance(reply, ChatReply)
    assert (reply.parsed, reply.finish, reply.model) == ({"number": 8}, "stop", "x-2")
    assert "JSON Schema" in SEEN[-2]["text"]
