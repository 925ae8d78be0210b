"""Chunks of procedures: steps, code and rows stay with what introduces them."""

from __future__ import annotations

import pytest
from growth import assert_time_follows_length

from skillgen.chunk import chunk_page
from skillgen.model.corpus import SourceFile
from skillgen.parse import parse_markdown


def _texts(text: str, max_chars: int) -> list[str]:
    page = parse_markdown(SourceFile(source="a.md", text=text, sha256="0"))[0]
    return [chunk.text for chunk in chunk_page(page, max_chars=max_chars)]


INTRO = "The worker reads the queue every five minutes and stores what it has read.\n\n"
STEPS = "To restart it:\n\n1. Stop the worker.\n2. Clear the queue.\n3. Start the worker."


@pytest.mark.parametrize("steps", [STEPS, STEPS.replace("1.", "-").replace("2.", "-").replace("3.", "-")])
def test_a_procedure_that_fits_begins_a_chunk_rather_than_being_cut(steps: str) -> None:
    assert _texts(f"# G\n\n{INTRO}{steps}\n\nAfterwards, look at the log of the worker and tell the team.\n", 100) == [
        INTRO.strip(),
        steps,
        "Afterwards, look at the log of the worker and tell the team.",
    ]


def test_steps_keep_their_code_and_their_nested_steps() -> None:
    steps = "Do this:\n\n1. Stop it:\n\n   ```sh\n   stop worker\n   ```\n\n2. Then:\n   - wait\n   - look"
    assert _texts(f"# G\n\n{INTRO}{steps}\n", 100) == [INTRO.strip(), steps]


def test_a_procedure_that_is_too_long_is_cut_between_its_steps() -> None:
    steps = [f"{i}. Do step number {i}:\n\n   ```sh\n   run step-{i}\n   ```" for i in range(1, 6)]
    chunks = _texts("# G\n\n" + INTRO + "Do it:\n\n" + "\n\n".join(steps) + "\n", 90)
    assert chunks[0] == INTRO.strip()
    assert chunks[1].startswith("Do it:\n\n1. Do step number 1:")
    assert all(f"step number {i}" in chunk for i in range(1, 6) for chunk in chunks if f"run step-{i}" in chunk)
    assert all(len(chunk) <= 90 for chunk in chunks)


def test_code_that_fits_is_whole_and_stands_with_the_paragraph_before_it() -> None:
    code = "\n".join(f"run step {i}" for i in range(6))
    chunks = _texts(f"# G\n\n{INTRO}Run the steps as root.\n\n```sh\n{code}\n```\n\nThat is all.\n", 100)
    assert chunks[0] == INTRO.strip()
    assert chunks[1].startswith("Run the steps as root.")
    assert code in chunks[1]


def test_a_heading_after_a_list_begins_a_chunk() -> None:
    assert _texts("# G\n\nDo it:\n\n- one step\n\n## H\n\nWords.\n", 500) == ["Do it:\n\n- one step", "Words."]


def test_rows_are_whole_and_each_chunk_of_a_table_shows_its_header() -> None:
    rows = [f"| name-{i} | value {i} |" for i in range(8)]
    header = "| Name | Value |\n|---|---|"
    chunks = _texts("# G\n\n" + "\n".join([header, *rows]) + "\n", 80)
    assert len(chunks) > 1
    assert all(chunk.startswith(f"{header}\n") for chunk in chunks)
    assert all(len(chunk) <= 80 for chunk in chunks)
    assert [row for chunk in chunks for row in chunk.split("\n")[2:]] == rows


def test_a_table_that_fits_stays_with_its_lead_in() -> None:
    table = "These are set:\n\n| A | B |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |"
    assert _texts(f"# G\n\n{INTRO}{table}\n", 100) == [INTRO.strip(), table]


@pytest.mark.parametrize(
    "piece", ["- step one\n", "Do:\n\n- step\n\n", "Do:\n\n```\nx\n```\n\n", "- a\n  - b\n    - c\n"]
)
def test_chunking_takes_time_for_the_length_alone(piece: str) -> None:
    def chunk(text: str) -> None:
        chunk_page(parse_markdown(SourceFile(source="a.md", text=text, sha256="0"))[0], max_chars=600)

    assert_time_follows_length(chunk, piece * (160_000 // len(piece)))
