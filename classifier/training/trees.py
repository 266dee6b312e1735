"""Trees by gradient boosting, with scikit-learn: teachers of the networks that are kept."""

from __future__ import annotations

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from classifier.model.blocks import Floats
from classifier.records import LABELS
from classifier.training.rows import Kind, Rows, kinds_of

# rounds of boosting (of three trees, one for each label), leaves of a tree, learning rate: for pages with markup, for
# plain text, where larger trees still gain
_SIZES = (60, 16, 0.15), (100, 31, 0.1)
_SHARE = 0.3  # of the inputs that each split may ask for
_PENALTY, _LEAST = 5.0, 40  # on the square of leaves; rows in a leaf


def chances_by_trees(data: Rows, chosen: NDArray[np.bool_], seed: int) -> Floats:
    """Probabilities (N, 3) of blocks from trees that learned from the chosen rows of other folds than the block's.

    A page of no chosen fold gets none, nor one whose fold leaves too little to learn from: NaN.
    """
    out = np.full((data.batch.size, len(LABELS)), np.nan, dtype=np.float32)
    own, fold = data.fold[data.batch.page[data.rows]], data.fold[data.batch.page]
    for number in np.unique(own[chosen]).tolist():
        others = chosen & (own != number)
        if data.has_all_labels(others):
            kinds = kinds_of(data, others)
            fits = Parallel(len(kinds), prefer="threads")(delayed(_fit)(data, kind, seed) for kind in kinds)
            for fitted, kind in zip(fits, kinds, strict=True):
                mine = kind.blocks & (fold == number)
                if mine.any():
                    out[mine] = fitted.predict_proba(data.values[mine])
    return out


def _fit(data: Rows, kind: Kind, seed: int) -> HistGradientBoostingClassifier:
    """One thread: with several, sums are made in an order that depends on the machine."""
    rounds, leaves, rate = _SIZES[kind.plain]
    boosting = HistGradientBoostingClassifier(
        learning_rate=rate, max_iter=rounds, max_leaf_nodes=leaves, l2_regularization=_PENALTY,
        max_features=_SHARE, min_samples_leaf=_LEAST, early_stopping=False, random_state=seed,
    )  # fmt: skip
    with threadpool_limits(1, user_api="openmp"):
        boosting.fit(data.values[data.rows[kind.chosen]], data.labels[kind.chosen], data.weights[kind.chosen])
    return boosting
