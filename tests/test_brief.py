"""Reading, finding and linting research briefs."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from skillgen.brief import builtin_briefs, lint_brief, load_brief, parse_brief
from skillgen.errors import BriefError
from skillgen.model.brief import Brief

TARGETS = (
    "Research should surface: oven schedules, flour deliveries, and hygiene rules. Focus on what surprises bakers."
)
QUESTIONS = """\
1. Which oven schedules apply on weekends?
2. Who signs for flour deliveries?
3. Which hygiene rules does the night shift follow?
"""


def brief_text(*, targets: str = TARGETS, questions: str = QUESTIONS, extra: str = "", title: str = "# Bakery") -> str:
    return (
        f"{title}\n\n## Focus\nHow the bakery runs.\n\n## Delta Principle\nBooks know bread, not this bakery.\n\n"
        f"## Coverage Targets\n{targets}\n\n{extra}\n\n## Questions to Research\n{questions}\n"
    )


def parse(text: str, *, path: str = "briefs/day-and-night.md") -> Brief:
    return parse_brief(text, path=path, sha256="0" * 64)


def targets_of(targets: str) -> list[str]:
    return [target.text for target in parse(brief_text(targets=targets)).targets]


def questions_of(questions: str) -> list[tuple[str, str]]:
    return [(question.number, question.text) for question in parse(brief_text(questions=questions)).questions]


class TestVariants:
    def test_d_has_targets_and_questions(self) -> None:
        brief = parse(brief_text())
        assert (brief.variant, brief.name, brief.title, brief.path) == (
            "D",
            "day-and-night",
            "Bakery",
            "briefs/day-and-night.md",
        )
        assert brief.focus == "How the bakery runs."
        assert brief.delta_principle == "Books know bread, not this bakery."
        assert [target.text for target in brief.targets] == ["oven schedules", "flour deliveries", "hygiene rules"]
        assert [question.number for question in brief.questions] == ["1", "2", "3"]
        assert brief.quality_checks == ()

    def test_e_adds_quality_checks(self) -> None:
        brief = parse(
            brief_text(extra="## Quality checks\n- Confirm the hours\n  on feast days.\n* Confirm who signs.")
        )
        assert brief.variant == "E"
        assert brief.quality_checks == ("Confirm the hours on feast days.", "Confirm who signs.")

    def test_c_takes_each_sentence_of_its_success_criteria_as_a_target(self) -> None:
        text = brief_text(
            targets="Names every oven, e.g. the Miwe. Says who cleans\nit, and when. Covers v1.2 of the plan."
        )
        text = text.replace("## Coverage Targets", "## Research Approach\nAsk the night shift.\n\n## Success Criteria")
        brief = parse(text)
        assert brief.variant == "C"
        assert [target.text for target in brief.targets] == [
            "Names every oven, e.g. the Miwe",
            "Says who cleans it, and when",
            "Covers v1.2 of the plan",
        ]

    def test_c_takes_the_items_where_its_success_criteria_are_a_list(self) -> None:
        text = brief_text(targets="It is done when:\n- Every oven. Even the old one.\n- Every shift.")
        brief = parse(text.replace("Coverage Targets", "Success Criteria"))
        assert [target.text for target in brief.targets] == ["Every oven. Even the old one", "Every shift"]

    def test_coverage_targets_win_over_success_criteria(self) -> None:
        brief = parse(brief_text(extra="## Success Criteria\nOne.\n\n## Success Criteria\nTwo."))
        assert brief.variant == "D"
        assert len(brief.targets) == 3

    def test_an_agent_prompt_is_refused_with_what_is_missing_and_what_to_do(self) -> None:
        prompt = (
            "# Baker\n## Your Role\nx\n## Context\nx\n## Instructions\nx\n## Error Handling\nx\n## Success Criteria\nx"
        )
        with pytest.raises(BriefError) as caught:
            parse(prompt, path="agents/baker.md")
        message = caught.value.message
        assert message.startswith("agents/baker.md is no research brief")
        looked_for, missing = message.split("missing:")
        for heading in ("Focus", "Delta Principle", "Coverage Targets", "Success Criteria", "Questions to Research"):
            assert heading in looked_for
        assert missing.startswith(" Focus, Delta Principle, Questions to Research.")
        assert "Your Role" in missing
        assert "skillgen brief show integration-and-orchestration" in (caught.value.hint or "")
        assert "prompt for an agent" in (caught.value.hint or "")

    def test_text_without_headings_is_refused_and_told_so(self) -> None:
        with pytest.raises(BriefError, match=r"Coverage Targets or Success Criteria, Questions.*Headings found: none"):
            parse("Just a note.")

    @pytest.mark.parametrize("heading", ["Focus", "Delta Principle", "Coverage Targets", "Questions to Research"])
    def test_each_needed_section_is_missed(self, heading: str) -> None:
        with pytest.raises(BriefError, match=f"missing: {heading}"):
            parse(brief_text().replace(f"## {heading}", f"### {heading}"))

    @pytest.mark.parametrize("heading", ["Focus", "delta principle", "Coverage Targets", "Questions to Research"])
    def test_a_second_needed_section_is_refused(self, heading: str) -> None:
        with pytest.raises(BriefError, match=r"2 times"):
            parse(brief_text(extra=f"## {heading}\nAgain."))

    def test_second_quality_checks_are_refused(self) -> None:
        with pytest.raises(BriefError, match=r"'Quality checks' 2 times"):
            parse(brief_text(extra="## Quality checks\n- a\n\n## Quality Checks\n- b"))

    @pytest.mark.parametrize("heading", ["Focus", "Delta Principle"])
    def test_an_empty_section_of_prose_is_refused(self, heading: str) -> None:
        text = brief_text().replace("How the bakery runs.", "").replace("Books know bread, not this bakery.", "")
        text = text.replace("## Focus\n", "## Focus\nA.\n") if heading != "Focus" else text
        with pytest.raises(BriefError, match=f"nothing under '{heading}'"):
            parse(text)


class TestOutline:
    @pytest.mark.parametrize("newline", ["\r\n", "\r"])
    def test_other_newlines_change_nothing(self, newline: str) -> None:
        assert parse(brief_text().replace("\n", newline)) == parse(brief_text())

    def test_a_byte_order_mark_changes_nothing(self) -> None:
        assert parse("\ufeff" + brief_text()) == parse(brief_text())

    def test_headings_may_be_shouted_spaced_closed_or_underlined(self) -> None:
        text = (
            brief_text()
            .replace("## Focus", "  ##   FOCUS   ##  ")
            .replace("## Coverage Targets", "Coverage targets\n---")
        )
        assert parse(text) == parse(brief_text())

    def test_other_sections_are_left_out(self) -> None:
        brief = parse(brief_text(extra="## Notes\n1. Which notes?\n- a, b"))
        assert brief == parse(brief_text())

    def test_a_heading_in_a_fence_is_none(self) -> None:
        brief = parse(brief_text().replace("How the bakery runs.", "Like so:\n```\n# No\n## Focus\n```\nand on."))
        assert brief.title == "Bakery"
        assert brief.focus == "Like so:\n\n# No ## Focus\n\nand on."

    def test_paragraphs_keep_a_blank_line_between_them(self) -> None:
        brief = parse(brief_text().replace("How the bakery runs.", "How it\nruns.\n\n- Days\n- Nights"))
        assert brief.focus == "How it runs.\n\nDays\n\nNights"

    def test_comments_are_dropped_wherever_they_stand(self) -> None:
        text = brief_text(
            targets="<!-- a, b -->\nResearch should surface: oven schedules,<!-- ; --> flour deliveries,\n"
            "  <!--\n\n## Focus\n-->\nand hygiene rules. Focus on what surprises bakers.",
            questions=QUESTIONS.replace("Who", "<!-- Ann? --> Who"),
        )
        assert parse(text) == parse(brief_text())

    def test_a_comment_in_code_is_kept(self) -> None:
        brief = parse(brief_text().replace("How the bakery runs.", "Write `<!--` so.\n~~~\n<!-- kept -->\n~~~"))
        assert brief.focus == "Write `<!--` so.\n\n<!-- kept -->"

    def test_a_comment_that_is_never_closed_is_refused_with_its_line(self) -> None:
        with pytest.raises(BriefError, match=r"opens in line 4 is never closed"):
            parse(brief_text().replace("How the", "How <!-- the"))

    def test_the_title_comes_from_the_file_name_where_there_is_no_h1(self) -> None:
        for title in ("", "#"):
            assert parse(brief_text(title=title)).title == "Day and night"

    def test_lists_in_quotations_are_no_questions(self) -> None:
        assert questions_of("> - Not this?\n\n1. This?") == [("1", "This?")]


class TestCoverageTargets:
    @pytest.mark.parametrize(
        ("paragraph", "expected"),
        [
            ("ovens, flour, and yeast", ["ovens", "flour", "yeast"]),
            ("ovens, flour and yeast.", ["ovens", "flour", "yeast"]),
            ("ovens, flour or yeast", ["ovens", "flour", "yeast"]),
            ("ovens and flour.", ["ovens and flour"]),
            ("bread and butter, flour, and salt or sugar", ["bread and butter", "flour", "salt or sugar"]),
            ("hours, the handover between day and night", ["hours", "the handover between day and night"]),
            ("hours, tools and the way between dough and oven", ["hours", "tools", "the way between dough and oven"]),
            ("Surface: hours,\n  tools", ["hours", "tools"]),
            ("Research should surface:\n\nhours, tools", ["hours", "tools"]),
            ("Research should surface: opening hours.", ["opening hours"]),
            ("hours, tools: their care, shifts", ["hours", "tools: their care", "shifts"]),
            (
                "all that a good day in the bakery needs: hours, tools",
                ["all that a good day in the bakery needs: hours", "tools"],
            ),
            (
                "tools (pans, (old, new), pins), hours [day, night]",
                ["tools (pans, (old, new), pins)", "hours [day, night]"],
            ),
            (
                'the "slow, cold" rise, “soft, warm” ones, `a,b`',
                ['the "slow, cold" rise', "“soft, warm” ones", "`a,b`"],
            ),
            ("'slow, cold' rise, bakers' hours, it's yeast", ["'slow, cold' rise", "bakers' hours", "it's yeast"]),
            ("tools (pans, pins, hours", ["tools (pans", "pins", "hours"]),
            ('pans of 5", 7" and more, hours', ['pans of 5"', '7" and more', "hours"]),
            ("a) hours, b) tools", ["a) hours", "b) tools"]),
            ("grains, e.g., rye, hours", ["grains, e.g., rye", "hours"]),
            ("grains, i.e. rye, hours", ["grains, i.e. rye", "hours"]),
            ("grains, such as rye, hours", ["grains, such as rye", "hours"]),
            ("hours; tools, old or new; and shifts", ["hours", "tools, old or new", "shifts"]),
            ("R&amp;D, hours", ["R&amp;D", "hours"]),
            ("over 1,000 loaves, hours,tools", ["over 1,000 loaves", "hours", "tools"]),
            ("hours, tools, etc. Focus on bread.", ["hours", "tools"]),
            ("hours in v1.2, tools for CI/CD. Focus on bread.", ["hours in v1.2", "tools for CI/CD"]),
            ("grains e.g. Rye, hours. Focus on bread, and salt.", ["grains e.g. Rye", "hours"]),
            ("plan A, plan B. Focus on bread.", ["plan A", "plan B"]),
            ("hours, tools (old. New). (Focus on bread.)", ["hours", "tools (old. New)"]),
            ("hours, and", ["hours", "and"]),
        ],
    )
    def test_a_paragraph_is_split_at_its_outermost_separators(self, paragraph: str, expected: list[str]) -> None:
        assert targets_of(paragraph) == expected

    def test_only_the_first_paragraph_holds_the_list(self) -> None:
        assert targets_of("hours, tools\n\nFocus on bread, salt, and yeast.") == ["hours", "tools"]

    @pytest.mark.parametrize("marker", ["-", "*", "+", "1.", "1)"])
    def test_each_item_of_a_list_is_a_target(self, marker: str) -> None:
        items = f"Surface:\n\n{marker} hours, day\n     and night;\n{marker} tools.\n{marker}\n{marker} v1.2"
        assert targets_of(items) == ["hours, day and night", "tools", "v1.2"]

    def test_a_nested_list_belongs_to_its_item(self) -> None:
        assert targets_of("- hours\n  - day\n  - night\n    1. early\n- tools\n\n  of trade") == [
            "hours day night early",
            "tools of trade",
        ]

    def test_a_comment_between_items_does_not_end_the_list(self) -> None:
        assert targets_of("- hours\n<!-- more -->\n- tools") == ["hours", "tools"]

    @pytest.mark.parametrize("paragraph", ["", "> quoted, only", "```\na, b\n```", ".", ", ;", "- .", "-\n-"])
    def test_a_section_without_a_target_is_refused(self, paragraph: str) -> None:
        with pytest.raises(BriefError, match=r"holds no target under 'Coverage Targets'"):
            targets_of(paragraph)

    def test_the_same_target_twice_is_refused(self) -> None:
        with pytest.raises(BriefError, match=r"the same target 2 times under 'Coverage Targets': hours"):
            targets_of("- hours\n- hours.")


class TestQuestions:
    def test_numbers_are_kept_as_written(self) -> None:
        assert questions_of("2. a?\n2. b?\n007. c?") == [("2", "a?"), ("2", "b?"), ("007", "c?")]
        assert questions_of("3) a?\n5) b?") == [("3", "a?"), ("5", "b?")]

    def test_wrapped_lines_and_nested_lists_are_joined(self) -> None:
        assert questions_of("1. Which\n   oven,\nand why?\n   - day\n   - night\n\n2. Who?\n\n   And when?") == [
            ("1", "Which oven, and why? day night"),
            ("2", "Who? And when?"),
        ]

    def test_bullets_get_running_numbers(self) -> None:
        assert questions_of("- a?\n* b?\n\n+ c?") == [("1", "a?"), ("2", "b?"), ("3", "c?")]

    def test_numbers_that_markdown_does_not_know_are_kept_in_their_place(self) -> None:
        assert questions_of("3. a?\n3a. b\n?\n\n3b) c?\n\n4. d?") == [
            ("3", "a?"),
            ("3a", "b ?"),
            ("3b", "c?"),
            ("4", "d?"),
        ]
        assert questions_of("First these:\nQ1. a?\nQ2. b?") == [("Q1", "a?"), ("Q2", "b?")]

    def test_headings_and_remarks_between_questions_are_left_out(self) -> None:
        assert questions_of("Ask these.\n\n### Day\n1. a?\n\n### Night\n\n2. b?\n\nThank you.") == [
            ("1", "a?"),
            ("2", "b?"),
        ]

    def test_a_list_ends_at_the_next_heading(self) -> None:
        assert questions_of("1. a?\n## More\n2. b?") == [("1", "a?")]
        assert questions_of("1. a?\n# More\n2. b?") == [("1", "a?")]

    @pytest.mark.parametrize("questions", ["", "What now?", "1.\n2."])
    def test_a_section_without_a_question_is_refused(self, questions: str) -> None:
        with pytest.raises(BriefError, match=r"holds no question under 'Questions to Research'"):
            questions_of(questions)

    def test_the_same_question_twice_is_refused(self) -> None:
        with pytest.raises(BriefError, match=r"the same question 2 times.*Who bakes\?"):
            questions_of("1. Who bakes?\n2. Who\n   bakes?")


class TestIds:
    def test_ids_have_their_shape_and_are_all_different(self) -> None:
        brief = parse(brief_text())
        ids = [target.id for target in brief.targets] + [question.id for question in brief.questions]
        assert len(set(ids)) == 6
        assert all(len(name) == 12 and name[:4] == "tgt-" for name in ids[:3])
        assert all(len(name) == 12 and name[:4] == "qst-" for name in ids[3:])

    def test_ids_depend_on_title_and_text_only(self) -> None:
        plain = parse(brief_text())
        moved = parse(brief_text(questions="7. Who signs for flour deliveries?"), path="else.md")
        assert moved.questions[0].id == plain.questions[1].id
        assert moved.targets == plain.targets
        renamed = parse(brief_text(title="# Kitchen"))
        assert not {target.id for target in renamed.targets} & {target.id for target in plain.targets}


class TestPurpose:
    @pytest.mark.parametrize(
        ("above", "purpose"),
        [
            ("Purpose: platform", "platform"),
            ("A bakery.\n\npurpose: Data Engineering\n", "data-engineering"),
            ("**Purpose:** source", "source"),
            ("- **Purpose**: `on-call`", "on-call"),
            ("PURPOSE:domain  ", "domain"),
            ("", ""),
            ("Purpose: to find out how bread is baked here", ""),
            ("Purpose: find bread.", ""),
            ("The purpose: platform", ""),
            ("<!-- -->\nPurpose:", ""),
        ],
    )
    def test_a_line_above_the_first_section_names_it(self, above: str, purpose: str) -> None:
        brief = parse(brief_text(title=f"# Bakery\n\n{above}"))
        assert brief.purpose == purpose
        assert (brief.title, brief.variant, len(brief.targets), len(brief.questions)) == ("Bakery", "D", 3, 3)

    @pytest.mark.parametrize("newline", ["\n", "\r\n"])
    @pytest.mark.parametrize("end", ["---", "..."])
    def test_front_matter_names_it_and_is_no_part_of_the_brief(self, newline: str, end: str) -> None:
        front = f"---\nname: x\n# a comment\npurpose: 'data_engineering'\n{end}\n"
        brief = parse(f"\ufeff{front}{brief_text()}".replace("\n", newline))
        assert (brief.purpose, brief.title) == ("data-engineering", "Bakery")
        assert replace(brief, purpose="") == parse(brief_text())

    def test_front_matter_goes_before_the_line(self) -> None:
        text = brief_text(title="# Bakery\n\nPurpose: domain")
        assert parse(f"---\npurpose: source\n---\n{text}").purpose == "source"
        assert parse(f"---\nname: x\n---\n{text}").purpose == "domain"

    @pytest.mark.parametrize(
        "long", ["x" * 300_000, " " * 300_000, "purpose: " + "a" * 300_000 + "!", "a: b\n" * 60_000]
    )
    def test_a_long_line_takes_no_time(self, long: str) -> None:
        assert parse(f"---\n{long}\n{brief_text()}").purpose == ""

    def test_what_a_section_says_names_none(self) -> None:
        assert parse(brief_text(targets="- Purpose: platform\n- Other: things")).purpose == ""
        assert parse(brief_text(extra="Purpose: platform")).purpose == ""

    def test_a_rule_above_the_title_is_no_front_matter(self) -> None:
        brief = parse(f"---\n\n{brief_text(title='# Bakery' + chr(10) * 2 + 'Note: bread' + chr(10) * 2 + '---')}")
        assert brief.title == "Bakery"

    def test_variants_c_and_e_may_name_one_too(self) -> None:
        old = brief_text(targets="It says who bakes. It says when.", title="# Bakery\n\nPurpose: source")
        assert parse(old.replace("Coverage Targets", "Success Criteria")).variant == "C"
        new = parse(brief_text(extra="## Quality checks\n- Confirm it.", title="# Bakery\n\nPurpose: source"))
        assert (new.variant, new.purpose) == ("E", "source")


@pytest.fixture
def built_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data" / "prompts" / "briefs"
    folder.mkdir(parents=True)
    (folder / "night-shift.md").write_text(brief_text(title="# Night Shift"), encoding="utf-8")
    (folder / "day-shift.md").write_text(brief_text(title="# Day Shift"), encoding="utf-8")
    monkeypatch.setattr("skillgen.brief.load.data_dir", lambda name: tmp_path / "data" / name)
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.mark.usefixtures("built_in")
class TestLoad:
    def test_a_file_is_read_and_its_bytes_digested(self, tmp_path: Path) -> None:
        data = b"\xef\xbb\xbf" + brief_text().replace("\n", "\r\n").encode()
        (tmp_path / "own.md").write_bytes(data)
        brief = load_brief("own.md")
        assert (brief.name, brief.path, brief.sha256) == ("own", "own.md", hashlib.sha256(data).hexdigest())
        assert len(brief.targets) == 3

    def test_built_in_briefs_are_listed_by_name(self, built_in: Path) -> None:
        (built_in / "notes.txt").write_text("no brief", encoding="utf-8")
        assert builtin_briefs() == ("day-shift", "night-shift")

    def test_without_the_folder_there_are_no_built_in_briefs(
        self, built_in: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("skillgen.brief.load.data_dir", lambda name: built_in / name)
        assert builtin_briefs() == ()
        with pytest.raises(BriefError, match=r"Built-in briefs: none"):
            load_brief("night-shift")

    def test_a_built_in_brief_is_found_by_its_name(self) -> None:
        brief = load_brief("night-shift")
        assert (brief.name, brief.path, brief.title) == ("night-shift", "night-shift", "Night Shift")

    def test_a_file_wins_over_a_built_in_brief_and_a_folder_does_not(self, tmp_path: Path) -> None:
        (tmp_path / "night-shift").write_text(brief_text(title="# Mine"), encoding="utf-8")
        (tmp_path / "day-shift").mkdir()
        assert load_brief("night-shift").title == "Mine"
        assert load_brief("day-shift").title == "Day Shift"

    @pytest.mark.parametrize(
        "name", ["nowhere", "no/where.md", "night-shift.md", "nul\0byte", "data/prompts/briefs/day-shift.md/x"]
    )
    def test_what_is_neither_is_refused_and_the_built_in_ones_are_named(self, name: str) -> None:
        with pytest.raises(BriefError, match=r"no built-in brief.*day-shift, night-shift") as caught:
            load_brief(name)
        assert "skillgen brief list" in (caught.value.hint or "")

    @pytest.mark.parametrize("name", ["data", ""])
    def test_a_folder_is_refused(self, name: str) -> None:
        with pytest.raises(BriefError, match=r"is a folder"):
            load_brief(name)

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "own.md is empty"),
            (b"\xef\xbb\xbf \r\n", "own.md is empty"),
            (b"# Caf\xe9\n", "own.md is not UTF-8: byte 6 is 0xe9"),
            (b"a" * 1_000_001, "own.md is over 1 MB"),
            (b"a" * 1_000_000, "own.md is no research brief"),
        ],
    )
    def test_a_file_that_can_be_no_brief_is_refused(self, tmp_path: Path, data: bytes, message: str) -> None:
        (tmp_path / "own.md").write_bytes(data)
        with pytest.raises(BriefError, match=message):
            load_brief("own.md")

    def test_a_file_that_can_not_be_opened_is_refused_with_the_reason(self) -> None:
        with pytest.raises(BriefError, match=r"can not be read: File name too long"):
            load_brief("x" * 5000)


def test_every_built_in_brief_is_read_and_has_no_issue() -> None:
    for name in builtin_briefs():
        assert lint_brief(load_brief(name)) == ()


class TestLint:
    def messages(self, text: str) -> list[tuple[str, str]]:
        return [(issue.where, issue.message) for issue in lint_brief(parse(text))]

    def only(self, text: str) -> tuple[str, str]:
        [found] = self.messages(text.replace("\n\n\n", "\n\n## Quality checks\n- Confirm the hours.\n\n", 1))
        return found

    def test_a_good_brief_has_no_issue(self) -> None:
        assert self.messages(brief_text(extra="## Quality checks\n- Confirm the hours.")) == []

    def test_missing_quality_checks_are_told(self) -> None:
        [issue] = lint_brief(parse(brief_text()))
        assert (issue.where, issue.severity) == ("Quality checks", "warning")

    def test_a_single_target_is_told(self) -> None:
        where, message = self.only(brief_text(targets="- oven schedules of flour deliveries and hygiene"))
        assert (where, message[:9]) == ("Coverage Targets", "1 target:")

    def test_many_targets_are_told(self) -> None:
        targets = "oven schedules, flour, hygiene, a, b, c, d, e, f"
        assert self.only(brief_text(targets=targets))[1].startswith("9 targets: over 8")

    def test_a_long_target_is_told_by_its_first_words(self) -> None:
        where, message = self.only(
            brief_text(targets="- oven, flour and hygiene in" + " all shifts" * 12 + "\n- hours")
        )
        assert where == "Coverage Targets, oven, flour and hygiene in all …"
        assert message.startswith("29 words")

    def test_c_names_its_own_section(self) -> None:
        text = brief_text(targets="- oven schedules of flour deliveries and hygiene").replace(
            "Coverage Targets", "Success Criteria"
        )
        assert self.only(text)[0] == "Success Criteria"

    def test_few_and_many_questions_are_told(self) -> None:
        assert self.only(brief_text(questions="1. Oven?\n2. Flour?"))[1].startswith("2 asked: under 3")
        many = "\n".join(f"{number}. Oven {number}?" for number in range(1, 14))
        assert self.only(brief_text(questions=many))[1].startswith("13 asked: over 12")

    def test_a_question_without_a_mark_is_told(self) -> None:
        where, message = self.only(brief_text(questions=QUESTIONS.replace("deliveries?", "deliveries")))
        assert where == "Questions to Research, 2"
        assert message.startswith("No question mark")

    @pytest.mark.parametrize("end", ["?)", "?**", '?"', "? "])
    def test_a_mark_inside_closing_marks_counts(self, end: str) -> None:
        text = brief_text(
            questions=QUESTIONS.replace("deliveries?", "deliveries" + end), extra="## Quality checks\n- x"
        )
        assert self.messages(text) == []

    def test_a_long_question_is_told(self) -> None:
        where, message = self.only(brief_text(questions=QUESTIONS.replace("weekends", "weekends" + " too" * 60)))
        assert (where, message[:9]) == ("Questions to Research, 1", "66 words:")

    def test_a_question_apart_from_all_targets_is_told(self) -> None:
        where, message = self.only(brief_text(questions=QUESTIONS + "4. Which music should be played?"))
        assert where == "Questions to Research, 4"
        assert message.startswith("Shares no word")

    def test_words_of_one_family_are_shared(self) -> None:
        text = brief_text(questions=QUESTIONS + "4. Who is scheduled?\n5. Which rule?", extra="## Quality checks\n- x")
        assert self.messages(text) == []

    @pytest.mark.parametrize(("old", "new"), [("3.", "4."), ("1.", "0."), ("2.", "5.")])
    def test_numbers_with_a_gap_are_told(self, old: str, new: str) -> None:
        assert self.only(brief_text(questions=QUESTIONS.replace(old, new)))[1].startswith("The numbers are ")

    def test_a_lettered_number_is_no_gap(self) -> None:
        text = brief_text(questions=QUESTIONS + "3a. Which oven?\n4. Which flour?", extra="## Quality checks\n- x")
        assert self.messages(text) == []

    def test_a_number_given_twice_is_an_error(self) -> None:
        issues = lint_brief(parse(brief_text(questions=QUESTIONS.replace("3.", "2."))))
        assert [(issue.severity, issue.where) for issue in issues[:1]] == [("error", "Questions to Research")]
        assert "number 2" in issues[0].message


class TestVocabulary:
    def test_words_and_tools_are_told_apart(self) -> None:
        entries = "- sign-off, approval: the nod, second pair of eyes\n- `Foghorn`, the horn (monitoring)\n"
        words, tool = parse(brief_text(extra=f"## Vocabulary\n{entries}")).vocabulary
        assert (words.words, words.means, words.kind) == (
            ("sign-off", "approval"),
            ("the nod", "second pair of eyes"),
            "",
        )
        assert (tool.words, tool.means, tool.kind) == (("Foghorn", "the horn"), (), "monitoring")

    def test_a_brief_needs_none(self) -> None:
        assert parse(brief_text()).vocabulary == ()
        assert parse(brief_text(extra="## Vocabulary\nOur own words follow later.")).vocabulary == ()

    @pytest.mark.parametrize("entry", ["sign-off", "sign-off:", ": the nod", "(monitoring)", "sign-off: , ,"])
    def test_an_entry_that_says_nothing_is_refused_with_the_form_to_write(self, entry: str) -> None:
        with pytest.raises(BriefError, match="Vocabulary") as raised:
            parse(brief_text(extra=f"## Vocabulary\n- {entry}"))
        assert "sign-off: the nod" in (raised.value.hint or "")
