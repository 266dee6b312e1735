"""The vectors of words, kept between batches: most words of a batch were in the one before.

Words are told by 64-bit hashes of their code points, looked up in an open-addressed table, all words of a batch at
once; no string is made of any. Two of a hundred thousand words share a hash with a chance of one in a billion.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classifier.language.model_file import Matrices
from classifier.language.ngrams import Indices, Numbers, word_sums

MOST_WORDS = 150_000  # words kept: some 25 MB at 40 dimensions
_LONGEST = 2048  # characters of a word that count; more than any window gives
FIRST_BITS = 16
PLACES = np.random.default_rng(20061).integers(0, 2**64, _LONGEST, np.uint64)  # a factor for each place in a word
_MIXER = np.uint64(0x9E3779B97F4A7C15)
Keys = NDArray[np.uint64]


def _keys(codes: NDArray[np.uint32], firsts: Indices, lengths: Indices) -> Keys:
    """A hash for each word, never 0: sum of code points times the factors of their places, mixed.

    The words come in the order of `codes` and do not overlap.
    """
    first, end = int(firsts[0]), int(firsts[-1] + lengths[-1])
    place = np.arange(first, end) - np.repeat(firsts, np.diff(firsts, append=end))
    factors = PLACES.take(place, mode="clip")
    factors *= codes[first:end]
    edges = np.stack([firsts, firsts + lengths]).T.ravel() - first  # where words and the gaps after them begin
    keys = np.add.reduceat(factors, edges[:-1])[::2]
    keys ^= keys >> np.uint64(32)
    return keys * _MIXER | np.uint64(1)


class WordVectors:
    """Sums of the n-gram vectors of the words seen so far, n-gram count in the last column of `sums`."""

    def __init__(self, model: Matrices) -> None:
        self._model = model
        self._clear(FIRST_BITS)

    def _clear(self, bits: int) -> None:
        self._shift = np.uint64(64 - bits)
        self._held = np.zeros(1 << bits, np.uint64)
        self._rows = np.zeros(1 << bits, np.intp)
        self._words = np.zeros(0, np.uint64)
        self.sums = np.zeros((MOST_WORDS, self._model.inputs.shape[1]), np.float32)  # takes memory as it is filled

    def rows(self, codes: NDArray[np.uint32], firsts: Indices, lengths: Indices) -> Indices:
        """Row in `sums` of each word, given by its first place in `codes` and its length; new words computed first."""
        if len(self._words) > MOST_WORDS:
            self._clear(FIRST_BITS)
        keys = _keys(codes, firsts, lengths)
        rows = self._find(keys)
        missing = np.flatnonzero(rows < 0)
        if len(missing):
            new, first, which = np.unique(keys[missing], return_index=True, return_inverse=True)
            chosen = missing[first]
            rows[missing] = len(self._words) + which
            self._store(word_sums(codes, firsts[chosen], lengths[chosen], self._model))
            self._add(new)
        return rows

    def _store(self, sums: Numbers) -> None:
        """Put further rows into `sums`, which grows where a batch overfills it."""
        held, needed = len(self._words), len(self._words) + len(sums)
        if needed > len(self.sums):
            grown = np.zeros((max(needed, 2 * len(self.sums)), sums.shape[1]), np.float32)
            grown[:held] = self.sums[:held]
            self.sums = grown
        self.sums[held:needed] = sums

    def _find(self, keys: Keys) -> Indices:
        """Row of each key, -1 where it is not held."""
        rows = np.full(len(keys), -1)
        slots = (keys >> self._shift).astype(np.intp)
        left = np.arange(len(keys))
        while len(left):
            held = self._held[slots]
            hit = held == keys[left]
            rows[left[hit]] = self._rows[slots[hit]]
            further = ~hit & (held != 0)
            left, slots = left[further], (slots[further] + 1) % len(self._held)
        return rows

    def _add(self, new: Keys) -> None:
        """Hold further keys, none of them held yet, with the next rows."""
        self._words = np.concatenate([self._words, new])
        while len(self._words) * 3 > len(self._held):  # at most a third full, so that few searches go far
            self._held = np.zeros(2 * len(self._held), np.uint64)
            self._rows = np.zeros(len(self._held), np.intp)
            self._shift -= np.uint64(1)
            new = self._words
        left, slots = np.arange(len(new)), (new >> self._shift).astype(np.intp)
        first_row = len(self._words) - len(new)
        while len(left):
            free = self._held[slots] == 0
            self._held[slots[free]] = new[left[free]]
            won = self._held[slots] == new[left]
            self._rows[slots[won]] = first_row + left[won]
            left, slots = left[~won], (slots[~won] + 1) % len(self._held)
