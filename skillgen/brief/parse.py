"""Makes a Brief of Markdown: which variant it is, its targets, questions and checks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import NamedTuple

from skillgen.brief.outline import Outline, Section, joined, read_outline
from skillgen.brief.purpose import read_purpose
from skillgen.brief.targets import sentences_of, targets_of_list, trimmed
from skillgen.brief.vocabulary import read_vocabulary
from skillgen.errors import BriefError
from skillgen.model.brief import Brief, Question, Target
from skillgen.model.corpus import content_id

FOCUS = "Focus"
DELTA_PRINCIPLE = "Delta Principle"
COVERAGE_TARGETS = "Coverage Targets"
SUCCESS_CRITERIA = "Success Criteria"
QUALITY_CHECKS = "Quality checks"
VOCABULARY = "Vocabulary"
QUESTIONS = "Questions to Research"
EXAMPLE_HINT = "Run `skillgen brief show integration-and-orchestration` for an example."
# For the forms that Skill Builder had before its briefs.
_PROMPT_HINT = (
    "This is a prompt for an agent, as Skill Builder had them before its briefs, and asks no questions of its own. "
    f"Write a brief with `skillgen brief new NAME`. {EXAMPLE_HINT}"
)

# CommonMark knows no "3a." or "Q3.": such a line is part of the paragraph or of the item before it.
_NUMBERED_LINE = re.compile(r"\s*(?P<number>[Qq]?\d+[A-Za-z]?)[.)]\s+(?=\S)")


class _Sections(NamedTuple):
    focus: Section
    delta_principle: Section
    targets: Section
    questions: Section
    checks: Section | None
    vocabulary: Section | None

    @property
    def variant(self) -> str:
        if _folded(self.targets.heading) == _folded(SUCCESS_CRITERIA):
            return "C"
        return "D" if self.checks is None else "E"


def parse_brief(text: str, *, path: str, sha256: str) -> Brief:
    """Return the brief that the Markdown `text` of the file `path` holds; `sha256` is the digest of its bytes.

    Raises:
        BriefError: a needed section is missing, empty or there twice, two targets or two questions have the same
            text, or a comment is never closed.
    """
    purpose, body = read_purpose(text)
    outline = read_outline(body, path=path)
    sections = _select(outline, path)
    name = PurePath(path).stem
    title = outline.title or _as_title(name)
    targets = _filled(_target_texts(sections), "target", sections.targets, path)
    questions = list(_numbered_questions(sections.questions))
    texts = _filled([question for _, question in questions], "question", sections.questions, path)
    return Brief(
        name=name,
        path=path,
        title=title,
        sha256=sha256,
        variant=sections.variant,
        focus=_prose(sections.focus, path),
        delta_principle=_prose(sections.delta_principle, path),
        targets=tuple(Target(id=content_id("tgt", title, target, digits=8), text=target) for target in targets),
        questions=tuple(
            Question(id=content_id("qst", title, question, digits=8), number=number, text=question)
            for (number, _), question in zip(questions, texts, strict=True)
        ),
        quality_checks=tuple(item.text for item in sections.checks.items) if sections.checks else (),
        vocabulary=read_vocabulary(sections.vocabulary, path) if sections.vocabulary else (),
        purpose=purpose,
    )


def _select(outline: Outline, path: str) -> _Sections:
    """Return the sections that a brief is made of; all others are left alone.

    Raises:
        BriefError: a needed one is missing, or one that is read is there twice.
    """
    found: dict[str, list[Section]] = {}
    for section in outline.sections:
        found.setdefault(_folded(section.heading), []).append(section)
    targets = COVERAGE_TARGETS if _folded(COVERAGE_TARGETS) in found else SUCCESS_CRITERIA
    needed = (FOCUS, DELTA_PRINCIPLE, targets, QUESTIONS)
    _refuse_missing([heading for heading in needed if _folded(heading) not in found], outline, path)
    chosen = [found.get(_folded(heading), []) for heading in (*needed, QUALITY_CHECKS, VOCABULARY)]
    for sections in chosen:
        if sections[1:]:
            raise BriefError(
                f"{path} has the section {sections[0].heading!r} {len(sections)} times.",
                hint="Join them under one heading, or give the others a name of their own.",
            )
    focus, delta_principle, target, question = (sections[0] for sections in chosen[: len(needed)])
    checks, vocabulary = (next(iter(sections), None) for sections in chosen[len(needed) :])
    return _Sections(focus, delta_principle, target, question, checks, vocabulary)


def _refuse_missing(missing: list[str], outline: Outline, path: str) -> None:
    if not missing:
        return
    either = f"{COVERAGE_TARGETS} or {SUCCESS_CRITERIA}"
    named = [either if heading == SUCCESS_CRITERIA else heading for heading in missing]
    there = ", ".join(section.heading for section in outline.sections) or "none"
    raise BriefError(
        f"{path} is no research brief. Looked for the headings (##) {FOCUS}, {DELTA_PRINCIPLE}, {either}, {QUESTIONS}; "
        f"missing: {', '.join(named)}. Headings found: {there}.",
        hint=_PROMPT_HINT if any(_folded(one.heading) == "your role" for one in outline.sections) else EXAMPLE_HINT,
    )


def _target_texts(sections: _Sections) -> list[str]:
    section = sections.targets
    if section.items:
        return [trimmed(item.text) for item in section.items]
    paragraphs = [entry.text for entry in section.entries]
    if sections.variant == "C":
        return [trimmed(sentence) for paragraph in paragraphs for sentence in sentences_of(paragraph)]
    return list(targets_of_list(paragraphs))


def _numbered_questions(section: Section) -> Iterator[tuple[str, str]]:
    """Yield each question with its number as written, or with its place where it has none."""
    place = 0
    for entry in section.entries:
        for number, text in _numbered_parts(entry.number, entry.lines):
            # A paragraph without a number introduces the list or comments on it.
            if text and (number or entry.kind == "item"):
                place += 1
                yield number or str(place), text


def _numbered_parts(number: str | None, lines: Iterable[str]) -> list[tuple[str | None, str]]:
    """Return the lines joined, with a new part at each line that opens with a number of its own."""
    parts: list[tuple[str | None, list[str]]] = [(number, [])]
    for line in lines:
        opening = _NUMBERED_LINE.match(line)
        if opening:
            parts.append((opening["number"], []))
        parts[-1][1].append(line[opening.end() :] if opening else line)
    return [(part, joined(content)) for part, content in parts]


def _filled(texts: list[str], kind: str, section: Section, path: str) -> list[str]:
    """Return `texts`, at least one and no two the same.

    Raises:
        BriefError: there is none, or two are the same and would share their id.
    """
    texts = [text for text in texts if text]
    if not texts:
        raise BriefError(
            f"{path} holds no {kind} under {section.heading!r}.",
            hint=f"Write each {kind} as an item of a list. {EXAMPLE_HINT}",
        )
    (text, count), *_ = Counter(texts).most_common(1)
    if count > 1:
        raise BriefError(
            f"{path} states the same {kind} {count} times under {section.heading!r}: {text}",
            hint=f"Keep one of them, or say how they differ; each {kind} is counted on its own.",
        )
    return texts


def _prose(section: Section, path: str) -> str:
    """Return the section's text.

    Raises:
        BriefError: it holds no text.
    """
    if not section.prose:
        raise BriefError(f"{path} has nothing under {section.heading!r}.", hint=EXAMPLE_HINT)
    return section.prose


def _as_title(name: str) -> str:
    words = joined([name.replace("-", " ")])
    return words[:1].upper() + words[1:]


def _folded(heading: str) -> str:
    return joined([heading]).casefold()
