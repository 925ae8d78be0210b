"""Finds the files of corpora and reads them as text: the first stage of ingest.

`resolve_corpora` checks the folders, `scan` lists the pages in them, `read_source` reads one page. Only a folder or an
address that the user must mend is raised; whatever is wrong with a file is returned as a Finding. Nothing outside a
corpus is read: a link is followed only to a regular file of the same corpus, and `read_source` looks again, because
the tree may have changed since the scan.
"""

from __future__ import annotations

import codecs
import errno
import hashlib
import itertools
import os
import re
import shlex
import stat
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from skillgen.errors import CorpusError, SettingsError
from skillgen.model.corpus import Corpus, Finding, Severity, SourceFile

TOOL_FOLDERS = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", ".tox"})
MARKERS = frozenset({"CACHEDIR.TAG", ".skillgen-workspace"})

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),  # begins with the mark of UTF-16, so it comes first
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_BEYOND_ASCII = bytes(range(0x80, 0x100))
_LINE_END = re.compile(rb"\r\n|\r|\n")
_READ_FLAGS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY  # neither a link nor a pipe that was put in a file's place
# Surrogates stand for bytes that are no UTF-8; control characters and line ends break whatever shows the name.
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_UNDECODED = range(0xDC80, 0xDD00)


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


def resolve_corpora(folders: Sequence[Path], urls: Mapping[str, str] | None = None) -> tuple[Corpus, ...]:
    """Check the folders and name each corpus after its folder.

    Args:
        folders: The folders as the user wrote them.
        urls: The address pattern of a corpus by its name; `{path}` in it stands for the page's path.

    Returns:
        The corpora in the order of the folders, each with its real root.

    Raises:
        CorpusError: No folder is given, one is missing or is no folder, two are the same or have the same name, or
            one stands inside another.
        SettingsError: An address belongs to no corpus or lacks `{path}`.
    """
    if not folders:
        raise CorpusError("No corpus folder is given.", hint="Name at least one: --corpus DIR")
    urls = urls or {}
    roots = [_real_folder(folder) for folder in folders]
    names = [_corpus_name(folder, root) for folder, root in zip(folders, roots, strict=True)]
    for one, other in itertools.combinations(roots, 2):
        _require_apart(one, other)
    _require_distinct(names)
    for name, url in urls.items():
        _require_url(name, url, names)
    return tuple(Corpus(name=name, root=root, url=urls.get(name)) for name, root in zip(names, roots, strict=True))


def scan(corpora: Sequence[Corpus], *, include: Sequence[str], exclude: Sequence[str], max_bytes: int) -> Scan:
    """List the pages of the corpora without opening any.

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


def read_source(entry: SourceEntry, *, max_bytes: int) -> SourceFile | Finding:
    """Read a page that a scan listed; at most `max_bytes` and one byte are read.

    Returns:
        The file with its text, or the finding that says why it cannot be read as text: `vanished`, `unreadable`,
        `huge`, `empty`, `binary` or `wrong-encoding`.
    """
    try:
        data, size = _read_bytes(entry.path, max_bytes)
    except OSError as error:
        return _unreadable(entry.source, error)
    if size > max_bytes:
        return _huge(entry.source, size, max_bytes)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _not_utf8(entry.source, data, error.start)
    if not text.replace("\ufeff", "").strip():
        message = f"{entry.source} is empty. Fill it or take it out of the corpus."
        return Finding(kind="empty", source=entry.source, message=message)
    if text.count("\0") * 100 > len(text):
        return _binary(entry.source)
    return SourceFile(source=entry.source, text=text, sha256=hashlib.sha256(data).hexdigest(), url=entry.url)


def corpus_digest(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the SHA-256 over pairs (source, SHA-256 of its bytes); their order does not matter."""
    digest = hashlib.sha256()
    for source, sha256 in sorted(pairs):
        digest.update(f"{source}\0{sha256}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


# Folders


def _real_folder(folder: Path) -> Path:
    """Return the folder's absolute path without links; CorpusError where there is no folder."""
    shown = _shown(str(folder))
    try:
        root = Path(os.path.realpath(folder, strict=True))
        is_folder = stat.S_ISDIR(root.stat().st_mode)
    except FileNotFoundError:
        raise CorpusError(
            f"The corpus folder {shown} does not exist.", hint="Check the spelling of --corpus, or create the folder."
        ) from None
    except (OSError, ValueError) as error:
        raise CorpusError(
            f"The corpus folder {shown} cannot be opened ({_reason(error)}).",
            hint="Check the path and its permissions.",
        ) from error
    if not is_folder:
        raise CorpusError(f"The corpus {shown} is a file, not a folder.", hint="Pass the folder that holds the pages.")
    return root


def _corpus_name(folder: Path, root: Path) -> str:
    """Return the folder's name as the user wrote it, or the real one for "." and ".."."""
    name = root.name if folder.name in {"", ".."} else folder.name
    if not name:
        raise CorpusError(f"The folder {root} has no name to call a corpus by.", hint="Pass a folder inside it.")
    if _ODD.search(name):
        raise CorpusError(
            f"The name of the corpus folder {_shown(name)} is not valid UTF-8 or holds control characters.",
            hint="Rename the folder.",
        )
    return name


def _require_apart(one: Path, other: Path) -> None:
    """Raise CorpusError where two roots are the same folder or one stands inside the other."""
    if one == other or one.samefile(other):
        raise CorpusError(f"The corpus folder {_shown(str(one))} is given twice.", hint="Pass it once.")
    outer, inner = sorted((one, other), key=lambda root: len(root.parts))
    if inner.is_relative_to(outer):
        raise CorpusError(
            f"The corpus folder {_shown(str(inner))} stands inside the corpus folder {_shown(str(outer))}.",
            hint="Pass only the outer folder, or folders beside each other.",
        )


def _require_distinct(names: Sequence[str]) -> None:
    """Raise CorpusError where two corpora have the same name."""
    name, count = Counter(names).most_common(1)[0]
    if count > 1:
        raise CorpusError(
            f"{count} corpus folders are named {name}, so their pages could not be told apart.",
            hint="Rename one of them, or pass the parent folder that holds them all as one corpus.",
        )


def _require_url(name: str, url: str, names: Sequence[str]) -> None:
    """Raise SettingsError where an address pattern has no corpus or no place for the path."""
    if name not in names:
        raise SettingsError(
            f"There is an address for a corpus named {name}, but no such corpus.",
            hint=f"The corpora are: {', '.join(names)}",
        )
    if "{path}" not in url:
        raise SettingsError(
            f"The address of the corpus {name} lacks {{path}}: {url}",
            hint="Put {path} where a page's path belongs, as in https://wiki.example/{path}",
        )


# Walking


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
        """Tell whether a file's name ends like a page's; ".md" alone is a hidden file without a suffix."""
        return any(name.lower().endswith(suffix) and len(name) > len(suffix) for suffix in self.include)


@dataclass(slots=True)
class _Found:
    """What the walks have gathered; the three counts hold sources by suffix, by pattern and by folder or marker."""

    entries: list[SourceEntry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    other_formats: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    excluded: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    skipped: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


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
        shown = _shown(self._source(inside))
        self.found.findings.append(Finding(kind=kind, source=shown, message=f"{shown} {message}", severity=severity))

    def _note_failure(self, inside: str, error: OSError) -> None:
        """Add the finding of what cannot be looked at, unless an excluded place is meant."""
        pattern = self.rules.excluding(inside) or self.rules.excluding(f"{inside}/") if inside else None
        if pattern is not None:
            self.found.excluded[pattern].append(self._source(inside))
            return
        shown = _shown(self._source(inside))
        self.found.findings.append(_unreadable(shown, error, severity="warning" if inside else "error"))

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
        elif not _ODD.search(name):
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
            message = f"is a link into a tool folder {reason}, which is not read. Put a copy in its place."
            self._note("outside-link", inside, message)
        return reason is not None

    def _skip_reason(self, target: Path) -> str | None:
        """Return why the walk enters one of the folders above the target not, or None where it enters all."""
        for folder in target.parents[:-1]:
            if folder.name in TOOL_FOLDERS:
                return f"named {folder.name}"
            for marker in sorted(MARKERS):
                if os.path.lexists(self.root / folder / marker):
                    return f"marked by {marker}"
        return None

    def _visit_file(self, inside: str, path: Path, info: os.stat_result) -> None:
        """List a file as a page, or note why it is none."""
        name = PurePosixPath(inside).name
        if not stat.S_ISREG(info.st_mode):
            message = "is a pipe, a socket or a device and is never opened. Take it out of the corpus."
            self._note("special-file", inside, message)
        elif not self.rules.is_page(name):
            self.found.other_formats[_suffix(name)].append(self._source(inside))
        elif _ODD.search(name):
            self._note("odd-name", inside, _ODD_NAME.format("file"))
        elif info.st_size > self.rules.max_bytes:
            self.found.findings.append(_huge(self._source(inside), info.st_size, self.rules.max_bytes))
        else:
            url = self.corpus.url and self.corpus.url.replace("{path}", quote(inside))
            self.found.entries.append(
                SourceEntry(source=self._source(inside), path=path, size=info.st_size, url=url),
            )


def _suffix(name: str) -> str:
    suffix = PurePosixPath(name).suffix.lower()
    return "" if suffix == "." else suffix  # Python 3.14 sees a suffix in "name."


# Reading


def _read_bytes(path: Path, limit: int) -> tuple[bytes, int]:
    """Return a file's bytes and its size; a file over the limit is not read to its end.

    Raises:
        FileNotFoundError: What the scan saw is gone, or something else stands in its place.
        OSError: The file cannot be opened or read.
    """
    if not stat.S_ISREG(path.lstat().st_mode):
        raise _gone(path)
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | _READ_FLAGS)) as file:
        opened = os.fstat(file.fileno())
        # A folder on the way may have become a link: what is open must be what stands at the path itself.
        if os.path.realpath(path) != str(path) or not os.path.samestat(path.lstat(), opened):
            raise _gone(path)
        data = file.read(limit + 1) if opened.st_size <= limit else b""
    return data, max(len(data), opened.st_size)


def _gone(path: Path) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))


def _not_utf8(source: str, data: bytes, offset: int) -> Finding:
    """Return the finding for bytes that are no UTF-8, with the likely encoding where there is a sign of one."""
    encoding = _marked_encoding(data)
    if encoding is None and b"\0" in data:
        return _binary(source)
    line = len(_LINE_END.findall(data[:offset])) + 1
    where = f"{source} is not UTF-8: the byte at offset {offset} (line {line}) does not fit."
    message = f"{where} {_encoding_advice(source, data, encoding)}"
    return Finding(kind="wrong-encoding", source=source, message=message, line=line)


def _encoding_advice(source: str, data: bytes, encoding: str | None) -> str:
    """Return what to do about the encoding; a page that is mostly UTF-8 would be spoilt by a conversion."""
    if encoding is None and _is_mostly_utf8(data):
        return "The rest is UTF-8, so mend that line by hand."
    if encoding is None and _looks_western(data):
        encoding = "CP1252"
    looks = f"It looks like {encoding}. " if encoding else "Find out its encoding. "
    command = f"iconv -f {encoding or 'ENCODING'} -t UTF-8 {shlex.quote(source)}"
    return f"{looks}Put the output of this command in its place: {command}"


def _marked_encoding(data: bytes) -> str | None:
    """Return the encoding that a byte-order mark names, where the bytes can be decoded by it."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark) and _decodes(data, encoding):
            return encoding
    return None


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _looks_western(data: bytes) -> bool:
    """Tell whether the bytes may be cp1252; nearly all decode by it, but most of such a text is ASCII."""
    return len(data.translate(None, delete=_BEYOND_ASCII)) * 2 >= len(data) and _decodes(data, "cp1252")


def _is_mostly_utf8(data: bytes) -> bool:
    """Tell whether more characters beyond ASCII are good UTF-8 than are not."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return sum(not character.isascii() for character in text) > 2 * broken


# Findings

_ODD_NAME = (
    "is a {} whose name is not valid UTF-8 or holds control characters, so no page can be cited by it. Rename it."
)


def _counted_findings(found: _Found) -> list[Finding]:
    """Return one finding for each suffix, pattern and kind of folder that is left out, at the first source."""
    findings = []
    for suffix, sources in found.other_formats.items():
        ending = f"ending in {_shown(suffix)}" if suffix else "without a suffix"
        advice = f"If they are text, add {_shown(suffix)} to ingest.include." if suffix else "Give pages a suffix."
        findings.append(_counted("other-format", sources, f"{_count(sources, 'file')} {ending}", advice))
    for pattern, sources in found.excluded.items():
        what = f"{_count(sources, 'file')} excluded by the pattern {_shown(pattern)}"
        findings.append(_counted("excluded", sources, what, "To read them, change ingest.exclude."))
    for reason, sources in found.skipped.items():
        what = f"{_count(sources, 'tool folder')} {reason}"
        findings.append(_counted("skipped-folder", sources, what, "To read one, pass it as a corpus of its own."))
    return findings


def _count(sources: Sequence[str], noun: str) -> str:
    return f"{len(sources):,} {noun}{'' if len(sources) == 1 else 's'}"


def _counted(kind: str, sources: Iterable[str], what: str, advice: str) -> Finding:
    first = _shown(min(sources))
    return Finding(kind=kind, source=first, message=f"Not read: {what}, first {first}. {advice}", severity="info")


def _unreadable(source: str, error: OSError, severity: Severity = "warning") -> Finding:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        message = f"{source} was moved, replaced or removed during the run. Run the command again."
        return Finding(kind="vanished", source=source, message=message, severity=severity)
    message = f"{source} cannot be read ({_reason(error)}). Check its permissions, or exclude it with ingest.exclude."
    return Finding(kind="unreadable", source=source, message=message, severity=severity)


def _huge(source: str, size: int, limit: int) -> Finding:
    advice = "Split the page, exclude it, or raise ingest.max_bytes."
    message = f"{source} has {size:,} bytes; the limit ingest.max_bytes is {limit:,}. {advice}"
    return Finding(kind="huge", source=source, message=message)


def _binary(source: str) -> Finding:
    message = f"{source} holds binary data, not text. Take it out of the corpus or exclude it with ingest.exclude."
    return Finding(kind="binary", source=source, message=message)


def _reason(error: OSError | ValueError) -> str:
    reason = error.strerror if isinstance(error, OSError) else None
    return reason or str(error)


def _shown(text: str) -> str:
    r"""Return the text with what cannot be shown escaped: a byte that is no UTF-8 as \xe9, a line end as \n."""
    return _ODD.sub(lambda found: _escaped(found.group()), text)


def _escaped(character: str) -> str:
    if ord(character) in _UNDECODED:
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")
