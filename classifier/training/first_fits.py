"""The first stage fitted on all data, and on all but the sites of a fold to score the blocks of that fold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    """What fits of the first stage are made of: `rows` (n,) of the data, and the model that they correct, if any."""

    found: Data
    features: Features
    base: StoredModel | None
    iterations: int
    seed: int
    rows: NDArray[np.int64]

    @classmethod
    def of(cls, found: Data, features: Features, base: StoredModel | None, iterations: int, seed: int) -> FirstFits:
        """The rows are drawn with `seed`; nothing is fitted yet."""
        return cls(found, features, base, iterations, seed, found.first_rows(seed))

    def score(self) -> Floats:
        """Held-out log-odds of the blocks by part, (N, len(PARTS), 2): each from a fit that has not seen its site."""
        return _in_order(self.found, [own for (own,) in _some_at_once(self._folds())])

    def fit_all_and_score(self, *others: Data) -> tuple[FittedBlocks | CorrectedBlocks, list[Floats]]:
        """What is fitted on all rows; what `score` gives, and likewise for the blocks of other data."""
        whole = delayed(self._fit)(self.rows)  # takes longest, so it begins
        blocks, *by_fold = _some_at_once([whole, *self._folds(*others)])
        scored = zip((self.found, *others), zip(*by_fold, strict=True), strict=True)
        return blocks, [_in_order(data, parts) for data, parts in scored]

    def _folds(self, *others: Data) -> list[Any]:
        return [delayed(self._score_fold)(number, (self.found, *others)) for number in range(FOLDS)]

    def _score_fold(self, number: int, scored: Sequence[Data]) -> list[Floats]:
        """Log-odds of the blocks of one fold of some data by part, from a fit on the rows of the other folds."""
        pages = [[data.examples[i].columns for i in np.flatnonzero(data.fold == number)] for data in scored]
        if not any(pages):
            return [np.zeros((0, len(PARTS), 2), dtype=np.float32)] * len(scored)
        fold = self.found.fold[self.found.batch.page]
        model = self._fit(self.rows[fold[self.rows] != number]).arrays()
        return [model.score(gather(own))[0] for own in pages]

    def _fit(self, rows: NDArray[np.int64]) -> FittedBlocks | CorrectedBlocks:
        labels = self.found.labels[rows]
        if self.base is not None:  # the rows of a correction need not hold all labels
            weights = self.found.first_weights(rows, by_language=False)
            return correct_blocks(self.base.blocks, self.features, rows, labels, weights, self.seed)
        weights = self.found.first_weights(rows)
        return fit_blocks(self.features, rows, labels, weights, self.iterations)


def _in_order(data: Data, by_fold: Sequence[Floats]) -> Floats:
    """What was found fold by fold, in the order of the blocks: (N, len(PARTS), 2)."""
    parts = np.zeros((data.batch.size, len(PARTS), 2), dtype=np.float32)
    fold = data.fold[data.batch.page]
    for number, own in enumerate(by_fold):
        parts[fold == number] = own
    return parts


def _some_at_once(jobs: Iterable[Any]) -> list[Any]:
    with threadpool_limits(1):  # more would wait for each other, and which fit gets them decides the order of its sums
        return list(Parallel(_AT_ONCE, require="sharedmem")(jobs))
