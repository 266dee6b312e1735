"""How surely each block is in another language than its page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def main_language(tags: Sequence[str], sizes: NDArray[np.floating]) -> str:
    """The language of most of the text: `sizes` (n,) are characters of each block; "und" where no block says."""
    totals: dict[str, float] = {}
    for tag, size in zip(tags, sizes.tolist(), strict=True):
        if tag != "und":
            totals[tag] = totals.get(tag, 0.0) + size
    return max(totals, key=lambda tag: (totals[tag], tag)) if totals else "und"


def foreign(pages: Sequence[tuple[Sequence[str], Floats]], sizes: Floats) -> Floats:
    """For the blocks of several pages, one after the other: the score of a language other than the page's, else 0.

    `pages` holds tags and scores (n,) of each page's blocks; `sizes` (N,) the characters of all blocks. Gives (N,).
    """
    out = np.zeros(len(sizes), dtype=np.float32)
    at = 0
    for tags, scores in pages:
        own = slice(at, at + len(tags))
        main = main_language(tags, sizes[own])
        out[own] = [s if t not in (main, "und") else 0.0 for t, s in zip(tags, scores.tolist(), strict=True)]
        at += len(tags)
    return out
