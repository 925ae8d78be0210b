"""Includes: what a page takes from other files, which is told and never followed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from skillgen.model.corpus import Finding
from skillgen.model.lines import Lines

# Each names the included file in one group; every part is bounded, so that no page makes the search slow.
_TEMPLATES = (
    r"(?<![`\\])\{\{#(?:include|rustdoc_include|playground|playpen)[ \t]+([^\s{}]{1,300})[^{}\n]{0,100}\}\}",
    r"""^[ \t>]*-{1,9}8<-{1,9}[ \t]+["']([^"'\n]{1,300})["']""",
)
_IN_PROSE = (
    r"""(?<!`)\{%-?[ \t]*(?:include|include_relative|include-markdown|include_file)[ \t]+["']?([^\s"'%{}]{1,300})""",
    r"""(?<!`)\{\{[<%][ \t]*(?:include|readfile|readFile|snippet|partial)[ \t]+(?:\w{1,20}=)?["']?([^\s"'>%]{1,300})""",
    r"^[ \t>]*\[!INCLUDE[ \t]*\[[^\[\]\n]{0,300}\][ \t]*\(([^()\s]{1,300})\)\]",
    r"""^import[ \t][^\n'"]{1,200}[ \t]from[ \t]*['"]([^'"\n]{1,300}\.mdx?)['"]""",
    r"(?<!`)!\[\[(?![^\[\]\n]{1,300}\.(?:png|jpe?g|gif|svg|webp|pdf|mp4)\b)([^\[\]|#\n]{1,300})[^\[\]\n]{0,300}\]\]",
)
_DIRECTIVES = (r"^[ \t>]*(?:`{3,9}|~{3,9}|:{3,9})[ \t]*\{(?:include|literalinclude)\}[ \t]+(\S{1,300})",)
_ANYWHERE = re.compile("|".join((*_TEMPLATES, *_DIRECTIVES)), re.MULTILINE)
_PROSE = re.compile("|".join(_IN_PROSE), re.MULTILINE)
_CODE_LINE = re.compile(r"(?:\{\{#[a-z_]{1,20}[ \t][^{}\n]{1,400}\}\}|-{1,9}8<-{1,9}(?:[ \t].{0,400})?)")


def is_include(line: str) -> bool:
    """Return whether a line of code only stands for lines of another file."""
    return _CODE_LINE.fullmatch(line) is not None


def include_findings(source: str, text: str, lines: Lines, code: Sequence[tuple[int, int]]) -> Iterator[Finding]:
    """Yield a finding for each include of the text, in order; `code` are the lines (from 0) of its code blocks.

    A template tag in code is taken for code, as pages on templates show them.
    """
    in_code = {line for first, last in code for line in range(first, last)}
    found = {match.start(match.lastindex or 0): match for match in _ANYWHERE.finditer(_unix(text))}
    for match in _PROSE.finditer(_unix(text)):
        if lines.number(match.start(match.lastindex or 0)) - 1 not in in_code:
            found[match.start(match.lastindex or 0)] = match
    for at, match in sorted(found.items()):
        name = match[match.lastindex or 0]
        yield Finding(
            kind="include",
            source=source,
            message=f"The page includes {name.strip()}; what stands there is read only where it is a page of its own.",
            severity="info",
            line=lines.number(at),
        )


def _unix(text: str) -> str:
    """Return the text with a line feed at each line end, of the same length."""
    return text.replace("\r", "\n") if "\r" in text else text
