"""The blocks of many pages in columns: what the scorers of this package work on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np


class Markup(Protocol):
    """The elements around the blocks of one page; see `classifier.blocks.columns.Markup`."""

    parents: list[int]
    tags: list[int]
    keys: list[str]
    blocks: list[int]
    link_chars: list[int]
    hidden: list[bool]
    title: str


class Columns(Protocol):
    """The blocks of one page; see `classifier.blocks.columns.BlockColumns`."""

    texts: list[str]
    markup: Markup | None


@dataclass(frozen=True, slots=True)
class Batch:
    """N blocks of P pages, E elements, T distinct texts.

    `texts` the distinct texts, `which` (N,) their index by block; `bounds` (P + 1,) the first block of each page;
    `page` (N,) the page of each block; `element` (N,) the block's element, -1 without markup; `parents` (E,) the parent
    of each element, -1 for roots; `element_key` (E,) an index into `keys`; `links` float32 (N,) share of the block
    inside links; `hidden` float32 (N,), 1 where the page hides the block; `titles` one a page. Indices are int64 and count over the whole batch.
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

    @property
    def size(self) -> int:
        """The number of blocks."""
        return len(self.which)


def gather(pages: Sequence[Columns]) -> Batch:
    """The blocks of several pages in one batch; order is kept."""
    ids: dict[str, int] = {}
    key_ids: dict[str, int] = {}
    which: list[int] = []
    parents, elements, element_keys, links, hidden = [], [], [], [], []
    counts = [0]
    base = 0
    for page in pages:
        which.extend([ids.setdefault(t, len(ids)) for t in page.texts])
        counts.append(len(page.texts))
        markup = page.markup
        if markup is None:
            elements.append(np.full(len(page.texts), -1, dtype=np.int64))
            links.append(np.zeros(len(page.texts), dtype=np.float32))
            hidden.append(links[-1])
            continue
        up = np.array(markup.parents, dtype=np.int64)
        parents.append(np.where(up < 0, -1, up + base))
        own = np.array([key_ids.setdefault(k, len(key_ids)) for k in markup.keys], dtype=np.int64)
        element_keys.append(own[np.array(markup.tags, dtype=np.int64)])
        elements.append(np.array(markup.blocks, dtype=np.int64) + base)
        sizes = np.maximum(1, np.fromiter(map(len, page.texts), dtype=np.float32, count=len(page.texts)))
        links.append(np.array(markup.link_chars, dtype=np.float32) / sizes)
        hidden.append(np.array(markup.hidden, dtype=np.float32))
        base += len(up)
    bounds = np.cumsum(counts)
    return Batch(
        texts=list(ids), which=np.array(which, dtype=np.int64), bounds=bounds,
        page=np.repeat(np.arange(len(pages)), np.diff(bounds)), element=_join(elements, np.int64),
        parents=_join(parents, np.int64), element_key=_join(element_keys, np.int64), keys=list(key_ids),
        links=_join(links, np.float32), hidden=_join(hidden, np.float32), titles=[p.markup.title if p.markup else "" for p in pages],
    )  # fmt: skip


def _join(parts: list[np.ndarray], kind: type) -> np.ndarray:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=kind)
