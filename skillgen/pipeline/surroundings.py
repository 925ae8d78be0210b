"""What is known about pages from around them: CODEOWNERS, git, and pages that say nearly the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from skillgen.duplicates import find_duplicates
from skillgen.facts import with_context
from skillgen.history import read_history
from skillgen.model.corpus import Corpus, Finding
from skillgen.owners import read_code_owners
from skillgen.store import Store


def refresh_surroundings(store: Store, corpora: Sequence[Corpus]) -> tuple[Finding, ...]:
    """Complete the facts of every stored page from around it, and return what could not be found out.

    It is done with every ingest: a commit, a CODEOWNERS file or another page changes them while the page stays.
    """
    findings: list[Finding] = []
    owners: dict[str, str] = {}
    dates: dict[str, str] = {}
    own = store.own_facts()
    for corpus in corpora:
        history = read_history(corpus.root)
        if history.problem:
            message = f"{corpus.name}: git cannot tell when its pages last changed ({history.problem})."
            findings.append(Finding(kind="no-history", source=corpus.name, message=message))
        rules = read_code_owners(corpus.root, history.repository)
        for source, inside in _inside(own, corpus, prefixed=len(corpora) > 1):
            dates[source] = history.committed.get(inside, "")
            owners[source] = rules.owner(inside)
    duplicates = find_duplicates(store.sketches())
    store.put_contexts(
        {
            source: with_context(
                facts,
                code_owner=owners.get(source, ""),
                committed=dates.get(source, ""),
                duplicates=duplicates.get(source, ()),
            )
            for source, facts in own.items()
        }
    )
    return tuple(findings)


def _inside(sources: Iterable[str], corpus: Corpus, *, prefixed: bool) -> Iterator[tuple[str, str]]:
    """Yield the sources of a corpus with their paths inside it."""
    start = f"{corpus.name}/" if prefixed else ""
    for source in sources:
        if source.startswith(start):
            yield source, source.removeprefix(start)
