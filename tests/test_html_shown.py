"""HTML to blocks: what a browser shows, and what it does not, in places where that is easily missed."""

import pytest

from classifier.blocks.html import split_html, split_html_in_python

SHADOW = "<my-card><template shadowrootmode={}><p>Inside</p><slot></slot></template><p>Given</p></my-card>"
CASES = {
    "characters without width": ("<p>One</p><p>\u200b</p><p>&zwnj; &#8205;&shy;&ZeroWidthSpace;</p>", ["One"]),
    "a filler and a braille blank": ("<p>\u3164</p><li>\u2800 \u2800</li><p>One</p>", ["One"]),
    "such characters and a vertical tab": ("</body>&zwnj;\v</body>One", ["One"]),
    "such characters in a word stay": ("<p>auto&shy;bahn \u200bn\u200c</p>", ["auto\xadbahn \u200bn\u200c"]),
    "such characters on a line": ("One<br>\u200b<br>Two<br>&#8203;<br>Three<br>\u200b", ["One", "Two", "Three"]),
    "such characters in code": ("<pre>\u200b\n\u200b</pre>", []),
    "an open shadow root": (SHADOW.format('"open"'), ["Inside", "Given"]),
    "a closed one, without quotes": (SHADOW.format("closed"), ["Inside", "Given"]),
    "a shadow root inside a template": (f"<template>{SHADOW.format('open')}</template><p>One</p>", ["One"]),
    "the attribute of shadow roots elsewhere": ("<select shadowrootmode=open><option>no</select><p>One", ["One"]),
    "svg never closed, in a link": ("<li><a href=x><svg><path d=M0></a>One<li>Two", ["One", "Two"]),
    "svg never closed, in a block": ("<div><button><svg><g><path/></button>One</div>", ["One"]),
    "links inside svg": ("<a><svg><a><text>no</text></a><a><text>no</text></a></svg>One</a>", ["One"]),
    "xmp shows its text": ("<p>One<xmp># Two\n\n* <b>three</b></xmp>Five", ["One", "# Two\n\n* three", "Five"]),
    "plaintext too": ("<div>One<plaintext>Two\n  three", ["One", "Two\n  three"]),
    "names that svg has too": ("<svg><font>no</font><text>no</text></svg>One", ["One"]),
}  # fmt: skip


@pytest.mark.parametrize("split", [split_html, split_html_in_python])
@pytest.mark.parametrize(("html", "expected"), CASES.values(), ids=CASES)
def test_blocks(html, expected, split):
    assert split(html).texts == expected


@pytest.mark.parametrize("split", [split_html, split_html_in_python])
def test_the_back_of_an_element_may_be_hidden(split):
    style = "-webkit-backface-visibility:hidden;backface-visibility: hidden"
    page = split(f'<p style="{style}">One</p><p style="{style};visibility:hidden">Two</p>')
    assert page.markup.hidden == [False, True]
