"""The elements that hold blocks, as a forest: sums over what an element holds, and over what holds it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.model.ngrams import Ints
from classifier.settings import PURE_PYTHON

sums_below: Callable[[NDArray[np.float64], Ints], NDArray[np.float64]] | None = None  # `Forest.downward` compiled
handed_up: Callable[[Ints, Ints], Ints] | None = None  # `Forest.inherit` compiled
if not PURE_PYTHON:
    with suppress(ImportError):  # where it is not compiled
        from classifier.model.compiled_columns import handed_up, sums_below


def holding(element: Ints, parents: Ints) -> NDArray[np.bool_]:
    """Which elements hold a block, themselves or further down: (E,). `element` (N,) and `parents` (E,) may be -1."""
    found = np.zeros(len(parents), dtype=bool)
    level = element[element >= 0]
    while len(level):
        level = level[~found[level]]
        found[level] = True
        level = parents[level[np.append(True, level[1:] != level[:-1])[: len(level)]]]  # siblings share a parent
        level = level[level >= 0]
    return found


def ancestors(element: Ints, parents: Ints) -> list[Ints]:
    """Elements of each block by level, the own element first, -1 beyond the root: (N,) each."""
    levels = []
    while len(element) and element.max() >= 0:
        levels.append(element)
        element = np.where(element >= 0, parents[np.maximum(element, 0)], -1)
    return levels


class Forest:
    """Elements by their parents. Values of elements are arrays (..., E + 1): the last place is for "none" and holds 0.

    `up` (E + 1,) holds the parent of each, E where there is none; `depth` (E + 1,) counts the elements of its chain.
    """

    def __init__(self, parents: Ints) -> None:
        size = len(parents)
        self.size = size
        self.up = np.append(np.where(parents < 0, size, parents), size)
        self._jumps: list[Ints] = []  # 1, 2, 4, ... elements up
        jump = self.up
        while size and jump.min() < size:
            self._jumps.append(jump)
            jump = jump[jump]
        ones = np.ones(size + 1, dtype=np.int64)
        ones[-1] = 0
        self.depth: Ints = self.upward(ones)

    @cached_property
    def _by_depth(self) -> list[tuple[Ints, Ints, Ints]]:
        """For each depth below the roots, deepest first: elements by parent, where those of each begin, the parents."""
        depth, above = self.depth[:-1], self.up[:-1]
        order = np.argsort(depth * (self.size + 1) + above)
        bounds = np.searchsorted(depth[order], np.arange(2, int(depth.max(initial=0)) + 2))
        levels = []
        for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            own = order[first:last]
            up = above[own]
            starts = np.flatnonzero(np.append(True, up[1:] != up[:-1]))
            levels.append((own, starts, up[starts]))
        return levels[::-1]

    def upward(self, values: NDArray[Any]) -> NDArray[Any]:
        """Sum over each element and all that hold it."""
        for jump in self._jumps:
            values = values + values.take(jump, axis=-1)
        return values

    def downward(self, values: NDArray[Any]) -> NDArray[Any]:
        """Sum over each element and all that it holds."""
        if sums_below is not None and values.dtype == np.float64 and values.ndim == 1:
            return sums_below(values, self.up)
        total = values.copy()
        for own, starts, heads in self._by_depth:
            total[..., heads] += np.add.reduceat(total.take(own, axis=-1), starts, axis=-1)
        return total

    def topmost(self, chosen: NDArray[np.bool_]) -> Ints:
        """The last element up the chain of each that is reached over chosen ones alone, or itself: (E + 1,)."""
        at = np.where(chosen[self.up], self.up, np.arange(self.size + 1))
        for _ in self._jumps:
            at = at[at]
        return at

    def inherit(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values handed up: each element gets that of an element below it, its own where it holds none."""
        if handed_up is not None and values.dtype == np.int64 and values.ndim == 1:
            return handed_up(values, self.up)
        out = values.copy()
        for own, starts, heads in self._by_depth:
            out[heads] = out[own[starts]]
        return out
