"""Flavours of Markdown: the markup of site generators goes, and what it holds is read as Markdown."""

from __future__ import annotations

import re

import pytest
from growth import assert_time_follows_length

from skillgen.model.corpus import Finding, Page, SourceFile
from skillgen.parse import parse_markdown


def _parse(text: str, source: str = "ops/night-run.md") -> tuple[Page, tuple[Finding, ...]]:
    return parse_markdown(SourceFile(source=source, text=text, sha256="0"))


def _seen(text: str, source: str = "ops/night-run.md") -> list[tuple[str, str]]:
    page, _ = _parse(text, source)
    for block in page.blocks:
        for span in block.spans:
            raw = re.sub(r"\s+", "", text[span.start : span.end])
            assert block.header or all(char in raw + "\u2713\u2717" for char in re.sub(r"\s+", "", span.text))
    return [(block.kind, " / ".join(span.text for span in block.spans)) for block in page.blocks if block.spans]


def _includes(text: str) -> list[tuple[int | None, str]]:
    found = [finding for finding in _parse(text)[1] if finding.kind == "include"]
    assert all(finding.severity == "info" for finding in found)
    return [(finding.line, finding.message.split(";")[0].removeprefix("The page includes ")) for finding in found]


MKDOCS = """Before it
!!! note "My *title*"
    First. Second.

    - item
      more

    ```sh
    run --it
    ```

    ??? warning
        Nested words.

    | A | B |
    |---|---|
    | 1 | 2 |

After.
"""


def test_an_admonition_of_mkdocs_is_read_as_markdown() -> None:
    assert _seen(MKDOCS) == [
        ("paragraph", "Before it"),
        ("heading", "My title"),
        ("paragraph", "First. / Second."),
        ("list_item", "item more"),
        ("code", "run --it"),
        ("paragraph", "Nested words."),
        ("table_row", "A: 1; B: 2"),
        ("paragraph", "After."),
    ]


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_flavours_are_read_with_any_line_end(newline: str) -> None:
    assert _seen(MKDOCS.replace("\n", newline)) == _seen(MKDOCS)
    mdx = "import A from '@theme/A';\n\n<TabItem label=\"Linux\">\n\n    Indented.\n\n</TabItem>\n"
    assert _seen(mdx.replace("\n", newline)) == _seen(mdx) == [("heading", "Linux"), ("paragraph", "Indented.")]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ('1. step\n\n    !!! tip "T"\n\n        Words.\n\n2. next\n', ["step", "T", "Words.", "next"]),
        ('=== "Linux"\n\n    Run `x`.\n\n=== "Mac"\n    Run `y`.\n', ["Linux", "Run `x`.", "Mac", "Run `y`."]),
        ('> !!! note "q"\n>     Quoted.\n\nAfter.\n', ["q", "Quoted.", "After."]),
        ('!!! note ""\n    Words.\n', ["Words."]),
        ("???+ danger inline end\n    Words.\n", ["Words."]),
        ("!!! note\nNot in it.\n", ["Not in it."]),
        ("Is it so???\n!!! not an admonition, but words\n", ["Is it so??? !!! not an admonition, but words"]),
    ],
)
def test_mkdocs_boxes_stand_in_lists_quotes_and_tabs(text: str, seen: list[str]) -> None:
    assert [shown for _, part in _seen(text) for shown in part.split(" / ")] == seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (":::note Title here\nWords.\n:::\n", ["Title here", "Words."]),
        ("::::warning[Big *one*]{.x}\nOne\n:::tip\nTwo\n:::\n::::\n", ["Big one", "One", "Two"]),
        (":::{admonition} Named\n:class: wide\n\nWords.\n:::\n", ["Named", "Words."]),
        ('::: {.callout-note title="Q"}\nWords.\n:::\n', ["Q", "Words."]),
        ('::: {.panel group="a"}\nWords.\n:::\n', ["Words."]),
        ("- item\n\n  :::note\n  Words.\n  :::\n", ["item", "Words."]),
        (":::{mermaid}\ngraph LR\n:::\nAfter.\n", ["After."]),
        (":::{mermaid}\nnever closed\n", ["never closed"]),
        (":::{figure} a.png\n:alt: x\nThe caption.\n:::\n", ["The caption."]),
        ("```{note} Named\n:class: x\nWords *x*.\n```\nafter\n", ["Named", "Words x.", "after"]),
        ("````{warning}\n```{tip}\nDeep.\n```\nmore\n````\n", ["Deep.", "more"]),
        ("```{tip}\nnever closed\n", ["never closed"]),
        ("- a\n\n  ```{tip}\n  in it\n\nout of it\n", ["a", "in it", "out of it"]),
        ("```{toctree}\n:maxdepth: 2\na\n```\n", []),
    ],
)
def test_a_directive_holds_prose(text: str, seen: list[str]) -> None:
    assert [shown for kind, shown in _seen(text) if kind != "code"] == seen
    assert all(kind != "code" for kind, _ in _seen(text))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (":::{code-block} sh\n:linenos:\nrun it\n:::\n", "run it"),
        ("```{code-block} python\n:caption: z\n\nx = 1\n:y: kept\n```\n", "x = 1\n:y: kept"),
        ("```{r}\nx <- 1\n```\n", "x <- 1"),
        ("{% highlight sh %}\nrun it\n{% endhighlight %}\n", "run it"),
        ("{{< highlight sh >}}\nrun it\n{{< /highlight >}}\n", "run it"),
        ("```rust\nfn x() {}\n{{#include a.rs}}\n```\n", "fn x() {}"),
        ('```\n!!! note "shown"\n    as code\n```\n', '!!! note "shown"\nas code'),
        ("    !!! note\n", "!!! note"),
        ("```md\n:::note\nshown\n:::\n```\n", ":::note\nshown\n:::"),
    ],
)
def test_code_stays_code(text: str, code: str) -> None:
    assert _seen(text) == [("code", code)]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("> [!WARNING]\n> Careful now.\n", ["Careful now."]),
        ("> [!tip]- Title\n> Words.\n", ["Title", "Words."]),
        ('{{% notice note "Watch" %}}\nWords.\n{{% /notice %}}\n', ["Watch", "Words."]),
        ('{{< tabs name="id" >}}\n{{% tab name="Win" %}}\nRun z.\n{{% /tab %}}\n{{< /tabs >}}\n', ["Win", "Run z."]),
        ('{% hint style="info" %}\nWords.\n{% endhint %}\n', ["Words."]),
        ("{% raw %}\nWords.\n{% endraw %}\n", ["Words."]),
        ('See [x]({{< ref "x" >}}) and [y](z){:target="_blank"} now.\n', ["See x and y now."]),
        ("Keep {{ var }} and {x} and f(a){b}.\n", ["Keep {{ var }} and {x} and f(a){b}."]),
        ("Words.\n{: .note }\n", ["Words."]),
        ("A {/* comment */} word.\n", ["A word."]),
        ("See [[Page|text]] and ![[Embedded]] it.\n", ["See text and it."]),
        ("- [x] done\n- [ ] open\n", ["done", "open"]),
        ("<details><summary>More <b>of</b> it</summary>\nWords.\n- a\n</details>\n", ["More of it", "Words.", "a"]),
        ("<details>\n<summary>More</summary>\n\nWords.\n\n</details>\n", ["More", "Words."]),
        (
            "Term\n: the definition\nof it\n: another\n\n    more\n",
            ["Term:", "the definition of it", "another", "more"],
        ),
        ("Term\n\n:   first\n\n        code\n", ["Term: first", "code"]),
        (
            "`Tide`\n\n: It is low. Wait.\n\n`Wind`\n\n: It blows.\n",
            ["`Tide`: It is low. / Wait.", "`Wind`: It blows."],
        ),
        ("Signs\n: - fog\n: - ice\n", ["Signs:", "fog", "ice"]),
        ("**Signs:**\n: 1. fog\n  2. ice\n", ["Signs:", "fog", "ice"]),
        ("Tide:\n: low\n", ["Tide: low"]),
        ("Tide\n: 1. It is low. 2. It is high.\n", ["Tide: 1. / It is low. / 2. It is high."]),
        ("Tide\n: low\n: high\n: none\n", ["Tide:", "low", "high", "none"]),
        ("Words.\n\nNext words.\n", ["Words.", "Next words."]),
        ("Start :material-clock:{ .lg } at once.\n", ["Start at once."]),
        ("- :material-check: boats\n- :fontawesome-solid-x: cars\n", ["\u2713 boats", "\u2717 cars"]),
        ("On :8080: say :ship: in a:material-clock:\n", ["On :8080: say :ship: in a:material-clock:"]),
        ("`:material-clock:` and `{ .lg }`\n", ["`:material-clock:` and `{ .lg }`"]),
        ("Words. { .lg }\n", ["Words."]),
        ('Words.\n{ .lg #x data-a="b c" }\n', ["Words."]),
        ('[Words](y){ target="_blank" } __b__{: .c } `c`{.d} end.\n', ["Words b `c` end."]),
        ("Keep { .a: 1 } and {a: b} and {a=b}\n", ["Keep { .a: 1 } and {a: b} and {a=b}"]),
        ("## Title { #id .c }\n\nWords.\n", ["Title", "Words."]),
        ("Words[^1].\n\n[^1]: One\n    line.\n\n    More.\n[^note]: Two.\n", ["Words.", "One line.", "More.", "Two."]),
    ],
)
def test_tags_go_and_words_stay(text: str, seen: list[str]) -> None:
    assert [shown for _, shown in _seen(text)] == seen


def _under(text: str) -> dict[str, tuple[str, ...]]:
    page, _ = _parse(text)
    return {s.text: b.heading_path for b in page.blocks if b.kind != "heading" for s in b.spans}


BOXED = [
    '=== "Title"\n\n    Words.\n\n    - item\n\n    More.\n',
    ":::danger[Title]\nWords.\n\n- item\n\nMore.\n:::\n",
    "::: details Title\n:::tip\nWords.\n:::\n\n- item\n\nMore.\n:::\n",
    '!!! warning "Title"\n    Words.\n\n    - item\n\n    More.\n',
    "```{note} Title\nWords.\n\n- item\n\nMore.\n```\n",
    "<details>\n<summary>Title</summary>\n\nWords.\n\n- item\n\nMore.\n</details>\n",
    "<details><summary>Title</summary>\nWords.\n\n- item\n\nMore.\n\n</details>\n",
    '<Tabs>\n<TabItem value="a" label="Title">\n\nWords.\n\n- item\n\nMore.\n\n</TabItem>\n</Tabs>\n',
    '{{< tab "Title" >}}\nWords.\n\n- item\n\nMore.\n{{< /tab >}}\n',
    '{% tab title="Title" %}\nWords.\n\n- item\n\nMore.\n{% endtab %}\n',
    "> [!tip]- Title\n> Words.\n>\n> - item\n>\n> More.\n",
    "/// admonition | Title\n    type: danger\n    attrs: {class: x}\nWords.\n\n- item\n\nMore.\n///\n",
    "//// tab | Title\n/// note\nWords.\n///\n\n- item\n\nMore.\n////\n",
]


@pytest.mark.parametrize("box", BOXED)
def test_what_stands_in_a_titled_box_stands_under_its_title(box: str) -> None:
    boxed = ("Guide", "Part (Title)")
    assert _under(f"# Guide\n\n## Part\n\nBefore.\n\n{box}\nAfter.\n") == {
        "Before.": ("Guide", "Part"),
        "Words.": boxed,
        "item": boxed,
        "More.": boxed,
        "After.": ("Guide", "Part"),
    }
    assert _under(f"# Guide\n\n{box}")["More."] == ("Guide", "Title")


def test_boxes_nest_name_a_part_and_hold_headings() -> None:
    nested = '=== "Quay"\n\n    One.\n\n    !!! note "Ice"\n\n        Two.\n\n    ### Deep\n\n    Three.\n'
    assert _under(f"# Guide\n\n## Part\n\n{nested}") == {
        "One.": ("Guide", "Part (Quay)"),
        "Two.": ("Guide", "Part (Quay, Ice)"),
        "Three.": ("Guide", "Part (Quay)", "Deep"),
    }
    tabs = '=== "New"\n    One.\n\n=== "Old"\n    Two.\n'
    assert _under(f"# Guide\n\nMooring again:\n\n{tabs}\nThree.\n") == {
        "Mooring again:": ("Guide",),
        "One.": ("Guide", "Mooring again (New)"),
        "Two.": ("Guide", "Mooring again (Old)"),
        "Three.": ("Guide",),
    }


@pytest.mark.parametrize(
    "text",
    [
        ":::note[Title]\nWords.\n",
        '<TabItem label="Title">\n\nWords.\n',
        '!!! note "Title"\n\nWords.\n',
        '<Card title="Title" />\n\nWords.\n',
        '- item\n\n    !!! note "Title"\n\n        Words.\n',
    ],
)
def test_the_title_of_what_never_ends_or_is_empty_or_in_a_list_is_text(text: str) -> None:
    assert _under(f"# Guide\n\n## Part\n\n{text}")["Title"] == ("Guide", "Part")
    assert _under(f"# Guide\n\n## Part\n\n{text}")["Words."] == ("Guide", "Part")


def test_a_title_that_is_a_sentence_is_stated() -> None:
    assert _under('# Guide\n\n!!! note "Never moor at low tide."\n    Words.\n') == {
        "Never moor at low tide.": ("Guide",),
        "Words.": ("Guide",),
    }


@pytest.mark.parametrize("text", ["/// tab | Words\n", "///\n", "/// Adds one to it\n///\n", "//srv/share\n"])
def test_slashes_that_open_or_close_nothing_are_text(text: str) -> None:
    assert [shown for _, shown in _seen(text)] == [" ".join(text.split())]


def test_mdx_has_no_imports_components_or_indented_code() -> None:
    text = (
        "import Tabs from '@theme/Tabs';\nimport Part from './_part.mdx';\nexport const a = {\n  b: 1,\n};\n\n"
        '<Tabs groupId="os">\n  <TabItem value="l" label="Linux">\n    Run `x`.\n  </TabItem>\n</Tabs>\n\n'
        "Set <TOKEN> first.\n\n<Part />\n"
    )
    assert [shown for _, shown in _seen(text)] == ["Linux", "Run `x`.", "Set <TOKEN> first."]
    assert _includes(text) == [(2, "./_part.mdx")]
    assert _seen("    words\n", "a.mdx") == [("paragraph", "words")]
    assert _seen("import it from the store and run it.\n") == [("paragraph", "import it from the store and run it.")]


def test_each_include_is_told_with_its_line_and_not_followed() -> None:
    text = """Words {{#include part.md:anchor}} here.

--8<-- "snippets/a.md"

```rust
{{#include ../src/main.rs:10:20}}
{% include "shown.html" %}
```

{% include "b.md" %}
{{% include "c.md" %}}
[!INCLUDE [title](d.md)]
![[Embedded page#part]] ![[image.png]]
```{include} e.md
```
Write `{{#include x}}` or \\{{#include y}}.
"""
    assert _includes(text) == [
        (1, "part.md:anchor"),
        (3, "snippets/a.md"),
        (6, "../src/main.rs:10:20"),
        (10, "b.md"),
        (11, "c.md"),
        (12, "d.md"),
        (13, "Embedded page"),
        (14, "e.md"),
    ]
    assert [line for line, _ in _includes(text.replace("\n", "\r"))] == [line for line, _ in _includes(text)]
    assert ("paragraph", "Words here.") in _seen(text)
    message = _parse('--8<-- "a.md"\n')[1][-1].message
    assert message == "The page includes a.md; what stands there is read only where it is a page of its own."


SHAPES = {
    "admonitions": '!!! note "T"\n    words of it\n\n',
    "nested admonitions": "".join("    " * depth + "!!! note\n" for depth in range(60)),
    "admonition of blanks": "!!! note\n\n\n\n\n\n\n\n\n\n",
    "colon fences": ":::note\n",
    "code directives": ":::{mermaid}\n",
    "long colon line": ":" * 99 + "a" * 1_000 + "\n",
    "open directives": "```{note}\n",
    "tags": "{{< tab ",
    "tag lines": '{{< tab "a" >}}{% x %}\n',
    "one line of tags": '{{< tab "a" >}}',
    "components": "<Tab a=",
    "highlights": "{% highlight sh %}\n",
    "definitions": "Term\n: words\n",
    "colons": ": ",
    "terms": "Term\n: words\nlazy words\n\n    more\n",
    "footnotes": "[^1]: words\n",
    "includes": "{{#include a.md}} {% include ",
    "snippets": '--8<-- "a.md"\n',
    "embeds": "![[a",
    "summaries": "<summary>a",
    "attributes": "a*{: ",
    "callouts": "> [!note] a\n",
    "open slashes": "/// note | a\n",
    "slash blocks": "/// note | a\nwords\n///\n",
    "open tags": '<TabItem label="a">\n\nwords\n\n',
    "closed tags": "</TabItem>\n\nwords\n\n",
    "titled colons": "::: tip a\nwords\n\n",
    "open and closed colons": "::: tip a\nwords\n\n" * 2_000 + ":::\nmore\n\n" * 2_000,
    "icons": ":material-",
    "attribute lists": "{ .a ",
    "facts": "a: b\n",
    "terms with blanks": "Term\n\n: words\n\n",
    "many meanings": ": - words\n",
    "empty cells": "| a | b |\n|---|---|\n| x | y |\n" + "| | z |\n" * 500 + "\n",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_time_to_read_any_flavour_follows_the_length(shape: str) -> None:
    piece = SHAPES[shape]
    assert_time_follows_length(_parse, (piece * (300_000 // len(piece) + 1))[:300_000])
