"""Regression trees over the inputs of the second stage, whose sums are log-odds.

A network is smooth, trees are sharp: they err on other blocks, so their mean errs less than either.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from classifier.settings import PURE_PYTHON

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Trees:
    """T trees in one table of M nodes; each node stands before those below it.

    `roots` int32 (T,): the first node of each tree; `asked` int32 (M,): the input that a node asks for, -1 at a leaf;
    `threshold` float32 (M,); `below` int32 (M, 2): the nodes for inputs up to the threshold and above it; `value`
    float32 (M, 2): what a leaf adds to the log-odds of article and consent, and at any other node the mean over the
    training examples that came by.
    """

    roots: Ints
    asked: Ints
    threshold: Floats
    below: Ints
    value: Floats

    @classmethod
    def none(cls) -> Trees:
        """No trees: a sum of 0."""
        whole, numbers = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32)
        return cls(whole, whole, numbers, np.zeros((0, 2), dtype=np.int32), np.zeros((0, 2), dtype=np.float32))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], prefix: str, inputs: int) -> Trees:
        """The trees whose stored arrays have names that begin with `prefix`; KeyError names a missing one.

        ValueError where a table would lead nowhere or in a circle, or asks for more than so many `inputs`.
        """
        roots, asked, below = (np.ascontiguousarray(arrays[prefix + n], np.int32) for n in ("roots", "asked", "below"))
        threshold, value = (np.ascontiguousarray(arrays[prefix + n], np.float32) for n in ("threshold", "value"))
        trees = cls(roots, asked, threshold, below, value)
        trees._check(inputs)
        return trees

    def _check(self, inputs: int) -> None:
        size = len(self.asked)
        whole = self.threshold.shape == self.asked.shape and self.below.shape == self.value.shape == (size, 2)
        if not whole or self.roots.ndim != 1 or ((self.roots < 0) | (self.roots >= size)).any():
            raise ValueError("trees whose tables differ in length")
        if (self.asked >= inputs).any():
            raise ValueError("a tree that asks for an input there is not")
        inner = np.flatnonzero(self.asked >= 0)
        below = self.below[inner]
        if ((below <= inner[:, None]) | (below >= size)).any():
            raise ValueError("a tree with a node that does not lead down")

    def arrays(self, prefix: str) -> dict[str, NDArray[np.generic]]:
        """The arrays to store, by name."""
        return {prefix + field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def count(self) -> int:
        """The number of trees."""
        return len(self.roots)

    def score(self, inputs: Floats) -> Floats:
        """Log-odds (N, 2), the sums of the trees, for inputs (N, inputs); ValueError where those are too few."""
        rows = np.ascontiguousarray(inputs, dtype=np.float32)
        if rows.shape[1] <= self.asked.max(initial=0):
            raise ValueError(f"trees that ask for input {self.asked.max(initial=0)} of {rows.shape[1]}")
        return tree_sums(rows, self.roots, self.asked, self.threshold, self.below, self.value)

    def explain(self, inputs: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Contributions (N, inputs, 2) and rests (N, 2) that add up to `score`, in float64.

        Each step down a tree changes the mean of what may still come; the change belongs to the input that was asked
        for (Saabas 2014).
        """
        added, every = np.zeros((*inputs.shape, 2)), np.arange(len(inputs))
        rest = np.tile(self.value[self.roots].sum(axis=0, dtype=np.float64), (len(inputs), 1))
        value = self.value.astype(np.float64)
        for root in self.roots.tolist():
            rows, node = every, np.full(len(inputs), root)
            while len(rows := rows[(inner := self.asked[node] >= 0)]):
                node = node[inner]
                asked = self.asked[node]
                further = self.below[node, (inputs[rows, asked] > self.threshold[node]).astype(np.int64)]
                np.add.at(added, (rows, asked), value[further] - value[node])
                node = further
        return added, rest


def tree_sums_in_numpy(
    inputs: Floats, roots: Ints, asked: Ints, threshold: Floats, below: Ints, value: Floats
) -> Floats:  # fmt: skip
    """The sums of the leaves that each row of inputs (N, inputs) reaches: (N, 2). Tables as in `Trees`."""
    total = np.zeros((len(inputs), 2))
    for root in roots.tolist():
        node = np.full(len(inputs), root, dtype=np.int64)
        rows = np.arange(len(inputs))
        while len(rows := rows[asked[node[rows]] >= 0]):
            own = node[rows]
            node[rows] = below[own, (inputs[rows, asked[own]] > threshold[own]).astype(np.int64)]
        total += value[node]
    return total.astype(np.float32)


tree_sums = tree_sums_in_numpy
if not PURE_PYTHON:
    with suppress(ImportError):  # where it is not compiled
        from classifier.model.compiled_trees import tree_sums
