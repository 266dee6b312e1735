"""Markdown becomes HTML: what its links, headings and lists are, what is left out, and that no text is lost."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_process import call

import classifier
from classifier.blocks.html import split_html
from classifier.blocks.tags import DROPPED, FOREIGNS, RAWS
from classifier.markdown import _ENDS, is_markdown, markdown_to_html
from classifier.records import Label, Rejection
from classifier.settings import ReadOptions

PAGE = """[Skip to content](#main)

[![The Sound Gazette](/logo.png)](/)

* [Home](/)
* [Harbour](/harbour "All about the
  harbour")
* [Letters](/letters)

# The ferry that waits for the fog

The old ferry left the harbour before the fog came in, and nobody on the [north
quay](https://sound.example/places/north-
quay) saw where it went. Its skipper had made the crossing for thirty years.

![A ferry in fog](data:image/png;base64,iVBORw0KGgo=)

"I listen to the bell on the shoal," she said, "and when I no longer hear it I turn the wheel and count to ninety."

## What the council wants

The council would like a radar on board before the winter, and has put money aside for half of it.

[

### Lighthouse for sale

A keeper's house with a view of two seas looks for somebody who does not mind the horn.

](https://sound.example/news/lighthouse)

[Imprint](/imprint) [Privacy](/privacy) [Print](javascript:window.print\\(\\))
"""


def blocks(markdown):
    """Tag, text and share inside links of every block."""
    columns = split_html(markdown_to_html(markdown))
    markup = columns.markup
    return [
        (markup.keys[markup.tags[element]], text, round(linked / len(text), 2))
        for text, element, linked in zip(columns.texts, markup.blocks, markup.link_chars, strict=True)
    ]


def texts(markdown):
    return [text for _, text, _ in blocks(markdown)]


@pytest.mark.parametrize(
    ("markdown", "found"),
    [
        ("# The quay\n\nTwo *boats*\nand a _raft_.", [("h1", "The quay", 0), ("p", "Two boats and a raft.", 0)]),
        ("* [Home](/)\n* Sea", [("a", "Home", 1), ("li", "Sea", 0)]),
        ("|Port|Boats|\n|-|-|\n|~~3~~ 4||", [("th", "Port", 0), ("th", "Boats", 0), ("td", "3 4", 0)]),
        ("|a|\n|-|\n|[b](/c?d=e|f)|", [("th", "a", 0), ("a", "b", 1)]),
        ("|a|\n|-|\n|b|c \\| d||\n\n|", [("th", "a", 0), ("td", "b", 0), ("td", "c | d", 0), ("p", "|", 0)]),
        ("see the [tide\ntable](http://a.example/ti-\nde_(old) \"At\nnoon\").", [("p", "see the tide table.", 0.53)]),
        ("[\n\n### Fog\n\nSeen today\n\n](/fog) end", [("h3", "Fog", 1), ("p", "Seen today", 1), ("p", "end", 0)]),
        ("> [![x](/x)\n> **A** `b`\n> ](/c)", [("a", "A b", 0.67)]),
        ("[A](javascript:f('x'); y) b", [("p", "A b", 0.33)]),
        ("[t](<a b>) [u]\n\n[u]: /v", [("p", "t u", 0.67)]),
        ("[Cry](/a \"Cry \"fog\"\nnow\") b", [("p", "Cry b", 0.6)]),
        ("[A\n\nB](/a 'it\\'s \"x\"')", [("p", "A", 1), ("p", "B", 1)]),
        ("[c](/d \"5\" e) [f](/g \"h\")", [("p", '[c](/d "5" e) f', 0.07)]),
        ("![x](data:image/svg+xml,<svg width=\"9\" a='b'>) [y](/z\"z\n\"t\")", [("a", "y", 1)]),
        ("[![x](/y){width=\"3\"}](/z){:.a} [a](/b){#c .d} {e}", [("p", "a {e}", 0.2)]),
        ("[1](see below), \\[no\\](link), [x] and ](/y)", [("p", "[1](see below), [no](link), [x] and ](/y)", 0)]),
        ("![a boat](/boat.png \"A boat\") [![logo](l.png)](/) the caption", [("p", "the caption", 0)]),
        ("`[a](/b)`\n\n```\n[c](/d)\n```\n\n[g](/h)", [("code", "[a](/b)", 0), ("code", "[c](/d)", 0), ("a", "g", 1)]),
        ("- x\n\n  ```\n  [c](/d)\n\n  [e](/f)\n  ```", [("p", "x", 0), ("code", "[c](/d)\n\n[e](/f)", 0)]),
        ("```tide``` is [a\ntool](/t-\nx)", [("p", "tide is a tool", 0.43)]),
        ("```\n``` js\n[c](/d)\n```\n[g](/h-\ni)", [("code", "``` js\n[c](/d)", 0), ("a", "g", 1)]),
        ("deep:\n\n        * **[2 replies](/r)**\n\n", [("p", "deep:", 0), ("a", "2 replies", 1)]),
        ("# Sea\n\n    * [Fog](/a)\n      * Tide\n\n    [Ice](/b)", [
            ("h1", "Sea", 0), ("a", "Fog", 1), ("li", "Tide", 0), ("a", "Ice", 1)]),
        ("# Sea\n\n    * fog\n    * tide\n\n# C\n\n    *fog = tide;\n", [
            ("h1", "Sea", 0), ("li", "fog", 0), ("li", "tide", 0), ("h1", "C", 0), ("code", "*fog = tide;", 0)]),
        ("Run:\n\n    go <fog> # [docs](/a)\n    <tide>", [("p", "Run:", 0), ("p", "go <fog> # docs <tide>", 0.18)]),
        ("x\n\n    + std::vector<int> __a__;", [("p", "x", 0), ("code", "+ std::vector<int> __a__;", 0)]),
        ("    see [a](/b)\n\n    [c]: /d \"fog\"", [("p", 'see a [c]: /d "fog"', 0.05)]),
        ("[A\nb](km/h\nfog)", [("p", "[A b](km/h fog)", 0)]),
        ("[A\nb](de/fog-\ntide/x_(1).html \"A b\") and [1](either/or not) c", [
            ("p", "A b and [1](either/or not) c", 0.11)]),
        ("code:\n\n    <a href='/b'>\n", [("p", "code:", 0), ("code", "<a href='/b'>", 0)]),
        ("one<br>two <b>three</b>\n\n<div>four</div>", [("p", "one\ntwo three", 0), ("div", "four", 0)]),
    ],
)  # fmt: skip
def test_blocks_of_markdown(markdown, found):
    assert blocks(markdown) == found


@pytest.mark.parametrize(
    ("markdown", "found"),
    [
        ("Use a <select> element\n\nnext", ["Use a <select> element", "next"]),
        ("<script>\nlet a\n\nnext", ["<script> let a next"]),
        ("<script>\nlet a\n</script>\n\nnext", ["next"]),
        ("<!-- open\n\nnext", ["<!-- open next"]),
        ("<!-- shut -->\n\nnext", ["next"]),
        ("<?php echo 1;\n\nnext", ["<?php echo 1; next"]),
        ('<div>\n<p class="a\n\nnext', ['<p class="a', "next"]),
        ("<!DOCTYPE x\n\nnext", ["<!DOCTYPE x next"]),
        ("a <svg><path /></svg> b <Video src='/c'>d</video > <!-- e --> <canvas>f", ["a b <canvas>f"]),
        ("a <Style> and <STYLE\n\nnext", ["a <Style> and <STYLE", "next"]),
    ],
)
def test_tags_that_show_nothing_hide_nothing_behind_them(markdown, found):
    assert [" ".join(text.split()) for text in texts(markdown)] == found


def test_every_element_that_shows_nothing_is_known():
    assert _ENDS.keys() >= RAWS | FOREIGNS | DROPPED


def test_front_matter_is_left_out_and_a_rule_is_not_front_matter():
    assert texts("---\ntitle: The quay\ntags:\n  - sea\n---\n\nFog.\n\n---\n") == ["Fog."]
    assert texts("\ufeff---\r\ntitle: x\r\n---\r\nFog.") == ["Fog."]
    assert texts("+++\ntitle = 'The quay'\n\n[params]\n  sea = 1\n+++\nFog.\n\n+++ Sea") == ["Fog.", "+++ Sea"]
    assert texts("+++\n# old\n\n[params]\nsea = 1\n+++\nFog.") == ["Fog."]
    assert texts("+++\nFog.\n\n+++ Sea = sky.") == ["+++ Fog.", "+++ Sea = sky."]
    assert texts("---\n\nNote: fog.\n\n---\n\nSea.") == ["Note: fog.", "Sea."]
    assert texts("---\nNote: fog.\n\nSea.\n\n---\n")[-1] == "Sea."


def test_the_lines_of_a_reader_above_a_page_are_left_out_but_for_the_title():
    head = (
        "Title: Fog & sea\n\nURL Source: https://sound.example/fog\n\nPublished Time: 2026-03-01\n\nMarkdown Content:\n"
    )
    assert texts(head + "# Fog\n\nThe ferry left.") == ["Fog", "The ferry left."]
    assert markdown_to_html(head + "Fog.") == "<title>Fog &amp; sea</title>\n<p>Fog.</p>\n"
    pdf = head.replace("Published Time: 2026-03-01", "Number of Pages: 4").replace("\n", "\r\n")
    assert texts(pdf + "Fog.") == ["Fog."] and is_markdown(pdf)
    assert markdown_to_html(head + "Fog.", "The quay").startswith("<title>The quay</title>")
    assert texts("Title: Fog\n\nThe ferry left.\n\nMarkdown Content: none") == [
        "Title: Fog", "The ferry left.", "Markdown Content: none",
    ]  # fmt: skip


def test_notes_stay_also_those_of_one_word():
    """By the rules, one word behind `[^1]:` is the address of a link elsewhere, and shows nothing."""
    assert texts("Fog[^1] and sea[^b].\n\n[^1]: Ibid.\n\n[^b]: See `[^1]: x`.") == [
        "Fog[^1] and sea[^b].", "[^1]: Ibid.", "[^b]: See [^1]: x.",
    ]  # fmt: skip
    assert texts("[fog]: /a\n\nSee [this][fog], [^1](#note) ![^2](a.png)\n\n```\n[^3]: x\n```") == [
        "See this, ^1", "[^3]: x",
    ]  # fmt: skip
    assert texts("<p>Fog[^1] <code>[^a]</code></p>\n\n    ('[^a-z]: ')\n\n> [^1]: Ibid.\n\nSee [^][r]\n\n[r]: /x") == [
        "Fog[^1] [^a]", "('[^a-z]: ')", "[^1]: Ibid.", "See ^",
    ]  # fmt: skip


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_other_systems_change_nothing(end):
    text = PAGE + "|a|\n|-|\n|b|c|\n"
    assert markdown_to_html(text.replace("\n", end)) == markdown_to_html(text)


def test_lists_nested_without_end_keep_their_text():
    assert texts("> " * 400 + "fog\n\nsea")[-1] == "sea"
    assert "fog" in texts("> " * 400 + "fog\n\nsea")[0]


@pytest.mark.parametrize(
    "hostile",
    [
        "](" + " " * 60_000 + "fog",
        "".join("`" * n + "fog " for n in range(300)),
        " " * 60_000 + "fog [a](/b)",
        "fog|b\n-|-\n\n" * 40_000,
    ],
)
def test_a_page_that_would_not_end_does(hostile):
    """With rules that try every length anew, these took from ten seconds to hours."""
    assert "fog" in texts(hostile)[0]


pieces = st.sampled_from(
    ["[", "]", "](/a)", "](http://b.example/c d)", "![", "\n", "\n\n", "    ", "* ", "> ", "`", "```\n", "**", "# ",
     "|", "\n|-|\n", "<b>", "<script>", "</script>", "<!--", "---\n", "\\", "(", ")", "<", "1. ", "\n===\n",
     "&amp;", "\t"]
)  # fmt: skip
words = st.from_regex(r"\Aw[a-y]{1,3}z\Z")


@given(st.lists(st.one_of(pieces, words), max_size=30))
def test_no_word_is_lost(parts):
    text = " ".join(parts).replace("![", "[")  # pictures are left out, words and all
    if re.search(r"<script>|<!--|---", text):  # and so are scripts, comments and front matter
        text = re.sub(r"<script>|</script>|<!--|---", "", text)
    text = re.sub(r"\]\([^)]*\)", "](/x)", text)  # and addresses
    shown = " ".join(texts(text))
    assert re.findall(r"w[a-y]{1,3}z", shown) == re.findall(r"w[a-y]{1,3}z", text)


def test_several_links_make_a_text_markdown():
    assert is_markdown(PAGE)
    assert not is_markdown("[1] [2] [3] [4] [5] [6] (a) [b] (c) see [d](the note) [e](f g)")
    assert not is_markdown("one [link](/a), two [links](/b), three [links](/c) and no more")
    assert not is_markdown("`[a](/b)` " * 9)
    assert is_markdown("Title: Fog\n\nURL Source: /fog\n\nMarkdown Content:\nThe ferry left.")
    assert not is_markdown("run[i](x); [](int n) {}; as in [3](4)\n" * 9)


def test_a_page_keeps_its_article():
    page = classifier.load().classify_markdown(PAGE, "https://sound.example/news/ferry")
    kept = [block.text for block in page.blocks if block.label is Label.ARTICLE]
    assert [text.partition(" ")[0] for text in kept[-4:]] == ["The", '"I', "What", "The"]
    assert "nobody on the north quay saw where it went" in kept[-4] and kept[-1].startswith("The council would like")
    assert {"Home", "Lighthouse for sale"}.isdisjoint(kept)
    assert page.page.id == "https://sound.example/news/ferry"


def test_files_keys_and_types_that_hold_markdown(tmp_path):
    def read(name, **options):
        return list(classifier.read(tmp_path / name, options=ReadOptions(**options)))

    (tmp_path / "a.md").write_text("<p align=center>\n\n# Fog\n\nSea [x](/y).", encoding="utf-8")
    (tmp_path / "b.txt").write_text(PAGE, encoding="utf-8")
    (tmp_path / "c.txt").write_text("# No links\n\nso it is text", encoding="utf-8")
    (tmp_path / "d.md").write_text(
        "<?xml version='1.0'?>\n<!-- a -->\n<!doctype html>\n\n    <p># Fog</p>", encoding="utf-8"
    )
    (tmp_path / "e.md").write_text("Größe\n=====\n", encoding="cp1252")
    assert [split_html(read(name)[0].content).texts for name in ("a.md", "d.md", "e.md")] == [
        ["Fog", "Sea x."], ["# Fog"], ["Größe"],
    ]  # fmt: skip
    assert [read(name)[0].is_html for name in ("b.txt", "c.txt")] == [True, False]
    (tmp_path / "g.jsonl").write_text('{"markdown": "x", "text": "x"}\n{"html": " ", "text": " "}', encoding="utf-8")
    assert [page.is_html for page in read("g.jsonl")] == [True, False]
    rows = [{"markdown": "# Fog", "text": "fog", "title": "A <fog>"}, {"markdown": " ", "text": "sea"}, {"md": "x"}]
    (tmp_path / "f.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    first, second, third = read("f.jsonl")
    assert split_html(first.content).texts == ["Fog"] and split_html(first.content).markup.title == "A <fog>"
    assert (second.content, second.is_html) == ("sea", False)
    assert isinstance(third, Rejection) and "--markdown-key" in third.detail
    assert read("f.jsonl", markdown_key="md")[2].is_html
    assert read("f.jsonl", markdown_key="text", text_key="md")[1].content == "<p>sea</p>\n"


def test_the_summary_tells_of_plain_text_that_is_html(tmp_path, monkeypatch, capsys):
    (tmp_path / "a.jsonl").write_text('{"text": "<p>Fog over the harbour.</p>"}\n{"text": "Fog."}', encoding="utf-8")
    command = ["filter", tmp_path / "a.jsonl", "-o", tmp_path / "out.jsonl", "--blocks", "all"]
    assert (
        "\n1 page of plain text that begin as HTML: to read them so, name their key with --html-key\n"
        in (call(monkeypatch, capsys, *command)[2])
    )
    assert "to read them so" not in call(monkeypatch, capsys, *command, "--html-key", "text")[2]


def test_the_summary_tells_of_plain_text_that_is_markdown(tmp_path, monkeypatch, capsys):
    (tmp_path / "a.jsonl").write_text(f'{json.dumps({"text": PAGE})}\n{{"text": "Fog."}}', encoding="utf-8")
    command = ["filter", tmp_path / "a.jsonl", "-o", tmp_path / "out.jsonl", "--blocks", "all"]
    code, _, told = call(monkeypatch, capsys, *command)
    assert (
        code == 0
        and "\n1 page of plain text with links as Markdown has them: to read them so, name their key" in told
        and "or their file .md\n" in told
    )
    code, _, told = call(monkeypatch, capsys, *command, "--markdown-key", "text")
    assert code == 0 and "Markdown" not in told
