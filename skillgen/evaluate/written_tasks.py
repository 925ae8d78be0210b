"""Tasks that a chat model writes from cited facts, held to the same rules as those of templates, and checked twice.

A question is kept only if its values stand in the quote character by character, if it neither tells its answer nor
repeats the page, if the passage alone answers it, and if nobody answers it without the passage. The two answers are
graded by the same rules as any other; the model never judges itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from skillgen.batches import sources_of
from skillgen.chat.prompts import load_prompt
from skillgen.evaluate.expected import exact_values
from skillgen.evaluate.grade import grade
from skillgen.evaluate.leakage import MAX_RUN, is_told, longest_run, wording
from skillgen.evaluate.tasks import task_of
from skillgen.evaluate.tasks_file import guessed_form
from skillgen.evaluate.values import codes_in, values_in
from skillgen.model.chat import ChatFailure, ChatReply, ChatRequest
from skillgen.model.evaluation import Expected, ExpectedForm, Task, TaskAnswer, TaskKind
from skillgen.model.task_writing import CitedPassage, DroppedQuestion, DropReason
from skillgen.protocols import Asker
from skillgen.words import squeezed, words

MIN_WORDS, MAX_WORDS = 4, 40
# Longer texts are no values: an answer would have to repeat a clause.
MAX_VALUE_WORDS = 6
# A question has to stand alone, and "the passage" is not there when it is asked.
_LEANS = re.compile(
    r"\b(?:passage|excerpt|text above|according to|mentioned|described (?:here|above)|"
    r"this (?:page|document|section))\b",
    re.IGNORECASE,
)
_EMPTY_VALUE = re.compile(r"(?:yes|no|true|false|none|never|always|and|or|the|it)", re.IGNORECASE)
_PROGRAM = re.compile(r"[a-z][\w./-]*\s")
_LIKE_QUESTION = "q" * 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a model wrote on passages: the tasks that passed, the questions that did not, and how many there were."""

    tasks: tuple[Task, ...]
    dropped: tuple[DroppedQuestion, ...]
    questions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    passage: CitedPassage
    task: Task


def write_tasks(asker: Asker, passages: Sequence[CitedPassage], *, known: Iterable[Task] = ()) -> Written:
    """Return the tasks that a model writes on the passages and that pass every check.

    Args:
        asker: The way to the model.
        passages: What it is shown, one passage in a request.
        known: Tasks that there are already; nothing is asked twice.
    """
    candidates: list[_Candidate] = []
    dropped: list[DroppedQuestion] = []
    asked_already = {asked_for(one) for one in known}
    questions = 0
    for passage, reply in zip(passages, asker.ask("task", writing_requests(passages)), strict=True):
        if isinstance(reply, ChatFailure):
            dropped.append(_dropped(passage, "", "no-usable-reply", reply.detail))
            continue
        for item in reply.parsed["tasks"]:
            questions += 1
            found = _candidate(passage, item)
            if isinstance(found, _Candidate) and asked_for(found.task) in asked_already:
                found = _dropped(passage, found.task.question, "asked-already")
            if isinstance(found, _Candidate):
                asked_already.add(asked_for(found.task))
                candidates.append(found)
            else:
                dropped.append(found)
    tasks, failed = _checked(asker, candidates)
    return Written(tasks=tuple(tasks), dropped=(*dropped, *failed), questions=questions)


def writing_requests(passages: Sequence[CitedPassage]) -> list[ChatRequest]:
    """Return the requests that ask for questions, one for each passage."""
    prompt = load_prompt("task")
    return [prompt.request({"passage": _shown(one)}, sources=sources_of(one.citations)) for one in passages]


def checks_like(passages: Sequence[CitedPassage]) -> tuple[list[ChatRequest], list[ChatRequest]]:
    """Return requests of the size of the two checks of one question for each passage, for an estimate."""
    return (
        [_with_passage(one, f"{number} {_LIKE_QUESTION}") for number, one in enumerate(passages)],
        [_without(one, f"{number} {_LIKE_QUESTION}") for number, one in enumerate(passages)],
    )


def _shown(passage: CitedPassage) -> str:
    """Return the quotes, each place under its headings."""
    lines: list[str] = []
    for one in passage.citations:
        heading = f"Under {' > '.join(' '.join(part.split()) for part in one.heading_path)}:"
        lines += [*([heading] if heading not in lines else []), one.quote]
    return "\n".join(lines)


def _with_passage(passage: CitedPassage, question: str) -> ChatRequest:
    values = {"passage": _shown(passage), "question": question}
    return load_prompt("task-check").request(values, sources=sources_of(passage.citations))


def _without(passage: CitedPassage, question: str) -> ChatRequest:
    return load_prompt("task-closed").request({"question": question}, sources=sources_of(passage.citations))


# -- rules -------------------------------------------------------------------------------------------------------------


def _candidate(passage: CitedPassage, item: dict[str, object]) -> _Candidate | DroppedQuestion:
    """Return what a model wrote as a task, or why it is none."""
    question = " ".join(str(item["question"]).split())
    values = [str(value).strip().strip("`").strip() for value in _listed(item["values"])]
    kind: TaskKind = item["kind"]  # type: ignore[assignment]  # the schema holds it to the kinds
    if not _is_plain(question):
        return _dropped(passage, question, "no-plain-question")
    found = [(value, _quoting(passage, value)) for value in dict.fromkeys(values)]
    missing = [value for value, quote in found if quote is None]
    if missing or not found:
        return _dropped(passage, question, "value-not-in-quote", ", ".join(missing))
    expected = [_expected(value, passage, kind) for value, _ in found]
    exact = tuple(dict.fromkeys(one for ones in expected for one in ones))
    if not all(expected):
        return _dropped(passage, question, "value-not-exact", ", ".join(values))
    if is_told(question, exact):
        return _dropped(passage, question, "tells-its-answer", ", ".join(values))
    if any(longest_run(wording(question), wording(one.quote)) > MAX_RUN for one in passage.citations):
        return _dropped(passage, question, "repeats-the-page")
    at = found[0][1] or 0
    task = task_of(kind, question, exact, passage.citations[at], source=passage.source, origin="model")
    return _Candidate(passage=passage, task=task)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _is_plain(question: str) -> bool:
    said = words(question)
    return question.endswith("?") and MIN_WORDS <= len(said) <= MAX_WORDS and not _LEANS.search(question)


def _quoting(passage: CitedPassage, value: str) -> int | None:
    """Return the number of the first quote in which a value stands whole, character by character; None where none."""
    if not value:
        return None
    whole = re.compile(rf"(?<![\w-]){re.escape(value)}(?![\w-])")
    return next((at for at, one in enumerate(passage.citations) if whole.search(one.quote)), None)


def _expected(value: str, passage: CitedPassage, kind: TaskKind) -> tuple[Expected, ...]:
    """Return a value with the form in which it is graded; nothing where no rule could tell it from others.

    A range of times is two values.
    """
    codes = {code for one in passage.citations for code in codes_in(one.quote)}
    form: ExpectedForm = "code" if value in codes else guessed_form(value)
    if len(value.split()) > 1 and (kind == "command" or form == "code") and _PROGRAM.match(value):
        form = "command"
    if form in ("order", "judged") or _EMPTY_VALUE.fullmatch(value):
        return ()
    if form == "text" and values_in(value):
        return exact_values(value, left=0)
    if form == "text" and (len(words(value)) > MAX_VALUE_WORDS or not words(value) or value.isdigit()):
        return ()
    return (Expected(value=value, form=form),)


def asked_for(task: Task) -> tuple[object, ...]:
    """Return what makes two tasks one: the same values of the same place, or the same words."""
    if task.citation is None:
        return (squeezed(task.question),)
    return (task.citation.source, task.citation.quote, *sorted(squeezed(one.value) for one in task.expected))


# -- checks ------------------------------------------------------------------------------------------------------------


def _checked(asker: Asker, candidates: Sequence[_Candidate]) -> tuple[list[Task], list[DroppedQuestion]]:
    """Return the tasks that are answered with the passage and not without it, and the others."""
    tasks: list[Task] = []
    dropped: list[DroppedQuestion] = []
    given = asker.ask("task-check", [_with_passage(one.passage, one.task.question) for one in candidates])
    closed = asker.ask("task-closed", [_without(one.passage, one.task.question) for one in candidates])
    for one, with_it, without_it in zip(candidates, given, closed, strict=True):
        failed = _failed(one.task, with_it, without_it)
        if failed is None:
            tasks.append(one.task)
        else:
            dropped.append(_dropped(one.passage, one.task.question, *failed))
    return tasks, dropped


def _failed(
    task: Task, with_it: ChatReply | ChatFailure, without_it: ChatReply | ChatFailure
) -> tuple[DropReason, str] | None:
    """Return why a task fails its two checks, with the words that decided; None where it passes."""
    for reply in (with_it, without_it):
        if isinstance(reply, ChatFailure):
            return "no-usable-reply", reply.detail
    passed, evidence = _graded(task, with_it)
    if not passed:
        return "not-answered-by-the-passage", evidence
    passed, evidence = _graded(task, without_it)
    return ("general-knowledge", evidence) if passed else None


def _graded(task: Task, reply: ChatReply | ChatFailure) -> tuple[bool, str]:
    answer = reply.parsed["answer"] if isinstance(reply, ChatReply) else ""
    found = grade(task, TaskAnswer(task=task.id, text=str(answer)))
    deciding = [one for one in found.expectations if one.passed == found.passed] or list(found.expectations)
    return found.passed, deciding[0].evidence


def _dropped(passage: CitedPassage, question: str, reason: DropReason, detail: str = "") -> DroppedQuestion:
    return DroppedQuestion(claim=passage.claim, question=question, reason=reason, detail=detail)
