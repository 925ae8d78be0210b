"""Small made-up corpora, and what a workspace holds after them: helpers that several test files share."""

from __future__ import annotations

import random
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from skillgen.brief import load_brief
from skillgen.embed import HashEmbedder
from skillgen.model.brief import Brief
from skillgen.model.corpus import IngestReport
from skillgen.pipeline.build import BuildResult, build, load_briefs
from skillgen.pipeline.indexes import make_embedder
from skillgen.pipeline.ingest import ingest
from skillgen.pipeline.library import open_library
from skillgen.protocols import Embedder, SilentReporter
from skillgen.settings import Settings
from skillgen.workspace import open_workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CORPUS = Path(__file__).resolve().parent.parent / "corpora" / "harbourline"

BRIEF = """\
# Releases

## Focus
How a change reaches production here.

## Delta Principle
Only what was decided here counts.

## Coverage Targets
- Deploy steps and what triggers each deploy
- Credentials: which token each job uses and who rotates the token
- Nightly jobs: when each nightly job starts and what it waits for

## Quality checks
- Confirm that every deploy step names its command.

## Questions to Research
1. Which command starts a deploy, and what triggers a deploy of the service?
2. Which token does the nightly job use, and who rotates the token?
3. When does the nightly job start, and what does it wait for?
4. Which colour has the harbour crane?
"""

QUERIES = ("deploy of the service", "nightly job token", "rotate token", "crane", "zebra")

PAGES: Mapping[str, str] = {
    "deploy.md": "# Deploys\n\nA deploy starts with `ship deploy orders --env prod`.\n\n"
    "A merge to `main` triggers a deploy of the service to staging within 4 minutes.\n\n"
    "## Rollback\n\n1. Stop the deploy with `ship stop`.\n2. Run `ship rollback orders`.\n3. Tell #releases.\n",
    "ops/nightly.md": "# Nightly job\n\nThe nightly job starts at 02:15 UTC and waits for the export file of the "
    "billing system.\n\nIt signs in with the token `NIGHTLY_TOKEN`, valid for 90 days.\n",
    "ops/tokens.md": "# Tokens\n\n| Token | Used by | Rotated by |\n|---|---|---|\n"
    "| `NIGHTLY_TOKEN` | nightly job | platform team, every 90 days |\n"
    "| `DEPLOY_TOKEN` | deploy of the service | the tool `keyring-bot` |\n",
    "people.md": "# People\n\nAsk in #releases before you deploy on a Friday. The platform team answers until 17:00.\n",
}

UNRELATED: Mapping[str, str] = {
    "fun/bread.md": "# Sourdough bread\n\nMix flour, water and salt, then let the dough rest for 40 minutes. "
    "Bake the loaf at 240 degrees until the crust is brown.\n",
    "fun/soup.md": "# Pumpkin soup\n\nRoast the pumpkin with garlic for half an hour. Stir in cream and pepper before "
    "serving.\n",
    "fun/curry.md": "# Lentil curry\n\n1. Fry onions and ginger.\n2. Add 300 g of red lentils and coconut milk.\n"
    "3. Simmer for 20 minutes.\n",
    "fun/tomatoes.md": "# Growing tomatoes\n\nSow tomatoes indoors in March and plant them out after the last frost. "
    "Water them in the morning and pinch out the side shoots.\n",
    "fun/compost.md": "# Compost\n\nMix green clippings with dry leaves. Turn the heap every 3 weeks so that worms get "
    "air.\n",
    "fun/roses.md": "# Pruning roses\n\nCut old stems above an outward bud in late winter. Feed with bone meal.\n",
    "fun/offside.md": "# The offside law\n\nA striker is offside when nearer to the goal line than the ball and the "
    "second-last defender. The referee raises a flag.\n",
    "fun/league.md": "# Sunday football league\n\n| Club | Goals | Points |\n|---|---|---|\n| Rovers | 31 | 40 |\n"
    "| Wanderers | 22 | 33 |\n",
    "fun/keeper.md": "# Goalkeeper training\n\nDive to both sides for 15 minutes, then catch the ball. Wear gloves.\n",
    "fun/pizza.md": "# Pizza night\n\nStretch the dough by hand, spread tomato sauce and mozzarella, and bake it for 8 "
    "minutes.\n",
}

_SUBJECTS = ("The deploy job", "The nightly job", "The token of the exporter", "The release bot", "The crane", "Alba")
_ACTIONS = ("starts at 03:10 UTC", "waits for `orders.csv`", "is rotated by the platform team every 30 days",
            "runs `ship deploy web`", "writes to #releases", "uses `EXPORT_TOKEN`", "is painted green")  # fmt: skip


class CountingEmbedder:
    """Embeds by hashing, remembers every text, and fails when it is asked for the time `fail_at`."""

    def __init__(self, *, fail_at: int | None = None, error: type[BaseException] = RuntimeError) -> None:
        self.texts: list[str] = []
        self.calls = 0
        self._fail_at = fail_at
        self._error = error
        self._inner = HashEmbedder()

    @property
    def id(self) -> str:
        return self._inner.id

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls += 1
        if self.calls == self._fail_at:
            raise self._error
        self.texts += texts
        return self._inner.embed(texts)


@dataclass(slots=True, kw_only=True)
class Site:
    """One corpus (or several) with a workspace and a place for packages below `root`."""

    root: Path
    corpora: tuple[str, ...] = ("wiki",)
    options: dict[str, object] = field(default_factory=dict)

    @property
    def workspace(self) -> Path:
        return self.root / "workspace"

    @property
    def out(self) -> Path:
        return self.root / "out"

    def pages(self, corpus: str | None = None) -> Path:
        return self.root / (corpus or self.corpora[0])

    def settings(self) -> Settings:
        values: dict[str, object] = {
            "workspace": self.workspace,
            "corpus": [{"path": self.pages(corpus)} for corpus in self.corpora],
            "build.out": self.out,
            "build.name": "releases",
            "ingest.allow_prune": True,  # a site has few pages, so that one less is many
            **self.options,
        }
        return Settings().with_values(values)

    def brief(self) -> Brief:
        path = self.root.parent / "releases.md"
        if not path.exists():
            path.write_text(BRIEF, encoding="utf-8")
        return replace(load_brief(str(path)), path="releases.md")

    def ingest(self, embedder: Embedder | None = None) -> IngestReport:
        with open_workspace(self.workspace) as workspace:
            return ingest(self.settings(), workspace, embedder=embedder or HashEmbedder(), reporter=SilentReporter())

    def build(self, embedder: Embedder | None = None) -> BuildResult:
        with open_workspace(self.workspace) as workspace:
            return build(
                self.settings(),
                workspace,
                [self.brief()],
                embedder=embedder or HashEmbedder(),
                reporter=SilentReporter(),
            )


def build_sample(base: Path) -> Path:
    """Build the sample skill with the real embedder once below `base`, for all workers of a run; return its folder."""
    root = base / "sample-build"
    with FileLock(f"{root}.lock"):
        if not (root / "done").exists():
            run_sample(root, CORPUS, make_embedder(Settings().with_values({"embed.threads": 1})))
            (root / "done").touch()
    return root


def run_sample(
    root: Path, corpus: Path, embedder: Embedder, *, brief: str = "integration-and-orchestration"
) -> BuildResult:
    """Build a built-in brief's skill from a corpus, with workspace and package in `root`."""
    settings = Settings().with_values(
        {
            "workspace": root / "workspace",
            "corpus": [{"path": corpus, "url": "https://wiki.example/{path}"}],
            "build.briefs": (brief,),
            "build.name": "sample",
            "build.out": root,
            "ingest.allow_prune": True,
        }
    )
    with open_workspace(settings.workspace) as workspace:
        return build(settings, workspace, load_briefs(settings), embedder=embedder, reporter=SilentReporter())


def make_site(root: Path, pages: Mapping[str, str] = PAGES) -> Site:
    """Write the pages below `root/wiki` and return their site."""
    site = Site(root=root)
    write_pages(site.pages(), pages)
    return site


def write_pages(folder: Path, pages: Mapping[str, str]) -> None:
    """Write the pages by their paths; newlines stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in pages.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())


def file_bytes(folder: Path) -> dict[str, bytes]:
    """Return every file below the folder by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def file_times(folder: Path) -> dict[str, int]:
    """Return when each file below the folder was last written."""
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in sorted(folder.rglob("*"))}


def search_results(site: Site) -> dict[str, list[tuple[str, int, int, float]]]:
    """Return what the workspace as it is finds for the queries."""
    embedder = HashEmbedder()
    with open_workspace(site.workspace) as workspace, open_library(workspace, embedder=embedder) as library:
        return {
            query: [(p.chunk.source, p.chunk.start, p.chunk.end, p.score) for p in library.retrieve(query, limit=8)]
            for query in QUERIES
        }


def state_of(site: Site) -> dict[str, object]:
    """Return all that must not depend on how the workspace came about: draft, package, search results and truth."""
    with open_workspace(site.workspace) as workspace:
        store = workspace.store
        truth = (list(store.pages()), store.chunks(), store.findings(), store.facts())
    return {
        "draft": (site.workspace / "drafts" / "releases.json").read_bytes(),
        "package": file_bytes(site.out / "releases"),
        "search": search_results(site),
        "truth": truth,
    }


def fresh_state(site: Site, root: Path) -> dict[str, object]:
    """Build the site's pages from nothing elsewhere and return the state."""
    other = Site(root=root, corpora=site.corpora, options=dict(site.options))
    for corpus in site.corpora:
        shutil.copytree(site.pages(corpus), other.pages(corpus))
    other.build()
    return state_of(other)


def random_page(chance: random.Random) -> str:
    """Return a page of a few sections, sentences, steps and rows; many pages share sentences."""
    lines = [f"# {chance.choice(('Deploys', 'Jobs', 'Tokens', 'Notes'))} {chance.randrange(3)}", ""]
    for _ in range(chance.randrange(1, 4)):
        if chance.random() < 0.5:
            lines += [f"## {chance.choice(('Setup', 'Failures', 'Schedule'))}", ""]
        bullet = chance.choice(("", "- ", "1. "))
        lines += [f"{bullet}{random_sentence(chance)}" for _ in range(chance.randrange(1, 5))]
        lines.append("")
    return "\n".join(lines)


def random_sentence(chance: random.Random) -> str:
    """Return one of few sentences, so that equal ones are common."""
    return f"{chance.choice(_SUBJECTS)} {chance.choice(_ACTIONS)}."
