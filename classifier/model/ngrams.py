"""Hashed character n-grams and words of many short texts at once, without a Python loop over n-grams.

All texts of a batch become one array of code points, each text framed by a start mark and end marks, so that n-grams
at its ends say so; n-grams that would reach into the next text are left out. A running sum of code[i] * BASE**i (modulo
2**64) gives the polynomial hash of any substring by one subtraction and one multiplication (Karp and Rabin 1987).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from classifier.model.characters import TABLE_SIZE, WORD, folding, kinds

ORDERS = (1, 2, 3, 4, 5)  # characters an n-gram
HEAD, TAIL = 220, 60  # characters read at the start and at the end of a longer text
PAD = max(ORDERS) - 1  # end marks after each text
WORD_KIND, PAIR_KIND = 6, 7  # tell words, and pairs of neighbouring words, from n-grams of the same letters
_START, _END = "\x02", "\x03"
BASE = 0x9E3779B97F4A7C15
MIX = np.uint64(0xD6E8FEB86659FD93)
PAIR_GAP = 3  # characters between two words that make a pair, at most

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Frames:
    """Code points of n framed texts: `raw` as read and `codes` folded, (m,); `starts` (n,), the start marks."""

    raw: Ints
    codes: NDArray[np.uint64]
    starts: Ints

    @property
    def lengths(self) -> Ints:
        """Positions that each frame takes, marks included: (n,)."""
        return np.diff(self.starts, append=len(self.codes))


def clip(text: str) -> str:
    """The part of a text that is read: all of it, or its start and its end."""
    return text if len(text) <= HEAD + TAIL else text[:HEAD] + text[-TAIL:]


def encode(texts: Sequence[str]) -> Frames:
    """Texts to one array of folded code points; lone surrogates are kept as they are."""
    if not texts:
        return Frames(np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros(0, np.int64))
    read = [text if len(text) <= HEAD + TAIL else clip(text) for text in texts]
    starts = np.zeros(len(read), dtype=np.int64)
    lengths = np.fromiter(map(len, read), dtype=np.int64, count=len(read))
    np.cumsum(lengths[:-1] + (PAD + 1), out=starts[1:])
    framed = _START + (_END * PAD + _START).join(read) + _END * PAD
    codes = np.frombuffer(framed.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    raw = np.minimum(codes, TABLE_SIZE - 1, dtype=np.int64)
    return Frames(raw, folding().take(raw), starts)


@lru_cache(maxsize=4)
def _powers(size: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint64]]:
    """Powers of the base, of its inverse (one more), and these times MIX: (size,)."""
    up = np.full(size, BASE, dtype=np.uint64)
    down = np.full(size + 1, pow(BASE, -1, 2**64), dtype=np.uint64)
    up[0] = down[0] = 1
    down = np.multiply.accumulate(down)
    return np.multiply.accumulate(up), down, down * MIX


def bucket(hashes: NDArray[np.uint64], kind: int, bits: int) -> Ints:
    """Bucket below 2**bits of each hash; the same hash of another kind falls elsewhere."""
    return _spread(hashes * MIX, kind, bits)


def _spread(mixed: NDArray[np.uint64], kind: int, bits: int) -> Ints:
    """Buckets of hashes that were multiplied by MIX; the array is used up."""
    mixed += np.uint64(kind * int(MIX) % 2**64)
    mixed ^= mixed >> np.uint64(32)
    mixed *= MIX
    mixed >>= np.uint64(64 - bits)
    return mixed.view(np.int64)  # below 2**63, so the same number


class Substrings:
    """Hashes of substrings of the texts of one batch."""

    def __init__(self, frames: Frames) -> None:
        size = len(frames.codes)
        up, self._down, self._down_mixed = _powers(1 << max(16, size.bit_length()))
        self._sums = np.zeros(size + 1, dtype=np.uint64)
        np.cumsum(frames.codes * up[:size], out=self._sums[1:])
        self._frames = frames
        self._size = size

    def ngrams(self, order: int, bits: int) -> tuple[Ints, Ints]:
        """The n-gram at each position and which of them do not count.

        Gives the buckets, (m - order + 1,), and the positions whose n-gram reaches beyond its text's frame.
        """
        n = self._size - order + 1
        mixed = self._sums[order:] - self._sums[:n]
        mixed *= self._down_mixed[:n]
        ends = np.append(self._frames.starts[1:], self._size)
        beyond = (ends[:, None] - np.arange(1, order)).ravel()
        return _spread(mixed, order, bits), beyond[beyond < n]

    def words(self) -> tuple[Ints, NDArray[np.uint64], Ints, NDArray[np.uint64]]:
        """Words and pairs of neighbouring words: (where words start, hashes, where pairs start, hashes)."""
        first, last = self.runs()
        near = first[1:] - last[:-1] <= PAIR_GAP
        pairs = self.hashes(first[:-1][near], last[1:][near])
        return first, self.hashes(first, last), first[:-1][near], pairs

    def runs(self) -> tuple[Ints, Ints]:
        """Where runs of letters and numbers begin, and where they have ended."""
        inside = kinds().take(self._frames.codes.view(np.int64)) & WORD != 0
        edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1  # a batch begins and ends with marks
        return edges[0::2], edges[1::2]

    def hashes(self, first: Ints, last: Ints) -> NDArray[np.uint64]:
        """Hashes of the substrings from `first` (n,) up to `last`, without it."""
        return (self._sums[last] - self._sums[first]) * self._down[first]
