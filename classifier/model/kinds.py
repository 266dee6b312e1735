"""Kinds of pages, by the markup that they have: the second stage has a network for each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classifier.model.batch import Batch
from classifier.records import tag_of

MARKUP, PLAIN, BARE = range(3)
INLINE = {"a", "b", "strong", "i", "em", "code", "del", "s"}
HOLDERS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "td", "th", "pre"}  # what Markdown puts a text into
AROUND = {"ul", "ol", "blockquote", "table", "thead", "tbody", "tr"}
_BARE = INLINE | HOLDERS | AROUND | {"html", "body"}
_NAMED = {"code"}  # its class tells the language of a program
_MOST_OTHERS = 0.1  # of a bare page's elements


def kinds_of_pages(batch: Batch) -> NDArray[np.int8]:
    """The kind of each page, int8 (P,): PLAIN text, BARE markup or MARKUP.

    Markup is bare where nearly all elements that hold text are those that Markdown has, without attributes that name
    them: Markdown, what editors and feeds hold, pages that were cleaned. Sections and names tell nothing there.
    """
    kinds = np.full(len(batch.bounds) - 1, PLAIN, dtype=np.int8)
    inside = batch.element >= 0
    kinds[batch.page[inside]] = MARKUP
    if not len(batch.parents):
        return kinds
    others = np.array([not _is_bare(key) for key in batch.keys], dtype=bool)[batch.element_key]
    root = np.cumsum(batch.parents < 0) - 1  # the elements of a page follow its root
    page_of_root = np.zeros(root[-1] + 1, dtype=np.int64)
    page_of_root[root[batch.element[inside]]] = batch.page[inside]
    page = page_of_root[root]
    count, strange = (np.bincount(page, weights=w, minlength=len(kinds)) for w in (None, others))
    kinds[(kinds == MARKUP) & (strange <= _MOST_OTHERS * count)] = BARE
    return kinds


def _is_bare(key: str) -> bool:
    tag = tag_of(key)
    return tag in _BARE and (key == tag or tag in _NAMED)
