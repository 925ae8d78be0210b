"""Verify: does every quote stand at its offsets, and does the claim say no more than its quotes?

The rules need no model and know nothing of how a claim was made: every engine's claims pass through them.
"""

from __future__ import annotations

import html
from collections.abc import Mapping

from skillgen.errors import EvidenceError
from skillgen.model.corpus import Page
from skillgen.model.draft import Citation, Verdict
from skillgen.words import STOP_WORDS, hard_tokens, squeezed, stem, words

CHECKER = "rules/1"
_NEGATIONS = frozenset({"not", "no", "never", "without", "cannot", "none", "neither", "nor"})


def verify_claim(text: str, citations: tuple[Citation, ...], pages: Mapping[str, Page]) -> Verdict:
    """Return whether the quotes and their headings carry the claim.

    `unsupported`: a number, code span, path or identifier of the claim, or a negation, stands in none of them.
    `partial`: another content word does not. `supported`: every word does.

    Raises:
        EvidenceError: a quote or heading path is not what the page says; that is a fault of the program.
    """
    for citation in citations:
        check_citation(citation, pages)
    if not citations:
        return Verdict(support="unsupported", reason="There is no citation.", checker=CHECKER)
    ground = " ".join(part for c in citations for part in (c.quote, html.unescape(c.quote), *c.heading_path))
    packed = squeezed(ground)
    missing = sorted({token for token in hard_tokens(text) if squeezed(token) not in packed})
    if missing:
        return _verdict("unsupported", "These are in no quote", missing)
    present = {stem(word) for word in words(ground)}
    claim_words = {word.casefold() for word in words(text)}
    negations = sorted(word for word in claim_words & _NEGATIONS if stem(word) not in present)
    if negations:
        return _verdict("unsupported", "A negation is in no quote", negations)
    loose = sorted(word for word in claim_words - STOP_WORDS if stem(word) not in present)
    if loose:
        return _verdict("partial", "These words are in no quote", loose)
    return Verdict(support="supported", reason="Every word stands in a quote or its headings.", checker=CHECKER)


def _verdict(support: str, what: str, tokens: list[str]) -> Verdict:
    reason = f"{what}: {', '.join(tokens[:8])}."
    return Verdict(support="partial" if support == "partial" else "unsupported", reason=reason, checker=CHECKER)


def check_citation(citation: Citation, pages: Mapping[str, Page]) -> None:
    """Check that a citation says what its page says.

    Raises:
        EvidenceError: page, quote, digest or heading path differ.
    """
    page = pages.get(citation.source)
    where = f"{citation.source}, characters {citation.start} to {citation.end}"
    if page is None or page.sha256 != citation.source_sha256:
        raise EvidenceError(f"The page of a citation is not the one in the workspace: {where}.")
    if page.text[citation.start : citation.end] != citation.quote:
        raise EvidenceError(f"A quote does not stand at its offsets: {where}.")
    holding = [b for b in page.blocks if b.start < citation.end and citation.start < b.end]
    if not any(block.heading_path == citation.heading_path for block in holding) and not any(
        block.header and block.header.start <= citation.start and block.heading_path == citation.heading_path
        for block in page.blocks
    ):
        raise EvidenceError(f"A quote does not stand under its headings: {where}.")
