"""Templates may arrange values; they can neither run code, nor read other files, nor be written by a value."""

from __future__ import annotations

from pathlib import Path

import pytest
import strictyaml
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from skillgen.errors import PrerequisiteError, TemplateError
from skillgen.templating import Templates, yaml_string

PROPERTY = settings(deadline=None, max_examples=80)  # a busy machine takes its time


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A user's template folder with room for things beside it."""
    inner = tmp_path / "mine"
    inner.mkdir()
    return inner


def render(folder: Path, text: str, **values: object) -> str:
    """Render the text as the user's own SKILL.md.j2."""
    (folder / "SKILL.md.j2").write_text(text, encoding="utf-8")
    return Templates("skill", user_dir=folder).render("SKILL.md.j2", values)


def error_of(folder: Path, text: str, **values: object) -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        render(folder, text, **values)
    assert str(caught.value.hint)
    return caught.value


# Folders


def test_a_users_file_replaces_the_one_of_its_name_and_no_other(folder: Path) -> None:
    assert render(folder, "mine: {{ x }}", x=1) == "mine: 1"
    sources = Templates("skill", user_dir=folder).render("sources.md.j2", {"sources": []})
    assert sources == Templates("skill").render("sources.md.j2", {"sources": []})


def test_a_users_template_may_include_its_own_files_and_ours(folder: Path) -> None:
    (folder / "parts").mkdir()
    (folder / "parts" / "foot.j2").write_text("foot {{ x }}", encoding="utf-8")
    assert render(folder, "{% include 'parts/foot.j2' %}", x=2) == "foot 2"
    assert render(folder, "{% include 'sources.md.j2' %}", sources=[]).startswith("# Sources")


def test_a_missing_folder_is_told_with_what_belongs_into_it(tmp_path: Path) -> None:
    with pytest.raises(PrerequisiteError, match="nowhere does not exist") as caught:
        Templates("skill", user_dir=tmp_path / "nowhere")
    assert "SKILL.md.j2" in str(caught.value.hint)


def test_digests_name_every_template_in_use_and_change_with_it(folder: Path) -> None:
    ours = Templates("skill").digests()
    assert {"SKILL.md.j2", "description.txt.j2", "reference.md.j2", "sources.md.j2"} <= ours.keys()
    (folder / "parts").mkdir()
    (folder / "parts" / "foot.j2").write_text("foot", encoding="utf-8")
    (folder / "sources.md.j2").write_text("mine", encoding="utf-8")
    (folder / "notes.txt").write_text("no template", encoding="utf-8")
    mixed = Templates("skill", user_dir=folder).digests()
    assert {name for name in mixed if mixed[name] != ours.get(name)} == {"parts/foot.j2", "sources.md.j2"}
    (folder / "parts" / "foot.j2").write_text("foot, changed", encoding="utf-8")
    again = Templates("skill", user_dir=folder).digests()
    assert {name for name in again if again[name] != mixed[name]} == {"parts/foot.j2"}


# Errors


def test_a_value_that_does_not_exist_is_told_with_file_and_line(folder: Path) -> None:
    error = error_of(folder, "one\n{{ skil.name }}\n")
    assert error.message == f"{folder / 'SKILL.md.j2'}, line 2 cannot be rendered: 'skil' is undefined."
    assert "docs/templates.md" in str(error.hint)


def test_a_misspelt_key_is_an_error_too(folder: Path) -> None:
    assert "'dict object' has no attribute 'nam'" in error_of(folder, "{{ skill.nam }}", skill={"name": "x"}).message


def test_an_error_in_an_included_file_names_that_file(folder: Path) -> None:
    (folder / "part.j2").write_text("\n\n{{ gone }}", encoding="utf-8")
    assert f"{folder / 'part.j2'}, line 3 " in error_of(folder, "{% include 'part.j2' %}").message


def test_a_syntax_error_is_told_with_file_and_line(folder: Path) -> None:
    message = error_of(folder, "fine\n\n{% for x in %}\n").message
    assert message.startswith(f"{folder / 'SKILL.md.j2'}, line 3: ")


@pytest.mark.parametrize(
    "text",
    [
        "{{ 1 / 0 }}",
        "{{ x + 'text' }}",
        "{{ x | md }}",
        "{{ x | nofilter }}",
        "{{ [1][5] }}",
        "{% include 'SKILL.md.j2' %}",
        "{% extends 'gone.j2' %}",
        "{{ x() }}",
    ],
)
def test_whatever_goes_wrong_is_an_error_of_the_template(folder: Path, text: str) -> None:
    assert str(folder) in error_of(folder, text, x=1).message


def test_a_template_that_is_no_text_is_an_error(folder: Path) -> None:
    (folder / "SKILL.md.j2").write_bytes(b"caf\xe9")
    with pytest.raises(TemplateError, match=r"SKILL\.md\.j2 cannot be rendered: 'utf-8' codec"):
        Templates("skill", user_dir=folder).render("SKILL.md.j2", {})


# Single blocks


PARENT = (
    "a {% block one %}1{% endblock %} {% for x in xs %}{% block each scoped %}<{{ x }}>{% endblock %}{% endfor %} z"
)


def extending(folder: Path, text: str, *, of: str = "parent.j2", **values: object) -> str:
    (folder / "parent.j2").write_text(PARENT, encoding="utf-8")
    return render(folder, f"{{% extends '{of}' %}}\n{text}", xs=[1, 2], **values)


def test_a_block_is_replaced_and_the_rest_stays(folder: Path) -> None:
    assert extending(folder, "{% block one %}{{ y }}{% endblock %}", y=9) == "a 9 <1><2> z"
    assert extending(folder, "{% block one %}({{ super() }}){% endblock %}") == "a (1) <1><2> z"
    assert extending(folder, "{% block each %}{{ x * 2 }},{% endblock %}") == "a 1 2,4, z"
    assert extending(folder, "{% set n = 3 %}{% block one %}{{ n }}{% endblock %}\n\n{# why #}\n") == "a 3 <1><2> z"


def test_a_file_extends_the_built_in_one_of_its_own_name(folder: Path) -> None:
    (folder / "sources.md.j2").write_text(
        '{% extends "skillgen/sources.md.j2" %}{% block sources %}{{ super() }}Ask us.{% endblock %}', encoding="utf-8"
    )
    ours = Templates("skill").render("sources.md.j2", {"sources": []})
    assert Templates("skill", user_dir=folder).render("sources.md.j2", {"sources": []}) == f"{ours}Ask us."


def test_a_file_called_skillgen_is_never_taken_for_the_built_in_one(folder: Path) -> None:
    (folder / "skillgen").mkdir()
    (folder / "skillgen" / "sources.md.j2").write_text("mine", encoding="utf-8")
    assert render(folder, '{% extends "skillgen/sources.md.j2" %}', sources=[]).startswith("# Sources")


def test_a_block_that_does_not_exist_is_an_error_that_names_those_that_do(folder: Path) -> None:
    with pytest.raises(TemplateError) as caught:
        extending(folder, "{% block one %}{% endblock %}\n{% block two %}2{% endblock %}")
    assert caught.value.message == f"{folder / 'SKILL.md.j2'}, line 3: there is no block 'two' in parent.j2."
    assert caught.value.hint == "Its blocks are each, one."


def test_blocks_of_every_template_above_are_known_and_a_block_may_hold_new_ones(folder: Path) -> None:
    (folder / "middle.j2").write_text(
        "{% extends 'parent.j2' %}{% block one %}{% block inner %}i{% endblock %}{% endblock %}", encoding="utf-8"
    )
    both = "{% block inner %}I{% endblock %}{% block each %}.{% endblock %}"
    assert extending(folder, both, of="middle.j2") == "a I .. z"


def test_a_part_that_extends_is_checked_too(folder: Path) -> None:
    (folder / "parent.j2").write_text(PARENT, encoding="utf-8")
    (folder / "part.j2").write_text("{% extends 'parent.j2' %}{% block two %}{% endblock %}", encoding="utf-8")
    assert "no block 'two'" in error_of(folder, "{% include 'part.j2' %}", xs=[]).message


@pytest.mark.parametrize("text", ["words", "{{ xs }}", "{% if xs %}words{% endif %}", "{% include 'parent.j2' %}"])
def test_what_jinja_would_leave_out_beside_the_blocks_is_an_error(folder: Path, text: str) -> None:
    with pytest.raises(TemplateError, match="line 2: text outside of a block is never shown"):
        extending(folder, text)


def test_a_template_to_extend_is_named_in_quotes(folder: Path) -> None:
    assert "is not named in quotes" in error_of(folder, "{% extends x %}", x="parent.j2").message


@pytest.mark.parametrize("text", ["{{ unknown }}", "{{ ''.__class__ }}", "{{ xs.append(3) }}", "{{ super.__self__ }}"])
def test_a_block_is_as_strict_and_as_caged_as_any_template(folder: Path, text: str) -> None:
    with pytest.raises(TemplateError):
        extending(folder, f"{{% block one %}}{text}{{% endblock %}}")


def test_a_file_that_extends_itself_is_an_error(folder: Path) -> None:
    assert str(folder) in error_of(folder, '{% extends "SKILL.md.j2" %}').message


# Files of data


def test_data_is_the_users_file_before_ours_and_of_no_other_folder(folder: Path) -> None:
    (folder / "layouts").mkdir()
    (folder / "layouts" / "mine.yaml").write_text("a: 1", encoding="utf-8")
    (folder.parent / "out.yaml").write_text("a: 2", encoding="utf-8")
    (folder / "layouts" / "out.yaml").symlink_to("../../out.yaml")
    templates = Templates("skill", user_dir=folder)
    assert templates.data("layouts/mine.yaml") == ("a: 1", folder / "layouts" / "mine.yaml")
    assert {"mine", "platform"} <= set(templates.data_names("layouts"))
    for name in ("layouts/out.yaml", "../out.yaml", str(folder.parent / "out.yaml"), "SKILL.md.j2", "layouts/no.yaml"):
        assert templates.data(name) is None


# The sandbox


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__ }}",
        "{{ x.__class__.__mro__ }}",
        "{{ x['__class__'] }}",
        "{{ x | attr('__class__') }}",
        "{{ x.append(1) }}",
        "{{ d.update({'a': 1}) }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ '{0.__class__}'.format(x) }}",
        "{{ range(10 ** 9) | length }}",
        "{% import 'os' as os %}",
        "{% from 'subprocess' import run %}",
        "{{ __import__('os') }}",
        "{{ open('/etc/hostname').read() }}",
    ],
)
def test_the_sandbox_lets_nothing_out(folder: Path, text: str) -> None:
    values: dict[str, object] = {"x": [1], "d": {}}
    error_of(folder, text, **values)
    assert values == {"x": [1], "d": {}}


@pytest.mark.parametrize(
    "path", ["../secret.j2", "../../secret.j2", "parts/../../secret.j2", "link.j2", "linked/secret.j2", "notes.txt"]
)
def test_a_template_reads_no_file_but_templates_of_its_folders(folder: Path, path: str) -> None:
    (folder.parent / "secret.j2").write_text("SECRET", encoding="utf-8")
    (folder / "notes.txt").write_text("SECRET", encoding="utf-8")
    (folder / "link.j2").symlink_to("../secret.j2")
    (folder / "linked").symlink_to(folder.parent)
    error = error_of(folder, f"\n{{% include '{path}' %}}")
    assert f"There is no template {path} (asked for in {folder / 'SKILL.md.j2'}, line 2)" in error.message
    absolute = error_of(folder, f"{{% include '{folder.parent / 'secret.j2'}' %}}")
    assert "There is no template" in absolute.message


@PROPERTY
@given(value=st.text() | st.sampled_from(["{{ 7 * 7 }}", "{% include 'x' %}", "{# x #}", "{{ x }}", "# for x in y"]))
def test_a_value_is_never_rendered_as_a_template(value: str) -> None:
    told = {"titles": [value], "targets": [value], "tools": [value], "asks": value, "needs": value, "not_for": value}
    assert Templates("skill").render("description.txt.j2", told).count(value) >= len(told)


# YAML


@PROPERTY
@given(
    text=st.text()
    | st.lists(st.sampled_from(["-", "--", "---", "\n", "\r", "\u2028", "\x85", '"', "\\", ": ", "# ", "\ufeff"])).map(
        "".join
    )
)
@example(text="\ufffe\uffff\ufeff\x7f")
@example(text="\ud800")
@example(text="{{ x }}: - [a] &b *c !d % @ `")
@example(text="- -\x00- ---- \\u002d\\u002d\\u002d")
def test_a_yaml_string_is_one_line_that_every_reader_takes_for_the_text(text: str) -> None:
    scalar = yaml_string(text)
    assert "---" not in scalar
    assert len(scalar.splitlines()) == 1
    scalar.encode()
    read = yaml.safe_load(f"key: {scalar}\n")["key"]
    assert read == strictyaml.load(f"key: {scalar}\n").data["key"]
    kept = [c for c in text if not c.isspace() and c != "-" and c not in "\ufeff\ufffe\uffff" and c.isprintable()]
    assert [c for c in read if not c.isspace() and c != "-" and c.isprintable()] == kept


@pytest.mark.parametrize(
    ("text", "scalar"),
    [
        ('say "yes": no', '"say \\"yes\\": no"'),
        ("two\nlines", '"two lines"'),
        ("a --- b ---- c -- d", '"a - b - c -- d"'),
        ("caf\u00e9 \U0001f692", '"caf\u00e9 \U0001f692"'),
    ],
)
def test_a_yaml_string_stays_readable(text: str, scalar: str) -> None:
    assert yaml_string(text) == scalar
