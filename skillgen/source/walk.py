"""Walking: the pages of corpora, and what is not read and why."""

from __future__ import annotations

import errno
import os
import stat
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from skillgen.model.corpus import Corpus, Finding, Severity
from skillgen.model.statements import statement_kind
from skillgen.source.findings import count, counted, huge, unreadable
from skillgen.source.generated import is_generated_package
from skillgen.source.names import ODD, printable

TOOL_FOLDERS = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", ".tox"})
MARKERS = frozenset({"CACHEDIR.TAG", ".skillgen-workspace"})

_ODD_NAME = (
    "is a {} whose name is not valid UTF-8 or holds control characters, so no page can be cited by it. Rename it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEntry:
    """A file that can be read as a page; `path` is absolute and goes through no link, `size` is in bytes."""

    source: str
    path: Path
    size: int
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a scan found: the pages in the order of their sources, and what is not read and why."""

    entries: tuple[SourceEntry, ...]
    findings: tuple[Finding, ...]


def scan(corpora: Sequence[Corpus], *, include: Sequence[str], exclude: Sequence[str], max_bytes: int) -> Scan:
    """List the pages of the corpora without opening any.

    The one file that is opened is a SKILL.md, to see whether its folder is a package that skillgen wrote.

    Args:
        corpora: The corpora; with more than one, a source begins with the name of its corpus.
        include: The suffixes of pages, such as ".md"; upper and lower case are the same.
        exclude: Patterns of `fnmatch` on the path inside the corpus; `*` matches slashes too.
        max_bytes: A larger file is a finding and no entry.

    Returns:
        The entries in the order of their sources (code points) and the findings in the order of theirs.
    """
    rules = _Rules(tuple(suffix.lower() for suffix in include), tuple(exclude), max_bytes)
    found = _Found()
    for corpus in corpora:
        _Walk(corpus, Path(os.path.realpath(corpus.root)), rules, found, prefixed=len(corpora) > 1).run()
    findings = [*found.findings, *_counted_findings(found)]
    return Scan(
        entries=tuple(sorted(found.entries, key=lambda entry: entry.source)),
        findings=tuple(sorted(findings, key=lambda finding: (finding.source, finding.kind, finding.message))),
    )


@dataclass(frozen=True, slots=True)
class _Rules:
    """Which files are pages."""

    include: tuple[str, ...]
    exclude: tuple[str, ...]
    max_bytes: int

    def excluding(self, inside: str) -> str | None:
        """Return the first pattern that excludes the path inside the corpus, if any."""
        return next((pattern for pattern in self.exclude if fnmatchcase(inside, pattern)), None)

    def is_page(self, name: str) -> bool:
        """Tell whether a file's name ends like a page's; ".md" alone is a hidden file without a suffix.

        So do files of owners' statements, whatever the suffixes are.
        """
        ends = any(name.lower().endswith(suffix) and len(name) > len(suffix) for suffix in self.include)
        return ends or statement_kind(name) is not None


@dataclass(slots=True)
class _Found:
    """What the walks have gathered; the three counts hold sources by suffix, by pattern and by folder or marker."""

    entries: list[SourceEntry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    other_formats: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    excluded: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    skipped: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    generated: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Walk:
    """Goes through one corpus; `inside` is always a POSIX path inside it, "" for its root."""

    corpus: Corpus
    root: Path
    rules: _Rules
    found: _Found
    prefixed: bool
    pending: list[str] = field(default_factory=lambda: [""])

    def run(self) -> None:
        """Visit everything in the corpus, folder by folder; a list of pending folders, so depth is no matter."""
        while self.pending:
            folder = self.pending.pop()
            for item in self._listing(folder):
                self._visit(item, f"{folder}/{item.name}" if folder else item.name)

    def _source(self, inside: str) -> str:
        if not inside:
            return self.corpus.name
        return f"{self.corpus.name}/{inside}" if self.prefixed else inside

    def _note(self, kind: str, inside: str, message: str, severity: Severity = "warning") -> None:
        """Add a finding; `message` goes on after the source."""
        shown = printable(self._source(inside))
        self.found.findings.append(Finding(kind=kind, source=shown, message=f"{shown} {message}", severity=severity))

    def _note_failure(self, inside: str, error: OSError) -> None:
        """Add the finding of what cannot be looked at, unless an excluded place is meant."""
        pattern = self.rules.excluding(inside) or self.rules.excluding(f"{inside}/") if inside else None
        if pattern is not None:
            self.found.excluded[pattern].append(self._source(inside))
            return
        shown = printable(self._source(inside))
        self.found.findings.append(unreadable(shown, error, severity="warning" if inside else "error"))

    def _listing(self, folder: str) -> list[os.DirEntry[str]]:
        """Return what a folder holds; nothing where it cannot be read or is marked as not meant to be.

        The root is read whatever it holds: the user named it.
        """
        try:
            with os.scandir(self.root / folder) as listing:
                items = list(listing)
            markers = [item.name for item in items if item.name in MARKERS and item.is_file(follow_symlinks=False)]
        except OSError as error:
            self._note_failure(folder, error)
            return []
        if markers and folder:
            self.found.skipped[f"marked by {min(markers)}"].append(self._source(folder))
            return []
        if folder and is_generated_package(self.root / folder):
            self.found.generated.append(self._source(folder))
            return []
        return items

    def _visit(self, item: os.DirEntry[str], inside: str) -> None:
        """Sort one thing by its kind."""
        try:
            info = item.stat(follow_symlinks=False)
        except OSError as error:
            self._note_failure(inside, error)
            return
        if stat.S_ISDIR(info.st_mode):
            self._visit_folder(inside, item.name)
        elif (pattern := self.rules.excluding(inside)) is not None:
            self.found.excluded[pattern].append(self._source(inside))
        elif stat.S_ISLNK(info.st_mode):
            self._visit_link(inside)
        else:
            self._visit_file(inside, self.root / inside, info)

    def _visit_folder(self, inside: str, name: str) -> None:
        if name in TOOL_FOLDERS:
            self.found.skipped[f"named {name}"].append(self._source(inside))
        elif not ODD.search(name):
            self.pending.append(inside)
        elif (pattern := self.rules.excluding(f"{inside}/")) is not None:
            self.found.excluded[pattern].append(self._source(inside))
        else:
            self._note("odd-name", inside, _ODD_NAME.format("folder"))

    def _visit_link(self, inside: str) -> None:
        """Follow a link where it leads to a file of the same corpus, which must not be hidden by a rule."""
        try:
            target = Path(os.path.realpath(self.root / inside, strict=True))
            info = target.lstat()
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
                self._note("broken-link", inside, "is a link that leads nowhere. Mend the link or remove it.")
            else:
                self._note_failure(inside, error)
            return
        if not target.is_relative_to(self.root):
            advice = "Put a copy into the corpus, or pass the folder it leads to as a corpus of its own."
            self._note("outside-link", inside, f"is a link that leads out of the corpus. {advice}")
        elif stat.S_ISDIR(info.st_mode):
            message = "is a link to a folder of the corpus; its pages are read where the folder stands."
            self._note("linked-folder", inside, message, "info")
        elif not self._hides(inside, target.relative_to(self.root)):
            self._visit_file(inside, target, info)

    def _hides(self, inside: str, target: Path) -> bool:
        """Tell, and note, whether a rule forbids to read the target of a link: no rule is evaded by another name."""
        pattern = self.rules.excluding(target.as_posix())
        if pattern is not None:
            self.found.excluded[pattern].append(self._source(inside))
            return True
        reason = self._skip_reason(target)
        if reason is not None:
            message = f"is a link into a {reason}, which is not read. Put a copy in its place."
            self._note("outside-link", inside, message)
        return reason is not None

    def _skip_reason(self, target: Path) -> str | None:
        """Return why the walk enters one of the folders above the target not, or None where it enters all."""
        for folder in target.parents[:-1]:
            if folder.name in TOOL_FOLDERS:
                return f"tool folder named {folder.name}"
            if is_generated_package(self.root / folder):
                return "package that skillgen wrote"
            for marker in sorted(MARKERS):
                if os.path.lexists(self.root / folder / marker):
                    return f"tool folder marked by {marker}"
        return None

    def _visit_file(self, inside: str, path: Path, info: os.stat_result) -> None:
        """List a file as a page, or note why it is none."""
        name = PurePosixPath(inside).name
        if not stat.S_ISREG(info.st_mode):
            message = "is a pipe, a socket or a device and is never opened. Take it out of the corpus."
            self._note("special-file", inside, message)
        elif not self.rules.is_page(name):
            self.found.other_formats[_suffix(name)].append(self._source(inside))
        elif ODD.search(name):
            self._note("odd-name", inside, _ODD_NAME.format("file"))
        elif info.st_size > self.rules.max_bytes:
            self.found.findings.append(huge(self._source(inside), info.st_size, self.rules.max_bytes))
        else:
            url = self.corpus.url and self.corpus.url.replace("{path}", quote(inside))
            self.found.entries.append(
                SourceEntry(source=self._source(inside), path=path, size=info.st_size, url=url),
            )


def _suffix(name: str) -> str:
    suffix = PurePosixPath(name).suffix.lower()
    return "" if suffix == "." else suffix  # Python 3.14 sees a suffix in "name."


def _counted_findings(found: _Found) -> list[Finding]:
    """Return one finding for each suffix, pattern and kind of folder that is left out, at the first source."""
    findings = []
    for suffix, sources in found.other_formats.items():
        ending = f"ending in {printable(suffix)}" if suffix else "without a suffix"
        advice = f"If they are text, add {printable(suffix)} to ingest.include." if suffix else "Give pages a suffix."
        findings.append(counted("other-format", sources, f"{count(sources, 'file')} {ending}", advice))
    for pattern, sources in found.excluded.items():
        what = f"{count(sources, 'file')} excluded by the pattern {printable(pattern)}"
        findings.append(counted("excluded", sources, what, "To read them, change ingest.exclude."))
    for reason, sources in found.skipped.items():
        what = f"{count(sources, 'tool folder')} {reason}"
        findings.append(counted("skipped-folder", sources, what, "To read one, pass it as a corpus of its own."))
    if found.generated:
        what = f"{count(found.generated, 'package')} that skillgen wrote"
        advice = "A skill is made from pages, never from another skill."
        findings.append(counted("generated-package", found.generated, what, advice))
    return findings
