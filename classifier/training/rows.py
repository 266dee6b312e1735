"""What the second stage learns from, and which part of it each of its networks is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.model.batch import Batch
from classifier.model.blocks import Floats
from classifier.model.context import Networks
from classifier.model.kinds import MARKUP, PLAIN
from classifier.model.series import bounds_among
from classifier.records import LABELS

LEAST_ROWS = 3000  # rows of a kind of pages that make a network of their own


@dataclass(frozen=True)
class Rows:
    """What the second stage learns from: inputs (N, inputs) of a batch, and the `rows` with labels and weights.

    `shapes` (N, numbers) and `names` of elements that ask for consent are as in `model.context.inputs`; `fold` (P,) is
    that of each page; `many` tells whether there are many real pages, `bare` whether all of them are in bare markup.
    """

    batch: Batch
    values: Floats
    shapes: Floats
    names: tuple[str, ...]
    rows: NDArray[np.int64]
    labels: NDArray[np.int8]
    weights: Floats
    fold: NDArray[np.int64]
    many: bool
    bare: bool = False

    @property
    def has_markup(self) -> NDArray[np.bool_]:
        """Whether a block's page has markup: (N,)."""
        return np.asarray(self.batch.element >= 0)

    def has_all_labels(self, chosen: NDArray[np.bool_]) -> bool:
        """Whether every label occurs among the chosen rows, a mask like `rows`."""
        return len(np.unique(self.labels[chosen])) == len(LABELS)

    def score(self, networks: Sequence[Networks], blocks: NDArray[np.bool_] | None = None) -> Floats:
        """The mean log-odds (n, 2) that networks give the chosen blocks (N,), whole pages, or all."""
        chosen = np.ones(self.batch.size, dtype=bool) if blocks is None else blocks
        bounds = bounds_among(chosen, self.batch.bounds)
        values, kinds = self.values[chosen], np.where(self.has_markup[chosen], MARKUP, PLAIN).astype(np.int8)
        sums = sum(network.score(values, kinds, bounds) for network in networks)
        return np.asarray(sums / np.float32(len(networks)), dtype=np.float32)


@dataclass(frozen=True)
class Kind:
    """The pages that one network is for: the rows it learns from, a mask like `Rows.rows`, and its blocks (N,).

    `plain` tells whether it learns as networks for plain text do: without names, sites are not as easily known again.
    """

    chosen: NDArray[np.bool_]
    blocks: NDArray[np.bool_]
    plain: bool


def kinds_of(data: Rows, chosen: NDArray[np.bool_]) -> list[Kind]:
    """Pages with markup and without; all together where of one kind too few rows are chosen or none of a label.

    Pages in bare markup are a kind of their own.
    """
    if data.bare:
        return [Kind(chosen, np.ones(data.batch.size, dtype=bool), plain=True)]
    has_markup = data.has_markup
    kinds = [
        Kind(chosen & blocks[data.rows], blocks, plain) for blocks, plain in ((has_markup, False), (~has_markup, True))
    ]
    if any(k.chosen.sum() < LEAST_ROWS or not data.has_all_labels(k.chosen) for k in kinds):
        mostly_plain = bool(kinds[1].chosen.sum() > kinds[0].chosen.sum())
        return [Kind(chosen, np.ones(data.batch.size, dtype=bool), mostly_plain)]
    return kinds
