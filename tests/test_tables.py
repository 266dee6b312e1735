"""Tables in Markdown output: which are shown as tables, and that their cells come back."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from test_writers import markdown, of_html

from classifier.markdown import markdown_to_html


def cells(source):
    """The text of each cell of a table in Markdown, row by row, as a program that knows GitHub's tables reads it."""
    rows = re.findall(r"<tr>.*?</tr>", MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(source), re.S)
    return [[html.unescape(cell) for cell in re.findall(r"<t[dh]>(.*?)</t[dh]>", row, re.S)] for row in rows]


def test_a_table_stands_below_its_caption_with_empty_cells_and_line_breaks():
    page = of_html(
        "<table><caption>Tides</caption><tr><th>Day<th>High|low<th></tr>"
        "<tr><td>Monday<td>one<br>two<td><p>a</p><p>b</p></tr><tr><td><td>x*y*\\<td></tr></table><p>end</p>"
    )
    assert markdown(page) == (
        "Tides\n\n| Day | High\\|low | |\n|---|---|---|\n"
        "| Monday | one<br>two | a<br>b |\n| | x\\*y\\*\\\\ | |\n\nend\n"
    )
    page.kept[2] = False
    assert markdown(page).splitlines()[2] == "| Day | | |"


@pytest.mark.parametrize(
    "source",
    [
        "<table><tr><td>one row</td><td>alone</td></tr></table>",
        "<table><tr><td>one</td></tr><tr><td>column</td></tr></table>",
        f"<table><tr><td>{'long ' * 100}</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>",
        "<table><tr><td><h2>a</h2></td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>",
        "<table><tr><td>a</td><td><table><tr><td>b</td></tr></table></td></tr><tr><td>c</td><td>d</td></tr></table>",
        "<table><tr><th colspan=2>a</th><th>b</th></tr><tr><td>c</td><td>d</td><td>e</td></tr></table>",
        f"<table><tr><td>{'<p>a</p>' * 5}</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>",
    ],
)
def test_tables_that_only_lay_a_page_out_are_paragraphs(source):
    page = of_html(source)
    shown = [text.removeprefix("## ").strip() for text in markdown(page).strip().split("\n\n")]
    assert shown == [text.strip() for text in page.texts]


def test_marks_do_not_pair_across_the_blocks_of_a_cell():
    page = of_html("<table><tr><td>a<td>b<tr><td><p>use `a</p><p>and `b</p><td>d</table>")
    assert markdown(page).splitlines()[2] == "| use \\`a<br>and \\`b | d |"


def test_a_table_in_an_item_stands_in_it():
    page = of_html("<ul><li>it<table><tr><td>a<td>b<tr><td>c<td>d</table></li><li>next</ul>")
    assert markdown(page) == "- it\n\n  | a | b |\n  |---|---|\n  | c | d |\n\n- next\n"


WORDS = st.text("ab1 \\`*_{}[]()<>#+-.!|~=&;:/", min_size=1).map(str.strip).filter(bool)


@given(st.lists(st.lists(WORDS, min_size=2, max_size=2), min_size=2, max_size=3))
def test_what_the_cells_say_is_the_text(rows):
    table = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    page = of_html(f"<table>{table}</table>")
    told = markdown(page)
    assert cells(told) == [[re.sub(r"\s+", " ", cell) for cell in row] for row in rows]
    again = of_html(markdown_to_html(told))
    assert again.texts == page.texts
