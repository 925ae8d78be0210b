"""Facts: who answers for a page, when it last changed, where it links to, and whether it calls itself out of date.

Evidence comes from the page (front matter, export metadata, its own words) before evidence from around it (CODEOWNERS,
git). Each rule is about the page itself: a page that says a *tool* is deprecated is not marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath

from skillgen.model.corpus import FILLER, Block, Page
from skillgen.model.facts import DeprecationMark, MarkKind, PageFacts
from skillgen.model.lines import Lines

_OWNER_KEYS = ("owner", "owners", "owned_by", "page_owner", "maintainer", "maintainers", "team", "author", "authors")
_CHANGED_KEYS = tuple(
    "last_reviewed last_modified last_updated lastmod updated updated_at modified reviewed date".split()
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO_DATE = re.compile(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)")
_DAY_FIRST = re.compile(r"\b(\d{1,2})\.?\s+([A-Za-z]{3,9})\.?,?\s+((?:19|20)\d\d)\b")
_MONTH_FIRST = re.compile(r"\b([A-Za-z]{3,9})\.?\s+(\d{1,2}),?\s+((?:19|20)\d\d)\b")

_MARKDOWN_LINK = re.compile(r"(?<!!)\[[^\[\]]{0,500}\]\(\s{0,3}<?([^()\s<>]{1,1000})>?(?:\s[^()]{0,300})?\)")
_HREF = re.compile(r"<a\s[^<>]{0,1000}?\bhref\s*=\s*[\"']([^\"'<>]{1,1000})[\"']", re.IGNORECASE)
_AUTOLINK = re.compile(r"<(https?://[^\s<>]{1,1000})>")
_MAX_LINKS = 500

_STATES: Mapping[str, MarkKind] = {
    "deprecated": "deprecated",
    "obsolete": "deprecated",
    "retired": "deprecated",
    "archived": "archived",
    "superseded": "superseded",
    "replaced": "superseded",
    "outdated": "outdated",
    "stale": "outdated",
}
_STATE = r"(?P<state>deprecated|obsolete|retired|archived|superseded|replaced|outdated|out[ -]of[ -]date|stale)"
_PAGE = r"(?:page|document|doc|guide|runbook|article|wiki page|manual|how-?to|procedure|process|instructions?)"
_ABOUT_PAGE = re.compile(
    rf"\bth(?:is|ese)\s+(?:\w+\s+){{0,2}}?{_PAGE}\s+(?:is|are|was|were|has been|have been|may be)\s+"
    rf"(?:\w+\s+){{0,2}}?{_STATE}\b"
    rf"|\b{_STATE.replace('state', 'state2')}\s+{_PAGE}\b"
    rf"|\bth(?:is|ese)\s+{_PAGE}\s+(?:is|are)\s+(?P<gone>no longer (?:maintained|current|valid|used|accurate))",
    re.IGNORECASE,
)
_BARE_MARK = re.compile(rf"^\W*{_STATE}\b\W*(?:$|by\b|since\b|in favou?r of\b|see\b|use\b|do not\b|\()", re.IGNORECASE)
_TITLE_MARK = re.compile(rf"^\W*{_STATE}\b\W|[\[(]\s*{_STATE.replace('state', 'state2')}\b[^\])]*[\])]", re.IGNORECASE)
_BY = re.compile(
    r"\b(?:superseded|replaced) by\s+(?P<by>.{2,120}?)(?:[.;,](?:\s|$)|$)"
    r"|\bin favou?r of\s+(?P<for>.{2,120}?)(?:[.;,](?:\s|$)|$)",
    re.IGNORECASE,
)
_FOLDERS: Mapping[str, MarkKind] = {
    "archive": "archived",
    "archived": "archived",
    "_archive": "archived",
    "deprecated": "deprecated",
    "obsolete": "deprecated",
}
# A notice about the page stands at its top; further down the same words speak of a part of it.
_TOP_BLOCKS = 6


def page_facts(page: Page) -> PageFacts:
    """Return what the page itself says about its owner, its last change, its links and whether it is out of date."""
    meta = {key.lower().replace("-", "_").replace(" ", "_"): value for key, value in page.meta}
    owner, changed = _first(meta, _OWNER_KEYS), _changed(meta)
    return PageFacts(
        owner=owner,
        owner_from="page" if owner else "",
        changed=changed,
        changed_from="page" if changed else "",
        links=_links(page),
        deprecation=_from_meta(meta) or _from_title(page) or _from_text(page) or _from_path(page),
    )


def with_context(facts: PageFacts, *, code_owner: str, committed: str, duplicates: tuple[str, ...]) -> PageFacts:
    """Return the facts completed from around the page; what the page says itself comes first.

    Args:
        facts: What the page says.
        code_owner: Its owner by a CODEOWNERS file, or empty.
        committed: The ISO date of the last commit that touched it, or empty.
        duplicates: Sources of its near-duplicates.
    """
    owner = (facts.owner, facts.owner_from) if facts.owner else (code_owner, "CODEOWNERS" if code_owner else "")
    changed = (facts.changed, facts.changed_from) if facts.changed else (committed, "git" if committed else "")
    return replace(
        facts,
        owner=owner[0],
        owner_from=owner[1],
        changed=changed[0],
        changed_from=changed[1],
        duplicates=duplicates,
    )


def _first(meta: Mapping[str, str], keys: tuple[str, ...]) -> str:
    return next((meta[key] for key in keys if meta.get(key)), "")


def _changed(meta: Mapping[str, str]) -> str:
    return next((found for key in _CHANGED_KEYS if (found := iso_date(meta.get(key, "")))), "")


def iso_date(text: str) -> str:
    """Return the first date in a text as YYYY-MM-DD, or the empty string: ISO dates and dates with a month's name."""
    found = []
    if match := _ISO_DATE.search(text):
        found.append((match.start(), (int(match[1]), int(match[2]), int(match[3]))))
    if match := _DAY_FIRST.search(text):
        found.append((match.start(), (int(match[3]), _month(match[2]), int(match[1]))))
    if match := _MONTH_FIRST.search(text):
        found.append((match.start(), (int(match[3]), _month(match[1]), int(match[2]))))
    for _, (year, month, day) in sorted(found):
        try:
            return date(year, month, day).isoformat()
        except ValueError:
            continue
    return ""


def _month(name: str) -> int:
    short = name[:3].lower()
    return _MONTHS.index(short) + 1 if short in _MONTHS else 0


def _links(page: Page) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for pattern in (_MARKDOWN_LINK, _HREF, _AUTOLINK):
        for match in pattern.finditer(page.text):
            target = match[1].strip()
            if target and not target.startswith("#") and FILLER not in target:
                found.setdefault(target)
    return tuple(sorted(found)[:_MAX_LINKS])


def _from_meta(meta: Mapping[str, str]) -> DeprecationMark | None:
    """A state in the front matter: `status: archived`, `deprecated: true`, `superseded_by: ...`."""
    by = meta.get("superseded_by") or meta.get("replaced_by") or ""
    states = [
        word for key in ("status", "state", "lifecycle") for word in re.findall(r"[a-z]+", meta.get(key, "").lower())
    ]
    states += [key for key in _STATES if meta.get(key, "").lower() in {"true", "yes"}]
    for word in states:
        if word in _STATES:
            return DeprecationMark(kind=_STATES[word], line=1, by=by)
    return DeprecationMark(kind="superseded", line=1, by=by) if by else None


def _from_title(page: Page) -> DeprecationMark | None:
    match = _TITLE_MARK.search(page.title)
    return DeprecationMark(kind=_kind(match), line=1) if match else None


def _from_text(page: Page) -> DeprecationMark | None:
    """A notice near the top of the page that speaks of the page itself."""
    for block, text in _top_texts(page):
        match = _ABOUT_PAGE.search(text) or _BARE_MARK.search(text)
        if match:
            return DeprecationMark(kind=_kind(match), line=Lines.of(page.text).number(block.start), by=_by(text))
    return None


def _top_texts(page: Page) -> Iterator[tuple[Block, str]]:
    if page.media == "json":  # an owner's answer speaks of other pages
        return
    prose = [
        block for block in page.blocks if block.kind in ("paragraph", "list_item", "html", "heading") and block.spans
    ]
    for block in prose[:_TOP_BLOCKS]:
        yield block, " ".join(span.text for span in block.spans)


def _by(text: str) -> str:
    match = _BY.search(text)
    return (match["by"] or match["for"] or "").strip(" `*\"'") if match else ""


def _kind(match: re.Match[str]) -> MarkKind:
    groups = match.groupdict()
    state = (groups.get("state") or groups.get("state2") or "").lower()
    if state:
        return _STATES.get(state, "outdated")
    return "outdated"


def _from_path(page: Page) -> DeprecationMark | None:
    for folder in PurePosixPath(page.source).parts[:-1]:
        if folder.lower() in _FOLDERS:
            return DeprecationMark(kind=_FOLDERS[folder.lower()], line=1)
    return None
