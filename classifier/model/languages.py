"""The languages of blocks, as the second stage sees them: which are alike, which are not their page's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.model.batch import numbered
from classifier.records import UNDETERMINED

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LanguageInputs:
    """Of N blocks: `foreign` float32 (N,), how surely a block's language is not its page's, 0 to 1; `code` int64 (N,),
    a number for each language, -1 where it is unknown.
    """

    foreign: Floats
    code: NDArray[np.int64]

    @classmethod
    def unknown(cls, size: int) -> LanguageInputs:
        """Blocks of which no language is known."""
        return cls(np.zeros(size, dtype=np.float32), np.full(size, -1, dtype=np.int64))


def main_language(tags: Sequence[str], sizes: NDArray[np.floating]) -> str:
    """The language of most of the text: `sizes` (n,) are characters of each block; "und" where no block says."""
    totals = size_by_language(tags, sizes)
    totals.pop(UNDETERMINED, None)
    return max(totals, key=lambda tag: (totals[tag], tag)) if totals else UNDETERMINED


def size_by_language(tags: Sequence[str], sizes: NDArray[np.floating]) -> dict[str, float]:
    """Sum of the sizes (n,) of the blocks in each language, in the order of the page."""
    number = {tag: i for i, tag in enumerate(dict.fromkeys(tags))}
    codes = np.fromiter(map(number.__getitem__, tags), dtype=np.int64, count=len(tags))
    return dict(zip(number, np.bincount(codes, weights=sizes, minlength=len(number)).tolist(), strict=True))


def language_inputs(pages: Sequence[tuple[Sequence[str], Floats]], sizes: Floats) -> LanguageInputs:
    """The languages of the N blocks of several pages, one after the other.

    `pages` holds tags and scores (n,) of each page's blocks; `sizes` (N,) the characters of all blocks. ValueError
    where they are not of the same blocks.
    """
    if sum(len(tags) for tags, _ in pages) != len(sizes):
        raise ValueError(f"languages of {sum(len(tags) for tags, _ in pages)} blocks for {len(sizes)}")
    found = LanguageInputs.unknown(len(sizes))
    numbers = {UNDETERMINED: 0}
    at = 0
    for tags, scores in pages:
        own = slice(at, at + len(tags))
        found.code[own] = numbered(tags, numbers) - 1
        main = main_language(tags, sizes[own])
        found.foreign[own] = np.where((found.code[own] != numbers[main] - 1) & (found.code[own] >= 0), scores, 0.0)
        at += len(tags)
    return found
