"""What of a page is not its content: navigation, page furniture, hidden parts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bs4.element import Tag

# Never read as text, not even for the share of text that was left out.
SILENT = frozenset(
    "head script style template noscript svg canvas iframe object embed audio video map img picture input select "
    "textarea datalist progress meter title noframes noembed annotation annotation-xml rp".split()
)
_NAMES = frozenset({"nav", "footer", "aside", "header", "del", "s", "strike", "button", "dialog", "search"})
_ROLES = frozenset(
    "navigation banner contentinfo search complementary menu menubar toolbar dialog alertdialog tooltip doc-toc "
    "doc-backlink doc-noteref".split()
)
# Ids and class names in lower case, as `labels` gives them. A heading's or section's id is a slug of its words, so it
# says nothing.
_FURNITURE_IDS = frozenset(
    """
    #navigation #nav #navbar #sidebar #side-bar #header #site-header #footer #site-footer #page-footer #search
    #breadcrumb #breadcrumbs #breadcrumb-section #toc #table-of-contents #likes-and-labels-container #likes-section
    #labels-section #comments #comments-section #comment-section #comments-container
    #page-metadata #page-metadata-banner
    #catlinks #sitesub #contentsub #contentsub2 #jump-to-nav #sitenotice #mw-navigation #mw-panel #mw-head
    #mw-page-base #mw-head-base #p-lang-btn #vector-toc #footer-info #cookie-banner #cookie-consent #action-menu-link
    """.split()
)
_SLUGGED = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "section", "a", "span", "dt", "p", "li"})
_FURNITURE = frozenset(
    """
    nav navbar navigation navigation-menu sidebar side-bar sidenav side-nav site-header site-footer page-footer
    breadcrumb breadcrumbs breadcrumb-section breadcrumbs-section wy-breadcrumbs theme-doc-breadcrumbs
    toc toc-macro client-side-toc-macro table-of-contents tableofcontents table-of-contents-container toctitle
    theme-doc-toc-desktop theme-doc-toc-mobile rst-footer-buttons related sphinxsidebar
    mw-editsection mw-editsection-bracket mw-jump-link mw-cite-backlink mw-indicators catlinks printfooter navbox
    navbox-styles sitesub contentsub contentsub2 jump-to-nav sitenotice noprint mw-navigation mw-panel
    mw-head mw-sidebar
    vector-toc vector-header-container vector-page-toolbar vector-column-start mw-footer-container
    page-metadata page-metadata-modification-info pagemetadata page-actions page-restrictions
    likes-and-labels-container likes-section likes labels-section labels-content label-list
    comment-section comments comments-section comment-container comment-thread comment-threads pagesection-comments
    headerlink anchorjs-link hash-link heading-anchor anchor-link header-anchor permalink edit-link edit-page-link
    edit-this-page theme-edit-this-page md-content__button md-source-file md-header md-tabs md-footer md-sidebar
    last-updated theme-last-updated git-revision-date page-info last-modified
    skip-link skip-to-content skip-nav sr-only visually-hidden visuallyhidden screen-reader-text
    search-form searchform search-box search-bar quick-search
    pagination pagination-nav pager prev-next prev-next-links page-nav
    share share-buttons social-share social-links feedback page-feedback was-this-helpful
    cookie-banner cookie-consent cookie-notice cookies gdpr-banner consent-banner
    linenos linenodiv lineno linenumber line-number line-numbers gutter blob-num hljs-ln-numbers code-copy copy-button
    hidden d-none
    """.split()
)
_HEADING_LINK = frozenset({"anchor", "headeranchor", "headinganchor"})
_CONSENT = re.compile(r"^#?(?:[\w-]*[-_])?(?:cookie|gdpr|onetrust)s?[-_](?:banner|bar|notice|consent|popup|message)")
_INVISIBLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_CALLOUT = re.compile(r"admonition|callout|notice|note|warning|caution|alert|tip|hint|starlight|infobox", re.IGNORECASE)
# Content that is hidden only until a reader opens it.
_FOLDED = frozenset({"expand-content", "collapsible-content", "tabbed-block", "tabbed-content", "tab-pane", "tabpanel"})


_NO_LABELS = frozenset[str]()


def labels(tag: Tag) -> frozenset[str]:
    """Return an element's class names and, after a `#`, its id, in lower case."""
    attributes = tag.attrs
    if not attributes:
        return _NO_LABELS
    classes: str | list[str] | None = attributes.get("class")
    names = [classes] if isinstance(classes, str) else list(classes or ())
    identifier = attributes.get("id")
    if identifier:
        names.append(f"#{identifier}")
    return frozenset(name.lower() for name in names)


def attribute(tag: Tag, name: str) -> str:
    """Return an attribute's value in lower case without white space around it."""
    value = tag.attrs.get(name)
    return str(value).strip().lower() if value is not None else ""


def is_dropped(tag: Tag, names: frozenset[str], *, inside: bool) -> bool:
    """Return whether an element is no content. `inside` the main content a header belongs to its article."""
    if not tag.attrs and tag.name not in _NAMES:
        return False
    return _by_name(tag, names, inside=inside) or _by_label(tag, names) or is_hidden(tag, names)


def _by_name(tag: Tag, names: frozenset[str], *, inside: bool) -> bool:
    name = tag.name
    role = attribute(tag, "role")
    if name == "aside" or role == "complementary":
        return role != "note" and not any(_CALLOUT.search(label) for label in names)
    if name == "header" or role == "banner":
        return not inside
    if name == "button":
        return tag.parent is None or tag.parent.name not in {"h1", "h2", "h3", "h4", "h5", "h6", "summary"}
    if name == "sup":
        return "reference" in names or role == "doc-noteref"
    return name in _NAMES or role in _ROLES


def _by_label(tag: Tag, names: frozenset[str]) -> bool:
    if not names or tag.name == "body":
        return False
    if names & _FURNITURE or (names & _FURNITURE_IDS and tag.name not in _SLUGGED and "section" not in names):
        return True
    if tag.name == "a" and names & _HEADING_LINK:
        return True
    return any(_CONSENT.search(name) for name in names)


def is_hidden(tag: Tag, names: frozenset[str]) -> bool:
    """Return whether an element is not shown, other than one that a click unfolds."""
    attributes = tag.attrs
    hidden = "hidden" in attributes and attribute(tag, "hidden") != "until-found"
    invisible = "style" in attributes and _INVISIBLE.search(str(attributes["style"])) is not None
    if hidden or invisible:
        return not names & _FOLDED and attribute(tag, "role") != "tabpanel"
    return attribute(tag, "aria-hidden") == "true"
