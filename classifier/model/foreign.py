"""How surely each block is in another language than its page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

UNKNOWN = "und"
Floats = NDArray[np.float32]


def main_language(tags: Sequence[str], sizes: NDArray[np.floating]) -> str:
    """The language of most of the text: `sizes` (n,) are characters of each block; "und" where no block says."""
    totals = size_by_language(tags, sizes)
    totals.pop(UNKNOWN, None)
    return max(totals, key=lambda tag: (totals[tag], tag)) if totals else UNKNOWN


def size_by_language(tags: Sequence[str], sizes: NDArray[np.floating]) -> dict[str, float]:
    """Sum of the sizes (n,) of the blocks in each language, in the order of the page."""
    number = {tag: i for i, tag in enumerate(dict.fromkeys(tags))}
    codes = np.fromiter(map(number.__getitem__, tags), dtype=np.int64, count=len(tags))
    return dict(zip(number, np.bincount(codes, weights=sizes, minlength=len(number)).tolist(), strict=True))


def foreign(pages: Sequence[tuple[Sequence[str], Floats]], sizes: Floats) -> Floats:
    """For the blocks of several pages, one after the other: the score of a language other than the page's, else 0.

    `pages` holds tags and scores (n,) of each page's blocks; `sizes` (N,) the characters of all blocks. Gives (N,).
    """
    out = np.zeros(len(sizes), dtype=np.float32)
    at = 0
    for tags, scores in pages:
        own = slice(at, at + len(tags))
        main = main_language(tags, sizes[own])
        others = set(tags) - {main, UNKNOWN}
        if others:
            out[own] = np.where(np.fromiter((t in others for t in tags), dtype=bool, count=len(tags)), scores, 0.0)
        at += len(tags)
    return out
