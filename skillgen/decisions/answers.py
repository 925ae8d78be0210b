"""Owners' answers: from a file that an owner wrote, and as a page that claims can cite."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable
from pathlib import Path

from skillgen.decisions.make import make_answer, one_line
from skillgen.errors import UserError
from skillgen.markdown_text import escape_markdown
from skillgen.model.corpus import SourceFile
from skillgen.model.decision import OwnerAnswer

FOLDER = "owner-statements"
_HEADING = re.compile(r"^##[ \t]+(?P<question>.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
# The line that signs an answer: two or three dashes, or a long one, a name, a comma and a day.
_SIGNED = re.compile(
    r"^[ \t]*(?:-{2,3}|[\u2013\u2014])[ \t]*(?P<by>.+?),[ \t]*(?P<on>\d{4}-\d\d-\d\d)[ \t]*$", re.MULTILINE
)
_FORM = "Each answer: `## ` and the question, the answer, and a last line `-- NAME, YYYY-MM-DD`."


def statements_file(name: str, answers: Iterable[OwnerAnswer]) -> SourceFile | None:
    """Return owners' answers for a skill as a Markdown page of its own, or None where there are none.

    Its source is `owner-statements/NAME.md`. Every answer stands under its question, and that under who stated it and
    when, so that whatever cites it names both in its heading path. The same answers give the same text.
    """
    ordered = sorted(answers, key=lambda one: (one.on, one.by, one.question, one.id))
    if not ordered:
        return None
    parts = [f"---\nupdated: {max(answer.on for answer in ordered)}\n---\n\n# Statements of owners\n"]
    for (on, by), stated in itertools.groupby(ordered, key=lambda one: (one.on, one.by)):
        parts.append(f"## {escape_markdown(f'{by}, {on}')}\n")
        for answer in stated:
            paragraphs = [escape_markdown(line) for line in answer.text.split("\n") if line.strip()]
            parts.append(f"### {escape_markdown(answer.question)}\n\n" + "\n\n".join(paragraphs) + "\n")
    text = "\n".join(parts)
    return SourceFile(source=f"{FOLDER}/{name}.md", text=text, sha256=hashlib.sha256(text.encode("utf-8")).hexdigest())


def answers_from_file(path: Path) -> tuple[OwnerAnswer, ...]:
    """Return the answers that an owner wrote into a Markdown file.

    An answer is a heading of the second level with the question, then its text, then a line that signs it:
    `-- NAME, YYYY-MM-DD`. The day may not be left out: a statement without one cannot be weighed later. What stands
    before the first such heading is not read.

    Raises:
        UserError: the file cannot be read, holds no answer, or one has no text or is not signed.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"The answers in {path} cannot be read ({error}).", hint=_FORM) from error
    parts = _HEADING.split(text)
    found = [_answer(path, question, body) for question, body in zip(parts[1::2], parts[2::2], strict=True)]
    if not found:
        raise UserError(f"{path} holds no answer.", hint=_FORM)
    return tuple(found)


def _answer(path: Path, question: str, body: str) -> OwnerAnswer:
    signed = _SIGNED.search(body)
    if signed is None:
        raise UserError(f"{path}: nobody signed the answer to {one_line(question)!r}.", hint=_FORM)
    return make_answer(facet="", question=question, text=body[: signed.start()], by=signed["by"], on=signed["on"])
