"""The blocks of pages as series: neighbours, windows, sums and runs that end with the page."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from classifier.model.ngrams import Ints
from classifier.settings import PURE_PYTHON

_LEAST_BEST = 1e-3  # instead of a division by 0, where no run of a page is worth anything
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


class Series:
    """N blocks of P pages: `bounds` (P + 1,) the first block of each page, `page` (N,) the page of each block."""

    def __init__(self, bounds: Ints, page: Ints) -> None:
        self.bounds, self.page = bounds, page
        self.size, self.pages = len(page), len(bounds) - 1
        self.first = bounds[:-1][page]  # (N,) of each block's page
        self.last = bounds[1:][page]
        self.place = np.arange(self.size) - self.first
        self._neighbours: dict[int, Ints] = {}
        self._windows: dict[int, tuple[Ints, Ints]] = {}

    def shift(self, values: Floats, by: int, fill: float) -> Floats:
        """The value of the block `by` places later on the same page, `fill` beyond its ends: (N,) as `values`."""
        if by not in self._neighbours:
            there = np.arange(self.size) + by
            self._neighbours[by] = np.where((there >= self.first) & (there < self.last), there, self.size)
        return shifted(np.asarray(values, np.float32), self._neighbours[by], fill)

    def cumulate(self, values: NDArray[np.floating]) -> Doubles:
        """Running sums with a leading 0: (N + 1,), what the sums below are taken from."""
        sums = np.zeros(self.size + 1)
        np.cumsum(values, out=sums[1:])
        return sums

    def window(self, sums: Doubles, reach: int) -> Floats:
        """Sum over the blocks at most `reach` away on the same page: (N,)."""
        if reach not in self._windows:
            places = np.arange(self.size)
            self._windows[reach] = (
                np.maximum(places - reach, self.first), np.minimum(places + reach + 1, self.last)
            )  # fmt: skip
        low, high = self._windows[reach]
        return (sums.take(high) - sums.take(low)).astype(np.float32)

    def whole(self, sums: Doubles) -> Doubles:
        """Sum over each page: (P,)."""
        return np.diff(sums[self.bounds])

    def before(self, sums: Doubles) -> Doubles:
        """Sum over the earlier blocks of the page: (N,)."""
        return np.asarray(sums[:-1] - sums[self.first])

    def ends(self, chosen: NDArray[np.bool_]) -> tuple[Ints, Ints]:
        """Places of the first and the last chosen block of each page; its number of blocks and -1 without any: (P,)."""
        rows = np.flatnonzero(chosen)
        first, last = np.diff(self.bounds), np.full(self.pages, -1)
        first[self.page[rows[::-1]]] = self.place[rows[::-1]]  # the last that is assigned stays
        last[self.page[rows]] = self.place[rows]
        return first, last

    def best_run(self, gain: Floats) -> Floats:
        """How close the best run through each block comes to the best run of the page: (N,), from -1 to 1.

        A run is an unbroken series of blocks, its worth the sum of `gain` (positive for likely article blocks).
        """
        return best_run(np.asarray(gain, np.float32), self.bounds, _LEAST_BEST)


def bounds_among(chosen: NDArray[np.bool_], bounds: Ints) -> Ints:
    """The bounds (P + 1,) of pages, counted among the chosen blocks (N,) alone."""
    return np.append(0, np.cumsum(chosen))[bounds]


def groups_of(*columns: Ints) -> tuple[Ints, Ints]:
    """Groups of the rows that agree in all columns, whose numbers start at -1: the group of each row, their sizes."""
    code = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        code = code * (int(column.max(initial=0)) + 2) + column + 1
    return groups_of_codes(code)


def log(values: NDArray[np.floating] | Ints | Sequence[float]) -> Floats:
    """Logarithm of 1 + values, float32: to 1e-7, many times faster than log1p."""
    return np.asarray(np.log(np.asarray(values, dtype=np.float32) + np.float32(1.0)))


def shifted_in_numpy(values: Floats, there: Ints, fill: float) -> Floats:
    """The values (n,) at the places `there`, `fill` at place n."""
    return np.append(values, np.float32(fill)).take(there)


def best_run_in_numpy(gain: Floats, bounds: Ints, least: float) -> Floats:
    """See `Series.best_run`; a best run counts as worth `least` where it is worth less.

    The best sums that end and that start at each block come from running minima and maxima of the cumulated gain
    (Kadane).
    """
    blocks = np.diff(bounds)
    if not len(gain):
        return np.zeros(0, dtype=np.float32)
    page = np.repeat(np.arange(len(blocks)), blocks)
    sums = np.append(0.0, np.cumsum(gain, dtype=np.float64))
    first = sums[bounds[:-1]][page]
    start, end = sums[:-1] - first, sums[1:] - first
    step = (end.max(initial=0.0) - end.min(initial=0.0) + 1.0) * page  # no minimum or maximum reaches over
    start, end = start - step, end - step
    left = end - np.minimum.accumulate(start)
    right = np.maximum.accumulate(end[::-1])[::-1] - start
    through = left + right - gain
    best = np.maximum.reduceat(through, bounds[:-1][blocks > 0])
    number = np.cumsum(blocks > 0)[page] - 1
    return np.asarray(np.maximum(through / np.maximum(best, least)[number], -1.0), dtype=np.float32)


def groups_of_codes_in_numpy(codes: Ints) -> tuple[Ints, Ints]:
    """The group of each row, rows with the same code in one, and the sizes of the groups, in any order."""
    _, number, counts = np.unique(codes, return_inverse=True, return_counts=True)
    return number, counts


best_run, groups_of_codes, shifted = best_run_in_numpy, groups_of_codes_in_numpy, shifted_in_numpy
if not PURE_PYTHON:
    with suppress(ImportError):  # where it is not compiled
        from classifier.model.compiled_columns import best_run, groups_of_codes, shifted
