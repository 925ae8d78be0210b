"""Contradictions between sentences that differ in their value alone, and what leaves room for two cases."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from growth import assert_time_follows_length

from skillgen.contradict import find_contradictions
from skillgen.contradict.frames import Frame, readings
from skillgen.model.corpus import Page, SourceFile
from skillgen.model.draft import Contradiction
from skillgen.parse import parse_markdown


def _pages(texts: Mapping[str, str]) -> list[Page]:
    return [parse_markdown(SourceFile(source=source, text=text, sha256=source))[0] for source, text in texts.items()]


def _found(one: str, two: str, *, names: tuple[str, str] = ("a.md", "b.md")) -> tuple[Contradiction, ...]:
    return find_contradictions(_pages({names[0]: one, names[1]: two}), {})


def _page(text: str, title: str = "Rules") -> str:
    return f"# {title}\n\n{text}\n"


WHO = (
    "Exceptions from a fasting week are decided by the head miller.",
    "Exceptions from a fasting week are decided by ZQ.",
)
LONG = ("The dough is watched for 20 minutes.", "The dough is watched for 30 minutes.")
WHETHER = ("Sunday bakes are forbidden.", "Sunday bakes are allowed until 12:00.")


@pytest.mark.parametrize(
    ("one", "two", "kind", "topic"),
    [
        (*WHO, "owner", "decision on Exceptions from a fasting week: head miller or ZQ"),
        (*LONG, "value", "how long the dough is watched: 20 minutes or 30 minutes"),
        (*WHETHER, "permission", "permission for Sunday bakes: forbidden or allowed until 12:00"),
        # the passive, the active and other verbs
        (
            "Night bakes must be approved by the head miller.",
            "The shift lead approves night bakes.",
            "owner",
            "approval of Night bakes: head miller or shift lead",
        ),
        (
            "New recipes are signed off by the tasters team.",
            "New recipes are always signed off by our shift lead, because guests complain.",
            "owner",
            "approval of New recipes: tasters team or shift lead",
        ),
        (
            "Keys to the silo are granted by the porter.",
            "Silo keys are granted by the head miller.",
            "owner",
            "grant of Keys to the silo: porter or head miller",
        ),
        (
            "The silo scales are run by Millwrights.",
            "The porter owns the silo scales.",
            "owner",
            "owner of silo scales: Millwrights or porter",
        ),
        (
            "The nightly bake is triggered by `crumb-clock`.",
            "The nightly bake is triggered by the porter.",
            "owner",
            "trigger of nightly bake: `crumb-clock` or porter",
        ),
        # other joints
        ("Watch the dough for 20 minutes.", LONG[1], "value", "how long Watch the dough: 20 minutes or 30 minutes"),
        (
            "Spoiled loaves are reported within 15 minutes.",
            "Spoiled loaves are reported within an hour.",
            "value",
            "within how long Spoiled loaves are reported: 15 minutes or an hour",
        ),
        (
            "The silo is swept every 6 weeks, so mice stay away.",
            "The silo is swept every 12 weeks.",
            "value",
            "how often the silo is swept: 6 weeks or 12 weeks",
        ),
        (
            "The dough is watched for at least 20 minutes.",
            "The dough is watched for at least 30 minutes.",
            "value",
            "how long the dough is watched: 20 minutes or 30 minutes",
        ),
        # ways to forbid and to allow
        ("Never bake on Sundays.", "Sunday bakes are permitted.", "permission", "permission for bake on Sundays"),
        ("No bakes on Sundays.", "You may bake on Sundays.", "permission", "permission for bakes on Sundays"),
        ("Nobody may bake on Sundays.", "Anyone may bake on Sundays until noon.", "permission", "for bake on Sundays"),
        ("**Sunday bakes** are not allowed!", WHETHER[1], "permission", "permission for Sunday bakes"),
        (
            "Guests must not enter the mill.",
            "Guests are allowed to enter the mill.",
            "permission",
            "permission for Guests enter the mill: forbidden or allowed",
        ),
    ],
)
def test_nearly_the_same_wording_with_another_value_is_found(one: str, two: str, kind: str, topic: str) -> None:
    (found,) = _found(_page(one), _page(two, "Policy"), names=("docs/a.md", "docs/b.md"))
    assert found.kind == kind
    assert topic in found.topic
    assert [citation.quote for citation in found.citations] == [one, two]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        # the same
        ("The dough is watched for 60 minutes.", "The dough is watched for an hour."),
        ("New recipes are approved by the head miller.", "New recipes are approved by the millers."),
        ("New recipes are approved by the CTO.", "New recipes are approved by the chief technology officer."),
        ("New recipes are approved by the miller and the taster.", "New recipes are approved by the taster."),
        ("Sunday bakes are forbidden.", "Sunday bakes are not permitted."),
        # another thing, environment, stage or order
        (LONG[0], "The rye dough is watched for 30 minutes."),
        ("The `oven-a` dough is watched for 20 minutes.", "The `oven-b` dough is watched for 30 minutes."),
        (LONG[0], "On staging the dough is watched for 30 minutes."),
        (
            "In the first stage the dough is watched for 20 minutes.",
            "In the second stage the dough is watched for 30 minutes.",
        ),
        (LONG[0], "After a rollback the dough is watched for 30 minutes."),
        (LONG[0], "The dough is watched for 30 minutes after a rollback."),
        (LONG[0], "The dough is watched every 30 minutes."),
        (LONG[0], "The dough is kneaded for 30 minutes."),
        (WHETHER[0], "Monday bakes are allowed until 12:00."),
        ("Moving flour from mill to shop is forbidden.", "Moving flour from shop to mill is allowed."),
        ("New recipes are reviewed by the taster.", "New recipes are approved by the miller."),
        # another time of day
        ("Sunday bakes are forbidden after 12:00.", WHETHER[1]),
        ("Sunday bakes are forbidden from noon.", "Sunday bakes are allowed before noon."),
        ("Sunday bakes are forbidden until 12:00.", "Sunday bakes are allowed from 12:00."),
        ("Bakes before a wedding are forbidden.", "Bakes after a wedding are allowed."),
        ("Sunday bakes are forbidden until Easter.", "Sunday bakes are allowed from Easter."),
        # a condition or an exception
        (WHETHER[0], "Sunday bakes are allowed with the consent of the head miller."),
        (WHETHER[0], "Sunday bakes are allowed if the head miller agrees."),
        (WHETHER[0], "Sunday bakes are allowed for weddings."),
        (WHETHER[0], "Only small Sunday bakes are allowed."),
        ("Sunday bakes are forbidden unless it is a wedding.", WHETHER[1]),
        ("Sunday bakes are forbidden. Exceptions are decided by ZQ.", WHETHER[1]),
        ("Sunday bakes are forbidden.\n\nHowever, weddings come first.", WHETHER[1]),
        ("Sunday bakes are forbidden.\n\nSunday bakes of rolls are allowed until 12:00.", WHETHER[1]),
        ("Sunday bakes are forbidden.\n\n- Emergency rolls for the hospital", WHETHER[1]),
        ("The dough is watched for 20 minutes. The rye dough is watched for 30 minutes.", LONG[1]),
        # what limits it stands before it
        ("For tier 1 mills:\n\n- The dough is watched for 20 minutes.", LONG[1]),
        ("Tier 1 mills:\n\n- The dough is watched for 20 minutes.", LONG[1]),
        ("- Rye\n  - The dough is watched for 20 minutes.\n- Spelt\n  - Is for guests.", LONG[1]),
        ("**Rye**\n\nThe dough is watched for 20 minutes.", LONG[1]),
        ("Rye is slow. The dough is watched for 20 minutes.", LONG[1]),
        ("Here we speak of Lentilsea alone. The dough is watched for 20 minutes.", LONG[1]),
        ("This applies to big mills. The dough is watched for 20 minutes.", LONG[1]),
        ("## Rye\n\nThe dough is watched for 20 minutes.", LONG[1]),
        ("## Staging\n\nThe dough is watched for 20 minutes.", LONG[1]),
        # another time
        ("Until March the dough is watched for 20 minutes.", LONG[1]),
        ("The dough was watched for 20 minutes.", LONG[1]),
        ("We watched the dough for 20 minutes.", LONG[1]),
        ("The dough will be watched for 20 minutes.", LONG[1]),
        ("## History\n\nThe dough is watched for 20 minutes.", LONG[1]),
        ("## Migration\n\nThe dough is watched for 20 minutes.", LONG[1]),
        ("## The old way\n\nThe dough is watched for 20 minutes.", LONG[1]),
        (f"## History\n\n{LONG[0]}", f"## History\n\n{LONG[1]}"),
        (f"## Planned rules\n\n{LONG[0]}", f"## Planned rules\n\n{LONG[1]}"),
        # room for the other
        ("The dough is watched for at least 20 minutes.", LONG[1]),
        ("The dough is usually watched for 20 minutes.", LONG[1]),
        ("The dough is watched for about 25 minutes.", LONG[1]),
        ("Usually the dough is watched for 20 minutes.", "Usually the dough is watched for 30 minutes."),
        ("The dough is not watched for 20 minutes.", "The dough is not watched for 30 minutes."),
        ("The dough should be watched for 20 minutes.", LONG[1]),
        ("The dough is not watched for 20 minutes.", LONG[1]),
        ("Is the dough watched for 20 minutes?", LONG[1]),
        ("It is watched well for 20 minutes.", "It is watched well for 30 minutes."),
        ("New recipes are approved by a miller.", "New recipes are approved by the taster."),
        ("New recipes are approved by two bakers.", "New recipes are approved by the taster."),
        ("New recipes can be approved by the miller.", "New recipes are approved by the taster."),
        ("New recipes are not approved by the miller.", "New recipes are approved by the taster."),
        ("The hot oven must not burn the bread.", "The hot oven may burn the bread."),
        ("Never lose the mill key.", "You may lose the mill key."),
        ("Hot bakes are not forbidden.", "Hot bakes are allowed."),
        ("Sandwiches are forbidden.", "Sandwiches are allowed."),
    ],
)
def test_what_leaves_room_for_both_is_no_contradiction(one: str, two: str) -> None:
    assert _found(_page(one), _page(two, "Policy")) == ()
    assert _found(_page(two, "Policy"), _page(one)) == ()


@pytest.mark.parametrize("pair", [WHO, LONG, WHETHER])
@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (("Rye mill", "Spelt mill"), ("a.md", "b.md")),
        (("Rules", "Spelt mill"), ("a.md", "b.md")),
        (("Rules", "Rules"), ("rye/baking.md", "spelt/baking.md")),
        (("Rules", "Rules"), ("rye/rules.md", "spelt/baking.md")),
        (("Rules", "Rules"), ("v1.2/a.md", "v1.3/b.md")),
        (("Rules", "Migration to new rules"), ("a.md", "b.md")),
        (("Rules", "Decision on rules"), ("a.md", "b.md")),
        (("Rules", "Rules"), ("a.md", "2025-03-02.md")),
    ],
)
def test_pages_of_two_things_or_times_do_not_contradict_each_other(
    pair: tuple[str, str], titles: tuple[str, str], names: tuple[str, str]
) -> None:
    assert len(_found(_page(pair[0]), _page(pair[1]))) == 1
    assert _found(_page(pair[0], titles[0]), _page(pair[1], titles[1]), names=names) == ()


def test_a_line_without_a_full_stop_limits_what_follows_only_if_it_works_as_a_heading() -> None:
    line = "Flour: sacks of rye stand by the door, sacks of spelt in the loft"
    assert len(_found(_page(f"{line}\n\n{LONG[0]}"), _page(LONG[1]))) == 1
    assert _found(_page(f"Sacks of rye\n\n{LONG[0]}"), _page(LONG[1])) == ()


def test_a_sentence_that_each_page_fills_in_is_no_contradiction() -> None:
    texts = {f"{n}.md": _page(f"The dough is watched for {n} minutes.") for n in (10, 20, 30)}
    assert find_contradictions(_pages(texts), {}) == ()
    del texts["30.md"]
    assert len(find_contradictions(_pages(texts), {})) == 1


def test_what_is_found_by_its_name_is_not_reported_twice() -> None:
    one, two = "The key of `oven-push` is valid for 6 hours.", "The key of `oven-push` is valid for 12 hours."
    (found,) = _found(_page(one), _page(two))
    assert found.topic.startswith("lifetime of oven-push")


def test_a_frame_has_all_but_the_value() -> None:
    (one,) = readings("Silo keys are granted by the porter within the mill.")
    assert one.frame == Frame(("silo", "key", "mill"), frozenset(), "grant of", frozenset({"within"}), frozenset())
    assert (one.words, one.head) == ("porter", "grant of Silo keys")
    assert list(readings("Sunday bakes are good.")) == []


def test_time_follows_the_number_of_sentences() -> None:
    lines = [
        f"The dough {n} of oven {n % 7} is watched for {n % 90 + 2} minutes.\n\n- Sunday bakes are allowed.\n"
        for n in range(1500)
    ]

    def read(marks: str) -> object:
        return _found(_page("\n".join(lines[: len(marks)])), _page("A."))

    assert_time_follows_length(read, "." * len(lines))


@pytest.mark.parametrize("unit", ["is allowed ", "a b ", "no ", "is approved by ", "12:00 ", "for 3 minutes ", "so, "])
def test_time_follows_the_length_of_one_sentence(unit: str) -> None:
    def read(text: str) -> object:
        return list(readings(text))

    assert_time_follows_length(read, unit * 4000)
