"""Contradictions typed by a model: kinds change, what it denies is doubted, and nothing disappears."""

from __future__ import annotations

import pytest
from answering import Answer, ScriptedAsker
from asides import FAILED, always, background, citation_of

from skillgen.contradict.typed import type_contradictions
from skillgen.model.draft import Contradiction


def pair(number: int = 1) -> Contradiction:
    return Contradiction(
        topic=f"lifetime of token_{number}: 12 hours or 30 days",
        kind="value",
        citations=(
            citation_of("The service token expires after 12 hours.", source="a.md"),
            citation_of("Tokens of the loader are valid for 30 days.", source="b.md", headings=("Loader",)),
        ),
    )


def case(kind: str, reason: str = "", key: str = "d1") -> dict[str, object]:
    return {"cases": [{"key": key, "kind": kind, "reason": reason}]}


def test_a_kind_that_the_model_gives_replaces_that_of_the_rules() -> None:
    typed = type_contradictions(always(contradictions=case("schedule")), [pair()], background())
    assert [(one.kind, one.doubted) for one in typed.contradictions] == [("schedule", "")]


def test_a_pair_that_the_model_denies_stays_and_is_doubted_with_the_reason() -> None:
    reason = "One speaks of the service token, the other of tokens of the loader."
    typed = type_contradictions(always(contradictions=case("none", reason)), [pair()], background())
    (one,) = typed.contradictions
    assert one.kind == "value"
    assert one.doubted == reason
    assert one.citations == pair().citations


@pytest.mark.parametrize("reason", ["", "Kestrelline owns it.", "It was 14 hours once.", "See https://wiki.example/x."])
def test_a_reason_that_the_quotes_do_not_bear_out_is_not_repeated(reason: str) -> None:
    typed = type_contradictions(always(contradictions=case("none", reason)), [pair()], background())
    assert typed.contradictions[0].doubted.startswith("A chat model sees no contradiction here")


def test_without_a_reply_the_pairs_stay_as_they_were() -> None:
    typed = type_contradictions(always(contradictions=FAILED), [pair()], background())
    assert typed.contradictions == (pair(),)
    assert [(one.use, one.about) for one in typed.unanswered] == [("contradictions", (pair().topic,))]


def test_a_failed_request_and_an_unknown_key_cost_no_other_pair() -> None:
    found = [pair(number) for number in range(8)]

    def says(text: str) -> Answer:
        keys = [line for line in text.splitlines() if line.startswith("d")]
        return FAILED if len(keys) > 4 else {"cases": [*case("order")["cases"], *case("owner", key="d9")["cases"]]}  # type: ignore[misc]

    typed = type_contradictions(ScriptedAsker({"contradictions": says}), found, background())
    assert [one.topic for one in typed.contradictions] == [one.topic for one in found]
    assert [one.kind for one in typed.contradictions] == ["value"] * 5 + ["order"] + ["value"] * 2
    assert len(typed.unanswered) == 1


def test_quotes_are_shown_as_data_by_key_and_their_pages_are_named() -> None:
    asker = always(contradictions={"cases": []})
    type_contradictions(asker, [pair()], background())
    (shown,) = asker.texts("contradictions")
    assert "-----BEGIN pairs" in shown
    assert "d1:\n- Runs > Night: The service token expires after 12 hours.\n- Loader: Tokens" in shown
    assert {one.source for one in asker.asked[0][1].sources} == {"a.md", "b.md"}


def test_nothing_found_asks_nothing() -> None:
    asker = always()
    assert type_contradictions(asker, [], background()).contradictions == ()
    assert not asker.asked
