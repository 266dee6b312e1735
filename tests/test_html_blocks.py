"""HTML to blocks: the quirks of HTML5 one by one, whole pages against their stored blocks, and laws."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from classifier.blocks.columns import BlockColumns, Markup
from classifier.blocks.html import split_html
from classifier.blocks.tags import BLOCKS

WEBPAGES = Path(__file__).parent / "webpages"

CASES = {
    "paragraphs": ("<p>One.</p><p>Two.</p>", ["One.", "Two."]),
    "unclosed paragraphs": ("<p>One.<p>Two.<div>Three.", ["One.", "Two.", "Three."]),
    "text without any tag": ("Just text.", ["Just text."]),
    "text before the first tag": ("Before <b>it</b><p>After", ["Before it", "After"]),
    "nothing": ("", []),
    "white space and no-break spaces only": ("<p> \n&nbsp;</p><div>\t</div>", []),
    "inline elements do not split": ("<p>A <b>bold</b> <i>w<u>or</u>d</i>.</p>", ["A bold word."]),
    "links side by side are words apart": (
        "<div><a>News</a><a>sport</a> <a><b>Town</b></a><span>hall</span> <a>国</a><a>中</a></div>",
        ["News sport Town hall 国 中"],
    ),
    "elements that begin with a capital or a digit too": (
        "<div><span>2026</span><span>1h 54m</span><span>R</span> <span>Save 5</span><span>From £4</span></div>",
        ["2026 1h 54m R Save 5 From £4"],
    ),
    "links side by side after the end of a sentence": (
        "<div><a>Why do cats purr?</a><a>short stories</a> <a>شعر؟</a><a>قصة</a></div>",
        ["Why do cats purr? short stories شعر؟ قصة"],
    ),
    "capitals and digits after a mark": (
        "<p><b>Price:</b><i>4</i> <b>Open!</b><i>Now</i> <b>(12)</b><i>3 votes</i></p>",
        ["Price: 4 Open! Now (12) 3 votes"],
    ),
    "a full stop may stand inside a name or a number": (
        "<p><b>json.</b><i>dump</i> <b>Net.</b><i>Core</i> <b>4.</b><i>5</i> <b>1,</b><i>09</i> <a>A.</a><a>B</a></p>",
        ["json.dump Net.Core 4.5 1,09 A.B"],
    ),
    "nothing is put in before other characters": (
        "<p><a>one</a><a>(two)</a> <b>To bed</b><i>£4</i></p>",
        ["one(two) To bed£4"],
    ),
    "character references at such borders": ("<p><a>caf&eacute;</a><a>&Eacute;t&eacute;</a></p>", ["café Été"]),
    "a reference does not reach into the next element": ("<p><a>A &amp</a><a>lt; b</a></p>", ["A &lt; b"]),
    "other elements go on with a word": ("<p><span>T</span><span>he</span> <b>a</b>B <i>3</i>rd</p>", ["The aB 3rd"]),
    "raised and lowered figures": ("<p><b>H</b><sub>2</sub><b>O</b>, <i>x</i><sup>2</sup></p>", ["H2O, x2"]),
    "code stays as it is": ("<pre><a>f</a><a>X</a></pre>", ["fX"]),
    "white space collapses": ("<p>\n  A\t\tline \r\n of&nbsp;text </p>", ["A line of text"]),
    "unknown elements are inline": ("<p>A <my-word>custom</my-word> one</p>", ["A custom one"]),
    "buttons and labels stand apart": (
        "<div>Text<button>OK</button><label>Name</label></div>",
        ["Text", "OK", "Name"],
    ),
    "list items without ends": ("<ul><li>One<li>Two<ul><li>In</ul><li>Three</ul>", ["One", "Two", "In", "Three"]),
    "definition lists": ("<dl><dt>A<dd>1<dt>B<dd>2</dl>", ["A", "1", "B", "2"]),
    "table cells without ends": ("<table><tr><td>1<td>2<tr><th>3</table>", ["1", "2", "3"]),
    "nested tables": (
        "<table><tr><td>Out<table><tr><td>In</td></tr></table>after</td><td>Next</td></tr></table>",
        ["Out", "In", "after", "Next"],
    ),
    "an end tag without a start is ignored": ("<p>One</div> two</span> three</p>", ["One", "two three"]),
    "one line break": ("<p>Hill Road 5<br>Northtown</p>", ["Hill Road 5\nNorthtown"]),
    "two line breaks end a block": ("<div>One<br><br>Two<br> <br/>Three</div>", ["One", "Two", "Three"]),
    "a no-break space between line breaks": ("<div>One<br>&nbsp;<br>Two</div>", ["One", "Two"]),
    "three line breaks": ("One<br><br><br>Two", ["One", "Two"]),
    "line breaks around text": ("<p><br>One<br></p>", ["One"]),
    "br end tag": ("One</br>two", ["One\ntwo"]),
    "pre keeps white space": (
        "<pre>\n  if a:\n      b  \n\n  c</pre><p>  x  </p>",
        ["  if a:\n      b\n\n  c", "x"],
    ),
    "pre with marked-up code": ("<pre><code>a  <b>b</b>\n</code></pre>", ["a  b"]),
    "horizontal rule": ("One<hr>Two", ["One", "Two"]),
    "entities": ("<p>caf&eacute; &amp; &lt;b&gt; &#x27;q&#39; &copy 2 &nosuch;</p>", ["café & <b> 'q' © 2 &nosuch;"]),
    "a lone less-than sign is text": ("<p>1 < 2 and 3 <4</p>", ["1 < 2 and 3 <4"]),
    "upper case": ("<P>One<BR>two</P><SCRIPT>x</SCRIPT><DIV>Three</DIV>", ["One\ntwo", "Three"]),
    "greater-than sign in an attribute": ('<p title="a > b">One</p>', ["One"]),
    "less-than sign in an attribute": ("<p title='<b>x</b>'>One</p>", ["One"]),
    "both quotes in attributes": ("""<p title="it's" alt='a "b" <' data-x=don't>One</p>""", ["One"]),
    "markup in an attribute": ('<div data-html="<script>a</script><p>b</p>">One</div>', ["One"]),
    "attributes over several lines": ('<p\n  class="a"\n  id="b"\n>One</p>', ["One"]),
    "a tag cut off by the end of the page": ('<p>One</p><p class="x', ["One"]),
    "comments": ("<p>One<!-- <p>no</p> --> two<!-->three<!---->.</p>", ["One twothree."]),
    "comment ended by --!>": ("One<!-- no --!>two", ["Onetwo"]),
    "comment never ended": ("<p>One</p><!-- <p>Two</p>", ["One"]),
    "doctype, instruction, CDATA": ("<!DOCTYPE html><?xml version='1'?><p>One<![CDATA[no]]></p>", ["One"]),
    "conditional comment": ("<!--[if IE]><p>Old</p><![endif]--><![if !IE]><p>New</p><![endif]>", ["New"]),
    "script and style": (
        "<style>p{}</style><p>One<script>if (a<b) document.write('<p>no</p>')</script> two</p>",
        ["One two"],
    ),
    "a script that is closed at once, in a page written as XML": (
        '<?xml version="1.0"?><html><head><script src="a.js"/><title/></head><body>One<style />two</body></html>',
        ["Onetwo"],
    ),
    "and in one that is not": ('<p>One</p><script src="a.js"/><p>no</p></script><p>Two</p>', ["One", "Two"]),
    "script end tag in a string ends the script": ("<script>'</script>text", ["text"]),
    "script in a commented script": ("<script><!-- <script>a</script> --></script>text", ["text"]),
    "commented script without a script inside": ("<script><!-- a </script>text", ["text"]),
    "script never closed": ("<p>One</p><script>var a = '<p>Two</p>'", ["One"]),
    "noscript": ("<p>One</p><noscript><p>Enable scripts<iframe src=x></noscript><p>Two</p>", ["One", "Two"]),
    "template": ("<template><p>no</p><template>no</template>no</template><p>One</p>", ["One"]),
    "iframe and textarea": ("<iframe><p>no</p></iframe><textarea><p>no</textarea><p>One</p>", ["One"]),
    "form fields": ("<select><option>A<option>B</select><input value=x><p>One</p>", ["One"]),
    "svg": ("<a>Go <svg viewBox='0 0 1 1'><title>no</title><g><text>no</text></g></svg>on</a>", ["Go on"]),
    "svg closed by itself": ("One <svg/>two", ["One two"]),
    "svg never closed": ("<li><svg><path d='M0'><li>One<p>Two", ["One", "Two"]),
    "svg in svg": ("<svg><svg><path></svg>no</svg>One", ["One"]),
    "math": ("One<math><mi>x</mi></math>two", ["Onetwo"]),
    "fallbacks": ("<video>no</video><audio>no</audio><canvas>no</canvas><object>no</object>One", ["One"]),
    "title is no block": ("<head><title>No</title></head><body><p>One</p></body>", ["One"]),
    "text after the body's end": ("<body><p>One</p></body></html><p>Two</p>", ["One", "Two"]),
    "hidden text stays": ("<p hidden>One</p><p style='display: none'>Two</p>", ["One", "Two"]),
    "ruby keeps its brackets": ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>字", ["漢(kan)字"]),
    "byte order mark": ("\ufeff<p>One</p>", ["One"]),
    "surrogates and control characters": ("<p>\ud800 \x01</p>", ["\ud800 \x01"]),
}


@pytest.mark.parametrize(("html", "expected"), CASES.values(), ids=CASES)
def test_blocks(html: str, expected: list[str]) -> None:
    assert split_html(html).texts == expected


def markup(html: str) -> Markup:
    found = split_html(html).markup
    assert found is not None
    return found


def chain(columns: Markup, element: int) -> list[str]:
    """The keys from the outermost element to this one, without the root."""
    keys: list[str] = []
    while element > 0:
        keys.append(columns.keys[columns.tags[element]])
        element = columns.parents[element]
    return keys[::-1]


def chains(html: str) -> list[list[str]]:
    columns = markup(html)
    return [chain(columns, element) for element in columns.blocks]


def test_keys_hold_the_attributes_that_tell_what_an_element_is() -> None:
    html = """<DIV CLASS="Cookie  Banner
        big" data-x=1 id=main Role='dialog' aria-label="We &amp; You" data-testid=a itemprop=b
        onclick="a('>')">x</DIV>"""
    assert chains(html) == [
        ["div\tclass=cookie banner big\tid=main\trole=dialog\taria-label=we & you\tdata-testid=a\titemprop=b"]
    ]


def test_keys_are_cut_and_shared_by_like_elements() -> None:
    columns = markup(f"<p class={'x' * 500}>a</p><p>b</p><p>c</p>")
    assert columns.keys == ["html", f"p\tclass={'x' * 120}", "p"]
    assert columns.tags == [0, 1, 2, 2]


def test_links_that_differ_by_address_share_their_key() -> None:
    html = """<a class=x href="/1">a</a><a class=x href="/2'">b</a><a href='/3' class=x>c</a>"""
    assert [key.partition("\t")[0] for key in markup(html).keys] == ["html", "a"]


def test_the_element_of_a_block_is_the_innermost_that_holds_its_text() -> None:
    html = "<div><p><b>Bold</b></p><p><b>Bold</b> <i>and</i></p><p>Plain <b>bold</b></p>\n</div>"
    assert chains(html) == [["div", "p", "b"], ["div", "p"], ["div", "p"]]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>One<p>Two", [["p"], ["p"]]),
        ("<p><b>One<p>Two", [["p", "b"], ["p"]]),
        ("<p>One<div>Two", [["p"], ["div"]]),
        ("<ul><li>One<li><b>Two</ul>Three", [["ul", "li"], ["ul", "li", "b"], []]),
        ("<ul><li>One<ul></li><li>Two</ul></ul>", [["ul", "li"], ["ul", "li", "ul", "li"]]),
        ("<table><tr><td>One<td>Two<tr><td>Three</table>", [["table", "tr", "td"]] * 3),
        ("<table><tr><td>One</div></td><td>Two", [["table", "tr", "td"]] * 2),
        ("<div><table><tr><td></div>One", [["div", "table", "tr", "td"]]),
        ("<h2>One</h3>Two", [["h2"], []]),
        ("<b><div>One</b>two</div>", [["b", "div"]]),
        ("<a href=x>One <a href=y>two</a></a>", [[]]),
        ("<head><meta charset=x><div>One", [["div"]]),
    ],
)
def test_implied_ends(html: str, expected: list[list[str]]) -> None:
    assert chains(html) == expected


def test_link_characters() -> None:
    html = "<p>See <a href=x>the <b>list</b></a> of</p><p><a href=y>All &amp; more</a></p><p><a name=z>None</a></p>"
    assert markup(html).link_chars == [7, 10, 0]


def test_hidden_blocks_are_marked() -> None:
    html = (
        "<div style='color:red;DISPLAY : none'><p>a</p></div><p hidden>b</p><p style='visibility:hidden'>c</p>"
        "<p style='display:block'>d</p><p>e</p>"
    )
    columns = markup(html)
    assert columns.hidden == [True, True, True, False, False]
    assert [key for key in columns.keys if key.endswith("\thidden")] == ["div\thidden", "p\thidden"]


def test_a_page_hidden_until_its_scripts_run_is_not_marked() -> None:
    assert markup("<body style='visibility:hidden'><p>a</p></body>").hidden == [False]


def test_the_first_title_is_taken() -> None:
    assert markup("<title>A &amp;\n <b> B</title><svg><title>no</title></svg><title>C</title>").title == "A & <b> B"
    assert markup("<p>a</p>").title == ""


def test_an_answer_does_not_depend_on_pages_read_before() -> None:
    odd = "<section <b>One</section>"
    first = split_html(odd)
    split_html("<section>x</section><section <b>y<section  >z")
    assert split_html(odd) == first


@pytest.mark.parametrize("path", sorted(WEBPAGES.glob("*.html")), ids=lambda path: path.stem)
def test_whole_pages(path: Path, update_golden: bool) -> None:
    page = split_html(path.read_text("utf-8"))
    columns = page.markup
    assert columns is not None
    rows = [
        {"text": text, "element": chain(columns, element)[-3:], "link_chars": links, "hidden": hidden}
        for text, element, links, hidden in zip(
            page.texts, columns.blocks, columns.link_chars, columns.hidden, strict=True
        )
    ]
    got = {"title": columns.title, "blocks": rows}
    golden = path.with_suffix(".json")
    if update_golden:
        golden.write_text(json.dumps(got, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert got == json.loads(golden.read_text("utf-8"))


HOSTILE = {
    "nested": "<div>" * 100_000 + "x" + "</div>" * 100_000,
    "never closed": "<div><b><i>" * 50_000 + "x",
    "ends only": "x" + "</div></b>" * 50_000,
    "ends that match nothing": "<b>" * 50_000 + "x" + "</i>" * 50_000,
    "open quotes": '<a href="<' * 50_000,
    "less-than signs": "<" * 100_000,
    "open comments": "<!--" * 100_000,
    "open svg": "<svg>" * 100_000,
    "open scripts": "<script><!--<script>" * 30_000,
    "tables in tables": "<table><tr><td>x" * 20_000,
    "lists in lists": "<ul><li>x" * 20_000 + "</section>" * 20_000,
    "text in ever deeper elements": "<b>x" * 50_000,
    "line breaks": "x<br>" * 50_000 + "&nbsp;<br>" * 50_000,
    "one long attribute": f"<p title='{'x>' * 200_000}'>x",
    "many attributes": f"<p {'a=1 ' * 100_000}>x",
    "entities": "&amp;&#99999999999;&" * 20_000,
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE)
def test_hostile_pages_neither_fail_nor_hang(html: str) -> None:
    check_laws(split_html(html))


def check_laws(page: BlockColumns) -> None:
    assert [page.text[a:b] for a, b in zip(page.starts, page.ends, strict=True)] == page.texts
    assert page.text == "\n\n".join(page.texts)
    assert all(text.strip() for text in page.texts)
    columns = page.markup
    assert columns is not None
    assert len(columns.parents) == len(columns.tags)
    assert columns.parents[0] == -1
    assert all(0 <= parent < element for element, parent in enumerate(columns.parents[1:], 1))
    assert all(0 <= tag < len(columns.keys) for tag in columns.tags)
    assert len(set(columns.keys)) == len(columns.keys)
    assert len(columns.blocks) == len(columns.link_chars) == len(columns.hidden) == len(page.texts)
    assert all(0 <= element < len(columns.parents) for element in columns.blocks)
    assert all(0 <= n <= len(text) for n, text in zip(columns.link_chars, page.texts, strict=True))


words = st.text(alphabet="abcäß漢字😀&< .", min_size=1, max_size=12)
soup_tags = sorted(BLOCKS - {"html", "head", "body", "frameset"}) + ["a", "b", "em", "span", "my-tag"]
attributes = st.sampled_from(["", " class='a b'", ' id="x>y"', " hidden", " title='<p>'", ' data-x="it\'s"'])


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


@st.composite
def well_formed(draw: st.DrawFn, depth: int = 3) -> str:
    """Nested markup that keeps to the content model: block elements outside, inline ones and text inside."""
    if depth == 0:
        return f"<b>{escape(draw(words))}</b> {escape(draw(words))}"
    inner = draw(st.lists(well_formed(depth - 1), max_size=3))
    name = draw(st.sampled_from(["div", "section", "ul", "blockquote"]))
    comment = draw(st.sampled_from(["", "<!-- no <p> -->", "<script>no < no</script>", "<svg><path/></svg>"]))
    if name == "ul":
        return f"<ul>{''.join(f'<li>{item}</li>' for item in inner)}</ul>{comment}"
    return f"<{name}{draw(attributes)}>{comment}{''.join(inner)}</{name}>"


def squeezed(text: str) -> str:
    return "".join(text.split())


@given(well_formed())
@settings(max_examples=60)
def test_no_visible_text_is_lost_from_well_formed_pages(html: str) -> None:
    page = split_html(html)
    check_laws(page)
    tree = LexborHTMLParser(html)
    tree.strip_tags(["script", "svg"])
    body = tree.body
    assert body is not None
    assert squeezed("".join(page.texts)) == squeezed(body.text())


tags = st.builds("<{}{}{}>".format, st.sampled_from(["", "", "/"]), st.sampled_from(soup_tags), attributes)


soup = st.lists(st.one_of(tags, words.map(escape), st.sampled_from(["<br>", "<img alt='>'>", "<!-->"])), max_size=30)


@given(soup)
@settings(max_examples=200)
def test_no_text_is_lost_from_tag_soup(pieces: list[str]) -> None:
    page = split_html("".join(pieces))
    check_laws(page)
    text = "".join(piece for piece in pieces if not piece.startswith("<"))
    assert squeezed("".join(page.texts)) == squeezed(text.replace("&lt;", "<").replace("&amp;", "&"))


@given(st.text(alphabet=st.sampled_from("<>/!-?='\" \nabp&;"), max_size=80))
@settings(max_examples=300)
def test_any_text_can_be_split(html: str) -> None:
    check_laws(split_html(html))
