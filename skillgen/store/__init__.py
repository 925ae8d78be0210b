"""The workspace's truth: one SQLite file that holds pages, blocks, spans, chunks, findings, embeddings and replies.

Every change is one transaction, so that a crash leaves a page either as it was or as it is now. The indexes are derived
from what stands here and can be made again at any time.
"""

from skillgen.store.rows import text_digest
from skillgen.store.schema import SCHEMA_VERSION
from skillgen.store.truth import PageState, Store

__all__ = ["SCHEMA_VERSION", "PageState", "Store", "text_digest"]
