"""Flavours of Markdown: the block markup of site generators, as rules for the block parser.

MkDocs (admonitions, content tabs, snippets), Docusaurus (directives, MDX), MyST (directives), Hugo, Jekyll and GitBook
(tags). What they hold is read as Markdown, a title is a paragraph before it, and the markup itself goes. As rules of
the parser they see the page as it does: inside lists and quotes, and never in code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from skillgen.parse.boxes import (
    after_options,
    closer,
    code,
    contain,
    fence_end,
    hang,
    indented_end,
    line_text,
    mark,
    paragraph,
    title_of,
)
from skillgen.parse.definitions import DEFINITION, definition
from skillgen.parse.tags import box_tags, highlight, is_tags, tag_title

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.ruler import RuleOptionsType
    from markdown_it.rules_block import StateBlock

# Directives whose body is no prose: it is dropped, or it is code.
_DROPPED = frozenset(
    "mermaid math image toctree literalinclude include eval-rst raw contents index bibliography graphviz plot "
    "autoclass autofunction automodule autosummary iframe youtube".split()
)
_CODE = frozenset("code code-block code-cell sourcecode parsed-literal prompt console".split())
_NO_PROSE = _DROPPED | _CODE
# Directives of MyST whose body is Markdown; any other fence with a name in braces is code (`{r}`, `{python}`).
_PROSE = frozenset(
    "admonition attention caution danger error hint important note seealso tip warning todo versionadded "
    "versionchanged deprecated dropdown details tab-set tab-item grid grid-item grid-item-card card sidebar topic "
    "margin aside epigraph pull-quote figure exercise solution prf:theorem div".split()
)
_UNTITLED = frozenset(
    "figure grid grid-item tab-set div code-group steps tabs columns html caption figure-caption table-caption".split()
)
_CODE_INDENT = 4
# A longer line is no markup that somebody wrote.
_MAX_LINE = 2_000

_ADMONITION = re.compile(
    r"""(?:!!!|\?\?\?\+?)[ \t]*[A-Za-z][\w-]{0,60}(?:[ \t]+[\w-]{1,60}){0,5}(?:[ \t]+["'](.{0,500})["'])?[ \t]*"""
)
_TAB = re.compile(r"""===[!+]?[ \t]+["'](.{1,500})["'][ \t]*""")
_COLONS = re.compile(
    r"(?P<fence>:{3,100})[ \t]*(?P<brace>\{?)[.#]?(?P<name>[A-Za-z][\w:-]{0,60})?[^{}\[\]\s]{0,60}\}?(?P<rest>.*)"
)
_COLON_TITLE = re.compile(
    r"""\[([^\[\]]{1,500})\]|[^}]{0,200}?\btitle=["']([^"'{}]{1,200})["']|\s+(?![\w-]{1,60}=)([^\s{}\[.#][^{}]*)"""
)
_SLASHES = re.compile(
    r"(?P<fence>/{3,100})(?:[ \t]+(?P<name>[A-Za-z][\w-]{0,60})[ \t]*(?:\|[ \t]*(?P<title>.{0,500}))?|[ \t]*)"
)
_YAML_OPTION = re.compile(r"[A-Za-z][\w-]{0,60}:(?:[ \t].{0,1000})?")
_FENCE = re.compile(r"(?P<fence>`{3,100}|~{3,100})[ \t]*\{(?P<name>[A-Za-z][\w:-]{0,60})\}[ \t]*(?P<rest>[^`]*)")
_SNIPPET = re.compile(r"-{1,9}8<-{1,9}(?:[ \t].{0,400})?")
_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]{1,100}\]:[ \t]*(?=\S)")
_CALLOUT = re.compile(r"\[![A-Za-z][\w-]{1,30}\][+-]?(?:[ \t]+(\S.*))?[ \t]*")
_DOCFX = re.compile(r"\[!(?:INCLUDE|VIDEO)\b.{0,700}\][ \t]*")
_IMPORT = re.compile(r"""import[ \t](?:[^\n'"]{1,300}[ \t]from[ \t]*)?['"][^'"\n]{1,300}['"][ \t]*;?[ \t]*""")
_EXPORT = re.compile(r"export[ \t]+(?:const|let|default|function|async)\b.{0,2000}")
_MDX = re.compile(r"""(?:\A|[\r\n])(?:import[ \t][^\r\n]{1,300}[ \t]from[ \t]*['"]@|[ \t]{0,20}<TabItem\b)""")
_DIRECTIVE_NAME = re.compile(r"\{([A-Za-z][\w:-]{0,60})\}")


def install(parser: MarkdownIt) -> None:
    """Let the parser read the flavours' block markup."""
    ends: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("code", "flavour", _flavour, ends)
    parser.block.ruler.before("code", "module", _module, {"alt": []})
    parser.block.ruler.before("paragraph", "definition", definition, {"alt": []})


def is_mdx(source: str, text: str) -> bool:
    """Return whether a page is MDX, in which indented text is no code."""
    return source.lower().endswith(".mdx") or _MDX.search(text) is not None


def directive_of(info: str) -> str | None:
    """Return the name of the directive that a code fence is, or None where it is code."""
    match = _DIRECTIVE_NAME.match(info.strip())
    return match[1] if match else None


def is_dropped(directive: str) -> bool:
    """Return whether nothing of a directive is text or code of the page."""
    return directive in _DROPPED


# -- rules -------------------------------------------------------------------------------------------------------------


def _flavour(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - the parser's interface
    if state.is_code_block(start):
        return False
    line = line_text(state, start)
    rule = _RULES.get(line[:1]) if len(line) <= _MAX_LINE else None
    return rule is not None and rule(state, start, end, line, silent)


def _admonition(state: StateBlock, start: int, end: int, line: str, silent: bool) -> bool:  # noqa: FBT001
    match = _ADMONITION.fullmatch(line) or _TAB.fullmatch(line)
    if match is None:
        return False
    if not silent:
        indent = state.sCount[start] + _CODE_INDENT
        stop = indented_end(state, start + 1, end, indent)
        contain(state, (start, start + 1, stop), title_of(match, 1), indent)
        state.line = stop
    return True


def _colon(state: StateBlock, start: int, end: int, line: str, silent: bool) -> bool:  # noqa: FBT001
    """A colon fence, or a definition with the lines indented below it, which ends no paragraph."""
    defines = None if silent else DEFINITION.match(line)
    if defines is None:
        return _colons(state, start, end, line, silent)
    hang(state, start, end, len(line) - defines.end())
    return True


def _colons(state: StateBlock, start: int, end: int, line: str, silent: bool) -> bool:  # noqa: FBT001
    """A line of a colon fence goes, and what stands between two of them is ordinary text."""
    match = _COLONS.fullmatch(line)
    if match is None:
        return False
    if silent:
        return True
    name = match["name"] or ""
    last = closer(state, start, end, match["fence"]) if name in _NO_PROSE else None
    if last is not None:
        if name in _CODE:
            code(state, start, last)
        state.line = last + 1
        return True
    mark(state, **{"opens" if match["name"] or match["rest"].strip() else "closes": match["fence"]})
    title = _COLON_TITLE.match(match["rest"]) if name not in _UNTITLED | _DROPPED else None
    if title:
        group = title.lastindex or 0
        paragraph(state, start, title[group], len(line) - match.start("rest") - title.start(group))
    state.line = after_options(state, start + 1, end) if match["brace"] else start + 1
    return True


def _slashes(state: StateBlock, start: int, end: int, line: str, silent: bool) -> bool:  # noqa: FBT001
    """A line that opens or closes a block of pymdownx; what is closed nowhere, or was not opened, is text."""
    opened: list[str] = state.env.setdefault("slashes", [])
    match = _SLASHES.fullmatch(line)
    if match is None:
        return False
    fence = match["fence"]
    known = closer(state, start, end, fence) is not None if match["name"] else opened[-1:] == [fence]
    if silent or not known:
        return known
    state.line = start + 1
    if not match["name"]:
        mark(state, closes=opened.pop())
        return True
    opened.append(fence)
    mark(state, opens=fence)
    title = title_of(match, "title") if match["name"] not in _UNTITLED else None
    if title:
        paragraph(state, start, *title)
    while state.line < end and state.is_code_block(state.line) and _YAML_OPTION.fullmatch(line_text(state, state.line)):
        state.line += 1
    return True


def _fence(state: StateBlock, start: int, end: int, line: str, silent: bool) -> bool:  # noqa: FBT001
    match = _FENCE.fullmatch(line)
    if match is None or match["name"].lower() not in _PROSE:
        return False
    if not silent:
        stop, behind = fence_end(state, start, end, match["fence"])
        first = after_options(state, start + 1, stop)
        title = title_of(match, "rest") if match["name"] not in _UNTITLED else None
        contain(state, (start, first, stop), title, state.blkIndent)
        state.line = behind
    return True


def _tags(state: StateBlock, start: int, end: int, line: str, silent: bool) -> bool:  # noqa: FBT001
    """A line of template tags or components alone goes; the title of a tab or box is a paragraph."""
    if not is_tags(line):
        return False
    if silent:
        return True
    last = closer(state, start, end, highlight(line)) if highlight(line) else None
    if last is not None:
        code(state, start, last)
        state.line = last + 1
        return True
    for does, name in box_tags(line):
        mark(state, **{does: name})
    title = tag_title(line)
    if title:
        paragraph(state, start, line[title[0] : title[1]], len(line) - title[0])
    state.line = start + 1
    return True


def _snippet(state: StateBlock, start: int, _end: int, line: str, silent: bool) -> bool:  # noqa: FBT001
    if not _SNIPPET.fullmatch(line):
        return False
    if not silent:
        state.line = start + 1
    return True


def _bracket(state: StateBlock, start: int, end: int, line: str, silent: bool) -> bool:  # noqa: FBT001
    """A footnote with the lines indented below it, an include of DocFX, or the first line of a callout."""
    footnote = _FOOTNOTE.match(line)
    if footnote:
        if not silent:
            hang(state, start, end, len(line) - footnote.end())
        return True
    callout = _CALLOUT.fullmatch(line) if state.parentType == "blockquote" and not silent else None
    if callout is None and not _DOCFX.fullmatch(line):
        return False
    if not silent:
        title = title_of(callout, 1) if callout else None
        if title:
            paragraph(state, start, *title)
        state.line = start + 1
    return True


def _module(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    """The imports and exports of MDX, which end no paragraph."""
    if silent or state.level or state.is_code_block(start):
        return False
    line = line_text(state, start)
    if _EXPORT.fullmatch(line):
        state.line = start + 1
        while state.line < end and not state.isEmpty(state.line):
            state.line += 1
        return True
    if _IMPORT.fullmatch(line):
        state.line = start + 1
        return True
    return False


_RULES = {
    "!": _admonition,
    "?": _admonition,
    "=": _admonition,
    ":": _colon,
    "/": _slashes,
    "`": _fence,
    "~": _fence,
    "{": _tags,
    "<": _tags,
    "-": _snippet,
    "[": _bracket,
}
