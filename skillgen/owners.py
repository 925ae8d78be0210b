"""CODEOWNERS: who answers for a path, by the file that code hosts read. The only module that knows pathspec."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_MAX_BYTES = 3_000_000  # what GitHub reads at most


@dataclass(frozen=True, slots=True)
class CodeOwners:
    """The rules of a CODEOWNERS file; `base` is the corpus's path inside the repository, with its slash, or empty."""

    rules: tuple[tuple[GitIgnoreSpec, str], ...] = ()
    base: str = ""

    def owner(self, path: str) -> str:
        """Return the owners of a path inside the corpus, parted by spaces: the last rule that fits wins."""
        return next((owners for spec, owners in reversed(self.rules) if spec.match_file(self.base + path)), "")


def read_code_owners(corpus: Path, repository: Path | None = None) -> CodeOwners:
    """Return the rules of the CODEOWNERS file of a corpus, or of the repository around it; none gives no rules.

    Nothing but such a file is read outside the corpus, and only inside its repository.
    """
    roots = [corpus, *([repository] if repository and repository != corpus else [])]
    for root in roots:
        for place in _PLACES:
            path = root / place
            if path.is_file() and not path.is_symlink() and path.stat().st_size <= _MAX_BYTES:
                base = corpus.relative_to(root).as_posix()
                text = path.read_text(encoding="utf-8", errors="replace")
                return CodeOwners(rules=_rules(text.splitlines()), base="" if base == "." else f"{base}/")
    return CodeOwners()


def _rules(lines: Sequence[str]) -> tuple[tuple[GitIgnoreSpec, str], ...]:
    from pathspec import GitIgnoreSpec

    rules = []
    for line in lines:
        words = line.split("#", 1)[0].split()
        if words and not words[0].startswith(("[", "^[")):
            rules.append((GitIgnoreSpec.from_lines([words[0]]), " ".join(words[1:])))
    return tuple(rules)
