"""Finds the files of corpora and reads them as text: the first stage of ingest.

`resolve_corpora` checks the folders, `scan` lists the pages in them, `read_source` reads one page. Only a folder or an
address that the user must mend is raised; whatever is wrong with a file is returned as a Finding. Nothing outside a
corpus is read: a link is followed only to a regular file of the same corpus, and `read_source` looks again, because
the tree may have changed since the scan.
"""

from skillgen.source.corpora import resolve_corpora
from skillgen.source.read import corpus_digest, read_source
from skillgen.source.walk import MARKERS, TOOL_FOLDERS, Scan, SourceEntry, scan

__all__ = [
    "MARKERS",
    "TOOL_FOLDERS",
    "Scan",
    "SourceEntry",
    "corpus_digest",
    "read_source",
    "resolve_corpora",
    "scan",
]
