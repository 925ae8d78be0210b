"""Ingest a corpus once, and build or search on the same workspace as often as is wanted."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from metrics import SEARCH_DEPTH, Query, Quote

from skillgen.brief import load_brief
from skillgen.model.draft import Draft
from skillgen.pipeline.build import build
from skillgen.pipeline.library import open_library
from skillgen.protocols import Embedder, SilentReporter
from skillgen.settings import Settings
from skillgen.workspace import Workspace, open_workspace

HERE = Path(__file__).resolve().parent
CORPORA = HERE.parent / "corpora"
BRIEFS = HERE.parent / "prompts" / "briefs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """An open workspace for one corpus, with what reads and builds on it."""

    corpus: Path
    settings: Settings
    workspace: Workspace
    embedder: Embedder

    def draft(self, brief: str) -> Draft:
        """Build the skill of a brief and return its draft; what is ingested already is not read again."""
        briefs = [load_brief(brief)]
        result = build(self.settings, self.workspace, briefs, embedder=self.embedder, reporter=SilentReporter())
        return result.draft

    def search(self, queries: Sequence[Query]) -> list[list[Quote]]:
        """Return what the search finds for each query, best first."""
        with open_library(self.workspace, embedder=self.embedder) as library:
            return [
                [
                    Quote(source=passage.chunk.source, start=passage.chunk.start, end=passage.chunk.end)
                    for passage in library.retrieve(query.text, limit=SEARCH_DEPTH)
                ]
                for query in queries
            ]


@contextlib.contextmanager
def open_bench(corpus: Path, embedder: Embedder, *, root: Path | None = None) -> Iterator[Bench]:
    """Open a workspace for a corpus, in `root` or in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = root or Path(scratch)
        values = {
            "corpus": [{"path": corpus}],
            "build.out": folder / "out",
            "build.name": "measured",
            "ingest.allow_prune": True,
        }
        with open_workspace(folder / "workspace") as workspace:
            settings = Settings().with_values(values)
            yield Bench(corpus=corpus, settings=settings, workspace=workspace, embedder=embedder)


def corpus_digest(corpus: Path) -> str:
    """Return the SHA-256 of every file of a corpus with its path."""
    digest = hashlib.sha256()
    for path in sorted(path for path in corpus.rglob("*") if path.is_file()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(corpus).as_posix()}\0{content}\0".encode())
    return digest.hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
