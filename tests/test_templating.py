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
    assert render(folder, "{% include 'description.txt.j2' %}", titles=["Runs"], targets=["A"]).startswith("Runs")


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
    rendered = Templates("skill").render("description.txt.j2", {"titles": [value], "targets": [value]})
    assert rendered.count(value) >= 2


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
