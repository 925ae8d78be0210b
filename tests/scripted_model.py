"""A chat model that is a script: it answers each use of a build from what it is shown, the same every time."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from chat_server import Answer, ChatServer, Heard, completion, obedient

_FENCED = re.compile(r"-----BEGIN \w+ (\w{8})-----\n(.*?)\n-----END \w+ \1-----", re.DOTALL)
_PASSAGE = re.compile(r"^\[(p\d+)\] (.*)\n((?:(?!^\[p\d+\] ).*\n?)*)", re.MULTILINE)
_KEYED = re.compile(r"^\[?([cgsd]\d+)\]?:? (.*)", re.MULTILINE)
_SENTENCE = re.compile(r"^(?:[A-Z][^\n|]{20,}?[.])(?=\s|$)", re.MULTILINE)
_ARTICLE = re.compile(r"^(?:A|The|It) ")
_CLAIMS = 4


def shown(heard: Heard) -> str:
    """Return what a request shows as data, else what it asks; a repair shows it again."""
    asked = next(str(message["content"]) for message in heard.body["messages"] if message["role"] == "user")
    return "\n".join(match[2] for match in _FENCED.finditer(asked)) or asked


def keys(heard: Heard) -> list[tuple[str, str]]:
    """Return the keyed lines of a request with their keys."""
    return [(match[1], match[2]) for match in _KEYED.finditer(shown(heard))]


def written(heard: Heard) -> dict[str, Any]:
    """Return a claim for the first sentence of each passage: a paraphrase where it begins with an article."""
    claims = []
    for match in _PASSAGE.finditer(shown(heard)):
        sentence = _SENTENCE.search(match[3])
        if sentence is not None:
            quote = {"passage": match[1], "quote": sentence[0]}
            claims.append({"quotes": [quote], "claim": _ARTICLE.sub("", sentence[0]), "parts": [1]})
    return {"claims": claims[:_CLAIMS]}


def condensed(heard: Heard) -> dict[str, Any]:
    return {"statements": [{"claims": [key], "text": text.partition(": ")[2] or text} for key, text in keys(heard)[:2]]}


def compared(heard: Heard) -> dict[str, Any]:
    def verdict(text: str) -> dict[str, Any]:
        other = "within 4 minutes" in text
        return {"verdict": "conflict" if other else "new", "expectation": 1 if other else 0}

    return {"claims": [{"key": key, **verdict(text)} for key, text in keys(heard) if key.startswith("c")]}


BELIEF = "A merge to `main` triggers a deploy of the service to staging within 10 minutes."
DESCRIPTION = "Notes on releases. Use when a deploy of the service fails or to look for the token."
SCRIPT: Mapping[str, Callable[[Heard], dict[str, Any]]] = {
    "expand": lambda _: {"parts": [{"number": 1, "phrases": ["rollout of the service to staging"]}]},
    "relevance": lambda heard: {"keys": [match[1] for match in _PASSAGE.finditer(shown(heard))][:5]},
    "answer": written,
    "requote": lambda _: {"sentences": [1]},
    "support": lambda heard: {"judgements": [{"key": key, "supported": True, "missing": ""} for key, _ in keys(heard)]},
    "condense": condensed,
    "choose": lambda heard: {"keys": [key for key, _ in reversed(keys(heard))]},
    "belief": lambda _: {"statements": [BELIEF]},
    "compare": compared,
    "contradictions": lambda heard: {
        "cases": [{"key": key, "kind": "value", "reason": "The values differ."} for key, _ in keys(heard)]
    },
    "gaps": lambda heard: {
        "questions": [{"key": key, "ask": f"Can you tell us: {text.rstrip(' ?.')}?"} for key, text in keys(heard)]
    },
    "description": lambda _: {"description": DESCRIPTION},
}


def scripted(heard: Heard) -> Answer:
    """Answer as the script says."""
    return obedient(heard) if heard.is_probe else completion(json.dumps(SCRIPT[heard.use](heard)))


def scripted_but(server: ChatServer, use: str, *answers: Answer | Callable[[Heard], Answer]) -> None:
    """Let the server answer by the script, but give these answers, one after another, to requests of one use."""
    left = list(answers)

    def answer(heard: Heard) -> Answer:
        if heard.use != use or not left:
            return scripted(heard)
        turn = left.pop(0)
        return turn(heard) if callable(turn) else turn

    server.answer = answer


def asked_for(server: ChatServer, use: str) -> list[Heard]:
    """Return the requests of one use."""
    return [heard for heard in server.asked if heard.use == use]
