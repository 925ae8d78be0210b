"""The rules a package should keep: advice of the specification and of those who measured skills, as warnings."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from itertools import accumulate

from skillgen.validate.issue import RuleIssue, warning
from skillgen.validate.package import SKILL_FILE, SOURCES_FILE, SkillPackage

MAX_BODY_LINES = 500
MAX_BODY_TOKENS = 5000
AIM_BODY_TOKENS = 1300
MAX_METADATA_CHARACTERS = 400  # about 100 tokens: every session of an agent pays for it
LONG_REFERENCE_LINES = 100
FOLDERS = ("references", "scripts", "assets")
PROCESS_NAMES = ("clarifications.json", "decisions.json", "__pycache__", "node_modules", ".ds_store", ".git")
_CONTENTS = ("contents", "table of contents")
_WHEN = re.compile(r"\bwhen(?:ever)?\b", re.IGNORECASE)
_WHEN_TO_READ = re.compile(
    r"\b(?:when|whenever|if|before|after|while|during|once|unless|until|for|to)\b", re.IGNORECASE
)
_EXPIRES = re.compile(r"(?<![0-9])[12][0-9]{3}-[01][0-9]-[0-3][0-9](?![0-9])|\bas of\b", re.IGNORECASE)


def body_lines(package: SkillPackage) -> Iterator[RuleIssue]:
    """S-body-lines: the body has fewer than 500 lines."""
    lines = len(package.front.body.strip().splitlines())
    if lines >= MAX_BODY_LINES:
        message = f"The body has {lines:,} lines: move parts into references/ until it has under {MAX_BODY_LINES}."
        yield warning("S-body-lines", SKILL_FILE, message)


def body_tokens(package: SkillPackage) -> Iterator[RuleIssue]:
    """S-body-tokens: the body has at most 5,000 tokens (specification), better at most 1,300 (measured)."""
    tokens = -(-len(package.front.body.strip()) // 4)
    if tokens > AIM_BODY_TOKENS:
        aim = (
            f"the specification's {MAX_BODY_TOKENS:,}" if tokens > MAX_BODY_TOKENS else f"our aim, {AIM_BODY_TOKENS:,}"
        )
        message = f"The body has about {tokens:,} tokens, over {aim}: move parts into references/."
        yield warning("S-body-tokens", SKILL_FILE, message)


def description_length(package: SkillPackage) -> Iterator[RuleIssue]:
    """S-description-length: name and description together have at most about 100 tokens."""
    length = sum(len(package.front.text(key) or "") for key in ("name", "description"))
    if length > MAX_METADATA_CHARACTERS:
        message = f"Name and description have {length:,} characters: shorten to {MAX_METADATA_CHARACTERS}."
        yield warning("S-description-length", SKILL_FILE, message)


def description_when(package: SkillPackage) -> Iterator[RuleIssue]:
    """S-description-when: the description says when to use the skill."""
    description = package.front.text("description")
    if description and not _WHEN.search(description):
        yield warning("S-description-when", SKILL_FILE, "Say in the description when to use the skill: 'Use when ...'.")


def when_section(package: SkillPackage) -> Iterator[RuleIssue]:
    """S-when-section: the body has no section "When to use": it is read only after the choice was made."""
    for line in package.prose.get(SKILL_FILE, ()):
        if line.is_heading and line.text.strip().casefold().startswith("when to use"):
            message = f"Line {line.number}: move 'When to use' into the description."
            yield warning("S-when-section", SKILL_FILE, message)


def expiring_dates(package: SkillPackage) -> Iterator[RuleIssue]:
    """S-expiring-date: the body says nothing that is true of a date only; code does not count."""
    for line in package.prose.get(SKILL_FILE, ()):
        found = _EXPIRES.search(line.text)
        if found:
            message = f"Line {line.number}: remove the date or state what does not expire ({found[0]!r})."
            yield warning("S-expiring-date", SKILL_FILE, message)


def reference_depth(package: SkillPackage) -> Iterator[RuleIssue]:
    """S-reference-depth: references lie directly in references/."""
    for file in package.files:
        if file.startswith("references/") and file.count("/") > 1:
            yield warning("S-reference-depth", file, "Move the file up into references/.")


def references_linked(package: SkillPackage) -> Iterator[RuleIssue]:
    """S-unlinked-reference: SKILL.md links every file in references/."""
    linked = {path for path, _ in _links_of_body(package)}
    for file in package.files:
        if file.startswith("references/") and file not in linked and not _process_part(file):
            yield warning("S-unlinked-reference", file, f"Link it from {SKILL_FILE} and say when to read it.")


def when_to_read(package: SkillPackage) -> Iterator[RuleIssue]:
    """S-no-when: a line of SKILL.md that links a reference says when to read it, once for each reference."""
    links = [(path, words) for path, words in _links_of_body(package) if path.startswith("references/")]
    told = {path for path, words in links if _WHEN_TO_READ.search(words)}
    for path in dict.fromkeys(path for path, _ in links):
        if path not in told:
            message = f"Say on the line that links {path} when to read it: 'Read ... when ...'."
            yield warning("S-no-when", SKILL_FILE, message)


def table_of_contents(package: SkillPackage) -> Iterator[RuleIssue]:
    """S-toc: a reference over 100 lines has a heading "Contents"; the table of sources needs none."""
    for file, text in package.texts.items():
        long = len(text.splitlines()) > LONG_REFERENCE_LINES and file not in {SKILL_FILE, SOURCES_FILE}
        headings = {line.text.strip().casefold() for line in package.prose[file] if line.is_heading}
        if long and not headings & {*_CONTENTS}:
            yield warning("S-toc", file, f"Add a heading 'Contents' with a list: over {LONG_REFERENCE_LINES} lines.")


def absolute_links(package: SkillPackage) -> Iterator[RuleIssue]:
    """S-absolute-link: no link to a place on a disk."""
    for file, line, link in package.links():
        if link.is_absolute:
            message = f"Line {line.number}: make the link to {link.path!r} relative to this file."
            yield warning("S-absolute-link", file, message)


def forward_slashes(package: SkillPackage) -> Iterator[RuleIssue]:
    """S-forward-slash: paths in links have forward slashes."""
    for file, line, link in package.links():
        if "\\" in link.path:
            yield warning("S-forward-slash", file, f"Line {line.number}: write {link.path!r} with forward slashes.")


def known_folders(package: SkillPackage) -> Iterator[RuleIssue]:
    """S-folders: no folders but references/, scripts/ and assets/ at the root."""
    for folder in package.folders:
        if "/" not in folder and folder not in FOLDERS and not _process_part(folder):
            yield warning("S-folders", folder, f"Move its files into one of {', '.join(FOLDERS)}.")


def process_files(package: SkillPackage) -> Iterator[RuleIssue]:
    """S-process-file: nothing that only the making of the skill needs; what lies in such a folder is not told."""
    for path in (*package.folders, *package.files):
        if _process_part(path) == path:
            yield warning("S-process-file", path, "Remove it from the package.")


def _process_part(path: str) -> str | None:
    """Return the shortest opening of `path` that only the making of the skill needs, if any."""
    for opening in accumulate(path.split("/"), posixpath.join):
        name = posixpath.basename(opening).casefold()
        if name in PROCESS_NAMES or name.endswith(".pyc") or opening == "evals":
            return opening
    return None


def _links_of_body(package: SkillPackage) -> Iterator[tuple[str, str]]:
    """Yield the path of each relative link of SKILL.md with the words that stand beside it on its line."""
    for line in package.prose.get(SKILL_FILE, ()):
        for link in line.links:
            if link.is_relative:
                yield posixpath.normpath(link.path), line.outside


SOFT_RULES: tuple[Callable[[SkillPackage], Iterator[RuleIssue]], ...] = (
    body_lines,
    body_tokens,
    description_length,
    description_when,
    when_section,
    expiring_dates,
    reference_depth,
    references_linked,
    when_to_read,
    table_of_contents,
    absolute_links,
    forward_slashes,
    known_folders,
    process_files,
)
