"""Kinds of pages: plain text, markup, and the bare markup of Markdown and feeds."""

import numpy as np
import pytest

from classifier.blocks.page import split_page
from classifier.markdown import markdown_to_html
from classifier.model.batch import gather
from classifier.model.kinds import BARE, MARKUP, PLAIN, kinds_of_pages

MARKDOWN = """* [Home](/)
* [Sea](/sea)

# Fog over the quay

The **old** ferry left, ~~late~~ as `ever`.

> She said *so*.

| Quay | Tide |
|---|---|
| Tarn | low |

```python
print("left")
```
"""
PAGE = '<body><div class="top"><p>Home</div><main><h1>Fog</h1><p>The old ferry left.</main>'
FEED = "<h2>Fog</h2><p>The old <b>ferry</b> left.</p><ul><li><a href=/more>More</a></ul>"


def kinds(*contents):
    """The kinds of some pages in one batch; those that begin like HTML are read as such."""
    return kinds_of_pages(gather([split_page(text, text.startswith("<"), "") for text in contents])).tolist()


def test_markdown_and_what_feeds_hold_are_bare():
    assert kinds(markdown_to_html(MARKDOWN)) == kinds(FEED) == [BARE]


def test_pages_of_all_kinds_in_one_batch_keep_theirs():
    assert kinds(PAGE, "Fog\n\nThe old ferry left.", FEED, "", PAGE, FEED) == [MARKUP, PLAIN, BARE, PLAIN, MARKUP, BARE]


@pytest.mark.parametrize("wrapper", ["div", "section", "main", "p class=story", "td id=left", "font"])
def test_sections_and_names_are_not_bare(wrapper):
    tag = wrapper.split()[0]
    paragraph = f"<{wrapper}>The old ferry left.</{tag}>"
    assert kinds(f"<p>Fog</p>{paragraph}") == [MARKUP]


def test_one_block_in_ten_may_stand_in_another_element():
    few, many = ("<h1>Fog</h1>" + "<p>The old ferry left.</p>" * count + "<div>So.</div>" for count in (20, 5))
    assert kinds(few, many) == [BARE, MARKUP]


def test_elements_around_all_blocks_do_not_count():
    assert kinds(f'<div id="readability-page-1" class="page"><section>{FEED}</section></div>') == [BARE]
    assert kinds(f"<div>{FEED}</div><div>{FEED}</div>") == [MARKUP]


def test_sections_of_a_page_count_with_all_that_they_hold():
    menu = "".join(f"<li><a href=/{day}>Day {day}</a>" for day in range(10))
    story = "<h1>Fog</h1>" + "<p>The old ferry left." * 20
    notice = "<div id=cookie-consent><p>We use cookies.</p></div>"
    assert kinds(f"<header><nav>{menu}</nav></header><main>{story}</main><footer>Quay</footer>") == [MARKUP]
    assert kinds(f"<nav>{menu}</nav>{story}{notice}", story + notice) == [MARKUP, BARE]


def test_elements_without_a_text_do_not_count():
    assert kinds("<div class=a></div><section></section>" * 9 + FEED) == [BARE]


def test_no_page_and_pages_without_blocks():
    assert kinds_of_pages(gather([])).tolist() == []
    assert kinds("", "<p></p>") == [PLAIN, PLAIN]
    assert kinds_of_pages(gather([])).dtype == np.int8
