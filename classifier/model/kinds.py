"""Kinds of pages, by the markup that they have: the second stage has a network for each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classifier.model.batch import Batch
from classifier.model.elements import Forest
from classifier.records import tag_of

MARKUP, PLAIN, BARE = range(3)
INLINE = {"a", "b", "strong", "i", "em", "code", "del", "s"}
HOLDERS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "td", "th", "pre"}  # what Markdown puts a text into
AROUND = {"ul", "ol", "blockquote", "table", "thead", "tbody", "tr"}
_BARE = INLINE | HOLDERS | AROUND | {"html", "body"}
_NAMED = {"code"}  # its class tells the language of a program
_MOST_OTHERS = 0.1  # of a bare page's blocks


def kinds_of_pages(batch: Batch) -> NDArray[np.int8]:
    """The kind of each page, int8 (P,): PLAIN text, BARE markup or MARKUP.

    Markup is bare where nearly all blocks stand in elements alone that Markdown has, without attributes that name them.
    An element around all blocks of the page does not count. Such are Markdown, what editors and feeds hold, and pages
    that were cleaned.
    """
    kinds = np.full(len(batch.bounds) - 1, PLAIN, dtype=np.int8)
    inside = np.flatnonzero(batch.element >= 0)
    if not len(inside):
        return kinds
    element, page = batch.element[inside], batch.page[inside]
    kinds[page] = MARKUP
    forest = Forest(batch.parents)
    own, page_of = np.zeros(forest.size + 1), np.zeros(forest.size + 1, dtype=np.int64)
    np.add.at(own, element, 1.0)
    page_of[element] = page
    blocks = np.bincount(page, minlength=len(kinds))
    around_all = forest.downward(own) == blocks[forest.inherit(page_of)]
    others = np.zeros(forest.size + 1, dtype=bool)
    others[:-1] = np.array([not _is_bare(key) for key in batch.keys], dtype=bool)[batch.element_key]
    in_others = forest.upward(others & ~around_all)[element]
    kinds[(blocks > 0) & (np.bincount(page, weights=in_others, minlength=len(kinds)) <= _MOST_OTHERS * blocks)] = BARE
    return kinds


def _is_bare(key: str) -> bool:
    tag = tag_of(key)
    return tag in _BARE and (key == tag or tag in _NAMED)
