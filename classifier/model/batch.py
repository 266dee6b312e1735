"""The blocks of many pages in columns: what the scorers of this package work on."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from classifier.model.elements import holding
from classifier.model.ngrams import Ints
from classifier.records import MarkupView
from classifier.settings import PAGE_HINTS, PURE_PYTHON


class Markup(MarkupView, Protocol):
    """The elements around the blocks of one page: see `classifier.blocks.columns.Markup`."""

    @property
    def link_chars(self) -> Sequence[int]: ...
    @property
    def hidden(self) -> Sequence[bool]: ...
    @property
    def hints(self) -> Sequence[float]: ...


class Columns(Protocol):
    """The blocks of one page; see `classifier.blocks.columns.BlockColumns`."""

    @property
    def texts(self) -> Sequence[str]: ...
    @property
    def markup(self) -> Markup | None: ...


@dataclass(frozen=True, slots=True)
class Batch:
    """N blocks of P pages, E elements, T distinct texts.

    `texts` the distinct texts, `which` (N,) their index by block; `bounds` (P + 1,) the first block of each page;
    `page` (N,) the page of each block; `element` (N,) the block's element, -1 without markup; `parents` (E,) the parent
    of each element, -1 for roots; `element_key` (E,) an index into `keys`; `links` float32 (N,) share of the block
    inside links; `hidden` float32 (N,), 1 where the page hides the block; `titles` one a page; `hints` float32
    (P, len(PAGE_HINTS)), zero where a page has none. Indices are int64 and count over the whole batch.
    """

    texts: list[str]
    which: np.ndarray
    bounds: np.ndarray
    page: np.ndarray
    element: np.ndarray
    parents: np.ndarray
    element_key: np.ndarray
    keys: list[str]
    links: np.ndarray
    hidden: np.ndarray
    titles: list[str]
    hints: np.ndarray

    @property
    def size(self) -> int:
        """The number of blocks."""
        return len(self.which)


def gather(pages: Sequence[Columns]) -> Batch:
    """The blocks of several pages in one batch; order is kept. Elements that hold no block are left out."""
    ids: dict[str, int] = {}
    which = _join([numbered(page.texts, ids) for page in pages], np.int64)
    counts = np.fromiter((len(page.texts) for page in pages), dtype=np.int64, count=len(pages))
    elements, key_ids = _Elements(), dict[str, int]()
    base = 0
    for page in pages:
        if page.markup is None:
            elements.add_none(len(page.texts))
        else:
            elements.add(page.markup, base, key_ids)
            base += len(page.markup.parents)
    own, parents, by_element = (_join(part, np.int64) for part in (elements.own, elements.parents, elements.keys))
    element, parents, element_key, seen = compact(own, parents, by_element, len(key_ids))
    sizes = np.fromiter(map(len, ids), dtype=np.float32, count=len(ids))
    return Batch(
        texts=list(ids), which=which, bounds=np.concatenate([[0], np.cumsum(counts)]),
        page=np.repeat(np.arange(len(pages)), counts), element=element, parents=parents, element_key=element_key,
        keys=list(compress(key_ids, seen.tolist())),
        links=np.divide(_join(elements.links, np.float32), np.maximum(sizes, 1)[which], dtype=np.float32),
        hidden=_join(elements.hidden, np.float32),
        titles=[page.markup.title if page.markup else "" for page in pages], hints=_hints(pages),
    )  # fmt: skip


@dataclass(slots=True)
class _Elements:
    """Elements gathered page by page: an array for each page, before all are joined.

    `own` (the block's element), `links` (its characters inside links) and `hidden` have one entry a block, `parents`
    and `keys` one an element.
    """

    own: list[Ints] = field(default_factory=list)
    parents: list[Ints] = field(default_factory=list)
    keys: list[Ints] = field(default_factory=list)
    links: list[NDArray[np.float32]] = field(default_factory=list)
    hidden: list[NDArray[np.float32]] = field(default_factory=list)

    def add_none(self, blocks: int) -> None:
        """A page without markup."""
        self.own.append(np.full(blocks, -1, dtype=np.int64))
        self.links.append(np.zeros(blocks, dtype=np.float32))
        self.hidden.append(np.zeros(blocks, dtype=np.float32))

    def add(self, markup: Markup, base: int, key_ids: dict[str, int]) -> None:
        """A page whose elements count from `base`; new keys are added to `key_ids`."""
        self.own.append(integers(markup.blocks, base))
        self.parents.append(integers(markup.parents, base))
        self.keys.append(numbered(markup.keys, key_ids)[integers(markup.tags)])
        self.links.append(integers(markup.link_chars).astype(np.float32))
        self.hidden.append(integers(markup.hidden).astype(np.float32))


def _hints(pages: Sequence[Columns]) -> NDArray[np.float32]:
    out = np.zeros((len(pages), len(PAGE_HINTS)), dtype=np.float32)
    for number, page in enumerate(pages):
        if page.markup is not None and page.markup.hints:
            out[number] = page.markup.hints
    return out


def _join(parts: Sequence[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=kind)


def integers_in_numpy(values: Sequence[int], base: int = 0) -> Ints:
    """Integers as an array, `base` added to those that are not negative: int64 (n,)."""
    array = np.array(values, dtype=np.int64)
    return np.where(array < 0, array, array + base) if base else array


def numbered_in_python(strings: Sequence[str], ids: dict[str, int]) -> Ints:
    """The number of each string: int64 (n,). New ones get the next number and are added to `ids`."""
    return np.array([ids.setdefault(string, len(ids)) for string in strings], dtype=np.int64)


def compact_in_numpy(own: Ints, parents: Ints, keys: Ints, key_count: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Elements of blocks, parents, keys by element, without the elements and keys that hold no block; the keys left.

    `own` (N,), `parents` (E,) and `keys` (E,) as in `Batch`; the last result is 1 for a key that is left: (key_count,).
    """
    used = holding(own, parents)
    rank = np.append(np.cumsum(used) - 1, -1)  # the last is found by -1
    by_element = keys[used]
    seen = np.minimum(np.bincount(by_element, minlength=key_count), 1)
    left = (np.cumsum(seen) - 1)[by_element] if key_count else by_element
    return rank[own], rank[parents[used]], left, seen


compact, integers, numbered = compact_in_numpy, integers_in_numpy, numbered_in_python
if not PURE_PYTHON:
    with suppress(ImportError):  # where it is not compiled
        from classifier.model.compiled_columns import compact, integers, numbered
