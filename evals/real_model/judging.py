"""Whether a model tells a true paraphrase from a false one, asked with the prompt that builds ask with.

Every sentence of harbourline stands with a statement that it carries and one that it does not. The words of the prompt
were chosen on the first six; the other six were looked at once, afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skillgen.chat import MemoryReplies, open_client
from skillgen.model.answer import WrittenClaim
from skillgen.model.citing import cite
from skillgen.model.corpus import Page
from skillgen.model.draft import Citation, Verdict
from skillgen.model.lines import Lines
from skillgen.pipeline.asker import ModelAsker
from skillgen.protocols import SilentReporter
from skillgen.settings import ModelSettings
from skillgen.support import judge_claims

TUNED_ON = 6
_UNDECIDED = Verdict(support="partial", reason="It is a paraphrase.", checker="rules")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Words that stand once in a page of harbourline, and a true and a false statement about them."""

    source: str
    quote: str
    true: str
    false: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How many of `cases` true statements a judge kept, and how many of as many false ones it rejected."""

    cases: int
    kept: int
    rejected: int


CASES = (
    Case(
        source="security/credentials-and-tokens.md",
        quote="Snowflake keys have an overlap of 48 hours by design; see the runbook.",
        true="Snowflake keys have an overlap of 48 hours by design.",
        false="Snowflake keys expire after 48 hours.",
    ),
    Case(
        source="security/credentials-and-tokens.md",
        quote="every tool reads its own credential from Vault; no tool passes one on to the next.",
        true="Every tool reads its own credential from Vault, and no tool passes one on to the next.",
        false="Tools may pass a credential from Vault on to the next tool.",
    ),
    Case(
        source="security/credentials-and-tokens.md",
        quote="GitHub Actions jobs do not hand tokens to later jobs. Each job signs in to Vault again.",
        true="A GitHub Actions job hands no token to later jobs; each job signs in to Vault again.",
        false="A GitHub Actions job signs in to Vault once and hands the token to later jobs.",
    ),
    Case(
        source="data/orchestration.md",
        quote="The lookup is cached in the scheduler for 15 minutes",
        true="The scheduler keeps the lookup for 15 minutes.",
        false="A task reads what it needs from Vault every 15 minutes.",
    ),
    Case(
        source="data/orchestration.md",
        quote="| `raw_tidebook` | 01:30 | read replica lag below 60 seconds | 02:15 |",
        true="`raw_tidebook`, at 01:30, has to do with a read replica lag below 60 seconds, and with 02:15.",
        false="`raw_tidebook` waits for a read replica lag above 60 seconds.",
    ),
    Case(
        source="platform/deploy-pipeline.md",
        quote="From merge to a running pod in dev takes six to nine minutes.",
        true="After a merge, a pod with the new version runs in dev within nine minutes.",
        false="After a merge, a pod with the new version runs in production within nine minutes.",
    ),
    Case(
        source="oncall/alert-routing.md",
        quote="An unknown severity, for example `SEV2` or `critical`, is accepted and filed as `sev4`. Nobody is paged.",
        true="An alert with an unknown severity is taken, filed as `sev4`, and pages nobody.",
        false="An alert with an unknown severity is refused.",
    ),
    Case(
        source="oncall/alert-routing.md",
        quote="A body above 64 KB is refused with `413`.",
        true="The answer to a body of more than 64 KB is `413`.",
        false="A body above 64 KB is accepted and cut.",
    ),
    Case(
        source="platform/deploy-pipeline.md",
        quote="`bump-ledger` refuses a release manifest older than 30 minutes, and re-running it alone just fails again",
        true="A release manifest of more than 30 minutes is refused by `bump-ledger`.",
        false="Re-running `bump-ledger` alone repairs a release manifest older than 30 minutes.",
    ),
    Case(
        source="platform/terraform-estate.md",
        quote="the Terraform change has to be applied in prod **before** the ledger pull request is merged.",
        true="The ledger pull request is merged after the Terraform change was applied in prod.",
        false="The ledger pull request is merged first, and then the Terraform change is applied in prod.",
    ),
    Case(
        source="platform/deploy-pipeline.md",
        quote="Argo CD polls the ledger every 90 seconds and syncs `<service>-dev` by itself.",
        true="Argo CD looks into the ledger every 90 seconds and syncs `<service>-dev` without being told to.",
        false="The ledger calls Argo CD by a webhook, and somebody syncs `<service>-dev` by hand.",
    ),
    Case(
        source="platform/deploy-pipeline.md",
        quote="Production is never triggered from a service repository.",
        true="No service repository triggers production.",
        false="A service repository triggers production after a tag.",
    ),
)


def judged(settings: ModelSettings, pages: Mapping[str, Page], cases: Sequence[Case] = CASES) -> Judged:
    """Ask a model about every statement and return how often it was right; nothing is stored."""
    claims = [_claim(text, case, pages) for case in cases for text in (case.true, case.false)]
    with open_client(settings, MemoryReplies()) as client:
        asker = ModelAsker(client, SilentReporter())
        settled = judge_claims(asker, claims, [_UNDECIDED] * len(claims), pages, chars=1000, most=1)
    said = [verdict.support == "supported" for verdict in settled.verdicts]
    return Judged(cases=len(cases), kept=sum(said[::2]), rejected=len(cases) - sum(said[1::2]))


def _claim(text: str, case: Case, pages: Mapping[str, Page]) -> WrittenClaim:
    return WrittenClaim(question_id="", facets=(), text=text, citations=(_cited(case, pages[case.source]),))


def _cited(case: Case, page: Page) -> Citation:
    start = page.text.index(case.quote)
    end = start + len(case.quote)
    block = next(block for block in page.blocks if block.start <= start < block.end)
    return cite(page, Lines.of(page.text), block, start, end)
