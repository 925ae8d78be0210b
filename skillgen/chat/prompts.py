"""Prompt files: what is asked of a model, with its inputs, its version and the form of its reply.

A prompt is `prompts/chat/NAME.md`: front matter, then sections `## system` and `## user`. Its text is a template of the
sandboxed engine, and its inputs are values only: nothing in them is ever read as template, heading or front matter.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from skillgen.chat.replies import encodable
from skillgen.chat.schema import check_schema
from skillgen.errors import PrerequisiteError
from skillgen.model.chat import ChatMessage, ChatRequest, ChatSource, Role
from skillgen.resources import data_dir
from skillgen.templating import render_text

InputKind = Literal["corpus", "value"]
_FILE = re.compile(r"\A---\n(?P<front>.*?)^---\n(?P<body>.*)\Z", re.DOTALL | re.MULTILINE)
_SECTION = re.compile(r"^## (system|user|assistant)\n", re.MULTILINE)
# What chat templates of models read as the end of a message or the beginning of another one.
_CONTROL = re.compile(r"<\|(?=\w)|<(?=(?:start|end)_of_turn>)|<(?=/?s>)|\[(?=/?INST\])")
_MARK_DIGITS = 8


class _Front(BaseModel):
    """What stands in a prompt's front matter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    purpose: str = Field(min_length=1)
    version: int = Field(ge=1)
    inputs: dict[str, InputKind] = {}
    form: str | None = Field(None, alias="schema")
    max_tokens: int = Field(ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A prompt file, checked. `digest` is the SHA-256 of the file and its schema, for the record of a run."""

    name: str
    version: int
    purpose: str
    inputs: Mapping[str, InputKind]
    parts: tuple[tuple[Role, str], ...]
    schema: dict[str, Any] | None
    max_tokens: int
    digest: str

    def messages(self, values: Mapping[str, str]) -> tuple[ChatMessage, ...]:
        """Return the prompt's messages with the values in place; values of kind corpus are fenced.

        Raises:
            ValueError: the values are not exactly the prompt's inputs.
            TemplateError: the prompt's text is no template.
        """
        if values.keys() != self.inputs.keys():
            raise ValueError(f"the prompt {self.name} takes {sorted(self.inputs)}, not {sorted(values)}")
        shown = {
            name: fenced(name, value) if self.inputs[name] == "corpus" else encodable(value)
            for name, value in values.items()
        }
        where = f"prompts/chat/{self.name}.md"
        return tuple(ChatMessage(role=role, text=render_text(text, shown, where=where)) for role, text in self.parts)

    def request(
        self, values: Mapping[str, str], *, sources: Iterable[ChatSource] = (), max_tokens: int | None = None
    ) -> ChatRequest:
        """Return the request that the values make.

        Args:
            values: A text for each input.
            sources: The pages whose words the values hold.
            max_tokens: The longest reply, where it is not the prompt's own.

        Raises:
            ValueError: the values are not exactly the prompt's inputs.
            TemplateError: the prompt's text is no template.
        """
        return ChatRequest(
            prompt=self.name,
            version=self.version,
            messages=self.messages(values),
            max_tokens=max_tokens or self.max_tokens,
            schema=self.schema,
            schema_name=self.name.replace("-", "_"),
            sources=tuple(sorted(set(sources), key=lambda one: (one.source, one.sha256))),
            digest=self.digest,
        )


def load_prompt(name: str) -> Prompt:
    """Return the prompt of `prompts/chat/NAME.md`.

    Raises:
        PrerequisiteError: there is no such prompt, or its file is not one.
    """
    path = data_dir("prompts") / "chat" / f"{name}.md"
    try:
        text = path.read_text(encoding="utf-8")
        front, body = _split(text)
        form = path.with_name(front.form).read_text(encoding="utf-8") if front.form else ""
        schema = json.loads(form) if form else None
        if schema is not None:
            check_schema(schema)
        parts = _parts(body)
    except (OSError, ValueError) as error:  # pydantic's errors are values' too
        hint = "Install runbook-skillgen again, or mend the file."
        raise PrerequisiteError(f"The prompt {path} cannot be used: {error}.", hint=hint) from error
    return Prompt(
        name=name,
        version=front.version,
        purpose=front.purpose,
        inputs=front.inputs,
        parts=parts,
        schema=schema,
        max_tokens=front.max_tokens,
        digest=hashlib.sha256(f"{text}\0{form}".encode()).hexdigest(),
    )


def _split(text: str) -> tuple[_Front, str]:
    """Return the front matter and what follows.

    Raises:
        ValueError: there is no front matter, or it is not that of a prompt.
    """
    import yaml

    found = _FILE.match(text)
    if found is None:
        raise ValueError("it has no front matter between lines of three dashes")
    try:
        return _Front.model_validate(yaml.safe_load(found["front"])), found["body"]
    except yaml.YAMLError as error:
        raise ValueError(f"its front matter is no YAML ({error})") from error


def _parts(body: str) -> tuple[tuple[Role, str], ...]:
    """Return the sections of a prompt in order, each with its role."""
    before, *pieces = _SECTION.split(body)
    if before.strip() or not pieces:
        raise ValueError("its text must consist of sections ## system and ## user")
    roles: list[Any] = pieces[::2]
    return tuple((role, text.strip()) for role, text in zip(roles, pieces[1::2], strict=True))


def fenced(label: str, text: str) -> str:
    """Return a text of the corpus between two lines that do not stand in it, so that it cannot pretend to end there.

    The lines are made from a digest of the text, counted up until neither is part of it: the same text gets the same
    lines. Marks that models' own templates would read as the end of a message get a space and lose their meaning.
    """
    plain = _CONTROL.sub(lambda mark: f"{mark.group()[0]} {mark.group()[1:]}", encodable(text))
    counter = 0
    while True:
        mark = hashlib.sha256(f"{counter}\0{label}\0{plain}".encode()).hexdigest()[:_MARK_DIGITS]
        if mark not in plain:
            return f"-----BEGIN {label} {mark}-----\n{plain}\n-----END {label} {mark}-----"
        counter += 1
