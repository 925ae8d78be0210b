"""Template tags and components: lines of markup for site generators that no reader sees."""

from __future__ import annotations

import re
from collections.abc import Iterator

# What Hugo, Jekyll, GitBook and mdBook replace, comments of MDX, and attribute lists of kramdown.
TEMPLATE = (
    r"\{%[^\n]{0,500}?%\}|\{\{[<%][^\n]{0,500}?[>%]\}\}|\{/\*[^\n]{0,500}?\*/\}"
    r"|\{\{#(?:include|rustdoc_include|playground|playpen|title|tabs?|endtabs?)\b[^{}\n]{0,400}\}\}"
)
# One of a list of attributes that has no class or id before it has to be quoted, or to name a target.
ATTRIBUTE = r"""[\w:-]{1,40}=(?:"[^"\n]{0,200}"|'[^'\n]{0,200}'|_\w{1,20})"""
_CLASS = r"[.#][A-Za-z][\w:-]{0,60}"
# The attributes that Python-Markdown reads behind an element, a heading, or in a line below a paragraph.
ATTRIBUTES = rf"\{{:?[ ]{{0,2}}{_CLASS}(?:[ ]{{1,2}}(?:{_CLASS}|{ATTRIBUTE})){{0,8}}[ ]{{0,2}}\}}"
# A component of MDX; a name in capitals is rather a placeholder.
_COMPONENT = r"</?[A-Z](?=[\w.]{0,60}[a-z])[\w.]{1,60}(?:\s(?:[^<>\n]|=>){0,1000})?>"
_DETAILS = r"<summary(?:\s[^<>\n]{0,300})?>[^\n]{0,500}?</summary>|</?(?:details|summary)(?:\s[^<>\n]{0,300})?>"
_TAGS = re.compile(rf"(?:(?>{TEMPLATE}|\{{:[^{{}}\n]{{0,300}}\}}|{_COMPONENT}|{_DETAILS})[ \t]*)++")
_HIGHLIGHT = re.compile(r"\{(?:%-?[ \t]*(highlight)|\{[<%][ \t]*(highlight|code))\b[^\n]{0,300}")
_HIGHLIGHT_END = re.compile(r"\{(?:%-?[ \t]*end(highlight)|\{[<%][ \t]*/[ \t]*(highlight|code))[ \t]*-?[%>]\}{1,2}")
_BOXES = (
    "(?:tab|tabitem|details|expand|collapse|collapsible|notice|admonition|alert|callout|hint|step|accordion|panel|card)"
)
_TAG = re.compile(
    r"<(?P<end>/?)(?P<part>[A-Z][\w.]{1,60}|details|summary)(?:\s(?:[^<>\n]|=>){0,1000}?)?(?P<alone>/?)>"
    r"|\{\{[<%]-?[ \t]*(?P<short_end>/?)[ \t]*(?P<short>[\w-]{1,60})[^\n]{0,500}?[>%]\}\}"
    r"|\{%-?[ \t]*(?P<jinja>[\w-]{1,60})[^\n]{0,500}?%\}"
)
_SLASHES = 3
_TITLE = re.compile(
    rf"""\{{[{{%][<%]?-?[ \t]*{_BOXES}\b[^\n]{{0,200}}?\b(?:title|name|label|header|summary)[ \t]*="""
    r"""[ \t]*["'](?P<named>[^"'\n]{1,200})["']"""
    rf"""|\{{[{{%][<%]?-?[ \t]*{_BOXES}[ \t]+(?:\w{{1,40}}[ \t]+)?["'](?P<plain>[^"'\n]{{1,200}})["']"""
    r"""|<[A-Z][\w.]{1,60}\s(?:[^<>\n]|=>){0,300}?\b(?:label|title|summary|header)=\{?["'](?P<part>[^"'\n]{1,200})["']"""
    r"""|<summary(?:\s[^<>\n]{0,300})?>(?P<summary>[^\n]{1,500}?)</summary>""",
    re.IGNORECASE,
)


def is_tags(line: str) -> bool:
    """Return whether a line has nothing but template tags, components and attribute lists."""
    return _TAGS.fullmatch(line) is not None


def tag_title(line: str) -> tuple[int, int] | None:
    """Return where in a line of tags the title of a tab or box stands."""
    match = _TITLE.search(line)
    group = match.lastgroup if match else None
    return match.span(group) if match and group and match[group].strip() else None


def box_tags(line: str) -> Iterator[tuple[str, str]]:
    """Yield what each tag of a line of tags does, `opens` or `closes`, and its name; not those that stand alone."""
    for tag in _TAG.finditer(line):
        name = (tag["part"] or tag["short"] or tag["jinja"]).casefold()
        if name == "summary" or tag["alone"]:
            continue
        ends = bool(tag["end"] or tag["short_end"])
        if tag["jinja"] and name.startswith("end"):
            ends, name = True, name.removeprefix("end")
        yield "closes" if ends else "opens", name


def highlight(line: str) -> str:
    """Return the name of the tag that a line of tags opens for code, or nothing."""
    match = _HIGHLIGHT.match(line)
    return (match[1] or match[2]) if match else ""


def closed_by(line: str) -> str:
    """Return what a line closes: a fence of so many colons or slashes, or a tag of code; or nothing."""
    if not line.strip(":") or (not line.strip("/") and len(line) >= _SLASHES):
        return line
    match = _HIGHLIGHT_END.fullmatch(line) if line.startswith("{") else None
    return (match[1] or match[2]) if match else ""
