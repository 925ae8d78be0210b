"""Hypothesis strategies for Markdown as nobody should write it, and people do."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

from skillgen.model.corpus import SourceFile

# A first example loads parser and sentence splitter, and two tests share a processor: time is measured elsewhere.
EVIDENCE = settings(deadline=None, max_examples=60)

WORDS = st.sampled_from(
    "the worker reads a queue every 5 minutes and stores it in `my_table` at 02:15 e.g. v1.2.3 do not never only must "
    "https://wiki.example/a_b config/prod.yaml 🚀 مرحبا עברית 日本語。 naïve x\u200by \ufeff A.B. etc. U.S. "
    "5% [link](page.md) [ref][one] [one] ![image](a.png) **bold** *it* _under_score_ ~~gone~~ ``a ` b`` `unclosed ** "
    "[ ] ]( ![ <b>html</b> <env> <!-- hidden --> <!-- &amp; &lt;x&gt; &nosuch; &#0; \\| \\* [^1] [[wiki|page]] {#id} "
    "{{ ds }} {: .cls } | || > # - 1. ~~~ ``` <details> </details> $x$ "
    "\\ end. What? Why! \t \x00 \x0b \u2028 : ;".split(" ")
)
LINES = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)
PREFIXES = st.sampled_from(
    [
        "",
        "",
        "",
        "# ",
        "## ",
        "###### ",
        "- ",
        "  - ",
        "    - ",
        "* [ ] ",
        "1. ",
        "12) ",
        "   ",
        "    ",
        "\t",
        "> ",
        ">> ",
        "> - ",
        "- > ",
        "- # ",
        "[one]: ",
        "[^1]: ",
        "| ",
        ":::",
        "(label)=",
        "- | ",
        "> | ",
        ": ",
        ":   ",
        "[^2]: ",
        "        ",
        "> [!tip]+ ",
        ":::note ",
        "::::{admonition} ",
    ]
)
WHOLE_LINES = st.sampled_from(
    [
        "",
        "",
        "",
        "===",
        "---",
        "- - -",
        "***",
        "```",
        "~~~~",
        "```sh",
        "| a | b |",
        "|---|:-:|",
        "| 1 | 2 | 3 |",
        "| 1 |",
        "| `a|b` | c\\|d |",
        "> | x | y |",
        "> |---|---|",
        "> | 1 | 2 |",
        "  | x | y |",
        "  |--|--|",
        "  | 1 | 2 |",
        "<div>",
        "</div>",
        "<script>",
        "</script>",
        "<!--",
        "-->",
        "<pre>",
        "[one]: /url 'title'",
        "+++",
        "title: x",
        "...",
        ":::note",
        "{{< tip >}}",
        "{% if x %}",
        "[TOC]",
        ">" * 40,
        "- " * 30 + "deep",
        "\ufeff",
        "<br>",
        "---|---",
        '!!! note "Mind *this*"',
        "    ??? warning",
        '=== "Linux"',
        '  ???+ tip "A"',
        "::::",
        ":::",
        ":::{mermaid}",
        ":::{code-block} sh",
        ":class: wide",
        "```{note} Title",
        "````{tab-item} Linux",
        "```{mermaid}",
        "```{code-block}",
        "{{#include a.rs:main}}",
        '--8<-- "file.md"',
        "--8<--",
        '{% include "x.md" %}',
        '{{% notice note "Watch out" %}}',
        "{{% /notice %}}",
        "{% highlight sh %}",
        "{% endhighlight %}",
        "{: .wide }",
        "import Tabs from '@theme/Tabs';",
        "export const x = 1;",
        '<TabItem value="a" label="Linux">',
        "</TabItem>",
        "<details><summary>More <b>of it</b></summary>",
        "<summary>",
        "[!INCLUDE [a](b.md)]",
        ": : : [^1]: deep",
    ]
)
NEWLINES = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])
FRONT_MATTER = st.sampled_from(
    [
        "",
        "",
        "",
        "---\ntitle: Worker guide\n---\n",
        "---\ntitle: [broken\n---\n",
        "+++\ntitle = 'Guide'\n+++\n",
        "---\n\n---\n",
        "+++\nbroken\n+++\n",
        "---\ntitle: 404\n...\n",
        "---\nno end\n",
        "\ufeff---\ntitle: Marked\n---\n",
        "\ufeff",
        "---\r\ntitle: Guide\r\n---\r\n",
        "---\n!!int ''\n---\n",
        "---\ntitle: true\n---\n",
        "---\n- a list\n---\n",
    ]
)


@st.composite
def odd_markdown(draw: st.DrawFn, *, newlines: st.SearchStrategy[str] = NEWLINES) -> str:
    """A page of odd lines with line ends of every kind."""
    lines = draw(st.lists(st.one_of(st.tuples(PREFIXES, LINES).map("".join), WHOLE_LINES), max_size=25))
    body = "".join(line + draw(newlines) for line in lines)
    return draw(FRONT_MATTER) + body


# Any text at all: what a strategy of lines would not think of.
ANY_TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=200)
MARKUP_SOUP = st.text(alphabet="*_~`[]()!<>&;#-|\\\"' \n\ta1.{}%:=/", max_size=120)
PAGES = st.one_of(odd_markdown(), MARKUP_SOUP, ANY_TEXT)


def source(text: str, name: str = "ops/worker.md") -> SourceFile:
    return SourceFile(source=name, text=text, sha256="0" * 64)
