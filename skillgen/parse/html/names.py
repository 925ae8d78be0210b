"""Sets of HTML element names, by what they do to the text around them."""

from __future__ import annotations

VOID = frozenset(
    "area base basefont bgsound br col command embed frame hr img input keygen link meta param source track wbr".split()
)
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
CELLS = frozenset({"td", "th"})
ROW_GROUPS = frozenset({"thead", "tbody", "tfoot"})
TABLE_PARTS = CELLS | ROW_GROUPS | {"tr", "caption", "colgroup"}
LISTS = frozenset({"ul", "ol", "dl", "menu", "dir"})
ITEMS = frozenset({"li", "dt", "dd"})
INLINE_CODE = frozenset({"code", "tt", "kbd", "samp"})
CODE_BLOCKS = frozenset({"pre", "listing", "xmp", "syntaxhighlight"})
BLOCKS = (
    HEADINGS
    | TABLE_PARTS
    | LISTS
    | ITEMS
    | CODE_BLOCKS
    | frozenset(
        "address article aside blockquote body center details dialog div fieldset figcaption figure footer form header "
        # the last is Beautiful Soup's name for the page itself
        "hgroup hr html legend main nav optgroup option p search section summary table [document]".split()
    )
)
# What closes an open paragraph when it begins.
CLOSES_PARAGRAPH = BLOCKS - TABLE_PARTS - {"html", "body", "optgroup", "option", "legend"}
HEAD_CONTENT = frozenset("base basefont bgsound link meta noframes noscript script style template title".split())
