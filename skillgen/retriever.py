"""A LangChain retriever over a workspace, so that its index and its citations serve in chains of one's own."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun  # noqa: TC002 - pydantic reads the signature
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from skillgen.api import search
from skillgen.model.research import Passage
from skillgen.settings import Settings


class SkillgenRetriever(BaseRetriever):
    """Retrieves passages of an organisation's pages, each with the place that a citation needs.

    Pages that changed are read first. The metadata of a document is `source`, `start`, `end` (characters of the page),
    `lines`, `heading_path`, `score` (comparable within one query only), `deprecated` (whether the page calls itself out
    of date) and, where it is known, `owner`. The text of a part of a table begins with the table's header.
    """

    settings: Settings
    k: int = 10

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - the name is the base class's
    ) -> list[Document]:
        """Return at most `k` documents, best first."""
        return [_document(passage) for passage in search(query, k=self.k, settings=self.settings)]


def _document(passage: Passage) -> Document:
    chunk, facts = passage.chunk, passage.facts
    metadata: dict[str, Any] = {
        "source": chunk.source,
        "start": chunk.start,
        "end": chunk.end,
        "lines": list(chunk.lines),
        "heading_path": list(chunk.heading_path),
        "score": passage.score,
        "deprecated": facts.deprecation is not None,
    }
    if facts.owner:
        metadata["owner"] = facts.owner
    return Document(id=chunk.chunk_id, page_content=chunk.text, metadata=metadata)
