"""Connect: sentences and table rows to edges between tools, and what gives none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from growth import assert_time_follows_length
from hypothesis import given
from hypothesis import strategies as st

from skillgen.brief import load_brief
from skillgen.catalogue import ToolFinder, load_catalogue
from skillgen.connect import connect_tools, named_kinds, sort_kinds
from skillgen.connect.edges import MAX_CITATIONS
from skillgen.connect.records import MAX_PHRASE_WORDS
from skillgen.model.draft import (
    BriefRecord,
    Citation,
    Claim,
    Coverage,
    Draft,
    IntegrationEdge,
    MappedKind,
    RunRecord,
    SkillRecord,
    Verdict,
)
from skillgen.render import render_package
from skillgen.resources import data_dir
from skillgen.templating import Templates

CATALOGUE = load_catalogue()
Edge = tuple[str, str, str]


def citation(quote: str, *, source: str = "page.md") -> Citation:
    return Citation(
        source=source,
        start=0,
        end=len(quote),
        lines=(1, 1),
        heading_path=("Page",),
        quote=quote,
        source_sha256="0" * 64,
    )


def claim(text: str, *, lead: str = "", quotes: tuple[str, ...] = (), source: str = "page.md") -> Claim:
    return Claim(
        id="clm-00000000",
        text=f"{lead} {text}".strip(),
        lead=lead,
        facets=("f",),
        also_answers=(),
        in_body=False,
        delta=0.5,
        verdict=Verdict(support="supported", reason="", checker="test"),
        citations=tuple(citation(quote, source=source) for quote in quotes or (text,)),
    )


def edges(*texts: str) -> list[Edge]:
    found = connect_tools([claim(text) for text in texts], CATALOGUE)
    return [(edge.from_, edge.what, edge.to) for edge in found]


@pytest.mark.parametrize(
    ("text", "edge"),
    [
        ("Jenkins triggers Airflow.", ("Jenkins", "triggers", "Airflow")),
        ("Jenkins kicks off the nightly Airflow DAG.", ("Jenkins", "kicks", "Airflow")),
        ("GitHub Actions calls the Airflow API.", ("GitHub Actions", "calls", "Airflow")),
        (
            "Spinnaker deploys the signed image to Kubernetes.",
            ("Spinnaker", "deploys the signed image to", "Kubernetes"),
        ),
        ("CircleCI pushes images to Harbor.", ("CircleCI", "pushes images to", "Harbor")),
        ("Airbyte loads the orders into Snowflake.", ("Airbyte", "loads the orders into", "Snowflake")),
        ("Then Dagster writes `out.csv` to `s3://acme-out/day/`.", ("Dagster", "writes `out.csv` to", "Amazon S3")),
        ("dbt reads the seeds from Snowflake.", ("dbt", "reads the seeds from", "Snowflake")),
        ("The Airflow scheduler downloads its DAGs from GitHub.", ("Airflow", "downloads its DAGs from", "GitHub")),
        ("Prometheus scrapes Kafka every minute.", ("Prometheus", "scrapes \u2026 every minute", "Kafka")),
        ("Argo CD signs in to Vault with its own role.", ("Argo CD", "signs in to", "Vault")),
        ("Grafana authenticates against Okta.", ("Grafana", "authenticates against", "Okta")),
        (
            "GitLab CI assumes the role `deploy-web` in AWS.",
            ("GitLab CI", "assumes", "AWS"),
        ),
        ("Dagster waits for Fivetran.", ("Dagster", "waits for", "Fivetran")),
        ("Looker depends on BigQuery.", ("Looker", "depends on", "BigQuery")),
        ("Grafana notifies PagerDuty.", ("Grafana", "notifies", "PagerDuty")),
        ("Alertmanager posts warnings to Slack.", ("Alertmanager", "posts warnings to", "Slack")),
        ("Terraform keeps its state in S3.", ("Terraform", "keeps its state in", "Amazon S3")),
        ("Metabase runs on Kubernetes.", ("Metabase", "runs on", "Kubernetes")),
        ("Kubernetes mounts Ceph.", ("Kubernetes", "mounts", "Ceph")),
    ],
)
def test_each_relation_is_read_in_the_active_voice(text: str, edge: Edge) -> None:
    assert edges(text) == [edge]


@pytest.mark.parametrize(
    ("text", "edge"),
    [
        ("Airflow is triggered by Jenkins.", ("Jenkins", "triggers", "Airflow")),
        ("The Airflow DAGs are started every hour by Jenkins.", ("Jenkins", "starts", "Airflow")),
        ("Snowflake is read by Looker.", ("Looker", "reads", "Snowflake")),
        ("At two, the report is written to S3 by Dagster.", ("Dagster", "the report is written to", "Amazon S3")),
        ("The report is written by Dagster to S3.", ("Dagster", "The report is written", "Amazon S3")),
        ("Jira is signed in to by `svc-gate`.", ("svc-gate", "signs in to", "Jira")),
        ("Airflow, which is managed by Terraform, is large.", ("Terraform", "manages", "Airflow")),
        ("Orders are copied from PostgreSQL to Snowflake.", ("PostgreSQL", "copied", "Snowflake")),
        ("The job `pull-x` is triggered by Airflow.", ("Airflow", "triggers", "pull-x")),
        ("A workflow starts the DAG `night` triggered by Jenkins in Airflow.", None),
        ("Terraform, driven by Atlantis.", ("Atlantis", "drives", "Terraform")),
        ("The job `load-x`, started by Airflow, is large.", ("Airflow", "starts", "load-x")),
        ("The Acme dbt project runs every day, orchestrated by Airflow.", ("Airflow", "orchestrates", "dbt")),
        ("The job copies files to S3, triggered by Airflow.", None),
        ("Airflow writes a file, read by dbt.", None),
    ],
)
def test_the_passive_voice_and_from_to_lead_from_who_acts(text: str, edge: Edge | None) -> None:
    assert edges(text) == ([edge] if edge else [])


def test_every_arrow_between_tools_is_an_edge() -> None:
    text = "Prometheus (one per site) -> Alertmanager \u2192 PagerDuty or Slack."
    assert {(from_, to) for from_, _, to in edges(text)} == {
        ("Prometheus", "Alertmanager"),
        ("Alertmanager", "PagerDuty"),
        ("Alertmanager", "Slack"),
    }


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        (
            "Airflow, Jenkins and Argo CD post to Slack.",
            {("Airflow", "Slack"), ("Jenkins", "Slack"), ("Argo CD", "Slack")},
        ),
        ("Dagster writes the marts to BigQuery and Snowflake.", {("Dagster", "BigQuery"), ("Dagster", "Snowflake")}),
        ("Airflow reads the Vault token from Kubernetes.", {("Airflow", "Kubernetes")}),
        ("Jenkins builds the image and pushes it to Harbor.", {("Jenkins", "Harbor")}),
        ("Jenkins triggers Airflow, then notifies Slack.", {("Jenkins", "Airflow"), ("Jenkins", "Slack")}),
        ("In Kubernetes, Airflow writes its logs to S3.", {("Airflow", "Amazon S3")}),
        ("When Airflow finishes, it posts to Slack.", {("Airflow", "Slack")}),
        ("The dbt models run by Airflow are small.", {("Airflow", "dbt")}),
        ("Flink jobs read from Kafka and write to S3.", {("Flink", "Kafka")}),
        ("Debezium takes each change and publishes it to Kafka.", {("Debezium", "Kafka")}),
        ("Spark writes to Kafka and S3 is slow.", {("Spark", "Kafka")}),
        ("There is a GitLab job that runs dbt.", {("GitLab", "dbt")}),
        ("Airflow is configured to send logs to Datadog.", {("Airflow", "Datadog")}),
        ("The Airflow jobs write to S3.", {("Airflow", "Amazon S3")}),
        ("Airflow uploads the model to our team's GCS bucket.", {("Airflow", "Google Cloud Storage")}),
        ("The Google Cloud deployment of Airflow writes its logs to S3.", {("Airflow", "Amazon S3")}),
        ("The Acme Airflow writes its logs to S3.", {("Airflow", "Amazon S3")}),
        ("`load-x` therefore lists the files and copies only then, to S3.", {("load-x", "Amazon S3")}),
        ("`lint-x` in the stage `check` compares that with Unleash.", {("lint-x", "Unleash")}),
        ("Airflow opens a ticket in Jira and feeds Snowflake.", {("Airflow", "Jira"), ("Airflow", "Snowflake")}),
        ("The database migrations job of Jenkins writes to S3.", set()),
        ("`run-x` reads the database migrations from S3.", {("run-x", "Amazon S3")}),
    ],
)
def test_with_more_than_two_names_each_edge_has_its_own_ends(text: str, pairs: set[tuple[str, str]]) -> None:
    assert {(from_, to) for from_, _, to in edges(text)} == pairs


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("Airflow: starts dbt every night.", {("Airflow", "dbt")}),
        ("Fivetran syncs: are started by Dagster.", {("Dagster", "Fivetran")}),
        ("Datadog monitors are the exception: they call PagerDuty.", {("Datadog", "PagerDuty")}),
        ("Dagster has a sensor in each location; it posts to Slack.", {("Dagster", "Slack")}),
        # another subject, or none
        ("BigQuery: Keycloak groups are copied to Google groups by a job.", set()),
        ("Kafka is used by Dagster: it posts to Slack.", {("Dagster", "Kafka")}),
        ("In Dagster there is a sensor; it posts to Slack.", set()),
        ("Dagster in prod: it posts to Slack.", set()),
        ("Dagster is not used: it posts to Slack.", set()),
    ],
)
def test_a_clause_after_a_colon_or_semicolon_may_have_its_subject_before_it(
    text: str, pairs: set[tuple[str, str]]
) -> None:
    assert {(from_, to) for from_, _, to in edges(text)} == pairs


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("The `deploy-web` workflow pushes the image to Harbor.", ("deploy-web", "Harbor")),
        ("`load-orders` writes its marker to S3.", ("load-orders", "Amazon S3")),
        ("The DAG `nightly` in Airflow reads the list from GitHub.", ("nightly", "GitHub")),
        ("Argo CD alerts `#ops-night`.", ("Argo CD", "#ops-night")),
        ("Argo CD posts to the `#ops-night` channel in Slack.", ("Argo CD", "Slack")),
        ("Debezium writes to the topic `shop.orders`.", ("Debezium", "shop.orders")),
        ("The load_orders job writes to Snowflake.", ("load_orders", "Snowflake")),
        ("The nightly-orders job writes to Snowflake.", ("nightly-orders", "Snowflake")),
        ("load_orders - Downloads the orders from S3", ("load_orders", "Amazon S3")),
        ("`load-dbt` waits for `airbyte-orders`.", ("load-dbt", "airbyte-orders")),
    ],
)
def test_what_the_organisation_has_named_is_an_end_beside_a_tool(text: str, pair: tuple[str, str]) -> None:
    assert [(from_, to) for from_, _, to in edges(text)] == [pair]


@pytest.mark.parametrize(
    "text",
    [
        "`load-orders` triggers `load-returns`.",
        "A long-running job writes to Snowflake.",
        "`SINK_TOKEN` opens S3, and `main.py` writes to S3.",
        "`main` deploys to Netlify.",
        "`airflow dags trigger night` writes to S3.",
        "The git-sync writes to S3.",
        "The job writes to a Snowflake-compatible format.",
    ],
)
def test_what_is_no_name_is_no_end(text: str) -> None:
    assert edges(text) == []


@pytest.mark.parametrize(
    "text",
    [
        # denied
        "Jenkins does not trigger Airflow.",
        "Jenkins never triggers Airflow.",
        "Jenkins no longer triggers Airflow.",
        "Nobody but Jenkins triggers Airflow.",
        "Airflow doesn't write to S3.",
        "Airflow refuses what Jenkins sends to Airflow, and Jenkins calls Slack instead.",
        # what might be
        "Jenkins could trigger Airflow.",
        "For example, Jenkins triggers Airflow.",
        "For example: Jenkins triggers Airflow; GitLab CI triggers Dagster.",
        "E.g. Jenkins triggers Airflow.",
        "It may help, e.g. where Jenkins triggers Airflow.",
        "Does Jenkins trigger Airflow? Jenkins triggers Airflow?",
        "If Jenkins triggers Airflow, tell us.",
        "Somebody has to find out how Jenkins signs in to Airflow.",
        "It is planned that Jenkins triggers Airflow.",
        # what was
        "Jenkins used to trigger Airflow, and Jenkins calls Airflow.",
        "Previously Jenkins triggers Airflow.",
        "Airflow was triggered by Jenkins.",
        "We migrated from Jenkins to GitHub Actions.",
        "Jenkins triggered Airflow.",
    ],
)
def test_what_is_denied_possible_or_past_is_no_edge(text: str) -> None:
    assert edges(text) == []


@pytest.mark.parametrize(
    "text",
    [
        # the sentence
        "Jenkins triggers Airflow; this is planned.",
        "The goal is that Jenkins triggers Airflow.",
        "Goal: Jenkins triggers Airflow.",
        "It will be changed: Jenkins triggers Airflow.",
        "Jenkins triggers Airflow; the job isn't yet live.",
        "We intend to have it that Jenkins triggers Airflow.",
        # the block
        "This is planned for next year. Jenkins triggers Airflow.",
        "Status: proposed. Jenkins triggers Airflow.",
        "Jenkins triggers Airflow. This is not yet done.",
        "Jenkins triggers Airflow. This change will be made in May.",
        "Jenkins triggers Airflow. That is our goal.",
        # the row
        "From: Jenkins; To: Airflow; Status: planned",
        "From: Jenkins; To: Airflow; Status: not yet live",
        "Pipeline: Airflow; Triggered by: Jenkins; Note: will be built",
    ],
)
def test_what_is_planned_is_no_edge(text: str) -> None:
    assert edges(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Jenkins triggers Airflow. Failed files will be kept for a day.",
        "Jenkins triggers Airflow. For planned work, it can be paused.",
        "Jenkins triggers Airflow. The page `goals.html` shows it.",
    ],
)
def test_what_is_done_beside_another_plan_is_an_edge(text: str) -> None:
    assert [(from_, to) for from_, _, to in edges(text)] == [("Jenkins", "Airflow")]


@pytest.mark.parametrize(
    "text",
    [
        "Git calls Git.",
        "Airflow and Kubernetes.",
        "A user with a Vault token writes to S3.",
        "After Airflow finishes, the job writes to S3.",
        "The GitHub team lead calls PagerDuty.",
        "dbt reads the Snowflake private key from the disk.",
        "Jenkins starts after a push to GitHub by hand.",
        "The key for Airflow reads from Vault.",
        "Airflow triggers a person on the Slack list.",
        "Admin \u2192 `ci-token` \u2192 Vault.",
        "A move from Jenkins to GitLab CI takes a day.",
        "Mend a fault of the copy from GCS -> S3 for large files.",
        "Airflow needs a key to read from Snowflake.",
        "Airflow restarts are written down in Jira by hand.",
        "Okta tells Slack users to sign in.",
    ],
)
def test_where_it_is_not_plain_who_acts_on_what_there_is_no_edge(text: str) -> None:
    assert edges(text) == []


def test_a_job_whose_name_in_code_sounds_past_is_still_read() -> None:
    assert edges("The job `old-sync` writes to Snowflake.") == [("old-sync", "writes to", "Snowflake")]


def test_a_lead_alone_gives_no_edge() -> None:
    assert connect_tools([claim("Every night at two.", lead="Jenkins triggers Airflow:")], CATALOGUE) == ()


@pytest.mark.parametrize("lead", ["Deprecated pipelines:", "Migration plan > Steps:", "Ideas:", "Goals:"])
def test_nothing_is_read_under_a_heading_that_is_not_of_today(lead: str) -> None:
    assert connect_tools([claim("Jenkins triggers Airflow.", lead=lead)], CATALOGUE) == ()


def test_nothing_is_read_where_every_quote_stands_under_a_plan() -> None:
    one = claim("Jenkins triggers Airflow.")
    (today,) = one.citations
    planned = replace(today, heading_path=("Goals for 2027", "Pipelines", "Start"))
    assert connect_tools([replace(one, citations=(planned,))], CATALOGUE) == ()
    assert len(connect_tools([replace(one, citations=(planned, today))], CATALOGUE)) == 1


# -- tables ------------------------------------------------------------------------------------------------------------


def test_a_row_with_from_and_to_is_an_edge_with_what_the_row_says_of_it() -> None:
    row = "From: Jenkins, Airflow (prod); To: Vault; Identity: role `ci-read`; Lifetime: 1 hour, not renewable"
    assert edges(row) == [
        ("Airflow", "Identity: role `ci-read`", "Vault"),
        ("Jenkins", "Identity: role `ci-read`", "Vault"),
    ]


@pytest.mark.parametrize(
    ("row", "edge"),
    [
        ("Caller: `gate`; Called: Jira; Purpose: asks for approval", ("gate", "Purpose: asks for approval", "Jira")),
        ("Job: `load-dbt`; Start: 02:00; Waits for: `airbyte-x` green", ("load-dbt", "waits for", "airbyte-x")),
        ("File: `x.json`; Written by: Dagster; Path: `s3://acme/x.json`", ("Dagster", "writes `x.json`", "Amazon S3")),
        ("File: `x.json`; Read by: `load-x`; Path: `s3://acme/x.json`", ("load-x", "reads `x.json`", "Amazon S3")),
        ("Pipeline: Airflow; Triggered by: Jenkins", ("Jenkins", "triggers", "Airflow")),
        ("File: `x.json`; Written by: every dbt run; Path: `s3://acme/x`", ("dbt", "writes `x.json`", "Amazon S3")),
        ("File: `x.json`; Read by: task `post_x`; Path: `s3://acme/x`", ("post_x", "reads `x.json`", "Amazon S3")),
    ],
)
def test_columns_are_read_by_their_headers(row: str, edge: Edge) -> None:
    assert edges(row) == [edge]


@pytest.mark.parametrize(
    "row",
    [
        "From: Jenkins; To: none; Identity: -",
        "From: Users; To: Grafana; Identity: password",
        "From: old Jenkins; To: Airflow; Identity: token",
        "Job: `ruff-x`; Runs on: Airflow-like machines",
        "Tool: Airflow; Owner: Slack",
        "Pipeline: Jenkins; Triggered by: Airflow users",
        "From: Kafka clients; To: Airflow admins; As: user",
        "From: Jenkins",
    ],
)
def test_a_row_without_two_plain_ends_is_no_edge(row: str) -> None:
    assert edges(row) == []


def test_a_name_that_a_table_sets_beside_a_tool_is_read_in_sentences() -> None:
    row = "From: Airflow; To: Hooter; Identity: token"
    assert ("Grafana", "posts to", "Hooter") in edges(row, "Grafana posts to Hooter.")
    assert edges("Grafana posts to Hooter.") == []


# -- edges together ----------------------------------------------------------------------------------------------------


def test_equal_edges_are_one_with_the_quotes_of_all_up_to_six() -> None:
    claims = [claim("Jenkins triggers Airflow.", source=f"{i}.md") for i in range(MAX_CITATIONS + 2)]
    (edge,) = connect_tools([*claims, *claims], CATALOGUE)
    assert [one.source for one in edge.citations] == [f"{i}.md" for i in range(MAX_CITATIONS)]


def test_other_relations_and_directions_stay_apart() -> None:
    found = edges("Jenkins triggers Airflow.", "Jenkins writes logs to Airflow.", "Airflow triggers Jenkins.")
    assert len(found) == 3


def test_only_the_quotes_that_hold_the_sentence_are_cited() -> None:
    quotes = ("Jenkins triggers **Airflow**.", "It takes two hours, mostly.")
    (edge,) = connect_tools([claim("Jenkins triggers Airflow. It takes two hours, mostly.", quotes=quotes)], CATALOGUE)
    assert [one.quote for one in edge.citations] == [quotes[0]]


def test_a_row_is_cited_with_its_header() -> None:
    (edge,) = connect_tools(
        [claim("From: Jenkins; To: Vault", quotes=("| From | To |", "| Jenkins | Vault |"))], CATALOGUE
    )
    assert len(edge.citations) == 2


JOINED = (
    "From: Jenkins; To: Vault; Identity: role `ci`. From: Airflow; To: Snowflake; Identity: key pair. "
    "Dagster writes to Kafka. Other page > Register: Caller: dbt; Called: BigQuery; Account: `svc-dbt`"
)


def test_rows_that_one_claim_joins_stay_apart_from_one_another_and_from_sentences() -> None:
    assert edges(JOINED) == [
        ("Airflow", "Identity: key pair", "Snowflake"),
        ("Dagster", "writes to", "Kafka"),
        ("Jenkins", "Identity: role `ci`", "Vault"),
        ("dbt", "Account: `svc-dbt`", "BigQuery"),
    ]


def test_each_row_of_a_joined_claim_is_cited_by_itself_with_its_header() -> None:
    quotes = (
        "| From | To | Identity |",
        "| Jenkins | Vault | role `ci` |",
        "| Airflow | **Snowflake** | key pair |",
        "Dagster writes to Kafka.",
        "| dbt | BigQuery | `svc-dbt` |",
    )
    found = connect_tools([claim(JOINED, quotes=quotes)], CATALOGUE)
    cited = {edge.from_: {one.quote for one in edge.citations} for edge in found}
    assert cited == {
        "Jenkins": {quotes[0], quotes[1]},
        "Airflow": {quotes[0], quotes[2]},
        "Dagster": {quotes[3]},
        "dbt": {quotes[4]},
    }


def test_a_cell_of_two_sentences_does_not_end_its_row() -> None:
    assert edges("From: Jenkins; Note: It is slow. See the page; To: Vault") == [
        ("Jenkins", "Note: It is slow. See the page", "Vault")
    ]


def test_of_a_joined_claim_nothing_is_read_that_stands_under_a_heading_of_the_past() -> None:
    one = claim(
        "Jenkins triggers Airflow. Argo CD triggers Dagster.",
        quotes=("Jenkins triggers Airflow.", "Argo CD triggers Dagster."),
    )
    past = replace(one.citations[1], heading_path=("Page", "History"))
    found = connect_tools([replace(one, citations=(one.citations[0], past))], CATALOGUE)
    assert [edge.from_ for edge in found] == ["Jenkins"]


def test_the_most_quoted_come_first_then_by_name_and_the_limit_cuts_the_rest() -> None:
    claims = [
        claim("Jenkins triggers Dagster."),
        claim("Jenkins triggers Airflow."),
        *(claim("Okta alerts Slack.", source=source) for source in ("a.md", "b.md")),
    ]
    found = connect_tools(claims, CATALOGUE)
    assert [(edge.from_, edge.to) for edge in found] == [
        ("Okta", "Slack"),
        ("Jenkins", "Airflow"),
        ("Jenkins", "Dagster"),
    ]
    assert connect_tools(claims, CATALOGUE, limit=2) == found[:2]
    assert connect_tools([], CATALOGUE) == ()


def test_what_passes_has_at_most_twelve_words() -> None:
    long = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh"
    ((_, what, _),) = edges(f"Airflow writes {long} to S3.")
    assert len(what.split()) == MAX_PHRASE_WORDS
    assert what.endswith("\u2026")


# -- properties --------------------------------------------------------------------------------------------------------

_PIECES = (
    *(
        "Airflow",
        "Jenkins",
        "S3",
        "Vault",
        "Slack",
        "`load-x`",
        "the",
        "job",
        "nightly",
        "in",
        "and",
        ",",
        ";",
        ":",
        ".",
    ),
    *("writes", "write", "written", "to", "from", "reads", "is", "by", "triggers", "triggered", "which", "that", "->"),
    *(
        "when",
        "it",
        "of",
        "(",
        ")",
        "`",
        "From: Jenkins",
        "To: Vault",
        "Written by: Airflow",
        "'s",
        "not",
        "?",
        "signs",
    ),
)


@given(st.lists(st.lists(st.sampled_from(_PIECES), max_size=25).map(" ".join), max_size=4))
def test_every_edge_cites_claims_that_name_both_ends(texts: list[str]) -> None:
    finder = ToolFinder(CATALOGUE.tools)
    for edge in connect_tools([claim(text) for text in texts], CATALOGUE):
        assert edge.from_ != edge.to
        assert edge.citations
        for cited in edge.citations:
            names = {mention.tool.name for mention in finder.find(cited.quote)}
            assert all(end in names or end in cited.quote for end in (edge.from_, edge.to))


@given(st.lists(st.text(max_size=60), max_size=4))
def test_any_text_can_be_read(texts: list[str]) -> None:
    connect_tools([claim(text) for text in texts], CATALOGUE)
    named_kinds(texts, CATALOGUE)


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "Airflow writes to S3. ",
            "Airflow writes to S3 and ",
            "Airflow, ",
            "writes ",
            "to ",
            "of the Airflow ",
            "- ",
        ),
        *(
            "--",
            "`",
            "`x` ",
            "(",
            "a_",
            "a-",
            "From: Jenkins; To: Vault; ",
            "is written by ",
            "Airflow -> ",
            "from S3 to ",
        ),
    ],
)
def test_reading_takes_no_longer_than_the_text(piece: str) -> None:
    assert_time_follows_length(lambda text: connect_tools([claim(text)], CATALOGUE), piece * (100_000 // len(piece)))


# -- kinds -------------------------------------------------------------------------------------------------------------

VERSIONS = "Version control and code review"
CI = "CI/CD"
WATCH = "Monitoring, logs, tracing and error tracking"
ENGINES = "Job schedulers and workflow engines"


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("How does Airflow start?", (ENGINES,)),
        ("Which orchestrators and monitoring tools are there?", (ENGINES, WATCH)),
        ("From version control to CI/CD systems", (VERSIONS, CI)),
        ("Who reviews a pull request?", (VERSIONS,)),
        ("What do data catalogs hold?", ("Data catalogue, lineage and governance",)),
        ("In which order do things happen?", ()),
        ("", ()),
    ],
)
def test_kinds_are_named_by_tool_label_or_words(text: str, labels: tuple[str, ...]) -> None:
    assert named_kinds([text], CATALOGUE) == labels


def test_two_single_words_of_a_kind_name_it_in_any_of_the_texts() -> None:
    assert CI not in named_kinds(["Which pipeline?"], CATALOGUE)
    assert CI in named_kinds(["Which pipeline?", "Which stages?"], CATALOGUE)


# -- the page ----------------------------------------------------------------------------------------------------------


def page(edges: list[dict[str, str]], kinds: list[dict[str, object]], missing: list[str]) -> str:
    values = {
        "title": "Integration map",
        "when": "which tools meet",
        "edges": edges,
        "kinds": kinds,
        "missing": missing,
    }
    return Templates("skill").render("integration-map.md.j2", values)


def test_the_page_shows_a_row_for_each_edge_and_for_each_kind_with_and_without() -> None:
    edge = {"from_": "load_x", "to": "S3|x", "what": "writes *all* to", "markers": "[S1][S2]"}
    kind: dict[str, object] = {"label": "Object stores", "pairs": [edge, {"from_": "a_b", "to": "c"}]}
    assert page([edge], [kind], ["CI/CD", "Chat"]).splitlines() == [
        "# Integration map",
        "",
        "Read this when you need to know which tools meet.",
        "",
        (
            "Each row is said by the pages behind its marker. On the left stands who acts: "
            "a tool that reads from a store stands left of the store."
        ),
        "",
        "| From | What passes | To | Source |",
        "|---|---|---|---|",
        r"| load_x | writes \*all\* to | S3\|x | [S1][S2] |",
        "",
        "## Kinds of system that the brief names",
        "",
        "| Kind | Meetings |",
        "|---|---|",
        r"| Object stores | load_x to S3\|x; a_b to c |",
        "| CI/CD | none: no statement was found on how it meets another tool |",
        "| Chat | none: no statement was found on how it meets another tool |",
    ]


def test_the_page_without_edges_says_so_and_has_the_rows() -> None:
    text = page([], [], ["Chat"])
    assert "No statement was found on which tool meets which." in text
    assert "| Chat | none" in text
    assert "Kinds of system" not in page([], [], [])
    assert (Path(data_dir("templates")) / "skill" / "integration-map.md.j2").is_file()


BRIEFS = sorted((data_dir("prompts") / "briefs").glob("*.md"))


@pytest.mark.parametrize("path", BRIEFS, ids=lambda path: path.stem)
@pytest.mark.parametrize("text", ["", "Jenkins triggers Airflow."])
def test_each_kind_that_a_built_in_brief_names_has_a_row(path: Path, text: str) -> None:
    brief = load_brief(path.stem)
    texts = [*(one.text for one in brief.questions), *(one.text for one in brief.targets)]
    edges = connect_tools([claim(text)], CATALOGUE)
    mapped, unmapped = sort_kinds(texts, edges, CATALOGUE)
    named = named_kinds(texts, CATALOGUE)
    assert named
    assert {kind.label for kind in mapped} | set(unmapped) == set(named)
    assert not {kind.label for kind in mapped} & set(unmapped)
    ends = {name for edge in edges for name in (edge.from_, edge.to)}
    assert all(kind.tools and set(kind.tools) <= ends for kind in mapped)
    draft = draft_of(mapped, unmapped, edges)
    files = render_package(draft, Templates("skill"), generator="skillgen 0").files
    rows = [row.split(" | ")[0].removeprefix("| ") for row in files["references/integration-map.md"].splitlines()]
    assert set(named) <= set(rows)
    assert "references/integration-map.md" in files["SKILL.md"]


def draft_of(mapped: tuple[MappedKind, ...], unmapped: tuple[str, ...], edges: tuple[IntegrationEdge, ...]) -> Draft:
    return Draft(
        schema="skillgen.draft/1",
        skill=SkillRecord(name="b", description="B."),
        briefs=(BriefRecord(path="b.md", title="B", sha256="cd" * 32),),
        answers=(),
        coverage=Coverage(overall=0.0, targets=()),
        contradictions=(),
        gaps=(),
        integration_map=edges,
        mapped=mapped,
        unmapped=unmapped,
        run=RunRecord(
            complete=True,
            engine="local/1",
            model=None,
            embedder="test",
            settings_sha256="0" * 64,
            corpus_sha256="0" * 64,
            prompts={},
            tokens=0,
            cost=0.0,
        ),
    )


def test_the_edges_are_records_of_the_draft() -> None:
    (edge,) = connect_tools([claim("Jenkins triggers Airflow.")], CATALOGUE)
    assert edge == IntegrationEdge(
        from_="Jenkins", to="Airflow", what="triggers", citations=(citation("Jenkins triggers Airflow."),)
    )
