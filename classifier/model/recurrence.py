"""A recurrent layer: running means over the blocks before and after, whose memory each block decides.

A quasi-recurrent layer with forget gates (Bradbury and others 2017): what a block adds and how much of the mean it
keeps depend on that block alone, so nearly all of it is a product of matrices over all blocks at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from classifier.settings import PURE_PYTHON

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Table = TypeVar("Table", NDArray[np.float32], NDArray[np.float64])


@dataclass(frozen=True, slots=True)
class Recurrence:
    """H units of a block give M running means in each direction, and these log-odds.

    `gates` float32 (H, 4 M) and `biases` (4 M,): logits of what is kept, forward and backward, then what is added
    likewise, before its hyperbolic tangent; `out` (2 M, 2): what the means add to the log-odds of article and consent.
    """

    gates: Floats
    biases: Floats
    out: Floats

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], prefix: str) -> Recurrence | None:
        """The layer whose stored arrays have names that begin with `prefix`, None where there is none.

        KeyError names a missing one, ValueError says which do not fit each other.
        """
        if f"{prefix}gates" not in arrays:
            return None
        layer = cls(*(np.ascontiguousarray(arrays[prefix + name], np.float32) for name in cls.__slots__))
        if layer.gates.shape[1:] != layer.biases.shape or layer.out.shape != (len(layer.biases) // 2, 2):
            raise ValueError("a recurrent layer whose tables differ in size")
        return layer

    def arrays(self, prefix: str) -> dict[str, NDArray[np.generic]]:
        """The arrays to store, by name."""
        return {prefix + name: getattr(self, name) for name in type(self).__slots__}

    def score(self, hidden: Floats, bounds: Ints) -> Floats:
        """What the running means add to the log-odds of each block: (N, 2).

        `hidden` (N, H) are units of the blocks, `bounds` (P + 1,) the first block of each page.
        """
        return np.asarray(self._means(hidden, bounds) @ self.out, np.float32)

    def parts(self, hidden: Floats, bounds: Ints) -> tuple[Floats, Floats]:
        """The summands of `score`: by the means over the blocks before, and over those after, each block included."""
        means, half = self._means(hidden, bounds), len(self.out) // 2
        return means[:, :half] @ self.out[:half], means[:, half:] @ self.out[half:]

    def _means(self, hidden: Floats, bounds: Ints) -> Floats:
        values, half = hidden @ self.gates, len(self.out)
        values += self.biases
        keep, added = sigmoid(values[:, :half]), np.tanh(values[:, half:])
        return running_sums(keep, (np.float32(1.0) - keep) * added, bounds)


def sigmoid(values: Floats) -> Floats:
    """The logistic function."""
    return np.asarray(np.tanh(values * 0.5) * 0.5 + 0.5, values.dtype)


def running_sums_in_numpy(keep: Table, added: Table, bounds: Ints) -> Table:
    """Sums over each page, the first half of the columns from its first block on, the second from its last: (N, 2 M).

    At each block a sum is `keep` (N, 2 M) times the one before, and `added` (N, 2 M).
    """
    sums, half = np.zeros_like(added), added.shape[1] // 2
    lengths = np.diff(bounds)
    order = np.argsort(-lengths, kind="stable")
    for columns, first, way in ((slice(0, half), bounds[:-1], 1), (slice(half, None), bounds[1:] - 1, -1)):
        start, state = first[order], np.zeros((len(lengths), half), added.dtype)
        for place in range(int(lengths.max(initial=0))):
            alive = int((lengths > place).sum())
            rows = start[:alive] + way * place
            state = keep[rows, columns] * state[:alive] + added[rows, columns]
            sums[rows, columns] = state
    return sums


running_sums = running_sums_in_numpy
if not PURE_PYTHON:
    with suppress(ImportError):  # where it is not compiled
        from classifier.model.compiled_columns import running_sums
