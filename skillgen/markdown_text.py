"""Plain text as Markdown that shows exactly that text: corpus text is a value, never markup.

Only what CommonMark (with GitHub's tables and strikethrough) would take as markup is escaped, so that ordinary
sentences come out as they are. No text can pass for a citation marker. Characters without a width, or that change the
direction of text, are kept; they are no markup.
"""

from __future__ import annotations

import re
from string import punctuation

_MARKUP = re.compile(
    r"""
      (?P<code> (?<!`)(?P<ticks>`+)(?!`) [^\n]+? (?<!`)(?P=ticks)(?!`) )     # a code span stays code
    | (?P<number> ^\d{1,9}(?=[.)](?:\s|$)) )                                # a list item's number
    | (?P<marker> \[\^?[Ss]\d+\] )                                         # what looks like a citation
    | (?P<closing> \] )                                                    # what may end the words of a link
    | (?P<run> \*+ | _+ | ~+ )                                              # emphasis, strikethrough
    | (?P<mark>
          ^ \#+ (?=\s|$) | ^ > | ^ [+-] (?=\s|$) | ^ -(?=[-\s]*$) | ^ =+ $   # what begins a block
        | (?<=\s) \#+ $                                                     # what may end a heading
        | \\ (?=[!-/:-@\[-`{-~]|$)                                          # a backslash that would escape
        | [`\[] | <(?=[A-Za-z/!?]) | &(?=\#?\w+;)
      )
    """,
    re.VERBOSE,
)


def escape_markdown(text: str) -> str:
    """Return Markdown for one line that renders as the text; code spans in it stay code, all else is plain.

    A closing bracket is left as it is, as none opens: inside the words of a link use `escape_link`.
    """
    return _escape(text, closing="]")


def escape_link(text: str) -> str:
    """Return the same for the words of a link: a closing bracket would end them."""
    return _escape(text, closing="\\]")


def escape_cell(text: str) -> str:
    """Return the same for a table cell, in a link or not: a bar would end it, even inside a code span."""
    return escape_link(text).replace("|", "\\|")


def _escape(text: str, *, closing: str) -> str:
    flat = " ".join(text.replace("\0", "\ufffd").split())
    return _MARKUP.sub(lambda match: closing if match["closing"] else _escaped(match), flat)


def _escaped(match: re.Match[str]) -> str:
    found = match.group()
    if match["code"]:
        return found
    if match["marker"]:
        return f"\\{found[:-1]}\\]"
    if match["number"]:
        return f"{found}\\"
    if match["mark"]:
        return f"\\{found}"
    before = match.string[: match.start()][-1:]
    after = match.string[match.end() :][:1]
    return found if _is_plain(found, before, after) else "".join(f"\\{character}" for character in found)


def _is_plain(run: str, before: str, after: str) -> bool:
    """Tell whether a run between two characters ("" at an edge of the text, where anything may follow) is no markup."""
    if run[0] == "~":
        opens = not before or before.isspace() or (before in punctuation and after.isalnum())
        return len(run) == 1 and opens
    between_words = run[0] == "_" and before.isalnum() and after.isalnum()
    return between_words or (before.isspace() and after.isspace())
