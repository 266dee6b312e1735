"""The columns in which the blocks of one page travel: parallel lists, one entry a block."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BlockColumns:
    """Blocks of one page. `text` is the page's text; `spans` are character offsets into it, `texts` the pieces.

    `links` is the share of a block's letters inside links (0 to 1); `markup` the tokens of its tag, class and id names
    and those of its ancestors (empty for plain text); `containers` the ids of its ancestor elements, nearest first.
    """

    text: str
    spans: tuple[tuple[int, int], ...]
    texts: tuple[str, ...]
    links: tuple[float, ...]
    markup: tuple[tuple[str, ...], ...]
    containers: tuple[tuple[int, ...], ...]
    is_html: bool
