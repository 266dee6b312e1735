"""The compiled splitter gives what the Python modules give, on pages, on soup, and on what no page would hold."""

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_html_blocks import CASES, HOSTILE, well_formed

from classifier.blocks.elements import DEPTH
from classifier.blocks.html import split_html, split_html_in_python
from classifier.blocks.scan import FOREIGN_ENDS, FOREIGN_STARTS
from classifier.blocks.tags import BLOCKS, DROPPED, NAMES, READ, VALUE_LENGTH
from classifier.settings import PURE_PYTHON

compiled = pytest.importorskip("classifier.blocks.compiled_html", reason="the extension is not built: see setup.py")

ROOT = Path(__file__).parent.parent
PAGES = sorted(path for folder in ("tests/webpages", "seeds/pages") for path in (ROOT / folder).glob("*.html"))
WIDER = {"latin 1": "", "two bytes a character": "漢", "four bytes a character": "😀"}  # how Python stores the page


def assert_alike(html: str) -> None:
    assert compiled.split_html(html) == split_html_in_python(html)


def test_the_compiled_splitter_is_used_unless_it_is_switched_off() -> None:
    assert split_html is (split_html_in_python if PURE_PYTHON else compiled.split_html)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
@pytest.mark.parametrize("end", WIDER.values(), ids=WIDER)
def test_whole_pages_in_every_width(path: Path, end: str) -> None:
    page = path.read_text("utf-8")
    assert_alike(page + end)
    assert_alike(page.encode("utf-8").decode("latin-1") + end)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_pages_cut_off_anywhere(path: Path) -> None:
    page = path.read_text("utf-8")
    for end in range(0, len(page), 97):
        assert_alike(page[:end])


@pytest.mark.parametrize("html", [html for html, _ in CASES.values()], ids=CASES)
def test_quirks(html: str) -> None:
    for end in WIDER.values():
        assert_alike(html + end)
        assert_alike(html.upper() + end)


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE)
def test_hostile_pages(html: str) -> None:
    assert_alike(html[: len(html) // 8])


def test_elements_deeper_than_the_limit() -> None:
    assert_alike("".join(f"<b id={i}>x" for i in range(DEPTH + 5)) + "</b></b>y<p>z" + "</b>" * DEPTH + "<i>end")


@pytest.mark.parametrize("length", [VALUE_LENGTH - 1, VALUE_LENGTH, VALUE_LENGTH + 1])
@pytest.mark.parametrize("value", ["a", "a ", "Σ", "&amp;", "İ", "\x7f x", "\ud800"])
def test_values_at_the_cut(value: str, length: int) -> None:
    for quote in ('"', "'"):
        assert_alike(f"<p class={quote}{(value * length)[:length]}{quote}>x")


NUMBERS = [*range(0, 300), 0xD7FF, 0xD800, 0xDFFF, 0xE000, 0xFDD0, 0xFFFE, 0x10FFFF, 0x110000, 10**7, 10**9, 2**32 + 65]


@pytest.mark.parametrize("form", ["&#{};", "&#{}", "&#x{:x};", "&#X{:X}", "&#00{};x"])
def test_numbered_characters(form: str) -> None:
    assert_alike("".join(f"<p>a{form.format(number)}b" for number in NUMBERS))


def test_every_character_in_text_and_in_a_class() -> None:
    for start in range(0, sys.maxunicode, 4096):
        chars = [chr(c) for c in range(start, min(start + 4096, sys.maxunicode + 1))]
        assert_alike("".join(f"a{c}b {c}<br>{c}<br>" for c in chars))
    for c in map(chr, [*range(0x3100), 0xD800, 0xFEFF, 0x1E900, 0x1F600]):
        assert_alike(f"<p{c}x class{c}=q>a<p class=a{c}b id='{c}'>b<a{c} href='x'>c<{c}>d</p{c}>e<p{c}class=x>f")


@given(well_formed())
@settings(max_examples=100)
def test_well_formed_pages(html: str) -> None:
    assert_alike(html)


names = st.sampled_from(
    [*sorted(NAMES | DROPPED | FOREIGN_STARTS | FOREIGN_ENDS), "my-tag", "dıv", "BlocKquote", "p\x00"]
)
attribute_names = st.sampled_from(
    [*sorted(READ), "CLASS", "Href", "title", "href\x00", "ıd", "İd", "data-testid-and-more", '"']
)
values = st.sampled_from(
    ["", "Cookie  Banner", "a\tb\n c", "We &amp; You", "don't", 'a "b"', "x>y", "<i>", "ΑΣ", "display : NONE", "İK",
     "visibility:hidden", "backface-visibility:hidden", 'x href="y" z', "=", "/", "a" * VALUE_LENGTH + "&", "\x00",
     "\ud800"]
)  # fmt: skip
attribute = st.builds(
    lambda before, name, form, value: before + name + form.format(value),
    st.sampled_from([" ", "\n", "/", "  ", "\xa0", "", " x= "]),
    attribute_names,
    st.sampled_from(['="{}"', "='{}'", "={}", " = '{}", '=\n"{}"', '="{}', "", "=='{}'", "/"]),
    values,
)
tag = st.builds(
    lambda slash, name, attributes, end: f"<{slash}{name}{''.join(attributes)}{end}",
    st.sampled_from(["", "", "", "/", " "]),
    names,
    st.lists(attribute, max_size=3),
    st.sampled_from([*[">"] * 6, "/>", "", " >"]),
)
text = st.one_of(
    st.sampled_from(
        [" ", "\n", "\v", "\x1c", "\xa0", "word", "two words ", "漢字", "😀", "\ud800",
         "&nbsp;", "&amp;", "&am", "p;", "&", "&;", "&lt;br&gt;", "&nGt;", "&copy 2", "&notit;", "&zwnj;",
         "&#", "&#9;", "&#11;", "&#128;", "&#8217;", "&#x2019;", "&#9999999;",
         "<!--", "-->", "--!>", "<!-->", "<!--->", "<!", "<?", "</", "</>", "<", ">", "<![CDATA[", "]]>",
         "<br>", "<br><br/>", "<BR\n>"]
    ),
    st.text(max_size=5),
)  # fmt: skip
without_tags = st.sampled_from(
    ["<svg>", "</svg>", "<a>", "</a>", "<math/>", "</math >", "<svg/", "/>", "<p", "<dıv>", "<ſvg>", "<div>", "</p>",
     "</br", "<pre>", "\u200b", "&zwnj;", "<!-- <p> -->", "<!--", "-->", "<script>", "</script>", "<SCRIPT ", "<title>",
     "</Title>", "</title\n", "<style>", "</style\x0b>", "</style", "x", "\r\n", "<br>"]
)  # fmt: skip
ends = st.tuples(st.sampled_from(["", "/"]), st.sampled_from([*sorted(BLOCKS - {"html"}), "a", "a href=x", "b", "x-y"]))


@given(st.lists(st.one_of(tag, tag, text), max_size=25))
@settings(max_examples=800)
def test_soup(pieces: list[str]) -> None:
    assert_alike("".join(pieces))


@given(st.lists(without_tags, max_size=15))
@settings(max_examples=800)
def test_what_holds_no_tags(pieces: list[str]) -> None:
    assert_alike("".join(pieces))


@given(st.text(alphabet=st.sampled_from("<>/!-?='\" \nabp&;#1x"), max_size=80))
@settings(max_examples=300)
def test_any_text(html: str) -> None:
    assert_alike(html)


@given(st.lists(ends, max_size=60))
@settings(max_examples=300)
def test_implied_ends(pieces: list[tuple[str, str]]) -> None:
    assert_alike("".join(f"<{slash}{name}>{i}" for i, (slash, name) in enumerate(pieces)))


@pytest.mark.parametrize("wrong", [None, b"<p>x", 3])
def test_what_is_no_text_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError):
        compiled.split_html(wrong)
