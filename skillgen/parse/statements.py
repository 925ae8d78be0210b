"""Skill Builder's clarifications and decisions: what owners stated in them, as a page that can be cited.

Only answers and decisions are read, not what was asked or proposed. Offsets address the raw JSON, in which text is
escaped. What a string says is read as Markdown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from skillgen.model.corpus import Block, Finding, Page, Severity, SourceFile, Span
from skillgen.model.lines import Lines
from skillgen.model.statements import StatementKind, statement_kind
from skillgen.parse.json_blocks import string_blocks
from skillgen.parse.json_values import NoJsonError, Reader, Value

# Counts up whenever the same text would give other blocks or spans: a workspace then parses its pages again.
PARSER_VERSION = 1

TITLE = "Statements of owners"
_VERSION = ("1", 1.0)
# What an answer says that was put off, without its marks.
_PUT_OFF = frozenset(
    (
        "tbd,tba,tbc,todo,n/a,na,none,unknown,pending,later,open,to be decided,to be determined,not sure,don't know,"
        "do not know,no answer,not answered"
    ).split(",")
)
# What Skill Builder's own judge of answers says of one that is no answer.
_NO_ANSWER = frozenset(("vague", "not_answered"))
# The status of a decision that stands, the later before the earlier; `needs-review` is one that nobody confirmed.
_STANDING = ("revised", "conflict-resolved", "resolved")


def parse_statements(file: SourceFile) -> tuple[Page, tuple[Finding, ...]]:
    """Return the page of the statements that a file holds, in the order of its text, and what to tell about it.

    A page without blocks has no statement; its findings say why. Where only a part of the file cannot be read, the rest
    is. The heading path is `Statements of owners`, who stated it and when (if given), the section, and the question.
    """
    held = _File(file, Lines.of(file.text))
    held.read()
    blocks = sorted(held.blocks, key=lambda block: (block.start, block.end))
    page = Page(
        source=file.source,
        title=TITLE,
        text=file.text,
        sha256=file.sha256,
        blocks=tuple(blocks),
        url=file.url,
        media="json",
        meta=held.meta(),
    )
    if not blocks and not held.findings:
        held.note(
            "no-answers", None, "no question in it is answered yet; fill in answer_choice or answer_text.", "info"
        )
    return page, tuple(held.findings)


def without_statements(file: SourceFile) -> tuple[Finding, ...]:
    """Return why there is nothing to cite in a file of clarifications or decisions; nothing for every other file."""
    if statement_kind(file.source) is None:
        return ()
    page, findings = parse_statements(file)
    return () if page.blocks else findings


@dataclass(slots=True)
class _File:
    """One file while it is read."""

    file: SourceFile
    lines: Lines
    blocks: list[Block] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    _signed: list[tuple[str, str]] = field(default_factory=list)
    _headings: set[int] = field(default_factory=set)
    _judged: frozenset[str] = frozenset()
    _metadata: Value = field(default_factory=lambda: Value("object", 0, 0))

    def note(self, kind: str, at: int | None, message: str, severity: Severity = "warning") -> None:
        """Tell something about the file; `message` goes on after its name."""
        line = None if at is None else self.lines.number(at)
        where = self.file.source if line is None else f"{self.file.source}, line {line}"
        self.findings.append(
            Finding(kind=kind, source=self.file.source, message=f"{where}: {message}", severity=severity, line=line)
        )

    def meta(self) -> tuple[tuple[str, str], ...]:
        """Return who stated something and when the last of it, as far as the file says so."""
        owners = ", ".join(dict.fromkeys(by for by, _ in self._signed if by))
        changed = max((on for _, on in self._signed), default="")
        return tuple((key, value) for key, value in (("owner", owners), ("updated", changed)) if value)

    def read(self) -> None:
        """Read the whole file."""
        reader = Reader(self.file.text)
        try:
            root = reader.read()
        except NoJsonError as error:
            self.note("malformed-json", error.at, f"this is no JSON: {error}. Mend it; nothing in the file is read.")
            return
        kind = _kind(root)
        if kind is None:
            message = (
                "it has neither sections with questions nor decisions as Skill Builder writes them; it is not read."
            )
            self.note("other-format", None, message, "info")
            return
        for at in reader.repeated:
            self.note("repeated-key", at, "this key stands here twice; the last one is read.")
        version = root.members.get("version")
        if version is not None and version.said not in _VERSION:
            self.note("other-version", version.start, 'the version is not "1"; what has its form is read.')
        self._metadata = root.members.get("metadata", self._metadata)
        if kind == "clarifications":
            self._read_clarifications(root)
        else:
            self._read_decisions(root)

    # -- clarifications ------------------------------------------------------------------------------------------------

    def _read_clarifications(self, root: Value) -> None:
        self._judged = frozenset(
            note.word("question_id")
            for note in self._objects(root, "answer_evaluator_notes")
            if note.word("type") in _NO_ANSWER
        )
        for section in self._objects(root, "sections"):
            for question in self._objects(section, "questions"):
                self._read_question(question, [section.text("title")])

    def _read_question(self, question: Value, above: Sequence[Value | None]) -> None:
        headings = [*above, question.text("title") or question.text("text")]
        answers = self._answers(question)
        if answers and question.word("id") in self._judged:
            self.note(
                "no-answer",
                answers[0].start,
                f"Skill Builder found the answer to {question.word('id')} vague; it is not read.",
                "info",
            )
        else:
            self._add(question, headings, answers)
        for refinement in self._objects(question, "refinements"):
            self._read_question(refinement, headings)

    def _answers(self, question: Value) -> list[Value]:
        """Return the strings that answer a question: the choice that was taken, and what was written."""
        written = self._string(question, "answer_text")
        chosen = self._string(question, "answer_choice")
        answers = [written] if written and not _is_put_off(written) else []
        if chosen is None:
            return answers
        choices = {choice.word("id").casefold(): choice for choice in self._objects(question, "choices")}
        choice = choices.get(str(chosen.said).strip().casefold())
        if choice is None:
            self.note("unknown-choice", chosen.start, "there is no choice of this id; what is written is read.")
            return answers
        other = choice.members.get("is_other")
        text = choice.text("text")
        if text is None or _is_put_off(text) or (other is not None and other.said is True):
            return answers
        if answers and _same(text, answers[0]):
            return answers
        return [text, *answers]

    # -- decisions -----------------------------------------------------------------------------------------------------

    def _read_decisions(self, root: Value) -> None:
        contradictory = self._metadata.members.get("contradictory_inputs")
        if contradictory is not None and contradictory.said is True:
            message = "the answers behind these decisions contradict one another, so none is read. Resolve them first."
            self.note("contradictory", contradictory.start, message)
            return
        standing: dict[str, Value] = {}
        for decision in self._objects(root, "decisions"):
            if self._stands(decision):
                about = (decision.word("original_question") or decision.word("title") or str(decision.start)).casefold()
                before = standing.get(about)
                late = before is None or _STANDING.index(_status(decision)) <= _STANDING.index(_status(before))
                lost, standing[about] = (before, decision) if before is None or late else (decision, before)
                if lost is not None:
                    message = "another decision on the same question takes the place of this one."
                    self.note("superseded", lost.start, message, "info")
        for decision in standing.values():
            texts = [text for key in ("decision", "implication") if (text := self._string(decision, key))]
            heading = decision.text("title") or decision.text("original_question")
            self._add(decision, [heading], [text for text in texts if not _is_put_off(text)])

    def _stands(self, decision: Value) -> bool:
        status = _status(decision)
        if status == "needs-review":
            self.note("needs-review", decision.start, "nobody has confirmed this decision yet; it is not read.", "info")
        elif status not in _STANDING:
            message = f"the status of this decision is none of {', '.join(_STANDING)}; it is not read."
            self.note("unknown-status", decision.start, message)
        return status in _STANDING

    # -- blocks --------------------------------------------------------------------------------------------------------

    def _add(self, entry: Value, headings: Iterable[Value | None], texts: Sequence[Value]) -> None:
        """Add what an entry states under its headings, and who states it and when."""
        if not texts:
            return
        by, on = (entry.word(key) or self._metadata.word(key) for key in ("answered_by", "answered_on"))
        self._signed.append((by, on))
        signature = ", ".join(filter(None, (by, on)))
        path: tuple[str, ...] = (TITLE, *([signature] if signature else []))
        for heading in headings:
            said = " ".join(str(heading.said).split()) if heading else ""
            if heading is not None and said != path[-1]:
                path = (*path, said)
                self._add_heading(heading, path)
        for text in texts:
            self.blocks += string_blocks(self.file.text, text, path)

    def _add_heading(self, heading: Value, path: tuple[str, ...]) -> None:
        if heading.start not in self._headings:
            self._headings.add(heading.start)
            span = Span(start=heading.start, end=heading.end, text=path[-1])
            self.blocks.append(
                Block(kind="heading", start=span.start, end=span.end, heading_path=path, depth=len(path), spans=(span,))
            )

    # -- parts of a wrong type -----------------------------------------------------------------------------------------

    def _objects(self, owner: Value, key: str) -> tuple[Value, ...]:
        """Return the objects of an array; anything else in its place is told and passed over."""
        found = owner.members.get(key)
        if found is None or (found.kind == "word" and found.said is None):
            return ()
        if found.kind != "array":
            self.note("wrong-type", found.start, f"{key} is no list; it is not read.")
        others = [item for item in found.items if item.kind != "object"]
        if others:
            self.note("wrong-type", others[0].start, f"no object in {key}: {len(others)}, first here; not read.")
        return tuple(item for item in found.items if item.kind == "object")

    def _string(self, owner: Value, key: str) -> Value | None:
        """Return the string of a key if it says something; a number or list in its place is told and passed over."""
        found = owner.members.get(key)
        if found is not None and found.kind != "string" and not (found.kind == "word" and found.said is None):
            self.note("wrong-type", found.start, f"{key} is no text; it is not read.")
        return owner.text(key)


def _kind(root: Value) -> StatementKind | None:
    """Return what a file holds by its shape, whatever its name says."""
    shapes: tuple[tuple[StatementKind, str, str], ...] = (
        ("clarifications", "sections", "questions"),
        ("decisions", "decisions", "decision"),
    )
    for kind, key, inner in shapes:
        found = root.members.get(key)
        empty = found is not None and found.kind == "array" and not found.items and "metadata" in root.members
        if empty or any(inner in entry.members for entry in root.objects(key)):
            return kind
    return None


def _status(decision: Value) -> str:
    return decision.word("status").casefold()


def _is_put_off(text: Value) -> bool:
    """Tell whether a text only says that there is no answer."""
    words = " ".join(str(text.said).casefold().split()).strip(".?!- ")
    return not words or words in _PUT_OFF


def _same(one: Value, other: Value) -> bool:
    return str(one.said).casefold().split() == str(other.said).casefold().split()
