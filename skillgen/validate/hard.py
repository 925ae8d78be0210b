"""The rules a package must keep: the thirteen of the Agent Skills format, and what its links and markers owe a reader.

Where the specification and the clients differ the stricter one holds: a name is ASCII, a value that plain YAML takes
for a number has to be quoted, a description stands in quotes on its key's line (no block scalar).
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Callable, Iterator

from skillgen.validate.issue import RuleIssue, error
from skillgen.validate.markdown import Line
from skillgen.validate.package import SKILL_FILE, SOURCES_FILE, SkillPackage

ALLOWED_KEYS = ("name", "description", "license", "allowed-tools", "metadata", "compatibility")
RESERVED_WORDS = ("anthropic", "claude")
MAX_NAME = 64
MAX_DESCRIPTION = 1024
MAX_COMPATIBILITY = 500
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_IN_PARENTHESES = re.compile(r"\([^()]*\)")
_MARKER = re.compile(r"(?<!\\)\[(S[0-9]+)\]")
_MARKER_LINK = re.compile(r"S[0-9]+")
_SOURCE_ROW = re.compile(r"^\| *(S[0-9]+) *\|", re.MULTILINE)


def skill_file(package: SkillPackage) -> Iterator[RuleIssue]:
    """H1: a SKILL.md that can be read, with a front matter that is a mapping between two `---` lines."""
    if SKILL_FILE in package.unread:
        yield error("H1", SKILL_FILE, f"Make the file readable as UTF-8 text: {package.unread[SKILL_FILE]}.")
    elif SKILL_FILE not in package.texts:
        other = next((file for file in package.files if file.casefold() == SKILL_FILE.casefold()), None)
        yield error("H1", SKILL_FILE, f"Rename {other} to {SKILL_FILE}." if other else f"Add a file {SKILL_FILE}.")
    yield from (error("H1", SKILL_FILE, message) for rule, message in package.front.problems if rule == "H1")


def front_matter(package: SkillPackage) -> Iterator[RuleIssue]:
    """H2: a front matter that strictyaml can read, with no `---` inside a value."""
    yield from (error("H2", SKILL_FILE, message) for rule, message in package.front.problems if rule == "H2")


def allowed_keys(package: SkillPackage) -> Iterator[RuleIssue]:
    """H3: no key that the format does not know."""
    unknown = sorted({str(key) for key in package.front.values} - {*ALLOWED_KEYS})
    if unknown:
        message = f"Remove {', '.join(unknown)} (or put it under metadata); allowed are {', '.join(ALLOWED_KEYS)}."
        yield error("H3", SKILL_FILE, message)


def name_form(package: SkillPackage) -> Iterator[RuleIssue]:
    """H4: a name of 1 to 64 lower-case ASCII letters, digits and single inner hyphens."""
    name = package.front.text("name")
    if _is_unreadable(package, "name") or (name and len(name) <= MAX_NAME and _NAME.fullmatch(name)):
        return
    yield error("H4", SKILL_FILE, f"Give a name of 1 to {MAX_NAME} characters: a-z, 0-9 and single hyphens between.")


def name_is_folder(package: SkillPackage) -> Iterator[RuleIssue]:
    """H5: the name equals the folder's name, compatibility forms of characters apart."""
    name = package.front.text("name")
    if name and unicodedata.normalize("NFKC", name.strip()) != unicodedata.normalize("NFKC", package.name):
        yield error("H5", SKILL_FILE, f"Make the name {name!r} and the folder's name {package.name!r} the same.")


def name_words(package: SkillPackage) -> Iterator[RuleIssue]:
    """H6: no reserved word and no XML tag in the name."""
    name = unicodedata.normalize("NFKC", package.front.text("name") or "").casefold()
    taken = [word for word in (*RESERVED_WORDS, "<", ">") if word in name]
    if taken:
        yield error("H6", SKILL_FILE, f"Take {' and '.join(taken)} out of the name: reserved.")


def description_text(package: SkillPackage) -> Iterator[RuleIssue]:
    """H7: a description that is text of 1 to 1,024 characters."""
    description = package.front.text("description") or ""
    if _is_unreadable(package, "description") or (description.strip() and len(description) <= MAX_DESCRIPTION):
        return
    message = f"Give a description, a text of 1 to {MAX_DESCRIPTION:,} characters; it has {len(description):,}."
    yield error("H7", SKILL_FILE, message)


def description_brackets(package: SkillPackage) -> Iterator[RuleIssue]:
    """H8: no `<` or `>` anywhere in the description."""
    if {"<", ">"} & {*str(package.front.values.get("description", ""))}:
        yield error("H8", SKILL_FILE, "Take every < and > out of the description: write 'over' or 'to' instead.")


def compatibility_text(package: SkillPackage) -> Iterator[RuleIssue]:
    """H9: a compatibility, where there is one, that is text of 1 to 500 characters."""
    text = package.front.text("compatibility") or ""
    if "compatibility" in package.front.values and not (text.strip() and len(text) <= MAX_COMPATIBILITY):
        yield error(
            "H9", SKILL_FILE, f"Make compatibility a text of 1 to {MAX_COMPATIBILITY} characters, or remove it."
        )


def metadata_texts(package: SkillPackage) -> Iterator[RuleIssue]:
    """H10: metadata maps texts to texts, for readers of plain YAML too."""
    metadata = package.front.values.get("metadata", {})
    if not isinstance(metadata, dict):
        yield error("H10", SKILL_FILE, 'Make metadata a mapping of lines `key: "value"`.')
        return
    nested = [f"metadata.{key}" for key, value in metadata.items() if not isinstance(value, str)]
    unquoted = sorted(path for path in package.front.not_text if path.startswith("metadata."))
    for path in dict.fromkeys((*nested, *unquoted)):
        yield error("H10", SKILL_FILE, f"Make {path} a text in quotes.")


def allowed_tools_text(package: SkillPackage) -> Iterator[RuleIssue]:
    """H11: allowed-tools, where there is one, is a text with spaces between the tools: no list, no commas."""
    if "allowed-tools" not in package.front.values:
        return
    tools = package.front.text("allowed-tools")
    if tools is None or "," in _IN_PARENTHESES.sub("", tools):
        yield error("H11", SKILL_FILE, "Write allowed-tools as one text with spaces between the tools.")


def one_skill_file(package: SkillPackage) -> Iterator[RuleIssue]:
    """H12: exactly one SKILL.md in the whole tree, however it is capitalised (none at all is H1)."""
    found = [file for file in package.files if posixpath.basename(file).casefold() == SKILL_FILE.casefold()]
    for file in found if len(found) > 1 else ():
        if file != SKILL_FILE:
            yield error("H12", file, f"Remove or rename this file: a package has one {SKILL_FILE}, at its root.")


def description_quoted(package: SkillPackage) -> Iterator[RuleIssue]:
    """H13: the description stands in quotes, single or double; a block scalar does not count."""
    if "description" in package.front.values and "description" not in package.front.quoted:
        yield error("H13", SKILL_FILE, 'Put the description in quotes: `description: "..."`.')


def readable_pages(package: SkillPackage) -> Iterator[RuleIssue]:
    """H-read: every reference is UTF-8 text and every folder can be listed."""
    for file, reason in package.unread.items():
        if file != SKILL_FILE:
            yield error("H-read", file, f"Make it readable (a page as UTF-8 text): {reason}.")


def links_lead_somewhere(package: SkillPackage) -> Iterator[RuleIssue]:
    """H-link: a relative link in SKILL.md or a reference names something in the package."""
    for file, line, link in package.links():
        if link.is_relative and not _target_exists(package, file, link.path):
            yield error("H-link", file, f"Line {line.number}: mend the link to {link.path!r}: no such file.")


def markers_have_rows(package: SkillPackage) -> Iterator[RuleIssue]:
    """H-marker: every citation marker `[S12]` has a row `| S12 |` in references/sources.md."""
    rows = {*_SOURCE_ROW.findall(package.texts.get(SOURCES_FILE, ""))}
    for file, lines in package.prose.items():
        for line in lines:
            for marker in dict.fromkeys(_markers(line)):
                if marker not in rows:
                    message = f"Line {line.number}: remove [{marker}] or give it a row in {SOURCES_FILE}."
                    yield error("H-marker", file, message)


def _is_unreadable(package: SkillPackage, key: str) -> bool:
    """Whether the front matter is so broken (H1, H2) that the lack of `key` says nothing."""
    return key not in package.front.values and (bool(package.front.problems) or SKILL_FILE not in package.texts)


def _target_exists(package: SkillPackage, file: str, path: str) -> bool:
    return bool(path) and package.holds(posixpath.normpath(posixpath.join(posixpath.dirname(file), path)))


def _markers(line: Line) -> Iterator[str]:
    """Yield the markers of a line: `[S12]`, or a link to the sources whose words are `S12`."""
    yield from _MARKER.findall(line.text)
    for link in line.links:
        if _MARKER_LINK.fullmatch(link.text) and posixpath.basename(link.path) == posixpath.basename(SOURCES_FILE):
            yield link.text


HARD_RULES: tuple[Callable[[SkillPackage], Iterator[RuleIssue]], ...] = (
    skill_file,
    front_matter,
    allowed_keys,
    name_form,
    name_is_folder,
    name_words,
    description_text,
    description_brackets,
    compatibility_text,
    metadata_texts,
    allowed_tools_text,
    one_skill_file,
    description_quoted,
    readable_pages,
    links_lead_somewhere,
    markers_have_rows,
)
