"""The first stage fitted on all data, and on all but the sites of a fold to score the blocks of that fold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from classifier.model.batch import gather
from classifier.model.blocks import PARTS, Floats
from classifier.model.store import StoredModel
from classifier.training.correction import CorrectedBlocks, correct_blocks
from classifier.training.data import FOLDS, Data
from classifier.training.first_stage import Features, FittedBlocks, fit_blocks

_AT_ONCE = 2  # fits at once: each holds a matrix of its own


@dataclass(frozen=True, slots=True)
class FirstFits:
    """Fits on `rows` (n,) of the data, or corrections of `base`; `parts` (N, 3, 2) are what those of folds score."""

    found: Data
    features: Features
    base: StoredModel | None
    iterations: int
    seed: int
    rows: NDArray[np.int64]
    parts: Floats

    @classmethod
    def of(cls, found: Data, features: Features, base: StoredModel | None, iterations: int, seed: int) -> FirstFits:
        """Nothing fitted yet; `parts` are 0."""
        parts = np.zeros((found.batch.size, len(PARTS), 2), dtype=np.float32)
        return cls(found, features, base, iterations, seed, found.first_rows(seed), parts)

    def score(self) -> None:
        """Fill `parts`: each block gets its scores from a fit without its site."""
        _some_at_once(self._folds())

    def fit_all_and_score(self) -> FittedBlocks | CorrectedBlocks:
        """Fill `parts` and give what was fitted on all rows, at the same time."""
        whole = delayed(self._fit)(self.rows)  # takes longest, so it begins
        blocks: FittedBlocks | CorrectedBlocks = _some_at_once([whole, *self._folds()])[0]
        return blocks

    def _folds(self) -> list[Any]:
        return [delayed(self._score_fold)(number) for number in range(FOLDS)]

    def _score_fold(self, number: int) -> None:
        inside = np.flatnonzero(self.found.fold == number)
        if len(inside):
            fold = self.found.fold[self.found.batch.page]
            own = gather([self.found.examples[i].columns for i in inside])
            self.parts[fold == number] = self._fit(self.rows[fold[self.rows] != number]).arrays().score(own)[0]

    def _fit(self, rows: NDArray[np.int64]) -> FittedBlocks | CorrectedBlocks:
        labels = self.found.labels[rows]
        if self.base is not None:  # the rows of a correction need not hold all labels
            weights = self.found.first_weights(rows, by_language=False)
            return correct_blocks(self.base.blocks, self.features, rows, labels, weights, self.seed)
        weights = self.found.first_weights(rows)
        return fit_blocks(self.features, rows, labels, weights, self.iterations)


def _some_at_once(jobs: Iterable[Any]) -> list[Any]:
    with threadpool_limits(1):  # more would wait for each other, and which fit gets them decides the order of its sums
        return list(Parallel(_AT_ONCE, require="sharedmem")(jobs))
