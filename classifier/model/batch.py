"""The blocks of many pages in columns: what the scorers of this package work on."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
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
    def title(self) -> str: ...
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
    which: list[int] = []
    for page in pages:
        which.extend([ids.setdefault(t, len(ids)) for t in page.texts])
    counts = np.fromiter((len(p.texts) for p in pages), dtype=np.int64, count=len(pages))
    key_ids: dict[str, int] = {}
    elements = _Elements([], [], [], [], [])
    base = 0
    for page in pages:
        if page.markup is None:
            elements.add_none(len(page.texts))
        else:
            elements.add(page.markup, page.texts, base, key_ids)
            base += len(page.markup.parents)
    element, parents, element_key, keys = _compact(elements, list(key_ids))
    return Batch(
        texts=list(ids), which=np.array(which, dtype=np.int64), bounds=np.concatenate([[0], np.cumsum(counts)]),
        page=np.repeat(np.arange(len(pages)), counts), element=element,
        parents=parents, element_key=element_key, keys=keys,
        links=_join(elements.links, np.float32), hidden=_join(elements.hidden, np.float32),
        titles=[p.markup.title if p.markup else "" for p in pages], hints=_hints(pages),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Elements:
    """Columns about elements, one array a page: those of `Batch`, not yet joined."""

    own: list[NDArray[np.int64]]
    parents: list[NDArray[np.int64]]
    keys: list[NDArray[np.int64]]
    links: list[NDArray[np.float32]]
    hidden: list[NDArray[np.float32]]

    def add_none(self, blocks: int) -> None:
        """A page without markup."""
        self.own.append(np.full(blocks, -1, dtype=np.int64))
        self.links.append(np.zeros(blocks, dtype=np.float32))
        self.hidden.append(np.zeros(blocks, dtype=np.float32))

    def add(self, markup: Markup, texts: Sequence[str], base: int, key_ids: dict[str, int]) -> None:
        """A page whose elements count from `base`; new keys are added to `key_ids`."""
        up = integers(markup.parents)
        keys = np.array([key_ids.setdefault(k, len(key_ids)) for k in markup.keys], dtype=np.int64)
        sizes = np.fromiter(map(len, texts), dtype=np.float32, count=len(texts))
        sizes[sizes == 0] = 1
        self.own.append(integers(markup.blocks) + base)
        self.parents.append(np.where(up < 0, -1, up + base))
        self.keys.append(keys[integers(markup.tags)])
        links = integers(markup.link_chars).astype(np.float32)
        self.links.append(np.divide(links, sizes, dtype=np.float32))
        self.hidden.append(integers(markup.hidden).astype(np.float32))


def _hints(pages: Sequence[Columns]) -> NDArray[np.float32]:
    out = np.zeros((len(pages), len(PAGE_HINTS)), dtype=np.float32)
    for number, page in enumerate(pages):
        if page.markup is not None and page.markup.hints:
            out[number] = page.markup.hints
    return out


def _compact(elements: _Elements, keys: list[str]) -> tuple[Ints, Ints, Ints, list[str]]:
    """Elements of blocks, parents, keys by element, and the keys, without the elements and keys that hold no block."""
    own, parents = _join(elements.own, np.int64), _join(elements.parents, np.int64)
    used = holding(own, parents)
    rank = np.append(np.cumsum(used) - 1, -1)  # the last is found by -1
    by_element = _join(elements.keys, np.int64)[used]
    seen = np.bincount(by_element, minlength=len(keys)) > 0
    left = (np.cumsum(seen) - 1)[by_element] if len(keys) else by_element
    return rank[own], rank[parents[used]], left, [key for key, found in zip(keys, seen.tolist(), strict=True) if found]


def _join(parts: Sequence[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=kind)


def integers_in_numpy(values: Sequence[int]) -> Ints:
    """Integers as an array: int64 (n,)."""
    return np.array(values, dtype=np.int64)


integers = integers_in_numpy
if not PURE_PYTHON:
    with suppress(ImportError):  # where it is not compiled
        from classifier.model.compiled_columns import integers
